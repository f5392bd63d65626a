/* protocol/wire: what is read item by item, written again, is the same bytes. */
#include "fuzz.h"

#include "protocol/msg.h"
#include "protocol/wire.h"

#define OPEN_MAX (WIRE_DEPTH_MAX + 1)

/* Items still to come in each open array or map. */
struct nest {
    uint64_t left[OPEN_MAX + 1];
    unsigned depth;
};

static void
copy_item(struct wire_writer *writer, struct wire_reader *reader, const struct wire_item *item,
          struct nest *nest)
{
    switch (item->kind) {
    case WIRE_REFUSED:
        break;
    case WIRE_UINT:
        wire_write_uint(writer, item->value);
        break;
    case WIRE_BYTES:
        wire_write_bytes(writer, item->content);
        break;
    case WIRE_TEXT:
        wire_write_text(writer, item->content);
        break;
    case WIRE_ARRAY:
        wire_write_array(writer, (size_t)item->value);
        break;
    case WIRE_MAP:
        wire_write_map(writer, (size_t)item->value);
        break;
    }
    if (item->kind == WIRE_ARRAY || item->kind == WIRE_MAP) {
        EXPECT(nest->depth < OPEN_MAX);
        nest->left[++nest->depth] = item->value * (item->kind == WIRE_MAP ? 2 : 1);
        EXPECT(wire_left(reader) == nest->left[nest->depth]);
    }
    while (nest->depth > 0 && nest->left[nest->depth] == 0) {
        wire_leave(reader);
        nest->depth--;
        if (nest->depth > 0)
            nest->left[nest->depth]--;
    }
}

/* Reads all of it and writes it into a comparing writer. */
static enum status
walk(struct span in, unsigned depth_max)
{
    struct wire_reader reader;
    struct wire_writer writer;
    struct nest nest = {.depth = 0};
    size_t items = 0;
    size_t len = 0;
    enum status status;

    wire_reader_begin(&reader, in, FUZZ_SIZE_MAX, depth_max);
    wire_writer_compare(&writer, in);
    do {
        const struct wire_item item = wire_next(&reader);

        if (reader.status != STATUS_OK) {
            EXPECT(item.kind == WIRE_REFUSED && item.value == 0 && item.content.len == 0);
            return reader.status;
        }
        EXPECT(items++ < in.len);
        if (item.kind != WIRE_ARRAY && item.kind != WIRE_MAP && nest.depth > 0)
            nest.left[nest.depth]--;
        copy_item(&writer, &reader, &item, &nest);
    } while (nest.depth > 0);
    status = wire_end(&reader);
    if (status == STATUS_OK) {
        EXPECT(wire_writer_end(&writer, &len) == STATUS_OK);
        EXPECT(len == in.len);
    }
    return status;
}

/* A valid item is no longer one when it is cut, continued, or may not be as large or as deep. */
static void
check_edges(struct span in, unsigned depth_max)
{
    uint8_t longer[FUZZ_SIZE_MAX + 1];

    memcpy(longer, in.data, in.len);
    longer[in.len] = 0;
    EXPECT(wire_check((struct span){longer, in.len + 1}, sizeof longer, depth_max) ==
           STATUS_CBOR_TRAILING);
    for (size_t len = 0; len < in.len; len += 1 + len / 8)
        EXPECT(wire_check((struct span){in.data, len}, FUZZ_SIZE_MAX, depth_max) ==
               STATUS_CBOR_TRUNCATED);
    EXPECT(wire_check(in, in.len - 1, depth_max) == STATUS_TOO_LARGE);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span in = {data, size};
    const unsigned depth_max = fuzz_byte(&in) % (WIRE_DEPTH_MAX + 1);
    enum status status;

    if (size > FUZZ_SIZE_MAX)
        return 0;
    status = walk(in, depth_max);
    EXPECT(status == wire_check(in, FUZZ_SIZE_MAX, depth_max));
    if (status == STATUS_OK)
        check_edges(in, depth_max);
    return 0;
}

/* The encoding of any message. */
static size_t
make(uint8_t *out, uint64_t *random)
{
    static uint64_t object[8192];
    size_t count;
    const struct schema *const *schemas = msg_schemas(&count);
    const struct schema *schema = schemas[forge_below(random, count)];
    size_t len;

    EXPECT(schema->size <= sizeof object);
    forge_fill(object, schema, FORGE_ANY, 6, random);
    out[0] = WIRE_DEPTH_MAX;
    if (schema_encode(out + 1, FUZZ_SIZE_MAX - 1, &len, schema, object) != STATUS_OK)
        return 1;
    return 1 + len;
}

FUZZ_MAKER(make)
