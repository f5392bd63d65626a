#include "tamper.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/export.h"
#include "protocol/checkpoint.h"
#include "protocol/file.h"
#include "scratch.h"

#define MAP_BYTES (UINT64_C(1) << 28)

static void
must(enum status status, const char *what)
{
    if (status == STATUS_OK)
        return;
    fprintf(stderr, "tamper: %s: %s\n", what, status_name(status));
    abort();
}

/* --- room --- */

static uint8_t *
room(struct tamper *tamper, size_t len)
{
    uint8_t *const out = tamper->bytes + tamper->used;

    if (len > sizeof tamper->bytes - tamper->used)
        must(STATUS_CAPACITY, "bytes");
    tamper->used += len;
    return out;
}

struct span
tamper_copy(struct tamper *tamper, struct span in)
{
    uint8_t *const out = room(tamper, in.len);

    memcpy(out, in.data, in.len);
    return (struct span){out, in.len};
}

struct span
tamper_flip(struct tamper *tamper, struct span in, size_t at)
{
    uint8_t *const out = room(tamper, in.len);

    memcpy(out, in.data, in.len);
    out[at] ^= 1;
    return (struct span){out, in.len};
}

struct span
tamper_sign(struct tamper *tamper, const struct schema *schema, const void *object,
            const struct fixture_key *key)
{
    static uint8_t bytes[COSE_MESSAGE_LARGE_MAX];
    size_t len;

    must(msg_sign(bytes, sizeof bytes, &len, schema, object, FIXTURE_NETWORK, &key->secret),
         schema->name);
    return tamper_copy(tamper, (struct span){bytes, len});
}

struct span
tamper_encode(struct tamper *tamper, const struct schema *schema, const void *object)
{
    static uint8_t bytes[MSG_ENTRY_MAX];
    size_t len;

    must(schema_encode(bytes, sizeof bytes, &len, schema, object), schema->name);
    return tamper_copy(tamper, (struct span){bytes, len});
}

/* --- entries --- */

void
tamper_load(struct tamper *tamper, struct fixture_city *city)
{
    struct store_txn txn;
    uint64_t size;

    memset(tamper, 0, sizeof *tamper);
    tamper->city = city;
    must(store_begin_read(&txn, &city->store), "store");
    must(log_size(&size, &txn), "log");
    for (uint64_t i = 0; i < size; i++) {
        struct span entry;

        must(i < TAMPER_ENTRIES_MAX ? STATUS_OK : STATUS_CAPACITY, "entries");
        must(log_read(&entry, &txn, i), "entry");
        tamper->original[i] = tamper_copy(tamper, entry);
    }
    store_abort(&txn);
    tamper->original_count = (size_t)size;
    tamper->original_used = tamper->used;
    tamper_reset(tamper);
}

void
tamper_reset(struct tamper *tamper)
{
    tamper->count = tamper->original_count;
    memcpy(tamper->entries, tamper->original, sizeof tamper->entries);
    tamper->used = tamper->original_used;
}

void
tamper_get(struct msg_entry *out, const struct tamper *tamper, size_t index)
{
    must(index < tamper->count ? STATUS_OK : STATUS_NOT_FOUND, "get");
    must(schema_decode(out, &msg_entry_schema, tamper->entries[index]), "entry");
}

size_t
tamper_find(const struct tamper *tamper, size_t from, uint64_t kind)
{
    struct msg_entry entry;

    for (size_t i = from;; i++) {
        tamper_get(&entry, tamper, i);
        if (entry.kind == kind)
            return i;
    }
}

void
tamper_set_bytes(struct tamper *tamper, size_t index, struct span bytes)
{
    must(index < tamper->count ? STATUS_OK : STATUS_NOT_FOUND, "set");
    tamper->entries[index] = tamper_copy(tamper, bytes);
}

void
tamper_set(struct tamper *tamper, size_t index, const struct msg_entry *entry)
{
    must(index < tamper->count ? STATUS_OK : STATUS_NOT_FOUND, "set");
    tamper->entries[index] = tamper_encode(tamper, &msg_entry_schema, entry);
}

void
tamper_insert(struct tamper *tamper, size_t index, const struct msg_entry *entry)
{
    must(index <= tamper->count && tamper->count < TAMPER_ENTRIES_MAX ? STATUS_OK : STATUS_CAPACITY,
         "insert");
    memmove(&tamper->entries[index + 1], &tamper->entries[index],
            (tamper->count - index) * sizeof tamper->entries[0]);
    tamper->count++;
    tamper_set(tamper, index, entry);
}

void
tamper_remove(struct tamper *tamper, size_t index)
{
    must(index < tamper->count ? STATUS_OK : STATUS_NOT_FOUND, "remove");
    tamper->count--;
    memmove(&tamper->entries[index], &tamper->entries[index + 1],
            (tamper->count - index) * sizeof tamper->entries[0]);
}

void
tamper_swap(struct tamper *tamper, size_t index)
{
    const struct span first = tamper->entries[index];

    must(index + 1 < tamper->count ? STATUS_OK : STATUS_NOT_FOUND, "swap");
    tamper->entries[index] = tamper->entries[index + 1];
    tamper->entries[index + 1] = first;
}

void
tamper_blank(struct msg_entry *out, const struct tamper *tamper, size_t index, uint64_t kind)
{
    static const uint8_t none = MSG_NO_ATTACHMENT;
    struct msg_entry before;

    tamper_get(&before, tamper, index - 1);
    *out = (struct msg_entry){
        .version = 1, .kind = kind, .time = before.time, .attachment = {&none, 1}};
    memset(out->salt, 0x5A, sizeof out->salt);
}

