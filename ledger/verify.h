/* Checking everything from the log alone: entries, signatures, rules, books, tree, checkpoint.
 * Needs no key and writes nothing to what it checks. PROTOCOL.md sections 10, 12, 13 and 16.
 *
 * The log is replayed into an empty store in a temporary folder, with every signature and rule
 * checked and every node-made entry recomputed, by the same step that the node applies entries
 * with. */
#ifndef SCHWEBE_VERIFY_H
#define SCHWEBE_VERIFY_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/crypt.h"
#include "protocol/money.h"
#include "protocol/note.h"
#include "protocol/status.h"

/* `bad_index` of a finding that is about no single entry. */
#define VERIFY_NO_ENTRY UINT64_MAX

#define VERIFY_THREADS_MAX 64

/* What was found. */
struct verify_report {
    uint64_t size;      /* entries that are in order */
    uint64_t bad_index; /* the first entry that is not, or VERIFY_NO_ENTRY */
    uint64_t bad_kind;  /* its kind, 0 when it could not be read */
    const char *where;  /* which check failed, in words; NULL when none did. Static storage */
    const char *where_german;
    const char *file; /* what of the folder `where` speaks of, or NULL. Static storage */
    struct digest root;
    struct digest state;
    char origin[NOTE_NAME_MAX + 1];
    uint64_t kept;           /* of these were verified by an earlier run */
    uint64_t lines;          /* allowances seen */
    uint64_t transfers;      /* settle and late entries */
    struct money balance[2]; /* of the bank, by class */
    bool key_known;
    struct public_key key; /* which signed the checkpoint */
};

/* Called now and then with the number of entries done and in all, 0 when that is not known. */
typedef void verify_progress(void *context, uint64_t done, uint64_t all);

/* How to verify. All zero is the plain way. */
struct verify_options {
    verify_progress *progress; /* or NULL */
    void *context;
    unsigned threads;           /* that check signatures, with the one that replays */
    const struct note_key *key; /* that must have signed the checkpoint; NULL: any of the log's */
    const char *authorities;    /* of a node: as in struct fetch_request */
    /* A folder of the verifier's, made unless it is there, in which the next run finds what was
     * verified, so that it replays only what is new; NULL for none. A log that is smaller than it
     * was then, or another one, is LOG_ROLLBACK; a damaged folder is STORE_BROKEN. */
    const char *kept;
    bool trust; /* check no signatures of entries: for measuring, never good */
};

/* How many threads this machine can run at once, at least 1. */
unsigned verify_cores(void);

/* Verifies a data directory: a copy, or one that a node is using. OK, or the first finding: the
 * status of the check, with `report` filled. It happens in a child process, so that no damage of
 * the store ends the caller or keeps it waiting: STORE_BROKEN when the child dies, or tells no
 * progress for a minute and a second more for each MiB of the store. NOT_FOUND when there is no
 * store, or, all else being in order, no checkpoint beside it; IO when no temporary folder or no
 * process can be made. Not beside other threads. */
MUST_CHECK enum status verify_directory(struct verify_report *report, const char *dir,
                                        verify_progress *progress, void *context);

MUST_CHECK enum status verify_directory_with(struct verify_report *report, const char *dir,
                                             const struct verify_options *options);

/* Verifies an export (section 16), in this process. NOT_FOUND when a file that must be there is
 * missing. */
MUST_CHECK enum status verify_export(struct verify_report *report, const char *dir,
                                     verify_progress *progress, void *context);
MUST_CHECK enum status verify_export_with(struct verify_report *report, const char *dir,
                                          const struct verify_options *options);

/* Verifies a node at `url` from what it serves to everybody: the tree of the checkpoint that it
 * shows first, whatever comes meanwhile. The status of the first finding; those of fetch_send when
 * the node cannot be asked; SERVER_ANSWER, with what it was, for answers of another form or size;
 * AUDITORS_ONLY when it does not show its entries to everybody. */
MUST_CHECK enum status verify_node(struct verify_report *report, const char *url,
                                   const struct verify_options *options);

#endif
