#include "verify_served.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define CONNECT_SECONDS 20
#define SECONDS 300

static enum status
wrong(struct verify_served *served, enum status status, const char *where, const char *where_german)
{
    served->wrong = (struct verify_wrong){false, where, where_german};
    return status;
}

/* --- asking -------------------------------------------------------------------------------------
 */

/* What an answer other than 200 says. */
static enum status
refused(struct verify_served *served, unsigned code)
{
    if (code == 403)
        return wrong(served, STATUS_AUDITORS_ONLY,
                     "the node does not show this to everybody: it has to be started with "
                     "--open-entries, or ask for an export",
                     "der Knoten zeigt das nicht jedem: er muss mit --open-entries laufen, oder "
                     "um eine Ausfuhr bitten");
    if (code == 404)
        return wrong(served, STATUS_NOT_FOUND, "the node does not have it",
                     "der Knoten hat es nicht");
    if (code == 429 || code == 503)
        return wrong(served, STATUS_SERVER_BUSY, "the node is too busy or out of order",
                     "der Knoten ist überlastet oder gestört");
    return wrong(served, STATUS_SERVER_ANSWER, "the node's answer is none that it should give",
                 "der Knoten antwortet, wie er nicht sollte");
}

/* GET of served->path. */
static enum status
get(struct verify_served *served, uint8_t *body, size_t cap, size_t *len)
{
    char url[VERIFY_URL_MAX + VERIFY_PATH_MAX];
    const struct fetch_request request = {.url = url,
                                          .connect_seconds = CONNECT_SECONDS,
                                          .seconds = SECONDS,
                                          .authorities = served->authorities};
    struct fetch_answer answer;
    enum status status;

    if (served->url_len >= VERIFY_URL_MAX)
        return wrong(served, STATUS_SERVER_ADDRESS, "the address is too long",
                     "die Adresse ist zu lang");
    (void)snprintf(url, sizeof url, "%.*s/%s", (int)served->url_len, served->url, served->path);
    status = fetch_send(&served->fetch, &answer, body, cap, &request);
    if (status == STATUS_TOO_LARGE)
        return wrong(served, STATUS_SERVER_ANSWER, "the answer is longer than it can be",
                     "die Antwort ist länger, als sie sein kann");
    if (status != STATUS_OK)
        return wrong(served, status, "cannot be asked for", "lässt sich nicht abrufen");
    *len = answer.len;
    return answer.code == 200 ? STATUS_OK : refused(served, answer.code);
}

enum status
verify_served_checkpoint(struct verify_served *served)
{
    struct span text;
    enum status status;

    (void)snprintf(served->path, sizeof served->path, "checkpoint");
    status = get(served, served->note.bytes, sizeof served->note.bytes, &served->note.len);
    if (status != STATUS_OK)
        return status;
    status = note_split(&text, (struct span){served->note.bytes, served->note.len});
    if (status == STATUS_OK)
        status = checkpoint_parse(&served->checkpoint, text);
    if (status == STATUS_OK)
        return STATUS_OK;
    return wrong(served, status, "is no checkpoint", "ist kein Kontrollstand");
}

/* Writes the path of a tile: its index in groups of three digits, an `x` before all but the last.
 */
static void
name_tile(struct verify_served *served, const char *level, uint64_t index, unsigned width)
{
    char groups[40];
    char *at = groups + sizeof groups;
    const char *mark = "";
    char part[16] = "";

    *--at = '\0';
    do {
        char group[8];
        size_t len = (size_t)snprintf(group, sizeof group, "%s%03u%s", mark[0] == '\0' ? "" : "x",
                                      (unsigned)(index % 1000), mark);

        at -= len;
        assert(at >= groups);
        memcpy(at, group, len);
        mark = "/";
        index /= 1000;
    } while (index > 0);
    if (width < TILE_WIDTH)
        (void)snprintf(part, sizeof part, ".p/%u", width);
    (void)snprintf(served->path, sizeof served->path, "tile/%s/%s%s", level, at, part);
}

