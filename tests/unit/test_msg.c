/* All messages: sound tables, round trips, no message passes for another, and how large they get.
 * `test_msg --table` prints the sizes as a table instead. */
#include "check.h"

#include <stdlib.h>

#include "forge.h"
#include "protocol/code.h"
#include "protocol/denylist.h"
#include "protocol/qr.h"
#include "protocol/text.h"
#include "scratch.h"
#include "table.h"

#define NETWORK 7

/* Large enough for every struct and for what it is compared with. */
static union {
    uint8_t bytes[1 << 18];
    uint64_t aligned;
} object, again;
static uint8_t encoded[MSG_SIGN_SIZE(COSE_PAYLOAD_LARGE_MAX)];
static uint8_t twice[MSG_SIGN_SIZE(COSE_PAYLOAD_LARGE_MAX)];

static const char *const letters_of[][2] = {
    {"payment-code", "P"}, {"request-code", "Q"},     {"receipt", "R"}, {"settlement-proof", "S"},
    {"news", "N"},         {"anchor", "C"},           {"upload", "U"},  {"kill", "K"},
    {"role-key", "G"},     {"allowance", "A"},        {"void", "L"},    {"refund", "F"},
    {"ack", "E"},          {"settlement-proof", "S"},
};

static void
set_network(void *of, const struct schema *schema, uint64_t network)
{
    if (schema->count > 1 && strcmp(schema->fields[1].name, "network") == 0)
        memcpy((uint8_t *)of + schema->fields[1].offset, &network, sizeof network);
}

/* --- tables ----------------------------------------------------------------------------------- */

TEST(every_table_is_sound)
{
    size_t count = 0;
    const struct schema *const *schemas = msg_schemas(&count);

    CHECK(count > 60);
    for (size_t i = 0; i < count; i++) {
        const char *place = "";
        const char *why = table_sound(schemas[i], &place);

        if (why != NULL)
            fprintf(stderr, "    %s: %s: %s\n", schemas[i]->name, place, why);
        CHECK(why == NULL);
        CHECK(schemas[i]->size <= sizeof object);
        /* Of a carrier only the sum of its parts is limited. */
        if (schemas[i]->fields[0].type == FIELD_CONST)
            CHECK(table_bytes_worst(schemas[i]) <= schemas[i]->bytes_max);
    }
}

TEST(every_type_has_one_table)
{
    size_t count;
    const struct schema *const *schemas = msg_schemas(&count);
    unsigned typed = 0;
    unsigned kinds = 0;

    for (size_t i = 0; i < count; i++) {
        const struct field *first = &schemas[i]->fields[0];

        for (size_t j = 0; j < i; j++)
            CHECK(strcmp(schemas[i]->name, schemas[j]->name) != 0);
        if (first->type != FIELD_CONST)
            continue;
        typed++;
        CHECK(msg_kind(first->min) != NULL && msg_kind(first->min)->schema == schemas[i]);
    }
    for (uint64_t type = 0; type < 300; type++) {
        const struct msg_kind *kind = msg_kind(type);

        kinds += kind != NULL;
        CHECK(kind == NULL || (kind->type == type && kind->schema->fields[0].min == type));
    }
    CHECK(kinds == typed);
    CHECK(msg_kind(UINT64_MAX) == NULL);
}

/* --- round trips ------------------------------------------------------------------------------ */

/* Struct to bytes to struct to bytes: equal both times. */
static void
round_trip(const struct schema *schema)
{
    size_t len;
    size_t measured;
    size_t len_again;

    REQUIRE(schema_encode(encoded, sizeof encoded, &len, schema, &object) == STATUS_OK);
    CHECK_STATUS(schema_measure(&measured, schema, &object), STATUS_OK);
    CHECK(measured == len);
    REQUIRE(schema_decode(&again, schema, (struct span){encoded, len}) == STATUS_OK);
    REQUIRE(schema_encode(twice, sizeof twice, &len_again, schema, &again) == STATUS_OK);
    CHECK(len == len_again && memcmp(encoded, twice, len) == 0);
    for (size_t i = 0; i < schema->count; i++) {
        const struct field *field = &schema->fields[i];

        if (field->array || field->type == FIELD_RECORD || field->type == FIELD_CONST)
            continue;
        CHECK(field_number(field, object.bytes + field->offset) ==
              field_number(field, again.bytes + field->offset));
    }
}

