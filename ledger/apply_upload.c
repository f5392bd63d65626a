#include "apply_rules.h"

#include <assert.h>
#include <string.h>

/* --- the upload --- */

enum status
apply_upload_open(struct apply *apply, struct digest *id, struct span in)
{
    struct msg_upload *const upload = &apply->upload;
    struct cose_message message;
    struct cose_aad aad;
    struct kid kid;
    enum status status = msg_open(&message, upload, &msg_upload_schema, apply->state.network, in);

    if (status != STATUS_OK)
        return status;
    if (!record_till_get(&apply->till, &apply->state, upload->till))
        return STATUS_TILL_UNKNOWN;
    crypt_kid(&kid, &apply->till.key);
    if (memcmp(&kid, &message.kid, sizeof kid) != 0)
        return STATUS_SIGNATURE_BAD;
    apply_id(apply, id, &message, &msg_upload_schema);

    struct digest name;

    apply_check_name(&name, id, &message.signature, &apply->till.key);
    if (apply_was_checked(apply, &name))
        return STATUS_OK;
    msg_aad(&aad, &msg_upload_schema, apply->state.network);
    status = cose_verify_large(&message, &apply->till.key, &aad, apply->large, sizeof apply->large);
    if (status == STATUS_OK)
        apply_checked(apply, &name);
    return status;
}

/* The tree of the first `size` entries of the till's log, out of their stored leaves. */
static void
old_tree(struct apply *apply, struct merkle_frontier *tree, uint64_t size)
{
    struct record_item item;

    memset(tree, 0, sizeof *tree);
    for (uint64_t i = 0; i < size && record_item_get(&item, &apply->state, apply->till.till, i);
         i++)
        merkle_append(tree, &item.leaf);
}

/* Whether the items fit what is known of the till's log; fills the tree behind them. */
static enum status
check_fork(struct apply *apply, struct merkle_frontier *tree)
{
    const struct msg_upload *const upload = &apply->upload;
    const uint64_t known = apply->till.size;
    const uint64_t end = upload->first + upload->items_count;
    struct record_item item;
    struct digest root;

    for (uint64_t i = upload->first; i < known && i < end; i++) {
        if (!record_item_get(&item, &apply->state, upload->till, i) ||
            memcmp(&item.leaf, &upload->items[i - upload->first], sizeof item.leaf) != 0)
            return STATUS_UPLOAD_FORK;
    }
    if (upload->first > known)
        return STATUS_OK;
    if (end < known)
        old_tree(apply, tree, end);
    else
        record_till_tree(tree, &apply->till);
    for (uint64_t i = known; i < end; i++)
        merkle_append(tree, &upload->items[i - upload->first]);
    merkle_root(&root, tree);
    return memcmp(&root, &upload->root, sizeof root) == 0 ? STATUS_OK : STATUS_UPLOAD_FORK;
}

/* All items are logged: the acknowledgement's results are complete. */
static void
finish(struct apply *apply)
{
    struct state_head *const head = &apply->state.head;
    struct record_upload record;
    struct record_item item;
    struct digest id;

    memcpy(id.bytes, head->upload_id, DIGEST_SIZE);
    if (record_upload_get(&record, &apply->state, &id)) {
        record.results_len = head->upload_items;
        for (uint64_t i = 0; i < head->upload_items; i++) {
            if (record_item_get(&item, &apply->state, head->upload_till, head->upload_first + i))
                record.results[i] = (uint8_t)item.outcome;
        }
        record_upload_put(&apply->state, &id, &record);
    }
    head->upload = 0;
    head->upload_till = 0;
    head->upload_first = 0;
    head->upload_items = 0;
    head->upload_next = 0;
    head->upload_gap = 0;
    head->upload_time = 0;
    memset(head->upload_id, 0, sizeof head->upload_id);
}

enum status
apply_upload(struct apply *apply)
{
    const struct msg_upload *const upload = &apply->upload;
    struct state_head *const head = &apply->state.head;
    struct record_upload record;
    struct merkle_frontier tree;
    struct digest id;
    uint64_t fresh;
    enum status status = apply_upload_open(apply, &id, apply->entry.messages[0]);

    if (status != STATUS_OK)
        return status;
    if (record_upload_get(&record, &apply->state, &id))
        return STATUS_REPLAY;
    status = check_fork(apply, &tree);
    if (status != STATUS_OK)
        return status;

    const uint64_t known = apply->till.size;
    const bool gap = upload->first > known;

    fresh = gap || upload->first == known ? 0 : known - upload->first;
    if (fresh > upload->items_count)
        fresh = upload->items_count;
    for (uint64_t i = fresh; i < upload->items_count; i++) {
        const struct record_item item = {.leaf = upload->items[i]};

        record_item_put(&apply->state, upload->till, upload->first + i, &item);
    }
    if (!gap && upload->first + upload->items_count > known) {
        record_till_set_tree(&apply->till, &tree);
        record_till_put(&apply->state, &apply->till);
    }
    record = (struct record_upload){.index = apply->index,
                                    .till = upload->till,
                                    .size = apply->till.size,
                                    .time = apply->entry.time};
    record_upload_put(&apply->state, &id, &record);
    head->upload = apply->index;
    head->upload_till = upload->till;
    head->upload_first = upload->first;
    head->upload_items = upload->items_count;
    head->upload_next = fresh;
    head->upload_gap = gap;
    head->upload_time = apply->entry.time;
    memcpy(head->upload_id, id.bytes, DIGEST_SIZE);
    if (fresh == upload->items_count)
        finish(apply);
    return STATUS_OK;
}

