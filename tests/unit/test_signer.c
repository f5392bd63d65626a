/* protocol/signer: who may sign what, and when. */
#include "check.h"

#include <stdlib.h>

#include "forge.h"

#define NETWORK 7
#define FROM 1000000
#define UNTIL 2000000
#define VERIFY (UNTIL + SIGNER_VERIFY_SECONDS)

static struct signer_list list;
static struct forge_key keys[16];

/* One key for each role, and three roots. */
static void
start(void)
{
    static const char *const names[] = {
        "",     "",           "programme", "treasury", "enrolment", "allowance", "settlement",
        "news", "checkpoint", "proof",     "parking",  "support",   "witness",   "audit"};
    struct msg_genesis genesis = {.network = NETWORK, .roots_count = 3, .time = 1};

    memset(&list, 0, sizeof list);
    for (unsigned role = SIGNER_PROGRAMME; role <= SIGNER_AUDIT; role++) {
        forge_key(&keys[role], names[role]);
        forge_role(&list, (enum signer_role)role, &keys[role], FROM, UNTIL);
    }
    forge_key(&keys[0], "root 1");
    forge_key(&keys[1], "root 2");
    forge_key(&keys[14], "root 3");
    genesis.roots[0] = keys[0].key;
    genesis.roots[1] = keys[1].key;
    genesis.roots[2] = keys[14].key;
    CHECK_STATUS(signer_add_roots(&list, &genesis, 0), STATUS_OK);
    forge_key(&keys[15], "stranger");
}

static struct cose_message
anchor_by(struct forge_message *buffer, const struct forge_key *key)
{
    const struct msg_anchor anchor = {.network = NETWORK, .till = 1, .time = 1};

    forge_sign(buffer, NULL, &msg_anchor_schema, &anchor, NETWORK, key);
    return forge_open(forge_span(buffer));
}

static enum status
check(const struct cose_message *message, uint64_t t, uint64_t now)
{
    return signer_check(NULL, &list, SIGNER_SETTLEMENT, message, &msg_anchor_schema, NETWORK, t,
                        now);
}

static enum status
kill_key(enum signer_role role, const struct forge_key *key)
{
    const struct msg_kill kill = {.network = NETWORK, .key = key->key, .role = role};

    return signer_kill(&list, &kill);
}

/* --- the list --------------------------------------------------------------------------------- */

TEST(adding_keys)
{
    struct msg_role_key key = {.network = NETWORK,
                               .role = SIGNER_NEWS,
                               .from = FROM,
                               .until = UNTIL,
                               .verify_until = VERIFY};
    size_t before;

    start();
    before = list.count;
    key.key = keys[SIGNER_NEWS].key;
    CHECK_STATUS(signer_add(&list, &key, 5), STATUS_DUPLICATE_ID);
    key.key = keys[15].key;
    key.verify_until = VERIFY - 1;
    CHECK_STATUS(signer_add(&list, &key, 5), STATUS_CBOR_RANGE);
    key.verify_until = VERIFY;
    key.from = UNTIL + 1;
    CHECK_STATUS(signer_add(&list, &key, 5), STATUS_CBOR_RANGE);
    CHECK(list.count == before);
    key.from = UNTIL;
    CHECK_STATUS(signer_add(&list, &key, 5), STATUS_OK);
    CHECK(list.count == before + 1);
    CHECK(signer_known(&list, SIGNER_NEWS, &keys[15].key)->index == 5);
    CHECK(signer_known(&list, SIGNER_AUDIT, &keys[15].key) == NULL);
    /* The same key in another role is another key. */
    key.role = SIGNER_AUDIT;
    CHECK_STATUS(signer_add(&list, &key, 6), STATUS_OK);
    CHECK(signer_known(&list, SIGNER_AUDIT, &keys[15].key)->index == 6);
}

