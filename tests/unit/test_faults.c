/* What is promised when the system or a library fails: the right status, nothing half done, no file
 * and no process left behind. */
#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "faulty.h"
#include "protocol/command.h"
#include "protocol/crypt.h"
#include "protocol/file.h"
#include "protocol/keyfile.h"
#include "protocol/qr.h"
#include "protocol/reader.h"
#include "protocol/wire.h"
#include "scratch.h"

#define TIMEOUT_MS 20000

static char folder[SCRATCH_PATH_MAX];
static char path[SCRATCH_PATH_MAX];
static int next_file; /* the number that the next opened file would have */

static int
next_number(void)
{
    const int file = open("/dev/null", O_RDONLY);

    (void)close(file);
    return file;
}

static void
begin(void)
{
    scratch_make(folder);
    scratch_path(path, folder, "file");
    next_file = next_number();
}

/* No file is open that was not, and no name in the folder but that of the file. */
static void
end(void)
{
    CHECK(next_number() == next_file);
    (void)unlink(path);
    CHECK(rmdir(folder) == 0);
    scratch_remove(folder);
}

static struct span
text_span(const char *text)
{
    return (struct span){(const uint8_t *)text, strlen(text)};
}

static bool
holds(const char *name, const char *text)
{
    uint8_t bytes[64];
    size_t len;

    return scratch_read(bytes, &len, sizeof bytes, name) && len == strlen(text) &&
           memcmp(bytes, text, len) == 0;
}

static bool
is_filled(const void *bytes, size_t len, uint8_t value)
{
    const uint8_t *at = bytes;
    size_t same = 0;

    while (same < len && at[same] == value)
        same++;
    return same == len;
}

struct row {
    enum faulty_call call;
    unsigned nth;
    int error;
    enum status status;
};

/* --- files ------------------------------------------------------------------------------------ */

TEST(a_file_that_cannot_be_read)
{
    static const struct row rows[] = {
        {FAULTY_READ, 1, EINTR, STATUS_OK},     {FAULTY_READ, 2, EINTR, STATUS_OK},
        {FAULTY_READ, 1, EIO, STATUS_IO},       {FAULTY_READ, 2, EIO, STATUS_IO},
        {FAULTY_OPEN, 1, EACCES, STATUS_IO},    {FAULTY_OPEN, 1, ENOENT, STATUS_NOT_FOUND},
        {FAULTY_FSTAT, 1, EOVERFLOW, STATUS_IO}};

    begin();
    CHECK(scratch_write(path, "12345", 5));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const bool good = rows[i].status == STATUS_OK;
        uint8_t bytes[8];
        size_t len = 9;

        faulty_arm(rows[i].call, rows[i].nth, rows[i].error);
        CHECK_STATUS(file_read(bytes, sizeof bytes, &len, path), rows[i].status);
        CHECK(faulty_disarm());
        CHECK(len == (good ? 5 : 0) && (!good || memcmp(bytes, "12345", 5) == 0));
        CHECK(next_number() == next_file);
    }
    end();
}

/* Before the new file has its name: it is there and whole, or all is as before. */
TEST(a_file_is_written_or_it_is_not)
{
    static const struct row rows[] = {
        {FAULTY_WRITE, 1, EINTR, STATUS_OK},
        {FAULTY_WRITE, 1, 0, STATUS_OK},
        {FAULTY_WRITE, 1, EIO, STATUS_IO},
        {FAULTY_WRITE, 1, ENOSPC, STATUS_STORE_FULL},
        {FAULTY_WRITE, 1, EDQUOT, STATUS_STORE_FULL},
        {FAULTY_FSYNC, 1, EIO, STATUS_IO},
        {FAULTY_CLOSE, 1, EIO, STATUS_IO},
        {FAULTY_MKSTEMP, 1, EACCES, STATUS_IO},
        {FAULTY_MKSTEMP, 1, ENOSPC, STATUS_STORE_FULL},
        {FAULTY_MKSTEMP, 1, EDQUOT, STATUS_STORE_FULL},
    };

    begin();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const bool good = rows[i].status == STATUS_OK;

        CHECK(scratch_write(path, "older", 5));
        faulty_arm(rows[i].call, rows[i].nth, rows[i].error);
        CHECK_STATUS(file_write(path, text_span("new"), FILE_REPLACE), rows[i].status);
        CHECK(faulty_disarm());
        CHECK(holds(path, good ? "new" : "older"));
        CHECK(unlink(path) == 0);
        faulty_arm(rows[i].call, rows[i].nth, rows[i].error);
        CHECK_STATUS(file_write(path, text_span("new"), FILE_NEW), rows[i].status);
        CHECK(faulty_disarm());
        CHECK(good ? holds(path, "new") : access(path, F_OK) != 0);
    }
    faulty_arm(FAULTY_LINK, 1, EPERM);
    CHECK_STATUS(file_write(path, text_span("new"), FILE_NEW), STATUS_IO);
    CHECK(faulty_disarm() && access(path, F_OK) != 0);
    end();
}

