#include "file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum status
file_path(char out[static FILE_PATH_MAX], const char *dir, const char *name)
{
    const int len = snprintf(out, FILE_PATH_MAX, "%s/%s", dir, name);

    if (len < 0 || len >= FILE_PATH_MAX) {
        out[0] = '\0';
        return STATUS_BUFFER;
    }
    return STATUS_OK;
}

/* Reads until the end or until `cap` bytes and one more have been seen. */
static enum status
read_all(uint8_t *out, size_t cap, size_t *len, int file)
{
    uint8_t beyond;

    for (;;) {
        const size_t room = cap - *len;
        const ssize_t got = read(file, room > 0 ? out + *len : &beyond, room > 0 ? room : 1);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return STATUS_IO;
        if (got == 0)
            return STATUS_OK;
        if (room == 0)
            return STATUS_TOO_LARGE;
        *len += (size_t)got;
    }
}

enum status
file_read(uint8_t *out, size_t cap, size_t *len, const char *path)
{
    struct stat about;
    enum status status = STATUS_OK;
    int file;

    assert(out != NULL);
    *len = 0;
    /* Not to hang on a named pipe. */
    file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0)
        return errno == ENOENT ? STATUS_NOT_FOUND : STATUS_IO;
    if (fstat(file, &about) != 0 || !S_ISREG(about.st_mode))
        status = STATUS_IO;
    if (status == STATUS_OK)
        status = read_all(out, cap, len, file);
    if (status != STATUS_OK)
        *len = 0;
    (void)close(file);
    return status;
}

static enum status
write_all(int file, struct span bytes)
{
    size_t done = 0;

    while (done < bytes.len) {
        const ssize_t put = write(file, bytes.data + done, bytes.len - done);

        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return errno == ENOSPC || errno == EDQUOT ? STATUS_STORE_FULL : STATUS_IO;
        done += (size_t)put;
    }
    return fsync(file) == 0 ? STATUS_OK : STATUS_IO;
}

/* So that the name survives a power cut, not only the bytes. */
static enum status
sync_folder_of(const char *path)
{
    char folder[FILE_PATH_MAX];
    const char *slash = strrchr(path, '/');
    const size_t len = slash == NULL ? 0 : (size_t)(slash - path);
    enum status status;
    int file;

    assert(len < sizeof folder);
    memcpy(folder, path, len);
    folder[len] = '\0';
    file = open(slash == NULL ? "." : len == 0 ? "/" : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file < 0)
        return STATUS_IO;
    status = fsync(file) == 0 ? STATUS_OK : STATUS_IO;
    (void)close(file);
    return status;
}

/* link() refuses where rename() would replace. */
static enum status
put_in_place(const char *temporary, const char *path, enum file_mode mode)
{
    if (mode == FILE_REPLACE)
        return rename(temporary, path) == 0 ? STATUS_OK : STATUS_IO;
    if (link(temporary, path) != 0)
        return errno == EEXIST ? STATUS_EXISTS : STATUS_IO;
    return unlink(temporary) == 0 ? STATUS_OK : STATUS_IO;
}

enum status
file_stage(struct file_staged *out, const char *path, struct span bytes)
{
    enum status status;
    int len;
    int file;

    if (strlen(path) >= FILE_PATH_MAX)
        return STATUS_BUFFER;
    len = snprintf(out->temporary, sizeof out->temporary, "%s.XXXXXX", path);
    assert(len > 0 && (size_t)len < sizeof out->temporary);
    (void)len;
    file = mkstemp(out->temporary);
    if (file < 0)
        return errno == ENOSPC || errno == EDQUOT ? STATUS_STORE_FULL : STATUS_IO;
    status = write_all(file, bytes);
    if (close(file) != 0 && status == STATUS_OK)
        status = STATUS_IO;
    if (status != STATUS_OK)
        file_drop(out);
    return status;
}

enum status
file_place(const struct file_staged *staged, const char *path, enum file_mode mode)
{
    enum status status;

    assert(mode == FILE_REPLACE || mode == FILE_NEW);
    status = put_in_place(staged->temporary, path, mode);
    if (status == STATUS_OK)
        return sync_folder_of(path);
    file_drop(staged);
    return status;
}

void
file_drop(const struct file_staged *staged)
{
    (void)unlink(staged->temporary);
}

enum status
file_write(const char *path, struct span bytes, enum file_mode mode)
{
    struct file_staged staged;
    enum status status = file_stage(&staged, path, bytes);

    return status == STATUS_OK ? file_place(&staged, path, mode) : status;
}

enum status
file_folder(const char *path)
{
    if (mkdir(path, 0700) != 0)
        return errno == EEXIST ? STATUS_EXISTS : STATUS_IO;
    return sync_folder_of(path);
}
