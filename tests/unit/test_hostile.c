/* Hostile tills at the ledger, and killed keys at tills and wallets: found by an attacker who knew
 * the code, and kept. */
#include "check.h"
#include "fixture.h"
#include "town.h"

#include "protocol/transfer.h"

static struct fixture_city city;
static struct fixture_till shop;
static struct fixture_till bad;
static struct fixture_wallet anna;
static struct record_transfer record;
static struct town town;
static struct town_till till;
static struct town_wallet wallet;

static void
start(void)
{
    fixture_open(&city);
    fixture_standard(&city);
    fixture_merchant(&city, 1);
    fixture_merchant(&city, 2);
    fixture_till(&city, &shop, 11, 1);
    fixture_till(&city, &bad, 12, 2);
    fixture_purse(&city, &anna, 1, 1, 2);
    CHECK_STATUS(fixture_issue(&city, &anna, 8000, 0), STATUS_OK);
    CHECK_STATUS(fixture_allowance(&city, &anna, 5000), STATUS_OK);
    CHECK_STATUS(fixture_sync(&city, &shop), STATUS_OK);
    CHECK_STATUS(fixture_sync(&city, &bad), STATUS_OK);
}

static void
end(void)
{
    CHECK_STATUS(fixture_recount(&city), STATUS_OK);
    CHECK_STATUS(fixture_replay(&city), STATUS_OK);
    fixture_close(&city);
}

/* --- hostile tills --- */

/* Signs an interval that no wallet of ours would. */
static void
sign_interval(struct fixture_payment *payment, uint64_t from, uint64_t to)
{
    uint8_t payload[64];
    struct cose_aad aad;
    size_t size;

    payment->transfer.from = from;
    payment->transfer.to = to;
    CHECK_STATUS(
        schema_encode(payload, sizeof payload, &size, &msg_transfer_schema, &payment->transfer),
        STATUS_OK);
    transfer_aad(&aad, FIXTURE_NETWORK, &anna.line_key.key, &payment->request_id,
                 payment->transfer.payee);
    CHECK_STATUS(cose_sign(payment->transfer_cose, sizeof payment->transfer_cose,
                           &payment->transfer_len, &anna.line_key.secret, &aad,
                           (struct span){payload, size}),
                 STATUS_OK);
}

/* An interval that is empty or upside down is rejected, and moves nothing. */
TEST(an_interval_upside_down)
{
    static const uint64_t intervals[][2] = {{800, 100}, {300, 300}, {9999, 1}};

    start();
    for (size_t i = 0; i < sizeof intervals / sizeof intervals[0]; i++) {
        struct fixture_payment payment;

        fixture_forge(&city, &payment, &anna, &bad, 0, 900, i);
        sign_interval(&payment, intervals[i][0], intervals[i][1]);
        fixture_accept(&city, &bad, &payment);
        CHECK_STATUS(fixture_sync(&city, &bad), STATUS_OK);
        CHECK(fixture_result(&bad, payment.accepted) == LINE_REJECTED + STATUS_AMOUNT_ZERO);
    }
    CHECK(fixture_owed(&city, 2) == 0);
    end();
}

/* A refund of somebody else's transfer waits behind a gap, and another item takes its place there:
 * the transfer's own till is paid all the same. */
TEST(a_waiting_refund_is_replaced_behind_a_gap)
{
    struct fixture_payment payment;
    size_t at;

    start();
    fixture_pay(&city, &payment, &anna, &shop, 900);
    fixture_accept(&city, &shop, &payment);
    fixture_item(&bad, 99, city.moment.time_unix_s, NULL, 0);
    at = bad.count;
    fixture_refund(&city, &bad, &payment, 100, 1, false);
    CHECK_STATUS(fixture_upload(&city, &bad, at, 1, false), STATUS_OK);
    CHECK(fixture_result(&bad, at) == LINE_WAITS);
    bad.items[at] = bad.items[at - 1];
    CHECK_STATUS(fixture_upload(&city, &bad, at, 1, false), STATUS_OK);
    CHECK(fixture_result(&bad, at) == LINE_LOGGED);
    CHECK_STATUS(fixture_sync(&city, &shop), STATUS_OK);
    CHECK(fixture_owed(&city, 1) == 900);
    CHECK(fixture_transfer(&city, &record, &payment.id) && record.refunded == 0);
    end();
}

/* Who has the till's key chooses the time in a refund: the limit of a day holds for each day, in
 * whatever order they come. */
