/* Reads the members of a vector of tests/vectors. What is not there, or of another type, ends the
 * program: a vector that cannot be read is no vector that passed. */
#ifndef SCHWEBE_VECTOR_H
#define SCHWEBE_VECTOR_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/schema.h"

/* Runs all vectors of an operation, in whichever file of tests/vectors they lie. `check` returns
 * the status that the core gave and notes outputs that differ. Fewer than `least` are a failure. */
void vector_run(const char *op, enum status (*check)(json_t *vector), size_t least);

uint64_t vector_number(json_t *vector, const char *key);
const char *vector_text(json_t *vector, const char *key);
struct span vector_text_span(json_t *vector, const char *key);

/* Bytes written in hexadecimal; borrow from a ring of static buffers: the last eight stay valid. */
struct span vector_bytes(json_t *vector, const char *key);
struct span vector_element(json_t *element);

/* Exactly `size` bytes. */
void vector_fill(void *out, size_t size, json_t *vector, const char *key);
void vector_fill_element(void *out, size_t size, json_t *element);

/* Notes a failed expectation unless the member is these bytes. */
void vector_same(json_t *vector, const char *key, const void *bytes, size_t len);

/* ... unless the member `fields` says what the struct holds, and nothing else. */
void vector_same_fields(json_t *vector, const struct schema *schema, const void *object);

#endif
