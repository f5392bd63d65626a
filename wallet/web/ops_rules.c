/* The rules of payment, denial and logs. */
#include "ops.h"

#include <assert.h>
#include <string.h>

#include "protocol/accept.h"
#include "protocol/checkpoint.h"
#include "protocol/denylist.h"
#include "protocol/evidence.h"
#include "protocol/merkle.h"

static struct signer_list signers;
static struct denylist denied;
static struct kid ids[OPS_IDS_MAX];

/* Adds a key that the caller vouches for. */
static struct signer_key *
add_signer(enum signer_role role, struct frame_in *in)
{
    struct signer_key *key = &signers.keys[signers.count++];

    assert(signers.count <= SIGNER_MAX);
    *key = (struct signer_key){.role = role, .until = UINT64_MAX, .verify_until = UINT64_MAX};
    frame_fixed(key->key.bytes, sizeof key->key.bytes, in);
    crypt_kid(&key->kid, &key->key);
    return key;
}

static_assert(OPS_KEYS_MAX == SIGNER_MAX, "one list of keys");

static enum status
read_signers(enum signer_role role, struct frame_in *in)
{
    const uint64_t count = frame_number(in);

    signers.count = 0;
    if (count > OPS_KEYS_MAX)
        return STATUS_CAPACITY;
    for (uint64_t i = 0; i < count; i++) {
        struct signer_key *key = add_signer(role, in);

        key->from = frame_number(in);
        key->until = frame_number(in);
        key->verify_until = frame_number(in);
        key->killed = frame_number(in) != 0;
    }
    return STATUS_OK;
}

/* A list of ids, as the deny list. USAGE when one stands there twice. */
static enum status
read_ids(struct frame_in *in)
{
    const uint64_t count = frame_number(in);

    memset(&denied, 0, sizeof denied);
    denied.ids = ids;
    denied.cap = OPS_IDS_MAX;
    if (count > OPS_IDS_MAX)
        return STATUS_CAPACITY;
    for (uint64_t i = 0; i < count; i++) {
        struct kid id;

        frame_fixed(id.bytes, sizeof id.bytes, in);
        if (denylist_add(&denied, &id) != STATUS_OK)
            return STATUS_USAGE;
    }
    return STATUS_OK;
}

/* --- a payer's checks --- */

enum status
ops_request_verify(struct frame_out *out, struct frame_in *in)
{
    static struct code_request code;
    static struct code_bytes bytes;
    const uint64_t network = frame_network(in);
    enum status status = read_signers(SIGNER_ENROLMENT, in);
    struct span text;

    (void)out;
    if (status != STATUS_OK)
        return status;
    text = frame_bytes(in);
    frame_end(in);
    status = code_request_read(&code, &bytes, network, text);
    return status == STATUS_OK ? code_request_verify(&code, network, &signers) : status;
}

enum status
ops_receipt(struct frame_out *out, struct frame_in *in)
{
    const uint64_t network = frame_network(in);
    const struct span cose = frame_bytes(in);
    struct msg_receipt receipt;
    struct digest transfer;
    struct public_key key;
    uint64_t till;
    enum status status;

    frame_fixed(transfer.bytes, sizeof transfer.bytes, in);
    till = frame_number(in);
    frame_fixed(key.bytes, sizeof key.bytes, in);
    frame_end(in);
    status = transfer_receipt(&receipt, cose, network, &transfer, till, &key);
    if (status == STATUS_OK)
        frame_put_fields(out, &msg_receipt_schema, &receipt);
    return status;
}

/* --- a till's decision --- */

static struct {
    struct accept_state state;
    struct accept_result result;
    struct msg_till till;
    struct msg_parameters parameters;
    struct tally tally;
    struct accept_request requests[OPS_REQUESTS_MAX];
    struct digest codes[OPS_CODES_MAX];
    struct tally_item known[OPS_ACCEPTED_MAX];
    struct tally_item unconfirmed[OPS_ACCEPTED_MAX];
} t;

static enum status
read_till(struct frame_in *in)
{
    const struct span certificate = frame_bytes(in);
    struct cose_message message;
    struct public_key key;
    enum status status =
        msg_open(&message, &t.till, &msg_till_schema, t.state.network, certificate);

    frame_fixed(key.bytes, sizeof key.bytes, in);
    if (status == STATUS_OK)
        status = msg_verify(&message, &msg_till_schema, t.state.network, &key);
    if (status == STATUS_OK)
        status = schema_decode(&t.parameters, &msg_parameters_schema, frame_bytes(in));
    if (status != STATUS_OK || t.parameters.network != t.state.network)
        return STATUS_USAGE;
    return STATUS_OK;
}

