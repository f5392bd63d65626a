/* What the page asks of the core, one call each. A call reads its values from `in` in the order
 * written here and, when it returns OK, has written those behind the arrow to `out`. Every other
 * status is the answer to bad input: that of the function of protocol/ behind the call, or
 * CAPACITY when a list is longer than below. The layout of values: frame.h.
 *
 * The operations of tests/vectors/README.md by their names, and what signing a payment takes. */
#ifndef SCHWEBE_OPS_H
#define SCHWEBE_OPS_H

#include "frame.h"
#include "protocol/status.h"

/* Elements of a list. */
#define OPS_KEYS_MAX 256
#define OPS_IDS_MAX 4096
#define OPS_REQUESTS_MAX 64
#define OPS_ACCEPTED_MAX 1200
#define OPS_CODES_MAX 64
#define OPS_LEAVES_MAX 1024

/* X(name). `rule` is a name of protocol.cddl, as text; of no other (assert). */
#define OPS_LIST(X)                                                                                \
    /* number -> name of a status */                                                               \
    X(status)                                                                                      \
    /* letter (text of one character), text of a code -> bytes */                                  \
    X(text_decode)                                                                                 \
    /* letter, bytes -> text */                                                                    \
    X(text_encode)                                                                                 \
    /* cose -> kid, payload, signature */                                                          \
    X(envelope)                                                                                    \
    /* rule, network, payload -> fields */                                                         \
    X(payload)                                                                                     \
    /* rule, bytes -> fields */                                                                    \
    X(carrier)                                                                                     \
    /* rule, network, cose, key; thumbprint, request id, payee of a transfer -> message id */      \
    X(verify)                                                                                      \
    /* network, text of a payment code, request id -> allowance, transfer, their message ids */    \
    X(payment)                                                                                     \
    /* network, text of a request code -> till certificate, request, its message id */             \
    X(request)                                                                                     \
    /* network, list of keys of role 4: key, from, until, verify_until, killed (0 or 1),           \
     * text of a request code -> nothing */                                                        \
    X(request_verify)                                                                              \
    /* network, cose of a receipt, message id of the transfer, till, its key -> fields */          \
    X(receipt)                                                                                     \
    /* The state of a till, then a code and the time:                                              \
     * network, certificate, key that signed it, payload of the parameters,                        \
     * list of issuers: key, from, until, verify_until, killed (0 or 1),                           \
     * list of denied ids, lower bound of the time, times of anchor and news,                      \
     * list of requests: cose, state (enum accept_request_state),                                  \
     * list of accepted: line, tier, from, to, seq, prev, confirmed (0 or 1),                      \
     * list of codes accepted before (texts), code (text), now                                     \
     * -> message id of the transfer, amount. USAGE when the state itself does not hold. */        \
    X(accept)                                                                                      \
    /* network, list of keys of role 5, allowance, first, its request id, second, its request id   \
     * -> cause (enum evidence_cause) */                                                           \
    X(evidence)                                                                                    \
    /* network, key of role 7, version, time of the last news, list of ids, cose                   \
     * -> version, list of ids. USAGE when an id stands in the list twice. */                      \
    X(news)                                                                                        \
    /* list of entries, list of indices, list of older sizes                                       \
     * -> root, for each index its inclusion path (list of hashes), for each size its consistency  \
     * path. Each path is checked as well: LOG_PROOF. */                                           \
    X(merkle)                                                                                      \
    /* note, name of the key, key -> origin, size, root */                                         \
    X(checkpoint)                                                                                  \
    /* seed -> public key, thumbprint (whose first 8 bytes are the kid) */                         \
    X(key)                                                                                         \
    /* network, seed, request id, payee, from, to, seq, prev -> transfer, message id */            \
    X(transfer_sign)                                                                               \
    /* network, allowance, transfer -> text of the payment code */                                 \
    X(payment_build)

#define X(name) MUST_CHECK enum status ops_##name(struct frame_out *out, struct frame_in *in);
OPS_LIST(X)
#undef X

#endif
