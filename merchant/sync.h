/* A till and the city: installation, uploads and what comes back. PROTOCOL.md sections 9.6, 11
 * and 14. */
#ifndef SCHWEBE_MERCHANT_SYNC_H
#define SCHWEBE_MERCHANT_SYNC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "merchant/till.h"
#include "protocol/msg.h"
#include "protocol/span.h"
#include "protocol/status.h"

/* Items of one upload at most; the rest follows with the next one. */
#define SYNC_ITEMS_MAX 512

/* Fills `out` with the upload of everything that the ledger is not known to have, as one parcel.
 * NOT_FOUND when there is nothing; BUFFER; the statuses of the log. The same call again gives an
 * upload that begins at the same entry: sending it twice does no harm. `more` tells that one upload
 * was not enough. */
MUST_CHECK enum status sync_upload(uint8_t *out, size_t cap, size_t *len, bool *more,
                                   struct till *till, uint64_t now_unix_s);

/* What a parcel brought. */
struct sync_result {
    bool certificate; /* installed or renewed */
    bool acknowledged;
    uint64_t size;      /* of the till's log that the ledger holds */
    size_t results_len; /* one byte an item of the acknowledged upload */
    uint8_t results[SYNC_ITEMS_MAX];
    bool anchored;
    uint64_t news; /* version of the deny list now */
    size_t denied; /* ids on it */
    size_t acts;   /* role keys, kills and parameters, known ones included */
};

/* Takes a parcel of the ledger's: till, sync or city; all of it or nothing. Acts first, then the
 * certificate, news, acknowledgement, anchor. `seed` are 32 fresh random bytes for the salts of the
 * entries. MESSAGE_TYPE for another kind; WRONG_PAYEE for another till's; UPLOAD_FORK when the
 * anchor's root is not that of this till's log; ROLE_NOT_ALLOWED for another city's genesis; the
 * statuses of signer_check, signer_check_act, denylist_apply (news that is already here does
 * nothing). */
MUST_CHECK enum status sync_take(struct sync_result *out, struct till *till, struct span parcel,
                                 const uint8_t seed[static 32], uint64_t now_unix_s);

/* Takes one code that somebody shows: news (N), a role key or kill needs two signatures and comes
 * in parcels. The statuses of text_decode and of the news. */
MUST_CHECK enum status sync_learn(struct sync_result *out, struct till *till, struct span text,
                                  const uint8_t seed[static 32], uint64_t now_unix_s);

#endif
