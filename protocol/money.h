/* Checked amounts of money in whole cents. PROTOCOL.md section 4. */
#ifndef SCHWEBE_MONEY_H
#define SCHWEBE_MONEY_H

#include <stdbool.h>
#include <stdint.h>

#include "status.h"

/* The largest amount that a JavaScript number holds exactly: 2^53 - 1 cents. */
#define MONEY_CENTS_MAX UINT64_C(9007199254740991)

/* An amount of 0 to MONEY_CENTS_MAX cents. Direction is never a sign: it lies in the kind of entry.
 * Only money.c, and the codec that reads and writes it, touch the member. */
struct money {
    uint64_t cents;
};

#define MONEY_ZERO ((struct money){0})

/* Fills `out` with `cents`; STATUS_AMOUNT_RANGE above MONEY_CENTS_MAX, `out` untouched. */
MUST_CHECK enum status money_from_cents(struct money *out, uint64_t cents);

/* The amount as a plain number of cents, for printing and encoding. */
uint64_t money_cents(struct money a);

/* out = a + b; STATUS_AMOUNT_RANGE when the sum exceeds MONEY_CENTS_MAX, `out` untouched. */
MUST_CHECK enum status money_add(struct money *out, struct money a, struct money b);

/* out = a - b; STATUS_AMOUNT_SHORT when b is larger than a, `out` untouched. */
MUST_CHECK enum status money_sub(struct money *out, struct money a, struct money b);

/* out = a * percent / 100, rounded down; percent 0 to 100, else STATUS_AMOUNT_RANGE. The rest
 * stays with the caller as money_sub(a, out), so that the two parts sum to the whole. */
MUST_CHECK enum status money_percent(struct money *out, struct money a, uint64_t percent);

/* -1, 0 or 1 as a is less than, equal to or greater than b. */
int money_compare(struct money a, struct money b);

struct money money_min(struct money a, struct money b);

bool money_is_zero(struct money a);

#endif
