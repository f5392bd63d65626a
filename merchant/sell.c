#include "merchant/sell.h"

#include <assert.h>
#include <string.h>

#include "protocol/cose.h"
#include "protocol/text.h"
#include "protocol/transfer.h"

/* --- receipts ------------------------------------------------------------------------------ */

static enum status
write_receipt(char text[static SELL_TEXT_SIZE], const struct till *till,
              const struct digest *transfer, uint64_t index, uint64_t time_unix_s)
{
    const struct msg_receipt receipt = {
        .till = till->certificate.till,
        .transfer = *transfer,
        .time = time_unix_s,
        .index = index,
    };
    uint8_t cose[MSG_SIGN_SIZE(128)];
    size_t len;
    enum status status = msg_sign(cose, sizeof cose, &len, &msg_receipt_schema, &receipt,
                                  till->meta.network, &till->secret);

    if (status != STATUS_OK)
        return status;
    return text_encode(text, SELL_TEXT_SIZE, &len, TEXT_RECEIPT, (struct span){cose, len});
}

enum status
sell_receipt(char text[static SELL_TEXT_SIZE], struct till *till, const struct digest *transfer)
{
    struct drawer_sale sale;
    struct store_txn txn;
    enum status status = store_begin_read(&txn, &till->store);

    text[0] = '\0';
    if (status != STATUS_OK)
        return status;
    status = drawer_get_sale(&sale, &txn, transfer);
    store_abort(&txn);
    if (status == STATUS_NOT_FOUND)
        return STATUS_TRANSFER_UNKNOWN;
    if (status == STATUS_OK && sale.voided != 0)
        status = STATUS_VOIDED;
    if (status != STATUS_OK)
        return status;
    return write_receipt(text, till, transfer, sale.index, sale.time);
}

/* --- acceptance ---------------------------------------------------------------------------- */

/* Sales of one line that are compared with a new one; a line has 10,000 cents, a till takes 25 € of
 * it between two anchors, so more than this many are not honest. */
#define KNOWN_MAX 4096

/* All that one decision borrows. */
struct decision {
    struct accept_state state;
    struct accept_result result;
    struct demand_list requests;
    size_t known_count;
    struct tally_item known[KNOWN_MAX];
    struct digest code;
};

