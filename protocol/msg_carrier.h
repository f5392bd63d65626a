/* Carriers that are not signed as a whole, and the attachments of ledger entries.
 * Fields: protocol.cddl, by the same names. Included by msg.h. */
#ifndef SCHWEBE_MSG_CARRIER_H
#define SCHWEBE_MSG_CARRIER_H

#include <stddef.h>
#include <stdint.h>

#include "crypt.h"
#include "money.h"
#include "msg_city.h"
#include "schema.h"
#include "span.h"

/* Bytes of a parcel, of a log entry (uint16 in the bundles of tlog-tiles), of an attachment. */
#define MSG_PARCEL_MAX (1024 * 1024)
#define MSG_ENTRY_MAX 65535
#define MSG_ATTACHMENT_MAX 16384

/* The attachment of an entry that needs none: an empty map. */
#define MSG_NO_ATTACHMENT 0xA0

/* What a parcel holds; PROTOCOL.md section 11.1. Append-only. */
enum msg_parcel_kind {
    MSG_PARCEL_ACT = 1,
    MSG_PARCEL_UPLOAD = 2,
    MSG_PARCEL_STATEMENT = 3,
    MSG_PARCEL_SYNC = 4,
    MSG_PARCEL_ALLOWANCE = 5,
    MSG_PARCEL_SETTLED = 6,
    MSG_PARCEL_ASK = 7,
    MSG_PARCEL_TILL = 8,
    MSG_PARCEL_CITY = 9,
    MSG_PARCEL_ACCOUNT = 10,
};

struct msg_parcel {
    uint64_t kind;
    size_t parts_count;
    struct span parts[1024];
};

struct msg_entry {
    uint64_t version;
    uint64_t kind;
    uint64_t time;
    uint8_t salt[16];
    size_t messages_count;
    struct span messages[8];
    struct span attachment;
};

struct msg_lot_part {
    uint64_t lot;
    struct money cents;
};

struct msg_allowance_attachment {
    size_t lots_count;
    struct msg_lot_part lots[64];
};

struct msg_item_attachment {
    uint64_t upload;
    uint64_t number;
    uint64_t outcome;
};

struct msg_statement_attachment {
    uint64_t outcome;
};

struct msg_evidence_attachment {
    uint64_t cause;
    struct digest first_request;
    struct digest second_request;
};

struct msg_close_attachment {
    struct kid allowance;
    struct money settled;
    struct money forfeited;
    struct money expired;
    struct money returned;
};

struct msg_debt_attachment {
    struct kid allowance;
    uint8_t purse[16];
    struct money amount;
};

struct msg_expiry_attachment {
    uint8_t purse[16];
    uint64_t lot;
    struct money amount;
};

struct msg_service_day_attachment {
    uint64_t day;
    struct span checkpoint;
};

struct msg_dispute_attachment {
    struct digest transfer;
    uint64_t statement;
};

extern const struct schema msg_parcel_schema;
extern const struct schema msg_entry_schema;
extern const struct schema msg_lot_part_schema;
extern const struct schema msg_allowance_attachment_schema;
extern const struct schema msg_item_attachment_schema;
extern const struct schema msg_statement_attachment_schema;
extern const struct schema msg_evidence_attachment_schema;
extern const struct schema msg_close_attachment_schema;
extern const struct schema msg_debt_attachment_schema;
extern const struct schema msg_expiry_attachment_schema;
extern const struct schema msg_service_day_attachment_schema;
extern const struct schema msg_dispute_attachment_schema;

#endif
