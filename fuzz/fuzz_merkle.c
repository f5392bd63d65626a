/* protocol/merkle: proofs of a small tree hold, changed ones do not, and none can be made up for a
 * tree of any size. */
#include "fuzz.h"

#include "protocol/merkle.h"

#define LEVELS 7
#define LEAVES ((uint64_t)1 << (LEVELS - 1))
/* Complete subtrees that one proof asks for: each level has at most two. */
#define ASKED_MAX (2 * MERKLE_LEVELS)

static struct digest nodes[LEVELS][LEAVES];
static struct digest roots[LEAVES + 1];
static bool started;

static void
start(void)
{
    struct merkle_frontier tree = {.size = 0};

    merkle_root(&roots[0], &tree);
    for (uint64_t i = 0; i < LEAVES; i++) {
        const uint8_t entry = (uint8_t)i;

        merkle_leaf(&nodes[0][i], (struct span){&entry, 1});
        merkle_append(&tree, &nodes[0][i]);
        merkle_root(&roots[i + 1], &tree);
    }
    for (unsigned level = 1; level < LEVELS; level++)
        for (uint64_t i = 0; i < LEAVES >> level; i++)
            merkle_node(&nodes[level][i], &nodes[level - 1][2 * i], &nodes[level - 1][2 * i + 1]);
    EXPECT(memcmp(&nodes[LEVELS - 1][0], &roots[LEAVES], sizeof roots[0]) == 0);
    started = true;
}

static enum status
stored(void *context, struct digest *out, unsigned level, uint64_t index)
{
    size_t *asked = context;

    EXPECT(++*asked <= ASKED_MAX);
    if (level >= LEVELS || index >= LEAVES >> level)
        return STATUS_NOT_FOUND;
    *out = nodes[level][index];
    return STATUS_OK;
}

/* Any tree: what is stored is a number. */
static enum status
endless(void *context, struct digest *out, unsigned level, uint64_t index)
{
    size_t *asked = context;

    EXPECT(++*asked <= ASKED_MAX);
    EXPECT(level < MERKLE_LEVELS);
    memset(out, 0, sizeof *out);
    memcpy(out, &index, sizeof index);
    out->bytes[31] = (uint8_t)level;
    return STATUS_OK;
}

/* Changes hashes or their number. */
static bool
spoil(struct merkle_path *path, struct span *in)
{
    const uint8_t how = fuzz_byte(in);
    const size_t at = fuzz_byte(in);

    if (how % 4 == 1 && path->count > 0) {
        path->hashes[at % path->count].bytes[how / 8] ^= (uint8_t)(1 << at % 8);
        return true;
    }
    if (how % 4 == 2 && path->count > 0) {
        path->count--;
        return true;
    }
    if (how % 4 == 3) {
        path->hashes[path->count++] = nodes[0][at % LEAVES];
        return true;
    }
    return false;
}

static void
check_inclusion(struct span in)
{
    size_t asked = 0;
    struct merkle_path path;
    const uint64_t index = fuzz_byte(&in) % LEAVES;
    const uint64_t size = fuzz_byte(&in) % (LEAVES + 1);
    const uint64_t claimed = index ^ fuzz_byte(&in) % 4;
    const uint64_t leaf = index ^ fuzz_byte(&in) % 4;
    const uint64_t root = size ^ fuzz_byte(&in) % 2;
    enum status status =
        merkle_inclusion(&path, (struct merkle_source){stored, &asked}, index, size);
    bool right;

    EXPECT((status == STATUS_OK) == (index < size));
    if (status != STATUS_OK) {
        EXPECT(status == STATUS_NOT_FOUND && path.count == 0);
        return;
    }
    right = !spoil(&path, &in) && claimed == index && leaf == index && root == size;
    if (leaf >= LEAVES || root > LEAVES)
        return;
    status = merkle_verify_inclusion(&path, &nodes[0][leaf], claimed, size, &roots[root]);
    EXPECT(status == (right ? STATUS_OK : STATUS_LOG_PROOF));
}

static void
check_consistency(struct span in)
{
    size_t asked = 0;
    struct merkle_path path;
    const uint64_t old = fuzz_byte(&in) % (LEAVES + 1);
    const uint64_t new = fuzz_byte(&in) % (LEAVES + 1);
    const uint64_t root_old = old ^ fuzz_byte(&in) % 2;
    const uint64_t root_new = new ^ fuzz_byte(&in) % 2;
    enum status status =
        merkle_consistency(&path, (struct merkle_source){stored, &asked}, old, new);
    bool right;

    EXPECT((status == STATUS_OK) == (old <= new));
    if (status != STATUS_OK || root_old > LEAVES || root_new > LEAVES)
        return;
    right = !spoil(&path, &in) && root_old == old && root_new == new;
    status = merkle_verify_consistency(&path, old, &roots[root_old], new, &roots[root_new]);
    if (right)
        EXPECT(status == STATUS_OK);
    else if (old > 0 && old < new)
        EXPECT(status == STATUS_LOG_PROOF);
}

/* Sizes up to 2^64 - 1 and hashes out of the input: no proof for roots that belong to others. */
static void
check_made_up(struct span in)
{
    size_t asked = 0;
    struct merkle_path path = {.count = 0};
    const uint64_t a = fuzz_number(&in, 8);
    const uint64_t b = fuzz_number(&in, 8);

    if (merkle_inclusion(&path, (struct merkle_source){endless, &asked}, a, b) == STATUS_OK)
        EXPECT(a < b && b <= MERKLE_SIZE_MAX);
    asked = 0;
    if (merkle_consistency(&path, (struct merkle_source){endless, &asked}, a, b) == STATUS_OK)
        EXPECT(a <= b && b <= MERKLE_SIZE_MAX);
    path.count = 0;
    while (in.len >= DIGEST_SIZE && path.count < MERKLE_PATH_MAX)
        memcpy(&path.hashes[path.count++], fuzz_take(&in, DIGEST_SIZE).data, DIGEST_SIZE);
    EXPECT(merkle_verify_inclusion(&path, &nodes[0][5], a, b, &roots[9]) == STATUS_LOG_PROOF);
    EXPECT(a == 0 ||
           merkle_verify_consistency(&path, a, &roots[5], b, &roots[9]) == STATUS_LOG_PROOF);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span in = {data, size};

    if (!started)
        start();
    switch (fuzz_byte(&in) % 3) {
    case 0:
        check_inclusion(in);
        break;
    case 1:
        check_consistency(in);
        break;
    default:
        check_made_up(in);
        break;
    }
    return 0;
}

static size_t
make(uint8_t *out, uint64_t *random)
{
    const size_t len = 8 + (size_t)forge_below(random, 120);

    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)forge_random(random);
    if (forge_below(random, 2) == 0)
        memset(out + 3, 0, 4);
    return len;
}

FUZZ_MAKER(make)
