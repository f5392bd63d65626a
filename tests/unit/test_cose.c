/* protocol/cose: the envelope against bytes put together by hand, every other shape, and what a
 * signature covers. */
#include "check.h"

#include "protocol/cose.h"
#include "protocol/msg.h"
#include "random.h"

#define NETWORK 7

static struct secret_key secret;
static struct public_key key;
static struct kid kid;

static void
make_key(void)
{
    static const uint8_t seed[SEED_SIZE] = {1, 2, 3};

    crypt_key_from_seed(&secret, &key, seed);
    crypt_kid(&kid, &key);
}

static struct span
span_of(const char *text)
{
    return (struct span){(const uint8_t *)text, strlen(text)};
}

static struct cose_aad
plain_aad(uint32_t network, uint32_t type)
{
    struct cose_aad aad;

    cose_aad(&aad, network, type, NULL, 0);
    return aad;
}

/* ---- bytes ----------------------------------------------------------------------------------- */

static size_t
put(uint8_t *out, size_t at, const void *bytes, size_t len)
{
    memcpy(out + at, bytes, len);
    return at + len;
}

/* A byte string's head as RFC 8949 has it, written here once more. */
static size_t
put_head(uint8_t *out, size_t at, size_t len)
{
    if (len < 24) {
        out[at++] = (uint8_t)(0x40 | len);
    } else if (len < 256) {
        out[at++] = 0x58;
        out[at++] = (uint8_t)len;
    } else {
        out[at++] = 0x59;
        out[at++] = (uint8_t)(len >> 8);
        out[at++] = (uint8_t)len;
    }
    return at;
}

static size_t
by_hand_signed(uint8_t *out, struct span aad, struct span payload)
{
    size_t at = put(out, 0, "\x84\x6ASignature1\x4D\xA2\x01\x32\x04\x48", 18);

    at = put(out, at, kid.bytes, KID_SIZE);
    at = put_head(out, at, aad.len);
    at = put(out, at, aad.data, aad.len);
    at = put_head(out, at, payload.len);
    return put(out, at, payload.data, payload.len);
}

static size_t
by_hand_envelope(uint8_t *out, struct span payload, const struct signature *signature)
{
    size_t at = put(out, 0, "\xD2\x84\x4D\xA2\x01\x32\x04\x48", 8);

    at = put(out, at, kid.bytes, KID_SIZE);
    at = put(out, at, "\xA0", 1);
    at = put_head(out, at, payload.len);
    at = put(out, at, payload.data, payload.len);
    at = put(out, at, "\x58\x40", 2);
    return put(out, at, signature->bytes, SIGNATURE_SIZE);
}

TEST(external_data_is_one_array)
{
    static const uint8_t plain[] = {0x84, 0x67, 's', 'c', 'h', 'w', 'e', 'b', 'e', 1, 7, 20};
    static const uint8_t large[] = {0x84, 0x67, 's',  'c',  'h',  'w',  'e',  'b', 'e',
                                    1,    0x1A, 0xFF, 0xFF, 0xFF, 0xFF, 0x18, 51};
    struct digest thumbprint, request;
    struct cose_aad aad = plain_aad(NETWORK, 20);
    uint8_t transfer[COSE_AAD_MAX];
    size_t at;

    CHECK(aad.len == sizeof plain && memcmp(aad.bytes, plain, sizeof plain) == 0);
    for (at = aad.len; at < sizeof aad.bytes; at++)
        CHECK(aad.bytes[at] == 0);
    aad = plain_aad(UINT32_MAX, 51);
    CHECK(aad.len == sizeof large && memcmp(aad.bytes, large, sizeof large) == 0);

    memset(&thumbprint, 0xAA, sizeof thumbprint);
    memset(&request, 0xBB, sizeof request);
    cose_aad(&aad, NETWORK, 21,
             (const struct cose_extra[]){{.bytes = {thumbprint.bytes, DIGEST_SIZE}},
                                         {.bytes = {request.bytes, DIGEST_SIZE}},
                                         {.number = 70000}},
             3);
    at = put(transfer, 0, "\x87\x67schwebe\x01\x07\x15\x58\x20", 14);
    at = put(transfer, at, thumbprint.bytes, DIGEST_SIZE);
    at = put(transfer, at, "\x58\x20", 2);
    at = put(transfer, at, request.bytes, DIGEST_SIZE);
    at = put(transfer, at, "\x1A\x00\x01\x11\x70", 5);
    CHECK(aad.len == at && memcmp(aad.bytes, transfer, at) == 0);
}

