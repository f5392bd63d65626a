#include "check.h"
#include "fixture.h"
#include "protocol/transfer.h"

/* Rules at intake beyond an ordinary day: loss, late, review, gaps, limits, gifts, expiry. */

static struct fixture_city city;
static struct fixture_till shop;
static struct fixture_till cafe;
static struct fixture_wallet anna;
static struct fixture_wallet bert;
static struct record_line line;
static struct record_transfer record;

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
    fixture_purse(&city, &bert, 2, 1, 2);
    CHECK_STATUS(fixture_issue(&city, &anna, 8000, 2000), STATUS_OK);
    CHECK_STATUS(fixture_issue(&city, &bert, 8000, 2000), STATUS_OK);
    CHECK_STATUS(fixture_allowance(&city, &anna, 5000), STATUS_OK);
}

static void
end(void)
{
    CHECK_STATUS(fixture_recount(&city), STATUS_OK);
    CHECK_STATUS(fixture_replay(&city), STATUS_OK);
    fixture_close(&city);
}

static struct money
money(uint64_t cents)
{
    struct money out = MONEY_ZERO;

    CHECK_STATUS(money_from_cents(&out, cents), STATUS_OK);
    return out;
}

/* --- loss --- */

/* Accepted after the report by a till that could not know: the fund pays, the owner does not. */
TEST(loss_before_the_news)
{
    struct fixture_payment before;
    struct fixture_payment after;
    struct fixture_payment told;
    struct book_account mine;

    start();
    mine = book_reserve(1, &anna.line);
    fixture_sale(&city, &before, &anna, &shop, 1000);
    fixture_later(&city, 60);
    CHECK_STATUS(fixture_loss(&city, &anna, true), STATUS_OK);
    CHECK_STATUS(fixture_loss(&city, &anna, false), STATUS_REPLAY);
    fixture_later(&city, 60);
    fixture_sale(&city, &after, &anna, &shop, 500);
    CHECK_STATUS(fixture_sync(&city, &shop), STATUS_OK);
    CHECK(fixture_result(&shop, before.accepted) == LINE_RESERVE);
    CHECK(fixture_result(&shop, after.accepted) == LINE_FUND);
    CHECK(fixture_transfer(&city, &record, &after.id) && record.cause == LINE_CAUSE_LOSS);
    CHECK(fixture_balance(&city, &mine) == 4000 && fixture_fund_balance(&city) == 49500);
    /* Now the shop has the news; what it accepts all the same it bears. */
    fixture_later(&city, 60);
    fixture_sale(&city, &told, &anna, &shop, 300);
    CHECK_STATUS(fixture_sync(&city, &shop), STATUS_OK);
    CHECK(fixture_result(&shop, told.accepted) == LINE_TILL_BEARS);
    /* The owner's money comes back whole, and the shop's claim is none on it. */
    fixture_days(&city, 17);
    CHECK_STATUS(fixture_close_due(&city), STATUS_OK);
    CHECK(fixture_line(&city, &line, &anna.line));
    CHECK(line.settled == 1000 && line.forfeited == 0 && line.debt == 0);
    CHECK(fixture_owed(&city, 1) == 1500);
    /* A refund of what the fund paid for the loss goes to the fund. */
    fixture_refund(&city, &shop, &after, 200, 1, true);
    CHECK_STATUS(fixture_sync(&city, &shop), STATUS_OK);
    CHECK(fixture_fund_balance(&city) == 49700);
    end();
}

TEST(loss_and_the_thiefs_word)
{
    struct fixture_payment tea;
    struct fixture_payment cake;

    start();
    fixture_pay(&city, &tea, &anna, &cafe, 300);
    CHECK_STATUS(fixture_loss(&city, &anna, false), STATUS_OK);
    CHECK_STATUS(fixture_renewal(&city, &anna, 5000), STATUS_ALLOWANCE_DENIED);
    CHECK_STATUS(fixture_statement(&city, &anna, &cafe, &tea, 2), STATUS_ALLOWANCE_DENIED);
    CHECK_STATUS(fixture_statement(&city, &anna, &cafe, &tea, 3), STATUS_ALLOWANCE_DENIED);
    CHECK_STATUS(fixture_statement(&city, &anna, &cafe, &tea, 4), STATUS_OK);
    fixture_later(&city, 60);
    fixture_pay(&city, &cake, &anna, &cafe, 300);
    fixture_accept(&city, &cafe, &cake);
    CHECK_STATUS(fixture_statement(&city, &anna, &cafe, &cake, 1), STATUS_OK);
    CHECK(city.result.outcome == LINE_REVIEW);
    CHECK_STATUS(fixture_sync(&city, &cafe), STATUS_OK);
    CHECK(fixture_result(&cafe, cake.accepted) == LINE_FUND);
    end();
}

