#include "note.h"

#include <assert.h>
#include <string.h>

#include "utf8.h"

/* U+2014 and a space: how a signature line begins. */
static const uint8_t dash[] = {0xE2, 0x80, 0x94, ' '};

static const char cosignature_head[] = "cosignature/v1\ntime ";

#define TIME_SIZE 8
#define RAW_MAX (NOTE_SIZE_MAX / 4 * 3)
#define COSIGNED_MAX (sizeof cosignature_head + NOTE_DECIMAL_MAX + NOTE_SIZE_MAX)

static_assert(NOTE_LINE_MAX < NOTE_SIZE_MAX, "a line fits into a note");

/* One signature line, taken apart. */
struct line {
    struct span name;
    size_t raw_len;
    uint8_t raw[RAW_MAX]; /* key id, then what the type says */
};

size_t
note_decimal(char out[static NOTE_DECIMAL_MAX], uint64_t value)
{
    char reversed[NOTE_DECIMAL_MAX];
    size_t count = 0;

    do {
        reversed[count++] = (char)('0' + value % 10);
        value /= 10;
    } while (value != 0);
    assert(count <= NOTE_DECIMAL_MAX);
    for (size_t i = 0; i < count; i++)
        out[i] = reversed[count - 1 - i];
    return count;
}

bool
note_take_line(struct span *line, struct span *rest)
{
    const uint8_t *end = rest->len == 0 ? NULL : memchr(rest->data, '\n', rest->len);

    if (end == NULL)
        return false;
    *line = (struct span){rest->data, (size_t)(end - rest->data)};
    rest->data = end + 1;
    rest->len -= line->len + 1;
    return true;
}

/* ---- Characters -------------------------------------------------------------------------------*/

/* White_Space of Unicode 15, beyond the control characters. */
static bool
is_space(uint32_t c)
{
    return c == ' ' || c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) ||
           c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

static bool
is_name(struct span text)
{
    size_t at = 0;

    if (text.len == 0 || text.len > NOTE_NAME_MAX)
        return false;
    while (at < text.len) {
        uint32_t c;

        if (!utf8_next(&c, text, &at) || c < 0x20 || c == '+' || is_space(c))
            return false;
    }
    return true;
}

static bool
is_text(struct span text)
{
    size_t at = 0;

    if (text.len == 0 || text.data[text.len - 1] != '\n')
        return false;
    while (at < text.len) {
        uint32_t c;

        if (!utf8_next(&c, text, &at) || (c < 0x20 && c != '\n'))
            return false;
    }
    return true;
}

/* ---- Keys -------------------------------------------------------------------------------------*/

static bool
is_type(unsigned type)
{
    return type == NOTE_ED25519 || type == NOTE_COSIGNATURE;
}

enum status
note_key_make(struct note_key *out, enum note_type type, struct span name,
              const struct public_key *key)
{
    const uint8_t middle[] = {'\n', (uint8_t)type};
    const struct span parts[] = {name, {middle, sizeof middle}, {key->bytes, PUBLIC_KEY_SIZE}};
    struct note_key made = {.type = type, .key = *key};
    struct digest digest;

    assert(is_type(type));
    if (!is_name(name))
        return STATUS_CHECKPOINT_FORM;
    crypt_hash(&digest, parts, 3);
    memcpy(made.id, digest.bytes, NOTE_ID_SIZE);
    memcpy(made.name, name.data, name.len);
    *out = made;
    return STATUS_OK;
}

static void
hex_of_id(char out[static 2 * NOTE_ID_SIZE], const uint8_t id[static NOTE_ID_SIZE])
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < NOTE_ID_SIZE; i++) {
        out[2 * i] = digits[id[i] >> 4];
        out[2 * i + 1] = digits[id[i] & 15];
    }
}

