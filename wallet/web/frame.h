/* How the page and the core hand each other values: one run of bytes for a call, one for its
 * answer, each value behind the one before.
 *
 *     number   8 bytes, the lowest first
 *     bytes    their number in 4 bytes, the lowest first, then they themselves; text likewise
 *     list     a number, then as many elements
 *     fields   of a message: events, each a letter, but for } and ] a name (its length in one
 *              byte; none for what has no name of its own), and the value
 *              { } a record   [ ] an array   n a number   b bytes   t text
 *
 * Who writes a call that cannot be read so is a broken program, not a sender to be answered: the
 * core then traps (assert). */
#ifndef SCHWEBE_FRAME_H
#define SCHWEBE_FRAME_H

#include <stddef.h>
#include <stdint.h>

#include "protocol/schema.h"
#include "protocol/span.h"

/* What of a call is not read yet; borrows. */
struct frame_in {
    struct span rest;
};

uint64_t frame_number(struct frame_in *in);
struct span frame_bytes(struct frame_in *in);
/* Bytes that must be `len`. */
void frame_fixed(void *out, size_t len, struct frame_in *in);
/* A network's number: 1 to 2^32 - 1. */
uint64_t frame_network(struct frame_in *in);
/* Nothing may be left. */
void frame_end(const struct frame_in *in);

/* An answer; `data` is the caller's and must have room for it. */
struct frame_out {
    uint8_t *data;
    size_t cap;
    size_t len;
};

void frame_put_number(struct frame_out *out, uint64_t number);
void frame_put_bytes(struct frame_out *out, const void *data, size_t len);
void frame_put_text(struct frame_out *out, const char *text);
void frame_put_fields(struct frame_out *out, const struct schema *schema, const void *object);

#endif
