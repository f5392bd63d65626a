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
    uint64_t lines;          /* allowances seen */
    uint64_t transfers;      /* settle and late entries */
    struct money balance[2]; /* of the bank, by class */
};

/* Called now and then with the number of entries done and in all. */
typedef void verify_progress(void *context, uint64_t done, uint64_t all);

/* Verifies a data directory: a copy, or one that a node is using. OK, or the first finding: the
 * status of the check, with `report` filled. It happens in a child process, so that no damage of
 * the store ends the caller or keeps it waiting: STORE_BROKEN when the child dies, or tells no
 * progress for a minute and a second more for each MiB of the store. NOT_FOUND when there is no
 * store, or, all else being in order, no checkpoint beside it; IO when no temporary folder or no
 * process can be made. Not beside other threads. */
MUST_CHECK enum status verify_directory(struct verify_report *report, const char *dir,
                                        verify_progress *progress, void *context);

/* Verifies an export (section 16), in this process. NOT_FOUND when a file that must be there is
 * missing. */
MUST_CHECK enum status verify_export(struct verify_report *report, const char *dir,
                                     verify_progress *progress, void *context);

#endif
