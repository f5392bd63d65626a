/* Finding a QR code in a grey picture; the only user of zbar and, through its bridge, of zxing-cpp.
 * Runs in the process `scan` alone: both libraries are large and the pixels are hostile. */
#ifndef SCHWEBE_SCAN_H
#define SCHWEBE_SCAN_H

#include <stddef.h>
#include <stdint.h>

#include "protocol/qr.h"
#include "protocol/reader.h"
#include "protocol/status.h"

/* A file of a picture: room for the raw pixels of the largest one and its header. */
#define SCAN_FILE_MAX ((size_t)16 * 1024 * 1024)

/* Space for the smaller, the softened and one more copy of the largest picture. */
struct scan_work {
    uint8_t half[QR_PICTURE_PIXELS_MAX / 4];
    uint8_t soft[QR_PICTURE_PIXELS_MAX];
    uint8_t other[QR_PICTURE_PIXELS_MAX];
};

/* Reads a raw camera frame, PGM "P5" with 8 bits a pixel, whose pixels `out` borrows from `file`.
 * IMAGE_FORMAT when it is none, cut off or too long; IMAGE_TOO_LARGE by the header alone; then
 * `out` is zeroed. */
MUST_CHECK enum status scan_pgm(struct qr_picture *out, uint8_t *file, size_t len);

/* Fills `text` with the text of a code in the picture and a NUL; with several codes, with one of
 * ours before others. Line ends and tabs around it are dropped. IMAGE when there is none;
 * TEXT_PREFIX when there are only codes with other than printable ASCII characters; then `text` is
 * an empty string. */
MUST_CHECK enum status scan_picture(char text[static READER_TEXT_MAX + 1],
                                    const struct qr_picture *picture, struct scan_work *work);

#endif
