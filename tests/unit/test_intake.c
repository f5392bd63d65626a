#include "check.h"
#include "fixture.h"

/* What comes in, from the first entry of a city to its last payout. */

static struct fixture_city city;
static struct fixture_till shop;
static struct fixture_till cafe;
static struct fixture_wallet anna;
static struct record_line line;
static struct record_transfer record;

/* Two merchants with a till each, and Anna with 100 euros, 50 of them taken along. */
static void
start(void)
{
    fixture_open(&city);
    fixture_standard(&city);
    fixture_merchant(&city, 1);
    fixture_merchant(&city, 2);
    fixture_till(&city, &shop, 11, 1);
    fixture_till(&city, &cafe, 21, 2);
    fixture_purse(&city, &anna, 1, 1, 2);
    CHECK_STATUS(fixture_issue(&city, &anna, 8000, 2000), STATUS_OK);
    CHECK_STATUS(fixture_allowance(&city, &anna, 5000), STATUS_OK);
}

/* Every test ends with equal books, and with a replay that gives the same state. */
static void
end(void)
{
    CHECK_STATUS(fixture_recount(&city), STATUS_OK);
    CHECK_STATUS(fixture_replay(&city), STATUS_OK);
    fixture_close(&city);
}

TEST(a_day_without_quarrels)
{
    struct fixture_payment bread;
    struct fixture_payment coffee;
    const struct book_account lot = book_plain(BOOK_UNCLEAR, 1);

    start();
    fixture_later(&city, 3600);
    fixture_sale(&city, &bread, &anna, &shop, 1250);
    fixture_later(&city, 60);
    fixture_sale(&city, &coffee, &anna, &cafe, 840);
    fixture_later(&city, 60);
    CHECK_STATUS(fixture_sync(&city, &shop), STATUS_OK);
    CHECK_STATUS(fixture_sync(&city, &cafe), STATUS_OK);
    CHECK(fixture_result(&shop, bread.accepted) == LINE_RESERVE);
    CHECK(fixture_owed(&city, 1) == 1250);
    CHECK(fixture_owed(&city, 2) == 840);
    CHECK(fixture_balance(&city, &lot) == 5000000 - 8000);
    CHECK(fixture_transfer(&city, &record, &bread.id));
    CHECK(record.outcome == LINE_RESERVE && record.from == 0 && record.to == 1250);
    CHECK(fixture_line(&city, &line, &anna.line));
    CHECK(line.settled == 2090 && line.flags == 0 && line.interval_count == 1);
    CHECK_STATUS(fixture_close_due(&city), STATUS_NOT_DUE);
    fixture_days(&city, 17);
    CHECK_STATUS(fixture_close_due(&city), STATUS_OK);
    CHECK(fixture_line(&city, &line, &anna.line));
    CHECK(line.flags == RECORD_LINE_CLOSED);
    end();
}

TEST(a_repeated_message_gets_the_same_answer)
{
    static uint8_t answer[MSG_PARCEL_MAX];
    static uint8_t parcel[MSG_PARCEL_MAX];
    struct fixture_payment bread;
    struct digest before;
    struct digest after;
    size_t answer_len;
    size_t parcel_len;

    start();
    fixture_sale(&city, &bread, &anna, &shop, 1250);
    fixture_later(&city, 60);
    CHECK_STATUS(fixture_upload(&city, &shop, 0, shop.count, false), STATUS_OK);
    answer_len = city.result.answer.len;
    memcpy(answer, city.result.answer.data, answer_len);
    CHECK_STATUS(schema_encode(parcel, sizeof parcel, &parcel_len, &msg_parcel_schema, &city.parts),
                 STATUS_OK);
    fixture_digest(&city, &before);
    for (int i = 0; i < 3; i++) {
        fixture_later(&city, 3600);
        CHECK_STATUS(intake_submit(&city.intake, &city.result, (struct span){parcel, parcel_len},
                                   fixture_moment(&city)),
                     STATUS_OK);
        CHECK(city.result.repeated && city.result.count == 0);
        CHECK(city.result.answer.len == answer_len &&
              memcmp(city.result.answer.data, answer, answer_len) == 0);
        fixture_reopen(&city);
    }
    fixture_digest(&city, &after);
    CHECK(memcmp(&before, &after, sizeof before) == 0);
    CHECK(fixture_owed(&city, 1) == 1250);
    end();
}

