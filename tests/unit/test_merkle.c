/* protocol/merkle against a recursive reading of RFC 9162 section 2.1, and against the tree heads
 * that the first implementations of certificate transparency published. */
#include "check.h"

#include <stdlib.h>

#include "protocol/merkle.h"

#define LEAVES_MAX 1100
#define PAIRS_MAX 70

static struct digest leaves[LEAVES_MAX];

/* ---- The reference: the definitions of the RFC, word for word
 * -----------------------------------*/

static uint64_t
split_at(uint64_t n)
{
    uint64_t k = 1;

    while (k * 2 < n)
        k *= 2;
    return k;
}

/* MTH(D[from : from + n]) */
static void
mth(struct digest *out, uint64_t from, uint64_t n)
{
    struct digest left;
    struct digest right;

    if (n == 0) {
        crypt_hash(out, NULL, 0);
    } else if (n == 1) {
        *out = leaves[from];
    } else {
        const uint8_t one = 1;
        const struct span parts[] = {{&one, 1}, {left.bytes, 32}, {right.bytes, 32}};

        mth(&left, from, split_at(n));
        mth(&right, from + split_at(n), n - split_at(n));
        crypt_hash(out, parts, 3);
    }
}

/* PATH(m, D[from : from + n]) */
static void
ref_path(struct merkle_path *out, uint64_t m, uint64_t from, uint64_t n)
{
    uint64_t k = split_at(n);

    if (n == 1)
        return;
    if (m < k) {
        ref_path(out, m, from, k);
        mth(&out->hashes[out->count++], from + k, n - k);
    } else {
        ref_path(out, m - k, from + k, n - k);
        mth(&out->hashes[out->count++], from, k);
    }
}

/* SUBPROOF(m, D[from : from + n], b) */
static void
ref_proof(struct merkle_path *out, uint64_t m, uint64_t from, uint64_t n, bool b)
{
    uint64_t k = split_at(n);

    if (m == n) {
        if (!b)
            mth(&out->hashes[out->count++], from, n);
        return;
    }
    if (m <= k) {
        ref_proof(out, m, from, k, b);
        mth(&out->hashes[out->count++], from + k, n - k);
    } else {
        ref_proof(out, m - k, from + k, n - k, false);
        mth(&out->hashes[out->count++], from, k);
    }
}

/* ---- What the constructions read: complete subtrees, checked to be inside the tree
 * -------------*/

struct stored {
    uint64_t size;
    unsigned gets;
    unsigned fail_at; /* the number of the call that fails; 0 for none */
};

static enum status
get_stored(void *context, struct digest *out, unsigned level, uint64_t index)
{
    struct stored *stored = context;

    stored->gets++;
    if (stored->gets == stored->fail_at)
        return STATUS_STORE_BROKEN;
    CHECK(level < 32);
    CHECK((index + 1) << level <= stored->size);
    mth(out, index << level, UINT64_C(1) << level);
    return STATUS_OK;
}

static void
fill_leaves(void)
{
    for (uint64_t i = 0; i < LEAVES_MAX; i++) {
        const uint8_t entry[] = {(uint8_t)(i >> 8), (uint8_t)i, 'e'};

        merkle_leaf(&leaves[i], (struct span){entry, i % 4});
    }
}

static bool
same_path(const struct merkle_path *a, const struct merkle_path *b)
{
    return a->count == b->count && memcmp(a->hashes, b->hashes, a->count * DIGEST_SIZE) == 0;
}

static bool
is_hex(const struct digest *digest, const char *hex)
{
    char got[2 * DIGEST_SIZE + 1];

    for (size_t i = 0; i < DIGEST_SIZE; i++)
        snprintf(got + 2 * i, 3, "%02x", digest->bytes[i]);
    return strcmp(got, hex) == 0;
}

