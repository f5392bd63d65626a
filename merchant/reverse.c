#include "merchant/reverse.h"

#include <string.h>

#include "protocol/cose.h"

/* The four messages of a void entry; `bytes` holds the void. */
struct void_entry {
    struct span messages[4];
    uint8_t bytes[MSG_SIGN_SIZE(128)];
};

static enum status
sign_void(struct void_entry *entry, const struct till *till, const struct digest *transfer,
          uint64_t now_unix_s)
{
    const struct msg_void message = {
        .till = till->certificate.till,
        .transfer = *transfer,
        .time = now_unix_s,
    };

    entry->messages[3].data = entry->bytes;
    return msg_sign(entry->bytes, sizeof entry->bytes, &entry->messages[3].len, &msg_void_schema,
                    &message, till->meta.network, &till->secret);
}

static enum status
append_void(struct till *till, struct store_txn *txn, const struct void_entry *entry,
            const struct digest *transfer, uint64_t *index,
            const uint8_t salt[static TILL_SALT_SIZE], uint64_t now_unix_s)
{
    enum status status = drawer_put_void(txn, transfer);

    if (status == STATUS_OK)
        status = till_append(till, index, TILL_VOID, entry->messages, 4, salt, now_unix_s);
    if (status == STATUS_OK)
        status = drawer_put_meta(txn, &till->meta);
    return status;
}

/* The request that the transfer had paid is voided with it; one that is still open stays so, for
 * another payment. */
static enum status
end_request(struct store_txn *txn, uint64_t number, const struct digest *transfer,
            uint64_t now_unix_s)
{
    struct drawer_request request;
    enum status status = drawer_get_request(&request, txn, number);

    if (status != STATUS_OK || !crypt_equal(&request.transfer, transfer, sizeof request.transfer))
        return status;
    return demand_end(txn, number, ACCEPT_VOIDED, transfer, now_unix_s);
}

/* The sale, when the transfer was one: it may be settled by a proof, or not accepted at all. */
static enum status
end_sale(struct till *till, struct store_txn *txn, const struct digest *transfer)
{
    struct drawer_sale sale;
    enum status status = drawer_get_sale(&sale, txn, transfer);

    if (status == STATUS_NOT_FOUND)
        return STATUS_OK;
    if (status != STATUS_OK)
        return status;
    sale.voided = 1;
    sale.confirmed = 1;
    status = drawer_put_sale(txn, &sale);
    if (status == STATUS_OK)
        (void)tally_confirm(&till->tally, transfer);
    return status;
}

enum status
reverse_void_code(struct sell_result *out, struct till *till, struct span code,
                  const uint8_t salt[static TILL_SALT_SIZE], uint64_t now_unix_s)
{
    static struct code_payment payment;
    static struct code_message request;
    struct void_entry entry;
    struct store_txn *txn = NULL;
    enum status status = till_ready(till);

    if (status == STATUS_OK)
        status = till_clock(till, now_unix_s);
    if (status == STATUS_OK)
        status = till_begin(&txn, till);
    if (status != STATUS_OK)
        return status;
    status = sell_judge(out, &payment, &request, till, txn, code, now_unix_s);
    if (status == STATUS_ALREADY_PAID && !out->known) {
        struct digest sold;

        till_drop(till);
        status = sell_sold(&sold, till, code);
        return status == STATUS_OK ? reverse_void(out, till, &sold, salt, now_unix_s) : status;
    }
    if (out->known) {
        entry.messages[0] = code_span(&payment.allowance_cose);
        entry.messages[1] = code_span(&payment.transfer_cose);
        entry.messages[2] = code_span(&request);
        status = sign_void(&entry, till, &out->transfer, now_unix_s);
        if (status == STATUS_OK)
            status = append_void(till, txn, &entry, &out->transfer, &out->index, salt, now_unix_s);
        if (status == STATUS_OK)
            status = end_sale(till, txn, &out->transfer);
        if (status == STATUS_OK)
            status = end_request(txn, out->request, &out->transfer, now_unix_s);
    }
    return till_finish(till, status);
}

/* The messages of the accept entry, copied out of the log. */
struct accepted {
    uint8_t bytes[MSG_ENTRY_MAX];
    struct msg_entry entry;
};

static enum status
read_accepted(struct accepted *out, struct store_txn *txn, uint64_t index)
{
    struct span entry;
    enum status status = log_read(&entry, txn, index);

    if (status != STATUS_OK)
        return status;
    memcpy(out->bytes, entry.data, entry.len);
    status = schema_decode(&out->entry, &msg_entry_schema, (struct span){out->bytes, entry.len});
    if (status != STATUS_OK || out->entry.kind != TILL_ACCEPT || out->entry.messages_count != 3)
        return STATUS_STORE_BROKEN;
    return STATUS_OK;
}

