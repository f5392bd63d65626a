/* protocol/denylist: the list, the news made of its changes, and applying them. */
#include "check.h"

#include <stdlib.h>

#include "forge.h"
#include "protocol/denylist.h"

#define NETWORK 7
#define CAP 2000

static struct kid ids[2][CAP];
static struct denylist city; /* the ledger's */
static struct denylist till;

static struct kid
id(uint64_t number)
{
    struct kid out = {{0}};

    for (unsigned i = 0; i < 8; i++)
        out.bytes[i] = (uint8_t)(number * UINT64_C(0x9E3779B97F4A7C15) >> 8 * i);
    return out;
}

static void
start(void)
{
    city = (struct denylist){.ids = ids[0], .cap = CAP};
    till = (struct denylist){.ids = ids[1], .cap = CAP};
}

/* --- the list --------------------------------------------------------------------------------- */

TEST(adding_and_removing)
{
    const struct kid a = {{5}}, b = {{3}}, c = {{9}};

    start();
    CHECK(!denylist_has(&city, &a));
    CHECK_STATUS(denylist_add(&city, &a), STATUS_OK);
    CHECK_STATUS(denylist_add(&city, &b), STATUS_OK);
    CHECK_STATUS(denylist_add(&city, &a), STATUS_EXISTS);
    CHECK_STATUS(denylist_add(&city, &c), STATUS_OK);
    CHECK(city.version == 3 && city.count == 3);
    CHECK(ids[0][0].bytes[0] == 3 && ids[0][1].bytes[0] == 5 && ids[0][2].bytes[0] == 9);
    CHECK(denylist_has(&city, &a) && denylist_has(&city, &b) && denylist_has(&city, &c));
    CHECK_STATUS(denylist_remove(&city, &a), STATUS_OK);
    CHECK_STATUS(denylist_remove(&city, &a), STATUS_NOT_FOUND);
    CHECK(city.version == 4 && city.count == 2 && !denylist_has(&city, &a));
    city.cap = 2;
    CHECK_STATUS(denylist_add(&city, &a), STATUS_CAPACITY);
    city.cap = CAP;
    city.version = UINT32_MAX;
    CHECK_STATUS(denylist_add(&city, &a), STATUS_CAPACITY);
    CHECK_STATUS(denylist_remove(&city, &b), STATUS_CAPACITY);
    CHECK(city.count == 2 && city.version == UINT32_MAX);
}

/* Up to the last place of the array and back. */
TEST(a_list_may_be_full)
{
    static struct kid few[3];
    struct denylist list = {.ids = few, .cap = 3};

    for (uint8_t i = 3; i > 0; i--)
        CHECK_STATUS(denylist_add(&list, &(struct kid){{i}}), STATUS_OK);
    CHECK_STATUS(denylist_add(&list, &(struct kid){{9}}), STATUS_CAPACITY);
    CHECK(!denylist_has(&list, &(struct kid){{9}}));
    CHECK_STATUS(denylist_remove(&list, &(struct kid){{1}}), STATUS_OK);
    CHECK(list.count == 2 && few[0].bytes[0] == 2 && few[1].bytes[0] == 3);
}

TEST(the_hash_is_over_the_sorted_ids)
{
    static const uint8_t text[] = {1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 7};
    const struct kid a = {{1, 0, 0, 0, 0, 0, 0, 7}}, b = {{1}};
    const struct span part = {text, sizeof text};
    struct digest expected;
    struct digest hash;

    start();
    crypt_hash(&expected, &part, 0);
    denylist_hash(&hash, &city);
    CHECK(memcmp(&hash, &expected, sizeof hash) == 0);
    CHECK_STATUS(denylist_add(&city, &a), STATUS_OK);
    CHECK_STATUS(denylist_add(&city, &b), STATUS_OK);
    crypt_hash(&expected, &part, 1);
    denylist_hash(&hash, &city);
    CHECK(memcmp(&hash, &expected, sizeof hash) == 0);
}

/* --- applying --------------------------------------------------------------------------------- */

static struct msg_news
news(uint64_t from, uint64_t to, uint64_t time)
{
    return (struct msg_news){.network = NETWORK, .from = from, .to = to, .time = time};
}

static void
news_add(struct msg_news *of, const struct kid *added)
{
    of->added[of->added_count++] = *added;
}

