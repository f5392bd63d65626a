/* Tables that say how a flat C struct is written as CBOR; the one codec of all messages, compact
 * codes, log entries and state records. PROTOCOL.md section 6.
 *
 *     static const struct field ticket_fields[] = {
 *         SCHEMA_CONST(0, "type", 9),
 *         SCHEMA_BYTES(1, REQUIRED, struct ticket, id),
 *         SCHEMA_MONEY(2, REQUIRED, struct ticket, price, 1, MONEY_CENTS_MAX),
 *         SCHEMA_TEXT(3, OPTIONAL, struct ticket, note, 1, 24),
 *         SCHEMA_BYTES_LIST(4, OPTIONAL, struct ticket, stamps, 1),
 *     };
 *     const struct schema ticket_schema = SCHEMA_MAP("ticket", struct ticket, ticket_fields, 200);
 *
 * Layout MAP: integer keys, ascending in the table; an optional field at its default is not
 * written. Layout LIST: a CBOR array of all fields in the table's order, all required; the keys
 * only count them. So a struct has exactly one encoding, and an encoding one struct. */
#ifndef SCHWEBE_SCHEMA_H
#define SCHWEBE_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "field.h"
#include "money.h"
#include "span.h"
#include "status.h"
#include "wire.h"

/* Records inside one another, the outermost included: as many as WIRE_DEPTH_MAX arrays and maps. */
#define SCHEMA_DEPTH_MAX WIRE_DEPTH_MAX

enum schema_layout { SCHEMA_LAYOUT_MAP, SCHEMA_LAYOUT_LIST };

struct schema {
    const char *name;
    const struct field *fields;
    size_t count;
    size_t size; /* of the struct */
    enum schema_layout layout;
    size_t bytes_max; /* of a whole encoding; 0 for records that only occur inside others */
};

/* Reads all of `in` into `out`, a struct of schema->size bytes; spans in it borrow from `in`. On
 * failure `out` is zeroed. Steps over the whole input, one after the other:
 *   TOO_LARGE           more than schema->bytes_max
 *   as wire_check       form, without looking at the table
 *   CBOR_KEY            a key that the table does not have, surplus elements of a list
 *   CBOR_MISSING          or a required field passed over, a list or map that ends too early
 *   CBOR_TYPE             or another kind of item than the table says: whichever is first in the
 *                         order of the bytes
 *   MESSAGE_TYPE        another value of a CONST
 *   CBOR_RANGE          number, length or count out of the table's limits, a set not ascending
 *   CBOR_NOT_CANONICAL  written again from the struct it differs: an optional BYTES field is there
 *                       with all bytes zero */
MUST_CHECK enum status schema_decode(void *out, const struct schema *schema, struct span in);

/* Fills `out` with the encoding of `object` and `len` with its length. On failure `len` is 0 and
 * the bytes at `out` mean nothing:
 *   CBOR_RANGE  a value, length or count out of the table's limits, or a set not ascending
 *   CBOR_TEXT   text that is not utf8_plain
 *   BUFFER      `cap` does not suffice
 *   TOO_LARGE   more than schema->bytes_max */
MUST_CHECK enum status schema_encode(uint8_t *out, size_t cap, size_t *len,
                                     const struct schema *schema, const void *object);

/* The number of bytes that schema_encode would need; fails like it, `len` zeroed. */
MUST_CHECK enum status schema_measure(size_t *len, const struct schema *schema, const void *object);

/* A walk over what a struct holds, in the order of its encoding: for showing messages as text or
 * JSON, and for the encoder itself. Borrows schema and struct. */
enum schema_event_kind {
    SCHEMA_RECORD_BEGIN,
    SCHEMA_RECORD_END,
    SCHEMA_ARRAY_BEGIN,
    SCHEMA_ARRAY_END,
    SCHEMA_VALUE,
};

struct schema_event {
    enum schema_event_kind kind;
    const struct schema *schema; /* the record that begins or ends, or holds the field */
    const struct field *field;   /* NULL for the outermost record */
    bool element;                /* of an array, so without a name of its own */
    bool keyed;                  /* the field's key stands in front, in the encoding */
    size_t count;                /* RECORD_BEGIN: fields that follow; ARRAY_BEGIN: elements */
    uint64_t number;             /* VALUE of CONST, UINT, MONEY (cents) */
    struct span bytes;           /* VALUE of BYTES, BSTR, TEXT; borrows */
};

