/* Verifying a node by what it serves: the real service, and a server that lies in every answer. */
#include "check.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "http_server.h"
#include "ledger/fetch.h"
#include "ledger/serve.h"
#include "ledger/verify.h"
#include "ledger/verify_served.h"
#include "load.h"
#include "scratch.h"

#define ANSWERS_MAX 32
#define UPLOADS 10

static struct fixture_city fixture;
static struct city city;
static struct load load;
static struct serve *serve;
static struct verify_report report;
static uint64_t clock_s;

static uint64_t
read_clock(void)
{
    return clock_s;
}

static void
draw(void *out, size_t len)
{
    crypt_random(out, len);
}

static void
pay(size_t uploads)
{
    for (size_t i = 0; i < uploads; i++) {
        struct load_upload upload;

        load_upload(&load, &upload, i % load.till_count, LOAD_ITEMS);
        CHECK_STATUS(intake_batch_begin(&fixture.intake, fixture_moment(&fixture)), STATUS_OK);
        CHECK_STATUS(intake_batch_submit(&fixture.intake, &fixture.result,
                                         (struct span){upload.bytes, upload.len}),
                     STATUS_OK);
        load_answer(&load, i % load.till_count, fixture.result.answer);
        CHECK_STATUS(intake_batch_end(&fixture.intake), STATUS_OK);
        load_upload_free(&upload);
    }
}

static void
open_service(bool open_entries)
{
    const struct serve_options options = {.address = "127.0.0.1",
                                          .workers = 2,
                                          .open_entries = open_entries,
                                          .read_clock = read_clock,
                                          .random = draw};

    clock_s = fixture.moment.time_unix_s + 60;
    fixture_leave(&fixture);
    fixture_node(&fixture, &city);
    CHECK_STATUS(serve_open(&serve, &city, &options), STATUS_OK);
}

static void
close_service(void)
{
    serve_close(serve);
    city_close(&city);
    fixture_reopen(&fixture);
}

static void
begin(bool open_entries)
{
    fixture_open(&fixture);
    load_open(&load, &fixture, 2, 20);
    pay(UPLOADS);
    open_service(open_entries);
}

static void
end(void)
{
    close_service();
    load_close(&load);
    fixture_close(&fixture);
}

static enum status
verify(uint16_t port, const struct verify_options *options)
{
    char url[64];

    snprintf(url, sizeof url, "http://127.0.0.1:%u/", (unsigned)port);
    return verify_node(&report, url, options);
}

static bool
about(const char *file)
{
    return report.where != NULL && report.where_german != NULL && report.file != NULL &&
           strncmp(report.file, file, strlen(file)) == 0;
}

/* --- the service --------------------------------------------------------------------------------
 */

TEST(a_node_is_verified_by_what_it_serves)
{
    struct verify_options options = {.threads = 3};
    struct verify_report served = {0};
    struct note_key key;

    begin(true);
    /* Until the node has logged its service day. */
    for (unsigned i = 0; i < 50; i++) {
        CHECK_STATUS(verify(serve_port(serve), &options), STATUS_OK);
        if (i > 0 && served.size == report.size)
            break;
        served = report;
        http_server_sleep_ms(100);
    }
    CHECK(served.size > 2 * TILE_WIDTH && served.transfers == UPLOADS * LOAD_ITEMS);
    CHECK(served.key_known);
    CHECK_STATUS(
        note_key_make(&key, NOTE_ED25519, (struct span){(const uint8_t *)"x", 1}, &served.key),
        STATUS_OK);
    options.key = &key;
    options.threads = 1;
    CHECK_STATUS(verify(serve_port(serve), &options), STATUS_SIGNER_UNKNOWN);
    CHECK(about("checkpoint"));
    CHECK_STATUS(
        note_key_make(&key, NOTE_ED25519,
                      (struct span){(const uint8_t *)FIXTURE_ORIGIN, strlen(FIXTURE_ORIGIN)},
                      &served.key),
        STATUS_OK);
    CHECK_STATUS(verify(serve_port(serve), &options), STATUS_OK);
    CHECK(memcmp(&served, &report, sizeof report) == 0);
    close_service();
    options.threads = 2;
    CHECK_STATUS(verify_directory_with(&report, fixture.folder, &options), STATUS_OK);
    CHECK(memcmp(&served, &report, sizeof report) == 0);
    options.key = NULL;
    CHECK_STATUS(verify_directory_with(&report, fixture.folder, &options), STATUS_OK);
    load_close(&load);
    fixture_close(&fixture);
}

TEST(a_node_that_hides_its_entries_says_so)
{
    const struct verify_options options = {.threads = 1};

    begin(false);
    CHECK_STATUS(verify(serve_port(serve), &options), STATUS_AUDITORS_ONLY);
    CHECK(about("tile/entries/000") && report.bad_index == VERIFY_NO_ENTRY);
    CHECK(strstr(report.where, "--open-entries") != NULL);
    CHECK(strstr(report.where_german, "--open-entries") != NULL);
    end();
}