/* The wallet's key on two devices: both tills are paid, and the cheat owes what was overspent. */
TEST(overlap_fund_close_debt)
{
    struct fixture_wallet clara;
    struct fixture_payment first;
    struct fixture_payment second;
    struct fixture_payment third;
    struct book_account claim;

    start();
    fixture_purse(&city, &clara, 2, 1, 2);
    CHECK_STATUS(fixture_issue(&city, &clara, 4000, 0), STATUS_OK);
    CHECK_STATUS(fixture_allowance(&city, &clara, 3000), STATUS_OK);
    fixture_later(&city, 600);
    fixture_forge(&city, &first, &clara, &shop, 0, 2000, 0);
    fixture_accept(&city, &shop, &first);
    fixture_forge(&city, &second, &clara, &cafe, 0, 2000, 1);
    fixture_accept(&city, &cafe, &second);
    fixture_later(&city, 600);
    CHECK_STATUS(fixture_sync(&city, &shop), STATUS_OK);
    CHECK(fixture_result(&shop, first.accepted) == LINE_RESERVE);
    CHECK_STATUS(fixture_sync(&city, &cafe), STATUS_OK);
    CHECK(fixture_result(&cafe, second.accepted) == LINE_FUND);
    CHECK(fixture_owed(&city, 1) == 2000 && fixture_owed(&city, 2) == 2000);
    CHECK(fixture_fund_balance(&city) == 48000);
    CHECK(fixture_line(&city, &line, &clara.line));
    CHECK(line.flags == (RECORD_LINE_FROZEN | RECORD_LINE_DENIED) && line.fund == 2000);
    CHECK_STATUS(fixture_renewal(&city, &clara, 3000), STATUS_ALLOWANCE_FROZEN);

    /* What overlaps nobody is still paid from the frozen line. */
    fixture_forge(&city, &third, &clara, &shop, 2000, 2100, 2);
    fixture_accept(&city, &shop, &third);
    CHECK_STATUS(fixture_sync(&city, &shop), STATUS_OK);
    CHECK(fixture_result(&shop, third.accepted) == LINE_RESERVE);

    fixture_days(&city, 17);
    CHECK_STATUS(fixture_close_due(&city), STATUS_OK);
    CHECK(fixture_line(&city, &line, &clara.line));
    CHECK(line.forfeited == 900 && line.debt == 1100 && line.fund == 0);
    claim = book_claim(1, clara.purse);
    CHECK(fixture_balance(&city, &claim) == 1100);
    CHECK(fixture_fund_balance(&city) == 50000);
    end();
}

/* The same sequence or predecessor is evidence too, though nothing overlaps. */
TEST(evidence_without_overlap)
{
    struct fixture_payment first;
    struct fixture_payment second;

    start();
    fixture_forge(&city, &first, &anna, &shop, 0, 100, 5);
    fixture_accept(&city, &shop, &first);
    fixture_forge(&city, &second, &anna, &cafe, 100, 200, 5);
    fixture_accept(&city, &cafe, &second);
    CHECK_STATUS(fixture_sync(&city, &shop), STATUS_OK);
    CHECK_STATUS(fixture_sync(&city, &cafe), STATUS_OK);
    CHECK(fixture_result(&cafe, second.accepted) == LINE_RESERVE);
    CHECK(fixture_line(&city, &line, &anna.line));
    CHECK((line.flags & RECORD_LINE_FROZEN) != 0 && line.fund == 0 && line.settled == 200);
    fixture_days(&city, 17);
    CHECK_STATUS(fixture_close_due(&city), STATUS_OK);
    CHECK(fixture_line(&city, &line, &anna.line));
    CHECK(line.forfeited == 0 && line.debt == 0);
    end();
}

