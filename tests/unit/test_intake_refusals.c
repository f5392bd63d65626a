#include "check.h"
#include "fixture.h"
#include "protocol/denylist.h"
#include "protocol/transfer.h"

/* Each refusal that sections 12.2 to 12.4 and 12.8 name, from messages that are wrong in one
 * place; and what a till is told at its next sync. */

static struct fixture_city city;
static struct fixture_till shop;
static struct fixture_till cafe;
static struct fixture_wallet anna;
static struct fixture_wallet bert;

static struct money
money(uint64_t cents)
{
    struct money out = MONEY_ZERO;

    CHECK_STATUS(money_from_cents(&out, cents), STATUS_OK);
    return out;
}

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
    CHECK_STATUS(fixture_allowance(&city, &anna, 5000), STATUS_OK);
}

static void
end(void)
{
    CHECK_STATUS(fixture_recount(&city), STATUS_OK);
    CHECK_STATUS(fixture_replay(&city), STATUS_OK);
    fixture_close(&city);
}

/* --- transfers that are not valid --- */

/* A payment whose request and transfer were changed: signed anew by till and wallet. */
static void
sign_again(struct fixture_payment *payment, const struct fixture_wallet *wallet,
           const struct fixture_till *till)
{
    struct cose_message message;

    CHECK_STATUS(msg_sign(payment->request_cose, sizeof payment->request_cose,
                          &payment->request_len, &msg_request_schema, &payment->request,
                          FIXTURE_NETWORK, &till->key.secret),
                 STATUS_OK);
    CHECK_STATUS(cose_parse(&message, (struct span){payment->request_cose, payment->request_len},
                            COSE_MESSAGE_MAX),
                 STATUS_OK);
    msg_id(&payment->request_id, &message, &msg_request_schema, FIXTURE_NETWORK);
    CHECK_STATUS(transfer_sign(payment->transfer_cose, sizeof payment->transfer_cose,
                               &payment->transfer_len, &payment->id, &payment->transfer,
                               FIXTURE_NETWORK, &payment->request_id, &wallet->line_key.secret),
                 STATUS_OK);
}

/* What the ledger says of a till's accept of this payment. */
static unsigned
judged(struct fixture_till *till, struct fixture_payment *payment)
{
    fixture_accept(&city, till, payment);
    CHECK_STATUS(fixture_sync(&city, till), STATUS_OK);
    return fixture_result(till, payment->accepted);
}

TEST(transfers_that_are_not_valid)
{
    struct fixture_payment payment;
    struct fixture_payment good;

    start();
    fixture_forge(&city, &good, &anna, &shop, 0, 100, 0);
    payment = good;
    payment.transfer_cose[payment.transfer_len - 1] ^= 1;
    CHECK(judged(&shop, &payment) == LINE_REJECTED + STATUS_SIGNATURE_BAD);
    payment = good;
    payment.certificate[payment.certificate_len - 1] ^= 1;
    CHECK(judged(&shop, &payment) == LINE_REJECTED + STATUS_SIGNATURE_BAD);
    payment = good;
    payment.request.class = 2;
    sign_again(&payment, &anna, &shop);
    CHECK(judged(&shop, &payment) == LINE_REJECTED + STATUS_CLASS);
    payment = good;
    payment.request.amount = money(99);
    sign_again(&payment, &anna, &shop);
    CHECK(judged(&shop, &payment) == LINE_REJECTED + STATUS_AMOUNT_MISMATCH);
    payment.request.amount = money(101);
    sign_again(&payment, &anna, &shop);
    CHECK(judged(&shop, &payment) == LINE_REJECTED + STATUS_AMOUNT_MISMATCH);
    payment.request.partial = 1;
    sign_again(&payment, &anna, &shop);
    CHECK(judged(&shop, &payment) == LINE_RESERVE);
    fixture_forge(&city, &payment, &anna, &shop, 4990, 5001, 1);
    CHECK(judged(&shop, &payment) == LINE_REJECTED + STATUS_AMOUNT_OVER_ALLOWANCE);
    fixture_forge(&city, &payment, &anna, &cafe, 200, 300, 2);
    CHECK(judged(&shop, &payment) == LINE_REJECTED + STATUS_WRONG_PAYEE);
    /* For a till's upload the request's own signature is not asked. */
    fixture_forge(&city, &payment, &anna, &shop, 400, 500, 4);
    payment.request_cose[payment.request_len - 1] ^= 1;
    CHECK(judged(&shop, &payment) == LINE_RESERVE);
    end();
}

