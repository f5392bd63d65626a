#include "record.h"

#include <assert.h>
#include <string.h>

#define NUMBER(key, owner, member) SCHEMA_UINT(key, OPTIONAL, owner, member, 1, UINT64_MAX)

#define CLASS(key, owner, member) SCHEMA_UINT(key, REQUIRED, owner, member, 1, 2)
/* What keys hold in four bytes, and cents of a line, which are fewer still. */
#define SHORT(key, owner, member) SCHEMA_UINT(key, OPTIONAL, owner, member, 1, UINT32_MAX)
#define CENTS(key, owner, member) SCHEMA_UINT(key, OPTIONAL, owner, member, 1, UINT32_MAX)

/* In the store intervals take 4 bytes and parts 12, as a line can have thousands of the former. */
#define INTERVAL_BYTES 4
#define PART_BYTES 12

struct stored_line {
    uint8_t purse[RECORD_PURSE_SIZE];
    struct public_key key;
    uint64_t class;
    uint64_t tier;
    uint64_t restriction;
    uint64_t online;
    uint64_t cents;
    uint64_t flags;
    uint64_t index;
    uint64_t first_from;
    uint64_t end;
    uint64_t expiry;
    uint64_t lost;
    uint64_t denied;
    uint64_t reviews;
    uint64_t refunded;
    uint64_t fund;
    uint64_t debt;
    uint64_t forfeited;
    uint64_t settled;
    struct span intervals;
    struct span parts;
    struct span forfeits;
};

static const struct field line_fields[] = {
    SCHEMA_BYTES(1, REQUIRED, struct stored_line, purse),
    SCHEMA_BYTES(2, REQUIRED, struct stored_line, key),
    CLASS(3, struct stored_line, class),
    NUMBER(4, struct stored_line, tier),
    NUMBER(5, struct stored_line, restriction),
    NUMBER(6, struct stored_line, online),
    CENTS(7, struct stored_line, cents),
    NUMBER(8, struct stored_line, flags),
    NUMBER(9, struct stored_line, index),
    NUMBER(10, struct stored_line, first_from),
    SHORT(11, struct stored_line, end),
    SHORT(12, struct stored_line, expiry),
    NUMBER(13, struct stored_line, lost),
    NUMBER(14, struct stored_line, denied),
    NUMBER(15, struct stored_line, reviews),
    CENTS(16, struct stored_line, refunded),
    CENTS(17, struct stored_line, fund),
    CENTS(18, struct stored_line, debt),
    CENTS(19, struct stored_line, forfeited),
    CENTS(20, struct stored_line, settled),
    SCHEMA_BSTR(21, OPTIONAL, struct stored_line, intervals, 1, LINE_INTERVALS_MAX *INTERVAL_BYTES),
    SCHEMA_BSTR(22, OPTIONAL, struct stored_line, parts, 1, LINE_PARTS_MAX *PART_BYTES),
    SCHEMA_BSTR(23, OPTIONAL, struct stored_line, forfeits, 1, LINE_PARTS_MAX *PART_BYTES),
};
static const struct schema line_schema =
    SCHEMA_MAP("line", struct stored_line, line_fields, STATE_VALUE_MAX);

/* --- arrays --- */

static struct span
pack_parts(uint8_t *out, const struct line_part *parts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t b = 0; b < 8; b++)
            out[i * PART_BYTES + b] = (uint8_t)(parts[i].lot >> (8 * (7 - b)));
        for (size_t b = 0; b < 4; b++)
            out[i * PART_BYTES + 8 + b] = (uint8_t)(parts[i].cents >> (8 * (3 - b)));
    }
    return (struct span){out, count * PART_BYTES};
}

static size_t
unpack_parts(struct line_part *out, struct span in)
{
    const size_t count = in.len / PART_BYTES;

    assert(count <= LINE_PARTS_MAX); /* by its schema */
    for (size_t i = 0; i < count; i++) {
        out[i].lot = state_key_read(in, i * PART_BYTES, 8);
        out[i].cents = (uint32_t)state_key_read(in, i * PART_BYTES + 8, 4);
    }
    return count;
}

