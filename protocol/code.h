/* The two compact codes of a payment: positional arrays from which the signed messages are rebuilt
 * byte for byte. PROTOCOL.md sections 9.1, 9.2 and 9.4.
 *
 * What is rebuilt is stored and forwarded; the codes themselves are only shown. */
#ifndef SCHWEBE_CODE_H
#define SCHWEBE_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cose.h"
#include "msg.h"
#include "signer.h"
#include "span.h"
#include "status.h"
#include "text.h"
#include "transfer.h"

/* Bytes of the largest payment code and request code; a QR code of version 13 holds 299. */
#define CODE_PAYMENT_MAX 234
#define CODE_REQUEST_MAX 283
#define CODE_BYTES_MAX CODE_REQUEST_MAX
/* The buffer for the text of a code, its final NUL included. */
#define CODE_TEXT_SIZE TEXT_SIZE(CODE_BYTES_MAX)

/* Bytes of a rebuilt message at most: the till certificate has 212. */
#define CODE_MESSAGE_MAX 216

/* One complete COSE_Sign1. */
struct code_message {
    size_t len;
    uint8_t bytes[CODE_MESSAGE_MAX];
};

/* The bytes of a code as they were read. */
struct code_bytes {
    size_t len;
    uint8_t bytes[TEXT_BYTES_MAX];
};

/* A payment code. `line` is the allowance's id, the kid of its key. */
struct code_payment {
    struct kid line;
    struct msg_allowance allowance;
    struct msg_transfer transfer;
    struct code_message allowance_cose;
    struct code_message transfer_cose;
};

/* A request code. The till's title borrows from the bytes that were parsed. `request_id` is the
 * message id of the request. */
struct code_request {
    struct msg_till till;
    struct msg_request request;
    struct digest request_id;
    struct code_message till_cose;
    struct code_message request_cose;
};

/* The bytes of a rebuilt message; borrows from it. */
struct span code_span(const struct code_message *message);

/* Fills `out` with the code made of an allowance and a transfer (complete COSE_Sign1 each) and
 * `len`; CODE_PAYMENT_MAX bytes suffice. The statuses of msg_open for either; SIGNATURE_BAD when
 * the transfer does not carry the kid of the allowance's key; BUFFER. Signatures are not checked.
 * On failure `len` is 0. */
MUST_CHECK enum status code_payment_build(uint8_t *out, size_t cap, size_t *len, uint64_t network,
                                          struct span allowance, struct span transfer);

/* Takes a payment code apart and rebuilds its two messages. The CBOR statuses of schema_decode,
 * then NETWORK when it is of another one. Checks no signature. On failure `out` is zeroed. */
MUST_CHECK enum status code_payment_parse(struct code_payment *out, uint64_t network,
                                          struct span bytes);

/* The same from a scanned text; `bytes` is filled too. The statuses of text_decode, then those of
 * code_payment_parse. On failure both are zeroed. */
MUST_CHECK enum status code_payment_read(struct code_payment *out, struct code_bytes *bytes,
                                         uint64_t network, struct span text);

/* The code made of a till's certificate and one of its requests; CODE_REQUEST_MAX bytes suffice.
 * The statuses of msg_open for either, then
 *   WRONG_PAYEE    the request names another till
 *   SIGNATURE_BAD  the request does not carry the kid of the till's key
 *   CBOR_RANGE     amount, nonce and seconds are not all there or (static) all absent, or a static
 *                  request is partial
 *   BUFFER         `cap` does not suffice
 * Signatures are not checked. On failure `len` is 0. */
MUST_CHECK enum status code_request_build(uint8_t *out, size_t cap, size_t *len, uint64_t network,
                                          struct span till, struct span request);

/* Takes a request code apart and rebuilds its two messages. The CBOR statuses of schema_decode,
 * CBOR_RANGE for a nonce of another length than 0 or 8 and as in code_request_build,
 * CBOR_NOT_CANONICAL for a nonce of zeros, then NETWORK. Checks no signature. On failure `out` is
 * zeroed. */
MUST_CHECK enum status code_request_parse(struct code_request *out, uint64_t network,
                                          struct span bytes);

/* The same from a scanned text; the title borrows from `bytes`. */
MUST_CHECK enum status code_request_read(struct code_request *out, struct code_bytes *bytes,
                                         uint64_t network, struct span text);

/* What a wallet checks of a parsed request code before it asks its owner (section 9.2): the
 * statuses of signer_check for the certificate, at the certificate's own time since a wallet's
 * clock decides nothing; SIGNATURE_BAD unless the till's key signed the request; CLASS unless the
 * certificate covers its class. */
MUST_CHECK enum status code_request_verify(const struct code_request *code, uint64_t network,
                                           const struct signer_list *signers);

/* The two signature checks that make a payment code a payment: the allowance under a key of role 5
 * (section 7, `t` = its `from`), the transfer under the allowance's key for `request`. The statuses
 * of signer_check, then SIGNATURE_BAD. `now_unix_s` is the checker's clock. */
MUST_CHECK enum status code_allowance_verify(const struct code_payment *code, uint64_t network,
                                             const struct signer_list *signers,
                                             uint64_t now_unix_s);
MUST_CHECK enum status code_transfer_verify(struct digest *id, const struct code_payment *code,
                                            uint64_t network, const struct digest *request);

/* Whether a request names no amount: printed once, paid often. */
bool code_request_static(const struct msg_request *request);

#endif
