#include "wallet/wallet.h"

#include <assert.h>
#include <string.h>

#include "protocol/keyfile.h"
#include "protocol/trust.h"

/* A purse pays a few thousand times in its life; a line and a payment are below 2 kB. */
#define MAP_BYTES (UINT64_C(64) << 20)

#define MARK_SIZE 8

static enum status
key_path(char out[static FILE_PATH_MAX], const char *dir, bool recovery)
{
    return file_path(out, dir, recovery ? "recovery.key" : "device.key");
}

static enum status
store_path(char out[static FILE_PATH_MAX], const char *dir)
{
    return file_path(out, dir, "store");
}

/* --- what the city signed ------------------------------------------------------------------ */

enum status
wallet_learn(struct wallet *wallet, struct store_txn *txn, const struct span parts[static 2])
{
    const struct signer_key *changed;
    enum status status = trust_learn(&changed, &wallet->signers, parts, wallet->meta.network);

    return changed == NULL ? status : pocket_put_signer(txn, changed);
}

static enum status
pin_roots(struct wallet *wallet, struct store_txn *txn, const struct msg_parcel *city)
{
    struct msg_genesis genesis;
    enum status status = trust_pin(&wallet->signers, &genesis, city);

    for (size_t i = 0; status == STATUS_OK && i < wallet->signers.count; i++)
        status = pocket_put_signer(txn, &wallet->signers.keys[i]);
    if (status == STATUS_OK)
        wallet->meta.network = genesis.network;
    return status;
}

/* Roots and acts of a new wallet; parameters are for tills. */
static enum status
take_city(struct wallet *wallet, struct store_txn *txn, struct span city)
{
    static struct msg_parcel parcel;
    enum status status = schema_decode(&parcel, &msg_parcel_schema, city);

    if (status == STATUS_OK)
        status = pin_roots(wallet, txn, &parcel);
    for (size_t i = 2; status == STATUS_OK && i + 1 < parcel.parts_count; i += 2) {
        uint64_t type;

        status = msg_peek(&type, parcel.parts[i]);
        if (status == STATUS_OK && type != MSG_PARAMETERS)
            status = wallet_learn(wallet, txn, &parcel.parts[i]);
    }
    if (status == STATUS_OK)
        status = pocket_put_meta(txn, &wallet->meta);
    return status;
}

/* --- making and opening -------------------------------------------------------------------- */

static enum status
write_keys(struct pocket_meta *meta, const char *dir, struct span passphrase, enum seal_cost cost,
           const struct wallet_random *random)
{
    char path[FILE_PATH_MAX];
    struct secret_key secret;
    enum status status = STATUS_OK;

    for (int i = 0; i < 2 && status == STATUS_OK; i++) {
        const bool recovery = i == 0;
        const uint8_t *seed = recovery ? random->recovery_seed : random->device_seed;

        status = key_path(path, dir, recovery);
        if (status == STATUS_OK)
            status = keyfile_write(path, seed, passphrase, cost, random->seals[i]);
        crypt_key_from_seed(&secret, recovery ? &meta->recovery : &meta->device, seed);
    }
    crypt_wipe(&secret, sizeof secret);
    return status;
}

enum status
wallet_create(const char *dir, struct span city, uint64_t class, uint64_t tier,
              struct span passphrase, enum seal_cost cost, const struct wallet_random *random)
{
    static struct wallet wallet;
    struct store_txn txn;
    char path[FILE_PATH_MAX];
    enum status status;

    memset(&wallet, 0, sizeof wallet);
    wallet.meta.class = class;
    wallet.meta.tier = tier;
    memcpy(wallet.meta.purse, random->purse, sizeof wallet.meta.purse);
    if (strlen(dir) >= sizeof wallet.dir)
        return STATUS_BUFFER;
    memcpy(wallet.dir, dir, strlen(dir) + 1);
    status = write_keys(&wallet.meta, dir, passphrase, cost, random);
    if (status == STATUS_OK)
        status = store_path(path, dir);
    if (status == STATUS_OK)
        status = store_create(path);
    if (status == STATUS_OK)
        status = store_open(&wallet.store, path, MAP_BYTES);
    if (status != STATUS_OK)
        return status;
    status = store_begin_write(&txn, &wallet.store);
    if (status == STATUS_OK)
        status = store_finish(&txn, take_city(&wallet, &txn, city));
    if (status == STATUS_OK)
        status = wallet_mark(&wallet);
    wallet_close(&wallet);
    return status;
}

static void
write_number(uint8_t out[static MARK_SIZE], uint64_t mark)
{
    for (size_t i = 0; i < MARK_SIZE; i++)
        out[i] = (uint8_t)(mark >> (8 * (MARK_SIZE - 1 - i)));
}

static enum status
mark_path(char out[static FILE_PATH_MAX], const struct wallet *wallet)
{
    return file_path(out, wallet->dir, "mark");
}

enum status
wallet_stage(struct file_staged *out, const struct wallet *wallet)
{
    char path[FILE_PATH_MAX];
    uint8_t mark[MARK_SIZE];
    enum status status = mark_path(path, wallet);

    write_number(mark, wallet->meta.mark + 1);
    return status == STATUS_OK ? file_stage(out, path, (struct span){mark, sizeof mark}) : status;
}

enum status
wallet_place(struct wallet *wallet, const struct file_staged *staged)
{
    char path[FILE_PATH_MAX];
    enum status status = mark_path(path, wallet);

    if (status == STATUS_OK)
        status = file_place(staged, path, FILE_REPLACE);
    wallet->marked = status == STATUS_OK;
    return wallet->marked ? STATUS_OK : STATUS_PAYMENT_KEPT;
}

