#include "check.h"
#include "fixture.h"

/* Every act of the city and of a purse: once as it must be, and each refusal that section 8 names
 * in the order of its checks. */

static struct fixture_city city;
static struct fixture_till shop;
static struct fixture_wallet anna;
static uint64_t ticks;

static struct money
money(uint64_t cents)
{
    struct money out = MONEY_ZERO;

    CHECK_STATUS(money_from_cents(&out, cents), STATUS_OK);
    return out;
}

static struct span
text(const char *string)
{
    return (struct span){(const uint8_t *)string, strlen(string)};
}

/* A time that no other message has: otherwise it would be the same message again. */
static uint64_t
tick(void)
{
    return FIXTURE_START + ++ticks;
}

static void
start(void)
{
    fixture_open(&city);
    fixture_standard(&city);
    fixture_merchant(&city, 1);
    fixture_till(&city, &shop, 11, 1);
    fixture_purse(&city, &anna, 1, 1, 2);
    CHECK_STATUS(fixture_issue(&city, &anna, 8000, 2000), STATUS_OK);
    CHECK_STATUS(fixture_allowance(&city, &anna, 5000), STATUS_OK);
}

/* A refusal has left everything as it was. */
static void
refused(enum status got, enum status expected)
{
    static struct digest before;
    struct digest after;

    CHECK_STATUS(got, expected);
    fixture_digest(&city, &after);
    if (expected != STATUS_OK)
        CHECK(memcmp(&before, &after, sizeof before) == 0);
    before = after;
}

static void
settled(void)
{
    struct digest now;

    fixture_digest(&city, &now);
    refused(STATUS_OK, STATUS_OK);
}

static void
end(void)
{
    CHECK_STATUS(fixture_recount(&city), STATUS_OK);
    CHECK_STATUS(fixture_replay(&city), STATUS_OK);
    fixture_close(&city);
}

TEST(genesis)
{
    struct msg_genesis genesis = {.network = FIXTURE_NETWORK,
                                  .name = text("Stadt"),
                                  .origin = text(FIXTURE_ORIGIN),
                                  .roots_count = 3,
                                  .time = FIXTURE_START};

    fixture_open(&city);
    settled();
    for (unsigned i = 0; i < 3; i++)
        genesis.roots[i] = city.roots[i].key;
    refused(fixture_fund(&city, 1, 2, 0, 100), STATUS_ENTRY_KIND);
    refused(fixture_signed(&city, &msg_genesis_schema, &genesis, &city.roots[0], NULL),
            STATUS_ENTRY_SHAPE);
    refused(fixture_signed(&city, &msg_genesis_schema, &genesis, &city.roots[0], &city.roots[0]),
            STATUS_SECOND_SIGNATURE);
    refused(fixture_signed(&city, &msg_genesis_schema, &genesis, &city.roots[0], &city.roles[2]),
            STATUS_SECOND_SIGNATURE);
    genesis.roots[2] = genesis.roots[0];
    refused(fixture_signed(&city, &msg_genesis_schema, &genesis, &city.roots[0], &city.roots[1]),
            STATUS_DUPLICATE_ID);
    genesis.roots[2] = city.roots[2].key;
    refused(fixture_signed(&city, &msg_genesis_schema, &genesis, &city.roots[2], &city.roots[1]),
            STATUS_OK);
    refused(fixture_signed(&city, &msg_genesis_schema, &genesis, &city.roots[0], &city.roots[1]),
            STATUS_ENTRY_KIND);
    end();
}