/* A till that broke a rule bears an overlap, and gets what the line has left at close. */
TEST(a_till_that_broke_a_rule)
{
    struct fixture_payment first;
    struct fixture_payment second;
    struct fixture_payment third;
    const struct book_account reserve = book_reserve(1, &anna.line);

    start();
    fixture_forge(&city, &first, &anna, &shop, 0, 2500, 0);
    fixture_accept(&city, &shop, &first);
    CHECK_STATUS(fixture_sync(&city, &shop), STATUS_OK);
    /* Two sales of one line at one till: 30 euros, and its limit for a line is 25. */
    fixture_forge(&city, &second, &anna, &cafe, 2500, 4000, 1);
    fixture_accept(&city, &cafe, &second);
    fixture_forge(&city, &third, &anna, &cafe, 0, 1500, 2);
    fixture_accept(&city, &cafe, &third);
    fixture_later(&city, 60);
    CHECK_STATUS(fixture_sync(&city, &cafe), STATUS_OK);
    CHECK(fixture_result(&cafe, second.accepted) == LINE_RESERVE);
    CHECK(fixture_result(&cafe, third.accepted) == LINE_TILL_BEARS);
    CHECK(fixture_owed(&city, 2) == 1500 && fixture_fund_balance(&city) == 50000);
    fixture_days(&city, 17);
    CHECK_STATUS(fixture_close_due(&city), STATUS_OK);
    CHECK(fixture_owed(&city, 2) == 2500);
    CHECK(fixture_transfer(&city, &record, &third.id));
    CHECK(record.outcome == LINE_TILL_BEARS && record.paid == 1000 && record.part_count == 1);
    CHECK(fixture_balance(&city, &reserve) == 0);

    /* The void of a claim gives back what was paid on it. */
    fixture_void(&city, &cafe, &third);
    CHECK_STATUS(fixture_sync(&city, &cafe), STATUS_OK);
    CHECK(fixture_owed(&city, 2) == 1500);
    end();
}

/* --- the payer's own word --- */

TEST(cancelled_then_voided)
{
    struct fixture_payment tea;
    const struct book_account reserve = book_reserve(1, &anna.line);

    start();
    fixture_pay(&city, &tea, &anna, &cafe, 500);
    CHECK_STATUS(fixture_statement(&city, &anna, &cafe, &tea, 4), STATUS_OK);
    CHECK(city.result.outcome == LINE_CANCELLED && city.result.kind == APPLY_STATEMENT);
    CHECK_STATUS(fixture_statement(&city, &anna, &cafe, &tea, 4), STATUS_OK);
    CHECK(city.result.repeated && city.result.count == 0);
    CHECK_STATUS(fixture_statement(&city, &anna, &cafe, &tea, 2), STATUS_CANCELLED);
    CHECK(fixture_balance(&city, &reserve) == 5000);
    fixture_void(&city, &cafe, &tea);
    CHECK_STATUS(fixture_sync(&city, &cafe), STATUS_OK);
    CHECK(fixture_result(&cafe, cafe.uploaded - 1) == LINE_REVERSED);
    CHECK(fixture_balance(&city, &reserve) == 4500);
    CHECK_STATUS(fixture_statement(&city, &anna, &cafe, &tea, 1), STATUS_VOIDED);
    CHECK_STATUS(fixture_statement(&city, &anna, &cafe, &tea, 4), STATUS_VOIDED);
    fixture_accept(&city, &cafe, &tea);
    CHECK_STATUS(fixture_sync(&city, &cafe), STATUS_OK);
    CHECK(fixture_result(&cafe, tea.accepted) == LINE_REJECTED + STATUS_VOIDED);
    CHECK(fixture_line(&city, &line, &anna.line));
    CHECK(line.settled == 500 && line.refunded == 500);
    end();
}

TEST(cancelled_but_the_till_wins)
{
    struct fixture_payment tea;

    start();
    fixture_sale(&city, &tea, &anna, &cafe, 500);
    CHECK_STATUS(fixture_statement(&city, &anna, &cafe, &tea, 4), STATUS_OK);
    CHECK_STATUS(fixture_sync(&city, &cafe), STATUS_OK);
    CHECK(fixture_result(&cafe, tea.accepted) == LINE_RESERVE);
    CHECK(fixture_owed(&city, 2) == 500);
    CHECK_STATUS(fixture_statement(&city, &anna, &cafe, &tea, 4), STATUS_ALREADY_SETTLED);
    end();
}