struct schema_frame {
    const struct schema *schema;
    const uint8_t *base;        /* of the struct */
    const struct field *holder; /* the field of the record around; NULL for the outermost */
    size_t field;               /* index of the next one */
    size_t element;             /* index of the next one, while in_array */
    size_t elements;
    bool element_of_array; /* this record is one */
    bool keyed;
    bool begun;
    bool in_array;
};

struct schema_walk {
    struct schema_frame frames[SCHEMA_DEPTH_MAX];
    unsigned depth;
};

void schema_walk_begin(struct schema_walk *walk, const struct schema *schema, const void *object);

/* Fills the next event; false, and `event` untouched, when there is none. Limits are not checked
 * here, but more elements than the member holds are a broken program (assert). */
bool schema_walk_next(struct schema_walk *walk, struct schema_event *event);

/* The type's name as in the table, such as "UINT". Static storage. */
const char *schema_type_name(enum field_type type);

/* --- building tables (table.h checks and measures them) --- */

#define SCHEMA_MAP(schema_name, type, table, bytes)                                                \
    {                                                                                              \
        .name = (schema_name), .fields = (table), .count = sizeof(table) / sizeof((table)[0]),     \
        .size = sizeof(type), .layout = SCHEMA_LAYOUT_MAP, .bytes_max = (bytes)                    \
    }
#define SCHEMA_LIST(schema_name, type, table, bytes)                                               \
    {                                                                                              \
        .name = (schema_name), .fields = (table), .count = sizeof(table) / sizeof((table)[0]),     \
        .size = sizeof(type), .layout = SCHEMA_LAYOUT_LIST, .bytes_max = (bytes)                   \
    }

/* Each _Generic refuses a member of another type when the table is compiled. */
#define SCHEMA_AT(owner, member) (((owner *)0)->member)
#define SCHEMA_UINT_SIZE(value)                                                                    \
    _Generic((value), uint64_t : sizeof(uint64_t), uint32_t : sizeof(uint32_t))
