#include "apply_rules.h"

#include <assert.h>
#include <string.h>

/* --- free lots --- */

static bool
is_among(uint64_t restriction, const uint64_t *restrictions, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (restrictions[i] == restriction)
            return true;
    }
    return false;
}

bool
apply_line_next_lot(struct apply *apply, struct apply_lot *out, const struct apply_lot *after,
                    const uint8_t purse[static RECORD_PURSE_SIZE], uint64_t class,
                    const uint64_t *restrictions, size_t restriction_count, uint64_t t_unix_s)
{
    struct record_walk walk;
    struct state_key prefix;
    struct record_lot record;
    uint64_t id;
    bool found = false;

    state_key_begin(&prefix, STATE_LOT);
    state_key_bytes(&prefix, purse, RECORD_PURSE_SIZE);
    record_walk_begin(&walk, &apply->state, &prefix);
    while (record_lot_next(&record, &id, &walk)) {
        const struct line_lot lot = {id, record.expiry, record.promo != 0};
        const struct book_account account = book_lot(class, purse, id);
        struct money balance;

        if (record.expiry <= t_unix_s ||
            !is_among(record.restriction, restrictions, restriction_count) ||
            (after != NULL && !line_lot_before(&after->lot, &lot)) ||
            (found && !line_lot_before(&lot, &out->lot)))
            continue;
        balance = book_balance(&apply->state, &account);
        if (money_is_zero(balance))
            continue;
        *out = (struct apply_lot){lot, record.restriction, balance};
        found = true;
    }
    return found;
}

/* Takes `ask->added` cents from the purse's lots in their order. */
static enum status
choose_lots(struct apply *apply, struct apply_ask *ask)
{
    const size_t most = sizeof ask->lots.lots / sizeof ask->lots.lots[0];
    struct apply_lot lot;
    uint64_t left = ask->added;
    bool first = true;

    ask->lots.lots_count = 0;
    while (left > 0) {
        struct apply_lot next;

        if (!apply_line_next_lot(apply, &next, first ? NULL : &lot, ask->purse_id, ask->purse.class,
                                 &ask->restriction, 1, apply->entry.time))
            return STATUS_BALANCE;
        if (ask->lots.lots_count == most)
            return STATUS_CAPACITY;
        lot = next;
        first = false;

        const uint64_t free = money_cents(lot.free);
        const uint64_t cents = free < left ? free : left;

        ask->lots.lots[ask->lots.lots_count++] =
            (struct msg_lot_part){lot.lot.id, apply_cents(cents)};
        if (lot.lot.expiry_unix_s < ask->expiry)
            ask->expiry = lot.lot.expiry_unix_s;
        left -= cents;
    }
    return STATUS_OK;
}

/* --- limits --- */

/* What all open lines of the purse that are good offline may still cost. */
static uint64_t
open_cents(struct apply *apply, const uint8_t purse[static RECORD_PURSE_SIZE], size_t *lines)
{
    struct record_walk walk;
    struct state_key prefix;
    struct span key;
    struct span value;
    uint64_t sum = 0;

    *lines = 0;
    state_key_begin(&prefix, STATE_LINE_OPEN);
    state_key_bytes(&prefix, purse, RECORD_PURSE_SIZE);
    record_walk_begin(&walk, &apply->state, &prefix);
    while (record_walk_next(&walk, &key, &value)) {
        struct kid id;

        ++*lines;
        memcpy(id.bytes, key.data + 1 + RECORD_PURSE_SIZE, KID_SIZE);
        if (record_line_get(&apply->other, &apply->state, &id) && apply->other.online == 0)
            sum += apply->other.cents - apply->other.settled + apply->other.refunded;
    }
    return sum;
}

/* What the device key has asked for today, the new cents included. */
static enum status
count_device(struct apply *apply, struct apply_ask *ask)
{
    const uint64_t day = apply->entry.time / 86400;
    struct record_device *device;

    if (ask->device == RECORD_DEVICES_MAX)
        return STATUS_OK;
    device = &ask->purse.devices[ask->device];
    if (device->day != day) {
        device->day = day;
        device->asked = MONEY_ZERO;
    }
    if (money_add(&device->asked, device->asked, apply_cents(ask->added)) != STATUS_OK ||
        money_compare(device->asked, device->daily_limit) > 0)
        return STATUS_AMOUNT_OVER_LIMIT;
    return STATUS_OK;
}