TEST(statements_settle_once)
{
    static uint8_t proof[512];
    struct fixture_payment tea;
    struct fixture_payment bread;
    struct fixture_payment cake;
    struct fixture_payment slow;
    size_t len;

    start();
    fixture_sale(&city, &tea, &anna, &cafe, 500);
    CHECK_STATUS(fixture_statement(&city, &anna, &cafe, &tea, 1), STATUS_OK);
    CHECK(city.result.outcome == LINE_RESERVE && city.result.kind == APPLY_SETTLE);
    CHECK_STATUS(fixture_statement(&city, &anna, &cafe, &tea, 1), STATUS_OK);
    CHECK(city.result.outcome == LINE_ALREADY && city.result.count == 0);
    fixture_pay(&city, &bread, &anna, &shop, 300);
    CHECK_STATUS(fixture_statement(&city, &anna, &shop, &bread, 2), STATUS_OK);
    CHECK(city.result.outcome == LINE_RESERVE && city.result.answer.len == 0);
    fixture_pay(&city, &cake, &anna, &cafe, 200);
    CHECK_STATUS(fixture_statement(&city, &anna, &cafe, &cake, 3), STATUS_OK);
    CHECK(city.result.answer.len > 0 && city.result.answer.len < sizeof proof);
    len = city.result.answer.len;
    memcpy(proof, city.result.answer.data, len);
    fixture_pay(&city, &slow, &anna, &cafe, 200);
    fixture_later(&city, 300);
    CHECK_STATUS(fixture_statement(&city, &anna, &cafe, &slow, 3), STATUS_REQUEST_EXPIRED);
    CHECK_STATUS(fixture_statement(&city, &anna, &cafe, &cake, 3), STATUS_OK);
    CHECK(city.result.repeated && city.result.answer.len == len &&
          memcmp(proof, city.result.answer.data, len) == 0);
    CHECK_STATUS(fixture_sync(&city, &cafe), STATUS_OK);
    CHECK(fixture_result(&cafe, tea.accepted) == LINE_ALREADY);
    CHECK(fixture_owed(&city, 2) == 700 && fixture_owed(&city, 1) == 300);
    end();
}

/* Without a receipt nothing is paid beside an overlap, but the evidence stays. */
TEST(a_word_that_overlaps_leaves_evidence)
{
    struct fixture_payment first;
    struct fixture_payment second;
    uint64_t count;

    start();
    fixture_forge(&city, &first, &anna, &shop, 0, 500, 0);
    fixture_accept(&city, &shop, &first);
    CHECK_STATUS(fixture_sync(&city, &shop), STATUS_OK);
    fixture_forge(&city, &second, &anna, &cafe, 400, 900, 1);
    CHECK_STATUS(fixture_statement(&city, &anna, &cafe, &second, 2), STATUS_INTERVAL_OVERLAP);
    CHECK(fixture_line(&city, &line, &anna.line));
    CHECK((line.flags & RECORD_LINE_FROZEN) != 0);
    CHECK(!fixture_transfer(&city, &record, &second.id));
    count = city.log.size;
    CHECK_STATUS(fixture_statement(&city, &anna, &cafe, &second, 3), STATUS_INTERVAL_OVERLAP);
    CHECK(city.log.size == count);
    /* With the receipt it is held until the till's own log is seen; then the fund pays. */
    fixture_accept(&city, &cafe, &second);
    CHECK_STATUS(fixture_statement(&city, &anna, &cafe, &second, 1), STATUS_OK);
    CHECK(city.result.outcome == LINE_REVIEW);
    fixture_days(&city, 17);
    CHECK_STATUS(fixture_close_due(&city), STATUS_NOT_DUE);
    CHECK_STATUS(intake_close(&city.intake, &city.result, &anna.line, fixture_moment(&city)),
                 STATUS_UNSETTLED_CLAIM);
    CHECK_STATUS(fixture_sync(&city, &cafe), STATUS_OK);
    CHECK(fixture_result(&cafe, second.accepted) == LINE_FUND);
    CHECK_STATUS(fixture_close_due(&city), STATUS_OK);
    end();
}

/* --- voids and refunds --- */

TEST(refunds_go_back_to_their_lots)
{
    struct fixture_payment bread;
    const struct book_account reserve = book_reserve(1, &anna.line);
    struct book_account promo;

    start();
    /* The line begins with the 20 euros of promo, whose lot is the odd one. */
    CHECK(fixture_line(&city, &line, &anna.line));
    CHECK(line.part_count == 2 && line.parts[0].cents == 2000 && line.parts[0].lot % 2 == 1);
    promo = book_lot(1, anna.purse, line.parts[0].lot);
    fixture_sale(&city, &bread, &anna, &shop, 1250);
    CHECK_STATUS(fixture_sync(&city, &shop), STATUS_OK);
    fixture_refund(&city, &shop, &bread, 400, 1, false);
    CHECK_STATUS(fixture_sync(&city, &shop), STATUS_OK);
    CHECK(fixture_result(&shop, shop.uploaded - 1) == LINE_REVERSED);
    CHECK(fixture_owed(&city, 1) == 850 && fixture_balance(&city, &promo) == 400);
    CHECK(fixture_balance(&city, &reserve) == 3750);
    fixture_refund(&city, &shop, &bread, 851, 2, true);
    fixture_refund(&city, &shop, &bread, 10, 3, true);
    CHECK_STATUS(fixture_sync(&city, &shop), STATUS_OK);
    CHECK(fixture_result(&shop, shop.uploaded - 2) == LINE_REJECTED + STATUS_REFUND_OVER);
    CHECK(fixture_result(&shop, shop.uploaded - 1) == LINE_REJECTED + STATUS_REPLAY);
    fixture_later(&city, FIXTURE_DAY);
    fixture_refund(&city, &shop, &bread, 100, 2, false);
    fixture_refund(&city, &shop, &bread, 100, 2, true);
    CHECK_STATUS(fixture_sync(&city, &shop), STATUS_OK);
    CHECK(fixture_result(&shop, shop.uploaded - 2) == LINE_REJECTED + STATUS_REFUND_DAY);
    CHECK(fixture_result(&shop, shop.uploaded - 1) == LINE_REVERSED);
    fixture_void(&city, &shop, &bread);
    CHECK_STATUS(fixture_sync(&city, &shop), STATUS_OK);
    CHECK(fixture_owed(&city, 1) == 0 && fixture_balance(&city, &promo) == 1250);
    end();
}

