/* protocol/transfer: what a transfer is signed with, its id, and its receipt. */
#include "check.h"

#include <stdlib.h>

#include "forge.h"
#include "protocol/transfer.h"

#define NETWORK 7
#define TILL 70123

static struct forge_key wallet;
static struct forge_key other;
static const struct digest request = {{1, 2, 3}};

static void
keys(void)
{
    forge_key(&wallet, "wallet");
    forge_key(&other, "other");
}

static struct msg_transfer
example(void)
{
    return (struct msg_transfer){.payee = TILL, .from = 250, .to = 1000, .seq = 2, .prev = {9, 8}};
}

/* Written by hand from PROTOCOL.md section 6, not by the encoder. */
TEST(external_data_and_id_are_those_of_the_text)
{
    static const uint8_t head[] = {0x87, 0x67, 's', 'c', 'h', 'w', 'e', 'b', 'e', 1, NETWORK, 21};
    static const uint8_t payee[] = {0x1A, 0x00, 0x01, 0x11, 0xEB};
    static const uint8_t context[] = {0x84, 0x6A, 'S', 'i',  'g',  'n',  'a',  't',  'u',
                                      'r',  'e',  '1', 0x4D, 0xA2, 0x01, 0x32, 0x04, 0x48};
    static const uint8_t payload[] = {
        0xA6, 0,    0x15, 1, 0x1A, 0x00, 0x01, 0x11, 0xEB, 2, 0x18, 250, 3, 0x19, 0x03, 0xE8, 4, 2,
        5,    0x50, 9,    8, 0,    0,    0,    0,    0,    0, 0,    0,   0, 0,    0,    0,    0, 0};
    const struct msg_transfer transfer = example();
    struct forge_message message;
    struct cose_aad aad;
    struct digest thumbprint;
    struct digest id;
    struct digest expected;
    uint8_t text[256];
    size_t at = 0;

    keys();
    crypt_thumbprint(&thumbprint, &wallet.key);
    memcpy(text, head, sizeof head);
    at = sizeof head;
    text[at++] = 0x58;
    text[at++] = 32;
    memcpy(text + at, thumbprint.bytes, 32);
    at += 32;
    text[at++] = 0x58;
    text[at++] = 32;
    memcpy(text + at, request.bytes, 32);
    at += 32;
    memcpy(text + at, payee, sizeof payee);
    at += sizeof payee;
    transfer_aad(&aad, NETWORK, &wallet.key, &request, TILL);
    REQUIRE(aad.len == at);
    CHECK(memcmp(aad.bytes, text, at) == 0);

    const uint8_t aad_head[] = {0x58, (uint8_t)at};
    const uint8_t payload_head[] = {0x58, sizeof payload};
    const struct span parts[] = {{context, sizeof context},   {wallet.kid.bytes, 8},
                                 {aad_head, sizeof aad_head}, {text, at},
                                 {payload_head, 2},           {payload, sizeof payload}};
    crypt_hash(&expected, parts, 6);
    REQUIRE(transfer_sign(message.bytes, sizeof message.bytes, &message.len, &id, &transfer,
                          NETWORK, &request, &wallet.secret) == STATUS_OK);
    CHECK(memcmp(&id, &expected, sizeof id) == 0);

    const struct cose_message cose = forge_open(forge_span(&message));
    REQUIRE(cose.payload.len == sizeof payload);
    CHECK(memcmp(cose.payload.data, payload, sizeof payload) == 0);
    transfer_id(&id, &cose, NETWORK, &wallet.key, &request, TILL);
    CHECK(memcmp(&id, &expected, sizeof id) == 0);
}

TEST(a_transfer_verifies_in_its_own_context_only)
{
    const struct msg_transfer transfer = example();
    const struct digest request_2 = {{1, 2, 4}};
    struct forge_message message;
    struct msg_transfer out;
    struct cose_message cose;

    keys();
    forge_transfer(&message, NULL, &transfer, NETWORK, &request, &wallet);
    REQUIRE(msg_open(&cose, &out, &msg_transfer_schema, NETWORK, forge_span(&message)) ==
            STATUS_OK);
    CHECK(out.payee == TILL && out.from == 250 && out.to == 1000 && out.seq == 2);
    CHECK_STATUS(transfer_verify(&cose, NETWORK, &wallet.key, &request, TILL), STATUS_OK);
    CHECK_STATUS(transfer_verify(&cose, NETWORK + 1, &wallet.key, &request, TILL),
                 STATUS_SIGNATURE_BAD);
    CHECK_STATUS(transfer_verify(&cose, NETWORK, &other.key, &request, TILL), STATUS_SIGNATURE_BAD);
    CHECK_STATUS(transfer_verify(&cose, NETWORK, &wallet.key, &request_2, TILL),
                 STATUS_SIGNATURE_BAD);
    CHECK_STATUS(transfer_verify(&cose, NETWORK, &wallet.key, &request, TILL + 1),
                 STATUS_SIGNATURE_BAD);
    cose.kid = other.kid;
    CHECK_STATUS(transfer_verify(&cose, NETWORK, &wallet.key, &request, TILL),
                 STATUS_SIGNATURE_BAD);
}

