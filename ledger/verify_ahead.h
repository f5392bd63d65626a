/* Signatures checked before their entries are replayed, by threads of their own: a replay is the
 * work of one thread, but most of it are signatures, and whether one is good depends on no order.
 * What is found good is named as in apply_expect; what is not found good the replay checks itself,
 * so it finds the same with any number of threads. Inside of ledger/verify only. */
#ifndef SCHWEBE_VERIFY_AHEAD_H
#define SCHWEBE_VERIFY_AHEAD_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "apply.h"
#include "ledger/store.h"
#include "protocol/msg.h"
#include "protocol/span.h"
#include "verify.h"

/* Entries that are read together, and applied in one transaction. */
#define VERIFY_WINDOW_ENTRIES 2048
#define VERIFY_WINDOW_BYTES ((size_t)2 << 20)
/* A statement's own signature, request, certificate and transfer. */
#define VERIFY_NAMES_MAX 4

struct verify_entry {
    struct span bytes;
    size_t count;
    struct digest names[VERIFY_NAMES_MAX];
};

/* Entries one after the other. `end` is what reading stopped with: OK when there may be more. */
struct verify_window {
    size_t count;
    size_t used;
    enum status end;
    struct verify_entry entries[VERIFY_WINDOW_ENTRIES];
    uint8_t bytes[VERIFY_WINDOW_BYTES];
};

struct verify_ahead;

/* What one thread works with. */
struct verify_worker {
    struct verify_ahead *ahead;
    pthread_t thread;
    struct apply apply;
};

/* The threads and what they are doing. All members from `window` on are guarded by `mutex`. */
struct verify_ahead {
    struct store *store;
    struct verify_worker *workers;
    struct verify_worker *own; /* of the thread that replays, for when it waits */
    size_t count;              /* of the others */
    pthread_mutex_t mutex;
    pthread_cond_t work;
    pthread_cond_t done;
    struct verify_window *window;
    size_t next; /* entry of the window that nobody has taken */
    size_t busy;
    bool quit;
};

/* Starts threads that know the state of the store's last commit, so that with the caller's own
 * there are `threads`; of one thread, or when there is no memory, none, and all below does nothing.
 * Owns `ahead` until verify_ahead_close. */
void verify_ahead_open(struct verify_ahead *ahead, struct store *store, unsigned threads);
void verify_ahead_close(struct verify_ahead *ahead);

/* Lends a window to the threads, which fill in names; nobody else touches it until
 * verify_ahead_wait, which helps them. One at a time. */
void verify_ahead_give(struct verify_ahead *ahead, struct verify_window *window);
void verify_ahead_wait(struct verify_ahead *ahead);

#endif
