/* What the crash tests do to a log and its store, and how they tell that nothing is missing. Every
 * entry and every pair follows from an index, so that what must be there needs no second record. */
#ifndef SCHWEBE_WORKLOAD_H
#define SCHWEBE_WORKLOAD_H

#include <stdint.h>

#include "ledger/log.h"
#include "ledger/store.h"
#include "random.h"
#include "scratch.h"

struct workload {
    char store_folder[SCRATCH_PATH_MAX];
    char data[SCRATCH_PATH_MAX];
    char second[SCRATCH_PATH_MAX];
    struct note_key key;
    struct secret_key secret;
    struct store store;
    struct log log;
};

/* Paths and keys; opens nothing. The folder is there. */
void workload_init(struct workload *work, const char *folder);

/* Makes store and second place, or what is missing of them. */
MUST_CHECK enum status workload_create(struct workload *work);

/* On failure nothing is open. */
MUST_CHECK enum status workload_open(struct workload *work);
void workload_close(struct workload *work);

/* One batch of `entries` entries, with changes to other pairs in the same transaction. */
MUST_CHECK enum status workload_batch(struct workload *work, uint64_t entries);

/* Hashes the log anew and compares all entries and pairs with what they must be: NULL, or what is
 * wrong. Static storage. */
const char *workload_problem(struct workload *work);

#endif
