/* Random calls, good and bad, and what the core answers when it is compiled for this machine:
 * `agree COUNT` writes them to the standard output, always the same. Each is name, call, status,
 * answer; lengths and status in 4 bytes, the lowest first. agree.mjs asks the page's core. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "forge.h"
#include "protocol/accept.h"
#include "protocol/checkpoint.h"
#include "protocol/denylist.h"
#include "wallet/web/ops.h"

#define NETWORK 7
#define TILL 70123
#define NOW UINT64_C(1795000000)
#define HOUR 3600
/* Lengths and counts of what is chosen freely. */
#define LONGEST 12

static uint64_t seed = 20261124;
static struct forge_key issuer, wallet, stranger, till, enrolment, news_key;

static uint8_t call_bytes[1 << 18];
static struct frame_out call;

static union {
    uint8_t bytes[1 << 15];
    uint64_t aligned;
} object;

struct bytes {
    size_t len;
    uint8_t data[1 << 14];
};

/* --- choosing ----------------------------------------------------------------------------------
 */

static uint64_t
below(uint64_t bound)
{
    return forge_below(&seed, bound);
}

static bool
percent(unsigned chance)
{
    return below(100) < chance;
}

static void
fill(void *out, size_t len)
{
    uint8_t *bytes = out;

    for (size_t i = 0; i < len; i++)
        bytes[i] = (uint8_t)forge_random(&seed);
}

/* Changes one thing: a bit, a byte, the end, a byte more or less inside. */
static void
change(struct bytes *bytes)
{
    const size_t at = bytes->len > 0 ? below(bytes->len) : 0;

    assert(bytes->len < sizeof bytes->data);
    switch (bytes->len > 0 ? below(6) : 5) {
    case 0:
        bytes->data[at] ^= (uint8_t)(1u << below(8));
        break;
    case 1:
        bytes->data[at] = (uint8_t)forge_random(&seed);
        break;
    case 2:
        bytes->len = at;
        break;
    case 3:
        memmove(bytes->data + at, bytes->data + at + 1, bytes->len - at - 1);
        bytes->len--;
        break;
    case 4:
        memmove(bytes->data + at + 1, bytes->data + at, bytes->len - at);
        bytes->len++;
        break;
    default:
        bytes->data[bytes->len++] = (uint8_t)forge_random(&seed);
        break;
    }
}

static void
perhaps_change(struct bytes *bytes, unsigned chance)
{
    while (percent(chance))
        change(bytes);
}

static uint64_t
a_network(void)
{
    return percent(90) ? NETWORK : 1 + below(9);
}

static const struct forge_key *
perhaps(const struct forge_key *key, unsigned chance)
{
    return percent(chance) ? key : &stranger;
}

/* --- writing -----------------------------------------------------------------------------------
 */

static void
put_u32(uint64_t number)
{
    const uint8_t bytes[4] = {(uint8_t)number, (uint8_t)(number >> 8), (uint8_t)(number >> 16),
                              (uint8_t)(number >> 24)};

    fwrite(bytes, 1, sizeof bytes, stdout);
}

static void
put_run(const void *data, size_t len)
{
    put_u32(len);
    fwrite(data, 1, len, stdout);
}

/* Calls the core with what was put into `call`, and writes the record. */
static void
record(const char *name, enum status (*op)(struct frame_out *, struct frame_in *))
{
    static uint8_t answer[1 << 18];
    struct frame_in in = {{call.data, call.len}};
    struct frame_out out = {answer, sizeof answer, 0};
    const enum status status = op(&out, &in);

    put_run(name, strlen(name));
    put_run(call.data, call.len);
    put_u32(status);
    put_run(answer, status == STATUS_OK ? out.len : 0);
}

#define RECORD(name) record(#name, ops_##name)

static void
put_bytes(const struct bytes *bytes)
{
    frame_put_bytes(&call, bytes->data, bytes->len);
}

static void
put_key(const struct forge_key *key)
{
    frame_put_bytes(&call, key->key.bytes, sizeof key->key.bytes);
}

