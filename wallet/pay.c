#include "wallet/pay.h"

#include <assert.h>
#include <string.h>

#include "protocol/text.h"
#include "protocol/transfer.h"

enum status
pay_read(struct code_request *out, struct code_bytes *bytes, const struct wallet *wallet,
         struct span text)
{
    enum status status = code_request_read(out, bytes, wallet->meta.network, text);

    if (status != STATUS_OK)
        return status;
    return code_request_verify(out, wallet->meta.network, &wallet->signers);
}

enum status
pay_amount(struct money *out, const struct msg_request *request, const struct money *wanted)
{
    if (code_request_static(request)) {
        if (wanted == NULL)
            return STATUS_STATIC_REQUEST;
        if (money_is_zero(*wanted))
            return STATUS_AMOUNT_ZERO;
        *out = *wanted;
        return STATUS_OK;
    }
    if (wanted == NULL || money_compare(*wanted, request->amount) == 0) {
        *out = request->amount;
        return STATUS_OK;
    }
    if (money_is_zero(*wanted))
        return STATUS_AMOUNT_ZERO;
    if (request->partial == 0 || money_compare(*wanted, request->amount) > 0)
        return STATUS_AMOUNT_MISMATCH;
    *out = *wanted;
    return STATUS_OK;
}

/* --- choosing a line ----------------------------------------------------------------------- */

/* What is in the way of paying `cents` from a line; OK when nothing is. */
static enum status
line_fits(const struct pocket_line *line, const struct msg_allowance *certificate,
          const struct code_request *request, uint64_t cents, uint64_t now_unix_s)
{
    bool accepted = certificate->restriction == 0;

    for (size_t i = 0; i < request->till.restrictions_count; i++)
        accepted = accepted || request->till.restrictions[i] == certificate->restriction;
    if (line->state != POCKET_LINE_OPEN || certificate->class != request->request.class)
        return STATUS_NO_ALLOWANCE;
    if (!accepted || certificate->online != 0)
        return STATUS_NO_ALLOWANCE;
    if (now_unix_s >= certificate->from + certificate->hours * 3600)
        return STATUS_NO_ALLOWANCE;
    if (cents > money_cents(certificate->amount) - line->cursor)
        return STATUS_AMOUNT_OVER_ALLOWANCE;
    if (cents > money_cents(certificate->limit))
        return STATUS_AMOUNT_OVER_LIMIT;
    return STATUS_OK;
}

/* Whether line a is spent before line b. */
static bool
before(const struct msg_allowance *a, const struct msg_allowance *b)
{
    if ((a->restriction != 0) != (b->restriction != 0))
        return a->restriction != 0;
    return a->from + a->hours * 3600 < b->from + b->hours * 3600;
}

static enum status
open_certificate(struct msg_allowance *out, const struct pocket_line *line, uint64_t network)
{
    struct cose_message message;

    return msg_open(&message, out, &msg_allowance_schema, network, line->certificate);
}

/* A line and its certificate. The bytes are a copy: those in the store move with the next change.
 */
struct chosen {
    struct pocket_line line;
    struct msg_allowance certificate;
    uint8_t bytes[CODE_MESSAGE_MAX];
};

static void
keep(struct chosen *out, const struct pocket_line *line, const struct msg_allowance *certificate)
{
    assert(line->certificate.len <= sizeof out->bytes);
    out->line = *line;
    out->certificate = *certificate;
    memcpy(out->bytes, line->certificate.data, line->certificate.len);
    out->line.certificate.data = out->bytes;
}

static enum status
choose(struct chosen *out, struct store_txn *txn, const struct wallet *wallet,
       const struct code_request *request, struct money amount, uint64_t now_unix_s)
{
    struct pocket_line line;
    struct msg_allowance candidate;
    struct kid id;
    enum status best = STATUS_NO_ALLOWANCE;
    enum status status;
    bool first = true;

    if (wallet->meta.restored != 0)
        return STATUS_RESTORED;
    while ((status = pocket_next_line(&line, txn, first ? NULL : &id)) == STATUS_OK) {
        enum status fits;

        first = false;
        crypt_kid(&id, &line.key);
        if (line.certificate.len == 0)
            continue;
        status = open_certificate(&candidate, &line, wallet->meta.network);
        if (status != STATUS_OK)
            return status;
        fits = line_fits(&line, &candidate, request, money_cents(amount), now_unix_s);
        if (fits == STATUS_OK && (best != STATUS_OK || before(&candidate, &out->certificate))) {
            keep(out, &line, &candidate);
            best = STATUS_OK;
        } else if (best != STATUS_OK && fits != STATUS_NO_ALLOWANCE) {
            best = fits;
        }
    }
    return status == STATUS_NOT_FOUND ? best : status;
}

enum status
pay_choose(struct pay_choice *out, struct wallet *wallet, const struct code_request *request,
           struct money amount, uint64_t now_unix_s)
{
    struct chosen chosen;
    struct store_txn txn;
    enum status status = store_begin_read(&txn, &wallet->store);

