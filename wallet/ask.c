#include "wallet/ask.h"

#include <assert.h>
#include <string.h>

#include "protocol/cose.h"
#include "protocol/transfer.h"

/* --- parcels ------------------------------------------------------------------------------- */

static enum status
wrap(struct ask *out, uint64_t kind, const struct span *parts, size_t count)
{
    static struct msg_parcel parcel;
    enum status status;

    memset(&parcel, 0, sizeof parcel);
    parcel.kind = kind;
    parcel.parts_count = count;
    memcpy(parcel.parts, parts, count * sizeof parts[0]);
    status = schema_encode(out->bytes, sizeof out->bytes, &out->len, &msg_parcel_schema, &parcel);
    if (status != STATUS_OK)
        out->len = 0;
    return status;
}

/* Signs one message and wraps it. */
static enum status
wrap_signed(struct ask *out, uint64_t kind, const struct schema *schema, const void *object,
            const struct wallet *wallet, const struct secret_key *secret)
{
    static uint8_t message[MSG_SIGN_MAX];
    struct span part = {message, 0};
    enum status status =
        msg_sign(message, sizeof message, &part.len, schema, object, wallet->meta.network, secret);

    if (status != STATUS_OK) {
        out->len = 0;
        return status;
    }
    return wrap(out, kind, &part, 1);
}

/* --- the purse ----------------------------------------------------------------------------- */

enum status
ask_purse(struct ask *out, const struct wallet *wallet, const struct secret_key *recovery,
          struct money daily_limit, uint64_t now_unix_s)
{
    struct msg_purse purse = {
        .network = wallet->meta.network,
        .class = wallet->meta.class,
        .tier = wallet->meta.tier,
        .recovery = wallet->meta.recovery,
        .device = wallet->meta.device,
        .daily_limit = daily_limit,
        .time = now_unix_s,
    };

    memcpy(purse.purse, wallet->meta.purse, sizeof purse.purse);
    return wrap_signed(out, MSG_PARCEL_ACT, &msg_purse_schema, &purse, wallet, recovery);
}

enum status
ask_gift(struct ask *out, const struct wallet *wallet, const struct secret_key *recovery,
         uint64_t lot, const uint8_t to[static 16], const struct kid *nonce, uint64_t now_unix_s)
{
    struct msg_gift gift = {.network = wallet->meta.network, .lot = lot, .time = now_unix_s};

    memcpy(gift.purse, wallet->meta.purse, sizeof gift.purse);
    memcpy(gift.to, to, sizeof gift.to);
    memcpy(gift.nonce, nonce->bytes, sizeof gift.nonce);
    return wrap_signed(out, MSG_PARCEL_ASK, &msg_gift_schema, &gift, wallet, recovery);
}

enum status
ask_loss(struct ask *out, const struct wallet *wallet, const struct secret_key *recovery,
         const struct kid *line, const struct kid *nonce, uint64_t now_unix_s)
{
    struct msg_loss_report report = {.network = wallet->meta.network, .time = now_unix_s};

    memcpy(report.purse, wallet->meta.purse, sizeof report.purse);
    memcpy(report.nonce, nonce->bytes, sizeof report.nonce);
    if (line != NULL)
        report.allowance = *line;
    return wrap_signed(out, MSG_PARCEL_ASK, &msg_loss_report_schema, &report, wallet, recovery);
}

enum status
ask_device(struct ask *out, struct wallet *wallet, const struct secret_key *recovery,
           const struct public_key *key, uint64_t action, struct money daily_limit,
           uint64_t now_unix_s)
{
    struct msg_device device = {
        .network = wallet->meta.network,
        .device = *key,
        .action = action,
        .daily_limit = daily_limit,
        .number = wallet->meta.device_number + 1,
        .time = now_unix_s,
    };
    struct pocket_meta meta = wallet->meta;
    struct store_txn txn;
    enum status status;

    memcpy(device.purse, wallet->meta.purse, sizeof device.purse);
    status = wrap_signed(out, MSG_PARCEL_ASK, &msg_device_schema, &device, wallet, recovery);
    if (status == STATUS_OK)
        status = store_begin_write(&txn, &wallet->store);
    if (status != STATUS_OK)
        return status;
    meta.device_number++;
    status = store_finish(&txn, pocket_put_meta(&txn, &meta));
    if (status == STATUS_OK)
        wallet->meta = meta;
    return status;
}

/* --- lines --------------------------------------------------------------------------------- */

/* A line that is asked for: its key can be made again from the device key and the salt. */
static void
new_line(struct pocket_line *out, const struct secret_key *device, struct money amount,
         uint64_t restriction, const uint8_t salt[static POCKET_SALT_SIZE])
{
    struct secret_key secret;

    memset(out, 0, sizeof *out);
    out->state = POCKET_LINE_ASKED;
    out->amount = amount;
    out->restriction = restriction;
    memcpy(out->salt, salt, sizeof out->salt);
    wallet_line_make(&secret, &out->key, out->salt, device);
    crypt_wipe(&secret, sizeof secret);
    transfer_prev_first(out->prev, &out->key);
}

