/* protocol/schema: every limit of every type of field, read and written, and the order of the
 * checks. */
#include "check.h"

#include "protocol/schema.h"
#include "random.h"
#include "tree.h"

/* Encodes, changes one place, decodes: what a value out of limits is read as. */
static enum status
read_with(const struct tree *tree, uint64_t key, struct span value)
{
    uint8_t bytes[TREE_BYTES_MAX];
    uint8_t out[2 * TREE_BYTES_MAX];
    uint8_t pair[1000] = {(uint8_t)key};
    struct span data = {bytes, 0};
    struct tree_pairs pairs;
    struct tree back;
    size_t at = 0;

    CHECK(key < 24 && value.len < sizeof pair);
    CHECK_STATUS(schema_encode(bytes, sizeof bytes, &data.len, &tree_schema, tree), STATUS_OK);
    tree_find_pairs(&pairs, data);
    memcpy(pair + 1, value.data, value.len);
    while (at < pairs.count && pairs.keys[at] < key)
        at++;
    if (at < pairs.count && pairs.keys[at] == key) {
        pairs.pairs[at] = (struct span){pair, value.len + 1};
        return tree_decode(&back, tree_join(out, pairs.pairs, pairs.count));
    }
    return tree_decode(&back, tree_with(out, &pairs, at, (struct span){pair, value.len + 1}));
}

