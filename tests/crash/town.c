/* Wallet, till and ledger are killed at each of their writing calls, one after the other, until a
 * step gets through without reaching the next one. After every kill the program is opened again:
 * what it had shown is there, and nothing that was signed is ever signed again. */
#include "check.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "intercept.h"
#include "ledger/intake.h"
#include "merchant/till.h"
#include "protocol/code.h"
#include "protocol/text.h"
#include "town.h"
#include "wallet/wallet.h"

/* More calls than a step makes; reaching it would mean that the loop has no end. */
#define KILLS_MAX 400
#define CODES_MAX 1024

bool intercept_skips_sync = true;

/* The child's: how many calls are left to it; 0 is forever. */
static unsigned countdown;

int
intercept_failure(enum call call)
{
    (void)call;
    if (countdown > 0 && --countdown == 0)
        raise(SIGKILL);
    return -1;
}

void
intercept_write(int fd, const void *bytes, size_t len, off_t at)
{
    (void)fd;
    (void)bytes;
    (void)len;
    (void)at;
}

void
intercept_end(int fd, enum call call)
{
    (void)fd;
    (void)call;
}

/* What the child has shown, in memory that outlives it. */
struct shown {
    size_t count;
    char codes[CODES_MAX][CODE_TEXT_SIZE];
    unsigned failures;
};

static struct town town;
static struct town_till shop;
static struct town_wallet anna;
static struct shown *shown;

static bool
begin(void)
{
    FILE *file = tmpfile();

    countdown = 0;
    if (file == NULL || ftruncate(fileno(file), (off_t)sizeof *shown) != 0)
        return false;
    shown = mmap(NULL, sizeof *shown, PROT_READ | PROT_WRITE, MAP_SHARED, fileno(file), 0);
    fclose(file);
    if (shown == MAP_FAILED)
        return false;
    town_open(&town);
    town_till(&town, &shop, 11, 1, 1, 0);
    town_wallet(&town, &anna, 1, 8000, 5000);
    return true;
}

static void
end(void)
{
    town_wallet_close(&anna);
    town_till_close(&shop);
    town_close(&town);
    munmap(shown, sizeof *shown);
}

/* Runs `step` in a child that dies at its `at`-th call. True when it got through. */
static bool
survives(void (*step)(void), unsigned at)
{
    int how;
    pid_t child = fork();

    if (child == 0) {
        countdown = at;
        step();
        _exit(EXIT_SUCCESS);
    }
    if (child < 0 || waitpid(child, &how, 0) != child)
        abort();
    if (!WIFEXITED(how) && !(WIFSIGNALED(how) && WTERMSIG(how) == SIGKILL))
        shown->failures++;
    return WIFEXITED(how);
}

static void
show(const char *text)
{
    if (shown->count == CODES_MAX)
        abort();
    memcpy(shown->codes[shown->count], text, strlen(text) + 1);
    shown->count++;
}

/* --- wallet ------------------------------------------------------------------------------------
 */

static char request[CODE_TEXT_SIZE];

static void
wallet_step(void)
{
    char code[CODE_TEXT_SIZE];
    struct digest id;

    if (town_wallet_reopen(&anna) != STATUS_OK ||
        town_pay(&town, &anna, request, code, &id) != STATUS_OK) {
        shown->failures++;
        return;
    }
    show(code);
}

/* All codes of this wallet that anybody has seen, and all that it has stored: disjoint, in
 * sequence. */
static bool
never_twice(void)
{
    static struct code_payment seen[CODES_MAX];
    struct code_bytes bytes;

    for (size_t i = 0; i < shown->count; i++) {
        const struct span text = {(const uint8_t *)shown->codes[i], strlen(shown->codes[i])};

        if (code_payment_read(&seen[i], &bytes, FIXTURE_NETWORK, text) != STATUS_OK)
            return false;
        for (size_t j = 0; j < i; j++) {
            if (transfer_overlap(seen[i].transfer.from, seen[i].transfer.to, seen[j].transfer.from,
                                 seen[j].transfer.to) ||
                seen[i].transfer.seq == seen[j].transfer.seq)
                return false;
        }
    }
    return true;
}

/* Whether the code shown last is in the wallet and can be shown again. */
static bool
is_kept(const char *code)
{
    char again[CODE_TEXT_SIZE];
    struct digest id;

    for (uint64_t n = anna.wallet.meta.payments; n > 0; n--) {
        struct pocket_payment payment;
        struct store_txn txn;
        bool found;

        if (store_begin_read(&txn, &anna.wallet.store) != STATUS_OK)
            return false;
        found = pocket_nth_payment(&payment, &txn, n - 1) == STATUS_OK;
        id = payment.id;
        store_abort(&txn);
        if (found && pay_again(again, &anna.wallet, &id) == STATUS_OK && strcmp(again, code) == 0)
            return true;
    }
    return false;
}

