/* A message with every type of field, for the tests of the codec: how it is written, what a random
 * one looks like, and the pairs of its encoding to be put together otherwise. */
#ifndef SCHWEBE_TREE_H
#define SCHWEBE_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/crypt.h"
#include "protocol/schema.h"
#include "random.h"

enum color { COLOR_NONE = 0, COLOR_RED = 1, COLOR_GREEN = 2, COLOR_BLUE = 3 };

struct point {
    struct money y; /* the second field, so that order of members is not that of fields */
    uint64_t x;
};

struct leaf {
    struct kid id;
    struct span note;
    struct point points[3];
    size_t points_count;
};

struct tree {
    uint64_t number;
    enum color color;
    uint32_t narrow;
    struct money price;
    struct digest hash;
    uint8_t nonce[8];
    struct span blob;
    struct span name;
    struct point origin;
    struct leaf leaf;
    uint64_t numbers[4];
    size_t numbers_count;
    uint32_t set[5];
    size_t set_count;
    struct money prices[2];
    size_t prices_count;
    struct kid kids[3];
    size_t kids_count;
    struct digest hashes[2];
    size_t hashes_count;
    struct span blobs[3];
    size_t blobs_count;
    struct span names[2];
    size_t names_count;
    struct point line[3];
    size_t line_count;
    struct leaf twigs[2];
    size_t twigs_count;
    uint64_t last;
};

/* More bytes than any tree has. */
#define TREE_BYTES_MAX 2000

extern const struct schema tree_schema;
extern const struct schema tree_point_schema;
extern const struct schema tree_leaf_schema;

/* The least tree: nothing optional. */
struct tree tree_least(void);

/* A random one within all limits; its spans point into static storage that the next one changes. */
struct tree tree_random(struct random *random);

bool tree_same(const struct tree *a, const struct tree *b);

struct span tree_span(const char *text);
bool tree_span_same(struct span a, struct span b);

/* Decodes into a struct full of rubbish; checks that a failure leaves zeros. */
enum status tree_decode(struct tree *out, struct span in);

/* The heads of an encoding, found by a small parser of the tests' own. */
struct tree_head {
    size_t at;
    size_t len;
    unsigned major;
    uint64_t value;
    size_t end; /* of the whole item */
};

struct tree_heads {
    struct tree_head heads[400];
    size_t count;
};

/* Appends the heads of the item at `at`, outer before inner; returns its end. */
size_t tree_find_heads(struct tree_heads *out, const uint8_t *data, size_t at);

/* The pairs of the outermost map, each with its key in front; borrow from the encoding. */
#define TREE_PAIRS_MAX 32
struct tree_pairs {
    struct span pairs[TREE_PAIRS_MAX];
    uint64_t keys[TREE_PAIRS_MAX];
    size_t count;
};

void tree_find_pairs(struct tree_pairs *out, struct span data);

/* A map of these pairs at `out`; the same with one more at `at`, with one less, with two swapped.
 */
struct span tree_join(uint8_t *out, const struct span *pairs, size_t count);
struct span tree_with(uint8_t *out, const struct tree_pairs *pairs, size_t at, struct span more);
struct span tree_without(uint8_t *out, const struct tree_pairs *pairs, size_t at);
struct span tree_swapped(uint8_t *out, const struct tree_pairs *pairs, size_t a, size_t b);

#endif
