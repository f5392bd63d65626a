/* Numbers in the texts of C2SP: decimal, one way to write each. */
#ifndef SCHWEBE_DIGITS_H
#define SCHWEBE_DIGITS_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/span.h"

/* Reads a number of at most `most`, 9 to 2^63 - 1, without sign, blank or leading zero that
 * is all of `text`. False for anything else; `out` is then untouched. */
bool digits_read(uint64_t *out, struct span text, uint64_t most);

#endif