static struct span
pack_intervals(uint8_t *out, const struct line_interval *intervals, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        out[i * INTERVAL_BYTES] = (uint8_t)(intervals[i].from >> 8);
        out[i * INTERVAL_BYTES + 1] = (uint8_t)intervals[i].from;
        out[i * INTERVAL_BYTES + 2] = (uint8_t)(intervals[i].to >> 8);
        out[i * INTERVAL_BYTES + 3] = (uint8_t)intervals[i].to;
    }
    return (struct span){out, count * INTERVAL_BYTES};
}

static size_t
unpack_intervals(struct line_interval *out, struct span in)
{
    const size_t count = in.len / INTERVAL_BYTES;

    assert(count <= LINE_INTERVALS_MAX); /* by its schema */
    for (size_t i = 0; i < count; i++) {
        out[i].from = (uint32_t)state_key_read(in, i * INTERVAL_BYTES, 2);
        out[i].to = (uint32_t)state_key_read(in, i * INTERVAL_BYTES + 2, 2);
    }
    return count;
}

/* --- lines --- */

static void
line_key(struct state_key *key, enum state_table table, const struct kid *line)
{
    state_key_begin(key, table);
    state_key_bytes(key, line->bytes, KID_SIZE);
}

static uint64_t
sum_parts(const struct line_part *parts, size_t count)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += parts[i].cents;
    return sum;
}

/* What protocol/line relies on. Only damage of the disk makes it otherwise. */
static bool
is_sound(const struct record_line *line)
{
    uint64_t settled = 0;

    for (size_t i = 0; i < line->interval_count; i++) {
        const struct line_interval *const at = &line->intervals[i];

        if (at->from >= at->to || at->to > line->cents || (i > 0 && at->from <= at[-1].to))
            return false;
        settled += at->to - at->from;
    }
    /* What comes late is marked, but not settled from the line. */
    if ((line->flags & RECORD_LINE_CLOSED) != 0 ? line->settled > settled
                                                : line->settled != settled)
        return false;
    return line->cents <= MSG_LINE_CENTS_MAX && line->settled <= line->cents &&
           sum_parts(line->parts, line->part_count) == line->cents &&
           sum_parts(line->forfeits, line->forfeit_count) == line->forfeited;
}

bool
record_line_get(struct record_line *out, struct state *state, const struct kid *line)
{
    struct state_key key;
    struct stored_line in;

    line_key(&key, STATE_LINE, line);
    out->id = *line;
    if (!state_load(&in, state, &line_schema, &key))
        return false;
    memcpy(out->purse, in.purse, sizeof out->purse);
    out->key = in.key;
    out->class = in.class;
    out->tier = in.tier;
    out->restriction = in.restriction;
    out->online = in.online;
    out->cents = in.cents;
    out->flags = in.flags;
    out->index = in.index;
    out->first_from = in.first_from;
    out->end = in.end;
    out->expiry = in.expiry;
    out->lost = in.lost;
    out->denied = in.denied;
    out->reviews = in.reviews;
    out->refunded = in.refunded;
    out->fund = in.fund;
    out->debt = in.debt;
    out->forfeited = in.forfeited;
    out->settled = in.settled;
    out->interval_count = unpack_intervals(out->intervals, in.intervals);
    out->part_count = unpack_parts(out->parts, in.parts);
    out->forfeit_count = unpack_parts(out->forfeits, in.forfeits);
    if (is_sound(out))
        return true;
    state->failed = STATUS_STORE_BROKEN;
    return false;
}

