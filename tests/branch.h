/* Logs in memory that have a beginning in common: what a log shows to one and to another. */
#ifndef SCHWEBE_BRANCH_H
#define SCHWEBE_BRANCH_H

#include <stdint.h>

#include "protocol/checkpoint.h"
#include "protocol/merkle.h"
#include "protocol/note.h"

/* A history: its entries from `from` on are its own, those before are everybody's. */
struct branch {
    uint64_t from;
    unsigned name;
};

#define BRANCH_ENTRY_SIZE 3

/* The key of a log or witness: always the same for a name. */
void branch_key(struct note_key *key, struct secret_key *secret, enum note_type type,
                const char *name);

void branch_entry(uint8_t out[static BRANCH_ENTRY_SIZE], const struct branch *branch,
                  uint64_t index);
void branch_root(struct digest *out, const struct branch *branch, uint64_t size);

/* The proof that the tree of `old` continues as the one of `size`, within the branch. */
void branch_proof(struct merkle_path *out, const struct branch *branch, uint64_t old,
                  uint64_t size);

/* The proof that an entry is in the tree of `size`. */
void branch_inclusion(struct merkle_path *out, const struct branch *branch, uint64_t index,
                      uint64_t size);

/* The log's checkpoint of a tree. */
void branch_note(struct note *out, const struct branch *branch, uint64_t size,
                 const struct note_key *key, const struct secret_key *secret);

#endif