TEST(role_keys)
{
    struct fixture_key spare;
    struct msg_role_key key = {.network = FIXTURE_NETWORK, .role = 4};

    start();
    settled();
    fixture_key(&spare, "spare", 1);
    key.key = spare.key;
    key.from = FIXTURE_START + 14 * FIXTURE_DAY;
    key.until = key.from - 1;
    key.verify_until = key.until + SIGNER_VERIFY_SECONDS;
    refused(fixture_signed(&city, &msg_role_key_schema, &key, &city.roots[0], &city.roots[1]),
            STATUS_CBOR_RANGE);
    key.until = key.from + FIXTURE_DAY;
    key.verify_until = key.until + SIGNER_VERIFY_SECONDS - 1;
    refused(fixture_signed(&city, &msg_role_key_schema, &key, &city.roots[0], &city.roots[1]),
            STATUS_CBOR_RANGE);
    key.verify_until = key.until + SIGNER_VERIFY_SECONDS;
    key.from -= 1;
    refused(fixture_signed(&city, &msg_role_key_schema, &key, &city.roots[0], &city.roots[1]),
            STATUS_KEY_NOT_YET);
    key.from += 1;
    refused(fixture_signed(&city, &msg_role_key_schema, &key, &city.roots[0], &city.roles[2]),
            STATUS_SECOND_SIGNATURE);
    refused(fixture_signed(&city, &msg_role_key_schema, &key, &city.roots[0], &city.roots[1]),
            STATUS_OK);
    key.from += 1;
    refused(fixture_signed(&city, &msg_role_key_schema, &key, &city.roots[0], &city.roots[2]),
            STATUS_DUPLICATE_ID);

    /* The new key may sign from its first second to its last. */
    struct msg_merchant merchant = {
        .network = FIXTURE_NETWORK, .merchant = 9, .name = text("Neu"), .time = FIXTURE_START};
    merchant.key = spare.key;
    refused(fixture_signed(&city, &msg_merchant_schema, &merchant, &spare, NULL),
            STATUS_KEY_NOT_YET);
    fixture_later(&city, 14 * FIXTURE_DAY);
    refused(fixture_signed(&city, &msg_merchant_schema, &merchant, &spare, NULL), STATUS_OK);
    fixture_later(&city, FIXTURE_DAY + 1);
    merchant.merchant = 10;
    refused(fixture_signed(&city, &msg_merchant_schema, &merchant, &spare, NULL),
            STATUS_KEY_EXPIRED);
    end();
}

TEST(kills)
{
    struct fixture_key spare;
    struct msg_kill kill = {
        .network = FIXTURE_NETWORK, .role = 4, .reason = text("verloren"), .time = FIXTURE_START};
    struct msg_merchant merchant = {
        .network = FIXTURE_NETWORK, .merchant = 9, .name = text("Neu"), .time = FIXTURE_START};

    start();
    settled();
    fixture_key(&spare, "spare", 1);
    kill.key = spare.key;
    refused(fixture_act(&city, &msg_kill_schema, &kill, 3, 13), STATUS_SIGNER_UNKNOWN);
    kill.key = city.roles[4].key;
    kill.role = 5;
    refused(fixture_act(&city, &msg_kill_schema, &kill, 3, 13), STATUS_SIGNER_UNKNOWN);
    kill.role = 4;
    refused(fixture_act(&city, &msg_kill_schema, &kill, 3, 4), STATUS_SECOND_SIGNATURE);
    refused(fixture_act(&city, &msg_kill_schema, &kill, 3, 3), STATUS_SECOND_SIGNATURE);
    refused(fixture_signed(&city, &msg_kill_schema, &kill, &city.roots[0], &city.roots[2]),
            STATUS_OK);
    kill.time = tick();
    refused(fixture_act(&city, &msg_kill_schema, &kill, 3, 13), STATUS_REPLAY);
    merchant.key = spare.key;
    refused(fixture_act(&city, &msg_merchant_schema, &merchant, 4, 0), STATUS_KEY_KILLED);
    end();
}

TEST(parameters)
{
    struct msg_parameters next;

    fixture_open(&city);
    fixture_genesis(&city);
    settled();
    fixture_parameters(&next, 2, FIXTURE_START);
    refused(fixture_act(&city, &msg_parameters_schema, &next, 2, 3), STATUS_REPLAY);
    next.version = 1;
    refused(fixture_act(&city, &msg_parameters_schema, &next, 2, 0), STATUS_SECOND_SIGNATURE);
    fixture_parameters(&next, 1, FIXTURE_START);
    next.grace_days = 7;
    refused(fixture_act(&city, &msg_parameters_schema, &next, 2, 3), STATUS_CBOR_RANGE);
    fixture_parameters(&next, 1, FIXTURE_START);
    refused(fixture_act(&city, &msg_parameters_schema, &next, 2, 3), STATUS_OK);
    fixture_parameters(&next, 2, FIXTURE_START - 1);
    refused(fixture_act(&city, &msg_parameters_schema, &next, 2, 3), STATUS_CBOR_RANGE);
    fixture_parameters(&next, 2, FIXTURE_START + FIXTURE_DAY);
    refused(fixture_act(&city, &msg_parameters_schema, &next, 3, 2), STATUS_OK);
    end();
}

