/* The append-only log over a store: entries, their Merkle tree as tiles, and a signed checkpoint
 * after every batch. The city's node and every till keep theirs with it. PROTOCOL.md section 10;
 * C2SP tlog-tiles and tlog-checkpoint.
 *
 * A batch is one write transaction of the store. It is committed and synced, then the checkpoint is
 * written to the second place, then it is published: nothing leaves that could be lost, and a store
 * that is older than what was signed is refused (LOG_ROLLBACK). */
#ifndef SCHWEBE_LOG_H
#define SCHWEBE_LOG_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/pledge.h"
#include "ledger/store.h"
#include "ledger/tile.h"
#include "protocol/crypt.h"
#include "protocol/merkle.h"
#include "protocol/note.h"
#include "protocol/span.h"
#include "protocol/status.h"

/* An entry bundle of tlog-tiles gives the length 16 bits. */
#define LOG_ENTRY_MAX 65535

/* A log that its owner may write. The members are the log's own business. */
struct log {
    struct store *store;             /* borrowed */
    const struct note_key *key;      /* borrowed; its name is the origin */
    const struct secret_key *secret; /* borrowed */
    struct pledge pledge;
    uint64_t size; /* what was last signed, committed and pledged */
    struct digest root;
    pthread_mutex_t mutex; /* guards `published` */
    struct note published;
};

/* A batch under construction. `txn` is for the caller's own tables, `tree` for reading: the tree
 * with all that was appended so far. About 11 KiB. */
struct log_batch {
    struct log *log;
    struct store_txn txn;
    struct merkle_frontier tree;
    enum status failed;
    struct digest tile[TILE_WIDTH]; /* the last, unfinished tile of level 0 */
};

/* Makes the second place of a new log: a file at `second_path`, best on another disk than the
 * store, with a signed checkpoint of the empty tree. The key is of type NOTE_ED25519. EXISTS when
 * the file is there; LOG_ROLLBACK when the store has entries already; CHECKPOINT_FORM when the
 * key's name is no origin; IO, STORE_FULL, STORE_BROKEN. */
MUST_CHECK enum status log_create(struct store *store, const char *second_path,
                                  const struct note_key *key, const struct secret_key *secret);

/* Opens the log of a store for its owner; owns `out` until log_close and borrows the rest until
 * then. When the last commit was not pledged before a power cut, that is made good. LOG_ROLLBACK
 * when the store is behind or beside what was signed, or has entries but no second place;
 * NOT_FOUND when there is neither; LOG_ROOT, CHECKPOINT_FORM, CHECKPOINT_SIGNATURE, SIGNER_UNKNOWN
 * when store or second place do not hold together or belong to another key; STORE_BUSY when another
 * log uses the second place; STORE_BROKEN, IO. On failure `out` holds nothing. */
MUST_CHECK enum status log_open(struct log *out, struct store *store, const char *second_path,
                                const struct note_key *key, const struct secret_key *secret);
void log_close(struct log *log);

/* Begins a batch; log_commit or log_abort ends it. One at a time, in the writer's thread.
 * STORE_BROKEN after a failed commit; LOG_ROLLBACK when the store's tree is not the one last
 * signed. */
MUST_CHECK enum status log_begin(struct log_batch *out, struct log *log);

/* Adds an entry of at most LOG_ENTRY_MAX bytes, stored as it is; fills `index`. TOO_LARGE, nothing
 * changed; STORE_FULL, STORE_BROKEN: the batch is lost. */
MUST_CHECK enum status log_append(struct log_batch *batch, uint64_t *index, struct span entry);

/* Ends a batch: signs the new checkpoint (not if nothing was appended), commits, pledges,
 * publishes. On OK all of it lasts. STORE_FULL, or the status of an earlier failed change: nothing
 * has changed. STORE_BROKEN: it is not known whether it will be there after reopening; log and
 * store refuse everything until then. */
MUST_CHECK enum status log_commit(struct log_batch *batch);
void log_abort(struct log_batch *batch);

/* Fills `out` with the last published checkpoint. Any thread may ask. */
void log_checkpoint(struct note *out, struct log *log);

/* ---- For readers: of any transaction on the store, a batch's own included except where it says
 * otherwise. Spans borrow as in store_get. ---- */

/* The number of entries, of the last commit (in a batch: without those of the batch). */
MUST_CHECK enum status log_size(uint64_t *out, struct store_txn *txn);

/* One entry. NOT_FOUND, STORE_BROKEN. */
MUST_CHECK enum status log_read(struct span *out, struct store_txn *txn, uint64_t index);

/* The stored checkpoint: the newest one, perhaps not yet published. NOT_FOUND in an empty log. */
MUST_CHECK enum status log_note(struct span *out, struct store_txn *txn);

/* The root of the first `size` entries, and proofs as in protocol/merkle, for every size up to that
 * of the last commit. NOT_FOUND beyond it; STORE_BROKEN. */
MUST_CHECK enum status log_root(struct digest *out, struct store_txn *txn, uint64_t size);
MUST_CHECK enum status log_inclusion(struct merkle_path *out, struct store_txn *txn, uint64_t index,
                                     uint64_t size);
MUST_CHECK enum status log_consistency(struct merkle_path *out, struct store_txn *txn,
                                       uint64_t size_old, uint64_t size_new);

/* The first `width` hashes of a tile, 1 to TILE_WIDTH, as tlog-tiles serves them. NOT_FOUND when
 * the tree of the last commit has not so many there. */
MUST_CHECK enum status log_tile(struct span *out, struct store_txn *txn, uint64_t level,
                                uint64_t index, unsigned width);

/* Hashes the whole log anew and compares entries, tiles of all levels, tree, and checkpoint with
 * its signature by `key`; and with the second place unless `second_path` is NULL. Takes a reading
 * transaction, also on a copy. LOG_ROOT with `bad_index` at the first entry that does not fit
 * (UINT64_MAX when it is not an entry); LOG_ROLLBACK when the log is behind or beside the second
 * place; the statuses of checkpoint_verify, pledge_read and the store. */
MUST_CHECK enum status log_verify(uint64_t *bad_index, struct store_txn *txn,
                                  const struct note_key *key, const char *second_path);

#endif
