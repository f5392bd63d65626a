#include "wire.h"

#include "utf8.h"

#include <cbor/encoding.h>
#include <cbor/streaming.h>

#include <assert.h>
#include <string.h>

/* The longest head: one byte and 64 bits. */
#define HEAD_SIZE_MAX 9

/* The upper three bits of a first byte. */
enum { MAJOR_UINT = 0, MAJOR_NINT = 1, MAJOR_ARRAY = 4, MAJOR_MAP = 5 };

/* --- one item, from libcbor's stream decoder, which takes more than we do --- */

static void
on_uint8(void *item, uint8_t value)
{
    *(struct wire_item *)item = (struct wire_item){.kind = WIRE_UINT, .value = value};
}

static void
on_uint16(void *item, uint16_t value)
{
    *(struct wire_item *)item = (struct wire_item){.kind = WIRE_UINT, .value = value};
}

static void
on_uint32(void *item, uint32_t value)
{
    *(struct wire_item *)item = (struct wire_item){.kind = WIRE_UINT, .value = value};
}

static void
on_uint64(void *item, uint64_t value)
{
    *(struct wire_item *)item = (struct wire_item){.kind = WIRE_UINT, .value = value};
}

/* Lengths are 64 bits here whatever size_t is: libcbor 0.10 hands on the whole length even where
 * its own check saw 32 bits of it. The cut one in `len` is not used before the whole one was
 * checked. */
static void
on_bytes(void *item, cbor_data data, uint64_t len)
{
    *(struct wire_item *)item =
        (struct wire_item){.kind = WIRE_BYTES, .value = len, .content = {data, (size_t)len}};
}

static void
on_text(void *item, cbor_data data, uint64_t len)
{
    *(struct wire_item *)item =
        (struct wire_item){.kind = WIRE_TEXT, .value = len, .content = {data, (size_t)len}};
}

static void
on_array(void *item, uint64_t count)
{
    *(struct wire_item *)item = (struct wire_item){.kind = WIRE_ARRAY, .value = count};
}

static void
on_map(void *item, uint64_t pairs)
{
    *(struct wire_item *)item = (struct wire_item){.kind = WIRE_MAP, .value = pairs};
}

static size_t
head_size(uint64_t value)
{
    if (value < 24)
        return 1;
    if (value <= UINT8_MAX)
        return 2;
    if (value <= UINT16_MAX)
        return 3;
    return value <= UINT32_MAX ? 5 : HEAD_SIZE_MAX;
}

/* What the head alone says. The library cannot tell a long head from a short string, and what it
 * refuses first has changed between its versions. */
static enum status
check_head(struct span in)
{
    enum { INFO_8 = 24, INFO_64 = 27 };
    unsigned major, info;
    uint64_t value = 0;
    size_t more;

    if (in.len == 0)
        return STATUS_CBOR_TRUNCATED;
    major = in.data[0] >> 5;
    info = in.data[0] & 31;
    if (major == MAJOR_NINT || major > MAJOR_MAP)
        return STATUS_CBOR_TYPE;
    if (info < INFO_8)
        return STATUS_OK;
    if (info > INFO_64)
        return STATUS_CBOR_NOT_CANONICAL;
    more = (size_t)1 << (info - INFO_8);
    if (more > in.len - 1)
        return STATUS_CBOR_TRUNCATED;
    for (size_t i = 1; i <= more; i++)
        value = value << 8 | in.data[i];
    return head_size(value) == more + 1 ? STATUS_OK : STATUS_CBOR_NOT_CANONICAL;
}

/* Whether all that the head promises can lie in the `rest` bytes behind it. */
static bool
fits(const struct wire_item *item, size_t rest)
{
    assert(item->kind != WIRE_REFUSED);
    if (item->kind == WIRE_MAP)
        return item->value <= rest / 2;
    return item->kind == WIRE_UINT || item->value <= rest;
}

/* Fills `item` and the bytes it takes (of an array or map: of its head) from bytes whose head was
 * checked. CBOR_TRUNCATED when content is missing. Whatever the library takes and we do not leaves
 * the item refused: CBOR_TYPE. */
static enum status
decode(struct wire_item *item, size_t *taken, struct span in)
{
    struct cbor_callbacks callbacks = cbor_empty_callbacks;
    struct cbor_decoder_result result;
    size_t content, head;

    callbacks.uint8 = on_uint8;
    callbacks.uint16 = on_uint16;
    callbacks.uint32 = on_uint32;
    callbacks.uint64 = on_uint64;
    callbacks.byte_string = on_bytes;
    callbacks.string = on_text;
    callbacks.array_start = on_array;
    callbacks.map_start = on_map;
    *item = (struct wire_item){.kind = WIRE_REFUSED};
    result = cbor_stream_decode(in.data, in.len, &callbacks, item);
    if (result.status == CBOR_DECODER_NEDATA)
        return STATUS_CBOR_TRUNCATED;
    if (result.status != CBOR_DECODER_FINISHED || item->kind == WIRE_REFUSED)
        return STATUS_CBOR_TYPE;
    head = head_size(item->value);
    content = item->kind == WIRE_BYTES || item->kind == WIRE_TEXT ? item->content.len : 0;
    if (result.read != head + content)
        return STATUS_CBOR_NOT_CANONICAL;
    if (!fits(item, in.len - head))
        return STATUS_CBOR_TRUNCATED;
    *taken = result.read;
    return STATUS_OK;
}

