#include "record.h"

#include <assert.h>
#include <string.h>

#define NUMBER(key, owner, member) SCHEMA_UINT(key, OPTIONAL, owner, member, 1, UINT64_MAX)
/* What keys hold in four bytes. */
#define SHORT(key, owner, member) SCHEMA_UINT(key, OPTIONAL, owner, member, 1, UINT32_MAX)
#define CENTS(key, owner, member) SCHEMA_MONEY(key, OPTIONAL, owner, member, 1, MONEY_CENTS_MAX)

static const struct field till_fields[] = {
    SHORT(1, struct record_till, till),
    SHORT(2, struct record_till, merchant),
    SCHEMA_BYTES(3, REQUIRED, struct record_till, key),
    NUMBER(4, struct record_till, level),
    CENTS(5, struct record_till, limit),
    NUMBER(6, struct record_till, count),
    NUMBER(7, struct record_till, classes),
    SCHEMA_UINT_LIST(8, REQUIRED, struct record_till, restrictions, 0, 1, 65535),
    NUMBER(9, struct record_till, from),
    NUMBER(10, struct record_till, until),
    NUMBER(11, struct record_till, index),
    NUMBER(12, struct record_till, revoked),
    NUMBER(13, struct record_till, revoked_size),
    NUMBER(14, struct record_till, size),
    SCHEMA_BYTES_LIST(15, REQUIRED, struct record_till, peaks, 0),
    NUMBER(16, struct record_till, entry_time),
    NUMBER(17, struct record_till, anchor_time),
    SHORT(18, struct record_till, news),
    NUMBER(19, struct record_till, news_time),
    SHORT(20, struct record_till, parameters),
    NUMBER(21, struct record_till, broken),
    NUMBER(22, struct record_till, given),
    SHORT(23, struct record_till, given_news),
    SCHEMA_BYTES(24, OPTIONAL, struct record_till, given_news_hash),
    SHORT(25, struct record_till, given_parameters),
    NUMBER(26, struct record_till, given_size),
    SCHEMA_BYTES(27, OPTIONAL, struct record_till, given_root),
    NUMBER(28, struct record_till, given_index),
    NUMBER(31, struct record_till, synced),
};
static const struct schema till_schema =
    SCHEMA_MAP("till", struct record_till, till_fields, STATE_VALUE_MAX);

static void
till_key(struct state_key *key, enum state_table table, uint64_t till)
{
    state_key_begin(key, table);
    state_key_number(key, till, 4);
}

/* One for each bit of the size. */
static bool
has_peaks(const struct record_till *till)
{
    size_t count = 0;

    for (uint64_t left = till->size; left != 0; left &= left - 1)
        count++;
    return till->size <= MERKLE_SIZE_MAX && count == till->peaks_count;
}

bool
record_till_get(struct record_till *out, struct state *state, uint64_t till)
{
    struct state_key key;

    till_key(&key, STATE_TILL, till);
    if (!state_load(out, state, &till_schema, &key))
        return false;
    if (out->till == till && has_peaks(out))
        return true;
    state->failed = STATUS_STORE_BROKEN;
    return false;
}

void
record_till_put(struct state *state, const struct record_till *in)
{
    struct state_key key;

    till_key(&key, STATE_TILL, in->till);
    state_store(state, &key, &till_schema, in);
}

void
record_till_message(struct msg_till *out, const struct record_till *in)
{
    *out = (struct msg_till){.till = in->till,
                             .merchant = in->merchant,
                             .key = in->key,
                             .level = in->level,
                             .limit = in->limit,
                             .count = in->count,
                             .classes = in->classes,
                             .restrictions_count = in->restrictions_count,
                             .from = in->from,
                             .until = in->until};
    memcpy(out->restrictions, in->restrictions, sizeof out->restrictions);
}

void
record_till_tree(struct merkle_frontier *out, const struct record_till *in)
{
    size_t next = 0;

    memset(out, 0, sizeof *out);
    out->size = in->size;
    for (size_t level = 0; level < MERKLE_LEVELS; level++) {
        if ((in->size >> level & 1) != 0)
            out->peaks[level] = in->peaks[next++];
    }
    assert(next == in->peaks_count);
}

void
record_till_set_tree(struct record_till *till, const struct merkle_frontier *tree)
{
    till->size = tree->size;
    till->peaks_count = 0;
    for (size_t level = 0; level < MERKLE_LEVELS; level++) {
        if ((tree->size >> level & 1) != 0)
            till->peaks[till->peaks_count++] = tree->peaks[level];
    }
}

/* --- items of its log --- */