/* A tile of hashes of exactly this width. */
static enum status
get_tile(struct verify_served *served, uint8_t out[static TILE_BYTES], unsigned level,
         uint64_t index, unsigned width)
{
    char name[4];
    size_t len;
    enum status status;

    (void)snprintf(name, sizeof name, "%u", level % TILE_LEVELS);
    name_tile(served, name, index, width);
    status = get(served, out, TILE_BYTES, &len);
    if (status == STATUS_OK && len != width * DIGEST_SIZE)
        return wrong(served, STATUS_SERVER_ANSWER, "this hash tile has another size",
                     "diese Hash-Kachel hat eine andere Größe");
    return status;
}

/* --- proven tiles -------------------------------------------------------------------------------
 */

static unsigned
edge_width(const struct verify_served *served, unsigned level)
{
    return (unsigned)(tile_hashes(level, served->checkpoint.size) % TILE_WIDTH);
}

static void
hash_at(struct digest *out, const uint8_t *tile, size_t at)
{
    memcpy(out->bytes, tile + at * DIGEST_SIZE, DIGEST_SIZE);
}

/* The frontier of `count` hashes of a tile: its peaks are those of the tree from the level on. */
static void
append_hashes(struct merkle_frontier *tree, const uint8_t *tile, size_t from, size_t count)
{
    memset(tree, 0, sizeof *tree);
    for (size_t i = 0; i < count; i++) {
        struct digest hash;

        hash_at(&hash, tile, from + i);
        merkle_append(tree, &hash);
    }
}

enum status
verify_served_edge(struct verify_served *served)
{
    struct merkle_frontier tree = {.size = served->checkpoint.size};
    struct merkle_frontier part;
    struct digest root;
    enum status status = STATUS_OK;

    for (unsigned level = 0; level < TILE_LEVELS; level++) {
        const unsigned width = edge_width(served, level);

        if (width == 0)
            continue;
        status = get_tile(served, served->edge[level], level,
                          tile_hashes(level, tree.size) / TILE_WIDTH, width);
        if (status != STATUS_OK)
            return status;
        append_hashes(&part, served->edge[level], 0, width);
        memcpy(&tree.peaks[(size_t)level * TILE_HEIGHT], part.peaks,
               TILE_HEIGHT * sizeof tree.peaks[0]);
    }
    merkle_root(&root, &tree);
    if (memcmp(&root, &served->checkpoint.root, sizeof root) == 0)
        return STATUS_OK;
    return wrong(served, STATUS_LOG_ROOT,
                 "the last hash tiles do not lead to the root of the checkpoint",
                 "die letzten Hash-Kacheln führen nicht zur Wurzel des Kontrollstands");
}

/* The bytes of a proven tile that is held: NULL when it is not. */
static const uint8_t *
held(const struct verify_served *served, unsigned level, uint64_t index)
{
    if (index == tile_hashes(level, served->checkpoint.size) / TILE_WIDTH)
        return served->edge[level];
    if (served->tiles[level].held && served->tiles[level].index == index)
        return served->tiles[level].bytes;
    return NULL;
}

/* A full tile, whose root its parent has to hold. */
static enum status
load_tile(struct verify_served *served, unsigned level, uint64_t index, const uint8_t *parent)
{
    struct verify_tile *const tile = &served->tiles[level];
    struct merkle_frontier tree;
    struct digest root;
    struct digest expected;
    enum status status;

    tile->held = false;
    status = get_tile(served, tile->bytes, level, index, TILE_WIDTH);
    if (status != STATUS_OK)
        return status;
    append_hashes(&tree, tile->bytes, 0, TILE_WIDTH);
    merkle_root(&root, &tree);
    hash_at(&expected, parent, (size_t)(index % TILE_WIDTH));
    if (memcmp(&root, &expected, sizeof root) != 0)
        return wrong(served, STATUS_LOG_ROOT,
                     "this hash tile does not belong to the tree of the checkpoint",
                     "diese Hash-Kachel gehört nicht zum Baum des Kontrollstands");
    tile->held = true;
    tile->index = index;
    return STATUS_OK;
}

/* Fills `out` with a proven tile, after those above it that are not held. */
static enum status
find_tile(struct verify_served *served, const uint8_t **out, unsigned level, uint64_t index)
{
    unsigned top = level;
    enum status status = STATUS_OK;

    while (held(served, top, index >> (TILE_HEIGHT * (top - level))) == NULL) {
        top++;
        assert(top < TILE_LEVELS);
    }
    while (top > level && status == STATUS_OK) {
        const uint8_t *const parent = held(served, top, index >> (TILE_HEIGHT * (top - level)));

        top--;
        status = load_tile(served, top, index >> (TILE_HEIGHT * (top - level)), parent);
    }
    *out = held(served, level, index);
    return status;
}

