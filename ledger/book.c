#include "book.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* class, kind, id, number */
#define KEY_LEN (1 + 1 + 1 + 16 + 8)

struct totals {
    size_t cents_count;
    struct money cents[BOOK_KINDS];
};

static const struct field totals_fields[] = {
    SCHEMA_MONEY_LIST(1, REQUIRED, struct totals, cents, BOOK_KINDS, 0, MONEY_CENTS_MAX),
};
static const struct schema totals_schema =
    SCHEMA_MAP("totals", struct totals, totals_fields, STATE_VALUE_MAX);

/* --- accounts --- */

bool
book_is_debit(enum book_kind kind)
{
    switch (kind) {
#define X(number, name, text, debit)                                                               \
    case BOOK_##name:                                                                              \
        return debit != 0;
        BOOK_LIST(X)
#undef X
    case BOOK_NONE:
        break;
    }
    return false;
}

static const char *
kind_text(enum book_kind kind)
{
    switch (kind) {
#define X(number, name, text, debit)                                                               \
    case BOOK_##name:                                                                              \
        return text;
        BOOK_LIST(X)
#undef X
    case BOOK_NONE:
        break;
    }
    return "";
}

struct book_account
book_plain(enum book_kind kind, uint64_t class)
{
    return (struct book_account){.kind = kind, .class = class};
}

struct book_account
book_numbered(enum book_kind kind, uint64_t class, uint64_t number)
{
    return (struct book_account){.kind = kind, .class = class, .number = number};
}

struct book_account
book_lot(uint64_t class, const uint8_t purse[static RECORD_PURSE_SIZE], uint64_t lot)
{
    struct book_account account = {.kind = BOOK_LOT, .class = class, .number = lot};

    memcpy(account.id, purse, RECORD_PURSE_SIZE);
    return account;
}

struct book_account
book_claim(uint64_t class, const uint8_t purse[static RECORD_PURSE_SIZE])
{
    struct book_account account = {.kind = BOOK_CLAIM, .class = class};

    memcpy(account.id, purse, RECORD_PURSE_SIZE);
    return account;
}

struct book_account
book_reserve(uint64_t class, const struct kid *line)
{
    struct book_account account = {.kind = BOOK_RESERVE, .class = class};

    memcpy(account.id, line->bytes, KID_SIZE);
    return account;
}

void
book_name(char out[static BOOK_NAME_MAX], const struct book_account *account)
{
    const char *const class = account->class == 2 ? "parking" : "voucher";
    const bool by_purse = account->kind == BOOK_LOT || account->kind == BOOK_CLAIM;
    const size_t id_len = by_purse ? 16 : account->kind == BOOK_RESERVE ? KID_SIZE : 0;
    char hex[2 * 16 + 1] = "";
    char number[24] = "";
    int len;

    for (size_t i = 0; i < id_len; i++)
        snprintf(hex + 2 * i, 3, "%02x", account->id[i]);
    if (account->number != 0 || account->kind == BOOK_LOT)
        snprintf(number, sizeof number, ":%llu", (unsigned long long)account->number);
    len = snprintf(out, BOOK_NAME_MAX, "%s:%s%s%s%s", class, kind_text(account->kind),
                   id_len > 0 ? ":" : "", hex, number);
    assert(len > 0 && len < BOOK_NAME_MAX);
}

static void
account_key(struct state_key *key, const struct book_account *account)
{
    assert(account->class == 1 || account->class == 2);
    state_key_begin(key, STATE_ACCOUNT);
    state_key_number(key, account->class, 1);
    state_key_number(key, (uint64_t)account->kind, 1);
    state_key_bytes(key, account->id, sizeof account->id);
    state_key_number(key, account->number, 8);
    assert(key->len == KEY_LEN);
}

struct money
book_balance(struct state *state, const struct book_account *account)
{
    struct state_key key;
    struct money balance = MONEY_ZERO;
    uint64_t cents;

    account_key(&key, account);
    if (state_number(&cents, state, &key) && money_from_cents(&balance, cents) != STATUS_OK)
        state->failed = STATUS_STORE_BROKEN;
    return balance;
}

/* --- posting --- */

static void
totals_key(struct state_key *key, uint64_t class)
{
    state_key_begin(key, STATE_TOTALS);
    state_key_number(key, class, 1);
}

static void
load_totals(struct totals *out, struct state *state, uint64_t class)
{
    struct state_key key;

    totals_key(&key, class);
    if (!state_load(out, state, &totals_schema, &key))
        out->cents_count = BOOK_KINDS;
}

static bool
same_account(const struct book_account *a, const struct book_account *b)
{
    return a->kind == b->kind && a->class == b->class && a->number == b->number &&
           memcmp(a->id, b->id, sizeof a->id) == 0;
}

