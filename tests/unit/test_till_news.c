/* The till and the city's offices: news and its gaps, role keys, kills, parameters, and parcels of
 * another city. */
#include "check.h"

#include "ledger/log.h"
#include "letter.h"
#include "protocol/text.h"
#include "town.h"

static struct town town;
static struct town_till shop;
static struct letter letter;
static struct sync_result result;

static const uint8_t seed[32] = {1, 2, 3};

static void
begin(void)
{
    town_open(&town);
    town_till(&town, &shop, 11, 1, 3, 0);
    fixture_later(&town.city, 10);
}

static void
end(void)
{
    town_till_close(&shop);
    town_close(&town);
}

static uint64_t
log_length(void)
{
    struct store_txn txn;
    uint64_t size = 0;

    CHECK_STATUS(store_begin_read(&txn, &shop.till.store), STATUS_OK);
    CHECK_STATUS(log_size(&size, &txn), STATUS_OK);
    store_abort(&txn);
    return size;
}

static uint64_t
last_kind(void)
{
    const uint64_t size = log_length();
    struct store_txn txn;
    struct msg_entry entry = {0};
    struct span bytes;

    CHECK_STATUS(store_begin_read(&txn, &shop.till.store), STATUS_OK);
    CHECK_STATUS(log_read(&bytes, &txn, size - 1), STATUS_OK);
    CHECK_STATUS(schema_decode(&entry, &msg_entry_schema, bytes), STATUS_OK);
    store_abort(&txn);
    return entry.kind;
}

static enum status
take(struct span parcel)
{
    return sync_take(&result, &shop.till, parcel, seed, town_now(&town));
}

/* --- news ------------------------------------------------------------------------------------- */

static const struct kid ids[] = {{{1}}, {{2}}, {{3}}, {{4}}};

/* News from version `from` that adds the ids with these indexes, onto a list of the first `to`. */
static struct msg_news
news_of(uint64_t from, uint64_t to)
{
    const struct span all = {(const uint8_t *)ids, to * sizeof ids[0]};
    struct msg_news news = {
        .network = FIXTURE_NETWORK,
        .from = from,
        .to = to,
        .added_count = to - from,
        .time = town_now(&town),
    };

    memcpy(news.added, ids + from, (to - from) * sizeof ids[0]);
    crypt_hash(&news.hash, &all, 1);
    return news;
}

static enum status
learn(const struct msg_news *news, unsigned role)
{
    uint8_t cose[MSG_SIGN_MAX];
    char text[TEXT_SIZE_MAX];
    size_t len;

    CHECK_STATUS(msg_sign(cose, sizeof cose, &len, &msg_news_schema, news, FIXTURE_NETWORK,
                          &town.city.roles[role].secret),
                 STATUS_OK);
    CHECK_STATUS(text_encode(text, sizeof text, &len, TEXT_NEWS, (struct span){cose, len}),
                 STATUS_OK);
    return sync_learn(&result, &shop.till, (struct span){(const uint8_t *)text, len}, seed,
                      town_now(&town));
}

static void
check_list(uint64_t version, size_t count, size_t early, unsigned denied)
{
    for (unsigned restart = 0; restart < 2; restart++) {
        CHECK(shop.till.denied.version == version && shop.till.denied.count == count);
        CHECK(shop.till.denied.early_count == early);
        for (unsigned i = 0; i < 4; i++)
            CHECK(denylist_has(&shop.till.denied, &ids[i]) == ((denied >> i & 1) != 0));
        CHECK_STATUS(town_till_reopen(&shop), STATUS_OK);
    }
}

/* A gap, or a list that is another than the ledger's: the added ids count at once, and stay, and
 * are dropped once news reaches that far. */
