#include "check.h"
#include "fixture.h"
#include "ledger/fetch.h"
#include "ledger/program.h"
#include "ledger/serve.h"
#include "http_client.h"
#include "ledger/tile.h"
#include "ledger/witness_book.h"
#include "ledger/witness_http.h"
#include "load.h"
#include "protocol/base64.h"
#include "protocol/checkpoint.h"
#include "scratch.h"
#include "protocol/command.h"
#include "scratch.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* The node as a service, asked over loopback. */

static struct fixture_city fixture;
static struct city city;
static struct load load;
static struct serve *serve;
static uint64_t clock_s;

static uint64_t
read_clock(void)
{
    return __atomic_load_n(&clock_s, __ATOMIC_RELAXED);
}

static void
draw(void *out, size_t len)
{
    crypt_random(out, len);
}

/* Some tills and purses, then the service over them. */
static void
start(size_t tills, size_t wallets, bool open_entries)
{
    const struct serve_options options = {.address = "127.0.0.1",
                                          .workers = 2,
                                          .open_entries = open_entries,
                                          .read_clock = read_clock,
                                          .random = draw};

    fixture_open(&fixture);
    load_open(&load, &fixture, tills, wallets);
    clock_s = fixture.moment.time_unix_s + 60;
    fixture_leave(&fixture);
    fixture_node(&fixture, &city);
    CHECK_STATUS(serve_open(&serve, &city, &options), STATUS_OK);
}

/* Ends the service and looks at what it left: books in balance, and a replay with the same state.
 */
static void
end(void)
{
    serve_close(serve);
    city_close(&city);
    fixture_reopen(&fixture);
    CHECK_STATUS(fixture_recount(&fixture), STATUS_OK);
    CHECK_STATUS(fixture_replay(&fixture), STATUS_OK);
    load_close(&load);
    fixture_close(&fixture);
}

/* What one client holds; about 1 MiB. */
struct client {
    struct fetch fetch;
    struct fetch_answer answer;
    struct msg_parcel parcel;
    uint8_t body[MSG_PARCEL_MAX];
};

static struct client client;

static void
ask(struct client *by, const char *path, const struct span *body)
{
    char url[256];
    const struct fetch_request request = {.url = url,
                                          .post = body != NULL,
                                          .body = body == NULL ? (struct span){NULL, 0} : *body,
                                          .type = "application/cbor",
                                          .connect_seconds = 5,
                                          .seconds = 20};

    snprintf(url, sizeof url, "http://127.0.0.1:%u%s", (unsigned)serve_port(serve), path);
    if (by->fetch.handle == NULL)
        CHECK_STATUS(fetch_open(&by->fetch), STATUS_OK);
    CHECK_STATUS(fetch_send(&by->fetch, &by->answer, by->body, sizeof by->body, &request),
                 STATUS_OK);
}

static void
hang_up(struct client *by)
{
    fetch_close(&by->fetch);
    by->fetch.handle = NULL;
}

/* The results of the acknowledgement in an answer to an upload: how many are LINE_RESERVE. */
static size_t
count_settled(struct client *by)
{
    struct cose_message message;
    struct msg_ack ack;
    size_t settled = 0;

    CHECK(by->answer.code == 200);
    CHECK_STATUS(
        schema_decode(&by->parcel, &msg_parcel_schema, (struct span){by->body, by->answer.len}),
        STATUS_OK);
    CHECK_STATUS(msg_open(&message, &ack, &msg_ack_schema, FIXTURE_NETWORK, by->parcel.parts[0]),
                 STATUS_OK);
    for (size_t i = 0; i < ack.results.len; i++)
        settled += ack.results.data[i] == LINE_RESERVE;
    return settled;
}

static struct span
bytes_of(const struct load_upload *upload)
{
    return (struct span){upload->bytes, upload->len};
}

