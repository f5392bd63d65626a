#include "apply_rules.h"

#include "protocol/checkpoint.h"

#include <assert.h>
#include <string.h>

/* --- service days --- */

static void
day_key(struct state_key *key, uint64_t day)
{
    state_key_begin(key, STATE_SERVICE_DAY);
    state_key_number(key, day, 4);
}

/* Whether at least `count` service days begin at `t` or later. */
static bool
days_since(struct apply *apply, uint64_t t_unix_s, uint64_t count)
{
    struct record_walk walk;
    struct state_key prefix;
    struct state_key first;
    struct span key;
    struct span value;
    uint64_t found = 0;
    bool more;

    state_key_begin(&prefix, STATE_SERVICE_DAY);
    day_key(&first, (t_unix_s + 86399) / 86400);
    record_walk_begin(&walk, &apply->state, &prefix);
    more = record_walk_seek(&walk, &key, &value, &first);
    while (more && found < count) {
        found++;
        more = record_walk_next(&walk, &key, &value);
    }
    return found >= count;
}

/* The checkpoint must be of all entries before this one, by a key that may sign checkpoints now. */
static enum status
check_checkpoint(struct apply *apply, struct span note)
{
    const struct signer_list *const list = &apply->state.signers;
    const uint64_t t = apply->entry.time;
    const struct span origin = {(const uint8_t *)apply->state.origin, apply->state.origin_len};
    struct note_check check;
    struct note_key key;
    struct checkpoint checkpoint;
    struct digest root;
    enum status status = STATUS_SIGNER_UNKNOWN;

    for (size_t i = 0; i < list->count && status != STATUS_OK; i++) {
        const struct signer_key *const signer = &list->keys[i];

        if (signer->role != SIGNER_CHECKPOINT || signer->killed || t < signer->from ||
            t > signer->until ||
            note_key_make(&key, NOTE_ED25519, origin, &signer->key) != STATUS_OK)
            continue;
        status = checkpoint_verify(&checkpoint, &check, note, &key, 1);
    }
    if (status != STATUS_OK)
        return status;
    assert(apply->tree != NULL && apply->tree->size == apply->index);
    merkle_root(&root, apply->tree);
    if (checkpoint.size != apply->index || memcmp(&checkpoint.root, &root, sizeof root) != 0)
        return STATUS_LOG_ROOT;
    return STATUS_OK;
}

enum status
apply_close_service_day(struct apply *apply)
{
    struct msg_service_day_attachment stated;
    struct state_key key;
    uint64_t index;
    enum status status =
        schema_decode(&stated, &msg_service_day_attachment_schema, apply->entry.attachment);

    if (status != STATUS_OK)
        return status;
    if (stated.day != apply->entry.time / 86400)
        return STATUS_ENTRY_RECOMPUTE;
    day_key(&key, stated.day);
    if (state_number(&index, &apply->state, &key))
        return STATUS_REPLAY;
    status = check_checkpoint(apply, stated.checkpoint);
    if (status == STATUS_OK)
        state_set_number(&apply->state, &key, apply->index);
    return status;
}

/* --- close --- */

static bool
is_claim(const struct record_transfer *record)
{
    return record->outcome == LINE_TILL_BEARS && record->cause == LINE_CAUSE_OVERLAP;
}

/* Overlap claims that tills bear, which take what the fund leaves. */
static uint64_t
claims_of(struct apply *apply, const struct kid *line)
{
    struct record_transfer record;
    uint64_t cents = 0;

    for (uint64_t from = 0; record_transfer_next(&record, &apply->state, line, from);
         from = record.index + 1) {
        if (is_claim(&record))
            cents += record.to - record.from;
    }
    return cents;
}

/* Takes the next free cents off the line; fills the parts unless `parts` is NULL. */
static void
take(struct line_walk *walk, const struct line *line, uint64_t cents, struct line_part *parts,
     size_t *count)
{
    struct line_part part;

    while (cents > 0) {
        const bool there = line_walk_next(walk, line, cents, &part);
        enum status status = STATUS_OK;

        assert(there);
        (void)there;
        if (parts != NULL)
            status = line_part_add(parts, count, LINE_PARTS_MAX, &part);
        assert(status == STATUS_OK);
        (void)status;
        cents -= part.cents;
    }
}

