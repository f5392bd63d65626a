/* The programs' own till and wallet against each other and a city: what a sale goes through, and
 * what thieves, clones, copies and clocks do to it. Threats by their numbers in tests/threats.tsv.
 */
#include "check.h"

#include "ledger/intake.h"
#include "merchant/till.h"
#include "protocol/text.h"
#include "town.h"
#include "wallet/wallet.h"

static struct town town;
static struct town_till shop;
static struct town_till cafe;
static struct town_wallet anna;

static void
begin(void)
{
    town_open(&town);
    town_till(&town, &shop, 11, 1, 1, 0);
    town_till(&town, &cafe, 21, 2, 3, 0);
    town_wallet(&town, &anna, 1, 8000, 5000);
}

static void
end(void)
{
    town_wallet_close(&anna);
    town_till_close(&cafe);
    town_till_close(&shop);
    town_close(&town);
}

/* What the ledger has of a wallet's only line. */
static struct record_line
only_line(struct town_wallet *wallet)
{
    struct record_line line = {0};
    struct store_txn txn;
    struct pocket_line pocket;
    struct kid id;

    CHECK_STATUS(store_begin_read(&txn, &wallet->wallet.store), STATUS_OK);
    CHECK_STATUS(pocket_next_line(&pocket, &txn, NULL), STATUS_OK);
    crypt_kid(&id, &pocket.key);
    store_abort(&txn);
    CHECK(fixture_line(&town.city, &line, &id));
    return line;
}

TEST(sale_and_settlement)
{
    struct digest id;
    struct record_transfer transfer;

    begin();
    CHECK_STATUS(town_sale(&town, &shop, &anna, 1250, &id), STATUS_OK);
    CHECK_STATUS(town_sync(&town, &shop), STATUS_OK);
    CHECK(fixture_owed(&town.city, 1) == 1250);
    CHECK(fixture_transfer(&town.city, &transfer, &id) && transfer.outcome == LINE_RESERVE);
    CHECK(shop.till.tally.count == 0);
    CHECK_STATUS(fixture_replay(&town.city), STATUS_OK);
    end();
}

/* Threat 1: the same code a thousand times is one sale with one receipt, also after a restart. */
TEST(replay_same_till)
{
    char request[CODE_TEXT_SIZE];
    char code[CODE_TEXT_SIZE];
    char first[SELL_TEXT_SIZE];
    char again[SELL_TEXT_SIZE];
    struct sell_result result;
    struct digest id;
    unsigned same = 0;

    begin();
    CHECK_STATUS(town_request(&town, &shop, 1, 500, request), STATUS_OK);
    CHECK_STATUS(town_pay(&town, &anna, request, code, &id), STATUS_OK);
    CHECK_STATUS(town_accept(&town, &shop, code, first, &result), STATUS_OK);
    for (unsigned i = 0; i < 1000; i++) {
        if (i == 500)
            CHECK_STATUS(town_till_reopen(&shop), STATUS_OK);
        if (town_accept(&town, &shop, code, again, &result) == STATUS_ALREADY_PAID &&
            strcmp(first, again) == 0)
            same++;
    }
    CHECK(same == 1000);
    CHECK(shop.till.tally.count == 1);
    CHECK_STATUS(town_sync(&town, &shop), STATUS_OK);
    CHECK(fixture_owed(&town.city, 1) == 500);
    end();
}

