/* What a wallet asks of the ledger, as parcels that anyone may carry. PROTOCOL.md sections 8, 11.1
 * and 12.4. */
#ifndef SCHWEBE_WALLET_ASK_H
#define SCHWEBE_WALLET_ASK_H

#include <stdint.h>

#include "protocol/money.h"
#include "protocol/status.h"
#include "wallet/wallet.h"

/* A statement with receipt is the largest. */
#define ASK_MAX 4096

/* A parcel of at most ASK_MAX bytes. */
struct ask {
    size_t len;
    uint8_t bytes[ASK_MAX];
};

/* The act that makes the purse known: signed by the recovery key; tiers 2 and 3 need a second
 * signature by the enrolment office. `daily_limit` is what the device key may ask for in a day. */
MUST_CHECK enum status ask_purse(struct ask *out, const struct wallet *wallet,
                                 const struct secret_key *recovery, struct money daily_limit,
                                 uint64_t now_unix_s);

/* Asks for a new line. Its key is made from the device key and `salt`, 16 fresh random bytes, and
 * is durable before this returns. `online`: for use with a network only. AMOUNT_OVER_LIMIT above
 * MSG_LINE_CENTS_MAX, AMOUNT_ZERO. */
MUST_CHECK enum status ask_allowance(struct ask *out, struct wallet *wallet,
                                     const struct secret_key *device, struct money amount,
                                     uint64_t restriction, bool online,
                                     const uint8_t salt[static POCKET_SALT_SIZE],
                                     const struct kid *nonce, uint64_t now_unix_s);

/* Asks for a later end, and more if `amount` is more. ALLOWANCE_UNKNOWN; ALLOWANCE_CLOSED for a
 * line that was retired here; AMOUNT_RANGE for less than it has. */
MUST_CHECK enum status ask_renewal(struct ask *out, struct wallet *wallet,
                                   const struct secret_key *device, const struct kid *line,
                                   struct money amount, const struct kid *nonce,
                                   uint64_t now_unix_s);

/* Gives a whole lot to another purse. */
MUST_CHECK enum status ask_gift(struct ask *out, const struct wallet *wallet,
                                const struct secret_key *recovery, uint64_t lot,
                                const uint8_t to[static 16], const struct kid *nonce,
                                uint64_t now_unix_s);

/* Reports one line, or with NULL all, as lost. */
MUST_CHECK enum status ask_loss(struct ask *out, const struct wallet *wallet,
                                const struct secret_key *recovery, const struct kid *line,
                                const struct kid *nonce, uint64_t now_unix_s);

/* Enrols (action 1) or revokes (2) a device key; raises the wallet's count, durably. */
MUST_CHECK enum status ask_device(struct ask *out, struct wallet *wallet,
                                  const struct secret_key *recovery, const struct public_key *key,
                                  uint64_t action, struct money daily_limit, uint64_t now_unix_s);

/* States what became of a payment: claim 1 receipt, 2 delivered, 3 settle now, 4 cancelled.
 * NOT_FOUND; RECEIPT_MISMATCH for claim 1 without a receipt; CANCELLED for 2 and 3 of a cancelled
 * payment; for 4, unless it was cancelled here first: ALREADY_PAID with a receipt, ALREADY_SETTLED,
 * else NOT_DELIVERED. */
MUST_CHECK enum status ask_statement(struct ask *out, struct wallet *wallet,
                                     const struct secret_key *device, const struct digest *id,
                                     uint64_t claim, uint64_t now_unix_s);

#endif
