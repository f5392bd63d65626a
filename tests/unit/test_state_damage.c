/* Records of the state as a damaged disk may give them: values with a flipped bit, keys of another
 * length. Whatever is read then is read or refused with STORE_BROKEN; no reader ends the program.
 */
#include "check.h"

#include <stdlib.h>

#include "fixture.h"
#include "ledger/apply_rules.h"
#include "random.h"

#define PAIRS_MAX 2000
#define FLIPS 12
#define VALUE_MAX 4096

static struct fixture_city city;
static struct fixture_till till;
static struct fixture_wallet anna;
static struct fixture_wallet bert;
static struct fixture_payment payments[4];
static struct apply apply;

static struct pair {
    size_t key_len;
    size_t value_len;
    uint8_t key[STATE_KEY_MAX];
    uint8_t value[VALUE_MAX];
} pairs[PAIRS_MAX];
static size_t pair_count;

/* Sales, a refund, evidence, a loss and closed lines: records of nearly every table. */
static void
trade(void)
{
    fixture_open(&city);
    fixture_standard(&city);
    fixture_merchant(&city, 1);
    fixture_till(&city, &till, 11, 1);
    fixture_purse(&city, &anna, 1, 1, 2);
    fixture_purse(&city, &bert, 2, 1, 2);
    CHECK_STATUS(fixture_issue(&city, &anna, 8000, 2000), STATUS_OK);
    CHECK_STATUS(fixture_issue(&city, &bert, 8000, 0), STATUS_OK);
    CHECK_STATUS(fixture_allowance(&city, &anna, 5000), STATUS_OK);
    CHECK_STATUS(fixture_allowance(&city, &bert, 3000), STATUS_OK);
    fixture_sale(&city, &payments[0], &anna, &till, 840);
    fixture_sale(&city, &payments[1], &bert, &till, 300);
    fixture_forge(&city, &payments[2], &bert, &till, 0, 200, 0);
    fixture_accept(&city, &till, &payments[2]);
    fixture_refund(&city, &till, &payments[0], 40, 1, false);
    CHECK_STATUS(fixture_sync(&city, &till), STATUS_OK);
    CHECK_STATUS(fixture_loss(&city, &anna, false), STATUS_OK);
}

static void
collect(void)
{
    struct store_cursor cursor;
    struct store_txn txn;
    struct span key;
    struct span value;

    pair_count = 0;
    CHECK_STATUS(store_begin_read(&txn, &city.store), STATUS_OK);
    store_cursor_start(&cursor, &txn, STORE_STATE, (struct span){NULL, 0});
    while (store_cursor_next(&cursor, &key, &value) == STATUS_OK) {
        struct pair *const pair = &pairs[pair_count];

        if (pair_count == PAIRS_MAX || key.len > sizeof pair->key || value.len > sizeof pair->value)
            abort();
        pair->key_len = key.len;
        pair->value_len = value.len;
        memcpy(pair->key, key.data, key.len);
        if (value.len > 0)
            memcpy(pair->value, value.data, value.len);
        pair_count++;
    }
    store_abort(&txn);
}

/* All records of lines, transfers, lots, purses, tills, series and accounts. */
static void
read_lines(void)
{
    struct state *const state = &apply.state;
    const struct fixture_wallet *const wallets[] = {&anna, &bert};

    for (size_t i = 0; i < 2; i++) {
        static struct record_purse purse;
        static struct record_transfer transfer;
        struct line_walk walk = {0};
        struct line_split split;
        struct line_part part;
        struct line view;
        uint64_t from = 0;

        (void)record_purse_get(&purse, state, wallets[i]->purse);
        if (record_line_get(&apply.line, state, &wallets[i]->line)) {
            record_line_view(&view, &apply.line);
            line_split(&split, &view, apply.line.fund, 0);
            while (line_walk_next(&walk, &view, MSG_LINE_CENTS_MAX, &part))
                CHECK(part.cents > 0);
        }
        while (record_transfer_next(&transfer, state, &wallets[i]->line, from))
            from = transfer.index + 1;
    }
    for (size_t i = 0; i < 3; i++) {
        static struct record_transfer transfer;

        (void)record_transfer_get(&transfer, state, &payments[i].id);
    }
}

