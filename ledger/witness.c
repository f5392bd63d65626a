#include "witness.h"

#include <assert.h>
#include <string.h>

#include "digits.h"

/* ---- The logs ---------------------------------------------------------------------------------*/

static size_t
count_named(const struct witness_logs *logs, const char *name)
{
    size_t count = 0;

    for (size_t i = 0; i < logs->count; i++)
        if (strcmp(logs->keys[i].name, name) == 0)
            count++;
    return count;
}

static enum status
add_log(struct witness_logs *logs, struct span line)
{
    struct note_key key;

    if (line.len == 0 || line.data[0] == '#')
        return STATUS_OK;
    if (note_key_parse(&key, line) != STATUS_OK || key.type != NOTE_ED25519)
        return STATUS_POLICY_KEY;
    for (size_t i = 0; i < logs->count; i++)
        if (memcmp(&logs->keys[i].key, &key.key, sizeof key.key) == 0)
            return STATUS_POLICY_TWICE;
    if (logs->count == WITNESS_LOGS_MAX || count_named(logs, key.name) == WITNESS_LOG_KEYS_MAX)
        return STATUS_CAPACITY;
    logs->keys[logs->count++] = key;
    return STATUS_OK;
}

enum status
witness_logs_parse(struct witness_logs *out, size_t *line, struct span text)
{
    struct span rest = text;
    struct span words;
    enum status status = text.len > WITNESS_LOGS_SIZE_MAX ? STATUS_TOO_LARGE : STATUS_OK;

    memset(out, 0, sizeof *out);
    *line = 0;
    while (status == STATUS_OK && rest.len > 0) {
        ++*line;
        status = note_take_line(&words, &rest) ? add_log(out, words) : STATUS_POLICY_FORM;
    }
    if (status != STATUS_OK)
        out->count = 0;
    return status;
}

/* ---- Reading ----------------------------------------------------------------------------------*/

static bool
read_old(uint64_t *out, struct span line)
{
    const size_t head = sizeof WITNESS_OLD - 1;

    return line.len > head && memcmp(line.data, WITNESS_OLD, head) == 0 &&
           digits_read(out, (struct span){line.data + head, line.len - head}, MERKLE_SIZE_MAX);
}

/* The lines of the proof and the empty one behind them. */
static bool
read_path(struct merkle_path *out, struct span *rest)
{
    struct span line;

    out->count = 0;
    while (note_take_line(&line, rest)) {
        size_t len;

        if (line.len == 0)
            return true;
        if (out->count == MERKLE_PATH_MAX ||
            base64_decode(out->hashes[out->count].bytes, &len, DIGEST_SIZE, line) != STATUS_OK ||
            len != DIGEST_SIZE)
            return false;
        out->count++;
    }
    return false;
}

/* The keys of the log that the first line of a text names. */
static size_t
find_keys(struct note_key keys[static WITNESS_LOG_KEYS_MAX], const struct witness_logs *logs,
          struct span origin)
{
    size_t count = 0;

    for (size_t i = 0; i < logs->count; i++) {
        const struct note_key *const key = &logs->keys[i];

        if (strlen(key->name) == origin.len && memcmp(key->name, origin.data, origin.len) == 0)
            keys[count++] = *key;
    }
    assert(count <= WITNESS_LOG_KEYS_MAX);
    return count;
}

/* Keeps the text and the first line of each key. Every line of these keys is known to be good. */
static enum status
keep_lines(struct note *out, struct span note, struct span text, const struct note_key *keys,
           size_t count)
{
    bool kept[WITNESS_LOG_KEYS_MAX] = {false};
    struct span rest = {text.data + text.len + 1, note.len - text.len - 1};
    struct span line;
    enum status status = note_start(out, text);

    while (status == STATUS_OK && note_take_line(&line, &rest)) {
        for (size_t i = 0; i < count && status == STATUS_OK; i++) {
            struct note_check check;
            struct note single;
            struct span same;

            status = note_start(&single, text);
            if (status == STATUS_OK)
                status = note_add(&single, (struct span){line.data, line.len + 1});
            if (status != STATUS_OK || kept[i] ||
                note_verify(&check, &same, (struct span){single.bytes, single.len}, &keys[i], 1) !=
                    STATUS_OK)
                continue;
            kept[i] = true;
            status = note_add(out, (struct span){line.data, line.len + 1});
        }
    }
    return status;
}