/* Threats 2 and 3: another merchant's till, or another till of the same merchant, takes nothing. */
TEST(replay_other_till)
{
    struct town_till second;
    char request[CODE_TEXT_SIZE];
    char other[CODE_TEXT_SIZE];
    char code[CODE_TEXT_SIZE];
    char receipt[SELL_TEXT_SIZE];
    struct sell_result result;
    struct digest id;

    begin();
    town_till(&town, &second, 12, 1, 1, 0);
    CHECK_STATUS(town_request(&town, &shop, 1, 500, request), STATUS_OK);
    CHECK_STATUS(town_request(&town, &cafe, 1, 500, other), STATUS_OK);
    CHECK_STATUS(town_request(&town, &second, 1, 500, other), STATUS_OK);
    CHECK_STATUS(town_pay(&town, &anna, request, code, &id), STATUS_OK);
    CHECK_STATUS(town_accept(&town, &cafe, code, receipt, &result), STATUS_WRONG_PAYEE);
    CHECK(receipt[0] == '\0');
    CHECK_STATUS(town_accept(&town, &second, code, receipt, &result), STATUS_WRONG_PAYEE);
    CHECK_STATUS(town_accept(&town, &shop, code, receipt, &result), STATUS_OK);
    CHECK_STATUS(town_sync(&town, &second), STATUS_OK);
    CHECK_STATUS(town_sync(&town, &shop), STATUS_OK);
    CHECK(fixture_owed(&town.city, 1) == 500);
    CHECK(fixture_owed(&town.city, 2) == 0);
    town_till_close(&second);
    end();
}

/* Threat 4: a clone is found out with two messages; the loss is what was accepted beyond A. */
TEST(clone)
{
    struct town_wallet copy;
    struct record_line line;
    struct digest a;
    struct digest b;
    uint64_t fund;

    begin();
    fund = fixture_fund_balance(&town.city);
    town_clone(&copy, &anna);
    CHECK_STATUS(town_sale(&town, &shop, &anna, 2500, &a), STATUS_OK);
    CHECK_STATUS(town_sale(&town, &cafe, &copy, 2500, &b), STATUS_OK);
    CHECK_STATUS(town_sync(&town, &shop), STATUS_OK);
    CHECK_STATUS(town_sync(&town, &cafe), STATUS_OK);
    CHECK(fixture_owed(&town.city, 1) == 2500);
    CHECK(fixture_owed(&town.city, 2) == 2500);
    CHECK(fund - fixture_fund_balance(&town.city) == 2500);
    line = only_line(&anna);
    CHECK((line.flags & RECORD_LINE_FROZEN) != 0);
    /* The news reaches the tills, and the rest of the line is worth nothing there. */
    CHECK(denylist_has(&cafe.till.denied, &line.id));
    CHECK_STATUS(town_sale(&town, &cafe, &anna, 100, &a), STATUS_ALLOWANCE_DENIED);
    fixture_days(&town.city, 17);
    CHECK_STATUS(fixture_close_due(&town.city), STATUS_OK);
    CHECK(fixture_line(&town.city, &line, &line.id));
    CHECK(line.debt == 0);
    CHECK(fixture_fund_balance(&town.city) == fund);
    town_wallet_close(&copy);
    end();
}

/* Threat 5: an older copy of the store never signs again before the wallet has a new line. */
TEST(restored_store)
{
    char keep[SCRATCH_PATH_MAX];
    char store[SCRATCH_PATH_MAX];
    char backup[SCRATCH_PATH_MAX];
    struct digest id;

    begin();
    scratch_make(keep);
    scratch_path(backup, keep, "data.mdb");
    scratch_path(store, anna.folder, "store/data.mdb");
    wallet_close(&anna.wallet);
    CHECK(scratch_copy(backup, store));
    CHECK_STATUS(wallet_open(&anna.wallet, anna.folder), STATUS_OK);
    CHECK_STATUS(town_sale(&town, &shop, &anna, 700, &id), STATUS_OK);
    wallet_close(&anna.wallet);
    CHECK(scratch_copy(store, backup));
    CHECK_STATUS(wallet_open(&anna.wallet, anna.folder), STATUS_OK);
    CHECK_STATUS(town_sale(&town, &cafe, &anna, 700, &id), STATUS_RESTORED);
    CHECK_STATUS(town_wallet_reopen(&anna), STATUS_OK);
    CHECK_STATUS(town_sale(&town, &cafe, &anna, 700, &id), STATUS_RESTORED);
    /* The tier's room is taken by the old line; the wallet pays online or waits for its close. */
    CHECK_STATUS(town_allowance(&town, &anna, 1000), STATUS_TIER_LIMIT);
    CHECK_STATUS(town_sync(&town, &shop), STATUS_OK);
    fixture_days(&town.city, 17);
    CHECK_STATUS(fixture_close_due(&town.city), STATUS_OK);
    CHECK_STATUS(town_allowance(&town, &anna, 1000), STATUS_OK);
    CHECK(anna.wallet.meta.restored == 0);
    scratch_remove(keep);
    end();
}

