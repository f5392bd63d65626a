#include "check.h"
#include "fixture.h"
#include "tamper_case.h"

/* What an operator could write into the log with the node's own keys, or an office with its own:
 * the form of entries, their order, acts of the city, and money that comes in and goes out. Each
 * row at the end says which entry verify names, and why. */

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

/* --- entries --- */

static void
bit_of_a_signature(struct tamper_city *town, size_t at)
{
    struct msg_entry entry;

    tamper_get(&entry, &town->log, at);
    entry.messages[0] = tamper_flip(&town->log, entry.messages[0], entry.messages[0].len - 1);
    tamper_set(&town->log, at, &entry);
}

static void
bit_of_a_payload(struct tamper_city *town, size_t at)
{
    struct msg_entry entry;

    /* The last byte of the payload, in front of the signature and its head: the time. */
    tamper_get(&entry, &town->log, at);
    entry.messages[0] =
        tamper_flip(&town->log, entry.messages[0], entry.messages[0].len - SIGNATURE_SIZE - 3);
    tamper_set(&town->log, at, &entry);
}

/* No rule looks at a salt, but the next service day holds a checkpoint. */
static void
salt_changed(struct tamper_city *town, size_t at)
{
    struct msg_entry entry;

    tamper_get(&entry, &town->log, town->at[AT_ISSUE]);
    entry.salt[0] ^= 1;
    tamper_set(&town->log, town->at[AT_ISSUE], &entry);
    (void)at;
}

static void
genesis_by_one_root(struct tamper_city *town, size_t at)
{
    struct msg_genesis genesis;

    tamper_case_read(town, at, &msg_genesis_schema, &genesis);
    tamper_case_sign(town, at, &msg_genesis_schema, &genesis, &town->city.roots[0],
                     &town->city.roots[0]);
}

static void
exchanged(struct tamper_city *town, size_t at)
{
    tamper_swap(&town->log, at);
}

static void
items_exchanged(struct tamper_city *town, size_t at)
{
    tamper_swap(&town->log, at);
}

static void
issued_before_the_purse(struct tamper_city *town, size_t at)
{
    tamper_repeat(&town->log, at, town->at[AT_ISSUE]);
}

static void
parameters_dropped(struct tamper_city *town, size_t at)
{
    tamper_remove(&town->log, town->at[AT_PARAMETERS]);
    (void)at;
}

static void
programme_key_dropped(struct tamper_city *town, size_t at)
{
    tamper_remove(&town->log, town->at[AT_ROLE_KEY]);
    (void)at;
}

static void
allowance_key_replaced(struct tamper_city *town, size_t at)
{
    const size_t role_5 = town->at[AT_ROLE_KEY] + 3;
    struct fixture_key intruder;
    struct msg_role_key key;

    fixture_key(&intruder, "intruder", 1);
    tamper_case_read(town, role_5, &msg_role_key_schema, &key);
    CHECK(key.role == 5);
    key.key = intruder.key;
    tamper_case_sign(town, role_5, &msg_role_key_schema, &key, &town->city.roots[0],
                     &town->city.roots[1]);
    (void)at;
}

static void
money_dropped(struct tamper_city *town, size_t at)
{
    tamper_remove(&town->log, town->at[AT_FUNDING] + 2);
    (void)at;
}

static void
purse_dropped(struct tamper_city *town, size_t at)
{
    tamper_remove(&town->log, town->at[AT_PURSE]);
    (void)at;
}

static void
issue_dropped(struct tamper_city *town, size_t at)
{
    tamper_remove(&town->log, town->at[AT_ISSUE]);
    (void)at;
}

static void
allowance_dropped(struct tamper_city *town, size_t at)
{
    tamper_remove(&town->log, town->at[AT_ALLOWANCE]);
    (void)at;
}

static void
upload_dropped(struct tamper_city *town, size_t at)
{
    tamper_remove(&town->log, at);
}

static void
item_dropped(struct tamper_city *town, size_t at)
{
    tamper_remove(&town->log, at);
}

