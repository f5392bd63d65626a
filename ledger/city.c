#include "city.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "protocol/keyfile.h"
#include "protocol/msg.h"
#include "protocol/signer.h"
#include "protocol/trust.h"

/* Ten times what a city of 360,000 writes in a year; LMDB takes disk space only for what is there.
 */
#define MAP_BYTES (UINT64_C(64) << 30)

static const struct {
    enum signer_role role;
    const char *name;
} roles[CITY_ROLES] = {
    {SIGNER_PROGRAMME, "programme"},   {SIGNER_TREASURY, "treasury"},
    {SIGNER_ENROLMENT, "enrolment"},   {SIGNER_ALLOWANCE, "allowance"},
    {SIGNER_SETTLEMENT, "settlement"}, {SIGNER_NEWS, "news"},
    {SIGNER_CHECKPOINT, "checkpoint"}, {SIGNER_PROOF, "proof"},
    {SIGNER_PARKING, "parking"},       {SIGNER_SUPPORT, "support"},
    {SIGNER_AUDIT, "audit"},
};

enum status
city_key_path(char out[static FILE_PATH_MAX], const char *dir, const char *name)
{
    char file[64];
    const int len = snprintf(file, sizeof file, "keys/%s.key", name);

    if (len < 0 || (size_t)len >= sizeof file)
        return STATUS_BUFFER;
    return file_path(out, dir, file);
}

/* Roots first, then each role's key and spare. */
static void
key_name(char out[static 32], size_t index)
{
    const size_t role = (index - CITY_ROOTS) / 2;

    assert(index < CITY_KEYS);
    if (index < CITY_ROOTS)
        (void)snprintf(out, 32, "root-%zu", index + 1);
    else
        (void)snprintf(out, 32, "%s%s", roles[role].name,
                       (index - CITY_ROOTS) % 2 == 0 ? "" : "-spare");
}

static enum status
write_keys(const char *dir, struct span passphrase, enum seal_cost cost,
           const struct city_random *random)
{
    char path[FILE_PATH_MAX];
    char name[32];
    enum status status = file_path(path, dir, "keys");

    if (status == STATUS_OK)
        status = file_folder(path);
    for (size_t i = 0; i < CITY_KEYS && status == STATUS_OK; i++) {
        key_name(name, i);
        status = city_key_path(path, dir, name);
        if (status == STATUS_OK)
            status = keyfile_write(path, random->seeds[i], passphrase, cost, random->seals[i]);
    }
    return status;
}

/* --- the first entries -------------------------------------------------------------------------
 */

/* What the founding works with. */
struct founding {
    struct city *city;
    const struct city_random *random;
    struct public_key keys[CITY_KEYS];
    struct secret_key secrets[CITY_KEYS];
    uint64_t network;
    uint64_t now_unix_s;
    uint64_t entries;
};

/* Signs a message by two roots and submits it. */
static enum status
submit(struct founding *founding, const struct schema *schema, const void *object)
{
    static struct msg_parcel parcel;
    static uint8_t messages[2][MSG_SIGN_MAX];
    static uint8_t bytes[2 * MSG_SIGN_MAX];
    struct intake_result result;
    struct intake_moment moment = {.time_unix_s = founding->now_unix_s};
    const struct span seed[] = {{founding->random->salts, sizeof founding->random->salts},
                                {(const uint8_t *)&founding->entries, sizeof founding->entries}};
    struct digest digest;
    size_t len = 0;
    enum status status = STATUS_OK;

    parcel.kind = MSG_PARCEL_ACT;
    parcel.parts_count = 2;
    for (size_t i = 0; i < 2 && status == STATUS_OK; i++) {
        parcel.parts[i].data = messages[i];
        status = msg_sign(messages[i], sizeof messages[i], &parcel.parts[i].len, schema, object,
                          founding->network, &founding->secrets[i]);
    }
    if (status == STATUS_OK)
        status = schema_encode(bytes, sizeof bytes, &len, &msg_parcel_schema, &parcel);
    if (status != STATUS_OK)
        return status;
    crypt_hash(&digest, seed, 2);
    memcpy(moment.seed, digest.bytes, sizeof moment.seed);
    founding->entries++;
    return intake_submit(&founding->city->intake, &result, (struct span){bytes, len}, &moment);
}

