/* What people write on a command line, and what they are shown: amounts, numbers, hexadecimal
 * digits, times, passphrases, codes, options. */
#include "check.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "protocol/command.h"
#include "protocol/file.h"
#include "protocol/keyfile.h"
#include "protocol/qr.h"
#include "scratch.h"

#define UNTOUCHED 77

/* --- values -----------------------------------------------------------------------------------
 */

static const struct {
    const char *text;
    uint64_t cents; /* UNTOUCHED: no amount */
} amounts[] = {
    {"12,50", 1250},
    {"12.50", 1250},
    {"12,5", 1250},
    {"12", 1200},
    {"0", 0},
    {"0,01", 1},
    {"012,50", 1250},
    {"12,50€", 1250},
    {"12,50 €", 1250},
    {"12,50\u00a0€", 1250},
    {"12€", 1200},
    {"12 €", 1200},
    {"12\u00a0€", 1200},
    {"90071992547409,91", MONEY_CENTS_MAX},
    {"90071992547409,92", UNTOUCHED},
    {"99999999999999999", UNTOUCHED},
    {"18446744073709551617", UNTOUCHED},
    {"", UNTOUCHED},
    {"€", UNTOUCHED},
    {",50", UNTOUCHED},
    {"12,", UNTOUCHED},
    {"12.", UNTOUCHED},
    {"12,,5", UNTOUCHED},
    {"12,505", UNTOUCHED},
    {"1.234", UNTOUCHED},
    {"1.234,50", UNTOUCHED},
    {"1,234.50", UNTOUCHED},
    {"1 234", UNTOUCHED},
    {"-1", UNTOUCHED},
    {"+1", UNTOUCHED},
    {" 1", UNTOUCHED},
    {"1e3", UNTOUCHED},
    {"0x10", UNTOUCHED},
    {"12,50€€", UNTOUCHED},
    {"12,50 € ", UNTOUCHED},
    {"12,50 EUR", UNTOUCHED},
    {"12,5o", UNTOUCHED},
};

TEST(amounts_are_read_in_one_way_only)
{
    for (size_t i = 0; i < sizeof amounts / sizeof amounts[0]; i++) {
        struct money out = {UNTOUCHED};
        const enum status expected = amounts[i].cents == UNTOUCHED ? STATUS_USAGE : STATUS_OK;
        const enum status status = command_cents(&out, amounts[i].text);

        if (status != expected || money_cents(out) != amounts[i].cents)
            fprintf(stderr, "    \"%s\": %s, %llu\n", amounts[i].text, status_name(status),
                    (unsigned long long)money_cents(out));
        CHECK_STATUS(status, expected);
        CHECK(money_cents(out) == amounts[i].cents);
    }
}

static const struct {
    uint64_t cents;
    const char *german;
    const char *english;
} shown[] = {
    {0, "0,00\u00a0€", "€0.00"},
    {7, "0,07\u00a0€", "€0.07"},
    {99999, "999,99\u00a0€", "€999.99"},
    {100000, "1.000,00\u00a0€", "€1,000.00"},
    {123456789, "1.234.567,89\u00a0€", "€1,234,567.89"},
    {MONEY_CENTS_MAX, "90.071.992.547.409,91\u00a0€", "€90,071,992,547,409.91"},
};

TEST(amounts_are_shown_in_both_languages)
{
    struct command_line line = {0};
    char out[COMMAND_MONEY_SIZE];

    for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++) {
        const struct money amount = {shown[i].cents};

        line.english = false;
        command_money(out, &line, amount);
        CHECK(strcmp(out, shown[i].german) == 0);
        line.english = true;
        command_money(out, &line, amount);
        CHECK(strcmp(out, shown[i].english) == 0);
    }
    CHECK(strcmp(command_words(&line, "ja", "yes"), "yes") == 0);
    line.english = false;
    CHECK(strcmp(command_words(&line, "ja", "yes"), "ja") == 0);
}

TEST(numbers_have_a_bound)
{
    static const char *const bad[] = {"",   " 1",  "1 ",  "-1", "+1",
                                      "1a", "0x1", "1.0", "6",  "18446744073709551616"};
    uint64_t out = UNTOUCHED;

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        CHECK_STATUS(command_number(&out, bad[i], 5), STATUS_USAGE);
        CHECK(out == UNTOUCHED);
    }
    CHECK_STATUS(command_number(&out, "5", 5), STATUS_OK);
    CHECK(out == 5);
    CHECK_STATUS(command_number(&out, "0000", 0), STATUS_OK);
    CHECK(out == 0);
    CHECK_STATUS(command_number(&out, "18446744073709551615", UINT64_MAX), STATUS_OK);
    CHECK(out == UINT64_MAX);
    CHECK_STATUS(command_number(&out, "18446744073709551616", UINT64_MAX), STATUS_USAGE);
    CHECK_STATUS(command_number(&out, "99999999999999999999", UINT64_MAX), STATUS_USAGE);
    CHECK(out == UINT64_MAX);
}