/* Another act stands in its place, so that no number changes. */
static void
denial_replaced(struct tamper_city *town, size_t at)
{
    struct msg_merchant merchant;

    tamper_case_read(town, town->at[AT_MERCHANT], &msg_merchant_schema, &merchant);
    merchant.merchant = 9;
    tamper_remove(&town->log, town->at[AT_DENIAL]);
    tamper_act(&town->log, town->at[AT_DENIAL], APPLY_MERCHANT, &msg_merchant_schema, &merchant,
               role(town, 4), NULL);
    (void)at;
}

static void
hold_dropped(struct tamper_city *town, size_t at)
{
    tamper_remove(&town->log, at);
}

static void
something_between_items(struct tamper_city *town, size_t at)
{
    tamper_repeat(&town->log, at, town->at[AT_MERCHANT]);
}

static void
ends_inside_an_upload(struct tamper_city *town, size_t at)
{
    town->log.count = at;
}

static void
ends_before_a_dispute(struct tamper_city *town, size_t at)
{
    town->log.count = at;
}

static void
ends_before_a_debt(struct tamper_city *town, size_t at)
{
    town->log.count = at;
}

static void
time_backwards(struct tamper_city *town, size_t at)
{
    struct msg_entry entry;

    tamper_get(&entry, &town->log, at);
    entry.time = time_at(town, at) - 1;
    tamper_set(&town->log, at, &entry);
}

static void
insert_kind(struct tamper_city *town, size_t at, uint64_t kind)
{
    struct msg_entry entry;

    tamper_blank(&entry, &town->log, at, kind);
    tamper_insert(&town->log, at, &entry);
}

static void
unknown_kind(struct tamper_city *town, size_t at)
{
    insert_kind(town, at, 52);
}

static void
draft_kind_correction(struct tamper_city *town, size_t at)
{
    insert_kind(town, at, 42);
}

static void
draft_kind_goodwill(struct tamper_city *town, size_t at)
{
    insert_kind(town, at, 31);
}

static void
second_genesis(struct tamper_city *town, size_t at)
{
    tamper_repeat(&town->log, at, 0);
}

static void
attachment_too_many(struct tamper_city *town, size_t at)
{
    const struct msg_statement_attachment outcome = {1};

    tamper_attach(&town->log, at, &msg_statement_attachment_schema, &outcome);
}

static void
message_too_many(struct tamper_city *town, size_t at)
{
    struct msg_entry entry;

    tamper_get(&entry, &town->log, at);
    entry.messages[entry.messages_count++] = entry.messages[0];
    tamper_set(&town->log, at, &entry);
}

/* The version in two bytes instead of one. */
static void
longer_head(struct tamper_city *town, size_t at)
{
    static uint8_t bytes[MSG_ENTRY_MAX];
    const struct span entry = town->log.entries[at];

    bytes[0] = entry.data[0];
    bytes[1] = 0x18;
    memcpy(bytes + 2, entry.data + 1, entry.len - 1);
    tamper_set_bytes(&town->log, at, (struct span){bytes, entry.len + 1});
}

static void
byte_too_many(struct tamper_city *town, size_t at)
{
    static uint8_t bytes[MSG_ENTRY_MAX];
    const struct span entry = town->log.entries[at];

    memcpy(bytes, entry.data, entry.len);
    bytes[entry.len] = 0;
    tamper_set_bytes(&town->log, at, (struct span){bytes, entry.len + 1});
}

static void
byte_too_few(struct tamper_city *town, size_t at)
{
    const struct span entry = town->log.entries[at];

    tamper_set_bytes(&town->log, at, (struct span){entry.data, entry.len - 1});
}

static void
another_network(struct tamper_city *town, size_t at)
{
    struct msg_merchant merchant;

    tamper_case_read(town, at, &msg_merchant_schema, &merchant);
    merchant.network = 1;
    tamper_case_sign(town, at, &msg_merchant_schema, &merchant, role(town, 4), NULL);
}

/* --- keys, parameters, holds --- */

static void
add_role_key(struct tamper_city *town, size_t at, uint64_t after, const struct fixture_key *first,
             const struct fixture_key *second)
{
    const uint64_t from = time_at(town, at) + after;
    struct fixture_key intruder;
    struct msg_role_key key = {.network = FIXTURE_NETWORK,
                               .role = 2,
                               .from = from,
                               .until = from + FIXTURE_DAY,
                               .verify_until = from + 30 * FIXTURE_DAY};

    fixture_key(&intruder, "intruder", 1);
    key.key = intruder.key;
    tamper_act(&town->log, at, APPLY_ROLE_KEY, &msg_role_key_schema, &key, first, second);
}

