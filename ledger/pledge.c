#include "pledge.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "protocol/file.h"

#define HALVES 2
#define HALF_BYTES NOTE_SIZE_MAX

static_assert(HALF_BYTES % 4096 == 0, "a half shares no sector or page with the other");

enum status
pledge_create(const char *path, const struct note *note)
{
    uint8_t bytes[HALVES * HALF_BYTES] = {0};

    assert(note->len <= HALF_BYTES);
    memcpy(bytes, note->bytes, note->len);
    return file_write(path, (struct span){bytes, sizeof bytes}, FILE_NEW);
}

static enum status
read_half(struct note *out, int fd, unsigned half)
{
    size_t got = 0;

    while (got < HALF_BYTES) {
        ssize_t more =
            pread(fd, out->bytes + got, HALF_BYTES - got, (off_t)(half * HALF_BYTES + got));

        if (more < 0 && errno != EINTR)
            return STATUS_IO;
        if (more == 0)
            break;
        if (more > 0)
            got += (size_t)more;
    }
    while (got > 0 && out->bytes[got - 1] == 0)
        got--;
    out->len = got;
    return STATUS_OK;
}

/* The newest checkpoint of both halves; `half` is where it stands. */
static enum status
read_newest(struct checkpoint *out, struct note *note, unsigned *half, int fd,
            const struct note_key *key)
{
    enum status status = STATUS_CHECKPOINT_FORM;

    for (unsigned i = 0; i < HALVES; i++) {
        struct checkpoint checkpoint;
        struct note_check check;
        struct note read;

        if (read_half(&read, fd, i) != STATUS_OK)
            return STATUS_IO;
        if (checkpoint_verify(&checkpoint, &check, (struct span){read.bytes, read.len}, key, 1) !=
            STATUS_OK)
            continue;
        if (status == STATUS_OK && checkpoint.size == out->size &&
            !crypt_equal(&checkpoint.root, &out->root, DIGEST_SIZE))
            return STATUS_LOG_ROLLBACK;
        if (status == STATUS_OK && checkpoint.size <= out->size)
            continue;
        *out = checkpoint;
        *note = read;
        *half = i;
        status = STATUS_OK;
    }
    return status;
}

static enum status
open_file(int *fd, const char *path, int flags)
{
    /* Not to hang on a named pipe. */
    *fd = open(path, flags | O_CLOEXEC | O_NONBLOCK);
    if (*fd >= 0)
        return STATUS_OK;
    return errno == ENOENT ? STATUS_NOT_FOUND : STATUS_IO;
}

enum status
pledge_read(struct checkpoint *out, struct note *note, const char *path, const struct note_key *key)
{
    unsigned half;
    int fd;
    enum status status = open_file(&fd, path, O_RDONLY);

    if (status != STATUS_OK)
        return status;
    status = read_newest(out, note, &half, fd, key);
    close(fd);
    return status;
}

enum status
pledge_open(struct pledge *out, struct checkpoint *last, struct note *note, const char *path,
            const struct note_key *key)
{
    unsigned half = 0;
    enum status status = open_file(&out->fd, path, O_RDWR);

    if (status == STATUS_OK && flock(out->fd, LOCK_EX | LOCK_NB) != 0)
        status = errno == EWOULDBLOCK ? STATUS_STORE_BUSY : STATUS_IO;
    if (status == STATUS_OK)
        status = read_newest(last, note, &half, out->fd, key);
    if (status != STATUS_OK)
        pledge_close(out);
    out->next_half = (half + 1) % HALVES;
    return status;
}

enum status
pledge_write(struct pledge *pledge, const struct note *note)
{
    uint8_t bytes[HALF_BYTES] = {0};
    size_t done = 0;

    assert(pledge->fd >= 0);
    assert(note->len <= HALF_BYTES);
    memcpy(bytes, note->bytes, note->len);
    while (done < sizeof bytes) {
        ssize_t more = pwrite(pledge->fd, bytes + done, sizeof bytes - done,
                              (off_t)(pledge->next_half * HALF_BYTES + done));

        if (more == 0 || (more < 0 && errno != EINTR))
            return STATUS_IO;
        if (more > 0)
            done += (size_t)more;
    }
    if (fdatasync(pledge->fd) != 0)
        return STATUS_IO;
    pledge->next_half = (pledge->next_half + 1) % HALVES;
    return STATUS_OK;
}

void
pledge_close(struct pledge *pledge)
{
    if (pledge->fd >= 0)
        close(pledge->fd);
    pledge->fd = -1;
}
