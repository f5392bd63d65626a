/* Who comes in and for how long: the listening socket of ledger/http, a fixed number of seats, and
 * until when each is kept. Knows nothing of HTTP. Time is a parameter, in milliseconds of a clock
 * that only goes forward. */
#ifndef SCHWEBE_HTTP_DOOR_H
#define SCHWEBE_HTTP_DOOR_H

#include <netinet/in.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "protocol/status.h"

#define HTTP_DOOR_CLIENT_SIZE 16
/* No seat. */
#define HTTP_DOOR_NONE SIZE_MAX

union http_door_address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

/* One connection. */
struct http_door_seat {
    uint64_t until_ms;                     /* then it is ended; 0: not now */
    uint8_t client[HTTP_DOOR_CLIENT_SIZE]; /* an IPv4 address or the network of an IPv6 one */
    int socket;                            /* -1: free */
    unsigned generation;
    bool started; /* false: handed over, and not yet heard of */
    bool ended;   /* it was shut down, and its owner is about to leave */
};

/* The members are the door's own business. */
struct http_door {
    pthread_mutex_t lock; /* of all that follows but the listener */
    struct http_door_seat *seats;
    size_t seats_max;
    size_t per_client_max;
    size_t taken;
    int listener;
    uint16_t port;
};

/* Listens on an address in digits and on `port`, or on any free one for 0. A client may take
 * `per_client_max` of the seats. SERVER_ADDRESS when the address is none of this machine's or the
 * port is taken, SERVER_START without memory. On failure `out` holds nothing. */
MUST_CHECK enum status http_door_open(struct http_door *out, const char *address, uint16_t port,
                                      size_t seats_max, size_t per_client_max);

/* Takes no one in any more; the seats stay. */
void http_door_shut(struct http_door *door);

/* All have left or will never be asked for again. */
void http_door_close(struct http_door *door);

/* What came of a knock at the door. */
enum http_door_knock {
    HTTP_DOOR_IN = 1,   /* a socket with a seat */
    HTTP_DOOR_REFUSED,  /* one too many: it was closed at once */
    HTTP_DOOR_QUIET,    /* nobody knocks */
    HTTP_DOOR_EXHAUSTED /* the system has no descriptor left: ask again later */
};

/* Fills `socket`, which belongs to the caller, and `address` for HTTP_DOOR_IN alone. */
enum http_door_knock http_door_accept(struct http_door *door, int *socket,
                                      union http_door_address *address, unsigned generation,
                                      uint64_t until_ms);

/* The seat of a socket that was let in, now that its owner begins, and its generation;
 * HTTP_DOOR_NONE when it has lost it for waiting too long. */
size_t http_door_start(struct http_door *door, unsigned *generation, int socket);

/* Gives up the seat of a socket that never began. */
void http_door_abandon(struct http_door *door, int socket);

/* Sets when a seat is ended; 0 for not now. */
void http_door_keep(struct http_door *door, size_t seat, uint64_t until_ms);

/* Before the socket is closed. */
void http_door_leave(struct http_door *door, size_t seat);

/* Shuts down the sockets whose time is over, so that their owner closes them. */
void http_door_sweep(struct http_door *door, uint64_t now_ms);

/* How many seats are taken, in all or by one generation. */
size_t http_door_taken(struct http_door *door);
size_t http_door_taken_by(struct http_door *door, unsigned generation);

#endif
