/* protocol/schema over a table with every type of field: round trips, every other way to write the
 * same values, and the walk that shows them. */
#include "check.h"

#include "protocol/schema.h"
#include "random.h"
#include "tree.h"

TEST(random_objects_come_back)
{
    struct random random = random_begin();
    uint8_t out[TREE_BYTES_MAX];
    uint8_t again[TREE_BYTES_MAX];

    for (unsigned round = 0; round < 5000; round++) {
        const struct tree tree = tree_random(&random);
        struct tree back;
        size_t len, measured;

        CHECK_STATUS(schema_encode(out, sizeof out, &len, &tree_schema, &tree), STATUS_OK);
        CHECK_STATUS(schema_measure(&measured, &tree_schema, &tree), STATUS_OK);
        CHECK(measured == len);
        CHECK_STATUS(tree_decode(&back, (struct span){out, len}), STATUS_OK);
        CHECK(tree_same(&tree, &back));
        CHECK_STATUS(schema_encode(again, sizeof again, &len, &tree_schema, &back), STATUS_OK);
        CHECK(len == measured && memcmp(out, again, len) == 0);
    }
}

TEST(mutated_bytes_are_refused_or_mean_themselves)
{
    struct random random = random_begin();
    uint8_t out[TREE_BYTES_MAX];
    uint8_t again[TREE_BYTES_MAX];
    unsigned taken = 0, refused = 0;

    for (unsigned round = 0; round < 600; round++) {
        const struct tree tree = tree_random(&random);
        size_t len, len_again;

        REQUIRE(schema_encode(out, sizeof out, &len, &tree_schema, &tree) == STATUS_OK);
        for (unsigned i = 0; i < 100; i++) {
            const size_t at = random_below(&random, len);
            const uint8_t kept = out[at];
            struct tree back;

            out[at] =
                random_below(&random, 2) == 1 ? (uint8_t)random_next(&random) : (uint8_t)(kept + 1);
            if (tree_decode(&back, (struct span){out, len}) != STATUS_OK) {
                refused++;
            } else {
                taken++;
                CHECK_STATUS(schema_encode(again, sizeof again, &len_again, &tree_schema, &back),
                             STATUS_OK);
                CHECK(len_again == len && memcmp(out, again, len) == 0);
            }
            out[at] = kept;
        }
    }
    CHECK(taken > 1000 && refused > 1000);
}

/* ---- every other way to write the same ------------------------------------------------------- */

/* `data` with `cut` bytes at `at` replaced by `insert`. */
static struct span
splice(uint8_t *out, struct span data, size_t at, size_t cut, struct span insert)
{
    memcpy(out, data.data, at);
    if (insert.len > 0)
        memcpy(out + at, insert.data, insert.len);
    memcpy(out + at + insert.len, data.data + at + cut, data.len - at - cut);
    return (struct span){out, data.len - cut + insert.len};
}

static size_t
wide_head(uint8_t out[static 9], const struct tree_head *head, unsigned info)
{
    const size_t more = (size_t)1 << (info - 24);

    out[0] = (uint8_t)(head->major << 5 | info);
    for (size_t i = 0; i < more; i++)
        out[1 + i] = (uint8_t)(head->value >> (8 * (more - 1 - i)));
    return more + 1;
}

static void
other_heads(struct span data, const struct tree_head *head)
{
    uint8_t out[TREE_BYTES_MAX + 16];
    uint8_t bytes[9];
    struct tree back;

    for (unsigned info = 24; info < 28; info++) {
        const size_t len = wide_head(bytes, head, info);

        if (len > head->len)
            CHECK_STATUS(tree_decode(&back, splice(out, data, head->at, head->len,
                                                   (struct span){bytes, len})),
                         STATUS_CBOR_NOT_CANONICAL);
    }
    for (unsigned info = 28; info < 32; info++) {
        struct span other = splice(out, data, head->at, 0, (struct span){NULL, 0});

        /* Reserved or indefinite; the content is there and a break follows it. */
        out[head->at] = (uint8_t)(head->major << 5 | info);
        CHECK_STATUS(tree_decode(&back, other), STATUS_CBOR_NOT_CANONICAL);
        other = splice(out, data, head->end, 0, tree_span("\xFF"));
        out[head->at] = (uint8_t)(head->major << 5 | info);
        CHECK_STATUS(tree_decode(&back, other), STATUS_CBOR_NOT_CANONICAL);
    }
}

