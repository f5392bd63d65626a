/* protocol/code: the two compact codes and the messages that are rebuilt from them. */
#include "check.h"

#include <stdlib.h>

#include "forge.h"
#include "protocol/code.h"

#define NETWORK 7
#define FROM 1795000000
#define NOW 1795000100

static struct forge_key issuer;
static struct forge_key enrolment;
static struct forge_key wallet;
static struct forge_key till_key;
static struct signer_list signers;

static struct msg_allowance allowance;
static struct msg_transfer transfer;
static struct msg_till till;
static struct msg_request request;
static struct forge_message allowance_cose;
static struct forge_message transfer_cose;
static struct forge_message till_cose;
static struct forge_message request_cose;
static struct digest request_id;
static struct digest transfer_message_id;

static uint8_t code[CODE_BYTES_MAX];
static size_t code_len;

static void
sign_all(void)
{
    forge_sign(&till_cose, NULL, &msg_till_schema, &till, NETWORK, &enrolment);
    forge_sign(&request_cose, &request_id, &msg_request_schema, &request, NETWORK, &till_key);
    forge_sign(&allowance_cose, NULL, &msg_allowance_schema, &allowance, NETWORK, &issuer);
    forge_transfer(&transfer_cose, &transfer_message_id, &transfer, NETWORK, &request_id, &wallet);
}

static void
start(void)
{
    static const uint8_t title[] = "Caf\xC3\xA9 am Schwebebahnhof";

    forge_key(&issuer, "issuer");
    forge_key(&enrolment, "enrolment");
    forge_key(&wallet, "wallet");
    forge_key(&till_key, "till");
    memset(&signers, 0, sizeof signers);
    forge_role(&signers, SIGNER_ALLOWANCE, &issuer, FROM - 100, FROM + 1000);
    forge_role(&signers, SIGNER_ENROLMENT, &enrolment, FROM - 100, FROM + 1000);
    allowance = (struct msg_allowance){.network = NETWORK,
                                       .key = wallet.key,
                                       .class = 1,
                                       .tier = 2,
                                       .amount = {5000},
                                       .limit = {2500},
                                       .from = FROM,
                                       .hours = 168};
    transfer = (struct msg_transfer){.payee = 70123, .from = 0, .to = 1250, .seq = 0};
    transfer_prev_first(transfer.prev, &wallet.key);
    till = (struct msg_till){.network = NETWORK,
                             .till = 70123,
                             .merchant = 12,
                             .key = till_key.key,
                             .title = {title, sizeof title - 1},
                             .level = 1,
                             .limit = {50000},
                             .count = 60,
                             .classes = 1,
                             .restrictions_count = 2,
                             .restrictions = {3, 9},
                             .from = FROM,
                             .until = FROM + 100000};
    request = (struct msg_request){.network = NETWORK,
                                   .till = 70123,
                                   .class = 1,
                                   .amount = {1250},
                                   .nonce = {1, 2, 3, 4, 5, 6, 7, 8},
                                   .number = 4,
                                   .time = FROM + 50,
                                   .seconds = 300};
    sign_all();
}

static bool
same(struct span a, struct span b)
{
    return a.len == b.len && memcmp(a.data, b.data, a.len) == 0;
}

static struct span
bytes(void)
{
    return (struct span){code, code_len};
}

/* --- payment ---------------------------------------------------------------------------------- */

static void
check_payment(void)
{
    struct code_payment out;

    sign_all();
    REQUIRE(code_payment_build(code, sizeof code, &code_len, NETWORK, forge_span(&allowance_cose),
                               forge_span(&transfer_cose)) == STATUS_OK);
    REQUIRE(code_payment_parse(&out, NETWORK, bytes()) == STATUS_OK);
    CHECK(same(code_span(&out.allowance_cose), forge_span(&allowance_cose)));
    CHECK(same(code_span(&out.transfer_cose), forge_span(&transfer_cose)));
    CHECK(memcmp(&out.line, &wallet.kid, sizeof out.line) == 0);
    CHECK(out.allowance.from == allowance.from && out.transfer.from == transfer.from);
    CHECK(out.allowance.restriction == allowance.restriction);
    CHECK(out.transfer.seq == transfer.seq && out.transfer.to == transfer.to);
}

