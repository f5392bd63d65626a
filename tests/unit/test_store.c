/* ledger/store: a model of arrays beside it, full and damaged files, owners and readers. */
#include "check.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ledger/store.h"
#include "random.h"
#include "scratch.h"

#define MAP_BYTES (UINT64_C(8) << 20)
#define FILE_BYTES_MAX (1u << 20)

static struct span
text(const char *words)
{
    return (struct span){(const uint8_t *)words, strlen(words)};
}

static bool
is_text(struct span span, const char *words)
{
    return span.len == strlen(words) && (span.len == 0 || memcmp(span.data, words, span.len) == 0);
}

/* A folder with a store in it, opened. */
static void
begin(char folder[static SCRATCH_PATH_MAX], struct store *store)
{
    scratch_make(folder);
    CHECK_STATUS(store_create(folder), STATUS_OK);
    CHECK_STATUS(store_open(store, folder, MAP_BYTES), STATUS_OK);
}

static void
end(const char *folder, struct store *store)
{
    store_close(store);
    scratch_remove(folder);
}

static void
put_committed(struct store *store, const char *key, const char *value)
{
    struct store_txn txn;

    CHECK_STATUS(store_begin_write(&txn, store), STATUS_OK);
    CHECK_STATUS(store_put(&txn, STORE_STATE, text(key), text(value)), STATUS_OK);
    CHECK_STATUS(store_commit(&txn), STATUS_OK);
}

static bool
has(struct store *store, const char *key, const char *value)
{
    struct store_txn txn;
    struct span got;
    bool found;

    if (store_begin_read(&txn, store) != STATUS_OK)
        return false;
    found = store_get(&got, &txn, STORE_STATE, text(key)) == STATUS_OK && is_text(got, value);
    store_abort(&txn);
    return found;
}

/* ---- Making and opening -----------------------------------------------------------------------*/

TEST(a_store_is_made_once)
{
    static const char *const names[] = {"data.mdb", "lock.mdb", "owner.lock"};
    char folder[SCRATCH_PATH_MAX];
    char inner[SCRATCH_PATH_MAX];
    char path[SCRATCH_PATH_MAX];
    struct store store;
    struct stat about;

    scratch_make(folder);
    scratch_path(inner, folder, "till");
    CHECK_STATUS(store_open(&store, inner, MAP_BYTES), STATUS_NOT_FOUND);
    CHECK_STATUS(store_open_reading(&store, inner), STATUS_NOT_FOUND);
    CHECK(access(inner, F_OK) != 0);
    CHECK_STATUS(store_open(&store, folder, MAP_BYTES), STATUS_NOT_FOUND);
    scratch_path(path, folder, "owner.lock");
    CHECK(access(path, F_OK) != 0);

    CHECK_STATUS(store_create(inner), STATUS_OK);
    CHECK_STATUS(store_create(inner), STATUS_EXISTS);
    CHECK(stat(inner, &about) == 0 && (about.st_mode & 0777) == 0700);
    CHECK_STATUS(store_open(&store, inner, MAP_BYTES), STATUS_OK);
    CHECK_STATUS(store_create(inner), STATUS_STORE_BUSY);
    put_committed(&store, "key", "value");
    for (size_t i = 0; i < 3; i++) {
        scratch_path(path, inner, names[i]);
        CHECK(stat(path, &about) == 0 && (about.st_mode & 0777) == 0600);
    }
    scratch_path(path, inner, "new.mdb");
    CHECK(access(path, F_OK) != 0);
    store_close(&store);
    store_close(&store);
    CHECK_STATUS(store_create(inner), STATUS_EXISTS);
    CHECK_STATUS(store_open(&store, inner, MAP_BYTES), STATUS_OK);
    CHECK(has(&store, "key", "value"));
    end(folder, &store);
}

