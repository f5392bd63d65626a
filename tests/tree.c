#include "tree.h"

#include "check.h"

static const struct field point_fields[] = {
    SCHEMA_UINT(0, REQUIRED, struct point, x, 0, 1000),
    SCHEMA_MONEY(1, REQUIRED, struct point, y, 0, MONEY_CENTS_MAX),
};
const struct schema tree_point_schema = SCHEMA_LIST("point", struct point, point_fields, 100);

static const struct field leaf_fields[] = {
    SCHEMA_BYTES(1, REQUIRED, struct leaf, id),
    SCHEMA_TEXT(2, OPTIONAL, struct leaf, note, 1, 10),
    SCHEMA_RECORD_LIST(30, OPTIONAL, struct leaf, points, 1, tree_point_schema),
};
const struct schema tree_leaf_schema = SCHEMA_MAP("leaf", struct leaf, leaf_fields, 0);

/* The same struct with a table of its own, as an array of leaves would nest too deeply. */
static const struct field twig_fields[] = {
    SCHEMA_BYTES(1, REQUIRED, struct leaf, id),
    SCHEMA_TEXT(2, OPTIONAL, struct leaf, note, 1, 10),
};
static const struct schema twig_schema = SCHEMA_MAP("twig", struct leaf, twig_fields, 0);

static const struct field tree_fields[] = {
    SCHEMA_CONST(0, "type", 77),
    SCHEMA_UINT(1, REQUIRED, struct tree, number, 5, 1000000),
    SCHEMA_UINT(2, OPTIONAL, struct tree, color, COLOR_RED, COLOR_BLUE),
    SCHEMA_UINT(3, REQUIRED, struct tree, narrow, 0, UINT32_MAX),
    SCHEMA_MONEY(4, OPTIONAL, struct tree, price, 1, MONEY_CENTS_MAX),
    SCHEMA_BYTES(5, REQUIRED, struct tree, hash),
    SCHEMA_BYTES(6, OPTIONAL, struct tree, nonce),
    SCHEMA_BSTR(7, REQUIRED, struct tree, blob, 0, 300),
    SCHEMA_TEXT(8, OPTIONAL, struct tree, name, 2, 24),
    SCHEMA_RECORD(9, struct tree, origin, tree_point_schema),
    SCHEMA_RECORD(10, struct tree, leaf, tree_leaf_schema),
    SCHEMA_UINT_LIST(11, REQUIRED, struct tree, numbers, 0, 3, 70000),
    SCHEMA_UINT_SET(12, OPTIONAL, struct tree, set, 1, 1, 65535),
    SCHEMA_MONEY_LIST(13, OPTIONAL, struct tree, prices, 2, 1, 500),
    SCHEMA_BYTES_SET(14, OPTIONAL, struct tree, kids, 1),
    SCHEMA_BYTES_LIST(15, OPTIONAL, struct tree, hashes, 1),
    SCHEMA_BSTR_LIST(16, OPTIONAL, struct tree, blobs, 1, 1, 30),
    SCHEMA_TEXT_LIST(17, OPTIONAL, struct tree, names, 1, 1, 9),
    SCHEMA_RECORD_SET(18, OPTIONAL, struct tree, line, 1, tree_point_schema),
    SCHEMA_RECORD_LIST(23, OPTIONAL, struct tree, twigs, 1, twig_schema),
    SCHEMA_UINT(24, REQUIRED, struct tree, last, 0, UINT64_MAX),
};
const struct schema tree_schema = SCHEMA_MAP("tree", struct tree, tree_fields, TREE_BYTES_MAX);

struct span
tree_span(const char *text)
{
    return (struct span){(const uint8_t *)text, strlen(text)};
}

static uint8_t pool[512];

static struct span
some_bytes(struct random *random, uint64_t least, uint64_t most)
{
    const size_t len = least + random_below(random, most - least + 1);

    return (struct span){pool + random_below(random, sizeof pool - len), len};
}

static struct span
some_text(struct random *random, uint64_t least, uint64_t most)
{
    static const char text[] = "Wuppertal-Vohwinkel, Kaiserplatz 12";
    const size_t len = least + random_below(random, most - least + 1);

    return (struct span){(const uint8_t *)text + random_below(random, 8), len};
}

static bool
maybe(struct random *random)
{
    return random_below(random, 2) == 1;
}

static struct point
some_point(struct random *random)
{
    struct point point;

    point.x = random_below(random, 1001);
    point.y.cents = random_below(random, MONEY_CENTS_MAX + 1);
    return point;
}

