#include "reader.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* ---- The contract with `scan` ---------------------------------------------------------------- */

#define EXIT_CODE_FIRST 64

/* Append only: the place in this list is the exit code, from EXIT_CODE_FIRST on. */
static const enum status answers[] = {
    STATUS_SCANNER,      STATUS_IMAGE,           STATUS_TEXT_PREFIX,
    STATUS_IMAGE_FORMAT, STATUS_IMAGE_TOO_LARGE, STATUS_NOT_FOUND,
    STATUS_IO,           STATUS_SCANNER_TIMEOUT, STATUS_USAGE,
};
#define ANSWER_COUNT ((int)(sizeof answers / sizeof answers[0]))

int
reader_exit_code(enum status status)
{
    if (status == STATUS_OK)
        return 0;
    for (int i = 0; i < ANSWER_COUNT; i++) {
        if (answers[i] == status)
            return EXIT_CODE_FIRST + i;
    }
    return EXIT_CODE_FIRST;
}

enum status
reader_status(int exit_code)
{
    if (exit_code == 0)
        return STATUS_OK;
    if (exit_code < EXIT_CODE_FIRST || exit_code >= EXIT_CODE_FIRST + ANSWER_COUNT)
        return STATUS_SCANNER;
    return answers[exit_code - EXIT_CODE_FIRST];
}

bool
reader_is_text(const char *text, size_t len)
{
    if (len == 0 || len > READER_TEXT_MAX)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (text[i] < ' ' || text[i] > '~')
            return false;
    }
    return true;
}

/* Linux takes no longer path. */
#define PATH_SIZE 4096

/* ---- Where the program is -------------------------------------------------------------------- */

/* `out` = the first `len` characters of `folder`, then "/" and `name`. */
static bool
join(char *out, size_t capacity, const char *folder, size_t len, const char *name)
{
    const size_t name_len = strlen(name);

    if (len + name_len + 2 > capacity)
        return false;
    memcpy(out, folder, len);
    out[len] = '/';
    memcpy(out + len + 1, name, name_len + 1);
    return true;
}

/* The folder of PATH that holds the running program, as its length and its start; NULL if none. An
 * empty part of PATH means the current folder, from which nothing is started here. */
static const char *
folder_in_path(size_t *len, const char *argv0)
{
    const char *part = getenv("PATH");
    char candidate[PATH_SIZE];

    while (part != NULL) {
        *len = strcspn(part, ":");
        if (*len > 0 && join(candidate, sizeof candidate, part, *len, argv0) &&
            access(candidate, X_OK) == 0)
            return part;
        part = part[*len] == ':' ? part + *len + 1 : NULL;
    }
    return NULL;
}

enum status
reader_program(char *out, size_t capacity, const char *argv0)
{
    const char *slash = strrchr(argv0, '/');
    const char *folder = argv0;
    size_t len = 0;

    assert(out != NULL);
    assert(capacity > 0);
    out[0] = '\0';
    if (slash != NULL)
        len = (size_t)(slash - argv0);
    else
        folder = folder_in_path(&len, argv0);
    if (folder == NULL)
        return STATUS_SCANNER;
    return join(out, capacity, folder, len, "scan") ? STATUS_OK : STATUS_BUFFER;
}

/* ---- Running it ------------------------------------------------------------------------------ */

static uint64_t
now_ms(void)
{
    struct timespec now;
    const int failed = clock_gettime(CLOCK_MONOTONIC, &now);

    assert(failed == 0);
    (void)failed;
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* Milliseconds until `deadline_ms`, 0 when it has passed. */
static int
remaining_ms(uint64_t deadline_ms)
{
    const uint64_t now = now_ms();

    return now >= deadline_ms ? 0 : (int)(deadline_ms - now);
}

#define VARIABLE_COUNT 3
#define VARIABLE_SIZE 256

/* The environment may hold secrets, so the process gets none of it but what instrumented builds
 * need. `out` points into `space` and ends with NULL. */
static void
small_environment(char *out[static VARIABLE_COUNT + 1],
                  char space[static VARIABLE_COUNT][VARIABLE_SIZE])
{
    static const char *const names[VARIABLE_COUNT] = {"ASAN_OPTIONS", "UBSAN_OPTIONS",
                                                      "LLVM_PROFILE_FILE"};
    size_t count = 0;

    for (size_t i = 0; i < VARIABLE_COUNT; i++) {
        const char *value = getenv(names[i]);
        int needed;

        if (value == NULL)
            continue;
        needed = snprintf(space[count], VARIABLE_SIZE, "%s=%s", names[i], value);
        if (needed > 0 && needed < VARIABLE_SIZE) {
            out[count] = space[count];
            count++;
        }
    }
    out[count] = NULL;
}

/* No signal may be blocked or ignored in the new process, whatever our threads do. */
static bool
prepare_signals(posix_spawnattr_t *attributes)
{
    sigset_t none;
    sigset_t all;

    sigemptyset(&none);
    sigfillset(&all);
    return posix_spawnattr_setsigmask(attributes, &none) == 0 &&
           posix_spawnattr_setsigdefault(attributes, &all) == 0 &&
           posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF) ==
               0;
}