enum status
wallet_mark(struct wallet *wallet)
{
    char path[FILE_PATH_MAX];
    uint8_t mark[MARK_SIZE];
    enum status status = mark_path(path, wallet);

    if (status != STATUS_OK || wallet->marked)
        return status;
    write_number(mark, wallet->meta.mark);
    status = file_write(path, (struct span){mark, sizeof mark}, FILE_REPLACE);
    wallet->marked = status == STATUS_OK;
    return status;
}

/* False when the mark is missing or damaged, which tells nothing good. */
static bool
read_mark(uint64_t *out, const struct wallet *wallet)
{
    char path[FILE_PATH_MAX];
    uint8_t mark[MARK_SIZE];
    size_t len;

    *out = 0;
    if (file_path(path, wallet->dir, "mark") != STATUS_OK ||
        file_read(mark, sizeof mark, &len, path) != STATUS_OK || len != sizeof mark)
        return false;
    for (size_t i = 0; i < MARK_SIZE; i++)
        *out = *out << 8 | mark[i];
    return *out < UINT32_MAX;
}

/* No line of an older copy is ever signed from again: what it has signed since is not known. From
 * then on the store goes by `mark`, so that the same copy is noticed a second time as well. */
static enum status
retire_all(struct wallet *wallet, uint64_t mark)
{
    struct store_txn txn;
    struct pocket_line line;
    struct kid id;
    enum status status = store_begin_write(&txn, &wallet->store);
    bool first = true;

    if (status != STATUS_OK)
        return status;
    while ((status = pocket_next_line(&line, &txn, first ? NULL : &id)) == STATUS_OK) {
        first = false;
        crypt_kid(&id, &line.key);
        line.state = POCKET_LINE_RETIRED;
        status = pocket_put_line(&txn, &line);
        if (status != STATUS_OK)
            break;
    }
    if (status == STATUS_NOT_FOUND) {
        wallet->meta.restored = 1;
        wallet->meta.mark = mark;
        status = pocket_put_meta(&txn, &wallet->meta);
    }
    return store_finish(&txn, status);
}

static enum status
load(struct wallet *wallet)
{
    struct store_txn txn;
    enum status status = store_begin_read(&txn, &wallet->store);

    if (status != STATUS_OK)
        return status;
    status = pocket_get_meta(&wallet->meta, &txn);
    if (status == STATUS_OK)
        status = pocket_get_signers(&wallet->signers, &txn);
    store_abort(&txn);
    return status;
}

/* The mark is written after the commit: a mark that is behind is a crash in between, after which no
 * code was shown yet. */
static enum status
compare_mark(struct wallet *wallet)
{
    uint64_t mark;
    const bool readable = read_mark(&mark, wallet);
    enum status status;

    wallet->marked = readable && mark == wallet->meta.mark;
    if (readable && mark <= wallet->meta.mark)
        return STATUS_OK;
    status = retire_all(wallet, readable ? mark : wallet->meta.mark + 1);
    return status == STATUS_OK ? wallet_mark(wallet) : status;
}

enum status
wallet_open(struct wallet *out, const char *dir)
{
    char path[FILE_PATH_MAX];
    enum status status;

    memset(out, 0, sizeof *out);
    if (strlen(dir) >= sizeof out->dir)
        return STATUS_BUFFER;
    memcpy(out->dir, dir, strlen(dir) + 1);
    status = store_path(path, dir);
    if (status == STATUS_OK)
        status = store_open(&out->store, path, MAP_BYTES);
    if (status != STATUS_OK)
        return status;
    status = load(out);
    if (status == STATUS_OK)
        status = compare_mark(out);
    if (status != STATUS_OK)
        wallet_close(out);
    return status;
}

void
wallet_close(struct wallet *wallet)
{
    store_close(&wallet->store);
    memset(wallet, 0, sizeof *wallet);
}

/* --- keys ---------------------------------------------------------------------------------- */

static enum status
open_key(struct secret_key *out, const struct wallet *wallet, bool recovery, struct span passphrase)
{
    char path[FILE_PATH_MAX];
    struct public_key key;
    enum status status = key_path(path, wallet->dir, recovery);

    if (status == STATUS_OK)
        status = keyfile_read(out, path, passphrase);
    if (status != STATUS_OK)
        return status;
    crypt_public_key(&key, out);
    if (crypt_equal(&key, recovery ? &wallet->meta.recovery : &wallet->meta.device, sizeof key))
        return STATUS_OK;
    crypt_wipe(out, sizeof *out);
    return STATUS_KEYFILE;
}

enum status
wallet_device_key(struct secret_key *out, const struct wallet *wallet, struct span passphrase)
{
    return open_key(out, wallet, false, passphrase);
}

enum status
wallet_recovery_key(struct secret_key *out, const struct wallet *wallet, struct span passphrase)
{
    return open_key(out, wallet, true, passphrase);
}

void
wallet_line_make(struct secret_key *secret, struct public_key *key,
                 const uint8_t salt[static POCKET_SALT_SIZE], const struct secret_key *device)
{
    static const char label[] = "schwebe/1/line";
    const struct span parts[] = {{(const uint8_t *)label, sizeof label - 1},
                                 {device->bytes, SEED_SIZE},
                                 {salt, POCKET_SALT_SIZE}};
    struct digest seed;

    crypt_hash(&seed, parts, sizeof parts / sizeof parts[0]);
    crypt_key_from_seed(secret, key, seed.bytes);
    crypt_wipe(&seed, sizeof seed);
}

enum status
wallet_line_key(struct secret_key *out, const struct pocket_line *line,
                const struct secret_key *device)
{
    struct public_key key;

    wallet_line_make(out, &key, line->salt, device);
    if (crypt_equal(&key, &line->key, sizeof key))
        return STATUS_OK;
    crypt_wipe(out, sizeof *out);
    return STATUS_KEYFILE;
}
