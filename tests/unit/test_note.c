/* protocol/base64 and protocol/note, against the example of the Go module database (the first
 * implementation of signed notes) and against RFC 4648. */
#include "check.h"

#include <stdlib.h>

#include "protocol/note.h"

#define TEXT(literal) ((struct span){(const uint8_t *)(literal), sizeof(literal) - 1})

static struct span
span_of(const char *text)
{
    return (struct span){(const uint8_t *)text, strlen(text)};
}

/* ---- Base64 -----------------------------------------------------------------------------------*/

TEST(base64_vectors_of_the_rfc)
{
    static const char *const vectors[][2] = {{"", ""},
                                             {"f", "Zg=="},
                                             {"fo", "Zm8="},
                                             {"foo", "Zm9v"},
                                             {"foob", "Zm9vYg=="},
                                             {"fooba", "Zm9vYmE="},
                                             {"foobar", "Zm9vYmFy"}};

    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        struct span plain = span_of(vectors[i][0]);
        struct span coded = span_of(vectors[i][1]);
        uint8_t back[8];
        char out[16];
        size_t len;

        CHECK(BASE64_LEN(plain.len) == coded.len);
        base64_encode(out, plain);
        CHECK(memcmp(out, coded.data, coded.len) == 0);
        CHECK_STATUS(base64_decode(back, &len, sizeof back, coded), STATUS_OK);
        CHECK(len == plain.len && memcmp(back, plain.data, len) == 0);
        if (plain.len > 0)
            CHECK_STATUS(base64_decode(back, &len, plain.len - 1, coded), STATUS_BUFFER);
    }
}

/* Every text of four characters of a suspicious alphabet: accepted exactly if it is the one that
 * the encoder writes. */
TEST(base64_has_one_form)
{
    static const char letters[] = "AQgw+/9=-_ \nZ";
    unsigned accepted = 0;
    char text[4];

    for (unsigned i = 0; i < 13u * 13 * 13 * 13; i++) {
        uint8_t bytes[3];
        char again[4];
        size_t len;

        for (unsigned k = 0, rest = i; k < 4; k++, rest /= 13)
            text[k] = letters[rest % 13];
        if (base64_decode(bytes, &len, 3, (struct span){(uint8_t *)text, 4}) != STATUS_OK)
            continue;
        accepted++;
        base64_encode(again, (struct span){bytes, len});
        CHECK(memcmp(again, text, 4) == 0);
    }
    /* 8 letters are of the alphabet; the 4 of them that end with four zero bits may stand before
     * padding. */
    CHECK(accepted == 8u * 8 * 8 * 8 + 8u * 8 * 4 + 8u * 4);
}

TEST(base64_names_what_is_wrong)
{
    uint8_t out[8];
    size_t len = 99;

    CHECK_STATUS(base64_decode(out, &len, 8, TEXT("Zg=")), STATUS_TEXT_LENGTH);
    CHECK_STATUS(base64_decode(out, &len, 8, TEXT("Zh==")), STATUS_TEXT_PADDING);
    CHECK_STATUS(base64_decode(out, &len, 8, TEXT("Zm9=")), STATUS_TEXT_PADDING);
    CHECK_STATUS(base64_decode(out, &len, 8, TEXT("Z===")), STATUS_TEXT_PADDING);
    CHECK_STATUS(base64_decode(out, &len, 8, TEXT("====")), STATUS_TEXT_PADDING);
    CHECK_STATUS(base64_decode(out, &len, 8, TEXT("Zg==Zg==")), STATUS_TEXT_PADDING);
    CHECK_STATUS(base64_decode(out, &len, 8, TEXT("Zm9\0")), STATUS_TEXT_CHARACTER);
    CHECK_STATUS(base64_decode(out, &len, 8, TEXT("Zm9\xC3")), STATUS_TEXT_CHARACTER);
    CHECK(len == 99);
}