/* What a power cut may have left of an earlier attempt is no obstacle. */
TEST(half_a_new_store_is_no_store)
{
    char folder[SCRATCH_PATH_MAX];
    char path[SCRATCH_PATH_MAX];
    struct store store;

    scratch_make(folder);
    scratch_path(path, folder, "new.mdb");
    CHECK(scratch_write(path, "\0\0\0\0half", 8));
    CHECK_STATUS(store_open(&store, folder, MAP_BYTES), STATUS_NOT_FOUND);
    CHECK_STATUS(store_create(folder), STATUS_OK);
    CHECK_STATUS(store_open(&store, folder, MAP_BYTES), STATUS_OK);
    end(folder, &store);
}

TEST(places_where_no_store_can_be)
{
    char long_name[2000];
    char folder[SCRATCH_PATH_MAX];
    char path[SCRATCH_PATH_MAX];
    struct store store;

    scratch_make(folder);
    scratch_path(path, folder, "a/b");
    CHECK_STATUS(store_create(path), STATUS_IO);
    scratch_path(path, folder, "file");
    CHECK(scratch_write(path, "x", 1));
    CHECK(store_create(path) != STATUS_OK);
    CHECK(store_open(&store, path, MAP_BYTES) != STATUS_OK);
    memset(long_name, 'n', sizeof long_name);
    long_name[sizeof long_name - 1] = '\0';
    CHECK_STATUS(store_create(long_name), STATUS_BUFFER);
    CHECK_STATUS(store_open(&store, long_name, MAP_BYTES), STATUS_BUFFER);
    CHECK_STATUS(store_open_reading(&store, long_name), STATUS_BUFFER);
    scratch_path(path, folder, "data.mdb");
    CHECK(mkdir(path, 0700) == 0);
    CHECK_STATUS(store_open_reading(&store, folder), STATUS_IO);
    scratch_remove(folder);
}

/* ---- Owners and readers -----------------------------------------------------------------------*/

/* What store_open says in another process. */
static enum status
open_elsewhere(const char *folder)
{
    int exit_status = 0;
    pid_t child = fork();

    if (child == 0) {
        struct store store;
        enum status status = store_open(&store, folder, MAP_BYTES);

        store_close(&store);
        _exit((int)status);
    }
    if (child < 0 || waitpid(child, &exit_status, 0) != child || !WIFEXITED(exit_status))
        return STATUS_IO;
    return (enum status)WEXITSTATUS(exit_status);
}

TEST(one_owner)
{
    char folder[SCRATCH_PATH_MAX];
    struct store second;
    struct store store;

    scratch_make(folder);
    CHECK_STATUS(store_create(folder), STATUS_OK);
    CHECK_STATUS(open_elsewhere(folder), STATUS_OK);
    CHECK_STATUS(store_open(&store, folder, MAP_BYTES), STATUS_OK);
    CHECK_STATUS(open_elsewhere(folder), STATUS_STORE_BUSY);
    CHECK_STATUS(store_open(&second, folder, MAP_BYTES), STATUS_STORE_BUSY);
    put_committed(&store, "still", "mine");
    store_close(&store);
    CHECK_STATUS(open_elsewhere(folder), STATUS_OK);
    CHECK_STATUS(store_open(&store, folder, MAP_BYTES), STATUS_OK);
    CHECK(has(&store, "still", "mine"));
    end(folder, &store);
}

/* Says what a reader in another process finds. */
static int
read_elsewhere(const char *folder, const char *key, const char *value)
{
    int exit_status = 0;
    pid_t child = fork();

    if (child == 0) {
        struct store store;
        enum status status = store_open_reading(&store, folder);
        int found = 2;

        if (status == STATUS_OK)
            found = has(&store, key, value) ? 1 : 0;
        store_close(&store);
        _exit(found);
    }
    if (child < 0 || waitpid(child, &exit_status, 0) != child || !WIFEXITED(exit_status))
        return -1;
    return WEXITSTATUS(exit_status);
}

TEST(a_reader_beside_the_owner)
{
    char folder[SCRATCH_PATH_MAX];
    struct store store;

    begin(folder, &store);
    put_committed(&store, "a", "1");
    CHECK(read_elsewhere(folder, "a", "1") == 1);
    put_committed(&store, "a", "2");
    CHECK(read_elsewhere(folder, "a", "2") == 1);
    CHECK(read_elsewhere(folder, "a", "1") == 0);
    store_close(&store);
    CHECK(read_elsewhere(folder, "a", "2") == 1);
    CHECK_STATUS(store_open(&store, folder, MAP_BYTES), STATUS_OK);
    end(folder, &store);
}

