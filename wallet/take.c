#include "wallet/take.h"

#include <string.h>

#include "protocol/cose.h"

static uint64_t
end_of(const struct msg_allowance *certificate)
{
    return certificate->from + certificate->hours * 3600;
}

/* Whether a certificate is what this line waits for: the first one, or a renewal. */
static enum status
fits(const struct pocket_line *line, const struct msg_allowance *certificate,
     const struct wallet *wallet)
{
    struct cose_message message;
    struct msg_allowance before;
    enum status status;

    if (certificate->class != wallet->meta.class)
        return STATUS_CLASS;
    if (certificate->restriction != line->restriction)
        return STATUS_RESTRICTION;
    if (line->state == POCKET_LINE_RETIRED)
        return STATUS_ALLOWANCE_CLOSED;
    if (line->state == POCKET_LINE_ASKED)
        return money_compare(certificate->amount, line->amount) == 0 ? STATUS_OK
                                                                     : STATUS_AMOUNT_MISMATCH;
    if (money_compare(certificate->amount, line->amount) < 0)
        return STATUS_AMOUNT_MISMATCH;
    status =
        msg_open(&message, &before, &msg_allowance_schema, wallet->meta.network, line->certificate);
    if (status != STATUS_OK)
        return STATUS_STORE_BROKEN;
    return end_of(certificate) < end_of(&before) ? STATUS_ALLOWANCE_EXPIRED : STATUS_OK;
}

static enum status
take_certificate(struct take_result *out, struct wallet *wallet, struct store_txn *txn,
                 struct span part, uint64_t now_unix_s)
{
    struct cose_message message;
    struct msg_allowance certificate;
    struct pocket_line line;
    struct kid id;
    enum status status =
        msg_open(&message, &certificate, &msg_allowance_schema, wallet->meta.network, part);

    if (status == STATUS_OK)
        status =
            signer_check(NULL, &wallet->signers, SIGNER_ALLOWANCE, &message, &msg_allowance_schema,
                         wallet->meta.network, certificate.from, now_unix_s);
    if (status != STATUS_OK)
        return status;
    crypt_kid(&id, &certificate.key);
    status = pocket_get_line(&line, txn, &id);
    if (status == STATUS_NOT_FOUND ||
        (status == STATUS_OK && !crypt_equal(&line.key, &certificate.key, sizeof line.key)))
        return STATUS_ALLOWANCE_UNKNOWN;
    if (status == STATUS_OK)
        status = fits(&line, &certificate, wallet);
    if (status != STATUS_OK)
        return status;
    /* A line that was asked for after the restore is new: it was never signed from. */
    if (line.state == POCKET_LINE_ASKED)
        wallet->meta.restored = 0;
    line.state = POCKET_LINE_OPEN;
    line.amount = certificate.amount;
    line.certificate = part;
    out->allowance = true;
    out->line = id;
    out->amount = certificate.amount;
    out->until_unix_s = end_of(&certificate);
    return pocket_put_line(txn, &line);
}

static enum status
take_proof(struct take_result *out, struct wallet *wallet, struct store_txn *txn, struct span part,
           uint64_t now_unix_s)
{
    struct cose_message message;
    struct msg_settlement_proof proof;
    struct pocket_payment payment;
    enum status status =
        msg_open(&message, &proof, &msg_settlement_proof_schema, wallet->meta.network, part);

    if (status == STATUS_OK)
        status = signer_check(NULL, &wallet->signers, SIGNER_SETTLEMENT, &message,
                              &msg_settlement_proof_schema, wallet->meta.network, proof.time,
                              now_unix_s);
    if (status != STATUS_OK)
        return status;
    status = pocket_get_payment(&payment, txn, &proof.transfer);
    if (status == STATUS_NOT_FOUND)
        return STATUS_TRANSFER_UNKNOWN;
    if (status != STATUS_OK)
        return status;
    if (money_cents(proof.amount) != payment.to - payment.from)
        return STATUS_AMOUNT_MISMATCH;
    payment.state = POCKET_PAYMENT_SETTLED;
    payment.proof = part;
    out->settled = true;
    out->payment = proof.transfer;
    return pocket_put_payment(txn, &payment);
}

/* Acts come in pairs; parameters are for tills. */
static enum status
take_acts(struct take_result *out, struct wallet *wallet, struct store_txn *txn,
          const struct msg_parcel *parcel, size_t first)
{
    for (size_t i = first; i + 1 < parcel->parts_count; i += 2) {
        uint64_t type;
        enum status status = msg_peek(&type, parcel->parts[i]);

        if (status == STATUS_OK && (type == MSG_ROLE_KEY || type == MSG_KILL)) {
            status = wallet_learn(wallet, txn, &parcel->parts[i]);
            out->acts++;
        }
        if (status != STATUS_OK)
            return status;
    }
    return (parcel->parts_count - first) % 2 == 0 ? STATUS_OK : STATUS_ENTRY_SHAPE;
}

static enum status
take_all(struct take_result *out, struct wallet *wallet, struct store_txn *txn,
         const struct msg_parcel *parcel, uint64_t now_unix_s)
{
    enum status status;

    switch (parcel->kind) {
    case MSG_PARCEL_ALLOWANCE:
        /* First the role keys, one of which may have signed the certificate. */
        status = take_acts(out, wallet, txn, parcel, 1);
        if (status == STATUS_OK)
            status = take_certificate(out, wallet, txn, parcel->parts[0], now_unix_s);
        return status;
    case MSG_PARCEL_SETTLED:
        return take_proof(out, wallet, txn, parcel->parts[0], now_unix_s);
    case MSG_PARCEL_CITY:
        return take_acts(out, wallet, txn, parcel, 2);
    default:
        return STATUS_MESSAGE_TYPE;
    }
}

enum status
take_parcel(struct take_result *out, struct wallet *wallet, struct span bytes, uint64_t now_unix_s)
{
    static struct msg_parcel parcel;
    static struct signer_list signers;
    const uint64_t restored = wallet->meta.restored;
    struct store_txn txn;
    enum status status = schema_decode(&parcel, &msg_parcel_schema, bytes);

    memset(out, 0, sizeof *out);
    if (status == STATUS_OK)
        status = store_begin_write(&txn, &wallet->store);
    if (status != STATUS_OK)
        return status;
    signers = wallet->signers;
    status = take_all(out, wallet, &txn, &parcel, now_unix_s);
    if (status == STATUS_OK)
        status = pocket_put_meta(&txn, &wallet->meta);
    if (status == STATUS_OK)
        status = store_commit(&txn);
    else
        store_abort(&txn);
    if (status != STATUS_OK) {
        wallet->signers = signers;
        wallet->meta.restored = restored;
        memset(out, 0, sizeof *out);
    }
    return status;
}
