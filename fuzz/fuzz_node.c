/* What a node and a witness read besides messages: a policy, a list of logs, a request to cosign, a
 * proof, a configuration; the first byte chooses. Whatever is read is in its bounds, and what has
 * one written form is written again as it was. */
#include "fuzz.h"

#include "ledger/config.h"
#include "ledger/policy.h"
#include "ledger/proof.h"
#include "ledger/witness.h"

enum { KINDS = 5, MADE_SIZE = 3 };
#define ORIGIN "schwebe.test/log"
#define WITNESS "witness.test"

static struct note_key log_key;
static struct note_key witness_key;
static struct forge_key log_pair;
static struct forge_key witness_pair;
static struct witness_logs logs;
static struct note note;

static void
start(void)
{
    const struct span origin = {(const uint8_t *)ORIGIN, sizeof ORIGIN - 1};
    const struct span name = {(const uint8_t *)WITNESS, sizeof WITNESS - 1};
    const struct digest root = {{7, 7, 7}};

    forge_key(&log_pair, "log");
    forge_key(&witness_pair, "witness");
    EXPECT(note_key_make(&log_key, NOTE_ED25519, origin, &log_pair.key) == STATUS_OK);
    EXPECT(note_key_make(&witness_key, NOTE_COSIGNATURE, name, &witness_pair.key) == STATUS_OK);
    EXPECT(checkpoint_sign(&note, MADE_SIZE, &root, &log_key, &log_pair.secret) == STATUS_OK);
    logs.count = 1;
    logs.keys[0] = log_key;
}

/* Every witness and group counts in one group at most, and each group can be satisfied. */
static void
check_policy(struct span in)
{
    static struct policy policy;
    struct note_check checks[POLICY_WITNESSES_MAX] = {{0}};
    size_t line = 0;

    if (policy_parse(&policy, &line, in) != STATUS_OK)
        return;
    EXPECT(policy.log_count <= POLICY_LOGS_MAX && policy.witness_count <= POLICY_WITNESSES_MAX);
    EXPECT(policy.node_count <= POLICY_NODES_MAX);
    EXPECT(policy.quorum == POLICY_NOBODY || policy.quorum < policy.node_count);
    EXPECT(policy_enough(&policy, checks) == (policy.quorum == POLICY_NOBODY));
    for (size_t i = 0; i < POLICY_WITNESSES_MAX; i++)
        checks[i].signed_by = true;
    EXPECT(policy_enough(&policy, checks));
    for (size_t i = 0; i < policy.node_count; i++)
        EXPECT(policy.nodes[i].parent == POLICY_NOBODY ||
               (policy.nodes[i].parent > i && policy.nodes[i].parent < policy.node_count));
}

static void
check_logs(struct span in)
{
    static struct witness_logs read;
    size_t line = 0;

    if (witness_logs_parse(&read, &line, in) == STATUS_OK)
        EXPECT(read.count <= WITNESS_LOGS_MAX);
    else
        EXPECT(read.count == 0);
}

/* Only our log's own checkpoint is ever taken, and it is written again as one that is taken. */
static void
check_request(struct span in)
{
    static struct witness_request request;
    static struct witness_request again;
    static uint8_t written[WITNESS_BODY_MAX];
    size_t len;

    if (witness_read(&request, in, &logs) != WITNESS_COSIGN)
        return;
    EXPECT(strcmp(request.checkpoint.origin, ORIGIN) == 0);
    EXPECT(request.checkpoint.size == MADE_SIZE && request.old <= MADE_SIZE);
    witness_write(written, &len, request.old, &request.path, &request.note);
    EXPECT(witness_read(&again, (struct span){written, len}, &logs) == WITNESS_COSIGN);
    EXPECT(again.old == request.old && again.path.count == request.path.count);
}

static void
check_proof(struct span in)
{
    static char written[PROOF_TEXT_MAX];
    struct proof proof;
    size_t len;

    if (proof_parse(&proof, in) != STATUS_OK || proof.extra.len > 0)
        return;
    EXPECT(proof.path.count <= MERKLE_PATH_MAX && proof.note.len <= NOTE_SIZE_MAX);
    proof_write(written, &len, proof.index, &proof.path, proof.note);
    EXPECT(len == in.len && memcmp(written, in.data, len) == 0);
}

static void
check_config(struct span in)
{
    static struct config config;
    const enum status status = config_parse(&config, in);

    EXPECT(config.error_count <= CONFIG_ERRORS_MAX);
    EXPECT((status == STATUS_OK) == (config.error_count == 0) || status == STATUS_TOO_LARGE);
    for (size_t i = 0; i < config.error_count; i++)
        EXPECT(config.errors[i].german != NULL && config.errors[i].english != NULL);
    EXPECT(config.workers <= 64);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const checks[KINDS])(struct span in) = {check_policy, check_logs, check_request,
                                                          check_proof, check_config};
    struct span in = {data, size};

    if (note.len == 0)
        start();
    checks[fuzz_byte(&in) % KINDS](in);
    return 0;
}

static size_t
make_text(char *out, size_t cap, uint64_t kind, uint64_t *random)
{
    char log_text[NOTE_VKEY_MAX + 1];
    char witness_text[NOTE_VKEY_MAX + 1];
    size_t len;

    note_key_format(log_text, &len, &log_key);
    log_text[len] = '\0';
    note_key_format(witness_text, &len, &witness_key);
    witness_text[len] = '\0';
    if (kind == 0)
        return (size_t)snprintf(out, cap,
                                "# who counts\nlog %s\nwitness w %s http://127.0.0.1\n"
                                "group g %s w\nquorum %s\n",
                                log_text, witness_text, forge_below(random, 2) == 0 ? "any" : "1",
                                forge_below(random, 2) == 0 ? "g" : "w");
    if (kind == 1)
        return (size_t)snprintf(out, cap, "# ours\n\n%s\n", log_text);
    return (size_t)snprintf(out, cap, "directory = /srv\nlisten = 127.0.0.1:8017\nworkers = %u\n",
                            (unsigned)forge_below(random, 70));
}

static size_t
make(uint8_t *out, uint64_t *random)
{
    static uint8_t request[WITNESS_BODY_MAX];
    static char proof[PROOF_TEXT_MAX];
    struct merkle_path path = {.count = forge_below(random, 4)};
    const uint64_t kind = forge_below(random, KINDS);
    size_t len = 0;

    if (note.len == 0)
        start();
    out[0] = (uint8_t)kind;
    if (kind == 2) {
        witness_write(request, &len, forge_below(random, MADE_SIZE + 1), &path, &note);
        memcpy(out + 1, request, len);
    } else if (kind == 3) {
        proof_write(proof, &len, forge_below(random, MADE_SIZE), &path,
                    (struct span){note.bytes, note.len});
        memcpy(out + 1, proof, len);
    } else {
        len = make_text((char *)out + 1, FUZZ_SIZE_MAX - 1, kind, random);
    }
    return 1 + len;
}

FUZZ_MAKER(make)