static bool
tell(int fd)
{
    return write(fd, "x", 1) == 1;
}

static bool
await(int fd)
{
    char byte;

    return read(fd, &byte, 1) == 1;
}

/* A long reader in another process: what it sees is not reused by the owner. */
TEST(a_reader_beside_the_owner_keeps_its_moment)
{
    char folder[SCRATCH_PATH_MAX];
    int exit_status = -1;
    struct store store;
    int begun[2];
    int written[2];
    pid_t child;

    scratch_make(folder);
    CHECK_STATUS(store_create(folder), STATUS_OK);
    REQUIRE(pipe(begun) == 0 && pipe(written) == 0);
    child = fork();
    if (child == 0) {
        struct store_txn txn;
        struct span got;
        bool good =
            await(written[0]) && store_open_reading(&store, folder) == STATUS_OK &&
            store_begin_read(&txn, &store) == STATUS_OK && tell(begun[1]) && await(written[0]) &&
            store_get(&got, &txn, STORE_STATE, text("a")) == STATUS_OK && is_text(got, "first");

        _exit(good ? 0 : 1);
    }
    CHECK_STATUS(store_open(&store, folder, MAP_BYTES), STATUS_OK);
    put_committed(&store, "a", "first");
    CHECK(tell(written[1]));
    CHECK(await(begun[0]));
    for (int i = 0; i < 60; i++)
        put_committed(&store, "a", i % 2 == 0 ? "other" : "again");
    CHECK(tell(written[1]));
    CHECK(waitpid(child, &exit_status, 0) == child && exit_status == 0);
    for (size_t i = 0; i < 2; i++)
        CHECK(close(begun[i]) == 0 && close(written[i]) == 0);
    end(folder, &store);
}

/* `verify` reads a copy without an owner's file, in a folder that it may not write to, and leaves
 * nothing behind. */
TEST(a_copy_is_read_without_writing)
{
    char folder[SCRATCH_PATH_MAX];
    char copy[SCRATCH_PATH_MAX];
    char from[SCRATCH_PATH_MAX];
    char path[SCRATCH_PATH_MAX];
    struct stat before;
    struct stat after;
    struct store store;
    struct store owner;

    begin(folder, &store);
    put_committed(&store, "a", "1");
    store_close(&store);
    scratch_path(from, folder, "data.mdb");
    scratch_path(copy, folder, "copy");
    CHECK(mkdir(copy, 0700) == 0);
    scratch_path(path, copy, "data.mdb");
    CHECK(scratch_copy(path, from));
    CHECK(chmod(path, 0400) == 0 && chmod(copy, 0500) == 0);
    CHECK(stat(path, &before) == 0);
    CHECK_STATUS(store_open_reading(&store, copy), STATUS_OK);
    CHECK(has(&store, "a", "1"));
    store_close(&store);
    CHECK(stat(path, &after) == 0 && before.st_mtime == after.st_mtime);
    CHECK(before.st_size == after.st_size);
    CHECK(chmod(copy, 0700) == 0 && chmod(path, 0600) == 0);
    scratch_path(path, copy, "lock.mdb");
    CHECK(access(path, F_OK) != 0);
    scratch_path(path, copy, "owner.lock");
    CHECK(access(path, F_OK) != 0);

    /* While it is read no owner may come. */
    CHECK_STATUS(store_open_reading(&store, folder), STATUS_OK);
    CHECK_STATUS(store_open(&owner, folder, MAP_BYTES), STATUS_STORE_BUSY);
    CHECK(has(&store, "a", "1"));
    end(folder, &store);
}

TEST(readers_see_their_own_moment)
{
    char folder[SCRATCH_PATH_MAX];
    struct store_txn reader;
    struct store store;
    struct span got;

    begin(folder, &store);
    put_committed(&store, "a", "1");
    CHECK_STATUS(store_begin_read(&reader, &store), STATUS_OK);
    for (int i = 0; i < 50; i++)
        put_committed(&store, "a", i % 2 == 0 ? "2" : "3");
    CHECK_STATUS(store_get(&got, &reader, STORE_STATE, text("a")), STATUS_OK);
    CHECK(is_text(got, "1"));
    store_abort(&reader);
    CHECK(has(&store, "a", "3"));
    end(folder, &store);
}

