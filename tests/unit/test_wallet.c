/* The wallet's payments: what becomes of each, which line pays, and how a line goes on. Its mark,
 * its keys and its letters to the ledger are in test_wallet_folder.c. */
#include "check.h"

#include "letter.h"
#include "protocol/text.h"
#include "town.h"

static struct town town;
static struct town_till shop;
static struct town_wallet anna;
static struct letter letter;

static void
begin(uint64_t group)
{
    town_open(&town);
    town_till(&town, &shop, 11, 1, 3, group);
    town_wallet(&town, &anna, 1, 10000, 0);
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

/* --- certificates made by hand ----------------------------------------------------------------
 */

/* Asks for a line and fills what the ledger would certify. */
static void
ask_line(struct msg_allowance *out, uint64_t cents, uint64_t restriction)
{
    static struct ask ask;
    static struct msg_parcel parcel;
    struct msg_allowance_request request;
    struct cose_message message;
    uint8_t salt[POCKET_SALT_SIZE];
    struct kid nonce;
    const struct money amount = {cents};

    town_random(&town, salt, sizeof salt);
    town_random(&town, &nonce, sizeof nonce);
    CHECK_STATUS(ask_allowance(&ask, &anna.wallet, &anna.device, amount, restriction, false, salt,
                               &nonce, town_now(&town)),
                 STATUS_OK);
    letter_open(&parcel, (struct span){ask.bytes, ask.len});
    CHECK_STATUS(msg_open(&message, &request, &msg_allowance_request_schema, FIXTURE_NETWORK,
                          parcel.parts[0]),
                 STATUS_OK);
    *out = (struct msg_allowance){
        .network = FIXTURE_NETWORK,
        .key = request.key,
        .class = 1,
        .tier = 2,
        .amount = amount,
        .limit = {2500},
        .from = town_now(&town),
        .hours = 168,
        .restriction = restriction,
    };
}

static enum status
take_signed(const struct msg_allowance *certificate, unsigned role)
{
    struct take_result taken;

    letter_begin(&letter, MSG_PARCEL_ALLOWANCE);
    letter_sign(&letter, &msg_allowance_schema, certificate, FIXTURE_NETWORK,
                &town.city.roles[role].secret);
    return take_parcel(&taken, &anna.wallet, letter_end(&letter), town_now(&town));
}

static struct kid
line_id(const struct msg_allowance *certificate)
{
    struct kid id;

    crypt_kid(&id, &certificate->key);
    return id;
}

/* A line that is open. */
static struct kid
open_line(uint64_t cents, uint64_t limit, uint64_t hours, uint64_t restriction)
{
    struct msg_allowance certificate;

    ask_line(&certificate, cents, restriction);
    certificate.limit.cents = limit;
    certificate.hours = hours;
    CHECK_STATUS(take_signed(&certificate, SIGNER_ALLOWANCE), STATUS_OK);
    return line_id(&certificate);
}

static struct pocket_line
line_of(const struct kid *id)
{
    struct pocket_line line = {0};
    struct store_txn txn;

    CHECK_STATUS(store_begin_read(&txn, &anna.wallet.store), STATUS_OK);
    CHECK_STATUS(pocket_get_line(&line, &txn, id), STATUS_OK);
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
      STATUS_NOT_DELIVERED},
     {2, 2, 4, 2, 2, 2, 2, 2}},
    {POCKET_PAYMENT_CANCELLED,
     {STATUS_CANCELLED, STATUS_OK, STATUS_OK, STATUS_OK, STATUS_RECEIPT_MISMATCH, STATUS_CANCELLED,
      STATUS_CANCELLED, STATUS_OK},
     {3, 2, 4, 3, 3, 3, 3, 3}},
    {POCKET_PAYMENT_SETTLED,
     {STATUS_OK, STATUS_OK, STATUS_OK, STATUS_ALREADY_SETTLED, STATUS_RECEIPT_MISMATCH, STATUS_OK,
      STATUS_OK, STATUS_NOT_DELIVERED},
     {4, 4, 4, 4, 4, 4, 4, 4}},
};

