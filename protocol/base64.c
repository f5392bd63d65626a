#include "base64.h"

#include <assert.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static_assert(sizeof alphabet == 64 + 1, "64 characters");

void
base64_encode(char *out, struct span in)
{
    size_t done = 0;

    assert(out != NULL || in.len == 0);
    for (size_t i = 0; i < in.len; i += 3) {
        size_t have = in.len - i < 3 ? in.len - i : 3;
        uint32_t bits = (uint32_t)in.data[i] << 16;

        if (have > 1)
            bits |= (uint32_t)in.data[i + 1] << 8;
        if (have > 2)
            bits |= in.data[i + 2];
        out[done++] = alphabet[bits >> 18];
        out[done++] = alphabet[bits >> 12 & 63];
        out[done++] = have > 1 ? alphabet[bits >> 6 & 63] : '=';
        out[done++] = have > 2 ? alphabet[bits & 63] : '=';
    }
    assert(done == BASE64_LEN(in.len));
}

/* The six bits of a character, 64 for one outside of the alphabet. */
static uint32_t
sextet(uint8_t c)
{
    if (c >= 'A' && c <= 'Z')
        return (uint32_t)c - 'A';
    if (c >= 'a' && c <= 'z')
        return (uint32_t)c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return (uint32_t)c - '0' + 52;
    if (c == '+')
        return 62;
    return c == '/' ? 63 : 64;
}

enum status
base64_decode(uint8_t *out, size_t *len, size_t cap, struct span text)
{
    size_t padding = 0;
    size_t done = 0;

    assert(len != NULL);
    if (text.len % 4 != 0)
        return STATUS_TEXT_LENGTH;
    while (padding < 2 && padding < text.len && text.data[text.len - 1 - padding] == '=')
        padding++;
    if (text.len / 4 * 3 - padding > cap)
        return STATUS_BUFFER;
    for (size_t i = 0; i < text.len; i += 4) {
        size_t absent = i + 4 == text.len ? padding : 0;
        uint32_t bits = 0;

        for (size_t k = 0; k < 4; k++) {
            uint32_t value = k < 4 - absent ? sextet(text.data[i + k]) : 0;

            if (value > 63)
                return text.data[i + k] == '=' ? STATUS_TEXT_PADDING : STATUS_TEXT_CHARACTER;
            bits = bits << 6 | value;
        }
        if ((absent == 1 && (bits & 0xFF) != 0) || (absent == 2 && (bits & 0xFFFF) != 0))
            return STATUS_TEXT_PADDING;
        for (size_t k = 0; k < 3 - absent; k++)
            out[done++] = (uint8_t)(bits >> (16 - 8 * k));
    }
    assert(done <= cap);
    *len = done;
    return STATUS_OK;
}
