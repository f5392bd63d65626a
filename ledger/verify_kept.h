/* What an earlier verification has left in a folder of the verifier, so that the next one replays
 * only what is new: one file, `verified`, with the size and tree that were verified, then the
 * replayed store. It is replaced as a whole after a verification that found nothing, and believed
 * only as long as its hashes fit. Inside of ledger/verify only. */
#ifndef SCHWEBE_VERIFY_KEPT_H
#define SCHWEBE_VERIFY_KEPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/crypt.h"
#include "protocol/merkle.h"
#include "protocol/note.h"
#include "protocol/status.h"

struct verifying;

struct verify_kept {
    const char *folder; /* NULL: nothing is kept */
    int lock_fd;
    bool held; /* there was an earlier verification, which the rest tells of */
    uint64_t lines;
    uint64_t transfers;
    uint64_t data_len;
    struct digest data;
    struct merkle_frontier tree;
    char origin[NOTE_NAME_MAX + 1];
};

/* All below note a finding about the folder when they fail. */

/* Takes the folder, which is made unless it is there, and reads what it holds. STORE_BUSY while
 * another verification has it, STORE_BROKEN when its file is damaged, IO. */
MUST_CHECK enum status verify_kept_open(struct verifying *verifying, const char *folder);
void verify_kept_close(struct verifying *verifying);

/* Whether the log of this name and size, whose first entries as many as were verified have this
 * root, is the one that was verified. LOG_ROLLBACK. Only after one was held. */
MUST_CHECK enum status verify_kept_origin(struct verifying *verifying, const char *origin);
MUST_CHECK enum status verify_kept_extends(struct verifying *verifying, uint64_t size,
                                           const struct digest *root);
/* The same for a root that nobody can tell, as the log is smaller. */
MUST_CHECK enum status verify_kept_smaller(struct verifying *verifying);

/* Writes the store's data into `directory`, a folder that is made. STORE_BROKEN. */
MUST_CHECK enum status verify_kept_store(struct verifying *verifying, const char *directory);

/* Keeps what was verified now; the temporary store is closed. STORE_FULL, IO. */
MUST_CHECK enum status verify_kept_save(struct verifying *verifying);

#endif