TEST(old_news_and_refreshing)
{
    struct msg_news n = news(0, 1, 100);
    const struct kid a = {{5}};

    start();
    CHECK_STATUS(denylist_add(&city, &a), STATUS_OK);
    denylist_hash(&n.hash, &city);
    news_add(&n, &a);
    CHECK_STATUS(denylist_apply(&till, &n), STATUS_OK);
    CHECK(till.version == 1 && till.time_unix_s == 100 && denylist_has(&till, &a));
    CHECK_STATUS(denylist_apply(&till, &n), STATUS_NEWS_OLD);
    n.time = 99;
    CHECK_STATUS(denylist_apply(&till, &n), STATUS_NEWS_OLD);
    /* The same version at a later time refreshes, with or without ids. */
    n.time = 101;
    CHECK_STATUS(denylist_apply(&till, &n), STATUS_OK);
    CHECK(till.version == 1 && till.time_unix_s == 101 && till.count == 1);
    n.from = 1;
    n.added_count = 0;
    n.time = 102;
    CHECK_STATUS(denylist_apply(&till, &n), STATUS_OK);
    CHECK(till.time_unix_s == 102 && till.count == 1);
    till.version = 2;
    n.time = 200;
    CHECK_STATUS(denylist_apply(&till, &n), STATUS_NEWS_OLD);
    CHECK(till.version == 2 && till.time_unix_s == 102);
    n.from = 3;
    CHECK_STATUS(denylist_apply(&till, &n), STATUS_CBOR_RANGE);
}

TEST(a_version_changes_at_most_25_ids)
{
    struct msg_news n = news(0, 26, 100);

    start();
    n.added_count = 13;
    n.removed_count = 13;
    CHECK_STATUS(denylist_apply(&till, &n), STATUS_CBOR_RANGE);
}

TEST(another_list_than_the_ledgers)
{
    struct msg_news n = news(0, 2, 100);
    const struct kid a = {{5}}, b = {{6}}, c = {{7}};
    const struct kid mine = {{1}};

    start();
    CHECK_STATUS(denylist_add(&till, &mine), STATUS_OK);
    CHECK_STATUS(denylist_add(&city, &a), STATUS_OK);
    CHECK_STATUS(denylist_add(&city, &b), STATUS_OK);
    denylist_hash(&n.hash, &city);
    news_add(&n, &a);
    news_add(&n, &b);
    n.removed[n.removed_count++] = c;
    CHECK_STATUS(denylist_apply(&till, &n), STATUS_NEWS_HASH);
    /* As before, but the added ids count. */
    CHECK(till.version == 1 && till.time_unix_s == 0 && till.count == 1);
    CHECK(denylist_has(&till, &a) && denylist_has(&till, &b) && denylist_has(&till, &mine));
    CHECK(till.early_count == 2);
    n.removed[0] = mine;
    CHECK_STATUS(denylist_apply(&till, &n), STATUS_OK);
    CHECK(till.version == 2 && till.count == 2 && till.early_count == 0);
    CHECK(denylist_has(&till, &a) && !denylist_has(&till, &mine));
}

/* Over a gap the added ids count at once, and the till can still catch up step by step. */
TEST(a_gap_does_not_lock_the_till_out)
{
    struct msg_news steps[4];
    const struct digest empty = {{0}};
    struct kid id_of[4];

    start();
    for (uint64_t v = 0; v < 4; v++) {
        struct denylist_change change = {.added = true};

        id_of[v] = change.id = id(v);
        CHECK_STATUS(denylist_add(&city, &change.id), STATUS_OK);
        denylist_hash(&change.hash, &city);
        denylist_news(&steps[v], v, &empty, &change, 1, 100 + v);
        CHECK(steps[v].from == v && steps[v].to == v + 1 && steps[v].added_count == 1);
    }
    CHECK_STATUS(denylist_apply(&till, &steps[3]), STATUS_NEWS_GAP);
    CHECK(denylist_has(&till, &id_of[3]) && till.version == 0 && till.count == 0);
    CHECK(till.time_unix_s == 0);
    for (unsigned v = 0; v < 3; v++) {
        CHECK_STATUS(denylist_apply(&till, &steps[v]), STATUS_OK);
        CHECK(denylist_has(&till, &id_of[3]) && till.early_count == 1);
    }
    CHECK_STATUS(denylist_apply(&till, &steps[3]), STATUS_OK);
    CHECK(till.early_count == 0 && till.count == 4 && till.time_unix_s == 103);
}

