/* protocol/tally: the limits of a till without a network. */
#include "check.h"

#include <stdlib.h>

#include "forge.h"
#include "protocol/tally.h"

#define NEWS 1000000
#define FRESH 86400
#define OFFLINE 604800

static struct tally_item items[TALLY_MAX];
static struct tally tally;
static struct msg_till till;
static struct msg_parameters parameters;
static const struct kid line_a = {{1}};
static const struct kid line_b = {{2}};

static void
start(void)
{
    tally = (struct tally){.items = items, .cap = TALLY_MAX};
    till = (struct msg_till){.limit = {50000}, .count = 60};
    parameters = (struct msg_parameters){.stale_percent = 40,
                                         .per_allowance = {2500},
                                         .per_allowance_stale = {1000},
                                         .fresh_seconds = FRESH,
                                         .offline_seconds = OFFLINE,
                                         .anonymous_allowance = {500},
                                         .anonymous_total = {5000}};
}

static struct tally_item
item(uint32_t number, const struct kid *line, uint32_t tier, uint32_t cents)
{
    struct tally_item out = {.line = *line, .tier = tier, .from = 0, .to = cents, .index = number};

    memcpy(out.transfer.bytes, &number, sizeof number);
    return out;
}

static void
add(uint32_t number, const struct kid *line, uint32_t tier, uint32_t cents)
{
    const struct tally_item next = item(number, line, tier, cents);

    CHECK_STATUS(tally_add(&tally, &next), STATUS_OK);
}

static enum status
check(uint64_t age, const struct kid *line, uint64_t tier, uint64_t cents)
{
    return tally_check(&tally, &till, &parameters, NEWS, NEWS + age, line, tier,
                       (struct money){cents});
}

TEST(freshness)
{
    start();
    CHECK_STATUS(check(0, &line_a, 2, 2500), STATUS_OK);
    CHECK_STATUS(check(FRESH, &line_a, 2, 2500), STATUS_OK);
    CHECK_STATUS(check(FRESH + 1, &line_a, 2, 2500), STATUS_TILL_ALLOWANCE_LIMIT);
    CHECK_STATUS(check(FRESH + 1, &line_a, 2, 1000), STATUS_OK);
    CHECK_STATUS(check(OFFLINE, &line_a, 2, 1000), STATUS_OK);
    CHECK_STATUS(check(OFFLINE + 1, &line_a, 2, 1), STATUS_NEWS_STALE);
    CHECK_STATUS(
        tally_check(&tally, &till, &parameters, NEWS, NEWS - 5, &line_a, 2, (struct money){2500}),
        STATUS_OK);
}

TEST(one_line)
{
    start();
    add(1, &line_a, 2, 2000);
    add(2, &line_b, 2, 2500);
    CHECK_STATUS(check(0, &line_a, 2, 500), STATUS_OK);
    CHECK_STATUS(check(0, &line_a, 2, 501), STATUS_TILL_ALLOWANCE_LIMIT);
    CHECK_STATUS(check(0, &line_b, 2, 1), STATUS_TILL_ALLOWANCE_LIMIT);
    CHECK(tally_confirm(&tally, &items[1].transfer));
    CHECK_STATUS(check(0, &line_b, 2, 2500), STATUS_OK);
    CHECK_STATUS(check(0, &line_a, 2, 501), STATUS_TILL_ALLOWANCE_LIMIT);
}

TEST(anonymous_lines)
{
    start();
    CHECK_STATUS(check(0, &line_a, 1, 500), STATUS_OK);
    CHECK_STATUS(check(0, &line_a, 1, 501), STATUS_TILL_ALLOWANCE_LIMIT);
    parameters.per_allowance = (struct money){400};
    CHECK_STATUS(check(0, &line_a, 1, 401), STATUS_TILL_ALLOWANCE_LIMIT);
    start();
    for (uint32_t i = 0; i < 10; i++) {
        const struct kid line = {{9, (uint8_t)i}};

        add(i, &line, 1, i == 0 ? 499 : 500);
    }
    CHECK_STATUS(check(0, &line_a, 1, 1), STATUS_OK);
    CHECK_STATUS(check(0, &line_a, 1, 2), STATUS_ANONYMOUS_LIMIT);
    /* The others are not held up by them. */
    CHECK_STATUS(check(0, &line_a, 2, 2500), STATUS_OK);
}

