#include "verify_ahead.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "precheck.h"

/* Entries that a thread takes at once. */
#define SHARE 16

/* --- a thread -----------------------------------------------------------------------------------
 */

/* The next entries of the window, from `first` to before `end`; false when all are taken. */
static bool
take(struct verify_ahead *ahead, size_t *first, size_t *end)
{
    size_t left;

    (void)pthread_mutex_lock(&ahead->mutex);
    left = ahead->window->count - ahead->next;
    *first = ahead->next;
    *end = *first + (left < SHARE ? left : SHARE);
    ahead->next = *end;
    (void)pthread_mutex_unlock(&ahead->mutex);
    return *first < *end;
}

static void
check(struct apply *apply, struct verify_entry *entry)
{
    apply->found = entry->names;
    apply->found_max = VERIFY_NAMES_MAX;
    apply->found_count = 0;
    precheck_entry(apply, entry->bytes);
    entry->count = apply->found_count;
}

/* A share of the window, with the state as it was last committed: a key that is younger is left to
 * the replay. */
static void
work(struct verify_worker *worker, struct verify_window *window)
{
    struct verify_ahead *const ahead = worker->ahead;
    struct store_txn txn;
    size_t first;
    size_t end;
    const bool begun = store_begin_read(&txn, ahead->store) == STATUS_OK;
    const bool ready = begun && apply_begin(&worker->apply, &txn) == STATUS_OK;

    while (take(ahead, &first, &end)) {
        for (size_t i = first; ready && i < end; i++)
            check(&worker->apply, &window->entries[i]);
    }
    if (begun)
        store_abort(&txn);
}

static bool
is_idle(const struct verify_ahead *ahead)
{
    return ahead->window == NULL || ahead->next == ahead->window->count;
}

static void *
run(void *context)
{
    struct verify_worker *const worker = context;
    struct verify_ahead *const ahead = worker->ahead;

    (void)pthread_mutex_lock(&ahead->mutex);
    for (;;) {
        struct verify_window *window;

        while (!ahead->quit && is_idle(ahead))
            (void)pthread_cond_wait(&ahead->work, &ahead->mutex);
        if (ahead->quit)
            break;
        window = ahead->window;
        ahead->busy++;
        (void)pthread_mutex_unlock(&ahead->mutex);
        work(worker, window);
        (void)pthread_mutex_lock(&ahead->mutex);
        ahead->busy--;
        if (ahead->busy == 0 && is_idle(ahead))
            (void)pthread_cond_signal(&ahead->done);
    }
    (void)pthread_mutex_unlock(&ahead->mutex);
    return NULL;
}

/* --- the replay's side --------------------------------------------------------------------------
 */

void
verify_ahead_open(struct verify_ahead *ahead, struct store *store, unsigned threads)
{
    const size_t wanted = threads < VERIFY_THREADS_MAX ? threads : VERIFY_THREADS_MAX;

    memset(ahead, 0, sizeof *ahead);
    ahead->store = store;
    if (threads < 2)
        return;
    ahead->workers = calloc(wanted, sizeof *ahead->workers);
    if (ahead->workers == NULL)
        return;
    ahead->own = &ahead->workers[wanted - 1];
    ahead->own->ahead = ahead;
    (void)pthread_mutex_init(&ahead->mutex, NULL);
    (void)pthread_cond_init(&ahead->work, NULL);
    (void)pthread_cond_init(&ahead->done, NULL);
    while (ahead->count < wanted - 1) {
        struct verify_worker *const worker = &ahead->workers[ahead->count];

        worker->ahead = ahead;
        if (pthread_create(&worker->thread, NULL, run, worker) != 0)
            break;
        ahead->count++;
    }
}

void
verify_ahead_close(struct verify_ahead *ahead)
{
    if (ahead->workers == NULL)
        return;
    (void)pthread_mutex_lock(&ahead->mutex);
    ahead->quit = true;
    /* Nobody waits for what has not been taken. */
    if (ahead->window != NULL)
        ahead->next = ahead->window->count;
    (void)pthread_cond_broadcast(&ahead->work);
    (void)pthread_mutex_unlock(&ahead->mutex);
    for (size_t i = 0; i < ahead->count; i++)
        (void)pthread_join(ahead->workers[i].thread, NULL);
    (void)pthread_cond_destroy(&ahead->done);
    (void)pthread_cond_destroy(&ahead->work);
    (void)pthread_mutex_destroy(&ahead->mutex);
    free(ahead->workers);
    ahead->workers = NULL;
}

void
verify_ahead_give(struct verify_ahead *ahead, struct verify_window *window)
{
    if (ahead->count == 0)
        return;
    (void)pthread_mutex_lock(&ahead->mutex);
    assert(ahead->busy == 0 && is_idle(ahead));
    ahead->window = window;
    ahead->next = 0;
    (void)pthread_cond_broadcast(&ahead->work);
    (void)pthread_mutex_unlock(&ahead->mutex);
}

void
verify_ahead_wait(struct verify_ahead *ahead)
{
    if (ahead->count == 0)
        return;
    /* Waiting is the time to help. */
    if (ahead->window != NULL)
        work(ahead->own, ahead->window);
    (void)pthread_mutex_lock(&ahead->mutex);
    while (ahead->busy > 0 || !is_idle(ahead))
        (void)pthread_cond_wait(&ahead->done, &ahead->mutex);
    (void)pthread_mutex_unlock(&ahead->mutex);
}
