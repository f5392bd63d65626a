/* The tables of all messages keep their rules, and tables that do not are found (tests/table); what
 * their limits allow fits on paper and screens. */
#include "check.h"

#include "protocol/msg.h"
#include "table.h"
#include "tree.h"

/* ---- tables ---------------------------------------------------------------------------------- */

TEST(all_tables_are_sound)
{
    const char *place, *wrong;
    size_t count;
    const struct schema *const *all = msg_schemas(&count);

    CHECK(table_sound(&tree_schema, &place) == NULL);
    for (size_t i = 0; i < count; i++) {
        wrong = table_sound(all[i], &place);
        if (wrong != NULL)
            fprintf(stderr, "    %s, %s: %s\n", all[i]->name, place, wrong);
        CHECK(wrong == NULL);
    }
    CHECK(count > 60);
}

static const char *
wrong_with(struct field field)
{
    struct field fields[] = {SCHEMA_UINT(0, REQUIRED, struct tree, number, 0, 9), field};
    const struct schema schema = SCHEMA_MAP("broken", struct tree, fields, 100);
    const char *place = NULL;

    return table_sound(&schema, &place);
}

#define CHECK_WRONG(what, ...)                                                                     \
    do {                                                                                           \
        struct field field = __VA_ARGS__;                                                          \
        CHECK(wrong_with(field) == NULL);                                                          \
        what;                                                                                      \
        CHECK(wrong_with(field) != NULL);                                                          \
    } while (0)

TEST(unsound_tables_are_found)
{
    const struct field number = SCHEMA_UINT(1, OPTIONAL, struct tree, number, 1, 9);
    const struct field narrow = SCHEMA_UINT(1, REQUIRED, struct tree, narrow, 1, 9);
    const struct field price = SCHEMA_MONEY(1, OPTIONAL, struct tree, price, 1, 9);
    const struct field text = SCHEMA_TEXT(1, OPTIONAL, struct tree, name, 1, 9);
    const struct field type = SCHEMA_CONST(1, "type", 9);
    const struct field record = SCHEMA_RECORD(1, struct tree, leaf, tree_leaf_schema);
    const struct field list = SCHEMA_BYTES_SET(1, OPTIONAL, struct tree, kids, 1);
    const struct field set =
        SCHEMA_RECORD_SET(1, REQUIRED, struct tree, line, 1, tree_point_schema);

    CHECK_WRONG(field.key = 0, number);
    CHECK_WRONG(field.name = NULL, number);
    CHECK_WRONG(field.min = 0, number);
    CHECK_WRONG(field.min = 10, number);
    CHECK_WRONG(field.size = 2, number);
    CHECK_WRONG(field.size = 0, number);
    CHECK_WRONG(field.offset = sizeof(struct tree) - 4, number);
    CHECK_WRONG(field.ascending = true, number);
    CHECK_WRONG(field.record = &tree_leaf_schema, number);
    CHECK_WRONG(field.max = UINT64_C(1) << 32, narrow);
    CHECK_WRONG(field.max = MONEY_CENTS_MAX + 1, price);
    CHECK_WRONG(field.min = 0, text);
    CHECK_WRONG(field.max = 0, text);
    CHECK_WRONG(field.max = 10, type);
    CHECK_WRONG(field.presence = FIELD_OPTIONAL, type);
    CHECK_WRONG(field.array = true, type);
    CHECK_WRONG(field.record = NULL, record);
    CHECK_WRONG(field.record = &tree_point_schema, record);
    CHECK_WRONG(field.presence = FIELD_OPTIONAL, record);
    CHECK_WRONG(field.count_min = 0, list);
    CHECK_WRONG(field.count_max = 0, list);
    CHECK_WRONG(field.count_min = 4, list);
    CHECK_WRONG(field.count_offset = sizeof(struct tree), list);
    CHECK_WRONG(field.count_max = 10000, list);
    CHECK_WRONG((field.record = &tree_leaf_schema, field.size = sizeof(struct leaf)), set);
}

