/* Vectors of `verify`: signatures, and what they are over. The curious ones are computed here with
 * the group operations of libsodium. */
#include "make.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#define TILL 70123

static struct hand payload;
static struct hand aad;
static struct hand cose;
static struct digest id;
static struct forge_key till;
static struct forge_key other;

static void
begin(const char *name, const char *rule, uint64_t network, const struct hand *bytes,
      const uint8_t key[static 32])
{
    out_vector("%s", name);
    out_text("rule", rule);
    out_number("network", network);
    out_hand("cose", bytes);
    out_hex("key", key, 32);
}

static void
finish(const char *status)
{
    out_expect(status);
    if (strcmp(status, "OK") == 0)
        out_hex("id", id.bytes, sizeof id.bytes);
    out_end();
}

static void
vector(const char *name, const char *status)
{
    begin(name, "void", MAKE_NETWORK, &cose, till.key.bytes);
    finish(status);
}

static void
make_void(uint64_t till_number, uint64_t time)
{
    static const uint8_t transfer[32] = {1, 2, 3};

    payload.len = 0;
    hand_hex(&payload, "a4 00 17");
    hand_pair_uint(&payload, 1, till_number);
    hand_pair_bytes(&payload, 2, transfer, sizeof transfer);
    hand_pair_uint(&payload, 3, time);
}

static void
start(void)
{
    forge_key(&till, "till");
    forge_key(&other, "another till");
    make_void(TILL, MAKE_NOW);
    make_signed(&cose, &id, &till, MAKE_NETWORK, 23, &payload);
}

static void
good_and_foreign(void)
{
    start();
    vector("good", "OK");
    begin("another key", "void", MAKE_NETWORK, &cose, other.key.bytes);
    finish("SIGNATURE_BAD");
    begin("another network, only signed", "void", MAKE_NETWORK + 1, &cose, till.key.bytes);
    finish("SIGNATURE_BAD");
    begin("read as another type", "refund", MAKE_NETWORK, &cose, till.key.bytes);
    finish("CBOR_MISSING");
    memcpy(cose.data + 8, other.kid.bytes, 8);
    vector("another kid in front of a good signature", "SIGNATURE_BAD");
    begin("the kid of the key, signed by another", "void", MAKE_NETWORK, &cose, other.key.bytes);
    finish("SIGNATURE_BAD");
    make_signed(&cose, NULL, &other, MAKE_NETWORK, 23, &payload);
    memcpy(cose.data + 8, till.kid.bytes, 8);
    vector("signed by another under this kid", "SIGNATURE_BAD");
    for (unsigned bit = 0; bit < 512; bit += 37) {
        start();
        cose.data[cose.len - 64 + bit / 8] ^= (uint8_t)(1u << bit % 8);
        vector("a bit of the signature", "SIGNATURE_BAD");
    }
    start();
    cose.data[27] ^= 1; /* its last byte */
    vector("a bit of the till", "SIGNATURE_BAD");
    start();
    memset(cose.data + cose.len - 64, 0, 64);
    vector("signature of zeros", "SIGNATURE_BAD");
}

/* Signs any text under the till's key and puts the signature into an envelope. */
static void
sign_text(const struct hand *text)
{
    struct signature signature;

    crypt_sign(&signature, &till.secret, (struct span){text->data, text->len});
    hand_envelope(&cose, &till.kid, &payload, &signature);
}

static void
other_contexts(void)
{
    static struct hand text;
    static const char *const aads[][2] = {
        {"no external data", ""},
        {"empty external data array", "80"},
        {"another label", "84 67 73636877656265 02 07 17"},
        {"label in capitals", "84 67 53434857454245 01 07 17"},
        {"type of a refund", "84 67 73636877656265 01 07 1818"},
        {"type of a receipt", "84 67 73636877656265 01 07 16"},
        {"network 8", "84 67 73636877656265 01 08 17"},
        {"without the type", "83 67 73636877656265 01 07"},
        {"a fifth value", "85 67 73636877656265 01 07 17 00"},
        {"type in a longer head", "84 67 73636877656265 01 07 1817"},
        {"array in a longer head", "9804 67 73636877656265 01 07 17"},
    };

    start();
    for (size_t i = 0; i < sizeof aads / sizeof aads[0]; i++) {
        aad.len = 0;
        hand_hex(&aad, aads[i][1]);
        hand_sign(&cose, NULL, &till, &aad, &payload);
        vector(aads[i][0], "SIGNATURE_BAD");
    }
    sign_text(&payload);
    vector("signed is the payload alone", "SIGNATURE_BAD");
    hand_aad(&aad, MAKE_NETWORK, 23);
    hand_signed(&text, &till.kid, &aad, &payload);
    text.data[2 + 9] = '2';
    sign_text(&text);
    vector("context Signature2", "SIGNATURE_BAD");
    hand_signed(&text, &till.kid, &aad, &payload);
    text.data[15] = 0x27;
    sign_text(&text);
    vector("signed with another algorithm in its header", "SIGNATURE_BAD");
    hand_signed(&text, &other.kid, &aad, &payload);
    sign_text(&text);
    vector("signed with another kid in its header", "SIGNATURE_BAD");
}

