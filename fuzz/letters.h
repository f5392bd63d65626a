/* A city on a working day, and the letters that reach its ledger next: parcels of every kind that
 * tills, wallets and offices send, each written for the state it finds. */
#ifndef SCHWEBE_FUZZ_LETTERS_H
#define SCHWEBE_FUZZ_LETTERS_H

#include "letter.h"

#include "fixture.h"
#include "scratch.h"

#define LETTERS_MAX 48

struct letters {
    struct fixture_city city;
    struct fixture_till tills[2];
    struct fixture_wallet known;     /* tier 2, with a line and a sale that is settled */
    struct fixture_wallet anonymous; /* tier 1 */
    struct fixture_wallet parker;    /* parking, no line yet */
    struct fixture_payment settled;
    struct fixture_payment sales[4];
    uint64_t lot;
    uint64_t start_unix_s;
    uint64_t calls;
    char saved[2][SCRATCH_PATH_MAX];
    char used[2][SCRATCH_PATH_MAX];
    size_t count;
    struct letter letters[LETTERS_MAX];
};

/* Keeps the parcel that the fixture has just tried, without consequences. */
static inline void
letters_keep(struct letters *all, const char *name, enum status status)
{
    struct letter *letter = &all->letters[all->count++];
    size_t len = 0;

    EXPECT(all->count <= LETTERS_MAX);
    EXPECT(schema_measure(&len, &msg_parcel_schema, &all->city.parts) == STATUS_OK);
    letter_put(letter, name, (struct span){all->city.parcel, len});
    letter->status = status;
    letter->kind = all->city.parts.kind;
}

static inline void
letters_act(struct letters *all, const struct schema *schema, const void *object, unsigned first,
            unsigned second)
{
    letters_keep(all, schema->name, fixture_act(&all->city, schema, object, first, second));
}

#define LETTERS_REASON                                                                             \
    {                                                                                              \
        (const uint8_t *)"Probe", 5                                                                \
    }

/* What the offices send. */
static inline void
letters_of_offices(struct letters *all)
{
    struct fixture_city *city = &all->city;
    const uint64_t now = city->moment.time_unix_s;
    struct msg_parameters parameters;
    struct msg_payout payout = {.network = FIXTURE_NETWORK, .merchant = 1, .class = 1, .time = now};
    struct msg_hold hold = {.network = FIXTURE_NETWORK,
                            .number = 1,
                            .action = 1,
                            .reason = LETTERS_REASON,
                            .time = now};
    struct msg_denial denial = {.network = FIXTURE_NETWORK,
                                .allowance = all->anonymous.line,
                                .reason = LETTERS_REASON,
                                .time = now};
    struct msg_revocation revocation = {
        .network = FIXTURE_NETWORK, .till = 2, .size = all->tills[1].count, .time = now};
    struct msg_kill kill = {.network = FIXTURE_NETWORK,
                            .key = city->roles[7].key,
                            .role = 7,
                            .reason = LETTERS_REASON,
                            .time = now};

    fixture_parameters(&parameters, 2, now);
    letters_act(all, &msg_parameters_schema, &parameters, 2, 3);
    EXPECT(intake_payout_due(&city->intake, &payout.number, &payout.amount, 1, 1) == STATUS_OK);
    letters_act(all, &msg_payout_schema, &payout, 3, 0);
    letters_act(all, &msg_hold_schema, &hold, 3, 13);
    hold.number = 2;
    hold.action = 2;
    letters_act(all, &msg_hold_schema, &hold, 3, 13);
    letters_act(all, &msg_denial_schema, &denial, 4, 13);
    letters_act(all, &msg_revocation_schema, &revocation, 4, 0);
    letters_act(all, &msg_kill_schema, &kill, 3, 13);
    letters_keep(all, "funding", fixture_fund(city, 1, 3, 0, 12345));
    letters_keep(all, "issue", fixture_issue(city, &all->parker, 500, 0));
}

/* What purses ask for. */
static inline void
letters_of_purses(struct letters *all)
{
    struct fixture_city *city = &all->city;
    struct fixture_wallet wallet = all->parker;
    struct msg_gift gift = {.network = FIXTURE_NETWORK,
                            .lot = all->lot,
                            .nonce = {1},
                            .time = city->moment.time_unix_s};
    struct msg_device device = {.network = FIXTURE_NETWORK,
                                .device = all->parker.device.key,
                                .action = 1,
                                .daily_limit = {1000},
                                .number = 1,
                                .time = city->moment.time_unix_s};

    letters_keep(all, "allowance", fixture_allowance(city, &wallet, 900));
    wallet = all->known;
    letters_keep(all, "renewal", fixture_renewal(city, &wallet, 4500));
    letters_keep(all, "loss", fixture_loss(city, &wallet, false));
    letters_keep(all, "loss of all", fixture_loss(city, &all->anonymous, true));
    memcpy(gift.purse, all->anonymous.purse, sizeof gift.purse);
    memcpy(gift.to, all->known.purse, sizeof gift.to);
    letters_keep(all, "gift",
                 fixture_signed(city, &msg_gift_schema, &gift, &all->anonymous.recovery, NULL));
    memcpy(device.purse, all->known.purse, sizeof device.purse);
    letters_keep(all, "device",
                 fixture_signed(city, &msg_device_schema, &device, &all->known.recovery, NULL));
}