/* What the merchant is no longer owed becomes a claim on him, set off in his next payout. */
TEST(refunds_after_the_payout)
{
    struct fixture_payment bread;
    struct fixture_payment cake;
    struct msg_payout payout = {.network = FIXTURE_NETWORK, .merchant = 1, .class = 1};
    const struct book_account claim = book_numbered(BOOK_MERCHANT_CLAIM, 1, 1);
    const struct book_account out = book_numbered(BOOK_PAYOUT, 1, 1);

    start();
    payout.time = city.moment.time_unix_s;
    fixture_sale(&city, &bread, &anna, &shop, 1000);
    CHECK_STATUS(fixture_sync(&city, &shop), STATUS_OK);
    CHECK_STATUS(intake_payout_due(&city.intake, &payout.number, &payout.amount, 1, 1), STATUS_OK);
    CHECK(payout.number == 1 && money_cents(payout.amount) == 1000);
    CHECK_STATUS(fixture_act(&city, &msg_payout_schema, &payout, 3, 0), STATUS_OK);
    CHECK_STATUS(intake_payout_due(&city.intake, &payout.number, &payout.amount, 1, 1),
                 STATUS_NOTHING_OWED);
    fixture_refund(&city, &shop, &bread, 300, 1, false);
    fixture_refund(&city, &shop, &bread, 300, 1, true);
    CHECK_STATUS(fixture_sync(&city, &shop), STATUS_OK);
    CHECK(fixture_result(&shop, shop.uploaded - 2) == LINE_REJECTED + STATUS_REFUND_OWED);
    CHECK(fixture_result(&shop, shop.uploaded - 1) == LINE_REVERSED);
    CHECK(fixture_balance(&city, &claim) == 300);
    fixture_sale(&city, &cake, &anna, &shop, 1000);
    CHECK_STATUS(fixture_sync(&city, &shop), STATUS_OK);
    CHECK_STATUS(intake_payout_due(&city.intake, &payout.number, &payout.amount, 1, 1), STATUS_OK);
    CHECK(payout.number == 2 && money_cents(payout.amount) == 700);
    CHECK_STATUS(fixture_act(&city, &msg_payout_schema, &payout, 3, 0), STATUS_OK);
    CHECK(fixture_balance(&city, &claim) == 0 && fixture_balance(&city, &out) == 1700);
    end();
}

/* Refunds of what the fund paid: before close they make its loss smaller. */
TEST(refunds_of_what_the_fund_paid)
{
    struct fixture_payment first;
    struct fixture_payment second;
    struct book_account claim;

    start();
    claim = book_claim(1, anna.purse);
    fixture_forge(&city, &first, &anna, &shop, 0, 2500, 0);
    fixture_accept(&city, &shop, &first);
    fixture_forge(&city, &second, &anna, &cafe, 0, 2500, 1);
    fixture_accept(&city, &cafe, &second);
    CHECK_STATUS(fixture_sync(&city, &shop), STATUS_OK);
    fixture_forge(&city, &first, &anna, &shop, 2500, 4000, 2);
    CHECK_STATUS(fixture_statement(&city, &anna, &shop, &first, 2), STATUS_OK);
    CHECK_STATUS(fixture_sync(&city, &cafe), STATUS_OK);
    CHECK(fixture_result(&cafe, second.accepted) == LINE_FUND);
    fixture_refund(&city, &cafe, &second, 500, 1, true);
    CHECK_STATUS(fixture_sync(&city, &cafe), STATUS_OK);
    CHECK(fixture_fund_balance(&city) == 48000);
    CHECK(fixture_line(&city, &line, &anna.line) && line.fund == 2000 && line.settled == 4000);
    fixture_days(&city, 17);
    CHECK_STATUS(fixture_close_due(&city), STATUS_OK);
    CHECK(fixture_line(&city, &line, &anna.line));
    CHECK(line.forfeited == 1000 && line.debt == 1000);
    CHECK(fixture_fund_balance(&city) == 50000 && fixture_balance(&city, &claim) == 1000);
    /* Afterwards first the debt is paid with it, then the forfeited lots come back. */
    fixture_refund(&city, &cafe, &second, 1500, 2, true);
    CHECK_STATUS(fixture_sync(&city, &cafe), STATUS_OK);
    CHECK(fixture_balance(&city, &claim) == 0 && fixture_fund_balance(&city) == 50000);
    CHECK(fixture_line(&city, &line, &anna.line));
    CHECK(line.debt == 0 && line.forfeited == 500);
    end();
}

