/* A city with real tills and real wallets: the programs' own code, each in a folder of its own.
 * What the set-up itself needs to succeed is checked with abort. */
#ifndef SCHWEBE_TOWN_H
#define SCHWEBE_TOWN_H

#include <stdbool.h>
#include <stdint.h>

#include "fixture.h"
#include "merchant/demand.h"
#include "merchant/reverse.h"
#include "merchant/sell.h"
#include "merchant/sync.h"
#include "merchant/till.h"
#include "scratch.h"
#include "wallet/ask.h"
#include "wallet/pay.h"
#include "wallet/take.h"
#include "wallet/wallet.h"

#define TOWN_PASSPHRASE "ein Kennwort"

struct town_till {
    char folder[SCRATCH_PATH_MAX];
    struct till till;
    uint64_t number;
};

struct town_wallet {
    char folder[SCRATCH_PATH_MAX];
    struct wallet wallet;
    struct secret_key device;
    struct secret_key recovery;
};

/* About 20 MiB: static memory. */
struct town {
    struct fixture_city city;
    uint64_t draws; /* of what stands for randomness */
    uint64_t ahead; /* seconds by which the clock of a till is that is being installed */
};

/* The fixture's standard city with merchants 1 and 2. The clock is town->city.moment.time_unix_s.
 */
void town_open(struct town *town);
void town_close(struct town *town);
uint64_t town_now(const struct town *town);

/* Enrols and installs a till; classes 1 voucher + 2 parking; `group` is a restriction group that it
 * accepts, 0 for none. */
void town_till(struct town *town, struct town_till *till, uint64_t number, uint64_t merchant,
               uint64_t classes, uint64_t group);
void town_till_close(struct town_till *till);
/* As after a restart. */
enum status town_till_reopen(struct town_till *till);

/* A purse of tier 2 with `cents` of paid balance and an open line of `line_cents` (0 for none). */
void town_wallet(struct town *town, struct town_wallet *wallet, uint64_t class, uint64_t cents,
                 uint64_t line_cents);
/* Asks for a line, submits, takes the answer. */
enum status town_allowance(struct town *town, struct town_wallet *wallet, uint64_t cents);
void town_wallet_close(struct town_wallet *wallet);
enum status town_wallet_reopen(struct town_wallet *wallet);
/* The same wallet once more, as a thief or a backup has it: a copy of the folder. */
void town_clone(struct town_wallet *copy, const struct town_wallet *wallet);

/* One step each, as the programs do it; the codes are texts. */
enum status town_request(struct town *town, struct town_till *till, uint64_t class, uint64_t cents,
                         char code[static CODE_TEXT_SIZE]);
enum status town_pay(struct town *town, struct town_wallet *wallet, const char *request,
                     char code[static CODE_TEXT_SIZE], struct digest *id);
enum status town_accept(struct town *town, struct town_till *till, const char *code,
                        char receipt[static SELL_TEXT_SIZE], struct sell_result *result);
enum status town_receipt(struct town_wallet *wallet, const char *receipt);
/* The whole sale; fails with the first status that is not OK. */
enum status town_sale(struct town *town, struct town_till *till, struct town_wallet *wallet,
                      uint64_t cents, struct digest *id);
/* Upload, submit, take the answer. */
enum status town_sync(struct town *town, struct town_till *till);
/* A statement about a payment, submitted; what the ledger answers is taken. */
enum status town_state(struct town *town, struct town_wallet *wallet, const struct digest *id,
                       uint64_t claim);

/* Fresh bytes that are the same in every run. */
void town_random(struct town *town, void *out, size_t len);

#endif