/* --- what was asked for --- */

static enum status
read_request(struct apply *apply, struct apply_ask *ask, struct span in)
{
    struct cose_message message;
    struct msg_allowance_request request;
    struct record_line *const line = &apply->line;
    enum status status =
        msg_open(&message, &request, &msg_allowance_request_schema, apply->state.network, in);

    if (status != STATUS_OK)
        return status;
    memcpy(ask->purse_id, request.purse, sizeof ask->purse_id);
    if (!record_purse_get(&ask->purse, &apply->state, request.purse))
        return STATUS_PURSE_UNKNOWN;
    status = apply_purse_signed(apply, &ask->device, &ask->purse, &message,
                                &msg_allowance_request_schema);
    if (status != STATUS_OK)
        return status;
    apply_id(apply, &ask->id, &message, &msg_allowance_request_schema);
    crypt_kid(&ask->line, &request.key);
    if (record_line_get(line, &apply->state, &ask->line))
        return STATUS_DUPLICATE_ID;
    ask->key = request.key;
    ask->amount = money_cents(request.amount);
    ask->added = ask->amount;
    ask->restriction = request.restriction;
    ask->online = request.online;
    ask->expiry = UINT32_MAX;
    return STATUS_OK;
}

static enum status
read_renewal(struct apply *apply, struct apply_ask *ask, struct span in,
             const struct msg_parameters *parameters)
{
    struct cose_message message;
    struct msg_renewal_request request;
    struct record_line *const line = &apply->line;
    uint64_t index;
    enum status status =
        msg_open(&message, &request, &msg_renewal_request_schema, apply->state.network, in);

    if (status != STATUS_OK)
        return status;
    memcpy(ask->purse_id, request.purse, sizeof ask->purse_id);
    if (!record_purse_get(&ask->purse, &apply->state, request.purse))
        return STATUS_PURSE_UNKNOWN;
    status =
        apply_purse_signed(apply, &ask->device, &ask->purse, &message, &msg_renewal_request_schema);
    if (status != STATUS_OK)
        return status;
    apply_id(apply, &ask->id, &message, &msg_renewal_request_schema);
    if (apply_seen(apply, &index, &ask->id))
        return STATUS_REPLAY;
    if (!record_line_get(line, &apply->state, &request.allowance) ||
        memcmp(line->purse, request.purse, sizeof request.purse) != 0)
        return STATUS_ALLOWANCE_UNKNOWN;
    if ((line->flags & RECORD_LINE_CLOSED) != 0)
        return STATUS_ALLOWANCE_CLOSED;
    if ((line->flags & RECORD_LINE_FROZEN) != 0)
        return STATUS_ALLOWANCE_FROZEN;
    if ((line->flags & (RECORD_LINE_DENIED | RECORD_LINE_LOST)) != 0)
        return STATUS_ALLOWANCE_DENIED;
    ask->amount = money_cents(request.amount);
    if (ask->amount < line->cents)
        return STATUS_AMOUNT_RANGE;
    if (apply->entry.time >= line->first_from + parameters->line_days * 86400)
        return STATUS_LINE_LIMIT;
    ask->renewal = true;
    ask->line = line->id;
    ask->key = line->key;
    ask->added = ask->amount - line->cents;
    ask->restriction = line->restriction;
    ask->online = line->online;
    ask->expiry = line->expiry;
    return STATUS_OK;
}

enum status
apply_line_ask(struct apply *apply, struct apply_ask *out, struct span message)
{
    struct msg_parameters parameters;
    size_t lines;
    uint64_t open;
    uint64_t type;
    enum status status = msg_peek(&type, message);

    memset(out, 0, sizeof *out);
    if (status == STATUS_OK)
        status = apply_parameters(apply, &parameters);
    if (status == STATUS_OK)
        status = type == MSG_RENEWAL_REQUEST ? read_renewal(apply, out, message, &parameters)
                                             : read_request(apply, out, message);
    if (status == STATUS_OK)
        status = count_device(apply, out);
    if (status != STATUS_OK)
        return status;
    open = open_cents(apply, out->purse_id, &lines);
    if (type == MSG_ALLOWANCE_REQUEST && lines >= APPLY_LINES_MAX)
        return STATUS_LINE_LIMIT;
    if (out->online == 0 &&
        open + out->added > money_cents(parameters.open_limits[out->purse.tier - 1]))
        return STATUS_TIER_LIMIT;
    out->limit = parameters.transfer_limits[out->purse.tier - 1];
    out->hours_max = parameters.allowance_hours;
    return choose_lots(apply, out);
}

