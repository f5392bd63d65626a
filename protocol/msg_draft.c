#include "msg_draft.h"

#include "cose.h"
#include "msg.h"
#include "text.h"

static const struct field bank_statement_fields[] = {
    SCHEMA_CONST(0, "type", MSG_BANK_STATEMENT),
    SCHEMA_UINT(1, REQUIRED, struct msg_bank_statement, network, 1, UINT32_MAX),
    SCHEMA_UINT(2, REQUIRED, struct msg_bank_statement, class, 1, 2),
    SCHEMA_UINT(3, REQUIRED, struct msg_bank_statement, number, 1, UINT32_MAX),
    SCHEMA_BYTES(4, REQUIRED, struct msg_bank_statement, account),
    SCHEMA_MONEY(5, REQUIRED, struct msg_bank_statement, opening, 0, MONEY_CENTS_MAX),
    SCHEMA_MONEY(6, REQUIRED, struct msg_bank_statement, closing, 0, MONEY_CENTS_MAX),
    SCHEMA_BYTES(7, REQUIRED, struct msg_bank_statement, file),
    SCHEMA_UINT(8, REQUIRED, struct msg_bank_statement, time, 1, UINT32_MAX),
};
const struct schema msg_bank_statement_schema = SCHEMA_MAP(
    "bank-statement", struct msg_bank_statement, bank_statement_fields, COSE_PAYLOAD_MAX);

static const struct field clarification_fields[] = {
    SCHEMA_CONST(0, "type", MSG_CLARIFICATION),
    SCHEMA_UINT(1, REQUIRED, struct msg_clarification, network, 1, UINT32_MAX),
    SCHEMA_UINT(2, REQUIRED, struct msg_clarification, class, 1, 2),
    SCHEMA_UINT(3, REQUIRED, struct msg_clarification, number, 1, UINT32_MAX),
    SCHEMA_MONEY(4, REQUIRED, struct msg_clarification, amount, 1, MONEY_CENTS_MAX),
    SCHEMA_BYTES(5, OPTIONAL, struct msg_clarification, purse),
    SCHEMA_TEXT(6, REQUIRED, struct msg_clarification, reason, 1, 200),
    SCHEMA_UINT(7, REQUIRED, struct msg_clarification, time, 1, UINT32_MAX),
};
const struct schema msg_clarification_schema =
    SCHEMA_MAP("clarification", struct msg_clarification, clarification_fields, COSE_PAYLOAD_MAX);

static const struct field return_fields[] = {
    SCHEMA_CONST(0, "type", MSG_RETURN),
    SCHEMA_UINT(1, REQUIRED, struct msg_return, network, 1, UINT32_MAX),
    SCHEMA_UINT(2, REQUIRED, struct msg_return, class, 1, 2),
    SCHEMA_UINT(3, REQUIRED, struct msg_return, number, 1, UINT32_MAX),
    SCHEMA_MONEY(4, REQUIRED, struct msg_return, amount, 1, MONEY_CENTS_MAX),
    SCHEMA_BYTES(5, REQUIRED, struct msg_return, reference),
    SCHEMA_UINT(6, REQUIRED, struct msg_return, time, 1, UINT32_MAX),
};
const struct schema msg_return_schema =
    SCHEMA_MAP("return", struct msg_return, return_fields, COSE_PAYLOAD_MAX);

static const struct field goodwill_fields[] = {
    SCHEMA_CONST(0, "type", MSG_GOODWILL),
    SCHEMA_UINT(1, REQUIRED, struct msg_goodwill, network, 1, UINT32_MAX),
    SCHEMA_BYTES(2, REQUIRED, struct msg_goodwill, purse),
    SCHEMA_UINT(3, REQUIRED, struct msg_goodwill, class, 1, 2),
    SCHEMA_MONEY(4, REQUIRED, struct msg_goodwill, amount, 1, MONEY_CENTS_MAX),
    SCHEMA_UINT(5, REQUIRED, struct msg_goodwill, expiry, 1, UINT32_MAX),
    SCHEMA_TEXT(6, REQUIRED, struct msg_goodwill, reason, 1, 200),
    SCHEMA_UINT(7, REQUIRED, struct msg_goodwill, time, 1, UINT32_MAX),
};
const struct schema msg_goodwill_schema =
    SCHEMA_MAP("goodwill", struct msg_goodwill, goodwill_fields, COSE_PAYLOAD_MAX);

