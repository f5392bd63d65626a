#include "state.h"

#include <assert.h>
#include <string.h>

/* --- records of this file --- */

struct city {
    uint64_t network;
    struct span origin;
};

struct version {
    uint64_t index;
    uint64_t time;
    struct span payload;
};

/* Of a purse's name. */
#define PURSE_SIZE 16

#define NUMBER(key, owner, member) SCHEMA_UINT(key, OPTIONAL, owner, member, 1, UINT64_MAX)
/* What keys hold in four bytes. */
#define SHORT(key, owner, member) SCHEMA_UINT(key, OPTIONAL, owner, member, 1, UINT32_MAX)

static const struct field head_fields[] = {
    NUMBER(1, struct state_head, size),
    NUMBER(2, struct state_head, time),
    NUMBER(3, struct state_head, started),
    SHORT(4, struct state_head, news),
    SHORT(5, struct state_head, parameters),
    NUMBER(6, struct state_head, hold),
    NUMBER(7, struct state_head, held),
    NUMBER(8, struct state_head, owed_kind),
    SCHEMA_BYTES(9, OPTIONAL, struct state_head, owed_id),
    SCHEMA_UINT(10, OPTIONAL, struct state_head, owed_value, 1, MONEY_CENTS_MAX),
    NUMBER(11, struct state_head, upload),
    SHORT(12, struct state_head, upload_till),
    NUMBER(13, struct state_head, upload_first),
    NUMBER(14, struct state_head, upload_items),
    NUMBER(15, struct state_head, upload_next),
    NUMBER(16, struct state_head, upload_gap),
    NUMBER(17, struct state_head, upload_time),
    SCHEMA_BYTES(18, OPTIONAL, struct state_head, upload_id),
    NUMBER(19, struct state_head, waited),
    SCHEMA_BYTES(20, OPTIONAL, struct state_head, waited_id),
};
static const struct schema head_schema =
    SCHEMA_MAP("head", struct state_head, head_fields, STATE_VALUE_MAX);

static const struct field city_fields[] = {
    SCHEMA_UINT(1, REQUIRED, struct city, network, 1, UINT32_MAX),
    SCHEMA_TEXT(2, REQUIRED, struct city, origin, 1, 255),
};
static const struct schema city_schema =
    SCHEMA_MAP("city", struct city, city_fields, STATE_VALUE_MAX);

static const struct field version_fields[] = {
    NUMBER(1, struct version, index),
    NUMBER(2, struct version, time),
    SCHEMA_BSTR(3, REQUIRED, struct version, payload, 1, 4096),
};
static const struct schema version_schema =
    SCHEMA_MAP("version", struct version, version_fields, STATE_VALUE_MAX);

/* --- keys --- */

void
state_key_begin(struct state_key *key, enum state_table table)
{
    key->len = 1;
    key->bytes[0] = (uint8_t)table;
}

void
state_key_number(struct state_key *key, uint64_t number, size_t bytes)
{
    assert(bytes <= 8 && key->len + bytes <= STATE_KEY_MAX);
    assert(bytes == 8 || number >> (8 * bytes) == 0);
    for (size_t i = bytes; i > 0; i--)
        key->bytes[key->len++] = (uint8_t)(number >> (8 * (i - 1)));
}

void
state_key_bytes(struct state_key *key, const void *bytes, size_t len)
{
    assert(key->len + len <= STATE_KEY_MAX);
    memcpy(key->bytes + key->len, bytes, len);
    key->len += len;
}

uint64_t
state_key_read(struct span key, size_t at, size_t bytes)
{
    uint64_t number = 0;

    assert(bytes <= 8 && at + bytes <= key.len);
    for (size_t i = 0; i < bytes; i++)
        number = number << 8 | key.data[at + i];
    return number;
}