TEST(nobody_answers)
{
    const struct verify_options options = {.threads = 1};

    CHECK_STATUS(verify_node(&report, "http://127.0.0.1:1", &options), STATUS_OFFLINE);
    CHECK(about("checkpoint"));
    CHECK_STATUS(verify_node(&report, "ftp://127.0.0.1/", &options), STATUS_SERVER_ADDRESS);
}

/* --- a server that lies -------------------------------------------------------------------------
 */

/* What the honest service said, and what is made of it. */
struct answer {
    char path[VERIFY_PATH_MAX];
    unsigned code;
    size_t len;
    uint8_t *bytes;
};

static struct answer answers[ANSWERS_MAX];
static size_t answer_count;
/* The path for which another answer is given, "" for none. */
static struct answer lie;

static void
handle(void *context, struct http_exchange *exchange)
{
    const char *const path = http_path(exchange);
    const struct answer *found = NULL;
    struct http_reply reply = {.code = 404};

    (void)context;
    for (size_t i = 0; i < answer_count && found == NULL; i++) {
        if (strcmp(path + 1, answers[i].path) == 0)
            found = &answers[i];
    }
    if (found != NULL && strcmp(found->path, lie.path) == 0)
        found = &lie;
    if (found != NULL) {
        reply.code = found->code;
        reply.body = (struct span){found->bytes, found->len};
    }
    http_reply(exchange, &reply);
}

static void
record(const char *path)
{
    static uint8_t body[1 << 20];
    struct answer *const answer = &answers[answer_count++];
    struct fetch fetch;
    struct fetch_answer got;
    char url[128];
    const struct fetch_request request = {.url = url, .connect_seconds = 5, .seconds = 20};

    CHECK(answer_count <= ANSWERS_MAX);
    snprintf(answer->path, sizeof answer->path, "%s", path);
    snprintf(url, sizeof url, "http://127.0.0.1:%u/%s", (unsigned)serve_port(serve), path);
    CHECK_STATUS(fetch_open(&fetch), STATUS_OK);
    CHECK_STATUS(fetch_send(&fetch, &got, body, sizeof body, &request), STATUS_OK);
    fetch_close(&fetch);
    CHECK(got.code == 200 && got.len > 0);
    answer->code = got.code;
    answer->len = got.len;
    answer->bytes = malloc(got.len);
    memcpy(answer->bytes, body, got.len);
}

/* The checkpoint, and the size in its second line: the node logs its service day when it likes. */
static uint64_t
record_checkpoint(void)
{
    const struct answer *const answer = &answers[answer_count];
    struct checkpoint checkpoint = {0};
    struct span text = {NULL, 0};

    record("checkpoint");
    CHECK_STATUS(note_split(&text, (struct span){answer->bytes, answer->len}), STATUS_OK);
    CHECK_STATUS(checkpoint_parse(&checkpoint, text), STATUS_OK);
    return checkpoint.size;
}

/* All that the verification of a log of `size` entries asks for. */
static void
record_tiles(uint64_t size)
{
    char path[VERIFY_PATH_MAX];

    for (unsigned level = 0; level < 2; level++) {
        for (uint64_t i = 0; i <= tile_hashes(level, size) / TILE_WIDTH; i++) {
            const uint64_t left = tile_hashes(level, size) - i * TILE_WIDTH;
            char part[16] = "";

            if (left == 0)
                continue;
            if (left < TILE_WIDTH)
                snprintf(part, sizeof part, ".p/%u", (unsigned)left);
            snprintf(path, sizeof path, "tile/%u/%03u%s", level, (unsigned)i, part);
            record(path);
            if (level > 0)
                continue;
            snprintf(path, sizeof path, "tile/entries/%03u%s", (unsigned)i, part);
            record(path);
        }
    }
}

static void
forget(void)
{
    for (size_t i = 0; i < answer_count; i++)
        free(answers[i].bytes);
    answer_count = 0;
    lie.path[0] = '\0';
}

static struct http *
open_liar(void)
{
    struct http_options options;
    struct http *http;

    http_server_options(&options);
    options.handle = handle;
    /* A replay between two requests may take its time on a busy machine. */
    options.seconds_max = 60;
    http = http_server_open(&options);
    CHECK(http != NULL);
    return http;
}

TEST(the_tree_may_grow_meanwhile)
{
    const struct verify_options options = {.threads = 2};
    struct http *http;
    uint64_t size;

    begin(true);
    size = record_checkpoint();
    close_service();
    fixture_later(&fixture, 600);
    pay(6);
    open_service(true);
    /* The bigger node still has what belongs to the smaller tree. */
    record_tiles(size);
    http = open_liar();
    CHECK_STATUS(verify(http_port(http), &options), STATUS_OK);
    CHECK(report.size == size);
    CHECK_STATUS(verify(serve_port(serve), &options), STATUS_OK);
    CHECK(report.size > size);
    http_close(http);
    forget();
    end();
}

