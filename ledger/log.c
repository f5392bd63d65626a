#include "log.h"

#include <assert.h>
#include <string.h>

#include "log_tree.h"

/* ---- Opening ----------------------------------------------------------------------------------*/

enum status
log_create(struct store *store, const char *second_path, const struct note_key *key,
           const struct secret_key *secret)
{
    struct digest empty;
    struct store_txn txn;
    struct note note;
    uint64_t size = 0;
    uint64_t count = 0;
    enum status status = store_begin_read(&txn, store);

    if (status != STATUS_OK)
        return status;
    status = log_size(&size, &txn);
    if (status == STATUS_OK)
        status = store_count(&count, &txn, STORE_ENTRY);
    if (status == STATUS_OK && (size > 0 || count > 0))
        status = STATUS_LOG_ROLLBACK;
    store_abort(&txn);
    if (status != STATUS_OK)
        return status;
    merkle_empty(&empty);
    status = checkpoint_sign(&note, 0, &empty, key, secret);
    if (status == STATUS_OK)
        status = pledge_create(second_path, &note);
    return status;
}

/* What the store itself says: its tree, which must fit its tiles at the right edge, its number of
 * entries and its signed checkpoint. `note` is filled unless the log is empty. */
static enum status
load_own(struct merkle_frontier *tree, struct note *note, struct store_txn *txn,
         const struct note_key *key)
{
    struct checkpoint checkpoint;
    struct note_check check;
    struct digest stored;
    struct digest root;
    struct span text = {NULL, 0};
    uint64_t count = 0;
    enum status status = log_tree_get(tree, txn);

    if (status == STATUS_OK)
        status = store_count(&count, txn, STORE_ENTRY);
    if (status == STATUS_OK && count != tree->size)
        status = STATUS_LOG_ROOT;
    if (status != STATUS_OK || tree->size == 0)
        return status;
    merkle_root(&root, tree);
    status = log_root(&stored, txn, tree->size);
    if (status == STATUS_OK && !crypt_equal(&stored, &root, DIGEST_SIZE))
        status = STATUS_LOG_ROOT;
    if (status == STATUS_OK)
        status = log_note(&text, txn);
    if (status != STATUS_OK)
        return status == STATUS_NOT_FOUND ? STATUS_LOG_ROOT : status;
    status = checkpoint_verify(&checkpoint, &check, text, key, 1);
    if (status == STATUS_OK &&
        (checkpoint.size != tree->size || !crypt_equal(&checkpoint.root, &root, DIGEST_SIZE)))
        status = STATUS_LOG_ROOT;
    if (status != STATUS_OK)
        return status;
    memcpy(note->bytes, text.data, text.len);
    note->len = text.len;
    return STATUS_OK;
}

/* Compares the store with the second place and brings the latter forward if a power cut came
 * between commit and pledge; never the former. */
static enum status
reconcile(struct log *log, struct store_txn *txn, const char *second_path)
{
    struct merkle_frontier tree = {0};
    struct checkpoint last = {0};
    struct note own = {0};
    enum status status = load_own(&tree, &own, txn, log->key);

    if (status == STATUS_OK)
        status = pledge_open(&log->pledge, &last, &log->published, second_path, log->key);
    if (status == STATUS_NOT_FOUND && tree.size > 0)
        status = STATUS_LOG_ROLLBACK;
    if (status == STATUS_OK)
        status = log_tree_extends(txn, &last);
    if (status == STATUS_OK && tree.size > last.size) {
        status = pledge_write(&log->pledge, &own);
        log->published = own;
    }
    if (status != STATUS_OK)
        return status;
    log->size = tree.size;
    merkle_root(&log->root, &tree);
    return STATUS_OK;
}

enum status
log_open(struct log *out, struct store *store, const char *second_path, const struct note_key *key,
         const struct secret_key *secret)
{
    struct store_txn txn;
    enum status status;

    assert(key->type == NOTE_ED25519);
    memset(out, 0, sizeof *out);
    out->store = store;
    out->key = key;
    out->secret = secret;
    out->pledge.fd = -1;
    status = store_begin_read(&txn, store);
    if (status != STATUS_OK)
        return status;
    status = reconcile(out, &txn, second_path);
    store_abort(&txn);
    if (status == STATUS_OK && pthread_mutex_init(&out->mutex, NULL) != 0)
        status = STATUS_IO;
    if (status != STATUS_OK) {
        pledge_close(&out->pledge);
        out->store = NULL;
    }
    return status;
}

void
log_close(struct log *log)
{
    if (log->store == NULL)
        return;
    pthread_mutex_destroy(&log->mutex);
    pledge_close(&log->pledge);
    memset(log, 0, sizeof *log);
    log->pledge.fd = -1;
}

/* ---- A batch ----------------------------------------------------------------------------------*/

