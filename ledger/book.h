/* The book of accounts: double entry, checked at every posting. PROTOCOL.md section 13; rule R35.
 *
 * Bank and claims have debit balances, all others credit balances; none goes below zero. Beside
 * the accounts the totals of each kind are kept, so that the equation of section 13 is checked
 * after every entry without reading the accounts. */
#ifndef SCHWEBE_BOOK_H
#define SCHWEBE_BOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/crypt.h"
#include "protocol/money.h"
#include "protocol/status.h"
#include "record.h"
#include "state.h"

/* X(number, NAME, name in account names, 1 for a debit balance). Stored: append-only. */
#define BOOK_LIST(X)                                                                               \
    X(1, BANK, "bank", 1)                                                                          \
    X(2, UNCLEAR, "unclear", 0)                                                                    \
    X(3, SUBSIDY, "subsidy", 0)                                                                    \
    X(4, FUND, "fund", 0)                                                                          \
    X(5, LOT, "lot", 0)                                                                            \
    X(6, RESERVE, "reserve", 0)                                                                    \
    X(7, OWED, "owed", 0)                                                                          \
    X(8, PAYOUT, "payout", 0)                                                                      \
    X(9, PAID, "paid", 0)                                                                          \
    X(10, CLAIM, "claim", 1)                                                                       \
    X(11, MERCHANT_CLAIM, "claim:merchant", 1)                                                     \
    X(12, EXPIRED, "expired", 0)

enum book_kind {
    BOOK_NONE = 0,
#define X(number, name, text, debit) BOOK_##name = number,
    BOOK_LIST(X)
#undef X
};
#define BOOK_KINDS 12

/* `id` is the purse of LOT and CLAIM and the line (8 bytes, then zeros) of RESERVE; `number` the
 * series, merchant or lot. All zero where the kind has none. */
struct book_account {
    enum book_kind kind;
    uint64_t class;
    uint8_t id[16];
    uint64_t number;
};

struct book_posting {
    struct book_account debit;
    struct book_account credit;
    struct money amount;
};

/* Accounts by what they belong to. */
struct book_account book_plain(enum book_kind kind, uint64_t class);
struct book_account book_numbered(enum book_kind kind, uint64_t class, uint64_t number);
struct book_account book_lot(uint64_t class, const uint8_t purse[static RECORD_PURSE_SIZE],
                             uint64_t lot);
struct book_account book_claim(uint64_t class, const uint8_t purse[static RECORD_PURSE_SIZE]);
struct book_account book_reserve(uint64_t class, const struct kid *line);

/* "voucher:lot:<purse hex>:<lot>" and a NUL. */
#define BOOK_NAME_MAX 80
void book_name(char out[static BOOK_NAME_MAX], const struct book_account *account);

/* Whether the account is of a kind with debit balance. */
bool book_is_debit(enum book_kind kind);

/* The balance; 0 for an account that nothing was ever posted to. */
struct money book_balance(struct state *state, const struct book_account *account);

/* Posts an amount. BOOKS when an account would go below zero or above MONEY_CENTS_MAX; nothing has
 * changed then. Nothing happens for an amount of zero. */
MUST_CHECK enum status book_post(struct state *state, const struct book_posting *posting);

/* The totals of all kinds of a class; totals[BOOK_BANK - 1] is that of the banks. */
void book_totals(struct money totals[static BOOK_KINDS], struct state *state, uint64_t class);

/* Section 13's equation from the totals of a class: BOOKS. */
MUST_CHECK enum status book_check(struct state *state, uint64_t class);

/* Adds up all accounts of both classes and compares with the totals and the equation: BOOKS, or
 * what the state failed with. Reads every account. */
MUST_CHECK enum status book_recount(struct state *state);

/* The accounts in the order of their keys: start with all zero, false at the end. */
bool book_next(struct book_account *account, struct money *balance, struct state *state);

#endif
