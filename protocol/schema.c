#include "schema.h"

#include <assert.h>
#include <string.h>

/* --- walk --- */

static void
push(struct schema_walk *walk, struct schema_frame frame)
{
    assert(walk->depth < SCHEMA_DEPTH_MAX);
    assert(frame.schema != NULL);
    walk->frames[walk->depth++] = frame;
}

void
schema_walk_begin(struct schema_walk *walk, const struct schema *schema, const void *object)
{
    assert(object != NULL);
    walk->depth = 0;
    push(walk, (struct schema_frame){.schema = schema, .base = object});
}

static size_t
fields_present(const struct schema *schema, const uint8_t *base)
{
    size_t present = 0;

    if (schema->layout == SCHEMA_LAYOUT_LIST)
        return schema->count;
    for (size_t i = 0; i < schema->count; i++)
        present += field_present(&schema->fields[i], base);
    return present;
}

static struct schema_event
record_event(const struct schema_frame *frame, enum schema_event_kind kind)
{
    return (struct schema_event){
        .kind = kind,
        .schema = frame->schema,
        .field = frame->holder,
        .element = frame->element_of_array,
        .keyed = frame->keyed,
        .count = kind == SCHEMA_RECORD_BEGIN ? fields_present(frame->schema, frame->base) : 0,
    };
}

/* One value, or the step down into a record, whose own event is the next one. */
static bool
visit(struct schema_walk *walk, struct schema_event *event, const struct field *field,
      const uint8_t *member, bool element)
{
    const struct schema_frame *top = &walk->frames[walk->depth - 1];
    const bool keyed = top->schema->layout == SCHEMA_LAYOUT_MAP && !element;

    if (field->type == FIELD_RECORD) {
        push(walk, (struct schema_frame){.schema = field->record,
                                         .base = member,
                                         .holder = field,
                                         .element_of_array = element,
                                         .keyed = keyed});
        return false;
    }
    *event = (struct schema_event){
        .kind = SCHEMA_VALUE,
        .schema = top->schema,
        .field = field,
        .element = element,
        .keyed = keyed,
        .number = field_number(field, member),
        .bytes = field_bytes(field, member),
    };
    return true;
}

static struct schema_event
array_event(const struct schema_frame *frame, const struct field *field,
            enum schema_event_kind kind)
{
    return (struct schema_event){
        .kind = kind,
        .schema = frame->schema,
        .field = field,
        .keyed = frame->schema->layout == SCHEMA_LAYOUT_MAP,
        .count = frame->elements,
    };
}

/* The next step within the innermost record; false when it gave no event. */
static bool
step(struct schema_walk *walk, struct schema_event *event)
{
    struct schema_frame *top = &walk->frames[walk->depth - 1];
    const struct field *field;
    const uint8_t *member;

    if (!top->begun) {
        top->begun = true;
        *event = record_event(top, SCHEMA_RECORD_BEGIN);
        return true;
    }
    if (top->field == top->schema->count) {
        *event = record_event(top, SCHEMA_RECORD_END);
        walk->depth--;
        return true;
    }
    field = &top->schema->fields[top->field];
    member = top->base + field->offset;
    if (top->in_array && top->element < top->elements) {
        assert(top->elements <= field->count_max);
        return visit(walk, event, field, member + top->element++ * field->size, true);
    }
    if (top->in_array) {
        *event = array_event(top, field, SCHEMA_ARRAY_END);
        top->in_array = false;
        top->field++;
        return true;
    }
    if (top->schema->layout == SCHEMA_LAYOUT_MAP && !field_present(field, top->base)) {
        top->field++;
        return false;
    }
    if (field->array) {
        top->in_array = true;
        top->element = 0;
        top->elements = field_count(field, top->base);
        *event = array_event(top, field, SCHEMA_ARRAY_BEGIN);
        return true;
    }
    top->field++;
    return visit(walk, event, field, member, false);
}

bool
schema_walk_next(struct schema_walk *walk, struct schema_event *event)
{
    while (walk->depth > 0) {
        if (step(walk, event))
            return true;
    }
    return false;
}

/* --- encoding --- */

static void
write_value(struct wire_writer *writer, const struct schema_event *event)
{
    const enum status status = field_check(event->field, event->number, event->bytes);

    if (status != STATUS_OK) {
        wire_writer_refuse(writer, status);
        return;
    }
    assert(event->field->type != FIELD_RECORD);
    if (event->field->type == FIELD_BYTES || event->field->type == FIELD_BSTR)
        wire_write_bytes(writer, event->bytes);
    else if (event->field->type == FIELD_TEXT)
        wire_write_text(writer, event->bytes);
    else
        wire_write_uint(writer, event->number);
}

static void
write_array(struct wire_writer *writer, const struct schema_event *event, const uint8_t *base)
{
    enum status status = field_check_count(event->field, event->count);

    if (status == STATUS_OK)
        status = field_check_order(event->field, base, event->count);
    if (status == STATUS_OK)
        wire_write_array(writer, event->count);
    else
        wire_writer_refuse(writer, status);
}