static const struct field correction_fields[] = {
    SCHEMA_CONST(0, "type", MSG_CORRECTION),
    SCHEMA_UINT(1, REQUIRED, struct msg_correction, network, 1, UINT32_MAX),
    SCHEMA_UINT(2, REQUIRED, struct msg_correction, corrects, 0, MONEY_CENTS_MAX),
    SCHEMA_UINT(3, REQUIRED, struct msg_correction, class, 1, 2),
    SCHEMA_TEXT(4, REQUIRED, struct msg_correction, debit, 1, 100),
    SCHEMA_TEXT(5, REQUIRED, struct msg_correction, credit, 1, 100),
    SCHEMA_MONEY(6, REQUIRED, struct msg_correction, amount, 1, MONEY_CENTS_MAX),
    SCHEMA_TEXT(7, REQUIRED, struct msg_correction, reason, 1, 200),
    SCHEMA_UINT(8, REQUIRED, struct msg_correction, time, 1, UINT32_MAX),
};
const struct schema msg_correction_schema =
    SCHEMA_MAP("correction", struct msg_correction, correction_fields, COSE_PAYLOAD_MAX);

static const struct field mandate_fields[] = {
    SCHEMA_CONST(0, "type", MSG_MANDATE),
    SCHEMA_UINT(1, REQUIRED, struct msg_mandate, network, 1, UINT32_MAX),
    SCHEMA_BYTES(2, REQUIRED, struct msg_mandate, purse),
    SCHEMA_BYTES_LIST(3, REQUIRED, struct msg_mandate, plates, 1),
    SCHEMA_UINT_SET(4, REQUIRED, struct msg_mandate, sites, 1, 1, 65535),
    SCHEMA_MONEY(5, REQUIRED, struct msg_mandate, per_stay, 1, MSG_LINE_CENTS_MAX),
    SCHEMA_MONEY(6, REQUIRED, struct msg_mandate, per_day, 1, MSG_LINE_CENTS_MAX),
    SCHEMA_UINT(7, REQUIRED, struct msg_mandate, from, 1, UINT32_MAX),
    SCHEMA_UINT(8, REQUIRED, struct msg_mandate, until, 1, UINT32_MAX),
    SCHEMA_BYTES(9, REQUIRED, struct msg_mandate, nonce),
};
const struct schema msg_mandate_schema =
    SCHEMA_MAP("mandate", struct msg_mandate, mandate_fields, COSE_PAYLOAD_MAX);

static const struct field mandate_end_fields[] = {
    SCHEMA_CONST(0, "type", MSG_MANDATE_END),
    SCHEMA_UINT(1, REQUIRED, struct msg_mandate_end, network, 1, UINT32_MAX),
    SCHEMA_BYTES(2, REQUIRED, struct msg_mandate_end, purse),
    SCHEMA_BYTES(3, REQUIRED, struct msg_mandate_end, mandate),
    SCHEMA_UINT(4, REQUIRED, struct msg_mandate_end, time, 1, UINT32_MAX),
};
const struct schema msg_mandate_end_schema =
    SCHEMA_MAP("mandate-end", struct msg_mandate_end, mandate_end_fields, COSE_PAYLOAD_MAX);

static const struct field tariff_fields[] = {
    SCHEMA_CONST(0, "type", MSG_TARIFF),
    SCHEMA_UINT(1, REQUIRED, struct msg_tariff, network, 1, UINT32_MAX),
    SCHEMA_UINT(2, REQUIRED, struct msg_tariff, zone, 1, 65535),
    SCHEMA_UINT(3, REQUIRED, struct msg_tariff, version, 1, UINT32_MAX),
    SCHEMA_BYTES(4, REQUIRED, struct msg_tariff, table),
    SCHEMA_UINT(5, REQUIRED, struct msg_tariff, from, 1, UINT32_MAX),
    SCHEMA_UINT(6, REQUIRED, struct msg_tariff, time, 1, UINT32_MAX),
};
const struct schema msg_tariff_schema =
    SCHEMA_MAP("tariff", struct msg_tariff, tariff_fields, COSE_PAYLOAD_MAX);

static const struct field observation_fields[] = {
    SCHEMA_CONST(0, "type", MSG_OBSERVATION),
    SCHEMA_UINT(1, REQUIRED, struct msg_observation, network, 1, UINT32_MAX),
    SCHEMA_UINT(2, REQUIRED, struct msg_observation, camera, 1, 65535),
    SCHEMA_UINT(3, REQUIRED, struct msg_observation, number, 0, UINT32_MAX),
    SCHEMA_UINT(4, REQUIRED, struct msg_observation, direction, 1, 2),
    SCHEMA_BYTES(5, REQUIRED, struct msg_observation, plate),
    SCHEMA_UINT(6, REQUIRED, struct msg_observation, time, 1, UINT32_MAX),
};
const struct schema msg_observation_schema =
    SCHEMA_MAP("observation", struct msg_observation, observation_fields, COSE_PAYLOAD_MAX);

