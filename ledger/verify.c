#include "verify.h"

#include <assert.h>
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
/* Entries of the first two windows: the threads know nothing before the first one is committed. */
#define WINDOW_FIRST 64
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

enum status
verify_start(struct verifying *verifying, struct verify_report *report, const char *dir,
             const struct verify_options *options)
{
    enum status status = verify_begin(verifying, report, dir, options->progress, options->context);

    verifying->threads = options->threads;
    verifying->key = options->key;
    verifying->apply.trust = options->trust;
    if (status == STATUS_OK && options->kept != NULL)
        status = verify_kept_open(verifying, options->kept);
    return status;
}

unsigned
verify_cores(void)
{
    const long cores = sysconf(_SC_NPROCESSORS_ONLN);

    return cores < 1 ? 1 : cores > VERIFY_THREADS_MAX ? VERIFY_THREADS_MAX : (unsigned)cores;
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

    verify_kept_close(verifying);
    if (verifying->folder[0] == '\0')
        return;
    if (file_path(path, verifying->folder, "store") == STATUS_OK)
        remove_flat(path);
    remove_flat(verifying->folder);
}

/* The state that was kept must be that of as many entries as the file says. */
static enum status
resume(struct verifying *verifying)
{
    const struct verify_kept *const kept = &verifying->kept;
    struct verify_report *const report = verifying->report;
    struct store_txn txn;
    enum status status = store_begin_read(&txn, &verifying->store);

    if (status != STATUS_OK)
        return status;
    status = apply_begin(&verifying->apply, &txn);
    if (status == STATUS_OK && verifying->apply.state.head.size != kept->tree.size)
        status = STATUS_STORE_BROKEN;
    store_abort(&txn);
    verifying->tree = kept->tree;
    report->size = kept->tree.size;
    report->kept = kept->tree.size;
    report->lines = kept->lines;
    report->transfers = kept->transfers;
    return status;
}

static enum status
make_store(struct verifying *verifying)
{
    char path[FILE_PATH_MAX];
    enum status status = file_path(path, verifying->folder, "store");

    if (status == STATUS_OK)
        status = verifying->kept.held ? verify_kept_store(verifying, path) : store_create(path);
    if (status == STATUS_OK)
        status = store_open(&verifying->store, path,
                            MAP_BYTES_LEAST + MAP_TIMES * verifying->source.volume);
    if (status == STATUS_OK && verifying->kept.held)
        status = resume(verifying);
    if (status == STATUS_OK || verifying->report->where != NULL)
        return status;
    return verify_finding(verifying->report, status, NULL, "temporary store, not the log",
                          "Zwischenspeicher, nicht das Buch");
}

/* --- replay ------------------------------------------------------------------------------------
 */

static void
count(struct verify_report *report, uint64_t kind)
{
    report->lines += kind == APPLY_ALLOWANCE ? 1 : 0;
    report->transfers += kind == APPLY_SETTLE || kind == APPLY_LATE ? 1 : 0;
}

/* Reads on. A window always has room for one entry more. */
static void
fill(struct verifying *verifying, struct verify_window *window, size_t most)
{
    struct verify_source *const source = &verifying->source;

    window->count = 0;
    window->used = 0;
    window->end = STATUS_OK;
    while (window->count < most && VERIFY_WINDOW_BYTES - window->used >= MSG_ENTRY_MAX) {
        struct verify_entry *const entry = &window->entries[window->count];
        struct span bytes;

        window->end = source->read(source, &bytes, verifying->next);
        if (window->end != STATUS_OK)
            return;
        assert(bytes.len <= MSG_ENTRY_MAX);
        memcpy(window->bytes + window->used, bytes.data, bytes.len);
        entry->bytes = (struct span){window->bytes + window->used, bytes.len};
        entry->count = 0;
        window->used += bytes.len;
        window->count++;
        verifying->next++;
    }
}

/* Entry number report->size is not in order. */
static enum status
bad_entry(struct verifying *verifying, enum status status)
{
    struct verify_report *const report = verifying->report;

    report->bad_index = report->size;
    report->bad_kind = verifying->apply.entry.kind;
    return verify_finding(report, status, NULL, "entry breaks a rule", "Eintrag bricht eine Regel");
}

