#include "intake_parts.h"

#include <assert.h>
#include <string.h>

/* What fits into an entry as a message: 65,000 bytes by its table. */
#define ITEM_MAX 65000

/* --- reading back what was logged --- */

enum status
intake_read(struct intake *intake, uint64_t index)
{
    struct span stored;
    enum status status = log_read(&stored, &intake->batch.txn, index);

    if (status != STATUS_OK)
        return status;
    if (stored.len > sizeof intake->source)
        return STATUS_STORE_BROKEN;
    memcpy(intake->source, stored.data, stored.len);
    return schema_decode(&intake->read, &msg_entry_schema,
                         (struct span){intake->source, stored.len});
}

/* A till's item has allowance, transfer and request; a statement's entry one message before. */
enum status
intake_source(struct intake *intake, struct intake_source *out,
              const struct record_transfer *record)
{
    const struct msg_entry *from = &intake->read;
    size_t first = 2;
    enum status status = intake_read(intake, record->source);

    if (status == STATUS_OK && intake->read.messages_count == 1) {
        status = schema_decode(&intake->inner, &msg_entry_schema, intake->read.messages[0]);
        from = &intake->inner;
        first = 1;
    }
    if (status != STATUS_OK)
        return status;
    if (from->messages_count < first + 2)
        return STATUS_STORE_BROKEN;
    out->transfer = from->messages[first];
    out->request = from->messages[first + 1];
    return STATUS_OK;
}

/* --- evidence --- */

/* The latest certificate of the line, which covers both transfers; in intake->certificate. */
static enum status
load_certificate(struct intake *intake, struct span *out)
{
    enum status status = intake_read(intake, intake->apply.line.index);

    if (status != STATUS_OK)
        return status;
    if (intake->read.kind != APPLY_ALLOWANCE ||
        intake->read.messages[1].len > sizeof intake->certificate)
        return STATUS_STORE_BROKEN;
    memcpy(intake->certificate, intake->read.messages[1].data, intake->read.messages[1].len);
    *out = (struct span){intake->certificate, intake->read.messages[1].len};
    return STATUS_OK;
}

/* The evidence that a claim needs before its own entry. */
static enum status
add_evidence(struct intake *intake, const struct apply_claim *claim)
{
    struct msg_evidence_attachment evidence = {.cause = (uint64_t)claim->conflict,
                                               .second_request = claim->request_id};
    struct record_transfer first;
    struct intake_source source;
    struct cose_message message;
    struct span messages[3];
    enum status status = load_certificate(intake, &messages[0]);

    if (status != STATUS_OK)
        return status;
    if (!record_transfer_get(&first, &intake->apply.state, &claim->conflict_id))
        return STATUS_STORE_BROKEN;
    status = intake_source(intake, &source, &first);
    if (status == STATUS_OK)
        status = cose_parse(&message, source.request, COSE_MESSAGE_MAX);
    if (status != STATUS_OK)
        return status;
    apply_id(&intake->apply, &evidence.first_request, &message, &msg_request_schema);
    messages[1] = source.transfer;
    messages[2] = claim->transfer_in;
    return intake_append_with(intake, APPLY_EVIDENCE, messages, 3, &msg_evidence_attachment_schema,
                              &evidence);
}

/* --- uploads --- */

/* Each part must be the item whose leaf hash the till signed. */
static enum status
check_parts(const struct intake *intake)
{
    const struct msg_upload *const upload = &intake->apply.upload;
    const struct msg_parcel *const parcel = &intake->parcel;

    if (parcel->parts_count != upload->items_count + 1)
        return STATUS_UPLOAD_ITEM;
    for (size_t i = 0; i < upload->items_count; i++) {
        struct digest leaf;

        if (parcel->parts[i + 1].len > ITEM_MAX)
            return STATUS_TOO_LARGE;
        merkle_leaf(&leaf, parcel->parts[i + 1]);
        if (memcmp(&leaf, &upload->items[i], sizeof leaf) != 0)
            return STATUS_UPLOAD_ITEM;
    }
    return STATUS_OK;
}

static enum status
add_item(struct intake *intake, struct span item)
{
    struct apply *const apply = &intake->apply;
    struct msg_item_attachment stated = {.upload = apply->state.head.upload,
                                         .number = apply->state.head.upload_next};
    struct apply_plan plan;
    enum status status = STATUS_OK;

    apply_upload_plan(apply, &plan, item);
    if (plan.claim.evidence_needed) {
        status = add_evidence(intake, &plan.claim);
        if (status != STATUS_OK)
            return status;
        apply_upload_plan(apply, &plan, item);
    }
    stated.outcome = plan.outcome;
    apply->planned = &plan;
    status = intake_append_with(intake, plan.kind, &item, 1, &msg_item_attachment_schema, &stated);
    apply->planned = NULL;
    if (status == STATUS_OK)
        status = intake_owed(intake);
    return status;
}

static enum status
add_anchor(struct intake *intake, uint64_t till)
{
    struct apply *const apply = &intake->apply;
    struct msg_anchor anchor;
    uint8_t bytes[MSG_SIGN_SIZE(256)];
    size_t len;
    enum status status;

    if (!record_till_get(&apply->till, &apply->state, till))
        return STATUS_STORE_BROKEN;
    apply_upload_next_anchor(apply, &anchor, intake->moment->time_unix_s);
    status = msg_sign(bytes, sizeof bytes, &len, &msg_anchor_schema, &anchor, apply->state.network,
                      &intake->keys->settlement);
    if (status != STATUS_OK)
        return status;
    return intake_append(intake, APPLY_ANCHOR, &(struct span){bytes, len}, 1,
                         (struct span){NULL, 0});
}