static const struct {
    uint64_t key;
    const char *value;
    size_t len;
    enum status status;
} values[] = {
    {0, "\x18\x4C", 2, STATUS_MESSAGE_TYPE},
    {0, "\x18\x4E", 2, STATUS_MESSAGE_TYPE},
    {0, "\x00", 1, STATUS_MESSAGE_TYPE},
    {0, "\x41\x00", 2, STATUS_CBOR_TYPE},
    {0, "\x18\x4D", 2, STATUS_OK},
    {1, "\x04", 1, STATUS_CBOR_RANGE},
    {1, "\x05", 1, STATUS_OK},
    {1, "\x1A\x00\x0F\x42\x40", 5, STATUS_OK},
    {1, "\x1A\x00\x0F\x42\x41", 5, STATUS_CBOR_RANGE},
    {1, "\x1B\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 9, STATUS_CBOR_RANGE},
    {1, "\x61\x41", 2, STATUS_CBOR_TYPE},
    {2, "\x00", 1, STATUS_CBOR_RANGE},
    {2, "\x03", 1, STATUS_OK},
    {2, "\x04", 1, STATUS_CBOR_RANGE},
    {2, "\x1B\x00\x00\x00\x01\x00\x00\x00\x01", 9, STATUS_CBOR_RANGE},
    {3, "\x1A\xFF\xFF\xFF\xFF", 5, STATUS_OK},
    {3, "\x1B\x00\x00\x00\x01\x00\x00\x00\x00", 9, STATUS_CBOR_RANGE},
    {4, "\x00", 1, STATUS_CBOR_RANGE},
    {4, "\x1B\x00\x1F\xFF\xFF\xFF\xFF\xFF\xFF", 9, STATUS_OK},
    {4, "\x1B\x00\x20\x00\x00\x00\x00\x00\x00", 9, STATUS_CBOR_RANGE},
    {5, "\x40", 1, STATUS_CBOR_RANGE},
    {5, "\x58\x1Fxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", 33, STATUS_CBOR_RANGE},
    {5, "\x58\x20xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", 34, STATUS_OK},
    {5, "\x58\x21xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", 35, STATUS_CBOR_RANGE},
    {5, "\x78\x20xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", 34, STATUS_CBOR_TYPE},
    {6, "\x40", 1, STATUS_CBOR_RANGE},
    {6, "\x48\0\0\0\0\0\0\0\0", 9, STATUS_CBOR_NOT_CANONICAL},
    {6, "\x48\1\0\0\0\0\0\0\0", 9, STATUS_OK},
    {6, "\x48\0\0\0\0\0\0\0\1", 9, STATUS_OK},
    {7, "\x40", 1, STATUS_OK},
    {8, "\x60", 1, STATUS_CBOR_RANGE},
    {8, "\x61x", 2, STATUS_CBOR_RANGE},
    {8, "\x62xx", 3, STATUS_OK},
    {8, "\x78\x18xxxxxxxxxxxxxxxxxxxxxxxx", 26, STATUS_OK},
    {8, "\x78\x19xxxxxxxxxxxxxxxxxxxxxxxxx", 27, STATUS_CBOR_RANGE},
    {8, "\x62x\n", 3, STATUS_CBOR_TEXT},
    {8, "\x62\xC3\x28", 3, STATUS_CBOR_TEXT},
    {8, "\x42xx", 3, STATUS_CBOR_TYPE},
    {9, "\x82\x00\x00", 3, STATUS_OK},
    {9, "\x81\x00", 2, STATUS_CBOR_MISSING},
    {9, "\x80", 1, STATUS_CBOR_MISSING},
    {9, "\x83\x00\x00\x00", 4, STATUS_CBOR_KEY},
    {9, "\xA0", 1, STATUS_CBOR_TYPE},
    {9, "\x00", 1, STATUS_CBOR_TYPE},
    {9, "\x82\x19\x03\xE9\x00", 5, STATUS_CBOR_RANGE},
    {9, "\x82\x19\x03\xE9\x40", 5, STATUS_CBOR_TYPE},
    {10, "\x80", 1, STATUS_CBOR_TYPE},
    {10, "\xA0", 1, STATUS_CBOR_MISSING},
    {10, "\xA1\x02\x61x", 4, STATUS_CBOR_MISSING},
    {10, "\xA1\x03\x61x", 4, STATUS_CBOR_KEY},
    {10,
     "\xA1\x01\x48"
     "12345678",
     11, STATUS_OK},
    {10,
     "\xA2\x01\x48"
     "12345678\x18\x1E\x80",
     14, STATUS_CBOR_RANGE},
    {10,
     "\xA2\x01\x48"
     "12345678\x18\x1E\x81\x82\x00\x00",
     17, STATUS_OK},
    {10,
     "\xA2\x01\x48"
     "12345678\x18\x1F\x80",
     14, STATUS_CBOR_KEY},
    {11, "\x80", 1, STATUS_OK},
    {11, "\x81\x02", 2, STATUS_CBOR_RANGE},
    {11, "\x84\x03\x03\x03\x03", 5, STATUS_OK},
    {11, "\x85\x03\x03\x03\x03\x03", 6, STATUS_CBOR_RANGE},
    {11, "\x85\x03\x03\x03\x03\x40", 6, STATUS_CBOR_TYPE},
    {11, "\xA0", 1, STATUS_CBOR_TYPE},
    {12, "\x80", 1, STATUS_CBOR_RANGE},
    {12, "\x82\x01\x02", 3, STATUS_OK},
    {12, "\x82\x01\x01", 3, STATUS_CBOR_RANGE},
    {12, "\x82\x02\x01", 3, STATUS_CBOR_RANGE},
    {12, "\x85\x01\x02\x03\x04\x05", 6, STATUS_OK},
    {12, "\x86\x01\x02\x03\x04\x05\x06", 7, STATUS_CBOR_RANGE},
    {13, "\x81\x01", 2, STATUS_CBOR_RANGE},
    {13, "\x82\x01\x00", 3, STATUS_CBOR_RANGE},
    {13, "\x82\x01\x19\x01\xF4", 5, STATUS_OK},
    {13, "\x82\x01\x19\x01\xF5", 5, STATUS_CBOR_RANGE},
    {14,
     "\x82\x48"
     "aaaaaaaa\x48"
     "aaaaaaab",
     19, STATUS_OK},
    {14,
     "\x82\x48"
     "aaaaaaaa\x48"
     "aaaaaaaa",
     19, STATUS_CBOR_RANGE},
    {14,
     "\x82\x48"
     "aaaaaaab\x48"
     "aaaaaaaa",
     19, STATUS_CBOR_RANGE},
    {14,
     "\x81\x47"
     "aaaaaaa",
     9, STATUS_CBOR_RANGE},
    {16, "\x81\x40", 2, STATUS_CBOR_RANGE},
    {16, "\x81\x41\x00", 3, STATUS_OK},
    {16, "\x84\x41\x00\x41\x00\x41\x00\x41\x00", 9, STATUS_CBOR_RANGE},
    {17, "\x82\x61\x41\x61\x42", 5, STATUS_OK},
    {17,
     "\x81\x6A"
     "0123456789",
     12, STATUS_CBOR_RANGE},
    {18, "\x82\x82\x00\x01\x82\x01\x00", 7, STATUS_OK},
    {18, "\x82\x82\x01\x00\x82\x01\x01", 7, STATUS_CBOR_RANGE},
    {18, "\x82\x82\x01\x00\x82\x00\x00", 7, STATUS_CBOR_RANGE},
    /* Behind the last element that has room, the shape counts still. */
    {18, "\x84\x82\x00\x00\x82\x01\x00\x82\x02\x00\x82\x03\x00", 13, STATUS_CBOR_RANGE},
    {18, "\x84\x82\x00\x00\x82\x01\x00\x82\x02\x00\x81\x03", 12, STATUS_CBOR_MISSING},
    {18, "\x84\x82\x00\x00\x82\x01\x00\x82\x02\x00\x00", 11, STATUS_CBOR_TYPE},
    {19, "\x00", 1, STATUS_CBOR_KEY},
    {23,
     "\x81\xA1\x01\x48"
     "12345678",
     12, STATUS_OK},
    {23, "\x81\x82\x00\x00", 4, STATUS_CBOR_TYPE},
};

TEST(values_out_of_limits_are_not_read)
{
    const struct tree tree = tree_least();

    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        const struct span value = {(const uint8_t *)values[i].value, values[i].len};
        const enum status status = read_with(&tree, values[i].key, value);

        if (status != values[i].status)
            fprintf(stderr, "    case %zu\n", i);
        CHECK_STATUS(status, values[i].status);
    }
}

