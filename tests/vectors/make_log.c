/* Vectors of `merkle` and `checkpoint`: trees of RFC 9162 and signed notes, computed here in the
 * plainest way. */
#include "make.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* --- trees -------------------------------------------------------------------------------------
 */

#define LEAVES_MAX 70

static struct digest leaves[LEAVES_MAX];

static void
hash_leaf(struct digest *out, const void *entry, size_t len)
{
    static const uint8_t prefix[] = {0};
    const struct span parts[] = {{prefix, 1}, {entry, len}};

    crypt_hash(out, parts, 2);
}

static void
hash_node(struct digest *out, const struct digest *left, const struct digest *right)
{
    static const uint8_t prefix[] = {1};
    const struct span parts[] = {{prefix, 1}, {left->bytes, 32}, {right->bytes, 32}};

    crypt_hash(out, parts, 3);
}

/* The largest power of two below n, n > 1. */
static size_t
half(size_t n)
{
    size_t k = 1;

    while (k * 2 < n)
        k *= 2;
    return k;
}

/* The root of leaves [low, high): level by level, a lone node moves up as it is. */
static void
root_of(struct digest *out, size_t low, size_t high)
{
    static struct digest level[LEAVES_MAX];
    size_t count = high - low;

    if (count == 0) {
        crypt_hash(out, NULL, 0);
        return;
    }
    memcpy(level, leaves + low, count * sizeof level[0]);
    while (count > 1) {
        size_t next = 0;

        for (size_t i = 0; i + 1 < count; i += 2)
            hash_node(&level[next++], &level[i], &level[i + 1]);
        if (count % 2 == 1)
            level[next++] = level[count - 1];
        count = next;
    }
    *out = level[0];
}

struct path {
    size_t count;
    struct digest hashes[16];
};

static void
add(struct path *path, size_t low, size_t high)
{
    root_of(&path->hashes[path->count++], low, high);
}

static void
write_path(const struct path *path)
{
    out_enter("path", '[');
    for (size_t i = path->count; i > 0; i--)
        out_hex(NULL, path->hashes[i - 1].bytes, 32);
    out_leave();
}

/* PATH of section 2.1.3.1, from the top down. */
static void
inclusion(size_t index, size_t size)
{
    struct path path = {.count = 0};
    size_t low = 0, high = size;

    while (high - low > 1) {
        const size_t middle = low + half(high - low);

        if (index < middle) {
            add(&path, middle, high);
            high = middle;
        } else {
            add(&path, low, middle);
            low = middle;
        }
    }
    out_enter(NULL, '{');
    out_number("index", index);
    write_path(&path);
    out_leave();
}

/* PROOF of section 2.1.4.1, from the top down. */
static void
consistency(size_t old, size_t size)
{
    struct path path = {.count = 0};
    size_t low = 0, high = size;
    bool whole = true;

    while (old > 0 && high != old) {
        const size_t middle = low + half(high - low);

        if (old <= middle) {
            add(&path, middle, high);
            high = middle;
        } else {
            add(&path, low, middle);
            low = middle;
            whole = false;
        }
    }
    if (old > 0 && !whole)
        add(&path, low, high);
    out_enter(NULL, '{');
    out_number("old", old);
    write_path(&path);
    out_leave();
}

/* A tree whose entries are their numbers, each in as many bytes as its number mod 5. */
static void
tree(size_t size)
{
    struct digest root;

    assert(size <= LEAVES_MAX);
    out_vector("%zu entries", size);
    out_enter("entries", '[');
    for (size_t i = 0; i < size; i++) {
        uint8_t entry[5];

        memset(entry, (int)i, sizeof entry);
        hash_leaf(&leaves[i], entry, i % 5);
        out_hex(NULL, entry, i % 5);
    }
    out_leave();
    out_expect("OK");
    root_of(&root, 0, size);
    out_hex("root", root.bytes, 32);
    out_enter("inclusion", '[');
    for (size_t i = 0; i < size; i += size < 18 ? 1 : 7)
        inclusion(i, size);
    if (size >= 18)
        inclusion(size - 1, size);
    out_leave();
    out_enter("consistency", '[');
    for (size_t old = 0; old <= size; old += size < 18 ? 1 : 5)
        consistency(old, size);
    out_leave();
    out_end();
}

void
make_merkle(void)
{
    static const size_t large[] = {31, 32, 33, 63, 64, 65, 70};

    out_open("merkle", "merkle");
    for (size_t size = 0; size <= 17; size++)
        tree(size);
    for (size_t i = 0; i < sizeof large / sizeof large[0]; i++)
        tree(large[i]);
    out_close();
}

