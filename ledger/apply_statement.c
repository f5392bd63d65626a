#include "apply_rules.h"

#include "protocol/code.h"
#include "protocol/transfer.h"

#include <assert.h>
#include <string.h>

/* Where the messages of a statement stand. */
enum { STATEMENT, ALLOWANCE, TRANSFER, REQUEST, RECEIPT };

/* The purse and its signature, and that the line, if there is one, is its own. */
static enum status
check_purse(struct apply *apply, struct msg_statement *statement, const struct apply_claim *claim,
            struct span in)
{
    struct cose_message message;
    struct record_purse purse;
    size_t device;
    enum status status =
        msg_open(&message, statement, &msg_statement_schema, apply->state.network, in);

    if (status != STATUS_OK)
        return status;
    if (!record_purse_get(&purse, &apply->state, statement->purse) ||
        (claim->line_known &&
         memcmp(apply->line.purse, statement->purse, sizeof statement->purse) != 0))
        return STATUS_PURSE_UNKNOWN;
    return apply_purse_signed(apply, &device, &purse, &message, &msg_statement_schema);
}

/* The till of the request, and that it signed it. */
static enum status
check_request(struct apply *apply, struct apply_claim *claim, struct span in)
{
    struct cose_message message;
    struct msg_request request;
    enum status status =
        msg_open(&message, &request, &msg_request_schema, apply->state.network, in);

    if (status != STATUS_OK)
        return status;
    if (!record_till_get(&apply->till, &apply->state, request.till))
        return STATUS_TILL_UNKNOWN;
    claim->merchant = apply->till.merchant;
    return apply_verify(apply, &message, &msg_request_schema, &apply->till.key);
}

static enum line_source
source_of(uint64_t claim)
{
    static const enum line_source sources[] = {LINE_FROM_RECEIPT, LINE_DELIVERED, LINE_SETTLE_NOW,
                                               LINE_CALLED_OFF};

    assert(claim >= 1 && claim <= 4);
    return sources[claim - 1];
}

static enum status
check_receipt(struct apply *apply, struct apply_claim *claim, const struct span *messages,
              size_t count)
{
    struct msg_receipt receipt;
    enum status status;

    if (claim->source != LINE_FROM_RECEIPT)
        return count == RECEIPT ? STATUS_OK : STATUS_ENTRY_SHAPE;
    if (count != RECEIPT + 1)
        return STATUS_RECEIPT_MISMATCH;
    status = transfer_receipt(&receipt, messages[RECEIPT], apply->state.network, &claim->id,
                              apply->till.till, &apply->till.key);
    claim->accepted = receipt.time;
    return status;
}

enum status
apply_statement_plan(struct apply *apply, struct apply_claim *claim, const struct span *messages,
                     size_t count)
{
    const struct apply_segment unseen = {.gap = true};
    struct msg_statement statement;
    enum status status;

    memset(claim, 0, sizeof *claim);
    if (count < RECEIPT || count > RECEIPT + 1)
        return STATUS_ENTRY_SHAPE;
    status =
        apply_claim_read(apply, claim, messages[ALLOWANCE], messages[TRANSFER], messages[REQUEST]);
    if (status == STATUS_OK)
        status = check_purse(apply, &statement, claim, messages[STATEMENT]);
    if (status != STATUS_OK)
        return status;
    if (memcmp(&statement.transfer, &claim->id, sizeof claim->id) != 0)
        return STATUS_MESSAGE_TYPE;
    claim->source = source_of(statement.claim);
    status = check_request(apply, claim, messages[REQUEST]);
    if (status == STATUS_OK)
        status = check_receipt(apply, claim, messages, count);
    if (status == STATUS_OK)
        status = apply_claim_check(apply, claim);
    if (status != STATUS_OK)
        return status;
    apply_claim_decide(apply, claim, &unseen);

    const bool fixed = code_request_static(&claim->request);
    const bool over = !fixed && apply->entry.time >= claim->request.time + claim->request.seconds;
    const bool now = claim->source == LINE_SETTLE_NOW;

    if (claim->verdict.status == STATUS_OK && !claim->verdict.unchanged && now && over)
        return STATUS_REQUEST_EXPIRED;
    claim->proof = now && !fixed && (apply->line.flags & RECORD_LINE_FROZEN) == 0 &&
                   claim->conflict == EVIDENCE_NONE;
    return STATUS_OK;
}

enum status
apply_statement(struct apply *apply)
{
    struct msg_statement_attachment stated;
    struct apply_claim claim;
    enum status status =
        apply_statement_plan(apply, &claim, apply->entry.messages, apply->entry.messages_count);

    if (status == STATUS_OK)
        status = claim.verdict.status;
    if (status == STATUS_OK)
        status = schema_decode(&stated, &msg_statement_attachment_schema, apply->entry.attachment);
    if (status != STATUS_OK)
        return status;
    if (claim.verdict.unchanged || claim.evidence_needed ||
        stated.outcome != (uint64_t)claim.verdict.outcome ||
        apply->entry.kind != apply_claim_kind(&claim))
        return STATUS_ENTRY_RECOMPUTE;
    return apply_settle_book(apply, &claim);
}
