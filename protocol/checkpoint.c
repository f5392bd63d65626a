#include "checkpoint.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "merkle.h"

void
checkpoint_format(char out[static CHECKPOINT_TEXT_MAX], size_t *len,
                  const struct checkpoint *checkpoint)
{
    size_t at = strlen(checkpoint->origin);

    assert(at > 0 && at <= CHECKPOINT_ORIGIN_MAX);
    memcpy(out, checkpoint->origin, at);
    out[at++] = '\n';
    at += note_decimal(out + at, checkpoint->size);
    out[at++] = '\n';
    base64_encode(out + at, (struct span){checkpoint->root.bytes, DIGEST_SIZE});
    at += BASE64_LEN(DIGEST_SIZE);
    out[at++] = '\n';
    assert(at <= CHECKPOINT_TEXT_MAX);
    *len = at;
}

/* Signs and other surplus are refused later, by writing the number again. */
static uint64_t
number(struct span digits)
{
    uint64_t value = 0;

    for (size_t i = 0; i < digits.len && value <= MERKLE_SIZE_MAX; i++)
        value = value * 10 + (uint64_t)(digits.data[i] & 15);
    return value;
}

static bool
same_text(const char *a, size_t a_len, struct span b)
{
    return a_len == b.len && memcmp(a, b.data, a_len) == 0;
}

enum status
checkpoint_parse(struct checkpoint *out, struct span text)
{
    char again[CHECKPOINT_TEXT_MAX];
    struct checkpoint read = {0};
    struct span rest = text;
    struct span lines[3];
    struct note_key name;
    struct digest empty;
    size_t len = 0;

    for (size_t i = 0; i < 3; i++)
        if (!note_take_line(&lines[i], &rest))
            return STATUS_CHECKPOINT_FORM;
    /* Only for its check of the name. */
    if (note_key_make(&name, NOTE_ED25519, lines[0], &(struct public_key){0}) != STATUS_OK ||
        lines[0].data[lines[0].len - 1] == '/')
        return STATUS_CHECKPOINT_FORM;
    memcpy(read.origin, lines[0].data, lines[0].len);
    read.size = number(lines[1]);
    if (read.size > MERKLE_SIZE_MAX ||
        base64_decode(read.root.bytes, &len, DIGEST_SIZE, lines[2]) != STATUS_OK ||
        len != DIGEST_SIZE)
        return STATUS_CHECKPOINT_FORM;
    checkpoint_format(again, &len, &read);
    if (!same_text(again, len, text))
        return STATUS_CHECKPOINT_FORM;
    merkle_empty(&empty);
    if (read.size == 0 && !crypt_equal(&read.root, &empty, DIGEST_SIZE))
        return STATUS_LOG_ROOT;
    *out = read;
    return STATUS_OK;
}

enum status
checkpoint_sign(struct note *out, uint64_t size, const struct digest *root,
                const struct note_key *key, const struct secret_key *secret)
{
    struct checkpoint checkpoint = {.size = size, .root = *root};
    size_t name_len = strlen(key->name);
    char text[CHECKPOINT_TEXT_MAX];
    enum status status;
    struct note note;
    size_t len;

    assert(key->type == NOTE_ED25519);
    assert(size <= MERKLE_SIZE_MAX);
    assert(name_len > 0 && name_len <= CHECKPOINT_ORIGIN_MAX);
    if (key->name[name_len - 1] == '/')
        return STATUS_CHECKPOINT_FORM;
    memcpy(checkpoint.origin, key->name, name_len);
    checkpoint_format(text, &len, &checkpoint);
    status = note_start(&note, (struct span){(const uint8_t *)text, len});
    if (status == STATUS_OK)
        status = note_sign(&note, key, secret, 0);
    if (status == STATUS_OK)
        *out = note;
    return status;
}

enum status
checkpoint_verify(struct checkpoint *out, struct note_check *checks, struct span note,
                  const struct note_key *keys, size_t count)
{
    struct checkpoint read = {0};
    struct span text;
    enum status status;

    assert(count > 0);
    assert(keys[0].type == NOTE_ED25519);
    status = note_verify(checks, &text, note, keys, count);
    if (status == STATUS_OK && !checks[0].signed_by)
        status = STATUS_SIGNER_UNKNOWN;
    if (status == STATUS_OK)
        status = checkpoint_parse(&read, text);
    if (status == STATUS_OK && strcmp(read.origin, keys[0].name) != 0)
        status = STATUS_SIGNER_UNKNOWN;
    if (status != STATUS_OK) {
        memset(checks, 0, count * sizeof *checks);
        return status;
    }
    *out = read;
    return STATUS_OK;
}