TEST(refunds_of_two_days_by_turns)
{
    struct fixture_wallet many[5];
    struct fixture_payment first[5];
    struct fixture_payment second;
    const uint64_t monday = FIXTURE_START;
    const uint64_t tuesday = monday + FIXTURE_DAY;

    start();
    CHECK(city.moment.time_unix_s < monday + 3600);
    for (unsigned i = 0; i < 5; i++) {
        fixture_purse(&city, &many[i], 10 + i, 1, 2);
        CHECK_STATUS(fixture_issue(&city, &many[i], 2500, 0), STATUS_OK);
        CHECK_STATUS(fixture_allowance(&city, &many[i], 2500), STATUS_OK);
        fixture_sale(&city, &first[i], &many[i], &shop, 2500);
    }
    fixture_later(&city, FIXTURE_DAY);
    fixture_sale(&city, &second, &anna, &shop, 1000);
    for (unsigned i = 0; i < 5; i++) {
        struct msg_refund refund = {.till = 11, .transfer = first[i].id, .amount = {2400}};
        uint8_t bytes[MSG_SIGN_MAX];
        size_t len;

        refund.number = 1;
        refund.time = monday + 3600;
        CHECK_STATUS(msg_sign(bytes, sizeof bytes, &len, &msg_refund_schema, &refund,
                              FIXTURE_NETWORK, &shop.key.secret),
                     STATUS_OK);
        fixture_item(&shop, 5, city.moment.time_unix_s, &(struct span){bytes, len}, 1);
        refund.transfer = second.id;
        refund.amount.cents = 10;
        refund.number = 1 + i;
        refund.time = tuesday + 3600;
        CHECK_STATUS(msg_sign(bytes, sizeof bytes, &len, &msg_refund_schema, &refund,
                              FIXTURE_NETWORK, &shop.key.secret),
                     STATUS_OK);
        fixture_item(&shop, 5, city.moment.time_unix_s, &(struct span){bytes, len}, 1);
    }
    CHECK_STATUS(fixture_sync(&city, &shop), STATUS_OK);
    for (unsigned i = 0; i < 5; i++) {
        const size_t at = shop.uploaded - 10 + 2 * i;

        CHECK(fixture_result(&shop, at) ==
              (i < 4 ? LINE_REVERSED : LINE_REJECTED + STATUS_REFUND_DAY));
        CHECK(fixture_result(&shop, at + 1) == LINE_REVERSED);
    }
    end();
}

/* --- killed keys --- */

static void
kill_role(unsigned role, bool by_roots)
{
    static const char reason[] = "gestohlen";
    const struct msg_kill order = {.network = FIXTURE_NETWORK,
                                   .role = role,
                                   .key = town.city.roles[role].key,
                                   .reason = {(const uint8_t *)reason, sizeof reason - 1},
                                   .time = town_now(&town)};

    if (by_roots)
        CHECK_STATUS(fixture_signed(&town.city, &msg_kill_schema, &order, &town.city.roots[0],
                                    &town.city.roots[1]),
                     STATUS_OK);
    else
        CHECK_STATUS(
            fixture_act(&town.city, &msg_kill_schema, &order, SIGNER_TREASURY, SIGNER_AUDIT),
            STATUS_OK);
    fixture_later(&town.city, 60);
}

/* A till that learned of kills opens again, whatever the order in which its store has them, and
 * also when a key that signed one was killed later. The same answer again changes nothing. */
TEST(a_till_opens_again_after_kills)
{
    static const unsigned roles[] = {2, 4, 5, 11};
    static uint8_t copy[MSG_PARCEL_MAX];
    struct sync_result result;
    struct span parcel;
    uint8_t seed[32];

    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++) {
        town_open(&town);
        town_till(&town, &till, 21, 1, 3, 0);
        kill_role(roles[i], false);
        kill_role(SIGNER_AUDIT, true);
        CHECK_STATUS(town_sync(&town, &till), STATUS_OK);
        CHECK_STATUS(town_till_reopen(&till), STATUS_OK);
        CHECK(signer_known(&till.till.signers, (enum signer_role)roles[i],
                           &town.city.roles[roles[i]].key)
                  ->killed);
        if (roles[i] != SIGNER_ENROLMENT) {
            CHECK_STATUS(intake_till_parcel(&town.city.intake, &parcel, 21, town_now(&town)),
                         STATUS_OK);
            memcpy(copy, parcel.data, parcel.len);
            town_random(&town, seed, sizeof seed);
            CHECK_STATUS(sync_take(&result, &till.till, (struct span){copy, parcel.len}, seed,
                                   town_now(&town)),
                         STATUS_OK);
        }
        town_till_close(&till);
        town_close(&town);
    }
}