enum status
ask_allowance(struct ask *out, struct wallet *wallet, const struct secret_key *device,
              struct money amount, uint64_t restriction, bool online,
              const uint8_t salt[static POCKET_SALT_SIZE], const struct kid *nonce,
              uint64_t now_unix_s)
{
    struct msg_allowance_request request = {
        .network = wallet->meta.network,
        .amount = amount,
        .restriction = restriction,
        .online = online ? 1 : 0,
        .time = now_unix_s,
    };
    struct pocket_line line;
    struct store_txn txn;
    enum status status;

    out->len = 0;
    if (money_is_zero(amount))
        return STATUS_AMOUNT_ZERO;
    if (money_cents(amount) > MSG_LINE_CENTS_MAX)
        return STATUS_AMOUNT_OVER_LIMIT;
    new_line(&line, device, amount, restriction, salt);
    request.key = line.key;
    memcpy(request.purse, wallet->meta.purse, sizeof request.purse);
    memcpy(request.nonce, nonce->bytes, sizeof request.nonce);
    status = store_begin_write(&txn, &wallet->store);
    if (status != STATUS_OK)
        return status;
    status = store_finish(&txn, pocket_put_line(&txn, &line));
    if (status != STATUS_OK)
        return status;
    return wrap_signed(out, MSG_PARCEL_ASK, &msg_allowance_request_schema, &request, wallet,
                       device);
}

enum status
ask_renewal(struct ask *out, struct wallet *wallet, const struct secret_key *device,
            const struct kid *line, struct money amount, const struct kid *nonce,
            uint64_t now_unix_s)
{
    struct msg_renewal_request request = {
        .network = wallet->meta.network,
        .allowance = *line,
        .amount = amount,
        .time = now_unix_s,
    };
    struct pocket_line found;
    struct store_txn txn;
    enum status status = store_begin_read(&txn, &wallet->store);

    out->len = 0;
    if (status != STATUS_OK)
        return status;
    status = pocket_get_line(&found, &txn, line);
    store_abort(&txn);
    if (status == STATUS_NOT_FOUND || (status == STATUS_OK && found.state == POCKET_LINE_ASKED))
        return STATUS_ALLOWANCE_UNKNOWN;
    if (status != STATUS_OK)
        return status;
    if (found.state == POCKET_LINE_RETIRED)
        return STATUS_ALLOWANCE_CLOSED;
    if (money_compare(amount, found.amount) < 0)
        return STATUS_AMOUNT_RANGE;
    if (money_cents(amount) > MSG_LINE_CENTS_MAX)
        return STATUS_AMOUNT_OVER_LIMIT;
    memcpy(request.purse, wallet->meta.purse, sizeof request.purse);
    memcpy(request.nonce, nonce->bytes, sizeof request.nonce);
    return wrap_signed(out, MSG_PARCEL_ASK, &msg_renewal_request_schema, &request, wallet, device);
}

/* --- payments ------------------------------------------------------------------------------ */

static enum status
may_state(const struct pocket_payment *payment, uint64_t claim)
{
    const bool cancelled = payment->state == POCKET_PAYMENT_CANCELLED;

    assert(claim >= 1);
    assert(claim <= 4);
    if (claim == 1)
        return payment->receipt.len > 0 ? STATUS_OK : STATUS_RECEIPT_MISMATCH;
    /* As wallet cancel refuses it. */
    if (claim == 4 && payment->state == POCKET_PAYMENT_ACCEPTED)
        return STATUS_ALREADY_PAID;
    if (claim == 4 && payment->state == POCKET_PAYMENT_SETTLED)
        return STATUS_ALREADY_SETTLED;
    if (claim == 4)
        return cancelled ? STATUS_OK : STATUS_NOT_DELIVERED;
    return cancelled ? STATUS_CANCELLED : STATUS_OK;
}

static enum status
wrap_statement(struct ask *out, const struct wallet *wallet, const struct secret_key *device,
               const struct pocket_payment *payment, uint64_t claim, uint64_t now_unix_s)
{
    static uint8_t signed_statement[MSG_SIGN_MAX];
    struct code_payment code;
    struct msg_statement statement = {
        .network = wallet->meta.network,
        .transfer = payment->id,
        .claim = claim,
        .time = now_unix_s,
    };
    struct span parts[5] = {{signed_statement, 0}};
    enum status status = code_payment_parse(&code, wallet->meta.network, payment->code);

    if (status != STATUS_OK)
        return status;
    memcpy(statement.purse, wallet->meta.purse, sizeof statement.purse);
    status = msg_sign(signed_statement, sizeof signed_statement, &parts[0].len,
                      &msg_statement_schema, &statement, wallet->meta.network, device);
    if (status != STATUS_OK)
        return status;
    parts[1] = code_span(&code.allowance_cose);
    parts[2] = code_span(&code.transfer_cose);
    parts[3] = payment->request;
    parts[4] = payment->receipt;
    return wrap(out, MSG_PARCEL_STATEMENT, parts, claim == 1 ? 5 : 4);
}

enum status
ask_statement(struct ask *out, struct wallet *wallet, const struct secret_key *device,
              const struct digest *id, uint64_t claim, uint64_t now_unix_s)
{
    struct pocket_payment payment;
    struct store_txn txn;
    enum status status = wallet_mark(wallet);

    out->len = 0;
    if (status == STATUS_OK)
        status = store_begin_read(&txn, &wallet->store);
    if (status != STATUS_OK)
        return status;
    status = pocket_get_payment(&payment, &txn, id);
    if (status == STATUS_OK)
        status = may_state(&payment, claim);
    if (status == STATUS_OK)
        status = wrap_statement(out, wallet, device, &payment, claim, now_unix_s);
    store_abort(&txn);
    return status;
}
