/* Text as UTF-8 (RFC 3629): no surrogates, nothing overlong, at most U+10FFFF. PROTOCOL.md section
 * 6. The decoder of the CBOR library does not check it. */
#ifndef SCHWEBE_UTF8_H
#define SCHWEBE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "span.h"

/* Steps over the character at `*at` < text.len: fills `code` and moves `*at` behind it. False when
 * there is no valid one, both untouched. */
bool utf8_next(uint32_t *code, struct span text, size_t *at);

/* Whether all of `text` is UTF-8 without control characters: U+0000 to U+001F, U+007F to U+009F,
 * the line ends U+2028 and U+2029, and those that turn the direction of writing (Bidi_Control:
 * U+061C, U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069). */
bool utf8_plain(struct span text);

#endif
