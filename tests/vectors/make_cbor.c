/* Vectors of `payload` about CBOR itself: one form is right, every other way to write it is not. */
#include "make.h"

#include <string.h>

static struct hand bytes;

static void
vector(const char *rule, const char *name, const char *status)
{
    out_vector("%s", name);
    out_text("rule", rule);
    out_number("network", MAKE_NETWORK);
    out_hand("payload", &bytes);
    out_expect(status);
}

static void
refused(const char *name, const char *status, const char *digits)
{
    bytes.len = 0;
    hand_hex(&bytes, digits);
    vector("void", name, status);
    out_end();
}

/* A void: {0: 23, 1: 70123, 2: 32 bytes, 3: time}. */
#define HASH "0101010101010101010101010101010101010101010101010101010101010101"
#define GOOD "a4 00 17 01 1a000111eb 02 5820 " HASH " 03 1a6afe6ac0"

static void
good(void)
{
    bytes.len = 0;
    hand_hex(&bytes, GOOD);
    vector("void", "void", "OK");
    out_enter("fields", '{');
    out_number("type", 23);
    out_number("till", 70123);
    out_text("transfer", HASH);
    out_number("time", 1795058368);
    out_leave();
    out_end();
}

/* The same with one head, counted from 0, in `width` bytes. */
static void
widened(unsigned head, unsigned width)
{
    static const struct {
        enum hand_major major;
        uint64_t value;
    } heads[] = {{HAND_MAP, 4},    {HAND_UINT, 0},     {HAND_UINT, 23},
                 {HAND_UINT, 1},   {HAND_UINT, 70123}, {HAND_UINT, 2},
                 {HAND_BYTES, 32}, {HAND_UINT, 3},     {HAND_UINT, 1795058368}};
    static const uint8_t hash[32] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
                                     1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};

    bytes.len = 0;
    for (unsigned i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        if (i == head)
            hand_head_wide(&bytes, heads[i].major, width, heads[i].value);
        else
            hand_head(&bytes, heads[i].major, heads[i].value);
        if (heads[i].major == HAND_BYTES)
            hand_put(&bytes, hash, sizeof hash);
    }
    out_vector("head %u in %u more bytes", head, width);
    out_text("rule", "void");
    out_number("network", MAKE_NETWORK);
    out_hand("payload", &bytes);
    out_expect("CBOR_NOT_CANONICAL");
    out_end();
}

static void
long_heads(void)
{
    static const unsigned shortest[] = {0, 0, 0, 0, 4, 0, 1, 0, 4};

    for (unsigned head = 0; head < sizeof shortest / sizeof shortest[0]; head++) {
        for (unsigned width = 1; width <= 8; width *= 2) {
            if (width > shortest[head])
                widened(head, width);
        }
    }
}

