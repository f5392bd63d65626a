#include "apply_rules.h"

#include "protocol/transfer.h"

#include <assert.h>
#include <string.h>

/* --- the fund's limits --- */

/* Which quarter a time lies in, counted from 1970: civil dates from days, after H. Hinnant. */
static uint64_t
quarter(uint64_t t_unix_s)
{
    const uint64_t z = t_unix_s / 86400 + 719468;
    const uint64_t era = z / 146097;
    const uint64_t day = z - era * 146097;
    const uint64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    const uint64_t of_year = day - (365 * year + year / 4 - year / 100);
    const uint64_t shifted = (5 * of_year + 2) / 153; /* months since March */
    const uint64_t month = shifted < 10 ? shifted + 3 : shifted - 9;

    return (year + era * 400 + (month <= 2 ? 1 : 0)) * 4 + (month - 1) / 3;
}

static void
quarter_key(struct state_key *key, const struct apply *apply, uint64_t merchant)
{
    state_key_begin(key, STATE_QUARTER);
    state_key_number(key, merchant, 4);
    state_key_number(key, quarter(apply->entry.time), 4);
}

struct money
apply_settle_quarter(struct apply *apply, uint64_t merchant)
{
    struct state_key key;

    quarter_key(&key, apply, merchant);
    return apply_stored(apply, &key);
}

static void
count_quarter(struct apply *apply, uint64_t merchant, uint64_t cents)
{
    struct state_key key;

    quarter_key(&key, apply, merchant);
    state_set_number(&apply->state, &key,
                     money_cents(apply_settle_quarter(apply, merchant)) + cents);
}

/* --- evidence --- */

void
apply_settle_evidence_key(struct state_key *key, const struct kid *line, const struct digest *id)
{
    state_key_begin(key, STATE_EVIDENCE);
    state_key_bytes(key, line->bytes, KID_SIZE);
    state_key_bytes(key, id->bytes, DIGEST_SIZE);
}

/* Opens a bundle that was checked: the second transfer as a claim on its line, and the id of the
 * first. */
static enum status
read_bundle(struct apply *apply, struct apply_claim *second, struct digest *first_id,
            const struct evidence *bundle)
{
    struct cose_message message;
    struct msg_allowance *const allowance = &second->allowance;
    struct msg_transfer first;
    const uint64_t network = apply->state.network;
    enum status status =
        msg_open(&message, allowance, &msg_allowance_schema, network, bundle->allowance);

    if (status == STATUS_OK)
        status = msg_open(&message, &first, &msg_transfer_schema, network, bundle->first);
    if (status != STATUS_OK)
        return status;
    transfer_id(first_id, &message, network, &allowance->key, &bundle->first_request, first.payee);
    status = msg_open(&message, &second->transfer, &msg_transfer_schema, network, bundle->second);
    if (status != STATUS_OK)
        return status;
    transfer_id(&second->id, &message, network, &allowance->key, &bundle->second_request,
                second->transfer.payee);
    crypt_kid(&second->line, &allowance->key);
    return STATUS_OK;
}

/* Whether earlier entries lead to this evidence: the line is known, no evidence names the second
 * transfer as its second yet, and the first is the one that must be named. */
static enum status
check_named(struct apply *apply, struct apply_claim *second, const struct digest *first_id)
{
    const struct msg_allowance *const allowance = &second->allowance;
    const struct record_line *const line = &apply->line;
    struct state_key key;
    uint64_t index;

    if (!record_line_get(&apply->line, &apply->state, &second->line) ||
        memcmp(&line->key, &allowance->key, sizeof line->key) != 0 ||
        line->class != allowance->class || line->restriction != allowance->restriction)
        return STATUS_ALLOWANCE_UNKNOWN;
    apply_settle_evidence_key(&key, &second->line, &second->id);
    if (state_number(&index, &apply->state, &key))
        return STATUS_ENTRY_RECOMPUTE;
    apply_claim_conflict(apply, second);
    return second->conflict != EVIDENCE_NONE &&
                   memcmp(&second->conflict_id, first_id, sizeof *first_id) == 0
               ? STATUS_OK
               : STATUS_ENTRY_RECOMPUTE;
}

