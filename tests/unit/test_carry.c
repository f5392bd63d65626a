/* Parcels over a network that fails: tills and wallets, the node as a service, and between them a
 * relay that loses what it should carry. */
#include "check.h"
#include "ledger/carry.h"
#include "ledger/fetch.h"
#include "ledger/problem.h"
#include "ledger/serve.h"
#include "merchant/exchange.h"
#include "relay.h"
#include "town.h"
#include "wallet/send.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* ---- The address ------------------------------------------------------------------------------*/

static const struct command_option options[] = {CARRY_OPTIONS};
static enum status found;

static enum status
look(const struct command_line *line)
{
    struct carry to;

    found = carry_named(&to, line);
    return STATUS_OK;
}

static const struct command commands[] = {{"look", "", 0, 0, look, "", ""}};
static const struct command_program program = {
    .name = "carry",
    .commands = commands,
    .command_count = 1,
    .options = options,
    .option_count = sizeof options / sizeof options[0],
};

/* What a command line with these options comes to; NULL for one that is not given. */
static enum status
named(const char *server, const char *authorities)
{
    char words[6][CARRY_SERVER_MAX + 1] = {"carry", "look"};
    char *arguments[6];
    int count = 2;

    if (server != NULL) {
        (void)snprintf(words[count++], sizeof words[0], "--server");
        (void)snprintf(words[count++], sizeof words[0], "%s", server);
    }
    if (authorities != NULL) {
        (void)snprintf(words[count++], sizeof words[0], "--authorities");
        (void)snprintf(words[count++], sizeof words[0], "%s", authorities);
    }
    for (int i = 0; i < count; i++)
        arguments[i] = words[i];
    found = STATUS_OK;
    CHECK(command_main(&program, count, arguments) == 0);
    return found;
}

TEST(a_server_is_named_by_http_or_https)
{
    static const char *const good[] = {"http://127.0.0.1:8017", "https://ledger.invalid",
                                       "https://ledger.invalid/schwebe/", "http://[::1]:1/"};
    static const char *const bad[] = {"",
                                      "ledger.invalid",
                                      "ftp://ledger.invalid",
                                      "file:///etc/passwd",
                                      "http://",
                                      "https:///parcel",
                                      "http://a b",
                                      "http://anna:secret@ledger.invalid",
                                      "http://ledger.invalid/?a",
                                      "http://ledger.invalid/#a",
                                      "http://ledger.inv\xC3\xA4lid",
                                      "http://ledger.invalid\n"};
    char longer[CARRY_SERVER_MAX + 1] = "http://";

    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        CHECK_STATUS(named(good[i], NULL), STATUS_OK);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CHECK_STATUS(named(bad[i], NULL), STATUS_SERVER_ADDRESS);
    memset(longer + strlen(longer), 'a', sizeof longer - 1 - strlen(longer));
    CHECK_STATUS(named(longer, NULL), STATUS_SERVER_ADDRESS);
    longer[CARRY_SERVER_MAX - 1] = '\0';
    CHECK_STATUS(named(longer, NULL), STATUS_OK);
    CHECK_STATUS(named(NULL, NULL), STATUS_OK);
    CHECK_STATUS(named(NULL, "file"), STATUS_USAGE);
}

