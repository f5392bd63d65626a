#include "export.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "book.h"
#include "ledger/log.h"
#include "protocol/file.h"
#include "protocol/merkle.h"

/* Whoever exports a log gives it away, whatever his umask. */
#define FILE_MODE 0644
#define FOLDER_MODE 0755

enum status
export_balances(FILE *file, struct state *state, uint64_t size)
{
    struct book_account account;
    struct money balance;
    char name[BOOK_NAME_MAX];
    const char *comma = "";

    memset(&account, 0, sizeof account);
    fprintf(file, "{\"size\": %llu, \"accounts\": {", (unsigned long long)size);
    while (book_next(&account, &balance, state)) {
        if (money_is_zero(balance))
            continue;
        book_name(name, &account);
        fprintf(file, "%s\"%s\": %llu", comma, name, (unsigned long long)money_cents(balance));
        comma = ", ";
    }
    fprintf(file, "}}\n");
    if (ferror(file))
        return STATUS_IO;
    return state_status(state);
}

/* Ends a file: what was written is on the disk. */
static enum status
finish(FILE *file, enum status status)
{
    if (status == STATUS_OK && (fflush(file) != 0 || fsync(fileno(file)) != 0))
        status = errno == ENOSPC ? STATUS_STORE_FULL : STATUS_IO;
    if (fclose(file) != 0 && status == STATUS_OK)
        status = STATUS_IO;
    return status;
}

static enum status
open_in(FILE **file, const char *dir, const char *name)
{
    char path[FILE_PATH_MAX];
    int fd;
    enum status status = file_path(path, dir, name);

    *file = NULL;
    if (status != STATUS_OK)
        return status;
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE);
    if (fd < 0)
        return errno == ENOSPC || errno == EDQUOT ? STATUS_STORE_FULL : STATUS_IO;
    if (fchmod(fd, FILE_MODE) == 0)
        *file = fdopen(fd, "wb");
    if (*file != NULL)
        return STATUS_OK;
    (void)close(fd);
    return STATUS_IO;
}

static enum status
write_entries(FILE *entries, FILE *hashes, struct store_txn *txn, uint64_t size)
{
    for (uint64_t i = 0; i < size; i++) {
        struct span entry;
        struct digest leaf;
        uint8_t head[2];
        enum status status = log_read(&entry, txn, i);

        if (status != STATUS_OK)
            return status;
        assert(entry.len <= LOG_ENTRY_MAX);
        head[0] = (uint8_t)(entry.len >> 8);
        head[1] = (uint8_t)entry.len;
        merkle_leaf(&leaf, entry);
        if (fwrite(head, sizeof head, 1, entries) != 1 ||
            fwrite(entry.data, entry.len, 1, entries) != 1 ||
            fwrite(leaf.bytes, sizeof leaf.bytes, 1, hashes) != 1)
            return errno == ENOSPC ? STATUS_STORE_FULL : STATUS_IO;
    }
    return STATUS_OK;
}

static enum status
write_log(const char *out, struct store_txn *txn, uint64_t size)
{
    FILE *entries = NULL;
    FILE *hashes = NULL;
    enum status closed;
    enum status status = open_in(&entries, out, "entries");

    if (status == STATUS_OK)
        status = open_in(&hashes, out, "hashes");
    if (status == STATUS_OK)
        status = write_entries(entries, hashes, txn, size);
    if (entries != NULL)
        status = finish(entries, status);
    if (hashes != NULL) {
        closed = finish(hashes, status);
        status = status == STATUS_OK ? closed : status;
    }
    return status;
}

static enum status
write_checkpoint(const char *out, struct span note)
{
    FILE *file;
    enum status status = open_in(&file, out, "checkpoint");

    if (status != STATUS_OK)
        return status;
    if (fwrite(note.data, note.len, 1, file) != 1)
        status = errno == ENOSPC ? STATUS_STORE_FULL : STATUS_IO;
    return finish(file, status);
}

static enum status
write_balances(const char *out, struct state *state, uint64_t size)
{
    FILE *file;
    enum status status = open_in(&file, out, "balances.json");

    if (status != STATUS_OK)
        return status;
    return finish(file, export_balances(file, state, size));
}

/* Nobody looks into the folder before all is there. */
static enum status
publish(const char *out)
{
    const int fd = open(out, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    enum status status = STATUS_IO;

    if (fd < 0)
        return status;
    if (fchmod(fd, FOLDER_MODE) == 0 && fsync(fd) == 0)
        status = STATUS_OK;
    (void)close(fd);
    return status;
}

enum status
export_write(const char *out, struct store_txn *txn, struct state *state)
{
    struct span note = {NULL, 0};
    uint64_t size;
    enum status status = log_size(&size, txn);

    if (status == STATUS_OK)
        status = log_note(&note, txn);
    if (status == STATUS_OK)
        status = file_folder(out);
    if (status == STATUS_OK)
        status = write_checkpoint(out, note);
    if (status == STATUS_OK)
        status = write_log(out, txn, size);
    if (status == STATUS_OK)
        status = write_balances(out, state, size);
    return status == STATUS_OK ? publish(out) : status;
}