TEST(an_upload_is_settled_and_answered_the_same_again)
{
    static uint8_t first[MSG_PARCEL_MAX];
    struct load_upload upload;
    struct span body;
    size_t len;

    start(1, 20, false);
    load_upload(&load, &upload, 0, LOAD_ITEMS);
    body = bytes_of(&upload);
    ask(&client, "/parcel", &body);
    CHECK(count_settled(&client) == LOAD_ITEMS);
    CHECK(strcmp(client.answer.type, "application/cbor") == 0);
    len = client.answer.len;
    memcpy(first, client.body, len);
    ask(&client, "/parcel", &body);
    CHECK(client.answer.len == len && memcmp(client.body, first, len) == 0);
    load_upload_free(&upload);
    hang_up(&client);
    end();
}

/* A number behind the name of a metric; UINT64_MAX when it is not there. */
static uint64_t
metric(const char *name)
{
    const char *at;

    ask(&client, "/metrics", NULL);
    client.body[client.answer.len] = '\0';
    at = strstr((const char *)client.body, name);
    return at == NULL ? UINT64_MAX : strtoull(at + strlen(name), NULL, 10);
}

#define CLIENTS 6
#define ROUNDS 3

static struct client clients[CLIENTS];
static struct load_upload uploads[CLIENTS];
static size_t settled[CLIENTS];

static void *
post_one(void *context)
{
    const size_t i = (size_t)(uintptr_t)context;
    const struct span body = bytes_of(&uploads[i]);

    ask(&clients[i], "/parcel", &body);
    settled[i] = count_settled(&clients[i]);
    return NULL;
}

TEST(clients_at_the_same_time_lose_nothing)
{
    pthread_t threads[CLIENTS];

    start(CLIENTS, 60, false);
    for (unsigned round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < CLIENTS; i++) {
            load_upload(&load, &uploads[i], i, LOAD_ITEMS);
            CHECK(pthread_create(&threads[i], NULL, post_one, (void *)(uintptr_t)i) == 0);
        }
        for (size_t i = 0; i < CLIENTS; i++) {
            pthread_join(threads[i], NULL);
            CHECK(settled[i] == LOAD_ITEMS);
            load_answer(&load, i, (struct span){clients[i].body, clients[i].answer.len});
            load_upload_free(&uploads[i]);
        }
    }
    CHECK(metric("\nschwebe_parcels_total ") == (uint64_t)CLIENTS * ROUNDS);
    CHECK(metric("\nschwebe_batches_total ") <= (uint64_t)CLIENTS * ROUNDS);
    CHECK(metric("\nschwebe_parcels_refused_total ") == 0);
    for (size_t i = 0; i < CLIENTS; i++)
        hang_up(&clients[i]);
    hang_up(&client);
    end();
}

/* The number of the status in a problem detail: the last member of the answer. */
static bool
is_problem(unsigned code, enum status status)
{
    uint8_t expected[5] = {0xA2, 0x00, 0x18, (uint8_t)status, 0x01};
    const size_t skip = (unsigned)status < 24 ? 1 : 0;

    if (skip == 1) {
        expected[2] = (uint8_t)status;
        expected[3] = 0x01;
    }
    if (client.answer.code != code ||
        strcmp(client.answer.type, "application/concise-problem-details+cbor") != 0)
        return false;
    for (size_t i = 0; i + sizeof expected - skip <= client.answer.len; i++) {
        if (memcmp(client.body + i, expected, sizeof expected - skip) == 0)
            return true;
    }
    return false;
}

