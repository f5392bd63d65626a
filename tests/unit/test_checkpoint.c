/* protocol/checkpoint and cosignatures, against a note that was made with Python's hashlib and
 * PyNaCl from the formats of C2SP:
 *
 *   kid = lambda name, t, k: sha256(name + b"\n" + bytes([t]) + k).digest()[:4]
 *   text = origin + b"\n70000\n" + b64encode(sha256(b"root").digest()) + b"\n"
 *   log = SigningKey(bytes(range(32)));  witness = SigningKey(bytes(range(32, 64)))
 *   b64encode(kid(origin, 1, log.verify_key) + log.sign(text).signature)
 *   b64encode(kid(name, 4, witness.verify_key) + pack(">Q", 1767225600) +
 *             witness.sign(b"cosignature/v1\ntime 1767225600\n" + text).signature) */
#include "check.h"

#include <stdlib.h>

#include "protocol/checkpoint.h"
#include "protocol/merkle.h"

#define TEXT(literal) ((struct span){(const uint8_t *)(literal), sizeof(literal) - 1})
#define SIZE 70000
#define COSIGNED_UNIX_S UINT64_C(1767225600)

#define LINES                                                                                      \
    "schwebe.example/wuppertal\n"                                                                  \
    "70000\n"                                                                                      \
    "SBNJTRN+FjG7owHVrKtue7eqdM4RhdRWVl71HXN2d7I=\n"
#define LOG_LINE                                                                                   \
    "\xE2\x80\x94 schwebe.example/wuppertal zw1QzBOOZw+LuCWOfz8BsvJHBfcLnhmZrW8WlepHdE+qnwvmK510"  \
    "DS8qbHnFj5N6zeqBWMwlnedopIOwkEn4jHyzPgo=\n"
#define WITNESS_LINE                                                                               \
    "\xE2\x80\x94 audit.example/w1 wvoaAgAAAABpVbkArwSaOYNNxZS9TGBga5XWcDQtBwF3hgOjxc84ch8673HLY"  \
    "30k5Ek7fdhOo0Ux3HT56zvCz7QqP5EbeOm0tOTnCA==\n"

static const char vkeys[][128] = {
    "schwebe.example/wuppertal+cf0d50cc+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4",
    "audit.example/w1+c2fa1a02+BCmsuuFBvMrwsi4alNNNC8c2HlJtC/4SyJeUvJMilm3X"};

static void
known_keys(struct note_key keys[static 2], struct secret_key secrets[static 2])
{
    for (size_t i = 0; i < 2; i++) {
        struct public_key key;
        uint8_t seed[SEED_SIZE];

        for (size_t k = 0; k < SEED_SIZE; k++)
            seed[k] = (uint8_t)(i * SEED_SIZE + k);
        crypt_key_from_seed(&secrets[i], &key, seed);
        CHECK_STATUS(
            note_key_parse(&keys[i], (struct span){(const uint8_t *)vkeys[i], strlen(vkeys[i])}),
            STATUS_OK);
        CHECK(memcmp(&key, &keys[i].key, sizeof key) == 0);
    }
    CHECK(keys[0].type == NOTE_ED25519 && keys[1].type == NOTE_COSIGNATURE);
}

static void
known_root(struct digest *root)
{
    const struct span part = TEXT("root");

    crypt_hash(root, &part, 1);
}

TEST(signs_the_known_checkpoint)
{
    static const char expected[] = LINES "\n" LOG_LINE WITNESS_LINE;
    struct secret_key secrets[2];
    struct note_key keys[2];
    struct digest root;
    struct note note;

    known_keys(keys, secrets);
    known_root(&root);
    CHECK_STATUS(checkpoint_sign(&note, SIZE, &root, &keys[0], &secrets[0]), STATUS_OK);
    CHECK_STATUS(note_sign(&note, &keys[1], &secrets[1], COSIGNED_UNIX_S), STATUS_OK);
    CHECK(note.len == sizeof expected - 1 && memcmp(note.bytes, expected, note.len) == 0);
}

