/* A day at a till whose customers sign whatever they like: the input is a list of steps. However
 * they come, what was accepted never overlaps and never exceeds what the till may take. The sums
 * are done here again, without the code that is tried. */
#include "desk.h"

#include "protocol/transfer.h"

#define STEPS_MAX 32

static struct desk desk;

/* What was accepted, beside the till. */
struct sale {
    size_t line;
    struct msg_transfer transfer;
    struct digest id;
    size_t code_len;
    uint8_t code[CODE_PAYMENT_MAX];
    bool confirmed;
};

struct day {
    uint64_t now;
    size_t count;
    struct sale sales[DESK_SALES_MAX];
};

static bool
apart(const struct msg_transfer *a, const struct msg_transfer *b)
{
    return (a->to <= b->from || b->to <= a->from) && a->seq != b->seq &&
           memcmp(a->prev, b->prev, sizeof a->prev) != 0;
}

/* The limits of section 9.6 with the new one counted in. */
static void
check_limits(const struct day *day, size_t line)
{
    const uint64_t age = day->now - desk.state.rules.news_time_unix_s;
    const bool stale = age > 24 * CODES_HOUR;
    uint64_t of_line = 0;
    uint64_t anonymous = 0;
    uint64_t all = 0;
    size_t count = 0;

    for (size_t i = 0; i < day->count; i++) {
        const struct sale *sale = &day->sales[i];
        const uint64_t cents = sale->transfer.to - sale->transfer.from;

        if (sale->confirmed)
            continue;
        of_line += sale->line == line ? cents : 0;
        anonymous += sale->line == 1 ? cents : 0;
        all += cents;
        count++;
    }
    EXPECT(age <= 168 * CODES_HOUR);
    EXPECT(of_line <= (line == 1 ? 500 : stale ? 1000 : 2500));
    EXPECT(line != 1 || anonymous <= 800);
    EXPECT(count <= (stale ? 2 : 5));
    EXPECT(all <= (stale ? 2400 : 6000));
}

static void
check_sale(const struct day *day, const struct accept_result *result)
{
    const struct sale *sale = &day->sales[day->count - 1];
    const struct msg_request *request = &desk.codes.requests[result->request];
    const uint64_t cents = sale->transfer.to - sale->transfer.from;

    EXPECT(sale->transfer.from < sale->transfer.to && sale->transfer.to <= 5000);
    EXPECT(money_cents(result->amount) == cents && cents <= 2500);
    EXPECT(code_request_static(request) || cents == request->amount.cents ||
           (request->partial && cents < request->amount.cents));
    EXPECT(request->seconds == 0 || day->now < request->time + request->seconds);
    EXPECT(sale->line != 2);
    EXPECT(!denylist_has(&desk.denied, &desk.codes.wallets[sale->line].kid));
    for (size_t i = 0; i + 1 < day->count; i++)
        EXPECT(day->sales[i].line != sale->line || apart(&day->sales[i].transfer, &sale->transfer));
    check_limits(day, sale->line);
}

static void
pay(struct day *day, struct span *in)
{
    static struct accept_result result;
    struct sale *sale = &day->sales[day->count];
    const uint8_t choice = fuzz_byte(in);
    const size_t request = choice / 8 % CODES_REQUESTS;
    enum status status;

    if (day->count == DESK_SALES_MAX)
        return;
    *sale = (struct sale){.line = choice % 8 % CODES_LINES};
    sale->transfer = (struct msg_transfer){.payee = CODES_TILL + (choice >= 128 ? 1U : 0U),
                                           .from = fuzz_number(in, 2) % 5200,
                                           .seq = fuzz_number(in, 1) % 16 + 1,
                                           .prev = {fuzz_byte(in)}};
    sale->transfer.to = (sale->transfer.from + 100 * fuzz_number(in, 1)) % 5200;
    if (sale->transfer.to == 0)
        sale->transfer.to = 1;
    sale->code_len =
        codes_pay(sale->code, &sale->id, &desk.codes, sale->line, request, &sale->transfer);
    status = accept_code(&result, &desk.state, (struct span){sale->code, sale->code_len}, day->now);
    if (status != STATUS_OK)
        return;
    EXPECT(result.request == request);
    EXPECT(desk.requests[request].state == ACCEPT_OPEN);
    EXPECT(memcmp(&result.transfer, &sale->id, sizeof sale->id) == 0);
    day->count++;
    check_sale(day, &result);
    desk_sell(&desk, &result);
}

