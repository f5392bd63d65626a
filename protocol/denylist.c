#include "denylist.h"

#include <assert.h>
#include <string.h>

static int
compare(const struct kid *a, const struct kid *b)
{
    return memcmp(a->bytes, b->bytes, sizeof a->bytes);
}

/* The place of an id, or where it would stand. */
static size_t
place(const struct kid *ids, size_t count, const struct kid *id)
{
    size_t low = 0;
    size_t high = count;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (compare(&ids[middle], id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool
is_at(const struct kid *ids, size_t count, size_t at, const struct kid *id)
{
    return at < count && compare(&ids[at], id) == 0;
}

/* False when the id is there already. There must be room. */
static bool
insert(struct kid *ids, size_t *count, const struct kid *id)
{
    const size_t at = place(ids, *count, id);

    if (is_at(ids, *count, at, id))
        return false;
    memmove(&ids[at + 1], &ids[at], (*count - at) * sizeof ids[0]);
    ids[at] = *id;
    (*count)++;
    return true;
}

/* False when the id is not there. */
static bool
take_out(struct kid *ids, size_t *count, const struct kid *id)
{
    const size_t at = place(ids, *count, id);

    if (!is_at(ids, *count, at, id))
        return false;
    memmove(&ids[at], &ids[at + 1], (*count - at - 1) * sizeof ids[0]);
    (*count)--;
    return true;
}

bool
denylist_has(const struct denylist *list, const struct kid *id)
{
    assert(list->count <= list->cap && list->early_count <= DENYLIST_EARLY_MAX);
    if (is_at(list->ids, list->count, place(list->ids, list->count, id), id))
        return true;
    for (size_t i = 0; i < list->early_count; i++) {
        if (compare(&list->early[i].id, id) == 0)
            return true;
    }
    return false;
}

void
denylist_hash(struct digest *out, const struct denylist *list)
{
    const struct span all = {(const uint8_t *)list->ids, list->count * sizeof list->ids[0]};

    static_assert(sizeof(struct kid) == KID_SIZE, "ids lie without gaps");
    assert(list->count <= list->cap);
    crypt_hash(out, &all, 1);
}

enum status
denylist_add(struct denylist *list, const struct kid *id)
{
    assert(list->count <= list->cap);
    if (is_at(list->ids, list->count, place(list->ids, list->count, id), id))
        return STATUS_EXISTS;
    if (list->count == list->cap || list->version == UINT32_MAX)
        return STATUS_CAPACITY;
    (void)insert(list->ids, &list->count, id);
    list->version++;
    return STATUS_OK;
}

enum status
denylist_remove(struct denylist *list, const struct kid *id)
{
    assert(list->count <= list->cap);
    if (list->version == UINT32_MAX)
        return STATUS_CAPACITY;
    if (!take_out(list->ids, &list->count, id))
        return STATUS_NOT_FOUND;
    list->version++;
    return STATUS_OK;
}

static struct denylist_early *
early_find(struct denylist *list, const struct kid *id)
{
    for (size_t i = 0; i < list->early_count; i++) {
        if (compare(&list->early[i].id, id) == 0)
            return &list->early[i];
    }
    return NULL;
}

/* Lets the added ids of news that cannot be applied count; CAPACITY when they do not all fit. */
static enum status
early_add(struct denylist *list, const struct msg_news *news)
{
    size_t missing = 0;

    for (size_t i = 0; i < news->added_count; i++)
        missing += early_find(list, &news->added[i]) == NULL;
    if (missing > DENYLIST_EARLY_MAX - list->early_count)
        return STATUS_CAPACITY;
    for (size_t i = 0; i < news->added_count; i++) {
        struct denylist_early *early = early_find(list, &news->added[i]);

        if (early == NULL) {
            early = &list->early[list->early_count++];
            *early = (struct denylist_early){.id = news->added[i]};
        }
        if (early->to < news->to)
            early->to = news->to;
    }
    return STATUS_OK;
}

/* Forgets what a list of this version contains, or no longer contains, by itself. */
static void
early_drop(struct denylist *list)
{
    size_t kept = 0;

    for (size_t i = 0; i < list->early_count; i++) {
        if (list->early[i].to > list->version)
            list->early[kept++] = list->early[i];
    }
    list->early_count = kept;
}

/* What one news did to the list, so that it can be taken back. */
struct effect {
    bool added[DENYLIST_NEWS_MAX];
    bool removed[DENYLIST_NEWS_MAX];
};

/* Removes and adds; false, with what was done so far, when the array is full. */
static bool
change(struct effect *done, struct denylist *list, const struct msg_news *news)
{
    memset(done, 0, sizeof *done);
    for (size_t i = 0; i < news->removed_count; i++)
        done->removed[i] = take_out(list->ids, &list->count, &news->removed[i]);
    for (size_t i = 0; i < news->added_count; i++) {
        const size_t at = place(list->ids, list->count, &news->added[i]);

        if (is_at(list->ids, list->count, at, &news->added[i]))
            continue;
        if (list->count == list->cap)
            return false;
        done->added[i] = insert(list->ids, &list->count, &news->added[i]);
    }
    return true;
}

static void
take_back(const struct effect *done, struct denylist *list, const struct msg_news *news)
{
    for (size_t i = 0; i < news->added_count; i++) {
        if (done->added[i])
            (void)take_out(list->ids, &list->count, &news->added[i]);
    }
    for (size_t i = 0; i < news->removed_count; i++) {
        if (done->removed[i])
            (void)insert(list->ids, &list->count, &news->removed[i]);
    }
}

enum status
denylist_apply(struct denylist *list, const struct msg_news *news)
{
    struct effect done;
    struct digest hash;
    enum status status;

    assert(list->count <= list->cap && list->early_count <= DENYLIST_EARLY_MAX);
    if (news->from > news->to || news->added_count + news->removed_count > DENYLIST_NEWS_MAX)
        return STATUS_CBOR_RANGE;
    if (news->to < list->version || (news->to == list->version && news->time <= list->time_unix_s))
        return STATUS_NEWS_OLD;
    if (news->from > list->version) {
        status = early_add(list, news);
        return status == STATUS_OK ? STATUS_NEWS_GAP : status;
    }
    if (!change(&done, list, news)) {
        take_back(&done, list, news);
        return STATUS_CAPACITY;
    }
    denylist_hash(&hash, list);
    if (memcmp(&hash, &news->hash, sizeof hash) != 0) {
        take_back(&done, list, news);
        status = early_add(list, news);
        return status == STATUS_OK ? STATUS_NEWS_HASH : status;
    }
    list->version = news->to;
    /* A part of what is new may be dated before what was applied last. */
    if (news->time > list->time_unix_s)
        list->time_unix_s = news->time;
    early_drop(list);
    return STATUS_OK;
}

enum status
denylist_open(struct msg_news *out, struct span in, uint64_t network,
              const struct signer_list *signers, uint64_t now_unix_s)
{
    struct cose_message message;
    enum status status = msg_open(&message, out, &msg_news_schema, network, in);

    if (status == STATUS_OK)
        status = signer_check(NULL, signers, SIGNER_NEWS, &message, &msg_news_schema, network,
                              out->time, now_unix_s);
    if (status != STATUS_OK)
        memset(out, 0, sizeof *out);
    return status;
}

void
denylist_news(struct msg_news *out, uint64_t from, const struct digest *hash,
              const struct denylist_change *changes, size_t count, uint64_t time_unix_s)
{
    size_t used = 0;

    memset(out, 0, sizeof *out);
    while (used < count) {
        const struct denylist_change *next = &changes[used];
        const struct kid *id = &next->id;
        const bool known =
            is_at(out->added, out->added_count, place(out->added, out->added_count, id), id) ||
            is_at(out->removed, out->removed_count, place(out->removed, out->removed_count, id),
                  id);

        if (!known && out->added_count + out->removed_count == DENYLIST_CODE_MAX)
            break;
        /* Only the last change of an id matters: news applies onto any version in between. */
        (void)take_out(next->added ? out->removed : out->added,
                       next->added ? &out->removed_count : &out->added_count, id);
        (void)insert(next->added ? out->added : out->removed,
                     next->added ? &out->added_count : &out->removed_count, id);
        used++;
    }
    out->from = from;
    out->to = from + used;
    out->hash = used > 0 ? changes[used - 1].hash : *hash;
    out->time = time_unix_s;
}
