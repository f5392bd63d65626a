#include "code.h"

#include <assert.h>
#include <string.h>

struct span
code_span(const struct code_message *message)
{
    return (struct span){message->bytes, message->len};
}

bool
code_request_static(const struct msg_request *request)
{
    return money_is_zero(request->amount);
}

/* Writes the envelope of a message whose fields, kid and signature are known. The fields were read
 * from a code, whose table allows no value that the message's own table does not. */
static void
rebuild(struct code_message *out, const struct schema *schema, const void *object,
        const struct kid *kid, const struct signature *signature)
{
    uint8_t payload[CODE_MESSAGE_MAX];
    struct cose_message message = {.kid = *kid, .signature = *signature};
    size_t len;
    enum status status = schema_encode(payload, sizeof payload, &len, schema, object);

    assert(status == STATUS_OK);
    message.payload = (struct span){payload, len};
    status = cose_encode(out->bytes, sizeof out->bytes, &out->len, &message);
    assert(status == STATUS_OK);
    (void)status;
}

/* The envelope of a message that was rebuilt here, and therefore parses. */
static struct cose_message
envelope(const struct code_message *message)
{
    struct cose_message out;
    const enum status status = cose_parse(&out, code_span(message), CODE_MESSAGE_MAX);

    assert(status == STATUS_OK);
    return out;
}

static bool
is_kid_of(const struct kid *kid, const struct public_key *key)
{
    struct kid own;

    crypt_kid(&own, key);
    return memcmp(&own, kid, sizeof own) == 0;
}

/* Amount, nonce and seconds belong together: all there, or none of them in a static request, which
 * takes any amount and so is not partial. */
static bool
is_whole(const struct msg_request *request)
{
    static const uint8_t none[sizeof request->nonce];
    const bool fixed = !code_request_static(request);

    return fixed == (memcmp(request->nonce, none, sizeof none) != 0) &&
           fixed == (request->seconds != 0) && (fixed || request->partial == 0);
}

/* --- the payment code ------------------------------------------------------------------------- */

enum status
code_payment_build(uint8_t *out, size_t cap, size_t *len, uint64_t network, struct span allowance,
                   struct span transfer)
{
    struct msg_allowance a;
    struct msg_transfer t;
    struct cose_message a_cose;
    struct cose_message t_cose;
    enum status status;

    *len = 0;
    status = msg_open(&a_cose, &a, &msg_allowance_schema, network, allowance);
    if (status == STATUS_OK)
        status = msg_open(&t_cose, &t, &msg_transfer_schema, network, transfer);
    if (status != STATUS_OK)
        return status;
    if (!is_kid_of(&t_cose.kid, &a.key))
        return STATUS_SIGNATURE_BAD;

    struct msg_payment_code code = {
        .network = a.network,
        .key = a.key,
        .class = a.class,
        .tier = a.tier,
        .amount = a.amount,
        .limit = a.limit,
        .valid_from = a.from,
        .hours = a.hours,
        .restriction = a.restriction,
        .online = a.online,
        .issuer = a_cose.kid,
        .allowance_signature = a_cose.signature,
        .payee = t.payee,
        .from = t.from,
        .to = t.to,
        .seq = t.seq,
        .transfer_signature = t_cose.signature,
    };
    memcpy(code.prev, t.prev, sizeof code.prev);
    return schema_encode(out, cap, len, &msg_payment_code_schema, &code);
}

static void
payment_unpack(struct code_payment *out, const struct msg_payment_code *code)
{
    crypt_kid(&out->line, &code->key);
    out->allowance = (struct msg_allowance){
        .network = code->network,
        .key = code->key,
        .class = code->class,
        .tier = code->tier,
        .amount = code->amount,
        .limit = code->limit,
        .from = code->valid_from,
        .hours = code->hours,
        .restriction = code->restriction,
        .online = code->online,
    };
    out->transfer = (struct msg_transfer){
        .payee = code->payee,
        .from = code->from,
        .to = code->to,
        .seq = code->seq,
    };
    memcpy(out->transfer.prev, code->prev, sizeof code->prev);
    rebuild(&out->allowance_cose, &msg_allowance_schema, &out->allowance, &code->issuer,
            &code->allowance_signature);
    rebuild(&out->transfer_cose, &msg_transfer_schema, &out->transfer, &out->line,
            &code->transfer_signature);
}