/* A code that is shown again is paid once. */
static void
show_again(const struct day *day, size_t which)
{
    static struct accept_result result;
    const struct sale *sale;

    if (day->count == 0)
        return;
    sale = &day->sales[which % day->count];
    EXPECT(accept_code(&result, &desk.state, (struct span){sale->code, sale->code_len}, day->now) ==
           STATUS_ALREADY_PAID);
    EXPECT(result.step == 2);
}

static void
confirm(struct day *day, size_t which)
{
    struct sale *sale = &day->sales[which % DESK_SALES_MAX];

    if (which % DESK_SALES_MAX >= day->count)
        return;
    EXPECT(tally_confirm(&desk.tally, &sale->id) == !sale->confirmed);
    sale->confirmed = true;
}

static void
anchor(struct day *day, size_t size)
{
    size_t expected = 0;

    for (size_t i = 0; i < day->count && i < size; i++) {
        expected += !day->sales[i].confirmed;
        day->sales[i].confirmed = true;
    }
    EXPECT(tally_anchor(&desk.tally, size) == expected);
}

static void
step(struct day *day, struct span *in)
{
    const uint8_t choice = fuzz_byte(in);
    const uint8_t which = fuzz_byte(in);

    switch (choice % 8) {
    case 0:
        show_again(day, which);
        break;
    case 1:
        confirm(day, which);
        break;
    case 2:
        anchor(day, which);
        break;
    case 3:
        day->now += which * UINT64_C(1200);
        break;
    case 4:
        desk.state.rules.news_time_unix_s = day->now;
        if (which < CODES_LINES)
            (void)(denylist_add(&desk.denied, &desk.codes.wallets[which].kid) == STATUS_OK);
        break;
    case 5:
        desk.requests[which % CODES_REQUESTS].state =
            (enum accept_request_state)(1 + which / CODES_REQUESTS % ACCEPT_VOIDED);
        break;
    default:
        pay(day, in);
        break;
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct day day;
    struct span in = {data, size};

    if (desk.codes.till_cose.len == 0)
        codes_start(&desk.codes);
    desk_open(&desk);
    memset(&day, 0, sizeof day);
    day.now = CODES_NOW;
    for (unsigned steps = 0; steps < STEPS_MAX && in.len > 0; steps++)
        step(&day, &in);
    return 0;
}

/* Honest payments for the requests, one after the other, and a few other steps. */
static size_t
make(uint8_t *out, uint64_t *random)
{
    size_t len = 0;
    uint64_t from = 0;

    for (uint8_t i = 0; i < 12; i++) {
        const uint8_t request = (uint8_t)forge_below(random, CODES_REQUESTS);
        const uint8_t line = (uint8_t)forge_below(random, 2);
        const uint8_t hundreds = (uint8_t)(request == 3 ? 2 : 4 + 3 * request);

        out[len++] = (uint8_t)(forge_below(random, 3) == 0 ? forge_below(random, 6) : 7);
        out[len++] = (uint8_t)forge_below(random, 8);
        if (out[len - 2] != 7)
            continue;
        out[len++] = (uint8_t)(8 * request + line);
        out[len++] = (uint8_t)(from >> 8);
        out[len++] = (uint8_t)from;
        out[len++] = i;
        out[len++] = i;
        out[len++] = hundreds;
        from += UINT64_C(100) * hundreds;
    }
    return len;
}

FUZZ_MAKER(make)
