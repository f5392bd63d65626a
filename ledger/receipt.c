#include "receipt.h"

#include <assert.h>
#include <string.h>

#include "protocol/utf8.h"
#include "protocol/wire.h"

/* Labels of RFC 9052, 9597 and 9942; EdDSA is -8. */
#define HEADER_ALGORITHM 1
#define HEADER_KID 4
#define HEADER_CLAIMS 15
#define HEADER_STRUCTURE 395
#define HEADER_PROOFS 396
#define CLAIM_ISSUER 1
#define ALGORITHM_BELOW_MINUS_ONE 7
#define STRUCTURE_RFC9162_SHA256 1
#define INCLUSION_BELOW_MINUS_ONE 0

#define TAG_AND_SHAPE "\xD2\x84"
#define DETACHED 0xF6
#define PROTECTED_MAX 320
#define PROOF_MAX (32 + MERKLE_PATH_MAX * (2 + DIGEST_SIZE))
/* F6 58 40 <signature> */
#define TAIL_SIZE (3 + SIGNATURE_SIZE)
#define SIGNED_MAX (PROTECTED_MAX + 64)

static const uint8_t tail_head[] = {DETACHED, 0x58, SIGNATURE_SIZE};

static struct span
span_of(const char *text)
{
    return (struct span){(const uint8_t *)text, strlen(text)};
}

static enum status
write_protected(uint8_t out[static PROTECTED_MAX], size_t *len, const char *origin,
                const struct public_key *key)
{
    struct wire_writer writer;
    struct kid kid;

    if (!utf8_plain(span_of(origin)))
        return STATUS_CBOR_TEXT;
    crypt_kid(&kid, key);
    wire_writer_begin(&writer, out, PROTECTED_MAX);
    wire_write_map(&writer, 4);
    wire_write_uint(&writer, HEADER_ALGORITHM);
    wire_write_negative(&writer, ALGORITHM_BELOW_MINUS_ONE);
    wire_write_uint(&writer, HEADER_KID);
    wire_write_bytes(&writer, (struct span){kid.bytes, sizeof kid.bytes});
    wire_write_uint(&writer, HEADER_CLAIMS);
    wire_write_map(&writer, 1);
    wire_write_uint(&writer, CLAIM_ISSUER);
    wire_write_text(&writer, span_of(origin));
    wire_write_uint(&writer, HEADER_STRUCTURE);
    wire_write_uint(&writer, STRUCTURE_RFC9162_SHA256);
    return wire_writer_end(&writer, len);
}

static enum status
write_inclusion(uint8_t out[static PROOF_MAX], size_t *len, uint64_t size, uint64_t index,
                const struct merkle_path *path)
{
    struct wire_writer writer;

    wire_writer_begin(&writer, out, PROOF_MAX);
    wire_write_array(&writer, 3);
    wire_write_uint(&writer, size);
    wire_write_uint(&writer, index);
    wire_write_array(&writer, path->count);
    for (size_t i = 0; i < path->count; i++)
        wire_write_bytes(&writer, (struct span){path->hashes[i].bytes, DIGEST_SIZE});
    return wire_writer_end(&writer, len);
}

/* What is signed: the Sig_structure with the root in place of the payload. */
static enum status
write_signed(uint8_t out[static SIGNED_MAX], size_t *len, struct span header,
             const struct digest *root)
{
    struct wire_writer writer;

    wire_writer_begin(&writer, out, SIGNED_MAX);
    wire_write_array(&writer, 4);
    wire_write_text(&writer, span_of("Signature1"));
    wire_write_bytes(&writer, header);
    wire_write_bytes(&writer, (struct span){NULL, 0});
    wire_write_bytes(&writer, (struct span){root->bytes, DIGEST_SIZE});
    return wire_writer_end(&writer, len);
}

/* Everything before the proof: it depends on log and key alone. */
static enum status
write_front(uint8_t *out, size_t cap, size_t *len, struct span header)
{
    /* {396: {-1: [ */
    static const uint8_t middle[] = {0xA1,
                                     0x19,
                                     HEADER_PROOFS >> 8,
                                     HEADER_PROOFS & 0xFF,
                                     0xA1,
                                     0x20 + INCLUSION_BELOW_MINUS_ONE,
                                     0x81};
    const size_t shape = sizeof TAG_AND_SHAPE - 1;
    struct wire_writer writer;
    size_t item_len = 0;
    enum status status;

    assert(cap >= shape + PROTECTED_MAX + sizeof middle);
    memcpy(out, TAG_AND_SHAPE, shape);
    wire_writer_begin(&writer, out + shape, PROTECTED_MAX);
    wire_write_bytes(&writer, header);
    status = wire_writer_end(&writer, &item_len);
    if (status != STATUS_OK)
        return status;
    memcpy(out + shape + item_len, middle, sizeof middle);
    *len = shape + item_len + sizeof middle;
    return STATUS_OK;
}