/* What a witness answers is its line alone; it is made from the text of the log's note. */
TEST(a_witness_answers_with_a_line)
{
    struct secret_key secrets[2];
    uint8_t line[NOTE_LINE_MAX];
    struct note_key keys[2];
    struct span text;
    struct note note;
    size_t len;

    known_keys(keys, secrets);
    CHECK_STATUS(note_split(&text, TEXT(LINES "\n" LOG_LINE)), STATUS_OK);
    note_line(line, &len, text, &keys[1], &secrets[1], COSIGNED_UNIX_S);
    CHECK(len == sizeof WITNESS_LINE - 1 && memcmp(line, WITNESS_LINE, len) == 0);
    CHECK_STATUS(note_start(&note, text), STATUS_OK);
    CHECK_STATUS(note_add(&note, TEXT(LOG_LINE)), STATUS_OK);
    CHECK_STATUS(note_add(&note, (struct span){line, len}), STATUS_OK);
    CHECK_STATUS(note_add(&note, (struct span){line, len - 1}), STATUS_CHECKPOINT_FORM);
}

TEST(verifies_the_known_checkpoint)
{
    struct checkpoint checkpoint;
    struct secret_key secrets[2];
    struct note_check checks[2];
    struct note_key keys[2];
    struct digest root;

    known_keys(keys, secrets);
    known_root(&root);
    CHECK_STATUS(
        checkpoint_verify(&checkpoint, checks, TEXT(LINES "\n" LOG_LINE WITNESS_LINE), keys, 2),
        STATUS_OK);
    CHECK(strcmp(checkpoint.origin, "schwebe.example/wuppertal") == 0);
    CHECK(checkpoint.size == SIZE);
    CHECK(memcmp(&checkpoint.root, &root, sizeof root) == 0);
    CHECK(checks[0].signed_by && checks[0].time_unix_s == 0);
    CHECK(checks[1].signed_by && checks[1].time_unix_s == COSIGNED_UNIX_S);

    CHECK_STATUS(checkpoint_verify(&checkpoint, checks, TEXT(LINES "\n" LOG_LINE), keys, 2),
                 STATUS_OK);
    CHECK(checks[0].signed_by && !checks[1].signed_by);
}

TEST(a_witness_alone_is_not_the_log)
{
    struct checkpoint untouched = {.size = 5};
    struct checkpoint checkpoint = untouched;
    struct secret_key secrets[2];
    struct note_check checks[2];
    struct note_key keys[2];

    known_keys(keys, secrets);
    CHECK_STATUS(checkpoint_verify(&checkpoint, checks, TEXT(LINES "\n" WITNESS_LINE), keys, 2),
                 STATUS_SIGNER_UNKNOWN);
    CHECK(!checks[0].signed_by && !checks[1].signed_by);
    CHECK(memcmp(&checkpoint, &untouched, sizeof checkpoint) == 0);
}

TEST(every_changed_byte_is_refused)
{
    uint8_t bytes[] = LINES "\n" LOG_LINE WITNESS_LINE;
    const size_t log_end = sizeof LINES + sizeof LOG_LINE - 1;
    struct secret_key secrets[2];
    struct note_key keys[2];

    known_keys(keys, secrets);
    for (size_t i = 0; i < sizeof bytes - 1; i++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            struct checkpoint checkpoint;
            struct note_check checks[2];
            enum status status;

            bytes[i] ^= (uint8_t)(1u << bit);
            status = checkpoint_verify(&checkpoint, checks, (struct span){bytes, sizeof bytes - 1},
                                       keys, 2);
            bytes[i] ^= (uint8_t)(1u << bit);
            /* At best the witness becomes a stranger. */
            CHECK(status != STATUS_OK || (i >= log_end && !checks[1].signed_by));
        }
    }
}

/* Cosignatures bind the time; a line with a time of zero or beyond 2^63 - 1 is none. */
TEST(times_of_cosignatures)
{
    struct checkpoint checkpoint;
    struct secret_key secrets[2];
    struct note_check checks[2];
    struct note_key keys[2];
    struct digest root;
    struct note note;

    known_keys(keys, secrets);
    known_root(&root);
    CHECK_STATUS(checkpoint_sign(&note, SIZE, &root, &keys[0], &secrets[0]), STATUS_OK);
    CHECK_STATUS(note_sign(&note, &keys[1], &secrets[1], COSIGNED_UNIX_S + 9), STATUS_OK);
    CHECK_STATUS(note_sign(&note, &keys[1], &secrets[1], COSIGNED_UNIX_S), STATUS_OK);
    CHECK_STATUS(
        checkpoint_verify(&checkpoint, checks, (struct span){note.bytes, note.len}, keys, 2),
        STATUS_OK);
    CHECK(checks[1].time_unix_s == COSIGNED_UNIX_S + 9);
    CHECK_STATUS(note_sign(&note, &keys[1], &secrets[1], INT64_MAX), STATUS_OK);
    CHECK_STATUS(
        checkpoint_verify(&checkpoint, checks, (struct span){note.bytes, note.len}, keys, 2),
        STATUS_OK);
    CHECK(checks[1].time_unix_s == INT64_MAX);
}