static void
put_digest(const struct digest *digest)
{
    frame_put_bytes(&call, digest->bytes, sizeof digest->bytes);
}

static void
put_code(enum text_kind kind, const struct bytes *bytes, unsigned chance)
{
    static char text[TEXT_SIZE_MAX];
    static struct bytes changed;
    size_t len;
    const size_t most = bytes->len < TEXT_BYTES_MAX ? bytes->len : TEXT_BYTES_MAX;

    if (text_encode(text, sizeof text, &len, kind, (struct span){bytes->data, most}) != STATUS_OK)
        len = 0;
    changed.len = len;
    memcpy(changed.data, text, len);
    perhaps_change(&changed, chance);
    put_bytes(&changed);
}

static void
sign(struct bytes *out, struct digest *id, const struct schema *schema, const void *message,
     const struct forge_key *key)
{
    static struct forge_message made;

    forge_sign(&made, id, schema, message, NETWORK, key);
    assert(made.len <= sizeof out->data);
    out->len = made.len;
    memcpy(out->data, made.bytes, made.len);
}

static void
sign_transfer(struct bytes *out, const struct msg_transfer *transfer, const struct digest *request,
              const struct forge_key *key)
{
    static struct forge_message made;

    forge_transfer(&made, NULL, transfer, NETWORK, request, key);
    out->len = made.len;
    memcpy(out->data, made.bytes, made.len);
}

/* --- texts and messages ------------------------------------------------------------------------
 */

static void
random_text(void)
{
    static struct bytes bytes;
    const enum text_kind kind = (enum text_kind)(1 + below(14));
    const char letter = text_letter(percent(90) ? kind : TEXT_PAYMENT);

    bytes.len = below(60);
    fill(bytes.data, bytes.len);
    frame_put_bytes(&call, &letter, 1);
    if (percent(20)) {
        put_bytes(&bytes);
        RECORD(text_encode);
        return;
    }
    put_code(kind, &bytes, 30);
    RECORD(text_decode);
}

/* Any rule, and its encoding with anything in it; messages only, or any. */
static const struct schema *
any_message(struct bytes *out, bool message)
{
    size_t count;
    const struct schema *const *schemas = msg_schemas(&count);
    const struct schema *schema;

    for (;;) {
        schema = schemas[below(count)];
        if (message && schema->fields[0].type != FIELD_CONST)
            continue;
        assert(schema->size <= sizeof object);
        forge_fill(&object, schema, FORGE_ANY, LONGEST, &seed);
        if (schema_encode(out->data, sizeof out->data, &out->len, schema, &object) == STATUS_OK)
            return schema;
    }
}

/* The network that a payload names; most name one of 32 bits that nobody else would guess. */
static uint64_t
network_in(const struct schema *schema)
{
    uint64_t network;

    if (percent(10) || strcmp(schema->fields[1].name, "network") != 0)
        return a_network();
    memcpy(&network, object.bytes + schema->fields[1].offset, sizeof network);
    return network;
}

static void
random_payload(void)
{
    static struct bytes bytes;
    const struct schema *schema = any_message(&bytes, false);
    const bool message = schema->fields[0].type == FIELD_CONST;

    perhaps_change(&bytes, 40);
    frame_put_text(&call, schema->name);
    if (message)
        frame_put_number(&call, network_in(schema));
    put_bytes(&bytes);
    if (message)
        RECORD(payload);
    else
        RECORD(carrier);
}

static void
random_envelope(void)
{
    static struct bytes bytes;
    static uint8_t payload[300];
    struct cose_message message = {.payload = {payload, below(sizeof payload)}};

    fill(payload, message.payload.len);
    fill(&message.kid, sizeof message.kid);
    fill(&message.signature, sizeof message.signature);
    if (cose_encode(bytes.data, sizeof bytes.data, &bytes.len, &message) != STATUS_OK)
        bytes.len = 0;
    perhaps_change(&bytes, 50);
    put_bytes(&bytes);
    RECORD(envelope);
}