/* ---- Pairs and transactions -------------------------------------------------------------------*/

TEST(pairs)
{
    char folder[SCRATCH_PATH_MAX];
    uint8_t longest[STORE_KEY_MAX];
    struct store_txn txn;
    struct store store;
    uint64_t count;
    struct span got;

    begin(folder, &store);
    memset(longest, 0xFF, sizeof longest);
    CHECK_STATUS(store_begin_write(&txn, &store), STATUS_OK);
    CHECK_STATUS(store_get(&got, &txn, STORE_STATE, text("a")), STATUS_NOT_FOUND);
    CHECK_STATUS(store_put(&txn, STORE_STATE, text("a"), text("1")), STATUS_OK);
    CHECK_STATUS(store_insert(&txn, STORE_STATE, text("a"), text("2")), STATUS_EXISTS);
    CHECK_STATUS(store_insert(&txn, STORE_STATE, text("b"), text("")), STATUS_OK);
    CHECK_STATUS(store_put(&txn, STORE_STATE, text("a"), text("3")), STATUS_OK);
    CHECK_STATUS(store_append(&txn, STORE_STATE, text("ab"), text("4")), STATUS_EXISTS);
    CHECK_STATUS(store_append(&txn, STORE_STATE, text("b"), text("4")), STATUS_EXISTS);
    CHECK_STATUS(store_append(&txn, STORE_STATE, text("c"), text("4")), STATUS_OK);
    CHECK_STATUS(store_put(&txn, STORE_STATE, (struct span){longest, sizeof longest}, text("5")),
                 STATUS_OK);
    CHECK_STATUS(store_delete(&txn, STORE_STATE, text("c")), STATUS_OK);
    CHECK_STATUS(store_delete(&txn, STORE_STATE, text("c")), STATUS_NOT_FOUND);
    CHECK_STATUS(store_put(&txn, STORE_SIDE, text("a"), text("other")), STATUS_OK);
    CHECK_STATUS(store_commit(&txn), STATUS_OK);

    CHECK_STATUS(store_begin_read(&txn, &store), STATUS_OK);
    CHECK_STATUS(store_get(&got, &txn, STORE_STATE, text("a")), STATUS_OK);
    CHECK(is_text(got, "3"));
    CHECK_STATUS(store_get(&got, &txn, STORE_STATE, text("b")), STATUS_OK);
    CHECK(got.len == 0);
    CHECK_STATUS(store_get(&got, &txn, STORE_STATE, (struct span){longest, sizeof longest}),
                 STATUS_OK);
    CHECK(is_text(got, "5"));
    CHECK_STATUS(store_get(&got, &txn, STORE_SIDE, text("a")), STATUS_OK);
    CHECK(is_text(got, "other"));
    CHECK_STATUS(store_count(&count, &txn, STORE_STATE), STATUS_OK);
    CHECK(count == 3);
    CHECK_STATUS(store_count(&count, &txn, STORE_ENTRY), STATUS_OK);
    CHECK(count == 0);
    store_abort(&txn);
    end(folder, &store);
}

TEST(an_aborted_transaction_leaves_nothing)
{
    char folder[SCRATCH_PATH_MAX];
    struct store_txn txn;
    struct store store;

    begin(folder, &store);
    put_committed(&store, "a", "1");
    CHECK_STATUS(store_begin_write(&txn, &store), STATUS_OK);
    CHECK_STATUS(store_put(&txn, STORE_STATE, text("a"), text("2")), STATUS_OK);
    CHECK_STATUS(store_put(&txn, STORE_STATE, text("b"), text("2")), STATUS_OK);
    store_abort(&txn);
    CHECK(has(&store, "a", "1"));
    CHECK(!has(&store, "b", "2"));
    end(folder, &store);
}

