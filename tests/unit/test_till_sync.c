/* The till and the city: uploads and what comes back, late, doubled, of another till or another
 * city; news with gaps; offices that are killed. */
#include "check.h"

#include "ledger/log.h"
#include "letter.h"
#include "protocol/text.h"
#include "town.h"

static struct town town;
static struct town_till shop;
static struct town_till cafe;
static struct town_wallet anna;
static struct letter letter;
static struct sync_result result;

static void
begin(void)
{
    town_open(&town);
    town_till(&town, &shop, 11, 1, 3, 0);
    town_till(&town, &cafe, 21, 2, 3, 0);
    town_wallet(&town, &anna, 1, 10000, 5000);
}

static void
end(void)
{
    town_wallet_close(&anna);
    town_till_close(&cafe);
    town_till_close(&shop);
    town_close(&town);
}

/* --- what a till stands at --------------------------------------------------------------------
 */

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

static struct digest
root_at(uint64_t size)
{
    struct store_txn txn;
    struct digest root = {{0}};

    CHECK_STATUS(store_begin_read(&txn, &shop.till.store), STATUS_OK);
    CHECK_STATUS(log_root(&root, &txn, size), STATUS_OK);
    store_abort(&txn);
    return root;
}

/* How often the log has entries of a kind; the time of the last one. */
static unsigned
count_of(uint64_t kind, uint64_t *time)
{
    struct store_txn txn;
    struct msg_entry entry;
    struct span bytes;
    unsigned count = 0;
    const uint64_t size = log_length();

    CHECK_STATUS(store_begin_read(&txn, &shop.till.store), STATUS_OK);
    for (uint64_t i = 0; i < size; i++) {
        CHECK_STATUS(log_read(&bytes, &txn, i), STATUS_OK);
        CHECK_STATUS(schema_decode(&entry, &msg_entry_schema, bytes), STATUS_OK);
        count += entry.kind == kind;
        if (entry.kind == kind)
            *time = entry.time;
    }
    store_abort(&txn);
    return count;
}

/* Whether no two entries have the same salt, which hides what they are. */
static bool
salts_differ(void)
{
    static uint8_t salts[1024][TILL_SALT_SIZE];
    struct store_txn txn;
    struct msg_entry entry;
    struct span bytes;
    bool differ = true;
    const uint64_t size = log_length();

    CHECK_STATUS(store_begin_read(&txn, &shop.till.store), STATUS_OK);
    for (uint64_t i = 0; i < size && i < 1024; i++) {
        CHECK_STATUS(log_read(&bytes, &txn, i), STATUS_OK);
        CHECK_STATUS(schema_decode(&entry, &msg_entry_schema, bytes), STATUS_OK);
        memcpy(salts[i], entry.salt, TILL_SALT_SIZE);
        for (uint64_t j = 0; j < i; j++)
            differ = differ && memcmp(salts[i], salts[j], TILL_SALT_SIZE) != 0;
    }
    store_abort(&txn);
    return differ;
}

/* What a refused parcel may not change, in memory and after a restart. */
struct standing {
    uint64_t size;
    uint64_t acknowledged;
    uint64_t anchor_time;
    uint64_t news;
    uint64_t news_time;
    uint64_t parameters;
    size_t tally;
    size_t signers;
};

static struct standing
stand(void)
{
    return (struct standing){log_length(),
                             shop.till.meta.acknowledged,
                             shop.till.meta.anchor_time,
                             shop.till.denied.version,
                             shop.till.denied.time_unix_s,
                             till_parameters(&shop.till, town_now(&town))->version,
                             shop.till.tally.count,
                             shop.till.signers.count};
}

static void
check_unchanged(const struct standing *before)
{
    const struct standing now = stand();
    struct standing later;

    CHECK(memcmp(&now, before, sizeof now) == 0);
    CHECK_STATUS(town_till_reopen(&shop), STATUS_OK);
    later = stand();
    CHECK(memcmp(&later, before, sizeof later) == 0);
}

