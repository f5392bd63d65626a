#include "merchant/drawer.h"

#include <assert.h>
#include <string.h>

/* Keys begin with a letter: m meta, p parameters by version, d deny list, r request by number, s
 * sale by transfer, h sale by code, l sale by line and transfer, i sale by index, u unconfirmed
 * sale by index, k key of the city, v void by transfer. */

#define EARLY_SIZE (KID_SIZE + 8)

static const struct field meta_fields[] = {
    SCHEMA_UINT(1, REQUIRED, struct drawer_meta, network, 1, UINT32_MAX),
    SCHEMA_BYTES(2, REQUIRED, struct drawer_meta, key),
    SCHEMA_UINT(3, REQUIRED, struct drawer_meta, requests, 0, UINT32_MAX),
    SCHEMA_UINT(4, REQUIRED, struct drawer_meta, last_time, 0, UINT32_MAX),
    SCHEMA_UINT(5, REQUIRED, struct drawer_meta, anchor_time, 0, UINT32_MAX),
    SCHEMA_UINT(6, REQUIRED, struct drawer_meta, anchor_size, 0, MONEY_CENTS_MAX),
    SCHEMA_UINT(7, REQUIRED, struct drawer_meta, acknowledged, 0, MONEY_CENTS_MAX),
    SCHEMA_MONEY(8, REQUIRED, struct drawer_meta, proofs, 0, MONEY_CENTS_MAX),
    SCHEMA_UINT(9, REQUIRED, struct drawer_meta, parameters, 0, UINT32_MAX),
    SCHEMA_BSTR(10, REQUIRED, struct drawer_meta, certificate, 0, CODE_MESSAGE_MAX),
    SCHEMA_TEXT(11, REQUIRED, struct drawer_meta, origin, 1, 255),
};
const struct schema drawer_meta_schema =
    SCHEMA_MAP("till-meta", struct drawer_meta, meta_fields, STORE_RECORD_MAX);

static const struct field request_fields[] = {
    SCHEMA_UINT(1, REQUIRED, struct drawer_request, number, 0, UINT32_MAX),
    SCHEMA_UINT(2, REQUIRED, struct drawer_request, state, 1, 5),
    SCHEMA_UINT(3, REQUIRED, struct drawer_request, ended, 0, UINT32_MAX),
    SCHEMA_BYTES(4, REQUIRED, struct drawer_request, id),
    SCHEMA_BYTES(5, REQUIRED, struct drawer_request, transfer),
    SCHEMA_BSTR(6, REQUIRED, struct drawer_request, cose, 1, CODE_MESSAGE_MAX),
};
const struct schema drawer_request_schema =
    SCHEMA_MAP("till-request", struct drawer_request, request_fields, STORE_RECORD_MAX);

static const struct field sale_fields[] = {
    SCHEMA_BYTES(1, REQUIRED, struct drawer_sale, transfer),
    SCHEMA_BYTES(2, REQUIRED, struct drawer_sale, code),
    SCHEMA_UINT(3, REQUIRED, struct drawer_sale, request, 0, UINT32_MAX),
    SCHEMA_UINT(4, REQUIRED, struct drawer_sale, index, 0, MONEY_CENTS_MAX),
    SCHEMA_UINT(5, REQUIRED, struct drawer_sale, time, 1, UINT32_MAX),
    SCHEMA_BYTES(6, REQUIRED, struct drawer_sale, line),
    SCHEMA_UINT(7, REQUIRED, struct drawer_sale, tier, 1, 3),
    SCHEMA_UINT(8, REQUIRED, struct drawer_sale, from, 0, MSG_LINE_CENTS_MAX),
    SCHEMA_UINT(9, REQUIRED, struct drawer_sale, to, 1, MSG_LINE_CENTS_MAX),
    SCHEMA_UINT(10, REQUIRED, struct drawer_sale, seq, 0, UINT32_MAX),
    SCHEMA_BYTES(11, REQUIRED, struct drawer_sale, prev),
    SCHEMA_UINT(12, REQUIRED, struct drawer_sale, confirmed, 0, 1),
    SCHEMA_UINT(13, REQUIRED, struct drawer_sale, voided, 0, 1),
    SCHEMA_UINT(14, REQUIRED, struct drawer_sale, refunds, 0, 255),
    SCHEMA_MONEY(15, REQUIRED, struct drawer_sale, refunded, 0, MSG_LINE_CENTS_MAX),
};
const struct schema drawer_sale_schema =
    SCHEMA_MAP("till-sale", struct drawer_sale, sale_fields, STORE_RECORD_MAX);

static const struct field denied_fields[] = {
    SCHEMA_UINT(1, REQUIRED, struct drawer_denied, version, 0, UINT32_MAX),
    SCHEMA_UINT(2, REQUIRED, struct drawer_denied, time, 0, UINT32_MAX),
    SCHEMA_BSTR(3, REQUIRED, struct drawer_denied, ids, 0, DRAWER_DENIED_BYTES),
    SCHEMA_BSTR(4, REQUIRED, struct drawer_denied, early, 0, DENYLIST_EARLY_MAX *EARLY_SIZE),
};
const struct schema drawer_denied_schema =
    SCHEMA_MAP("till-denied", struct drawer_denied, denied_fields, STORE_RECORD_MAX);

