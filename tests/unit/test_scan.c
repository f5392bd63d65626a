/* Reading codes through the program `scan`: round trips, camera frames, hostile files and codes. */
#include "check.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <qrencode.h>

#include "protocol/qr.h"
#include "protocol/reader.h"

#define PATH_SIZE 512
#define TIMEOUT_MS 20000

static char program[PATH_SIZE];
static char folder[PATH_SIZE];
static char file[PATH_SIZE];
static char text[READER_TEXT_MAX + 1];
static uint8_t png[QR_PNG_MAX];
static struct qr code;

/* ---- Helpers ---- */

/* xorshift32 with a fixed seed: the same frames on every machine. */
static uint32_t state = 2463534242u;

static uint32_t
next(void)
{
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}

/* Our prefix and then base32hex, NUL at the end. */
static void
make_text(char *out, size_t len)
{
    for (size_t i = 0; i < len; i++)
        out[i] = i < 4 ? "WU1P"[i] : "0123456789ABCDEFGHIJKLMNOPQRSTUV"[next() % 32];
    out[len] = '\0';
}

static void
path_of(char out[static PATH_SIZE], const char *name)
{
    snprintf(out, PATH_SIZE, "%.400s/%.100s", folder, name);
}

static void
write_file(const char *path, const void *data, size_t len)
{
    FILE *out = fopen(path, "wb");

    REQUIRE(out != NULL);
    CHECK(fwrite(data, 1, len, out) == len);
    CHECK(fclose(out) == 0);
}

/* Draws `code` to the file. */
static void
write_png(uint32_t scale)
{
    size_t len = 0;

    CHECK_STATUS(qr_png(png, sizeof png, &len, &code, scale), STATUS_OK);
    write_file(file, png, len);
}

static enum status
scan(const char *path)
{
    return reader_scan(text, sizeof text, program, path, TIMEOUT_MS);
}

/* Runs `scan` by a shell script, with a command line that the library never uses. */
static enum status
scan_by_hand(const char *arguments)
{
    char fake[PATH_SIZE];
    char body[3 * PATH_SIZE];

    path_of(fake, "by-hand");
    snprintf(body, sizeof body, "#!/bin/sh\nexec %.500s %.500s\n", program, arguments);
    write_file(fake, body, strlen(body));
    CHECK(chmod(fake, 0700) == 0);
    return reader_scan(text, sizeof text, fake, file, TIMEOUT_MS);
}