/* --- notes -------------------------------------------------------------------------------------
 */

#define ORIGIN "log.example.org/wuppertal"
#define ROOT "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="
#define EMPTY "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
#define BODY ORIGIN "\n20852163\n" ROOT "\n"

static char note[8192];
static size_t note_len;

static void
base64(char *out, const uint8_t *data, size_t len)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (size_t i = 0; i < len; i += 3) {
        uint32_t word = 0;

        for (size_t k = i; k < i + 3; k++)
            word = word << 8 | (k < len ? data[k] : 0u);
        for (unsigned k = 0; k < 4; k++)
            *out++ = i + k > len ? '=' : alphabet[word >> (18 - 6 * k) & 63];
    }
    *out = '\0';
}

static void
put(const char *text)
{
    const size_t len = strlen(text);

    assert(len < sizeof note - note_len);
    memcpy(note + note_len, text, len + 1);
    note_len += len;
}

/* "— name base64(id || signature)": id and signature of the key under this name. */
static void
sign_line(const char *name, const struct forge_key *key, const char *body, unsigned damage)
{
    static const uint8_t type[] = {'\n', 1};
    const struct span parts[] = {
        {(const uint8_t *)name, strlen(name)}, {type, 2}, {key->key.bytes, 32}};
    uint8_t raw[68];
    char text[128];
    struct digest hash;
    struct signature signature;

    crypt_hash(&hash, parts, 3);
    crypt_sign(&signature, &key->secret, (struct span){(const uint8_t *)body, strlen(body)});
    memcpy(raw, hash.bytes, 4);
    memcpy(raw + 4, signature.bytes, 64);
    raw[67] ^= (uint8_t)damage;
    base64(text, raw, sizeof raw);
    put("\xE2\x80\x94 ");
    put(name);
    put(" ");
    put(text);
    put("\n");
}

static void
begin_note(const char *body)
{
    note_len = 0;
    put(body);
    put("\n");
}

static struct forge_key log_key;
static struct forge_key witness;

static void
checkpoint(const char *name, const char *status, const char *root, uint64_t size)
{
    out_vector("%s", name);
    out_string("note", note, note_len);
    out_text("key_name", ORIGIN);
    out_hex("key", log_key.key.bytes, 32);
    out_expect(status);
    if (strcmp(status, "OK") == 0) {
        out_text("origin", ORIGIN);
        out_number("size", size);
        out_text("root", root);
    }
    out_end();
}

#define ROOT_HEX "0ac5186a91863e8e1d90c808014aa89bf5da8e3ee1d9f07630f0378f68f1ab62"
#define EMPTY_HEX "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static void
signed_body(const char *name, const char *body, const char *status)
{
    begin_note(body);
    sign_line(ORIGIN, &log_key, body, 0);
    checkpoint(name, status, ROOT_HEX, 20852163);
}

static void
bodies(void)
{
    static const char *const refused[][2] = {
        {"no root", ORIGIN "\n20852163\n"},
        {"an extension line", BODY "more\n"},
        {"a leading zero", ORIGIN "\n020852163\n" ROOT "\n"},
        {"a sign", ORIGIN "\n+20852163\n" ROOT "\n"},
        {"a negative size", ORIGIN "\n-1\n" ROOT "\n"},
        {"hexadecimal size", ORIGIN "\n0x13e2f83\n" ROOT "\n"},
        {"no size", ORIGIN "\n\n" ROOT "\n"},
        {"space behind the size", ORIGIN "\n20852163 \n" ROOT "\n"},
        {"size of 2^64", ORIGIN "\n18446744073709551616\n" ROOT "\n"},
        {"root of 31 bytes", ORIGIN "\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxqw==\n"},
        {"root of 33 bytes", ORIGIN "\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2IA\n"},
        {"root without padding",
         ORIGIN "\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I\n"},
        {"root with unused bits",
         ORIGIN "\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2J=\n"},
        {"root in the other alphabet",
         ORIGIN "\n20852163\nCsUYapGGPo4dkMgIAUqom_Xajj7h2fB2MPA3j2jxq2I=\n"},
        {"root in hexadecimal", ORIGIN "\n20852163\n" ROOT_HEX "\n"},
    };

    signed_body("good", BODY, "OK");
    begin_note(ORIGIN "\n0\n" EMPTY "\n");
    sign_line(ORIGIN, &log_key, ORIGIN "\n0\n" EMPTY "\n", 0);
    checkpoint("empty tree", "OK", EMPTY_HEX, 0);
    signed_body("empty tree with another root", ORIGIN "\n0\n" ROOT "\n", "LOG_ROOT");
    begin_note(ORIGIN "\n9007199254740991\n" ROOT "\n");
    sign_line(ORIGIN, &log_key, ORIGIN "\n9007199254740991\n" ROOT "\n", 0);
    checkpoint("large tree", "OK", ROOT_HEX, UINT64_C(9007199254740991));
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        signed_body(refused[i][0], refused[i][1], "CHECKPOINT_FORM");
    signed_body("another origin", "log.example.org/other\n20852163\n" ROOT "\n", "SIGNER_UNKNOWN");
}

