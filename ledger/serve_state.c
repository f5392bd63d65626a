#include "serve_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backup.h"
#include "book.h"
#include "json.h"

/* --- health --- */

/* What a person or a program that watches the node has to know. */
struct facts {
    enum status store;     /* OK, or why nothing is booked */
    enum status witnesses; /* OK, or how their last round ended */
    enum status clock;     /* OK, or ENTRY_TIME: behind the last entry */
    struct writer_counts counts;
    size_t waiting;
    uint64_t size;
    uint64_t last_unix_s; /* of the last entry */
    uint64_t used_bytes;
    uint64_t map_bytes;
    struct backup_note backup; /* zeros when there is none */
};

static enum status
read_store(struct facts *facts, struct serve *serve)
{
    struct store_txn txn;
    enum status status = store_space(&facts->used_bytes, &facts->map_bytes, &serve->city->store);

    if (status == STATUS_OK)
        status = store_begin_read(&txn, &serve->city->store);
    if (status != STATUS_OK)
        return status;
    pthread_mutex_lock(&serve->reading);
    status = apply_begin(&serve->reader.apply, &txn);
    facts->size = serve->reader.apply.state.head.size;
    facts->last_unix_s = serve->reader.apply.state.head.time;
    pthread_mutex_unlock(&serve->reading);
    store_abort(&txn);
    return status;
}

static void
find_facts(struct facts *facts, struct serve *serve)
{
    memset(facts, 0, sizeof *facts);
    facts->witnesses = serve_witness_state(serve);
    facts->store = writer_state(&serve->writer, &facts->counts, &facts->waiting);
    if (facts->store == STATUS_OK)
        facts->store = writer_lock_store(&serve->writer);
    if (facts->store == STATUS_OK) {
        facts->store = read_store(facts, serve);
        writer_unlock_store(&serve->writer);
    }
    if (backup_read(&facts->backup, serve->city->dir) != STATUS_OK)
        facts->backup = (struct backup_note){0};
    if (serve->read_clock() + WRITER_CLOCK_BACK < facts->last_unix_s)
        facts->clock = STATUS_ENTRY_TIME;
}

/* More than this part of the map is used: time to make it larger. */
#define MAP_ALARM_PERCENT 70

static bool
is_full(const struct facts *facts)
{
    return facts->map_bytes / 100 * MAP_ALARM_PERCENT < facts->used_bytes;
}

void
serve_health(struct serve *serve, struct http_exchange *exchange, const char *rest)
{
    struct json_t *const json = json_map();
    struct facts facts;
    char text[1024];
    size_t len = 0;
    bool good;

    (void)rest;
    find_facts(&facts, serve);
    good = facts.store == STATUS_OK && facts.clock == STATUS_OK && !is_full(&facts) &&
           facts.witnesses != STATUS_WITNESS_CONFLICT && facts.witnesses != STATUS_LOG_ROLLBACK;
    if (json_put_flag(json, "good", good) &&
        json_put_text(json, "store", status_name(facts.store)) &&
        json_put_text(json, "clock", status_name(facts.clock)) &&
        json_put_text(json, "witnesses", status_name(facts.witnesses)) &&
        json_put_text(json, "map", is_full(&facts) ? "STORE_FULL" : "OK") &&
        json_put_number(json, "entries", facts.size) &&
        json_put_number(json, "last_entry_unix_s", facts.last_unix_s) &&
        json_put_number(json, "waiting", facts.waiting) &&
        json_put_number(json, "backup_unix_s", facts.backup.time_unix_s) &&
        json_put_number(json, "backup_entries", facts.backup.entries) &&
        json_put_number(json, "started_unix_s", serve->started_unix_s) &&
        json_put_text(json, "program", serve->program))
        len = json_print(text, sizeof text, json);
    json_drop(json);
    serve_answer(serve, exchange,
                 &(struct http_reply){.code = good ? 200 : 503,
                                      .type = SERVE_JSON,
                                      .body = {(const uint8_t *)text, len}});
}

/* --- metrics --- */

#define METRICS_MAX 8192

struct metrics {
    size_t len;
    char text[METRICS_MAX];
};

/* One line of the text format 0.0.4 of Prometheus, with its type in front. */
static void
put_metric(struct metrics *metrics, const char *name, const char *type, uint64_t value)
{
    const size_t room = sizeof metrics->text - metrics->len;
    const int len =
        snprintf(metrics->text + metrics->len, room, "# TYPE schwebe_%s %s\nschwebe_%s %llu\n",
                 name, type, name, (unsigned long long)value);

    if (len > 0 && (size_t)len < room)
        metrics->len += (size_t)len;
}

