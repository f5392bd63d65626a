/* Vectors of `payment` and `request`: what a scanned code gives back. */
#include "make.h"

#include <stdio.h>
#include <string.h>

#define TILL 70123

static struct hand payload;
static struct hand bytes;
static struct hand first;
static struct hand second;
static struct digest first_id;
static struct digest second_id;
static char text[1024];
static struct forge_key issuer, wallet, enrolment, till_key;

static void
keys(void)
{
    forge_key(&issuer, "allowance role");
    forge_key(&enrolment, "enrolment role");
    forge_key(&wallet, "wallet");
    forge_key(&till_key, "till");
}

/* --- payment -----------------------------------------------------------------------------------
 */

static const struct digest request_id = {{0x11, 0x22, 0x33}};
static struct make_allowance allowance;
static struct make_transfer transfer;

static void
start_payment(void)
{
    allowance = (struct make_allowance){.key = wallet.key,
                                        .network = MAKE_NETWORK,
                                        .class = 1,
                                        .tier = 2,
                                        .amount = 5000,
                                        .limit = 2500,
                                        .from = MAKE_NOW,
                                        .hours = 168};
    transfer = (struct make_transfer){
        .payee = TILL, .from = 1250, .to = 2000, .seq = 3, .prev = {1, 2, 3, 4}};
}

static void
sign_payment(void)
{
    make_allowance_payload(&payload, &allowance);
    make_signed(&first, &first_id, &issuer, allowance.network, 19, &payload);
    make_signed_transfer(&second, &second_id, &wallet, allowance.network, &request_id, &transfer);
    make_payment_array(&bytes, &allowance, &first, &transfer, &second);
}

static void
payment_text(const char *name, uint64_t network, const char *status)
{
    out_vector("%s", name);
    out_number("network", network);
    out_text("code", text);
    out_hex("request", request_id.bytes, 32);
    out_expect(status);
    if (strcmp(status, "OK") == 0) {
        out_hand("allowance", &first);
        out_hand("transfer", &second);
        out_hex("allowance_id", first_id.bytes, 32);
        out_hex("transfer_id", second_id.bytes, 32);
    }
    out_end();
}

static void
payment(const char *name, const char *status)
{
    sign_payment();
    hand_code(text, sizeof text, 'P', &bytes);
    payment_text(name, MAKE_NETWORK, status);
}

static void
payment_bytes(const char *name, const char *status)
{
    hand_code(text, sizeof text, 'P', &bytes);
    payment_text(name, MAKE_NETWORK, status);
}

static void
good_payments(void)
{
    start_payment();
    payment("plain", "OK");
    allowance.restriction = 1;
    payment("restricted", "OK");
    allowance.online = 1;
    payment("restricted and online only", "OK");
    allowance.restriction = 0;
    payment("online only", "OK");
    allowance.online = 0;
    allowance.restriction = 65535;
    payment("largest restriction", "OK");
    start_payment();
    transfer = (struct make_transfer){.payee = 1, .from = 0, .to = 1, .seq = 0};
    allowance.tier = 1;
    allowance.amount = allowance.limit = allowance.hours = allowance.from = 1;
    payment("smallest numbers", "OK");
    start_payment();
    transfer.payee = transfer.seq = UINT32_MAX;
    transfer.from = 9999;
    transfer.to = 10000;
    memset(transfer.prev, 0xFF, sizeof transfer.prev);
    allowance.class = 2;
    allowance.tier = 3;
    allowance.amount = allowance.limit = 10000;
    allowance.from = UINT32_MAX;
    allowance.hours = 4095;
    allowance.restriction = 65535;
    allowance.online = 1;
    payment("largest numbers", "OK");
    start_payment();
    transfer.from = transfer.to;
    payment("an empty interval can be read", "OK");
    transfer.from = 3000;
    payment("an interval from behind can be read", "OK");
    /* Signatures are not looked at yet. */
    start_payment();
    sign_payment();
    memset(bytes.data + bytes.len - 64, 0, 64);
    memset(second.data + second.len - 64, 0, 64);
    payment_bytes("signature of zeros can be read", "OK");
}

