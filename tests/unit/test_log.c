/* ledger/log: tiles of every shape, proofs, rollbacks, and what `verify` finds. */
#include "check.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "ledger/log.h"
#include "random.h"
#include "scratch.h"

#define MAP_BYTES (UINT64_C(64) << 20)
#define BATCH 1000

static struct note_key log_key;
static struct note_key other_key;
static struct secret_key log_secret;
static struct secret_key other_secret;

/* A log in a folder of its own, with its second place beside it. */
struct site {
    char folder[SCRATCH_PATH_MAX];
    char store_folder[SCRATCH_PATH_MAX];
    char data[SCRATCH_PATH_MAX];
    char second[SCRATCH_PATH_MAX];
    struct store store;
    struct log log;
};

static struct span
text(const char *words)
{
    return (struct span){(const uint8_t *)words, strlen(words)};
}

static enum status
site_open(struct site *site)
{
    enum status status = store_open(&site->store, site->store_folder, MAP_BYTES);

    if (status != STATUS_OK)
        return status;
    status = log_open(&site->log, &site->store, site->second, &log_key, &log_secret);
    if (status != STATUS_OK)
        store_close(&site->store);
    return status;
}

static void
site_close(struct site *site)
{
    log_close(&site->log);
    store_close(&site->store);
}

static void
site_begin(struct site *site)
{
    memset(site, 0, sizeof *site);
    scratch_make(site->folder);
    scratch_path(site->store_folder, site->folder, "store");
    scratch_path(site->data, site->store_folder, "data.mdb");
    scratch_path(site->second, site->folder, "second");
    CHECK_STATUS(store_create(site->store_folder), STATUS_OK);
    CHECK_STATUS(store_open(&site->store, site->store_folder, MAP_BYTES), STATUS_OK);
    CHECK_STATUS(log_open(&site->log, &site->store, site->second, &log_key, &log_secret),
                 STATUS_NOT_FOUND);
    CHECK_STATUS(log_create(&site->store, site->second, &log_key, &log_secret), STATUS_OK);
    store_close(&site->store);
    CHECK_STATUS(site_open(site), STATUS_OK);
}

static void
site_end(struct site *site)
{
    site_close(site);
    scratch_remove(site->folder);
}

/* The entry with an index; `salt` makes another history. */
static struct span
entry_of(uint8_t out[static 16], uint64_t index, uint8_t salt)
{
    memcpy(out, &index, sizeof index);
    out[8] = salt;
    return (struct span){out, 9 + (size_t)(index % 7)};
}

/* Appends until the log has `size` entries, in batches. */
static void
grow(struct log *log, uint64_t size, uint8_t salt)
{
    while (log->size < size) {
        struct log_batch batch;

        REQUIRE(log_begin(&batch, log) == STATUS_OK);
        for (int i = 0; i < BATCH && batch.tree.size < size; i++) {
            const uint64_t expected = batch.tree.size;
            uint8_t bytes[16] = {0};
            uint64_t index;

            CHECK_STATUS(log_append(&batch, &index, entry_of(bytes, expected, salt)), STATUS_OK);
            CHECK(index == expected);
        }
        REQUIRE(log_commit(&batch) == STATUS_OK);
    }
}

static enum status
verify(struct site *site, uint64_t *bad_index)
{
    struct store_txn txn;
    enum status status = store_begin_read(&txn, &site->store);

    if (status != STATUS_OK)
        return status;
    status = log_verify(bad_index, &txn, &log_key, site->second);
    store_abort(&txn);
    return status;
}

static bool
verifies(struct site *site)
{
    uint64_t bad_index;
    enum status status = verify(site, &bad_index);

    if (status != STATUS_OK)
        fprintf(stderr, "    verify: %s\n", status_name(status));
    return status == STATUS_OK;
}

/* ---- Growing ----------------------------------------------------------------------------------*/

TEST(an_empty_log_has_a_signed_checkpoint)
{
    struct checkpoint checkpoint;
    struct note_check check;
    struct store_txn txn;
    struct digest empty;
    struct digest root;
    struct site site;
    struct span span;
    struct note note;
    uint64_t size;

    site_begin(&site);
    log_checkpoint(&note, &site.log);
    CHECK_STATUS(
        checkpoint_verify(&checkpoint, &check, (struct span){note.bytes, note.len}, &log_key, 1),
        STATUS_OK);
    merkle_empty(&empty);
    CHECK(checkpoint.size == 0 && memcmp(&checkpoint.root, &empty, sizeof empty) == 0);
    CHECK_STATUS(store_begin_read(&txn, &site.store), STATUS_OK);
    CHECK_STATUS(log_size(&size, &txn), STATUS_OK);
    CHECK(size == 0);
    CHECK_STATUS(log_root(&root, &txn, 0), STATUS_OK);
    CHECK(memcmp(&root, &empty, sizeof empty) == 0);
    CHECK_STATUS(log_root(&root, &txn, 1), STATUS_NOT_FOUND);
    CHECK_STATUS(log_read(&span, &txn, 0), STATUS_NOT_FOUND);
    CHECK_STATUS(log_note(&span, &txn), STATUS_NOT_FOUND);
    CHECK_STATUS(log_tile(&span, &txn, 0, 0, 1), STATUS_NOT_FOUND);
    store_abort(&txn);
    CHECK(verifies(&site));
    CHECK_STATUS(log_create(&site.store, site.second, &log_key, &log_secret), STATUS_EXISTS);
    site_end(&site);
}

