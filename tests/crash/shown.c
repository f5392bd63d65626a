/* Nothing is shown that could be lost. While wallet and till sign, every writing call is watched:
 * the text that is to be shown must still be empty when it begins. Then each call fails in turn,
 * until none is reached: no text, and whatever comes after it contradicts nothing that was shown.
 * Last, files have no room to grow. */
#include "check.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "intercept.h"
#include "protocol/code.h"
#include "protocol/text.h"
#include "town.h"

/* More calls of one kind than a step makes. */
#define FAILURES_MAX 100
#define CODES_MAX 512

bool intercept_skips_sync = true;

static struct {
    const char *watched; /* NULL: nothing is */
    unsigned too_early;
    unsigned calls[CALLS];
    enum call failing;
    unsigned countdown;
    int error;
    bool failed;
} watch;

int
intercept_failure(enum call call)
{
    if (watch.watched == NULL || call == CALL_OPEN)
        return -1;
    watch.calls[call]++;
    watch.too_early += watch.watched[0] != '\0';
    if (call != watch.failing || watch.countdown == 0 || --watch.countdown > 0)
        return -1;
    watch.failed = true;
    return watch.error;
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

static struct town town;
static struct town_till shop;
static struct town_wallet anna;

static void
begin(void)
{
    memset(&watch, 0, sizeof watch);
    town_open(&town);
    town_till(&town, &shop, 11, 1, 1, 0);
    town_wallet(&town, &anna, 1, 8000, 5000);
}

static void
end(void)
{
    town_wallet_close(&anna);
    town_till_close(&shop);
    town_close(&town);
}

/* --- the steps --------------------------------------------------------------------------------
 */

static char request[CODE_TEXT_SIZE];
static char code[CODE_TEXT_SIZE];
static char receipt[SELL_TEXT_SIZE];
static struct digest id;

static enum status
step_request(void)
{
    return town_request(&town, &shop, 1, 7, request);
}

static enum status
step_pay(void)
{
    return town_pay(&town, &anna, request, code, &id);
}

static enum status
step_accept(void)
{
    struct sell_result result;

    return town_accept(&town, &shop, code, receipt, &result);
}

static const struct step {
    enum status (*take)(void);
    char *shows;
    unsigned syncs; /* at least: of the store, and of what lies outside it */
} steps[] = {
    {step_request, request, 1},
    {step_pay, code, 3},
    {step_accept, receipt, 2},
};

static enum status
watched(const struct step *step, enum call failing, unsigned countdown)
{
    enum status status;

    memset(&watch, 0, sizeof watch);
    step->shows[0] = '\0';
    watch.failing = failing;
    watch.countdown = countdown;
    watch.error = EIO;
    watch.watched = step->shows;
    status = step->take();
    watch.watched = NULL;
    return status;
}

TEST(all_is_durable_before_it_is_shown)
{
    begin();
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        CHECK_STATUS(watched(&steps[i], CALL_NONE, 0), STATUS_OK);
        CHECK(steps[i].shows[0] != '\0');
        CHECK(watch.too_early == 0);
        CHECK(watch.calls[CALL_FDATASYNC] >= 1);
        CHECK(watch.calls[CALL_FDATASYNC] + watch.calls[CALL_FSYNC] >= steps[i].syncs);
    }
    end();
}

/* --- failing calls ----------------------------------------------------------------------------
 */

static struct code_payment shown[CODES_MAX];
static size_t shown_count;

/* A code that is shown overlaps none that was shown before, nor shares its number. */
static void
show_code(void)
{
    struct code_bytes bytes;
    struct code_payment *latest = &shown[shown_count];

    REQUIRE(shown_count < CODES_MAX);
    CHECK_STATUS(code_payment_read(latest, &bytes, FIXTURE_NETWORK,
                                   (struct span){(const uint8_t *)code, strlen(code)}),
                 STATUS_OK);
    for (size_t i = 0; i < shown_count; i++) {
        const struct msg_transfer *before = &shown[i].transfer;

        CHECK(!transfer_overlap(before->from, before->to, latest->transfer.from,
                                latest->transfer.to));
        CHECK(before->seq != latest->transfer.seq);
    }
    shown_count++;
}

/* After a failure program and folder are as after a restart; then the sale goes through. */
static void
go_on(size_t at)
{
    if (at > 0)
        CHECK_STATUS(town_wallet_reopen(&anna), STATUS_OK);
    CHECK_STATUS(town_till_reopen(&shop), STATUS_OK);
    CHECK(anna.wallet.meta.restored == 0);
    for (size_t i = at; i < sizeof steps / sizeof steps[0]; i++) {
        const enum status status = watched(&steps[i], CALL_NONE, 0);

        /* The till may have the sale though it could not say so; then it says so now. */
        CHECK(status == STATUS_OK || (i == 2 && status == STATUS_ALREADY_PAID));
        CHECK(steps[i].shows[0] != '\0');
        if (i == 1)
            show_code();
    }
}

