#include "verify.h"

#include <assert.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apply.h"
#include "book.h"
#include "city.h"
#include "export.h"
#include "ledger/log.h"
#include "ledger/store.h"
#include "protocol/checkpoint.h"
#include "protocol/file.h"
#include "protocol/merkle.h"

/* Of the temporary store: it is the state alone, never larger than the log it follows from, and
 * LMDB wants room for the pages of one transaction. */
#define MAP_BYTES_LEAST (UINT64_C(1) << 30)
#define MAP_TIMES 4
/* Entries for one commit of the temporary store. */
#define ENTRIES_EACH 2000
#define PROGRESS_EACH 1000

/* Where entries come from. `read` gives NOT_FOUND behind the last one. */
struct source {
    enum status (*read)(struct source *source, struct span *entry, uint64_t index);
    uint64_t size;   /* entries; 0 when it is not known */
    uint64_t volume; /* bytes that they take, about */
    struct store_txn *txn;
    FILE *entries;
    FILE *hashes;
    uint8_t bytes[MSG_ENTRY_MAX];
};

/* One verification. */
struct verifying {
    struct verify_report *report;
    struct source *source;
    verify_progress *progress;
    void *context;
    char folder[FILE_PATH_MAX];
    struct store store;
    struct merkle_frontier tree;
};

static enum status
finding(struct verify_report *report, enum status status, const char *where,
        const char *where_german)
{
    report->where = where;
    report->where_german = where_german;
    return status;
}

/* --- the temporary store -----------------------------------------------------------------------
 */

static enum status
make_folder(struct verifying *verifying)
{
    const char *base = getenv("TMPDIR");
    char path[FILE_PATH_MAX];
    const int len = snprintf(verifying->folder, sizeof verifying->folder, "%s/verify-XXXXXX",
                             base == NULL || base[0] == '\0' ? "/tmp" : base);
    enum status status;

    if (len < 0 || (size_t)len >= sizeof verifying->folder || mkdtemp(verifying->folder) == NULL) {
        verifying->folder[0] = '\0';
        return STATUS_IO;
    }
    status = file_path(path, verifying->folder, "store");
    if (status == STATUS_OK)
        status = store_create(path);
    if (status == STATUS_OK)
        status = store_open(&verifying->store, path,
                            MAP_BYTES_LEAST + MAP_TIMES * verifying->source->volume);
    return status;
}

/* Removes the files of a folder that has no folders, and the folder. */
static void
remove_flat(const char *path)
{
    char file[FILE_PATH_MAX];
    DIR *folder = opendir(path);
    const struct dirent *item;

    if (folder == NULL)
        return;
    while ((item = readdir(folder)) != NULL) {
        if (strcmp(item->d_name, ".") != 0 && strcmp(item->d_name, "..") != 0 &&
            file_path(file, path, item->d_name) == STATUS_OK)
            (void)unlink(file);
    }
    (void)closedir(folder);
    (void)rmdir(path);
}

static void
remove_folder(struct verifying *verifying)
{
    char path[FILE_PATH_MAX];

    store_close(&verifying->store);
    if (verifying->folder[0] == '\0')
        return;
    if (file_path(path, verifying->folder, "store") == STATUS_OK)
        remove_flat(path);
    remove_flat(verifying->folder);
}

/* --- replay ------------------------------------------------------------------------------------
 */

static struct apply apply;

static void
count(struct verify_report *report)
{
    report->lines += apply.entry.kind == APPLY_ALLOWANCE ? 1 : 0;
    report->transfers += apply.entry.kind == APPLY_SETTLE || apply.entry.kind == APPLY_LATE ? 1 : 0;
}

