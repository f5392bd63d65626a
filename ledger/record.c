#include "record.h"

#include <assert.h>
#include <string.h>

#define NUMBER(key, owner, member) SCHEMA_UINT(key, OPTIONAL, owner, member, 1, UINT64_MAX)
#define CENTS(key, owner, member) SCHEMA_MONEY(key, OPTIONAL, owner, member, 1, MONEY_CENTS_MAX)
/* What keys hold in four bytes, and in one. */
#define SHORT(key, owner, member) SCHEMA_UINT(key, OPTIONAL, owner, member, 1, UINT32_MAX)
#define CLASS(key, owner, member) SCHEMA_UINT(key, REQUIRED, owner, member, 1, 2)

/* --- series and merchants --- */

static const struct field series_fields[] = {
    NUMBER(1, struct record_series, version),     CLASS(2, struct record_series, class),
    CENTS(3, struct record_series, budget),       NUMBER(4, struct record_series, percent),
    NUMBER(5, struct record_series, restriction), NUMBER(6, struct record_series, from),
    NUMBER(7, struct record_series, until),       CENTS(8, struct record_series, issued),
};
static const struct schema series_schema =
    SCHEMA_MAP("series", struct record_series, series_fields, STATE_VALUE_MAX);

static void
number_key(struct state_key *key, enum state_table table, uint64_t number)
{
    state_key_begin(key, table);
    state_key_number(key, number, 4);
}

bool
record_series_get(struct record_series *out, struct state *state, uint64_t series)
{
    struct state_key key;

    number_key(&key, STATE_SERIES, series);
    return state_load(out, state, &series_schema, &key);
}

void
record_series_put(struct state *state, uint64_t series, const struct record_series *in)
{
    struct state_key key;

    number_key(&key, STATE_SERIES, series);
    state_store(state, &key, &series_schema, in);
}

static const struct field merchant_fields[] = {
    SCHEMA_BYTES(1, REQUIRED, struct record_merchant, key),
    NUMBER(2, struct record_merchant, index),
};
static const struct schema merchant_schema =
    SCHEMA_MAP("merchant", struct record_merchant, merchant_fields, STATE_VALUE_MAX);

bool
record_merchant_get(struct record_merchant *out, struct state *state, uint64_t merchant)
{
    struct state_key key;

    number_key(&key, STATE_MERCHANT, merchant);
    return state_load(out, state, &merchant_schema, &key);
}

void
record_merchant_put(struct state *state, uint64_t merchant, const struct record_merchant *in)
{
    struct state_key key;

    number_key(&key, STATE_MERCHANT, merchant);
    state_store(state, &key, &merchant_schema, in);
}

/* --- purses and lots --- */

static const struct field device_fields[] = {
    SCHEMA_BYTES(1, REQUIRED, struct record_device, key),
    CENTS(2, struct record_device, daily_limit),
    NUMBER(3, struct record_device, day),
    CENTS(4, struct record_device, asked),
};
static const struct schema device_schema =
    SCHEMA_MAP("device", struct record_device, device_fields, 0);

static const struct field purse_fields[] = {
    CLASS(1, struct record_purse, class),
    NUMBER(2, struct record_purse, tier),
    SCHEMA_BYTES(3, REQUIRED, struct record_purse, recovery),
    NUMBER(4, struct record_purse, number),
    SCHEMA_RECORD_LIST(5, REQUIRED, struct record_purse, devices, 0, device_schema),
};
static const struct schema purse_schema =
    SCHEMA_MAP("purse", struct record_purse, purse_fields, STATE_VALUE_MAX);

static void
purse_key(struct state_key *key, enum state_table table, const uint8_t *purse)
{
    state_key_begin(key, table);
    state_key_bytes(key, purse, RECORD_PURSE_SIZE);
}

bool
record_purse_get(struct record_purse *out, struct state *state,
                 const uint8_t purse[static RECORD_PURSE_SIZE])
{
    struct state_key key;

    purse_key(&key, STATE_PURSE, purse);
    return state_load(out, state, &purse_schema, &key);
}

void
record_purse_put(struct state *state, const uint8_t purse[static RECORD_PURSE_SIZE],
                 const struct record_purse *in)
{
    struct state_key key;

    purse_key(&key, STATE_PURSE, purse);
    state_store(state, &key, &purse_schema, in);
}

static const struct field lot_fields[] = {
    SHORT(1, struct record_lot, series),       CLASS(2, struct record_lot, class),
    NUMBER(3, struct record_lot, restriction), SHORT(4, struct record_lot, expiry),
    NUMBER(5, struct record_lot, promo),
};
static const struct schema lot_schema =
    SCHEMA_MAP("lot", struct record_lot, lot_fields, STATE_VALUE_MAX);

bool
record_lot_get(struct record_lot *out, struct state *state,
               const uint8_t purse[static RECORD_PURSE_SIZE], uint64_t lot)
{
    struct state_key key;

    purse_key(&key, STATE_LOT, purse);
    state_key_number(&key, lot, 8);
    return state_load(out, state, &lot_schema, &key);
}

