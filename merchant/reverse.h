/* Giving money back: voids and refunds. PROTOCOL.md sections 9.7 and 12.8. */
#ifndef SCHWEBE_MERCHANT_REVERSE_H
#define SCHWEBE_MERCHANT_REVERSE_H

#include <stdint.h>

#include "merchant/sell.h"
#include "merchant/till.h"
#include "protocol/money.h"
#include "protocol/span.h"
#include "protocol/status.h"

/* Voids a transfer by its code, accepted here or not: a full refund that also bars settlement. The
 * code must have been signed for one of this till's requests, whatever then stood against accepting
 * it; else the status of sell_judge. VOIDED when that was done before. */
MUST_CHECK enum status reverse_void_code(struct sell_result *out, struct till *till,
                                         struct span code,
                                         const uint8_t salt[static TILL_SALT_SIZE],
                                         uint64_t now_unix_s);

/* The same by the message id of a sale. TRANSFER_UNKNOWN, VOIDED. */
MUST_CHECK enum status reverse_void(struct sell_result *out, struct till *till,
                                    const struct digest *transfer,
                                    const uint8_t salt[static TILL_SALT_SIZE], uint64_t now_unix_s);

/* Refunds a part or the rest of a sale, signed by the till's or the merchant's key. AMOUNT_ZERO,
 * TRANSFER_UNKNOWN, VOIDED, REFUND_OVER; LINE_LIMIT after 255 refunds. Whether the till's key
 * suffices is for the ledger to say. */
MUST_CHECK enum status reverse_refund(struct till *till, const struct digest *transfer,
                                      struct money amount,
                                      const uint8_t salt[static TILL_SALT_SIZE],
                                      const struct secret_key *signer, uint64_t now_unix_s);

#endif