TEST(refusals_are_problem_details)
{
    static uint8_t large[SERVE_BODY_MAX + 1];
    struct load_upload upload;
    struct span body;

    start(1, 20, false);
    ask(&client, "/nothing", NULL);
    CHECK(is_problem(404, STATUS_NOT_FOUND));
    ask(&client, "/parcel", NULL);
    CHECK(client.answer.code == 405);
    ask(&client, "/city/", NULL);
    CHECK(is_problem(404, STATUS_NOT_FOUND));
    body = (struct span){(const uint8_t *)"\x00", 1};
    ask(&client, "/parcel", &body);
    CHECK(is_problem(400, STATUS_CBOR_TYPE));
    body = (struct span){large, sizeof large};
    ask(&client, "/parcel", &body);
    CHECK(is_problem(413, STATUS_TOO_LARGE));
    ask(&client, "/till/7", NULL);
    CHECK(is_problem(422, STATUS_TILL_UNKNOWN));
    ask(&client, "/news?from=9", NULL);
    CHECK(is_problem(422, STATUS_NEWS_GAP));
    ask(&client, "/tile/entries/000.p/1", NULL);
    CHECK(is_problem(403, STATUS_AUDITORS_ONLY));
    /* One bit of a signed upload. */
    load_upload(&load, &upload, 0, LOAD_ITEMS);
    upload.bytes[upload.len / 2] ^= 1;
    body = bytes_of(&upload);
    ask(&client, "/parcel", &body);
    CHECK(client.answer.code == 400 || client.answer.code == 422);
    upload.bytes[upload.len / 2] ^= 1;
    ask(&client, "/parcel", &body);
    CHECK(count_settled(&client) == LOAD_ITEMS);
    load_upload_free(&upload);
    hang_up(&client);
    end();
}

TEST(a_dry_run_books_nothing)
{
    struct load_upload upload;
    struct span body;
    uint64_t before;

    start(1, 20, false);
    /* The writer logs the day when it starts. */
    while (metric("\nschwebe_booked_entries_total ") == 0)
        ;
    before = metric("\nschwebe_entries ");
    load_upload(&load, &upload, 0, LOAD_ITEMS);
    body = bytes_of(&upload);
    ask(&client, "/parcel?dry-run=1", &body);
    CHECK(count_settled(&client) == LOAD_ITEMS);
    CHECK(metric("\nschwebe_entries ") == before);
    ask(&client, "/parcel?dry-run=true", &body);
    CHECK(is_problem(422, STATUS_USAGE));
    CHECK(metric("\nschwebe_entries ") == before);
    ask(&client, "/parcel", &body);
    CHECK(count_settled(&client) == LOAD_ITEMS);
    /* The upload itself, its items, and the anchor. */
    CHECK(metric("\nschwebe_entries ") == before + 2 + LOAD_ITEMS + 2);
    load_upload_free(&upload);
    hang_up(&client);
    end();
}

/* The published tree, by what anybody can fetch. */
static struct checkpoint
fetch_checkpoint(void)
{
    struct checkpoint checkpoint;
    struct note_check checks[1];

    ask(&client, "/checkpoint", NULL);
    CHECK(client.answer.code == 200);
    CHECK_STATUS(checkpoint_verify(&checkpoint, checks,
                                   (struct span){client.body, client.answer.len}, &city.note_key,
                                   1),
                 STATUS_OK);
    return checkpoint;
}