/* The parameters stay in force when an office's key that signed them is killed: tills and wallets
 * can still be set up, and open again. */
TEST(setting_up_after_kills)
{
    static const unsigned roles[] = {SIGNER_PROGRAMME, SIGNER_TREASURY, SIGNER_AUDIT,
                                     SIGNER_SUPPORT};

    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++) {
        town_open(&town);
        kill_role(SIGNER_PARKING, false);
        kill_role(roles[i], true);
        town_till(&town, &till, 21, 1, 3, 0);
        town_wallet(&town, &wallet, 1, 0, 0);
        CHECK_STATUS(town_till_reopen(&till), STATUS_OK);
        CHECK_STATUS(town_wallet_reopen(&wallet), STATUS_OK);
        CHECK(signer_known(&wallet.wallet.signers, SIGNER_PARKING,
                           &town.city.roles[SIGNER_PARKING].key)
                  ->killed);
        town_wallet_close(&wallet);
        town_till_close(&till);
        town_close(&town);
    }
}

/* One report denies all lines of a purse, and every till carries each id: so they are few. */
static void
many_lines(struct fixture_wallet *purse, uint64_t number)
{
    fixture_purse(&city, purse, number, 1, 2);
    CHECK_STATUS(fixture_issue(&city, purse, 100, 0), STATUS_OK);
    for (unsigned i = 0; i < APPLY_LINES_MAX; i++)
        CHECK_STATUS(fixture_allowance(&city, purse, 1), STATUS_OK);
    CHECK_STATUS(fixture_allowance(&city, purse, 1), STATUS_LINE_LIMIT);
}

/* A part of the news does not make a list look fresh: it is dated by what it leaves out. */
TEST(few_lines_and_honest_news)
{
    static struct msg_parcel parcel;
    struct fixture_wallet first;
    struct fixture_wallet second;
    struct cose_message message;
    struct msg_news news;
    struct span bytes = {NULL, 0};
    uint64_t reported;

    start();
    many_lines(&first, 2);
    many_lines(&second, 3);
    CHECK_STATUS(fixture_loss(&city, &first, true), STATUS_OK);
    fixture_later(&city, FIXTURE_DAY);
    reported = city.moment.time_unix_s;
    CHECK_STATUS(fixture_loss(&city, &second, true), STATUS_OK);
    fixture_later(&city, 6 * FIXTURE_DAY);
    REQUIRE(intake_news_parcel(&city.intake, &bytes, 0, city.moment.time_unix_s) == STATUS_OK);
    CHECK_STATUS(schema_decode(&parcel, &msg_parcel_schema, bytes), STATUS_OK);
    REQUIRE(parcel.parts_count == 2);
    CHECK_STATUS(msg_open(&message, &news, &msg_news_schema, FIXTURE_NETWORK, parcel.parts[0]),
                 STATUS_OK);
    CHECK(news.to < 2 * APPLY_LINES_MAX && news.time == reported);
    CHECK_STATUS(msg_open(&message, &news, &msg_news_schema, FIXTURE_NETWORK, parcel.parts[1]),
                 STATUS_OK);
    CHECK(news.to == 2 * APPLY_LINES_MAX && news.time == city.moment.time_unix_s);
    end();
}

/* A till whose clock is a little ahead, and that syncs at once, has kept the rules; one that is
 * hours ahead has not. */
TEST(clocks_a_little_ahead)
{
    static const struct {
        uint64_t ahead;
        enum line_outcome outcome;
    } cases[] = {{30, LINE_FUND}, {600, LINE_FUND}, {601, LINE_TILL_BEARS}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fixture_payment one;
        struct fixture_payment two;

        start();
        fixture_later(&city, 60);
        fixture_forge(&city, &one, &anna, &shop, 0, 900, 0);
        fixture_accept(&city, &shop, &one);
        CHECK_STATUS(fixture_sync(&city, &shop), STATUS_OK);
        fixture_later(&city, cases[i].ahead);
        fixture_forge(&city, &two, &anna, &bad, 0, 900, 1);
        fixture_accept(&city, &bad, &two);
        city.moment.time_unix_s -= cases[i].ahead;
        CHECK_STATUS(fixture_upload(&city, &bad, bad.uploaded, bad.count - bad.uploaded, false),
                     STATUS_OK);
        CHECK(fixture_result(&bad, two.accepted) == (unsigned)cases[i].outcome);
        end();
    }
}

int
main(int argc, char **argv)
{
    return check_run(argc, argv);
}