/* `base` is the struct of the record that holds an array. */
static void
write_event(struct wire_writer *writer, const struct schema_event *event, const uint8_t *base)
{
    if (event->kind == SCHEMA_RECORD_END || event->kind == SCHEMA_ARRAY_END)
        return;
    if (event->keyed)
        wire_write_uint(writer, event->field->key);
    if (event->kind == SCHEMA_VALUE)
        write_value(writer, event);
    else if (event->kind == SCHEMA_ARRAY_BEGIN)
        write_array(writer, event, base);
    else if (event->schema->layout == SCHEMA_LAYOUT_MAP)
        wire_write_map(writer, event->count);
    else
        wire_write_array(writer, event->count);
}

static void
write_object(struct wire_writer *writer, const struct schema *schema, const void *object)
{
    struct schema_walk walk;
    struct schema_event event;

    schema_walk_begin(&walk, schema, object);
    while (writer->status == STATUS_OK && schema_walk_next(&walk, &event)) {
        const unsigned top = walk.depth > 0 ? walk.depth - 1 : 0;

        write_event(writer, &event, walk.frames[top].base);
    }
}

static enum status
finish(struct wire_writer *writer, size_t *len, const struct schema *schema)
{
    enum status status = wire_writer_end(writer, len);

    if (status == STATUS_OK && *len > schema->bytes_max) {
        *len = 0;
        status = STATUS_TOO_LARGE;
    }
    return status;
}

enum status
schema_encode(uint8_t *out, size_t cap, size_t *len, const struct schema *schema,
              const void *object)
{
    struct wire_writer writer;

    wire_writer_begin(&writer, out, cap);
    write_object(&writer, schema, object);
    return finish(&writer, len, schema);
}

enum status
schema_measure(size_t *len, const struct schema *schema, const void *object)
{
    struct wire_writer writer;

    wire_writer_count(&writer);
    write_object(&writer, schema, object);
    return finish(&writer, len, schema);
}

/* --- decoding --- */

/* A record that is being read. Without `base` only its shape counts: it lies behind the last
 * element that the struct has room for. */
struct decode_frame {
    const struct schema *schema;
    uint8_t *base;
    size_t field;
    uint64_t element;
    uint64_t elements;
    bool begun;
    bool in_array;
};

/* What is wrong with values waits until the shape of all is known. */
struct decoder {
    struct wire_reader reader;
    struct decode_frame frames[SCHEMA_DEPTH_MAX];
    unsigned depth;
    bool other_type;
    bool out_of_range;
};

static void
decode_push(struct decoder *decoder, const struct schema *schema, uint8_t *base)
{
    assert(decoder->depth < SCHEMA_DEPTH_MAX);
    assert(schema != NULL);
    decoder->frames[decoder->depth++] = (struct decode_frame){.schema = schema, .base = base};
}

/* A value, or the step down into a record. */
static void
read_member(struct decoder *decoder, const struct field *field, uint8_t *member)
{
    uint64_t number = 0;
    struct span bytes = {NULL, 0};

    switch (field->type) {
    case FIELD_CONST:
    case FIELD_UINT:
    case FIELD_MONEY:
        number = wire_read_uint(&decoder->reader);
        break;
    case FIELD_BYTES:
    case FIELD_BSTR:
        bytes = wire_read_bytes(&decoder->reader);
        break;
    case FIELD_TEXT:
        bytes = wire_read_text(&decoder->reader);
        break;
    case FIELD_RECORD:
        decode_push(decoder, field->record, member);
        return;
    }
    if (decoder->reader.status != STATUS_OK)
        return;
    if (field->type == FIELD_CONST)
        decoder->other_type |= number != field->min;
    else if (field_check(field, number, bytes) != STATUS_OK)
        decoder->out_of_range = true;
    else if (member != NULL)
        field_store(field, member, number, bytes);
}

static void
begin_array(struct decoder *decoder, struct decode_frame *top, const struct field *field)
{
    size_t count;

    top->in_array = true;
    top->element = 0;
    top->elements = wire_read_array(&decoder->reader);
    if (field_check_count(field, top->elements) != STATUS_OK) {
        decoder->out_of_range = true;
    } else if (top->base != NULL) {
        count = (size_t)top->elements;
        memcpy(top->base + field->count_offset, &count, sizeof count);
    }
}

static void
read_element(struct decoder *decoder, struct decode_frame *top, const struct field *field)
{
    const uint64_t index = top->element++;
    uint8_t *member = NULL;

    if (top->base != NULL && index < field->count_max)
        member = top->base + field->offset + (size_t)index * field->size;
    read_member(decoder, field, member);
}

static void
end_array(struct decoder *decoder, struct decode_frame *top, const struct field *field)
{
    if (top->base != NULL && !decoder->out_of_range &&
        field_check_order(field, top->base, (size_t)top->elements) != STATUS_OK)
        decoder->out_of_range = true;
    wire_leave(&decoder->reader);
    top->in_array = false;
    top->field++;
}

