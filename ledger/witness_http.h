/* A witness over HTTP: POST /add-checkpoint, and GET /<hex of H(origin)>/checkpoint for those who
 * compare. C2SP tlog-witness; PROTOCOL.md section 22. */
#ifndef SCHWEBE_WITNESS_HTTP_H
#define SCHWEBE_WITNESS_HTTP_H

#include <stdint.h>

#include "http.h"
#include "witness_book.h"

struct witness_http {
    struct http *http;
    struct witness_book *book; /* borrowed */
    uint64_t (*clock_unix_s)(void);
};

/* Serves a witness, which it borrows, until witness_http_close; so is `out`. The statuses of
 * http_open. */
MUST_CHECK enum status witness_http_open(struct witness_http *out, struct witness_book *book,
                                         const char *address, uint16_t port,
                                         uint64_t (*clock_unix_s)(void));
void witness_http_close(struct witness_http *service);

#endif
