#include "run.h"

#include <stdio.h>
#include <string.h>

#include "book.h"

/* Reading goes beside a running node: no key, no lock. */
static struct store store;
static struct store_txn txn;
static struct apply apply;

static enum status
open_reading(const struct command_line *line)
{
    char path[FILE_PATH_MAX];
    enum status status = file_path(path, line->arguments[0], "store");

    if (status == STATUS_OK)
        status = store_open_reading(&store, path);
    if (status != STATUS_OK)
        return status;
    status = store_begin_read(&txn, &store);
    if (status == STATUS_OK) {
        status = apply_begin(&apply, &txn);
        if (status != STATUS_OK)
            store_abort(&txn);
    }
    if (status != STATUS_OK)
        store_close(&store);
    return status;
}

static void
close_reading(void)
{
    store_abort(&txn);
    store_close(&store);
}

/* --- tables ------------------------------------------------------------------------------------
 */

static enum status
show_accounts(const struct command_line *line)
{
    struct book_account account;
    struct money balance;
    char name[BOOK_NAME_MAX];
    char words[COMMAND_MONEY_SIZE];

    memset(&account, 0, sizeof account);
    while (book_next(&account, &balance, &apply.state)) {
        if (money_is_zero(balance))
            continue;
        book_name(name, &account);
        command_money(words, line, balance);
        printf("%-70s %s\n", name, words);
    }
    return state_status(&apply.state);
}

static void
begin_walk(struct record_walk *walk, enum state_table table)
{
    struct state_key prefix;

    state_key_begin(&prefix, table);
    record_walk_begin(walk, &apply.state, &prefix);
}

static enum status
show_purses(const struct command_line *line)
{
    static struct record_purse purse;
    struct record_walk walk;
    struct span key;
    struct span value;

    begin_walk(&walk, STATE_PURSE);
    while (record_walk_next(&walk, &key, &value)) {
        uint8_t id[RECORD_PURSE_SIZE];
        char hex[2 * RECORD_PURSE_SIZE + 1];

        memcpy(id, key.data + 1, sizeof id);
        if (!record_purse_get(&purse, &apply.state, id))
            break;
        command_to_hex(hex, id, sizeof id);
        printf("%s  %s  %s %llu  %s %zu\n", hex,
               purse.class == 1 ? command_words(line, "Gutschein", "voucher")
                                : command_words(line, "Parken", "parking"),
               command_words(line, "Stufe", "tier"), (unsigned long long)purse.tier,
               command_words(line, "Geräte", "devices"), purse.devices_count);
    }
    return state_status(&apply.state);
}

static void
print_line(const struct command_line *line, const struct record_line *record)
{
    char hex[2 * KID_SIZE + 1];
    char until[COMMAND_TIME_SIZE];

    command_to_hex(hex, record->id.bytes, sizeof record->id.bytes);
    command_time(until, record->end);
    printf("%s  A %llu  %s %llu  %s %llu  F %llu  %s%s%s%s  %s %s\n", hex,
           (unsigned long long)record->cents, command_words(line, "gebucht", "settled"),
           (unsigned long long)record->settled, command_words(line, "Schuld", "debt"),
           (unsigned long long)record->debt, (unsigned long long)record->fund,
           record->flags & RECORD_LINE_CLOSED ? "closed " : "open ",
           record->flags & RECORD_LINE_FROZEN ? "frozen " : "",
           record->flags & RECORD_LINE_LOST ? "lost " : "",
           record->flags & RECORD_LINE_DENIED ? "denied" : "", command_words(line, "bis", "until"),
           until);
}

static enum status
show_lines(const struct command_line *line)
{
    struct record_walk walk;
    struct span key;
    struct span value;

    begin_walk(&walk, STATE_LINE);
    while (record_walk_next(&walk, &key, &value)) {
        struct kid id;

        memcpy(id.bytes, key.data + 1, sizeof id.bytes);
        if (!record_line_get(&apply.line, &apply.state, &id))
            break;
        print_line(line, &apply.line);
    }
    return state_status(&apply.state);
}