/* --- what becomes of an item --- */

void
apply_upload_reject(struct apply_plan *plan, enum status status)
{
    /* What cannot stand in one byte is no fault of a message but of its form. */
    plan->reject = (unsigned)status < 256 - LINE_REJECTED ? status : STATUS_ENTRY_SHAPE;
    plan->kind = APPLY_REJECT;
    plan->outcome = (uint64_t)(LINE_REJECTED + plan->reject);
}

static void
plan_accept(struct apply *apply, struct apply_plan *plan)
{
    const struct msg_entry *const item = &apply->item;
    struct apply_claim *const claim = &plan->claim;
    struct apply_segment segment = {.gap = plan->gap, .news = apply->till.news};
    enum status status;

    if (item->messages_count != 3) {
        apply_upload_reject(plan, STATUS_ENTRY_SHAPE);
        return;
    }
    claim->source = LINE_FROM_TILL;
    claim->accepted = item->time;
    status =
        apply_claim_read(apply, claim, item->messages[0], item->messages[1], item->messages[2]);
    plan->read = status == STATUS_OK;
    if (plan->read) {
        plan->kept = apply_segment_kept(apply, claim, plan->index);
        status = apply_claim_check(apply, claim);
    }
    if (status != STATUS_OK) {
        apply_upload_reject(plan, status);
        return;
    }
    segment.kept = plan->kept;
    apply_claim_decide(apply, claim, &segment);
    if (claim->verdict.status != STATUS_OK) {
        apply_upload_reject(plan, claim->verdict.status);
        return;
    }
    plan->kind = apply_claim_kind(claim);
    plan->outcome = (uint64_t)claim->verdict.outcome;
}

/* What was settled is known to be valid; what was not must be valid now. */
static enum status
check_voided(struct apply *apply, const struct apply_claim *claim)
{
    if (!claim->recorded || claim->record.outcome == LINE_CANCELLED)
        return apply_claim_check(apply, claim);
    return claim->record.till == apply->till.till ? STATUS_OK : STATUS_WRONG_PAYEE;
}

static void
plan_void(struct apply *apply, struct apply_plan *plan)
{
    const struct msg_entry *const item = &apply->item;
    struct apply_claim *const claim = &plan->claim;
    struct cose_message message;
    struct msg_void order;
    enum status status;

    if (item->messages_count != 4) {
        apply_upload_reject(plan, STATUS_ENTRY_SHAPE);
        return;
    }
    claim->accepted = item->time;
    status =
        apply_claim_read(apply, claim, item->messages[0], item->messages[1], item->messages[2]);
    if (status == STATUS_OK)
        status =
            msg_open(&message, &order, &msg_void_schema, apply->state.network, item->messages[3]);
    if (status == STATUS_OK && order.till != apply->till.till)
        status = STATUS_WRONG_PAYEE;
    if (status == STATUS_OK)
        status = apply_verify(apply, &message, &msg_void_schema, &apply->till.key);
    if (status == STATUS_OK && memcmp(&order.transfer, &claim->id, sizeof claim->id) != 0)
        status = STATUS_TRANSFER_UNKNOWN;
    if (status == STATUS_OK)
        status = check_voided(apply, claim);
    if (status != STATUS_OK) {
        apply_upload_reject(plan, status);
        return;
    }
    plan->read = true;
    plan->kind = APPLY_VOID;
    plan->outcome = LINE_REVERSED;
}

static void
plan_refund(struct apply *apply, struct apply_plan *plan)
{
    enum status status = STATUS_ENTRY_SHAPE;

    if (apply->item.messages_count == 1)
        status = apply_reverse_plan(apply, &plan->refund, &plan->outcome);
    if (status != STATUS_OK)
        apply_upload_reject(plan, status);
    else
        plan->kind = APPLY_REFUND;
}

void
apply_upload_plan(struct apply *apply, struct apply_plan *plan, struct span in)
{
    const struct state_head *const head = &apply->state.head;
    enum status status;

    memset(plan, 0, sizeof *plan);
    plan->index = head->upload_first + head->upload_next;
    plan->gap = head->upload_gap != 0;
    if (!record_till_get(&apply->till, &apply->state, head->upload_till)) {
        apply_upload_reject(plan, STATUS_TILL_UNKNOWN);
        return;
    }
    if (apply->till.revoked != 0 && plan->index >= apply->till.revoked_size) {
        apply_upload_reject(plan, STATUS_TILL_REVOKED);
        return;
    }
    status = schema_decode(&apply->item, &msg_entry_schema, in);
    plan->readable = status == STATUS_OK;
    if (!plan->readable)
        apply_upload_reject(plan, status);
    else if (apply->item.kind == APPLY_ITEM_ACCEPT)
        plan_accept(apply, plan);
    else if (apply->item.kind == APPLY_ITEM_VOID)
        plan_void(apply, plan);
    else if (apply->item.kind == APPLY_ITEM_REFUND)
        plan_refund(apply, plan);
    else
        plan->kind = APPLY_ITEM;
}

