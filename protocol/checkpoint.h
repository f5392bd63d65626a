/* Checkpoints: the size and root of a log as a signed note. C2SP tlog-checkpoint v1.0.0, three
 * lines and no extension lines; the witnesses' cosignatures are lines of the same note. */
#ifndef SCHWEBE_CHECKPOINT_H
#define SCHWEBE_CHECKPOINT_H

#include <stddef.h>
#include <stdint.h>

#include "crypt.h"
#include "note.h"
#include "span.h"
#include "status.h"

#define CHECKPOINT_ORIGIN_MAX NOTE_NAME_MAX
/* origin, size, base64 root, each with its line end */
#define CHECKPOINT_TEXT_MAX                                                                        \
    (CHECKPOINT_ORIGIN_MAX + 1 + NOTE_DECIMAL_MAX + 1 + BASE64_LEN(DIGEST_SIZE) + 1)

/* The origin is a host name and path without scheme and last slash, and the log key's name. */
struct checkpoint {
    uint64_t size;
    struct digest root;
    char origin[CHECKPOINT_ORIGIN_MAX + 1];
};

/* Fills `out` with the three lines and `len`. */
void checkpoint_format(char out[static CHECKPOINT_TEXT_MAX], size_t *len,
                       const struct checkpoint *checkpoint);

/* Reads the text of a note. STATUS_CHECKPOINT_FORM for anything that checkpoint_format would not
 * have written, a size above MERKLE_SIZE_MAX included; STATUS_LOG_ROOT for an empty tree with
 * another root than H(""). On failure `out` is untouched. */
MUST_CHECK enum status checkpoint_parse(struct checkpoint *out, struct span text);

/* Makes the note of a tree, signed by the log: the key is of type NOTE_ED25519 and its name is the
 * origin. STATUS_CHECKPOINT_FORM when the name is no origin: it ends with a slash. On failure `out`
 * is untouched. */
MUST_CHECK enum status checkpoint_sign(struct note *out, uint64_t size, const struct digest *root,
                                       const struct note_key *key, const struct secret_key *secret);

/* Reads a signed checkpoint. keys[0] is the log's own, the others are witnesses; `count` in all.
 * Fills checks[i] for keys[i] as note_verify does and `out`. Without a good signature of keys[0],
 * and when the origin is not its name, STATUS_SIGNER_UNKNOWN; else as note_verify and
 * checkpoint_parse say. On failure `out` is untouched and no key counts as signer. How many
 * witnesses are enough is for the caller to say. */
MUST_CHECK enum status checkpoint_verify(struct checkpoint *out, struct note_check *checks,
                                         struct span note, const struct note_key *keys,
                                         size_t count);

#endif
