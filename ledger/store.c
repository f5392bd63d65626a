#include "store.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <lmdb.h>

#include "ledger/store_file.h"
#include "protocol/file.h"

#define DATA_FILE "data.mdb"
#define NEW_FILE "new.mdb"
#define FILE_MODE 0600
#define FOLDER_MODE 0700
/* Room for the empty tables of a new store. */
#define CREATE_BYTES (UINT64_C(1) << 20)
/* Less than any store: LMDB then maps what is in use, not all that its owner let it grow to. */
#define MAP_IN_USE 1
/* A value is held in memory as a whole; LMDB's own limit is higher. */
#define VALUE_MAX ((size_t)1 << 30)

static const char *const table_names[] = {[STORE_ENTRY] = "entry",
                                          [STORE_HASH] = "hash",
                                          [STORE_META] = "meta",
                                          [STORE_STATE] = "state",
                                          [STORE_SIDE] = "side"};

static_assert(sizeof table_names / sizeof table_names[0] == STORE_TABLES, "one name a table");

/* ---- Statuses -----------------------------------------------------------------------*/

/* What a failure of LMDB or of the system means. */
static enum status
status_of(int code)
{
    switch (code) {
    case MDB_SUCCESS:
        return STATUS_OK;
    case MDB_NOTFOUND:
    case ENOENT:
        return STATUS_NOT_FOUND;
    case MDB_KEYEXIST:
        return STATUS_EXISTS;
    case MDB_MAP_FULL:
    case MDB_TXN_FULL:
    case ENOSPC:
    case EDQUOT:
        return STATUS_STORE_FULL;
    case MDB_READERS_FULL:
    case MDB_MAP_RESIZED:
        return STATUS_STORE_BUSY;
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_PANIC:
    case MDB_CURSOR_FULL:
    case MDB_BAD_TXN:
    case MDB_INVALID:
    case MDB_VERSION_MISMATCH:
    case MDB_INCOMPATIBLE:
        return STATUS_STORE_BROKEN;
    default:
        return STATUS_IO;
    }
}

/* ---- Opening and closing ----------------------------------------------------------------------*/

/* Opens the tables, making those that are missing if the store is `writable`. */
static enum status
open_tables(struct MDB_env *env, unsigned tables[static STORE_TABLES], bool writable)
{
    MDB_txn *txn = NULL;
    int code = mdb_txn_begin(env, NULL, writable ? 0 : MDB_RDONLY, &txn);

    if (code != MDB_SUCCESS)
        return status_of(code);
    for (size_t i = 0; i < STORE_TABLES && code == MDB_SUCCESS; i++)
        code = mdb_dbi_open(txn, table_names[i], writable ? MDB_CREATE : 0, &tables[i]);
    if (code == MDB_SUCCESS)
        return status_of(mdb_txn_commit(txn));
    mdb_txn_abort(txn);
    return code == MDB_NOTFOUND ? STATUS_STORE_BROKEN : status_of(code);
}

/* Everything of LMDB's that opening takes. On failure nothing is held. */
static enum status
open_env(struct MDB_env **out, unsigned tables[static STORE_TABLES], const char *path,
         unsigned flags, uint64_t map_bytes)
{
    const bool writable = (flags & MDB_RDONLY) == 0;
    MDB_env *env = NULL;
    enum status status;
    int code = mdb_env_create(&env);

    if (code == MDB_SUCCESS && map_bytes > 0)
        code = map_bytes > SIZE_MAX ? ENOMEM : mdb_env_set_mapsize(env, (size_t)map_bytes);
    if (code == MDB_SUCCESS)
        code = mdb_env_set_maxdbs(env, STORE_TABLES);
    if (code == MDB_SUCCESS)
        code = mdb_env_open(env, path, flags, FILE_MODE);
    status = status_of(code);
    if (status == STATUS_OK)
        status = open_tables(env, tables, writable);
    if (status == STATUS_OK)
        *out = env;
    else if (env != NULL)
        mdb_env_close(env);
    return status;
}