/* A line that is for some shops only. */
TEST(restrictions)
{
    struct fixture_wallet eva;
    struct fixture_payment payment;
    static struct fixture_till theatre;
    struct msg_series series = {.network = FIXTURE_NETWORK,
                                .series = 5,
                                .version = 1,
                                .name = {(const uint8_t *)"Kultur", 6},
                                .class = 1,
                                .budget = money(10000),
                                .percent = 0,
                                .restriction = 7,
                                .from = FIXTURE_START,
                                .until = FIXTURE_START + FIXTURE_DAY};
    struct msg_issue issue = {.network = FIXTURE_NETWORK,
                              .series = 5,
                              .number = 1,
                              .paid = money(1000),
                              .paid_expiry = FIXTURE_START + 100 * FIXTURE_DAY,
                              .time = FIXTURE_START};

    start();
    fixture_purse(&city, &eva, 5, 1, 2);
    CHECK_STATUS(fixture_act(&city, &msg_series_schema, &series, 2, 3), STATUS_OK);
    memcpy(issue.purse, eva.purse, sizeof issue.purse);
    CHECK_STATUS(fixture_act(&city, &msg_issue_schema, &issue, 2, 0), STATUS_OK);
    CHECK_STATUS(fixture_allowance(&city, &eva, 500), STATUS_BALANCE);
    fixture_restricted(&city, &theatre, 41, 1, 7);
    CHECK_STATUS(fixture_allowance_for(&city, &eva, 500, 7), STATUS_OK);
    fixture_pay(&city, &payment, &eva, &shop, 100);
    CHECK(judged(&shop, &payment) == LINE_REJECTED + STATUS_RESTRICTION);
    fixture_pay(&city, &payment, &eva, &theatre, 100);
    CHECK(judged(&theatre, &payment) == LINE_RESERVE);
    end();
}

/* --- uploads --- */

TEST(uploads_that_are_refused)
{
    static struct fixture_till stranger;
    struct fixture_payment payment;

    start();
    fixture_sale(&city, &payment, &anna, &shop, 100);
    stranger = shop;
    stranger.number = 99;
    CHECK_STATUS(fixture_upload(&city, &stranger, 0, stranger.count, false), STATUS_TILL_UNKNOWN);
    stranger = shop;
    stranger.key = cafe.key;
    CHECK_STATUS(fixture_upload(&city, &stranger, 0, stranger.count, false), STATUS_SIGNATURE_BAD);
    /* A part that is not the item, a part too many. */
    CHECK_STATUS(fixture_upload(&city, &shop, 0, shop.count, false), STATUS_OK);
    fixture_sale(&city, &payment, &anna, &shop, 100);
    fixture_sale(&city, &payment, &anna, &shop, 100);
    city.parts_dropped = 1;
    CHECK_STATUS(fixture_upload(&city, &shop, shop.count - 2, 2, false), STATUS_UPLOAD_ITEM);
    city.parts_dropped = 0;
    city.parts_swapped = true;
    CHECK_STATUS(fixture_upload(&city, &shop, shop.count - 2, 2, false), STATUS_UPLOAD_ITEM);
    city.parts_swapped = false;
    CHECK_STATUS(fixture_upload(&city, &shop, shop.count - 2, 2, false), STATUS_OK);
    CHECK(fixture_owed(&city, 1) == 300);
    end();
}

/* --- statements --- */