TEST(news_with_a_gap_counts_at_once)
{
    struct msg_news news;
    uint64_t size;
    uint64_t time;

    begin();
    size = log_length();
    time = shop.till.denied.time_unix_s;
    news = news_of(1, 2);
    CHECK_STATUS(learn(&news, SIGNER_NEWS), STATUS_OK);
    check_list(0, 0, 1, 2);
    news = news_of(0, 1);
    news.hash.bytes[0] ^= 1;
    CHECK_STATUS(learn(&news, SIGNER_NEWS), STATUS_OK);
    check_list(0, 0, 2, 3);
    /* Neither is an entry, nor makes the list fresh. */
    CHECK(log_length() == size && shop.till.denied.time_unix_s == time);
    news = news_of(0, 3);
    CHECK_STATUS(learn(&news, SIGNER_NEWS), STATUS_OK);
    CHECK(result.news == 3 && result.denied == 3);
    check_list(3, 3, 0, 7);
    CHECK(log_length() == size + 1 && last_kind() == TILL_NEWS);
    CHECK(shop.till.denied.time_unix_s == town_now(&town));
    CHECK(shop.till.meta.last_time == town_now(&town));
    /* The same again, and older ones. */
    CHECK_STATUS(learn(&news, SIGNER_NEWS), STATUS_OK);
    news = news_of(0, 2);
    CHECK_STATUS(learn(&news, SIGNER_NEWS), STATUS_OK);
    check_list(3, 3, 0, 7);
    CHECK(log_length() == size + 1);
    end();
}

TEST(news_is_signed_by_its_office)
{
    struct msg_news news;
    uint64_t size;

    begin();
    size = log_length();
    news = news_of(0, 1);
    CHECK_STATUS(learn(&news, SIGNER_SETTLEMENT), STATUS_SIGNER_UNKNOWN);
    check_list(0, 0, 0, 0);
    news.from = 2;
    CHECK_STATUS(learn(&news, SIGNER_NEWS), STATUS_CBOR_RANGE);
    check_list(0, 0, 0, 0);
    CHECK(log_length() == size);
    CHECK_STATUS(sync_learn(&result, &shop.till, (struct span){(const uint8_t *)"WU1N", 4}, seed,
                            town_now(&town)),
                 STATUS_TEXT_LENGTH);
    end();
}

/* The till's clock is not before the news that it has. */
TEST(news_holds_the_clock)
{
    struct msg_news news;
    char code[CODE_TEXT_SIZE];

    begin();
    news = news_of(0, 1);
    news.time += 60;
    CHECK_STATUS(learn(&news, SIGNER_NEWS), STATUS_OK);
    CHECK(till_lower_bound(&shop.till) == news.time);
    fixture_later(&town.city, 59);
    CHECK_STATUS(town_request(&town, &shop, 1, 100, code), STATUS_CLOCK_BEHIND);
    CHECK_STATUS(town_till_reopen(&shop), STATUS_OK);
    CHECK_STATUS(town_request(&town, &shop, 1, 100, code), STATUS_CLOCK_BEHIND);
    fixture_later(&town.city, 1);
    CHECK_STATUS(town_request(&town, &shop, 1, 100, code), STATUS_OK);
    end();
}

/* A parcel is taken whole or not at all: news beside an anchor that is wrong is not there. */
TEST(what_is_beside_a_wrong_message_is_not_taken)
{
    struct msg_news news;
    struct msg_anchor anchor = {.network = FIXTURE_NETWORK, .till = 11, .parameters = 1, .size = 1};
    uint64_t size;

    begin();
    size = log_length();
    news = news_of(0, 1);
    anchor.time = town_now(&town);
    letter_begin(&letter, MSG_PARCEL_SYNC);
    letter_sign(&letter, &msg_anchor_schema, &anchor, FIXTURE_NETWORK,
                &town.city.roles[SIGNER_SETTLEMENT].secret);
    letter_sign(&letter, &msg_news_schema, &news, FIXTURE_NETWORK,
                &town.city.roles[SIGNER_NEWS].secret);
    CHECK_STATUS(take(letter_end(&letter)), STATUS_UPLOAD_FORK);
    check_list(0, 0, 0, 0);
    CHECK(log_length() == size);
    end();
}

/* --- offices ---------------------------------------------------------------------------------- */

static void
pair(const struct schema *schema, const void *act, const struct secret_key *first,
     const struct secret_key *second)
{
    letter_begin(&letter, MSG_PARCEL_SYNC);
    letter_sign(&letter, schema, act, FIXTURE_NETWORK, first);
    letter_sign(&letter, schema, act, FIXTURE_NETWORK, second);
}

