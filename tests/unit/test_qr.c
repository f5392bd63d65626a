/* Drawing codes and reading pictures back: capacities, the three outputs, hostile PNG files. */
#include "check.h"

#include <stdlib.h>

#include "protocol/qr.h"

#define SIDE_MAX ((QR_SIZE_MAX + 2 * QR_QUIET) * QR_SCALE_MAX)

/* Static: too large for a stack. */
static uint8_t png[QR_PNG_MAX];
static uint8_t copy[QR_PNG_MAX];
static uint8_t pixels[(size_t)SIDE_MAX * SIDE_MAX];
static char drawing[QR_SVG_MAX + 1];
static struct qr code;

static const char letters[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/* A text of `len` characters that begins as our codes do; the rest repeats only after 36 * 7. */
static void
make_text(char *out, size_t len)
{
    for (size_t i = 0; i < len; i++)
        out[i] = i < 4 ? "WU1P"[i] : letters[(i * 7 + i / 36) % 36];
}

static bool
make_code(size_t len)
{
    char text[QR_TEXT_MAX];

    make_text(text, len);
    return qr_encode(&code, text, len) == STATUS_OK;
}

static uint32_t
side(void)
{
    return code.size + 2 * QR_QUIET;
}

TEST(version_table)
{
    static const struct {
        size_t len;
        uint32_t version;
    } rows[] = {
        {0, 0},    {1, 1},    {16, 1},   {17, 2},   {157, 8},      {158, 7},  {178, 7},
        {179, 8},  {221, 8},  {222, 9},  {311, 10}, {312, 11},     {366, 11}, {367, 12},
        {483, 13}, {484, 14}, {816, 18}, {817, 0},  {SIZE_MAX, 0},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        CHECK(qr_version(rows[i].len) == rows[i].version);
}

/* libqrencode takes a larger version by itself when the text does not fit, which qr_encode asserts
 * against: so this also proves each capacity of our table, and that no other mode was used. */
TEST(each_length_has_its_version)
{
    uint32_t largest = 0;

    for (size_t len = 1; len <= QR_TEXT_MAX; len++) {
        REQUIRE(make_code(len));
        CHECK(code.version == qr_version(len));
        CHECK(code.size == 17 + 4 * code.version);
        CHECK((code.level == QR_LEVEL_Q) == (len <= 157));
        largest = code.version > largest ? code.version : largest;
    }
    CHECK(largest == QR_VERSION_MAX);
}

/* The level also stands in the code itself: the first two bits of the format information, ISO/IEC
 * 18004 section 7.9, here M = 00 and Q = 11 before the mask 10101 of their first bits. */
TEST(level_stands_in_the_code)
{
    for (size_t len = 100; len <= 500; len += 200) {
        unsigned format;

        REQUIRE(make_code(len));
        format = (qr_dark(&code, QR_QUIET, QR_QUIET + 8) ? 2u : 0u) +
                 (qr_dark(&code, QR_QUIET + 1, QR_QUIET + 8) ? 1u : 0u);
        CHECK((format ^ 2u) == (code.level == QR_LEVEL_Q ? 3u : 0u));
    }
}

TEST(finders_and_quiet_zone)
{
    REQUIRE(make_code(300));
    for (uint32_t i = 0; i < side(); i++) {
        for (uint32_t j = 0; j < QR_QUIET; j++) {
            CHECK(!qr_dark(&code, i, j));
            CHECK(!qr_dark(&code, j, i));
            CHECK(!qr_dark(&code, i, side() - 1 - j));
            CHECK(!qr_dark(&code, side() - 1 - j, i));
        }
    }
    for (uint32_t i = 0; i < 7; i++) {
        CHECK(qr_dark(&code, QR_QUIET + i, QR_QUIET));
        CHECK(qr_dark(&code, QR_QUIET, QR_QUIET + i));
        CHECK(qr_dark(&code, side() - 1 - QR_QUIET - i, QR_QUIET));
        CHECK(qr_dark(&code, QR_QUIET, side() - 1 - QR_QUIET - i));
    }
    CHECK(!qr_dark(&code, UINT32_MAX, UINT32_MAX));
}

TEST(texts_that_are_refused)
{
    static const char *const wrong[] = {"WU1p", "WU1 P", "WU1:", "WU1-", "\xC3\x84", "WU1P\n"};
    char text[QR_TEXT_MAX + 1];
    struct qr before;

    REQUIRE(make_code(20));
    before = code;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        CHECK_STATUS(qr_encode(&code, wrong[i], strlen(wrong[i])), STATUS_TEXT_CHARACTER);
    CHECK_STATUS(qr_encode(&code, "WU1P\0A", 6), STATUS_TEXT_CHARACTER);
    CHECK_STATUS(qr_encode(&code, "", 0), STATUS_TEXT_LENGTH);
    make_text(text, sizeof text);
    CHECK_STATUS(qr_encode(&code, text, sizeof text), STATUS_TOO_LARGE);
    CHECK(memcmp(&before, &code, sizeof code) == 0);
}

/* ---- PNG and back ---- */

static void
check_pixels(const struct qr_picture *picture, uint32_t scale)
{
    REQUIRE(picture->width == side() * scale);
    REQUIRE(picture->height == side() * scale);
    for (uint32_t y = 0; y < picture->height; y++) {
        for (uint32_t x = 0; x < picture->width; x++) {
            const bool dark = picture->pixels[(size_t)y * picture->width + x] == 0;
            const bool light = picture->pixels[(size_t)y * picture->width + x] == 255;

            REQUIRE(dark != light);
            REQUIRE(dark == qr_dark(&code, x / scale, y / scale));
        }
    }
}

TEST(png_comes_back)
{
    static const uint32_t scales[] = {1, 3, 4, 7, 8, 31, 32};
    static const size_t lens[] = {4, 200, 816};
    struct qr_picture picture;
    size_t len = 0;

    for (size_t i = 0; i < 3; i++) {
        for (size_t j = 0; j < sizeof scales / sizeof scales[0]; j++) {
            REQUIRE(make_code(lens[i]));
            CHECK_STATUS(qr_png(png, sizeof png, &len, &code, scales[j]), STATUS_OK);
            CHECK_STATUS(qr_read_png(&picture, pixels, sizeof pixels, png, len), STATUS_OK);
            CHECK(picture.pixels == pixels);
            check_pixels(&picture, scales[j]);
        }
    }
}

TEST(png_needs_room)
{
    struct qr_picture picture;
    size_t len = 0;
    size_t whole = 0;

    REQUIRE(make_code(366));
    CHECK_STATUS(qr_png(png, sizeof png, &whole, &code, 4), STATUS_OK);
    CHECK_STATUS(qr_png(png, whole, &len, &code, 4), STATUS_OK);
    CHECK(len == whole);
    for (size_t room = 0; room < whole; room += 13) {
        CHECK_STATUS(qr_png(png, room, &len, &code, 4), STATUS_BUFFER);
        CHECK(len == 0);
    }
    CHECK_STATUS(qr_png(png, sizeof png, &len, &code, 4), STATUS_OK);
    CHECK_STATUS(qr_read_png(&picture, pixels, (size_t)276 * 276 - 1, png, len),
                 STATUS_IMAGE_TOO_LARGE);
    CHECK(picture.pixels == NULL);
}

/* ---- PNG files that we do not write ourselves ---- */

static void
put_u32(uint8_t *out, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        out[i] = (uint8_t)(value >> (24 - 8 * i));
}

/* PNG specification, annex D, bit by bit. */
static uint32_t
check_sum(const uint8_t *data, size_t len)
{
    uint32_t sum = UINT32_MAX;

    for (size_t i = 0; i < 8 * len; i++) {
        const uint32_t bit = (sum ^ (uint32_t)(data[i / 8] >> (i % 8))) & 1;

        sum = (sum >> 1) ^ (bit != 0 ? 0xEDB88320u : 0);
    }
    return ~sum;
}

static size_t
put_chunk(size_t at, const char *kind, const uint8_t *data, size_t len)
{
    put_u32(png + at, (uint32_t)len);
    memcpy(png + at + 4, kind, 4);
    if (len > 0)
        memcpy(png + at + 8, data, len);
    put_u32(png + at + 8 + len, check_sum(png + at + 4, len + 4));
    return at + 12 + len;
}

static size_t
put_head(uint32_t width, uint32_t height, uint8_t depth, uint8_t colour, uint8_t interlace)
{
    static const uint8_t magic[] = {0x89, 'P', 'N', 'G', 13, 10, 26, 10};
    uint8_t head[13] = {0};

    put_u32(head, width);
    put_u32(head + 4, height);
    head[8] = depth;
    head[9] = colour;
    head[12] = interlace;
    memcpy(png, magic, sizeof magic);
    return put_chunk(sizeof magic, "IHDR", head, sizeof head);
}

/* The rows as one stored, not compressed, block of a zlib stream. */
static size_t
put_rows(size_t at, const uint8_t *rows, size_t len)
{
    uint8_t stream[512] = {0x78, 0x01, 0x01};
    uint32_t a = 1;
    uint32_t b = 0;

    stream[3] = (uint8_t)len;
    stream[4] = (uint8_t)(len >> 8);
    stream[5] = (uint8_t)~stream[3];
    stream[6] = (uint8_t)~stream[4];
    memcpy(stream + 7, rows, len);
    for (size_t i = 0; i < len; i++) {
        a = (a + rows[i]) % 65521;
        b = (b + a) % 65521;
    }
    put_u32(stream + 7 + len, b << 16 | a);
    return put_chunk(at, "IDAT", stream, 11 + len);
}

static void
check_four(size_t len, const uint8_t *expected)
{
    struct qr_picture picture;

    CHECK_STATUS(qr_read_png(&picture, pixels, sizeof pixels, png, len), STATUS_OK);
    REQUIRE(picture.width == 2);
    REQUIRE(picture.height == 2);
    for (size_t i = 0; i < 4; i++)
        CHECK(abs(picture.pixels[i] - expected[i]) <= 1);
}

TEST(every_kind_of_png)
{
    static const uint8_t black_white[] = {0, 255, 255, 0};
    static const uint8_t grey8[] = {0, 0, 255, 0, 255, 0};
    static const uint8_t grey16[] = {0, 0, 0, 255, 255, 0, 255, 255, 0, 0};
    static const uint8_t rgb[] = {0, 0, 0, 0, 255, 255, 255, 0, 255, 255, 255, 0, 0, 0};
    /* Transparent parts count as white: the colour under them is that of nothing visible. */
    static const uint8_t rgba[] = {0, 0, 0, 0, 255, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255};
    static const uint8_t palette_rows[] = {0, 0x80, 0, 0x40};
    static const uint8_t palette[] = {255, 255, 255, 0, 0, 0};
    static const uint8_t interlaced[] = {0, 0, 0, 255, 0, 255, 0};
    static const uint8_t odd_text[] = {'C', 'o', 'm', 'm', 'e', 'n', 't', 0, 'x'};
    size_t at;

    at = put_rows(put_head(2, 2, 8, 0, 0), grey8, sizeof grey8);
    check_four(put_chunk(at, "IEND", NULL, 0), black_white);
    at = put_rows(put_head(2, 2, 16, 0, 0), grey16, sizeof grey16);
    check_four(put_chunk(at, "IEND", NULL, 0), black_white);
    at = put_rows(put_head(2, 2, 8, 2, 0), rgb, sizeof rgb);
    check_four(put_chunk(at, "IEND", NULL, 0), black_white);
    at = put_rows(put_head(2, 2, 8, 6, 0), rgba, sizeof rgba);
    check_four(put_chunk(at, "IEND", NULL, 0), black_white);
    at = put_chunk(put_head(2, 2, 1, 3, 0), "PLTE", palette, sizeof palette);
    at = put_rows(at, palette_rows, sizeof palette_rows);
    check_four(put_chunk(at, "IEND", NULL, 0), black_white);
    at = put_rows(put_head(2, 2, 8, 0, 1), interlaced, sizeof interlaced);
    check_four(put_chunk(at, "IEND", NULL, 0), black_white);
    /* What is not a pixel is never looked at, whatever it claims to be. */
    at = put_chunk(put_head(2, 2, 8, 0, 0), "zTXt", odd_text, sizeof odd_text);
    at = put_chunk(at, "iCCP", odd_text, sizeof odd_text);
    png[at - 1] ^= 1;
    at = put_rows(at, grey8, sizeof grey8);
    check_four(put_chunk(at, "IEND", NULL, 0), black_white);
}

static enum status
read_head(uint32_t width, uint32_t height)
{
    static const uint8_t rows[] = {0, 0, 0, 0, 0, 0};
    struct qr_picture picture = {1, 1, pixels};
    const size_t at = put_rows(put_head(width, height, 8, 0, 0), rows, sizeof rows);
    const enum status status =
        qr_read_png(&picture, pixels, sizeof pixels, png, put_chunk(at, "IEND", NULL, 0));

    CHECK(status == STATUS_OK || picture.pixels == NULL);
    return status;
}

TEST(size_counts_before_pixels)
{
    CHECK_STATUS(read_head(2, 2), STATUS_OK);
    CHECK_STATUS(read_head(60000, 60000), STATUS_IMAGE_TOO_LARGE);
    CHECK_STATUS(read_head(QR_PICTURE_SIDE_MAX + 1, 1), STATUS_IMAGE_TOO_LARGE);
    CHECK_STATUS(read_head(1, QR_PICTURE_SIDE_MAX + 1), STATUS_IMAGE_TOO_LARGE);
    CHECK_STATUS(read_head(UINT32_MAX, UINT32_MAX), STATUS_IMAGE_TOO_LARGE);
    CHECK_STATUS(read_head(0, 2), STATUS_IMAGE_FORMAT);
    CHECK_STATUS(read_head(2, 0), STATUS_IMAGE_FORMAT);
    /* More pixels than the file holds. */
    CHECK_STATUS(read_head(20, 20), STATUS_IMAGE_FORMAT);
}

TEST(damaged_png)
{
    struct qr_picture picture;
    size_t whole = 0;
    unsigned refused = 0;

    REQUIRE(make_code(30));
    CHECK_STATUS(qr_png(copy, sizeof copy, &whole, &code, 2), STATUS_OK);
    for (size_t len = 0; len < whole; len++) {
        memcpy(png, copy, whole);
        CHECK_STATUS(qr_read_png(&picture, pixels, sizeof pixels, png, len), STATUS_IMAGE_FORMAT);
        CHECK(picture.pixels == NULL);
    }
    /* Each bit of the file: check sums catch all but what makes a chunk one that is not looked at.
     */
    for (size_t bit = 0; bit < 8 * whole; bit++) {
        enum status status;

        memcpy(png, copy, whole);
        png[bit / 8] ^= (uint8_t)(1 << (bit % 8));
        status = qr_read_png(&picture, pixels, sizeof pixels, png, whole);
        CHECK(status == STATUS_IMAGE_FORMAT || status == STATUS_IMAGE_TOO_LARGE);
        refused += status != STATUS_OK;
    }
    CHECK(refused == 8 * whole);
}

TEST(chunks_that_overrun)
{
    struct qr_picture picture;
    size_t len = 0;

    REQUIRE(make_code(30));
    for (uint32_t size = UINT32_MAX; size > UINT32_MAX - 40; size--) {
        CHECK_STATUS(qr_png(png, sizeof png, &len, &code, 1), STATUS_OK);
        put_u32(png + 33, size);
        CHECK_STATUS(qr_read_png(&picture, pixels, sizeof pixels, png, len), STATUS_IMAGE_FORMAT);
    }
}

/* ---- SVG ---- */

static uint32_t
number(const char **at)
{
    char *end = NULL;
    const unsigned long value = strtoul(*at, &end, 10);

    CHECK(end != *at);
    *at = end;
    return (uint32_t)value;
}

/* Draws the rectangles of the dark path, one pixel a module. */
static void
raster_svg(const char *svg)
{
    const char *at = strstr(svg, "fill=\"#000\" d=\"");

    memset(pixels, 0, (size_t)side() * side());
    REQUIRE(at != NULL);
    at += strlen("fill=\"#000\" d=\"");
    while (*at == 'M') {
        uint32_t x;
        uint32_t y;
        uint32_t width;

        at++;
        x = number(&at);
        REQUIRE(*at++ == ' ');
        y = number(&at);
        REQUIRE(*at++ == 'h');
        width = number(&at);
        REQUIRE(strncmp(at, "v1H", 3) == 0);
        at += 3;
        CHECK(number(&at) == x);
        REQUIRE(*at++ == 'z');
        REQUIRE(x + width <= side() && y < side());
        memset(pixels + (size_t)y * side() + x, 1, width);
    }
    CHECK(strcmp(at, "\"/></svg>\n") == 0);
}

static void
check_modules(void)
{
    for (uint32_t y = 0; y < side(); y++) {
        for (uint32_t x = 0; x < side(); x++)
            REQUIRE((pixels[(size_t)y * side() + x] != 0) == qr_dark(&code, x, y));
    }
}

TEST(svg_comes_back)
{
    char box[64];
    size_t len = 0;

    for (size_t chars = 4; chars <= QR_TEXT_MAX; chars += 58) {
        REQUIRE(make_code(chars));
        CHECK_STATUS(qr_svg(drawing, sizeof drawing - 1, &len, &code), STATUS_OK);
        drawing[len] = '\0';
        snprintf(box, sizeof box, "viewBox=\"0 0 %u %u\"", (unsigned)side(), (unsigned)side());
        CHECK(strncmp(drawing, "<svg xmlns=\"http://www.w3.org/2000/svg\" ", 40) == 0);
        CHECK(strstr(drawing, box) != NULL);
        CHECK(strstr(drawing, "script") == NULL && strstr(drawing, "style") == NULL);
        CHECK(strstr(drawing, "href") == NULL);
        raster_svg(drawing);
        check_modules();
    }
}

/* The worst picture: every other module dark, in the largest code. */
static void
make_checkerboard(void)
{
    code = (struct qr){.version = QR_VERSION_MAX, .size = QR_SIZE_MAX, .level = QR_LEVEL_M};
    for (size_t i = 0; i < sizeof code.modules; i++)
        code.modules[i] = i % QR_SIZE_MAX % 2 == 0;
}

TEST(worst_case_fits)
{
    size_t len = 0;

    make_checkerboard();
    CHECK_STATUS(qr_svg(drawing, QR_SVG_MAX, &len, &code), STATUS_OK);
    CHECK(len > QR_SVG_MAX / 2);
    CHECK_STATUS(qr_svg(drawing, len - 1, &len, &code), STATUS_BUFFER);
    CHECK(len == 0);
    /* What no longer fits is not made good by a shorter piece behind it. */
    len = 9;
    drawing[3] = '?';
    CHECK_STATUS(qr_svg(drawing, 3, &len, &code), STATUS_BUFFER);
    CHECK(len == 0 && drawing[3] == '?');
    CHECK_STATUS(qr_terminal(drawing, QR_TERMINAL_MAX, &len, &code, QR_TERMINAL_COLOUR), STATUS_OK);
    CHECK_STATUS(qr_terminal(drawing, len - 1, &len, &code, QR_TERMINAL_COLOUR), STATUS_BUFFER);
    CHECK(len == 0);
    CHECK_STATUS(qr_png(png, sizeof png, &len, &code, QR_SCALE_MAX), STATUS_OK);
    REQUIRE(make_code(QR_TEXT_MAX));
    CHECK_STATUS(qr_png(png, sizeof png, &len, &code, QR_SCALE_MAX), STATUS_OK);
    CHECK(len < sizeof png / 2);
}

/* ---- Terminal ---- */

/* Which halves of a character are inked: 1 the upper, 2 the lower; -1 for any other character. */
static int
block(const char **at)
{
    static const char *const blocks[] = {" ", "\xE2\x96\x80", "\xE2\x96\x84", "\xE2\x96\x88"};

    for (int i = 0; i < 4; i++) {
        if (strncmp(*at, blocks[i], strlen(blocks[i])) == 0) {
            *at += strlen(blocks[i]);
            return i;
        }
    }
    return -1;
}

static bool
skip(const char **at, const char *text)
{
    if (strncmp(*at, text, strlen(text)) != 0)
        return false;
    *at += strlen(text);
    return true;
}

/* Reads the characters back to modules; `ink_dark` is whether ink makes a dark module. */
static void
raster_terminal(const char *at, bool colour, bool ink_dark)
{
    for (uint32_t y = 0; y < side(); y += 2) {
        REQUIRE(!colour || skip(&at, "\x1B[38;5;16;48;5;231m"));
        for (uint32_t x = 0; x < side(); x++) {
            const int halves = block(&at);

            REQUIRE(halves >= 0);
            pixels[(size_t)y * side() + x] = ((halves & 1) != 0) == ink_dark;
            if (y + 1 < side())
                pixels[(size_t)(y + 1) * side() + x] = ((halves & 2) != 0) == ink_dark;
            else
                CHECK(((halves & 2) != 0) != ink_dark);
        }
        REQUIRE(!colour || skip(&at, "\x1B[0m"));
        REQUIRE(skip(&at, "\n"));
    }
    CHECK(*at == '\0');
}

TEST(terminal_comes_back)
{
    static const enum qr_terminal styles[] = {QR_TERMINAL_COLOUR, QR_TERMINAL_DARK_GROUND,
                                              QR_TERMINAL_PAPER};
    size_t len = 0;

    for (size_t chars = 4; chars <= QR_TEXT_MAX; chars += 116) {
        REQUIRE(make_code(chars));
        for (size_t i = 0; i < 3; i++) {
            CHECK_STATUS(qr_terminal(drawing, QR_TERMINAL_MAX, &len, &code, styles[i]), STATUS_OK);
            drawing[len] = '\0';
            raster_terminal(drawing, styles[i] == QR_TERMINAL_COLOUR,
                            styles[i] != QR_TERMINAL_DARK_GROUND);
            check_modules();
        }
    }
}

int
main(int argc, char **argv)
{
    return check_run(argc, argv);
}