/* Threat: a till alters the amount, or anything else, of what it was shown. */
TEST(no_bit_of_a_transfer_can_be_changed)
{
    const struct msg_transfer transfer = example();
    struct forge_message message;

    keys();
    forge_transfer(&message, NULL, &transfer, NETWORK, &request, &wallet);
    for (size_t bit = 0; bit < 8 * message.len; bit++) {
        struct msg_transfer out;
        struct cose_message cose;
        enum status status;

        message.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        status = msg_open(&cose, &out, &msg_transfer_schema, NETWORK, forge_span(&message));
        if (status == STATUS_OK)
            status = transfer_verify(&cose, NETWORK, &wallet.key, &request, out.payee);
        CHECK(status != STATUS_OK);
        message.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}

TEST(ids_differ_with_payee_and_request_though_payloads_do_not)
{
    const struct msg_transfer transfer = example();
    const struct digest request_2 = {{7}};
    struct forge_message message;
    struct digest id[3];

    keys();
    forge_transfer(&message, &id[0], &transfer, NETWORK, &request, &wallet);
    forge_transfer(&message, &id[1], &transfer, NETWORK, &request_2, &wallet);
    forge_transfer(&message, &id[2], &transfer, NETWORK + 1, &request, &wallet);
    CHECK(memcmp(&id[0], &id[1], sizeof id[0]) != 0);
    CHECK(memcmp(&id[0], &id[2], sizeof id[0]) != 0);
}

TEST(signing_refuses_what_cannot_be_a_transfer)
{
    struct msg_transfer transfer = example();
    struct forge_message message;
    static const struct digest none;
    struct digest id = {{1}};

    keys();
    transfer.from = transfer.to;
    CHECK_STATUS(transfer_sign(message.bytes, sizeof message.bytes, &message.len, &id, &transfer,
                               NETWORK, &request, &wallet.secret),
                 STATUS_AMOUNT_ZERO);
    CHECK(message.len == 0 && memcmp(&id, &none, sizeof id) == 0);
    transfer = example();
    transfer.to = MSG_LINE_CENTS_MAX + 1;
    CHECK_STATUS(transfer_sign(message.bytes, sizeof message.bytes, &message.len, &id, &transfer,
                               NETWORK, &request, &wallet.secret),
                 STATUS_CBOR_RANGE);
    transfer = example();
    CHECK_STATUS(transfer_sign(message.bytes, TRANSFER_SIGN_SIZE - 1, &message.len, &id, &transfer,
                               NETWORK, &request, &wallet.secret),
                 STATUS_BUFFER);
    CHECK_STATUS(transfer_sign(message.bytes, TRANSFER_SIGN_SIZE, &message.len, &id, &transfer,
                               NETWORK, &request, &wallet.secret),
                 STATUS_OK);
    CHECK(message.len <= TRANSFER_SIZE_MAX);
    transfer.payee = UINT32_MAX;
    transfer.seq = UINT32_MAX;
    transfer.from = 9999;
    transfer.to = 10000;
    CHECK_STATUS(transfer_sign(message.bytes, TRANSFER_SIGN_SIZE, &message.len, &id, &transfer,
                               UINT32_MAX, &request, &wallet.secret),
                 STATUS_OK);
    CHECK(message.len <= TRANSFER_SIZE_MAX);
}

TEST(predecessors)
{
    const struct digest id = {{5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21}};
    struct digest thumbprint;
    uint8_t prev[TRANSFER_PREV_SIZE];

    keys();
    crypt_thumbprint(&thumbprint, &wallet.key);
    transfer_prev_first(prev, &wallet.key);
    CHECK(memcmp(prev, thumbprint.bytes, sizeof prev) == 0);
    CHECK(memcmp(prev, wallet.kid.bytes, sizeof wallet.kid.bytes) == 0);
    transfer_prev_next(prev, &id);
    CHECK(memcmp(prev, id.bytes, sizeof prev) == 0);
}

/* All pairs of intervals on a line of 5 cents, against counting the cents that they share. */
TEST(overlap_is_sharing_a_cent)
{
    for (unsigned n = 0; n < 6 * 6 * 6 * 6; n++) {
        const uint64_t a = n % 6, b = n / 6 % 6, c = n / 36 % 6, d = n / 216;
        unsigned shared = 0;

        for (uint64_t cent = 0; cent < 5; cent++)
            shared += cent >= a && cent < b && cent >= c && cent < d;
        CHECK(transfer_overlap(a, b, c, d) == (shared > 0));
    }
}

TEST(a_receipt_is_for_one_transfer_of_one_till)
{
    struct msg_receipt receipt = {.till = TILL, .transfer = {{4}}, .time = 1000, .index = 3};
    struct forge_message message;
    struct forge_key till;
    struct msg_receipt out;
    const struct digest id = {{4}};
    const struct digest id_2 = {{5}};

    keys();
    forge_key(&till, "till");
    forge_sign(&message, NULL, &msg_receipt_schema, &receipt, NETWORK, &till);
    CHECK_STATUS(transfer_receipt(&out, forge_span(&message), NETWORK, &id, TILL, &till.key),
                 STATUS_OK);
    CHECK(out.index == 3 && out.time == 1000);
    CHECK_STATUS(transfer_receipt(&out, forge_span(&message), NETWORK, &id_2, TILL, &till.key),
                 STATUS_RECEIPT_MISMATCH);
    CHECK(out.index == 0 && out.time == 0);
    CHECK_STATUS(transfer_receipt(&out, forge_span(&message), NETWORK, &id, TILL + 1, &till.key),
                 STATUS_RECEIPT_MISMATCH);
    CHECK_STATUS(transfer_receipt(&out, forge_span(&message), NETWORK, &id, TILL, &other.key),
                 STATUS_SIGNATURE_BAD);
    CHECK_STATUS(transfer_receipt(&out, forge_span(&message), NETWORK + 1, &id, TILL, &till.key),
                 STATUS_SIGNATURE_BAD);
    message.bytes[0] = 0;
    CHECK_STATUS(transfer_receipt(&out, forge_span(&message), NETWORK, &id, TILL, &till.key),
                 STATUS_COSE_TAG);
}

int
main(int argc, char **argv)
{
    return check_run(argc, argv);
}
