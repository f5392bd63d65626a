#include "merchant/learn.h"

#include <assert.h>
#include <string.h>

#include "merchant/drawer.h"
#include "protocol/cose.h"

/* Opens both messages of an act and checks who signed it, at its own time. */
static enum status
open_act(void *act, struct digest *id, const struct till *till, const struct schema *schema,
         const struct span parts[static 2], uint64_t signed_unix_s)
{
    static union {
        struct msg_role_key role_key;
        struct msg_kill kill;
        struct msg_parameters parameters;
    } same;
    struct cose_message messages[2];
    enum status status = msg_open(&messages[0], act, schema, till->meta.network, parts[0]);

    assert(schema->size <= sizeof same);
    if (status == STATUS_OK)
        status = msg_open(&messages[1], &same, schema, till->meta.network, parts[1]);
    if (status == STATUS_OK)
        status = signer_check_act(&till->signers, messages, 2, schema, till->meta.network,
                                  signed_unix_s, signed_unix_s);
    if (status == STATUS_OK)
        msg_id(id, &messages[0], schema, till->meta.network);
    return status;
}

static enum status
put_pair(struct store_txn *txn, const struct digest *id, const struct span parts[static 2])
{
    static struct msg_parcel parcel;
    static uint8_t bytes[2 * COSE_MESSAGE_MAX + 64];
    size_t len;
    enum status status;

    parcel.kind = MSG_PARCEL_ACT;
    parcel.parts_count = 2;
    parcel.parts[0] = parts[0];
    parcel.parts[1] = parts[1];
    status = schema_encode(bytes, sizeof bytes, &len, &msg_parcel_schema, &parcel);
    if (status != STATUS_OK)
        return status;
    return id == NULL ? drawer_put_parameters(txn, (struct span){bytes, len})
                      : drawer_put_act(txn, id, (struct span){bytes, len});
}

/* A role key or kill. */
struct act {
    const struct schema *schema;
    union {
        struct msg_role_key role_key;
        struct msg_kill kill;
    } fields;
};

static enum status
read_act(struct act *out, uint64_t network, struct span part)
{
    struct cose_message message;
    uint64_t type;
    enum status status = msg_peek(&type, part);

    if (status == STATUS_OK && type != MSG_ROLE_KEY && type != MSG_KILL)
        status = STATUS_MESSAGE_TYPE;
    if (status != STATUS_OK)
        return status;
    out->schema = type == MSG_KILL ? &msg_kill_schema : &msg_role_key_schema;
    return msg_open(&message, &out->fields, out->schema, network, part);
}

/* Takes it into the list; `known` when it is there already. */
static enum status
take_act(bool *known, struct signer_list *signers, const struct act *act)
{
    const enum status status = act->schema == &msg_kill_schema
                                   ? signer_kill(signers, &act->fields.kill)
                                   : signer_add(signers, &act->fields.role_key, 0);

    *known = status == STATUS_REPLAY || status == STATUS_DUPLICATE_ID;
    return *known ? STATUS_OK : status;
}

static bool
is_known(const struct signer_list *signers, const struct act *act)
{
    const struct msg_role_key *const role_key = &act->fields.role_key;
    const struct msg_kill *const kill = &act->fields.kill;
    const bool kills = act->schema == &msg_kill_schema;
    const struct signer_key *const key =
        kills ? signer_known(signers, (enum signer_role)kill->role, &kill->key)
              : signer_known(signers, (enum signer_role)role_key->role, &role_key->key);

    return key != NULL && (kills ? key->killed : key->until != 0);
}

enum status
learn_stored(struct till *till, struct span part)
{
    struct act act;
    bool known;
    const enum status status = read_act(&act, till->meta.network, part);

    return status == STATUS_OK ? take_act(&known, &till->signers, &act) : status;
}

enum status
learn_act(bool *known, struct till *till, struct store_txn *txn, const struct span parts[static 2])
{
    struct act act;
    struct digest id;
    uint64_t when = 1;
    enum status status = read_act(&act, till->meta.network, parts[0]);

    /* What was learned once stays learned, also when a key that signed it has been killed since. */
    *known = status == STATUS_OK && is_known(&till->signers, &act);
    if (status != STATUS_OK || *known)
        return status;
    /* A kill is judged at its own time; roots never expire, so a role key needs none. */
    if (act.schema == &msg_kill_schema)
        when = act.fields.kill.time;
    status = open_act(&act.fields, &id, till, act.schema, parts, when);
    if (status == STATUS_OK)
        status = take_act(known, &till->signers, &act);
    return status == STATUS_OK && !*known ? put_pair(txn, &id, parts) : status;
}

enum status
learn_parameters(bool *known, struct till *till, struct store_txn *txn,
                 const struct span parts[static 2], uint64_t now_unix_s)
{
    static struct msg_parameters parameters;
    struct cose_message message;
    struct digest id;
    enum status status =
        msg_open(&message, &parameters, &msg_parameters_schema, till->meta.network, parts[0]);

    /* What is in force stays so, also when a key that signed it has been killed since. */
    *known = status == STATUS_OK && parameters.version <= till->meta.parameters;
    if (status != STATUS_OK || *known)
        return status;
    status = open_act(&parameters, &id, till, &msg_parameters_schema, parts,
                      parameters.from < now_unix_s ? parameters.from : now_unix_s);
    if (status != STATUS_OK)
        return status;
    till->parameters = parameters;
    till->meta.parameters = parameters.version;
    return put_pair(txn, NULL, parts);
}

enum status
learn_certificate(struct till *till, struct span part, uint64_t now_unix_s)
{
    struct cose_message message;
    struct msg_till certificate;
    enum status status =
        msg_open(&message, &certificate, &msg_till_schema, till->meta.network, part);

    if (status == STATUS_OK)
        status = signer_check(NULL, &till->signers, SIGNER_ENROLMENT, &message, &msg_till_schema,
                              till->meta.network, certificate.from, now_unix_s);
    if (status != STATUS_OK)
        return status;
    if (!crypt_equal(&certificate.key, &till->meta.key, sizeof certificate.key))
        return STATUS_WRONG_PAYEE;
    if (till->installed && certificate.till != till->certificate.till)
        return STATUS_DUPLICATE_ID;
    if (part.len > sizeof till->certificate_bytes || certificate.count > TILL_UNCONFIRMED_MAX)
        return STATUS_CAPACITY;
    memcpy(till->certificate_bytes, part.data, part.len);
    till->meta.certificate = (struct span){till->certificate_bytes, part.len};
    return msg_open(&message, &till->certificate, &msg_till_schema, till->meta.network,
                    till->meta.certificate);
}
