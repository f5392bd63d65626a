/* A folder with one transactional store of keys and values in a few tables; the only user of LMDB.
 *
 * A commit is on the disk when it returns: both flushes of LMDB are always made. One process owns a
 * store at a time, and one thread of it writes; any thread may read, each transaction in one thread
 * at a time. A handle does not survive fork. */
#ifndef SCHWEBE_STORE_H
#define SCHWEBE_STORE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/span.h"
#include "protocol/status.h"

struct MDB_env;
struct MDB_txn;
struct MDB_cursor;
struct schema;
struct signer_key;
struct signer_list;

/* LMDB's limit for keys. */
#define STORE_KEY_MAX 511

/* Append only: the names of the tables are in the file. */
enum store_table {
    STORE_ENTRY, /* the log's entries: ledger/log alone writes it */
    STORE_HASH,  /* the log's hash tiles: ledger/log alone writes it */
    STORE_META,  /* the log's root and checkpoint: ledger/log alone writes it */
    STORE_STATE, /* what follows from the entries */
    STORE_SIDE,  /* what does not: personal data, encrypted per record, and local notes */
    STORE_TABLES
};

/* Owned by whoever opened it. The members are the store's own business. */
struct store {
    struct MDB_env *env;
    unsigned tables[STORE_TABLES];
    int lock_fd;
    bool writable;
    atomic_bool writing; /* a write transaction is open */
    atomic_bool broken;  /* a commit failed: nothing is believed any more */
};

struct store_txn {
    struct store *store;
    struct MDB_txn *mdb;
    struct MDB_cursor *cursors[STORE_TABLES];
    bool writable;
    enum status failed; /* the first failed change: such a transaction cannot be committed */
};

/* Where store_find looks from a key on; keys are in the order of their bytes. */
enum store_where {
    STORE_AT_LEAST = 1, /* the first pair whose key is not less */
    STORE_AFTER = 2,    /* the first one whose key is greater */
    STORE_BEFORE = 3    /* the last one whose key is less */
};

/* Walks through the pairs of one table whose keys begin with a prefix. Holds nothing. */
struct store_cursor {
    struct store_txn *txn;
    enum store_table table;
    size_t prefix_len;
    size_t last_len; /* 0: it stands nowhere yet */
    uint8_t prefix[STORE_KEY_MAX];
    uint8_t last[STORE_KEY_MAX]; /* the key it stands on */
};

/* Makes an empty store in `directory`, which is made too (mode 0700) unless it exists. A power cut
 * leaves none or a whole one. EXISTS when there is one, STORE_BUSY while somebody else makes one,
 * IO, STORE_FULL. */
MUST_CHECK enum status store_create(const char *directory);

/* Opens a store as its owner; owns `out` until store_close. The file may grow to `map_bytes`, or
 * keeps the size it has if that is more; take ten times what is expected. NOT_FOUND when there is
 * none, STORE_BUSY when another process, or another handle of this one, has it, STORE_BROKEN when
 * the files are damaged so that it shows at once, IO. On failure `out` holds nothing. */
MUST_CHECK enum status store_open(struct store *out, const char *directory, uint64_t map_bytes);

/* Opens a store for reading, beside its owner or without one. A folder without owner is not written
 * to, so it may be a copy on a read-only medium; a live one gets an entry in its table of readers.
 * Not for a process that is the owner (LMDB forbids it). The statuses of store_open; also
 * STORE_BROKEN for a file shorter than it says. */
MUST_CHECK enum status store_open_reading(struct store *out, const char *directory);

/* All transactions have ended before. Does nothing for a handle that holds nothing. */
void store_close(struct store *store);

/* Writes what a store holds at one moment, without its free pages, into the new folder `directory`,
 * and syncs it; any owner goes on writing. EXISTS, STORE_FULL, STORE_BROKEN, IO; on failure the
 * folder may hold half a store. */
MUST_CHECK enum status store_copy(const char *directory, struct store *store);

/* How much of the file is in use or free for reuse, and how far it may grow. */
MUST_CHECK enum status store_space(uint64_t *used_bytes, uint64_t *map_bytes, struct store *store);

/* Begins a transaction; store_commit or store_abort ends it. Only one may write at a time (assert).
 * STORE_BROKEN on a handle whose commit failed; STORE_BUSY when there are too many readers. Readers
 * see the last commit; keep them short, as what they see cannot be reused. */
MUST_CHECK enum status store_begin_write(struct store_txn *out, struct store *store);
MUST_CHECK enum status store_begin_read(struct store_txn *out, struct store *store);

/* Ends a write transaction: all of it is on the disk, or nothing of it is in the store. When a
 * change has failed, returns what it failed with and changes nothing. STORE_FULL when there is no
 * room in the map: nothing has changed. On any other failure it is not known whether the changes
 * will be there after reopening: STORE_BROKEN, and the handle refuses all but store_close. */
MUST_CHECK enum status store_commit(struct store_txn *txn);

