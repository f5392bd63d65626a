#include <stdlib.h>
#include <string.h>

#include "verify.h"
#include "verify_parts.h"
#include "verify_served.h"

/* An entry of the log has a kilobyte or less. */
#define ENTRY_BYTES 1024

static struct verifying verifying;
static struct verify_served served;

static enum status
read_served(struct verify_source *source, struct span *entry, uint64_t index)
{
    return verify_served_entry(source->served, entry, index);
}

/* What the last answer was found to be. */
static enum status
note_wrong(struct verifying *by, enum status status)
{
    const struct verify_served *const node = by->source.served;

    if (node->wrong.entry)
        by->report->bad_index = by->report->size;
    return verify_finding(by->report, status, node->path, node->wrong.where,
                          node->wrong.where_german);
}

static enum status
check_note(void *context, const struct note_key *key)
{
    const struct verify_served *const node = context;
    struct checkpoint checkpoint;
    struct note_check check;

    return checkpoint_verify(&checkpoint, &check, (struct span){node->note.bytes, node->note.len},
                             key, 1);
}

/* With a key that was given, a checkpoint of somebody else is refused before anything else is asked
 * for. */
static enum status
check_given(const struct verifying *by)
{
    enum status status = STATUS_OK;

    if (by->key != NULL)
        status = by->key->type == NOTE_ED25519 ? check_note(by->source.served, by->key)
                                               : STATUS_SIGNER_UNKNOWN;
    if (status == STATUS_OK)
        return STATUS_OK;
    return verify_finding(by->report, status, "checkpoint",
                          "is not signed by the key that was given",
                          "ist nicht mit dem angegebenen Schlüssel unterschrieben");
}

/* Whether the tree continues the one that was verified before: out of hash tiles that are proven.
 */
static enum status
compare_kept(struct verifying *by)
{
    struct verify_served *const node = by->source.served;
    struct merkle_frontier tree;
    struct digest root;
    enum status status = verify_kept_origin(by, node->checkpoint.origin);

    if (status != STATUS_OK)
        return status;
    if (node->checkpoint.size < by->kept.tree.size)
        return verify_kept_smaller(by);
    status = merkle_load(&tree, verify_served_source(node), by->kept.tree.size);
    if (status != STATUS_OK)
        return note_wrong(by, status);
    merkle_root(&root, &tree);
    return verify_kept_extends(by, node->checkpoint.size, &root);
}

static enum status
ask_first(struct verifying *by)
{
    struct verify_served *const node = by->source.served;
    enum status status = verify_served_checkpoint(node);

    if (status != STATUS_OK)
        return note_wrong(by, status);
    if (node->checkpoint.size == 0)
        return verify_finding(by->report, STATUS_NOT_FOUND, NULL, "no entries", "keine Einträge");
    status = check_given(by);
    if (status != STATUS_OK)
        return status;
    status = verify_served_edge(node);
    if (status != STATUS_OK)
        return note_wrong(by, status);
    by->source.size = node->checkpoint.size;
    /* Only an estimate for the room of the temporary store, and what a node says about itself. */
    by->source.volume = node->checkpoint.size < (UINT64_C(1) << 30)
                            ? node->checkpoint.size * ENTRY_BYTES
                            : (UINT64_C(1) << 40);
    return by->kept.held ? compare_kept(by) : STATUS_OK;
}

static enum status
compare_checkpoint(struct verifying *by)
{
    struct verify_report *const report = by->report;
    struct verify_served *const node = by->source.served;
    enum status status = verify_with_key(by, check_note, node);

    if (status != STATUS_OK)
        return verify_finding(report, status, "checkpoint", "is not signed by a key of the log",
                              "ist mit keinem Schlüssel des Buches unterschrieben");
    merkle_root(&report->root, &by->tree);
    if (node->checkpoint.size != report->size ||
        memcmp(&node->checkpoint.root, &report->root, sizeof report->root) != 0)
        return verify_finding(report, STATUS_LOG_ROOT, "checkpoint", "has another root",
                              "hat eine andere Wurzel");
    return STATUS_OK;
}

static enum status
check_node(struct verifying *by)
{
    struct store_txn txn;
    enum status status = ask_first(by);

    if (status == STATUS_OK)
        status = verify_replay(by);
    if (status == STATUS_OK)
        status = store_begin_read(&txn, &by->store);
    if (status != STATUS_OK)
        return status;
    status = verify_sum_up(by, &txn);
    if (status == STATUS_OK)
        status = compare_checkpoint(by);
    store_abort(&txn);
    return status;
}

/* Whatever hangs on `served`. */
static enum status
open_served(const char *url, const struct verify_options *options)
{
    memset(&served, 0, sizeof served);
    served.url = url;
    served.authorities = options->authorities;
    served.url_len = strlen(url);
    while (served.url_len > 0 && url[served.url_len - 1] == '/')
        served.url_len--;
    served.bundle = malloc(VERIFY_BUNDLE_MAX);
    return served.bundle == NULL ? STATUS_SERVER_START : fetch_open(&served.fetch);
}

enum status
verify_node(struct verify_report *report, const char *url, const struct verify_options *options)
{
    enum status status = verify_start(&verifying, report, url, options);

    if (status == STATUS_OK) {
        verifying.source.read = read_served;
        verifying.source.finding = note_wrong;
        verifying.source.served = &served;
        status = open_served(url, options);
        if (status == STATUS_OK)
            status = check_node(&verifying);
        store_close(&verifying.store);
        if (status == STATUS_OK)
            status = verify_kept_save(&verifying);
        fetch_close(&served.fetch);
        free(served.bundle);
        served.bundle = NULL;
    }
    verify_end(&verifying);
    return status;
}
