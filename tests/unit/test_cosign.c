/* The node and its witnesses: a real one over loopback, one that lies, none at all; a log that was
 * restored from a backup, and one that forks. */
#include "check.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "branch.h"
#include "ledger/cosign.h"
#include "ledger/http.h"
#include "ledger/log.h"
#include "ledger/policy.h"
#include "ledger/witness_book.h"
#include "ledger/witness_http.h"
#include "scratch.h"

#define ORIGIN "log.example/city"
#define NOW UINT64_C(1795507200)
#define MAP_BYTES (UINT64_C(16) << 20)

static const struct branch trunk = {.from = UINT64_MAX};
static const struct branch fork_at_5 = {.from = 5, .name = 1};

static struct note_key log_key;
static struct secret_key log_secret;
static struct policy policy;
static struct cosign cosign;

static struct span
span_of(const char *text)
{
    return (struct span){(const uint8_t *)text, strlen(text)};
}

static uint64_t
clock_now(void)
{
    return NOW;
}

/* ---- A witness that keeps to the protocol -----------------------------------------------------*/

struct site {
    char folder[SCRATCH_PATH_MAX];
    struct witness_book book;
    struct witness_http service;
    char vkey[NOTE_VKEY_MAX + 1];
};

static struct site site;

static void
site_begin(void)
{
    static struct witness_book_random random;
    char logs[SCRATCH_PATH_MAX];
    char vkey[NOTE_VKEY_MAX + 1];
    size_t line;
    size_t len;

    memset(&site, 0, sizeof site);
    memset(&random, 9, sizeof random);
    scratch_make(site.folder);
    scratch_path(logs, site.folder, "logs");
    note_key_format(vkey, &len, &log_key);
    vkey[len++] = '\n';
    CHECK(scratch_write(logs, vkey, len));
    CHECK_STATUS(witness_book_create(site.folder, "witness.example", span_of("words"),
                                     SEAL_INTERACTIVE, &random),
                 STATUS_OK);
    CHECK_STATUS(witness_book_open(&site.book, &line, site.folder, logs, span_of("words")),
                 STATUS_OK);
    CHECK_STATUS(witness_http_open(&site.service, &site.book, "127.0.0.1", 0, clock_now),
                 STATUS_OK);
    note_key_format(site.vkey, &len, &site.book.key);
}

static void
site_end(void)
{
    witness_http_close(&site.service);
    witness_book_close(&site.book);
    scratch_remove(site.folder);
}

/* ---- One that does not ------------------------------------------------------------------------*/

struct liar {
    struct http *http;
    struct note_key key;
    struct secret_key secret;
    char vkey[NOTE_VKEY_MAX + 1];
    atomic_uint requests;
    unsigned code;
    const char *type;
    const char *says[2]; /* to the first request and to later ones */
    struct span bytes;   /* in place of it */
    uint8_t heard[WITNESS_BODY_MAX + 1];
};

static struct liar liar;

static void
lie(void *context, struct http_exchange *exchange)
{
    const unsigned count = atomic_fetch_add(&liar.requests, 1);
    const char *const says = liar.says[count == 0 || liar.says[1] == NULL ? 0 : 1];
    struct http_reply reply = {.code = liar.code, .type = liar.type, .body = liar.bytes};
    const struct span body = http_body(exchange);

    (void)context;
    memcpy(liar.heard, body.data, body.len);
    liar.heard[body.len] = '\0';
    if (says != NULL)
        reply.body = span_of(says);
    http_reply(exchange, &reply);
}

static void
liar_begin(void)
{
    struct http_options options;
    size_t len;

    memset(&liar, 0, sizeof liar);
    branch_key(&liar.key, &liar.secret, NOTE_COSIGNATURE, "liar.example");
    note_key_format(liar.vkey, &len, &liar.key);
    http_defaults(&options);
    options.address = "127.0.0.1";
    options.port = 0;
    options.workers = 1;
    options.handle = lie;
    CHECK_STATUS(http_open(&liar.http, &options), STATUS_OK);
}