void
record_line_put(struct state *state, const struct record_line *in)
{
    struct stored_line out = {.key = in->key,
                              .class = in->class,
                              .tier = in->tier,
                              .restriction = in->restriction,
                              .online = in->online,
                              .cents = in->cents,
                              .flags = in->flags,
                              .index = in->index,
                              .first_from = in->first_from,
                              .end = in->end,
                              .expiry = in->expiry,
                              .lost = in->lost,
                              .denied = in->denied,
                              .reviews = in->reviews,
                              .refunded = in->refunded,
                              .fund = in->fund,
                              .debt = in->debt,
                              .forfeited = in->forfeited,
                              .settled = in->settled};
    uint8_t *const room = state->pack;
    struct state_key key;

    memcpy(out.purse, in->purse, sizeof out.purse);
    out.parts = pack_parts(room, in->parts, in->part_count);
    out.forfeits = pack_parts(room + out.parts.len, in->forfeits, in->forfeit_count);
    out.intervals =
        pack_intervals(room + out.parts.len + out.forfeits.len, in->intervals, in->interval_count);
    line_key(&key, STATE_LINE, &in->id);
    state_store(state, &key, &line_schema, &out);
}

void
record_line_view(struct line *out, struct record_line *in)
{
    *out = (struct line){.cents = in->cents,
                         .settled = in->settled,
                         .intervals = in->intervals,
                         .interval_count = in->interval_count,
                         .interval_cap = LINE_INTERVALS_MAX,
                         .parts = in->parts,
                         .part_count = in->part_count};
}

void
record_line_update(struct record_line *record, const struct line *line)
{
    assert(line->intervals == record->intervals);
    record->interval_count = line->interval_count;
    record->settled = line->settled;
}

/* --- transfers --- */

struct stored_transfer {
    struct digest id;
    uint64_t entry;
    uint64_t source;
    uint64_t time;
    uint64_t till;
    uint64_t merchant;
    uint64_t class;
    uint64_t from;
    uint64_t to;
    uint64_t seq;
    uint8_t prev[16];
    uint64_t accepted;
    uint64_t outcome;
    uint64_t cause;
    uint64_t statement;
    uint64_t proof;
    uint64_t paid;
    uint64_t refunded;
    uint64_t refunds;
    uint64_t logged;
    struct span parts;
};

static const struct field transfer_fields[] = {
    SCHEMA_BYTES(1, REQUIRED, struct stored_transfer, id),
    NUMBER(2, struct stored_transfer, entry),
    NUMBER(3, struct stored_transfer, source),
    NUMBER(4, struct stored_transfer, time),
    SHORT(5, struct stored_transfer, till),
    SHORT(6, struct stored_transfer, merchant),
    CLASS(7, struct stored_transfer, class),
    CENTS(8, struct stored_transfer, from),
    CENTS(9, struct stored_transfer, to),
    NUMBER(10, struct stored_transfer, seq),
    SCHEMA_BYTES(11, OPTIONAL, struct stored_transfer, prev),
    NUMBER(12, struct stored_transfer, accepted),
    NUMBER(13, struct stored_transfer, outcome),
    NUMBER(14, struct stored_transfer, cause),
    NUMBER(15, struct stored_transfer, statement),
    NUMBER(16, struct stored_transfer, proof),
    CENTS(17, struct stored_transfer, paid),
    CENTS(18, struct stored_transfer, refunded),
    NUMBER(19, struct stored_transfer, refunds),
    NUMBER(20, struct stored_transfer, logged),
    SCHEMA_BSTR(21, OPTIONAL, struct stored_transfer, parts, 1, LINE_PARTS_MAX *PART_BYTES),
};
static const struct schema transfer_schema =
    SCHEMA_MAP("transfer", struct stored_transfer, transfer_fields, STATE_VALUE_MAX);

static void
transfer_fill(struct record_transfer *out, const struct stored_transfer *in)
{
    out->id = in->id;
    out->entry = in->entry;
    out->source = in->source;
    out->time = in->time;
    out->till = in->till;
    out->merchant = in->merchant;
    out->class = in->class;
    out->from = in->from;
    out->to = in->to;
    out->seq = in->seq;
    memcpy(out->prev, in->prev, sizeof out->prev);
    out->accepted = in->accepted;
    out->outcome = in->outcome;
    out->cause = in->cause;
    out->statement = in->statement;
    out->proof = in->proof;
    out->paid = in->paid;
    out->refunded = in->refunded;
    out->refunds = in->refunds;
    out->logged = in->logged;
    out->part_count = unpack_parts(out->parts, in->parts);
}

