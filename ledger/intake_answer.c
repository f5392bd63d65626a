#include "intake_parts.h"

#include "protocol/denylist.h"

#include <assert.h>
#include <string.h>

/* Changes of the deny list that are looked at together; at most 25 go into one news. */
#define CHANGES_MAX 64
/* News in one answer: half of a parcel's parts, so that role keys, kills and parameters have room
 * beside them. */
#define NEWS_MAX 512

/* --- building --- */

void
intake_answer_begin(struct intake *intake, enum msg_parcel_kind kind)
{
    intake->out.kind = (uint64_t)kind;
    intake->out.parts_count = 0;
    intake->parts_len = 0;
}

static enum status
add(struct intake *intake, struct span part)
{
    struct msg_parcel *const out = &intake->out;
    uint8_t *const at = intake->parts + intake->parts_len;

    if (part.len > sizeof intake->parts - intake->parts_len ||
        out->parts_count == sizeof out->parts / sizeof out->parts[0])
        return STATUS_TOO_LARGE;
    memcpy(at, part.data, part.len);
    out->parts[out->parts_count++] = (struct span){at, part.len};
    intake->parts_len += part.len;
    return STATUS_OK;
}

static enum status
add_signed(struct intake *intake, const struct schema *schema, const void *object,
           const struct secret_key *secret)
{
    uint8_t bytes[MSG_SIGN_MAX];
    size_t len;
    enum status status =
        msg_sign(bytes, sizeof bytes, &len, schema, object, intake->apply.state.network, secret);

    if (status != STATUS_OK)
        return status;
    return add(intake, (struct span){bytes, len});
}

enum status
intake_answer_end(struct intake *intake)
{
    size_t len;
    enum status status = schema_encode(intake->answer, sizeof intake->answer, &len,
                                       &msg_parcel_schema, &intake->out);

    if (status == STATUS_OK)
        intake->result.answer = (struct span){intake->answer, len};
    return status;
}

/* --- parts --- */

enum status
intake_answer_entry(struct intake *intake, uint64_t index)
{
    enum status status = intake_read(intake, index);

    for (size_t i = 0; status == STATUS_OK && i < intake->read.messages_count; i++)
        status = add(intake, intake->read.messages[i]);
    return status;
}

/* Which keys a till or wallet has to know: those of enrolment and of the node, and those that sign
 * parameters and kills. */
static bool
is_wanted(const struct signer_key *key)
{
    return (key->role >= SIGNER_PROGRAMME && key->role <= SIGNER_CHECKPOINT) ||
           key->role == SIGNER_AUDIT;
}

static enum status
add_role_keys(struct intake *intake, uint64_t since, uint64_t until)
{
    const struct signer_list *const list = &intake->apply.state.signers;
    enum status status = STATUS_OK;

    for (size_t i = 0; i < list->count && status == STATUS_OK; i++) {
        const struct signer_key *const key = &list->keys[i];

        if (is_wanted(key) && key->index > since && key->index <= until)
            status = intake_answer_entry(intake, key->index);
    }
    return status;
}

static enum status
add_kills(struct intake *intake, uint64_t since, uint64_t until)
{
    struct record_walk walk;
    struct state_key prefix;
    struct span key;
    struct span value;
    enum status status = STATUS_OK;

    state_key_begin(&prefix, STATE_KILL);
    record_walk_begin(&walk, &intake->apply.state, &prefix);
    while (status == STATUS_OK && record_walk_next(&walk, &key, &value)) {
        const uint64_t index = state_key_read(key, 1, 8);

        if (index > since && index <= until)
            status = intake_answer_entry(intake, index);
    }
    return status;
}

static enum status
add_parameters(struct intake *intake, uint64_t since, uint64_t until)
{
    const uint64_t latest = intake->apply.state.head.parameters;
    enum status status = STATUS_OK;

    for (uint64_t version = 1; version <= latest && status == STATUS_OK; version++) {
        uint64_t index;
        uint64_t time;

        if (state_parameters_entry(&index, &time, &intake->apply.state, version) && index > since &&
            index <= until)
            status = intake_answer_entry(intake, index);
    }
    return status;
}

enum status
intake_answer_city(struct intake *intake, uint64_t since, uint64_t until)
{
    /* In this order each act meets the keys that signed it: parameters before the kills, as they
     * stay in force when the key of an office that signed them is killed. */
    enum status status = add_role_keys(intake, since, until);

    if (status == STATUS_OK)
        status = add_parameters(intake, since, until);
    if (status == STATUS_OK)
        status = add_kills(intake, since, until);
    return status;
}

/* The hash of the deny list at a version. */
static void
hash_at(struct intake *intake, struct digest *out, uint64_t version)
{
    struct record_news news;

    if (version > 0 && record_news_get(&news, &intake->apply.state, version))
        *out = news.hash;
    else
        crypt_hash(out, NULL, 0);
}