enum status
code_payment_parse(struct code_payment *out, uint64_t network, struct span bytes)
{
    struct msg_payment_code code;
    enum status status = schema_decode(&code, &msg_payment_code_schema, bytes);

    memset(out, 0, sizeof *out);
    if (status == STATUS_OK && code.network != network)
        status = STATUS_NETWORK;
    if (status == STATUS_OK)
        payment_unpack(out, &code);
    return status;
}

enum status
code_payment_read(struct code_payment *out, struct code_bytes *bytes, uint64_t network,
                  struct span text)
{
    enum status status;

    memset(out, 0, sizeof *out);
    memset(bytes, 0, sizeof *bytes);
    status = text_decode(bytes->bytes, sizeof bytes->bytes, &bytes->len, TEXT_PAYMENT, text);
    if (status == STATUS_OK)
        status = code_payment_parse(out, network, (struct span){bytes->bytes, bytes->len});
    if (status != STATUS_OK)
        memset(bytes, 0, sizeof *bytes);
    return status;
}

enum status
code_allowance_verify(const struct code_payment *code, uint64_t network,
                      const struct signer_list *signers, uint64_t now_unix_s)
{
    const struct cose_message message = envelope(&code->allowance_cose);

    return signer_check(NULL, signers, SIGNER_ALLOWANCE, &message, &msg_allowance_schema, network,
                        code->allowance.from, now_unix_s);
}

enum status
code_transfer_verify(struct digest *id, const struct code_payment *code, uint64_t network,
                     const struct digest *request)
{
    const struct cose_message message = envelope(&code->transfer_cose);
    const struct public_key *key = &code->allowance.key;
    const enum status status =
        transfer_verify(&message, network, key, request, code->transfer.payee);

    memset(id, 0, sizeof *id);
    if (status == STATUS_OK)
        transfer_id(id, &message, network, key, request, code->transfer.payee);
    return status;
}

/* --- the request code ------------------------------------------------------------------------- */

static void
request_pack(struct msg_request_code *out, const struct msg_till *till,
             const struct cose_message *till_cose, const struct msg_request *request,
             const struct cose_message *request_cose)
{
    *out = (struct msg_request_code){
        .network = till->network,
        .till = till->till,
        .merchant = till->merchant,
        .key = till->key,
        .title = till->title,
        .level = till->level,
        .limit = till->limit,
        .count = till->count,
        .classes = till->classes,
        .restrictions_count = till->restrictions_count,
        .from = till->from,
        .until = till->until,
        .issuer = till_cose->kid,
        .till_signature = till_cose->signature,
        .class = request->class,
        .amount = request->amount,
        .number = request->number,
        .time = request->time,
        .seconds = request->seconds,
        .partial = request->partial,
        .request_signature = request_cose->signature,
    };
    memcpy(out->restrictions, till->restrictions, sizeof out->restrictions);
    if (!code_request_static(request))
        out->nonce = (struct span){request->nonce, sizeof request->nonce};
}

enum status
code_request_build(uint8_t *out, size_t cap, size_t *len, uint64_t network, struct span till,
                   struct span request)
{
    struct msg_till t;
    struct msg_request r;
    struct cose_message t_cose;
    struct cose_message r_cose;
    struct msg_request_code code;
    enum status status;

    *len = 0;
    status = msg_open(&t_cose, &t, &msg_till_schema, network, till);
    if (status == STATUS_OK)
        status = msg_open(&r_cose, &r, &msg_request_schema, network, request);
    if (status != STATUS_OK)
        return status;
    if (r.till != t.till)
        return STATUS_WRONG_PAYEE;
    if (!is_kid_of(&r_cose.kid, &t.key))
        return STATUS_SIGNATURE_BAD;
    if (!is_whole(&r))
        return STATUS_CBOR_RANGE;
    request_pack(&code, &t, &t_cose, &r, &r_cose);
    return schema_encode(out, cap, len, &msg_request_code_schema, &code);
}