static void
liar_says(unsigned code, const char *type, const char *first, const char *later)
{
    liar.code = code;
    liar.type = type;
    liar.says[0] = first;
    liar.says[1] = later;
    liar.bytes = (struct span){NULL, 0};
    atomic_store(&liar.requests, 0);
}

/* ---- The node ---------------------------------------------------------------------------------*/

static const struct branch *shown;

static enum status
from_branch(void *context, struct merkle_path *out, uint64_t size_old, uint64_t size_new)
{
    (void)context;
    branch_proof(out, shown, size_old, size_new);
    return STATUS_OK;
}

static const struct cosign_source branches = {from_branch, NULL};

/* One witness that is needed, at a port of this machine. */
static void
node_begin(const char *vkey, unsigned port, struct cosign_source source)
{
    char text[2 * NOTE_VKEY_MAX + 100];
    char log_vkey[NOTE_VKEY_MAX + 1] = "";
    size_t line;
    size_t len;

    note_key_format(log_vkey, &len, &log_key);
    (void)snprintf(text, sizeof text, "log %s\nwitness w %s http://127.0.0.1:%u/\nquorum w\n",
                   log_vkey, vkey, port);
    CHECK_STATUS(policy_parse(&policy, &line, span_of(text)), STATUS_OK);
    CHECK_STATUS(cosign_open(&cosign, &policy, source, NULL), STATUS_OK);
}

static enum status
bring(struct note *note, const struct branch *branch, uint64_t size, uint64_t now_unix_s)
{
    shown = branch;
    branch_note(note, branch, size, &log_key, &log_secret);
    return cosign_round(&cosign, note, now_unix_s);
}

static enum status
state(void)
{
    enum status states[POLICY_WITNESSES_MAX];

    cosign_states(states, &cosign);
    return states[0];
}

static bool
same_note(const struct note *a, const struct note *b)
{
    return a->len == b->len && memcmp(a->bytes, b->bytes, a->len) == 0;
}

/* The size of what is shown, when it satisfies the policy; else UINT64_MAX. */
static uint64_t
shown_size(const struct note *published, uint64_t now_unix_s)
{
    struct note_check checks[POLICY_WITNESSES_MAX];
    struct checkpoint checkpoint;
    struct note note;

    cosign_note(&note, &cosign, published, now_unix_s);
    if (policy_verify(&policy, &checkpoint, checks, (struct span){note.bytes, note.len}) !=
        STATUS_OK)
        return UINT64_MAX;
    return checkpoint.size;
}

TEST(each_checkpoint_is_cosigned)
{
    struct note note;

    site_begin();
    node_begin(site.vkey, http_port(site.service.http), branches);
    CHECK(state() == STATUS_OFFLINE);
    for (uint64_t size = 0; size < 20; size += 3) {
        CHECK_STATUS(bring(&note, &trunk, size, NOW + size), STATUS_OK);
        CHECK(state() == STATUS_OK && shown_size(&note, NOW + size) == size);
    }
    cosign_close(&cosign);
    site_end();
}

/* After a new start the node does not know what the witness has, and is told. */
TEST(a_new_start_learns_the_size)
{
    struct note note;

    site_begin();
    node_begin(site.vkey, http_port(site.service.http), branches);
    CHECK_STATUS(bring(&note, &trunk, 8, NOW), STATUS_OK);
    cosign_close(&cosign);
    node_begin(site.vkey, http_port(site.service.http), branches);
    CHECK_STATUS(bring(&note, &trunk, 8, NOW), STATUS_OK);
    cosign_close(&cosign);
    node_begin(site.vkey, http_port(site.service.http), branches);
    CHECK_STATUS(bring(&note, &trunk, 13, NOW), STATUS_OK);
    CHECK(shown_size(&note, NOW) == 13);
    cosign_close(&cosign);
    site_end();
}

