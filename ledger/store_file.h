/* The files of a store before LMDB sees them: who owns them, and whether they can be believed.
 * Inside of ledger/store only. */
#ifndef SCHWEBE_STORE_FILE_H
#define SCHWEBE_STORE_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/status.h"

/* Flushes a file, or the names in a folder. NOT_FOUND, IO. */
MUST_CHECK enum status store_file_sync(const char *path);

/* Takes the lock on a folder's owner file and fills `fd`: alone, making the file if need be, or
 * beside other readers. It belongs to the open file, not to the process, so that a second handle in
 * one process is refused too. STORE_BUSY when somebody has it, NOT_FOUND for a reader when there is
 * no such file, IO; `fd` is then -1 or untouched. */
MUST_CHECK enum status store_file_lock(int *fd, const char *directory, bool alone);

/* Checks the two meta pages of LMDB's file and its length. LMDB believes what stands there, and a
 * page beyond the end of the file is a signal, not an error. Pages at the end that a transaction
 * took and gave back are never written, so a sound file may be shorter than it says: with
 * `lengthen` it is made long enough, and what was missing reads as zeros, which LMDB and the log
 * above refuse in words. NOT_FOUND, STORE_BROKEN when it is damaged or too short, STORE_FULL, IO.
 */
MUST_CHECK enum status store_file_check(const char *path, bool lengthen);

#endif