/* One sale in which the n-th call of a kind fails at one step; false when it was not reached. */
static bool
fail_at(size_t at, enum call call, unsigned n)
{
    enum status status;

    for (size_t i = 0; i < at; i++) {
        CHECK_STATUS(watched(&steps[i], CALL_NONE, 0), STATUS_OK);
        if (i == 1)
            show_code();
    }
    status = watched(&steps[at], call, n);
    if (!watch.failed) {
        CHECK_STATUS(status, STATUS_OK);
        if (at == 1)
            show_code();
        return false;
    }
    CHECK(status != STATUS_OK);
    CHECK(steps[at].shows[0] == '\0' && watch.too_early == 0);
    go_on(at);
    return true;
}

TEST(a_failing_call_shows_nothing)
{
    unsigned failures = 0;

    begin();
    shown_count = 0;
    for (size_t at = 0; at < sizeof steps / sizeof steps[0]; at++) {
        for (unsigned call = CALL_PWRITE; call < CALL_OPEN; call++) {
            unsigned n = 1;

            while (n < FAILURES_MAX && fail_at(at, (enum call)call, n))
                n++;
            CHECK(n < FAILURES_MAX);
            failures += n - 1;
        }
        CHECK_STATUS(town_sync(&town, &shop), STATUS_OK);
    }
    printf("%u failures\n", failures);
    CHECK(failures > 15);
    end();
}

/* --- what a refusal of the wallet says --------------------------------------------------------
 */

static enum status
pay_with(enum call call, int error, unsigned n)
{
    enum status status;

    memset(&watch, 0, sizeof watch);
    code[0] = '\0';
    watch.failing = call;
    watch.countdown = n;
    watch.error = error;
    watch.watched = code;
    status = step_pay();
    watch.watched = NULL;
    return status;
}

/* One payment in which the n-th call fails; false when it was not reached. Afterwards it was signed
 * or not, as the status said, and the same request is one payment at last. */
static bool
refusal_at(enum call call, int error, unsigned n)
{
    const uint64_t before = anna.wallet.meta.payments;
    enum status status;
    bool failed;

    CHECK_STATUS(step_request(), STATUS_OK);
    status = pay_with(call, error, n);
    failed = watch.failed;
    CHECK((status == STATUS_OK) == !failed && (code[0] == '\0') == failed);
    CHECK_STATUS(town_wallet_reopen(&anna), STATUS_OK);
    if (status == STATUS_PAYMENT_KEPT)
        CHECK(anna.wallet.meta.payments == before + 1);
    else if (failed && status != STATUS_STORE_BROKEN)
        CHECK(anna.wallet.meta.payments == before);
    /* A write that finds no room is refused before the store is touched, or by the store. */
    if (failed && error == ENOSPC && call == CALL_WRITE)
        CHECK_STATUS(status, STATUS_STORE_FULL);
    CHECK_STATUS(step_pay(), STATUS_OK);
    show_code();
    CHECK(anna.wallet.meta.payments == before + 1 && anna.wallet.meta.restored == 0);
    return failed;
}

TEST(a_refused_payment_says_what_became_of_it)
{
    static const int errors[] = {EIO, ENOSPC};
    unsigned reached[CALLS] = {0};

    begin();
    shown_count = 0;
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        for (unsigned call = CALL_PWRITE; call < CALL_OPEN; call++) {
            unsigned n = 1;

            while (n < FAILURES_MAX && refusal_at((enum call)call, errors[i], n))
                n++;
            reached[call] += n - 1;
        }
    }
    CHECK(reached[CALL_WRITE] > 0 && reached[CALL_FDATASYNC] > 0 && reached[CALL_FSYNC] > 1);
    CHECK(reached[CALL_PWRITE] + reached[CALL_WRITEV] > 0);
    end();
}

/* --- no room ----------------------------------------------------------------------------------
 */

/* Files cannot grow: refused without a text, and all goes on when there is room again. */
TEST(no_room_shows_nothing)
{
    struct rlimit before;
    struct rlimit none;
    unsigned refused = 0;

    begin();
    (void)signal(SIGXFSZ, SIG_IGN);
    REQUIRE(getrlimit(RLIMIT_FSIZE, &before) == 0);
    none = before;
    shown_count = 0;
    for (size_t at = 0; at < sizeof steps / sizeof steps[0]; at++) {
        enum status status;

        for (size_t i = 0; i < at; i++)
            CHECK_STATUS(watched(&steps[i], CALL_NONE, 0), STATUS_OK);
        none.rlim_cur = 0;
        REQUIRE(setrlimit(RLIMIT_FSIZE, &none) == 0);
        status = watched(&steps[at], CALL_NONE, 0);
        REQUIRE(setrlimit(RLIMIT_FSIZE, &before) == 0);
        CHECK(status != STATUS_OK && steps[at].shows[0] == '\0');
        refused += status != STATUS_OK;
        go_on(at);
    }
    CHECK(refused == 3);
    end();
}

int
main(int argc, char **argv)
{
    return check_run(argc, argv);
}