TEST(number)
{
    start();
    for (uint32_t i = 0; i < 59; i++) {
        const struct kid line = {{9, (uint8_t)i}};

        CHECK_STATUS(check(FRESH + 1, &line_a, 2, 1), i < 24 ? STATUS_OK : STATUS_TILL_COUNT_LIMIT);
        add(i, &line, 2, 1);
    }
    CHECK_STATUS(check(0, &line_a, 2, 1), STATUS_OK);
    add(59, &line_a, 2, 1);
    CHECK_STATUS(check(0, &line_a, 2, 1), STATUS_TILL_COUNT_LIMIT);
    /* 40 percent of 3 are rounded down. */
    start();
    till.count = 3;
    CHECK_STATUS(check(FRESH + 1, &line_a, 2, 1), STATUS_OK);
    add(1, &line_b, 2, 1);
    CHECK_STATUS(check(FRESH + 1, &line_a, 2, 1), STATUS_TILL_COUNT_LIMIT);
}

TEST(sum)
{
    start();
    parameters.per_allowance = (struct money){10000};
    for (uint32_t i = 0; i < 5; i++) {
        const struct kid line = {{9, (uint8_t)i}};

        add(i, &line, 2, i == 0 ? 9999 : 10000);
    }
    CHECK_STATUS(check(0, &line_a, 2, 1), STATUS_OK);
    CHECK_STATUS(check(0, &line_a, 2, 2), STATUS_TILL_TOTAL_LIMIT);
    CHECK_STATUS(check(FRESH + 1, &line_a, 2, 1), STATUS_TILL_TOTAL_LIMIT);
    start();
    till.limit = (struct money){249};
    CHECK_STATUS(check(FRESH + 1, &line_a, 2, 99), STATUS_OK);
    CHECK_STATUS(check(FRESH + 1, &line_a, 2, 100), STATUS_TILL_TOTAL_LIMIT);
    parameters.stale_percent = 0;
    CHECK_STATUS(check(FRESH + 1, &line_a, 2, 1), STATUS_TILL_COUNT_LIMIT);
}

/* Far above what a message can say: the sums do not wrap. */
TEST(absurd_amounts_are_refused)
{
    start();
    parameters.per_allowance = (struct money){MONEY_CENTS_MAX};
    till.limit = (struct money){MONEY_CENTS_MAX};
    add(1, &line_a, 2, 1);
    CHECK_STATUS(check(0, &line_a, 2, MONEY_CENTS_MAX - 1), STATUS_OK);
    parameters.per_allowance = (struct money){MONEY_CENTS_MAX - 1};
    CHECK_STATUS(check(0, &line_a, 2, MONEY_CENTS_MAX), STATUS_TILL_ALLOWANCE_LIMIT);
    parameters.stale_percent = 101;
    parameters.per_allowance_stale = parameters.per_allowance;
    CHECK_STATUS(check(FRESH + 1, &line_b, 2, 1), STATUS_TILL_TOTAL_LIMIT);
}

/* Each limit broken together with all later ones: the order decides. */
TEST(the_order_of_the_limits)
{
    start();
    parameters.anonymous_total = MONEY_ZERO;
    till.limit = (struct money){1};
    till.count = 0;
    CHECK_STATUS(check(OFFLINE + 1, &line_a, 1, 501), STATUS_NEWS_STALE);
    CHECK_STATUS(check(0, &line_a, 1, 501), STATUS_TILL_ALLOWANCE_LIMIT);
    CHECK_STATUS(check(0, &line_a, 1, 500), STATUS_ANONYMOUS_LIMIT);
    CHECK_STATUS(check(0, &line_a, 2, 500), STATUS_TILL_COUNT_LIMIT);
    till.count = 1;
    CHECK_STATUS(check(0, &line_a, 2, 500), STATUS_TILL_TOTAL_LIMIT);
}

TEST(anchors_and_confirmations_give_room)
{
    start();
    for (uint32_t i = 0; i < 10; i++)
        add(10 * i, i % 2 == 0 ? &line_a : &line_b, 2, 100);
    CHECK(tally_anchor(&tally, 0) == 0 && tally.count == 10);
    CHECK(tally_anchor(&tally, 31) == 4 && tally.count == 6);
    CHECK(tally.items[0].index == 40 && tally.items[5].index == 90);
    CHECK(tally_anchor(&tally, 40) == 0);
    CHECK(tally_confirm(&tally, &tally.items[5].transfer) && tally.count == 5);
    CHECK(tally.items[4].index == 80);
    CHECK(!tally_confirm(&tally, &(struct digest){{77, 77}}) && tally.count == 5);
    CHECK(tally_confirm(&tally, &tally.items[0].transfer) && tally.items[0].index == 50);
    CHECK(tally_anchor(&tally, 1000) == 4 && tally.count == 0);
    CHECK(tally_anchor(&tally, 1000) == 0);
}

