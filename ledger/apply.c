#include "apply.h"

#include "apply_rules.h"

#include <assert.h>
#include <string.h>

/* --- the table of kinds --- */

/* How many messages an entry has, whether its attachment is the empty map, and its rules. */
struct kind {
    enum apply_kind kind;
    const char *name;
    size_t messages_min;
    size_t messages_max;
    bool attachment;
    enum status (*run)(struct apply *apply);
};

/* Settle and late state a till's item, or a statement. */
static enum status
run_transfer(struct apply *apply)
{
    return apply->entry.messages_count == 1 ? apply_upload_item(apply) : apply_statement(apply);
}

static const struct kind kinds[] = {
    {APPLY_GENESIS, "genesis", 2, 2, false, apply_city_genesis},
    {APPLY_ROLE_KEY, "role key", 2, 2, false, apply_city_role_key},
    {APPLY_KILL, "key kill", 2, 2, false, apply_city_kill},
    {APPLY_PARAMETERS, "parameters", 1, 2, false, apply_city_parameters},
    {APPLY_SERIES, "series", 1, 2, false, apply_money_series},
    {APPLY_MERCHANT, "merchant", 1, 1, false, apply_city_merchant},
    {APPLY_TILL, "till", 1, 1, false, apply_city_till},
    {APPLY_ANCHOR, "anchor", 1, 1, false, apply_upload_anchor},
    {APPLY_PURSE, "purse", 1, 2, false, apply_purse_new},
    {APPLY_FUNDING, "funding", 1, 1, false, apply_money_funding},
    {APPLY_ISSUE, "issue", 1, 1, false, apply_money_issue},
    {APPLY_GIFT, "gift", 1, 1, false, apply_purse_gift},
    {APPLY_ALLOWANCE, "allowance", 2, 2, true, apply_line_allowance},
    {APPLY_SETTLE, "settle", 1, 5, true, run_transfer},
    {APPLY_VOID, "void", 1, 1, true, apply_upload_item},
    {APPLY_REFUND, "refund", 1, 1, true, apply_upload_item},
    {APPLY_CLOSE, "close", 0, 0, true, apply_close_line},
    {APPLY_HOLD, "hold", 1, 2, false, apply_city_hold},
    {APPLY_EVIDENCE, "evidence", 3, 3, true, apply_settle_evidence},
    {APPLY_DENIAL, "denial", 1, 2, false, apply_purse_denial},
    {APPLY_LOSS_REPORT, "loss report", 1, 1, false, apply_purse_loss},
    {APPLY_REVIEW, "review", 1, 2, false, apply_money_review},
    {APPLY_SERVICE_DAY, "service day", 0, 0, true, apply_close_service_day},
    {APPLY_LATE, "late", 1, 5, true, run_transfer},
    {APPLY_DEBT, "debt", 0, 0, true, apply_close_debt},
    {APPLY_EXPIRY, "expiry", 0, 0, true, apply_close_expiry},
    {APPLY_PAYOUT, "payout", 1, 1, false, apply_money_payout},
    {APPLY_REJECT, "reject", 1, 1, true, apply_upload_item},
    {APPLY_DISPUTE, "dispute", 0, 0, true, apply_settle_dispute},
    {APPLY_UPLOAD, "upload", 1, 1, false, apply_upload},
    {APPLY_ITEM, "item", 1, 1, true, apply_upload_item},
    {APPLY_STATEMENT, "statement", 4, 4, true, apply_statement},
    {APPLY_DEVICE, "device", 1, 1, false, apply_purse_device},
    {APPLY_REVOCATION, "revocation", 1, 1, false, apply_city_revocation},
};

static const struct kind *
find_kind(uint64_t number)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if ((uint64_t)kinds[i].kind == number)
            return &kinds[i];
    }
    return NULL;
}

const char *
apply_kind_name(uint64_t number)
{
    const struct kind *kind = find_kind(number);

    return kind == NULL ? NULL : kind->name;
}

/* --- one entry --- */

static void
seen_key(struct state_key *key, const struct digest *id)
{
    state_key_begin(key, STATE_SEEN);
    state_key_bytes(key, id->bytes, DIGEST_SIZE);
}