TEST(tiles_are_those_of_the_tree)
{
    struct merkle_frontier tree = {0};
    struct checkpoint checkpoint;
    struct digest root;
    char path[64];

    start(8, 100, true);
    checkpoint = fetch_checkpoint();
    CHECK(checkpoint.size > TILE_WIDTH);
    /* The root again, from the hashes of level 0 and from the entries. */
    for (uint64_t at = 0; at < checkpoint.size; at += TILE_WIDTH) {
        const uint64_t left = checkpoint.size - at;
        const unsigned width = left < TILE_WIDTH ? (unsigned)left : TILE_WIDTH;
        struct digest hashes[TILE_WIDTH];
        size_t read = 0;

        snprintf(path, sizeof path, width == TILE_WIDTH ? "/tile/0/%03u" : "/tile/0/%03u.p/%u",
                 (unsigned)(at / TILE_WIDTH), width);
        ask(&client, path, NULL);
        CHECK(client.answer.code == 200 && client.answer.len == width * sizeof(struct digest));
        memcpy(hashes, client.body, width * sizeof hashes[0]);
        snprintf(path, sizeof path,
                 width == TILE_WIDTH ? "/tile/entries/%03u" : "/tile/entries/%03u.p/%u",
                 (unsigned)(at / TILE_WIDTH), width);
        ask(&client, path, NULL);
        CHECK(client.answer.code == 200);
        for (unsigned i = 0; i < width; i++) {
            const size_t len = (size_t)client.body[read] << 8 | client.body[read + 1];
            struct digest leaf;

            merkle_leaf(&leaf, (struct span){client.body + read + 2, len});
            CHECK(memcmp(&leaf, &hashes[i], sizeof leaf) == 0);
            merkle_append(&tree, &leaf);
            read += 2 + len;
        }
        CHECK(read == client.answer.len);
    }
    merkle_root(&root, &tree);
    CHECK(memcmp(&root, &checkpoint.root, sizeof root) == 0);
    hang_up(&client);
    end();
}

TEST(other_spellings_of_a_tile_are_not_there)
{
    static const char *const bad[] = {
        "/tile/",
        "/tile/0",
        "/tile/0/",
        "/tile/00/000",
        "/tile/0/0",
        "/tile/0/00",
        "/tile/0/0000",
        "/tile/0/000/",
        "/tile/0/x000/000",
        "/tile/0/000.p/",
        "/tile/0/000.p/0",
        "/tile/0/000.p/01",
        "/tile/0/000.p/256",
        "/tile/0/000.p/1/",
        "/tile/0/000.p/+1",
        "/tile/64/000",
        "/tile/0/x001/000",
        "/tile/-1/000",
        "/tile/0/00a",
        "/tile/entries/0",
        "/tile/0/x001/x234/067",
        "/tile/0/x999/x999/x999/x999/x999/999",
        "/tile/8/000.p/1",
        "/tile/7/000.p/1",
        "/tile/0/001",
        "/tile/1/000",
    };

    start(8, 100, true);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ask(&client, bad[i], NULL);
        if (!is_problem(404, STATUS_NOT_FOUND))
            fprintf(stderr, "served: %s\n", bad[i]);
        CHECK(is_problem(404, STATUS_NOT_FOUND));
    }
    hang_up(&client);
    end();
}

TEST(a_proof_leads_to_the_checkpoint)
{
    struct checkpoint checkpoint;
    const char *checkpoint_at;
    char *text;

    start(2, 20, false);
    checkpoint = fetch_checkpoint();
    ask(&client, "/proof/5", NULL);
    CHECK(client.answer.code == 200);
    client.body[client.answer.len] = '\0';
    text = (char *)client.body;
    CHECK(strncmp(text, "c2sp.org/tlog-proof@v1\nindex 5\n", 31) == 0);
    checkpoint_at = strstr(text, "\n\n");
    CHECK(checkpoint_at != NULL &&
          strncmp(checkpoint_at + 2, checkpoint.origin, strlen(checkpoint.origin)) == 0);
    ask(&client, "/proof/99999999", NULL);
    CHECK(is_problem(404, STATUS_NOT_FOUND));
    hang_up(&client);
    end();
}

