/* protocol/evidence: what proves a double spend, and what does not. */
#include "check.h"

#include <stdlib.h>

#include "forge.h"
#include "protocol/evidence.h"
#include "protocol/transfer.h"

#define NETWORK 7
#define FROM 1795000000

static struct forge_key issuer;
static struct forge_key wallet;
static struct forge_key stranger;
static struct signer_list signers;
static struct msg_allowance allowance;
static struct msg_transfer a;
static struct msg_transfer b;
static struct forge_message allowance_cose;
static struct forge_message first;
static struct forge_message second;
static struct evidence evidence;

static void
sign_all(void)
{
    forge_sign(&allowance_cose, NULL, &msg_allowance_schema, &allowance, NETWORK, &issuer);
    forge_transfer(&first, NULL, &a, NETWORK, &evidence.first_request, &wallet);
    forge_transfer(&second, NULL, &b, NETWORK, &evidence.second_request, &wallet);
    evidence.allowance = forge_span(&allowance_cose);
    evidence.first = forge_span(&first);
    evidence.second = forge_span(&second);
}

/* Two tills, [0, 1000) and [500, 1500). */
static void
start(void)
{
    forge_key(&issuer, "issuer");
    forge_key(&wallet, "wallet");
    forge_key(&stranger, "stranger");
    memset(&signers, 0, sizeof signers);
    forge_role(&signers, SIGNER_ALLOWANCE, &issuer, FROM, FROM);
    allowance = (struct msg_allowance){.network = NETWORK,
                                       .key = wallet.key,
                                       .class = 1,
                                       .tier = 2,
                                       .amount = {5000},
                                       .limit = {2500},
                                       .from = FROM + 500,
                                       .hours = 1};
    a = (struct msg_transfer){.payee = 1, .from = 0, .to = 1000, .seq = 0, .prev = {1}};
    b = (struct msg_transfer){.payee = 2, .from = 500, .to = 1500, .seq = 1, .prev = {2}};
    evidence.first_request = (struct digest){{1}};
    evidence.second_request = (struct digest){{2}};
    sign_all();
}

static enum status
check(enum evidence_cause expected)
{
    enum evidence_cause cause;
    const enum status status = evidence_check(&cause, &evidence, NETWORK, &signers);

    CHECK(cause == expected);
    return status;
}

TEST(causes_in_their_order)
{
    start();
    CHECK(evidence_cause(&a, &b) == EVIDENCE_OVERLAP);
    b.seq = a.seq;
    CHECK(evidence_cause(&a, &b) == EVIDENCE_OVERLAP);
    b.from = a.to;
    CHECK(evidence_cause(&a, &b) == EVIDENCE_SEQUENCE);
    memcpy(b.prev, a.prev, sizeof b.prev);
    CHECK(evidence_cause(&a, &b) == EVIDENCE_SEQUENCE);
    b.seq++;
    CHECK(evidence_cause(&a, &b) == EVIDENCE_PREDECESSOR);
    CHECK(evidence_cause(&b, &a) == EVIDENCE_PREDECESSOR);
    b.prev[15] = 1;
    CHECK(evidence_cause(&a, &b) == EVIDENCE_NONE);
    /* An empty interval shares no cent. */
    b.from = b.to = 500;
    CHECK(evidence_cause(&a, &b) == EVIDENCE_NONE);
}

TEST(a_bundle_that_proves_it)
{
    start();
    CHECK_STATUS(check(EVIDENCE_OVERLAP), STATUS_OK);
    b.from = 1000;
    b.seq = 0;
    sign_all();
    CHECK_STATUS(check(EVIDENCE_SEQUENCE), STATUS_OK);
    b.seq = 1;
    b.prev[0] = 1;
    sign_all();
    CHECK_STATUS(check(EVIDENCE_PREDECESSOR), STATUS_OK);
    b.prev[0] = 2;
    sign_all();
    CHECK_STATUS(check(EVIDENCE_NONE), STATUS_NO_OVERLAP);
    /* The same cents for the same till, on two requests: one payload, two messages. */
    b = a;
    sign_all();
    CHECK_STATUS(check(EVIDENCE_OVERLAP), STATUS_OK);
}

TEST(one_transfer_twice_proves_nothing)
{
    start();
    b = a;
    evidence.second_request = evidence.first_request;
    sign_all();
    CHECK_STATUS(check(EVIDENCE_NONE), STATUS_NO_OVERLAP);
}

