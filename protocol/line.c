#include "line.h"

#include <assert.h>
#include <string.h>

/* --- the decision --- */

static void
accept(struct line_verdict *out, enum line_outcome outcome, enum line_cause cause)
{
    *out = (struct line_verdict){.outcome = outcome, .cause = cause};
}

static void
unchanged(struct line_verdict *out, enum line_outcome outcome)
{
    *out = (struct line_verdict){.outcome = outcome, .unchanged = true};
}

static void
refuse(struct line_verdict *out, enum status status)
{
    *out = (struct line_verdict){.status = status};
}

/* Whether `limit` bears `amount` on top of `used`. */
static bool
within(struct money used, struct money amount, struct money limit)
{
    struct money sum;

    return money_add(&sum, used, amount) == STATUS_OK && money_compare(sum, limit) <= 0;
}

/* The fund pays, unless a cap moves the claim to review (section 12.5). */
static void
decide_fund(struct line_verdict *out, const struct line_facts *facts, enum line_cause cause)
{
    const bool capped = money_compare(facts->fund, facts->amount) < 0 ||
                        !within(facts->merchant_quarter, facts->amount, facts->merchant_fund) ||
                        !within(facts->merchant_line, facts->amount, facts->per_allowance);

    accept(out, capped ? LINE_REVIEW : LINE_FUND, cause);
}

/* A till's item or a receipt on a line that is known and not paid yet. */
static void
decide_accepted(struct line_verdict *out, const struct line_facts *facts)
{
    const bool segment_known = facts->source == LINE_FROM_TILL && !facts->gap;

    if (facts->closed) {
        if (facts->free && !facts->after_loss)
            accept(out, LINE_LATE, LINE_CAUSE_LATE);
        else
            accept(out, LINE_TILL_BEARS, LINE_CAUSE_LATE);
        return;
    }
    if (facts->free && !facts->after_loss) {
        accept(out, LINE_RESERVE, LINE_CAUSE_NONE);
        return;
    }

    const enum line_cause cause = facts->after_loss ? LINE_CAUSE_LOSS : LINE_CAUSE_OVERLAP;

    if (!segment_known)
        accept(out, LINE_REVIEW, cause);
    else if (!facts->kept || (facts->after_loss && !facts->uninformed))
        accept(out, LINE_TILL_BEARS, cause);
    else
        decide_fund(out, facts, cause);
}

/* The payer's word without a receipt. */
static void
decide_word(struct line_verdict *out, const struct line_facts *facts)
{
    if (facts->record == LINE_WAS_REVIEW)
        unchanged(out, LINE_REVIEW);
    else if (facts->record == LINE_WAS_CANCELLED)
        refuse(out, STATUS_CANCELLED);
    else if (!facts->known)
        refuse(out, STATUS_ALLOWANCE_UNKNOWN);
    else if (facts->closed)
        refuse(out, STATUS_ALLOWANCE_CLOSED);
    else if (facts->lost)
        refuse(out, STATUS_ALLOWANCE_DENIED);
    else if (!facts->free)
        refuse(out, STATUS_INTERVAL_OVERLAP);
    else
        accept(out, LINE_RESERVE, LINE_CAUSE_NONE);
}

static void
decide_called_off(struct line_verdict *out, const struct line_facts *facts)
{
    if (facts->record == LINE_WAS_CANCELLED)
        unchanged(out, LINE_CANCELLED);
    else if (facts->record != LINE_NEW)
        refuse(out, STATUS_ALREADY_SETTLED);
    else if (!facts->known)
        refuse(out, STATUS_ALLOWANCE_UNKNOWN);
    else if (facts->closed)
        refuse(out, STATUS_ALLOWANCE_CLOSED);
    else
        accept(out, LINE_CANCELLED, LINE_CAUSE_NONE);
}

void
line_decide(struct line_verdict *out, const struct line_facts *facts)
{
    const bool word = facts->source == LINE_DELIVERED || facts->source == LINE_SETTLE_NOW;

    assert(facts->source >= LINE_FROM_TILL && facts->source <= LINE_CALLED_OFF);
    assert(facts->lost || !facts->after_loss);
    if (facts->record == LINE_WAS_VOID)
        refuse(out, STATUS_VOIDED);
    else if (facts->source == LINE_CALLED_OFF)
        decide_called_off(out, facts);
    else if (facts->record == LINE_WAS_PAID || facts->record == LINE_WAS_TILL_BEARS)
        unchanged(out, LINE_ALREADY);
    else if (word)
        decide_word(out, facts);
    else if (facts->record == LINE_WAS_REVIEW && facts->source == LINE_FROM_RECEIPT)
        unchanged(out, LINE_REVIEW);
    else if (!facts->known)
        accept(out, LINE_REVIEW, LINE_CAUSE_UNKNOWN);
    else
        decide_accepted(out, facts);
}

