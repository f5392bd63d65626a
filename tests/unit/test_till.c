/* The till: its requests and what becomes of them, its sales, voids and refunds, after a restart as
 * before it. What the city tells it is in test_till_sync.c. */
#include "check.h"

#include "ledger/log.h"
#include "protocol/text.h"
#include "town.h"

static struct town town;
static struct town_till shop;
static struct town_wallet anna;
static struct town_wallet bert;

static void
begin(void)
{
    town_open(&town);
    town_till(&town, &shop, 11, 1, 3, 0);
    town_wallet(&town, &anna, 1, 10000, 5000);
    town_wallet(&town, &bert, 1, 10000, 5000);
}

static void
end(void)
{
    town_wallet_close(&bert);
    town_wallet_close(&anna);
    town_till_close(&shop);
    town_close(&town);
}

static struct span
text_span(const char *text)
{
    return (struct span){(const uint8_t *)text, strlen(text)};
}

static const uint8_t salt[TILL_SALT_SIZE] = {9};

static uint64_t
log_length(void)
{
    struct store_txn txn;
    uint64_t size = 0;

    CHECK_STATUS(store_begin_read(&txn, &shop.till.store), STATUS_OK);
    CHECK_STATUS(log_size(&size, &txn), STATUS_OK);
    store_abort(&txn);
    return size;
}

static uint64_t
state_of(uint64_t number)
{
    struct drawer_request record = {0};
    struct store_txn txn;

    CHECK_STATUS(store_begin_read(&txn, &shop.till.store), STATUS_OK);
    CHECK_STATUS(drawer_get_request(&record, &txn, number), STATUS_OK);
    store_abort(&txn);
    return record.state;
}

/* --- PROTOCOL.md section 2: request at a till ------------------------------------------------- */

/* One request with two codes for it, of two wallets. */
struct life {
    uint64_t number;
    char request[CODE_TEXT_SIZE];
    char code[CODE_TEXT_SIZE];
    char other[CODE_TEXT_SIZE];
    char receipt[SELL_TEXT_SIZE];
    struct sell_result result;
};

static void
bring_to(struct life *life, enum accept_request_state state)
{
    struct digest id;

    CHECK_STATUS(town_request(&town, &shop, 1, 100, life->request), STATUS_OK);
    CHECK_STATUS(demand_latest(&life->number, &shop.till, town_now(&town)), STATUS_OK);
    CHECK_STATUS(town_pay(&town, &anna, life->request, life->code, &id), STATUS_OK);
    CHECK_STATUS(town_pay(&town, &bert, life->request, life->other, &id), STATUS_OK);
    if (state == ACCEPT_PAID || state == ACCEPT_VOIDED)
        CHECK_STATUS(town_accept(&town, &shop, life->code, life->receipt, &life->result),
                     STATUS_OK);
    id = life->result.transfer;
    if (state == ACCEPT_VOIDED)
        CHECK_STATUS(reverse_void(&life->result, &shop.till, &id, salt, town_now(&town)),
                     STATUS_OK);
    if (state == ACCEPT_CANCELLED)
        CHECK_STATUS(demand_cancel(&shop.till, life->number, town_now(&town)), STATUS_OK);
    if (state == ACCEPT_EXPIRED)
        fixture_later(&town.city, DEMAND_SECONDS);
}

struct row {
    enum accept_request_state state;
    enum status same;   /* the code that was there first */
    enum status other;  /* another code for the same request */
    enum status cancel; /* by staff */
};

static const struct row life_rows[] = {
    {ACCEPT_OPEN, STATUS_OK, STATUS_OK, STATUS_OK},
    {ACCEPT_PAID, STATUS_ALREADY_PAID, STATUS_ALREADY_PAID, STATUS_ALREADY_PAID},
    {ACCEPT_EXPIRED, STATUS_REQUEST_EXPIRED, STATUS_REQUEST_EXPIRED, STATUS_REQUEST_EXPIRED},
    {ACCEPT_CANCELLED, STATUS_CANCELLED, STATUS_CANCELLED, STATUS_OK},
    {ACCEPT_VOIDED, STATUS_VOIDED, STATUS_VOIDED, STATUS_VOIDED},
};

