/* protocol/trust: which city, which of its keys, and how they are stored. */
#include "check.h"

#include "forge.h"
#include "letter.h"
#include "protocol/trust.h"

#define NETWORK 7
#define FROM 1000000
#define UNTIL 2000000

static struct forge_key roots[4];
static struct forge_key office;
static struct forge_key auditor;
static struct signer_list list;
static struct letter letter;

static struct msg_genesis
genesis_of(size_t a, size_t b, size_t c)
{
    struct msg_genesis genesis = {
        .network = NETWORK,
        .name = {(const uint8_t *)"Stadt", 5},
        .origin = {(const uint8_t *)"stadt.example/buch", 18},
        .roots_count = 3,
        .time = 1,
    };

    genesis.roots[0] = roots[a].key;
    genesis.roots[1] = roots[b].key;
    genesis.roots[2] = roots[c].key;
    return genesis;
}

static enum status
pin(enum msg_parcel_kind kind, size_t first, size_t second)
{
    static struct msg_parcel parcel;
    const struct msg_genesis genesis = genesis_of(0, 1, 2);
    struct msg_genesis read;
    enum status status;

    letter_begin(&letter, kind);
    letter_sign(&letter, &msg_genesis_schema, &genesis, NETWORK, &roots[first].secret);
    letter_sign(&letter, &msg_genesis_schema, &genesis, NETWORK, &roots[second].secret);
    letter_open(&parcel, letter_end(&letter));
    status = trust_pin(&list, &read, &parcel);
    if (status == STATUS_OK)
        CHECK(read.network == NETWORK && trust_is_city(&list, &read));
    return status;
}

static void
start(void)
{
    static const char *const names[] = {"root 1", "root 2", "root 3", "root 4"};

    for (size_t i = 0; i < 4; i++)
        forge_key(&roots[i], names[i]);
    forge_key(&office, "office");
    forge_key(&auditor, "auditor");
    memset(&list, 0xEE, sizeof list);
    CHECK_STATUS(pin(MSG_PARCEL_CITY, 0, 2), STATUS_OK);
    CHECK(list.count == 3);
}

static enum status
learn(const struct signer_key **changed, const struct schema *schema, const void *act,
      const struct forge_key *first, const struct forge_key *second)
{
    static struct forge_message messages[2];

    forge_sign(&messages[0], NULL, schema, act, NETWORK, first);
    forge_sign(&messages[1], NULL, schema, act, NETWORK, second);
    return trust_learn(changed, &list,
                       (const struct span[]){forge_span(&messages[0]), forge_span(&messages[1])},
                       NETWORK);
}

static struct msg_role_key
role_key(const struct forge_key *key, enum signer_role role)
{
    return (struct msg_role_key){
        .network = NETWORK,
        .role = role,
        .key = key->key,
        .from = FROM,
        .until = UNTIL,
        .verify_until = UNTIL + SIGNER_VERIFY_SECONDS,
    };
}

static struct msg_kill
kill_of(const struct forge_key *key, enum signer_role role)
{
    return (struct msg_kill){
        .network = NETWORK,
        .key = key->key,
        .role = role,
        .reason = {(const uint8_t *)"verloren", 8},
        .time = FROM,
    };
}

TEST(only_a_city_parcel_of_two_roots_is_pinned)
{
    start();
    CHECK_STATUS(pin(MSG_PARCEL_SYNC, 0, 1), STATUS_ENTRY_SHAPE);
    CHECK_STATUS(pin(MSG_PARCEL_CITY, 0, 0), STATUS_SECOND_SIGNATURE);
    CHECK_STATUS(pin(MSG_PARCEL_CITY, 0, 3), STATUS_SECOND_SIGNATURE);
    CHECK(list.count == 3);
}

