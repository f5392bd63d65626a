/* A transfer: what it is signed with, its message id, and the receipt that answers it.
 * PROTOCOL.md sections 6, 9.3 and 9.7.
 *
 * A transfer is signed together with external data that nobody sends: the thumbprint of the
 * allowance's key, the message id of the request, and the payee. To open one, use msg_open with
 * msg_transfer_schema; its payload names no network. */
#ifndef SCHWEBE_TRANSFER_H
#define SCHWEBE_TRANSFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cose.h"
#include "msg.h"
#include "status.h"

#define TRANSFER_PREV_SIZE 16

/* Bytes that transfer_sign needs at `out`, and that an envelope around a transfer has at most. */
#define TRANSFER_SIGN_SIZE MSG_SIGN_SIZE(64)
#define TRANSFER_SIZE_MAX 128

/* The external data of a transfer from the line of `key` on the request with message id `request`,
 * for till `payee`. network 1 to 2^32 - 1, payee likewise (assert). */
void transfer_aad(struct cose_aad *out, uint64_t network, const struct public_key *key,
                  const struct digest *request, uint64_t payee);

/* The message id of a transfer that was opened from `message`. `key`, `request` and `payee` as in
 * transfer_aad; the payee is the one in the payload. */
void transfer_id(struct digest *out, const struct cose_message *message, uint64_t network,
                 const struct public_key *key, const struct digest *request, uint64_t payee);

/* Encodes and signs a transfer under the line's secret key; fills `out`, `len` and `id`. BUFFER
 * when `cap` is below TRANSFER_SIGN_SIZE, AMOUNT_ZERO unless from < to, the statuses of
 * schema_encode and cose_sign; on failure `len` and `id` are zeroed. Whether the interval may be
 * signed at all is for the caller to say, who stores it before anybody sees it. */
MUST_CHECK enum status transfer_sign(uint8_t *out, size_t cap, size_t *len, struct digest *id,
                                     const struct msg_transfer *transfer, uint64_t network,
                                     const struct digest *request, const struct secret_key *secret);

/* Whether `key` signed the transfer for this request and payee. SIGNATURE_BAD when not, which is
 * also the answer to another context and to an envelope with another key's kid. */
MUST_CHECK enum status transfer_verify(const struct cose_message *message, uint64_t network,
                                       const struct public_key *key, const struct digest *request,
                                       uint64_t payee);

/* The predecessor of the first transfer of a line, and of the one after `id`. */
void transfer_prev_first(uint8_t prev[static TRANSFER_PREV_SIZE], const struct public_key *key);
void transfer_prev_next(uint8_t prev[static TRANSFER_PREV_SIZE], const struct digest *id);

/* Whether [a_from, a_to) and [b_from, b_to) share a cent. An empty interval shares none. */
bool transfer_overlap(uint64_t a_from, uint64_t a_to, uint64_t b_from, uint64_t b_to);

/* The payer's check of a receipt, and the ledger's: opens `in` into `out`, then RECEIPT_MISMATCH
 * unless it names `transfer` and `till`, SIGNATURE_BAD unless `key` signed it. The statuses of
 * msg_open; on failure `out` is zeroed. */
MUST_CHECK enum status transfer_receipt(struct msg_receipt *out, struct span in, uint64_t network,
                                        const struct digest *transfer, uint64_t till,
                                        const struct public_key *key);

#endif
