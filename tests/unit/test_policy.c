/* ledger/policy: every rule of C2SP tlog-policy, each refusal with its line, and who is enough. */
#include "check.h"

#include <stdlib.h>

#include "ledger/digits.h"
#include "ledger/policy.h"

#define VKEYS 80

static char log_keys[VKEYS][NOTE_VKEY_MAX + 1];
static char witness_keys[VKEYS][NOTE_VKEY_MAX + 1];
static struct note_key made_logs[2];
static struct note_key made_witnesses[VKEYS];
static struct secret_key log_secrets[2];
static struct secret_key witness_secrets[VKEYS];
static struct policy policy;

static struct span
span_of(const char *text)
{
    return (struct span){(const uint8_t *)text, strlen(text)};
}

static void
make_key(struct note_key *out, struct secret_key *secret, enum note_type type, const char *name,
         unsigned number)
{
    struct public_key key;
    uint8_t seed[SEED_SIZE] = {(uint8_t)number, (uint8_t)type};

    crypt_key_from_seed(secret, &key, seed);
    if (note_key_make(out, type, span_of(name), &key) != STATUS_OK)
        abort();
}

static void
make_keys(void)
{
    for (unsigned i = 0; i < VKEYS; i++) {
        struct note_key key;
        struct secret_key secret;
        char name[32];
        size_t len;

        (void)snprintf(name, sizeof name, "log.example/%u", i);
        make_key(&key, &secret, NOTE_ED25519, name, i);
        note_key_format(log_keys[i], &len, &key);
        if (i < 2) {
            made_logs[i] = key;
            log_secrets[i] = secret;
        }
        (void)snprintf(name, sizeof name, "witness.example/%u", i);
        make_key(&made_witnesses[i], &witness_secrets[i], NOTE_COSIGNATURE, name, i);
        note_key_format(witness_keys[i], &len, &made_witnesses[i]);
    }
}

/* Writes a policy: L0 to L9 and W0 to W9 stand for keys of logs and witnesses. */
static struct span
expand(const char *form)
{
    static char text[2 * POLICY_SIZE_MAX];
    size_t len = 0;

    for (const char *at = form; *at != '\0'; at++) {
        const bool log = at[0] == 'L' && at[1] >= '0' && at[1] <= '9';
        const bool witness = at[0] == 'W' && at[1] >= '0' && at[1] <= '9';

        if (log || witness) {
            const char *const key = log ? log_keys[at[1] - '0'] : witness_keys[at[1] - '0'];

            memcpy(text + len, key, strlen(key));
            len += strlen(key);
            at++;
        } else {
            text[len++] = *at;
        }
    }
    return (struct span){(const uint8_t *)text, len};
}

static enum status
parse(const char *form)
{
    size_t line;

    return policy_parse(&policy, &line, expand(form));
}

TEST(reads_the_example_of_the_specification)
{
    CHECK_STATUS(parse("log L0\n\n"
                       "witness X1 W1\nwitness X2 W2\nwitness X3 W3\n"
                       "group X-witnesses 2 X1 X2 X3\n\n"
                       "witness Y1 W4\nwitness Y2 W5\nwitness Y3 W6\n"
                       "group Y-witnesses any Y1 Y2 Y3\n\n"
                       "group X-and-Y all X-witnesses Y-witnesses\n"
                       "quorum X-and-Y\n"),
                 STATUS_OK);
    CHECK(policy.log_count == 1 && policy.witness_count == 6 && policy.node_count == 9);
    CHECK(policy.quorum == 8 && strcmp(policy.nodes[8].name, "X-and-Y") == 0);
    for (unsigned set = 0; set < 64; set++) {
        struct note_check checks[6];
        unsigned x = 0;
        unsigned y = 0;

        for (unsigned i = 0; i < 6; i++) {
            checks[i] = (struct note_check){.signed_by = (set >> i & 1) != 0};
            *(i < 3 ? &x : &y) += set >> i & 1;
        }
        CHECK(policy_enough(&policy, checks) == (x >= 2 && y >= 1));
    }
}

