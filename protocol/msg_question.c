#include "msg_question.h"

#include "cose.h"
#include "msg.h"

static const struct field question_fields[] = {
    SCHEMA_CONST(0, "type", MSG_QUESTION),
    SCHEMA_UINT(1, REQUIRED, struct msg_question, network, 1, UINT32_MAX),
    SCHEMA_UINT(2, REQUIRED, struct msg_question, about, 1, 3),
    SCHEMA_BYTES(3, OPTIONAL, struct msg_question, purse),
    SCHEMA_UINT(4, OPTIONAL, struct msg_question, number, 1, MONEY_CENTS_MAX),
    SCHEMA_BYTES(5, REQUIRED, struct msg_question, nonce),
    SCHEMA_UINT(6, REQUIRED, struct msg_question, time, 1, UINT32_MAX),
};
const struct schema msg_question_schema =
    SCHEMA_MAP("question", struct msg_question, question_fields, COSE_PAYLOAD_MAX);

static const struct field lot_state_fields[] = {
    SCHEMA_UINT(0, REQUIRED, struct msg_lot_state, lot, 0, MONEY_CENTS_MAX),
    SCHEMA_UINT(1, REQUIRED, struct msg_lot_state, series, 1, UINT32_MAX),
    SCHEMA_MONEY(2, REQUIRED, struct msg_lot_state, free, 1, MONEY_CENTS_MAX),
    SCHEMA_UINT(3, REQUIRED, struct msg_lot_state, expiry, 1, UINT32_MAX),
    SCHEMA_UINT(4, REQUIRED, struct msg_lot_state, restriction, 0, 65535),
};
const struct schema msg_lot_state_schema =
    SCHEMA_LIST("lot-state", struct msg_lot_state, lot_state_fields, 0);

static const struct field line_state_fields[] = {
    SCHEMA_BYTES(0, REQUIRED, struct msg_line_state, allowance),
    SCHEMA_MONEY(1, REQUIRED, struct msg_line_state, amount, 1, MSG_LINE_CENTS_MAX),
    SCHEMA_MONEY(2, REQUIRED, struct msg_line_state, settled, 0, MSG_LINE_CENTS_MAX),
    SCHEMA_UINT(3, REQUIRED, struct msg_line_state, end, 1, UINT32_MAX),
    SCHEMA_UINT(4, REQUIRED, struct msg_line_state, stopped, 0, 1),
};
const struct schema msg_line_state_schema =
    SCHEMA_LIST("line-state", struct msg_line_state, line_state_fields, 0);

static const struct field owed_state_fields[] = {
    SCHEMA_UINT(0, REQUIRED, struct msg_owed_state, class, 1, 2),
    SCHEMA_MONEY(1, REQUIRED, struct msg_owed_state, owed, 0, MONEY_CENTS_MAX),
    SCHEMA_MONEY(2, REQUIRED, struct msg_owed_state, claims, 0, MONEY_CENTS_MAX),
    SCHEMA_UINT(3, REQUIRED, struct msg_owed_state, payout, 0, UINT32_MAX),
};
const struct schema msg_owed_state_schema =
    SCHEMA_LIST("owed-state", struct msg_owed_state, owed_state_fields, 0);

static const struct field account_fields[] = {
    SCHEMA_CONST(0, "type", MSG_ACCOUNT),
    SCHEMA_UINT(1, REQUIRED, struct msg_account, network, 1, UINT32_MAX),
    SCHEMA_BYTES(2, REQUIRED, struct msg_account, question),
    SCHEMA_UINT(3, REQUIRED, struct msg_account, size, 0, MONEY_CENTS_MAX),
    SCHEMA_UINT(4, REQUIRED, struct msg_account, time, 1, UINT32_MAX),
    SCHEMA_RECORD_LIST(5, OPTIONAL, struct msg_account, lots, 1, msg_lot_state_schema),
    SCHEMA_UINT(6, OPTIONAL, struct msg_account, more, 1, 1),
    SCHEMA_RECORD_LIST(7, OPTIONAL, struct msg_account, lines, 1, msg_line_state_schema),
    SCHEMA_MONEY(8, OPTIONAL, struct msg_account, debt, 1, MONEY_CENTS_MAX),
    SCHEMA_RECORD_LIST(9, OPTIONAL, struct msg_account, owed, 1, msg_owed_state_schema),
};
const struct schema msg_account_schema =
    SCHEMA_MAP("account", struct msg_account, account_fields, COSE_PAYLOAD_MAX);
