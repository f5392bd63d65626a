/* protocol/evidence: no bundle proves anything against a wallet that did not itself sign what it
 * says. The input names two of the wallet's transfers and the requests for them, then lists bytes
 * that are changed on the way. */
#include "codes.h"

#include "protocol/evidence.h"
#include "protocol/transfer.h"

#define TRANSFERS 6
#define EDITS_MAX 4
#define MESSAGES 3

static struct codes codes;
static struct forge_message transfers[TRANSFERS];
static struct msg_transfer fields[TRANSFERS];

/* Two pairs that contradict one another, the last one out of range. */
static void
start(void)
{
    static const struct msg_transfer signed_here[TRANSFERS] = {
        {.payee = CODES_TILL, .from = 0, .to = 400, .seq = 1, .prev = {1}},
        {.payee = CODES_TILL, .from = 300, .to = 700, .seq = 2, .prev = {2}},
        {.payee = CODES_TILL, .from = 800, .to = 900, .seq = 1, .prev = {3}},
        {.payee = CODES_TILL, .from = 900, .to = 950, .seq = 4, .prev = {3}},
        {.payee = CODES_TILL, .from = 950, .to = 990, .seq = 5, .prev = {5}},
        {.payee = CODES_TILL, .from = 4950, .to = 5001, .seq = 5, .prev = {6}}};

    codes_start(&codes);
    for (size_t i = 0; i < TRANSFERS; i++) {
        fields[i] = signed_here[i];
        forge_transfer(&transfers[i], NULL, &fields[i], CODES_NETWORK,
                       &codes.request_ids[i % CODES_REQUESTS], &codes.wallets[0]);
    }
}

/* By the text of section 12.7, for transfers that are in range. */
static enum evidence_cause
cause_of(const struct msg_transfer *a, const struct msg_transfer *b)
{
    if (a->from < b->to && b->from < a->to)
        return EVIDENCE_OVERLAP;
    if (a->seq == b->seq)
        return EVIDENCE_SEQUENCE;
    return memcmp(a->prev, b->prev, sizeof a->prev) == 0 ? EVIDENCE_PREDECESSOR : EVIDENCE_NONE;
}

/* Changes bytes of the messages; true when something is other than it was. */
static bool
edit(struct forge_message messages[static MESSAGES], struct span *in)
{
    struct forge_message before[MESSAGES];
    bool changed = false;

    memcpy(before, messages, sizeof before);
    for (unsigned i = 0; i < EDITS_MAX && in->len > 0; i++) {
        struct forge_message *message = &messages[fuzz_byte(in) % MESSAGES];
        const uint64_t at = fuzz_number(in, 2);

        if (at % 512 < message->len)
            message->bytes[at % 512] ^= fuzz_byte(in);
        else if (at % 512 == 511)
            message->len = at / 512;
    }
    for (size_t i = 0; i < MESSAGES; i++)
        changed = changed || !fuzz_same(forge_span(&messages[i]), forge_span(&before[i]));
    return changed;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct forge_message messages[MESSAGES];
    struct span in = {data, size};
    struct evidence evidence;
    enum evidence_cause cause = EVIDENCE_OVERLAP;
    enum status status;

    if (transfers[0].len == 0)
        start();
    const size_t first = fuzz_byte(&in) % TRANSFERS;
    const size_t second = fuzz_byte(&in) % TRANSFERS;
    const size_t requests = fuzz_byte(&in);
    const bool right =
        requests % 4 == first % CODES_REQUESTS && requests / 4 % 4 == second % CODES_REQUESTS;

    messages[0] = codes.allowance_cose[0];
    messages[1] = transfers[first];
    messages[2] = transfers[second];
    const bool changed = edit(messages, &in);

    evidence = (struct evidence){.allowance = forge_span(&messages[0]),
                                 .first = forge_span(&messages[1]),
                                 .second = forge_span(&messages[2]),
                                 .first_request = codes.request_ids[requests % 4],
                                 .second_request = codes.request_ids[requests / 4 % 4]};
    status = evidence_check(&cause, &evidence, CODES_NETWORK, &codes.signers);
    EXPECT((status == STATUS_OK) == (cause != EVIDENCE_NONE));
    if (changed || !right || first == second) {
        EXPECT(status != STATUS_OK);
    } else if (fields[first].to > 5000 || fields[second].to > 5000) {
        EXPECT(status == STATUS_AMOUNT_OVER_ALLOWANCE);
    } else {
        EXPECT(cause == cause_of(&fields[first], &fields[second]));
        EXPECT(cause == evidence_cause(&fields[second], &fields[first]));
    }
    return 0;
}

static size_t
make(uint8_t *out, uint64_t *random)
{
    const uint64_t first = forge_below(random, TRANSFERS);
    const uint64_t second = forge_below(random, TRANSFERS);

    out[0] = (uint8_t)first;
    out[1] = (uint8_t)second;
    out[2] = (uint8_t)(first % CODES_REQUESTS + 4 * (second % CODES_REQUESTS));
    for (size_t i = 3; i < 7; i++)
        out[i] = (uint8_t)forge_random(random);
    return forge_below(random, 2) == 0 ? 3 : 7;
}

FUZZ_MAKER(make)