/* LMDB leaves its main file open across exec. */
static void
close_on_exec(struct MDB_env *env)
{
    int fd = -1;

    if (mdb_env_get_fd(env, &fd) == MDB_SUCCESS && fd >= 0)
        (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
}

/* A new store under another name, so that a power cut never leaves half of one. */
static enum status
create_file(const char *directory, const char *path)
{
    char path_new[FILE_PATH_MAX];
    unsigned tables[STORE_TABLES];
    struct MDB_env *env;
    enum status status = file_path(path_new, directory, NEW_FILE);

    if (status != STATUS_OK)
        return status;
    if (unlink(path_new) != 0 && errno != ENOENT)
        return STATUS_IO;
    status = open_env(&env, tables, path_new, MDB_NOSUBDIR | MDB_NOLOCK | MDB_NOTLS, CREATE_BYTES);
    if (status != STATUS_OK)
        return status;
    mdb_env_close(env);
    status = store_file_sync(path_new);
    if (status == STATUS_OK && rename(path_new, path) != 0)
        status = status_of(errno);
    if (status == STATUS_OK)
        status = store_file_sync(directory);
    return status;
}

enum status
store_create(const char *directory)
{
    char parent[FILE_PATH_MAX];
    char path[FILE_PATH_MAX];
    int lock_fd = -1;
    enum status status;

    assert(directory != NULL);
    status = file_path(path, directory, DATA_FILE);
    if (status == STATUS_OK)
        status = file_path(parent, directory, "..");
    if (status != STATUS_OK)
        return status;
    if (mkdir(directory, FOLDER_MODE) == 0)
        status = store_file_sync(parent);
    else if (errno != EEXIST)
        status = STATUS_IO;
    if (status == STATUS_OK)
        status = store_file_lock(&lock_fd, directory, true);
    if (status != STATUS_OK)
        return status;
    if (access(path, F_OK) == 0)
        status = STATUS_EXISTS;
    else
        status = create_file(directory, path);
    close(lock_fd);
    return status;
}

enum status
store_open(struct store *out, const char *directory, uint64_t map_bytes)
{
    char path[FILE_PATH_MAX];
    enum status status;

    assert(directory != NULL);
    assert(map_bytes > 0);
    memset(out, 0, sizeof *out);
    out->lock_fd = -1;
    status = file_path(path, directory, DATA_FILE);
    /* Before anything is made in a folder that is none of ours. */
    if (status == STATUS_OK && access(path, F_OK) != 0)
        status = status_of(errno);
    if (status == STATUS_OK)
        status = store_file_lock(&out->lock_fd, directory, true);
    if (status == STATUS_OK)
        status = store_file_check(path, true);
    if (status == STATUS_OK)
        status = open_env(&out->env, out->tables, directory, MDB_NOTLS, map_bytes);
    if (status != STATUS_OK) {
        store_close(out);
        return status;
    }
    close_on_exec(out->env);
    out->writable = true;
    return STATUS_OK;
}

enum status
store_open_reading(struct store *out, const char *directory)
{
    char path[FILE_PATH_MAX];
    unsigned flags = MDB_RDONLY | MDB_NOTLS;
    enum status status;

    assert(directory != NULL);
    memset(out, 0, sizeof *out);
    out->lock_fd = -1;
    status = file_path(path, directory, DATA_FILE);
    if (status == STATUS_OK)
        status = store_file_check(path, false);
    if (status != STATUS_OK)
        return status;
    /* With an owner the pages that are read must be known to it; without one, or where there has
     * never been one as in a copy, they stand still while the lock is held. */
    status = store_file_lock(&out->lock_fd, directory, false);
    if (status == STATUS_OK || status == STATUS_NOT_FOUND)
        flags |= MDB_NOLOCK;
    if (status == STATUS_OK || status == STATUS_NOT_FOUND || status == STATUS_STORE_BUSY)
        status = open_env(&out->env, out->tables, directory, flags,
                          (flags & MDB_NOLOCK) != 0 ? MAP_IN_USE : 0);
    if (status != STATUS_OK) {
        store_close(out);
        return status;
    }
    close_on_exec(out->env);
    return STATUS_OK;
}

void
store_close(struct store *store)
{
    assert(!atomic_load(&store->writing));
    if (store->env != NULL)
        mdb_env_close(store->env);
    if (store->lock_fd >= 0)
        close(store->lock_fd);
    memset(store, 0, sizeof *store);
    store->lock_fd = -1;
}

enum status
store_space(uint64_t *used_bytes, uint64_t *map_bytes, struct store *store)
{
    MDB_envinfo info;
    MDB_stat stat;
    int code = mdb_env_info(store->env, &info);

    if (code == MDB_SUCCESS)
        code = mdb_env_stat(store->env, &stat);
    if (code != MDB_SUCCESS)
        return status_of(code);
    *used_bytes = ((uint64_t)info.me_last_pgno + 1) * stat.ms_psize;
    *map_bytes = info.me_mapsize;
    return STATUS_OK;
}

enum status
store_copy(const char *directory, struct store *store)
{
    char path[FILE_PATH_MAX];
    enum status status = file_path(path, directory, DATA_FILE);

    assert(store->env != NULL);
    if (status == STATUS_OK)
        status = file_folder(directory);
    if (status == STATUS_OK)
        status = status_of(mdb_env_copy2(store->env, directory, MDB_CP_COMPACT));
    if (status == STATUS_OK)
        status = store_file_sync(path);
    if (status == STATUS_OK)
        status = store_file_sync(directory);
    return status;
}

/* ---- Transactions -----------------------------------------------------------------------------*/

static enum status
begin(struct store_txn *out, struct store *store, unsigned flags)
{
    int code;

    assert(store->env != NULL);
    memset(out, 0, sizeof *out);
    if (atomic_load(&store->broken))
        return STATUS_STORE_BROKEN;
    code = mdb_txn_begin(store->env, NULL, flags, &out->mdb);
    if (code != MDB_SUCCESS)
        return status_of(code);
    out->store = store;
    return STATUS_OK;
}

enum status
store_begin_write(struct store_txn *out, struct store *store)
{
    enum status status;
    bool already;
    int dead;

    assert(store->writable);
    already = atomic_exchange(&store->writing, true);
    assert(!already);
    (void)already;
    /* Readers of other processes that died would keep their pages for ever. */
    (void)mdb_reader_check(store->env, &dead);
    status = begin(out, store, 0);
    if (status == STATUS_OK)
        out->writable = true;
    else
        atomic_store(&store->writing, false);
    return status;
}

enum status
store_begin_read(struct store_txn *out, struct store *store)
{
    return begin(out, store, MDB_RDONLY);
}

static void
close_cursors(struct store_txn *txn)
{
    for (size_t i = 0; i < STORE_TABLES; i++)
        if (txn->cursors[i] != NULL)
            mdb_cursor_close(txn->cursors[i]);
    memset(txn->cursors, 0, sizeof txn->cursors);
}

/* A committed file is brought to the length that it says it has, see store_file_check. That
 * this fails changes nothing for us: the next owner does it. */
static void
keep_length(struct store *store)
{
    uint64_t used_bytes;
    uint64_t map_bytes;
    struct stat file;
    int fd;

    if (store_space(&used_bytes, &map_bytes, store) != STATUS_OK ||
        mdb_env_get_fd(store->env, &fd) != MDB_SUCCESS)
        return;
    if (fstat(fd, &file) == 0 && (uint64_t)file.st_size < used_bytes)
        if (ftruncate(fd, (off_t)used_bytes) != 0)
            return;
}

enum status
store_commit(struct store_txn *txn)
{
    struct store *store = txn->store;
    enum status failed = txn->failed;
    int code;

    assert(txn->mdb != NULL);
    assert(txn->writable);
    if (failed != STATUS_OK || atomic_load(&store->broken)) {
        store_abort(txn);
        return failed != STATUS_OK ? failed : STATUS_STORE_BROKEN;
    }
    close_cursors(txn);
    /* LMDB frees the transaction in any case. */
    code = mdb_txn_commit(txn->mdb);
    if (code == MDB_SUCCESS)
        keep_length(store);
    else if (code != MDB_MAP_FULL)
        atomic_store(&store->broken, true);
    memset(txn, 0, sizeof *txn);
    atomic_store(&store->writing, false);
    if (code == MDB_SUCCESS)
        return STATUS_OK;
    return code == MDB_MAP_FULL ? STATUS_STORE_FULL : STATUS_STORE_BROKEN;
}

void
store_abort(struct store_txn *txn)
{
    assert(txn->mdb != NULL);
    close_cursors(txn);
    mdb_txn_abort(txn->mdb);
    if (txn->writable)
        atomic_store(&txn->store->writing, false);
    memset(txn, 0, sizeof *txn);
}

enum status
store_finish(struct store_txn *txn, enum status status)
{
    if (status == STATUS_OK)
        return store_commit(txn);
    store_abort(txn);
    return status;
}

void
store_break(struct store *store)
{
    atomic_store(&store->broken, true);
}

/* ---- Pairs ------------------------------------------------------------------------------------*/

/* LMDB takes its inputs through pointers to what it might change; it does not. */
static MDB_val
val_of(struct span span)
{
    return (MDB_val){span.len, (void *)(uintptr_t)span.data};
}

static struct span
span_of(MDB_val val)
{
    return (struct span){val.mv_data, val.mv_size};
}

/* What is to be said before anything is done. */
static enum status
usable(const struct store_txn *txn, enum store_table table)
{
    assert(txn->mdb != NULL);
    assert((unsigned)table < STORE_TABLES);
    return atomic_load(&txn->store->broken) ? STATUS_STORE_BROKEN : txn->failed;
}

/* The status of a change or look-up. Damage that LMDB finds is damage for the whole handle, and a
 * change that failed half-way must not be committed. */
static enum status
outcome(struct store_txn *txn, int code)
{
    enum status status = status_of(code);

    if (status == STATUS_STORE_BROKEN)
        atomic_store(&txn->store->broken, true);
    if (status != STATUS_OK && status != STATUS_NOT_FOUND && status != STATUS_EXISTS)
        txn->failed = status;
    return status;
}

enum status
store_get(struct span *out, struct store_txn *txn, enum store_table table, struct span key)
{
    enum status status = usable(txn, table);
    MDB_val mdb_key = val_of(key);
    MDB_val value;

    assert(key.len > 0);
    assert(key.len <= STORE_KEY_MAX);
    if (status != STATUS_OK)
        return status;
    status = outcome(txn, mdb_get(txn->mdb, txn->store->tables[table], &mdb_key, &value));
    if (status == STATUS_OK)
        *out = span_of(value);
    return status;
}

static enum status
put(struct store_txn *txn, enum store_table table, struct span key, struct span value,
    unsigned flags)
{
    enum status status = usable(txn, table);
    MDB_val mdb_value = val_of(value);
    MDB_val mdb_key = val_of(key);

    assert(txn->writable);
    assert(key.len > 0);
    assert(key.len <= STORE_KEY_MAX);
    assert(value.len <= VALUE_MAX);
    if (status != STATUS_OK)
        return status;
    return outcome(txn, mdb_put(txn->mdb, txn->store->tables[table], &mdb_key, &mdb_value, flags));
}

enum status
store_put(struct store_txn *txn, enum store_table table, struct span key, struct span value)
{
    return put(txn, table, key, value, 0);
}

enum status
store_insert(struct store_txn *txn, enum store_table table, struct span key, struct span value)
{
    return put(txn, table, key, value, MDB_NOOVERWRITE);
}

enum status
store_append(struct store_txn *txn, enum store_table table, struct span key, struct span value)
{
    return put(txn, table, key, value, MDB_APPEND);
}

enum status
store_delete(struct store_txn *txn, enum store_table table, struct span key)
{
    enum status status = usable(txn, table);
    MDB_val mdb_key = val_of(key);

    assert(txn->writable);
    assert(key.len > 0);
    assert(key.len <= STORE_KEY_MAX);
    if (status != STATUS_OK)
        return status;
    return outcome(txn, mdb_del(txn->mdb, txn->store->tables[table], &mdb_key, NULL));
}

enum status
store_count(uint64_t *out, struct store_txn *txn, enum store_table table)
{
    enum status status = usable(txn, table);
    MDB_stat stat;

    if (status != STATUS_OK)
        return status;
    status = outcome(txn, mdb_stat(txn->mdb, txn->store->tables[table], &stat));
    if (status == STATUS_OK)
        *out = stat.ms_entries;
    return status;
}

/* ---- Neighbours -------------------------------------------------------------------------------*/

static int
find(MDB_cursor *cursor, MDB_val *at, MDB_val *value, enum store_where where, struct span from)
{
    int code;

    *at = val_of(from);
    if (where != STORE_BEFORE && from.len == 0)
        return mdb_cursor_get(cursor, at, value, MDB_FIRST);
    code = from.len == 0 ? MDB_NOTFOUND : mdb_cursor_get(cursor, at, value, MDB_SET_RANGE);
    if (where == STORE_BEFORE && code == MDB_NOTFOUND)
        return mdb_cursor_get(cursor, at, value, MDB_LAST);
    if (where == STORE_BEFORE && code == MDB_SUCCESS)
        return mdb_cursor_get(cursor, at, value, MDB_PREV);
    if (where == STORE_AFTER && code == MDB_SUCCESS && at->mv_size == from.len &&
        memcmp(at->mv_data, from.data, from.len) == 0)
        return mdb_cursor_get(cursor, at, value, MDB_NEXT);
    return code;
}

/* Whether a key that was found lies where it was looked for. In a damaged file it need not, and a
 * walk from key to key would have no end. */
static bool
is_sound(struct span key, enum store_where where, struct span from)
{
    const size_t shorter = key.len < from.len ? key.len : from.len;
    int order = 0;

    if (key.len == 0 || key.len > STORE_KEY_MAX)
        return false;
    if (from.len == 0)
        return true;
    order = memcmp(key.data, from.data, shorter);
    if (order == 0)
        order = (key.len > from.len) - (key.len < from.len);
    return where == STORE_BEFORE ? order < 0 : where == STORE_AFTER ? order > 0 : order >= 0;
}

enum status
store_find(struct span *key, struct span *value, struct store_txn *txn, enum store_table table,
           enum store_where where, struct span from)
{
    enum status status = usable(txn, table);
    MDB_val at_value = {0};
    MDB_val at = {0};
    int code = MDB_SUCCESS;

    assert(from.len <= STORE_KEY_MAX);
    if (status != STATUS_OK)
        return status;
    /* LMDB's cursor of the table is opened at its first use and ends with the transaction. */
    if (txn->cursors[table] == NULL)
        code = mdb_cursor_open(txn->mdb, txn->store->tables[table], &txn->cursors[table]);
    if (code == MDB_SUCCESS)
        code = find(txn->cursors[table], &at, &at_value, where, from);
    if (code == MDB_SUCCESS && !is_sound(span_of(at), where, from))
        code = MDB_CORRUPTED;
    status = outcome(txn, code);
    if (status == STATUS_OK) {
        *key = span_of(at);
        *value = span_of(at_value);
    }
    return status;
}
