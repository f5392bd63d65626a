#include "apply_rules.h"

#include <assert.h>

/* Keys of numbers that may be used once. */
static void
once_key(struct state_key *key, enum state_table table, uint64_t first, uint64_t number)
{
    state_key_begin(key, table);
    state_key_number(key, first, 4);
    state_key_number(key, number, 4);
}

static bool
used(struct apply *apply, const struct state_key *key)
{
    uint64_t index;

    return state_number(&index, &apply->state, key);
}

enum status
apply_money_series(struct apply *apply)
{
    struct msg_series series;
    struct record_series record;
    enum status status = apply_act(apply, &series, &msg_series_schema);

    if (status != STATUS_OK)
        return status;

    const bool there = record_series_get(&record, &apply->state, series.series);

    if (series.version != record.version + 1)
        return STATUS_REPLAY;
    if (there && series.class != record.class)
        return STATUS_CLASS;
    if (money_compare(series.budget, record.issued) < 0)
        return STATUS_BUDGET;
    record.version = series.version;
    record.class = series.class;
    record.budget = series.budget;
    record.percent = series.percent;
    record.restriction = series.restriction;
    record.from = series.from;
    record.until = series.until;
    record_series_put(&apply->state, series.series, &record);
    return STATUS_OK;
}

enum status
apply_money_funding(struct apply *apply)
{
    struct msg_funding funding;
    struct record_series series;
    struct state_key key;
    struct book_account credit;
    enum status status = apply_act(apply, &funding, &msg_funding_schema);

    if (status != STATUS_OK)
        return status;
    once_key(&key, STATE_FUNDING, funding.class, funding.number);
    if (used(apply, &key))
        return STATUS_REPLAY;
    if (funding.purpose == 1) {
        if (!record_series_get(&series, &apply->state, funding.series))
            return STATUS_SERIES_UNKNOWN;
        if (series.class != funding.class)
            return STATUS_CLASS;
        credit = book_numbered(BOOK_SUBSIDY, funding.class, funding.series);
    } else {
        credit = book_plain(funding.purpose == 2 ? BOOK_FUND : BOOK_UNCLEAR, funding.class);
    }
    status = apply_post(apply, book_plain(BOOK_BANK, funding.class), credit, funding.amount);
    if (status == STATUS_OK)
        state_set_number(&apply->state, &key, apply->index);
    return status;
}

/* --- issue --- */

static enum status
check_issue(struct apply *apply, const struct msg_issue *issue, const struct record_series *series,
            struct money *issued)
{
    const uint64_t t = apply->entry.time;
    const struct book_account unclear = book_plain(BOOK_UNCLEAR, series->class);
    const struct book_account subsidy = book_numbered(BOOK_SUBSIDY, series->class, issue->series);
    struct money sum;
    struct money most;

    if (money_is_zero(issue->paid) && money_is_zero(issue->promo))
        return STATUS_AMOUNT_ZERO;
    if ((!money_is_zero(issue->paid) && issue->paid_expiry <= t) ||
        (!money_is_zero(issue->promo) && issue->promo_expiry <= t))
        return STATUS_LOT_EXPIRED;
    if (money_add(&sum, issue->paid, issue->promo) != STATUS_OK ||
        money_percent(&most, sum, series->percent) != STATUS_OK ||
        money_compare(issue->promo, most) > 0)
        return STATUS_BUDGET;
    if (money_add(issued, series->issued, sum) != STATUS_OK ||
        money_compare(*issued, series->budget) > 0)
        return STATUS_BUDGET;
    if (money_compare(issue->paid, book_balance(&apply->state, &unclear)) > 0 ||
        money_compare(issue->promo, book_balance(&apply->state, &subsidy)) > 0)
        return STATUS_FUNDS;
    return STATUS_OK;
}

static enum status
issue_lot(struct apply *apply, const struct msg_issue *issue, const struct record_series *series,
          bool promo)
{
    const uint64_t id = 2 * apply->index + (promo ? 1 : 0);
    const struct money amount = promo ? issue->promo : issue->paid;
    const struct record_lot lot = {.series = issue->series,
                                   .class = series->class,
                                   .restriction = series->restriction,
                                   .expiry = promo ? issue->promo_expiry : issue->paid_expiry,
                                   .promo = promo};
    const struct book_account from = promo
                                         ? book_numbered(BOOK_SUBSIDY, series->class, issue->series)
                                         : book_plain(BOOK_UNCLEAR, series->class);

    if (money_is_zero(amount))
        return STATUS_OK;
    record_lot_put(&apply->state, issue->purse, id, &lot);
    return apply_post(apply, from, book_lot(series->class, issue->purse, id), amount);
}