static enum status
void_sale(struct sell_result *out, struct till *till, struct store_txn *txn,
          const struct digest *transfer, const uint8_t salt[static TILL_SALT_SIZE],
          uint64_t now_unix_s)
{
    static struct accepted accepted;
    struct void_entry entry;
    struct drawer_sale sale;
    enum status status = drawer_get_sale(&sale, txn, transfer);

    if (status == STATUS_NOT_FOUND)
        return STATUS_TRANSFER_UNKNOWN;
    if (status == STATUS_OK)
        status = sale.voided != 0 ? STATUS_VOIDED : STATUS_OK;
    if (status == STATUS_OK)
        status = read_accepted(&accepted, txn, sale.index);
    if (status != STATUS_OK)
        return status;
    memcpy(entry.messages, accepted.entry.messages, 3 * sizeof entry.messages[0]);
    status = sign_void(&entry, till, transfer, now_unix_s);
    if (status == STATUS_OK)
        status = append_void(till, txn, &entry, transfer, &out->index, salt, now_unix_s);
    if (status == STATUS_OK)
        status = end_sale(till, txn, transfer);
    if (status == STATUS_OK)
        status = end_request(txn, sale.request, transfer, now_unix_s);
    if (status == STATUS_OK)
        status = money_from_cents(&out->amount, sale.to - sale.from);
    out->known = true;
    out->transfer = *transfer;
    out->request = sale.request;
    return status;
}

enum status
reverse_void(struct sell_result *out, struct till *till, const struct digest *transfer,
             const uint8_t salt[static TILL_SALT_SIZE], uint64_t now_unix_s)
{
    struct store_txn *txn = NULL;
    enum status status = till_ready(till);

    memset(out, 0, sizeof *out);
    if (status == STATUS_OK)
        status = till_clock(till, now_unix_s);
    if (status == STATUS_OK)
        status = till_begin(&txn, till);
    if (status != STATUS_OK)
        return status;
    return till_finish(till, void_sale(out, till, txn, transfer, salt, now_unix_s));
}

/* --- refunds ------------------------------------------------------------------------------- */

/* Whether the sale still covers the refund; counts it. */
static enum status
count_refund(struct drawer_sale *sale, struct money amount)
{
    struct money paid;
    struct money sum = MONEY_ZERO;
    enum status status = money_from_cents(&paid, sale->to - sale->from);

    if (status == STATUS_OK)
        status = money_add(&sum, sale->refunded, amount);
    if (status != STATUS_OK)
        return status;
    if (sale->voided != 0)
        return STATUS_VOIDED;
    if (money_compare(sum, paid) > 0)
        return STATUS_REFUND_OVER;
    if (sale->refunds == 255)
        return STATUS_LINE_LIMIT;
    sale->refunded = sum;
    sale->refunds++;
    return STATUS_OK;
}

static enum status
refund(struct till *till, struct store_txn *txn, const struct digest *transfer, struct money amount,
       const uint8_t salt[static TILL_SALT_SIZE], const struct secret_key *signer,
       uint64_t now_unix_s)
{
    uint8_t bytes[MSG_SIGN_SIZE(128)];
    struct span message = {bytes, 0};
    struct drawer_sale sale;
    struct msg_refund refund = {
        .till = till->certificate.till,
        .transfer = *transfer,
        .amount = amount,
        .time = now_unix_s,
    };
    uint64_t index;
    enum status status = drawer_get_sale(&sale, txn, transfer);

    if (status == STATUS_NOT_FOUND)
        return STATUS_TRANSFER_UNKNOWN;
    if (status == STATUS_OK)
        status = count_refund(&sale, amount);
    if (status != STATUS_OK)
        return status;
    refund.number = sale.refunds;
    status = msg_sign(bytes, sizeof bytes, &message.len, &msg_refund_schema, &refund,
                      till->meta.network, signer);
    if (status == STATUS_OK)
        status = till_append(till, &index, TILL_REFUND, &message, 1, salt, now_unix_s);
    if (status == STATUS_OK)
        status = drawer_put_sale(txn, &sale);
    if (status == STATUS_OK)
        status = drawer_put_meta(txn, &till->meta);
    return status;
}

enum status
reverse_refund(struct till *till, const struct digest *transfer, struct money amount,
               const uint8_t salt[static TILL_SALT_SIZE], const struct secret_key *signer,
               uint64_t now_unix_s)
{
    struct store_txn *txn = NULL;
    enum status status = till_ready(till);

    if (status == STATUS_OK && money_is_zero(amount))
        status = STATUS_AMOUNT_ZERO;
    if (status == STATUS_OK)
        status = till_clock(till, now_unix_s);
    if (status == STATUS_OK)
        status = till_begin(&txn, till);
    if (status != STATUS_OK)
        return status;
    return till_finish(till, refund(till, txn, transfer, amount, salt, signer, now_unix_s));
}
