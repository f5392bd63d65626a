/* What the files of the service share. Not for others. */
#ifndef SCHWEBE_SERVE_PARTS_H
#define SCHWEBE_SERVE_PARTS_H

#include <pthread.h>
#include <stdatomic.h>

#include "cosign.h"
#include "precheck.h"
#include "serve.h"
#include "writer.h"

#define SERVE_CBOR "application/cbor"
#define SERVE_TEXT "text/plain; charset=utf-8"
#define SERVE_JSON "application/json"
#define SERVE_BYTES "application/octet-stream"

/* Of the machine's cores and more: one precheck for each. */
#define SERVE_WORKERS_MAX 64

struct serve {
    struct city *city; /* borrowed */
    bool open_entries;
    bool tls;
    bool stopped; /* the writer has ended */
    uint64_t (*read_clock)(void);
    uint64_t started_unix_s;
    char program[2 * DIGEST_SIZE + 1]; /* hash of the running file; "" where it is not shown */
    struct writer writer;
    struct http *http;
    /* What the worker threads take turns with; guarded by `mutex`. */
    pthread_mutex_t mutex;
    size_t precheck_count;
    struct precheck *prechecks[SERVE_WORKERS_MAX];
    /* For questions: guarded by `reading`. */
    pthread_mutex_t reading;
    struct intake reader;
    atomic_uint_least64_t answers[6]; /* by the first digit of their code */
    /* Witnesses; NULL without a policy. `rounds` guards the last two. */
    struct cosign *cosign;
    pthread_t round_thread;
    pthread_mutex_t rounds;
    pthread_cond_t round_wake;
    bool rounds_ended;
    enum status witnesses; /* of the last round */
};

/* Answers; each takes the exchange away. */
void serve_answer(struct serve *serve, struct http_exchange *exchange,
                  const struct http_reply *reply);
void serve_refuse(struct serve *serve, struct http_exchange *exchange, enum status status);
void serve_body(struct serve *serve, struct http_exchange *exchange, const char *type,
                struct span body, const char *cache);

/* The number that is all of `text` up to `end`, at most `most`: digits_read on part of a path. */
bool serve_number(uint64_t *out, const char *text, const char *end, uint64_t most);

/* The witnesses' thread; without a policy nothing happens. Then the last round's end, OK without a
 * policy, and the checkpoint to show, under writer_lock_store. */
MUST_CHECK enum status serve_witness_open(struct serve *serve, const struct policy *policy,
                                          const char *authorities);
void serve_witness_close(struct serve *serve);
enum status serve_witness_state(struct serve *serve);
void serve_witness_note(struct note *out, struct serve *serve);

/* Whether whoever asks may see entries: AUDITORS_ONLY, or what is wrong with his signature. */
enum status serve_entries_allowed(struct serve *serve, struct http_exchange *exchange);

/* The resources; `rest` is the path behind the route. */
void serve_parcel(struct serve *serve, struct http_exchange *exchange, const char *rest);
void serve_question(struct serve *serve, struct http_exchange *exchange, const char *rest);
void serve_city(struct serve *serve, struct http_exchange *exchange, const char *rest);
void serve_till(struct serve *serve, struct http_exchange *exchange, const char *rest);
void serve_news(struct serve *serve, struct http_exchange *exchange, const char *rest);
void serve_checkpoint(struct serve *serve, struct http_exchange *exchange, const char *rest);
void serve_tile(struct serve *serve, struct http_exchange *exchange, const char *rest);
void serve_proof(struct serve *serve, struct http_exchange *exchange, const char *rest);
void serve_health(struct serve *serve, struct http_exchange *exchange, const char *rest);
void serve_metrics(struct serve *serve, struct http_exchange *exchange, const char *rest);
void serve_books(struct serve *serve, struct http_exchange *exchange, const char *rest);

#endif