TEST(a_payment_code_gives_both_messages_back)
{
    start();
    check_payment();
    CHECK(code_len <= 226);
    allowance.restriction = 65535;
    check_payment();
    allowance.online = 1;
    check_payment();
    allowance.restriction = 0;
    check_payment();
    transfer.from = 9999;
    transfer.to = 10000;
    transfer.seq = UINT32_MAX;
    transfer.payee = UINT32_MAX;
    allowance.amount = (struct money){10000};
    allowance.limit = (struct money){10000};
    allowance.hours = 4095;
    allowance.restriction = 65535;
    check_payment();
    CHECK(code_len == CODE_PAYMENT_MAX - 4); /* the network is a small number */
}

TEST(a_payment_code_as_text)
{
    char text[CODE_TEXT_SIZE];
    size_t len;
    struct code_payment out;
    struct code_bytes read;

    start();
    REQUIRE(code_payment_build(code, sizeof code, &code_len, NETWORK, forge_span(&allowance_cose),
                               forge_span(&transfer_cose)) == STATUS_OK);
    REQUIRE(text_encode(text, sizeof text, &len, TEXT_PAYMENT, bytes()) == STATUS_OK);
    CHECK_STATUS(code_payment_read(&out, &read, NETWORK, (struct span){(const uint8_t *)text, len}),
                 STATUS_OK);
    CHECK(same((struct span){read.bytes, read.len}, bytes()));
    CHECK(same(code_span(&out.transfer_cose), forge_span(&transfer_cose)));
    CHECK_STATUS(
        code_payment_read(&out, &read, NETWORK + 1, (struct span){(const uint8_t *)text, len}),
        STATUS_NETWORK);
    CHECK(read.len == 0 && out.transfer_cose.len == 0 && out.transfer.payee == 0);
    text[3] = 'Q';
    CHECK_STATUS(code_payment_read(&out, &read, NETWORK, (struct span){(const uint8_t *)text, len}),
                 STATUS_TEXT_TYPE);
    CHECK(read.len == 0 && out.transfer_cose.len == 0);
}

TEST(building_a_payment_code_refuses_what_does_not_belong_together)
{
    struct forge_message foreign;

    start();
    forge_transfer(&foreign, NULL, &transfer, NETWORK, &request_id, &till_key);
    CHECK_STATUS(code_payment_build(code, sizeof code, &code_len, NETWORK,
                                    forge_span(&allowance_cose), forge_span(&foreign)),
                 STATUS_SIGNATURE_BAD);
    CHECK(code_len == 0);
    CHECK_STATUS(code_payment_build(code, sizeof code, &code_len, NETWORK,
                                    forge_span(&transfer_cose), forge_span(&transfer_cose)),
                 STATUS_CBOR_TYPE);
    CHECK_STATUS(code_payment_build(code, sizeof code, &code_len, NETWORK,
                                    forge_span(&allowance_cose), forge_span(&request_cose)),
                 STATUS_CBOR_KEY);
    CHECK_STATUS(code_payment_build(code, sizeof code, &code_len, NETWORK + 1,
                                    forge_span(&allowance_cose), forge_span(&transfer_cose)),
                 STATUS_NETWORK);
    CHECK_STATUS(code_payment_build(code, 100, &code_len, NETWORK, forge_span(&allowance_cose),
                                    forge_span(&transfer_cose)),
                 STATUS_BUFFER);
    CHECK(code_len == 0);
}

/* Whatever bit a stranger changes: the code is refused, or it is the one code of other messages,
 * one of which then does not verify. */
