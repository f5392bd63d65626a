#include "apply_rules.h"

#include "protocol/accept.h"
#include "protocol/transfer.h"

#include <assert.h>
#include <string.h>

/* --- is it valid --- */

/* A certificate that is in the log was checked when it was logged. Others may be of a killed epoch:
 * they are held for review and not called forged, so a kill does not count here. */
static enum status
check_certificate(struct apply *apply, const struct apply_claim *claim)
{
    struct signer_list *const issuers = &apply->issuers;
    static const struct public_key any;
    struct digest id;
    struct digest name;
    enum status status;

    if (apply_line_known_certificate(apply, &claim->line, claim->allowance_in))
        return STATUS_OK;
    apply_id(apply, &id, &claim->allowance_message, &msg_allowance_schema);
    apply_check_name(&name, &id, &claim->allowance_message.signature, &any);
    if (apply_was_checked(apply, &name))
        return STATUS_OK;
    *issuers = apply->state.signers;
    for (size_t i = 0; i < issuers->count; i++)
        issuers->keys[i].killed = false;
    status = signer_check(NULL, issuers, SIGNER_ALLOWANCE, &claim->allowance_message,
                          &msg_allowance_schema, apply->state.network, claim->allowance.from,
                          claim->allowance.from);
    if (status == STATUS_OK)
        apply_checked(apply, &name);
    return status;
}

static enum status
check_transfer(struct apply *apply, const struct apply_claim *claim)
{
    struct digest name;
    enum status status;

    apply_check_name(&name, &claim->id, &claim->transfer_message.signature, &claim->allowance.key);
    if (apply_was_checked(apply, &name))
        return STATUS_OK;
    status = transfer_verify(&claim->transfer_message, apply->state.network, &claim->allowance.key,
                             &claim->request_id, claim->transfer.payee);
    if (status == STATUS_OK)
        apply_checked(apply, &name);
    return status;
}

/* Whether the line of this id is the one that the certificate speaks of. */
static bool
is_same_line(const struct record_line *line, const struct msg_allowance *allowance)
{
    return memcmp(&line->key, &allowance->key, sizeof line->key) == 0 &&
           line->class == allowance->class && line->restriction == allowance->restriction;
}

static enum status
check_terms(struct apply *apply, const struct apply_claim *claim)
{
    const struct msg_allowance *const allowance = &claim->allowance;
    const uint64_t cents = claim->line_known ? apply->line.cents : money_cents(allowance->amount);
    struct msg_till till;
    enum status status;

    if (claim->transfer.payee != apply->till.till || claim->request.till != apply->till.till)
        return STATUS_WRONG_PAYEE;
    if (claim->request.class != allowance->class)
        return STATUS_CLASS;
    record_till_message(&till, &apply->till);
    status = accept_covers(&till, allowance->class, allowance->restriction);
    if (status == STATUS_OK)
        status = accept_amount(&claim->transfer, &claim->request, apply_cents(MSG_LINE_CENTS_MAX));
    if (status == STATUS_OK && claim->transfer.to > cents)
        status = STATUS_AMOUNT_OVER_ALLOWANCE;
    return status;
}

enum status
apply_claim_read(struct apply *apply, struct apply_claim *claim, struct span allowance,
                 struct span transfer, struct span request)
{
    const uint64_t network = apply->state.network;
    struct cose_message request_message;
    enum status status = msg_open(&claim->allowance_message, &claim->allowance,
                                  &msg_allowance_schema, network, allowance);

    if (status == STATUS_OK)
        status = msg_open(&claim->transfer_message, &claim->transfer, &msg_transfer_schema, network,
                          transfer);
    if (status == STATUS_OK)
        status = msg_open(&request_message, &claim->request, &msg_request_schema, network, request);
    if (status != STATUS_OK)
        return status;
    crypt_kid(&claim->line, &claim->allowance.key);
    apply_id(apply, &claim->request_id, &request_message, &msg_request_schema);
    transfer_id(&claim->id, &claim->transfer_message, network, &claim->allowance.key,
                &claim->request_id, claim->transfer.payee);
    claim->allowance_in = allowance;
    claim->transfer_in = transfer;
    claim->merchant = apply->till.merchant;
    claim->line_known = record_line_get(&apply->line, &apply->state, &claim->line) &&
                        is_same_line(&apply->line, &claim->allowance);
    claim->recorded = record_transfer_get(&claim->record, &apply->state, &claim->id);
    return STATUS_OK;
}

enum status
apply_claim_check(struct apply *apply, const struct apply_claim *claim)
{
    enum status status = check_certificate(apply, claim);

    if (status == STATUS_OK)
        status = check_transfer(apply, claim);
    if (status == STATUS_OK)
        status = check_terms(apply, claim);
    return status;
}

/* --- what becomes of it --- */

