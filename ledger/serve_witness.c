#include "serve_parts.h"

#include <stdlib.h>

#include "clock.h"

/* A thread of its own brings each checkpoint to the witnesses, so that nobody waits for them. */

/* The proof for a witness, under the lock that keeps the store there. */
static enum status
consistency(void *context, struct merkle_path *out, uint64_t size_old, uint64_t size_new)
{
    struct serve *const serve = context;
    enum status status = writer_lock_store(&serve->writer);

    if (status != STATUS_OK)
        return status;
    status = cosign_from_store(&serve->city->store, out, size_old, size_new);
    writer_unlock_store(&serve->writer);
    return status;
}

static enum status
do_round(struct serve *serve)
{
    struct note note;
    enum status status = writer_lock_store(&serve->writer);

    if (status != STATUS_OK)
        return status;
    log_checkpoint(&note, &serve->city->log);
    writer_unlock_store(&serve->writer);
    return cosign_round(serve->cosign, &note, serve->read_clock());
}

/* Once a second at most, as a checkpoint of every batch is more than anybody asks for. */
static void *
run(void *context)
{
    struct serve *const serve = context;
    bool going = true;

    while (going) {
        const enum status status = do_round(serve);
        const struct timespec until = clock_in_seconds(1);
        int waited = 0;

        pthread_mutex_lock(&serve->rounds);
        serve->witnesses = status;
        while (!serve->rounds_ended && waited == 0)
            waited = pthread_cond_timedwait(&serve->round_wake, &serve->rounds, &until);
        going = !serve->rounds_ended;
        pthread_mutex_unlock(&serve->rounds);
    }
    return NULL;
}

enum status
serve_witness_open(struct serve *serve, const struct policy *policy, const char *authorities)
{
    const struct cosign_source source = {consistency, serve};
    enum status status;

    if (policy == NULL)
        return STATUS_OK;
    serve->cosign = calloc(1, sizeof *serve->cosign);
    if (serve->cosign == NULL)
        return STATUS_SERVER_START;
    status = cosign_open(serve->cosign, policy, source, authorities);
    if (status == STATUS_OK) {
        serve->witnesses = STATUS_WITNESSES_MISSING;
        pthread_mutex_init(&serve->rounds, NULL);
        if (!clock_condition(&serve->round_wake))
            status = STATUS_SERVER_START;
        else if (pthread_create(&serve->round_thread, NULL, run, serve) == 0)
            return STATUS_OK;
        else
            pthread_cond_destroy(&serve->round_wake);
        pthread_mutex_destroy(&serve->rounds);
        cosign_close(serve->cosign);
        status = STATUS_SERVER_START;
    }
    free(serve->cosign);
    serve->cosign = NULL;
    return status;
}

void
serve_witness_close(struct serve *serve)
{
    if (serve->cosign == NULL)
        return;
    pthread_mutex_lock(&serve->rounds);
    serve->rounds_ended = true;
    pthread_cond_signal(&serve->round_wake);
    pthread_mutex_unlock(&serve->rounds);
    pthread_join(serve->round_thread, NULL);
    pthread_cond_destroy(&serve->round_wake);
    pthread_mutex_destroy(&serve->rounds);
    cosign_close(serve->cosign);
    free(serve->cosign);
    serve->cosign = NULL;
}

enum status
serve_witness_state(struct serve *serve)
{
    enum status status;

    if (serve->cosign == NULL)
        return STATUS_OK;
    pthread_mutex_lock(&serve->rounds);
    status = serve->witnesses;
    pthread_mutex_unlock(&serve->rounds);
    return status;
}

void
serve_witness_note(struct note *out, struct serve *serve)
{
    struct note published;

    log_checkpoint(&published, &serve->city->log);
    if (serve->cosign == NULL)
        *out = published;
    else
        cosign_note(out, serve->cosign, &published, serve->read_clock());
}
