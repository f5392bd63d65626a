/* Proofs for whoever has no network: tlog-proof as text, and the COSE receipt. */
#include "check.h"

#include <stdlib.h>

#include "branch.h"
#include "ledger/listen.h"
#include "ledger/proof.h"
#include "ledger/receipt.h"

#define ORIGIN "log.example/city"
#define SIZES 20

static const struct branch trunk = {.from = UINT64_MAX};

static struct note_key log_key;
static struct note_key witness_key;
static struct note_key receipt_key;
static struct secret_key log_secret;
static struct secret_key witness_secret;
static struct secret_key receipt_secret;
static struct policy policy;
static char text[PROOF_TEXT_MAX];

static struct span
span_of(const char *words)
{
    return (struct span){(const uint8_t *)words, strlen(words)};
}

/* The proof of an entry; gives its length. */
static size_t
make(uint64_t index, uint64_t size)
{
    struct merkle_path path;
    struct note note;
    size_t len;

    branch_inclusion(&path, &trunk, index, size);
    branch_note(&note, &trunk, size, &log_key, &log_secret);
    proof_write(text, &len, index, &path, (struct span){note.bytes, note.len});
    return len;
}

/* What comes of a text, for an entry. */
static enum status
check_bytes(const void *bytes, size_t len, struct span entry)
{
    struct checkpoint checkpoint;
    struct proof proof;
    enum status status = proof_parse(&proof, (struct span){bytes, len});

    return status == STATUS_OK ? proof_check(&checkpoint, &proof, entry, &policy) : status;
}

static enum status
check_entry(const void *bytes, size_t len, uint64_t index)
{
    uint8_t entry[BRANCH_ENTRY_SIZE];

    branch_entry(entry, &trunk, index);
    return check_bytes(bytes, len, (struct span){entry, sizeof entry});
}

TEST(each_entry_of_each_tree)
{
    policy_of_log(&policy, &log_key);
    for (uint64_t size = 1; size <= SIZES; size++)
        for (uint64_t index = 0; index < size; index++) {
            const size_t len = make(index, size);
            struct proof proof;

            CHECK_STATUS(check_entry(text, len, index), STATUS_OK);
            CHECK_STATUS(check_entry(text, len, index + 1), STATUS_LOG_PROOF);
            CHECK_STATUS(proof_parse(&proof, (struct span){(const uint8_t *)text, len}), STATUS_OK);
            CHECK(proof.index == index && proof.extra.len == 0);
            /* The right entry under a wrong number. */
            proof.index = (index + 1) % (size + 1);
            {
                struct checkpoint checkpoint = {.size = 999};
                uint8_t entry[BRANCH_ENTRY_SIZE];

                branch_entry(entry, &trunk, index);
                CHECK_STATUS(
                    proof_check(&checkpoint, &proof, (struct span){entry, sizeof entry}, &policy),
                    STATUS_LOG_PROOF);
                CHECK(checkpoint.size == 999);
            }
        }
}

TEST(the_form_of_the_specification)
{
    static const char head[] = "c2sp.org/tlog-proof@v1\nindex 0\n";
    const size_t len = make(0, 1);

    CHECK(memcmp(text, head, sizeof head - 1) == 0);
    CHECK(memcmp(text + sizeof head - 1, "\n" ORIGIN "\n1\n", sizeof ORIGIN + 3) == 0);
    CHECK(text[len - 1] == '\n');
}

TEST(no_bit_can_be_changed)
{
    const size_t len = make(5, 13);

    policy_of_log(&policy, &log_key);
    for (size_t i = 0; i < len; i++)
        for (unsigned bit = 0; bit < 8; bit++) {
            text[i] = (char)(text[i] ^ 1 << bit);
            CHECK(check_entry(text, len, 5) != STATUS_OK);
            text[i] = (char)(text[i] ^ 1 << bit);
        }
    for (size_t i = 0; i < len; i++)
        CHECK(check_entry(text, i, 5) != STATUS_OK);
    text[len] = '\n';
    CHECK(check_entry(text, len + 1, 5) != STATUS_OK);
}

