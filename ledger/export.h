/* The log as files that anybody can check. PROTOCOL.md section 16. */
#ifndef SCHWEBE_EXPORT_H
#define SCHWEBE_EXPORT_H

#include <stdint.h>
#include <stdio.h>

#include "ledger/store.h"
#include "protocol/status.h"
#include "state.h"

/* Writes `entries`, `hashes`, `checkpoint` and `balances.json` into the new folder `out`, all of
 * one reading transaction: public, so the folder gets mode 0755 when all is in it, and the files
 * 0644, whatever the umask. EXISTS when the folder is there; NOT_FOUND for an empty log; IO,
 * STORE_FULL. */
MUST_CHECK enum status export_write(const char *out, struct store_txn *txn, struct state *state);

/* Writes all accounts that are not zero as one line of JSON. What the state failed with, or IO. */
MUST_CHECK enum status export_balances(FILE *file, struct state *state, uint64_t size);

#endif
