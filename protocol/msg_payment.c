#include "msg_payment.h"

#include "cose.h"
#include "msg.h"
#include "text.h"

static const struct field allowance_fields[] = {
    SCHEMA_CONST(0, "type", MSG_ALLOWANCE),
    SCHEMA_UINT(1, REQUIRED, struct msg_allowance, network, 1, UINT32_MAX),
    SCHEMA_BYTES(2, REQUIRED, struct msg_allowance, key),
    SCHEMA_UINT(3, REQUIRED, struct msg_allowance, class, 1, 2),
    SCHEMA_UINT(4, REQUIRED, struct msg_allowance, tier, 1, 3),
    SCHEMA_MONEY(5, REQUIRED, struct msg_allowance, amount, 1, MSG_LINE_CENTS_MAX),
    SCHEMA_MONEY(6, REQUIRED, struct msg_allowance, limit, 1, MSG_LINE_CENTS_MAX),
    SCHEMA_UINT(7, REQUIRED, struct msg_allowance, from, 1, UINT32_MAX),
    SCHEMA_UINT(8, REQUIRED, struct msg_allowance, hours, 1, 4095),
    SCHEMA_UINT(9, OPTIONAL, struct msg_allowance, restriction, 1, 65535),
    SCHEMA_UINT(10, OPTIONAL, struct msg_allowance, online, 1, 1),
};
const struct schema msg_allowance_schema =
    SCHEMA_MAP("allowance", struct msg_allowance, allowance_fields, COSE_PAYLOAD_MAX);

static const struct field request_fields[] = {
    SCHEMA_CONST(0, "type", MSG_REQUEST),
    SCHEMA_UINT(1, REQUIRED, struct msg_request, network, 1, UINT32_MAX),
    SCHEMA_UINT(2, REQUIRED, struct msg_request, till, 1, UINT32_MAX),
    SCHEMA_UINT(3, REQUIRED, struct msg_request, class, 1, 2),
    SCHEMA_MONEY(4, OPTIONAL, struct msg_request, amount, 1, MSG_LINE_CENTS_MAX),
    SCHEMA_BYTES(5, OPTIONAL, struct msg_request, nonce),
    SCHEMA_UINT(6, REQUIRED, struct msg_request, number, 0, UINT32_MAX),
    SCHEMA_UINT(7, REQUIRED, struct msg_request, time, 1, UINT32_MAX),
    SCHEMA_UINT(8, OPTIONAL, struct msg_request, seconds, 1, 86400),
    SCHEMA_UINT(9, OPTIONAL, struct msg_request, partial, 1, 1),
};
const struct schema msg_request_schema =
    SCHEMA_MAP("request", struct msg_request, request_fields, COSE_PAYLOAD_MAX);

static const struct field transfer_fields[] = {
    SCHEMA_CONST(0, "type", MSG_TRANSFER),
    SCHEMA_UINT(1, REQUIRED, struct msg_transfer, payee, 1, UINT32_MAX),
    SCHEMA_UINT(2, REQUIRED, struct msg_transfer, from, 0, 9999),
    SCHEMA_UINT(3, REQUIRED, struct msg_transfer, to, 1, MSG_LINE_CENTS_MAX),
    SCHEMA_UINT(4, REQUIRED, struct msg_transfer, seq, 0, UINT32_MAX),
    SCHEMA_BYTES(5, REQUIRED, struct msg_transfer, prev),
};
const struct schema msg_transfer_schema =
    SCHEMA_MAP("transfer", struct msg_transfer, transfer_fields, COSE_PAYLOAD_MAX);

static const struct field receipt_fields[] = {
    SCHEMA_CONST(0, "type", MSG_RECEIPT),
    SCHEMA_UINT(1, REQUIRED, struct msg_receipt, till, 1, UINT32_MAX),
    SCHEMA_BYTES(2, REQUIRED, struct msg_receipt, transfer),
    SCHEMA_UINT(3, REQUIRED, struct msg_receipt, time, 1, UINT32_MAX),
    SCHEMA_UINT(4, REQUIRED, struct msg_receipt, index, 0, MONEY_CENTS_MAX),
};
const struct schema msg_receipt_schema =
    SCHEMA_MAP("receipt", struct msg_receipt, receipt_fields, COSE_PAYLOAD_MAX);

