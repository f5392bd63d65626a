/* The wallet's payments: what becomes of each, and how one follows the other. Which line pays is in
 * test_wallet_lines.c; mark, keys and letters to the ledger are in test_wallet_folder.c. */
#include "check.h"

#include "letter.h"
#include "protocol/text.h"
#include "town.h"

static struct town town;
static struct town_till shop;
static struct town_wallet anna;
static struct letter letter;

static void
begin(void)
{
    town_open(&town);
    town_till(&town, &shop, 11, 1, 3, 0);
    town_wallet(&town, &anna, 1, 10000, 5000);
}

static void
end(void)
{
    town_wallet_close(&anna);
    town_till_close(&shop);
    town_close(&town);
}

static struct span
text_span(const char *text)
{
    return (struct span){(const uint8_t *)text, strlen(text)};
}

static struct pocket_line
the_line(void)
{
    struct pocket_line line = {0};
    struct store_txn txn;

    CHECK_STATUS(store_begin_read(&txn, &anna.wallet.store), STATUS_OK);
    CHECK_STATUS(pocket_next_line(&line, &txn, NULL), STATUS_OK);
    store_abort(&txn);
    return line;
}

static uint64_t
payment_state(const struct digest *id)
{
    struct pocket_payment payment = {0};
    struct store_txn txn;

    CHECK_STATUS(store_begin_read(&txn, &anna.wallet.store), STATUS_OK);
    CHECK_STATUS(pocket_get_payment(&payment, &txn, id), STATUS_OK);
    store_abort(&txn);
    return payment.state;
}

/* --- PROTOCOL.md section 2: transfer in a wallet ----------------------------------------------
 */

struct life {
    struct digest id;
    char request[CODE_TEXT_SIZE];
    char code[CODE_TEXT_SIZE];
    char receipt[SELL_TEXT_SIZE];
};

static enum status
take_proof(const struct digest *id, uint64_t cents, unsigned role)
{
    struct take_result taken;
    struct msg_settlement_proof proof = {
        .network = FIXTURE_NETWORK,
        .transfer = *id,
        .till = 11,
        .amount = {cents},
        .class = 1,
        .time = town_now(&town),
    };

    letter_begin(&letter, MSG_PARCEL_SETTLED);
    letter_sign(&letter, &msg_settlement_proof_schema, &proof, FIXTURE_NETWORK,
                &town.city.roles[role].secret);
    return take_parcel(&taken, &anna.wallet, letter_end(&letter), town_now(&town));
}

static void
bring_to(struct life *life, uint64_t state)
{
    struct sell_result result;

    CHECK_STATUS(town_request(&town, &shop, 1, 10, life->request), STATUS_OK);
    CHECK_STATUS(town_pay(&town, &anna, life->request, life->code, &life->id), STATUS_OK);
    CHECK_STATUS(town_accept(&town, &shop, life->code, life->receipt, &result), STATUS_OK);
    if (state == POCKET_PAYMENT_ACCEPTED)
        CHECK_STATUS(town_receipt(&anna, life->receipt), STATUS_OK);
    if (state == POCKET_PAYMENT_CANCELLED)
        CHECK_STATUS(pay_cancel(&anna.wallet, &life->id), STATUS_OK);
    if (state == POCKET_PAYMENT_SETTLED)
        CHECK_STATUS(take_proof(&life->id, 10, SIGNER_SETTLEMENT), STATUS_OK);
    CHECK(payment_state(&life->id) == state);
}

enum event { SHOWN, RECEIPT, PROOF, CANCELLED, STATED_RECEIPT, DELIVERED, NOW, STATED_CANCEL };

#define EVENTS 8

