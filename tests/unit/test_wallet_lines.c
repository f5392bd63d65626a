/* The wallet's lines: which certificates it takes for them, and which line pays. */
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

/* A certificate brings the key of the office that signed it: all of the parcel is taken, or
 * nothing.
 */
TEST(a_certificate_brings_its_offices_key)
{
    struct fixture_key fresh;
    struct msg_allowance certificate;
    struct take_result taken;
    struct msg_role_key key = {
        .network = FIXTURE_NETWORK,
        .role = SIGNER_ALLOWANCE,
        .from = FIXTURE_START,
        .until = FIXTURE_START + 100 * FIXTURE_DAY,
        .verify_until = FIXTURE_START + 200 * FIXTURE_DAY,
    };
    size_t signers;

    begin(0);
    fixture_key(&fresh, "allowance", 2);
    key.key = fresh.key;
    ask_line(&certificate, 1000, 0);
    signers = anna.wallet.signers.count;
    for (unsigned i = 0; i < 3; i++) {
        static const enum status expected[] = {STATUS_AMOUNT_MISMATCH, STATUS_ENTRY_SHAPE,
                                               STATUS_OK};

        certificate.amount.cents = i == 0 ? 999 : 1000;
        letter_begin(&letter, MSG_PARCEL_ALLOWANCE);
        letter_sign(&letter, &msg_allowance_schema, &certificate, FIXTURE_NETWORK, &fresh.secret);
        for (unsigned root = 0; root < 2; root++)
            letter_sign(&letter, &msg_role_key_schema, &key, FIXTURE_NETWORK,
                        &town.city.roots[root].secret);
        if (i == 1)
            letter_put(&letter, letter.parcel.parts[1]);
        CHECK_STATUS(take_parcel(&taken, &anna.wallet, letter_end(&letter), town_now(&town)),
                     expected[i]);
        CHECK(anna.wallet.signers.count == signers + (i == 2 ? 1 : 0));
        CHECK(taken.allowance == (i == 2) && taken.acts == (i == 2 ? 1 : 0));
    }
    CHECK_STATUS(town_wallet_reopen(&anna), STATUS_OK);
    CHECK(anna.wallet.signers.count == signers + 1);
    end();
}

/* Not even when the wallet pays again from another line. */
TEST(a_retired_line_never_pays)
{
    struct pocket_line line;
    struct store_txn txn;
    struct kid id;
    struct kid other;
    struct kid used;
    struct money left;

    begin(0);
    id = open_line(1000, 2500, 100, 0);
    CHECK_STATUS(store_begin_write(&txn, &anna.wallet.store), STATUS_OK);
    CHECK_STATUS(pocket_get_line(&line, &txn, &id), STATUS_OK);
    line.state = POCKET_LINE_RETIRED;
    CHECK_STATUS(pocket_put_line(&txn, &line), STATUS_OK);
    CHECK_STATUS(store_commit(&txn), STATUS_OK);
    CHECK_STATUS(pay_cents(100, &used, &left), STATUS_NO_ALLOWANCE);
    other = open_line(1000, 2500, 168, 0);
    CHECK_STATUS(pay_cents(100, &used, &left), STATUS_OK);
    CHECK(same_line(&used, &other) && line_of(&id).cursor == 0);
    end();
}

int
main(int argc, char **argv)
{
    return check_run(argc, argv);
}