/* New parameters count from their `from` on, and not before. */
TEST(parameters_in_force)
{
    struct fixture_wallet eva;
    struct msg_parameters next;

    start();
    fixture_purse(&city, &eva, 2, 1, 1);
    CHECK_STATUS(fixture_issue(&city, &eva, 5000, 0), STATUS_OK);
    fixture_parameters(&next, 2, FIXTURE_START + FIXTURE_DAY);
    next.open_limits[0] = money(2000);
    CHECK_STATUS(fixture_act(&city, &msg_parameters_schema, &next, 2, 3), STATUS_OK);
    settled();
    refused(fixture_allowance(&city, &eva, 2000), STATUS_TIER_LIMIT);
    fixture_later(&city, FIXTURE_DAY);
    refused(fixture_allowance(&city, &eva, 2000), STATUS_OK);
    end();
}

TEST(nothing_goes_without_parameters)
{
    struct fixture_wallet eva;
    struct msg_till till = {.network = FIXTURE_NETWORK,
                            .till = 1,
                            .merchant = 1,
                            .title = text("x"),
                            .level = 1,
                            .limit = money(1),
                            .count = 1,
                            .classes = 1,
                            .from = 1,
                            .until = 2};

    fixture_open(&city);
    fixture_genesis(&city);
    fixture_merchant(&city, 1);
    fixture_purse(&city, &eva, 2, 1, 1);
    settled();
    refused(fixture_act(&city, &msg_till_schema, &till, 4, 0), STATUS_PARAMETERS_MISSING);
    refused(fixture_allowance(&city, &eva, 100), STATUS_PARAMETERS_MISSING);
    end();
}

TEST(series_and_funding)
{
    struct msg_series series = {.network = FIXTURE_NETWORK,
                                .series = 1,
                                .version = 3,
                                .name = text("x"),
                                .class = 1,
                                .budget = money(10000),
                                .percent = 20,
                                .from = FIXTURE_START,
                                .until = FIXTURE_START + FIXTURE_DAY};
    struct msg_funding funding = {.network = FIXTURE_NETWORK,
                                  .class = 1,
                                  .number = 1,
                                  .purpose = 1,
                                  .series = 1,
                                  .amount = money(100),
                                  .time = FIXTURE_START + 5};

    start();
    settled();
    refused(fixture_act(&city, &msg_series_schema, &series, 2, 3), STATUS_REPLAY);
    series.version = 2;
    series.class = 2;
    refused(fixture_act(&city, &msg_series_schema, &series, 2, 3), STATUS_CLASS);
    series.class = 1;
    series.budget = money(9999);
    refused(fixture_act(&city, &msg_series_schema, &series, 2, 3), STATUS_BUDGET);
    series.budget = money(10000);
    refused(fixture_act(&city, &msg_series_schema, &series, 2, 3), STATUS_OK);

    refused(fixture_act(&city, &msg_funding_schema, &funding, 3, 0), STATUS_REPLAY);
    funding.number = 700;
    funding.series = 7;
    refused(fixture_act(&city, &msg_funding_schema, &funding, 3, 0), STATUS_SERIES_UNKNOWN);
    funding.series = 2;
    refused(fixture_act(&city, &msg_funding_schema, &funding, 3, 0), STATUS_CLASS);
    refused(fixture_act(&city, &msg_funding_schema, &funding, 2, 0), STATUS_SIGNER_UNKNOWN);
    funding.series = 1;
    refused(fixture_act(&city, &msg_funding_schema, &funding, 3, 0), STATUS_OK);
    funding.class = 2;
    funding.purpose = 2;
    funding.series = 0;
    refused(fixture_act(&city, &msg_funding_schema, &funding, 3, 0), STATUS_OK);
    end();
}

