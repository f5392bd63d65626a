/* The program `scan`: a picture in, the text of its QR code out, and nothing else. It gives up all
 * that it does not need before the first pixel is decoded. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "protocol/qr.h"
#include "protocol/reader.h"
#include "scan.h"

/* Instrumented programs map terabytes and write reports when they end, so they keep their rights.
 * Coverage builds define SCAN_UNLOCKED themselves, as no compiler announces those. */
#if defined(__SANITIZE_ADDRESS__)
#define SCAN_UNLOCKED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SCAN_UNLOCKED 1
#endif
#endif

#define TIMEOUT_MS_DEFAULT 10000
#define MEMORY_MAX ((rlim_t)512 * 1024 * 1024)
#define NOBODY 65534
#define REFUSAL_SIZE 512

/* Static, so that a picture of any size costs no request for memory. */
static uint8_t file[SCAN_FILE_MAX];
static uint8_t pixels[QR_PICTURE_PIXELS_MAX];
static struct scan_work work;

/* As all programs refuse: name and number, then the sentence in both languages. */
static void
write_refusal(char out[static REFUSAL_SIZE], enum status status)
{
    (void)snprintf(out, REFUSAL_SIZE, "schwebe: %s (%d)\n%s\n%s\n", status_name(status),
                   (int)status, status_german(status), status_english(status));
}

/* On standard error, and the exit code as the contract says. */
static int
fail(enum status status)
{
    char text[REFUSAL_SIZE];

    write_refusal(text, status);
    (void)fputs(text, stderr);
    return reader_exit_code(status);
}

/* Made before it is needed: a signal's handler may not. */
static char late[REFUSAL_SIZE];
static size_t late_len;

static void
on_timeout(int signal)
{
    (void)signal;
    if (write(STDERR_FILENO, late, late_len) < 0)
        _exit(reader_exit_code(STATUS_SCANNER));
    _exit(reader_exit_code(STATUS_SCANNER_TIMEOUT));
}

static bool
start_timer(unsigned timeout_ms)
{
    const struct sigaction action = {.sa_handler = on_timeout};
    struct itimerspec time = {.it_value = {.tv_sec = (time_t)(timeout_ms / 1000),
                                           .tv_nsec = (long)(timeout_ms % 1000) * 1000000}};
    timer_t timer;

    write_refusal(late, STATUS_SCANNER_TIMEOUT);
    late_len = strlen(late);
    return sigaction(SIGALRM, &action, NULL) == 0 &&
           timer_create(CLOCK_MONOTONIC, NULL, &timer) == 0 &&
           timer_settime(timer, 0, &time, NULL) == 0;
}

#define FILES_A_CALL 256

/* The caller may have had more open than it meant to hand on. Asking for many at once which are
 * open spares tens of thousands of calls that close nothing. */
static void
close_inherited(void)
{
    struct pollfd files[FILES_A_CALL];
    struct rlimit limit;
    int last = 65536;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < (rlim_t)last)
        last = (int)limit.rlim_cur;
    for (int fd = STDERR_FILENO + 1; fd < last; fd += FILES_A_CALL) {
        const int count = last - fd < FILES_A_CALL ? last - fd : FILES_A_CALL;

        for (int i = 0; i < count; i++)
            files[i] = (struct pollfd){.fd = fd + i};
        const bool known = poll(files, (nfds_t)count, 0) >= 0;

        for (int i = 0; i < count; i++) {
            if (!known || (files[i].revents & POLLNVAL) == 0)
                (void)close(fd + i);
        }
    }
}

/* A regular file, or anything if it is standard input. O_NONBLOCK: a pipe without a writer would
 * hold us up while it is opened. */
static enum status
open_input(int *fd, const char *path)
{
    struct stat about;

    if (strcmp(path, "-") == 0) {
        *fd = STDIN_FILENO;
        return STATUS_OK;
    }
    *fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (*fd < 0)
        return errno == ENOENT ? STATUS_NOT_FOUND : STATUS_IO;
    if (fstat(*fd, &about) == 0 && S_ISREG(about.st_mode))
        return STATUS_OK;
    (void)close(*fd);
    return STATUS_IO;
}

