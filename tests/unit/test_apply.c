#include "check.h"
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>

/* A log with every kind of entry is replayed; before each entry, many that differ from it in one
 * place are tried, and none may be applied or leave a trace. */

static struct fixture_city city;
static struct fixture_till shop;
static struct fixture_till cafe;
static struct fixture_till kiosk;
static struct fixture_wallet anna;
static struct fixture_wallet bert;
static struct fixture_wallet eva;
static struct apply apply;

static struct span
text(const char *string)
{
    return (struct span){(const uint8_t *)string, strlen(string)};
}

static struct money
money(uint64_t cents)
{
    struct money out = MONEY_ZERO;

    CHECK_STATUS(money_from_cents(&out, cents), STATUS_OK);
    return out;
}

/* --- the log --- */

static void
people(void)
{
    fixture_open(&city);
    fixture_standard(&city);
    fixture_merchant(&city, 1);
    fixture_merchant(&city, 2);
    fixture_till(&city, &shop, 11, 1);
    fixture_till(&city, &cafe, 21, 2);
    fixture_till(&city, &kiosk, 31, 2);
    fixture_purse(&city, &anna, 1, 1, 2);
    fixture_purse(&city, &bert, 2, 1, 1);
    fixture_purse(&city, &eva, 3, 1, 3);
    CHECK_STATUS(fixture_issue(&city, &anna, 8000, 2000), STATUS_OK);
    CHECK_STATUS(fixture_issue(&city, &bert, 1000, 0), STATUS_OK);
    CHECK_STATUS(fixture_issue(&city, &eva, 4000, 1000), STATUS_OK);
    CHECK_STATUS(fixture_allowance(&city, &anna, 4000), STATUS_OK);
    CHECK_STATUS(fixture_allowance(&city, &bert, 1000), STATUS_OK);
    fixture_later(&city, 60);
    CHECK_STATUS(fixture_renewal(&city, &anna, 5000), STATUS_OK);
}

/* Settled by item, word and receipt; cancelled and in dispute; voided; refunded early and late. */
static void
sales(void)
{
    struct fixture_payment bread;
    struct fixture_payment tea;
    struct fixture_payment cake;
    struct fixture_payment milk;

    fixture_sale(&city, &bread, &anna, &shop, 700);
    fixture_refund(&city, &shop, &bread, 100, 1, false);
    CHECK_STATUS(fixture_upload(&city, &shop, shop.count - 1, 1, false), STATUS_OK);
    fixture_sale(&city, &tea, &anna, &cafe, 300);
    CHECK_STATUS(fixture_statement(&city, &anna, &cafe, &tea, 4), STATUS_OK);
    CHECK_STATUS(fixture_sync(&city, &cafe), STATUS_OK);
    CHECK_STATUS(fixture_sync(&city, &shop), STATUS_OK);
    fixture_pay(&city, &cake, &anna, &cafe, 250);
    CHECK_STATUS(fixture_statement(&city, &anna, &cafe, &cake, 3), STATUS_OK);
    fixture_sale(&city, &milk, &anna, &cafe, 150);
    CHECK_STATUS(fixture_statement(&city, &anna, &cafe, &milk, 1), STATUS_OK);
    fixture_void(&city, &cafe, &milk);
    CHECK_STATUS(fixture_sync(&city, &cafe), STATUS_OK);
    fixture_later(&city, 60);
}