static void
request_unpack(struct code_request *out, const struct msg_request_code *code)
{
    struct cose_message message;
    struct kid kid;

    out->till = (struct msg_till){
        .network = code->network,
        .till = code->till,
        .merchant = code->merchant,
        .key = code->key,
        .title = code->title,
        .level = code->level,
        .limit = code->limit,
        .count = code->count,
        .classes = code->classes,
        .restrictions_count = code->restrictions_count,
        .from = code->from,
        .until = code->until,
    };
    memcpy(out->till.restrictions, code->restrictions, sizeof code->restrictions);
    rebuild(&out->till_cose, &msg_till_schema, &out->till, &code->issuer, &code->till_signature);
    crypt_kid(&kid, &code->key);
    rebuild(&out->request_cose, &msg_request_schema, &out->request, &kid, &code->request_signature);
    message = envelope(&out->request_cose);
    msg_id(&out->request_id, &message, &msg_request_schema, code->network);
}

/* The request in a code: CBOR_RANGE and CBOR_NOT_CANONICAL where one request would have two codes
 * or none. */
static enum status
request_take(struct msg_request *out, const struct msg_request_code *code)
{
    static const uint8_t none[sizeof out->nonce];

    if (code->nonce.len != 0 && code->nonce.len != sizeof out->nonce)
        return STATUS_CBOR_RANGE;
    if (code->nonce.len != 0 && memcmp(code->nonce.data, none, sizeof none) == 0)
        return STATUS_CBOR_NOT_CANONICAL;
    *out = (struct msg_request){
        .network = code->network,
        .till = code->till,
        .class = code->class,
        .amount = code->amount,
        .number = code->number,
        .time = code->time,
        .seconds = code->seconds,
        .partial = code->partial,
    };
    if (code->nonce.len != 0)
        memcpy(out->nonce, code->nonce.data, sizeof out->nonce);
    return is_whole(out) ? STATUS_OK : STATUS_CBOR_RANGE;
}

enum status
code_request_parse(struct code_request *out, uint64_t network, struct span bytes)
{
    struct msg_request_code code;
    enum status status = schema_decode(&code, &msg_request_code_schema, bytes);

    memset(out, 0, sizeof *out);
    if (status == STATUS_OK)
        status = request_take(&out->request, &code);
    if (status == STATUS_OK && code.network != network)
        status = STATUS_NETWORK;
    if (status == STATUS_OK)
        request_unpack(out, &code);
    if (status != STATUS_OK)
        memset(out, 0, sizeof *out);
    return status;
}

enum status
code_request_read(struct code_request *out, struct code_bytes *bytes, uint64_t network,
                  struct span text)
{
    enum status status;

    memset(out, 0, sizeof *out);
    memset(bytes, 0, sizeof *bytes);
    status = text_decode(bytes->bytes, sizeof bytes->bytes, &bytes->len, TEXT_REQUEST, text);
    if (status == STATUS_OK)
        status = code_request_parse(out, network, (struct span){bytes->bytes, bytes->len});
    if (status != STATUS_OK)
        memset(bytes, 0, sizeof *bytes);
    return status;
}

enum status
code_request_verify(const struct code_request *code, uint64_t network,
                    const struct signer_list *signers)
{
    struct cose_message message = envelope(&code->till_cose);
    enum status status = signer_check(NULL, signers, SIGNER_ENROLMENT, &message, &msg_till_schema,
                                      network, code->till.from, code->till.from);

    if (status != STATUS_OK)
        return status;
    message = envelope(&code->request_cose);
    status = msg_verify(&message, &msg_request_schema, network, &code->till.key);
    if (status != STATUS_OK)
        return status;
    return (code->till.classes & code->request.class) != 0 ? STATUS_OK : STATUS_CLASS;
}