static enum status
load(size_t *len, const char *path)
{
    enum status status;
    uint8_t beyond;
    ssize_t got;
    int fd = -1;

    *len = 0;
    status = open_input(&fd, path);
    if (status != STATUS_OK)
        return status;
    do {
        got = *len < sizeof file ? read(fd, file + *len, sizeof file - *len) : read(fd, &beyond, 1);
        if (got > 0 && *len == sizeof file)
            status = STATUS_IMAGE_TOO_LARGE;
        else if (got > 0)
            *len += (size_t)got;
        else if (got < 0 && errno != EINTR)
            status = STATUS_IO;
    } while (status == STATUS_OK && got != 0);
    (void)close(fd);
    return status;
}

static bool
lower(int resource, rlim_t most)
{
    const struct rlimit limit = {.rlim_cur = most, .rlim_max = most};

    return setrlimit(resource, &limit) == 0;
}

/* From here on: no new files, sockets or processes, no more rights by way of other programs, no
 * memory dump, and bounds on memory and time. False when the system does not grant one of them. */
static bool
lock_down(unsigned timeout_ms)
{
#ifdef SCAN_UNLOCKED
    (void)timeout_ms;
    (void)lower;
    return true;
#else
    bool locked = lower(RLIMIT_AS, MEMORY_MAX) && lower(RLIMIT_CPU, timeout_ms / 1000 + 1) &&
                  lower(RLIMIT_CORE, 0) && lower(RLIMIT_NOFILE, 0);

#ifdef __linux__
    locked = lower(RLIMIT_NPROC, 0) && locked;
    locked = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && locked;
    locked = prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 && locked;
#endif
    /* Where the administrator runs us after all; inside a small container there may be no nobody,
     * and the limits above hold even so. */
    if (geteuid() == 0 && (setgid(NOBODY) != 0 || setuid(NOBODY) != 0))
        (void)fputs("scan: still with the rights of the administrator\n", stderr);
    return locked;
#endif
}

static enum status
decode(char text[static READER_TEXT_MAX + 1], size_t len)
{
    struct qr_picture picture;
    const bool pgm = len >= 2 && file[0] == 'P' && file[1] == '5';
    enum status status = pgm ? scan_pgm(&picture, file, len)
                             : qr_read_png(&picture, pixels, sizeof pixels, file, len);

    return status == STATUS_OK ? scan_picture(text, &picture, &work) : status;
}

/* 1 to READER_TIMEOUT_MS_MAX; 0 when it is no such number. */
static unsigned
parse_timeout(const char *text)
{
    char *end = NULL;
    unsigned long value;

    if (text == NULL || text[0] < '0' || text[0] > '9')
        return 0;
    value = strtoul(text, &end, 10);
    return *end == '\0' && value <= READER_TIMEOUT_MS_MAX ? (unsigned)value : 0;
}

static const char usage[] =
    "scan - liest den QR-Code in einem Bild (PNG oder PGM) und schreibt seinen Text als eine "
    "Zeile\n"
    "scan - reads the QR code in a picture (PNG or PGM) and prints its text as one line\n"
    "\n"
    "  scan [--timeout-ms N] DATEI|-\n"
    "\n"
    "Optionen / options:\n"
    "  --timeout-ms N  hört nach N Millisekunden auf (1 bis 60000; sonst 10000)\n"
    "                  gives up after N milliseconds (1 to 60000; else 10000)\n"
    "  -               liest das Bild von der Standardeingabe\n"
    "                  reads the picture from standard input\n";

int
main(int argc, char **argv)
{
    char text[READER_TEXT_MAX + 1];
    unsigned timeout_ms = TIMEOUT_MS_DEFAULT;
    enum status status;
    size_t len = 0;
    int next = 1;

    if (argc == 2 && strcmp(argv[1], "--help") == 0)
        return fputs(usage, stdout) < 0;
    if (next + 1 < argc && strcmp(argv[next], "--timeout-ms") == 0) {
        timeout_ms = parse_timeout(argv[next + 1]);
        next += 2;
    }
    if (next < argc && strcmp(argv[next], "--") == 0)
        next++;
    if (next + 1 != argc || timeout_ms == 0)
        return fail(STATUS_USAGE);
    close_inherited();
    if (!start_timer(timeout_ms))
        return fail(STATUS_SCANNER);
    status = load(&len, argv[next]);
    if (status == STATUS_OK && !lock_down(timeout_ms))
        status = STATUS_SCANNER;
    if (status == STATUS_OK)
        status = decode(text, len);
    if (status != STATUS_OK)
        return fail(status);
    return printf("%s\n", text) < 0 || fflush(stdout) != 0 ? fail(STATUS_IO) : 0;
}
