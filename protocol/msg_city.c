#include "msg_city.h"

#include "cose.h"
#include "msg.h"

static const struct field genesis_fields[] = {
    SCHEMA_CONST(0, "type", MSG_GENESIS),
    SCHEMA_UINT(1, REQUIRED, struct msg_genesis, network, 1, UINT32_MAX),
    SCHEMA_TEXT(2, REQUIRED, struct msg_genesis, name, 1, 64),
    SCHEMA_TEXT(3, REQUIRED, struct msg_genesis, origin, 1, 255),
    SCHEMA_BYTES_LIST(4, REQUIRED, struct msg_genesis, roots, 3),
    SCHEMA_UINT(5, REQUIRED, struct msg_genesis, time, 1, UINT32_MAX),
};
const struct schema msg_genesis_schema =
    SCHEMA_MAP("genesis", struct msg_genesis, genesis_fields, COSE_PAYLOAD_MAX);

static const struct field role_key_fields[] = {
    SCHEMA_CONST(0, "type", MSG_ROLE_KEY),
    SCHEMA_UINT(1, REQUIRED, struct msg_role_key, network, 1, UINT32_MAX),
    SCHEMA_UINT(2, REQUIRED, struct msg_role_key, role, 2, 13),
    SCHEMA_BYTES(3, REQUIRED, struct msg_role_key, key),
    SCHEMA_UINT(4, REQUIRED, struct msg_role_key, from, 1, UINT32_MAX),
    SCHEMA_UINT(5, REQUIRED, struct msg_role_key, until, 1, UINT32_MAX),
    SCHEMA_UINT(6, REQUIRED, struct msg_role_key, verify_until, 1, UINT32_MAX),
};
const struct schema msg_role_key_schema =
    SCHEMA_MAP("role-key", struct msg_role_key, role_key_fields, COSE_PAYLOAD_MAX);

static const struct field kill_fields[] = {
    SCHEMA_CONST(0, "type", MSG_KILL),
    SCHEMA_UINT(1, REQUIRED, struct msg_kill, network, 1, UINT32_MAX),
    SCHEMA_BYTES(2, REQUIRED, struct msg_kill, key),
    SCHEMA_UINT(3, REQUIRED, struct msg_kill, role, 2, 13),
    SCHEMA_TEXT(4, REQUIRED, struct msg_kill, reason, 1, 200),
    SCHEMA_UINT(5, REQUIRED, struct msg_kill, time, 1, UINT32_MAX),
};
const struct schema msg_kill_schema =
    SCHEMA_MAP("kill", struct msg_kill, kill_fields, COSE_PAYLOAD_MAX);

static const struct field till_class_fields[] = {
    SCHEMA_MONEY(0, REQUIRED, struct msg_till_class, limit, 1, MONEY_CENTS_MAX),
    SCHEMA_UINT(1, REQUIRED, struct msg_till_class, count, 1, 65535),
};
const struct schema msg_till_class_schema =
    SCHEMA_LIST("till-class", struct msg_till_class, till_class_fields, 0);

static const struct field offset_fields[] = {
    SCHEMA_UINT(0, REQUIRED, struct msg_offset, at, 1, UINT32_MAX),
    SCHEMA_UINT(1, REQUIRED, struct msg_offset, east, 0, 86400),
};
const struct schema msg_offset_schema = SCHEMA_LIST("offset", struct msg_offset, offset_fields, 0);

