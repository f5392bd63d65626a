#include "check.h"
#include "fixture.h"
#include "protocol/checkpoint.h"
#include "tamper_case.h"

/* What an operator could write into the log about purses and their lines: allowances, closes,
 * debts, expiry and service days. Each row at the end says which entry verify names, and why. */

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

static const struct fixture_key *
role(const struct tamper_city *town, unsigned number)
{
    return &town->city.roles[number];
}

static uint64_t
time_at(const struct tamper_city *town, size_t at)
{
    struct msg_entry before;

    tamper_get(&before, &town->log, at - 1);
    return before.time;
}

static void
drop(struct tamper_city *town, size_t at)
{
    tamper_remove(&town->log, at);
}

/* --- purses --- */

static void
purse_without_enrolment(struct tamper_city *town, size_t at)
{
    struct msg_entry entry;

    tamper_get(&entry, &town->log, at);
    entry.messages_count = 1;
    tamper_set(&town->log, at, &entry);
}

static void
purse_raised_to_another_tier(struct tamper_city *town, size_t at)
{
    struct msg_purse purse;
    struct msg_entry entry;

    /* Enrolment had signed tier 2. */
    tamper_case_read(town, at, &msg_purse_schema, &purse);
    tamper_get(&entry, &town->log, at);
    purse.tier = 3;
    entry.messages[0] = tamper_sign(&town->log, &msg_purse_schema, &purse, &town->anna.recovery);
    tamper_set(&town->log, at, &entry);
}

static void
purse_of_another_key(struct tamper_city *town, size_t at)
{
    struct msg_purse purse;

    tamper_case_read(town, at, &msg_purse_schema, &purse);
    tamper_case_sign(town, at, &msg_purse_schema, &purse, role(town, 5), role(town, 4));
}

static void
purse_twice(struct tamper_city *town, size_t at)
{
    tamper_repeat(&town->log, at, town->at[AT_PURSE]);
}

static void
device_by_a_device(struct tamper_city *town, size_t at)
{
    struct msg_device device;

    tamper_case_read(town, at, &msg_device_schema, &device);
    tamper_case_sign(town, at, &msg_device_schema, &device, &town->eva.device, NULL);
}

static void
device_twice(struct tamper_city *town, size_t at)
{
    tamper_repeat(&town->log, at + 1, at);
}

static void
gift_without_the_giver(struct tamper_city *town, size_t at)
{
    struct msg_gift gift;

    tamper_case_read(town, at, &msg_gift_schema, &gift);
    tamper_case_sign(town, at, &msg_gift_schema, &gift, &town->anna.recovery, NULL);
}

static void
gift_twice(struct tamper_city *town, size_t at)
{
    tamper_repeat(&town->log, at + 1, at);
}

/* Anna's paid lot has free cents, and others on her line. */
static void
gift_of_what_is_reserved(struct tamper_city *town, size_t at)
{
    struct msg_gift gift = {
        .network = FIXTURE_NETWORK, .lot = 2 * town->at[AT_ISSUE], .nonce = {2}, .time = 1};

    memcpy(gift.purse, town->anna.purse, sizeof gift.purse);
    memcpy(gift.to, town->eva.purse, sizeof gift.to);
    tamper_act(&town->log, at, APPLY_GIFT, &msg_gift_schema, &gift, &town->anna.recovery, NULL);
}

static void
loss_by_a_device(struct tamper_city *town, size_t at)
{
    struct msg_loss_report loss;

    tamper_case_read(town, at, &msg_loss_report_schema, &loss);
    tamper_case_sign(town, at, &msg_loss_report_schema, &loss, &town->bert.device, NULL);
}

static void
loss_without_signature(struct tamper_city *town, size_t at)
{
    struct msg_entry entry;

    tamper_get(&entry, &town->log, at);
    entry.messages[0] =
        tamper_flip(&town->log, entry.messages[0], entry.messages[0].len - SIGNATURE_SIZE);
    tamper_set(&town->log, at, &entry);
}

static void
denial_by_one_office(struct tamper_city *town, size_t at)
{
    struct msg_denial denial;

    tamper_case_read(town, at, &msg_denial_schema, &denial);
    tamper_case_sign(town, at, &msg_denial_schema, &denial, role(town, 4), role(town, 4));
}

static void
denial_twice(struct tamper_city *town, size_t at)
{
    tamper_repeat(&town->log, at + 1, at);
}

