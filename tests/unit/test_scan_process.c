/* What the program `scan` gives up: files of its caller at its start, and its rights before the
 * first pixel is decoded. Looks at the running process from outside. */
#include "check.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "protocol/qr.h"

#if defined(__SANITIZE_ADDRESS__)
#define SCAN_UNLOCKED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SCAN_UNLOCKED 1
#endif
#endif

#define PATH_SIZE 512

static char program[PATH_SIZE];

/* Starts `scan --timeout-ms 20000 -` with `input` as standard input; `kept` stays open in it. */
static pid_t
start(int input, int kept)
{
    const pid_t pid = fork();

    if (pid == 0) {
        const int nowhere = open("/dev/null", O_WRONLY);

        if (dup2(input, STDIN_FILENO) >= 0 && dup2(nowhere, STDERR_FILENO) >= 0 &&
            (kept < 0 || fcntl(kept, F_SETFD, 0) == 0))
            (void)execl(program, "scan", "--timeout-ms", "20000", "-", (char *)NULL);
        _exit(127);
    }
    return pid;
}

static void
stop(pid_t pid)
{
    int result = 0;

    CHECK(kill(pid, SIGKILL) == 0);
    CHECK(waitpid(pid, &result, 0) == pid);
}

/* The other end of a pipe that scan inherits hangs up while scan still waits for its picture. */
TEST(files_of_the_caller_are_closed)
{
    int input[2];
    int kept[2];
    struct pollfd event = {.events = POLLIN};
    pid_t pid;

    REQUIRE(pipe(input) == 0 && pipe(kept) == 0);
    CHECK(fcntl(input[1], F_SETFD, FD_CLOEXEC) == 0);
    CHECK(fcntl(kept[0], F_SETFD, FD_CLOEXEC) == 0);
    pid = start(input[0], kept[1]);
    REQUIRE(pid > 0);
    (void)close(kept[1]);
    (void)close(input[0]);
    event.fd = kept[0];
    CHECK(poll(&event, 1, 10000) == 1);
    CHECK((event.revents & POLLHUP) != 0);
    CHECK(waitpid(pid, NULL, WNOHANG) == 0);
    stop(pid);
    (void)close(kept[0]);
    (void)close(input[1]);
}

#if defined(__linux__) && !defined(SCAN_UNLOCKED)

/* The whole of a small file of the system about the process; "" when there is none any more. */
static const char *
about(pid_t pid, const char *name)
{
    static char content[8192];
    char path[64];
    size_t len;
    FILE *in;

    snprintf(path, sizeof path, "/proc/%ld/%s", (long)pid, name);
    in = fopen(path, "r");
    if (in == NULL)
        return "";
    len = fread(content, 1, sizeof content - 1, in);
    content[len] = '\0';
    (void)fclose(in);
    return content;
}

/* Whether `line` stands in the file, its columns one blank apart, while the process runs. */
static bool
stands_in(pid_t pid, const char *name, const char *line)
{
    char bare[8192];
    size_t len = 0;

    for (const char *at = about(pid, name); *at != '\0'; at++) {
        const bool blank = *at == ' ' || *at == '\t';

        if (!blank || (len > 0 && bare[len - 1] != ' '))
            bare[len++] = blank ? ' ' : *at;
    }
    bare[len] = '\0';
    return strstr(bare, line) != NULL;
}

/* Noise of 16 million pixels takes about a second: time enough to look. Writing blocks until scan
 * has read all but the last 64 KiB. */
static void
feed_noise(int fd)
{
    static const char head[] = "P5 4096 4000 255\n";
    static uint8_t row[4096];
    uint32_t state = 1;

    CHECK(write(fd, head, sizeof head - 1) == (ssize_t)sizeof head - 1);
    for (unsigned y = 0; y < 4000; y++) {
        for (size_t x = 0; x < sizeof row; x++) {
            state = state * 1664525 + 1013904223;
            row[x] = (uint8_t)(state >> 24);
        }
        REQUIRE(write(fd, row, sizeof row) == (ssize_t)sizeof row);
    }
}

TEST(rights_are_gone_while_pixels_are_decoded)
{
    bool locked = false;
    int input[2];
    pid_t pid;

    REQUIRE(pipe(input) == 0);
    CHECK(fcntl(input[1], F_SETFD, FD_CLOEXEC) == 0);
    pid = start(input[0], -1);
    REQUIRE(pid > 0);
    (void)close(input[0]);
    feed_noise(input[1]);
    (void)close(input[1]);
    while (!locked && waitpid(pid, NULL, WNOHANG) == 0) {
        locked = stands_in(pid, "status", "NoNewPrivs: 1\n");
        (void)poll(NULL, 0, 1);
    }
    REQUIRE(locked);
    CHECK(stands_in(pid, "limits", "\nMax open files 0 0 files"));
    CHECK(stands_in(pid, "limits", "\nMax processes 0 0 processes"));
    CHECK(stands_in(pid, "limits", "\nMax core file size 0 0 bytes"));
    CHECK(stands_in(pid, "limits", "\nMax address space 536870912 536870912 bytes"));
    CHECK(stands_in(pid, "limits", "\nMax cpu time 21 21 seconds"));
    CHECK(geteuid() != 0 || stands_in(pid, "status", "\nUid: 65534 65534 65534 65534\n"));
    stop(pid);
}

#endif

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
    if (!find_program(argv[0])) {
        fprintf(stderr, "    the program scan is not built\n");
        printf("0 passed, 1 failed\n");
        return 1;
    }
    (void)signal(SIGPIPE, SIG_IGN);
    return check_run(argc, argv);
}
