/* Which logs are believed, and which witnesses are enough; C2SP tlog-policy. Pure: no heap, no
 * system.
 *
 * A policy is lines: `log <vkey> [url]`, `witness <name> <vkey> [url]`, `group <name> all|any|<k>
 * <member>...` and one `quorum <name>|none`. Names are bytes, defined on an earlier line and member
 * of one group at most, so every witness counts in one way only. */
#ifndef SCHWEBE_POLICY_H
#define SCHWEBE_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/checkpoint.h"
#include "protocol/note.h"
#include "protocol/span.h"
#include "protocol/status.h"

/* What tlog-policy asks of a reader. */
#define POLICY_LOGS_MAX 32
#define POLICY_WITNESSES_MAX 32
#define POLICY_GROUPS_MAX 32
#define POLICY_NODES_MAX (POLICY_WITNESSES_MAX + POLICY_GROUPS_MAX)
#define POLICY_SIZE_MAX 65536
#define POLICY_NAME_MAX 255
#define POLICY_URL_MAX 255

/* No group above, or no quorum. */
#define POLICY_NOBODY SIZE_MAX

/* A witness or a group, in the order of the lines: a group comes after its members. */
struct policy_node {
    char name[POLICY_NAME_MAX + 1];
    size_t parent; /* the group that it is a member of, or POLICY_NOBODY */
    bool group;
    size_t witness;   /* of a witness: its place in the lists below */
    size_t threshold; /* of a group: how many of its members are enough */
};

/* About 60 KiB: static memory. All zero is no policy. */
struct policy {
    size_t log_count;
    size_t witness_count;
    size_t node_count;
    size_t quorum; /* a node, or POLICY_NOBODY when no witness is needed */
    struct note_key logs[POLICY_LOGS_MAX];
    struct note_key witnesses[POLICY_WITNESSES_MAX];
    char log_urls[POLICY_LOGS_MAX][POLICY_URL_MAX + 1]; /* "" when there is none */
    char witness_urls[POLICY_WITNESSES_MAX][POLICY_URL_MAX + 1];
    struct policy_node nodes[POLICY_NODES_MAX];
};

/* Reads a policy. On failure `out` is zeroed, `line` is the number of the line, from 1 on, and the
 * status is that of the first line that is not in order:
 *   TOO_LARGE         more than POLICY_SIZE_MAX bytes (line 0)
 *   POLICY_FORM       control character other than tab, no line end, unknown first word, too few,
 *                     too many or too long words
 *   POLICY_KEY        not a vkey, or not one of a log or witness
 *   POLICY_NAME       a name that no earlier line defines, or `none` where it means nothing
 *   POLICY_TWICE      a name, key, member or quorum that was there before
 *   POLICY_THRESHOLD  a group that needs nobody, or more than it has
 *   CAPACITY          too many logs, witnesses or groups
 *   POLICY_QUORUM     no line says what the quorum is (the last line)
 */
MUST_CHECK enum status policy_parse(struct policy *out, size_t *line, struct span text);

/* A policy of one log without witnesses. */
void policy_of_log(struct policy *out, const struct note_key *log);

/* Whether those witnesses are enough who have signed; checks[i] is of witnesses[i]. */
bool policy_enough(const struct policy *policy, const struct note_check *checks);

/* Reads a checkpoint that one of the logs has signed; fills checks[i] for witnesses[i], in all
 * witness_count, and `out`. The failures of checkpoint_verify, with SIGNER_UNKNOWN when it is of no
 * log of the policy; WITNESSES_MISSING when the cosignatures are not enough. On failure `out` is
 * untouched; `checks` tell who has signed only after WITNESSES_MISSING. */
MUST_CHECK enum status policy_verify(const struct policy *policy, struct checkpoint *out,
                                     struct note_check checks[static POLICY_WITNESSES_MAX],
                                     struct span note);

#endif
