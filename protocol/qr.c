#include "qr.h"

#include <assert.h>
#include <errno.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <png.h>
#include <qrencode.h>

/* Alphanumeric characters by version and level, ISO/IEC 18004 table 7. Level Q only counts up to
 * version 8: above it the code grows faster than the stronger level helps. */
#define VERSION_Q_MAX 8
static const uint16_t capacity_m[QR_VERSION_MAX] = {20,  38,  61,  90,  122, 154, 178, 221, 262,
                                                    311, 366, 419, 483, 528, 600, 656, 734, 816};
static const uint16_t capacity_q[VERSION_Q_MAX] = {16, 29, 47, 67, 87, 108, 125, 157};

/* The largest row of a PNG, one bit a pixel. */
#define ROW_SIZE_MAX (((QR_SIZE_MAX + 2 * QR_QUIET) * QR_SCALE_MAX + 7) / 8)

static uint32_t
smallest_version(size_t len, const uint16_t *capacity, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (len <= capacity[i])
            return i + 1;
    }
    return 0;
}

static uint32_t
version_and_level(enum qr_level *level, size_t len)
{
    uint32_t version = smallest_version(len, capacity_q, VERSION_Q_MAX);

    *level = version != 0 ? QR_LEVEL_Q : QR_LEVEL_M;
    return version != 0 ? version : smallest_version(len, capacity_m, QR_VERSION_MAX);
}

uint32_t
qr_version(size_t len)
{
    enum qr_level level;

    return len == 0 ? 0 : version_and_level(&level, len);
}

static bool
is_text(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        const bool letter = text[i] >= 'A' && text[i] <= 'Z';
        const bool digit = text[i] >= '0' && text[i] <= '9';

        if (!letter && !digit)
            return false;
    }
    return true;
}

static void
copy_modules(struct qr *out, const QRcode *code, enum qr_level level)
{
    const size_t count = (size_t)code->width * (size_t)code->width;

    assert(code->version >= 1 && code->version <= QR_VERSION_MAX);
    assert(code->width == 17 + 4 * code->version);
    out->version = (uint32_t)code->version;
    out->size = (uint32_t)code->width;
    out->level = level;
    memset(out->modules, 0, sizeof out->modules);
    for (size_t i = 0; i < count; i++)
        out->modules[i] = code->data[i] & 1;
}

enum status
qr_encode(struct qr *out, const char *text, size_t len)
{
    enum status status = STATUS_STORE_BROKEN;
    enum qr_level level = QR_LEVEL_M;
    QRinput *input = NULL;
    QRcode *code = NULL;
    uint32_t version;

    assert(out != NULL);
    assert(text != NULL);
    if (len == 0)
        return STATUS_TEXT_LENGTH;
    version = version_and_level(&level, len);
    if (version == 0)
        return STATUS_TOO_LARGE;
    if (!is_text(text, len))
        return STATUS_TEXT_CHARACTER;
    input = QRinput_new2((int)version, level == QR_LEVEL_Q ? QR_ECLEVEL_Q : QR_ECLEVEL_M);
    if (input == NULL)
        goto cleanup;
    if (QRinput_append(input, QR_MODE_AN, (int)len, (const unsigned char *)text) != 0) {
        status = errno == ENOMEM ? STATUS_STORE_BROKEN : STATUS_TEXT_CHARACTER;
        goto cleanup;
    }
    code = QRcode_encodeInput(input);
    if (code == NULL)
        goto cleanup;
    /* The library takes a larger version by itself when our table is wrong. */
    assert((uint32_t)code->version == version);
    copy_modules(out, code, level);
    status = STATUS_OK;
cleanup:
    QRcode_free(code);
    QRinput_free(input);
    return status;
}

bool
qr_dark(const struct qr *code, uint32_t x, uint32_t y)
{
    assert(code->size <= QR_SIZE_MAX);
    if (x < QR_QUIET || y < QR_QUIET || x - QR_QUIET >= code->size || y - QR_QUIET >= code->size)
        return false;
    return code->modules[(y - QR_QUIET) * code->size + (x - QR_QUIET)] != 0;
}

/* ---- Bytes into the caller's buffer ---------------------------------------------------------- */

struct sink {
    uint8_t *data;
    size_t capacity;
    size_t len;
    bool full; /* sticky: checked once, at the end */
};

static void
sink_bytes(struct sink *sink, const void *data, size_t len)
{
    assert(sink->len <= sink->capacity);
    if (sink->full || len > sink->capacity - sink->len) {
        sink->full = true;
        return;
    }
    memcpy(sink->data + sink->len, data, len);
    sink->len += len;
}

static void
sink_text(struct sink *sink, const char *text)
{
    sink_bytes(sink, text, strlen(text));
}

static enum status
sink_end(const struct sink *sink, size_t *len)
{
    *len = sink->full ? 0 : sink->len;
    return sink->full ? STATUS_BUFFER : STATUS_OK;
}

/* ---- PNG out --------------------------------------------------------------------------------- */