static bool
is_expired(struct apply *apply, uint64_t lot)
{
    const struct record_line *const line = &apply->line;

    return apply_reverse_lot(apply, line->purse, line->class, lot).kind == BOOK_EXPIRED;
}

enum status
apply_close_plan(struct apply *apply, struct msg_close_attachment *out, const struct kid *id)
{
    struct record_line *const line = &apply->line;
    struct msg_parameters parameters;
    struct line_part parts[LINE_PARTS_MAX];
    struct line_walk walk = {0};
    struct line_split split;
    struct line view;
    uint64_t expired = 0;
    size_t count = 0;
    enum status status = apply_parameters(apply, &parameters);

    memset(out, 0, sizeof *out);
    if (status != STATUS_OK)
        return status;
    if (!record_line_get(line, &apply->state, id))
        return STATUS_ALLOWANCE_UNKNOWN;
    if ((line->flags & RECORD_LINE_CLOSED) != 0)
        return STATUS_NOT_DUE;
    if (apply->state.head.held != 0)
        return STATUS_ON_HOLD;
    if (line->reviews != 0)
        return STATUS_UNSETTLED_CLAIM;
    if (!days_since(apply, line->end, parameters.grace_days))
        return STATUS_NOT_DUE;
    record_line_view(&view, line);
    line_split(&split, &view, line->fund, claims_of(apply, id));
    take(&walk, &view, split.forfeited + split.claims, NULL, NULL);
    take(&walk, &view, split.rest, parts, &count);
    for (size_t i = 0; i < count; i++) {
        if (is_expired(apply, parts[i].lot))
            expired += parts[i].cents;
    }
    out->allowance = *id;
    out->settled = apply_cents(line->settled + split.claims);
    out->forfeited = apply_cents(split.forfeited);
    out->expired = apply_cents(expired);
    out->returned = apply_cents(split.rest - expired);
    return STATUS_OK;
}

/* Pays the claims in the order of the log, as far as `left` goes. */
static enum status
pay_claims(struct apply *apply, struct line_walk *walk, const struct line *view, uint64_t left)
{
    const struct record_line *const line = &apply->line;
    struct record_transfer record;
    enum status status = STATUS_OK;

    for (uint64_t from = 0; left > 0 && status == STATUS_OK &&
                            record_transfer_next(&record, &apply->state, &line->id, from);
         from = record.index + 1) {
        uint64_t cents = record.to - record.from;

        if (!is_claim(&record))
            continue;
        if (cents > left)
            cents = left;
        record.part_count = 0;
        take(walk, view, cents, record.parts, &record.part_count);
        record.paid = cents;
        left -= cents;
        status = apply_post_cents(apply, book_reserve(line->class, &line->id),
                                  book_numbered(BOOK_OWED, line->class, record.merchant), cents);
        record_transfer_put(&apply->state, &record);
    }
    return status;
}

/* The rest expires or returns, lot by lot. */
static enum status
give_back(struct apply *apply, struct line_walk *walk, const struct line *view, uint64_t rest)
{
    const struct record_line *const line = &apply->line;
    struct line_part parts[LINE_PARTS_MAX];
    size_t count = 0;
    enum status status = STATUS_OK;

    take(walk, view, rest, parts, &count);
    for (size_t i = 0; i < count && status == STATUS_OK; i++)
        status = apply_post_cents(apply, book_reserve(line->class, &line->id),
                                  apply_reverse_lot(apply, line->purse, line->class, parts[i].lot),
                                  parts[i].cents);
    return status;
}