static void
role_key_by_one_root(struct tamper_city *town, size_t at)
{
    add_role_key(town, at, SIGNER_NOTICE_SECONDS, &town->city.roots[0], &town->city.roots[0]);
}

static void
role_key_with_one_signature(struct tamper_city *town, size_t at)
{
    add_role_key(town, at, SIGNER_NOTICE_SECONDS, &town->city.roots[0], NULL);
}

static void
role_key_by_root_and_office(struct tamper_city *town, size_t at)
{
    add_role_key(town, at, SIGNER_NOTICE_SECONDS, &town->city.roots[0], role(town, 3));
}

static void
role_key_at_once(struct tamper_city *town, size_t at)
{
    add_role_key(town, at, SIGNER_NOTICE_SECONDS - 1, &town->city.roots[0], &town->city.roots[1]);
}

static void
role_key_twice(struct tamper_city *town, size_t at)
{
    tamper_repeat(&town->log, at, town->at[AT_ROLE_KEY]);
}

static void
add_kill(struct tamper_city *town, size_t at, unsigned number, const struct fixture_key *first,
         const struct fixture_key *second)
{
    const struct msg_kill kill = {.network = FIXTURE_NETWORK,
                                  .key = role(town, number)->key,
                                  .role = number,
                                  .reason = text("gestohlen"),
                                  .time = FIXTURE_START};

    tamper_act(&town->log, at, APPLY_KILL, &msg_kill_schema, &kill, first, second);
}

static void
kill_by_one_office(struct tamper_city *town, size_t at)
{
    add_kill(town, at, 2, role(town, 3), role(town, 3));
}

static void
issued_with_a_killed_key(struct tamper_city *town, size_t at)
{
    add_kill(town, at, 2, &town->city.roots[0], &town->city.roots[1]);
}

static void
allowed_with_a_killed_key(struct tamper_city *town, size_t at)
{
    add_kill(town, at, 5, role(town, 3), role(town, 13));
}

static void
add_parameters(struct tamper_city *town, size_t at, uint64_t version, uint64_t grace_days,
               unsigned second)
{
    struct msg_parameters parameters;

    fixture_parameters(&parameters, version, time_at(town, at));
    parameters.grace_days = grace_days;
    tamper_act(&town->log, at, APPLY_PARAMETERS, &msg_parameters_schema, &parameters, role(town, 2),
               role(town, second));
}

static void
parameters_by_one_office(struct tamper_city *town, size_t at)
{
    add_parameters(town, at, 2, 8, 2);
}

static void
parameters_skip_a_version(struct tamper_city *town, size_t at)
{
    add_parameters(town, at, 3, 8, 3);
}

static void
grace_below_offline_time(struct tamper_city *town, size_t at)
{
    add_parameters(town, at, 2, 7, 3);
}

static void
hold_by_one_office(struct tamper_city *town, size_t at)
{
    struct msg_hold hold;

    tamper_case_read(town, at, &msg_hold_schema, &hold);
    tamper_case_sign(town, at, &msg_hold_schema, &hold, role(town, 3), NULL);
}

static void
hold_twice(struct tamper_city *town, size_t at)
{
    tamper_repeat(&town->log, at, town->at[AT_HOLD]);
}

/* --- merchants and tills --- */

static void
merchant_twice(struct tamper_city *town, size_t at)
{
    tamper_repeat(&town->log, at, town->at[AT_MERCHANT]);
}

static void
change_till(struct tamper_city *town, size_t at, uint64_t number, uint64_t merchant, uint64_t limit,
            const char *key)
{
    struct fixture_key fresh;
    struct msg_till till;

    tamper_case_read(town, at, &msg_till_schema, &till);
    fixture_key(&fresh, key, 11);
    till.till = number;
    till.merchant = merchant;
    till.limit = money(limit);
    till.key = fresh.key;
    tamper_act(&town->log, town->at[AT_QUIET], APPLY_TILL, &msg_till_schema, &till, role(town, 4),
               NULL);
}