static void
other_items(void)
{
    static const char *const values[][3] = {
        {"negative number", "CBOR_TYPE", "20"},
        {"negative number of 64 bits", "CBOR_TYPE", "3bffffffffffffffff"},
        {"tag", "CBOR_TYPE", "c1 1a6afe6ac0"},
        {"tag 2, a large number", "CBOR_TYPE", "c2 41 01"},
        {"tag in a longer head", "CBOR_TYPE", "d801 00"},
        {"false", "CBOR_TYPE", "f4"},
        {"true", "CBOR_TYPE", "f5"},
        {"null", "CBOR_TYPE", "f6"},
        {"undefined", "CBOR_TYPE", "f7"},
        {"simple value 16", "CBOR_TYPE", "f0"},
        {"simple value 255", "CBOR_TYPE", "f8ff"},
        {"half", "CBOR_TYPE", "f93c00"},
        {"single", "CBOR_TYPE", "fa3f800000"},
        {"double", "CBOR_TYPE", "fb3ff0000000000000"},
        {"not a number", "CBOR_TYPE", "f97e00"},
        {"break", "CBOR_TYPE", "ff"},
        {"reserved head 1c", "CBOR_NOT_CANONICAL", "1c"},
        {"reserved head 1d", "CBOR_NOT_CANONICAL", "1d"},
        {"reserved head 1e", "CBOR_NOT_CANONICAL", "1e"},
        {"number without an end", "CBOR_NOT_CANONICAL", "1f"},
        {"bytes without an end", "CBOR_NOT_CANONICAL", "5f 41 01 ff"},
        {"text without an end", "CBOR_NOT_CANONICAL", "7f 61 61 ff"},
        {"array without an end", "CBOR_NOT_CANONICAL", "9f 01 ff"},
        {"map without an end", "CBOR_NOT_CANONICAL", "bf 00 01 ff"},
        {"reserved head 5c", "CBOR_NOT_CANONICAL", "5c"},
        {"reserved head 9e", "CBOR_NOT_CANONICAL", "9e"},
        {"bytes for a number", "CBOR_TYPE", "41 01"},
        {"text for a number", "CBOR_TYPE", "61 31"},
        {"array for a number", "CBOR_TYPE", "81 01"},
        {"map for a number", "CBOR_TYPE", "a1 00 01"},
        {"text of a bad byte", "CBOR_TEXT", "61 ff"},
        {"text of a lone continuation", "CBOR_TEXT", "61 80"},
        {"text cut in a character", "CBOR_TEXT", "61 c3"},
        {"text overlong in 2 bytes", "CBOR_TEXT", "62 c0af"},
        {"text overlong in 3 bytes", "CBOR_TEXT", "63 e080af"},
        {"text overlong in 4 bytes", "CBOR_TEXT", "64 f08080af"},
        {"text of a surrogate", "CBOR_TEXT", "63 eda080"},
        {"text above U+10FFFF", "CBOR_TEXT", "64 f4908080"},
        {"text of 5 bytes a character", "CBOR_TEXT", "65 f888808080"},
        {"text with NUL", "CBOR_TEXT", "61 00"},
        {"text with a line feed", "CBOR_TEXT", "61 0a"},
        {"text with escape", "CBOR_TEXT", "61 1b"},
        {"text with delete", "CBOR_TEXT", "61 7f"},
        {"text with U+0080", "CBOR_TEXT", "62 c280"},
        {"text with next line U+0085", "CBOR_TEXT", "62 c285"},
        {"text with U+009F", "CBOR_TEXT", "62 c29f"},
        {"text with Arabic letter mark U+061C", "CBOR_TEXT", "62 d89c"},
        {"text with left-to-right mark U+200E", "CBOR_TEXT", "63 e2808e"},
        {"text with right-to-left mark U+200F", "CBOR_TEXT", "63 e2808f"},
        {"text with line separator U+2028", "CBOR_TEXT", "63 e280a8"},
        {"text with paragraph separator U+2029", "CBOR_TEXT", "63 e280a9"},
        {"text with U+202A", "CBOR_TEXT", "63 e280aa"},
        {"text with right-to-left override U+202E", "CBOR_TEXT", "63 e280ae"},
        {"text with U+2066", "CBOR_TEXT", "63 e281a6"},
        {"text with U+2069", "CBOR_TEXT", "63 e281a9"},
        {"plain text with U+200D", "CBOR_TYPE", "63 e2808d"},
        {"plain text with U+2010", "CBOR_TYPE", "63 e28090"},
        {"plain text with U+2027", "CBOR_TYPE", "63 e280a7"},
        {"plain text with U+202F", "CBOR_TYPE", "63 e280af"},
        {"plain text with U+2065", "CBOR_TYPE", "63 e281a5"},
        {"plain text with U+206A", "CBOR_TYPE", "63 e281aa"},
        {"plain text with U+00A0", "CBOR_TYPE", "62 c2a0"},
        {"plain text with U+10FFFF", "CBOR_TYPE", "64 f48fbfbf"},
        {"plain text with U+FEFF", "CBOR_TYPE", "63 efbbbf"},
        {"depth 4", "CBOR_TYPE", "81 81 81 01"},
        {"depth 5", "CBOR_DEPTH", "81 81 81 81 01"},
        {"depth 5 by maps", "CBOR_DEPTH", "a1 00 a1 00 a1 00 a1 00 01"},
        {"depth 100", "CBOR_DEPTH",
         "81818181818181818181818181818181818181818181818181818181818181818181818181818181"
         "81818181818181818181818181818181818181818181818181818181818181818181818181818100"},
    };
    static const char before[] = "a4 00 17 01 1a000111eb 02 5820 " HASH " 03 ";

    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        bytes.len = 0;
        hand_hex(&bytes, before);
        hand_hex(&bytes, values[i][2]);
        vector("void", values[i][0], values[i][1]);
        out_end();
    }
}