TEST(without_witnesses_the_node_goes_on)
{
    const uint64_t away = NOW + 100;
    struct note note;
    struct note got;

    site_begin();
    node_begin(site.vkey, http_port(site.service.http), branches);
    /* Before any round. */
    branch_note(&note, &trunk, 4, &log_key, &log_secret);
    cosign_note(&got, &cosign, &note, NOW);
    CHECK(same_note(&got, &note));
    CHECK_STATUS(bring(&note, &trunk, 5, away), STATUS_OK);
    witness_http_close(&site.service);
    CHECK_STATUS(bring(&note, &trunk, 6, away), STATUS_WITNESSES_MISSING);
    CHECK(state() == STATUS_OFFLINE);
    /* The cosigned one for a while, then the new one. */
    CHECK(shown_size(&note, away + COSIGN_LAG_SECONDS) == 5);
    CHECK(shown_size(&note, away + COSIGN_LAG_SECONDS + 1) == UINT64_MAX);
    cosign_note(&got, &cosign, &note, away + COSIGN_LAG_SECONDS + 1);
    CHECK(same_note(&got, &note));
    /* It is asked again after its time, and then there is nothing to make good. */
    CHECK_STATUS(
        witness_http_open(&site.service, &site.book, "127.0.0.1",
                          (uint16_t)strtoul(strrchr(policy.witness_urls[0], ':') + 1, NULL, 10),
                          clock_now),
        STATUS_OK);
    CHECK_STATUS(bring(&note, &trunk, 7, away + COSIGN_RETRY_SECONDS - 1),
                 STATUS_WITNESSES_MISSING);
    CHECK_STATUS(bring(&note, &trunk, 7, away + COSIGN_RETRY_SECONDS), STATUS_OK);
    CHECK(shown_size(&note, away + COSIGN_RETRY_SECONDS) == 7);
    cosign_close(&cosign);
    site_end();
}

TEST(a_policy_without_witnesses)
{
    struct note note;
    struct note got;

    policy_of_log(&policy, &log_key);
    CHECK_STATUS(cosign_open(&cosign, &policy, branches, NULL), STATUS_OK);
    CHECK_STATUS(bring(&note, &trunk, 5, NOW), STATUS_OK);
    branch_note(&note, &trunk, 6, &log_key, &log_secret);
    cosign_note(&got, &cosign, &note, NOW);
    CHECK(same_note(&got, &note));
    note.len = 3;
    CHECK_STATUS(cosign_round(&cosign, &note, NOW), STATUS_CHECKPOINT_FORM);
    cosign_close(&cosign);
}

/* ---- Alarms -----------------------------------------------------------------------------------*/

TEST(a_fork_is_an_alarm_that_stays)
{
    struct note note;
    struct note got;

    site_begin();
    node_begin(site.vkey, http_port(site.service.http), branches);
    CHECK_STATUS(bring(&note, &trunk, 8, NOW), STATUS_OK);
    CHECK_STATUS(bring(&note, &fork_at_5, 11, NOW + 20), STATUS_WITNESS_CONFLICT);
    CHECK(state() == STATUS_WITNESS_CONFLICT);
    cosign_note(&got, &cosign, &note, NOW + 20);
    CHECK(same_note(&got, &note));
    /* Not even the right history heals it: a person must have looked. */
    CHECK_STATUS(bring(&note, &trunk, 11, NOW + 86400), STATUS_WITNESS_CONFLICT);
    CHECK(shown_size(&note, NOW + 86400) == UINT64_MAX);
    cosign_close(&cosign);
    node_begin(site.vkey, http_port(site.service.http), branches);
    CHECK_STATUS(bring(&note, &fork_at_5, 8, NOW), STATUS_WITNESS_CONFLICT);
    cosign_close(&cosign);
    node_begin(site.vkey, http_port(site.service.http), branches);
    CHECK_STATUS(bring(&note, &trunk, 11, NOW), STATUS_OK);
    cosign_close(&cosign);
    site_end();
}