/* With fresh bytes each time, as they are to be. */
static enum status
take(struct span parcel)
{
    uint8_t seed[32];

    town_random(&town, seed, sizeof seed);
    return sync_take(&result, &shop.till, parcel, seed, town_now(&town));
}

/* --- letters of the ledger, made by hand ------------------------------------------------------
 */

static struct msg_anchor
anchor_at(uint64_t size)
{
    return (struct msg_anchor){
        .network = FIXTURE_NETWORK,
        .till = 11,
        .time = town_now(&town),
        .parameters = 1,
        .size = size,
        .root = root_at(size),
    };
}

static enum status
take_message(const struct schema *schema, const void *message, unsigned role)
{
    letter_begin(&letter, MSG_PARCEL_SYNC);
    letter_sign(&letter, schema, message, FIXTURE_NETWORK, &town.city.roles[role].secret);
    return take(letter_end(&letter));
}

static enum status
take_anchor(const struct msg_anchor *anchor)
{
    return take_message(&msg_anchor_schema, anchor, SIGNER_SETTLEMENT);
}

/* --- uploads ----------------------------------------------------------------------------------
 */

static uint8_t upload[MSG_PARCEL_MAX];
static struct msg_parcel parcel;

static uint64_t
upload_items(uint64_t *first, bool *more)
{
    struct msg_upload message;
    struct cose_message cose;
    struct digest root;
    size_t len;

    CHECK_STATUS(sync_upload(upload, sizeof upload, &len, more, &shop.till, town_now(&town)),
                 STATUS_OK);
    letter_open(&parcel, (struct span){upload, len});
    CHECK(parcel.kind == MSG_PARCEL_UPLOAD);
    CHECK_STATUS(cose_parse(&cose, parcel.parts[0], COSE_MESSAGE_LARGE_MAX), STATUS_OK);
    CHECK_STATUS(schema_decode(&message, &msg_upload_schema, cose.payload), STATUS_OK);
    CHECK(message.items_count == parcel.parts_count - 1);
    root = root_at(message.first + message.items_count);
    CHECK(memcmp(&message.root, &root, sizeof root) == 0);
    *first = message.first;
    return message.items_count;
}

/* Makes the log longer by one entry for each certificate in a parcel. */
static void
lengthen(uint64_t to)
{
    static uint8_t certificate[CODE_MESSAGE_MAX];
    const struct span part = {certificate, shop.till.meta.certificate.len};
    uint64_t size = log_length();

    memcpy(certificate, shop.till.meta.certificate.data, part.len);
    while (size < to) {
        letter_begin(&letter, MSG_PARCEL_TILL);
        for (unsigned i = 0; i < 200 && size < to; i++, size++)
            letter_put(&letter, part);
        CHECK_STATUS(take(letter_end(&letter)), STATUS_OK);
    }
    CHECK(log_length() == to);
}

TEST(long_logs_go_up_in_pieces)
{
    uint64_t first = 99;
    uint64_t time;
    size_t len;
    bool more;

    begin();
    lengthen(SYNC_ITEMS_MAX);
    CHECK(upload_items(&first, &more) == SYNC_ITEMS_MAX && first == 0 && !more);
    lengthen(SYNC_ITEMS_MAX + 1);
    CHECK(upload_items(&first, &more) == SYNC_ITEMS_MAX && first == 0 && more);
    CHECK_STATUS(sync_upload(upload, 1000, &len, &more, &shop.till, town_now(&town)),
                 STATUS_BUFFER);
    CHECK(len == 0);
    CHECK(count_of(TILL_RENEWAL, &time) > 500);
    CHECK(salts_differ());
    CHECK_STATUS(town_sync(&town, &shop), STATUS_OK);
    CHECK(result.certificate && shop.till.meta.acknowledged == SYNC_ITEMS_MAX);
    CHECK_STATUS(town_till_reopen(&shop), STATUS_OK);
    /* The rest, and what the answer itself added. */
    CHECK(upload_items(&first, &more) == log_length() - SYNC_ITEMS_MAX);
    CHECK(first == SYNC_ITEMS_MAX && !more);
    CHECK_STATUS(town_sync(&town, &shop), STATUS_OK);
    CHECK(shop.till.meta.acknowledged >= SYNC_ITEMS_MAX + 1);
    end();
}

