/* A check in a process of its own, as the library that reads a store trusts the file: on a damaged
 * one it may end the process or never return. Inside of ledger/verify only. */
#ifndef SCHWEBE_VERIFY_APART_H
#define SCHWEBE_VERIFY_APART_H

#include <stdint.h>

#include "verify_parts.h"

/* Runs `check` in a child and passes on its progress, its report and its status. STORE_BROKEN, and
 * the finding says which, when the child ended otherwise than by returning, or told no progress for
 * `patience_ms`, after which it is killed. IO when no process can be made. No child is left. */
MUST_CHECK enum status verify_apart(struct verifying *verifying,
                                    enum status (*check)(struct verifying *verifying),
                                    uint64_t patience_ms);

#endif