TEST(statements_that_are_refused)
{
    struct fixture_payment payment;
    struct fixture_payment other;
    struct fixture_wallet stranger;
    static struct fixture_till fake;

    start();
    fixture_sale(&city, &payment, &anna, &shop, 100);
    stranger = anna;
    stranger.purse[0] ^= 1;
    CHECK_STATUS(fixture_statement(&city, &stranger, &shop, &payment, 1), STATUS_PURSE_UNKNOWN);
    CHECK_STATUS(fixture_statement(&city, &bert, &shop, &payment, 1), STATUS_PURSE_UNKNOWN);
    stranger = anna;
    stranger.device = bert.device;
    CHECK_STATUS(fixture_statement(&city, &stranger, &shop, &payment, 1), STATUS_PURSE_KEY);
    stranger = anna;
    stranger.device = anna.recovery;
    CHECK_STATUS(fixture_statement(&city, &stranger, &shop, &payment, 1), STATUS_OK);
    fixture_sale(&city, &payment, &anna, &shop, 100);
    other = payment;
    other.id.bytes[0] ^= 1;
    CHECK_STATUS(fixture_statement(&city, &anna, &shop, &other, 1), STATUS_MESSAGE_TYPE);
    /* The receipt names another till, or another till signed it. */
    fake = shop;
    fake.number = 21;
    CHECK_STATUS(fixture_statement(&city, &anna, &fake, &payment, 1), STATUS_RECEIPT_MISMATCH);
    fake = shop;
    fake.key = cafe.key;
    CHECK_STATUS(fixture_statement(&city, &anna, &fake, &payment, 1), STATUS_SIGNATURE_BAD);
    other = payment;
    other.request_cose[other.request_len - 1] ^= 1;
    CHECK_STATUS(fixture_statement(&city, &anna, &shop, &other, 1), STATUS_SIGNATURE_BAD);
    other = payment;
    other.request.till = 99;
    sign_again(&other, &anna, &shop);
    CHECK_STATUS(fixture_statement(&city, &anna, &shop, &other, 2), STATUS_TILL_UNKNOWN);
    CHECK_STATUS(fixture_statement(&city, &anna, &shop, &payment, 1), STATUS_OK);
    end();
}

/* A printed request has no end and gets no settlement proof. */
TEST(a_static_request)
{
    struct fixture_payment payment;

    start();
    fixture_forge(&city, &payment, &anna, &shop, 0, 100, 0);
    payment.request.amount = MONEY_ZERO;
    payment.request.seconds = 0;
    memset(payment.request.nonce, 0, sizeof payment.request.nonce);
    sign_again(&payment, &anna, &shop);
    fixture_later(&city, FIXTURE_DAY);
    CHECK_STATUS(fixture_statement(&city, &anna, &shop, &payment, 3), STATUS_OK);
    CHECK(city.result.outcome == LINE_RESERVE && city.result.answer.len == 0);
    end();
}

/* --- voids and refunds --- */

