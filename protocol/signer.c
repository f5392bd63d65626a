#include "signer.h"

#include <assert.h>
#include <string.h>

/* Which roles sign which act; `second` 0 when one signature does. */
struct signer_rule {
    enum msg_type type;
    enum signer_role first;
    enum signer_role second;
};

#define SIGNER_NONE ((enum signer_role)0)

static const struct signer_rule rules[] = {
    {MSG_ROLE_KEY, SIGNER_ROOT, SIGNER_ROOT},
    {MSG_KILL, SIGNER_ROOT, SIGNER_ROOT},
    {MSG_KILL, SIGNER_TREASURY, SIGNER_AUDIT},
    {MSG_PARAMETERS, SIGNER_PROGRAMME, SIGNER_TREASURY},
    {MSG_SERIES, SIGNER_PROGRAMME, SIGNER_TREASURY},
    {MSG_MERCHANT, SIGNER_ENROLMENT, SIGNER_NONE},
    {MSG_TILL, SIGNER_ENROLMENT, SIGNER_NONE},
    {MSG_REVOCATION, SIGNER_ENROLMENT, SIGNER_NONE},
    {MSG_FUNDING, SIGNER_TREASURY, SIGNER_NONE},
    {MSG_ISSUE, SIGNER_PROGRAMME, SIGNER_NONE},
    {MSG_HOLD, SIGNER_TREASURY, SIGNER_AUDIT},
    {MSG_DENIAL, SIGNER_ENROLMENT, SIGNER_AUDIT},
    {MSG_REVIEW, SIGNER_TREASURY, SIGNER_AUDIT},
    {MSG_PAYOUT, SIGNER_TREASURY, SIGNER_NONE},
    {MSG_ALLOWANCE, SIGNER_ALLOWANCE, SIGNER_NONE},
    {MSG_SETTLEMENT_PROOF, SIGNER_SETTLEMENT, SIGNER_NONE},
    {MSG_ANCHOR, SIGNER_SETTLEMENT, SIGNER_NONE},
    {MSG_ACK, SIGNER_SETTLEMENT, SIGNER_NONE},
    {MSG_NEWS, SIGNER_NEWS, SIGNER_NONE},
};

static bool
same_key(const struct public_key *a, const struct public_key *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

static struct signer_key *
find(struct signer_list *list, enum signer_role role, const struct public_key *key)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->keys[i].role == role && same_key(&list->keys[i].key, key))
            return &list->keys[i];
    }
    return NULL;
}

const struct signer_key *
signer_known(const struct signer_list *list, enum signer_role role, const struct public_key *key)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->keys[i].role == role && same_key(&list->keys[i].key, key))
            return &list->keys[i];
    }
    return NULL;
}

/* The next free place, with key, kid and role filled in. There must be one. */
static struct signer_key *
append(struct signer_list *list, enum signer_role role, const struct public_key *key)
{
    struct signer_key *entry = &list->keys[list->count];

    assert(list->count < SIGNER_MAX);
    *entry = (struct signer_key){.key = *key, .role = role};
    crypt_kid(&entry->kid, key);
    list->count++;
    return entry;
}

static enum status
roots_differ(const struct msg_genesis *genesis)
{
    for (size_t i = 1; i < genesis->roots_count; i++) {
        for (size_t j = 0; j < i; j++) {
            if (same_key(&genesis->roots[i], &genesis->roots[j]))
                return STATUS_DUPLICATE_ID;
        }
    }
    return STATUS_OK;
}

