/* Vectors of `envelope`: one form of COSE_Sign1 and every other shape. */
#include "make.h"

#include <string.h>

/* A void, and the pieces of its envelope as they may be put together otherwise. */
static struct hand payload;
static struct hand good;
static struct forge_key key;

#define SIGNATURE (good.data + good.len - 64)

static void
vector(const char *name, const struct hand *cose, const char *status)
{
    out_vector("%s", name);
    out_hand("cose", cose);
    out_expect(status);
    if (strcmp(status, "OK") == 0) {
        out_hex("kid", cose->data + 8, 8);
        out_hex("payload", payload.data, payload.len);
        out_hex("signature", cose->data + cose->len - 64, 64);
    }
    out_end();
}

static void
start(void)
{
    static const uint8_t transfer[32] = {1, 2, 3};

    forge_key(&key, "till");
    payload.len = 0;
    hand_hex(&payload, "a4 00 17");
    hand_pair_uint(&payload, 1, 70123);
    hand_pair_bytes(&payload, 2, transfer, sizeof transfer);
    hand_pair_uint(&payload, 3, MAKE_NOW);
    make_signed(&good, NULL, &key, MAKE_NETWORK, 23, &payload);
}

/* An envelope of pieces in hexadecimal; K stands for the kid, P for the payload as a byte string,
 * S for the 64 bytes of the signature. */
static void
pieces(const char *name, const char *status, const char *text)
{
    static struct hand out;
    char digits[256];
    size_t held = 0;

    out.len = 0;
    for (; *text != '\0'; text++) {
        if (strchr("KPS", *text) == NULL) {
            digits[held++] = *text;
            continue;
        }
        digits[held] = '\0';
        hand_hex(&out, digits);
        held = 0;
        if (*text == 'K')
            hand_put(&out, key.kid.bytes, 8);
        else if (*text == 'P')
            hand_bytes(&out, payload.data, payload.len);
        else
            hand_put(&out, SIGNATURE, 64);
    }
    digits[held] = '\0';
    hand_hex(&out, digits);
    vector(name, &out, status);
}

static void
tags(void)
{
    pieces("good", "OK", "d2 84 4d a201320448 K a0 P 5840 S");
    pieces("no tag", "COSE_TAG", "84 4d a201320448 K a0 P 5840 S");
    pieces("tag 18 in a longer head", "COSE_TAG", "d812 84 4d a201320448 K a0 P 5840 S");
    pieces("tag 18 in two bytes", "COSE_TAG", "d90012 84 4d a201320448 K a0 P 5840 S");
    pieces("tag 18 twice", "COSE_SHAPE", "d2 d2 84 4d a201320448 K a0 P 5840 S");
    pieces("tag 17, a MAC", "COSE_TAG", "d1 84 4d a201320448 K a0 P 5840 S");
    pieces("tag 16, encrypted", "COSE_TAG", "d0 84 4d a201320448 K a0 P 5840 S");
    pieces("tag 61, a token", "COSE_TAG", "d83d d2 84 4d a201320448 K a0 P 5840 S");
    pieces("tag 98, many signers", "COSE_TAG", "d862 84 4d a201320448 K a0 P 5840 S");
    pieces("tag 55799, CBOR itself", "COSE_TAG", "d9d9f7 d2 84 4d a201320448 K a0 P 5840 S");
    pieces("array of 3", "COSE_SHAPE", "d2 83 4d a201320448 K a0 P");
    pieces("array of 5", "COSE_SHAPE", "d2 85 4d a201320448 K a0 P 5840 S 00");
    pieces("array in a longer head", "COSE_SHAPE", "d2 9804 4d a201320448 K a0 P 5840 S");
    pieces("array without an end", "COSE_SHAPE", "d2 9f 4d a201320448 K a0 P 5840 S ff");
    pieces("map", "COSE_SHAPE", "d2 a4 4d a201320448 K a0 P 5840 S");
}