static void
png_into_sink(png_structp png, png_bytep data, png_size_t len)
{
    struct sink *sink = png_get_io_ptr(png);

    sink_bytes(sink, data, len);
    if (sink->full)
        png_error(png, "full");
}

static void
png_flush_nothing(png_structp png)
{
    (void)png;
}

/* libpng's own handler prints to standard error; the status says it all. */
static void
png_fail(png_structp png, png_const_charp message)
{
    (void)message;
    png_longjmp(png, 1);
}

static void
png_ignore(png_structp png, png_const_charp message)
{
    (void)png;
    (void)message;
}

/* One line of modules as one line of pixels: a set bit is white. */
static void
png_row(uint8_t row[static ROW_SIZE_MAX], const struct qr *code, uint32_t y, uint32_t scale)
{
    memset(row, 0xFF, ROW_SIZE_MAX);
    for (uint32_t x = 0; x < code->size + 2 * QR_QUIET; x++) {
        for (uint32_t i = 0; i < scale && qr_dark(code, x, y); i++) {
            const uint32_t pixel = x * scale + i;

            row[pixel / 8] &= (uint8_t) ~(0x80u >> (pixel % 8));
        }
    }
}

/* Everything between two frames that libpng may leave by longjmp; nothing here is changed after
 * setjmp and used behind it. */
static bool
png_all_rows(png_structp png, png_infop info, const struct qr *code, uint32_t scale)
{
    const uint32_t side = (code->size + 2 * QR_QUIET) * scale;
    uint8_t row[ROW_SIZE_MAX];

    if (setjmp(png_jmpbuf(png)) != 0)
        return false;
    png_set_IHDR(png, info, side, side, 1, PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    /* Repeated lines become zeros: a large scale costs next to nothing. */
    png_set_filter(png, PNG_FILTER_TYPE_BASE, PNG_FILTER_UP);
    png_write_info(png, info);
    for (uint32_t y = 0; y < code->size + 2 * QR_QUIET; y++) {
        png_row(row, code, y, scale);
        for (uint32_t i = 0; i < scale; i++)
            png_write_row(png, row);
    }
    png_write_end(png, info);
    return true;
}

enum status
qr_png(uint8_t *out, size_t capacity, size_t *len, const struct qr *code, uint32_t scale)
{
    struct sink sink = {.data = out, .capacity = capacity};
    enum status status = STATUS_STORE_BROKEN;
    png_structp png = NULL;
    png_infop info = NULL;

    assert(code->size >= 21 && code->size <= QR_SIZE_MAX);
    assert(scale >= 1 && scale <= QR_SCALE_MAX);
    *len = 0;
    png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, png_fail, png_ignore);
    if (png == NULL)
        goto cleanup;
    info = png_create_info_struct(png);
    if (info == NULL)
        goto cleanup;
    png_set_write_fn(png, &sink, png_into_sink, png_flush_nothing);
    if (png_all_rows(png, info, code, scale) || sink.full)
        status = sink_end(&sink, len);
cleanup:
    png_destroy_write_struct(&png, &info);
    return status;
}

/* ---- SVG and terminal ------------------------------------------------------------------------ */

/* Each run of dark modules of a row becomes one closed rectangle of the single path. */
static void
svg_row(struct sink *sink, const struct qr *code, uint32_t y)
{
    const uint32_t side = code->size + 2 * QR_QUIET;
    uint32_t start;
    char piece[64];

    for (uint32_t x = 0; x < side; x++) {
        if (!qr_dark(code, x, y))
            continue;
        start = x;
        while (qr_dark(code, x, y))
            x++;
        snprintf(piece, sizeof piece, "M%u %uh%uv1H%uz", (unsigned)start, (unsigned)y,
                 (unsigned)(x - start), (unsigned)start);
        sink_text(sink, piece);
    }
}

enum status
qr_svg(char *out, size_t capacity, size_t *len, const struct qr *code)
{
    struct sink sink = {.data = (uint8_t *)out, .capacity = capacity};
    const unsigned side = (unsigned)code->size + 2 * QR_QUIET;
    char head[320];

    assert(code->size >= 21 && code->size <= QR_SIZE_MAX);
    assert(out != NULL);
    snprintf(head, sizeof head,
             "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %u %u\" role=\"img\" "
             "aria-label=\"QR-Code\" shape-rendering=\"crispEdges\">"
             "<path fill=\"#fff\" d=\"M0 0h%uv%uH0z\"/><path fill=\"#000\" d=\"",
             side, side, side, side);
    sink_text(&sink, head);
    for (uint32_t y = 0; y < side; y++)
        svg_row(&sink, code, y);
    sink_text(&sink, "\"/></svg>\n");
    return sink_end(&sink, len);
}

/* The character for two modules, one above the other. In UTF-8: space, upper half, lower half and
 * full block, by whether the upper and the lower one are to be inked. */
static const char *
half_block(bool upper, bool lower)
{
    static const char *const blocks[] = {" ", "\xE2\x96\x80", "\xE2\x96\x84", "\xE2\x96\x88"};

    return blocks[(upper ? 1 : 0) + (lower ? 2 : 0)];
}