TEST(loss_of_a_frozen_line)
{
    struct fixture_payment first;
    struct fixture_payment second;
    struct fixture_payment third;

    start();
    fixture_forge(&city, &first, &anna, &shop, 0, 500, 0);
    fixture_accept(&city, &shop, &first);
    fixture_forge(&city, &second, &anna, &cafe, 0, 500, 1);
    fixture_accept(&city, &cafe, &second);
    CHECK_STATUS(fixture_sync(&city, &shop), STATUS_OK);
    CHECK_STATUS(fixture_sync(&city, &cafe), STATUS_OK);
    CHECK_STATUS(fixture_loss(&city, &anna, false), STATUS_OK);
    CHECK(fixture_line(&city, &line, &anna.line));
    CHECK(line.flags == (RECORD_LINE_FROZEN | RECORD_LINE_LOST | RECORD_LINE_DENIED));
    fixture_later(&city, 60);
    fixture_forge(&city, &third, &anna, &shop, 1000, 1500, 2);
    fixture_accept(&city, &shop, &third);
    CHECK_STATUS(fixture_sync(&city, &shop), STATUS_OK);
    CHECK(fixture_result(&shop, third.accepted) == LINE_FUND);
    CHECK(fixture_line(&city, &line, &anna.line) && line.settled == 500 && line.fund == 500);
    end();
}

/* --- late --- */

TEST(late_is_paid_from_free_lots)
{
    struct fixture_payment slow;
    struct fixture_payment slower;

    start();
    fixture_sale(&city, &slow, &anna, &shop, 1000);
    fixture_sale(&city, &slower, &anna, &cafe, 700);
    fixture_days(&city, 17);
    CHECK_STATUS(fixture_close_due(&city), STATUS_OK);
    CHECK_STATUS(fixture_sync(&city, &shop), STATUS_OK);
    CHECK(fixture_result(&shop, slow.accepted) == LINE_LATE);
    CHECK(fixture_transfer(&city, &record, &slow.id));
    CHECK(record.paid == 1000 && record.part_count == 1 && record.parts[0].lot % 2 == 1);
    CHECK(fixture_owed(&city, 1) == 1000);
    CHECK_STATUS(fixture_statement(&city, &anna, &cafe, &slower, 2), STATUS_ALLOWANCE_CLOSED);
    CHECK_STATUS(fixture_statement(&city, &anna, &cafe, &slower, 1), STATUS_OK);
    CHECK(city.result.outcome == LINE_LATE && city.result.kind == APPLY_LATE);
    fixture_refund(&city, &shop, &slow, 400, 1, true);
    fixture_void(&city, &shop, &slow);
    CHECK_STATUS(fixture_sync(&city, &shop), STATUS_OK);
    CHECK(fixture_owed(&city, 1) == 0 && fixture_owed(&city, 2) == 700);
    end();
}

/* Only as far as the lots go, never from fund or debt; and what is not free, the till bears. */
TEST(late_is_paid_no_further_than_lots_go)
{
    struct fixture_payment slow;
    struct fixture_payment again;

    start();
    fixture_forge(&city, &slow, &anna, &shop, 0, 2000, 0);
    fixture_accept(&city, &shop, &slow);
    fixture_forge(&city, &again, &anna, &cafe, 1000, 1500, 1);
    fixture_accept(&city, &cafe, &again);
    fixture_days(&city, 17);
    CHECK_STATUS(fixture_close_due(&city), STATUS_OK);
    CHECK_STATUS(fixture_allowance(&city, &anna, 5000), STATUS_OK);
    fixture_later(&city, 60);
    /* 50 of her 100 euros are reserved again; 85 of the rest are given away. */
    CHECK_STATUS(fixture_sync(&city, &shop), STATUS_OK);
    CHECK(fixture_result(&shop, slow.accepted) == LINE_LATE);
    CHECK_STATUS(fixture_sync(&city, &cafe), STATUS_OK);
    CHECK(fixture_result(&cafe, again.accepted) == LINE_TILL_BEARS);
    CHECK(fixture_transfer(&city, &record, &again.id) && record.paid == 0);
    CHECK(fixture_owed(&city, 1) == 2000 && fixture_owed(&city, 2) == 0);
    CHECK(fixture_fund_balance(&city) == 50000);
    end();
}

TEST(late_in_part)
{
    struct fixture_payment slow;
    struct fixture_wallet tiny;

    start();
    fixture_purse(&city, &tiny, 7, 1, 2);
    CHECK_STATUS(fixture_issue(&city, &tiny, 1500, 0), STATUS_OK);
    CHECK_STATUS(fixture_allowance(&city, &tiny, 1000), STATUS_OK);
    fixture_sale(&city, &slow, &tiny, &shop, 1000);
    fixture_days(&city, 17);
    CHECK_STATUS(fixture_close_due(&city), STATUS_OK);
    CHECK_STATUS(fixture_allowance(&city, &tiny, 1100), STATUS_OK);
    CHECK_STATUS(fixture_sync(&city, &shop), STATUS_OK);
    CHECK(fixture_result(&shop, slow.accepted) == LINE_LATE);
    CHECK(fixture_transfer(&city, &record, &slow.id) && record.paid == 400);
    CHECK(fixture_owed(&city, 1) == 400);
    end();
}

