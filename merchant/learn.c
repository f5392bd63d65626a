#include "merchant/learn.h"

#include <string.h>

#include "merchant/drawer.h"
#include "protocol/cose.h"
#include "protocol/trust.h"

enum status
learn_act(bool *known, struct till *till, struct store_txn *txn, const struct span parts[static 2])
{
    const struct signer_key *changed;
    enum status status = trust_learn(&changed, &till->signers, parts, till->meta.network);

    *known = status == STATUS_OK && changed == NULL;
    return changed == NULL ? status : drawer_put_signer(txn, changed);
}

/* Forgets the versions that cannot be in force any more: another one is since a time that the
 * till's clock cannot go back behind. */
static enum status
drop_old_parameters(struct till *till, struct store_txn *txn)
{
    const uint64_t bound = till_lower_bound(till);
    size_t over = 0;
    enum status status = STATUS_OK;

    while (over + 1 < till->parameters_count && till->parameters[over + 1].from <= bound)
        over++;
    for (size_t i = 0; i < over && status == STATUS_OK; i++)
        status = drawer_drop_parameters(txn, till->parameters[i].version);
    till->parameters_count -= over;
    memmove(till->parameters, till->parameters + over,
            till->parameters_count * sizeof till->parameters[0]);
    return status;
}

enum status
learn_parameters(bool *known, struct till *till, struct store_txn *txn,
                 const struct span parts[static 2], uint64_t now_unix_s)
{
    static struct msg_parameters parameters;
    struct cose_message message;
    enum status status =
        msg_open(&message, &parameters, &msg_parameters_schema, till->meta.network, parts[0]);

    /* What is in force stays so, also when a key that signed it has been killed since. */
    *known = status == STATUS_OK && parameters.version <= till->meta.parameters;
    if (status != STATUS_OK || *known)
        return status;
    status = trust_check_pair(&till->signers, &message, parts[1], &msg_parameters_schema,
                              till->meta.network,
                              parameters.from < now_unix_s ? parameters.from : now_unix_s);
    if (status != STATUS_OK)
        return status;
    status = drop_old_parameters(till, txn);
    if (status == STATUS_OK && till->parameters_count == TILL_PARAMETERS_MAX)
        status = STATUS_CAPACITY;
    if (status != STATUS_OK)
        return status;
    till->parameters[till->parameters_count++] = parameters;
    till->meta.parameters = parameters.version;
    return drawer_put_parameters(txn, parameters.version, parts[0]);
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
