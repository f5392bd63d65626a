#include "tally.h"

#include <assert.h>
#include <string.h>

void
tally_item(struct tally_item *out, const struct msg_allowance *allowance,
           const struct msg_transfer *transfer, const struct digest *id, uint64_t index)
{
    assert(transfer->to <= MSG_LINE_CENTS_MAX && transfer->seq <= UINT32_MAX);
    assert(transfer->from <= transfer->to);
    *out = (struct tally_item){
        .transfer = *id,
        .index = index,
        .tier = (uint32_t)allowance->tier,
        .from = (uint32_t)transfer->from,
        .to = (uint32_t)transfer->to,
        .seq = (uint32_t)transfer->seq,
    };
    crypt_kid(&out->line, &allowance->key);
    memcpy(out->prev, transfer->prev, sizeof out->prev);
}

enum status
tally_add(struct tally *tally, const struct tally_item *item)
{
    assert(tally->count <= tally->cap);
    for (size_t i = 0; i < tally->count; i++) {
        if (memcmp(&tally->items[i].transfer, &item->transfer, sizeof item->transfer) == 0)
            return STATUS_DUPLICATE_ID;
    }
    if (tally->count == tally->cap)
        return STATUS_CAPACITY;
    tally->items[tally->count] = *item;
    tally->count++;
    return STATUS_OK;
}

size_t
tally_anchor(struct tally *tally, uint64_t size)
{
    size_t kept = 0;
    size_t gone;

    assert(tally->count <= tally->cap);
    for (size_t i = 0; i < tally->count; i++) {
        if (tally->items[i].index < size)
            continue;
        if (kept != i)
            tally->items[kept] = tally->items[i];
        kept++;
    }
    gone = tally->count - kept;
    tally->count = kept;
    return gone;
}

bool
tally_confirm(struct tally *tally, const struct digest *transfer)
{
    size_t at = 0;

    assert(tally->count <= tally->cap);
    while (at < tally->count && memcmp(&tally->items[at].transfer, transfer, sizeof *transfer) != 0)
        at++;
    if (at == tally->count)
        return false;
    memmove(&tally->items[at], &tally->items[at + 1],
            (tally->count - at - 1) * sizeof tally->items[0]);
    tally->count--;
    return true;
}

struct sums {
    struct money line;
    struct money anonymous;
    struct money all;
};

static struct money
money(uint64_t cents)
{
    struct money out = MONEY_ZERO;
    const enum status status = money_from_cents(&out, cents);

    assert(status == STATUS_OK);
    return out;
}

/* A sum beyond all money is beyond every limit too. */
static struct money
plus(struct money a, struct money b)
{
    struct money sum;

    return money_add(&sum, a, b) == STATUS_OK ? sum : money(MONEY_CENTS_MAX);
}

static void
add_up(struct sums *out, const struct tally *tally, const struct kid *line)
{
    *out = (struct sums){MONEY_ZERO, MONEY_ZERO, MONEY_ZERO};
    assert(tally->count <= tally->cap);
    for (size_t i = 0; i < tally->count; i++) {
        const struct tally_item *item = &tally->items[i];
        const struct money cents = money(item->to - item->from);

        out->all = plus(out->all, cents);
        if (item->tier == 1)
            out->anonymous = plus(out->anonymous, cents);
        if (line != NULL && memcmp(&item->line, line, sizeof *line) == 0)
            out->line = plus(out->line, cents);
    }
}

/* Age of the news; a clock before it counts as fresh, since CLOCK_BEHIND is another rule's word. */
static uint64_t
age_seconds(uint64_t news_time_unix_s, uint64_t now_unix_s)
{
    return now_unix_s > news_time_unix_s ? now_unix_s - news_time_unix_s : 0;
}

/* What the certificate allows at this age of the news. */
static struct money
limit_all(const struct msg_till *till, const struct msg_parameters *parameters, bool stale)
{
    struct money most = till->limit;

    if (stale && money_percent(&most, till->limit, parameters->stale_percent) != STATUS_OK)
        most = MONEY_ZERO;
    return most;
}

static uint64_t
limit_count(const struct msg_till *till, const struct msg_parameters *parameters, bool stale)
{
    return stale ? till->count * parameters->stale_percent / 100 : till->count;
}

static struct money
limit_line(const struct msg_parameters *parameters, bool stale, bool anonymous)
{
    const struct money most = stale ? parameters->per_allowance_stale : parameters->per_allowance;

    return anonymous ? money_min(most, parameters->anonymous_allowance) : most;
}

enum status
tally_check(const struct tally *tally, const struct msg_till *till,
            const struct msg_parameters *parameters, uint64_t news_time_unix_s, uint64_t now_unix_s,
            const struct kid *line, uint64_t tier, struct money cents)
{
    const uint64_t age = age_seconds(news_time_unix_s, now_unix_s);
    const bool stale = age > parameters->fresh_seconds;
    const bool anonymous = tier == 1;
    struct sums sums;

    if (age > parameters->offline_seconds)
        return STATUS_NEWS_STALE;
    add_up(&sums, tally, line);
    if (money_compare(plus(sums.line, cents), limit_line(parameters, stale, anonymous)) > 0)
        return STATUS_TILL_ALLOWANCE_LIMIT;
    if (anonymous && money_compare(plus(sums.anonymous, cents), parameters->anonymous_total) > 0)
        return STATUS_ANONYMOUS_LIMIT;
    if (tally->count + 1 > limit_count(till, parameters, stale))
        return STATUS_TILL_COUNT_LIMIT;
    if (money_compare(plus(sums.all, cents), limit_all(till, parameters, stale)) > 0)
        return STATUS_TILL_TOTAL_LIMIT;
    return STATUS_OK;
}

void
tally_room(struct tally_room *out, const struct tally *tally, const struct msg_till *till,
           const struct msg_parameters *parameters, uint64_t news_time_unix_s, uint64_t now_unix_s)
{
    const uint64_t age = age_seconds(news_time_unix_s, now_unix_s);
    struct sums sums;
    uint64_t most;

    *out = (struct tally_room){
        .stale = age > parameters->fresh_seconds,
        .none = age > parameters->offline_seconds,
    };
    if (out->none)
        return;
    add_up(&sums, tally, NULL);
    if (money_sub(&out->cents, limit_all(till, parameters, out->stale), sums.all) != STATUS_OK)
        out->cents = MONEY_ZERO;
    most = limit_count(till, parameters, out->stale);
    out->count = most > tally->count ? most - tally->count : 0;
}