/* What an amount makes of a balance; `grows` on the side where balances of its kind grow. */
static enum status
move(struct money *balance, bool grows, struct money amount)
{
    return grows ? money_add(balance, *balance, amount) : money_sub(balance, *balance, amount);
}

enum status
book_post(struct state *state, const struct book_posting *posting)
{
    const struct book_account *const debit = &posting->debit;
    const struct book_account *const credit = &posting->credit;
    const bool debit_grows = book_is_debit(debit->kind);
    const bool credit_grows = !book_is_debit(credit->kind);
    struct money debited = book_balance(state, debit);
    struct money credited = book_balance(state, credit);
    struct totals totals;
    struct state_key key;

    assert(debit->class == credit->class);
    assert(!same_account(debit, credit));
    if (money_is_zero(posting->amount))
        return STATUS_OK;
    load_totals(&totals, state, debit->class);
    if (move(&debited, debit_grows, posting->amount) != STATUS_OK ||
        move(&credited, credit_grows, posting->amount) != STATUS_OK ||
        move(&totals.cents[debit->kind - 1], debit_grows, posting->amount) != STATUS_OK ||
        move(&totals.cents[credit->kind - 1], credit_grows, posting->amount) != STATUS_OK)
        return STATUS_BOOKS;
    account_key(&key, debit);
    state_set_number(state, &key, money_cents(debited));
    account_key(&key, credit);
    state_set_number(state, &key, money_cents(credited));
    totals_key(&key, debit->class);
    state_store(state, &key, &totals_schema, &totals);
    return STATUS_OK;
}

/* --- checks --- */

void
book_totals(struct money out[static BOOK_KINDS], struct state *state, uint64_t class)
{
    struct totals totals;

    load_totals(&totals, state, class);
    memcpy(out, totals.cents, sizeof totals.cents);
}

static enum status
balanced(const struct money totals[static BOOK_KINDS])
{
    struct money debit = MONEY_ZERO;
    struct money credit = MONEY_ZERO;

    for (unsigned i = 0; i < BOOK_KINDS; i++) {
        struct money *const side = book_is_debit((enum book_kind)(i + 1)) ? &debit : &credit;

        if (money_add(side, *side, totals[i]) != STATUS_OK)
            return STATUS_BOOKS;
    }
    return money_compare(debit, credit) == 0 ? STATUS_OK : STATUS_BOOKS;
}

enum status
book_check(struct state *state, uint64_t class)
{
    struct money totals[BOOK_KINDS];

    book_totals(totals, state, class);
    return balanced(totals);
}

bool
book_next(struct book_account *account, struct money *balance, struct state *state)
{
    struct record_walk walk;
    struct state_key prefix;
    struct state_key from;
    struct span key;
    struct span value;
    uint64_t cents;

    state_key_begin(&prefix, STATE_ACCOUNT);
    record_walk_begin(&walk, state, &prefix);
    if (account->class == 0) {
        from = prefix;
    } else {
        account_key(&from, account);
        from.bytes[from.len++] = 0; /* just behind it */
    }
    if (!record_walk_seek(&walk, &key, &value, &from))
        return false;
    if (key.len != KEY_LEN || value.len != 8 || (key.data[1] != 1 && key.data[1] != 2) ||
        key.data[2] < 1 || key.data[2] > BOOK_KINDS) {
        state->failed = STATUS_STORE_BROKEN;
        return false;
    }
    account->class = key.data[1];
    account->kind = (enum book_kind)key.data[2];
    memcpy(account->id, key.data + 3, sizeof account->id);
    account->number = state_key_read(key, 3 + sizeof account->id, 8);
    cents = state_key_read(value, 0, 8);
    if (money_from_cents(balance, cents) != STATUS_OK) {
        state->failed = STATUS_STORE_BROKEN;
        return false;
    }
    return true;
}

enum status
book_recount(struct state *state)
{
    struct money sums[2][BOOK_KINDS] = {0};
    struct book_account account = {0};
    struct money balance;

    while (book_next(&account, &balance, state)) {
        struct money *const sum = &sums[account.class - 1][account.kind - 1];

        if (money_add(sum, *sum, balance) != STATUS_OK)
            return STATUS_BOOKS;
    }
    for (uint64_t class = 1; class <= 2; class ++) {
        struct money totals[BOOK_KINDS];

        book_totals(totals, state, class);
        for (size_t i = 0; i < BOOK_KINDS; i++) {
            if (money_compare(totals[i], sums[class - 1][i]) != 0)
                return STATUS_BOOKS;
        }
        if (balanced(totals) != STATUS_OK)
            return STATUS_BOOKS;
    }
    return state_status(state);
}