/* A line of a known key whose raw part is replaced by `raw`. */
static enum status
verify_raw(const struct note_key *key, const uint8_t *raw, size_t raw_len)
{
    static const uint8_t dash[] = {0xE2, 0x80, 0x94, ' '};
    struct secret_key secrets[2];
    struct checkpoint checkpoint;
    struct note_check checks[2];
    struct note_key keys[2];
    uint8_t line[NOTE_LINE_MAX + 64];
    struct note note;
    size_t at = strlen(key->name);

    known_keys(keys, secrets);
    memcpy(line, dash, 4);
    memcpy(line + 4, key->name, at);
    at += 4;
    line[at++] = ' ';
    base64_encode((char *)line + at, (struct span){raw, raw_len});
    at += BASE64_LEN(raw_len);
    line[at++] = '\n';
    CHECK_STATUS(note_start(&note, TEXT(LINES)), STATUS_OK);
    CHECK_STATUS(note_add(&note, TEXT(LOG_LINE)), STATUS_OK);
    CHECK_STATUS(note_add(&note, (struct span){line, at}), STATUS_OK);
    return checkpoint_verify(&checkpoint, checks, (struct span){note.bytes, note.len}, keys, 2);
}

TEST(known_keys_with_wrong_signatures)
{
    static const uint8_t times[][8] = {
        {0}, {0x80}, {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}};
    struct secret_key secrets[2];
    struct note_key keys[2];
    uint8_t raw[4 + 8 + 64 + 1] = {0};

    known_keys(keys, secrets);
    memcpy(raw, keys[1].id, 4);
    /* Signed correctly, but over a time that cannot be. */
    for (size_t i = 0; i < 3; i++) {
        char message[64 + sizeof LINES];
        struct signature signature;
        uint64_t time = i == 0 ? 0 : i == 1 ? UINT64_C(1) << 63 : UINT64_MAX;
        int len = snprintf(message, sizeof message, "cosignature/v1\ntime %llu\n" LINES,
                           (unsigned long long)time);

        crypt_sign(&signature, &secrets[1], (struct span){(uint8_t *)message, (size_t)len});
        memcpy(raw + 4, times[i], 8);
        memcpy(raw + 12, signature.bytes, 64);
        CHECK_STATUS(verify_raw(&keys[1], raw, 76), STATUS_CHECKPOINT_SIGNATURE);
    }
    CHECK_STATUS(verify_raw(&keys[1], raw, 75), STATUS_CHECKPOINT_SIGNATURE);
    CHECK_STATUS(verify_raw(&keys[1], raw, 77), STATUS_CHECKPOINT_SIGNATURE);
    CHECK_STATUS(verify_raw(&keys[1], raw, 5), STATUS_CHECKPOINT_SIGNATURE);
    memcpy(raw, keys[0].id, 4);
    CHECK_STATUS(verify_raw(&keys[0], raw, 68), STATUS_CHECKPOINT_SIGNATURE);
    CHECK_STATUS(verify_raw(&keys[0], raw, 67), STATUS_CHECKPOINT_SIGNATURE);
    /* Another id makes it a stranger's. */
    raw[0] ^= 1;
    CHECK_STATUS(verify_raw(&keys[0], raw, 67), STATUS_OK);
}

