#include "trust.h"

#include <assert.h>
#include <string.h>

/* --- the roots ----------------------------------------------------------------------------- */

enum status
trust_read_genesis(struct msg_genesis *out, struct cose_message messages[static 2],
                   const struct span parts[static 2])
{
    struct msg_genesis second;
    enum status status = cose_parse(&messages[0], parts[0], COSE_MESSAGE_MAX);

    if (status == STATUS_OK)
        status = schema_decode(out, &msg_genesis_schema, messages[0].payload);
    if (status == STATUS_OK)
        status = msg_open(&messages[1], &second, &msg_genesis_schema, out->network, parts[1]);
    return status;
}

enum status
trust_pin(struct signer_list *signers, struct msg_genesis *genesis, const struct msg_parcel *city)
{
    struct cose_message messages[2];
    enum status status;

    if (city->kind != MSG_PARCEL_CITY || city->parts_count < 2 || city->parts_count % 2 != 0)
        return STATUS_ENTRY_SHAPE;
    status = trust_read_genesis(genesis, messages, city->parts);
    if (status == STATUS_OK)
        status = signer_check_genesis(genesis, messages);
    if (status != STATUS_OK)
        return status;
    signers->count = 0;
    return signer_add_roots(signers, genesis, 0);
}

bool
trust_is_city(const struct signer_list *signers, const struct msg_genesis *genesis)
{
    size_t found = 0;

    for (size_t i = 0; i < signers->count; i++) {
        const struct signer_key *const key = &signers->keys[i];
        bool named = false;

        if (key->role != SIGNER_ROOT)
            continue;
        for (size_t j = 0; j < genesis->roots_count; j++)
            named = named || memcmp(&key->key, &genesis->roots[j], sizeof key->key) == 0;
        if (!named)
            return false;
        found++;
    }
    return found == genesis->roots_count;
}

/* --- acts ---------------------------------------------------------------------------------- */

/* A role key or kill. */
struct act {
    const struct schema *schema;
    union {
        struct msg_role_key role_key;
        struct msg_kill kill;
    } fields;
};

static bool
kills(const struct act *act)
{
    return act->schema == &msg_kill_schema;
}

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

/* The key that the act is about, as far as it is known; NULL when it is not. */
static const struct signer_key *
subject(const struct signer_list *signers, const struct act *act)
{
    const struct msg_role_key *const role_key = &act->fields.role_key;
    const struct msg_kill *const kill = &act->fields.kill;

    return kills(act) ? signer_known(signers, (enum signer_role)kill->role, &kill->key)
                      : signer_known(signers, (enum signer_role)role_key->role, &role_key->key);
}

static bool
is_known(const struct signer_list *signers, const struct act *act)
{
    const struct signer_key *const key = subject(signers, act);

    return key != NULL && (kills(act) ? key->killed : key->until != 0);
}

enum status
trust_check_pair(const struct signer_list *signers, const struct cose_message *first,
                 struct span second, const struct schema *schema, uint64_t network,
                 uint64_t signed_unix_s)
{
    struct cose_message messages[2] = {*first};
    enum status status = cose_parse(&messages[1], second, COSE_MESSAGE_MAX);

    /* Its payload must be that of the first, so there is nothing to decode. */
    if (status != STATUS_OK)
        return status;
    return signer_check_act(signers, messages, 2, schema, network, signed_unix_s, signed_unix_s);
}

enum status
trust_learn(const struct signer_key **changed, struct signer_list *signers,
            const struct span parts[static 2], uint64_t network)
{
    struct cose_message message;
    struct act act;
    enum status status = read_act(&act, &message, parts[0], network);

    *changed = NULL;
    if (status != STATUS_OK || is_known(signers, &act))
        return status;
    /* Roots never expire, so a role key needs no time. */
    status = trust_check_pair(signers, &message, parts[1], act.schema, network,
                              kills(&act) ? act.fields.kill.time : 1);
    if (status == STATUS_OK)
        status = kills(&act) ? signer_kill(signers, &act.fields.kill)
                             : signer_add(signers, &act.fields.role_key, 0);
    if (status != STATUS_OK)
        return status;
    *changed = subject(signers, &act);
    assert(*changed != NULL);
    return STATUS_OK;
}

/* --- the stored form ----------------------------------------------------------------------- */

struct record {
    uint64_t from;
    uint64_t until;
    uint64_t verify_until;
    uint64_t index;
    uint64_t killed;
};

static const struct field record_fields[] = {
    SCHEMA_UINT(1, OPTIONAL, struct record, from, 1, UINT32_MAX),
    SCHEMA_UINT(2, OPTIONAL, struct record, until, 1, UINT32_MAX),
    SCHEMA_UINT(3, OPTIONAL, struct record, verify_until, 1, UINT32_MAX),
    SCHEMA_UINT(4, OPTIONAL, struct record, index, 1, UINT64_MAX),
    SCHEMA_UINT(5, OPTIONAL, struct record, killed, 1, 1),
};
static const struct schema record_schema =
    SCHEMA_MAP("role", struct record, record_fields, TRUST_RECORD_MAX);

void
trust_id(uint8_t out[static TRUST_ID_SIZE], const struct signer_key *key)
{
    assert((unsigned)key->role <= UINT8_MAX);
    out[0] = (uint8_t)key->role;
    memcpy(out + 1, key->key.bytes, PUBLIC_KEY_SIZE);
}

enum status
trust_store(uint8_t *out, size_t *len, const struct signer_key *key)
{
    const struct record record = {key->from, key->until, key->verify_until, key->index,
                                  key->killed};

    return schema_encode(out, TRUST_RECORD_MAX, len, &record_schema, &record);
}

enum status
trust_load(struct signer_list *signers, struct span id, struct span record)
{
    struct signer_key *key;
    struct record read;

    assert(signers->count <= SIGNER_MAX);
    if (id.len != TRUST_ID_SIZE || signers->count == SIGNER_MAX ||
        schema_decode(&read, &record_schema, record) != STATUS_OK)
        return STATUS_STORE_BROKEN;
    key = &signers->keys[signers->count++];
    *key = (struct signer_key){
        .role = (enum signer_role)id.data[0],
        .killed = read.killed != 0,
        .from = read.from,
        .until = read.until,
        .verify_until = read.verify_until,
        .index = read.index,
    };
    memcpy(key->key.bytes, id.data + 1, PUBLIC_KEY_SIZE);
    crypt_kid(&key->kid, &key->key);
    return STATUS_OK;
}
