#include "check.h"
#include "fixture.h"
#include "tamper_case.h"

/* What an operator could write into the log about payments, alone or together with a till:
 * settlements, refunds, uploads, disputes and evidence. Each row at the end says which entry verify
 * names, and why. */

static struct money
money(uint64_t cents)
{
    struct money out = MONEY_ZERO;

    CHECK_STATUS(money_from_cents(&out, cents), STATUS_OK);
    return out;
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

/* --- settlements as the log has them --- */

static void
change_item(struct tamper_city *town, size_t at, uint64_t kind, uint64_t outcome)
{
    struct msg_item_attachment stated;
    struct msg_entry entry;

    tamper_get(&entry, &town->log, at);
    CHECK_STATUS(schema_decode(&stated, &msg_item_attachment_schema, entry.attachment), STATUS_OK);
    CHECK(entry.kind != kind || stated.outcome != outcome);
    entry.kind = kind;
    stated.outcome = outcome;
    entry.attachment = tamper_encode(&town->log, &msg_item_attachment_schema, &stated);
    tamper_set(&town->log, at, &entry);
}

static void
settle_from_the_fund(struct tamper_city *town, size_t at)
{
    change_item(town, at, APPLY_SETTLE, LINE_FUND);
}

static void
settle_not_paid(struct tamper_city *town, size_t at)
{
    change_item(town, at, APPLY_SETTLE, LINE_TILL_BEARS);
}

static void
settle_rejected(struct tamper_city *town, size_t at)
{
    change_item(town, at, APPLY_REJECT, LINE_REJECTED + STATUS_SIGNATURE_BAD);
}

static void
settle_as_late(struct tamper_city *town, size_t at)
{
    change_item(town, at, APPLY_LATE, LINE_LATE);
}

static void
overlap_booked_as_reserve(struct tamper_city *town, size_t at)
{
    change_item(town, at, APPLY_SETTLE, LINE_RESERVE);
}

static void
fund_pays_a_careless_till(struct tamper_city *town, size_t at)
{
    change_item(town, at, APPLY_SETTLE, LINE_FUND);
}

/* 100 cents came in for it, and 450 are wanted. */
static void
fund_pays_what_it_has_not(struct tamper_city *town, size_t at)
{
    struct msg_funding funding;
    const size_t fund = town->at[AT_FUNDING] + 1;

    tamper_case_read(town, fund, &msg_funding_schema, &funding);
    CHECK(funding.purpose == 2 && funding.class == 1);
    funding.amount = money(100);
    tamper_case_sign(town, fund, &msg_funding_schema, &funding, role(town, 3), NULL);
    (void)at;
}

static void
revoked_till_is_paid(struct tamper_city *town, size_t at)
{
    change_item(town, at, APPLY_SETTLE, LINE_RESERVE);
}

static void
item_rejected(struct tamper_city *town, size_t at)
{
    change_item(town, at + 1, APPLY_REJECT, LINE_REJECTED + STATUS_ENTRY_SHAPE);
}

static void
void_taken_as_a_note(struct tamper_city *town, size_t at)
{
    change_item(town, at, APPLY_ITEM, LINE_LOGGED);
}

static void
refund_not_booked(struct tamper_city *town, size_t at)
{
    change_item(town, at, APPLY_REFUND, LINE_ALREADY);
}

static void
late_as_settle(struct tamper_city *town, size_t at)
{
    change_item(town, at, APPLY_SETTLE, LINE_RESERVE);
}

static void
late_not_paid(struct tamper_city *town, size_t at)
{
    change_item(town, at, APPLY_LATE, LINE_TILL_BEARS);
}

static void
settled_twice_in_a_row(struct tamper_city *town, size_t at)
{
    tamper_repeat(&town->log, at + 1, at);
}

static void
settled_twice_by_statement(struct tamper_city *town, size_t at)
{
    tamper_repeat(&town->log, at + 1, at);
}

static void
item_of_another_upload(struct tamper_city *town, size_t at)
{
    struct msg_item_attachment stated;
    struct msg_entry entry;

    tamper_get(&entry, &town->log, at);
    CHECK_STATUS(schema_decode(&stated, &msg_item_attachment_schema, entry.attachment), STATUS_OK);
    stated.upload = town->at[AT_WAITED];
    tamper_attach(&town->log, at, &msg_item_attachment_schema, &stated);
}

static void
put_item(struct tamper_city *town, size_t at, const struct msg_entry *item)
{
    struct msg_entry entry;

    tamper_get(&entry, &town->log, at);
    entry.messages[0] = tamper_encode(&town->log, &msg_entry_schema, item);
    tamper_set(&town->log, at, &entry);
}

static void
read_item(const struct tamper_city *town, size_t at, struct msg_entry *item)
{
    struct msg_entry entry;

    tamper_get(&entry, &town->log, at);
    CHECK_STATUS(schema_decode(item, &msg_entry_schema, entry.messages[0]), STATUS_OK);
}

static void
item_that_the_till_did_not_send(struct tamper_city *town, size_t at)
{
    struct msg_entry item;

    read_item(town, town->at[AT_WAITED], &item);
    put_item(town, at, &item);
}

/* Another amount in the wallet's message, its signature as it was. */
static struct span
other_amount(struct tamper_city *town, struct span message)
{
    struct msg_transfer transfer;
    struct cose_message opened;
    struct span changed;
    size_t offset;

    CHECK_STATUS(msg_open(&opened, &transfer, &msg_transfer_schema, FIXTURE_NETWORK, message),
                 STATUS_OK);
    transfer.from--;
    changed = tamper_encode(&town->log, &msg_transfer_schema, &transfer);
    CHECK(changed.len == opened.payload.len);
    offset = (size_t)(opened.payload.data - message.data);
    message = tamper_copy(&town->log, message);
    memcpy(town->log.bytes + town->log.used - message.len + offset, changed.data, changed.len);
    return message;
}

static void
settle_of_another_amount(struct tamper_city *town, size_t at)
{
    struct msg_entry item;

    read_item(town, at, &item);
    item.messages[1] = other_amount(town, item.messages[1]);
    put_item(town, at, &item);
}

static void
statement_of_another_amount(struct tamper_city *town, size_t at)
{
    struct msg_entry entry;

    tamper_get(&entry, &town->log, at);
    entry.messages[2] = other_amount(town, entry.messages[2]);
    tamper_set(&town->log, at, &entry);
}

static void
transfer_without_signature(struct tamper_city *town, size_t at)
{
    struct msg_entry entry;

    tamper_get(&entry, &town->log, at);
    entry.messages[2] = tamper_flip(&town->log, entry.messages[2], entry.messages[2].len - 2);
    tamper_set(&town->log, at, &entry);
}

static void
statement_with_another_outcome(struct tamper_city *town, size_t at)
{
    const struct msg_statement_attachment stated = {LINE_FUND};

    tamper_attach(&town->log, at, &msg_statement_attachment_schema, &stated);
}

static void
fund_pays_without_review(struct tamper_city *town, size_t at)
{
    const struct msg_statement_attachment stated = {LINE_FUND};

    tamper_attach(&town->log, at, &msg_statement_attachment_schema, &stated);
}

static void
sign_statement(struct tamper_city *town, size_t at, const struct fixture_wallet *says,
               const struct fixture_key *key)
{
    struct msg_statement statement;
    struct msg_entry entry;

    tamper_case_read(town, at, &msg_statement_schema, &statement);
    memcpy(statement.purse, says->purse, sizeof statement.purse);
    tamper_get(&entry, &town->log, at);
    entry.messages[0] = tamper_sign(&town->log, &msg_statement_schema, &statement, key);
    tamper_set(&town->log, at, &entry);
}

static void
statement_by_another_purse(struct tamper_city *town, size_t at)
{
    sign_statement(town, at, &town->eva, &town->eva.device);
}

static void
statement_by_nobody(struct tamper_city *town, size_t at)
{
    sign_statement(town, at, &town->anna, role(town, 6));
}

/* A request is good for 300 seconds. */
static void
settled_after_the_request(struct tamper_city *town, size_t at)
{
    struct msg_entry entry;

    tamper_get(&entry, &town->log, at);
    entry.time += 300;
    tamper_set(&town->log, at, &entry);
}

static void
receipt_of_another_sale(struct tamper_city *town, size_t at)
{
    const struct msg_receipt receipt = {
        .till = 21, .transfer = town->cake.id, .time = FIXTURE_START, .index = 1};
    struct msg_entry entry;

    tamper_get(&entry, &town->log, at);
    entry.messages[4] =
        tamper_sign(&town->log, &msg_receipt_schema, &receipt, &town->quiet[TAMPER_CAFE].key);
    tamper_set(&town->log, at, &entry);
}

static void
receipt_by_another_till(struct tamper_city *town, size_t at)
{
    struct msg_receipt receipt;
    struct cose_message message;
    struct msg_entry entry;

    tamper_get(&entry, &town->log, at);
    CHECK_STATUS(
        msg_open(&message, &receipt, &msg_receipt_schema, FIXTURE_NETWORK, entry.messages[4]),
        STATUS_OK);
    entry.messages[4] =
        tamper_sign(&town->log, &msg_receipt_schema, &receipt, &town->quiet[TAMPER_SHOP].key);
    tamper_set(&town->log, at, &entry);
}

static void
receipt_left_out(struct tamper_city *town, size_t at)
{
    struct msg_entry entry;

    tamper_get(&entry, &town->log, at);
    entry.messages_count = 4;
    tamper_set(&town->log, at, &entry);
}

static void
late_without_receipt(struct tamper_city *town, size_t at)
{
    receipt_left_out(town, at);
}

static void
receipt_where_none_belongs(struct tamper_city *town, size_t at)
{
    struct msg_entry other;
    struct msg_entry entry;

    tamper_get(&other, &town->log, town->at[AT_RECEIPT]);
    tamper_get(&entry, &town->log, at);
    entry.messages[entry.messages_count++] = other.messages[4];
    tamper_set(&town->log, at, &entry);
}

/* --- settlements that a till makes up --- */

/* The till as it was at AT_QUIET, at that time. */
static struct fixture_till *
crook(struct tamper_city *town, unsigned which)
{
    static struct fixture_till till;

    till = town->quiet[which];
    town->city.moment.time_unix_s = time_at(town, town->at[AT_QUIET]);
    return &till;
}

/* Whether the operator books as the rules have it. */
static bool truthful;

/* The till uploads what its last answer brought, anchor and news, and one item more, which stands
 * three entries behind: booked as the operator says, or as the rules do. */
static void
play(struct tamper_city *town, size_t at, const struct fixture_till *till, uint64_t kind,
     uint64_t outcome, uint64_t true_kind, uint64_t true_outcome)
{
    const size_t first = till->uploaded;

    CHECK(till->count == first + 3);
    tamper_upload(&town->log, at, till, first);
    tamper_item(&town->log, at + 1, APPLY_ITEM, till, first, at, 0, LINE_LOGGED);
    tamper_item(&town->log, at + 2, APPLY_ITEM, till, first + 1, at, 1, LINE_LOGGED);
    tamper_item(&town->log, at + 3, truthful ? true_kind : kind, till, first + 2, at, 2,
                truthful ? true_outcome : outcome);
}

static void
settled_again_by_upload(struct tamper_city *town, size_t at)
{
    struct fixture_till *const till = crook(town, TAMPER_SHOP);

    fixture_accept(&town->city, till, &town->jam);
    play(town, at, till, APPLY_SETTLE, LINE_RESERVE, APPLY_SETTLE, LINE_ALREADY);
}

static void
settled_for_another_till(struct tamper_city *town, size_t at)
{
    struct fixture_till *const till = crook(town, TAMPER_CAFE);

    fixture_accept(&town->city, till, &town->bread);
    play(town, at, till, APPLY_SETTLE, LINE_RESERVE, APPLY_REJECT,
         LINE_REJECTED + STATUS_WRONG_PAYEE);
}

static void
settled_without_the_wallet(struct tamper_city *town, size_t at)
{
    struct fixture_till *const till = crook(town, TAMPER_SHOP);
    struct fixture_wallet wallet = town->anna;
    struct fixture_payment payment;

    wallet.line_key = *role(town, 5);
    fixture_forge(&town->city, &payment, &wallet, till, 1600, 1700, 5);
    fixture_accept(&town->city, till, &payment);
    play(town, at, till, APPLY_SETTLE, LINE_RESERVE, APPLY_REJECT,
         LINE_REJECTED + STATUS_SIGNATURE_BAD);
}

static void
settled_for_another_request(struct tamper_city *town, size_t at)
{
    struct fixture_till *const till = crook(town, TAMPER_SHOP);
    struct fixture_payment payment;
    struct fixture_payment larger;

    fixture_forge(&town->city, &payment, &town->anna, till, 1600, 1700, 5);
    fixture_forge(&town->city, &larger, &town->anna, till, 1600, 2700, 5);
    memcpy(payment.request_cose, larger.request_cose, sizeof payment.request_cose);
    payment.request_len = larger.request_len;
    fixture_accept(&town->city, till, &payment);
    play(town, at, till, APPLY_SETTLE, LINE_RESERVE, APPLY_REJECT,
         LINE_REJECTED + STATUS_SIGNATURE_BAD);
}

static void
settled_beyond_the_allowance(struct tamper_city *town, size_t at)
{
    struct fixture_till *const till = crook(town, TAMPER_SHOP);
    struct fixture_payment payment;

    fixture_forge(&town->city, &payment, &town->anna, till, 4950, 5050, 5);
    fixture_accept(&town->city, till, &payment);
    play(town, at, till, APPLY_SETTLE, LINE_RESERVE, APPLY_REJECT,
         LINE_REJECTED + STATUS_AMOUNT_OVER_ALLOWANCE);
}

/* Half of it is settled already. */
static void
settled_half_twice(struct tamper_city *town, size_t at)
{
    struct fixture_till *const till = crook(town, TAMPER_SHOP);
    struct fixture_payment payment;

    fixture_forge(&town->city, &payment, &town->anna, till, 1500, 1700, 5);
    fixture_accept(&town->city, till, &payment);
    play(town, at, till, APPLY_SETTLE, LINE_RESERVE, APPLY_SETTLE, LINE_FUND);
}

/* 700 were paid, and 100 are back. */
static void
refund_over_what_was_paid(struct tamper_city *town, size_t at)
{
    struct fixture_till *const till = crook(town, TAMPER_SHOP);

    fixture_refund(&town->city, till, &town->bread, 601, 2, true);
    play(town, at, till, APPLY_REFUND, LINE_REVERSED, APPLY_REJECT,
         LINE_REJECTED + STATUS_REFUND_OVER);
}

static void
refund_twice(struct tamper_city *town, size_t at)
{
    struct fixture_till *const till = crook(town, TAMPER_SHOP);

    fixture_refund(&town->city, till, &town->jam, 50, 1, false);
    play(town, at, till, APPLY_REFUND, LINE_REVERSED, APPLY_REFUND, LINE_ALREADY);
}

static void
refund_by_another_till(struct tamper_city *town, size_t at)
{
    struct fixture_till *const till = crook(town, TAMPER_SHOP);

    till->key = town->quiet[TAMPER_CAFE].key;
    fixture_refund(&town->city, till, &town->jam, 50, 2, false);
    till->key = town->quiet[TAMPER_SHOP].key;
    play(town, at, till, APPLY_REFUND, LINE_REVERSED, APPLY_REJECT,
         LINE_REJECTED + STATUS_SIGNATURE_BAD);
}

static void
waiting_refund_left_out(struct tamper_city *town, size_t at)
{
    tamper_remove(&town->log, at + 1);
}

/* --- uploads --- */

static void
upload_twice(struct tamper_city *town, size_t at)
{
    tamper_repeat(&town->log, at, town->at[AT_UPLOAD]);
}

static void
upload_of_another_past(struct tamper_city *town, size_t at)
{
    struct fixture_till *const till = crook(town, TAMPER_SHOP);

    till->items[1].bytes[till->items[1].len - 2] ^= 1;
    tamper_upload(&town->log, at, till, till->uploaded);
}

static void
upload_that_changes_the_past(struct tamper_city *town, size_t at)
{
    struct fixture_till *const till = crook(town, TAMPER_SHOP);

    till->items[1].bytes[till->items[1].len - 2] ^= 1;
    tamper_upload(&town->log, at, till, 1);
}

static void
upload_by_another_till(struct tamper_city *town, size_t at)
{
    struct fixture_till *const till = crook(town, TAMPER_SHOP);

    till->key = town->quiet[TAMPER_CAFE].key;
    tamper_upload(&town->log, at, till, till->uploaded);
}

static void
upload_by_nobody(struct tamper_city *town, size_t at)
{
    struct fixture_till *const till = crook(town, TAMPER_SHOP);

    till->number = 77;
    tamper_upload(&town->log, at, till, till->uploaded);
}

/* --- what the payer says --- */

static void
cancelled_by_nobody(struct tamper_city *town, size_t at)
{
    sign_statement(town, at, &town->anna, role(town, 6));
}

/* Another act stands in its place, so that no number changes. */
static void
cancelled_left_out(struct tamper_city *town, size_t at)
{
    const size_t said = town->at[AT_CANCELLED];
    struct msg_merchant merchant;

    tamper_case_read(town, town->at[AT_MERCHANT], &msg_merchant_schema, &merchant);
    merchant.merchant = 9;
    tamper_remove(&town->log, said);
    tamper_act(&town->log, said, APPLY_MERCHANT, &msg_merchant_schema, &merchant, role(town, 4),
               NULL);
    (void)at;
}

/* --- disputes and evidence --- */

static void
dispute_left_out(struct tamper_city *town, size_t at)
{
    drop(town, at);
}

static void
dispute_of_another_statement(struct tamper_city *town, size_t at)
{
    struct msg_dispute_attachment dispute;
    struct msg_entry entry;

    tamper_get(&entry, &town->log, at);
    CHECK_STATUS(schema_decode(&dispute, &msg_dispute_attachment_schema, entry.attachment),
                 STATUS_OK);
    dispute.statement--;
    tamper_attach(&town->log, at, &msg_dispute_attachment_schema, &dispute);
}

static void
dispute_invented(struct tamper_city *town, size_t at)
{
    tamper_repeat(&town->log, at, town->at[AT_DISPUTE]);
}

static void
evidence_left_out(struct tamper_city *town, size_t at)
{
    drop(town, at);
}

static void
evidence_twice(struct tamper_city *town, size_t at)
{
    tamper_repeat(&town->log, at + 1, at);
}

static void
evidence_of_another_cause(struct tamper_city *town, size_t at)
{
    struct msg_evidence_attachment evidence;
    struct msg_entry entry;

    tamper_get(&entry, &town->log, at);
    CHECK_STATUS(schema_decode(&evidence, &msg_evidence_attachment_schema, entry.attachment),
                 STATUS_OK);
    evidence.cause = 2;
    tamper_attach(&town->log, at, &msg_evidence_attachment_schema, &evidence);
}

static void
accuse(struct tamper_city *town, size_t at, const struct fixture_payment *first,
       const struct fixture_payment *second)
{
    const struct msg_evidence_attachment evidence = {1, first->request_id, second->request_id};
    struct msg_entry entry;

    tamper_blank(&entry, &town->log, at, APPLY_EVIDENCE);
    entry.messages_count = 3;
    entry.messages[0] = (struct span){first->certificate, first->certificate_len};
    entry.messages[1] = (struct span){first->transfer_cose, first->transfer_len};
    entry.messages[2] = (struct span){second->transfer_cose, second->transfer_len};
    entry.attachment = tamper_encode(&town->log, &msg_evidence_attachment_schema, &evidence);
    tamper_insert(&town->log, at, &entry);
}

/* It overlaps as well, but came after the one that must be named. */
static void
evidence_names_a_later_one(struct tamper_city *town, size_t at)
{
    struct msg_evidence_attachment evidence;
    struct msg_evidence_attachment before;
    struct msg_entry entry;
    struct msg_entry earlier;

    tamper_get(&entry, &town->log, at);
    tamper_get(&earlier, &town->log, town->at[AT_EVIDENCE]);
    CHECK_STATUS(schema_decode(&evidence, &msg_evidence_attachment_schema, entry.attachment),
                 STATUS_OK);
    CHECK_STATUS(schema_decode(&before, &msg_evidence_attachment_schema, earlier.attachment),
                 STATUS_OK);
    entry.messages[1] = earlier.messages[2];
    evidence.first_request = before.second_request;
    entry.attachment = tamper_encode(&town->log, &msg_evidence_attachment_schema, &evidence);
    tamper_set(&town->log, at, &entry);
}

static void
evidence_of_two_honest_payments(struct tamper_city *town, size_t at)
{
    accuse(town, at, &town->bread, &town->jam);
}

static void
evidence_of_one_payment(struct tamper_city *town, size_t at)
{
    accuse(town, at, &town->jam, &town->jam);
}

static void
evidence_that_the_wallet_did_not_sign(struct tamper_city *town, size_t at)
{
    struct fixture_till *const till = crook(town, TAMPER_SHOP);
    struct fixture_wallet wallet = town->anna;
    struct fixture_payment payment;

    wallet.line_key = *role(town, 5);
    fixture_forge(&town->city, &payment, &wallet, till, 0, 700, 5);
    accuse(town, at, &town->bread, &payment);
}

static void
evidence_that_nothing_in_the_log_contradicts(struct tamper_city *town, size_t at)
{
    struct fixture_till *const till = crook(town, TAMPER_SHOP);
    struct fixture_payment first;
    struct fixture_payment second;

    fixture_forge(&town->city, &first, &town->anna, till, 3000, 3100, 5);
    fixture_forge(&town->city, &second, &town->anna, till, 3000, 3100, 6);
    accuse(town, at, &first, &second);
}

/* --- what is as it must be --- */

static void
evidence_of_a_true_overlap(struct tamper_city *town, size_t at)
{
    struct fixture_till *const till = crook(town, TAMPER_SHOP);
    struct fixture_payment payment;

    fixture_forge(&town->city, &payment, &town->anna, till, 600, 700, 5);
    accuse(town, at, &town->bread, &payment);
}

/* A statement that was refused has left evidence behind; the next entry is another line's. */
static void
evidence_left_by_a_refusal(struct tamper_city *town, size_t at)
{
    struct fixture_till *const till = crook(town, TAMPER_SHOP);
    const struct msg_statement_attachment stated = {LINE_RESERVE};
    struct msg_statement statement = {
        .network = FIXTURE_NETWORK, .claim = 3, .time = FIXTURE_START + 60};
    struct fixture_payment payment;
    struct msg_entry entry;

    evidence_of_a_true_overlap(town, at);
    fixture_forge(&town->city, &payment, &town->bert, till, 0, 400, 0);
    memcpy(statement.purse, town->bert.purse, sizeof statement.purse);
    statement.transfer = payment.id;
    tamper_blank(&entry, &town->log, at + 1, APPLY_SETTLE);
    entry.messages_count = 4;
    entry.messages[0] =
        tamper_sign(&town->log, &msg_statement_schema, &statement, &town->bert.device);
    entry.messages[1] = (struct span){payment.certificate, payment.certificate_len};
    entry.messages[2] = (struct span){payment.transfer_cose, payment.transfer_len};
    entry.messages[3] = (struct span){payment.request_cose, payment.request_len};
    entry.attachment = tamper_encode(&town->log, &msg_statement_attachment_schema, &stated);
    tamper_insert(&town->log, at + 1, &entry);
}

/* What is refused above is refused for nothing but how it is booked. */
TEST(as_the_rules_have_it)
{
    static const struct tamper_case rows[] = {
        {"as_it_was_settled_again_by_upload", settled_again_by_upload, AT_QUIET, 4, STATUS_OK},
        {"as_it_was_settled_for_another_till", settled_for_another_till, AT_QUIET, 4, STATUS_OK},
        {"as_it_was_settled_without_the_wallet", settled_without_the_wallet, AT_QUIET, 4,
         STATUS_OK},
        {"as_it_was_settled_for_another_request", settled_for_another_request, AT_QUIET, 4,
         STATUS_OK},
        {"as_it_was_settled_beyond_the_allowance", settled_beyond_the_allowance, AT_QUIET, 4,
         STATUS_OK},
        {"as_it_was_refund_over_what_was_paid", refund_over_what_was_paid, AT_QUIET, 4, STATUS_OK},
        {"as_it_was_refund_twice", refund_twice, AT_QUIET, 4, STATUS_OK},
        {"as_it_was_refund_by_another_till", refund_by_another_till, AT_QUIET, 4, STATUS_OK},
    };

    truthful = true;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        tamper_case_allowed(&rows[i]);
    truthful = false;
}

/* --- the rows --- */

TAMPERED(settle_from_the_fund, SETTLE, 0, ENTRY_RECOMPUTE)
TAMPERED(settle_not_paid, SETTLE, 0, ENTRY_RECOMPUTE)
TAMPERED(settle_rejected, SETTLE, 0, ENTRY_RECOMPUTE)
TAMPERED(settle_as_late, SETTLE, 0, ENTRY_RECOMPUTE)
TAMPERED(overlap_booked_as_reserve, FUND, 0, ENTRY_RECOMPUTE)
TAMPERED(fund_pays_a_careless_till, TILL_BEARS, 0, ENTRY_RECOMPUTE)
TAMPERED(fund_pays_what_it_has_not, FUND, 0, ENTRY_RECOMPUTE)
TAMPERED(revoked_till_is_paid, REJECT, 0, ENTRY_RECOMPUTE)
TAMPERED(item_rejected, UPLOAD, 1, ENTRY_RECOMPUTE)
TAMPERED(void_taken_as_a_note, VOID, 0, ENTRY_RECOMPUTE)
TAMPERED(refund_not_booked, REFUND, 0, ENTRY_RECOMPUTE)
TAMPERED(late_as_settle, LATE, 0, ENTRY_RECOMPUTE)
TAMPERED(late_not_paid, LATE, 0, ENTRY_RECOMPUTE)
TAMPERED(settled_twice_in_a_row, SETTLE, 1, ENTRY_RECOMPUTE)
TAMPERED(settled_twice_by_statement, SETTLE_NOW, 1, ENTRY_RECOMPUTE)
TAMPERED(item_of_another_upload, SETTLE, 0, ENTRY_RECOMPUTE)
TAMPERED(item_that_the_till_did_not_send, SETTLE, 0, ENTRY_RECOMPUTE)
TAMPERED(settle_of_another_amount, SETTLE, 0, ENTRY_RECOMPUTE)
TAMPERED(statement_of_another_amount, SETTLE_NOW, 0, MESSAGE_TYPE)
TAMPERED(transfer_without_signature, SETTLE_NOW, 0, SIGNATURE_BAD)
TAMPERED(statement_with_another_outcome, SETTLE_NOW, 0, ENTRY_RECOMPUTE)
TAMPERED(fund_pays_without_review, IN_REVIEW, 0, ENTRY_RECOMPUTE)
TAMPERED(statement_by_another_purse, SETTLE_NOW, 0, PURSE_UNKNOWN)
TAMPERED(statement_by_nobody, SETTLE_NOW, 0, PURSE_KEY)
TAMPERED(settled_after_the_request, SETTLE_NOW, 0, REQUEST_EXPIRED)
TAMPERED(receipt_of_another_sale, RECEIPT, 0, RECEIPT_MISMATCH)
TAMPERED(receipt_left_out, RECEIPT, 0, RECEIPT_MISMATCH)
TAMPERED(late_without_receipt, LATE_RECEIPT, 0, RECEIPT_MISMATCH)
TAMPERED(receipt_where_none_belongs, SETTLE_NOW, 0, ENTRY_SHAPE)
TAMPERED(receipt_by_another_till, RECEIPT, 0, SIGNATURE_BAD)

TAMPERED(settled_again_by_upload, QUIET, 3, ENTRY_RECOMPUTE)
TAMPERED(settled_for_another_till, QUIET, 3, ENTRY_RECOMPUTE)
TAMPERED(settled_without_the_wallet, QUIET, 3, ENTRY_RECOMPUTE)
TAMPERED(settled_for_another_request, QUIET, 3, ENTRY_RECOMPUTE)
TAMPERED(settled_beyond_the_allowance, QUIET, 3, ENTRY_RECOMPUTE)
TAMPERED(settled_half_twice, QUIET, 3, ENTRY_RECOMPUTE)
TAMPERED(refund_over_what_was_paid, QUIET, 3, ENTRY_RECOMPUTE)
TAMPERED(refund_twice, QUIET, 3, ENTRY_RECOMPUTE)
TAMPERED(refund_by_another_till, QUIET, 3, ENTRY_RECOMPUTE)
TAMPERED(waiting_refund_left_out, WAITED, 1, ENTRY_RECOMPUTE)
TAMPERED(upload_twice, QUIET, 0, REPLAY)
TAMPERED(upload_of_another_past, QUIET, 0, UPLOAD_FORK)
TAMPERED(upload_that_changes_the_past, QUIET, 0, UPLOAD_FORK)
TAMPERED(upload_by_another_till, QUIET, 0, SIGNATURE_BAD)
TAMPERED(upload_by_nobody, QUIET, 0, TILL_UNKNOWN)

TAMPERED(cancelled_by_nobody, CANCELLED, 0, PURSE_KEY)
TAMPERED(cancelled_left_out, DISPUTE, 0, ENTRY_RECOMPUTE)
TAMPERED(dispute_left_out, DISPUTE, 0, ENTRY_RECOMPUTE)
TAMPERED(dispute_of_another_statement, DISPUTE, 0, ENTRY_RECOMPUTE)
TAMPERED(dispute_invented, QUIET, 0, ENTRY_RECOMPUTE)
TAMPERED(evidence_left_out, EVIDENCE, 0, ENTRY_RECOMPUTE)
TAMPERED(evidence_twice, EVIDENCE, 1, ENTRY_RECOMPUTE)
TAMPERED(evidence_of_another_cause, EVIDENCE, 0, ENTRY_RECOMPUTE)
TAMPERED(evidence_names_a_later_one, EVIDENCE_REVIEW, 0, ENTRY_RECOMPUTE)
TAMPERED(evidence_of_two_honest_payments, QUIET, 0, NO_OVERLAP)
TAMPERED(evidence_of_one_payment, QUIET, 0, NO_OVERLAP)
TAMPERED(evidence_that_the_wallet_did_not_sign, QUIET, 0, SIGNATURE_BAD)
TAMPERED(evidence_that_nothing_in_the_log_contradicts, QUIET, 0, ENTRY_RECOMPUTE)

ALLOWED(evidence_of_a_true_overlap, QUIET, 1)
ALLOWED(evidence_left_by_a_refusal, QUIET, 2)

int
main(int argc, char **argv)
{
    return tamper_case_run(argc, argv);
}
