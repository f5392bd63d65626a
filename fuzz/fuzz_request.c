/* protocol/code, request codes: taken apart into two messages, they are put together again as the
 * same bytes; hostile ones never verify. */
#include "codes.h"

#include "protocol/msg.h"

static struct codes codes;
static uint8_t good[CODES_REQUESTS][CODE_REQUEST_MAX];
static size_t good_len[CODES_REQUESTS];

static void
start(void)
{
    codes_start(&codes);
    for (size_t i = 0; i < CODES_REQUESTS; i++)
        EXPECT(code_request_build(good[i], CODE_REQUEST_MAX, &good_len[i], CODES_NETWORK,
                                  forge_span(&codes.till_cose),
                                  forge_span(&codes.request_cose[i])) == STATUS_OK);
}

static void
check_messages(const struct code_request *code, struct span in)
{
    struct cose_message message;
    struct msg_till till;
    struct msg_request request;
    struct digest id;

    EXPECT(msg_open(&message, &till, &msg_till_schema, CODES_NETWORK,
                    code_span(&code->till_cose)) == STATUS_OK);
    EXPECT(fuzz_same(till.title, code->till.title));
    EXPECT(till.title.len == 0 ||
           (code->till.title.data >= in.data &&
            code->till.title.data + code->till.title.len <= in.data + in.len));
    till.title = code->till.title;
    EXPECT(memcmp(&till, &code->till, sizeof till) == 0);
    EXPECT(msg_open(&message, &request, &msg_request_schema, CODES_NETWORK,
                    code_span(&code->request_cose)) == STATUS_OK);
    EXPECT(memcmp(&request, &code->request, sizeof request) == 0);
    EXPECT(request.till == till.till);
    msg_id(&id, &message, &msg_request_schema, CODES_NETWORK);
    EXPECT(memcmp(&id, &code->request_id, sizeof id) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct span in = {data, size};
    static struct code_request code;
    uint8_t again[CODE_REQUEST_MAX];
    size_t len = 0;
    bool mine = false;

    if (good_len[0] == 0)
        start();
    memset(&code, FUZZ_RUBBISH, sizeof code);
    if (code_request_parse(&code, CODES_NETWORK, in) != STATUS_OK) {
        EXPECT(fuzz_all(&code, sizeof code, 0));
        return 0;
    }
    EXPECT(size <= CODE_REQUEST_MAX);
    check_messages(&code, in);
    EXPECT(code_request_build(again, sizeof again, &len, CODES_NETWORK, code_span(&code.till_cose),
                              code_span(&code.request_cose)) == STATUS_OK);
    EXPECT(fuzz_same((struct span){again, len}, in));
    for (size_t i = 0; i < CODES_REQUESTS; i++)
        mine = mine || fuzz_same(in, (struct span){good[i], good_len[i]});
    EXPECT((code_request_verify(&code, CODES_NETWORK, &codes.signers) == STATUS_OK) == mine);
    EXPECT(code_request_parse(&code, CODES_NETWORK + 1, in) == STATUS_NETWORK);
    EXPECT(fuzz_all(&code, sizeof code, 0));
    return 0;
}

/* A good code, or one of random fields. */
static size_t
make(uint8_t *out, uint64_t *random)
{
    static const uint8_t zeros[8];
    const size_t i = (size_t)forge_below(random, CODES_REQUESTS);
    struct msg_request_code code;
    size_t len = 0;

    if (good_len[0] == 0)
        start();
    if (forge_below(random, 2) == 0) {
        memcpy(out, good[i], good_len[i]);
        return good_len[i];
    }
    forge_fill(&code, &msg_request_code_schema, FORGE_ANY, 8, random);
    code.network = CODES_NETWORK;
    if (forge_below(random, 4) == 0) {
        /* Static, but for a nonce that says nothing. */
        code.nonce = (struct span){zeros, sizeof zeros};
        code.amount = MONEY_ZERO;
        code.seconds = code.partial = 0;
    }
    EXPECT(schema_encode(out, FUZZ_SIZE_MAX, &len, &msg_request_code_schema, &code) == STATUS_OK);
    return len;
}

FUZZ_MAKER(make)
