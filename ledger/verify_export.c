#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "export.h"
#include "verify.h"
#include "verify_parts.h"

/* --- the files ---------------------------------------------------------------------------------
 */

/* Opens a regular file of the export. NOT_FOUND, IO. */
static enum status
open_file(FILE **out, const char *dir, const char *name)
{
    char path[FILE_PATH_MAX];
    struct stat about;
    int fd;
    enum status status = file_path(path, dir, name);

    *out = NULL;
    if (status != STATUS_OK)
        return status;
    /* Not to hang on a named pipe. */
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return errno == ENOENT ? STATUS_NOT_FOUND : STATUS_IO;
    if (fstat(fd, &about) == 0 && S_ISREG(about.st_mode))
        *out = fdopen(fd, "rb");
    if (*out == NULL) {
        (void)close(fd);
        return STATUS_IO;
    }
    return STATUS_OK;
}

static enum status
size_of(uint64_t *bytes, FILE *file)
{
    struct stat about;

    if (fstat(fileno(file), &about) != 0)
        return STATUS_IO;
    *bytes = (uint64_t)about.st_size;
    return STATUS_OK;
}

/* The next entry of the file: they come in order. */
static enum status
read_export(struct verify_source *source, struct span *entry, uint64_t index)
{
    uint8_t head[2];
    const size_t got = fread(head, 1, sizeof head, source->entries);

    static_assert(sizeof source->bytes == UINT16_MAX, "any length of an entry fits");
    (void)index;
    if (ferror(source->entries))
        return STATUS_IO;
    if (got == 0)
        return STATUS_NOT_FOUND;
    if (got != sizeof head)
        return STATUS_CBOR_TRUNCATED;
    entry->data = source->bytes;
    entry->len = (size_t)head[0] << 8 | head[1];
    if (fread(source->bytes, 1, entry->len, source->entries) != entry->len)
        return ferror(source->entries) ? STATUS_IO : STATUS_CBOR_TRUNCATED;
    return STATUS_OK;
}

static enum status
read_note(uint8_t note[static NOTE_SIZE_MAX], size_t *len, const char *dir)
{
    char path[FILE_PATH_MAX];
    enum status status = file_path(path, dir, "checkpoint");

    *len = 0;
    return status == STATUS_OK ? file_read(note, NOTE_SIZE_MAX, len, path) : status;
}

/* --- hashes ------------------------------------------------------------------------------------
 */

/* Whether the next hash is this one. */
static bool
is_next(FILE *hashes, const struct digest *leaf)
{
    struct digest expected;

    return fread(expected.bytes, sizeof expected.bytes, 1, hashes) == 1 &&
           memcmp(&expected, leaf, sizeof expected) == 0;
}

/* Compares all whole entries with their hashes. Fills the tree, and `bad` with the first entry
 * whose hash differs, or that one of the two files lacks; VERIFY_NO_ENTRY when they agree. */
static enum status
compare_hashes(uint64_t *bad, struct merkle_frontier *tree, struct verify_source *source,
               FILE *hashes)
{
    struct span entry;
    enum status status;

    *bad = VERIFY_NO_ENTRY;
    memset(tree, 0, sizeof *tree);
    while ((status = source->read(source, &entry, tree->size)) == STATUS_OK) {
        struct digest leaf;

        merkle_leaf(&leaf, entry);
        if (*bad == VERIFY_NO_ENTRY && !is_next(hashes, &leaf))
            *bad = tree->size;
        merkle_append(tree, &leaf);
    }
    if (*bad == VERIFY_NO_ENTRY && getc(hashes) != EOF)
        *bad = tree->size;
    if (status == STATUS_IO || ferror(hashes))
        return STATUS_IO;
    return STATUS_OK;
}

/* Whether the checkpoint, signed or not, is over this root. */
static bool
checkpoint_has(const struct digest *root, const char *dir)
{
    static uint8_t note[NOTE_SIZE_MAX];
    struct checkpoint checkpoint;
    size_t len;
    size_t text = 0;

    if (read_note(note, &len, dir) != STATUS_OK)
        return false;
    for (unsigned lines = 0; lines < 3 && text < len; text++)
        lines += note[text] == '\n';
    return checkpoint_parse(&checkpoint, (struct span){note, text}) == STATUS_OK &&
           memcmp(&checkpoint.root, root, sizeof *root) == 0;
}

/* Others may export without hashes; then a changed entry is still found, but not always named. */
static enum status
check_hashes(struct verifying *verifying)
{
    struct verify_report *const report = verifying->report;
    struct merkle_frontier tree;
    struct digest root;
    FILE *hashes;
    uint64_t bad = VERIFY_NO_ENTRY;
    enum status status = open_file(&hashes, verifying->dir, "hashes");

    if (status == STATUS_NOT_FOUND)
        return STATUS_OK;
    if (status == STATUS_OK) {
        status = compare_hashes(&bad, &tree, &verifying->source, hashes);
        (void)fclose(hashes);
    }
    if (status != STATUS_OK)
        return verify_unreadable(report, status, "hashes");
    rewind(verifying->source.entries);
    if (bad == VERIFY_NO_ENTRY)
        return STATUS_OK;
    merkle_root(&root, &tree);
    if (checkpoint_has(&root, verifying->dir))
        return verify_finding(report, STATUS_LOG_ROOT, "hashes",
                              "this file is wrong: the entries have the root of the checkpoint",
                              "diese Datei ist falsch: die Einträge haben die Wurzel des "
                              "Kontrollstands");
    report->bad_index = bad;
    return verify_finding(report, STATUS_LOG_ROOT, "entries",
                          "an entry was changed, added or removed",
                          "ein Eintrag wurde geändert, eingefügt oder entfernt");
}