static struct msg_transfer
a_transfer(void)
{
    struct msg_transfer transfer = {
        .payee = percent(95) ? TILL : TILL + 1, .from = 100 * below(20), .seq = below(8)};

    transfer.to = percent(95) ? transfer.from + 400 : 1 + below(2000);
    transfer.prev[0] = (uint8_t)below(8);
    return transfer;
}

static void
random_transfer_to_verify(void)
{
    static struct bytes bytes;
    const struct msg_transfer transfer = a_transfer();
    const struct forge_key *key = perhaps(&wallet, 90);
    struct digest request = {{1}};
    struct digest thumbprint;

    sign_transfer(&bytes, &transfer, &request, &wallet);
    perhaps_change(&bytes, 20);
    request.bytes[31] = percent(90) ? 0 : 1;
    crypt_thumbprint(&thumbprint, percent(95) ? &key->key : &issuer.key);
    frame_put_text(&call, "transfer");
    frame_put_number(&call, a_network());
    put_bytes(&bytes);
    put_key(key);
    put_digest(&thumbprint);
    put_digest(&request);
    frame_put_number(&call, TILL);
    RECORD(verify);
}

static void
random_verify(void)
{
    static struct bytes bytes;
    const struct schema *schema = any_message(&bytes, true);
    const struct forge_key *key = perhaps(&issuer, 90);
    struct cose_message message = {.kid = key->kid, .payload = {bytes.data, bytes.len}};
    static struct bytes cose;
    struct cose_aad aad;
    uint64_t network;

    if (schema == &msg_transfer_schema || percent(20)) {
        random_transfer_to_verify();
        return;
    }
    network = network_in(schema);
    msg_aad(&aad, schema, network);
    if (cose_sign(cose.data, sizeof cose.data, &cose.len, &issuer.secret, &aad, message.payload) !=
        STATUS_OK)
        cose.len = 0;
    perhaps_change(&cose, 30);
    frame_put_text(&call, schema->name);
    frame_put_number(&call, network);
    put_bytes(&cose);
    put_key(key);
    RECORD(verify);
}

/* --- codes -------------------------------------------------------------------------------------
 */

static void
random_payment(void)
{
    static struct bytes bytes;
    static struct msg_payment_code code;
    const struct digest request = {{(uint8_t)below(256)}};
    enum status status;

    forge_fill(&code, &msg_payment_code_schema, FORGE_ANY, LONGEST, &seed);
    status =
        schema_encode(bytes.data, sizeof bytes.data, &bytes.len, &msg_payment_code_schema, &code);
    assert(status == STATUS_OK);
    perhaps_change(&bytes, 20);
    frame_put_number(&call, percent(90) ? code.network : NETWORK);
    put_code(TEXT_PAYMENT, &bytes, 10);
    put_digest(&request);
    RECORD(payment);
}

static void
random_request(void)
{
    static struct bytes bytes;
    static struct msg_request_code code;
    static uint8_t nonce[8];
    enum status status;

    forge_fill(&code, &msg_request_code_schema, FORGE_ANY, LONGEST, &seed);
    if (percent(80)) {
        const bool whole = percent(70);

        nonce[7] = (uint8_t)below(4);
        code.nonce = (struct span){nonce, whole ? sizeof nonce : 0};
        code.seconds = whole ? 300 : 0;
        code.amount = MONEY_ZERO;
        if (whole && money_from_cents(&code.amount, 1 + below(10000)) != STATUS_OK)
            abort();
        code.partial = whole ? code.partial : 0;
    }
    status =
        schema_encode(bytes.data, sizeof bytes.data, &bytes.len, &msg_request_code_schema, &code);
    assert(status == STATUS_OK);
    perhaps_change(&bytes, 20);
    frame_put_number(&call, percent(90) ? code.network : NETWORK);
    put_code(TEXT_REQUEST, &bytes, 10);
    RECORD(request);
}