static enum status
found(struct founding *founding, const struct city_names *names)
{
    struct msg_genesis genesis = {
        .network = names->network,
        .name = {(const uint8_t *)names->name, strlen(names->name)},
        .origin = {(const uint8_t *)names->origin, strlen(names->origin)},
        .roots_count = CITY_ROOTS,
        .time = founding->now_unix_s,
    };
    enum status status;

    memcpy(genesis.roots, founding->keys, sizeof genesis.roots);
    status = submit(founding, &msg_genesis_schema, &genesis);
    for (size_t i = CITY_ROOTS; i < CITY_KEYS && status == STATUS_OK; i++) {
        const struct msg_role_key role_key = {
            .network = names->network,
            .role = (uint64_t)roles[(i - CITY_ROOTS) / 2].role,
            .key = founding->keys[i],
            .from = founding->now_unix_s,
            .until = founding->now_unix_s + CITY_ROLE_SECONDS,
            .verify_until = founding->now_unix_s + CITY_ROLE_SECONDS + CITY_VERIFY_SECONDS,
        };

        status = submit(founding, &msg_role_key_schema, &role_key);
    }
    return status;
}

/* The place of a role's first key in the order of key_name. */
static size_t
key_index(enum signer_role role)
{
    size_t i = 0;

    while (roles[i].role != role)
        i++;
    return CITY_ROOTS + 2 * i;
}

static enum status
open_log(struct city *city, const char *origin, bool create)
{
    char path[FILE_PATH_MAX];
    struct public_key key;
    enum status status;

    crypt_public_key(&key, &city->checkpoint);
    status = note_key_make(&city->note_key, NOTE_ED25519,
                           (struct span){(const uint8_t *)origin, strlen(origin)}, &key);
    if (status == STATUS_OK)
        status = file_path(path, city->dir, "checkpoint");
    if (status == STATUS_OK && create)
        status = log_create(&city->store, path, &city->note_key, &city->checkpoint);
    if (status == STATUS_OK)
        status = log_open(&city->log, &city->store, path, &city->note_key, &city->checkpoint);
    if (status == STATUS_OK)
        intake_open(&city->intake, &city->log, &city->keys);
    return status;
}

static enum status
begin(struct city *city, const char *dir)
{
    memset(city, 0, sizeof *city);
    if (strlen(dir) >= sizeof city->dir)
        return STATUS_BUFFER;
    memcpy(city->dir, dir, strlen(dir) + 1);
    return STATUS_OK;
}

enum status
city_create(struct city *city, const char *dir, const struct city_names *names,
            struct span passphrase, enum seal_cost cost, const struct city_random *random,
            uint64_t now_unix_s)
{
    static struct founding founding;
    char path[FILE_PATH_MAX];
    enum status status = begin(city, dir);

    if (status == STATUS_OK)
        status = write_keys(dir, passphrase, cost, random);
    if (status == STATUS_OK)
        status = file_path(path, dir, "store");
    if (status == STATUS_OK)
        status = store_create(path);
    if (status == STATUS_OK)
        status = store_open(&city->store, path, MAP_BYTES);
    if (status != STATUS_OK)
        return status;
    founding = (struct founding){
        .city = city, .random = random, .network = names->network, .now_unix_s = now_unix_s};
    for (size_t i = 0; i < CITY_KEYS; i++)
        crypt_key_from_seed(&founding.secrets[i], &founding.keys[i], random->seeds[i]);
    city->checkpoint = founding.secrets[key_index(SIGNER_CHECKPOINT)];
    city->keys.allowance = founding.secrets[key_index(SIGNER_ALLOWANCE)];
    city->keys.settlement = founding.secrets[key_index(SIGNER_SETTLEMENT)];
    city->keys.news = founding.secrets[key_index(SIGNER_NEWS)];
    status = open_log(city, names->origin, true);
    if (status == STATUS_OK) {
        status = found(&founding, names);
        log_close(&city->log);
    }
    crypt_wipe(&founding, sizeof founding);
    store_close(&city->store);
    crypt_wipe(city, sizeof *city);
    return status;
}