/* Acts come in pairs, and the first pair is a genesis. */
TEST(a_city_parcel_of_another_shape_is_not_pinned)
{
    static struct msg_parcel parcel;
    const struct msg_genesis genesis = genesis_of(0, 1, 2);
    const struct msg_kill kill = kill_of(&office, SIGNER_NEWS);
    struct msg_genesis read;

    start();
    letter_begin(&letter, MSG_PARCEL_CITY);
    letter_sign(&letter, &msg_genesis_schema, &genesis, NETWORK, &roots[0].secret);
    letter_sign(&letter, &msg_genesis_schema, &genesis, NETWORK, &roots[1].secret);
    letter_sign(&letter, &msg_kill_schema, &kill, NETWORK, &roots[0].secret);
    letter_open(&parcel, letter_end(&letter));
    CHECK_STATUS(trust_pin(&list, &read, &parcel), STATUS_ENTRY_SHAPE);
    letter_begin(&letter, MSG_PARCEL_CITY);
    letter_sign(&letter, &msg_kill_schema, &kill, NETWORK, &roots[0].secret);
    letter_sign(&letter, &msg_kill_schema, &kill, NETWORK, &roots[1].secret);
    letter_open(&parcel, letter_end(&letter));
    CHECK(trust_pin(&list, &read, &parcel) != STATUS_OK);
    CHECK(list.count == 3);
}

TEST(the_roots_in_any_order_are_the_city)
{
    struct msg_genesis genesis;
    const struct signer_key *changed;
    const struct msg_kill kill = kill_of(&roots[0], SIGNER_NEWS);

    start();
    genesis = genesis_of(2, 0, 1);
    CHECK(trust_is_city(&list, &genesis));
    genesis = genesis_of(0, 1, 3);
    CHECK(!trust_is_city(&list, &genesis));
    genesis = genesis_of(0, 1, 1);
    CHECK(!trust_is_city(&list, &genesis));
    genesis = genesis_of(0, 1, 2);
    genesis.roots_count = 2;
    CHECK(!trust_is_city(&list, &genesis));

    /* It stays that city when a root's key is killed in another role. */
    genesis.roots_count = 3;
    CHECK_STATUS(learn(&changed, &msg_kill_schema, &kill, &roots[0], &roots[1]), STATUS_OK);
    CHECK(list.count == 4 && trust_is_city(&list, &genesis));
    list.count = 0;
    CHECK(!trust_is_city(&list, &genesis));
}

TEST(what_is_learned_stays_learned)
{
    const struct signer_key *changed;
    const struct msg_role_key key = role_key(&office, SIGNER_NEWS);
    const struct msg_role_key treasury = role_key(&roots[3], SIGNER_TREASURY);
    const struct msg_role_key audit = role_key(&auditor, SIGNER_AUDIT);
    const struct msg_kill kill = kill_of(&office, SIGNER_NEWS);
    const struct msg_kill parking = kill_of(&office, SIGNER_PARKING);
    const struct msg_kill end = kill_of(&auditor, SIGNER_AUDIT);

    start();
    CHECK_STATUS(learn(&changed, &msg_role_key_schema, &key, &roots[0], &office),
                 STATUS_SECOND_SIGNATURE);
    CHECK(changed == NULL && list.count == 3);
    CHECK_STATUS(learn(&changed, &msg_role_key_schema, &key, &roots[0], &roots[1]), STATUS_OK);
    REQUIRE(changed == &list.keys[3]);
    CHECK(changed->from == FROM && changed->until == UNTIL && !changed->killed);
    CHECK_STATUS(learn(&changed, &msg_role_key_schema, &key, &roots[0], &roots[1]), STATUS_OK);
    CHECK(changed == NULL);

    CHECK_STATUS(learn(&changed, &msg_role_key_schema, &treasury, &roots[0], &roots[1]), STATUS_OK);
    CHECK_STATUS(learn(&changed, &msg_role_key_schema, &audit, &roots[0], &roots[1]), STATUS_OK);
    CHECK_STATUS(learn(&changed, &msg_kill_schema, &kill, &auditor, &roots[3]), STATUS_OK);
    CHECK(changed == &list.keys[3] && changed->killed && changed->until == UNTIL);
    CHECK_STATUS(learn(&changed, &msg_kill_schema, &end, &roots[1], &roots[2]), STATUS_OK);
    CHECK(changed == &list.keys[5] && changed->killed);

    /* Of one whose key is killed now: what is known is no failure, and the rest is. */
    CHECK_STATUS(learn(&changed, &msg_kill_schema, &kill, &auditor, &roots[3]), STATUS_OK);
    CHECK(changed == NULL);
    CHECK_STATUS(learn(&changed, &msg_kill_schema, &parking, &auditor, &roots[3]),
                 STATUS_SECOND_SIGNATURE);
    CHECK(changed == NULL && list.count == 6);
}

