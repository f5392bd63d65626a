#include "run.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "backup.h"
#include "export.h"
#include "progress.h"
#include "protocol/keyfile.h"
#include "verify.h"

/* The key of the checkpoint in its text form, and where it is from. */
static void
print_key(const struct command_line *line, const struct verify_report *report)
{
    const bool given = command_value(line, "--vkey") != NULL;
    const struct span origin = {(const uint8_t *)report->origin, strlen(report->origin)};
    struct note_key key;
    char vkey[NOTE_VKEY_MAX];
    size_t len;

    if (!report->key_known || note_key_make(&key, NOTE_ED25519, origin, &report->key) != STATUS_OK)
        return;
    note_key_format(vkey, &len, &key);
    printf("%s: %.*s\n", command_words(line, "Prüfschlüssel", "verifier key"), (int)len, vkey);
    if (!given)
        printf("%s\n",
               command_words(line,
                             "Dieser Schlüssel stammt aus dem Buch selbst. Wem er gehört, zeigt "
                             "nur der Vergleich mit dem veröffentlichten: --vkey.",
                             "This key comes from the log itself. Whose it is, only the published "
                             "one can tell: --vkey."));
}

static void
print_good(const struct command_line *line, const struct verify_report *report)
{
    char hex[2 * DIGEST_SIZE + 1];
    char words[COMMAND_MONEY_SIZE];

    printf("%s: %s\n", command_words(line, "Buch", "log"), report->origin);
    command_to_hex(hex, report->root.bytes, sizeof report->root.bytes);
    printf("%s: %llu, %s %s\n", command_words(line, "Einträge", "entries"),
           (unsigned long long)report->size, command_words(line, "Wurzel", "root"), hex);
    if (report->kept > 0)
        printf("%s: %llu\n",
               command_words(line, "davon schon früher geprüft", "of these verified before"),
               (unsigned long long)report->kept);
    printf("%s: %llu, %s: %llu\n", command_words(line, "Guthaben", "allowances"),
           (unsigned long long)report->lines, command_words(line, "Zahlungen", "transfers"),
           (unsigned long long)report->transfers);
    for (size_t i = 0; i < 2; i++) {
        command_money(words, line, report->balance[i]);
        printf("%s: %s\n",
               i == 0 ? command_words(line, "Bank, Gutscheine", "bank, vouchers")
                      : command_words(line, "Bank, Parken", "bank, parking"),
               words);
    }
    command_to_hex(hex, report->state.bytes, sizeof report->state.bytes);
    printf("%s: %s\n", command_words(line, "Stand", "state"), hex);
    print_key(line, report);
    printf("%s\n",
           command_words(line,
                         "In Ordnung: jeder Eintrag, jede Unterschrift, jede Regel, jeder "
                         "Cent.",
                         "In order: every entry, every signature, every rule, every cent."));
}

static void
print_finding(const struct command_line *line, const struct verify_report *report,
              enum status status)
{
    const char *kind = apply_kind_name(report->bad_kind);

    if (report->bad_index != VERIFY_NO_ENTRY)
        printf("entry %llu%s%s%s: %s\n", (unsigned long long)report->bad_index,
               kind == NULL ? "" : " (", kind == NULL ? "" : kind, kind == NULL ? "" : ")",
               status_name(status));
    if (report->where != NULL)
        printf("%s: %s%s%s\n", command_words(line, "Befund", "finding"),
               report->file == NULL ? "" : report->file, report->file == NULL ? "" : ": ",
               command_words(line, report->where_german, report->where));
}

/* An export that lacks `entries` is one all the same. */
static bool
is_export(const char *dir)
{
    static const char *const names[] = {"entries", "hashes", "balances.json"};
    char path[FILE_PATH_MAX];

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (file_path(path, dir, names[i]) == STATUS_OK && access(path, F_OK) == 0)
            return true;
    }
    return false;
}