/* --- reader --- */

void
wire_reader_begin(struct wire_reader *reader, struct span in, size_t size_max, unsigned depth_max)
{
    assert(in.data != NULL || in.len == 0);
    assert(depth_max <= WIRE_DEPTH_MAX);
    if (in.data == NULL)
        in.data = (const uint8_t *)""; /* so that arithmetic on it is defined */
    *reader = (struct wire_reader){.in = in, .depth_max = depth_max};
    reader->levels[0].left = 1;
    if (in.len > size_max)
        wire_refuse(reader, STATUS_TOO_LARGE);
}

/* A map's keys are integers in ascending order: one test kills disorder and duplicates. */
static enum status
check_key(struct wire_level *level, const struct wire_item *item)
{
    if (item->kind != WIRE_UINT || (level->keyed && item->value <= level->key))
        return STATUS_CBOR_KEY;
    level->key = item->value;
    level->keyed = true;
    return STATUS_OK;
}

static void
enter(struct wire_reader *reader, const struct wire_item *item)
{
    const bool map = item->kind == WIRE_MAP;

    if (item->kind != WIRE_ARRAY && !map)
        return;
    assert(reader->depth < reader->depth_max);
    reader->levels[++reader->depth] =
        (struct wire_level){.left = map ? item->value * 2 : item->value, .map = map};
}

/* The checks of wire_next in their order. */
static enum status
take(struct wire_item *item, size_t *taken, struct wire_reader *reader)
{
    struct wire_level *level = &reader->levels[reader->depth];
    const struct span rest = {reader->in.data + reader->at, reader->in.len - reader->at};
    const bool is_key = level->map && level->left % 2 == 0;
    enum status status;

    if (level->left == 0)
        return STATUS_CBOR_MISSING;
    status = check_head(rest);
    if (status != STATUS_OK)
        return status;
    if (is_key && rest.data[0] >> 5 != MAJOR_UINT)
        return STATUS_CBOR_KEY;
    if (rest.data[0] >> 5 >= MAJOR_ARRAY && reader->depth == reader->depth_max)
        return STATUS_CBOR_DEPTH;
    status = decode(item, taken, rest);
    if (status == STATUS_OK && is_key)
        status = check_key(level, item);
    if (status == STATUS_OK && item->kind == WIRE_TEXT && !utf8_plain(item->content))
        status = STATUS_CBOR_TEXT;
    return status;
}

struct wire_item
wire_next(struct wire_reader *reader)
{
    struct wire_item item = {.kind = WIRE_REFUSED};
    size_t taken = 0;
    enum status status;

    assert(reader->at <= reader->in.len);
    if (reader->status != STATUS_OK)
        return item;
    status = take(&item, &taken, reader);
    if (status != STATUS_OK) {
        wire_refuse(reader, status);
        return (struct wire_item){.kind = WIRE_REFUSED};
    }
    assert(taken >= 1);
    reader->at += taken;
    reader->levels[reader->depth].left--;
    enter(reader, &item);
    return item;
}

static struct wire_item
read_kind(struct wire_reader *reader, enum wire_kind kind)
{
    const struct wire_item item = wire_next(reader);

    if (item.kind == kind)
        return item;
    wire_refuse(reader, STATUS_CBOR_TYPE);
    return (struct wire_item){.kind = WIRE_REFUSED};
}

uint64_t
wire_read_uint(struct wire_reader *reader)
{
    return read_kind(reader, WIRE_UINT).value;
}

struct span
wire_read_bytes(struct wire_reader *reader)
{
    return read_kind(reader, WIRE_BYTES).content;
}

struct span
wire_read_text(struct wire_reader *reader)
{
    return read_kind(reader, WIRE_TEXT).content;
}

uint64_t
wire_read_array(struct wire_reader *reader)
{
    return read_kind(reader, WIRE_ARRAY).value;
}

uint64_t
wire_read_map(struct wire_reader *reader)
{
    return read_kind(reader, WIRE_MAP).value;
}

void
wire_leave(struct wire_reader *reader)
{
    if (reader->status != STATUS_OK)
        return;
    assert(reader->depth > 0);
    if (reader->levels[reader->depth].left != 0)
        wire_refuse(reader, STATUS_CBOR_KEY);
    else
        reader->depth--;
}

uint64_t
wire_left(const struct wire_reader *reader)
{
    return reader->status == STATUS_OK ? reader->levels[reader->depth].left : 0;
}