TEST(hexadecimal_digits_come_back)
{
    uint8_t bytes[256];
    uint8_t back[256];
    char text[2 * sizeof bytes + 1];

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)i;
    command_to_hex(text, bytes, sizeof bytes);
    CHECK(strlen(text) == 512 && memcmp(text, "000102", 6) == 0 &&
          strcmp(text + 506, "fdfeff") == 0);
    CHECK_STATUS(command_from_hex(back, sizeof back, text), STATUS_OK);
    CHECK(memcmp(bytes, back, sizeof bytes) == 0);
    CHECK_STATUS(command_from_hex(back, 3, "aBCdEf"), STATUS_OK);
    CHECK(memcmp(back, "\xab\xcd\xef", 3) == 0);
    CHECK_STATUS(command_from_hex(back, 3, "aBCdE"), STATUS_USAGE);
    CHECK_STATUS(command_from_hex(back, 3, "aBCdEf0"), STATUS_USAGE);
    CHECK_STATUS(command_from_hex(back, 3, "aBCdEg"), STATUS_USAGE);
    CHECK_STATUS(command_from_hex(back, 1, "/0"), STATUS_USAGE);
    CHECK_STATUS(command_from_hex(back, 0, ""), STATUS_OK);
}

TEST(times_are_shown_in_utc)
{
    char out[COMMAND_TIME_SIZE];

    command_time(out, 1);
    CHECK(strcmp(out, "01.01.1970 00:00 UTC") == 0);
    command_time(out, UINT64_C(1795534259));
    CHECK(strcmp(out, "24.11.2026 15:30 UTC") == 0);
    command_time(out, UINT32_MAX);
    CHECK(strcmp(out, "07.02.2106 06:28 UTC") == 0);
}

/* Years that no calendar of ours knows are shown as nothing rather than wrongly. */
TEST(times_beyond_the_calendar)
{
    char out[COMMAND_TIME_SIZE];

    command_time(out, UINT64_C(253402300799));
    CHECK(strcmp(out, "31.12.9999 23:59 UTC") == 0);
    memset(out, 'x', sizeof out);
    command_time(out, INT64_MAX);
    CHECK(out[0] == '\0');
}

/* --- lines ------------------------------------------------------------------------------------
 */

static struct command_line last;
static unsigned runs;

static enum status
run(const struct command_line *line)
{
    last = *line;
    runs++;
    return line->count == 1 ? STATUS_NOT_FOUND : STATUS_OK;
}

static enum status
say(const struct command_line *line)
{
    printf("said\n");
    return run(line);
}

static const struct command commands[] = {
    {"one", "", 0, 2, run, "eins", "one"},
    {"two", "A B", 2, 2, run, "zwei", "two"},
    {"say", "", 0, 1, say, "sagen", "say"},
};
static const struct command_option options[] = {
    {"--flag", NULL, "Schalter", "flag"},
    {"--name", "NAME", "Name", "name"},
    COMMAND_READ_OPTIONS,
    COMMAND_WRITE_OPTIONS,
};
static const struct command_program program = {"probe", "Probe", "probe", commands, 3, options, 6};

/* `words` are separated by blanks. */
static int
type(const char *words)
{
    static char copy[1024];
    static char *argv[80];
    int argc = 1;

    (void)snprintf(copy, sizeof copy, "%s", words);
    argv[0] = copy + sizeof copy - 1;
    for (char *at = copy; *at != '\0' && argc < 79;) {
        argv[argc++] = at;
        at += strcspn(at, " ");
        if (*at != '\0')
            *at++ = '\0';
    }
    argv[argc] = NULL;
    runs = 0;
    return command_main(&program, argc, argv);
}

