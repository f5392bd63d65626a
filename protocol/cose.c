#include "cose.h"

#include "wire.h"

#include <assert.h>
#include <string.h>

/* The fixed bytes of the envelope. The protected header is a byte string of 13 bytes that holds
 * {1: -19 (Ed25519), 4: kid}. The tag never reaches the CBOR library, of which some versions refuse
 * it. */
#define TAG 0xD2
#define ARRAY_OF_4 0x84
#define PROTECTED_HEAD 0x4D
#define ED25519 0x32
#define EMPTY_MAP 0xA0
#define MAJOR_BYTES 2
#define BYTES_64_HEAD 0x58

#define HEAD_SIZE_MAX 9
#define PROTECTED_SIZE 14
#define ALGORITHM_AT 3

static const uint8_t protected_head[] = {PROTECTED_HEAD, 0xA2, 0x01, ED25519, 0x04, 0x48};
static const uint8_t context_head[] = {ARRAY_OF_4, 0x6A, 'S', 'i', 'g', 'n',
                                       'a',        't',  'u', 'r', 'e', '1'};
static const uint8_t label[] = {'s', 'c', 'h', 'w', 'e', 'b', 'e'};

static_assert(sizeof protected_head + KID_SIZE == PROTECTED_SIZE, "13 bytes and their head");
static_assert(COSE_OVERHEAD_MAX == 2 + PROTECTED_SIZE + 1 + 3 + 2 + SIGNATURE_SIZE, "envelope");
static_assert(COSE_ROOM >= sizeof context_head + PROTECTED_SIZE + 2 + COSE_AAD_MAX + 3, "signed");
static_assert(COSE_ROOM >= COSE_OVERHEAD_MAX, "one buffer serves both forms");
static_assert(COSE_PAYLOAD_LARGE_MAX <= UINT16_MAX, "the payload's head has at most 3 bytes");
static_assert(COSE_AAD_MAX <= UINT8_MAX, "the head of the external data has at most 2 bytes");

/* --- external data --- */

void
cose_aad(struct cose_aad *out, uint32_t network, uint32_t type, const struct cose_extra *extras,
         size_t count)
{
    struct wire_writer writer;
    enum status status;

    assert(count <= COSE_EXTRA_MAX);
    memset(out, 0, sizeof *out);
    wire_writer_begin(&writer, out->bytes, sizeof out->bytes);
    wire_write_array(&writer, 4 + count);
    wire_write_text(&writer, (struct span){label, sizeof label});
    wire_write_uint(&writer, 1);
    wire_write_uint(&writer, network);
    wire_write_uint(&writer, type);
    for (size_t i = 0; i < count; i++) {
        if (extras[i].bytes.data != NULL)
            wire_write_bytes(&writer, extras[i].bytes);
        else
            wire_write_uint(&writer, extras[i].number);
    }
    status = wire_writer_end(&writer, &out->len);
    assert(status == STATUS_OK);
    (void)status;
}

/* --- envelope --- */

/* The next `count` bytes of `in`; NULL, and `in` untouched, when there are not so many. */
static const uint8_t *
take(struct span *in, size_t count)
{
    const uint8_t *bytes = in->data;

    if (count > in->len)
        return NULL;
    in->data += count;
    in->len -= count;
    return bytes;
}

/* Whether the next byte of `in` is `byte`; `wrong` when it is another. */
static enum status
expect(struct span *in, uint8_t byte, enum status wrong)
{
    const uint8_t *next = take(in, 1);

    if (next == NULL)
        return STATUS_CBOR_TRUNCATED;
    return *next == byte ? STATUS_OK : wrong;
}

static enum status
take_protected(struct kid *kid, struct span *in)
{
    enum status status = expect(in, PROTECTED_HEAD, STATUS_COSE_HEADER);
    const uint8_t *bytes;

    if (status != STATUS_OK)
        return status;
    bytes = take(in, PROTECTED_SIZE - 1);
    if (bytes == NULL)
        return STATUS_CBOR_TRUNCATED;
    bytes--; /* back to its head, so that places are those of the whole */
    if (memcmp(bytes, protected_head, ALGORITHM_AT) != 0 ||
        memcmp(bytes + ALGORITHM_AT + 1, protected_head + ALGORITHM_AT + 1,
               sizeof protected_head - ALGORITHM_AT - 1) != 0)
        return STATUS_COSE_HEADER;
    if (bytes[ALGORITHM_AT] != ED25519)
        return STATUS_COSE_ALGORITHM;
    memcpy(kid->bytes, bytes + sizeof protected_head, KID_SIZE);
    return STATUS_OK;
}