static enum status
encode(const struct tree *tree)
{
    uint8_t out[TREE_BYTES_MAX];
    size_t len = 7;
    size_t measured = 7;
    enum status status = schema_encode(out, sizeof out, &len, &tree_schema, tree);

    CHECK(status == STATUS_OK || len == 0);
    CHECK(schema_measure(&measured, &tree_schema, tree) == status);
    CHECK(measured == len);
    return status;
}

static const uint8_t long_blob[301];

#define CHECK_ENCODE(change, expected)                                                             \
    do {                                                                                           \
        struct tree tree = tree_least();                                                           \
        change;                                                                                    \
        CHECK_STATUS(encode(&tree), expected);                                                     \
    } while (0)

TEST(values_out_of_limits_are_not_written)
{
    static const struct span bell = {(const uint8_t *)"ab\a", 3};
    static const struct span broken = {(const uint8_t *)"ab\xC3", 3};

    CHECK_ENCODE((void)tree, STATUS_OK);
    CHECK_ENCODE(tree.number = 4, STATUS_CBOR_RANGE);
    CHECK_ENCODE(tree.number = 1000001, STATUS_CBOR_RANGE);
    CHECK_ENCODE(tree.narrow = UINT32_MAX, STATUS_OK);
    CHECK_ENCODE(tree.last = UINT64_MAX, STATUS_OK);
    CHECK_ENCODE(tree.price.cents = MONEY_CENTS_MAX + 1, STATUS_CBOR_RANGE);
    CHECK_ENCODE(tree.origin.y.cents = UINT64_MAX, STATUS_CBOR_RANGE);
    CHECK_ENCODE(tree.origin.x = 1001, STATUS_CBOR_RANGE);
    CHECK_ENCODE((tree.blob = (struct span){long_blob, 300}), STATUS_OK);
    CHECK_ENCODE((tree.blob = (struct span){long_blob, 301}), STATUS_CBOR_RANGE);
    CHECK_ENCODE(tree.name = tree_span("a"), STATUS_CBOR_RANGE);
    CHECK_ENCODE(tree.name = tree_span("1234567890123456789012345"), STATUS_CBOR_RANGE);
    CHECK_ENCODE(tree.name = bell, STATUS_CBOR_TEXT);
    CHECK_ENCODE(tree.name = broken, STATUS_CBOR_TEXT);
    CHECK_ENCODE(tree.leaf.note = tree_span("12345678901"), STATUS_CBOR_RANGE);
    CHECK_ENCODE((tree.numbers_count = 1, tree.numbers[0] = 2), STATUS_CBOR_RANGE);
    CHECK_ENCODE(tree.numbers_count = 5, STATUS_CBOR_RANGE);
    CHECK_ENCODE(tree.numbers_count = SIZE_MAX, STATUS_CBOR_RANGE);
    CHECK_ENCODE(tree.prices_count = 1, STATUS_CBOR_RANGE);
    CHECK_ENCODE((tree.set_count = 2, tree.set[0] = 9, tree.set[1] = 9), STATUS_CBOR_RANGE);
    CHECK_ENCODE((tree.set_count = 2, tree.set[0] = 9, tree.set[1] = 8), STATUS_CBOR_RANGE);
    CHECK_ENCODE((tree.set_count = 2, tree.set[0] = 9, tree.set[1] = 10), STATUS_OK);
    CHECK_ENCODE(tree.kids_count = 2, STATUS_CBOR_RANGE);
    CHECK_ENCODE((tree.kids_count = 2, tree.kids[1].bytes[7] = 1), STATUS_OK);
    CHECK_ENCODE(tree.line_count = 2, STATUS_CBOR_RANGE);
    CHECK_ENCODE((tree.line_count = 2, tree.line[1].x = 1), STATUS_OK);
    CHECK_ENCODE(tree.twigs_count = 3, STATUS_CBOR_RANGE);
    CHECK_ENCODE(tree.leaf.points_count = 4, STATUS_CBOR_RANGE);
    CHECK_ENCODE(tree.blobs_count = 1, STATUS_CBOR_RANGE);
}

