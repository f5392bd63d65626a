/* What a till keeps in its store beside its log, and how it is written there. */
#ifndef SCHWEBE_MERCHANT_DRAWER_H
#define SCHWEBE_MERCHANT_DRAWER_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#include "ledger/store.h"
#include "protocol/accept.h"
#include "protocol/code.h"
#include "protocol/crypt.h"
#include "protocol/denylist.h"
#include "protocol/msg.h"
#include "protocol/schema.h"
#include "protocol/signer.h"
#include "protocol/status.h"
#include "protocol/tally.h"

/* Lines denied at one time that a till can hold: more than the ledger lists. */
#define DRAWER_DENIED_MAX 8192
static_assert(DRAWER_DENIED_MAX >= DENYLIST_MAX, "a till can hold the whole list");
#define DRAWER_DENIED_BYTES (DRAWER_DENIED_MAX * KID_SIZE)

/* One record: where the till stands. */
struct drawer_meta {
    uint64_t network;
    struct public_key key;
    uint64_t requests;    /* shown so far: numbers the next one */
    uint64_t last_time;   /* of the till's last entry, 0 before the first */
    uint64_t anchor_time; /* 0 before the first */
    uint64_t anchor_size;
    uint64_t acknowledged;   /* the ledger holds the log up to here */
    struct money proofs;     /* settlement proofs taken since the last anchor */
    uint64_t parameters;     /* version, 0 before the first */
    struct span certificate; /* complete COSE_Sign1; empty before installation */
    struct span origin;      /* of the city's log */
};

/* One of the till's own requests. */
struct drawer_request {
    uint64_t number;
    uint64_t state; /* enum accept_request_state */
    uint64_t ended; /* when it was paid, cancelled or ran out; 0 while open */
    struct digest id;
    struct digest transfer; /* that paid it; zero before */
    struct span cose;       /* complete COSE_Sign1 */
};

/* One transfer that the till accepted. The messages are in the log, at `index`. */
struct drawer_sale {
    struct digest transfer;
    struct digest code; /* accept_code_hash */
    uint64_t request;   /* number */
    uint64_t index;     /* of the accept entry in the till's log */
    uint64_t time;
    struct kid line;
    uint64_t tier;
    uint64_t from;
    uint64_t to;
    uint64_t seq;
    uint8_t prev[TRANSFER_PREV_SIZE];
    uint64_t confirmed; /* 1: an anchor, a confirmation or a void took it out of the tally */
    uint64_t voided;
    uint64_t refunds; /* how many */
    struct money refunded;
};

/* The deny list as it was applied; `ids` are packed. Early ids are packed with their version. */
struct drawer_denied {
    uint64_t version;
    uint64_t time;
    struct span ids;
    struct span early;
};

extern const struct schema drawer_meta_schema;
extern const struct schema drawer_request_schema;
extern const struct schema drawer_sale_schema;
extern const struct schema drawer_denied_schema;

/* Reading: NOT_FOUND, or STORE_BROKEN when the stored bytes are no such record. Spans borrow from
 * the store until the next change. */
MUST_CHECK enum status drawer_get_meta(struct drawer_meta *out, struct store_txn *txn);
MUST_CHECK enum status drawer_get_request(struct drawer_request *out, struct store_txn *txn,
                                          uint64_t number);
MUST_CHECK enum status drawer_get_sale(struct drawer_sale *out, struct store_txn *txn,
                                       const struct digest *transfer);
MUST_CHECK enum status drawer_sale_by_code(struct drawer_sale *out, struct store_txn *txn,
                                           const struct digest *code);
/* The first version of the parameters above `after`, and the first of its two messages. NOT_FOUND
 * when there is none. */
MUST_CHECK enum status drawer_next_parameters(uint64_t *version, struct span *out,
                                              struct store_txn *txn, uint64_t after);

/* Writing: the statuses of schema_encode and store_put. A sale is found again by transfer, code,
 * line and index. */
MUST_CHECK enum status drawer_put_meta(struct store_txn *txn, const struct drawer_meta *meta);
MUST_CHECK enum status drawer_put_request(struct store_txn *txn,
                                          const struct drawer_request *request);
MUST_CHECK enum status drawer_put_sale(struct store_txn *txn, const struct drawer_sale *sale);
MUST_CHECK enum status drawer_put_parameters(struct store_txn *txn, uint64_t version,
                                             struct span message);
/* Forgets a version that is over. Nothing happens when it is not there. */
MUST_CHECK enum status drawer_drop_parameters(struct store_txn *txn, uint64_t version);

/* The mark of a void that was made: of its own, as the transfer may be no sale. VOIDED when it is
 * there already. drawer_not_voided: OK or VOIDED, the statuses of store_get. */
MUST_CHECK enum status drawer_put_void(struct store_txn *txn, const struct digest *transfer);
MUST_CHECK enum status drawer_not_voided(struct store_txn *txn, const struct digest *transfer);

/* The deny list into and out of the caller's `list`, whose array has room for DRAWER_DENIED_MAX
 * ids. Without a record the list is empty. CAPACITY. */
MUST_CHECK enum status drawer_get_denied(struct denylist *list, struct store_txn *txn);
MUST_CHECK enum status drawer_put_denied(struct store_txn *txn, const struct denylist *list);

/* Walks: `after` NULL for the first. NOT_FOUND at the end. Sales of one line by message id; all
 * sales that are unconfirmed, and all sales, by index in the log. */
MUST_CHECK enum status drawer_next_of_line(struct drawer_sale *out, struct store_txn *txn,
                                           const struct kid *line, const struct digest *after);
MUST_CHECK enum status drawer_next_sale(struct drawer_sale *out, struct store_txn *txn,
                                        bool unconfirmed, const uint64_t *after);

/* The city's keys, the pinned roots among them: all (STORE_BROKEN), and writing one. */
MUST_CHECK enum status drawer_get_signers(struct signer_list *out, struct store_txn *txn);
MUST_CHECK enum status drawer_put_signer(struct store_txn *txn, const struct signer_key *signer);

#endif