/* Whether something else must come first: the rest of an upload, a dispute, a debt. */
static bool
is_its_turn(const struct apply *apply, const struct kind *kind)
{
    const struct state_head *head = &apply->state.head;

    if (head->owed_kind != 0)
        return (uint64_t)kind->kind == head->owed_kind;
    if (head->waited != 0)
        return kind->kind == APPLY_REFUND || kind->kind == APPLY_REJECT;
    if (kind->kind == APPLY_DISPUTE || kind->kind == APPLY_DEBT)
        return false;
    if (head->upload_items == 0)
        return true;
    return kind->run == apply_upload_item || kind->kind == APPLY_EVIDENCE ||
           (kind->run == run_transfer && apply->entry.messages_count == 1);
}

static enum status
check_wrapper(struct apply *apply, const struct kind **found)
{
    const struct msg_entry *entry = &apply->entry;
    const struct kind *kind = find_kind(entry->kind);
    const bool empty = entry->attachment.len == 1 && entry->attachment.data[0] == MSG_NO_ATTACHMENT;

    *found = kind;
    if (kind == NULL || (kind->kind == APPLY_GENESIS) != (apply->index == 0))
        return STATUS_ENTRY_KIND;
    if (entry->time < apply->state.head.time)
        return STATUS_ENTRY_TIME;
    if (entry->messages_count < kind->messages_min || entry->messages_count > kind->messages_max ||
        (!kind->attachment && !empty))
        return STATUS_ENTRY_SHAPE;
    if (!is_its_turn(apply, kind))
        return STATUS_ENTRY_RECOMPUTE;
    return STATUS_OK;
}

enum status
apply_begin(struct apply *apply, struct store_txn *txn)
{
    apply->tally = (struct tally){.items = apply->unconfirmed, .cap = RECORD_TALLY_MAX};
    apply->tally_till = 0;
    apply->posting_count = 0;
    return state_begin(&apply->state, txn);
}

enum status
apply_entry(struct apply *apply, uint64_t index, struct span entry,
            const struct merkle_frontier *tree)
{
    struct state *const state = &apply->state;
    const struct kind *kind = NULL;
    enum status status;

    assert(index == state->head.size);
    apply->index = index;
    apply->bytes = entry;
    apply->tree = tree;
    apply->posting_count = 0;
    apply->once = false;
    status = schema_decode(&apply->entry, &msg_entry_schema, entry);
    if (status == STATUS_OK)
        status = check_wrapper(apply, &kind);
    if (status == STATUS_OK)
        status = kind->run(apply);
    if (state_status(state) != STATUS_OK)
        return state_status(state);
    if (status != STATUS_OK)
        return status;

    for (size_t i = 0; i < apply->posting_count; i++) {
        const uint64_t class = apply->postings[i].debit.class;

        if (i == 0 || class != apply->postings[i - 1].debit.class)
            status = book_check(state, class);
        if (status != STATUS_OK)
            return status;
    }
    if (apply->once) {
        struct state_key key;

        seen_key(&key, &apply->once_id);
        state_set_number(state, &key, index);
    }
    state->head.size = index + 1;
    state->head.time = apply->entry.time;
    if (kind->kind != APPLY_GENESIS && kind->kind != APPLY_ROLE_KEY)
        state->head.started = 1;
    state_put_head(state);
    return state_status(state);
}

/* --- helpers --- */

enum status
apply_open(struct apply *apply, struct cose_message *message, void *out,
           const struct schema *schema, size_t number)
{
    assert(number < apply->entry.messages_count);
    return msg_open(message, out, schema, apply->state.network, apply->entry.messages[number]);
}

enum status
apply_act(struct apply *apply, void *out, const struct schema *schema)
{
    struct cose_message messages[2];
    const size_t count = apply->entry.messages_count;
    struct digest id;
    enum status status = STATUS_OK;

    assert(count == 1 || count == 2);
    for (size_t i = count; i > 0 && status == STATUS_OK; i--)
        status = apply_open(apply, &messages[i - 1], out, schema, i - 1);
    if (status != STATUS_OK)
        return status;
    msg_id(&id, &messages[0], schema, apply->state.network);
    apply_see(apply, &id);
    if (apply->trust)
        return STATUS_OK;
    return signer_check_act(&apply->state.signers, messages, count, schema, apply->state.network,
                            apply->entry.time, apply->entry.time);
}

