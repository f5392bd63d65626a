/* A witness: every row of the table of C2SP tlog-witness, what it keeps, two requests at a time,
 * and the end of the process in the midst of it. */
#include "check.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "branch.h"
#include "ledger/fetch.h"
#include "ledger/witness.h"
#include "ledger/witness_book.h"
#include "ledger/witness_http.h"
#include "scratch.h"

#define ORIGIN "log.example/city"
#define NOW UINT64_C(1795507200)
#define BODY_ROOM (2 * WITNESS_BODY_MAX)

static const struct branch trunk = {.from = UINT64_MAX};
static const struct branch fork_at_5 = {.from = 5, .name = 1};
static const struct branch fork_at_9 = {.from = 9, .name = 2};

static struct note_key log_key;
static struct note_key stranger_key;
static struct note_key next_key; /* a second key of the log */
static struct secret_key log_secret;
static struct secret_key stranger_secret;
static struct secret_key next_secret;

/* A witness in a folder of its own. */
struct site {
    char folder[SCRATCH_PATH_MAX];
    char logs[SCRATCH_PATH_MAX];
    struct witness_book book;
    struct note_key key;
};

static struct site site;
static struct witness_book_answer answer;

static struct span
span_of(const char *text)
{
    return (struct span){(const uint8_t *)text, strlen(text)};
}

static enum status
site_open(void)
{
    size_t line;

    return witness_book_open(&site.book, &line, site.folder, site.logs, span_of("words"));
}

static void
site_begin(void)
{
    static struct witness_book_random random;
    char logs[3 * (NOTE_VKEY_MAX + 1)];
    size_t at;
    size_t len;

    memset(&site, 0, sizeof site);
    scratch_make(site.folder);
    scratch_path(site.logs, site.folder, "logs");
    memcpy(logs, "#\n\n", 3);
    note_key_format(logs + 3, &at, &log_key);
    at += 3;
    logs[at++] = '\n';
    note_key_format(logs + at, &len, &next_key);
    at += len;
    logs[at++] = '\n';
    CHECK(scratch_write(site.logs, logs, at));
    memset(&random, 7, sizeof random);
    CHECK_STATUS(witness_book_create(site.folder, "witness.example", span_of("words"),
                                     SEAL_INTERACTIVE, &random),
                 STATUS_OK);
    CHECK_STATUS(site_open(), STATUS_OK);
    site.key = site.book.key;
}

static void
site_end(void)
{
    witness_book_close(&site.book);
    scratch_remove(site.folder);
}

/* A body that says `old`, with the proof from `proof_old` to `size` in a branch, signed by a key.
 */
static struct span
body_of(const struct branch *branch, uint64_t old, uint64_t proof_old, uint64_t size)
{
    static uint8_t bytes[WITNESS_BODY_MAX];
    struct merkle_path path = {0};
    struct note note;
    size_t len;

    if (proof_old <= size)
        branch_proof(&path, branch, proof_old, size);
    branch_note(&note, branch, size, &log_key, &log_secret);
    witness_write(bytes, &len, old, &path, &note);
    return (struct span){bytes, len};
}

static enum witness_code
add(struct span body)
{
    CHECK_STATUS(witness_book_add(&answer, &site.book, body, NOW), STATUS_OK);
    CHECK((answer.code == WITNESS_COSIGN) == (answer.len > 0));
    return answer.code;
}

static enum witness_code
grow(const struct branch *branch, uint64_t old, uint64_t size)
{
    return add(body_of(branch, old, old, size));
}

/* Whether the answer is a good cosignature of a tree. */
static bool
is_cosigned(const struct branch *branch, uint64_t size)
{
    struct note_check checks[2];
    struct checkpoint checkpoint;
    struct note note;
    const struct note_key keys[2] = {log_key, site.key};

    branch_note(&note, branch, size, &log_key, &log_secret);
    return note_add(&note, (struct span){answer.line, answer.len}) == STATUS_OK &&
           checkpoint_verify(&checkpoint, checks, (struct span){note.bytes, note.len}, keys, 2) ==
               STATUS_OK &&
           checks[1].signed_by && checks[1].time_unix_s == NOW;
}

