/* What a node serves to everybody, asked for piece by piece: its checkpoint, hash tiles that are
 * proven by the checkpoint's root, and bundles of entries that are compared with these. One tile of
 * each level and one bundle are held at a time. C2SP tlog-tiles; PROTOCOL.md sections 10 and 21.
 * Inside of ledger/verify only. */
#ifndef SCHWEBE_VERIFY_SERVED_H
#define SCHWEBE_VERIFY_SERVED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/fetch.h"
#include "ledger/log.h"
#include "ledger/tile.h"
#include "protocol/checkpoint.h"
#include "protocol/merkle.h"
#include "protocol/note.h"
#include "protocol/span.h"
#include "protocol/status.h"

#define VERIFY_URL_MAX 1024
#define VERIFY_PATH_MAX 64
#define VERIFY_BUNDLE_MAX ((size_t)TILE_WIDTH * (2 + LOG_ENTRY_MAX))

/* A full tile of one level that was found to belong to the tree. */
struct verify_tile {
    bool held;
    uint64_t index;
    uint8_t bytes[TILE_BYTES];
};

/* What is wrong with an answer. The texts are static. */
struct verify_wrong {
    bool entry; /* it is about the entry that was asked for */
    const char *where;
    const char *where_german;
};

/* About 80 KiB and a bundle: the caller gives `bundle` VERIFY_BUNDLE_MAX bytes. */
struct verify_served {
    struct fetch fetch;
    const char *url;
    size_t url_len; /* without slashes at its end */
    const char *authorities;
    char path[VERIFY_PATH_MAX]; /* of what was asked for last */
    struct verify_wrong wrong;
    struct note note;
    struct checkpoint checkpoint;
    struct verify_tile tiles[TILE_LEVELS];
    uint8_t edge[TILE_LEVELS][TILE_BYTES]; /* the unfinished tile of each level, if it has one */
    uint8_t *bundle;
    bool bundle_held;
    uint64_t bundle_index;
    size_t bundle_len;
    size_t bundle_at; /* where entry `bundle_next` of the bundle begins */
    unsigned bundle_next;
};

/* All below return OK, or what fetch_send says, or what is wrong with an answer, which `wrong` and
 * `path` then tell. */

/* Asks for the checkpoint, whose signature nobody has checked yet. CHECKPOINT_FORM, LOG_ROOT. */
MUST_CHECK enum status verify_served_checkpoint(struct verify_served *served);

/* Asks for the unfinished tiles and proves them by the root: LOG_ROOT. */
MUST_CHECK enum status verify_served_edge(struct verify_served *served);

/* An entry, which borrows from the bundle; NOT_FOUND behind the last. LOG_ROOT for one that the
 * tree does not have there, CBOR_TRUNCATED for one that the bundle has no room for. */
MUST_CHECK enum status verify_served_entry(struct verify_served *served, struct span *entry,
                                           uint64_t index);

/* Complete subtrees for protocol/merkle, from proven tiles. */
struct merkle_source verify_served_source(struct verify_served *served);

#endif
