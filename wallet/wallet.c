#include "wallet/wallet.h"

#include <assert.h>
#include <string.h>

#include "protocol/cose.h"
#include "protocol/keyfile.h"

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

/* Commits when all went well, else drops the changes and passes the status on. */
static enum status
finish(struct store_txn *txn, enum status status)
{
    if (status == STATUS_OK)
        return store_commit(txn);
    store_abort(txn);
    return status;
}

/* --- what the city signed ------------------------------------------------------------------ */

/* A role key or kill. */
struct act {
    const struct schema *schema;
    union {
        struct msg_role_key role_key;
        struct msg_kill kill;
    } fields;
};

static enum status
read_act(struct act *out, struct cose_message *message, struct span part, uint64_t network)
{
    uint64_t type;
    enum status status = msg_peek(&type, part);

    if (status != STATUS_OK)
        return status;
    if (type != MSG_ROLE_KEY && type != MSG_KILL)
        return STATUS_MESSAGE_TYPE;
    out->schema = type == MSG_KILL ? &msg_kill_schema : &msg_role_key_schema;
    return msg_open(message, &out->fields, out->schema, network, part);
}

/* Whether it is in force here already. */
static bool
is_known(const struct signer_list *signers, const struct act *act)
{
    const bool kills = act->schema == &msg_kill_schema;
    const struct signer_key *key =
        kills
            ? signer_known(signers, (enum signer_role)act->fields.kill.role, &act->fields.kill.key)
            : signer_known(signers, (enum signer_role)act->fields.role_key.role,
                           &act->fields.role_key.key);

    return key != NULL && (kills ? key->killed : key->until != 0);
}

static enum status
take_act(struct signer_list *signers, const struct act *act)
{
    if (is_known(signers, act))
        return STATUS_OK;
    return act->schema == &msg_kill_schema ? signer_kill(signers, &act->fields.kill)
                                           : signer_add(signers, &act->fields.role_key, 0);
}

/* Signature and meaning of a pair of messages of one type: role key or kill. A kill holds for ever,
 * so it is judged at its own time; roots never expire, so a role key needs none. What was learned
 * once stays learned, also when a key that signed it has been killed since. */
static enum status
check_pair(bool *known, struct signer_list *signers, struct digest *id,
           const struct span parts[static 2], uint64_t network)
{
    struct cose_message messages[2];
    struct act act;
    struct act same;
    uint64_t when = 1;
    enum status status = read_act(&act, &messages[0], parts[0], network);

    *known = status == STATUS_OK && is_known(signers, &act);
    if (status != STATUS_OK || *known)
        return status;
    msg_id(id, &messages[0], act.schema, network);
    if (act.schema == &msg_kill_schema)
        when = act.fields.kill.time;
    status = msg_open(&messages[1], &same.fields, act.schema, network, parts[1]);
    if (status == STATUS_OK)
        status = signer_check_act(signers, messages, 2, act.schema, network, when, when);
    return status == STATUS_OK ? take_act(signers, &act) : status;
}

enum status
wallet_learn(struct wallet *wallet, struct store_txn *txn, const struct span parts[static 2])
{
    static struct msg_parcel parcel;
    static uint8_t bytes[2 * COSE_MESSAGE_MAX + 64];
    struct digest id;
    size_t len;
    bool known;
    enum status status = check_pair(&known, &wallet->signers, &id, parts, wallet->meta.network);

    if (status != STATUS_OK || known)
        return status;
    parcel.kind = MSG_PARCEL_ACT;
    parcel.parts_count = 2;
    parcel.parts[0] = parts[0];
    parcel.parts[1] = parts[1];
    status = schema_encode(bytes, sizeof bytes, &len, &msg_parcel_schema, &parcel);
    if (status != STATUS_OK)
        return status;
    return pocket_put_act(txn, &id, (struct span){bytes, len});
}

static enum status
add_roots(struct signer_list *signers, const struct pocket_meta *meta)
{
    struct msg_genesis genesis = {.roots_count = meta->roots_count};

    assert(meta->roots_count == 3);
    memcpy(genesis.roots, meta->roots, sizeof genesis.roots);
    return signer_add_roots(signers, &genesis, 0);
}

/* Takes the roots from the first two parts of a city parcel. */
static enum status
pin_roots(struct wallet *wallet, const struct msg_parcel *parcel)
{
    struct cose_message messages[2];
    struct msg_genesis genesis;
    struct msg_genesis same;
    enum status status;

    if (parcel->kind != MSG_PARCEL_CITY || parcel->parts_count < 2 || parcel->parts_count % 2 != 0)
        return STATUS_ENTRY_SHAPE;
    /* The network is what genesis says: this is the moment at which it is pinned. */
    status = cose_parse(&messages[0], parcel->parts[0], COSE_MESSAGE_MAX);
    if (status == STATUS_OK)
        status = schema_decode(&genesis, &msg_genesis_schema, messages[0].payload);
    if (status == STATUS_OK)
        status =
            msg_open(&messages[1], &same, &msg_genesis_schema, genesis.network, parcel->parts[1]);
    if (status == STATUS_OK)
        status = signer_check_genesis(&genesis, messages);
    if (status != STATUS_OK)
        return status;
    wallet->meta.network = genesis.network;
    wallet->meta.roots_count = 3;
    memcpy(wallet->meta.roots, genesis.roots, sizeof wallet->meta.roots);
    return add_roots(&wallet->signers, &wallet->meta);
}

/* Roots and acts of a new wallet; parameters are for tills. */
static enum status
take_city(struct wallet *wallet, struct store_txn *txn, struct span city)
{
    static struct msg_parcel parcel;
    enum status status = schema_decode(&parcel, &msg_parcel_schema, city);

    if (status == STATUS_OK)
        status = pin_roots(wallet, &parcel);
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
        status = finish(&txn, take_city(&wallet, &txn, city));
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
    return finish(&txn, status);
}

static enum status
load(struct wallet *wallet)
{
    static struct msg_parcel parcel;
    struct store_txn txn;
    struct digest id;
    struct span stored;
    struct act act;
    struct cose_message message;
    enum status status = store_begin_read(&txn, &wallet->store);
    bool first = true;

    if (status != STATUS_OK)
        return status;
    status = pocket_get_meta(&wallet->meta, &txn);
    if (status == STATUS_OK)
        status = add_roots(&wallet->signers, &wallet->meta);
    while (status == STATUS_OK) {
        status = pocket_next_act(&id, &stored, &txn, first ? NULL : &id);
        if (status != STATUS_OK)
            break;
        first = false;
        status = schema_decode(&parcel, &msg_parcel_schema, stored);
        if (status == STATUS_OK)
            status = parcel.parts_count == 2 ? STATUS_OK : STATUS_STORE_BROKEN;
        /* Judged when it was learned: the order of the store is not that of the log. */
        if (status == STATUS_OK)
            status = read_act(&act, &message, parcel.parts[0], wallet->meta.network);
        if (status == STATUS_OK)
            status = take_act(&wallet->signers, &act);
    }
    store_abort(&txn);
    return status == STATUS_NOT_FOUND && wallet->meta.network != 0 ? STATUS_OK : status;
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