TEST(late_after_a_loss)
{
    struct fixture_payment stolen;

    start();
    CHECK_STATUS(fixture_loss(&city, &anna, false), STATUS_OK);
    fixture_later(&city, 60);
    fixture_sale(&city, &stolen, &anna, &shop, 1000);
    fixture_days(&city, 17);
    CHECK_STATUS(fixture_close_due(&city), STATUS_OK);
    CHECK_STATUS(fixture_sync(&city, &shop), STATUS_OK);
    CHECK(fixture_result(&shop, stolen.accepted) == LINE_TILL_BEARS);
    CHECK(fixture_owed(&city, 1) == 0);
    end();
}

/* --- review --- */

static enum status
decide(const struct fixture_payment *payment, uint64_t decision, unsigned second)
{
    static const char reason[] = "Prüfung";
    const struct msg_review review = {.network = FIXTURE_NETWORK,
                                      .transfer = payment->id,
                                      .decision = decision,
                                      .reason = {(const uint8_t *)reason, sizeof reason - 1},
                                      .time = city.moment.time_unix_s};

    return fixture_act(&city, &msg_review_schema, &review, 3, second);
}

/* Above the cap of the quarter a claim is reviewed, never cancelled. */
TEST(caps_lead_to_review)
{
    static struct fixture_wallet cheats[13];
    static struct fixture_payment first[13];
    static struct fixture_payment second[13];

    start();
    for (unsigned i = 0; i < 13; i++) {
        fixture_purse(&city, &cheats[i], 100 + i, 1, 2);
        CHECK_STATUS(fixture_issue(&city, &cheats[i], 5000, 0), STATUS_OK);
        CHECK_STATUS(fixture_allowance(&city, &cheats[i], 2500), STATUS_OK);
        fixture_forge(&city, &first[i], &cheats[i], &shop, 0, 2500, 0);
        fixture_accept(&city, &shop, &first[i]);
    }
    CHECK_STATUS(fixture_sync(&city, &shop), STATUS_OK);
    for (unsigned i = 0; i < 13; i++) {
        fixture_forge(&city, &second[i], &cheats[i], &cafe, 0, 2500, 1);
        fixture_accept(&city, &cafe, &second[i]);
    }
    CHECK_STATUS(fixture_sync(&city, &cafe), STATUS_OK);
    for (unsigned i = 0; i < 12; i++)
        CHECK(fixture_result(&cafe, second[i].accepted) == LINE_FUND);
    CHECK(fixture_result(&cafe, second[12].accepted) == LINE_REVIEW);
    CHECK(fixture_owed(&city, 2) == 30000 && fixture_fund_balance(&city) == 20000);
    fixture_days(&city, 17);
    CHECK_STATUS(intake_close(&city.intake, &city.result, &cheats[12].line, fixture_moment(&city)),
                 STATUS_UNSETTLED_CLAIM);
    CHECK_STATUS(decide(&second[12], 1, 0), STATUS_SECOND_SIGNATURE);
    CHECK_STATUS(decide(&second[12], 1, 4), STATUS_SECOND_SIGNATURE);
    CHECK_STATUS(decide(&second[12], 1, 13), STATUS_OK);
    CHECK_STATUS(decide(&second[12], 2, 13), STATUS_ALREADY_SETTLED);
    CHECK(fixture_owed(&city, 2) == 32500 && fixture_fund_balance(&city) == 17500);
    CHECK_STATUS(fixture_close_due(&city), STATUS_OK);
    CHECK(fixture_fund_balance(&city) == 50000);
    end();
}

TEST(review_ends_against_the_till)
{
    struct fixture_payment first;
    struct fixture_payment second;

    start();
    fixture_forge(&city, &first, &anna, &shop, 0, 500, 0);
    fixture_accept(&city, &shop, &first);
    CHECK_STATUS(fixture_sync(&city, &shop), STATUS_OK);
    fixture_forge(&city, &second, &anna, &cafe, 0, 500, 1);
    CHECK_STATUS(decide(&second, 1, 13), STATUS_TRANSFER_UNKNOWN);
    CHECK_STATUS(fixture_statement(&city, &anna, &cafe, &second, 1), STATUS_OK);
    CHECK(city.result.outcome == LINE_REVIEW);
    CHECK_STATUS(decide(&second, 2, 13), STATUS_OK);
    fixture_accept(&city, &cafe, &second);
    CHECK_STATUS(fixture_sync(&city, &cafe), STATUS_OK);
    CHECK(fixture_result(&cafe, second.accepted) == LINE_ALREADY);
    fixture_days(&city, 17);
    CHECK_STATUS(fixture_close_due(&city), STATUS_OK);
    /* Nothing was lost by the fund, so the line's rest pays the claim. */
    CHECK(fixture_owed(&city, 2) == 500 && fixture_fund_balance(&city) == 50000);
    end();
}