TEST(every_message_comes_back_from_its_bytes)
{
    size_t count;
    const struct schema *const *schemas = msg_schemas(&count);
    uint64_t random = 1;

    for (size_t i = 0; i < count; i++) {
        if (schemas[i]->bytes_max == 0)
            continue;
        forge_fill(&object, schemas[i], FORGE_LEAST, 0, &random);
        round_trip(schemas[i]);
        for (unsigned k = 0; k < 60; k++) {
            forge_fill(&object, schemas[i], FORGE_ANY, 40, &random);
            round_trip(schemas[i]);
        }
    }
}

/* No byte of an encoding can be changed, cut off or added without a refusal or another struct. */
TEST(no_two_encodings_are_one_message)
{
    size_t count;
    const struct schema *const *schemas = msg_schemas(&count);
    uint64_t random = 2;
    unsigned refused = 0;

    for (size_t i = 0; i < count; i++) {
        size_t len;

        if (schemas[i]->bytes_max == 0)
            continue;
        forge_fill(&object, schemas[i], FORGE_ANY, 5, &random);
        REQUIRE(schema_encode(encoded, sizeof encoded - 1, &len, schemas[i], &object) == STATUS_OK);
        for (size_t at = 0; at < len; at++) {
            const uint8_t kept = encoded[at];
            size_t len_again;

            encoded[at] = (uint8_t)(kept ^ 1u << forge_below(&random, 8));
            if (schema_decode(&again, schemas[i], (struct span){encoded, len}) != STATUS_OK) {
                refused++;
            } else {
                CHECK_STATUS(schema_encode(twice, sizeof twice, &len_again, schemas[i], &again),
                             STATUS_OK);
                CHECK(len_again == len && memcmp(twice, encoded, len) == 0);
            }
            encoded[at] = kept;
            CHECK_STATUS(schema_decode(&again, schemas[i], (struct span){encoded, at}),
                         STATUS_CBOR_TRUNCATED);
        }
        encoded[len] = 0;
        CHECK_STATUS(schema_decode(&again, schemas[i], (struct span){encoded, len + 1}),
                     len + 1 > schemas[i]->bytes_max ? STATUS_TOO_LARGE : STATUS_CBOR_TRAILING);
    }
    CHECK(refused > 1000);
}

/* --- types ------------------------------------------------------------------------------------ */

/* Whether a and b have the same fields but for the number of their type. */
static bool
same_shape(const struct schema *a, const struct schema *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        if (a->fields[i].type != b->fields[i].type || a->fields[i].key != b->fields[i].key ||
            a->fields[i].size != b->fields[i].size || a->fields[i].array != b->fields[i].array)
            return false;
    }
    return true;
}

TEST(no_message_passes_for_another)
{
    size_t count;
    const struct schema *const *schemas = msg_schemas(&count);
    struct forge_key key;
    uint64_t random = 3;
    unsigned pairs = 0;

    forge_key(&key, "anybody");
    for (size_t i = 0; i < count; i++) {
        const struct schema *made = schemas[i];
        size_t len;

        if (made->fields[0].type != FIELD_CONST || made->fields[0].min == MSG_TRANSFER)
            continue;
        forge_fill(&object, made, FORGE_ANY, 5, &random);
        set_network(&object, made, NETWORK);
        REQUIRE(msg_sign(encoded, sizeof encoded, &len, made, &object, NETWORK, &key.secret) ==
                STATUS_OK);
        for (size_t j = 0; j < count; j++) {
            const struct schema *read = schemas[j];
            struct cose_message message;

            if (read->fields[0].type != FIELD_CONST)
                continue;
            pairs++;
            if (i == j) {
                REQUIRE(msg_open(&message, &again, read, NETWORK, (struct span){encoded, len}) ==
                        STATUS_OK);
                CHECK_STATUS(msg_verify(&message, read, NETWORK, &key.key), STATUS_OK);
                continue;
            }
            CHECK(msg_open(&message, &again, read, NETWORK, (struct span){encoded, len}) !=
                  STATUS_OK);
            if (same_shape(made, read))
                CHECK_STATUS(msg_open(&message, &again, read, NETWORK, (struct span){encoded, len}),
                             STATUS_MESSAGE_TYPE);
            if (read->fields[0].min == MSG_TRANSFER)
                continue;
            /* Even if it were read so, the external data says what was signed. */
            message = forge_open((struct span){encoded, len});
            CHECK_STATUS(msg_verify(&message, read, NETWORK, &key.key), STATUS_SIGNATURE_BAD);
        }
    }
    CHECK(pairs > 2000);
}

