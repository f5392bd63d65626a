#include "wallet/pocket.h"

#include <assert.h>
#include <string.h>

/* Keys begin with a letter: m meta, l line, p payment, n number of a payment, r request of a
 * payment, k key of the city, w what waits for an answer. */

static const struct field meta_fields[] = {
    SCHEMA_UINT(1, REQUIRED, struct pocket_meta, network, 1, UINT32_MAX),
    SCHEMA_UINT(2, REQUIRED, struct pocket_meta, class, 1, 2),
    SCHEMA_UINT(3, REQUIRED, struct pocket_meta, tier, 1, 3),
    SCHEMA_BYTES(4, REQUIRED, struct pocket_meta, purse),
    SCHEMA_BYTES(5, REQUIRED, struct pocket_meta, recovery),
    SCHEMA_BYTES(6, REQUIRED, struct pocket_meta, device),
    SCHEMA_UINT(7, REQUIRED, struct pocket_meta, payments, 0, UINT32_MAX),
    SCHEMA_UINT(8, REQUIRED, struct pocket_meta, device_number, 0, UINT32_MAX),
    SCHEMA_UINT(9, REQUIRED, struct pocket_meta, restored, 0, 1),
    SCHEMA_UINT(10, REQUIRED, struct pocket_meta, mark, 0, UINT32_MAX),
};
const struct schema pocket_meta_schema =
    SCHEMA_MAP("wallet-meta", struct pocket_meta, meta_fields, POCKET_MAX);

static const struct field line_fields[] = {
    SCHEMA_UINT(1, REQUIRED, struct pocket_line, state, 1, 3),
    SCHEMA_BYTES(2, REQUIRED, struct pocket_line, salt),
    SCHEMA_BYTES(3, REQUIRED, struct pocket_line, key),
    SCHEMA_MONEY(4, REQUIRED, struct pocket_line, amount, 1, MSG_LINE_CENTS_MAX),
    SCHEMA_UINT(5, REQUIRED, struct pocket_line, restriction, 0, 65535),
    SCHEMA_BSTR(6, REQUIRED, struct pocket_line, certificate, 0, CODE_MESSAGE_MAX),
    SCHEMA_UINT(7, REQUIRED, struct pocket_line, cursor, 0, MSG_LINE_CENTS_MAX),
    SCHEMA_UINT(8, REQUIRED, struct pocket_line, seq, 0, UINT32_MAX),
    SCHEMA_BYTES(9, REQUIRED, struct pocket_line, prev),
};
const struct schema pocket_line_schema =
    SCHEMA_MAP("wallet-line", struct pocket_line, line_fields, POCKET_MAX);

static const struct field payment_fields[] = {
    SCHEMA_UINT(1, REQUIRED, struct pocket_payment, number, 0, UINT32_MAX),
    SCHEMA_UINT(2, REQUIRED, struct pocket_payment, state, 1, 4),
    SCHEMA_BYTES(3, REQUIRED, struct pocket_payment, id),
    SCHEMA_BYTES(4, REQUIRED, struct pocket_payment, line),
    SCHEMA_UINT(5, REQUIRED, struct pocket_payment, from, 0, MSG_LINE_CENTS_MAX),
    SCHEMA_UINT(6, REQUIRED, struct pocket_payment, to, 1, MSG_LINE_CENTS_MAX),
    SCHEMA_UINT(7, REQUIRED, struct pocket_payment, time, 1, UINT32_MAX),
    SCHEMA_BSTR(8, REQUIRED, struct pocket_payment, till, 1, CODE_MESSAGE_MAX),
    SCHEMA_BSTR(9, REQUIRED, struct pocket_payment, request, 1, CODE_MESSAGE_MAX),
    SCHEMA_BSTR(10, REQUIRED, struct pocket_payment, code, 1, CODE_PAYMENT_MAX),
    SCHEMA_BSTR(11, REQUIRED, struct pocket_payment, receipt, 0, TEXT_BYTES_MAX),
    SCHEMA_BSTR(12, REQUIRED, struct pocket_payment, proof, 0, TEXT_BYTES_MAX),
};
const struct schema pocket_payment_schema =
    SCHEMA_MAP("wallet-payment", struct pocket_payment, payment_fields, POCKET_MAX);

static const struct field waiting_fields[] = {
    SCHEMA_UINT(1, REQUIRED, struct pocket_waiting, parcel_due, 0, 1),
    SCHEMA_BSTR(2, REQUIRED, struct pocket_waiting, message, 1, POCKET_WAITING_MAX),
};
const struct schema pocket_waiting_schema =
    SCHEMA_MAP("wallet-waiting", struct pocket_waiting, waiting_fields, POCKET_WAITING_MAX + 64);