/* A certificate that is in no entry: held, not called forged; two roles may let the fund pay. */
TEST(a_certificate_without_an_allowance_entry)
{
    struct fixture_payment strange;
    struct fixture_wallet forged = anna;
    struct msg_allowance allowance;
    struct msg_kill kill = {.network = FIXTURE_NETWORK, .role = 5};
    static const char reason[] = "gestohlen";

    start();
    forged = anna;
    fixture_key(&forged.line_key, "forged", 1);
    crypt_kid(&forged.line, &forged.line_key.key);
    allowance = anna.allowance;
    allowance.key = forged.line_key.key;
    CHECK_STATUS(msg_sign(forged.certificate, sizeof forged.certificate, &forged.certificate_len,
                          &msg_allowance_schema, &allowance, FIXTURE_NETWORK,
                          &city.roles[5].secret),
                 STATUS_OK);
    fixture_forge(&city, &strange, &forged, &shop, 0, 700, 0);
    fixture_accept(&city, &shop, &strange);
    kill.key = city.roles[5].key;
    kill.reason = (struct span){(const uint8_t *)reason, sizeof reason - 1};
    kill.time = city.moment.time_unix_s;
    CHECK_STATUS(fixture_act(&city, &msg_kill_schema, &kill, 3, 13), STATUS_OK);
    CHECK_STATUS(fixture_allowance(&city, &bert, 1000), STATUS_KEY_KILLED);
    CHECK_STATUS(fixture_sync(&city, &shop), STATUS_OK);
    CHECK(fixture_result(&shop, strange.accepted) == LINE_REVIEW);
    CHECK(fixture_transfer(&city, &record, &strange.id) && record.cause == LINE_CAUSE_UNKNOWN);
    CHECK_STATUS(decide(&strange, 1, 13), STATUS_OK);
    CHECK(fixture_owed(&city, 1) == 700 && fixture_fund_balance(&city) == 49300);
    end();
}

/* --- tills' logs --- */

TEST(a_gap_and_its_closing)
{
    struct fixture_payment first;
    struct fixture_payment second;
    size_t middle;

    start();
    fixture_sale(&city, &first, &anna, &shop, 500);
    middle = shop.count;
    fixture_forge(&city, &second, &anna, &shop, 400, 900, 9);
    fixture_accept(&city, &shop, &second);
    CHECK_STATUS(fixture_upload(&city, &shop, middle, 1, false), STATUS_OK);
    CHECK(shop.ack.size == 0);
    CHECK(fixture_result(&shop, second.accepted) == LINE_RESERVE);
    CHECK_STATUS(fixture_upload(&city, &shop, 0, middle, false), STATUS_OK);
    CHECK(fixture_result(&shop, first.accepted) == LINE_FUND);
    CHECK(shop.ack.size == middle);
    CHECK_STATUS(fixture_upload(&city, &shop, 0, shop.count, true), STATUS_OK);
    CHECK(fixture_result(&shop, first.accepted) == LINE_FUND);
    CHECK(fixture_result(&shop, second.accepted) == LINE_ALREADY);
    end();
}

/* Behind a gap no till is believed; when the gap is closed it is judged anew. */
TEST(an_overlap_behind_a_gap)
{
    struct fixture_payment first;
    struct fixture_payment second;
    size_t middle;

    start();
    fixture_forge(&city, &first, &anna, &shop, 0, 500, 0);
    fixture_accept(&city, &shop, &first);
    CHECK_STATUS(fixture_sync(&city, &shop), STATUS_OK);
    middle = cafe.count;
    fixture_forge(&city, &second, &anna, &cafe, 0, 500, 1);
    fixture_accept(&city, &cafe, &second);
    CHECK_STATUS(fixture_upload(&city, &cafe, middle, 1, false), STATUS_OK);
    CHECK(fixture_result(&cafe, second.accepted) == LINE_REVIEW);
    CHECK_STATUS(fixture_upload(&city, &cafe, 0, cafe.count, true), STATUS_OK);
    CHECK(fixture_result(&cafe, second.accepted) == LINE_FUND);
    CHECK(fixture_line(&city, &line, &anna.line) && line.reviews == 0 && line.fund == 500);
    end();
}

TEST(a_fork_is_refused)
{
    struct fixture_payment first;
    struct fixture_payment second;
    static struct fixture_till twin;

    start();
    twin = shop;
    fixture_sale(&city, &first, &anna, &shop, 500);
    CHECK_STATUS(fixture_sync(&city, &shop), STATUS_OK);
    fixture_sale(&city, &second, &anna, &twin, 500);
    CHECK_STATUS(fixture_upload(&city, &twin, 0, twin.count, false), STATUS_UPLOAD_FORK);
    CHECK_STATUS(fixture_upload(&city, &twin, twin.count - 1, 1, false), STATUS_UPLOAD_FORK);
    fixture_item(&twin, 7, city.moment.time_unix_s, NULL, 0);
    CHECK_STATUS(fixture_upload(&city, &twin, 0, twin.count, false), STATUS_UPLOAD_FORK);
    CHECK(fixture_owed(&city, 1) == 500);
    end();
}