static void
denial_of_nothing(struct tamper_city *town, size_t at)
{
    struct msg_denial denial;

    tamper_case_read(town, at, &msg_denial_schema, &denial);
    denial.allowance.bytes[0] ^= 1;
    tamper_case_sign(town, at, &msg_denial_schema, &denial, role(town, 4), role(town, 13));
}

/* --- allowances --- */

/* What the entry of an allowance is made of. */
struct grant {
    struct msg_allowance_request request;
    struct msg_allowance certificate;
    struct msg_allowance_attachment lots;
};

static void
read_grant(const struct tamper_city *town, size_t at, struct grant *grant)
{
    struct cose_message message;
    struct msg_entry entry;

    tamper_get(&entry, &town->log, at);
    tamper_case_read(town, at, &msg_allowance_request_schema, &grant->request);
    CHECK_STATUS(msg_open(&message, &grant->certificate, &msg_allowance_schema, FIXTURE_NETWORK,
                          entry.messages[1]),
                 STATUS_OK);
    CHECK_STATUS(schema_decode(&grant->lots, &msg_allowance_attachment_schema, entry.attachment),
                 STATUS_OK);
}

static void
fill_grant(struct tamper_city *town, struct msg_entry *entry, const struct grant *grant,
           const struct fixture_key *purse, const struct fixture_key *issuer)
{
    entry->messages_count = 2;
    entry->messages[0] =
        tamper_sign(&town->log, &msg_allowance_request_schema, &grant->request, purse);
    entry->messages[1] =
        tamper_sign(&town->log, &msg_allowance_schema, &grant->certificate, issuer);
    entry->attachment = tamper_encode(&town->log, &msg_allowance_attachment_schema, &grant->lots);
}

/* The entry itself, as somebody else would have it. */
static void
change_grant(struct tamper_city *town, size_t at, const struct grant *grant,
             const struct fixture_key *purse, const struct fixture_key *issuer)
{
    struct msg_entry entry;

    tamper_get(&entry, &town->log, at);
    fill_grant(town, &entry, grant, purse, issuer);
    tamper_set(&town->log, at, &entry);
}

static void
allowance_nobody_asked_for(struct tamper_city *town, size_t at)
{
    struct grant grant;

    read_grant(town, at, &grant);
    change_grant(town, at, &grant, role(town, 5), role(town, 5));
}

static void
allowance_with_a_forged_request(struct tamper_city *town, size_t at)
{
    struct msg_entry entry;

    tamper_get(&entry, &town->log, at);
    entry.messages[0] = tamper_flip(&town->log, entry.messages[0], entry.messages[0].len - 2);
    tamper_set(&town->log, at, &entry);
}

static void
allowance_by_another_key(struct tamper_city *town, size_t at)
{
    struct grant grant;

    read_grant(town, at, &grant);
    change_grant(town, at, &grant, &town->anna.device, role(town, 6));
}

static void
allowance_over_what_was_asked(struct tamper_city *town, size_t at)
{
    struct grant grant;

    read_grant(town, at, &grant);
    grant.certificate.amount = money(4001);
    change_grant(town, at, &grant, &town->anna.device, role(town, 5));
}

static void
allowance_for_another_wallet(struct tamper_city *town, size_t at)
{
    struct grant grant;

    read_grant(town, at, &grant);
    grant.certificate.key = role(town, 5)->key;
    change_grant(town, at, &grant, &town->anna.device, role(town, 5));
}

static void
allowance_for_too_long(struct tamper_city *town, size_t at)
{
    struct grant grant;

    read_grant(town, at, &grant);
    grant.certificate.hours++;
    change_grant(town, at, &grant, &town->anna.device, role(town, 5));
}

static void
allowance_with_another_limit(struct tamper_city *town, size_t at)
{
    struct grant grant;

    read_grant(town, at, &grant);
    grant.certificate.limit.cents++;
    change_grant(town, at, &grant, &town->anna.device, role(town, 5));
}

static void
allowance_over_the_tier(struct tamper_city *town, size_t at)
{
    struct grant grant;

    read_grant(town, at, &grant);
    grant.request.amount = money(5001);
    grant.certificate.amount = money(5001);
    change_grant(town, at, &grant, &town->anna.device, role(town, 5));
}

static void
allowance_out_of_another_lot(struct tamper_city *town, size_t at)
{
    struct grant grant;

    read_grant(town, at, &grant);
    grant.lots.lots[grant.lots.lots_count - 1].lot = 2 * (town->at[AT_ISSUE] + 1);
    change_grant(town, at, &grant, &town->anna.device, role(town, 5));
}