TEST(the_day_is_logged_and_health_is_told)
{
    struct digest digest;
    char program[2 * DIGEST_SIZE + 1];
    char path[128];

    start(1, 10, false);
    ask(&client, "/health", NULL);
    CHECK(client.answer.code == 200);
    client.body[client.answer.len] = '\0';
    CHECK(strstr((const char *)client.body, "\"good\":true") != NULL);
    CHECK_STATUS(program_digest(&digest), STATUS_OK);
    command_to_hex(program, digest.bytes, sizeof digest.bytes);
    CHECK(strstr((const char *)client.body, program) != NULL);
    CHECK(metric("\nschwebe_up ") == 1);
    __atomic_store_n(&clock_s, clock_s - 1000, __ATOMIC_RELAXED);
    ask(&client, "/health", NULL);
    CHECK(client.answer.code == 503);
    client.body[client.answer.len] = '\0';
    CHECK(strstr((const char *)client.body, "\"clock\":\"ENTRY_TIME\"") != NULL);
    CHECK(strstr((const char *)client.body, "\"backup_unix_s\":0,") != NULL);
    snprintf(path, sizeof path, "%s/backup", fixture.folder);
    CHECK(scratch_write(path, "77 5\n", 5));
    ask(&client, "/health", NULL);
    client.body[client.answer.len] = '\0';
    CHECK(strstr((const char *)client.body, "\"backup_unix_s\":77,\"backup_entries\":5,") != NULL);
    hang_up(&client);
    end();
}

/* --- questions --- */

static struct msg_account account;

/* Asks with this key and reads the answer, which must be about this question. */
static void
ask_account(const struct msg_question *question, const struct fixture_key *key)
{
    static struct msg_parcel parcel;
    static uint8_t bytes[4096];
    uint8_t signed_by[MSG_SIGN_SIZE(256)];
    struct cose_message message;
    struct digest id;
    struct span part = {signed_by, 0};
    struct span body = {bytes, 0};

    memset(&account, 0, sizeof account);
    CHECK_STATUS(msg_sign(signed_by, sizeof signed_by, &part.len, &msg_question_schema, question,
                          FIXTURE_NETWORK, &key->secret),
                 STATUS_OK);
    parcel.kind = MSG_PARCEL_ASK;
    parcel.parts_count = 1;
    parcel.parts[0] = part;
    CHECK_STATUS(schema_encode(bytes, sizeof bytes, &body.len, &msg_parcel_schema, &parcel),
                 STATUS_OK);
    ask(&client, "/question", &body);
    if (client.answer.code != 200)
        return;
    CHECK_STATUS(cose_parse(&message, part, COSE_MESSAGE_MAX), STATUS_OK);
    msg_id(&id, &message, &msg_question_schema, FIXTURE_NETWORK);
    CHECK_STATUS(schema_decode(&client.parcel, &msg_parcel_schema,
                               (struct span){client.body, client.answer.len}),
                 STATUS_OK);
    CHECK(client.parcel.kind == MSG_PARCEL_ACCOUNT && client.parcel.parts_count == 1);
    CHECK_STATUS(
        msg_open(&message, &account, &msg_account_schema, FIXTURE_NETWORK, client.parcel.parts[0]),
        STATUS_OK);
    CHECK_STATUS(msg_verify(&message, &msg_account_schema, FIXTURE_NETWORK, &fixture.roles[6].key),
                 STATUS_OK);
    CHECK(memcmp(&account.question, &id, sizeof id) == 0);
}

static struct msg_question
question_about(uint64_t about)
{
    return (struct msg_question){
        .network = FIXTURE_NETWORK, .about = about, .nonce = {1}, .time = read_clock()};
}

TEST(a_purse_is_told_what_it_has)
{
    struct msg_question question;
    const struct fixture_wallet *wallet;

    start(1, 5, false);
    wallet = &load.wallets[2];
    question = question_about(MSG_ABOUT_PURSE);
    memcpy(question.purse, wallet->purse, sizeof question.purse);
    ask_account(&question, &wallet->device);
    CHECK(client.answer.code == 200);
    /* All of it is taken along: no free lot, one line of 50 euros. */
    CHECK(account.lots_count == 0 && account.more == 0 && account.owed_count == 0);
    CHECK(account.lines_count == 1 && money_cents(account.lines[0].amount) == 5000);
    CHECK(memcmp(&account.lines[0].allowance, &wallet->line, sizeof wallet->line) == 0);
    CHECK(account.lines[0].stopped == 0 && money_is_zero(account.debt));

    /* The recovery key may ask as well, a stranger's may not, nor may anybody about no purse. */
    ask_account(&question, &wallet->recovery);
    CHECK(client.answer.code == 200 && account.lines_count == 1);
    ask_account(&question, &load.wallets[3].device);
    CHECK(is_problem(422, STATUS_PURSE_KEY));
    question.purse[0] ^= 1;
    ask_account(&question, &wallet->device);
    CHECK(is_problem(422, STATUS_PURSE_UNKNOWN));
    question = question_about(MSG_ABOUT_ENTRIES);
    ask_account(&question, &fixture.roles[SIGNER_AUDIT]);
    CHECK(is_problem(400, STATUS_MESSAGE_TYPE));
    hang_up(&client);
    end();
}

