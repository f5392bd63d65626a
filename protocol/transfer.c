#include "transfer.h"

#include <assert.h>
#include <string.h>

void
transfer_aad(struct cose_aad *out, uint64_t network, const struct public_key *key,
             const struct digest *request, uint64_t payee)
{
    struct digest thumbprint;

    assert(network >= 1 && network <= UINT32_MAX);
    assert(payee >= 1 && payee <= UINT32_MAX);
    crypt_thumbprint(&thumbprint, key);
    const struct cose_extra extras[] = {
        {.bytes = {thumbprint.bytes, sizeof thumbprint.bytes}},
        {.bytes = {request->bytes, sizeof request->bytes}},
        {.number = payee},
    };
    cose_aad(out, (uint32_t)network, MSG_TRANSFER, extras, sizeof extras / sizeof extras[0]);
}

void
transfer_id(struct digest *out, const struct cose_message *message, uint64_t network,
            const struct public_key *key, const struct digest *request, uint64_t payee)
{
    struct cose_aad aad;

    transfer_aad(&aad, network, key, request, payee);
    cose_message_id(out, &message->kid, &aad, message->payload);
}

enum status
transfer_sign(uint8_t *out, size_t cap, size_t *len, struct digest *id,
              const struct msg_transfer *transfer, uint64_t network, const struct digest *request,
              const struct secret_key *secret)
{
    uint8_t payload[64];
    struct public_key key;
    struct kid kid;
    struct cose_aad aad;
    size_t size;
    enum status status;

    *len = 0;
    memset(id, 0, sizeof *id);
    if (transfer->from >= transfer->to)
        return STATUS_AMOUNT_ZERO;
    status = schema_encode(payload, sizeof payload, &size, &msg_transfer_schema, transfer);
    if (status != STATUS_OK)
        return status;
    if (cap < TRANSFER_SIGN_SIZE)
        return STATUS_BUFFER;
    crypt_public_key(&key, secret);
    crypt_kid(&kid, &key);
    transfer_aad(&aad, network, &key, request, transfer->payee);
    status = cose_sign(out, cap, len, secret, &aad, (struct span){payload, size});
    if (status == STATUS_OK)
        cose_message_id(id, &kid, &aad, (struct span){payload, size});
    return status;
}

enum status
transfer_verify(const struct cose_message *message, uint64_t network, const struct public_key *key,
                const struct digest *request, uint64_t payee)
{
    struct cose_aad aad;
    struct kid kid;

    crypt_kid(&kid, key);
    if (memcmp(&kid, &message->kid, sizeof kid) != 0)
        return STATUS_SIGNATURE_BAD;
    transfer_aad(&aad, network, key, request, payee);
    return cose_verify(message, key, &aad);
}

void
transfer_prev_first(uint8_t prev[static TRANSFER_PREV_SIZE], const struct public_key *key)
{
    struct digest thumbprint;

    crypt_thumbprint(&thumbprint, key);
    memcpy(prev, thumbprint.bytes, TRANSFER_PREV_SIZE);
}

void
transfer_prev_next(uint8_t prev[static TRANSFER_PREV_SIZE], const struct digest *id)
{
    memcpy(prev, id->bytes, TRANSFER_PREV_SIZE);
}

bool
transfer_overlap(uint64_t a_from, uint64_t a_to, uint64_t b_from, uint64_t b_to)
{
    const uint64_t from = a_from > b_from ? a_from : b_from;
    const uint64_t to = a_to < b_to ? a_to : b_to;

    return from < to;
}

enum status
transfer_receipt(struct msg_receipt *out, struct span in, uint64_t network,
                 const struct digest *transfer, uint64_t till, const struct public_key *key)
{
    struct cose_message message;
    enum status status = msg_open(&message, out, &msg_receipt_schema, network, in);

    if (status == STATUS_OK &&
        (out->till != till || memcmp(&out->transfer, transfer, sizeof *transfer) != 0))
        status = STATUS_RECEIPT_MISMATCH;
    if (status == STATUS_OK)
        status = msg_verify(&message, &msg_receipt_schema, network, key);
    if (status != STATUS_OK)
        memset(out, 0, sizeof *out);
    return status;
}