/* A proof of entry 0 in a tree of one, put together from parts. */
static enum status
check_parts(const char *front)
{
    static char parts[PROOF_TEXT_MAX + 64];
    const size_t front_len = strlen(front);
    struct note note;

    branch_note(&note, &trunk, 1, &log_key, &log_secret);
    memcpy(parts, front, front_len);
    memcpy(parts + front_len, note.bytes, note.len);
    return check_entry(parts, front_len + note.len, 0);
}

#define HEAD "c2sp.org/tlog-proof@v1\n"
#define HASH "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"

TEST(forms_that_are_none)
{
    static const char *const wrong[] = {
        "",
        "\n",
        HEAD "\n",
        HEAD "index 0\n",
        HEAD "index 00\n\n",
        HEAD "index -0\n\n",
        HEAD "index\n\n",
        HEAD "index 4611686018427387905\n\n",
        HEAD "Index 0\n\n",
        HEAD "extra AA==\n\n",
        HEAD "extra A\nindex 0\n\n",
        HEAD "extra AA==\nextra AA==\nindex 0\n\n",
        HEAD "index 0\nextra AA==\n\n",
        HEAD "index 0\nAAAA\n\n",
        HEAD "index 0\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n\n",
        HEAD "index 0\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n\n",
        "c2sp.org/tlog-proof@v2\nindex 0\n\n",
        "c2sp.org/tlog-proof@v1 \nindex 0\n\n",
    };

    policy_of_log(&policy, &log_key);
    CHECK_STATUS(check_parts(HEAD "index 0\n\n"), STATUS_OK);
    CHECK_STATUS(check_parts(HEAD "extra \nindex 0\n\n"), STATUS_OK);
    CHECK_STATUS(check_parts(HEAD "extra aGludA==\nindex 0\n\n"), STATUS_OK);
    CHECK_STATUS(check_parts(HEAD "index 0\n" HASH "\n"), STATUS_LOG_PROOF);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        CHECK_STATUS(check_parts(wrong[i]), STATUS_CHECKPOINT_FORM);
}

TEST(as_long_as_it_may_be)
{
    static char parts[PROOF_TEXT_MAX + 1];
    struct merkle_path path = {.count = MERKLE_PATH_MAX};
    struct proof proof = {.index = 77};
    struct note note;
    size_t len;

    branch_note(&note, &trunk, 1, &log_key, &log_secret);
    proof_write(parts, &len, MERKLE_SIZE_MAX, &path, (struct span){note.bytes, note.len});
    CHECK_STATUS(proof_parse(&proof, (struct span){(const uint8_t *)parts, len}), STATUS_OK);
    CHECK(proof.path.count == MERKLE_PATH_MAX && proof.index == MERKLE_SIZE_MAX);
    /* One line more. */
    memcpy(parts + len - note.len - 1, HASH, PROOF_LINE_LEN);
    parts[len - note.len - 1 + PROOF_LINE_LEN] = '\n';
    memcpy(parts + len - note.len + PROOF_LINE_LEN, note.bytes, note.len);
    proof.index = 77;
    CHECK_STATUS(proof_parse(&proof, (struct span){(const uint8_t *)parts, len + PROOF_LINE_LEN}),
                 STATUS_CHECKPOINT_FORM);
    CHECK(proof.index == 77);
    memset(parts, 'A', sizeof parts);
    CHECK_STATUS(proof_parse(&proof, (struct span){(const uint8_t *)parts, sizeof parts}),
                 STATUS_TOO_LARGE);
    for (size_t extra = PROOF_EXTRA_MAX; extra <= PROOF_EXTRA_MAX + 3; extra += 3) {
        size_t at = sizeof HEAD "extra " - 1;

        memcpy(parts, HEAD "extra ", at);
        memset(parts + at, 'A', BASE64_LEN(extra));
        at += BASE64_LEN(extra);
        if (extra % 3 == 1)
            memcpy(parts + at - 2, "==", 2);
        memcpy(parts + at, "\nindex 0\n\n", 10);
        memcpy(parts + at + 10, note.bytes, note.len);
        policy_of_log(&policy, &log_key);
        CHECK_STATUS(check_entry(parts, at + 10 + note.len, 0),
                     extra == PROOF_EXTRA_MAX ? STATUS_OK : STATUS_CHECKPOINT_FORM);
    }
}

