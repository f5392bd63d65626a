/* The makers of the vectors, by operation, and what they share. Every expected status is written
 * down beside its vector and never asked of the core. */
#ifndef SCHWEBE_VECTORS_MAKE_H
#define SCHWEBE_VECTORS_MAKE_H

#include <stdint.h>

#include "hand.h"
#include "out.h"

#define MAKE_NETWORK 7
/* 2026-11-18 08:26:40 UTC */
#define MAKE_NOW UINT64_C(1795000000)

void make_text(void);
void make_envelope(void);
void make_verify(void);
void make_cbor(void);
void make_payload(void);
void make_carrier(void);
void make_payment(void);
void make_request(void);
void make_accept(void);
void make_evidence(void);
void make_news(void);
void make_merkle(void);
void make_checkpoint(void);

/* Fields of the messages that several operations need, and their payloads by hand. */
struct make_allowance {
    struct public_key key;
    uint64_t network, class, tier, amount, limit, from, hours, restriction, online;
};
struct make_transfer {
    uint64_t payee, from, to, seq;
    uint8_t prev[16];
};
struct make_request {
    uint64_t network, till, class, amount;
    uint8_t nonce[8];
    uint64_t number, time, seconds, partial;
};
struct make_till {
    uint64_t network, till, merchant;
    struct public_key key;
    const char *title;
    uint64_t level, limit, count, classes;
    unsigned restrictions_count;
    uint64_t restrictions[4];
    uint64_t from, until;
};
struct make_parameters {
    uint64_t stale_percent, per_allowance, per_allowance_stale, fresh_seconds, offline_seconds;
    uint64_t anonymous_allowance, anonymous_total;
};

void make_allowance_payload(struct hand *out, const struct make_allowance *fields);
void make_transfer_payload(struct hand *out, const struct make_transfer *fields);
void make_request_payload(struct hand *out, const struct make_request *fields);
void make_till_payload(struct hand *out, const struct make_till *fields);
void make_parameters_payload(struct hand *out, const struct make_parameters *fields);

/* A payload signed with the external data of its type; `id` may be NULL. */
void make_signed(struct hand *out, struct digest *id, const struct forge_key *key, uint64_t network,
                 uint64_t type, const struct hand *payload);
void make_signed_transfer(struct hand *out, struct digest *id, const struct forge_key *key,
                          uint64_t network, const struct digest *request,
                          const struct make_transfer *fields);

/* The array of a payment code; signatures as in the two messages. */
void make_payment_array(struct hand *out, const struct make_allowance *allowance,
                        const struct hand *allowance_cose, const struct make_transfer *transfer,
                        const struct hand *transfer_cose);

#endif
