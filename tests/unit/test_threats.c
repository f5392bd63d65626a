/* Threats against the ledger, by their numbers in tests/threats.tsv: cheats, insiders, tampered
 * tills and wallets. What honest people keep is checked to the cent each time. */
#include "check.h"
#include "fixture.h"
#include "random.h"

#include "ledger/verify.h"

#define TILLS 6

static struct fixture_city city;
static struct fixture_till tills[TILLS];
static struct fixture_wallet anna;
static struct fixture_wallet mallory;
static struct record_line line;
static struct record_transfer record;

static void
start(unsigned till_count)
{
    fixture_open(&city);
    fixture_standard(&city);
    for (unsigned i = 0; i < till_count; i++) {
        fixture_merchant(&city, i + 1);
        fixture_till(&city, &tills[i], 11 + i, i + 1);
    }
    fixture_purse(&city, &anna, 1, 1, 2);
    CHECK_STATUS(fixture_issue(&city, &anna, 8000, 0), STATUS_OK);
    CHECK_STATUS(fixture_allowance(&city, &anna, 5000), STATUS_OK);
}

static void
end(void)
{
    CHECK_STATUS(fixture_recount(&city), STATUS_OK);
    CHECK_STATUS(fixture_replay(&city), STATUS_OK);
    fixture_close(&city);
}

static uint64_t
owed_to_all(unsigned till_count)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < till_count; i++)
        sum += fixture_owed(&city, i + 1);
    return sum;
}

/* Threat 4: clones at many tills; every honest till is paid, and at close the fund has lost exactly
 * what was honoured beyond A, which is then the cheat's debt. */
TEST(clones_lose_exactly_the_overspend)
{
    struct random random = random_begin();

    for (unsigned round = 0; round < 12; round++) {
        struct fixture_payment payments[TILLS];
        uint64_t honoured = 0;
        uint64_t fund;

        start(TILLS);
        fund = fixture_fund_balance(&city);
        for (unsigned i = 0; i < TILLS; i++) {
            const uint64_t cents = 1 + random_below(&random, 2500);
            const uint64_t from = random_below(&random, 5000 - cents + 1);

            fixture_forge(&city, &payments[i], &anna, &tills[i], from, from + cents, i);
            fixture_accept(&city, &tills[i], &payments[i]);
            honoured += cents;
        }
        for (unsigned i = TILLS; i-- > 0;)
            CHECK_STATUS(fixture_sync(&city, &tills[i]), STATUS_OK);
        CHECK(owed_to_all(TILLS) == honoured);
        fixture_days(&city, 17);
        CHECK_STATUS(fixture_close_due(&city), STATUS_OK);
        CHECK(fixture_line(&city, &line, &anna.line));
        CHECK(line.debt == (honoured > 5000 ? honoured - 5000 : 0));
        CHECK(fixture_fund_balance(&city) == fund);
        end();
    }
}

/* Threat 14: a till that was offline for as long as it may be is paid before the close; one that
 * comes after it is paid from what the purse still has. */
TEST(late_uploads)
{
    struct fixture_payment early;
    struct fixture_payment late;
    struct fixture_payment overlap;

    start(3);
    fixture_sale(&city, &early, &anna, &tills[0], 1000);
    fixture_sale(&city, &late, &anna, &tills[1], 700);
    fixture_forge(&city, &overlap, &anna, &tills[2], 0, 500, 9);
    fixture_accept(&city, &tills[2], &overlap);
    fixture_days(&city, 7);
    CHECK_STATUS(fixture_close_due(&city), STATUS_NOT_DUE);
    CHECK_STATUS(fixture_sync(&city, &tills[0]), STATUS_OK);
    CHECK(fixture_result(&tills[0], early.accepted) == LINE_RESERVE);
    fixture_days(&city, 10);
    CHECK_STATUS(fixture_close_due(&city), STATUS_OK);
    CHECK_STATUS(fixture_sync(&city, &tills[1]), STATUS_OK);
    CHECK(fixture_result(&tills[1], late.accepted) == LINE_LATE);
    CHECK(fixture_owed(&city, 2) == 700);
    /* Evidence after the close denies, and pays nothing. */
    CHECK_STATUS(fixture_sync(&city, &tills[2]), STATUS_OK);
    CHECK(fixture_owed(&city, 3) == 0);
    end();
}

