/* protocol/code, payment codes: taken apart into two messages, they are put together again as the
 * same bytes; hostile ones never verify. */
#include "codes.h"

#include "protocol/msg.h"
#include "protocol/text.h"
#include "protocol/transfer.h"

static struct codes codes;
static uint8_t good[CODE_PAYMENT_MAX];
static size_t good_len;

static void
start(void)
{
    const struct msg_transfer transfer = {
        .payee = CODES_TILL, .from = 100, .to = 500, .seq = 1, .prev = {7}};
    struct digest id;

    codes_start(&codes);
    good_len = codes_pay(good, &id, &codes, 0, 0, &transfer);
}

/* Each rebuilt message says what the parsed struct says. */
static void
check_messages(const struct code_payment *code)
{
    struct cose_message message;
    struct msg_allowance allowance;
    struct msg_transfer transfer;

    EXPECT(msg_open(&message, &allowance, &msg_allowance_schema, CODES_NETWORK,
                    code_span(&code->allowance_cose)) == STATUS_OK);
    EXPECT(memcmp(&allowance, &code->allowance, sizeof allowance) == 0);
    EXPECT(msg_open(&message, &transfer, &msg_transfer_schema, CODES_NETWORK,
                    code_span(&code->transfer_cose)) == STATUS_OK);
    EXPECT(memcmp(&transfer, &code->transfer, sizeof transfer) == 0);
    EXPECT(memcmp(&message.kid, &code->line, sizeof code->line) == 0);
}

/* A signature is good for the one message that it was made for. */
static void
check_signatures(const struct code_payment *code, struct span in)
{
    const bool mine = fuzz_same(in, (struct span){good, good_len});
    const bool same_line =
        fuzz_same(code_span(&code->allowance_cose), forge_span(&codes.allowance_cose[0]));
    struct digest id;
    const bool transfer =
        code_transfer_verify(&id, code, CODES_NETWORK, &codes.request_ids[0]) == STATUS_OK;
    const bool allowance =
        code_allowance_verify(code, CODES_NETWORK, &codes.signers, CODES_NOW) == STATUS_OK;

    EXPECT(allowance == same_line);
    EXPECT((transfer && allowance) == mine);
    EXPECT(code_transfer_verify(&id, code, CODES_NETWORK, &codes.request_ids[1]) ==
           STATUS_SIGNATURE_BAD);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct span in = {data, size};
    static struct code_payment code;
    uint8_t again[CODE_PAYMENT_MAX];
    size_t len = 0;

    if (good_len == 0)
        start();
    memset(&code, FUZZ_RUBBISH, sizeof code);
    if (code_payment_parse(&code, CODES_NETWORK, in) != STATUS_OK) {
        EXPECT(fuzz_all(&code, sizeof code, 0));
        return 0;
    }
    EXPECT(size <= CODE_PAYMENT_MAX);
    check_messages(&code);
    EXPECT(code_payment_build(again, sizeof again, &len, CODES_NETWORK,
                              code_span(&code.allowance_cose),
                              code_span(&code.transfer_cose)) == STATUS_OK);
    EXPECT(fuzz_same((struct span){again, len}, in));
    check_signatures(&code, in);
    EXPECT(code_payment_parse(&code, CODES_NETWORK + 1, in) == STATUS_NETWORK);
    EXPECT(fuzz_all(&code, sizeof code, 0));
    return 0;
}

/* The good code, or one of random fields. */
static size_t
make(uint8_t *out, uint64_t *random)
{
    struct msg_payment_code code;
    size_t len = good_len;

    if (good_len == 0)
        start();
    if (forge_below(random, 2) == 0) {
        memcpy(out, good, good_len);
        return good_len;
    }
    forge_fill(&code, &msg_payment_code_schema, FORGE_ANY, 8, random);
    code.network = CODES_NETWORK;
    EXPECT(schema_encode(out, FUZZ_SIZE_MAX, &len, &msg_payment_code_schema, &code) == STATUS_OK);
    return len;
}

FUZZ_MAKER(make)