enum status
apply_close_line(struct apply *apply)
{
    struct record_line *const line = &apply->line;
    struct state_head *const head = &apply->state.head;
    struct msg_close_attachment stated;
    struct msg_close_attachment plan;
    struct line_walk walk = {0};
    struct line_split split;
    struct line view;
    enum status status =
        schema_decode(&stated, &msg_close_attachment_schema, apply->entry.attachment);

    if (status == STATUS_OK)
        status = apply_close_plan(apply, &plan, &stated.allowance);
    if (status != STATUS_OK)
        return status;
    if (money_compare(stated.settled, plan.settled) != 0 ||
        money_compare(stated.forfeited, plan.forfeited) != 0 ||
        money_compare(stated.expired, plan.expired) != 0 ||
        money_compare(stated.returned, plan.returned) != 0)
        return STATUS_ENTRY_RECOMPUTE;
    record_line_view(&view, line);
    line_split(&split, &view, line->fund, claims_of(apply, &line->id));
    line->forfeit_count = 0;
    take(&walk, &view, split.forfeited, line->forfeits, &line->forfeit_count);
    status = apply_post_cents(apply, book_reserve(line->class, &line->id),
                              book_plain(BOOK_FUND, line->class), split.forfeited);
    if (status == STATUS_OK)
        status = pay_claims(apply, &walk, &view, split.claims);
    if (status == STATUS_OK)
        status = give_back(apply, &walk, &view, split.rest);
    if (status != STATUS_OK)
        return status;
    apply_line_shut(apply, line);
    apply_purse_undeny(apply, line);
    line->flags |= RECORD_LINE_CLOSED;
    line->forfeited = split.forfeited;
    line->fund = 0; /* forfeited, or a debt from the next entry on */
    record_line_put(&apply->state, line);
    if (split.debt > 0) {
        head->owed_kind = APPLY_DEBT;
        memcpy(head->owed_id, line->id.bytes, KID_SIZE);
        head->owed_value = split.debt;
    }
    return STATUS_OK;
}

enum status
apply_close_debt(struct apply *apply)
{
    struct record_line *const line = &apply->line;
    struct state_head *const head = &apply->state.head;
    struct msg_debt_attachment stated;
    enum status status =
        schema_decode(&stated, &msg_debt_attachment_schema, apply->entry.attachment);

    if (status != STATUS_OK)
        return status;
    if (!record_line_get(line, &apply->state, &stated.allowance))
        return STATUS_ALLOWANCE_UNKNOWN;
    if (memcmp(stated.allowance.bytes, head->owed_id, KID_SIZE) != 0 ||
        memcmp(stated.purse, line->purse, sizeof line->purse) != 0 ||
        money_cents(stated.amount) != head->owed_value)
        return STATUS_ENTRY_RECOMPUTE;
    status = apply_post(apply, book_claim(line->class, line->purse),
                        book_plain(BOOK_FUND, line->class), stated.amount);
    if (status != STATUS_OK)
        return status;
    line->debt = head->owed_value;
    record_line_put(&apply->state, line);
    head->owed_kind = 0;
    memset(head->owed_id, 0, sizeof head->owed_id);
    head->owed_value = 0;
    return STATUS_OK;
}

/* --- expiry --- */

enum status
apply_close_expiry_plan(struct apply *apply, struct msg_expiry_attachment *out,
                        const uint8_t purse[static RECORD_PURSE_SIZE], uint64_t lot)
{
    struct record_lot record;
    struct book_account account;

    memset(out, 0, sizeof *out);
    if (!record_lot_get(&record, &apply->state, purse, lot))
        return STATUS_LOT_UNKNOWN;
    if (apply->state.head.held != 0)
        return STATUS_ON_HOLD;
    account = book_lot(record.class, purse, lot);
    out->amount = book_balance(&apply->state, &account);
    memcpy(out->purse, purse, RECORD_PURSE_SIZE);
    out->lot = lot;
    if (record.expiry > apply->entry.time || !days_since(apply, record.expiry, 1) ||
        money_is_zero(out->amount))
        return STATUS_NOT_DUE;
    return STATUS_OK;
}

enum status
apply_close_expiry(struct apply *apply)
{
    struct msg_expiry_attachment stated;
    struct msg_expiry_attachment plan;
    struct record_lot record;
    enum status status =
        schema_decode(&stated, &msg_expiry_attachment_schema, apply->entry.attachment);

    if (status == STATUS_OK)
        status = apply_close_expiry_plan(apply, &plan, stated.purse, stated.lot);
    if (status != STATUS_OK)
        return status;
    if (money_compare(stated.amount, plan.amount) != 0 ||
        !record_lot_get(&record, &apply->state, stated.purse, stated.lot))
        return STATUS_ENTRY_RECOMPUTE;
    return apply_post(apply, book_lot(record.class, stated.purse, stated.lot),
                      book_plain(BOOK_EXPIRED, record.class), stated.amount);
}