TEST(uploads_in_pieces_and_again)
{
    struct fixture_payment sales[4];

    start();
    for (unsigned i = 0; i < 4; i++)
        fixture_sale(&city, &sales[i], &anna, &shop, 100);
    CHECK_STATUS(fixture_upload(&city, &shop, 0, 2, false), STATUS_OK);
    CHECK_STATUS(fixture_upload(&city, &shop, 1, 3, false), STATUS_OK);
    CHECK_STATUS(fixture_upload(&city, &shop, 0, 3, false), STATUS_OK);
    CHECK(shop.ack.size == 4);
    CHECK_STATUS(fixture_upload(&city, &shop, 2, shop.count - 2, false), STATUS_OK);
    for (unsigned i = 0; i < 4; i++)
        CHECK(fixture_result(&shop, sales[i].accepted) == LINE_RESERVE);
    CHECK_STATUS(fixture_upload(&city, &shop, 0, shop.count, false), STATUS_OK);
    for (unsigned i = 0; i < 4; i++)
        CHECK(fixture_result(&shop, sales[i].accepted) == LINE_RESERVE);
    CHECK(fixture_owed(&city, 1) == 400);
    end();
}

TEST(a_revoked_till)
{
    struct fixture_payment before;
    struct fixture_payment after;
    struct msg_revocation revocation = {.network = FIXTURE_NETWORK, .till = 11};

    start();
    fixture_sale(&city, &before, &anna, &shop, 500);
    revocation.size = shop.count;
    revocation.time = city.moment.time_unix_s;
    CHECK_STATUS(fixture_act(&city, &msg_revocation_schema, &revocation, 4, 0), STATUS_OK);
    fixture_sale(&city, &after, &anna, &shop, 500);
    CHECK_STATUS(fixture_sync(&city, &shop), STATUS_OK);
    CHECK(fixture_result(&shop, before.accepted) == LINE_RESERVE);
    CHECK(fixture_result(&shop, after.accepted) == LINE_REJECTED + STATUS_TILL_REVOKED);
    CHECK(fixture_owed(&city, 1) == 500);
    end();
}

/* What is not a till's item at all is rejected with the status of its decoding. */
TEST(items_that_make_no_sense)
{
    struct fixture_payment tea;
    struct fixture_payment other;
    struct span messages[3];

    start();
    shop.items[shop.count] = (struct fixture_item){.len = 1, .bytes = {0x99}};
    struct digest leaf;
    merkle_leaf(&leaf, (struct span){shop.items[shop.count].bytes, 1});
    merkle_append(&shop.tree, &leaf);
    shop.count++;
    fixture_pay(&city, &tea, &anna, &shop, 100);
    fixture_pay(&city, &other, &anna, &cafe, 100);
    messages[0] = (struct span){tea.certificate, tea.certificate_len};
    messages[1] = (struct span){tea.transfer_cose, tea.transfer_len};
    messages[2] = (struct span){tea.request_cose, tea.request_len};
    fixture_item(&shop, 3, city.moment.time_unix_s, messages, 2);
    messages[2] = (struct span){other.request_cose, other.request_len};
    fixture_item(&shop, 3, city.moment.time_unix_s, messages, 3);
    fixture_accept(&city, &shop, &other);
    fixture_item(&shop, 200, city.moment.time_unix_s, NULL, 0);
    CHECK_STATUS(fixture_sync(&city, &shop), STATUS_OK);
    CHECK(fixture_result(&shop, shop.uploaded - 5) == LINE_REJECTED + STATUS_CBOR_TRUNCATED);
    CHECK(fixture_result(&shop, shop.uploaded - 4) == LINE_REJECTED + STATUS_ENTRY_SHAPE);
    CHECK(fixture_result(&shop, shop.uploaded - 3) == LINE_REJECTED + STATUS_SIGNATURE_BAD);
    CHECK(fixture_result(&shop, shop.uploaded - 2) == LINE_REJECTED + STATUS_WRONG_PAYEE);
    CHECK(fixture_result(&shop, shop.uploaded - 1) == LINE_LOGGED);
    end();
}

/* --- allowances --- */

TEST(tier_device_and_balance)
{
    struct fixture_wallet small;

    start();
    CHECK_STATUS(fixture_allowance(&city, &anna, 100), STATUS_TIER_LIMIT);
    CHECK_STATUS(fixture_renewal(&city, &anna, 4999), STATUS_AMOUNT_RANGE);
    CHECK_STATUS(fixture_renewal(&city, &anna, 5100), STATUS_TIER_LIMIT);
    fixture_later(&city, 3600);
    CHECK_STATUS(fixture_renewal(&city, &anna, 5000), STATUS_OK);
    CHECK(anna.allowance.from == city.moment.time_unix_s);
    /* The same renewal again is answered with the same certificate. */
    CHECK_STATUS(fixture_renewal(&city, &anna, 5000), STATUS_OK);
    CHECK(city.result.repeated && city.result.count == 0);
    fixture_purse(&city, &small, 5, 1, 1);
    CHECK_STATUS(fixture_allowance(&city, &small, 100), STATUS_BALANCE);
    CHECK_STATUS(fixture_issue(&city, &small, 5000, 0), STATUS_OK);
    CHECK_STATUS(fixture_allowance(&city, &small, 1501), STATUS_TIER_LIMIT);
    CHECK_STATUS(fixture_allowance(&city, &small, 1500), STATUS_OK);
    CHECK(small.allowance.tier == 1 && money_cents(small.allowance.limit) == 500);
    end();
}