enum status
apply_settle_evidence(struct apply *apply)
{
    const struct msg_entry *const entry = &apply->entry;
    struct msg_evidence_attachment stated;
    struct evidence bundle = {
        .allowance = entry->messages[0], .first = entry->messages[1], .second = entry->messages[2]};
    struct apply_claim second;
    enum evidence_cause cause;
    struct state_key key;
    struct digest first_id;
    enum status status = schema_decode(&stated, &msg_evidence_attachment_schema, entry->attachment);

    if (status != STATUS_OK)
        return status;
    memset(&second, 0, sizeof second);
    bundle.first_request = stated.first_request;
    bundle.second_request = stated.second_request;
    status = evidence_check(&cause, &bundle, apply->state.network, &apply->state.signers);
    if (status == STATUS_OK && (uint64_t)cause != stated.cause)
        status = STATUS_ENTRY_RECOMPUTE;
    if (status == STATUS_OK)
        status = read_bundle(apply, &second, &first_id, &bundle);
    if (status == STATUS_OK)
        status = check_named(apply, &second, &first_id);
    if (status != STATUS_OK)
        return status;
    apply_settle_evidence_key(&key, &second.line, &second.id);
    state_set_number(&apply->state, &key, apply->index);
    apply_purse_deny(apply, &apply->line);
    apply->line.flags |= RECORD_LINE_FROZEN;
    record_line_put(&apply->state, &apply->line);
    return STATUS_OK;
}

/* --- booking --- */

/* Pays a late transfer from the purse's free lots, as far as they go (section 12.6). */
static enum status
pay_late(struct apply *apply, struct apply_claim *claim)
{
    struct record_transfer *const record = &claim->record;
    const struct book_account owed = book_numbered(BOOK_OWED, record->class, record->merchant);
    uint64_t restrictions[5] = {0};
    size_t count = 1;
    uint64_t left = record->to - record->from;
    struct apply_lot lot;
    bool first = true;

    for (size_t i = 0; i < apply->till.restrictions_count; i++)
        restrictions[count++] = apply->till.restrictions[i];
    while (left > 0 && record->part_count < LINE_PARTS_MAX) {
        struct apply_lot next;
        enum status status;

        if (!apply_line_next_lot(apply, &next, first ? NULL : &lot, apply->line.purse,
                                 record->class, restrictions, count, apply->entry.time))
            break;
        lot = next;
        first = false;

        const uint64_t free = money_cents(lot.free);
        const uint64_t cents = free < left ? free : left;

        status = apply_post_cents(apply, book_lot(record->class, apply->line.purse, lot.lot.id),
                                  owed, cents);
        if (status != STATUS_OK)
            return status;
        record->parts[record->part_count++] = (struct line_part){lot.lot.id, (uint32_t)cents};
        record->paid += cents;
        left -= cents;
    }
    return STATUS_OK;
}

/* Marks the interval of a transfer on apply->line. */
static enum status
mark(struct apply *apply, const struct record_transfer *record)
{
    struct line view;
    enum status status;

    record_line_view(&view, &apply->line);
    status = line_settle(&view, record->from, record->to);
    if (status == STATUS_OK)
        record_line_update(&apply->line, &view);
    return status;
}

static enum status
book_fund(struct apply *apply, struct record_transfer *record, bool line_known)
{
    const uint64_t amount = record->to - record->from;

    record->paid = amount;
    count_quarter(apply, record->merchant, amount);
    if (line_known && record->cause == LINE_CAUSE_OVERLAP)
        apply->line.fund += amount;
    return apply_post_cents(apply, book_plain(BOOK_FUND, record->class),
                            book_numbered(BOOK_OWED, record->class, record->merchant), amount);
}

/* What each outcome does; apply->line is written back by the caller. */
static enum status
book_outcome(struct apply *apply, struct apply_claim *claim)
{
    struct record_transfer *const record = &claim->record;
    const uint64_t settled = apply->line.settled;
    enum status status = STATUS_OK;

    switch (claim->verdict.outcome) {
    case LINE_RESERVE:
        record->paid = record->to - record->from;
        status = mark(apply, record);
        if (status == STATUS_OK)
            status = apply_post_cents(apply, book_reserve(record->class, &record->line),
                                      book_numbered(BOOK_OWED, record->class, record->merchant),
                                      record->paid);
        break;
    case LINE_FUND:
        status = book_fund(apply, record, claim->line_known);
        break;
    case LINE_REVIEW:
        if (claim->line_known)
            apply->line.reviews++;
        break;
    case LINE_LATE:
        status = mark(apply, record);
        apply->line.settled = settled; /* what the line itself paid is fixed since its close */
        if (status == STATUS_OK)
            status = pay_late(apply, claim);
        break;
    case LINE_TILL_BEARS:
    case LINE_CANCELLED:
        break;
    case LINE_LOGGED:
    case LINE_ALREADY:
    case LINE_REVERSED:
    case LINE_WAITS:
        assert(false);
    }
    return status;
}

