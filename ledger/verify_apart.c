#include "verify_apart.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* What the child tells. The texts that a report points to are static, so they lie at the same place
 * in both processes. */
struct message {
    bool ended;
    uint64_t done;
    uint64_t all;
    enum status status;
    struct verify_report report;
};

static_assert(sizeof(struct message) <= _POSIX_PIPE_BUF, "a message goes through a pipe as one");

/* ---- The child ----------------------------------------------------------------------------- */

/* A parent that is gone ends the child here, by SIGPIPE. */
static bool
tell(int fd, const struct message *message)
{
    ssize_t put;

    do
        put = write(fd, message, sizeof *message);
    while (put < 0 && errno == EINTR);
    return put == (ssize_t)sizeof *message;
}

static void
tell_progress(void *context, uint64_t done, uint64_t all)
{
    const int *const fd = context;
    struct message message;

    memset(&message, 0, sizeof message);
    message.done = done;
    message.all = all;
    (void)tell(*fd, &message);
}

/* Ends without what the parent has left in its buffers. */
static _Noreturn void
run(struct verifying *verifying, enum status (*check)(struct verifying *verifying), int fd)
{
    struct message message;

    memset(&message, 0, sizeof message);
    verifying->progress = tell_progress;
    verifying->context = &fd;
    message.status = check(verifying);
    message.report = *verifying->report;
    message.ended = true;
    _exit(tell(fd, &message) ? EXIT_SUCCESS : EXIT_FAILURE);
}

/* ---- The parent ---------------------------------------------------------------------------- */

/* The next message of the child: NOT_FOUND when there is none any more, NOT_DUE when it takes too
 * long. */
static enum status
listen(struct message *out, int fd, int patience_ms)
{
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    ssize_t got;
    int count;

    do
        count = poll(&ready, 1, patience_ms);
    while (count < 0 && errno == EINTR);
    if (count == 0)
        return STATUS_NOT_DUE;
    do
        got = count < 0 ? -1 : read(fd, out, sizeof *out);
    while (count > 0 && got < 0 && errno == EINTR);
    return got == (ssize_t)sizeof *out ? STATUS_OK : STATUS_NOT_FOUND;
}

/* Passes on what the child says until it has ended. */
static enum status
follow(struct verifying *verifying, int fd, int patience_ms)
{
    struct verify_report *const report = verifying->report;
    struct message message;
    enum status status;

    while ((status = listen(&message, fd, patience_ms)) == STATUS_OK && !message.ended)
        if (verifying->progress != NULL)
            verifying->progress(verifying->context, message.done, message.all);
    if (status == STATUS_NOT_DUE)
        return verify_finding(report, STATUS_STORE_BROKEN, "store/data.mdb",
                              "reading it does not come to an end; it is damaged",
                              "das Lesen kommt zu keinem Ende; die Datei ist beschädigt");
    if (status != STATUS_OK)
        return verify_finding(report, STATUS_STORE_BROKEN, "store/data.mdb",
                              "reading it broke the check off; it is damaged",
                              "das Lesen brach die Prüfung ab; die Datei ist beschädigt");
    *report = message.report;
    return message.status;
}

enum status
verify_apart(struct verifying *verifying, enum status (*check)(struct verifying *verifying),
             uint64_t patience_ms)
{
    enum status status;
    pid_t child;
    int ends[2];

    assert(patience_ms > 0);
    if (pipe(ends) != 0)
        return STATUS_IO;
    child = fork();
    if (child == 0) {
        (void)close(ends[0]);
        run(verifying, check, ends[1]);
    }
    (void)close(ends[1]);
    if (child < 0) {
        (void)close(ends[0]);
        return STATUS_IO;
    }
    status = follow(verifying, ends[0], patience_ms > INT_MAX ? INT_MAX : (int)patience_ms);
    (void)close(ends[0]);
    /* It is done, or will never be. */
    (void)kill(child, SIGKILL);
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
        continue;
    return status;
}
