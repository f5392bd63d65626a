/* Repeatable randomness for tests. The seed is printed at its first use, and SEED=n in the
 * environment takes another: a failure can be repeated, and nights can try fresh ones. */
#ifndef SCHWEBE_RANDOM_H
#define SCHWEBE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

struct random {
    uint64_t state;
};

/* A generator of its own for each test, so that tests do not depend on their order. */
struct random random_begin(void);

/* 64 bits; a number below `limit` (which is not 0); `len` bytes. */
uint64_t random_next(struct random *random);
uint64_t random_below(struct random *random, uint64_t limit);
void random_bytes(struct random *random, void *out, size_t len);

#endif