/* --- the certificate --- */

enum status
apply_line_certificate(struct msg_allowance *out, struct apply *apply, const struct apply_ask *ask,
                       uint64_t t_unix_s)
{
    uint64_t from = t_unix_s;
    uint64_t hours = ask->hours_max;

    /* It ends no later than its earliest lot; less than an hour is won by an earlier beginning. */
    if (from + 3600 * hours > ask->expiry)
        hours = ask->expiry > from ? (ask->expiry - from) / 3600 : 0;
    if (hours == 0) {
        hours = 1;
        from = ask->expiry - 3600;
    }
    *out = (struct msg_allowance){.network = apply->state.network,
                                  .key = ask->key,
                                  .class = ask->purse.class,
                                  .tier = ask->purse.tier,
                                  .amount = apply_cents(ask->amount),
                                  .limit = ask->limit,
                                  .from = from,
                                  .hours = hours,
                                  .restriction = ask->restriction,
                                  .online = ask->online};
    if (from + 3600 * hours <= t_unix_s || (ask->renewal && from + 3600 * hours <= apply->line.end))
        return STATUS_LOT_EXPIRED;
    return STATUS_OK;
}

/* Whether a certificate is what the request allows. */
static bool
fits(const struct apply *apply, const struct apply_ask *ask, const struct msg_allowance *given)
{
    const uint64_t end = given->from + 3600 * given->hours;

    return memcmp(&given->key, &ask->key, sizeof ask->key) == 0 &&
           given->class == ask->purse.class && given->tier == ask->purse.tier &&
           money_cents(given->amount) == ask->amount &&
           money_compare(given->limit, ask->limit) == 0 && given->restriction == ask->restriction &&
           given->online == ask->online && given->from <= apply->entry.time &&
           given->hours <= ask->hours_max && end > apply->entry.time && end <= ask->expiry &&
           (!ask->renewal || end > apply->line.end);
}

static bool
same_lots(const struct msg_allowance_attachment *a, const struct msg_allowance_attachment *b)
{
    if (a->lots_count != b->lots_count)
        return false;
    for (size_t i = 0; i < a->lots_count; i++) {
        if (a->lots[i].lot != b->lots[i].lot ||
            money_compare(a->lots[i].cents, b->lots[i].cents) != 0)
            return false;
    }
    return true;
}

/* --- booking --- */

static void
due_key(struct state_key *key, const struct record_line *line)
{
    state_key_begin(key, STATE_LINE_DUE);
    state_key_number(key, line->end, 4);
    state_key_bytes(key, line->id.bytes, KID_SIZE);
}

static void
open_key(struct state_key *key, const struct record_line *line)
{
    state_key_begin(key, STATE_LINE_OPEN);
    state_key_bytes(key, line->purse, sizeof line->purse);
    state_key_bytes(key, line->id.bytes, KID_SIZE);
}

void
apply_line_shut(struct apply *apply, const struct record_line *line)
{
    struct state_key key;

    due_key(&key, line);
    state_delete(&apply->state, &key);
    open_key(&key, line);
    state_delete(&apply->state, &key);
}

bool
apply_line_known_certificate(struct apply *apply, const struct kid *line, struct span message)
{
    struct state_key key;
    struct digest hash;
    struct span value;

    crypt_hash(&hash, &message, 1);
    state_key_begin(&key, STATE_CERTIFICATE);
    state_key_bytes(&key, line->bytes, KID_SIZE);
    state_key_bytes(&key, hash.bytes, DIGEST_SIZE);
    return state_get(&value, &apply->state, &key);
}