/* ---- A log on the disk ------------------------------------------------------------------------*/

struct city {
    char folder[SCRATCH_PATH_MAX];
    char store_folder[SCRATCH_PATH_MAX];
    char second[SCRATCH_PATH_MAX];
    struct store store;
    struct log log;
};

static struct city city;

static void
city_open_again(void)
{
    CHECK_STATUS(store_open(&city.store, city.store_folder, MAP_BYTES), STATUS_OK);
    CHECK_STATUS(log_open(&city.log, &city.store, city.second, &log_key, &log_secret), STATUS_OK);
}

static void
city_shut(void)
{
    log_close(&city.log);
    store_close(&city.store);
}

static void
city_append(const char *entry)
{
    struct log_batch batch;
    uint64_t index;

    CHECK_STATUS(log_begin(&batch, &city.log), STATUS_OK);
    CHECK_STATUS(log_append(&batch, &index, span_of(entry)), STATUS_OK);
    CHECK_STATUS(log_commit(&batch), STATUS_OK);
}

static enum status
city_round(void)
{
    struct note note;

    log_checkpoint(&note, &city.log);
    return cosign_round(&cosign, &note, NOW);
}

/* Both the store and the second place are put back as they were a day ago, so that nothing on the
 * machine itself can tell. */
TEST(a_log_restored_from_a_backup_is_noticed)
{
    char data[SCRATCH_PATH_MAX];
    char data_backup[SCRATCH_PATH_MAX];
    char second_backup[SCRATCH_PATH_MAX];

    memset(&city, 0, sizeof city);
    scratch_make(city.folder);
    scratch_path(city.store_folder, city.folder, "store");
    scratch_path(city.second, city.folder, "second");
    scratch_path(data, city.store_folder, "data.mdb");
    scratch_path(data_backup, city.folder, "data.backup");
    scratch_path(second_backup, city.folder, "second.backup");
    CHECK_STATUS(store_create(city.store_folder), STATUS_OK);
    CHECK_STATUS(store_open(&city.store, city.store_folder, MAP_BYTES), STATUS_OK);
    CHECK_STATUS(log_create(&city.store, city.second, &log_key, &log_secret), STATUS_OK);
    store_close(&city.store);
    site_begin();
    city_open_again();
    node_begin(site.vkey, http_port(site.service.http),
               (struct cosign_source){cosign_from_store, &city.store});
    city_append("first");
    city_append("second");
    CHECK_STATUS(city_round(), STATUS_OK);
    city_shut();
    CHECK(scratch_copy(data_backup, data) && scratch_copy(second_backup, city.second));
    city_open_again();
    city_append("third");
    CHECK_STATUS(city_round(), STATUS_OK);
    city_append("fourth");
    CHECK_STATUS(city_round(), STATUS_OK);
    city_shut();
    cosign_close(&cosign);
    CHECK(scratch_copy(data, data_backup) && scratch_copy(city.second, second_backup));
    /* Nothing is amiss for the log itself. */
    city_open_again();
    for (unsigned i = 0; i < 3; i++) {
        node_begin(site.vkey, http_port(site.service.http),
                   (struct cosign_source){cosign_from_store, &city.store});
        /* Shorter than what the witness has, then as long, then longer, with other entries. */
        CHECK_STATUS(city_round(), i == 0 ? STATUS_LOG_ROLLBACK : STATUS_WITNESS_CONFLICT);
        CHECK_STATUS(city_round(), i == 0 ? STATUS_LOG_ROLLBACK : STATUS_WITNESS_CONFLICT);
        cosign_close(&cosign);
        city_append("other");
        if (i == 0)
            city_append("another");
    }
    city_shut();
    site_end();
    scratch_remove(city.folder);
}