TEST(entries_last_and_are_signed)
{
    struct checkpoint checkpoint;
    struct merkle_frontier tree = {0};
    struct note_check check;
    struct store_txn txn;
    struct site site;
    struct span span;
    struct note note;

    site_begin(&site);
    for (uint64_t size = 1; size <= 40; size++) {
        uint8_t bytes[16] = {0};
        struct digest hash;

        grow(&site.log, size, 1);
        merkle_leaf(&hash, entry_of(bytes, size - 1, 1));
        merkle_append(&tree, &hash);
        merkle_root(&hash, &tree);
        if (size % 8 == 0) {
            site_close(&site);
            CHECK_STATUS(site_open(&site), STATUS_OK);
        }
        log_checkpoint(&note, &site.log);
        CHECK_STATUS(checkpoint_verify(&checkpoint, &check, (struct span){note.bytes, note.len},
                                       &log_key, 1),
                     STATUS_OK);
        CHECK(checkpoint.size == size && memcmp(&checkpoint.root, &hash, sizeof hash) == 0);
        CHECK_STATUS(store_begin_read(&txn, &site.store), STATUS_OK);
        CHECK_STATUS(log_note(&span, &txn), STATUS_OK);
        CHECK(span.len == note.len && memcmp(span.data, note.bytes, note.len) == 0);
        for (uint64_t i = 0; i < size; i++) {
            struct span expected = entry_of(bytes, i, 1);

            CHECK_STATUS(log_read(&span, &txn, i), STATUS_OK);
            CHECK(span.len == expected.len && memcmp(span.data, expected.data, span.len) == 0);
        }
        CHECK_STATUS(log_read(&span, &txn, size), STATUS_NOT_FOUND);
        store_abort(&txn);
        CHECK(verifies(&site));
    }
    site_end(&site);
}

TEST(sizes_of_entries)
{
    static uint8_t large[LOG_ENTRY_MAX + 1];
    struct log_batch batch;
    struct site site;
    struct span span;
    uint64_t index = 77;

    site_begin(&site);
    memset(large, 0xA5, sizeof large);
    CHECK_STATUS(log_begin(&batch, &site.log), STATUS_OK);
    CHECK_STATUS(log_append(&batch, &index, (struct span){large, LOG_ENTRY_MAX + 1}),
                 STATUS_TOO_LARGE);
    CHECK(index == 77);
    CHECK_STATUS(log_append(&batch, &index, (struct span){large, LOG_ENTRY_MAX}), STATUS_OK);
    CHECK(index == 0);
    CHECK_STATUS(log_append(&batch, &index, (struct span){NULL, 0}), STATUS_OK);
    CHECK(index == 1);
    /* Entries of the batch can be read in it. */
    CHECK_STATUS(log_read(&span, &batch.txn, 0), STATUS_OK);
    CHECK(span.len == LOG_ENTRY_MAX);
    CHECK_STATUS(log_commit(&batch), STATUS_OK);
    CHECK(verifies(&site));
    site_end(&site);
}

TEST(an_aborted_batch_leaves_nothing)
{
    static struct log_batch batch;
    struct store_txn txn;
    struct note before;
    struct note after;
    struct site site;
    struct span span;
    uint64_t index;

    site_begin(&site);
    grow(&site.log, 300, 1);
    log_checkpoint(&before, &site.log);
    CHECK_STATUS(log_begin(&batch, &site.log), STATUS_OK);
    for (int i = 0; i < 300; i++)
        CHECK_STATUS(log_append(&batch, &index, text("never")), STATUS_OK);
    CHECK_STATUS(store_put(&batch.txn, STORE_STATE, text("with"), text("it")), STATUS_OK);
    CHECK(batch.tree.size == 600);
    log_abort(&batch);
    log_checkpoint(&after, &site.log);
    CHECK(before.len == after.len && memcmp(before.bytes, after.bytes, after.len) == 0);
    CHECK_STATUS(store_begin_read(&txn, &site.store), STATUS_OK);
    CHECK_STATUS(log_read(&span, &txn, 300), STATUS_NOT_FOUND);
    CHECK_STATUS(store_get(&span, &txn, STORE_STATE, text("with")), STATUS_NOT_FOUND);
    store_abort(&txn);
    CHECK(verifies(&site));
    grow(&site.log, 301, 1);
    CHECK(verifies(&site));

    /* A batch without entries keeps the checkpoint, and the caller's changes. */
    log_checkpoint(&before, &site.log);
    CHECK_STATUS(log_begin(&batch, &site.log), STATUS_OK);
    CHECK_STATUS(store_put(&batch.txn, STORE_STATE, text("with"), text("out")), STATUS_OK);
    CHECK_STATUS(log_commit(&batch), STATUS_OK);
    log_checkpoint(&after, &site.log);
    CHECK(memcmp(before.bytes, after.bytes, after.len) == 0);
    CHECK_STATUS(store_begin_read(&txn, &site.store), STATUS_OK);
    CHECK_STATUS(store_get(&span, &txn, STORE_STATE, text("with")), STATUS_OK);
    store_abort(&txn);
    site_end(&site);
}

