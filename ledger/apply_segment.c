#include "apply_rules.h"

#include "protocol/accept.h"

#include <assert.h>
#include <string.h>

/* Did the till keep the rules? PROTOCOL.md section 12.3. What is followed here of a till's log is
 * what its own program knew when it accepted. */

/* How far a till's clock may be ahead of the ledger's; rule R27 grants the ledger as much. */
#define CLOCK_SECONDS 600

static uint64_t
later(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static void
load_tally(struct apply *apply)
{
    if (apply->tally_till == apply->till.till)
        return;
    record_tally_get(&apply->tally, &apply->state, apply->till.till);
    apply->tally_till = apply->till.till;
}

/* What this till had accepted from the line before, confirmed or not. */
static size_t
load_known(struct apply *apply, const struct apply_claim *claim, uint64_t index)
{
    struct record_transfer other;
    size_t count = 0;

    for (uint64_t from = 0; count < RECORD_TALLY_MAX &&
                            record_transfer_next(&other, &apply->state, &claim->line, from);
         from = other.index + 1) {
        struct tally_item *const item = &apply->known[count];

        if (other.till != apply->till.till || other.logged == 0 || other.logged - 1 >= index)
            continue;
        *item = (struct tally_item){.transfer = other.id,
                                    .line = claim->line,
                                    .index = other.logged - 1,
                                    .from = (uint32_t)other.from,
                                    .to = (uint32_t)other.to,
                                    .seq = (uint32_t)other.seq};
        memcpy(item->prev, other.prev, sizeof item->prev);
        count++;
    }
    return count;
}

bool
apply_segment_kept(struct apply *apply, const struct apply_claim *claim, uint64_t index)
{
    const struct record_till *const till = &apply->till;
    const uint64_t t = apply->item.time;
    struct msg_parameters parameters;
    struct msg_till certificate;
    bool denied;

    if (till->broken != 0 || apply->state.head.upload_gap != 0)
        return false;
    if (t < later(later(till->anchor_time, till->news_time), till->entry_time) ||
        t > apply->state.head.upload_time + CLOCK_SECONDS)
        return false;
    if (!state_parameters_at(
            &parameters, &apply->state,
            till->parameters != 0 ? till->parameters : apply->state.head.parameters, t))
        return false;
    load_tally(apply);
    record_till_message(&certificate, till);
    denied = claim->line_known && (apply->line.flags & RECORD_LINE_DENIED) != 0 &&
             (apply->line.flags & RECORD_LINE_CLOSED) == 0 && till->news >= apply->line.denied;

    const struct accept_rules rules = {.till = &certificate,
                                       .parameters = &parameters,
                                       .tally = &apply->tally,
                                       .known = apply->known,
                                       .known_count = load_known(apply, claim, index),
                                       .news_time_unix_s = till->news_time};

    return accept_check(NULL, &rules, &claim->allowance, &claim->transfer, &claim->request, denied,
                        t) == STATUS_OK;
}

/* --- following the log --- */

/* A message of one node role in an item: anchor, news or settlement proof. */
static bool
open_signed(struct apply *apply, void *out, const struct schema *schema, enum signer_role role,
            size_t number)
{
    struct cose_message message;

    if (apply->item.messages_count <= number ||
        msg_open(&message, out, schema, apply->state.network, apply->item.messages[number]) !=
            STATUS_OK)
        return false;
    return apply->trust || signer_check_ever(&apply->state.signers, role, &message, schema,
                                             apply->state.network) == STATUS_OK;
}

/* Takes out everything below `size`. */
static void
confirm_below(struct apply *apply, uint64_t size)
{
    load_tally(apply);
    for (size_t i = 0; i < apply->tally.count; i++) {
        if (apply->tally.items[i].index < size)
            record_tally_delete(&apply->state, apply->till.till, apply->tally.items[i].index);
    }
    tally_anchor(&apply->tally, size);
}

static void
confirm(struct apply *apply, const struct digest *id)
{
    load_tally(apply);
    for (size_t i = 0; i < apply->tally.count; i++) {
        const struct tally_item *const item = &apply->tally.items[i];

        if (memcmp(&item->transfer, id, sizeof *id) == 0)
            record_tally_delete(&apply->state, apply->till.till, item->index);
    }
    tally_confirm(&apply->tally, id);
}

static void
follow_anchor(struct apply *apply)
{
    struct record_till *const till = &apply->till;
    struct msg_anchor anchor;

    if (!open_signed(apply, &anchor, &msg_anchor_schema, SIGNER_SETTLEMENT, 0) ||
        anchor.till != till->till || anchor.time <= till->anchor_time)
        return;
    till->anchor_time = anchor.time;
    till->broken = 0;
    till->parameters = later(till->parameters, anchor.parameters);
    if (anchor.time == till->given && anchor.size == till->given_size)
        till->synced = till->given_index;
    confirm_below(apply, anchor.size);
}

static void
follow_news(struct apply *apply)
{
    struct record_till *const till = &apply->till;
    struct msg_news news;

    if (!open_signed(apply, &news, &msg_news_schema, SIGNER_NEWS, 0) || news.from > till->news ||
        news.to < till->news || (news.to == till->news && news.time <= till->news_time))
        return;
    till->news = news.to;
    till->news_time = later(till->news_time, news.time);
}

static void
follow_parameters(struct apply *apply)
{
    struct cose_message message;
    struct msg_parameters parameters;

    if (apply->item.messages_count == 0 ||
        msg_open(&message, &parameters, &msg_parameters_schema, apply->state.network,
                 apply->item.messages[0]) != STATUS_OK ||
        parameters.version > apply->state.head.parameters)
        return;
    apply->till.parameters = later(apply->till.parameters, parameters.version);
}

static void
follow_accept(struct apply *apply, const struct apply_plan *plan)
{
    struct tally_item item;

    if (!plan->kept)
        apply->till.broken = 1;
    /* What is empty or upside down was rejected, and takes no room. */
    if (!plan->read || plan->claim.transfer.from >= plan->claim.transfer.to)
        return;
    load_tally(apply);
    tally_item(&item, &plan->claim.allowance, &plan->claim.transfer, &plan->claim.id, plan->index);
    if (tally_add(&apply->tally, &item) == STATUS_OK)
        record_tally_put(&apply->state, apply->till.till, &item);
    else
        apply->till.broken = 1;
}

void
apply_segment_follow(struct apply *apply, const struct apply_plan *plan)
{
    struct record_till *const till = &apply->till;
    struct msg_settlement_proof proof;

    if (!plan->readable || apply->state.head.upload_gap != 0)
        return;
    switch (apply->item.kind) {
    case APPLY_ITEM_ANCHOR:
        follow_anchor(apply);
        break;
    case APPLY_ITEM_ACCEPT:
        follow_accept(apply, plan);
        break;
    case APPLY_ITEM_VOID:
        if (plan->read)
            confirm(apply, &plan->claim.id);
        break;
    case APPLY_ITEM_NEWS:
        follow_news(apply);
        break;
    case APPLY_ITEM_PROOF:
        if (open_signed(apply, &proof, &msg_settlement_proof_schema, SIGNER_SETTLEMENT, 1))
            confirm(apply, &proof.transfer);
        break;
    case APPLY_ITEM_CONFIRMATION:
        if (open_signed(apply, &proof, &msg_settlement_proof_schema, SIGNER_SETTLEMENT, 0))
            confirm(apply, &proof.transfer);
        break;
    case APPLY_ITEM_PARAMETERS:
        follow_parameters(apply);
        break;
    default:
        break;
    }
    till->entry_time = later(till->entry_time, apply->item.time);
    record_till_put(&apply->state, till);
}