TEST(a_store_that_gives_no_proof)
{
    struct store broken = {0};
    struct note note;

    site_begin();
    CHECK_STATUS(store_create(site.folder), STATUS_OK);
    CHECK_STATUS(store_open(&broken, site.folder, MAP_BYTES), STATUS_OK);
    store_break(&broken);
    node_begin(site.vkey, http_port(site.service.http),
               (struct cosign_source){cosign_from_store, &broken});
    branch_note(&note, &trunk, 5, &log_key, &log_secret);
    CHECK_STATUS(cosign_round(&cosign, &note, NOW), STATUS_WITNESSES_MISSING);
    CHECK(state() == STATUS_STORE_BROKEN);
    cosign_close(&cosign);
    store_close(&broken);
    site_end();
}

/* ---- Lies -------------------------------------------------------------------------------------*/

/* One round with a new node; how often the liar was asked. */
static unsigned
ask_liar(enum status expected)
{
    struct note note;
    struct note got;

    node_begin(liar.vkey, http_port(liar.http), branches);
    CHECK_STATUS(bring(&note, &trunk, 7, NOW), expected == STATUS_OK ||
                                                       expected == STATUS_WITNESS_CONFLICT ||
                                                       expected == STATUS_LOG_ROLLBACK
                                                   ? expected
                                                   : STATUS_WITNESSES_MISSING);
    CHECK_STATUS(state(), expected);
    cosign_note(&got, &cosign, &note, NOW);
    if (expected == STATUS_OK)
        CHECK(shown_size(&note, NOW) == 7);
    else
        CHECK(same_note(&got, &note));
    cosign_close(&cosign);
    return atomic_load(&liar.requests);
}

TEST(answers_that_are_none)
{
    static const struct {
        unsigned code;
        const char *type;
        const char *first;
        const char *later;
        enum status status;
        unsigned requests;
    } lies[] = {
        {200, "text/plain", "", NULL, STATUS_SIGNER_UNKNOWN, 1},
        {200, "text/plain", "yes\n", NULL, STATUS_SERVER_ANSWER, 1},
        {200, "text/plain", "no line end", NULL, STATUS_SERVER_ANSWER, 1},
        {409, "text/plain", "3\n", NULL, STATUS_SERVER_ANSWER, 1},
        {409, WITNESS_SIZE_TYPE, "3", NULL, STATUS_SERVER_ANSWER, 1},
        {409, WITNESS_SIZE_TYPE, "", NULL, STATUS_SERVER_ANSWER, 1},
        {409, WITNESS_SIZE_TYPE, "03\n", NULL, STATUS_SERVER_ANSWER, 1},
        {409, WITNESS_SIZE_TYPE, "3\n\n", NULL, STATUS_SERVER_ANSWER, 1},
        {409, WITNESS_SIZE_TYPE, "0\n", NULL, STATUS_SERVER_ANSWER, 1},
        /* It is asked twice at most, whatever it says. */
        {409, WITNESS_SIZE_TYPE, "3\n", "4\n", STATUS_SERVER_BUSY, 2},
        {409, WITNESS_SIZE_TYPE, "7\n", "7\n", STATUS_WITNESS_CONFLICT, 2},
        {409, WITNESS_SIZE_TYPE, "8\n", NULL, STATUS_LOG_ROLLBACK, 1},
        {422, NULL, "", NULL, STATUS_WITNESS_CONFLICT, 1},
        {400, NULL, "", NULL, STATUS_WITNESS_REFUSED, 1},
        {403, NULL, "", NULL, STATUS_WITNESS_REFUSED, 1},
        {404, NULL, "", NULL, STATUS_WITNESS_REFUSED, 1},
        {301, NULL, "", NULL, STATUS_WITNESS_REFUSED, 1},
        {429, NULL, "", NULL, STATUS_SERVER_BUSY, 1},
        {503, NULL, "", NULL, STATUS_SERVER_BUSY, 1},
    };
    static uint8_t large[COSIGN_ANSWER_MAX + 1];

    liar_begin();
    for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
        liar_says(lies[i].code, lies[i].type, lies[i].first, lies[i].later);
        CHECK(ask_liar(lies[i].status) == lies[i].requests);
    }
    liar_says(200, NULL, NULL, NULL);
    memset(large, '\n', sizeof large);
    liar.bytes = (struct span){large, sizeof large};
    CHECK(ask_liar(STATUS_TOO_LARGE) == 1);
    http_close(liar.http);
}