/* Overlap, its review and fund, a loss, a denial, a till that is revoked. */
static void
quarrels(void)
{
    struct fixture_payment first;
    struct fixture_payment second;
    const struct msg_denial denial = {.network = FIXTURE_NETWORK,
                                      .allowance = anna.line,
                                      .reason = text("Anzeige"),
                                      .time = FIXTURE_START};
    struct msg_review review = {.network = FIXTURE_NETWORK,
                                .decision = 1,
                                .reason = text("Prüfung"),
                                .time = FIXTURE_START};
    struct msg_revocation revocation = {
        .network = FIXTURE_NETWORK, .till = 31, .time = FIXTURE_START};

    fixture_forge(&city, &first, &bert, &shop, 0, 500, 0);
    fixture_accept(&city, &shop, &first);
    CHECK_STATUS(fixture_sync(&city, &shop), STATUS_OK);
    fixture_forge(&city, &second, &bert, &cafe, 0, 600, 1);
    fixture_accept(&city, &cafe, &second);
    CHECK_STATUS(fixture_statement(&city, &bert, &cafe, &second, 1), STATUS_OK);
    review.transfer = second.id;
    CHECK_STATUS(fixture_act(&city, &msg_review_schema, &review, 3, 13), STATUS_OK);
    CHECK_STATUS(fixture_loss(&city, &bert, true), STATUS_OK);
    CHECK_STATUS(fixture_act(&city, &msg_denial_schema, &denial, 4, 13), STATUS_OK);
    revocation.size = kiosk.count;
    CHECK_STATUS(fixture_act(&city, &msg_revocation_schema, &revocation, 4, 0), STATUS_OK);
    fixture_forge(&city, &first, &anna, &kiosk, 4000, 4100, 7);
    fixture_accept(&city, &kiosk, &first);
    CHECK_STATUS(fixture_sync(&city, &kiosk), STATUS_OK);
}

static void
acts(void)
{
    struct fixture_key phone;
    struct msg_device device = {.network = FIXTURE_NETWORK,
                                .action = 1,
                                .daily_limit = money(500),
                                .number = 1,
                                .time = FIXTURE_START};
    struct msg_gift gift = {.network = FIXTURE_NETWORK, .nonce = {1}, .time = FIXTURE_START};
    struct msg_hold hold = {.network = FIXTURE_NETWORK,
                            .number = 1,
                            .action = 1,
                            .reason = text("Störung"),
                            .time = FIXTURE_START};
    struct msg_kill kill = {.network = FIXTURE_NETWORK,
                            .key = city.roles[10].key,
                            .role = 10,
                            .reason = text("alt"),
                            .time = FIXTURE_START};

    fixture_key(&phone, "phone", 1);
    memcpy(device.purse, eva.purse, sizeof device.purse);
    device.device = phone.key;
    CHECK_STATUS(fixture_signed(&city, &msg_device_schema, &device, &eva.recovery, NULL),
                 STATUS_OK);
    memcpy(gift.purse, eva.purse, sizeof gift.purse);
    memcpy(gift.to, anna.purse, sizeof gift.to);
    for (gift.lot = 0; gift.lot < 200; gift.lot++) {
        if (fixture_signed(&city, &msg_gift_schema, &gift, &eva.recovery, NULL) == STATUS_OK)
            break;
    }
    CHECK(gift.lot < 200);
    CHECK_STATUS(fixture_act(&city, &msg_hold_schema, &hold, 3, 13), STATUS_OK);
    hold.number = 2;
    hold.action = 2;
    CHECK_STATUS(fixture_act(&city, &msg_hold_schema, &hold, 3, 13), STATUS_OK);
    CHECK_STATUS(fixture_act(&city, &msg_kill_schema, &kill, 3, 13), STATUS_OK);
}