/* When it has its name and only what comes after fails, the new file is there as a whole; that it
 * would survive a power cut is not said. */
TEST(a_name_that_is_not_synced_is_no_success)
{
    static const struct row rows[] = {{FAULTY_OPEN, 1, EMFILE, STATUS_IO},
                                      {FAULTY_FSYNC, 2, EIO, STATUS_IO},
                                      {FAULTY_UNLINK, 1, EIO, STATUS_IO}};

    begin();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        (void)unlink(path);
        faulty_arm(rows[i].call, rows[i].nth, rows[i].error);
        CHECK_STATUS(file_write(path, text_span("new"), FILE_NEW), rows[i].status);
        CHECK(faulty_disarm());
        CHECK(holds(path, "new"));
    }
    CHECK(unlink(path) == 0);
    for (unsigned i = 0; i < 2; i++) {
        faulty_arm(i == 0 ? FAULTY_OPEN : FAULTY_FSYNC, 1, EIO);
        CHECK_STATUS(file_folder(path), STATUS_IO);
        CHECK(faulty_disarm());
        CHECK(rmdir(path) == 0);
    }
    end();
}

/* --- keys ------------------------------------------------------------------------------------- */

/* The memory for a passphrase is not always there. */
TEST(a_key_that_cannot_be_derived)
{
    static const uint8_t random_bytes[SEAL_SALT_SIZE + SEAL_NONCE_SIZE] = {4, 5, 6};
    static const uint8_t seed[SEED_SIZE] = {1, 2, 3};
    const struct span passphrase = text_span("Kennwort");
    uint8_t sealed[SEAL_OVERHEAD + SEED_SIZE];
    uint8_t plain[SEED_SIZE];
    struct secret_key secret;

    begin();
    REQUIRE(crypt_init() == STATUS_OK);
    faulty_arm(FAULTY_PWHASH, 1, ENOMEM);
    CHECK_STATUS(keyfile_write(path, seed, passphrase, SEAL_INTERACTIVE, random_bytes),
                 STATUS_CRYPTO);
    CHECK(faulty_disarm() && access(path, F_OK) != 0);
    CHECK_STATUS(keyfile_write(path, seed, passphrase, SEAL_INTERACTIVE, random_bytes), STATUS_OK);
    memset(&secret, 7, sizeof secret);
    faulty_arm(FAULTY_PWHASH, 1, ENOMEM);
    CHECK_STATUS(keyfile_read(&secret, path, passphrase), STATUS_CRYPTO);
    CHECK(faulty_disarm() && is_filled(&secret, sizeof secret, 0));

    memset(sealed, 7, sizeof sealed);
    faulty_arm(FAULTY_PWHASH, 1, ENOMEM);
    CHECK_STATUS(crypt_seal(sealed, (struct span){seed, sizeof seed}, passphrase,
                            text_span("context"), SEAL_INTERACTIVE, random_bytes),
                 STATUS_CRYPTO);
    CHECK(faulty_disarm() && is_filled(sealed, sizeof sealed, 7));
    memset(plain, 7, sizeof plain);
    faulty_arm(FAULTY_PWHASH, 1, ENOMEM);
    CHECK_STATUS(crypt_open(plain, (struct span){sealed, sizeof sealed}, passphrase,
                            text_span("context"), SEAL_INTERACTIVE),
                 STATUS_CRYPTO);
    CHECK(faulty_disarm() && is_filled(plain, sizeof plain, 0));
    end();
}

/* --- command lines ---------------------------------------------------------------------------- */

static struct command_line last;
static unsigned runs;

static enum status
run(const struct command_line *line)
{
    last = *line;
    runs++;
    return STATUS_OK;
}

static int
type(void)
{
    static const struct command commands[] = {{"one", "", 0, 0, run, "eins", "one"}};
    static const struct command_program program = {"probe", "Probe", "probe", commands, 1, NULL, 0};
    static char name[] = "probe";
    static char word[] = "one";
    char *argv[] = {name, word, NULL};

    return command_main(&program, 2, argv);
}

