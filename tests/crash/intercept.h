/* The calls with which LMDB and the log write to files, put in front of those of the C library. For
 * the one source file of a program, which defines what happens at each call. */
#ifndef SCHWEBE_INTERCEPT_H
#define SCHWEBE_INTERCEPT_H

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

enum call {
    CALL_NONE,
    CALL_PWRITE,
    CALL_WRITE,
    CALL_WRITEV,
    CALL_FDATASYNC,
    CALL_FSYNC,
    CALL_FTRUNCATE,
    CALL_OPEN,
    CALLS
};

/* Whether a call fails: -1 when not, an errno, or 0 for a write of which only a part is done. */
int intercept_failure(enum call call);

/* A write begins; a write or a sync has ended. */
void intercept_write(int fd, const void *bytes, size_t len, off_t at);
void intercept_end(int fd, enum call call);

/* Nothing is flushed while this is set: what the kernel holds is enough to be read again. */
extern bool intercept_skips_sync;

static struct {
    ssize_t (*pwrite)(int, const void *, size_t, off_t);
    ssize_t (*write)(int, const void *, size_t);
    ssize_t (*writev)(int, const struct iovec *, int);
    int (*fdatasync)(int);
    int (*fsync)(int);
    int (*ftruncate)(int, off_t);
    int (*open)(const char *, int, ...);
} intercept_real;

static void
intercept_find(void)
{
    static const struct {
        const char *name;
        void *place;
    } calls[] = {{"pwrite", &intercept_real.pwrite}, {"write", &intercept_real.write},
                 {"writev", &intercept_real.writev}, {"fdatasync", &intercept_real.fdatasync},
                 {"fsync", &intercept_real.fsync},   {"ftruncate", &intercept_real.ftruncate},
                 {"open", &intercept_real.open}};
    void *library;

    if (intercept_real.open != NULL)
        return;
    library = dlopen("libc.so.6", RTLD_NOW);
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        void *symbol = library == NULL ? NULL : dlsym(library, calls[i].name);

        if (symbol == NULL)
            abort();
        memcpy(calls[i].place, &symbol, sizeof symbol);
    }
}

/* Sets errno and gives -1, unless a part is to be done. */
static bool
intercept_refuses(enum call call, int *failure)
{
    intercept_find();
    *failure = intercept_failure(call);
    if (*failure > 0)
        errno = *failure;
    return *failure > 0;
}

ssize_t
pwrite(int fd, const void *bytes, size_t len, off_t at)
{
    ssize_t done;
    int failure;

    if (intercept_refuses(CALL_PWRITE, &failure))
        return -1;
    if (failure == 0 && len > 1)
        len /= 2;
    intercept_write(fd, bytes, len, at);
    done = intercept_real.pwrite(fd, bytes, len, at);
    intercept_end(fd, CALL_PWRITE);
    return done;
}

ssize_t
write(int fd, const void *bytes, size_t len)
{
    ssize_t done;
    int failure;

    if (intercept_refuses(CALL_WRITE, &failure))
        return -1;
    if (failure == 0 && len > 1)
        len /= 2;
    intercept_write(fd, bytes, len, lseek(fd, 0, SEEK_CUR));
    done = intercept_real.write(fd, bytes, len);
    intercept_end(fd, CALL_WRITE);
    return done;
}

ssize_t
writev(int fd, const struct iovec *parts, int count)
{
    off_t at = lseek(fd, 0, SEEK_CUR);
    ssize_t done;
    int failure;

    if (intercept_refuses(CALL_WRITEV, &failure))
        return -1;
    if (failure == 0)
        count = 1;
    for (int i = 0; i < count; i++) {
        intercept_write(fd, parts[i].iov_base, parts[i].iov_len, at);
        at += (off_t)parts[i].iov_len;
    }
    done = intercept_real.writev(fd, parts, count);
    intercept_end(fd, CALL_WRITEV);
    return done;
}

int
fdatasync(int fd)
{
    int failure;

    if (intercept_refuses(CALL_FDATASYNC, &failure))
        return -1;
    if (!intercept_skips_sync && intercept_real.fdatasync(fd) != 0)
        return -1;
    intercept_end(fd, CALL_FDATASYNC);
    return 0;
}

int
fsync(int fd)
{
    int failure;

    if (intercept_refuses(CALL_FSYNC, &failure))
        return -1;
    if (!intercept_skips_sync && intercept_real.fsync(fd) != 0)
        return -1;
    intercept_end(fd, CALL_FSYNC);
    return 0;
}

int
ftruncate(int fd, off_t len)
{
    int failure;

    if (intercept_refuses(CALL_FTRUNCATE, &failure))
        return -1;
    return intercept_real.ftruncate(fd, len);
}

int
open(const char *path, int flags, ...)
{
    mode_t mode = 0;
    va_list rest;
    int failure;

    if ((flags & O_CREAT) != 0) {
        va_start(rest, flags);
        mode = va_arg(rest, mode_t);
        va_end(rest);
    }
    if (intercept_refuses(CALL_OPEN, &failure))
        return -1;
    return intercept_real.open(path, intercept_skips_sync ? flags & ~O_DSYNC : flags, mode);
}

#endif
