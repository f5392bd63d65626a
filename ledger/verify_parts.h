/* What the parts of verification share. Inside of ledger/verify only. */
#ifndef SCHWEBE_VERIFY_PARTS_H
#define SCHWEBE_VERIFY_PARTS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "apply.h"
#include "ledger/store.h"
#include "protocol/checkpoint.h"
#include "protocol/file.h"
#include "protocol/merkle.h"
#include "protocol/note.h"
#include "verify.h"
#include "verify_ahead.h"
#include "verify_kept.h"

struct verifying;
struct verify_served;

/* Where entries come from. `read` gives NOT_FOUND behind the last one. When it fails otherwise,
 * that is the entry's fault, or what `finding` notes, unless that is NULL. */
struct verify_source {
    enum status (*read)(struct verify_source *source, struct span *entry, uint64_t index);
    enum status (*finding)(struct verifying *verifying, enum status status);
    uint64_t size;   /* entries; 0 when it is not known */
    uint64_t volume; /* bytes that they take, about */
    struct store_txn *txn;
    FILE *entries;
    struct verify_served *served;
    uint8_t bytes[MSG_ENTRY_MAX];
};

/* One verification: static memory, as it holds a whole step of the ledger. */
struct verifying {
    struct verify_report *report;
    const char *dir;
    verify_progress *progress; /* or NULL */
    void *context;
    unsigned threads;           /* that check signatures ahead, if more than one */
    const struct note_key *key; /* whose checkpoint it must be; NULL: any key of the log */
    char folder[FILE_PATH_MAX]; /* of the temporary store; empty when there is none */
    struct verify_source source;
    struct store store; /* what is replayed */
    struct merkle_frontier tree;
    struct apply apply;
    struct verify_ahead ahead;
    struct verify_window windows[2]; /* one is replayed while the other is checked ahead */
    uint64_t next;                   /* the entry that is read next */
    struct verify_kept kept;
};

/* Clears both, and makes the temporary folder: IO. verify_end removes it and all that is in it. */
MUST_CHECK enum status verify_begin(struct verifying *verifying, struct verify_report *report,
                                    const char *dir, verify_progress *progress, void *context);
/* The same with all options. */
MUST_CHECK enum status verify_start(struct verifying *verifying, struct verify_report *report,
                                    const char *dir, const struct verify_options *options);
void verify_end(struct verifying *verifying);

/* Notes which check failed, at a file of the folder (NULL for none) and in words, and gives
 * `status` back. The texts are static. */
enum status verify_finding(struct verify_report *report, enum status status, const char *file,
                           const char *where, const char *where_german);

/* The same for a file that is not there (NOT_FOUND) or cannot be read (any other). */
enum status verify_unreadable(struct verify_report *report, enum status status, const char *file);

/* Applies all entries of the source to the temporary store, which it makes. The first status that
 * is not OK, noted. */
MUST_CHECK enum status verify_replay(struct verifying *verifying);

/* Nothing is owed at the end; books, digest and sums. Leaves `apply.state` on the transaction, one
 * of the temporary store. */
MUST_CHECK enum status verify_sum_up(struct verifying *verifying, struct store_txn *txn);

/* Tries the checkpoint keys of `apply.state` one after the other, until `check` knows one.
 * SIGNER_UNKNOWN, or what `check` says. */
MUST_CHECK enum status verify_with_key(struct verifying *verifying,
                                       enum status (*check)(void *context,
                                                            const struct note_key *key),
                                       void *context);

/* Checks the data directory here and now, in this process: damage that the store does not find in
 * words can end it or keep it for ever. */
MUST_CHECK enum status verify_stored(struct verifying *verifying);

/* verify_directory with a patience of its own, for tests: without a sign of progress for so long
 * the store counts as damaged. */
MUST_CHECK enum status verify_directory_within(struct verify_report *report, const char *dir,
                                               verify_progress *progress, void *context,
                                               uint64_t patience_ms);

#endif