TEST(no_command_runs_without_cryptography)
{
    runs = 0;
    faulty_arm(FAULTY_SODIUM_INIT, 1, 0);
    CHECK_STATUS(crypt_init(), STATUS_CRYPTO);
    CHECK(faulty_disarm());
    faulty_arm(FAULTY_SODIUM_INIT, 1, 0);
    CHECK(type() == 1 && runs == 0);
    CHECK(faulty_disarm());
    CHECK(type() == 0 && runs == 1);
}

/* A terminal whose user types when asked. */
static struct {
    int user;
    int program;
    const char *types;
    bool echoed; /* while the user typed */
} terminal;

static bool
terminal_echoes(void)
{
    struct termios now;

    CHECK(tcgetattr(terminal.program, &now) == 0);
    return (now.c_lflag & ECHO) != 0;
}

static void
user_types(void)
{
    const size_t len = strlen(terminal.types);

    terminal.echoed = terminal.echoed || terminal_echoes();
    CHECK(write(terminal.user, terminal.types, len) == (ssize_t)len);
    terminal.types = "";
}

static void
user_hangs_up(void)
{
    faulty_before(FAULTY_NONE, NULL);
    (void)close(terminal.user);
}

static void
terminal_open(char name[static 64], const char *types)
{
    terminal.types = types;
    terminal.echoed = false;
    REQUIRE(openpty(&terminal.user, &terminal.program, NULL, NULL, NULL) == 0);
    REQUIRE(ttyname_r(terminal.program, name, 64) == 0);
    CHECK(terminal_echoes());
    faulty_terminal(name);
    faulty_before(FAULTY_READ, user_types);
}

/* Whether the user saw this, and nothing in between. The terminal hands it on when it likes. */
static bool
user_saw(const char *expected)
{
    struct pollfd event = {.fd = terminal.user, .events = POLLIN};
    const size_t wanted = strlen(expected);
    char seen[64];
    size_t len = 0;

    while (len < wanted && poll(&event, 1, 5000) == 1) {
        const ssize_t got = read(terminal.user, seen + len, wanted - len);

        if (got <= 0)
            break;
        len += (size_t)got;
    }
    return len == wanted && memcmp(seen, expected, len) == 0;
}

static void
terminal_close(void)
{
    faulty_before(FAULTY_NONE, NULL);
    faulty_terminal(NULL);
    (void)close(terminal.user);
    (void)close(terminal.program);
}

static enum status
passphrase_of(uint8_t out[static KEYFILE_PASSPHRASE_MAX + 8], size_t *len)
{
    memset(out, 0xaa, KEYFILE_PASSPHRASE_MAX + 8);
    *len = 99;
    return command_passphrase(out, KEYFILE_PASSPHRASE_MAX + 8, len, &last, folder);
}

TEST(a_passphrase_is_asked_without_echo)
{
    static const char prompt[] = "Kennwort / passphrase: \r\n";
    uint8_t out[KEYFILE_PASSPHRASE_MAX + 8];
    char name[64];
    size_t len;

    begin();
    CHECK(type() == 0);
    terminal_open(name, "geheim\n");
    faulty_arm(FAULTY_READ, 1, EINTR);
    CHECK_STATUS(passphrase_of(out, &len), STATUS_OK);
    CHECK(faulty_disarm());
    CHECK(len == 6 && memcmp(out, "geheim", 6) == 0);
    CHECK(!terminal.echoed && terminal_echoes());
    CHECK(user_saw(prompt));
    terminal_close();

    /* End of input, here Ctrl-D, and an empty line are no passphrase. */
    for (unsigned i = 0; i < 2; i++) {
        terminal_open(name, i == 0 ? "\x04" : "\n");
        CHECK_STATUS(passphrase_of(out, &len), STATUS_PASSPHRASE);
        CHECK(len == 0 && terminal_echoes() && !terminal.echoed);
        CHECK(user_saw(prompt));
        CHECK(is_filled(out, sizeof out, 0));
        terminal_close();
    }
    terminal_open(name, "geheim\n");
    faulty_arm(FAULTY_READ, 1, EIO);
    CHECK_STATUS(passphrase_of(out, &len), STATUS_IO);
    CHECK(faulty_disarm());
    CHECK(len == 0 && terminal_echoes());
    terminal_close();
    end();
}

