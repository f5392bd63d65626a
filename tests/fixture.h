/* A city in a few calls: deterministic keys, a log in a temporary folder, merchants, tills that
 * keep a log of their own, wallets that sign. For tests of ledger, till and wallet, fuzzing and
 * crashes. Whatever the fixture itself needs to succeed is checked with abort. */
#ifndef SCHWEBE_FIXTURE_H
#define SCHWEBE_FIXTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/city.h"
#include "ledger/intake.h"
#include "ledger/log.h"
#include "protocol/merkle.h"
#include "protocol/msg.h"
#include "protocol/note.h"

#define FIXTURE_NETWORK 2
#define FIXTURE_ORIGIN "test.invalid/wuppertal"
/* The morning on which every city begins; a Tuesday, 8:00 UTC. */
#define FIXTURE_START UINT64_C(1795507200)
#define FIXTURE_DAY UINT64_C(86400)
#define FIXTURE_ITEMS_MAX 1400
#define FIXTURE_ITEM_MAX 2048

struct fixture_key {
    struct secret_key secret;
    struct public_key key;
};

/* The key pair of a name and a number: always the same. */
void fixture_key(struct fixture_key *out, const char *name, uint64_t number);

/* About 6 MiB: static memory. */
struct fixture_city {
    char folder[64];
    struct store store;
    struct log log;
    struct note_key log_key;
    struct fixture_key roots[3];
    struct fixture_key roles[14]; /* by role number */
    struct intake_keys keys;
    struct intake intake;
    struct intake_moment moment; /* time_unix_s is the clock; every call gets a new seed */
    struct intake_result result; /* of the last call */
    struct msg_parameters parameters;
    uint64_t calls;
    uint64_t number; /* for numbers that are used once */
    /* While this is set, parcels are submitted in batches: for large cities. The answers are not
     * durable before fixture_end_batch; the clock stands still until then. */
    bool batched;
    uint64_t waiting;
    /* Faults of the next uploads: parts that are left out at the end; the last two exchanged. */
    size_t parts_dropped;
    bool parts_swapped;
    uint8_t message[2][COSE_MESSAGE_LARGE_MAX];
    uint8_t parcel[MSG_PARCEL_MAX];
    struct msg_parcel parts;
};

/* Makes an empty store and log in a new folder, and all keys. */
void fixture_open(struct fixture_city *city);
/* The same in a folder that is there and that fixture_close removes, such as one on a disk. */
void fixture_open_in(struct fixture_city *city, const char *folder);
/* Closes and opens again, as after a restart; forgets nothing but what was in memory. */
void fixture_reopen(struct fixture_city *city);
/* Closes store and log; fixture_reopen takes them back. In between a node can have the city, in
 * this process or in a child: fixture_node opens it as one does, until city_close. */
void fixture_leave(struct fixture_city *city);
void fixture_node(const struct fixture_city *city, struct city *out);
/* Removes the folder; with FIXTURE_EXPORT=DIR in the environment its log is exported below DIR
 * first, for the second reader. */
void fixture_close(struct fixture_city *city);

void fixture_later(struct fixture_city *city, uint64_t seconds);
/* The moment of the next call: the city's clock, and a seed of its own. */
const struct intake_moment *fixture_moment(struct fixture_city *city);

/* Ends the batch that is under way, if there is one. */
void fixture_end_batch(struct fixture_city *city);

/* Submits a parcel; the answer is in city->result. */
enum status fixture_submit(struct fixture_city *city, enum msg_parcel_kind kind,
                           const struct span *parts, size_t count);
/* Signs and submits an act by one or two keys (`second` may be NULL). */
enum status fixture_signed(struct fixture_city *city, const struct schema *schema,
                           const void *object, const struct fixture_key *first,
                           const struct fixture_key *second);
/* The same by the roles' own keys, `second` 0 for none. */
enum status fixture_act(struct fixture_city *city, const struct schema *schema, const void *object,
                        unsigned first, unsigned second);

/* Genesis, role keys, parameters as in threat arithmetic, series 1 (voucher, 20 % promo, budget
 * 100,000 euros) and 2 (parking), funding of all kinds for both. */
void fixture_genesis(struct fixture_city *city);
void fixture_parameters(struct msg_parameters *out, uint64_t version, uint64_t from);
void fixture_standard(struct fixture_city *city);
/* Only the series and the funding of that. */
void fixture_programmes(struct fixture_city *city);
enum status fixture_fund(struct fixture_city *city, uint64_t class, uint64_t purpose,
                         uint64_t series, uint64_t cents);

/* A merchant's number also names his key ("merchant", number). */
void fixture_merchant(struct fixture_city *city, uint64_t merchant);

/* A till with its own log. */
struct fixture_item {
    size_t len;
    uint8_t bytes[FIXTURE_ITEM_MAX];
};
struct fixture_till {
    uint64_t number;
    uint64_t merchant;
    struct fixture_key key;
    struct merkle_frontier tree;
    size_t count;
    size_t uploaded; /* what upload_rest begins with */
    struct fixture_item items[FIXTURE_ITEMS_MAX];
    uint64_t requests;
    uint64_t uploads;
    /* The last acknowledgement, of the items from `first` on. */
    size_t first;
    struct msg_ack ack;
    uint8_t results[512];
};

/* Enrols a till (level S, 500 euros, 60 transfers, class voucher and parking) and installs it. */
void fixture_till(struct fixture_city *city, struct fixture_till *till, uint64_t number,
                  uint64_t merchant);
/* The same with another limit, in cents. */
void fixture_till_limited(struct fixture_city *city, struct fixture_till *till, uint64_t number,
                          uint64_t merchant, uint64_t limit);
