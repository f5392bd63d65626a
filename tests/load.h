/* Many tills that upload many payments: what the benchmarks measure the ledger with. Everything is
 * signed beforehand, so that the clock runs for the ledger alone. A failure in here ends the
 * program. */
#ifndef SCHWEBE_LOAD_H
#define SCHWEBE_LOAD_H

#include <stddef.h>
#include <stdint.h>

#include "fixture.h"
#include "protocol/span.h"
#include "random.h"

/* Payments in one upload, usually. */
#define LOAD_ITEMS 50

struct load_till {
    uint64_t number;
    struct fixture_key key;
    struct merkle_frontier tree;
    uint64_t count; /* entries of its log */
    uint64_t requests;
    /* Anchor and news of the last answer: they go first into the next upload. */
    size_t news_len[2];
    uint8_t news[2][640];
};

/* Owned by load_open until load_close. */
struct load {
    struct fixture_city *city; /* borrowed */
    struct random random;
    size_t till_count;
    struct load_till *tills;
    size_t wallet_count;
    struct fixture_wallet *wallets;
    struct fixture_till *scratch;
    struct msg_upload upload;
};

/* One signed upload; owns its bytes. */
struct load_upload {
    size_t till;
    size_t len;
    uint8_t *bytes;
};

/* Merchants with one till each (class L), and purses with one open allowance of 50 euros each, in a
 * city that was just opened. */
void load_open(struct load *load, struct fixture_city *city, size_t tills, size_t wallets);
void load_close(struct load *load);

/* The next payments of one till, as many as `items`, from wallets taken at random, 1 to 9 cents
 * each.
 */
void load_upload(struct load *load, struct load_upload *out, size_t till, size_t items);
void load_upload_free(struct load_upload *upload);

/* Takes the ledger's answer to a till's upload. */
void load_answer(struct load *load, size_t till, struct span answer);

#endif
