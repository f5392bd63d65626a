/* Vectors of the rules through the C core: a till's decision, evidence, news. */
#include "check.h"

#include <stdlib.h>

#include "forge.h"
#include "protocol/accept.h"
#include "protocol/evidence.h"
#include "vector.h"

/* --- a till's decision -------------------------------------------------------------------------
 */

#define MANY 128

static struct {
    struct accept_state state;
    struct msg_till till;
    struct msg_parameters parameters;
    struct signer_list signers;
    struct denylist denied;
    struct kid ids[MANY];
    struct accept_request requests[MANY];
    struct digest codes[MANY];
    struct tally_item known[MANY];
    struct tally tally;
    struct tally_item unconfirmed[MANY];
} t;

static void
load_issuers(json_t *v)
{
    json_t *list = json_object_get(v, "issuers");

    for (size_t i = 0; i < json_array_size(list); i++) {
        json_t *one = json_array_get(list, i);
        struct signer_key *key = &t.signers.keys[t.signers.count++];

        key->role = SIGNER_ALLOWANCE;
        vector_fill(key->key.bytes, sizeof key->key.bytes, one, "key");
        crypt_kid(&key->kid, &key->key);
        key->from = vector_number(one, "from");
        key->until = vector_number(one, "until");
        key->verify_until = vector_number(one, "verify_until");
        key->killed = json_is_true(json_object_get(one, "killed"));
    }
}

static void
load_requests(json_t *v)
{
    static const char *const states[] = {"", "open", "paid", "expired", "cancelled", "voided"};
    json_t *list = json_object_get(v, "requests");

    for (size_t i = 0; i < json_array_size(list); i++) {
        json_t *one = json_array_get(list, i);
        struct accept_request *request = &t.requests[i];
        struct cose_message message;

        CHECK_STATUS(msg_open(&message, &request->request, &msg_request_schema, t.state.network,
                              vector_bytes(one, "cose")),
                     STATUS_OK);
        CHECK_STATUS(msg_verify(&message, &msg_request_schema, t.state.network, &t.till.key),
                     STATUS_OK);
        msg_id(&request->id, &message, &msg_request_schema, t.state.network);
        for (unsigned state = ACCEPT_OPEN; state <= ACCEPT_VOIDED; state++) {
            if (strcmp(states[state], vector_text(one, "state")) == 0)
                request->state = (enum accept_request_state)state;
        }
        CHECK(request->state != 0);
    }
    t.state.request_count = json_array_size(list);
}

static void
load_lists(json_t *v)
{
    json_t *accepted = json_object_get(v, "accepted");
    json_t *denied = json_object_get(v, "denied");
    json_t *codes = json_object_get(v, "codes");

    for (size_t i = 0; i < json_array_size(accepted); i++) {
        json_t *one = json_array_get(accepted, i);
        struct tally_item item = {.tier = (uint32_t)vector_number(one, "tier"),
                                  .from = (uint32_t)vector_number(one, "from"),
                                  .to = (uint32_t)vector_number(one, "to"),
                                  .seq = (uint32_t)vector_number(one, "seq"),
                                  .index = i,
                                  .transfer = {{(uint8_t)i}}};

        vector_fill(item.line.bytes, sizeof item.line.bytes, one, "line");
        vector_fill(item.prev, sizeof item.prev, one, "prev");
        t.known[t.state.rules.known_count++] = item;
        if (!json_is_true(json_object_get(one, "confirmed")))
            CHECK_STATUS(tally_add(&t.tally, &item), STATUS_OK);
    }
    for (size_t i = 0; i < json_array_size(denied); i++) {
        struct kid id;

        vector_fill_element(id.bytes, sizeof id.bytes, json_array_get(denied, i));
        CHECK_STATUS(denylist_add(&t.denied, &id), STATUS_OK);
    }
    for (size_t i = 0; i < json_array_size(codes); i++) {
        uint8_t bytes[TEXT_BYTES_MAX];
        const char *text = json_string_value(json_array_get(codes, i));
        size_t len;

        CHECK_STATUS(text_decode(bytes, sizeof bytes, &len, TEXT_PAYMENT,
                                 (struct span){(const uint8_t *)text, strlen(text)}),
                     STATUS_OK);
        accept_code_hash(&t.codes[t.state.code_count++], (struct span){bytes, len});
    }
}