static enum line_record
recorded_as(const struct apply_claim *claim)
{
    if (!claim->recorded)
        return LINE_NEW;
    switch ((enum line_outcome)claim->record.outcome) {
    case LINE_CANCELLED:
        return LINE_WAS_CANCELLED;
    case LINE_REVIEW:
        return LINE_WAS_REVIEW;
    case LINE_TILL_BEARS:
        return LINE_WAS_TILL_BEARS;
    case LINE_REVERSED:
        return LINE_WAS_VOID;
    case LINE_RESERVE:
    case LINE_FUND:
    case LINE_LATE:
        return LINE_WAS_PAID;
    case LINE_LOGGED:
    case LINE_ALREADY:
    case LINE_WAITS:
        break;
    }
    assert(false);
    return LINE_NEW;
}

/* What the fund paid to the merchant from this line. */
static struct money
merchant_line(struct apply *apply, const struct apply_claim *claim)
{
    struct record_transfer other;
    uint64_t cents = 0;

    for (uint64_t from = 0; record_transfer_next(&other, &apply->state, &claim->line, from);
         from = other.index + 1) {
        if (other.outcome == LINE_FUND && other.merchant == claim->merchant)
            cents += other.paid;
    }
    return apply_cents(cents);
}

static void
fill_caps(struct apply *apply, const struct apply_claim *claim, struct line_facts *facts)
{
    const struct book_account fund = book_plain(BOOK_FUND, claim->allowance.class);
    struct msg_parameters parameters;

    facts->fund = book_balance(&apply->state, &fund);
    facts->merchant_quarter = apply_settle_quarter(apply, claim->merchant);
    facts->merchant_line = merchant_line(apply, claim);
    if (apply_parameters(apply, &parameters) == STATUS_OK) {
        facts->merchant_fund = parameters.merchant_fund;
        facts->per_allowance = parameters.per_allowance;
    }
}

static struct msg_transfer
as_message(const struct record_transfer *record)
{
    struct msg_transfer transfer = {
        .payee = record->till, .from = record->from, .to = record->to, .seq = record->seq};

    memcpy(transfer.prev, record->prev, sizeof transfer.prev);
    return transfer;
}

void
apply_claim_conflict(struct apply *apply, struct apply_claim *claim)
{
    struct record_transfer other;

    claim->conflict = EVIDENCE_NONE;
    for (uint64_t from = 0; record_transfer_next(&other, &apply->state, &claim->line, from);
         from = other.index + 1) {
        const struct msg_transfer recorded = as_message(&other);
        enum evidence_cause cause;

        if (memcmp(&other.id, &claim->id, sizeof claim->id) == 0 ||
            other.cause == LINE_CAUSE_UNKNOWN)
            continue;
        cause = evidence_cause(&recorded, &claim->transfer);
        if (cause != EVIDENCE_NONE &&
            (claim->conflict == EVIDENCE_NONE || cause < claim->conflict)) {
            claim->conflict = cause;
            claim->conflict_id = other.id;
        }
        if (cause == EVIDENCE_OVERLAP)
            return;
    }
}

static bool
has_evidence(struct apply *apply, const struct apply_claim *claim)
{
    struct state_key key;
    uint64_t index;

    apply_settle_evidence_key(&key, &claim->line, &claim->id);
    return state_number(&index, &apply->state, &key);
}

void
apply_claim_decide(struct apply *apply, struct apply_claim *claim,
                   const struct apply_segment *segment)
{
    const struct record_line *const line = &apply->line;
    struct line_verdict *const verdict = &claim->verdict;
    struct line_facts facts = {
        .source = claim->source,
        .record = recorded_as(claim),
        .known = claim->line_known,
        .gap = segment->gap,
        .kept = segment->kept,
        .amount = apply_cents(claim->transfer.to - claim->transfer.from),
    };
    struct line view;

    if (claim->line_known) {
        record_line_view(&view, &apply->line);
        facts.closed = (line->flags & RECORD_LINE_CLOSED) != 0;
        facts.lost = (line->flags & RECORD_LINE_LOST) != 0;
        facts.after_loss = facts.lost && claim->accepted > line->lost;
        facts.free = line_free(&view, claim->transfer.from, claim->transfer.to);
        /* A full deny list leaves lines out: nobody could know of those. */
        facts.uninformed = (line->flags & RECORD_LINE_DENIED) == 0 || segment->news < line->denied;
        if (!facts.free || facts.after_loss)
            fill_caps(apply, claim, &facts);
    }
    line_decide(verdict, &facts);

    const bool overlaps = verdict->status == STATUS_INTERVAL_OVERLAP;
    const bool settles =
        verdict->status == STATUS_OK && !verdict->unchanged && verdict->outcome != LINE_CANCELLED;

    claim->evidence_needed = false;
    if (claim->line_known && (overlaps || settles)) {
        apply_claim_conflict(apply, claim);
        claim->evidence_needed = claim->conflict != EVIDENCE_NONE && !has_evidence(apply, claim);
    }
}

uint64_t
apply_claim_kind(const struct apply_claim *claim)
{
    if (claim->source == LINE_CALLED_OFF)
        return APPLY_STATEMENT;
    return claim->verdict.cause == LINE_CAUSE_LATE ? APPLY_LATE : APPLY_SETTLE;
}