TEST(consistent_growth_is_cosigned)
{
    site_begin();
    CHECK(grow(&trunk, 0, 0) == WITNESS_COSIGN && is_cosigned(&trunk, 0));
    CHECK(grow(&trunk, 0, 0) == WITNESS_COSIGN);
    CHECK(grow(&trunk, 0, 1) == WITNESS_COSIGN && is_cosigned(&trunk, 1));
    CHECK(grow(&trunk, 1, 5) == WITNESS_COSIGN && is_cosigned(&trunk, 5));
    CHECK(grow(&trunk, 5, 5) == WITNESS_COSIGN && is_cosigned(&trunk, 5));
    for (uint64_t size = 5; size < 17; size++)
        CHECK(grow(&trunk, size, size + 1) == WITNESS_COSIGN);
    CHECK(grow(&trunk, 17, 300) == WITNESS_COSIGN && is_cosigned(&trunk, 300));
    site_end();
}

TEST(a_first_checkpoint_of_any_size)
{
    site_begin();
    CHECK(grow(&trunk, 0, 200) == WITNESS_COSIGN && is_cosigned(&trunk, 200));
    site_end();
}

/* The log shows one history to the witness and another one later: one cosignature alone. */
TEST(a_split_view_is_refused)
{
    site_begin();
    CHECK(grow(&trunk, 0, 8) == WITNESS_COSIGN);
    /* Another tree of the same size, and longer ones with any proof that the other side has. */
    CHECK(grow(&fork_at_5, 8, 8) == WITNESS_INCONSISTENT);
    for (uint64_t size = 9; size < 40; size++) {
        CHECK(grow(&fork_at_5, 8, size) == WITNESS_INCONSISTENT);
        CHECK(add(body_of(&fork_at_5, 8, 4, size)) == WITNESS_INCONSISTENT);
        CHECK(add(body_of(&fork_at_5, 8, 0, size)) == WITNESS_INCONSISTENT);
    }
    /* A fork behind what was seen is still one history, until it is chosen. */
    CHECK(grow(&fork_at_9, 8, 12) == WITNESS_COSIGN);
    CHECK(grow(&trunk, 12, 13) == WITNESS_INCONSISTENT);
    CHECK(grow(&fork_at_9, 12, 13) == WITNESS_COSIGN);
    site_end();
}

TEST(a_smaller_tree_is_refused)
{
    site_begin();
    CHECK(grow(&trunk, 0, 8) == WITNESS_COSIGN);
    /* What an old backup of the log would bring. */
    CHECK(grow(&trunk, 0, 5) == WITNESS_STALE && answer.size == 8);
    CHECK(grow(&trunk, 5, 7) == WITNESS_STALE && answer.size == 8);
    CHECK(grow(&trunk, 0, 0) == WITNESS_STALE && answer.size == 8);
    CHECK(grow(&trunk, 7, 9) == WITNESS_STALE && answer.size == 8);
    CHECK(grow(&trunk, 9, 10) == WITNESS_STALE && answer.size == 8);
    CHECK(add(body_of(&trunk, 8, 7, 7)) == WITNESS_MALFORMED);
    CHECK(grow(&trunk, 8, 9) == WITNESS_COSIGN);
    site_end();
}

TEST(sizes_of_nothing)
{
    static uint8_t bytes[BODY_ROOM];
    const struct digest other = {{1}};
    char text[CHECKPOINT_TEXT_MAX];
    struct checkpoint wrong = {.size = 0, .root = other, .origin = ORIGIN};
    struct merkle_path path = {.count = 1};
    struct note note;
    size_t len;

    site_begin();
    /* An empty tree with the root of another. */
    checkpoint_format(text, &len, &wrong);
    CHECK_STATUS(note_start(&note, (struct span){(const uint8_t *)text, len}), STATUS_OK);
    CHECK_STATUS(note_sign(&note, &log_key, &log_secret, 0), STATUS_OK);
    path.count = 0;
    witness_write(bytes, &len, 0, &path, &note);
    CHECK(add((struct span){bytes, len}) == WITNESS_INCONSISTENT);
    /* From nothing there is nothing to prove. */
    path.count = 1;
    branch_note(&note, &trunk, 3, &log_key, &log_secret);
    witness_write(bytes, &len, 0, &path, &note);
    CHECK(add((struct span){bytes, len}) == WITNESS_INCONSISTENT);
    branch_note(&note, &trunk, 0, &log_key, &log_secret);
    witness_write(bytes, &len, 0, &path, &note);
    CHECK(add((struct span){bytes, len}) == WITNESS_INCONSISTENT);
    CHECK(grow(&trunk, 0, 3) == WITNESS_COSIGN);
    /* The same tree again, with a proof that it does not need. */
    branch_note(&note, &trunk, 3, &log_key, &log_secret);
    witness_write(bytes, &len, 3, &path, &note);
    CHECK(add((struct span){bytes, len}) == WITNESS_INCONSISTENT);
    site_end();
}

