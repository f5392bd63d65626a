#include "check.h"
#include "protocol/line.h"

/* Everything that can happen on a line of at most six cents, against a model made of bits; and the
 * decision table in all its combinations, against what must never be. */

#define CENTS_MAX 6
#define COUNT_MAX 3

struct claim {
    unsigned from;
    unsigned to;
    bool kept; /* the till kept the rules */
};

/* --- the model: one bit for each cent --- */

struct model {
    unsigned cents;
    unsigned settled; /* bits */
    unsigned fund;
    unsigned claims[COUNT_MAX]; /* what tills bear, in order */
    unsigned claim_count;
    enum line_outcome outcomes[COUNT_MAX];
};

static unsigned
bits(unsigned from, unsigned to)
{
    return (1u << to) - (1u << from);
}

static unsigned
count(unsigned set)
{
    unsigned n = 0;

    for (; set != 0; set &= set - 1)
        n++;
    return n;
}

static void
model_arrive(struct model *model, const struct claim *claim, unsigned number)
{
    const unsigned cells = bits(claim->from, claim->to);

    if ((model->settled & cells) == 0) {
        model->settled |= cells;
        model->outcomes[number] = LINE_RESERVE;
    } else if (claim->kept) {
        model->fund += count(cells);
        model->outcomes[number] = LINE_FUND;
    } else {
        model->claims[model->claim_count++] = count(cells);
        model->outcomes[number] = LINE_TILL_BEARS;
    }
}

/* Which lot covers a cent: 0 for the first two, 1 for the third, 2 for the rest. */
static unsigned
lot_of(unsigned cent)
{
    return cent < 2 ? 0 : cent == 2 ? 1 : 2;
}

static void
model_close(const struct model *model, unsigned *forfeited, unsigned *paid, unsigned returned[3])
{
    unsigned fund = model->fund;
    unsigned claims = 0;

    *forfeited = 0;
    *paid = 0;
    for (unsigned i = 0; i < model->claim_count; i++)
        claims += model->claims[i];
    for (unsigned cent = 0; cent < model->cents; cent++) {
        if ((model->settled >> cent & 1) != 0)
            continue;
        if (fund > 0) {
            fund--;
            (*forfeited)++;
        } else if (claims > 0) {
            claims--;
            (*paid)++;
        } else {
            returned[lot_of(cent)]++;
        }
    }
}

/* --- the code --- */

struct real {
    struct line line;
    struct line_interval intervals[LINE_INTERVALS_MAX];
    struct line_part parts[3];
    unsigned fund;
    unsigned claims;
};

static struct real real;

static void
real_start(unsigned cents)
{
    size_t parts = 0;

    memset(&real, 0, sizeof real);
    for (unsigned cent = 0; cent < cents; cent++) {
        const struct line_part part = {lot_of(cent), 1};

        CHECK_STATUS(line_part_add(real.parts, &parts, 3, &part), STATUS_OK);
    }
    real.line = (struct line){.cents = cents,
                              .intervals = real.intervals,
                              .interval_cap = LINE_INTERVALS_MAX,
                              .parts = real.parts,
                              .part_count = parts};
}

static struct money
money(uint64_t cents)
{
    struct money out = MONEY_ZERO;

    CHECK_STATUS(money_from_cents(&out, cents), STATUS_OK);
    return out;
}

static enum line_outcome
real_arrive(const struct claim *claim)
{
    const struct line_facts facts = {.source = LINE_FROM_TILL,
                                     .known = true,
                                     .free = line_free(&real.line, claim->from, claim->to),
                                     .kept = claim->kept,
                                     .amount = money(claim->to - claim->from),
                                     .fund = money(1000),
                                     .merchant_fund = money(1000),
                                     .per_allowance = money(1000)};
    struct line_verdict verdict;

    line_decide(&verdict, &facts);
    CHECK(verdict.status == STATUS_OK && !verdict.unchanged);
    if (verdict.outcome == LINE_RESERVE)
        CHECK_STATUS(line_settle(&real.line, claim->from, claim->to), STATUS_OK);
    if (verdict.outcome == LINE_FUND)
        real.fund += claim->to - claim->from;
    if (verdict.outcome == LINE_TILL_BEARS)
        real.claims += claim->to - claim->from;
    return verdict.outcome;
}

/* Skips what goes to fund and claims, and adds up the rest by lot. */
static void
real_rest(unsigned returned[3], uint64_t skip)
{
    struct line_walk walk = {0};
    struct line_part part;

    while (skip > 0 && line_walk_next(&walk, &real.line, skip, &part))
        skip -= part.cents;
    CHECK(skip == 0);
    while (line_walk_next(&walk, &real.line, CENTS_MAX, &part))
        returned[part.lot] += part.cents;
}

