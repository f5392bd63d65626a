/* protocol/line: the input is a list of things that happen to a line of up to 100 euros, from
 * several lots. A row of single cents is kept beside it. At every moment what is settled and what
 * is free make up the whole, and at close every free cent goes to exactly one place. */
#include "fuzz.h"

#include "protocol/line.h"

#define STEPS_MAX 300

/* One byte for each cent: 0 free, 1 settled; and the lot that covers it. */
struct model {
    uint64_t cents;
    uint64_t settled;
    uint8_t taken[MSG_LINE_CENTS_MAX];
    uint8_t lots[MSG_LINE_CENTS_MAX];
};

static struct model model;
static struct line line;
static struct line_interval intervals[LINE_INTERVALS_MAX];
static struct line_part parts[LINE_PARTS_MAX];

/* A renewal: more cents at the end, from a lot. */
static void
renew(uint8_t lot, uint64_t cents)
{
    const struct line_part part = {lot, (uint32_t)cents};
    const size_t before = line.part_count;
    const bool joins = before > 0 && parts[before - 1].lot == lot;

    if (cents == 0 || model.cents + cents > MSG_LINE_CENTS_MAX)
        return;
    if (line_part_add(parts, &line.part_count, LINE_PARTS_MAX, &part) != STATUS_OK) {
        EXPECT(before == LINE_PARTS_MAX && !joins);
        return;
    }
    EXPECT(line.part_count == before + !joins);
    memset(model.lots + model.cents, lot, cents);
    model.cents += cents;
    line.cents = model.cents;
}

static bool
is_free(uint64_t from, uint64_t to)
{
    return fuzz_all(model.taken + from, to - from, 0);
}

static void
settle(uint64_t from, uint64_t len)
{
    if (model.cents == 0)
        return;
    from %= model.cents;
    len = 1 + len % (model.cents - from);
    EXPECT(line_free(&line, from, from + len) == is_free(from, from + len));
    if (!is_free(from, from + len))
        return;
    EXPECT(line_settle(&line, from, from + len) == STATUS_OK);
    EXPECT(!line_free(&line, from, from + len));
    memset(model.taken + from, 1, len);
    model.settled += len;
    EXPECT(line.settled == model.settled);
}

/* The parts of an interval are the lots of its cents. */
static void
check_parts(uint64_t from, uint64_t to)
{
    struct line_part out[LINE_PARTS_MAX];
    const size_t count = line_parts(out, &line, from, to);
    uint64_t at = from;

    for (size_t i = 0; i < count; i++) {
        EXPECT(out[i].cents > 0);
        for (uint32_t k = 0; k < out[i].cents; k++)
            EXPECT(at < to && model.lots[at++] == out[i].lot);
    }
    EXPECT(at == to);
}

/* Merged, ascending, with a free cent between each two. */
static void
check_intervals(void)
{
    uint64_t at = 0;
    uint64_t settled = 0;

    for (size_t i = 0; i < line.interval_count; i++) {
        const struct line_interval *interval = &intervals[i];

        EXPECT(interval->from < interval->to && interval->to <= model.cents);
        EXPECT(i == 0 || interval->from > at);
        EXPECT(fuzz_all(model.taken + interval->from, interval->to - interval->from, 1));
        at = interval->to;
        settled += interval->to - interval->from;
    }
    EXPECT(settled == model.settled);
}

static void
check_close(uint64_t fund, uint64_t claims, uint64_t most)
{
    const uint64_t left = model.cents - model.settled;
    struct line_split split;
    struct line_walk walk = {.at = 0};
    struct line_part run;
    uint64_t at = 0;
    uint64_t sum = 0;

    line_split(&split, &line, fund, claims);
    EXPECT(split.forfeited == (fund < left ? fund : left));
    EXPECT(split.forfeited + split.debt == fund);
    EXPECT(split.claims <= claims);
    EXPECT(split.claims == claims || split.rest == 0);
    EXPECT(split.forfeited + split.claims + split.rest == left);
    while (line_walk_next(&walk, &line, most, &run)) {
        EXPECT(run.cents >= 1 && run.cents <= most);
        while (model.taken[at] == 1)
            at++;
        for (uint32_t i = 0; i < run.cents; i++, at++)
            EXPECT(at < model.cents && model.taken[at] == 0 && model.lots[at] == run.lot);
        sum += run.cents;
    }
    EXPECT(sum == left);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span in = {data, size};

    memset(&model, 0, sizeof model);
    memset(&line, 0, sizeof line);
    line.intervals = intervals;
    line.interval_cap = LINE_INTERVALS_MAX;
    line.parts = parts;
    for (unsigned steps = 0; steps < STEPS_MAX && in.len > 0; steps++) {
        const uint8_t choice = fuzz_byte(&in);
        const uint64_t number = fuzz_number(&in, 2);

        if (choice % 8 == 0)
            renew(choice / 8, number % 2000);
        else
            settle(number, choice % 8 == 1 ? fuzz_number(&in, 2) : choice / 8);
    }
    check_intervals();
    if (model.cents > 0)
        check_parts(fuzz_byte(&in) % model.cents, model.cents);
    check_close(size * 37 % 12000, size * 91 % 5000, 1 + size % 700);
    return 0;
}

static size_t
make(uint8_t *out, uint64_t *random)
{
    const size_t len = 3 * (1 + (size_t)forge_below(random, 100));

    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)forge_random(random);
    out[0] &= 0xF8;
    return len;
}

FUZZ_MAKER(make)
