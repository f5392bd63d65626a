/* protocol/crypt: published vectors, signatures that lenient verifiers take and ours must not, and
 * sealing. Forgeries are made with the library itself, as only it has the group. */
#include "check.h"

#include <sodium.h>

#include "protocol/crypt.h"

static struct span
span_of(const char *text)
{
    return (struct span){(const uint8_t *)text, strlen(text)};
}

static size_t
unhex(uint8_t *out, size_t cap, const char *hex)
{
    size_t len = 0;

    CHECK(sodium_hex2bin(out, cap, hex, strlen(hex), NULL, &len, NULL) == 0);
    return len;
}

static bool
equals_hex(const void *bytes, size_t len, const char *hex)
{
    uint8_t expected[128];

    return unhex(expected, sizeof expected, hex) == len && memcmp(bytes, expected, len) == 0;
}

/* ---- hashes ---------------------------------------------------------------------------------- */

TEST(sha256_vectors)
{
    /* FIPS 180-2, and the empty string. */
    struct span parts[] = {span_of("a"), {NULL, 0}, span_of("bc")};
    struct digest digest;

    crypt_hash(&digest, parts, 3);
    CHECK(equals_hex(&digest, sizeof digest,
                     "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
    crypt_hash(&digest, NULL, 0);
    CHECK(equals_hex(&digest, sizeof digest,
                     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
}

TEST(thumbprints_of_keys)
{
    /* RFC 9679 over the key of RFC 8037 appendix A; the COSE_Key written out. */
    struct public_key key;
    struct digest thumbprint, expected;
    uint8_t cose_key[40];
    struct kid kid;

    unhex(key.bytes, sizeof key.bytes,
          "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
    CHECK(unhex(cose_key, sizeof cose_key,
                "a3010120062158"
                "20d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a") == 40);
    crypto_hash_sha256(expected.bytes, cose_key, sizeof cose_key);
    crypt_thumbprint(&thumbprint, &key);
    CHECK(memcmp(&thumbprint, &expected, sizeof expected) == 0);
    crypt_kid(&kid, &key);
    CHECK(memcmp(&kid, &expected, sizeof kid) == 0);
}

/* ---- signatures ------------------------------------------------------------------------------ */

TEST(ed25519_vectors_of_the_rfc)
{
    /* RFC 8032 section 7.1: tests 1, 2, 3 and SHA(abc). */
    static const struct {
        const char *seed, *key, *message, *signature;
    } vectors[] = {
        {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
         "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
         "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701"
         "cf"
         "9b46bd25bf5f0595bbe24655141438e7a100b"},
        {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
         "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
         "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d"
         "0f"
         "11d8c387b2eaeb4302aeeb00d291612bb0c00"},
        {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
         "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
         "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f7609"
         "84"
         "dc6594a7c15e9716ed28dc027beceea1ec40a"},
        {"833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
         "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
         "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a"
         "3f"
         "eebbd454d4423643ce80e2a9ac94fa54ca49f",
         "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66"
         "43"
         "1e0303dca179c138ac17ad9bef1177331a704"},
    };

    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        uint8_t seed[SEED_SIZE], message[64];
        struct span span = {message, unhex(message, sizeof message, vectors[i].message)};
        struct secret_key secret;
        struct public_key key, again;
        struct signature signature;

        CHECK(unhex(seed, sizeof seed, vectors[i].seed) == SEED_SIZE);
        crypt_key_from_seed(&secret, &key, seed);
        CHECK(equals_hex(&key, sizeof key, vectors[i].key));
        crypt_public_key(&again, &secret);
        CHECK(memcmp(&key, &again, sizeof key) == 0);
        crypt_sign(&signature, &secret, span);
        CHECK(equals_hex(&signature, sizeof signature, vectors[i].signature));
        CHECK_STATUS(crypt_verify(&key, &signature, span), STATUS_OK);
        for (size_t bit = 0; bit < SIGNATURE_SIZE * 8; bit++) {
            signature.bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
            CHECK_STATUS(crypt_verify(&key, &signature, span), STATUS_SIGNATURE_BAD);
            signature.bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
        }
        for (size_t bit = 0; bit < PUBLIC_KEY_SIZE * 8; bit++) {
            key.bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
            CHECK_STATUS(crypt_verify(&key, &signature, span), STATUS_SIGNATURE_BAD);
            key.bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
        }
    }
}

/* The order of the group, little-endian (RFC 8032 section 5.1). */
static const char order_hex[] = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";

/* Every encoding of a point of order 1, 2, 4 or 8, those with a y of p or more among them. */
static const char *const small_points[] = {
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
};
#define SMALL_POINTS (sizeof small_points / sizeof small_points[0])

struct signer {
    struct secret_key secret;
    struct public_key key;
    uint8_t scalar[32];
};

static struct signer
make_signer(void)
{
    static const uint8_t seed[SEED_SIZE] = {42};
    struct signer signer;
    uint8_t hash[64];

    crypt_key_from_seed(&signer.secret, &signer.key, seed);
    crypto_hash_sha512(hash, seed, sizeof seed);
    hash[0] &= 248;
    hash[31] = (uint8_t)((hash[31] & 127) | 64);
    memset(hash + 32, 0, 32);
    crypto_core_ed25519_scalar_reduce(signer.scalar, hash);
    return signer;
}

/* h of RFC 8032 section 5.1.7. */
static void
challenge(uint8_t h[static 32], const uint8_t r[static 32], const struct public_key *key,
          struct span message)
{
    crypto_hash_sha512_state state;
    uint8_t hash[64];

    crypto_hash_sha512_init(&state);
    crypto_hash_sha512_update(&state, r, 32);
    crypto_hash_sha512_update(&state, key->bytes, PUBLIC_KEY_SIZE);
    crypto_hash_sha512_update(&state, message.data, message.len);
    crypto_hash_sha512_final(&state, hash);
    crypto_core_ed25519_scalar_reduce(h, hash);
}

/* S = nonce + h * scalar for a given R: what the owner of a key can make by his own rules. */
static struct signature
sign_with(const struct signer *signer, const uint8_t r[static 32], const uint8_t nonce[static 32],
          struct span message)
{
    struct signature signature;
    uint8_t h[32], product[32];

    challenge(h, r, &signer->key, message);
    crypto_core_ed25519_scalar_mul(product, h, signer->scalar);
    memcpy(signature.bytes, r, 32);
    crypto_core_ed25519_scalar_add(signature.bytes + 32, nonce, product);
    return signature;
}

TEST(the_forger_can_sign_properly)
{
    /* Otherwise the refusals below would prove nothing. */
    const struct signer signer = make_signer();
    const uint8_t nonce[32] = {77};
    struct signature signature;
    uint8_t r[32];

    CHECK(crypto_scalarmult_ed25519_base_noclamp(r, nonce) == 0);
    signature = sign_with(&signer, r, nonce, span_of("m"));
    CHECK_STATUS(crypt_verify(&signer.key, &signature, span_of("m")), STATUS_OK);
}

TEST(s_is_below_the_order)
{
    const struct signer signer = make_signer();
    struct signature signature;
    uint8_t order[32];
    unsigned carry = 0;

    unhex(order, sizeof order, order_hex);
    crypt_sign(&signature, &signer.secret, span_of("m"));
    for (size_t i = 0; i < 32; i++) {
        carry += (unsigned)signature.bytes[32 + i] + order[i];
        signature.bytes[32 + i] = (uint8_t)carry;
        carry >>= 8;
    }
    CHECK(carry == 0);
    CHECK_STATUS(crypt_verify(&signer.key, &signature, span_of("m")), STATUS_SIGNATURE_BAD);
}

TEST(keys_of_small_order_are_refused)
{
    /* Under the neutral element everything with R = S * B is signed by everybody. */
    const uint8_t s[32] = {5};
    struct signature signature;

    CHECK(crypto_scalarmult_ed25519_base_noclamp(signature.bytes, s) == 0);
    memcpy(signature.bytes + 32, s, 32);
    for (size_t i = 0; i < SMALL_POINTS; i++) {
        struct public_key key;

        unhex(key.bytes, sizeof key.bytes, small_points[i]);
        /* For orders up to 8 one in eight messages would do as well. */
        for (uint8_t m = 0; m < 64; m++)
            CHECK_STATUS(crypt_verify(&key, &signature, (struct span){&m, 1}),
                         STATUS_SIGNATURE_BAD);
    }
}

TEST(r_of_small_order_is_refused)
{
    const struct signer signer = make_signer();
    const uint8_t nonce[32] = {0};

    for (size_t i = 0; i < SMALL_POINTS; i++) {
        uint8_t r[32];

        unhex(r, sizeof r, small_points[i]);
        for (uint8_t m = 0; m < 64; m++) {
            const struct span message = {&m, 1};
            const struct signature signature = sign_with(&signer, r, nonce, message);

            CHECK_STATUS(crypt_verify(&signer.key, &signature, message), STATUS_SIGNATURE_BAD);
        }
    }
}

/* R with a part of order 8: verifiers that multiply by the cofactor take it, ours must not, or two
 * parties disagree on what was paid. */
TEST(the_equation_has_no_cofactor)
{
    const struct signer signer = make_signer();
    const uint8_t nonce[32] = {99};
    uint8_t r[32], torsion[32], mixed[32];
    struct signature signature;

    CHECK(crypto_scalarmult_ed25519_base_noclamp(r, nonce) == 0);
    unhex(torsion, sizeof torsion, small_points[4]);
    CHECK(crypto_core_ed25519_add(mixed, r, torsion) == 0);
    CHECK(memcmp(mixed, r, sizeof r) != 0);
    signature = sign_with(&signer, mixed, nonce, span_of("m"));
    CHECK_STATUS(crypt_verify(&signer.key, &signature, span_of("m")), STATUS_SIGNATURE_BAD);
}

/* ---- sealing --------------------------------------------------------------------------------- */

static const uint8_t salt_nonce[SEAL_SALT_SIZE + SEAL_NONCE_SIZE] = {1, 2, 3};

TEST(sealed_is_opened_again)
{
    const struct span pass = span_of("Schwebebahn 1901");
    const struct span context = span_of("wallet 1");
    const struct span plain = span_of("the secret seed of somebody's key");
    uint8_t sealed[64 + SEAL_OVERHEAD], opened[64];
    const struct span box = {sealed, plain.len + SEAL_OVERHEAD};

    CHECK_STATUS(crypt_seal(sealed, plain, pass, context, SEAL_INTERACTIVE, salt_nonce), STATUS_OK);
    CHECK(memcmp(sealed, salt_nonce, sizeof salt_nonce) == 0);
    CHECK_STATUS(crypt_open(opened, box, pass, context, SEAL_INTERACTIVE), STATUS_OK);
    CHECK(memcmp(opened, plain.data, plain.len) == 0);
}

TEST(nothing_else_opens_it)
{
    const struct span pass = span_of("Schwebebahn 1901");
    const struct span context = span_of("wallet 1");
    const struct span plain = span_of("seed");
    /* A byte of the salt, of the nonce, of the content, of its tag. */
    static const size_t places[] = {0, SEAL_SALT_SIZE, SEAL_SALT_SIZE + SEAL_NONCE_SIZE,
                                    SEAL_OVERHEAD + 4 - 1};
    uint8_t sealed[4 + SEAL_OVERHEAD], opened[4];
    const struct span box = {sealed, sizeof sealed};

    CHECK_STATUS(crypt_seal(sealed, plain, pass, context, SEAL_INTERACTIVE, salt_nonce), STATUS_OK);
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        sealed[places[i]] ^= 1;
        memset(opened, 0xEE, sizeof opened);
        CHECK_STATUS(crypt_open(opened, box, pass, context, SEAL_INTERACTIVE), STATUS_PASSPHRASE);
        CHECK(memcmp(opened, "\0\0\0\0", 4) == 0);
        sealed[places[i]] ^= 1;
    }
    CHECK_STATUS(crypt_open(opened, box, span_of("Schwebebahn 1900"), context, SEAL_INTERACTIVE),
                 STATUS_PASSPHRASE);
    CHECK_STATUS(crypt_open(opened, box, pass, span_of("wallet 2"), SEAL_INTERACTIVE),
                 STATUS_PASSPHRASE);
    CHECK_STATUS(crypt_open(opened, box, pass, context, SEAL_MODERATE), STATUS_PASSPHRASE);
    for (size_t len = 0; len < SEAL_OVERHEAD; len++)
        CHECK_STATUS(
            crypt_open(opened, (struct span){sealed, len}, pass, context, SEAL_INTERACTIVE),
            STATUS_KEYFILE);
}

/* ---- small things ---------------------------------------------------------------------------- */

TEST(equal_and_wiped)
{
    uint8_t a[40] = {1}, b[40] = {1};

    CHECK(crypt_equal(a, b, sizeof a));
    for (size_t bit = 0; bit < sizeof a * 8; bit++) {
        b[bit / 8] ^= (uint8_t)(1U << bit % 8);
        CHECK(!crypt_equal(a, b, sizeof a));
        b[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
    CHECK(crypt_equal(a, b, 0));
    memset(a, 0xAA, sizeof a);
    crypt_wipe(a, 39);
    for (size_t i = 0; i < 39; i++)
        CHECK(a[i] == 0);
    CHECK(a[39] == 0xAA);
}

TEST(random_bytes_differ)
{
    uint8_t draws[64][16];

    for (size_t i = 0; i < 64; i++) {
        memset(draws[i], 0, sizeof draws[i]);
        crypt_random(draws[i], sizeof draws[i]);
        for (size_t k = 0; k < i; k++)
            CHECK(memcmp(draws[i], draws[k], sizeof draws[i]) != 0);
    }
}

int
main(int argc, char **argv)
{
    if (crypt_init() != STATUS_OK)
        return 1;
    return check_run(argc, argv);
}