TEST(the_array_is_bounded)
{
    struct tally_item next;

    start();
    for (uint32_t i = 0; i < TALLY_MAX; i++)
        add(i, &line_a, 2, 1);
    next = item(5000, &line_a, 2, 1);
    CHECK_STATUS(tally_add(&tally, &next), STATUS_CAPACITY);
    next = item(7, &line_a, 2, 1);
    CHECK_STATUS(tally_add(&tally, &next), STATUS_DUPLICATE_ID);
    CHECK(tally.count == TALLY_MAX);
    CHECK(tally_confirm(&tally, &items[0].transfer));
    CHECK(tally.count == TALLY_MAX - 1 && items[TALLY_MAX - 2].index == TALLY_MAX - 1);
}

TEST(an_item_is_what_was_accepted)
{
    struct forge_key key;
    struct msg_allowance allowance = {.tier = 3};
    const struct msg_transfer transfer = {.from = 5, .to = 25, .seq = 3, .prev = {4, 4, 4}};
    const struct digest id = {{8, 8}};
    struct tally_item out;

    forge_key(&key, "wallet");
    allowance.key = key.key;
    tally_item(&out, &allowance, &transfer, &id, 99);
    CHECK(memcmp(&out.line, &key.kid, sizeof out.line) == 0);
    CHECK(memcmp(&out.transfer, &id, sizeof id) == 0);
    CHECK(memcmp(out.prev, transfer.prev, sizeof out.prev) == 0);
    CHECK(out.tier == 3 && out.from == 5 && out.to == 25 && out.seq == 3 && out.index == 99);
}

TEST(room_for_the_screen)
{
    struct tally_room room;

    start();
    add(1, &line_a, 2, 2500);
    tally_room(&room, &tally, &till, &parameters, NEWS, NEWS);
    CHECK(money_cents(room.cents) == 47500 && room.count == 59 && !room.stale && !room.none);
    tally_room(&room, &tally, &till, &parameters, NEWS, NEWS + FRESH + 1);
    CHECK(money_cents(room.cents) == 17500 && room.count == 23 && room.stale && !room.none);
    tally_room(&room, &tally, &till, &parameters, NEWS, NEWS + OFFLINE + 1);
    CHECK(money_cents(room.cents) == 0 && room.count == 0 && room.none);
    tally_room(&room, &tally, &till, &parameters, NEWS, NEWS + FRESH);
    CHECK(!room.stale);
    tally_room(&room, &tally, &till, &parameters, NEWS, NEWS + OFFLINE);
    CHECK(room.stale && !room.none);
    till.limit = (struct money){100};
    till.count = 1;
    tally_room(&room, &tally, &till, &parameters, NEWS, NEWS);
    CHECK(money_cents(room.cents) == 0 && room.count == 0 && !room.none);
}

/* A thousand till days against sums that are computed anew each time. */
TEST(accepting_never_passes_a_limit)
{
    uint64_t random = 11;
    unsigned accepted = 0;

    start();
    for (uint32_t i = 0; i < 4000; i++) {
        const struct kid line = {{(uint8_t)forge_below(&random, 9)}};
        const uint32_t tier = 1 + line.bytes[0] % 3u;
        const uint32_t cents = 1 + (uint32_t)forge_below(&random, 700);
        const uint64_t age = forge_below(&random, OFFLINE);
        const bool stale = age > FRESH;
        uint64_t all = 0, of_line = 0, anonymous = 0;

        if (i % 97 == 0)
            (void)tally_anchor(&tally, i - (i > 40 ? 40 : i));
        if (check(age, &line, tier, cents) != STATUS_OK)
            continue;
        add(i, &line, tier, cents);
        accepted++;
        for (size_t k = 0; k < tally.count; k++) {
            all += items[k].to - items[k].from;
            if (items[k].tier == 1)
                anonymous += items[k].to - items[k].from;
            if (memcmp(&items[k].line, &line, sizeof line) == 0)
                of_line += items[k].to - items[k].from;
        }
        CHECK(all <= (stale ? 20000u : 50000u) && tally.count <= (stale ? 24u : 60u));
        CHECK(of_line <= (tier == 1 ? 500u : stale ? 1000u : 2500u));
        CHECK(tier != 1 || anonymous <= 5000);
    }
    CHECK(accepted > 500);
}

int
main(int argc, char **argv)
{
    return check_run(argc, argv);
}