TEST(the_list_is_bounded)
{
    struct msg_genesis genesis = {.roots_count = 3};
    struct msg_role_key key = {
        .role = SIGNER_NEWS, .from = FROM, .until = UNTIL, .verify_until = VERIFY};
    struct msg_kill kill = {.role = SIGNER_NEWS};

    memset(&list, 0, sizeof list);
    for (unsigned i = 0; i < SIGNER_MAX; i++) {
        CHECK(list.count == i);
        key.key.bytes[0] = (uint8_t)i;
        key.key.bytes[1] = 1;
        CHECK_STATUS(signer_add(&list, &key, i), STATUS_OK);
        if (i == SIGNER_MAX - 3) {
            for (unsigned k = 0; k < 3; k++)
                genesis.roots[k].bytes[0] = (uint8_t)k;
            CHECK_STATUS(signer_add_roots(&list, &genesis, 0), STATUS_CAPACITY);
            list.count--; /* now there is just enough room */
            CHECK_STATUS(signer_add_roots(&list, &genesis, 0), STATUS_OK);
            list.count -= 2;
        }
    }
    key.key.bytes[1] = 2;
    CHECK_STATUS(signer_add(&list, &key, 0), STATUS_CAPACITY);
    kill.key = key.key;
    CHECK_STATUS(signer_kill(&list, &kill), STATUS_CAPACITY);
    kill.key.bytes[1] = 1;
    CHECK_STATUS(signer_kill(&list, &kill), STATUS_OK);
    CHECK(list.count == SIGNER_MAX);
}

TEST(roots)
{
    struct msg_genesis genesis = {.network = NETWORK, .roots_count = 3};

    start();
    genesis.roots[0] = keys[15].key;
    genesis.roots[1] = keys[15].key;
    CHECK_STATUS(signer_add_roots(&list, &genesis, 0), STATUS_DUPLICATE_ID);
    genesis.roots[1] = keys[1].key;
    CHECK_STATUS(signer_add_roots(&list, &genesis, 0), STATUS_DUPLICATE_ID);
    CHECK(signer_known(&list, SIGNER_ROOT, &keys[15].key) == NULL);
    CHECK(signer_known(&list, SIGNER_ROOT, &keys[14].key)->until == UINT32_MAX);
}

/* --- one signature ---------------------------------------------------------------------------- */

TEST(a_key_signs_in_its_time)
{
    struct forge_message buffer;
    const struct signer_key *found;

    start();
    const struct cose_message message = anchor_by(&buffer, &keys[SIGNER_SETTLEMENT]);

    CHECK_STATUS(check(&message, FROM - 1, FROM), STATUS_KEY_NOT_YET);
    CHECK_STATUS(check(&message, FROM, FROM), STATUS_OK);
    CHECK_STATUS(check(&message, UNTIL, UNTIL), STATUS_OK);
    CHECK_STATUS(check(&message, UNTIL + 1, UNTIL + 1), STATUS_KEY_EXPIRED);
    CHECK_STATUS(check(&message, UNTIL, VERIFY), STATUS_OK);
    CHECK_STATUS(check(&message, UNTIL, VERIFY + 1), STATUS_KEY_EXPIRED);
    /* A checker whose clock is behind is told by another rule. */
    CHECK_STATUS(check(&message, FROM, 1), STATUS_OK);
    CHECK_STATUS(signer_check(&found, &list, SIGNER_SETTLEMENT, &message, &msg_anchor_schema,
                              NETWORK, FROM, FROM),
                 STATUS_OK);
    CHECK(found == signer_known(&list, SIGNER_SETTLEMENT, &keys[SIGNER_SETTLEMENT].key));
    CHECK_STATUS(signer_check(&found, &list, SIGNER_SETTLEMENT, &message, &msg_anchor_schema,
                              NETWORK + 1, FROM, FROM),
                 STATUS_SIGNATURE_BAD);
    CHECK(found == NULL);
}

TEST(a_key_signs_in_its_role)
{
    struct forge_message buffer;

    start();
    for (unsigned i = 0; i < 16; i++) {
        const struct cose_message message = anchor_by(&buffer, &keys[i]);

        CHECK_STATUS(check(&message, FROM, FROM),
                     i == SIGNER_SETTLEMENT ? STATUS_OK : STATUS_SIGNER_UNKNOWN);
    }
}

TEST(a_kill_is_for_ever_and_for_one_role)
{
    struct forge_message buffer;

    start();
    const struct cose_message message = anchor_by(&buffer, &keys[SIGNER_SETTLEMENT]);

    CHECK_STATUS(kill_key(SIGNER_NEWS, &keys[SIGNER_SETTLEMENT]), STATUS_OK);
    CHECK_STATUS(check(&message, FROM, FROM), STATUS_OK);
    CHECK_STATUS(kill_key(SIGNER_SETTLEMENT, &keys[SIGNER_SETTLEMENT]), STATUS_OK);
    CHECK_STATUS(check(&message, FROM, FROM), STATUS_KEY_KILLED);
    CHECK_STATUS(check(&message, 1, FROM), STATUS_KEY_KILLED);
    CHECK_STATUS(kill_key(SIGNER_SETTLEMENT, &keys[SIGNER_SETTLEMENT]), STATUS_REPLAY);
    CHECK_STATUS(check(&message, FROM, FROM), STATUS_KEY_KILLED);
}