/* Threat: somebody frames an honest citizen. */
TEST(nobody_else_can_make_it)
{
    start();
    forge_transfer(&second, NULL, &b, NETWORK, &evidence.second_request, &stranger);
    evidence.second = forge_span(&second);
    CHECK_STATUS(check(EVIDENCE_NONE), STATUS_SIGNATURE_BAD);
    start();
    forge_transfer(&first, NULL, &a, NETWORK, &evidence.first_request, &stranger);
    evidence.first = forge_span(&first);
    CHECK_STATUS(check(EVIDENCE_NONE), STATUS_SIGNATURE_BAD);
    start();
    evidence.second_request = evidence.first_request;
    CHECK_STATUS(check(EVIDENCE_NONE), STATUS_SIGNATURE_BAD);
    start();
    evidence.first_request.bytes[31] ^= 1;
    CHECK_STATUS(check(EVIDENCE_NONE), STATUS_SIGNATURE_BAD);
}

TEST(no_clock_is_needed)
{
    const struct msg_kill kill = {.role = SIGNER_ALLOWANCE};
    struct msg_kill of_issuer = kill;

    /* The key's time is long over, and it was killed. */
    start();
    of_issuer.key = issuer.key;
    CHECK_STATUS(signer_kill(&signers, &of_issuer), STATUS_OK);
    CHECK_STATUS(check(EVIDENCE_OVERLAP), STATUS_OK);
    memset(&signers, 0, sizeof signers);
    CHECK_STATUS(check(EVIDENCE_NONE), STATUS_SIGNER_UNKNOWN);
    forge_role(&signers, SIGNER_NEWS, &issuer, FROM, FROM);
    CHECK_STATUS(check(EVIDENCE_NONE), STATUS_SIGNER_UNKNOWN);
}

TEST(beyond_the_allowance_is_invalid_and_no_evidence)
{
    start();
    b.to = 5001;
    sign_all();
    CHECK_STATUS(check(EVIDENCE_NONE), STATUS_AMOUNT_OVER_ALLOWANCE);
    b.to = 5000;
    a.to = 5001;
    sign_all();
    CHECK_STATUS(check(EVIDENCE_NONE), STATUS_AMOUNT_OVER_ALLOWANCE);
    a.to = 5000;
    sign_all();
    CHECK_STATUS(check(EVIDENCE_OVERLAP), STATUS_OK);
}

TEST(what_cannot_be_read)
{
    enum evidence_cause cause;

    start();

    const struct span good = forge_span(&first);

    CHECK_STATUS(evidence_check(&cause, &evidence, NETWORK + 1, &signers), STATUS_NETWORK);
    evidence.first = evidence.allowance;
    CHECK_STATUS(check(EVIDENCE_NONE), STATUS_CBOR_TYPE);
    evidence.first = (struct span){first.bytes, first.len - 1};
    CHECK_STATUS(check(EVIDENCE_NONE), STATUS_CBOR_TRUNCATED);
    evidence.first = good;
    evidence.allowance = evidence.first;
    CHECK_STATUS(check(EVIDENCE_NONE), STATUS_CBOR_TYPE);
    start();
    second.bytes[0] = 0;
    CHECK_STATUS(check(EVIDENCE_NONE), STATUS_COSE_TAG);
}

/* A wallet that keeps the rules, however its transfers are paired, gives nobody evidence. */
TEST(an_honest_wallet_cannot_be_framed)
{
    struct msg_transfer made[24];
    struct digest id = {{0}};
    uint64_t cursor = 0;
    uint64_t random = 31;

    start();
    for (unsigned i = 0; i < 24; i++) {
        const struct digest request = {{9, (uint8_t)i}};
        struct forge_message message;

        made[i] = (struct msg_transfer){.payee = 1 + i % 3,
                                        .from = cursor,
                                        .to = cursor + 1 + forge_below(&random, 200),
                                        .seq = i};
        cursor = made[i].to;
        if (i == 0)
            transfer_prev_first(made[i].prev, &wallet.key);
        else
            transfer_prev_next(made[i].prev, &id);
        forge_transfer(&message, &id, &made[i], NETWORK, &request, &wallet);
    }
    for (unsigned i = 0; i < 24; i++) {
        for (unsigned k = 0; k < i; k++)
            CHECK(evidence_cause(&made[i], &made[k]) == EVIDENCE_NONE);
    }
}

int
main(int argc, char **argv)
{
    return check_run(argc, argv);
}
