/* Bytes written by hand: CBOR of any form, good or bad, envelopes and signatures. Nothing in here
 * uses the project's codec; only hashes and signatures come from protocol/crypt.h. */
#ifndef SCHWEBE_VECTORS_HAND_H
#define SCHWEBE_VECTORS_HAND_H

#include <stddef.h>
#include <stdint.h>

#include "forge.h"
#include "protocol/crypt.h"

#define HAND_MAX 70000

/* A growing run of bytes; all zero is empty. Too many end the program. */
struct hand {
    size_t len;
    uint8_t data[HAND_MAX];
};

enum hand_major {
    HAND_UINT = 0,
    HAND_NEGATIVE = 1,
    HAND_BYTES = 2,
    HAND_TEXT = 3,
    HAND_ARRAY = 4,
    HAND_MAP = 5,
    HAND_TAG = 6,
    HAND_OTHER = 7,
};

void hand_put(struct hand *out, const void *data, size_t len);
void hand_byte(struct hand *out, unsigned byte);
/* Hexadecimal digits; blanks are passed over. */
void hand_hex(struct hand *out, const char *digits);

/* The shortest head, and one with 0, 1, 2, 4 or 8 bytes behind the first, whatever the value. */
void hand_head(struct hand *out, enum hand_major major, uint64_t value);
void hand_head_wide(struct hand *out, enum hand_major major, unsigned width, uint64_t value);

void hand_uint(struct hand *out, uint64_t value);
void hand_bytes(struct hand *out, const void *data, size_t len);
void hand_text(struct hand *out, const char *text);
/* A map's key and a value behind it. */
void hand_pair_uint(struct hand *out, uint64_t key, uint64_t value);
void hand_pair_bytes(struct hand *out, uint64_t key, const void *data, size_t len);
void hand_pair_text(struct hand *out, uint64_t key, const char *text);

/* D2 84 | protected | A0 | payload | signature */
void hand_envelope(struct hand *out, const struct kid *kid, const struct hand *payload,
                   const struct signature *signature);

/* ["schwebe", 1, network, type] and that of a transfer. */
void hand_aad(struct hand *out, uint64_t network, uint64_t type);
void hand_aad_transfer(struct hand *out, uint64_t network, const struct digest *thumbprint,
                       const struct digest *request, uint64_t payee);

/* The Sig_structure. */
void hand_signed(struct hand *out, const struct kid *kid, const struct hand *aad,
                 const struct hand *payload);

/* Signs with the external data `aad`: fills the envelope and the message id (may be NULL). */
void hand_sign(struct hand *out, struct digest *id, const struct forge_key *key,
               const struct hand *aad, const struct hand *payload);

/* WU1, a letter, base32hex. Fills `out` with text and NUL; gives its length. */
size_t hand_code(char *out, size_t cap, char letter, const struct hand *bytes);

#endif