TEST(witnesses_are_asked_for)
{
    char lines[2 * NOTE_VKEY_MAX + 64];
    char vkeys[2][NOTE_VKEY_MAX + 1] = {"", ""};
    struct merkle_path path;
    struct note note;
    size_t line;
    size_t len;

    note_key_format(vkeys[0], &len, &log_key);
    note_key_format(vkeys[1], &len, &witness_key);
    (void)snprintf(lines, sizeof lines, "log %s\nwitness w %s\nquorum w\n", vkeys[0], vkeys[1]);
    CHECK_STATUS(policy_parse(&policy, &line, span_of(lines)), STATUS_OK);
    len = make(3, 9);
    CHECK_STATUS(check_entry(text, len, 3), STATUS_WITNESSES_MISSING);
    branch_inclusion(&path, &trunk, 3, 9);
    branch_note(&note, &trunk, 9, &log_key, &log_secret);
    CHECK_STATUS(note_sign(&note, &witness_key, &witness_secret, 1000), STATUS_OK);
    proof_write(text, &len, 3, &path, (struct span){note.bytes, note.len});
    CHECK_STATUS(check_entry(text, len, 3), STATUS_OK);
    CHECK_STATUS(check_entry(text, len, 4), STATUS_LOG_PROOF);
    policy_of_log(&policy, &log_key);
    CHECK_STATUS(check_entry(text, len, 3), STATUS_OK);
    policy.logs[0] = receipt_key;
    CHECK_STATUS(check_entry(text, len, 3), STATUS_SIGNER_UNKNOWN);
}

/* ---- Receipts ---------------------------------------------------------------------------------*/

static uint8_t receipt[RECEIPT_MAX + 1];

static enum status
make_receipt(size_t *len, uint64_t index, uint64_t size, const char *origin)
{
    struct checkpoint checkpoint = {.size = size};
    struct merkle_path path;

    memcpy(checkpoint.origin, origin, strlen(origin) + 1);
    branch_root(&checkpoint.root, &trunk, size);
    branch_inclusion(&path, &trunk, index, size);
    return receipt_write(receipt, len, &checkpoint, index, &path, &receipt_secret);
}

static enum status
check_receipt(size_t len, uint64_t index)
{
    struct receipt out = {.size = 999};
    uint8_t entry[BRANCH_ENTRY_SIZE];
    enum status status;

    branch_entry(entry, &trunk, index);
    status = receipt_check(&out, (struct span){receipt, len}, (struct span){entry, sizeof entry},
                           ORIGIN, &receipt_key.key);
    CHECK((out.size == 999) == (status != STATUS_OK));
    return status;
}

TEST(each_receipt_of_each_tree)
{
    size_t len = 99;

    CHECK_STATUS(make_receipt(&len, 0, 1, ORIGIN), STATUS_LOG_PROOF);
    CHECK(len == 0);
    for (uint64_t size = 2; size <= SIZES; size++)
        for (uint64_t index = 0; index < size; index++) {
            CHECK_STATUS(make_receipt(&len, index, size, ORIGIN), STATUS_OK);
            CHECK_STATUS(check_receipt(len, index), STATUS_OK);
            CHECK_STATUS(check_receipt(len, index + 1), STATUS_SIGNATURE_BAD);
        }
}

TEST(what_a_receipt_says)
{
    struct receipt out;
    uint8_t entry[BRANCH_ENTRY_SIZE];
    struct digest root;
    struct kid kid;
    size_t len;

    CHECK_STATUS(make_receipt(&len, 5, 13, ORIGIN), STATUS_OK);
    branch_entry(entry, &trunk, 5);
    branch_root(&root, &trunk, 13);
    CHECK_STATUS(receipt_check(&out, (struct span){receipt, len},
                               (struct span){entry, sizeof entry}, ORIGIN, &receipt_key.key),
                 STATUS_OK);
    CHECK(out.size == 13 && out.index == 5 && memcmp(&out.root, &root, sizeof root) == 0);
    /* Tag, array, and the protected header in the order of its keys. */
    CHECK(memcmp(receipt, "\xD2\x84\x58\x25\xA4\x01\x27\x04\x48", 9) == 0);
    crypt_kid(&kid, &receipt_key.key);
    CHECK(memcmp(receipt + 9, kid.bytes, KID_SIZE) == 0);
    CHECK(memcmp(receipt + 17, "\x0F\xA1\x01\x70" ORIGIN "\x19\x01\x8B\x01", 24) == 0);
    CHECK(memcmp(receipt + 41, "\xA1\x19\x01\x8C\xA1\x20\x81\x58\x8C\x83\x0D\x05\x84\x58\x20",
                 15) == 0);
    CHECK(memcmp(receipt + len - 67, "\xF6\x58\x40", 3) == 0);
}