/* Statements about a payment that no till has uploaded, and about one that overlaps. */
static inline void
letters_of_payers(struct letters *all)
{
    struct fixture_payment doubled;

    for (uint64_t claim = 1; claim <= 4; claim++)
        letters_keep(
            all, "statement",
            fixture_statement(&all->city, &all->known, &all->tills[1], &all->sales[3], claim));
    fixture_forge(&all->city, &doubled, &all->known, &all->tills[1], 100, 300, 70);
    for (uint64_t claim = 1; claim <= 4; claim++)
        letters_keep(all, "overlapping statement",
                     fixture_statement(&all->city, &all->known, &all->tills[1], &doubled, claim));
}

/* Uploads: in order, in parts, behind a gap, of a double spender, of what a till took back. */
static inline void
letters_of_tills(struct letters *all)
{
    struct fixture_city *city = &all->city;
    struct fixture_till *till = &all->tills[0];
    struct fixture_till *other = &all->tills[1];
    struct fixture_payment doubled;
    const size_t first = till->count;

    fixture_sale(city, &all->sales[0], &all->known, till, 400);
    fixture_sale(city, &all->sales[1], &all->anonymous, till, 300);
    fixture_refund(city, till, &all->settled, 200, 1, false);
    fixture_void(city, till, &all->sales[1]);
    fixture_refund(city, till, &all->sales[0], 100, 1, true);
    fixture_pay(city, &all->sales[3], &all->known, other, 250);
    fixture_forge(city, &doubled, &all->known, other, 300, 900, 60);
    fixture_accept(city, other, &doubled);
    fixture_sale(city, &all->sales[2], &all->known, other, 150);
    letters_keep(all, "upload", fixture_upload(city, till, first, 2, false));
    letters_keep(all, "upload", fixture_upload(city, till, first + 2, 3, false));
    letters_keep(all, "upload", fixture_upload(city, till, first, till->count - first, false));
    letters_keep(all, "upload again", fixture_upload(city, till, 0, till->count, false));
    letters_keep(all, "upload", fixture_upload(city, other, other->count - 1, 1, false));
    letters_keep(all, "upload of all", fixture_upload(city, other, 0, other->count, false));
}

static inline void
letters_city(struct letters *all)
{
    struct fixture_city *city = &all->city;

    fixture_open(city);
    fixture_standard(city);
    for (uint64_t i = 0; i < 2; i++) {
        fixture_merchant(city, i + 1);
        fixture_till(city, &all->tills[i], i + 1, i + 1);
    }
    fixture_purse(city, &all->known, 1, 1, 2);
    fixture_purse(city, &all->anonymous, 2, 1, 1);
    fixture_purse(city, &all->parker, 3, 2, 2);
    EXPECT(fixture_issue(city, &all->known, 8000, 2000) == STATUS_OK);
    EXPECT(fixture_issue(city, &all->anonymous, 1500, 0) == STATUS_OK);
    EXPECT(fixture_issue(city, &all->anonymous, 700, 0) == STATUS_OK);
    all->lot = 2 * city->result.first; /* the entry's paid lot */
    EXPECT(fixture_issue(city, &all->parker, 2000, 0) == STATUS_OK);
    EXPECT(fixture_allowance(city, &all->known, 4000) == STATUS_OK);
    EXPECT(fixture_allowance(city, &all->anonymous, 1000) == STATUS_OK);
    fixture_sale(city, &all->settled, &all->known, &all->tills[0], 700);
    EXPECT(fixture_sync(city, &all->tills[0]) == STATUS_OK);
}

static inline void
letters_files(struct letters *all)
{
    static const char *const names[2] = {"store/data.mdb", "checkpoint"};
    static const char *const copies[2] = {"saved.mdb", "saved"};

    for (size_t i = 0; i < 2; i++) {
        scratch_path(all->used[i], all->city.folder, names[i]);
        scratch_path(all->saved[i], all->city.folder, copies[i]);
    }
}

/* Puts the city back to where the letters find it. */
static inline void
letters_restore(struct letters *all)
{
    log_close(&all->city.log);
    store_close(&all->city.store);
    for (size_t i = 0; i < 2; i++)
        EXPECT(scratch_copy(all->used[i], all->saved[i]));
    fixture_reopen(&all->city);
    all->city.moment.time_unix_s = all->start_unix_s;
    all->city.moment.dry_run = false;
    all->city.calls = all->calls;
}

static inline void
letters_write(struct letters *all)
{
    letters_city(all);
    fixture_later(&all->city, 600);
    all->city.moment.dry_run = true;
    letters_of_offices(all);
    letters_of_tills(all);
    letters_of_purses(all);
    letters_of_payers(all);
    all->start_unix_s = all->city.moment.time_unix_s;
    all->calls = all->city.calls;
    letters_files(all);
    log_close(&all->city.log);
    store_close(&all->city.store);
    for (size_t i = 0; i < 2; i++)
        EXPECT(scratch_copy(all->saved[i], all->used[i]));
    letters_restore(all);
}

#endif
