#include "wallet/run.h"

#include <stdio.h>

static enum status
print_line(const struct command_line *line, const struct wallet *wallet,
           const struct pocket_line *pocket)
{
    struct cose_message message;
    struct msg_allowance certificate;
    struct money left = MONEY_ZERO;
    char words[COMMAND_MONEY_SIZE];
    char until[COMMAND_TIME_SIZE];
    char hex[2 * KID_SIZE + 1];
    uint64_t end;
    struct kid id;
    enum status status;

    crypt_kid(&id, &pocket->key);
    command_to_hex(hex, id.bytes, sizeof id.bytes);
    if (pocket->state != POCKET_LINE_OPEN) {
        printf("%s  %s\n", hex,
               pocket->state == POCKET_LINE_ASKED
                   ? command_words(line, "angefragt", "asked for")
                   : command_words(line, "nicht mehr in Gebrauch", "retired"));
        return STATUS_OK;
    }
    status = msg_open(&message, &certificate, &msg_allowance_schema, wallet->meta.network,
                      pocket->certificate);
    if (status == STATUS_OK)
        status = money_from_cents(&left, money_cents(certificate.amount) - pocket->cursor);
    if (status != STATUS_OK)
        return STATUS_STORE_BROKEN;
    command_money(words, line, left);
    end = certificate.from + certificate.hours * 3600;
    command_time(until, end);
    if (line->now_unix_s < end)
        printf("%s  %s  %s %s\n", hex, words, command_words(line, "bis", "until"), until);
    else
        printf("%s  %s  %s %s\n    %s\n", hex, words,
               command_words(line, "abgelaufen am", "ended on"), until,
               command_words(line,
                             "Bitte im Netz erneuern (ask ... renewal) oder neues holen (ask ... "
                             "allowance); das Geld ist nicht verloren.",
                             "Please renew it online (ask ... renewal) or fetch a new one (ask ... "
                             "allowance); the money is not lost."));
    return STATUS_OK;
}

/* How many messages were sent, or were to be, and have no answer yet. */
static enum status
print_waiting(const struct command_line *line, struct store_txn *txn)
{
    struct digest wish;
    size_t count = 0;
    enum status status = pocket_next_waiting(&wish, txn, NULL);

    while (status == STATUS_OK) {
        count++;
        status = pocket_next_waiting(&wish, txn, &wish);
    }
    if (status == STATUS_NOT_FOUND && count > 0)
        printf("%s: %zu (take --server)\n",
               command_words(line, "Warten auf Antwort der Stadt", "Waiting for the city's answer"),
               count);
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

enum status
run_show(const struct command_line *line)
{
    static struct wallet wallet;
    struct pocket_line pocket;
    struct store_txn txn;
    struct kid id;
    char hex[33];
    bool first = true;
    enum status status = wallet_open(&wallet, line->arguments[0]);

    if (status != STATUS_OK)
        return status;
    command_to_hex(hex, wallet.meta.purse, sizeof wallet.meta.purse);
    printf("%s %s (%s)\n", command_words(line, "Konto", "Purse"), hex,
           run_class_words(line, wallet.meta.class));
    if (wallet.meta.restored != 0)
        printf("%s\n", command_words(line, status_german(STATUS_RESTORED),
                                     status_english(STATUS_RESTORED)));
    status = store_begin_read(&txn, &wallet.store);
    if (status == STATUS_OK) {
        while ((status = pocket_next_line(&pocket, &txn, first ? NULL : &id)) == STATUS_OK) {
            first = false;
            crypt_kid(&id, &pocket.key);
            status = print_line(line, &wallet, &pocket);
            if (status != STATUS_OK)
                break;
        }
        if (status == STATUS_NOT_FOUND)
            status = print_waiting(line, &txn);
        store_abort(&txn);
    }
    wallet_close(&wallet);
    return status;
}

static const char *
state_words(const struct command_line *line, uint64_t state)
{
    switch (state) {
    case POCKET_PAYMENT_ACCEPTED:
        return command_words(line, "bezahlt", "paid");
    case POCKET_PAYMENT_CANCELLED:
        return command_words(line, "abgebrochen", "cancelled");
    case POCKET_PAYMENT_SETTLED:
        return command_words(line, "gebucht", "settled");
    default:
        return command_words(line, "in der Schwebe", "signed, not settled");
    }
}

static enum status
print_payment(const struct command_line *line, const struct wallet *wallet,
              const struct pocket_payment *payment)
{
    struct cose_message message;
    struct msg_till till;
    struct money amount = MONEY_ZERO;
    char words[COMMAND_MONEY_SIZE];
    char when[COMMAND_TIME_SIZE];
    char hex[2 * DIGEST_SIZE + 1];
    enum status status =
        msg_open(&message, &till, &msg_till_schema, wallet->meta.network, payment->till);

    if (status == STATUS_OK)
        status = money_from_cents(&amount, payment->to - payment->from);
    if (status != STATUS_OK)
        return STATUS_STORE_BROKEN;
    command_money(words, line, amount);
    command_time(when, payment->time);
    command_to_hex(hex, payment->id.bytes, sizeof payment->id.bytes);
    printf("%s  %s  %.*s  %s  %s\n", when, words, (int)till.title.len,
           (const char *)till.title.data, state_words(line, payment->state), hex);
    return STATUS_OK;
}

enum status
run_list(const struct command_line *line)
{
    static struct wallet wallet;
    struct pocket_payment payment;
    struct store_txn txn;
    enum status status = wallet_open(&wallet, line->arguments[0]);

    if (status != STATUS_OK)
        return status;
    status = store_begin_read(&txn, &wallet.store);
    for (uint64_t i = 0; status == STATUS_OK && i < wallet.meta.payments; i++) {
        status = pocket_nth_payment(&payment, &txn, i);
        if (status == STATUS_OK)
            status = print_payment(line, &wallet, &payment);
    }
    if (txn.store != NULL)
        store_abort(&txn);
    wallet_close(&wallet);
    return status;
}