static const struct field parameters_fields[] = {
    SCHEMA_CONST(0, "type", MSG_PARAMETERS),
    SCHEMA_UINT(1, REQUIRED, struct msg_parameters, network, 1, UINT32_MAX),
    SCHEMA_UINT(2, REQUIRED, struct msg_parameters, version, 1, UINT32_MAX),
    SCHEMA_UINT(3, REQUIRED, struct msg_parameters, from, 1, UINT32_MAX),
    SCHEMA_MONEY_LIST(4, REQUIRED, struct msg_parameters, open_limits, 3, 1, MSG_LINE_CENTS_MAX),
    SCHEMA_MONEY_LIST(5, REQUIRED, struct msg_parameters, transfer_limits, 3, 1,
                      MSG_LINE_CENTS_MAX),
    SCHEMA_UINT(6, REQUIRED, struct msg_parameters, allowance_hours, 1, 4095),
    SCHEMA_UINT(7, REQUIRED, struct msg_parameters, grace_days, 1, 255),
    SCHEMA_RECORD_LIST(8, REQUIRED, struct msg_parameters, till_classes, 3, msg_till_class_schema),
    SCHEMA_UINT(9, REQUIRED, struct msg_parameters, stale_percent, 0, 100),
    SCHEMA_MONEY(10, REQUIRED, struct msg_parameters, per_allowance, 1, MSG_LINE_CENTS_MAX),
    SCHEMA_MONEY(11, REQUIRED, struct msg_parameters, per_allowance_stale, 1, MSG_LINE_CENTS_MAX),
    SCHEMA_UINT(12, REQUIRED, struct msg_parameters, fresh_seconds, 1, UINT32_MAX),
    SCHEMA_UINT(13, REQUIRED, struct msg_parameters, offline_seconds, 1, UINT32_MAX),
    SCHEMA_MONEY(14, REQUIRED, struct msg_parameters, anonymous_allowance, 1, MSG_LINE_CENTS_MAX),
    SCHEMA_MONEY(15, REQUIRED, struct msg_parameters, anonymous_total, 1, MONEY_CENTS_MAX),
    SCHEMA_MONEY(16, REQUIRED, struct msg_parameters, proof_total, 1, MONEY_CENTS_MAX),
    SCHEMA_MONEY(17, REQUIRED, struct msg_parameters, merchant_fund, 1, MONEY_CENTS_MAX),
    SCHEMA_UINT(18, REQUIRED, struct msg_parameters, line_days, 1, 255),
    SCHEMA_MONEY(19, REQUIRED, struct msg_parameters, till_refund, 1, MONEY_CENTS_MAX),
    SCHEMA_RECORD_SET(20, REQUIRED, struct msg_parameters, offsets, 0, msg_offset_schema),
};
const struct schema msg_parameters_schema =
    SCHEMA_MAP("parameters", struct msg_parameters, parameters_fields, COSE_PAYLOAD_MAX);

static const struct field series_fields[] = {
    SCHEMA_CONST(0, "type", MSG_SERIES),
    SCHEMA_UINT(1, REQUIRED, struct msg_series, network, 1, UINT32_MAX),
    SCHEMA_UINT(2, REQUIRED, struct msg_series, series, 1, UINT32_MAX),
    SCHEMA_UINT(3, REQUIRED, struct msg_series, version, 1, UINT32_MAX),
    SCHEMA_TEXT(4, REQUIRED, struct msg_series, name, 1, 64),
    SCHEMA_UINT(5, REQUIRED, struct msg_series, class, 1, 2),
    SCHEMA_MONEY(6, REQUIRED, struct msg_series, budget, 1, MONEY_CENTS_MAX),
    SCHEMA_UINT(7, REQUIRED, struct msg_series, percent, 0, 100),
    SCHEMA_UINT(8, OPTIONAL, struct msg_series, restriction, 1, 65535),
    SCHEMA_UINT(9, REQUIRED, struct msg_series, from, 1, UINT32_MAX),
    SCHEMA_UINT(10, REQUIRED, struct msg_series, until, 1, UINT32_MAX),
};
const struct schema msg_series_schema =
    SCHEMA_MAP("series", struct msg_series, series_fields, COSE_PAYLOAD_MAX);

static const struct field merchant_fields[] = {
    SCHEMA_CONST(0, "type", MSG_MERCHANT),
    SCHEMA_UINT(1, REQUIRED, struct msg_merchant, network, 1, UINT32_MAX),
    SCHEMA_UINT(2, REQUIRED, struct msg_merchant, merchant, 1, UINT32_MAX),
    SCHEMA_TEXT(3, REQUIRED, struct msg_merchant, name, 1, 64),
    SCHEMA_BYTES(4, REQUIRED, struct msg_merchant, key),
    SCHEMA_BYTES(5, REQUIRED, struct msg_merchant, account),
    SCHEMA_UINT(6, REQUIRED, struct msg_merchant, time, 1, UINT32_MAX),
};
const struct schema msg_merchant_schema =
    SCHEMA_MAP("merchant", struct msg_merchant, merchant_fields, COSE_PAYLOAD_MAX);

