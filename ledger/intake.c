#include "intake.h"

#include "intake_parts.h"
#include "protocol/checkpoint.h"

#include <assert.h>
#include <string.h>

void
intake_open(struct intake *intake, struct log *log, const struct intake_keys *keys)
{
    memset(intake, 0, sizeof *intake);
    intake->log = log;
    intake->keys = keys;
}

/* --- one batch --- */

enum status
intake_batch_begin(struct intake *intake, const struct intake_moment *moment)
{
    enum status status = log_begin(&intake->batch, intake->log);

    memset(&intake->result, 0, sizeof intake->result);
    intake->moment = moment;
    intake->spoiled = STATUS_OK;
    if (status != STATUS_OK)
        return status;
    status = apply_begin(&intake->apply, &intake->batch.txn);
    /* Log and state are written together. */
    if (status == STATUS_OK && intake->apply.state.head.size != intake->batch.tree.size)
        status = STATUS_STORE_BROKEN;
    if (status == STATUS_OK && moment->time_unix_s < intake->apply.state.head.time)
        status = STATUS_ENTRY_TIME;
    if (status != STATUS_OK)
        log_abort(&intake->batch);
    return status;
}

/* Before each call of a batch: no result yet, and the time at which plans are made. */
static void
start(struct intake *intake)
{
    memset(&intake->result, 0, sizeof intake->result);
    intake->result.first = intake->apply.state.head.size;
    intake->apply.entry.time = intake->moment->time_unix_s;
}

/* After each: hands the result out. A refusal that came when entries were made already spoils the
 * batch, unless they are evidence, which lasts. Of another one nothing is left but what it loaded
 * into the caches, so these are read again. */
static enum status
settle(struct intake *intake, struct intake_result *out, enum status status)
{
    const bool lasting = status == STATUS_INTERVAL_OVERLAP;
    enum status failed = state_status(&intake->apply.state);

    *out = (struct intake_result){0};
    if (failed == STATUS_OK && status != STATUS_OK && !lasting && intake->result.count > 0)
        failed = status;
    if (failed == STATUS_OK && status != STATUS_OK)
        failed = apply_begin(&intake->apply, &intake->batch.txn);
    if (failed != STATUS_OK) {
        intake->spoiled = failed;
        return failed;
    }
    if (status == STATUS_OK)
        *out = intake->result;
    return status;
}

enum status
intake_batch_end(struct intake *intake)
{
    const enum status status = intake->spoiled;

    if (status == STATUS_OK && !intake->moment->dry_run &&
        intake->batch.tree.size > intake->batch.log->size)
        return log_commit(&intake->batch);
    log_abort(&intake->batch);
    return status;
}

/* One call in a batch of its own. */
static enum status
begin(struct intake *intake, struct intake_result *out, const struct intake_moment *moment)
{
    enum status status = intake_batch_begin(intake, moment);

    *out = (struct intake_result){0};
    if (status == STATUS_OK)
        start(intake);
    return status;
}

static enum status
finish(struct intake *intake, struct intake_result *out, enum status status)
{
    status = settle(intake, out, status);

    const enum status ended = intake_batch_end(intake);

    if (ended == STATUS_OK)
        return status;
    *out = (struct intake_result){0};
    return ended;
}

enum status
intake_append(struct intake *intake, uint64_t kind, const struct span *messages, size_t count,
              struct span attachment)
{
    static const uint8_t none = MSG_NO_ATTACHMENT;
    struct msg_entry *const made = &intake->made;
    const uint64_t index = intake->apply.state.head.size;
    uint8_t number[8];
    struct digest salt;
    uint64_t appended = index;
    size_t len;
    enum status status;

    for (size_t i = 0; i < sizeof number; i++)
        number[i] = (uint8_t)(index >> (8 * (7 - i)));
    crypt_hash(&salt,
               (const struct span[]){{intake->moment->seed, sizeof intake->moment->seed},
                                     {number, sizeof number}},
               2);
    made->version = 1;
    made->kind = kind;
    made->time = intake->moment->time_unix_s;
    memcpy(made->salt, salt.bytes, sizeof made->salt);
    made->messages_count = count;
    for (size_t i = 0; i < count; i++)
        made->messages[i] = messages[i];
    made->attachment = attachment.len > 0 ? attachment : (struct span){&none, 1};
    status = schema_encode(intake->entry, sizeof intake->entry, &len, &msg_entry_schema, made);
    if (status == STATUS_OK)
        status = apply_entry(&intake->apply, index, (struct span){intake->entry, len},
                             &intake->batch.tree);
    if (status == STATUS_OK)
        status = log_append(&intake->batch, &appended, (struct span){intake->entry, len});
    if (status != STATUS_OK)
        return status;
    assert(appended == index);
    intake->result.count++;
    intake->result.kind = kind;
    return STATUS_OK;
}