TEST(messages_of_every_length)
{
    static const size_t lengths[] = {1,   2,    23,   24,   25,    255,  256,
                                     257, 4095, 4096, 4097, 64999, 65000};
    static uint8_t payload[65001], out[65001 + COSE_ROOM], run[65001 + COSE_ROOM],
        expected[65001 + COSE_ROOM];
    const struct cose_aad aad = plain_aad(NETWORK, 20);
    struct random random = random_begin();

    make_key();
    random_bytes(&random, payload, sizeof payload);
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        const struct span content = {payload, lengths[i]};
        const size_t cap = content.len + COSE_ROOM;
        const size_t run_len = by_hand_signed(run, (struct span){aad.bytes, aad.len}, content);
        struct signature signature;
        struct cose_message message;
        struct digest id, hash;
        size_t len, expected_len;

        CHECK(run_len <= cap);
        crypt_sign(&signature, &secret, (struct span){run, run_len});
        expected_len = by_hand_envelope(expected, content, &signature);
        CHECK_STATUS(cose_sign(out, cap - 1, &len, &secret, &aad, content), STATUS_BUFFER);
        CHECK(len == 0);
        CHECK_STATUS(cose_sign(out, cap, &len, &secret, &aad, content), STATUS_OK);
        CHECK(len == expected_len && memcmp(out, expected, len) == 0);
        CHECK(len <= content.len + COSE_OVERHEAD_MAX);

        CHECK_STATUS(cose_parse(&message, (struct span){out, len}, len), STATUS_OK);
        CHECK(memcmp(&message.kid, &kid, KID_SIZE) == 0);
        CHECK(memcmp(&message.signature, &signature, SIGNATURE_SIZE) == 0);
        CHECK(message.payload.len == content.len);
        CHECK(memcmp(message.payload.data, payload, content.len) == 0);
        CHECK_STATUS(cose_parse(&message, (struct span){out, len}, len - 1), STATUS_TOO_LARGE);
        CHECK_STATUS(cose_parse(&message, (struct span){out, len}, SIZE_MAX), STATUS_OK);

        CHECK_STATUS(cose_verify(&message, &key, &aad),
                     content.len <= COSE_PAYLOAD_MAX ? STATUS_OK : STATUS_TOO_LARGE);
        CHECK_STATUS(cose_verify_large(&message, &key, &aad, run, cap - 1), STATUS_BUFFER);
        CHECK_STATUS(cose_verify_large(&message, &key, &aad, run, cap), STATUS_OK);

        (void)by_hand_signed(run, (struct span){aad.bytes, aad.len}, content);
        cose_message_id(&id, &message.kid, &aad, message.payload);
        crypt_hash(&hash, &(const struct span){run, run_len}, 1);
        CHECK(memcmp(&id, &hash, sizeof id) == 0);

        CHECK_STATUS(cose_encode(expected, len, &expected_len, &message), STATUS_OK);
        CHECK(expected_len == len && memcmp(expected, out, len) == 0);
        CHECK_STATUS(cose_encode(expected, len - 1, &expected_len, &message), STATUS_BUFFER);
        CHECK(expected_len == 0);
    }
}

