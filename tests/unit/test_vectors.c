/* Vectors of bytes, messages, codes and logs through the C core. */
#include "check.h"

#include <stdlib.h>

#include "forge.h"
#include "protocol/checkpoint.h"
#include "protocol/code.h"
#include "protocol/merkle.h"
#include "vector.h"

static union {
    uint8_t bytes[1 << 18];
    uint64_t aligned;
} object;

/* --- bytes and messages ------------------------------------------------------------------------
 */

static enum status
check_text(json_t *v)
{
    static uint8_t bytes[TEXT_BYTES_MAX];
    static char again[TEXT_SIZE_MAX];
    const char letter = vector_text(v, "letter")[0];
    enum text_kind kind = TEXT_PAYMENT;
    size_t len;
    size_t again_len;
    enum status status;

#define X(number, name, character, words)                                                          \
    if (letter == (character))                                                                     \
        kind = TEXT_##name;
    TEXT_LIST(X)
#undef X
    status = text_decode(bytes, sizeof bytes, &len, kind, vector_text_span(v, "text"));
    if (status != STATUS_OK)
        return status;
    vector_same(v, "bytes", bytes, len);
    CHECK_STATUS(text_encode(again, sizeof again, &again_len, kind, (struct span){bytes, len}),
                 STATUS_OK);
    CHECK_STATUS(text_decode(bytes, sizeof bytes, &len, kind,
                             (struct span){(const uint8_t *)again, again_len}),
                 STATUS_OK);
    vector_same(v, "bytes", bytes, len);
    return STATUS_OK;
}

static enum status
check_envelope(json_t *v)
{
    static uint8_t again[COSE_MESSAGE_MAX];
    const struct span cose = vector_bytes(v, "cose");
    struct cose_message message;
    size_t len;
    const enum status status = cose_parse(&message, cose, COSE_MESSAGE_LARGE_MAX);

    if (status != STATUS_OK)
        return status;
    vector_same(v, "kid", message.kid.bytes, sizeof message.kid);
    vector_same(v, "payload", message.payload.data, message.payload.len);
    vector_same(v, "signature", message.signature.bytes, sizeof message.signature);
    CHECK_STATUS(cose_encode(again, sizeof again, &len, &message), STATUS_OK);
    CHECK(len == cose.len && memcmp(again, cose.data, len) == 0);
    return STATUS_OK;
}

static const struct schema *
rule_of(json_t *v)
{
    size_t count;
    const struct schema *const *schemas = msg_schemas(&count);

    for (size_t i = 0; i < count; i++) {
        if (strcmp(schemas[i]->name, vector_text(v, "rule")) == 0)
            return schemas[i];
    }
    fprintf(stderr, "no rule %s\n", vector_text(v, "rule"));
    abort();
}

/* Through an envelope, as msg_open compares the network. */
static enum status
check_payload(json_t *v)
{
    static uint8_t cose[COSE_MESSAGE_LARGE_MAX];
    const struct schema *schema = rule_of(v);
    struct cose_message message = {.payload = vector_bytes(v, "payload")};
    size_t len;
    enum status status;

    if (message.payload.len == 0)
        return schema_decode(&object, schema, message.payload);
    CHECK_STATUS(cose_encode(cose, sizeof cose, &len, &message), STATUS_OK);
    status =
        msg_open(&message, &object, schema, vector_number(v, "network"), (struct span){cose, len});
    if (status == STATUS_OK)
        vector_same_fields(v, schema, &object);
    return status;
}

static enum status
check_carrier(json_t *v)
{
    const struct schema *schema = rule_of(v);
    struct schema inner = *schema;
    enum status status;

    /* Records that only lie inside others have no limit of their own. */
    if (inner.bytes_max == 0)
        inner.bytes_max = 64;
    status = schema_decode(&object, &inner, vector_bytes(v, "bytes"));
    if (status == STATUS_OK)
        vector_same_fields(v, schema, &object);
    return status;
}