static uint64_t
now_ms(void)
{
    struct timespec now;

    CHECK(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* ---- Round trips ---- */

/* Both sides of the steps between versions, and sizes between. */
TEST(round_trip_of_many_lengths)
{
    static const uint32_t scales[] = {3, 4, 8};
    static const size_t lens[] = {4,   5,   35,  66,  97,  128, 157, 158, 190, 221, 222, 253,
                                  284, 311, 312, 343, 366, 367, 398, 419, 420, 457, 483, 816};
    char expected[QR_TEXT_MAX + 1];

    for (size_t i = 0; i < 3 * sizeof lens / sizeof lens[0]; i++) {
        make_text(expected, lens[i / 3]);
        REQUIRE(qr_encode(&code, expected, lens[i / 3]) == STATUS_OK);
        write_png(scales[i % 3]);
        CHECK_STATUS(scan(file), STATUS_OK);
        CHECK(strcmp(text, expected) == 0);
    }
}

/* ---- Frames as a camera gives them ---- */

#define WIDTH 640
#define HEIGHT 480

static uint8_t frame[WIDTH * HEIGHT];
static uint8_t spare[WIDTH * HEIGHT];

struct pose {
    int64_t scale16;      /* sixteenths of a pixel a module */
    int64_t cosine, sine; /* of the rotation, times 16384 */
    int64_t tilt;         /* depth of the upper edge, per 1024 of the middle */
    unsigned blurs;       /* passes of a box of 3 by 3 */
    uint32_t noise;       /* standard deviation, grey levels */
    uint32_t shade;       /* how much darker the right edge is, per 256 */
    uint32_t dark, light; /* grey levels of ink and paper */
};

/* The paper around is a little darker than the code's own ground. */
static uint32_t
grey_at(const struct pose *pose, int64_t x4, int64_t y4)
{
    const int64_t side = code.size + 2 * QR_QUIET;
    const int64_t depth = 1024 + pose->tilt * y4 / (2 * HEIGHT);
    const int64_t x = x4 * 1024 / depth;
    const int64_t y = y4 * 1024 / depth;
    const int64_t column = (x * pose->cosine + y * pose->sine) / (4 * pose->scale16) + side * 512;
    const int64_t row = (y * pose->cosine - x * pose->sine) / (4 * pose->scale16) + side * 512;

    if (column < 0 || row < 0 || column >= side * 1024 || row >= side * 1024)
        return pose->light * 7 / 8;
    return qr_dark(&code, (uint32_t)(column / 1024), (uint32_t)(row / 1024)) ? pose->dark
                                                                             : pose->light;
}

static void
blur_frame(void)
{
    memcpy(spare, frame, sizeof frame);
    for (uint32_t y = 1; y < HEIGHT - 1; y++) {
        for (uint32_t x = 1; x < WIDTH - 1; x++) {
            uint32_t sum = 0;

            for (uint32_t i = 0; i < 9; i++)
                sum += spare[(y + i / 3 - 1) * WIDTH + x + i % 3 - 1];
            frame[y * WIDTH + x] = (uint8_t)(sum / 9);
        }
    }
}

/* Shade, then the sum of four random bytes, which has a standard deviation of 148. */
static void
weather_frame(const struct pose *pose)
{
    for (uint32_t i = 0; i < WIDTH * HEIGHT; i++) {
        const uint32_t random = next();
        const uint32_t sum =
            (random & 255) + (random >> 8 & 255) + (random >> 16 & 255) + (random >> 24);
        const uint32_t lit = frame[i] * (256 - pose->shade * (i % WIDTH) / WIDTH) / 256;
        const int32_t value = (int32_t)lit + ((int32_t)sum - 510) * (int32_t)pose->noise / 148;

        frame[i] = (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
    }
}

static void
write_frame(void)
{
    FILE *out = fopen(file, "wb");

    REQUIRE(out != NULL);
    CHECK(fprintf(out, "P5\n# a frame\n%d %d\n255\n", WIDTH, HEIGHT) > 0);
    CHECK(fwrite(frame, 1, sizeof frame, out) == sizeof frame);
    CHECK(fclose(out) == 0);
}

/* Four samples a pixel, in quarters of a pixel from the middle. */
static void
draw_frame(const struct pose *pose)
{
    for (int64_t y = 0; y < HEIGHT; y++) {
        for (int64_t x = 0; x < WIDTH; x++) {
            const int64_t x4 = 4 * x - 2 * WIDTH;
            const int64_t y4 = 4 * y - 2 * HEIGHT;

            frame[y * WIDTH + x] =
                (uint8_t)((grey_at(pose, x4 + 1, y4 + 1) + grey_at(pose, x4 + 3, y4 + 1) +
                           grey_at(pose, x4 + 1, y4 + 3) + grey_at(pose, x4 + 3, y4 + 3)) /
                          4);
        }
    }
    for (unsigned i = 0; i < pose->blurs; i++)
        blur_frame();
    weather_frame(pose);
    write_frame();
}

/* Draws three codes, of a receipt, a payment and the largest one, in each pose; how many are read.
 * A wrong text fails. */
static unsigned
count_read(const struct pose *poses, size_t count)
{
    static const size_t lens[] = {200, 308, 420};
    char expected[QR_TEXT_MAX + 1];
    unsigned read = 0;

    for (size_t i = 0; i < 3 * count; i++) {
        const size_t len = lens[i % 3];
        enum status status;

        make_text(expected, len);
        CHECK_STATUS(qr_encode(&code, expected, len), STATUS_OK);
        draw_frame(&poses[i / 3]);
        status = scan(file);
        CHECK(status == STATUS_OK || status == STATUS_IMAGE);
        CHECK(status != STATUS_OK || strcmp(text, expected) == 0);
        read += status == STATUS_OK;
    }
    return read;
}

/* A sanity check, not the measurement that the till was tuned with. */
TEST(camera_frames)
{
    static const struct pose poses[] = {
        {96, 16384, 0, 0, 1, 6, 40, 20, 235},        {80, 16322, 1428, 60, 1, 6, 40, 20, 235},
        {80, 16322, -1428, -90, 1, 10, 80, 20, 235}, {72, 16026, 3406, 100, 1, 8, 60, 20, 235},
        {72, 15396, 5604, 60, 1, 8, 60, 30, 220},    {64, 11585, 11585, 40, 1, 6, 60, 20, 235},
        {80, 0, 16384, 90, 2, 6, 40, 20, 235},       {96, -16384, 0, -60, 2, 10, 40, 20, 235},
        {72, 16384, 0, 250, 1, 8, 60, 20, 235},      {96, 16322, 1428, 30, 1, 30, 40, 20, 235},
        {88, 16322, -1428, 0, 1, 12, 100, 90, 180},  {88, 16322, 1428, 0, 1, 10, 0, 104, 152},
    };

    CHECK(count_read(poses, sizeof poses / sizeof poses[0]) >= 33);
}

/* Small, tilted, blurred or faint: here the picture as it is gives nothing, and only the sharpened
 * one or the second library helps. */
TEST(hard_frames)
{
    static const struct pose poses[] = {
        {48, 16322, 1428, 0, 2, 8, 40, 20, 235},   {56, 16322, 1428, 200, 2, 8, 40, 20, 235},
        {64, 16322, 1428, 350, 2, 8, 40, 20, 235}, {64, 16322, 1428, 0, 1, 9, 40, 100, 140},
        {80, 16322, 1428, 0, 4, 9, 40, 100, 140},
    };

    CHECK(count_read(poses, sizeof poses / sizeof poses[0]) >= 12);
}

/* What no one could read is no code, rather than a wrong one. */
TEST(hopeless_frames)
{
    static const struct pose poses[] = {
        {20, 16384, 0, 0, 1, 6, 0, 20, 235},
        {80, 16384, 0, 0, 12, 6, 0, 20, 235},
        {80, 16384, 0, 0, 1, 120, 0, 120, 140},
    };
    char expected[QR_TEXT_MAX + 1];

    make_text(expected, 400);
    REQUIRE(qr_encode(&code, expected, 400) == STATUS_OK);
    for (size_t i = 0; i < sizeof poses / sizeof poses[0]; i++) {
        draw_frame(&poses[i]);
        CHECK_STATUS(scan(file), STATUS_IMAGE);
        CHECK(text[0] == '\0');
    }
}

/* ---- Codes of others ---- */

static void
take_foreign(QRcode *foreign)
{
    REQUIRE(foreign != NULL);
    REQUIRE(foreign->width <= QR_SIZE_MAX);
    code.version = (uint32_t)foreign->version;
    code.size = (uint32_t)foreign->width;
    for (uint32_t i = 0; i < code.size * code.size; i++)
        code.modules[i] = foreign->data[i] & 1;
}

/* In byte mode, which qr_encode never writes. */
static enum status
scan_foreign(const char *bytes, size_t len)
{
    QRcode *foreign = QRcode_encodeData((int)len, (const unsigned char *)bytes, 0, QR_ECLEVEL_M);

    take_foreign(foreign);
    QRcode_free(foreign);
    write_png(4);
    return scan(file);
}

TEST(foreign_texts_come_back)
{
    static const char *const texts[] = {
        "https://www.wuppertal.de/parken?id=4711&x=%20y#top",
        "WIFI:T:WPA;S:Rathaus;P:geheim;;",
        "wu1p0123abc",
        "0123456789012345678901234567890",
        "%%A %B $*+-./:",
        " leading and trailing blanks ",
    };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        CHECK_STATUS(scan_foreign(texts[i], strlen(texts[i])), STATUS_OK);
        CHECK(strcmp(text, texts[i]) == 0);
    }
}

/* No text of ours has such characters, so that is the answer: not one of our codes. */
TEST(foreign_bytes_are_refused)
{
    static const char transfer[] = "BCD\n002\n1\nSCT\nWUPSDE33XXX\nStadt Wuppertal\n"
                                   "DE12330500000000123456\nEUR12.50\n\n\nSpende";

    CHECK_STATUS(scan_foreign(transfer, sizeof transfer - 1), STATUS_TEXT_PREFIX);
    CHECK(text[0] == '\0');
    CHECK_STATUS(scan_foreign("Gr\xC3\xBC\xC3\x9F"
                              "e",
                              8),
                 STATUS_TEXT_PREFIX);
    CHECK_STATUS(scan_foreign("WU1P\0ABC", 8), STATUS_TEXT_PREFIX);
    CHECK_STATUS(scan_foreign("WU1P\x1B[2JABC", 11), STATUS_TEXT_PREFIX);
    CHECK_STATUS(scan_foreign("WU1P\x7F", 5), STATUS_TEXT_PREFIX);
    CHECK_STATUS(scan_foreign("\r\n", 2), STATUS_TEXT_PREFIX);
}

TEST(line_ends_around_a_text_are_dropped)
{
    CHECK_STATUS(scan_foreign("\tWU1P0123\r\n", 11), STATUS_OK);
    CHECK(strcmp(text, "WU1P0123") == 0);
}

/* A part of a message in several codes is no message. */
TEST(part_of_a_sequence_is_no_code)
{
    char long_text[301];
    QRcode_List *parts;

    make_text(long_text, 300);
    parts = QRcode_encodeStringStructured(long_text, 8, QR_ECLEVEL_M, QR_MODE_8, 1);
    REQUIRE(parts != NULL);
    REQUIRE(QRcode_List_size(parts) > 1);
    take_foreign(parts->code);
    QRcode_List_free(parts);
    write_png(4);
    CHECK_STATUS(scan(file), STATUS_IMAGE);
}

static void
stamp(uint32_t left, uint32_t top)
{
    const uint32_t side = 4 * (code.size + 2 * QR_QUIET);

    for (uint32_t i = 0; i < side * side; i++)
        frame[(top + i / side) * WIDTH + left + i % side] =
            qr_dark(&code, i % side / 4, i / side / 4) ? 0 : 255;
}

TEST(ours_before_a_sticker_beside_it)
{
    for (uint32_t order = 0; order < 2; order++) {
        memset(frame, 255, sizeof frame);
        CHECK_STATUS(scan_foreign("https://www.wuppertal.de/", 25), STATUS_OK);
        stamp(order == 0 ? 20 : 400, 40);
        REQUIRE(qr_encode(&code, "WU1R0123456789", 14) == STATUS_OK);
        stamp(order == 0 ? 400 : 20, 240);
        write_frame();
        CHECK_STATUS(scan(file), STATUS_OK);
        CHECK(strcmp(text, "WU1R0123456789") == 0);
    }
}

/* ---- Files that are no picture ---- */

static void
write_good_code(size_t *len)
{
    REQUIRE(qr_encode(&code, "WU1P0123456789", 14) == STATUS_OK);
    CHECK_STATUS(qr_png(png, sizeof png, len, &code, 4), STATUS_OK);
    write_file(file, png, *len);
}

TEST(bad_pictures)
{
    size_t len = 0;
    FILE *large;

    write_good_code(&len);
    CHECK_STATUS(scan(file), STATUS_OK);
    write_file(file, png, len - 1);
    CHECK_STATUS(scan(file), STATUS_IMAGE_FORMAT);
    write_file(file, png, len / 2);
    CHECK_STATUS(scan(file), STATUS_IMAGE_FORMAT);
    write_file(file, png, 0);
    CHECK_STATUS(scan(file), STATUS_IMAGE_FORMAT);
    write_file(file, png + 1, len - 1);
    CHECK_STATUS(scan(file), STATUS_IMAGE_FORMAT);
    write_file(file, "\xFF\xD8\xFF\xE0 JFIF", 9);
    CHECK_STATUS(scan(file), STATUS_IMAGE_FORMAT);
    large = fopen(file, "wb");
    REQUIRE(large != NULL);
    CHECK(fseek(large, 16 * 1024 * 1024, SEEK_SET) == 0 && fputc(0, large) == 0);
    CHECK(fclose(large) == 0);
    CHECK_STATUS(scan(file), STATUS_IMAGE_TOO_LARGE);
}

/* The header claims 60,000 by 60,000 pixels: 3.6 GB if anyone believed it. */
TEST(giant_picture_is_refused_at_once)
{
    static const uint8_t giant[] = {0, 0, 0xEA, 0x60, 0, 0, 0xEA, 0x60};
    const uint64_t start_ms = now_ms();
    size_t len = 0;

    write_good_code(&len);
    memcpy(png + 16, giant, sizeof giant);
    write_file(file, png, len);
    CHECK_STATUS(scan(file), STATUS_IMAGE_TOO_LARGE);
    CHECK(now_ms() - start_ms < 1000);
}

static enum status
scan_pgm(const char *head, size_t pixel_count)
{
    memset(spare, 255, sizeof spare);
    memcpy(spare, head, strlen(head));
    write_file(file, spare, strlen(head) + pixel_count);
    return scan(file);
}

TEST(raw_frames)
{
    CHECK_STATUS(scan_pgm("P5 50 40 255\n", 2000), STATUS_IMAGE);
    CHECK_STATUS(scan_pgm("P5\n# by a camera\n50\t40\r\n255\n", 2000), STATUS_IMAGE);
    CHECK_STATUS(scan_pgm("P5 1 1 255\n", 1), STATUS_IMAGE);
    CHECK_STATUS(scan_pgm("P5 25 30 255\n", 750), STATUS_IMAGE);
    CHECK_STATUS(scan_pgm("P5 50 40 255\n", 1999), STATUS_IMAGE_FORMAT);
    CHECK_STATUS(scan_pgm("P5 50 40 255\n", 2001), STATUS_IMAGE_FORMAT);
    CHECK_STATUS(scan_pgm("P5 50 40 65535\n", 4000), STATUS_IMAGE_FORMAT);
    CHECK_STATUS(scan_pgm("P5 0 40 255\n", 0), STATUS_IMAGE_FORMAT);
    CHECK_STATUS(scan_pgm("P5 -5 40 255\n", 200), STATUS_IMAGE_FORMAT);
    CHECK_STATUS(scan_pgm("P5 50 4000000000 255\n", 200), STATUS_IMAGE_FORMAT);
    CHECK_STATUS(scan_pgm("P5 5000 4 255\n", 20000), STATUS_IMAGE_TOO_LARGE);
    CHECK_STATUS(scan_pgm("P5 50", 0), STATUS_IMAGE_FORMAT);
    CHECK_STATUS(scan_pgm("P5 # endless", 500), STATUS_IMAGE_FORMAT);
    CHECK_STATUS(scan_pgm("P6 50 40 255\n", 6000), STATUS_IMAGE_FORMAT);
}

TEST(paths)
{
    char other[PATH_SIZE];
    char loop[PATH_SIZE];
    char longest[5000];
    size_t len = 0;

    write_good_code(&len);
    path_of(other, "none.png");
    CHECK_STATUS(scan(other), STATUS_NOT_FOUND);
    CHECK_STATUS(scan(folder), STATUS_IO);
    CHECK_STATUS(scan("--help"), STATUS_NOT_FOUND);
    CHECK_STATUS(scan(""), STATUS_NOT_FOUND);
    memset(longest, 'a', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    CHECK_STATUS(scan(longest), STATUS_IO);

    path_of(other, "link");
    CHECK(symlink(file, other) == 0);
    CHECK_STATUS(scan(other), STATUS_OK);
    CHECK(unlink(other) == 0);
    path_of(loop, "loop");
    CHECK(symlink(loop, other) == 0 && symlink(other, loop) == 0);
    CHECK_STATUS(scan(other), STATUS_IO);
    CHECK(unlink(other) == 0 && unlink(loop) == 0);
    CHECK(mkfifo(other, 0600) == 0);
    CHECK_STATUS(scan(other), STATUS_IO);
    CHECK(unlink(other) == 0);
}

TEST(standard_input)
{
    const int saved = dup(STDIN_FILENO);
    size_t len = 0;

    write_good_code(&len);
    REQUIRE(freopen(file, "rb", stdin) != NULL);
    CHECK_STATUS(scan("-"), STATUS_OK);
    CHECK(strcmp(text, "WU1P0123456789") == 0);
    CHECK(saved < 0 || dup2(saved, STDIN_FILENO) == STDIN_FILENO);
    CHECK(saved < 0 || close(saved) == 0);
}

/* ---- The command line of scan ---- */

TEST(command_line)
{
    char arguments[2 * PATH_SIZE];
    char fifo[PATH_SIZE];
    size_t len = 0;

    write_good_code(&len);
    snprintf(arguments, sizeof arguments, "--timeout-ms 20000 -- %.200s", file);
    CHECK_STATUS(scan_by_hand(arguments), STATUS_OK);
    CHECK(strcmp(text, "WU1P0123456789") == 0);
    snprintf(arguments, sizeof arguments, "--timeout-ms 0 %.200s", file);
    CHECK_STATUS(scan_by_hand(arguments), STATUS_USAGE);
    snprintf(arguments, sizeof arguments, "--timeout-ms 10x %.200s", file);
    CHECK_STATUS(scan_by_hand(arguments), STATUS_USAGE);
    snprintf(arguments, sizeof arguments, "--timeout-ms 60001 %.200s", file);
    CHECK_STATUS(scan_by_hand(arguments), STATUS_USAGE);
    snprintf(arguments, sizeof arguments, "%.200s %.200s", file, file);
    CHECK_STATUS(scan_by_hand(arguments), STATUS_USAGE);
    CHECK_STATUS(scan_by_hand(""), STATUS_USAGE);
    CHECK_STATUS(scan_by_hand("--timeout-ms 100"), STATUS_USAGE);

    /* Its own time limit, on a pipe that never ends. */
    path_of(fifo, "fifo");
    CHECK(mkfifo(fifo, 0600) == 0);
    snprintf(arguments, sizeof arguments, "--timeout-ms 100 - <>%.200s", fifo);
    CHECK_STATUS(scan_by_hand(arguments), STATUS_SCANNER_TIMEOUT);
    CHECK(unlink(fifo) == 0);
}

/* Name and sentences of the status stand on standard error for whoever runs it by hand; those of
 * the time limit are written by another path. Compared without umlauts, which no code has. */
TEST(failure_is_named)
{
    static const char one_line[] = "2>&1 >/dev/null | tr -d '\\200-\\377' | paste -sd '|'";
    char arguments[2 * PATH_SIZE];
    char refusal[2 * PATH_SIZE];
    char fifo[PATH_SIZE];

    path_of(fifo, "fifo");
    CHECK(mkfifo(fifo, 0600) == 0);
    for (unsigned late = 0; late < 2; late++) {
        const enum status status = late == 1 ? STATUS_SCANNER_TIMEOUT : STATUS_NOT_FOUND;
        size_t len = 0;

        snprintf(refusal, sizeof refusal, "schwebe: %s (%d)|%s|%s", status_name(status),
                 (int)status, status_german(status), status_english(status));
        for (const char *c = refusal; *c != '\0'; c++) {
            if ((*c & 0x80) == 0)
                refusal[len++] = *c;
        }
        refusal[len] = '\0';
        if (late == 1)
            snprintf(arguments, sizeof arguments, "--timeout-ms 100 - <>%.200s %s", fifo, one_line);
        else
            snprintf(arguments, sizeof arguments, "%.200s/none.png %s", folder, one_line);
        CHECK_STATUS(scan_by_hand(arguments), STATUS_OK);
        CHECK(strcmp(text, refusal) == 0);
    }
    CHECK(unlink(fifo) == 0);
}

/* ---- Where everything is ---- */

/* From the folder of the unit tests. */
static bool
find_program(const char *argv0)
{
    static const char *const places[] = {"../../bin/scan", "../../../scan", "./scan"};
    const char *slash = strrchr(argv0, '/');
    const size_t len = slash == NULL ? 0 : (size_t)(slash - argv0) + 1;

    if (len > PATH_SIZE - 20)
        return false;
    memcpy(program, argv0, len);
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        memcpy(program + len, places[i], strlen(places[i]) + 1);
        if (access(program, X_OK) == 0)
            return true;
    }
    return false;
}

int
main(int argc, char **argv)
{
    char template[] = "/tmp/schwebe-scan-XXXXXX";
    char fake[PATH_SIZE];
    int failed;

    if (!find_program(argv[0]) || mkdtemp(template) == NULL) {
        fprintf(stderr, "    the program scan is not built, or there is no place for files\n");
        printf("0 passed, 1 failed\n");
        return 1;
    }
    snprintf(folder, sizeof folder, "%s", template);
    path_of(file, "picture");
    failed = check_run(argc, argv);
    path_of(fake, "by-hand");
    (void)unlink(fake);
    (void)unlink(file);
    (void)rmdir(folder);
    return failed;
}