/* ---- A walk beside a model --------------------------------------------------------------------*/

#define MODEL_KEYS 400

/* The model: all keys there can be in their order, and what stands under them. */
static struct {
    uint8_t key[3];
    size_t len;
    uint64_t value; /* 0: absent */
} model[MODEL_KEYS];

static struct span
model_key(size_t i)
{
    return (struct span){model[i].key, model[i].len};
}

static bool
model_starts_with(size_t i, struct span prefix)
{
    return model[i].len >= prefix.len &&
           (prefix.len == 0 || memcmp(model[i].key, prefix.data, prefix.len) == 0);
}

/* The next present key with the prefix from `i` on, in steps of +1 or -1; MODEL_KEYS for none. */
static size_t
model_find(size_t i, bool forward, struct span prefix)
{
    for (; i < MODEL_KEYS; i += forward ? 1 : SIZE_MAX)
        if (model[i].value != 0 && model_starts_with(i, prefix))
            return i;
    return MODEL_KEYS;
}

static void
model_fill(void)
{
    static const uint8_t bytes[] = {0x00, 0x01, 0x7F, 0x80, 0xFE, 0xFF};
    size_t count = 0;

    /* Each key before the longer ones that begin with it: the order of the bytes. */
    for (size_t a = 0; a < 6; a++)
        for (size_t b = 0; b <= 6; b++)
            for (size_t c = 0; c <= 6; c++) {
                if (b == 0 && c > 0)
                    continue;
                model[count].key[0] = bytes[a];
                model[count].key[1] = b > 0 ? bytes[b - 1] : 0;
                model[count].key[2] = c > 0 ? bytes[c - 1] : 0;
                model[count].len = b == 0 ? 1 : c == 0 ? 2 : 3;
                model[count++].value = 0;
            }
    CHECK(count == 258);
    for (; count < MODEL_KEYS; count++)
        model[count] = model[257];
}

static bool
same_pair(size_t i, enum status status, struct span key, struct span value)
{
    if (i == MODEL_KEYS)
        return status == STATUS_NOT_FOUND;
    return status == STATUS_OK && key.len == model[i].len &&
           memcmp(key.data, model[i].key, key.len) == 0 && value.len >= sizeof model[i].value &&
           memcmp(value.data, &model[i].value, sizeof model[i].value) == 0;
}

static size_t
model_index(struct span key)
{
    for (size_t i = 0; i < 258; i++)
        if (model[i].len == key.len && memcmp(model[i].key, key.data, key.len) == 0)
            return i;
    return MODEL_KEYS;
}

/* Changes one pair in the store and in the model. */
static void
model_change(struct store_txn *txn, struct random *random)
{
    static uint8_t bytes[6000];
    size_t i = (size_t)random_below(random, 258);
    uint64_t value = random_next(random) | 1;
    size_t len = random_below(random, 8) == 0 ? 5000 : 8 + (size_t)(value % 600);

    if (random_below(random, 5) < 2) {
        CHECK_STATUS(store_delete(txn, STORE_STATE, model_key(i)),
                     model[i].value != 0 ? STATUS_OK : STATUS_NOT_FOUND);
        model[i].value = 0;
    } else {
        memcpy(bytes, &value, sizeof value);
        CHECK_STATUS(store_put(txn, STORE_STATE, model_key(i), (struct span){bytes, len}),
                     STATUS_OK);
        model[i].value = value;
    }
}