TEST(issues)
{
    struct fixture_wallet parker;
    struct msg_issue issue = {.network = FIXTURE_NETWORK,
                              .series = 7,
                              .number = 1,
                              .paid = money(800),
                              .promo = money(200),
                              .paid_expiry = FIXTURE_START + FIXTURE_DAY,
                              .promo_expiry = FIXTURE_START + FIXTURE_DAY,
                              .time = FIXTURE_START};

    start();
    fixture_purse(&city, &parker, 3, 2, 2);
    settled();
    refused(fixture_act(&city, &msg_issue_schema, &issue, 2, 0), STATUS_SERIES_UNKNOWN);
    issue.series = 1;
    issue.number = city.number;
    refused(fixture_act(&city, &msg_issue_schema, &issue, 2, 0), STATUS_REPLAY);
    issue.number = 500;
    refused(fixture_act(&city, &msg_issue_schema, &issue, 2, 0), STATUS_PURSE_UNKNOWN);
    memcpy(issue.purse, parker.purse, sizeof issue.purse);
    refused(fixture_act(&city, &msg_issue_schema, &issue, 2, 0), STATUS_CLASS);
    memcpy(issue.purse, anna.purse, sizeof issue.purse);
    issue.paid = issue.promo = MONEY_ZERO;
    refused(fixture_act(&city, &msg_issue_schema, &issue, 2, 0), STATUS_AMOUNT_ZERO);
    issue.paid = money(800);
    issue.paid_expiry = FIXTURE_START;
    refused(fixture_act(&city, &msg_issue_schema, &issue, 2, 0), STATUS_LOT_EXPIRED);
    issue.paid_expiry = FIXTURE_START + 1;
    issue.promo = money(200);
    issue.promo_expiry = 0;
    refused(fixture_act(&city, &msg_issue_schema, &issue, 2, 0), STATUS_LOT_EXPIRED);
    issue.promo_expiry = FIXTURE_START + 1;
    issue.promo = money(201);
    refused(fixture_act(&city, &msg_issue_schema, &issue, 2, 0), STATUS_BUDGET);
    issue.promo = money(200);
    issue.paid = money(10000000);
    refused(fixture_act(&city, &msg_issue_schema, &issue, 2, 0), STATUS_BUDGET);
    issue.paid = money(6000000);
    refused(fixture_act(&city, &msg_issue_schema, &issue, 2, 0), STATUS_FUNDS);
    issue.paid = money(800);
    refused(fixture_act(&city, &msg_issue_schema, &issue, 4, 0), STATUS_SIGNER_UNKNOWN);
    refused(fixture_act(&city, &msg_issue_schema, &issue, 2, 0), STATUS_OK);
    fixture_later(&city, 365 * FIXTURE_DAY);
    issue.number = 501;
    refused(fixture_act(&city, &msg_issue_schema, &issue, 2, 0), STATUS_SERIES_CLOSED);
    end();
}

TEST(merchants_and_tills)
{
    struct fixture_key key;
    struct msg_merchant merchant = {
        .network = FIXTURE_NETWORK, .merchant = 1, .name = text("Neu"), .time = FIXTURE_START + 9};
    struct msg_till till = {.network = FIXTURE_NETWORK,
                            .till = 12,
                            .merchant = 2,
                            .title = text("Neu"),
                            .level = 1,
                            .limit = money(50000),
                            .count = 60,
                            .classes = 3,
                            .restrictions_count = 2,
                            .restrictions = {5, 6},
                            .from = FIXTURE_START,
                            .until = FIXTURE_START + FIXTURE_DAY};
    struct msg_revocation revocation = {
        .network = FIXTURE_NETWORK, .till = 99, .size = 1, .time = FIXTURE_START};

    start();
    settled();
    fixture_key(&key, "till", 12);
    merchant.key = key.key;
    till.key = key.key;
    refused(fixture_act(&city, &msg_merchant_schema, &merchant, 4, 0), STATUS_DUPLICATE_ID);
    refused(fixture_act(&city, &msg_till_schema, &till, 4, 0), STATUS_MERCHANT_UNKNOWN);
    till.merchant = 1;
    till.till = 11;
    refused(fixture_act(&city, &msg_till_schema, &till, 4, 0), STATUS_DUPLICATE_ID);
    till.till = 12;
    till.key = shop.key.key;
    refused(fixture_act(&city, &msg_till_schema, &till, 4, 0), STATUS_DUPLICATE_ID);
    till.key = key.key;
    till.limit = money(50001);
    refused(fixture_act(&city, &msg_till_schema, &till, 4, 0), STATUS_AMOUNT_OVER_LIMIT);
    till.limit = money(50000);
    till.count = 61;
    refused(fixture_act(&city, &msg_till_schema, &till, 4, 0), STATUS_AMOUNT_OVER_LIMIT);
    till.count = 60;
    refused(fixture_act(&city, &msg_till_schema, &till, 2, 0), STATUS_SIGNER_UNKNOWN);
    refused(fixture_act(&city, &msg_till_schema, &till, 4, 0), STATUS_OK);
    CHECK(city.result.count == 2 && city.result.kind == APPLY_ANCHOR);
    refused(fixture_act(&city, &msg_revocation_schema, &revocation, 4, 0), STATUS_TILL_UNKNOWN);
    revocation.till = 12;
    refused(fixture_act(&city, &msg_revocation_schema, &revocation, 4, 0), STATUS_OK);
    revocation.size = 2;
    refused(fixture_act(&city, &msg_revocation_schema, &revocation, 4, 0), STATUS_REPLAY);
    end();
}