/* --- curious signatures ------------------------------------------------------------------------
 */

static const uint8_t order[32] = {0xED, 0xD3, 0xF5, 0x5C, 0x1A, 0x63, 0x12, 0x58, 0xD6, 0x9C, 0xF7,
                                  0xA2, 0xDE, 0xF9, 0xDE, 0x14, 0,    0,    0,    0,    0,    0,
                                  0,    0,    0,    0,    0,    0,    0,    0,    0,    0x10};

/* Points whose order divides 8; the last four are other ways to write some of them. */
static const char *const small[] = {
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0100000000000000000000000000000000000000000000000000000000000080",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
};
#define SMALL (sizeof small / sizeof small[0])
#define SMALL_CANONICAL 8

static void
small_point(uint8_t out[static 32], size_t index)
{
    static struct hand bytes;

    bytes.len = 0;
    hand_hex(&bytes, small[index]);
    memcpy(out, bytes.data, 32);
}

/* The scalar of a key, and k = H(R || A || M) of a signature. */
static void
scalar_of(uint8_t out[static 32], const struct forge_key *key)
{
    uint8_t hash[64];
    uint8_t wide[64] = {0};

    crypto_hash_sha512(hash, key->secret.bytes, 32);
    hash[0] &= 248;
    hash[31] = (uint8_t)((hash[31] & 63) | 64);
    memcpy(wide, hash, 32);
    crypto_core_ed25519_scalar_reduce(out, wide);
}

static void
challenge(uint8_t out[static 32], const uint8_t r[static 32], const uint8_t a[static 32],
          const struct hand *text)
{
    crypto_hash_sha512_state state;
    uint8_t hash[64];

    crypto_hash_sha512_init(&state);
    crypto_hash_sha512_update(&state, r, 32);
    crypto_hash_sha512_update(&state, a, 32);
    crypto_hash_sha512_update(&state, text->data, text->len);
    crypto_hash_sha512_final(&state, hash);
    crypto_core_ed25519_scalar_reduce(out, hash);
}

/* Writes a vector whose signature is (R, nonce + k * scalar) under the key bytes `a`. */
static void
curious(const char *name, const uint8_t r[static 32], const uint8_t nonce[static 32],
        const uint8_t a[static 32], const uint8_t scalar[static 32], const char *status)
{
    static struct hand text;
    struct public_key key;
    struct kid kid;
    struct signature signature;
    uint8_t k[32];

    memcpy(key.bytes, a, 32);
    crypt_kid(&kid, &key);
    hand_aad(&aad, MAKE_NETWORK, 23);
    hand_signed(&text, &kid, &aad, &payload);
    challenge(k, r, a, &text);
    crypto_core_ed25519_scalar_mul(signature.bytes + 32, k, scalar);
    crypto_core_ed25519_scalar_add(signature.bytes + 32, signature.bytes + 32, nonce);
    memcpy(signature.bytes, r, 32);
    hand_envelope(&cose, &kid, &payload, &signature);
    crypt_hash(&id, &(struct span){text.data, text.len}, 1);
    begin(name, "void", MAKE_NETWORK, &cose, a);
    finish(status);
}

/* A message for which the challenge is odd, so that a point of order 8 does not vanish. */
static void
odd_challenge(const uint8_t r[static 32], const uint8_t a[static 32])
{
    static struct hand text;
    struct public_key key;
    struct kid kid;
    uint8_t k[32];

    memcpy(key.bytes, a, 32);
    crypt_kid(&kid, &key);
    for (uint64_t time = MAKE_NOW;; time++) {
        make_void(TILL, time);
        hand_aad(&aad, MAKE_NETWORK, 23);
        hand_signed(&text, &kid, &aad, &payload);
        challenge(k, r, a, &text);
        if ((k[0] & 1) != 0)
            return;
    }
}

