#include "msg_purse.h"

#include "cose.h"
#include "msg.h"

static const struct field purse_fields[] = {
    SCHEMA_CONST(0, "type", MSG_PURSE),
    SCHEMA_UINT(1, REQUIRED, struct msg_purse, network, 1, UINT32_MAX),
    SCHEMA_BYTES(2, REQUIRED, struct msg_purse, purse),
    SCHEMA_UINT(3, REQUIRED, struct msg_purse, class, 1, 2),
    SCHEMA_UINT(4, REQUIRED, struct msg_purse, tier, 1, 3),
    SCHEMA_BYTES(5, REQUIRED, struct msg_purse, recovery),
    SCHEMA_BYTES(6, REQUIRED, struct msg_purse, device),
    SCHEMA_MONEY(7, REQUIRED, struct msg_purse, daily_limit, 1, MONEY_CENTS_MAX),
    SCHEMA_UINT(8, REQUIRED, struct msg_purse, time, 1, UINT32_MAX),
};
const struct schema msg_purse_schema =
    SCHEMA_MAP("purse", struct msg_purse, purse_fields, COSE_PAYLOAD_MAX);

static const struct field device_fields[] = {
    SCHEMA_CONST(0, "type", MSG_DEVICE),
    SCHEMA_UINT(1, REQUIRED, struct msg_device, network, 1, UINT32_MAX),
    SCHEMA_BYTES(2, REQUIRED, struct msg_device, purse),
    SCHEMA_BYTES(3, REQUIRED, struct msg_device, device),
    SCHEMA_UINT(4, REQUIRED, struct msg_device, action, 1, 2),
    SCHEMA_MONEY(5, REQUIRED, struct msg_device, daily_limit, 1, MONEY_CENTS_MAX),
    SCHEMA_UINT(6, REQUIRED, struct msg_device, number, 1, UINT32_MAX),
    SCHEMA_UINT(7, REQUIRED, struct msg_device, time, 1, UINT32_MAX),
};
const struct schema msg_device_schema =
    SCHEMA_MAP("device", struct msg_device, device_fields, COSE_PAYLOAD_MAX);

static const struct field allowance_request_fields[] = {
    SCHEMA_CONST(0, "type", MSG_ALLOWANCE_REQUEST),
    SCHEMA_UINT(1, REQUIRED, struct msg_allowance_request, network, 1, UINT32_MAX),
    SCHEMA_BYTES(2, REQUIRED, struct msg_allowance_request, purse),
    SCHEMA_BYTES(3, REQUIRED, struct msg_allowance_request, key),
    SCHEMA_MONEY(4, REQUIRED, struct msg_allowance_request, amount, 1, MSG_LINE_CENTS_MAX),
    SCHEMA_UINT(5, OPTIONAL, struct msg_allowance_request, restriction, 1, 65535),
    SCHEMA_UINT(6, OPTIONAL, struct msg_allowance_request, online, 1, 1),
    SCHEMA_BYTES(7, REQUIRED, struct msg_allowance_request, nonce),
    SCHEMA_UINT(8, REQUIRED, struct msg_allowance_request, time, 1, UINT32_MAX),
};
const struct schema msg_allowance_request_schema = SCHEMA_MAP(
    "allowance-request", struct msg_allowance_request, allowance_request_fields, COSE_PAYLOAD_MAX);

static const struct field renewal_request_fields[] = {
    SCHEMA_CONST(0, "type", MSG_RENEWAL_REQUEST),
    SCHEMA_UINT(1, REQUIRED, struct msg_renewal_request, network, 1, UINT32_MAX),
    SCHEMA_BYTES(2, REQUIRED, struct msg_renewal_request, purse),
    SCHEMA_BYTES(3, REQUIRED, struct msg_renewal_request, allowance),
    SCHEMA_MONEY(4, REQUIRED, struct msg_renewal_request, amount, 1, MSG_LINE_CENTS_MAX),
    SCHEMA_BYTES(5, REQUIRED, struct msg_renewal_request, nonce),
    SCHEMA_UINT(6, REQUIRED, struct msg_renewal_request, time, 1, UINT32_MAX),
};
const struct schema msg_renewal_request_schema = SCHEMA_MAP(
    "renewal-request", struct msg_renewal_request, renewal_request_fields, COSE_PAYLOAD_MAX);

static const struct field gift_fields[] = {
    SCHEMA_CONST(0, "type", MSG_GIFT),
    SCHEMA_UINT(1, REQUIRED, struct msg_gift, network, 1, UINT32_MAX),
    SCHEMA_BYTES(2, REQUIRED, struct msg_gift, purse),
    SCHEMA_UINT(3, REQUIRED, struct msg_gift, lot, 0, MONEY_CENTS_MAX),
    SCHEMA_BYTES(4, REQUIRED, struct msg_gift, to),
    SCHEMA_BYTES(5, REQUIRED, struct msg_gift, nonce),
    SCHEMA_UINT(6, REQUIRED, struct msg_gift, time, 1, UINT32_MAX),
};
const struct schema msg_gift_schema =
    SCHEMA_MAP("gift", struct msg_gift, gift_fields, COSE_PAYLOAD_MAX);

static const struct field loss_report_fields[] = {
    SCHEMA_CONST(0, "type", MSG_LOSS_REPORT),
    SCHEMA_UINT(1, REQUIRED, struct msg_loss_report, network, 1, UINT32_MAX),
    SCHEMA_BYTES(2, REQUIRED, struct msg_loss_report, purse),
    SCHEMA_BYTES(3, OPTIONAL, struct msg_loss_report, allowance),
    SCHEMA_BYTES(4, REQUIRED, struct msg_loss_report, nonce),
    SCHEMA_UINT(5, REQUIRED, struct msg_loss_report, time, 1, UINT32_MAX),
};
const struct schema msg_loss_report_schema =
    SCHEMA_MAP("loss-report", struct msg_loss_report, loss_report_fields, COSE_PAYLOAD_MAX);

static const struct field statement_fields[] = {
    SCHEMA_CONST(0, "type", MSG_STATEMENT),
    SCHEMA_UINT(1, REQUIRED, struct msg_statement, network, 1, UINT32_MAX),
    SCHEMA_BYTES(2, REQUIRED, struct msg_statement, purse),
    SCHEMA_BYTES(3, REQUIRED, struct msg_statement, transfer),
    SCHEMA_UINT(4, REQUIRED, struct msg_statement, claim, 1, 4),
    SCHEMA_UINT(5, REQUIRED, struct msg_statement, time, 1, UINT32_MAX),
};
const struct schema msg_statement_schema =
    SCHEMA_MAP("statement", struct msg_statement, statement_fields, COSE_PAYLOAD_MAX);