TEST(a_passphrase_without_a_terminal)
{
    uint8_t out[KEYFILE_PASSPHRASE_MAX + 8];
    char name[64];
    size_t len;

    begin();
    CHECK(type() == 0);
    faulty_terminal("/none/there");
    CHECK_STATUS(passphrase_of(out, &len), STATUS_TERMINAL);
    faulty_terminal("/dev/null");
    CHECK_STATUS(passphrase_of(out, &len), STATUS_TERMINAL);
    CHECK(len == 0 && next_number() == next_file);
    /* It is gone before it could ask. */
    terminal_open(name, "geheim\n");
    faulty_before(FAULTY_TCSETATTR, user_hangs_up);
    CHECK_STATUS(passphrase_of(out, &len), STATUS_IO);
    CHECK(len == 0);
    terminal.user = -1;
    terminal_close();
    end();
}

/* --- the scanner ------------------------------------------------------------------------------ */

static char text[READER_TEXT_MAX + 1];

static enum status
scan_with(const char *script, enum faulty_call call, unsigned nth, int error)
{
    enum status status;

    CHECK(scratch_write(path, script, strlen(script)) && chmod(path, 0700) == 0);
    memset(text, 'x', sizeof text);
    faulty_arm(call, nth, error);
    status = reader_scan(text, sizeof text, path, "picture", TIMEOUT_MS);
    CHECK(faulty_disarm());
    CHECK(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD);
    CHECK(next_number() == next_file);
    return status;
}

TEST(a_scanner_that_cannot_be_started)
{
    static const struct row rows[] = {
        {FAULTY_PIPE, 1, EMFILE, STATUS_SCANNER},
        {FAULTY_ACTIONS_INIT, 1, ENOMEM, STATUS_SCANNER},
        {FAULTY_ATTR_INIT, 1, ENOMEM, STATUS_SCANNER},
        {FAULTY_SETSIGMASK, 1, EINVAL, STATUS_SCANNER},
        {FAULTY_SETSIGDEFAULT, 1, EINVAL, STATUS_SCANNER},
        {FAULTY_SETFLAGS, 1, EINVAL, STATUS_SCANNER},
        {FAULTY_ADDOPEN, 1, ENOMEM, STATUS_SCANNER},
        {FAULTY_ADDOPEN, 2, ENOMEM, STATUS_SCANNER},
        {FAULTY_ADDDUP2, 1, ENOMEM, STATUS_SCANNER},
    };

    begin();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CHECK_STATUS(scan_with("#!/bin/sh\necho WU1\n", rows[i].call, rows[i].nth, rows[i].error),
                     rows[i].status);
        CHECK(text[0] == '\0');
    }
    end();
}

TEST(a_scanner_that_cannot_be_heard)
{
    begin();
    CHECK_STATUS(scan_with("#!/bin/sh\necho WU1\n", FAULTY_READ, 1, EINTR), STATUS_OK);
    CHECK(strcmp(text, "WU1") == 0);
    CHECK_STATUS(scan_with("#!/bin/sh\necho WU1\nexec sleep 30\n", FAULTY_READ, 1, EIO),
                 STATUS_SCANNER);
    CHECK(text[0] == '\0');
    /* It talks too long and is stopped by force, whatever interrupts that. */
    CHECK_STATUS(
        scan_with("#!/bin/sh\nwhile :; do echo AAAAAAAAAAAAAAAA; done\n", FAULTY_WAITPID, 1, EINTR),
        STATUS_SCANNER);
    CHECK(text[0] == '\0');
    end();
}

static void
reap(void)
{
    faulty_before(FAULTY_NONE, NULL);
    CHECK(waitpid(-1, NULL, 0) > 0);
}

/* Somebody else has waited for the process: how it ended is not known, but that it did. */
TEST(a_scanner_whose_end_is_not_seen)
{
    static const char *const scripts[] = {"#!/bin/sh\necho WU1\n",
                                          "#!/bin/sh\nwhile :; do echo AAAAAAAAAAAAAAAA; done\n"};

    begin();
    for (size_t i = 0; i < 2; i++) {
        CHECK(scratch_write(path, scripts[i], strlen(scripts[i])) && chmod(path, 0700) == 0);
        memset(text, 'x', sizeof text);
        faulty_before(FAULTY_WAITPID, reap);
        CHECK_STATUS(reader_scan(text, sizeof text, path, "picture", TIMEOUT_MS), STATUS_SCANNER);
        CHECK(text[0] == '\0');
        CHECK(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD);
        CHECK(next_number() == next_file);
    }
    end();
}