static void
note_certificate(struct apply *apply, const struct kid *line, struct span message)
{
    struct state_key key;
    struct digest hash;

    crypt_hash(&hash, &message, 1);
    state_key_begin(&key, STATE_CERTIFICATE);
    state_key_bytes(&key, line->bytes, KID_SIZE);
    state_key_bytes(&key, hash.bytes, DIGEST_SIZE);
    state_put(&apply->state, &key, (struct span){NULL, 0});
}

/* Takes the lots into apply->line and moves their cents to its reserve. */
static enum status
reserve(struct apply *apply, const struct apply_ask *ask)
{
    struct record_line *const line = &apply->line;
    enum status status = STATUS_OK;

    for (size_t i = 0; i < ask->lots.lots_count && status == STATUS_OK; i++) {
        const struct msg_lot_part *part = &ask->lots.lots[i];

        status = apply_post(apply, book_lot(line->class, line->purse, part->lot),
                            book_reserve(line->class, &line->id), part->cents);
    }
    return status;
}

static void
start_line(struct apply *apply, const struct apply_ask *ask, const struct msg_allowance *given)
{
    struct record_line *const line = &apply->line;

    memset(line, 0, sizeof *line);
    line->id = ask->line;
    memcpy(line->purse, ask->purse_id, sizeof line->purse);
    line->key = ask->key;
    line->class = ask->purse.class;
    line->tier = ask->purse.tier;
    line->restriction = ask->restriction;
    line->online = ask->online;
    line->first_from = given->from;
}

/* Adds the new parts; CAPACITY when the line has too many, apply->line then being scratch. */
static enum status
add_parts(struct apply *apply, const struct apply_ask *ask)
{
    enum status status = STATUS_OK;

    for (size_t i = 0; i < ask->lots.lots_count && status == STATUS_OK; i++) {
        const struct line_part part = {ask->lots.lots[i].lot,
                                       (uint32_t)money_cents(ask->lots.lots[i].cents)};

        status = line_part_add(apply->line.parts, &apply->line.part_count, LINE_PARTS_MAX, &part);
    }
    return status;
}

/* A renewal that adds nothing has no lots, and an empty attachment. */
static enum status
read_attachment(struct apply *apply, struct msg_allowance_attachment *out, bool empty)
{
    const struct span in = apply->entry.attachment;

    out->lots_count = 0;
    if (!empty)
        return schema_decode(out, &msg_allowance_attachment_schema, in);
    return in.len == 1 && in.data[0] == MSG_NO_ATTACHMENT ? STATUS_OK : STATUS_ENTRY_RECOMPUTE;
}

enum status
apply_line_allowance(struct apply *apply)
{
    struct record_line *const line = &apply->line;
    struct msg_allowance_attachment stated;
    struct msg_allowance given;
    struct cose_message certificate;
    struct apply_ask ask;
    struct state_key key;
    enum status status = apply_line_ask(apply, &ask, apply->entry.messages[0]);

    if (status == STATUS_OK)
        status = apply_open(apply, &certificate, &given, &msg_allowance_schema, 1);
    if (status == STATUS_OK)
        status =
            apply_signed(apply, SIGNER_ALLOWANCE, &certificate, &msg_allowance_schema, given.from);
    if (status == STATUS_OK)
        status = read_attachment(apply, &stated, ask.added == 0);
    if (status != STATUS_OK)
        return status;
    if (!fits(apply, &ask, &given) || !same_lots(&ask.lots, &stated))
        return STATUS_ENTRY_RECOMPUTE;
    if (!ask.renewal)
        start_line(apply, &ask, &given);
    status = add_parts(apply, &ask);
    if (status == STATUS_OK)
        status = reserve(apply, &ask);
    if (status != STATUS_OK)
        return status;

    if (ask.renewal)
        apply_line_shut(apply, line);
    line->cents = ask.amount;
    line->index = apply->index;
    line->end = given.from + 3600 * given.hours;
    line->expiry = ask.expiry;
    record_line_put(&apply->state, line);
    due_key(&key, line);
    state_put(&apply->state, &key, (struct span){NULL, 0});
    open_key(&key, line);
    state_put(&apply->state, &key, (struct span){NULL, 0});
    note_certificate(apply, &line->id, apply->entry.messages[1]);
    record_purse_put(&apply->state, ask.purse_id, &ask.purse);
    apply_see(apply, &ask.id);
    return STATUS_OK;
}