TEST(a_message_belongs_to_one_network_and_one_key)
{
    struct forge_key key;
    struct forge_key other;
    struct forge_message message;
    struct msg_anchor anchor = {.network = NETWORK, .till = 1, .time = 1, .size = 3};
    struct msg_void void_ = {.till = 1, .time = 1};
    struct msg_anchor out;
    struct cose_message cose;
    uint64_t type;

    forge_key(&key, "settlement");
    forge_key(&other, "another");
    forge_sign(&message, NULL, &msg_anchor_schema, &anchor, NETWORK, &key);
    CHECK_STATUS(msg_open(&cose, &out, &msg_anchor_schema, NETWORK + 1, forge_span(&message)),
                 STATUS_NETWORK);
    CHECK(out.till == 0 && cose.payload.len == 0);
    CHECK_STATUS(msg_open(&cose, &out, &msg_anchor_schema, NETWORK, forge_span(&message)),
                 STATUS_OK);
    CHECK_STATUS(msg_verify(&cose, &msg_anchor_schema, NETWORK, &key.key), STATUS_OK);
    CHECK_STATUS(msg_verify(&cose, &msg_anchor_schema, NETWORK + 1, &key.key),
                 STATUS_SIGNATURE_BAD);
    CHECK_STATUS(msg_verify(&cose, &msg_anchor_schema, NETWORK, &other.key), STATUS_SIGNATURE_BAD);
    CHECK_STATUS(msg_peek(&type, forge_span(&message)), STATUS_OK);
    CHECK(type == MSG_ANCHOR);

    /* A void names no network: only its signature tells. */
    forge_sign(&message, NULL, &msg_void_schema, &void_, NETWORK, &key);
    cose = forge_open(forge_span(&message));
    CHECK_STATUS(msg_verify(&cose, &msg_void_schema, NETWORK, &key.key), STATUS_OK);
    CHECK_STATUS(msg_verify(&cose, &msg_void_schema, NETWORK + 1, &key.key), STATUS_SIGNATURE_BAD);

    /* A good signature under the key of another kid. */
    cose.kid = other.kid;
    CHECK_STATUS(msg_verify(&cose, &msg_void_schema, NETWORK, &key.key), STATUS_SIGNATURE_BAD);
}

/* --- sizes ------------------------------------------------------------------------------------ */

struct size_limit {
    const char *name;
    size_t most; /* bytes */
};

/* Bytes of what is shown in a code: of an array itself, of anything else with its envelope. */
static size_t
shown_size(const struct schema *schema, size_t len)
{
    if (schema->layout == SCHEMA_LAYOUT_LIST)
        return len;
    return len + (len < 24    ? COSE_OVERHEAD_MAX - 2
                  : len < 256 ? COSE_OVERHEAD_MAX - 1
                              : COSE_OVERHEAD_MAX);
}

static size_t
size_of(const struct schema *schema, const void *of)
{
    size_t len;

    return schema_measure(&len, schema, of) == STATUS_OK ? shown_size(schema, len) : 0;
}