static void
allowance_keeps_a_cent(struct tamper_city *town, size_t at)
{
    struct grant grant;

    read_grant(town, at, &grant);
    grant.lots.lots[0].cents.cents--;
    change_grant(town, at, &grant, &town->anna.device, role(town, 5));
}

/* Inserts one for eva, of `cents`, that a key of hers has asked for. */
static void
grant_eva(struct tamper_city *town, size_t at, uint64_t cents, const struct fixture_key *device)
{
    struct fixture_key line;
    struct msg_entry entry;
    struct grant grant;

    read_grant(town, town->at[AT_ALLOWANCE], &grant);
    fixture_key(&line, "a new line", 1);
    memcpy(grant.request.purse, town->eva.purse, sizeof grant.request.purse);
    grant.request.key = line.key;
    grant.request.amount = money(cents);
    grant.certificate.key = line.key;
    grant.certificate.tier = 3;
    grant.certificate.amount = money(cents);
    tamper_blank(&entry, &town->log, at, APPLY_ALLOWANCE);
    fill_grant(town, &entry, &grant, device, role(town, 5));
    tamper_insert(&town->log, at, &entry);
}

/* She has 5,300. */
static void
allowance_above_the_balance(struct tamper_city *town, size_t at)
{
    grant_eva(town, at, 5301, &town->eva.device);
}

/* Her second phone may ask for 500 a day. */
static void
allowance_over_the_daily_limit(struct tamper_city *town, size_t at)
{
    struct fixture_key phone;

    fixture_key(&phone, "phone", 1);
    grant_eva(town, at, 501, &phone);
}

static void
allowance_twice(struct tamper_city *town, size_t at)
{
    tamper_repeat(&town->log, at, town->at[AT_ALLOWANCE]);
}

static void
renewal_twice(struct tamper_city *town, size_t at)
{
    tamper_repeat(&town->log, at, town->at[AT_RENEWAL]);
}

static void
renew(struct tamper_city *town, size_t at, const struct fixture_wallet *asks,
      const struct fixture_wallet *line)
{
    struct msg_renewal_request request = {.network = FIXTURE_NETWORK,
                                          .allowance = line->line,
                                          .amount = line->allowance.amount,
                                          .nonce = {5},
                                          .time = FIXTURE_START};
    struct msg_entry entry;

    memcpy(request.purse, asks->purse, sizeof request.purse);
    tamper_get(&entry, &town->log, town->at[AT_RENEWAL]);
    entry.messages[0] =
        tamper_sign(&town->log, &msg_renewal_request_schema, &request, &asks->device);
    entry.time = time_at(town, at);
    tamper_insert(&town->log, at, &entry);
}

static void
renewal_of_a_frozen_line(struct tamper_city *town, size_t at)
{
    renew(town, at, &town->bert, &town->bert);
}

static void
renewal_of_a_denied_line(struct tamper_city *town, size_t at)
{
    renew(town, at, &town->anna, &town->anna);
}

static void
renewal_of_a_closed_line(struct tamper_city *town, size_t at)
{
    renew(town, at, &town->anna, &town->anna);
}

static void
renewal_of_somebody_elses_line(struct tamper_city *town, size_t at)
{
    renew(town, at, &town->eva, &town->anna);
}

/* --- closes, debts, expiry --- */

static void
read_close(const struct tamper_city *town, size_t at, struct msg_close_attachment *close)
{
    struct msg_entry entry;

    tamper_get(&entry, &town->log, at);
    CHECK_STATUS(schema_decode(close, &msg_close_attachment_schema, entry.attachment), STATUS_OK);
}

static void
close_before_the_last_day(struct tamper_city *town, size_t at)
{
    tamper_repeat(&town->log, at, town->at[AT_CLOSE]);
}

static void
close_without_the_last_day(struct tamper_city *town, size_t at)
{
    drop(town, at);
}

static void
close_twice(struct tamper_city *town, size_t at)
{
    tamper_repeat(&town->log, at + 1, at);
}

static void
close_in_review(struct tamper_city *town, size_t at)
{
    tamper_repeat(&town->log, at, town->at[AT_FORFEIT]);
}

static void
close_of_nothing(struct tamper_city *town, size_t at)
{
    struct msg_close_attachment close;

    read_close(town, at, &close);
    close.allowance.bytes[0] ^= 1;
    tamper_attach(&town->log, at, &msg_close_attachment_schema, &close);
}