TEST(proofs_that_were_touched)
{
    struct span body;
    static uint8_t bytes[BODY_ROOM];

    site_begin();
    CHECK(grow(&trunk, 0, 5) == WITNESS_COSIGN);
    body = body_of(&trunk, 5, 5, 11);
    memcpy(bytes, body.data, body.len);
    for (size_t i = 6; i < 6 + 3 * WITNESS_HASH_LINE; i += 7) {
        const uint8_t was = bytes[i];

        if (was == '\n')
            continue;
        bytes[i] = was == 'A' ? 'B' : 'A';
        CHECK(add((struct span){bytes, body.len}) != WITNESS_COSIGN);
        bytes[i] = was;
    }
    CHECK(add((struct span){bytes, body.len}) == WITNESS_COSIGN);
    site_end();
}

static enum witness_code
add_signed(const char *origin, const struct note_key *key, const struct secret_key *secret,
           bool damage)
{
    static uint8_t bytes[WITNESS_BODY_MAX];
    struct merkle_path path = {0};
    char text[CHECKPOINT_TEXT_MAX];
    struct checkpoint checkpoint = {.size = 4};
    struct note note;
    size_t len;

    memcpy(checkpoint.origin, origin, strlen(origin) + 1);
    branch_root(&checkpoint.root, &trunk, 4);
    checkpoint_format(text, &len, &checkpoint);
    CHECK_STATUS(note_start(&note, (struct span){(const uint8_t *)text, len}), STATUS_OK);
    CHECK_STATUS(note_sign(&note, key, secret, 0), STATUS_OK);
    if (damage)
        note.bytes[note.len - 10] ^= 1;
    witness_write(bytes, &len, 0, &path, &note);
    return add((struct span){bytes, len});
}

TEST(whose_checkpoint_it_is)
{
    struct note_key impostor;
    struct secret_key secret;

    site_begin();
    CHECK(add_signed("other.example", &stranger_key, &stranger_secret, false) == WITNESS_UNKNOWN);
    CHECK(add_signed("other.example", &log_key, &log_secret, false) == WITNESS_UNKNOWN);
    CHECK(add_signed(ORIGIN "/", &log_key, &log_secret, false) == WITNESS_MALFORMED);
    CHECK(add_signed(ORIGIN, &stranger_key, &stranger_secret, false) == WITNESS_UNSIGNED);
    CHECK(add_signed(ORIGIN, &log_key, &log_secret, true) == WITNESS_UNSIGNED);
    /* The log's name over somebody else's key. */
    branch_key(&impostor, &secret, NOTE_ED25519, "impostor");
    CHECK_STATUS(note_key_make(&impostor, NOTE_ED25519, span_of(ORIGIN), &impostor.key), STATUS_OK);
    CHECK(add_signed(ORIGIN, &impostor, &secret, false) == WITNESS_UNSIGNED);
    CHECK(add_signed(ORIGIN, &next_key, &next_secret, false) == WITNESS_COSIGN);
    site_end();
}

/* One known key that does not verify spoils what another one has signed. */
TEST(a_bad_line_beside_a_good_one)
{
    static uint8_t bytes[WITNESS_BODY_MAX];
    struct merkle_path path = {0};
    struct note note;
    size_t len;

    site_begin();
    branch_note(&note, &trunk, 4, &log_key, &log_secret);
    CHECK_STATUS(note_sign(&note, &next_key, &next_secret, 0), STATUS_OK);
    note.bytes[note.len - 10] ^= 1;
    witness_write(bytes, &len, 0, &path, &note);
    CHECK(add((struct span){bytes, len}) == WITNESS_UNSIGNED);
    site_end();
}

