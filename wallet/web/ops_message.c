/* Codes, envelopes and messages, and the signing of a payment. */
#include "ops.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "protocol/code.h"

enum status
ops_status(struct frame_out *out, struct frame_in *in)
{
    const uint64_t number = frame_number(in);

    frame_end(in);
    frame_put_text(out, status_name((enum status)number));
    return STATUS_OK;
}

/* --- texts --- */

static enum status
read_kind(enum text_kind *kind, struct frame_in *in)
{
    uint8_t prefix[TEXT_PREFIX_LEN] = {'W', 'U', '1'};

    frame_fixed(prefix + TEXT_PREFIX_LEN - 1, 1, in);
    return text_kind(kind, (struct span){prefix, sizeof prefix});
}

enum status
ops_text_decode(struct frame_out *out, struct frame_in *in)
{
    uint8_t bytes[TEXT_BYTES_MAX];
    size_t len = 0;
    enum text_kind kind;
    enum status status = read_kind(&kind, in);
    const struct span text = frame_bytes(in);

    frame_end(in);
    if (status == STATUS_OK)
        status = text_decode(bytes, sizeof bytes, &len, kind, text);
    if (status == STATUS_OK)
        frame_put_bytes(out, bytes, len);
    return status;
}

enum status
ops_text_encode(struct frame_out *out, struct frame_in *in)
{
    char text[TEXT_SIZE_MAX];
    size_t len = 0;
    enum text_kind kind;
    enum status status = read_kind(&kind, in);
    const struct span bytes = frame_bytes(in);

    frame_end(in);
    if (status == STATUS_OK)
        status = text_encode(text, sizeof text, &len, kind, bytes);
    if (status == STATUS_OK)
        frame_put_bytes(out, text, len);
    return status;
}

/* --- messages --- */

/* Room for the struct of any rule. */
static union {
    uint8_t bytes[1 << 15];
    uint64_t aligned;
} object;

static bool
is_named(const struct schema *schema, struct span name)
{
    return strlen(schema->name) == name.len && memcmp(schema->name, name.data, name.len) == 0;
}

static const struct schema *
read_rule(struct frame_in *in)
{
    const struct span name = frame_bytes(in);
    size_t count;
    size_t i = 0;
    const struct schema *const *schemas = msg_schemas(&count);

    while (i < count && !is_named(schemas[i], name))
        i++;
    assert(i < count);
    assert(schemas[i]->size <= sizeof object);
    return schemas[i];
}

enum status
ops_envelope(struct frame_out *out, struct frame_in *in)
{
    struct cose_message message;
    const struct span cose = frame_bytes(in);
    enum status status;

    frame_end(in);
    status = cose_parse(&message, cose, COSE_MESSAGE_LARGE_MAX);
    if (status != STATUS_OK)
        return status;
    frame_put_bytes(out, message.kid.bytes, sizeof message.kid.bytes);
    frame_put_bytes(out, message.payload.data, message.payload.len);
    frame_put_bytes(out, message.signature.bytes, sizeof message.signature.bytes);
    return STATUS_OK;
}

/* The network is looked at when a message is opened, so an envelope is put around the payload. */
enum status
ops_payload(struct frame_out *out, struct frame_in *in)
{
    static uint8_t cose[COSE_MESSAGE_LARGE_MAX];
    const struct schema *schema = read_rule(in);
    const uint64_t network = frame_network(in);
    struct cose_message message = {.payload = frame_bytes(in)};
    size_t len = 0;
    enum status status;

    frame_end(in);
    if (message.payload.len == 0)
        return schema_decode(&object, schema, message.payload);
    status = cose_encode(cose, sizeof cose, &len, &message);
    if (status == STATUS_OK)
        status = msg_open(&message, &object, schema, network, (struct span){cose, len});
    if (status == STATUS_OK)
        frame_put_fields(out, schema, &object);
    return status;
}

enum status
ops_carrier(struct frame_out *out, struct frame_in *in)
{
    struct schema schema = *read_rule(in);
    const struct span bytes = frame_bytes(in);
    enum status status;

    frame_end(in);
    /* Records that only lie inside others have no limit of their own. */
    if (schema.bytes_max == 0)
        schema.bytes_max = 64;
    status = schema_decode(&object, &schema, bytes);
    if (status == STATUS_OK)
        frame_put_fields(out, &schema, &object);
    return status;
}

/* The rest of a call for a transfer. */
static enum status
verify_transfer(struct digest *id, const struct cose_message *message, uint64_t network,
                const struct public_key *key, struct frame_in *in)
{
    struct digest own;
    struct digest thumbprint;
    struct digest request;
    uint64_t payee;
    enum status status;

    frame_fixed(thumbprint.bytes, sizeof thumbprint.bytes, in);
    frame_fixed(request.bytes, sizeof request.bytes, in);
    payee = frame_number(in);
    frame_end(in);
    crypt_thumbprint(&own, key);
    if (memcmp(&own, &thumbprint, sizeof own) != 0)
        return STATUS_SIGNATURE_BAD;
    status = transfer_verify(message, network, key, &request, payee);
    if (status == STATUS_OK)
        transfer_id(id, message, network, key, &request, payee);
    return status;
}