TEST(known_tree_heads)
{
    static const uint8_t bytes[] = {0x00, 0x10, 0x20, 0x21, 0x30, 0x31, 0x40, 0x41, 0x42,
                                    0x43, 0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57,
                                    0x60, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68,
                                    0x69, 0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x6f};
    static const struct span entries[] = {{bytes, 0},      {bytes, 1},      {bytes + 1, 1},
                                          {bytes + 2, 2},  {bytes + 4, 2},  {bytes + 6, 4},
                                          {bytes + 10, 8}, {bytes + 18, 16}};
    static const char *const heads[] = {
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
    struct merkle_frontier tree = {0};
    struct digest hash;

    for (size_t n = 0; n <= 8; n++) {
        merkle_root(&hash, &tree);
        CHECK(is_hex(&hash, heads[n]));
        if (n < 8) {
            merkle_leaf(&hash, entries[n]);
            merkle_append(&tree, &hash);
        }
    }
    merkle_empty(&hash);
    CHECK(is_hex(&hash, heads[0]));
}

TEST(roots_follow_the_definition)
{
    struct merkle_frontier tree = {0};
    struct digest expected;
    struct digest got;

    fill_leaves();
    for (uint64_t n = 0; n <= LEAVES_MAX; n++) {
        if (n <= 260 || n % 64 < 2 || n == LEAVES_MAX) {
            mth(&expected, 0, n);
            merkle_root(&got, &tree);
            CHECK(tree.size == n);
            CHECK(memcmp(&expected, &got, DIGEST_SIZE) == 0);
        }
        if (n < LEAVES_MAX)
            merkle_append(&tree, &leaves[n]);
    }
}

TEST(a_frontier_is_rebuilt_from_stored_hashes)
{
    fill_leaves();
    for (uint64_t n = 0; n <= 260; n++) {
        struct stored stored = {.size = n};
        struct merkle_frontier tree;
        struct digest expected;
        struct digest got;

        CHECK_STATUS(merkle_load(&tree, (struct merkle_source){get_stored, &stored}, n), STATUS_OK);
        mth(&expected, 0, n);
        merkle_root(&got, &tree);
        CHECK(memcmp(&expected, &got, DIGEST_SIZE) == 0);
        CHECK(stored.gets <= 9);
    }
}

/* Every changed element, a missing one, a surplus one, a wrong place and a wrong root must fail. */
static void
tamper_inclusion(const struct merkle_path *path, uint64_t index, uint64_t size,
                 const struct digest *root)
{
    struct merkle_path bad;
    struct digest wrong = *root;

    for (size_t i = 0; i < path->count; i++) {
        bad = *path;
        bad.hashes[i].bytes[(index + i) % DIGEST_SIZE] ^= 1;
        CHECK_STATUS(merkle_verify_inclusion(&bad, &leaves[index], index, size, root),
                     STATUS_LOG_PROOF);
    }
    bad = *path;
    bad.hashes[bad.count++] = leaves[0];
    CHECK_STATUS(merkle_verify_inclusion(&bad, &leaves[index], index, size, root),
                 STATUS_LOG_PROOF);
    if (path->count > 0) {
        bad.count = path->count - 1;
        CHECK_STATUS(merkle_verify_inclusion(&bad, &leaves[index], index, size, root),
                     STATUS_LOG_PROOF);
    }
    wrong.bytes[31] ^= 0x80;
    CHECK_STATUS(merkle_verify_inclusion(path, &leaves[index], index, size, &wrong),
                 STATUS_LOG_PROOF);
    CHECK_STATUS(merkle_verify_inclusion(path, &wrong, index, size, root), STATUS_LOG_PROOF);
    CHECK_STATUS(merkle_verify_inclusion(path, &leaves[index], index + 1, size, root),
                 STATUS_LOG_PROOF);
    CHECK_STATUS(merkle_verify_inclusion(path, &leaves[index], index, index, root),
                 STATUS_LOG_PROOF);
}

TEST(inclusion_for_every_pair)
{
    fill_leaves();
    for (uint64_t n = 1; n <= PAIRS_MAX; n++) {
        struct digest root;

        mth(&root, 0, n);
        for (uint64_t m = 0; m < n; m++) {
            struct stored stored = {.size = n};
            struct merkle_path expected = {.count = 0};
            struct merkle_path path;

            ref_path(&expected, m, 0, n);
            CHECK_STATUS(merkle_inclusion(&path, (struct merkle_source){get_stored, &stored}, m, n),
                         STATUS_OK);
            CHECK(same_path(&path, &expected));
            CHECK_STATUS(merkle_verify_inclusion(&path, &leaves[m], m, n, &root), STATUS_OK);
            tamper_inclusion(&path, m, n, &root);
        }
    }
}

static void
tamper_consistency(const struct merkle_path *path, uint64_t m, uint64_t n,
                   const struct digest *root_old, const struct digest *root_new)
{
    struct merkle_path bad;
    struct digest wrong = *root_old;

    for (size_t i = 0; i < path->count; i++) {
        bad = *path;
        bad.hashes[i].bytes[(m + i) % DIGEST_SIZE] ^= 4;
        CHECK_STATUS(merkle_verify_consistency(&bad, m, root_old, n, root_new), STATUS_LOG_PROOF);
    }
    bad = *path;
    bad.hashes[bad.count++] = leaves[1];
    CHECK_STATUS(merkle_verify_consistency(&bad, m, root_old, n, root_new), STATUS_LOG_PROOF);
    if (path->count > 0) {
        bad.count = path->count - 1;
        CHECK_STATUS(merkle_verify_consistency(&bad, m, root_old, n, root_new), STATUS_LOG_PROOF);
    }
    if (m > 0) {
        wrong.bytes[0] ^= 1;
        CHECK_STATUS(merkle_verify_consistency(path, m, &wrong, n, root_new), STATUS_LOG_PROOF);
        wrong = *root_new;
        wrong.bytes[0] ^= 1;
        CHECK_STATUS(merkle_verify_consistency(path, m, root_old, n, &wrong), STATUS_LOG_PROOF);
        CHECK_STATUS(merkle_verify_consistency(path, n + 1, root_old, n, root_new),
                     STATUS_LOG_PROOF);
    }
}

TEST(consistency_for_every_pair)
{
    fill_leaves();
    for (uint64_t n = 0; n <= PAIRS_MAX; n++) {
        struct digest root_new;

        mth(&root_new, 0, n);
        for (uint64_t m = 0; m <= n; m++) {
            struct stored stored = {.size = n};
            struct merkle_path expected = {.count = 0};
            struct merkle_path path;
            struct digest root_old;

            mth(&root_old, 0, m);
            if (m > 0)
                ref_proof(&expected, m, 0, n, true);
            CHECK_STATUS(
                merkle_consistency(&path, (struct merkle_source){get_stored, &stored}, m, n),
                STATUS_OK);
            CHECK(same_path(&path, &expected));
            CHECK_STATUS(merkle_verify_consistency(&path, m, &root_old, n, &root_new), STATUS_OK);
            tamper_consistency(&path, m, n, &root_old, &root_new);
        }
    }
}

/* A consistency proof must not be good for another pair of sizes. */
TEST(consistency_is_bound_to_its_sizes)
{
    unsigned accepted = 0;

    fill_leaves();
    for (uint64_t m = 1; m <= 24; m++) {
        for (uint64_t n = m + 1; n <= 24; n++) {
            struct stored stored = {.size = n};
            struct merkle_path path;
            struct digest root_old;
            struct digest root_new;

            mth(&root_old, 0, m);
            mth(&root_new, 0, n);
            CHECK_STATUS(
                merkle_consistency(&path, (struct merkle_source){get_stored, &stored}, m, n),
                STATUS_OK);
            for (uint64_t other = 1; other <= 24; other++)
                if (other != m &&
                    merkle_verify_consistency(&path, other, &root_old, n, &root_new) == STATUS_OK)
                    accepted++;
        }
    }
    CHECK(accepted == 0);
}

/* A path that ends at the root of a part is no proof for the whole, even if someone passes that
 * root off as the whole's; neither is one that goes on above the root. */
TEST(a_proof_has_the_height_of_its_tree)
{
    fill_leaves();
    for (uint64_t part = 1; part <= 32; part *= 2) {
        for (uint64_t n = part + 1; n <= 2 * part + 1; n++) {
            struct merkle_path path = {.count = 0};
            struct digest root_part;
            struct digest root_old;

            mth(&root_part, 0, part);
            ref_path(&path, 0, 0, part);
            CHECK_STATUS(merkle_verify_inclusion(&path, &leaves[0], 0, part, &root_part),
                         STATUS_OK);
            CHECK_STATUS(merkle_verify_inclusion(&path, &leaves[0], 0, n, &root_part),
                         STATUS_LOG_PROOF);
            if (part < 2)
                continue;
            path.count = 0;
            mth(&root_old, 0, part - 1);
            ref_proof(&path, part - 1, 0, part, true);
            CHECK_STATUS(merkle_verify_consistency(&path, part - 1, &root_old, part, &root_part),
                         STATUS_OK);
            CHECK_STATUS(merkle_verify_consistency(&path, part - 1, &root_old, n, &root_part),
                         STATUS_LOG_PROOF);
            CHECK_STATUS(
                merkle_verify_consistency(&path, part - 1, &root_old, part / 2, &root_part),
                STATUS_LOG_PROOF);
        }
    }
}

TEST(limits_and_failing_sources)
{
    struct stored stored = {.size = 69};
    struct merkle_source source = {get_stored, &stored};
    struct merkle_path path;

    fill_leaves();
    CHECK_STATUS(merkle_inclusion(&path, source, 5, 5), STATUS_NOT_FOUND);
    CHECK_STATUS(merkle_inclusion(&path, source, 0, 0), STATUS_NOT_FOUND);
    CHECK_STATUS(merkle_inclusion(&path, source, 0, MERKLE_SIZE_MAX + 1), STATUS_NOT_FOUND);
    CHECK_STATUS(merkle_consistency(&path, source, 6, 5), STATUS_NOT_FOUND);
    CHECK_STATUS(merkle_consistency(&path, source, 6, MERKLE_SIZE_MAX + 1), STATUS_NOT_FOUND);
    CHECK(stored.gets == 0);
    for (unsigned fail_at = 1; fail_at < 40; fail_at++) {
        bool reached;

        stored = (struct stored){.size = 69, .fail_at = fail_at};
        path.count = 77;
        reached = merkle_inclusion(&path, source, 33, 69) != STATUS_OK;
        CHECK(reached == (stored.gets == fail_at));
        CHECK((path.count == 0) == reached);
        stored = (struct stored){.size = 69, .fail_at = fail_at};
        reached = merkle_consistency(&path, source, 37, 69) != STATUS_OK;
        CHECK(reached == (stored.gets == fail_at));
        CHECK((path.count == 0) == reached);
    }
}

/* The longest proofs there can be: made of one repeated hash per level, which makes every complete
 * subtree of a level equal. */
static struct digest uniform[MERKLE_LEVELS];

static enum status
get_uniform(void *context, struct digest *out, unsigned level, uint64_t index)
{
    (void)context;
    (void)index;
    *out = uniform[level];
    return STATUS_OK;
}

TEST(the_largest_tree)
{
    static const uint64_t sizes[] = {MERKLE_SIZE_MAX, MERKLE_SIZE_MAX - 1, MERKLE_SIZE_MAX / 2 + 1,
                                     (MERKLE_SIZE_MAX - 1) / 3, UINT64_C(0x100000000)};
    const struct merkle_source source = {get_uniform, NULL};
    size_t longest = 0;

    merkle_leaf(&uniform[0], (struct span){NULL, 0});
    for (unsigned level = 1; level < MERKLE_LEVELS; level++)
        merkle_node(&uniform[level], &uniform[level - 1], &uniform[level - 1]);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        const uint64_t n = sizes[i];
        const uint64_t old[] = {1, 2, 3, n / 3, n / 2, n / 2 + 1, n - 2, n - 1};
        struct merkle_frontier tree;
        struct digest root;

        CHECK_STATUS(merkle_load(&tree, source, n), STATUS_OK);
        merkle_root(&root, &tree);
        for (size_t k = 0; k < sizeof old / sizeof old[0]; k++) {
            struct merkle_path path;
            struct digest root_old;

            CHECK_STATUS(merkle_load(&tree, source, old[k]), STATUS_OK);
            merkle_root(&root_old, &tree);
            CHECK_STATUS(merkle_inclusion(&path, source, old[k], n), STATUS_OK);
            longest = path.count > longest ? path.count : longest;
            CHECK_STATUS(merkle_verify_inclusion(&path, &uniform[0], old[k], n, &root), STATUS_OK);
            CHECK_STATUS(merkle_consistency(&path, source, old[k], n), STATUS_OK);
            longest = path.count > longest ? path.count : longest;
            CHECK_STATUS(merkle_verify_consistency(&path, old[k], &root_old, n, &root), STATUS_OK);
        }
    }
    CHECK(longest == MERKLE_PATH_MAX);
}

int
main(int argc, char **argv)
{
    if (crypt_init() != STATUS_OK)
        return EXIT_FAILURE;
    return check_run(argc, argv);
}