static void
till_number_twice(struct tamper_city *town, size_t at)
{
    change_till(town, town->at[AT_TILL], 11, 2, 50000, "fresh");
    (void)at;
}

static void
till_key_twice(struct tamper_city *town, size_t at)
{
    change_till(town, town->at[AT_TILL], 12, 1, 50000, "till");
    (void)at;
}

static void
till_of_nobody(struct tamper_city *town, size_t at)
{
    change_till(town, town->at[AT_TILL], 12, 7, 50000, "fresh");
    (void)at;
}

static void
till_above_its_class(struct tamper_city *town, size_t at)
{
    change_till(town, town->at[AT_TILL], 12, 1, 50001, "fresh");
    (void)at;
}

static void
till_revoked_twice(struct tamper_city *town, size_t at)
{
    tamper_repeat(&town->log, at + 1, at);
}

static void
till_revoked_by_another_office(struct tamper_city *town, size_t at)
{
    struct msg_revocation revocation;

    tamper_case_read(town, at, &msg_revocation_schema, &revocation);
    tamper_case_sign(town, at, &msg_revocation_schema, &revocation, role(town, 3), NULL);
}

static void
change_anchor(struct tamper_city *town, size_t at, const struct msg_anchor *anchor, unsigned key)
{
    tamper_case_sign(town, at, &msg_anchor_schema, anchor, role(town, key), NULL);
}

static void
anchor_with_another_root(struct tamper_city *town, size_t at)
{
    struct msg_anchor anchor;

    tamper_case_read(town, at, &msg_anchor_schema, &anchor);
    anchor.root.bytes[0] ^= 1;
    change_anchor(town, at, &anchor, 6);
}

static void
anchor_ahead_of_the_upload(struct tamper_city *town, size_t at)
{
    struct msg_anchor anchor;

    tamper_case_read(town, at, &msg_anchor_schema, &anchor);
    anchor.size++;
    change_anchor(town, at, &anchor, 6);
}

static void
anchor_hides_a_denial(struct tamper_city *town, size_t at)
{
    struct msg_anchor anchor;

    /* The first one behind it, as if there were one version less. */
    tamper_case_read(town, at + 1, &msg_anchor_schema, &anchor);
    anchor.news--;
    change_anchor(town, at + 1, &anchor, 6);
}

static void
anchor_by_another_key(struct tamper_city *town, size_t at)
{
    struct msg_anchor anchor;

    tamper_case_read(town, at, &msg_anchor_schema, &anchor);
    change_anchor(town, at, &anchor, 7);
}

/* --- money --- */

static void
change_series(struct tamper_city *town, size_t at, const struct msg_series *series, unsigned first,
              unsigned second)
{
    tamper_act(&town->log, at, APPLY_SERIES, &msg_series_schema, series, role(town, first),
               role(town, second));
}

static void
series_with_one_signature(struct tamper_city *town, size_t at)
{
    struct msg_entry entry;

    tamper_get(&entry, &town->log, at);
    entry.messages_count = 1;
    tamper_set(&town->log, at, &entry);
}

static void
budget_raised_by_one_office(struct tamper_city *town, size_t at)
{
    struct msg_series series;

    tamper_case_read(town, town->at[AT_SERIES], &msg_series_schema, &series);
    series.version = 2;
    series.budget = money(20000000);
    change_series(town, at, &series, 2, 2);
}

static void
budget_raised_by_another_office(struct tamper_city *town, size_t at)
{
    struct msg_series series;

    tamper_case_read(town, town->at[AT_SERIES], &msg_series_schema, &series);
    series.version = 2;
    series.budget = money(20000000);
    change_series(town, at, &series, 2, 4);
}

static void
budget_below_what_is_issued(struct tamper_city *town, size_t at)
{
    struct msg_series series;

    tamper_case_read(town, town->at[AT_SERIES], &msg_series_schema, &series);
    series.version = 2;
    series.budget = money(16299); /* 16,300 cents are issued */
    change_series(town, at, &series, 2, 3);
}

static void
series_becomes_another_class(struct tamper_city *town, size_t at)
{
    struct msg_series series;

    tamper_case_read(town, town->at[AT_SERIES], &msg_series_schema, &series);
    series.version = 2;
    series.class = 2;
    change_series(town, at, &series, 2, 3);
}