TEST(a_full_list_stays_as_it_is)
{
    struct msg_news n = news(0, 3, 100);
    const struct kid a = {{5}}, b = {{6}}, mine = {{1}};

    start();
    CHECK_STATUS(denylist_add(&till, &mine), STATUS_OK);
    till.cap = 2;
    news_add(&n, &a);
    news_add(&n, &b);
    n.removed[n.removed_count++] = (struct kid){{3}};
    CHECK_STATUS(denylist_apply(&till, &n), STATUS_CAPACITY);
    CHECK(till.count == 1 && denylist_has(&till, &mine) && !denylist_has(&till, &a));
    CHECK(till.version == 1);
    n.from = 2;
    till.early_count = DENYLIST_EARLY_MAX - 1;
    for (unsigned i = 0; i < DENYLIST_EARLY_MAX; i++)
        till.early[i] = (struct denylist_early){.id = id(i), .to = 9};
    CHECK_STATUS(denylist_apply(&till, &n), STATUS_CAPACITY);
    CHECK(till.early_count == DENYLIST_EARLY_MAX - 1 && !denylist_has(&till, &a));
    n.added_count = 1;
    CHECK_STATUS(denylist_apply(&till, &n), STATUS_NEWS_GAP);
    CHECK(denylist_has(&till, &a));
    /* An id that counts already needs no more room. */
    n.to = 12;
    CHECK_STATUS(denylist_apply(&till, &n), STATUS_NEWS_GAP);
    CHECK(till.early[DENYLIST_EARLY_MAX - 1].to == 12);
    till.cap = CAP;
    n.from = 0;
    CHECK_STATUS(denylist_apply(&till, &n), STATUS_NEWS_HASH);
    n.added[0] = b;
    CHECK_STATUS(denylist_apply(&till, &n), STATUS_CAPACITY);
}

/* --- making ----------------------------------------------------------------------------------- */

#define CHANGES 400
static struct denylist_change history[CHANGES];
static struct kid list_at[CHANGES + 1][CHANGES];
static size_t count_at[CHANGES + 1];

/* A city's life: lines are denied, some leave, a few come back. */
static void
live(uint64_t *random)
{
    start();
    for (unsigned v = 0; v < CHANGES; v++) {
        struct denylist_change *change = &history[v];

        change->added = city.count == 0 || forge_below(random, 5) < 3;
        change->id = change->added ? id(forge_below(random, 300))
                                   : city.ids[forge_below(random, city.count)];
        while (change->added && denylist_has(&city, &change->id))
            change->id = id(forge_below(random, 100000));
        CHECK_STATUS(change->added ? denylist_add(&city, &change->id)
                                   : denylist_remove(&city, &change->id),
                     STATUS_OK);
        denylist_hash(&change->hash, &city);
        memcpy(list_at[v + 1], city.ids, city.count * sizeof city.ids[0]);
        count_at[v + 1] = city.count;
    }
}

static void
set_back(unsigned version)
{
    till.version = version;
    till.count = count_at[version];
    till.early_count = 0;
    till.time_unix_s = 0;
    memcpy(till.ids, list_at[version], till.count * sizeof till.ids[0]);
}

static bool
ascending(const struct kid *of, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        if (memcmp(&of[i - 1], &of[i], sizeof of[0]) >= 0)
            return false;
    }
    return true;
}

static bool
is_in(const struct msg_news *n, const struct kid *of)
{
    for (size_t i = 0; i < DENYLIST_NEWS_MAX; i++) {
        if ((i < n->added_count && memcmp(&n->added[i], of, sizeof *of) == 0) ||
            (i < n->removed_count && memcmp(&n->removed[i], of, sizeof *of) == 0))
            return true;
    }
    return false;
}

/* News from any version applies onto every version that it covers, and gives the ledger's list. */
TEST(news_applies_onto_every_version_it_covers)
{
    const struct digest none = {{0}};
    uint64_t random = 21;
    unsigned applied = 0;

    live(&random);
    for (unsigned from = 0; from < CHANGES; from += 7) {
        struct msg_news n;
        struct digest hash = from == 0 ? none : history[from - 1].hash;

        denylist_news(&n, from, &hash, &history[from], CHANGES - from, 5000 + from);
        CHECK(n.from == from && n.to > from && n.to <= CHANGES);
        CHECK(n.added_count + n.removed_count <= DENYLIST_CODE_MAX);
        CHECK(n.to == CHANGES || (n.added_count + n.removed_count == DENYLIST_CODE_MAX &&
                                  !is_in(&n, &history[n.to].id)));
        CHECK(ascending(n.added, n.added_count) && ascending(n.removed, n.removed_count));
        for (unsigned at = from; at <= n.to; at++) {
            set_back(at);
            CHECK_STATUS(denylist_apply(&till, &n), STATUS_OK);
            CHECK(till.version == n.to && till.count == count_at[n.to]);
            CHECK(memcmp(till.ids, list_at[n.to], till.count * sizeof till.ids[0]) == 0);
            applied++;
        }
        if (from > 0) {
            set_back(from - 1);
            CHECK_STATUS(denylist_apply(&till, &n), STATUS_NEWS_GAP);
            CHECK(till.version == from - 1 && till.count == count_at[from - 1]);
            for (size_t i = 0; i < n.added_count; i++)
                CHECK(denylist_has(&till, &n.added[i]));
        }
        if (n.to < CHANGES) {
            set_back((unsigned)n.to + 1);
            CHECK_STATUS(denylist_apply(&till, &n), STATUS_NEWS_OLD);
        }
    }
    CHECK(applied > 500);
}

