#include "log_tree.h"

#include <assert.h>
#include <string.h>

#include "log.h"

#define TREE_KEY "tree"
#define NOTE_KEY "checkpoint"
#define SIZE_BYTES 8
#define TREE_BYTES_MAX (SIZE_BYTES + MERKLE_LEVELS * DIGEST_SIZE)

static struct span
literal(const char *text)
{
    return (struct span){(const uint8_t *)text, strlen(text)};
}

struct log_key
log_tree_key(uint64_t index)
{
    struct log_key key = {{0}};

    for (size_t i = 0; i < sizeof key.bytes; i++)
        key.bytes[i] = (uint8_t)(index >> (56 - 8 * i));
    return key;
}

/* The record: the size in 8 bytes, highest first, then the peaks that the tree has, lowest first.
 */
enum status
log_tree_get(struct merkle_frontier *out, struct store_txn *txn)
{
    struct merkle_frontier tree = {0};
    struct span record;
    enum status status = store_get(&record, txn, STORE_META, literal(TREE_KEY));
    size_t at = SIZE_BYTES;

    if (status == STATUS_NOT_FOUND) {
        *out = tree;
        return STATUS_OK;
    }
    if (status != STATUS_OK)
        return status;
    if (record.len < SIZE_BYTES)
        return STATUS_STORE_BROKEN;
    for (size_t i = 0; i < SIZE_BYTES; i++)
        tree.size = tree.size << 8 | record.data[i];
    for (unsigned level = 0; level < MERKLE_LEVELS; level++) {
        if ((tree.size >> level & 1) == 0)
            continue;
        if (record.len - at < DIGEST_SIZE)
            return STATUS_STORE_BROKEN;
        memcpy(tree.peaks[level].bytes, record.data + at, DIGEST_SIZE);
        at += DIGEST_SIZE;
    }
    if (at != record.len || tree.size == 0 || tree.size > MERKLE_SIZE_MAX)
        return STATUS_STORE_BROKEN;
    *out = tree;
    return STATUS_OK;
}

enum status
log_tree_put(struct store_txn *txn, const struct merkle_frontier *tree, const struct note *note)
{
    struct log_key size = log_tree_key(tree->size);
    uint8_t record[TREE_BYTES_MAX];
    size_t len = SIZE_BYTES;
    enum status status;

    assert(tree->size > 0 && tree->size <= MERKLE_SIZE_MAX);
    memcpy(record, size.bytes, SIZE_BYTES);
    for (unsigned level = 0; level < MERKLE_LEVELS; level++) {
        if ((tree->size >> level & 1) == 0)
            continue;
        memcpy(record + len, tree->peaks[level].bytes, DIGEST_SIZE);
        len += DIGEST_SIZE;
    }
    status = store_put(txn, STORE_META, literal(TREE_KEY), (struct span){record, len});
    if (status == STATUS_OK)
        status =
            store_put(txn, STORE_META, literal(NOTE_KEY), (struct span){note->bytes, note->len});
    return status;
}

enum status
log_size(uint64_t *out, struct store_txn *txn)
{
    struct merkle_frontier tree;
    enum status status = log_tree_get(&tree, txn);

    if (status == STATUS_OK)
        *out = tree.size;
    return status;
}

enum status
log_read(struct span *out, struct store_txn *txn, uint64_t index)
{
    struct log_key key = log_tree_key(index);
    struct span entry = {NULL, 0};
    enum status status = store_get(&entry, txn, STORE_ENTRY, (struct span){key.bytes, sizeof key});

    if (status == STATUS_OK && entry.len > LOG_ENTRY_MAX)
        status = STATUS_STORE_BROKEN;
    if (status == STATUS_OK)
        *out = entry;
    return status;
}

enum status
log_note(struct span *out, struct store_txn *txn)
{
    return store_get(out, txn, STORE_META, literal(NOTE_KEY));
}

/* NOT_FOUND for a size that the tree of the last commit does not reach. */
static enum status
check_size(struct store_txn *txn, uint64_t size)
{
    uint64_t now = 0;
    enum status status = log_size(&now, txn);

    if (status == STATUS_OK && size > now)
        return STATUS_NOT_FOUND;
    return status;
}

enum status
log_root(struct digest *out, struct store_txn *txn, uint64_t size)
{
    struct merkle_frontier tree;
    enum status status = check_size(txn, size);

    if (status == STATUS_OK)
        status = merkle_load(&tree, tile_source(txn), size);
    if (status == STATUS_OK)
        merkle_root(out, &tree);
    return status;
}

enum status
log_tree_extends(struct store_txn *txn, const struct checkpoint *last)
{
    struct digest root;
    enum status status = log_root(&root, txn, last->size);

    if (status == STATUS_NOT_FOUND)
        return STATUS_LOG_ROLLBACK;
    if (status == STATUS_OK && !crypt_equal(&root, &last->root, DIGEST_SIZE))
        return STATUS_LOG_ROLLBACK;
    return status;
}

enum status
log_inclusion(struct merkle_path *out, struct store_txn *txn, uint64_t index, uint64_t size)
{
    enum status status = check_size(txn, size);

    out->count = 0;
    if (status == STATUS_OK)
        status = merkle_inclusion(out, tile_source(txn), index, size);
    return status;
}

enum status
log_consistency(struct merkle_path *out, struct store_txn *txn, uint64_t size_old,
                uint64_t size_new)
{
    enum status status = check_size(txn, size_new);

    out->count = 0;
    if (status == STATUS_OK)
        status = merkle_consistency(out, tile_source(txn), size_old, size_new);
    return status;
}

enum status
log_tile(struct span *out, struct store_txn *txn, uint64_t level, uint64_t index, unsigned width)
{
    struct span tile = {NULL, 0};
    uint64_t size = 0;
    uint64_t hashes;
    enum status status = log_size(&size, txn);

    if (status != STATUS_OK)
        return status;
    if (level >= TILE_LEVELS || width < 1 || width > TILE_WIDTH)
        return STATUS_NOT_FOUND;
    hashes = tile_hashes((unsigned)level, size);
    if (index > hashes / TILE_WIDTH || hashes - index * TILE_WIDTH < width)
        return STATUS_NOT_FOUND;
    status = tile_get(&tile, txn, (unsigned)level, index);
    if (status == STATUS_NOT_FOUND ||
        (status == STATUS_OK && tile.len < (size_t)width * DIGEST_SIZE))
        return STATUS_STORE_BROKEN;
    if (status == STATUS_OK)
        *out = (struct span){tile.data, (size_t)width * DIGEST_SIZE};
    return status;
}
