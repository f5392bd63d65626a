/* protocol/money: every pair of amounts near its bounds, every percent of small amounts. */
#include "check.h"

#include "protocol/money.h"
#include "random.h"

#define MAX MONEY_CENTS_MAX

/* Amounts around everything that can go wrong. */
static const uint64_t anchors[] = {
    0, 100, 10000, UINT64_C(1) << 31, UINT64_C(1) << 32, MAX / 100, MAX / 2, MAX - 100, MAX};
#define AROUND 12
#define AMOUNTS (sizeof anchors / sizeof anchors[0] * (2 * AROUND + 1))

static size_t
amounts(struct money out[static AMOUNTS])
{
    size_t count = 0;

    for (size_t i = 0; i < sizeof anchors / sizeof anchors[0]; i++) {
        for (uint64_t k = 0; k <= 2 * AROUND; k++) {
            const uint64_t cents = anchors[i] + k;

            if (cents >= AROUND && cents - AROUND <= MAX)
                out[count++].cents = cents - AROUND;
        }
    }
    return count;
}

TEST(from_cents_knows_its_bound)
{
    struct money a = {77};

    for (uint64_t cents = 0; cents < 1000; cents++) {
        CHECK_STATUS(money_from_cents(&a, cents), STATUS_OK);
        CHECK(money_cents(a) == cents);
        CHECK_STATUS(money_from_cents(&a, MAX - cents), STATUS_OK);
        CHECK(money_cents(a) == MAX - cents);
        a.cents = 77;
        CHECK_STATUS(money_from_cents(&a, MAX + 1 + cents), STATUS_AMOUNT_RANGE);
        CHECK_STATUS(money_from_cents(&a, UINT64_MAX - cents), STATUS_AMOUNT_RANGE);
        CHECK(a.cents == 77);
    }
    CHECK(MAX == UINT64_C(9007199254740991));
}

TEST(sums_and_differences)
{
    static struct money all[AMOUNTS];
    const size_t count = amounts(all);

    CHECK(count > 150);
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < count; k++) {
            const struct money a = all[i];
            const struct money b = all[k];
            const bool fits = a.cents + b.cents <= MAX;
            const bool covers = a.cents >= b.cents;
            struct money sum = {5};
            struct money rest = {6};

            CHECK_STATUS(money_add(&sum, a, b), fits ? STATUS_OK : STATUS_AMOUNT_RANGE);
            CHECK(sum.cents == (fits ? a.cents + b.cents : 5));
            CHECK_STATUS(money_sub(&rest, a, b), covers ? STATUS_OK : STATUS_AMOUNT_SHORT);
            CHECK(rest.cents == (covers ? a.cents - b.cents : 6));
            CHECK(money_compare(a, b) == (covers ? a.cents > b.cents : -1));
            CHECK(money_compare(b, a) == -money_compare(a, b));
            CHECK(money_min(a, b).cents == (covers ? b.cents : a.cents));
        }
        CHECK(money_is_zero(all[i]) == (all[i].cents == 0));
    }
    CHECK(money_is_zero(MONEY_ZERO));
}

TEST(the_output_may_be_an_input)
{
    struct money a = {300};
    struct money b = {200};

    CHECK_STATUS(money_add(&a, a, b), STATUS_OK);
    CHECK(a.cents == 500);
    CHECK_STATUS(money_sub(&b, a, b), STATUS_OK);
    CHECK(b.cents == 300);
    CHECK_STATUS(money_sub(&b, b, a), STATUS_AMOUNT_SHORT);
    CHECK(b.cents == 300);
}

TEST(percents_round_down_and_leave_no_cent_over)
{
    static struct money all[AMOUNTS];
    const size_t count = amounts(all);

    for (size_t i = 0; i < count; i++) {
        for (uint64_t percent = 0; percent <= 100; percent++) {
            const struct money whole = all[i];
            struct money part = {5};
            struct money rest, sum;
            /* Long division by hand: hundreds and the rest below a hundred. */
            const uint64_t expected =
                whole.cents / 100 * percent + whole.cents % 100 * percent / 100;

            CHECK_STATUS(money_percent(&part, whole, percent), STATUS_OK);
            CHECK(part.cents == expected);
            CHECK_STATUS(money_sub(&rest, whole, part), STATUS_OK);
            CHECK_STATUS(money_add(&sum, part, rest), STATUS_OK);
            CHECK(sum.cents == whole.cents);
        }
        for (uint64_t percent = 101; percent < 300; percent++) {
            struct money part = {5};

            CHECK_STATUS(money_percent(&part, all[i], percent), STATUS_AMOUNT_RANGE);
            CHECK(part.cents == 5);
        }
    }
}

TEST(every_percent_of_small_amounts)
{
    for (uint64_t cents = 0; cents <= 10000; cents++) {
        struct money last = {0};

        for (uint64_t percent = 0; percent <= 100; percent++) {
            struct money part;

            CHECK_STATUS(money_percent(&part, (struct money){cents}, percent), STATUS_OK);
            CHECK(part.cents * 100 <= cents * percent);
            CHECK(part.cents * 100 + 100 > cents * percent);
            CHECK(part.cents >= last.cents);
            last = part;
        }
        CHECK(last.cents == cents);
    }
}

TEST(random_sums_are_in_any_order)
{
    struct random random = random_begin();

    for (unsigned i = 0; i < 100000; i++) {
        const struct money a = {random_below(&random, MAX / 3)};
        const struct money b = {random_below(&random, MAX / 3)};
        const struct money c = {random_below(&random, MAX / 3)};
        struct money left, right;

        CHECK_STATUS(money_add(&left, a, b), STATUS_OK);
        CHECK_STATUS(money_add(&left, left, c), STATUS_OK);
        CHECK_STATUS(money_add(&right, b, c), STATUS_OK);
        CHECK_STATUS(money_add(&right, a, right), STATUS_OK);
        CHECK(money_compare(left, right) == 0);
        CHECK_STATUS(money_sub(&left, left, c), STATUS_OK);
        CHECK_STATUS(money_sub(&left, left, b), STATUS_OK);
        CHECK(left.cents == a.cents);
    }
}

int
main(int argc, char **argv)
{
    return check_run(argc, argv);
}