bool
record_lot_next(struct record_lot *out, uint64_t *lot, struct record_walk *walk)
{
    struct span key;
    struct span value;

    if (!record_walk_next(walk, &key, &value))
        return false;
    *lot = state_key_read(key, 1 + RECORD_PURSE_SIZE, 8);
    return record_walk_decode(out, walk, &lot_schema, value);
}

void
record_lot_put(struct state *state, const uint8_t purse[static RECORD_PURSE_SIZE], uint64_t lot,
               const struct record_lot *in)
{
    struct state_key key;

    purse_key(&key, STATE_LOT, purse);
    state_key_number(&key, lot, 8);
    state_store(state, &key, &lot_schema, in);

    state_key_begin(&key, STATE_LOT_DUE);
    state_key_number(&key, in->expiry, 4);
    state_key_bytes(&key, purse, RECORD_PURSE_SIZE);
    state_key_number(&key, lot, 8);
    state_put(state, &key, (struct span){NULL, 0});
}

/* --- waiting refunds --- */

static const struct field refund_fields[] = {
    SHORT(1, struct record_refund, till),
    NUMBER(2, struct record_refund, upload),
    NUMBER(3, struct record_refund, number),
    NUMBER(4, struct record_refund, entry),
    SCHEMA_BYTES(6, REQUIRED, struct record_refund, leaf),
};
static const struct schema refund_schema =
    SCHEMA_MAP("refund", struct record_refund, refund_fields, STATE_VALUE_MAX);

static void
refund_key(struct state_key *key, const struct digest *id)
{
    state_key_begin(key, STATE_REFUND);
    state_key_bytes(key, id, DIGEST_SIZE);
}

bool
record_refund_first(struct record_refund *out, struct state *state, const struct digest *id)
{
    struct record_walk walk;
    struct state_key prefix;
    struct span key;
    struct span value;

    refund_key(&prefix, id);
    record_walk_begin(&walk, state, &prefix);
    return record_walk_next(&walk, &key, &value) &&
           record_walk_decode(out, &walk, &refund_schema, value);
}

void
record_refund_put(struct state *state, const struct digest *id, const struct record_refund *in)
{
    struct state_key key;

    refund_key(&key, id);
    state_key_number(&key, in->entry, 8);
    state_store(state, &key, &refund_schema, in);
}

void
record_refund_delete(struct state *state, const struct digest *id, const struct record_refund *in)
{
    struct state_key key;

    refund_key(&key, id);
    state_key_number(&key, in->entry, 8);
    state_delete(state, &key);
}

/* --- news --- */

static const struct field news_fields[] = {
    SCHEMA_BYTES(1, REQUIRED, struct record_news, id),
    NUMBER(2, struct record_news, added),
    SCHEMA_BYTES(3, REQUIRED, struct record_news, hash),
    NUMBER(4, struct record_news, time),
};
static const struct schema news_schema =
    SCHEMA_MAP("news", struct record_news, news_fields, STATE_VALUE_MAX);

bool
record_news_get(struct record_news *out, struct state *state, uint64_t version)
{
    struct state_key key;

    number_key(&key, STATE_NEWS, version);
    return state_load(out, state, &news_schema, &key);
}

void
record_news_put(struct state *state, uint64_t version, const struct record_news *in)
{
    struct state_key key;

    number_key(&key, STATE_NEWS, version);
    state_store(state, &key, &news_schema, in);
}

/* --- walks --- */

void
record_walk_begin(struct record_walk *walk, struct state *state, const struct state_key *prefix)
{
    walk->state = state;
    store_cursor_start(&walk->cursor, state->txn, STORE_STATE,
                       (struct span){prefix->bytes, prefix->len});
}

bool
record_walk_next(struct record_walk *walk, struct span *key, struct span *value)
{
    if (walk->state->failed != STATUS_OK)
        return false;

    enum status status = store_cursor_next(&walk->cursor, key, value);

    if (status == STATUS_OK && !state_key_fits(*key))
        status = STATUS_STORE_BROKEN;
    if (status != STATUS_OK && status != STATUS_NOT_FOUND)
        walk->state->failed = status;
    return status == STATUS_OK;
}

bool
record_walk_seek(struct record_walk *walk, struct span *key, struct span *value,
                 const struct state_key *from)
{
    if (walk->state->failed != STATUS_OK)
        return false;

    enum status status =
        store_cursor_seek(&walk->cursor, key, value, (struct span){from->bytes, from->len});

    if (status == STATUS_OK && !state_key_fits(*key))
        status = STATUS_STORE_BROKEN;
    if (status != STATUS_OK && status != STATUS_NOT_FOUND)
        walk->state->failed = status;
    return status == STATUS_OK;
}

bool
record_walk_decode(void *out, struct record_walk *walk, const struct schema *schema,
                   struct span value)
{
    if (schema_decode(out, schema, value) == STATUS_OK)
        return true;
    walk->state->failed = STATUS_STORE_BROKEN;
    return false;
}
