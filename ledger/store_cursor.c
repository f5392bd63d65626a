#include "store.h"

#include <assert.h>
#include <string.h>

void
store_cursor_start(struct store_cursor *out, struct store_txn *txn, enum store_table table,
                   struct span prefix)
{
    assert(prefix.len <= STORE_KEY_MAX);
    assert((unsigned)table < STORE_TABLES);
    memset(out, 0, sizeof *out);
    out->txn = txn;
    out->table = table;
    out->prefix_len = prefix.len;
    if (prefix.len > 0)
        memcpy(out->prefix, prefix.data, prefix.len);
}

static bool
starts_with(struct span key, struct span prefix)
{
    return key.len >= prefix.len &&
           (prefix.len == 0 || memcmp(key.data, prefix.data, prefix.len) == 0);
}

/* A pair that was looked up, if it is one of ours: the cursor then stands on it. */
static enum status
arrive(struct store_cursor *cursor, struct span *key, struct span *value, enum status status,
       const struct span found[static 2])
{
    if (status != STATUS_OK)
        return status;
    if (!starts_with(found[0], (struct span){cursor->prefix, cursor->prefix_len}))
        return STATUS_NOT_FOUND;
    /* store_find has looked at what came from the disk. */
    assert(found[0].len > 0 && found[0].len <= STORE_KEY_MAX);
    memcpy(cursor->last, found[0].data, found[0].len);
    cursor->last_len = found[0].len;
    *key = found[0];
    *value = found[1];
    return STATUS_OK;
}

/* Whether `a` comes before `b` in the order of the table. */
static bool
is_less(struct span a, struct span b)
{
    size_t shorter = a.len < b.len ? a.len : b.len;
    int order = shorter == 0 ? 0 : memcmp(a.data, b.data, shorter);

    return order != 0 ? order < 0 : a.len < b.len;
}

enum status
store_cursor_seek(struct store_cursor *cursor, struct span *key, struct span *value,
                  struct span from)
{
    const struct span prefix = {cursor->prefix, cursor->prefix_len};
    struct span found[2] = {{0}};
    enum status status;

    assert(from.len <= STORE_KEY_MAX);
    status = store_find(&found[0], &found[1], cursor->txn, cursor->table, STORE_AT_LEAST,
                        is_less(from, prefix) ? prefix : from);
    return arrive(cursor, key, value, status, found);
}

enum status
store_cursor_last(struct store_cursor *cursor, struct span *key, struct span *value)
{
    size_t len = cursor->prefix_len;
    struct span found[2] = {{0}};
    uint8_t behind[STORE_KEY_MAX];
    enum status status;

    /* The first key behind all that begin with the prefix; nothing is behind one of 0xFF alone. */
    memcpy(behind, cursor->prefix, len);
    while (len > 0 && behind[len - 1] == 0xFF)
        len--;
    if (len > 0)
        behind[len - 1]++;
    status = store_find(&found[0], &found[1], cursor->txn, cursor->table, STORE_BEFORE,
                        (struct span){behind, len});
    return arrive(cursor, key, value, status, found);
}

/* Both steps look up the key they stand on again: changes in the same transaction may have moved or
 * removed it. LMDB does so quickly when it is on the page where it was before. */
enum status
store_cursor_next(struct store_cursor *cursor, struct span *key, struct span *value)
{
    struct span found[2] = {{0}};
    enum status status;

    if (cursor->last_len == 0)
        return store_cursor_seek(cursor, key, value, (struct span){NULL, 0});
    status = store_find(&found[0], &found[1], cursor->txn, cursor->table, STORE_AFTER,
                        (struct span){cursor->last, cursor->last_len});
    return arrive(cursor, key, value, status, found);
}

enum status
store_cursor_previous(struct store_cursor *cursor, struct span *key, struct span *value)
{
    struct span found[2] = {{0}};
    enum status status;

    if (cursor->last_len == 0)
        return store_cursor_last(cursor, key, value);
    status = store_find(&found[0], &found[1], cursor->txn, cursor->table, STORE_BEFORE,
                        (struct span){cursor->last, cursor->last_len});
    return arrive(cursor, key, value, status, found);
}
