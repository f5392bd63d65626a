/* The till: what is given back, what the ledger's word pays, and how its folder is made and opened.
 */
#include "check.h"

#include <sys/stat.h>
#include <unistd.h>

#include "ledger/log.h"
#include "letter.h"
#include "protocol/text.h"
#include "town.h"

static struct town town;
static struct town_till shop;
static struct town_till cafe;
static struct town_wallet anna;

static void
begin(void)
{
    town_open(&town);
    town_till(&town, &shop, 11, 1, 3, 0);
    town_till(&town, &cafe, 21, 2, 3, 0);
    town_wallet(&town, &anna, 1, 10000, 5000);
}

static void
end(void)
{
    town_wallet_close(&anna);
    town_till_close(&cafe);
    town_till_close(&shop);
    town_close(&town);
}

static const struct span passphrase = {(const uint8_t *)TOWN_PASSPHRASE,
                                       sizeof TOWN_PASSPHRASE - 1};
static const uint8_t salt[TILL_SALT_SIZE] = {9};

static struct span
text_span(const char *text)
{
    return (struct span){(const uint8_t *)text, strlen(text)};
}

/* The entry at `index` of the till's log. */
static void
entry_at(struct msg_entry *out, struct till *till, uint64_t index)
{
    static uint8_t copy[MSG_ENTRY_MAX];
    struct store_txn txn;
    struct span bytes = {NULL, 0};

    CHECK_STATUS(store_begin_read(&txn, &till->store), STATUS_OK);
    CHECK_STATUS(log_read(&bytes, &txn, index), STATUS_OK);
    memcpy(copy, bytes.data, bytes.len);
    store_abort(&txn);
    CHECK_STATUS(schema_decode(out, &msg_entry_schema, (struct span){copy, bytes.len}), STATUS_OK);
}

static uint64_t
log_length(struct till *till)
{
    struct store_txn txn;
    uint64_t size = 0;

    CHECK_STATUS(store_begin_read(&txn, &till->store), STATUS_OK);
    CHECK_STATUS(log_size(&size, &txn), STATUS_OK);
    store_abort(&txn);
    return size;
}

/* The time of the last entry is in the store, whatever it was. */
static void
check_last_time(uint64_t time)
{
    CHECK_STATUS(town_till_reopen(&shop), STATUS_OK);
    CHECK(shop.till.meta.last_time == time);
}

/* --- voids ------------------------------------------------------------------------------------ */

/* A void of what was not accepted bars it here, before and after a restart, whoever brings it. */
TEST(a_void_bars_what_was_not_accepted)
{
    char request[CODE_TEXT_SIZE];
    char code[CODE_TEXT_SIZE];
    char receipt[SELL_TEXT_SIZE];
    struct sell_result result;
    struct msg_entry entry;
    struct digest id;

    static struct town_wallet bert;

    begin();
    town_wallet(&town, &bert, 1, 1000, 1000);
    CHECK_STATUS(town_request(&town, &shop, 1, 500, request), STATUS_OK);
    CHECK_STATUS(town_pay(&town, &anna, request, code, &id), STATUS_OK);
    CHECK_STATUS(reverse_void_code(&result, &cafe.till, text_span(code), salt, town_now(&town)),
                 STATUS_WRONG_PAYEE);
    CHECK_STATUS(reverse_void_code(&result, &shop.till, text_span(code), salt, town_now(&town)),
                 STATUS_OK);
    CHECK(memcmp(&result.transfer, &id, sizeof id) == 0 && money_cents(result.amount) == 500);
    entry_at(&entry, &shop.till, result.index);
    CHECK(entry.kind == TILL_VOID && entry.messages_count == 4);
    for (unsigned i = 0; i < 2; i++) {
        CHECK_STATUS(town_accept(&town, &shop, code, receipt, &result), STATUS_VOIDED);
        CHECK(receipt[0] == '\0' && shop.till.tally.count == 0);
        CHECK_STATUS(reverse_void_code(&result, &shop.till, text_span(code), salt, town_now(&town)),
                     STATUS_VOIDED);
        CHECK_STATUS(town_till_reopen(&shop), STATUS_OK);
    }
    /* The request is still open, for somebody else: this wallet signs for it once. */
    CHECK_STATUS(town_pay(&town, &anna, request, code, &id), STATUS_OK);
    CHECK_STATUS(town_accept(&town, &shop, code, receipt, &result), STATUS_VOIDED);
    CHECK_STATUS(town_pay(&town, &bert, request, code, &id), STATUS_OK);
    CHECK_STATUS(town_accept(&town, &shop, code, receipt, &result), STATUS_OK);
    CHECK_STATUS(town_sync(&town, &shop), STATUS_OK);
    CHECK(fixture_owed(&town.city, 1) == 500);
    CHECK_STATUS(fixture_recount(&town.city), STATUS_OK);
    town_wallet_close(&bert);
    end();
}