enum status
apply_money_issue(struct apply *apply)
{
    struct msg_issue issue;
    struct record_series series;
    struct record_purse purse;
    struct state_key key;
    struct money issued;
    enum status status = apply_act(apply, &issue, &msg_issue_schema);

    if (status != STATUS_OK)
        return status;
    if (!record_series_get(&series, &apply->state, issue.series))
        return STATUS_SERIES_UNKNOWN;
    if (apply->entry.time < series.from || apply->entry.time >= series.until)
        return STATUS_SERIES_CLOSED;
    once_key(&key, STATE_ISSUE, issue.series, issue.number);
    if (used(apply, &key))
        return STATUS_REPLAY;
    if (!record_purse_get(&purse, &apply->state, issue.purse))
        return STATUS_PURSE_UNKNOWN;
    if (purse.class != series.class)
        return STATUS_CLASS;
    status = check_issue(apply, &issue, &series, &issued);
    if (status == STATUS_OK)
        status = issue_lot(apply, &issue, &series, false);
    if (status == STATUS_OK)
        status = issue_lot(apply, &issue, &series, true);
    if (status != STATUS_OK)
        return status;
    series.issued = issued;
    record_series_put(&apply->state, issue.series, &series);
    state_set_number(&apply->state, &key, apply->index);
    return STATUS_OK;
}

/* --- review --- */

enum status
apply_money_review(struct apply *apply)
{
    struct msg_review review;
    struct record_transfer record;
    enum status status = apply_act(apply, &review, &msg_review_schema);

    if (status != STATUS_OK)
        return status;
    if (!record_transfer_get(&record, &apply->state, &review.transfer) ||
        record.outcome == LINE_CANCELLED)
        return STATUS_TRANSFER_UNKNOWN;
    if (record.outcome == LINE_REVERSED)
        return STATUS_VOIDED;
    if (record.outcome != LINE_REVIEW)
        return STATUS_ALREADY_SETTLED;

    const struct book_account fund = book_plain(BOOK_FUND, record.class);
    const uint64_t amount = record.to - record.from;

    if (review.decision == 1 &&
        money_compare(book_balance(&apply->state, &fund), apply_cents(amount)) < 0)
        return STATUS_FUNDS;
    return apply_settle_reviewed(apply, &record, review.decision == 1);
}

/* --- payout --- */

static void
payout_key(struct state_key *key, uint64_t class, uint64_t merchant)
{
    state_key_begin(key, STATE_PAYOUT);
    state_key_number(key, class, 1);
    state_key_number(key, merchant, 4);
}

uint64_t
apply_money_next_payout(struct apply *apply, uint64_t class, uint64_t merchant)
{
    struct state_key key;
    uint64_t last;

    payout_key(&key, class, merchant);
    return state_number(&last, &apply->state, &key) ? last + 1 : 1;
}

struct money
apply_money_owed(struct apply *apply, uint64_t class, uint64_t merchant)
{
    const struct book_account owed = book_numbered(BOOK_OWED, class, merchant);
    const struct book_account claim = book_numbered(BOOK_MERCHANT_CLAIM, class, merchant);
    struct money net;

    if (money_sub(&net, book_balance(&apply->state, &owed), book_balance(&apply->state, &claim)) !=
        STATUS_OK)
        return MONEY_ZERO;
    return net;
}

enum status
apply_money_payout(struct apply *apply)
{
    struct msg_payout payout;
    struct record_merchant merchant;
    struct state_key key;
    enum status status = apply_act(apply, &payout, &msg_payout_schema);

    if (status != STATUS_OK)
        return status;
    if (!record_merchant_get(&merchant, &apply->state, payout.merchant))
        return STATUS_MERCHANT_UNKNOWN;
    if (payout.number != apply_money_next_payout(apply, payout.class, payout.merchant))
        return STATUS_REPLAY;

    const struct money net = apply_money_owed(apply, payout.class, payout.merchant);
    const struct book_account owed = book_numbered(BOOK_OWED, payout.class, payout.merchant);
    const struct book_account claim =
        book_numbered(BOOK_MERCHANT_CLAIM, payout.class, payout.merchant);

    if (money_is_zero(net))
        return STATUS_NOTHING_OWED;
    if (money_compare(net, payout.amount) != 0)
        return STATUS_PAYOUT_AMOUNT;
    status = apply_post(apply, owed, claim, book_balance(&apply->state, &claim));
    if (status == STATUS_OK)
        status =
            apply_post(apply, owed, book_numbered(BOOK_PAYOUT, payout.class, payout.merchant), net);
    if (status != STATUS_OK)
        return status;
    payout_key(&key, payout.class, payout.merchant);
    state_set_number(&apply->state, &key, payout.number);
    return STATUS_OK;
}
