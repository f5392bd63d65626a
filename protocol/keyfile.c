#include "keyfile.h"

#include <assert.h>
#include <string.h>

#include "file.h"

#define MAGIC "WUKEY1"
#define MAGIC_SIZE 6
#define HEAD_SIZE (MAGIC_SIZE + 1 + PUBLIC_KEY_SIZE)

static_assert(sizeof MAGIC - 1 == MAGIC_SIZE, "without its NUL");
static_assert(HEAD_SIZE + SEED_SIZE + SEAL_OVERHEAD == KEYFILE_SIZE, "head and sealed seed");

enum status
keyfile_write(const char *path, const uint8_t seed[static SEED_SIZE], struct span passphrase,
              enum seal_cost cost, const uint8_t random[static SEAL_SALT_SIZE + SEAL_NONCE_SIZE])
{
    uint8_t file[KEYFILE_SIZE];
    struct secret_key secret;
    struct public_key key;
    enum status status;

    if (passphrase.len == 0 || passphrase.len > KEYFILE_PASSPHRASE_MAX)
        return STATUS_PASSPHRASE;
    crypt_key_from_seed(&secret, &key, seed);
    crypt_wipe(&secret, sizeof secret);
    memcpy(file, MAGIC, MAGIC_SIZE);
    file[MAGIC_SIZE] = (uint8_t)cost;
    memcpy(file + MAGIC_SIZE + 1, key.bytes, PUBLIC_KEY_SIZE);
    status = crypt_seal(file + HEAD_SIZE, (struct span){seed, SEED_SIZE}, passphrase,
                        (struct span){file, HEAD_SIZE}, cost, random);
    if (status != STATUS_OK)
        return status;
    return file_write(path, (struct span){file, sizeof file}, FILE_NEW);
}

static enum status
read_head(uint8_t file[static KEYFILE_SIZE], struct public_key *key, const char *path)
{
    size_t len;
    enum status status = file_read(file, KEYFILE_SIZE, &len, path);

    if (status == STATUS_TOO_LARGE)
        return STATUS_KEYFILE;
    if (status != STATUS_OK)
        return status;
    if (len != KEYFILE_SIZE || memcmp(file, MAGIC, MAGIC_SIZE) != 0)
        return STATUS_KEYFILE;
    if (file[MAGIC_SIZE] != SEAL_INTERACTIVE && file[MAGIC_SIZE] != SEAL_MODERATE)
        return STATUS_KEYFILE;
    memcpy(key->bytes, file + MAGIC_SIZE + 1, PUBLIC_KEY_SIZE);
    return STATUS_OK;
}

enum status
keyfile_read(struct secret_key *secret, const char *path, struct span passphrase)
{
    uint8_t file[KEYFILE_SIZE];
    uint8_t seed[SEED_SIZE];
    struct public_key named;
    struct public_key key;
    enum status status;

    memset(secret, 0, sizeof *secret);
    status = read_head(file, &named, path);
    if (status != STATUS_OK)
        return status;
    if (passphrase.len == 0 || passphrase.len > KEYFILE_PASSPHRASE_MAX)
        return STATUS_PASSPHRASE;
    status = crypt_open(seed, (struct span){file + HEAD_SIZE, KEYFILE_SIZE - HEAD_SIZE}, passphrase,
                        (struct span){file, HEAD_SIZE}, (enum seal_cost)file[MAGIC_SIZE]);
    if (status == STATUS_OK) {
        crypt_key_from_seed(secret, &key, seed);
        if (!crypt_equal(&key, &named, sizeof key))
            status = STATUS_KEYFILE;
    }
    crypt_wipe(seed, sizeof seed);
    if (status != STATUS_OK)
        crypt_wipe(secret, sizeof *secret);
    return status;
}

enum status
keyfile_public(struct public_key *key, const char *path)
{
    uint8_t file[KEYFILE_SIZE];

    return read_head(file, key, path);
}