static enum status
show_tills(const struct command_line *line)
{
    struct record_walk walk;
    struct span key;
    struct span value;

    begin_walk(&walk, STATE_TILL);
    while (record_walk_next(&walk, &key, &value)) {
        const uint64_t number = state_key_read(key, 1, key.len - 1);
        char when[COMMAND_TIME_SIZE];

        if (!record_till_get(&apply.till, &apply.state, number))
            break;
        command_time(when, apply.till.anchor_time);
        printf("%s %llu  %s %llu  %s %llu  %s %s%s%s\n", command_words(line, "Kasse", "till"),
               (unsigned long long)number, command_words(line, "Händler", "merchant"),
               (unsigned long long)apply.till.merchant, command_words(line, "Einträge", "entries"),
               (unsigned long long)apply.till.size,
               command_words(line, "abgeglichen", "synchronised"),
               apply.till.anchor_time == 0 ? "-" : when,
               apply.till.broken != 0 ? command_words(line, "  Regel gebrochen", "  broke a rule")
                                      : "",
               apply.till.revoked != 0 ? command_words(line, "  abgemeldet", "  revoked") : "");
    }
    return state_status(&apply.state);
}

static enum status
show_series(const struct command_line *line)
{
    struct record_walk walk;
    struct record_series series;
    struct span key;
    struct span value;
    char budget[COMMAND_MONEY_SIZE];
    char issued[COMMAND_MONEY_SIZE];

    begin_walk(&walk, STATE_SERIES);
    while (record_walk_next(&walk, &key, &value)) {
        const uint64_t number = state_key_read(key, 1, key.len - 1);

        if (!record_series_get(&series, &apply.state, number))
            break;
        command_money(budget, line, series.budget);
        command_money(issued, line, series.issued);
        printf("%s %llu  %s %s  %s %s\n", command_words(line, "Programm", "series"),
               (unsigned long long)number, command_words(line, "Budget", "budget"), budget,
               command_words(line, "ausgegeben", "issued"), issued);
    }
    return state_status(&apply.state);
}

/* --- the log -----------------------------------------------------------------------------------
 */

static enum status
show_entry(const struct command_line *line)
{
    uint64_t index = 0;
    const enum status status = line->count != 3
                                   ? STATUS_USAGE
                                   : command_number(&index, line->arguments[2], MONEY_CENTS_MAX);

    return status == STATUS_OK ? run_entry(&txn, index) : status;
}

static enum status
show_log(const struct command_line *line)
{
    static struct msg_entry entry;
    uint64_t size;
    enum status status = log_size(&size, &txn);

    (void)line;
    for (uint64_t i = 0; i < size && status == STATUS_OK; i++) {
        struct span bytes;
        char when[COMMAND_TIME_SIZE];
        const char *kind;

        status = log_read(&bytes, &txn, i);
        if (status == STATUS_OK)
            status = schema_decode(&entry, &msg_entry_schema, bytes);
        if (status != STATUS_OK)
            break;
        kind = apply_kind_name(entry.kind);
        command_time(when, entry.time);
        printf("%8llu  %s  %s\n", (unsigned long long)i, when, kind == NULL ? "?" : kind);
    }
    return status;
}

static enum status
show_digest(const struct command_line *line)
{
    struct digest digest;
    char hex[2 * DIGEST_SIZE + 1];
    enum status status = state_digest(&digest, &apply.state);

    if (status != STATUS_OK)
        return status;
    command_to_hex(hex, digest.bytes, sizeof digest.bytes);
    printf("%s: %s\n", command_words(line, "Stand", "state"), hex);
    return STATUS_OK;
}

enum status
run_show(const struct command_line *line)
{
    static const struct {
        const char *name;
        enum status (*show)(const struct command_line *line);
    } things[] = {
        {"accounts", show_accounts}, {"purses", show_purses}, {"lines", show_lines},
        {"tills", show_tills},       {"series", show_series}, {"entry", show_entry},
        {"log", show_log},           {"digest", show_digest},
    };
    const char *wanted = line->count > 1 ? line->arguments[1] : "accounts";
    enum status status = open_reading(line);

    if (status != STATUS_OK)
        return status;
    status = STATUS_USAGE;
    for (size_t i = 0; i < sizeof things / sizeof things[0]; i++) {
        if (strcmp(things[i].name, wanted) == 0)
            status = things[i].show(line);
    }
    close_reading();
    return status;
}