/* A role key comes with two roots' signatures, is logged once, and counts after a restart. */
TEST(a_new_news_key)
{
    struct fixture_key fresh;
    struct msg_role_key key = {
        .network = FIXTURE_NETWORK,
        .role = SIGNER_NEWS,
        .from = FIXTURE_START,
        .until = FIXTURE_START + 100 * FIXTURE_DAY,
        .verify_until = FIXTURE_START + 200 * FIXTURE_DAY,
    };
    struct msg_news news;
    uint64_t size;

    begin();
    size = log_length();
    fixture_key(&fresh, "news", 2);
    key.key = fresh.key;
    pair(&msg_role_key_schema, &key, &town.city.roots[0].secret, &town.city.roots[0].secret);
    CHECK_STATUS(take(letter_end(&letter)), STATUS_SECOND_SIGNATURE);
    letter_begin(&letter, MSG_PARCEL_SYNC);
    letter_sign(&letter, &msg_role_key_schema, &key, FIXTURE_NETWORK, &town.city.roots[0].secret);
    CHECK_STATUS(take(letter_end(&letter)), STATUS_SECOND_SIGNATURE);
    pair(&msg_role_key_schema, &key, &town.city.roots[0].secret, &town.city.roles[3].secret);
    CHECK(take(letter_end(&letter)) != STATUS_OK);
    CHECK(log_length() == size);
    for (unsigned i = 0; i < 2; i++) {
        pair(&msg_role_key_schema, &key, &town.city.roots[0].secret, &town.city.roots[2].secret);
        CHECK_STATUS(take(letter_end(&letter)), STATUS_OK);
        CHECK(result.acts == 1 && log_length() == size + 1 && last_kind() == TILL_ROLE_KEY);
        CHECK_STATUS(town_till_reopen(&shop), STATUS_OK);
    }
    town.city.roles[SIGNER_NEWS] = fresh;
    news = news_of(0, 1);
    CHECK_STATUS(learn(&news, SIGNER_NEWS), STATUS_OK);
    end();
}

/* A killed key signs nothing from its kill on, also after a restart. */
TEST(a_killed_news_key)
{
    struct msg_kill kill = {.network = FIXTURE_NETWORK,
                            .role = SIGNER_NEWS,
                            .reason = {(const uint8_t *)"verloren", 8}};
    struct msg_news news;
    uint64_t size;

    begin();
    size = log_length();
    kill.key = town.city.roles[SIGNER_NEWS].key;
    kill.time = town_now(&town);
    for (unsigned i = 0; i < 2; i++) {
        pair(&msg_kill_schema, &kill, &town.city.roots[0].secret, &town.city.roots[1].secret);
        CHECK_STATUS(take(letter_end(&letter)), STATUS_OK);
        CHECK(log_length() == size + 1 && last_kind() == TILL_KILL);
        CHECK_STATUS(town_till_reopen(&shop), STATUS_OK);
    }
    fixture_later(&town.city, 1);
    news = news_of(0, 1);
    CHECK_STATUS(learn(&news, SIGNER_NEWS), STATUS_KEY_KILLED);
    check_list(0, 0, 0, 0);
    end();
}

/* Parameters of a higher version are taken, logged once; of the same or a lower one they are known.
 */