static bool
same_cover(const struct model *model)
{
    unsigned cover = 0;

    for (size_t i = 0; i < real.line.interval_count; i++) {
        const struct line_interval *interval = &real.intervals[i];

        if (interval->from >= interval->to || (i > 0 && interval->from <= real.intervals[i - 1].to))
            return false;
        cover |= bits(interval->from, interval->to);
    }
    return cover == model->settled && real.line.settled == count(model->settled);
}

/* What must be the same in every order when all tills kept the rules (R11). */
struct total {
    uint64_t honoured;
    uint64_t back;
    uint64_t loss;
};

static void
play(struct total *total, unsigned cents, const struct claim *claims, unsigned n)
{
    struct model model = {.cents = cents};
    unsigned model_back[3] = {0};
    unsigned real_back[3] = {0};
    unsigned forfeited;
    unsigned paid;
    struct line_split split;

    real_start(cents);
    for (unsigned i = 0; i < n; i++) {
        model_arrive(&model, &claims[i], i);
        CHECK(real_arrive(&claims[i]) == model.outcomes[i]);
        CHECK(same_cover(&model));
        CHECK(real.fund == model.fund);
    }
    model_close(&model, &forfeited, &paid, model_back);
    line_split(&split, &real.line, real.fund, real.claims);
    CHECK(split.forfeited == forfeited && split.claims == paid);
    CHECK(real.line.settled + split.forfeited + split.claims + split.rest == cents);
    real_rest(real_back, split.forfeited + split.claims);
    for (unsigned lot = 0; lot < 3; lot++)
        CHECK(real_back[lot] == model_back[lot]);

    total->honoured = real.line.settled + real.fund;
    total->back = split.rest;
    total->loss = split.debt;
    CHECK(split.debt == real.fund - split.forfeited);
    CHECK(total->loss == (total->honoured > cents ? total->honoured - cents : 0));
}

static unsigned
all_intervals(struct claim *out, unsigned cents)
{
    unsigned n = 0;

    for (unsigned from = 0; from < cents; from++) {
        for (unsigned to = from + 1; to <= cents; to++)
            out[n++] = (struct claim){from, to, true};
    }
    return n;
}

/* All sequences of one to three intervals, tills that kept the rules and tills that did not. */
TEST(every_arrival_on_small_lines)
{
    struct claim all[CENTS_MAX * (CENTS_MAX + 1) / 2];
    struct claim claims[COUNT_MAX];
    struct total total;
    unsigned played = 0;

    for (unsigned cents = 1; cents <= CENTS_MAX; cents++) {
        const unsigned n = all_intervals(all, cents);

        for (unsigned choice = 0; choice < n * n * n; choice++) {
            for (unsigned kept = 0; kept < 8; kept++) {
                claims[0] = all[choice % n];
                claims[1] = all[choice / n % n];
                claims[2] = all[choice / n / n];
                for (unsigned i = 0; i < COUNT_MAX; i++)
                    claims[i].kept = (kept >> i & 1) != 0;
                play(&total, cents, claims, COUNT_MAX);
                played++;
            }
        }
    }
    CHECK(played == 8 * (1 + 27 + 216 + 1000 + 3375 + 9261));
}