static enum status
check_verify_transfer(json_t *v)
{
    const uint64_t network = vector_number(v, "network");
    const struct span cose = vector_bytes(v, "cose");
    const struct cose_extra extras[] = {{.bytes = vector_bytes(v, "thumbprint")},
                                        {.bytes = vector_bytes(v, "request")},
                                        {.number = vector_number(v, "payee")}};
    struct cose_message message;
    struct public_key key;
    struct digest thumbprint;
    struct digest request;
    struct digest id;
    struct cose_aad aad;
    enum status status = msg_open(&message, &object, &msg_transfer_schema, network, cose);

    if (status != STATUS_OK)
        return status;
    vector_fill(key.bytes, sizeof key.bytes, v, "key");
    vector_fill(request.bytes, sizeof request.bytes, v, "request");
    crypt_thumbprint(&thumbprint, &key);
    if (memcmp(extras[0].bytes.data, thumbprint.bytes, sizeof thumbprint.bytes) != 0) {
        /* Of another line: the rules never get there, as they know the key. */
        cose_aad(&aad, (uint32_t)network, MSG_TRANSFER, extras, 3);
        return cose_verify(&message, &key, &aad);
    }
    status = transfer_verify(&message, network, &key, &request, extras[2].number);
    if (status == STATUS_OK) {
        transfer_id(&id, &message, network, &key, &request, extras[2].number);
        vector_same(v, "id", id.bytes, sizeof id.bytes);
    }
    return status;
}

static enum status
check_verify(json_t *v)
{
    const uint64_t network = vector_number(v, "network");
    const struct schema *schema = rule_of(v);
    struct cose_message message;
    struct public_key key;
    struct digest id;
    enum status status;

    if (schema == &msg_transfer_schema)
        return check_verify_transfer(v);
    vector_fill(key.bytes, sizeof key.bytes, v, "key");
    status = msg_open(&message, &object, schema, network, vector_bytes(v, "cose"));
    if (status == STATUS_OK)
        status = msg_verify(&message, schema, network, &key);
    if (status == STATUS_OK) {
        msg_id(&id, &message, schema, network);
        vector_same(v, "id", id.bytes, sizeof id.bytes);
    }
    return status;
}

/* --- codes -------------------------------------------------------------------------------------
 */

static enum status
check_payment(json_t *v)
{
    static struct code_payment payment;
    static struct code_bytes bytes;
    uint8_t again[CODE_BYTES_MAX];
    const uint64_t network = vector_number(v, "network");
    struct cose_message message;
    struct digest request;
    struct digest id;
    size_t len;
    const enum status status =
        code_payment_read(&payment, &bytes, network, vector_text_span(v, "code"));

    if (status != STATUS_OK)
        return status;
    vector_same(v, "allowance", payment.allowance_cose.bytes, payment.allowance_cose.len);
    vector_same(v, "transfer", payment.transfer_cose.bytes, payment.transfer_cose.len);
    message = forge_open(code_span(&payment.allowance_cose));
    msg_id(&id, &message, &msg_allowance_schema, network);
    vector_same(v, "allowance_id", id.bytes, sizeof id.bytes);
    vector_fill(request.bytes, sizeof request.bytes, v, "request");
    message = forge_open(code_span(&payment.transfer_cose));
    transfer_id(&id, &message, network, &payment.allowance.key, &request, payment.transfer.payee);
    vector_same(v, "transfer_id", id.bytes, sizeof id.bytes);
    CHECK_STATUS(code_payment_build(again, sizeof again, &len, network,
                                    code_span(&payment.allowance_cose),
                                    code_span(&payment.transfer_cose)),
                 STATUS_OK);
    CHECK(len == bytes.len && memcmp(again, bytes.bytes, len) == 0);
    return STATUS_OK;
}

static enum status
check_request(json_t *v)
{
    static struct code_request request;
    static struct code_bytes bytes;
    uint8_t again[CODE_BYTES_MAX];
    const uint64_t network = vector_number(v, "network");
    size_t len;
    const enum status status =
        code_request_read(&request, &bytes, network, vector_text_span(v, "code"));

    if (status != STATUS_OK)
        return status;
    vector_same(v, "till", request.till_cose.bytes, request.till_cose.len);
    vector_same(v, "request", request.request_cose.bytes, request.request_cose.len);
    vector_same(v, "request_id", request.request_id.bytes, sizeof request.request_id);
    CHECK_STATUS(code_request_build(again, sizeof again, &len, network,
                                    code_span(&request.till_cose),
                                    code_span(&request.request_cose)),
                 STATUS_OK);
    CHECK(len == bytes.len && memcmp(again, bytes.bytes, len) == 0);
    return STATUS_OK;
}

