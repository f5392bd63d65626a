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

/* The time at which a two-role act is judged is inside it, so it is read before it is checked. */
static enum status
time_of(uint64_t *out, const struct till *till, uint64_t type, struct span part)
{
    static struct msg_parameters parameters;
    struct cose_message message;
    struct msg_kill kill;
    enum status status = STATUS_OK;

    *out = 1;
    if (type == MSG_KILL) {
        status = msg_open(&message, &kill, &msg_kill_schema, till->meta.network, part);
        *out = kill.time;
    } else if (type == MSG_PARAMETERS) {
        status = msg_open(&message, &parameters, &msg_parameters_schema, till->meta.network, part);
        *out = parameters.from;
    }
    return status;
}

enum status
learn_act(bool *known, struct till *till, struct store_txn *txn, const struct span parts[static 2])
{
    struct msg_role_key role_key;
    struct msg_kill kill;
    struct digest id;
    uint64_t type;
    uint64_t when = 1;
    enum status status = msg_peek(&type, parts[0]);

    *known = false;
    if (status == STATUS_OK && type != MSG_ROLE_KEY && type != MSG_KILL)
        status = STATUS_MESSAGE_TYPE;
    if (status == STATUS_OK)
        status = time_of(&when, till, type, parts[0]);
    if (status != STATUS_OK)
        return status;
    if (type == MSG_KILL) {
        status = open_act(&kill, &id, till, &msg_kill_schema, parts, when);
        if (status == STATUS_OK)
            status = signer_kill(&till->signers, &kill);
    } else {
        status = open_act(&role_key, &id, till, &msg_role_key_schema, parts, when);
        if (status == STATUS_OK)
            status = signer_add(&till->signers, &role_key, 0);
    }
    *known = status == STATUS_REPLAY || status == STATUS_DUPLICATE_ID;
    if (*known)
        return STATUS_OK;
    return status == STATUS_OK && txn != NULL ? put_pair(txn, &id, parts) : status;
}

enum status
learn_parameters(bool *known, struct till *till, struct store_txn *txn,
                 const struct span parts[static 2], uint64_t now_unix_s)
{
    static struct msg_parameters parameters;
    struct digest id;
    uint64_t when;
    enum status status = time_of(&when, till, MSG_PARAMETERS, parts[0]);

    *known = false;
    if (status == STATUS_OK)
        status = open_act(&parameters, &id, till, &msg_parameters_schema, parts,
                          when < now_unix_s ? when : now_unix_s);
    if (status != STATUS_OK)
        return status;
    *known = parameters.version <= till->meta.parameters;
    if (*known)
        return STATUS_OK;
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
