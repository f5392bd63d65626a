#include "workload.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAP_BYTES (UINT64_C(256) << 20)
#define ENTRY_MAX 900
/* Of the pairs that come with the entries the last so many stay. */
#define LIVE 60
#define ID_SIZE 16

static struct span
text(const char *words)
{
    return (struct span){(const uint8_t *)words, strlen(words)};
}

void
workload_init(struct workload *work, const char *folder)
{
    static const uint8_t seed[SEED_SIZE] = {7};
    char origin[NOTE_NAME_MAX];
    struct public_key key;

    memset(work, 0, sizeof *work);
    scratch_path(work->store_folder, folder, "store");
    scratch_path(work->data, work->store_folder, "data.mdb");
    scratch_path(work->second, folder, "second");
    crypt_key_from_seed(&work->secret, &key, seed);
    /* So long that a checkpoint does not fit into one sector of a disk. */
    memset(origin, 'o', sizeof origin);
    if (note_key_make(&work->key, NOTE_ED25519, (struct span){(uint8_t *)origin, sizeof origin},
                      &key) != STATUS_OK)
        abort();
}

enum status
workload_create(struct workload *work)
{
    enum status status = store_create(work->store_folder);

    if (status == STATUS_OK || status == STATUS_EXISTS)
        status = store_open(&work->store, work->store_folder, MAP_BYTES);
    if (status != STATUS_OK)
        return status;
    status = log_create(&work->store, work->second, &work->key, &work->secret);
    store_close(&work->store);
    return status == STATUS_EXISTS ? STATUS_OK : status;
}

enum status
workload_open(struct workload *work)
{
    enum status status = store_open(&work->store, work->store_folder, MAP_BYTES);

    if (status != STATUS_OK)
        return status;
    status = log_open(&work->log, &work->store, work->second, &work->key, &work->secret);
    if (status != STATUS_OK)
        store_close(&work->store);
    return status;
}

void
workload_close(struct workload *work)
{
    log_close(&work->log);
    store_close(&work->store);
}

static struct span
entry_of(uint8_t out[static ENTRY_MAX], uint64_t index)
{
    struct random random = {index};
    const size_t len = 8 + (size_t)random_below(&random, ENTRY_MAX - 8);

    random_bytes(&random, out, len);
    return (struct span){out, len};
}

/* The key of the pair that comes with an entry: anywhere in the table. */
static struct span
id_of(uint8_t out[static ID_SIZE], uint64_t index)
{
    struct random random = {~index};

    random_bytes(&random, out, ID_SIZE);
    return (struct span){out, ID_SIZE};
}

static struct span
number(const uint64_t *value)
{
    return (struct span){(const uint8_t *)value, sizeof *value};
}

static enum status
append(struct log_batch *batch)
{
    uint8_t bytes[ENTRY_MAX];
    uint8_t id[ID_SIZE];
    uint64_t index;
    enum status status = log_append(batch, &index, entry_of(bytes, batch->tree.size));

    if (status == STATUS_OK)
        status = store_put(&batch->txn, STORE_STATE, id_of(id, index), number(&index));
    if (status == STATUS_OK && index >= LIVE)
        status = store_delete(&batch->txn, STORE_STATE, id_of(id, index - LIVE));
    return status;
}

enum status
workload_batch(struct workload *work, uint64_t entries)
{
    static struct log_batch batch;
    enum status status = log_begin(&batch, &work->log);

    if (status != STATUS_OK)
        return status;
    for (uint64_t i = 0; i < entries && status == STATUS_OK; i++)
        status = append(&batch);
    if (status == STATUS_OK)
        status = store_put(&batch.txn, STORE_STATE, text("size"), number(&batch.tree.size));
    if (status == STATUS_OK)
        return log_commit(&batch);
    log_abort(&batch);
    return status;
}

static bool
is_number(struct store_txn *txn, struct span key, uint64_t expected)
{
    struct span value;

    return store_get(&value, txn, STORE_STATE, key) == STATUS_OK && value.len == sizeof expected &&
           memcmp(value.data, &expected, sizeof expected) == 0;
}

static const char *
problem_in(struct workload *work, struct store_txn *txn)
{
    const uint64_t size = work->log.size;
    const uint64_t live = size < LIVE ? size : LIVE;
    uint64_t bad_index;
    uint64_t count;

    if (log_verify(&bad_index, txn, &work->key, work->second) != STATUS_OK)
        return "the log does not verify";
    for (uint64_t i = 0; i < size; i++) {
        uint8_t bytes[ENTRY_MAX];
        struct span expected = entry_of(bytes, i);
        struct span entry;

        if (log_read(&entry, txn, i) != STATUS_OK || entry.len != expected.len ||
            memcmp(entry.data, expected.data, entry.len) != 0)
            return "an entry is another";
    }
    if (size == 0)
        return NULL;
    if (!is_number(txn, text("size"), size))
        return "the state is not that of the log";
    for (uint64_t i = size - live; i < size; i++) {
        uint8_t id[ID_SIZE];

        if (!is_number(txn, id_of(id, i), i))
            return "a pair is missing";
    }
    if (store_count(&count, txn, STORE_STATE) != STATUS_OK || count != live + 1)
        return "there are surplus pairs";
    return NULL;
}

const char *
workload_problem(struct workload *work)
{
    struct store_txn txn;
    const char *problem;

    if (store_begin_read(&txn, &work->store) != STATUS_OK)
        return "it cannot be read";
    problem = problem_in(work, &txn);
    store_abort(&txn);
    return problem;
}