TEST(payloads_that_cannot_be_signed)
{
    static uint8_t payload[65001], out[65001 + COSE_ROOM];
    const struct cose_aad aad = plain_aad(NETWORK, 20);
    struct cose_message message = {.payload = {payload, 0}};
    size_t len = 5;

    make_key();
    CHECK_STATUS(cose_sign(out, sizeof out, &len, &secret, &aad, message.payload),
                 STATUS_COSE_PAYLOAD);
    CHECK(len == 0);
    CHECK_STATUS(cose_encode(out, sizeof out, &len, &message), STATUS_COSE_PAYLOAD);
    CHECK_STATUS(cose_verify(&message, &key, &aad), STATUS_COSE_PAYLOAD);
    message.payload.len = 65001;
    CHECK_STATUS(cose_sign(out, sizeof out, &len, &secret, &aad, message.payload),
                 STATUS_TOO_LARGE);
    CHECK_STATUS(cose_encode(out, sizeof out, &len, &message), STATUS_TOO_LARGE);
    CHECK_STATUS(cose_verify_large(&message, &key, &aad, out, sizeof out), STATUS_TOO_LARGE);
}

/* ---- shapes ---------------------------------------------------------------------------------- */

#define KID "\x11\x12\x13\x14\x15\x16\x17\x18"
#define PROTECTED "\x4D\xA2\x01\x32\x04\x48" KID
#define SIGNATURE                                                                                  \
    "\x58\x40"                                                                                     \
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define GOOD "\xD2\x84" PROTECTED "\xA0\x41\x2A" SIGNATURE
#define CASE(bytes, expected)                                                                      \
    {                                                                                              \
        {(const uint8_t *)(bytes), sizeof(bytes) - 1}, STATUS_##expected                           \
    }

