#include "evidence.h"

#include <string.h>

#include "transfer.h"

enum evidence_cause
evidence_cause(const struct msg_transfer *a, const struct msg_transfer *b)
{
    if (transfer_overlap(a->from, a->to, b->from, b->to))
        return EVIDENCE_OVERLAP;
    if (a->seq == b->seq)
        return EVIDENCE_SEQUENCE;
    if (memcmp(a->prev, b->prev, sizeof a->prev) == 0)
        return EVIDENCE_PREDECESSOR;
    return EVIDENCE_NONE;
}

/* Opens one transfer of the line of `key`; fills its id. */
static enum status
open_transfer(struct msg_transfer *out, struct digest *id, struct span in, uint64_t network,
              const struct public_key *key, const struct digest *request)
{
    struct cose_message message;
    enum status status = msg_open(&message, out, &msg_transfer_schema, network, in);

    if (status == STATUS_OK)
        status = transfer_verify(&message, network, key, request, out->payee);
    if (status == STATUS_OK)
        transfer_id(id, &message, network, key, request, out->payee);
    return status;
}

enum status
evidence_check(enum evidence_cause *cause, const struct evidence *evidence, uint64_t network,
               const struct signer_list *signers)
{
    struct cose_message message;
    struct msg_allowance allowance;
    struct msg_transfer first;
    struct msg_transfer second;
    struct digest first_id;
    struct digest second_id;
    enum status status =
        msg_open(&message, &allowance, &msg_allowance_schema, network, evidence->allowance);

    *cause = EVIDENCE_NONE;
    if (status == STATUS_OK)
        status =
            signer_check_ever(signers, SIGNER_ALLOWANCE, &message, &msg_allowance_schema, network);
    if (status == STATUS_OK)
        status = open_transfer(&first, &first_id, evidence->first, network, &allowance.key,
                               &evidence->first_request);
    if (status == STATUS_OK)
        status = open_transfer(&second, &second_id, evidence->second, network, &allowance.key,
                               &evidence->second_request);
    if (status != STATUS_OK)
        return status;
    if (memcmp(&first_id, &second_id, sizeof first_id) == 0)
        return STATUS_NO_OVERLAP;
    if (first.to > money_cents(allowance.amount) || second.to > money_cents(allowance.amount))
        return STATUS_AMOUNT_OVER_ALLOWANCE;
    *cause = evidence_cause(&first, &second);
    return *cause == EVIDENCE_NONE ? STATUS_NO_OVERLAP : STATUS_OK;
}
