#include "tile.h"

#include <assert.h>
#include <string.h>

/* One byte of level, then the index from its highest byte on, so that a level lies together. */
struct tile_key {
    uint8_t bytes[1 + 8];
};

static struct tile_key
key_of(unsigned level, uint64_t index)
{
    struct tile_key key = {{(uint8_t)level}};

    assert(level < TILE_LEVELS);
    for (size_t i = 0; i < 8; i++)
        key.bytes[1 + i] = (uint8_t)(index >> (56 - 8 * i));
    return key;
}

uint64_t
tile_hashes(unsigned level, uint64_t size)
{
    assert(size <= MERKLE_SIZE_MAX);
    return level < TILE_LEVELS ? size >> (TILE_HEIGHT * level) : 0;
}

unsigned
tile_roots(struct digest out[static TILE_LEVELS], const struct merkle_frontier *tree,
           const struct digest *leaf)
{
    unsigned levels = 1;

    assert(tree->size < MERKLE_SIZE_MAX);
    out[0] = *leaf;
    while (tile_hashes(levels, tree->size + 1) > tile_hashes(levels, tree->size)) {
        struct digest hash = out[levels - 1];

        /* Full but for this hash, the tile below stands in eight peaks of the tree. */
        for (unsigned i = 0; i < TILE_HEIGHT; i++)
            merkle_node(&hash, &tree->peaks[(levels - 1) * TILE_HEIGHT + i], &hash);
        out[levels++] = hash;
    }
    return levels;
}

enum status
tile_get(struct span *out, struct store_txn *txn, unsigned level, uint64_t index)
{
    const struct tile_key key = key_of(level, index);
    struct span found = {NULL, 0};
    enum status status =
        store_get(&found, txn, STORE_HASH, (struct span){key.bytes, sizeof key.bytes});

    if (status != STATUS_OK)
        return status;
    if (found.len == 0 || found.len > TILE_BYTES || found.len % DIGEST_SIZE != 0)
        return STATUS_STORE_BROKEN;
    *out = found;
    return STATUS_OK;
}

enum status
tile_put(struct store_txn *txn, unsigned level, uint64_t index, const struct digest *hashes,
         size_t count)
{
    const struct tile_key key = key_of(level, index);

    static_assert(sizeof *hashes == DIGEST_SIZE, "an array of digests is the tile");
    assert(count > 0 && count <= TILE_WIDTH);
    return store_put(txn, STORE_HASH, (struct span){key.bytes, sizeof key.bytes},
                     (struct span){hashes->bytes, count * DIGEST_SIZE});
}

enum status
tile_add(struct store_txn *txn, unsigned level, uint64_t at, const struct digest *hash)
{
    const size_t before = (size_t)(at % TILE_WIDTH);
    struct digest hashes[TILE_WIDTH];
    struct span found = {NULL, 0};
    enum status status = STATUS_OK;

    if (before > 0)
        status = tile_get(&found, txn, level, at / TILE_WIDTH);
    if (status == STATUS_NOT_FOUND || (status == STATUS_OK && found.len != before * DIGEST_SIZE))
        status = STATUS_STORE_BROKEN;
    if (status != STATUS_OK)
        return status;
    /* LMDB must not be given its own memory to write. */
    if (before > 0)
        memcpy(hashes, found.data, found.len);
    hashes[before] = *hash;
    return tile_put(txn, level, at / TILE_WIDTH, hashes, before + 1);
}

/* A complete subtree is a hash of a tile, or is made from at most 128 neighbours in one. */
static enum status
get_subtree(void *context, struct digest *out, unsigned level, uint64_t index)
{
    const unsigned tile_level = level / TILE_HEIGHT;
    const unsigned above = level % TILE_HEIGHT;
    const uint64_t first = index << above;
    const size_t from = (size_t)(first % TILE_WIDTH) * DIGEST_SIZE;
    const size_t count = (size_t)1 << above;
    struct merkle_frontier subtree = {0};
    struct span tile = {NULL, 0};
    enum status status = tile_get(&tile, context, tile_level, first / TILE_WIDTH);

    if (status == STATUS_NOT_FOUND ||
        (status == STATUS_OK && tile.len < from + count * DIGEST_SIZE))
        status = STATUS_STORE_BROKEN;
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < count; i++) {
        struct digest hash;

        memcpy(hash.bytes, tile.data + from + i * DIGEST_SIZE, DIGEST_SIZE);
        merkle_append(&subtree, &hash);
    }
    merkle_root(out, &subtree);
    return STATUS_OK;
}

struct merkle_source
tile_source(struct store_txn *txn)
{
    return (struct merkle_source){get_subtree, txn};
}
