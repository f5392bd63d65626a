#include "verify.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "book.h"
#include "verify_parts.h"

/* Of the temporary store: it is the state alone, never larger than the log it follows from, and
 * LMDB wants room for the pages of one transaction. */
#define MAP_BYTES_LEAST (UINT64_C(1) << 30)
#define MAP_TIMES 4
/* Entries for one commit of the temporary store. */
#define ENTRIES_EACH 2000
#define PROGRESS_EACH 1000

/* --- findings ----------------------------------------------------------------------------------
 */

enum status
verify_finding(struct verify_report *report, enum status status, const char *file,
               const char *where, const char *where_german)
{
    report->file = file;
    report->where = where;
    report->where_german = where_german;
    return status;
}

enum status
verify_unreadable(struct verify_report *report, enum status status, const char *file)
{
    if (status == STATUS_NOT_FOUND)
        return verify_finding(report, status, file, "is missing", "fehlt");
    return verify_finding(report, status, file, "cannot be read", "lässt sich nicht lesen");
}

/* --- the temporary store -----------------------------------------------------------------------
 */

enum status
verify_begin(struct verifying *verifying, struct verify_report *report, const char *dir,
             verify_progress *progress, void *context)
{
    const char *base = getenv("TMPDIR");
    const bool given = base != NULL && base[0] != '\0';
    enum status status;

    memset(report, 0, sizeof *report);
    report->bad_index = VERIFY_NO_ENTRY;
    memset(verifying, 0, sizeof *verifying);
    verifying->report = report;
    verifying->dir = dir;
    verifying->progress = progress;
    verifying->context = context;
    verifying->store.lock_fd = -1;
    status = file_path(verifying->folder, given ? base : "/tmp", "verify-XXXXXX");
    if (status == STATUS_OK && mkdtemp(verifying->folder) != NULL)
        return STATUS_OK;
    verifying->folder[0] = '\0';
    return verify_finding(report, STATUS_IO, NULL, "no temporary folder can be made",
                          "kein Ordner für Zwischenstände");
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

void
verify_end(struct verifying *verifying)
{
    char path[FILE_PATH_MAX];

    if (verifying->folder[0] == '\0')
        return;
    if (file_path(path, verifying->folder, "store") == STATUS_OK)
        remove_flat(path);
    remove_flat(verifying->folder);
}

static enum status
make_store(struct verifying *verifying)
{
    char path[FILE_PATH_MAX];
    enum status status = file_path(path, verifying->folder, "store");

    if (status == STATUS_OK)
        status = store_create(path);
    if (status == STATUS_OK)
        status = store_open(&verifying->store, path,
                            MAP_BYTES_LEAST + MAP_TIMES * verifying->source.volume);
    return status;
}

/* --- replay ------------------------------------------------------------------------------------
 */

static void
count(struct verify_report *report, uint64_t kind)
{
    report->lines += kind == APPLY_ALLOWANCE ? 1 : 0;
    report->transfers += kind == APPLY_SETTLE || kind == APPLY_LATE ? 1 : 0;
}

/* The next entry; NOT_FOUND when there are no more. */
static enum status
replay_one(struct verifying *verifying)
{
    struct verify_report *const report = verifying->report;
    struct apply *const apply = &verifying->apply;
    struct span entry;
    struct digest leaf;
    enum status status = verifying->source.read(&verifying->source, &entry, report->size);

    if (status == STATUS_NOT_FOUND)
        return status;
    apply->entry.kind = 0;
    if (status == STATUS_OK)
        status = apply_entry(apply, report->size, entry, &verifying->tree);
    if (status != STATUS_OK) {
        report->bad_index = report->size;
        report->bad_kind = apply->entry.kind;
        return verify_finding(report, status, NULL, "entry breaks a rule",
                              "Eintrag bricht eine Regel");
    }
    merkle_leaf(&leaf, entry);
    merkle_append(&verifying->tree, &leaf);
    count(report, apply->entry.kind);
    report->size++;
    if (verifying->progress != NULL && report->size % PROGRESS_EACH == 0)
        verifying->progress(verifying->context, report->size, verifying->source.size);
    return STATUS_OK;
}

/* One transaction's worth. */
static enum status
replay_some(struct verifying *verifying, struct store_txn *txn)
{
    enum status status = apply_begin(&verifying->apply, txn);

    for (unsigned i = 0; status == STATUS_OK && i < ENTRIES_EACH; i++)
        status = replay_one(verifying);
    return status;
}

enum status
verify_replay(struct verifying *verifying)
{
    enum status made = make_store(verifying);
    enum status status = STATUS_OK;

    while (made == STATUS_OK && status == STATUS_OK) {
        struct store_txn txn;

        made = store_begin_write(&txn, &verifying->store);
        if (made != STATUS_OK)
            break;
        status = replay_some(verifying, &txn);
        if (status != STATUS_OK && status != STATUS_NOT_FOUND) {
            store_abort(&txn);
            return status;
        }
        made = store_commit(&txn);
    }
    if (made != STATUS_OK)
        return verify_finding(verifying->report, made, NULL, "temporary store, not the log",
                              "Zwischenspeicher, nicht das Buch");
    return STATUS_OK;
}

/* --- what the replayed state says ---------------------------------------------------------------
 */

/* What an entry demands stands behind it. */
static enum status
check_end(struct verify_report *report, const struct state_head *head)
{
    if (head->owed_kind == 0 && head->waited == 0 && head->upload_items == 0)
        return STATUS_OK;
    report->bad_index = report->size;
    return verify_finding(report, STATUS_ENTRY_RECOMPUTE, NULL,
                          "entry is missing that the one before it demands",
                          "Eintrag fehlt, den der vorige verlangt");
}

enum status
verify_sum_up(struct verifying *verifying, struct store_txn *txn)
{
    struct verify_report *const report = verifying->report;
    struct state *const state = &verifying->apply.state;
    enum status status = apply_begin(&verifying->apply, txn);

    if (status == STATUS_OK)
        status = check_end(report, &state->head);
    if (status == STATUS_OK && book_recount(state) != STATUS_OK)
        return verify_finding(report, STATUS_BOOKS, NULL, "books", "Bücher");
    if (status == STATUS_OK)
        status = state_digest(&report->state, state);
    for (size_t i = 0; i < 2 && status == STATUS_OK; i++) {
        const struct book_account bank = book_plain(BOOK_BANK, i + 1);

        report->balance[i] = book_balance(state, &bank);
    }
    memcpy(report->origin, state->origin, state->origin_len + 1);
    return status == STATUS_OK ? state_status(state) : status;
}

enum status
verify_with_key(struct verifying *verifying,
                enum status (*check)(void *context, const struct note_key *key), void *context)
{
    const char *const origin = verifying->report->origin;
    const struct signer_list *const signers = &verifying->apply.state.signers;
    enum status status = STATUS_SIGNER_UNKNOWN;

    for (size_t i = 0; i < signers->count && status == STATUS_SIGNER_UNKNOWN; i++) {
        const struct signer_key *signer = &signers->keys[i];
        struct note_key key;

        if (signer->role != SIGNER_CHECKPOINT || signer->killed)
            continue;
        status =
            note_key_make(&key, NOTE_ED25519,
                          (struct span){(const uint8_t *)origin, strlen(origin)}, &signer->key);
        if (status == STATUS_OK)
            status = check(context, &key);
    }
    return status;
}