TEST(what_is_pinned_comes_a_sure_way)
{
    static const struct {
        const char *server;
        bool sure;
    } cases[] = {
        {"https://ledger.invalid", true},     {"http://127.0.0.1:8017", true},
        {"http://127.0.0.1", true},           {"http://[::1]/", true},
        {"http://ledger.invalid", false},     {"http://127.0.0.1.invalid", false},
        {"http://127.0.0.10", false},         {"http://localhost", false},
        {"http://ledger.invalid/127", false},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        CHECK(carry_is_sure(&(struct carry){cases[i].server, NULL}) == cases[i].sure);
}

/* ---- Problem details --------------------------------------------------------------------------*/

TEST(every_refusal_is_read_as_it_was_written)
{
    static const enum status all[] = {
#define X(number, name, german, english) STATUS_##name,
        STATUS_LIST(X)
#undef X
    };

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        uint8_t bytes[PROBLEM_MAX + 1];
        enum status status = STATUS_OK;
        unsigned code = 0;
        size_t len;

        if (all[i] == STATUS_OK)
            continue;
        len = problem_write(bytes, all[i]);
        CHECK(problem_read(&status, &code, (struct span){bytes, len}));
        CHECK(status == all[i] && code == problem_code(all[i]));
        bytes[len] = 0;
        CHECK(!problem_read(&status, &code, (struct span){bytes, len + 1}));
        for (size_t cut = 0; cut < len; cut++)
            CHECK(!problem_read(&status, &code, (struct span){bytes, cut}));
    }
}

/* Whatever is changed, it is refused or it is a status that there is. */
TEST(a_changed_refusal_is_refused_or_another_one)
{
    uint8_t bytes[PROBLEM_MAX];
    const size_t len = problem_write(bytes, STATUS_FUNDS);

    for (size_t i = 0; i < len; i++) {
        for (unsigned value = 0; value <= UINT8_MAX; value++) {
            const uint8_t kept = bytes[i];
            enum status status = STATUS_OK;
            unsigned code = 0;

            bytes[i] = (uint8_t)value;
            if (problem_read(&status, &code, (struct span){bytes, len}))
                CHECK(status != STATUS_OK && code >= 400 && code <= 599 &&
                      strcmp(status_name(status), "UNKNOWN") != 0);
            else
                CHECK(status == STATUS_OK && code == 0 && value != kept);
            bytes[i] = kept;
        }
    }
}

/* ---- The town on the network ------------------------------------------------------------------*/

static struct town town;
static struct town_till shop;
static struct town_wallet anna;
static struct city city;
static struct serve *serve;
static struct relay relay;
static char server[64];
static struct carry to = {server, NULL};
static const struct span passphrase = {(const uint8_t *)TOWN_PASSPHRASE,
                                       sizeof TOWN_PASSPHRASE - 1};

static uint64_t
read_clock(void)
{
    return town_now(&town);
}

/* The service logs the day when it starts; what a test counts comes after that. */
static void
wait_for_the_day(void)
{
    struct serve_counts counts;

    for (unsigned i = 0; i < 1000; i++) {
        if (serve_count(serve, &counts) == STATUS_OK && counts.writer.days > 0)
            return;
        nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
    }
    CHECK(false);
}

static void
begin(void)
{
    const struct serve_options served = {
        .address = "127.0.0.1", .workers = 1, .read_clock = read_clock, .random = crypt_random};

    town_open(&town);
    town_till(&town, &shop, 11, 1, 3, 0);
    town_wallet(&town, &anna, 1, 10000, 3000);
    fixture_later(&town.city, 60);
    fixture_leave(&town.city);
    fixture_node(&town.city, &city);
    CHECK_STATUS(serve_open(&serve, &city, &served), STATUS_OK);
    wait_for_the_day();
    CHECK(relay_open(&relay, serve_port(serve)));
    (void)snprintf(server, sizeof server, "http://127.0.0.1:%u/", (unsigned)relay.port);
}

/* What the service left: books in balance, and a replay with the same state. */
static void
end(void)
{
    relay_close(&relay);
    serve_close(serve);
    city_close(&city);
    fixture_reopen(&town.city);
    CHECK_STATUS(fixture_recount(&town.city), STATUS_OK);
    CHECK_STATUS(fixture_replay(&town.city), STATUS_OK);
    town_wallet_close(&anna);
    town_till_close(&shop);
    town_close(&town);
}