/* One walk with changes under its feet. */
static void
model_walk(struct store_txn *txn, struct random *random)
{
    size_t chosen = (size_t)random_below(random, 258);
    struct span prefix = model_key(chosen);
    struct store_cursor cursor;
    struct span value = {0};
    struct span key = {0};
    size_t at = MODEL_KEYS;
    bool started = false;

    prefix.len = (size_t)random_below(random, (prefix.len + 1));
    store_cursor_start(&cursor, txn, STORE_STATE, prefix);
    for (int step = 0; step < 40; step++) {
        uint64_t kind = random_below(random, 10);
        size_t from = (size_t)random_below(random, 258);
        size_t expected;
        enum status status;

        if (kind < 4) {
            expected = model_find(started ? at + 1 : 0, true, prefix);
            status = store_cursor_next(&cursor, &key, &value);
        } else if (kind < 7) {
            expected = model_find(started ? at - 1 : 257, false, prefix);
            status = store_cursor_previous(&cursor, &key, &value);
        } else if (kind == 7) {
            expected = model_find(257, false, prefix);
            status = store_cursor_last(&cursor, &key, &value);
        } else if (kind == 8) {
            expected = model_find(from, true, prefix);
            status = store_cursor_seek(&cursor, &key, &value, model_key(from));
        } else {
            if (txn->writable)
                model_change(txn, random);
            continue;
        }
        CHECK(same_pair(expected, status, key, value));
        if (status == STATUS_OK) {
            at = model_index(key);
            started = true;
        }
    }
}

TEST(walks_follow_the_model)
{
    char folder[SCRATCH_PATH_MAX];
    struct random random = random_begin();
    struct store store;

    begin(folder, &store);
    model_fill();
    for (int round = 0; round < 60; round++) {
        struct store_txn txn;
        uint64_t present = 0;
        uint64_t count;

        CHECK_STATUS(store_begin_write(&txn, &store), STATUS_OK);
        for (int i = 0; i < 60; i++)
            model_change(&txn, &random);
        for (int i = 0; i < 12; i++)
            model_walk(&txn, &random);
        CHECK_STATUS(store_commit(&txn), STATUS_OK);
        CHECK_STATUS(store_begin_read(&txn, &store), STATUS_OK);
        for (int i = 0; i < 12; i++)
            model_walk(&txn, &random);
        for (size_t i = 0; i < 258; i++)
            present += model[i].value != 0;
        CHECK_STATUS(store_count(&count, &txn, STORE_STATE), STATUS_OK);
        CHECK(count == present);
        store_abort(&txn);
    }
    end(folder, &store);
}

/* ---- Full and damaged -------------------------------------------------------------------------*/

TEST(a_full_store_stays_usable)
{
    static uint8_t bytes[4000];
    char folder[SCRATCH_PATH_MAX];
    unsigned commits = 0;
    enum status status = STATUS_OK;
    struct store_txn txn;
    struct store store;
    uint64_t map_bytes;
    uint64_t used_bytes;
    uint64_t count;

    scratch_make(folder);
    CHECK_STATUS(store_create(folder), STATUS_OK);
    CHECK_STATUS(store_open(&store, folder, UINT64_C(1) << 20), STATUS_OK);
    while (status == STATUS_OK && commits < 1000) {
        REQUIRE(store_begin_write(&txn, &store) == STATUS_OK);
        for (uint32_t i = 0; i < 7 && status == STATUS_OK; i++) {
            const uint8_t key[] = {(uint8_t)(commits >> 8), (uint8_t)commits, (uint8_t)i};

            status = store_put(&txn, STORE_STATE, (struct span){key, 3},
                               (struct span){bytes, sizeof bytes});
        }
        /* A transaction with a failed change does not commit, whatever else is done in it. */
        if (status != STATUS_OK) {
            CHECK_STATUS(store_put(&txn, STORE_STATE, text("x"), text("y")), STATUS_STORE_FULL);
            CHECK_STATUS(store_commit(&txn), STATUS_STORE_FULL);
        } else {
            status = store_commit(&txn);
            commits += status == STATUS_OK;
        }
    }
    CHECK_STATUS(status, STATUS_STORE_FULL);
    CHECK(commits > 10 && commits < 40);
    CHECK_STATUS(store_space(&used_bytes, &map_bytes, &store), STATUS_OK);
    CHECK(map_bytes == UINT64_C(1) << 20 && used_bytes > map_bytes * 9 / 10);
    CHECK_STATUS(store_begin_read(&txn, &store), STATUS_OK);
    CHECK_STATUS(store_count(&count, &txn, STORE_STATE), STATUS_OK);
    CHECK(count == (uint64_t)commits * 7);
    store_abort(&txn);

    /* Room can be made in it, or the map be made larger. */
    for (uint32_t i = 0; i < 7; i++) {
        const uint8_t key[] = {0, 0, (uint8_t)i};

        CHECK_STATUS(store_begin_write(&txn, &store), STATUS_OK);
        CHECK_STATUS(store_delete(&txn, STORE_STATE, (struct span){key, 3}), STATUS_OK);
        CHECK_STATUS(store_commit(&txn), STATUS_OK);
    }
    put_committed(&store, "small", "one");
    store_close(&store);
    CHECK_STATUS(store_open(&store, folder, UINT64_C(2) << 20), STATUS_OK);
    CHECK_STATUS(store_begin_write(&txn, &store), STATUS_OK);
    for (uint8_t i = 0; i < 60; i++)
        CHECK_STATUS(
            store_put(&txn, STORE_SIDE, (struct span){&i, 1}, (struct span){bytes, sizeof bytes}),
            STATUS_OK);
    CHECK_STATUS(store_commit(&txn), STATUS_OK);
    CHECK(has(&store, "small", "one"));
    end(folder, &store);
}

