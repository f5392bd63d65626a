/* protocol/accept: a till that hostile bytes are shown to. It accepts nothing but what one of the
 * city's wallets has signed, byte for byte. The first byte is 0 for the bytes of a code, 1 for a
 * scanned text, 2 for a settlement proof. */
#include "desk.h"

#include "protocol/text.h"

#define GOOD 6

/* What the wallets have signed, and what the till says to it. */
struct good_code {
    size_t len;
    uint8_t bytes[CODE_PAYMENT_MAX];
    struct digest id;
    enum status status;
};

static struct desk desk;
static struct good_code good[GOOD];
static struct forge_message proof;

static void
make_good(size_t i, size_t line, size_t request, uint64_t to, enum status expected)
{
    const struct msg_transfer transfer = {
        .payee = CODES_TILL, .from = 100, .to = to, .seq = 1, .prev = {7}};
    struct accept_result result;

    good[i].len = codes_pay(good[i].bytes, &good[i].id, &desk.codes, line, request, &transfer);
    good[i].status =
        accept_code(&result, &desk.state, (struct span){good[i].bytes, good[i].len}, CODES_NOW);
    EXPECT(good[i].status == expected);
}

static void
start(void)
{
    struct msg_settlement_proof message = {.network = CODES_NETWORK,
                                           .transfer = {{1}},
                                           .till = CODES_TILL,
                                           .amount = {700},
                                           .class = 1,
                                           .time = CODES_NOW - 10,
                                           .index = 5};

    codes_start(&desk.codes);
    desk_open(&desk);
    make_good(0, 0, 0, 500, STATUS_OK);
    make_good(1, 1, 0, 500, STATUS_OK);
    make_good(2, 0, 2, 300, STATUS_OK);
    make_good(3, 0, 3, 2600, STATUS_OK);
    make_good(4, 2, 0, 500, STATUS_RESTRICTION);
    make_good(5, 0, 0, 501, STATUS_AMOUNT_MISMATCH);
    message.request = desk.codes.request_ids[1];
    forge_sign(&proof, NULL, &msg_settlement_proof_schema, &message, CODES_NETWORK,
               &desk.codes.settlement);
}

static const struct good_code *
find_good(struct span bytes)
{
    for (size_t i = 0; i < GOOD; i++) {
        if (fuzz_same(bytes, (struct span){good[i].bytes, good[i].len}))
            return &good[i];
    }
    return NULL;
}

static void
check_code(struct span in, bool text)
{
    static struct accept_result result;
    uint8_t bytes[TEXT_BYTES_MAX];
    struct span code = in;
    size_t len = 0;
    const struct good_code *mine;
    enum status status;

    memset(&result, FUZZ_RUBBISH, sizeof result);
    if (text) {
        status = accept_text(&result, &desk.state, in, CODES_NOW);
        if (text_decode(bytes, sizeof bytes, &len, TEXT_PAYMENT, in) != STATUS_OK)
            len = 0;
        code = (struct span){bytes, len};
    } else {
        status = accept_code(&result, &desk.state, in, CODES_NOW);
    }
    mine = find_good(code);
    EXPECT((status == STATUS_OK) == (result.step == 0));
    EXPECT(result.step <= 12);
    if (mine != NULL) {
        EXPECT(status == mine->status);
        EXPECT(memcmp(&result.transfer, &mine->id, sizeof mine->id) == 0);
        return;
    }
    EXPECT(status != STATUS_OK && result.step >= 1 && result.step <= 5);
    EXPECT(fuzz_all(&result.transfer, sizeof result.transfer, 0));
    EXPECT(money_is_zero(result.amount));
    if (result.step == 1)
        EXPECT(fuzz_all(&result.payment, sizeof result.payment, 0));
}

static void
check_proof(struct span in)
{
    struct msg_settlement_proof out;
    size_t request = 99;
    const enum status status = accept_proof(&out, &request, &desk.state, in, CODES_NOW);

    if (fuzz_same(in, forge_span(&proof))) {
        EXPECT(status == STATUS_OK);
        EXPECT(request == 1);
        return;
    }
    EXPECT(status != STATUS_OK);
    EXPECT(request == 0);
    EXPECT(fuzz_all(&out, sizeof out, 0));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span in = {data, size};
    unsigned how;

    if (good[0].len == 0)
        start();
    how = fuzz_byte(&in) % 3;
    if (how == 2)
        check_proof(in);
    else
        check_code(in, how == 1);
    return 0;
}

static size_t
make(uint8_t *out, uint64_t *random)
{
    const size_t i = (size_t)forge_below(random, GOOD);
    char text[CODE_TEXT_SIZE];
    size_t len = 0;

    if (good[0].len == 0)
        start();
    out[0] = (uint8_t)forge_below(random, 3);
    if (out[0] == 2) {
        memcpy(out + 1, proof.bytes, proof.len);
        return 1 + proof.len;
    }
    if (out[0] == 0) {
        memcpy(out + 1, good[i].bytes, good[i].len);
        return 1 + good[i].len;
    }
    EXPECT(text_encode(text, sizeof text, &len, TEXT_PAYMENT,
                       (struct span){good[i].bytes, good[i].len}) == STATUS_OK);
    memcpy(out + 1, text, len);
    return 1 + len;
}

FUZZ_MAKER(make)
