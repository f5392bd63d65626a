#include "digits.h"

#include <assert.h>

bool
digits_read(uint64_t *out, struct span text, uint64_t most)
{
    uint64_t value = 0;

    assert(most >= 9 && most <= INT64_MAX);
    if (text.len == 0 || (text.data[0] == '0' && text.len > 1))
        return false;
    for (size_t i = 0; i < text.len; i++) {
        uint64_t digit;

        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
        digit = text.data[i] & 15;
        if (value > (most - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *out = value;
    return true;
}
