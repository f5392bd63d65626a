/* Every call to LMDB fails in turn, with every kind of error: each failure is told, none is taken
 * for success, nothing acknowledged is lost, and the log opens again. */
#include "check.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>

#include <lmdb.h>

#include "crash/intercept.h"
#include "ledger/log.h"
#include "workload.h"

/* Files are written as ever, only not flushed: it is calls that fail here. */
bool intercept_skips_sync = true;

int
intercept_failure(enum call call)
{
    (void)call;
    return -1;
}

void
intercept_write(int fd, const void *bytes, size_t len, off_t at)
{
    (void)fd;
    (void)bytes;
    (void)len;
    (void)at;
}

void
intercept_end(int fd, enum call call)
{
    (void)fd;
    (void)call;
}

/* ---- LMDB's calls, in front of its own
 * ---------------------------------------------------------*/

/* X(name, parameters, arguments) of the calls that can fail. */
#define CALLS(X)                                                                                   \
    X(mdb_env_create, (MDB_env * *env), (env))                                                     \
    X(mdb_env_set_mapsize, (MDB_env * env, size_t size), (env, size))                              \
    X(mdb_env_set_maxdbs, (MDB_env * env, MDB_dbi dbs), (env, dbs))                                \
    X(mdb_env_open, (MDB_env * env, const char *path, unsigned flags, mdb_mode_t mode),            \
      (env, path, flags, mode))                                                                    \
    X(mdb_env_info, (MDB_env * env, MDB_envinfo * info), (env, info))                              \
    X(mdb_env_stat, (MDB_env * env, MDB_stat * stat), (env, stat))                                 \
    X(mdb_env_get_fd, (MDB_env * env, mdb_filehandle_t * fd), (env, fd))                           \
    X(mdb_txn_begin, (MDB_env * env, MDB_txn * parent, unsigned flags, MDB_txn **txn),             \
      (env, parent, flags, txn))                                                                   \
    X(mdb_dbi_open, (MDB_txn * txn, const char *name, unsigned flags, MDB_dbi *dbi),               \
      (txn, name, flags, dbi))                                                                     \
    X(mdb_stat, (MDB_txn * txn, MDB_dbi dbi, MDB_stat * stat), (txn, dbi, stat))                   \
    X(mdb_get, (MDB_txn * txn, MDB_dbi dbi, MDB_val * key, MDB_val * data), (txn, dbi, key, data)) \
    X(mdb_put, (MDB_txn * txn, MDB_dbi dbi, MDB_val * key, MDB_val * data, unsigned flags),        \
      (txn, dbi, key, data, flags))                                                                \
    X(mdb_del, (MDB_txn * txn, MDB_dbi dbi, MDB_val * key, MDB_val * data), (txn, dbi, key, data)) \
    X(mdb_cursor_open, (MDB_txn * txn, MDB_dbi dbi, MDB_cursor * *cursor), (txn, dbi, cursor))     \
    X(mdb_cursor_get, (MDB_cursor * cursor, MDB_val * key, MDB_val * data, MDB_cursor_op op),      \
      (cursor, key, data, op))

static unsigned countdown; /* calls until one fails; 0: none does */
static unsigned hits;
static int error_code;

static bool
fails(void)
{
    if (countdown == 0 || --countdown > 0)
        return false;
    hits++;
    return true;
}

static void *
real(const char *name)
{
    static void *library;
    void *symbol;

    if (library == NULL)
        library = dlopen("liblmdb.so.0", RTLD_NOW);
    symbol = library == NULL ? NULL : dlsym(library, name);
    if (symbol == NULL)
        abort();
    return symbol;
}

