/* What people write on a command line, and what they are shown: amounts, numbers, hexadecimal
 * digits, times, passphrases, codes, options. */
#include "check.h"

#include <stdlib.h>
#include <unistd.h>

#include "protocol/command.h"
#include "protocol/keyfile.h"
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

static const struct command commands[] = {
    {"one", "", 0, 2, run, "eins", "one"},
    {"two", "A B", 2, 2, run, "zwei", "two"},
};
static const struct command_option options[] = {
    {"--flag", NULL, "Schalter", "flag"},
    {"--name", "NAME", "Name", "name"},
    COMMAND_READ_OPTIONS,
};
static const struct command_program program = {"probe", "Probe", "probe", commands, 2, options, 3};

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

int
main(int argc, char **argv)
{
    return check_run(argc, argv);
}
