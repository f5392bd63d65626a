/* Running the scanner as a process: what is promised when it misbehaves. The scanners here are
 * shell scripts; the real one has its own tests. */
#include "check.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "protocol/reader.h"

#define PATH_SIZE 512
#define TIMEOUT_MS 20000

static char folder[PATH_SIZE];
static char text[READER_TEXT_MAX + 1];

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

/* Replaces the scanner by a shell script. */
static enum status
scan_with_script(const char *script, unsigned timeout_ms, size_t capacity)
{
    char fake[PATH_SIZE];
    char body[1024];

    path_of(fake, "fake");
    snprintf(body, sizeof body, "#!/bin/sh\n%s\n", script);
    write_file(fake, body, strlen(body));
    CHECK(chmod(fake, 0700) == 0);
    return reader_scan(text, capacity, fake, "picture", timeout_ms);
}

static uint64_t
now_ms(void)
{
    struct timespec now;

    CHECK(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* Nothing that was started may be left, not even as a zombie. */
static void
check_no_child(void)
{
    CHECK(waitpid(-1, NULL, WNOHANG) == -1);
    CHECK(errno == ECHILD);
}

/* ---- Scanners that misbehave ---- */

TEST(time_out)
{
    const uint64_t start_ms = now_ms();

    CHECK_STATUS(scan_with_script("exec sleep 30", 200, sizeof text), STATUS_SCANNER_TIMEOUT);
    CHECK(text[0] == '\0');
    CHECK_STATUS(scan_with_script("echo WU1; exec >&-; exec sleep 30", 200, sizeof text),
                 STATUS_SCANNER_TIMEOUT);
    CHECK_STATUS(
        scan_with_script("trap '' TERM INT HUP; echo WU1; while :; do :; done", 200, sizeof text),
        STATUS_SCANNER_TIMEOUT);
    CHECK(text[0] == '\0');
    CHECK(now_ms() - start_ms < 5000);
    check_no_child();
}

TEST(broken_contract)
{
    static const struct {
        const char *script;
        enum status status;
    } rows[] = {
        {"echo WU1", STATUS_OK},
        {"printf WU1", STATUS_SCANNER},
        {"exit 0", STATUS_SCANNER},
        {"echo", STATUS_SCANNER},
        {"echo A; echo B", STATUS_SCANNER},
        {"printf 'A\\000B\\n'", STATUS_SCANNER},
        {"printf 'A\\033[2J\\n'", STATUS_SCANNER},
        {"printf 'A\\303\\244\\n'", STATUS_SCANNER},
        {"printf 'A\\tB\\n'", STATUS_SCANNER},
        {"echo WU1; exit 1", STATUS_SCANNER},
        {"echo WU1; exit 63", STATUS_SCANNER},
        {"echo WU1; exit 65", STATUS_IMAGE},
        {"exit 73", STATUS_SCANNER},
        {"exit 255", STATUS_SCANNER},
        {"echo WU1; kill -9 $$", STATUS_SCANNER},
        {"while :; do echo AAAAAAAAAAAAAAAA; done", STATUS_SCANNER},
        {"head -c 4296 /dev/zero | tr '\\0' A; echo", STATUS_OK},
        {"head -c 4297 /dev/zero | tr '\\0' A; echo", STATUS_SCANNER},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CHECK_STATUS(scan_with_script(rows[i].script, TIMEOUT_MS, sizeof text), rows[i].status);
        CHECK((text[0] != '\0') == (rows[i].status == STATUS_OK));
    }
    check_no_child();
}

TEST(text_needs_room)
{
    CHECK_STATUS(scan_with_script("echo WU1", TIMEOUT_MS, 4), STATUS_OK);
    CHECK(strcmp(text, "WU1") == 0);
    CHECK_STATUS(scan_with_script("echo WU1", TIMEOUT_MS, 3), STATUS_BUFFER);
    CHECK(text[0] == '\0');
}

TEST(missing_scanner)
{
    char fake[PATH_SIZE];

    path_of(fake, "nothing");
    CHECK_STATUS(reader_scan(text, sizeof text, fake, "picture", TIMEOUT_MS), STATUS_SCANNER);
    write_file(fake, "no program", 10);
    CHECK(chmod(fake, 0700) == 0);
    CHECK_STATUS(reader_scan(text, sizeof text, fake, "picture", TIMEOUT_MS), STATUS_SCANNER);
    CHECK(unlink(fake) == 0);
    check_no_child();
}

/* A passphrase in the environment is no business of the barcode libraries. */
TEST(environment_is_not_handed_on)
{
    CHECK(setenv("SCHWEBE_SECRET", "geheim", 1) == 0);
    CHECK_STATUS(scan_with_script("echo \"${SCHWEBE_SECRET:-none}\"", TIMEOUT_MS, sizeof text),
                 STATUS_OK);
    CHECK(strcmp(text, "none") == 0);
    CHECK(unsetenv("SCHWEBE_SECRET") == 0);
}

/* What instrumented builds need is handed on, unless it is too long for anybody to have meant it.
 */
TEST(environment_of_instrumented_builds)
{
    static const char name[] = "UBSAN_OPTIONS";
    char *saved = getenv(name);
    char value[300];

    saved = saved != NULL ? strdup(saved) : NULL;
    for (unsigned i = 0; i < 3; i++) {
        static const char script[] = "echo \"${UBSAN_OPTIONS-none}\"";

        memset(value, ':', sizeof value);
        value[sizeof value - 1] = '\0';
        if (i < 2)
            CHECK(setenv(name, i == 0 ? "halt_on_error=1" : value, 1) == 0);
        else
            CHECK(unsetenv(name) == 0);
        CHECK_STATUS(scan_with_script(script, TIMEOUT_MS, sizeof text), STATUS_OK);
        CHECK(strcmp(text, i == 0 ? "halt_on_error=1" : "none") == 0);
    }
    if (saved != NULL)
        CHECK(setenv(name, saved, 1) == 0);
    free(saved);
}

/* ---- Small parts of the contract ---- */

TEST(printable_text)
{
    static char long_text[READER_TEXT_MAX + 1];

    memset(long_text, ' ', sizeof long_text);
    CHECK(reader_is_text(long_text, READER_TEXT_MAX));
    CHECK(!reader_is_text(long_text, READER_TEXT_MAX + 1));
    CHECK(!reader_is_text(long_text, 0));
    CHECK(reader_is_text(" ~", 2) && !reader_is_text("\x1f", 1) && !reader_is_text("\x7f", 1));
}

TEST(exit_codes)
{
    unsigned known = 0;

    for (int i = 0; i < 256; i++) {
        const enum status status = reader_status(i);

        CHECK(status == STATUS_SCANNER || reader_exit_code(status) == i);
        CHECK(i == 0 || status != STATUS_OK);
        known += status != STATUS_SCANNER;
    }
    CHECK(known == 9);
    CHECK(reader_status(reader_exit_code(STATUS_AMOUNT_ZERO)) == STATUS_SCANNER);
}

TEST(where_the_program_is)
{
    char path[PATH_SIZE];
    char fake[PATH_SIZE];
    char expected[PATH_SIZE];
    char *saved = getenv("PATH");
    static char too_long[5000];

    CHECK_STATUS(reader_program(path, sizeof path, "build/bin/till"), STATUS_OK);
    CHECK(strcmp(path, "build/bin/scan") == 0);
    CHECK_STATUS(reader_program(path, sizeof path, "/till"), STATUS_OK);
    CHECK(strcmp(path, "/scan") == 0);
    CHECK_STATUS(reader_program(path, 11, "/usr/b/till"), STATUS_BUFFER);
    CHECK(path[0] == '\0');
    CHECK_STATUS(reader_program(path, 12, "/usr/b/till"), STATUS_OK);

    REQUIRE(saved != NULL);
    snprintf(expected, sizeof expected, "%s", saved);
    saved = strdup(expected);
    path_of(fake, "some-till");
    write_file(fake, "#!/bin/sh\n", 10);
    CHECK(chmod(fake, 0700) == 0);
    path_of(expected, "scan");
    snprintf(path, sizeof path, "/nowhere::%.200s:/usr/bin", folder);
    CHECK(setenv("PATH", path, 1) == 0);
    CHECK_STATUS(reader_program(path, sizeof path, "some-till"), STATUS_OK);
    CHECK(strcmp(path, expected) == 0);
    CHECK_STATUS(reader_program(path, sizeof path, "no-such-till"), STATUS_SCANNER);
    /* Where no path can be, nothing is looked for. */
    memset(too_long, '/', sizeof too_long - 1);
    CHECK(setenv("PATH", too_long, 1) == 0);
    CHECK_STATUS(reader_program(path, sizeof path, "some-till"), STATUS_SCANNER);
    CHECK(unsetenv("PATH") == 0);
    CHECK_STATUS(reader_program(path, sizeof path, "some-till"), STATUS_SCANNER);
    CHECK(path[0] == '\0');
    CHECK(setenv("PATH", saved, 1) == 0);
    free(saved);
    CHECK(unlink(fake) == 0);
}

/* ---- */

int
main(int argc, char **argv)
{
    char template[] = "/tmp/schwebe-reader-XXXXXX";
    char fake[PATH_SIZE];
    int failed;

    if (mkdtemp(template) == NULL) {
        printf("0 passed, 1 failed\n");
        return 1;
    }
    snprintf(folder, sizeof folder, "%s", template);
    failed = check_run(argc, argv);
    path_of(fake, "fake");
    (void)unlink(fake);
    (void)rmdir(folder);
    return failed;
}
