#include "hand.h"

#include <assert.h>
#include <string.h>

void
hand_put(struct hand *out, const void *data, size_t len)
{
    assert(len <= sizeof out->data - out->len);
    if (len > 0)
        memcpy(out->data + out->len, data, len);
    out->len += len;
}

void
hand_byte(struct hand *out, unsigned byte)
{
    const uint8_t data = (uint8_t)byte;

    assert(byte <= UINT8_MAX);
    hand_put(out, &data, 1);
}

void
hand_hex(struct hand *out, const char *digits)
{
    static const char alphabet[] = "0123456789abcdef";
    unsigned held = 1;

    for (; *digits != '\0'; digits++) {
        const char *found = strchr(alphabet, *digits);

        if (*digits == ' ')
            continue;
        assert(found != NULL);
        held = held << 4 | (unsigned)(found - alphabet);
        if (held >= 256) {
            hand_byte(out, held & 255);
            held = 1;
        }
    }
    assert(held == 1);
}

void
hand_head_wide(struct hand *out, enum hand_major major, unsigned width, uint64_t value)
{
    static const uint8_t infos[] = {0, 24, 25, 0, 26, 0, 0, 0, 27};

    assert(width <= 8);
    assert(width == 0 ? value < 24 : infos[width] != 0);
    hand_byte(out, (unsigned)major << 5 | (width == 0 ? (unsigned)value : infos[width]));
    for (unsigned i = width; i > 0; i--)
        hand_byte(out, value >> 8 * (i - 1) & 255);
}

void
hand_head(struct hand *out, enum hand_major major, uint64_t value)
{
    if (value < 24)
        hand_head_wide(out, major, 0, value);
    else if (value < UINT64_C(1) << 8)
        hand_head_wide(out, major, 1, value);
    else if (value < UINT64_C(1) << 16)
        hand_head_wide(out, major, 2, value);
    else if (value < UINT64_C(1) << 32)
        hand_head_wide(out, major, 4, value);
    else
        hand_head_wide(out, major, 8, value);
}

void
hand_uint(struct hand *out, uint64_t value)
{
    hand_head(out, HAND_UINT, value);
}

void
hand_bytes(struct hand *out, const void *data, size_t len)
{
    hand_head(out, HAND_BYTES, len);
    hand_put(out, data, len);
}

void
hand_text(struct hand *out, const char *text)
{
    hand_head(out, HAND_TEXT, strlen(text));
    hand_put(out, text, strlen(text));
}

void
hand_pair_uint(struct hand *out, uint64_t key, uint64_t value)
{
    hand_uint(out, key);
    hand_uint(out, value);
}

void
hand_pair_bytes(struct hand *out, uint64_t key, const void *data, size_t len)
{
    hand_uint(out, key);
    hand_bytes(out, data, len);
}

void
hand_pair_text(struct hand *out, uint64_t key, const char *text)
{
    hand_uint(out, key);
    hand_text(out, text);
}

void
hand_envelope(struct hand *out, const struct kid *kid, const struct hand *payload,
              const struct signature *signature)
{
    out->len = 0;
    hand_hex(out, "d2 84 4d a2 01 32 04 48");
    hand_put(out, kid->bytes, sizeof kid->bytes);
    hand_byte(out, 0xA0);
    hand_bytes(out, payload->data, payload->len);
    hand_bytes(out, signature->bytes, sizeof signature->bytes);
}

static void
start_aad(struct hand *out, unsigned members, uint64_t network, uint64_t type)
{
    out->len = 0;
    hand_head(out, HAND_ARRAY, members);
    hand_text(out, "schwebe");
    hand_uint(out, 1);
    hand_uint(out, network);
    hand_uint(out, type);
}

void
hand_aad(struct hand *out, uint64_t network, uint64_t type)
{
    start_aad(out, 4, network, type);
}

void
hand_aad_transfer(struct hand *out, uint64_t network, const struct digest *thumbprint,
                  const struct digest *request, uint64_t payee)
{
    start_aad(out, 7, network, 21);
    hand_bytes(out, thumbprint->bytes, sizeof thumbprint->bytes);
    hand_bytes(out, request->bytes, sizeof request->bytes);
    hand_uint(out, payee);
}

void
hand_signed(struct hand *out, const struct kid *kid, const struct hand *aad,
            const struct hand *payload)
{
    out->len = 0;
    hand_head(out, HAND_ARRAY, 4);
    hand_text(out, "Signature1");
    hand_hex(out, "4d a2 01 32 04 48");
    hand_put(out, kid->bytes, sizeof kid->bytes);
    hand_bytes(out, aad->data, aad->len);
    hand_bytes(out, payload->data, payload->len);
}

void
hand_sign(struct hand *out, struct digest *id, const struct forge_key *key, const struct hand *aad,
          const struct hand *payload)
{
    static struct hand text;
    struct signature signature;
    struct span run;

    hand_signed(&text, &key->kid, aad, payload);
    run = (struct span){text.data, text.len};
    crypt_sign(&signature, &key->secret, run);
    hand_envelope(out, &key->kid, payload, &signature);
    if (id != NULL)
        crypt_hash(id, &run, 1);
}

size_t
hand_code(char *out, size_t cap, char letter, const struct hand *bytes)
{
    static const char alphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUV";
    const size_t bits = bytes->len * 8;
    size_t at = 4;

    assert(cap > 4 + (bits + 4) / 5);
    memcpy(out, "WU1", 3);
    out[3] = letter;
    for (size_t bit = 0; bit < bits; bit += 5) {
        unsigned value = 0;

        for (size_t k = bit; k < bit + 5; k++)
            value = value << 1 | (k < bits ? (unsigned)bytes->data[k / 8] >> (7 - k % 8) & 1u : 0u);
        out[at++] = alphabet[value];
    }
    out[at] = '\0';
    return at;
}