TEST(transfers_live_as_the_table_says)
{
    static struct life life;
    struct kid line;

    begin(0);
    line = open_line(5000, 2500, 168, 0);
    for (size_t i = 0; i < sizeof life_rows / sizeof life_rows[0]; i++) {
        for (unsigned event = 0; event < EVENTS; event++) {
            uint64_t cursor;

            bring_to(&life, life_rows[i].state);
            cursor = line_of(&line).cursor;
            CHECK_STATUS(happens(&life, (enum event)event), life_rows[i].gives[event]);
            CHECK(payment_state(&life.id) == life_rows[i].becomes[event]);
            CHECK_STATUS(town_wallet_reopen(&anna), STATUS_OK);
            CHECK(payment_state(&life.id) == life_rows[i].becomes[event]);
            /* In every state the interval stays used. */
            CHECK(line_of(&line).cursor == cursor);
        }
    }
    end();
}

TEST(unknown_payments)
{
    static struct ask ask;
    struct digest id = {{1}};
    char text[CODE_TEXT_SIZE];

    begin(0);
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

    begin(0);
    (void)open_line(5000, 2500, 168, 0);
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

/* --- which line pays --------------------------------------------------------------------------
 */

static enum status
pay_cents(uint64_t cents, struct kid *line, struct money *left)
{
    char request[CODE_TEXT_SIZE];
    char code[CODE_TEXT_SIZE] = "";
    struct code_request parsed;
    struct code_bytes bytes;
    struct pay_choice choice;
    struct digest id;
    struct pocket_payment payment;
    struct store_txn txn;
    enum status status;

    CHECK_STATUS(town_request(&town, &shop, 1, cents, request), STATUS_OK);
    CHECK_STATUS(pay_read(&parsed, &bytes, &anna.wallet, text_span(request)), STATUS_OK);
    status = pay_choose(&choice, &anna.wallet, &parsed, parsed.request.amount, town_now(&town));
    CHECK_STATUS(town_pay(&town, &anna, request, code, &id), status);
    CHECK((code[0] != '\0') == (status == STATUS_OK));
    if (status != STATUS_OK)
        return status;
    *line = choice.line;
    *left = choice.left;
    CHECK_STATUS(store_begin_read(&txn, &anna.wallet.store), STATUS_OK);
    CHECK_STATUS(pocket_get_payment(&payment, &txn, &id), STATUS_OK);
    CHECK(memcmp(&payment.line, line, sizeof *line) == 0);
    store_abort(&txn);
    return STATUS_OK;
}

static bool
same_line(const struct kid *a, const struct kid *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

/* Restricted before free, then the earliest end; one that cannot pay is passed over. */
TEST(lines_are_spent_in_their_order)
{
    struct kid late;
    struct kid early;
    struct kid bound;
    struct kid elsewhere;
    struct kid line;
    struct money left;

    begin(7);
    late = open_line(1000, 2500, 168, 0);
    elsewhere = open_line(1000, 2500, 10, 8);
    bound = open_line(300, 2500, 160, 7);
    early = open_line(500, 2500, 100, 0);
    CHECK_STATUS(pay_cents(200, &line, &left), STATUS_OK);
    CHECK(same_line(&line, &bound) && money_cents(left) == 300);
    CHECK_STATUS(pay_cents(200, &line, &left), STATUS_OK);
    CHECK(same_line(&line, &early) && money_cents(left) == 500);
    CHECK_STATUS(pay_cents(100, &line, &left), STATUS_OK);
    CHECK(same_line(&line, &bound) && money_cents(left) == 100);
    CHECK_STATUS(pay_cents(301, &line, &left), STATUS_OK);
    CHECK(same_line(&line, &late) && money_cents(left) == 1000);
    CHECK_STATUS(pay_cents(300, &line, &left), STATUS_OK);
    CHECK(same_line(&line, &early));
    CHECK(line_of(&elsewhere).cursor == 0);
    CHECK_STATUS(pay_cents(700, &line, &left), STATUS_AMOUNT_OVER_ALLOWANCE);
    end();
}

/* What only stands in the way is named, the last of several that say it. */
TEST(why_no_line_pays)
{
    struct msg_allowance certificate;
    struct kid line;
    struct money left;

    begin(0);
    CHECK_STATUS(pay_cents(100, &line, &left), STATUS_NO_ALLOWANCE);
    ask_line(&certificate, 900, 0);
    CHECK_STATUS(pay_cents(100, &line, &left), STATUS_NO_ALLOWANCE);
    certificate.online = 1;
    CHECK_STATUS(take_signed(&certificate, SIGNER_ALLOWANCE), STATUS_OK);
    CHECK_STATUS(pay_cents(100, &line, &left), STATUS_NO_ALLOWANCE);
    (void)open_line(900, 2500, 168, 7);
    CHECK_STATUS(pay_cents(100, &line, &left), STATUS_NO_ALLOWANCE);
    (void)open_line(900, 2500, 1, 0);
    CHECK_STATUS(pay_cents(901, &line, &left), STATUS_AMOUNT_OVER_ALLOWANCE);
    CHECK_STATUS(pay_cents(900, &line, &left), STATUS_OK);
    CHECK_STATUS(pay_cents(1, &line, &left), STATUS_AMOUNT_OVER_ALLOWANCE);
    (void)open_line(900, 400, 1, 0);
    CHECK_STATUS(pay_cents(400, &line, &left), STATUS_OK);
    fixture_later(&town.city, 3599);
    CHECK_STATUS(pay_cents(100, &line, &left), STATUS_OK);
    fixture_later(&town.city, 1);
    CHECK_STATUS(pay_cents(100, &line, &left), STATUS_NO_ALLOWANCE);
    (void)open_line(900, 400, 1, 0);
    CHECK_STATUS(pay_cents(401, &line, &left), STATUS_AMOUNT_OVER_LIMIT);
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

    begin(0);
    (void)open_line(5000, 2500, 168, 0);
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

/* --- certificates -----------------------------------------------------------------------------
 */

/* Nothing but what was asked for is taken. */
TEST(certificates_that_were_not_asked_for)
{
    struct msg_allowance asked;
    struct msg_allowance other;
    struct fixture_key stranger;
    struct kid id;

    begin(0);
    ask_line(&asked, 1000, 0);
    id = line_id(&asked);
    fixture_key(&stranger, "stranger", 2);
    other = asked;
    other.key = stranger.key;
    CHECK_STATUS(take_signed(&other, SIGNER_ALLOWANCE), STATUS_ALLOWANCE_UNKNOWN);
    other = asked;
    other.class = 2;
    CHECK_STATUS(take_signed(&other, SIGNER_ALLOWANCE), STATUS_CLASS);
    other = asked;
    other.restriction = 7;
    CHECK_STATUS(take_signed(&other, SIGNER_ALLOWANCE), STATUS_RESTRICTION);
    for (uint64_t cents = 999; cents <= 1001; cents += 2) {
        other = asked;
        other.amount.cents = cents;
        CHECK_STATUS(take_signed(&other, SIGNER_ALLOWANCE), STATUS_AMOUNT_MISMATCH);
    }
    CHECK_STATUS(take_signed(&asked, SIGNER_SETTLEMENT), STATUS_SIGNER_UNKNOWN);
    CHECK(line_of(&id).state == POCKET_LINE_ASKED && line_of(&id).certificate.len == 0);
    CHECK_STATUS(take_signed(&asked, SIGNER_ALLOWANCE), STATUS_OK);
    CHECK(line_of(&id).state == POCKET_LINE_OPEN);
    end();
}

/* A renewal keeps what was signed; one that is less, or ends earlier, is none. */
TEST(renewals_go_on_where_the_line_was)
{
    struct msg_allowance certificate;
    struct pocket_line before;
    struct pocket_line after;
    struct kid id;
    struct kid line;
    struct money left;

    begin(0);
    ask_line(&certificate, 1000, 0);
    id = line_id(&certificate);
    CHECK_STATUS(take_signed(&certificate, SIGNER_ALLOWANCE), STATUS_OK);
    CHECK_STATUS(pay_cents(800, &line, &left), STATUS_OK);
    before = line_of(&id);
    certificate.amount.cents = 999;
    CHECK_STATUS(take_signed(&certificate, SIGNER_ALLOWANCE), STATUS_AMOUNT_MISMATCH);
    certificate.amount.cents = 1500;
    certificate.hours--;
    CHECK_STATUS(take_signed(&certificate, SIGNER_ALLOWANCE), STATUS_ALLOWANCE_EXPIRED);
    certificate.hours++;
    CHECK_STATUS(take_signed(&certificate, SIGNER_ALLOWANCE), STATUS_OK);
    after = line_of(&id);
    CHECK(after.cursor == 800 && after.seq == before.seq);
    CHECK(memcmp(after.prev, before.prev, sizeof after.prev) == 0);
    CHECK_STATUS(pay_cents(700, &line, &left), STATUS_OK);
    CHECK(same_line(&line, &id) && money_cents(left) == 700);
    end();
}

int
main(int argc, char **argv)
{
    return check_run(argc, argv);
}
