#include "merchant/run.h"

#include <stdio.h>

#include "ledger/log.h"
#include "protocol/file.h"

static enum status
print_status(const struct command_line *line, struct till *till)
{
    struct tally_room room;
    struct store_txn txn;
    char words[COMMAND_MONEY_SIZE];
    char when[COMMAND_TIME_SIZE];
    uint64_t size = 0;
    enum status status = till_ready(till);

    if (status == STATUS_OK)
        status = store_begin_read(&txn, &till->store);
    if (status != STATUS_OK)
        return status;
    status = log_size(&size, &txn);
    store_abort(&txn);
    tally_room(&room, &till->tally, &till->certificate, till_parameters(till, line->now_unix_s),
               till->denied.time_unix_s, line->now_unix_s);
    printf("%s %llu: %.*s\n", command_words(line, "Kasse", "Till"),
           (unsigned long long)till->certificate.till, (int)till->certificate.title.len,
           (const char *)till->certificate.title.data);
    command_time(when, till->meta.anchor_time);
    printf("%s: %s\n", command_words(line, "Letzter Abgleich", "Last synchronised"),
           till->meta.anchor_time == 0 ? "-" : when);
    command_time(when, till->denied.time_unix_s);
    printf("%s: %llu, %s\n", command_words(line, "Sperrliste", "Deny list"),
           (unsigned long long)till->denied.version, till->denied.time_unix_s == 0 ? "-" : when);
    printf("%s: %llu\n", command_words(line, "Noch nicht gesendet", "Not sent yet"),
           (unsigned long long)(size - till->meta.acknowledged));
    command_money(words, line, room.cents);
    printf("%s: %s, %llu%s\n", command_words(line, "Ohne Netz noch möglich", "Room offline"), words,
           (unsigned long long)room.count,
           room.none    ? command_words(line, " (erst abgleichen)", " (synchronise first)")
           : room.stale ? command_words(line, " (Sperrliste veraltet)", " (deny list is old)")
                        : "");
    return status;
}

enum status
run_status(const struct command_line *line)
{
    static struct till till;
    enum status status = run_open(&till, line);

    if (status != STATUS_OK)
        return status;
    status = print_status(line, &till);
    till_close(&till);
    return status;
}

static enum status
print_sale(const struct command_line *line, const struct drawer_sale *sale)
{
    struct money amount = MONEY_ZERO;
    char words[COMMAND_MONEY_SIZE];
    char refunded[COMMAND_MONEY_SIZE];
    char when[COMMAND_TIME_SIZE];
    char hex[2 * DIGEST_SIZE + 1];
    enum status status = money_from_cents(&amount, sale->to - sale->from);

    if (status != STATUS_OK)
        return status;
    command_money(words, line, amount);
    command_money(refunded, line, sale->refunded);
    command_time(when, sale->time);
    command_to_hex(hex, sale->transfer.bytes, sizeof sale->transfer.bytes);
    printf("%s  %s  %s%s%s  %s\n", when, words,
           sale->voided != 0 ? command_words(line, "storniert", "voided")
           : sale->confirmed != 0
               ? command_words(line, "bestätigt", "confirmed")
               : command_words(line, "bezahlt, noch nicht abgeglichen", "paid, not synchronised"),
           sale->refunds > 0 ? command_words(line, ", erstattet ", ", refunded ") : "",
           sale->refunds > 0 ? refunded : "", hex);
    return STATUS_OK;
}

enum status
run_list(const struct command_line *line)
{
    static struct till till;
    struct drawer_sale sale;
    struct store_txn txn;
    uint64_t index = 0;
    bool first = true;
    enum status status = run_open(&till, line);

    if (status != STATUS_OK)
        return status;
    status = store_begin_read(&txn, &till.store);
    if (status == STATUS_OK) {
        while ((status = drawer_next_sale(&sale, &txn, false, first ? NULL : &index)) ==
               STATUS_OK) {
            first = false;
            index = sale.index;
            status = print_sale(line, &sale);
            if (status != STATUS_OK)
                break;
        }
        store_abort(&txn);
    }
    till_close(&till);
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

enum status
run_verify(const struct command_line *line)
{
    static struct till till;
    struct store_txn txn;
    char path[FILE_PATH_MAX];
    uint64_t bad = UINT64_MAX;
    uint64_t size = 0;
    enum status status = run_open(&till, line);

    if (status != STATUS_OK)
        return status;
    status = till_ready(&till);
    if (status == STATUS_OK)
        status = file_path(path, till.dir, "checkpoint");
    if (status == STATUS_OK)
        status = store_begin_read(&txn, &till.store);
    if (status == STATUS_OK) {
        status = log_verify(&bad, &txn, &till.note_key, path);
        if (status == STATUS_OK)
            status = log_size(&size, &txn);
        store_abort(&txn);
    }
    till_close(&till);
    if (status == STATUS_OK)
        printf("%s: %llu\n", command_words(line, "Geprüfte Einträge", "Entries verified"),
               (unsigned long long)size);
    else if (bad != UINT64_MAX)
        printf("entry %llu\n", (unsigned long long)bad);
    return status;
}

enum status
run_vkey(const struct command_line *line)
{
    static struct till till;
    char vkey[NOTE_VKEY_MAX];
    size_t len = 0;
    enum status status = run_open(&till, line);

    if (status != STATUS_OK)
        return status;
    status = till_ready(&till);
    if (status == STATUS_OK)
        note_key_format(vkey, &len, &till.note_key);
    till_close(&till);
    if (status == STATUS_OK)
        printf("%.*s\n", (int)len, vkey);
    return status;
}
