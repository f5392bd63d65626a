/* Paying: from a till's request code to the wallet's own code. PROTOCOL.md sections 9.2 to 9.4. */
#ifndef SCHWEBE_WALLET_PAY_H
#define SCHWEBE_WALLET_PAY_H

#include <stdint.h>

#include "protocol/code.h"
#include "protocol/money.h"
#include "protocol/span.h"
#include "protocol/status.h"
#include "wallet/wallet.h"

/* Reads and checks a request code; what the owner is then shown is `out->till.title` and
 * `out->request.amount`. The title borrows from `bytes`. The statuses of code_request_read and
 * code_request_verify. */
MUST_CHECK enum status pay_read(struct code_request *out, struct code_bytes *bytes,
                                const struct wallet *wallet, struct span text);

/* What is to be paid: the request's amount, or `wanted` where the request leaves it open or accepts
 * less. STATIC_REQUEST when it leaves it open and nothing is wanted, AMOUNT_ZERO, AMOUNT_MISMATCH.
 */
MUST_CHECK enum status pay_amount(struct money *out, const struct msg_request *request,
                                  const struct money *wanted);

/* What lines could pay to a till, for the owner's information. */
struct pay_choice {
    struct kid line;
    struct money left; /* on that line */
};

/* Chooses the line: restricted before free, then the earliest end, then the lower id. RESTORED,
 * AMOUNT_OVER_LIMIT or AMOUNT_OVER_ALLOWANCE when only that stands in the way, else NO_ALLOWANCE.
 */
MUST_CHECK enum status pay_choose(struct pay_choice *out, struct wallet *wallet,
                                  const struct code_request *request, struct money amount,
                                  uint64_t now_unix_s);

/* What this wallet signed for this very request, in whatever state it is now. NOT_FOUND when it did
 * not; always for a printed request, which is paid as often as somebody stands before it. */
MUST_CHECK enum status pay_known(struct digest *id, struct money *amount, struct wallet *wallet,
                                 const struct code_request *request);

/* Signs the next interval of the chosen line, makes cursor, predecessor and code durable, and only
 * then fills `text` (NUL at its end) and `id`. Nothing is shown on failure. ALREADY_PAID when
 * pay_known knows the request; the statuses of pay_choose, wallet_line_key, transfer_sign,
 * code_payment_build, wallet_stage, the store: nothing was signed then, but for STORE_BROKEN, after
 * which the wallet must be opened again to see. PAYMENT_KEPT: the payment is there, and pay_again
 * shows it. */
MUST_CHECK enum status pay_sign(char text[static CODE_TEXT_SIZE], struct digest *id,
                                struct wallet *wallet, const struct code_request *request,
                                struct money amount, const struct secret_key *device,
                                uint64_t now_unix_s);

/* The text of a code that was signed before, for showing it again to the same till. CANCELLED when
 * the payment was cancelled, NOT_FOUND. */
MUST_CHECK enum status pay_again(char text[static CODE_TEXT_SIZE], struct wallet *wallet,
                                 const struct digest *id);

/* Cancels a payment: its code is not shown again, its interval stays used. ALREADY_PAID when a
 * receipt is there, ALREADY_SETTLED, NOT_FOUND; cancelling twice is OK. */
MUST_CHECK enum status pay_cancel(struct wallet *wallet, const struct digest *id);

/* Takes a receipt (text of a code) and fills `id` with the payment it is for. A cancelled payment
 * that has a receipt is accepted: the till wins. RECEIPT_MISMATCH when it is for none of this
 * wallet's payments, the statuses of text_decode and transfer_receipt. */
MUST_CHECK enum status pay_receipt(struct digest *id, struct wallet *wallet, struct span text);

/* The id of the latest payment. NOT_FOUND when there is none. */
MUST_CHECK enum status pay_latest(struct digest *id, struct wallet *wallet);

#endif
