#include "check.h"
#include "fixture.h"
#include "random.h"

#include <stdio.h>

/* Rule R11: the same tills' logs and statements, brought in any order, in pieces, with gaps,
 * again and again, end in the same balances. Each seed is one small town. */

#define TILLS 4
#define WALLETS 6
#define SALES 30
#define WINDOWS 14
#define SEEDS 6
#define ORDERS 8

static struct fixture_city city;
static struct fixture_till tills[TILLS];
static struct fixture_wallet wallets[WALLETS];
static struct fixture_payment payments[SALES];
static size_t payment_count;
/* Who pays where, and whether the payer called it off. */
static struct {
    unsigned wallet;
    unsigned till;
    bool cancelled;
} sales[SALES];

/* A generator for one town and one order. */
static struct random
seeded(uint64_t town, uint64_t order)
{
    struct random random = random_begin();

    random.state += town * UINT64_C(0xA0761D6478BD642F) + order * UINT64_C(0xD1B54A32D192ED03);
    return random;
}

static void
town(uint64_t cents)
{
    fixture_open(&city);
    fixture_standard(&city);
    payment_count = 0;
    for (unsigned i = 0; i < TILLS; i++) {
        if (i % 2 == 0)
            fixture_merchant(&city, 1 + i / 2);
        fixture_till(&city, &tills[i], 10 + i, 1 + i / 2);
    }
    for (unsigned i = 0; i < WALLETS; i++) {
        fixture_purse(&city, &wallets[i], 1 + i, 1, 2);
        CHECK_STATUS(fixture_issue(&city, &wallets[i], 8000, 500), STATUS_OK);
        CHECK_STATUS(fixture_allowance(&city, &wallets[i], cents), STATUS_OK);
    }
}

static void
finish(void)
{
    CHECK_STATUS(fixture_recount(&city), STATUS_OK);
    fixture_close(&city);
}

/* --- bringing it in --- */

/* Random windows of the tills' logs, repetitions and gaps among them, and statements between them;
 * at last everything once more. */
static void
bring_in(struct random *order, bool receipts)
{
    for (unsigned i = 0; i < WINDOWS; i++) {
        struct fixture_till *const till = &tills[random_below(order, TILLS)];
        const size_t first = (size_t)random_below(order, till->count);
        const size_t count = 1 + (size_t)random_below(order, till->count - first);

        CHECK_STATUS(fixture_upload(&city, till, random_below(order, 3) == 0 ? first : 0,
                                    random_below(order, 3) == 0 ? 1 : count, false),
                     STATUS_OK);
        if (receipts && payment_count > 0) {
            const size_t p = (size_t)random_below(order, payment_count);
            const enum status status =
                fixture_statement(&city, &wallets[sales[p].wallet], &tills[sales[p].till],
                                  &payments[p], sales[p].cancelled ? 4 : 1);

            CHECK(status == STATUS_OK || status == STATUS_VOIDED ||
                  status == STATUS_ALREADY_SETTLED);
        }
    }
    for (size_t p = 0; receipts && p < payment_count; p++) {
        if (sales[p].cancelled)
            (void)!fixture_statement(&city, &wallets[sales[p].wallet], &tills[sales[p].till],
                                     &payments[p], 4);
    }
    for (unsigned i = 0; i < TILLS; i++)
        CHECK_STATUS(fixture_upload(&city, &tills[i], 0, tills[i].count, false), STATUS_OK);
}

/* --- without conflicts the whole state is the same --- */

static void
honest_sales(struct random *base)
{
    for (unsigned i = 0; i < SALES; i++) {
        const unsigned w = (unsigned)random_below(base, WALLETS);
        const unsigned t = (unsigned)random_below(base, TILLS);
        const uint64_t cents = 1 + random_below(base, 120);
        struct fixture_payment *const payment = &payments[payment_count];

        sales[payment_count].wallet = w;
        sales[payment_count].till = t;
        sales[payment_count].cancelled = false;
        fixture_later(&city, 1 + random_below(base, 30));
        fixture_pay(&city, payment, &wallets[w], &tills[t], cents);
        switch (random_below(base, 8)) {
        case 0: /* called off, and not accepted */
            sales[payment_count].cancelled = true;
            break;
        case 1: /* not accepted, and voided by the till */
            sales[payment_count].cancelled = true;
            fixture_void(&city, &tills[t], payment);
            break;
        case 2: /* accepted, and voided */
            fixture_accept(&city, &tills[t], payment);
            fixture_void(&city, &tills[t], payment);
            break;
        case 3: /* accepted, and a part given back, twice */
            fixture_accept(&city, &tills[t], payment);
            fixture_refund(&city, &tills[t], payment, (cents + 1) / 2, 1, false);
            fixture_refund(&city, &tills[t], payment, cents / 2 + cents % 2, 2, true);
            break;
        default:
            fixture_accept(&city, &tills[t], payment);
            break;
        }
        payment_count++;
    }
}