TEST(free_lots_are_told_from_any_one_on)
{
    struct msg_question question;
    struct fixture_wallet *wallet;
    uint64_t last = 0;
    size_t seen = 0;

    fixture_open(&fixture);
    load_open(&load, &fixture, 1, 1);
    wallet = &load.wallets[0];
    for (size_t i = 0; i < MSG_LOTS_SHOWN + 3; i++)
        CHECK_STATUS(fixture_issue(&fixture, wallet, 100 + i, 0), STATUS_OK);
    clock_s = fixture.moment.time_unix_s + 60;
    fixture_leave(&fixture);
    fixture_node(&fixture, &city);
    CHECK_STATUS(serve_open(&serve, &city,
                            &(struct serve_options){.address = "127.0.0.1",
                                                    .workers = 2,
                                                    .read_clock = read_clock,
                                                    .random = draw}),
                 STATUS_OK);
    question = question_about(MSG_ABOUT_PURSE);
    memcpy(question.purse, wallet->purse, sizeof question.purse);
    do {
        ask_account(&question, &wallet->device);
        CHECK(client.answer.code == 200 && account.lots_count > 0);
        for (size_t i = 0; i < account.lots_count; i++, seen++) {
            CHECK(seen == 0 || account.lots[i].lot > last);
            CHECK(money_cents(account.lots[i].free) == 100 + seen);
            last = account.lots[i].lot;
        }
        question.number = last + 1;
    } while (account.more != 0 && client.answer.code == 200);
    CHECK(seen == MSG_LOTS_SHOWN + 3);
    hang_up(&client);
    end();
}

TEST(a_merchant_is_told_what_is_owed)
{
    struct msg_question question;
    struct fixture_key key;
    struct load_upload upload;
    struct span body;

    start(2, 20, false);
    load_upload(&load, &upload, 1, 3);
    body = bytes_of(&upload);
    ask(&client, "/parcel", &body);
    CHECK(count_settled(&client) == 3);
    question = question_about(MSG_ABOUT_MERCHANT);
    question.number = 2;
    fixture_key(&key, "merchant", 2);
    ask_account(&question, &key);
    CHECK(client.answer.code == 200);
    CHECK(account.owed_count == 2 && account.owed[0].class == 1 && account.owed[0].payout == 0);
    CHECK(money_cents(account.owed[0].owed) >= 3 && money_is_zero(account.owed[0].claims));
    CHECK(money_is_zero(account.owed[1].owed) && account.lines_count == 0);
    fixture_key(&key, "merchant", 1);
    ask_account(&question, &key);
    CHECK(is_problem(422, STATUS_SIGNATURE_BAD));
    question.number = 9;
    ask_account(&question, &key);
    CHECK(is_problem(422, STATUS_MERCHANT_UNKNOWN));
    load_upload_free(&upload);
    hang_up(&client);
    end();
}

