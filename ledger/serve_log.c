#include "serve_parts.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/tile.h"
#include "proof.h"
#include "protocol/checkpoint.h"

/* What never changes may be kept for ever; C2SP tlog-tiles. */
#define IMMUTABLE "public, max-age=31536000, immutable"
#define PRIVATE "private, max-age=31536000, immutable"

/* --- the checkpoint --- */

void
serve_checkpoint(struct serve *serve, struct http_exchange *exchange, const char *rest)
{
    struct note note;
    enum status status = writer_lock_store(&serve->writer);

    (void)rest;
    if (status != STATUS_OK) {
        serve_refuse(serve, exchange, status);
        return;
    }
    serve_witness_note(&note, serve);
    writer_unlock_store(&serve->writer);
    serve_body(serve, exchange, SERVE_TEXT, (struct span){note.bytes, note.len}, "no-cache");
}

static enum status
read_checkpoint(struct checkpoint *out, const struct note *note)
{
    struct span text;
    enum status status = note_split(&text, (struct span){note->bytes, note->len});

    return status == STATUS_OK ? checkpoint_parse(out, text) : status;
}

/* --- tiles --- */

struct tile_name {
    bool entries;
    uint64_t level;
    uint64_t index;
    unsigned width;
};

/* Reads one group of three digits, with an `x` in front of all but the last. */
static bool
read_group(uint64_t *number, bool *last, const char **at)
{
    const char *text = *at;
    uint64_t group = 0;

    *last = *text != 'x';
    if (!*last)
        text++;
    for (unsigned i = 0; i < 3; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        group = group * 10 + (uint64_t)(text[i] - '0');
    }
    *number = *number * 1000 + group;
    *at = text + 3;
    return true;
}

/* The index of a tile: the shortest spelling alone, so no leading group of zeros. */
static bool
read_index(uint64_t *out, const char **at)
{
    bool last = false;
    unsigned groups = 0;

    *out = 0;
    while (!last) {
        if (groups > 0 && (*out == 0 || *(*at)++ != '/'))
            return false;
        if (groups == 6 || !read_group(out, &last, at))
            return false;
        groups++;
    }
    return true;
}

/* `<level or "entries">/<index>[.p/<width>]`; every other spelling is no name. */
static bool
read_name(struct tile_name *out, const char *at)
{
    static const char entries[] = "entries/";
    uint64_t width = TILE_WIDTH;

    *out = (struct tile_name){.entries = strncmp(at, entries, sizeof entries - 1) == 0};
    if (out->entries) {
        at += sizeof entries - 1;
    } else {
        const char *const slash = strchr(at, '/');

        if (slash == NULL || !serve_number(&out->level, at, slash, 63))
            return false;
        at = slash + 1;
    }
    if (!read_index(&out->index, &at))
        return false;
    if (strncmp(at, ".p/", 3) == 0) {
        at += 3;
        if (!serve_number(&width, at, at + strlen(at), TILE_WIDTH - 1) || width == 0)
            return false;
        at += strlen(at);
    }
    out->width = (unsigned)width;
    return *at == '\0';
}

/* The entries of a tile, each behind its length in two bytes. `out` has room for a whole body. */
static enum status
read_bundle(struct span *out, uint8_t *room, size_t cap, struct store_txn *txn,
            const struct tile_name *name)
{
    size_t len = 0;

    for (unsigned i = 0; i < name->width; i++) {
        struct span entry;
        enum status status = log_read(&entry, txn, name->index * TILE_WIDTH + i);

        if (status != STATUS_OK)
            return status;
        if (entry.len + 2 > cap - len)
            return STATUS_TOO_LARGE;
        room[len++] = (uint8_t)(entry.len >> 8);
        room[len++] = (uint8_t)entry.len;
        memcpy(room + len, entry.data, entry.len);
        len += entry.len;
    }
    *out = (struct span){room, len};
    return STATUS_OK;
}

