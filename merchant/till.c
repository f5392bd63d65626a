#include "merchant/till.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "merchant/learn.h"
#include "protocol/cose.h"
#include "protocol/keyfile.h"
#include "protocol/trust.h"

/* A sale is below 2 kB with its entry, hashes and indexes; this is room for half a million. */
#define MAP_BYTES (UINT64_C(1) << 30)

static enum status
store_path(char out[static FILE_PATH_MAX], const char *dir)
{
    return file_path(out, dir, "store");
}

static enum status
key_path(char out[static FILE_PATH_MAX], const char *dir)
{
    return file_path(out, dir, "till.key");
}

/* --- reading what is stored ---------------------------------------------------------------- */

static enum status
load_parameters(struct till *till, struct store_txn *txn)
{
    struct cose_message message;
    struct span stored;
    uint64_t version = 0;
    enum status status = STATUS_OK;

    till->parameters_count = 0;
    while (till->parameters_count < TILL_PARAMETERS_MAX &&
           (status = drawer_next_parameters(&version, &stored, txn, version)) == STATUS_OK) {
        status = msg_open(&message, &till->parameters[till->parameters_count],
                          &msg_parameters_schema, till->meta.network, stored);
        if (status != STATUS_OK)
            return status;
        till->parameters_count++;
    }
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

static enum status
load_tally(struct till *till, struct store_txn *txn)
{
    struct drawer_sale sale;
    uint64_t index;
    bool first = true;
    enum status status;

    while ((status = drawer_next_sale(&sale, txn, true, first ? NULL : &index)) == STATUS_OK) {
        struct tally_item item = {
            .transfer = sale.transfer,
            .line = sale.line,
            .index = sale.index,
            .tier = (uint32_t)sale.tier,
            .from = (uint32_t)sale.from,
            .to = (uint32_t)sale.to,
            .seq = (uint32_t)sale.seq,
        };

        first = false;
        index = sale.index;
        memcpy(item.prev, sale.prev, sizeof item.prev);
        status = tally_add(&till->tally, &item);
        if (status != STATUS_OK)
            return status;
    }
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

/* The meta record borrows from the store: its spans move into the till. */
static enum status
load_meta(struct till *till, struct store_txn *txn)
{
    struct cose_message message;
    enum status status = drawer_get_meta(&till->meta, txn);

    if (status != STATUS_OK)
        return status;
    assert(till->meta.certificate.len <= sizeof till->certificate_bytes);
    assert(till->meta.origin.len <= sizeof till->origin_bytes);
    memcpy(till->certificate_bytes, till->meta.certificate.data, till->meta.certificate.len);
    memcpy(till->origin_bytes, till->meta.origin.data, till->meta.origin.len);
    till->meta.certificate.data = till->certificate_bytes;
    till->meta.origin.data = till->origin_bytes;
    till->installed = till->meta.certificate.len > 0;
    if (!till->installed)
        return STATUS_OK;
    return msg_open(&message, &till->certificate, &msg_till_schema, till->meta.network,
                    till->meta.certificate);
}

static enum status
load(struct till *till)
{
    struct store_txn txn;
    enum status status = store_begin_read(&txn, &till->store);

    if (status != STATUS_OK)
        return status;
    till->tally = (struct tally){till->tally_items, 0, TILL_UNCONFIRMED_MAX};
    memset(&till->denied, 0, sizeof till->denied);
    till->denied.ids = till->denied_ids;
    till->denied.cap = DRAWER_DENIED_MAX;
    status = load_meta(till, &txn);
    if (status == STATUS_OK)
        status = drawer_get_signers(&till->signers, &txn);
    if (status == STATUS_OK)
        status = load_parameters(till, &txn);
    if (status == STATUS_OK)
        status = drawer_get_denied(&till->denied, &txn);
    if (status == STATUS_OK)
        status = load_tally(till, &txn);
    store_abort(&txn);
    return status;
}

/* --- the log ------------------------------------------------------------------------------- */

/* The log's name: that of the city's, and the till's number. */
static enum status
name_log(struct till *till)
{
    char name[NOTE_NAME_MAX + 32];
    const size_t origin = till->meta.origin.len;
    int len;

    assert(origin <= NOTE_NAME_MAX);
    memcpy(name, till->meta.origin.data, origin);
    len = snprintf(name + origin, sizeof name - origin, "/till/%llu",
                   (unsigned long long)till->certificate.till);
    assert(len > 0);
    return note_key_make(&till->note_key, NOTE_ED25519,
                         (struct span){(const uint8_t *)name, origin + (size_t)len},
                         &till->meta.key);
}

static enum status
open_log(struct till *till)
{
    char path[FILE_PATH_MAX];
    enum status status = name_log(till);

    if (status == STATUS_OK)
        status = file_path(path, till->dir, "checkpoint");
    if (status == STATUS_OK)
        status = log_open(&till->log, &till->store, path, &till->note_key, &till->secret);
    till->logging = status == STATUS_OK;
    return status;
}

/* The certificate is the first entry. */
static enum status
append_first(struct till *till, const uint8_t seed[static 32], uint64_t now_unix_s)
{
    const uint64_t from = till->certificate.from;
    struct store_txn *txn = NULL;
    struct digest salt;
    uint64_t index;
    enum status status = till_begin(&txn, till);

    if (status != STATUS_OK)
        return status;
    crypt_hash(&salt, &(struct span){seed, 32}, 1);
    status = till_append(till, &index, TILL_OPEN, &till->meta.certificate, 1, salt.bytes,
                         now_unix_s < from ? now_unix_s : from);
    if (status == STATUS_OK)
        status = drawer_put_meta(txn, &till->meta);
    return till_finish(till, status);
}

enum status
till_start_log(struct till *till, const uint8_t seed[static 32], uint64_t now_unix_s)
{
    char path[FILE_PATH_MAX];
    enum status status = load(till);

    if (status == STATUS_OK)
        status = name_log(till);
    if (status == STATUS_OK)
        status = file_path(path, till->dir, "checkpoint");
    if (status == STATUS_OK)
        status = log_create(&till->store, path, &till->note_key, &till->secret);
    if (status == STATUS_OK || status == STATUS_EXISTS)
        status = open_log(till);
    return status == STATUS_OK ? append_first(till, seed, now_unix_s) : status;
}

enum status
till_append(struct till *till, uint64_t *index, uint64_t kind, const struct span *messages,
            size_t count, const uint8_t salt[static TILL_SALT_SIZE], uint64_t now_unix_s)
{
    static const uint8_t nothing = MSG_NO_ATTACHMENT;
    static uint8_t bytes[MSG_ENTRY_MAX];
    struct msg_entry entry = {
        .version = 1,
        .kind = kind,
        .time = now_unix_s,
        .messages_count = count,
        .attachment = {&nothing, 1},
    };
    size_t len;
    enum status status;

    assert(till->batched);
    assert(count <= sizeof entry.messages / sizeof entry.messages[0]);
    if (now_unix_s < till->meta.last_time)
        return STATUS_ENTRY_TIME;
    memcpy(entry.salt, salt, sizeof entry.salt);
    memcpy(entry.messages, messages, count * sizeof messages[0]);
    status = schema_encode(bytes, sizeof bytes, &len, &msg_entry_schema, &entry);
    if (status == STATUS_OK)
        status = log_append(&till->batch, index, (struct span){bytes, len});
    if (status == STATUS_OK)
        till->meta.last_time = now_unix_s;
    return status;
}

/* --- transactions -------------------------------------------------------------------------- */

enum status
till_begin(struct store_txn **txn, struct till *till)
{
    enum status status;

    till->batched = till->logging;
    if (till->batched) {
        status = log_begin(&till->batch, &till->log);
        *txn = &till->batch.txn;
    } else {
        status = store_begin_write(&till->plain, &till->store);
        *txn = &till->plain;
    }
    return status;
}

void
till_drop(struct till *till)
{
    if (till->batched)
        log_abort(&till->batch);
    else
        store_abort(&till->plain);
    till->batched = false;
}

enum status
till_finish(struct till *till, enum status status)
{
    enum status loaded;

    if (status == STATUS_OK) {
        status = till->batched ? log_commit(&till->batch) : store_commit(&till->plain);
        till->batched = false;
        if (status == STATUS_OK)
            return STATUS_OK;
    } else {
        till_drop(till);
    }
    loaded = load(till);
    /* The first failure says why; that memory could not be read again is worse. */
    return loaded == STATUS_OK ? status : loaded;
}

/* --- making and opening -------------------------------------------------------------------- */

/* Roots, origin and network. */
static enum status
pin_roots(struct till *till, struct store_txn *txn, const struct msg_parcel *city)
{
    struct msg_genesis genesis;
    enum status status = trust_pin(&till->signers, &genesis, city);

    for (size_t i = 0; status == STATUS_OK && i < till->signers.count; i++)
        status = drawer_put_signer(txn, &till->signers.keys[i]);
    if (status != STATUS_OK)
        return status;
    assert(genesis.origin.len <= sizeof till->origin_bytes);
    till->meta.network = genesis.network;
    memcpy(till->origin_bytes, genesis.origin.data, genesis.origin.len);
    till->meta.origin = (struct span){till->origin_bytes, genesis.origin.len};
    return STATUS_OK;
}

static enum status
take_city(struct till *till, struct store_txn *txn, struct span city, uint64_t now_unix_s)
{
    static struct msg_parcel parcel;
    bool known;
    enum status status = schema_decode(&parcel, &msg_parcel_schema, city);

    if (status == STATUS_OK)
        status = pin_roots(till, txn, &parcel);
    for (size_t i = 2; status == STATUS_OK && i + 1 < parcel.parts_count; i += 2) {
        uint64_t type;

        status = msg_peek(&type, parcel.parts[i]);
        if (status == STATUS_OK)
            status = type == MSG_PARAMETERS
                         ? learn_parameters(&known, till, txn, &parcel.parts[i], now_unix_s)
                         : learn_act(&known, till, txn, &parcel.parts[i]);
    }
    if (status == STATUS_OK)
        status = drawer_put_meta(txn, &till->meta);
    return status;
}

static enum status
write_key(struct till *till, struct span passphrase, enum seal_cost cost,
          const struct till_random *random)
{
    char path[FILE_PATH_MAX];
    enum status status = key_path(path, till->dir);

    if (status == STATUS_OK)
        status = keyfile_write(path, random->seed, passphrase, cost, random->seal);
    if (status == STATUS_OK)
        crypt_key_from_seed(&till->secret, &till->meta.key, random->seed);
    crypt_wipe(&till->secret, sizeof till->secret);
    return status;
}

enum status
till_create(const char *dir, struct span city, struct span passphrase, enum seal_cost cost,
            const struct till_random *random, uint64_t now_unix_s)
{
    static struct till till;
    struct store_txn *txn;
    char path[FILE_PATH_MAX];
    enum status status;

    memset(&till, 0, sizeof till);
    if (strlen(dir) >= sizeof till.dir)
        return STATUS_BUFFER;
    memcpy(till.dir, dir, strlen(dir) + 1);
    status = write_key(&till, passphrase, cost, random);
    if (status == STATUS_OK)
        status = store_path(path, dir);
    if (status == STATUS_OK)
        status = store_create(path);
    if (status == STATUS_OK)
        status = store_open(&till.store, path, MAP_BYTES);
    if (status != STATUS_OK)
        return status;
    status = till_begin(&txn, &till);
    if (status == STATUS_OK) {
        status = take_city(&till, txn, city, now_unix_s);
        if (status == STATUS_OK)
            status = store_commit(&till.plain);
        else
            store_abort(&till.plain);
    }
    till_close(&till);
    return status;
}

enum status
till_open(struct till *out, const char *dir, struct span passphrase)
{
    char path[FILE_PATH_MAX];
    struct public_key key;
    enum status status;

    memset(out, 0, sizeof *out);
    if (strlen(dir) >= sizeof out->dir)
        return STATUS_BUFFER;
    memcpy(out->dir, dir, strlen(dir) + 1);
    status = key_path(path, dir);
    if (status == STATUS_OK)
        status = keyfile_read(&out->secret, path, passphrase);
    if (status == STATUS_OK)
        status = store_path(path, dir);
    if (status == STATUS_OK)
        status = store_open(&out->store, path, MAP_BYTES);
    if (status == STATUS_OK)
        status = load(out);
    if (status == STATUS_OK) {
        crypt_public_key(&key, &out->secret);
        status = crypt_equal(&key, &out->meta.key, sizeof key) ? STATUS_OK : STATUS_KEYFILE;
    }
    if (status == STATUS_OK && out->installed) {
        status = open_log(out);
        /* A power cut between certificate and log, or before its first entry: begin it now. */
        if (status == STATUS_NOT_FOUND)
            status = till_start_log(out, out->meta.key.bytes, out->certificate.from);
        else if (status == STATUS_OK && out->log.size == 0)
            status = append_first(out, out->meta.key.bytes, out->certificate.from);
    }
    if (status != STATUS_OK)
        till_close(out);
    return status;
}

void
till_close(struct till *till)
{
    if (till->logging)
        log_close(&till->log);
    store_close(&till->store);
    crypt_wipe(till, sizeof *till);
}

/* --- asking -------------------------------------------------------------------------------- */

enum status
till_ready(const struct till *till)
{
    return till->installed && till->logging ? STATUS_OK : STATUS_CERTIFICATE_EXPIRED;
}

uint64_t
till_lower_bound(const struct till *till)
{
    uint64_t bound = till->meta.anchor_time;

    if (till->denied.time_unix_s > bound)
        bound = till->denied.time_unix_s;
    return till->meta.last_time > bound ? till->meta.last_time : bound;
}

enum status
till_clock(const struct till *till, uint64_t now_unix_s)
{
    const uint64_t anchor = till->meta.anchor_time;
    const uint64_t news = till->denied.time_unix_s;

    return accept_clock(till_lower_bound(till), anchor > news ? anchor : news,
                        till_parameters(till, now_unix_s)->offline_seconds, now_unix_s);
}

const struct msg_parameters *
till_parameters(const struct till *till, uint64_t t_unix_s)
{
    size_t at = till->parameters_count > 0 ? till->parameters_count - 1 : 0;

    while (at > 0 && till->parameters[at].from > t_unix_s)
        at--;
    return &till->parameters[at];
}

void
till_accept_state(struct accept_state *out, const struct till *till, uint64_t now_unix_s)
{
    memset(out, 0, sizeof *out);
    out->network = till->meta.network;
    out->rules.till = &till->certificate;
    out->rules.parameters = till_parameters(till, now_unix_s);
    out->rules.tally = &till->tally;
    out->rules.news_time_unix_s = till->denied.time_unix_s;
    out->signers = &till->signers;
    out->denied = &till->denied;
    out->lower_bound_unix_s = till_lower_bound(till);
    out->anchor_time_unix_s = till->meta.anchor_time;
    out->proofs = till->meta.proofs;
}
