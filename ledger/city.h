/* A city's data directory: keys, store, log, and the node's intake over them.
 *
 * The folder holds `store`, `checkpoint` (the log's second place), `keys` with one encrypted file
 * for each key, and may hold `passphrase`. The node needs only the keys of roles 5 to 8; root,
 * office and spare keys are there when the city is made so that their holders can take them away.
 */
#ifndef SCHWEBE_CITY_H
#define SCHWEBE_CITY_H

#include <stdint.h>

#include "ledger/log.h"
#include "ledger/store.h"
#include "intake.h"
#include "protocol/crypt.h"
#include "protocol/file.h"
#include "protocol/note.h"
#include "protocol/span.h"
#include "protocol/status.h"

/* Three roots, then for each of the roles 2 to 13 but witness a key and a spare. */
#define CITY_ROOTS 3
#define CITY_ROLES 11
#define CITY_KEYS (CITY_ROOTS + 2 * CITY_ROLES)

/* How long the first role keys sign, and are still accepted after that; seconds. */
#define CITY_ROLE_SECONDS UINT64_C(63072000)
#define CITY_VERIFY_SECONDS UINT64_C(2592000)

/* Fresh random bytes for city_create. */
struct city_random {
    uint8_t seeds[CITY_KEYS][SEED_SIZE];
    uint8_t seals[CITY_KEYS][SEAL_SALT_SIZE + SEAL_NONCE_SIZE];
    uint8_t salts[32];
};

/* What a new city is called. */
struct city_names {
    uint64_t network;
    const char *name;
    const char *origin; /* of the log: schema-less URL without trailing slash */
};

/* An open city; about 5 MiB, at home in static memory. */
struct city {
    struct store store;
    struct log log;
    struct note_key note_key;
    struct secret_key checkpoint;
    struct intake_keys keys;
    struct intake intake;
    char dir[FILE_PATH_MAX];
    uint64_t map_bytes; /* 0: what a large city needs */
};

/* Makes keys, store and log in the folder `dir`, which exists, and logs genesis and role keys.
 * EXISTS when there is a city; CBOR_RANGE, CHECKPOINT_FORM for impossible names; the statuses of
 * keyfile_write, store_create, log_create and intake_submit. */
MUST_CHECK enum status city_create(struct city *city, const char *dir,
                                   const struct city_names *names, struct span passphrase,
                                   enum seal_cost cost, const struct city_random *random,
                                   uint64_t now_unix_s);

/* The file that marks a folder as a backup: nothing is signed over it. ledger(1), RECOVERY. */
#define CITY_COPY "copy"

/* Opens the node's four keys, owns the store and the log until city_close. The store may grow to
 * `map_bytes`, 0 for what a large city needs. NOT_FOUND, PASSPHRASE, KEYFILE, STORE_BUSY;
 * LOG_ROLLBACK when the store is older than what was signed, or the folder is a backup. On failure
 * nothing is held. */
MUST_CHECK enum status city_open(struct city *city, const char *dir, struct span passphrase,
                                 uint64_t map_bytes);

/* Closes store and log of an open city, opens them again and hashes the whole log anew: after a
 * failed commit. The statuses of city_open and log_verify; then neither is open, and it can be
 * tried again. */
MUST_CHECK enum status city_reopen(struct city *city);

/* Wipes the keys. */
void city_close(struct city *city);

/* The path of a key's file: `name` as in keys/NAME.key. */
MUST_CHECK enum status city_key_path(char out[static FILE_PATH_MAX], const char *dir,
                                     const char *name);

/* Network and origin as genesis, the first entry, says. NOT_FOUND in an empty log, STORE_BROKEN. */
MUST_CHECK enum status city_genesis(uint64_t *network, char origin[static NOTE_NAME_MAX + 1],
                                    struct store_txn *txn);

#endif