static enum status
read_requests(struct frame_in *in)
{
    const uint64_t count = frame_number(in);

    if (count > OPS_REQUESTS_MAX)
        return STATUS_CAPACITY;
    for (uint64_t i = 0; i < count; i++) {
        struct accept_request *request = &t.requests[i];
        const struct span cose = frame_bytes(in);
        const uint64_t state = frame_number(in);
        struct cose_message message;
        enum status status =
            msg_open(&message, &request->request, &msg_request_schema, t.state.network, cose);

        if (status == STATUS_OK)
            status = msg_verify(&message, &msg_request_schema, t.state.network, &t.till.key);
        if (status != STATUS_OK || state < ACCEPT_OPEN || state > ACCEPT_VOIDED)
            return STATUS_USAGE;
        msg_id(&request->id, &message, &msg_request_schema, t.state.network);
        request->state = (enum accept_request_state)state;
    }
    t.state.request_count = (size_t)count;
    return STATUS_OK;
}

static enum status
read_accepted(struct frame_in *in)
{
    const uint64_t count = frame_number(in);

    if (count > OPS_ACCEPTED_MAX)
        return STATUS_CAPACITY;
    for (uint64_t i = 0; i < count; i++) {
        struct tally_item *item = &t.known[i];

        frame_fixed(item->line.bytes, sizeof item->line.bytes, in);
        item->index = i;
        item->tier = (uint32_t)frame_number(in);
        item->from = (uint32_t)frame_number(in);
        item->to = (uint32_t)frame_number(in);
        item->seq = (uint32_t)frame_number(in);
        frame_fixed(item->prev, sizeof item->prev, in);
        if (frame_number(in) == 0)
            t.unconfirmed[t.tally.count++] = *item;
    }
    t.state.rules.known_count = (size_t)count;
    return STATUS_OK;
}

static enum status
read_codes(struct frame_in *in)
{
    const uint64_t count = frame_number(in);

    if (count > OPS_CODES_MAX)
        return STATUS_CAPACITY;
    for (uint64_t i = 0; i < count; i++) {
        uint8_t bytes[TEXT_BYTES_MAX];
        size_t len;

        if (text_decode(bytes, sizeof bytes, &len, TEXT_PAYMENT, frame_bytes(in)) != STATUS_OK)
            return STATUS_USAGE;
        accept_code_hash(&t.codes[i], (struct span){bytes, len});
    }
    t.state.code_count = (size_t)count;
    return STATUS_OK;
}

static enum status
read_state(struct frame_in *in)
{
    enum status status;

    memset(&t, 0, sizeof t);
    t.tally = (struct tally){.items = t.unconfirmed, .cap = OPS_ACCEPTED_MAX};
    t.state = (struct accept_state){
        .network = frame_network(in),
        .rules = {.till = &t.till,
                  .parameters = &t.parameters,
                  .tally = &t.tally,
                  .known = t.known},
        .signers = &signers,
        .denied = &denied,
        .requests = t.requests,
        .codes = t.codes,
    };
    status = read_till(in);
    if (status == STATUS_OK)
        status = read_signers(SIGNER_ALLOWANCE, in);
    if (status == STATUS_OK)
        status = read_ids(in);
    if (status != STATUS_OK)
        return status;
    t.state.lower_bound_unix_s = frame_number(in);
    t.state.anchor_time_unix_s = frame_number(in);
    t.state.rules.news_time_unix_s = frame_number(in);
    status = read_requests(in);
    if (status == STATUS_OK)
        status = read_accepted(in);
    if (status == STATUS_OK)
        status = read_codes(in);
    return status;
}

enum status
ops_accept(struct frame_out *out, struct frame_in *in)
{
    enum status status = read_state(in);
    struct span code;
    uint64_t now;

    if (status != STATUS_OK)
        return status;
    code = frame_bytes(in);
    now = frame_number(in);
    frame_end(in);
    status = accept_text(&t.result, &t.state, code, now);
    if (status != STATUS_OK)
        return status;
    frame_put_bytes(out, t.result.transfer.bytes, sizeof t.result.transfer.bytes);
    frame_put_number(out, money_cents(t.result.amount));
    return STATUS_OK;
}

/* --- denial --- */

enum status
ops_evidence(struct frame_out *out, struct frame_in *in)
{
    const uint64_t network = frame_network(in);
    const uint64_t count = frame_number(in);
    struct evidence evidence;
    enum evidence_cause cause;
    enum status status;

    signers.count = 0;
    if (count > OPS_KEYS_MAX)
        return STATUS_CAPACITY;
    for (uint64_t i = 0; i < count; i++)
        add_signer(SIGNER_ALLOWANCE, in);
    evidence.allowance = frame_bytes(in);
    evidence.first = frame_bytes(in);
    frame_fixed(evidence.first_request.bytes, sizeof evidence.first_request.bytes, in);
    evidence.second = frame_bytes(in);
    frame_fixed(evidence.second_request.bytes, sizeof evidence.second_request.bytes, in);
    frame_end(in);
    status = evidence_check(&cause, &evidence, network, &signers);
    if (status == STATUS_OK)
        frame_put_number(out, cause);
    return status;
}

