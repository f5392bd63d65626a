#include "merchant/sync.h"

#include <assert.h>
#include <string.h>

#include "merchant/learn.h"
#include "protocol/cose.h"
#include "protocol/merkle.h"
#include "protocol/text.h"
#include "protocol/trust.h"

/* --- upload -------------------------------------------------------------------------------- */

/* Leaf hashes of the items and the root after the last one. */
static enum status
collect(struct msg_upload *upload, struct msg_parcel *parcel, struct store_txn *txn, uint64_t size)
{
    enum status status = STATUS_OK;

    for (uint64_t i = upload->first; i < size && status == STATUS_OK; i++) {
        struct span entry;

        status = log_read(&entry, txn, i);
        if (status != STATUS_OK)
            break;
        merkle_leaf(&upload->items[upload->items_count++], entry);
        parcel->parts[parcel->parts_count++] = entry;
    }
    if (status == STATUS_OK)
        status = log_root(&upload->root, txn, size);
    return status;
}

enum status
sync_upload(uint8_t *out, size_t cap, size_t *len, bool *more, struct till *till,
            uint64_t now_unix_s)
{
    static struct msg_upload upload;
    static struct msg_parcel parcel;
    static uint8_t message[MSG_SIGN_SIZE(SYNC_ITEMS_MAX * 34 + 256)];
    struct store_txn txn;
    uint64_t size = 0;
    size_t message_len = 0;
    enum status status = till_ready(till);

    *len = 0;
    *more = false;
    if (status == STATUS_OK)
        status = store_begin_read(&txn, &till->store);
    if (status != STATUS_OK)
        return status;
    memset(&upload, 0, sizeof upload);
    memset(&parcel, 0, sizeof parcel);
    status = log_size(&size, &txn);
    if (status == STATUS_OK && size <= till->meta.acknowledged)
        status = STATUS_NOT_FOUND;
    if (status == STATUS_OK) {
        upload.network = till->meta.network;
        upload.till = till->certificate.till;
        upload.first = till->meta.acknowledged;
        upload.time = now_unix_s;
        *more = size - upload.first > SYNC_ITEMS_MAX;
        size = *more ? upload.first + SYNC_ITEMS_MAX : size;
        parcel.kind = MSG_PARCEL_UPLOAD;
        parcel.parts_count = 1;
        status = collect(&upload, &parcel, &txn, size);
    }
    if (status == STATUS_OK)
        status = msg_sign(message, sizeof message, &message_len, &msg_upload_schema, &upload,
                          till->meta.network, &till->secret);
    if (status == STATUS_OK) {
        parcel.parts[0] = (struct span){message, message_len};
        status = schema_encode(out, cap, len, &msg_parcel_schema, &parcel);
    }
    store_abort(&txn);
    return status;
}

/* --- taking -------------------------------------------------------------------------------- */

/* One parcel being taken. */
struct taking {
    struct till *till;
    struct store_txn *txn;
    struct sync_result *result;
    const uint8_t *seed;
    uint64_t salts; /* number of the next one */
    uint64_t now_unix_s;
};

/* Dated by what the city has signed so far, this message included, and never by the till's clock:
 * one that is ahead would keep the till from selling until that time comes. */
static enum status
append(struct taking *taking, uint64_t kind, const struct span *messages, size_t count)
{
    uint8_t number[8];
    const struct span parts[] = {{taking->seed, 32}, {number, sizeof number}};
    struct digest salt;
    uint64_t index;

    for (size_t i = 0; i < sizeof number; i++)
        number[i] = (uint8_t)(taking->salts >> (8 * i));
    taking->salts++;
    crypt_hash(&salt, parts, 2);
    return till_append(taking->till, &index, kind, messages, count, salt.bytes,
                       till_lower_bound(taking->till));
}

/* Two signatures over one payload: role key, kill or parameters. Logged once. */
static enum status
take_act(struct taking *taking, uint64_t type, const struct span parts[static 2])
{
    struct till *till = taking->till;
    bool known;
    enum status status;

    taking->result->acts++;
    if (type == MSG_PARAMETERS)
        status = learn_parameters(&known, till, taking->txn, parts, taking->now_unix_s);
    else
        status = learn_act(&known, till, taking->txn, parts);
    if (status != STATUS_OK || known || !till->installed)
        return status;
    return append(taking,
                  type == MSG_PARAMETERS ? TILL_PARAMETERS
                  : type == MSG_KILL     ? TILL_KILL
                                         : TILL_ROLE_KEY,
                  parts, 2);
}