/* --- carrying it out --- */

static enum status
book_accept(struct apply *apply, struct apply_plan *plan)
{
    struct apply_claim *const claim = &plan->claim;
    struct record_transfer *const record = &claim->record;

    if (!claim->verdict.unchanged) {
        claim->logged = plan->index + 1;
        return apply_settle_book(apply, claim);
    }
    /* Recorded by other means before: from now on also as accepted by its till. */
    if (record->logged == 0) {
        record->logged = plan->index + 1;
        record_transfer_put(&apply->state, record);
    }
    return STATUS_OK;
}

static enum status
book_item(struct apply *apply, struct apply_plan *plan)
{
    switch (plan->kind) {
    case APPLY_SETTLE:
    case APPLY_LATE:
        return book_accept(apply, plan);
    case APPLY_VOID:
        return apply_reverse_void(apply, &plan->claim);
    case APPLY_REFUND:
        return apply_reverse_refund(apply, &plan->refund, plan->outcome);
    default:
        return STATUS_OK;
    }
}

enum status
apply_upload_item(struct apply *apply)
{
    struct state_head *const head = &apply->state.head;
    struct msg_item_attachment stated;
    struct record_item item;
    struct apply_plan plan;
    struct digest leaf;
    enum status status;

    if (head->waited != 0)
        return apply_reverse_waited(apply);
    status = schema_decode(&stated, &msg_item_attachment_schema, apply->entry.attachment);
    if (status != STATUS_OK)
        return status;
    merkle_leaf(&leaf, apply->entry.messages[0]);
    if (head->upload_items == 0 || stated.upload != head->upload ||
        stated.number != head->upload_next ||
        !record_item_get(&item, &apply->state, head->upload_till,
                         head->upload_first + head->upload_next) ||
        memcmp(&leaf, &item.leaf, sizeof leaf) != 0)
        return STATUS_ENTRY_RECOMPUTE;
    if (apply->planned != NULL)
        plan = *apply->planned;
    else
        apply_upload_plan(apply, &plan, apply->entry.messages[0]);
    if (plan.kind != apply->entry.kind || plan.outcome != stated.outcome ||
        plan.claim.evidence_needed)
        return STATUS_ENTRY_RECOMPUTE;
    status = book_item(apply, &plan);
    if (status != STATUS_OK)
        return status;
    apply_segment_follow(apply, &plan);
    item.outcome = plan.outcome;
    record_item_put(&apply->state, head->upload_till, plan.index, &item);
    head->upload_next++;
    if (head->upload_next == head->upload_items)
        finish(apply);
    return STATUS_OK;
}

/* --- the anchor --- */

void
apply_upload_next_anchor(struct apply *apply, struct msg_anchor *out, uint64_t t_unix_s)
{
    struct msg_parameters parameters;
    struct merkle_frontier tree;

    *out = (struct msg_anchor){.network = apply->state.network,
                               .till = apply->till.till,
                               .time = t_unix_s,
                               .news = apply->state.head.news,
                               .size = apply->till.size};
    if (state_parameters_at(&parameters, &apply->state, apply->state.head.parameters, t_unix_s))
        out->parameters = parameters.version;
    apply_purse_deny_hash(apply, &out->news_hash);
    record_till_tree(&tree, &apply->till);
    merkle_root(&out->root, &tree);
}

enum status
apply_upload_anchor(struct apply *apply)
{
    struct record_till *const till = &apply->till;
    struct cose_message message;
    struct msg_anchor anchor;
    struct msg_anchor expected;
    enum status status = apply_open(apply, &message, &anchor, &msg_anchor_schema, 0);

    if (status == STATUS_OK)
        status =
            apply_signed(apply, SIGNER_SETTLEMENT, &message, &msg_anchor_schema, apply->entry.time);
    if (status != STATUS_OK)
        return status;
    if (!record_till_get(till, &apply->state, anchor.till))
        return STATUS_TILL_UNKNOWN;
    apply_upload_next_anchor(apply, &expected, apply->entry.time);
    if (anchor.time != expected.time || anchor.news != expected.news ||
        memcmp(&anchor.news_hash, &expected.news_hash, sizeof anchor.news_hash) != 0 ||
        anchor.parameters != expected.parameters || anchor.size != expected.size ||
        memcmp(&anchor.root, &expected.root, sizeof anchor.root) != 0)
        return STATUS_ENTRY_RECOMPUTE;
    till->given = anchor.time;
    till->given_news = anchor.news;
    till->given_news_hash = anchor.news_hash;
    till->given_parameters = anchor.parameters;
    till->given_size = anchor.size;
    till->given_root = anchor.root;
    till->given_index = apply->index;
    record_till_put(&apply->state, till);
    return STATUS_OK;
}