TEST(lines_that_are_run)
{
    CHECK(type("one") == 0 && runs == 1);
    CHECK(last.count == 0 && !last.english && last.now_unix_s > UINT64_C(1700000000));
    CHECK(command_value(&last, "--flag") == NULL && command_value(&last, "--name") == NULL);
    CHECK(type("--flag two --now 1000 a --name b c --lang en") == 0 && runs == 1);
    CHECK(last.count == 2 && strcmp(last.arguments[0], "a") == 0);
    CHECK(strcmp(last.arguments[1], "c") == 0 && last.english && last.now_unix_s == 1000);
    CHECK(strcmp(command_value(&last, "--flag"), "") == 0);
    CHECK(strcmp(command_value(&last, "--name"), "b") == 0);
    CHECK(type("two -- --flag --name") == 0 && strcmp(last.arguments[0], "--flag") == 0);
    CHECK(command_value(&last, "--flag") == NULL);
    CHECK(type("two a b --lang de --now 4294967295") == 0 && !last.english);
    /* Refused: one line by name, and the code 1. */
    CHECK(type("one a") == 1 && runs == 1);
    CHECK(type("--help") == 0 && runs == 0);
    CHECK(type("two --help") == 0 && runs == 0);
}

TEST(lines_that_are_not_run)
{
    static const char *const bad[] = {
        "",
        "three",
        "two a",
        "two a b c",
        "one --what",
        "one --now",
        "one --now x",
        "one --lang fr",
        "--flag",
        "one --name",
        "one -- -- --flag a",
        "one --now 4294967296",
    };

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        CHECK(type(bad[i]) == 2);
        CHECK(runs == 0);
    }
    /* More arguments than there is room for. */
    CHECK(type("one a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a "
               "a a a a a a a a a a a a a a a a a a a a a a a a a a a a") == 2);
    CHECK(runs == 0);
}

/* Standard output goes to a file until shown_again, which is given what shown_in gave. */
static int
shown_in(const char *path)
{
    const int file = open(path, O_WRONLY | O_CREAT, 0600);
    int saved;

    (void)fflush(stdout);
    saved = dup(STDOUT_FILENO);
    if (file < 0 || saved < 0 || dup2(file, STDOUT_FILENO) < 0)
        abort();
    (void)close(file);
    return saved;
}

static void
shown_again(int saved)
{
    (void)fflush(stdout);
    clearerr(stdout);
    if (dup2(saved, STDOUT_FILENO) < 0)
        abort();
    (void)close(saved);
}

/* Who reads the output must not take half of it for the whole. */
TEST(output_that_is_lost_is_no_success)
{
    int saved = shown_in("/dev/full");
    const int said = type("say");
    const int refused = type("say a");

    shown_again(saved);
    CHECK(said == 1 && refused == 1);
    saved = shown_in("/dev/null");
    CHECK(type("say") == 0);
    shown_again(saved);
}

/* A program may be started without even its own name. */
TEST(lines_without_a_name)
{
    char *argv[] = {NULL};

    CHECK(command_main(&program, 0, argv) == 2);
}

/* --- passphrases and codes --------------------------------------------------------------------
 */

static enum status
read_passphrase(size_t *len, const char *folder, const char *content, size_t content_len)
{
    static uint8_t out[KEYFILE_PASSPHRASE_MAX + 16];
    char path[SCRATCH_PATH_MAX];
    enum status status;

    scratch_path(path, folder, "passphrase");
    CHECK(scratch_write(path, content, content_len));
    CHECK(type("one") == 0);
    memset(out, 0xaa, sizeof out);
    status = command_passphrase(out, sizeof out, len, &last, folder);
    CHECK(status == STATUS_OK ? memcmp(out, content, *len) == 0 : *len == 0);
    /* What is refused is not left in memory. */
    for (size_t i = 0; i < sizeof out && status == STATUS_PASSPHRASE; i++)
        CHECK(out[i] == 0);
    return status;
}