static enum status
happens(const struct life *life, enum event event)
{
    static struct ask ask;
    char again[CODE_TEXT_SIZE] = "";
    enum status status;

    switch (event) {
    case SHOWN:
        status = pay_again(again, &anna.wallet, &life->id);
        CHECK((strcmp(again, life->code) == 0) == (status == STATUS_OK));
        return status;
    case RECEIPT:
        return town_receipt(&anna, life->receipt);
    case PROOF:
        return take_proof(&life->id, 10, SIGNER_SETTLEMENT);
    case CANCELLED:
        return pay_cancel(&anna.wallet, &life->id);
    case STATED_RECEIPT:
    case DELIVERED:
    case NOW:
    case STATED_CANCEL:
        break;
    }
    status = ask_statement(&ask, &anna.wallet, &anna.device, &life->id,
                           1 + (uint64_t)event - STATED_RECEIPT, town_now(&town));
    CHECK((ask.len > 0) == (status == STATUS_OK));
    return status;
}

struct row {
    uint64_t state;
    enum status gives[EVENTS];
    uint64_t becomes[EVENTS];
};

static const struct row life_rows[] = {
    {POCKET_PAYMENT_SIGNED,
     {STATUS_OK, STATUS_OK, STATUS_OK, STATUS_OK, STATUS_RECEIPT_MISMATCH, STATUS_OK, STATUS_OK,
      STATUS_NOT_DELIVERED},
     {1, 2, 4, 3, 1, 1, 1, 1}},
    {POCKET_PAYMENT_ACCEPTED,
     {STATUS_OK, STATUS_OK, STATUS_OK, STATUS_ALREADY_PAID, STATUS_OK, STATUS_OK, STATUS_OK,
      STATUS_ALREADY_PAID},
     {2, 2, 4, 2, 2, 2, 2, 2}},
    {POCKET_PAYMENT_CANCELLED,
     {STATUS_CANCELLED, STATUS_OK, STATUS_OK, STATUS_OK, STATUS_RECEIPT_MISMATCH, STATUS_CANCELLED,
      STATUS_CANCELLED, STATUS_OK},
     {3, 2, 4, 3, 3, 3, 3, 3}},
    {POCKET_PAYMENT_SETTLED,
     {STATUS_OK, STATUS_OK, STATUS_OK, STATUS_ALREADY_SETTLED, STATUS_RECEIPT_MISMATCH, STATUS_OK,
      STATUS_OK, STATUS_ALREADY_SETTLED},
     {4, 4, 4, 4, 4, 4, 4, 4}},
};

TEST(transfers_live_as_the_table_says)
{
    static struct life life;

    begin();
    for (size_t i = 0; i < sizeof life_rows / sizeof life_rows[0]; i++) {
        for (unsigned event = 0; event < EVENTS; event++) {
            uint64_t cursor;

            bring_to(&life, life_rows[i].state);
            cursor = the_line().cursor;
            CHECK_STATUS(happens(&life, (enum event)event), life_rows[i].gives[event]);
            CHECK(payment_state(&life.id) == life_rows[i].becomes[event]);
            CHECK_STATUS(town_wallet_reopen(&anna), STATUS_OK);
            CHECK(payment_state(&life.id) == life_rows[i].becomes[event]);
            /* In every state the interval stays used. */
            CHECK(the_line().cursor == cursor);
        }
    }
    end();
}

static void
parse_request(struct code_request *out, struct code_bytes *bytes, const char *text)
{
    CHECK_STATUS(pay_read(out, bytes, &anna.wallet, text_span(text)), STATUS_OK);
}

/* A request that is read twice is one payment: the same bytes again, or the word that it was
 * cancelled, in every state and after a restart; never a second signature. */