/* ---- Keys -------------------------------------------------------------------------------------*/

static const char peter_vkey[] =
    "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
/* The example's secret: type and seed. */
static const char peter_secret[] = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
static const char example_text[] = "If you think cryptography is the answer to your problem,\n"
                                   "then you don't know what your problem is.\n";
static const char example_note[] =
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "\xE2\x80\x94 PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfq"
    "dngotpRZb6KE6RyyBwJnAM=\n"
    "\xE2\x80\x94 EnochRoot "
    "rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGw"
    "nWLox33WWd1RvMc+QQ=\n";

/* Peter's key of the example, and Enoch's, whose seed is zero. */
static void
example_keys(struct note_key keys[static 2], struct secret_key secrets[static 2])
{
    static const uint8_t zero[SEED_SIZE];
    struct public_key key;
    uint8_t typed[33];
    size_t len;

    CHECK_STATUS(base64_decode(typed, &len, sizeof typed, span_of(peter_secret)), STATUS_OK);
    CHECK(len == 33 && typed[0] == 1);
    crypt_key_from_seed(&secrets[0], &key, typed + 1);
    CHECK_STATUS(note_key_make(&keys[0], NOTE_ED25519, TEXT("PeterNeumann"), &key), STATUS_OK);
    crypt_key_from_seed(&secrets[1], &key, zero);
    CHECK_STATUS(note_key_make(&keys[1], NOTE_ED25519, TEXT("EnochRoot"), &key), STATUS_OK);
}

TEST(key_text_of_the_example)
{
    struct secret_key secrets[2];
    struct note_key keys[2];
    struct note_key parsed;
    char text[NOTE_VKEY_MAX];
    size_t len;

    example_keys(keys, secrets);
    note_key_format(text, &len, &keys[0]);
    CHECK(len == strlen(peter_vkey) && memcmp(text, peter_vkey, len) == 0);
    CHECK_STATUS(note_key_parse(&parsed, span_of(peter_vkey)), STATUS_OK);
    CHECK(memcmp(&parsed, &keys[0], sizeof parsed) == 0);
}

TEST(key_texts_that_are_none)
{
    static const char *const bad[] = {
        "",
        "+",
        "PeterNeumann",
        "PeterNeumann+c74f20a3",
        "PeterNeumann+c74f20a3+",
        "+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumanm+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TX",
        "PeterNeumann+c74f20a3+AxpcX2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10T",
        "PeterNeumann+c74f20a3+AhpcX2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW\n",
        "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"};
    struct note_key untouched = {.type = NOTE_ED25519, .name = "x"};
    struct note_key key = untouched;

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CHECK_STATUS(note_key_parse(&key, span_of(bad[i])), STATUS_CHECKPOINT_FORM);
    CHECK(memcmp(&key, &untouched, sizeof key) == 0);
}

TEST(names)
{
    static const char *const bad[] = {"",         "a b",          "a+b",          "a\tb",
                                      "a\x01",    "\xC2\xA0x",    "\xE2\x80\x89", "\xE3\x80\x80",
                                      "\xC0\xAF", "\xED\xA0\x80", "\xFF",         "a\xE2\x80"};
    static const char *const good[] = {"x", "schwebe.wuppertal.de/gutschein", "Prüfamt",
                                       "\xF0\x9F\x9A\x9D"};
    char longest[NOTE_NAME_MAX + 2];
    struct public_key zero = {0};
    struct note_key key;

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CHECK_STATUS(note_key_make(&key, NOTE_ED25519, span_of(bad[i]), &zero),
                     STATUS_CHECKPOINT_FORM);
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        CHECK_STATUS(note_key_make(&key, NOTE_ED25519, span_of(good[i]), &zero), STATUS_OK);
    memset(longest, 'a', sizeof longest);
    CHECK_STATUS(
        note_key_make(&key, NOTE_ED25519, (struct span){(uint8_t *)longest, NOTE_NAME_MAX}, &zero),
        STATUS_OK);
    CHECK_STATUS(note_key_make(&key, NOTE_ED25519,
                               (struct span){(uint8_t *)longest, NOTE_NAME_MAX + 1}, &zero),
                 STATUS_CHECKPOINT_FORM);
}