/* A number that the service tells of itself. */
static uint64_t
metric(const char *name)
{
    static uint8_t body[65536];
    struct fetch_answer answer;
    struct fetch fetch;
    char url[64];
    const char *at;

    (void)snprintf(url, sizeof url, "http://127.0.0.1:%u/metrics", (unsigned)serve_port(serve));
    CHECK_STATUS(fetch_open(&fetch), STATUS_OK);
    CHECK_STATUS(
        fetch_send(&fetch, &answer, body, sizeof body - 1,
                   &(struct fetch_request){.url = url, .connect_seconds = 5, .seconds = 10}),
        STATUS_OK);
    fetch_close(&fetch);
    body[answer.len] = '\0';
    at = strstr((const char *)body, name);
    return at == NULL ? UINT64_MAX : strtoull(at + strlen(name), NULL, 10);
}

static uint64_t
entries(void)
{
    return metric("\nschwebe_entries ");
}

/* ---- Wallets ----------------------------------------------------------------------------------*/

static const struct digest wish = {{7}};

/* Asks for an allowance and closes the wallet. */
static void
keep_wish(uint64_t cents)
{
    static struct ask ask;
    uint8_t salt[POCKET_SALT_SIZE];
    struct kid nonce;

    crypt_random(salt, sizeof salt);
    crypt_random(&nonce, sizeof nonce);
    CHECK_STATUS(ask_allowance(&ask, &anna.wallet, &anna.device, (struct money){cents}, 0, false,
                               salt, &nonce, town_now(&town)),
                 STATUS_OK);
    CHECK_STATUS(send_keep(&anna.wallet, &wish, &ask, true), STATUS_OK);
    wallet_close(&anna.wallet);
}

static enum status
send_wish(enum relay_mode mode, struct take_result *result)
{
    atomic_store(&relay.mode, (int)mode);
    return send_one(result, anna.folder, &wish, &to, town_now(&town));
}

TEST(an_allowance_whose_answer_is_lost_comes_with_the_same_bytes)
{
    static const enum relay_mode failures[] = {RELAY_SHUT, RELAY_LOSE, RELAY_HALF, RELAY_LOSE};
    static uint8_t first[POCKET_WAITING_MAX];
    struct take_result result;
    struct digest waiting;
    uint64_t before;
    size_t first_len = 0;

    begin();
    keep_wish(2000);
    before = entries();
    for (size_t i = 0; i < sizeof failures / sizeof failures[0]; i++) {
        CHECK_STATUS(send_wish(failures[i], &result), STATUS_OFFLINE);
        CHECK(!result.allowance);
        CHECK_STATUS(send_next(&waiting, anna.folder, NULL), STATUS_OK);
        CHECK(memcmp(&waiting, &wish, sizeof wish) == 0);
        if (i == 0) {
            CHECK(entries() == before);
            first_len = relay.body_len;
            REQUIRE(first_len > 0 && first_len <= sizeof first);
            memcpy(first, relay.body, first_len);
        } else {
            /* Booked once, whatever has become of the answer. */
            CHECK(entries() == before + 1);
            CHECK(relay.body_len == first_len && memcmp(relay.body, first, first_len) == 0);
        }
    }
    CHECK_STATUS(send_wish(RELAY_PASS, &result), STATUS_OK);
    CHECK(result.allowance && result.amount.cents == 2000);
    CHECK(entries() == before + 1);
    CHECK_STATUS(send_next(&waiting, anna.folder, NULL), STATUS_NOT_FOUND);
    CHECK_STATUS(send_wish(RELAY_PASS, &result), STATUS_NOT_FOUND);
    CHECK_STATUS(town_wallet_reopen(&anna), STATUS_OK);
    end();
}

TEST(a_wish_that_the_rules_refuse_waits_no_longer)
{
    struct take_result result;
    struct digest waiting;

    begin();
    keep_wish(9000);
    CHECK_STATUS(send_wish(RELAY_LOSE, &result), STATUS_OFFLINE);
    CHECK_STATUS(send_next(&waiting, anna.folder, NULL), STATUS_OK);
    CHECK_STATUS(send_wish(RELAY_PASS, &result), STATUS_TIER_LIMIT);
    CHECK_STATUS(send_next(&waiting, anna.folder, NULL), STATUS_NOT_FOUND);
    CHECK_STATUS(town_wallet_reopen(&anna), STATUS_OK);
    end();
}