enum status
receipt_write(uint8_t out[static RECEIPT_MAX], size_t *len, const struct checkpoint *checkpoint,
              uint64_t index, const struct merkle_path *path, const struct secret_key *secret)
{
    uint8_t header[PROTECTED_MAX];
    uint8_t inclusion[PROOF_MAX];
    uint8_t message[SIGNED_MAX];
    struct wire_writer writer;
    struct signature signature;
    struct public_key key;
    size_t header_len = 0;
    size_t inclusion_len = 0;
    size_t message_len = 0;
    size_t item_len = 0;
    size_t at = 0;
    enum status status = path->count == 0 ? STATUS_LOG_PROOF : STATUS_OK;

    *len = 0;
    crypt_public_key(&key, secret);
    if (status == STATUS_OK)
        status = write_protected(header, &header_len, checkpoint->origin, &key);
    if (status == STATUS_OK)
        status = write_inclusion(inclusion, &inclusion_len, checkpoint->size, index, path);
    if (status == STATUS_OK)
        status = write_signed(message, &message_len, (struct span){header, header_len},
                              &checkpoint->root);
    if (status == STATUS_OK)
        status = write_front(out, RECEIPT_MAX, &at, (struct span){header, header_len});
    if (status != STATUS_OK)
        return status;
    wire_writer_begin(&writer, out + at, RECEIPT_MAX - at - TAIL_SIZE);
    wire_write_bytes(&writer, (struct span){inclusion, inclusion_len});
    status = wire_writer_end(&writer, &item_len);
    if (status != STATUS_OK)
        return status;
    at += item_len;
    crypt_sign(&signature, secret, (struct span){message, message_len});
    memcpy(out + at, tail_head, sizeof tail_head);
    memcpy(out + at + sizeof tail_head, signature.bytes, SIGNATURE_SIZE);
    *len = at + TAIL_SIZE;
    return STATUS_OK;
}

/* ---- Checking ---------------------------------------------------------------------------------*/

static enum status
read_inclusion(struct receipt *out, struct merkle_path *path, struct span bytes)
{
    struct wire_reader outer;
    struct wire_reader reader;
    struct span content;
    enum status status;

    wire_reader_begin(&outer, bytes, RECEIPT_MAX, 0);
    content = wire_read_bytes(&outer);
    status = wire_end(&outer);
    if (status != STATUS_OK)
        return status;
    wire_reader_begin(&reader, content, PROOF_MAX, 2);
    if (wire_read_array(&reader) != 3)
        wire_refuse(&reader, STATUS_CBOR_TYPE);
    out->size = wire_read_uint(&reader);
    out->index = wire_read_uint(&reader);
    path->count = (size_t)wire_read_array(&reader);
    if (path->count == 0 || path->count > MERKLE_PATH_MAX)
        wire_refuse(&reader, STATUS_CBOR_RANGE);
    for (size_t i = 0; wire_left(&reader) > 0; i++) {
        const struct span hash = wire_read_bytes(&reader);

        if (hash.len != DIGEST_SIZE)
            wire_refuse(&reader, STATUS_CBOR_RANGE);
        else
            memcpy(path->hashes[i].bytes, hash.data, DIGEST_SIZE);
    }
    wire_leave(&reader);
    wire_leave(&reader);
    return wire_end(&reader);
}

/* Follows a path upwards; whether it fits its tree is asked afterwards. RFC 9162 section 2.1.3.2.
 */
static void
climb(struct digest *out, const struct merkle_path *path, uint64_t index, uint64_t size)
{
    uint64_t last = size - 1;

    for (size_t i = 0; i < path->count; i++) {
        if ((index & 1) != 0 || index == last) {
            merkle_node(out, &path->hashes[i], out);
            while (index != 0 && (index & 1) == 0) {
                index >>= 1;
                last >>= 1;
            }
        } else {
            merkle_node(out, out, &path->hashes[i]);
        }
        index >>= 1;
        last >>= 1;
    }
}

static enum status
compute_root(struct receipt *receipt, const struct merkle_path *path, struct span entry)
{
    struct digest leaf;

    merkle_leaf(&leaf, entry);
    receipt->root = leaf;
    if (receipt->size == 0 || receipt->size > MERKLE_SIZE_MAX || receipt->index >= receipt->size)
        return STATUS_LOG_PROOF;
    climb(&receipt->root, path, receipt->index, receipt->size);
    return merkle_verify_inclusion(path, &leaf, receipt->index, receipt->size, &receipt->root);
}

enum status
receipt_check(struct receipt *out, struct span bytes, struct span entry, const char *origin,
              const struct public_key *key)
{
    uint8_t header[PROTECTED_MAX];
    uint8_t front[RECEIPT_MAX];
    uint8_t message[SIGNED_MAX];
    struct merkle_path path;
    struct receipt receipt;
    struct signature signature;
    const uint8_t *tail;
    size_t header_len = 0;
    size_t front_len = 0;
    size_t message_len = 0;
    enum status status = write_protected(header, &header_len, origin, key);

    if (status == STATUS_OK)
        status = write_front(front, sizeof front, &front_len, (struct span){header, header_len});
    if (status != STATUS_OK)
        return status;
    if (bytes.len < front_len || memcmp(bytes.data, front, front_len) != 0)
        return STATUS_COSE_HEADER;
    if (bytes.len < front_len + TAIL_SIZE)
        return STATUS_CBOR_TRUNCATED;
    tail = bytes.data + bytes.len - TAIL_SIZE;
    if (memcmp(tail, tail_head, sizeof tail_head) != 0)
        return STATUS_COSE_PAYLOAD;
    memcpy(signature.bytes, tail + sizeof tail_head, SIGNATURE_SIZE);
    status = read_inclusion(
        &receipt, &path, (struct span){bytes.data + front_len, bytes.len - front_len - TAIL_SIZE});
    if (status == STATUS_OK)
        status = compute_root(&receipt, &path, entry);
    if (status == STATUS_OK)
        status =
            write_signed(message, &message_len, (struct span){header, header_len}, &receipt.root);
    if (status == STATUS_OK)
        status = crypt_verify(key, &signature, (struct span){message, message_len});
    if (status == STATUS_OK)
        *out = receipt;
    return status;
}