enum status
intake_append_with(struct intake *intake, uint64_t kind, const struct span *messages, size_t count,
                   const struct schema *schema, const void *attachment)
{
    uint8_t bytes[6144];
    size_t len;
    enum status status = schema_encode(bytes, sizeof bytes, &len, schema, attachment);

    if (status != STATUS_OK)
        return status;
    return intake_append(intake, kind, messages, count, (struct span){bytes, len});
}

/* --- acts --- */

/* Which kind of entry an act becomes. */
struct act {
    enum msg_type type;
    enum apply_kind kind;
    const struct schema *schema;
};

static const struct act acts[] = {
    {MSG_GENESIS, APPLY_GENESIS, &msg_genesis_schema},
    {MSG_ROLE_KEY, APPLY_ROLE_KEY, &msg_role_key_schema},
    {MSG_KILL, APPLY_KILL, &msg_kill_schema},
    {MSG_PARAMETERS, APPLY_PARAMETERS, &msg_parameters_schema},
    {MSG_SERIES, APPLY_SERIES, &msg_series_schema},
    {MSG_MERCHANT, APPLY_MERCHANT, &msg_merchant_schema},
    {MSG_TILL, APPLY_TILL, &msg_till_schema},
    {MSG_REVOCATION, APPLY_REVOCATION, &msg_revocation_schema},
    {MSG_PURSE, APPLY_PURSE, &msg_purse_schema},
    {MSG_DEVICE, APPLY_DEVICE, &msg_device_schema},
    {MSG_FUNDING, APPLY_FUNDING, &msg_funding_schema},
    {MSG_ISSUE, APPLY_ISSUE, &msg_issue_schema},
    {MSG_GIFT, APPLY_GIFT, &msg_gift_schema},
    {MSG_LOSS_REPORT, APPLY_LOSS_REPORT, &msg_loss_report_schema},
    {MSG_HOLD, APPLY_HOLD, &msg_hold_schema},
    {MSG_DENIAL, APPLY_DENIAL, &msg_denial_schema},
    {MSG_REVIEW, APPLY_REVIEW, &msg_review_schema},
    {MSG_PAYOUT, APPLY_PAYOUT, &msg_payout_schema},
};

/* A new till gets its first anchor with its certificate. */
static enum status
welcome_till(struct intake *intake)
{
    struct apply *const apply = &intake->apply;
    const uint64_t till = apply->till.till;
    struct msg_anchor anchor;
    uint8_t bytes[MSG_SIGN_SIZE(256)];
    size_t len;
    enum status status;

    apply_upload_next_anchor(apply, &anchor, intake->moment->time_unix_s);
    status = msg_sign(bytes, sizeof bytes, &len, &msg_anchor_schema, &anchor, apply->state.network,
                      &intake->keys->settlement);
    if (status == STATUS_OK)
        status = intake_append(intake, APPLY_ANCHOR, &(struct span){bytes, len}, 1,
                               (struct span){NULL, 0});
    if (status == STATUS_OK)
        status = intake_answer_till(intake, till, intake->moment->time_unix_s);
    return status;
}

/* Whether an act was carried out before; then nothing is to be done. */
static enum status
is_repeated(struct intake *intake, bool *repeated, const struct act *act)
{
    struct cose_message message;
    struct digest id;
    uint64_t index;
    enum status status = cose_parse(&message, intake->parcel.parts[0], COSE_MESSAGE_MAX);

    *repeated = false;
    if (status != STATUS_OK)
        return status;
    apply_id(&intake->apply, &id, &message, act->schema);
    *repeated = intake->apply.state.network != 0 && apply_seen(&intake->apply, &index, &id);
    return STATUS_OK;
}

static enum status
submit_act(struct intake *intake, uint64_t type)
{
    const struct msg_parcel *const parcel = &intake->parcel;
    const struct act *act = NULL;
    bool repeated;
    enum status status;

    for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++) {
        if ((uint64_t)acts[i].type == type)
            act = &acts[i];
    }
    if (act == NULL)
        return STATUS_MESSAGE_TYPE;
    if (parcel->parts_count > 2)
        return STATUS_ENTRY_SHAPE;
    status = is_repeated(intake, &repeated, act);
    if (status != STATUS_OK)
        return status;
    if (!repeated) {
        status = intake_append(intake, (uint64_t)act->kind, parcel->parts, parcel->parts_count,
                               (struct span){NULL, 0});
        if (status == STATUS_OK && act->kind == APPLY_TILL)
            status = welcome_till(intake);
        return status;
    }
    intake->result.repeated = true;
    if (act->kind == APPLY_TILL) {
        struct cose_message message;
        struct msg_till till;

        status = msg_open(&message, &till, &msg_till_schema, intake->apply.state.network,
                          parcel->parts[0]);
        if (status == STATUS_OK)
            status = intake_answer_till(intake, till.till, intake->moment->time_unix_s);
    }
    return status;
}