TEST(wallet_killed_at_each_call)
{
    char previous[CODE_TEXT_SIZE];
    unsigned kills = 0;
    bool through = false;

    REQUIRE(begin());
    while (!through && kills < KILLS_MAX) {
        const size_t before = shown->count;
        const uint64_t payments = anna.wallet.meta.payments;

        CHECK_STATUS(town_request(&town, &shop, 1, 7, request), STATUS_OK);
        wallet_close(&anna.wallet);
        through = survives(wallet_step, ++kills);
        CHECK_STATUS(town_wallet_reopen(&anna), STATUS_OK);
        CHECK(anna.wallet.meta.restored == 0);
        if (shown->count > before)
            CHECK(is_kept(memcpy(previous, shown->codes[before], sizeof previous)));
        /* The request is read again: what the child had signed is shown, or it is signed now. */
        CHECK_STATUS(town_pay(&town, &anna, request, shown->codes[before], &(struct digest){{0}}),
                     STATUS_OK);
        CHECK(shown->count == before || strcmp(shown->codes[before], previous) == 0);
        CHECK(anna.wallet.meta.payments == payments + 1);
        shown->count = before + 1;
    }
    CHECK(through && kills > 5);
    CHECK(never_twice());
    CHECK(shown->failures == 0);
    printf("wallet: %u kills\n", kills - 1);
    end();
}

/* --- till --------------------------------------------------------------------------------------
 */

static char payment_code[CODE_TEXT_SIZE];

static void
till_step(void)
{
    char receipt[SELL_TEXT_SIZE];
    struct sell_result result;

    if (town_till_reopen(&shop) != STATUS_OK) {
        shown->failures++;
        return;
    }
    if (town_accept(&town, &shop, payment_code, receipt, &result) != STATUS_OK) {
        shown->failures++;
        return;
    }
    show(receipt);
}

/* After a kill the same code is either a sale, whose receipt is what was shown, or is accepted now.
 */
static void
check_till(size_t before)
{
    char receipt[SELL_TEXT_SIZE];
    struct sell_result result;
    const enum status status = town_accept(&town, &shop, payment_code, receipt, &result);

    CHECK(status == STATUS_OK || status == STATUS_ALREADY_PAID);
    if (shown->count == before)
        return;
    CHECK_STATUS(status, STATUS_ALREADY_PAID);
    CHECK(strcmp(receipt, shown->codes[before]) == 0);
}

TEST(till_killed_at_each_call)
{
    unsigned kills = 0;
    bool through = false;
    uint64_t sold = 0;

    REQUIRE(begin());
    while (!through && kills < KILLS_MAX) {
        const size_t before = shown->count;
        struct digest id;

        CHECK_STATUS(town_request(&town, &shop, 1, 7, request), STATUS_OK);
        CHECK_STATUS(town_pay(&town, &anna, request, payment_code, &id), STATUS_OK);
        till_close(&shop.till);
        through = survives(till_step, ++kills);
        REQUIRE(town_till_reopen(&shop) == STATUS_OK);
        check_till(before);
        sold++;
        /* Room for the next: the limits count what is not confirmed. */
        if (kills % 20 == 0)
            CHECK_STATUS(town_sync(&town, &shop), STATUS_OK);
    }
    CHECK(through && kills > 5);
    CHECK(shown->failures == 0);
    CHECK_STATUS(town_sync(&town, &shop), STATUS_OK);
    CHECK(fixture_owed(&town.city, 1) == 7 * sold);
    printf("till: %u kills\n", kills - 1);
    end();
}

/* --- ledger ------------------------------------------------------------------------------------
 */

static uint8_t upload[MSG_PARCEL_MAX];
static size_t upload_len;
static struct msg_parcel parcel;

static void
close_ledger(void)
{
    log_close(&town.city.log);
    store_close(&town.city.store);
}

static void
ledger_step(void)
{
    fixture_reopen(&town.city);
    if (fixture_submit(&town.city, MSG_PARCEL_UPLOAD, parcel.parts, parcel.parts_count) !=
        STATUS_OK)
        shown->failures++;
    else
        shown->count++;
}

TEST(ledger_killed_at_each_call)
{
    unsigned kills = 0;
    bool through = false;
    uint64_t sold = 0;

    REQUIRE(begin());
    while (!through && kills < KILLS_MAX) {
        struct sync_result result;
        struct digest id;
        uint8_t seed[32];
        bool more;

        CHECK_STATUS(town_sale(&town, &shop, &anna, 7, &id), STATUS_OK);
        sold += 7;
        CHECK_STATUS(
            sync_upload(upload, sizeof upload, &upload_len, &more, &shop.till, town_now(&town)),
            STATUS_OK);
        CHECK_STATUS(schema_decode(&parcel, &msg_parcel_schema, (struct span){upload, upload_len}),
                     STATUS_OK);
        close_ledger();
        through = survives(ledger_step, ++kills);
        fixture_reopen(&town.city);
        /* Acknowledged is booked; what was not acknowledged is booked once by sending it again. */
        if (shown->count > 0)
            CHECK(fixture_owed(&town.city, 1) == sold);
        shown->count = 0;
        CHECK_STATUS(
            fixture_submit(&town.city, MSG_PARCEL_UPLOAD, parcel.parts, parcel.parts_count),
            STATUS_OK);
        CHECK(fixture_owed(&town.city, 1) == sold);
        town_random(&town, seed, sizeof seed);
        CHECK_STATUS(sync_take(&result, &shop.till, town.city.result.answer, seed, town_now(&town)),
                     STATUS_OK);
    }
    CHECK(through && kills > 5);
    CHECK(shown->failures == 0);
    CHECK_STATUS(fixture_recount(&town.city), STATUS_OK);
    CHECK_STATUS(fixture_replay(&town.city), STATUS_OK);
    printf("ledger: %u kills\n", kills - 1);
    end();
}

int
main(int argc, char **argv)
{
    return check_run(argc, argv);
}