/* --- opening -----------------------------------------------------------------------------------
 */

enum status
city_genesis(uint64_t *network, char origin[static NOTE_NAME_MAX + 1], struct store_txn *txn)
{
    static struct msg_entry entry;
    struct cose_message messages[2];
    struct msg_genesis genesis;
    struct span bytes;
    enum status status = log_read(&bytes, txn, 0);

    if (status != STATUS_OK)
        return status;
    if (schema_decode(&entry, &msg_entry_schema, bytes) != STATUS_OK || entry.messages_count != 2)
        return STATUS_STORE_BROKEN;
    status = trust_read_genesis(&genesis, messages, entry.messages);
    if (status != STATUS_OK || genesis.origin.len > NOTE_NAME_MAX)
        return STATUS_STORE_BROKEN;
    *network = genesis.network;
    memcpy(origin, genesis.origin.data, genesis.origin.len);
    origin[genesis.origin.len] = '\0';
    return STATUS_OK;
}

static enum status
open_keys(struct city *city, struct span passphrase)
{
    const struct {
        const char *name;
        struct secret_key *key;
    } needed[] = {
        {"allowance", &city->keys.allowance},
        {"settlement", &city->keys.settlement},
        {"news", &city->keys.news},
        {"checkpoint", &city->checkpoint},
    };
    char path[FILE_PATH_MAX];
    enum status status = STATUS_OK;

    for (size_t i = 0; i < sizeof needed / sizeof needed[0] && status == STATUS_OK; i++) {
        status = city_key_path(path, city->dir, needed[i].name);
        if (status == STATUS_OK)
            status = keyfile_read(needed[i].key, path, passphrase);
    }
    return status;
}

/* Store and log, with the keys that are in `city` already. */
static enum status
open_store(struct city *city)
{
    char path[FILE_PATH_MAX];
    char origin[NOTE_NAME_MAX + 1];
    struct store_txn txn;
    uint64_t network;
    enum status status = file_path(path, city->dir, "store");

    if (status == STATUS_OK)
        status = store_open(&city->store, path, city->map_bytes == 0 ? MAP_BYTES : city->map_bytes);
    if (status != STATUS_OK)
        return status;
    status = store_begin_read(&txn, &city->store);
    if (status == STATUS_OK) {
        status = city_genesis(&network, origin, &txn);
        store_abort(&txn);
    }
    if (status == STATUS_OK)
        status = open_log(city, origin, false);
    if (status != STATUS_OK)
        store_close(&city->store);
    return status;
}

/* A backup of a log that went on elsewhere would sign a second history. */
static enum status
refuse_copy(const char *dir)
{
    char path[FILE_PATH_MAX];
    enum status status = file_path(path, dir, CITY_COPY);

    if (status == STATUS_OK && access(path, F_OK) == 0)
        status = STATUS_LOG_ROLLBACK;
    return status;
}

enum status
city_open(struct city *city, const char *dir, struct span passphrase, uint64_t map_bytes)
{
    enum status status = begin(city, dir);

    city->map_bytes = map_bytes;
    if (status == STATUS_OK)
        status = refuse_copy(dir);
    if (status == STATUS_OK)
        status = open_keys(city, passphrase);
    if (status == STATUS_OK)
        status = open_store(city);
    if (status != STATUS_OK)
        crypt_wipe(city, sizeof *city);
    return status;
}

enum status
city_reopen(struct city *city)
{
    char path[FILE_PATH_MAX];
    struct store_txn txn;
    uint64_t bad_index;
    enum status status;

    log_close(&city->log);
    store_close(&city->store);
    status = open_store(city);
    if (status == STATUS_OK)
        status = file_path(path, city->dir, "checkpoint");
    if (status != STATUS_OK)
        return status;
    status = store_begin_read(&txn, &city->store);
    if (status == STATUS_OK) {
        status = log_verify(&bad_index, &txn, &city->note_key, path);
        store_abort(&txn);
    }
    if (status != STATUS_OK) {
        log_close(&city->log);
        store_close(&city->store);
    }
    return status;
}

void
city_close(struct city *city)
{
    log_close(&city->log);
    store_close(&city->store);
    crypt_wipe(city, sizeof *city);
}
