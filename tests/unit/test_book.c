#include "check.h"
#include "fixture.h"
#include "ledger/book.h"

/* Double entry over an empty state. */

static struct store store;
static struct store_txn txn;
static struct state state;
static char folder[64];

static struct money
money(uint64_t cents)
{
    struct money out = MONEY_ZERO;

    CHECK_STATUS(money_from_cents(&out, cents), STATUS_OK);
    return out;
}

static const uint8_t purse[16] = {0xAB, 1, 2, 3};
static const struct kid line = {{0xCD, 4, 5}};

static struct fixture_city city;

static void
start(void)
{
    fixture_open(&city);
    snprintf(folder, sizeof folder, "%.40s/book", city.folder);
    CHECK_STATUS(store_create(folder), STATUS_OK);
    CHECK_STATUS(store_open(&store, folder, UINT64_C(1) << 24), STATUS_OK);
    CHECK_STATUS(store_begin_write(&txn, &store), STATUS_OK);
    CHECK_STATUS(state_begin(&state, &txn), STATUS_OK);
}

static void
end(void)
{
    store_abort(&txn);
    store_close(&store);
    fixture_close(&city);
}

static enum status
post(struct book_account debit, struct book_account credit, uint64_t cents)
{
    return book_post(&state, &(struct book_posting){debit, credit, money(cents)});
}

static uint64_t
balance(struct book_account account)
{
    return money_cents(book_balance(&state, &account));
}

TEST(both_sides_grow_and_shrink)
{
    const struct book_account bank = book_plain(BOOK_BANK, 1);
    const struct book_account unclear = book_plain(BOOK_UNCLEAR, 1);
    const struct book_account lot = book_lot(1, purse, 7);
    const struct book_account owed = book_numbered(BOOK_OWED, 1, 3);
    const struct book_account claim = book_numbered(BOOK_MERCHANT_CLAIM, 1, 3);

    start();
    CHECK_STATUS(post(bank, unclear, 500), STATUS_OK);
    CHECK(balance(bank) == 500 && balance(unclear) == 500);
    CHECK_STATUS(post(unclear, lot, 300), STATUS_OK);
    CHECK(balance(unclear) == 200 && balance(lot) == 300);
    CHECK_STATUS(post(lot, owed, 300), STATUS_OK);
    CHECK_STATUS(post(claim, lot, 50), STATUS_OK);
    CHECK(balance(claim) == 50 && balance(lot) == 50);
    CHECK_STATUS(post(owed, claim, 50), STATUS_OK);
    CHECK(balance(claim) == 0 && balance(owed) == 250);
    CHECK_STATUS(book_check(&state, 1), STATUS_OK);
    CHECK_STATUS(book_check(&state, 2), STATUS_OK);
    CHECK_STATUS(book_recount(&state), STATUS_OK);
    end();
}

/* Each of the four balances that a posting changes has an edge. */
TEST(nothing_goes_below_zero_or_above_the_limit)
{
    const struct book_account bank = book_plain(BOOK_BANK, 1);
    const struct book_account fund = book_plain(BOOK_FUND, 1);
    const struct book_account unclear = book_plain(BOOK_UNCLEAR, 1);
    const struct book_account claim = book_claim(1, purse);
    struct digest before;
    struct digest after;

    start();
    CHECK_STATUS(post(bank, fund, 100), STATUS_OK);
    CHECK_STATUS(state_digest(&before, &state), STATUS_OK);
    CHECK_STATUS(post(fund, unclear, 101), STATUS_BOOKS);
    CHECK_STATUS(post(fund, claim, 1), STATUS_BOOKS);
    CHECK_STATUS(post(bank, fund, MONEY_CENTS_MAX - 99), STATUS_BOOKS);
    CHECK_STATUS(post(bank, fund, 0), STATUS_OK);
    CHECK_STATUS(state_digest(&after, &state), STATUS_OK);
    CHECK(memcmp(&before, &after, sizeof before) == 0);
    CHECK_STATUS(post(fund, unclear, 100), STATUS_OK);
    CHECK(balance(fund) == 0);
    CHECK_STATUS(post(bank, fund, MONEY_CENTS_MAX - 100), STATUS_OK);
    CHECK_STATUS(book_check(&state, 1), STATUS_OK);
    end();
}