TEST(a_kill_may_come_before_its_key)
{
    struct forge_message buffer;
    const struct signer_key *known;

    start();
    const struct cose_message message = anchor_by(&buffer, &keys[15]);

    CHECK_STATUS(check(&message, FROM, FROM), STATUS_SIGNER_UNKNOWN);
    CHECK_STATUS(kill_key(SIGNER_SETTLEMENT, &keys[15]), STATUS_OK);
    CHECK_STATUS(check(&message, FROM, FROM), STATUS_KEY_KILLED);
    forge_role(&list, SIGNER_SETTLEMENT, &keys[15], FROM, UNTIL);
    CHECK_STATUS(check(&message, FROM, FROM), STATUS_KEY_KILLED);
    known = signer_known(&list, SIGNER_SETTLEMENT, &keys[15].key);
    CHECK(known->killed && known->until == UNTIL);
}

/* Two keys of one role with one kid: 64 bits can be made to collide, so each is tried. */
TEST(a_kid_is_only_a_hint)
{
    struct forge_message buffer;
    struct signer_key *twin;

    start();
    const struct cose_message message = anchor_by(&buffer, &keys[SIGNER_SETTLEMENT]);

    forge_role(&list, SIGNER_SETTLEMENT, &keys[15], FROM, UNTIL);
    twin = &list.keys[list.count - 1];
    twin->kid = keys[SIGNER_SETTLEMENT].kid;
    CHECK_STATUS(check(&message, FROM, FROM), STATUS_OK);

    /* In the other order as well. */
    const struct signer_key first = list.keys[SIGNER_SETTLEMENT - SIGNER_PROGRAMME];
    list.keys[SIGNER_SETTLEMENT - SIGNER_PROGRAMME] = *twin;
    *twin = first;
    CHECK_STATUS(check(&message, FROM, FROM), STATUS_OK);

    /* The key that came furthest names the status. */
    twin->killed = true;
    CHECK_STATUS(check(&message, FROM, FROM), STATUS_SIGNATURE_BAD);
    CHECK_STATUS(check(&message, FROM - 1, FROM), STATUS_KEY_NOT_YET);
    CHECK_STATUS(check(&message, UNTIL + 1, FROM), STATUS_KEY_EXPIRED);
    twin->killed = false;
    twin->until = UNTIL + 100;
    CHECK_STATUS(check(&message, UNTIL + 1, FROM), STATUS_OK);
}

TEST(a_role_that_ever_was)
{
    struct forge_message buffer;
    struct cose_message message;

    start();
    message = anchor_by(&buffer, &keys[SIGNER_SETTLEMENT]);
    CHECK_STATUS(kill_key(SIGNER_SETTLEMENT, &keys[SIGNER_SETTLEMENT]), STATUS_OK);
    CHECK_STATUS(signer_check_ever(&list, SIGNER_SETTLEMENT, &message, &msg_anchor_schema, NETWORK),
                 STATUS_OK);
    CHECK_STATUS(
        signer_check_ever(&list, SIGNER_SETTLEMENT, &message, &msg_anchor_schema, NETWORK + 1),
        STATUS_SIGNATURE_BAD);
    CHECK_STATUS(signer_check_ever(&list, SIGNER_NEWS, &message, &msg_anchor_schema, NETWORK),
                 STATUS_SIGNER_UNKNOWN);
}

/* --- acts ------------------------------------------------------------------------------------- */

/* By hand from the tables of PROTOCOL.md sections 7 and 8. */
static bool
is_pair_for(enum msg_type type, unsigned a, unsigned b)
{
    const unsigned low = a < b ? a : b;
    const unsigned high = a < b ? b : a;
    const bool roots = (low == 0 || low == 1) && (high == 1 || high == 14);

    switch ((int)type) {
    case MSG_ROLE_KEY:
        return roots;
    case MSG_KILL:
        return roots || (low == SIGNER_TREASURY && high == SIGNER_AUDIT);
    case MSG_PARAMETERS:
    case MSG_SERIES:
        return low == SIGNER_PROGRAMME && high == SIGNER_TREASURY;
    case MSG_HOLD:
    case MSG_REVIEW:
        return low == SIGNER_TREASURY && high == SIGNER_AUDIT;
    case MSG_DENIAL:
        return low == SIGNER_ENROLMENT && high == SIGNER_AUDIT;
    default:
        return false;
    }
}