static const struct field till_fields[] = {
    SCHEMA_CONST(0, "type", MSG_TILL),
    SCHEMA_UINT(1, REQUIRED, struct msg_till, network, 1, UINT32_MAX),
    SCHEMA_UINT(2, REQUIRED, struct msg_till, till, 1, UINT32_MAX),
    SCHEMA_UINT(3, REQUIRED, struct msg_till, merchant, 1, UINT32_MAX),
    SCHEMA_BYTES(4, REQUIRED, struct msg_till, key),
    SCHEMA_TEXT(5, REQUIRED, struct msg_till, title, 1, 24),
    SCHEMA_UINT(6, REQUIRED, struct msg_till, level, 1, 3),
    SCHEMA_MONEY(7, REQUIRED, struct msg_till, limit, 1, MONEY_CENTS_MAX),
    SCHEMA_UINT(8, REQUIRED, struct msg_till, count, 1, 65535),
    SCHEMA_UINT(9, REQUIRED, struct msg_till, classes, 1, 3),
    SCHEMA_UINT_SET(10, REQUIRED, struct msg_till, restrictions, 0, 1, 65535),
    SCHEMA_UINT(11, REQUIRED, struct msg_till, from, 1, UINT32_MAX),
    SCHEMA_UINT(12, REQUIRED, struct msg_till, until, 1, UINT32_MAX),
};
const struct schema msg_till_schema =
    SCHEMA_MAP("till", struct msg_till, till_fields, COSE_PAYLOAD_MAX);

static const struct field revocation_fields[] = {
    SCHEMA_CONST(0, "type", MSG_REVOCATION),
    SCHEMA_UINT(1, REQUIRED, struct msg_revocation, network, 1, UINT32_MAX),
    SCHEMA_UINT(2, REQUIRED, struct msg_revocation, till, 1, UINT32_MAX),
    SCHEMA_UINT(3, REQUIRED, struct msg_revocation, size, 0, MONEY_CENTS_MAX),
    SCHEMA_UINT(4, REQUIRED, struct msg_revocation, time, 1, UINT32_MAX),
};
const struct schema msg_revocation_schema =
    SCHEMA_MAP("revocation", struct msg_revocation, revocation_fields, COSE_PAYLOAD_MAX);

static const struct field funding_fields[] = {
    SCHEMA_CONST(0, "type", MSG_FUNDING),
    SCHEMA_UINT(1, REQUIRED, struct msg_funding, network, 1, UINT32_MAX),
    SCHEMA_UINT(2, REQUIRED, struct msg_funding, class, 1, 2),
    SCHEMA_UINT(3, REQUIRED, struct msg_funding, number, 1, UINT32_MAX),
    SCHEMA_UINT(4, REQUIRED, struct msg_funding, purpose, 1, 3),
    SCHEMA_UINT(5, OPTIONAL, struct msg_funding, series, 1, UINT32_MAX),
    SCHEMA_MONEY(6, REQUIRED, struct msg_funding, amount, 1, MONEY_CENTS_MAX),
    SCHEMA_BYTES(7, REQUIRED, struct msg_funding, reference),
    SCHEMA_UINT(8, REQUIRED, struct msg_funding, time, 1, UINT32_MAX),
};
const struct schema msg_funding_schema =
    SCHEMA_MAP("funding", struct msg_funding, funding_fields, COSE_PAYLOAD_MAX);

