#include "apply_rules.h"

#include "protocol/denylist.h"

#include <assert.h>
#include <string.h>

/* --- keys --- */

static bool
has_kid(const struct public_key *key, const struct cose_message *message)
{
    struct kid kid;

    crypt_kid(&kid, key);
    return memcmp(&kid, &message->kid, sizeof kid) == 0;
}

enum status
apply_purse_signed(struct apply *apply, size_t *device, const struct record_purse *purse,
                   const struct cose_message *message, const struct schema *schema)
{
    const struct public_key *key = NULL;

    *device = RECORD_DEVICES_MAX;
    if (has_kid(&purse->recovery, message))
        key = &purse->recovery;
    for (size_t i = 0; i < purse->devices_count && key == NULL; i++) {
        if (has_kid(&purse->devices[i].key, message)) {
            *device = i;
            key = &purse->devices[i].key;
        }
    }
    if (key == NULL)
        return STATUS_PURSE_KEY;
    return apply_verify(apply, message, schema, key);
}

/* For what only the recovery key may do. */
static enum status
signed_by_recovery(struct apply *apply, const struct record_purse *purse,
                   const struct cose_message *message, const struct schema *schema)
{
    if (!has_kid(&purse->recovery, message))
        return STATUS_PURSE_KEY;
    return apply_verify(apply, message, schema, &purse->recovery);
}

/* --- purses and devices --- */

/* Tier 2 and 3 need enrolment's signature over the same payload. */
static enum status
check_tier(struct apply *apply, const struct msg_purse *purse, const struct cose_message *first)
{
    struct cose_message second;
    struct msg_purse same;
    enum status status;

    if (purse->tier == 1)
        return apply->entry.messages_count == 1 ? STATUS_OK : STATUS_SECOND_SIGNATURE;
    if (apply->entry.messages_count == 1)
        return STATUS_SECOND_SIGNATURE;
    status = apply_open(apply, &second, &same, &msg_purse_schema, 1);
    if (status != STATUS_OK)
        return status;
    if (first->payload.len != second.payload.len ||
        memcmp(first->payload.data, second.payload.data, first->payload.len) != 0)
        return STATUS_SECOND_SIGNATURE;
    return apply_signed(apply, SIGNER_ENROLMENT, &second, &msg_purse_schema, apply->entry.time);
}

enum status
apply_purse_new(struct apply *apply)
{
    struct cose_message message;
    struct msg_purse purse;
    struct record_purse record = {0};
    struct record_purse old;
    struct digest id;
    enum status status = apply_open(apply, &message, &purse, &msg_purse_schema, 0);

    record.recovery = purse.recovery;
    if (status == STATUS_OK)
        status = signed_by_recovery(apply, &record, &message, &msg_purse_schema);
    if (status == STATUS_OK)
        status = check_tier(apply, &purse, &message);
    if (status != STATUS_OK)
        return status;
    if (record_purse_get(&old, &apply->state, purse.purse) ||
        memcmp(&purse.recovery, &purse.device, sizeof purse.device) == 0)
        return STATUS_DUPLICATE_ID;
    record.class = purse.class;
    record.tier = purse.tier;
    record.devices_count = 1;
    record.devices[0] =
        (struct record_device){.key = purse.device, .daily_limit = purse.daily_limit};
    record_purse_put(&apply->state, purse.purse, &record);
    apply_id(apply, &id, &message, &msg_purse_schema);
    apply_see(apply, &id);
    return STATUS_OK;
}

enum status
apply_purse_device(struct apply *apply)
{
    struct cose_message message;
    struct msg_device device;
    struct record_purse purse;
    struct digest id;
    size_t at = 0;
    enum status status = apply_open(apply, &message, &device, &msg_device_schema, 0);

    if (status != STATUS_OK)
        return status;
    if (!record_purse_get(&purse, &apply->state, device.purse))
        return STATUS_PURSE_UNKNOWN;
    status = signed_by_recovery(apply, &purse, &message, &msg_device_schema);
    if (status != STATUS_OK)
        return status;
    if (device.number != purse.number + 1)
        return STATUS_REPLAY;
    while (at < purse.devices_count &&
           memcmp(&purse.devices[at].key, &device.device, sizeof device.device) != 0)
        at++;
    if (device.action == 1) {
        if (at < purse.devices_count ||
            memcmp(&purse.recovery, &device.device, sizeof device.device) == 0)
            return STATUS_DUPLICATE_ID;
        if (at == RECORD_DEVICES_MAX)
            return STATUS_CAPACITY;
        purse.devices[purse.devices_count++] =
            (struct record_device){.key = device.device, .daily_limit = device.daily_limit};
    } else {
        if (at == purse.devices_count)
            return STATUS_PURSE_KEY;
        purse.devices_count--;
        memmove(&purse.devices[at], &purse.devices[at + 1],
                (purse.devices_count - at) * sizeof purse.devices[0]);
    }
    purse.number = device.number;
    record_purse_put(&apply->state, device.purse, &purse);
    apply_id(apply, &id, &message, &msg_device_schema);
    apply_see(apply, &id);
    return STATUS_OK;
}