static void
close_keeps_a_cent(struct tamper_city *town, size_t at)
{
    struct msg_close_attachment close;

    read_close(town, at, &close);
    close.returned.cents--;
    close.expired.cents++;
    tamper_attach(&town->log, at, &msg_close_attachment_schema, &close);
}

static void
close_forfeits_from_the_honest(struct tamper_city *town, size_t at)
{
    struct msg_close_attachment close;

    read_close(town, at, &close);
    close.returned.cents--;
    close.forfeited.cents++;
    tamper_attach(&town->log, at, &msg_close_attachment_schema, &close);
}

static void
close_spares_the_cheat(struct tamper_city *town, size_t at)
{
    struct msg_close_attachment close;

    read_close(town, at, &close);
    CHECK(money_cents(close.forfeited) == 600);
    close.forfeited.cents--;
    close.returned.cents++;
    tamper_attach(&town->log, at, &msg_close_attachment_schema, &close);
}

static void
add_hold(struct tamper_city *town, size_t at)
{
    const struct msg_hold hold = {.network = FIXTURE_NETWORK,
                                  .number = 3,
                                  .action = 1,
                                  .reason = text("Störung"),
                                  .time = FIXTURE_START};

    tamper_act(&town->log, at, APPLY_HOLD, &msg_hold_schema, &hold, role(town, 3), role(town, 13));
}

static void
close_on_hold(struct tamper_city *town, size_t at)
{
    add_hold(town, at + 1);
}

static void
debt_left_out(struct tamper_city *town, size_t at)
{
    drop(town, at);
}

static void
change_debt(struct tamper_city *town, size_t at, uint64_t cents, const struct fixture_wallet *whose)
{
    struct msg_debt_attachment debt = {.allowance = town->bert.line, .amount = money(cents)};

    memcpy(debt.purse, whose->purse, sizeof debt.purse);
    tamper_attach(&town->log, at, &msg_debt_attachment_schema, &debt);
}

static void
debt_remitted_in_part(struct tamper_city *town, size_t at)
{
    change_debt(town, at, 149, &town->bert);
}

static void
debt_of_somebody_else(struct tamper_city *town, size_t at)
{
    change_debt(town, at, 150, &town->eva);
}

static void
debt_invented(struct tamper_city *town, size_t at)
{
    tamper_repeat(&town->log, at, town->at[AT_DEBT]);
}

static void
expiry_before_the_end(struct tamper_city *town, size_t at)
{
    tamper_repeat(&town->log, at, town->at[AT_EXPIRY]);
}

/* On the tenth day, which began before the lot's end. */
static void
expiry_before_a_service_day(struct tamper_city *town, size_t at)
{
    tamper_repeat(&town->log, at + 10, town->at[AT_EXPIRY]);
    CHECK(time_at(town, at + 10) > FIXTURE_START + 10 * FIXTURE_DAY);
}

static void
expiry_of_more(struct tamper_city *town, size_t at)
{
    struct msg_expiry_attachment expiry;
    struct msg_entry entry;

    tamper_get(&entry, &town->log, at);
    CHECK_STATUS(schema_decode(&expiry, &msg_expiry_attachment_schema, entry.attachment),
                 STATUS_OK);
    expiry.amount.cents++;
    tamper_attach(&town->log, at, &msg_expiry_attachment_schema, &expiry);
}

static void
expiry_of_nothing(struct tamper_city *town, size_t at)
{
    struct msg_expiry_attachment expiry;
    struct msg_entry entry;

    tamper_get(&entry, &town->log, at);
    CHECK_STATUS(schema_decode(&expiry, &msg_expiry_attachment_schema, entry.attachment),
                 STATUS_OK);
    expiry.lot++;
    tamper_attach(&town->log, at, &msg_expiry_attachment_schema, &expiry);
}

static void
expiry_twice(struct tamper_city *town, size_t at)
{
    tamper_repeat(&town->log, at + 1, at);
}

static void
expiry_on_hold(struct tamper_city *town, size_t at)
{
    add_hold(town, at);
}

/* --- service days --- */

static void
change_day(struct tamper_city *town, size_t at, uint64_t size, uint64_t day, unsigned key)
{
    struct msg_service_day_attachment stated = {.day = day};
    struct merkle_frontier tree = {0};
    struct note_key note_key;
    struct digest digest;
    struct note note;

    for (size_t i = 0; i < size; i++) {
        merkle_leaf(&digest, town->log.entries[i]);
        merkle_append(&tree, &digest);
    }
    merkle_root(&digest, &tree);
    CHECK_STATUS(
        note_key_make(&note_key, NOTE_ED25519, text(FIXTURE_ORIGIN), &role(town, key)->key),
        STATUS_OK);
    CHECK_STATUS(checkpoint_sign(&note, size, &digest, &note_key, &role(town, key)->secret),
                 STATUS_OK);
    stated.checkpoint = (struct span){note.bytes, note.len};
    tamper_attach(&town->log, at, &msg_service_day_attachment_schema, &stated);
}