static const struct field parking_debit_fields[] = {
    SCHEMA_CONST(0, "type", MSG_PARKING_DEBIT),
    SCHEMA_UINT(1, REQUIRED, struct msg_parking_debit, network, 1, UINT32_MAX),
    SCHEMA_BYTES(2, REQUIRED, struct msg_parking_debit, mandate),
    SCHEMA_BYTES(3, REQUIRED, struct msg_parking_debit, stay),
    SCHEMA_UINT(4, REQUIRED, struct msg_parking_debit, tariff, 0, UINT32_MAX),
    SCHEMA_MONEY(5, REQUIRED, struct msg_parking_debit, amount, 1, MSG_LINE_CENTS_MAX),
    SCHEMA_BYTES(6, REQUIRED, struct msg_parking_debit, opening),
    SCHEMA_UINT(7, REQUIRED, struct msg_parking_debit, time, 1, UINT32_MAX),
};
const struct schema msg_parking_debit_schema =
    SCHEMA_MAP("parking-debit", struct msg_parking_debit, parking_debit_fields, COSE_PAYLOAD_MAX);

static const struct field paper_fields[] = {
    SCHEMA_CONST(0, "type", MSG_PAPER),
    SCHEMA_UINT(1, REQUIRED, struct msg_paper, network, 1, UINT32_MAX),
    SCHEMA_BYTES(2, REQUIRED, struct msg_paper, key),
    SCHEMA_UINT(3, REQUIRED, struct msg_paper, class, 1, 2),
    SCHEMA_MONEY(4, REQUIRED, struct msg_paper, amount, 1, MSG_LINE_CENTS_MAX),
    SCHEMA_UINT(5, REQUIRED, struct msg_paper, expiry, 1, UINT32_MAX),
    SCHEMA_UINT(6, OPTIONAL, struct msg_paper, restriction, 1, 65535),
    SCHEMA_UINT(7, OPTIONAL, struct msg_paper, covered, 1, 1),
    SCHEMA_UINT(8, REQUIRED, struct msg_paper, time, 1, UINT32_MAX),
};
const struct schema msg_paper_schema =
    SCHEMA_MAP("paper", struct msg_paper, paper_fields, COSE_PAYLOAD_MAX);

static const struct field paper_redemption_fields[] = {
    SCHEMA_CONST(0, "type", MSG_PAPER_REDEMPTION),
    SCHEMA_UINT(1, REQUIRED, struct msg_paper_redemption, network, 1, UINT32_MAX),
    SCHEMA_BYTES(2, REQUIRED, struct msg_paper_redemption, paper),
    SCHEMA_MONEY(3, REQUIRED, struct msg_paper_redemption, amount, 1, MSG_LINE_CENTS_MAX),
    SCHEMA_BYTES(4, OPTIONAL, struct msg_paper_redemption, to_purse),
    SCHEMA_UINT(5, OPTIONAL, struct msg_paper_redemption, to_till, 1, UINT32_MAX),
    SCHEMA_BYTES(6, OPTIONAL, struct msg_paper_redemption, change),
    SCHEMA_BYTES(7, REQUIRED, struct msg_paper_redemption, nonce),
    SCHEMA_UINT(8, REQUIRED, struct msg_paper_redemption, time, 1, UINT32_MAX),
};
const struct schema msg_paper_redemption_schema = SCHEMA_MAP(
    "paper-redemption", struct msg_paper_redemption, paper_redemption_fields, COSE_PAYLOAD_MAX);

static const struct field paper_code_fields[] = {
    SCHEMA_UINT(0, REQUIRED, struct msg_paper_code, network, 1, UINT32_MAX),
    SCHEMA_UINT(1, REQUIRED, struct msg_paper_code, class, 1, 2),
    SCHEMA_BYTES(2, REQUIRED, struct msg_paper_code, seed),
    SCHEMA_MONEY(3, REQUIRED, struct msg_paper_code, amount, 1, MSG_LINE_CENTS_MAX),
    SCHEMA_UINT(4, REQUIRED, struct msg_paper_code, expiry, 1, UINT32_MAX),
};
const struct schema msg_paper_code_schema =
    SCHEMA_LIST("paper-code", struct msg_paper_code, paper_code_fields, TEXT_BYTES_MAX);

