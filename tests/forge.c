#include "forge.h"

#include <assert.h>
#include <string.h>

#include "protocol/transfer.h"

void
forge_key(struct forge_key *out, const char *name)
{
    const struct span text = {(const uint8_t *)name, strlen(name)};
    struct digest seed;
    const enum status status = crypt_init();

    assert(status == STATUS_OK);
    crypt_hash(&seed, &text, 1);
    crypt_key_from_seed(&out->secret, &out->key, seed.bytes);
    crypt_kid(&out->kid, &out->key);
}

struct span
forge_span(const struct forge_message *message)
{
    return (struct span){message->bytes, message->len};
}

void
forge_sign(struct forge_message *out, struct digest *id, const struct schema *schema,
           const void *object, uint64_t network, const struct forge_key *key)
{
    struct cose_message message;
    const enum status status =
        msg_sign(out->bytes, sizeof out->bytes, &out->len, schema, object, network, &key->secret);

    assert(status == STATUS_OK);
    message = forge_open(forge_span(out));
    if (id != NULL)
        msg_id(id, &message, schema, network);
}

void
forge_transfer(struct forge_message *out, struct digest *id, const struct msg_transfer *transfer,
               uint64_t network, const struct digest *request, const struct forge_key *key)
{
    uint8_t payload[64];
    size_t len;
    struct cose_aad aad;
    enum status status =
        schema_encode(payload, sizeof payload, &len, &msg_transfer_schema, transfer);

    /* Not transfer_sign, which refuses what a dishonest wallet signs. */
    assert(status == STATUS_OK);
    transfer_aad(&aad, network, &key->key, request, transfer->payee);
    status = cose_sign(out->bytes, sizeof out->bytes, &out->len, &key->secret, &aad,
                       (struct span){payload, len});
    assert(status == STATUS_OK);
    if (id != NULL)
        cose_message_id(id, &key->kid, &aad, (struct span){payload, len});
}

struct cose_message
forge_open(struct span message)
{
    struct cose_message out;
    const enum status status = cose_parse(&out, message, COSE_MESSAGE_LARGE_MAX);

    assert(status == STATUS_OK);
    return out;
}

void
forge_role(struct signer_list *list, enum signer_role role, const struct forge_key *key,
           uint64_t from, uint64_t until)
{
    const struct msg_role_key message = {.network = 1,
                                         .role = role,
                                         .key = key->key,
                                         .from = from,
                                         .until = until,
                                         .verify_until = until + SIGNER_VERIFY_SECONDS};
    const enum status status = signer_add(list, &message, 0);

    assert(status == STATUS_OK);
}

/* splitmix64 */
uint64_t
forge_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);

    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

uint64_t
forge_below(uint64_t *state, uint64_t bound)
{
    assert(bound > 0);
    return forge_random(state) % bound;
}

/* A number of [min, max]: an end of it, or anything between; small ones as often as large ones. */
static uint64_t
pick(enum forge_choice choice, uint64_t min, uint64_t max, uint64_t *random)
{
    uint64_t number;

    if (choice != FORGE_ANY)
        return choice == FORGE_LEAST ? min : max;
    number = forge_random(random) >> forge_below(random, 64);
    switch (forge_below(random, 8)) {
    case 0:
        return min;
    case 1:
        return max;
    default:
        return max - min == UINT64_MAX ? number : min + number % (max - min + 1);
    }
}

static uint64_t
pick_length(enum forge_choice choice, uint64_t min, uint64_t max, size_t longest, uint64_t *random)
{
    if (max > longest && choice == FORGE_ANY)
        max = longest > min ? longest : min;
    return pick(choice, min, max, random);
}

/* Plain letters, which are text as well. */
static struct span
letters(size_t len)
{
    static uint8_t bytes[FORGE_BYTES_MAX];

    assert(len <= sizeof bytes);
    if (bytes[0] == 0) {
        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = (uint8_t)('a' + i % 26);
    }
    return (struct span){bytes, len};
}

static void
fill_value(const struct field *field, uint8_t *member, enum forge_choice choice, size_t longest,
           uint64_t *random)
{
    struct span bytes = {NULL, 0};
    uint64_t number = 0;
    uint8_t fixed[256];

    switch (field->type) {
    case FIELD_CONST:
        return;
    case FIELD_RECORD:
        return; /* done by forge_fill */
    case FIELD_UINT:
    case FIELD_MONEY:
        number = pick(choice, field->min, field->max, random);
        break;
    case FIELD_BSTR:
    case FIELD_TEXT:
        bytes = letters(pick_length(choice, field->min, field->max, longest, random));
        break;
    case FIELD_BYTES:
        assert(field->size <= sizeof fixed);
        for (size_t i = 0; i < field->size; i++)
            fixed[i] = (uint8_t)forge_random(random);
        if (choice == FORGE_LEAST && field->presence == FIELD_OPTIONAL)
            memset(fixed, 0, field->size);
        bytes = (struct span){fixed, field->size};
        break;
    }
    if (field->presence == FIELD_OPTIONAL && choice == FORGE_LEAST)
        return;
    field_store(field, member, number, bytes);
}

/* Makes the elements of a set ascend: the first bytes, or the numbers, are those of a counter. */
static void
ascend(const struct field *field, uint8_t *base, enum forge_choice choice, size_t count)
{
    const uint64_t first = choice == FORGE_MOST ? field->max - (count - 1) : field->min;

    for (size_t i = 0; i < count && field->ascending; i++) {
        uint8_t *member = base + field->offset + i * field->size;
        uint8_t bytes[64];

        if (field->type == FIELD_UINT) {
            field_store(field, member, first + i, (struct span){NULL, 0});
        } else if (field->type == FIELD_BYTES) {
            assert(field->size <= sizeof bytes);
            memcpy(bytes, member, field->size);
            bytes[0] = (uint8_t)(i * 8);
            field_store(field, member, 0, (struct span){bytes, field->size});
        }
    }
}

/* One record's fields that are no records themselves. */
static void
fill_plain(uint8_t *base, const struct schema *schema, enum forge_choice choice, size_t longest,
           uint64_t *random)
{
    for (size_t i = 0; i < schema->count; i++) {
        const struct field *field = &schema->fields[i];
        size_t count = 1;

        if (field->presence == FIELD_OPTIONAL && choice == FORGE_ANY && forge_below(random, 2) == 0)
            continue;
        if (field->array) {
            count = pick_length(choice, field->count_min, field->count_max, longest, random);
            memcpy(base + field->count_offset, &count, sizeof count);
        }
        for (size_t k = 0; k < count; k++)
            fill_value(field, base + field->offset + k * field->size, choice, longest, random);
        if (field->array)
            ascend(field, base, choice, count);
    }
}

void
forge_fill(void *object, const struct schema *schema, enum forge_choice choice, size_t longest,
           uint64_t *random)
{
    uint8_t *base = object;

    memset(object, 0, schema->size);
    fill_plain(base, schema, choice, longest, random);
    for (size_t i = 0; i < schema->count; i++) {
        const struct field *field = &schema->fields[i];
        const size_t count = field->array ? field_count(field, base) : 1;

        if (field->type != FIELD_RECORD)
            continue;
        for (size_t k = 0; k < count; k++)
            fill_plain(base + field->offset + k * field->size, field->record, choice, longest,
                       random);
        if (!field->ascending)
            continue;
        for (size_t k = 0; k < count; k++)
            field_store(&field->record->fields[0],
                        base + field->offset + k * field->size + field->record->fields[0].offset,
                        field->record->fields[0].min + k, (struct span){NULL, 0});
    }
}
