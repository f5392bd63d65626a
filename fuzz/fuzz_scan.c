/* merchant/scan: hostile camera frames, whole and as they are searched for a code. The libraries
 * that search are not instrumented; the fuzzer is led by our own part. */
#include "fuzz.h"

#include "merchant/scan.h"
#include "protocol/qr.h"

/* A larger picture is only read. */
#define SEARCHED_PIXELS_MAX 4000

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct scan_work work;
    char text[READER_TEXT_MAX + 1];
    struct qr_picture picture;
    enum status status;
    uint8_t *file = malloc(size + 1);

    EXPECT(file != NULL);
    if (size > 0)
        memcpy(file, data, size);
    memset(&picture, FUZZ_RUBBISH, sizeof picture);
    status = scan_pgm(&picture, file, size);
    if (status != STATUS_OK) {
        EXPECT(status == STATUS_IMAGE_FORMAT || status == STATUS_IMAGE_TOO_LARGE);
        EXPECT(fuzz_all(&picture, sizeof picture, 0));
    } else {
        const size_t count = (size_t)picture.width * picture.height;

        EXPECT(picture.pixels > file && picture.pixels + count == file + size);
        if (count <= SEARCHED_PIXELS_MAX) {
            memset(text, FUZZ_RUBBISH, sizeof text);
            status = scan_picture(text, &picture, &work);
            EXPECT(memchr(text, '\0', sizeof text) != NULL);
            EXPECT((status == STATUS_OK) == reader_is_text(text, strlen(text)));
            EXPECT(status == STATUS_OK || text[0] == '\0');
        }
    }
    free(file);
    return 0;
}

/* A frame with a small code in it, two pixels a module. */
static size_t
make(uint8_t *out, uint64_t *random)
{
    struct qr code;
    const uint32_t side = 2 * (21 + 2 * QR_QUIET);
    size_t len;
    const char letter = (char)('A' + forge_below(random, 20));

    EXPECT(qr_encode(&code, &letter, 1) == STATUS_OK && code.size == 21);
    len = (size_t)snprintf((char *)out, 32, "P5\n%u %u\n255\n", side, side);
    for (uint32_t y = 0; y < side; y++)
        for (uint32_t x = 0; x < side; x++)
            out[len++] = qr_dark(&code, x / 2, y / 2) ? 20 : 230;
    return len;
}

FUZZ_MAKER(make)
