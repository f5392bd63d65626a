/* What a wallet asks of the ledger over HTTP. A message is durable before it is sent and waits in
 * the wallet until its answer is taken: whatever is lost on the way, the same bytes go again and
 * get the answer of then. While the network is asked, the wallet is closed and can pay. */
#ifndef SCHWEBE_WALLET_SEND_H
#define SCHWEBE_WALLET_SEND_H

#include <stdbool.h>
#include <stdint.h>

#include "ledger/carry.h"
#include "protocol/crypt.h"
#include "protocol/status.h"
#include "wallet/ask.h"
#include "wallet/take.h"
#include "wallet/wallet.h"

/* Keeps a message until it is answered. `wish` stands for what its owner wants: the same wish again
 * is the same message. `parcel_due`: no answer but one with a parcel will do. The statuses of the
 * store. */
MUST_CHECK enum status send_keep(struct wallet *wallet, const struct digest *wish,
                                 const struct ask *ask, bool parcel_due);

/* OK when a message waits for this wish, NOT_FOUND when none does. */
MUST_CHECK enum status send_waits(struct wallet *wallet, const struct digest *wish);

/* Sends what waits for a wish of the closed wallet in `dir`, and takes the answer. The statuses of
 * carry_post and take_parcel; SERVER_ANSWER when a parcel is due and none came; NOT_FOUND. It waits
 * on unless the ledger has answered, and unless its answer was taken or can never be. `out` is
 * zeroed on failure. */
MUST_CHECK enum status send_one(struct take_result *out, const char *dir, const struct digest *wish,
                                const struct carry *to, uint64_t now_unix_s);

/* Fills `out` with the first wish above `after` (NULL: of all) for which something waits.
 * NOT_FOUND. */
MUST_CHECK enum status send_next(struct digest *out, const char *dir, const struct digest *after);

#endif