static void
check_code(const struct life *life, const char *code, enum status expected)
{
    char receipt[SELL_TEXT_SIZE] = "untouched";
    struct sell_result result;

    CHECK_STATUS(town_accept(&town, &shop, code, receipt, &result), expected);
    if (expected == STATUS_OK)
        CHECK(receipt[0] != '\0');
    else if (expected == STATUS_ALREADY_PAID && code == life->code)
        CHECK(strcmp(receipt, life->receipt) == 0);
    else
        CHECK(receipt[0] == '\0');
    CHECK(result.known);
}

static void
check_row(const struct row *row, bool restart)
{
    static struct life life;
    uint64_t size;

    for (unsigned event = 0; event < 3; event++) {
        bring_to(&life, row->state);
        size = log_length();
        if (restart)
            CHECK_STATUS(town_till_reopen(&shop), STATUS_OK);
        if (event == 0)
            check_code(&life, life.code, row->same);
        else if (event == 1)
            check_code(&life, life.other, row->other);
        else
            CHECK_STATUS(demand_cancel(&shop.till, life.number, town_now(&town)), row->cancel);
        /* Refused is without a trace; only open requests change. */
        if (row->state != ACCEPT_OPEN)
            CHECK(log_length() == size);
        else
            CHECK(state_of(life.number) == (event == 2 ? ACCEPT_CANCELLED : ACCEPT_PAID));
        if (row->state != ACCEPT_OPEN && row->state != ACCEPT_EXPIRED)
            CHECK(state_of(life.number) == row->state);
    }
}

TEST(requests_live_as_the_table_says)
{
    begin();
    for (size_t i = 0; i < sizeof life_rows / sizeof life_rows[0]; i++) {
        check_row(&life_rows[i], false);
        check_row(&life_rows[i], true);
    }
    end();
}

/* A second before its end a request is open; paid stays paid when its time is over. */
TEST(time_ends_open_requests_only)
{
    static struct life life;

    begin();
    bring_to(&life, ACCEPT_PAID);
    fixture_later(&town.city, FIXTURE_DAY - 1);
    check_code(&life, life.other, STATUS_ALREADY_PAID);
    bring_to(&life, ACCEPT_OPEN);
    fixture_later(&town.city, DEMAND_SECONDS - 1);
    CHECK_STATUS(demand_latest(&life.number, &shop.till, town_now(&town)), STATUS_OK);
    check_code(&life, life.code, STATUS_OK);
    bring_to(&life, ACCEPT_CANCELLED);
    fixture_later(&town.city, DEMAND_SECONDS);
    check_code(&life, life.code, STATUS_CANCELLED);
    bring_to(&life, ACCEPT_VOIDED);
    fixture_later(&town.city, DEMAND_SECONDS);
    check_code(&life, life.other, STATUS_VOIDED);
    end();
}

/* What ended or ran out more than a day ago is not looked at any more. */
TEST(requests_are_remembered_for_a_day)
{
    static struct demand_list list;
    struct life life;
    struct store_txn txn;

    begin();
    bring_to(&life, ACCEPT_CANCELLED);
    bring_to(&life, ACCEPT_EXPIRED);
    fixture_later(&town.city, FIXTURE_DAY - DEMAND_SECONDS);
    for (unsigned step = 0; step < 3; step++) {
        CHECK_STATUS(store_begin_read(&txn, &shop.till.store), STATUS_OK);
        CHECK_STATUS(demand_load(&list, &shop.till, &txn, town_now(&town)), STATUS_OK);
        store_abort(&txn);
        CHECK(list.count == (step == 0 ? 2 : step == 1 ? 1 : 0));
        fixture_later(&town.city, step == 0 ? 1 : DEMAND_SECONDS);
    }
    CHECK_STATUS(town_accept(&town, &shop, life.code, life.receipt, &life.result),
                 STATUS_REQUEST_UNKNOWN);
    end();
}