/* Random issues by the office that may; returns what was issued. */
static uint64_t
issue_wildly(struct random *random, unsigned times)
{
    uint64_t issued = 0;

    for (unsigned i = 0; i < times; i++) {
        const uint64_t paid = 1 + random_below(random, 200000);
        const uint64_t promo = random_below(random, 20000);

        if (fixture_issue(&city, &anna, paid, promo) == STATUS_OK)
            issued += paid + promo;
    }
    return issued;
}

/* Threat 15: whatever one office signs, in any order, paid value stays within the money that came
 * in, and all that is issued within a budget of two signatures. */
TEST(insiders_cannot_mint)
{
    struct random random = random_begin();
    const uint64_t budget = 10000000;
    uint64_t issued = 8000;

    start(1);
    for (unsigned i = 0; i < 200; i++) {
        struct msg_series series = {
            .network = FIXTURE_NETWORK,
            .series = 1,
            .version = 2,
            .name = {(const uint8_t *)"Gutschein", 9},
            .class = 1,
            .budget = {budget + 100000000},
            .percent = 20,
            .from = FIXTURE_START,
            .until = FIXTURE_START + 365 * FIXTURE_DAY,
        };
        const unsigned role = 2 + (unsigned)random_below(&random, 12);

        /* One signature, twice the same office, or a wrong pair: never. */
        CHECK(fixture_act(&city, &msg_series_schema, &series, role, 0) != STATUS_OK);
        CHECK(fixture_act(&city, &msg_series_schema, &series, role, role) != STATUS_OK);
        if (role != SIGNER_PROGRAMME && role != SIGNER_TREASURY)
            CHECK(fixture_act(&city, &msg_series_schema, &series, role, SIGNER_TREASURY) !=
                  STATUS_OK);
    }
    /* 50,000 euros came in, and 10,000 of subsidy. */
    issued += issue_wildly(&random, 200);
    CHECK(issued > 4000000 && issued <= 6000000);
    /* Then more than the budget allows. */
    CHECK_STATUS(fixture_fund(&city, 1, 3, 0, 2 * budget), STATUS_OK);
    CHECK_STATUS(fixture_fund(&city, 1, 1, 1, budget), STATUS_OK);
    issued += issue_wildly(&random, 200);
    CHECK(issued > budget - 500000 && issued <= budget);
    {
        struct store_txn txn;
        static struct apply apply;
        struct record_series series;

        CHECK_STATUS(store_begin_read(&txn, &city.store), STATUS_OK);
        CHECK_STATUS(apply_begin(&apply, &txn), STATUS_OK);
        CHECK(record_series_get(&series, &apply.state, 1));
        CHECK(series.version == 1);
        CHECK(money_cents(series.issued) == issued && money_cents(series.budget) == budget);
        store_abort(&txn);
    }
    end();
}

/* Threat 23: a third purse, or another till, gets nothing for somebody else's transfer. */
TEST(somebody_elses_transfer)
{
    struct fixture_payment payment;
    struct digest before;
    struct digest after;

    start(2);
    fixture_purse(&city, &mallory, 2, 1, 2);
    fixture_pay(&city, &payment, &anna, &tills[0], 900);
    fixture_digest(&city, &before);
    for (uint64_t claim = 1; claim <= 4; claim++)
        CHECK_STATUS(fixture_statement(&city, &mallory, &tills[0], &payment, claim),
                     STATUS_PURSE_UNKNOWN);
    fixture_digest(&city, &after);
    CHECK(memcmp(&before, &after, sizeof before) == 0);
    /* The other till puts it into its own log: it is rejected there, and moves nothing. */
    fixture_accept(&city, &tills[1], &payment);
    CHECK_STATUS(fixture_sync(&city, &tills[1]), STATUS_OK);
    CHECK(fixture_result(&tills[1], payment.accepted) == LINE_REJECTED + STATUS_WRONG_PAYEE);
    CHECK(owed_to_all(2) == 0);
    CHECK(!fixture_transfer(&city, &record, &payment.id));
    end();
}

