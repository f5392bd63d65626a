/* protocol/qr: hostile PNG files keep to the limits, and what is drawn as a picture is read again
 * pixel by pixel. The first byte is odd for a text to be drawn; it is 2 modulo 4 for a file whose
 * check sums are made right, so that changes reach the decoder behind them. */
#include "fuzz.h"

#include "protocol/qr.h"

#define SIGNATURE_LEN 8

static uint8_t pixels[QR_PICTURE_PIXELS_MAX];

/* The check sum of a chunk: PNG specification, annex D. */
static uint32_t
check_sum(const uint8_t *data, size_t len)
{
    uint32_t sum = UINT32_MAX;

    for (size_t i = 0; i < len; i++) {
        sum ^= data[i];
        for (unsigned bit = 0; bit < 8; bit++)
            sum = (sum & 1) != 0 ? sum >> 1 ^ 0xEDB88320U : sum >> 1;
    }
    return ~sum;
}

static void
repair(uint8_t *file, size_t len)
{
    size_t at = SIGNATURE_LEN;

    while (len >= 12 && at <= len - 12) {
        struct span head = {file + at, 4};
        const size_t size = (size_t)fuzz_number(&head, 4);
        uint32_t sum;

        if (size > len - at - 12)
            return;
        sum = check_sum(file + at + 4, size + 4);
        for (size_t i = 0; i < 4; i++)
            file[at + 8 + size + i] = (uint8_t)(sum >> (24 - 8 * i));
        at += size + 12;
    }
}

/* With room for exactly its pixels a picture is read, with one less it is not. */
static void
check_room(const uint8_t *file, size_t len, size_t count)
{
    uint8_t *copy = malloc(len);
    uint8_t *room = malloc(count);
    struct qr_picture picture;

    EXPECT(copy != NULL && room != NULL);
    memcpy(copy, file, len);
    EXPECT(qr_read_png(&picture, room, count - 1, copy, len) == STATUS_IMAGE_TOO_LARGE);
    memcpy(copy, file, len);
    EXPECT(qr_read_png(&picture, room, count, copy, len) == STATUS_OK);
    EXPECT(memcmp(room, pixels, count) == 0);
    free(room);
    free(copy);
}

static void
check_file(const uint8_t *file, size_t len)
{
    static uint8_t copy[FUZZ_SIZE_MAX];
    struct qr_picture picture;
    enum status status;

    memcpy(copy, file, len);
    memset(&picture, FUZZ_RUBBISH, sizeof picture);
    status = qr_read_png(&picture, pixels, sizeof pixels, copy, len);
    if (status == STATUS_OK) {
        EXPECT(picture.width >= 1 && picture.width <= QR_PICTURE_SIDE_MAX);
        EXPECT(picture.height >= 1 && picture.height <= QR_PICTURE_SIDE_MAX);
        EXPECT(picture.pixels == pixels);
        check_room(file, len, (size_t)picture.width * picture.height);
    } else {
        EXPECT(status == STATUS_IMAGE_FORMAT || status == STATUS_IMAGE_TOO_LARGE);
        EXPECT(picture.width == 0 && picture.height == 0 && picture.pixels == NULL);
    }
}

/* Every pixel of the picture is that of its module. */
static void
check_drawn(const struct qr *code, const char *text, size_t len, uint32_t scale)
{
    static uint8_t file[QR_PNG_MAX];
    struct qr_picture picture;
    size_t size = 0;
    const uint32_t side = (code->size + 2 * QR_QUIET) * scale;

    EXPECT(code->version == qr_version(len) && code->size == 17 + 4 * code->version);
    EXPECT(strlen(text) == len);
    EXPECT(qr_png(file, sizeof file, &size, code, scale) == STATUS_OK);
    EXPECT(qr_read_png(&picture, pixels, sizeof pixels, file, size) == STATUS_OK);
    EXPECT(picture.width == side && picture.height == side);
    for (uint32_t y = 0; y < side; y++)
        for (uint32_t x = 0; x < side; x++)
            EXPECT((picture.pixels[(size_t)y * side + x] == 0) ==
                   qr_dark(code, x / scale, y / scale));
}

static void
check_text(struct span in)
{
    static struct qr code;
    static char out[QR_SVG_MAX > QR_TERMINAL_MAX ? QR_SVG_MAX : QR_TERMINAL_MAX];
    const uint32_t scale = 1U + fuzz_byte(&in) % 3U;
    char text[FUZZ_SIZE_MAX + 1] = {0};
    size_t len = 0;
    enum status status;

    if (in.len > 0)
        memcpy(text, in.data, in.len);
    status = qr_encode(&code, text, in.len);
    EXPECT(in.len > 0 || status == STATUS_TEXT_LENGTH);
    EXPECT(in.len <= QR_TEXT_MAX || status == STATUS_TOO_LARGE);
    if (status != STATUS_OK)
        return;
    check_drawn(&code, text, in.len, scale);
    EXPECT(qr_svg(out, sizeof out, &len, &code) == STATUS_OK);
    EXPECT(qr_svg(out, len - 1, &len, &code) == STATUS_BUFFER && len == 0);
    EXPECT(qr_terminal(out, sizeof out, &len, &code, QR_TERMINAL_COLOUR) == STATUS_OK);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span in = {data, size};
    const uint8_t how = fuzz_byte(&in);
    uint8_t *file;

    if (how % 2 == 1) {
        check_text(in);
        return 0;
    }
    if (in.len == 0 || in.len > FUZZ_SIZE_MAX)
        return 0;
    file = malloc(in.len);
    EXPECT(file != NULL);
    memcpy(file, in.data, in.len);
    if (how % 4 == 2)
        repair(file, in.len);
    check_file(file, in.len);
    free(file);
    return 0;
}

/* A drawn code, or the text of one. */
static size_t
make(uint8_t *out, uint64_t *random)
{
    static const char letters[] = "0123456789ABCDEFGHIJKLMNOPQRSTUV";
    struct qr code;
    char text[100];
    const size_t len = 1 + (size_t)forge_below(random, sizeof text - 1);
    size_t size = 0;

    for (size_t i = 0; i < len; i++)
        text[i] = letters[forge_below(random, 32)];
    out[0] = (uint8_t)forge_below(random, 8);
    if (out[0] % 2 == 1) {
        memcpy(out + 1, text, len);
        return 1 + len;
    }
    EXPECT(qr_encode(&code, text, len) == STATUS_OK);
    if (qr_png(out + 1, FUZZ_SIZE_MAX - 1, &size, &code, 1) != STATUS_OK)
        return 1;
    return 1 + size;
}

FUZZ_MAKER(make)