static const struct field void_fields[] = {
    SCHEMA_CONST(0, "type", MSG_VOID),
    SCHEMA_UINT(1, REQUIRED, struct msg_void, till, 1, UINT32_MAX),
    SCHEMA_BYTES(2, REQUIRED, struct msg_void, transfer),
    SCHEMA_UINT(3, REQUIRED, struct msg_void, time, 1, UINT32_MAX),
};
const struct schema msg_void_schema =
    SCHEMA_MAP("void", struct msg_void, void_fields, COSE_PAYLOAD_MAX);

static const struct field refund_fields[] = {
    SCHEMA_CONST(0, "type", MSG_REFUND),
    SCHEMA_UINT(1, REQUIRED, struct msg_refund, till, 1, UINT32_MAX),
    SCHEMA_BYTES(2, REQUIRED, struct msg_refund, transfer),
    SCHEMA_MONEY(3, REQUIRED, struct msg_refund, amount, 1, MSG_LINE_CENTS_MAX),
    SCHEMA_UINT(4, REQUIRED, struct msg_refund, number, 1, 255),
    SCHEMA_UINT(5, REQUIRED, struct msg_refund, time, 1, UINT32_MAX),
};
const struct schema msg_refund_schema =
    SCHEMA_MAP("refund", struct msg_refund, refund_fields, COSE_PAYLOAD_MAX);

static const struct field settlement_proof_fields[] = {
    SCHEMA_CONST(0, "type", MSG_SETTLEMENT_PROOF),
    SCHEMA_UINT(1, REQUIRED, struct msg_settlement_proof, network, 1, UINT32_MAX),
    SCHEMA_BYTES(2, REQUIRED, struct msg_settlement_proof, transfer),
    SCHEMA_UINT(3, REQUIRED, struct msg_settlement_proof, till, 1, UINT32_MAX),
    SCHEMA_BYTES(4, REQUIRED, struct msg_settlement_proof, request),
    SCHEMA_MONEY(5, REQUIRED, struct msg_settlement_proof, amount, 1, MSG_LINE_CENTS_MAX),
    SCHEMA_UINT(6, REQUIRED, struct msg_settlement_proof, class, 1, 2),
    SCHEMA_UINT(7, REQUIRED, struct msg_settlement_proof, time, 1, UINT32_MAX),
    SCHEMA_UINT(8, REQUIRED, struct msg_settlement_proof, index, 0, MONEY_CENTS_MAX),
};
const struct schema msg_settlement_proof_schema = SCHEMA_MAP(
    "settlement-proof", struct msg_settlement_proof, settlement_proof_fields, COSE_PAYLOAD_MAX);

static const struct field anchor_fields[] = {
    SCHEMA_CONST(0, "type", MSG_ANCHOR),
    SCHEMA_UINT(1, REQUIRED, struct msg_anchor, network, 1, UINT32_MAX),
    SCHEMA_UINT(2, REQUIRED, struct msg_anchor, till, 1, UINT32_MAX),
    SCHEMA_UINT(3, REQUIRED, struct msg_anchor, time, 1, UINT32_MAX),
    SCHEMA_UINT(4, REQUIRED, struct msg_anchor, news, 0, UINT32_MAX),
    SCHEMA_BYTES(5, REQUIRED, struct msg_anchor, news_hash),
    SCHEMA_UINT(6, REQUIRED, struct msg_anchor, parameters, 0, UINT32_MAX),
    SCHEMA_UINT(7, REQUIRED, struct msg_anchor, size, 0, MONEY_CENTS_MAX),
    SCHEMA_BYTES(8, REQUIRED, struct msg_anchor, root),
};
const struct schema msg_anchor_schema =
    SCHEMA_MAP("anchor", struct msg_anchor, anchor_fields, COSE_PAYLOAD_MAX);

