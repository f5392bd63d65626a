/* The deny list and the news that carries its changes. PROTOCOL.md section 14. */
#ifndef SCHWEBE_DENYLIST_H
#define SCHWEBE_DENYLIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypt.h"
#include "msg.h"
#include "signer.h"
#include "status.h"

/* Ids on the list at one time: section 14. */
#define DENYLIST_MAX 8000
/* Ids in one news, added and removed together. */
#define DENYLIST_NEWS_MAX 25
/* What the ledger puts into one: with more a code would exceed version 13 (299 bytes). */
#define DENYLIST_CODE_MAX 17
/* Ids beside the list that came with news which could not be applied. */
#define DENYLIST_EARLY_MAX 200

/* An id that counts although the list has not reached its version. */
struct denylist_early {
    struct kid id;
    uint64_t to; /* of the news that brought it */
};

/* `ids` is the caller's array, sorted, with exactly the denied lines of `version`. All zero but ids
 * and cap is the empty list of version 0, which no news has refreshed. `early` counts for
 * denylist_has, not for the hash; a news of at least that version replaces it. */
struct denylist {
    struct kid *ids;
    size_t count;
    size_t cap;
    uint64_t version;
    uint64_t time_unix_s; /* of the last applied news */
    size_t early_count;
    struct denylist_early early[DENYLIST_EARLY_MAX];
};

/* Whether a line is denied. */
bool denylist_has(const struct denylist *list, const struct kid *id);

/* H over the concatenated sorted ids. */
void denylist_hash(struct digest *out, const struct denylist *list);

/* One change made by the ledger itself; raises the version by one. EXISTS when the id is in the
 * list, NOT_FOUND when it is not, CAPACITY; then the list is untouched. */
MUST_CHECK enum status denylist_add(struct denylist *list, const struct kid *id);
MUST_CHECK enum status denylist_remove(struct denylist *list, const struct kid *id);

/* Applies news whose signature was checked (denylist_open). In this order:
 *   CBOR_RANGE  from above to, or more than 25 ids together
 *   NEWS_OLD    `to` below the version, or equal to it and `time` not later
 *   NEWS_GAP    `from` above the version; the added ids count all the same
 *   CAPACITY    no room, for the list or for early ids; nothing is changed
 *   NEWS_HASH   another list than the ledger's; the added ids count all the same
 * On failure version, time and ids are untouched. */
MUST_CHECK enum status denylist_apply(struct denylist *list, const struct msg_news *news);

/* Opens a signed news and checks that a key of role 7 signed it, at the time that it names. The
 * statuses of msg_open and signer_check; on failure `out` is zeroed. */
MUST_CHECK enum status denylist_open(struct msg_news *out, struct span in, uint64_t network,
                                     const struct signer_list *signers, uint64_t now_unix_s);

/* One change as the ledger keeps it: changes[i] leads from version i to i + 1. */
struct denylist_change {
    struct kid id;
    bool added;
    struct digest hash; /* of the list after it */
};

/* Makes the news that leads from version `from` as far as DENYLIST_CODE_MAX ids allow: `changes`
 * are the `count` changes from there on, `hash` the list's at `from`. Fills `out`, all but the
 * network. No changes give the empty news that only refreshes. Give it again with `out->to` until
 * nothing is left. */
void denylist_news(struct msg_news *out, uint64_t from, const struct digest *hash,
                   const struct denylist_change *changes, size_t count, uint64_t time_unix_s);

#endif