static enum witness_code
read_note(struct witness_request *out, struct span note, const struct witness_logs *logs)
{
    struct note_check checks[WITNESS_LOG_KEYS_MAX];
    struct note_key keys[WITNESS_LOG_KEYS_MAX];
    struct span text;
    struct span rest;
    struct span origin;
    size_t count;
    enum status status = note_split(&text, note);

    if (status == STATUS_OK)
        status = checkpoint_parse(&out->checkpoint, text);
    out->root_wrong = status == STATUS_LOG_ROOT;
    if (status != STATUS_OK && !out->root_wrong)
        return WITNESS_MALFORMED;
    rest = text;
    if (!note_take_line(&origin, &rest))
        return WITNESS_MALFORMED;
    count = find_keys(keys, logs, origin);
    if (count == 0)
        return WITNESS_UNKNOWN;
    if (note_verify(checks, &text, note, keys, count) != STATUS_OK)
        return WITNESS_UNSIGNED;
    if (out->root_wrong) {
        out->checkpoint = (struct checkpoint){.size = 0};
        memcpy(out->checkpoint.origin, origin.data, origin.len);
    }
    return keep_lines(&out->note, note, text, keys, count) == STATUS_OK ? WITNESS_COSIGN
                                                                        : WITNESS_MALFORMED;
}

enum witness_code
witness_read(struct witness_request *out, struct span body, const struct witness_logs *logs)
{
    struct span rest = body;
    struct span line;
    enum witness_code code;

    memset(out, 0, sizeof *out);
    if (body.len > WITNESS_BODY_MAX || !note_take_line(&line, &rest) ||
        !read_old(&out->old, line) || !read_path(&out->path, &rest))
        return WITNESS_MALFORMED;
    code = read_note(out, rest, logs);
    if (code == WITNESS_COSIGN && out->old > out->checkpoint.size)
        return WITNESS_MALFORMED;
    return code;
}

/* ---- Deciding ---------------------------------------------------------------------------------*/

enum witness_code
witness_consider(const struct witness_request *request, const struct witness_latest *latest)
{
    assert(request->old <= request->checkpoint.size);
    if (request->old != latest->size)
        return WITNESS_STALE;
    if (request->root_wrong ||
        merkle_verify_consistency(&request->path, latest->size, &latest->root,
                                  request->checkpoint.size, &request->checkpoint.root) != STATUS_OK)
        return WITNESS_INCONSISTENT;
    return WITNESS_COSIGN;
}

/* ---- Writing ----------------------------------------------------------------------------------*/

void
witness_write(uint8_t out[static WITNESS_BODY_MAX], size_t *len, uint64_t old,
              const struct merkle_path *path, const struct note *note)
{
    size_t at = sizeof WITNESS_OLD - 1;

    assert(path->count <= MERKLE_PATH_MAX);
    assert(note->len <= NOTE_SIZE_MAX);
    memcpy(out, WITNESS_OLD, at);
    at += note_decimal((char *)out + at, old);
    out[at++] = '\n';
    for (size_t i = 0; i < path->count; i++) {
        base64_encode((char *)out + at, (struct span){path->hashes[i].bytes, DIGEST_SIZE});
        at += WITNESS_HASH_LINE;
        out[at - 1] = '\n';
    }
    out[at++] = '\n';
    memcpy(out + at, note->bytes, note->len);
    *len = at + note->len;
}

void
witness_log_id(struct digest *out, const char *origin)
{
    const struct span part = {(const uint8_t *)origin, strlen(origin)};

    crypt_hash(out, &part, 1);
}