TEST(purses)
{
    struct fixture_key recovery;
    struct fixture_key device;
    struct msg_purse purse = {
        .network = FIXTURE_NETWORK, .class = 1, .tier = 2, .daily_limit = money(1), .time = 1};

    start();
    settled();
    fixture_key(&recovery, "recovery", 77);
    fixture_key(&device, "device", 77);
    purse.recovery = recovery.key;
    purse.device = device.key;
    memcpy(purse.purse, anna.purse, sizeof purse.purse);
    refused(fixture_signed(&city, &msg_purse_schema, &purse, &device, &city.roles[4]),
            STATUS_PURSE_KEY);
    refused(fixture_signed(&city, &msg_purse_schema, &purse, &recovery, NULL),
            STATUS_SECOND_SIGNATURE);
    refused(fixture_signed(&city, &msg_purse_schema, &purse, &recovery, &city.roles[3]),
            STATUS_SIGNER_UNKNOWN);
    refused(fixture_signed(&city, &msg_purse_schema, &purse, &recovery, &city.roles[4]),
            STATUS_DUPLICATE_ID);
    purse.purse[0] = 1;
    purse.device = recovery.key;
    refused(fixture_signed(&city, &msg_purse_schema, &purse, &recovery, &city.roles[4]),
            STATUS_DUPLICATE_ID);
    purse.device = device.key;
    refused(fixture_signed(&city, &msg_purse_schema, &purse, &recovery, &city.roles[4]), STATUS_OK);
    purse.purse[0] = 2;
    purse.tier = 1;
    refused(fixture_signed(&city, &msg_purse_schema, &purse, &recovery, &city.roles[4]),
            STATUS_SECOND_SIGNATURE);
    refused(fixture_signed(&city, &msg_purse_schema, &purse, &recovery, NULL), STATUS_OK);
    end();
}

TEST(devices)
{
    struct fixture_key key;
    struct msg_device device = {.network = FIXTURE_NETWORK,
                                .action = 1,
                                .daily_limit = money(1),
                                .number = 1,
                                .time = FIXTURE_START};

    start();
    settled();
    device.device = anna.device.key;
    refused(fixture_signed(&city, &msg_device_schema, &device, &anna.recovery, NULL),
            STATUS_PURSE_UNKNOWN);
    memcpy(device.purse, anna.purse, sizeof device.purse);
    device.number = 2;
    refused(fixture_signed(&city, &msg_device_schema, &device, &anna.recovery, NULL),
            STATUS_REPLAY);
    device.number = 1;
    refused(fixture_signed(&city, &msg_device_schema, &device, &anna.recovery, NULL),
            STATUS_DUPLICATE_ID);
    device.device = anna.recovery.key;
    refused(fixture_signed(&city, &msg_device_schema, &device, &anna.recovery, NULL),
            STATUS_DUPLICATE_ID);
    for (unsigned i = 1; i <= 8; i++) {
        fixture_key(&key, "phone", i);
        device.device = key.key;
        device.number = i;
        refused(fixture_signed(&city, &msg_device_schema, &device, &anna.recovery, NULL),
                i < 8 ? STATUS_OK : STATUS_CAPACITY);
    }
    device.action = 2;
    refused(fixture_signed(&city, &msg_device_schema, &device, &anna.recovery, NULL),
            STATUS_PURSE_KEY);
    device.device = anna.device.key;
    refused(fixture_signed(&city, &msg_device_schema, &device, &anna.recovery, NULL), STATUS_OK);
    end();
}

