#include "tamper_city.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
must(enum status status, int line)
{
    if (status == STATUS_OK)
        return;
    fprintf(stderr, "tamper_city: line %d: %s\n", line, status_name(status));
    abort();
}

#define MUST(expression) must((expression), __LINE__)

static struct span
text(const char *string)
{
    return (struct span){(const uint8_t *)string, strlen(string)};
}

static struct money
cents(uint64_t amount)
{
    struct money money;

    MUST(money_from_cents(&money, amount));
    return money;
}

/* The next entry is that of a place. */
static void
mark(struct tamper_city *out, enum tamper_place place)
{
    out->at[place] = (size_t)out->city.log.size;
}

/* The entry of a place is the next of its kind behind another. */
static void
find(struct tamper_city *out, enum tamper_place place, enum tamper_place from, uint64_t kind)
{
    out->at[place] = tamper_find(&out->log, out->at[from], kind);
}

/* --- the log --- */

static void
people(struct tamper_city *out)
{
    struct fixture_city *const city = &out->city;
    struct msg_issue soon = {.network = FIXTURE_NETWORK,
                             .series = 1,
                             .number = 900,
                             .paid = cents(300),
                             .paid_expiry = FIXTURE_START + 10 * FIXTURE_DAY,
                             .time = FIXTURE_START};

    fixture_standard(city);
    mark(out, AT_MERCHANT);
    fixture_merchant(city, 1);
    fixture_merchant(city, 2);
    mark(out, AT_TILL);
    fixture_till(city, &out->tills[TAMPER_SHOP], 11, 1);
    fixture_till(city, &out->tills[TAMPER_CAFE], 21, 2);
    fixture_till(city, &out->tills[TAMPER_KIOSK], 31, 2);
    mark(out, AT_PURSE);
    fixture_purse(city, &out->anna, 1, 1, 2);
    fixture_purse(city, &out->bert, 2, 1, 1);
    fixture_purse(city, &out->eva, 3, 1, 3);
    mark(out, AT_ISSUE);
    MUST(fixture_issue(city, &out->anna, 8000, 2000));
    MUST(fixture_issue(city, &out->bert, 1000, 0));
    MUST(fixture_issue(city, &out->eva, 4000, 1000));
    memcpy(soon.purse, out->eva.purse, sizeof soon.purse);
    MUST(fixture_act(city, &msg_issue_schema, &soon, 2, 0));
    mark(out, AT_ALLOWANCE);
    MUST(fixture_allowance(city, &out->anna, 4000));
    MUST(fixture_allowance(city, &out->bert, 1000));
    fixture_later(city, 60);
    mark(out, AT_RENEWAL);
    MUST(fixture_renewal(city, &out->anna, 5000));
}

/* Settled by item, word and receipt; cancelled and in dispute; voided; refunded early and late. */
static void
sales(struct tamper_city *out)
{
    struct fixture_city *const city = &out->city;
    struct fixture_till *const shop = &out->tills[TAMPER_SHOP];
    struct fixture_till *const cafe = &out->tills[TAMPER_CAFE];
    struct fixture_payment tea;
    struct fixture_payment milk;

    fixture_sale(city, &out->bread, &out->anna, shop, 700);
    fixture_refund(city, shop, &out->bread, 100, 1, false);
    mark(out, AT_EARLY_REFUND);
    MUST(fixture_upload(city, shop, shop->count - 1, 1, false));
    fixture_sale(city, &tea, &out->anna, cafe, 300);
    mark(out, AT_CANCELLED);
    MUST(fixture_statement(city, &out->anna, cafe, &tea, 4));
    mark(out, AT_DISPUTED);
    MUST(fixture_sync(city, cafe));
    mark(out, AT_WAITED);
    MUST(fixture_sync(city, shop));
    fixture_pay(city, &out->cake, &out->anna, cafe, 250);
    mark(out, AT_SETTLE_NOW);
    MUST(fixture_statement(city, &out->anna, cafe, &out->cake, 3));
    fixture_sale(city, &milk, &out->anna, cafe, 150);
    mark(out, AT_RECEIPT);
    MUST(fixture_statement(city, &out->anna, cafe, &milk, 1));
    fixture_void(city, cafe, &milk);
    mark(out, AT_VOID);
    MUST(fixture_sync(city, cafe));
    fixture_sale(city, &out->jam, &out->anna, shop, 200);
    fixture_refund(city, shop, &out->jam, 50, 1, false);
    mark(out, AT_UPLOAD);
    MUST(fixture_sync(city, shop));
    fixture_later(city, 60);
    mark(out, AT_QUIET);
    memcpy(out->quiet, out->tills, sizeof out->quiet);
}