/* A name holds no White_Space of Unicode; the characters around them are no spaces. */
TEST(spaces_are_in_no_name)
{
    static const char *const spaces[] = {
        " ",
        "\xC2\x85",
        "\xC2\xA0",
        "\xE1\x9A\x80",
        "\xE2\x80\x80",
        "\xE2\x80\x8A",
        "\xE2\x80\xA8",
        "\xE2\x80\xA9",
        "\xE2\x80\xAF",
        "\xE2\x81\x9F",
        "\xE3\x80\x80",
    };
    static const char *const others[] = {
        "!",
        "\xC2\xA1",
        "\xE1\x99\xBF",
        "\xE1\x9A\x81",
        "\xE1\xBF\xBE",
        "\xE2\x80\x8B",
        "\xE2\x80\xA7",
        "\xE2\x80\xAA",
        "\xE2\x80\xB0",
        "\xE2\x81\xA0",
        "\xE3\x80\x81",
    };
    struct public_key zero = {0};
    struct note_key key;
    char name[8];

    for (size_t i = 0; i < sizeof spaces / sizeof spaces[0]; i++) {
        snprintf(name, sizeof name, "a%sb", spaces[i]);
        CHECK_STATUS(note_key_make(&key, NOTE_ED25519, span_of(name), &zero),
                     STATUS_CHECKPOINT_FORM);
        snprintf(name, sizeof name, "a%sb", others[i]);
        CHECK_STATUS(note_key_make(&key, NOTE_ED25519, span_of(name), &zero), STATUS_OK);
    }
    CHECK(sizeof spaces == sizeof others);
}

/* ---- Notes ------------------------------------------------------------------------------------*/

TEST(signs_the_example)
{
    struct secret_key secrets[2];
    struct note_key keys[2];
    struct note note;

    example_keys(keys, secrets);
    CHECK_STATUS(note_start(&note, span_of(example_text)), STATUS_OK);
    CHECK_STATUS(note_sign(&note, &keys[0], &secrets[0], 0), STATUS_OK);
    CHECK_STATUS(note_sign(&note, &keys[1], &secrets[1], 0), STATUS_OK);
    CHECK(note.len == sizeof example_note - 1);
    CHECK(memcmp(note.bytes, example_note, note.len) == 0);
}

/* A signature needs a text and the empty line behind it, as note_start writes them. */
TEST(signs_nothing_that_is_no_note)
{
    static const char *const bad[] = {"", "a", "a\n", "a\nb\n", "\na\n", "a\tb\n\n"};
    struct secret_key secrets[2];
    struct note_key keys[2];

    example_keys(keys, secrets);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        const size_t len = strlen(bad[i]);
        struct note note = {.len = len};

        memcpy(note.bytes, bad[i], len);
        CHECK_STATUS(note_sign(&note, &keys[0], &secrets[0], 0), STATUS_CHECKPOINT_FORM);
        CHECK(note.len == len && memcmp(note.bytes, bad[i], len) == 0);
    }
}

TEST(verifies_the_example)
{
    struct secret_key secrets[2];
    struct note_check checks[2];
    struct note_key keys[2];
    struct span text;

    example_keys(keys, secrets);
    CHECK_STATUS(note_verify(checks, &text, TEXT(example_note), keys, 2), STATUS_OK);
    CHECK(checks[0].signed_by && checks[1].signed_by);
    CHECK(text.len == strlen(example_text) && memcmp(text.data, example_text, text.len) == 0);
    CHECK_STATUS(note_verify(checks, &text, TEXT(example_note), keys + 1, 1), STATUS_OK);
    CHECK(checks[0].signed_by);
    keys[1].name[0] = 'e';
    CHECK_STATUS(note_verify(checks, &text, TEXT(example_note), keys + 1, 1),
                 STATUS_SIGNER_UNKNOWN);
    CHECK(!checks[0].signed_by);
}

