#include "scan.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include <zbar.h>

#include "scan_zxing.h"

/* The smallest code has 21 modules a side. */
#define SIDE_MIN 21

/* ---- PGM ------------------------------------------------------------------------------------- */

struct cursor {
    const uint8_t *at;
    size_t left;
};

static bool
is_space(uint8_t byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

static void
skip_space_and_comments(struct cursor *cursor)
{
    bool comment = false;

    while (cursor->left > 0 && (comment || *cursor->at == '#' || is_space(*cursor->at))) {
        if (*cursor->at == '#')
            comment = true;
        if (*cursor->at == '\n')
            comment = false;
        cursor->at++;
        cursor->left--;
    }
}

/* A decimal number of at most 9 digits; false if there is none or a longer one. */
static bool
read_number(uint32_t *out, struct cursor *cursor)
{
    uint32_t value = 0;
    unsigned digits = 0;

    skip_space_and_comments(cursor);
    while (cursor->left > 0 && *cursor->at >= '0' && *cursor->at <= '9' && digits < 10) {
        value = digits < 9 ? value * 10 + (uint32_t)(*cursor->at - '0') : value;
        digits++;
        cursor->at++;
        cursor->left--;
    }
    *out = value;
    return digits >= 1 && digits <= 9;
}

enum status
scan_pgm(struct qr_picture *out, uint8_t *file, size_t len)
{
    struct cursor cursor = {file, len};
    uint32_t width = 0;
    uint32_t height = 0;
    uint32_t white = 0;

    memset(out, 0, sizeof *out);
    if (len < 2 || file[0] != 'P' || file[1] != '5')
        return STATUS_IMAGE_FORMAT;
    cursor = (struct cursor){file + 2, len - 2};
    if (!read_number(&width, &cursor) || !read_number(&height, &cursor) ||
        !read_number(&white, &cursor) || width == 0 || height == 0 || white != 255)
        return STATUS_IMAGE_FORMAT;
    if (width > QR_PICTURE_SIDE_MAX || height > QR_PICTURE_SIDE_MAX)
        return STATUS_IMAGE_TOO_LARGE;
    /* One white space, then the pixels and nothing else. */
    if (cursor.left != (size_t)width * height + 1 || !is_space(*cursor.at))
        return STATUS_IMAGE_FORMAT;
    *out = (struct qr_picture){width, height, file + (len - cursor.left) + 1};
    return STATUS_OK;
}

/* ---- Other views of the picture -------------------------------------------------------------- */

/* The picture at half its size, each pixel the mean of four. */
static struct qr_picture
halve(uint8_t *out, const struct qr_picture *picture)
{
    const uint32_t width = picture->width / 2;
    const uint32_t height = picture->height / 2;

    for (uint32_t y = 0; y < height; y++) {
        const uint8_t *upper = picture->pixels + (size_t)2 * y * picture->width;
        const uint8_t *lower = upper + picture->width;
        uint8_t *row = out + (size_t)y * width;

        for (uint32_t x = 0; x < width; x++) {
            const unsigned sum =
                (unsigned)upper[2 * x] + upper[2 * x + 1] + lower[2 * x] + lower[2 * x + 1];

            row[x] = (uint8_t)((sum + 2) / 4);
        }
    }
    return (struct qr_picture){width, height, out};
}

/* How much the middle counts against each neighbour when a picture is softened: a box takes off the
 * most noise, a peak keeps small modules apart. */
#define BOX 1
#define PEAK 2

/* Softened by a window of 3 by 3, which takes the noise off; at the edges the last pixel repeats.
 */
static struct qr_picture
blur(uint8_t *out, const struct qr_picture *picture, unsigned middle)
{
    const uint32_t width = picture->width;
    const uint32_t height = picture->height;
    /* Multiplying by the part of 65,536 is exact for these sums, and faster than dividing. */
    const unsigned whole = (middle + 2) * (middle + 2);
    const unsigned part = (65536 + whole - 1) / whole;
    uint16_t columns[QR_PICTURE_SIDE_MAX];

    assert(width >= 1 && width <= QR_PICTURE_SIDE_MAX);
    assert(height >= 1);
    for (uint32_t y = 0; y < height; y++) {
        const uint8_t *row = picture->pixels + (size_t)y * width;
        const uint8_t *upper = y > 0 ? row - width : row;
        const uint8_t *lower = y + 1 < height ? row + width : row;
        uint8_t *soft = out + (size_t)y * width;

        for (uint32_t x = 0; x < width; x++)
            columns[x] = (uint16_t)(upper[x] + middle * row[x] + lower[x]);
        for (uint32_t x = 0; x < width; x++) {
            const unsigned left = columns[x > 0 ? x - 1 : 0];
            const unsigned right = columns[x + 1 < width ? x + 1 : x];

            soft[x] = (uint8_t)(((left + middle * columns[x] + right) * part) >> 16);
        }
    }
    return (struct qr_picture){width, height, out};
}

/* How strongly edges are drawn: below 2 small codes gain less, above 4 noise comes through. */
#define EDGE_GAIN 3

/* Each pixel of a softened picture moved away from the mean around it, so that the modules of a
 * small or tilted code part from each other while the noise stays off. */
static struct qr_picture
sharpen(uint8_t *out, const struct qr_picture *soft)
{
    const struct qr_picture softer = blur(out, soft, BOX);
    const size_t count = (size_t)soft->width * soft->height;

    for (size_t i = 0; i < count; i++) {
        const int edge = soft->pixels[i] - out[i];
        const int value = soft->pixels[i] + EDGE_GAIN * edge;

        out[i] = (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
    }
    return softer;
}

/* ---- The two libraries ----------------------------------------------------------------------- */

struct finding {
    char *text;
    size_t len;   /* 0: no text kept yet */
    bool ours;    /* the kept text has our prefix */
    bool foreign; /* a code was seen that is no text */
};

static bool
is_line_end(char character)
{
    return character == '\r' || character == '\n' || character == '\t';
}

/* Keeps the first text, but one of ours before any other: beside a till there are stickers. */
void
scan_found(void *context, const char *text, size_t len)
{
    struct finding *finding = context;
    bool ours;

    assert(text != NULL || len == 0);
    assert(finding->len <= READER_TEXT_MAX);
    while (len > 0 && is_line_end(text[len - 1]))
        len--;
    while (len > 0 && is_line_end(text[0])) {
        text++;
        len--;
    }
    if (!reader_is_text(text, len)) {
        finding->foreign = true;
        return;
    }
    ours = len >= 3 && memcmp(text, "WU1", 3) == 0;
    if (finding->len > 0 && (finding->ours || !ours))
        return;
    memcpy(finding->text, text, len);
    finding->len = len;
    finding->ours = ours;
}

static void
with_zxing(struct finding *finding, const struct qr_picture *picture, bool one_threshold)
{
    scan_zxing(finding, picture->pixels, picture->width, picture->height, one_threshold);
}

/* zbar guesses character sets unless it is told to hand over the bytes. */
static void
with_zbar(struct finding *finding, const struct qr_picture *picture)
{
    zbar_image_scanner_t *scanner = zbar_image_scanner_create();
    zbar_image_t *image = zbar_image_create();

    if (scanner == NULL || image == NULL)
        goto cleanup;
    zbar_image_scanner_set_config(scanner, ZBAR_NONE, ZBAR_CFG_ENABLE, 0);
    zbar_image_scanner_set_config(scanner, ZBAR_QRCODE, ZBAR_CFG_ENABLE, 1);
    zbar_image_scanner_set_config(scanner, ZBAR_QRCODE, ZBAR_CFG_BINARY, 1);
    zbar_image_set_format(image, zbar_fourcc('Y', '8', '0', '0'));
    zbar_image_set_size(image, picture->width, picture->height);
    zbar_image_set_data(image, picture->pixels, (size_t)picture->width * picture->height, NULL);
    if (zbar_scan_image(scanner, image) <= 0)
        goto cleanup;
    for (const zbar_symbol_t *symbol = zbar_image_first_symbol(image); symbol != NULL;
         symbol = zbar_symbol_next(symbol)) {
        if (zbar_symbol_get_type(symbol) == ZBAR_QRCODE)
            scan_found(finding, zbar_symbol_get_data(symbol), zbar_symbol_get_data_length(symbol));
    }
cleanup:
    if (image != NULL)
        zbar_image_destroy(image);
    if (scanner != NULL)
        zbar_image_scanner_destroy(scanner);
}

static bool
has_found(const struct finding *finding)
{
    return finding->len > 0 || finding->foreign;
}

/* Cheap steps first. Each reads pictures on which those before it fail: the half-size one takes off
 * noise and large blur, the two soft ones noise and weak contrast, the sharp one tilt and small
 * modules, and zbar copes with glare and interrupted lines. */
static void
search(struct finding *finding, const struct qr_picture *picture, struct scan_work *work)
{
    struct qr_picture half;
    struct qr_picture soft;
    struct qr_picture other;

    with_zxing(finding, picture, false);
    if (has_found(finding))
        return;
    half = halve(work->half, picture);
    with_zxing(finding, &half, false);
    if (has_found(finding))
        return;
    other = blur(work->other, picture, PEAK);
    with_zxing(finding, &other, false);
    if (has_found(finding))
        return;
    soft = blur(work->soft, picture, BOX);
    with_zxing(finding, &soft, false);
    if (has_found(finding))
        return;
    other = sharpen(work->other, &soft);
    with_zxing(finding, &other, true);
    if (has_found(finding))
        return;
    with_zxing(finding, &other, false);
    if (has_found(finding))
        return;
    with_zbar(finding, &half);
    if (has_found(finding))
        return;
    with_zbar(finding, &soft);
}

enum status
scan_picture(char text[static READER_TEXT_MAX + 1], const struct qr_picture *picture,
             struct scan_work *work)
{
    struct finding finding = {.text = text};

    assert(picture->width <= QR_PICTURE_SIDE_MAX);
    assert(picture->height <= QR_PICTURE_SIDE_MAX);
    if (picture->width >= 2 * SIDE_MIN && picture->height >= 2 * SIDE_MIN)
        search(&finding, picture, work);
    else if (picture->width >= SIDE_MIN && picture->height >= SIDE_MIN)
        with_zxing(&finding, picture, false);
    text[finding.len] = '\0';
    if (finding.len > 0)
        return STATUS_OK;
    return finding.foreign ? STATUS_TEXT_PREFIX : STATUS_IMAGE;
}