enum status
qr_terminal(char *out, size_t capacity, size_t *len, const struct qr *code, enum qr_terminal style)
{
    struct sink sink = {.data = (uint8_t *)out, .capacity = capacity};
    const uint32_t side = code->size + 2 * QR_QUIET;
    /* On a dark ground it is the light modules that need ink. */
    const bool ink = style != QR_TERMINAL_DARK_GROUND;

    assert(code->size >= 21 && code->size <= QR_SIZE_MAX);
    assert(style >= QR_TERMINAL_COLOUR && style <= QR_TERMINAL_PAPER);
    for (uint32_t y = 0; y < side; y += 2) {
        /* Black on white from the 256-colour cube: the first 16 colours belong to the theme. */
        if (style == QR_TERMINAL_COLOUR)
            sink_text(&sink, "\x1B[38;5;16;48;5;231m");
        for (uint32_t x = 0; x < side; x++)
            sink_text(&sink,
                      half_block(qr_dark(code, x, y) == ink, qr_dark(code, x, y + 1) == ink));
        if (style == QR_TERMINAL_COLOUR)
            sink_text(&sink, "\x1B[0m");
        sink_text(&sink, "\n");
    }
    return sink_end(&sink, len);
}

/* ---- PNG in ---------------------------------------------------------------------------------- */

#define PNG_SIGNATURE_SIZE 8
#define PNG_CHUNK_OVERHEAD 12 /* length, kind and check sum */
#define PNG_HEADER_SIZE 13

static uint32_t
big_endian(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static bool
is_pixel_chunk(const uint8_t *kind)
{
    static const char kinds[][5] = {"IHDR", "PLTE", "tRNS", "IDAT", "IEND"};

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (memcmp(kind, kinds[i], 4) == 0)
            return true;
    }
    return false;
}

/* Moves the chunks that make up the pixels together and drops all others, so that profiles and
 * compressed texts, which can be bombs as well, never reach libpng. */
static bool
png_strip(uint8_t *file, size_t *len)
{
    /* The last chunk is always the same, and libpng would not check its sum. */
    static const uint8_t last[] = {0, 0, 0, 0, 'I', 'E', 'N', 'D', 0xAE, 0x42, 0x60, 0x82};
    size_t from = PNG_SIGNATURE_SIZE;
    size_t to = PNG_SIGNATURE_SIZE;
    bool ended = false;

    while (!ended && *len - from >= PNG_CHUNK_OVERHEAD) {
        const uint64_t size = (uint64_t)big_endian(file + from) + PNG_CHUNK_OVERHEAD;

        if (size > *len - from)
            return false;
        ended = memcmp(file + from, last, sizeof last) == 0;
        if (is_pixel_chunk(file + from + 4)) {
            memmove(file + to, file + from, (size_t)size);
            to += (size_t)size;
        }
        from += (size_t)size;
    }
    *len = to;
    return ended;
}

/* Reads the size from the first chunk, which has a fixed place. */
static enum status
png_size(uint32_t *width, uint32_t *height, const uint8_t *file, size_t len)
{
    static const uint8_t head[] = {0x89, 'P', 'N', 'G', 13, 10, 26, 10, 0, 0, 0, PNG_HEADER_SIZE,
                                   'I',  'H', 'D', 'R'};

    if (len < sizeof head + PNG_HEADER_SIZE || memcmp(file, head, sizeof head) != 0)
        return STATUS_IMAGE_FORMAT;
    *width = big_endian(file + sizeof head);
    *height = big_endian(file + sizeof head + 4);
    if (*width == 0 || *height == 0)
        return STATUS_IMAGE_FORMAT;
    if (*width > QR_PICTURE_SIDE_MAX || *height > QR_PICTURE_SIDE_MAX)
        return STATUS_IMAGE_TOO_LARGE;
    return STATUS_OK;
}

enum status
qr_read_png(struct qr_picture *out, uint8_t *pixels, size_t capacity, uint8_t *file, size_t len)
{
    static const png_color white = {255, 255, 255};
    png_image image = {.version = PNG_IMAGE_VERSION};
    uint32_t width = 0;
    uint32_t height = 0;
    enum status status = png_size(&width, &height, file, len);

    assert(pixels != NULL);
    memset(out, 0, sizeof *out);
    if (status != STATUS_OK)
        return status;
    if ((size_t)width * height > capacity)
        return STATUS_IMAGE_TOO_LARGE;
    if (!png_strip(file, &len) || png_image_begin_read_from_memory(&image, file, len) == 0) {
        status = STATUS_IMAGE_FORMAT;
        goto cleanup;
    }
    assert(image.width == width && image.height == height);
    image.flags |= PNG_IMAGE_FLAG_16BIT_sRGB;
    image.format = PNG_FORMAT_GRAY;
    if (png_image_finish_read(&image, &white, pixels, (png_int_32)width, NULL) == 0) {
        status = STATUS_IMAGE_FORMAT;
        goto cleanup;
    }
    *out = (struct qr_picture){width, height, pixels};
cleanup:
    png_image_free(&image);
    return status;
}