TEST(a_full_store_loses_nothing)
{
    static uint8_t large[3000];
    enum status status = STATUS_OK;
    struct log_batch batch;
    struct site site;
    uint64_t size;
    uint64_t index;

    site_begin(&site);
    site_close(&site);
    CHECK_STATUS(store_open(&site.store, site.store_folder, UINT64_C(1) << 20), STATUS_OK);
    CHECK_STATUS(log_open(&site.log, &site.store, site.second, &log_key, &log_secret), STATUS_OK);
    for (int round = 0; round < 1000 && status == STATUS_OK; round++) {
        REQUIRE(log_begin(&batch, &site.log) == STATUS_OK);
        for (int i = 0; i < 10; i++)
            status = log_append(&batch, &index, (struct span){large, sizeof large});
        status = log_commit(&batch);
    }
    CHECK_STATUS(status, STATUS_STORE_FULL);
    size = site.log.size;
    CHECK(size > 50);
    CHECK(verifies(&site));
    site_close(&site);
    CHECK_STATUS(site_open(&site), STATUS_OK);
    CHECK(site.log.size == size);
    grow(&site.log, size + 3, 1);
    CHECK(verifies(&site));
    site_end(&site);
}

/* ---- Tiles and proofs -------------------------------------------------------------------------*/

/* A part of a full tile is its beginning. */
static void
check_slices(const struct span *full, struct store_txn *txn, unsigned level)
{
    struct span part;

    for (unsigned width = 1; width < TILE_WIDTH; width++) {
        CHECK_STATUS(log_tile(&part, txn, level, 0, width), STATUS_OK);
        CHECK(part.len == (size_t)width * DIGEST_SIZE);
        CHECK(memcmp(part.data, full->data, part.len) == 0);
    }
}

/* Every tile of the log against the leaves: each hash, each width, and nothing beyond. */
static void
check_tiles(struct store_txn *txn, uint64_t size)
{
    static struct digest hashes[70000];
    uint64_t count = size;
    struct span tile;

    for (uint64_t i = 0; i < size; i++) {
        uint8_t bytes[16] = {0};

        merkle_leaf(&hashes[i], entry_of(bytes, i, 1));
    }
    for (unsigned level = 0; level < 4; level++) {
        const unsigned part = (unsigned)(count % TILE_WIDTH);

        for (uint64_t n = 0; n < count / TILE_WIDTH; n++) {
            struct merkle_frontier tree = {0};

            CHECK_STATUS(log_tile(&tile, txn, level, n, TILE_WIDTH), STATUS_OK);
            CHECK(tile.len == TILE_BYTES);
            CHECK(memcmp(tile.data, hashes + n * TILE_WIDTH, TILE_BYTES) == 0);
            if (n == 0)
                check_slices(&tile, txn, level);
            for (size_t i = 0; i < TILE_WIDTH; i++)
                merkle_append(&tree, &hashes[n * TILE_WIDTH + i]);
            /* The next level, in place: what is overwritten has been read. */
            merkle_root(&hashes[n], &tree);
        }
        for (unsigned width = 1; width <= TILE_WIDTH; width++) {
            enum status status = log_tile(&tile, txn, level, count / TILE_WIDTH, width);

            CHECK((status == STATUS_OK) == (width <= part));
            if (status == STATUS_OK)
                CHECK(memcmp(tile.data, hashes + count / TILE_WIDTH * TILE_WIDTH, tile.len) == 0);
            if (status != STATUS_OK)
                CHECK_STATUS(status, STATUS_NOT_FOUND);
        }
        CHECK_STATUS(log_tile(&tile, txn, level, count / TILE_WIDTH + 1, 1), STATUS_NOT_FOUND);
        CHECK_STATUS(log_tile(&tile, txn, level, UINT64_MAX, 1), STATUS_NOT_FOUND);
        CHECK_STATUS(log_tile(&tile, txn, level, UINT64_MAX / 256, 1), STATUS_NOT_FOUND);
        CHECK_STATUS(log_tile(&tile, txn, level, 0, 0), STATUS_NOT_FOUND);
        CHECK_STATUS(log_tile(&tile, txn, level, 0, TILE_WIDTH + 1), STATUS_NOT_FOUND);
        count /= TILE_WIDTH;
    }
    for (uint64_t level = 4; level < 300; level++)
        CHECK_STATUS(log_tile(&tile, txn, level, 0, 1), STATUS_NOT_FOUND);
    CHECK_STATUS(log_tile(&tile, txn, UINT64_C(1) << 32, 0, 1), STATUS_NOT_FOUND);
}

