#include "check.h"
#include "fixture.h"
#include "ledger/precheck.h"
#include "load.h"

#include <string.h>

/* Threats to the node itself: tests/threats.tsv. */

static struct fixture_city city;
static struct fixture_city twin;
static struct fixture_till shop;
static struct fixture_wallet anna;
static struct fixture_payment payment;
static struct load load;

static void
start(void)
{
    fixture_open(&city);
    fixture_standard(&city);
    fixture_merchant(&city, 1);
    fixture_till(&city, &shop, 11, 1);
    fixture_purse(&city, &anna, 1, 1, 2);
    CHECK_STATUS(fixture_issue(&city, &anna, 8000, 2000), STATUS_OK);
    CHECK_STATUS(fixture_allowance(&city, &anna, 5000), STATUS_OK);
}

static void
end(void)
{
    CHECK_STATUS(fixture_recount(&city), STATUS_OK);
    CHECK_STATUS(fixture_replay(&city), STATUS_OK);
    fixture_close(&city);
}

/* 36: a role's key ends and another takes its place; what the old one signed stays good, also when
 * it is killed after that. */
TEST(rotated_keys_leave_old_promises_good)
{
    static struct fixture_wallet bea;
    struct fixture_key next;
    struct msg_role_key key = {.network = FIXTURE_NETWORK, .role = SIGNER_ALLOWANCE};
    struct msg_kill kill = {.network = FIXTURE_NETWORK,
                            .role = SIGNER_ALLOWANCE,
                            .reason = {(const uint8_t *)"rotated", 7}};

    fixture_open(&city);
    fixture_standard(&city);
    fixture_merchant(&city, 1);
    fixture_till(&city, &shop, 11, 1);
    fixture_key(&next, "next allowance key", 1);
    key.key = next.key;
    key.from = city.moment.time_unix_s + 14 * FIXTURE_DAY;
    key.until = key.from + 100 * FIXTURE_DAY;
    key.verify_until = key.until + 100 * FIXTURE_DAY;
    CHECK_STATUS(fixture_signed(&city, &msg_role_key_schema, &key, &city.roots[0], &city.roots[1]),
                 STATUS_OK);
    fixture_days(&city, 14);
    fixture_purse(&city, &anna, 1, 1, 2);
    CHECK_STATUS(fixture_issue(&city, &anna, 8000, 2000), STATUS_OK);
    CHECK_STATUS(fixture_allowance(&city, &anna, 5000), STATUS_OK);

    city.keys.allowance = next.secret;
    kill.key = city.roles[SIGNER_ALLOWANCE].key;
    kill.time = city.moment.time_unix_s;
    CHECK_STATUS(fixture_signed(&city, &msg_kill_schema, &kill, &city.roots[0], &city.roots[1]),
                 STATUS_OK);
    fixture_purse(&city, &bea, 2, 1, 2);
    CHECK_STATUS(fixture_issue(&city, &bea, 8000, 2000), STATUS_OK);
    CHECK_STATUS(fixture_allowance(&city, &bea, 5000), STATUS_OK);

    fixture_sale(&city, &payment, &anna, &shop, 700);
    CHECK_STATUS(fixture_sync(&city, &shop), STATUS_OK);
    CHECK(fixture_result(&shop, payment.accepted) == LINE_RESERVE);
    fixture_sale(&city, &payment, &bea, &shop, 300);
    CHECK_STATUS(fixture_sync(&city, &shop), STATUS_OK);
    CHECK(fixture_result(&shop, payment.accepted) == LINE_RESERVE);
    CHECK(fixture_owed(&city, 1) == 1000);
    end();
}

/* 43: a flood of uploads that no till has signed costs one signature each, and none of theirs. */
TEST(uploads_of_nobody_are_cheap)
{
    static struct precheck precheck;
    struct load_upload upload;
    struct span parcel;

    fixture_open(&city);
    load_open(&load, &city, 1, 60);
    load_upload(&load, &upload, 0, LOAD_ITEMS);
    parcel = (struct span){upload.bytes, upload.len};
    precheck_parcel(&precheck, &city.store, parcel, city.moment.time_unix_s);
    CHECK(precheck.count >= LOAD_ITEMS + 1);

    /* The upload comes first in the parcel; its signature is at the end of it. */
    {
        static struct msg_parcel parts;
        uint8_t *signature;

        CHECK_STATUS(schema_decode(&parts, &msg_parcel_schema, parcel), STATUS_OK);
        signature = upload.bytes + (parts.parts[0].data - upload.bytes) + parts.parts[0].len - 1;
        *signature ^= 1;
        memset(&precheck, 0, sizeof precheck);
        precheck_parcel(&precheck, &city.store, parcel, city.moment.time_unix_s);
        CHECK(precheck.count == 0);
        *signature ^= 1;
    }
    /* Nor does what was booked before cost more than its own signature. */
    CHECK_STATUS(intake_submit(&city.intake, &city.result, parcel, fixture_moment(&city)),
                 STATUS_OK);
    memset(&precheck, 0, sizeof precheck);
    precheck_parcel(&precheck, &city.store, parcel, city.moment.time_unix_s);
    CHECK(precheck.count == 1);
    load_upload_free(&upload);
    load_close(&load);
    end();
}

static void
leaf_of(struct digest *out, struct fixture_city *from, uint64_t index)
{
    struct store_txn txn;
    struct span entry;

    CHECK_STATUS(store_begin_read(&txn, &from->store), STATUS_OK);
    CHECK_STATUS(log_read(&entry, &txn, index), STATUS_OK);
    merkle_leaf(out, entry);
    store_abort(&txn);
}

/* 49: who knows all that a purchase says cannot find it among the public hashes, as its entry holds
 * 128 random bits. The same city twice, with other randomness: no hash is the same. */
TEST(public_hashes_tell_nothing)
{
    start();
    fixture_open(&twin);
    twin.calls = 1000;
    fixture_standard(&twin);
    for (uint64_t i = 0; i < 15; i++) {
        struct digest one;
        struct digest other;

        leaf_of(&one, &city, i);
        leaf_of(&other, &twin, i);
        CHECK(memcmp(&one, &other, sizeof one) != 0);
    }
    fixture_close(&twin);
    end();
}

/* 60: while the service is down nothing falls due, and who comes after it is paid by the line. */
TEST(an_outage_closes_nothing)
{
    uint64_t days = 0;

    start();
    fixture_sale(&city, &payment, &anna, &shop, 1200);
    fixture_days(&city, 8); /* the line has ended */
    fixture_later(&city, 10 * FIXTURE_DAY);
    CHECK_STATUS(fixture_close_due(&city), STATUS_NOT_DUE);
    CHECK_STATUS(fixture_sync(&city, &shop), STATUS_OK);
    CHECK(fixture_result(&shop, payment.accepted) == LINE_RESERVE);
    CHECK(fixture_owed(&city, 1) == 1200);
    /* From now on the days count that the service is there. */
    while (fixture_close_due(&city) == STATUS_NOT_DUE && days < 20) {
        fixture_days(&city, 1);
        days++;
    }
    CHECK(days > 5 && days <= 8);
    end();
}

int
main(int argc, char **argv)
{
    return check_run(argc, argv);
}
