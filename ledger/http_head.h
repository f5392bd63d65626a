/* What the head of a request must be for ledger/http to take it. Pure: no heap, no system. */
#ifndef SCHWEBE_HTTP_HEAD_H
#define SCHWEBE_HTTP_HEAD_H

#include <stdbool.h>
#include <stdint.h>

#include "ledger/http.h"

/* What a head says of the body; begins zeroed. */
struct http_head {
    unsigned lengths;
    unsigned codings;
    bool chunked;
    uint64_t len; /* UINT64_MAX when it is no number or one of more than 18 digits */
};

/* Takes one header into account; `value` may be NULL. */
void http_head_note(struct http_head *head, const char *name, const char *value);

/* Whether there is one way to tell where the request ends, for us and for what stands before us. */
bool http_head_is_clear(const struct http_head *head);

/* Fills `out` with the path of a target, which may be NULL; the code of the refusal, or 0. `out` is
 * then empty. */
unsigned http_head_path(char out[static HTTP_PATH_MAX], const char *target);

enum http_method http_head_method(const char *name);

#endif