/* Takes a parcel apart; nothing of the store is needed for that. */
static enum status
open_parcel(struct intake *intake, uint64_t *type, struct span parcel)
{
    enum status status = schema_decode(&intake->parcel, &msg_parcel_schema, parcel);

    *type = 0;
    return status == STATUS_OK ? msg_peek(type, intake->parcel.parts[0]) : status;
}

static enum status
submit(struct intake *intake, uint64_t type)
{
    switch ((enum msg_parcel_kind)intake->parcel.kind) {
    case MSG_PARCEL_UPLOAD:
        return intake_upload(intake);
    case MSG_PARCEL_STATEMENT:
        return intake_statement(intake);
    case MSG_PARCEL_ACT:
    case MSG_PARCEL_ASK:
        if (type == MSG_ALLOWANCE_REQUEST || type == MSG_RENEWAL_REQUEST)
            return intake_ask(intake);
        return submit_act(intake, type);
    case MSG_PARCEL_SYNC:
    case MSG_PARCEL_ALLOWANCE:
    case MSG_PARCEL_SETTLED:
    case MSG_PARCEL_TILL:
    case MSG_PARCEL_CITY:
    case MSG_PARCEL_ACCOUNT:
    default:
        return STATUS_MESSAGE_TYPE;
    }
}

enum status
intake_batch_submit(struct intake *intake, struct intake_result *out, struct span parcel)
{
    uint64_t type;
    enum status status;

    *out = (struct intake_result){0};
    if (intake->spoiled != STATUS_OK)
        return intake->spoiled;
    status = open_parcel(intake, &type, parcel);
    if (status != STATUS_OK)
        return status;
    start(intake);
    return settle(intake, out, submit(intake, type));
}

enum status
intake_submit(struct intake *intake, struct intake_result *out, struct span parcel,
              const struct intake_moment *moment)
{
    uint64_t type;
    enum status status = open_parcel(intake, &type, parcel);

    *out = (struct intake_result){0};
    if (status == STATUS_OK)
        status = begin(intake, out, moment);
    if (status != STATUS_OK)
        return status;
    return finish(intake, out, submit(intake, type));
}

/* --- the node's own entries --- */

/* The next refund that waited for a transfer; its item lies in an earlier entry. */
static enum status
add_waited(struct intake *intake)
{
    struct apply *const apply = &intake->apply;
    struct record_refund waiting;
    struct msg_item_attachment stated;
    struct apply_plan plan;
    struct digest id;
    enum status status;

    memcpy(id.bytes, apply->state.head.waited_id, DIGEST_SIZE);
    if (!record_refund_first(&waiting, &apply->state, &id))
        return STATUS_STORE_BROKEN;
    status = intake_read(intake, waiting.entry);
    if (status != STATUS_OK)
        return status;
    apply_reverse_waited_plan(apply, &plan, intake->read.messages[0]);
    stated = (struct msg_item_attachment){waiting.upload, waiting.number, plan.outcome};
    return intake_append_with(intake, plan.kind, intake->read.messages, 1,
                              &msg_item_attachment_schema, &stated);
}

static enum status
add_dispute(struct intake *intake)
{
    const struct state_head *const head = &intake->apply.state.head;
    struct msg_dispute_attachment dispute = {.statement = head->owed_value};

    memcpy(dispute.transfer.bytes, head->owed_id, DIGEST_SIZE);
    return intake_append_with(intake, APPLY_DISPUTE, NULL, 0, &msg_dispute_attachment_schema,
                              &dispute);
}

static enum status
add_debt(struct intake *intake)
{
    const struct state_head *const head = &intake->apply.state.head;
    struct msg_debt_attachment debt = {.amount = apply_cents(head->owed_value)};

    memcpy(debt.allowance.bytes, head->owed_id, KID_SIZE);
    memcpy(debt.purse, intake->apply.line.purse, sizeof debt.purse);
    return intake_append_with(intake, APPLY_DEBT, NULL, 0, &msg_debt_attachment_schema, &debt);
}