static const struct field item_fields[] = {
    SCHEMA_BYTES(1, REQUIRED, struct record_item, leaf),
    NUMBER(2, struct record_item, outcome),
};
static const struct schema item_schema =
    SCHEMA_MAP("item", struct record_item, item_fields, STATE_VALUE_MAX);

static void
item_key(struct state_key *key, enum state_table table, uint64_t till, uint64_t index)
{
    till_key(key, table, till);
    state_key_number(key, index, 8);
}

bool
record_item_get(struct record_item *out, struct state *state, uint64_t till, uint64_t index)
{
    struct state_key key;

    item_key(&key, STATE_TILL_ITEM, till, index);
    return state_load(out, state, &item_schema, &key);
}

void
record_item_put(struct state *state, uint64_t till, uint64_t index, const struct record_item *in)
{
    struct state_key key;

    item_key(&key, STATE_TILL_ITEM, till, index);
    state_store(state, &key, &item_schema, in);
}

/* --- uploads --- */

struct stored_upload {
    uint64_t index;
    uint64_t till;
    uint64_t size;
    uint64_t time;
    struct span results;
};

static const struct field upload_fields[] = {
    NUMBER(1, struct stored_upload, index),
    SHORT(2, struct stored_upload, till),
    NUMBER(3, struct stored_upload, size),
    NUMBER(4, struct stored_upload, time),
    SCHEMA_BSTR(5, OPTIONAL, struct stored_upload, results, 1, 512),
};
static const struct schema upload_schema =
    SCHEMA_MAP("upload", struct stored_upload, upload_fields, STATE_VALUE_MAX);

static void
upload_key(struct state_key *key, const struct digest *id)
{
    state_key_begin(key, STATE_UPLOAD);
    state_key_bytes(key, id, DIGEST_SIZE);
}

bool
record_upload_get(struct record_upload *out, struct state *state, const struct digest *id)
{
    struct state_key key;
    struct stored_upload stored;

    upload_key(&key, id);
    memset(out, 0, sizeof *out);
    if (!state_load(&stored, state, &upload_schema, &key))
        return false;
    out->index = stored.index;
    out->till = stored.till;
    out->size = stored.size;
    out->time = stored.time;
    out->results_len = stored.results.len;
    assert(stored.results.len <= sizeof out->results);
    if (stored.results.len > 0)
        memcpy(out->results, stored.results.data, stored.results.len);
    return true;
}

void
record_upload_put(struct state *state, const struct digest *id, const struct record_upload *in)
{
    const struct stored_upload stored = {
        in->index, in->till, in->size, in->time, {in->results, in->results_len}};
    struct state_key key;

    upload_key(&key, id);
    state_store(state, &key, &upload_schema, &stored);
}

/* --- what it accepted and nobody confirmed --- */

static const struct field tally_fields[] = {
    SCHEMA_BYTES(1, REQUIRED, struct tally_item, transfer),
    SCHEMA_BYTES(2, REQUIRED, struct tally_item, line),
    SCHEMA_BYTES(3, REQUIRED, struct tally_item, prev),
    SCHEMA_UINT(4, REQUIRED, struct tally_item, index, 0, UINT64_MAX),
    SCHEMA_UINT(5, REQUIRED, struct tally_item, tier, 0, UINT32_MAX),
    SCHEMA_UINT(6, REQUIRED, struct tally_item, from, 0, UINT32_MAX),
    SCHEMA_UINT(7, REQUIRED, struct tally_item, to, 0, UINT32_MAX),
    SCHEMA_UINT(8, REQUIRED, struct tally_item, seq, 0, UINT32_MAX),
};
static const struct schema tally_schema =
    SCHEMA_MAP("tally", struct tally_item, tally_fields, STATE_VALUE_MAX);

void
record_tally_get(struct tally *out, struct state *state, uint64_t till)
{
    struct state_key key;
    struct record_walk walk;
    struct span at;
    struct span value;

    assert(out->items != NULL && out->cap >= RECORD_TALLY_MAX);
    out->count = 0;
    till_key(&key, STATE_TILL_TALLY, till);
    record_walk_begin(&walk, state, &key);
    while (out->count < out->cap && record_walk_next(&walk, &at, &value)) {
        if (!record_walk_decode(&out->items[out->count], &walk, &tally_schema, value))
            break;
        out->count++;
    }
}

void
record_tally_put(struct state *state, uint64_t till, const struct tally_item *in)
{
    struct state_key key;

    item_key(&key, STATE_TILL_TALLY, till, in->index);
    state_store(state, &key, &tally_schema, in);
}

void
record_tally_delete(struct state *state, uint64_t till, uint64_t index)
{
    struct state_key key;

    item_key(&key, STATE_TILL_TALLY, till, index);
    state_delete(state, &key);
}
