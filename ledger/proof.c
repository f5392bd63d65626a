#include "proof.h"

#include <assert.h>
#include <string.h>

#include "digits.h"

void
proof_write(char out[static PROOF_TEXT_MAX], size_t *len, uint64_t index,
            const struct merkle_path *path, struct span note)
{
    size_t at = 0;

    assert(path->count <= MERKLE_PATH_MAX);
    assert(note.len <= NOTE_SIZE_MAX);
    memcpy(out, PROOF_HEAD PROOF_INDEX, sizeof PROOF_HEAD PROOF_INDEX - 1);
    at = sizeof PROOF_HEAD PROOF_INDEX - 1;
    at += note_decimal(out + at, index);
    out[at++] = '\n';
    for (size_t i = 0; i < path->count; i++) {
        base64_encode(out + at, (struct span){path->hashes[i].bytes, DIGEST_SIZE});
        at += PROOF_LINE_LEN;
        out[at - 1] = '\n';
    }
    out[at++] = '\n';
    memcpy(out + at, note.data, note.len);
    *len = at + note.len;
}

/* Whether a line begins with a word; `rest` is what follows it. */
static bool
begins(struct span *rest, struct span line, const char *word)
{
    const size_t len = strlen(word);

    if (line.len < len || memcmp(line.data, word, len) != 0)
        return false;
    *rest = (struct span){line.data + len, line.len - len};
    return true;
}

static bool
is_extra(struct span text)
{
    uint8_t bytes[PROOF_EXTRA_MAX];
    size_t len;

    return base64_decode(bytes, &len, sizeof bytes, text) == STATUS_OK;
}

/* The lines in front of the path. */
static bool
read_head(struct proof *out, struct span *rest)
{
    struct span line;
    struct span value;

    if (!begins(rest, *rest, PROOF_HEAD) || !note_take_line(&line, rest))
        return false;
    out->extra = (struct span){NULL, 0};
    if (begins(&value, line, PROOF_EXTRA)) {
        if (!is_extra(value) || !note_take_line(&line, rest))
            return false;
        out->extra = value;
    }
    return begins(&value, line, PROOF_INDEX) && digits_read(&out->index, value, MERKLE_SIZE_MAX);
}

enum status
proof_parse(struct proof *out, struct span text)
{
    struct proof read = {0};
    struct span rest = text;
    struct span line;
    size_t len;

    if (text.len > PROOF_TEXT_MAX)
        return STATUS_TOO_LARGE;
    if (!read_head(&read, &rest))
        return STATUS_CHECKPOINT_FORM;
    for (;;) {
        if (!note_take_line(&line, &rest))
            return STATUS_CHECKPOINT_FORM;
        if (line.len == 0)
            break;
        if (read.path.count == MERKLE_PATH_MAX ||
            base64_decode(read.path.hashes[read.path.count++].bytes, &len, DIGEST_SIZE, line) !=
                STATUS_OK ||
            len != DIGEST_SIZE)
            return STATUS_CHECKPOINT_FORM;
    }
    read.note = rest;
    *out = read;
    return STATUS_OK;
}

enum status
proof_check(struct checkpoint *out, const struct proof *proof, struct span entry,
            const struct policy *policy)
{
    struct note_check checks[POLICY_WITNESSES_MAX];
    struct checkpoint checkpoint;
    struct digest leaf;
    enum status status = policy_verify(policy, &checkpoint, checks, proof->note);

    if (status != STATUS_OK)
        return status;
    merkle_leaf(&leaf, entry);
    status = merkle_verify_inclusion(&proof->path, &leaf, proof->index, checkpoint.size,
                                     &checkpoint.root);
    if (status == STATUS_OK)
        *out = checkpoint;
    return status;
}