/* Bert pays with the same cents four times. */
static void
quarrels(struct tamper_city *out)
{
    struct fixture_city *const city = &out->city;
    struct fixture_till *const tills = out->tills;
    struct fixture_payment more;
    struct msg_review review = {.network = FIXTURE_NETWORK,
                                .decision = 1,
                                .reason = text("Prüfung"),
                                .time = FIXTURE_START};

    fixture_forge(city, &out->first, &out->bert, &tills[TAMPER_SHOP], 0, 400, 0);
    fixture_accept(city, &tills[TAMPER_SHOP], &out->first);
    MUST(fixture_sync(city, &tills[TAMPER_SHOP]));
    fixture_forge(city, &more, &out->bert, &tills[TAMPER_CAFE], 0, 450, 1);
    fixture_accept(city, &tills[TAMPER_CAFE], &more);
    mark(out, AT_EVIDENCE);
    MUST(fixture_sync(city, &tills[TAMPER_CAFE]));
    fixture_forge(city, &out->unsure, &out->bert, &tills[TAMPER_KIOSK], 0, 300, 2);
    fixture_accept(city, &tills[TAMPER_KIOSK], &out->unsure);
    mark(out, AT_EVIDENCE_REVIEW);
    MUST(fixture_statement(city, &out->bert, &tills[TAMPER_KIOSK], &out->unsure, 1));
    review.transfer = out->unsure.id;
    mark(out, AT_REVIEW);
    MUST(fixture_act(city, &msg_review_schema, &review, 3, 13));
    fixture_forge(city, &more, &out->bert, &tills[TAMPER_SHOP], 0, 350, 3);
    fixture_accept(city, &tills[TAMPER_SHOP], &more);
    mark(out, AT_TILL_BEARS);
    MUST(fixture_sync(city, &tills[TAMPER_SHOP]));
}

static void
troubles(struct tamper_city *out)
{
    struct fixture_city *const city = &out->city;
    struct fixture_till *const kiosk = &out->tills[TAMPER_KIOSK];
    struct fixture_payment refused;
    const struct msg_denial denial = {.network = FIXTURE_NETWORK,
                                      .allowance = out->anna.line,
                                      .reason = text("Anzeige"),
                                      .time = FIXTURE_START};
    const struct msg_revocation revocation = {
        .network = FIXTURE_NETWORK, .till = 31, .size = kiosk->count, .time = FIXTURE_START};

    mark(out, AT_LOSS);
    MUST(fixture_loss(city, &out->bert, true));
    mark(out, AT_DENIAL);
    MUST(fixture_act(city, &msg_denial_schema, &denial, 4, 13));
    mark(out, AT_REVOCATION);
    MUST(fixture_act(city, &msg_revocation_schema, &revocation, 4, 0));
    fixture_forge(city, &refused, &out->anna, kiosk, 4000, 4100, 7);
    fixture_accept(city, kiosk, &refused);
    mark(out, AT_REJECT);
    MUST(fixture_sync(city, kiosk));
}

static void
acts(struct tamper_city *out)
{
    struct fixture_city *const city = &out->city;
    struct fixture_key phone;
    struct msg_device device = {.network = FIXTURE_NETWORK,
                                .action = 1,
                                .daily_limit = cents(500),
                                .number = 1,
                                .time = FIXTURE_START};
    struct msg_gift gift = {.network = FIXTURE_NETWORK, .nonce = {1}, .time = FIXTURE_START};
    struct msg_hold hold = {.network = FIXTURE_NETWORK,
                            .number = 1,
                            .action = 1,
                            .reason = text("Störung"),
                            .time = FIXTURE_START};
    const struct msg_kill kill = {.network = FIXTURE_NETWORK,
                                  .key = city->roles[10].key,
                                  .role = 10,
                                  .reason = text("alt"),
                                  .time = FIXTURE_START};

    fixture_key(&phone, "phone", 1);
    memcpy(device.purse, out->eva.purse, sizeof device.purse);
    device.device = phone.key;
    mark(out, AT_DEVICE);
    MUST(fixture_signed(city, &msg_device_schema, &device, &out->eva.recovery, NULL));
    memcpy(gift.purse, out->eva.purse, sizeof gift.purse);
    memcpy(gift.to, out->anna.purse, sizeof gift.to);
    gift.lot = 2 * (out->at[AT_ISSUE] + 2);
    mark(out, AT_GIFT);
    MUST(fixture_signed(city, &msg_gift_schema, &gift, &out->eva.recovery, NULL));
    mark(out, AT_HOLD);
    MUST(fixture_act(city, &msg_hold_schema, &hold, 3, 13));
    hold.number = 2;
    hold.action = 2;
    mark(out, AT_HOLD_END);
    MUST(fixture_act(city, &msg_hold_schema, &hold, 3, 13));
    mark(out, AT_KILL);
    MUST(fixture_act(city, &msg_kill_schema, &kill, 3, 13));
}