static struct leaf
some_leaf(struct random *random)
{
    struct leaf leaf = {.points_count = random_below(random, 4)};

    random_bytes(random, &leaf.id, sizeof leaf.id);
    if (maybe(random))
        leaf.note = some_text(random, 1, 10);
    for (size_t i = 0; i < leaf.points_count; i++)
        leaf.points[i] = some_point(random);
    return leaf;
}

static struct leaf
some_twig(struct random *random)
{
    const struct leaf leaf = some_leaf(random);

    return (struct leaf){.id = leaf.id, .note = leaf.note};
}

static void
some_arrays(struct random *random, struct tree *tree)
{
    tree->numbers_count = random_below(random, 5);
    for (size_t i = 0; i < tree->numbers_count; i++)
        tree->numbers[i] = 3 + random_below(random, 69998);
    tree->set_count = random_below(random, 6);
    for (size_t i = 0; i < tree->set_count; i++)
        tree->set[i] = (uint32_t)(1 + i * 13107 + random_below(random, 13107));
    tree->prices_count = maybe(random) ? 2 : 0;
    for (size_t i = 0; i < tree->prices_count; i++)
        tree->prices[i].cents = 1 + random_below(random, 500);
    tree->kids_count = random_below(random, 4);
    for (size_t i = 0; i < tree->kids_count; i++) {
        random_bytes(random, &tree->kids[i], KID_SIZE);
        tree->kids[i].bytes[0] = (uint8_t)(i * 85 + random_below(random, 85));
    }
    tree->hashes_count = random_below(random, 3);
    random_bytes(random, tree->hashes, tree->hashes_count * DIGEST_SIZE);
    tree->blobs_count = random_below(random, 4);
    for (size_t i = 0; i < tree->blobs_count; i++)
        tree->blobs[i] = some_bytes(random, 1, 30);
    tree->names_count = random_below(random, 3);
    for (size_t i = 0; i < tree->names_count; i++)
        tree->names[i] = some_text(random, 1, 9);
    tree->line_count = random_below(random, 4);
    for (size_t i = 0; i < tree->line_count; i++)
        tree->line[i] = (struct point){.x = i * 333 + random_below(random, 333), .y = {9 - i}};
    tree->twigs_count = random_below(random, 3);
    for (size_t i = 0; i < tree->twigs_count; i++)
        tree->twigs[i] = some_twig(random);
}

struct tree
tree_random(struct random *random)
{
    static const enum color colors[] = {COLOR_NONE, COLOR_RED, COLOR_GREEN, COLOR_BLUE};
    struct tree tree;

    memset(&tree, 0, sizeof tree);
    random_bytes(random, pool, sizeof pool);
    tree.number = 5 + random_below(random, 999996);
    tree.color = colors[random_below(random, 4)];
    tree.narrow = (uint32_t)random_next(random);
    tree.price.cents = maybe(random) ? 1 + random_below(random, MONEY_CENTS_MAX) : 0;
    random_bytes(random, &tree.hash, sizeof tree.hash);
    if (maybe(random))
        random_bytes(random, tree.nonce, sizeof tree.nonce);
    tree.blob = some_bytes(random, 0, 300);
    if (maybe(random))
        tree.name = some_text(random, 2, 24);
    tree.origin = some_point(random);
    tree.leaf = some_leaf(random);
    some_arrays(random, &tree);
    tree.last = random_next(random) >> random_below(random, 64);
    return tree;
}