/* Threat 6: what was cancelled stays used; the next payment takes the next interval. */
TEST(cancel_then_pay_elsewhere)
{
    char request[CODE_TEXT_SIZE];
    char cancelled[CODE_TEXT_SIZE];
    char code[CODE_TEXT_SIZE];
    char receipt[SELL_TEXT_SIZE];
    struct code_payment first;
    struct code_payment second;
    struct code_bytes bytes;
    struct sell_result result;
    struct digest a;
    struct digest b;

    begin();
    CHECK_STATUS(town_request(&town, &shop, 1, 900, request), STATUS_OK);
    CHECK_STATUS(town_pay(&town, &anna, request, cancelled, &a), STATUS_OK);
    CHECK_STATUS(pay_cancel(&anna.wallet, &a), STATUS_OK);
    CHECK_STATUS(pay_again(code, &anna.wallet, &a), STATUS_CANCELLED);
    CHECK_STATUS(town_wallet_reopen(&anna), STATUS_OK);
    CHECK_STATUS(town_request(&town, &cafe, 1, 900, request), STATUS_OK);
    CHECK_STATUS(town_pay(&town, &anna, request, code, &b), STATUS_OK);
    CHECK_STATUS(code_payment_read(&first, &bytes, FIXTURE_NETWORK,
                                   (struct span){(const uint8_t *)cancelled, strlen(cancelled)}),
                 STATUS_OK);
    CHECK_STATUS(code_payment_read(&second, &bytes, FIXTURE_NETWORK,
                                   (struct span){(const uint8_t *)code, strlen(code)}),
                 STATUS_OK);
    CHECK(second.transfer.from == first.transfer.to);
    CHECK(second.transfer.seq == first.transfer.seq + 1);
    /* The till that got the cancelled code all the same is still paid: nothing overlaps. */
    CHECK_STATUS(town_accept(&town, &shop, cancelled, receipt, &result), STATUS_OK);
    CHECK_STATUS(town_accept(&town, &cafe, code, receipt, &result), STATUS_OK);
    CHECK_STATUS(town_state(&town, &anna, &a, 4), STATUS_OK);
    CHECK_STATUS(town_sync(&town, &cafe), STATUS_OK);
    CHECK_STATUS(town_sync(&town, &shop), STATUS_OK);
    CHECK(fixture_owed(&town.city, 1) == 900);
    CHECK(fixture_owed(&town.city, 2) == 900);
    CHECK_STATUS(fixture_recount(&town.city), STATUS_OK);
    end();
}