static enum status
ask_for(const struct demand_wish *wish, char code[static CODE_TEXT_SIZE], uint64_t *number)
{
    struct kid nonce;

    town_random(&town, &nonce, sizeof nonce);
    return demand_new(code, number, &shop.till, wish, &nonce, town_now(&town));
}

TEST(what_a_till_may_not_ask_for)
{
    struct demand_wish wish = {.class = 1, .amount = {100}, .seconds = DEMAND_SECONDS};
    char code[CODE_TEXT_SIZE];
    uint64_t number = 99;

    begin();
    wish.amount.cents = 0;
    CHECK_STATUS(ask_for(&wish, code, &number), STATUS_AMOUNT_ZERO);
    wish.amount.cents = MSG_LINE_CENTS_MAX + 1;
    CHECK_STATUS(ask_for(&wish, code, &number), STATUS_AMOUNT_OVER_LIMIT);
    wish.amount.cents = MSG_LINE_CENTS_MAX;
    CHECK_STATUS(ask_for(&wish, code, &number), STATUS_OK);
    CHECK(number == 0);
    CHECK_STATUS(ask_for(&wish, code, &number), STATUS_OK);
    CHECK(number == 1);
    CHECK_STATUS(town_till_reopen(&shop), STATUS_OK);
    CHECK_STATUS(ask_for(&wish, code, &number), STATUS_OK);
    CHECK(number == 2);
    CHECK_STATUS(demand_cancel(&shop.till, 3, town_now(&town)), STATUS_REQUEST_UNKNOWN);
    town.city.moment.time_unix_s = town_now(&town) + 400 * FIXTURE_DAY - 1;
    CHECK_STATUS(ask_for(&wish, code, &number), STATUS_OK);
    town.city.moment.time_unix_s++;
    CHECK_STATUS(ask_for(&wish, code, &number), STATUS_CERTIFICATE_EXPIRED);
    end();
}

/* What a reset till cannot repeat: the counter is stored, the nonce is fresh. */
TEST(requests_have_number_and_nonce)
{
    const struct demand_wish wish = {.class = 1, .amount = {100}, .seconds = 77};
    struct code_request parsed;
    struct code_bytes bytes;
    char code[CODE_TEXT_SIZE];
    uint64_t number;

    begin();
    for (uint64_t i = 0; i < 3; i++) {
        const struct kid nonce = {{(uint8_t)(9 + i), 2, 3, 4, 5, 6, 7, 8}};

        CHECK_STATUS(demand_new(code, &number, &shop.till, &wish, &nonce, town_now(&town)),
                     STATUS_OK);
        CHECK_STATUS(pay_read(&parsed, &bytes, &anna.wallet, text_span(code)), STATUS_OK);
        CHECK(number == i && parsed.request.number == i);
        CHECK(memcmp(parsed.request.nonce, &nonce, sizeof parsed.request.nonce) == 0);
        CHECK(parsed.request.till == 11 && money_cents(parsed.request.amount) == 100);
        CHECK(parsed.request.time == town_now(&town) && parsed.request.seconds == 77);
        CHECK_STATUS(town_till_reopen(&shop), STATUS_OK);
    }
    end();
}

TEST(the_latest_request_that_is_open)
{
    char code[CODE_TEXT_SIZE];
    struct digest id;
    uint64_t number = 99;

    begin();
    CHECK_STATUS(demand_latest(&number, &shop.till, town_now(&town)), STATUS_REQUEST_UNKNOWN);
    for (unsigned i = 0; i < 3; i++)
        CHECK_STATUS(town_request(&town, &shop, 1, 100, code), STATUS_OK);
    CHECK_STATUS(demand_latest(&number, &shop.till, town_now(&town)), STATUS_OK);
    CHECK(number == 2);
    CHECK_STATUS(demand_cancel(&shop.till, 2, town_now(&town)), STATUS_OK);
    CHECK_STATUS(town_sale(&town, &shop, &anna, 100, &id), STATUS_OK);
    CHECK_STATUS(demand_latest(&number, &shop.till, town_now(&town)), STATUS_OK);
    CHECK(number == 1);
    fixture_later(&town.city, DEMAND_SECONDS);
    CHECK_STATUS(demand_latest(&number, &shop.till, town_now(&town)), STATUS_REQUEST_UNKNOWN);
    end();
}