/* One transaction's worth; NOT_FOUND when there are no more entries. */
static enum status
replay_some(struct verifying *verifying, struct store_txn *txn)
{
    struct verify_report *report = verifying->report;
    enum status status = apply_begin(&apply, txn);

    for (unsigned i = 0; status == STATUS_OK && i < ENTRIES_EACH; i++) {
        struct span entry;
        struct digest leaf;

        status = verifying->source->read(verifying->source, &entry, report->size);
        if (status == STATUS_NOT_FOUND)
            return status;
        apply.entry.kind = 0;
        if (status == STATUS_OK)
            status = apply_entry(&apply, report->size, entry, &verifying->tree);
        if (status != STATUS_OK) {
            report->bad_index = report->size;
            report->bad_kind = apply.entry.kind;
            return finding(report, status, "entry breaks a rule", "Eintrag bricht eine Regel");
        }
        merkle_leaf(&leaf, entry);
        merkle_append(&verifying->tree, &leaf);
        count(report);
        report->size++;
        if (verifying->progress != NULL && report->size % PROGRESS_EACH == 0)
            verifying->progress(verifying->context, report->size, verifying->source->size);
    }
    return status;
}

static enum status
replay(struct verifying *verifying)
{
    enum status status;

    memset(&apply, 0, sizeof apply);
    do {
        struct store_txn txn;
        enum status committed;

        status = store_begin_write(&txn, &verifying->store);
        if (status != STATUS_OK)
            return status;
        status = replay_some(verifying, &txn);
        if (status != STATUS_OK && status != STATUS_NOT_FOUND) {
            store_abort(&txn);
            return status;
        }
        committed = store_commit(&txn);
        if (committed != STATUS_OK)
            return committed;
    } while (status == STATUS_OK);
    return STATUS_OK;
}

/* --- what the replayed state says ---------------------------------------------------------------
 */

/* Books, digest and sums; leaves `apply.state` on the reading transaction. */
static enum status
sum_up(struct verify_report *report, struct store_txn *txn)
{
    enum status status = apply_begin(&apply, txn);

    if (status == STATUS_OK && book_recount(&apply.state) != STATUS_OK)
        return finding(report, STATUS_BOOKS, "books", "Bücher");
    if (status == STATUS_OK)
        status = state_digest(&report->state, &apply.state);
    for (size_t i = 0; i < 2 && status == STATUS_OK; i++) {
        const struct book_account bank = book_plain(BOOK_BANK, i + 1);

        report->balance[i] = book_balance(&apply.state, &bank);
    }
    memcpy(report->origin, apply.state.origin, apply.state.origin_len + 1);
    return status == STATUS_OK ? state_status(&apply.state) : status;
}

/* Tries the checkpoint keys that the log itself certifies, one after the other. */
static enum status
with_key(struct verify_report *report, struct state *state,
         enum status (*check)(void *context, const struct note_key *key), void *context)
{
    enum status status = STATUS_SIGNER_UNKNOWN;

    for (size_t i = 0; i < state->signers.count && status == STATUS_SIGNER_UNKNOWN; i++) {
        const struct signer_key *signer = &state->signers.keys[i];
        struct note_key key;

        if (signer->role != SIGNER_CHECKPOINT || signer->killed)
            continue;
        status = note_key_make(
            &key, NOTE_ED25519,
            (struct span){(const uint8_t *)report->origin, strlen(report->origin)}, &signer->key);
        if (status == STATUS_OK)
            status = check(context, &key);
    }
    return status;
}

/* --- a data directory --------------------------------------------------------------------------
 */

static enum status
read_store(struct source *source, struct span *entry, uint64_t index)
{
    return index < source->size ? log_read(entry, source->txn, index) : STATUS_NOT_FOUND;
}

/* What with_key needs to sweep a stored log. */
struct sweep {
    struct verify_report *report;
    struct store_txn *txn;
    const char *second_path;
};

static enum status
sweep_log(void *context, const struct note_key *key)
{
    struct sweep *sweep = context;

    return log_verify(&sweep->report->bad_index, sweep->txn, key, sweep->second_path);
}

/* Tree, tiles and checkpoint against the entries. The key is taken from the stored state, which is
 * compared with the replayed one afterwards. */
static enum status
check_tree(struct verify_report *report, struct store_txn *txn, const char *dir)
{
    char path[FILE_PATH_MAX];
    struct sweep sweep = {report, txn, path};
    uint64_t network;
    enum status status = city_genesis(&network, report->origin, txn);

    if (status == STATUS_OK)
        status = apply_begin(&apply, txn);
    if (status == STATUS_OK)
        status = file_path(path, dir, "checkpoint");
    if (status == STATUS_OK && access(path, R_OK) != 0)
        sweep.second_path = NULL;
    if (status == STATUS_OK)
        status = with_key(report, &apply.state, sweep_log, &sweep);
    if (status == STATUS_OK)
        return STATUS_OK;
    return finding(report, status, "tree or checkpoint", "Baum oder Kontrollstand");
}