TEST(questions_are_good_for_five_minutes)
{
    static const struct {
        int64_t off;
        enum status status;
    } times[] = {{-301, STATUS_CLOCK_BEHIND},
                 {-300, STATUS_OK},
                 {300, STATUS_OK},
                 {301, STATUS_CLOCK_AHEAD}};
    const struct fixture_wallet *wallet;

    start(1, 5, false);
    wallet = &load.wallets[0];
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        struct msg_question question = question_about(MSG_ABOUT_PURSE);

        memcpy(question.purse, wallet->purse, sizeof question.purse);
        question.time = (uint64_t)((int64_t)question.time + times[i].off);
        ask_account(&question, &wallet->device);
        if (times[i].status == STATUS_OK)
            CHECK(client.answer.code == 200);
        else
            CHECK(is_problem(422, times[i].status));
    }
    hang_up(&client);
    end();
}

/* Asks for the first entry with a question in the header, signed by this key; the code. */
static unsigned
ask_entry(const struct msg_question *question, const struct fixture_key *key)
{
    static char heard[HTTP_CLIENT_MAX];
    uint8_t message[MSG_SIGN_SIZE(256)];
    char text[BASE64_LEN(sizeof message) + 1];
    char request[1024];
    size_t len;
    unsigned code;
    int client_fd;

    CHECK_STATUS(msg_sign(message, sizeof message, &len, &msg_question_schema, question,
                          FIXTURE_NETWORK, &key->secret),
                 STATUS_OK);
    base64_encode(text, (struct span){message, len});
    text[BASE64_LEN(len)] = '\0';
    snprintf(request, sizeof request,
             "GET /tile/entries/000.p/1 HTTP/1.1\r\nHost: a\r\nAuthorization: Schwebe %s\r\n\r\n",
             text);
    client_fd = http_client_open(serve_port(serve), "127.0.0.1");
    CHECK(client_fd >= 0 && http_client_say_text(client_fd, request));
    code = http_client_hear(client_fd, heard, false);
    CHECK(code != 200 || strstr(heard, "Cache-Control: private") != NULL);
    http_client_close(client_fd);
    return code;
}

TEST(entries_are_for_auditors)
{
    struct msg_question question;

    start(1, 5, false);
    question = question_about(MSG_ABOUT_ENTRIES);
    CHECK(ask_entry(&question, &fixture.roles[SIGNER_AUDIT]) == 200);
    CHECK(ask_entry(&question, &fixture.roles[SIGNER_TREASURY]) == 422);
    question.time -= 400;
    CHECK(ask_entry(&question, &fixture.roles[SIGNER_AUDIT]) == 422);
    question = question_about(MSG_ABOUT_PURSE);
    CHECK(ask_entry(&question, &fixture.roles[SIGNER_AUDIT]) == 400);
    end();
}

/* A clock that is behind the log: nothing is booked, and the day is logged once it is right. */
TEST(a_day_that_could_not_be_logged_is_logged_later)
{
    struct load_upload upload;
    struct span body;

    fixture_open(&fixture);
    load_open(&load, &fixture, 1, 20);
    clock_s = fixture.moment.time_unix_s - 1000;
    fixture_leave(&fixture);
    fixture_node(&fixture, &city);
    CHECK_STATUS(serve_open(&serve, &city,
                            &(struct serve_options){.address = "127.0.0.1",
                                                    .workers = 2,
                                                    .read_clock = read_clock,
                                                    .random = draw}),
                 STATUS_OK);
    load_upload(&load, &upload, 0, 3);
    body = bytes_of(&upload);
    ask(&client, "/parcel", &body);
    CHECK(is_problem(503, STATUS_ENTRY_TIME));
    CHECK(metric("\nschwebe_days_total ") == 0);
    __atomic_store_n(&clock_s, fixture.moment.time_unix_s + 60, __ATOMIC_RELAXED);
    ask(&client, "/parcel", &body);
    CHECK(count_settled(&client) == 3);
    CHECK(metric("\nschwebe_days_total ") == 1);
    load_upload_free(&upload);
    hang_up(&client);
    end();
}