static struct msg_allowance
an_allowance(void)
{
    struct msg_allowance allowance = {.network = NETWORK,
                                      .key = wallet.key,
                                      .class = percent(95) ? 1 : 2,
                                      .tier = 1 + below(3),
                                      .from = NOW - HOUR * below(200),
                                      .hours = percent(80) ? 168 : 1 + below(168),
                                      .restriction = percent(90) ? 0 : below(4),
                                      .online = percent(95) ? 0 : 1};
    const uint64_t amount = percent(80) ? 5000 : 1 + below(2000);
    const uint64_t limit = percent(80) ? 2500 : 1 + below(2000);

    if (money_from_cents(&allowance.amount, amount) != STATUS_OK ||
        money_from_cents(&allowance.limit, limit) != STATUS_OK)
        abort();
    return allowance;
}

/* What a wallet does: its key, its signature, its code. */
static void
random_signing(void)
{
    static struct bytes transfer_cose;
    static struct bytes allowance_cose;
    const struct msg_allowance allowance = an_allowance();
    const struct msg_transfer transfer = a_transfer();
    struct digest request;

    fill(&request, sizeof request);
    if (percent(30)) {
        put_digest(&request);
        RECORD(key);
        return;
    }
    frame_put_number(&call, a_network());
    if (percent(50)) {
        sign_transfer(&transfer_cose, &transfer, &request, perhaps(&wallet, 90));
        sign(&allowance_cose, NULL, &msg_allowance_schema, &allowance, &issuer);
        perhaps_change(&allowance_cose, 20);
        perhaps_change(&transfer_cose, 20);
        put_bytes(&allowance_cose);
        put_bytes(&transfer_cose);
        RECORD(payment_build);
        return;
    }
    frame_put_bytes(&call, wallet.secret.bytes, SEED_SIZE);
    put_digest(&request);
    frame_put_number(&call, transfer.payee);
    frame_put_number(&call, transfer.from);
    frame_put_number(&call, percent(95) ? transfer.to : forge_random(&seed));
    frame_put_number(&call, percent(95) ? transfer.seq : forge_random(&seed));
    frame_put_bytes(&call, transfer.prev, sizeof transfer.prev);
    RECORD(transfer_sign);
}

/* --- rules -------------------------------------------------------------------------------------
 */

static struct msg_till
a_till(void)
{
    static const char title[] = "Caf\xC3\xA9";
    struct msg_till out = {.network = NETWORK,
                           .till = TILL,
                           .merchant = 4711,
                           .key = till.key,
                           .title = {(const uint8_t *)title, sizeof title - 1},
                           .level = 1,
                           .count = percent(90) ? 60 : 1 + below(4),
                           .classes = percent(95) ? 3 : 1 + below(2),
                           .restrictions_count = 2,
                           .restrictions = {1, 3},
                           .from = NOW - HOUR * below(9),
                           .until = NOW + HOUR * below(100)};

    if (money_from_cents(&out.limit, percent(90) ? 50000 : 1 + below(1000)) != STATUS_OK)
        abort();
    return out;
}

static void
put_parameters(void)
{
    static struct bytes bytes;
    static struct msg_parameters parameters;
    enum status status;

    forge_fill(&parameters, &msg_parameters_schema, FORGE_LEAST, LONGEST, &seed);
    parameters.network = NETWORK;
    parameters.stale_percent = 1 + below(100);
    parameters.fresh_seconds = 24 * HOUR;
    parameters.offline_seconds = 72 * HOUR;
    if (money_from_cents(&parameters.per_allowance, 400 + 400 * below(6)) != STATUS_OK ||
        money_from_cents(&parameters.per_allowance_stale, 400 + 400 * below(3)) != STATUS_OK ||
        money_from_cents(&parameters.anonymous_allowance, 800) != STATUS_OK ||
        money_from_cents(&parameters.anonymous_total, 1000) != STATUS_OK)
        abort();
    status = schema_encode(bytes.data, sizeof bytes.data, &bytes.len, &msg_parameters_schema,
                           &parameters);
    assert(status == STATUS_OK);
    put_bytes(&bytes);
}

