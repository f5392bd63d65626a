#include "field.h"

#include "schema.h"
#include "utf8.h"

#include <assert.h>
#include <string.h>

uint64_t
field_number(const struct field *field, const uint8_t *member)
{
    struct money money;
    uint64_t wide;
    uint32_t narrow;

    switch (field->type) {
    case FIELD_CONST:
        return field->min;
    case FIELD_UINT:
        if (field->size == sizeof narrow) {
            memcpy(&narrow, member, sizeof narrow);
            return narrow;
        }
        assert(field->size == sizeof wide);
        memcpy(&wide, member, sizeof wide);
        return wide;
    case FIELD_MONEY:
        memcpy(&money, member, sizeof money);
        return money.cents; /* raw: a value out of range must end as CBOR_RANGE */
    case FIELD_BYTES:
    case FIELD_BSTR:
    case FIELD_TEXT:
    case FIELD_RECORD:
        break;
    }
    return 0;
}

struct span
field_bytes(const struct field *field, const uint8_t *member)
{
    struct span span = {NULL, 0};

    if (field->type == FIELD_BYTES)
        return (struct span){member, field->size};
    if (field->type == FIELD_BSTR || field->type == FIELD_TEXT)
        memcpy(&span, member, sizeof span);
    return span;
}

void
field_store(const struct field *field, uint8_t *member, uint64_t number, struct span bytes)
{
    const struct money money = {number}; /* raw: the table's limits were checked */
    const uint32_t narrow = (uint32_t)number;

    if (field->type == FIELD_UINT && field->size == sizeof narrow) {
        memcpy(member, &narrow, sizeof narrow);
    } else if (field->type == FIELD_UINT) {
        memcpy(member, &number, sizeof number);
    } else if (field->type == FIELD_MONEY) {
        assert(number <= MONEY_CENTS_MAX);
        memcpy(member, &money, sizeof money);
    } else if (field->type == FIELD_BYTES) {
        assert(bytes.len == field->size);
        memcpy(member, bytes.data, bytes.len);
    } else {
        assert(field->type == FIELD_BSTR || field->type == FIELD_TEXT);
        memcpy(member, &bytes, sizeof bytes);
    }
}

size_t
field_count(const struct field *field, const uint8_t *base)
{
    size_t count;

    assert(field->array);
    memcpy(&count, base + field->count_offset, sizeof count);
    return count;
}

static bool
is_zero(struct span bytes)
{
    uint8_t sum = 0;

    for (size_t i = 0; i < bytes.len; i++)
        sum |= bytes.data[i];
    return sum == 0;
}

bool
field_present(const struct field *field, const uint8_t *base)
{
    const uint8_t *member = base + field->offset;

    if (field->presence == FIELD_REQUIRED)
        return true;
    if (field->array)
        return field_count(field, base) > 0;
    /* Neither a constant nor a record has a default that could stand for its absence. */
    assert(field->type != FIELD_CONST && field->type != FIELD_RECORD);
    if (field->type == FIELD_BYTES)
        return !is_zero(field_bytes(field, member));
    if (field->type == FIELD_BSTR || field->type == FIELD_TEXT)
        return field_bytes(field, member).len > 0;
    return field_number(field, member) != 0;
}

static bool
within(uint64_t value, uint64_t min, uint64_t max)
{
    return value >= min && value <= max;
}

enum status
field_check(const struct field *field, uint64_t number, struct span bytes)
{
    bool good = true;

    switch (field->type) {
    case FIELD_UINT:
    case FIELD_MONEY:
        good = within(number, field->min, field->max);
        break;
    case FIELD_BYTES:
        good = bytes.len == field->size;
        break;
    case FIELD_BSTR:
        good = within(bytes.len, field->min, field->max);
        break;
    case FIELD_TEXT:
        if (!utf8_plain(bytes))
            return STATUS_CBOR_TEXT;
        good = within(bytes.len, field->min, field->max);
        break;
    case FIELD_CONST:
    case FIELD_RECORD:
        break;
    }
    return good ? STATUS_OK : STATUS_CBOR_RANGE;
}

enum status
field_check_count(const struct field *field, uint64_t count)
{
    assert(field->array);
    return within(count, field->count_min, field->count_max) ? STATUS_OK : STATUS_CBOR_RANGE;
}

/* Whether the element at `a` stands before the one at `b`. */
static bool
is_below(const struct field *field, const uint8_t *a, const uint8_t *b)
{
    if (field->type == FIELD_RECORD) {
        field = &field->record->fields[0];
        a += field->offset;
        b += field->offset;
    }
    if (field->type == FIELD_BYTES)
        return memcmp(a, b, field->size) < 0;
    return field_number(field, a) < field_number(field, b);
}

enum status
field_check_order(const struct field *field, const uint8_t *base, size_t count)
{
    const uint8_t *element = base + field->offset;

    assert(count <= field->count_max);
    for (size_t i = 1; field->ascending && i < count; i++, element += field->size) {
        if (!is_below(field, element, element + field->size))
            return STATUS_CBOR_RANGE;
    }
    return STATUS_OK;
}
