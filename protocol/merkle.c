#include "merkle.h"

#include <assert.h>
#include <stdbool.h>

static_assert(MERKLE_PATH_MAX < MERKLE_LEVELS,
              "a proof is at most as long as the tree is high + 1");

void
merkle_leaf(struct digest *out, struct span entry)
{
    static const uint8_t prefix[] = {0x00};
    const struct span parts[] = {{prefix, sizeof prefix}, entry};

    crypt_hash(out, parts, 2);
}

void
merkle_node(struct digest *out, const struct digest *left, const struct digest *right)
{
    static const uint8_t prefix[] = {0x01};
    const struct span parts[] = {
        {prefix, sizeof prefix}, {left->bytes, DIGEST_SIZE}, {right->bytes, DIGEST_SIZE}};

    crypt_hash(out, parts, 3);
}

void
merkle_empty(struct digest *out)
{
    crypt_hash(out, NULL, 0);
}

void
merkle_append(struct merkle_frontier *tree, const struct digest *leaf)
{
    struct digest hash = *leaf;
    unsigned level = 0;

    assert(tree->size < MERKLE_SIZE_MAX);
    while ((tree->size >> level & 1) != 0) {
        merkle_node(&hash, &tree->peaks[level], &hash);
        level++;
    }
    assert(level < MERKLE_LEVELS);
    tree->peaks[level] = hash;
    tree->size++;
}

void
merkle_root(struct digest *out, const struct merkle_frontier *tree)
{
    bool started = false;

    assert(tree->size <= MERKLE_SIZE_MAX);
    if (tree->size == 0)
        merkle_empty(out);
    for (unsigned level = 0; level < MERKLE_LEVELS; level++) {
        if ((tree->size >> level & 1) == 0)
            continue;
        if (started)
            merkle_node(out, &tree->peaks[level], out);
        else
            *out = tree->peaks[level];
        started = true;
    }
}

/* The index of the complete subtree of 2^level leaves at the right edge of a tree whose size has
 * bit `level` set. */
static uint64_t
peak_index(uint64_t size, unsigned level)
{
    return (size >> level) - 1;
}