/* --- gifts --- */

/* Whether an open line of the purse still has free cents of the lot. */
static bool
is_reserved(struct apply *apply, const uint8_t purse[static RECORD_PURSE_SIZE], uint64_t lot)
{
    struct record_walk walk;
    struct state_key prefix;
    struct span key;
    struct span value;

    state_key_begin(&prefix, STATE_LINE_OPEN);
    state_key_bytes(&prefix, purse, RECORD_PURSE_SIZE);
    record_walk_begin(&walk, &apply->state, &prefix);
    while (record_walk_next(&walk, &key, &value)) {
        struct line_walk cents = {0};
        struct line_part part;
        struct line line;
        struct kid id;

        memcpy(id.bytes, key.data + 1 + RECORD_PURSE_SIZE, KID_SIZE);
        if (!record_line_get(&apply->line, &apply->state, &id))
            continue;
        record_line_view(&line, &apply->line);
        while (line_walk_next(&cents, &line, MSG_LINE_CENTS_MAX, &part)) {
            if (part.lot == lot)
                return true;
        }
    }
    return false;
}

enum status
apply_purse_gift(struct apply *apply)
{
    struct cose_message message;
    struct msg_gift gift;
    struct record_purse purse;
    struct record_purse receiver;
    struct record_lot lot;
    struct digest id;
    uint64_t index;
    enum status status = apply_open(apply, &message, &gift, &msg_gift_schema, 0);

    if (status != STATUS_OK)
        return status;
    if (!record_purse_get(&purse, &apply->state, gift.purse))
        return STATUS_PURSE_UNKNOWN;
    status = signed_by_recovery(apply, &purse, &message, &msg_gift_schema);
    if (status != STATUS_OK)
        return status;
    apply_id(apply, &id, &message, &msg_gift_schema);
    if (apply_seen(apply, &index, &id))
        return STATUS_REPLAY;

    const struct book_account from = book_lot(purse.class, gift.purse, gift.lot);
    const struct book_account to = book_lot(purse.class, gift.to, gift.lot);
    const struct money amount = book_balance(&apply->state, &from);

    if (!record_lot_get(&lot, &apply->state, gift.purse, gift.lot) || money_is_zero(amount))
        return STATUS_LOT_UNKNOWN;
    if (lot.expiry <= apply->entry.time)
        return STATUS_LOT_EXPIRED;
    if (is_reserved(apply, gift.purse, gift.lot))
        return STATUS_BALANCE;
    if (!record_purse_get(&receiver, &apply->state, gift.to))
        return STATUS_PURSE_UNKNOWN;
    if (receiver.class != purse.class)
        return STATUS_CLASS;
    if (memcmp(gift.purse, gift.to, RECORD_PURSE_SIZE) == 0)
        return STATUS_DUPLICATE_ID;
    record_lot_put(&apply->state, gift.to, gift.lot, &lot);
    apply_see(apply, &id);
    return apply_post(apply, from, to, amount);
}

/* --- the deny list --- */

static void
denied_key(struct state_key *key, const struct kid *line)
{
    state_key_begin(key, STATE_DENIED);
    state_key_bytes(key, line->bytes, KID_SIZE);
}

/* The next version, whose list is the one that is stored now. */
static void
note_news(struct apply *apply, const struct kid *line, bool added)
{
    struct record_news news = {.id = *line, .added = added, .time = apply->entry.time};
    struct state_head *const head = &apply->state.head;

    apply_purse_deny_hash(apply, &news.hash);
    head->news++;
    record_news_put(&apply->state, head->news, &news);
}

static_assert(DENYLIST_MAX * KID_SIZE <= COSE_PAYLOAD_LARGE_MAX, "apply->large holds the list");

void
apply_purse_deny_hash(struct apply *apply, struct digest *out)
{
    struct record_walk walk;
    struct state_key prefix;
    struct span key;
    struct span value;
    size_t len = 0;

    state_key_begin(&prefix, STATE_DENIED);
    record_walk_begin(&walk, &apply->state, &prefix);
    while (record_walk_next(&walk, &key, &value)) {
        assert(len < DENYLIST_MAX * KID_SIZE);
        memcpy(apply->large + len, key.data + 1, KID_SIZE);
        len += KID_SIZE;
    }
    crypt_hash(out, &(struct span){apply->large, len}, 1);
}

/* Whether the list takes one id more. */
static bool
has_room(struct apply *apply)
{
    struct record_walk walk;
    struct state_key prefix;
    struct span key;
    struct span value;
    size_t count = 0;

    state_key_begin(&prefix, STATE_DENIED);
    record_walk_begin(&walk, &apply->state, &prefix);
    while (record_walk_next(&walk, &key, &value))
        count++;
    return count < DENYLIST_MAX;
}

