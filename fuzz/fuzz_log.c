/* ledger/log over damaged records: whatever is changed in the three tables of a log is noticed by
 * log_verify, and reading goes on in words. Nothing is committed, so that every input begins with
 * the same log. */
#include "workload.h"

#include "fuzz.h"

#define ENTRIES 260
#define PAIRS_MAX 300
#define EDITS_MAX 4
#define VALUE_MAX 16384

/* Every pair of the sound log. */
struct pair {
    enum store_table table;
    size_t key_len;
    uint8_t key[32];
};

static struct workload work;
static struct pair pairs[PAIRS_MAX];
static size_t count;
static char folder[SCRATCH_PATH_MAX];

static void
stop(void)
{
    workload_close(&work);
    scratch_remove(folder);
}

static void
list(struct store_txn *txn, enum store_table table)
{
    struct span from = {NULL, 0};
    struct span key;
    struct span value;

    while (store_find(&key, &value, txn, table, STORE_AFTER, from) == STATUS_OK) {
        struct pair *pair = &pairs[count++];

        EXPECT(count <= PAIRS_MAX && key.len <= sizeof pair->key);
        pair->table = table;
        pair->key_len = key.len;
        memcpy(pair->key, key.data, key.len);
        from = (struct span){pair->key, pair->key_len};
    }
}

static void
start(void)
{
    struct store_txn txn;

    scratch_make(folder);
    EXPECT(crypt_init() == STATUS_OK);
    workload_init(&work, folder);
    EXPECT(workload_create(&work) == STATUS_OK);
    EXPECT(workload_open(&work) == STATUS_OK);
    EXPECT(atexit(stop) == 0);
    EXPECT(workload_batch(&work, ENTRIES) == STATUS_OK);
    EXPECT(workload_problem(&work) == NULL);
    EXPECT(store_begin_read(&txn, &work.store) == STATUS_OK);
    list(&txn, STORE_META);
    list(&txn, STORE_HASH);
    list(&txn, STORE_ENTRY);
    store_abort(&txn);
}

/* Changes one pair; false when it stayed what it was. */
static bool
edit(struct store_txn *txn, struct span *in)
{
    static uint8_t bytes[VALUE_MAX];
    const struct pair *pair = &pairs[fuzz_number(in, 2) % count];
    const struct span key = {pair->key, pair->key_len};
    const uint8_t how = fuzz_byte(in);
    const uint64_t at = fuzz_number(in, 2);
    uint8_t other[32];
    struct span value;

    if (store_get(&value, txn, pair->table, key) != STATUS_OK)
        return false;
    EXPECT(value.len + 1 < sizeof bytes);
    memcpy(bytes, value.data, value.len);
    bytes[value.len] = (uint8_t)at;
    switch (how % 5) {
    case 0:
        return store_delete(txn, pair->table, key) == STATUS_OK;
    case 1:
        value.len = at % (value.len + 1) == value.len ? 0 : (size_t)(at % (value.len + 1));
        break;
    case 2:
        value.len++;
        break;
    case 3:
        memcpy(other, key.data, key.len);
        other[at % key.len] ^= (uint8_t)(how / 5 + 1);
        if (pair->table == STORE_META ||
            store_insert(txn, pair->table, (struct span){other, key.len},
                         (struct span){bytes, value.len}) != STATUS_OK)
            return false;
        return true;
    default:
        if (value.len == 0)
            return false;
        bytes[at % value.len] ^= (uint8_t)(how / 5 + 1);
        break;
    }
    value.data = bytes;
    EXPECT(store_put(txn, pair->table, key, value) == STATUS_OK);
    return true;
}

/* Reading from a damaged log gives a status or bytes, never more. */
static void
read_all(struct store_txn *txn, struct span *in)
{
    struct merkle_path path;
    struct digest root;
    struct span out;
    uint64_t size = 0;
    const uint64_t a = fuzz_byte(in) * UINT64_C(2);
    const uint64_t b = fuzz_byte(in) * UINT64_C(2);

    (void)(log_size(&size, txn) == STATUS_OK);
    (void)(log_read(&out, txn, a) == STATUS_OK);
    (void)(log_note(&out, txn) == STATUS_OK);
    (void)(log_root(&root, txn, a) == STATUS_OK);
    if (log_inclusion(&path, txn, a, b) != STATUS_OK)
        EXPECT(path.count == 0);
    if (log_consistency(&path, txn, a, b) != STATUS_OK)
        EXPECT(path.count == 0);
    if (log_tile(&out, txn, a % 3, b % 3, (unsigned)(1 + a % TILE_WIDTH)) == STATUS_OK)
        EXPECT(out.len == (1 + a % TILE_WIDTH) * DIGEST_SIZE);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span in = {data, size};
    struct store_txn txn;
    uint64_t bad_index = 0;
    unsigned edits;
    bool changed = false;
    enum status status;

    if (count == 0)
        start();
    edits = 1U + fuzz_byte(&in) % (unsigned)EDITS_MAX;
    EXPECT(store_begin_write(&txn, &work.store) == STATUS_OK);
    for (unsigned i = 0; i < edits; i++)
        changed = edit(&txn, &in) || changed;
    /* Several edits could undo each other. */
    status = log_verify(&bad_index, &txn, &work.key, work.second);
    if (edits == 1)
        EXPECT((status == STATUS_OK) != changed);
    read_all(&txn, &in);
    store_abort(&txn);
    return 0;
}

static size_t
make(uint8_t *out, uint64_t *random)
{
    for (size_t i = 0; i < 8; i++)
        out[i] = (uint8_t)forge_random(random);
    out[0] = 0;
    if (forge_below(random, 2) == 0)
        out[1] = 0; /* tree, checkpoint and tiles come first */
    return 8;
}

FUZZ_MAKER(make)