TEST(a_request_is_signed_for_once)
{
    static const uint64_t states[] = {POCKET_PAYMENT_SIGNED, POCKET_PAYMENT_ACCEPTED,
                                      POCKET_PAYMENT_CANCELLED, POCKET_PAYMENT_SETTLED};
    static struct life life;
    struct code_request parsed;
    struct code_bytes bytes;
    struct money amount = MONEY_ZERO;
    struct digest id = {{0}};

    begin();
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
        bring_to(&life, states[i]);
        for (unsigned restarts = 0; restarts < 2; restarts++) {
            const uint64_t cursor = the_line().cursor;
            char code[CODE_TEXT_SIZE] = "";

            parse_request(&parsed, &bytes, life.request);
            CHECK_STATUS(pay_known(&id, &amount, &anna.wallet, &parsed), STATUS_OK);
            CHECK(memcmp(&id, &life.id, sizeof id) == 0 && money_cents(amount) == 10);
            CHECK_STATUS(town_pay(&town, &anna, life.request, code, &id),
                         states[i] == POCKET_PAYMENT_CANCELLED ? STATUS_CANCELLED : STATUS_OK);
            CHECK((strcmp(code, life.code) == 0) == (states[i] != POCKET_PAYMENT_CANCELLED));
            code[0] = '\0';
            CHECK_STATUS(
                pay_sign(code, &id, &anna.wallet, &parsed, amount, &anna.device, town_now(&town)),
                STATUS_ALREADY_PAID);
            CHECK(code[0] == '\0' && the_line().cursor == cursor);
            CHECK(anna.wallet.meta.payments == i + 1);
            CHECK_STATUS(town_wallet_reopen(&anna), STATUS_OK);
        }
    }
    end();
}

/* Who parks twice pays twice at the same printed code. */
TEST(a_printed_request_is_signed_for_each_time)
{
    const struct demand_wish wish = {.class = 1, .is_static = true};
    const struct kid nonce = {{0}};
    struct code_request parsed;
    struct code_bytes bytes;
    struct money amount = {20};
    struct digest ids[2];
    char request[CODE_TEXT_SIZE];
    char code[CODE_TEXT_SIZE];
    uint64_t number;

    begin();
    CHECK_STATUS(demand_new(request, &number, &shop.till, &wish, &nonce, town_now(&town)),
                 STATUS_OK);
    parse_request(&parsed, &bytes, request);
    for (size_t i = 0; i < 2; i++) {
        CHECK_STATUS(
            pay_sign(code, &ids[i], &anna.wallet, &parsed, amount, &anna.device, town_now(&town)),
            STATUS_OK);
        CHECK_STATUS(pay_known(&ids[i], &amount, &anna.wallet, &parsed), STATUS_NOT_FOUND);
        CHECK(the_line().cursor == 20 * (i + 1));
    }
    CHECK(memcmp(&ids[0], &ids[1], sizeof ids[0]) != 0);
    end();
}

TEST(unknown_payments)
{
    static struct ask ask;
    struct digest id = {{1}};
    char text[CODE_TEXT_SIZE];

    begin();
    CHECK_STATUS(pay_latest(&id, &anna.wallet), STATUS_NOT_FOUND);
    CHECK_STATUS(pay_again(text, &anna.wallet, &id), STATUS_NOT_FOUND);
    CHECK_STATUS(pay_cancel(&anna.wallet, &id), STATUS_NOT_FOUND);
    CHECK_STATUS(ask_statement(&ask, &anna.wallet, &anna.device, &id, 2, town_now(&town)),
                 STATUS_NOT_FOUND);
    CHECK_STATUS(take_proof(&id, 10, SIGNER_SETTLEMENT), STATUS_TRANSFER_UNKNOWN);
    end();
}

/* Of another payment, of another till, for another amount, or by another office. */
TEST(receipts_and_proofs_that_are_none)
{
    static struct life life;
    struct msg_receipt receipt = {.till = 11, .time = FIXTURE_START, .index = 1};
    struct fixture_key stranger;
    uint8_t cose[MSG_SIGN_SIZE(128)];
    char text[SELL_TEXT_SIZE];
    size_t len;

    begin();
    bring_to(&life, POCKET_PAYMENT_SIGNED);
    fixture_key(&stranger, "stranger", 1);
    for (unsigned i = 0; i < 3; i++) {
        static const enum status expected[] = {STATUS_RECEIPT_MISMATCH, STATUS_RECEIPT_MISMATCH,
                                               STATUS_SIGNATURE_BAD};

        receipt.transfer = life.id;
        receipt.transfer.bytes[0] ^= i == 0 ? 1 : 0;
        receipt.till = i == 1 ? 12 : 11;
        CHECK_STATUS(msg_sign(cose, sizeof cose, &len, &msg_receipt_schema, &receipt,
                              FIXTURE_NETWORK, i == 2 ? &stranger.secret : &shop.till.secret),
                     STATUS_OK);
        CHECK_STATUS(text_encode(text, sizeof text, &len, TEXT_RECEIPT, (struct span){cose, len}),
                     STATUS_OK);
        CHECK_STATUS(town_receipt(&anna, text), expected[i]);
    }
    CHECK_STATUS(take_proof(&life.id, 11, SIGNER_SETTLEMENT), STATUS_AMOUNT_MISMATCH);
    CHECK_STATUS(take_proof(&life.id, 10, SIGNER_ALLOWANCE), STATUS_SIGNER_UNKNOWN);
    CHECK(payment_state(&life.id) == POCKET_PAYMENT_SIGNED);
    end();
}