TEST(blanks_comments_and_urls)
{
    CHECK_STATUS(parse(" \t\n# words \xC3\xBC\n \t# more\n\tlog\tL0  https://log.example/ \n"
                       "witness \xE2\x84\xAA W1 https://w.example\t\n  quorum \xE2\x84\xAA \n"),
                 STATUS_OK);
    CHECK(strcmp(policy.log_urls[0], "https://log.example/") == 0);
    CHECK(strcmp(policy.witness_urls[0], "https://w.example") == 0);
    CHECK(policy.quorum == 0);
    CHECK_STATUS(parse("log L0\nquorum none\n"), STATUS_OK);
    CHECK(policy.quorum == POLICY_NOBODY && policy.log_urls[0][0] == '\0');
    CHECK_STATUS(parse("quorum none\n"), STATUS_OK);
    /* K and the sign for kelvin are two names. */
    CHECK_STATUS(parse("witness K W1\nwitness \xE2\x84\xAA W2\nquorum K\n"), STATUS_OK);
    /* A quorum may stand before other lines, but not before what it names. */
    CHECK_STATUS(parse("quorum none\nlog L0\nwitness a W1\n"), STATUS_OK);
}

static const struct {
    const char *form;
    enum status status;
    size_t line;
} refusals[] = {
    {"", STATUS_POLICY_QUORUM, 0},
    {"log L0\n\n", STATUS_POLICY_QUORUM, 2},
    {"log L0\nquorum none", STATUS_POLICY_FORM, 2},
    {"quorum none\r\n", STATUS_POLICY_FORM, 1},
    {"# \x7F\nquorum none\n", STATUS_POLICY_FORM, 1},
    {"# \x01\nquorum none\n", STATUS_POLICY_FORM, 1},
    {"Log L0\nquorum none\n", STATUS_POLICY_FORM, 1},
    {"quorums none\n", STATUS_POLICY_FORM, 1},
    {"log\nquorum none\n", STATUS_POLICY_FORM, 1},
    {"log L0 url url\nquorum none\n", STATUS_POLICY_FORM, 1},
    {"log W0\nquorum none\n", STATUS_POLICY_KEY, 1},
    {"log L0x\nquorum none\n", STATUS_POLICY_KEY, 1},
    {"log L0\nlog L1\nlog L0\nquorum none\n", STATUS_POLICY_TWICE, 3},
    {"witness\nquorum none\n", STATUS_POLICY_FORM, 1},
    {"witness a\nquorum none\n", STATUS_POLICY_FORM, 1},
    {"witness a L0\nquorum none\n", STATUS_POLICY_KEY, 1},
    {"witness a W0 url url\nquorum none\n", STATUS_POLICY_FORM, 1},
    {"witness none W0\nquorum none\n", STATUS_POLICY_NAME, 1},
    {"witness a W0\nwitness a W1\nquorum a\n", STATUS_POLICY_TWICE, 2},
    {"witness a W0\nwitness b W0\nquorum a\n", STATUS_POLICY_TWICE, 2},
    {"group\nquorum none\n", STATUS_POLICY_FORM, 1},
    {"group g\nquorum none\n", STATUS_POLICY_FORM, 1},
    {"group g all\nquorum none\n", STATUS_POLICY_FORM, 1},
    {"group none all none\nquorum none\n", STATUS_POLICY_NAME, 1},
    {"witness a W0\ngroup a any a\nquorum a\n", STATUS_POLICY_TWICE, 2},
    {"witness a W0\ngroup g some a\nquorum a\n", STATUS_POLICY_THRESHOLD, 2},
    {"witness a W0\ngroup g 0 a\nquorum a\n", STATUS_POLICY_THRESHOLD, 2},
    {"witness a W0\ngroup g 01 a\nquorum a\n", STATUS_POLICY_THRESHOLD, 2},
    {"witness a W0\ngroup g 2 a\nquorum a\n", STATUS_POLICY_THRESHOLD, 2},
    {"witness a W0\ngroup g 18446744073709551617 a\nquorum a\n", STATUS_POLICY_THRESHOLD, 2},
    {"group g any a\nwitness a W0\nquorum a\n", STATUS_POLICY_NAME, 1},
    {"group g any g\nquorum g\n", STATUS_POLICY_NAME, 1},
    {"witness a W0\ngroup g any a none\nquorum a\n", STATUS_POLICY_NAME, 2},
    {"witness a W0\ngroup g any a a\nquorum a\n", STATUS_POLICY_TWICE, 2},
    {"witness a W0\ngroup g any a\ngroup h any a\nquorum a\n", STATUS_POLICY_TWICE, 3},
    {"quorum\n", STATUS_POLICY_FORM, 1},
    {"quorum none none\n", STATUS_POLICY_FORM, 1},
    {"quorum none\nquorum none\n", STATUS_POLICY_TWICE, 2},
    {"quorum a\nwitness a W0\n", STATUS_POLICY_NAME, 1},
};