enum status
ops_news(struct frame_out *out, struct frame_in *in)
{
    const uint64_t network = frame_network(in);
    struct msg_news news;
    struct span cose;
    uint64_t version;
    uint64_t time;
    enum status status;

    signers.count = 0;
    add_signer(SIGNER_NEWS, in);
    version = frame_number(in);
    time = frame_number(in);
    status = read_ids(in);
    if (status != STATUS_OK)
        return status;
    denied.version = version;
    denied.time_unix_s = time;
    cose = frame_bytes(in);
    frame_end(in);
    /* The key is good at all times, whatever the clock says. */
    status = denylist_open(&news, cose, network, &signers, 0);
    if (status == STATUS_OK)
        status = denylist_apply(&denied, &news);
    if (status != STATUS_OK)
        return status;
    frame_put_number(out, denied.version);
    frame_put_number(out, denied.count);
    for (size_t i = 0; i < denied.count; i++)
        frame_put_bytes(out, ids[i].bytes, sizeof ids[i].bytes);
    return STATUS_OK;
}

/* --- logs --- */

static struct digest leaves[OPS_LEAVES_MAX];
static size_t leaves_count;

static void
root_of(struct digest *out, size_t low, size_t high)
{
    static struct merkle_frontier tree;

    assert(low <= high && high <= leaves_count);
    tree.size = 0;
    for (size_t i = low; i < high; i++)
        merkle_append(&tree, &leaves[i]);
    merkle_root(out, &tree);
}

static enum status
get_node(void *context, struct digest *out, unsigned level, uint64_t index)
{
    (void)context;
    if (level >= MERKLE_LEVELS || index >= leaves_count >> level)
        return STATUS_NOT_FOUND;
    root_of(out, (size_t)index << level, (size_t)(index + 1) << level);
    return STATUS_OK;
}

static void
put_path(struct frame_out *out, const struct merkle_path *path)
{
    frame_put_number(out, path->count);
    for (size_t i = 0; i < path->count; i++)
        frame_put_bytes(out, path->hashes[i].bytes, sizeof path->hashes[i].bytes);
}

static enum status
put_inclusion(struct frame_out *out, const struct digest *root, uint64_t index)
{
    const struct merkle_source source = {get_node, NULL};
    struct merkle_path path;
    enum status status = merkle_inclusion(&path, source, index, leaves_count);

    if (status == STATUS_OK)
        status = merkle_verify_inclusion(&path, &leaves[index], index, leaves_count, root);
    if (status == STATUS_OK)
        put_path(out, &path);
    return status;
}

static enum status
put_consistency(struct frame_out *out, const struct digest *root, uint64_t old)
{
    const struct merkle_source source = {get_node, NULL};
    struct merkle_path path;
    struct digest root_old;
    enum status status = merkle_consistency(&path, source, old, leaves_count);

    if (status != STATUS_OK)
        return status;
    root_of(&root_old, 0, (size_t)old);
    status = merkle_verify_consistency(&path, old, &root_old, leaves_count, root);
    if (status == STATUS_OK)
        put_path(out, &path);
    return status;
}

enum status
ops_merkle(struct frame_out *out, struct frame_in *in)
{
    const uint64_t entries = frame_number(in);
    struct digest root;
    enum status status = STATUS_OK;

    if (entries > OPS_LEAVES_MAX)
        return STATUS_CAPACITY;
    leaves_count = (size_t)entries;
    for (size_t i = 0; i < leaves_count; i++)
        merkle_leaf(&leaves[i], frame_bytes(in));
    root_of(&root, 0, leaves_count);
    frame_put_bytes(out, root.bytes, sizeof root.bytes);
    for (uint64_t left = frame_number(in); left > 0 && status == STATUS_OK; left--)
        status = put_inclusion(out, &root, frame_number(in));
    if (status != STATUS_OK)
        return status;
    for (uint64_t left = frame_number(in); left > 0 && status == STATUS_OK; left--)
        status = put_consistency(out, &root, frame_number(in));
    if (status == STATUS_OK)
        frame_end(in);
    return status;
}

enum status
ops_checkpoint(struct frame_out *out, struct frame_in *in)
{
    static struct checkpoint checkpoint;
    const struct span note = frame_bytes(in);
    const struct span name = frame_bytes(in);
    struct note_check check;
    struct note_key key;
    struct public_key public_key;
    enum status status;

    frame_fixed(public_key.bytes, sizeof public_key.bytes, in);
    frame_end(in);
    status = note_key_make(&key, NOTE_ED25519, name, &public_key);
    if (status == STATUS_OK)
        status = checkpoint_verify(&checkpoint, &check, note, &key, 1);
    if (status != STATUS_OK)
        return status;
    frame_put_text(out, checkpoint.origin);
    frame_put_number(out, checkpoint.size);
    frame_put_bytes(out, checkpoint.root.bytes, sizeof checkpoint.root.bytes);
    return STATUS_OK;
}