enum status
intake_upload(struct intake *intake)
{
    struct apply *const apply = &intake->apply;
    const struct state_head *const head = &apply->state.head;
    const struct msg_parcel *const parcel = &intake->parcel;
    struct record_upload record;
    struct digest id;
    uint64_t till;
    enum status status = apply_upload_open(apply, &id, parcel->parts[0]);

    if (status != STATUS_OK)
        return status;
    if (record_upload_get(&record, &apply->state, &id)) {
        intake->result.repeated = true;
        return intake_answer_sync(intake, &id);
    }
    till = apply->upload.till;
    status = check_parts(intake);
    if (status == STATUS_OK)
        status = intake_append(intake, APPLY_UPLOAD, parcel->parts, 1, (struct span){NULL, 0});
    while (status == STATUS_OK && head->upload_items != 0)
        status = add_item(intake, parcel->parts[1 + head->upload_next]);
    if (status == STATUS_OK)
        status = add_anchor(intake, till);
    if (status == STATUS_OK)
        status = intake_answer_sync(intake, &id);
    return status;
}

/* --- statements --- */

static enum status
answer_statement(struct intake *intake, const struct apply_claim *claim)
{
    struct record_transfer record;

    intake->result.outcome = (uint8_t)claim->verdict.outcome;
    if (claim->source != LINE_SETTLE_NOW ||
        !record_transfer_get(&record, &intake->apply.state, &claim->id) || record.proof == 0)
        return STATUS_OK;
    return intake_answer_proof(intake, &record);
}

enum status
intake_statement(struct intake *intake)
{
    struct apply *const apply = &intake->apply;
    const struct msg_parcel *const parcel = &intake->parcel;
    struct msg_statement_attachment stated;
    struct apply_claim claim;
    enum status status = apply_statement_plan(apply, &claim, parcel->parts, parcel->parts_count);

    if (status != STATUS_OK)
        return status;
    if (claim.evidence_needed) {
        status = add_evidence(intake, &claim);
        if (status == STATUS_OK)
            status = apply_statement_plan(apply, &claim, parcel->parts, parcel->parts_count);
    }
    if (status == STATUS_OK)
        status = claim.verdict.status;
    if (status != STATUS_OK)
        return status;
    if (claim.verdict.unchanged) {
        intake->result.repeated = true;
        return answer_statement(intake, &claim);
    }
    stated.outcome = (uint64_t)claim.verdict.outcome;
    status = intake_append_with(intake, apply_claim_kind(&claim), parcel->parts,
                                parcel->parts_count, &msg_statement_attachment_schema, &stated);
    if (status == STATUS_OK)
        status = intake_owed(intake);
    if (status == STATUS_OK)
        status = answer_statement(intake, &claim);
    return status;
}

/* --- allowances --- */

/* The answer of then to a request that was granted before. */
static enum status
find_repeated(struct intake *intake, uint64_t *index, bool *repeated)
{
    const struct span in = intake->parcel.parts[0];
    struct cose_message message;
    struct digest id;
    uint64_t type;
    enum status status = msg_peek(&type, in);

    *repeated = false;
    if (status == STATUS_OK)
        status = cose_parse(&message, in, COSE_MESSAGE_MAX);
    if (status != STATUS_OK)
        return status;
    apply_id(&intake->apply, &id, &message,
             type == MSG_RENEWAL_REQUEST ? &msg_renewal_request_schema
                                         : &msg_allowance_request_schema);
    *repeated = apply_seen(&intake->apply, index, &id);
    return STATUS_OK;
}

enum status
intake_ask(struct intake *intake)
{
    struct apply *const apply = &intake->apply;
    struct msg_allowance given;
    struct apply_ask ask;
    uint8_t bytes[MSG_SIGN_SIZE(256)];
    struct span messages[2] = {intake->parcel.parts[0]};
    size_t len = 0;
    uint64_t index = 0;
    bool repeated;
    enum status status;

    if (intake->parcel.parts_count != 1)
        return STATUS_ENTRY_SHAPE;
    status = find_repeated(intake, &index, &repeated);
    if (status != STATUS_OK)
        return status;
    if (repeated) {
        intake->result.repeated = true;
        return intake_answer_allowance(intake, index);
    }
    status = apply_line_ask(apply, &ask, messages[0]);
    if (status == STATUS_OK)
        status = apply_line_certificate(&given, apply, &ask, intake->moment->time_unix_s);
    if (status == STATUS_OK)
        status = msg_sign(bytes, sizeof bytes, &len, &msg_allowance_schema, &given,
                          apply->state.network, &intake->keys->allowance);
    if (status != STATUS_OK)
        return status;
    messages[1] = (struct span){bytes, len};
    index = apply->state.head.size;
    if (ask.lots.lots_count == 0)
        status = intake_append(intake, APPLY_ALLOWANCE, messages, 2, (struct span){NULL, 0});
    else
        status = intake_append_with(intake, APPLY_ALLOWANCE, messages, 2,
                                    &msg_allowance_attachment_schema, &ask.lots);
    if (status == STATUS_OK)
        status = intake_answer_allowance(intake, index);
    return status;
}
