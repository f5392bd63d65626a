/* A citizen's wallet: one purse, three levels of keys, its lines and payments, in one folder.
 * PROTOCOL.md sections 2 and 9.
 *
 * The folder holds `recovery.key` (may be kept elsewhere), `device.key`, the store, and `mark`: a
 * count that each payment raises, written outside the store before its code is shown, so that an
 * older copy of the store is noticed and never signs again what was signed. */
#ifndef SCHWEBE_WALLET_WALLET_H
#define SCHWEBE_WALLET_WALLET_H

#include <stdbool.h>
#include <stdint.h>

#include "ledger/store.h"
#include "protocol/crypt.h"
#include "protocol/file.h"
#include "protocol/msg.h"
#include "protocol/signer.h"
#include "protocol/span.h"
#include "protocol/status.h"
#include "wallet/pocket.h"

struct wallet {
    struct store store;
    char dir[FILE_PATH_MAX];
    struct pocket_meta meta;
    struct signer_list signers;
    bool marked; /* the mark outside is known to be that of the store */
};

/* What wallet_create needs to be random. */
struct wallet_random {
    uint8_t recovery_seed[SEED_SIZE];
    uint8_t device_seed[SEED_SIZE];
    uint8_t purse[16];
    uint8_t seals[2][SEAL_SALT_SIZE + SEAL_NONCE_SIZE];
};

/* Makes a wallet in the folder `dir`, which exists. `city` is the parcel with genesis, role keys
 * and parameters, whose roots are pinned. EXISTS when there is a wallet; ENTRY_SHAPE for another
 * parcel, the statuses of its checks; those of keyfile_write and store_create. */
MUST_CHECK enum status wallet_create(const char *dir, struct span city, uint64_t class,
                                     uint64_t tier, struct span passphrase, enum seal_cost cost,
                                     const struct wallet_random *random);

/* Owns the store until wallet_close. NOT_FOUND when there is no wallet, STORE_BUSY when another
 * program has it open. When the store is older than the mark, or the mark is not there or damaged,
 * all lines are retired and the wallet is marked as restored before this returns OK. On failure
 * nothing is held. */
MUST_CHECK enum status wallet_open(struct wallet *out, const char *dir);
void wallet_close(struct wallet *wallet);

/* Opens the device or the recovery key. The caller wipes it. */
MUST_CHECK enum status wallet_device_key(struct secret_key *out, const struct wallet *wallet,
                                         struct span passphrase);
MUST_CHECK enum status wallet_recovery_key(struct secret_key *out, const struct wallet *wallet,
                                           struct span passphrase);

/* The key pair of a line: SHA-256 of label, device seed and salt is its seed. The caller wipes the
 * secret. */
void wallet_line_make(struct secret_key *secret, struct public_key *key,
                      const uint8_t salt[static POCKET_SALT_SIZE], const struct secret_key *device);

/* The same for a stored line. KEYFILE when it is not the key of that line: another device's. */
MUST_CHECK enum status wallet_line_key(struct secret_key *out, const struct pocket_line *line,
                                       const struct secret_key *device);

/* The mark of a store that has one payment more, on the disk but not yet in its place: wallet_stage
 * before the commit, so that a full disk refuses before anything is signed; wallet_place after it.
 * The statuses of file_stage; PAYMENT_KEPT when the mark did not get into its place. */
MUST_CHECK enum status wallet_stage(struct file_staged *out, const struct wallet *wallet);
MUST_CHECK enum status wallet_place(struct wallet *wallet, const struct file_staged *staged);

/* Makes sure that the mark outside the store is that of the store; call after the commit and before
 * a code leaves the wallet. The statuses of file_write. */
MUST_CHECK enum status wallet_mark(struct wallet *wallet);

/* Checks an act of two roots (role key, kill) or of two roles and takes it into the list of signers
 * and the store; one that is there already does nothing. The statuses of msg_open,
 * signer_check_act, signer_add and signer_kill. */
MUST_CHECK enum status wallet_learn(struct wallet *wallet, struct store_txn *txn,
                                    const struct span parts[static 2]);

#endif