static void
strict_signatures(void)
{
    static const uint8_t zero[32];
    static const uint8_t nonce[32] = {5, 6, 7};
    uint8_t scalar[32], r[32], mixed[32], point[32];
    unsigned carry = 0;
    int failed;

    start();
    for (unsigned i = 0; i < 32; i++) {
        carry += cose.data[cose.len - 32 + i];
        carry += order[i];
        cose.data[cose.len - 32 + i] = (uint8_t)carry;
        carry >>= 8;
    }
    vector("S + L", "SIGNATURE_BAD");
    start();
    memcpy(cose.data + cose.len - 32, order, 32);
    vector("S = L", "SIGNATURE_BAD");
    memset(cose.data + cose.len - 32, 0xFF, 32);
    vector("S of 256 bits", "SIGNATURE_BAD");

    for (size_t i = 0; i < SMALL; i++) {
        small_point(point, i);
        curious(i < SMALL_CANONICAL ? "key of small order" : "key of small order, not canonical",
                point, zero, point, zero, "SIGNATURE_BAD");
    }
    scalar_of(scalar, &till);
    failed = crypto_scalarmult_ed25519_base_noclamp(r, nonce);
    assert(failed == 0);
    curious("made by hand", r, nonce, till.key.bytes, scalar, "OK");
    for (size_t i = 0; i < SMALL; i++) {
        small_point(point, i);
        curious("R of small order", point, zero, till.key.bytes, scalar, "SIGNATURE_BAD");
    }
    small_point(point, 4);
    failed = crypto_core_ed25519_add(mixed, r, point);
    assert(failed == 0);
    curious("R with a part of small order", mixed, nonce, till.key.bytes, scalar, "SIGNATURE_BAD");
    failed = crypto_core_ed25519_add(mixed, till.key.bytes, point);
    assert(failed == 0);
    odd_challenge(r, mixed);
    curious("key with a part of small order", r, nonce, mixed, scalar, "SIGNATURE_BAD");
    make_void(TILL, MAKE_NOW);
}

/* --- transfers and other types -----------------------------------------------------------------
 */

static void
transfer(const char *name, uint64_t network, const struct digest *thumbprint,
         const struct digest *request, uint64_t payee, const struct forge_key *key,
         const char *status)
{
    begin(name, "transfer", network, &cose, key->key.bytes);
    out_hex("thumbprint", thumbprint->bytes, 32);
    out_hex("request", request->bytes, 32);
    out_number("payee", payee);
    finish(status);
}

static void
transfers(void)
{
    static const struct make_transfer fields = {
        .payee = TILL, .from = 250, .to = 1000, .seq = 2, .prev = {9, 8, 7}};
    static const struct digest request = {{1, 2, 3}};
    static const struct digest request_2 = {{1, 2, 4}};
    struct digest thumbprint, thumbprint_2;
    struct forge_key wallet;

    forge_key(&wallet, "wallet");
    crypt_thumbprint(&thumbprint, &wallet.key);
    crypt_thumbprint(&thumbprint_2, &other.key);
    make_signed_transfer(&cose, &id, &wallet, MAKE_NETWORK, &request, &fields);
    transfer("transfer", MAKE_NETWORK, &thumbprint, &request, TILL, &wallet, "OK");
    transfer("transfer for another request", MAKE_NETWORK, &thumbprint, &request_2, TILL, &wallet,
             "SIGNATURE_BAD");
    transfer("transfer for another till", MAKE_NETWORK, &thumbprint, &request, TILL + 1, &wallet,
             "SIGNATURE_BAD");
    transfer("transfer of another line", MAKE_NETWORK, &thumbprint_2, &request, TILL, &wallet,
             "SIGNATURE_BAD");
    transfer("transfer by another key", MAKE_NETWORK, &thumbprint, &request, TILL, &other,
             "SIGNATURE_BAD");
    transfer("transfer in another network", MAKE_NETWORK + 1, &thumbprint, &request, TILL, &wallet,
             "SIGNATURE_BAD");
    make_transfer_payload(&payload, &fields);
    make_signed(&cose, NULL, &wallet, MAKE_NETWORK, 21, &payload);
    transfer("transfer signed like any other message", MAKE_NETWORK, &thumbprint, &request, TILL,
             &wallet, "SIGNATURE_BAD");
}

static void
other_types(void)
{
    struct make_request request = {.network = MAKE_NETWORK,
                                   .till = TILL,
                                   .class = 1,
                                   .amount = 750,
                                   .nonce = {1},
                                   .number = 1,
                                   .time = MAKE_NOW,
                                   .seconds = 300};

    make_request_payload(&payload, &request);
    make_signed(&cose, &id, &till, MAKE_NETWORK, 20, &payload);
    begin("request", "request", MAKE_NETWORK, &cose, till.key.bytes);
    finish("OK");
    begin("request of another network", "request", MAKE_NETWORK + 1, &cose, till.key.bytes);
    finish("NETWORK");
    request.network++;
    make_request_payload(&payload, &request);
    make_signed(&cose, &id, &till, MAKE_NETWORK, 20, &payload);
    begin("network in the payload only", "request", MAKE_NETWORK + 1, &cose, till.key.bytes);
    finish("SIGNATURE_BAD");
    make_signed(&cose, &id, &till, MAKE_NETWORK + 1, 20, &payload);
    begin("network 8", "request", MAKE_NETWORK + 1, &cose, till.key.bytes);
    finish("OK");

    start();
    make_signed(&cose, &id, &till, MAKE_NETWORK, 22, &payload);
    vector("a void signed as a receipt", "SIGNATURE_BAD");
}

void
make_verify(void)
{
    out_open("verify", "verify");
    good_and_foreign();
    other_contexts();
    strict_signatures();
    transfers();
    other_types();
    out_close();
}
