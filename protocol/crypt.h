/* Hashes, signatures, sealing and randomness; the only user of libsodium.
 * PROTOCOL.md section 5. (libsodium owns the prefix crypto_, hence crypt_.) */
#ifndef SCHWEBE_CRYPT_H
#define SCHWEBE_CRYPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "span.h"
#include "status.h"

#define DIGEST_SIZE 32
#define PUBLIC_KEY_SIZE 32
#define SEED_SIZE 32
#define SECRET_KEY_SIZE 64
#define SIGNATURE_SIZE 64
#define KID_SIZE 8

struct digest {
    uint8_t bytes[DIGEST_SIZE];
};

struct public_key {
    uint8_t bytes[PUBLIC_KEY_SIZE];
};

struct signature {
    uint8_t bytes[SIGNATURE_SIZE];
};

/* Seed and public key in libsodium's order. Whoever holds one wipes it with crypt_wipe. */
struct secret_key {
    uint8_t bytes[SECRET_KEY_SIZE];
};

/* The first 8 bytes of a key's RFC 9679 thumbprint: a hint, never an identity. */
struct kid {
    uint8_t bytes[KID_SIZE];
};

/* STATUS_CRYPTO when libsodium cannot start. Call once before anything else here. */
MUST_CHECK enum status crypt_init(void);

/* SHA-256 over the concatenation of `count` parts. */
void crypt_hash(struct digest *out, const struct span *parts, size_t count);

/* The key pair that belongs to a 32-byte seed (RFC 8032 section 5.1.5). */
void crypt_key_from_seed(struct secret_key *secret, struct public_key *key,
                         const uint8_t seed[static SEED_SIZE]);

/* The public half of `secret`. */
void crypt_public_key(struct public_key *key, const struct secret_key *secret);

/* Deterministic Ed25519 over the concatenated message (RFC 8032 section 5.1.6). */
void crypt_sign(struct signature *out, const struct secret_key *secret, struct span message);

/* STATUS_SIGNATURE_BAD when it does not verify: also for S >= L, small-order or non-canonical
 * points. One strict verifier everywhere. */
MUST_CHECK enum status crypt_verify(const struct public_key *key, const struct signature *signature,
                                    struct span message);

/* SHA-256 of the deterministic COSE_Key {1: 1, -1: 6, -2: key} (RFC 9679); its first 8 bytes. */
void crypt_thumbprint(struct digest *out, const struct public_key *key);
void crypt_kid(struct kid *out, const struct public_key *key);

/* Constant-time comparison of `len` bytes. */
bool crypt_equal(const void *a, const void *b, size_t len);

/* Overwrites `len` bytes so that the compiler cannot leave it out. */
void crypt_wipe(void *secret, size_t len);

/* Fills `len` bytes from the system's generator. Only programs call it; the rules of the core take
 * their random bytes as parameters. */
void crypt_random(void *out, size_t len);

#define SEAL_SALT_SIZE 16
#define SEAL_NONCE_SIZE 24
#define SEAL_TAG_SIZE 16
/* What crypt_seal adds to a plain text. */
#define SEAL_OVERHEAD (SEAL_SALT_SIZE + SEAL_NONCE_SIZE + SEAL_TAG_SIZE)

/* How much work a passphrase costs: what libsodium calls interactive (64 MiB) or moderate
 * (256 MiB) Argon2id. */
enum seal_cost { SEAL_INTERACTIVE = 1, SEAL_MODERATE = 2 };

/* Encrypts `plain` under a passphrase: out = salt, nonce, XChaCha20-Poly1305 of `plain` bound to
 * `context`. `out` holds plain.len + SEAL_OVERHEAD bytes. `salt_nonce` are 40 fresh random bytes.
 * STATUS_CRYPTO when the memory for Argon2id is not to be had. */
MUST_CHECK enum status crypt_seal(
    uint8_t *out, struct span plain, struct span passphrase, struct span context,
    enum seal_cost cost, const uint8_t salt_nonce[static SEAL_SALT_SIZE + SEAL_NONCE_SIZE]);

/* The reverse: `out` holds sealed.len - SEAL_OVERHEAD bytes. STATUS_PASSPHRASE when passphrase or
 * context are not those it was sealed with or a byte was changed (the two cannot be told apart);
 * STATUS_KEYFILE when it is too short. On failure `out` is wiped. */
MUST_CHECK enum status crypt_open(uint8_t *out, struct span sealed, struct span passphrase,
                                  struct span context, enum seal_cost cost);

#endif