enum status
signer_add_roots(struct signer_list *list, const struct msg_genesis *genesis, uint64_t index)
{
    enum status status = roots_differ(genesis);

    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < genesis->roots_count; i++) {
        if (signer_known(list, SIGNER_ROOT, &genesis->roots[i]) != NULL)
            return STATUS_DUPLICATE_ID;
    }
    assert(list->count <= SIGNER_MAX);
    if (SIGNER_MAX - list->count < genesis->roots_count)
        return STATUS_CAPACITY;
    for (size_t i = 0; i < genesis->roots_count; i++) {
        struct signer_key *entry = append(list, SIGNER_ROOT, &genesis->roots[i]);

        entry->until = UINT32_MAX;
        entry->verify_until = UINT32_MAX;
        entry->index = index;
    }
    return STATUS_OK;
}

enum status
signer_add(struct signer_list *list, const struct msg_role_key *key, uint64_t index)
{
    const enum signer_role role = (enum signer_role)key->role;
    struct signer_key *entry = find(list, role, &key->key);

    if (key->from > key->until || key->verify_until < key->until + SIGNER_VERIFY_SECONDS)
        return STATUS_CBOR_RANGE;
    if (entry != NULL && entry->until != 0)
        return STATUS_DUPLICATE_ID;
    if (entry == NULL && list->count == SIGNER_MAX)
        return STATUS_CAPACITY;
    if (entry == NULL)
        entry = append(list, role, &key->key);
    entry->from = key->from;
    entry->until = key->until;
    entry->verify_until = key->verify_until;
    entry->index = index;
    return STATUS_OK;
}

enum status
signer_kill(struct signer_list *list, const struct msg_kill *kill)
{
    const enum signer_role role = (enum signer_role)kill->role;
    struct signer_key *entry = find(list, role, &kill->key);

    if (entry != NULL && entry->killed)
        return STATUS_REPLAY;
    if (entry == NULL && list->count == SIGNER_MAX)
        return STATUS_CAPACITY;
    if (entry == NULL)
        entry = append(list, role, &kill->key);
    entry->killed = true;
    return STATUS_OK;
}

/* At which step of section 7 a key is dropped; STATUS_OK when it may have signed. */
static enum status
usable(const struct signer_key *key, enum signer_role role, const struct kid *kid,
       uint64_t signed_unix_s, uint64_t now_unix_s)
{
    if (key->role != role || memcmp(&key->kid, kid, sizeof *kid) != 0)
        return STATUS_SIGNER_UNKNOWN;
    if (key->killed)
        return STATUS_KEY_KILLED;
    if (signed_unix_s < key->from)
        return STATUS_KEY_NOT_YET;
    if (signed_unix_s > key->until || now_unix_s > key->verify_until)
        return STATUS_KEY_EXPIRED;
    return STATUS_OK;
}

/* How far a key came: the later the step at which it was dropped, the higher. */
static unsigned
reached(enum status status)
{
    static const enum status steps[] = {STATUS_SIGNER_UNKNOWN, STATUS_KEY_KILLED,
                                        STATUS_KEY_NOT_YET, STATUS_KEY_EXPIRED,
                                        STATUS_SIGNATURE_BAD};
    unsigned step = 0;

    while (steps[step] != status) {
        step++;
        assert(step < sizeof steps / sizeof steps[0]);
    }
    return step;
}

enum status
signer_find(const struct signer_key **found, const struct signer_list *list, enum signer_role role,
            const struct kid *kid, uint64_t signed_unix_s, uint64_t now_unix_s)
{
    enum status last = STATUS_SIGNER_UNKNOWN;

    *found = NULL;
    assert(list->count <= SIGNER_MAX);
    for (size_t i = 0; i < list->count; i++) {
        const enum status status = usable(&list->keys[i], role, kid, signed_unix_s, now_unix_s);

        if (status == STATUS_OK) {
            *found = &list->keys[i];
            return STATUS_OK;
        }
        if (reached(status) > reached(last))
            last = status;
    }
    return last;
}