/* --- printed and partial requests ------------------------------------------------------------- */

static enum status
pay_some(struct town_wallet *wallet, const char *request, uint64_t cents,
         char code[static CODE_TEXT_SIZE])
{
    struct code_request parsed;
    struct code_bytes bytes;
    struct money wanted = {cents};
    struct money amount = MONEY_ZERO;
    struct digest id;
    enum status status = pay_read(&parsed, &bytes, &wallet->wallet, text_span(request));

    if (status == STATUS_OK)
        status = pay_amount(&amount, &parsed.request, cents == 0 ? NULL : &wanted);
    if (status != STATUS_OK)
        return status;
    return pay_sign(code, &id, &wallet->wallet, &parsed, amount, &wallet->device, town_now(&town));
}

/* It has no amount and no end, and is paid by many; each code once. */
TEST(printed_requests_are_paid_again_and_again)
{
    const struct demand_wish wish = {.class = 1, .is_static = true};
    char request[CODE_TEXT_SIZE];
    char code[CODE_TEXT_SIZE];
    char receipt[SELL_TEXT_SIZE];
    struct sell_result result;
    uint64_t number;

    begin();
    CHECK_STATUS(ask_for(&wish, request, &number), STATUS_OK);
    CHECK_STATUS(pay_some(&anna, request, 0, code), STATUS_STATIC_REQUEST);
    for (unsigned i = 0; i < 3; i++) {
        fixture_later(&town.city, FIXTURE_DAY);
        CHECK_STATUS(town_sync(&town, &shop), STATUS_OK);
        CHECK_STATUS(pay_some(i == 1 ? &bert : &anna, request, 100 + i, code), STATUS_OK);
        CHECK_STATUS(town_accept(&town, &shop, code, receipt, &result), STATUS_OK);
        CHECK(result.request == number && money_cents(result.amount) == 100 + i);
        CHECK_STATUS(town_accept(&town, &shop, code, receipt, &result), STATUS_ALREADY_PAID);
        CHECK(result.request == number && money_cents(result.amount) == 100 + i);
        CHECK(state_of(number) == ACCEPT_OPEN);
    }
    /* A void ends the sale and not the request; the code is barred all the same. */
    CHECK_STATUS(reverse_void_code(&result, &shop.till, text_span(code), salt, town_now(&town)),
                 STATUS_OK);
    CHECK(state_of(number) == ACCEPT_OPEN);
    CHECK_STATUS(town_accept(&town, &shop, code, receipt, &result), STATUS_VOIDED);
    CHECK_STATUS(pay_some(&anna, request, 200, code), STATUS_OK);
    CHECK_STATUS(demand_cancel(&shop.till, number, town_now(&town)), STATUS_OK);
    CHECK_STATUS(town_accept(&town, &shop, code, receipt, &result), STATUS_CANCELLED);
    end();
}

/* The person at the till is told what is missing. */
TEST(a_part_is_told_as_a_part)
{
    const struct demand_wish wish = {
        .class = 1, .amount = {500}, .seconds = DEMAND_SECONDS, .partial = true};
    char request[CODE_TEXT_SIZE];
    char code[CODE_TEXT_SIZE];
    char receipt[SELL_TEXT_SIZE];
    struct sell_result result;
    uint64_t number;

    begin();
    CHECK_STATUS(ask_for(&wish, request, &number), STATUS_OK);
    CHECK_STATUS(pay_some(&anna, request, 200, code), STATUS_OK);
    CHECK_STATUS(town_accept(&town, &shop, code, receipt, &result), STATUS_OK);
    CHECK(money_cents(result.amount) == 200 && money_cents(result.missing) == 300);
    CHECK_STATUS(ask_for(&wish, request, &number), STATUS_OK);
    CHECK_STATUS(pay_some(&anna, request, 500, code), STATUS_OK);
    CHECK_STATUS(town_accept(&town, &shop, code, receipt, &result), STATUS_OK);
    CHECK(money_is_zero(result.missing));
    end();
}