/* The outcomes that are recorded, and amounts that fit each other. */
static bool
is_recorded(const struct record_transfer *transfer)
{
    static const bool recorded[] = {
        [LINE_RESERVE] = true,   [LINE_FUND] = true,       [LINE_REVIEW] = true,
        [LINE_LATE] = true,      [LINE_TILL_BEARS] = true, [LINE_REVERSED] = true,
        [LINE_CANCELLED] = true,
    };

    return transfer->outcome < sizeof recorded && recorded[transfer->outcome] &&
           transfer->from <= transfer->to && transfer->to <= MSG_LINE_CENTS_MAX &&
           transfer->paid <= transfer->to - transfer->from && transfer->refunded <= transfer->paid;
}

static void
transfer_key(struct state_key *key, const struct kid *line, uint64_t index)
{
    line_key(key, STATE_TRANSFER, line);
    state_key_number(key, index, 8);
}

static void
id_key(struct state_key *key, const struct digest *id)
{
    state_key_begin(key, STATE_TRANSFER_ID);
    state_key_bytes(key, id->bytes, DIGEST_SIZE);
}

bool
record_transfer_get(struct record_transfer *out, struct state *state, const struct digest *id)
{
    struct state_key key;
    struct stored_transfer in;
    struct span value;

    id_key(&key, id);
    if (!state_get(&value, state, &key))
        return false;
    if (value.len != KID_SIZE + 8) {
        state->failed = STATUS_STORE_BROKEN;
        return false;
    }
    memcpy(out->line.bytes, value.data, KID_SIZE);
    out->index = state_key_read(value, KID_SIZE, 8);
    transfer_key(&key, &out->line, out->index);
    if (!state_load(&in, state, &transfer_schema, &key))
        return false;
    transfer_fill(out, &in);
    if (is_recorded(out))
        return true;
    state->failed = STATUS_STORE_BROKEN;
    return false;
}

void
record_transfer_put(struct state *state, const struct record_transfer *in)
{
    struct stored_transfer out = {.id = in->id,
                                  .entry = in->entry,
                                  .source = in->source,
                                  .time = in->time,
                                  .till = in->till,
                                  .merchant = in->merchant,
                                  .class = in->class,
                                  .from = in->from,
                                  .to = in->to,
                                  .seq = in->seq,
                                  .accepted = in->accepted,
                                  .outcome = in->outcome,
                                  .cause = in->cause,
                                  .statement = in->statement,
                                  .proof = in->proof,
                                  .paid = in->paid,
                                  .refunded = in->refunded,
                                  .refunds = in->refunds,
                                  .logged = in->logged};
    struct state_key key;
    struct state_key place;
    struct span value;

    memcpy(out.prev, in->prev, sizeof out.prev);
    out.parts = pack_parts(state->pack, in->parts, in->part_count);
    transfer_key(&key, &in->line, in->index);
    state_store(state, &key, &transfer_schema, &out);

    id_key(&place, &in->id);
    if (!state_get(&value, state, &place))
        state_put(state, &place, (struct span){key.bytes + 1, key.len - 1});
}

bool
record_transfer_next(struct record_transfer *out, struct state *state, const struct kid *line,
                     uint64_t from)
{
    struct record_walk walk;
    struct state_key prefix;
    struct state_key start;
    struct stored_transfer in;
    struct span key;
    struct span value;
    bool found;

    line_key(&prefix, STATE_TRANSFER, line);
    transfer_key(&start, line, from);
    record_walk_begin(&walk, state, &prefix);
    found = record_walk_seek(&walk, &key, &value, &start) &&
            record_walk_decode(&in, &walk, &transfer_schema, value);
    if (found) {
        out->line = *line;
        out->index = state_key_read(key, 1 + KID_SIZE, 8);
        transfer_fill(out, &in);
        if (!is_recorded(out)) {
            state->failed = STATUS_STORE_BROKEN;
            return false;
        }
    }
    return found;
}