static void
other_items(struct span data, const struct tree_head *head)
{
    static const struct {
        const char *bytes;
        size_t len;
        enum status status;
    } items[] = {
        {"\xF4", 1, STATUS_CBOR_TYPE},
        {"\xF5", 1, STATUS_CBOR_TYPE},
        {"\xF6", 1, STATUS_CBOR_TYPE},
        {"\xF7", 1, STATUS_CBOR_TYPE},
        {"\xE0", 1, STATUS_CBOR_TYPE},
        {"\xF8\x20", 2, STATUS_CBOR_TYPE},
        {"\xF9\x3C\x00", 3, STATUS_CBOR_TYPE},
        {"\xFA\x3F\x80\x00\x00", 5, STATUS_CBOR_TYPE},
        {"\xFB\x3F\xF0\x00\x00\x00\x00\x00\x00", 9, STATUS_CBOR_TYPE},
        {"\x20", 1, STATUS_CBOR_TYPE},
        {"\x38\x20", 2, STATUS_CBOR_TYPE},
        {"\xC2\x41\x05", 3, STATUS_CBOR_TYPE},
        {"\xFF", 1, STATUS_CBOR_TYPE},
        {"\x1F", 1, STATUS_CBOR_NOT_CANONICAL},
        {"\x9F\xFF", 2, STATUS_CBOR_NOT_CANONICAL},
    };
    static const char *const tags[] = {"\xC0", "\xC1", "\xD2", "\xD8\x12", "\xD9\xD9\xF7"};
    uint8_t out[TREE_BYTES_MAX + 16];
    struct tree back;

    for (size_t i = 0; i < sizeof items / sizeof items[0]; i++)
        CHECK_STATUS(tree_decode(&back, splice(out, data, head->at, head->end - head->at,
                                               (struct span){(const uint8_t *)items[i].bytes,
                                                             items[i].len})),
                     items[i].status);
    for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++)
        CHECK_STATUS(tree_decode(&back, splice(out, data, head->at, 0, tree_span(tags[i]))),
                     STATUS_CBOR_TYPE);
}

TEST(every_other_writing_of_every_item)
{
    struct random random = random_begin();
    static struct tree_heads heads;
    uint8_t bytes[TREE_BYTES_MAX];
    uint8_t out[TREE_BYTES_MAX + 16];

    for (unsigned round = 0; round < 20; round++) {
        const struct tree tree = tree_random(&random);
        struct span data = {bytes, 0};
        struct tree back;

        REQUIRE(schema_encode(bytes, sizeof bytes, &data.len, &tree_schema, &tree) == STATUS_OK);
        heads.count = 0;
        REQUIRE(tree_find_heads(&heads, bytes, 0) == data.len);
        for (size_t i = 0; i < heads.count; i++) {
            other_heads(data, &heads.heads[i]);
            other_items(data, &heads.heads[i]);
        }
        for (size_t len = 0; len < data.len; len++)
            CHECK_STATUS(tree_decode(&back, (struct span){bytes, len}), STATUS_CBOR_TRUNCATED);
        for (unsigned c = 0; c < 256; c++) {
            const uint8_t byte = (uint8_t)c;

            CHECK_STATUS(
                tree_decode(&back, splice(out, data, data.len, 0, (struct span){&byte, 1})),
                STATUS_CBOR_TRAILING);
        }
    }
}

static bool
is_required(uint64_t key)
{
    for (size_t i = 0; i < tree_schema.count; i++) {
        if (tree_schema.fields[i].key == key)
            return tree_schema.fields[i].presence == FIELD_REQUIRED;
    }
    return false;
}

TEST(pairs_twice_missing_unknown_and_swapped)
{
    static const struct span unknown = {(const uint8_t *)"\x18\x63\x01", 3};
    struct random random = random_begin();
    uint8_t bytes[TREE_BYTES_MAX];
    uint8_t out[2 * TREE_BYTES_MAX];

    for (unsigned round = 0; round < 50; round++) {
        const struct tree tree = tree_random(&random);
        struct span data = {bytes, 0};
        struct tree_pairs pairs;
        struct tree back;

        REQUIRE(schema_encode(bytes, sizeof bytes, &data.len, &tree_schema, &tree) == STATUS_OK);
        tree_find_pairs(&pairs, data);
        CHECK(tree_span_same(tree_join(out, pairs.pairs, pairs.count), data));
        for (size_t i = 0; i < pairs.count; i++) {
            CHECK_STATUS(tree_decode(&back, tree_with(out, &pairs, i, pairs.pairs[i])),
                         STATUS_CBOR_KEY);
            CHECK_STATUS(tree_decode(&back, tree_without(out, &pairs, i)),
                         is_required(pairs.keys[i]) ? STATUS_CBOR_MISSING : STATUS_OK);
            for (size_t k = i + 1; k < pairs.count; k++)
                CHECK_STATUS(tree_decode(&back, tree_swapped(out, &pairs, i, k)), STATUS_CBOR_KEY);
        }
        CHECK_STATUS(tree_decode(&back, tree_with(out, &pairs, pairs.count, unknown)),
                     STATUS_CBOR_KEY);
    }
}