/* However many others come after it. */
TEST(printed_requests_keep_their_place)
{
    const struct demand_wish printed = {.class = 1, .is_static = true};
    const struct demand_wish wish = {.class = 1, .amount = {100}, .seconds = DEMAND_SECONDS};
    char request[CODE_TEXT_SIZE];
    char code[CODE_TEXT_SIZE];
    char last[CODE_TEXT_SIZE];
    char receipt[SELL_TEXT_SIZE];
    struct sell_result result;
    uint64_t first;
    uint64_t number;

    begin();
    CHECK_STATUS(ask_for(&printed, request, &first), STATUS_OK);
    for (unsigned i = 1; i < TILL_PRINTED_MAX; i++)
        CHECK_STATUS(ask_for(&printed, code, &number), STATUS_OK);
    CHECK_STATUS(ask_for(&printed, code, &number), STATUS_CAPACITY);
    for (unsigned i = 0; i < TILL_REQUESTS_MAX; i++)
        CHECK_STATUS(ask_for(&wish, last, &number), STATUS_OK);
    CHECK_STATUS(pay_some(&anna, request, 150, code), STATUS_OK);
    CHECK_STATUS(town_accept(&town, &shop, code, receipt, &result), STATUS_OK);
    CHECK(result.request == first);
    CHECK_STATUS(pay_some(&anna, last, 0, code), STATUS_OK);
    CHECK_STATUS(town_accept(&town, &shop, code, receipt, &result), STATUS_OK);
    CHECK(result.request == number);
    CHECK_STATUS(demand_cancel(&shop.till, first + 1, town_now(&town)), STATUS_OK);
    CHECK_STATUS(ask_for(&printed, code, &number), STATUS_OK);
    end();
}

TEST(less_is_paid_only_where_it_is_asked_for)
{
    struct demand_wish wish = {
        .class = 1, .amount = {500}, .partial = true, .seconds = DEMAND_SECONDS};
    char request[CODE_TEXT_SIZE];
    char code[CODE_TEXT_SIZE];
    char receipt[SELL_TEXT_SIZE];
    struct sell_result result;
    uint64_t number;

    begin();
    CHECK_STATUS(ask_for(&wish, request, &number), STATUS_OK);
    CHECK_STATUS(pay_some(&anna, request, 501, code), STATUS_AMOUNT_MISMATCH);
    CHECK_STATUS(pay_some(&anna, request, 200, code), STATUS_OK);
    CHECK_STATUS(town_accept(&town, &shop, code, receipt, &result), STATUS_OK);
    CHECK(money_cents(result.amount) == 200 && state_of(number) == ACCEPT_PAID);
    wish.partial = false;
    CHECK_STATUS(ask_for(&wish, request, &number), STATUS_OK);
    CHECK_STATUS(pay_some(&anna, request, 499, code), STATUS_AMOUNT_MISMATCH);
    CHECK_STATUS(pay_some(&anna, request, 500, code), STATUS_OK);
    end();
}

/* --- limits and intervals --------------------------------------------------------------------- */

/* 25 euros of one line until the ledger has confirmed them; what is counted survives a restart. */
TEST(limits_count_what_is_not_confirmed)
{
    struct sell_result result;
    struct digest a;
    struct digest b;

    begin();
    CHECK_STATUS(town_sale(&town, &shop, &anna, 1500, &a), STATUS_OK);
    CHECK_STATUS(town_sale(&town, &shop, &anna, 1000, &b), STATUS_OK);
    CHECK_STATUS(town_sale(&town, &shop, &anna, 1, &b), STATUS_TILL_ALLOWANCE_LIMIT);
    CHECK(shop.till.tally.count == 2);
    CHECK_STATUS(town_till_reopen(&shop), STATUS_OK);
    CHECK(shop.till.tally.count == 2);
    CHECK_STATUS(town_sale(&town, &shop, &anna, 1, &b), STATUS_TILL_ALLOWANCE_LIMIT);
    CHECK_STATUS(town_sale(&town, &shop, &bert, 1, &b), STATUS_OK);
    /* A void gives the room back, now and after a restart. */
    CHECK_STATUS(reverse_void(&result, &shop.till, &a, salt, town_now(&town)), STATUS_OK);
    CHECK(shop.till.tally.count == 2);
    CHECK_STATUS(town_till_reopen(&shop), STATUS_OK);
    CHECK(shop.till.tally.count == 2);
    CHECK_STATUS(town_sale(&town, &shop, &anna, 1500, &b), STATUS_OK);
    CHECK_STATUS(town_sale(&town, &shop, &anna, 1, &b), STATUS_TILL_ALLOWANCE_LIMIT);
    CHECK_STATUS(town_sync(&town, &shop), STATUS_OK);
    CHECK(shop.till.tally.count == 0);
    CHECK_STATUS(town_till_reopen(&shop), STATUS_OK);
    CHECK(shop.till.tally.count == 0);
    CHECK_STATUS(town_sale(&town, &shop, &anna, 500, &b), STATUS_OK);
    end();
}