/* The genesis of the city whose roots are pinned, and no other. */
static enum status
take_genesis(struct taking *taking, struct span part)
{
    struct cose_message message;
    struct msg_genesis genesis;
    const struct till *till = taking->till;
    enum status status =
        msg_open(&message, &genesis, &msg_genesis_schema, till->meta.network, part);

    if (status != STATUS_OK)
        return status;
    return trust_is_city(&till->signers, &genesis) ? STATUS_OK : STATUS_ROLE_NOT_ALLOWED;
}

static enum status
take_certificate(struct taking *taking, struct span part)
{
    const bool first = !taking->till->installed;
    enum status status = learn_certificate(taking->till, part, taking->now_unix_s);

    if (status != STATUS_OK)
        return status;
    taking->result->certificate = true;
    /* The log, whose name holds the till's number, is begun right after. */
    return first ? STATUS_OK : append(taking, TILL_RENEWAL, &part, 1);
}

static enum status
take_news(struct taking *taking, struct span part)
{
    struct till *till = taking->till;
    struct msg_news news;
    enum status applied;
    enum status status =
        denylist_open(&news, part, till->meta.network, &till->signers, taking->now_unix_s);

    if (status != STATUS_OK)
        return status;
    applied = denylist_apply(&till->denied, &news);
    /* The same news again. */
    if (applied == STATUS_NEWS_OLD && news.to <= till->denied.version)
        return STATUS_OK;
    /* Ids that were added count even if the list could not be brought forward. */
    if (applied != STATUS_OK && applied != STATUS_NEWS_GAP && applied != STATUS_NEWS_HASH)
        return applied;
    status = drawer_put_denied(taking->txn, &till->denied);
    if (status == STATUS_OK && applied == STATUS_OK)
        status = append(taking, TILL_NEWS, &part, 1);
    return status;
}

static enum status
take_ack(struct taking *taking, struct span part)
{
    struct till *till = taking->till;
    struct cose_message message;
    struct msg_ack ack;
    enum status status = msg_open(&message, &ack, &msg_ack_schema, till->meta.network, part);

    if (status == STATUS_OK)
        status = signer_check(NULL, &till->signers, SIGNER_SETTLEMENT, &message, &msg_ack_schema,
                              till->meta.network, ack.time, ack.time);
    if (status == STATUS_OK && ack.till != till->certificate.till)
        status = STATUS_WRONG_PAYEE;
    if (status != STATUS_OK)
        return status;
    if (ack.size > till->meta.acknowledged)
        till->meta.acknowledged = ack.size;
    taking->result->acknowledged = true;
    taking->result->size = till->meta.acknowledged;
    assert(ack.results.len <= sizeof taking->result->results);
    taking->result->results_len = ack.results.len;
    memcpy(taking->result->results, ack.results.data, ack.results.len);
    return STATUS_OK;
}

/* What the anchor covers is settled and no longer counts. */
static enum status
confirm_below(struct taking *taking, uint64_t size)
{
    struct drawer_sale sale;
    enum status status;

    while ((status = drawer_next_sale(&sale, taking->txn, true, NULL)) == STATUS_OK) {
        if (sale.index >= size)
            break;
        sale.confirmed = 1;
        status = drawer_put_sale(taking->txn, &sale);
        if (status != STATUS_OK)
            return status;
    }
    if (status != STATUS_OK && status != STATUS_NOT_FOUND)
        return status;
    (void)tally_anchor(&taking->till->tally, size);
    return STATUS_OK;
}

static enum status
take_anchor(struct taking *taking, struct span part)
{
    struct till *till = taking->till;
    struct cose_message message;
    struct msg_anchor anchor;
    struct digest root;
    uint64_t size = 0;
    enum status status = msg_open(&message, &anchor, &msg_anchor_schema, till->meta.network, part);

    if (status == STATUS_OK)
        status = signer_check(NULL, &till->signers, SIGNER_SETTLEMENT, &message, &msg_anchor_schema,
                              till->meta.network, anchor.time, anchor.time);
    if (status == STATUS_OK && anchor.till != till->certificate.till)
        status = STATUS_WRONG_PAYEE;
    if (status == STATUS_OK)
        status = log_size(&size, taking->txn);
    if (status == STATUS_OK && anchor.size > size)
        status = STATUS_UPLOAD_FORK;
    if (status == STATUS_OK)
        status = log_root(&root, taking->txn, anchor.size);
    if (status == STATUS_OK && !crypt_equal(&root, &anchor.root, sizeof root))
        status = STATUS_UPLOAD_FORK;
    if (status != STATUS_OK)
        return status;
    /* An older answer that comes late. */
    if (anchor.time < till->meta.anchor_time ||
        (anchor.time == till->meta.anchor_time && anchor.size <= till->meta.anchor_size))
        return STATUS_OK;
    status = confirm_below(taking, anchor.size);
    if (status != STATUS_OK)
        return status;
    till->meta.anchor_time = anchor.time;
    till->meta.anchor_size = anchor.size;
    till->meta.proofs = MONEY_ZERO;
    if (anchor.size > till->meta.acknowledged)
        till->meta.acknowledged = anchor.size;
    taking->result->anchored = true;
    return append(taking, TILL_ANCHOR, &part, 1);
}