bool
state_key_fits(struct span key)
{
    /* The bytes behind the first one. */
    static const uint8_t lengths[] = {
        [STATE_HEAD] = 0,
        [STATE_CITY] = 0,
        [STATE_ROLE] = 1 + PUBLIC_KEY_SIZE,
        [STATE_PARAMETERS] = 4,
        [STATE_SERIES] = 4,
        [STATE_MERCHANT] = 4,
        [STATE_TILL] = 4,
        [STATE_TILL_KEY] = PUBLIC_KEY_SIZE,
        [STATE_TILL_ITEM] = 4 + 8,
        [STATE_TILL_TALLY] = 4 + 8,
        [STATE_UPLOAD] = DIGEST_SIZE,
        [STATE_PURSE] = PURSE_SIZE,
        [STATE_LOT] = PURSE_SIZE + 8,
        [STATE_LOT_DUE] = 4 + PURSE_SIZE + 8,
        [STATE_LINE] = KID_SIZE,
        [STATE_LINE_OPEN] = PURSE_SIZE + KID_SIZE,
        [STATE_LINE_DUE] = 4 + KID_SIZE,
        [STATE_CERTIFICATE] = KID_SIZE + DIGEST_SIZE,
        [STATE_TRANSFER] = KID_SIZE + 8,
        [STATE_TRANSFER_ID] = DIGEST_SIZE,
        [STATE_EVIDENCE] = KID_SIZE + DIGEST_SIZE,
        [STATE_REFUND] = DIGEST_SIZE + 8,
        [STATE_SEEN] = DIGEST_SIZE,
        [STATE_FUNDING] = 4 + 4,
        [STATE_ISSUE] = 4 + 4,
        [STATE_PAYOUT] = 1 + 4,
        [STATE_QUARTER] = 4 + 4,
        [STATE_DENIED] = KID_SIZE,
        [STATE_NEWS] = 4,
        [STATE_SERVICE_DAY] = 4,
        [STATE_ACCOUNT] = 1 + 1 + PURSE_SIZE + 8,
        [STATE_TOTALS] = 1,
        [STATE_KILL] = 8,
        [STATE_REFUND_DAY] = 4 + 4,
    };

    return key.len > 0 && key.data[0] >= STATE_HEAD && key.data[0] < sizeof lengths &&
           key.len == 1 + (size_t)lengths[key.data[0]];
}

static struct span
key_span(const struct state_key *key)
{
    return (struct span){key->bytes, key->len};
}

/* --- pairs --- */

static void
fail(struct state *state, enum status status)
{
    if (state->failed == STATUS_OK)
        state->failed = status;
}

enum status
state_status(const struct state *state)
{
    return state->failed;
}

bool
state_get(struct span *out, struct state *state, const struct state_key *key)
{
    *out = (struct span){NULL, 0};
    if (state->failed != STATUS_OK)
        return false;

    const enum status status = store_get(out, state->txn, STORE_STATE, key_span(key));

    if (status != STATUS_OK && status != STATUS_NOT_FOUND)
        fail(state, status);
    return status == STATUS_OK;
}

void
state_put(struct state *state, const struct state_key *key, struct span value)
{
    if (state->failed != STATUS_OK)
        return;

    const enum status status = store_put(state->txn, STORE_STATE, key_span(key), value);

    if (status != STATUS_OK)
        fail(state, status);
}

void
state_delete(struct state *state, const struct state_key *key)
{
    if (state->failed != STATUS_OK)
        return;

    const enum status status = store_delete(state->txn, STORE_STATE, key_span(key));

    if (status != STATUS_OK && status != STATUS_NOT_FOUND)
        fail(state, status);
}

bool
state_load(void *record, struct state *state, const struct schema *schema,
           const struct state_key *key)
{
    struct span value;

    memset(record, 0, schema->size);
    if (!state_get(&value, state, key))
        return false;
    if (schema_decode(record, schema, value) != STATUS_OK) {
        fail(state, STATUS_STORE_BROKEN);
        return false;
    }
    return true;
}

void
state_store(struct state *state, const struct state_key *key, const struct schema *schema,
            const void *record)
{
    size_t len;
    const enum status status =
        schema_encode(state->value, sizeof state->value, &len, schema, record);

    if (status != STATUS_OK)
        fail(state, status);
    else
        state_put(state, key, (struct span){state->value, len});
}

bool
state_number(uint64_t *out, struct state *state, const struct state_key *key)
{
    struct span value;

    *out = 0;
    if (!state_get(&value, state, key))
        return false;
    if (value.len != 8) {
        fail(state, STATUS_STORE_BROKEN);
        return false;
    }
    *out = state_key_read(value, 0, 8);
    return true;
}

void
state_set_number(struct state *state, const struct state_key *key, uint64_t number)
{
    uint8_t value[8];

    for (size_t i = 0; i < sizeof value; i++)
        value[i] = (uint8_t)(number >> (8 * (7 - i)));
    state_put(state, key, (struct span){value, sizeof value});
}

/* --- the cached parts --- */

