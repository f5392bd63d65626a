/* An allowance line at the ledger: which cents are settled, what becomes of a transfer, and who
 * gets the rest at close. PROTOCOL.md sections 12.3 to 12.8; rules R9, R11, R12, R13.
 *
 * Pure: the state is explicit and the arrays are the caller's. Positions and lengths on a line are
 * whole cents, 0 to MSG_LINE_CENTS_MAX, and not struct money: they name cents, they do not count
 * somebody's money. */
#ifndef SCHWEBE_LINE_H
#define SCHWEBE_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "money.h"
#include "msg_city.h"
#include "status.h"

/* Settled intervals are merged, so between two of them lies a free cent. */
#define LINE_INTERVALS_MAX (MSG_LINE_CENTS_MAX / 2 + 1)
/* Lot parts of one line, all its renewals together. */
#define LINE_PARTS_MAX 128

/* What became of a message at the ledger; section 12.9. A rejected one has 64 + its status. */
enum line_outcome {
    LINE_LOGGED = 0,
    LINE_RESERVE = 1,
    LINE_FUND = 2,
    LINE_REVIEW = 3,
    LINE_TILL_BEARS = 4,
    LINE_ALREADY = 5,
    LINE_LATE = 6,
    LINE_REVERSED = 7,
    LINE_WAITS = 8,
    LINE_CANCELLED = 9,
};
#define LINE_REJECTED 64

/* Why a transfer is not paid from the reserve. Stored: append-only. */
enum line_cause {
    LINE_CAUSE_NONE = 0,
    LINE_CAUSE_OVERLAP = 1,
    LINE_CAUSE_LOSS = 2,    /* accepted after the loss was logged */
    LINE_CAUSE_UNKNOWN = 3, /* no allowance entry */
    LINE_CAUSE_LATE = 4,    /* the line was closed */
};

/* Who brings a transfer, and on what grounds (sections 12.2 and 12.4). */
enum line_source {
    LINE_FROM_TILL = 1,
    LINE_FROM_RECEIPT = 2,
    LINE_DELIVERED = 3,
    LINE_SETTLE_NOW = 4,
    LINE_CALLED_OFF = 5,
};

/* What the ledger has recorded of a transfer before. */
enum line_record {
    LINE_NEW,
    LINE_WAS_CANCELLED,
    LINE_WAS_PAID, /* reserve, fund or late */
    LINE_WAS_REVIEW,
    LINE_WAS_TILL_BEARS,
    LINE_WAS_VOID,
};

/* All that the decision depends on. The caps are those of section 12.5. */
struct line_facts {
    enum line_source source;
    enum line_record record;
    bool known;      /* there is an allowance entry for exactly this certificate's key and terms */
    bool closed;     /* the line */
    bool lost;       /* a loss of the line is logged */
    bool after_loss; /* ... before the till accepted; false when nobody accepted */
    bool free;       /* no settled interval of the line touches it */
    bool gap;        /* a till's item behind a gap */
    bool kept;       /* the till kept the rules */
    bool uninformed; /* the till's news version was below the denial's */
    struct money amount;
    struct money fund;             /* what the fund has */
    struct money merchant_quarter; /* fund-paid to this merchant in this quarter */
    struct money merchant_line;    /* fund-paid to this merchant from this line */
    struct money merchant_fund;    /* the limits of the two */
    struct money per_allowance;
};

struct line_verdict {
    enum line_outcome outcome; /* when `status` is OK */
    enum line_cause cause;
    bool unchanged;     /* the record stays as it is, whatever the outcome says of it */
    enum status status; /* of a refusal */
};

/* The table of section 12.3 with 12.4 and 12.5: the first case that matches. Refusals: VOIDED,
 * CANCELLED, ALREADY_SETTLED, ALLOWANCE_CLOSED, ALLOWANCE_DENIED, INTERVAL_OVERLAP. */
void line_decide(struct line_verdict *out, const struct line_facts *facts);

/* [from, to) */
struct line_interval {
    uint32_t from;
    uint32_t to;
};

/* A run of cents that one lot covers. */
struct line_part {
    uint64_t lot;
    uint32_t cents;
};

/* What is settled, and which lots cover [0, cents) in this order. Borrows its arrays. */
struct line {
    uint64_t cents;   /* A */
    uint64_t settled; /* cents in the intervals */
    struct line_interval *intervals;
    size_t interval_count;
    size_t interval_cap;
    const struct line_part *parts;
    size_t part_count;
};

/* Whether no settled interval touches [from, to). */
bool line_free(const struct line *line, uint64_t from, uint64_t to);

/* Marks a free interval inside the line as settled; it must be free (assert). CAPACITY when the
 * array is full, the line then untouched; never with LINE_INTERVALS_MAX. */
MUST_CHECK enum status line_settle(struct line *line, uint64_t from, uint64_t to);

/* Fills `out` with the parts that cover [from, to), ascending, and gives their number. `out` holds
 * LINE_PARTS_MAX. The line's parts must cover it (assert). */
size_t line_parts(struct line_part *out, const struct line *line, uint64_t from, uint64_t to);

/* Adds a part at the end; runs of one lot are joined. CAPACITY when `cap` is reached. */
MUST_CHECK enum status line_part_add(struct line_part *parts, size_t *count, size_t cap,
                                     const struct line_part *part);

/* What close does with the free cents, from the lowest up (section 12.6): first back to the fund,
 * then to the claims of tills that broke a rule, the rest expires or returns. */
struct line_split {
    uint64_t forfeited;
    uint64_t claims;
    uint64_t rest;
    uint64_t debt; /* what the fund paid and does not get back */
};

/* `fund_cents` is F, what the fund paid for overlap net of refunds; `claim_cents` the overlap
 * claims that tills bear. */
void line_split(struct line_split *out, const struct line *line, uint64_t fund_cents,
                uint64_t claim_cents);

/* A walk over the free cents, from the lowest up. All zero is the beginning. */
struct line_walk {
    uint64_t at;
    size_t interval;
    size_t part;
    uint64_t part_end;
};

/* Takes the next free cents that lie side by side in one part, at most `most` (1 or more) of them;
 * false when there are none left. */
bool line_walk_next(struct line_walk *walk, const struct line *line, uint64_t most,
                    struct line_part *out);

/* A lot as a source of money, and the order in which lots are spent: earliest expiry, promo before
 * paid, lower id (section 12.1). */
struct line_lot {
    uint64_t id;
    uint64_t expiry_unix_s;
    bool promo;
};
bool line_lot_before(const struct line_lot *a, const struct line_lot *b);

#endif
