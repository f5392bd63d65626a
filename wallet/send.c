#include "wallet/send.h"

#include <assert.h>
#include <string.h>

static_assert(ASK_MAX <= POCKET_WAITING_MAX, "every message can wait");

/* Statuses of payment and settlement: given once the signatures are known to be good, so they stay.
 * What comes before is no answer of the ledger's, what comes behind is about this machine. */
#define RULES_BEGIN 70
#define RULES_END 150

static struct wallet wallet;

enum status
send_keep(struct wallet *kept, const struct digest *wish, const struct ask *ask, bool parcel_due)
{
    const struct pocket_waiting waiting = {parcel_due ? 1 : 0, {ask->bytes, ask->len}};
    struct store_txn txn;
    const enum status status = store_begin_write(&txn, &kept->store);

    assert(ask->len > 0);
    return status == STATUS_OK ? store_finish(&txn, pocket_put_waiting(&txn, wish, &waiting))
                               : status;
}

enum status
send_waits(struct wallet *kept, const struct digest *wish)
{
    struct pocket_waiting waiting;
    struct store_txn txn;
    enum status status = store_begin_read(&txn, &kept->store);

    if (status != STATUS_OK)
        return status;
    status = pocket_get_waiting(&waiting, &txn, wish);
    store_abort(&txn);
    return status;
}

static enum status
load(struct ask *out, bool *parcel_due, const char *dir, const struct digest *wish)
{
    struct pocket_waiting waiting;
    struct store_txn txn;
    enum status status = wallet_open(&wallet, dir);

    if (status != STATUS_OK)
        return status;
    status = store_begin_read(&txn, &wallet.store);
    if (status == STATUS_OK) {
        status = pocket_get_waiting(&waiting, &txn, wish);
        if (status == STATUS_OK) {
            out->len = waiting.message.len;
            memcpy(out->bytes, waiting.message.data, out->len);
            *parcel_due = waiting.parcel_due == 1;
        }
        store_abort(&txn);
    }
    wallet_close(&wallet);
    return status;
}

/* Takes the answer, then lets the message go: the other way round a power cut would lose it. */
static enum status
settle(struct take_result *out, const char *dir, const struct digest *wish, struct span answer,
       uint64_t now_unix_s)
{
    struct store_txn txn;
    enum status dropped;
    enum status status = wallet_open(&wallet, dir);

    if (status != STATUS_OK)
        return status;
    if (answer.len > 0)
        status = take_parcel(out, &wallet, answer, now_unix_s);
    if (status == STATUS_OK || (status >= RULES_BEGIN && status < RULES_END)) {
        dropped = store_begin_write(&txn, &wallet.store);
        if (dropped == STATUS_OK)
            dropped = store_finish(&txn, pocket_drop_waiting(&txn, wish));
        if (status == STATUS_OK && dropped != STATUS_NOT_FOUND)
            status = dropped;
    }
    wallet_close(&wallet);
    return status;
}

enum status
send_one(struct take_result *out, const char *dir, const struct digest *wish,
         const struct carry *to, uint64_t now_unix_s)
{
    static uint8_t answer[MSG_PARCEL_MAX];
    static struct ask ask;
    bool parcel_due = false;
    bool answered = false;
    size_t len = 0;
    enum status settled;
    enum status status = load(&ask, &parcel_due, dir, wish);

    memset(out, 0, sizeof *out);
    if (status == STATUS_OK)
        status = carry_post(answer, sizeof answer, &len, &answered, to,
                            (struct span){ask.bytes, ask.len}, false);
    if (status == STATUS_OK && parcel_due && len == 0)
        return STATUS_SERVER_ANSWER;
    if (!answered)
        return status;
    settled = settle(out, dir, wish, (struct span){answer, len}, now_unix_s);
    if (status == STATUS_OK && settled != STATUS_OK)
        memset(out, 0, sizeof *out);
    return status == STATUS_OK ? settled : status;
}

enum status
send_next(struct digest *out, const char *dir, const struct digest *after)
{
    struct store_txn txn;
    enum status status = wallet_open(&wallet, dir);

    if (status != STATUS_OK)
        return status;
    status = store_begin_read(&txn, &wallet.store);
    if (status == STATUS_OK) {
        status = pocket_next_waiting(out, &txn, after);
        store_abort(&txn);
    }
    wallet_close(&wallet);
    return status;
}