TEST(nothing_is_uploaded_when_all_is_there)
{
    struct msg_ack ack = {.network = FIXTURE_NETWORK, .till = 11};
    size_t len;
    bool more;

    begin();
    ack.size = log_length();
    ack.time = town_now(&town);
    ack.results = (struct span){(const uint8_t *)"\0\1", 2};
    CHECK_STATUS(take_message(&msg_ack_schema, &ack, SIGNER_SETTLEMENT), STATUS_OK);
    CHECK(result.acknowledged && result.size == ack.size && result.results_len == 2);
    CHECK(result.results[0] == 0 && result.results[1] == 1);
    CHECK_STATUS(sync_upload(upload, sizeof upload, &len, &more, &shop.till, town_now(&town)),
                 STATUS_NOT_FOUND);
    CHECK(len == 0 && !more);
    ack.size--;
    CHECK_STATUS(take_message(&msg_ack_schema, &ack, SIGNER_SETTLEMENT), STATUS_OK);
    CHECK(shop.till.meta.acknowledged == ack.size + 1);
    end();
}

/* --- anchors ----------------------------------------------------------------------------------
 */

/* What lies below the anchor's size is confirmed, and nothing else. */
TEST(an_anchor_confirms_what_it_covers)
{
    struct msg_anchor anchor;
    struct digest id;
    uint64_t size;
    uint64_t time;

    begin();
    CHECK_STATUS(town_sale(&town, &shop, &anna, 100, &id), STATUS_OK);
    CHECK_STATUS(town_sale(&town, &shop, &anna, 100, &id), STATUS_OK);
    size = log_length();
    fixture_later(&town.city, 10);
    for (uint64_t covered = size - 2; covered <= size; covered++) {
        anchor = anchor_at(covered);
        CHECK_STATUS(take_anchor(&anchor), STATUS_OK);
        CHECK(result.anchored && shop.till.tally.count == size - covered);
        CHECK(shop.till.meta.anchor_size == covered && shop.till.meta.acknowledged >= covered);
        CHECK_STATUS(town_till_reopen(&shop), STATUS_OK);
        CHECK(shop.till.tally.count == size - covered);
    }
    CHECK(count_of(TILL_ANCHOR, &time) >= 3 && time == town_now(&town));
    end();
}

/* An older answer that comes late changes nothing, whatever it says. */
TEST(older_answers_change_nothing)
{
    struct msg_anchor anchor;
    struct standing before;
    struct digest id;

    begin();
    CHECK_STATUS(town_sale(&town, &shop, &anna, 100, &id), STATUS_OK);
    fixture_later(&town.city, 10);
    anchor = anchor_at(log_length() - 1);
    CHECK_STATUS(take_anchor(&anchor), STATUS_OK);
    shop.till.meta.proofs.cents = 0;
    before = stand();
    CHECK_STATUS(take_anchor(&anchor), STATUS_OK);
    CHECK(!result.anchored);
    check_unchanged(&before);
    anchor = anchor_at(1);
    CHECK_STATUS(take_anchor(&anchor), STATUS_OK);
    CHECK(!result.anchored);
    anchor = anchor_at(log_length());
    anchor.time -= 1;
    CHECK_STATUS(take_anchor(&anchor), STATUS_OK);
    CHECK(!result.anchored);
    check_unchanged(&before);
    CHECK(shop.till.tally.count == 1);
    end();
}

