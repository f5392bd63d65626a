/* One secret key in a file, encrypted under a passphrase. Outside the pure core.
 *
 * The file: "WUKEY1", one byte of cost (enum seal_cost), the public key, then the seed sealed with
 * everything before it as context. */
#ifndef SCHWEBE_KEYFILE_H
#define SCHWEBE_KEYFILE_H

#include "crypt.h"
#include "span.h"
#include "status.h"

#define KEYFILE_SIZE (6 + 1 + PUBLIC_KEY_SIZE + SEED_SIZE + SEAL_OVERHEAD)

/* Passphrases have 1 to this many bytes. */
#define KEYFILE_PASSPHRASE_MAX 512

/* Writes a new key file. `random` are fresh random bytes. EXISTS when there is such a file; the
 * statuses of file_write and crypt_seal; PASSPHRASE when it is empty or too long. */
MUST_CHECK enum status keyfile_write(const char *path, const uint8_t seed[static SEED_SIZE],
                                     struct span passphrase, enum seal_cost cost,
                                     const uint8_t random[static SEAL_SALT_SIZE + SEAL_NONCE_SIZE]);

/* Opens a key file; the caller wipes `secret`. NOT_FOUND or IO; KEYFILE when it is damaged in its
 * open part or does not hold the key it names; PASSPHRASE when it does not open. On failure
 * `secret` is wiped. */
MUST_CHECK enum status keyfile_read(struct secret_key *secret, const char *path,
                                    struct span passphrase);

/* The public key as the file names it; needs no passphrase and proves nothing. NOT_FOUND, IO or
 * KEYFILE. */
MUST_CHECK enum status keyfile_public(struct public_key *key, const char *path);

#endif