TEST(bodies_of_a_wrong_form)
{
    static uint8_t bytes[BODY_ROOM];
    static const char *const heads[] = {"",
                                        "old 0",
                                        "old 0\n",
                                        "old\n\n",
                                        "old \n\n",
                                        "old 00\n\n",
                                        "old -1\n\n",
                                        "old 0 \n\n",
                                        "Old 0\n\n",
                                        " old 0\n\n",
                                        "old 0\r\n\n",
                                        "old 4611686018427387905\n\n",
                                        "old 0\nAAAA\n\n",
                                        "old 0\n \n\n",
                                        "0\n\n",
                                        "\n"};
    struct note note;
    struct span body;
    size_t line_at;

    site_begin();
    branch_note(&note, &trunk, 4, &log_key, &log_secret);
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        const size_t head = strlen(heads[i]);

        memcpy(bytes, heads[i], head);
        memcpy(bytes + head, note.bytes, note.len);
        CHECK(add((struct span){bytes, head + note.len}) == WITNESS_MALFORMED);
    }
    CHECK(add((struct span){NULL, 0}) == WITNESS_MALFORMED);
    /* Every beginning of a good one, and what follows it. */
    body = body_of(&trunk, 0, 0, 4);
    memcpy(bytes, body.data, body.len);
    for (size_t len = 0; len < body.len; len++)
        CHECK(add((struct span){bytes, len}) == WITNESS_MALFORMED);
    bytes[body.len] = '\n';
    CHECK(add((struct span){bytes, body.len + 1}) == WITNESS_MALFORMED);
    /* Extension lines are none of ours. */
    line_at = 6 + sizeof ORIGIN + 2 + WITNESS_HASH_LINE + 1;
    memcpy(bytes + line_at, "extension\n", 10);
    memcpy(bytes + line_at + 10, body.data + line_at, body.len - line_at);
    CHECK(add((struct span){bytes, body.len + 10}) == WITNESS_MALFORMED);
    /* 64 lines of proof, and 63. */
    for (size_t count = 63; count <= 64; count++) {
        size_t at = 6;

        memcpy(bytes, "old 0\n", 6);
        for (size_t i = 0; i < count; i++) {
            memcpy(bytes + at, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n", 45);
            at += 45;
        }
        bytes[at++] = '\n';
        memcpy(bytes + at, note.bytes, note.len);
        CHECK(add((struct span){bytes, at + note.len}) ==
              (count == 63 ? WITNESS_INCONSISTENT : WITNESS_MALFORMED));
    }
    memset(bytes, 'A', sizeof bytes);
    CHECK(add((struct span){bytes, sizeof bytes}) == WITNESS_MALFORMED);
    CHECK(grow(&trunk, 0, 4) == WITNESS_COSIGN);
    site_end();
}

/* ---- What is kept -----------------------------------------------------------------------------*/

TEST(the_last_checkpoint_outlives_the_process)
{
    struct digest id;
    struct note note;

    site_begin();
    witness_log_id(&id, ORIGIN);
    CHECK_STATUS(witness_book_find(&note, &site.book, &id), STATUS_NOT_FOUND);
    CHECK(grow(&trunk, 0, 8) == WITNESS_COSIGN);
    witness_book_close(&site.book);
    CHECK_STATUS(site_open(), STATUS_OK);
    CHECK(grow(&fork_at_5, 8, 10) == WITNESS_INCONSISTENT);
    CHECK(grow(&trunk, 0, 10) == WITNESS_STALE && answer.size == 8);
    CHECK_STATUS(witness_book_find(&note, &site.book, &id), STATUS_OK);
    CHECK(note.len > answer.len);
    site_end();
}