/* A refund that comes before its sale waits for it. */
TEST(early_refunds_wait)
{
    struct fixture_payment bread;

    start();
    fixture_sale(&city, &bread, &anna, &shop, 1000);
    fixture_refund(&city, &shop, &bread, 300, 1, false);
    fixture_refund(&city, &shop, &bread, 200, 2, true);
    CHECK_STATUS(fixture_upload(&city, &shop, shop.count - 2, 2, false), STATUS_OK);
    CHECK(fixture_result(&shop, shop.count - 1) == LINE_WAITS);
    CHECK(shop.ack.size == 0);
    CHECK_STATUS(fixture_statement(&city, &anna, &shop, &bread, 1), STATUS_OK);
    CHECK(fixture_owed(&city, 1) == 500);
    CHECK_STATUS(fixture_sync(&city, &shop), STATUS_OK);
    CHECK(fixture_result(&shop, bread.accepted) == LINE_ALREADY);
    CHECK(fixture_result(&shop, bread.accepted + 1) == LINE_ALREADY);
    CHECK(fixture_result(&shop, bread.accepted + 2) == LINE_ALREADY);
    CHECK(fixture_owed(&city, 1) == 500);
    end();
}

static bool
still_waits(const struct fixture_payment *payment)
{
    static struct apply apply;
    struct record_refund waiting;
    struct store_txn txn;
    bool waits;

    CHECK_STATUS(store_begin_read(&txn, &city.store), STATUS_OK);
    CHECK_STATUS(apply_begin(&apply, &txn), STATUS_OK);
    waits = record_refund_first(&waiting, &apply.state, &payment->id);
    store_abort(&txn);
    return waits;
}

/* A void is the last word on its transfer: refunds that waited for it are refused with it, and none
 * waits for ever; also when the payer had called the transfer off. */
TEST(a_void_ends_the_wait_of_refunds)
{
    for (unsigned round = 0; round < 2; round++) {
        struct fixture_payment bread;
        uint64_t before;

        start();
        fixture_pay(&city, &bread, &anna, &shop, 1000);
        if (round == 1)
            CHECK_STATUS(fixture_statement(&city, &anna, &shop, &bread, 4), STATUS_OK);
        fixture_refund(&city, &shop, &bread, 300, 1, false);
        fixture_refund(&city, &shop, &bread, 200, 2, true);
        CHECK_STATUS(fixture_sync(&city, &shop), STATUS_OK);
        CHECK(fixture_result(&shop, shop.count - 3) == LINE_WAITS);
        CHECK(still_waits(&bread));
        fixture_void(&city, &shop, &bread);
        before = city.result.first + city.result.count;
        CHECK_STATUS(fixture_sync(&city, &shop), STATUS_OK);
        CHECK(!still_waits(&bread));
        /* The upload, what the till had taken since, the void, two refusals, the anchor. */
        CHECK(city.result.first == before);
        CHECK(city.result.count == shop.ack.results.len + 4);
        CHECK(fixture_transfer(&city, &record, &bread.id));
        CHECK(record.outcome == LINE_REVERSED && record.refunds == 0);
        fixture_refund(&city, &shop, &bread, 100, 1, true);
        CHECK_STATUS(fixture_upload(&city, &shop, shop.count - 1, 1, false), STATUS_OK);
        CHECK(fixture_result(&shop, shop.count - 1) == LINE_REJECTED + STATUS_VOIDED);
        end();
    }
}

int
main(int argc, char **argv)
{
    return check_run(argc, argv);
}