TEST(anchors_that_are_not_this_tills)
{
    struct msg_anchor anchor;
    struct standing before;
    struct digest id;

    begin();
    CHECK_STATUS(town_sale(&town, &shop, &anna, 100, &id), STATUS_OK);
    fixture_later(&town.city, 10);
    before = stand();
    anchor = anchor_at(log_length());
    CHECK_STATUS(take_message(&msg_anchor_schema, &anchor, SIGNER_NEWS), STATUS_SIGNER_UNKNOWN);
    anchor.till = 21;
    CHECK_STATUS(take_anchor(&anchor), STATUS_WRONG_PAYEE);
    anchor = anchor_at(log_length());
    anchor.root.bytes[31] ^= 1;
    CHECK_STATUS(take_anchor(&anchor), STATUS_UPLOAD_FORK);
    anchor = anchor_at(log_length());
    anchor.size++;
    CHECK_STATUS(take_anchor(&anchor), STATUS_UPLOAD_FORK);
    check_unchanged(&before);
    end();
}

/* The answer to another till's upload is refused whole, its certificate and acknowledgement too. */
TEST(another_tills_parcels)
{
    static uint8_t copy[MSG_PARCEL_MAX];
    struct msg_ack ack = {.network = FIXTURE_NETWORK, .till = 21, .size = 1};
    struct standing before;
    struct span other = {NULL, 0};
    struct digest id;

    begin();
    CHECK_STATUS(town_sale(&town, &cafe, &anna, 100, &id), STATUS_OK);
    fixture_later(&town.city, 10);
    before = stand();
    CHECK_STATUS(town_sync(&town, &cafe), STATUS_OK);
    memcpy(copy, town.city.result.answer.data, town.city.result.answer.len);
    CHECK_STATUS(take((struct span){copy, town.city.result.answer.len}), STATUS_WRONG_PAYEE);
    check_unchanged(&before);
    CHECK_STATUS(intake_till_parcel(&town.city.intake, &other, 21, town_now(&town)), STATUS_OK);
    memcpy(copy, other.data, other.len);
    CHECK_STATUS(take((struct span){copy, other.len}), STATUS_WRONG_PAYEE);
    check_unchanged(&before);
    ack.time = town_now(&town);
    ack.results = (struct span){copy, 1};
    copy[0] = 0;
    CHECK_STATUS(take_message(&msg_ack_schema, &ack, SIGNER_SETTLEMENT), STATUS_WRONG_PAYEE);
    ack.till = 11;
    CHECK_STATUS(take_message(&msg_ack_schema, &ack, SIGNER_NEWS), STATUS_SIGNER_UNKNOWN);
    check_unchanged(&before);
    end();
}

/* A clock that runs behind: the anchor's entry gets the anchor's time, and the till waits. */
TEST(an_anchor_sets_a_slow_clock_right)
{
    struct msg_anchor anchor;
    char code[CODE_TEXT_SIZE];
    uint64_t time = 0;

    begin();
    anchor = anchor_at(log_length());
    anchor.time += 60;
    CHECK_STATUS(take_anchor(&anchor), STATUS_OK);
    CHECK(count_of(TILL_ANCHOR, &time) > 0 && time == anchor.time);
    CHECK(till_lower_bound(&shop.till) == anchor.time);
    fixture_later(&town.city, 59);
    CHECK_STATUS(town_request(&town, &shop, 1, 100, code), STATUS_CLOCK_BEHIND);
    CHECK_STATUS(town_till_reopen(&shop), STATUS_OK);
    CHECK_STATUS(town_request(&town, &shop, 1, 100, code), STATUS_CLOCK_BEHIND);
    fixture_later(&town.city, 1);
    CHECK_STATUS(town_request(&town, &shop, 1, 100, code), STATUS_OK);
    end();
}

int
main(int argc, char **argv)
{
    return check_run(argc, argv);
}