bool
tree_span_same(struct span a, struct span b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

static bool
same_leaf(const struct leaf *a, const struct leaf *b)
{
    return memcmp(&a->id, &b->id, sizeof a->id) == 0 && tree_span_same(a->note, b->note) &&
           a->points_count == b->points_count &&
           memcmp(a->points, b->points, sizeof a->points) == 0;
}

bool
tree_same(const struct tree *a, const struct tree *b)
{
    bool same =
        a->number == b->number && a->color == b->color && a->narrow == b->narrow &&
        a->price.cents == b->price.cents && a->last == b->last &&
        memcmp(&a->hash, &b->hash, sizeof a->hash) == 0 &&
        memcmp(a->nonce, b->nonce, sizeof a->nonce) == 0 && tree_span_same(a->blob, b->blob) &&
        tree_span_same(a->name, b->name) && memcmp(&a->origin, &b->origin, sizeof a->origin) == 0 &&
        same_leaf(&a->leaf, &b->leaf) && a->numbers_count == b->numbers_count &&
        memcmp(a->numbers, b->numbers, sizeof a->numbers) == 0 && a->set_count == b->set_count &&
        memcmp(a->set, b->set, sizeof a->set) == 0 &&
        memcmp(a->prices, b->prices, sizeof a->prices) == 0 && a->kids_count == b->kids_count &&
        memcmp(a->kids, b->kids, sizeof a->kids) == 0 &&
        memcmp(a->hashes, b->hashes, sizeof a->hashes) == 0 && a->blobs_count == b->blobs_count &&
        a->names_count == b->names_count && a->line_count == b->line_count &&
        a->twigs_count == b->twigs_count && memcmp(a->line, b->line, sizeof a->line) == 0;

    for (size_t i = 0; same && i < 3; i++)
        same = tree_span_same(a->blobs[i], b->blobs[i]);
    for (size_t i = 0; same && i < 2; i++)
        same = tree_span_same(a->names[i], b->names[i]) && same_leaf(&a->twigs[i], &b->twigs[i]);
    return same;
}

struct tree
tree_least(void)
{
    struct tree tree;

    memset(&tree, 0, sizeof tree);
    tree.number = 5;
    return tree;
}

static bool
is_zero(const void *object, size_t size)
{
    const uint8_t *bytes = object;

    for (size_t i = 0; i < size; i++) {
        if (bytes[i] != 0)
            return false;
    }
    return true;
}

enum status
tree_decode(struct tree *out, struct span in)
{
    enum status status;

    memset(out, 0xEE, sizeof *out);
    status = schema_decode(out, &tree_schema, in);
    CHECK(status == STATUS_OK || is_zero(out, sizeof *out));
    return status;
}

size_t
tree_find_heads(struct tree_heads *out, const uint8_t *data, size_t at)
{
    const size_t index = out->count++;
    struct tree_head head = {.at = at, .len = 1, .major = data[at] >> 5, .value = data[at] & 31};
    size_t end;

    if (head.value >= 24) {
        const size_t more = (size_t)1 << (head.value - 24);

        head.value = 0;
        for (size_t i = 1; i <= more; i++)
            head.value = head.value << 8 | data[at + i];
        head.len += more;
    }
    end = at + head.len;
    if (head.major == 2 || head.major == 3)
        end += head.value;
    for (uint64_t i = 0; head.major >= 4 && i < head.value * (head.major - 3); i++)
        end = tree_find_heads(out, data, end);
    head.end = end;
    out->heads[index] = head;
    return end;
}

void
tree_find_pairs(struct tree_pairs *out, struct span data)
{
    static struct tree_heads heads;
    size_t at;

    heads.count = 0;
    tree_find_heads(&heads, data.data, 0);
    at = heads.heads[0].len;
    out->count = 0;
    while (at < data.len) {
        const size_t begin = at;

        heads.count = 0;
        at = tree_find_heads(&heads, data.data, at);
        out->keys[out->count] = heads.heads[0].value;
        heads.count = 0;
        at = tree_find_heads(&heads, data.data, at);
        out->pairs[out->count++] = (struct span){data.data + begin, at - begin};
    }
}

struct span
tree_join(uint8_t *out, const struct span *pairs, size_t count)
{
    size_t len = 0;

    if (count < 24) {
        out[len++] = (uint8_t)(0xA0 | count);
    } else {
        out[len++] = 0xB8;
        out[len++] = (uint8_t)count;
    }
    for (size_t i = 0; i < count; i++) {
        memcpy(out + len, pairs[i].data, pairs[i].len);
        len += pairs[i].len;
    }
    return (struct span){out, len};
}

struct span
tree_with(uint8_t *out, const struct tree_pairs *pairs, size_t at, struct span more)
{
    struct span list[33];

    memcpy(list, pairs->pairs, at * sizeof list[0]);
    list[at] = more;
    memcpy(list + at + 1, pairs->pairs + at, (pairs->count - at) * sizeof list[0]);
    return tree_join(out, list, pairs->count + 1);
}

struct span
tree_without(uint8_t *out, const struct tree_pairs *pairs, size_t at)
{
    struct span list[32];

    memcpy(list, pairs->pairs, at * sizeof list[0]);
    memcpy(list + at, pairs->pairs + at + 1, (pairs->count - at - 1) * sizeof list[0]);
    return tree_join(out, list, pairs->count - 1);
}

struct span
tree_swapped(uint8_t *out, const struct tree_pairs *pairs, size_t a, size_t b)
{
    struct span list[32];

    memcpy(list, pairs->pairs, pairs->count * sizeof list[0]);
    list[a] = pairs->pairs[b];
    list[b] = pairs->pairs[a];
    return tree_join(out, list, pairs->count);
}
