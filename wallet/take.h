/* What a wallet takes from the ledger: certificates, settlement proofs, role keys and kills.
 * PROTOCOL.md section 11.1. */
#ifndef SCHWEBE_WALLET_TAKE_H
#define SCHWEBE_WALLET_TAKE_H

#include <stdint.h>

#include "protocol/money.h"
#include "protocol/span.h"
#include "protocol/status.h"
#include "wallet/wallet.h"

/* What a parcel brought. */
struct take_result {
    bool allowance; /* a line was opened or renewed */
    struct kid line;
    struct money amount;
    uint64_t until_unix_s;
    bool settled; /* a payment is settled; `proof` is the code to show the till */
    struct digest payment;
    size_t acts; /* role keys and kills, known ones included */
};

/* Takes a parcel of kind allowance, settled or city, all of it or nothing. MESSAGE_TYPE for another
 * kind, ENTRY_SHAPE when half of a pair is missing; ALLOWANCE_UNKNOWN for a certificate that was
 * not asked for; CLASS, AMOUNT_MISMATCH, RESTRICTION when it is not what was asked for;
 * ALLOWANCE_EXPIRED when it ends before the one that is here; TRANSFER_UNKNOWN, AMOUNT_MISMATCH for
 * a proof of no payment of this wallet; the statuses of signer_check. `out` is zeroed on failure.
 */
MUST_CHECK enum status take_parcel(struct take_result *out, struct wallet *wallet,
                                   struct span bytes, uint64_t now_unix_s);

#endif