static void
money_by_another_office(struct tamper_city *town, size_t at)
{
    struct msg_funding funding;

    tamper_case_read(town, at, &msg_funding_schema, &funding);
    tamper_case_sign(town, at, &msg_funding_schema, &funding, role(town, 2), NULL);
}

static void
money_that_came_twice(struct tamper_city *town, size_t at)
{
    tamper_repeat(&town->log, at, town->at[AT_FUNDING] + 2);
}

static void
money_changed_without_signature(struct tamper_city *town, size_t at)
{
    struct msg_funding funding;
    struct msg_entry entry;
    struct span message;

    tamper_case_read(town, at, &msg_funding_schema, &funding);
    tamper_get(&entry, &town->log, at);
    funding.amount = money(2000000);
    message = tamper_sign(&town->log, &msg_funding_schema, &funding, role(town, 3));
    /* The treasury's signature of the old amount; what was made last lies at the end. */
    memcpy(town->log.bytes + town->log.used - SIGNATURE_SIZE,
           entry.messages[0].data + entry.messages[0].len - SIGNATURE_SIZE, SIGNATURE_SIZE);
    entry.messages[0] = message;
    tamper_set(&town->log, at, &entry);
}

static void
change_issue(struct tamper_city *town, size_t at, uint64_t paid, uint64_t promo)
{
    struct msg_issue issue;

    tamper_case_read(town, at, &msg_issue_schema, &issue);
    issue.paid = money(paid);
    issue.promo = money(promo);
    tamper_case_sign(town, at, &msg_issue_schema, &issue, role(town, 2), NULL);
}

static void
issue_over_budget(struct tamper_city *town, size_t at)
{
    change_issue(town, at, 9999000, 1001);
}

static void
issue_above_money_that_came(struct tamper_city *town, size_t at)
{
    change_issue(town, at, 5000001, 1);
}

static void
issue_above_subsidy_that_came(struct tamper_city *town, size_t at)
{
    change_issue(town, at, 5000000, 1000001);
}

static void
issue_with_too_much_subsidy(struct tamper_city *town, size_t at)
{
    change_issue(town, at, 7999, 2001);
}

static void
issue_by_another_office(struct tamper_city *town, size_t at)
{
    struct msg_issue issue;

    tamper_case_read(town, at, &msg_issue_schema, &issue);
    tamper_case_sign(town, at, &msg_issue_schema, &issue, role(town, 3), NULL);
}

static void
issue_twice(struct tamper_city *town, size_t at)
{
    tamper_repeat(&town->log, at, town->at[AT_ISSUE]);
}

static void
issue_to_nobody(struct tamper_city *town, size_t at)
{
    struct msg_issue issue;

    tamper_case_read(town, at, &msg_issue_schema, &issue);
    memset(issue.purse, 0xEE, sizeof issue.purse);
    tamper_case_sign(town, at, &msg_issue_schema, &issue, role(town, 2), NULL);
}

static void
issue_of_another_class(struct tamper_city *town, size_t at)
{
    struct msg_issue issue;

    tamper_case_read(town, at, &msg_issue_schema, &issue);
    issue.series = 2;
    tamper_case_sign(town, at, &msg_issue_schema, &issue, role(town, 2), NULL);
}

static void
issue_of_what_has_expired(struct tamper_city *town, size_t at)
{
    struct msg_issue issue;

    tamper_case_read(town, at, &msg_issue_schema, &issue);
    issue.paid_expiry = FIXTURE_START;
    tamper_case_sign(town, at, &msg_issue_schema, &issue, role(town, 2), NULL);
}

static void
issue_after_the_programme(struct tamper_city *town, size_t at)
{
    struct msg_series series;

    tamper_case_read(town, town->at[AT_SERIES], &msg_series_schema, &series);
    series.from--;
    series.until = FIXTURE_START;
    tamper_case_sign(town, town->at[AT_SERIES], &msg_series_schema, &series, role(town, 2),
                     role(town, 3));
    (void)at;
}

/* --- payouts and reviews --- */

