/* What comes in becomes entries: acts, uploads, statements, purse requests, and the node's own
 * closes, expiries and service days. PROTOCOL.md sections 8, 11 and 12.
 *
 * Each call is one write transaction: entries are appended to the log and applied, and the call
 * returns OK only when all of it is on the disk. A refusal leaves log and state as they were, with
 * one exception: a statement that contradicts a recorded transfer leaves evidence behind. The same
 * message again changes nothing and gets the same answer. */
#ifndef SCHWEBE_INTAKE_H
#define SCHWEBE_INTAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "apply.h"
#include "ledger/log.h"
#include "protocol/crypt.h"
#include "protocol/msg.h"

/* What the node signs with; the log has the key of role 8. The caller fills it before intake_open
 * and wipes it after. */
struct intake_keys {
    struct secret_key allowance;  /* role 5 */
    struct secret_key settlement; /* role 6 */
    struct secret_key news;       /* role 7 */
};

/* When a call happens, and fresh random bytes from which the salts of its entries are derived. */
struct intake_moment {
    uint64_t time_unix_s;
    uint8_t seed[32];
    bool dry_run; /* do everything but commit */
};

/* What came of a call. */
struct intake_result {
    uint64_t first;  /* index of the first new entry */
    uint64_t count;  /* new entries; 0 when it was a repetition */
    uint64_t kind;   /* enum apply_kind of the last new entry; 0 when there is none */
    bool repeated;   /* the answer of then, again */
    uint8_t outcome; /* of a statement: enum line_outcome */
    /* A parcel for whoever sent it; borrows from the intake until the next call. Empty when there
     * is nothing to tell. Of an upload it is a sync parcel, of an allowance request an allowance
     * parcel, of a till's certificate the till parcel, of "settle now" a settled parcel. */
    struct span answer;
};

/* About 4 MiB: at home in static or long-lived memory. */
struct intake {
    struct log *log;                /* borrowed */
    const struct intake_keys *keys; /* borrowed */
    const struct intake_moment *moment;
    struct log_batch batch;
    struct apply apply;
    struct intake_result result;
    enum status spoiled; /* why the batch cannot be committed */
    /* Scratch. */
    struct msg_parcel parcel;
    struct msg_entry made;
    struct msg_entry read;
    struct msg_entry inner;
    uint8_t entry[MSG_ENTRY_MAX];
    uint8_t source[MSG_ENTRY_MAX];
    uint8_t certificate[COSE_MESSAGE_MAX];
    struct msg_parcel out; /* the parts of the answer lie in `parts` */
    size_t parts_len;
    uint8_t parts[MSG_PARCEL_MAX];
    uint8_t answer[MSG_PARCEL_MAX];
};

/* Ready for calls; keeps the two pointers. Reads nothing. */
void intake_open(struct intake *intake, struct log *log, const struct intake_keys *keys);

/* Takes a parcel: an act of the city (by its type: genesis to payout), an upload, a statement, or a
 * purse's request. `out` is filled on OK, zeroed otherwise. The statuses of section 8 and 12, of
 * decoding, and of the store; PARAMETERS_MISSING before the first parameters; NETWORK, MESSAGE_TYPE
 * when the parcel is of a kind that nobody sends to the ledger. */
MUST_CHECK enum status intake_submit(struct intake *intake, struct intake_result *out,
                                     struct span parcel, const struct intake_moment *moment);

/* The same for many parcels in one transaction: whoever waits while one batch is written to the
 * disk is in the next. Begin keeps `moment`, whose seed serves the whole batch, until the end; its
 * statuses are those of the log and ENTRY_TIME. What submit returns, an answer too, holds only once
 * intake_batch_end has returned OK; the answer is gone with the next call.
 *
 * A refusal leaves nothing behind and the batch goes on, with one exception: when it comes after
 * entries of the same parcel, the batch is spoiled. Then submit and end return that status, and end
 * changes nothing; each parcel can be submitted again by itself. */
MUST_CHECK enum status intake_batch_begin(struct intake *intake,
                                          const struct intake_moment *moment);
MUST_CHECK enum status intake_batch_submit(struct intake *intake, struct intake_result *out,
                                           struct span parcel);
MUST_CHECK enum status intake_batch_end(struct intake *intake);

/* Closes one line, or all that are due. NOT_DUE when it is not, or none is; ON_HOLD;
 * UNSETTLED_CLAIM; ALLOWANCE_UNKNOWN. */
MUST_CHECK enum status intake_close(struct intake *intake, struct intake_result *out,
                                    const struct kid *line, const struct intake_moment *moment);
MUST_CHECK enum status intake_close_due(struct intake *intake, struct intake_result *out,
                                        const struct intake_moment *moment);

/* Takes the free cents of all expired lots off the books. NOT_DUE when there are none, ON_HOLD. */
MUST_CHECK enum status intake_expire(struct intake *intake, struct intake_result *out,
                                     const struct intake_moment *moment);

/* Logs the service day of the moment, with a checkpoint over all entries before it. REPLAY when it
 * is logged already. */
MUST_CHECK enum status intake_service_day(struct intake *intake, struct intake_result *out,
                                          const struct intake_moment *moment);

/* Parcels that can be made again at any time; nothing is logged. What a new wallet or till pins;
 * what a new till is set up with (TILL_UNKNOWN); the news since a version, as far as one parcel
 * goes (NEWS_GAP when it is higher than the ledger's). */
MUST_CHECK enum status intake_city_parcel(struct intake *intake, struct span *out);
MUST_CHECK enum status intake_till_parcel(struct intake *intake, struct span *out, uint64_t till,
                                          uint64_t time_unix_s);
MUST_CHECK enum status intake_news_parcel(struct intake *intake, struct span *out, uint64_t version,
                                          uint64_t time_unix_s);

/* The account of a purse or a merchant, signed, for a parcel with the question of its owner: the
 * statuses of section 21. */
MUST_CHECK enum status intake_account_parcel(struct intake *intake, struct span *out,
                                             struct span question, uint64_t time_unix_s);
/* Whether `message` is a question about entries that the audit office has just signed: OK, else as
 * above. */
MUST_CHECK enum status intake_is_auditor(struct intake *intake, struct span message,
                                         uint64_t time_unix_s);

/* The payout that the ledger would accept next: number, and what is owed less open claims.
 * MERCHANT_UNKNOWN, NOTHING_OWED. */
MUST_CHECK enum status intake_payout_due(struct intake *intake, uint64_t *number,
                                         struct money *amount, uint64_t merchant, uint64_t class);
/* The merchants in ascending order: fills `merchant` with the first above it; NOT_FOUND. */
MUST_CHECK enum status intake_next_merchant(struct intake *intake, uint64_t *merchant);

#endif