enum status
signer_check(const struct signer_key **found, const struct signer_list *list, enum signer_role role,
             const struct cose_message *message, const struct schema *schema, uint64_t network,
             uint64_t signed_unix_s, uint64_t now_unix_s)
{
    enum status last = STATUS_SIGNER_UNKNOWN;

    if (found != NULL)
        *found = NULL;
    assert(list->count <= SIGNER_MAX);
    for (size_t i = 0; i < list->count; i++) {
        const struct signer_key *key = &list->keys[i];
        enum status status = usable(key, role, &message->kid, signed_unix_s, now_unix_s);

        if (status == STATUS_OK)
            status = msg_verify(message, schema, network, &key->key);
        if (status == STATUS_OK) {
            if (found != NULL)
                *found = key;
            return STATUS_OK;
        }
        if (reached(status) > reached(last))
            last = status;
    }
    return last;
}

enum status
signer_check_ever(const struct signer_list *list, enum signer_role role,
                  const struct cose_message *message, const struct schema *schema, uint64_t network)
{
    enum status last = STATUS_SIGNER_UNKNOWN;

    assert(list->count <= SIGNER_MAX);
    for (size_t i = 0; i < list->count; i++) {
        const struct signer_key *key = &list->keys[i];

        if (key->role != role || memcmp(&key->kid, &message->kid, sizeof key->kid) != 0)
            continue;
        last = msg_verify(message, schema, network, &key->key);
        if (last == STATUS_OK)
            return STATUS_OK;
    }
    return last;
}

static bool
same_payload(const struct cose_message *a, const struct cose_message *b)
{
    return a->payload.len == b->payload.len &&
           memcmp(a->payload.data, b->payload.data, a->payload.len) == 0;
}

/* Two signatures with different kids over one payload, whoever made them. */
static bool
is_pair(const struct cose_message *messages)
{
    return memcmp(&messages[0].kid, &messages[1].kid, sizeof messages[0].kid) != 0 &&
           same_payload(&messages[0], &messages[1]);
}

enum status
signer_check_act(const struct signer_list *list, const struct cose_message *messages, size_t count,
                 const struct schema *schema, uint64_t network, uint64_t signed_unix_s,
                 uint64_t now_unix_s)
{
    const uint64_t type = schema->fields[0].min;
    enum status status = STATUS_ROLE_NOT_ALLOWED;

    assert(count == 1 || count == 2);
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        const struct signer_rule *rule = &rules[i];

        if (rule->type != type)
            continue;
        if (rule->second == SIGNER_NONE && count == 1)
            return signer_check(NULL, list, rule->first, &messages[0], schema, network,
                                signed_unix_s, now_unix_s);
        status = STATUS_SECOND_SIGNATURE;
        if (rule->second == SIGNER_NONE || count == 1 || !is_pair(messages))
            continue;
        for (size_t order = 0; order < 2; order++) {
            if (signer_check(NULL, list, rule->first, &messages[order], schema, network,
                             signed_unix_s, now_unix_s) == STATUS_OK &&
                signer_check(NULL, list, rule->second, &messages[1 - order], schema, network,
                             signed_unix_s, now_unix_s) == STATUS_OK)
                return STATUS_OK;
        }
    }
    return status;
}

enum status
signer_check_genesis(const struct msg_genesis *genesis,
                     const struct cose_message messages[static 2])
{
    bool signed_by[2] = {false, false};
    enum status status = roots_differ(genesis);

    if (status != STATUS_OK)
        return status;
    if (!is_pair(messages))
        return STATUS_SECOND_SIGNATURE;
    for (size_t i = 0; i < 2; i++) {
        for (size_t j = 0; j < genesis->roots_count; j++) {
            struct kid kid;

            crypt_kid(&kid, &genesis->roots[j]);
            if (memcmp(&kid, &messages[i].kid, sizeof kid) == 0 &&
                msg_verify(&messages[i], &msg_genesis_schema, genesis->network,
                           &genesis->roots[j]) == STATUS_OK)
                signed_by[i] = true;
        }
    }
    return signed_by[0] && signed_by[1] ? STATUS_OK : STATUS_SECOND_SIGNATURE;
}
