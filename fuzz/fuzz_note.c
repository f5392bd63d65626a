/* protocol/note and protocol/checkpoint: the first byte chooses between a signed note, a key's text
 * and the text of a checkpoint. No hostile note is signed by a known key unless its text is the one
 * that was signed. */
#include "fuzz.h"

#include "protocol/checkpoint.h"
#include "protocol/note.h"

#define KEYS 2
#define ORIGIN "schwebe.test/log"
#define WITNESS "witness.test"

static struct note_key keys[KEYS];
static struct forge_key pairs[KEYS];
static struct note good;
static struct span good_text;

static void
start(void)
{
    const struct span names[KEYS] = {{(const uint8_t *)ORIGIN, sizeof ORIGIN - 1},
                                     {(const uint8_t *)WITNESS, sizeof WITNESS - 1}};
    const struct digest root = {{7, 7, 7}};

    forge_key(&pairs[0], "log");
    forge_key(&pairs[1], "witness");
    EXPECT(note_key_make(&keys[0], NOTE_ED25519, names[0], &pairs[0].key) == STATUS_OK);
    EXPECT(note_key_make(&keys[1], NOTE_COSIGNATURE, names[1], &pairs[1].key) == STATUS_OK);
    EXPECT(checkpoint_sign(&good, 12345, &root, &keys[0], &pairs[0].secret) == STATUS_OK);
    EXPECT(note_sign(&good, &keys[1], &pairs[1].secret, 1795000000) == STATUS_OK);
    EXPECT(note_split(&good_text, (struct span){good.bytes, good.len}) == STATUS_OK);
}

/* A text that can be split is built up again from its lines. */
static void
check_lines(struct span in, struct span text)
{
    struct span rest = {text.data + text.len, in.len - text.len};
    struct span line;
    static struct note again;

    EXPECT(text.data == in.data && text.len < in.len);
    EXPECT(note_start(&again, text) == STATUS_OK);
    EXPECT(note_take_line(&line, &rest) && line.len == 0);
    while (note_take_line(&line, &rest))
        EXPECT(note_add(&again, (struct span){line.data, line.len + 1}) == STATUS_OK);
    EXPECT(rest.len == 0);
    EXPECT(fuzz_same((struct span){again.bytes, again.len}, in));
}

static void
check_note(struct span in)
{
    struct note_check checks[KEYS];
    struct checkpoint checkpoint;
    struct span text = {NULL, 0};
    struct span signed_text = {NULL, 0};
    const bool split = note_split(&text, in) == STATUS_OK;
    enum status status;

    if (split)
        check_lines(in, text);
    else
        EXPECT(text.data == NULL && text.len == 0);
    memset(checks, FUZZ_RUBBISH, sizeof checks);
    status = note_verify(checks, &signed_text, in, keys, KEYS);
    if (status == STATUS_OK) {
        EXPECT(split && fuzz_same(text, signed_text));
        EXPECT(fuzz_same(text, good_text));
        EXPECT(checks[0].signed_by || checks[1].signed_by);
        EXPECT(!checks[1].signed_by || checks[1].time_unix_s == 1795000000);
    } else {
        EXPECT(!checks[0].signed_by && !checks[1].signed_by && signed_text.len == 0);
    }
    memset(&checkpoint, FUZZ_RUBBISH, sizeof checkpoint);
    if (checkpoint_verify(&checkpoint, checks, in, keys, KEYS) == STATUS_OK) {
        EXPECT(status == STATUS_OK && checks[0].signed_by);
        EXPECT(checkpoint.size == 12345 && checkpoint.root.bytes[2] == 7);
    } else {
        EXPECT(!checks[0].signed_by && !checks[1].signed_by);
        EXPECT(fuzz_all(&checkpoint, sizeof checkpoint, FUZZ_RUBBISH));
    }
}

static void
check_key(struct span in)
{
    struct note_key key;
    char again[NOTE_VKEY_MAX];
    size_t len = 0;

    memset(&key, FUZZ_RUBBISH, sizeof key);
    if (note_key_parse(&key, in) != STATUS_OK) {
        EXPECT(fuzz_all(&key, sizeof key, FUZZ_RUBBISH));
        return;
    }
    note_key_format(again, &len, &key);
    EXPECT(fuzz_same((struct span){(const uint8_t *)again, len}, in));
}

static void
check_checkpoint(struct span in)
{
    struct checkpoint checkpoint;
    char again[CHECKPOINT_TEXT_MAX];
    size_t len = 0;

    memset(&checkpoint, FUZZ_RUBBISH, sizeof checkpoint);
    if (checkpoint_parse(&checkpoint, in) != STATUS_OK) {
        EXPECT(fuzz_all(&checkpoint, sizeof checkpoint, FUZZ_RUBBISH));
        return;
    }
    checkpoint_format(again, &len, &checkpoint);
    EXPECT(fuzz_same((struct span){(const uint8_t *)again, len}, in));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span in = {data, size};
    unsigned how;

    if (good.len == 0)
        start();
    how = fuzz_byte(&in) % 3;
    if (how == 0)
        check_note(in);
    else if (how == 1)
        check_key(in);
    else
        check_checkpoint(in);
    return 0;
}

static size_t
make(uint8_t *out, uint64_t *random)
{
    char vkey[NOTE_VKEY_MAX];
    size_t len = 0;

    if (good.len == 0)
        start();
    out[0] = (uint8_t)forge_below(random, 3);
    if (out[0] == 1) {
        note_key_format(vkey, &len, &keys[forge_below(random, KEYS)]);
        memcpy(out + 1, vkey, len);
        return 1 + len;
    }
    len = out[0] == 0 ? good.len : good_text.len;
    memcpy(out + 1, good.bytes, len);
    return 1 + len;
}

FUZZ_MAKER(make)