/* Moves a map's frame to the field of the next key. */
static void
find_key(struct wire_reader *reader, struct decode_frame *top)
{
    const struct schema *schema = top->schema;
    const size_t first = top->field;
    const uint64_t key = wire_read_uint(reader);

    while (top->field < schema->count && schema->fields[top->field].key < key)
        top->field++;
    if (top->field == schema->count || schema->fields[top->field].key != key) {
        wire_refuse(reader, STATUS_CBOR_KEY);
        return;
    }
    for (size_t i = first; i < top->field; i++) {
        if (schema->fields[i].presence == FIELD_REQUIRED)
            wire_refuse(reader, STATUS_CBOR_MISSING);
    }
}

static void
begin_record(struct wire_reader *reader, struct decode_frame *top)
{
    if (top->schema->layout == SCHEMA_LAYOUT_MAP)
        (void)wire_read_map(reader);
    else
        (void)wire_read_array(reader);
    top->begun = true;
}

static void
end_record(struct decoder *decoder, const struct decode_frame *top)
{
    const struct schema *schema = top->schema;

    for (size_t i = top->field; i < schema->count; i++) {
        if (schema->fields[i].presence == FIELD_REQUIRED)
            wire_refuse(&decoder->reader, STATUS_CBOR_MISSING);
    }
    wire_leave(&decoder->reader);
    decoder->depth--;
}

/* The next field of the innermost record. */
static void
read_field(struct decoder *decoder, struct decode_frame *top)
{
    const struct field *field;

    if (top->schema->layout == SCHEMA_LAYOUT_MAP)
        find_key(&decoder->reader, top);
    if (decoder->reader.status != STATUS_OK)
        return;
    field = &top->schema->fields[top->field];
    if (field->array) {
        begin_array(decoder, top, field);
    } else {
        top->field++;
        read_member(decoder, field, top->base != NULL ? top->base + field->offset : NULL);
    }
}

static void
decode_step(struct decoder *decoder)
{
    struct decode_frame *top = &decoder->frames[decoder->depth - 1];
    const struct schema *schema = top->schema;
    const bool map = schema->layout == SCHEMA_LAYOUT_MAP;

    if (!top->begun)
        begin_record(&decoder->reader, top);
    else if (top->in_array && top->element < top->elements)
        read_element(decoder, top, &schema->fields[top->field]);
    else if (top->in_array)
        end_array(decoder, top, &schema->fields[top->field]);
    else if (map ? wire_left(&decoder->reader) == 0 : top->field == schema->count)
        end_record(decoder, top);
    else
        read_field(decoder, top);
}

static enum status
decode_object(void *out, const struct schema *schema, struct span in)
{
    struct decoder decoder = {.depth = 0};
    enum status status;

    wire_reader_begin(&decoder.reader, in, schema->bytes_max, WIRE_DEPTH_MAX);
    decode_push(&decoder, schema, out);
    while (decoder.depth > 0 && decoder.reader.status == STATUS_OK)
        decode_step(&decoder);
    status = wire_end(&decoder.reader);
    if (status == STATUS_OK && decoder.other_type)
        return STATUS_MESSAGE_TYPE;
    if (status == STATUS_OK && decoder.out_of_range)
        return STATUS_CBOR_RANGE;
    return status;
}

/* The struct holds only values and our writer has one way to write them: equal bytes mean that
 * nothing in `in` was unread, unknown or written otherwise, whatever the reader missed. */
static enum status
compare(const void *object, const struct schema *schema, struct span in)
{
    struct wire_writer writer;
    size_t len;

    wire_writer_compare(&writer, in);
    write_object(&writer, schema, object);
    return wire_writer_end(&writer, &len);
}

enum status
schema_decode(void *out, const struct schema *schema, struct span in)
{
    enum status status;
    enum status form;

    assert(out != NULL);
    assert(schema->size > 0);
    memset(out, 0, schema->size);
    status = decode_object(out, schema, in);
    if (status != STATUS_OK) {
        /* A fault of form comes before one of the table, wherever it stands. What the table reads
         * to its end has none: the reader is the same. */
        form = wire_check(in, schema->bytes_max, WIRE_DEPTH_MAX);
        if (form != STATUS_OK)
            status = form;
    }
    if (status == STATUS_OK)
        status = compare(out, schema, in);
    if (status != STATUS_OK)
        memset(out, 0, schema->size);
    return status;
}

const char *
schema_type_name(enum field_type type)
{
    switch (type) {
    case FIELD_CONST:
        return "CONST";
    case FIELD_UINT:
        return "UINT";
    case FIELD_MONEY:
        return "MONEY";
    case FIELD_BYTES:
        return "BYTES";
    case FIELD_BSTR:
        return "BSTR";
    case FIELD_TEXT:
        return "TEXT";
    case FIELD_RECORD:
        return "RECORD";
    }
    return "?";
}
