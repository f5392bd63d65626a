/* The role keys that somebody knows, and whether one of them signed a message. PROTOCOL.md
 * section 7.
 *
 * Every check takes two times. `signed_unix_s` is when the message claims to have been signed: at
 * the ledger the entry's time; elsewhere `from` of a certificate, `time` of news, anchor, kill and
 * settlement proof, of parameters the earlier of `from` and the clock. `now_unix_s` is the
 * checker's own clock; at the ledger the two are the same. */
#ifndef SCHWEBE_SIGNER_H
#define SCHWEBE_SIGNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cose.h"
#include "msg.h"
#include "status.h"

/* Roles; section 7. Append-only. */
enum signer_role {
    SIGNER_ROOT = 1,
    SIGNER_PROGRAMME = 2,
    SIGNER_TREASURY = 3,
    SIGNER_ENROLMENT = 4,
    SIGNER_ALLOWANCE = 5,
    SIGNER_SETTLEMENT = 6,
    SIGNER_NEWS = 7,
    SIGNER_CHECKPOINT = 8,
    SIGNER_PROOF = 9,
    SIGNER_PARKING = 10,
    SIGNER_SUPPORT = 11,
    SIGNER_WITNESS = 12,
    SIGNER_AUDIT = 13,
};

/* Enough for ten years of twelve roles with two keys a year. */
#define SIGNER_MAX 256

/* What the verify_until of a role key exceeds its until by, at least. */
#define SIGNER_VERIFY_SECONDS 1296000
/* How long before its first use a role key is logged. */
#define SIGNER_NOTICE_SECONDS 1209600

/* One key in one role. A kill that came before its key leaves an entry with all times 0. */
struct signer_key {
    struct public_key key;
    struct kid kid;
    enum signer_role role;
    bool killed;
    uint64_t from;
    uint64_t until;
    uint64_t verify_until;
    uint64_t index; /* of the entry that brought it, for the caller's use */
};

/* All zero is the empty list. */
struct signer_list {
    size_t count;
    struct signer_key keys[SIGNER_MAX];
};

/* Adds the three roots of a genesis; they never expire. DUPLICATE_ID when two are the same or one
 * is there already, CAPACITY; then the list is untouched. */
MUST_CHECK enum status signer_add_roots(struct signer_list *list, const struct msg_genesis *genesis,
                                        uint64_t index);

/* Adds a role key. CBOR_RANGE unless from <= until and verify_until >= until + 15 days,
 * DUPLICATE_ID when the key is there in this role, CAPACITY; then the list is untouched. A key that
 * was killed before it came is added as killed. */
MUST_CHECK enum status signer_add(struct signer_list *list, const struct msg_role_key *key,
                                  uint64_t index);

/* Kills a key in the role that the kill names, for ever; also one that is not known yet. CAPACITY
 * when there is no room to remember that. REPLAY when it is killed already. */
MUST_CHECK enum status signer_kill(struct signer_list *list, const struct msg_kill *kill);

/* The entry of a key in a role, one that is only known by its kill included; NULL when there is
 * none. Borrows from `list`. */
const struct signer_key *signer_known(const struct signer_list *list, enum signer_role role,
                                      const struct public_key *key);

/* Whether a key of `role` signed the message. Each step drops keys, and the first that leaves none
 * gives the status:
 *   SIGNER_UNKNOWN  another role or kid
 *   KEY_KILLED
 *   KEY_NOT_YET     signed before `from`
 *   KEY_EXPIRED     signed after `until`, or now after `verify_until`
 *   SIGNATURE_BAD
 * `found`, unless NULL, borrows from `list`; NULL on failure. For every type but the transfer. */
MUST_CHECK enum status signer_check(const struct signer_key **found, const struct signer_list *list,
                                    enum signer_role role, const struct cose_message *message,
                                    const struct schema *schema, uint64_t network,
                                    uint64_t signed_unix_s, uint64_t now_unix_s);

/* All of signer_check but the signature: the key under which a message with this kid has to verify.
 * There is at most one, as a role has a key once. Borrows from `list`; NULL on failure. */
MUST_CHECK enum status signer_find(const struct signer_key **found, const struct signer_list *list,
                                   enum signer_role role, const struct kid *kid,
                                   uint64_t signed_unix_s, uint64_t now_unix_s);

/* Whether any key that ever had the role signed it, whatever the time and whether or not it was
 * killed since: for evidence. SIGNER_UNKNOWN, SIGNATURE_BAD. */
MUST_CHECK enum status signer_check_ever(const struct signer_list *list, enum signer_role role,
                                         const struct cose_message *message,
                                         const struct schema *schema, uint64_t network);

/* Whether an act of the city carries the signatures that its type needs: one of its role with the
 * statuses of signer_check, or two over one payload with different kids, one of each role (or two
 * roots; a kill has either), else SECOND_SIGNATURE. ROLE_NOT_ALLOWED for a type that no role signs
 * and for genesis. messages[count]: one or two, opened with `schema`. */
MUST_CHECK enum status signer_check_act(const struct signer_list *list,
                                        const struct cose_message *messages, size_t count,
                                        const struct schema *schema, uint64_t network,
                                        uint64_t signed_unix_s, uint64_t now_unix_s);

/* Whether two of the roots that it names signed a genesis. DUPLICATE_ID when two roots are the
 * same, SECOND_SIGNATURE. */
MUST_CHECK enum status signer_check_genesis(const struct msg_genesis *genesis,
                                            const struct cose_message messages[static 2]);

#endif
