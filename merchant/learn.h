/* What a till learns from the city: role keys, kills, parameters, its own certificate. PROTOCOL.md
 * sections 7, 8 and 11.1. */
#ifndef SCHWEBE_MERCHANT_LEARN_H
#define SCHWEBE_MERCHANT_LEARN_H

#include <stdbool.h>
#include <stdint.h>

#include "ledger/store.h"
#include "merchant/till.h"
#include "protocol/span.h"
#include "protocol/status.h"

/* Takes what the city signed, in a transaction of the caller's: a role key or kill (two roots, or
 * treasury and audit), the parameters (programme and treasury), this till's certificate. `known`
 * tells that it was there already. Acts are judged at their own time: a till learns of them late.
 * Parameters of a lower version are known. The certificate must be for this key (WRONG_PAYEE), and
 * for the same number as before (DUPLICATE_ID). The statuses of msg_open, signer_check and
 * signer_check_act. */
MUST_CHECK enum status learn_act(bool *known, struct till *till, struct store_txn *txn,
                                 const struct span parts[static 2]);
MUST_CHECK enum status learn_parameters(bool *known, struct till *till, struct store_txn *txn,
                                        const struct span parts[static 2], uint64_t now_unix_s);
MUST_CHECK enum status learn_certificate(struct till *till, struct span part, uint64_t now_unix_s);

#endif