TEST(the_order_does_not_matter_where_it_must_not)
{
    static const unsigned orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                          {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    struct claim all[CENTS_MAX * (CENTS_MAX + 1) / 2];
    struct claim claims[COUNT_MAX];

    for (unsigned cents = 1; cents <= CENTS_MAX; cents++) {
        const unsigned n = all_intervals(all, cents);

        for (unsigned choice = 0; choice < n * n * n; choice++) {
            const unsigned picked[3] = {choice % n, choice / n % n, choice / n / n};
            struct total first = {0};

            for (unsigned order = 0; order < 6; order++) {
                struct total total;

                for (unsigned i = 0; i < COUNT_MAX; i++)
                    claims[i] = all[picked[orders[order][i]]];
                play(&total, cents, claims, COUNT_MAX);
                if (order == 0)
                    first = total;
                CHECK(total.honoured == first.honoured && total.back == first.back &&
                      total.loss == first.loss);
            }
        }
    }
}

/* --- intervals and lots --- */

/* Single cents in all orders of a pattern: joins to the left, to the right, and of two runs. */
TEST(merging)
{
    for (unsigned cents = 2; cents <= 5; cents++) {
        unsigned order[5] = {0, 1, 2, 3, 4};
        unsigned counters[5] = {0};

        for (unsigned at = 0; at < cents;) {
            struct model model = {.cents = cents};

            real_start(cents);
            for (unsigned i = 0; i < cents; i++) {
                CHECK(line_free(&real.line, order[i], order[i] + 1));
                CHECK_STATUS(line_settle(&real.line, order[i], order[i] + 1), STATUS_OK);
                model.settled |= 1u << order[i];
                CHECK(same_cover(&model));
                CHECK(!line_free(&real.line, 0, cents));
            }
            CHECK(real.line.interval_count == 1);
            /* The next permutation: Heap's method without recursion. */
            while (at < cents && counters[at] >= at)
                counters[at++] = 0;
            if (at < cents) {
                const unsigned other = at % 2 == 0 ? 0 : counters[at];
                const unsigned kept = order[other];

                order[other] = order[at];
                order[at] = kept;
                counters[at]++;
                at = 0;
            }
        }
    }
}

TEST(a_full_array_is_refused_and_nothing_changes)
{
    real_start(6);
    real.line.interval_cap = 1;
    CHECK_STATUS(line_settle(&real.line, 0, 1), STATUS_OK);
    CHECK_STATUS(line_settle(&real.line, 2, 3), STATUS_CAPACITY);
    CHECK(real.line.interval_count == 1 && real.line.settled == 1);
    CHECK_STATUS(line_settle(&real.line, 1, 2), STATUS_OK);
    CHECK(real.line.interval_count == 1 && real.line.settled == 2);
}

TEST(parts_of_an_interval)
{
    struct line_part parts[LINE_PARTS_MAX];

    real_start(6);
    for (unsigned from = 0; from <= 6; from++) {
        for (unsigned to = from; to <= 6; to++) {
            unsigned expected[3] = {0};
            const size_t n = line_parts(parts, &real.line, from, to);

            for (unsigned cent = from; cent < to; cent++)
                expected[lot_of(cent)]++;
            for (size_t i = 0; i < n; i++) {
                CHECK(parts[i].cents == expected[parts[i].lot]);
                CHECK(i == 0 || parts[i].lot > parts[i - 1].lot);
                expected[parts[i].lot] = 0;
            }
            CHECK(expected[0] + expected[1] + expected[2] == 0);
        }
    }
}

TEST(parts_are_joined_and_bounded)
{
    struct line_part parts[2];
    const struct line_part one = {1, 5};
    const struct line_part two = {2, 5};
    const struct line_part three = {3, 5};
    size_t n = 0;

    CHECK_STATUS(line_part_add(parts, &n, 2, &one), STATUS_OK);
    CHECK_STATUS(line_part_add(parts, &n, 2, &one), STATUS_OK);
    CHECK(n == 1 && parts[0].cents == 10);
    CHECK_STATUS(line_part_add(parts, &n, 2, &two), STATUS_OK);
    CHECK_STATUS(line_part_add(parts, &n, 2, &three), STATUS_CAPACITY);
    CHECK(n == 2);
}

TEST(the_order_of_lots)
{
    const struct line_lot sorted[] = {
        {9, 100, true}, {3, 100, false}, {5, 100, false}, {1, 200, true}, {0, 200, false}};
    const size_t n = sizeof sorted / sizeof sorted[0];

    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++)
            CHECK(line_lot_before(&sorted[i], &sorted[j]) == (i < j));
    }
}

/* --- the decision table --- */

#define FACTS 9
#define COMBINATIONS (5u * 6u << FACTS)

/* Every combination of who brings it, what is recorded, and nine facts. */
static bool
combine(struct line_facts *out, unsigned number)
{
    const unsigned flags = number & ((1u << FACTS) - 1);
    const unsigned rest = number >> FACTS;
    bool flag[FACTS];

    for (unsigned i = 0; i < FACTS; i++)
        flag[i] = (flags >> i & 1) != 0;
    *out = (struct line_facts){
        .source = (enum line_source)(LINE_FROM_TILL + rest % 5),
        .record = (enum line_record)(rest / 5),
        .known = flag[0],
        .closed = flag[1],
        .lost = flag[2],
        .after_loss = flag[3],
        .free = flag[4],
        .gap = flag[5],
        .kept = flag[6],
        .uninformed = flag[7],
        .amount = money(10),
        .fund = money(flag[8] ? 9 : 10),
        .merchant_fund = money(10),
        .per_allowance = money(10),
    };
    return out->lost || !out->after_loss;
}