static const struct field reserve_proof_fields[] = {
    SCHEMA_CONST(0, "type", MSG_RESERVE_PROOF),
    SCHEMA_UINT(1, REQUIRED, struct msg_reserve_proof, network, 1, UINT32_MAX),
    SCHEMA_UINT(2, REQUIRED, struct msg_reserve_proof, class, 1, 2),
    SCHEMA_UINT(3, REQUIRED, struct msg_reserve_proof, statement, 0, UINT32_MAX),
    SCHEMA_MONEY(4, REQUIRED, struct msg_reserve_proof, balance, 0, MONEY_CENTS_MAX),
    SCHEMA_MONEY(5, REQUIRED, struct msg_reserve_proof, liabilities, 0, MONEY_CENTS_MAX),
    SCHEMA_UINT(6, REQUIRED, struct msg_reserve_proof, size, 0, MONEY_CENTS_MAX),
    SCHEMA_BYTES(7, REQUIRED, struct msg_reserve_proof, root),
    SCHEMA_UINT(8, REQUIRED, struct msg_reserve_proof, time, 1, UINT32_MAX),
};
const struct schema msg_reserve_proof_schema =
    SCHEMA_MAP("reserve-proof", struct msg_reserve_proof, reserve_proof_fields, COSE_PAYLOAD_MAX);

static const struct field permit_fields[] = {
    SCHEMA_CONST(0, "type", MSG_PERMIT),
    SCHEMA_UINT(1, REQUIRED, struct msg_permit, network, 1, UINT32_MAX),
    SCHEMA_UINT(2, REQUIRED, struct msg_permit, zone, 1, 65535),
    SCHEMA_BYTES(3, REQUIRED, struct msg_permit, plates),
    SCHEMA_UINT(4, REQUIRED, struct msg_permit, from, 1, UINT32_MAX),
    SCHEMA_UINT(5, REQUIRED, struct msg_permit, until, 1, UINT32_MAX),
    SCHEMA_UINT(6, REQUIRED, struct msg_permit, time, 1, UINT32_MAX),
};
const struct schema msg_permit_schema =
    SCHEMA_MAP("permit", struct msg_permit, permit_fields, COSE_PAYLOAD_MAX);

static const struct field page_build_fields[] = {
    SCHEMA_CONST(0, "type", MSG_PAGE_BUILD),
    SCHEMA_UINT(1, REQUIRED, struct msg_page_build, network, 1, UINT32_MAX),
    SCHEMA_BYTES(2, REQUIRED, struct msg_page_build, files),
    SCHEMA_UINT(3, REQUIRED, struct msg_page_build, time, 1, UINT32_MAX),
};
const struct schema msg_page_build_schema =
    SCHEMA_MAP("page-build", struct msg_page_build, page_build_fields, COSE_PAYLOAD_MAX);

static const struct field key_destruction_fields[] = {
    SCHEMA_CONST(0, "type", MSG_KEY_DESTRUCTION),
    SCHEMA_UINT(1, REQUIRED, struct msg_key_destruction, network, 1, UINT32_MAX),
    SCHEMA_BYTES(2, REQUIRED, struct msg_key_destruction, key),
    SCHEMA_UINT(3, REQUIRED, struct msg_key_destruction, time, 1, UINT32_MAX),
};
const struct schema msg_key_destruction_schema = SCHEMA_MAP(
    "key-destruction", struct msg_key_destruction, key_destruction_fields, COSE_PAYLOAD_MAX);

static const struct field year_end_fields[] = {
    SCHEMA_CONST(0, "type", MSG_YEAR_END),
    SCHEMA_UINT(1, REQUIRED, struct msg_year_end, network, 1, UINT32_MAX),
    SCHEMA_UINT(2, REQUIRED, struct msg_year_end, year, 2026, 2999),
    SCHEMA_UINT(3, REQUIRED, struct msg_year_end, size, 0, MONEY_CENTS_MAX),
    SCHEMA_BYTES(4, REQUIRED, struct msg_year_end, root),
    SCHEMA_BYTES(5, REQUIRED, struct msg_year_end, state),
    SCHEMA_UINT(6, REQUIRED, struct msg_year_end, time, 1, UINT32_MAX),
};
const struct schema msg_year_end_schema =
    SCHEMA_MAP("year-end", struct msg_year_end, year_end_fields, COSE_PAYLOAD_MAX);

static const struct field recovery_fields[] = {
    SCHEMA_CONST(0, "type", MSG_RECOVERY),
    SCHEMA_UINT(1, REQUIRED, struct msg_recovery, network, 1, UINT32_MAX),
    SCHEMA_TEXT(2, REQUIRED, struct msg_recovery, origin, 1, 255),
    SCHEMA_BSTR(3, REQUIRED, struct msg_recovery, checkpoint, 1, 3072),
    SCHEMA_BYTES(4, REQUIRED, struct msg_recovery, state),
    SCHEMA_UINT(5, REQUIRED, struct msg_recovery, time, 1, UINT32_MAX),
};
const struct schema msg_recovery_schema =
    SCHEMA_MAP("recovery", struct msg_recovery, recovery_fields, COSE_PAYLOAD_MAX);