static void
headers(void)
{
    pieces("protected in a longer head", "COSE_HEADER", "d2 84 580d a201320448 K a0 P 5840 S");
    pieces("protected without an end", "COSE_HEADER", "d2 84 5f 4d a201320448 K ff a0 P 5840 S");
    pieces("protected as text", "COSE_HEADER", "d2 84 6d a201320448 K a0 P 5840 S");
    pieces("protected as a map", "COSE_HEADER", "d2 84 a201320448 K a0 P 5840 S");
    pieces("protected empty", "COSE_HEADER", "d2 84 40 a0 P 5840 S");
    pieces("protected an empty map", "COSE_HEADER", "d2 84 41a0 a0 P 5840 S");
    pieces("no kid", "COSE_HEADER", "d2 84 43a10132 a0 P 5840 S");
    pieces("no algorithm", "COSE_HEADER", "d2 84 4b a10448 K a0 P 5840 S");
    pieces("kid before the algorithm", "COSE_HEADER", "d2 84 4d a20448 K 0132 a0 P 5840 S");
    pieces("a third header", "COSE_HEADER", "d2 84 50 a301320448 K 05 41 00 a0 P 5840 S");
    pieces("content type", "COSE_HEADER", "d2 84 4f a301320300 0448 K a0 P 5840 S");
    pieces("a key twice", "COSE_HEADER", "d2 84 4d a201320148 K a0 P 5840 S");
    pieces("kid of 7 bytes", "COSE_HEADER", "d2 84 4c a20132044700000000000000 a0 P 5840 S");
    pieces("kid of 9 bytes", "COSE_HEADER", "d2 84 4e a201320449 K 00 a0 P 5840 S");
    pieces("kid as text", "COSE_HEADER", "d2 84 4d a201320468 K a0 P 5840 S");
    pieces("header with another first key", "COSE_HEADER", "d2 84 4d a202320448 K a0 P 5840 S");
    pieces("EdDSA", "COSE_ALGORITHM", "d2 84 4d a201270448 K a0 P 5840 S");
    pieces("ES256", "COSE_ALGORITHM", "d2 84 4d a201260448 K a0 P 5840 S");
    pieces("algorithm 18", "COSE_ALGORITHM", "d2 84 4d a201120448 K a0 P 5840 S");
    pieces("algorithm 0", "COSE_ALGORITHM", "d2 84 4d a201000448 K a0 P 5840 S");
    pieces("ES512 needs two bytes", "COSE_HEADER", "d2 84 4e a2013823 0448 K a0 P 5840 S");
    pieces("unprotected kid", "COSE_UNPROTECTED", "d2 84 4d a201320448 K a10448 K P 5840 S");
    pieces("unprotected in a longer head", "COSE_UNPROTECTED",
           "d2 84 4d a201320448 K b800 P 5840 S");
    pieces("unprotected without an end", "COSE_UNPROTECTED", "d2 84 4d a201320448 K bfff P 5840 S");
    pieces("unprotected an array", "COSE_UNPROTECTED", "d2 84 4d a201320448 K 80 P 5840 S");
    pieces("unprotected a string", "COSE_UNPROTECTED", "d2 84 4d a201320448 K 40 P 5840 S");
    pieces("unprotected null", "COSE_UNPROTECTED", "d2 84 4d a201320448 K f6 P 5840 S");
}

