/* Deterministic CBOR, read strictly and written in one way only; the only user of libcbor.
 * PROTOCOL.md section 2. RFC 8949 section 4.2.1 without floats: unsigned and negative integers,
 * byte strings, text in UTF-8, arrays, maps with integer keys, true and false. Nothing else is
 * read. */
#ifndef SCHWEBE_WIRE_H
#define SCHWEBE_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "span.h"
#include "status.h"

/* Arrays and maps inside one another that a reader follows at most; a caller may allow fewer. */
#define WIRE_DEPTH_MAX 4

enum wire_kind {
    WIRE_REFUSED, /* what nothing else was read as; never in an item that was returned */
    WIRE_UINT,
    WIRE_BYTES,
    WIRE_TEXT,
    WIRE_ARRAY,
    WIRE_MAP,
};

/* One data item; of an array or map only its head. */
struct wire_item {
    enum wire_kind kind;
    /* UINT the number, NINT the n of -1 - n, BYTES and TEXT the length in bytes, ARRAY the number
     * of elements, MAP the number of pairs, BOOL 0 or 1. */
    uint64_t value;
    /* BYTES and TEXT; borrows from the input. */
    struct span content;
};

/* One open array or map, or (lowest) the place of the single outermost item. */
struct wire_level {
    uint64_t left; /* items still to come; a map counts keys and values */
    uint64_t key;  /* of a map: the last one read, once `keyed` */
    bool keyed;
    bool map;
};

/* A reader that remembers its first error: afterwards every call returns zeros, so that a caller
 * reads in order and asks once, at wire_end. Borrows the input. */
struct wire_reader {
    struct span in;
    size_t at;
    enum status status;
    unsigned depth;
    unsigned depth_max;
    struct wire_level levels[WIRE_DEPTH_MAX + 1];
};

/* Starts on exactly one data item that fills `in`. More than `size_max` bytes: STATUS_TOO_LARGE,
 * and nothing is read. depth_max <= WIRE_DEPTH_MAX. */
void wire_reader_begin(struct wire_reader *reader, struct span in, size_t size_max,
                       unsigned depth_max);

/* The next item; an array or map is entered and must be left with wire_leave. Zeros after an error.
 *
 * The first check of this list that fails is the reader's status. It does not depend on the version
 * of the library, nor on what lies behind the item:
 *   CBOR_MISSING        the array or map that is open has no further item
 *   CBOR_TRUNCATED      no byte left
 *   CBOR_TYPE           negative integer, tag, float or any simple value, by the first byte
 *   CBOR_NOT_CANONICAL  indefinite or reserved length, by the first byte
 *   CBOR_TRUNCATED      the head runs past the end
 *   CBOR_NOT_CANONICAL  a head longer than its value needs
 *   CBOR_KEY            a map's key is not an unsigned integer, or not above the key before it
 *   CBOR_DEPTH          more open arrays and maps than depth_max
 *   CBOR_TRUNCATED      content runs past the end; more elements or pairs than can lie in the rest
 *   CBOR_TEXT           text is not UTF-8 or has control characters (utf8_plain) */
struct wire_item wire_next(struct wire_reader *reader);

/* wire_next and, for another kind of item than asked for, CBOR_TYPE. The two that enter return the
 * number of elements or pairs. */
uint64_t wire_read_uint(struct wire_reader *reader);
struct span wire_read_bytes(struct wire_reader *reader);
struct span wire_read_text(struct wire_reader *reader);
uint64_t wire_read_array(struct wire_reader *reader);
uint64_t wire_read_map(struct wire_reader *reader);

/* Leaves the innermost open array or map; CBOR_KEY when items of it were not read. */
void wire_leave(struct wire_reader *reader);

/* Items not yet read of the innermost open array or map (of a map: keys and values); 0 after an
 * error. */
uint64_t wire_left(const struct wire_reader *reader);

/* Notes the caller's own error at this place, unless there is one already. */
void wire_refuse(struct wire_reader *reader, enum status status);

/* The first error; CBOR_MISSING when no item was read, CBOR_TRAILING when bytes are left over.
 * Every array and map must have been left. */
MUST_CHECK enum status wire_end(struct wire_reader *reader);

/* Whether `in` is one item of this form and nothing else, whatever it means: the status that
 * reading all of it ends with. */
MUST_CHECK enum status wire_check(struct span in, size_t size_max, unsigned depth_max);

/* A writer with one of three sinks: fill a buffer, compare with given bytes, or count. Remembers
 * its first error like the reader. `owed` proves that heads and items agree. */
struct wire_writer {
    uint8_t *out;            /* fill */
    const uint8_t *expected; /* compare */
    size_t size;
    size_t len;
    uint64_t owed; /* items that the heads so far still demand */
    enum status status;
};

/* Fills `size` bytes at `out`; STATUS_BUFFER when they do not suffice. */
void wire_writer_begin(struct wire_writer *writer, uint8_t *out, size_t size);

/* Compares what is written with `expected` and keeps nothing; STATUS_CBOR_NOT_CANONICAL at the
 * first difference in a byte or in the length. */
void wire_writer_compare(struct wire_writer *writer, struct span expected);

/* Only counts the bytes. */
void wire_writer_count(struct wire_writer *writer);

/* Each in its shortest form. The text must be utf8_plain. After wire_write_map come its keys,
 * ascending, each with its value. */
void wire_write_uint(struct wire_writer *writer, uint64_t value);
void wire_write_bytes(struct wire_writer *writer, struct span content);
void wire_write_text(struct wire_writer *writer, struct span content);
void wire_write_array(struct wire_writer *writer, size_t count);
void wire_write_map(struct wire_writer *writer, size_t pairs);

/* -1 - `value`. Our own messages have no negative numbers and the reader refuses them; other
 * people's formats that the node writes have them as keys. */
void wire_write_negative(struct wire_writer *writer, uint64_t value);

/* The head of a byte string whose `len` bytes of content follow by other means. */
void wire_write_bytes_head(struct wire_writer *writer, size_t len);

/* Notes the caller's own error at this place, unless there is one already. */
void wire_writer_refuse(struct wire_writer *writer, enum status status);

/* The first error, `len` zeroed; else fills `len` with the number of bytes written. It is a broken
 * program (assert) when heads and items do not agree. */
MUST_CHECK enum status wire_writer_end(struct wire_writer *writer, size_t *len);

#endif