enum status
pocket_get_meta(struct pocket_meta *out, struct store_txn *txn)
{
    return store_record_get(out, &pocket_meta_schema, txn, store_record_key('m', NULL, 0));
}

enum status
pocket_get_line(struct pocket_line *out, struct store_txn *txn, const struct kid *id)
{
    return store_record_get(out, &pocket_line_schema, txn, store_record_key('l', id, sizeof *id));
}

enum status
pocket_get_payment(struct pocket_payment *out, struct store_txn *txn, const struct digest *id)
{
    return store_record_get(out, &pocket_payment_schema, txn,
                            store_record_key('p', id, sizeof *id));
}

enum status
pocket_put_meta(struct store_txn *txn, const struct pocket_meta *meta)
{
    return store_record_put(txn, store_record_key('m', NULL, 0), &pocket_meta_schema, meta);
}

enum status
pocket_put_line(struct store_txn *txn, const struct pocket_line *line)
{
    struct kid id;

    crypt_kid(&id, &line->key);
    return store_record_put(txn, store_record_key('l', &id, sizeof id), &pocket_line_schema, line);
}

enum status
pocket_put_payment(struct store_txn *txn, const struct pocket_payment *payment)
{
    const struct store_record_key number = store_record_number('n', payment->number);
    const struct digest id = payment->id;
    enum status status = store_record_put(txn, store_record_key('p', &id, sizeof id),
                                          &pocket_payment_schema, payment);

    if (status != STATUS_OK)
        return status;
    return store_put(txn, STORE_STATE, store_record_span(&number),
                     (struct span){id.bytes, sizeof id.bytes});
}

enum status
pocket_next_line(struct pocket_line *out, struct store_txn *txn, const struct kid *after)
{
    const struct store_record_key key =
        store_record_key('l', after, after == NULL ? 0 : sizeof *after);
    struct span found;
    struct span value;
    enum status status = store_record_next(&found, &value, txn, &key, 1);

    return status == STATUS_OK ? store_record_decode(out, &pocket_line_schema, value) : status;
}

/* The payment whose id is the value of a key. */
static enum status
get_by(struct pocket_payment *out, struct store_txn *txn, struct store_record_key key)
{
    struct digest id;
    struct span value;
    enum status status = store_get(&value, txn, STORE_STATE, store_record_span(&key));

    if (status != STATUS_OK)
        return status;
    if (value.len != sizeof id.bytes)
        return STATUS_STORE_BROKEN;
    memcpy(id.bytes, value.data, sizeof id.bytes);
    return pocket_get_payment(out, txn, &id);
}

enum status
pocket_nth_payment(struct pocket_payment *out, struct store_txn *txn, uint64_t number)
{
    return get_by(out, txn, store_record_number('n', number));
}

enum status
pocket_put_request(struct store_txn *txn, const struct digest *request,
                   const struct digest *payment)
{
    const struct store_record_key key = store_record_key('r', request, sizeof *request);

    return store_put(txn, STORE_STATE, store_record_span(&key),
                     (struct span){payment->bytes, sizeof payment->bytes});
}

enum status
pocket_get_request(struct pocket_payment *out, struct store_txn *txn, const struct digest *request)
{
    return get_by(out, txn, store_record_key('r', request, sizeof *request));
}

enum status
pocket_get_signers(struct signer_list *out, struct store_txn *txn)
{
    return store_record_signers(out, txn, 'k');
}

enum status
pocket_put_signer(struct store_txn *txn, const struct signer_key *signer)
{
    return store_record_signer(txn, 'k', signer);
}

static struct store_record_key
waiting_key(const struct digest *wish)
{
    return store_record_key('w', wish, wish == NULL ? 0 : sizeof *wish);
}

enum status
pocket_get_waiting(struct pocket_waiting *out, struct store_txn *txn, const struct digest *wish)
{
    return store_record_get(out, &pocket_waiting_schema, txn, waiting_key(wish));
}

enum status
pocket_put_waiting(struct store_txn *txn, const struct digest *wish,
                   const struct pocket_waiting *waiting)
{
    return store_record_put(txn, waiting_key(wish), &pocket_waiting_schema, waiting);
}

enum status
pocket_drop_waiting(struct store_txn *txn, const struct digest *wish)
{
    const struct store_record_key key = waiting_key(wish);

    return store_delete(txn, STORE_STATE, store_record_span(&key));
}

enum status
pocket_next_waiting(struct digest *out, struct store_txn *txn, const struct digest *after)
{
    const struct store_record_key key = waiting_key(after);
    struct span found;
    struct span value;
    enum status status = store_record_next(&found, &value, txn, &key, 1);

    if (status == STATUS_OK && found.len != 1 + sizeof out->bytes)
        status = STATUS_STORE_BROKEN;
    if (status == STATUS_OK)
        memcpy(out->bytes, found.data + 1, sizeof out->bytes);
    return status;
}