static union {
    uint8_t bytes[1 << 16];
    uint64_t aligned;
} object;

/* Every two-signature act with every pair of keys. */
TEST(acts_of_two_roles)
{
    static const enum msg_type types[] = {MSG_ROLE_KEY, MSG_KILL,   MSG_PARAMETERS, MSG_SERIES,
                                          MSG_HOLD,     MSG_REVIEW, MSG_DENIAL};
    static struct forge_message buffers[16];
    uint64_t random = 1;

    start();
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        const struct schema *schema = msg_kind(types[i])->schema;
        struct cose_message messages[2];

        forge_fill(&object, schema, FORGE_LEAST, 0, &random);
        for (unsigned k = 0; k < 16; k++)
            forge_sign(&buffers[k], NULL, schema, &object, NETWORK, &keys[k]);
        for (unsigned a = 0; a < 16; a++) {
            for (unsigned b = 0; b < 16; b++) {
                messages[0] = forge_open(forge_span(&buffers[a]));
                messages[1] = forge_open(forge_span(&buffers[b]));
                CHECK_STATUS(signer_check_act(&list, messages, 2, schema, NETWORK, FROM, FROM),
                             a != b && is_pair_for(types[i], a, b) ? STATUS_OK
                                                                   : STATUS_SECOND_SIGNATURE);
            }
        }
        messages[0] = forge_open(forge_span(&buffers[SIGNER_TREASURY]));
        CHECK_STATUS(signer_check_act(&list, messages, 1, schema, NETWORK, FROM, FROM),
                     STATUS_SECOND_SIGNATURE);
    }
}

TEST(the_second_signature_is_over_the_same_payload)
{
    struct msg_hold hold = {.network = NETWORK,
                            .number = 1,
                            .action = 1,
                            .reason = {(const uint8_t *)"storm", 5},
                            .time = 1};
    struct forge_message buffers[2];
    struct cose_message messages[2];

    start();
    forge_sign(&buffers[0], NULL, &msg_hold_schema, &hold, NETWORK, &keys[SIGNER_TREASURY]);
    hold.number = 2;
    forge_sign(&buffers[1], NULL, &msg_hold_schema, &hold, NETWORK, &keys[SIGNER_AUDIT]);
    messages[0] = forge_open(forge_span(&buffers[0]));
    messages[1] = forge_open(forge_span(&buffers[1]));
    CHECK_STATUS(signer_check_act(&list, messages, 2, &msg_hold_schema, NETWORK, FROM, FROM),
                 STATUS_SECOND_SIGNATURE);
    /* Nor one that begins alike and is longer. */
    hold.number = UINT32_MAX;
    forge_sign(&buffers[0], NULL, &msg_hold_schema, &hold, NETWORK, &keys[SIGNER_TREASURY]);
    messages[0] = forge_open(forge_span(&buffers[0]));
    CHECK(messages[0].payload.len != messages[1].payload.len);
    CHECK_STATUS(signer_check_act(&list, messages, 2, &msg_hold_schema, NETWORK, FROM, FROM),
                 STATUS_SECOND_SIGNATURE);
    hold.number = 1;
    forge_sign(&buffers[0], NULL, &msg_hold_schema, &hold, NETWORK, &keys[SIGNER_TREASURY]);
    messages[0] = forge_open(forge_span(&buffers[0]));
    forge_sign(&buffers[1], NULL, &msg_hold_schema, &hold, NETWORK, &keys[SIGNER_AUDIT]);
    messages[1] = forge_open(forge_span(&buffers[1]));
    CHECK_STATUS(signer_check_act(&list, messages, 2, &msg_hold_schema, NETWORK, FROM, FROM),
                 STATUS_OK);
    CHECK_STATUS(
        signer_check_act(&list, messages, 2, &msg_hold_schema, NETWORK, UNTIL + 1, UNTIL + 1),
        STATUS_SECOND_SIGNATURE);
    CHECK_STATUS(kill_key(SIGNER_AUDIT, &keys[SIGNER_AUDIT]), STATUS_OK);
    CHECK_STATUS(signer_check_act(&list, messages, 2, &msg_hold_schema, NETWORK, FROM, FROM),
                 STATUS_SECOND_SIGNATURE);
}

