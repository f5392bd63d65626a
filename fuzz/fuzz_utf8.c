/* protocol/utf8: what is read, written again by the definition of UTF-8, is the same bytes. */
#include "fuzz.h"

#include "protocol/utf8.h"

/* RFC 3629 section 3. */
static size_t
encode(uint8_t out[static 4], uint32_t code)
{
    static const uint8_t heads[] = {0x00, 0xC0, 0xE0, 0xF0};
    const size_t more = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;

    for (size_t i = more; i > 0; i--) {
        out[i] = (uint8_t)(0x80 | (code & 0x3F));
        code >>= 6;
    }
    out[0] = (uint8_t)(heads[more] | code);
    return more + 1;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct span text = {data, size};
    bool plain = true;
    size_t at = 0;

    while (at < size) {
        uint8_t again[4];
        uint32_t code = 0;
        const size_t before = at;

        if (!utf8_next(&code, text, &at)) {
            EXPECT(at == before);
            EXPECT(code == 0);
            EXPECT(!utf8_plain(text));
            return 0;
        }
        EXPECT(code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF));
        EXPECT(at - before == encode(again, code));
        EXPECT(memcmp(data + before, again, at - before) == 0);
        plain = plain && code >= 0x20 && (code < 0x7F || code > 0x9F) && code != 0x061C &&
                code != 0x200E && code != 0x200F && (code < 0x2028 || code > 0x202E) &&
                (code < 0x2066 || code > 0x2069);
    }
    EXPECT(plain == utf8_plain(text));
    return 0;
}

/* Characters of all lengths, those at the edges more often. */
static size_t
make(uint8_t *out, uint64_t *random)
{
    static const uint32_t edges[] = {0x7E,   0x7F,   0x9F,   0xA0,   0x061C,
                                     0x7FF,  0x200D, 0x200F, 0x2028, 0x202E,
                                     0x2066, 0x2069, 0xD7FF, 0xE000, 0x10FFFF};
    size_t len = 0;

    for (uint64_t i = forge_below(random, 40); i > 0; i--) {
        const uint64_t code = 0x20 + (forge_random(random) >> forge_below(random, 64)) % 0xD000;

        len += encode(out + len, forge_below(random, 2) == 0
                                     ? edges[forge_below(random, sizeof edges / sizeof edges[0])]
                                     : (uint32_t)code);
    }
    return len;
}

FUZZ_MAKER(make)