/* Whether the published tree reaches as far: nothing is shown before its checkpoint is. */
static bool
is_published(struct serve *serve, const struct tile_name *name)
{
    struct note note;
    struct checkpoint checkpoint;
    uint64_t hashes;

    log_checkpoint(&note, &serve->city->log);
    if (read_checkpoint(&checkpoint, &note) != STATUS_OK)
        return false;
    hashes = tile_hashes(name->entries ? 0 : (unsigned)name->level, checkpoint.size);
    return name->index <= hashes / TILE_WIDTH && hashes - name->index * TILE_WIDTH >= name->width;
}

static void
answer_bundle(struct serve *serve, struct http_exchange *exchange, struct store_txn *txn,
              const struct tile_name *name)
{
    const size_t cap = (size_t)TILE_WIDTH * (2 + LOG_ENTRY_MAX);
    uint8_t *const room = malloc(cap);
    struct span body = {NULL, 0};
    enum status status =
        room == NULL ? STATUS_SERVER_BUSY : read_bundle(&body, room, cap, txn, name);

    if (status == STATUS_OK)
        serve_body(serve, exchange, SERVE_BYTES, body, serve->open_entries ? IMMUTABLE : PRIVATE);
    else
        serve_refuse(serve, exchange, status);
    free(room);
}

void
serve_tile(struct serve *serve, struct http_exchange *exchange, const char *rest)
{
    struct tile_name name;
    struct store_txn txn;
    struct span tile;
    enum status status;

    if (!read_name(&name, rest)) {
        serve_refuse(serve, exchange, STATUS_NOT_FOUND);
        return;
    }
    status = name.entries ? serve_entries_allowed(serve, exchange) : STATUS_OK;
    if (status == STATUS_OK)
        status = writer_lock_store(&serve->writer);
    if (status != STATUS_OK) {
        serve_refuse(serve, exchange, status);
        return;
    }
    status =
        is_published(serve, &name) ? store_begin_read(&txn, &serve->city->store) : STATUS_NOT_FOUND;
    if (status != STATUS_OK) {
        serve_refuse(serve, exchange, status);
    } else if (name.entries) {
        answer_bundle(serve, exchange, &txn, &name);
        store_abort(&txn);
    } else {
        status = log_tile(&tile, &txn, name.level, name.index, name.width);
        if (status == STATUS_OK)
            serve_body(serve, exchange, SERVE_BYTES, tile, IMMUTABLE);
        else
            serve_refuse(serve, exchange, status);
        store_abort(&txn);
    }
    writer_unlock_store(&serve->writer);
}

/* --- proofs --- */

static enum status
find_proof(struct serve *serve, struct merkle_path *path, struct note *note, uint64_t index)
{
    struct checkpoint checkpoint;
    struct store_txn txn;
    enum status status;

    serve_witness_note(note, serve);
    status = read_checkpoint(&checkpoint, note);
    if (status == STATUS_OK)
        status = store_begin_read(&txn, &serve->city->store);
    if (status != STATUS_OK)
        return status;
    status = log_inclusion(path, &txn, index, checkpoint.size);
    store_abort(&txn);
    return status;
}

void
serve_proof(struct serve *serve, struct http_exchange *exchange, const char *rest)
{
    char text[PROOF_TEXT_MAX];
    size_t len;
    struct merkle_path path;
    struct note note;
    uint64_t index;
    enum status status = serve_number(&index, rest, rest + strlen(rest), MERKLE_SIZE_MAX)
                             ? STATUS_OK
                             : STATUS_NOT_FOUND;

    if (status == STATUS_OK)
        status = writer_lock_store(&serve->writer);
    if (status == STATUS_OK) {
        status = find_proof(serve, &path, &note, index);
        writer_unlock_store(&serve->writer);
    }
    if (status != STATUS_OK) {
        serve_refuse(serve, exchange, status);
        return;
    }
    proof_write(text, &len, index, &path, (struct span){note.bytes, note.len});
    serve_body(serve, exchange, SERVE_TEXT, (struct span){(const uint8_t *)text, len}, NULL);
}