/* Threat 35: a certificate that verifies but has no allowance entry never draws on any reserve; it
 * is held for review, and two offices decide. */
TEST(forged_certificates)
{
    struct fixture_payment payment;
    struct fixture_wallet forged;
    uint64_t fund;

    start(1);
    fund = fixture_fund_balance(&city);
    forged = anna;
    fixture_key(&forged.line_key, "forged", 1);
    crypt_kid(&forged.line, &forged.line_key.key);
    forged.allowance.key = forged.line_key.key;
    {
        uint8_t bytes[MSG_SIGN_MAX];

        CHECK_STATUS(msg_sign(bytes, sizeof bytes, &forged.certificate_len, &msg_allowance_schema,
                              &forged.allowance, FIXTURE_NETWORK,
                              &city.roles[SIGNER_ALLOWANCE].secret),
                     STATUS_OK);
        memcpy(forged.certificate, bytes, forged.certificate_len);
    }
    fixture_sale(&city, &payment, &forged, &tills[0], 2000);
    CHECK_STATUS(fixture_sync(&city, &tills[0]), STATUS_OK);
    CHECK(fixture_result(&tills[0], payment.accepted) == LINE_REVIEW);
    CHECK(owed_to_all(1) == 0);
    CHECK(fixture_fund_balance(&city) == fund);
    {
        struct msg_review review = {
            .network = FIXTURE_NETWORK,
            .transfer = payment.id,
            .decision = 1,
            .reason = {(const uint8_t *)"Epoche gesperrt", 15},
            .time = city.moment.time_unix_s,
        };

        CHECK_STATUS(fixture_act(&city, &msg_review_schema, &review, SIGNER_TREASURY, 0),
                     STATUS_SECOND_SIGNATURE);
        CHECK_STATUS(fixture_act(&city, &msg_review_schema, &review, SIGNER_TREASURY, SIGNER_AUDIT),
                     STATUS_OK);
    }
    CHECK(fixture_owed(&city, 1) == 2000);
    CHECK(fund - fixture_fund_balance(&city) == 2000);
    end();
}

/* Threat 38: till and wallet both upload, any number of times, in any order: settled once. */
TEST(uploads_from_both_sides)
{
    struct random random = random_begin();

    for (unsigned round = 0; round < 8; round++) {
        struct fixture_payment payments[6];

        start(2);
        for (unsigned i = 0; i < 6; i++)
            fixture_sale(&city, &payments[i], &anna, &tills[i % 2], 100 + i);
        for (unsigned i = 0; i < 24; i++) {
            const unsigned which = (unsigned)random_below(&random, 8);

            if (which < 6)
                CHECK_STATUS(fixture_statement(&city, &anna, &tills[which % 2], &payments[which],
                                               1 + random_below(&random, 2)),
                             STATUS_OK);
            else
                CHECK_STATUS(
                    fixture_upload(&city, &tills[which - 6], 0, tills[which - 6].count, false),
                    STATUS_OK);
        }
        for (unsigned i = 0; i < 2; i++)
            CHECK_STATUS(fixture_upload(&city, &tills[i], 0, tills[i].count, true), STATUS_OK);
        CHECK(fixture_owed(&city, 1) == 100 + 102 + 104);
        CHECK(fixture_owed(&city, 2) == 101 + 103 + 105);
        end();
    }
}