static enum status
get_subtree(void *context, struct digest *out, unsigned level, uint64_t index)
{
    struct verify_served *const served = context;
    const unsigned tile_level = level / TILE_HEIGHT;
    const uint64_t first = index << level % TILE_HEIGHT;
    struct merkle_frontier tree;
    const uint8_t *tile;
    enum status status = find_tile(served, &tile, tile_level, first / TILE_WIDTH);

    if (status != STATUS_OK)
        return status;
    append_hashes(&tree, tile, (size_t)(first % TILE_WIDTH), (size_t)1 << level % TILE_HEIGHT);
    merkle_root(out, &tree);
    return STATUS_OK;
}

struct merkle_source
verify_served_source(struct verify_served *served)
{
    return (struct merkle_source){get_subtree, served};
}

/* --- entries ------------------------------------------------------------------------------------
 */

static unsigned
bundle_width(const struct verify_served *served, uint64_t index)
{
    const uint64_t left = served->checkpoint.size - index * TILE_WIDTH;

    return left < TILE_WIDTH ? (unsigned)left : TILE_WIDTH;
}

static enum status
load_bundle(struct verify_served *served, uint64_t index)
{
    enum status status;

    served->bundle_held = false;
    name_tile(served, "entries", index, bundle_width(served, index));
    status = get(served, served->bundle, VERIFY_BUNDLE_MAX, &served->bundle_len);
    if (status != STATUS_OK)
        return status;
    served->bundle_held = true;
    served->bundle_index = index;
    served->bundle_at = 0;
    served->bundle_next = 0;
    return STATUS_OK;
}

/* The next entry of the bundle. */
static enum status
cut(struct verify_served *served, struct span *entry)
{
    const uint8_t *const at = served->bundle + served->bundle_at;
    const size_t left = served->bundle_len - served->bundle_at;

    if (left < 2 || left - 2 < ((size_t)at[0] << 8 | at[1]))
        return STATUS_CBOR_TRUNCATED;
    *entry = (struct span){at + 2, (size_t)at[0] << 8 | at[1]};
    served->bundle_at += 2 + entry->len;
    served->bundle_next++;
    return STATUS_OK;
}

static enum status
wrong_entry(struct verify_served *served, enum status status, const char *where,
            const char *where_german)
{
    const unsigned width = bundle_width(served, served->bundle_index);

    name_tile(served, "entries", served->bundle_index, width);
    served->wrong = (struct verify_wrong){true, where, where_german};
    return status;
}

enum status
verify_served_entry(struct verify_served *served, struct span *entry, uint64_t index)
{
    const uint64_t number = index / TILE_WIDTH;
    const uint8_t *tile;
    struct digest leaf;
    struct digest expected;
    enum status status;

    if (index >= served->checkpoint.size)
        return STATUS_NOT_FOUND;
    status = find_tile(served, &tile, 0, number);
    if (status == STATUS_OK && (!served->bundle_held || served->bundle_index != number ||
                                served->bundle_next > index % TILE_WIDTH))
        status = load_bundle(served, number);
    if (status != STATUS_OK)
        return status == STATUS_NOT_FOUND ? STATUS_SERVER_ANSWER : status;
    do {
        if (cut(served, entry) != STATUS_OK)
            return wrong_entry(served, STATUS_CBOR_TRUNCATED, "an entry is cut off",
                               "ein Eintrag ist abgeschnitten");
    } while (served->bundle_next <= index % TILE_WIDTH);
    merkle_leaf(&leaf, *entry);
    hash_at(&expected, tile, (size_t)(index % TILE_WIDTH));
    if (memcmp(&leaf, &expected, sizeof leaf) != 0)
        return wrong_entry(served, STATUS_LOG_ROOT,
                           "an entry is not the one that the signed tree has there",
                           "ein Eintrag ist nicht der, den der unterschriebene Baum dort hat");
    if (served->bundle_next == bundle_width(served, number) &&
        served->bundle_at != served->bundle_len)
        return wrong_entry(served, STATUS_SERVER_ANSWER,
                           "there are bytes behind the last entry of the bundle",
                           "hinter dem letzten Eintrag des Bündels stehen noch Bytes");
    return STATUS_OK;
}
