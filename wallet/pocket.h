/* What a wallet keeps in its store, and how it is written there. Everything is durable when the
 * function that changes it returns. */
#ifndef SCHWEBE_WALLET_POCKET_H
#define SCHWEBE_WALLET_POCKET_H

#include <stdbool.h>
#include <stdint.h>

#include "ledger/store.h"
#include "protocol/code.h"
#include "protocol/crypt.h"
#include "protocol/msg.h"
#include "protocol/schema.h"
#include "protocol/signer.h"
#include "protocol/status.h"
#include "protocol/transfer.h"

#define POCKET_SALT_SIZE 16
/* Bytes of one encoded record at most. */
#define POCKET_MAX 4096
/* Bytes of one message that waits. */
#define POCKET_WAITING_MAX 4096

/* The purse and the device; one record. */
struct pocket_meta {
    uint64_t network;
    uint64_t class;
    uint64_t tier;
    uint8_t purse[16];
    struct public_key recovery;
    struct public_key device;
    uint64_t payments;      /* signed so far: numbers the next one */
    uint64_t device_number; /* of the last device message */
    uint64_t restored;      /* 1: nothing may be signed until a new line has come */
    uint64_t mark;          /* what the mark outside the store says when this store is the newest */
};

/* Append-only. */
enum pocket_line_state { POCKET_LINE_ASKED = 1, POCKET_LINE_OPEN = 2, POCKET_LINE_RETIRED = 3 };

/* One allowance line. Its secret key is derived from the device key and `salt`. */
struct pocket_line {
    uint64_t state;
    uint8_t salt[POCKET_SALT_SIZE];
    struct public_key key;
    struct money amount; /* asked for, then as certified */
    uint64_t restriction;
    struct span certificate; /* complete COSE_Sign1; empty while only asked for */
    uint64_t cursor;         /* first cent that was never signed */
    uint64_t seq;            /* of the next transfer */
    uint8_t prev[TRANSFER_PREV_SIZE];
};

/* Append-only; PROTOCOL.md section 2. */
enum pocket_payment_state {
    POCKET_PAYMENT_SIGNED = 1,
    POCKET_PAYMENT_ACCEPTED = 2,
    POCKET_PAYMENT_CANCELLED = 3,
    POCKET_PAYMENT_SETTLED = 4,
};

/* One transfer that this wallet signed. */
struct pocket_payment {
    uint64_t number; /* the wallet's own count, from 0 */
    uint64_t state;
    struct digest id; /* message id */
    struct kid line;
    uint64_t from;
    uint64_t to;
    uint64_t time;
    struct span till;    /* the till's certificate, complete COSE_Sign1 */
    struct span request; /* complete COSE_Sign1 */
    struct span code;    /* the payment code's bytes, as shown */
    struct span receipt; /* complete COSE_Sign1, empty until it came */
    struct span proof;   /* settlement proof, complete COSE_Sign1, or empty */
};

/* A message that waits for the ledger's answer; known by what its owner wished. */
struct pocket_waiting {
    uint64_t parcel_due; /* 1: the answer must hold a parcel */
    struct span message; /* the parcel as it is sent */
};

extern const struct schema pocket_meta_schema;
extern const struct schema pocket_line_schema;
extern const struct schema pocket_payment_schema;
extern const struct schema pocket_waiting_schema;

/* All three read into caller's structs whose spans borrow from the transaction. NOT_FOUND, or
 * STORE_BROKEN when the stored bytes are no such record. */
MUST_CHECK enum status pocket_get_meta(struct pocket_meta *out, struct store_txn *txn);
MUST_CHECK enum status pocket_get_line(struct pocket_line *out, struct store_txn *txn,
                                       const struct kid *id);
MUST_CHECK enum status pocket_get_payment(struct pocket_payment *out, struct store_txn *txn,
                                          const struct digest *id);

/* The statuses of schema_encode and store_put. */
MUST_CHECK enum status pocket_put_meta(struct store_txn *txn, const struct pocket_meta *meta);
MUST_CHECK enum status pocket_put_line(struct store_txn *txn, const struct pocket_line *line);
MUST_CHECK enum status pocket_put_payment(struct store_txn *txn,
                                          const struct pocket_payment *payment);

/* Walks over all lines, in order of their id: `after` NULL for the first, else the id of the one
 * before. NOT_FOUND at the end. */
MUST_CHECK enum status pocket_next_line(struct pocket_line *out, struct store_txn *txn,
                                        const struct kid *after);

/* The payment with this number. NOT_FOUND when there is none. */
MUST_CHECK enum status pocket_nth_payment(struct pocket_payment *out, struct store_txn *txn,
                                          uint64_t number);

/* Which payment was signed for a request, by the message ids of both. NOT_FOUND. */
MUST_CHECK enum status pocket_put_request(struct store_txn *txn, const struct digest *request,
                                          const struct digest *payment);
MUST_CHECK enum status pocket_get_request(struct pocket_payment *out, struct store_txn *txn,
                                          const struct digest *request);

/* Messages that wait, by the hash of the wish. NOT_FOUND; next: the first wish above `after`, NULL
 * for the first of all. */
MUST_CHECK enum status pocket_get_waiting(struct pocket_waiting *out, struct store_txn *txn,
                                          const struct digest *wish);
MUST_CHECK enum status pocket_put_waiting(struct store_txn *txn, const struct digest *wish,
                                          const struct pocket_waiting *waiting);
MUST_CHECK enum status pocket_drop_waiting(struct store_txn *txn, const struct digest *wish);
MUST_CHECK enum status pocket_next_waiting(struct digest *out, struct store_txn *txn,
                                           const struct digest *after);

/* The city's keys, the pinned roots among them: all (STORE_BROKEN), and writing one. */
MUST_CHECK enum status pocket_get_signers(struct signer_list *out, struct store_txn *txn);
MUST_CHECK enum status pocket_put_signer(struct store_txn *txn, const struct signer_key *signer);

#endif
