/* protocol/cose and the opening of messages in protocol/msg: no hostile bytes verify. The only
 * messages that may are those that the harness itself has signed, byte for byte. */
#include "fuzz.h"

#include "protocol/cose.h"
#include "protocol/msg.h"

#define NETWORK 7
#define SIGNED 3

static struct forge_key key;
static struct forge_message good[SIGNED];
static struct cose_aad aads[SIGNED];

static const struct schema *const good_schemas[SIGNED] = {
    &msg_request_schema, &msg_settlement_proof_schema, &msg_kill_schema};

static void
start(void)
{
    uint64_t random = 1;

    forge_key(&key, "cose");
    for (size_t i = 0; i < SIGNED; i++) {
        uint64_t object[256];

        EXPECT(good_schemas[i]->size <= sizeof object);
        forge_fill(object, good_schemas[i], FORGE_ANY, 6, &random);
        ((struct msg_request *)object)->network = NETWORK; /* the first member of all three */
        forge_sign(&good[i], NULL, good_schemas[i], object, NETWORK, &key);
        msg_aad(&aads[i], good_schemas[i], NETWORK);
    }
}

/* Verifies only in the context of a message that was signed, and only as it was signed. */
static void
check_signature(const struct cose_message *message, struct span in)
{
    uint8_t scratch[FUZZ_SIZE_MAX + COSE_ROOM];

    for (size_t i = 0; i < SIGNED; i++) {
        const bool same = fuzz_same(in, forge_span(&good[i]));
        const enum status expected = same ? STATUS_OK : STATUS_SIGNATURE_BAD;

        EXPECT(cose_verify(message, &key.key, &aads[i]) == expected);
        EXPECT(cose_verify_large(message, &key.key, &aads[i], scratch, sizeof scratch) == expected);
        EXPECT(msg_verify(message, good_schemas[i], NETWORK, &key.key) == expected);
        EXPECT(cose_verify_large(message, &key.key, &aads[i], scratch, message->payload.len) ==
               STATUS_BUFFER);
    }
}

/* Opened by the table of its type, it is written again as the same payload. */
static void
check_open(struct span in, const struct cose_message *message)
{
    static uint64_t object[4096];
    struct cose_message opened;
    uint8_t again[FUZZ_SIZE_MAX];
    uint64_t type = 0;
    size_t len = 0;
    const struct msg_kind *kind;

    if (msg_peek(&type, in) != STATUS_OK || (kind = msg_kind(type)) == NULL)
        return;
    EXPECT(kind->schema->size <= sizeof object);
    memset(object, FUZZ_RUBBISH, kind->schema->size);
    if (msg_open(&opened, object, kind->schema, NETWORK, in) != STATUS_OK) {
        EXPECT(fuzz_all(object, kind->schema->size, 0));
        EXPECT(fuzz_all(&opened, sizeof opened, 0));
        return;
    }
    EXPECT(fuzz_same(opened.payload, message->payload));
    EXPECT(schema_encode(again, sizeof again, &len, kind->schema, object) == STATUS_OK);
    EXPECT(fuzz_same((struct span){again, len}, message->payload));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct span in = {data, size};
    uint8_t again[FUZZ_SIZE_MAX];
    struct cose_message message;
    size_t len = 0;

    if (size > FUZZ_SIZE_MAX)
        return 0;
    if (good[0].len == 0)
        start();
    memset(&message, FUZZ_RUBBISH, sizeof message);
    if (cose_parse(&message, in, FUZZ_SIZE_MAX) != STATUS_OK) {
        EXPECT(fuzz_all(&message, sizeof message, 0));
        return 0;
    }
    EXPECT(message.payload.data >= data);
    EXPECT(message.payload.data + message.payload.len + SIGNATURE_SIZE < data + size);
    EXPECT(cose_encode(again, sizeof again, &len, &message) == STATUS_OK);
    EXPECT(fuzz_same((struct span){again, len}, in));
    EXPECT(cose_encode(again, size - 1, &len, &message) == STATUS_BUFFER);
    EXPECT(len == 0);
    check_open(in, &message);
    check_signature(&message, in);
    return 0;
}

static size_t
make(uint8_t *out, uint64_t *random)
{
    size_t i = (size_t)forge_below(random, SIGNED);

    if (good[0].len == 0)
        start();
    memcpy(out, good[i].bytes, good[i].len);
    return good[i].len;
}

FUZZ_MAKER(make)