/* No byte of a note can be changed without being noticed by someone who knows both keys. */
TEST(every_changed_byte_is_refused)
{
    struct secret_key secrets[2];
    struct note_check checks[2];
    struct note_key keys[2];
    uint8_t bytes[sizeof example_note - 1];
    struct span text;

    example_keys(keys, secrets);
    for (size_t i = 0; i < sizeof bytes; i++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            enum status status;

            memcpy(bytes, example_note, sizeof bytes);
            bytes[i] ^= (uint8_t)(1u << bit);
            status = note_verify(checks, &text, (struct span){bytes, sizeof bytes}, keys, 2);
            /* A changed name or id makes one signature that of a stranger. */
            CHECK(status != STATUS_OK || checks[0].signed_by != checks[1].signed_by);
        }
        CHECK(note_verify(checks, &text, (struct span){bytes, i}, keys, 2) != STATUS_OK ||
              (checks[0].signed_by && !checks[1].signed_by));
    }
}

TEST(malformed_notes)
{
    static const char *const bad[] = {"",
                                      "\n",
                                      "\n\n",
                                      "text\n",
                                      "text\n\n",
                                      "text\n\n\n",
                                      "text\n\xE2\x80\x94 name AAAAAAAA\n",
                                      "text\n\n\xE2\x80\x94 name AAAAAAAA",
                                      "text\n\n\xE2\x80\x94 name AAAAAA==\n",
                                      "text\n\n\xE2\x80\x94 name AAAAAAA\n",
                                      "text\n\n\xE2\x80\x94 name AAAAAAB=\n",
                                      "text\n\n\xE2\x80\x94 name  AAAAAAAA\n",
                                      "text\n\n\xE2\x80\x94 name\n",
                                      "text\n\n\xE2\x80\x94  AAAAAAAA\n",
                                      "text\n\n\xE2\x80\x94 na+me AAAAAAAA\n",
                                      "text\n\n- name AAAAAAAA\n",
                                      "text\n\n\xE2\x80\x94 name AAAAAAAA\nname AAAAAAAA\n",
                                      "text\n\n\xE2\x80\x94 name AAAAAAAA\r\n",
                                      "te\rxt\n\n\xE2\x80\x94 name AAAAAAAA\n",
                                      "te\xFFxt\n\n\xE2\x80\x94 name AAAAAAAA\n"};
    struct span text = {NULL, 7};

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CHECK_STATUS(note_split(&text, span_of(bad[i])), STATUS_CHECKPOINT_FORM);
    CHECK(text.data == NULL && text.len == 7);
    CHECK_STATUS(note_split(&text, TEXT("te\0xt\n\n\xE2\x80\x94 name AAAAAAAA\n")),
                 STATUS_CHECKPOINT_FORM);
    CHECK_STATUS(note_split(&text, TEXT("text\n\n\xE2\x80\x94 name AAAAAAAA\n")), STATUS_OK);
    CHECK(text.len == 5);
    /* The last empty line counts; earlier ones belong to the text. */
    CHECK_STATUS(note_split(&text, TEXT("a\n\nb\n\n\xE2\x80\x94 name AAAAAAAA\n")), STATUS_OK);
    CHECK(text.len == 5);
}

