/* A till and the city's service: what the till has goes there, the answer comes back. While the
 * network is asked the till is closed, so that it can sell. PROTOCOL.md section 21. */
#ifndef SCHWEBE_MERCHANT_EXCHANGE_H
#define SCHWEBE_MERCHANT_EXCHANGE_H

#include <stdint.h>

#include "ledger/carry.h"
#include "merchant/sync.h"
#include "protocol/span.h"
#include "protocol/status.h"

/* Which till, and what it is asked with; borrows all. */
struct exchange {
    const char *dir;
    struct span passphrase;
    struct carry to;
    void (*random)(void *out, size_t len); /* for the salts of the entries */
    uint64_t now_unix_s;
    /* Called with what one answer brought and the till that took it, still open. */
    void (*taken)(const void *context, const struct till *till, const struct sync_result *result);
    const void *context;
};

/* Uploads all that the ledger is not known to have, in as many parts as it takes, and takes each
 * answer before the next. Whatever is lost on the way, the same call again finds the till as it
 * was: an upload begins where the last answer ended, and the ledger knows what it has.
 *
 * The statuses of till_open, sync_upload, carry_post and sync_take; SERVER_ANSWER when an answer
 * acknowledges nothing. */
MUST_CHECK enum status exchange_upload(const struct exchange *exchange);

/* Takes the till parcel with this number: installs the till, or renews it. */
MUST_CHECK enum status exchange_install(const struct exchange *exchange, uint64_t number);

#endif