/* A kill is judged at its own time, by a key that has expired since. */
TEST(a_kill_has_its_own_time)
{
    const struct signer_key *changed;
    const struct msg_role_key treasury = role_key(&roots[3], SIGNER_TREASURY);
    const struct msg_role_key audit = role_key(&auditor, SIGNER_AUDIT);
    struct msg_kill kill = kill_of(&office, SIGNER_NEWS);

    start();
    CHECK_STATUS(learn(&changed, &msg_role_key_schema, &treasury, &roots[0], &roots[1]), STATUS_OK);
    CHECK_STATUS(learn(&changed, &msg_role_key_schema, &audit, &roots[0], &roots[1]), STATUS_OK);
    kill.time = FROM - 1;
    CHECK_STATUS(learn(&changed, &msg_kill_schema, &kill, &auditor, &roots[3]),
                 STATUS_SECOND_SIGNATURE);
    kill.time = UNTIL + 1;
    CHECK_STATUS(learn(&changed, &msg_kill_schema, &kill, &auditor, &roots[3]),
                 STATUS_SECOND_SIGNATURE);
    kill.time = UNTIL;
    CHECK_STATUS(learn(&changed, &msg_kill_schema, &kill, &auditor, &roots[3]), STATUS_OK);
    CHECK(changed != NULL && changed->killed);
}

TEST(a_kill_may_come_before_its_key)
{
    const struct signer_key *changed;
    const struct msg_role_key key = role_key(&office, SIGNER_NEWS);
    const struct msg_kill kill = kill_of(&office, SIGNER_NEWS);

    start();
    CHECK_STATUS(learn(&changed, &msg_kill_schema, &kill, &roots[0], &roots[1]), STATUS_OK);
    REQUIRE(changed == &list.keys[3]);
    CHECK(changed->killed && changed->until == 0);
    CHECK_STATUS(learn(&changed, &msg_role_key_schema, &key, &roots[0], &roots[1]), STATUS_OK);
    CHECK(changed == &list.keys[3] && changed->killed && changed->until == UNTIL);
    CHECK(list.count == 4);
}

TEST(no_other_act_is_learned)
{
    const struct signer_key *changed;
    const struct msg_anchor anchor = {.network = NETWORK, .till = 1, .time = 1};
    struct msg_role_key key = role_key(&office, SIGNER_NEWS);
    static struct forge_message messages[2];
    struct span parts[2];

    start();
    CHECK_STATUS(learn(&changed, &msg_anchor_schema, &anchor, &roots[0], &roots[1]),
                 STATUS_MESSAGE_TYPE);
    key.verify_until--;
    CHECK_STATUS(learn(&changed, &msg_role_key_schema, &key, &roots[0], &roots[1]),
                 STATUS_CBOR_RANGE);
    key.network++;
    CHECK_STATUS(learn(&changed, &msg_role_key_schema, &key, &roots[0], &roots[1]), STATUS_NETWORK);

    /* Two roots, but not of one mind. */
    key = role_key(&office, SIGNER_NEWS);
    forge_sign(&messages[0], NULL, &msg_role_key_schema, &key, NETWORK, &roots[0]);
    key.until++;
    key.verify_until++;
    forge_sign(&messages[1], NULL, &msg_role_key_schema, &key, NETWORK, &roots[1]);
    parts[0] = forge_span(&messages[0]);
    parts[1] = forge_span(&messages[1]);
    CHECK_STATUS(trust_learn(&changed, &list, parts, NETWORK), STATUS_SECOND_SIGNATURE);
    parts[1].len--;
    CHECK(trust_learn(&changed, &list, parts, NETWORK) != STATUS_OK);
    CHECK(changed == NULL && list.count == 3);
}