static void
keys(void)
{
    refused("keys not ascending", "CBOR_KEY",
            "a4 00 17 02 5820 " HASH " 01 1a000111eb 03 1a6afe6ac0");
    refused("key 0 last", "CBOR_KEY", "a4 01 1a000111eb 02 5820 " HASH " 03 1a6afe6ac0 00 17");
    refused("a key twice", "CBOR_KEY", "a5 00 17 01 01 01 01 02 5820 " HASH " 03 1a6afe6ac0");
    refused("the type twice", "CBOR_KEY",
            "a5 00 17 00 17 01 1a000111eb 02 5820 " HASH " 03 1a6afe6ac0");
    refused("a key more", "CBOR_KEY",
            "a5 00 17 01 1a000111eb 02 5820 " HASH " 03 1a6afe6ac0 04 00");
    refused("a large key more", "CBOR_KEY",
            "a5 00 17 01 1a000111eb 02 5820 " HASH " 03 1a6afe6ac0 1bffffffffffffffff 00");
    refused("key of text", "CBOR_KEY", "a4 00 17 01 1a000111eb 02 5820 " HASH " 6174 1a6afe6ac0");
    refused("key of bytes", "CBOR_KEY", "a4 00 17 01 1a000111eb 02 5820 " HASH " 4103 1a6afe6ac0");
    refused("key of an array", "CBOR_KEY", "a1 80 00");
    refused("negative key", "CBOR_TYPE", "a4 00 17 01 1a000111eb 02 5820 " HASH " 20 1a6afe6ac0");
    refused("no type", "CBOR_MISSING", "a3 01 1a000111eb 02 5820 " HASH " 03 1a6afe6ac0");
    refused("no till", "CBOR_MISSING", "a3 00 17 02 5820 " HASH " 03 1a6afe6ac0");
    refused("no time", "CBOR_MISSING", "a3 00 17 01 1a000111eb 02 5820 " HASH);
    refused("empty map", "CBOR_MISSING", "a0");
}

static void
wholes(void)
{
    refused("array for the map", "CBOR_TYPE", "84 17 1a000111eb 5820 " HASH " 1a6afe6ac0");
    refused("a number for the map", "CBOR_TYPE", "17");
    refused("bytes for the map", "CBOR_TYPE", "41 00");
    refused("map without an end", "CBOR_NOT_CANONICAL",
            "bf 00 17 01 1a000111eb 02 5820 " HASH " 03 1a6afe6ac0 ff");
    refused("a byte behind", "CBOR_TRAILING", GOOD " 00");
    refused("a second map behind", "CBOR_TRAILING", GOOD GOOD);
    refused("a break behind", "CBOR_TRAILING", GOOD " ff");
    refused("map of 5 with 4 pairs", "CBOR_TRUNCATED",
            "a5 00 17 01 1a000111eb 02 5820 " HASH " 03 1a6afe6ac0");
    refused("map of 3 with 4 pairs", "CBOR_TRAILING",
            "a3 00 17 01 1a000111eb 02 5820 " HASH " 03 1a6afe6ac0");
    refused("another type", "MESSAGE_TYPE",
            "a4 00 16 01 1a000111eb 02 5820 " HASH " 03 1a6afe6ac0");
    refused("type 0", "MESSAGE_TYPE", "a4 00 00 01 1a000111eb 02 5820 " HASH " 03 1a6afe6ac0");
    refused("type 2^64 - 1", "MESSAGE_TYPE",
            "a4 00 1bffffffffffffffff 01 1a000111eb 02 5820 " HASH " 03 1a6afe6ac0");
    refused("type before limit", "MESSAGE_TYPE", "a4 00 16 01 00 02 5820 " HASH " 03 1a6afe6ac0");
    refused("kind of item before type", "CBOR_TYPE",
            "a4 00 16 01 1a000111eb 02 5820 " HASH " 03 61 61");
    refused("form before kind of item", "CBOR_NOT_CANONICAL",
            "a4 00 16 01 6161 02 5820 " HASH " 03 1801");
    refused("form before a missing key", "CBOR_TRAILING", "a1 00 17 00");
}