/* Proofs between random sizes, against roots that were computed while growing. */
static void
check_proofs(struct store_txn *txn, uint64_t size, unsigned rounds)
{
    struct random random = random_begin();

    for (unsigned round = 0; round < rounds; round++) {
        const uint64_t newer = 1 + random_below(&random, size);
        const uint64_t older = random_below(&random, newer + 1);
        const uint64_t index = random_below(&random, newer);
        struct merkle_path path;
        struct digest root_older;
        struct digest root_newer;
        uint8_t bytes[16] = {0};
        struct digest leaf;

        CHECK_STATUS(log_root(&root_newer, txn, newer), STATUS_OK);
        CHECK_STATUS(log_root(&root_older, txn, older), STATUS_OK);
        CHECK_STATUS(log_inclusion(&path, txn, index, newer), STATUS_OK);
        merkle_leaf(&leaf, entry_of(bytes, index, 1));
        CHECK_STATUS(merkle_verify_inclusion(&path, &leaf, index, newer, &root_newer), STATUS_OK);
        CHECK_STATUS(log_consistency(&path, txn, older, newer), STATUS_OK);
        CHECK_STATUS(merkle_verify_consistency(&path, older, &root_older, newer, &root_newer),
                     STATUS_OK);
    }
}

TEST(tiles_of_every_shape)
{
    static const uint64_t sizes[] = {0,   1,   255,   256,   257,   511,
                                     512, 513, 65535, 65536, 65537, 66000};
    struct merkle_frontier tree = {0};
    struct merkle_path path;
    struct site site;

    site_begin(&site);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        const uint64_t size = sizes[i];
        struct store_txn txn;
        struct digest expected;
        struct digest got;

        grow(&site.log, size, 1);
        while (tree.size < size) {
            uint8_t bytes[16] = {0};
            struct digest leaf;

            merkle_leaf(&leaf, entry_of(bytes, tree.size, 1));
            merkle_append(&tree, &leaf);
        }
        CHECK_STATUS(store_begin_read(&txn, &site.store), STATUS_OK);
        check_tiles(&txn, size);
        merkle_root(&expected, &tree);
        CHECK_STATUS(log_root(&got, &txn, size), STATUS_OK);
        CHECK(memcmp(&expected, &got, sizeof got) == 0);
        if (size > 0)
            check_proofs(&txn, size, 40);
        CHECK_STATUS(log_inclusion(&path, &txn, 0, size + 1), STATUS_NOT_FOUND);
        CHECK_STATUS(log_inclusion(&path, &txn, size, size), STATUS_NOT_FOUND);
        CHECK_STATUS(log_consistency(&path, &txn, 0, size + 1), STATUS_NOT_FOUND);
        CHECK_STATUS(log_consistency(&path, &txn, size + 1, size), STATUS_NOT_FOUND);
        store_abort(&txn);
    }
    CHECK(verifies(&site));
    site_close(&site);
    CHECK_STATUS(site_open(&site), STATUS_OK);
    site_end(&site);
}

/* ---- Rollbacks --------------------------------------------------------------------------------*/

/* Copies of both files, as a backup makes them. */
static void
save(const struct site *site, const char *name)
{
    char path[SCRATCH_PATH_MAX];
    char file[64];

    snprintf(file, sizeof file, "%s.data", name);
    scratch_path(path, site->folder, file);
    CHECK(scratch_copy(path, site->data));
    snprintf(file, sizeof file, "%s.second", name);
    scratch_path(path, site->folder, file);
    CHECK(scratch_copy(path, site->second));
}

static void
restore(const struct site *site, const char *name, bool data, bool second)
{
    char path[SCRATCH_PATH_MAX];
    char file[64];

    snprintf(file, sizeof file, "%s.data", name);
    scratch_path(path, site->folder, file);
    if (data)
        CHECK(scratch_copy(site->data, path));
    snprintf(file, sizeof file, "%s.second", name);
    scratch_path(path, site->folder, file);
    if (second)
        CHECK(scratch_copy(site->second, path));
}

