/* The Merkle tree of the log: RFC 9162 section 2.1, SHA-256. Sizes, roots and proofs; the stored
 * hashes come through a callback, so that the same code works on tiles, arrays and in the browser.
 */
#ifndef SCHWEBE_MERKLE_H
#define SCHWEBE_MERKLE_H

#include <stddef.h>
#include <stdint.h>

#include "crypt.h"
#include "span.h"
#include "status.h"

/* The witness protocol carries at most 63 hashes; a tree of at most 2^62 leaves never needs more.
 */
#define MERKLE_SIZE_MAX (UINT64_C(1) << 62)
#define MERKLE_PATH_MAX 63
#define MERKLE_LEVELS 64

/* An inclusion or consistency proof; hashes[0 .. count) in the order of the RFC. */
struct merkle_path {
    size_t count;
    struct digest hashes[MERKLE_PATH_MAX];
};

/* The right edge of a tree, enough to append and to know the root: peaks[i] is the root of the
 * complete subtree of 2^i leaves for every bit i that is set in `size`, undefined otherwise.
 * All zero is the empty tree. */
struct merkle_frontier {
    uint64_t size;
    struct digest peaks[MERKLE_LEVELS];
};

/* Where stored hashes come from: `get` fills `out` with the root of the complete subtree number
 * `index` of 2^level leaves, that is of the leaves [index << level, (index + 1) << level). Whatever
 * status it fails with ends the construction and is handed on. */
struct merkle_source {
    enum status (*get)(void *context, struct digest *out, unsigned level, uint64_t index);
    void *context;
};

/* H(0x00 || entry), H(0x01 || left || right), H("") (section 2.1.1). `out` may be an input. */
void merkle_leaf(struct digest *out, struct span entry);
void merkle_node(struct digest *out, const struct digest *left, const struct digest *right);
void merkle_empty(struct digest *out);

/* Adds one leaf hash. The tree must be smaller than MERKLE_SIZE_MAX. */
void merkle_append(struct merkle_frontier *tree, const struct digest *leaf);

/* The root of all that was appended. */
void merkle_root(struct digest *out, const struct merkle_frontier *tree);

/* Rebuilds the frontier of the first `size` leaves from stored hashes: at most 62 of them. On
 * failure `out` is undefined. */
MUST_CHECK enum status merkle_load(struct merkle_frontier *out, struct merkle_source source,
                                   uint64_t size);

/* Fills `out` with the proof that leaf `index` is in the tree of `size` leaves (section 2.1.3.1).
 * STATUS_NOT_FOUND when index >= size or size > MERKLE_SIZE_MAX, else what the source fails with;
 * then `out` has no hashes. */
MUST_CHECK enum status merkle_inclusion(struct merkle_path *out, struct merkle_source source,
                                        uint64_t index, uint64_t size);

/* Fills `out` with the proof that the tree of `size_old` leaves is the beginning of the one of
 * `size_new` (section 2.1.4.1); empty for equal sizes and for size_old = 0. STATUS_NOT_FOUND when
 * size_old > size_new or size_new > MERKLE_SIZE_MAX, else what the source fails with; then `out`
 * has no hashes. */
MUST_CHECK enum status merkle_consistency(struct merkle_path *out, struct merkle_source source,
                                          uint64_t size_old, uint64_t size_new);

/* Section 2.1.3.2. STATUS_LOG_PROOF unless `path` leads from `leaf` at `index` to `root`. */
MUST_CHECK enum status merkle_verify_inclusion(const struct merkle_path *path,
                                               const struct digest *leaf, uint64_t index,
                                               uint64_t size, const struct digest *root);

/* Section 2.1.4.2, with the rule of the witness protocol that the empty tree is consistent with
 * every tree by an empty path. STATUS_LOG_PROOF unless `path` shows that the tree of `size_old`
 * leaves and `root_old` is the beginning of the other. */
MUST_CHECK enum status merkle_verify_consistency(const struct merkle_path *path, uint64_t size_old,
                                                 const struct digest *root_old, uint64_t size_new,
                                                 const struct digest *root_new);

#endif