/* Threat 10: no changed bit of a code is accepted, and none leaves a trace. */
TEST(changed_bits)
{
    char request[CODE_TEXT_SIZE];
    char code[CODE_TEXT_SIZE];
    char text[CODE_TEXT_SIZE];
    char receipt[SELL_TEXT_SIZE];
    uint8_t bytes[TEXT_BYTES_MAX];
    struct sell_result result;
    struct digest id;
    size_t len;
    unsigned accepted = 0;

    begin();
    CHECK_STATUS(town_request(&town, &shop, 1, 500, request), STATUS_OK);
    CHECK_STATUS(town_pay(&town, &anna, request, code, &id), STATUS_OK);
    CHECK_STATUS(text_decode(bytes, sizeof bytes, &len, TEXT_PAYMENT,
                             (struct span){(const uint8_t *)code, strlen(code)}),
                 STATUS_OK);
    /* Every third bit, as each costs two signature checks; every bit of the payloads is among the
     * vectors. */
    for (size_t bit = 0; bit < 8 * len; bit += 3) {
        size_t text_len;

        bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
        CHECK_STATUS(
            text_encode(text, sizeof text, &text_len, TEXT_PAYMENT, (struct span){bytes, len}),
            STATUS_OK);
        if (town_accept(&town, &shop, text, receipt, &result) == STATUS_OK)
            accepted++;
        bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
    CHECK(accepted == 0);
    CHECK(shop.till.tally.count == 0);
    CHECK_STATUS(town_accept(&town, &shop, code, receipt, &result), STATUS_OK);
    end();
}

/* Threat 12: the till says it received nothing; the wallet shows the same code, then settles
 * itself. */
TEST(not_received)
{
    char request[CODE_TEXT_SIZE];
    char code[CODE_TEXT_SIZE];
    char again[CODE_TEXT_SIZE];
    char receipt[SELL_TEXT_SIZE];
    struct sell_result result;
    struct digest id;

    begin();
    CHECK_STATUS(town_request(&town, &shop, 1, 500, request), STATUS_OK);
    CHECK_STATUS(town_pay(&town, &anna, request, code, &id), STATUS_OK);
    CHECK_STATUS(pay_again(again, &anna.wallet, &id), STATUS_OK);
    CHECK(strcmp(code, again) == 0);
    CHECK_STATUS(town_state(&town, &anna, &id, 2), STATUS_OK);
    CHECK(fixture_owed(&town.city, 1) == 500);
    /* The till did receive it after all: settled once. */
    CHECK_STATUS(town_accept(&town, &shop, code, receipt, &result), STATUS_OK);
    CHECK_STATUS(town_sync(&town, &shop), STATUS_OK);
    CHECK(fixture_owed(&town.city, 1) == 500);
    end();
}

/* Threat 22: pictures of certificate, request, receipt or transfer move nothing by themselves. */
TEST(screenshots)
{
    char request[CODE_TEXT_SIZE];
    char code[CODE_TEXT_SIZE];
    char next[CODE_TEXT_SIZE];
    char receipt[SELL_TEXT_SIZE];
    char empty[SELL_TEXT_SIZE];
    struct sell_result result;
    struct digest id;

    begin();
    CHECK_STATUS(town_request(&town, &shop, 1, 500, request), STATUS_OK);
    CHECK_STATUS(town_accept(&town, &shop, request, empty, &result), STATUS_TEXT_TYPE);
    CHECK_STATUS(town_pay(&town, &anna, request, code, &id), STATUS_OK);
    CHECK_STATUS(town_accept(&town, &shop, code, receipt, &result), STATUS_OK);
    CHECK_STATUS(town_accept(&town, &shop, receipt, empty, &result), STATUS_TEXT_TYPE);
    /* A picture of yesterday's code does not pay today's request. */
    CHECK_STATUS(town_request(&town, &shop, 1, 500, next), STATUS_OK);
    CHECK_STATUS(town_accept(&town, &shop, code, empty, &result), STATUS_ALREADY_PAID);
    CHECK(shop.till.tally.count == 1);
    CHECK_STATUS(town_pay(&town, &anna, code, next, &id), STATUS_TEXT_TYPE);
    CHECK_STATUS(town_receipt(&anna, code), STATUS_TEXT_TYPE);
    end();
}

/* Threat 26: a wallet's clock that is years off changes nothing that a till or the ledger decides.
 */
TEST(wallet_clock)
{
    char request[CODE_TEXT_SIZE];
    char code[CODE_TEXT_SIZE];
    char receipt[SELL_TEXT_SIZE];
    struct code_request parsed;
    struct code_bytes bytes;
    struct sell_result result;
    struct digest id;
    const uint64_t years = UINT64_C(10) * 365 * FIXTURE_DAY;

    begin();
    CHECK_STATUS(town_request(&town, &shop, 1, 500, request), STATUS_OK);
    CHECK_STATUS(pay_read(&parsed, &bytes, &anna.wallet,
                          (struct span){(const uint8_t *)request, strlen(request)}),
                 STATUS_OK);
    /* Ahead: the wallet believes that its line has ended and signs nothing. */
    CHECK_STATUS(pay_sign(code, &id, &anna.wallet, &parsed, parsed.request.amount, &anna.device,
                          town_now(&town) + years),
                 STATUS_NO_ALLOWANCE);
    /* Behind: it signs; the till decides by its own clock. */
    CHECK_STATUS(pay_sign(code, &id, &anna.wallet, &parsed, parsed.request.amount, &anna.device,
                          town_now(&town) - years),
                 STATUS_OK);
    CHECK_STATUS(town_accept(&town, &shop, code, receipt, &result), STATUS_OK);
    CHECK_STATUS(town_sync(&town, &shop), STATUS_OK);
    CHECK(fixture_owed(&town.city, 1) == 500);
    end();
}

/* Threat 37: a lost receipt is made again from the till's log, byte for byte. */
TEST(lost_receipt)
{
    char request[CODE_TEXT_SIZE];
    char code[CODE_TEXT_SIZE];
    char first[SELL_TEXT_SIZE];
    char again[SELL_TEXT_SIZE];
    struct sell_result result;
    struct digest id;

    begin();
    CHECK_STATUS(town_request(&town, &shop, 1, 500, request), STATUS_OK);
    CHECK_STATUS(town_pay(&town, &anna, request, code, &id), STATUS_OK);
    CHECK_STATUS(town_accept(&town, &shop, code, first, &result), STATUS_OK);
    fixture_later(&town.city, 3600);
    CHECK_STATUS(town_sync(&town, &shop), STATUS_OK);
    CHECK_STATUS(town_till_reopen(&shop), STATUS_OK);
    CHECK_STATUS(sell_receipt(again, &shop.till, &id), STATUS_OK);
    CHECK(strcmp(first, again) == 0);
    CHECK_STATUS(town_receipt(&anna, again), STATUS_OK);
    end();
}

/* Threat 40: the classes never mix, whichever of request, certificate and till says so. */
TEST(classes)
{
    struct town_wallet parking;
    char request[CODE_TEXT_SIZE];
    char code[CODE_TEXT_SIZE];
    struct digest id;

    begin();
    town_wallet(&town, &parking, 2, 2000, 1000);
    CHECK_STATUS(town_request(&town, &shop, 2, 300, request), STATUS_CLASS);
    CHECK_STATUS(town_request(&town, &cafe, 2, 300, request), STATUS_OK);
    CHECK_STATUS(town_pay(&town, &anna, request, code, &id), STATUS_NO_ALLOWANCE);
    CHECK_STATUS(town_pay(&town, &parking, request, code, &id), STATUS_OK);
    CHECK_STATUS(town_request(&town, &cafe, 1, 300, request), STATUS_OK);
    CHECK_STATUS(town_pay(&town, &parking, request, code, &id), STATUS_NO_ALLOWANCE);
    town_wallet_close(&parking);
    end();
}

/* Threats 42 and 27: the end of an allowance, and a clock that runs behind. */
TEST(clocks_of_the_till)
{
    char request[CODE_TEXT_SIZE];
    char code[CODE_TEXT_SIZE];
    char receipt[SELL_TEXT_SIZE];
    struct sell_result result;
    struct digest id;
    struct digest ignored;

    begin();
    fixture_later(&town.city, 60);
    CHECK_STATUS(town_sale(&town, &shop, &anna, 300, &id), STATUS_OK);
    town.city.moment.time_unix_s -= 120;
    CHECK_STATUS(town_request(&town, &shop, 1, 300, request), STATUS_CLOCK_BEHIND);
    town.city.moment.time_unix_s += 120;
    /* Signed just before the end of the line, with news that is not yet too old, and shown at its
     * end; later the request has ended as well. */
    fixture_later(&town.city, 6 * FIXTURE_DAY);
    CHECK_STATUS(town_sync(&town, &shop), STATUS_OK);
    fixture_later(&town.city, only_line(&anna).end - 100 - town_now(&town));
    CHECK_STATUS(town_request(&town, &shop, 1, 300, request), STATUS_OK);
    CHECK_STATUS(town_pay(&town, &anna, request, code, &id), STATUS_OK);
    fixture_later(&town.city, 100);
    CHECK_STATUS(town_accept(&town, &shop, code, receipt, &result), STATUS_ALLOWANCE_EXPIRED);
    fixture_later(&town.city, FIXTURE_DAY);
    CHECK_STATUS(town_accept(&town, &shop, code, receipt, &result), STATUS_REQUEST_EXPIRED);
    CHECK_STATUS(town_request(&town, &shop, 1, 300, request), STATUS_OK);
    CHECK_STATUS(town_pay(&town, &anna, request, code, &ignored), STATUS_NO_ALLOWANCE);
    end();
}

/* Threat 45: news that was applied before changes nothing; an older one is refused without harm. */
TEST(stale_news)
{
    static uint8_t old[MSG_PARCEL_MAX];
    struct town_wallet copy;
    struct sync_result result;
    struct span parcel = {NULL, 0};
    struct digest id;
    uint8_t seed[32] = {1};
    size_t old_len;
    uint64_t version;

    begin();
    CHECK_STATUS(intake_news_parcel(&town.city.intake, &parcel, 0, town_now(&town)), STATUS_OK);
    memcpy(old, parcel.data, parcel.len);
    old_len = parcel.len;
    town_clone(&copy, &anna);
    CHECK_STATUS(town_sale(&town, &shop, &anna, 500, &id), STATUS_OK);
    CHECK_STATUS(town_sale(&town, &cafe, &copy, 500, &id), STATUS_OK);
    CHECK_STATUS(town_sync(&town, &shop), STATUS_OK);
    CHECK_STATUS(town_sync(&town, &cafe), STATUS_OK);
    version = cafe.till.denied.version;
    CHECK(version == 1 && cafe.till.denied.count == 1);
    CHECK_STATUS(sync_take(&result, &cafe.till, (struct span){old, old_len}, seed, town_now(&town)),
                 STATUS_OK);
    CHECK(cafe.till.denied.version == version && cafe.till.denied.count == 1);
    CHECK_STATUS(town_till_reopen(&cafe), STATUS_OK);
    CHECK(cafe.till.denied.version == version && cafe.till.denied.count == 1);
    town_wallet_close(&copy);
    end();
}

/* Threat 57: a till whose store is older than what it signed does not open again. */
TEST(reset_till)
{
    char keep[SCRATCH_PATH_MAX];
    char store[SCRATCH_PATH_MAX];
    char backup[SCRATCH_PATH_MAX];
    char one[CODE_TEXT_SIZE];
    char two[CODE_TEXT_SIZE];
    struct digest id;

    begin();
    scratch_make(keep);
    scratch_path(backup, keep, "data.mdb");
    scratch_path(store, shop.folder, "store/data.mdb");
    till_close(&shop.till);
    CHECK(scratch_copy(backup, store));
    CHECK_STATUS(town_till_reopen(&shop), STATUS_OK);
    CHECK_STATUS(town_request(&town, &shop, 1, 500, one), STATUS_OK);
    CHECK_STATUS(town_request(&town, &shop, 1, 500, two), STATUS_OK);
    CHECK(strcmp(one, two) != 0);
    CHECK_STATUS(town_sale(&town, &shop, &anna, 500, &id), STATUS_OK);
    till_close(&shop.till);
    CHECK(scratch_copy(store, backup));
    CHECK_STATUS(town_till_reopen(&shop), STATUS_LOG_ROLLBACK);
    scratch_remove(keep);
    end();
}

/* Voids and refunds at the till and at the ledger. */
TEST(void_and_refund)
{
    char receipt[SELL_TEXT_SIZE];
    struct sell_result result;
    struct digest a;
    struct digest b;
    struct money four = {400};
    struct money more = {900};
    uint8_t salt[TILL_SALT_SIZE] = {7};

    begin();
    CHECK_STATUS(town_sale(&town, &shop, &anna, 1200, &a), STATUS_OK);
    CHECK_STATUS(town_sale(&town, &shop, &anna, 300, &b), STATUS_OK);
    CHECK_STATUS(reverse_refund(&shop.till, &a, four, salt, &shop.till.secret, town_now(&town)),
                 STATUS_OK);
    CHECK_STATUS(reverse_refund(&shop.till, &a, more, salt, &shop.till.secret, town_now(&town)),
                 STATUS_REFUND_OVER);
    CHECK_STATUS(reverse_void(&result, &shop.till, &b, salt, town_now(&town)), STATUS_OK);
    CHECK_STATUS(reverse_void(&result, &shop.till, &b, salt, town_now(&town)), STATUS_VOIDED);
    CHECK_STATUS(sell_receipt(receipt, &shop.till, &b), STATUS_VOIDED);
    CHECK_STATUS(sell_receipt(receipt, &shop.till, &a), STATUS_OK);
    CHECK_STATUS(reverse_refund(&shop.till, &b, four, salt, &shop.till.secret, town_now(&town)),
                 STATUS_VOIDED);
    CHECK_STATUS(town_sync(&town, &shop), STATUS_OK);
    CHECK(fixture_owed(&town.city, 1) == 800);
    CHECK_STATUS(fixture_recount(&town.city), STATUS_OK);
    CHECK_STATUS(fixture_replay(&town.city), STATUS_OK);
    end();
}

/* The phone settles for a till without a network, and the till takes the ledger's word once. */
TEST(settlement_proof)
{
    char request[CODE_TEXT_SIZE];
    char code[CODE_TEXT_SIZE];
    char text[TEXT_SIZE_MAX];
    char receipt[SELL_TEXT_SIZE];
    struct pocket_payment payment;
    struct sell_result result;
    struct store_txn txn;
    struct digest id;
    uint8_t salt[TILL_SALT_SIZE] = {3};
    size_t len;

    begin();
    CHECK_STATUS(town_request(&town, &shop, 1, 500, request), STATUS_OK);
    CHECK_STATUS(town_pay(&town, &anna, request, code, &id), STATUS_OK);
    CHECK_STATUS(town_state(&town, &anna, &id, 3), STATUS_OK);
    CHECK_STATUS(store_begin_read(&txn, &anna.wallet.store), STATUS_OK);
    CHECK_STATUS(pocket_get_payment(&payment, &txn, &id), STATUS_OK);
    CHECK(payment.state == POCKET_PAYMENT_SETTLED);
    CHECK_STATUS(text_encode(text, sizeof text, &len, TEXT_SETTLEMENT_PROOF, payment.proof),
                 STATUS_OK);
    store_abort(&txn);
    CHECK_STATUS(sell_proof(receipt, &result, &cafe.till,
                            (struct span){(const uint8_t *)text, strlen(text)}, salt,
                            town_now(&town)),
                 STATUS_WRONG_PAYEE);
    CHECK_STATUS(sell_proof(receipt, &result, &shop.till,
                            (struct span){(const uint8_t *)text, strlen(text)}, salt,
                            town_now(&town)),
                 STATUS_OK);
    CHECK_STATUS(town_receipt(&anna, receipt), STATUS_OK);
    CHECK_STATUS(sell_proof(receipt, &result, &shop.till,
                            (struct span){(const uint8_t *)text, strlen(text)}, salt,
                            town_now(&town)),
                 STATUS_ALREADY_PAID);
    CHECK_STATUS(town_sync(&town, &shop), STATUS_OK);
    CHECK(fixture_owed(&town.city, 1) == 500);
    end();
}

int
main(int argc, char **argv)
{
    return check_run(argc, argv);
}
