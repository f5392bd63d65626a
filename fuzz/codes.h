/* A city with one till and one wallet, whose codes are the only good ones that there are. */
#ifndef SCHWEBE_FUZZ_CODES_H
#define SCHWEBE_FUZZ_CODES_H

#include "fuzz.h"

#include "protocol/code.h"
#include "protocol/signer.h"

#define CODES_NETWORK 7
#define CODES_TILL 70123
#define CODES_NOW UINT64_C(1795000000)
#define CODES_HOUR UINT64_C(3600)
#define CODES_REQUESTS 4
#define CODES_LINES 3

struct codes {
    struct forge_key enrolment;
    struct forge_key issuer;
    struct forge_key settlement;
    struct forge_key till_key;
    struct forge_key wallets[CODES_LINES];
    struct signer_list signers;
    struct msg_till till;
    struct forge_message till_cose;
    struct msg_request requests[CODES_REQUESTS]; /* the last one is static */
    struct forge_message request_cose[CODES_REQUESTS];
    struct digest request_ids[CODES_REQUESTS];
    struct msg_allowance allowances[CODES_LINES];
    struct forge_message allowance_cose[CODES_LINES];
};

static inline void
codes_till(struct codes *codes)
{
    codes->till = (struct msg_till){.network = CODES_NETWORK,
                                    .till = CODES_TILL,
                                    .merchant = 1,
                                    .key = codes->till_key.key,
                                    .title = {(const uint8_t *)"Bäcker Öhm", 12},
                                    .level = 1,
                                    .limit = {6000},
                                    .count = 5,
                                    .classes = 1,
                                    .restrictions_count = 1,
                                    .restrictions = {3},
                                    .from = CODES_NOW - 1000000,
                                    .until = CODES_NOW + 1000000};
    forge_sign(&codes->till_cose, NULL, &msg_till_schema, &codes->till, CODES_NETWORK,
               &codes->enrolment);
}

static inline void
codes_requests(struct codes *codes)
{
    for (size_t i = 0; i < CODES_REQUESTS; i++) {
        struct msg_request *request = &codes->requests[i];

        *request = (struct msg_request){
            .network = CODES_NETWORK, .till = CODES_TILL, .class = 1, .time = CODES_NOW - 60};
        if (i + 1 < CODES_REQUESTS) {
            request->amount = (struct money){400 + 300 * i};
            request->nonce[0] = (uint8_t)(i + 1);
            request->number = i;
            request->seconds = 300;
            request->partial = i == 2;
        }
        forge_sign(&codes->request_cose[i], &codes->request_ids[i], &msg_request_schema, request,
                   CODES_NETWORK, &codes->till_key);
    }
}

/* Of tier 2, of tier 1, and one that is bound to something that the till does not sell. */
static inline void
codes_lines(struct codes *codes)
{
    static const char *const names[CODES_LINES] = {"wallet", "anonymous", "restricted"};

    for (size_t i = 0; i < CODES_LINES; i++) {
        forge_key(&codes->wallets[i], names[i]);
        codes->allowances[i] = (struct msg_allowance){.network = CODES_NETWORK,
                                                      .key = codes->wallets[i].key,
                                                      .class = 1,
                                                      .tier = i == 1 ? 1 : 2,
                                                      .amount = {5000},
                                                      .limit = {2500},
                                                      .from = CODES_NOW - 24 * CODES_HOUR,
                                                      .hours = 168,
                                                      .restriction = i == 2 ? 4 : 0};
        forge_sign(&codes->allowance_cose[i], NULL, &msg_allowance_schema, &codes->allowances[i],
                   CODES_NETWORK, &codes->issuer);
    }
}

static inline void
codes_start(struct codes *codes)
{
    memset(codes, 0, sizeof *codes);
    forge_key(&codes->enrolment, "enrolment");
    forge_key(&codes->issuer, "issuer");
    forge_key(&codes->settlement, "settlement");
    forge_key(&codes->till_key, "till");
    forge_role(&codes->signers, SIGNER_ENROLMENT, &codes->enrolment, 1, CODES_NOW + 5000000);
    forge_role(&codes->signers, SIGNER_ALLOWANCE, &codes->issuer, 1, CODES_NOW + 5000000);
    forge_role(&codes->signers, SIGNER_SETTLEMENT, &codes->settlement, 1, CODES_NOW + 5000000);
    codes_till(codes);
    codes_requests(codes);
    codes_lines(codes);
}

/* A wallet's transfer for a request, as a code; fills `id` too. A wallet may sign anything. */
static inline size_t
codes_pay(uint8_t out[static CODE_PAYMENT_MAX], struct digest *id, const struct codes *codes,
          size_t line, size_t request, const struct msg_transfer *transfer)
{
    struct forge_message signed_transfer;
    size_t len = 0;

    forge_transfer(&signed_transfer, id, transfer, CODES_NETWORK, &codes->request_ids[request],
                   &codes->wallets[line]);
    EXPECT(code_payment_build(out, CODE_PAYMENT_MAX, &len, CODES_NETWORK,
                              forge_span(&codes->allowance_cose[line]),
                              forge_span(&signed_transfer)) == STATUS_OK);
    return len;
}

#endif