/* A cosignature of something, by a key, at a time. */
static size_t
cosign_other(uint8_t *out, const struct branch *branch, uint64_t size, const struct note_key *key,
             const struct secret_key *secret)
{
    struct note note;
    struct span text;
    size_t len;

    branch_note(&note, branch, size, &log_key, &log_secret);
    CHECK_STATUS(note_split(&text, (struct span){note.bytes, note.len}), STATUS_OK);
    note_line(out, &len, text, key, secret, NOW);
    return len;
}

TEST(cosignatures_that_are_none)
{
    static uint8_t lines[4 * NOTE_LINE_MAX];
    struct note_key other;
    struct secret_key secret;
    size_t len;

    liar_begin();
    liar_says(200, NULL, NULL, NULL);
    branch_key(&other, &secret, NOTE_COSIGNATURE, "other.example");
    /* Of another tree. */
    len = cosign_other(lines, &fork_at_5, 7, &liar.key, &liar.secret);
    liar.bytes = (struct span){lines, len};
    (void)ask_liar(STATUS_CHECKPOINT_SIGNATURE);
    len = cosign_other(lines, &trunk, 6, &liar.key, &liar.secret);
    liar.bytes = (struct span){lines, len};
    (void)ask_liar(STATUS_CHECKPOINT_SIGNATURE);
    /* By another key, and under the right name by another key. */
    len = cosign_other(lines, &trunk, 7, &other, &secret);
    liar.bytes = (struct span){lines, len};
    (void)ask_liar(STATUS_SIGNER_UNKNOWN);
    memcpy(other.id, liar.key.id, sizeof other.id);
    memcpy(other.name, liar.key.name, sizeof other.name);
    len = cosign_other(lines, &trunk, 7, &other, &secret);
    liar.bytes = (struct span){lines, len};
    (void)ask_liar(STATUS_CHECKPOINT_SIGNATURE);
    /* A good one among those of others, which are left out. */
    branch_key(&other, &secret, NOTE_COSIGNATURE, "other.example");
    len = cosign_other(lines, &trunk, 7, &other, &secret);
    len += cosign_other(lines + len, &trunk, 7, &liar.key, &liar.secret);
    len += cosign_other(lines + len, &trunk, 7, &other, &secret);
    liar.bytes = (struct span){lines, len};
    CHECK(ask_liar(STATUS_OK) == 5);
    http_close(liar.http);
}