static uint64_t
day_of(const struct tamper_city *town, size_t at)
{
    return time_at(town, at + 1) / FIXTURE_DAY;
}

static void
day_with_an_older_checkpoint(struct tamper_city *town, size_t at)
{
    change_day(town, at, at - 1, day_of(town, at), 8);
}

static void
day_by_another_key(struct tamper_city *town, size_t at)
{
    change_day(town, at, at, day_of(town, at), 7);
}

static void
day_of_tomorrow(struct tamper_city *town, size_t at)
{
    change_day(town, at, at, day_of(town, at) + 1, 8);
}

static void
day_twice(struct tamper_city *town, size_t at)
{
    tamper_repeat(&town->log, at + 1, at);
    tamper_days(&town->log);
}

/* --- what is as it must be --- */

static void
allowance_of_the_whole_balance(struct tamper_city *town, size_t at)
{
    struct msg_allowance_attachment lots = {.lots_count = 3};

    lots.lots[0] = (struct msg_lot_part){2 * (town->at[AT_ISSUE] + 3), money(300)};
    lots.lots[1] = (struct msg_lot_part){2 * (town->at[AT_ISSUE] + 2) + 1, money(1000)};
    lots.lots[2] = (struct msg_lot_part){2 * (town->at[AT_ISSUE] + 2), money(4000)};
    grant_eva(town, at, 5300, &town->eva.device);
    tamper_attach(&town->log, at, &msg_allowance_attachment_schema, &lots);
}

static void
allowance_of_a_days_limit(struct tamper_city *town, size_t at)
{
    struct msg_allowance_attachment lots = {.lots_count = 2};
    struct fixture_key phone;

    fixture_key(&phone, "phone", 1);
    lots.lots[0] = (struct msg_lot_part){2 * (town->at[AT_ISSUE] + 3), money(300)};
    lots.lots[1] = (struct msg_lot_part){2 * (town->at[AT_ISSUE] + 2) + 1, money(200)};
    grant_eva(town, at, 500, &phone);
    tamper_attach(&town->log, at, &msg_allowance_attachment_schema, &lots);
}

/* Who reads an entry and writes it again has changed nothing: what the rows above change is all. */
TEST(written_again)
{
    struct tamper_city *const town = tamper_case_city();
    const size_t grant_at = town->at[AT_ALLOWANCE];
    const size_t day_at = town->at[AT_DAY];
    struct grant grant;

    tamper_reset(&town->log);
    read_grant(town, grant_at, &grant);
    change_grant(town, grant_at, &grant, &town->anna.device, role(town, 5));
    change_day(town, day_at, day_at, day_of(town, day_at), 8);
    tamper_days(&town->log);
    CHECK(town->log.count == town->log.original_count);
    for (size_t i = 0; i < town->log.count; i++) {
        const struct span now = town->log.entries[i];
        const struct span then = town->log.original[i];

        CHECK(now.len == then.len && memcmp(now.data, then.data, now.len) == 0);
    }
}

/* --- the rows --- */

TAMPERED(purse_without_enrolment, PURSE, 0, SECOND_SIGNATURE)
TAMPERED(purse_raised_to_another_tier, PURSE, 0, SECOND_SIGNATURE)
TAMPERED(purse_of_another_key, PURSE, 0, PURSE_KEY)
TAMPERED(purse_twice, QUIET, 0, DUPLICATE_ID)
TAMPERED(device_by_a_device, DEVICE, 0, PURSE_KEY)
TAMPERED(device_twice, DEVICE, 1, REPLAY)
TAMPERED(gift_without_the_giver, GIFT, 0, PURSE_KEY)
TAMPERED(gift_twice, GIFT, 1, REPLAY)
TAMPERED(gift_of_what_is_reserved, QUIET, 0, BALANCE)
TAMPERED(loss_by_a_device, LOSS, 0, PURSE_KEY)
TAMPERED(loss_without_signature, LOSS, 0, SIGNATURE_BAD)
TAMPERED(denial_by_one_office, DENIAL, 0, SECOND_SIGNATURE)
TAMPERED(denial_twice, DENIAL, 1, REPLAY)
TAMPERED(denial_of_nothing, DENIAL, 0, ALLOWANCE_UNKNOWN)