static struct msg_request
a_request(void)
{
    const bool whole = percent(90);
    struct msg_request request = {.network = NETWORK,
                                  .till = TILL,
                                  .class = percent(95) ? 1 : 2,
                                  .number = below(1000),
                                  .time = NOW - (percent(95) ? below(300) : 400),
                                  .seconds = whole ? 300 : 0,
                                  .partial = whole && percent(20) ? 1 : 0};

    if (whole) {
        request.nonce[0] = 1;
        if (money_from_cents(&request.amount, percent(90) ? 400 : 1 + below(500)) != STATUS_OK)
            abort();
    }
    return request;
}

/* Signs and puts a request of the till, in any state. */
static void
put_request(struct digest *id)
{
    static struct bytes bytes;
    const struct msg_request request = a_request();

    sign(&bytes, id, &msg_request_schema, &request, &till);
    put_bytes(&bytes);
    frame_put_number(&call, percent(90) ? ACCEPT_OPEN : 1 + below(5));
}

static void
put_signers(const struct forge_key *key)
{
    frame_put_number(&call, 2);
    for (unsigned i = 0; i < 2; i++) {
        put_key(i == 0 ? &news_key : key);
        frame_put_number(&call, NOW - HOUR * (percent(95) ? 1000 : below(100)));
        frame_put_number(&call, NOW);
        frame_put_number(&call, NOW + below(100));
        frame_put_number(&call, percent(95) ? 0 : 1);
    }
}

static void
put_accepted(void)
{
    const uint64_t count = percent(60) ? 0 : below(8);

    frame_put_number(&call, count);
    for (uint64_t i = 0; i < count; i++) {
        const struct msg_transfer transfer = a_transfer();
        const struct forge_key *line = perhaps(&wallet, 30);

        frame_put_bytes(&call, line->kid.bytes, sizeof line->kid.bytes);
        frame_put_number(&call, 1 + below(3));
        frame_put_number(&call, transfer.from);
        frame_put_number(&call, transfer.to);
        frame_put_number(&call, transfer.seq);
        frame_put_bytes(&call, transfer.prev, sizeof transfer.prev);
        frame_put_number(&call, below(2));
    }
}

/* The code that is shown, made of an allowance and a transfer for a request. */
static void
make_code(struct bytes *out, const struct digest *request)
{
    static struct bytes allowance_cose;
    static struct bytes transfer_cose;
    const struct msg_allowance allowance = an_allowance();
    const struct msg_transfer transfer = a_transfer();
    enum status status;

    sign(&allowance_cose, NULL, &msg_allowance_schema, &allowance, perhaps(&issuer, 97));
    sign_transfer(&transfer_cose, &transfer, request, &wallet);
    status = code_payment_build(out->data, sizeof out->data, &out->len, NETWORK,
                                (struct span){allowance_cose.data, allowance_cose.len},
                                (struct span){transfer_cose.data, transfer_cose.len});
    assert(status == STATUS_OK);
}

static void
random_accept(void)
{
    static struct bytes bytes;
    const struct msg_till certificate = a_till();
    const uint64_t requests = 1 + below(3);
    struct digest request = {{1}};

    frame_put_number(&call, NETWORK);
    sign(&bytes, NULL, &msg_till_schema, &certificate, &enrolment);
    perhaps_change(&bytes, 2);
    put_bytes(&bytes);
    put_key(&enrolment);
    put_parameters();
    put_signers(&issuer);
    frame_put_number(&call, 1);
    frame_put_bytes(&call, perhaps(&wallet, 5)->kid.bytes, KID_SIZE);
    frame_put_number(&call, NOW - below(60));
    frame_put_number(&call, NOW - HOUR * (percent(80) ? below(24) : below(250)));
    frame_put_number(&call, NOW - HOUR * (percent(80) ? below(24) : below(90)));
    frame_put_number(&call, requests);
    for (uint64_t i = 0; i < requests; i++)
        put_request(&request);
    put_accepted();
    make_code(&bytes, &request);
    frame_put_number(&call, percent(3) ? 1 : 0);
    if (call.data[call.len - 8] != 0)
        put_code(TEXT_PAYMENT, &bytes, 0);
    perhaps_change(&bytes, 10);
    put_code(TEXT_PAYMENT, &bytes, 5);
    frame_put_number(&call, NOW + below(30));
    RECORD(accept);
}