/* Lines of others are left out, so that nobody can fill the note. */
TEST(only_lines_of_known_keys_are_kept)
{
    static uint8_t bytes[WITNESS_BODY_MAX];
    struct note_check checks[3];
    struct checkpoint checkpoint;
    struct merkle_path path = {0};
    struct digest id;
    struct note note;
    struct note kept;
    struct note expected;
    size_t len;

    site_begin();
    branch_note(&note, &trunk, 4, &log_key, &log_secret);
    branch_note(&expected, &trunk, 4, &log_key, &log_secret);
    for (size_t i = 1; i < NOTE_SIGNATURES_MAX - 1; i++)
        CHECK_STATUS(note_sign(&note, i % 2 == 0 ? &log_key : &stranger_key,
                               i % 2 == 0 ? &log_secret : &stranger_secret, 0),
                     STATUS_OK);
    CHECK_STATUS(note_sign(&note, &next_key, &next_secret, 0), STATUS_OK);
    CHECK_STATUS(note_sign(&expected, &next_key, &next_secret, 0), STATUS_OK);
    witness_write(bytes, &len, 0, &path, &note);
    CHECK(add((struct span){bytes, len}) == WITNESS_COSIGN);
    CHECK_STATUS(note_add(&expected, (struct span){answer.line, answer.len}), STATUS_OK);
    witness_log_id(&id, ORIGIN);
    CHECK_STATUS(witness_book_find(&kept, &site.book, &id), STATUS_OK);
    CHECK(kept.len == expected.len && memcmp(kept.bytes, expected.bytes, kept.len) == 0);
    CHECK_STATUS(checkpoint_verify(&checkpoint, checks, (struct span){kept.bytes, kept.len},
                                   (const struct note_key[]){log_key, next_key, site.key}, 3),
                 STATUS_OK);
    CHECK(checks[0].signed_by && checks[1].signed_by && checks[2].signed_by);
    site_end();
}

/* Nothing but our own cosignature makes a stored checkpoint. */
TEST(a_damaged_record_gives_no_cosignature)
{
    struct store_txn txn;
    struct digest id;
    struct note note;

    site_begin();
    CHECK(grow(&trunk, 0, 8) == WITNESS_COSIGN);
    witness_log_id(&id, ORIGIN);
    /* The log itself writes what it likes into the witness's store. */
    branch_note(&note, &fork_at_5, 8, &log_key, &log_secret);
    CHECK_STATUS(store_begin_write(&txn, &site.book.store), STATUS_OK);
    CHECK_STATUS(store_put(&txn, STORE_SIDE, (struct span){id.bytes, sizeof id.bytes},
                           (struct span){note.bytes, note.len}),
                 STATUS_OK);
    CHECK_STATUS(store_commit(&txn), STATUS_OK);
    CHECK_STATUS(witness_book_add(&answer, &site.book, body_of(&fork_at_5, 8, 8, 9), NOW),
                 STATUS_STORE_BROKEN);
    CHECK(answer.len == 0 && answer.code == 0);
    site_end();
}

TEST(what_cannot_be_stored_is_not_cosigned)
{
    site_begin();
    store_break(&site.book.store);
    CHECK_STATUS(witness_book_add(&answer, &site.book, body_of(&trunk, 0, 0, 9), NOW),
                 STATUS_STORE_BROKEN);
    CHECK(answer.len == 0 && answer.code == 0);
    site_end();
}

/* The process ends between its store and its answer: whoever asks again is told the size. */
TEST(killed_before_the_answer)
{
    struct span body;
    pid_t child;
    int how = 0;

    site_begin();
    CHECK(grow(&trunk, 0, 5) == WITNESS_COSIGN);
    witness_book_close(&site.book);
    body = body_of(&trunk, 5, 5, 9);
    child = fork();
    if (child == 0) {
        if (site_open() == STATUS_OK &&
            witness_book_add(&answer, &site.book, body, NOW) == STATUS_OK)
            (void)kill(getpid(), SIGKILL);
        _exit(1);
    }
    CHECK(child > 0 && waitpid(child, &how, 0) == child);
    CHECK(WIFSIGNALED(how) && WTERMSIG(how) == SIGKILL);
    CHECK_STATUS(site_open(), STATUS_OK);
    CHECK(grow(&fork_at_5, 5, 7) == WITNESS_STALE && answer.size == 9);
    CHECK(grow(&trunk, 9, 9) == WITNESS_COSIGN && is_cosigned(&trunk, 9));
    site_end();
}

/* ---- Two at a time ----------------------------------------------------------------------------*/