/* --- reading and writing ------------------------------------------------------------------- */

static struct store_record_key
line_key(const struct kid *line, const struct digest *transfer)
{
    uint8_t bytes[KID_SIZE + DIGEST_SIZE];

    memcpy(bytes, line->bytes, KID_SIZE);
    if (transfer != NULL)
        memcpy(bytes + KID_SIZE, transfer->bytes, DIGEST_SIZE);
    return store_record_key('l', bytes, transfer == NULL ? KID_SIZE : sizeof bytes);
}

/* An index entry: the transfer's id under another key. */
static enum status
put_transfer(struct store_txn *txn, struct store_record_key key, const struct digest *transfer)
{
    return store_put(txn, STORE_STATE, store_record_span(&key),
                     (struct span){transfer->bytes, sizeof transfer->bytes});
}

static enum status
get_through(struct drawer_sale *out, struct store_txn *txn, struct span value)
{
    struct digest transfer;

    if (value.len != sizeof transfer.bytes)
        return STATUS_STORE_BROKEN;
    memcpy(transfer.bytes, value.data, sizeof transfer.bytes);
    return drawer_get_sale(out, txn, &transfer);
}

enum status
drawer_get_meta(struct drawer_meta *out, struct store_txn *txn)
{
    return store_record_get(out, &drawer_meta_schema, txn, store_record_key('m', NULL, 0));
}

enum status
drawer_get_request(struct drawer_request *out, struct store_txn *txn, uint64_t number)
{
    return store_record_get(out, &drawer_request_schema, txn, store_record_number('r', number));
}

enum status
drawer_get_sale(struct drawer_sale *out, struct store_txn *txn, const struct digest *transfer)
{
    return store_record_get(out, &drawer_sale_schema, txn,
                            store_record_key('s', transfer, sizeof *transfer));
}

enum status
drawer_sale_by_code(struct drawer_sale *out, struct store_txn *txn, const struct digest *code)
{
    const struct store_record_key key = store_record_key('h', code, sizeof *code);
    struct span value;
    enum status status = store_get(&value, txn, STORE_STATE, store_record_span(&key));

    return status == STATUS_OK ? get_through(out, txn, value) : status;
}

enum status
drawer_next_parameters(uint64_t *version, struct span *out, struct store_txn *txn, uint64_t after)
{
    const struct store_record_key key = store_record_number('p', after);
    struct span found;
    enum status status = store_record_next(&found, out, txn, &key, 1);

    if (status != STATUS_OK)
        return status;
    *version = 0;
    for (size_t i = 1; i < found.len; i++)
        *version = *version << 8 | found.data[i];
    return *version > after ? STATUS_OK : STATUS_STORE_BROKEN;
}

enum status
drawer_put_meta(struct store_txn *txn, const struct drawer_meta *meta)
{
    return store_record_put(txn, store_record_key('m', NULL, 0), &drawer_meta_schema, meta);
}

enum status
drawer_put_request(struct store_txn *txn, const struct drawer_request *request)
{
    return store_record_put(txn, store_record_number('r', request->number), &drawer_request_schema,
                            request);
}

