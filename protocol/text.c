#include "text.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

/* RFC 4648 section 7. */
static const char alphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUV";
#define BITS 5

static_assert(sizeof alphabet == 32 + 1, "base32hex");

char
text_letter(enum text_kind kind)
{
    switch (kind) {
#define X(number, name, letter, words)                                                             \
    case TEXT_##name:                                                                              \
        return letter;
        TEXT_LIST(X)
#undef X
    }
    return '?';
}

const char *
text_words(enum text_kind kind)
{
    switch (kind) {
#define X(number, name, letter, words)                                                             \
    case TEXT_##name:                                                                              \
        return words;
        TEXT_LIST(X)
#undef X
    }
    return "?";
}

/* --- writing --- */

enum status
text_encode(char *out, size_t cap, size_t *len, enum text_kind kind, struct span bytes)
{
    size_t at = 0;
    unsigned held = 0; /* bits of `buffer` not yet written */
    uint32_t buffer = 0;

    *len = 0;
    if (bytes.len == 0)
        return STATUS_TEXT_LENGTH;
    if (bytes.len > TEXT_BYTES_MAX)
        return STATUS_TOO_LARGE;
    if (cap < TEXT_SIZE(bytes.len))
        return STATUS_BUFFER;
    out[at++] = 'W';
    out[at++] = 'U';
    out[at++] = '1';
    out[at++] = text_letter(kind);
    for (size_t i = 0; i < bytes.len; i++) {
        buffer = (buffer << 8 | bytes.data[i]) & 0xFFF;
        held += 8;
        for (; held >= BITS; held -= BITS)
            out[at++] = alphabet[buffer >> (held - BITS) & 31];
    }
    if (held > 0)
        out[at++] = alphabet[buffer << (BITS - held) & 31];
    assert(at + 1 == TEXT_SIZE(bytes.len));
    out[at] = '\0';
    *len = at;
    return STATUS_OK;
}

/* --- reading --- */

/* ASCII only: no letter outside it may turn into one of ours. */
static uint8_t
upper(uint8_t c)
{
    return c >= 'a' && c <= 'z' ? (uint8_t)(c - 'a' + 'A') : c;
}

static bool
is_blank(uint8_t c)
{
    return c == '\r' || c == '\n' || c == '\t';
}

static bool
starts_with(struct span text, const char *prefix, size_t len)
{
    if (text.len < len)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (upper(text.data[i]) != (uint8_t)prefix[i])
            return false;
    }
    return true;
}

static struct span
skip(struct span text, size_t count)
{
    return (struct span){text.data + count, text.len - count};
}

static struct span
skip_blanks(struct span text)
{
    while (text.len > 0 && is_blank(text.data[0]))
        text = skip(text, 1);
    return text;
}

/* What scanners add around a code: line ends, tabs and the AIM id of a QR code. */
static struct span
strip(struct span text)
{
    while (text.len > 0 && is_blank(text.data[text.len - 1]))
        text.len--;
    text = skip_blanks(text);
    return starts_with(text, "]Q1", 3) ? skip_blanks(skip(text, 3)) : text;
}

/* Splits a scanned text into the kind of code and the body. */
static enum status
split(enum text_kind *kind, struct span *body, struct span text)
{
    assert(text.data != NULL || text.len == 0);
    text = strip(text);
    if (!starts_with(text, "WU1", 3))
        return STATUS_TEXT_PREFIX;
    *body = skip(text, text.len < TEXT_PREFIX_LEN ? text.len : TEXT_PREFIX_LEN);
    switch (text.len < TEXT_PREFIX_LEN ? 0 : upper(text.data[3])) {
#define X(number, name, letter, words)                                                             \
    case letter:                                                                                   \
        *kind = TEXT_##name;                                                                       \
        return STATUS_OK;
        TEXT_LIST(X)
#undef X
    default:
        return STATUS_TEXT_TYPE;
    }
}

enum status
text_kind(enum text_kind *kind, struct span text)
{
    struct span body;

    return split(kind, &body, text);
}

/* The five bits of a character, or a negative number. */
static int
digit(uint8_t c)
{
    c = upper(c);
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'A' && c <= 'V' ? c - 'A' + 10 : -1;
}

/* The checks of a body; `len` is the number of bytes in it. */
static enum status
check_body(size_t *len, struct span body)
{
    const size_t spare = body.len * BITS % 8;

    for (size_t i = 0; i < body.len; i++) {
        if (digit(body.data[i]) < 0)
            return STATUS_TEXT_CHARACTER;
    }
    /* Five bits or more that fill no byte: 1, 3 or 6 characters too many or too few. */
    if (body.len == 0 || spare >= BITS)
        return STATUS_TEXT_LENGTH;
    if ((digit(body.data[body.len - 1]) & ((1 << spare) - 1)) != 0)
        return STATUS_TEXT_PADDING;
    *len = body.len * BITS / 8;
    return *len <= TEXT_BYTES_MAX ? STATUS_OK : STATUS_TOO_LARGE;
}

enum status
text_decode(uint8_t *out, size_t cap, size_t *len, enum text_kind expected, struct span text)
{
    enum text_kind kind;
    struct span body;
    size_t size = 0;
    size_t at = 0;
    unsigned held = 0;
    uint32_t buffer = 0;
    enum status status = split(&kind, &body, text);

    *len = 0;
    if (status == STATUS_OK && kind != expected)
        status = STATUS_TEXT_TYPE;
    if (status == STATUS_OK)
        status = check_body(&size, body);
    if (status == STATUS_OK && size > cap)
        status = STATUS_BUFFER;
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < body.len; i++) {
        buffer = (buffer << BITS | (uint32_t)digit(body.data[i])) & 0xFFF;
        held += BITS;
        if (held >= 8) {
            held -= 8;
            out[at++] = (uint8_t)(buffer >> held & 0xFF);
        }
    }
    assert(at == size);
    *len = size;
    return STATUS_OK;
}