static void
change_payout(struct tamper_city *town, size_t at, uint64_t more, unsigned key)
{
    struct msg_payout payout;

    tamper_case_read(town, at, &msg_payout_schema, &payout);
    payout.amount.cents += more;
    tamper_case_sign(town, at, &msg_payout_schema, &payout, role(town, key), NULL);
}

static void
payout_above_what_is_owed(struct tamper_city *town, size_t at)
{
    change_payout(town, at, 1, 3);
}

static void
payout_by_another_office(struct tamper_city *town, size_t at)
{
    change_payout(town, at, 0, 13);
}

static void
payout_twice(struct tamper_city *town, size_t at)
{
    tamper_repeat(&town->log, at + 1, at);
}

static void
payout_again(struct tamper_city *town, size_t at)
{
    struct msg_payout payout;

    tamper_case_read(town, at, &msg_payout_schema, &payout);
    payout.number++;
    tamper_act(&town->log, at + 1, APPLY_PAYOUT, &msg_payout_schema, &payout, role(town, 3), NULL);
}

static void
payout_to_nobody(struct tamper_city *town, size_t at)
{
    struct msg_payout payout;

    tamper_case_read(town, at, &msg_payout_schema, &payout);
    payout.merchant = 7;
    tamper_case_sign(town, at, &msg_payout_schema, &payout, role(town, 3), NULL);
}

static void
review_by_one_office(struct tamper_city *town, size_t at)
{
    struct msg_review review;

    tamper_case_read(town, at, &msg_review_schema, &review);
    tamper_case_sign(town, at, &msg_review_schema, &review, role(town, 3), NULL);
}

static void
review_twice(struct tamper_city *town, size_t at)
{
    tamper_repeat(&town->log, at + 1, at);
}

static void
review_of_what_nobody_paid(struct tamper_city *town, size_t at)
{
    struct msg_review review;

    tamper_case_read(town, at, &msg_review_schema, &review);
    review.transfer.bytes[0] ^= 1;
    tamper_case_sign(town, at, &msg_review_schema, &review, role(town, 3), role(town, 13));
}

static void
review_of_what_is_settled(struct tamper_city *town, size_t at)
{
    struct msg_review review;

    tamper_case_read(town, at, &msg_review_schema, &review);
    review.transfer = town->bread.id;
    tamper_case_sign(town, at, &msg_review_schema, &review, role(town, 3), role(town, 13));
}

/* The overlap took 450 of it, and 300 are wanted. */
static void
review_pays_what_the_fund_has_not(struct tamper_city *town, size_t at)
{
    const size_t fund = town->at[AT_FUNDING] + 1;
    struct msg_funding funding;

    tamper_case_read(town, fund, &msg_funding_schema, &funding);
    CHECK(funding.purpose == 2 && funding.class == 1);
    funding.amount = money(450 + 299);
    tamper_case_sign(town, fund, &msg_funding_schema, &funding, role(town, 3), NULL);
    (void)at;
}

/* --- what is as it must be --- */

static void
role_key_by_two_roots(struct tamper_city *town, size_t at)
{
    add_role_key(town, at, SIGNER_NOTICE_SECONDS, &town->city.roots[0], &town->city.roots[1]);
}

static void
kill_by_two_offices(struct tamper_city *town, size_t at)
{
    add_kill(town, at, 2, role(town, 3), role(town, 13));
}

static void
parameters_by_two_offices(struct tamper_city *town, size_t at)
{
    add_parameters(town, at, 2, 8, 3);
}

static void
budget_down_to_what_is_issued(struct tamper_city *town, size_t at)
{
    struct msg_series series;

    tamper_case_read(town, town->at[AT_SERIES], &msg_series_schema, &series);
    series.version = 2;
    series.budget = money(16300);
    change_series(town, at, &series, 2, 3);
}

static void
till_with_all_that_its_class_has(struct tamper_city *town, size_t at)
{
    change_till(town, town->at[AT_TILL], 12, 1, 50000, "fresh");
    (void)at;
}

static void
issue_of_all_money_that_came(struct tamper_city *town, size_t at)
{
    change_issue(town, at, 5000000, 1000000);
}

/* --- the rows --- */

