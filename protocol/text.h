/* Messages as text for QR codes: `WU1`, one letter for the kind of code, base32hex (RFC 4648
 * section 7, no padding). PROTOCOL.md section 15. Upper case, digits and nothing else, so that QR's
 * alphanumeric mode holds it and keyboard layouts do not change it. */
#ifndef SCHWEBE_TEXT_H
#define SCHWEBE_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "span.h"
#include "status.h"

/* Bytes that one code carries at most when it is read; far above what a QR code of ours holds. */
#define TEXT_BYTES_MAX 1024
/* Characters before the body. */
#define TEXT_PREFIX_LEN 4
/* The buffer that the text of n bytes needs, its final NUL included. */
#define TEXT_SIZE(n) (TEXT_PREFIX_LEN + ((n)*8 + 4) / 5 + 1)
#define TEXT_SIZE_MAX TEXT_SIZE(TEXT_BYTES_MAX)

/* X(number, NAME, letter, English words). Append-only: letters travel on paper. */
#define TEXT_LIST(X)                                                                               \
    X(1, PAYMENT, 'P', "payment")                                                                  \
    X(2, REQUEST, 'Q', "payment request")                                                          \
    X(3, RECEIPT, 'R', "receipt")                                                                  \
    X(4, SETTLEMENT_PROOF, 'S', "settlement proof")                                                \
    X(5, NEWS, 'N', "news")                                                                        \
    X(6, KILL, 'K', "key kill")                                                                    \
    X(7, ROLE_KEY, 'G', "role key")                                                                \
    X(8, ALLOWANCE, 'A', "allowance")                                                              \
    X(9, VOUCHER, 'V', "paper voucher")                                                            \
    X(10, VOID, 'L', "void")                                                                       \
    X(11, REFUND, 'F', "refund")                                                                   \
    X(12, UPLOAD, 'U', "upload")                                                                   \
    X(13, ANCHOR, 'C', "anchor")                                                                   \
    X(14, ACK, 'E', "acknowledgement")

enum text_kind {
#define X(number, name, letter, words) TEXT_##name = number,
    TEXT_LIST(X)
#undef X
};

/* The letter of a kind, and the words for it. */
char text_letter(enum text_kind kind);
const char *text_words(enum text_kind kind);

/* Fills `out` with the text of 1 to TEXT_BYTES_MAX bytes, ended by NUL, and `len` with its length
 * without the NUL. STATUS_TEXT_LENGTH for no bytes, STATUS_TOO_LARGE for more than TEXT_BYTES_MAX,
 * STATUS_BUFFER when `cap` is below TEXT_SIZE(bytes.len); `len` is then 0. */
MUST_CHECK enum status text_encode(char *out, size_t cap, size_t *len, enum text_kind kind,
                                   struct span bytes);

/* Which kind of code a scanned text is. Upper or lower case; CR, LF and TAB at the ends and one
 * `]Q1` in front (which scanners add) are passed over. `kind` is untouched on failure. TEXT_PREFIX
 * does not begin with WU1 TEXT_TYPE    an unknown letter */
MUST_CHECK enum status text_kind(enum text_kind *kind, struct span text);

/* Fills `out` with the bytes of a scanned text and `len` with their number. As text_kind, then
 *   TEXT_TYPE       another kind than `expected`
 *   TEXT_CHARACTER  a character that is not 0-9 or A-V
 *   TEXT_LENGTH     no body, or a length that no number of bytes has
 *   TEXT_PADDING    unused bits that are not zero
 *   TOO_LARGE       more than TEXT_BYTES_MAX bytes
 *   BUFFER          more than `cap` bytes
 * On failure `len` is 0 and `out` untouched. Two texts that give the same bytes differ at most in
 * case and in what is passed over. */
MUST_CHECK enum status text_decode(uint8_t *out, size_t cap, size_t *len, enum text_kind expected,
                                   struct span text);

#endif