/* Ends a transaction without changes; also how a reader ends. */
void store_abort(struct store_txn *txn);

/* Commits when `status` is OK, else drops the changes and passes it on. */
MUST_CHECK enum status store_finish(struct store_txn *txn, enum status status);

/* Makes the handle refuse everything, as after a failed commit: for the log, when what it keeps
 * beside the store can no longer be brought in line with it. */
void store_break(struct store *store);

/* Fills `out`, which borrows from the store until the next change in this transaction or its end.
 * NOT_FOUND, STORE_BROKEN. Here and below keys have 1 to STORE_KEY_MAX bytes (assert). */
MUST_CHECK enum status store_get(struct span *out, struct store_txn *txn, enum store_table table,
                                 struct span key);

/* Writes a pair, replacing an older value. STORE_FULL, STORE_BROKEN: the transaction is lost. */
MUST_CHECK enum status store_put(struct store_txn *txn, enum store_table table, struct span key,
                                 struct span value);

/* Writes a pair whose key must be new (EXISTS, nothing changed), or greater than all others in the
 * table (EXISTS, nothing changed), which fills pages without splitting them. Else as store_put. */
MUST_CHECK enum status store_insert(struct store_txn *txn, enum store_table table, struct span key,
                                    struct span value);
MUST_CHECK enum status store_append(struct store_txn *txn, enum store_table table, struct span key,
                                    struct span value);

/* Removes a pair. NOT_FOUND, else as store_put. */
MUST_CHECK enum status store_delete(struct store_txn *txn, enum store_table table, struct span key);

/* How many pairs a table has. */
MUST_CHECK enum status store_count(uint64_t *out, struct store_txn *txn, enum store_table table);

/* Fills `key` and `value`, which borrow as in store_get, with the neighbour of `from`, a key that
 * need not be there. An empty `from` stands for the beginning, or before it for the end. NOT_FOUND,
 * STORE_BROKEN. */
MUST_CHECK enum status store_find(struct span *key, struct span *value, struct store_txn *txn,
                                  enum store_table table, enum store_where where, struct span from);

/* Starts a walk over the keys that begin with `prefix`, which may be empty. */
void store_cursor_start(struct store_cursor *out, struct store_txn *txn, enum store_table table,
                        struct span prefix);

/* Move to a pair and fill `key` and `value`, which borrow as in store_get: seek to the first key
 * not less than `from`, which may be empty, last to the last one; next and previous to the
 * neighbours, also when the pair it stood on is gone, and at the start to the first and last.
 * NOT_FOUND when there is none; the cursor then stands where it stood. STORE_BROKEN. */
MUST_CHECK enum status store_cursor_seek(struct store_cursor *cursor, struct span *key,
                                         struct span *value, struct span from);
MUST_CHECK enum status store_cursor_last(struct store_cursor *cursor, struct span *key,
                                         struct span *value);
MUST_CHECK enum status store_cursor_next(struct store_cursor *cursor, struct span *key,
                                         struct span *value);
MUST_CHECK enum status store_cursor_previous(struct store_cursor *cursor, struct span *key,
                                             struct span *value);

/* --- records of STORE_STATE ---------------------------------------------------------------- */

/* Bytes of one encoded record at most. */
#define STORE_RECORD_MAX (80 * 1024)

/* A key that begins with a letter, which tells the kinds of records apart. */
struct store_record_key {
    size_t len;
    uint8_t bytes[48];
};

/* A letter and `len` bytes of id, which fit (assert), or a number in big-endian order. */
struct store_record_key store_record_key(char letter, const void *id, size_t len);
struct store_record_key store_record_number(char letter, uint64_t number);
/* Borrows from `key`. */
struct span store_record_span(const struct store_record_key *key);

/* NOT_FOUND, or STORE_BROKEN when the stored bytes are no such record. Spans in `out` borrow from
 * the store as in store_get, or from `value`. */
MUST_CHECK enum status store_record_get(void *out, const struct schema *schema,
                                        struct store_txn *txn, struct store_record_key key);
MUST_CHECK enum status store_record_decode(void *out, const struct schema *schema,
                                           struct span value);

/* The statuses of schema_encode and store_put. For the one thread that writes. */
MUST_CHECK enum status store_record_put(struct store_txn *txn, struct store_record_key key,
                                        const struct schema *schema, const void *object);

/* The first pair behind `after` whose key begins with its first `prefix` bytes. NOT_FOUND. */
MUST_CHECK enum status store_record_next(struct span *key, struct span *value,
                                         struct store_txn *txn,
                                         const struct store_record_key *after, size_t prefix);

/* The keys that somebody trusts, one record each in the form of protocol/trust.h: all of them,
 * sorted by role and key (STORE_BROKEN), and writing one. */
MUST_CHECK enum status store_record_signers(struct signer_list *out, struct store_txn *txn,
                                            uint8_t letter);
MUST_CHECK enum status store_record_signer(struct store_txn *txn, uint8_t letter,
                                           const struct signer_key *signer);

#endif