static enum status
compare_state(struct verifying *verifying, struct store_txn *stored)
{
    struct verify_report *report = verifying->report;
    struct store_txn txn;
    struct digest digest;
    enum status status = store_begin_read(&txn, &verifying->store);

    if (status != STATUS_OK)
        return status;
    status = sum_up(report, &txn);
    store_abort(&txn);
    if (status == STATUS_OK)
        status = apply_begin(&apply, stored);
    if (status == STATUS_OK)
        status = state_digest(&digest, &apply.state);
    if (status != STATUS_OK)
        return status;
    merkle_root(&report->root, &verifying->tree);
    if (memcmp(&digest, &report->state, sizeof digest) != 0)
        return finding(report, STATUS_STATE_DIGEST, "stored state", "gespeicherter Stand");
    return STATUS_OK;
}

enum status
verify_directory(struct verify_report *report, const char *dir, verify_progress *progress,
                 void *context)
{
    static struct source source;
    static struct verifying verifying;
    struct store store;
    struct store_txn txn;
    uint64_t map_bytes;
    char path[FILE_PATH_MAX];
    enum status status = file_path(path, dir, "store");

    memset(report, 0, sizeof *report);
    report->bad_index = VERIFY_NO_ENTRY;
    memset(&verifying, 0, sizeof verifying);
    if (status == STATUS_OK)
        status = store_open_reading(&store, path);
    if (status != STATUS_OK)
        return status;
    status = store_begin_read(&txn, &store);
    if (status == STATUS_OK) {
        source.read = read_store;
        source.txn = &txn;
        status = log_size(&source.size, &txn);
        if (status == STATUS_OK)
            status = store_space(&source.volume, &map_bytes, &store);
        verifying.report = report;
        verifying.source = &source;
        verifying.progress = progress;
        verifying.context = context;
        if (status == STATUS_OK)
            status = check_tree(report, &txn, dir);
        if (status == STATUS_OK)
            status = make_folder(&verifying);
        if (status == STATUS_OK)
            status = replay(&verifying);
        if (status == STATUS_OK)
            status = compare_state(&verifying, &txn);
        remove_folder(&verifying);
        store_abort(&txn);
    }
    store_close(&store);
    return status;
}

/* --- an export ---------------------------------------------------------------------------------
 */

/* The next entry of the file, compared with its hash when there is one. Entries come in order. */
static enum status
read_export(struct source *source, struct span *entry, uint64_t index)
{
    uint8_t head[2];
    struct digest expected;
    struct digest leaf;
    const size_t got = fread(head, 1, sizeof head, source->entries);

    (void)index;
    if (got == 0 && feof(source->entries))
        return STATUS_NOT_FOUND;
    if (got != sizeof head)
        return STATUS_CBOR_TRUNCATED;
    entry->data = source->bytes;
    entry->len = (size_t)head[0] << 8 | head[1];
    if (fread(source->bytes, 1, entry->len, source->entries) != entry->len)
        return STATUS_CBOR_TRUNCATED;
    if (source->hashes == NULL)
        return STATUS_OK;
    merkle_leaf(&leaf, *entry);
    if (fread(expected.bytes, 1, sizeof expected.bytes, source->hashes) != sizeof expected.bytes ||
        memcmp(&expected, &leaf, sizeof leaf) != 0)
        return STATUS_LOG_ROOT;
    return STATUS_OK;
}

/* What with_key needs to check an exported checkpoint. */
struct exported {
    struct span note;
    struct checkpoint checkpoint;
};

static enum status
check_note(void *context, const struct note_key *key)
{
    struct exported *exported = context;
    struct note_check check;

    return checkpoint_verify(&exported->checkpoint, &check, exported->note, key, 1);
}

