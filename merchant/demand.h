/* Requests: what a till demands, and what became of it. PROTOCOL.md sections 2 and 9.1. */
#ifndef SCHWEBE_MERCHANT_DEMAND_H
#define SCHWEBE_MERCHANT_DEMAND_H

#include <stdbool.h>
#include <stdint.h>

#include "ledger/store.h"
#include "merchant/till.h"
#include "protocol/accept.h"
#include "protocol/code.h"
#include "protocol/money.h"
#include "protocol/status.h"

/* The till's requests as acceptance wants them, oldest first; numbers in the same order. */
struct demand_list {
    size_t count;
    struct accept_request list[TILL_REQUESTS_MAX];
    uint64_t numbers[TILL_REQUESTS_MAX];
};

/* How long a request is open unless the till says otherwise. */
#define DEMAND_SECONDS 300

/* What a till asks for. */
struct demand_wish {
    uint64_t class;
    struct money amount; /* ignored for a static request */
    bool is_static;      /* printed once; no amount, no end */
    bool partial;        /* less is acceptable */
    uint64_t seconds;
};

/* Makes a request durable and fills `text` with its code and `number`. AMOUNT_ZERO,
 * AMOUNT_OVER_LIMIT above MSG_LINE_CENTS_MAX, CLASS when the certificate does not cover it,
 * CERTIFICATE_EXPIRED, CLOCK_BEHIND; CAPACITY for a printed one while TILL_PRINTED_MAX are open. */
MUST_CHECK enum status demand_new(char text[static CODE_TEXT_SIZE], uint64_t *number,
                                  struct till *till, const struct demand_wish *wish,
                                  const struct kid *nonce, uint64_t now_unix_s);

/* Ends an open request; a code for it is no longer accepted. ALREADY_PAID, REQUEST_EXPIRED, VOIDED,
 * REQUEST_UNKNOWN; cancelling twice is OK. */
MUST_CHECK enum status demand_cancel(struct till *till, uint64_t number, uint64_t now_unix_s);

/* The number of the request that is open and was made last. REQUEST_UNKNOWN. */
MUST_CHECK enum status demand_latest(uint64_t *number, struct till *till, uint64_t now_unix_s);

/* --- for acceptance, in a transaction of the caller's --- */

/* Walks back from the latest request and keeps those that are open or ended in the last day,
 * the newest that fit: TILL_PRINTED_MAX printed ones, and of the others what TILL_REQUESTS_MAX
 * leaves. The statuses of drawer_get_request. */
MUST_CHECK enum status demand_load(struct demand_list *out, struct till *till,
                                   struct store_txn *txn, uint64_t now_unix_s);

/* Ends a request; `transfer` is what paid it, or NULL. */
MUST_CHECK enum status demand_end(struct store_txn *txn, uint64_t number,
                                  enum accept_request_state state, const struct digest *transfer,
                                  uint64_t now_unix_s);

/* Copies the signed request. */
MUST_CHECK enum status demand_copy(struct code_message *out, struct store_txn *txn,
                                   uint64_t number);

#endif