/* A clock that was put back behind the till's own last entry, though not behind the city's word. */
TEST(the_tills_own_entries_hold_its_clock)
{
    char request[CODE_TEXT_SIZE];
    char code[CODE_TEXT_SIZE];
    char receipt[SELL_TEXT_SIZE];
    struct sell_result result;
    struct digest id;

    begin();
    CHECK_STATUS(town_request(&town, &shop, 1, 100, request), STATUS_OK);
    CHECK_STATUS(town_pay(&town, &bert, request, code, &id), STATUS_OK);
    fixture_later(&town.city, 60);
    CHECK_STATUS(town_sale(&town, &shop, &anna, 100, &id), STATUS_OK);
    town.city.moment.time_unix_s -= 1;
    for (unsigned i = 0; i < 2; i++) {
        CHECK_STATUS(town_accept(&town, &shop, code, receipt, &result), STATUS_CLOCK_BEHIND);
        CHECK_STATUS(reverse_void(&result, &shop.till, &id, salt, town_now(&town)),
                     STATUS_CLOCK_BEHIND);
        CHECK_STATUS(town_request(&town, &shop, 1, 100, request), STATUS_CLOCK_BEHIND);
        CHECK_STATUS(town_till_reopen(&shop), STATUS_OK);
    }
    town.city.moment.time_unix_s += 1;
    CHECK_STATUS(town_accept(&town, &shop, code, receipt, &result), STATUS_OK);
    end();
}

/* The clock of the till alone is wrong, by so much. */
static enum status
sync_ahead(struct town_till *till, uint64_t seconds)
{
    static uint8_t upload[MSG_PARCEL_MAX];
    static struct msg_parcel parcel;
    static const uint8_t seed[32] = {5};
    const uint64_t now = town_now(&town) + seconds;
    struct sync_result result;
    size_t len;
    bool more;

    CHECK_STATUS(sync_upload(upload, sizeof upload, &len, &more, &till->till, now), STATUS_OK);
    CHECK_STATUS(schema_decode(&parcel, &msg_parcel_schema, (struct span){upload, len}), STATUS_OK);
    CHECK_STATUS(fixture_submit(&town.city, MSG_PARCEL_UPLOAD, parcel.parts, parcel.parts_count),
                 STATUS_OK);
    return sync_take(&result, &till->till, town.city.result.answer, seed, now);
}

/* A sync with a clock that is months ahead does not keep the till from selling until that time has
 * come: once the clock is right it sells. */
TEST(a_sync_with_a_fast_clock_does_no_harm)
{
    const uint64_t ahead = 100 * FIXTURE_DAY;
    struct digest id;

    begin();
    CHECK_STATUS(town_sale(&town, &shop, &anna, 100, &id), STATUS_OK);
    fixture_later(&town.city, 60);
    CHECK_STATUS(sync_ahead(&shop, ahead), STATUS_OK);
    CHECK(till_lower_bound(&shop.till) == town_now(&town));
    for (unsigned i = 0; i < 2; i++) {
        CHECK_STATUS(till_clock(&shop.till, town_now(&town) + ahead), STATUS_CLOCK_AHEAD);
        CHECK_STATUS(town_sale(&town, &shop, &anna, 100, &id), STATUS_OK);
        CHECK_STATUS(town_till_reopen(&shop), STATUS_OK);
    }
    CHECK_STATUS(town_sync(&town, &shop), STATUS_OK);
    CHECK(fixture_owed(&town.city, 1) == 300);
    end();
}