/* A sale is voided by its code as by its id, once. */
TEST(a_sale_is_voided_once)
{
    char request[CODE_TEXT_SIZE];
    char code[CODE_TEXT_SIZE];
    char receipt[SELL_TEXT_SIZE];
    struct sell_result result;
    struct digest id;
    const struct digest unknown = {{1}};
    uint64_t sale;

    begin();
    CHECK_STATUS(town_request(&town, &shop, 1, 500, request), STATUS_OK);
    CHECK_STATUS(town_pay(&town, &anna, request, code, &id), STATUS_OK);
    CHECK_STATUS(town_accept(&town, &shop, code, receipt, &result), STATUS_OK);
    sale = result.request;
    fixture_later(&town.city, 3 * FIXTURE_DAY);
    CHECK_STATUS(reverse_void(&result, &shop.till, &unknown, salt, town_now(&town)),
                 STATUS_TRANSFER_UNKNOWN);
    CHECK_STATUS(reverse_void_code(&result, &shop.till, text_span(code), salt, town_now(&town)),
                 STATUS_OK);
    CHECK(result.known && result.request == sale && money_cents(result.amount) == 500);
    CHECK(shop.till.tally.count == 0);
    check_last_time(town_now(&town));
    CHECK_STATUS(reverse_void_code(&result, &shop.till, text_span(code), salt, town_now(&town)),
                 STATUS_VOIDED);
    CHECK_STATUS(reverse_void(&result, &shop.till, &id, salt, town_now(&town)), STATUS_VOIDED);
    CHECK_STATUS(town_accept(&town, &shop, code, receipt, &result), STATUS_VOIDED);
    CHECK(receipt[0] == '\0');
    end();
}

/* --- refunds ---------------------------------------------------------------------------------- */

TEST(refunds_are_numbered_and_bounded)
{
    const struct digest unknown = {{1}};
    struct msg_refund refund;
    struct msg_entry entry;
    struct cose_message message;
    struct digest id;
    const struct money one = {1};
    const struct money most = {45};

    begin();
    CHECK_STATUS(town_sale(&town, &shop, &anna, 300, &id), STATUS_OK);
    CHECK_STATUS(
        reverse_refund(&shop.till, &id, MONEY_ZERO, salt, &shop.till.secret, town_now(&town)),
        STATUS_AMOUNT_ZERO);
    CHECK_STATUS(
        reverse_refund(&shop.till, &unknown, one, salt, &shop.till.secret, town_now(&town)),
        STATUS_TRANSFER_UNKNOWN);
    for (uint64_t n = 1; n <= 255; n++) {
        CHECK_STATUS(reverse_refund(&shop.till, &id, one, salt, &shop.till.secret, town_now(&town)),
                     STATUS_OK);
        if (n == 100)
            check_last_time(town_now(&town));
        fixture_later(&town.city, 1);
        entry_at(&entry, &shop.till, log_length(&shop.till) - 1);
        CHECK(entry.kind == TILL_REFUND && entry.messages_count == 1);
        CHECK_STATUS(
            msg_open(&message, &refund, &msg_refund_schema, FIXTURE_NETWORK, entry.messages[0]),
            STATUS_OK);
        CHECK(refund.number == n && money_cents(refund.amount) == 1);
    }
    CHECK_STATUS(reverse_refund(&shop.till, &id, most, salt, &shop.till.secret, town_now(&town)),
                 STATUS_LINE_LIMIT);
    CHECK_STATUS(town_sale(&town, &shop, &anna, 45, &id), STATUS_OK);
    CHECK_STATUS(reverse_refund(&shop.till, &id, most, salt, &shop.till.secret, town_now(&town)),
                 STATUS_OK);
    CHECK_STATUS(reverse_refund(&shop.till, &id, one, salt, &shop.till.secret, town_now(&town)),
                 STATUS_REFUND_OVER);
    end();
}