void
note_key_format(char out[static NOTE_VKEY_MAX], size_t *len, const struct note_key *key)
{
    uint8_t typed[1 + PUBLIC_KEY_SIZE];
    size_t at = strlen(key->name);

    assert(is_type(key->type));
    assert(at <= NOTE_NAME_MAX);
    memcpy(out, key->name, at);
    out[at++] = '+';
    hex_of_id(out + at, key->id);
    at += (size_t)2 * NOTE_ID_SIZE;
    out[at++] = '+';
    typed[0] = (uint8_t)key->type;
    memcpy(typed + 1, key->key.bytes, PUBLIC_KEY_SIZE);
    base64_encode(out + at, (struct span){typed, sizeof typed});
    *len = at + BASE64_LEN(sizeof typed);
    assert(*len <= NOTE_VKEY_MAX);
}

enum status
note_key_parse(struct note_key *out, struct span text)
{
    const size_t tail = 1 + (size_t)2 * NOTE_ID_SIZE + 1;
    const uint8_t *plus = text.len == 0 ? NULL : memchr(text.data, '+', text.len);
    uint8_t typed[1 + PUBLIC_KEY_SIZE];
    char hex[2 * NOTE_ID_SIZE];
    struct public_key key;
    struct note_key made;
    size_t name_len;
    size_t len;

    if (plus == NULL)
        return STATUS_CHECKPOINT_FORM;
    name_len = (size_t)(plus - text.data);
    if (text.len - name_len < tail || plus[tail - 1] != '+')
        return STATUS_CHECKPOINT_FORM;
    if (base64_decode(typed, &len, sizeof typed,
                      (struct span){plus + tail, text.len - name_len - tail}) != STATUS_OK)
        return STATUS_CHECKPOINT_FORM;
    if (len != sizeof typed || !is_type(typed[0]))
        return STATUS_CHECKPOINT_FORM;
    memcpy(key.bytes, typed + 1, PUBLIC_KEY_SIZE);
    if (note_key_make(&made, typed[0] == NOTE_ED25519 ? NOTE_ED25519 : NOTE_COSIGNATURE,
                      (struct span){text.data, name_len}, &key) != STATUS_OK)
        return STATUS_CHECKPOINT_FORM;
    hex_of_id(hex, made.id);
    if (memcmp(hex, plus + 1, sizeof hex) != 0)
        return STATUS_CHECKPOINT_FORM;
    *out = made;
    return STATUS_OK;
}

/* ---- Signing ----------------------------------------------------------------------------------*/

/* The message of cosignature/v1: two lines, then the whole text. */
static size_t
cosigned(uint8_t out[static COSIGNED_MAX], struct span text, uint64_t time_unix_s)
{
    char digits[NOTE_DECIMAL_MAX];
    size_t digit_count = note_decimal(digits, time_unix_s);
    size_t at = sizeof cosignature_head - 1;

    assert(text.len <= NOTE_SIZE_MAX);
    memcpy(out, cosignature_head, at);
    memcpy(out + at, digits, digit_count);
    at += digit_count;
    out[at++] = '\n';
    memcpy(out + at, text.data, text.len);
    return at + text.len;
}

void
note_line(uint8_t out[static NOTE_LINE_MAX], size_t *len, struct span text,
          const struct note_key *key, const struct secret_key *secret, uint64_t time_unix_s)
{
    uint8_t raw[NOTE_ID_SIZE + TIME_SIZE + SIGNATURE_SIZE];
    uint8_t message[COSIGNED_MAX];
    size_t name_len = strlen(key->name);
    size_t raw_len = NOTE_ID_SIZE;
    struct signature signature;
    size_t at = sizeof dash;

    assert(name_len > 0 && name_len <= NOTE_NAME_MAX);
    memcpy(raw, key->id, NOTE_ID_SIZE);
    if (key->type == NOTE_COSIGNATURE) {
        assert(time_unix_s > 0 && time_unix_s <= INT64_MAX);
        for (unsigned shift = 64; shift > 0; shift -= 8)
            raw[raw_len++] = (uint8_t)(time_unix_s >> (shift - 8));
        crypt_sign(&signature, secret,
                   (struct span){message, cosigned(message, text, time_unix_s)});
    } else {
        assert(time_unix_s == 0);
        crypt_sign(&signature, secret, text);
    }
    memcpy(raw + raw_len, signature.bytes, SIGNATURE_SIZE);
    raw_len += SIGNATURE_SIZE;

    memcpy(out, dash, sizeof dash);
    memcpy(out + at, key->name, name_len);
    at += name_len;
    out[at++] = ' ';
    base64_encode((char *)out + at, (struct span){raw, raw_len});
    at += BASE64_LEN(raw_len);
    out[at++] = '\n';
    assert(at <= NOTE_LINE_MAX);
    *len = at;
}