#define HEAD(code, type, len)                                                                      \
    "HTTP/1.1 " code " x\r\nContent-Type: " type "\r\nContent-Length: " len                        \
    "\r\nConnection: close\r\n\r\n"

TEST(what_no_node_says_changes_nothing)
{
    static const struct {
        const char *says;
        enum status status;
    } cases[] = {
        {HEAD("200", "text/html", "5") "hello", STATUS_SERVER_ANSWER},
        {HEAD("200", "application/cbor", "0"), STATUS_SERVER_ANSWER},
        {HEAD("200", "application/cbor; charset=x", "1") "a", STATUS_SERVER_ANSWER},
        {HEAD("200", "application/cbor", "1") "a", STATUS_CBOR_TRUNCATED},
        {HEAD("201", "application/cbor", "1") "a", STATUS_SERVER_ANSWER},
        /* Nothing to tell, where a certificate is due. */
        {"HTTP/1.1 204 x\r\nConnection: close\r\n\r\n", STATUS_SERVER_ANSWER},
        {HEAD("302", "text/html", "0"), STATUS_SERVER_ANSWER},
        {HEAD("404", "text/html", "0"), STATUS_SERVER_ANSWER},
        {HEAD("422", "application/concise-problem-details+cbor", "1") "a", STATUS_SERVER_ANSWER},
        {HEAD("429", "text/html", "0"), STATUS_SERVER_BUSY},
        {HEAD("500", "text/html", "0"), STATUS_SERVER_ANSWER},
        {HEAD("502", "text/html", "0"), STATUS_OFFLINE},
        {HEAD("503", "text/html", "0"), STATUS_SERVER_BUSY},
        {HEAD("504", "text/html", "0"), STATUS_OFFLINE},
        {HEAD("200", "application/cbor", "9999999"), STATUS_OFFLINE},
        {"SSH-2.0-x\r\n", STATUS_SERVER_ANSWER},
    };
    struct take_result result;
    struct digest waiting;

    begin();
    keep_wish(2000);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        relay.says = cases[i].says;
        relay.says_len = strlen(cases[i].says);
        CHECK_STATUS(send_wish(RELAY_SAY, &result), cases[i].status);
        CHECK_STATUS(send_next(&waiting, anna.folder, NULL), STATUS_OK);
    }
    CHECK_STATUS(send_wish(RELAY_PASS, &result), STATUS_OK);
    CHECK_STATUS(town_wallet_reopen(&anna), STATUS_OK);
    end();
}

/* A refusal of the node's, but with another HTTP code than it names, or about the node itself. */
TEST(a_refusal_counts_only_when_it_is_one)
{
    static const struct {
        enum status said;
        const char *code;
        enum status status;
        bool waits;
    } cases[] = {
        {STATUS_FUNDS, "400", STATUS_SERVER_ANSWER, true},
        {STATUS_SERVER_BUSY, "503", STATUS_SERVER_BUSY, true},
        {STATUS_STORE_FULL, "507", STATUS_STORE_FULL, true},
        {STATUS_FUNDS, "422", STATUS_FUNDS, false},
    };
    static char says[2 * PROBLEM_MAX];
    struct take_result result;
    struct digest waiting;

    begin();
    keep_wish(2000);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t problem[PROBLEM_MAX];
        const size_t len = problem_write(problem, cases[i].said);
        const int head_len = snprintf(says, sizeof says,
                                      "HTTP/1.1 %s x\r\nContent-Type: " PROBLEM_TYPE
                                      "\r\nContent-Length: %zu\r\n\r\n",
                                      cases[i].code, len);

        REQUIRE(head_len > 0);
        memcpy(says + head_len, problem, len);
        relay.says = says;
        relay.says_len = (size_t)head_len + len;
        CHECK_STATUS(send_wish(RELAY_SAY, &result), cases[i].status);
        CHECK_STATUS(send_next(&waiting, anna.folder, NULL),
                     cases[i].waits ? STATUS_OK : STATUS_NOT_FOUND);
    }
    CHECK_STATUS(town_wallet_reopen(&anna), STATUS_OK);
    end();
}