/* Close with a debt, what comes too late, payouts, and expiry. */
static void
endings(void)
{
    struct fixture_payment slow;
    struct fixture_payment slower;
    struct msg_payout payout = {
        .network = FIXTURE_NETWORK, .merchant = 1, .class = 1, .time = FIXTURE_START};

    fixture_pay(&city, &slow, &anna, &shop, 100);
    fixture_accept(&city, &shop, &slow);
    fixture_pay(&city, &slower, &anna, &cafe, 100);
    fixture_accept(&city, &cafe, &slower);
    fixture_days(&city, 17);
    CHECK_STATUS(fixture_close_due(&city), STATUS_OK);
    CHECK_STATUS(fixture_sync(&city, &shop), STATUS_OK);
    CHECK(fixture_result(&shop, slow.accepted) == LINE_LATE);
    CHECK_STATUS(fixture_statement(&city, &anna, &cafe, &slower, 1), STATUS_OK);
    CHECK_STATUS(intake_payout_due(&city.intake, &payout.number, &payout.amount, 1, 1), STATUS_OK);
    CHECK_STATUS(fixture_act(&city, &msg_payout_schema, &payout, 3, 0), STATUS_OK);
    fixture_later(&city, 180 * FIXTURE_DAY);
    fixture_days(&city, 1);
    CHECK_STATUS(intake_expire(&city.intake, &city.result, fixture_moment(&city)), STATUS_OK);
}

static void
write_log(void)
{
    people();
    sales();
    quarrels();
    acts();
    endings();
}

/* --- tampering --- */

static uint8_t variant[MSG_ENTRY_MAX];
static uint8_t altered[MSG_ENTRY_MAX];
static struct msg_entry entry;
static struct digest untouched;
static unsigned tried;

/* The entry as it stands in `entry` must be refused; `expected` 0 for any status. */
static void
must_refuse(const struct merkle_frontier *tree, enum status expected, const char *what)
{
    size_t len;
    enum status status = schema_encode(variant, sizeof variant, &len, &msg_entry_schema, &entry);

    if (status != STATUS_OK)
        return;
    status = apply_entry(&apply, tree->size, (struct span){variant, len}, tree);
    tried++;
    if (status == STATUS_OK || (expected != STATUS_OK && status != expected)) {
        fprintf(stderr, "    entry %llu of kind %llu, %s: %s\n", (unsigned long long)tree->size,
                (unsigned long long)entry.kind, what, status_name(status));
        CHECK(false);
    }
    CHECK(apply.state.head.size == tree->size && state_status(&apply.state) == STATUS_OK);
    if (tried % 16 == 0) {
        struct digest now;

        CHECK_STATUS(state_digest(&now, &apply.state), STATUS_OK);
        CHECK(memcmp(&now, &untouched, sizeof now) == 0);
    }
}

static void
other_kinds(const struct merkle_frontier *tree)
{
    const uint64_t kind = entry.kind;

    for (entry.kind = 1; entry.kind <= 60; entry.kind++) {
        if (entry.kind != kind)
            must_refuse(tree, apply_kind_name(entry.kind) == NULL ? STATUS_ENTRY_KIND : STATUS_OK,
                        "kind");
    }
    entry.kind = kind;
}

static void
other_wrappers(const struct merkle_frontier *tree)
{
    const struct msg_entry kept = entry;
    static const uint8_t one[] = {0xA1, 0x01, 0x01};

    if (tree->size > 0) {
        entry.time = apply.state.head.time - 1;
        must_refuse(tree, STATUS_ENTRY_TIME, "time");
        entry.time = kept.time;
    }
    if (kept.messages_count > 0) {
        entry.messages_count--;
        must_refuse(tree, STATUS_OK, "a message less");
        entry.messages_count = kept.messages_count;
        entry.messages[kept.messages_count] = kept.messages[0];
    } else {
        entry.messages[0] = kept.attachment;
    }
    entry.messages_count++;
    must_refuse(tree, STATUS_OK, "a message more");
    entry = kept;
    if (kept.attachment.len == 1) {
        entry.attachment = (struct span){one, sizeof one};
        must_refuse(tree, STATUS_OK, "an attachment");
        entry = kept;
    }
}

/* One bit in every step-th byte of `in`, which `place` of the entry refers to. */
static void
flip(const struct merkle_frontier *tree, struct span *place, size_t step, const char *what)
{
    const struct span in = *place;

    memcpy(altered, in.data, in.len);
    *place = (struct span){altered, in.len};
    for (size_t i = tree->size % step; i < in.len; i += step) {
        altered[i] ^= 1;
        must_refuse(tree, STATUS_OK, what);
        altered[i] ^= 1;
    }
    *place = in;
}