/* Each pass takes the types that the ones after it may depend on. */
static enum status
take_pass(struct taking *taking, const struct msg_parcel *parcel, unsigned pass)
{
    enum status status = STATUS_OK;

    for (size_t i = 0; i < parcel->parts_count && status == STATUS_OK; i++) {
        uint64_t type;
        bool pair;

        status = msg_peek(&type, parcel->parts[i]);
        if (status != STATUS_OK)
            return status;
        pair = type == MSG_GENESIS || type == MSG_ROLE_KEY || type == MSG_KILL ||
               type == MSG_PARAMETERS;
        if (pair && i + 1 >= parcel->parts_count)
            return STATUS_SECOND_SIGNATURE;
        if (pass == 1 && type == MSG_GENESIS)
            status = take_genesis(taking, parcel->parts[i]);
        else if (pass == 1 && pair)
            status = take_act(taking, type, &parcel->parts[i]);
        else if (pass == 2 && type == MSG_TILL)
            status = take_certificate(taking, parcel->parts[i]);
        else if (pass == 3 && type == MSG_NEWS)
            status = take_news(taking, parcel->parts[i]);
        else if (pass == 4 && type == MSG_ACK)
            status = take_ack(taking, parcel->parts[i]);
        else if (pass == 5 && type == MSG_ANCHOR)
            status = take_anchor(taking, parcel->parts[i]);
        i += pair ? 1 : 0;
    }
    return status;
}

/* Runs the passes from `first` to `last` in a transaction of their own. */
static enum status
take_passes(struct sync_result *out, struct till *till, const struct msg_parcel *parcel,
            unsigned first, unsigned last, const uint8_t seed[static 32], uint64_t now_unix_s)
{
    struct taking taking = {till, NULL, out, seed, 16 * (uint64_t)first, now_unix_s};
    enum status status = till_begin(&taking.txn, till);

    if (status != STATUS_OK)
        return status;
    for (unsigned pass = first; pass <= last && status == STATUS_OK; pass++)
        status = take_pass(&taking, parcel, pass);
    if (status == STATUS_OK)
        status = drawer_put_meta(taking.txn, &till->meta);
    return till_finish(till, status);
}

enum status
sync_take(struct sync_result *out, struct till *till, struct span parcel_bytes,
          const uint8_t seed[static 32], uint64_t now_unix_s)
{
    static struct msg_parcel parcel;
    enum status status = schema_decode(&parcel, &msg_parcel_schema, parcel_bytes);

    memset(out, 0, sizeof *out);
    if (status == STATUS_OK && parcel.kind != MSG_PARCEL_TILL && parcel.kind != MSG_PARCEL_SYNC &&
        parcel.kind != MSG_PARCEL_CITY)
        status = STATUS_MESSAGE_TYPE;
    if (status == STATUS_OK && !till->installed) {
        /* Its number is known only now, and with it the name of its log. */
        status = take_passes(out, till, &parcel, 1, 2, seed, now_unix_s);
        if (status == STATUS_OK)
            status = till_start_log(till, seed, now_unix_s);
        if (status == STATUS_OK)
            status = take_passes(out, till, &parcel, 3, 5, seed, now_unix_s);
    } else if (status == STATUS_OK) {
        status = take_passes(out, till, &parcel, 1, 5, seed, now_unix_s);
    }
    out->news = till->denied.version;
    out->denied = till->denied.count;
    return status;
}

enum status
sync_learn(struct sync_result *out, struct till *till, struct span text,
           const uint8_t seed[static 32], uint64_t now_unix_s)
{
    uint8_t bytes[TEXT_BYTES_MAX];
    struct store_txn *txn = NULL;
    struct taking taking = {till, NULL, out, seed, 0, now_unix_s};
    size_t len;
    enum status status = text_decode(bytes, sizeof bytes, &len, TEXT_NEWS, text);

    memset(out, 0, sizeof *out);
    if (status == STATUS_OK)
        status = till_ready(till);
    if (status == STATUS_OK)
        status = till_begin(&txn, till);
    if (status != STATUS_OK)
        return status;
    taking.txn = txn;
    status = take_news(&taking, (struct span){bytes, len});
    if (status == STATUS_OK)
        status = drawer_put_meta(txn, &till->meta);
    status = till_finish(till, status);
    out->news = till->denied.version;
    out->denied = till->denied.count;
    return status;
}