static const struct field news_fields[] = {
    SCHEMA_CONST(0, "type", MSG_NEWS),
    SCHEMA_UINT(1, REQUIRED, struct msg_news, network, 1, UINT32_MAX),
    SCHEMA_UINT(2, REQUIRED, struct msg_news, from, 0, UINT32_MAX),
    SCHEMA_UINT(3, REQUIRED, struct msg_news, to, 0, UINT32_MAX),
    SCHEMA_BYTES_SET(4, REQUIRED, struct msg_news, added, 0),
    SCHEMA_BYTES_SET(5, REQUIRED, struct msg_news, removed, 0),
    SCHEMA_BYTES(6, REQUIRED, struct msg_news, hash),
    SCHEMA_UINT(7, REQUIRED, struct msg_news, time, 1, UINT32_MAX),
};
const struct schema msg_news_schema =
    SCHEMA_MAP("news", struct msg_news, news_fields, COSE_PAYLOAD_MAX);

static const struct field upload_fields[] = {
    SCHEMA_CONST(0, "type", MSG_UPLOAD),
    SCHEMA_UINT(1, REQUIRED, struct msg_upload, network, 1, UINT32_MAX),
    SCHEMA_UINT(2, REQUIRED, struct msg_upload, till, 1, UINT32_MAX),
    SCHEMA_UINT(3, REQUIRED, struct msg_upload, first, 0, MONEY_CENTS_MAX),
    SCHEMA_BYTES_LIST(4, REQUIRED, struct msg_upload, items, 1),
    SCHEMA_BYTES(5, REQUIRED, struct msg_upload, root),
    SCHEMA_UINT(6, REQUIRED, struct msg_upload, time, 1, UINT32_MAX),
};
const struct schema msg_upload_schema =
    SCHEMA_MAP("upload", struct msg_upload, upload_fields, COSE_PAYLOAD_LARGE_MAX);

static const struct field ack_fields[] = {
    SCHEMA_CONST(0, "type", MSG_ACK),
    SCHEMA_UINT(1, REQUIRED, struct msg_ack, network, 1, UINT32_MAX),
    SCHEMA_BYTES(2, REQUIRED, struct msg_ack, upload),
    SCHEMA_UINT(3, REQUIRED, struct msg_ack, till, 1, UINT32_MAX),
    SCHEMA_UINT(4, REQUIRED, struct msg_ack, index, 0, MONEY_CENTS_MAX),
    SCHEMA_UINT(5, REQUIRED, struct msg_ack, size, 0, MONEY_CENTS_MAX),
    SCHEMA_BSTR(6, REQUIRED, struct msg_ack, results, 1, 512),
    SCHEMA_UINT(7, REQUIRED, struct msg_ack, time, 1, UINT32_MAX),
};
const struct schema msg_ack_schema =
    SCHEMA_MAP("ack", struct msg_ack, ack_fields, COSE_PAYLOAD_MAX);