/* What a payer asks about the code of a till. */
static void
random_request_verify(void)
{
    static struct bytes bytes;
    static struct bytes till_cose;
    static struct bytes request_cose;
    const struct msg_till certificate = a_till();
    const struct msg_request request = a_request();
    enum status status;

    sign(&till_cose, NULL, &msg_till_schema, &certificate, perhaps(&enrolment, 95));
    sign(&request_cose, NULL, &msg_request_schema, &request, &till);
    status = code_request_build(bytes.data, sizeof bytes.data, &bytes.len, NETWORK,
                                (struct span){till_cose.data, till_cose.len},
                                (struct span){request_cose.data, request_cose.len});
    assert(status == STATUS_OK);
    perhaps_change(&bytes, 10);
    frame_put_number(&call, a_network());
    put_signers(&enrolment);
    put_code(TEXT_REQUEST, &bytes, 5);
    RECORD(request_verify);
}

/* And about what the till shows when it is paid. */
static void
random_receipt(void)
{
    static struct bytes bytes;
    struct msg_receipt receipt = {.till = percent(95) ? TILL : TILL + 1, .time = NOW};

    fill(&receipt.transfer, sizeof receipt.transfer);
    receipt.index = below(1000);
    sign(&bytes, NULL, &msg_receipt_schema, &receipt, perhaps(&till, 95));
    perhaps_change(&bytes, 10);
    frame_put_number(&call, a_network());
    put_bytes(&bytes);
    receipt.transfer.bytes[0] ^= percent(95) ? 0 : 1;
    put_digest(&receipt.transfer);
    frame_put_number(&call, TILL);
    put_key(&till);
    RECORD(receipt);
}

static void
random_evidence(void)
{
    static struct bytes bytes;
    const struct msg_allowance allowance = an_allowance();

    frame_put_number(&call, a_network());
    frame_put_number(&call, 2);
    put_key(&enrolment);
    put_key(&issuer);
    sign(&bytes, NULL, &msg_allowance_schema, &allowance, perhaps(&issuer, 95));
    perhaps_change(&bytes, 5);
    put_bytes(&bytes);
    for (unsigned i = 0; i < 2; i++) {
        const struct msg_transfer transfer = a_transfer();
        struct digest request = {{(uint8_t)below(2)}};

        sign_transfer(&bytes, &transfer, &request, &wallet);
        perhaps_change(&bytes, 5);
        put_bytes(&bytes);
        request.bytes[1] = percent(95) ? 0 : 1;
        put_digest(&request);
    }
    RECORD(evidence);
}

/* Ids are their number in the first byte; a set of them is a mask. */
static size_t
ids_of(struct kid *out, uint64_t set)
{
    size_t count = 0;

    memset(out, 0, 25 * sizeof out[0]);
    for (unsigned i = 0; i < 24; i++) {
        if ((set >> i & 1) != 0)
            out[count++].bytes[0] = (uint8_t)(8 * i);
    }
    return count;
}

