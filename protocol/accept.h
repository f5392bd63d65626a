/* A till's decision about a payment code or a settlement proof. PROTOCOL.md sections 9.5 to 9.7.
 * Pure: everything that a till knows is in `struct accept_state`, and the caller makes it durable.
 * The ledger asks the same rules again about what a till has logged (section 12.3). */
#ifndef SCHWEBE_ACCEPT_H
#define SCHWEBE_ACCEPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "code.h"
#include "denylist.h"
#include "money.h"
#include "msg.h"
#include "signer.h"
#include "span.h"
#include "status.h"
#include "tally.h"

/* How long a till remembers a request that has ended. */
#define ACCEPT_ENDED_SECONDS 86400

/* Stored by tills: append-only. */
enum accept_request_state {
    ACCEPT_OPEN = 1,
    ACCEPT_PAID = 2,
    ACCEPT_EXPIRED = 3,
    ACCEPT_CANCELLED = 4,
    ACCEPT_VOIDED = 5,
};

/* One of the till's own requests. A static one stays open. */
struct accept_request {
    struct digest id; /* message id */
    struct msg_request request;
    enum accept_request_state state;
};

/* What steps 7 to 12 need; all of it borrowed. */
struct accept_rules {
    const struct msg_till *till;             /* certificate in force */
    const struct msg_parameters *parameters; /* in force */
    const struct tally *tally;               /* accepted here and not confirmed */
    /* Accepted here earlier, confirmed or not: all, or at least all of the line in question. */
    const struct tally_item *known;
    size_t known_count;
    uint64_t news_time_unix_s; /* of the last applied news */
};

/* All that a till knows; borrowed. */
struct accept_state {
    uint64_t network;
    struct accept_rules rules;
    const struct signer_list *signers;
    const struct denylist *denied;
    /* The latest of anchor time, time of the last applied news, time of the till's last entry. */
    uint64_t lower_bound_unix_s;
    uint64_t anchor_time_unix_s; /* of the last anchor */
    /* Oldest first; those that ended longer than ACCEPT_ENDED_SECONDS ago left out. */
    const struct accept_request *requests;
    size_t request_count;
    /* accept_code_hash of codes that were accepted: all, or just the one in question if it was. */
    const struct digest *codes;
    size_t code_count;
    /* Sum of settlement proofs taken since the last anchor. */
    struct money proofs;
};

/* What a code came to. After a failure only what was established before it is set, the rest is
 * zero; `step` is the one that failed, 0 when none did. */
struct accept_result {
    unsigned step;
    struct code_payment payment; /* after step 1 */
    struct digest code;          /* accept_code_hash, after step 1 */
    size_t request;              /* place in state->requests, once `transfer` is set */
    struct digest transfer;      /* message id; set when a signature fitted in step 5 */
    struct money amount;         /* with `transfer` */
};

/* Whether a till's clock can be right, by what it knows: CLOCK_BEHIND below `lower_bound_unix_s`;
 * CLOCK_AHEAD more than `offline_seconds` after `heard_unix_s`, the last word of the city. */
MUST_CHECK enum status accept_clock(uint64_t lower_bound_unix_s, uint64_t heard_unix_s,
                                    uint64_t offline_seconds, uint64_t now_unix_s);

/* The hash by which a till remembers a code's bytes. */
void accept_code_hash(struct digest *out, struct span code);

/* Steps 1 (from the bytes on) to 12. OK: append the accept entry, durably, add it to the tally, and
 * only then show *paid*. ALREADY_PAID: the receipt of then is shown again. */
MUST_CHECK enum status accept_code(struct accept_result *out, const struct accept_state *state,
                                   struct span code, uint64_t now_unix_s);

/* The same from a scanned text. */
MUST_CHECK enum status accept_text(struct accept_result *out, const struct accept_state *state,
                                   struct span text, uint64_t now_unix_s);

/* Steps 7 to 12 for messages whose signatures were checked or are not in question; `denied` is the
 * answer of step 9. `step`, unless NULL, is filled as in struct accept_result. This is what the
 * ledger computes again from a till's log. */
MUST_CHECK enum status accept_check(unsigned *step, const struct accept_rules *rules,
                                    const struct msg_allowance *allowance,
                                    const struct msg_transfer *transfer,
                                    const struct msg_request *request, bool denied,
                                    uint64_t now_unix_s);

/* Step 10's rule of amounts alone, which the ledger asks of every transfer (section 12.3).
 * AMOUNT_ZERO, AMOUNT_OVER_ALLOWANCE (against `allowance_cents`, the line's A), AMOUNT_MISMATCH. */
MUST_CHECK enum status accept_amount(const struct msg_transfer *transfer,
                                     const struct msg_request *request,
                                     struct money allowance_cents);

/* Whether a till's certificate covers a class and a restriction: CLASS, RESTRICTION. */
MUST_CHECK enum status accept_covers(const struct msg_till *till, uint64_t class,
                                     uint64_t restriction);

/* A settlement proof that a payer shows instead of a code (section 9.7). Opens `proof` into `out`;
 * the statuses of msg_open, then
 *   WRONG_PAYEE       another till
 *   those of signer_check for role 6
 *   REQUEST_UNKNOWN, ALREADY_PAID, CANCELLED, VOIDED, REQUEST_EXPIRED
 *   CLOCK_BEHIND (never CLOCK_AHEAD: a proof for an open request is new whatever the clock says),
 *   KEY_NOT_YET, CERTIFICATE_EXPIRED
 *   CLASS, AMOUNT_MISMATCH
 *   TILL_TOTAL_LIMIT  proof_total is reached
 * `request` is its place in state->requests, set on OK and when its state is what fails. On failure
 * `out` is zeroed, but not when the request's state or later steps fail: a proof of a transfer that
 * was accepted offline is its confirmation (tally_confirm), and the till may log it as such. */
MUST_CHECK enum status accept_proof(struct msg_settlement_proof *out, size_t *request,
                                    const struct accept_state *state, struct span proof,
                                    uint64_t now_unix_s);

#endif