/* --- checkpoint and balances -------------------------------------------------------------------
 */

/* What verify_with_key needs to check an exported checkpoint. */
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
compare_checkpoint(struct verifying *verifying)
{
    static uint8_t note[NOTE_SIZE_MAX];
    struct verify_report *const report = verifying->report;
    struct exported exported = {.note = {note, 0}};
    enum status status = read_note(note, &exported.note.len, verifying->dir);

    if (status != STATUS_OK)
        return verify_unreadable(report, status, "checkpoint");
    status = verify_with_key(verifying, check_note, &exported);
    if (status != STATUS_OK)
        return verify_finding(report, status, NULL, "checkpoint", "Kontrollstand");
    merkle_root(&report->root, &verifying->tree);
    if (exported.checkpoint.size != report->size ||
        memcmp(&exported.checkpoint.root, &report->root, sizeof report->root) != 0)
        return verify_finding(report, STATUS_LOG_ROOT, NULL, "root of the checkpoint",
                              "Wurzel des Kontrollstands");
    return STATUS_OK;
}

/* The balances of the replay, written as an export writes them, against the file. */
static enum status
compare_balances(struct verifying *verifying)
{
    struct verify_report *const report = verifying->report;
    FILE *made;
    FILE *given;
    int a;
    int b;
    enum status status = open_file(&given, verifying->dir, "balances.json");

    if (status != STATUS_OK)
        return verify_unreadable(report, status, "balances.json");
    made = tmpfile();
    status =
        made == NULL ? STATUS_IO : export_balances(made, &verifying->apply.state, report->size);
    if (status == STATUS_OK) {
        rewind(made);
        do {
            a = getc(made);
            b = getc(given);
        } while (a == b && a != EOF);
        if (a != b)
            status =
                verify_finding(report, STATUS_STATE_DIGEST, NULL, "balances.json", "balances.json");
    }
    if (made != NULL)
        (void)fclose(made);
    (void)fclose(given);
    return status;
}

/* --- all ---------------------------------------------------------------------------------------
 */

/* Passes over the entries that were verified before, if they are the same. */
static enum status
compare_kept(struct verifying *verifying)
{
    struct verify_source *const source = &verifying->source;
    struct merkle_frontier tree = {0};
    struct digest root;
    enum status status = STATUS_OK;

    while (status == STATUS_OK && tree.size < verifying->kept.tree.size) {
        struct span entry;
        struct digest leaf;

        status = source->read(source, &entry, tree.size);
        if (status != STATUS_OK)
            break;
        merkle_leaf(&leaf, entry);
        merkle_append(&tree, &leaf);
    }
    if (status == STATUS_IO)
        return verify_unreadable(verifying->report, status, "entries");
    if (status != STATUS_OK)
        return verify_kept_smaller(verifying);
    merkle_root(&root, &tree);
    return verify_kept_extends(verifying, tree.size, &root);
}

static enum status
check_export(struct verifying *verifying)
{
    struct verify_report *const report = verifying->report;
    struct store_txn txn;
    enum status status = check_hashes(verifying);

    if (status == STATUS_OK && verifying->kept.held)
        status = compare_kept(verifying);
    if (status == STATUS_OK)
        status = verify_replay(verifying);
    if (status == STATUS_OK && report->size == 0)
        status = verify_finding(report, STATUS_NOT_FOUND, NULL, "no entries", "keine Einträge");
    if (status == STATUS_OK)
        status = store_begin_read(&txn, &verifying->store);
    if (status != STATUS_OK)
        return status;
    status = verify_sum_up(verifying, &txn);
    if (status == STATUS_OK)
        status = compare_checkpoint(verifying);
    if (status == STATUS_OK)
        status = compare_balances(verifying);
    store_abort(&txn);
    return status;
}

enum status
verify_export_with(struct verify_report *report, const char *dir,
                   const struct verify_options *options)
{
    static struct verifying verifying;
    struct verify_source *const source = &verifying.source;
    enum status status = verify_start(&verifying, report, dir, options);

    if (status == STATUS_OK) {
        source->read = read_export;
        status = open_file(&source->entries, dir, "entries");
        if (status == STATUS_OK)
            status = size_of(&source->volume, source->entries);
        if (status != STATUS_OK)
            status = verify_unreadable(report, status, "entries");
    }
    if (status == STATUS_OK)
        status = check_export(&verifying);
    if (source->entries != NULL)
        (void)fclose(source->entries);
    store_close(&verifying.store);
    if (status == STATUS_OK)
        status = verify_kept_save(&verifying);
    verify_end(&verifying);
    return status;
}

enum status
verify_export(struct verify_report *report, const char *dir, verify_progress *progress,
              void *context)
{
    const struct verify_options options = {.progress = progress, .context = context};

    return verify_export_with(report, dir, &options);
}
