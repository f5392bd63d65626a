/* Messages written by hand: any message of the registry from `field=value` words, by its table.
 * PROTOCOL.md section 8; the names are those of protocol.cddl. */
#ifndef SCHWEBE_COMPOSE_H
#define SCHWEBE_COMPOSE_H

#include <stddef.h>
#include <stdint.h>

#include "protocol/schema.h"
#include "protocol/status.h"

/* The largest struct that can be composed. */
#define COMPOSE_OBJECT_MAX 32768

/* A message under construction; spans in it borrow the words. */
struct compose {
    const struct schema *schema;
    _Alignas(max_align_t) uint8_t object[COMPOSE_OBJECT_MAX];
};

/* Starts an empty message of the type with this name, such as "series"; its network is set.
 * NOT_FOUND for a name that the registry does not have, also for drafts. */
MUST_CHECK enum status compose_begin(struct compose *compose, const char *name, uint64_t network);

/* Sets one field from a word `name=value`: amounts in euro, bytes in hex, texts as they are, lists
 * separated by commas (an empty value is an empty list), records in lists by colons. CBOR_KEY for
 * an unknown field, USAGE for a value that is not of its kind, CAPACITY for a list that is too
 * long. Limits are checked when the message is encoded. */
MUST_CHECK enum status compose_set(struct compose *compose, const char *word);

#endif