/* ---- showing --------------------------------------------------------------------------------- */

/* A small JSON-like text, as a program would make it. */
static void
show(char *out, size_t cap, const struct schema *schema, const void *object)
{
    struct schema_walk walk;
    struct schema_event e;
    size_t at = 0;
    bool first = true;

    schema_walk_begin(&walk, schema, object);
    while (schema_walk_next(&walk, &e)) {
        const bool end = e.kind == SCHEMA_RECORD_END || e.kind == SCHEMA_ARRAY_END;

        if (!end && !first)
            at += (size_t)snprintf(out + at, cap - at, ",");
        if (!end && e.field != NULL && !e.element)
            at += (size_t)snprintf(out + at, cap - at, "%s:", e.field->name);
        first = false;
        switch (e.kind) {
        case SCHEMA_RECORD_BEGIN:
            at += (size_t)snprintf(out + at, cap - at, "%s{%zu|", e.schema->name, e.count);
            first = true;
            break;
        case SCHEMA_ARRAY_BEGIN:
            at += (size_t)snprintf(out + at, cap - at, "[%zu|", e.count);
            first = true;
            break;
        case SCHEMA_RECORD_END:
            at += (size_t)snprintf(out + at, cap - at, "}");
            break;
        case SCHEMA_ARRAY_END:
            at += (size_t)snprintf(out + at, cap - at, "]");
            break;
        case SCHEMA_VALUE:
            if (e.field->type == FIELD_TEXT)
                at += (size_t)snprintf(out + at, cap - at, "'%.*s'", (int)e.bytes.len,
                                       (const char *)e.bytes.data);
            else if (e.bytes.data != NULL)
                at += (size_t)snprintf(out + at, cap - at, "%zu bytes", e.bytes.len);
            else
                at += (size_t)snprintf(out + at, cap - at, "%llu", (unsigned long long)e.number);
            break;
        }
    }
}

TEST(a_walk_shows_everything_in_order)
{
    struct tree tree = tree_least();
    char text[1000];

    show(text, sizeof text, &tree_schema, &tree);
    CHECK(strcmp(text,
                 "tree{9|type:77,number:5,narrow:0,hash:32 bytes,blob:0,"
                 "origin:point{2|x:0,y:0},leaf:leaf{1|id:8 bytes},numbers:[0|],last:0}") == 0);
    tree.color = COLOR_BLUE;
    tree.nonce[7] = 1;
    tree.name = tree_span("Ulm");
    tree.set_count = 2;
    tree.set[0] = 3;
    tree.set[1] = 4;
    tree.leaf.points_count = 2;
    tree.leaf.points[1] = (struct point){.x = 6, .y = {7}};
    tree.twigs_count = 2;
    tree.twigs[1].note = tree_span("x");
    show(text, sizeof text, &tree_schema, &tree);
    CHECK(strcmp(text, "tree{14|type:77,number:5,color:3,narrow:0,hash:32 bytes,nonce:8 bytes,"
                       "blob:0,name:'Ulm',origin:point{2|x:0,y:0},leaf:leaf{2|id:8 bytes,"
                       "points:[2|point{2|x:0,y:0},point{2|x:6,y:7}]},numbers:[0|],set:[2|3,4],"
                       "twigs:[2|twig{1|id:8 bytes},twig{2|id:8 bytes,note:'x'}],last:0}") == 0);
}

TEST(types_have_names)
{
    CHECK(strcmp(schema_type_name(FIELD_CONST), "CONST") == 0);
    CHECK(strcmp(schema_type_name(FIELD_RECORD), "RECORD") == 0);
    for (size_t i = 0; i < tree_schema.count; i++)
        CHECK(strcmp(schema_type_name(tree_schema.fields[i].type), "?") != 0);
    CHECK(strcmp(schema_type_name((enum field_type)99), "?") == 0);
}

int
main(int argc, char **argv)
{
    return check_run(argc, argv);
}