static enum status
read_all(struct store_txn *txn)
{
    struct state *const state = &apply.state;
    struct merkle_frontier tree;
    struct record_series series;
    struct digest digest;
    enum status status = apply_begin(&apply, txn);

    if (status != STATUS_OK)
        return status;
    read_lines();
    if (record_till_get(&apply.till, state, 11))
        record_till_tree(&tree, &apply.till);
    record_tally_get(&apply.tally, state, 11);
    (void)record_series_get(&series, state, 1);
    (void)apply_settle_quarter(&apply, 1);
    apply_purse_deny_hash(&apply, &digest);
    status = book_recount(state);
    return state_status(state) != STATUS_OK ? state_status(state) : status;
}

static enum status
try_pair(const struct pair *pair, struct span key, struct span value)
{
    struct store_txn txn;
    enum status status;

    CHECK_STATUS(store_begin_write(&txn, &city.store), STATUS_OK);
    CHECK_STATUS(store_delete(&txn, STORE_STATE, (struct span){pair->key, pair->key_len}),
                 STATUS_OK);
    CHECK_STATUS(store_put(&txn, STORE_STATE, key, value), STATUS_OK);
    status = read_all(&txn);
    store_abort(&txn);
    return status;
}

static enum status
try_bit(struct pair *pair, uint64_t bit)
{
    enum status status;

    pair->value[bit / 8] ^= (uint8_t)(1u << bit % 8);
    status = try_pair(pair, (struct span){pair->key, pair->key_len},
                      (struct span){pair->value, pair->value_len});
    pair->value[bit / 8] ^= (uint8_t)(1u << bit % 8);
    CHECK(status == STATUS_OK || status == STATUS_STORE_BROKEN || status == STATUS_BOOKS);
    return status;
}

/* Every bit of lines and transfers, whose numbers must fit each other; some of all others. */
TEST(values_with_a_flipped_bit)
{
    struct random random = random_begin();
    unsigned broken = 0;

    trade();
    collect();
    CHECK(pair_count > 100);
    for (size_t i = 0; i < pair_count && check_failures == 0; i++) {
        struct pair *const pair = &pairs[i];
        const uint64_t bits = pair->value_len * 8;
        const bool all = pair->key[0] == STATE_LINE || pair->key[0] == STATE_TRANSFER;

        for (uint64_t n = 0; n < (all ? bits : FLIPS) && bits > 0; n++)
            broken += try_bit(pair, all ? n : random_below(&random, bits)) == STATUS_STORE_BROKEN;
    }
    CHECK(broken > 100);
    fixture_close(&city);
}

TEST(keys_of_another_length)
{
    static uint8_t key[STATE_KEY_MAX + 1];
    static const uint8_t walked[] = {STATE_ROLE, STATE_TILL_TALLY, STATE_TRANSFER, STATE_DENIED,
                                     STATE_ACCOUNT};

    trade();
    collect();
    for (size_t i = 0; i < pair_count; i++) {
        const struct pair *const pair = &pairs[i];
        const struct span value = {pair->value, pair->value_len};
        enum status status;

        if (pair->key_len < 3)
            continue;
        memcpy(key, pair->key, pair->key_len);
        key[pair->key_len] = 0;
        for (size_t len = pair->key_len - 1; len <= pair->key_len + 1; len += 2) {
            status = try_pair(pair, (struct span){key, len}, value);
            CHECK(status == STATUS_OK || status == STATUS_STORE_BROKEN || status == STATUS_BOOKS);
            if (len > pair->key_len && memchr(walked, key[0], sizeof walked) != NULL)
                CHECK_STATUS(status, STATUS_STORE_BROKEN);
        }
    }
    fixture_close(&city);
}

int
main(int argc, char **argv)
{
    return check_run(argc, argv);
}