void
apply_purse_deny(struct apply *apply, struct record_line *line)
{
    struct state_key key;

    if ((line->flags & (RECORD_LINE_DENIED | RECORD_LINE_CLOSED)) != 0 || !has_room(apply))
        return;
    denied_key(&key, &line->id);
    state_put(&apply->state, &key, (struct span){NULL, 0});
    note_news(apply, &line->id, true);
    line->flags |= RECORD_LINE_DENIED;
    line->denied = apply->state.head.news;
}

void
apply_purse_undeny(struct apply *apply, const struct record_line *line)
{
    struct state_key key;

    if ((line->flags & RECORD_LINE_DENIED) == 0)
        return;
    denied_key(&key, &line->id);
    state_delete(&apply->state, &key);
    note_news(apply, &line->id, false);
}

enum status
apply_purse_denial(struct apply *apply)
{
    struct msg_denial denial;
    struct record_line *const line = &apply->line;
    enum status status = apply_act(apply, &denial, &msg_denial_schema);

    if (status != STATUS_OK)
        return status;
    if (!record_line_get(line, &apply->state, &denial.allowance))
        return STATUS_ALLOWANCE_UNKNOWN;
    if ((line->flags & RECORD_LINE_CLOSED) != 0)
        return STATUS_ALLOWANCE_CLOSED;
    if ((line->flags & RECORD_LINE_DENIED) != 0)
        return STATUS_REPLAY;
    if (!has_room(apply))
        return STATUS_CAPACITY;
    apply_purse_deny(apply, line);
    record_line_put(&apply->state, line);
    return STATUS_OK;
}

/* --- loss --- */

/* Reports one line; false when that is nothing new. */
static bool
report(struct apply *apply, const struct kid *id)
{
    struct record_line *const line = &apply->line;

    if (!record_line_get(line, &apply->state, id) || (line->flags & RECORD_LINE_LOST) != 0)
        return false;
    line->flags |= RECORD_LINE_LOST;
    line->lost = apply->entry.time;
    apply_purse_deny(apply, line);
    record_line_put(&apply->state, line);
    return true;
}

static bool
report_all(struct apply *apply, const uint8_t purse[static RECORD_PURSE_SIZE])
{
    struct record_walk walk;
    struct state_key prefix;
    struct span key;
    struct span value;
    bool any = false;

    state_key_begin(&prefix, STATE_LINE_OPEN);
    state_key_bytes(&prefix, purse, RECORD_PURSE_SIZE);
    record_walk_begin(&walk, &apply->state, &prefix);
    while (record_walk_next(&walk, &key, &value)) {
        struct kid id;

        memcpy(id.bytes, key.data + 1 + RECORD_PURSE_SIZE, KID_SIZE);
        any = report(apply, &id) || any;
    }
    return any;
}

static enum status
check_reporter(struct apply *apply, const struct record_purse *purse,
               const struct cose_message *message)
{
    bool support = false;

    for (size_t i = 0; i < apply->state.signers.count; i++)
        support = support || (apply->state.signers.keys[i].role == SIGNER_SUPPORT &&
                              has_kid(&apply->state.signers.keys[i].key, message));
    if (!support)
        return signed_by_recovery(apply, purse, message, &msg_loss_report_schema);
    if (apply->trust)
        return STATUS_OK;
    return signer_check(NULL, &apply->state.signers, SIGNER_SUPPORT, message,
                        &msg_loss_report_schema, apply->state.network, apply->entry.time,
                        apply->entry.time);
}

enum status
apply_purse_loss(struct apply *apply)
{
    static const struct kid none;
    struct cose_message message;
    struct msg_loss_report loss;
    struct record_purse purse;
    struct record_line *const line = &apply->line;
    struct digest id;
    enum status status = apply_open(apply, &message, &loss, &msg_loss_report_schema, 0);

    if (status != STATUS_OK)
        return status;
    if (!record_purse_get(&purse, &apply->state, loss.purse))
        return STATUS_PURSE_UNKNOWN;
    status = check_reporter(apply, &purse, &message);
    if (status != STATUS_OK)
        return status;
    apply_id(apply, &id, &message, &msg_loss_report_schema);
    apply_see(apply, &id);
    if (memcmp(&loss.allowance, &none, sizeof none) == 0)
        return report_all(apply, loss.purse) ? STATUS_OK : STATUS_REPLAY;
    if (!record_line_get(line, &apply->state, &loss.allowance) ||
        memcmp(line->purse, loss.purse, sizeof loss.purse) != 0)
        return STATUS_ALLOWANCE_UNKNOWN;
    if ((line->flags & RECORD_LINE_CLOSED) != 0)
        return STATUS_ALLOWANCE_CLOSED;
    return report(apply, &loss.allowance) ? STATUS_OK : STATUS_REPLAY;
}