TEST(what_is_asked_and_when)
{
    static uint8_t lines[NOTE_LINE_MAX];
    struct note note;
    size_t len;

    liar_begin();
    liar_says(503, NULL, NULL, NULL);
    node_begin(liar.vkey, http_port(liar.http), branches);
    CHECK_STATUS(bring(&note, &trunk, 7, NOW), STATUS_WITNESSES_MISSING);
    CHECK(memcmp(liar.heard, "old 0\n\n", 7) == 0);
    CHECK(memcmp(liar.heard + 7, note.bytes, note.len) == 0);
    CHECK_STATUS(bring(&note, &trunk, 7, NOW + COSIGN_RETRY_SECONDS - 1), STATUS_WITNESSES_MISSING);
    CHECK(atomic_load(&liar.requests) == 1);
    liar.code = 404;
    CHECK_STATUS(bring(&note, &trunk, 7, NOW + COSIGN_RETRY_SECONDS), STATUS_WITNESSES_MISSING);
    CHECK(atomic_load(&liar.requests) == 2);
    CHECK_STATUS(bring(&note, &trunk, 7, NOW + 2 * COSIGN_RETRY_SECONDS), STATUS_WITNESSES_MISSING);
    CHECK(atomic_load(&liar.requests) == 2);
    /* Cosigned: asked once for a checkpoint, and again when that is old. */
    liar.code = 200;
    len = cosign_other(lines, &trunk, 7, &liar.key, &liar.secret);
    liar.bytes = (struct span){lines, len};
    CHECK_STATUS(bring(&note, &trunk, 7, NOW + 700), STATUS_OK);
    CHECK_STATUS(bring(&note, &trunk, 7, NOW + 701), STATUS_OK);
    CHECK_STATUS(bring(&note, &trunk, 7, NOW + 699 + COSIGN_FRESH_SECONDS), STATUS_OK);
    CHECK(atomic_load(&liar.requests) == 3);
    /* When the renewal fails the old line stays. */
    liar.code = 503;
    CHECK_STATUS(bring(&note, &trunk, 7, NOW + 700 + COSIGN_FRESH_SECONDS), STATUS_OK);
    CHECK(atomic_load(&liar.requests) == 4 && state() == STATUS_SERVER_BUSY);
    CHECK(memcmp(liar.heard, "old 7\n\n", 7) == 0);
    /* The next one comes with a proof from there. */
    CHECK_STATUS(bring(&note, &trunk, 9, NOW + 800 + COSIGN_FRESH_SECONDS),
                 STATUS_WITNESSES_MISSING);
    CHECK(atomic_load(&liar.requests) == 5);
    CHECK(memcmp(liar.heard, "old 7\n", 6) == 0 && liar.heard[6] != '\n');
    cosign_close(&cosign);
    http_close(liar.http);
}

/* Two of three: one cosigns, one is away, one has no address. */
TEST(lines_are_counted_by_the_policy)
{
    char text[4 * NOTE_VKEY_MAX + 200];
    struct note_key key;
    struct secret_key secret;
    enum status states[POLICY_WITNESSES_MAX];
    char third[NOTE_VKEY_MAX + 1] = "";
    struct note note;
    struct note got;
    size_t line;
    size_t len;

    site_begin();
    liar_begin();
    branch_key(&key, &secret, NOTE_COSIGNATURE, "third.example");
    note_key_format(third, &len, &key);
    (void)snprintf(text, sizeof text,
                   "witness a %s\nwitness b %s http://127.0.0.1:%u\n"
                   "witness c %s http://127.0.0.1:%u\ngroup g 2 a b c\nquorum g\n",
                   third, site.vkey, (unsigned)http_port(site.service.http), liar.vkey,
                   (unsigned)http_port(liar.http));
    CHECK_STATUS(policy_parse(&policy, &line, span_of(text)), STATUS_OK);
    CHECK_STATUS(cosign_open(&cosign, &policy, branches, NULL), STATUS_OK);
    liar_says(503, NULL, NULL, NULL);
    CHECK_STATUS(bring(&note, &trunk, 7, NOW), STATUS_WITNESSES_MISSING);
    cosign_states(states, &cosign);
    CHECK(states[0] == STATUS_NOT_FOUND && states[1] == STATUS_OK &&
          states[2] == STATUS_SERVER_BUSY);
    /* What there is is shown. */
    cosign_note(&got, &cosign, &note, NOW);
    CHECK(got.len > note.len);
    liar.code = 422;
    CHECK_STATUS(bring(&note, &trunk, 8, NOW + COSIGN_RETRY_SECONDS), STATUS_WITNESS_CONFLICT);
    cosign_close(&cosign);
    http_close(liar.http);
    site_end();
}

int
main(int argc, char **argv)
{
    if (crypt_init() != STATUS_OK)
        return 1;
    branch_key(&log_key, &log_secret, NOTE_ED25519, ORIGIN);
    return check_run(argc, argv);
}
