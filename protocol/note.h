/* Signed notes: a text and lines of signatures under it. C2SP signed-note v1.0.0; for witnesses
 * cosignature/v1 of C2SP tlog-cosignature v1.0.1. The caps are ours and below theirs. */
#ifndef SCHWEBE_NOTE_H
#define SCHWEBE_NOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base64.h"
#include "crypt.h"
#include "span.h"
#include "status.h"

/* A note travels inside messages and lies in one block of the log's second place. */
#define NOTE_SIZE_MAX 4096
/* The least that signed-note asks of a reader. */
#define NOTE_SIGNATURES_MAX 16
#define NOTE_NAME_MAX 255
#define NOTE_ID_SIZE 4
/* "— " name " " base64(id, time, signature) "\n" */
#define NOTE_LINE_MAX (4 + NOTE_NAME_MAX + 1 + BASE64_LEN(NOTE_ID_SIZE + 8 + SIGNATURE_SIZE) + 1)
/* name "+" 8 hex digits "+" base64(type, key) */
#define NOTE_VKEY_MAX (NOTE_NAME_MAX + 1 + 8 + 1 + BASE64_LEN(1 + PUBLIC_KEY_SIZE))

/* The kinds of signature that we make and check; numbers of signed-note. */
enum note_type {
    NOTE_ED25519 = 0x01,    /* over the text */
    NOTE_COSIGNATURE = 0x04 /* over a time and the text; the text is a checkpoint */
};

/* A key that may sign notes. `id` is derived from the rest. */
struct note_key {
    enum note_type type;
    uint8_t id[NOTE_ID_SIZE];
    struct public_key key;
    char name[NOTE_NAME_MAX + 1];
};

/* A note under construction or as stored. */
struct note {
    size_t len;
    uint8_t bytes[NOTE_SIZE_MAX];
};

/* What was found out about one key. */
struct note_check {
    bool signed_by;       /* its signature is there and verifies */
    uint64_t time_unix_s; /* of a cosignature, the latest if there are several; else 0 */
};

/* Fills `out`. STATUS_CHECKPOINT_FORM when the name is empty, too long, no UTF-8 or has a space, a
 * control character or a '+'; then `out` is untouched. */
MUST_CHECK enum status note_key_make(struct note_key *out, enum note_type type, struct span name,
                                     const struct public_key *key);

/* Fills `out` with the key's text form (vkey) and `len`; no terminating zero. */
void note_key_format(char out[static NOTE_VKEY_MAX], size_t *len, const struct note_key *key);

/* Reads a vkey. STATUS_CHECKPOINT_FORM when it is not one, or of an unknown type, or its id is not
 * that of its key; then `out` is untouched. */
MUST_CHECK enum status note_key_parse(struct note_key *out, struct span text);

/* Starts a note without signatures. STATUS_CHECKPOINT_FORM when `text` is no lines of UTF-8 without
 * control characters, the last one ended; STATUS_BUFFER when it is too long; then `out` is
 * untouched. */
MUST_CHECK enum status note_start(struct note *out, struct span text);

/* Makes one signature line over `text`. `time_unix_s` is 1 to 2^63 - 1 for a cosignature, else 0.
 * `secret` belongs to `key`. Fills `out` and `len`. */
void note_line(uint8_t out[static NOTE_LINE_MAX], size_t *len, struct span text,
               const struct note_key *key, const struct secret_key *secret, uint64_t time_unix_s);

/* Adds a signature line, its line end included. STATUS_CHECKPOINT_FORM when it is none, or the
 * note has NOTE_SIGNATURES_MAX already; STATUS_BUFFER when it does not fit; then the note is as
 * before. Whether the signature is good is for note_verify to say. */
MUST_CHECK enum status note_add(struct note *note, struct span line);

/* note_line and note_add in one, over the text of the note. */
MUST_CHECK enum status note_sign(struct note *note, const struct note_key *key,
                                 const struct secret_key *secret, uint64_t time_unix_s);

/* Splits a note at its last empty line: `text` borrows from `note` and ends with its line end.
 * STATUS_TOO_LARGE above NOTE_SIZE_MAX, STATUS_CHECKPOINT_FORM when it is malformed anywhere, its
 * signature lines included, or has none or too many; then `text` is untouched. */
MUST_CHECK enum status note_split(struct span *text, struct span note);

/* Checks a note against `count` known keys. Fills checks[i] for keys[i] and `text`, which borrows
 * from `note`. Signatures of unknown keys are ignored. On failure `text` is untouched and no key
 * counts as signer: what note_split says; STATUS_CHECKPOINT_SIGNATURE when a line of a known key
 * does not verify; STATUS_SIGNER_UNKNOWN when no known key has signed. */
MUST_CHECK enum status note_verify(struct note_check *checks, struct span *text, struct span note,
                                   const struct note_key *keys, size_t count);

/* Decimal digits without leading zero: fills `out`, gives their number. */
#define NOTE_DECIMAL_MAX 20
size_t note_decimal(char out[static NOTE_DECIMAL_MAX], uint64_t value);

/* Takes a line, without its line end, off the front of `rest`; false when there is no whole line.
 */
bool note_take_line(struct span *line, struct span *rest);

#endif