TEST(an_old_store_is_refused)
{
    struct site site;
    uint64_t bad_index;

    site_begin(&site);
    save(&site, "empty");
    grow(&site.log, 5, 1);
    save(&site, "five");
    grow(&site.log, 9, 1);
    save(&site, "nine");
    site_close(&site);

    restore(&site, "five", true, false);
    CHECK_STATUS(site_open(&site), STATUS_LOG_ROLLBACK);
    CHECK_STATUS(store_open(&site.store, site.store_folder, MAP_BYTES), STATUS_OK);
    CHECK_STATUS(verify(&site, &bad_index), STATUS_LOG_ROLLBACK);
    CHECK_STATUS(log_create(&site.store, site.second, &log_key, &log_secret), STATUS_LOG_ROLLBACK);
    store_close(&site.store);
    restore(&site, "empty", true, false);
    CHECK_STATUS(site_open(&site), STATUS_LOG_ROLLBACK);

    /* The other way round is a power cut between commit and pledge. */
    restore(&site, "nine", true, false);
    restore(&site, "five", false, true);
    CHECK_STATUS(site_open(&site), STATUS_OK);
    CHECK(site.log.size == 9);
    site_close(&site);
    restore(&site, "five", true, false);
    CHECK_STATUS(site_open(&site), STATUS_LOG_ROLLBACK);

    /* So is one before the first pledge; without any second place it is no power cut. */
    restore(&site, "five", true, false);
    restore(&site, "empty", false, true);
    CHECK_STATUS(site_open(&site), STATUS_OK);
    site_close(&site);
    CHECK(unlink(site.second) == 0);
    CHECK_STATUS(site_open(&site), STATUS_LOG_ROLLBACK);
    restore(&site, "empty", true, false);
    CHECK_STATUS(site_open(&site), STATUS_NOT_FOUND);
    scratch_remove(site.folder);
}

/* A store restored together with its second place signs a second history; whoever still has the
 * true second place notices it, whichever history is longer. */
TEST(a_second_history_is_refused)
{
    struct site site;
    uint64_t bad_index;

    site_begin(&site);
    grow(&site.log, 5, 1);
    save(&site, "five");
    grow(&site.log, 9, 1);
    save(&site, "true");
    site_close(&site);
    for (uint64_t size = 9; size <= 12; size += 3) {
        restore(&site, "five", true, true);
        CHECK_STATUS(site_open(&site), STATUS_OK);
        grow(&site.log, size, 2);
        CHECK(verifies(&site));
        site_close(&site);
        restore(&site, "true", false, true);
        CHECK_STATUS(site_open(&site), STATUS_LOG_ROLLBACK);
        CHECK_STATUS(store_open(&site.store, site.store_folder, MAP_BYTES), STATUS_OK);
        CHECK_STATUS(verify(&site, &bad_index), STATUS_LOG_ROLLBACK);
        store_close(&site.store);
    }
    restore(&site, "true", true, true);
    CHECK_STATUS(site_open(&site), STATUS_OK);
    site_end(&site);
}

static void
spoil(const char *path, long at, size_t len)
{
    static const uint8_t junk[8192] = {1, 2, 3};
    FILE *file = fopen(path, "r+b");

    REQUIRE(file != NULL);
    CHECK(fseek(file, at, SEEK_SET) == 0 && fwrite(junk, 1, len, file) == len);
    CHECK(fclose(file) == 0);
}

TEST(a_spoiled_second_place)
{
    struct site site;
    long newest = -1;
    uint64_t bad_index;

    site_begin(&site);
    grow(&site.log, 5, 1);
    grow(&site.log, 5 + BATCH + 1, 1);
    save(&site, "good");
    site_close(&site);
    /* One spoiled half is what a power cut may leave; the other one counts. */
    for (long half = 0; half < 2; half++) {
        restore(&site, "good", true, true);
        spoil(site.second, half * 4096 + 20, 512);
        CHECK_STATUS(site_open(&site), STATUS_OK);
        CHECK(site.log.size == 5 + BATCH + 1);
        grow(&site.log, site.log.size + 1, 1);
        grow(&site.log, site.log.size + 1, 1);
        CHECK(verifies(&site));
        site_close(&site);
    }
    restore(&site, "good", true, true);
    spoil(site.second, 0, 8192);
    CHECK_STATUS(site_open(&site), STATUS_CHECKPOINT_FORM);
    CHECK(truncate(site.second, 0) == 0);
    CHECK_STATUS(site_open(&site), STATUS_CHECKPOINT_FORM);
    CHECK_STATUS(store_open(&site.store, site.store_folder, MAP_BYTES), STATUS_OK);
    CHECK_STATUS(verify(&site, &bad_index), STATUS_CHECKPOINT_FORM);
    store_close(&site.store);

    /* Halves that contradict each other prove a fork. */
    restore(&site, "good", true, true);
    {
        static uint8_t bytes[2 * 4096];
        struct digest wrong = {{9}};
        struct note note;
        size_t len;

        REQUIRE(scratch_read(bytes, &len, sizeof bytes, site.second));
        CHECK_STATUS(checkpoint_sign(&note, 5 + BATCH + 1, &wrong, &log_key, &log_secret),
                     STATUS_OK);
        for (long half = 0; half < 2; half++)
            if (strstr((char *)bytes + half * 4096, "\n1006\n") != NULL)
                newest = half;
        REQUIRE(newest >= 0);
        memset(bytes + (1 - newest) * 4096, 0, 4096);
        memcpy(bytes + (1 - newest) * 4096, note.bytes, note.len);
        CHECK(scratch_write(site.second, bytes, sizeof bytes));
    }
    CHECK_STATUS(site_open(&site), STATUS_LOG_ROLLBACK);
    scratch_remove(site.folder);
}