TEST(statuses_come_in_order)
{
    /* Of one point, as a map of its own; each line has two faults. */
    static const struct field fields[] = {
        SCHEMA_CONST(0, "type", 1),
        SCHEMA_UINT(1, REQUIRED, struct point, x, 1, 9),
        SCHEMA_MONEY(2, OPTIONAL, struct point, y, 1, 9),
    };
    static const struct schema schema = SCHEMA_MAP("point", struct point, fields, 9);
    static const struct {
        const char *in;
        size_t len;
        enum status status;
    } cases[] = {
        {"\xA2\x00\x01\x01\x01", 5, STATUS_OK},
        {"\xA3\x00\x01\x01\x01\x02\xF6\x00\x00\x00", 10, STATUS_TOO_LARGE},
        {"\xA2\x01\x01\x00\xF6", 5, STATUS_CBOR_KEY},
        {"\xA2\x00\x02\x01\xF6", 5, STATUS_CBOR_TYPE},
        {"\xA2\x00\x02\x05\x40", 5, STATUS_CBOR_KEY},
        {"\xA2\x00\x40\x05\x40", 5, STATUS_CBOR_TYPE},
        {"\xA2\x00\x01\x02\x40", 5, STATUS_CBOR_MISSING},
        {"\xA2\x00\x02\x02\x01", 5, STATUS_CBOR_MISSING},
        {"\xA2\x00\x02\x01\x00", 5, STATUS_MESSAGE_TYPE},
        {"\xA2\x00\x02\x01\x40", 5, STATUS_CBOR_TYPE},
        {"\xA2\x00\x01\x01\x00", 5, STATUS_CBOR_RANGE},
        {"\xA2\x00\x01\x01\x00\x00", 6, STATUS_CBOR_TRAILING},
        {"\xA2\x00\x01\x01", 4, STATUS_CBOR_TRUNCATED},
        {"\xA2\x00\x02\x01\x18", 5, STATUS_CBOR_TRUNCATED},
        {"", 0, STATUS_CBOR_TRUNCATED},
    };
    struct point point;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        CHECK_STATUS(schema_decode(&point, &schema,
                                   (struct span){(const uint8_t *)cases[i].in, cases[i].len}),
                     cases[i].status);
}

/* A set out of order comes before an optional field that is there with its default. */
TEST(limits_come_before_the_second_encoding)
{
    static const struct field fields[] = {
        SCHEMA_BYTES(0, OPTIONAL, struct tree, nonce),
        SCHEMA_UINT_SET(1, REQUIRED, struct tree, set, 0, 1, 9),
    };
    static const struct schema schema = SCHEMA_MAP("two", struct tree, fields, 100);
    static const char ordered[] = "\xA2\x00\x48\0\0\0\0\0\0\0\0\x01\x82\x01\x02";
    static const char disordered[] = "\xA2\x00\x48\0\0\0\0\0\0\0\0\x01\x82\x02\x01";
    struct span in = {(const uint8_t *)ordered, sizeof ordered - 1};
    struct tree tree;

    CHECK_STATUS(schema_decode(&tree, &schema, in), STATUS_CBOR_NOT_CANONICAL);
    in.data = (const uint8_t *)disordered;
    CHECK_STATUS(schema_decode(&tree, &schema, in), STATUS_CBOR_RANGE);
}