/* --- witnesses --- */

static struct witness_book book;
static struct witness_http witness;
static struct policy policy;
static char folder[SCRATCH_PATH_MAX];

/* A real witness that knows our log, and the policy that wants its cosignature. */
static void
witness_begin(void)
{
    static struct witness_book_random random;
    char logs[SCRATCH_PATH_MAX];
    char ours[NOTE_VKEY_MAX + 1];
    char theirs[NOTE_VKEY_MAX + 1];
    char text[4 * NOTE_VKEY_MAX];
    size_t line;
    size_t len;

    memset(&random, 9, sizeof random);
    scratch_make(folder);
    scratch_path(logs, folder, "logs");
    note_key_format(ours, &len, &fixture.log_key);
    ours[len] = '\0';
    snprintf(text, sizeof text, "%s\n", ours);
    CHECK(scratch_write(logs, text, strlen(text)));
    CHECK_STATUS(witness_book_create(folder, "witness.example",
                                     (struct span){(const uint8_t *)"words", 5}, SEAL_INTERACTIVE,
                                     &random),
                 STATUS_OK);
    CHECK_STATUS(
        witness_book_open(&book, &line, folder, logs, (struct span){(const uint8_t *)"words", 5}),
        STATUS_OK);
    CHECK_STATUS(witness_http_open(&witness, &book, "127.0.0.1", 0, read_clock), STATUS_OK);
    note_key_format(theirs, &len, &book.key);
    theirs[len] = '\0';
    snprintf(text, sizeof text, "log %s\nwitness office %s http://127.0.0.1:%u\nquorum office\n",
             ours, theirs, (unsigned)http_port(witness.http));
    CHECK_STATUS(policy_parse(&policy, &line, (struct span){(const uint8_t *)text, strlen(text)}),
                 STATUS_OK);
}

/* Waits until the checkpoint of at least this size has the witness's line too. */
static bool
is_cosigned(uint64_t size)
{
    const struct note_key keys[] = {fixture.log_key, book.key};
    struct checkpoint checkpoint;
    struct note_check checks[2];

    for (unsigned i = 0; i < 100; i++) {
        ask(&client, "/checkpoint", NULL);
        if (client.answer.code == 200 &&
            checkpoint_verify(&checkpoint, checks, (struct span){client.body, client.answer.len},
                              keys, 2) == STATUS_OK &&
            checks[1].signed_by && checkpoint.size >= size)
            return true;
        nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
    }
    return false;
}

TEST(checkpoints_are_cosigned)
{
    struct load_upload upload;
    struct span body;
    uint64_t size;

    fixture_open(&fixture);
    load_open(&load, &fixture, 1, 20);
    clock_s = fixture.moment.time_unix_s + 60;
    fixture_leave(&fixture);
    fixture_node(&fixture, &city);
    witness_begin();
    CHECK_STATUS(serve_open(&serve, &city,
                            &(struct serve_options){.address = "127.0.0.1",
                                                    .workers = 2,
                                                    .policy = &policy,
                                                    .read_clock = read_clock,
                                                    .random = draw}),
                 STATUS_OK);
    size = fetch_checkpoint().size;
    CHECK(is_cosigned(size));
    load_upload(&load, &upload, 0, LOAD_ITEMS);
    body = bytes_of(&upload);
    ask(&client, "/parcel", &body);
    CHECK(count_settled(&client) == LOAD_ITEMS);
    CHECK(is_cosigned(size + LOAD_ITEMS));
    ask(&client, "/health", NULL);
    client.body[client.answer.len] = '\0';
    CHECK(strstr((const char *)client.body, "\"witnesses\":\"OK\"") != NULL);
    load_upload_free(&upload);
    hang_up(&client);
    end();
    witness_http_close(&witness);
    witness_book_close(&book);
    scratch_remove(folder);
}

int
main(int argc, char **argv)
{
    return check_run(argc, argv);
}
