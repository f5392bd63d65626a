/* What the harnesses share. Each asserts properties and not only that nothing crashes, and each
 * makes its own valid inputs: a fuzzer starts from them even with an empty corpus, and they follow
 * the protocol when it changes. */
#ifndef SCHWEBE_FUZZ_H
#define SCHWEBE_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "forge.h"
#include "protocol/span.h"

/* A property that must hold; in every build, and whatever it calls is called. */
#define EXPECT(condition)                                                                          \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: failed: %s\n", __FILE__, __LINE__, #condition);                \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

/* The longest input that the fuzzers make. */
#define FUZZ_SIZE_MAX 4096

/* libFuzzer's names. Its own mutator is not there when a corpus is only replayed. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t size_max, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t size_max) __attribute__((weak));

/* Fills `out`, FUZZ_SIZE_MAX bytes, with a valid input and gives its length. */
typedef size_t fuzz_maker(uint8_t *out, uint64_t *random);

/* One input in 16 is made anew, the others are changed blindly. */
static inline size_t
fuzz_mutate(uint8_t *data, size_t size, size_t size_max, unsigned seed, fuzz_maker *make)
{
    uint8_t made[FUZZ_SIZE_MAX];
    uint64_t random = seed;
    size_t len;

    if (getenv("FUZZ_CANARY") != NULL || forge_below(&random, 16) != 0)
        return LLVMFuzzerMutate(data, size, size_max);
    len = make(made, &random);
    if (len > size_max)
        return LLVMFuzzerMutate(data, size, size_max);
    memcpy(data, made, len);
    return len;
}

/* Gives the harness it stands in a mutator that starts from what `make` makes. */
#define FUZZ_MAKER(make)                                                                           \
    size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t size_max, unsigned seed)     \
    {                                                                                              \
        return fuzz_mutate(data, size, size_max, seed, make);                                      \
    }

/* The next bytes of an input; zeros once it is used up. */
static inline uint8_t
fuzz_byte(struct span *in)
{
    uint8_t byte = 0;

    if (in->len > 0) {
        byte = in->data[0];
        in->data++;
        in->len--;
    }
    return byte;
}

static inline uint64_t
fuzz_number(struct span *in, unsigned bytes)
{
    uint64_t number = 0;

    for (unsigned i = 0; i < bytes; i++)
        number = number << 8 | fuzz_byte(in);
    return number;
}

/* At most `len` bytes off the front. */
static inline struct span
fuzz_take(struct span *in, size_t len)
{
    const struct span taken = {in->data, len < in->len ? len : in->len};

    in->data += taken.len;
    in->len -= taken.len;
    return taken;
}

static inline bool
fuzz_same(struct span a, struct span b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

/* Outputs are filled with this before a call, so that one that is left alone is noticed. */
#define FUZZ_RUBBISH 0xA5

static inline bool
fuzz_all(const void *bytes, size_t len, uint8_t value)
{
    const uint8_t *at = bytes;

    for (size_t i = 0; i < len; i++) {
        if (at[i] != value)
            return false;
    }
    return true;
}

#endif