static bool
is_url(const char *text)
{
    return strncmp(text, "http://", 7) == 0 || strncmp(text, "https://", 8) == 0;
}

static enum status
read_options(struct verify_options *out, struct note_key *key, const struct command_line *line)
{
    const char *const vkey = command_value(line, "--vkey");
    const char *const threads = command_value(line, "--threads");
    uint64_t number = verify_cores();
    enum status status = STATUS_OK;

    if (threads != NULL)
        status = command_number(&number, threads, VERIFY_THREADS_MAX);
    if (status == STATUS_OK && number == 0)
        status = STATUS_USAGE;
    if (status == STATUS_OK && vkey != NULL)
        status = note_key_parse(key, (struct span){(const uint8_t *)vkey, strlen(vkey)});
    out->threads = (unsigned)number;
    out->key = vkey == NULL ? NULL : key;
    out->kept = command_value(line, "--state");
    out->authorities = command_value(line, "--authorities");
    return status;
}

enum status
run_verify(const struct command_line *line)
{
    static struct verify_report report;
    const char *const place = line->arguments[0];
    struct progress progress;
    struct verify_options options = {.progress = progress_show, .context = &progress};
    struct note_key key;
    enum status status = read_options(&options, &key, line);

    if (status != STATUS_OK)
        return status;
    progress_open(&progress, line->english);
    if (is_url(place))
        status = verify_node(&report, place, &options);
    else if (is_export(place))
        status = verify_export_with(&report, place, &options);
    else
        status = verify_directory_with(&report, place, &options);
    progress_close(&progress);
    if (status == STATUS_OK)
        print_good(line, &report);
    else
        print_finding(line, &report, status);
    return status;
}

enum status
run_backup(const struct command_line *line)
{
    static struct verify_report report;
    const enum status status =
        backup_make(&report, line->arguments[1], line->arguments[0],
                    command_value(line, "--with-keys") != NULL, line->now_unix_s);

    if (status == STATUS_OK)
        print_good(line, &report);
    else
        print_finding(line, &report, status);
    return status;
}

enum status
run_export(const struct command_line *line)
{
    static struct apply apply;
    struct store store;
    struct store_txn txn;
    char path[FILE_PATH_MAX];
    enum status status = file_path(path, line->arguments[0], "store");

    if (status == STATUS_OK)
        status = store_open_reading(&store, path);
    if (status != STATUS_OK)
        return status;
    status = store_begin_read(&txn, &store);
    if (status == STATUS_OK) {
        status = apply_begin(&apply, &txn);
        if (status == STATUS_OK)
            status = export_write(line->arguments[1], &txn, &apply.state);
        store_abort(&txn);
    }
    store_close(&store);
    return status;
}

/* From the key file and genesis: no passphrase needed. */
enum status
run_vkey(const struct command_line *line)
{
    struct store store;
    struct store_txn txn;
    struct note_key note_key;
    struct public_key key;
    char path[FILE_PATH_MAX];
    char origin[NOTE_NAME_MAX + 1];
    char vkey[NOTE_VKEY_MAX];
    uint64_t network;
    size_t len;
    enum status status = city_key_path(path, line->arguments[0], "checkpoint");

    if (status == STATUS_OK)
        status = keyfile_public(&key, path);
    if (status == STATUS_OK)
        status = file_path(path, line->arguments[0], "store");
    if (status == STATUS_OK)
        status = store_open_reading(&store, path);
    if (status != STATUS_OK)
        return status;
    status = store_begin_read(&txn, &store);
    if (status == STATUS_OK) {
        status = city_genesis(&network, origin, &txn);
        store_abort(&txn);
    }
    store_close(&store);
    if (status == STATUS_OK)
        status = note_key_make(&note_key, NOTE_ED25519,
                               (struct span){(const uint8_t *)origin, strlen(origin)}, &key);
    if (status != STATUS_OK)
        return status;
    note_key_format(vkey, &len, &note_key);
    printf("%.*s\n", (int)len, vkey);
    return STATUS_OK;
}
