/* Backups: a copy of a city's folder at one moment, beside a node that goes on, and verified.
 *
 * The copy holds `store`, `checkpoint`, and `copy`, which keeps a node from signing over it; keys
 * only when they are asked for. The city's own folder gets the file `backup` with the time, which
 * is a note for whoever watches the node and stands in no log. */
#ifndef SCHWEBE_BACKUP_H
#define SCHWEBE_BACKUP_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/status.h"
#include "verify.h"

/* When a copy was made and how many entries it has. */
struct backup_note {
    uint64_t time_unix_s;
    uint64_t entries;
};

/* Copies the city in `dir`, with the node's four encrypted keys when `with_keys`, to `out`, which
 * is not there yet; the passphrase is never copied. All of it is on the disk and was verified
 * before `out` has its name; `report` says what was found. It is made in `out`.part, which is
 * removed on failure. EXISTS, NOT_FOUND, STORE_FULL, IO; LOG_ROLLBACK when the store of `dir` is
 * older than what it had signed; the statuses of verify_directory. Not beside other threads. */
MUST_CHECK enum status backup_make(struct verify_report *report, const char *out, const char *dir,
                                   bool with_keys, uint64_t now_unix_s);

/* What the last backup of `dir` was. NOT_FOUND when there was none; IO, USAGE when the note cannot
 * be read; `out` is then untouched. */
MUST_CHECK enum status backup_read(struct backup_note *out, const char *dir);

#endif
