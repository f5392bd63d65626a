/* The messages: one flat struct and one table for each rule of protocol.cddl, which says what the
 * fields mean. A gate compares the tables with that file. PROTOCOL.md section 8.
 *
 * Optional fields at their default (0, empty, all bytes zero) are absent. Spans borrow from the
 * bytes that were decoded. `from` and `to` of a transfer are positions on a line, in cents. */
#ifndef SCHWEBE_MSG_H
#define SCHWEBE_MSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cose.h"
#include "msg_carrier.h"
#include "msg_city.h"
#include "msg_draft.h"
#include "msg_payment.h"
#include "msg_purse.h"
#include "msg_question.h"
#include "schema.h"
#include "span.h"
#include "status.h"

/* Payload key 0 of each message; append-only. */
enum msg_type {
    MSG_GENESIS = 1,
    MSG_ROLE_KEY = 2,
    MSG_KILL = 3,
    MSG_PARAMETERS = 4,
    MSG_SERIES = 5,
    MSG_MERCHANT = 6,
    MSG_TILL = 7,
    MSG_REVOCATION = 8,
    MSG_PURSE = 9,
    MSG_DEVICE = 10,
    MSG_FUNDING = 11,
    MSG_CLARIFICATION = 12, /* draft */
    MSG_RETURN = 13,        /* draft */
    MSG_ISSUE = 14,
    MSG_ALLOWANCE_REQUEST = 15,
    MSG_RENEWAL_REQUEST = 16,
    MSG_GIFT = 17,
    MSG_LOSS_REPORT = 18,
    MSG_ALLOWANCE = 19,
    MSG_REQUEST = 20,
    MSG_TRANSFER = 21,
    MSG_RECEIPT = 22,
    MSG_VOID = 23,
    MSG_REFUND = 24,
    MSG_SETTLEMENT_PROOF = 25,
    MSG_ANCHOR = 26,
    MSG_NEWS = 27,
    MSG_UPLOAD = 28,
    MSG_ACK = 29,
    MSG_STATEMENT = 30,
    MSG_HOLD = 31,
    MSG_DENIAL = 32,
    MSG_REVIEW = 33,
    MSG_PAYOUT = 34,
    MSG_GOODWILL = 35,         /* draft */
    MSG_CORRECTION = 36,       /* draft */
    MSG_MANDATE = 37,          /* draft */
    MSG_MANDATE_END = 38,      /* draft */
    MSG_TARIFF = 39,           /* draft */
    MSG_OBSERVATION = 40,      /* draft */
    MSG_PARKING_DEBIT = 41,    /* draft */
    MSG_BANK_STATEMENT = 42,   /* draft */
    MSG_PAPER = 43,            /* draft */
    MSG_RESERVE_PROOF = 44,    /* draft */
    MSG_PERMIT = 46,           /* draft */
    MSG_PAGE_BUILD = 47,       /* draft */
    MSG_KEY_DESTRUCTION = 48,  /* draft */
    MSG_YEAR_END = 49,         /* draft */
    MSG_RECOVERY = 50,         /* draft */
    MSG_PAPER_REDEMPTION = 51, /* draft */
    MSG_QUESTION = 52,
    MSG_ACCOUNT = 53,
};

/* One line of the registry of message types. */
struct msg_kind {
    enum msg_type type;
    const struct schema *schema;
    bool draft;
};

/* The registry entry of a type, or NULL. Static storage. */
const struct msg_kind *msg_kind(uint64_t type);

/* All schemas of protocol.cddl, those that only occur inside others too; `count` is filled. Static
 * storage. */
const struct schema *const *msg_schemas(size_t *count);

/* Reads one signed message of the expected type: envelope, payload, and that its network is
 * `network` (transfer, receipt, void and refund have no such field). `message` and the spans of
 * `out`, a struct of schema->size bytes, borrow from `in`. Checks no signature. The statuses of
 * cose_parse and schema_decode, then NETWORK; on failure both outputs are zeroed. */
MUST_CHECK enum status msg_open(struct cose_message *message, void *out,
                                const struct schema *schema, uint64_t network, struct span in);

/* The type of a signed message: key 0 of its payload. The statuses of cose_parse, or CBOR_TYPE. */
MUST_CHECK enum status msg_peek(uint64_t *type, struct span in);

/* The external data and the message id of every type but the transfer. */
void msg_aad(struct cose_aad *aad, const struct schema *schema, uint64_t network);
void msg_id(struct digest *out, const struct cose_message *message, const struct schema *schema,
            uint64_t network);

/* Bytes that msg_sign needs for a payload of n bytes. */
#define MSG_SIGN_SIZE(n) (2 * (n) + COSE_ROOM)
/* Enough for every message but an upload of more than 100 items. */
#define MSG_SIGN_MAX MSG_SIGN_SIZE(COSE_PAYLOAD_MAX)

/* Encodes `object` and signs it under `secret` with the external data of its type; for every type
 * but the transfer. Needs MSG_SIGN_SIZE(payload) bytes at `out`, else STATUS_BUFFER. The statuses
 * of schema_encode and cose_sign; `len` is 0 on failure. */
MUST_CHECK enum status msg_sign(uint8_t *out, size_t cap, size_t *len, const struct schema *schema,
                                const void *object, uint64_t network,
                                const struct secret_key *secret);

/* Whether `key` signed the message, of any type but the transfer. SIGNATURE_BAD, also when it names
 * another key's kid, or TOO_LARGE. */
MUST_CHECK enum status msg_verify(const struct cose_message *message, const struct schema *schema,
                                  uint64_t network, const struct public_key *key);

#endif