TEST(a_passphrase_is_the_first_line)
{
    static char text[KEYFILE_PASSPHRASE_MAX + 20];
    static char name[FILE_PATH_MAX];
    char folder[SCRATCH_PATH_MAX];
    char path[SCRATCH_PATH_MAX];
    uint8_t out[16];
    size_t len;

    scratch_make(folder);
    CHECK_STATUS(read_passphrase(&len, folder, "geheim\nnicht dies", 17), STATUS_OK);
    CHECK(len == 6);
    CHECK_STATUS(read_passphrase(&len, folder, "geheim", 6), STATUS_OK);
    CHECK(len == 6);
    CHECK_STATUS(read_passphrase(&len, folder, "", 0), STATUS_PASSPHRASE);
    CHECK_STATUS(read_passphrase(&len, folder, "\ngeheim", 7), STATUS_PASSPHRASE);
    memset(text, 'x', sizeof text);
    CHECK_STATUS(read_passphrase(&len, folder, text, KEYFILE_PASSPHRASE_MAX), STATUS_OK);
    CHECK(len == KEYFILE_PASSPHRASE_MAX);
    CHECK_STATUS(read_passphrase(&len, folder, text, KEYFILE_PASSPHRASE_MAX + 1),
                 STATUS_PASSPHRASE);
    CHECK_STATUS(read_passphrase(&len, folder, text, sizeof text), STATUS_TOO_LARGE);
    /* Below a folder with too long a name nothing is looked for, and nobody is asked. */
    memset(name, 'x', sizeof name - 1);
    CHECK_STATUS(command_passphrase(out, sizeof out, &len, &last, name), STATUS_BUFFER);
    CHECK(len == 0);
    /* A file that was named and is not there is not replaced by another. */
    CHECK(type("one --passphrase-file /none/there") == 0);
    CHECK_STATUS(command_passphrase(out, sizeof out, &len, &last, folder), STATUS_NOT_FOUND);
    scratch_path(path, folder, "passphrase");
    CHECK(scratch_write(path, "kurz\n", 5));
    CHECK(type("one --passphrase-file /dev/null") == 0);
    CHECK_STATUS(command_passphrase(out, sizeof out, &len, &last, folder), STATUS_IO);
    scratch_remove(folder);
}

static enum status
read_code(char *out, size_t cap, const char *folder, const char *content)
{
    char path[SCRATCH_PATH_MAX];

    scratch_path(path, folder, "code");
    CHECK(scratch_write(path, content, strlen(content)));
    CHECK(type("one") == 0);
    if (freopen(path, "r", stdin) == NULL)
        abort();
    return command_read_code(out, cap, &last);
}

TEST(a_code_is_the_first_line)
{
    char folder[SCRATCH_PATH_MAX];
    char out[8];

    scratch_make(folder);
    CHECK_STATUS(read_code(out, sizeof out, folder, "WU1P\nX\n"), STATUS_OK);
    CHECK(strcmp(out, "WU1P") == 0);
    CHECK_STATUS(read_code(out, sizeof out, folder, "WU1P\r\n"), STATUS_OK);
    CHECK(strcmp(out, "WU1P") == 0);
    CHECK_STATUS(read_code(out, sizeof out, folder, "123456"), STATUS_OK);
    CHECK(strcmp(out, "123456") == 0);
    CHECK_STATUS(read_code(out, sizeof out, folder, "123456\n7"), STATUS_OK);
    CHECK_STATUS(read_code(out, sizeof out, folder, "1234567\n"), STATUS_TOO_LARGE);
    CHECK_STATUS(read_code(out, sizeof out, folder, "\n"), STATUS_TEXT_LENGTH);
    CHECK_STATUS(read_code(out, sizeof out, folder, ""), STATUS_TEXT_LENGTH);
    scratch_remove(folder);
}

/* The scanner beside the program is a script here. */
TEST(a_code_is_read_from_a_picture)
{
    static const char script[] = "#!/bin/sh\ntest \"$2\" = picture && echo WU1PX\n";
    char folder[SCRATCH_PATH_MAX];
    char path[SCRATCH_PATH_MAX];
    char out[COMMAND_CODE_SIZE];

    scratch_make(folder);
    scratch_path(path, folder, "scan");
    CHECK(scratch_write(path, script, sizeof script - 1) && chmod(path, 0700) == 0);
    scratch_path(path, folder, "probe");
    CHECK(type("one --image picture") == 0);
    last.argv0 = path;
    CHECK_STATUS(command_read_code(out, sizeof out, &last), STATUS_OK);
    CHECK(strcmp(out, "WU1PX") == 0);
    CHECK_STATUS(command_read_code(out, 5, &last), STATUS_BUFFER);
    CHECK(type("one --image other") == 0);
    last.argv0 = path;
    CHECK_STATUS(command_read_code(out, sizeof out, &last), STATUS_SCANNER);
    last.argv0 = "a-program-that-is-nowhere-in-the-path";
    CHECK_STATUS(command_read_code(out, sizeof out, &last), STATUS_SCANNER);
    scratch_remove(folder);
}

/* --- files and pictures that are written ------------------------------------------------------
 */

static bool
holds(const char *path, const void *bytes, size_t len)
{
    static uint8_t content[QR_SVG_MAX + 1];
    size_t content_len;

    return scratch_read(content, &content_len, sizeof content, path) && content_len == len &&
           memcmp(content, bytes, len) == 0;
}