TEST(without_conflicts_the_state_is_the_same_in_every_order)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct digest first = {{0}};

        for (uint64_t order = 0; order < ORDERS; order++) {
            struct random base = seeded(seed, 0);
            struct random shuffle = seeded(seed, 1 + order);
            struct digest now;

            town(5000);
            honest_sales(&base);
            fixture_later(&city, 60);
            bring_in(&shuffle, true);
            fixture_essence(&city, &now);
            if (order == 0)
                first = now;
            CHECK(memcmp(&first, &now, sizeof now) == 0);
            if (order == 0)
                CHECK_STATUS(fixture_replay(&city), STATUS_OK);
            finish();
        }
    }
}

/* --- with conflicts: what was honoured, what came back, what the fund lost, line by line --- */

struct totals {
    uint64_t honoured[WALLETS];
    uint64_t back[WALLETS];
    uint64_t debt[WALLETS];
    uint64_t owed[2];
};

/* Every wallet is on several devices: at each till at most one transfer of each line, so that no
 * till breaks a rule. */
static void
cheats(struct random *base)
{
    for (unsigned w = 0; w < WALLETS; w++) {
        for (unsigned t = 0; t < TILLS; t++) {
            const uint64_t from = random_below(base, 900);
            const uint64_t cents = 1 + random_below(base, 1000 - from);
            struct fixture_payment *const payment = &payments[payment_count];

            if (random_below(base, 4) == 0)
                continue;
            sales[payment_count].wallet = w;
            sales[payment_count].till = t;
            sales[payment_count].cancelled = false;
            fixture_forge(&city, payment, &wallets[w], &tills[t], from, from + cents, t);
            fixture_accept(&city, &tills[t], payment);
            payment_count++;
        }
    }
}

static void
read_totals(struct totals *out)
{
    static struct record_line line;

    memset(out, 0, sizeof *out);
    for (unsigned w = 0; w < WALLETS; w++) {
        CHECK(fixture_line(&city, &line, &wallets[w].line));
        CHECK((line.flags & RECORD_LINE_CLOSED) != 0);
        out->honoured[w] = line.settled + line.forfeited + line.debt;
        out->back[w] = line.cents - line.settled - line.forfeited;
        out->debt[w] = line.debt;
        CHECK(line.debt == (out->honoured[w] > line.cents ? out->honoured[w] - line.cents : 0));
    }
    out->owed[0] = fixture_owed(&city, 1);
    out->owed[1] = fixture_owed(&city, 2);
}

TEST(with_conflicts_the_totals_are_the_same_in_every_order)
{
    uint64_t debts = 0;

    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct totals first = {0};

        for (uint64_t order = 0; order < ORDERS; order++) {
            struct random base = seeded(500 + seed, 0);
            struct random shuffle = seeded(500 + seed, 1 + order);
            struct totals now;

            town(1000);
            fixture_later(&city, 60);
            cheats(&base);
            fixture_later(&city, 60);
            bring_in(&shuffle, order % 2 == 1);
            CHECK(fixture_recount(&city) == STATUS_OK);
            fixture_days(&city, 17);
            CHECK_STATUS(fixture_close_due(&city), STATUS_OK);
            read_totals(&now);
            if (order == 0)
                first = now;
            for (unsigned w = 0; w < WALLETS; w++)
                debts += now.debt[w];
            CHECK(memcmp(&first, &now, sizeof now) == 0);
            CHECK(fixture_fund_balance(&city) == 50000);
            if (order == 0)
                CHECK_STATUS(fixture_replay(&city), STATUS_OK);
            finish();
        }
    }
    CHECK(debts > 0);
}

int
main(int argc, char **argv)
{
    return check_run(argc, argv);
}
