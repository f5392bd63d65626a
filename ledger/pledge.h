/* The second place: the last checkpoint that a log has signed, outside of its store, so that an old
 * copy of the store cannot sign a second history. Inside of ledger/log only.
 *
 * The file has two halves that are written in turn and synced each time, so that a power cut spoils
 * at most the older one, with one flush and without touching the folder. Half a checkpoint does not
 * verify and counts as none. */
#ifndef SCHWEBE_PLEDGE_H
#define SCHWEBE_PLEDGE_H

#include <stdint.h>

#include "protocol/checkpoint.h"
#include "protocol/note.h"
#include "protocol/span.h"
#include "protocol/status.h"

struct pledge {
    int fd;
    unsigned next_half;
};

/* Makes the file, with the checkpoint `note` in it; a power cut leaves none or a whole one. EXISTS,
 * IO, STORE_FULL. */
MUST_CHECK enum status pledge_create(const char *path, const struct note *note);

/* Reads the newest checkpoint of the file that `key` has signed; fills `out`, and `note` with its
 * bytes. NOT_FOUND; CHECKPOINT_FORM when neither half holds one; LOG_ROLLBACK when the halves
 * contradict each other; IO. */
MUST_CHECK enum status pledge_read(struct checkpoint *out, struct note *note, const char *path,
                                   const struct note_key *key);

/* As pledge_read, and keeps the file: owns `out` until pledge_close. STORE_BUSY when another log
 * has it. On failure `out` holds nothing. */
MUST_CHECK enum status pledge_open(struct pledge *out, struct checkpoint *last, struct note *note,
                                   const char *path, const struct note_key *key);

/* Writes a newer checkpoint and syncs it. IO: it may be there or not, the one before it is. */
MUST_CHECK enum status pledge_write(struct pledge *pledge, const struct note *note);

/* Does nothing for what holds nothing. */
void pledge_close(struct pledge *pledge);

#endif
