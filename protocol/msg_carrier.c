#include "msg_carrier.h"

#include "cose.h"
#include "msg.h"

static const struct field parcel_fields[] = {
    SCHEMA_UINT(0, REQUIRED, struct msg_parcel, kind, 1, 10),
    SCHEMA_BSTR_LIST(1, REQUIRED, struct msg_parcel, parts, 1, 1, 65535),
};
const struct schema msg_parcel_schema =
    SCHEMA_LIST("parcel", struct msg_parcel, parcel_fields, MSG_PARCEL_MAX);

static const struct field entry_fields[] = {
    SCHEMA_UINT(0, REQUIRED, struct msg_entry, version, 1, 1),
    SCHEMA_UINT(1, REQUIRED, struct msg_entry, kind, 1, 255),
    SCHEMA_UINT(2, REQUIRED, struct msg_entry, time, 1, UINT32_MAX),
    SCHEMA_BYTES(3, REQUIRED, struct msg_entry, salt),
    SCHEMA_BSTR_LIST(4, REQUIRED, struct msg_entry, messages, 0, 1, 65000),
    SCHEMA_BSTR(5, REQUIRED, struct msg_entry, attachment, 1, 16384),
};
const struct schema msg_entry_schema =
    SCHEMA_LIST("entry", struct msg_entry, entry_fields, MSG_ENTRY_MAX);

static const struct field lot_part_fields[] = {
    SCHEMA_UINT(0, REQUIRED, struct msg_lot_part, lot, 0, MONEY_CENTS_MAX),
    SCHEMA_MONEY(1, REQUIRED, struct msg_lot_part, cents, 1, MSG_LINE_CENTS_MAX),
};
const struct schema msg_lot_part_schema =
    SCHEMA_LIST("lot-part", struct msg_lot_part, lot_part_fields, 0);

static const struct field allowance_attachment_fields[] = {
    SCHEMA_RECORD_LIST(1, REQUIRED, struct msg_allowance_attachment, lots, 1, msg_lot_part_schema),
};
const struct schema msg_allowance_attachment_schema =
    SCHEMA_MAP("allowance-attachment", struct msg_allowance_attachment, allowance_attachment_fields,
               MSG_ATTACHMENT_MAX);

static const struct field item_attachment_fields[] = {
    SCHEMA_UINT(1, REQUIRED, struct msg_item_attachment, upload, 0, MONEY_CENTS_MAX),
    SCHEMA_UINT(2, REQUIRED, struct msg_item_attachment, number, 0, UINT32_MAX),
    SCHEMA_UINT(3, REQUIRED, struct msg_item_attachment, outcome, 0, 255),
};
const struct schema msg_item_attachment_schema = SCHEMA_MAP(
    "item-attachment", struct msg_item_attachment, item_attachment_fields, MSG_ATTACHMENT_MAX);

static const struct field statement_attachment_fields[] = {
    SCHEMA_UINT(1, REQUIRED, struct msg_statement_attachment, outcome, 0, 255),
};
const struct schema msg_statement_attachment_schema =
    SCHEMA_MAP("statement-attachment", struct msg_statement_attachment, statement_attachment_fields,
               MSG_ATTACHMENT_MAX);

static const struct field evidence_attachment_fields[] = {
    SCHEMA_UINT(1, REQUIRED, struct msg_evidence_attachment, cause, 1, 3),
    SCHEMA_BYTES(2, REQUIRED, struct msg_evidence_attachment, first_request),
    SCHEMA_BYTES(3, REQUIRED, struct msg_evidence_attachment, second_request),
};
const struct schema msg_evidence_attachment_schema =
    SCHEMA_MAP("evidence-attachment", struct msg_evidence_attachment, evidence_attachment_fields,
               MSG_ATTACHMENT_MAX);

static const struct field close_attachment_fields[] = {
    SCHEMA_BYTES(1, REQUIRED, struct msg_close_attachment, allowance),
    SCHEMA_MONEY(2, REQUIRED, struct msg_close_attachment, settled, 0, MSG_LINE_CENTS_MAX),
    SCHEMA_MONEY(3, REQUIRED, struct msg_close_attachment, forfeited, 0, MSG_LINE_CENTS_MAX),
    SCHEMA_MONEY(4, REQUIRED, struct msg_close_attachment, expired, 0, MSG_LINE_CENTS_MAX),
    SCHEMA_MONEY(5, REQUIRED, struct msg_close_attachment, returned, 0, MSG_LINE_CENTS_MAX),
};
const struct schema msg_close_attachment_schema = SCHEMA_MAP(
    "close-attachment", struct msg_close_attachment, close_attachment_fields, MSG_ATTACHMENT_MAX);

static const struct field debt_attachment_fields[] = {
    SCHEMA_BYTES(1, REQUIRED, struct msg_debt_attachment, allowance),
    SCHEMA_BYTES(2, REQUIRED, struct msg_debt_attachment, purse),
    SCHEMA_MONEY(3, REQUIRED, struct msg_debt_attachment, amount, 1, MONEY_CENTS_MAX),
};
const struct schema msg_debt_attachment_schema = SCHEMA_MAP(
    "debt-attachment", struct msg_debt_attachment, debt_attachment_fields, MSG_ATTACHMENT_MAX);

static const struct field expiry_attachment_fields[] = {
    SCHEMA_BYTES(1, REQUIRED, struct msg_expiry_attachment, purse),
    SCHEMA_UINT(2, REQUIRED, struct msg_expiry_attachment, lot, 0, MONEY_CENTS_MAX),
    SCHEMA_MONEY(3, REQUIRED, struct msg_expiry_attachment, amount, 1, MONEY_CENTS_MAX),
};
const struct schema msg_expiry_attachment_schema =
    SCHEMA_MAP("expiry-attachment", struct msg_expiry_attachment, expiry_attachment_fields,
               MSG_ATTACHMENT_MAX);

static const struct field service_day_attachment_fields[] = {
    SCHEMA_UINT(1, REQUIRED, struct msg_service_day_attachment, day, 0, UINT32_MAX),
    SCHEMA_BSTR(2, REQUIRED, struct msg_service_day_attachment, checkpoint, 1, 4096),
};
const struct schema msg_service_day_attachment_schema =
    SCHEMA_MAP("service-day-attachment", struct msg_service_day_attachment,
               service_day_attachment_fields, MSG_ATTACHMENT_MAX);

static const struct field dispute_attachment_fields[] = {
    SCHEMA_BYTES(1, REQUIRED, struct msg_dispute_attachment, transfer),
    SCHEMA_UINT(2, REQUIRED, struct msg_dispute_attachment, statement, 0, MONEY_CENTS_MAX),
};
const struct schema msg_dispute_attachment_schema =
    SCHEMA_MAP("dispute-attachment", struct msg_dispute_attachment, dispute_attachment_fields,
               MSG_ATTACHMENT_MAX);