TEST(a_device_has_its_day)
{
    struct fixture_wallet eva;
    struct msg_device device = {
        .network = FIXTURE_NETWORK, .action = 1, .daily_limit = money(1000), .number = 1};
    struct fixture_key phone;

    start();
    fixture_purse(&city, &eva, 6, 1, 2);
    CHECK_STATUS(fixture_issue(&city, &eva, 10000, 0), STATUS_OK);
    fixture_key(&phone, "phone", 1);
    memcpy(device.purse, eva.purse, sizeof device.purse);
    device.device = phone.key;
    device.time = city.moment.time_unix_s;
    CHECK_STATUS(fixture_signed(&city, &msg_device_schema, &device, &eva.device, NULL),
                 STATUS_PURSE_KEY);
    CHECK_STATUS(fixture_signed(&city, &msg_device_schema, &device, &eva.recovery, NULL),
                 STATUS_OK);
    eva.device = phone;
    CHECK_STATUS(fixture_allowance(&city, &eva, 600), STATUS_OK);
    CHECK_STATUS(fixture_renewal(&city, &eva, 1001), STATUS_AMOUNT_OVER_LIMIT);
    fixture_later(&city, FIXTURE_DAY);
    CHECK_STATUS(fixture_renewal(&city, &eva, 1600), STATUS_OK);
    device.action = 2;
    device.number = 2;
    CHECK_STATUS(fixture_signed(&city, &msg_device_schema, &device, &eva.recovery, NULL),
                 STATUS_OK);
    CHECK_STATUS(fixture_renewal(&city, &eva, 1700), STATUS_PURSE_KEY);
    end();
}

TEST(a_line_is_retired)
{
    start();
    for (unsigned week = 0; week < 3; week++) {
        fixture_later(&city, 7 * FIXTURE_DAY);
        CHECK_STATUS(fixture_renewal(&city, &anna, 5000), STATUS_OK);
    }
    fixture_later(&city, 7 * FIXTURE_DAY);
    CHECK_STATUS(fixture_renewal(&city, &anna, 5000), STATUS_LINE_LIMIT);
    end();
}

/* A certificate ends with its earliest lot, and then cannot be renewed. */
TEST(a_certificate_ends_with_its_lot)
{
    struct fixture_wallet eva;
    const uint64_t now = FIXTURE_START;
    struct msg_issue issue = {.network = FIXTURE_NETWORK,
                              .series = 1,
                              .number = 900,
                              .paid = money(1000),
                              .paid_expiry = now + 2 * FIXTURE_DAY + 60,
                              .time = now};

    start();
    fixture_purse(&city, &eva, 6, 1, 2);
    memcpy(issue.purse, eva.purse, sizeof issue.purse);
    CHECK_STATUS(fixture_act(&city, &msg_issue_schema, &issue, 2, 0), STATUS_OK);
    CHECK_STATUS(fixture_allowance(&city, &eva, 500), STATUS_OK);
    CHECK(eva.allowance.hours == 48);
    fixture_later(&city, 2 * FIXTURE_DAY);
    CHECK_STATUS(fixture_renewal(&city, &eva, 500), STATUS_OK);
    CHECK(eva.allowance.from == issue.paid_expiry - 3600 && eva.allowance.hours == 1);
    fixture_later(&city, 30);
    CHECK_STATUS(fixture_renewal(&city, &eva, 501), STATUS_LOT_EXPIRED);
    end();
}

/* --- gifts and expiry --- */

static enum status
give(const struct fixture_wallet *from, const struct fixture_wallet *to, uint64_t lot,
     uint8_t nonce)
{
    struct msg_gift gift = {
        .network = FIXTURE_NETWORK, .lot = lot, .time = city.moment.time_unix_s};

    memcpy(gift.purse, from->purse, sizeof gift.purse);
    memcpy(gift.to, to->purse, sizeof gift.to);
    memset(gift.nonce, nonce, sizeof gift.nonce);
    return fixture_signed(&city, &msg_gift_schema, &gift, &from->recovery, NULL);
}

TEST(gifts)
{
    struct fixture_wallet parker;
    struct fixture_payment tea;
    struct book_account mine;
    struct book_account his;
    uint64_t paid;

    start();
    CHECK(fixture_line(&city, &line, &anna.line));
    paid = line.parts[1].lot;
    mine = book_lot(1, anna.purse, paid);
    his = book_lot(1, bert.purse, paid);
    CHECK_STATUS(give(&anna, &bert, paid, 1), STATUS_BALANCE);
    CHECK_STATUS(give(&anna, &bert, 12345, 1), STATUS_LOT_UNKNOWN);
    fixture_pay(&city, &tea, &anna, &cafe, 5000);
    CHECK_STATUS(fixture_statement(&city, &anna, &cafe, &tea, 2), STATUS_OK);
    fixture_purse(&city, &parker, 9, 2, 2);
    CHECK_STATUS(give(&anna, &parker, paid, 1), STATUS_CLASS);
    CHECK_STATUS(give(&anna, &anna, paid, 1), STATUS_DUPLICATE_ID);
    CHECK_STATUS(give(&anna, &bert, paid, 1), STATUS_OK);
    CHECK(fixture_balance(&city, &mine) == 0 && fixture_balance(&city, &his) == 5000);
    CHECK_STATUS(give(&anna, &bert, paid, 2), STATUS_LOT_UNKNOWN);
    /* Given back, the old gift cannot be carried out again. */
    CHECK_STATUS(give(&bert, &anna, paid, 3), STATUS_OK);
    CHECK_STATUS(give(&anna, &bert, paid, 1), STATUS_OK);
    CHECK(city.result.repeated && fixture_balance(&city, &mine) == 5000);
    end();
}

