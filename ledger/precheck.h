/* The signatures of a parcel, verified by any thread before the writer books it: the one cost of a
 * payment that other cores can carry. Runs the writer's own rules on the last commit and keeps of
 * them only which signatures are good; what it finds wrong the writer finds again. */
#ifndef SCHWEBE_PRECHECK_H
#define SCHWEBE_PRECHECK_H

#include <stddef.h>
#include <stdint.h>

#include "apply.h"
#include "ledger/store.h"
#include "protocol/msg.h"
#include "protocol/span.h"

/* An upload's own signature and those of its transfers and certificates. */
#define PRECHECK_MAX 1024

/* About 1.3 MiB, for one thread at a time. All zero is ready for use. */
struct precheck {
    struct apply apply;
    struct msg_parcel parcel;
    size_t count;
    struct digest names[PRECHECK_MAX];
};

/* Fills names[0 .. count) for apply_expect. A parcel that was booked before costs its own signature
 * and no other; so does an upload that its till has not signed. */
void precheck_parcel(struct precheck *precheck, struct store *store, struct span parcel,
                     uint64_t time_unix_s);

/* The same for an entry of a log that is replayed, which ran through apply_begin on an earlier
 * state: what is found good goes to apply->found. The keys of that state, if they are there, are
 * the keys of every later one. */
void precheck_entry(struct apply *apply, struct span entry);

#endif
