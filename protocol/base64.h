/* Base64 with padding, standard alphabet: RFC 4648 section 4. One text for one run of bytes; what
 * cannot come out of base64_encode is refused. */
#ifndef SCHWEBE_BASE64_H
#define SCHWEBE_BASE64_H

#include <stddef.h>
#include <stdint.h>

#include "span.h"
#include "status.h"

/* Characters for `len` bytes, without a terminating zero; `len` up to a few megabytes. */
#define BASE64_LEN(len) (((len) + 2) / 3 * 4)

/* Fills the first BASE64_LEN(in.len) characters of `out`; no terminating zero. */
void base64_encode(char *out, struct span in);

/* Fills `out`, which has room for `cap` bytes, and `len`. STATUS_TEXT_LENGTH when the length is no
 * multiple of four, STATUS_TEXT_CHARACTER outside of the alphabet, STATUS_TEXT_PADDING for wrong
 * padding or unused bits that are not zero, STATUS_BUFFER when it does not fit. On failure `len` is
 * untouched and `out` undefined. */
MUST_CHECK enum status base64_decode(uint8_t *out, size_t *len, size_t cap, struct span text);

#endif