TEST(names)
{
    static const struct {
        const char *name;
        enum book_kind kind;
        uint64_t class;
        uint64_t number;
    } plain[] = {{"voucher:bank", BOOK_BANK, 1, 0},
                 {"parking:fund", BOOK_FUND, 2, 0},
                 {"voucher:subsidy:12", BOOK_SUBSIDY, 1, 12},
                 {"voucher:owed:7", BOOK_OWED, 1, 7},
                 {"parking:payout:7", BOOK_PAYOUT, 2, 7},
                 {"voucher:paid:7", BOOK_PAID, 1, 7},
                 {"voucher:claim:merchant:7", BOOK_MERCHANT_CLAIM, 1, 7},
                 {"voucher:unclear", BOOK_UNCLEAR, 1, 0},
                 {"voucher:expired", BOOK_EXPIRED, 1, 0}};
    struct book_account account;
    char name[BOOK_NAME_MAX];

    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++) {
        account = book_numbered(plain[i].kind, plain[i].class, plain[i].number);
        book_name(name, &account);
        CHECK(strcmp(name, plain[i].name) == 0);
    }
    account = book_lot(1, purse, 0);
    book_name(name, &account);
    CHECK(strcmp(name, "voucher:lot:ab010203000000000000000000000000:0") == 0);
    account = book_claim(2, purse);
    book_name(name, &account);
    CHECK(strcmp(name, "parking:claim:ab010203000000000000000000000000") == 0);
    account = book_reserve(1, &line);
    book_name(name, &account);
    CHECK(strcmp(name, "voucher:reserve:cd04050000000000") == 0);
}

TEST(only_bank_and_claims_have_debit_balances)
{
    for (unsigned kind = 1; kind <= BOOK_KINDS; kind++)
        CHECK(book_is_debit((enum book_kind)kind) ==
              (kind == BOOK_BANK || kind == BOOK_CLAIM || kind == BOOK_MERCHANT_CLAIM));
}

TEST(a_walk_through_all_accounts)
{
    struct book_account account = {.kind = BOOK_NONE};
    struct money amount;
    unsigned seen = 0;
    uint64_t sum = 0;

    start();
    CHECK_STATUS(post(book_plain(BOOK_BANK, 2), book_plain(BOOK_UNCLEAR, 2), 5), STATUS_OK);
    for (uint64_t lot = 0; lot < 20; lot++) {
        CHECK_STATUS(post(book_plain(BOOK_BANK, 1), book_lot(1, purse, lot * 1000), lot + 1),
                     STATUS_OK);
    }
    while (book_next(&account, &amount, &state)) {
        seen++;
        if (account.kind == BOOK_LOT)
            sum += money_cents(amount);
    }
    CHECK(seen == 23 && sum == 210);
    end();
}

/* Whoever changes a stored balance is found by the recount. */
TEST(a_recount_finds_what_does_not_add_up)
{
    struct state_key key;

    start();
    CHECK_STATUS(post(book_plain(BOOK_BANK, 1), book_plain(BOOK_FUND, 1), 500), STATUS_OK);
    CHECK_STATUS(book_recount(&state), STATUS_OK);
    state_key_begin(&key, STATE_ACCOUNT);
    state_key_number(&key, 1, 1);
    state_key_number(&key, BOOK_FUND, 1);
    state_key_bytes(&key, (const uint8_t[16]){0}, 16);
    state_key_number(&key, 0, 8);
    state_set_number(&state, &key, 499);
    CHECK_STATUS(book_check(&state, 1), STATUS_OK);
    CHECK_STATUS(book_recount(&state), STATUS_BOOKS);
    state_set_number(&state, &key, 500);
    CHECK_STATUS(book_recount(&state), STATUS_OK);
    key.bytes[2] = 99;
    state_set_number(&state, &key, 0);
    CHECK_STATUS(book_recount(&state), STATUS_BOOKS);
    end();
}

int
main(int argc, char **argv)
{
    return check_run(argc, argv);
}
