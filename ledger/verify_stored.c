#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "city.h"
#include "ledger/log.h"
#include "verify.h"
#include "verify_apart.h"
#include "verify_parts.h"

#define STORE_FILE "store/data.mdb"
/* A minute, and a second more for each MiB of the store: what tells no progress reads the store
 * once or twice. */
#define PATIENCE_LEAST_MS 60000
#define PATIENCE_BYTES_EACH_MS ((UINT64_C(1) << 20) / 1000)

static enum status
read_store(struct verify_source *source, struct span *entry, uint64_t index)
{
    return index < source->size ? log_read(entry, source->txn, index) : STATUS_NOT_FOUND;
}

/* What verify_with_key needs to sweep a stored log. */
struct sweep {
    struct verify_report *report;
    struct store_txn *txn;
    const char *second_path;
};

static enum status
sweep_log(void *context, const struct note_key *key)
{
    struct sweep *sweep = context;

    return log_verify(&sweep->report->bad_index, sweep->txn, key, sweep->second_path);
}

/* Tree, tiles and checkpoint against the entries. The key is taken from the stored state, which is
 * compared with the replayed one afterwards. */
static enum status
check_tree(struct verifying *verifying, struct store_txn *txn, const char *second_path)
{
    struct verify_report *const report = verifying->report;
    struct sweep sweep = {report, txn, second_path};
    uint64_t network;
    enum status status = city_genesis(&network, report->origin, txn);

    if (status == STATUS_OK)
        status = apply_begin(&verifying->apply, txn);
    if (status == STATUS_OK)
        status = verify_with_key(verifying, sweep_log, &sweep);
    if (status == STATUS_OK)
        return STATUS_OK;
    return verify_finding(report, status, NULL, "tree or checkpoint", "Baum oder Kontrollstand");
}

static enum status
compare_state(struct verifying *verifying, struct store_txn *stored)
{
    struct verify_report *const report = verifying->report;
    struct store_txn txn;
    struct digest digest;
    enum status status = store_begin_read(&txn, &verifying->store);

    if (status != STATUS_OK)
        return status;
    status = verify_sum_up(verifying, &txn);
    store_abort(&txn);
    if (status != STATUS_OK)
        return status;
    merkle_root(&report->root, &verifying->tree);
    status = apply_begin(&verifying->apply, stored);
    if (status == STATUS_OK)
        status = state_digest(&digest, &verifying->apply.state);
    if (status == STATUS_OK && memcmp(&digest, &report->state, sizeof digest) != 0)
        status = STATUS_STATE_DIGEST;
    if (status == STATUS_OK)
        return STATUS_OK;
    return verify_finding(report, status, NULL, "stored state", "gespeicherter Stand");
}

/* Whether the tree, which was checked, continues the one that was verified before. */
static enum status
compare_kept(struct verifying *verifying, struct store_txn *txn)
{
    struct digest root;
    enum status status = verify_kept_origin(verifying, verifying->report->origin);

    if (status != STATUS_OK)
        return status;
    if (verifying->source.size < verifying->kept.tree.size)
        return verify_kept_smaller(verifying);
    status = log_root(&root, txn, verifying->kept.tree.size);
    return status == STATUS_OK ? verify_kept_extends(verifying, verifying->source.size, &root)
                               : status;
}

static enum status
check_stored(struct verifying *verifying, struct store *store, struct store_txn *txn)
{
    struct verify_source *const source = &verifying->source;
    char path[FILE_PATH_MAX];
    uint64_t map_bytes;
    bool second = true;
    enum status status = file_path(path, verifying->dir, "checkpoint");

    source->read = read_store;
    source->txn = txn;
    if (status == STATUS_OK)
        status = log_size(&source->size, txn);
    if (status == STATUS_OK)
        status = store_space(&source->volume, &map_bytes, store);
    if (status == STATUS_OK && access(path, R_OK) != 0) {
        if (errno != ENOENT)
            return verify_unreadable(verifying->report, STATUS_IO, "checkpoint");
        second = false;
    }
    if (status == STATUS_OK)
        status = check_tree(verifying, txn, second ? path : NULL);
    if (status == STATUS_OK && verifying->kept.held)
        status = compare_kept(verifying, txn);
    if (status == STATUS_OK)
        status = verify_replay(verifying);
    if (status == STATUS_OK)
        status = compare_state(verifying, txn);
    /* Last, so that what else is wrong is said first. */
    if (status == STATUS_OK && !second)
        return verify_finding(verifying->report, STATUS_NOT_FOUND, "checkpoint",
                              "is missing; all else is in order, but a log without its last "
                              "entries would look the same",
                              "fehlt; alles andere ist in Ordnung, aber ein Buch ohne seine "
                              "letzten Einträge sähe genauso aus");
    return status;
}

enum status
verify_stored(struct verifying *verifying)
{
    struct verify_report *const report = verifying->report;
    struct store store;
    struct store_txn txn;
    char path[FILE_PATH_MAX];
    enum status status = file_path(path, verifying->dir, "store");

    if (status == STATUS_OK)
        status = store_open_reading(&store, path);
    if (status != STATUS_OK)
        return verify_unreadable(report, status, STORE_FILE);
    status = store_begin_read(&txn, &store);
    if (status == STATUS_OK) {
        status = check_stored(verifying, &store, &txn);
        store_close(&verifying->store);
        store_abort(&txn);
        if (status == STATUS_OK)
            status = verify_kept_save(verifying);
    }
    store_close(&store);
    if (status != STATUS_OK && report->where == NULL)
        return verify_unreadable(report, status, STORE_FILE);
    return status;
}

static enum status
check_apart(struct verify_report *report, const char *dir, const struct verify_options *options,
            uint64_t patience_ms)
{
    static struct verifying verifying;
    enum status status = verify_start(&verifying, report, dir, options);

    if (status == STATUS_OK)
        status = verify_apart(&verifying, verify_stored, patience_ms);
    verify_end(&verifying);
    return status;
}

enum status
verify_directory_within(struct verify_report *report, const char *dir, verify_progress *progress,
                        void *context, uint64_t patience_ms)
{
    const struct verify_options options = {.progress = progress, .context = context};

    return check_apart(report, dir, &options, patience_ms);
}

enum status
verify_directory_with(struct verify_report *report, const char *dir,
                      const struct verify_options *options)
{
    char path[FILE_PATH_MAX];
    struct stat file;
    uint64_t bytes = 0;
    enum status status = file_path(path, dir, STORE_FILE);

    if (status == STATUS_OK && stat(path, &file) == 0)
        bytes = (uint64_t)file.st_size;
    return check_apart(report, dir, options, PATIENCE_LEAST_MS + bytes / PATIENCE_BYTES_EACH_MS);
}

enum status
verify_directory(struct verify_report *report, const char *dir, verify_progress *progress,
                 void *context)
{
    const struct verify_options options = {.progress = progress, .context = context};

    return verify_directory_with(report, dir, &options);
}