static bool
prepare_files(posix_spawn_file_actions_t *actions, int output, bool own_input)
{
    if (!own_input &&
        posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0) != 0)
        return false;
    return posix_spawn_file_actions_adddup2(actions, output, STDOUT_FILENO) == 0 &&
           posix_spawn_file_actions_addopen(actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0) == 0;
}

/* Starts the program with its standard output at `output`. False when that fails. */
static bool
start(pid_t *pid, const char *program, const char *path, int output)
{
    char name[] = "scan";
    char no_options[] = "--";
    char copy[PATH_SIZE];
    char *const arguments[] = {name, no_options, copy, NULL};
    char *environment[VARIABLE_COUNT + 1];
    char space[VARIABLE_COUNT][VARIABLE_SIZE];
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    bool started = false;

    assert(strlen(path) < sizeof copy);
    memcpy(copy, path, strlen(path) + 1);
    if (posix_spawn_file_actions_init(&actions) != 0)
        return false;
    if (posix_spawnattr_init(&attributes) != 0)
        goto cleanup;
    small_environment(environment, space);
    started = prepare_signals(&attributes) &&
              prepare_files(&actions, output, strcmp(path, "-") == 0) &&
              posix_spawn(pid, program, &actions, &attributes, arguments, environment) == 0;
    (void)posix_spawnattr_destroy(&attributes);
cleanup:
    (void)posix_spawn_file_actions_destroy(&actions);
    return started;
}

/* Reads until the other side closes the pipe. `*len` counts up to `capacity`, beyond which the
 * answer is too long. */
static enum status
collect(char *answer, size_t capacity, size_t *len, int fd, uint64_t deadline_ms)
{
    struct pollfd event = {.fd = fd, .events = POLLIN};

    *len = 0;
    for (;;) {
        const int left_ms = remaining_ms(deadline_ms);
        ssize_t got;

        if (left_ms == 0)
            return STATUS_SCANNER_TIMEOUT;
        if (poll(&event, 1, left_ms) <= 0)
            continue;
        got = read(fd, answer + *len, capacity - *len);
        if (got == 0)
            return STATUS_OK;
        if (got < 0 && errno != EINTR)
            return STATUS_SCANNER;
        if (got > 0)
            *len += (size_t)got;
        if (*len == capacity)
            return STATUS_SCANNER;
    }
}

/* Waits for the end of the process, at once by force when `status` is a failure already. */
static enum status
finish(pid_t pid, enum status status, uint64_t deadline_ms)
{
    int result = 0;
    pid_t ended = 0;

    while (status == STATUS_OK && ended == 0) {
        ended = waitpid(pid, &result, WNOHANG);
        if (ended == 0 && remaining_ms(deadline_ms) == 0)
            status = STATUS_SCANNER_TIMEOUT;
        else if (ended == 0)
            (void)poll(NULL, 0, 1);
    }
    if (ended == 0) {
        (void)kill(pid, SIGKILL);
        while (waitpid(pid, &result, 0) < 0 && errno == EINTR)
            continue;
        return status;
    }
    if (ended == pid && WIFEXITED(result))
        return reader_status(WEXITSTATUS(result));
    return STATUS_SCANNER;
}

/* Moves the one line of the answer into the caller's buffer. */
static enum status
accept_line(char *text, size_t capacity, const char *answer, size_t len)
{
    if (len == 0 || answer[len - 1] != '\n' || !reader_is_text(answer, len - 1))
        return STATUS_SCANNER;
    if (len > capacity)
        return STATUS_BUFFER;
    memcpy(text, answer, len - 1);
    text[len - 1] = '\0';
    return STATUS_OK;
}

enum status
reader_scan(char *text, size_t capacity, const char *program, const char *path, unsigned timeout_ms)
{
    const uint64_t deadline_ms = now_ms() + timeout_ms;
    char answer[READER_TEXT_MAX + 2];
    enum status status;
    size_t len = 0;
    int ends[2];
    pid_t pid = 0;
    bool started;

    assert(capacity > 0);
    assert(timeout_ms >= 1 && timeout_ms <= READER_TIMEOUT_MS_MAX);
    text[0] = '\0';
    if (strlen(path) >= PATH_SIZE)
        return STATUS_IO;
    if (pipe(ends) != 0)
        return STATUS_SCANNER;
    (void)fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    (void)fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    started = start(&pid, program, path, ends[1]);
    (void)close(ends[1]);
    status = started ? collect(answer, sizeof answer, &len, ends[0], deadline_ms) : STATUS_SCANNER;
    (void)close(ends[0]);
    if (started)
        status = finish(pid, status, deadline_ms);
    return status == STATUS_OK ? accept_line(text, capacity, answer, len) : status;
}