/* Reads the unfinished tile of level 0 into the batch. */
static enum status
load_tile(struct log_batch *batch)
{
    const size_t width = (size_t)(batch->tree.size % TILE_WIDTH);
    struct span tile;
    enum status status;

    if (width == 0)
        return STATUS_OK;
    status = tile_get(&tile, &batch->txn, 0, batch->tree.size / TILE_WIDTH);
    if (status == STATUS_NOT_FOUND || (status == STATUS_OK && tile.len != width * DIGEST_SIZE))
        status = STATUS_STORE_BROKEN;
    if (status == STATUS_OK)
        memcpy(batch->tile, tile.data, tile.len);
    return status;
}

enum status
log_begin(struct log_batch *out, struct log *log)
{
    struct digest root;
    enum status status;

    assert(log->store != NULL);
    out->log = log;
    out->failed = STATUS_OK;
    status = store_begin_write(&out->txn, log->store);
    if (status != STATUS_OK)
        return status;
    status = log_tree_get(&out->tree, &out->txn);
    if (status == STATUS_OK) {
        merkle_root(&root, &out->tree);
        if (out->tree.size != log->size || !crypt_equal(&root, &log->root, DIGEST_SIZE))
            status = STATUS_LOG_ROLLBACK;
    }
    if (status == STATUS_OK)
        status = load_tile(out);
    if (status != STATUS_OK)
        log_abort(out);
    return status;
}

/* Takes a leaf hash into the tree and into the tiles: one that is full with it goes into the store,
 * and its root into the tile above. */
static enum status
add_leaf(struct log_batch *batch, const struct digest *leaf)
{
    const uint64_t index = batch->tree.size;
    struct digest roots[TILE_LEVELS];
    const unsigned levels = tile_roots(roots, &batch->tree, leaf);
    enum status status = STATUS_OK;

    batch->tile[index % TILE_WIDTH] = *leaf;
    if (index % TILE_WIDTH == TILE_WIDTH - 1)
        status = tile_put(&batch->txn, 0, index / TILE_WIDTH, batch->tile, TILE_WIDTH);
    for (unsigned level = 1; level < levels && status == STATUS_OK; level++)
        status = tile_add(&batch->txn, level, tile_hashes(level, index), &roots[level]);
    if (status == STATUS_OK)
        merkle_append(&batch->tree, leaf);
    return status;
}

enum status
log_append(struct log_batch *batch, uint64_t *index, struct span entry)
{
    struct log_key key = log_tree_key(batch->tree.size);
    struct digest leaf;
    enum status status;

    assert(batch->log != NULL);
    if (entry.len > LOG_ENTRY_MAX)
        return STATUS_TOO_LARGE;
    status = store_append(&batch->txn, STORE_ENTRY, (struct span){key.bytes, sizeof key}, entry);
    /* An entry beyond the end of the tree: the store does not hold together. */
    if (status == STATUS_EXISTS)
        status = STATUS_STORE_BROKEN;
    merkle_leaf(&leaf, entry);
    if (status == STATUS_OK)
        status = add_leaf(batch, &leaf);
    if (status == STATUS_OK)
        *index = batch->tree.size - 1;
    else
        batch->failed = status;
    return status;
}

static void
publish(struct log *log, const struct note *note)
{
    pthread_mutex_lock(&log->mutex);
    log->published = *note;
    pthread_mutex_unlock(&log->mutex);
}

/* Signs the tree of the batch and writes it with its unfinished tile. */
static enum status
seal(struct log_batch *batch, struct note *note, const struct digest *root)
{
    const struct log *log = batch->log;
    const size_t width = (size_t)(batch->tree.size % TILE_WIDTH);
    enum status status = batch->failed;

    assert(batch->tree.size > log->size);
    if (status == STATUS_OK && width > 0)
        status = tile_put(&batch->txn, 0, batch->tree.size / TILE_WIDTH, batch->tile, width);
    if (status == STATUS_OK)
        status = checkpoint_sign(note, batch->tree.size, root, log->key, log->secret);
    if (status == STATUS_OK)
        status = log_tree_put(&batch->txn, &batch->tree, note);
    return status;
}

enum status
log_commit(struct log_batch *batch)
{
    struct log *log = batch->log;
    const uint64_t size = batch->tree.size;
    enum status status = batch->failed;
    struct digest root;
    struct note note;

    assert(log != NULL);
    assert(size >= log->size);
    merkle_root(&root, &batch->tree);
    if (status == STATUS_OK && size > log->size)
        status = seal(batch, &note, &root);
    if (status != STATUS_OK) {
        log_abort(batch);
        return status;
    }
    status = store_commit(&batch->txn);
    batch->log = NULL;
    if (status != STATUS_OK || size == log->size)
        return status;
    if (pledge_write(&log->pledge, &note) != STATUS_OK) {
        store_break(log->store);
        return STATUS_STORE_BROKEN;
    }
    log->size = size;
    log->root = root;
    publish(log, &note);
    return STATUS_OK;
}

void
log_abort(struct log_batch *batch)
{
    assert(batch->log != NULL);
    store_abort(&batch->txn);
    batch->log = NULL;
}

void
log_checkpoint(struct note *out, struct log *log)
{
    assert(log->store != NULL);
    pthread_mutex_lock(&log->mutex);
    *out = log->published;
    pthread_mutex_unlock(&log->mutex);
}
