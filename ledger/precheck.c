#include "precheck.h"

#include "apply_rules.h"

/* One item of a till's log. False when it cannot be what an honest till uploads: nothing more is
 * spent on the parcel then. */
static bool
check_item(struct apply *apply, struct span in)
{
    struct msg_entry *const item = &apply->item;
    struct apply_claim claim = {.source = LINE_FROM_TILL};

    if (schema_decode(item, &msg_entry_schema, in) != STATUS_OK)
        return false;
    if (item->kind != APPLY_ITEM_ACCEPT)
        return true;
    return item->messages_count == 3 &&
           apply_claim_read(apply, &claim, item->messages[0], item->messages[1],
                            item->messages[2]) == STATUS_OK &&
           apply_claim_check(apply, &claim) == STATUS_OK;
}

static void
check_upload(struct precheck *precheck)
{
    struct apply *const apply = &precheck->apply;
    const struct msg_parcel *const parcel = &precheck->parcel;
    struct record_upload record;
    struct digest id;

    if (apply_upload_open(apply, &id, parcel->parts[0]) != STATUS_OK ||
        record_upload_get(&record, &apply->state, &id))
        return;
    for (size_t i = 1; i < parcel->parts_count && check_item(apply, parcel->parts[i]); i++)
        ;
}

static void
check(struct precheck *precheck)
{
    struct apply *const apply = &precheck->apply;
    const struct msg_parcel *const parcel = &precheck->parcel;
    struct apply_claim claim;
    struct apply_ask ask;
    enum status status = STATUS_OK;

    if (parcel->kind == MSG_PARCEL_UPLOAD)
        check_upload(precheck);
    else if (parcel->kind == MSG_PARCEL_STATEMENT)
        status = apply_statement_plan(apply, &claim, parcel->parts, parcel->parts_count);
    else if (parcel->kind == MSG_PARCEL_ASK)
        status = apply_line_ask(apply, &ask, parcel->parts[0]);
    /* A refusal is the writer's to tell. */
    (void)status;
}

void
precheck_parcel(struct precheck *precheck, struct store *store, struct span parcel,
                uint64_t time_unix_s)
{
    struct apply *const apply = &precheck->apply;
    struct store_txn txn;

    precheck->count = 0;
    if (schema_decode(&precheck->parcel, &msg_parcel_schema, parcel) != STATUS_OK ||
        store_begin_read(&txn, store) != STATUS_OK)
        return;
    apply->found = precheck->names;
    apply->found_max = PRECHECK_MAX;
    apply->found_count = 0;
    if (apply_begin(apply, &txn) == STATUS_OK) {
        apply->entry.time = time_unix_s;
        check(precheck);
        precheck->count = apply->found_count;
    }
    store_abort(&txn);
}

/* --- entries of a log --- */

/* A certificate, and the request for it. */
static enum status
check_allowance(struct apply *apply)
{
    struct cose_message message;
    struct msg_allowance given;
    struct apply_ask ask;
    enum status status = apply_open(apply, &message, &given, &msg_allowance_schema, 1);

    if (status == STATUS_OK)
        status = apply_signed(apply, SIGNER_ALLOWANCE, &message, &msg_allowance_schema, given.from);
    return status == STATUS_OK ? apply_line_ask(apply, &ask, apply->entry.messages[0]) : status;
}

/* A new purse signs itself, by the key that it names. */
static enum status
check_purse(struct apply *apply)
{
    struct cose_message message;
    struct msg_purse purse;
    enum status status = STATUS_OK;

    for (size_t i = 0; i < apply->entry.messages_count && status == STATUS_OK; i++) {
        status = apply_open(apply, &message, &purse, &msg_purse_schema, i);
        if (status == STATUS_OK)
            status = i == 0 ? apply_verify(apply, &message, &msg_purse_schema, &purse.recovery)
                            : apply_signed(apply, SIGNER_ENROLMENT, &message, &msg_purse_schema,
                                           apply->entry.time);
    }
    return status;
}

static enum status
check_anchor(struct apply *apply)
{
    struct cose_message message;
    struct msg_anchor anchor;
    enum status status = apply_open(apply, &message, &anchor, &msg_anchor_schema, 0);

    return status == STATUS_OK ? apply_signed(apply, SIGNER_SETTLEMENT, &message,
                                              &msg_anchor_schema, apply->entry.time)
                               : status;
}

static void
check_messages(struct apply *apply)
{
    const struct msg_entry *const entry = &apply->entry;
    struct apply_claim claim;
    struct digest id;
    enum status status = STATUS_OK;

    switch (entry->kind) {
    case APPLY_UPLOAD:
        if (entry->messages_count == 1)
            status = apply_upload_open(apply, &id, entry->messages[0]);
        break;
    case APPLY_SETTLE:
    case APPLY_LATE:
    case APPLY_REJECT:
    case APPLY_STATEMENT:
        if (entry->messages_count == 1)
            (void)check_item(apply, entry->messages[0]);
        else
            status = apply_statement_plan(apply, &claim, entry->messages, entry->messages_count);
        break;
    case APPLY_ALLOWANCE:
        if (entry->messages_count == 2)
            status = check_allowance(apply);
        break;
    case APPLY_PURSE:
        if (entry->messages_count <= 2)
            status = check_purse(apply);
        break;
    case APPLY_ANCHOR:
        if (entry->messages_count == 1)
            status = check_anchor(apply);
        break;
    default:
        break;
    }
    /* A refusal is the replay's to tell. */
    (void)status;
}

void
precheck_entry(struct apply *apply, struct span entry)
{
    /* Before genesis there is no network that a signature could be for. */
    if (apply->state.network != 0 &&
        schema_decode(&apply->entry, &msg_entry_schema, entry) == STATUS_OK)
        check_messages(apply);
}