/* What opening says about a file in which `len` bytes at `at` were replaced, or cut at `at` when
 * `len` is 0. */
static enum status
open_damaged(const char *folder, const uint8_t *file, size_t file_len, size_t at, const void *bytes,
             size_t len)
{
    static uint8_t damaged[FILE_BYTES_MAX];
    char path[SCRATCH_PATH_MAX];
    enum status reading;
    enum status status;
    struct store store;

    memcpy(damaged, file, file_len);
    if (len > 0)
        memcpy(damaged + at, bytes, len);
    scratch_path(path, folder, "data.mdb");
    CHECK(scratch_write(path, damaged, len > 0 ? file_len : at));
    reading = store_open_reading(&store, folder);
    if (reading == STATUS_OK)
        store_close(&store);
    CHECK(reading != STATUS_OK);
    status = store_open(&store, folder, MAP_BYTES);
    if (status == STATUS_OK)
        store_close(&store);
    return status;
}

TEST(damaged_files_are_refused)
{
    static uint8_t file[FILE_BYTES_MAX];
    const uint64_t far_page = UINT64_C(1) << 40;
    const uint32_t odd_page_bytes = 4095;
    const uint32_t small_page_bytes = 16;
    const uint32_t other_page_bytes = 8192;
    const uint32_t zero = 0;
    char folder[SCRATCH_PATH_MAX];
    char path[SCRATCH_PATH_MAX];
    struct store store;
    size_t len;

    begin(folder, &store);
    put_committed(&store, "a", "1");
    store_close(&store);
    scratch_path(path, folder, "data.mdb");
    REQUIRE(scratch_read(file, &len, sizeof file, path));
    REQUIRE(len >= 8192 && len % 4096 == 0);
    for (size_t page = 0; page < 8192; page += 4096) {
        /* flags, magic, version, page size */
        CHECK_STATUS(open_damaged(folder, file, len, page + 10, &zero, 2), STATUS_STORE_BROKEN);
        CHECK_STATUS(open_damaged(folder, file, len, page + 16, &zero, 4), STATUS_STORE_BROKEN);
        CHECK_STATUS(open_damaged(folder, file, len, page + 20, &zero, 4), STATUS_STORE_BROKEN);
        CHECK_STATUS(open_damaged(folder, file, len, page + 40, &zero, 4), STATUS_STORE_BROKEN);
        CHECK_STATUS(open_damaged(folder, file, len, page + 40, &odd_page_bytes, 4),
                     STATUS_STORE_BROKEN);
        CHECK_STATUS(open_damaged(folder, file, len, page + 40, &small_page_bytes, 4),
                     STATUS_STORE_BROKEN);
        CHECK_STATUS(open_damaged(folder, file, len, page + 40, &other_page_bytes, 4),
                     STATUS_STORE_BROKEN);
    }
    /* Roots count in the newer page: the second transaction's, so the first one. */
    CHECK_STATUS(open_damaged(folder, file, len, 128, &far_page, 8), STATUS_STORE_BROKEN);
    CHECK_STATUS(open_damaged(folder, file, len, 0, NULL, 0), STATUS_STORE_BROKEN);
    CHECK_STATUS(open_damaged(folder, file, len, 100, NULL, 0), STATUS_STORE_BROKEN);
    CHECK_STATUS(open_damaged(folder, file, len, 4096, NULL, 0), STATUS_STORE_BROKEN);
    CHECK_STATUS(open_damaged(folder, file, len, 4200, NULL, 0), STATUS_STORE_BROKEN);
    CHECK(scratch_write(path, file, len));
    CHECK_STATUS(store_open(&store, folder, MAP_BYTES), STATUS_OK);
    CHECK(has(&store, "a", "1"));
    end(folder, &store);
}