static void
bad_payments(void)
{
    start_payment();
    allowance.network = MAKE_NETWORK + 1;
    payment("another network", "NETWORK");
    allowance.network = UINT32_MAX;
    payment("the largest network", "NETWORK");
    sign_payment();
    hand_code(text, sizeof text, 'P', &bytes);
    payment_text("the largest network, ours", UINT32_MAX, "OK");
    allowance.network = 0;
    payment("network 0", "CBOR_RANGE");
    start_payment();
    transfer.to = 0;
    payment("to 0", "CBOR_RANGE");
    transfer.to = 10001;
    payment("to 10001", "CBOR_RANGE");
    start_payment();
    transfer.from = 10000;
    payment("from 10000", "CBOR_RANGE");
    start_payment();
    allowance.class = 3;
    payment("class 3", "CBOR_RANGE");
    start_payment();
    allowance.hours = 4096;
    payment("4096 hours", "CBOR_RANGE");
    start_payment();
    allowance.online = 2;
    payment("online 2", "CBOR_RANGE");
    start_payment();
    sign_payment();
    hand_byte(&bytes, 0);
    payment_bytes("a byte behind", "CBOR_TRAILING");
    sign_payment();
    bytes.len--;
    payment_bytes("a byte less", "CBOR_TRUNCATED");
    sign_payment();
    bytes.data[0] = 0x91;
    payment_bytes("array of 17", "CBOR_TRAILING");
    sign_payment();
    bytes.data[0] = 0x93;
    hand_byte(&bytes, 0);
    payment_bytes("array of 19", "CBOR_KEY");
    payload.len = 0;
    hand_hex(&payload, "9812");
    sign_payment();
    payload.len = 0;
    hand_hex(&payload, "9812");
    hand_put(&payload, bytes.data + 1, bytes.len - 1);
    hand_code(text, sizeof text, 'P', &payload);
    payment_text("array in a longer head", MAKE_NETWORK, "CBOR_NOT_CANONICAL");
    hand_code(text, sizeof text, 'P', &first);
    payment_text("an allowance alone", MAKE_NETWORK, "CBOR_TYPE");
    sign_payment();
    hand_code(text, sizeof text, 'Q', &bytes);
    payment_text("under the letter of a request", MAKE_NETWORK, "TEXT_TYPE");
    hand_code(text, sizeof text, 'P', &bytes);
    text[strlen(text) - 2] = '\0';
    payment_text("two characters less", MAKE_NETWORK, "TEXT_LENGTH");
    hand_code(text, sizeof text, 'P', &bytes);
    text[20] = 'Z';
    payment_text("a wrong character", MAKE_NETWORK, "TEXT_CHARACTER");
}

void
make_payment(void)
{
    keys();
    out_open("payment", "payment");
    good_payments();
    bad_payments();
    out_close();
}

/* --- request -----------------------------------------------------------------------------------
 */

static struct make_till till;
static struct make_request request;
static size_t nonce_length;

static void
start_request(void)
{
    till = (struct make_till){.network = MAKE_NETWORK,
                              .till = TILL,
                              .merchant = 4711,
                              .key = till_key.key,
                              .title = "Caf\xC3\xA9 am D\xC3\xB6ppersberg",
                              .level = 1,
                              .limit = 50000,
                              .count = 60,
                              .classes = 1,
                              .restrictions_count = 2,
                              .restrictions = {3, 9},
                              .from = MAKE_NOW,
                              .until = MAKE_NOW + 31536000};
    request = (struct make_request){.network = MAKE_NETWORK,
                                    .till = TILL,
                                    .class = 1,
                                    .amount = 750,
                                    .nonce = {1, 2, 3, 4, 5, 6, 7, 8},
                                    .number = 12,
                                    .time = MAKE_NOW + 60,
                                    .seconds = 300};
    nonce_length = 8;
}

static void
sign_request(void)
{
    make_till_payload(&payload, &till);
    make_signed(&first, NULL, &enrolment, till.network, 7, &payload);
    make_request_payload(&payload, &request);
    make_signed(&second, &second_id, &till_key, request.network, 20, &payload);
    bytes.len = 0;
    hand_head(&bytes, HAND_ARRAY, 22);
    hand_uint(&bytes, till.network);
    hand_uint(&bytes, till.till);
    hand_uint(&bytes, till.merchant);
    hand_bytes(&bytes, till.key.bytes, 32);
    hand_text(&bytes, till.title);
    hand_uint(&bytes, till.level);
    hand_uint(&bytes, till.limit);
    hand_uint(&bytes, till.count);
    hand_uint(&bytes, till.classes);
    hand_head(&bytes, HAND_ARRAY, till.restrictions_count);
    for (unsigned i = 0; i < till.restrictions_count; i++)
        hand_uint(&bytes, till.restrictions[i]);
    hand_uint(&bytes, till.from);
    hand_uint(&bytes, till.until);
    hand_bytes(&bytes, first.data + 8, 8);
    hand_bytes(&bytes, first.data + first.len - 64, 64);
    hand_uint(&bytes, request.class);
    hand_uint(&bytes, request.amount);
    hand_bytes(&bytes, request.nonce, nonce_length);
    hand_uint(&bytes, request.number);
    hand_uint(&bytes, request.time);
    hand_uint(&bytes, request.seconds);
    hand_uint(&bytes, request.partial);
    hand_bytes(&bytes, second.data + second.len - 64, 64);
    hand_code(text, sizeof text, 'Q', &bytes);
}

