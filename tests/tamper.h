/* A log as a dishonest operator would change it: the entries of a real city, edited one by one,
 * then written out with tree, tiles and checkpoint made anew and signed with the city's own key. So
 * nothing but the rules can tell. A failure in here ends the program. */
#ifndef SCHWEBE_TAMPER_H
#define SCHWEBE_TAMPER_H

#include <stddef.h>
#include <stdint.h>

#include "fixture.h"

#define TAMPER_ENTRIES_MAX 600
#define TAMPER_BYTES_MAX (UINT32_C(1) << 20)

/* About 1 MiB: static memory. */
struct tamper {
    struct fixture_city *city; /* borrowed */
    size_t count;
    struct span entries[TAMPER_ENTRIES_MAX];
    size_t original_count;
    struct span original[TAMPER_ENTRIES_MAX];
    size_t original_used;
    size_t used; /* of `bytes`: the original entries, then whatever was made since the last reset */
    uint8_t bytes[TAMPER_BYTES_MAX];
};

/* Takes the entries of a city, whose keys are borrowed until the end; and takes back all changes.
 */
void tamper_load(struct tamper *tamper, struct fixture_city *city);
void tamper_reset(struct tamper *tamper);

/* The first entry of a kind at or behind `from`. */
size_t tamper_find(const struct tamper *tamper, size_t from, uint64_t kind);

/* Reads an entry; its spans borrow from the log until the next reset. */
void tamper_get(struct msg_entry *out, const struct tamper *tamper, size_t index);

/* Replace an entry, or put one before that at `index`. The bytes are copied. */
void tamper_set(struct tamper *tamper, size_t index, const struct msg_entry *entry);
void tamper_set_bytes(struct tamper *tamper, size_t index, struct span bytes);
void tamper_insert(struct tamper *tamper, size_t index, const struct msg_entry *entry);
void tamper_remove(struct tamper *tamper, size_t index);
/* Exchanges an entry and the next. */
void tamper_swap(struct tamper *tamper, size_t index);
/* Puts a copy of the entry at `from` before the one at `index`, with the time that fits there. */
void tamper_repeat(struct tamper *tamper, size_t index, size_t from);

/* These borrow from the log until the next reset: a copy, a copy with the lowest bit of one byte
 * flipped, a message, an attachment or payload. */
struct span tamper_copy(struct tamper *tamper, struct span in);
struct span tamper_flip(struct tamper *tamper, struct span in, size_t at);
struct span tamper_sign(struct tamper *tamper, const struct schema *schema, const void *object,
                        const struct fixture_key *key);
struct span tamper_encode(struct tamper *tamper, const struct schema *schema, const void *object);

/* An entry without messages that may stand at `index` as far as its time is concerned. */
void tamper_blank(struct msg_entry *out, const struct tamper *tamper, size_t index, uint64_t kind);
/* Inserts an entry with an act, signed by one or two keys (`second` may be NULL). */
void tamper_act(struct tamper *tamper, size_t index, uint64_t kind, const struct schema *schema,
                const void *object, const struct fixture_key *first,
                const struct fixture_key *second);
/* Replaces the attachment of an entry. */
void tamper_attach(struct tamper *tamper, size_t index, const struct schema *schema,
                   const void *attachment);

/* Inserts the upload of a till's items from `first` on, and the entry of one item. */
void tamper_upload(struct tamper *tamper, size_t index, const struct fixture_till *till,
                   size_t first);
void tamper_item(struct tamper *tamper, size_t index, uint64_t kind,
                 const struct fixture_till *till, size_t item, uint64_t upload, uint64_t number,
                 uint64_t outcome);

/* Signs the checkpoints anew that are inside of service days. */
void tamper_days(struct tamper *tamper);

/* Writes the data directory `folder` with its second place, and the export `out`; neither is there
 * before. The stored state is that of the city. */
void tamper_write(const struct tamper *tamper, const char *folder, const char *out);

#endif
