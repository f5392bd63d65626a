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

/* What is not a character but does something to those around it: with the last ones a name could be
 * made to look like another one, or like another amount. */
static bool
is_control(uint32_t code)
{
    static const struct {
        uint32_t first;
        uint32_t last;
    } controls[] = {
        {0x0000, 0x001F}, {0x007F, 0x009F}, {0x061C, 0x061C},
        {0x200E, 0x200F}, {0x2028, 0x202E}, {0x2066, 0x2069},
    };

    for (size_t i = 0; i < sizeof controls / sizeof controls[0]; i++) {
        if (code >= controls[i].first && code <= controls[i].last)
            return true;
    }
    return false;
}

bool
utf8_plain(struct span text)
{
    uint32_t code;
    size_t at = 0;

    while (at < text.len) {
        if (!utf8_next(&code, text, &at) || is_control(code))
            return false;
    }
    return true;
}
