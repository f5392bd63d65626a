/* A till: its key, its certificate, what the city told it, its open requests, its sales and its own
 * signed log, in one folder. PROTOCOL.md sections 9 and 11.2.
 *
 * The folder holds `till.key`, the store, and what the log keeps outside it. Everything is durable
 * before a function that fills a code returns. */
#ifndef SCHWEBE_MERCHANT_TILL_H
#define SCHWEBE_MERCHANT_TILL_H

#include <stdbool.h>
#include <stdint.h>

#include "ledger/log.h"
#include "ledger/store.h"
#include "merchant/drawer.h"
#include "protocol/accept.h"
#include "protocol/crypt.h"
#include "protocol/denylist.h"
#include "protocol/file.h"
#include "protocol/msg.h"
#include "protocol/note.h"
#include "protocol/signer.h"
#include "protocol/span.h"
#include "protocol/status.h"
#include "protocol/tally.h"

/* Requests that are open or ended in the last day and are still looked at. */
#define TILL_REQUESTS_MAX 256
/* Of these, places that are kept for printed requests. */
#define TILL_PRINTED_MAX 16
/* Unconfirmed sales that a till holds; a certificate may allow no more. */
#define TILL_UNCONFIRMED_MAX TALLY_MAX
#define TILL_SALT_SIZE 16

/* Versions of the parameters that a till keeps: one in force and those that were announced. */
#define TILL_PARAMETERS_MAX 8

/* An open till. Large: at home in static memory. The spans in `meta` and the title in `certificate`
 * borrow from the byte arrays here. */
struct till {
    struct store store;
    struct log log;
    struct log_batch batch;
    struct note_key note_key; /* names the log */
    struct secret_key secret;
    char dir[FILE_PATH_MAX];
    bool installed;         /* there is a certificate, and with it a log */
    bool logging;           /* `log` is open */
    bool batched;           /* the open transaction is `batch` */
    struct store_txn plain; /* else this one */
    struct drawer_meta meta;
    uint8_t certificate_bytes[CODE_MESSAGE_MAX];
    uint8_t origin_bytes[256];
    struct msg_till certificate;
    size_t parameters_count;
    struct msg_parameters parameters[TILL_PARAMETERS_MAX]; /* in force or to come, ascending */
    struct signer_list signers;
    struct kid denied_ids[DRAWER_DENIED_MAX];
    struct denylist denied;
    struct tally_item tally_items[TILL_UNCONFIRMED_MAX];
    struct tally tally;
};

/* Makes a till's key and store in the folder `dir`, which exists, and pins the roots of the `city`
 * parcel. `random`: seed and seal. EXISTS; ENTRY_SHAPE for another parcel; the statuses of its
 * checks, of keyfile_write and of the store. */
struct till_random {
    uint8_t seed[SEED_SIZE];
    uint8_t seal[SEAL_SALT_SIZE + SEAL_NONCE_SIZE];
};
MUST_CHECK enum status till_create(const char *dir, struct span city, struct span passphrase,
                                   enum seal_cost cost, const struct till_random *random,
                                   uint64_t now_unix_s);

/* Opens the till with its key, and owns its store until till_close. NOT_FOUND, PASSPHRASE, KEYFILE,
 * STORE_BUSY, STORE_BROKEN; LOG_ROLLBACK when the store is older than what the till signed: it is
 * enrolled anew, and its old sales are in the copies that were made of it. On failure nothing is
 * held. */
MUST_CHECK enum status till_open(struct till *out, const char *dir, struct span passphrase);

/* Wipes the key. */
void till_close(struct till *till);

/* Begins the log of a till that has just got its certificate: its first entry is the certificate.
 * It is dated by it, as a clock may be ahead. `seed` are 32 fresh random bytes. The statuses of
 * log_create, log_open and till_append. */
MUST_CHECK enum status till_start_log(struct till *till, const uint8_t seed[static 32],
                                      uint64_t now_unix_s);

/* CERTIFICATE_EXPIRED until a certificate is installed. */
MUST_CHECK enum status till_ready(const struct till *till);

/* The latest time that the till knows: anchor, news, own last entry. */
uint64_t till_lower_bound(const struct till *till);

/* The parameters in force at a time: the last version whose `from` has come, as the ledger has it
 * (PROTOCOL.md section 9.6); before the first one's, that one. All zero without any. */
const struct msg_parameters *till_parameters(const struct till *till, uint64_t t_unix_s);

/* Whether the till may date an entry by its clock: CLOCK_BEHIND, CLOCK_AHEAD. Section 11.2. */
MUST_CHECK enum status till_clock(const struct till *till, uint64_t now_unix_s);

/* Fills what acceptance needs but requests, codes and known sales. Borrows from `till`. */
void till_accept_state(struct accept_state *out, const struct till *till, uint64_t now_unix_s);

/* Appends one entry of the till's log: section 11.2. The salt are fresh random bytes. `index` is
 * its place. ENTRY_TIME when the clock is behind the last entry; the statuses of log_append.
 * Updates last_time in memory; the caller puts the meta record in the same transaction. */
MUST_CHECK enum status till_append(struct till *till, uint64_t *index, uint64_t kind,
                                   const struct span *messages, size_t count,
                                   const uint8_t salt[static TILL_SALT_SIZE], uint64_t now_unix_s);

/* Begins a write transaction, a batch of the log if there is one; `txn` borrows from the till. */
MUST_CHECK enum status till_begin(struct store_txn **txn, struct till *till);

/* Ends it: when `status` is OK everything is durable, the log's checkpoint included, before this
 * returns. Otherwise everything is dropped, what the till has in memory is read again, and `status`
 * is passed on. */
MUST_CHECK enum status till_finish(struct till *till, enum status status);
/* Drops it. */
void till_drop(struct till *till);

/* Kinds of entries in a till's log; append-only. */
enum till_entry {
    TILL_OPEN = 1,
    TILL_ANCHOR = 2,
    TILL_ACCEPT = 3,
    TILL_VOID = 4,
    TILL_REFUND = 5,
    TILL_NEWS = 6,
    TILL_KILL = 7,
    TILL_PROOF = 8,
    TILL_CONFIRMATION = 9,
    TILL_PARAMETERS = 10,
    TILL_ROLE_KEY = 11,
    TILL_RENEWAL = 12,
};

#endif