enum status
drawer_put_sale(struct store_txn *txn, const struct drawer_sale *sale)
{
    const struct store_record_key unconfirmed = store_record_number('u', sale->index);
    enum status status =
        store_record_put(txn, store_record_key('s', &sale->transfer, sizeof sale->transfer),
                         &drawer_sale_schema, sale);

    if (status == STATUS_OK)
        status = put_transfer(txn, store_record_key('h', &sale->code, sizeof sale->code),
                              &sale->transfer);
    if (status == STATUS_OK)
        status = put_transfer(txn, line_key(&sale->line, &sale->transfer), &sale->transfer);
    if (status == STATUS_OK)
        status = put_transfer(txn, store_record_number('i', sale->index), &sale->transfer);
    if (status != STATUS_OK)
        return status;
    if (sale->confirmed == 0)
        return put_transfer(txn, unconfirmed, &sale->transfer);
    status = store_delete(txn, STORE_STATE, store_record_span(&unconfirmed));
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

enum status
drawer_put_parameters(struct store_txn *txn, uint64_t version, struct span message)
{
    const struct store_record_key key = store_record_number('p', version);

    return store_put(txn, STORE_STATE, store_record_span(&key), message);
}

enum status
drawer_drop_parameters(struct store_txn *txn, uint64_t version)
{
    const struct store_record_key key = store_record_number('p', version);
    const enum status status = store_delete(txn, STORE_STATE, store_record_span(&key));

    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

enum status
drawer_put_void(struct store_txn *txn, const struct digest *transfer)
{
    const struct store_record_key key = store_record_key('v', transfer, sizeof *transfer);
    enum status status =
        store_insert(txn, STORE_STATE, store_record_span(&key), (struct span){key.bytes, 1});

    return status == STATUS_EXISTS ? STATUS_VOIDED : status;
}

enum status
drawer_not_voided(struct store_txn *txn, const struct digest *transfer)
{
    const struct store_record_key key = store_record_key('v', transfer, sizeof *transfer);
    struct span value;
    enum status status = store_get(&value, txn, STORE_STATE, store_record_span(&key));

    if (status == STATUS_OK)
        return STATUS_VOIDED;
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

/* --- the deny list ------------------------------------------------------------------------- */

static void
big_endian(uint8_t out[static 8], uint64_t number)
{
    for (size_t i = 0; i < 8; i++)
        out[i] = (uint8_t)(number >> (8 * (7 - i)));
}

static uint64_t
from_big_endian(const uint8_t in[static 8])
{
    uint64_t number = 0;

    for (size_t i = 0; i < 8; i++)
        number = number << 8 | in[i];
    return number;
}

enum status
drawer_get_denied(struct denylist *list, struct store_txn *txn)
{
    struct drawer_denied record;
    enum status status =
        store_record_get(&record, &drawer_denied_schema, txn, store_record_key('d', NULL, 0));

    list->count = 0;
    list->early_count = 0;
    list->version = 0;
    list->time_unix_s = 0;
    if (status == STATUS_NOT_FOUND)
        return STATUS_OK;
    if (status != STATUS_OK)
        return status;
    if (record.ids.len % KID_SIZE != 0 || record.early.len % EARLY_SIZE != 0)
        return STATUS_STORE_BROKEN;
    if (record.ids.len / KID_SIZE > list->cap)
        return STATUS_CAPACITY;
    list->version = record.version;
    list->time_unix_s = record.time;
    list->count = record.ids.len / KID_SIZE;
    list->early_count = record.early.len / EARLY_SIZE;
    for (size_t i = 0; i < list->count; i++)
        memcpy(list->ids[i].bytes, record.ids.data + i * KID_SIZE, KID_SIZE);
    for (size_t i = 0; i < list->early_count; i++) {
        memcpy(list->early[i].id.bytes, record.early.data + i * EARLY_SIZE, KID_SIZE);
        list->early[i].to = from_big_endian(record.early.data + i * EARLY_SIZE + KID_SIZE);
    }
    return STATUS_OK;
}

enum status
drawer_put_denied(struct store_txn *txn, const struct denylist *list)
{
    static uint8_t ids[DRAWER_DENIED_BYTES];
    uint8_t early[DENYLIST_EARLY_MAX * EARLY_SIZE];
    const struct drawer_denied record = {
        .version = list->version,
        .time = list->time_unix_s,
        .ids = {ids, list->count * KID_SIZE},
        .early = {early, list->early_count * EARLY_SIZE},
    };

    if (list->count > DRAWER_DENIED_MAX)
        return STATUS_CAPACITY;
    assert(list->early_count <= DENYLIST_EARLY_MAX);
    for (size_t i = 0; i < list->count; i++)
        memcpy(ids + i * KID_SIZE, list->ids[i].bytes, KID_SIZE);
    for (size_t i = 0; i < list->early_count; i++) {
        memcpy(early + i * EARLY_SIZE, list->early[i].id.bytes, KID_SIZE);
        big_endian(early + i * EARLY_SIZE + KID_SIZE, list->early[i].to);
    }
    return store_record_put(txn, store_record_key('d', NULL, 0), &drawer_denied_schema, &record);
}

/* --- walks --------------------------------------------------------------------------------- */

enum status
drawer_next_of_line(struct drawer_sale *out, struct store_txn *txn, const struct kid *line,
                    const struct digest *after)
{
    const struct store_record_key key = line_key(line, after);
    struct span found;
    struct span value;
    enum status status = store_record_next(&found, &value, txn, &key, 1 + KID_SIZE);

    return status == STATUS_OK ? get_through(out, txn, value) : status;
}

enum status
drawer_next_sale(struct drawer_sale *out, struct store_txn *txn, bool unconfirmed,
                 const uint64_t *after)
{
    const char letter = unconfirmed ? 'u' : 'i';
    const struct store_record_key key =
        after == NULL ? store_record_key(letter, NULL, 0) : store_record_number(letter, *after);
    struct span found;
    struct span value;
    enum status status = store_record_next(&found, &value, txn, &key, 1);

    return status == STATUS_OK ? get_through(out, txn, value) : status;
}

enum status
drawer_get_signers(struct signer_list *out, struct store_txn *txn)
{
    return store_record_signers(out, txn, 'k');
}

enum status
drawer_put_signer(struct store_txn *txn, const struct signer_key *signer)
{
    return store_record_signer(txn, 'k', signer);
}