TEST(an_installation_with_a_fast_clock_does_no_harm)
{
    static struct town_till fresh;
    struct digest id;

    begin();
    town.ahead = 100 * FIXTURE_DAY;
    town_till(&town, &fresh, 31, 2, 3, 0);
    CHECK(till_lower_bound(&fresh.till) == town_now(&town));
    CHECK_STATUS(town_sale(&town, &fresh, &anna, 100, &id), STATUS_OK);
    town_till_close(&fresh);
    town.ahead = 0;
    end();
}

/* What a till dates by its own clock is never more than a week behind the city's last word. */
TEST(a_fast_clock_writes_nothing)
{
    char request[CODE_TEXT_SIZE];
    char code[CODE_TEXT_SIZE];
    char receipt[SELL_TEXT_SIZE];
    struct sell_result result;
    struct digest id;
    const struct money one = {1};
    const struct kid nonce = {{7}};
    const struct demand_wish wish = {.class = 1, .amount = {100}, .seconds = 300};
    const struct secret_key *const key = &shop.till.secret;
    struct span text;
    uint64_t number;
    uint64_t last;

    begin();
    CHECK_STATUS(town_sale(&town, &shop, &anna, 100, &id), STATUS_OK);
    last = shop.till.denied.time_unix_s +
           till_parameters(&shop.till, town_now(&town))->offline_seconds;
    CHECK(shop.till.meta.anchor_time <= shop.till.denied.time_unix_s);
    CHECK_STATUS(demand_new(request, &number, &shop.till, &wish, &nonce, last + 1), STATUS_OK);
    CHECK_STATUS(town_pay(&town, &bert, request, code, &result.transfer), STATUS_OK);
    text = (struct span){(const uint8_t *)code, strlen(code)};
    CHECK_STATUS(sell_accept(receipt, &result, &shop.till, text, salt, last + 1),
                 STATUS_CLOCK_AHEAD);
    CHECK_STATUS(reverse_void(&result, &shop.till, &id, salt, last + 1), STATUS_CLOCK_AHEAD);
    CHECK_STATUS(reverse_void_code(&result, &shop.till, text, salt, last + 1), STATUS_CLOCK_AHEAD);
    CHECK_STATUS(reverse_refund(&shop.till, &id, one, salt, key, last + 1), STATUS_CLOCK_AHEAD);
    CHECK(till_lower_bound(&shop.till) <= last - FIXTURE_DAY);
    CHECK_STATUS(reverse_refund(&shop.till, &id, one, salt, key, last), STATUS_OK);
    CHECK_STATUS(reverse_void(&result, &shop.till, &id, salt, last), STATUS_OK);
    CHECK_STATUS(till_clock(&shop.till, last), STATUS_OK);
    end();
}

/* A clone's intervals are known at this till for ever, each of them, confirmed or not. */
TEST(no_interval_is_taken_twice)
{
    struct town_wallet copy;
    struct digest id;

    begin();
    town_clone(&copy, &anna);
    for (unsigned i = 0; i < 4; i++)
        CHECK_STATUS(town_sale(&town, &shop, &anna, 10, &id), STATUS_OK);
    for (unsigned i = 0; i < 4; i++) {
        /* One of the four each time, as the copy's cursor goes on. */
        CHECK_STATUS(town_sale(&town, &shop, &copy, 10, &id), STATUS_INTERVAL_OVERLAP);
        if (i == 0)
            CHECK_STATUS(town_till_reopen(&shop), STATUS_OK);
        if (i == 1)
            CHECK_STATUS(town_sync(&town, &shop), STATUS_OK);
    }
    CHECK(shop.till.tally.count == 0);
    town_wallet_close(&copy);
    end();
}

int
main(int argc, char **argv)
{
    return check_run(argc, argv);
}