TEST(tables_in_lists_and_deep_nests)
{
    const char *place;
    struct field optional[] = {SCHEMA_UINT(0, OPTIONAL, struct point, x, 1, 9)};
    const struct schema list = SCHEMA_LIST("list", struct point, optional, 100);
    struct field loop[] = {SCHEMA_RECORD(0, struct point, x, tree_point_schema)};
    struct schema endless = SCHEMA_LIST("endless", struct point, loop, 100);
    const struct schema nothing = {.name = "empty", .size = 1, .bytes_max = 1};
    const struct schema nameless = {.size = 1};

    CHECK(table_sound(&list, &place) != NULL);
    loop[0].size = sizeof(struct point);
    loop[0].record = &endless;
    CHECK(table_sound(&endless, &place) != NULL);
    CHECK(table_sound(&nothing, &place) == NULL);
    CHECK(table_sound(&nameless, &place) != NULL);
}

TEST(an_empty_map_is_a_message_too)
{
    const struct schema nothing = {.name = "empty", .size = 1, .bytes_max = 1};
    uint8_t object = 5;
    uint8_t out[1];
    size_t len;

    CHECK_STATUS(schema_encode(out, sizeof out, &len, &nothing, &object), STATUS_OK);
    CHECK(len == 1 && out[0] == 0xA0);
    CHECK_STATUS(schema_decode(&object, &nothing, (struct span){out, 1}), STATUS_OK);
    out[0] = 0x80;
    CHECK_STATUS(schema_decode(&object, &nothing, (struct span){out, 1}), STATUS_CBOR_TYPE);
}

/* ---- worst cases ----------------------------------------------------------------------------- */

TEST(worst_case_is_reached)
{
    static const uint8_t blob[300];
    static const struct span text = {(const uint8_t *)"123456789012345678901234", 24};
    struct leaf leaf = {.note = {text.data, 10}, .points_count = 3};
    struct tree tree = tree_least();
    uint8_t out[TREE_BYTES_MAX];
    size_t len;

    for (size_t i = 0; i < 3; i++)
        leaf.points[i] = (struct point){.x = 1000, .y = {MONEY_CENTS_MAX}};
    memset(&tree.hash, 1, sizeof tree.hash);
    memset(tree.nonce, 1, sizeof tree.nonce);
    tree.number = 1000000;
    tree.color = COLOR_BLUE;
    tree.narrow = UINT32_MAX;
    tree.price.cents = MONEY_CENTS_MAX;
    tree.blob = (struct span){blob, 300};
    tree.name = text;
    tree.origin = leaf.points[0];
    tree.leaf = leaf;
    tree.numbers_count = 4;
    tree.set_count = 5;
    for (size_t i = 0; i < 5; i++) {
        tree.numbers[i % 4] = 70000;
        tree.set[i] = (uint32_t)(65531 + i);
    }
    tree.prices_count = tree.hashes_count = tree.names_count = tree.twigs_count = 2;
    tree.kids_count = tree.blobs_count = tree.line_count = 3;
    for (size_t i = 0; i < 3; i++) {
        tree.prices[i % 2].cents = 500;
        tree.kids[i].bytes[0] = (uint8_t)(i + 1);
        tree.blobs[i] = (struct span){blob, 30};
        tree.names[i % 2] = (struct span){text.data, 9};
        tree.line[i] = (struct point){.x = 998 + i, .y = {MONEY_CENTS_MAX}};
        tree.twigs[i % 2] = leaf;
    }
    tree.last = UINT64_MAX;
    CHECK_STATUS(schema_encode(out, sizeof out, &len, &tree_schema, &tree), STATUS_OK);
    CHECK(len == table_bytes_worst(&tree_schema));
}

/* What stands on paper and screens: design.md has the ceilings, in bytes. */
TEST(codes_fit_their_symbols)
{
    CHECK(table_bytes_worst(&msg_payment_code_schema) <= 285);
    CHECK(table_bytes_worst(&msg_request_code_schema) <= 299);
    CHECK(table_bytes_worst(&msg_receipt_schema) + COSE_OVERHEAD_MAX <= 190);
    CHECK(table_bytes_worst(&msg_settlement_proof_schema) + COSE_OVERHEAD_MAX <= 299);
    CHECK(table_bytes_worst(&msg_anchor_schema) + COSE_OVERHEAD_MAX <= 299);
}

int
main(int argc, char **argv)
{
    return check_run(argc, argv);
}
