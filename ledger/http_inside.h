/* What the parts of ledger/http share and nobody else sees. */
#ifndef SCHWEBE_HTTP_INSIDE_H
#define SCHWEBE_HTTP_INSIDE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/http.h"
#include "ledger/http_door.h"
#include "ledger/http_pem.h"

struct MHD_Connection;
struct MHD_Daemon;
struct MHD_Response;

/* Certificates whose connections may be open at a time. */
#define HTTP_GENERATIONS_MAX 4

enum http_state {
    HTTP_IDLE = 0, /* no request */
    HTTP_BEGUN,    /* its first line is here */
    HTTP_READING,  /* its head is here, its body comes */
    HTTP_REFUSED,  /* its body is too large: the rest of it is not kept */
    HTTP_HANDLED,  /* the handler has it */
    HTTP_WAITING,  /* the handler has returned and kept it; the connection is suspended */
    HTTP_ANSWERED
};

/* One for each seat of the door: a connection, and the request that it carries. */
struct http_exchange {
    struct http *http;
    struct MHD_Connection *connection;
    struct MHD_Response *response;
    size_t seat;
    unsigned generation;
    atomic_int state;
    unsigned code;
    bool pending; /* the handler was called */
    enum http_method method;
    unsigned path_code; /* of the refusal of the path; 0: it is fine */
    char path[HTTP_PATH_MAX];
    uint8_t *body;
    size_t body_len;
    size_t body_cap; /* what it holds of bodies_max */
};

struct http {
    struct http_options options;
    struct http_door door;
    struct http_exchange *exchanges; /* connections_max of them */
    struct MHD_Daemon *daemons[HTTP_GENERATIONS_MAX];
    pthread_mutex_t lock; /* of the daemons and of who reloads */
    pthread_t watcher;
    int wake[2];
    atomic_uint generation; /* of new connections */
    atomic_size_t pending;
    atomic_size_t resuming; /* threads that wake a connection */
    atomic_size_t bodies_len;
    atomic_bool closing;
};

/* Milliseconds of a clock that only goes forward, and when the time of what begins now is over. */
uint64_t http_now_ms(void);
uint64_t http_limit_ms(const struct http *http);

/* Starts what serves the connections that are handed to it, with the certificate if there is one.
 * SERVER_TLS, also when a start with a certificate fails for another reason, which the library does
 * not tell; SERVER_START. `out` is then NULL. */
MUST_CHECK enum status http_daemon_start(struct MHD_Daemon **out, struct http *http,
                                         const struct http_pem *certificate,
                                         const struct http_pem *key);

/* Ends its connections, none of which waits for an answer, and its threads. */
void http_daemon_stop(struct MHD_Daemon *daemon);

/* Hands a socket over, which is closed when that fails. */
MUST_CHECK bool http_daemon_add(struct MHD_Daemon *daemon, int socket,
                                const union http_door_address *address);

/* Answers with 503 what waits. */
void http_answer_waiting(struct http *http);

#endif
