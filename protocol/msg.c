#include "msg.h"

#include <assert.h>
#include <string.h>

static const struct msg_kind kinds[] = {
    {MSG_GENESIS, &msg_genesis_schema, false},
    {MSG_ROLE_KEY, &msg_role_key_schema, false},
    {MSG_KILL, &msg_kill_schema, false},
    {MSG_PARAMETERS, &msg_parameters_schema, false},
    {MSG_SERIES, &msg_series_schema, false},
    {MSG_MERCHANT, &msg_merchant_schema, false},
    {MSG_TILL, &msg_till_schema, false},
    {MSG_REVOCATION, &msg_revocation_schema, false},
    {MSG_PURSE, &msg_purse_schema, false},
    {MSG_DEVICE, &msg_device_schema, false},
    {MSG_FUNDING, &msg_funding_schema, false},
    {MSG_CLARIFICATION, &msg_clarification_schema, true},
    {MSG_RETURN, &msg_return_schema, true},
    {MSG_ISSUE, &msg_issue_schema, false},
    {MSG_ALLOWANCE_REQUEST, &msg_allowance_request_schema, false},
    {MSG_RENEWAL_REQUEST, &msg_renewal_request_schema, false},
    {MSG_GIFT, &msg_gift_schema, false},
    {MSG_LOSS_REPORT, &msg_loss_report_schema, false},
    {MSG_ALLOWANCE, &msg_allowance_schema, false},
    {MSG_REQUEST, &msg_request_schema, false},
    {MSG_TRANSFER, &msg_transfer_schema, false},
    {MSG_RECEIPT, &msg_receipt_schema, false},
    {MSG_VOID, &msg_void_schema, false},
    {MSG_REFUND, &msg_refund_schema, false},
    {MSG_SETTLEMENT_PROOF, &msg_settlement_proof_schema, false},
    {MSG_ANCHOR, &msg_anchor_schema, false},
    {MSG_NEWS, &msg_news_schema, false},
    {MSG_UPLOAD, &msg_upload_schema, false},
    {MSG_ACK, &msg_ack_schema, false},
    {MSG_STATEMENT, &msg_statement_schema, false},
    {MSG_HOLD, &msg_hold_schema, false},
    {MSG_DENIAL, &msg_denial_schema, false},
    {MSG_REVIEW, &msg_review_schema, false},
    {MSG_PAYOUT, &msg_payout_schema, false},
    {MSG_GOODWILL, &msg_goodwill_schema, true},
    {MSG_CORRECTION, &msg_correction_schema, true},
    {MSG_MANDATE, &msg_mandate_schema, true},
    {MSG_MANDATE_END, &msg_mandate_end_schema, true},
    {MSG_TARIFF, &msg_tariff_schema, true},
    {MSG_OBSERVATION, &msg_observation_schema, true},
    {MSG_PARKING_DEBIT, &msg_parking_debit_schema, true},
    {MSG_BANK_STATEMENT, &msg_bank_statement_schema, true},
    {MSG_PAPER, &msg_paper_schema, true},
    {MSG_RESERVE_PROOF, &msg_reserve_proof_schema, true},
    {MSG_PERMIT, &msg_permit_schema, true},
    {MSG_PAGE_BUILD, &msg_page_build_schema, true},
    {MSG_KEY_DESTRUCTION, &msg_key_destruction_schema, true},
    {MSG_YEAR_END, &msg_year_end_schema, true},
    {MSG_RECOVERY, &msg_recovery_schema, true},
    {MSG_PAPER_REDEMPTION, &msg_paper_redemption_schema, true},
    {MSG_QUESTION, &msg_question_schema, false},
    {MSG_ACCOUNT, &msg_account_schema, false},
};

static const struct schema *const schemas[] = {
    &msg_genesis_schema,
    &msg_role_key_schema,
    &msg_kill_schema,
    &msg_till_class_schema,
    &msg_offset_schema,
    &msg_parameters_schema,
    &msg_series_schema,
    &msg_merchant_schema,
    &msg_till_schema,
    &msg_revocation_schema,
    &msg_funding_schema,
    &msg_issue_schema,
    &msg_hold_schema,
    &msg_denial_schema,
    &msg_review_schema,
    &msg_payout_schema,
    &msg_purse_schema,
    &msg_device_schema,
    &msg_allowance_request_schema,
    &msg_renewal_request_schema,
    &msg_gift_schema,
    &msg_loss_report_schema,
    &msg_statement_schema,
    &msg_allowance_schema,
    &msg_request_schema,
    &msg_transfer_schema,
    &msg_receipt_schema,
    &msg_void_schema,
    &msg_refund_schema,
    &msg_settlement_proof_schema,
    &msg_anchor_schema,
    &msg_news_schema,
    &msg_upload_schema,
    &msg_ack_schema,
    &msg_question_schema,
    &msg_lot_state_schema,
    &msg_line_state_schema,
    &msg_owed_state_schema,
    &msg_account_schema,
    &msg_payment_code_schema,
    &msg_request_code_schema,
    &msg_parcel_schema,
    &msg_entry_schema,
    &msg_lot_part_schema,
    &msg_allowance_attachment_schema,
    &msg_item_attachment_schema,
    &msg_statement_attachment_schema,
    &msg_evidence_attachment_schema,
    &msg_close_attachment_schema,
    &msg_debt_attachment_schema,
    &msg_expiry_attachment_schema,
    &msg_service_day_attachment_schema,
    &msg_dispute_attachment_schema,
    &msg_bank_statement_schema,
    &msg_clarification_schema,
    &msg_return_schema,
    &msg_goodwill_schema,
    &msg_correction_schema,
    &msg_mandate_schema,
    &msg_mandate_end_schema,
    &msg_tariff_schema,
    &msg_observation_schema,
    &msg_parking_debit_schema,
    &msg_paper_schema,
    &msg_paper_redemption_schema,
    &msg_paper_code_schema,
    &msg_reserve_proof_schema,
    &msg_permit_schema,
    &msg_page_build_schema,
    &msg_key_destruction_schema,
    &msg_year_end_schema,
    &msg_recovery_schema,
};