/* More elements than there is room for, in arrays within arrays: nothing is written behind them. */
TEST(nothing_is_stored_behind_an_array)
{
    struct bush {
        size_t ids_count;
        uint64_t ids[2];
    };
    struct grove {
        size_t bushes_count;
        struct bush bushes[2];
    };
    static const struct field bush_fields[] = {
        SCHEMA_UINT_LIST(0, REQUIRED, struct bush, ids, 0, 0, 9)};
    static const struct schema bush_schema = SCHEMA_LIST("bush", struct bush, bush_fields, 0);
    static const struct field grove_fields[] = {
        SCHEMA_RECORD_LIST(0, REQUIRED, struct grove, bushes, 0, bush_schema)};
    static const struct schema schema = SCHEMA_LIST("grove", struct grove, grove_fields, 100);
    static const struct {
        const char *in;
        size_t len;
        enum status status;
    } cases[] = {
        {"\x81\x82\x81\x82\x01\x02\x81\x82\x03\x04", 10, STATUS_OK},
        {"\x81\x82\x81\x80\x81\x83\x01\x02\x03", 9, STATUS_CBOR_RANGE},
        {"\x81\x83\x81\x80\x81\x80\x81\x82\x01\x02", 10, STATUS_CBOR_RANGE},
        {"\x81\x83\x81\x80\x81\x80\x81\x82\x01\x40", 10, STATUS_CBOR_TYPE},
        {"\x81\x83\x81\x80\x81\x80\x80", 7, STATUS_CBOR_MISSING},
    };
    struct {
        struct grove grove;
        uint8_t behind[64];
    } place;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct span in = {(const uint8_t *)cases[i].in, cases[i].len};

        memset(&place, 0xEE, sizeof place);
        CHECK_STATUS(schema_decode(&place.grove, &schema, in), cases[i].status);
        for (size_t k = 0; k < sizeof place.behind; k++)
            CHECK(place.behind[k] == 0xEE);
    }
}

TEST(optional_strings_are_there_or_not)
{
    static const struct field fields[] = {SCHEMA_BSTR(0, OPTIONAL, struct tree, blob, 1, 9)};
    static const struct schema schema = SCHEMA_MAP("blob", struct tree, fields, 100);
    struct tree tree = tree_least();
    uint8_t out[8];
    size_t len;

    CHECK_STATUS(schema_encode(out, sizeof out, &len, &schema, &tree), STATUS_OK);
    CHECK(len == 1 && out[0] == 0xA0);
    CHECK_STATUS(schema_decode(&tree, &schema, (struct span){out, len}), STATUS_OK);
    CHECK(tree.blob.len == 0);
    tree.blob = tree_span("x");
    CHECK_STATUS(schema_encode(out, sizeof out, &len, &schema, &tree), STATUS_OK);
    CHECK(len == 4 && memcmp(out, "\xA1\x00\x41x", len) == 0);
    CHECK_STATUS(schema_decode(&tree, &schema, (struct span){out, len}), STATUS_OK);
    CHECK(tree_span_same(tree.blob, tree_span("x")));
    CHECK_STATUS(schema_decode(&tree, &schema, tree_span("\xA1\x01\x41x")), STATUS_CBOR_KEY);
    CHECK_STATUS(schema_decode(&tree, &schema, (struct span){(const uint8_t *)"\xA1\0\x40", 3}),
                 STATUS_CBOR_RANGE);
}

TEST(buffers_and_sizes)
{
    struct random random = random_begin();
    uint8_t out[TREE_BYTES_MAX];
    struct schema narrow = tree_schema;
    struct tree back;

    for (unsigned round = 0; round < 20; round++) {
        const struct tree tree = tree_random(&random);
        size_t len, cut;

        REQUIRE(schema_encode(out, sizeof out, &len, &tree_schema, &tree) == STATUS_OK);
        narrow.bytes_max = len;
        CHECK_STATUS(schema_decode(&back, &narrow, (struct span){out, len}), STATUS_OK);
        narrow.bytes_max = len - 1;
        CHECK_STATUS(schema_decode(&back, &narrow, (struct span){out, len}), STATUS_TOO_LARGE);
        CHECK_STATUS(schema_encode(out, sizeof out, &cut, &narrow, &tree), STATUS_TOO_LARGE);
        CHECK(cut == 0);
        CHECK_STATUS(schema_measure(&cut, &narrow, &tree), STATUS_TOO_LARGE);
        for (size_t cap = 0; cap < len; cap++) {
            out[cap] = 0xEE;
            CHECK_STATUS(schema_encode(out, cap, &cut, &tree_schema, &tree), STATUS_BUFFER);
            CHECK(cut == 0 && out[cap] == 0xEE);
        }
    }
}

int
main(int argc, char **argv)
{
    return check_run(argc, argv);
}