/* --- settlement proofs ------------------------------------------------------------------------ */

/* One signed as the ledger would, for the request that `code` pays. */
static void
proof_text(char out[static TEXT_SIZE_MAX], const struct msg_settlement_proof *proof, unsigned role)
{
    uint8_t cose[MSG_SIGN_SIZE(256)];
    size_t len;

    CHECK_STATUS(msg_sign(cose, sizeof cose, &len, &msg_settlement_proof_schema, proof,
                          FIXTURE_NETWORK, &town.city.roles[role].secret),
                 STATUS_OK);
    CHECK_STATUS(
        text_encode(out, TEXT_SIZE_MAX, &len, TEXT_SETTLEMENT_PROOF, (struct span){cose, len}),
        STATUS_OK);
}

static enum status
show_proof(const struct msg_settlement_proof *proof, unsigned role, struct sell_result *result)
{
    char text[TEXT_SIZE_MAX];
    char receipt[SELL_TEXT_SIZE] = "untouched";
    enum status status;

    proof_text(text, proof, role);
    status = sell_proof(receipt, result, &shop.till, text_span(text), salt, town_now(&town));
    CHECK((receipt[0] != '\0') == (status == STATUS_OK));
    return status;
}

/* A request of the shop's, and what would prove that it was paid. */
static void
new_proof(struct msg_settlement_proof *out, char request[static CODE_TEXT_SIZE],
          char code[static CODE_TEXT_SIZE], uint64_t cents)
{
    struct code_request parsed;
    struct code_bytes bytes;

    CHECK_STATUS(town_request(&town, &shop, 1, cents, request), STATUS_OK);
    CHECK_STATUS(pay_read(&parsed, &bytes, &anna.wallet, text_span(request)), STATUS_OK);
    *out = (struct msg_settlement_proof){
        .network = FIXTURE_NETWORK,
        .till = 11,
        .request = parsed.request_id,
        .amount = {cents},
        .class = 1,
        .time = town_now(&town),
    };
    CHECK_STATUS(town_pay(&town, &anna, request, code, &out->transfer), STATUS_OK);
}

TEST(a_proof_pays_its_request_once)
{
    char request[CODE_TEXT_SIZE];
    char code[CODE_TEXT_SIZE];
    char receipt[SELL_TEXT_SIZE];
    struct msg_settlement_proof proof;
    struct msg_settlement_proof wrong;
    struct msg_entry entry;
    struct sell_result result;
    uint64_t size;

    begin();
    new_proof(&proof, request, code, 400);
    size = log_length(&shop.till);
    wrong = proof;
    wrong.amount.cents = 399;
    CHECK_STATUS(show_proof(&wrong, SIGNER_SETTLEMENT, &result), STATUS_AMOUNT_MISMATCH);
    wrong = proof;
    wrong.class = 2;
    CHECK_STATUS(show_proof(&wrong, SIGNER_SETTLEMENT, &result), STATUS_CLASS);
    wrong = proof;
    wrong.request.bytes[0] ^= 1;
    CHECK_STATUS(show_proof(&wrong, SIGNER_SETTLEMENT, &result), STATUS_REQUEST_UNKNOWN);
    CHECK_STATUS(show_proof(&proof, SIGNER_ALLOWANCE, &result), STATUS_SIGNER_UNKNOWN);
    CHECK(log_length(&shop.till) == size);
    fixture_later(&town.city, 5);
    CHECK_STATUS(show_proof(&proof, SIGNER_SETTLEMENT, &result), STATUS_OK);
    entry_at(&entry, &shop.till, result.index);
    CHECK(entry.kind == TILL_PROOF && entry.messages_count == 2);
    CHECK(money_cents(shop.till.meta.proofs) == 400);
    check_last_time(proof.time);
    CHECK(money_cents(shop.till.meta.proofs) == 400);
    CHECK_STATUS(show_proof(&proof, SIGNER_SETTLEMENT, &result), STATUS_ALREADY_PAID);
    CHECK_STATUS(town_accept(&town, &shop, code, receipt, &result), STATUS_ALREADY_PAID);
    /* Given back: its request is voided as that of a sale. */
    CHECK_STATUS(reverse_void_code(&result, &shop.till, text_span(code), salt, town_now(&town)),
                 STATUS_OK);
    CHECK_STATUS(demand_cancel(&shop.till, result.request, town_now(&town)), STATUS_VOIDED);
    CHECK_STATUS(town_accept(&town, &shop, code, receipt, &result), STATUS_VOIDED);
    end();
}