static void
put_answers(struct metrics *metrics, struct serve *serve)
{
    const size_t room = sizeof metrics->text - metrics->len;
    size_t used = 0;
    int len =
        snprintf(metrics->text + metrics->len, room, "# TYPE schwebe_http_answers_total counter\n");

    for (unsigned i = 2; i < 6 && len > 0 && (size_t)len < room - used; i++) {
        used += (size_t)len;
        len = snprintf(metrics->text + metrics->len + used, room - used,
                       "schwebe_http_answers_total{code=\"%uxx\"} %llu\n", i,
                       (unsigned long long)atomic_load(&serve->answers[i]));
    }
    if (len > 0 && (size_t)len < room - used)
        used += (size_t)len;
    metrics->len += used;
}

void
serve_metrics(struct serve *serve, struct http_exchange *exchange, const char *rest)
{
    struct metrics metrics = {0};
    struct facts facts;

    (void)rest;
    find_facts(&facts, serve);
    put_metric(&metrics, "up", "gauge", facts.store == STATUS_OK ? 1 : 0);
    put_metric(&metrics, "witnessed", "gauge", facts.witnesses == STATUS_OK ? 1 : 0);
    put_metric(&metrics, "entries", "gauge", facts.size);
    put_metric(&metrics, "last_entry_seconds", "gauge", facts.last_unix_s);
    put_metric(&metrics, "store_used_bytes", "gauge", facts.used_bytes);
    put_metric(&metrics, "store_map_bytes", "gauge", facts.map_bytes);
    put_metric(&metrics, "backup_seconds", "gauge", facts.backup.time_unix_s);
    put_metric(&metrics, "waiting", "gauge", facts.waiting);
    put_metric(&metrics, "batches_total", "counter", facts.counts.batches);
    put_metric(&metrics, "parcels_total", "counter", facts.counts.jobs);
    put_metric(&metrics, "parcels_refused_total", "counter", facts.counts.refused);
    put_metric(&metrics, "parcels_repeated_total", "counter", facts.counts.repeated);
    put_metric(&metrics, "parcels_busy_total", "counter", facts.counts.busy);
    put_metric(&metrics, "booked_entries_total", "counter", facts.counts.entries);
    put_metric(&metrics, "reopens_total", "counter", facts.counts.reopens);
    put_metric(&metrics, "failed_commits_total", "counter", facts.counts.failures);
    put_metric(&metrics, "days_total", "counter", facts.counts.days);
    put_answers(&metrics, serve);
    serve_body(serve, exchange, "text/plain; version=0.0.4; charset=utf-8",
               (struct span){(const uint8_t *)metrics.text, metrics.len}, NULL);
}

/* --- the book, for pages --- */

static const char *const class_names[] = {"voucher", "parking"};
static const char *const kind_names[] = {
#define X(number, name, text, debit) text,
    BOOK_LIST(X)
#undef X
};

static struct json_t *
make_totals(struct state *state, uint64_t class)
{
    struct money totals[BOOK_KINDS];
    struct json_t *const json = json_map();

    book_totals(totals, state, class);
    for (size_t i = 0; i < BOOK_KINDS; i++) {
        if (!json_put_number(json, kind_names[i], money_cents(totals[i]))) {
            json_drop(json);
            return NULL;
        }
    }
    return json;
}

/* The sums of each kind of account in cents, by class; no single purse or merchant. */
static size_t
print_books(char *out, size_t cap, struct state *state)
{
    struct json_t *const json = json_map();
    bool good = json_put_number(json, "size", state->head.size) &&
                json_put_number(json, "time", state->head.time);
    size_t len;

    for (size_t i = 0; i < 2 && good; i++)
        good = json_put(json, class_names[i], make_totals(state, i + 1));
    len = good ? json_print(out, cap, json) : 0;
    json_drop(json);
    return len;
}

void
serve_books(struct serve *serve, struct http_exchange *exchange, const char *rest)
{
    struct store_txn txn;
    char text[2048];
    size_t len = 0;
    enum status status = writer_lock_store(&serve->writer);

    (void)rest;
    if (status == STATUS_OK) {
        status = store_begin_read(&txn, &serve->city->store);
        if (status == STATUS_OK) {
            pthread_mutex_lock(&serve->reading);
            status = apply_begin(&serve->reader.apply, &txn);
            if (status == STATUS_OK)
                len = print_books(text, sizeof text, &serve->reader.apply.state);
            pthread_mutex_unlock(&serve->reading);
            store_abort(&txn);
        }
        writer_unlock_store(&serve->writer);
    }
    if (status == STATUS_OK && len == 0)
        status = STATUS_SERVER_BUSY;
    if (status == STATUS_OK)
        serve_body(serve, exchange, SERVE_JSON, (struct span){(const uint8_t *)text, len}, NULL);
    else
        serve_refuse(serve, exchange, status);
}