TAMPERED(genesis_by_one_root, GENESIS, 0, SECOND_SIGNATURE)
TAMPERED(bit_of_a_signature, ISSUE, 0, SIGNATURE_BAD)
TAMPERED(bit_of_a_payload, ISSUE, 0, SIGNATURE_BAD)
TAMPERED(salt_changed, DAY, 0, LOG_ROOT)
TAMPERED(exchanged, TILL, 0, TILL_UNKNOWN)
TAMPERED(items_exchanged, SETTLE, 0, ENTRY_RECOMPUTE)
TAMPERED(issued_before_the_purse, PURSE, 0, PURSE_UNKNOWN)
TAMPERED(parameters_dropped, TILL, -1, PARAMETERS_MISSING)
TAMPERED(programme_key_dropped, PARAMETERS, -1, SECOND_SIGNATURE)
TAMPERED(allowance_key_replaced, ALLOWANCE, 0, SIGNER_UNKNOWN)
TAMPERED(money_dropped, ISSUE, -1, FUNDS)
TAMPERED(purse_dropped, ISSUE, -1, PURSE_UNKNOWN)
TAMPERED(issue_dropped, ALLOWANCE, -1, BALANCE)
TAMPERED(allowance_dropped, RENEWAL, -1, ALLOWANCE_UNKNOWN)
TAMPERED(upload_dropped, UPLOAD, 0, ENTRY_RECOMPUTE)
TAMPERED(item_dropped, SETTLE, 0, ENTRY_RECOMPUTE)
TAMPERED(denial_replaced, REJECT, 1, ENTRY_RECOMPUTE)
TAMPERED(hold_dropped, HOLD, 0, REPLAY)
TAMPERED(something_between_items, SETTLE, 0, ENTRY_RECOMPUTE)
TAMPERED(ends_inside_an_upload, SETTLE, 0, ENTRY_RECOMPUTE)
TAMPERED(ends_before_a_dispute, DISPUTE, 0, ENTRY_RECOMPUTE)
TAMPERED(ends_before_a_debt, DEBT, 0, ENTRY_RECOMPUTE)
TAMPERED(time_backwards, RENEWAL, 0, ENTRY_TIME)
TAMPERED(unknown_kind, QUIET, 0, ENTRY_KIND)
TAMPERED(draft_kind_correction, QUIET, 0, ENTRY_KIND)
TAMPERED(draft_kind_goodwill, QUIET, 0, ENTRY_KIND)
TAMPERED(second_genesis, QUIET, 0, ENTRY_KIND)
TAMPERED(attachment_too_many, MERCHANT, 0, ENTRY_SHAPE)
TAMPERED(message_too_many, MERCHANT, 0, ENTRY_SHAPE)
TAMPERED(longer_head, MERCHANT, 0, CBOR_NOT_CANONICAL)
TAMPERED(byte_too_many, MERCHANT, 0, CBOR_TRAILING)
TAMPERED(byte_too_few, MERCHANT, 0, CBOR_TRUNCATED)
TAMPERED(another_network, MERCHANT, 0, NETWORK)

TAMPERED(role_key_by_one_root, QUIET, 0, SECOND_SIGNATURE)
TAMPERED(role_key_with_one_signature, QUIET, 0, ENTRY_SHAPE)
TAMPERED(role_key_by_root_and_office, QUIET, 0, SECOND_SIGNATURE)
TAMPERED(role_key_at_once, QUIET, 0, KEY_NOT_YET)
TAMPERED(role_key_twice, PARAMETERS, 0, DUPLICATE_ID)
TAMPERED(kill_by_one_office, QUIET, 0, SECOND_SIGNATURE)
TAMPERED(issued_with_a_killed_key, ISSUE, 1, KEY_KILLED)
TAMPERED(allowed_with_a_killed_key, ALLOWANCE, 1, KEY_KILLED)
TAMPERED(parameters_by_one_office, QUIET, 0, SECOND_SIGNATURE)
TAMPERED(parameters_skip_a_version, QUIET, 0, REPLAY)
TAMPERED(grace_below_offline_time, QUIET, 0, CBOR_RANGE)
TAMPERED(hold_by_one_office, HOLD, 0, SECOND_SIGNATURE)
TAMPERED(hold_twice, HOLD_END, 0, REPLAY)

