#include "store.h"

#include <assert.h>
#include <string.h>

#include "protocol/schema.h"
#include "protocol/trust.h"

/* --- records of a table under short keys --- */

struct store_record_key
store_record_key(char letter, const void *id, size_t len)
{
    struct store_record_key key = {.len = 1 + len};

    assert(key.len <= sizeof key.bytes);
    key.bytes[0] = (uint8_t)letter;
    if (len > 0)
        memcpy(key.bytes + 1, id, len);
    return key;
}

struct store_record_key
store_record_number(char letter, uint64_t number)
{
    uint8_t big_endian[8];

    for (size_t i = 0; i < sizeof big_endian; i++)
        big_endian[i] = (uint8_t)(number >> (8 * (sizeof big_endian - 1 - i)));
    return store_record_key(letter, big_endian, sizeof big_endian);
}

struct span
store_record_span(const struct store_record_key *key)
{
    return (struct span){key->bytes, key->len};
}

enum status
store_record_decode(void *out, const struct schema *schema, struct span value)
{
    return schema_decode(out, schema, value) == STATUS_OK ? STATUS_OK : STATUS_STORE_BROKEN;
}

enum status
store_record_get(void *out, const struct schema *schema, struct store_txn *txn,
                 struct store_record_key key)
{
    struct span value;
    enum status status = store_get(&value, txn, STORE_STATE, store_record_span(&key));

    return status == STATUS_OK ? store_record_decode(out, schema, value) : status;
}

enum status
store_record_put(struct store_txn *txn, struct store_record_key key, const struct schema *schema,
                 const void *object)
{
    static uint8_t bytes[STORE_RECORD_MAX];
    size_t len;
    enum status status = schema_encode(bytes, sizeof bytes, &len, schema, object);

    if (status != STATUS_OK)
        return status;
    return store_put(txn, STORE_STATE, store_record_span(&key), (struct span){bytes, len});
}

enum status
store_record_next(struct span *key, struct span *value, struct store_txn *txn,
                  const struct store_record_key *after, size_t prefix)
{
    enum status status =
        store_find(key, value, txn, STORE_STATE, STORE_AFTER, store_record_span(after));

    assert(prefix <= after->len);
    if (status != STATUS_OK)
        return status;
    if (key->len < prefix || memcmp(key->data, after->bytes, prefix) != 0)
        return STATUS_NOT_FOUND;
    return STATUS_OK;
}

/* --- the keys that somebody trusts --- */

enum status
store_record_signers(struct signer_list *out, struct store_txn *txn, uint8_t letter)
{
    struct store_cursor cursor;
    struct span key;
    struct span value;
    enum status status;

    out->count = 0;
    store_cursor_start(&cursor, txn, STORE_STATE, (struct span){&letter, 1});
    while ((status = store_cursor_next(&cursor, &key, &value)) == STATUS_OK) {
        status = trust_load(out, (struct span){key.data + 1, key.len - 1}, value);
        if (status != STATUS_OK)
            return status;
    }
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

enum status
store_record_signer(struct store_txn *txn, uint8_t letter, const struct signer_key *signer)
{
    uint8_t key[1 + TRUST_ID_SIZE] = {letter};
    uint8_t bytes[TRUST_RECORD_MAX];
    size_t len;
    enum status status = trust_store(bytes, &len, signer);

    trust_id(key + 1, signer);
    if (status != STATUS_OK)
        return status;
    return store_put(txn, STORE_STATE, (struct span){key, sizeof key}, (struct span){bytes, len});
}
