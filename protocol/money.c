#include "money.h"

#include <assert.h>
#include <stddef.h>

static_assert(MONEY_CENTS_MAX == (UINT64_C(1) << 53) - 1, "what a double holds exactly");
static_assert(MONEY_CENTS_MAX <= UINT64_MAX / 100, "money_percent multiplies before it divides");

enum status
money_from_cents(struct money *out, uint64_t cents)
{
    assert(out != NULL);
    if (cents > MONEY_CENTS_MAX)
        return STATUS_AMOUNT_RANGE;
    out->cents = cents;
    return STATUS_OK;
}

uint64_t
money_cents(struct money a)
{
    assert(a.cents <= MONEY_CENTS_MAX);
    return a.cents;
}

enum status
money_add(struct money *out, struct money a, struct money b)
{
    assert(a.cents <= MONEY_CENTS_MAX);
    assert(b.cents <= MONEY_CENTS_MAX);
    return money_from_cents(out, a.cents + b.cents);
}

enum status
money_sub(struct money *out, struct money a, struct money b)
{
    assert(out != NULL);
    assert(a.cents <= MONEY_CENTS_MAX);
    if (b.cents > a.cents)
        return STATUS_AMOUNT_SHORT;
    out->cents = a.cents - b.cents;
    return STATUS_OK;
}

enum status
money_percent(struct money *out, struct money a, uint64_t percent)
{
    assert(out != NULL);
    assert(a.cents <= MONEY_CENTS_MAX);
    if (percent > 100)
        return STATUS_AMOUNT_RANGE;
    out->cents = a.cents * percent / 100;
    return STATUS_OK;
}

int
money_compare(struct money a, struct money b)
{
    return (a.cents > b.cents) - (a.cents < b.cents);
}

struct money
money_min(struct money a, struct money b)
{
    return a.cents < b.cents ? a : b;
}

bool
money_is_zero(struct money a)
{
    return a.cents == 0;
}