TEST(keys_and_places_of_others)
{
    struct site other;
    struct site site;
    struct log log;

    site_begin(&site);
    site_begin(&other);
    grow(&site.log, 3, 1);
    grow(&other.log, 3, 2);
    CHECK_STATUS(log_open(&log, &other.store, site.second, &log_key, &log_secret),
                 STATUS_STORE_BUSY);
    log_close(&site.log);
    CHECK_STATUS(log_open(&log, &site.store, site.second, &other_key, &other_secret),
                 STATUS_SIGNER_UNKNOWN);
    CHECK_STATUS(log_open(&log, &other.store, site.second, &log_key, &log_secret),
                 STATUS_LOG_ROLLBACK);
    log_close(&log);
    CHECK_STATUS(log_open(&site.log, &site.store, site.second, &log_key, &log_secret), STATUS_OK);
    site_end(&other);
    site_end(&site);
}

/* The store's tree must not change behind the log's back. */
TEST(a_foreign_commit_stops_the_log)
{
    struct log_batch batch;
    struct store_txn txn;
    struct site site;
    struct span tree;

    site_begin(&site);
    grow(&site.log, 6, 1);
    CHECK_STATUS(store_begin_write(&txn, &site.store), STATUS_OK);
    CHECK_STATUS(store_get(&tree, &txn, STORE_META, text("tree")), STATUS_OK);
    CHECK_STATUS(store_delete(&txn, STORE_META, text("tree")), STATUS_OK);
    CHECK_STATUS(store_commit(&txn), STATUS_OK);
    CHECK_STATUS(log_begin(&batch, &site.log), STATUS_LOG_ROLLBACK);
    site_end(&site);
}

/* ---- What verify finds ------------------------------------------------------------------------*/

/* Puts a value under a key of a table, or removes the key when the value has no data. */
static void
change(struct site *site, enum store_table table, struct span key, struct span value)
{
    struct store_txn txn;

    CHECK_STATUS(store_begin_write(&txn, &site->store), STATUS_OK);
    if (value.data == NULL)
        CHECK_STATUS(store_delete(&txn, table, key), STATUS_OK);
    else
        CHECK_STATUS(store_put(&txn, table, key, value), STATUS_OK);
    CHECK_STATUS(store_commit(&txn), STATUS_OK);
}

/* A copy of what stands there. */
static size_t
fetch(uint8_t *out, struct site *site, enum store_table table, struct span key)
{
    struct store_txn txn;
    struct span value = {NULL, 0};

    CHECK_STATUS(store_begin_read(&txn, &site->store), STATUS_OK);
    CHECK_STATUS(store_get(&value, &txn, table, key), STATUS_OK);
    if (value.len > 0)
        memcpy(out, value.data, value.len);
    store_abort(&txn);
    return value.len;
}

#define KEY8(index)                                                                                \
    ((struct span){(const uint8_t[]){0, 0, 0, 0, 0, 0, (uint8_t)((index) >> 8), (uint8_t)(index)}, \
                   8})
#define TILE_KEY(level, index)                                                                     \
    ((struct span){                                                                                \
        (const uint8_t[]){(level), 0, 0, 0, 0, 0, 0, (uint8_t)((index) >> 8), (uint8_t)(index)},   \
        9})

static void
expect_root(struct site *site, uint64_t expected_index)
{
    uint64_t bad_index = 0;

    CHECK_STATUS(verify(site, &bad_index), STATUS_LOG_ROOT);
    if (bad_index != expected_index)
        fprintf(stderr, "    named %llu, not %llu\n", (unsigned long long)bad_index,
                (unsigned long long)expected_index);
    CHECK(bad_index == expected_index);
}