void
tamper_repeat(struct tamper *tamper, size_t index, size_t from)
{
    struct msg_entry entry;
    struct msg_entry blank;

    tamper_get(&entry, tamper, from);
    tamper_blank(&blank, tamper, index, entry.kind);
    entry.time = blank.time;
    tamper_insert(tamper, index, &entry);
}

void
tamper_act(struct tamper *tamper, size_t index, uint64_t kind, const struct schema *schema,
           const void *object, const struct fixture_key *first, const struct fixture_key *second)
{
    struct msg_entry entry;

    tamper_blank(&entry, tamper, index, kind);
    entry.messages[entry.messages_count++] = tamper_sign(tamper, schema, object, first);
    if (second != NULL)
        entry.messages[entry.messages_count++] = tamper_sign(tamper, schema, object, second);
    tamper_insert(tamper, index, &entry);
}

void
tamper_attach(struct tamper *tamper, size_t index, const struct schema *schema,
              const void *attachment)
{
    struct msg_entry entry;

    tamper_get(&entry, tamper, index);
    entry.attachment = tamper_encode(tamper, schema, attachment);
    tamper_set(tamper, index, &entry);
}

/* --- tills that play along --- */

void
tamper_upload(struct tamper *tamper, size_t index, const struct fixture_till *till, size_t first)
{
    static struct msg_upload upload;
    struct merkle_frontier tree = {0};
    struct msg_entry entry;

    tamper_blank(&entry, tamper, index, APPLY_UPLOAD);
    memset(&upload, 0, sizeof upload);
    upload.network = FIXTURE_NETWORK;
    upload.till = till->number;
    upload.first = first;
    upload.time = entry.time + 500; /* none of the till's own uploads says so */
    for (size_t i = 0; i < till->count; i++) {
        struct digest leaf;

        merkle_leaf(&leaf, (struct span){till->items[i].bytes, till->items[i].len});
        merkle_append(&tree, &leaf);
        if (i >= first)
            upload.items[upload.items_count++] = leaf;
    }
    merkle_root(&upload.root, &tree);
    entry.messages[entry.messages_count++] =
        tamper_sign(tamper, &msg_upload_schema, &upload, &till->key);
    tamper_insert(tamper, index, &entry);
}

void
tamper_item(struct tamper *tamper, size_t index, uint64_t kind, const struct fixture_till *till,
            size_t item, uint64_t upload, uint64_t number, uint64_t outcome)
{
    const struct msg_item_attachment stated = {upload, number, outcome};
    struct msg_entry entry;

    tamper_blank(&entry, tamper, index, kind);
    entry.messages[entry.messages_count++] =
        (struct span){till->items[item].bytes, till->items[item].len};
    entry.attachment = tamper_encode(tamper, &msg_item_attachment_schema, &stated);
    tamper_insert(tamper, index, &entry);
}

/* --- writing --- */

void
tamper_days(struct tamper *tamper)
{
    const struct fixture_city *const city = tamper->city;
    struct merkle_frontier tree = {0};

    for (size_t i = 0; i < tamper->count; i++) {
        struct msg_service_day_attachment day;
        struct msg_entry entry;
        struct digest digest;
        struct note note;

        tamper_get(&entry, tamper, i);
        if (entry.kind == APPLY_SERVICE_DAY) {
            must(schema_decode(&day, &msg_service_day_attachment_schema, entry.attachment), "day");
            merkle_root(&digest, &tree);
            must(checkpoint_sign(&note, i, &digest, &city->log_key, &city->roles[8].secret), "day");
            day.checkpoint = (struct span){note.bytes, note.len};
            tamper_attach(tamper, i, &msg_service_day_attachment_schema, &day);
        }
        merkle_leaf(&digest, tamper->entries[i]);
        merkle_append(&tree, &digest);
    }
}

/* What follows from the entries, as the city has it. */
static void
copy_state(struct store_txn *to, struct fixture_city *city)
{
    struct store_cursor cursor;
    struct store_txn from;
    struct span key;
    struct span value;

    must(store_begin_read(&from, &city->store), "state");
    store_cursor_start(&cursor, &from, STORE_STATE, (struct span){NULL, 0});
    while (store_cursor_next(&cursor, &key, &value) == STATUS_OK)
        must(store_append(to, STORE_STATE, key, value), "state");
    store_abort(&from);
}

static void
write_export(struct store *store, const char *out)
{
    static struct apply reader;
    struct store_txn txn;

    must(store_begin_read(&txn, store), "export");
    must(apply_begin(&reader, &txn), "export");
    must(export_write(out, &txn, &reader.state), "export");
    store_abort(&txn);
}

void
tamper_write(const struct tamper *tamper, const char *folder, const char *out)
{
    static struct log_batch batch;
    struct fixture_city *const city = tamper->city;
    char path[SCRATCH_PATH_MAX];
    char second[SCRATCH_PATH_MAX];
    struct store store;
    struct log log;

    must(file_folder(folder), folder);
    scratch_path(path, folder, "store");
    scratch_path(second, folder, "checkpoint");
    must(store_create(path), "store");
    must(store_open(&store, path, MAP_BYTES), "store");
    must(log_create(&store, second, &city->log_key, &city->roles[8].secret), "log");
    must(log_open(&log, &store, second, &city->log_key, &city->roles[8].secret), "log");
    must(log_begin(&batch, &log), "log");
    for (size_t i = 0; i < tamper->count; i++) {
        uint64_t index;

        must(log_append(&batch, &index, tamper->entries[i]), "entry");
    }
    copy_state(&batch.txn, city);
    must(log_commit(&batch), "log");
    write_export(&store, out);
    log_close(&log);
    store_close(&store);
}