enum status
intake_owed(struct intake *intake)
{
    const struct state_head *const head = &intake->apply.state.head;
    enum status status = STATUS_OK;

    if (head->owed_kind == APPLY_DISPUTE)
        status = add_dispute(intake);
    else if (head->owed_kind == APPLY_DEBT)
        status = add_debt(intake);
    while (status == STATUS_OK && head->waited != 0)
        status = add_waited(intake);
    return status;
}

static enum status
close_line(struct intake *intake, const struct kid *line)
{
    struct msg_close_attachment plan;
    enum status status = apply_close_plan(&intake->apply, &plan, line);

    if (status == STATUS_OK)
        status =
            intake_append_with(intake, APPLY_CLOSE, NULL, 0, &msg_close_attachment_schema, &plan);
    if (status == STATUS_OK)
        status = intake_owed(intake);
    return status;
}

enum status
intake_close(struct intake *intake, struct intake_result *out, const struct kid *line,
             const struct intake_moment *moment)
{
    enum status status = begin(intake, out, moment);

    if (status != STATUS_OK)
        return status;
    return finish(intake, out, close_line(intake, line));
}

/* Goes through a list of what is due, keyed by a time in 4 bytes: fills the next key whose time has
 * come. */
static bool
next_due(struct intake *intake, struct state_key *at, enum state_table table)
{
    struct record_walk walk;
    struct state_key prefix;
    struct span key;
    struct span value;

    state_key_begin(&prefix, table);
    if (at->len == 0)
        *at = prefix;
    else
        state_key_number(at, 0, 1); /* just behind it */
    record_walk_begin(&walk, &intake->apply.state, &prefix);
    if (!record_walk_seek(&walk, &key, &value, at) ||
        state_key_read(key, 1, 4) > intake->moment->time_unix_s)
        return false;
    at->len = 0;
    state_key_bytes(at, key.data, key.len);
    return true;
}

enum status
intake_close_due(struct intake *intake, struct intake_result *out,
                 const struct intake_moment *moment)
{
    struct state_key at = {0};
    enum status status = begin(intake, out, moment);

    if (status != STATUS_OK)
        return status;
    if (intake->apply.state.head.held != 0)
        return finish(intake, out, STATUS_ON_HOLD);
    while (status == STATUS_OK && next_due(intake, &at, STATE_LINE_DUE)) {
        struct kid line;

        memcpy(line.bytes, at.bytes + 5, KID_SIZE);
        status = close_line(intake, &line);
        if (status == STATUS_NOT_DUE || status == STATUS_UNSETTLED_CLAIM)
            status = STATUS_OK;
    }
    if (status == STATUS_OK && intake->result.count == 0)
        status = STATUS_NOT_DUE;
    return finish(intake, out, status);
}

enum status
intake_expire(struct intake *intake, struct intake_result *out, const struct intake_moment *moment)
{
    struct state_key at = {0};
    enum status status = begin(intake, out, moment);

    if (status != STATUS_OK)
        return status;
    if (intake->apply.state.head.held != 0)
        return finish(intake, out, STATUS_ON_HOLD);
    while (status == STATUS_OK && next_due(intake, &at, STATE_LOT_DUE)) {
        struct msg_expiry_attachment plan;
        const struct span key = {at.bytes, at.len};

        status = apply_close_expiry_plan(&intake->apply, &plan, at.bytes + 5,
                                         state_key_read(key, 5 + RECORD_PURSE_SIZE, 8));
        if (status == STATUS_OK)
            status = intake_append_with(intake, APPLY_EXPIRY, NULL, 0,
                                        &msg_expiry_attachment_schema, &plan);
        if (status == STATUS_NOT_DUE)
            status = STATUS_OK;
    }
    if (status == STATUS_OK && intake->result.count == 0)
        status = STATUS_NOT_DUE;
    return finish(intake, out, status);
}

enum status
intake_service_day(struct intake *intake, struct intake_result *out,
                   const struct intake_moment *moment)
{
    struct msg_service_day_attachment day = {.day = moment->time_unix_s / 86400};
    struct digest root;
    struct note note;
    enum status status = begin(intake, out, moment);

    if (status != STATUS_OK)
        return status;
    merkle_root(&root, &intake->batch.tree);
    status = checkpoint_sign(&note, intake->batch.tree.size, &root, intake->log->key,
                             intake->log->secret);
    if (status == STATUS_OK) {
        day.checkpoint = (struct span){note.bytes, note.len};
        status = intake_append_with(intake, APPLY_SERVICE_DAY, NULL, 0,
                                    &msg_service_day_attachment_schema, &day);
    }
    return finish(intake, out, status);
}