    if (status != STATUS_OK)
        return status;
    status = choose(&chosen, &txn, wallet, request, amount, now_unix_s);
    if (status == STATUS_OK) {
        crypt_kid(&out->line, &chosen.line.key);
        status = money_from_cents(&out->left,
                                  money_cents(chosen.certificate.amount) - chosen.line.cursor);
    }
    store_abort(&txn);
    return status;
}

/* --- signing ------------------------------------------------------------------------------- */

/* What one signature makes; the records borrow from it until the transaction ends. */
struct signed_payment {
    uint8_t transfer[TRANSFER_SIGN_SIZE];
    size_t transfer_len;
    uint8_t code[CODE_PAYMENT_MAX];
    size_t code_len;
    struct digest id;
};

static enum status
sign_next(struct signed_payment *out, const struct pocket_line *line,
          const struct code_request *request, uint64_t cents, const struct wallet *wallet,
          const struct secret_key *device)
{
    struct msg_transfer transfer = {
        .payee = request->till.till,
        .from = line->cursor,
        .to = line->cursor + cents,
        .seq = line->seq,
    };
    struct secret_key secret;
    enum status status = wallet_line_key(&secret, line, device);

    if (status != STATUS_OK)
        return status;
    memcpy(transfer.prev, line->prev, sizeof transfer.prev);
    status = transfer_sign(out->transfer, sizeof out->transfer, &out->transfer_len, &out->id,
                           &transfer, wallet->meta.network, &request->request_id, &secret);
    crypt_wipe(&secret, sizeof secret);
    if (status != STATUS_OK)
        return status;
    return code_payment_build(out->code, sizeof out->code, &out->code_len, wallet->meta.network,
                              line->certificate, (struct span){out->transfer, out->transfer_len});
}

/* Line, payment and count in one transaction. */
static enum status
store_signed(struct store_txn *txn, struct wallet *wallet, struct pocket_line *line,
             const struct code_request *request, uint64_t cents,
             const struct signed_payment *signed_payment, uint64_t now_unix_s)
{
    struct pocket_meta meta = wallet->meta;
    struct pocket_payment payment = {
        .number = meta.payments,
        .state = POCKET_PAYMENT_SIGNED,
        .id = signed_payment->id,
        .from = line->cursor,
        .to = line->cursor + cents,
        .time = now_unix_s,
        .till = code_span(&request->till_cose),
        .request = code_span(&request->request_cose),
        .code = {signed_payment->code, signed_payment->code_len},
    };
    enum status status;

    crypt_kid(&payment.line, &line->key);
    line->cursor += cents;
    line->seq++;
    transfer_prev_next(line->prev, &signed_payment->id);
    meta.payments++;
    meta.mark++;
    status = pocket_put_payment(txn, &payment);
    if (status == STATUS_OK && !code_request_static(&request->request))
        status = pocket_put_request(txn, &request->request_id, &payment.id);
    if (status == STATUS_OK)
        status = pocket_put_line(txn, line);
    if (status == STATUS_OK)
        status = pocket_put_meta(txn, &meta);
    return status;
}

enum status
pay_known(struct digest *id, struct money *amount, struct wallet *wallet,
          const struct code_request *request)
{
    struct pocket_payment payment;
    struct store_txn txn;
    enum status status = store_begin_read(&txn, &wallet->store);

    if (status != STATUS_OK)
        return status;
    status = pocket_get_request(&payment, &txn, &request->request_id);
    if (status == STATUS_OK)
        status = money_from_cents(amount, payment.to - payment.from);
    if (status == STATUS_OK)
        *id = payment.id;
    store_abort(&txn);
    return status;
}

/* Everything up to the commit, whose last step takes the room for the mark as well. */
static enum status
prepare(struct signed_payment *made, struct file_staged *mark, struct store_txn *txn,
        struct wallet *wallet, const struct code_request *request, struct money amount,
        const struct secret_key *device, uint64_t now_unix_s)
{
    struct pocket_payment earlier;
    struct chosen chosen;
    const uint64_t cents = money_cents(amount);
    enum status status = pocket_get_request(&earlier, txn, &request->request_id);

    if (status != STATUS_NOT_FOUND)
        return status == STATUS_OK ? STATUS_ALREADY_PAID : status;
    status = choose(&chosen, txn, wallet, request, amount, now_unix_s);
    if (status == STATUS_OK)
        status = sign_next(made, &chosen.line, request, cents, wallet, device);
    if (status == STATUS_OK)
        status = store_signed(txn, wallet, &chosen.line, request, cents, made, now_unix_s);
    return status == STATUS_OK ? wallet_stage(mark, wallet) : status;
}

