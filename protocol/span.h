/* A read-only run of bytes that somebody else owns. */
#ifndef SCHWEBE_SPAN_H
#define SCHWEBE_SPAN_H

#include <stddef.h>
#include <stdint.h>

/* Borrows: valid only as long as the buffer it points into. `data` may be NULL when `len` is 0. */
struct span {
    const uint8_t *data;
    size_t len;
};

#endif
