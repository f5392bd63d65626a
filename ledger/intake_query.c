#include "intake_parts.h"

#include <string.h>

static enum status
begin_reading(struct intake *intake)
{
    enum status status = store_begin_read(&intake->batch.txn, intake->log->store);

    if (status != STATUS_OK)
        return status;
    status = apply_begin(&intake->apply, &intake->batch.txn);
    if (status != STATUS_OK)
        store_abort(&intake->batch.txn);
    return status;
}

static enum status
finish_reading(struct intake *intake, struct span *out, enum status status)
{
    if (state_status(&intake->apply.state) != STATUS_OK)
        status = state_status(&intake->apply.state);
    store_abort(&intake->batch.txn);
    if (out != NULL)
        *out = status == STATUS_OK ? intake->result.answer : (struct span){NULL, 0};
    return status;
}

enum status
intake_city_parcel(struct intake *intake, struct span *out)
{
    enum status status = begin_reading(intake);

    *out = (struct span){NULL, 0};
    if (status != STATUS_OK)
        return status;
    if (intake->apply.state.network == 0)
        return finish_reading(intake, out, STATUS_NOT_FOUND);
    intake_answer_begin(intake, MSG_PARCEL_CITY);
    status = intake_answer_entry(intake, 0);
    if (status == STATUS_OK)
        status = intake_answer_city(intake, 0, intake->apply.state.head.size);
    if (status == STATUS_OK)
        status = intake_answer_end(intake);
    return finish_reading(intake, out, status);
}

enum status
intake_till_parcel(struct intake *intake, struct span *out, uint64_t till, uint64_t time_unix_s)
{
    enum status status = begin_reading(intake);

    *out = (struct span){NULL, 0};
    if (status != STATUS_OK)
        return status;
    return finish_reading(intake, out, intake_answer_till(intake, till, time_unix_s));
}

enum status
intake_news_parcel(struct intake *intake, struct span *out, uint64_t version, uint64_t time_unix_s)
{
    enum status status = begin_reading(intake);

    *out = (struct span){NULL, 0};
    if (status != STATUS_OK)
        return status;
    if (version > intake->apply.state.head.news)
        return finish_reading(intake, out, STATUS_NEWS_GAP);
    intake_answer_begin(intake, MSG_PARCEL_SYNC);
    status = intake_answer_news(intake, version, intake->apply.state.head.news, time_unix_s);
    if (status == STATUS_OK)
        status = intake_answer_end(intake);
    return finish_reading(intake, out, status);
}

enum status
intake_account_parcel(struct intake *intake, struct span *out, struct span question,
                      uint64_t time_unix_s)
{
    enum status status = begin_reading(intake);

    *out = (struct span){NULL, 0};
    if (status != STATUS_OK)
        return status;
    return finish_reading(intake, out, intake_account_answer(intake, question, time_unix_s));
}

enum status
intake_is_auditor(struct intake *intake, struct span message, uint64_t time_unix_s)
{
    enum status status = begin_reading(intake);

    if (status != STATUS_OK)
        return status;
    return finish_reading(intake, NULL, intake_account_auditor(intake, message, time_unix_s));
}

enum status
intake_payout_due(struct intake *intake, uint64_t *number, struct money *amount, uint64_t merchant,
                  uint64_t class)
{
    struct record_merchant record;
    enum status status = begin_reading(intake);

    *number = 0;
    *amount = MONEY_ZERO;
    if (status != STATUS_OK)
        return status;
    if (!record_merchant_get(&record, &intake->apply.state, merchant))
        return finish_reading(intake, NULL, STATUS_MERCHANT_UNKNOWN);
    *number = apply_money_next_payout(&intake->apply, class, merchant);
    *amount = apply_money_owed(&intake->apply, class, merchant);
    return finish_reading(intake, NULL, money_is_zero(*amount) ? STATUS_NOTHING_OWED : STATUS_OK);
}

enum status
intake_next_merchant(struct intake *intake, uint64_t *merchant)
{
    struct record_walk walk;
    struct state_key prefix;
    struct state_key from;
    struct span key;
    struct span value;
    enum status status = begin_reading(intake);

    if (status != STATUS_OK)
        return status;
    state_key_begin(&prefix, STATE_MERCHANT);
    from = prefix;
    state_key_number(&from, *merchant + 1, 4);
    record_walk_begin(&walk, &intake->apply.state, &prefix);
    if (!record_walk_seek(&walk, &key, &value, &from))
        return finish_reading(intake, NULL, STATUS_NOT_FOUND);
    *merchant = state_key_read(key, 1, 4);
    return finish_reading(intake, NULL, STATUS_OK);
}
