#include "apply_rules.h"

#include <assert.h>
#include <string.h>

/* --- where cents go back to --- */

static uint64_t
lesser(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* From what the merchant is owed; what he no longer is becomes a claim on him. */
static enum status
take_back(struct apply *apply, const struct record_transfer *record, struct book_account credit,
          uint64_t cents)
{
    const struct book_account owed = book_numbered(BOOK_OWED, record->class, record->merchant);
    const uint64_t there = lesser(cents, money_cents(book_balance(&apply->state, &owed)));
    enum status status = apply_post_cents(apply, owed, credit, there);

    if (status != STATUS_OK)
        return status;
    return apply_post_cents(apply,
                            book_numbered(BOOK_MERCHANT_CLAIM, record->class, record->merchant),
                            credit, cents - there);
}

struct book_account
apply_reverse_lot(struct apply *apply, const uint8_t purse[static RECORD_PURSE_SIZE],
                  uint64_t class, uint64_t lot)
{
    struct record_lot record;

    if (record_lot_get(&record, &apply->state, purse, lot) && record.expiry > apply->entry.time)
        return book_lot(class, purse, lot);
    return book_plain(BOOK_EXPIRED, class);
}

static enum status
to_lots(struct apply *apply, const struct record_transfer *record, const struct line_part *parts,
        size_t count)
{
    enum status status = STATUS_OK;

    for (size_t i = 0; i < count && status == STATUS_OK; i++)
        status = take_back(apply, record,
                           apply_reverse_lot(apply, apply->line.purse, record->class, parts[i].lot),
                           parts[i].cents);
    return status;
}

/* Cents of the interval, counted from its end. */
static enum status
reverse_reserve(struct apply *apply, const struct record_transfer *record, uint64_t cents)
{
    struct line_part parts[LINE_PARTS_MAX];
    const uint64_t to = record->to - record->refunded;
    struct line view;
    size_t count;

    record_line_view(&view, &apply->line);
    count = line_parts(parts, &view, to - cents, to);
    if ((apply->line.flags & RECORD_LINE_CLOSED) == 0)
        apply->line.refunded += cents;
    return to_lots(apply, record, parts, count);
}

/* Cents of the lots that paid a late transfer or a claim, from the last one. */
static enum status
reverse_parts(struct apply *apply, struct record_transfer *record, uint64_t cents)
{
    struct line_part parts[LINE_PARTS_MAX];
    const uint64_t to = record->paid - record->refunded;
    const struct line view = {
        .cents = record->paid, .parts = record->parts, .part_count = record->part_count};
    const size_t count = line_parts(parts, &view, to - cents, to);

    return to_lots(apply, record, parts, count);
}

/* What was forfeited at close comes back from its last cent down. */
static enum status
reverse_forfeits(struct apply *apply, const struct record_transfer *record, uint64_t cents)
{
    struct record_line *const line = &apply->line;
    enum status status = STATUS_OK;

    while (cents > 0 && status == STATUS_OK) {
        struct line_part *part;
        uint64_t back;

        if (line->forfeit_count == 0)
            return STATUS_STORE_BROKEN; /* transfer and line contradict each other */
        part = &line->forfeits[line->forfeit_count - 1];
        back = lesser(cents, part->cents);
        status = take_back(apply, record,
                           apply_reverse_lot(apply, line->purse, record->class, part->lot), back);
        part->cents -= (uint32_t)back;
        if (part->cents == 0)
            line->forfeit_count--;
        line->forfeited -= back;
        cents -= back;
    }
    return status;
}

/* First the debt, then the fund while its loss remains, then the forfeited lots. */
static enum status
reverse_fund(struct apply *apply, const struct record_transfer *record, uint64_t cents)
{
    struct record_line *const line = &apply->line;
    const struct book_account fund = book_plain(BOOK_FUND, record->class);
    uint64_t debt;
    uint64_t loss;
    enum status status;

    if (record->cause != LINE_CAUSE_OVERLAP)
        return take_back(apply, record, fund, cents);
    debt = lesser(cents, line->debt);
    loss = lesser(cents - debt, line->fund);
    line->debt -= debt;
    line->fund -= loss;
    status = take_back(apply, record, book_claim(record->class, line->purse), debt);
    if (status == STATUS_OK)
        status = take_back(apply, record, fund, loss);
    if (status == STATUS_OK)
        status = reverse_forfeits(apply, record, cents - debt - loss);
    return status;
}

/* Gives cents of a paid transfer back; the caller writes the record. */
static enum status
reverse(struct apply *apply, struct record_transfer *record, uint64_t cents)
{
    const bool known = record_line_get(&apply->line, &apply->state, &record->line);
    enum status status;

    assert(cents <= record->paid - record->refunded);
    if (record->outcome == LINE_FUND)
        status = reverse_fund(apply, record, cents);
    else if (record->outcome == LINE_RESERVE)
        status = reverse_reserve(apply, record, cents);
    else
        status = reverse_parts(apply, record, cents);
    record->refunded += cents;
    if (status == STATUS_OK && known && record->cause != LINE_CAUSE_UNKNOWN)
        record_line_put(&apply->state, &apply->line);
    return status;
}

/* --- void --- */

/* A transfer that nobody had settled: its cents leave the reserve at once, if they are free. */
static enum status
void_unsettled(struct apply *apply, struct apply_claim *claim)
{
    struct record_transfer *const record = &claim->record;
    struct line_part parts[LINE_PARTS_MAX];
    struct line view;
    size_t count;
    enum status status;

    if (!claim->line_known || (apply->line.flags & RECORD_LINE_CLOSED) != 0)
        return STATUS_OK;
    record_line_view(&view, &apply->line);
    if (!line_free(&view, record->from, record->to))
        return STATUS_OK;
    status = line_settle(&view, record->from, record->to);
    count = line_parts(parts, &view, record->from, record->to);
    for (size_t i = 0; i < count && status == STATUS_OK; i++)
        status = apply_post_cents(
            apply, book_reserve(record->class, &record->line),
            apply_reverse_lot(apply, apply->line.purse, record->class, parts[i].lot),
            parts[i].cents);
    if (status != STATUS_OK)
        return status;
    record_line_update(&apply->line, &view);
    record->paid = record->to - record->from;
    record->refunded = record->paid;
    apply->line.refunded += record->paid;
    record_line_put(&apply->state, &apply->line);
    return STATUS_OK;
}

enum status
apply_reverse_void(struct apply *apply, struct apply_claim *claim)
{
    struct record_transfer *const record = &claim->record;
    const uint64_t outcome = claim->recorded ? record->outcome : LINE_CANCELLED;
    enum status status = STATUS_OK;

    if (outcome == LINE_REVERSED)
        return STATUS_OK; /* voided before: the same answer, nothing else */
    if (!claim->recorded) {
        apply_settle_start(apply, claim);
        record->source = apply->index;
        record->cause = claim->line_known ? LINE_CAUSE_NONE : LINE_CAUSE_UNKNOWN;
        record->accepted = claim->accepted;
    }
    if (outcome == LINE_CANCELLED) {
        status = void_unsettled(apply, claim);
    } else if (outcome == LINE_REVIEW) {
        if (record->cause != LINE_CAUSE_UNKNOWN) {
            apply->line.reviews--;
            record_line_put(&apply->state, &apply->line);
        }
    } else if (record->paid > record->refunded) {
        status = reverse(apply, record, record->paid - record->refunded);
    }
    if (status != STATUS_OK)
        return status;
    record->outcome = LINE_REVERSED;
    record->entry = apply->index;
    record->time = apply->entry.time;
    record_transfer_put(&apply->state, record);
    /* Refunds that came before the transfer wait for nothing else any more: they are refused now.
     */
    apply_reverse_waiting(apply, record);
    return STATUS_OK;
}

/* --- refunds --- */

/* The local day of a time, by the offsets of the parameters (section 4). */
static uint64_t
local_day(const struct msg_parameters *parameters, uint64_t t_unix_s)
{
    uint64_t east = 0;

    for (size_t i = 0; i < parameters->offsets_count && parameters->offsets[i].at <= t_unix_s; i++)
        east = parameters->offsets[i].east;
    return (t_unix_s + east) / 86400;
}

/* What the till's own key has refunded of the sales of one local day. */
static struct money
refunded_on(struct apply *apply, struct state_key *key, uint64_t day)
{
    state_key_begin(key, STATE_REFUND_DAY);
    state_key_number(key, apply->till.till, 4);
    state_key_number(key, day, 4);
    return apply_stored(apply, key);
}

/* What the till's own key may do: on the day of the sale, up to a limit, and no more than is
 * owed. */
static enum status
check_till_key(struct apply *apply, const struct record_transfer *record,
               const struct msg_refund *refund)
{
    const struct book_account owed = book_numbered(BOOK_OWED, record->class, record->merchant);
    struct msg_parameters parameters;
    struct money sum;
    struct state_key key;
    uint64_t day;
    enum status status = apply_parameters(apply, &parameters);

    if (status != STATUS_OK)
        return status;
    day = local_day(&parameters, refund->time);
    if (day != local_day(&parameters, record->accepted))
        return STATUS_REFUND_DAY;
    if (money_add(&sum, refund->amount, refunded_on(apply, &key, day)) != STATUS_OK ||
        money_compare(sum, parameters.till_refund) > 0)
        return STATUS_REFUND_DAY;
    if (money_compare(refund->amount, book_balance(&apply->state, &owed)) > 0)
        return STATUS_REFUND_OWED;
    return STATUS_OK;
}

/* Whether a refund may be booked on a transfer that is there. */
static enum status
check_refund(struct apply *apply, const struct record_transfer *record,
             const struct apply_refund *refund)
{
    if (record->outcome == LINE_REVERSED)
        return STATUS_VOIDED;
    if (record->outcome == LINE_REVIEW)
        return STATUS_IN_REVIEW;
    if (record->outcome == LINE_TILL_BEARS)
        return STATUS_TILL_RULE;
    if (refund->refund.number != record->refunds + 1)
        return STATUS_REPLAY;
    if (money_cents(refund->refund.amount) > record->paid - record->refunded)
        return STATUS_REFUND_OVER;
    return refund->merchant_key ? STATUS_OK : check_till_key(apply, record, &refund->refund);
}

/* Counts what the till's own key has refunded on one local day. */
static enum status
count_day(struct apply *apply, const struct msg_refund *refund)
{
    struct msg_parameters parameters;
    struct money sum;
    struct state_key key;
    enum status status = apply_parameters(apply, &parameters);

    if (status != STATUS_OK)
        return status;
    sum = refunded_on(apply, &key, local_day(&parameters, refund->time));
    status = money_add(&sum, sum, refund->amount);
    if (status == STATUS_OK)
        state_set_number(&apply->state, &key, money_cents(sum));
    return status;
}

/* Who signed a refund: the till's key, or its merchant's. */
static enum status
check_signer(struct apply *apply, bool *merchant_key, const struct cose_message *message)
{
    struct record_merchant merchant;
    struct kid kid;

    if (!record_merchant_get(&merchant, &apply->state, apply->till.merchant))
        return STATUS_MERCHANT_UNKNOWN;
    crypt_kid(&kid, &merchant.key);
    *merchant_key = memcmp(&kid, &message->kid, sizeof kid) == 0;
    return apply_verify(apply, message, &msg_refund_schema,
                        *merchant_key ? &merchant.key : &apply->till.key);
}

enum status
apply_reverse_plan(struct apply *apply, struct apply_refund *out, uint64_t *outcome)
{
    struct msg_refund *const refund = &out->refund;
    struct cose_message message;
    struct record_transfer record;
    enum status status = msg_open(&message, refund, &msg_refund_schema, apply->state.network,
                                  apply->item.messages[0]);

    if (status != STATUS_OK)
        return status;
    if (refund->till != apply->till.till)
        return STATUS_WRONG_PAYEE;
    status = check_signer(apply, &out->merchant_key, &message);
    if (status != STATUS_OK)
        return status;
    if (!record_transfer_get(&record, &apply->state, &refund->transfer) ||
        record.outcome == LINE_CANCELLED) {
        *outcome = LINE_WAITS;
        return STATUS_OK;
    }
    if (record.till != refund->till)
        return STATUS_WRONG_PAYEE;
    *outcome = LINE_ALREADY;
    if (refund->number <= record.refunds)
        return STATUS_OK;
    *outcome = LINE_REVERSED;
    return check_refund(apply, &record, out);
}

enum status
apply_reverse_refund(struct apply *apply, const struct apply_refund *refund, uint64_t outcome)
{
    const struct state_head *const head = &apply->state.head;
    const struct digest *const id = &refund->refund.transfer;
    struct record_transfer record;
    enum status status;

    if (outcome == LINE_WAITS) {
        struct record_refund waiting = {.till = apply->till.till,
                                        .upload = head->upload,
                                        .number = head->upload_next,
                                        .entry = apply->index};

        merkle_leaf(&waiting.leaf, apply->entry.messages[0]);
        record_refund_put(&apply->state, id, &waiting);
    }
    if (outcome != LINE_REVERSED)
        return STATUS_OK;
    if (!record_transfer_get(&record, &apply->state, id))
        return STATUS_TRANSFER_UNKNOWN;
    status = reverse(apply, &record, money_cents(refund->refund.amount));
    if (status != STATUS_OK)
        return status;
    record.refunds++;
    record_transfer_put(&apply->state, &record);
    return refund->merchant_key ? STATUS_OK : count_day(apply, &refund->refund);
}

/* --- refunds that waited --- */

void
apply_reverse_waiting(struct apply *apply, const struct record_transfer *record)
{
    struct state_head *const head = &apply->state.head;
    struct record_refund waiting;

    if (record->outcome == LINE_CANCELLED ||
        !record_refund_first(&waiting, &apply->state, &record->id))
        return;
    head->waited = 1;
    memcpy(head->waited_id, record->id.bytes, DIGEST_SIZE);
}

void
apply_reverse_waited_plan(struct apply *apply, struct apply_plan *plan, struct span in)
{
    struct digest id;
    struct record_refund waiting;
    enum status status;

    memset(plan, 0, sizeof *plan);
    memcpy(id.bytes, apply->state.head.waited_id, DIGEST_SIZE);
    if (!record_refund_first(&waiting, &apply->state, &id) ||
        !record_till_get(&apply->till, &apply->state, waiting.till))
        status = STATUS_TRANSFER_UNKNOWN;
    else
        status = schema_decode(&apply->item, &msg_entry_schema, in);
    if (status == STATUS_OK)
        status = apply_reverse_plan(apply, &plan->refund, &plan->outcome);
    plan->kind = APPLY_REFUND;
    if (status != STATUS_OK)
        apply_upload_reject(plan, status);
}

enum status
apply_reverse_waited(struct apply *apply)
{
    struct state_head *const head = &apply->state.head;
    struct msg_item_attachment stated;
    struct record_refund waiting;
    struct apply_plan plan;
    struct digest leaf;
    struct digest id;
    enum status status =
        schema_decode(&stated, &msg_item_attachment_schema, apply->entry.attachment);

    if (status != STATUS_OK)
        return status;
    memcpy(id.bytes, head->waited_id, DIGEST_SIZE);
    merkle_leaf(&leaf, apply->entry.messages[0]);
    if (!record_refund_first(&waiting, &apply->state, &id) || stated.upload != waiting.upload ||
        stated.number != waiting.number || memcmp(&leaf, &waiting.leaf, sizeof leaf) != 0)
        return STATUS_ENTRY_RECOMPUTE;
    apply_reverse_waited_plan(apply, &plan, apply->entry.messages[0]);
    if (plan.kind != apply->entry.kind || plan.outcome != stated.outcome)
        return STATUS_ENTRY_RECOMPUTE;
    if (plan.kind == APPLY_REFUND) {
        status = apply_reverse_refund(apply, &plan.refund, plan.outcome);
        if (status != STATUS_OK)
            return status;
    }
    record_refund_delete(&apply->state, &id, &waiting);
    if (!record_refund_first(&waiting, &apply->state, &id)) {
        head->waited = 0;
        memset(head->waited_id, 0, sizeof head->waited_id);
    }
    return STATUS_OK;
}
