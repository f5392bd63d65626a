#include "apply_rules.h"

#include <assert.h>
#include <string.h>

#include "protocol/trust.h"

enum status
apply_city_genesis(struct apply *apply)
{
    struct state *const state = &apply->state;
    struct cose_message messages[2];
    struct msg_genesis genesis;
    enum status status = trust_read_genesis(&genesis, messages, apply->entry.messages);

    if (status == STATUS_OK && !apply->trust)
        status = signer_check_genesis(&genesis, messages);
    if (status == STATUS_OK)
        status = signer_add_roots(&state->signers, &genesis, 0);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < state->signers.count; i++)
        state_put_signer(state, &state->signers.keys[i]);
    state_put_city(state, &genesis);
    return STATUS_OK;
}

enum status
apply_city_role_key(struct apply *apply)
{
    struct state *const state = &apply->state;
    struct msg_role_key key;
    enum status status = apply_act(apply, &key, &msg_role_key_schema);

    if (status != STATUS_OK)
        return status;
    if (key.from > key.until || key.verify_until < key.until + SIGNER_VERIFY_SECONDS)
        return STATUS_CBOR_RANGE;
    if (state->head.started != 0 && key.from < apply->entry.time + SIGNER_NOTICE_SECONDS)
        return STATUS_KEY_NOT_YET;
    status = signer_add(&state->signers, &key, apply->index);
    if (status != STATUS_OK)
        return status;
    state_put_signer(state, signer_known(&state->signers, (enum signer_role)key.role, &key.key));
    return STATUS_OK;
}

enum status
apply_city_kill(struct apply *apply)
{
    struct state *const state = &apply->state;
    struct msg_kill kill;
    enum status status = apply_act(apply, &kill, &msg_kill_schema);
    const enum signer_role role = (enum signer_role)kill.role;

    if (status != STATUS_OK)
        return status;
    if (signer_known(&state->signers, role, &kill.key) == NULL)
        return STATUS_SIGNER_UNKNOWN;
    status = signer_kill(&state->signers, &kill);
    if (status != STATUS_OK)
        return status;
    state_put_signer(state, signer_known(&state->signers, role, &kill.key));
    state_put_kill(state, apply->index);
    return STATUS_OK;
}

enum status
apply_city_parameters(struct apply *apply)
{
    struct state *const state = &apply->state;
    struct msg_parameters parameters;
    struct cose_message message;
    enum status status = apply_act(apply, &parameters, &msg_parameters_schema);

    if (status != STATUS_OK)
        return status;
    if (parameters.version != state->head.parameters + 1)
        return STATUS_REPLAY;
    if (parameters.from < state->parameters.from)
        return STATUS_CBOR_RANGE;
    if (parameters.grace_days * 86400 <= parameters.offline_seconds)
        return STATUS_CBOR_RANGE;
    status = cose_parse(&message, apply->entry.messages[0], COSE_MESSAGE_MAX);
    if (status != STATUS_OK)
        return status;
    state_put_parameters(state, &parameters, message.payload, apply->index, apply->entry.time);
    return STATUS_OK;
}

enum status
apply_city_merchant(struct apply *apply)
{
    struct msg_merchant merchant;
    struct record_merchant record;
    enum status status = apply_act(apply, &merchant, &msg_merchant_schema);

    if (status != STATUS_OK)
        return status;
    if (record_merchant_get(&record, &apply->state, merchant.merchant))
        return STATUS_DUPLICATE_ID;
    record = (struct record_merchant){merchant.key, apply->index};
    record_merchant_put(&apply->state, merchant.merchant, &record);
    return STATUS_OK;
}

/* --- tills --- */

static void
till_key_key(struct state_key *key, const struct public_key *till)
{
    state_key_begin(key, STATE_TILL_KEY);
    state_key_bytes(key, till->bytes, PUBLIC_KEY_SIZE);
}

static enum status
check_till(struct apply *apply, const struct msg_till *till)
{
    struct msg_parameters parameters;
    struct record_merchant merchant;
    struct state_key key;
    uint64_t number;
    enum status status;

    if (!record_merchant_get(&merchant, &apply->state, till->merchant))
        return STATUS_MERCHANT_UNKNOWN;
    till_key_key(&key, &till->key);
    if (record_till_get(&apply->till, &apply->state, till->till) ||
        state_number(&number, &apply->state, &key))
        return STATUS_DUPLICATE_ID;
    status = apply_parameters(apply, &parameters);
    if (status != STATUS_OK)
        return status;

    const struct msg_till_class *const class = &parameters.till_classes[till->level - 1];

    if (money_compare(till->limit, class->limit) > 0 || till->count > class->count)
        return STATUS_AMOUNT_OVER_LIMIT;
    return STATUS_OK;
}

enum status
apply_city_till(struct apply *apply)
{
    struct record_till *const record = &apply->till;
    struct msg_till till;
    struct state_key key;
    enum status status = apply_act(apply, &till, &msg_till_schema);

    if (status == STATUS_OK)
        status = check_till(apply, &till);
    if (status != STATUS_OK)
        return status;
    *record = (struct record_till){.till = till.till,
                                   .merchant = till.merchant,
                                   .key = till.key,
                                   .level = till.level,
                                   .limit = till.limit,
                                   .count = till.count,
                                   .classes = till.classes,
                                   .restrictions_count = till.restrictions_count,
                                   .from = till.from,
                                   .until = till.until,
                                   .index = apply->index};
    memcpy(record->restrictions, till.restrictions, sizeof record->restrictions);
    record_till_put(&apply->state, record);
    till_key_key(&key, &till.key);
    state_set_number(&apply->state, &key, till.till);
    return STATUS_OK;
}

enum status
apply_city_revocation(struct apply *apply)
{
    struct msg_revocation revocation;
    enum status status = apply_act(apply, &revocation, &msg_revocation_schema);

    if (status != STATUS_OK)
        return status;
    if (!record_till_get(&apply->till, &apply->state, revocation.till))
        return STATUS_TILL_UNKNOWN;
    if (apply->till.revoked != 0)
        return STATUS_REPLAY;
    apply->till.revoked = 1;
    apply->till.revoked_size = revocation.size;
    record_till_put(&apply->state, &apply->till);
    return STATUS_OK;
}

enum status
apply_city_hold(struct apply *apply)
{
    struct state_head *const head = &apply->state.head;
    struct msg_hold hold;
    enum status status = apply_act(apply, &hold, &msg_hold_schema);

    if (status != STATUS_OK)
        return status;
    if (hold.number != head->hold + 1 || (hold.action == 1) != (head->held == 0))
        return STATUS_REPLAY;
    head->hold = hold.number;
    head->held = hold.action == 1;
    return STATUS_OK;
}