TEST(texts_that_are_no_checkpoints)
{
#define ROOT "SBNJTRN+FjG7owHVrKtue7eqdM4RhdRWVl71HXN2d7I=\n"
    static const char *const bad[] = {"",
                                      "o\n",
                                      "o\n1\n",
                                      "o\n1\n" ROOT "\n",
                                      "o\n1\n" ROOT "extension\n",
                                      "\n1\n" ROOT,
                                      "o \n1\n" ROOT,
                                      "a+b\n1\n" ROOT,
                                      "o/\n1\n" ROOT,
                                      "o\n\n" ROOT,
                                      "o\n01\n" ROOT,
                                      "o\n00\n" ROOT,
                                      "o\n+1\n" ROOT,
                                      "o\n-1\n" ROOT,
                                      "o\n1 \n" ROOT,
                                      "o\n1a\n" ROOT,
                                      "o\n0x1\n" ROOT,
                                      "o\nA\n" ROOT,
                                      "o\n4611686018427387905\n" ROOT,
                                      "o\n18446744073709551617\n" ROOT,
                                      "o\n99999999999999999999999999999999999999999\n" ROOT,
                                      "o\n1\nSBNJTRN+FjG7owHVrKtue7eqdM4RhdRWVl71HXN2d7I\n",
                                      "o\n1\nSBNJTRN+FjG7owHVrKtue7eqdM4RhdRWVl71HXN2d7J=\n",
                                      "o\n1\nSBNJTRN+FjG7owHVrKtue7eqdM4RhdRWVl71HXN2\n",
                                      "o\n1\nSBNJTRN+FjG7owHVrKtue7eqdM4RhdRWVl71HXN2d7I0\n",
                                      "o\n1\n\n"};
    static const char largest[] = "o\n4611686018427387904\n" ROOT;
    static const char wrong_empty[] = "o\n0\n" ROOT;
    static const char empty[] = "o\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n";
    struct checkpoint untouched = {.size = 5};
    struct checkpoint checkpoint = untouched;
    char text[CHECKPOINT_TEXT_MAX];
    size_t len;

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CHECK_STATUS(
            checkpoint_parse(&checkpoint, (struct span){(const uint8_t *)bad[i], strlen(bad[i])}),
            STATUS_CHECKPOINT_FORM);
    CHECK_STATUS(checkpoint_parse(&checkpoint, TEXT(wrong_empty)), STATUS_LOG_ROOT);
    CHECK(memcmp(&checkpoint, &untouched, sizeof checkpoint) == 0);

    CHECK_STATUS(checkpoint_parse(&checkpoint, TEXT(empty)), STATUS_OK);
    CHECK(checkpoint.size == 0);
    CHECK_STATUS(checkpoint_parse(&checkpoint, TEXT(largest)), STATUS_OK);
    CHECK(checkpoint.size == MERKLE_SIZE_MAX);
    checkpoint_format(text, &len, &checkpoint);
    CHECK(len == sizeof largest - 1 && memcmp(text, largest, len) == 0);
}

TEST(origins)
{
    struct secret_key secrets[2];
    struct checkpoint checkpoint;
    struct note_check check;
    struct note_key keys[2];
    struct note_key other;
    struct digest root;
    struct note note;

    known_keys(keys, secrets);
    known_root(&root);
    CHECK_STATUS(note_key_make(&other, NOTE_ED25519, TEXT("a/"), &keys[0].key), STATUS_OK);
    CHECK_STATUS(checkpoint_sign(&note, 1, &root, &other, &secrets[0]), STATUS_CHECKPOINT_FORM);

    /* A log's key must not vouch for another log's checkpoint. */
    CHECK_STATUS(note_start(&note, TEXT("other.example\n1\n" ROOT)), STATUS_OK);
    CHECK_STATUS(note_sign(&note, &keys[0], &secrets[0], 0), STATUS_OK);
    CHECK_STATUS(
        checkpoint_verify(&checkpoint, &check, (struct span){note.bytes, note.len}, keys, 1),
        STATUS_SIGNER_UNKNOWN);
}

/* The longest checkpoint, with a witness of the longest name, fits where a note has to fit. */
TEST(the_longest_checkpoint)
{
    char name[NOTE_NAME_MAX];
    struct secret_key secrets[2];
    struct checkpoint checkpoint;
    struct note_check checks[2];
    struct note_key keys[2];
    struct digest root;
    struct note note;

    known_keys(keys, secrets);
    known_root(&root);
    memset(name, 'n', sizeof name);
    for (int i = 0; i < 2; i++)
        CHECK_STATUS(note_key_make(&keys[i], i == 0 ? NOTE_ED25519 : NOTE_COSIGNATURE,
                                   (struct span){(uint8_t *)name, sizeof name}, &keys[i].key),
                     STATUS_OK);
    CHECK_STATUS(checkpoint_sign(&note, MERKLE_SIZE_MAX, &root, &keys[0], &secrets[0]), STATUS_OK);
    for (int i = 0; i < 7; i++)
        CHECK_STATUS(note_sign(&note, &keys[1], &secrets[1], COSIGNED_UNIX_S), STATUS_OK);
    CHECK_STATUS(
        checkpoint_verify(&checkpoint, checks, (struct span){note.bytes, note.len}, keys, 2),
        STATUS_OK);
    CHECK(checks[1].signed_by);
}

int
main(int argc, char **argv)
{
    if (crypt_init() != STATUS_OK)
        return EXIT_FAILURE;
    return check_run(argc, argv);
}