/* Threat 51: a wallet that signs whatever it likes gets past nothing. */
TEST(hostile_wallet)
{
    static const struct {
        uint64_t from;
        uint64_t to;
        enum status expected;
    } cases[] = {
        {4000, 5001, STATUS_AMOUNT_OVER_ALLOWANCE},
        {5000, 5100, STATUS_AMOUNT_OVER_ALLOWANCE},
        {9000, 10000, STATUS_AMOUNT_OVER_ALLOWANCE},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fixture_payment payment;

        start(1);
        fixture_forge(&city, &payment, &anna, &tills[0], cases[i].from, cases[i].to, 0);
        fixture_accept(&city, &tills[0], &payment);
        CHECK_STATUS(fixture_sync(&city, &tills[0]), STATUS_OK);
        CHECK(fixture_result(&tills[0], payment.accepted) ==
              LINE_REJECTED + (unsigned)cases[i].expected);
        CHECK(owed_to_all(1) == 0);
        CHECK(fixture_line(&city, &line, &anna.line));
        CHECK(line.settled == 0 && line.flags == 0);
        end();
    }
}

/* Threat 52: a till that lies about amounts, invents transfers or repeats them wastes its own time,
 * and makes no evidence against an honest wallet. */
TEST(hostile_till)
{
    struct fixture_payment payment;
    struct fixture_payment changed;
    struct fixture_wallet invented;

    start(1);
    fixture_sale(&city, &payment, &anna, &tills[0], 500);
    /* The same transfer for a request of a larger amount. */
    changed = payment;
    fixture_forge(&city, &payment, &anna, &tills[0], 500, 900, 1);
    memcpy(changed.request_cose, payment.request_cose, sizeof changed.request_cose);
    changed.request_len = payment.request_len;
    fixture_accept(&city, &tills[0], &changed);
    /* A transfer that the wallet's key did not sign. */
    invented = anna;
    fixture_key(&invented.line_key, "invented", 1);
    fixture_forge(&city, &payment, &invented, &tills[0], 500, 900, 1);
    fixture_accept(&city, &tills[0], &payment);
    CHECK_STATUS(fixture_sync(&city, &tills[0]), STATUS_OK);
    CHECK(fixture_result(&tills[0], changed.accepted) == LINE_REJECTED + STATUS_SIGNATURE_BAD);
    CHECK(fixture_result(&tills[0], payment.accepted) == LINE_REJECTED + STATUS_SIGNATURE_BAD);
    CHECK(fixture_owed(&city, 1) == 500);
    CHECK(fixture_line(&city, &line, &anna.line));
    CHECK((line.flags & RECORD_LINE_FROZEN) == 0);
    end();
}

/* Threat 55: refunds never exceed what was paid, however they are cut, and each number counts
 * once, in its turn. */
TEST(refunds_are_bounded)
{
    struct random random = random_begin();
    unsigned refused = 0;

    for (unsigned round = 0; round < 6; round++) {
        struct fixture_payment payment;
        uint64_t number = 1;
        uint64_t taken = 0;
        uint64_t back = 0;

        start(1);
        fixture_sale(&city, &payment, &anna, &tills[0], 1000);
        for (unsigned i = 0; i < 12; i++) {
            const uint64_t cents = 1 + random_below(&random, 400);

            fixture_refund(&city, &tills[0], &payment, cents, number,
                           random_below(&random, 2) == 1);
            if (number == taken + 1 && cents <= 1000 - back) {
                taken++;
                back += cents;
            } else {
                refused++;
            }
            number += random_below(&random, 2);
        }
        CHECK_STATUS(fixture_sync(&city, &tills[0]), STATUS_OK);
        CHECK(fixture_transfer(&city, &record, &payment.id));
        CHECK(record.refunded == back && record.refunds == taken);
        CHECK(fixture_owed(&city, 1) == 1000 - back);
        end();
    }
    CHECK(refused > 12);
}