static enum status
take_payload(struct span *payload, struct span *in)
{
    struct wire_reader reader;

    if (in->len > 0 && in->data[0] >> 5 != MAJOR_BYTES)
        return STATUS_COSE_PAYLOAD;
    wire_reader_begin(&reader, *in, SIZE_MAX, 0);
    *payload = wire_read_bytes(&reader);
    if (reader.status == STATUS_CBOR_TRUNCATED)
        return STATUS_CBOR_TRUNCATED;
    if (reader.status != STATUS_OK || payload->len == 0)
        return STATUS_COSE_PAYLOAD;
    (void)take(in, reader.at);
    return STATUS_OK;
}

static enum status
take_signature(struct signature *signature, struct span *in)
{
    enum status status = expect(in, BYTES_64_HEAD, STATUS_COSE_SIGNATURE_SIZE);
    const uint8_t *bytes;

    if (status == STATUS_OK)
        status = expect(in, SIGNATURE_SIZE, STATUS_COSE_SIGNATURE_SIZE);
    if (status != STATUS_OK)
        return status;
    bytes = take(in, SIGNATURE_SIZE);
    if (bytes == NULL)
        return STATUS_CBOR_TRUNCATED;
    memcpy(signature->bytes, bytes, SIGNATURE_SIZE);
    return in->len == 0 ? STATUS_OK : STATUS_CBOR_TRAILING;
}

enum status
cose_parse(struct cose_message *out, struct span in, size_t size_max)
{
    struct cose_message message = {.payload = {NULL, 0}};
    enum status status = in.len > size_max ? STATUS_TOO_LARGE : STATUS_OK;

    assert(in.data != NULL || in.len == 0);
    memset(out, 0, sizeof *out);
    if (status == STATUS_OK)
        status = expect(&in, TAG, STATUS_COSE_TAG);
    if (status == STATUS_OK)
        status = expect(&in, ARRAY_OF_4, STATUS_COSE_SHAPE);
    if (status == STATUS_OK)
        status = take_protected(&message.kid, &in);
    if (status == STATUS_OK)
        status = expect(&in, EMPTY_MAP, STATUS_COSE_UNPROTECTED);
    if (status == STATUS_OK)
        status = take_payload(&message.payload, &in);
    if (status == STATUS_OK)
        status = take_signature(&message.signature, &in);
    if (status == STATUS_OK)
        *out = message;
    return status;
}

/* Fills `head` with that of a byte string; returns its length. */
static size_t
bytes_head(uint8_t head[static HEAD_SIZE_MAX], size_t len_of_content)
{
    struct wire_writer writer;
    size_t len;
    enum status status;

    wire_writer_begin(&writer, head, HEAD_SIZE_MAX);
    wire_write_bytes_head(&writer, len_of_content);
    status = wire_writer_end(&writer, &len);
    assert(status == STATUS_OK);
    (void)status;
    return len;
}

static enum status
check_payload(struct span payload)
{
    if (payload.len == 0)
        return STATUS_COSE_PAYLOAD;
    return payload.len <= COSE_PAYLOAD_LARGE_MAX ? STATUS_OK : STATUS_TOO_LARGE;
}

static uint8_t *
append(uint8_t *out, const void *bytes, size_t len)
{
    memcpy(out, bytes, len);
    return out + len;
}

/* All of the envelope. The payload comes first, as it may lie in what is overwritten. */
static size_t
write_envelope(uint8_t *out, const struct cose_message *message)
{
    static const uint8_t start[] = {TAG, ARRAY_OF_4};
    static const uint8_t unprotected[] = {EMPTY_MAP};
    static const uint8_t signature_head[] = {BYTES_64_HEAD, SIGNATURE_SIZE};
    const size_t before = sizeof start + PROTECTED_SIZE + sizeof unprotected;
    uint8_t head[HEAD_SIZE_MAX];
    const size_t head_len = bytes_head(head, message->payload.len);
    uint8_t *at = out;

    memmove(out + before + head_len, message->payload.data, message->payload.len);
    at = append(at, start, sizeof start);
    at = append(at, protected_head, sizeof protected_head);
    at = append(at, message->kid.bytes, KID_SIZE);
    at = append(at, unprotected, sizeof unprotected);
    at = append(at, head, head_len);
    at += message->payload.len;
    at = append(at, signature_head, sizeof signature_head);
    at = append(at, message->signature.bytes, SIGNATURE_SIZE);
    return (size_t)(at - out);
}