static const struct {
    struct span in;
    enum status status;
} shapes[] = {
    CASE(GOOD, OK),
    CASE("", CBOR_TRUNCATED),
    /* tag: none, 18 in a longer head, 61 (CWT), 98 (COSE_Sign), 17, 16, self-described */
    CASE("\x84" PROTECTED "\xA0\x41\x2A" SIGNATURE, COSE_TAG),
    CASE("\xD8\x12\x84" PROTECTED "\xA0\x41\x2A" SIGNATURE, COSE_TAG),
    CASE("\xD8\x3D\xD2\x84" PROTECTED "\xA0\x41\x2A" SIGNATURE, COSE_TAG),
    CASE("\xD8\x62\x84" PROTECTED "\xA0\x41\x2A" SIGNATURE, COSE_TAG),
    CASE("\xD1\x84" PROTECTED "\xA0\x41\x2A" SIGNATURE, COSE_TAG),
    CASE("\xD9\xD9\xF7\xD2\x84" PROTECTED "\xA0\x41\x2A" SIGNATURE, COSE_TAG),
    CASE("\xF6", COSE_TAG),
    /* array of another length, longer head, indefinite, map, tag twice */
    CASE("\xD2\x83" PROTECTED "\xA0\x41\x2A", COSE_SHAPE),
    CASE("\xD2\x85" PROTECTED "\xA0\x41\x2A" SIGNATURE "\xF6", COSE_SHAPE),
    CASE("\xD2\x98\x04" PROTECTED "\xA0\x41\x2A" SIGNATURE, COSE_SHAPE),
    CASE("\xD2\x9F" PROTECTED "\xA0\x41\x2A" SIGNATURE "\xFF", COSE_SHAPE),
    CASE("\xD2\xA4" PROTECTED "\xA0\x41\x2A" SIGNATURE, COSE_SHAPE),
    CASE("\xD2\xD2\x84" PROTECTED "\xA0\x41\x2A" SIGNATURE, COSE_SHAPE),
    CASE("\xD2", CBOR_TRUNCATED),
    /* protected: empty, a map instead of a string, longer head, text, kid or alg missing,
     * another order, kid of another size or type, one more header, alg in two bytes, content
     * indefinite */
    CASE("\xD2\x84\x40\xA0\x41\x2A" SIGNATURE, COSE_HEADER),
    CASE("\xD2\x84\xA2\x01\x32\x04\x48" KID "\xA0\x41\x2A" SIGNATURE, COSE_HEADER),
    CASE("\xD2\x84\x58\x0D\xA2\x01\x32\x04\x48" KID "\xA0\x41\x2A" SIGNATURE, COSE_HEADER),
    CASE("\xD2\x84\x6D\xA2\x01\x32\x04\x48" KID "\xA0\x41\x2A" SIGNATURE, COSE_HEADER),
    CASE("\xD2\x84\x43\xA1\x01\x32\xA0\x41\x2A" SIGNATURE, COSE_HEADER),
    CASE("\xD2\x84\x4B\xA1\x04\x48" KID "\xA0\x41\x2A" SIGNATURE, COSE_HEADER),
    CASE("\xD2\x84\x4D\xA2\x04\x48" KID "\x01\x32\xA0\x41\x2A" SIGNATURE, COSE_HEADER),
    CASE("\xD2\x84\x4C\xA2\x01\x32\x04\x47\x11\x12\x13\x14\x15\x16\x17\xA0\x41\x2A" SIGNATURE,
         COSE_HEADER),
    CASE("\xD2\x84\x4D\xA2\x01\x32\x04\x68" KID "\xA0\x41\x2A" SIGNATURE, COSE_HEADER),
    CASE("\xD2\x84\x4D\xA2\x01\x32\x05\x48" KID "\xA0\x41\x2A" SIGNATURE, COSE_HEADER),
    CASE("\xD2\x84\x4D\xA3\x01\x32\x04\x48" KID "\xA0\x41\x2A" SIGNATURE, COSE_HEADER),
    CASE("\xD2\x84\x4F\xA3\x01\x32\x03\x00\x04\x48" KID "\xA0\x41\x2A" SIGNATURE, COSE_HEADER),
    CASE("\xD2\x84\x4E\xA2\x01\x38\x12\x04\x48" KID "\xA0\x41\x2A" SIGNATURE, COSE_HEADER),
    CASE("\xD2\x84\x4E\xBF\x01\x32\x04\x48" KID "\xFF\xA0\x41\x2A" SIGNATURE, COSE_HEADER),
    CASE("\xD2\x84\xF6\xA0\x41\x2A" SIGNATURE, COSE_HEADER),
    CASE("\xD2\x84\x4D\xA2\x01\x32", CBOR_TRUNCATED),
    /* algorithm: EdDSA -8, ES256 -7, -18, unsigned 18, null */
    CASE("\xD2\x84\x4D\xA2\x01\x27\x04\x48" KID "\xA0\x41\x2A" SIGNATURE, COSE_ALGORITHM),
    CASE("\xD2\x84\x4D\xA2\x01\x26\x04\x48" KID "\xA0\x41\x2A" SIGNATURE, COSE_ALGORITHM),
    CASE("\xD2\x84\x4D\xA2\x01\x31\x04\x48" KID "\xA0\x41\x2A" SIGNATURE, COSE_ALGORITHM),
    CASE("\xD2\x84\x4D\xA2\x01\x12\x04\x48" KID "\xA0\x41\x2A" SIGNATURE, COSE_ALGORITHM),
    CASE("\xD2\x84\x4D\xA2\x01\xF6\x04\x48" KID "\xA0\x41\x2A" SIGNATURE, COSE_ALGORITHM),
    /* unprotected: kid in it, longer head, indefinite, nil, array, empty string */
    CASE("\xD2\x84" PROTECTED "\xA1\x04\x48" KID "\x41\x2A" SIGNATURE, COSE_UNPROTECTED),
    CASE("\xD2\x84" PROTECTED "\xB8\x00\x41\x2A" SIGNATURE, COSE_UNPROTECTED),
    CASE("\xD2\x84" PROTECTED "\xBF\xFF\x41\x2A" SIGNATURE, COSE_UNPROTECTED),
    CASE("\xD2\x84" PROTECTED "\xF6\x41\x2A" SIGNATURE, COSE_UNPROTECTED),
    CASE("\xD2\x84" PROTECTED "\x80\x41\x2A" SIGNATURE, COSE_UNPROTECTED),
    CASE("\xD2\x84" PROTECTED "\x40\x41\x2A" SIGNATURE, COSE_UNPROTECTED),
    CASE("\xD2\x84" PROTECTED, CBOR_TRUNCATED),
    /* payload: nil, empty, longer head, indefinite, text, number, map, reserved length */
    CASE("\xD2\x84" PROTECTED "\xA0\xF6" SIGNATURE, COSE_PAYLOAD),
    CASE("\xD2\x84" PROTECTED "\xA0\x40" SIGNATURE, COSE_PAYLOAD),
    CASE("\xD2\x84" PROTECTED "\xA0\x58\x01\x2A" SIGNATURE, COSE_PAYLOAD),
    CASE("\xD2\x84" PROTECTED "\xA0\x5B\0\0\0\0\0\0\0\x01\x2A" SIGNATURE, COSE_PAYLOAD),
    CASE("\xD2\x84" PROTECTED "\xA0\x5F\x41\x2A\xFF" SIGNATURE, COSE_PAYLOAD),
    CASE("\xD2\x84" PROTECTED "\xA0\x5C\x41\x2A" SIGNATURE, COSE_PAYLOAD),
    CASE("\xD2\x84" PROTECTED "\xA0\x61\x2A" SIGNATURE, COSE_PAYLOAD),
    CASE("\xD2\x84" PROTECTED "\xA0\x01" SIGNATURE, COSE_PAYLOAD),
    CASE("\xD2\x84" PROTECTED "\xA0\xA1\x00\x01" SIGNATURE, COSE_PAYLOAD),
    CASE("\xD2\x84" PROTECTED "\xA0\x78", COSE_PAYLOAD),
    CASE("\xD2\x84" PROTECTED "\xA0\x5B\0\0\0\x01\0\0\0\x01\x2A" SIGNATURE, CBOR_TRUNCATED),
    CASE("\xD2\x84" PROTECTED "\xA0\x59\x01", CBOR_TRUNCATED),
    CASE("\xD2\x84" PROTECTED "\xA0", CBOR_TRUNCATED),
    /* signature: 63, 65, longer head, nil, text, array */
    CASE("\xD2\x84" PROTECTED "\xA0\x41\x2A\x58\x3F"
         "123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
         COSE_SIGNATURE_SIZE),
    CASE("\xD2\x84" PROTECTED "\xA0\x41\x2A\x58\x41"
         "x0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
         COSE_SIGNATURE_SIZE),
    CASE("\xD2\x84" PROTECTED "\xA0\x41\x2A\x59\x00\x40"
         "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
         COSE_SIGNATURE_SIZE),
    CASE("\xD2\x84" PROTECTED "\xA0\x41\x2A\xF6", COSE_SIGNATURE_SIZE),
    CASE("\xD2\x84" PROTECTED "\xA0\x41\x2A\x78\x40"
         "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
         COSE_SIGNATURE_SIZE),
    CASE("\xD2\x84" PROTECTED "\xA0\x41\x2A\x81" SIGNATURE, COSE_SIGNATURE_SIZE),
    CASE("\xD2\x84" PROTECTED "\xA0\x41\x2A\x58\x40x", CBOR_TRUNCATED),
    CASE(GOOD "\x00", CBOR_TRAILING),
    CASE(GOOD GOOD, CBOR_TRAILING),
    CASE(GOOD "\xF6", CBOR_TRAILING),
};