enum status
intake_answer_news(struct intake *intake, uint64_t from, uint64_t to, uint64_t time_unix_s)
{
    size_t made = 0;
    enum status status;

    if (from > to)
        return STATUS_STORE_BROKEN;
    do {
        struct denylist_change changes[CHANGES_MAX];
        struct record_news record;
        struct msg_news news;
        struct digest hash;
        size_t count = 0;

        hash_at(intake, &hash, from);
        while (count < CHANGES_MAX && from + count < to &&
               record_news_get(&record, &intake->apply.state, from + count + 1))
            changes[count++] = (struct denylist_change){record.id, record.added != 0, record.hash};
        if (count == 0 && from < to)
            return STATUS_STORE_BROKEN;
        memset(&news, 0, sizeof news);
        denylist_news(&news, from, &hash, changes, count, time_unix_s);
        news.network = intake->apply.state.network;
        /* A part is only as fresh as the first change that it leaves out. */
        if (news.to < to && record_news_get(&record, &intake->apply.state, news.to + 1))
            news.time = record.time;
        status = add_signed(intake, &msg_news_schema, &news, &intake->keys->news);
        assert(news.to > from || from == to);
        from = news.to;
        made++;
    } while (status == STATUS_OK && from < to && made < NEWS_MAX);
    return status;
}

static enum status
add_anchor(struct intake *intake)
{
    const struct record_till *const till = &intake->apply.till;
    const struct msg_anchor anchor = {.network = intake->apply.state.network,
                                      .till = till->till,
                                      .time = till->given,
                                      .news = till->given_news,
                                      .news_hash = till->given_news_hash,
                                      .parameters = till->given_parameters,
                                      .size = till->given_size,
                                      .root = till->given_root};

    return add_signed(intake, &msg_anchor_schema, &anchor, &intake->keys->settlement);
}

/* --- whole answers --- */

enum status
intake_answer_till(struct intake *intake, uint64_t number, uint64_t time_unix_s)
{
    struct apply *const apply = &intake->apply;
    enum status status;

    if (!record_till_get(&apply->till, &apply->state, number))
        return STATUS_TILL_UNKNOWN;
    intake_answer_begin(intake, MSG_PARCEL_TILL);
    status = intake_answer_entry(intake, apply->till.index);
    if (status == STATUS_OK)
        status = intake_answer_entry(intake, 0);
    if (status == STATUS_OK)
        status = intake_answer_city(intake, 0, apply->state.head.size);
    if (status == STATUS_OK)
        status = add_anchor(intake);
    if (status == STATUS_OK)
        status = intake_answer_news(intake, 0, apply->state.head.news, time_unix_s);
    if (status == STATUS_OK)
        status = intake_answer_end(intake);
    return status;
}

enum status
intake_answer_sync(struct intake *intake, const struct digest *upload)
{
    struct apply *const apply = &intake->apply;
    const struct record_till *const till = &apply->till;
    struct record_upload record;
    struct msg_ack ack;
    enum status status;

    if (!record_upload_get(&record, &apply->state, upload) ||
        !record_till_get(&apply->till, &apply->state, record.till))
        return STATUS_STORE_BROKEN;
    ack = (struct msg_ack){.network = apply->state.network,
                           .upload = *upload,
                           .till = record.till,
                           .index = record.index,
                           .size = record.size,
                           .results = {record.results, record.results_len},
                           .time = record.time};
    intake_answer_begin(intake, MSG_PARCEL_SYNC);
    status = add_signed(intake, &msg_ack_schema, &ack, &intake->keys->settlement);
    if (status == STATUS_OK)
        status = add_anchor(intake);
    if (status == STATUS_OK)
        status = intake_answer_news(intake, till->news, till->given_news, till->given);
    if (status == STATUS_OK)
        status = intake_answer_city(intake, till->synced, till->given_index);
    if (status == STATUS_OK)
        status = intake_answer_end(intake);
    return status;
}

enum status
intake_answer_allowance(struct intake *intake, uint64_t index)
{
    enum status status = intake_read(intake, index);

    if (status != STATUS_OK)
        return status;
    if (intake->read.kind != APPLY_ALLOWANCE)
        return STATUS_STORE_BROKEN;
    intake_answer_begin(intake, MSG_PARCEL_ALLOWANCE);
    status = add(intake, intake->read.messages[1]);
    if (status == STATUS_OK)
        status = add_role_keys(intake, 0, index);
    if (status == STATUS_OK)
        status = intake_answer_end(intake);
    return status;
}

enum status
intake_answer_proof(struct intake *intake, const struct record_transfer *record)
{
    struct msg_settlement_proof proof = {.network = intake->apply.state.network,
                                         .transfer = record->id,
                                         .till = record->till,
                                         .amount = apply_cents(record->to - record->from),
                                         .class = record->class,
                                         .time = record->time,
                                         .index = record->entry};
    struct intake_source source;
    struct cose_message message;
    enum status status = intake_source(intake, &source, record);

    if (status == STATUS_OK)
        status = cose_parse(&message, source.request, COSE_MESSAGE_MAX);
    if (status != STATUS_OK)
        return status;
    apply_id(&intake->apply, &proof.request, &message, &msg_request_schema);
    intake_answer_begin(intake, MSG_PARCEL_SETTLED);
    status = add_signed(intake, &msg_settlement_proof_schema, &proof, &intake->keys->settlement);
    if (status == STATUS_OK)
        status = intake_answer_end(intake);
    return status;
}

enum status
intake_answer_account(struct intake *intake, const struct msg_account *account)
{
    enum status status;

    intake_answer_begin(intake, MSG_PARCEL_ACCOUNT);
    status = add_signed(intake, &msg_account_schema, account, &intake->keys->settlement);
    return status == STATUS_OK ? intake_answer_end(intake) : status;
}