static void
request_text(const char *name, uint64_t network, const char *status)
{
    out_vector("%s", name);
    out_number("network", network);
    out_text("code", text);
    out_expect(status);
    if (strcmp(status, "OK") == 0) {
        out_hand("till", &first);
        out_hand("request", &second);
        out_hex("request_id", second_id.bytes, 32);
    }
    out_end();
}

static void
request_vector(const char *name, const char *status)
{
    sign_request();
    request_text(name, MAKE_NETWORK, status);
}

static void
make_static(void)
{
    request.amount = 0;
    request.seconds = 0;
    nonce_length = 0;
    memset(request.nonce, 0, sizeof request.nonce);
}

static void
good_requests(void)
{
    start_request();
    request_vector("plain", "OK");
    request.partial = 1;
    request_vector("less is acceptable", "OK");
    start_request();
    make_static();
    request_vector("static", "OK");
    start_request();
    till.restrictions_count = 0;
    request_vector("no restriction", "OK");
    till.restrictions_count = 4;
    for (unsigned i = 0; i < 4; i++)
        till.restrictions[i] = 65532 + i;
    till.title = "abcdefghijklmnopqrstuvwx";
    till.till = request.till = till.merchant = UINT32_MAX;
    till.level = 3;
    till.limit = UINT64_C(9007199254740991);
    till.count = 65535;
    till.classes = 3;
    till.until = UINT32_MAX;
    request.class = 2;
    request.amount = 10000;
    request.number = UINT32_MAX;
    request.seconds = 86400;
    request.partial = 1;
    request_vector("largest numbers", "OK");
    start_request();
    till.title = "x";
    till.till = request.till = till.merchant = till.count = till.limit = 1;
    till.from = till.until = 1;
    request.amount = request.seconds = request.time = 1;
    request.number = 0;
    request_vector("smallest numbers", "OK");
    request.nonce[0] = 0;
    memset(request.nonce, 0, 7);
    request_vector("nonce of zeros and an eight", "OK");
}

static void
half_static(void)
{
    for (unsigned there = 1; there < 16; there++) {
        char name[160];

        if ((there & 7) == 7)
            continue;
        start_request();
        request.partial = there >> 3;
        if ((there & 1) == 0)
            request.amount = 0;
        if ((there & 2) == 0) {
            nonce_length = 0;
            memset(request.nonce, 0, sizeof request.nonce);
        }
        if ((there & 4) == 0)
            request.seconds = 0;
        snprintf(name, sizeof name, "amount %llu, nonce of %zu, %llu seconds, partial %llu",
                 (unsigned long long)request.amount, nonce_length,
                 (unsigned long long)request.seconds, (unsigned long long)request.partial);
        request_vector(name, "CBOR_RANGE");
    }
}

static void
bad_requests(void)
{
    start_request();
    for (nonce_length = 1; nonce_length < 8; nonce_length++)
        request_vector("nonce of another length", "CBOR_RANGE");
    memset(request.nonce, 0, sizeof request.nonce);
    request_vector("nonce of zeros", "CBOR_NOT_CANONICAL");
    start_request();
    till.network = request.network = MAKE_NETWORK + 1;
    request_vector("another network", "NETWORK");
    nonce_length = 3;
    request_vector("half a nonce before another network", "CBOR_RANGE");
    start_request();
    till.restrictions[0] = 9;
    till.restrictions[1] = 3;
    request_vector("restrictions not ascending", "CBOR_RANGE");
    till.restrictions[1] = 9;
    request_vector("a restriction twice", "CBOR_RANGE");
    start_request();
    till.title = "abcdefghijklmnopqrstuvwxy";
    request_vector("title of 25 bytes", "CBOR_RANGE");
    till.title = "";
    request_vector("no title", "CBOR_RANGE");
    till.title = "a\x0A"
                 "b";
    request_vector("title of two lines", "CBOR_TEXT");
    till.title = "1\xE2\x80\xAE"
                 "00,05";
    request_vector("title turned around", "CBOR_TEXT");
    till.title = "a\xE2\x80";
    request_vector("title not UTF-8", "CBOR_TEXT");
    start_request();
    till.classes = 0;
    request_vector("no class", "CBOR_RANGE");
    start_request();
    request.seconds = 86401;
    request_vector("86401 seconds", "CBOR_RANGE");
    start_request();
    request.amount = 10001;
    request_vector("amount 10001", "CBOR_RANGE");
    start_request();
    sign_request();
    bytes.data[0] = 0x95;
    hand_code(text, sizeof text, 'Q', &bytes);
    request_text("array of 21", MAKE_NETWORK, "CBOR_TRAILING");
    sign_request();
    hand_code(text, sizeof text, 'P', &bytes);
    request_text("under the letter of a payment", MAKE_NETWORK, "TEXT_TYPE");
}

void
make_request(void)
{
    keys();
    out_open("request", "request");
    good_requests();
    half_static();
    bad_requests();
    out_close();
}