TEST(a_proof_of_what_was_voided_pays_nothing)
{
    char request[CODE_TEXT_SIZE];
    char code[CODE_TEXT_SIZE];
    struct msg_settlement_proof proof;
    struct sell_result result;

    begin();
    new_proof(&proof, request, code, 400);
    CHECK_STATUS(reverse_void_code(&result, &shop.till, text_span(code), salt, town_now(&town)),
                 STATUS_OK);
    CHECK_STATUS(show_proof(&proof, SIGNER_SETTLEMENT, &result), STATUS_VOIDED);
    CHECK(money_is_zero(shop.till.meta.proofs));
    end();
}

/* Of what was accepted offline it gives the room back, once, whenever it comes. */
TEST(a_proof_confirms_a_sale)
{
    char request[CODE_TEXT_SIZE];
    char code[CODE_TEXT_SIZE];
    char receipt[SELL_TEXT_SIZE];
    struct msg_settlement_proof proof;
    struct msg_entry entry;
    struct sell_result result;
    uint64_t sale;
    uint64_t index;
    uint64_t size;

    begin();
    for (unsigned late = 0; late < 2; late++) {
        new_proof(&proof, request, code, 2000);
        CHECK_STATUS(town_accept(&town, &shop, code, receipt, &result), STATUS_OK);
        sale = result.request;
        index = result.index;
        fixture_later(&town.city, late * 3 * FIXTURE_DAY);
        proof.amount.cents = 1999;
        CHECK_STATUS(show_proof(&proof, SIGNER_SETTLEMENT, &result), STATUS_AMOUNT_MISMATCH);
        proof.amount.cents = 2000;
        CHECK(shop.till.tally.count == 1);
        CHECK_STATUS(show_proof(&proof, SIGNER_SETTLEMENT, &result), STATUS_OK);
        CHECK(result.request == sale && result.index == index);
        CHECK(shop.till.tally.count == 0 && money_is_zero(shop.till.meta.proofs));
        size = log_length(&shop.till);
        entry_at(&entry, &shop.till, size - 1);
        CHECK(entry.kind == TILL_CONFIRMATION && entry.messages_count == 1);
        check_last_time(proof.time);
        CHECK(shop.till.tally.count == 0);
        CHECK_STATUS(show_proof(&proof, SIGNER_SETTLEMENT, &result), STATUS_OK);
        CHECK(log_length(&shop.till) == size);
    }
    end();
}

/* 500 euros of proofs between two anchors. */
TEST(proofs_have_a_limit_of_their_own)
{
    char request[CODE_TEXT_SIZE];
    char code[CODE_TEXT_SIZE];
    struct msg_settlement_proof proof;
    struct sell_result result;

    begin();
    new_proof(&proof, request, code, 100);
    shop.till.meta.proofs.cents = 49901;
    CHECK_STATUS(show_proof(&proof, SIGNER_SETTLEMENT, &result), STATUS_TILL_TOTAL_LIMIT);
    shop.till.meta.proofs.cents = 49900;
    CHECK_STATUS(show_proof(&proof, SIGNER_SETTLEMENT, &result), STATUS_OK);
    CHECK(money_cents(shop.till.meta.proofs) == 50000);
    fixture_later(&town.city, 1);
    CHECK_STATUS(town_sync(&town, &shop), STATUS_OK);
    CHECK(money_is_zero(shop.till.meta.proofs));
    end();
}

/* --- making and opening ----------------------------------------------------------------------- */

static enum status
make(const char *folder, struct span city)
{
    struct till_random random;

    town_random(&town, &random, sizeof random);
    return till_create(folder, city, passphrase, SEAL_INTERACTIVE, &random, town_now(&town));
}