static const struct field issue_fields[] = {
    SCHEMA_CONST(0, "type", MSG_ISSUE),
    SCHEMA_UINT(1, REQUIRED, struct msg_issue, network, 1, UINT32_MAX),
    SCHEMA_UINT(2, REQUIRED, struct msg_issue, series, 1, UINT32_MAX),
    SCHEMA_UINT(3, REQUIRED, struct msg_issue, number, 1, UINT32_MAX),
    SCHEMA_BYTES(4, REQUIRED, struct msg_issue, purse),
    SCHEMA_MONEY(5, OPTIONAL, struct msg_issue, paid, 1, MONEY_CENTS_MAX),
    SCHEMA_MONEY(6, OPTIONAL, struct msg_issue, promo, 1, MONEY_CENTS_MAX),
    SCHEMA_UINT(7, OPTIONAL, struct msg_issue, paid_expiry, 1, UINT32_MAX),
    SCHEMA_UINT(8, OPTIONAL, struct msg_issue, promo_expiry, 1, UINT32_MAX),
    SCHEMA_UINT(9, REQUIRED, struct msg_issue, time, 1, UINT32_MAX),
};
const struct schema msg_issue_schema =
    SCHEMA_MAP("issue", struct msg_issue, issue_fields, COSE_PAYLOAD_MAX);

static const struct field hold_fields[] = {
    SCHEMA_CONST(0, "type", MSG_HOLD),
    SCHEMA_UINT(1, REQUIRED, struct msg_hold, network, 1, UINT32_MAX),
    SCHEMA_UINT(2, REQUIRED, struct msg_hold, number, 1, UINT32_MAX),
    SCHEMA_UINT(3, REQUIRED, struct msg_hold, action, 1, 2),
    SCHEMA_TEXT(4, REQUIRED, struct msg_hold, reason, 1, 200),
    SCHEMA_UINT(5, REQUIRED, struct msg_hold, time, 1, UINT32_MAX),
};
const struct schema msg_hold_schema =
    SCHEMA_MAP("hold", struct msg_hold, hold_fields, COSE_PAYLOAD_MAX);

static const struct field denial_fields[] = {
    SCHEMA_CONST(0, "type", MSG_DENIAL),
    SCHEMA_UINT(1, REQUIRED, struct msg_denial, network, 1, UINT32_MAX),
    SCHEMA_BYTES(2, REQUIRED, struct msg_denial, allowance),
    SCHEMA_TEXT(3, REQUIRED, struct msg_denial, reason, 1, 200),
    SCHEMA_UINT(4, REQUIRED, struct msg_denial, time, 1, UINT32_MAX),
};
const struct schema msg_denial_schema =
    SCHEMA_MAP("denial", struct msg_denial, denial_fields, COSE_PAYLOAD_MAX);

static const struct field review_fields[] = {
    SCHEMA_CONST(0, "type", MSG_REVIEW),
    SCHEMA_UINT(1, REQUIRED, struct msg_review, network, 1, UINT32_MAX),
    SCHEMA_BYTES(2, REQUIRED, struct msg_review, transfer),
    SCHEMA_UINT(3, REQUIRED, struct msg_review, decision, 1, 2),
    SCHEMA_TEXT(4, REQUIRED, struct msg_review, reason, 1, 200),
    SCHEMA_UINT(5, REQUIRED, struct msg_review, time, 1, UINT32_MAX),
};
const struct schema msg_review_schema =
    SCHEMA_MAP("review", struct msg_review, review_fields, COSE_PAYLOAD_MAX);

static const struct field payout_fields[] = {
    SCHEMA_CONST(0, "type", MSG_PAYOUT),
    SCHEMA_UINT(1, REQUIRED, struct msg_payout, network, 1, UINT32_MAX),
    SCHEMA_UINT(2, REQUIRED, struct msg_payout, merchant, 1, UINT32_MAX),
    SCHEMA_UINT(3, REQUIRED, struct msg_payout, class, 1, 2),
    SCHEMA_UINT(4, REQUIRED, struct msg_payout, number, 1, UINT32_MAX),
    SCHEMA_MONEY(5, REQUIRED, struct msg_payout, amount, 1, MONEY_CENTS_MAX),
    SCHEMA_UINT(6, REQUIRED, struct msg_payout, time, 1, UINT32_MAX),
};
const struct schema msg_payout_schema =
    SCHEMA_MAP("payout", struct msg_payout, payout_fields, COSE_PAYLOAD_MAX);
