/* Drafts: described and tested, but no program uses them yet.
 * Fields: protocol.cddl, by the same names. Included by msg.h. */
#ifndef SCHWEBE_MSG_DRAFT_H
#define SCHWEBE_MSG_DRAFT_H

#include <stddef.h>
#include <stdint.h>

#include "crypt.h"
#include "money.h"
#include "msg_city.h"
#include "schema.h"
#include "span.h"

struct msg_bank_statement {
    uint64_t network;
    uint64_t class;
    uint64_t number;
    struct digest account;
    struct money opening;
    struct money closing;
    struct digest file;
    uint64_t time;
};

struct msg_clarification {
    uint64_t network;
    uint64_t class;
    uint64_t number;
    struct money amount;
    uint8_t purse[16];
    struct span reason;
    uint64_t time;
};

struct msg_return {
    uint64_t network;
    uint64_t class;
    uint64_t number;
    struct money amount;
    struct digest reference;
    uint64_t time;
};

struct msg_goodwill {
    uint64_t network;
    uint8_t purse[16];
    uint64_t class;
    struct money amount;
    uint64_t expiry;
    struct span reason;
    uint64_t time;
};

struct msg_correction {
    uint64_t network;
    uint64_t corrects;
    uint64_t class;
    struct span debit;
    struct span credit;
    struct money amount;
    struct span reason;
    uint64_t time;
};

struct msg_mandate {
    uint64_t network;
    uint8_t purse[16];
    size_t plates_count;
    struct digest plates[8];
    size_t sites_count;
    uint64_t sites[16];
    struct money per_stay;
    struct money per_day;
    uint64_t from;
    uint64_t until;
    uint8_t nonce[8];
};

struct msg_mandate_end {
    uint64_t network;
    uint8_t purse[16];
    struct digest mandate;
    uint64_t time;
};

struct msg_tariff {
    uint64_t network;
    uint64_t zone;
    uint64_t version;
    struct digest table;
    uint64_t from;
    uint64_t time;
};

struct msg_observation {
    uint64_t network;
    uint64_t camera;
    uint64_t number;
    uint64_t direction;
    struct digest plate;
    uint64_t time;
};

struct msg_parking_debit {
    uint64_t network;
    struct digest mandate;
    uint8_t stay[16];
    uint64_t tariff;
    struct money amount;
    struct digest opening;
    uint64_t time;
};

struct msg_paper {
    uint64_t network;
    struct public_key key;
    uint64_t class;
    struct money amount;
    uint64_t expiry;
    uint64_t restriction;
    uint64_t covered;
    uint64_t time;
};

struct msg_paper_redemption {
    uint64_t network;
    struct kid paper;
    struct money amount;
    uint8_t to_purse[16];
    uint64_t to_till;
    struct public_key change;
    uint8_t nonce[8];
    uint64_t time;
};

struct msg_paper_code {
    uint64_t network;
    uint64_t class;
    uint8_t seed[32];
    struct money amount;
    uint64_t expiry;
};

struct msg_reserve_proof {
    uint64_t network;
    uint64_t class;
    uint64_t statement;
    struct money balance;
    struct money liabilities;
    uint64_t size;
    struct digest root;
    uint64_t time;
};

struct msg_permit {
    uint64_t network;
    uint64_t zone;
    struct digest plates;
    uint64_t from;
    uint64_t until;
    uint64_t time;
};

struct msg_page_build {
    uint64_t network;
    struct digest files;
    uint64_t time;
};

struct msg_key_destruction {
    uint64_t network;
    struct digest key;
    uint64_t time;
};

struct msg_year_end {
    uint64_t network;
    uint64_t year;
    uint64_t size;
    struct digest root;
    struct digest state;
    uint64_t time;
};

struct msg_recovery {
    uint64_t network;
    struct span origin;
    struct span checkpoint;
    struct digest state;
    uint64_t time;
};

extern const struct schema msg_bank_statement_schema;
extern const struct schema msg_clarification_schema;
extern const struct schema msg_return_schema;
extern const struct schema msg_goodwill_schema;
extern const struct schema msg_correction_schema;
extern const struct schema msg_mandate_schema;
extern const struct schema msg_mandate_end_schema;
extern const struct schema msg_tariff_schema;
extern const struct schema msg_observation_schema;
extern const struct schema msg_parking_debit_schema;
extern const struct schema msg_paper_schema;
extern const struct schema msg_paper_redemption_schema;
extern const struct schema msg_paper_code_schema;
extern const struct schema msg_reserve_proof_schema;
extern const struct schema msg_permit_schema;
extern const struct schema msg_page_build_schema;
extern const struct schema msg_key_destruction_schema;
extern const struct schema msg_year_end_schema;
extern const struct schema msg_recovery_schema;

#endif