TEST(each_refusal_names_its_line)
{
    static const struct policy empty;

    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        size_t line = 99;
        const enum status status = policy_parse(&policy, &line, expand(refusals[i].form));

        if (status != refusals[i].status || line != refusals[i].line)
            fprintf(stderr, "    %s, line %zu of: %s\n", status_name(status), line,
                    refusals[i].form);
        CHECK(status == refusals[i].status && line == refusals[i].line);
        CHECK(memcmp(&policy, &empty, sizeof policy) == 0);
    }
}

/* So many lines of one kind, and a quorum; the status and line of reading them. */
static enum status
parse_many(size_t *line, const char *kind, unsigned count)
{
    static char text[POLICY_SIZE_MAX];
    size_t len = 0;

    for (unsigned i = 0; i < count; i++) {
        const bool log = strcmp(kind, "log") == 0;

        if (log)
            len += (size_t)snprintf(text + len, sizeof text - len, "log %s\n", log_keys[i]);
        else if (strcmp(kind, "witness") == 0)
            len += (size_t)snprintf(text + len, sizeof text - len, "witness w%u %s\n", i,
                                    witness_keys[i]);
        else if (i == 0)
            len +=
                (size_t)snprintf(text + len, sizeof text - len, "witness g0 %s\n", witness_keys[i]);
        else
            len += (size_t)snprintf(text + len, sizeof text - len, "group g%u any g%u\n", i, i - 1);
    }
    len += (size_t)snprintf(text + len, sizeof text - len, "quorum none\n");
    return policy_parse(&policy, line, (struct span){(const uint8_t *)text, len});
}

TEST(as_much_as_the_specification_asks_and_no_more)
{
    static uint8_t large[POLICY_SIZE_MAX + 1];
    char long_name[POLICY_NAME_MAX + 64];
    size_t line;

    CHECK_STATUS(parse_many(&line, "log", POLICY_LOGS_MAX), STATUS_OK);
    CHECK_STATUS(parse_many(&line, "log", POLICY_LOGS_MAX + 1), STATUS_CAPACITY);
    CHECK(line == POLICY_LOGS_MAX + 1);
    CHECK_STATUS(parse_many(&line, "witness", POLICY_WITNESSES_MAX), STATUS_OK);
    CHECK_STATUS(parse_many(&line, "witness", POLICY_WITNESSES_MAX + 1), STATUS_CAPACITY);
    CHECK(line == POLICY_WITNESSES_MAX + 1);
    CHECK_STATUS(parse_many(&line, "group", POLICY_GROUPS_MAX + 1), STATUS_OK);
    CHECK_STATUS(parse_many(&line, "group", POLICY_GROUPS_MAX + 2), STATUS_CAPACITY);
    CHECK(line == POLICY_GROUPS_MAX + 2);
    memset(large, '\n', sizeof large);
    CHECK_STATUS(policy_parse(&policy, &line, (struct span){large, sizeof large}),
                 STATUS_TOO_LARGE);
    CHECK(line == 0);
    CHECK_STATUS(policy_parse(&policy, &line, (struct span){large, sizeof large - 1}),
                 STATUS_POLICY_QUORUM);
    for (size_t len = POLICY_NAME_MAX; len <= POLICY_NAME_MAX + 1; len++) {
        struct span text;

        memcpy(long_name, "witness ", 8);
        memset(long_name + 8, 'n', len);
        memcpy(long_name + 8 + len, " W0\nquorum none\n", 17);
        text = expand(long_name);
        CHECK_STATUS(policy_parse(&policy, &line, text),
                     len == POLICY_NAME_MAX ? STATUS_OK : STATUS_POLICY_FORM);
        memcpy(long_name, "log L0 ", 7);
        memset(long_name + 7, 'u', len);
        memcpy(long_name + 7 + len, "\nquorum none\n", 14);
        text = expand(long_name);
        CHECK_STATUS(policy_parse(&policy, &line, text),
                     len == POLICY_URL_MAX ? STATUS_OK : STATUS_POLICY_FORM);
    }
}