/* from, to, seq and prev go on from one payment to the next, over restarts. */
TEST(payments_of_a_line_form_a_chain)
{
    struct code_payment payment;
    struct code_bytes bytes;
    char request[CODE_TEXT_SIZE];
    char code[CODE_TEXT_SIZE];
    struct digest id;
    struct digest latest;
    uint8_t prev[TRANSFER_PREV_SIZE];
    uint64_t from = 0;

    begin();
    for (uint64_t i = 0; i < 4; i++) {
        CHECK_STATUS(town_request(&town, &shop, 1, 10 + i, request), STATUS_OK);
        CHECK_STATUS(town_pay(&town, &anna, request, code, &id), STATUS_OK);
        CHECK_STATUS(code_payment_read(&payment, &bytes, FIXTURE_NETWORK, text_span(code)),
                     STATUS_OK);
        if (i == 0)
            transfer_prev_first(prev, &payment.allowance.key);
        CHECK(payment.transfer.from == from && payment.transfer.to == from + 10 + i);
        CHECK(payment.transfer.seq == i && payment.transfer.payee == 11);
        CHECK(memcmp(payment.transfer.prev, prev, sizeof prev) == 0);
        transfer_prev_next(prev, &id);
        from += 10 + i;
        CHECK_STATUS(town_wallet_reopen(&anna), STATUS_OK);
        CHECK_STATUS(pay_latest(&latest, &anna.wallet), STATUS_OK);
        CHECK(memcmp(&latest, &id, sizeof id) == 0);
        CHECK(anna.wallet.meta.payments == i + 1);
    }
    end();
}

TEST(what_amount_is_paid)
{
    struct msg_request request = {.amount = {500}, .partial = 1, .seconds = 300, .nonce = {1}};
    struct msg_request fixed = {.amount = {500}, .seconds = 300, .nonce = {1}};
    const struct msg_request printed = {.class = 1};
    const struct money none = {0};
    const struct money less = {499};
    const struct money same = {500};
    const struct money more = {501};
    struct money out = {7};

    CHECK_STATUS(pay_amount(&out, &fixed, NULL), STATUS_OK);
    CHECK(money_cents(out) == 500);
    CHECK_STATUS(pay_amount(&out, &fixed, &less), STATUS_AMOUNT_MISMATCH);
    CHECK_STATUS(pay_amount(&out, &fixed, &same), STATUS_OK);
    CHECK_STATUS(pay_amount(&out, &request, &none), STATUS_AMOUNT_ZERO);
    CHECK_STATUS(pay_amount(&out, &request, &more), STATUS_AMOUNT_MISMATCH);
    CHECK(money_cents(out) == 500);
    CHECK_STATUS(pay_amount(&out, &request, &less), STATUS_OK);
    CHECK(money_cents(out) == 499);
    CHECK_STATUS(pay_amount(&out, &printed, NULL), STATUS_STATIC_REQUEST);
    CHECK_STATUS(pay_amount(&out, &printed, &none), STATUS_AMOUNT_ZERO);
    CHECK_STATUS(pay_amount(&out, &printed, &more), STATUS_OK);
    CHECK(money_cents(out) == 501);
}

int
main(int argc, char **argv)
{
    return check_run(argc, argv);
}
