/* The files of a server's certificate, held in memory only while they are handed on. */
#ifndef SCHWEBE_HTTP_PEM_H
#define SCHWEBE_HTTP_PEM_H

#include <stddef.h>
#include <stdint.h>

#include "protocol/status.h"

/* A text that ends with a zero; owned until http_pem_wipe. */
struct http_pem {
    uint8_t *text; /* NULL: none */
    size_t size;
};

/* Reads a file of at most 64 KiB. NOT_FOUND, TOO_LARGE, IO; SERVER_START without memory. On failure
 * `out` holds nothing. */
MUST_CHECK enum status http_pem_read(struct http_pem *out, const char *path);

/* Overwrites and frees it. */
void http_pem_wipe(struct http_pem *pem);

#endif