/* Close with a debt, what comes too late, payout, and expiry. */
static void
endings(struct tamper_city *out)
{
    struct fixture_city *const city = &out->city;
    struct fixture_till *const shop = &out->tills[TAMPER_SHOP];
    struct fixture_till *const cafe = &out->tills[TAMPER_CAFE];
    struct fixture_wallet anna = out->anna;
    struct fixture_payment slow;
    struct fixture_payment slower;
    struct msg_payout payout = {
        .network = FIXTURE_NETWORK, .merchant = 1, .class = 1, .time = FIXTURE_START};

    fixture_pay(city, &slow, &anna, shop, 100);
    fixture_accept(city, shop, &slow);
    fixture_pay(city, &slower, &anna, cafe, 100);
    fixture_accept(city, cafe, &slower);
    mark(out, AT_DAY);
    /* Seven days until the lines end, and eight of grace. */
    fixture_days(city, 14);
    mark(out, AT_LAST_DAY);
    fixture_days(city, 1);
    mark(out, AT_CLOSE);
    MUST(fixture_close_due(city));
    mark(out, AT_LATE);
    MUST(fixture_sync(city, shop));
    mark(out, AT_LATE_RECEIPT);
    MUST(fixture_statement(city, &anna, cafe, &slower, 1));
    MUST(intake_payout_due(&city->intake, &payout.number, &payout.amount, 1, 1));
    mark(out, AT_PAYOUT);
    MUST(fixture_act(city, &msg_payout_schema, &payout, 3, 0));
    mark(out, AT_EXPIRY);
    MUST(intake_expire(&city->intake, &city->result, fixture_moment(city)));
    mark(out, AT_END);
}

/* --- places --- */

/* Bert's close has a debt behind it, and anna's has none. */
static void
find_closes(struct tamper_city *out)
{
    const size_t first = out->at[AT_CLOSE];

    find(out, AT_DEBT, AT_CLOSE, APPLY_DEBT);
    out->at[AT_FORFEIT] = out->at[AT_DEBT] - 1;
    out->at[AT_CLOSE] = out->at[AT_FORFEIT] == first ? out->at[AT_DEBT] + 1 : first;
}

static void
find_places(struct tamper_city *out)
{
    out->at[AT_GENESIS] = 0;
    find(out, AT_ROLE_KEY, AT_GENESIS, APPLY_ROLE_KEY);
    find(out, AT_PARAMETERS, AT_GENESIS, APPLY_PARAMETERS);
    find(out, AT_SERIES, AT_GENESIS, APPLY_SERIES);
    find(out, AT_FUNDING, AT_GENESIS, APPLY_FUNDING);
    find(out, AT_ANCHOR, AT_TILL, APPLY_ANCHOR);
    find(out, AT_EARLY_REFUND, AT_EARLY_REFUND, APPLY_REFUND);
    find(out, AT_DISPUTED, AT_DISPUTED, APPLY_SETTLE);
    find(out, AT_DISPUTE, AT_DISPUTED, APPLY_DISPUTE);
    find(out, AT_WAITED, AT_WAITED, APPLY_SETTLE);
    find(out, AT_VOID, AT_VOID, APPLY_VOID);
    find(out, AT_SETTLE, AT_UPLOAD, APPLY_SETTLE);
    find(out, AT_REFUND, AT_UPLOAD, APPLY_REFUND);
    find(out, AT_EVIDENCE, AT_EVIDENCE, APPLY_EVIDENCE);
    find(out, AT_FUND, AT_EVIDENCE, APPLY_SETTLE);
    find(out, AT_EVIDENCE_REVIEW, AT_EVIDENCE_REVIEW, APPLY_EVIDENCE);
    find(out, AT_IN_REVIEW, AT_EVIDENCE_REVIEW, APPLY_SETTLE);
    find(out, AT_TILL_BEARS, AT_TILL_BEARS, APPLY_SETTLE);
    find(out, AT_REJECT, AT_REJECT, APPLY_REJECT);
    find_closes(out);
    find(out, AT_LATE, AT_LATE, APPLY_LATE);
}

void
tamper_city_open(struct tamper_city *out)
{
    struct fixture_wallet anna;

    memset(out, 0, sizeof *out);
    fixture_open(&out->city);
    people(out);
    sales(out);
    anna = out->anna;
    quarrels(out);
    troubles(out);
    acts(out);
    endings(out);
    out->anna = anna;
    tamper_load(&out->log, &out->city);
    find_places(out);
}
