/* Which program runs: the hash of its own file, to compare with a build of the same sources. */
#ifndef SCHWEBE_PROGRAM_H
#define SCHWEBE_PROGRAM_H

#include "protocol/crypt.h"
#include "protocol/status.h"

/* SHA-256 of the running program's file, as `sha256sum` shows it. IO where the system does not show
 * the file; `out` is then untouched. */
MUST_CHECK enum status program_digest(struct digest *out);

#endif