TEST(nothing_is_learned_from_what_is_no_message)
{
    static struct signer_list before;
    static struct forge_message message;
    static const uint8_t junk[] = {0x84, 0x40};
    const struct msg_role_key key = role_key(&office, SIGNER_NEWS);

    start();
    before = list;
    forge_sign(&message, NULL, &msg_role_key_schema, &key, NETWORK, &roots[0]);
    for (size_t i = 0; i < 2; i++) {
        struct span parts[] = {forge_span(&message), forge_span(&message)};
        const struct signer_key *changed = &list.keys[0];
        struct cose_message read;

        parts[i] = (struct span){junk, sizeof junk};
        CHECK_STATUS(trust_learn(&changed, &list, parts, NETWORK),
                     cose_parse(&read, parts[i], COSE_MESSAGE_MAX));
        CHECK(changed == NULL && memcmp(&list, &before, sizeof list) == 0);
    }
}

TEST(keys_come_back_as_they_were_stored)
{
    static struct signer_list read;
    const struct signer_key *changed;
    const struct msg_role_key key = role_key(&office, SIGNER_NEWS);
    const struct msg_kill kill = kill_of(&roots[3], SIGNER_AUDIT);

    start();
    CHECK_STATUS(learn(&changed, &msg_role_key_schema, &key, &roots[0], &roots[1]), STATUS_OK);
    CHECK_STATUS(learn(&changed, &msg_kill_schema, &kill, &roots[0], &roots[1]), STATUS_OK);
    list.keys[3].index = UINT64_MAX;
    read.count = 0;
    for (size_t i = 0; i < list.count; i++) {
        uint8_t id[TRUST_ID_SIZE];
        uint8_t bytes[TRUST_RECORD_MAX];
        size_t len;

        trust_id(id, &list.keys[i]);
        CHECK_STATUS(trust_store(bytes, &len, &list.keys[i]), STATUS_OK);
        CHECK_STATUS(trust_load(&read, (struct span){id, sizeof id}, (struct span){bytes, len}),
                     STATUS_OK);
        REQUIRE(read.count == i + 1);
        CHECK(read.keys[i].role == list.keys[i].role && read.keys[i].killed == list.keys[i].killed);
        CHECK(memcmp(&read.keys[i].key, &list.keys[i].key, PUBLIC_KEY_SIZE) == 0);
        CHECK(memcmp(&read.keys[i].kid, &list.keys[i].kid, KID_SIZE) == 0);
        CHECK(read.keys[i].from == list.keys[i].from && read.keys[i].until == list.keys[i].until);
        CHECK(read.keys[i].verify_until == list.keys[i].verify_until);
        CHECK(read.keys[i].index == list.keys[i].index);
    }
}

TEST(damaged_records_are_refused)
{
    uint8_t id[TRUST_ID_SIZE + 1] = {SIGNER_NEWS};
    uint8_t bytes[TRUST_RECORD_MAX + 1] = {0};
    struct span record = {bytes, 0};
    size_t len;

    start();
    CHECK_STATUS(trust_store(bytes, &len, &list.keys[0]), STATUS_OK);
    for (record.len = 0; record.len <= len + 1; record.len++)
        CHECK_STATUS(trust_load(&list, (struct span){id, TRUST_ID_SIZE}, record),
                     record.len == len ? STATUS_OK : STATUS_STORE_BROKEN);
    CHECK(list.count == 4);
    record.len = len;
    CHECK_STATUS(trust_load(&list, (struct span){id, TRUST_ID_SIZE - 1}, record),
                 STATUS_STORE_BROKEN);
    CHECK_STATUS(trust_load(&list, (struct span){id, TRUST_ID_SIZE + 1}, record),
                 STATUS_STORE_BROKEN);
    while (list.count < SIGNER_MAX)
        CHECK_STATUS(trust_load(&list, (struct span){id, TRUST_ID_SIZE}, record), STATUS_OK);
    CHECK_STATUS(trust_load(&list, (struct span){id, TRUST_ID_SIZE}, record), STATUS_STORE_BROKEN);
    CHECK(list.count == SIGNER_MAX);

    list.keys[0].until = (uint64_t)UINT32_MAX + 1;
    CHECK_STATUS(trust_store(bytes, &len, &list.keys[0]), STATUS_CBOR_RANGE);
}

int
main(int argc, char **argv)
{
    return check_run(argc, argv);
}
