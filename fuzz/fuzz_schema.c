/* protocol/schema with every table of the protocol: what is read is written again as the same
 * bytes, or it is refused and leaves zeros. The first byte chooses the table. */
#include "fuzz.h"

#include "protocol/msg.h"

#define SCHEMAS_MAX 128
/* A record's begin and end, and one for each field and element. */
#define EVENTS_MAX (FUZZ_SIZE_MAX * 4)

/* One struct of each type on the heap, of exactly its size, so that writing behind it is noticed.
 */
static void *
object_of(size_t index, const struct schema *schema)
{
    static void *objects[SCHEMAS_MAX];

    EXPECT(index < SCHEMAS_MAX);
    if (objects[index] == NULL)
        objects[index] = malloc(schema->size);
    EXPECT(objects[index] != NULL);
    return objects[index];
}

/* A value keeps to the table, and bytes of any length lie in what was read. */
static void
check_value(const struct schema_event *event, struct span in)
{
    const struct field *field = event->field;

    if (field->type == FIELD_UINT || field->type == FIELD_MONEY || field->type == FIELD_CONST)
        EXPECT(event->number >= field->min && event->number <= field->max);
    if (field->type != FIELD_BSTR && field->type != FIELD_TEXT)
        return;
    EXPECT(event->bytes.len >= field->min && event->bytes.len <= field->max);
    EXPECT(event->bytes.len == 0 || event->bytes.data >= in.data);
    EXPECT(event->bytes.len == 0 || event->bytes.data + event->bytes.len <= in.data + in.len);
}

/* The walk ends and begins what it ends. */
static void
check_walk(const struct schema *schema, const void *object, struct span in)
{
    struct schema_walk walk;
    struct schema_event event;
    size_t events = 0;
    int open = 0;

    schema_walk_begin(&walk, schema, object);
    while (schema_walk_next(&walk, &event)) {
        EXPECT(events++ < EVENTS_MAX);
        open += event.kind == SCHEMA_RECORD_BEGIN || event.kind == SCHEMA_ARRAY_BEGIN;
        open -= event.kind == SCHEMA_RECORD_END || event.kind == SCHEMA_ARRAY_END;
        EXPECT(open >= 0);
        if (event.kind == SCHEMA_ARRAY_BEGIN)
            EXPECT(event.count >= event.field->count_min && event.count <= event.field->count_max);
        if (event.kind == SCHEMA_VALUE)
            check_value(&event, in);
    }
    EXPECT(open == 0);
    EXPECT(events > 0);
}

static void
check_again(const struct schema *schema, const void *object, struct span in)
{
    uint8_t again[FUZZ_SIZE_MAX];
    size_t len = 0;

    EXPECT(schema_encode(again, sizeof again, &len, schema, object) == STATUS_OK);
    EXPECT(fuzz_same((struct span){again, len}, in));
    EXPECT(schema_measure(&len, schema, object) == STATUS_OK);
    EXPECT(len == in.len);
    EXPECT(schema_encode(again, in.len - 1, &len, schema, object) == STATUS_BUFFER);
    EXPECT(len == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span in = {data, size};
    size_t count;
    const struct schema *const *schemas = msg_schemas(&count);
    const size_t index = fuzz_byte(&in) % count;
    const struct schema *schema = schemas[index];
    void *object = object_of(index, schema);
    enum status status;

    if (size > FUZZ_SIZE_MAX)
        return 0;
    memset(object, FUZZ_RUBBISH, schema->size);
    status = schema_decode(object, schema, in);
    if (status != STATUS_OK) {
        EXPECT(fuzz_all(object, schema->size, 0));
        return 0;
    }
    check_walk(schema, object, in);
    check_again(schema, object, in);
    return 0;
}

static size_t
make(uint8_t *out, uint64_t *random)
{
    size_t count;
    const struct schema *const *schemas = msg_schemas(&count);
    const size_t index = (size_t)forge_below(random, count);
    const uint64_t choice = forge_below(random, 3);
    void *object = object_of(index, schemas[index]);
    size_t len;

    forge_fill(object, schemas[index], (enum forge_choice)choice, 6, random);
    out[0] = (uint8_t)index;
    if (schema_encode(out + 1, FUZZ_SIZE_MAX - 1, &len, schemas[index], object) != STATUS_OK)
        return 1;
    return 1 + len;
}

FUZZ_MAKER(make)
