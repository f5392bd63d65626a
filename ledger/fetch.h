/* One request to an HTTP server and its answer; the only user of libcurl. It follows no redirect,
 * takes no proxy from the environment, and speaks http and https alone. */
#ifndef SCHWEBE_FETCH_H
#define SCHWEBE_FETCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/span.h"
#include "protocol/status.h"

/* The longest content type that is kept, with its final zero. */
#define FETCH_TYPE_MAX 128

/* Keeps its connections open for the next request to the same server. One thread at a time; owned
 * by whoever opened it. */
struct fetch {
    void *handle;
};

struct fetch_request {
    const char *url;
    bool post;                /* else GET, without body */
    struct span body;         /* of a POST */
    const char *type;         /* its Content-Type */
    unsigned connect_seconds; /* for reaching the server, with its TLS; at least 1 */
    unsigned seconds;         /* for all; at least 1 */
    const char *authorities;  /* file of trusted certificates in PEM; NULL: the system's */
};

struct fetch_answer {
    unsigned code;             /* 200 to 599 */
    char type[FETCH_TYPE_MAX]; /* Content-Type; "" when there is none or it is longer */
    size_t len;                /* of the body */
};

/* SERVER_START when the library cannot be had; `out` then holds nothing. */
MUST_CHECK enum status fetch_open(struct fetch *out);

/* Does nothing for what holds nothing. */
void fetch_close(struct fetch *fetch);

/* Asks, and fills `out` and at most `cap` bytes of `body`. OK for every answer, whatever its code.
 * SERVER_ADDRESS when the URL is none that can be asked, OFFLINE when the server cannot be found or
 * reached or ends in the midst of its answer, SERVER_TIMEOUT, SERVER_TLS when its certificate is
 * not one to trust or the `authorities` are no file, TOO_LARGE for a longer answer, SERVER_ANSWER
 * for one that is not HTTP, SERVER_START without memory. `out` is then zeroed, and what is in
 * `body` means nothing. */
MUST_CHECK enum status fetch_send(struct fetch *fetch, struct fetch_answer *out, uint8_t *body,
                                  size_t cap, const struct fetch_request *request);

#endif
