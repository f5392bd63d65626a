#include "random.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#define SEED_DEFAULT 20261122

struct random
random_begin(void)
{
    static uint64_t seed;
    static bool known;

    if (!known) {
        const char *given = getenv("SEED");

        seed = given != NULL ? strtoull(given, NULL, 10) : SEED_DEFAULT;
        fprintf(stderr, "SEED=%" PRIu64 "\n", seed);
        known = true;
    }
    return (struct random){seed};
}

/* splitmix64: every seed is good, also 0. */
uint64_t
random_next(struct random *random)
{
    uint64_t z = random->state += UINT64_C(0x9E3779B97F4A7C15);

    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

uint64_t
random_below(struct random *random, uint64_t limit)
{
    return random_next(random) % limit;
}

void
random_bytes(struct random *random, void *out, size_t len)
{
    uint8_t *bytes = out;

    for (size_t i = 0; i < len; i++)
        bytes[i] = (uint8_t)random_next(random);
}