struct racer {
    pthread_barrier_t *start;
    uint8_t body[WITNESS_BODY_MAX];
    size_t len;
    struct witness_book_answer answer;
};

static void *
race(void *context)
{
    struct racer *const racer = context;

    (void)pthread_barrier_wait(racer->start);
    CHECK_STATUS(
        witness_book_add(&racer->answer, &site.book, (struct span){racer->body, racer->len}, NOW),
        STATUS_OK);
    return NULL;
}

/* Two sides of a fork arrive at once: one is cosigned, and what is stored is that one. */
TEST(of_two_at_once_one_is_cosigned)
{
    static struct racer racers[2];
    pthread_barrier_t start;
    uint64_t size = 1;

    site_begin();
    CHECK(grow(&trunk, 0, 1) == WITNESS_COSIGN);
    CHECK(pthread_barrier_init(&start, NULL, 2) == 0);
    for (unsigned round = 0; round < 20; round++) {
        pthread_t threads[2];
        unsigned winner;

        for (unsigned i = 0; i < 2; i++) {
            /* One grows by one, the other by two. */
            const struct span body = body_of(&trunk, size, size, size + 1 + i);

            racers[i].start = &start;
            memcpy(racers[i].body, body.data, body.len);
            racers[i].len = body.len;
            CHECK(pthread_create(&threads[i], NULL, race, &racers[i]) == 0);
        }
        for (unsigned i = 0; i < 2; i++)
            CHECK(pthread_join(threads[i], NULL) == 0);
        winner = racers[0].answer.code == WITNESS_COSIGN ? 0 : 1;
        CHECK(racers[winner].answer.code == WITNESS_COSIGN);
        CHECK(racers[1 - winner].answer.code == WITNESS_STALE);
        size += 1 + winner;
        CHECK(racers[1 - winner].answer.size == size);
    }
    CHECK(pthread_barrier_destroy(&start) == 0);
    site_end();
}

/* ---- Opening ----------------------------------------------------------------------------------*/

TEST(a_witness_is_made_once_and_opened_by_its_owner)
{
    static struct witness_book_random random;
    char path[SCRATCH_PATH_MAX];
    static struct witness_book second;
    size_t line;

    site_begin();
    CHECK_STATUS(witness_book_open(&second, &line, site.folder, site.logs, span_of("words")),
                 STATUS_STORE_BUSY);
    CHECK_STATUS(
        witness_book_create(site.folder, "again", span_of("words"), SEAL_INTERACTIVE, &random),
        STATUS_EXISTS);
    CHECK_STATUS(
        witness_book_create(site.folder, "two words", span_of("words"), SEAL_INTERACTIVE, &random),
        STATUS_CHECKPOINT_FORM);
    witness_book_close(&site.book);
    CHECK_STATUS(witness_book_open(&second, &line, site.folder, site.logs, span_of("wrong")),
                 STATUS_PASSPHRASE);
    CHECK_STATUS(witness_book_open(&second, &line, site.folder, "nowhere", span_of("words")),
                 STATUS_NOT_FOUND);
    CHECK(scratch_write(site.logs, "#\nx\n", 4));
    CHECK_STATUS(witness_book_open(&second, &line, site.folder, site.logs, span_of("words")),
                 STATUS_POLICY_KEY);
    CHECK(line == 2);
    CHECK(scratch_write(site.logs, "#\n#\n", 4));
    CHECK_STATUS(witness_book_open(&second, &line, site.folder, site.logs, span_of("words")),
                 STATUS_OK);
    CHECK(line == 0);
    witness_book_close(&second);
    /* The key of another witness. */
    scratch_path(path, site.folder, "vkey");
    CHECK(scratch_write(site.logs, "", 0));
    {
        char vkey[NOTE_VKEY_MAX + 1];
        struct note_key other;
        struct secret_key secret;
        size_t len;

        branch_key(&other, &secret, NOTE_COSIGNATURE, "other.example");
        note_key_format(vkey, &len, &other);
        vkey[len++] = '\n';
        CHECK(scratch_write(path, vkey, len));
    }
    CHECK_STATUS(witness_book_open(&second, &line, site.folder, site.logs, span_of("words")),
                 STATUS_KEYFILE);
    CHECK(scratch_write(path, "x", 1));
    CHECK_STATUS(site_open(), STATUS_KEYFILE);
    scratch_remove(site.folder);
}