TEST(lots_expire)
{
    const struct book_account expired = book_plain(BOOK_EXPIRED, 1);
    struct fixture_payment tea;

    start();
    fixture_sale(&city, &tea, &anna, &cafe, 500);
    CHECK_STATUS(fixture_sync(&city, &cafe), STATUS_OK);
    CHECK_STATUS(intake_expire(&city.intake, &city.result, fixture_moment(&city)), STATUS_NOT_DUE);
    fixture_later(&city, 180 * FIXTURE_DAY);
    CHECK_STATUS(intake_expire(&city.intake, &city.result, fixture_moment(&city)), STATUS_NOT_DUE);
    fixture_days(&city, 9);
    /* Bert's promo lot is free; Anna's is on her line, and what is left of it expires at close. */
    CHECK_STATUS(intake_expire(&city.intake, &city.result, fixture_moment(&city)), STATUS_OK);
    CHECK(city.result.count == 1 && fixture_balance(&city, &expired) == 2000);
    CHECK_STATUS(intake_expire(&city.intake, &city.result, fixture_moment(&city)), STATUS_NOT_DUE);
    CHECK_STATUS(fixture_close_due(&city), STATUS_OK);
    CHECK(fixture_balance(&city, &expired) == 3500);
    /* A refund of spent promo cents comes too late for the lot. */
    fixture_refund(&city, &cafe, &tea, 100, 1, true);
    CHECK_STATUS(fixture_sync(&city, &cafe), STATUS_OK);
    CHECK(fixture_balance(&city, &expired) == 3600);
    end();
}

/* --- four eyes --- */

static enum status
set_hold(uint64_t number, uint64_t action, unsigned second)
{
    static const char reason[] = "Störung";
    const struct msg_hold hold = {.network = FIXTURE_NETWORK,
                                  .number = number,
                                  .action = action,
                                  .reason = {(const uint8_t *)reason, sizeof reason - 1},
                                  .time = city.moment.time_unix_s};

    return fixture_act(&city, &msg_hold_schema, &hold, 3, second);
}

TEST(a_hold_stops_closes)
{
    start();
    CHECK_STATUS(set_hold(1, 1, 0), STATUS_SECOND_SIGNATURE);
    CHECK_STATUS(set_hold(1, 2, 13), STATUS_REPLAY);
    CHECK_STATUS(set_hold(1, 1, 13), STATUS_OK);
    fixture_days(&city, 17);
    CHECK_STATUS(fixture_close_due(&city), STATUS_ON_HOLD);
    CHECK_STATUS(intake_close(&city.intake, &city.result, &anna.line, fixture_moment(&city)),
                 STATUS_ON_HOLD);
    CHECK_STATUS(intake_expire(&city.intake, &city.result, fixture_moment(&city)), STATUS_ON_HOLD);
    CHECK_STATUS(set_hold(2, 2, 13), STATUS_OK);
    CHECK_STATUS(fixture_close_due(&city), STATUS_OK);
    end();
}

/* An insider with one key makes no money; and nobody exceeds the budget. */
TEST(an_insider_alone)
{
    struct msg_series series = {.network = FIXTURE_NETWORK,
                                .series = 3,
                                .version = 1,
                                .name = {(const uint8_t *)"x", 1},
                                .class = 1,
                                .budget = money(10000),
                                .percent = 100,
                                .from = FIXTURE_START,
                                .until = FIXTURE_START + FIXTURE_DAY};
    struct msg_issue issue = {.network = FIXTURE_NETWORK, .series = 3};

    start();
    memcpy(issue.purse, anna.purse, sizeof issue.purse);
    issue.promo_expiry = FIXTURE_START + FIXTURE_DAY;
    issue.time = FIXTURE_START;
    CHECK_STATUS(fixture_act(&city, &msg_series_schema, &series, 2, 0), STATUS_SECOND_SIGNATURE);
    CHECK_STATUS(fixture_act(&city, &msg_series_schema, &series, 2, 2), STATUS_SECOND_SIGNATURE);
    CHECK_STATUS(fixture_act(&city, &msg_series_schema, &series, 2, 13), STATUS_SECOND_SIGNATURE);
    CHECK_STATUS(fixture_act(&city, &msg_series_schema, &series, 2, 3), STATUS_OK);
    CHECK_STATUS(fixture_fund(&city, 1, 1, 3, 100000), STATUS_OK);
    issue.number = 1;
    issue.promo = money(6000);
    CHECK_STATUS(fixture_act(&city, &msg_issue_schema, &issue, 2, 0), STATUS_OK);
    issue.number = 2;
    issue.promo = money(4001);
    CHECK_STATUS(fixture_act(&city, &msg_issue_schema, &issue, 2, 0), STATUS_BUDGET);
    issue.promo = money(4000);
    CHECK_STATUS(fixture_act(&city, &msg_issue_schema, &issue, 3, 0), STATUS_SIGNER_UNKNOWN);
    CHECK_STATUS(fixture_act(&city, &msg_issue_schema, &issue, 2, 0), STATUS_OK);
    issue.number = 3;
    issue.promo = money(1);
    CHECK_STATUS(fixture_act(&city, &msg_issue_schema, &issue, 2, 0), STATUS_BUDGET);
    series.version = 2;
    series.budget = money(9999);
    CHECK_STATUS(fixture_act(&city, &msg_series_schema, &series, 2, 3), STATUS_BUDGET);
    end();
}

