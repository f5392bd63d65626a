/* Makes keys out of names, signed messages, and structs full of allowed values: for tests. A
 * failure in here ends the program. */
#ifndef SCHWEBE_FORGE_H
#define SCHWEBE_FORGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/msg.h"
#include "protocol/signer.h"

struct forge_key {
    struct secret_key secret;
    struct public_key key;
    struct kid kid;
};

/* One complete COSE_Sign1, or the payload of one, before it is signed. */
struct forge_message {
    size_t len;
    uint8_t bytes[MSG_SIGN_MAX];
};

/* A key pair whose seed is the hash of its name. Starts libsodium. */
void forge_key(struct forge_key *out, const char *name);

struct span forge_span(const struct forge_message *message);

/* Signs any message but a transfer, and a transfer. `id` may be NULL. */
void forge_sign(struct forge_message *out, struct digest *id, const struct schema *schema,
                const void *object, uint64_t network, const struct forge_key *key);
void forge_transfer(struct forge_message *out, struct digest *id,
                    const struct msg_transfer *transfer, uint64_t network,
                    const struct digest *request, const struct forge_key *key);

/* Takes a message apart; it must be one. */
struct cose_message forge_open(struct span message);

/* Adds a role key that may sign from `from` to `until` and is verified for 15 days more. */
void forge_role(struct signer_list *list, enum signer_role role, const struct forge_key *key,
                uint64_t from, uint64_t until);

/* The next number of a sequence that `state` decides; below `bound` (1 to 2^64 - 1). */
uint64_t forge_random(uint64_t *state);
uint64_t forge_below(uint64_t *state, uint64_t bound);

/* How forge_fill chooses: every field at its least, at its most, or anything allowed. */
enum forge_choice { FORGE_LEAST, FORGE_MOST, FORGE_ANY };

/* Bytes that spans may point at: as many as the longest field has. */
#define FORGE_BYTES_MAX 65536

/* Fills a struct with values that its table allows, optional ones there or not. Lengths and counts
 * of FORGE_ANY stay below `longest`. Spans borrow from static storage. */
void forge_fill(void *object, const struct schema *schema, enum forge_choice choice, size_t longest,
                uint64_t *random);

#endif