static void
random_news(void)
{
    static struct bytes bytes;
    static struct msg_news news;
    struct kid ids[25];
    const uint64_t before = below(1 << 24);
    const uint64_t after = before ^ (below(1 << 24) & below(1 << 24));
    const uint64_t version = 10 + below(10);
    struct span run = {ids[0].bytes, 0};
    size_t count;

    memset(&news, 0, sizeof news);
    news.network = NETWORK;
    news.from = percent(90) ? version : below(30);
    news.to = percent(90) ? version + below(9) : below(30);
    news.added_count = ids_of(news.added, after & ~before);
    news.removed_count = ids_of(news.removed, before & ~after);
    news.time = NOW;
    run.len = KID_SIZE * ids_of(ids, percent(90) ? after : before);
    crypt_hash(&news.hash, &run, 1);
    sign(&bytes, NULL, &msg_news_schema, &news, perhaps(&news_key, 95));
    perhaps_change(&bytes, 10);
    frame_put_number(&call, a_network());
    put_key(&news_key);
    frame_put_number(&call, version);
    frame_put_number(&call, NOW + (percent(90) ? 0 : 1) - 1);
    count = ids_of(ids, before);
    frame_put_number(&call, count);
    for (size_t i = 0; i < count; i++)
        frame_put_bytes(&call, ids[count - 1 - i].bytes, KID_SIZE);
    put_bytes(&bytes);
    RECORD(news);
}

static void
random_merkle(void)
{
    static struct bytes entry;
    const uint64_t entries = below(70);

    frame_put_number(&call, entries);
    for (uint64_t i = 0; i < entries; i++) {
        entry.len = below(9);
        fill(entry.data, entry.len);
        put_bytes(&entry);
    }
    for (unsigned lists = 0; lists < 2; lists++) {
        const uint64_t count = entries == 0 ? 0 : below(5);

        frame_put_number(&call, count);
        for (uint64_t i = 0; i < count; i++)
            frame_put_number(&call, percent(95) ? below(entries) : forge_random(&seed));
    }
    RECORD(merkle);
}

static void
random_checkpoint(void)
{
    static const char origin[] = "log.example.org/wuppertal";
    const struct span name = {(const uint8_t *)origin, sizeof origin - 1};
    static struct note note;
    static struct bytes bytes;
    struct note_key key;
    struct digest root;
    enum status status = note_key_make(&key, NOTE_ED25519, name, &issuer.key);

    fill(&root, sizeof root);
    assert(status == STATUS_OK);
    status =
        checkpoint_sign(&note, forge_random(&seed) >> (2 + below(60)), &root, &key, &issuer.secret);
    if (status != STATUS_OK)
        note.len = 0;
    bytes.len = note.len;
    memcpy(bytes.data, note.bytes, note.len);
    perhaps_change(&bytes, 40);
    put_bytes(&bytes);
    frame_put_bytes(&call, origin, sizeof origin - 1 - (percent(95) ? 0 : below(26)));
    put_key(perhaps(&issuer, 95));
    RECORD(checkpoint);
}

/* --- all ----------------------------------------------------------------------------------------
 */

static void
random_call(void)
{
    static const struct {
        unsigned weight;
        void (*make)(void);
    } makers[] = {{580, random_payload},       {120, random_text},   {90, random_envelope},
                  {50, random_payment},        {50, random_request}, {30, random_verify},
                  {10, random_evidence},       {10, random_news},    {10, random_accept},
                  {10, random_merkle},         {10, random_signing}, {10, random_checkpoint},
                  {10, random_request_verify}, {10, random_receipt}};
    uint64_t at = below(1000);
    size_t i = 0;

    call = (struct frame_out){call_bytes, sizeof call_bytes, 0};
    while (at >= makers[i].weight)
        at -= makers[i++].weight;
    makers[i].make();
}

int
main(int argc, char **argv)
{
    const unsigned long count = argc == 2 ? strtoul(argv[1], NULL, 10) : 0;

    if (count == 0) {
        fprintf(stderr, "usage: agree COUNT\n");
        return 2;
    }
    forge_key(&issuer, "allowance role");
    forge_key(&wallet, "wallet");
    forge_key(&stranger, "another wallet");
    forge_key(&till, "till");
    forge_key(&enrolment, "enrolment role");
    forge_key(&news_key, "news role");
    for (unsigned long i = 0; i < count; i++)
        random_call();
    return fflush(stdout) == 0 && ferror(stdout) == 0 ? 0 : 1;
}