TEST(no_bit_of_a_payment_code_can_be_changed)
{
    unsigned parsed = 0;

    start();
    REQUIRE(code_payment_build(code, sizeof code, &code_len, NETWORK, forge_span(&allowance_cose),
                               forge_span(&transfer_cose)) == STATUS_OK);
    for (size_t bit = 0; bit < 8 * code_len; bit++) {
        struct code_payment out;
        uint8_t rebuilt[CODE_BYTES_MAX];
        size_t len;
        struct digest id;

        code[bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (code_payment_parse(&out, NETWORK, bytes()) == STATUS_OK) {
            parsed++;
            CHECK_STATUS(code_payment_build(rebuilt, sizeof rebuilt, &len, NETWORK,
                                            code_span(&out.allowance_cose),
                                            code_span(&out.transfer_cose)),
                         STATUS_OK);
            CHECK(same((struct span){rebuilt, len}, bytes()));
            CHECK(code_allowance_verify(&out, NETWORK, &signers, NOW) != STATUS_OK ||
                  code_transfer_verify(&id, &out, NETWORK, &request_id) != STATUS_OK);
        }
        code[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    CHECK(parsed > 1000);
}

TEST(the_signatures_in_a_payment_code)
{
    struct code_payment out;
    struct digest id;
    const struct digest other_request = {{1}};

    start();
    REQUIRE(code_payment_build(code, sizeof code, &code_len, NETWORK, forge_span(&allowance_cose),
                               forge_span(&transfer_cose)) == STATUS_OK);
    REQUIRE(code_payment_parse(&out, NETWORK, bytes()) == STATUS_OK);
    CHECK_STATUS(code_allowance_verify(&out, NETWORK, &signers, NOW), STATUS_OK);
    CHECK_STATUS(code_allowance_verify(&out, NETWORK, &signers, FROM + 1000 + 1296000), STATUS_OK);
    CHECK_STATUS(code_allowance_verify(&out, NETWORK, &signers, FROM + 1001 + 1296000),
                 STATUS_KEY_EXPIRED);
    CHECK_STATUS(code_transfer_verify(&id, &out, NETWORK, &request_id), STATUS_OK);
    CHECK(memcmp(&id, &transfer_message_id, sizeof id) == 0);
    CHECK_STATUS(code_transfer_verify(&id, &out, NETWORK, &other_request), STATUS_SIGNATURE_BAD);
    CHECK(id.bytes[0] == 0 && id.bytes[31] == 0);
    /* Of the payee in the payload, so no till can take what is meant for another. */
    out.transfer.payee++;
    CHECK_STATUS(code_transfer_verify(&id, &out, NETWORK, &request_id), STATUS_SIGNATURE_BAD);
}

/* --- request ---------------------------------------------------------------------------------- */

static void
check_request(void)
{
    struct code_request out;

    sign_all();
    REQUIRE(code_request_build(code, sizeof code, &code_len, NETWORK, forge_span(&till_cose),
                               forge_span(&request_cose)) == STATUS_OK);
    REQUIRE(code_request_parse(&out, NETWORK, bytes()) == STATUS_OK);
    CHECK(same(code_span(&out.till_cose), forge_span(&till_cose)));
    CHECK(same(code_span(&out.request_cose), forge_span(&request_cose)));
    CHECK(memcmp(&out.request_id, &request_id, sizeof request_id) == 0);
    CHECK(same(out.till.title, till.title));
    CHECK(out.till.title.data > code && out.till.title.data < code + code_len);
    CHECK_STATUS(code_request_verify(&out, NETWORK, &signers), STATUS_OK);
}

static void
make_static(void)
{
    request.amount = MONEY_ZERO;
    request.seconds = 0;
    memset(request.nonce, 0, sizeof request.nonce);
}

TEST(a_request_code_gives_both_messages_back)
{
    static const uint8_t long_title[] = "abcdefghijklmnopqrstuvwx";

    start();
    check_request();
    request.partial = 1;
    check_request();
    make_static();
    request.partial = 0;
    check_request();
    CHECK(code_request_static(&request));
    start();
    CHECK(!code_request_static(&request));
    till.title = (struct span){long_title, 24};
    till.restrictions_count = 4;
    for (unsigned i = 0; i < 4; i++)
        till.restrictions[i] = 65532 + i;
    till.limit = (struct money){MONEY_CENTS_MAX};
    till.count = 65535;
    till.classes = 3;
    till.merchant = UINT32_MAX;
    till.level = 3;
    request.number = UINT32_MAX;
    request.amount = (struct money){10000};
    request.seconds = 86400;
    request.partial = 1;
    till.till = request.till = UINT32_MAX;
    check_request();
    CHECK(code_len == CODE_REQUEST_MAX - 4);
    till.restrictions_count = 0;
    till.title.len = 1;
    check_request();
}

TEST(a_request_code_as_text)
{
    char text[CODE_TEXT_SIZE];
    size_t len;
    struct code_request out;
    struct code_bytes read;
    struct span span;

    start();
    REQUIRE(code_request_build(code, sizeof code, &code_len, NETWORK, forge_span(&till_cose),
                               forge_span(&request_cose)) == STATUS_OK);
    REQUIRE(text_encode(text, sizeof text, &len, TEXT_REQUEST, bytes()) == STATUS_OK);
    span = (struct span){(const uint8_t *)text, len};
    CHECK_STATUS(code_request_read(&out, &read, NETWORK, span), STATUS_OK);
    CHECK(same(out.till.title, till.title));
    CHECK(out.till.title.data > read.bytes && out.till.title.data < read.bytes + read.len);
    CHECK_STATUS(code_request_read(&out, &read, NETWORK + 1, span), STATUS_NETWORK);
    CHECK(read.len == 0 && out.till_cose.len == 0);
    text[3] = 'P';
    CHECK_STATUS(code_request_read(&out, &read, NETWORK, span), STATUS_TEXT_TYPE);
}

/* Amount, nonce and seconds: all or none. */
TEST(half_a_static_request_is_refused)
{
    for (unsigned present = 0; present < 16; present++) {
        const bool whole = (present & 7) == 7 || present == 0;

        start();
        if ((present & 1) == 0)
            request.amount = MONEY_ZERO;
        if ((present & 2) == 0)
            memset(request.nonce, 0, sizeof request.nonce);
        if ((present & 4) == 0)
            request.seconds = 0;
        request.partial = present >> 3;
        sign_all();
        CHECK_STATUS(code_request_build(code, sizeof code, &code_len, NETWORK,
                                        forge_span(&till_cose), forge_span(&request_cose)),
                     whole ? STATUS_OK : STATUS_CBOR_RANGE);
    }
}

/* The same codes, made without code_request_build. */
TEST(odd_nonces_are_refused)
{
    static const uint8_t zeros[8];
    struct code_request out;
    struct msg_request_code fields;

    start();
    REQUIRE(code_request_build(code, sizeof code, &code_len, NETWORK, forge_span(&till_cose),
                               forge_span(&request_cose)) == STATUS_OK);
    REQUIRE(schema_decode(&fields, &msg_request_code_schema, bytes()) == STATUS_OK);
    for (size_t len = 0; len <= 8; len++) {
        uint8_t changed[CODE_BYTES_MAX];
        size_t changed_len;

        fields.nonce = (struct span){request.nonce, len};
        REQUIRE(schema_encode(changed, sizeof changed, &changed_len, &msg_request_code_schema,
                              &fields) == STATUS_OK);
        CHECK_STATUS(code_request_parse(&out, NETWORK, (struct span){changed, changed_len}),
                     len == 8 ? STATUS_OK : STATUS_CBOR_RANGE);
        if (len < 8)
            CHECK(out.till_cose.len == 0 && out.request.till == 0);
    }
    fields.nonce = (struct span){zeros, 8};
    REQUIRE(schema_encode(code, sizeof code, &code_len, &msg_request_code_schema, &fields) ==
            STATUS_OK);
    CHECK_STATUS(code_request_parse(&out, NETWORK, bytes()), STATUS_CBOR_NOT_CANONICAL);
}

TEST(building_a_request_code_refuses_what_does_not_belong_together)
{
    struct forge_message foreign;

    start();
    request.till++;
    forge_sign(&foreign, NULL, &msg_request_schema, &request, NETWORK, &till_key);
    CHECK_STATUS(code_request_build(code, sizeof code, &code_len, NETWORK, forge_span(&till_cose),
                                    forge_span(&foreign)),
                 STATUS_WRONG_PAYEE);
    request.till--;
    forge_sign(&foreign, NULL, &msg_request_schema, &request, NETWORK, &wallet);
    CHECK_STATUS(code_request_build(code, sizeof code, &code_len, NETWORK, forge_span(&till_cose),
                                    forge_span(&foreign)),
                 STATUS_SIGNATURE_BAD);
    CHECK_STATUS(code_request_build(code, sizeof code, &code_len, NETWORK,
                                    forge_span(&request_cose), forge_span(&request_cose)),
                 STATUS_CBOR_TYPE);
    CHECK_STATUS(code_request_build(code, sizeof code, &code_len, NETWORK + 1,
                                    forge_span(&till_cose), forge_span(&request_cose)),
                 STATUS_NETWORK);
    CHECK_STATUS(code_request_build(code, 100, &code_len, NETWORK, forge_span(&till_cose),
                                    forge_span(&request_cose)),
                 STATUS_BUFFER);
    CHECK(code_len == 0);
}

TEST(what_a_wallet_checks_of_a_request)
{
    struct code_request out;
    static struct signer_list nobody;
    struct msg_kill kill = {.role = SIGNER_ENROLMENT};

    start();
    REQUIRE(code_request_build(code, sizeof code, &code_len, NETWORK, forge_span(&till_cose),
                               forge_span(&request_cose)) == STATUS_OK);
    REQUIRE(code_request_parse(&out, NETWORK, bytes()) == STATUS_OK);
    CHECK_STATUS(code_request_verify(&out, NETWORK, &signers), STATUS_OK);
    CHECK_STATUS(code_request_verify(&out, NETWORK, &nobody), STATUS_SIGNER_UNKNOWN);
    kill.key = enrolment.key;
    CHECK_STATUS(signer_kill(&signers, &kill), STATUS_OK);
    CHECK_STATUS(code_request_verify(&out, NETWORK, &signers), STATUS_KEY_KILLED);

    /* A request by somebody who has the till's certificate but not its key. */
    start();
    out.request_cose.bytes[out.request_cose.len - 1] ^= 1;
    CHECK_STATUS(code_request_verify(&out, NETWORK, &signers), STATUS_SIGNATURE_BAD);

    start();
    request.class = 2;
    sign_all();
    REQUIRE(code_request_build(code, sizeof code, &code_len, NETWORK, forge_span(&till_cose),
                               forge_span(&request_cose)) == STATUS_OK);
    REQUIRE(code_request_parse(&out, NETWORK, bytes()) == STATUS_OK);
    CHECK_STATUS(code_request_verify(&out, NETWORK, &signers), STATUS_CLASS);
}

TEST(no_bit_of_a_request_code_can_be_changed)
{
    unsigned parsed = 0;

    start();
    REQUIRE(code_request_build(code, sizeof code, &code_len, NETWORK, forge_span(&till_cose),
                               forge_span(&request_cose)) == STATUS_OK);
    for (size_t bit = 0; bit < 8 * code_len; bit++) {
        struct code_request out;

        code[bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (code_request_parse(&out, NETWORK, bytes()) == STATUS_OK) {
            parsed++;
            CHECK(code_request_verify(&out, NETWORK, &signers) != STATUS_OK);
        }
        code[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    CHECK(parsed > 1000);
}

/* --- tables ----------------------------------------------------------------------------------- */

static const struct field *
field_of(const struct schema *schema, const char *name)
{
    for (size_t i = 0; i < schema->count; i++) {
        if (strcmp(schema->fields[i].name, name) == 0)
            return &schema->fields[i];
    }
    return NULL;
}

/* Whether a field of a message takes every value of one of a code. What is optional in the message
 * is 0 in the code when it is not there. The nonce of a request, which is all of its bytes or none
 * in the code, is looked at by code_request_parse itself. */
static bool
takes(const struct field *to, const struct field *from)
{
    const bool absent = to->presence == FIELD_OPTIONAL && from->min == 0;

    if (to->type == FIELD_BYTES && from->type == FIELD_BSTR)
        return absent && from->max == to->size;
    return to->type == from->type && to->size == from->size && (absent || from->min >= to->min) &&
           from->max <= to->max && to->array == from->array && to->ascending == from->ascending &&
           from->count_min >= to->count_min && from->count_max <= to->count_max;
}

/* The number of fields of a message, but its type, that take all that the code has for them. */
static unsigned
fields_taken(const struct schema *message, const struct schema *table)
{
    unsigned taken = 0;

    for (size_t i = 1; i < message->count; i++) {
        const struct field *to = &message->fields[i];
        const bool renamed = message == &msg_allowance_schema && strcmp(to->name, "from") == 0;
        const struct field *from = field_of(table, renamed ? "valid_from" : to->name);

        if (from != NULL && takes(to, from))
            taken++;
        else
            fprintf(stderr, "    %s.%s\n", message->name, to->name);
    }
    return taken;
}

/* So a code that was read always gives messages that can be written, whoever made it. */
TEST(a_code_allows_no_value_that_its_messages_do_not)
{
    CHECK(fields_taken(&msg_allowance_schema, &msg_payment_code_schema) ==
          msg_allowance_schema.count - 1);
    CHECK(fields_taken(&msg_transfer_schema, &msg_payment_code_schema) ==
          msg_transfer_schema.count - 1);
    CHECK(fields_taken(&msg_till_schema, &msg_request_code_schema) == msg_till_schema.count - 1);
    CHECK(fields_taken(&msg_request_schema, &msg_request_code_schema) ==
          msg_request_schema.count - 1);
}

int
main(int argc, char **argv)
{
    return check_run(argc, argv);
}
