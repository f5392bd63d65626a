/* A till at work in the city of codes.h: its state in memory, and the sales that it has made. */
#ifndef SCHWEBE_FUZZ_DESK_H
#define SCHWEBE_FUZZ_DESK_H

#include "codes.h"

#include "protocol/accept.h"

#define DESK_SALES_MAX 64

struct desk {
    struct codes codes;
    struct accept_state state;
    struct msg_parameters parameters;
    struct denylist denied;
    struct kid ids[8];
    struct accept_request requests[CODES_REQUESTS];
    struct tally tally;
    size_t sales;
    struct digest hashes[DESK_SALES_MAX];
    struct tally_item known[DESK_SALES_MAX];
    struct tally_item unconfirmed[DESK_SALES_MAX];
};

/* The state of a morning on which nothing was sold yet; `codes` was started. */
static inline void
desk_open(struct desk *desk)
{
    desk->parameters = (struct msg_parameters){.network = CODES_NETWORK,
                                               .stale_percent = 40,
                                               .per_allowance = {2500},
                                               .per_allowance_stale = {1000},
                                               .fresh_seconds = 24 * CODES_HOUR,
                                               .offline_seconds = 168 * CODES_HOUR,
                                               .anonymous_allowance = {500},
                                               .anonymous_total = {800},
                                               .proof_total = {50000}};
    desk->denied = (struct denylist){.ids = desk->ids, .cap = 8};
    desk->tally = (struct tally){.items = desk->unconfirmed, .cap = DESK_SALES_MAX};
    desk->sales = 0;
    for (size_t i = 0; i < CODES_REQUESTS; i++)
        desk->requests[i] = (struct accept_request){.id = desk->codes.request_ids[i],
                                                    .request = desk->codes.requests[i],
                                                    .state = ACCEPT_OPEN};
    desk->state = (struct accept_state){.network = CODES_NETWORK,
                                        .rules = {.till = &desk->codes.till,
                                                  .parameters = &desk->parameters,
                                                  .tally = &desk->tally,
                                                  .known = desk->known,
                                                  .news_time_unix_s = CODES_NOW - CODES_HOUR},
                                        .signers = &desk->codes.signers,
                                        .denied = &desk->denied,
                                        .lower_bound_unix_s = CODES_NOW - 30,
                                        .anchor_time_unix_s = CODES_NOW - 60,
                                        .requests = desk->requests,
                                        .request_count = CODES_REQUESTS,
                                        .codes = desk->hashes};
}

/* What a till does before it shows *paid*. */
static inline void
desk_sell(struct desk *desk, const struct accept_result *result)
{
    struct tally_item *item = &desk->known[desk->sales];

    EXPECT(desk->sales < DESK_SALES_MAX);
    tally_item(item, &result->payment.allowance, &result->payment.transfer, &result->transfer,
               desk->sales);
    EXPECT(tally_add(&desk->tally, item) == STATUS_OK);
    desk->hashes[desk->sales++] = result->code;
    desk->state.code_count = desk->state.rules.known_count = desk->sales;
    if (!code_request_static(&desk->requests[result->request].request))
        desk->requests[result->request].state = ACCEPT_PAID;
}

#endif