const struct msg_kind *
msg_kind(uint64_t type)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (kinds[i].type == type)
            return &kinds[i];
    }
    return NULL;
}

const struct schema *const *
msg_schemas(size_t *count)
{
    assert(count != NULL);
    *count = sizeof schemas / sizeof schemas[0];
    return schemas;
}

/* Key 0 of a message's table: its type number. */
static uint32_t
type_of(const struct schema *schema)
{
    assert(schema->count > 0);
    assert(schema->fields[0].type == FIELD_CONST);
    return (uint32_t)schema->fields[0].min;
}

/* The network that a decoded message names; `otherwise` when it has no such field. */
static uint64_t
network_of(const struct schema *schema, const void *object, uint64_t otherwise)
{
    const struct field *field = schema->count > 1 ? &schema->fields[1] : NULL;
    uint64_t network;

    if (field == NULL || strcmp(field->name, "network") != 0)
        return otherwise;
    assert(field->size == sizeof network);
    memcpy(&network, (const uint8_t *)object + field->offset, sizeof network);
    return network;
}

enum status
msg_open(struct cose_message *message, void *out, const struct schema *schema, uint64_t network,
         struct span in)
{
    const size_t most =
        schema->bytes_max > COSE_PAYLOAD_MAX ? COSE_MESSAGE_LARGE_MAX : COSE_MESSAGE_MAX;
    enum status status;

    memset(out, 0, schema->size);
    status = cose_parse(message, in, most);
    if (status == STATUS_OK)
        status = schema_decode(out, schema, message->payload);
    if (status == STATUS_OK && network_of(schema, out, network) != network)
        status = STATUS_NETWORK;
    if (status != STATUS_OK) {
        memset(message, 0, sizeof *message);
        memset(out, 0, schema->size);
    }
    return status;
}

enum status
msg_peek(uint64_t *type, struct span in)
{
    struct cose_message message;
    enum status status = cose_parse(&message, in, COSE_MESSAGE_LARGE_MAX);

    if (status != STATUS_OK)
        return status;
    /* A map head of one byte, key 0, then the type in one or two bytes: all types are below 256. */
    if (message.payload.len < 3 || message.payload.data[1] != 0x00)
        return STATUS_CBOR_TYPE;
    if (message.payload.data[2] < 24)
        *type = message.payload.data[2];
    else if (message.payload.data[2] == 0x18 && message.payload.len > 3)
        *type = message.payload.data[3];
    else
        return STATUS_CBOR_TYPE;
    return STATUS_OK;
}

void
msg_aad(struct cose_aad *aad, const struct schema *schema, uint64_t network)
{
    assert(type_of(schema) != MSG_TRANSFER);
    assert(network <= UINT32_MAX);
    cose_aad(aad, (uint32_t)network, type_of(schema), NULL, 0);
}

void
msg_id(struct digest *out, const struct cose_message *message, const struct schema *schema,
       uint64_t network)
{
    struct cose_aad aad;

    msg_aad(&aad, schema, network);
    cose_message_id(out, &message->kid, &aad, message->payload);
}

enum status
msg_sign(uint8_t *out, size_t cap, size_t *len, const struct schema *schema, const void *object,
         uint64_t network, const struct secret_key *secret)
{
    struct cose_aad aad;
    uint8_t *payload;
    size_t size;
    enum status status;

    *len = 0;
    status = schema_measure(&size, schema, object);
    if (status != STATUS_OK)
        return status;
    if (cap < MSG_SIGN_SIZE(size))
        return STATUS_BUFFER;
    /* The payload lies at the end of the buffer, out of the way of what is built at its start. */
    payload = out + cap - size;
    status = schema_encode(payload, size, &size, schema, object);
    assert(status == STATUS_OK); /* it was measured */
    msg_aad(&aad, schema, network);
    return cose_sign(out, cap - size, len, secret, &aad, (struct span){payload, size});
}

enum status
msg_verify(const struct cose_message *message, const struct schema *schema, uint64_t network,
           const struct public_key *key)
{
    struct cose_aad aad;
    struct kid kid;

    crypt_kid(&kid, key);
    if (memcmp(&kid, &message->kid, sizeof kid) != 0)
        return STATUS_SIGNATURE_BAD;
    msg_aad(&aad, schema, network);
    return cose_verify(message, key, &aad);
}
