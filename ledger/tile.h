/* The stored hashes of a log, in the layout of C2SP tlog-tiles: tile n of level l holds up to 256
 * hashes, hash i of it being the root of the leaves [(256 n + i) 256^l, (256 n + i + 1) 256^l).
 * Inside of ledger/log only. */
#ifndef SCHWEBE_TILE_H
#define SCHWEBE_TILE_H

#include <stdint.h>

#include "ledger/store.h"
#include "protocol/crypt.h"
#include "protocol/merkle.h"
#include "protocol/span.h"
#include "protocol/status.h"

#define TILE_WIDTH 256
#define TILE_HEIGHT 8
#define TILE_BYTES ((size_t)TILE_WIDTH * DIGEST_SIZE)
/* Levels that a tree of MERKLE_SIZE_MAX leaves has: 256^7 < 2^62 < 256^8. */
#define TILE_LEVELS 8

/* How many hashes of `level` a tree of `size` leaves has. */
uint64_t tile_hashes(unsigned level, uint64_t size);

/* The hashes that become complete when `leaf` is added to a tree: fills out[0] with the leaf, and
 * out[l] with the root of the full tile below, for each level that gets a hash. Gives the number of
 * levels. */
unsigned tile_roots(struct digest out[static TILE_LEVELS], const struct merkle_frontier *tree,
                    const struct digest *leaf);

/* Fills `out` with the stored hashes of a tile, DIGEST_SIZE bytes each; it borrows as in store_get.
 * NOT_FOUND, STORE_BROKEN. */
MUST_CHECK enum status tile_get(struct span *out, struct store_txn *txn, unsigned level,
                                uint64_t index);

/* Writes `count` hashes, 1 to TILE_WIDTH, as the whole tile. The statuses of store_put. */
MUST_CHECK enum status tile_put(struct store_txn *txn, unsigned level, uint64_t index,
                                const struct digest *hashes, size_t count);

/* Writes hash number `at` of a level behind those before it. STORE_BROKEN when they are not there,
 * else as store_put. */
MUST_CHECK enum status tile_add(struct store_txn *txn, unsigned level, uint64_t at,
                                const struct digest *hash);

/* The source of complete subtrees for protocol/merkle: STORE_BROKEN when the tiles lack one. It
 * lasts as long as the transaction. */
struct merkle_source tile_source(struct store_txn *txn);

#endif