static enum status
replay_one(struct verifying *verifying, const struct verify_entry *entry)
{
    struct verify_report *const report = verifying->report;
    struct apply *const apply = &verifying->apply;
    struct digest leaf;
    enum status status;

    apply->entry.kind = 0;
    apply_expect(apply, entry->names, entry->count);
    status = apply_entry(apply, report->size, entry->bytes, &verifying->tree);
    if (status != STATUS_OK)
        return bad_entry(verifying, status);
    merkle_leaf(&leaf, entry->bytes);
    merkle_append(&verifying->tree, &leaf);
    count(report, apply->entry.kind);
    report->size++;
    if (verifying->progress != NULL && report->size % PROGRESS_EACH == 0)
        verifying->progress(verifying->context, report->size, verifying->source.size);
    return STATUS_OK;
}

/* One transaction's worth. NOT_FOUND when it was the last. */
static enum status
replay_window(struct verifying *verifying, const struct verify_window *window,
              struct store_txn *txn)
{
    enum status status = apply_begin(&verifying->apply, txn);

    for (size_t i = 0; status == STATUS_OK && i < window->count; i++)
        status = replay_one(verifying, &window->entries[i]);
    if (status != STATUS_OK)
        return status;
    verifying->apply.entry.kind = 0;
    if (window->end == STATUS_OK || window->end == STATUS_NOT_FOUND)
        return window->end;
    return verifying->source.finding != NULL ? verifying->source.finding(verifying, window->end)
                                             : bad_entry(verifying, window->end);
}

/* Replays one window while the next one is read and checked. */
static enum status
replay_all(struct verifying *verifying)
{
    enum status made = STATUS_OK;
    enum status status = STATUS_OK;

    fill(verifying, &verifying->windows[0], WINDOW_FIRST);
    for (size_t i = 0; made == STATUS_OK && status == STATUS_OK; i++) {
        struct verify_window *const window = &verifying->windows[i % 2];
        struct verify_window *const after = &verifying->windows[(i + 1) % 2];
        struct store_txn txn;

        verify_ahead_wait(&verifying->ahead);
        if (window->end == STATUS_OK) {
            fill(verifying, after, i == 0 ? WINDOW_FIRST : VERIFY_WINDOW_ENTRIES);
            verify_ahead_give(&verifying->ahead, after);
        }
        made = store_begin_write(&txn, &verifying->store);
        if (made != STATUS_OK)
            break;
        status = replay_window(verifying, window, &txn);
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

enum status
verify_replay(struct verifying *verifying)
{
    enum status status = make_store(verifying);

    if (status != STATUS_OK)
        return status;
    verifying->next = verifying->report->size;
    verify_ahead_open(&verifying->ahead, &verifying->store, verifying->threads);
    status = replay_all(verifying);
    verify_ahead_close(&verifying->ahead);
    return status;
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
    const uint64_t last = verifying->apply.state.head.time;
    enum status status = STATUS_SIGNER_UNKNOWN;

    for (size_t i = 0; i < signers->count && status == STATUS_SIGNER_UNKNOWN; i++) {
        const struct signer_key *signer = &signers->keys[i];
        struct note_key key;

        if (signer->role != SIGNER_CHECKPOINT || signer->killed || last < signer->from ||
            last > signer->until)
            continue;
        if (verifying->key != NULL &&
            (verifying->key->type != NOTE_ED25519 || strcmp(verifying->key->name, origin) != 0 ||
             memcmp(&verifying->key->key, &signer->key, sizeof signer->key) != 0))
            continue;
        status =
            note_key_make(&key, NOTE_ED25519,
                          (struct span){(const uint8_t *)origin, strlen(origin)}, &signer->key);
        if (status == STATUS_OK)
            status = check(context, &key);
        if (status == STATUS_OK) {
            verifying->report->key = signer->key;
            verifying->report->key_known = true;
        }
    }
    return status;
}