void
apply_settle_start(struct apply *apply, struct apply_claim *claim)
{
    struct record_transfer *const record = &claim->record;

    memset(record, 0, sizeof *record);
    record->id = claim->id;
    record->line = claim->line;
    record->index = apply->index;
    record->till = claim->transfer.payee;
    record->merchant = claim->merchant;
    record->class = claim->allowance.class;
    record->from = claim->transfer.from;
    record->to = claim->transfer.to;
    record->seq = claim->transfer.seq;
    memcpy(record->prev, claim->transfer.prev, sizeof record->prev);
}

enum status
apply_settle_book(struct apply *apply, struct apply_claim *claim)
{
    struct record_transfer *const record = &claim->record;
    struct state_head *const head = &apply->state.head;
    const bool was_cancelled = claim->recorded && record->outcome == LINE_CANCELLED;
    const bool was_review = claim->recorded && record->outcome == LINE_REVIEW;
    enum status status;

    assert(claim->verdict.status == STATUS_OK && !claim->verdict.unchanged);
    if (!claim->recorded)
        apply_settle_start(apply, claim);
    if (was_review && record->cause != LINE_CAUSE_UNKNOWN)
        apply->line.reviews--;
    record->outcome = (uint64_t)claim->verdict.outcome;
    record->cause = (uint64_t)claim->verdict.cause;
    record->entry = apply->index;
    record->source = apply->index;
    record->time = apply->entry.time;
    record->accepted = claim->accepted != 0 ? claim->accepted : apply->entry.time;
    if (claim->logged != 0)
        record->logged = claim->logged;
    record->proof = claim->proof;
    if (claim->source == LINE_CALLED_OFF)
        record->statement = apply->index + 1;
    status = book_outcome(apply, claim);
    if (status != STATUS_OK)
        return status;
    if (claim->line_known)
        record_line_put(&apply->state, &apply->line);
    record_transfer_put(&apply->state, record);
    if (was_cancelled) {
        head->owed_kind = APPLY_DISPUTE;
        memcpy(head->owed_id, record->id.bytes, DIGEST_SIZE);
        head->owed_value = record->statement - 1;
    }
    apply_reverse_waiting(apply, record);
    return STATUS_OK;
}

enum status
apply_settle_reviewed(struct apply *apply, struct record_transfer *record, bool fund_pays)
{
    const bool known = record->cause != LINE_CAUSE_UNKNOWN &&
                       record_line_get(&apply->line, &apply->state, &record->line);
    enum status status = STATUS_OK;

    record->outcome = fund_pays ? LINE_FUND : LINE_TILL_BEARS;
    record->entry = apply->index;
    record->time = apply->entry.time;
    if (fund_pays)
        status = book_fund(apply, record, known);
    if (status != STATUS_OK)
        return status;
    if (known) {
        apply->line.reviews--;
        record_line_put(&apply->state, &apply->line);
    }
    record_transfer_put(&apply->state, record);
    return STATUS_OK;
}

enum status
apply_settle_dispute(struct apply *apply)
{
    struct state_head *const head = &apply->state.head;
    struct msg_dispute_attachment stated;
    enum status status =
        schema_decode(&stated, &msg_dispute_attachment_schema, apply->entry.attachment);

    if (status != STATUS_OK)
        return status;
    if (memcmp(stated.transfer.bytes, head->owed_id, DIGEST_SIZE) != 0 ||
        stated.statement != head->owed_value)
        return STATUS_ENTRY_RECOMPUTE;
    head->owed_kind = 0;
    memset(head->owed_id, 0, sizeof head->owed_id);
    head->owed_value = 0;
    return STATUS_OK;
}