TEST(a_till_opens_with_its_own_key_only)
{
    static struct till second;
    static const struct till none;
    static struct letter letter;
    char folder[SCRATCH_PATH_MAX];
    char mine[SCRATCH_PATH_MAX];
    char other[SCRATCH_PATH_MAX];
    struct span city;

    begin();
    CHECK_STATUS(till_open(&second, shop.folder, passphrase), STATUS_STORE_BUSY);
    till_close(&shop.till);
    CHECK(memcmp(&shop.till, &none, sizeof none) == 0);
    CHECK_STATUS(till_open(&second, shop.folder, (struct span){(const uint8_t *)"x", 1}),
                 STATUS_PASSPHRASE);
    CHECK(memcmp(&second, &none, sizeof none) == 0);
    scratch_path(mine, shop.folder, "till.key");
    scratch_path(other, cafe.folder, "till.key");
    CHECK(scratch_copy(mine, other));
    CHECK_STATUS(till_open(&second, shop.folder, passphrase), STATUS_KEYFILE);
    CHECK(memcmp(&second, &none, sizeof none) == 0);
    CHECK(unlink(mine) == 0);
    CHECK_STATUS(till_open(&second, shop.folder, passphrase), STATUS_NOT_FOUND);
    CHECK_STATUS(intake_city_parcel(&town.city.intake, &city), STATUS_OK);
    CHECK_STATUS(make(cafe.folder, city), STATUS_EXISTS);
    scratch_make(folder);
    letter_begin(&letter, MSG_PARCEL_CITY);
    letter_put(&letter, (struct span){salt, sizeof salt});
    CHECK_STATUS(make(folder, letter_end(&letter)), STATUS_ENTRY_SHAPE);
    CHECK_STATUS(till_open(&second, folder, passphrase), STATUS_NOT_FOUND);
    scratch_remove(folder);
    end();
}

/* A till with its certificate, whose log could not be begun. */
static void
break_off(struct town_till *till)
{
    char checkpoint[SCRATCH_PATH_MAX];
    static uint8_t copy[MSG_PARCEL_MAX];
    struct sync_result result;
    struct span parcel;
    const uint8_t seed[32] = {1};
    const struct msg_till certificate = {
        .network = FIXTURE_NETWORK,
        .till = 31,
        .merchant = 1,
        .key = till->till.meta.key,
        .title = {(const uint8_t *)"Laden", 5},
        .level = 1,
        .limit = {50000},
        .count = 60,
        .classes = 1,
        .from = town_now(&town),
        .until = town_now(&town) + 400 * FIXTURE_DAY,
    };

    CHECK_STATUS(fixture_act(&town.city, &msg_till_schema, &certificate, SIGNER_ENROLMENT, 0),
                 STATUS_OK);
    CHECK_STATUS(intake_till_parcel(&town.city.intake, &parcel, 31, town_now(&town)), STATUS_OK);
    memcpy(copy, parcel.data, parcel.len);
    scratch_path(checkpoint, till->folder, "checkpoint");
    CHECK(mkdir(checkpoint, 0700) == 0);
    CHECK(sync_take(&result, &till->till, (struct span){copy, parcel.len}, seed, town_now(&town)) !=
          STATUS_OK);
    CHECK(rmdir(checkpoint) == 0);
}

/* Power was cut between the certificate and the log, or between the log and its first entry. */
TEST(the_log_begins_with_the_certificate)
{
    static struct town_till late;
    struct msg_entry entry;
    struct span city;
    char checkpoint[SCRATCH_PATH_MAX];

    begin();
    for (unsigned made = 0; made < 2; made++) {
        if (made == 1) {
            town_close(&town);
            town_open(&town);
        }
        scratch_make(late.folder);
        CHECK_STATUS(intake_city_parcel(&town.city.intake, &city), STATUS_OK);
        CHECK_STATUS(make(late.folder, city), STATUS_OK);
        CHECK_STATUS(till_open(&late.till, late.folder, passphrase), STATUS_OK);
        CHECK_STATUS(till_ready(&late.till), STATUS_CERTIFICATE_EXPIRED);
        break_off(&late);
        CHECK_STATUS(till_ready(&late.till), STATUS_CERTIFICATE_EXPIRED);
        scratch_path(checkpoint, late.folder, "checkpoint");
        if (made == 1)
            CHECK_STATUS(
                log_create(&late.till.store, checkpoint, &late.till.note_key, &late.till.secret),
                STATUS_OK);
        CHECK_STATUS(town_till_reopen(&late), STATUS_OK);
        CHECK(log_length(&late.till) == 1);
        entry_at(&entry, &late.till, 0);
        CHECK(entry.kind == TILL_OPEN && entry.messages_count == 1);
        CHECK_STATUS(till_ready(&late.till), STATUS_OK);
        town_till_close(&late);
    }
    end();
}

int
main(int argc, char **argv)
{
    return check_run(argc, argv);
}