/* A payment on an ordinary day. */
static void
typical(void *out, const struct schema *schema)
{
    static const uint8_t title[] = "Bäckerei Beispiel, Elberf";
    uint64_t random = 5;

    forge_fill(out, schema, FORGE_ANY, 0, &random);
    if (schema == &msg_payment_code_schema) {
        struct msg_payment_code *code = out;

        code->network = 1;
        code->tier = 2;
        code->amount = (struct money){5000};
        code->limit = (struct money){2500};
        code->valid_from = 1795000000;
        code->hours = 168;
        code->restriction = 0;
        code->online = 0;
        code->payee = 70123;
        code->from = 1250;
        code->to = 2000;
        code->seq = 3;
    } else if (schema == &msg_request_code_schema) {
        struct msg_request_code *code = out;

        code->network = 1;
        code->till = 70123;
        code->merchant = 4711;
        code->title = (struct span){title, 23};
        code->limit = (struct money){50000};
        code->count = 60;
        code->restrictions_count = 0;
        code->from = 1795000000;
        code->until = 1826536000;
        code->amount = (struct money){1250};
        code->nonce = (struct span){title, 8};
        code->number = 1234;
        code->time = 1795000000;
        code->seconds = 300;
    }
}

static size_t
worst(const struct schema *schema)
{
    uint64_t random = 4;

    forge_fill(&object, schema, FORGE_MOST, 0, &random);
    return size_of(schema, &object);
}

TEST(codes_of_a_payment_stay_small)
{
    static const struct size_limit limits[] = {
        {"payment-code", 234}, {"request-code", 283},     {"receipt", 190},
        {"anchor", 226},       {"settlement-proof", 226}, {"void", 190},
        {"refund", 190},       {"role-key", 190},         {"allowance", 180},
    };
    size_t count;
    const struct schema *const *schemas = msg_schemas(&count);
    unsigned seen = 0;

    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < sizeof limits / sizeof limits[0]; k++) {
            if (strcmp(limits[k].name, schemas[i]->name) != 0)
                continue;
            seen++;
            CHECK(worst(schemas[i]) > 0 && worst(schemas[i]) <= limits[k].most);
        }
    }
    CHECK(seen == sizeof limits / sizeof limits[0]);
    CHECK(worst(&msg_payment_code_schema) == CODE_PAYMENT_MAX);
    CHECK(worst(&msg_request_code_schema) == CODE_REQUEST_MAX);

    typical(&object, &msg_payment_code_schema);
    CHECK(size_of(&msg_payment_code_schema, &object) <= 226);
    CHECK(qr_version(TEXT_SIZE(size_of(&msg_payment_code_schema, &object)) - 1) == 11);
    CHECK(qr_version(TEXT_SIZE(CODE_REQUEST_MAX) - 1) <= 13);
    CHECK(qr_version(TEXT_SIZE(CODE_PAYMENT_MAX) - 1) <= 12);
}

/* What fits into a rebuilt message's buffer. */
TEST(rebuilt_messages_fit)
{
    CHECK(worst(&msg_allowance_schema) <= CODE_MESSAGE_MAX);
    CHECK(worst(&msg_transfer_schema) <= CODE_MESSAGE_MAX);
    CHECK(worst(&msg_till_schema) <= CODE_MESSAGE_MAX);
    CHECK(worst(&msg_request_schema) <= CODE_MESSAGE_MAX);
    CHECK(worst(&msg_transfer_schema) <= TRANSFER_SIZE_MAX);
}

