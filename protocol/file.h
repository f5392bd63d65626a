/* Whole files, read with a bound and written so that nobody ever sees half of one. Outside the
 * pure core. */
#ifndef SCHWEBE_FILE_H
#define SCHWEBE_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "span.h"
#include "status.h"

/* The longest path that the programs build. */
#define FILE_PATH_MAX 1024

/* What becomes of an older file of the same name. */
enum file_mode { FILE_REPLACE = 1, FILE_NEW = 2 };

/* Fills `out` with "dir/name"; STATUS_BUFFER when it exceeds FILE_PATH_MAX - 1 characters. */
MUST_CHECK enum status file_path(char out[static FILE_PATH_MAX], const char *dir, const char *name);

/* Reads all of a regular file of at most `cap` bytes. NOT_FOUND, TOO_LARGE, or IO (also for what
 * is not a regular file); `len` is then 0. */
MUST_CHECK enum status file_read(uint8_t *out, size_t cap, size_t *len, const char *path);

/* Writes a file that its owner alone can read: a new file beside it, synced, renamed, and the
 * folder synced. EXISTS for FILE_NEW when the name is taken, STORE_FULL when there is no room, else
 * IO; an older file is then untouched. */
MUST_CHECK enum status file_write(const char *path, struct span bytes, enum file_mode mode);

/* The same in two steps, for when something else has to succeed in between: file_stage writes and
 * syncs the new file, which takes all the room that is needed; file_place gives it its name. IO of
 * file_place: the name may be that of the old file or of the new one. */
struct file_staged {
    char temporary[FILE_PATH_MAX + 8];
};
MUST_CHECK enum status file_stage(struct file_staged *out, const char *path, struct span bytes);
MUST_CHECK enum status file_place(const struct file_staged *staged, const char *path,
                                  enum file_mode mode);
/* Instead of file_place: removes what was staged. */
void file_drop(const struct file_staged *staged);

/* Makes a folder that its owner alone can enter. EXISTS, or IO. */
MUST_CHECK enum status file_folder(const char *path);

#endif
