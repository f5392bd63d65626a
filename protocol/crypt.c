#include "crypt.h"

#include <assert.h>
#include <string.h>

#include <sodium.h>

static_assert(PUBLIC_KEY_SIZE == crypto_sign_PUBLICKEYBYTES, "Ed25519");
static_assert(SECRET_KEY_SIZE == crypto_sign_SECRETKEYBYTES, "Ed25519");
static_assert(SIGNATURE_SIZE == crypto_sign_BYTES, "Ed25519");
static_assert(DIGEST_SIZE == crypto_hash_sha256_BYTES, "SHA-256");
static_assert(SEAL_SALT_SIZE == crypto_pwhash_SALTBYTES, "Argon2id");
static_assert(SEAL_NONCE_SIZE == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES, "XChaCha20");
static_assert(SEAL_TAG_SIZE == crypto_aead_xchacha20poly1305_ietf_ABYTES, "Poly1305");

enum status
crypt_init(void)
{
    return sodium_init() < 0 ? STATUS_CRYPTO : STATUS_OK;
}

void
crypt_hash(struct digest *out, const struct span *parts, size_t count)
{
    crypto_hash_sha256_state state;

    assert(out != NULL);
    assert(parts != NULL || count == 0);
    crypto_hash_sha256_init(&state);
    for (size_t i = 0; i < count; i++)
        crypto_hash_sha256_update(&state, parts[i].data, parts[i].len);
    crypto_hash_sha256_final(&state, out->bytes);
}

void
crypt_key_from_seed(struct secret_key *secret, struct public_key *key,
                    const uint8_t seed[static SEED_SIZE])
{
    int failed = crypto_sign_seed_keypair(key->bytes, secret->bytes, seed);

    assert(failed == 0);
    (void)failed;
}

void
crypt_public_key(struct public_key *key, const struct secret_key *secret)
{
    memcpy(key->bytes, secret->bytes + SEED_SIZE, PUBLIC_KEY_SIZE);
}

void
crypt_sign(struct signature *out, const struct secret_key *secret, struct span message)
{
    int failed = crypto_sign_detached(out->bytes, NULL, message.data, message.len, secret->bytes);

    assert(failed == 0);
    (void)failed;
}

enum status
crypt_verify(const struct public_key *key, const struct signature *signature, struct span message)
{
    assert(key != NULL);
    assert(signature != NULL);
    if (crypto_sign_verify_detached(signature->bytes, message.data, message.len, key->bytes) != 0)
        return STATUS_SIGNATURE_BAD;
    return STATUS_OK;
}

void
crypt_thumbprint(struct digest *out, const struct public_key *key)
{
    /* {1: 1 (OKP), -1: 6 (Ed25519), -2: x} in deterministic order. */
    static const uint8_t head[] = {0xA3, 0x01, 0x01, 0x20, 0x06, 0x21, 0x58, 0x20};
    const struct span parts[] = {{head, sizeof head}, {key->bytes, PUBLIC_KEY_SIZE}};

    crypt_hash(out, parts, 2);
}

void
crypt_kid(struct kid *out, const struct public_key *key)
{
    struct digest thumbprint;

    crypt_thumbprint(&thumbprint, key);
    memcpy(out->bytes, thumbprint.bytes, KID_SIZE);
}

bool
crypt_equal(const void *a, const void *b, size_t len)
{
    return sodium_memcmp(a, b, len) == 0;
}

void
crypt_wipe(void *secret, size_t len)
{
    sodium_memzero(secret, len);
}

void
crypt_random(void *out, size_t len)
{
    randombytes_buf(out, len);
}

static enum status
seal_key(uint8_t key[static crypto_aead_xchacha20poly1305_ietf_KEYBYTES], struct span passphrase,
         const uint8_t salt[static SEAL_SALT_SIZE], enum seal_cost cost)
{
    const bool moderate = cost == SEAL_MODERATE;
    const unsigned long long work =
        moderate ? crypto_pwhash_OPSLIMIT_MODERATE : crypto_pwhash_OPSLIMIT_INTERACTIVE;
    const size_t memory =
        moderate ? crypto_pwhash_MEMLIMIT_MODERATE : crypto_pwhash_MEMLIMIT_INTERACTIVE;

    assert(cost == SEAL_INTERACTIVE || cost == SEAL_MODERATE);
    if (crypto_pwhash(key, crypto_aead_xchacha20poly1305_ietf_KEYBYTES,
                      (const char *)passphrase.data, passphrase.len, salt, work, memory,
                      crypto_pwhash_ALG_ARGON2ID13) != 0)
        return STATUS_CRYPTO;
    return STATUS_OK;
}

enum status
crypt_seal(uint8_t *out, struct span plain, struct span passphrase, struct span context,
           enum seal_cost cost, const uint8_t salt_nonce[static SEAL_SALT_SIZE + SEAL_NONCE_SIZE])
{
    uint8_t key[crypto_aead_xchacha20poly1305_ietf_KEYBYTES];
    enum status status = seal_key(key, passphrase, salt_nonce, cost);

    if (status == STATUS_OK) {
        memcpy(out, salt_nonce, SEAL_SALT_SIZE + SEAL_NONCE_SIZE);
        crypto_aead_xchacha20poly1305_ietf_encrypt(out + SEAL_SALT_SIZE + SEAL_NONCE_SIZE, NULL,
                                                   plain.data, plain.len, context.data, context.len,
                                                   NULL, salt_nonce + SEAL_SALT_SIZE, key);
    }
    crypt_wipe(key, sizeof key);
    return status;
}

enum status
crypt_open(uint8_t *out, struct span sealed, struct span passphrase, struct span context,
           enum seal_cost cost)
{
    uint8_t key[crypto_aead_xchacha20poly1305_ietf_KEYBYTES];
    const size_t head = SEAL_SALT_SIZE + SEAL_NONCE_SIZE;
    enum status status;

    if (sealed.len < SEAL_OVERHEAD)
        return STATUS_KEYFILE;
    status = seal_key(key, passphrase, sealed.data, cost);
    if (status == STATUS_OK &&
        crypto_aead_xchacha20poly1305_ietf_decrypt(out, NULL, NULL, sealed.data + head,
                                                   sealed.len - head, context.data, context.len,
                                                   sealed.data + SEAL_SALT_SIZE, key) != 0)
        status = STATUS_PASSPHRASE;
    if (status != STATUS_OK)
        crypt_wipe(out, sealed.len - SEAL_OVERHEAD);
    crypt_wipe(key, sizeof key);
    return status;
}
