#include "table.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

/* A tour over a table and those nested in it, field by field, outer before inner. */
struct stop {
    const struct schema *schema;
    size_t field;
    unsigned level;  /* arrays and maps around the fields of this record */
    uint64_t copies; /* of this record, at most */
};

struct tour {
    struct stop stops[SCHEMA_DEPTH_MAX + 1];
    unsigned depth;
};

static void
tour_begin(struct tour *tour, const struct schema *schema)
{
    tour->depth = 1;
    tour->stops[0] = (struct stop){.schema = schema, .level = 1, .copies = 1};
}

/* The next field and the record it stands in; NULL at the end. Enters nothing below depth
 * SCHEMA_DEPTH_MAX + 1, which table_sound refuses. */
static const struct field *
tour_next(struct tour *tour, struct stop *here)
{
    while (tour->depth > 0) {
        struct stop *top = &tour->stops[tour->depth - 1];
        const struct field *field;

        if (top->field == top->schema->count) {
            tour->depth--;
            continue;
        }
        field = &top->schema->fields[top->field];
        *here = *top;
        top->field++;
        if (field->record != NULL && tour->depth <= SCHEMA_DEPTH_MAX)
            tour->stops[tour->depth++] = (struct stop){
                .schema = field->record,
                .level = here->level + 1 + field->array,
                .copies = here->copies * (field->array ? field->count_max : 1),
            };
        return field;
    }
    return NULL;
}

static const char *
limits_sound(const struct field *field)
{
    const bool sized = field->type == FIELD_BSTR || field->type == FIELD_TEXT;
    const bool number = field->type == FIELD_UINT || field->type == FIELD_MONEY;

    if ((sized || number) && field->min > field->max)
        return "its limits are not in order";
    if (field->type == FIELD_MONEY && field->max > MONEY_CENTS_MAX)
        return "it allows more money than there can be";
    if (field->type == FIELD_UINT && field->size != sizeof(uint32_t) &&
        field->size != sizeof(uint64_t))
        return "its member is not an integer of 32 or 64 bits";
    if (field->type == FIELD_UINT && field->size == sizeof(uint32_t) && field->max > UINT32_MAX)
        return "its member cannot hold its largest value";
    if (field->presence == FIELD_OPTIONAL && !field->array && (sized || number) && field->min == 0)
        return "it is optional and may be present with its default";
    return NULL;
}

static const char *
array_sound(const struct field *field)
{
    if (!field->array)
        return field->ascending ? "it is ascending and no array" : NULL;
    if (field->count_max == 0 || field->count_min > field->count_max)
        return "its counts are not in order";
    if (field->presence == FIELD_OPTIONAL && field->count_min == 0)
        return "it is optional and may be present with no element";
    if (field->ascending && field->type == FIELD_RECORD) {
        const enum field_type first =
            field->record->count > 0 ? field->record->fields[0].type : FIELD_CONST;

        if (first != FIELD_UINT && first != FIELD_MONEY && first != FIELD_BYTES)
            return "its records have no first field to go by";
    } else if (field->ascending && field->type != FIELD_UINT && field->type != FIELD_MONEY &&
               field->type != FIELD_BYTES) {
        return "its elements have no order";
    }
    return NULL;
}

static const char *
member_sound(const struct field *field, const struct schema *schema)
{
    const size_t elements = field->array ? field->count_max : 1;

    if (field->type == FIELD_CONST)
        return field->presence == FIELD_OPTIONAL || field->array || field->min != field->max
                   ? "a constant is required, single and one value"
                   : NULL;
    if (field->size == 0)
        return "it has no member";
    if (field->offset + elements * field->size > schema->size)
        return "its member lies outside the struct";
    if (field->array && field->count_offset + sizeof(size_t) > schema->size)
        return "its count lies outside the struct";
    if ((field->type == FIELD_RECORD) != (field->record != NULL))
        return "only a record has a table";
    if (field->record != NULL && field->record->size != field->size)
        return "its table is for another struct";
    if (field->record != NULL && field->presence == FIELD_OPTIONAL && !field->array)
        return "a single record cannot be optional";
    return NULL;
}

static const char *
field_sound(const struct field *field, const struct stop *here)
{
    const bool list = here->schema->layout == SCHEMA_LAYOUT_LIST;
    const char *wrong = NULL;

    if (field->name == NULL || field->name[0] == '\0')
        return "it has no name";
    if (here->field > 0 && field->key <= field[-1].key)
        return "its key is not above the key before";
    if (list && field->presence == FIELD_OPTIONAL)
        return "it is optional in a list";
    if (here->level + field->array + (field->record != NULL) > WIRE_DEPTH_MAX)
        return "it is nested too deeply";
    wrong = member_sound(field, here->schema);
    if (wrong == NULL)
        wrong = limits_sound(field);
    return wrong != NULL ? wrong : array_sound(field);
}

const char *
table_sound(const struct schema *schema, const char **place)
{
    const char *wrong = NULL;
    const struct field *field;
    struct tour tour;
    struct stop here;

    *place = schema->name != NULL ? schema->name : "?";
    if (schema->name == NULL || schema->size == 0)
        return "it has no name or no struct";
    tour_begin(&tour, schema);
    while (wrong == NULL && (field = tour_next(&tour, &here)) != NULL) {
        *place = field->name;
        wrong = field_sound(field, &here);
    }
    return wrong;
}

static uint64_t
head_size(uint64_t value)
{
    return value < 24 ? 1 : value < 256 ? 2 : value < 65536 ? 3 : value <= UINT32_MAX ? 5 : 9;
}

static uint64_t
value_worst(const struct field *field)
{
    switch (field->type) {
    case FIELD_CONST:
    case FIELD_UINT:
    case FIELD_MONEY:
        return head_size(field->max);
    case FIELD_BYTES:
        return head_size(field->size) + field->size;
    case FIELD_BSTR:
    case FIELD_TEXT:
        return head_size(field->max) + field->max;
    case FIELD_RECORD:
        return head_size(field->record->count); /* its fields count by themselves */
    }
    return 0;
}

uint64_t
table_bytes_worst(const struct schema *schema)
{
    uint64_t sum = head_size(schema->count);
    const struct field *field;
    struct tour tour;
    struct stop here;

    tour_begin(&tour, schema);
    while ((field = tour_next(&tour, &here)) != NULL) {
        const bool keyed = here.schema->layout == SCHEMA_LAYOUT_MAP;
        uint64_t bytes = value_worst(field);

        if (field->array)
            bytes = head_size(field->count_max) + field->count_max * bytes;
        if (keyed)
            bytes += head_size(field->key);
        sum += here.copies * bytes;
    }
    return sum;
}