static enum status
load_known(struct decision *decision, struct store_txn *txn, const struct kid *line)
{
    struct drawer_sale sale;
    struct digest after;
    enum status status;
    bool first = true;

    decision->known_count = 0;
    while ((status = drawer_next_of_line(&sale, txn, line, first ? NULL : &after)) == STATUS_OK) {
        struct tally_item *item = &decision->known[decision->known_count];

        first = false;
        after = sale.transfer;
        if (decision->known_count == KNOWN_MAX)
            return STATUS_LINE_LIMIT;
        item->transfer = sale.transfer;
        item->line = sale.line;
        memcpy(item->prev, sale.prev, sizeof item->prev);
        item->index = sale.index;
        item->tier = (uint32_t)sale.tier;
        item->from = (uint32_t)sale.from;
        item->to = (uint32_t)sale.to;
        item->seq = (uint32_t)sale.seq;
        decision->known_count++;
    }
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

/* Fills what acceptance needs to know about this code: requests, sales of its line, and whether its
 * very bytes were accepted before. A code that cannot be read needs none of it. */
static enum status
prepare(struct decision *decision, struct till *till, struct store_txn *txn, struct span code,
        uint64_t now_unix_s)
{
    static struct code_payment payment;
    static struct code_bytes bytes;
    struct drawer_sale sale;
    enum status status = demand_load(&decision->requests, till, txn, now_unix_s);

    if (status != STATUS_OK)
        return status;
    till_accept_state(&decision->state, till, now_unix_s);
    decision->state.requests = decision->requests.list;
    decision->state.request_count = decision->requests.count;
    decision->state.rules.known = decision->known;
    if (code_payment_read(&payment, &bytes, till->meta.network, code) != STATUS_OK)
        return STATUS_OK;
    accept_code_hash(&decision->code, (struct span){bytes.bytes, bytes.len});
    status = drawer_sale_by_code(&sale, txn, &decision->code);
    if (status == STATUS_OK) {
        decision->state.codes = &decision->code;
        decision->state.code_count = 1;
    } else if (status != STATUS_NOT_FOUND) {
        return status;
    }
    status = load_known(decision, txn, &payment.line);
    decision->state.rules.known_count = decision->known_count;
    return status;
}

/* The three messages of an accepted or voided transfer, as entries hold them. */
static void
messages_of(struct span out[static 3], const struct code_payment *payment, struct span request)
{
    out[0] = code_span(&payment->allowance_cose);
    out[1] = code_span(&payment->transfer_cose);
    out[2] = request;
}

static enum status
record_sale(struct till *till, struct store_txn *txn, const struct decision *decision,
            uint64_t number, const uint8_t salt[static TILL_SALT_SIZE], uint64_t *index,
            uint64_t now_unix_s)
{
    const struct accept_result *result = &decision->result;
    struct tally_item item;
    struct code_message request;
    struct span messages[3];
    struct drawer_sale sale = {
        .transfer = result->transfer,
        .code = decision->code,
        .request = number,
        .time = now_unix_s,
        .line = result->payment.line,
        .tier = result->payment.allowance.tier,
        .from = result->payment.transfer.from,
        .to = result->payment.transfer.to,
        .seq = result->payment.transfer.seq,
    };
    enum status status = demand_copy(&request, txn, number);

    if (status != STATUS_OK)
        return status;
    memcpy(sale.prev, result->payment.transfer.prev, sizeof sale.prev);
    messages_of(messages, &result->payment, code_span(&request));
    status = till_append(till, index, TILL_ACCEPT, messages, 3, salt, now_unix_s);
    if (status != STATUS_OK)
        return status;
    sale.index = *index;
    status = drawer_put_sale(txn, &sale);
    if (status == STATUS_OK &&
        !code_request_static(&decision->requests.list[result->request].request))
        status = demand_end(txn, number, ACCEPT_PAID, &result->transfer, now_unix_s);
    if (status == STATUS_OK)
        status = drawer_put_meta(txn, &till->meta);
    if (status != STATUS_OK)
        return status;
    tally_item(&item, &result->payment.allowance, &result->payment.transfer, &result->transfer,
               *index);
    return tally_add(&till->tally, &item);
}

static void
tell(struct sell_result *out, const struct decision *decision)
{
    static const struct digest none;

    out->known = memcmp(&decision->result.transfer, &none, sizeof none) != 0;
    out->transfer = decision->result.transfer;
    out->amount = decision->result.amount;
    if (!out->known)
        return;

    const size_t place = decision->result.request;

    out->request = decision->requests.numbers[place];
    if (money_sub(&out->missing, decision->requests.list[place].request.amount, out->amount) !=
        STATUS_OK)
        out->missing = MONEY_ZERO; /* a printed request asks for no amount */
}

/* What was accepted for these bytes before. VOIDED when it was given back since. */
static enum status
tell_again(struct sell_result *out, struct store_txn *txn, const struct digest *code)
{
    struct drawer_sale sale;
    enum status status = drawer_sale_by_code(&sale, txn, code);

    if (status != STATUS_OK)
        return status;
    out->known = true;
    out->transfer = sale.transfer;
    out->request = sale.request;
    out->index = sale.index;
    status = money_from_cents(&out->amount, sale.to - sale.from);
    return status == STATUS_OK && sale.voided != 0 ? STATUS_VOIDED : status;
}

enum status
sell_accept(char text[static SELL_TEXT_SIZE], struct sell_result *out, struct till *till,
            struct span code, const uint8_t salt[static TILL_SALT_SIZE], uint64_t now_unix_s)
{
    static struct decision decision;
    struct store_txn *txn = NULL;
    enum status status = till_ready(till);
    bool again = false;

    text[0] = '\0';
    memset(out, 0, sizeof *out);
    memset(&decision, 0, sizeof decision);
    if (status == STATUS_OK)
        status = till_begin(&txn, till);
    if (status != STATUS_OK)
        return status;
    status = prepare(&decision, till, txn, code, now_unix_s);
    if (status == STATUS_OK)
        status = accept_text(&decision.result, &decision.state, code, now_unix_s);
    tell(out, &decision);
    /* What was voided before it was accepted gets no goods: the ledger will not pay it. */
    if (status == STATUS_OK)
        status = drawer_not_voided(txn, &out->transfer);
    if (status == STATUS_OK)
        status = record_sale(till, txn, &decision, out->request, salt, &out->index, now_unix_s);
    if (status == STATUS_ALREADY_PAID && decision.state.code_count > 0) {
        const enum status told = tell_again(out, txn, &decision.code);

        again = told == STATUS_OK;
        status = again ? status : told;
    }
    /* Durable first; only then may anybody see a receipt. */
    status = till_finish(till, status);
    if (status == STATUS_OK)
        return write_receipt(text, till, &out->transfer, out->index, now_unix_s);
    if (again) {
        enum status shown = sell_receipt(text, till, &out->transfer);

        return shown == STATUS_OK ? status : shown;
    }
    return status;
}

enum status
sell_judge(struct sell_result *out, struct code_payment *payment, struct code_message *request,
           struct till *till, struct store_txn *txn, struct span code, uint64_t now_unix_s)
{
    static struct decision decision;
    enum status copied;
    enum status status;

    memset(out, 0, sizeof *out);
    memset(&decision, 0, sizeof decision);
    status = prepare(&decision, till, txn, code, now_unix_s);
    if (status == STATUS_OK)
        status = accept_text(&decision.result, &decision.state, code, now_unix_s);
    tell(out, &decision);
    if (!out->known)
        return status;
    *payment = decision.result.payment;
    copied = demand_copy(request, txn, out->request);
    return copied == STATUS_OK ? status : copied;
}

enum status
sell_sold(struct digest *transfer, struct till *till, struct span code)
{
    uint8_t bytes[TEXT_BYTES_MAX];
    struct drawer_sale sale;
    struct digest hash;
    struct store_txn txn;
    size_t len;
    enum status status = text_decode(bytes, sizeof bytes, &len, TEXT_PAYMENT, code);

    if (status == STATUS_OK)
        status = store_begin_read(&txn, &till->store);
    if (status != STATUS_OK)
        return status;
    accept_code_hash(&hash, (struct span){bytes, len});
    status = drawer_sale_by_code(&sale, &txn, &hash);
    store_abort(&txn);
    if (status == STATUS_OK)
        *transfer = sale.transfer;
    return status == STATUS_NOT_FOUND ? STATUS_TRANSFER_UNKNOWN : status;
}

/* --- settlement proofs --------------------------------------------------------------------- */

/* When an entry that holds a proof happened: like all that the city has signed it is not dated
 * later than that says. */
static uint64_t
proof_time(const struct till *till, const struct msg_settlement_proof *proof, uint64_t now_unix_s)
{
    const uint64_t bound = till_lower_bound(till);
    const uint64_t time = now_unix_s < proof->time ? now_unix_s : proof->time;

    return time < bound ? bound : time;
}

/* A proof of what was accepted offline gives its room back; one of something else is refused as it
 * was. */
static enum status
confirm(struct sell_result *out, enum status refused, struct till *till, struct store_txn *txn,
        const struct msg_settlement_proof *proof, struct span bytes,
        const uint8_t salt[static TILL_SALT_SIZE], uint64_t now_unix_s)
{
    struct drawer_sale sale;
    enum status status = drawer_get_sale(&sale, txn, &proof->transfer);

    if (status == STATUS_NOT_FOUND)
        return refused;
    if (status != STATUS_OK)
        return status;
    if (money_cents(proof->amount) != sale.to - sale.from)
        return STATUS_AMOUNT_MISMATCH;
    out->index = sale.index;
    out->request = sale.request;
    if (sale.confirmed != 0)
        return STATUS_OK;
    sale.confirmed = 1;
    status = drawer_put_sale(txn, &sale);
    if (status == STATUS_OK) {
        uint64_t entry;

        status = till_append(till, &entry, TILL_CONFIRMATION, &bytes, 1, salt,
                             proof_time(till, proof, now_unix_s));
    }
    if (status == STATUS_OK)
        status = drawer_put_meta(txn, &till->meta);
    if (status == STATUS_OK)
        (void)tally_confirm(&till->tally, &sale.transfer);
    return status;
}

static enum status
record_proof(struct sell_result *out, struct till *till, struct store_txn *txn,
             const struct msg_settlement_proof *proof, struct span bytes, uint64_t number,
             const uint8_t salt[static TILL_SALT_SIZE], uint64_t now_unix_s)
{
    struct code_message request;
    struct span messages[2];
    enum status status = drawer_not_voided(txn, &proof->transfer);

    if (status == STATUS_OK)
        status = demand_copy(&request, txn, number);
    out->request = number;
    if (status != STATUS_OK)
        return status;
    messages[0] = code_span(&request);
    messages[1] = bytes;
    status = till_append(till, &out->index, TILL_PROOF, messages, 2, salt,
                         proof_time(till, proof, now_unix_s));
    if (status == STATUS_OK)
        status = money_add(&till->meta.proofs, till->meta.proofs, proof->amount);
    if (status == STATUS_OK)
        status = demand_end(txn, number, ACCEPT_PAID, &proof->transfer, now_unix_s);
    if (status == STATUS_OK)
        status = drawer_put_meta(txn, &till->meta);
    return status;
}

enum status
sell_proof(char text[static SELL_TEXT_SIZE], struct sell_result *out, struct till *till,
           struct span code, const uint8_t salt[static TILL_SALT_SIZE], uint64_t now_unix_s)
{
    static struct decision decision;
    struct msg_settlement_proof proof;
    uint8_t bytes[TEXT_BYTES_MAX];
    struct store_txn *txn = NULL;
    size_t len = 0;
    size_t at = 0;
    enum status status = till_ready(till);

    text[0] = '\0';
    memset(out, 0, sizeof *out);
    memset(&decision, 0, sizeof decision);
    if (status == STATUS_OK)
        status = text_decode(bytes, sizeof bytes, &len, TEXT_SETTLEMENT_PROOF, code);
    if (status == STATUS_OK)
        status = till_begin(&txn, till);
    if (status != STATUS_OK)
        return status;
    status = demand_load(&decision.requests, till, txn, now_unix_s);
    till_accept_state(&decision.state, till, now_unix_s);
    decision.state.requests = decision.requests.list;
    decision.state.request_count = decision.requests.count;
    if (status == STATUS_OK)
        status = accept_proof(&proof, &at, &decision.state, (struct span){bytes, len}, now_unix_s);
    if (status == STATUS_OK)
        status = record_proof(out, till, txn, &proof, (struct span){bytes, len},
                              decision.requests.numbers[at], salt, now_unix_s);
    else if (status == STATUS_ALREADY_PAID || status == STATUS_REQUEST_UNKNOWN)
        status =
            confirm(out, status, till, txn, &proof, (struct span){bytes, len}, salt, now_unix_s);
    status = till_finish(till, status);
    if (status != STATUS_OK)
        return status;
    out->known = true;
    out->transfer = proof.transfer;
    out->amount = proof.amount;
    status = sell_receipt(text, till, &proof.transfer);
    if (status == STATUS_TRANSFER_UNKNOWN)
        status = write_receipt(text, till, &proof.transfer, out->index, till->meta.last_time);
    return status;
}
