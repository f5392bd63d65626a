/* protocol/keyfile: hostile key files. Only the one that was written opens, and only with its
 * passphrase. */
#include "fuzz.h"

#include "protocol/keyfile.h"
#include "scratch.h"

/* Deriving a key takes a tenth of a second, so that a process does it only so often. */
#define DERIVATIONS_MAX 12

static char folder[SCRATCH_PATH_MAX];
static char path[SCRATCH_PATH_MAX];
static uint8_t good[KEYFILE_SIZE];
static struct forge_key pair;
static const struct span passphrase = {(const uint8_t *)"Schwebe", 7};

static void
stop(void)
{
    scratch_remove(folder);
}

static void
start(void)
{
    const uint8_t random[SEAL_SALT_SIZE + SEAL_NONCE_SIZE] = {1, 2, 3};
    size_t len = 0;

    forge_key(&pair, "keyfile");
    scratch_make(folder);
    scratch_path(path, folder, "key");
    EXPECT(atexit(stop) == 0);
    /* The first half of a secret key is its seed. */
    EXPECT(keyfile_write(path, pair.secret.bytes, passphrase, SEAL_INTERACTIVE, random) ==
           STATUS_OK);
    EXPECT(scratch_read(good, &len, sizeof good, path) && len == sizeof good);
}

static void
check_read(struct span in)
{
    struct secret_key secret;
    enum status status;

    memset(&secret, FUZZ_RUBBISH, sizeof secret);
    status = keyfile_read(&secret, path, passphrase);
    if (fuzz_same(in, (struct span){good, sizeof good})) {
        EXPECT(status == STATUS_OK);
        EXPECT(memcmp(&secret, &pair.secret, sizeof secret) == 0);
        return;
    }
    EXPECT(status == STATUS_KEYFILE || status == STATUS_PASSPHRASE);
    EXPECT(fuzz_all(&secret, sizeof secret, 0));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static unsigned derivations;
    struct public_key key;
    enum status status;

    if (folder[0] == '\0')
        start();
    /* A file that is cut off and written anew is flushed by some file systems, a new one is not. */
    (void)remove(path);
    EXPECT(scratch_write(path, data, size));
    status = keyfile_public(&key, path);
    if (status == STATUS_OK) {
        EXPECT(size == KEYFILE_SIZE);
        EXPECT(memcmp(data, good, 6) == 0);
        if (derivations++ < DERIVATIONS_MAX)
            check_read((struct span){data, size});
    } else {
        EXPECT(status == STATUS_KEYFILE);
        check_read((struct span){data, size});
    }
    return 0;
}

static size_t
make(uint8_t *out, uint64_t *random)
{
    (void)random;
    if (folder[0] == '\0')
        start();
    memcpy(out, good, sizeof good);
    return sizeof good;
}

FUZZ_MAKER(make)