TEST(voids_and_refunds_that_are_refused)
{
    struct fixture_payment payment;
    struct fixture_payment other;
    struct fixture_payment review;
    static struct fixture_till fake;

    start();
    fixture_sale(&city, &payment, &anna, &shop, 500);
    fixture_pay(&city, &other, &anna, &shop, 100);
    fixture_forge(&city, &review, &anna, &cafe, 0, 500, 50);
    CHECK_STATUS(fixture_sync(&city, &shop), STATUS_OK);
    /* Its own transfer under another's id; by another till's key; another till's transfer. */
    other.id = payment.id;
    fixture_void(&city, &shop, &other);
    fake = shop;
    fake.key = cafe.key;
    fixture_void(&city, &fake, &payment);
    shop.items[shop.count] = fake.items[fake.count - 1];
    struct digest leaf;
    merkle_leaf(&leaf, (struct span){shop.items[shop.count].bytes, shop.items[shop.count].len});
    merkle_append(&shop.tree, &leaf);
    shop.count++;
    fixture_refund(&city, &shop, &payment, 501, 1, true);
    fixture_refund(&city, &shop, &payment, 100, 2, true);
    CHECK_STATUS(fixture_sync(&city, &shop), STATUS_OK);
    CHECK(fixture_result(&shop, shop.uploaded - 4) == LINE_REJECTED + STATUS_TRANSFER_UNKNOWN);
    CHECK(fixture_result(&shop, shop.uploaded - 3) == LINE_REJECTED + STATUS_SIGNATURE_BAD);
    CHECK(fixture_result(&shop, shop.uploaded - 2) == LINE_REJECTED + STATUS_REFUND_OVER);
    CHECK(fixture_result(&shop, shop.uploaded - 1) == LINE_REJECTED + STATUS_REPLAY);

    fixture_refund(&city, &cafe, &payment, 100, 1, true);
    fixture_accept(&city, &cafe, &review);
    CHECK_STATUS(fixture_statement(&city, &anna, &cafe, &review, 1), STATUS_OK);
    CHECK(city.result.outcome == LINE_REVIEW);
    fixture_refund(&city, &cafe, &review, 100, 1, true);
    CHECK_STATUS(fixture_upload(&city, &cafe, cafe.count - 1, 1, false), STATUS_OK);
    CHECK(fixture_result(&cafe, cafe.count - 1) == LINE_REJECTED + STATUS_IN_REVIEW);
    CHECK_STATUS(fixture_sync(&city, &cafe), STATUS_OK);
    CHECK(fixture_result(&cafe, cafe.uploaded - 3) == LINE_REJECTED + STATUS_WRONG_PAYEE);
    CHECK(fixture_result(&cafe, cafe.uploaded - 1) == LINE_REVERSED);
    fixture_void(&city, &shop, &payment);
    fixture_void(&city, &shop, &payment);
    fixture_refund(&city, &shop, &payment, 100, 1, true);
    CHECK_STATUS(fixture_sync(&city, &shop), STATUS_OK);
    CHECK(fixture_result(&shop, shop.uploaded - 3) == LINE_REVERSED);
    CHECK(fixture_result(&shop, shop.uploaded - 2) == LINE_REVERSED);
    CHECK(fixture_result(&shop, shop.uploaded - 1) == LINE_REJECTED + STATUS_VOIDED);
    CHECK(fixture_owed(&city, 1) == 0);
    end();
}

TEST(a_refund_of_what_the_till_bears)
{
    struct fixture_payment first;
    struct fixture_payment second;

    start();
    fixture_forge(&city, &first, &anna, &shop, 0, 500, 0);
    CHECK(judged(&shop, &first) == LINE_RESERVE);
    /* With news eight days old a till may accept nothing. */
    fixture_later(&city, 8 * FIXTURE_DAY);
    fixture_forge(&city, &second, &anna, &cafe, 0, 500, 2);
    fixture_accept(&city, &cafe, &second);
    fixture_refund(&city, &cafe, &second, 100, 1, true);
    CHECK_STATUS(fixture_sync(&city, &cafe), STATUS_OK);
    CHECK(fixture_result(&cafe, second.accepted) == LINE_TILL_BEARS);
    CHECK(fixture_result(&cafe, second.accepted + 1) == LINE_REJECTED + STATUS_TILL_RULE);
    end();
}

/* --- what a till is told --- */

static unsigned
parts_of(uint64_t type)
{
    static struct msg_parcel parcel;
    unsigned count = 0;

    CHECK_STATUS(schema_decode(&parcel, &msg_parcel_schema, city.result.answer), STATUS_OK);
    for (size_t i = 0; i < parcel.parts_count; i++) {
        uint64_t found;

        CHECK_STATUS(msg_peek(&found, parcel.parts[i]), STATUS_OK);
        count += found == type;
    }
    return count;
}