TEST(verify_names_the_first_bad_entry)
{
    static uint8_t a[64];
    static uint8_t b[64];
    struct site site;
    size_t a_len;
    size_t b_len;

    site_begin(&site);
    grow(&site.log, 700, 1);
    /* A changed bit, in an old and in the last entry. */
    for (uint64_t index = 255; index < 700; index += 444) {
        a_len = fetch(a, &site, STORE_ENTRY, KEY8(index));
        a[3] ^= 0x10;
        change(&site, STORE_ENTRY, KEY8(index), (struct span){a, a_len});
        expect_root(&site, index);
        a[3] ^= 0x10;
        change(&site, STORE_ENTRY, KEY8(index), (struct span){a, a_len});
        CHECK(verifies(&site));
    }
    /* Two entries changed places. */
    a_len = fetch(a, &site, STORE_ENTRY, KEY8(100));
    b_len = fetch(b, &site, STORE_ENTRY, KEY8(101));
    change(&site, STORE_ENTRY, KEY8(100), (struct span){b, b_len});
    change(&site, STORE_ENTRY, KEY8(101), (struct span){a, a_len});
    expect_root(&site, 100);
    change(&site, STORE_ENTRY, KEY8(100), (struct span){a, a_len});
    change(&site, STORE_ENTRY, KEY8(101), (struct span){b, b_len});
    /* One is missing, in the middle and at the end. */
    change(&site, STORE_ENTRY, KEY8(100), (struct span){NULL, 0});
    expect_root(&site, 100);
    change(&site, STORE_ENTRY, KEY8(100), (struct span){a, a_len});
    a_len = fetch(a, &site, STORE_ENTRY, KEY8(699));
    change(&site, STORE_ENTRY, KEY8(699), (struct span){NULL, 0});
    expect_root(&site, 699);
    change(&site, STORE_ENTRY, KEY8(699), (struct span){a, a_len});
    CHECK(verifies(&site));
    /* One too many; one under no number. */
    change(&site, STORE_ENTRY, KEY8(700), text("surplus"));
    expect_root(&site, 700);
    change(&site, STORE_ENTRY, KEY8(700), (struct span){NULL, 0});
    change(&site, STORE_ENTRY, text("\x01"), text("odd"));
    expect_root(&site, 700);
    change(&site, STORE_ENTRY, text("\x01"), (struct span){NULL, 0});
    CHECK(verifies(&site));
    site_end(&site);
}

TEST(verify_compares_tiles_tree_and_checkpoint)
{
    static uint8_t bytes[TILE_BYTES];
    static const struct {
        uint8_t level;
        uint8_t index;
        size_t at;
        uint64_t named;
    } hashes[] = {{0, 0, 5, 5}, {0, 2, 187, 699}, {1, 0, 1, 511}};
    struct merkle_frontier tree = {0};
    struct digest root;
    struct site site;
    struct note note;
    uint64_t bad_index;
    size_t len;

    site_begin(&site);
    grow(&site.log, 700, 1);
    for (size_t i = 0; i < 3; i++) {
        struct span key = TILE_KEY(hashes[i].level, hashes[i].index);

        len = fetch(bytes, &site, STORE_HASH, key);
        bytes[hashes[i].at * DIGEST_SIZE + 31] ^= 1;
        change(&site, STORE_HASH, key, (struct span){bytes, len});
        expect_root(&site, hashes[i].named);
        bytes[hashes[i].at * DIGEST_SIZE + 31] ^= 1;
        change(&site, STORE_HASH, key, (struct span){bytes, len});
        CHECK(verifies(&site));
    }
    /* A hash too many in an unfinished tile, a tile too many, a tile too few. */
    len = fetch(bytes, &site, STORE_HASH, TILE_KEY(1, 0));
    CHECK(len == 2 * DIGEST_SIZE);
    change(&site, STORE_HASH, TILE_KEY(1, 0), (struct span){bytes, len + DIGEST_SIZE});
    expect_root(&site, UINT64_MAX);
    change(&site, STORE_HASH, TILE_KEY(1, 0), (struct span){bytes, len});
    change(&site, STORE_HASH, TILE_KEY(1, 1), (struct span){bytes, len});
    expect_root(&site, UINT64_MAX);
    change(&site, STORE_HASH, TILE_KEY(1, 1), (struct span){NULL, 0});
    change(&site, STORE_HASH, TILE_KEY(1, 0), (struct span){NULL, 0});
    expect_root(&site, 255);
    change(&site, STORE_HASH, TILE_KEY(1, 0), (struct span){bytes, len + 1});
    CHECK_STATUS(verify(&site, &bad_index), STATUS_STORE_BROKEN);
    change(&site, STORE_HASH, TILE_KEY(1, 0), (struct span){bytes, len});
    CHECK(verifies(&site));

    /* The tree's record, and checkpoints: unsigned, of another root, of another key. */
    len = fetch(bytes, &site, STORE_META, text("tree"));
    bytes[len - 1] ^= 1;
    change(&site, STORE_META, text("tree"), (struct span){bytes, len});
    expect_root(&site, UINT64_MAX);
    change(&site, STORE_META, text("tree"), (struct span){bytes, len - 1});
    CHECK_STATUS(verify(&site, &bad_index), STATUS_STORE_BROKEN);
    bytes[len - 1] ^= 1;
    change(&site, STORE_META, text("tree"), (struct span){bytes, len});
    len = fetch(bytes, &site, STORE_META, text("checkpoint"));
    change(&site, STORE_META, text("checkpoint"), (struct span){NULL, 0});
    expect_root(&site, UINT64_MAX);
    bytes[len - 20] ^= 1;
    change(&site, STORE_META, text("checkpoint"), (struct span){bytes, len});
    CHECK(verify(&site, &bad_index) == STATUS_CHECKPOINT_SIGNATURE ||
          verify(&site, &bad_index) == STATUS_CHECKPOINT_FORM);
    merkle_root(&root, &tree);
    root.bytes[0] ^= 1;
    CHECK_STATUS(checkpoint_sign(&note, 700, &root, &log_key, &log_secret), STATUS_OK);
    change(&site, STORE_META, text("checkpoint"), (struct span){note.bytes, note.len});
    expect_root(&site, UINT64_MAX);
    CHECK_STATUS(checkpoint_sign(&note, 700, &site.log.root, &other_key, &other_secret), STATUS_OK);
    change(&site, STORE_META, text("checkpoint"), (struct span){note.bytes, note.len});
    CHECK_STATUS(verify(&site, &bad_index), STATUS_SIGNER_UNKNOWN);
    site_end(&site);
}