TEST(every_other_shape_has_its_status)
{
    static const struct cose_message zero;

    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        struct cose_message message;
        enum status status;

        memset(&message, 0xEE, sizeof message);
        status = cose_parse(&message, shapes[i].in, 4096);
        if (status != shapes[i].status)
            fprintf(stderr, "    case %zu\n", i);
        CHECK_STATUS(status, shapes[i].status);
        if (status != STATUS_OK)
            CHECK(memcmp(&message.kid, &zero.kid, sizeof zero.kid) == 0 &&
                  message.payload.data == NULL && message.payload.len == 0);
    }
}

TEST(cut_anywhere_is_truncated)
{
    static const uint8_t good[] = GOOD;
    struct cose_message message;

    for (size_t len = 0; len < sizeof good - 1; len++)
        CHECK_STATUS(cose_parse(&message, (struct span){good, len}, 4096), STATUS_CBOR_TRUNCATED);
}

/* What is parsed has one form: any byte changed is refused, or ends up in one of the parts. */
TEST(parsing_and_writing_are_inverse)
{
    uint8_t in[] = GOOD;
    uint8_t out[sizeof in];
    unsigned parsed = 0;

    for (size_t at = 0; at < sizeof in - 1; at++) {
        const uint8_t kept = in[at];

        for (unsigned c = 0; c < 256; c++) {
            struct cose_message message;
            size_t len;

            in[at] = (uint8_t)c;
            if (cose_parse(&message, (struct span){in, sizeof in - 1}, 4096) != STATUS_OK)
                continue;
            parsed++;
            CHECK_STATUS(cose_encode(out, sizeof out, &len, &message), STATUS_OK);
            CHECK(len == sizeof in - 1 && memcmp(in, out, len) == 0);
        }
        in[at] = kept;
    }
    /* All values of the free bytes (kid, payload, signature), one of each fixed byte. */
    CHECK(parsed == 256 * (8 + 1 + 64) + (sizeof in - 1 - 73));
}

