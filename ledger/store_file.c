#include "store_file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "protocol/file.h"

#define OWNER_FILE "owner.lock"
#define FILE_MODE 0600

/* What a failure of the system means. */
static enum status
status_of(int code)
{
    switch (code) {
    case ENOENT:
        return STATUS_NOT_FOUND;
    case ENOSPC:
    case EDQUOT:
        return STATUS_STORE_FULL;
    default:
        return STATUS_IO;
    }
}

enum status
store_file_sync(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    enum status status;

    if (fd < 0)
        return status_of(errno);
    status = fsync(fd) == 0 ? STATUS_OK : STATUS_IO;
    close(fd);
    return status;
}

enum status
store_file_lock(int *fd, const char *directory, bool alone)
{
    char path[FILE_PATH_MAX];
    enum status status = file_path(path, directory, OWNER_FILE);
    int code;

    if (status != STATUS_OK)
        return status;
    *fd = open(path, (alone ? O_RDWR | O_CREAT : O_RDONLY) | O_CLOEXEC | O_NONBLOCK, FILE_MODE);
    if (*fd < 0)
        return status_of(errno);
    if (flock(*fd, (alone ? LOCK_EX : LOCK_SH) | LOCK_NB) == 0)
        return STATUS_OK;
    code = errno;
    close(*fd);
    *fd = -1;
    return code == EWOULDBLOCK ? STATUS_STORE_BUSY : status_of(code);
}

/* One of the two first pages: lmdb's MDB_page and MDB_meta, 0.9. */
struct meta_page {
    size_t page_number;
    uint16_t pad;
    uint16_t flags;
    uint16_t bounds[2];
    uint32_t magic;
    uint32_t version;
    size_t address;
    size_t map_bytes;
    struct {
        uint32_t page_bytes; /* of the first tree only */
        uint16_t flags;
        uint16_t depth;
        size_t pages[3];
        size_t entries;
        size_t root;
    } trees[2];
    size_t last_page;
    size_t txn_id;
};

static_assert(sizeof(size_t) != 8 || sizeof(struct meta_page) == 152, "as LMDB lays it out");

#define META_FLAG 0x08
#define META_MAGIC 0xBEEFC0DEu
#define META_VERSION 1
#define PAGE_BYTES_MIN 512
#define PAGE_BYTES_MAX 32768
#define TREE_EMPTY SIZE_MAX
/* LMDB's stack of pages from the root to a leaf. */
#define TREE_DEPTH_MAX 32

static bool
meta_is_sound(const struct meta_page *meta)
{
    const size_t bytes = meta->trees[0].page_bytes;

    if ((meta->flags & META_FLAG) == 0 || meta->magic != META_MAGIC ||
        meta->version != META_VERSION)
        return false;
    if (bytes < PAGE_BYTES_MIN || bytes > PAGE_BYTES_MAX || (bytes & (bytes - 1)) != 0)
        return false;
    if (meta->last_page < 1 || meta->last_page >= SIZE_MAX / bytes - 1)
        return false;
    return true;
}

/* Of the page that counts: the other one may hold the roots of a commit that failed. */
static bool
trees_are_sound(const struct meta_page *meta)
{
    for (size_t i = 0; i < 2; i++)
        if ((meta->trees[i].root != TREE_EMPTY && meta->trees[i].root > meta->last_page) ||
            meta->trees[i].depth > TREE_DEPTH_MAX)
            return false;
    return true;
}

/* Reads both meta pages and gives the length that the newer one speaks of. */
static enum status
read_metas(uint64_t *needed_bytes, int fd)
{
    struct meta_page metas[2];
    const struct meta_page *newer;
    size_t page_bytes = 0;

    for (size_t i = 0; i < 2; i++) {
        ssize_t got = pread(fd, &metas[i], sizeof metas[i], (off_t)(i * page_bytes));

        if (got < 0)
            return STATUS_IO;
        if (got != (ssize_t)sizeof metas[i] || !meta_is_sound(&metas[i]))
            return STATUS_STORE_BROKEN;
        if (i == 1 && metas[1].trees[0].page_bytes != page_bytes)
            return STATUS_STORE_BROKEN;
        page_bytes = metas[i].trees[0].page_bytes;
    }
    newer = &metas[metas[0].txn_id < metas[1].txn_id];
    if (!trees_are_sound(newer))
        return STATUS_STORE_BROKEN;
    *needed_bytes = ((uint64_t)newer->last_page + 1) * page_bytes;
    return STATUS_OK;
}

enum status
store_file_check(const char *path, bool lengthen)
{
    /* Not to hang on a named pipe. */
    int fd = open(path, (lengthen ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NONBLOCK);
    uint64_t needed_bytes = 0;
    enum status status;
    struct stat file;

    if (fd < 0)
        return status_of(errno);
    status = fstat(fd, &file) == 0 && S_ISREG(file.st_mode) ? STATUS_OK : STATUS_IO;
    if (status == STATUS_OK)
        status = read_metas(&needed_bytes, fd);
    if (status == STATUS_OK && (uint64_t)file.st_size < needed_bytes) {
        if (!lengthen)
            status = STATUS_STORE_BROKEN;
        else if (ftruncate(fd, (off_t)needed_bytes) != 0)
            status = status_of(errno);
    }
    close(fd);
    return status;
}