void
wire_refuse(struct wire_reader *reader, enum status status)
{
    assert(status != STATUS_OK);
    if (reader->status == STATUS_OK)
        reader->status = status;
}

enum status
wire_end(struct wire_reader *reader)
{
    if (reader->status != STATUS_OK)
        return reader->status;
    assert(reader->depth == 0);
    if (reader->levels[0].left != 0)
        wire_refuse(reader, STATUS_CBOR_MISSING);
    else if (reader->at != reader->in.len)
        wire_refuse(reader, STATUS_CBOR_TRAILING);
    return reader->status;
}

enum status
wire_check(struct span in, size_t size_max, unsigned depth_max)
{
    struct wire_reader reader;

    wire_reader_begin(&reader, in, size_max, depth_max);
    while (reader.status == STATUS_OK && (reader.depth > 0 || reader.levels[0].left > 0)) {
        if (wire_left(&reader) == 0)
            wire_leave(&reader);
        else
            (void)wire_next(&reader);
    }
    return wire_end(&reader);
}

/* --- writer --- */

void
wire_writer_begin(struct wire_writer *writer, uint8_t *out, size_t size)
{
    assert(out != NULL);
    *writer = (struct wire_writer){.out = out, .size = size, .owed = 1};
}

void
wire_writer_compare(struct wire_writer *writer, struct span expected)
{
    assert(expected.data != NULL);
    *writer = (struct wire_writer){.expected = expected.data, .size = expected.len, .owed = 1};
}

void
wire_writer_count(struct wire_writer *writer)
{
    *writer = (struct wire_writer){.size = SIZE_MAX, .owed = 1};
}

static void
put(struct wire_writer *writer, struct span bytes)
{
    if (writer->status != STATUS_OK || bytes.len == 0)
        return;
    assert(writer->len <= writer->size);
    if (bytes.len > writer->size - writer->len) {
        writer->status = writer->expected != NULL ? STATUS_CBOR_NOT_CANONICAL : STATUS_BUFFER;
        return;
    }
    if (writer->out != NULL)
        memcpy(writer->out + writer->len, bytes.data, bytes.len);
    if (writer->expected != NULL &&
        memcmp(writer->expected + writer->len, bytes.data, bytes.len) != 0) {
        writer->status = STATUS_CBOR_NOT_CANONICAL;
        return;
    }
    writer->len += bytes.len;
}

/* One item's head is written; it demands `more` further items. */
static void
put_head(struct wire_writer *writer, const uint8_t *head, size_t len, uint64_t more)
{
    assert(len > 0);
    if (writer->status != STATUS_OK)
        return;
    assert(writer->owed > 0);
    writer->owed = writer->owed - 1 + more;
    put(writer, (struct span){head, len});
}

void
wire_write_uint(struct wire_writer *writer, uint64_t value)
{
    uint8_t head[HEAD_SIZE_MAX];

    put_head(writer, head, cbor_encode_uint(value, head, sizeof head), 0);
}

void
wire_write_negative(struct wire_writer *writer, uint64_t value)
{
    uint8_t head[HEAD_SIZE_MAX];

    put_head(writer, head, cbor_encode_negint(value, head, sizeof head), 0);
}

void
wire_write_bytes_head(struct wire_writer *writer, size_t len)
{
    uint8_t head[HEAD_SIZE_MAX];

    put_head(writer, head, cbor_encode_bytestring_start(len, head, sizeof head), 0);
}

void
wire_write_bytes(struct wire_writer *writer, struct span content)
{
    wire_write_bytes_head(writer, content.len);
    put(writer, content);
}

void
wire_write_text(struct wire_writer *writer, struct span content)
{
    uint8_t head[HEAD_SIZE_MAX];

    assert(utf8_plain(content));
    put_head(writer, head, cbor_encode_string_start(content.len, head, sizeof head), 0);
    put(writer, content);
}

void
wire_write_array(struct wire_writer *writer, size_t count)
{
    uint8_t head[HEAD_SIZE_MAX];

    put_head(writer, head, cbor_encode_array_start(count, head, sizeof head), count);
}

void
wire_write_map(struct wire_writer *writer, size_t pairs)
{
    uint8_t head[HEAD_SIZE_MAX];

    assert(pairs <= SIZE_MAX / 2);
    put_head(writer, head, cbor_encode_map_start(pairs, head, sizeof head), (uint64_t)pairs * 2);
}

void
wire_writer_refuse(struct wire_writer *writer, enum status status)
{
    assert(status != STATUS_OK);
    if (writer->status == STATUS_OK)
        writer->status = status;
}

enum status
wire_writer_end(struct wire_writer *writer, size_t *len)
{
    *len = 0;
    if (writer->status != STATUS_OK)
        return writer->status;
    assert(writer->owed == 0);
    if (writer->expected != NULL && writer->len != writer->size)
        return STATUS_CBOR_NOT_CANONICAL;
    *len = writer->len;
    return STATUS_OK;
}