enum status
cose_encode(uint8_t *out, size_t cap, size_t *len, const struct cose_message *message)
{
    const enum status status = check_payload(message->payload);
    uint8_t head[HEAD_SIZE_MAX];

    *len = 0;
    if (status != STATUS_OK)
        return status;
    if (cap < COSE_OVERHEAD_MAX - 3 + bytes_head(head, message->payload.len) + message->payload.len)
        return STATUS_BUFFER;
    *len = write_envelope(out, message);
    assert(*len <= cap);
    return STATUS_OK;
}

/* --- what is signed --- */

/* The parts of a Sig_structure, so that it can be hashed without a copy. */
#define PARTS 7
struct signed_parts {
    struct span parts[PARTS];
    uint8_t aad_head[HEAD_SIZE_MAX];
    uint8_t payload_head[HEAD_SIZE_MAX];
};

static void
split_signed(struct signed_parts *out, const struct kid *kid, const struct cose_aad *aad,
             struct span payload)
{
    assert(aad->len > 0);
    assert(aad->len <= COSE_AAD_MAX);
    out->parts[0] = (struct span){context_head, sizeof context_head};
    out->parts[1] = (struct span){protected_head, sizeof protected_head};
    out->parts[2] = (struct span){kid->bytes, KID_SIZE};
    out->parts[3] = (struct span){out->aad_head, bytes_head(out->aad_head, aad->len)};
    out->parts[4] = (struct span){aad->bytes, aad->len};
    out->parts[5] = (struct span){out->payload_head, bytes_head(out->payload_head, payload.len)};
    out->parts[6] = payload;
}

void
cose_message_id(struct digest *out, const struct kid *kid, const struct cose_aad *aad,
                struct span payload)
{
    struct signed_parts split;

    split_signed(&split, kid, aad, payload);
    crypt_hash(out, split.parts, PARTS);
}

/* The Sig_structure in one run at `out`, which holds payload.len + COSE_ROOM bytes. */
static struct span
join_signed(uint8_t *out, const struct kid *kid, const struct cose_aad *aad, struct span payload)
{
    struct signed_parts split;
    uint8_t *at = out;

    assert(payload.len <= COSE_PAYLOAD_LARGE_MAX);
    split_signed(&split, kid, aad, payload);
    for (size_t i = 0; i < PARTS; i++)
        at = append(at, split.parts[i].data, split.parts[i].len);
    assert((size_t)(at - out) <= payload.len + COSE_ROOM);
    return (struct span){out, (size_t)(at - out)};
}

enum status
cose_sign(uint8_t *out, size_t cap, size_t *len, const struct secret_key *secret,
          const struct cose_aad *aad, struct span payload)
{
    const enum status status = check_payload(payload);
    struct cose_message message;
    struct public_key key;
    struct span run;

    *len = 0;
    if (status != STATUS_OK)
        return status;
    if (cap < payload.len + COSE_ROOM)
        return STATUS_BUFFER;
    crypt_public_key(&key, secret);
    crypt_kid(&message.kid, &key);
    run = join_signed(out, &message.kid, aad, payload);
    crypt_sign(&message.signature, secret, run);
    message.payload = payload;
    *len = write_envelope(out, &message);
    assert(*len <= cap);
    return STATUS_OK;
}

enum status
cose_verify_large(const struct cose_message *message, const struct public_key *key,
                  const struct cose_aad *aad, uint8_t *scratch, size_t scratch_size)
{
    const enum status status = check_payload(message->payload);

    if (status != STATUS_OK)
        return status;
    if (scratch_size < message->payload.len + COSE_ROOM)
        return STATUS_BUFFER;
    return crypt_verify(key, &message->signature,
                        join_signed(scratch, &message->kid, aad, message->payload));
}

enum status
cose_verify(const struct cose_message *message, const struct public_key *key,
            const struct cose_aad *aad)
{
    uint8_t scratch[COSE_PAYLOAD_MAX + COSE_ROOM];

    if (message->payload.len > COSE_PAYLOAD_MAX)
        return STATUS_TOO_LARGE;
    return cose_verify_large(message, key, aad, scratch, sizeof scratch);
}
