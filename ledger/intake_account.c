#include "intake_parts.h"

#include <string.h>

/* What is true for the owner of a purse or a merchant who asks: PROTOCOL.md section 21. */

/* How far the clock of whoever asks may be from the node's; seconds. */
#define QUESTION_SECONDS 300

/* --- who asks --- */

static enum status
check_time(uint64_t asked, uint64_t now)
{
    if (asked > now)
        return asked - now > QUESTION_SECONDS ? STATUS_CLOCK_AHEAD : STATUS_OK;
    return now - asked > QUESTION_SECONDS ? STATUS_CLOCK_BEHIND : STATUS_OK;
}

static enum status
check_merchant(struct apply *apply, const struct cose_message *message,
               const struct msg_question *question)
{
    struct record_merchant merchant;

    if (!record_merchant_get(&merchant, &apply->state, question->number))
        return STATUS_MERCHANT_UNKNOWN;
    return apply_verify(apply, message, &msg_question_schema, &merchant.key);
}

static enum status
check_purse(struct apply *apply, const struct cose_message *message,
            const struct msg_question *question, struct record_purse *purse)
{
    size_t device;

    if (!record_purse_get(purse, &apply->state, question->purse))
        return STATUS_PURSE_UNKNOWN;
    return apply_purse_signed(apply, &device, purse, message, &msg_question_schema);
}

/* --- what is told --- */

/* Lots with free cents in the order of their numbers, from the one that is asked for on. */
static void
list_lots(struct msg_account *account, struct apply *apply, const struct msg_question *question,
          uint64_t class)
{
    struct record_walk walk;
    struct state_key prefix;
    struct record_lot lot;
    uint64_t id;

    state_key_begin(&prefix, STATE_LOT);
    state_key_bytes(&prefix, question->purse, RECORD_PURSE_SIZE);
    record_walk_begin(&walk, &apply->state, &prefix);
    while (record_lot_next(&lot, &id, &walk)) {
        const struct book_account of = book_lot(class, question->purse, id);
        const struct money free = book_balance(&apply->state, &of);

        if (id < question->number || money_is_zero(free))
            continue;
        if (account->lots_count == MSG_LOTS_SHOWN) {
            account->more = 1;
            return;
        }
        account->lots[account->lots_count++] =
            (struct msg_lot_state){id, lot.series, free, lot.expiry, lot.restriction};
    }
}

static void
list_lines(struct msg_account *account, struct apply *apply, const struct msg_question *question)
{
    struct record_line *const line = &apply->line;
    struct record_walk walk;
    struct state_key prefix;
    struct span key;
    struct span value;

    state_key_begin(&prefix, STATE_LINE_OPEN);
    state_key_bytes(&prefix, question->purse, RECORD_PURSE_SIZE);
    record_walk_begin(&walk, &apply->state, &prefix);
    while (account->lines_count < MSG_LINES_SHOWN && record_walk_next(&walk, &key, &value)) {
        struct kid id;

        memcpy(id.bytes, key.data + prefix.len, KID_SIZE);
        if (!record_line_get(line, &apply->state, &id))
            continue;
        account->lines[account->lines_count++] = (struct msg_line_state){
            id, apply_cents(line->cents), apply_cents(line->settled), line->end,
            (line->flags & (RECORD_LINE_FROZEN | RECORD_LINE_LOST | RECORD_LINE_DENIED)) != 0};
    }
}

static void
tell_purse(struct msg_account *account, struct apply *apply, const struct msg_question *question,
           const struct record_purse *purse)
{
    const struct book_account claim = book_claim(purse->class, question->purse);

    list_lots(account, apply, question, purse->class);
    list_lines(account, apply, question);
    account->debt = book_balance(&apply->state, &claim);
}

static void
tell_merchant(struct msg_account *account, struct apply *apply, uint64_t merchant)
{
    for (uint64_t class = 1; class <= 2; class ++) {
        const struct book_account owed = book_numbered(BOOK_OWED, class, merchant);
        const struct book_account claim = book_numbered(BOOK_MERCHANT_CLAIM, class, merchant);

        account->owed[account->owed_count++] = (struct msg_owed_state){
            class, book_balance(&apply->state, &owed), book_balance(&apply->state, &claim),
            apply_money_next_payout(apply, class, merchant) - 1};
    }
}

enum status
intake_account_answer(struct intake *intake, struct span parcel, uint64_t time_unix_s)
{
    struct apply *const apply = &intake->apply;
    struct msg_account account;
    struct cose_message message;
    struct msg_question question;
    struct record_purse purse;
    enum status status = schema_decode(&intake->parcel, &msg_parcel_schema, parcel);

    if (status == STATUS_OK &&
        (intake->parcel.kind != MSG_PARCEL_ASK || intake->parcel.parts_count != 1))
        status = STATUS_MESSAGE_TYPE;
    if (status == STATUS_OK)
        status = msg_open(&message, &question, &msg_question_schema, apply->state.network,
                          intake->parcel.parts[0]);
    if (status == STATUS_OK)
        status = check_time(question.time, time_unix_s);
    if (status != STATUS_OK)
        return status;
    memset(&account, 0, sizeof account);
    account.network = apply->state.network;
    account.size = apply->state.head.size;
    account.time = time_unix_s;
    apply_id(apply, &account.question, &message, &msg_question_schema);
    if (question.about == MSG_ABOUT_PURSE) {
        status = check_purse(apply, &message, &question, &purse);
        if (status == STATUS_OK)
            tell_purse(&account, apply, &question, &purse);
    } else if (question.about == MSG_ABOUT_MERCHANT) {
        status = check_merchant(apply, &message, &question);
        if (status == STATUS_OK)
            tell_merchant(&account, apply, question.number);
    } else {
        status = STATUS_MESSAGE_TYPE;
    }
    return status == STATUS_OK ? intake_answer_account(intake, &account) : status;
}

enum status
intake_account_auditor(struct intake *intake, struct span in, uint64_t time_unix_s)
{
    struct apply *const apply = &intake->apply;
    struct cose_message message;
    struct msg_question question;
    enum status status =
        msg_open(&message, &question, &msg_question_schema, apply->state.network, in);

    if (status == STATUS_OK && question.about != MSG_ABOUT_ENTRIES)
        status = STATUS_MESSAGE_TYPE;
    if (status == STATUS_OK)
        status = check_time(question.time, time_unix_s);
    if (status != STATUS_OK)
        return status;
    return signer_check(NULL, &apply->state.signers, SIGNER_AUDIT, &message, &msg_question_schema,
                        apply->state.network, time_unix_s, time_unix_s);
}
