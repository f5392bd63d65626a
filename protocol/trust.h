/* What somebody outside the ledger comes to trust: the roots of one city, pinned once, and the role
 * keys and kills that reach him since. PROTOCOL.md sections 7 and 8. The state is a signer_list;
 * its stored form is one record a key. */
#ifndef SCHWEBE_TRUST_H
#define SCHWEBE_TRUST_H

#include <stdbool.h>
#include <stdint.h>

#include "cose.h"
#include "msg.h"
#include "schema.h"
#include "signer.h"
#include "span.h"
#include "status.h"

/* Reads both messages of a genesis; the first says which network this is. Borrows from `parts`.
 * Checks no signature. The statuses of msg_open; on failure `out` means nothing. */
MUST_CHECK enum status trust_read_genesis(struct msg_genesis *out,
                                          struct cose_message messages[static 2],
                                          const struct span parts[static 2]);

/* Pins the roots of a city parcel, whose acts from the third part on trust_learn takes in pairs:
 * `signers` are then these roots alone. `genesis` borrows from the parcel. ENTRY_SHAPE for another
 * parcel; the statuses of trust_read_genesis and signer_check_genesis. */
MUST_CHECK enum status trust_pin(struct signer_list *signers, struct msg_genesis *genesis,
                                 const struct msg_parcel *city);

/* Whether the genesis names the roots that are pinned, in any order. */
bool trust_is_city(const struct signer_list *signers, const struct msg_genesis *genesis);

/* Takes an act of two signers, a role key or a kill, judged at its own time: one learns of it late.
 * `changed` borrows the key that is to be stored; NULL when there was nothing new, and on failure.
 * What was learned once stays learned, also when a key that signed it has been killed since.
 * MESSAGE_TYPE for another act; the statuses of msg_open, signer_check_act, signer_add and
 * signer_kill. On failure the list is untouched. */
MUST_CHECK enum status trust_learn(const struct signer_key **changed, struct signer_list *signers,
                                   const struct span parts[static 2], uint64_t network);

/* Whether an act, of which `first` was opened with `schema`, is signed as its type needs together
 * with the second message, at the time `signed_unix_s`. The statuses of cose_parse and
 * signer_check_act. */
MUST_CHECK enum status trust_check_pair(const struct signer_list *signers,
                                        const struct cose_message *first, struct span second,
                                        const struct schema *schema, uint64_t network,
                                        uint64_t signed_unix_s);

/* The stored form of a key: role and key are the id under which the record is found. */
#define TRUST_ID_SIZE (1 + PUBLIC_KEY_SIZE)
#define TRUST_RECORD_MAX 64

void trust_id(uint8_t out[static TRUST_ID_SIZE], const struct signer_key *key);

/* Fills `out`, which has room for TRUST_RECORD_MAX bytes. CBOR_RANGE for times past 2106. */
MUST_CHECK enum status trust_store(uint8_t *out, size_t *len, const struct signer_key *key);

/* Adds a key as it was stored; the order is the caller's. STORE_BROKEN when this is no such record
 * or there are more than SIGNER_MAX; then the list is untouched. */
MUST_CHECK enum status trust_load(struct signer_list *signers, struct span id, struct span record);

#endif