TEST(no_bit_of_a_receipt_can_be_changed)
{
    const size_t size_at = 51;
    size_t len;

    CHECK_STATUS(make_receipt(&len, 5, 13, ORIGIN), STATUS_OK);
    CHECK(receipt[size_at] == 13);
    for (size_t i = 0; i < len; i++)
        for (unsigned bit = 0; bit < 8; bit++) {
            receipt[i] = (uint8_t)(receipt[i] ^ 1U << bit);
            /* Nobody has signed the size: trees of like form are told apart by their root alone. */
            if (i != size_at || (receipt[i] != 9 && receipt[i] != 12 && receipt[i] != 15))
                CHECK(check_receipt(len, 5) != STATUS_OK);
            else
                CHECK_STATUS(check_receipt(len, 5), STATUS_OK);
            receipt[i] = (uint8_t)(receipt[i] ^ 1U << bit);
        }
    for (size_t i = 0; i < len; i++)
        CHECK(check_receipt(i, 5) != STATUS_OK);
    receipt[len] = 0;
    CHECK(check_receipt(len + 1, 5) != STATUS_OK);
}

TEST(whose_receipt_it_is)
{
    struct receipt out;
    uint8_t entry[BRANCH_ENTRY_SIZE];
    size_t len;

    branch_entry(entry, &trunk, 5);
    CHECK_STATUS(make_receipt(&len, 5, 13, "other.example"), STATUS_OK);
    CHECK_STATUS(check_receipt(len, 5), STATUS_COSE_HEADER);
    CHECK_STATUS(make_receipt(&len, 5, 13, ORIGIN), STATUS_OK);
    CHECK_STATUS(receipt_check(&out, (struct span){receipt, len},
                               (struct span){entry, sizeof entry}, ORIGIN, &log_key.key),
                 STATUS_COSE_HEADER);
    CHECK_STATUS(receipt_check(&out, (struct span){receipt, len},
                               (struct span){entry, sizeof entry}, "a\xE2\x80\xAE", &log_key.key),
                 STATUS_CBOR_TEXT);
    CHECK_STATUS(make_receipt(&len, 5, 13, "a\xE2\x80\xAE"), STATUS_CBOR_TEXT);
    CHECK(len == 0);
}

/* Replaces the proof of a good receipt by other bytes. */
static enum status
check_inclusion(const char *bytes, size_t bytes_len)
{
    const size_t front = 48;
    uint8_t tail[67];
    size_t len;

    CHECK_STATUS(make_receipt(&len, 5, 13, ORIGIN), STATUS_OK);
    memcpy(tail, receipt + len - sizeof tail, sizeof tail);
    receipt[front] = 0x58;
    receipt[front + 1] = (uint8_t)bytes_len;
    memcpy(receipt + front + 2, bytes, bytes_len);
    memcpy(receipt + front + 2 + bytes_len, tail, sizeof tail);
    return check_receipt(front + 2 + bytes_len + sizeof tail, 5);
}

#define ZEROS "\x58\x20\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
#define INCLUSION(literal) check_inclusion(literal, sizeof(literal) - 1)