void
apply_check_name(struct digest *out, const struct digest *id, const struct signature *signature,
                 const struct public_key *key)
{
    crypt_hash(out,
               (const struct span[]){{id->bytes, DIGEST_SIZE},
                                     {signature->bytes, SIGNATURE_SIZE},
                                     {key->bytes, PUBLIC_KEY_SIZE}},
               3);
}

static size_t
checked_place(const struct digest *name)
{
    return ((size_t)name->bytes[0] << 8 | name->bytes[1]) % APPLY_CHECKED_MAX;
}

static void
collect(struct apply *apply, const struct digest *name)
{
    if (apply->found != NULL && apply->found_count < apply->found_max)
        apply->found[apply->found_count++] = *name;
}

bool
apply_was_checked(struct apply *apply, const struct digest *name)
{
    if (apply->trust)
        return true;
    if (memcmp(&apply->checked[checked_place(name)], name, sizeof *name) != 0)
        return false;
    collect(apply, name);
    return true;
}

void
apply_checked(struct apply *apply, const struct digest *name)
{
    apply->checked[checked_place(name)] = *name;
    collect(apply, name);
}

void
apply_expect(struct apply *apply, const struct digest *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        apply_checked(apply, &names[i]);
}

enum status
apply_verify(struct apply *apply, const struct cose_message *message, const struct schema *schema,
             const struct public_key *key)
{
    struct digest id;
    struct digest name;
    struct kid kid;
    enum status status;

    crypt_kid(&kid, key);
    if (memcmp(&kid, &message->kid, sizeof kid) != 0)
        return STATUS_SIGNATURE_BAD;
    apply_id(apply, &id, message, schema);
    apply_check_name(&name, &id, &message->signature, key);
    if (apply_was_checked(apply, &name))
        return STATUS_OK;
    status = msg_verify(message, schema, apply->state.network, key);
    if (status == STATUS_OK)
        apply_checked(apply, &name);
    return status;
}

enum status
apply_signed(struct apply *apply, enum signer_role role, const struct cose_message *message,
             const struct schema *schema, uint64_t signed_unix_s)
{
    const struct signer_key *key;
    enum status status;

    if (apply->trust)
        return STATUS_OK;
    status = signer_find(&key, &apply->state.signers, role, &message->kid, signed_unix_s,
                         apply->entry.time);
    return status == STATUS_OK ? apply_verify(apply, message, schema, &key->key) : status;
}

enum status
apply_parameters(struct apply *apply, struct msg_parameters *out)
{
    if (!state_parameters_at(out, &apply->state, apply->state.head.parameters, apply->entry.time))
        return STATUS_PARAMETERS_MISSING;
    return STATUS_OK;
}

enum status
apply_post(struct apply *apply, struct book_account debit, struct book_account credit,
           struct money amount)
{
    const struct book_posting posting = {debit, credit, amount};
    enum status status;

    if (money_is_zero(amount))
        return STATUS_OK;
    status = book_post(&apply->state, &posting);
    if (status == STATUS_OK && apply->posting_count < APPLY_POSTINGS_MAX)
        apply->postings[apply->posting_count++] = posting;
    return status;
}

struct money
apply_cents(uint64_t cents)
{
    struct money money = MONEY_ZERO;
    const enum status status = money_from_cents(&money, cents);

    assert(status == STATUS_OK);
    (void)status;
    return money;
}

struct money
apply_stored(struct apply *apply, const struct state_key *key)
{
    struct money money = MONEY_ZERO;
    uint64_t cents;

    if (state_number(&cents, &apply->state, key) && money_from_cents(&money, cents) != STATUS_OK)
        apply->state.failed = STATUS_STORE_BROKEN;
    return money;
}

enum status
apply_post_cents(struct apply *apply, struct book_account debit, struct book_account credit,
                 uint64_t cents)
{
    return apply_post(apply, debit, credit, apply_cents(cents));
}

void
apply_id(struct apply *apply, struct digest *out, const struct cose_message *message,
         const struct schema *schema)
{
    msg_id(out, message, schema, apply->state.network);
}

bool
apply_seen(struct apply *apply, uint64_t *index, const struct digest *id)
{
    struct state_key key;

    seen_key(&key, id);
    return state_number(index, &apply->state, &key);
}

void
apply_see(struct apply *apply, const struct digest *id)
{
    apply->once = true;
    apply->once_id = *id;
}