enum status
ops_verify(struct frame_out *out, struct frame_in *in)
{
    const struct schema *schema = read_rule(in);
    const uint64_t network = frame_network(in);
    const struct span cose = frame_bytes(in);
    struct cose_message message;
    struct public_key key;
    struct digest id;
    enum status status = msg_open(&message, &object, schema, network, cose);

    frame_fixed(key.bytes, sizeof key.bytes, in);
    if (status != STATUS_OK)
        return status;
    if (schema == &msg_transfer_schema) {
        status = verify_transfer(&id, &message, network, &key, in);
    } else {
        frame_end(in);
        status = msg_verify(&message, schema, network, &key);
        if (status == STATUS_OK)
            msg_id(&id, &message, schema, network);
    }
    if (status == STATUS_OK)
        frame_put_bytes(out, id.bytes, sizeof id.bytes);
    return status;
}

/* --- codes --- */

static void
put_message(struct frame_out *out, const struct code_message *message)
{
    frame_put_bytes(out, message->bytes, message->len);
}

static struct cose_message
open_rebuilt(const struct code_message *rebuilt)
{
    struct cose_message message;
    const enum status status = cose_parse(&message, code_span(rebuilt), COSE_MESSAGE_MAX);

    assert(status == STATUS_OK);
    return message;
}

enum status
ops_payment(struct frame_out *out, struct frame_in *in)
{
    static struct code_payment code;
    static struct code_bytes bytes;
    const uint64_t network = frame_network(in);
    const struct span text = frame_bytes(in);
    struct cose_message message;
    struct digest request;
    struct digest id;
    enum status status;

    frame_fixed(request.bytes, sizeof request.bytes, in);
    frame_end(in);
    status = code_payment_read(&code, &bytes, network, text);
    if (status != STATUS_OK)
        return status;
    put_message(out, &code.allowance_cose);
    put_message(out, &code.transfer_cose);
    message = open_rebuilt(&code.allowance_cose);
    msg_id(&id, &message, &msg_allowance_schema, network);
    frame_put_bytes(out, id.bytes, sizeof id.bytes);
    message = open_rebuilt(&code.transfer_cose);
    transfer_id(&id, &message, network, &code.allowance.key, &request, code.transfer.payee);
    frame_put_bytes(out, id.bytes, sizeof id.bytes);
    return STATUS_OK;
}

enum status
ops_request(struct frame_out *out, struct frame_in *in)
{
    static struct code_request code;
    static struct code_bytes bytes;
    const uint64_t network = frame_network(in);
    const struct span text = frame_bytes(in);
    enum status status;

    frame_end(in);
    status = code_request_read(&code, &bytes, network, text);
    if (status != STATUS_OK)
        return status;
    put_message(out, &code.till_cose);
    put_message(out, &code.request_cose);
    frame_put_bytes(out, code.request_id.bytes, sizeof code.request_id.bytes);
    return STATUS_OK;
}

/* --- signing --- */

static void
read_secret(struct secret_key *secret, struct public_key *key, struct frame_in *in)
{
    const struct span seed = frame_bytes(in);

    assert(seed.len == SEED_SIZE);
    crypt_key_from_seed(secret, key, seed.data);
}

enum status
ops_key(struct frame_out *out, struct frame_in *in)
{
    struct secret_key secret;
    struct public_key key;
    struct digest thumbprint;

    read_secret(&secret, &key, in);
    crypt_wipe(&secret, sizeof secret);
    frame_end(in);
    crypt_thumbprint(&thumbprint, &key);
    frame_put_bytes(out, key.bytes, sizeof key.bytes);
    frame_put_bytes(out, thumbprint.bytes, sizeof thumbprint.bytes);
    return STATUS_OK;
}

enum status
ops_transfer_sign(struct frame_out *out, struct frame_in *in)
{
    uint8_t cose[TRANSFER_SIGN_SIZE];
    const uint64_t network = frame_network(in);
    struct secret_key secret;
    struct public_key key;
    struct digest request;
    struct digest id;
    struct msg_transfer transfer;
    size_t len = 0;
    enum status status;

    read_secret(&secret, &key, in);
    frame_fixed(request.bytes, sizeof request.bytes, in);
    transfer.payee = frame_number(in);
    transfer.from = frame_number(in);
    transfer.to = frame_number(in);
    transfer.seq = frame_number(in);
    frame_fixed(transfer.prev, sizeof transfer.prev, in);
    frame_end(in);
    status = transfer_sign(cose, sizeof cose, &len, &id, &transfer, network, &request, &secret);
    crypt_wipe(&secret, sizeof secret);
    if (status != STATUS_OK)
        return status;
    frame_put_bytes(out, cose, len);
    frame_put_bytes(out, id.bytes, sizeof id.bytes);
    return STATUS_OK;
}

enum status
ops_payment_build(struct frame_out *out, struct frame_in *in)
{
    uint8_t code[CODE_PAYMENT_MAX];
    char text[CODE_TEXT_SIZE];
    const uint64_t network = frame_network(in);
    const struct span allowance = frame_bytes(in);
    const struct span transfer = frame_bytes(in);
    size_t len = 0;
    enum status status;

    frame_end(in);
    status = code_payment_build(code, sizeof code, &len, network, allowance, transfer);
    if (status == STATUS_OK)
        status = text_encode(text, sizeof text, &len, TEXT_PAYMENT, (struct span){code, len});
    if (status == STATUS_OK)
        frame_put_bytes(out, text, len);
    return status;
}