TEST(lists_of_logs)
{
    static struct witness_logs logs;
    static char text[WITNESS_LOGS_SIZE_MAX + 1];
    char vkey[NOTE_VKEY_MAX + 1];
    struct note_key key;
    struct secret_key secret;
    size_t vkey_len = 0;
    size_t line;
    size_t len = 0;

    CHECK_STATUS(witness_logs_parse(&logs, &line, (struct span){NULL, 0}), STATUS_OK);
    CHECK(logs.count == 0);
    for (unsigned i = 0; i <= WITNESS_LOGS_MAX; i++) {
        char name[32];

        (void)snprintf(name, sizeof name, "log.example/%u", i);
        branch_key(&key, &secret, NOTE_ED25519, name);
        note_key_format(vkey, &vkey_len, &key);
        vkey[vkey_len] = '\n';
        memcpy(text + len, vkey, vkey_len + 1);
        len += vkey_len + 1;
        CHECK_STATUS(witness_logs_parse(&logs, &line, (struct span){(const uint8_t *)text, len}),
                     i < WITNESS_LOGS_MAX ? STATUS_OK : STATUS_CAPACITY);
        CHECK(logs.count == (i < WITNESS_LOGS_MAX ? i + 1 : 0) && line == i + 1);
    }
    CHECK_STATUS(witness_logs_parse(&logs, &line, (struct span){(const uint8_t *)text, 20}),
                 STATUS_POLICY_FORM);
    memcpy(text, vkey, vkey_len + 1);
    memcpy(text + vkey_len + 1, vkey, vkey_len + 1);
    CHECK_STATUS(
        witness_logs_parse(&logs, &line, (struct span){(const uint8_t *)text, 2 * (vkey_len + 1)}),
        STATUS_POLICY_TWICE);
    CHECK(line == 2);
    branch_key(&key, &secret, NOTE_COSIGNATURE, "witness.example");
    note_key_format(vkey, &vkey_len, &key);
    vkey[vkey_len] = '\n';
    CHECK_STATUS(
        witness_logs_parse(&logs, &line, (struct span){(const uint8_t *)vkey, vkey_len + 1}),
        STATUS_POLICY_KEY);
    memset(text, '\n', sizeof text);
    CHECK_STATUS(
        witness_logs_parse(&logs, &line, (struct span){(const uint8_t *)text, sizeof text}),
        STATUS_TOO_LARGE);
    /* One log has few keys. */
    len = 0;
    for (unsigned i = 0; i <= WITNESS_LOG_KEYS_MAX; i++) {
        char name[32];

        (void)snprintf(name, sizeof name, "key %u", i);
        {
            const struct span part = span_of(name);
            struct public_key public;
            struct digest seed;

            crypt_hash(&seed, &part, 1);
            crypt_key_from_seed(&secret, &public, seed.bytes);
            CHECK_STATUS(note_key_make(&key, NOTE_ED25519, span_of("same"), &public), STATUS_OK);
        }
        note_key_format(text + len, &vkey_len, &key);
        len += vkey_len;
        text[len++] = '\n';
    }
    CHECK_STATUS(witness_logs_parse(&logs, &line, (struct span){(const uint8_t *)text, len}),
                 STATUS_CAPACITY);
    CHECK(line == WITNESS_LOG_KEYS_MAX + 1);
}

/* ---- Over HTTP --------------------------------------------------------------------------------*/

static uint64_t
clock_now(void)
{
    return NOW;
}

static uint64_t
clock_none(void)
{
    return 0;
}

struct asker {
    struct witness_http service;
    struct fetch fetch;
    struct fetch_answer answer;
    uint8_t body[8192];
};

static struct asker asker;

static unsigned
ask(const char *path, const struct span *body)
{
    char url[160];
    const struct fetch_request request = {
        .url = url,
        .post = body != NULL,
        .body = body != NULL ? *body : (struct span){NULL, 0},
        .connect_seconds = 5,
        .seconds = 5,
    };

    (void)snprintf(url, sizeof url, "http://127.0.0.1:%u%s",
                   (unsigned)http_port(asker.service.http), path);
    CHECK_STATUS(fetch_send(&asker.fetch, &asker.answer, asker.body, sizeof asker.body, &request),
                 STATUS_OK);
    return asker.answer.code;
}