TEST(parameters_only_rise)
{
    static const uint64_t versions[] = {3, 3, 2};
    struct msg_parameters parameters;

    begin();
    for (size_t i = 0; i < 3; i++) {
        const uint64_t size = log_length();

        fixture_parameters(&parameters, versions[i], town_now(&town));
        parameters.per_allowance.cents = 1000 * versions[i] + i;
        pair(&msg_parameters_schema, &parameters, &town.city.roles[2].secret,
             &town.city.roles[3].secret);
        CHECK_STATUS(take(letter_end(&letter)), STATUS_OK);
        CHECK(log_length() == size + (i == 0 ? 1 : 0));
        CHECK(last_kind() == TILL_PARAMETERS);
        CHECK(money_cents(till_parameters(&shop.till, town_now(&town))->per_allowance) == 3000);
        CHECK_STATUS(town_till_reopen(&shop), STATUS_OK);
        CHECK(till_parameters(&shop.till, town_now(&town))->version == 3 &&
              shop.till.meta.parameters == 3);
        CHECK(money_cents(till_parameters(&shop.till, town_now(&town))->per_allowance) == 3000);
    }
    fixture_parameters(&parameters, 4, town_now(&town));
    pair(&msg_parameters_schema, &parameters, &town.city.roles[2].secret,
         &town.city.roles[2].secret);
    CHECK(take(letter_end(&letter)) != STATUS_OK);
    CHECK(till_parameters(&shop.till, town_now(&town))->version == 3);
    /* What says that it is from before the offices had their keys was not signed by them then. */
    fixture_parameters(&parameters, 4, 1);
    pair(&msg_parameters_schema, &parameters, &town.city.roles[2].secret,
         &town.city.roles[3].secret);
    CHECK_STATUS(take(letter_end(&letter)), STATUS_SECOND_SIGNATURE);
    CHECK(till_parameters(&shop.till, town_now(&town))->version == 3);
    end();
}

/* What was announced is not in force yet, neither at a till nor at the ledger: the limits of today
 * hold until the day that the offices named, also after a restart. */
TEST(parameters_are_in_force_from_their_day_on)
{
    struct msg_parameters parameters;
    uint64_t day;

    begin();
    day = town_now(&town) + 3 * FIXTURE_DAY;
    for (uint64_t version = 2; version <= 3; version++) {
        fixture_parameters(&parameters, version, day + (version - 2) * FIXTURE_DAY);
        parameters.per_allowance.cents = 100 * version;
        pair(&msg_parameters_schema, &parameters, &town.city.roles[2].secret,
             &town.city.roles[3].secret);
        CHECK_STATUS(take(letter_end(&letter)), STATUS_OK);
    }
    for (unsigned i = 0; i < 2; i++) {
        CHECK(till_parameters(&shop.till, town_now(&town))->version == 1);
        CHECK(till_parameters(&shop.till, day - 1)->version == 1);
        CHECK(till_parameters(&shop.till, day)->version == 2);
        CHECK(money_cents(till_parameters(&shop.till, day)->per_allowance) == 200);
        CHECK(till_parameters(&shop.till, day + FIXTURE_DAY - 1)->version == 2);
        CHECK(till_parameters(&shop.till, day + FIXTURE_DAY)->version == 3);
        CHECK(shop.till.meta.parameters == 3 && shop.till.parameters_count == 3);
        CHECK_STATUS(town_till_reopen(&shop), STATUS_OK);
    }
    end();
}

/* A till does not keep what is over, and there is no room for announcements without end. */
TEST(parameters_that_are_over_are_forgotten)
{
    struct msg_parameters parameters;

    begin();
    for (uint64_t version = 2; version <= TILL_PARAMETERS_MAX + 1; version++) {
        fixture_parameters(&parameters, version, town_now(&town) + version * FIXTURE_DAY);
        pair(&msg_parameters_schema, &parameters, &town.city.roles[2].secret,
             &town.city.roles[3].secret);
        CHECK_STATUS(take(letter_end(&letter)),
                     version <= TILL_PARAMETERS_MAX ? STATUS_OK : STATUS_CAPACITY);
    }
    CHECK(shop.till.parameters_count == TILL_PARAMETERS_MAX);
    CHECK_STATUS(town_till_reopen(&shop), STATUS_OK);
    CHECK(shop.till.parameters_count == TILL_PARAMETERS_MAX);
    /* The city's word is of four days later: versions 1 to 3 are over. */
    fixture_later(&town.city, 4 * FIXTURE_DAY);
    CHECK_STATUS(town_sync(&town, &shop), STATUS_OK);
    fixture_parameters(&parameters, TILL_PARAMETERS_MAX + 1, town_now(&town) + 20 * FIXTURE_DAY);
    pair(&msg_parameters_schema, &parameters, &town.city.roles[2].secret,
         &town.city.roles[3].secret);
    CHECK_STATUS(take(letter_end(&letter)), STATUS_OK);
    CHECK(shop.till.parameters_count == TILL_PARAMETERS_MAX - 2);
    CHECK(till_parameters(&shop.till, town_now(&town))->version == 4);
    CHECK_STATUS(town_till_reopen(&shop), STATUS_OK);
    CHECK(shop.till.parameters_count == TILL_PARAMETERS_MAX - 2);
    end();
}