enum status
merkle_load(struct merkle_frontier *out, struct merkle_source source, uint64_t size)
{
    assert(source.get != NULL);
    assert(size <= MERKLE_SIZE_MAX);
    out->size = size;
    for (unsigned level = 0; level < MERKLE_LEVELS; level++) {
        enum status status = STATUS_OK;

        if ((size >> level & 1) != 0)
            status = source.get(source.context, &out->peaks[level], level, peak_index(size, level));
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

static void
path_push(struct merkle_path *path, const struct digest *hash)
{
    assert(path->count < MERKLE_PATH_MAX);
    path->hashes[path->count++] = *hash;
}

static enum status
path_push_stored(struct merkle_path *path, struct merkle_source source, unsigned level,
                 uint64_t index)
{
    struct digest hash;
    enum status status = source.get(source.context, &hash, level, index);

    if (status == STATUS_OK)
        path_push(path, &hash);
    return status;
}

/* Appends the siblings that lead from the complete subtree `index` of 2^level leaves to the root of
 * the tree of `size`. The subtree lies in one of the peaks of that tree; on the way up come the
 * siblings inside this peak, then all smaller peaks to its right as one hash, then the larger
 * ones to its left, the nearest first. */
static enum status
path_climb(struct merkle_path *path, struct merkle_source source, unsigned level, uint64_t index,
           uint64_t size)
{
    struct merkle_frontier right;
    enum status status = STATUS_OK;
    struct digest hash;
    unsigned peak = level;

    /* The peak is the lowest set bit of size, not below level, whose subtree holds `index`. */
    while ((size >> peak & 1) == 0 || index >> (peak - level) != peak_index(size, peak)) {
        peak++;
        assert(peak < MERKLE_LEVELS);
    }
    for (unsigned at = level; at < peak && status == STATUS_OK; at++)
        status = path_push_stored(path, source, at, index >> (at - level) ^ 1);

    /* Stored subtrees are numbered from the left of the whole tree, so the smaller peaks are
     * loaded as those of the whole and then rooted alone. */
    if (status == STATUS_OK)
        status = merkle_load(&right, source, size);
    if (status != STATUS_OK)
        return status;
    right.size = size & ((UINT64_C(1) << peak) - 1);
    if (right.size != 0) {
        merkle_root(&hash, &right);
        path_push(path, &hash);
    }
    for (unsigned at = peak + 1; at < MERKLE_LEVELS; at++)
        if ((size >> at & 1) != 0)
            path_push(path, &right.peaks[at]);
    return STATUS_OK;
}

enum status
merkle_inclusion(struct merkle_path *out, struct merkle_source source, uint64_t index,
                 uint64_t size)
{
    enum status status;

    assert(source.get != NULL);
    out->count = 0;
    if (index >= size || size > MERKLE_SIZE_MAX)
        return STATUS_NOT_FOUND;
    status = path_climb(out, source, 0, index, size);
    if (status != STATUS_OK)
        out->count = 0;
    return status;
}

enum status
merkle_consistency(struct merkle_path *out, struct merkle_source source, uint64_t size_old,
                   uint64_t size_new)
{
    enum status status = STATUS_OK;
    unsigned level = 0;
    uint64_t index;

    assert(source.get != NULL);
    out->count = 0;
    if (size_old > size_new || size_new > MERKLE_SIZE_MAX)
        return STATUS_NOT_FOUND;
    if (size_old == 0 || size_old == size_new)
        return STATUS_OK;

    /* The walk starts at the smallest peak of the old tree. When that is the whole of it, the
     * verifier knows its hash: the old root. */
    while ((size_old >> level & 1) == 0)
        level++;
    index = peak_index(size_old, level);
    if (index != 0)
        status = path_push_stored(out, source, level, index);
    if (status == STATUS_OK)
        status = path_climb(out, source, level, index, size_new);
    if (status != STATUS_OK)
        out->count = 0;
    return status;
}

/* Where a walk towards the root stands: the node's number and that of the last node of its level
 * (fn and sn of the RFC). */
struct walk {
    uint64_t node;
    uint64_t last;
};

/* One level up. True when the next hash of the path stands to the left. */
static bool
walk_up(struct walk *walk)
{
    bool left = (walk->node & 1) != 0 || walk->node == walk->last;

    assert(walk->last != 0);
    while (left && walk->node != 0 && (walk->node & 1) == 0) {
        walk->node >>= 1;
        walk->last >>= 1;
    }
    walk->node >>= 1;
    walk->last >>= 1;
    return left;
}

static bool
same(const struct digest *a, const struct digest *b)
{
    return crypt_equal(a->bytes, b->bytes, DIGEST_SIZE);
}

enum status
merkle_verify_inclusion(const struct merkle_path *path, const struct digest *leaf, uint64_t index,
                        uint64_t size, const struct digest *root)
{
    struct walk walk = {index, size - 1};
    struct digest hash = *leaf;

    assert(path->count <= MERKLE_PATH_MAX);
    if (index >= size)
        return STATUS_LOG_PROOF;
    for (size_t i = 0; i < path->count; i++) {
        if (walk.last == 0)
            return STATUS_LOG_PROOF;
        if (walk_up(&walk))
            merkle_node(&hash, &path->hashes[i], &hash);
        else
            merkle_node(&hash, &hash, &path->hashes[i]);
    }
    return walk.last == 0 && same(&hash, root) ? STATUS_OK : STATUS_LOG_PROOF;
}

enum status
merkle_verify_consistency(const struct merkle_path *path, uint64_t size_old,
                          const struct digest *root_old, uint64_t size_new,
                          const struct digest *root_new)
{
    struct walk walk = {size_old - 1, size_new - 1};
    struct digest hash_old;
    struct digest hash_new;
    size_t next = 0;

    assert(path->count <= MERKLE_PATH_MAX);
    if (size_old > size_new)
        return STATUS_LOG_PROOF;
    if (size_old == size_new)
        return path->count == 0 && same(root_old, root_new) ? STATUS_OK : STATUS_LOG_PROOF;
    if (size_old == 0 || path->count == 0)
        return size_old == 0 && path->count == 0 ? STATUS_OK : STATUS_LOG_PROOF;

    hash_old = (size_old & (size_old - 1)) == 0 ? *root_old : path->hashes[next++];
    hash_new = hash_old;
    while ((walk.node & 1) != 0) {
        walk.node >>= 1;
        walk.last >>= 1;
    }
    for (; next < path->count; next++) {
        if (walk.last == 0)
            return STATUS_LOG_PROOF;
        if (walk_up(&walk)) {
            merkle_node(&hash_old, &path->hashes[next], &hash_old);
            merkle_node(&hash_new, &path->hashes[next], &hash_new);
        } else {
            merkle_node(&hash_new, &hash_new, &path->hashes[next]);
        }
    }
    return walk.last == 0 && same(&hash_old, root_old) && same(&hash_new, root_new)
               ? STATUS_OK
               : STATUS_LOG_PROOF;
}
