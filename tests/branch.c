#include "branch.h"

#include <stdlib.h>
#include <string.h>

void
branch_entry(uint8_t out[static BRANCH_ENTRY_SIZE], const struct branch *branch, uint64_t index)
{
    out[0] = (uint8_t)index;
    out[1] = (uint8_t)(index >> 8);
    out[2] = (uint8_t)(index < branch->from ? 0 : branch->name);
}

static void
leaf_of(struct digest *out, const struct branch *branch, uint64_t index)
{
    uint8_t entry[BRANCH_ENTRY_SIZE];

    branch_entry(entry, branch, index);
    merkle_leaf(out, (struct span){entry, sizeof entry});
}

static void
root_of(struct digest *out, const struct branch *branch, uint64_t begin, uint64_t end)
{
    struct merkle_frontier tree = {0};

    for (uint64_t i = begin; i < end; i++) {
        struct digest leaf;

        leaf_of(&leaf, branch, i);
        merkle_append(&tree, &leaf);
    }
    merkle_root(out, &tree);
}

/* Whatever cannot fail ends the program when it does. */
static void
must(enum status status)
{
    if (status != STATUS_OK)
        abort();
}

void
branch_key(struct note_key *key, struct secret_key *secret, enum note_type type, const char *name)
{
    const struct span part = {(const uint8_t *)name, strlen(name)};
    struct public_key public;
    struct digest seed;

    crypt_hash(&seed, &part, 1);
    crypt_key_from_seed(secret, &public, seed.bytes);
    must(note_key_make(key, type, part, &public));
}

void
branch_root(struct digest *out, const struct branch *branch, uint64_t size)
{
    root_of(out, branch, 0, size);
}

static enum status
get(void *context, struct digest *out, unsigned level, uint64_t index)
{
    root_of(out, context, index << level, (index + 1) << level);
    return STATUS_OK;
}

void
branch_proof(struct merkle_path *out, const struct branch *branch, uint64_t old, uint64_t size)
{
    struct branch copy = *branch;

    must(merkle_consistency(out, (struct merkle_source){get, &copy}, old, size));
}

void
branch_inclusion(struct merkle_path *out, const struct branch *branch, uint64_t index,
                 uint64_t size)
{
    struct branch copy = *branch;

    must(merkle_inclusion(out, (struct merkle_source){get, &copy}, index, size));
}

void
branch_note(struct note *out, const struct branch *branch, uint64_t size,
            const struct note_key *key, const struct secret_key *secret)
{
    struct digest root;

    root_of(&root, branch, 0, size);
    must(checkpoint_sign(out, size, &root, key, secret));
}
