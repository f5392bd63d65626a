/* QR codes: from text to modules, and modules to PNG, SVG or terminal; PNG back to grey pixels.
 * The only user of libqrencode and libpng, and outside the pure core: both libraries allocate.
 * PROTOCOL.md, text form. */
#ifndef SCHWEBE_QR_H
#define SCHWEBE_QR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "status.h"

/* Version 18 is the largest that a phone or till reads at all reliably: 48.5 mm at 4 dots a module
 * of 203 dpi. Payment codes stay at or below version 13. */
#define QR_VERSION_MAX 18
#define QR_SIZE_MAX (17 + 4 * QR_VERSION_MAX)
/* Alphanumeric characters of version 18 at level M. */
#define QR_TEXT_MAX 816
/* Light modules around the code, as ISO/IEC 18004 demands. */
#define QR_QUIET 4
/* Pixels a module: 3,104 pixels of width for the largest code. */
#define QR_SCALE_MAX 32

/* Buffers that suffice for every code: one path piece of at most 16 bytes for each run of dark
 * modules, of which a row holds at most every other one; three bytes for each pair of modules and
 * two colour sequences a line; a PNG of one bit a pixel whose repeated rows compress to nothing. */
#define QR_SVG_MAX (16 * QR_SIZE_MAX * ((QR_SIZE_MAX + 1) / 2) + 512)
#define QR_TERMINAL_MAX                                                                            \
    (((QR_SIZE_MAX + 1) / 2 + QR_QUIET) * (3 * (QR_SIZE_MAX + 2 * QR_QUIET) + 32))
#define QR_PNG_MAX 32768

/* Pictures that are read: a bomb is refused by its header, before a pixel is decoded. */
#define QR_PICTURE_SIDE_MAX 4096
#define QR_PICTURE_PIXELS_MAX ((size_t)QR_PICTURE_SIDE_MAX * QR_PICTURE_SIDE_MAX)

enum qr_level { QR_LEVEL_M = 1, QR_LEVEL_Q = 2 };

struct qr {
    uint32_t version;
    uint32_t size; /* modules a side, without the quiet zone */
    enum qr_level level;
    uint8_t modules[QR_SIZE_MAX * QR_SIZE_MAX]; /* row by row, 1 is dark */
};

/* How a code is written to a terminal. Plain output knows no colour, so the caller has to say
 * whether the terminal's ground is dark or whether it is paper. */
enum qr_terminal { QR_TERMINAL_COLOUR = 1, QR_TERMINAL_DARK_GROUND = 2, QR_TERMINAL_PAPER = 3 };

/* 8 bits of grey a pixel, 0 is black, rows without gaps. Borrows the pixels. */
struct qr_picture {
    uint32_t width;
    uint32_t height;
    uint8_t *pixels;
};

/* The version that a text of `len` characters gets, 1 to QR_VERSION_MAX; 0 when it does not fit.
 * Level Q as long as that stays at or below version 8, else level M. */
uint32_t qr_version(size_t len);

/* The code of a text over A-Z and 0-9, always in alphanumeric mode. TEXT_LENGTH when it is empty,
 * TOO_LARGE above QR_TEXT_MAX, TEXT_CHARACTER for any other character, STORE_BROKEN when there is
 * no memory. `out` is untouched on failure. */
MUST_CHECK enum status qr_encode(struct qr *out, const char *text, size_t len);

/* Whether a module is dark; x and y count from the corner of the quiet zone, and everything outside
 * the code is light. */
bool qr_dark(const struct qr *code, uint32_t x, uint32_t y);

/* The three pictures fill the caller's buffer and set `*len`; BUFFER when it is too small, then
 * `*len` is 0. All are dark on light with the quiet zone and never inverted. `scale` is pixels a
 * module, 1 to QR_SCALE_MAX. The SVG is one element without script, style or size of its own. Text
 * is not terminated by a NUL. qr_png also answers STORE_BROKEN when there is no memory. To keep a
 * picture, hand it to file_write. */
MUST_CHECK enum status qr_png(uint8_t *out, size_t capacity, size_t *len, const struct qr *code,
                              uint32_t scale);
MUST_CHECK enum status qr_svg(char *out, size_t capacity, size_t *len, const struct qr *code);
MUST_CHECK enum status qr_terminal(char *out, size_t capacity, size_t *len, const struct qr *code,
                                   enum qr_terminal style);

/* Decodes a PNG of any kind, transparent parts as white, into `pixels` of `capacity` bytes, which
 * `out` then borrows. Uses `file` as scratch space. IMAGE_TOO_LARGE by the header alone,
 * IMAGE_FORMAT when it is no PNG, damaged or cut off; then `out` is zeroed. */
MUST_CHECK enum status qr_read_png(struct qr_picture *out, uint8_t *pixels, size_t capacity,
                                   uint8_t *file, size_t len);

#endif
