/* The one signed envelope: COSE_Sign1 with Ed25519 (RFC 9052 section 4.2, RFC 9864) in one fixed
 * form. PROTOCOL.md section 6.
 *
 *     D2 84 | 4D A2 01 32 04 48 <kid 8> | A0 | <bstr payload> | 58 40 <signature 64>
 *
 * What is signed, and hashed as the message id, is the Sig_structure:
 *
 *     84 6A "Signature1" | 4D A2 01 32 04 48 <kid 8> | <bstr external_aad> | <bstr payload> */
#ifndef SCHWEBE_COSE_H
#define SCHWEBE_COSE_H

#include <stddef.h>
#include <stdint.h>

#include "crypt.h"
#include "span.h"
#include "status.h"

/* The payload of an ordinary message, and of one that carries uploads; bytes. The large limit keeps
 * message and wrapper inside a log entry of 65,535 bytes. */
#define COSE_PAYLOAD_MAX 4096
#define COSE_PAYLOAD_LARGE_MAX 65000

/* What the envelope adds to a payload from 256 bytes on; 85 from 24 bytes, 84 below. */
#define COSE_OVERHEAD_MAX 86
#define COSE_MESSAGE_MAX (COSE_PAYLOAD_MAX + COSE_OVERHEAD_MAX)
#define COSE_MESSAGE_LARGE_MAX (COSE_PAYLOAD_LARGE_MAX + COSE_OVERHEAD_MAX)

/* External data: head, label, version, two numbers of up to 32 bits, and up to four extras that
 * must fit into the rest (a transfer has two of 34 bytes and one of at most 5). */
#define COSE_AAD_MAX 128
#define COSE_EXTRA_MAX 4

/* What the Sig_structure adds to a payload at most (context, protected header, heads, external
 * data): the buffer given to cose_sign or cose_verify_large must hold the payload and this. */
#define COSE_ROOM (12 + 14 + 2 + COSE_AAD_MAX + 3)

/* A parsed envelope; the payload borrows from the parsed bytes. */
struct cose_message {
    struct kid kid;
    struct signature signature;
    struct span payload;
};

/* What is signed but not sent (external_aad). */
struct cose_aad {
    uint8_t bytes[COSE_AAD_MAX];
    size_t len;
};

/* One value behind the fixed ones: a byte string if bytes.data is set, else a number. */
struct cose_extra {
    struct span bytes;
    uint64_t number;
};

/* Fills the canonical array ["schwebe", 1, network, type, extras...]. It is a broken program
 * (assert) when the extras do not fit. */
void cose_aad(struct cose_aad *out, uint32_t network, uint32_t type,
              const struct cose_extra *extras, size_t count);

/* Takes apart an envelope that fills `in`; checks no signature. `out` is zeroed on failure. The
 * first step that fails, in the order of the bytes: TOO_LARGE            more than size_max bytes
 *   CBOR_TRUNCATED       empty, or cut off in any of the following
 *   COSE_TAG             the first byte is not D2: untagged, tag 18 in a longer head, another tag
 *   COSE_SHAPE           the second is not 84
 *   COSE_HEADER          protected is not a byte string of 13 bytes, or not A2 01 .. 04 48 ...: a
 *                        header missing, extra, unsorted, of another size
 *   COSE_ALGORITHM       ... with another algorithm than -19, such as -8
 *   COSE_UNPROTECTED     anything but A0
 *   COSE_PAYLOAD         not a byte string with the shortest head (nil, indefinite), or empty
 *   COSE_SIGNATURE_SIZE  not a byte string of 64 bytes
 *   CBOR_TRAILING        bytes left over */
MUST_CHECK enum status cose_parse(struct cose_message *out, struct span in, size_t size_max);

/* Writes the envelope of a message: what cose_parse took apart. STATUS_BUFFER when `cap` does not
 * suffice, COSE_PAYLOAD when the payload is empty, TOO_LARGE above COSE_PAYLOAD_LARGE_MAX; `len` is
 * then 0. */
MUST_CHECK enum status cose_encode(uint8_t *out, size_t cap, size_t *len,
                                   const struct cose_message *message);

/* The message id: SHA-256 of the complete Sig_structure. Never of the payload alone, of which two
 * payees may have the same; never of signature bytes, of which one signer can make many. */
void cose_message_id(struct digest *out, const struct kid *kid, const struct cose_aad *aad,
                     struct span payload);

/* Signs `payload` under `secret` and its kid; fills `out` with the envelope. `out` is also the
 * place where the Sig_structure is built, so `cap` must be at least payload.len + COSE_ROOM
 * (STATUS_BUFFER); `payload` must lie outside it. COSE_PAYLOAD when empty, TOO_LARGE above
 * COSE_PAYLOAD_LARGE_MAX. On failure `len` is 0. */
MUST_CHECK enum status cose_sign(uint8_t *out, size_t cap, size_t *len,
                                 const struct secret_key *secret, const struct cose_aad *aad,
                                 struct span payload);

/* Whether `key` signed the message in this context: STATUS_SIGNATURE_BAD when not, which is also
 * the answer to another context. TOO_LARGE for a payload above COSE_PAYLOAD_MAX. The kid in the
 * message is a hint for the caller's search and not compared with `key`. */
MUST_CHECK enum status cose_verify(const struct cose_message *message, const struct public_key *key,
                                   const struct cose_aad *aad);

/* The same for payloads up to COSE_PAYLOAD_LARGE_MAX, as the signature check needs one run of
 * bytes: `scratch` must hold payload.len + COSE_ROOM bytes (STATUS_BUFFER). */
MUST_CHECK enum status cose_verify_large(const struct cose_message *message,
                                         const struct public_key *key, const struct cose_aad *aad,
                                         uint8_t *scratch, size_t scratch_size);

#endif
