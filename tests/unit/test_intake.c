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

int
main(int argc, char **argv)
{
    return check_run(argc, argv);
}