/* --- logs --------------------------------------------------------------------------------------
 */

#define MANY 128

static struct digest leaves[MANY];
static size_t leaves_count;

static void
root_of(struct digest *out, size_t low, size_t high)
{
    static struct merkle_frontier tree;

    memset(&tree, 0, sizeof tree);
    for (size_t i = low; i < high; i++)
        merkle_append(&tree, &leaves[i]);
    merkle_root(out, &tree);
}

static enum status
get_node(void *context, struct digest *out, unsigned level, uint64_t index)
{
    (void)context;
    if ((index + 1) << level > leaves_count)
        return STATUS_NOT_FOUND;
    root_of(out, (size_t)index << level, (size_t)(index + 1) << level);
    return STATUS_OK;
}

static void
same_path(json_t *one, const struct merkle_path *path)
{
    json_t *hashes = json_object_get(one, "path");

    CHECK(json_array_size(hashes) == path->count);
    for (size_t i = 0; i < path->count && i < json_array_size(hashes); i++) {
        struct digest hash;

        vector_fill_element(hash.bytes, sizeof hash.bytes, json_array_get(hashes, i));
        CHECK(memcmp(&hash, &path->hashes[i], sizeof hash) == 0);
    }
}

static enum status
check_merkle(json_t *v)
{
    const struct merkle_source source = {get_node, NULL};
    json_t *entries = json_object_get(v, "entries");
    json_t *list;
    json_t *one;
    size_t i;
    struct digest root;
    struct merkle_path path;

    leaves_count = 0;
    json_array_foreach(entries, i, one) merkle_leaf(&leaves[leaves_count++], vector_element(one));
    root_of(&root, 0, leaves_count);
    vector_same(v, "root", root.bytes, sizeof root.bytes);
    list = json_object_get(v, "inclusion");
    json_array_foreach(list, i, one)
    {
        const uint64_t index = vector_number(one, "index");

        CHECK_STATUS(merkle_inclusion(&path, source, index, leaves_count), STATUS_OK);
        same_path(one, &path);
        CHECK_STATUS(merkle_verify_inclusion(&path, &leaves[index], index, leaves_count, &root),
                     STATUS_OK);
    }
    list = json_object_get(v, "consistency");
    json_array_foreach(list, i, one)
    {
        const uint64_t old = vector_number(one, "old");
        struct digest root_old;

        root_of(&root_old, 0, (size_t)old);
        CHECK_STATUS(merkle_consistency(&path, source, old, leaves_count), STATUS_OK);
        same_path(one, &path);
        CHECK_STATUS(merkle_verify_consistency(&path, old, &root_old, leaves_count, &root),
                     STATUS_OK);
    }
    return STATUS_OK;
}

static enum status
check_checkpoint(json_t *v)
{
    static struct checkpoint checkpoint;
    struct note_key key;
    struct note_check check;
    struct public_key public_key;
    enum status status;

    vector_fill(public_key.bytes, sizeof public_key.bytes, v, "key");
    CHECK_STATUS(note_key_make(&key, NOTE_ED25519, vector_text_span(v, "key_name"), &public_key),
                 STATUS_OK);
    status = checkpoint_verify(&checkpoint, &check, vector_text_span(v, "note"), &key, 1);
    if (status != STATUS_OK)
        return status;
    CHECK(strcmp(checkpoint.origin, vector_text(v, "origin")) == 0);
    CHECK(checkpoint.size == vector_number(v, "size"));
    vector_same(v, "root", checkpoint.root.bytes, sizeof checkpoint.root);
    return STATUS_OK;
}

/* --- all ----------------------------------------------------------------------------------------
 */

#define OP(name, least)                                                                            \
    TEST(vectors_of_##name)                                                                        \
    {                                                                                              \
        vector_run(#name, check_##name, least);                                                    \
    }

OP(text, 60)
OP(envelope, 100)
OP(payload, 1000)
OP(verify, 60)
OP(carrier, 200)
OP(payment, 20)
OP(request, 30)
OP(merkle, 20)
OP(checkpoint, 30)

int
main(int argc, char **argv)
{
    return check_run(argc, argv);
}