/* A file cut at any page never crashes its owner: it is refused at once, or when the missing pages
 * are read, or they were free. */
TEST(a_cut_file_is_no_crash)
{
    static uint8_t file[FILE_BYTES_MAX];
    static uint8_t bytes[3000];
    char folder[SCRATCH_PATH_MAX];
    char path[SCRATCH_PATH_MAX];
    unsigned broken = 0;
    struct store_txn txn;
    struct store store;
    size_t len;

    begin(folder, &store);
    CHECK_STATUS(store_begin_write(&txn, &store), STATUS_OK);
    for (uint8_t i = 0; i < 40; i++)
        CHECK_STATUS(
            store_put(&txn, STORE_STATE, (struct span){&i, 1}, (struct span){bytes, sizeof bytes}),
            STATUS_OK);
    CHECK_STATUS(store_commit(&txn), STATUS_OK);
    store_close(&store);
    scratch_path(path, folder, "data.mdb");
    REQUIRE(scratch_read(file, &len, sizeof file, path));
    for (size_t cut = 8192; cut < len; cut += 4096) {
        struct store_cursor cursor;
        struct span value;
        struct span key;
        enum status status;

        CHECK(scratch_write(path, file, cut));
        CHECK_STATUS(store_open_reading(&store, folder), STATUS_STORE_BROKEN);
        status = store_open(&store, folder, MAP_BYTES);
        if (status == STATUS_OK) {
            CHECK_STATUS(store_begin_read(&txn, &store), STATUS_OK);
            store_cursor_start(&cursor, &txn, STORE_STATE, (struct span){NULL, 0});
            do
                status = store_cursor_next(&cursor, &key, &value);
            while (status == STATUS_OK);
            store_abort(&txn);
            store_close(&store);
        }
        CHECK(status == STATUS_STORE_BROKEN || status == STATUS_NOT_FOUND);
        broken += status == STATUS_STORE_BROKEN;
    }
    CHECK(broken > 0);
    scratch_remove(folder);
}

/* The file is always as long as it says, also when a transaction gives back the pages at its end.
 */
TEST(the_file_is_as_long_as_it_says)
{
    static uint8_t bytes[1500];
    char folder[SCRATCH_PATH_MAX];
    char path[SCRATCH_PATH_MAX];
    struct store store;

    begin(folder, &store);
    scratch_path(path, folder, "data.mdb");
    for (uint8_t pairs = 1; pairs < 60; pairs++) {
        struct store_txn txn;
        uint64_t used_bytes;
        uint64_t map_bytes;
        struct stat about;

        CHECK_STATUS(store_begin_write(&txn, &store), STATUS_OK);
        for (uint8_t i = 0; i < pairs; i++)
            CHECK_STATUS(store_put(&txn, STORE_STATE, (struct span){&i, 1},
                                   (struct span){bytes, sizeof bytes}),
                         STATUS_OK);
        for (uint8_t i = pairs; i > 0; i--) {
            const uint8_t key = (uint8_t)(i - 1);

            CHECK_STATUS(store_delete(&txn, STORE_STATE, (struct span){&key, 1}), STATUS_OK);
        }
        CHECK_STATUS(store_commit(&txn), STATUS_OK);
        CHECK_STATUS(store_space(&used_bytes, &map_bytes, &store), STATUS_OK);
        CHECK(stat(path, &about) == 0 && (uint64_t)about.st_size >= used_bytes);
    }
    end(folder, &store);
}

int
main(int argc, char **argv)
{
    return check_run(argc, argv);
}