static void
payloads(void)
{
    pieces("payload null", "COSE_PAYLOAD", "d2 84 4d a201320448 K a0 f6 5840 S");
    pieces("payload undefined", "COSE_PAYLOAD", "d2 84 4d a201320448 K a0 f7 5840 S");
    pieces("payload empty", "COSE_PAYLOAD", "d2 84 4d a201320448 K a0 40 5840 S");
    pieces("payload as text", "COSE_PAYLOAD", "d2 84 4d a201320448 K a0 6161 5840 S");
    pieces("payload as a map", "COSE_PAYLOAD", "d2 84 4d a201320448 K a0 a10017 5840 S");
    pieces("payload as a number", "COSE_PAYLOAD", "d2 84 4d a201320448 K a0 00 5840 S");
    pieces("payload without an end", "COSE_PAYLOAD", "d2 84 4d a201320448 K a0 5f P ff 5840 S");
    pieces("payload of a reserved head", "COSE_PAYLOAD", "d2 84 4d a201320448 K a0 5c 5840 S");
    pieces("payload in a longer head", "COSE_PAYLOAD", "d2 84 4d a201320448 K a0 5801 00 5840 S");
    pieces("payload in a head of 2 bytes", "COSE_PAYLOAD",
           "d2 84 4d a201320448 K a0 590001 00 5840 S");
    pieces("payload in a head of 4 bytes", "COSE_PAYLOAD",
           "d2 84 4d a201320448 K a0 5a00000001 00 5840 S");
    pieces("payload in a head of 8 bytes", "COSE_PAYLOAD",
           "d2 84 4d a201320448 K a0 5b0000000000000001 00 5840 S");
    pieces("payload longer than all", "CBOR_TRUNCATED",
           "d2 84 4d a201320448 K a0 5910000000 5840 S");
    pieces("payload of 2^32 + 3 bytes", "CBOR_TRUNCATED",
           "d2 84 4d a201320448 K a0 5b0000000100000003 000000 5840 S");
    pieces("payload of 2^64 - 1 bytes", "CBOR_TRUNCATED",
           "d2 84 4d a201320448 K a0 5bffffffffffffffff 000000 5840 S");
}

static void
signatures(void)
{
    pieces("signature of 63 bytes", "COSE_SIGNATURE_SIZE", "d2 84 4d a201320448 K a0 P 583f S");
    pieces("signature of 65 bytes", "COSE_SIGNATURE_SIZE", "d2 84 4d a201320448 K a0 P 5841 S 00");
    pieces("signature empty", "COSE_SIGNATURE_SIZE", "d2 84 4d a201320448 K a0 P 40");
    pieces("signature of 32 bytes", "COSE_SIGNATURE_SIZE",
           "d2 84 4d a201320448 K a0 P 5820 K K K K");
    pieces("signature as text", "COSE_SIGNATURE_SIZE", "d2 84 4d a201320448 K a0 P 7840 S");
    pieces("signature in a longer head", "COSE_SIGNATURE_SIZE",
           "d2 84 4d a201320448 K a0 P 590040 S");
    pieces("signature without an end", "COSE_SIGNATURE_SIZE",
           "d2 84 4d a201320448 K a0 P 5f 5840 S ff");
    pieces("signature null", "COSE_SIGNATURE_SIZE", "d2 84 4d a201320448 K a0 P f6");
    pieces("a byte left", "CBOR_TRAILING", "d2 84 4d a201320448 K a0 P 5840 S 00");
    pieces("twice in a row", "CBOR_TRAILING",
           "d2 84 4d a201320448 K a0 P 5840 S d2 84 4d a201320448 K a0 P 5840 S");
    pieces("a break left", "CBOR_TRAILING", "d2 84 4d a201320448 K a0 P 5840 S ff");
}

static void
cuts(void)
{
    static struct hand cut;

    for (size_t len = 0; len < good.len; len++) {
        char name[] = "cut to 000 bytes";

        /* Every byte of the head, then every seventh. */
        if (len > 24 && len % 7 != 0 && len + 3 < good.len)
            continue;
        name[7] = (char)('0' + len / 100);
        name[8] = (char)('0' + len / 10 % 10);
        name[9] = (char)('0' + len % 10);
        cut.len = 0;
        hand_put(&cut, good.data, len);
        vector(name, &cut, "CBOR_TRUNCATED");
    }
}

void
make_envelope(void)
{
    out_open("envelope", "envelope");
    start();
    tags();
    headers();
    payloads();
    signatures();
    cuts();
    /* Heads of the payload grow at 24 and 256 bytes. */
    for (size_t len = 1; len <= 258; len++) {
        if (len > 2 && (len < 22 || len > 26) && len < 254)
            continue;
        payload.len = 0;
        for (size_t i = 0; i < len; i++)
            hand_byte(&payload, i & 255);
        make_signed(&good, NULL, &key, MAKE_NETWORK, 23, &payload);
        vector("payload of other sizes", &good, "OK");
    }
    out_close();
}
