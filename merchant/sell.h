/* Selling: payment codes and settlement proofs become sales, sales have receipts. PROTOCOL.md
 * sections 9.5 and 9.7. */
#ifndef SCHWEBE_MERCHANT_SELL_H
#define SCHWEBE_MERCHANT_SELL_H

#include <stdbool.h>
#include <stdint.h>

#include "merchant/demand.h"
#include "merchant/till.h"
#include "protocol/code.h"
#include "protocol/money.h"
#include "protocol/span.h"
#include "protocol/status.h"

/* The text of a receipt or of another small message, with its NUL. */
#define SELL_TEXT_SIZE TEXT_SIZE(256)
/* What became of a scanned code. */
struct sell_result {
    struct digest transfer;
    struct money amount;
    struct money missing; /* of what was asked for, when only a part was paid */
    uint64_t request;     /* number */
    uint64_t index;       /* in the till's log */
    bool known;           /* `transfer` and `amount` are set: the code was signed for this till */
};

/* Decides about a payment code. OK: the sale is durable, `text` is the receipt. ALREADY_PAID: the
 * same receipt again, nothing new. VOIDED, whatever else is right, once this till voided it.
 * Everything else: not paid, nothing changed, `text` is empty. */
MUST_CHECK enum status sell_accept(char text[static SELL_TEXT_SIZE], struct sell_result *out,
                                   struct till *till, struct span code,
                                   const uint8_t salt[static TILL_SALT_SIZE], uint64_t now_unix_s);

/* The receipt of a sale, byte for byte as it was. TRANSFER_UNKNOWN; VOIDED when it was given back.
 */
MUST_CHECK enum status sell_receipt(char text[static SELL_TEXT_SIZE], struct till *till,
                                    const struct digest *transfer);

/* Takes a settlement proof (code of letter S). For an open request: OK, durable, `text` is the
 * receipt. For a sale that was accepted offline: OK, `text` is its receipt, and it no longer counts
 * towards the limits. The statuses of accept_proof. */
MUST_CHECK enum status sell_proof(char text[static SELL_TEXT_SIZE], struct sell_result *out,
                                  struct till *till, struct span code,
                                  const uint8_t salt[static TILL_SALT_SIZE], uint64_t now_unix_s);

/* The sale whose code had exactly these bytes. TRANSFER_UNKNOWN, the statuses of text_decode. */
MUST_CHECK enum status sell_sold(struct digest *transfer, struct till *till, struct span code);

/* What acceptance says about a payment code, in a transaction of the caller's, without doing it.
 * When `out->known`, the code was signed for one of this till's requests whatever the status is,
 * and `payment` and `request` hold the messages. */
MUST_CHECK enum status sell_judge(struct sell_result *out, struct code_payment *payment,
                                  struct code_message *request, struct till *till,
                                  struct store_txn *txn, struct span code, uint64_t now_unix_s);

#endif