/* Heads that promise more than there is. A reader must refuse them at once. */
static void
promises(void)
{
    refused("array of 2^31 elements", "CBOR_TRUNCATED", "9a 80000000");
    refused("array of 2^27 elements", "CBOR_TRUNCATED", "9a 08000000");
    refused("array of 2^64 - 1 elements", "CBOR_TRUNCATED", "9b ffffffffffffffff");
    refused("map of 2^31 pairs", "CBOR_TRUNCATED", "ba 80000000");
    refused("map of 2^63 pairs", "CBOR_TRUNCATED", "bb 8000000000000000");
    refused("map of 2^64 - 1 pairs", "CBOR_TRUNCATED", "bb ffffffffffffffff");
    refused("bytes of 2^32 + 3, of which 3 are there", "CBOR_TRUNCATED",
            "a1 00 5b 0000000100000003 616263");
    refused("text of 2^32 + 3, of which 3 are there", "CBOR_TRUNCATED",
            "a1 00 7b 0000000100000003 616263");
    refused("array of 2^32 + 1, of which 1 is there", "CBOR_TRUNCATED",
            "a1 00 9b 0000000100000001 01");
    refused("map of 2^32 + 1, of which 1 is there", "CBOR_TRUNCATED",
            "a1 00 bb 0000000100000001 0001");
    refused("bytes of 2^64 - 1", "CBOR_TRUNCATED", "a1 00 5b ffffffffffffffff 00");
    refused("bytes of 2^63", "CBOR_TRUNCATED", "a1 00 5b 8000000000000000 00");
    refused("bytes one short", "CBOR_TRUNCATED", "a1 00 43 6162");
}

static void
cuts(void)
{
    static struct hand whole;

    whole.len = 0;
    hand_hex(&whole, GOOD);
    for (size_t len = 0; len < whole.len; len++) {
        if (len > 14 && len + 8 < whole.len && len % 5 != 0)
            continue;
        bytes.len = 0;
        hand_put(&bytes, whole.data, len);
        out_vector("cut to %zu bytes", len);
        out_text("rule", "void");
        out_number("network", MAKE_NETWORK);
        out_hand("payload", &bytes);
        out_expect("CBOR_TRUNCATED");
        out_end();
    }
}

/* A loss report, which may name a line. */
static void
optional_bytes(void)
{
    bytes.len = 0;
    hand_hex(&bytes, "a6 00 12 01 07 02 50 01010101010101010101010101010101 03 48 0000000000000000"
                     " 04 48 0202020202020202 05 1a6afe6ac0");
    vector("loss-report", "optional bytes of zeros", "CBOR_NOT_CANONICAL");
    out_end();
}

void
make_cbor(void)
{
    out_open("payload-cbor", "payload");
    good();
    long_heads();
    other_items();
    keys();
    wholes();
    promises();
    cuts();
    optional_bytes();
    out_close();
}