static enum status
compare_checkpoint(struct verifying *verifying, const char *dir)
{
    static uint8_t note[NOTE_SIZE_MAX];
    struct verify_report *report = verifying->report;
    struct exported exported = {.note = {note, 0}};
    char path[FILE_PATH_MAX];
    enum status status = file_path(path, dir, "checkpoint");

    if (status == STATUS_OK)
        status = file_read(note, sizeof note, &exported.note.len, path);
    if (status == STATUS_OK)
        status = with_key(report, &apply.state, check_note, &exported);
    if (status != STATUS_OK)
        return finding(report, status, "checkpoint", "Kontrollstand");
    merkle_root(&report->root, &verifying->tree);
    if (exported.checkpoint.size != report->size ||
        memcmp(&exported.checkpoint.root, &report->root, sizeof report->root) != 0)
        return finding(report, STATUS_LOG_ROOT, "root of the checkpoint",
                       "Wurzel des Kontrollstands");
    return STATUS_OK;
}

/* The balances of the replay, written as an export writes them, against the file. */
static enum status
compare_balances(struct verifying *verifying, const char *dir)
{
    char path[FILE_PATH_MAX];
    FILE *made = tmpfile();
    FILE *given = NULL;
    int a = EOF;
    int b = EOF;
    enum status status = made == NULL ? STATUS_IO : file_path(path, dir, "balances.json");

    if (status == STATUS_OK)
        given = fopen(path, "rb");
    if (status == STATUS_OK && given == NULL)
        status = STATUS_NOT_FOUND;
    if (status == STATUS_OK)
        status = export_balances(made, &apply.state, verifying->report->size);
    if (status == STATUS_OK) {
        rewind(made);
        do {
            a = getc(made);
            b = getc(given);
        } while (a == b && a != EOF);
        if (a != b)
            status =
                finding(verifying->report, STATUS_STATE_DIGEST, "balances.json", "balances.json");
    }
    if (made != NULL)
        (void)fclose(made);
    if (given != NULL)
        (void)fclose(given);
    return status;
}

static enum status
check_export(struct verifying *verifying, const char *dir)
{
    struct store_txn txn;
    enum status status = replay(verifying);

    if (status == STATUS_OK && verifying->report->size == 0)
        status = finding(verifying->report, STATUS_NOT_FOUND, "no entries", "keine Einträge");
    if (status == STATUS_OK)
        status = store_begin_read(&txn, &verifying->store);
    if (status != STATUS_OK)
        return status;
    status = sum_up(verifying->report, &txn);
    if (status == STATUS_OK)
        status = compare_checkpoint(verifying, dir);
    if (status == STATUS_OK)
        status = compare_balances(verifying, dir);
    store_abort(&txn);
    return status;
}

static enum status
size_of(uint64_t *bytes, FILE *file)
{
    off_t end;

    if (fseeko(file, 0, SEEK_END) != 0)
        return STATUS_IO;
    end = ftello(file);
    *bytes = end < 0 ? 0 : (uint64_t)end;
    return fseeko(file, 0, SEEK_SET) == 0 ? STATUS_OK : STATUS_IO;
}

enum status
verify_export(struct verify_report *report, const char *dir, verify_progress *progress,
              void *context)
{
    static struct source source;
    static struct verifying verifying;
    char path[FILE_PATH_MAX];
    enum status status = file_path(path, dir, "entries");

    memset(report, 0, sizeof *report);
    report->bad_index = VERIFY_NO_ENTRY;
    memset(&verifying, 0, sizeof verifying);
    memset(&source, 0, sizeof source);
    if (status == STATUS_OK) {
        source.entries = fopen(path, "rb");
        status = source.entries == NULL ? STATUS_NOT_FOUND : file_path(path, dir, "hashes");
    }
    if (status == STATUS_OK)
        status = size_of(&source.volume, source.entries);
    if (status == STATUS_OK) {
        /* Others may export without it; then a changed entry is still found, but not always named.
         */
        source.hashes = fopen(path, "rb");
        source.read = read_export;
        verifying.report = report;
        verifying.source = &source;
        verifying.progress = progress;
        verifying.context = context;
        status = make_folder(&verifying);
        if (status == STATUS_OK)
            status = check_export(&verifying, dir);
        remove_folder(&verifying);
    }
    if (source.hashes != NULL)
        (void)fclose(source.hashes);
    if (source.entries != NULL)
        (void)fclose(source.entries);
    return status;
}
