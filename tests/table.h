/* Checks on the tables of protocol/schema.h: every table that is written should pass table_sound,
 * and its limits give the longest encoding that it allows. */
#ifndef SCHWEBE_TABLE_H
#define SCHWEBE_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "protocol/schema.h"

/* NULL when a table keeps its own rules: names, ascending keys, members inside the struct, limits
 * in order and such that no optional field needs its default, nesting. Else what is wrong, and
 * `place` is filled with the name of the field. Static storage. */
const char *table_sound(const struct schema *schema, const char **place);

/* The longest encoding that the limits of a sound table allow, whatever its bytes_max says. */
uint64_t table_bytes_worst(const struct schema *schema);

#endif