enum status
note_start(struct note *out, struct span text)
{
    if (text.len + 1 > NOTE_SIZE_MAX)
        return STATUS_BUFFER;
    if (!is_text(text))
        return STATUS_CHECKPOINT_FORM;
    memcpy(out->bytes, text.data, text.len);
    out->bytes[text.len] = '\n';
    out->len = text.len + 1;
    return STATUS_OK;
}

/* ---- Reading ----------------------------------------------------------------------------------*/

/* Takes apart one signature line without its line end. */
static bool
parse_line(struct line *out, struct span line)
{
    const uint8_t *space;
    struct span rest;

    if (line.len <= sizeof dash || memcmp(line.data, dash, sizeof dash) != 0)
        return false;
    rest = (struct span){line.data + sizeof dash, line.len - sizeof dash};
    space = memchr(rest.data, ' ', rest.len);
    if (space == NULL)
        return false;
    out->name = (struct span){rest.data, (size_t)(space - rest.data)};
    rest = (struct span){space + 1, rest.len - out->name.len - 1};
    return is_name(out->name) &&
           base64_decode(out->raw, &out->raw_len, RAW_MAX, rest) == STATUS_OK &&
           out->raw_len > NOTE_ID_SIZE;
}

/* Finds the last empty line: what is before it is the text, what is after it are signatures, of
 * which a note under construction has none yet. */
static bool
split(struct span *text, struct span *signatures, struct span note)
{
    size_t at = note.len;

    while (at >= 2 && (note.data[at - 1] != '\n' || note.data[at - 2] != '\n'))
        at--;
    if (at < 2)
        return false;
    *text = (struct span){note.data, at - 1};
    *signatures = (struct span){note.data + at, note.len - at};
    return is_text(*text);
}

/* Checks the form of all signature lines and counts them. */
static bool
count_lines(size_t *count, struct span signatures)
{
    struct span line_text;
    struct line line;

    *count = 0;
    while (signatures.len > 0) {
        if (*count == NOTE_SIGNATURES_MAX || !note_take_line(&line_text, &signatures) ||
            !parse_line(&line, line_text))
            return false;
        ++*count;
    }
    return true;
}

enum status
note_add(struct note *note, struct span line)
{
    struct span signatures;
    struct span text;
    struct line parsed;
    size_t count;

    assert(note->len <= NOTE_SIZE_MAX);
    if (line.len < 1 || line.data[line.len - 1] != '\n' ||
        !parse_line(&parsed, (struct span){line.data, line.len - 1}))
        return STATUS_CHECKPOINT_FORM;
    if (!split(&text, &signatures, (struct span){note->bytes, note->len}) ||
        !count_lines(&count, signatures) || count >= NOTE_SIGNATURES_MAX)
        return STATUS_CHECKPOINT_FORM;
    if (line.len > NOTE_SIZE_MAX - note->len)
        return STATUS_BUFFER;
    memcpy(note->bytes + note->len, line.data, line.len);
    note->len += line.len;
    return STATUS_OK;
}

