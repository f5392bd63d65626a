/* The same proof for programs that know COSE: a receipt of RFC 9942 with the verifiable data
 * structure of RFC 9162, SHA-256. An export, signed by the key of role proof; never a message.
 *
 *     D2 84 | <bstr {1: -8, 4: kid, 15: {1: origin}, 395: 1}> |
 *     {396: {-1: [<bstr [size, index, [+ hash]]>]}} | F6 | 58 40 <signature>
 *
 * Signed is the root alone, so the origin stands in the protected header, and each log has a key of
 * its own for receipts. A receipt says nothing of witnesses. */
#ifndef SCHWEBE_RECEIPT_H
#define SCHWEBE_RECEIPT_H

#include <stddef.h>
#include <stdint.h>

#include "protocol/checkpoint.h"
#include "protocol/crypt.h"
#include "protocol/merkle.h"
#include "protocol/span.h"
#include "protocol/status.h"

#define RECEIPT_MAX 3072

/* What a good receipt says. The root is signed; the size is only what it claims to be. */
struct receipt {
    uint64_t size;
    uint64_t index;
    struct digest root;
};

/* Writes the receipt of an entry under a checkpoint; `path` leads to it. LOG_PROOF when the path is
 * empty: the form has no receipt for a tree of one entry. CBOR_TEXT when the origin is no text for
 * CBOR. `len` is then 0. */
MUST_CHECK enum status receipt_write(uint8_t out[static RECEIPT_MAX], size_t *len,
                                     const struct checkpoint *checkpoint, uint64_t index,
                                     const struct merkle_path *path,
                                     const struct secret_key *secret);

/* Whether a receipt shows that `entry` is in the log of this origin and receipt key: COSE_HEADER
 * when its header is not theirs, COSE_PAYLOAD and COSE_SIGNATURE_SIZE for what follows the proof,
 * the CBOR statuses for the proof, LOG_PROOF when it cannot be one, SIGNATURE_BAD when it leads
 * elsewhere or was not signed. On failure `out` is untouched. */
MUST_CHECK enum status receipt_check(struct receipt *out, struct span bytes, struct span entry,
                                     const char *origin, const struct public_key *key);

#endif
