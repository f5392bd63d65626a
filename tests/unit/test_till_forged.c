/* A till against a wallet whose program was changed: it signs with a real line whatever it likes.
 * Threat 51 of tests/threats.tsv. */
#include "check.h"

#include "ledger/log.h"
#include "protocol/text.h"
#include "protocol/transfer.h"
#include "town.h"

static struct town town;
static struct town_till shop;
static struct town_wallet anna;

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

/* Signs any transfer for a request with the wallet's only line, which knows nothing of it. */
static void
forge(char code[static CODE_TEXT_SIZE], const char *request, const struct msg_transfer *transfer)
{
    struct code_request parsed;
    struct code_bytes bytes;
    struct pocket_line line;
    struct store_txn txn;
    struct secret_key secret;
    struct digest id;
    uint8_t signed_transfer[TRANSFER_SIGN_SIZE];
    uint8_t built[CODE_PAYMENT_MAX];
    size_t transfer_len;
    size_t len;

    CHECK_STATUS(pay_read(&parsed, &bytes, &anna.wallet, text_span(request)), STATUS_OK);
    CHECK_STATUS(store_begin_read(&txn, &anna.wallet.store), STATUS_OK);
    CHECK_STATUS(pocket_next_line(&line, &txn, NULL), STATUS_OK);
    CHECK_STATUS(wallet_line_key(&secret, &line, &anna.device), STATUS_OK);
    CHECK_STATUS(transfer_sign(signed_transfer, sizeof signed_transfer, &transfer_len, &id,
                               transfer, FIXTURE_NETWORK, &parsed.request_id, &secret),
                 STATUS_OK);
    CHECK_STATUS(code_payment_build(built, sizeof built, &len, FIXTURE_NETWORK, line.certificate,
                                    (struct span){signed_transfer, transfer_len}),
                 STATUS_OK);
    store_abort(&txn);
    CHECK_STATUS(text_encode(code, CODE_TEXT_SIZE, &len, TEXT_PAYMENT, (struct span){built, len}),
                 STATUS_OK);
}

static uint64_t
log_length(void)
{
    struct store_txn txn;
    uint64_t size = 0;

    CHECK_STATUS(store_begin_read(&txn, &shop.till.store), STATUS_OK);
    CHECK_STATUS(log_size(&size, &txn), STATUS_OK);
    store_abort(&txn);
    return size;
}

/* One honest sale of [0, 100) with number 0 comes before; prev {1} is one that nobody used. Empty
 * intervals cannot be signed; test_accept.c has them. */
static const struct {
    uint64_t request;
    struct msg_transfer transfer;
    enum status expected;
} cases[] = {
    {100, {.payee = 12, .from = 100, .to = 200, .seq = 1, .prev = {1}}, STATUS_WRONG_PAYEE},
    {100, {.payee = 11, .from = 100, .to = 199, .seq = 1, .prev = {1}}, STATUS_AMOUNT_MISMATCH},
    {100, {.payee = 11, .from = 100, .to = 201, .seq = 1, .prev = {1}}, STATUS_AMOUNT_MISMATCH},
    {100,
     {.payee = 11, .from = 4901, .to = 5001, .seq = 1, .prev = {1}},
     STATUS_AMOUNT_OVER_ALLOWANCE},
    {100,
     {.payee = 11, .from = 9000, .to = 9100, .seq = 1, .prev = {1}},
     STATUS_AMOUNT_OVER_ALLOWANCE},
    {2501, {.payee = 11, .from = 100, .to = 2601, .seq = 1, .prev = {1}}, STATUS_AMOUNT_OVER_LIMIT},
    {100, {.payee = 11, .from = 99, .to = 199, .seq = 1, .prev = {1}}, STATUS_INTERVAL_OVERLAP},
    {100, {.payee = 11, .from = 0, .to = 100, .seq = 1, .prev = {1}}, STATUS_INTERVAL_OVERLAP},
    {100, {.payee = 11, .from = 100, .to = 200, .seq = 0, .prev = {1}}, STATUS_SEQUENCE_USED},
    {2401,
     {.payee = 11, .from = 100, .to = 2501, .seq = 1, .prev = {1}},
     STATUS_TILL_ALLOWANCE_LIMIT},
    {2400, {.payee = 11, .from = 100, .to = 2500, .seq = 1, .prev = {1}}, STATUS_OK},
};

TEST(a_changed_wallet_gets_no_further)
{
    char request[CODE_TEXT_SIZE];
    char code[CODE_TEXT_SIZE];
    char receipt[SELL_TEXT_SIZE];
    struct sell_result result;
    struct digest id;

    begin();
    CHECK_STATUS(town_sale(&town, &shop, &anna, 100, &id), STATUS_OK);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const uint64_t size = log_length();

        CHECK_STATUS(town_request(&town, &shop, 1, cases[i].request, request), STATUS_OK);
        forge(code, request, &cases[i].transfer);
        CHECK_STATUS(town_accept(&town, &shop, code, receipt, &result), cases[i].expected);
        CHECK(log_length() == size + (cases[i].expected == STATUS_OK ? 1 : 0));
        CHECK((receipt[0] != '\0') == (cases[i].expected == STATUS_OK));
    }
    CHECK(shop.till.tally.count == 2);
    end();
}

/* The predecessor of the honest sale, used a second time. */
TEST(a_predecessor_is_used_once)
{
    struct msg_transfer transfer = {.payee = 11, .from = 100, .to = 200, .seq = 7};
    char request[CODE_TEXT_SIZE];
    char code[CODE_TEXT_SIZE];
    char receipt[SELL_TEXT_SIZE];
    struct sell_result result;
    struct pocket_line line;
    struct store_txn txn;
    struct digest id;

    begin();
    CHECK_STATUS(store_begin_read(&txn, &anna.wallet.store), STATUS_OK);
    CHECK_STATUS(pocket_next_line(&line, &txn, NULL), STATUS_OK);
    memcpy(transfer.prev, line.prev, sizeof transfer.prev);
    store_abort(&txn);
    CHECK_STATUS(town_sale(&town, &shop, &anna, 100, &id), STATUS_OK);
    CHECK_STATUS(town_request(&town, &shop, 1, 100, request), STATUS_OK);
    forge(code, request, &transfer);
    CHECK_STATUS(town_accept(&town, &shop, code, receipt, &result), STATUS_SEQUENCE_USED);
    transfer.prev[0] ^= 1;
    forge(code, request, &transfer);
    CHECK_STATUS(town_accept(&town, &shop, code, receipt, &result), STATUS_OK);
    end();
}

int
main(int argc, char **argv)
{
    return check_run(argc, argv);
}