/* --- the settled intervals --- */

/* The place of the first interval that ends behind `at`. */
static size_t
find(const struct line *line, uint64_t at)
{
    size_t low = 0;
    size_t high = line->interval_count;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (line->intervals[middle].to <= at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool
line_free(const struct line *line, uint64_t from, uint64_t to)
{
    const size_t next = find(line, from);

    assert(from < to);
    return next == line->interval_count || line->intervals[next].from >= to;
}

enum status
line_settle(struct line *line, uint64_t from, uint64_t to)
{
    const size_t next = find(line, from);
    struct line_interval *const list = line->intervals;
    const bool joins_left = next > 0 && list[next - 1].to == from;
    const bool joins_right = next < line->interval_count && list[next].from == to;

    assert(to <= line->cents && line->cents <= MSG_LINE_CENTS_MAX);
    assert(line_free(line, from, to));
    if (joins_left && joins_right) {
        list[next - 1].to = list[next].to;
        line->interval_count--;
        memmove(&list[next], &list[next + 1], (line->interval_count - next) * sizeof *list);
    } else if (joins_left) {
        list[next - 1].to = (uint32_t)to;
    } else if (joins_right) {
        list[next].from = (uint32_t)from;
    } else {
        if (line->interval_count == line->interval_cap)
            return STATUS_CAPACITY;
        memmove(&list[next + 1], &list[next], (line->interval_count - next) * sizeof *list);
        list[next] = (struct line_interval){(uint32_t)from, (uint32_t)to};
        line->interval_count++;
    }
    line->settled += to - from;
    return STATUS_OK;
}

/* --- lots --- */

enum status
line_part_add(struct line_part *parts, size_t *count, size_t cap, const struct line_part *part)
{
    if (*count > 0 && parts[*count - 1].lot == part->lot) {
        parts[*count - 1].cents += part->cents;
        return STATUS_OK;
    }
    if (*count == cap)
        return STATUS_CAPACITY;
    parts[(*count)++] = *part;
    return STATUS_OK;
}

size_t
line_parts(struct line_part *out, const struct line *line, uint64_t from, uint64_t to)
{
    uint64_t begin = 0;
    size_t count = 0;

    assert(from <= to && to <= line->cents);
    for (size_t i = 0; i < line->part_count && begin < to; i++) {
        const uint64_t end = begin + line->parts[i].cents;
        const uint64_t low = begin > from ? begin : from;
        const uint64_t high = end < to ? end : to;

        if (low < high)
            out[count++] = (struct line_part){line->parts[i].lot, (uint32_t)(high - low)};
        begin = end;
    }
    assert(begin >= to);
    assert(count <= LINE_PARTS_MAX);
    return count;
}

bool
line_lot_before(const struct line_lot *a, const struct line_lot *b)
{
    if (a->expiry_unix_s != b->expiry_unix_s)
        return a->expiry_unix_s < b->expiry_unix_s;
    if (a->promo != b->promo)
        return a->promo;
    return a->id < b->id;
}

/* --- close --- */

static uint64_t
lesser(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

void
line_split(struct line_split *out, const struct line *line, uint64_t fund_cents,
           uint64_t claim_cents)
{
    const uint64_t left = line->cents - line->settled;

    assert(line->settled <= line->cents);
    out->forfeited = lesser(fund_cents, left);
    out->claims = lesser(claim_cents, left - out->forfeited);
    out->rest = left - out->forfeited - out->claims;
    out->debt = fund_cents - out->forfeited;
    assert(line->settled + out->forfeited + out->claims + out->rest == line->cents);
}

bool
line_walk_next(struct line_walk *walk, const struct line *line, uint64_t most,
               struct line_part *out)
{
    assert(most > 0);
    while (walk->interval < line->interval_count &&
           walk->at >= line->intervals[walk->interval].from) {
        if (walk->at < line->intervals[walk->interval].to)
            walk->at = line->intervals[walk->interval].to;
        walk->interval++;
    }
    if (walk->at >= line->cents)
        return false;
    while (walk->part_end <= walk->at) {
        assert(walk->part < line->part_count);
        walk->part_end += line->parts[walk->part++].cents;
    }

    const uint64_t gap =
        walk->interval < line->interval_count ? line->intervals[walk->interval].from : line->cents;
    const uint64_t end = lesser(lesser(gap, walk->part_end), walk->at + most);

    assert(walk->part > 0 && end > walk->at);
    *out = (struct line_part){line->parts[walk->part - 1].lot, (uint32_t)(end - walk->at)};
    walk->at = end;
    return true;
}
