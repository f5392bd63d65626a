/* The deny list at its limits: full, and longer news than one answer holds. What is put into the
 * state by hand stands for more denied lines than a test can make. */
#include "check.h"
#include "fixture.h"
#include "town.h"

#include "protocol/denylist.h"

#include <stdlib.h>

static struct fixture_city city;
static struct fixture_till shop;
static struct fixture_till cafe;
static struct fixture_wallet anna;
static struct fixture_wallet bert;
static struct fixture_wallet cheat;
static struct record_line line;

/* --- by hand ---------------------------------------------------------------------------------- */

static struct state state;
static struct store_txn txn;

static void
open_state(struct store *store)
{
    CHECK_STATUS(store_begin_write(&txn, store), STATUS_OK);
    CHECK_STATUS(state_begin(&state, &txn), STATUS_OK);
}

static void
close_state(void)
{
    state_put_head(&state);
    CHECK_STATUS(state_status(&state), STATUS_OK);
    CHECK_STATUS(store_commit(&txn), STATUS_OK);
}

static struct kid
stand_in(uint64_t number)
{
    return (struct kid){{0, (uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number}};
}

static void
denied_key(struct state_key *key, uint64_t number)
{
    const struct kid id = stand_in(number);

    state_key_begin(key, STATE_DENIED);
    state_key_bytes(key, id.bytes, KID_SIZE);
}

/* --- a full list ------------------------------------------------------------------------------ */

static void
purse(struct fixture_wallet *wallet, uint64_t number)
{
    fixture_purse(&city, wallet, number, 1, 2);
    CHECK_STATUS(fixture_issue(&city, wallet, 5000, 0), STATUS_OK);
    CHECK_STATUS(fixture_allowance(&city, wallet, 2000), STATUS_OK);
}

/* Everything but one place of the list is taken. */
static void
start_full(void)
{
    struct state_key key;

    fixture_open(&city);
    fixture_standard(&city);
    fixture_merchant(&city, 1);
    fixture_till(&city, &shop, 11, 1);
    fixture_till(&city, &cafe, 12, 1);
    purse(&anna, 1);
    purse(&bert, 2);
    purse(&cheat, 3);
    open_state(&city.store);
    for (uint64_t i = 0; i < DENYLIST_MAX - 1; i++) {
        denied_key(&key, i);
        state_put(&state, &key, (struct span){NULL, 0});
    }
    close_state();
    CHECK_STATUS(fixture_loss(&city, &anna, true), STATUS_OK);
    CHECK(fixture_line(&city, &line, &anna.line));
    CHECK((line.flags & RECORD_LINE_DENIED) != 0 && line.denied == 1);
}

static uint64_t
news_version(void)
{
    uint64_t version;

    CHECK_STATUS(store_begin_read(&txn, &city.store), STATUS_OK);
    CHECK_STATUS(state_begin(&state, &txn), STATUS_OK);
    version = state.head.news;
    store_abort(&txn);
    return version;
}

static enum status
deny(const struct fixture_wallet *wallet)
{
    static const char reason[] = "Verdacht";
    const struct msg_denial denial = {.network = FIXTURE_NETWORK,
                                      .allowance = wallet->line,
                                      .reason = {(const uint8_t *)reason, sizeof reason - 1},
                                      .time = city.moment.time_unix_s};

    return fixture_act(&city, &msg_denial_schema, &denial, SIGNER_ENROLMENT, SIGNER_AUDIT);
}

/* A loss is taken down all the same: no renewal; a till that sold afterwards could not know, and is
 * paid by the fund, not out of the purse. */
TEST(a_full_list_and_a_loss)
{
    struct fixture_payment stolen;
    uint64_t fund;

    start_full();
    fund = fixture_fund_balance(&city);
    CHECK_STATUS(fixture_sync(&city, &shop), STATUS_OK);
    CHECK_STATUS(fixture_loss(&city, &bert, true), STATUS_OK);
    CHECK(news_version() == 1);
    CHECK(fixture_line(&city, &line, &bert.line));
    CHECK((line.flags & RECORD_LINE_LOST) != 0 && (line.flags & RECORD_LINE_DENIED) == 0);
    CHECK_STATUS(fixture_loss(&city, &bert, false), STATUS_REPLAY);
    CHECK_STATUS(fixture_renewal(&city, &bert, 2000), STATUS_ALLOWANCE_DENIED);
    fixture_later(&city, 60);
    CHECK_STATUS(fixture_sync(&city, &shop), STATUS_OK);
    fixture_sale(&city, &stolen, &bert, &shop, 700);
    CHECK_STATUS(fixture_sync(&city, &shop), STATUS_OK);
    CHECK(fixture_result(&shop, stolen.accepted) == LINE_FUND);
    CHECK(fixture_owed(&city, 1) == 700 && fixture_fund_balance(&city) == fund - 700);
    CHECK(fixture_line(&city, &line, &bert.line) && line.settled == 0);
    CHECK_STATUS(fixture_recount(&city), STATUS_OK);
    fixture_close(&city);
}

/* Tills can always upload: evidence freezes the line without the list. */
TEST(a_full_list_and_evidence)
{
    struct fixture_payment first;
    struct fixture_payment second;

    start_full();
    fixture_forge(&city, &first, &cheat, &shop, 0, 900, 0);
    fixture_forge(&city, &second, &cheat, &cafe, 100, 800, 0);
    fixture_accept(&city, &shop, &first);
    fixture_accept(&city, &cafe, &second);
    CHECK_STATUS(fixture_sync(&city, &shop), STATUS_OK);
    CHECK_STATUS(fixture_sync(&city, &cafe), STATUS_OK);
    CHECK(fixture_result(&shop, first.accepted) == LINE_RESERVE);
    CHECK(fixture_result(&cafe, second.accepted) == LINE_FUND);
    CHECK(fixture_line(&city, &line, &cheat.line));
    CHECK((line.flags & RECORD_LINE_FROZEN) != 0 && (line.flags & RECORD_LINE_DENIED) == 0);
    CHECK(news_version() == 1);
    CHECK_STATUS(fixture_renewal(&city, &cheat, 2000), STATUS_ALLOWANCE_FROZEN);
    fixture_close(&city);
}

/* Two offices put a line on the list that was left out, once there is room. */
TEST(room_on_the_list)
{
    struct state_key key;

    start_full();
    CHECK_STATUS(fixture_loss(&city, &bert, true), STATUS_OK);
    CHECK_STATUS(deny(&bert), STATUS_CAPACITY);
    CHECK_STATUS(deny(&anna), STATUS_REPLAY);
    open_state(&city.store);
    denied_key(&key, 5);
    state_delete(&state, &key);
    close_state();
    CHECK_STATUS(deny(&bert), STATUS_OK);
    CHECK(fixture_line(&city, &line, &bert.line));
    CHECK((line.flags & RECORD_LINE_DENIED) != 0 && line.denied == 2);
    CHECK_STATUS(deny(&cheat), STATUS_CAPACITY);
    fixture_close(&city);
}

/* --- long news -------------------------------------------------------------------------------- */

/* Lines that were denied and closed again; each news holds 17 ids, an answer 512 news. */
#define PAST 5000
#define ANSWER (512 * 17 * 2)

static struct town town;
static struct town_till till;
static struct town_till fresh;
static struct town_wallet wallet;

/* What `lines` denials and closes leave behind, each a second after the one before. */
static void
past(uint64_t lines)
{
    struct digest empty;

    crypt_hash(&empty, NULL, 0);
    open_state(&town.city.store);
    for (uint64_t i = 0; i < lines; i++) {
        struct record_news news = {.id = stand_in(i), .added = 1};

        news.time = town_now(&town) + i;
        crypt_hash(&news.hash, &(struct span){news.id.bytes, KID_SIZE}, 1);
        record_news_put(&state, ++state.head.news, &news);
        news.added = 0;
        news.hash = empty;
        record_news_put(&state, ++state.head.news, &news);
    }
    close_state();
    fixture_later(&town.city, lines);
}

static void
start_long(void)
{
    town_open(&town);
    town_till(&town, &till, 11, 1, 3, 0);
    town_wallet(&town, &wallet, 1, 10000, 0);
    past(PAST);
    past(PAST);
}

static void
end_long(void)
{
    town_wallet_close(&wallet);
    town_till_close(&till);
    town_close(&town);
}

/* Syncs until nothing is left to upload or the list is complete; how often that took. */
static unsigned
catch_up(struct town_till *one)
{
    unsigned times = 0;

    while (one->till.denied.version < 4 * PAST && times < 20) {
        CHECK_STATUS(town_sync(&town, one), STATUS_OK);
        times++;
    }
    return times;
}

/* A till that is far behind gets on with each sync, and until it is through its list is only as
 * fresh as what it has. */
TEST(a_till_far_behind)
{
    char receipt[SELL_TEXT_SIZE];
    char request[CODE_TEXT_SIZE];
    char code[CODE_TEXT_SIZE];
    struct sell_result sold;
    struct digest id;
    const uint64_t before = FIXTURE_START + 8 * FIXTURE_DAY;

    start_long();
    fixture_later(&town.city, before - town_now(&town));
    CHECK_STATUS(town_allowance(&town, &wallet, 5000), STATUS_OK);
    CHECK_STATUS(town_sync(&town, &till), STATUS_OK);
    CHECK(till.till.denied.version == ANSWER && till.till.denied.count == 0);
    CHECK(till.till.denied.time_unix_s < FIXTURE_START + FIXTURE_DAY);
    CHECK_STATUS(town_request(&town, &till, 1, 500, request), STATUS_OK);
    CHECK_STATUS(town_pay(&town, &wallet, request, code, &id), STATUS_OK);
    CHECK_STATUS(town_accept(&town, &till, code, receipt, &sold), STATUS_NEWS_STALE);
    CHECK(catch_up(&till) <= 3);
    CHECK(till.till.denied.version == 4 * PAST);
    CHECK(till.till.denied.time_unix_s == town_now(&town));
    CHECK_STATUS(town_accept(&town, &till, code, receipt, &sold), STATUS_OK);
    end_long();
}

/* A city with a long past still takes new tills. */
TEST(a_new_till_in_an_old_city)
{
    struct digest id;

    start_long();
    CHECK_STATUS(town_allowance(&town, &wallet, 5000), STATUS_OK);
    town_till(&town, &fresh, 12, 2, 3, 0);
    CHECK(fresh.till.denied.version == ANSWER);
    CHECK(catch_up(&fresh) <= 3);
    CHECK(fresh.till.denied.time_unix_s == town_now(&town));
    CHECK_STATUS(town_sale(&town, &fresh, &wallet, 300, &id), STATUS_OK);
    CHECK_STATUS(town_sync(&town, &fresh), STATUS_OK);
    CHECK(fixture_owed(&town.city, 2) == 300);
    town_till_close(&fresh);
    end_long();
}

int
main(int argc, char **argv)
{
    /* No log tells what was put into the state by hand: nobody could replay these. */
    (void)unsetenv("FIXTURE_EXPORT");
    return check_run(argc, argv);
}
