/* protocol/denylist: a ledger that denies and frees, and a till that gets its news late, twice, in
 * another order or changed. Whatever it gets, its list is the ledger's list of some version, and in
 * the end it catches up. The first byte is odd for the bytes of one signed news instead. */
#include "fuzz.h"

#include "protocol/denylist.h"

#define NETWORK 7
#define NOW UINT64_C(1795000000)
#define CHANGES_MAX 60
#define LINES 40
#define STEPS_MAX 60

static struct forge_key news_key;
static struct signer_list signers;
static struct forge_message good;

/* The ledger's list and how it came to be. */
struct office {
    struct kid ids[LINES];
    struct denylist list;
    struct denylist_change changes[CHANGES_MAX];
    size_t count;
};

static struct office office;
static struct kid till_ids[LINES];
static struct denylist till;

static void
start(void)
{
    struct msg_news news = {.network = NETWORK, .from = 3, .to = 5, .time = NOW - 5};

    news.added_count = 2;
    news.added[1].bytes[0] = 9;
    forge_key(&news_key, "news");
    forge_role(&signers, SIGNER_NEWS, &news_key, 1, NOW + 5000000);
    forge_sign(&good, NULL, &msg_news_schema, &news, NETWORK, &news_key);
}

static void
check_bytes(struct span in)
{
    struct msg_news news;
    enum status status;

    memset(&news, FUZZ_RUBBISH, sizeof news);
    status = denylist_open(&news, in, NETWORK, &signers, NOW);
    EXPECT((status == STATUS_OK) == fuzz_same(in, forge_span(&good)));
    EXPECT(status == STATUS_OK || fuzz_all(&news, sizeof news, 0));
}

static void
change(uint8_t which)
{
    struct denylist_change *next = &office.changes[office.count];
    const struct kid id = {{which % LINES, 7}};

    if (office.count == CHANGES_MAX)
        return;
    *next = (struct denylist_change){.id = id, .added = !denylist_has(&office.list, &id)};
    EXPECT((next->added ? denylist_add(&office.list, &id) : denylist_remove(&office.list, &id)) ==
           STATUS_OK);
    EXPECT(denylist_has(&office.list, &id) == next->added);
    denylist_hash(&next->hash, &office.list);
    office.count++;
    EXPECT(office.list.version == office.count);
}

static void
news_from(struct msg_news *out, size_t from, uint64_t time)
{
    struct denylist empty = {.ids = till_ids};
    struct digest hash;

    denylist_hash(&hash, &empty);
    if (from > 0)
        hash = office.changes[from - 1].hash;
    denylist_news(out, from, &hash, office.changes + from, office.count - from, time);
    EXPECT(out->from == from && out->to >= from && out->to <= office.count);
    EXPECT(out->to > from || from == office.count);
    EXPECT(out->added_count + out->removed_count <= DENYLIST_NEWS_MAX);
}

/* The till holds exactly what the ledger held at its version. */
static void
check_till(void)
{
    struct digest hash;

    denylist_hash(&hash, &till);
    EXPECT(till.version <= office.count);
    if (till.version > 0)
        EXPECT(memcmp(&hash, &office.changes[till.version - 1].hash, sizeof hash) == 0);
    else
        EXPECT(till.count == 0);
    for (size_t i = 1; i < till.count; i++)
        EXPECT(memcmp(&till.ids[i - 1], &till.ids[i], sizeof till.ids[i]) < 0);
    EXPECT(till.early_count <= DENYLIST_EARLY_MAX);
}

/* News that are sound, or changed by the last three bytes. */
static void
deliver(struct span *in, uint64_t time)
{
    static struct denylist before;
    struct kid ids_before[LINES];
    struct msg_news news;
    enum status status;

    news_from(&news, fuzz_byte(in) % (office.count + 1), time);
    switch (fuzz_byte(in) % 8) {
    case 0:
        news.hash.bytes[0] ^= 1;
        break;
    case 1:
        news.from = news.to + 1;
        break;
    case 2:
        news.added_count = news.added_count > 0 ? news.added_count - 1 : 0;
        break;
    default:
        break;
    }
    before = till;
    memcpy(ids_before, till_ids, sizeof till_ids);
    status = denylist_apply(&till, &news);
    if (status == STATUS_OK) {
        EXPECT(till.version == news.to && till.time_unix_s == time);
        return;
    }
    EXPECT(till.version == before.version && till.time_unix_s == before.time_unix_s);
    EXPECT(till.count == before.count);
    EXPECT(memcmp(till.ids, ids_before, till.count * sizeof till.ids[0]) == 0);
    for (size_t i = 0; i < news.added_count; i++)
        EXPECT((status != STATUS_NEWS_GAP && status != STATUS_NEWS_HASH) ||
               denylist_has(&till, &news.added[i]));
}

static void
catch_up(uint64_t time)
{
    struct msg_news news;

    for (size_t rounds = 0; till.version < office.count; rounds++) {
        EXPECT(rounds < CHANGES_MAX);
        news_from(&news, till.version, time);
        EXPECT(denylist_apply(&till, &news) == STATUS_OK);
        check_till();
    }
    /* An empty news of this version, which only refreshes, replaces what came too early. */
    news_from(&news, till.version, time + 1);
    EXPECT(denylist_apply(&till, &news) == STATUS_OK);
    EXPECT(denylist_apply(&till, &news) == STATUS_NEWS_OLD);
    EXPECT(till.early_count == 0);
    for (uint8_t i = 0; i < LINES; i++) {
        const struct kid id = {{i, 7}};

        EXPECT(denylist_has(&till, &id) == denylist_has(&office.list, &id));
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span in = {data, size};
    uint64_t time = NOW;

    if (good.len == 0)
        start();
    if (fuzz_byte(&in) % 2 == 1) {
        check_bytes(in);
        return 0;
    }
    memset(&office, 0, sizeof office);
    memset(&till, 0, sizeof till);
    office.list = (struct denylist){.ids = office.ids, .cap = LINES};
    till.ids = till_ids;
    till.cap = LINES;
    for (unsigned steps = 0; steps < STEPS_MAX && in.len > 0; steps++) {
        const uint8_t choice = fuzz_byte(&in);

        if (choice % 4 == 0)
            deliver(&in, time++);
        else
            change(choice / 4);
        check_till();
    }
    catch_up(time);
    return 0;
}

static size_t
make(uint8_t *out, uint64_t *random)
{
    size_t len = 1 + (size_t)forge_below(random, 60);

    if (good.len == 0)
        start();
    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)forge_random(random);
    out[0] = 0;
    if (forge_below(random, 4) == 0) {
        out[0] = 1;
        memcpy(out + 1, good.bytes, good.len);
        len = 1 + good.len;
    }
    return len;
}

FUZZ_MAKER(make)