/* Whatever is wrong, the note is as before. */
TEST(only_signature_lines_are_added)
{
    static const char *const lines[] = {"\n",
                                        "\xE2\x80\x94 \n",
                                        "name AAAAAAAA\n",
                                        "\xE2\x80\x94 name AAAAAAAA",
                                        "\xE2\x80\x94 name AAAAAA==\n",
                                        "\xE2\x80\x94 name AAAAAAAA\n\n"};
    static const char *const notes[] = {"text\n", "text\n\nno signature\n", "te\txt\n\n"};
    static const char good[] = "\xE2\x80\x94 name AAAAAAAA\n";
    struct note note;

    CHECK_STATUS(note_start(&note, TEXT("text\n")), STATUS_OK);
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        CHECK_STATUS(note_add(&note, span_of(lines[i])), STATUS_CHECKPOINT_FORM);
        CHECK(note.len == 6 && memcmp(note.bytes, "text\n\n", 6) == 0);
    }
    CHECK_STATUS(note_add(&note, span_of(good)), STATUS_OK);
    for (size_t i = 0; i < sizeof notes / sizeof notes[0]; i++) {
        note.len = strlen(notes[i]);
        memcpy(note.bytes, notes[i], note.len);
        CHECK_STATUS(note_add(&note, span_of(good)), STATUS_CHECKPOINT_FORM);
        CHECK(note.len == strlen(notes[i]) && memcmp(note.bytes, notes[i], note.len) == 0);
    }
}

TEST(a_note_has_limits)
{
    static const char line[] = "\xE2\x80\x94 name AAAAAAAA\n";
    static char large[NOTE_SIZE_MAX + 1];
    struct span text;
    struct note note;
    size_t before;

    CHECK_STATUS(note_start(&note, TEXT("no line end")), STATUS_CHECKPOINT_FORM);
    CHECK_STATUS(note_start(&note, TEXT("")), STATUS_CHECKPOINT_FORM);
    CHECK_STATUS(note_start(&note, TEXT("text\n")), STATUS_OK);
    for (int i = 0; i < NOTE_SIGNATURES_MAX; i++)
        CHECK_STATUS(note_add(&note, span_of(line)), STATUS_OK);
    before = note.len;
    CHECK_STATUS(note_add(&note, span_of(line)), STATUS_CHECKPOINT_FORM);
    CHECK(note.len == before);
    CHECK_STATUS(note_split(&text, (struct span){note.bytes, note.len}), STATUS_OK);
    memcpy(note.bytes + note.len, line, sizeof line - 1);
    CHECK_STATUS(note_split(&text, (struct span){note.bytes, note.len + sizeof line - 1}),
                 STATUS_CHECKPOINT_FORM);

    memset(large, 'x', sizeof large);
    large[NOTE_SIZE_MAX - 1] = '\n';
    CHECK_STATUS(note_start(&note, (struct span){(uint8_t *)large, NOTE_SIZE_MAX}), STATUS_BUFFER);
    large[NOTE_SIZE_MAX - 2] = '\n';
    CHECK_STATUS(note_start(&note, (struct span){(uint8_t *)large, NOTE_SIZE_MAX - 1}), STATUS_OK);
    CHECK_STATUS(note_add(&note, span_of(line)), STATUS_BUFFER);
    CHECK(note.len == NOTE_SIZE_MAX);
    CHECK_STATUS(note_add(&note, TEXT("")), STATUS_CHECKPOINT_FORM);
    CHECK_STATUS(note_split(&text, (struct span){(uint8_t *)large, sizeof large}),
                 STATUS_TOO_LARGE);
}

TEST(decimal)
{
    static const struct {
        uint64_t value;
        const char *digits;
    } cases[] = {
        {0, "0"}, {9, "9"}, {10, "10"}, {70000, "70000"}, {UINT64_MAX, "18446744073709551615"}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char out[NOTE_DECIMAL_MAX];
        size_t len = note_decimal(out, cases[i].value);

        CHECK(len == strlen(cases[i].digits) && memcmp(out, cases[i].digits, len) == 0);
    }
}

int
main(int argc, char **argv)
{
    if (crypt_init() != STATUS_OK)
        return EXIT_FAILURE;
    return check_run(argc, argv);
}