TEST(acts_of_one_role)
{
    static const struct {
        enum msg_type type;
        enum signer_role role;
    } acts[] = {
        {MSG_MERCHANT, SIGNER_ENROLMENT},
        {MSG_TILL, SIGNER_ENROLMENT},
        {MSG_REVOCATION, SIGNER_ENROLMENT},
        {MSG_FUNDING, SIGNER_TREASURY},
        {MSG_ISSUE, SIGNER_PROGRAMME},
        {MSG_PAYOUT, SIGNER_TREASURY},
        {MSG_ALLOWANCE, SIGNER_ALLOWANCE},
        {MSG_ANCHOR, SIGNER_SETTLEMENT},
        {MSG_SETTLEMENT_PROOF, SIGNER_SETTLEMENT},
        {MSG_ACK, SIGNER_SETTLEMENT},
        {MSG_NEWS, SIGNER_NEWS},
    };
    uint64_t random = 2;
    struct forge_message buffer;

    start();
    for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++) {
        const struct schema *schema = msg_kind(acts[i].type)->schema;

        forge_fill(&object, schema, FORGE_LEAST, 0, &random);
        for (unsigned k = 0; k < 16; k++) {
            struct cose_message messages[2];

            forge_sign(&buffer, NULL, schema, &object, NETWORK, &keys[k]);
            messages[0] = forge_open(forge_span(&buffer));
            messages[1] = messages[0];
            CHECK_STATUS(signer_check_act(&list, messages, 1, schema, NETWORK, FROM, FROM),
                         k == acts[i].role ? STATUS_OK : STATUS_SIGNER_UNKNOWN);
            CHECK_STATUS(signer_check_act(&list, messages, 2, schema, NETWORK, FROM, FROM),
                         STATUS_SECOND_SIGNATURE);
        }
    }
}

TEST(what_no_role_signs)
{
    static const enum msg_type types[] = {MSG_GENESIS, MSG_PURSE,   MSG_REQUEST, MSG_RECEIPT,
                                          MSG_UPLOAD,  MSG_VOID,    MSG_GIFT,    MSG_STATEMENT,
                                          MSG_REFUND,  MSG_MANDATE, MSG_DEVICE,  MSG_LOSS_REPORT};
    uint64_t random = 3;
    struct forge_message buffer;

    start();
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        const struct schema *schema = msg_kind(types[i])->schema;
        struct cose_message message;

        forge_fill(&object, schema, FORGE_LEAST, 0, &random);
        forge_sign(&buffer, NULL, schema, &object, NETWORK, &keys[SIGNER_TREASURY]);
        message = forge_open(forge_span(&buffer));
        CHECK_STATUS(signer_check_act(&list, &message, 1, schema, NETWORK, FROM, FROM),
                     STATUS_ROLE_NOT_ALLOWED);
    }
}

TEST(a_genesis_is_signed_by_two_of_its_roots)
{
    struct msg_genesis genesis = {.network = NETWORK,
                                  .name = {(const uint8_t *)"Test", 4},
                                  .origin = {(const uint8_t *)"a.example/log", 13},
                                  .roots_count = 3,
                                  .time = 1};
    static const unsigned signers[] = {0, 1, 14, 15};
    struct forge_message buffers[4];
    struct cose_message messages[2];

    start();
    genesis.roots[0] = keys[0].key;
    genesis.roots[1] = keys[1].key;
    genesis.roots[2] = keys[14].key;
    for (unsigned i = 0; i < 4; i++)
        forge_sign(&buffers[i], NULL, &msg_genesis_schema, &genesis, NETWORK, &keys[signers[i]]);
    for (unsigned a = 0; a < 4; a++) {
        for (unsigned b = 0; b < 4; b++) {
            messages[0] = forge_open(forge_span(&buffers[a]));
            messages[1] = forge_open(forge_span(&buffers[b]));
            CHECK_STATUS(signer_check_genesis(&genesis, messages),
                         a != b && a < 3 && b < 3 ? STATUS_OK : STATUS_SECOND_SIGNATURE);
        }
    }
    genesis.roots[2] = keys[0].key;
    CHECK_STATUS(signer_check_genesis(&genesis, messages), STATUS_DUPLICATE_ID);
}

int
main(int argc, char **argv)
{
    return check_run(argc, argv);
}
