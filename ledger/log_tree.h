/* The log's records in STORE_META and STORE_ENTRY. Inside of ledger/log only. */
#ifndef SCHWEBE_LOG_TREE_H
#define SCHWEBE_LOG_TREE_H

#include <stdint.h>

#include "ledger/store.h"
#include "protocol/checkpoint.h"
#include "protocol/merkle.h"
#include "protocol/note.h"
#include "protocol/span.h"
#include "protocol/status.h"

/* The key of an entry: its index from the highest byte on, so that keys sort as indexes do. */
struct log_key {
    uint8_t bytes[8];
};

struct log_key log_tree_key(uint64_t index);

/* The tree of the last commit, the empty one in an empty log. STORE_BROKEN when the record is
 * damaged. */
MUST_CHECK enum status log_tree_get(struct merkle_frontier *out, struct store_txn *txn);

/* Writes tree and checkpoint of a commit. The statuses of store_put. */
MUST_CHECK enum status log_tree_put(struct store_txn *txn, const struct merkle_frontier *tree,
                                    const struct note *note);

/* Whether the tree of the last commit is `last` or continues it; LOG_ROLLBACK when not. */
MUST_CHECK enum status log_tree_extends(struct store_txn *txn, const struct checkpoint *last);

#endif
