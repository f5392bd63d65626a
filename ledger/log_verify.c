#include "log.h"

#include <assert.h>
#include <string.h>

#include "log_tree.h"

#define NO_ENTRY UINT64_MAX

/* The log as it follows from its entries, grown one by one. */
struct sweep {
    struct store_txn *txn;
    struct merkle_frontier tree;
    uint64_t tile_count;
};

static bool
is_hash(struct span tile, uint64_t at, const struct digest *hash)
{
    const size_t from = (size_t)(at % TILE_WIDTH) * DIGEST_SIZE;

    return tile.len >= from + DIGEST_SIZE &&
           memcmp(tile.data + from, hash->bytes, DIGEST_SIZE) == 0;
}

/* Takes one entry and compares every hash that follows from it with the stored one. */
static enum status
sweep_entry(struct sweep *sweep, struct span key, struct span entry)
{
    const uint64_t index = sweep->tree.size;
    struct log_key expected = log_tree_key(index);
    struct digest roots[TILE_LEVELS];
    struct digest leaf;
    unsigned levels;

    if (key.len != sizeof expected || memcmp(key.data, expected.bytes, key.len) != 0 ||
        entry.len > LOG_ENTRY_MAX || index == MERKLE_SIZE_MAX)
        return STATUS_LOG_ROOT;
    merkle_leaf(&leaf, entry);
    levels = tile_roots(roots, &sweep->tree, &leaf);
    for (unsigned level = 0; level < levels; level++) {
        const uint64_t at = tile_hashes(level, index + 1) - 1;
        struct span tile = {NULL, 0};
        enum status status = tile_get(&tile, sweep->txn, level, at / TILE_WIDTH);

        if (status == STATUS_NOT_FOUND ||
            (status == STATUS_OK && !is_hash(tile, at, &roots[level])))
            status = STATUS_LOG_ROOT;
        if (status != STATUS_OK)
            return status;
        sweep->tile_count += at % TILE_WIDTH == 0;
    }
    merkle_append(&sweep->tree, &leaf);
    return STATUS_OK;
}

static enum status
sweep_entries(struct sweep *sweep)
{
    struct store_cursor cursor;
    enum status status = STATUS_OK;

    store_cursor_start(&cursor, sweep->txn, STORE_ENTRY, (struct span){NULL, 0});
    while (status == STATUS_OK) {
        struct span entry;
        struct span key;

        status = store_cursor_next(&cursor, &key, &entry);
        if (status == STATUS_OK)
            status = sweep_entry(sweep, key, entry);
        else if (status == STATUS_NOT_FOUND)
            return STATUS_OK;
    }
    return status;
}

/* No tiles and no hashes beyond those that belong to the entries. */
static enum status
check_tiles(const struct sweep *sweep)
{
    uint64_t count = 0;
    enum status status = store_count(&count, sweep->txn, STORE_HASH);

    if (status == STATUS_OK && count != sweep->tile_count)
        return STATUS_LOG_ROOT;
    for (unsigned level = 0; level < TILE_LEVELS && status == STATUS_OK; level++) {
        const uint64_t hashes = tile_hashes(level, sweep->tree.size);
        const size_t width = (size_t)(hashes % TILE_WIDTH);
        struct span tile = {NULL, 0};

        if (width == 0)
            continue;
        status = tile_get(&tile, sweep->txn, level, hashes / TILE_WIDTH);
        if (status == STATUS_OK && tile.len != width * DIGEST_SIZE)
            return STATUS_LOG_ROOT;
    }
    return status;
}

/* The stored tree and the signed checkpoint say what the entries say. */
static enum status
check_signed(const struct sweep *sweep, const struct note_key *key)
{
    struct merkle_frontier stored = {0};
    struct checkpoint checkpoint = {0};
    struct note_check check;
    struct digest root;
    struct digest stored_root;
    struct span note = {NULL, 0};
    enum status status = log_tree_get(&stored, sweep->txn);

    if (status != STATUS_OK)
        return status;
    merkle_root(&root, &sweep->tree);
    merkle_root(&stored_root, &stored);
    if (stored.size != sweep->tree.size || !crypt_equal(&stored_root, &root, DIGEST_SIZE))
        return STATUS_LOG_ROOT;
    status = log_note(&note, sweep->txn);
    if (status == STATUS_NOT_FOUND)
        return sweep->tree.size == 0 ? STATUS_OK : STATUS_LOG_ROOT;
    if (status == STATUS_OK)
        status = checkpoint_verify(&checkpoint, &check, note, key, 1);
    if (status == STATUS_OK &&
        (checkpoint.size != sweep->tree.size || !crypt_equal(&checkpoint.root, &root, DIGEST_SIZE)))
        status = STATUS_LOG_ROOT;
    return status;
}

enum status
log_verify(uint64_t *bad_index, struct store_txn *txn, const struct note_key *key,
           const char *second_path)
{
    struct sweep sweep = {.txn = txn};
    struct checkpoint last;
    struct note note;
    uint64_t size = 0;
    enum status status = sweep_entries(&sweep);

    assert(key->type == NOTE_ED25519);
    *bad_index = status == STATUS_LOG_ROOT ? sweep.tree.size : NO_ENTRY;
    if (status == STATUS_OK)
        status = log_size(&size, txn);
    if (status == STATUS_OK && size > sweep.tree.size) {
        /* Entries are missing at the end. */
        *bad_index = sweep.tree.size;
        return STATUS_LOG_ROOT;
    }
    if (status == STATUS_OK)
        status = check_tiles(&sweep);
    if (status == STATUS_OK)
        status = check_signed(&sweep, key);
    if (status == STATUS_OK && second_path != NULL) {
        status = pledge_read(&last, &note, second_path, key);
        if (status == STATUS_OK)
            status = log_tree_extends(txn, &last);
    }
    return status;
}