TEST(what_must_never_be_decided)
{
    unsigned seen = 0;

    for (unsigned number = 0; number < COMBINATIONS; number++) {
        struct line_facts facts;
        struct line_verdict verdict;

        if (!combine(&facts, number))
            continue;
        seen++;
        line_decide(&verdict, &facts);

        const bool accepted = facts.source == LINE_FROM_TILL || facts.source == LINE_FROM_RECEIPT;
        const bool ok = verdict.status == STATUS_OK;
        const bool pays = ok && !verdict.unchanged;

        /* A void bars for ever, and what is paid is never paid again. */
        CHECK(facts.record != LINE_WAS_VOID || verdict.status == STATUS_VOIDED);
        CHECK(!(pays && (facts.record == LINE_WAS_PAID || facts.record == LINE_WAS_TILL_BEARS)));
        if (!pays)
            continue;
        switch (verdict.outcome) {
        case LINE_RESERVE: /* only what is free, known, open and not accepted after a loss */
            CHECK(facts.free && facts.known && !facts.closed && !facts.after_loss);
            CHECK(accepted || !facts.lost);
            CHECK(facts.source != LINE_CALLED_OFF);
            break;
        case LINE_FUND: /* only for a till whose log shows that it kept the rules */
            CHECK(facts.source == LINE_FROM_TILL && !facts.gap && facts.kept && facts.known);
            CHECK(!facts.closed && (!facts.free || facts.after_loss));
            CHECK(!facts.after_loss || facts.uninformed);
            CHECK(money_cents(facts.fund) >= money_cents(facts.amount));
            CHECK(verdict.cause == (facts.after_loss ? LINE_CAUSE_LOSS : LINE_CAUSE_OVERLAP));
            break;
        case LINE_REVIEW:
            CHECK(accepted && verdict.cause != LINE_CAUSE_NONE);
            CHECK(!facts.known || (!facts.closed && (!facts.free || facts.after_loss)));
            break;
        case LINE_TILL_BEARS: /* a till that kept the rules bears nothing before close */
            CHECK(accepted && facts.known);
            CHECK(facts.closed || !facts.kept || (facts.after_loss && !facts.uninformed));
            break;
        case LINE_LATE:
            CHECK(accepted && facts.closed && facts.free && !facts.after_loss);
            break;
        case LINE_CANCELLED:
            CHECK(facts.source == LINE_CALLED_OFF && facts.record == LINE_NEW && facts.known);
            break;
        case LINE_LOGGED:
        case LINE_ALREADY:
        case LINE_REVERSED:
        case LINE_WAITS:
            CHECK(false);
        }
    }
    CHECK(seen == COMBINATIONS / 4 * 3);
}

static enum status
status_of(struct line_facts facts)
{
    struct line_verdict verdict;

    line_decide(&verdict, &facts);
    return verdict.status;
}

TEST(the_refusals_by_name)
{
    const struct line_facts word = {.source = LINE_DELIVERED, .known = true, .free = true};
    struct line_facts facts = word;

    CHECK_STATUS(status_of(facts), STATUS_OK);
    facts.free = false;
    CHECK_STATUS(status_of(facts), STATUS_INTERVAL_OVERLAP);
    facts.lost = true;
    CHECK_STATUS(status_of(facts), STATUS_ALLOWANCE_DENIED);
    facts.closed = true;
    CHECK_STATUS(status_of(facts), STATUS_ALLOWANCE_CLOSED);
    facts.known = false;
    CHECK_STATUS(status_of(facts), STATUS_ALLOWANCE_UNKNOWN);
    facts.record = LINE_WAS_CANCELLED;
    CHECK_STATUS(status_of(facts), STATUS_CANCELLED);
    facts.source = LINE_CALLED_OFF;
    facts.record = LINE_WAS_PAID;
    CHECK_STATUS(status_of(facts), STATUS_ALREADY_SETTLED);
    facts.record = LINE_NEW;
    CHECK_STATUS(status_of(facts), STATUS_ALLOWANCE_UNKNOWN);
    facts.known = true;
    CHECK_STATUS(status_of(facts), STATUS_ALLOWANCE_CLOSED);
}

/* Each cap moves a claim to review at its first cent too many, and not before. */
TEST(caps_at_their_edges)
{
    const struct line_facts fund = {.source = LINE_FROM_TILL,
                                    .known = true,
                                    .kept = true,
                                    .amount = money(10),
                                    .fund = money(10),
                                    .merchant_quarter = money(90),
                                    .merchant_line = money(15),
                                    .merchant_fund = money(100),
                                    .per_allowance = money(25)};
    struct line_verdict verdict;
    struct line_facts facts = fund;

    line_decide(&verdict, &facts);
    CHECK(verdict.outcome == LINE_FUND);
    facts.fund = money(9);
    line_decide(&verdict, &facts);
    CHECK(verdict.outcome == LINE_REVIEW && verdict.cause == LINE_CAUSE_OVERLAP);
    facts = fund;
    facts.merchant_quarter = money(91);
    line_decide(&verdict, &facts);
    CHECK(verdict.outcome == LINE_REVIEW);
    facts = fund;
    facts.merchant_line = money(16);
    line_decide(&verdict, &facts);
    CHECK(verdict.outcome == LINE_REVIEW);
}

int
main(int argc, char **argv)
{
    return check_run(argc, argv);
}
