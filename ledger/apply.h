/* The one step from entry to entry: live intake, replay and verify all apply entries through it.
 * PROTOCOL.md sections 8, 10, 12 and 13.
 *
 * Applying decodes an entry, checks who made it and every rule in the order in which the text has
 * them, recomputes what the node itself decided and compares it with what the entry says
 * (ENTRY_RECOMPUTE), derives the postings and changes the state. No clock, no randomness, no heap.
 * A refused entry has changed nothing, except when the store itself failed or the books did not
 * balance (BOOKS): then the transaction must be aborted. */
#ifndef SCHWEBE_APPLY_H
#define SCHWEBE_APPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "book.h"
#include "protocol/cose.h"
#include "protocol/line.h"
#include "protocol/merkle.h"
#include "protocol/msg.h"
#include "protocol/tally.h"
#include "record.h"
#include "state.h"

/* Kinds of entries; section 10. Append-only. */
enum apply_kind {
    APPLY_GENESIS = 1,
    APPLY_ROLE_KEY = 2,
    APPLY_KILL = 3,
    APPLY_PARAMETERS = 4,
    APPLY_SERIES = 5,
    APPLY_MERCHANT = 6,
    APPLY_TILL = 7,
    APPLY_ANCHOR = 8,
    APPLY_PURSE = 9,
    APPLY_FUNDING = 11,
    APPLY_ISSUE = 14,
    APPLY_GIFT = 15,
    APPLY_ALLOWANCE = 17,
    APPLY_SETTLE = 18,
    APPLY_VOID = 19,
    APPLY_REFUND = 20,
    APPLY_CLOSE = 21,
    APPLY_HOLD = 22,
    APPLY_EVIDENCE = 23,
    APPLY_DENIAL = 24,
    APPLY_LOSS_REPORT = 25,
    APPLY_REVIEW = 26,
    APPLY_SERVICE_DAY = 27,
    APPLY_LATE = 28,
    APPLY_DEBT = 29,
    APPLY_EXPIRY = 30,
    APPLY_PAYOUT = 32,
    APPLY_REJECT = 33,
    APPLY_DISPUTE = 40,
    APPLY_UPLOAD = 47,
    APPLY_ITEM = 48,
    APPLY_STATEMENT = 49,
    APPLY_DEVICE = 50,
    APPLY_REVOCATION = 51,
};

/* Postings that one entry makes at most: a close of a line with all its lots, claims beside them.
 */
#define APPLY_POSTINGS_MAX 1024

/* Lines of one purse that are not closed: one loss report denies them all, and every till has to
 * carry each id. PROTOCOL.md section 12.1. */
#define APPLY_LINES_MAX 16

/* Signatures that were checked in this process and need not be checked again: a name takes the
 * place of another with the same first bits. */
#define APPLY_CHECKED_MAX 8192

struct apply_plan;

/* About 1 MiB, at home in static or long-lived memory. All zero is ready for apply_begin. */
struct apply {
    struct state state;
    /* The caller's: signatures of entries are taken as good, for replaying one's own log. */
    bool trust;
    /* The caller's: what apply_upload_plan just decided about the item in the next entry, so that
     * it need not be decided twice; NULL to have it decided from the entry. */
    const struct apply_plan *planned;
    /* The caller's: where names of signatures that are found good go, for apply_expect; NULL for
     * nowhere. Those that do not fit are left out. */
    struct digest *found;
    size_t found_max;
    size_t found_count;

    /* Of the entry that was applied last, or at which applying stopped. */
    uint64_t index;
    struct msg_entry entry;
    size_t posting_count;
    struct book_posting postings[APPLY_POSTINGS_MAX];

    /* The rest is scratch. */
    bool once; /* `once_id` is the message that the entry carries out */
    struct digest once_id;
    struct span bytes;
    const struct merkle_frontier *tree;
    struct msg_upload upload;
    struct msg_entry item;
    struct record_line line;
    struct record_line other;
    struct record_till till;
    struct tally tally;
    uint64_t tally_till; /* whose tally is loaded; 0 none */
    struct tally_item unconfirmed[RECORD_TALLY_MAX];
    struct tally_item known[RECORD_TALLY_MAX];
    struct signer_list issuers;
    struct digest checked[APPLY_CHECKED_MAX];
    uint8_t large[COSE_PAYLOAD_LARGE_MAX + COSE_ROOM];
};

/* Starts on a transaction: loads what is cached. The statuses of state_begin. */
MUST_CHECK enum status apply_begin(struct apply *apply, struct store_txn *txn);

/* Applies the entry with this index, which must be the next one (assert). `tree` is the tree of the
 * log before it, of `index` leaves; only service days need it. The status is the first check that
 * fails, in the order of the text; OK when the entry is applied. */
MUST_CHECK enum status apply_entry(struct apply *apply, uint64_t index, struct span entry,
                                   const struct merkle_frontier *tree);

/* Takes signatures as verified that another `struct apply` has found good and collected: a name is
 * a hash of message id, signature and key, so it stands for nothing but that one signature. */
void apply_expect(struct apply *apply, const struct digest *names, size_t count);

/* The name of a kind as in section 10, such as "settle"; NULL for one that does not exist or is a
 * draft. Static storage. */
const char *apply_kind_name(uint64_t kind);

#endif
