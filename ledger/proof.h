/* Proofs that an entry is in the log, for whoever has no network: C2SP tlog-proof v1, a text with
 * index, path and the checkpoint that it leads to. Pure: no heap, no system. */
#ifndef SCHWEBE_PROOF_H
#define SCHWEBE_PROOF_H

#include <stddef.h>
#include <stdint.h>

#include "policy.h"
#include "protocol/base64.h"
#include "protocol/merkle.h"
#include "protocol/note.h"
#include "protocol/span.h"
#include "protocol/status.h"

#define PROOF_HEAD "c2sp.org/tlog-proof@v1\n"
#define PROOF_INDEX "index "
#define PROOF_EXTRA "extra "
/* Bytes of what others may have put into a proof. */
#define PROOF_EXTRA_MAX 1024
#define PROOF_LINE_LEN (BASE64_LEN(DIGEST_SIZE) + 1)
/* The longest text that is read; ours has no extra. */
#define PROOF_TEXT_MAX                                                                             \
    (sizeof PROOF_HEAD + sizeof PROOF_EXTRA + BASE64_LEN(PROOF_EXTRA_MAX) + sizeof PROOF_INDEX +   \
     NOTE_DECIMAL_MAX + MERKLE_PATH_MAX * PROOF_LINE_LEN + 3 + NOTE_SIZE_MAX)

/* A proof, taken apart; borrows from its text. */
struct proof {
    uint64_t index;
    struct merkle_path path;
    struct span extra; /* in base64, and nobody has signed it: not to be trusted; empty without */
    struct span note;
};

/* Fills `out` with a proof and `len`. The note has at most NOTE_SIZE_MAX bytes. */
void proof_write(char out[static PROOF_TEXT_MAX], size_t *len, uint64_t index,
                 const struct merkle_path *path, struct span note);

/* Takes a proof apart and checks nothing yet. TOO_LARGE; CHECKPOINT_FORM for any other form. On
 * failure `out` is untouched. */
MUST_CHECK enum status proof_parse(struct proof *out, struct span text);

/* Whether a proof shows that `entry` is in a log of the policy, seen by enough witnesses: the
 * failures of policy_verify, then LOG_PROOF. Fills `out` with the checkpoint; untouched on failure.
 */
MUST_CHECK enum status proof_check(struct checkpoint *out, const struct proof *proof,
                                   struct span entry, const struct policy *policy);

#endif