static void
checkpoint_path(char out[static 128])
{
    struct digest id;
    size_t at = 1;

    witness_log_id(&id, ORIGIN);
    out[0] = '/';
    for (size_t i = 0; i < DIGEST_SIZE; i++)
        at += (size_t)snprintf(out + at, 128 - at, "%02x", id.bytes[i]);
    (void)snprintf(out + at, 128 - at, "/checkpoint");
}

TEST(the_protocol_over_http)
{
    char path[128];
    struct span body;

    site_begin();
    CHECK_STATUS(fetch_open(&asker.fetch), STATUS_OK);
    CHECK_STATUS(witness_http_open(&asker.service, &site.book, "127.0.0.1", 0, clock_now),
                 STATUS_OK);
    checkpoint_path(path);
    CHECK(ask(path, NULL) == 404);
    body = body_of(&trunk, 0, 0, 5);
    CHECK(ask("/add-checkpoint", &body) == 200);
    memcpy(answer.line, asker.body, asker.answer.len);
    answer.len = asker.answer.len;
    CHECK(is_cosigned(&trunk, 5));
    CHECK(strcmp(asker.answer.type, "text/plain; charset=utf-8") == 0);
    body = body_of(&trunk, 0, 0, 7);
    CHECK(ask("/add-checkpoint", &body) == 409);
    CHECK(strcmp(asker.answer.type, "text/x.tlog.size") == 0);
    CHECK(asker.answer.len == 2 && memcmp(asker.body, "5\n", 2) == 0);
    body = body_of(&fork_at_5, 5, 4, 7);
    CHECK(ask("/add-checkpoint", &body) == 422);
    body = body_of(&trunk, 7, 5, 5);
    CHECK(ask("/add-checkpoint", &body) == 400);
    CHECK(asker.answer.len == 0);
    CHECK(ask(path, NULL) == 200);
    CHECK(asker.answer.len > answer.len &&
          memcmp(asker.body + asker.answer.len - answer.len, answer.line, answer.len) == 0);
    CHECK(memcmp(asker.body, ORIGIN "\n5\n", sizeof ORIGIN + 2) == 0);
    /* Addresses in one spelling. */
    CHECK(ask("/add-checkpoint", NULL) == 405);
    CHECK(ask(path, &body) == 405);
    CHECK(ask("/", NULL) == 404);
    CHECK(ask("/add-checkpoint/", &body) == 404);
    for (size_t i = 0; path[i] != '\0'; i++)
        if (i > 0 && i <= 64 && path[i] >= 'a') {
            path[i] = (char)(path[i] - 'a' + 'A');
            CHECK(ask(path, NULL) == 404);
            path[i] = (char)(path[i] - 'A' + 'a');
        }
    path[5] = 'g';
    CHECK(ask(path, NULL) == 404);
    /* Nothing is told or cosigned without a store or a clock. */
    asker.service.clock_unix_s = clock_none;
    body = body_of(&trunk, 5, 5, 7);
    CHECK(ask("/add-checkpoint", &body) == 503 && asker.answer.len == 0);
    asker.service.clock_unix_s = clock_now;
    store_break(&site.book.store);
    CHECK(ask("/add-checkpoint", &body) == 503 && asker.answer.len == 0);
    checkpoint_path(path);
    CHECK(ask(path, NULL) == 503 && asker.answer.len == 0);
    witness_http_close(&asker.service);
    fetch_close(&asker.fetch);
    site_end();
}

int
main(int argc, char **argv)
{
    if (crypt_init() != STATUS_OK)
        return 1;
    branch_key(&log_key, &log_secret, NOTE_ED25519, ORIGIN);
    branch_key(&stranger_key, &stranger_secret, NOTE_ED25519, "stranger.example");
    branch_key(&next_key, &next_secret, NOTE_ED25519, "next");
    if (note_key_make(&next_key, NOTE_ED25519, span_of(ORIGIN), &next_key.key) != STATUS_OK)
        return 1;
    return check_run(argc, argv);
}