TAMPERED(allowance_nobody_asked_for, ALLOWANCE, 0, PURSE_KEY)
TAMPERED(allowance_with_a_forged_request, ALLOWANCE, 0, SIGNATURE_BAD)
TAMPERED(allowance_by_another_key, ALLOWANCE, 0, SIGNER_UNKNOWN)
TAMPERED(allowance_over_what_was_asked, ALLOWANCE, 0, ENTRY_RECOMPUTE)
TAMPERED(allowance_for_another_wallet, ALLOWANCE, 0, ENTRY_RECOMPUTE)
TAMPERED(allowance_for_too_long, ALLOWANCE, 0, ENTRY_RECOMPUTE)
TAMPERED(allowance_with_another_limit, ALLOWANCE, 0, ENTRY_RECOMPUTE)
TAMPERED(allowance_over_the_tier, ALLOWANCE, 0, TIER_LIMIT)
TAMPERED(allowance_out_of_another_lot, ALLOWANCE, 0, ENTRY_RECOMPUTE)
TAMPERED(allowance_keeps_a_cent, ALLOWANCE, 0, ENTRY_RECOMPUTE)
TAMPERED(allowance_above_the_balance, QUIET, 0, BALANCE)
TAMPERED(allowance_over_the_daily_limit, GIFT, 0, AMOUNT_OVER_LIMIT)
TAMPERED(allowance_twice, QUIET, 0, DUPLICATE_ID)
TAMPERED(renewal_twice, QUIET, 0, REPLAY)
TAMPERED(renewal_of_a_frozen_line, LOSS, 0, ALLOWANCE_FROZEN)
TAMPERED(renewal_of_a_denied_line, REVOCATION, 0, ALLOWANCE_DENIED)
TAMPERED(renewal_of_a_closed_line, PAYOUT, 0, ALLOWANCE_CLOSED)
TAMPERED(renewal_of_somebody_elses_line, QUIET, 0, ALLOWANCE_UNKNOWN)

TAMPERED(close_before_the_last_day, LAST_DAY, 0, NOT_DUE)
TAMPERED(close_without_the_last_day, LAST_DAY, 0, NOT_DUE)
TAMPERED(close_twice, CLOSE, 1, NOT_DUE)
TAMPERED(close_in_review, REVIEW, 0, UNSETTLED_CLAIM)
TAMPERED(close_of_nothing, CLOSE, 0, ALLOWANCE_UNKNOWN)
TAMPERED(close_keeps_a_cent, CLOSE, 0, ENTRY_RECOMPUTE)
TAMPERED(close_forfeits_from_the_honest, CLOSE, 0, ENTRY_RECOMPUTE)
TAMPERED(close_spares_the_cheat, FORFEIT, 0, ENTRY_RECOMPUTE)
TAMPERED(close_on_hold, LAST_DAY, 2, ON_HOLD)
TAMPERED(debt_left_out, DEBT, 0, ENTRY_RECOMPUTE)
TAMPERED(debt_remitted_in_part, DEBT, 0, ENTRY_RECOMPUTE)
TAMPERED(debt_of_somebody_else, DEBT, 0, ENTRY_RECOMPUTE)
TAMPERED(debt_invented, QUIET, 0, ENTRY_RECOMPUTE)
TAMPERED(expiry_before_the_end, QUIET, 0, NOT_DUE)
TAMPERED(expiry_before_a_service_day, DAY, 10, NOT_DUE)
TAMPERED(expiry_of_more, EXPIRY, 0, ENTRY_RECOMPUTE)
TAMPERED(expiry_of_nothing, EXPIRY, 0, LOT_UNKNOWN)
TAMPERED(expiry_twice, EXPIRY, 1, NOT_DUE)
TAMPERED(expiry_on_hold, EXPIRY, 1, ON_HOLD)
TAMPERED(day_with_an_older_checkpoint, DAY, 0, LOG_ROOT)
TAMPERED(day_by_another_key, DAY, 0, SIGNER_UNKNOWN)
TAMPERED(day_of_tomorrow, DAY, 0, ENTRY_RECOMPUTE)
TAMPERED(day_twice, DAY, 1, REPLAY)

ALLOWED(allowance_of_the_whole_balance, QUIET, 1)
ALLOWED(allowance_of_a_days_limit, GIFT, 1)

int
main(int argc, char **argv)
{
    return tamper_case_run(argc, argv);
}