/* The same for a restriction group. */
void fixture_restricted(struct fixture_city *city, struct fixture_till *till, uint64_t number,
                        uint64_t merchant, uint64_t restriction);
/* Adds an entry to the till's log. */
void fixture_item(struct fixture_till *till, uint64_t kind, uint64_t time,
                  const struct span *messages, size_t count);
/* Takes anchor and news out of an answer into the till's log. */
void fixture_receive(struct fixture_city *city, struct fixture_till *till, struct span answer);
/* Uploads items [first, first + count) as a new message, and fills till->ack; the till receives the
 * answer when `receive` is set. */
enum status fixture_upload(struct fixture_city *city, struct fixture_till *till, size_t first,
                           size_t count, bool receive);
/* All that was not uploaded, then receives. */
enum status fixture_sync(struct fixture_city *city, struct fixture_till *till);
/* The result byte of the item at `index` in the last acknowledgement; 999 when it has none. */
unsigned fixture_result(const struct fixture_till *till, size_t index);

/* A purse and a wallet with one line. */
struct fixture_wallet {
    uint8_t purse[16];
    uint64_t class;
    uint64_t tier;
    struct fixture_key recovery;
    struct fixture_key device;
    uint64_t keys; /* number of line keys so far */
    struct fixture_key line_key;
    struct kid line;
    struct msg_allowance allowance;
    size_t certificate_len;
    uint8_t certificate[COSE_MESSAGE_MAX];
    uint64_t cursor;
    uint64_t seq;
    uint8_t prev[16];
};

/* A purse of tier 1 to 3, whose keys are ("recovery", number) and ("device", number). */
void fixture_purse(struct fixture_city *city, struct fixture_wallet *wallet, uint64_t number,
                   uint64_t class, uint64_t tier);
/* Issues from series 1 (voucher) or 2 (parking), good for a year. */
enum status fixture_issue(struct fixture_city *city, const struct fixture_wallet *wallet,
                          uint64_t paid, uint64_t promo);
/* A new line, or a renewal; takes the certificate into the wallet. */
enum status fixture_allowance(struct fixture_city *city, struct fixture_wallet *wallet,
                              uint64_t cents);
enum status fixture_allowance_for(struct fixture_city *city, struct fixture_wallet *wallet,
                                  uint64_t cents, uint64_t restriction);
enum status fixture_renewal(struct fixture_city *city, struct fixture_wallet *wallet,
                            uint64_t cents);

/* A payment: request, transfer, and what was made of them. */
struct fixture_payment {
    struct msg_request request;
    struct msg_transfer transfer;
    struct digest request_id;
    struct digest id;
    size_t request_len;
    size_t transfer_len;
    size_t certificate_len;
    uint8_t request_cose[512];
    uint8_t transfer_cose[512];
    uint8_t certificate[COSE_MESSAGE_MAX];
    size_t accepted; /* index of the till's accept entry */
};

/* The till's request and the wallet's transfer of the next `cents`. */
void fixture_pay(struct fixture_city *city, struct fixture_payment *payment,
                 struct fixture_wallet *wallet, struct fixture_till *till, uint64_t cents);
/* The same for any interval, sequence and predecessor: what a cheat signs. The wallet's cursor is
 * not moved. */
void fixture_forge(struct fixture_city *city, struct fixture_payment *payment,
                   const struct fixture_wallet *wallet, struct fixture_till *till, uint64_t from,
                   uint64_t to, uint64_t seq);
/* The till accepts, without asking its rules. */
void fixture_accept(struct fixture_city *city, struct fixture_till *till,
                    struct fixture_payment *payment);
/* pay and accept. */
void fixture_sale(struct fixture_city *city, struct fixture_payment *payment,
                  struct fixture_wallet *wallet, struct fixture_till *till, uint64_t cents);
void fixture_void(struct fixture_city *city, struct fixture_till *till,
                  const struct fixture_payment *payment);
/* By the till's key, or its merchant's. */
void fixture_refund(struct fixture_city *city, struct fixture_till *till,
                    const struct fixture_payment *payment, uint64_t cents, uint64_t number,
                    bool merchant_key);
/* A statement of the wallet's purse: claim 1 receipt, 2 delivered, 3 settle now, 4 cancelled. */
enum status fixture_statement(struct fixture_city *city, const struct fixture_wallet *wallet,
                              const struct fixture_till *till,
                              const struct fixture_payment *payment, uint64_t claim);

/* A service day on each of the next days, then whatever is due is closed. */
void fixture_days(struct fixture_city *city, unsigned days);
enum status fixture_close_due(struct fixture_city *city);
enum status fixture_loss(struct fixture_city *city, const struct fixture_wallet *wallet, bool all);

/* Questions to the state as it was last committed. */
uint64_t fixture_balance(struct fixture_city *city, const struct book_account *account);
uint64_t fixture_owed(struct fixture_city *city, uint64_t merchant);
uint64_t fixture_fund_balance(struct fixture_city *city);
bool fixture_line(struct fixture_city *city, struct record_line *out, const struct kid *line);
bool fixture_transfer(struct fixture_city *city, struct record_transfer *out,
                      const struct digest *id);
void fixture_digest(struct fixture_city *city, struct digest *out);
/* What does not depend on the order in which disjoint uploads came: accounts; of each line its
 * settled intervals and flags; of each transfer its outcome and refunds. */
void fixture_essence(struct fixture_city *city, struct digest *out);
/* Replays the log into a fresh store: OK when every entry applies and the state is the same. */
enum status fixture_replay(struct fixture_city *city);
/* Recounts the books. */
enum status fixture_recount(struct fixture_city *city);

#endif