static void
signers(void)
{
    begin_note(BODY);
    sign_line(ORIGIN, &log_key, BODY, 0);
    sign_line("witness.example.org", &witness, BODY, 0);
    checkpoint("a witness signs as well", "OK", ROOT_HEX, 20852163);
    begin_note(BODY);
    sign_line("witness.example.org", &witness, BODY, 1);
    sign_line(ORIGIN, &log_key, BODY, 0);
    checkpoint("a bad line of an unknown key", "OK", ROOT_HEX, 20852163);
    begin_note(BODY);
    sign_line("witness.example.org", &witness, BODY, 0);
    checkpoint("only a witness", "SIGNER_UNKNOWN", NULL, 0);
    begin_note(BODY);
    sign_line(ORIGIN, &witness, BODY, 0);
    checkpoint("another key of this name", "SIGNER_UNKNOWN", NULL, 0);
    begin_note(BODY);
    sign_line("log.example.org/other", &log_key, BODY, 0);
    checkpoint("the key under another name", "SIGNER_UNKNOWN", NULL, 0);
    begin_note(BODY);
    sign_line(ORIGIN, &log_key, BODY, 1);
    checkpoint("damaged signature", "CHECKPOINT_SIGNATURE", NULL, 0);
    begin_note(BODY);
    sign_line(ORIGIN, &log_key, BODY, 0);
    sign_line(ORIGIN, &log_key, BODY, 1);
    checkpoint("a good and a damaged one", "CHECKPOINT_SIGNATURE", NULL, 0);
    begin_note(BODY);
    sign_line(ORIGIN, &log_key, ORIGIN "\n20852164\n" ROOT "\n", 0);
    checkpoint("signed was another size", "CHECKPOINT_SIGNATURE", NULL, 0);
}

static void
notes(void)
{
    note_len = 0;
    put(BODY);
    checkpoint("not signed", "CHECKPOINT_FORM", NULL, 0);
    begin_note(BODY);
    checkpoint("no line of a signature", "CHECKPOINT_FORM", NULL, 0);
    begin_note(BODY);
    put("\xE2\x80\x94 " ORIGIN "\n");
    checkpoint("no signature in the line", "CHECKPOINT_FORM", NULL, 0);
    begin_note(BODY);
    put("\xE2\x80\x94 " ORIGIN " AAAA\n");
    checkpoint("signature of 3 bytes", "CHECKPOINT_FORM", NULL, 0);
    begin_note(BODY);
    put("- " ORIGIN " AAAAAAAAAAAAAAAA\n");
    checkpoint("hyphen for the dash", "CHECKPOINT_FORM", NULL, 0);
    begin_note(BODY);
    sign_line(ORIGIN, &log_key, BODY, 0);
    note[--note_len] = '\0';
    checkpoint("last line not ended", "CHECKPOINT_FORM", NULL, 0);
    begin_note(BODY);
    sign_line(ORIGIN, &log_key, BODY, 0);
    put("\n");
    checkpoint("an empty line behind", "CHECKPOINT_FORM", NULL, 0);
    note_len = 0;
    put(ORIGIN "\r\n20852163\r\n" ROOT "\r\n\r\n");
    sign_line(ORIGIN, &log_key, BODY, 0);
    checkpoint("carriage returns", "CHECKPOINT_FORM", NULL, 0);
    begin_note("log.example.org/\x01\n20852163\n" ROOT "\n");
    sign_line(ORIGIN, &log_key, "log.example.org/\x01\n20852163\n" ROOT "\n", 0);
    checkpoint("control character", "CHECKPOINT_FORM", NULL, 0);
}

void
make_checkpoint(void)
{
    forge_key(&log_key, "checkpoint role");
    forge_key(&witness, "witness");
    out_open("checkpoint", "checkpoint");
    bodies();
    signers();
    notes();
    out_close();
}