TEST(without_a_service_nothing_is_lost)
{
    struct take_result result;
    struct digest waiting;
    char nowhere[64];
    const struct carry away = {nowhere, NULL};

    begin();
    keep_wish(2000);
    /* A port that was somebody's just now. */
    (void)snprintf(nowhere, sizeof nowhere, "%s", server);
    relay_close(&relay);
    CHECK_STATUS(send_one(&result, anna.folder, &wish, &away, town_now(&town)), STATUS_OFFLINE);
    CHECK_STATUS(send_next(&waiting, anna.folder, NULL), STATUS_OK);
    (void)snprintf(nowhere, sizeof nowhere, "http://127.0.0.1:%u", (unsigned)serve_port(serve));
    CHECK_STATUS(send_one(&result, anna.folder, &wish, &away, town_now(&town)), STATUS_OK);
    CHECK_STATUS(town_wallet_reopen(&anna), STATUS_OK);
    REQUIRE(relay_open(&relay, serve_port(serve)));
    end();
}

/* ---- Tills ------------------------------------------------------------------------------------*/

/* What the answers have brought. */
struct brought {
    unsigned answers;
    uint64_t size;
};

static void
on_taken(const void *context, const struct till *till, const struct sync_result *result)
{
    struct brought *const *const brought = context;

    (void)till;
    (*brought)->answers++;
    (*brought)->size = result->size;
}

static enum status
upload(enum relay_mode mode, struct brought *brought)
{
    const struct exchange exchange = {.dir = shop.folder,
                                      .passphrase = passphrase,
                                      .to = to,
                                      .random = crypt_random,
                                      .now_unix_s = town_now(&town),
                                      .taken = on_taken,
                                      .context = &brought};

    *brought = (struct brought){0};
    atomic_store(&relay.mode, (int)mode);
    return exchange_upload(&exchange);
}

TEST(an_upload_whose_answer_is_lost_is_settled_once)
{
    struct brought brought;
    struct digest id;
    uint64_t before;
    uint64_t booked;

    begin();
    CHECK_STATUS(town_sale(&town, &shop, &anna, 500, &id), STATUS_OK);
    till_close(&shop.till);
    before = entries();
    CHECK_STATUS(upload(RELAY_SHUT, &brought), STATUS_OFFLINE);
    CHECK(entries() == before);
    CHECK_STATUS(upload(RELAY_LOSE, &brought), STATUS_OFFLINE);
    booked = entries();
    CHECK(booked > before && brought.answers == 0);
    CHECK_STATUS(upload(RELAY_HALF, &brought), STATUS_OFFLINE);
    CHECK_STATUS(upload(RELAY_LOSE, &brought), STATUS_OFFLINE);
    CHECK(entries() == booked);
    /* It sells on meanwhile. */
    CHECK_STATUS(town_till_reopen(&shop), STATUS_OK);
    CHECK(shop.till.meta.acknowledged == 0);
    CHECK_STATUS(town_sale(&town, &shop, &anna, 700, &id), STATUS_OK);
    till_close(&shop.till);
    CHECK_STATUS(upload(RELAY_PASS, &brought), STATUS_OK);
    CHECK(brought.answers == 1);
    CHECK_STATUS(town_till_reopen(&shop), STATUS_OK);
    CHECK(shop.till.meta.acknowledged == brought.size && brought.size > 0);
    CHECK(shop.till.meta.anchor_size == brought.size);
    end();
}

int
main(int argc, char **argv)
{
    return check_run(argc, argv);
}
