/* One field of a message's table, and the member of a struct that it stands for. schema.h has the
 * macros that make such tables and the codec that goes through them. */
#ifndef SCHWEBE_FIELD_H
#define SCHWEBE_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "money.h"
#include "span.h"
#include "status.h"

/* Stored in no file: the order may change. */
enum field_type {
    FIELD_CONST,  /* an unsigned integer fixed by the table, such as the message type; no member */
    FIELD_UINT,   /* uint64_t, uint32_t or an enum */
    FIELD_MONEY,  /* struct money, as cents */
    FIELD_BYTES,  /* uint8_t[n] or a struct around one: always n bytes */
    FIELD_BSTR,   /* struct span; borrows */
    FIELD_TEXT,   /* struct span; borrows; UTF-8 without control characters */
    FIELD_RECORD, /* a struct with a schema of its own */
};

/* An optional field at its default is not written: 0 of UINT and MONEY, all bytes zero of BYTES,
 * length 0 of BSTR and TEXT, count 0 of an array. */
enum field_presence { FIELD_REQUIRED, FIELD_OPTIONAL };

struct schema;

/* Small, as the page loads all the tables; a number that does not fit does not compile. */
struct field {
    const char *name;
    const struct schema *record; /* RECORD */
    /* Of the number, of the cents, or of the length of BSTR and TEXT; in an array of each element.
     */
    uint64_t min;
    uint64_t max;
    uint16_t key;
    uint16_t offset; /* of the member */
    uint16_t size;   /* of the member; in an array of one element */
    uint16_t count_offset;
    uint16_t count_min;
    uint16_t count_max;
    enum field_type type : 8;
    enum field_presence presence : 8;
    bool array;     /* CBOR array of count_min to count_max elements of this type */
    bool ascending; /* a set: each element above the one before; records by their first field */
};

/* What a member, or an element of an array, holds: the number of CONST, UINT and MONEY (in cents,
 * unchecked); the bytes of BYTES, BSTR and TEXT (borrows). Else 0 and nothing. */
uint64_t field_number(const struct field *field, const uint8_t *member);
struct span field_bytes(const struct field *field, const uint8_t *member);

/* Writes what was read into a member; the limits were checked. */
void field_store(const struct field *field, uint8_t *member, uint64_t number, struct span bytes);

/* The number of elements of an array in the struct at `base`. */
size_t field_count(const struct field *field, const uint8_t *base);

/* Whether it is written: always if required, else when it is more than its default. */
bool field_present(const struct field *field, const uint8_t *base);

/* CBOR_RANGE when a value, or a number of elements, is out of the table's limits; CBOR_TEXT for
 * text that is not utf8_plain. */
MUST_CHECK enum status field_check(const struct field *field, uint64_t number, struct span bytes);
MUST_CHECK enum status field_check_count(const struct field *field, uint64_t count);

/* CBOR_RANGE when a set of `count` elements in the struct at `base` is not in ascending order:
 * bytewise, or by number. */
MUST_CHECK enum status field_check_order(const struct field *field, const uint8_t *base,
                                         size_t count);

#endif