/* --- certificates and other cities ------------------------------------------------------------ */

static enum status
take_certificate(const struct msg_till *certificate, unsigned role)
{
    letter_begin(&letter, MSG_PARCEL_TILL);
    letter_sign(&letter, &msg_till_schema, certificate, FIXTURE_NETWORK,
                &town.city.roles[role].secret);
    return take(letter_end(&letter));
}

TEST(renewals_are_for_this_till)
{
    struct msg_till certificate;
    struct fixture_key stranger;

    begin();
    fixture_key(&stranger, "stranger", 1);
    certificate = shop.till.certificate;
    certificate.limit.cents = 40000;
    certificate.key = stranger.key;
    CHECK_STATUS(take_certificate(&certificate, SIGNER_ENROLMENT), STATUS_WRONG_PAYEE);
    certificate.key = shop.till.meta.key;
    certificate.till = 12;
    CHECK_STATUS(take_certificate(&certificate, SIGNER_ENROLMENT), STATUS_DUPLICATE_ID);
    certificate.till = 11;
    CHECK_STATUS(take_certificate(&certificate, SIGNER_ALLOWANCE), STATUS_SIGNER_UNKNOWN);
    certificate.count = TILL_UNCONFIRMED_MAX + 1;
    CHECK_STATUS(take_certificate(&certificate, SIGNER_ENROLMENT), STATUS_CAPACITY);
    certificate.count = TILL_UNCONFIRMED_MAX;
    CHECK(money_cents(shop.till.certificate.limit) == 50000);
    CHECK_STATUS(take_certificate(&certificate, SIGNER_ENROLMENT), STATUS_OK);
    CHECK(result.certificate && last_kind() == TILL_RENEWAL);
    CHECK(money_cents(shop.till.certificate.limit) == 40000);
    CHECK_STATUS(town_till_reopen(&shop), STATUS_OK);
    CHECK(money_cents(shop.till.certificate.limit) == 40000);
    end();
}

TEST(another_citys_parcels)
{
    struct fixture_key root;
    struct msg_genesis genesis = {
        .network = FIXTURE_NETWORK,
        .name = {(const uint8_t *)"Anderswo", 8},
        .origin = {(const uint8_t *)FIXTURE_ORIGIN, sizeof FIXTURE_ORIGIN - 1},
        .roots_count = 3,
    };
    struct msg_news news;
    uint64_t size;

    begin();
    size = log_length();
    for (unsigned i = 0; i < 3; i++) {
        fixture_key(&root, "other root", i);
        genesis.roots[i] = root.key;
    }
    genesis.time = FIXTURE_START;
    for (unsigned kind = MSG_PARCEL_ACT; kind <= MSG_PARCEL_CITY; kind++) {
        const bool taken =
            kind == MSG_PARCEL_SYNC || kind == MSG_PARCEL_TILL || kind == MSG_PARCEL_CITY;

        letter_begin(&letter, (enum msg_parcel_kind)kind);
        letter_sign(&letter, &msg_genesis_schema, &genesis, FIXTURE_NETWORK, &root.secret);
        letter_sign(&letter, &msg_genesis_schema, &genesis, FIXTURE_NETWORK, &root.secret);
        CHECK_STATUS(take(letter_end(&letter)),
                     taken ? STATUS_ROLE_NOT_ALLOWED : STATUS_MESSAGE_TYPE);
    }
    /* The same offices' news for another network. */
    news = news_of(0, 1);
    news.network = 3;
    letter_begin(&letter, MSG_PARCEL_SYNC);
    letter_sign(&letter, &msg_news_schema, &news, 3, &town.city.roles[SIGNER_NEWS].secret);
    CHECK_STATUS(take(letter_end(&letter)), STATUS_NETWORK);
    check_list(0, 0, 0, 0);
    CHECK(log_length() == size);
    end();
}

int
main(int argc, char **argv)
{
    return check_run(argc, argv);
}
