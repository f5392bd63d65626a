/* Settling over HTTP on loopback, the clients on the same cores: settled payments a second with
 * many tills at once, and the time of one payment alone. What one payment includes: its upload
 * received, its signature verified, its entry and all that follows written and synced with a signed
 * checkpoint, the acknowledgement signed and sent. */
#include "ledger/fetch.h"
#include "ledger/serve.h"
#include "load.h"
#include "measure.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define TILLS 1500
#define WALLETS 100000
#define PAYMENTS 150000
#define SINGLES 200
/* Requests that are under way at the same time. */
#define CLIENTS 32

#define MUST(expression)                                                                           \
    do {                                                                                           \
        const enum status must = (expression);                                                     \
        if (must != STATUS_OK) {                                                                   \
            fprintf(stderr, "serve: line %d: %s: %s\n", __LINE__, #expression, status_name(must)); \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

static struct fixture_city fixture;
static struct city city;
static struct load load;
static struct serve *serve;
static uint64_t clock_s;

static uint64_t
read_clock(void)
{
    return clock_s;
}

/* --- clients --- */

struct client {
    pthread_t thread;
    struct fetch fetch;
    struct fetch_answer answer;
    size_t first; /* of the uploads of a round: this one, and every CLIENTS-th behind it */
    uint8_t body[MSG_PARCEL_MAX];
};

static struct client clients[CLIENTS];
static struct load_upload *uploads;
static size_t upload_count;

static void
post(struct client *client, const struct load_upload *upload)
{
    char url[64];
    const struct fetch_request request = {.url = url,
                                          .post = true,
                                          .body = {upload->bytes, upload->len},
                                          .type = "application/cbor",
                                          .connect_seconds = 5,
                                          .seconds = 60};

    snprintf(url, sizeof url, "http://127.0.0.1:%u/parcel", (unsigned)serve_port(serve));
    MUST(fetch_send(&client->fetch, &client->answer, client->body, sizeof client->body, &request));
    if (client->answer.code != 200) {
        fprintf(stderr, "serve: answer %u\n", client->answer.code);
        abort();
    }
}

static pthread_mutex_t answering = PTHREAD_MUTEX_INITIALIZER;

static void *
run_client(void *context)
{
    struct client *const client = context;

    for (size_t i = client->first; i < upload_count; i += CLIENTS) {
        post(client, &uploads[i]);
        pthread_mutex_lock(&answering);
        load_answer(&load, uploads[i].till, (struct span){client->body, client->answer.len});
        pthread_mutex_unlock(&answering);
    }
    return NULL;
}

/* One upload of each till; the nanoseconds that the clients needed for all of them. */
static uint64_t
run_round(size_t count, size_t items)
{
    uint64_t begun;

    for (size_t i = 0; i < count; i++)
        load_upload(&load, &uploads[i], i, items);
    upload_count = count;
    begun = measure_ns();
    for (size_t i = 0; i < CLIENTS; i++) {
        clients[i].first = i;
        if (pthread_create(&clients[i].thread, NULL, run_client, &clients[i]) != 0)
            abort();
    }
    for (size_t i = 0; i < CLIENTS; i++)
        pthread_join(clients[i].thread, NULL);
    begun = measure_ns() - begun;
    for (size_t i = 0; i < count; i++)
        load_upload_free(&uploads[i]);
    return begun;
}

static uint64_t
measure_settle(uint64_t payments)
{
    const uint64_t wanted = payments / LOAD_ITEMS;
    uint64_t spent = 0;
    uint64_t done = 0;

    while (done < wanted) {
        const size_t left = (size_t)(wanted - done);
        const size_t count = left < load.till_count ? left : load.till_count;

        spent += run_round(count, LOAD_ITEMS);
        done += count;
    }
    return measure_per_second(done * LOAD_ITEMS, spent);
}

static int
compare(const void *a, const void *b)
{
    const uint64_t left = *(const uint64_t *)a;
    const uint64_t right = *(const uint64_t *)b;

    return left < right ? -1 : left > right ? 1 : 0;
}

/* The middle of the times that one payment at a time takes. */
static uint64_t
measure_single(void)
{
    static uint64_t spent[SINGLES];

    for (size_t i = 0; i < SINGLES; i++) {
        struct load_upload upload;
        uint64_t begun;

        load_upload(&load, &upload, i % load.till_count, 1);
        begun = measure_ns();
        post(&clients[0], &upload);
        spent[i] = measure_ns() - begun;
        load_answer(&load, upload.till, (struct span){clients[0].body, clients[0].answer.len});
        load_upload_free(&upload);
    }
    qsort(spent, SINGLES, sizeof spent[0], compare);
    return spent[SINGLES / 2];
}

int
main(void)
{
    const struct serve_options options = {
        .address = "127.0.0.1", .read_clock = read_clock, .random = crypt_random};
    const uint64_t scale = measure_scale();
    char folder[] = "build/bench-XXXXXX";
    const long cores = sysconf(_SC_NPROCESSORS_ONLN);
    uint64_t verified;
    uint64_t committed;
    uint64_t settled;
    uint64_t single_ns;

    if (mkdtemp(folder) == NULL)
        abort();
    fixture_open_in(&fixture, folder);
    load_open(&load, &fixture, TILLS / scale, WALLETS / scale);
    uploads = calloc(load.till_count, sizeof *uploads);
    if (uploads == NULL)
        abort();
    verified = measure_verify();
    committed = measure_commit(&fixture.store);
    clock_s = fixture.moment.time_unix_s + 60;
    fixture_leave(&fixture);
    fixture_node(&fixture, &city);
    MUST(serve_open(&serve, &city, &options));
    for (size_t i = 0; i < CLIENTS; i++)
        MUST(fetch_open(&clients[i].fetch));
    settled = measure_settle(PAYMENTS / scale);
    single_ns = measure_single();
    measure_print("verify_rate", verified, "1/s");
    measure_print("commit_rate", committed, "1/s");
    measure_print("settle_rate", settled, "1/s");
    measure_print_ratio("settle_per_signature_ratio", settled, verified * (uint64_t)cores);
    measure_print("single_p50", single_ns / 1000, "us");
    measure_print_ratio("single_p50_ratio", single_ns,
                        1000000000U / committed + 4 * UINT64_C(1000000000) / verified);
    for (size_t i = 0; i < CLIENTS; i++)
        fetch_close(&clients[i].fetch);
    serve_close(serve);
    city_close(&city);
    fixture_reopen(&fixture);
    free(uploads);
    load_close(&load);
    fixture_close(&fixture);
    return 0;
}