enum status
note_sign(struct note *note, const struct note_key *key, const struct secret_key *secret,
          uint64_t time_unix_s)
{
    uint8_t line[NOTE_LINE_MAX];
    struct span signatures;
    struct span text;
    size_t len;

    if (!split(&text, &signatures, (struct span){note->bytes, note->len}))
        return STATUS_CHECKPOINT_FORM;
    note_line(line, &len, text, key, secret, time_unix_s);
    return note_add(note, (struct span){line, len});
}

static enum status
split_strict(struct span *text, struct span *signatures, struct span note)
{
    size_t count;

    if (note.len > NOTE_SIZE_MAX)
        return STATUS_TOO_LARGE;
    if (!split(text, signatures, note) || !count_lines(&count, *signatures) || count == 0)
        return STATUS_CHECKPOINT_FORM;
    return STATUS_OK;
}

enum status
note_split(struct span *text, struct span note)
{
    struct span signatures;
    struct span found;
    enum status status = split_strict(&found, &signatures, note);

    if (status == STATUS_OK)
        *text = found;
    return status;
}

/* Verifies a line that names this key. */
static enum status
verify_line(uint64_t *time_unix_s, const struct line *line, struct span text,
            const struct note_key *key)
{
    const size_t time_size = key->type == NOTE_COSIGNATURE ? TIME_SIZE : 0;
    uint8_t message[COSIGNED_MAX];
    struct signature signature;
    uint64_t time = 0;

    assert(is_type(key->type));
    if (line->raw_len != NOTE_ID_SIZE + time_size + SIGNATURE_SIZE)
        return STATUS_CHECKPOINT_SIGNATURE;
    memcpy(signature.bytes, line->raw + NOTE_ID_SIZE + time_size, SIGNATURE_SIZE);
    for (size_t i = 0; i < time_size; i++)
        time = time << 8 | line->raw[NOTE_ID_SIZE + i];
    if (key->type == NOTE_COSIGNATURE) {
        if (time == 0 || time > INT64_MAX)
            return STATUS_CHECKPOINT_SIGNATURE;
        text = (struct span){message, cosigned(message, text, time)};
    }
    if (crypt_verify(&key->key, &signature, text) != STATUS_OK)
        return STATUS_CHECKPOINT_SIGNATURE;
    *time_unix_s = time;
    return STATUS_OK;
}

/* One line against all keys; a line that fits none of them is ignored. */
static enum status
check_line(struct note_check *checks, size_t *good, const struct line *line, struct span text,
           const struct note_key *keys, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        enum status status;
        uint64_t time;

        if (line->name.len != strlen(keys[i].name) ||
            memcmp(line->name.data, keys[i].name, line->name.len) != 0 ||
            memcmp(line->raw, keys[i].id, NOTE_ID_SIZE) != 0)
            continue;
        status = verify_line(&time, line, text, &keys[i]);
        if (status != STATUS_OK)
            return status;
        checks[i].signed_by = true;
        if (time > checks[i].time_unix_s)
            checks[i].time_unix_s = time;
        ++*good;
    }
    return STATUS_OK;
}

enum status
note_verify(struct note_check *checks, struct span *text, struct span note,
            const struct note_key *keys, size_t count)
{
    struct span signatures;
    struct span line_text;
    struct span found;
    struct line line;
    size_t good = 0;
    enum status status = split_strict(&found, &signatures, note);

    assert(count > 0);
    memset(checks, 0, count * sizeof *checks);
    while (status == STATUS_OK && note_take_line(&line_text, &signatures))
        status = parse_line(&line, line_text) ? check_line(checks, &good, &line, found, keys, count)
                                              : STATUS_CHECKPOINT_FORM;
    if (status == STATUS_OK && good == 0)
        status = STATUS_SIGNER_UNKNOWN;
    if (status != STATUS_OK) {
        memset(checks, 0, count * sizeof *checks);
        return status;
    }
    *text = found;
    return STATUS_OK;
}