TEST(only_files_are_replaced)
{
    static const struct span bytes = {(const uint8_t *)"new", 3};
    char folder[SCRATCH_PATH_MAX];
    char path[SCRATCH_PATH_MAX];
    char other[SCRATCH_PATH_MAX];

    scratch_make(folder);
    scratch_path(path, folder, "file");
    scratch_path(other, folder, "other");
    CHECK_STATUS(command_write_file(path, bytes), STATUS_OK);
    CHECK(holds(path, "new", 3));
    CHECK(scratch_write(path, "older", 5));
    CHECK_STATUS(command_write_file(path, bytes), STATUS_OK);
    CHECK(holds(path, "new", 3));
    CHECK(scratch_write(other, "older", 5) && unlink(path) == 0 && symlink(other, path) == 0);
    CHECK_STATUS(command_write_file(path, bytes), STATUS_IO);
    CHECK(holds(other, "older", 5));
    CHECK(unlink(path) == 0 && mkfifo(path, 0600) == 0);
    CHECK_STATUS(command_write_file(path, bytes), STATUS_IO);
    CHECK(unlink(path) == 0 && mkdir(path, 0700) == 0);
    CHECK_STATUS(command_write_file(path, bytes), STATUS_IO);
    CHECK_STATUS(command_write_file("/dev/null", bytes), STATUS_IO);
    scratch_remove(folder);
}

/* Draws into a.png, a.svg and the terminal; `names` says which of them, by what follows --. */
static enum status
draw(const char *folder, const char *shown_path, const char *names, const char *text)
{
    char words[3 * SCRATCH_PATH_MAX];
    enum status status;
    int saved;

    (void)snprintf(
        words, sizeof words, "one%s%.200s%s%s%.200s%s%s",
        strstr(names, "png") != NULL ? " --png " : "", strstr(names, "png") != NULL ? folder : "",
        strstr(names, "png") != NULL ? "/a.png" : "", strstr(names, "svg") != NULL ? " --svg " : "",
        strstr(names, "svg") != NULL ? folder : "", strstr(names, "svg") != NULL ? "/a.svg" : "",
        strstr(names, "terminal") != NULL ? " --terminal" : "");
    CHECK(type(words) == 0);
    (void)unlink(shown_path);
    saved = shown_in(shown_path);
    status = command_write_code(&last, text);
    shown_again(saved);
    return status;
}

/* Each picture is what qr.h draws of the text, and the text itself is the last line. */
TEST(a_code_is_drawn_where_it_was_asked_for)
{
    static char picture[QR_SVG_MAX + 8];
    static struct qr code;
    char folder[SCRATCH_PATH_MAX];
    char png[SCRATCH_PATH_MAX];
    char svg[SCRATCH_PATH_MAX];
    char out[SCRATCH_PATH_MAX];
    size_t len;

    scratch_make(folder);
    scratch_path(png, folder, "a.png");
    scratch_path(svg, folder, "a.svg");
    scratch_path(out, folder, "out");
    REQUIRE(qr_encode(&code, "WU1PX", 5) == STATUS_OK);
    CHECK_STATUS(draw(folder, out, "", "WU1PX"), STATUS_OK);
    CHECK(holds(out, "WU1PX\n", 6));
    CHECK(access(png, F_OK) != 0 && access(svg, F_OK) != 0);

    CHECK_STATUS(draw(folder, out, "png svg terminal", "WU1PX"), STATUS_OK);
    CHECK_STATUS(qr_png((uint8_t *)picture, sizeof picture, &len, &code, 6), STATUS_OK);
    CHECK(holds(png, picture, len));
    CHECK_STATUS(qr_svg(picture, sizeof picture, &len, &code), STATUS_OK);
    CHECK(holds(svg, picture, len));
    CHECK_STATUS(qr_terminal(picture, sizeof picture, &len, &code, QR_TERMINAL_COLOUR), STATUS_OK);
    memcpy(picture + len, "WU1PX\n", 6);
    CHECK(holds(out, picture, len + 6));

    /* What cannot be drawn or kept is said; the text is there to be written down all the same. */
    CHECK_STATUS(draw(folder, out, "png svg terminal", "wu1px"), STATUS_TEXT_CHARACTER);
    CHECK(holds(out, "wu1px\n", 6));
    CHECK(unlink(png) == 0 && mkdir(png, 0700) == 0);
    CHECK_STATUS(draw(folder, out, "png svg terminal", "WU1PX"), STATUS_IO);
    CHECK(holds(out, "WU1PX\n", 6));
    CHECK(unlink(svg) == 0 && mkdir(svg, 0700) == 0);
    CHECK_STATUS(draw(folder, out, "svg", "WU1PX"), STATUS_IO);
    scratch_remove(folder);
}

int
main(int argc, char **argv)
{
    return check_run(argc, argv);
}