TEST(a_node_goes_on_from_what_was_verified)
{
    char place[SCRATCH_PATH_MAX];
    char kept[SCRATCH_PATH_MAX];
    const struct verify_options options = {.threads = 2, .kept = kept};
    struct http *http;
    uint64_t size;

    scratch_make(place);
    scratch_path(kept, place, "kept");
    begin(true);
    size = record_checkpoint();
    record_tiles(size);
    http = open_liar();
    CHECK_STATUS(verify(http_port(http), &options), STATUS_OK);
    CHECK(report.size == size && report.kept == 0);
    close_service();
    fixture_later(&fixture, 600);
    pay(6);
    open_service(true);
    CHECK_STATUS(verify(serve_port(serve), &options), STATUS_OK);
    CHECK(report.size > size && report.kept == size);
    /* The node as it was then is an old one now. */
    CHECK_STATUS(verify(http_port(http), &options), STATUS_LOG_ROLLBACK);
    http_close(http);
    forget();
    end();
    /* Another history under the same name. */
    fixture_open(&fixture);
    load_open(&load, &fixture, 2, 21);
    pay(2 * UPLOADS);
    open_service(true);
    CHECK_STATUS(verify(serve_port(serve), &options), STATUS_LOG_ROLLBACK);
    end();
    scratch_remove(place);
}

/* Which entry the byte `at` of a bundle belongs to. */
static uint64_t
entry_at(const struct answer *bundle, size_t at)
{
    const uint64_t first = TILE_WIDTH * strtoull(bundle->path + strlen("tile/entries/"), NULL, 10);
    uint64_t index = 0;
    size_t next = 0;

    for (;;) {
        next += 2 + ((size_t)bundle->bytes[next] << 8 | bundle->bytes[next + 1]);
        if (at < next)
            return first + index;
        index++;
    }
}

static enum status
tell(struct http *http, const struct answer *honest, unsigned code, size_t len)
{
    const struct verify_options options = {.threads = 1, .trust = true};

    memcpy(lie.path, honest->path, sizeof lie.path);
    lie.code = code;
    lie.len = len;
    return verify(http_port(http), &options);
}

/* One answer with another byte, and shorter, longer, empty or refused. */
static void
lie_about(struct http *http, const struct answer *honest)
{
    const bool bundle = strncmp(honest->path, "tile/entries/", 13) == 0;
    const bool note = strcmp(honest->path, "checkpoint") == 0;
    enum status status;

    lie.bytes = malloc(honest->len + 1);
    memcpy(lie.bytes, honest->bytes, honest->len);
    lie.bytes[honest->len] = 0;
    for (size_t i = 0; i < 5; i++) {
        const size_t at = i * (honest->len - 1) / 4;

        lie.bytes[at] ^= 1;
        status = tell(http, honest, 200, honest->len);
        CHECK(status != STATUS_OK && report.where != NULL);
        if (bundle) {
            CHECK(status == STATUS_LOG_ROOT || status == STATUS_CBOR_TRUNCATED);
            CHECK(report.bad_index == entry_at(honest, at));
            CHECK(report.size == report.bad_index && about(honest->path));
        } else if (!note) {
            CHECK(status == STATUS_LOG_ROOT && report.bad_index == VERIFY_NO_ENTRY);
            CHECK(about("tile/") || about("checkpoint"));
        }
        lie.bytes[at] ^= 1;
    }
    status = tell(http, honest, 200, honest->len - 1);
    CHECK(bundle ? status == STATUS_CBOR_TRUNCATED && report.bad_index == report.size
                 : status == (note ? STATUS_CHECKPOINT_FORM : STATUS_SERVER_ANSWER));
    CHECK(about(honest->path));
    status = tell(http, honest, 200, honest->len + 1);
    CHECK(status == (note ? STATUS_CHECKPOINT_FORM : STATUS_SERVER_ANSWER));
    CHECK(about(honest->path));
    status = tell(http, honest, 200, 0);
    CHECK(status != STATUS_OK && about(honest->path));
    CHECK(tell(http, honest, 503, 0) == STATUS_SERVER_BUSY && about(honest->path));
    CHECK(tell(http, honest, 301, 0) == STATUS_SERVER_ANSWER && about(honest->path));
    status = tell(http, honest, 404, 0);
    CHECK(status == STATUS_NOT_FOUND || status == STATUS_SERVER_ANSWER);
    CHECK(about(honest->path));
    free(lie.bytes);
    lie = (struct answer){.path = ""};
}

TEST(every_lie_is_found_and_named)
{
    const struct verify_options options = {.threads = 1};
    struct http *http;

    begin(true);
    record_tiles(record_checkpoint());
    http = open_liar();
    CHECK_STATUS(verify(http_port(http), &options), STATUS_OK);
    for (size_t i = 0; i < answer_count; i++)
        lie_about(http, &answers[i]);
    http_close(http);
    forget();
    end();
}

int
main(int argc, char **argv)
{
    return check_run(argc, argv);
}