/* Threat 56: a transfer pays a till of a merchant and nobody else. */
TEST(no_payment_between_wallets)
{
    struct fixture_payment payment;
    static struct fixture_till nobody;

    start(1);
    nobody = tills[0];
    nobody.number = 999;
    fixture_key(&nobody.key, "a phone", 1);
    fixture_pay(&city, &payment, &anna, &nobody, 300);
    for (uint64_t claim = 1; claim <= 3; claim++)
        CHECK_STATUS(fixture_statement(&city, &anna, &nobody, &payment, claim),
                     STATUS_TILL_UNKNOWN);
    fixture_accept(&city, &nobody, &payment);
    CHECK_STATUS(fixture_upload(&city, &nobody, nobody.count - 1, 1, false), STATUS_TILL_UNKNOWN);
    CHECK(owed_to_all(1) == 0);
    end();
}

/* Threat 59: the operator logs an allowance over a citizen's lots for a key of his own. The node
 * refuses the entry, and verify names it in a log that was made without the node. */
TEST(allowance_without_the_purse)
{
    static struct verify_report report;
    static struct log_batch batch;
    static uint8_t entry[MSG_ENTRY_MAX];
    static uint8_t messages[2][MSG_SIGN_MAX];
    struct fixture_key operators;
    struct fixture_wallet berta;
    struct msg_allowance certificate;
    struct msg_allowance_request request = {
        .network = FIXTURE_NETWORK, .amount = {1000}, .time = FIXTURE_START + 100};
    struct msg_allowance_attachment lots = {.lots_count = 1};
    uint8_t attachment[256];
    struct msg_entry made = {
        .version = 1, .kind = APPLY_ALLOWANCE, .time = FIXTURE_START + 100, .messages_count = 2};
    uint64_t index = 0;
    size_t len;

    start(1);
    /* All but the signature is as it should be: room below her limit, a lot, a certificate. */
    fixture_purse(&city, &berta, 3, 1, 2);
    lots.lots[0].lot = 2 * city.log.size;
    CHECK_STATUS(fixture_issue(&city, &berta, 1000, 0), STATUS_OK);
    fixture_key(&operators, "operator", 1);
    certificate = anna.allowance;
    certificate.key = operators.key;
    certificate.amount = request.amount;
    request.key = operators.key;
    memcpy(request.purse, berta.purse, sizeof request.purse);
    memset(request.nonce, 1, sizeof request.nonce);
    for (int i = 0; i < 2; i++) {
        made.messages[i].data = messages[i];
        CHECK_STATUS(msg_sign(messages[i], sizeof messages[i], &made.messages[i].len,
                              i == 0 ? &msg_allowance_request_schema : &msg_allowance_schema,
                              i == 0 ? (const void *)&request : (const void *)&certificate,
                              FIXTURE_NETWORK,
                              i == 0 ? &operators.secret : &city.roles[SIGNER_ALLOWANCE].secret),
                     STATUS_OK);
    }
    lots.lots[0].cents = request.amount;
    CHECK_STATUS(
        schema_encode(attachment, sizeof attachment, &len, &msg_allowance_attachment_schema, &lots),
        STATUS_OK);
    made.attachment = (struct span){attachment, len};
    CHECK_STATUS(schema_encode(entry, sizeof entry, &len, &msg_entry_schema, &made), STATUS_OK);
    CHECK_STATUS(verify_directory(&report, city.folder, NULL, NULL), STATUS_OK);
    /* Straight into the log, as only the operator could. */
    CHECK_STATUS(log_begin(&batch, &city.log), STATUS_OK);
    CHECK_STATUS(log_append(&batch, &index, (struct span){entry, len}), STATUS_OK);
    CHECK_STATUS(log_commit(&batch), STATUS_OK);
    CHECK_STATUS(verify_directory(&report, city.folder, NULL, NULL), STATUS_PURSE_KEY);
    CHECK(report.bad_index == index);
    CHECK(report.bad_kind == APPLY_ALLOWANCE);
    fixture_close(&city);
}

int
main(int argc, char **argv)
{
    return check_run(argc, argv);
}