TAMPERED(merchant_twice, QUIET, 0, DUPLICATE_ID)
TAMPERED(till_number_twice, QUIET, 0, DUPLICATE_ID)
TAMPERED(till_key_twice, QUIET, 0, DUPLICATE_ID)
TAMPERED(till_of_nobody, QUIET, 0, MERCHANT_UNKNOWN)
TAMPERED(till_above_its_class, QUIET, 0, AMOUNT_OVER_LIMIT)
TAMPERED(till_revoked_by_another_office, REVOCATION, 0, SIGNER_UNKNOWN)
TAMPERED(till_revoked_twice, REVOCATION, 1, REPLAY)
TAMPERED(anchor_with_another_root, ANCHOR, 0, ENTRY_RECOMPUTE)
TAMPERED(anchor_ahead_of_the_upload, ANCHOR, 0, ENTRY_RECOMPUTE)
TAMPERED(anchor_hides_a_denial, REJECT, 1, ENTRY_RECOMPUTE)
TAMPERED(anchor_by_another_key, ANCHOR, 0, SIGNER_UNKNOWN)

TAMPERED(series_with_one_signature, SERIES, 0, SECOND_SIGNATURE)
TAMPERED(budget_raised_by_one_office, QUIET, 0, SECOND_SIGNATURE)
TAMPERED(budget_raised_by_another_office, QUIET, 0, SECOND_SIGNATURE)
TAMPERED(budget_below_what_is_issued, QUIET, 0, BUDGET)
TAMPERED(series_becomes_another_class, QUIET, 0, CLASS)
TAMPERED(money_by_another_office, FUNDING, 0, SIGNER_UNKNOWN)
TAMPERED(money_that_came_twice, QUIET, 0, REPLAY)
TAMPERED(money_changed_without_signature, FUNDING, 0, SIGNATURE_BAD)
TAMPERED(issue_over_budget, ISSUE, 0, BUDGET)
TAMPERED(issue_above_money_that_came, ISSUE, 0, FUNDS)
TAMPERED(issue_above_subsidy_that_came, ISSUE, 0, FUNDS)
TAMPERED(issue_with_too_much_subsidy, ISSUE, 0, BUDGET)
TAMPERED(issue_by_another_office, ISSUE, 0, SIGNER_UNKNOWN)
TAMPERED(issue_twice, ALLOWANCE, 0, REPLAY)
TAMPERED(issue_to_nobody, ISSUE, 0, PURSE_UNKNOWN)
TAMPERED(issue_of_another_class, ISSUE, 0, CLASS)
TAMPERED(issue_of_what_has_expired, ISSUE, 0, LOT_EXPIRED)
TAMPERED(issue_after_the_programme, ISSUE, 0, SERIES_CLOSED)

TAMPERED(payout_above_what_is_owed, PAYOUT, 0, PAYOUT_AMOUNT)
TAMPERED(payout_by_another_office, PAYOUT, 0, SIGNER_UNKNOWN)
TAMPERED(payout_twice, PAYOUT, 1, REPLAY)
TAMPERED(payout_again, PAYOUT, 1, NOTHING_OWED)
TAMPERED(payout_to_nobody, PAYOUT, 0, MERCHANT_UNKNOWN)
TAMPERED(review_by_one_office, REVIEW, 0, SECOND_SIGNATURE)
TAMPERED(review_twice, REVIEW, 1, ALREADY_SETTLED)
TAMPERED(review_of_what_nobody_paid, REVIEW, 0, TRANSFER_UNKNOWN)
TAMPERED(review_of_what_is_settled, REVIEW, 0, ALREADY_SETTLED)
TAMPERED(review_pays_what_the_fund_has_not, REVIEW, 0, FUNDS)

ALLOWED(role_key_by_two_roots, QUIET, 1)
ALLOWED(kill_by_two_offices, QUIET, 1)
ALLOWED(parameters_by_two_offices, QUIET, 1)
ALLOWED(budget_down_to_what_is_issued, QUIET, 1)
ALLOWED(till_with_all_that_its_class_has, QUIET, 1)
ALLOWED(issue_of_all_money_that_came, ISSUE, 1)

int
main(int argc, char **argv)
{
    return tamper_case_run(argc, argv);
}