static void
tamper(const struct merkle_frontier *tree)
{
    CHECK_STATUS(state_digest(&untouched, &apply.state), STATUS_OK);
    other_kinds(tree);
    other_wrappers(tree);
    for (size_t i = 0; i < entry.messages_count; i++)
        flip(tree, &entry.messages[i], 5, "a message");
    if (entry.attachment.len > 1)
        flip(tree, &entry.attachment, entry.attachment.len > 64 ? 7 : 1, "attachment");
}

/* Replays all entries; tampers when asked; tells which kinds there were. */
static void
replay(bool tampering, bool trust, bool kinds[static 64], struct digest *digest)
{
    struct merkle_frontier tree = {0};
    struct store fresh;
    struct store_txn from;
    struct store_txn to;
    char folder[128];
    uint64_t size;

    snprintf(folder, sizeof folder, "%s/%d%d", city.folder, tampering, trust);
    CHECK_STATUS(store_create(folder), STATUS_OK);
    CHECK_STATUS(store_open(&fresh, folder, UINT64_C(1) << 28), STATUS_OK);
    CHECK_STATUS(store_begin_read(&from, &city.store), STATUS_OK);
    CHECK_STATUS(log_size(&size, &from), STATUS_OK);
    CHECK_STATUS(store_begin_write(&to, &fresh), STATUS_OK);
    memset(&apply, 0, sizeof apply);
    CHECK_STATUS(apply_begin(&apply, &to), STATUS_OK);
    apply.trust = trust;
    for (uint64_t index = 0; index < size; index++) {
        struct span bytes;
        struct digest leaf;

        CHECK_STATUS(log_read(&bytes, &from, index), STATUS_OK);
        CHECK_STATUS(schema_decode(&entry, &msg_entry_schema, bytes), STATUS_OK);
        kinds[entry.kind] = true;
        if (tampering)
            tamper(&tree);
        CHECK_STATUS(apply_entry(&apply, index, bytes, &tree), STATUS_OK);
        CHECK_STATUS(book_recount(&apply.state), STATUS_OK);
        merkle_leaf(&leaf, bytes);
        merkle_append(&tree, &leaf);
    }
    CHECK_STATUS(state_digest(digest, &apply.state), STATUS_OK);
    store_abort(&to);
    store_abort(&from);
    store_close(&fresh);
}

TEST(every_kind_and_nothing_beside_it)
{
    bool kinds[64] = {false};
    struct digest live;
    struct digest tampered;
    struct digest trusting;

    write_log();
    fixture_digest(&city, &live);
    replay(true, false, kinds, &tampered);
    replay(false, true, kinds, &trusting);
    CHECK(memcmp(&live, &tampered, sizeof live) == 0);
    CHECK(memcmp(&live, &trusting, sizeof live) == 0);
    for (uint64_t kind = 1; kind < 64; kind++) {
        if (apply_kind_name(kind) != NULL && !kinds[kind]) {
            fprintf(stderr, "    no entry of kind %s\n", apply_kind_name(kind));
            CHECK(false);
        }
    }
    CHECK(tried > 12000);
    fixture_close(&city);
}

/* After a restart the state is what it was, and work goes on. */
TEST(a_restart)
{
    struct fixture_payment tea;
    struct digest before;
    struct digest after;

    people();
    fixture_sale(&city, &tea, &anna, &shop, 100);
    fixture_digest(&city, &before);
    fixture_reopen(&city);
    fixture_digest(&city, &after);
    CHECK(memcmp(&before, &after, sizeof before) == 0);
    CHECK_STATUS(fixture_sync(&city, &shop), STATUS_OK);
    CHECK_STATUS(fixture_replay(&city), STATUS_OK);
    fixture_close(&city);
}

int
main(int argc, char **argv)
{
    return check_run(argc, argv);
}