static enum status
check_accept(json_t *v)
{
    static struct accept_result result;
    static uint8_t till_bytes[COSE_MESSAGE_MAX];
    const struct span till = vector_bytes(v, "till");
    struct cose_message message;
    struct public_key till_key;
    enum status status;

    memset(&t, 0, sizeof t);
    t.state = (struct accept_state){.network = vector_number(v, "network"),
                                    .rules = {.till = &t.till,
                                              .parameters = &t.parameters,
                                              .tally = &t.tally,
                                              .known = t.known,
                                              .news_time_unix_s = vector_number(v, "news_time")},
                                    .signers = &t.signers,
                                    .denied = &t.denied,
                                    .lower_bound_unix_s = vector_number(v, "lower_bound"),
                                    .anchor_time_unix_s = vector_number(v, "anchor_time"),
                                    .requests = t.requests,
                                    .codes = t.codes};
    t.denied = (struct denylist){.ids = t.ids, .cap = MANY};
    t.tally = (struct tally){.items = t.unconfirmed, .cap = MANY};
    memcpy(till_bytes, till.data, till.len);
    vector_fill(till_key.bytes, sizeof till_key.bytes, v, "till_key");
    CHECK_STATUS(msg_open(&message, &t.till, &msg_till_schema, t.state.network,
                          (struct span){till_bytes, till.len}),
                 STATUS_OK);
    CHECK_STATUS(msg_verify(&message, &msg_till_schema, t.state.network, &till_key), STATUS_OK);
    CHECK_STATUS(
        schema_decode(&t.parameters, &msg_parameters_schema, vector_bytes(v, "parameters")),
        STATUS_OK);
    load_issuers(v);
    load_requests(v);
    load_lists(v);
    status = accept_text(&result, &t.state, vector_text_span(v, "code"), vector_number(v, "now"));
    if (status == STATUS_OK) {
        vector_same(v, "transfer_id", result.transfer.bytes, sizeof result.transfer);
        CHECK(money_cents(result.amount) == vector_number(v, "amount"));
    }
    return status;
}

/* --- evidence and news -------------------------------------------------------------------------
 */

static enum status
check_evidence(json_t *v)
{
    static struct signer_list signers;
    json_t *keys = json_object_get(v, "keys");
    struct evidence evidence = {.allowance = vector_bytes(v, "allowance"),
                                .first = vector_bytes(v, "first"),
                                .second = vector_bytes(v, "second")};
    enum evidence_cause cause;
    enum status status;

    memset(&signers, 0, sizeof signers);
    for (size_t i = 0; i < json_array_size(keys); i++) {
        struct forge_key key;

        vector_fill_element(key.key.bytes, sizeof key.key.bytes, json_array_get(keys, i));
        forge_role(&signers, SIGNER_ALLOWANCE, &key, 1, 2);
    }
    vector_fill(evidence.first_request.bytes, sizeof evidence.first_request, v, "first_request");
    vector_fill(evidence.second_request.bytes, sizeof evidence.second_request, v, "second_request");
    status = evidence_check(&cause, &evidence, vector_number(v, "network"), &signers);
    CHECK(status == STATUS_OK ? (uint64_t)cause == vector_number(v, "cause")
                              : cause == EVIDENCE_NONE);
    return status;
}

static enum status
check_news(json_t *v)
{
    static struct signer_list signers;
    struct denylist list = {.ids = t.ids,
                            .cap = MANY,
                            .version = vector_number(v, "version"),
                            .time_unix_s = vector_number(v, "time")};
    json_t *ids = json_object_get(v, "ids");
    struct msg_news news;
    struct forge_key key;
    enum status status;

    memset(&signers, 0, sizeof signers);
    vector_fill(key.key.bytes, sizeof key.key.bytes, v, "key");
    forge_role(&signers, SIGNER_NEWS, &key, 1, UINT32_MAX - SIGNER_VERIFY_SECONDS);
    for (size_t i = 0; i < json_array_size(ids); i++)
        vector_fill_element(list.ids[list.count++].bytes, KID_SIZE, json_array_get(ids, i));
    status = denylist_open(&news, vector_bytes(v, "cose"), vector_number(v, "network"), &signers,
                           1795000000);
    if (status == STATUS_OK)
        status = denylist_apply(&list, &news);
    if (status != STATUS_OK)
        return status;
    CHECK(list.version == vector_number(v, "new_version"));
    ids = json_object_get(v, "new_ids");
    CHECK(list.count == json_array_size(ids));
    for (size_t i = 0; i < list.count && i < json_array_size(ids); i++) {
        struct kid id;

        vector_fill_element(id.bytes, sizeof id.bytes, json_array_get(ids, i));
        CHECK(memcmp(&id, &list.ids[i], sizeof id) == 0);
    }
    return STATUS_OK;
}

/* --- all ----------------------------------------------------------------------------------------
 */

#define OP(name, least)                                                                            \
    TEST(vectors_of_##name)                                                                        \
    {                                                                                              \
        vector_run(#name, check_##name, least);                                                    \
    }

OP(accept, 80)
OP(evidence, 20)
OP(news, 20)

int
main(int argc, char **argv)
{
    return check_run(argc, argv);
}