static const struct field payment_code_fields[] = {
    SCHEMA_UINT(0, REQUIRED, struct msg_payment_code, network, 1, UINT32_MAX),
    SCHEMA_BYTES(1, REQUIRED, struct msg_payment_code, key),
    SCHEMA_UINT(2, REQUIRED, struct msg_payment_code, class, 1, 2),
    SCHEMA_UINT(3, REQUIRED, struct msg_payment_code, tier, 1, 3),
    SCHEMA_MONEY(4, REQUIRED, struct msg_payment_code, amount, 1, MSG_LINE_CENTS_MAX),
    SCHEMA_MONEY(5, REQUIRED, struct msg_payment_code, limit, 1, MSG_LINE_CENTS_MAX),
    SCHEMA_UINT(6, REQUIRED, struct msg_payment_code, valid_from, 1, UINT32_MAX),
    SCHEMA_UINT(7, REQUIRED, struct msg_payment_code, hours, 1, 4095),
    SCHEMA_UINT(8, REQUIRED, struct msg_payment_code, restriction, 0, 65535),
    SCHEMA_UINT(9, REQUIRED, struct msg_payment_code, online, 0, 1),
    SCHEMA_BYTES(10, REQUIRED, struct msg_payment_code, issuer),
    SCHEMA_BYTES(11, REQUIRED, struct msg_payment_code, allowance_signature),
    SCHEMA_UINT(12, REQUIRED, struct msg_payment_code, payee, 1, UINT32_MAX),
    SCHEMA_UINT(13, REQUIRED, struct msg_payment_code, from, 0, 9999),
    SCHEMA_UINT(14, REQUIRED, struct msg_payment_code, to, 1, MSG_LINE_CENTS_MAX),
    SCHEMA_UINT(15, REQUIRED, struct msg_payment_code, seq, 0, UINT32_MAX),
    SCHEMA_BYTES(16, REQUIRED, struct msg_payment_code, prev),
    SCHEMA_BYTES(17, REQUIRED, struct msg_payment_code, transfer_signature),
};
const struct schema msg_payment_code_schema =
    SCHEMA_LIST("payment-code", struct msg_payment_code, payment_code_fields, TEXT_BYTES_MAX);

static const struct field request_code_fields[] = {
    SCHEMA_UINT(0, REQUIRED, struct msg_request_code, network, 1, UINT32_MAX),
    SCHEMA_UINT(1, REQUIRED, struct msg_request_code, till, 1, UINT32_MAX),
    SCHEMA_UINT(2, REQUIRED, struct msg_request_code, merchant, 1, UINT32_MAX),
    SCHEMA_BYTES(3, REQUIRED, struct msg_request_code, key),
    SCHEMA_TEXT(4, REQUIRED, struct msg_request_code, title, 1, 24),
    SCHEMA_UINT(5, REQUIRED, struct msg_request_code, level, 1, 3),
    SCHEMA_MONEY(6, REQUIRED, struct msg_request_code, limit, 1, MONEY_CENTS_MAX),
    SCHEMA_UINT(7, REQUIRED, struct msg_request_code, count, 1, 65535),
    SCHEMA_UINT(8, REQUIRED, struct msg_request_code, classes, 1, 3),
    SCHEMA_UINT_SET(9, REQUIRED, struct msg_request_code, restrictions, 0, 1, 65535),
    SCHEMA_UINT(10, REQUIRED, struct msg_request_code, from, 1, UINT32_MAX),
    SCHEMA_UINT(11, REQUIRED, struct msg_request_code, until, 1, UINT32_MAX),
    SCHEMA_BYTES(12, REQUIRED, struct msg_request_code, issuer),
    SCHEMA_BYTES(13, REQUIRED, struct msg_request_code, till_signature),
    SCHEMA_UINT(14, REQUIRED, struct msg_request_code, class, 1, 2),
    SCHEMA_MONEY(15, REQUIRED, struct msg_request_code, amount, 0, MSG_LINE_CENTS_MAX),
    SCHEMA_BSTR(16, REQUIRED, struct msg_request_code, nonce, 0, 8),
    SCHEMA_UINT(17, REQUIRED, struct msg_request_code, number, 0, UINT32_MAX),
    SCHEMA_UINT(18, REQUIRED, struct msg_request_code, time, 1, UINT32_MAX),
    SCHEMA_UINT(19, REQUIRED, struct msg_request_code, seconds, 0, 86400),
    SCHEMA_UINT(20, REQUIRED, struct msg_request_code, partial, 0, 1),
    SCHEMA_BYTES(21, REQUIRED, struct msg_request_code, request_signature),
};
const struct schema msg_request_code_schema =
    SCHEMA_LIST("request-code", struct msg_request_code, request_code_fields, TEXT_BYTES_MAX);