/* A checkpoint of one of the two logs with the cosignatures of a set of witnesses. */
static void
make_note(struct note *out, unsigned log, unsigned witnesses)
{
    const struct digest root = {{7}};

    if (checkpoint_sign(out, 5, &root, &made_logs[log], &log_secrets[log]) != STATUS_OK)
        abort();
    for (unsigned i = 0; i < 4; i++)
        if ((witnesses >> i & 1) != 0 &&
            note_sign(out, &made_witnesses[i], &witness_secrets[i], 1000 + i) != STATUS_OK)
            abort();
}

static enum status
verify(struct checkpoint *out, struct note_check *checks, const struct note *note)
{
    return policy_verify(&policy, out, checks, (struct span){note->bytes, note->len});
}

TEST(a_checkpoint_needs_its_log_and_enough_witnesses)
{
    struct note_check checks[POLICY_WITNESSES_MAX];
    struct checkpoint checkpoint;
    struct note note;

    CHECK_STATUS(parse("log L0\nlog L1\nwitness a W0\nwitness b W1\nwitness c W2\n"
                       "group g 2 a b c\nquorum g\n"),
                 STATUS_OK);
    for (unsigned set = 0; set < 8; set++) {
        const bool enough = (set & 1) + (set >> 1 & 1) + (set >> 2) >= 2;

        make_note(&note, set & 1, set);
        CHECK_STATUS(verify(&checkpoint, checks, &note),
                     enough ? STATUS_OK : STATUS_WITNESSES_MISSING);
        for (unsigned i = 0; i < 3; i++)
            CHECK(checks[i].signed_by == ((set >> i & 1) != 0));
        if (enough)
            CHECK(checkpoint.size == 5 && strcmp(checkpoint.origin, made_logs[set & 1].name) == 0);
    }
    /* Somebody who is not in the policy does not count. */
    make_note(&note, 0, 8 | 1);
    CHECK_STATUS(verify(&checkpoint, checks, &note), STATUS_WITNESSES_MISSING);
    /* One bad line of a known witness spoils it all. */
    make_note(&note, 0, 7);
    note.bytes[note.len - 8] ^= 1;
    CHECK_STATUS(verify(&checkpoint, checks, &note), STATUS_CHECKPOINT_SIGNATURE);
    CHECK_STATUS(parse("log L1\nquorum none\n"), STATUS_OK);
    make_note(&note, 0, 7);
    CHECK_STATUS(verify(&checkpoint, checks, &note), STATUS_SIGNER_UNKNOWN);
    CHECK_STATUS(parse("quorum none\n"), STATUS_OK);
    CHECK_STATUS(verify(&checkpoint, checks, &note), STATUS_SIGNER_UNKNOWN);
    policy_of_log(&policy, &made_logs[0]);
    CHECK_STATUS(verify(&checkpoint, checks, &note), STATUS_OK);
}

TEST(one_witness_may_be_the_quorum)
{
    struct note_check checks[2] = {{.signed_by = false}, {.signed_by = true}};

    CHECK_STATUS(parse("witness a W0\nwitness b W1\nquorum b\n"), STATUS_OK);
    CHECK(policy_enough(&policy, checks));
    CHECK_STATUS(parse("witness a W0\nwitness b W1\nquorum a\n"), STATUS_OK);
    CHECK(!policy_enough(&policy, checks));
}

TEST(digits_in_one_way_only)
{
    static const char *const wrong[] = {"",
                                        "-1",
                                        "+1",
                                        " 1",
                                        "1 ",
                                        "00",
                                        "01",
                                        "1a",
                                        "65",
                                        "18446744073709551616",
                                        "9223372036854775808"};
    uint64_t out = 77;

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        CHECK(!digits_read(&out, span_of(wrong[i]), 64));
        CHECK(out == 77);
    }
    CHECK(digits_read(&out, span_of("0"), 64) && out == 0);
    CHECK(digits_read(&out, span_of("64"), 64) && out == 64);
    CHECK(digits_read(&out, span_of("9223372036854775807"), INT64_MAX) && out == INT64_MAX);
    CHECK(!digits_read(&out, span_of("9223372036854775808"), INT64_MAX));
}

int
main(int argc, char **argv)
{
    if (crypt_init() != STATUS_OK)
        return 1;
    make_keys();
    return check_run(argc, argv);
}
