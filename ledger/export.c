#include "export.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "book.h"
#include "ledger/log.h"
#include "protocol/file.h"
#include "protocol/merkle.h"

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
    enum status status = file_path(path, dir, name);

    if (status != STATUS_OK)
        return status;
    *file = fopen(path, "wbx");
    return *file == NULL ? STATUS_IO : STATUS_OK;
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

enum status
export_write(const char *out, struct store_txn *txn, struct state *state)
{
    char path[FILE_PATH_MAX];
    struct span note = {NULL, 0};
    FILE *balances = NULL;
    uint64_t size;
    enum status status = log_size(&size, txn);

    if (status == STATUS_OK)
        status = log_note(&note, txn);
    if (status == STATUS_OK)
        status = file_folder(out);
    if (status == STATUS_OK)
        status = file_path(path, out, "checkpoint");
    if (status == STATUS_OK)
        status = file_write(path, note, FILE_NEW);
    if (status == STATUS_OK)
        status = write_log(out, txn, size);
    if (status == STATUS_OK)
        status = open_in(&balances, out, "balances.json");
    if (status != STATUS_OK)
        return status;
    return finish(balances, export_balances(balances, state, size));
}