/* ---- what a signature covers ----------------------------------------------------------------- */

TEST(every_bit_is_covered)
{
    const struct cose_aad aad = plain_aad(NETWORK, 20);
    uint8_t out[40 + COSE_ROOM];
    struct cose_message message;
    size_t len;
    unsigned good = 0;

    make_key();
    CHECK_STATUS(
        cose_sign(out, sizeof out, &len, &secret, &aad, span_of("pay 12,50 EUR to till 7")),
        STATUS_OK);
    for (size_t bit = 0; bit < len * 8; bit++) {
        out[bit / 8] ^= (uint8_t)(1U << bit % 8);
        if (cose_parse(&message, (struct span){out, len}, len) == STATUS_OK)
            good += cose_verify(&message, &key, &aad) == STATUS_OK;
        out[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
    CHECK(good == 0);
    CHECK_STATUS(cose_parse(&message, (struct span){out, len}, len), STATUS_OK);
    CHECK_STATUS(cose_verify(&message, &key, &aad), STATUS_OK);
}

TEST(every_bit_of_the_context_is_covered)
{
    struct digest thumbprint = {{1}};
    const struct cose_extra extras[] = {{.bytes = {thumbprint.bytes, DIGEST_SIZE}}, {.number = 5}};
    struct cose_aad aad;
    struct cose_message message;
    struct digest id, other;
    uint8_t out[40 + COSE_ROOM];
    size_t len;
    unsigned good = 0, same = 0;

    make_key();
    cose_aad(&aad, NETWORK, 21, extras, 2);
    CHECK_STATUS(cose_sign(out, sizeof out, &len, &secret, &aad, span_of("x")), STATUS_OK);
    CHECK_STATUS(cose_parse(&message, (struct span){out, len}, len), STATUS_OK);
    CHECK_STATUS(cose_verify(&message, &key, &aad), STATUS_OK);
    cose_message_id(&id, &message.kid, &aad, message.payload);
    for (size_t bit = 0; bit < aad.len * 8; bit++) {
        aad.bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
        good += cose_verify(&message, &key, &aad) == STATUS_OK;
        cose_message_id(&other, &message.kid, &aad, message.payload);
        same += memcmp(&id, &other, sizeof id) == 0;
        aad.bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
    aad.len--;
    good += cose_verify(&message, &key, &aad) == STATUS_OK;
    CHECK(good == 0 && same == 0);
}

/* A signature of one type in one network is good for no other. */
TEST(no_type_passes_for_another)
{
    static uint8_t messages[64][40 + COSE_ROOM];
    size_t lens[64];
    unsigned good = 0;

    make_key();
    for (uint32_t type = 1; type < 64; type++) {
        const struct cose_aad aad = plain_aad(NETWORK, type);

        REQUIRE(cose_sign(messages[type], sizeof messages[type], &lens[type], &secret, &aad,
                          span_of("same payload")) == STATUS_OK);
    }
    for (uint32_t a = 1; a < 64; a++) {
        struct cose_message message;

        REQUIRE(cose_parse(&message, (struct span){messages[a], lens[a]}, 4096) == STATUS_OK);
        for (uint32_t b = 1; b < 64; b++) {
            const struct cose_aad aad = plain_aad(NETWORK, b);
            const struct cose_aad abroad = plain_aad(NETWORK + 1, b);
            const bool verified = cose_verify(&message, &key, &aad) == STATUS_OK;

            CHECK(verified == (a == b));
            good += verified;
            if (a % 8 == 0)
                CHECK_STATUS(cose_verify(&message, &key, &abroad), STATUS_SIGNATURE_BAD);
        }
    }
    CHECK(good == 63);
}

/* The same with whole messages: each type's bytes are given to each other type's table. */
TEST(no_payload_passes_for_another)
{
    unsigned opened = 0, types = 0;

    make_key();
    for (uint32_t a = 1; a < 64; a++) {
        const struct msg_kind *from = msg_kind(a);
        /* The least payload that says its type: only key 0. */
        const uint8_t payload[] = {0xA1, 0x00, a < 24 ? (uint8_t)a : 0x18, (uint8_t)a};
        const struct span span = {payload, a < 24 ? 3 : 4};

        if (from == NULL)
            continue;
        types++;
        for (uint32_t b = 1; b < 64; b++) {
            static uint8_t object[65536];
            const struct msg_kind *to = msg_kind(b);

            if (to == NULL || to->schema->size > sizeof object)
                continue;
            opened += schema_decode(object, to->schema, span) == STATUS_OK;
        }
    }
    CHECK(opened == 0);
    CHECK(types > 40);
}

TEST(another_key_is_refused)
{
    static const uint8_t seed[SEED_SIZE] = {9};
    const struct cose_aad aad = plain_aad(NETWORK, 20);
    struct secret_key other_secret;
    struct public_key other;
    struct cose_message message;
    uint8_t out[40 + COSE_ROOM];
    size_t len;

    make_key();
    crypt_key_from_seed(&other_secret, &other, seed);
    CHECK_STATUS(cose_sign(out, sizeof out, &len, &secret, &aad, span_of("x")), STATUS_OK);
    CHECK_STATUS(cose_parse(&message, (struct span){out, len}, len), STATUS_OK);
    CHECK_STATUS(cose_verify(&message, &other, &aad), STATUS_SIGNATURE_BAD);
    CHECK_STATUS(cose_verify(&message, &key, &aad), STATUS_OK);
}

/* Two payees may get the same payload; the id tells them apart, and does not depend on signatures.
 */
TEST(ids_are_those_of_what_is_signed)
{
    struct cose_aad here, there;
    struct digest a, b;

    make_key();
    cose_aad(&here, NETWORK, 21, &(const struct cose_extra){.number = 1}, 1);
    cose_aad(&there, NETWORK, 21, &(const struct cose_extra){.number = 2}, 1);
    cose_message_id(&a, &kid, &here, span_of("x"));
    cose_message_id(&b, &kid, &there, span_of("x"));
    CHECK(memcmp(&a, &b, sizeof a) != 0);
    cose_message_id(&b, &kid, &here, span_of("x"));
    CHECK(memcmp(&a, &b, sizeof a) == 0);
}

int
main(int argc, char **argv)
{
    if (crypt_init() != STATUS_OK)
        return 1;
    return check_run(argc, argv);
}