enum status
pay_sign(char text[static CODE_TEXT_SIZE], struct digest *id, struct wallet *wallet,
         const struct code_request *request, struct money amount, const struct secret_key *device,
         uint64_t now_unix_s)
{
    struct signed_payment made;
    struct file_staged mark;
    struct store_txn txn;
    size_t len;
    enum status status = store_begin_write(&txn, &wallet->store);

    if (status != STATUS_OK)
        return status;
    status = prepare(&made, &mark, &txn, wallet, request, amount, device, now_unix_s);
    if (status != STATUS_OK) {
        store_abort(&txn);
        return status;
    }
    status = store_commit(&txn);
    if (status != STATUS_OK) {
        file_drop(&mark);
        return status;
    }
    wallet->meta.payments++;
    wallet->meta.mark++;
    /* Only from here on may anybody see it. */
    status = wallet_place(wallet, &mark);
    if (status == STATUS_OK)
        status = text_encode(text, CODE_TEXT_SIZE, &len, TEXT_PAYMENT,
                             (struct span){made.code, made.code_len});
    if (status == STATUS_OK)
        *id = made.id;
    return status;
}

/* --- afterwards ---------------------------------------------------------------------------- */

enum status
pay_again(char text[static CODE_TEXT_SIZE], struct wallet *wallet, const struct digest *id)
{
    struct pocket_payment payment;
    struct store_txn txn;
    size_t len;
    enum status status = wallet_mark(wallet);

    if (status == STATUS_OK)
        status = store_begin_read(&txn, &wallet->store);
    if (status != STATUS_OK)
        return status;
    status = pocket_get_payment(&payment, &txn, id);
    if (status == STATUS_OK && payment.state == POCKET_PAYMENT_CANCELLED)
        status = STATUS_CANCELLED;
    if (status == STATUS_OK)
        status = text_encode(text, CODE_TEXT_SIZE, &len, TEXT_PAYMENT, payment.code);
    store_abort(&txn);
    return status;
}

enum status
pay_cancel(struct wallet *wallet, const struct digest *id)
{
    struct pocket_payment payment;
    struct store_txn txn;
    enum status status = store_begin_write(&txn, &wallet->store);

    if (status != STATUS_OK)
        return status;
    status = pocket_get_payment(&payment, &txn, id);
    if (status == STATUS_OK && payment.state == POCKET_PAYMENT_ACCEPTED)
        status = STATUS_ALREADY_PAID;
    if (status == STATUS_OK && payment.state == POCKET_PAYMENT_SETTLED)
        status = STATUS_ALREADY_SETTLED;
    if (status == STATUS_OK) {
        payment.state = POCKET_PAYMENT_CANCELLED;
        status = pocket_put_payment(&txn, &payment);
    }
    if (status == STATUS_OK)
        return store_commit(&txn);
    store_abort(&txn);
    return status;
}

/* The key of the till that a payment was for: from its certificate, which was checked then. */
static enum status
payee(struct msg_till *out, const struct pocket_payment *payment, uint64_t network)
{
    struct cose_message message;

    return msg_open(&message, out, &msg_till_schema, network, payment->till);
}

static enum status
take_receipt(struct store_txn *txn, const struct wallet *wallet, const struct digest *id,
             struct span receipt)
{
    struct pocket_payment payment;
    struct msg_receipt checked;
    struct msg_till till;
    enum status status = pocket_get_payment(&payment, txn, id);

    if (status == STATUS_NOT_FOUND)
        return STATUS_RECEIPT_MISMATCH;
    if (status == STATUS_OK)
        status = payee(&till, &payment, wallet->meta.network);
    if (status == STATUS_OK)
        status =
            transfer_receipt(&checked, receipt, wallet->meta.network, id, till.till, &till.key);
    if (status != STATUS_OK)
        return status;
    payment.receipt = receipt;
    if (payment.state != POCKET_PAYMENT_SETTLED)
        payment.state = POCKET_PAYMENT_ACCEPTED;
    return pocket_put_payment(txn, &payment);
}

enum status
pay_receipt(struct digest *id, struct wallet *wallet, struct span text)
{
    uint8_t bytes[TEXT_BYTES_MAX];
    struct cose_message message;
    struct msg_receipt receipt;
    struct store_txn txn;
    size_t len;
    enum status status = text_decode(bytes, sizeof bytes, &len, TEXT_RECEIPT, text);

    if (status == STATUS_OK)
        status = msg_open(&message, &receipt, &msg_receipt_schema, wallet->meta.network,
                          (struct span){bytes, len});
    if (status == STATUS_OK)
        status = store_begin_write(&txn, &wallet->store);
    if (status != STATUS_OK)
        return status;
    status = take_receipt(&txn, wallet, &receipt.transfer, (struct span){bytes, len});
    if (status != STATUS_OK) {
        store_abort(&txn);
        return status;
    }
    *id = receipt.transfer;
    return store_commit(&txn);
}

enum status
pay_latest(struct digest *id, struct wallet *wallet)
{
    struct pocket_payment payment;
    struct store_txn txn;
    enum status status;

    if (wallet->meta.payments == 0)
        return STATUS_NOT_FOUND;
    status = store_begin_read(&txn, &wallet->store);
    if (status != STATUS_OK)
        return status;
    status = pocket_nth_payment(&payment, &txn, wallet->meta.payments - 1);
    if (status == STATUS_OK)
        *id = payment.id;
    store_abort(&txn);
    return status;
}
