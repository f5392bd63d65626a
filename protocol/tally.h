/* What a till has accepted without a confirmation, and how much more it may accept. PROTOCOL.md
 * section 9.6. The ledger computes the same again when it asks whether a till kept the rules. */
#ifndef SCHWEBE_TALLY_H
#define SCHWEBE_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypt.h"
#include "money.h"
#include "msg.h"
#include "status.h"
#include "transfer.h"

/* The count of a till of class L. A certificate may allow more; then the array is larger. */
#define TALLY_MAX 1200

/* A transfer that a till accepted. `index` is that of the accept entry in the till's log. */
struct tally_item {
    struct digest transfer;
    struct kid line;
    uint8_t prev[TRANSFER_PREV_SIZE];
    uint64_t index;
    uint32_t tier;
    uint32_t from;
    uint32_t to;
    uint32_t seq;
};

/* The accepted, unconfirmed transfers, in the order in which they were added. The array is the
 * caller's; all zero but items and cap is empty. */
struct tally {
    struct tally_item *items;
    size_t count;
    size_t cap;
};

/* Fills an item. */
void tally_item(struct tally_item *out, const struct msg_allowance *allowance,
                const struct msg_transfer *transfer, const struct digest *id, uint64_t index);

/* Adds one. CAPACITY when the array is full, DUPLICATE_ID when the transfer is there; then
 * untouched. */
MUST_CHECK enum status tally_add(struct tally *tally, const struct tally_item *item);

/* Takes out what an anchor covers: everything with an index below `size`. Gives the number. */
size_t tally_anchor(struct tally *tally, uint64_t size);

/* Takes out one transfer that was confirmed or voided; false when it was not there. */
bool tally_confirm(struct tally *tally, const struct digest *transfer);

/* The limits in their order, for one more transfer of `cents` from a line of a tier:
 *   NEWS_STALE            the news is older than offline_seconds
 *   TILL_ALLOWANCE_LIMIT  the line
 *   ANONYMOUS_LIMIT       all of tier 1, when this one is
 *   TILL_COUNT_LIMIT      the number
 *   TILL_TOTAL_LIMIT      the sum
 * `news_time_unix_s` is the time of the last applied news. Changes nothing. */
MUST_CHECK enum status tally_check(const struct tally *tally, const struct msg_till *till,
                                   const struct msg_parameters *parameters,
                                   uint64_t news_time_unix_s, uint64_t now_unix_s,
                                   const struct kid *line, uint64_t tier, struct money cents);

/* What the till may still accept in all and in number, for its screen. */
struct tally_room {
    struct money cents;
    uint64_t count;
    bool stale; /* the lower scale holds */
    bool none;  /* the news is too old for any */
};

void tally_room(struct tally_room *out, const struct tally *tally, const struct msg_till *till,
                const struct msg_parameters *parameters, uint64_t news_time_unix_s,
                uint64_t now_unix_s);

#endif