/* --- pictures --------------------------------------------------------------------------------- */

TEST(a_code_for_which_there_is_no_memory)
{
    static const struct row rows[] = {
        {FAULTY_QR_NEW, 1, ENOMEM, STATUS_STORE_BROKEN},
        {FAULTY_QR_APPEND, 1, ENOMEM, STATUS_STORE_BROKEN},
        {FAULTY_QR_APPEND, 1, EINVAL, STATUS_TEXT_CHARACTER},
        {FAULTY_QR_ENCODE, 1, ENOMEM, STATUS_STORE_BROKEN},
    };
    static struct qr code;

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        memset(&code, 7, sizeof code);
        faulty_arm(rows[i].call, rows[i].nth, rows[i].error);
        CHECK_STATUS(qr_encode(&code, "WU1P", 4), rows[i].status);
        CHECK(faulty_disarm() && is_filled(&code, sizeof code, 7));
    }
}

TEST(a_picture_for_which_there_is_no_memory)
{
    static const enum faulty_call calls[] = {FAULTY_PNG_CREATE, FAULTY_PNG_INFO, FAULTY_PNG_ROW};
    static uint8_t out[QR_PNG_MAX];
    static struct qr code;
    size_t len;

    REQUIRE(qr_encode(&code, "WU1P", 4) == STATUS_OK);
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        len = 9;
        faulty_arm(calls[i], 1, ENOMEM);
        CHECK_STATUS(qr_png(out, sizeof out, &len, &code, 1), STATUS_STORE_BROKEN);
        CHECK(faulty_disarm() && len == 0);
    }
}

static bool
shows(struct qr_picture picture, const struct qr *code)
{
    unsigned wrong = picture.width != code->size + 2 * QR_QUIET || picture.height != picture.width;

    for (uint32_t i = 0; wrong == 0 && i < picture.width * picture.height; i++) {
        const bool dark = qr_dark(code, i % picture.width, i / picture.width);

        wrong += picture.pixels[i] != (dark ? 0 : 255);
    }
    return wrong == 0;
}

/* A warning of the library is shown to nobody, and a flush in between spoils nothing. */
TEST(warnings_about_a_picture_are_silent)
{
    static uint8_t out[QR_PNG_MAX];
    static uint8_t pixels[64 * 64];
    static struct qr code;
    const int errors = dup(STDERR_FILENO);
    struct qr_picture picture;
    int file;
    size_t len;

    begin();
    next_file = errors;
    REQUIRE(qr_encode(&code, "WU1P", 4) == STATUS_OK);
    file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    REQUIRE(file >= 0 && dup2(file, STDERR_FILENO) == STDERR_FILENO);
    (void)close(file);
    faulty_arm(FAULTY_PNG_CHATS, 2, 0);
    len = qr_png(out, sizeof out, &len, &code, 1) == STATUS_OK ? len : 0;
    (void)dup2(errors, STDERR_FILENO);
    (void)close(errors);
    CHECK(faulty_disarm() && len > 0);
    CHECK(holds(path, ""));
    REQUIRE(qr_read_png(&picture, pixels, sizeof pixels, out, len) == STATUS_OK);
    CHECK(shows(picture, &code));
    end();
}

/* --- CBOR ------------------------------------------------------------------------------------- */

/* A library that takes other items, or more of them, than ours must not make us take them. */
TEST(a_library_that_reads_otherwise_is_not_followed)
{
    static const uint8_t number[] = {0x18, 0x20};
    static const uint8_t bytes[] = {0x42, 1, 2};
    const struct span items[] = {{number, sizeof number}, {bytes, sizeof bytes}};

    for (size_t i = 0; i < 2; i++) {
        CHECK_STATUS(wire_check(items[i], 16, 1), STATUS_OK);
        faulty_arm(FAULTY_CBOR_ERROR, 1, 0);
        CHECK_STATUS(wire_check(items[i], 16, 1), STATUS_CBOR_TYPE);
        CHECK(faulty_disarm());
        faulty_arm(FAULTY_CBOR_SILENT, 1, 0);
        CHECK_STATUS(wire_check(items[i], 16, 1), STATUS_CBOR_TYPE);
        CHECK(faulty_disarm());
        faulty_arm(FAULTY_CBOR_READ, 1, 0);
        CHECK_STATUS(wire_check(items[i], 16, 1), STATUS_CBOR_NOT_CANONICAL);
        CHECK(faulty_disarm());
    }
}

int
main(int argc, char **argv)
{
    return check_run(argc, argv);
}
