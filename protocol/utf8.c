#include "utf8.h"

#include <assert.h>

bool
utf8_next(uint32_t *code, struct span text, size_t *at)
{
    /* By the number of bytes that follow the first: what the first one holds, and the least code
     * that needs so many. */
    static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
    const uint8_t *bytes = text.data + *at;
    uint32_t value;
    size_t more;

    assert(*at < text.len);
    if (bytes[0] < 0x80)
        more = 0;
    else if (bytes[0] >= 0xC0 && bytes[0] < 0xF8)
        more = bytes[0] < 0xE0 ? 1 : bytes[0] < 0xF0 ? 2 : 3;
    else
        return false;
    if (more >= text.len - *at)
        return false;
    value = more == 0 ? bytes[0] : bytes[0] & (0x3FU >> more);
    for (size_t i = 1; i <= more; i++) {
        if ((bytes[i] & 0xC0) != 0x80)
            return false;
        value = value << 6 | (bytes[i] & 0x3FU);
    }
    if (value < least[more] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF))
        return false;
    *code = value;
    *at += more + 1;
    return true;
}

bool
utf8_plain(struct span text)
{
    uint32_t code;
    size_t at = 0;

    while (at < text.len) {
        if (!utf8_next(&code, text, &at))
            return false;
        if (code < 0x20 || (code >= 0x7F && code < 0xA0))
            return false;
    }
    return true;
}