/* A till that starts with nothing catches up, while it also hears of the latest changes. */
TEST(catching_up_with_gaps_in_between)
{
    const struct digest none = {{0}};
    struct msg_news latest;
    uint64_t random = 22;
    uint64_t version = 0;
    unsigned steps = 0;

    live(&random);
    denylist_news(&latest, CHANGES - 5, &history[CHANGES - 6].hash, &history[CHANGES - 5], 5, 9000);
    CHECK_STATUS(denylist_apply(&till, &latest), STATUS_NEWS_GAP);
    while (version < CHANGES) {
        struct msg_news n;

        denylist_news(&n, version, version == 0 ? &none : &history[version - 1].hash,
                      &history[version], CHANGES - version, 5000);
        CHECK_STATUS(denylist_apply(&till, &n), STATUS_OK);
        CHECK(n.to > version);
        version = n.to;
        steps++;
    }
    CHECK(steps >= CHANGES / DENYLIST_CODE_MAX / 2);
    CHECK(till.count == city.count && till.early_count == 0);
    CHECK(memcmp(till.ids, city.ids, city.count * sizeof city.ids[0]) == 0);
}

/* An id that was added twice stands in the news once, and only its last change counts. */
TEST(repeated_changes_of_one_id)
{
    struct denylist_change changes[] = {{.id = {{5}}, .added = true},
                                        {.id = {{5}}, .added = true},
                                        {.id = {{3}}, .added = false},
                                        {.id = {{3}}, .added = false}};
    static const struct digest hash;
    struct msg_news n;

    denylist_news(&n, 7, &hash, changes, 4, 1000);
    CHECK(n.from == 7 && n.to == 11);
    CHECK(n.added_count == 1 && n.added[0].bytes[0] == 5);
    CHECK(n.removed_count == 1 && n.removed[0].bytes[0] == 3);
    changes[3].added = true;
    denylist_news(&n, 7, &hash, changes, 4, 1000);
    CHECK(n.to == 11 && n.removed_count == 0 && n.added_count == 2);
    CHECK(n.added[0].bytes[0] == 3 && n.added[1].bytes[0] == 5);
}

TEST(no_changes_make_news_that_refreshes)
{
    struct msg_news n;
    const struct kid a = {{5}};
    struct digest hash;

    start();
    CHECK_STATUS(denylist_add(&till, &a), STATUS_OK);
    denylist_hash(&hash, &till);
    denylist_news(&n, 1, &hash, NULL, 0, 77);
    CHECK(n.from == 1 && n.to == 1 && n.added_count == 0 && n.removed_count == 0);
    CHECK_STATUS(denylist_apply(&till, &n), STATUS_OK);
    CHECK(till.time_unix_s == 77 && till.version == 1 && denylist_has(&till, &a));
}

/* --- signed ----------------------------------------------------------------------------------- */

TEST(news_is_signed_by_role_7)
{
    static struct signer_list signers;
    struct forge_message message;
    struct forge_key key;
    struct msg_news n = news(3, 3, 1000);
    struct msg_news out;

    memset(&signers, 0, sizeof signers);
    forge_key(&key, "news");
    forge_role(&signers, SIGNER_SETTLEMENT, &key, 900, 1000);
    forge_sign(&message, NULL, &msg_news_schema, &n, NETWORK, &key);
    CHECK_STATUS(denylist_open(&out, forge_span(&message), NETWORK, &signers, 1000),
                 STATUS_SIGNER_UNKNOWN);
    forge_role(&signers, SIGNER_NEWS, &key, 900, 1000);
    CHECK_STATUS(denylist_open(&out, forge_span(&message), NETWORK, &signers, 1000), STATUS_OK);
    CHECK(out.from == 3 && out.time == 1000);
    /* Later it still counts when it was signed in time, until verify_until. */
    CHECK_STATUS(
        denylist_open(&out, forge_span(&message), NETWORK, &signers, 1000 + SIGNER_VERIFY_SECONDS),
        STATUS_OK);
    CHECK_STATUS(
        denylist_open(&out, forge_span(&message), NETWORK, &signers, 1001 + SIGNER_VERIFY_SECONDS),
        STATUS_KEY_EXPIRED);
    CHECK(out.time == 0);
    CHECK_STATUS(denylist_open(&out, forge_span(&message), NETWORK + 1, &signers, 1000),
                 STATUS_NETWORK);
    n.time = 1001;
    forge_sign(&message, NULL, &msg_news_schema, &n, NETWORK, &key);
    CHECK_STATUS(denylist_open(&out, forge_span(&message), NETWORK, &signers, 1001),
                 STATUS_KEY_EXPIRED);
}

int
main(int argc, char **argv)
{
    return check_run(argc, argv);
}