TEST(denials_and_losses)
{
    struct fixture_wallet eva;
    struct msg_denial denial = {
        .network = FIXTURE_NETWORK, .reason = text("Anzeige"), .time = FIXTURE_START};
    struct msg_loss_report loss = {.network = FIXTURE_NETWORK, .nonce = {1}, .time = FIXTURE_START};

    start();
    fixture_purse(&city, &eva, 2, 1, 2);
    settled();
    denial.allowance.bytes[0] = 1;
    refused(fixture_act(&city, &msg_denial_schema, &denial, 4, 13), STATUS_ALLOWANCE_UNKNOWN);
    denial.allowance = anna.line;
    refused(fixture_act(&city, &msg_denial_schema, &denial, 4, 0), STATUS_SECOND_SIGNATURE);
    refused(fixture_act(&city, &msg_denial_schema, &denial, 4, 13), STATUS_OK);
    denial.time = tick();
    refused(fixture_act(&city, &msg_denial_schema, &denial, 4, 13), STATUS_REPLAY);

    refused(fixture_act(&city, &msg_loss_report_schema, &loss, 11, 0), STATUS_PURSE_UNKNOWN);
    memcpy(loss.purse, eva.purse, sizeof loss.purse);
    loss.allowance = anna.line;
    refused(fixture_act(&city, &msg_loss_report_schema, &loss, 11, 0), STATUS_ALLOWANCE_UNKNOWN);
    memcpy(loss.purse, anna.purse, sizeof loss.purse);
    refused(fixture_act(&city, &msg_loss_report_schema, &loss, 4, 0), STATUS_PURSE_KEY);
    refused(fixture_signed(&city, &msg_loss_report_schema, &loss, &anna.device, NULL),
            STATUS_PURSE_KEY);
    refused(fixture_act(&city, &msg_loss_report_schema, &loss, 11, 0), STATUS_OK);
    loss.time = tick();
    refused(fixture_act(&city, &msg_loss_report_schema, &loss, 11, 0), STATUS_REPLAY);
    fixture_days(&city, 17);
    CHECK_STATUS(fixture_close_due(&city), STATUS_OK);
    settled();
    loss.time = tick();
    refused(fixture_act(&city, &msg_loss_report_schema, &loss, 11, 0), STATUS_ALLOWANCE_CLOSED);
    denial.time = tick();
    refused(fixture_act(&city, &msg_denial_schema, &denial, 4, 13), STATUS_ALLOWANCE_CLOSED);
    memset(&loss.allowance, 0, sizeof loss.allowance);
    loss.time = tick();
    refused(fixture_act(&city, &msg_loss_report_schema, &loss, 11, 0), STATUS_REPLAY);
    end();
}

TEST(payouts)
{
    struct fixture_payment bread;
    struct msg_payout payout = {.network = FIXTURE_NETWORK,
                                .merchant = 5,
                                .class = 1,
                                .number = 2,
                                .amount = money(1),
                                .time = FIXTURE_START};

    start();
    settled();
    refused(fixture_act(&city, &msg_payout_schema, &payout, 3, 0), STATUS_MERCHANT_UNKNOWN);
    payout.merchant = 1;
    refused(fixture_act(&city, &msg_payout_schema, &payout, 3, 0), STATUS_REPLAY);
    payout.number = 1;
    refused(fixture_act(&city, &msg_payout_schema, &payout, 3, 0), STATUS_NOTHING_OWED);
    fixture_sale(&city, &bread, &anna, &shop, 700);
    CHECK_STATUS(fixture_sync(&city, &shop), STATUS_OK);
    settled();
    refused(fixture_act(&city, &msg_payout_schema, &payout, 3, 0), STATUS_PAYOUT_AMOUNT);
    payout.amount = money(700);
    refused(fixture_act(&city, &msg_payout_schema, &payout, 4, 0), STATUS_SIGNER_UNKNOWN);
    refused(fixture_act(&city, &msg_payout_schema, &payout, 3, 0), STATUS_OK);
    end();
}

TEST(service_days)
{
    start();
    fixture_days(&city, 1);
    settled();
    refused(intake_service_day(&city.intake, &city.result, fixture_moment(&city)), STATUS_REPLAY);
    fixture_later(&city, FIXTURE_DAY - 8 * 3600);
    refused(intake_service_day(&city.intake, &city.result, fixture_moment(&city)), STATUS_OK);
    end();
}

int
main(int argc, char **argv)
{
    return check_run(argc, argv);
}