#define WRAP(name, parameters, arguments)                                                          \
    int name parameters                                                                            \
    {                                                                                              \
        static int(*next) parameters;                                                              \
        void *symbol;                                                                              \
                                                                                                   \
        if (next == NULL) {                                                                        \
            symbol = real(#name);                                                                  \
            memcpy(&next, &symbol, sizeof next);                                                   \
        }                                                                                          \
        return fails() ? error_code : next arguments;                                              \
    }
CALLS(WRAP)

/* A commit that fails frees its transaction all the same. */
int
mdb_txn_commit(MDB_txn *txn)
{
    static int (*next)(MDB_txn *);
    void *symbol;

    if (next == NULL) {
        symbol = real("mdb_txn_commit");
        memcpy(&next, &symbol, sizeof next);
    }
    if (fails()) {
        mdb_txn_abort(txn);
        return error_code;
    }
    return next(txn);
}

/* ---- What is tried ----------------------------------------------------------------------------*/

/* Everything that readers do. The first failure, or OK. */
static enum status
read_all(struct workload *work, struct store_txn *txn)
{
    struct store_cursor cursor;
    struct merkle_path path;
    struct digest root;
    uint64_t used_bytes;
    uint64_t map_bytes;
    uint64_t bad_index;
    uint64_t size = 0;
    struct span value;
    struct span key;
    enum status status = log_size(&size, txn);

    if (status == STATUS_OK)
        status = log_read(&value, txn, size - 1);
    if (status == STATUS_OK)
        status = log_root(&root, txn, size - 1);
    if (status == STATUS_OK)
        status = log_inclusion(&path, txn, size / 2, size);
    if (status == STATUS_OK)
        status = log_consistency(&path, txn, size / 3, size - 1);
    if (status == STATUS_OK)
        status = log_tile(&value, txn, 0, 0, (unsigned)(size % TILE_WIDTH));
    if (status == STATUS_OK)
        status = log_note(&value, txn);
    store_cursor_start(&cursor, txn, STORE_STATE, (struct span){NULL, 0});
    if (status == STATUS_OK)
        status = store_cursor_last(&cursor, &key, &value);
    if (status == STATUS_OK)
        status = store_cursor_previous(&cursor, &key, &value);
    if (status == STATUS_OK)
        status = store_cursor_next(&cursor, &key, &value);
    if (status == STATUS_OK)
        status = store_cursor_seek(&cursor, &key, &value, (struct span){NULL, 0});
    if (status == STATUS_OK)
        status = store_space(&used_bytes, &map_bytes, &work->store);
    if (status == STATUS_OK)
        status = log_verify(&bad_index, txn, &work->key, work->second);
    return status;
}

struct outcome {
    enum status opened;
    enum status written;
    enum status read;
    uint64_t acknowledged;
};

/* Opens, writes three batches and reads. */
static void
use(struct outcome *out, struct workload *work)
{
    struct store_txn txn;

    memset(out, 0, sizeof *out);
    out->opened = workload_open(work);
    if (out->opened != STATUS_OK)
        return;
    out->acknowledged = work->log.size;
    for (int i = 0; i < 3 && out->written == STATUS_OK; i++) {
        out->written = workload_batch(work, 5);
        out->acknowledged = work->log.size;
    }
    if (out->written == STATUS_OK) {
        out->read = store_begin_read(&txn, &work->store);
        if (out->read == STATUS_OK) {
            out->read = read_all(work, &txn);
            store_abort(&txn);
        }
    }
    workload_close(work);
}

/* A fresh copy of a log, one failing call; false when it was not reached. */
static bool
try_failure(struct workload *work, const struct workload *model, int error, unsigned n)
{
    struct outcome outcome;

    CHECK(scratch_copy(work->data, model->data) && scratch_copy(work->second, model->second));
    error_code = error;
    hits = 0;
    countdown = n;
    use(&outcome, work);
    countdown = 0;
    CHECK(hits > 0 || (outcome.opened == STATUS_OK && outcome.written == STATUS_OK &&
                       outcome.read == STATUS_OK));
    CHECK_STATUS(workload_open(work), STATUS_OK);
    if (work->log.store == NULL)
        return false;
    CHECK(work->log.size >= outcome.acknowledged);
    CHECK(outcome.opened != STATUS_OK || work->log.size == outcome.acknowledged);
    CHECK(workload_problem(work) == NULL);
    workload_close(work);
    return hits > 0;
}

TEST(every_failure_is_told)
{
    static const int errors[] = {EIO,           ENOMEM,           MDB_MAP_FULL,
                                 MDB_CORRUPTED, MDB_READERS_FULL, MDB_TXN_FULL};
    static struct workload model;
    static struct workload work;
    char model_folder[SCRATCH_PATH_MAX];
    char folder[SCRATCH_PATH_MAX];
    unsigned total = 0;

    scratch_make(model_folder);
    scratch_make(folder);
    workload_init(&model, model_folder);
    CHECK_STATUS(workload_create(&model), STATUS_OK);
    REQUIRE(workload_open(&model) == STATUS_OK);
    CHECK_STATUS(workload_batch(&model, 250), STATUS_OK);
    workload_close(&model);
    workload_init(&work, folder);
    CHECK_STATUS(workload_create(&work), STATUS_OK);
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        unsigned n = 1;

        /* Verifying reads much; from there on every 41st call is enough. */
        while (n < 5000 && try_failure(&work, &model, errors[i], n)) {
            n += n < 150 ? 1 : 41;
            total++;
        }
        CHECK(n > 150 && n < 5000);
    }
    fprintf(stderr, "  %u failures\n", total);
    scratch_remove(folder);
    scratch_remove(model_folder);
}

/* A store that cannot be made is not made, and can be made later. */
TEST(failures_while_making)
{
    char folder[SCRATCH_PATH_MAX];
    unsigned n;

    scratch_make(folder);
    for (n = 1; n < 100; n++) {
        static struct workload work;
        enum status status;

        workload_init(&work, folder);
        error_code = EIO;
        hits = 0;
        countdown = n;
        status = workload_create(&work);
        countdown = 0;
        if (hits == 0) {
            CHECK_STATUS(status, STATUS_OK);
            break;
        }
        CHECK_STATUS(workload_create(&work), STATUS_OK);
        CHECK_STATUS(workload_open(&work), STATUS_OK);
        CHECK(work.log.store != NULL && workload_problem(&work) == NULL);
        workload_close(&work);
        scratch_remove(work.store_folder);
        (void)remove(work.second);
    }
    CHECK(n > 5 && n < 100);
    scratch_remove(folder);
}

int
main(int argc, char **argv)
{
    if (crypt_init() != STATUS_OK)
        return EXIT_FAILURE;
    return check_run(argc, argv);
}