#define SCHEMA_MONEY_SIZE(value) _Generic((value), struct money : sizeof(struct money))
#define SCHEMA_SPAN_SIZE(value) _Generic((value), struct span : sizeof(struct span))
#define SCHEMA_COUNT_OFFSET(owner, member)                                                         \
    _Generic(SCHEMA_AT(owner, member##_count), size_t : offsetof(owner, member##_count))
#define SCHEMA_LENGTH(owner, member)                                                               \
    (sizeof SCHEMA_AT(owner, member) / sizeof SCHEMA_AT(owner, member)[0])

#define SCHEMA_FIELD(field_key, which, how, owner, member)                                         \
    .name = #member, .key = (field_key), .type = FIELD_##which, .presence = FIELD_##how,           \
    .offset = offsetof(owner, member)
/* An array member takes its bound from its own length and its count from `<member>_count`. */
#define SCHEMA_ARRAY(owner, member, least)                                                         \
    .array = true, .count_offset = SCHEMA_COUNT_OFFSET(owner, member), .count_min = (least),       \
    .count_max = SCHEMA_LENGTH(owner, member)

#define SCHEMA_CONST(field_key, field_name, value)                                                 \
    {                                                                                              \
        .name = (field_name), .key = (field_key), .type = FIELD_CONST, .min = (value),             \
        .max = (value)                                                                             \
    }
#define SCHEMA_UINT(key, presence, owner, member, least, most)                                     \
    {                                                                                              \
        SCHEMA_FIELD(key, UINT, presence, owner, member),                                          \
            .min = (least), .max = (most), .size = SCHEMA_UINT_SIZE(SCHEMA_AT(owner, member))      \
    }
#define SCHEMA_MONEY(key, presence, owner, member, least, most)                                    \
    {                                                                                              \
        SCHEMA_FIELD(key, MONEY, presence, owner, member),                                         \
            .min = (least), .max = (most), .size = SCHEMA_MONEY_SIZE(SCHEMA_AT(owner, member))     \
    }
#define SCHEMA_BYTES(key, presence, owner, member)                                                 \
    {                                                                                              \
        SCHEMA_FIELD(key, BYTES, presence, owner, member), .size = sizeof SCHEMA_AT(owner, member) \
    }
#define SCHEMA_BSTR(key, presence, owner, member, least, most)                                     \
    {                                                                                              \
        SCHEMA_FIELD(key, BSTR, presence, owner, member),                                          \
            .min = (least), .max = (most), .size = SCHEMA_SPAN_SIZE(SCHEMA_AT(owner, member))      \
    }
#define SCHEMA_TEXT(key, presence, owner, member, least, most)                                     \
    {                                                                                              \
        SCHEMA_FIELD(key, TEXT, presence, owner, member),                                          \
            .min = (least), .max = (most), .size = SCHEMA_SPAN_SIZE(SCHEMA_AT(owner, member))      \
    }
/* A nested record is always present; an array of records with count 0 or 1 can be absent. */
#define SCHEMA_RECORD(key, owner, member, schema)                                                  \
    {                                                                                              \
        SCHEMA_FIELD(key, RECORD, REQUIRED, owner, member),                                        \
            .record = &(schema), .size = sizeof SCHEMA_AT(owner, member)                           \
    }

#define SCHEMA_UINT_LIST(key, presence, owner, member, count_least, least, most)                   \
    {                                                                                              \
        SCHEMA_FIELD(key, UINT, presence, owner, member),                                          \
            .min = (least), .max = (most), .size = SCHEMA_UINT_SIZE(SCHEMA_AT(owner, member)[0]),  \
            SCHEMA_ARRAY(owner, member, count_least)                                               \
    }
#define SCHEMA_UINT_SET(key, presence, owner, member, count_least, least, most)                    \
    {                                                                                              \
        SCHEMA_FIELD(key, UINT, presence, owner, member),                                          \
            .min = (least), .max = (most), .size = SCHEMA_UINT_SIZE(SCHEMA_AT(owner, member)[0]),  \
            .ascending = true, SCHEMA_ARRAY(owner, member, count_least)                            \
    }
#define SCHEMA_MONEY_LIST(key, presence, owner, member, count_least, least, most)                  \
    {                                                                                              \
        SCHEMA_FIELD(key, MONEY, presence, owner, member),                                         \
            .min = (least), .max = (most), .size = SCHEMA_MONEY_SIZE(SCHEMA_AT(owner, member)[0]), \
            SCHEMA_ARRAY(owner, member, count_least)                                               \
    }
#define SCHEMA_BYTES_LIST(key, presence, owner, member, count_least)                               \
    {                                                                                              \
        SCHEMA_FIELD(key, BYTES, presence, owner, member),                                         \
            .size = sizeof SCHEMA_AT(owner, member)[0], SCHEMA_ARRAY(owner, member, count_least)   \
    }
#define SCHEMA_BYTES_SET(key, presence, owner, member, count_least)                                \
    {                                                                                              \
        SCHEMA_FIELD(key, BYTES, presence, owner, member),                                         \
            .size = sizeof SCHEMA_AT(owner, member)[0], .ascending = true,                         \
            SCHEMA_ARRAY(owner, member, count_least)                                               \
    }
#define SCHEMA_BSTR_LIST(key, presence, owner, member, count_least, least, most)                   \
    {                                                                                              \
        SCHEMA_FIELD(key, BSTR, presence, owner, member),                                          \
            .min = (least), .max = (most), .size = SCHEMA_SPAN_SIZE(SCHEMA_AT(owner, member)[0]),  \
            SCHEMA_ARRAY(owner, member, count_least)                                               \
    }
#define SCHEMA_TEXT_LIST(key, presence, owner, member, count_least, least, most)                   \
    {                                                                                              \
        SCHEMA_FIELD(key, TEXT, presence, owner, member),                                          \
            .min = (least), .max = (most), .size = SCHEMA_SPAN_SIZE(SCHEMA_AT(owner, member)[0]),  \
            SCHEMA_ARRAY(owner, member, count_least)                                               \
    }
#define SCHEMA_RECORD_LIST(key, presence, owner, member, count_least, schema)                      \
    {                                                                                              \
        SCHEMA_FIELD(key, RECORD, presence, owner, member),                                        \
            .record = &(schema), .size = sizeof SCHEMA_AT(owner, member)[0],                       \
            SCHEMA_ARRAY(owner, member, count_least)                                               \
    }
/* Ascending by their first field, a number or bytes. */
#define SCHEMA_RECORD_SET(key, presence, owner, member, count_least, schema)                       \
    {                                                                                              \
        SCHEMA_FIELD(key, RECORD, presence, owner, member),                                        \
            .record = &(schema), .size = sizeof SCHEMA_AT(owner, member)[0], .ascending = true,    \
            SCHEMA_ARRAY(owner, member, count_least)                                               \
    }

#endif