/* --- the call itself --- */

TEST(a_dry_run_changes_nothing)
{
    struct fixture_payment tea;
    struct digest before;
    struct digest after;

    start();
    fixture_sale(&city, &tea, &anna, &shop, 500);
    fixture_digest(&city, &before);
    city.moment.dry_run = true;
    CHECK_STATUS(fixture_upload(&city, &shop, 0, shop.count, false), STATUS_OK);
    CHECK(fixture_result(&shop, tea.accepted) == LINE_RESERVE);
    city.moment.dry_run = false;
    fixture_digest(&city, &after);
    CHECK(memcmp(&before, &after, sizeof before) == 0);
    CHECK_STATUS(fixture_sync(&city, &shop), STATUS_OK);
    end();
}

TEST(parcels_nobody_sends)
{
    static const uint8_t junk[] = {0x82, 0x01, 0x81, 0x43, 1, 2, 3};
    const struct intake_moment *moment;

    start();
    moment = fixture_moment(&city);
    CHECK_STATUS(
        intake_submit(&city.intake, &city.result, (struct span){junk, sizeof junk}, moment),
        STATUS_COSE_TAG);
    CHECK_STATUS(intake_submit(&city.intake, &city.result, (struct span){junk, 4}, moment),
                 STATUS_CBOR_TRUNCATED);
    CHECK_STATUS(fixture_submit(&city, MSG_PARCEL_SYNC,
                                &(struct span){anna.certificate, anna.certificate_len}, 1),
                 STATUS_MESSAGE_TYPE);
    CHECK_STATUS(fixture_submit(&city, MSG_PARCEL_ACT,
                                &(struct span){anna.certificate, anna.certificate_len}, 1),
                 STATUS_MESSAGE_TYPE);
    city.moment.time_unix_s -= 10;
    CHECK_STATUS(fixture_allowance(&city, &bert, 1000), STATUS_ENTRY_TIME);
    city.moment.time_unix_s += 10;
    end();
}

TEST(parcels_for_new_devices)
{
    static struct msg_parcel parcel;
    struct span out;
    uint64_t type;

    start();
    CHECK_STATUS(intake_city_parcel(&city.intake, &out), STATUS_OK);
    CHECK_STATUS(schema_decode(&parcel, &msg_parcel_schema, out), STATUS_OK);
    CHECK(parcel.kind == MSG_PARCEL_CITY && parcel.parts_count > 10);
    CHECK_STATUS(msg_peek(&type, parcel.parts[0]), STATUS_OK);
    CHECK(type == MSG_GENESIS);
    CHECK_STATUS(intake_till_parcel(&city.intake, &out, 11, city.moment.time_unix_s), STATUS_OK);
    CHECK_STATUS(schema_decode(&parcel, &msg_parcel_schema, out), STATUS_OK);
    CHECK_STATUS(msg_peek(&type, parcel.parts[0]), STATUS_OK);
    CHECK(parcel.kind == MSG_PARCEL_TILL && type == MSG_TILL);
    CHECK_STATUS(intake_till_parcel(&city.intake, &out, 99, city.moment.time_unix_s),
                 STATUS_TILL_UNKNOWN);
    CHECK_STATUS(intake_news_parcel(&city.intake, &out, 0, city.moment.time_unix_s), STATUS_OK);
    CHECK_STATUS(intake_news_parcel(&city.intake, &out, 1, city.moment.time_unix_s),
                 STATUS_NEWS_GAP);
    uint64_t merchant = 0;
    CHECK_STATUS(intake_next_merchant(&city.intake, &merchant), STATUS_OK);
    CHECK_STATUS(intake_next_merchant(&city.intake, &merchant), STATUS_OK);
    CHECK(merchant == 2);
    CHECK_STATUS(intake_next_merchant(&city.intake, &merchant), STATUS_NOT_FOUND);
    end();
}

int
main(int argc, char **argv)
{
    return check_run(argc, argv);
}