/* A store that does not hold together is not opened for writing. */
TEST(opening_compares_the_right_edge)
{
    static uint8_t bytes[TILE_BYTES];
    struct site site;
    size_t len;

    site_begin(&site);
    grow(&site.log, 300, 1);
    log_close(&site.log);
    len = fetch(bytes, &site, STORE_HASH, TILE_KEY(0, 1));
    bytes[0] ^= 1;
    change(&site, STORE_HASH, TILE_KEY(0, 1), (struct span){bytes, len});
    CHECK_STATUS(log_open(&site.log, &site.store, site.second, &log_key, &log_secret),
                 STATUS_LOG_ROOT);
    change(&site, STORE_HASH, TILE_KEY(0, 1), (struct span){bytes, len - DIGEST_SIZE});
    CHECK_STATUS(log_open(&site.log, &site.store, site.second, &log_key, &log_secret),
                 STATUS_STORE_BROKEN);
    bytes[0] ^= 1;
    change(&site, STORE_HASH, TILE_KEY(0, 1), (struct span){bytes, len});
    change(&site, STORE_ENTRY, KEY8(300), text("surplus"));
    CHECK_STATUS(log_open(&site.log, &site.store, site.second, &log_key, &log_secret),
                 STATUS_LOG_ROOT);
    change(&site, STORE_ENTRY, KEY8(300), (struct span){NULL, 0});
    change(&site, STORE_META, text("checkpoint"), (struct span){NULL, 0});
    CHECK_STATUS(log_open(&site.log, &site.store, site.second, &log_key, &log_secret),
                 STATUS_LOG_ROOT);
    site_end(&site);
}

/* ---- Readers ----------------------------------------------------------------------------------*/

static atomic_bool reader_stop;
static atomic_uint reader_failures;
static atomic_uint reader_rounds;

/* Follows the published checkpoints: each verifies, continues the one before, and is already in the
 * store. */
static void *
follow(void *context)
{
    struct site *site = context;
    struct checkpoint before = {0};

    merkle_empty(&before.root);
    while (!atomic_load(&reader_stop)) {
        struct checkpoint now;
        struct merkle_path path;
        struct note_check check;
        struct store_txn txn;
        struct note note;
        bool good;

        log_checkpoint(&note, &site->log);
        good = checkpoint_verify(&now, &check, (struct span){note.bytes, note.len}, &log_key, 1) ==
                   STATUS_OK &&
               store_begin_read(&txn, &site->store) == STATUS_OK;
        if (good) {
            good = log_consistency(&path, &txn, before.size, now.size) == STATUS_OK &&
                   merkle_verify_consistency(&path, before.size, &before.root, now.size,
                                             &now.root) == STATUS_OK;
            store_abort(&txn);
        }
        atomic_fetch_add(&reader_failures, good ? 0 : 1);
        atomic_fetch_add(&reader_rounds, 1);
        before = now;
    }
    return NULL;
}

TEST(readers_follow_the_writer)
{
    pthread_t readers[2];
    struct site site;
    uint64_t size = 0;

    site_begin(&site);
    atomic_store(&reader_stop, false);
    for (size_t i = 0; i < 2; i++)
        CHECK(pthread_create(&readers[i], NULL, follow, &site) == 0);
    while (size < 400 || atomic_load(&reader_rounds) < 200)
        grow(&site.log, size += 7, 1);
    atomic_store(&reader_stop, true);
    for (size_t i = 0; i < 2; i++)
        CHECK(pthread_join(readers[i], NULL) == 0);
    CHECK(atomic_load(&reader_failures) == 0);
    CHECK(verifies(&site));
    site_end(&site);
}

int
main(int argc, char **argv)
{
    static const uint8_t seeds[2][SEED_SIZE] = {{1}, {2}};
    struct public_key key;

    if (crypt_init() != STATUS_OK)
        return EXIT_FAILURE;
    crypt_key_from_seed(&log_secret, &key, seeds[0]);
    if (note_key_make(&log_key, NOTE_ED25519, text("schwebe.example/test"), &key) != STATUS_OK)
        return EXIT_FAILURE;
    crypt_key_from_seed(&other_secret, &key, seeds[1]);
    if (note_key_make(&other_key, NOTE_ED25519, text("schwebe.example/test"), &key) != STATUS_OK)
        return EXIT_FAILURE;
    return check_run(argc, argv);
}