TEST(a_sync_tells_what_the_till_lacks)
{
    struct fixture_key spare;
    struct msg_parameters next;
    struct msg_role_key key = {.network = FIXTURE_NETWORK, .role = 5};
    struct msg_kill kill = {.network = FIXTURE_NETWORK,
                            .role = 4,
                            .reason = {(const uint8_t *)"x", 1},
                            .time = FIXTURE_START};
    struct fixture_payment payment;

    start();
    CHECK_STATUS(fixture_sync(&city, &shop), STATUS_OK);
    CHECK(parts_of(MSG_ACK) == 1 && parts_of(MSG_ANCHOR) == 1 && parts_of(MSG_NEWS) == 1);
    CHECK(parts_of(MSG_ROLE_KEY) == 0 && parts_of(MSG_PARAMETERS) == 0);
    fixture_key(&spare, "spare", 1);
    key.key = spare.key;
    key.from = FIXTURE_START + 20 * FIXTURE_DAY;
    key.until = key.from + FIXTURE_DAY;
    key.verify_until = key.until + 20 * FIXTURE_DAY;
    kill.key = city.roles[4].key;
    fixture_parameters(&next, 2, FIXTURE_START + FIXTURE_DAY);
    CHECK_STATUS(fixture_act(&city, &msg_parameters_schema, &next, 2, 3), STATUS_OK);
    CHECK_STATUS(fixture_signed(&city, &msg_role_key_schema, &key, &city.roots[0], &city.roots[1]),
                 STATUS_OK);
    CHECK_STATUS(fixture_act(&city, &msg_kill_schema, &kill, 3, 13), STATUS_OK);
    CHECK_STATUS(fixture_loss(&city, &anna, true), STATUS_OK);
    /* An answer that is lost is given again with the next upload, until an anchor shows up. */
    for (unsigned i = 0; i < 2; i++) {
        fixture_later(&city, 10);
        fixture_item(&shop, 7, city.moment.time_unix_s, NULL, 0);
        CHECK_STATUS(fixture_upload(&city, &shop, shop.uploaded, shop.count - shop.uploaded, false),
                     STATUS_OK);
        CHECK(parts_of(MSG_ROLE_KEY) == 2 && parts_of(MSG_PARAMETERS) == 2);
        CHECK(parts_of(MSG_KILL) == 2 && parts_of(MSG_NEWS) == 1);
    }
    fixture_receive(&city, &shop, city.result.answer);
    fixture_later(&city, 10);
    CHECK_STATUS(fixture_sync(&city, &shop), STATUS_OK);
    CHECK(parts_of(MSG_ROLE_KEY) == 0 && parts_of(MSG_PARAMETERS) == 0);
    CHECK(parts_of(MSG_KILL) == 0 && parts_of(MSG_NEWS) == 1);
    /* It has the news now, and what it accepts from that line it bears. */
    fixture_later(&city, 10);
    fixture_sale(&city, &payment, &anna, &shop, 100);
    CHECK_STATUS(fixture_sync(&city, &shop), STATUS_OK);
    CHECK(fixture_result(&shop, payment.accepted) == LINE_TILL_BEARS);
    end();
}

/* Many denials take several news, each of which applies onto the one before. */
TEST(long_news)
{
    static struct fixture_wallet many[60];
    static struct msg_parcel parcel;
    static struct kid ids[100];
    static struct denylist list;
    struct span out;

    start();
    for (unsigned i = 0; i < 60; i++) {
        fixture_purse(&city, &many[i], 100 + i, 1, 1);
        CHECK_STATUS(fixture_issue(&city, &many[i], 100, 0), STATUS_OK);
        CHECK_STATUS(fixture_allowance(&city, &many[i], 100), STATUS_OK);
        CHECK_STATUS(fixture_loss(&city, &many[i], false), STATUS_OK);
    }
    CHECK_STATUS(intake_news_parcel(&city.intake, &out, 0, city.moment.time_unix_s), STATUS_OK);
    CHECK_STATUS(schema_decode(&parcel, &msg_parcel_schema, out), STATUS_OK);
    list = (struct denylist){.ids = ids, .cap = 100};
    for (size_t i = 0; i < parcel.parts_count; i++) {
        struct cose_message message;
        struct msg_news news;

        CHECK_STATUS(msg_open(&message, &news, &msg_news_schema, FIXTURE_NETWORK, parcel.parts[i]),
                     STATUS_OK);
        CHECK_STATUS(denylist_apply(&list, &news), STATUS_OK);
    }
    CHECK(parcel.parts_count >= 3 && list.version == 60 && list.count == 60);
    fixture_close(&city);
}

int
main(int argc, char **argv)
{
    return check_run(argc, argv);
}