TEST(proofs_in_receipts_that_are_none)
{
    CHECK_STATUS(INCLUSION("\x83\x0D\x05\x81" ZEROS), STATUS_LOG_PROOF);
    CHECK_STATUS(INCLUSION("\x83\x02\x01\x81" ZEROS), STATUS_SIGNATURE_BAD);
    CHECK_STATUS(INCLUSION("\x83\x02\x02\x81" ZEROS), STATUS_LOG_PROOF);
    CHECK_STATUS(INCLUSION("\x83\x00\x00\x81" ZEROS), STATUS_LOG_PROOF);
    CHECK_STATUS(INCLUSION("\x83\x1B\x40\0\0\0\0\0\0\x01\x01\x81" ZEROS), STATUS_LOG_PROOF);
    CHECK_STATUS(INCLUSION("\x83\x0D\x05\x80"
                           "aaaaaaaaaaaaaaaaaaaaaaaa"),
                 STATUS_CBOR_RANGE);
    CHECK_STATUS(INCLUSION("\x83\x0D\x05\x81\x58\x1F"
                           "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
                 STATUS_CBOR_RANGE);
    CHECK_STATUS(INCLUSION("\x82\x0D\x05"
                           "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
                 STATUS_CBOR_TYPE);
    CHECK_STATUS(INCLUSION("\x83\x0D\x05\x81" ZEROS "\x00"), STATUS_CBOR_TRAILING);
}

/* A picture has room for 911 bytes. */
TEST(sizes_of_receipts)
{
    static const struct {
        unsigned log2;
        size_t most;
    } cases[] = {{10, 480}, {20, 825}, {22, 911}};
    struct checkpoint checkpoint = {.origin = "stadt.example/schwebe/buch/123"};
    size_t len;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct merkle_path path = {.count = cases[i].log2};

        checkpoint.size = UINT64_C(1) << cases[i].log2;
        CHECK_STATUS(receipt_write(receipt, &len, &checkpoint, 1, &path, &receipt_secret),
                     STATUS_OK);
        CHECK(len <= cases[i].most);
    }
    {
        struct merkle_path path = {.count = MERKLE_PATH_MAX};

        memset(checkpoint.origin, 'a', CHECKPOINT_ORIGIN_MAX);
        checkpoint.size = MERKLE_SIZE_MAX;
        CHECK_STATUS(
            receipt_write(receipt, &len, &checkpoint, MERKLE_SIZE_MAX - 1, &path, &receipt_secret),
            STATUS_OK);
        CHECK(len <= RECEIPT_MAX);
    }
}

/* ---- Where a service listens ------------------------------------------------------------------*/

TEST(addresses)
{
    static const char *const wrong[] = {"",        "8017", "127.0.0.1:", ":8017",
                                        "a:65536", "a:-1", "[]:8017",    "a:1x"};
    char long_one[LISTEN_ADDRESS_MAX + 8];
    char address[LISTEN_ADDRESS_MAX] = "before";
    char url[LISTEN_URL_MAX];
    uint16_t port = 7;

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        CHECK_STATUS(listen_parse(address, &port, wrong[i]), STATUS_USAGE);
    memset(long_one, 'a', LISTEN_ADDRESS_MAX);
    memcpy(long_one + LISTEN_ADDRESS_MAX, ":1", 3);
    CHECK_STATUS(listen_parse(address, &port, long_one), STATUS_USAGE);
    CHECK(port == 7 && strcmp(address, "before") == 0);
    CHECK_STATUS(listen_parse(address, &port, long_one + 1), STATUS_OK);
    listen_url(url, "https", address, UINT16_MAX);
    CHECK(strlen(url) == 8 + LISTEN_ADDRESS_MAX - 1 + 6);
    CHECK_STATUS(listen_parse(address, &port, "127.0.0.1:8017"), STATUS_OK);
    listen_url(url, "http", address, port);
    CHECK(strcmp(url, "http://127.0.0.1:8017") == 0);
    CHECK_STATUS(listen_parse(address, &port, "[::1]:0"), STATUS_OK);
    CHECK(strcmp(address, "::1") == 0);
    listen_url(url, "https", address, port);
    CHECK(strcmp(url, "https://[::1]:0") == 0);
}

int
main(int argc, char **argv)
{
    if (crypt_init() != STATUS_OK)
        return 1;
    branch_key(&log_key, &log_secret, NOTE_ED25519, ORIGIN);
    branch_key(&receipt_key, &receipt_secret, NOTE_ED25519, "receipts");
    branch_key(&witness_key, &witness_secret, NOTE_COSIGNATURE, "witness.example");
    return check_run(argc, argv);
}