enum status
state_begin(struct state *state, struct store_txn *txn)
{
    struct state_key key;
    struct city city;

    state->txn = txn;
    state->failed = STATUS_OK;
    state->network = 0;
    state->origin_len = 0;
    state->signers.count = 0;
    memset(&state->parameters, 0, sizeof state->parameters);

    state_key_begin(&key, STATE_HEAD);
    if (!state_load(&state->head, state, &head_schema, &key))
        return state->failed;
    state_key_begin(&key, STATE_CITY);
    if (state_load(&city, state, &city_schema, &key)) {
        state->network = city.network;
        state->origin_len = city.origin.len;
        assert(city.origin.len < sizeof state->origin);
        memcpy(state->origin, city.origin.data, city.origin.len);
        state->origin[city.origin.len] = '\0';
    }
    fail(state, store_record_signers(&state->signers, txn, STATE_ROLE));
    if (state->head.parameters != 0 &&
        !state_parameters_at(&state->parameters, state, state->head.parameters, UINT32_MAX))
        fail(state, STATUS_STORE_BROKEN);
    return state->failed;
}

void
state_put_head(struct state *state)
{
    struct state_key key;

    state_key_begin(&key, STATE_HEAD);
    state_store(state, &key, &head_schema, &state->head);
}

void
state_put_signer(struct state *state, const struct signer_key *signer)
{
    if (state->failed == STATUS_OK)
        fail(state, store_record_signer(state->txn, STATE_ROLE, signer));
}

void
state_put_kill(struct state *state, uint64_t index)
{
    struct state_key key;

    state_key_begin(&key, STATE_KILL);
    state_key_number(&key, index, 8);
    state_put(state, &key, (struct span){NULL, 0});
}

void
state_put_city(struct state *state, const struct msg_genesis *genesis)
{
    const struct city city = {genesis->network, genesis->origin};
    struct state_key key;

    assert(genesis->origin.len < sizeof state->origin);
    state->network = genesis->network;
    state->origin_len = genesis->origin.len;
    memcpy(state->origin, genesis->origin.data, genesis->origin.len);
    state->origin[genesis->origin.len] = '\0';
    state_key_begin(&key, STATE_CITY);
    state_store(state, &key, &city_schema, &city);
}

/* --- parameters --- */

static void
parameters_key(struct state_key *key, uint64_t version)
{
    state_key_begin(key, STATE_PARAMETERS);
    state_key_number(key, version, 4);
}

void
state_put_parameters(struct state *state, const struct msg_parameters *parameters,
                     struct span payload, uint64_t index, uint64_t time_unix_s)
{
    const struct version version = {index, time_unix_s, payload};
    struct state_key key;

    assert(parameters->version == state->head.parameters + 1);
    parameters_key(&key, parameters->version);
    state_store(state, &key, &version_schema, &version);
    state->parameters = *parameters;
    state->head.parameters = parameters->version;
}

bool
state_parameters_at(struct msg_parameters *out, struct state *state, uint64_t version,
                    uint64_t t_unix_s)
{
    struct state_key key;
    struct version record;

    if (state->parameters.version == version && version != 0 &&
        state->parameters.from <= t_unix_s) {
        *out = state->parameters;
        return true;
    }
    for (uint64_t v = version; v > 0; v--) {
        parameters_key(&key, v);
        if (!state_load(&record, state, &version_schema, &key))
            return false;
        if (schema_decode(out, &msg_parameters_schema, record.payload) != STATUS_OK) {
            fail(state, STATUS_STORE_BROKEN);
            return false;
        }
        if (out->from <= t_unix_s)
            return true;
    }
    return false;
}

bool
state_parameters_entry(uint64_t *index, uint64_t *time_unix_s, struct state *state,
                       uint64_t version)
{
    struct state_key key;
    struct version record;

    parameters_key(&key, version);
    if (!state_load(&record, state, &version_schema, &key))
        return false;
    *index = record.index;
    *time_unix_s = record.time;
    return true;
}

/* --- digest --- */

/* A running hash over all pairs would need a streaming hash; a chain of hashes, one pair each, is
 * as good. */
enum status
state_digest(struct digest *out, struct state *state)
{
    struct store_cursor cursor;
    struct span key;
    struct span value;
    enum status status;

    memset(out, 0, sizeof *out);
    store_cursor_start(&cursor, state->txn, STORE_STATE, (struct span){NULL, 0});
    while ((status = store_cursor_next(&cursor, &key, &value)) == STATUS_OK) {
        uint8_t lengths[16];

        for (size_t i = 0; i < 8; i++) {
            lengths[i] = (uint8_t)((uint64_t)key.len >> (8 * (7 - i)));
            lengths[8 + i] = (uint8_t)((uint64_t)value.len >> (8 * (7 - i)));
        }
        crypt_hash(
            out,
            (const struct span[]){{out->bytes, DIGEST_SIZE}, {lengths, sizeof lengths}, key, value},
            4);
    }
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}
