#include "serve_parts.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/base64.h"

/* --- parcels to the ledger --- */

/* One parcel on its way: from the worker that has checked its signatures to the writer. */
struct errand {
    struct serve *serve;
    struct http_exchange *exchange;
    struct writer_job job;
    struct digest names[];
};

static void
done(struct writer_job *job)
{
    struct errand *const errand = job->context;
    struct serve *const serve = errand->serve;
    struct http_exchange *const exchange = errand->exchange;

    if (job->status != STATUS_OK)
        serve_refuse(serve, exchange, job->status);
    else if (job->result.answer.len == 0)
        serve_answer(serve, exchange, &(struct http_reply){.code = 204});
    else
        serve_body(serve, exchange, SERVE_CBOR, job->result.answer, NULL);
    free(errand);
}

static struct precheck *
take_precheck(struct serve *serve)
{
    struct precheck *precheck = NULL;

    pthread_mutex_lock(&serve->mutex);
    if (serve->precheck_count > 0)
        precheck = serve->prechecks[--serve->precheck_count];
    pthread_mutex_unlock(&serve->mutex);
    return precheck;
}

static void
give_precheck(struct serve *serve, struct precheck *precheck)
{
    pthread_mutex_lock(&serve->mutex);
    serve->prechecks[serve->precheck_count++] = precheck;
    pthread_mutex_unlock(&serve->mutex);
}

/* Verifies what can be verified now; the errand holds the names of what was good. */
static struct errand *
make_errand(struct serve *serve, struct http_exchange *exchange)
{
    struct precheck *const precheck = take_precheck(serve);
    const struct span parcel = http_body(exchange);
    struct errand *errand;
    size_t count = 0;

    if (precheck != NULL && writer_lock_store(&serve->writer) == STATUS_OK) {
        precheck_parcel(precheck, &serve->city->store, parcel, serve->read_clock());
        writer_unlock_store(&serve->writer);
        count = precheck->count;
    }
    errand = calloc(1, sizeof *errand + count * sizeof errand->names[0]);
    if (errand != NULL) {
        errand->serve = serve;
        errand->exchange = exchange;
        errand->job = (struct writer_job){.parcel = parcel,
                                          .checked_count = count,
                                          .checked = errand->names,
                                          .done = done,
                                          .context = errand};
        if (count > 0)
            memcpy(errand->names, precheck->names, count * sizeof errand->names[0]);
    }
    if (precheck != NULL)
        give_precheck(serve, precheck);
    return errand;
}

void
serve_parcel(struct serve *serve, struct http_exchange *exchange, const char *rest)
{
    const char *const dry_run = http_query(exchange, "dry-run");
    struct errand *errand;

    (void)rest;
    if (http_body(exchange).len == 0) {
        serve_refuse(serve, exchange, STATUS_CBOR_TRUNCATED);
        return;
    }
    /* Who does not want to book must not book by a slip of the pen. */
    if (dry_run != NULL && strcmp(dry_run, "1") != 0) {
        serve_refuse(serve, exchange, STATUS_USAGE);
        return;
    }
    errand = make_errand(serve, exchange);
    if (errand == NULL) {
        serve_refuse(serve, exchange, STATUS_SERVER_BUSY);
        return;
    }
    errand->job.dry_run = dry_run != NULL;
    if (writer_submit(&serve->writer, &errand->job) != STATUS_OK) {
        free(errand);
        serve_refuse(serve, exchange, STATUS_SERVER_BUSY);
    }
}

/* --- parcels from the ledger --- */

/* Asks the reader under its lock; the answer borrows from it, so it is sent there as well. */
static void
answer_question(struct serve *serve, struct http_exchange *exchange,
                enum status (*ask)(struct serve *serve, struct span *out, struct span question,
                                   uint64_t number),
                uint64_t number)
{
    struct span parcel = {NULL, 0};
    enum status status = writer_lock_store(&serve->writer);

    if (status == STATUS_OK) {
        pthread_mutex_lock(&serve->reading);
        status = ask(serve, &parcel, http_body(exchange), number);
        writer_unlock_store(&serve->writer);
        if (status == STATUS_OK)
            serve_body(serve, exchange, SERVE_CBOR, parcel, NULL);
        pthread_mutex_unlock(&serve->reading);
    }
    if (status != STATUS_OK)
        serve_refuse(serve, exchange, status);
}

static enum status
ask_city(struct serve *serve, struct span *out, struct span question, uint64_t number)
{
    (void)question;
    (void)number;
    return intake_city_parcel(&serve->reader, out);
}

static enum status
ask_till(struct serve *serve, struct span *out, struct span question, uint64_t number)
{
    (void)question;
    return intake_till_parcel(&serve->reader, out, number, serve->read_clock());
}

static enum status
ask_news(struct serve *serve, struct span *out, struct span question, uint64_t number)
{
    (void)question;
    return intake_news_parcel(&serve->reader, out, number, serve->read_clock());
}

static enum status
ask_account(struct serve *serve, struct span *out, struct span question, uint64_t number)
{
    (void)number;
    return intake_account_parcel(&serve->reader, out, question, serve->read_clock());
}

void
serve_question(struct serve *serve, struct http_exchange *exchange, const char *rest)
{
    (void)rest;
    answer_question(serve, exchange, ask_account, 0);
}

/* The question stands in a header, as base64: `Authorization: Schwebe <COSE_Sign1>`. */
#define AUDITOR_MAX 1024

enum status
serve_entries_allowed(struct serve *serve, struct http_exchange *exchange)
{
    static const char scheme[] = "Schwebe ";
    const char *const header = http_header(exchange, "Authorization");
    uint8_t message[AUDITOR_MAX];
    size_t len;
    enum status status;

    if (serve->open_entries)
        return STATUS_OK;
    if (header == NULL || strncmp(header, scheme, sizeof scheme - 1) != 0)
        return STATUS_AUDITORS_ONLY;

    const char *const text = header + sizeof scheme - 1;

    status = base64_decode(message, &len, sizeof message,
                           (struct span){(const uint8_t *)text, strlen(text)});
    if (status == STATUS_OK)
        status = writer_lock_store(&serve->writer);
    if (status != STATUS_OK)
        return status;
    pthread_mutex_lock(&serve->reading);
    status = intake_is_auditor(&serve->reader, (struct span){message, len}, serve->read_clock());
    pthread_mutex_unlock(&serve->reading);
    writer_unlock_store(&serve->writer);
    return status;
}

void
serve_city(struct serve *serve, struct http_exchange *exchange, const char *rest)
{
    (void)rest;
    answer_question(serve, exchange, ask_city, 0);
}

void
serve_till(struct serve *serve, struct http_exchange *exchange, const char *rest)
{
    uint64_t number;

    if (!serve_number(&number, rest, rest + strlen(rest), UINT32_MAX))
        serve_refuse(serve, exchange, STATUS_NOT_FOUND);
    else
        answer_question(serve, exchange, ask_till, number);
}

void
serve_news(struct serve *serve, struct http_exchange *exchange, const char *rest)
{
    const char *const from = http_query(exchange, "from");
    uint64_t version = 0;

    (void)rest;
    if (from != NULL && !serve_number(&version, from, from + strlen(from), UINT32_MAX))
        serve_refuse(serve, exchange, STATUS_USAGE);
    else
        answer_question(serve, exchange, ask_news, version);
}
