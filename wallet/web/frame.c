#include "frame.h"

#include <assert.h>
#include <string.h>

/* --- reading --- */

static const uint8_t *
take(struct frame_in *in, size_t len)
{
    const uint8_t *data = in->rest.data;

    assert(len <= in->rest.len);
    in->rest.data += len;
    in->rest.len -= len;
    return data;
}

static uint64_t
little(const uint8_t *data, unsigned size)
{
    uint64_t number = 0;

    for (unsigned i = size; i > 0; i--)
        number = number << 8 | data[i - 1];
    return number;
}

uint64_t
frame_number(struct frame_in *in)
{
    return little(take(in, 8), 8);
}

struct span
frame_bytes(struct frame_in *in)
{
    const size_t len = (size_t)little(take(in, 4), 4);

    return (struct span){take(in, len), len};
}

void
frame_fixed(void *out, size_t len, struct frame_in *in)
{
    const struct span bytes = frame_bytes(in);

    assert(bytes.len == len);
    memcpy(out, bytes.data, len);
}

uint64_t
frame_network(struct frame_in *in)
{
    const uint64_t network = frame_number(in);

    assert(network >= 1 && network <= UINT32_MAX);
    return network;
}

void
frame_end(const struct frame_in *in)
{
    assert(in->rest.len == 0);
}

/* --- writing --- */

static void
put(struct frame_out *out, const void *data, size_t len)
{
    assert(len <= out->cap - out->len);
    if (len > 0)
        memcpy(out->data + out->len, data, len);
    out->len += len;
}

static void
put_little(struct frame_out *out, uint64_t number, unsigned size)
{
    uint8_t bytes[8];

    assert(size <= sizeof bytes);
    for (unsigned i = 0; i < size; i++)
        bytes[i] = (uint8_t)(number >> 8 * i);
    put(out, bytes, size);
}

void
frame_put_number(struct frame_out *out, uint64_t number)
{
    put_little(out, number, 8);
}

void
frame_put_bytes(struct frame_out *out, const void *data, size_t len)
{
    assert(len <= UINT32_MAX);
    put_little(out, len, 4);
    put(out, data, len);
}

void
frame_put_text(struct frame_out *out, const char *text)
{
    frame_put_bytes(out, text, strlen(text));
}

/* Elements stand without a name, as does the whole message. */
static void
put_head(struct frame_out *out, char letter, const struct schema_event *event)
{
    const char *name = event->element || event->field == NULL ? "" : event->field->name;
    const size_t len = strlen(name);

    assert(len <= UINT8_MAX);
    put(out, &letter, 1);
    put_little(out, len, 1);
    put(out, name, len);
}

static void
put_value(struct frame_out *out, const struct schema_event *event)
{
    assert(event->field->type != FIELD_RECORD);
    switch (event->field->type) {
    case FIELD_CONST:
    case FIELD_UINT:
    case FIELD_MONEY:
        put_head(out, 'n', event);
        frame_put_number(out, event->number);
        return;
    case FIELD_TEXT:
        put_head(out, 't', event);
        frame_put_bytes(out, event->bytes.data, event->bytes.len);
        return;
    case FIELD_BYTES:
    case FIELD_BSTR:
        put_head(out, 'b', event);
        frame_put_bytes(out, event->bytes.data, event->bytes.len);
        return;
    case FIELD_RECORD:
        return;
    }
}

void
frame_put_fields(struct frame_out *out, const struct schema *schema, const void *object)
{
    struct schema_walk walk;
    struct schema_event event;

    schema_walk_begin(&walk, schema, object);
    while (schema_walk_next(&walk, &event)) {
        switch (event.kind) {
        case SCHEMA_RECORD_BEGIN:
            put_head(out, '{', &event);
            break;
        case SCHEMA_ARRAY_BEGIN:
            put_head(out, '[', &event);
            break;
        case SCHEMA_RECORD_END:
            put(out, "}", 1);
            break;
        case SCHEMA_ARRAY_END:
            put(out, "]", 1);
            break;
        case SCHEMA_VALUE:
            put_value(out, &event);
            break;
        }
    }
}
