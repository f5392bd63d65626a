/* A stretch of network between a client and a server on this machine, which can be told to fail at
 * the worst moment. */
#ifndef SCHWEBE_RELAY_H
#define SCHWEBE_RELAY_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RELAY_MAX ((size_t)2 << 20)

enum relay_mode {
    RELAY_PASS, /* carries both ways */
    RELAY_LOSE, /* the server has answered in full when the connection ends */
    RELAY_HALF, /* half of the answer, and the connection ends */
    RELAY_SHUT, /* ends as soon as the client has asked; the server hears nothing */
    RELAY_SAY,  /* says `says` in the server's place */
};

/* About 4 MiB: static memory. */
struct relay {
    int listener;
    uint16_t port; /* where clients come to */
    uint16_t to;   /* the server's */
    pthread_t thread;
    atomic_int mode;
    atomic_bool ends;
    const char *says; /* set while nobody asks, with its length */
    size_t says_len;
    size_t body_len; /* of the last request; to be looked at while nobody asks */
    const uint8_t *body;
    uint8_t asked[RELAY_MAX];
    uint8_t answer[RELAY_MAX];
};

/* Carries one request on each connection, one at a time; false when it cannot start. */
bool relay_open(struct relay *out, uint16_t to);
void relay_close(struct relay *relay);

#endif
