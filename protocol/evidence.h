/* Two transfers of one line that cannot both be honest. PROTOCOL.md section 12.7. Needs no clock,
 * no order and no history: only the city's keys. */
#ifndef SCHWEBE_EVIDENCE_H
#define SCHWEBE_EVIDENCE_H

#include <stddef.h>
#include <stdint.h>

#include "crypt.h"
#include "msg.h"
#include "signer.h"
#include "span.h"
#include "status.h"

/* Why two transfers contradict one another; stands in the log. Append-only. */
enum evidence_cause {
    EVIDENCE_NONE = 0,
    EVIDENCE_OVERLAP = 1,
    EVIDENCE_SEQUENCE = 2,
    EVIDENCE_PREDECESSOR = 3,
};

/* Complete COSE_Sign1 messages and the requests that the transfers were signed for; borrows. */
struct evidence {
    struct span allowance;
    struct span first;
    struct span second;
    struct digest first_request;
    struct digest second_request;
};

/* The first cause that holds between two transfers of one line with different message ids. */
enum evidence_cause evidence_cause(const struct msg_transfer *a, const struct msg_transfer *b);

/* Whether a bundle proves something; fills `cause`. In this order: the allowance opens and a key
 * that ever had role 5 signed it (SIGNER_UNKNOWN, SIGNATURE_BAD); the first transfer opens and
 * verifies under its key, then the second (SIGNATURE_BAD); NO_OVERLAP when the message ids are
 * equal; AMOUNT_OVER_ALLOWANCE when one reaches beyond the allowance; NO_OVERLAP when no cause
 * holds. The statuses of msg_open where it fails. On failure `cause` is EVIDENCE_NONE. */
MUST_CHECK enum status evidence_check(enum evidence_cause *cause, const struct evidence *evidence,
                                      uint64_t network, const struct signer_list *signers);

#endif