/* What is no message of ours has no type, and what breaks a limit is not signed. */
TEST(what_is_refused_before_it_is_a_message)
{
    static const uint8_t odd[][4] = {
        {0xA1, 0x00, 0x20, 0x00}, /* a negative type */
        {0xA1, 0x00, 0x19, 0x01}, /* a type in two bytes */
        {0xA1, 0x01, 0x05, 0x00}, /* no key 0 */
    };
    struct msg_void order = {.till = 0, .time = 1};
    struct secret_key secret;
    struct public_key key;
    uint8_t seed[SEED_SIZE] = {9};
    uint8_t bytes[MSG_SIGN_SIZE(256)];
    uint64_t type;
    size_t len;

    crypt_key_from_seed(&secret, &key, seed);
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        struct cose_aad aad;

        msg_aad(&aad, &msg_void_schema, NETWORK);
        REQUIRE(cose_sign(bytes, sizeof bytes, &len, &secret, &aad,
                          (struct span){odd[i], sizeof odd[i]}) == STATUS_OK);
        CHECK_STATUS(msg_peek(&type, (struct span){bytes, len}), STATUS_CBOR_TYPE);
    }
    /* A type that is cut off, by payload length. */
    for (size_t size = 1; size < 5; size++) {
        static const uint8_t whole[] = {0xA1, 0x00, 0x18, 0x2A};
        struct cose_aad aad;

        msg_aad(&aad, &msg_void_schema, NETWORK);
        REQUIRE(cose_sign(bytes, sizeof bytes, &len, &secret, &aad, (struct span){whole, size}) ==
                STATUS_OK);
        type = 7;
        CHECK_STATUS(msg_peek(&type, (struct span){bytes, len}),
                     size < 4 ? STATUS_CBOR_TYPE : STATUS_OK);
        CHECK(type == (size < 4 ? 7 : 0x2A));
    }
    CHECK_STATUS(msg_peek(&type, (struct span){bytes, 3}), STATUS_CBOR_TRUNCATED);
    CHECK_STATUS(msg_sign(bytes, sizeof bytes, &len, &msg_void_schema, &order, NETWORK, &secret),
                 STATUS_CBOR_RANGE);
    CHECK(len == 0);
    order.till = 1;
    CHECK_STATUS(msg_sign(bytes, 64, &len, &msg_void_schema, &order, NETWORK, &secret),
                 STATUS_BUFFER);
    CHECK(len == 0);
}

static void
print_version(FILE *out, size_t bytes)
{
    const uint32_t version =
        bytes == 0 || bytes > TEXT_BYTES_MAX ? 0 : qr_version(TEXT_SIZE(bytes) - 1);

    if (version == 0)
        fprintf(out, " %zu | - |", bytes);
    else
        fprintf(out, " %zu | %u |", bytes, version);
}

static void
print_table(FILE *out)
{
    size_t count;
    const struct schema *const *schemas = msg_schemas(&count);

    fprintf(out,
            "| message | letter | least, bytes | version | typical | version | most | version |\n");
    fprintf(out, "|---|---|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < count; i++) {
        const struct schema *schema = schemas[i];
        const char *letter = "-";
        uint64_t random = 4;

        if (schema->bytes_max == 0 || strcmp(schema->name, "parcel") == 0 ||
            strcmp(schema->name, "entry") == 0 || strstr(schema->name, "-attachment") != NULL)
            continue;
        for (size_t k = 0; k < sizeof letters_of / sizeof letters_of[0]; k++) {
            if (strcmp(letters_of[k][0], schema->name) == 0)
                letter = letters_of[k][1];
        }
        forge_fill(&object, schema, FORGE_LEAST, 0, &random);
        fprintf(out, "| %s | %s |", schema->name, letter);
        print_version(out, size_of(schema, &object));
        typical(&object, schema);
        print_version(out, size_of(schema, &object));
        print_version(out, worst(schema));
        fprintf(out, "\n");
    }
}

/* PROTOCOL.md section 19 carries the table as it is. */
TEST(the_table_in_the_text_is_this_one)
{
    static uint8_t text[256 * 1024];
    static char table[16 * 1024];
    FILE *file = tmpfile();
    size_t len;

    REQUIRE(file != NULL);
    print_table(file);
    rewind(file);
    len = fread(table, 1, sizeof table - 1, file);
    fclose(file);
    table[len] = '\0';
    REQUIRE(scratch_read(text, &len, sizeof text - 1, "protocol/PROTOCOL.md"));
    text[len] = '\0';
    CHECK(strstr((const char *)text, table) != NULL);
}

/* News as the ledger makes it: no more ids than a code of version 13 holds. */
TEST(news_fits_a_code)
{
    struct msg_news news;

    typical(&news, &msg_news_schema);
    news.added_count = DENYLIST_CODE_MAX;
    for (size_t i = 0; i < DENYLIST_CODE_MAX; i++)
        news.added[i].bytes[0] = (uint8_t)(1 + i);
    news.removed_count = 0;
    news.network = 1;
    news.from = 65000;
    news.to = 65535;
    news.time = 1795507200;
    CHECK(size_of(&msg_news_schema, &news) > 280 && size_of(&msg_news_schema, &news) <= 299);
}

int
main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--table") == 0) {
        print_table(stdout);
        return 0;
    }
    return check_run(argc, argv);
}
