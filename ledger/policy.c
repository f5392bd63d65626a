#include "policy.h"

#include <assert.h>
#include <string.h>

#include "digits.h"

#define NONE "none"

/* What is left of a line, word by word. */
struct words {
    struct span rest;
};

static bool
is_blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}

/* The next word; false at the end of the line. */
static bool
take_word(struct span *out, struct words *words)
{
    size_t begin = 0;
    size_t end;

    while (begin < words->rest.len && is_blank(words->rest.data[begin]))
        begin++;
    end = begin;
    while (end < words->rest.len && !is_blank(words->rest.data[end]))
        end++;
    *out = (struct span){words->rest.data + begin, end - begin};
    words->rest = (struct span){words->rest.data + end, words->rest.len - end};
    return out->len > 0;
}

static bool
is_word(struct span word, const char *text)
{
    return word.len == strlen(text) && memcmp(word.data, text, word.len) == 0;
}

static bool
is_plain(struct span line)
{
    for (size_t i = 0; i < line.len; i++)
        if ((line.data[i] < ' ' && line.data[i] != '\t') || line.data[i] == 0x7F)
            return false;
    return true;
}

static size_t
find_node(const struct policy *policy, struct span name)
{
    for (size_t i = 0; i < policy->node_count; i++)
        if (is_word(name, policy->nodes[i].name))
            return i;
    return POLICY_NOBODY;
}

/* ---- The kinds of line ------------------------------------------------------------------------*/

static enum status
read_key(struct note_key *out, const struct note_key *others, size_t count, struct words *words,
         enum note_type type)
{
    struct span word;

    if (!take_word(&word, words))
        return STATUS_POLICY_FORM;
    if (note_key_parse(out, word) != STATUS_OK || out->type != type)
        return STATUS_POLICY_KEY;
    for (size_t i = 0; i < count; i++)
        if (memcmp(&others[i].key, &out->key, sizeof out->key) == 0)
            return STATUS_POLICY_TWICE;
    return STATUS_OK;
}

/* An address, if there is one, and then the end of the line. */
static enum status
read_url(char out[static POLICY_URL_MAX + 1], struct words *words)
{
    struct span word;
    struct span more;

    if (!take_word(&word, words))
        return STATUS_OK;
    if (word.len > POLICY_URL_MAX || take_word(&more, words))
        return STATUS_POLICY_FORM;
    memcpy(out, word.data, word.len);
    return STATUS_OK;
}

static enum status
read_log(struct policy *policy, struct words *words)
{
    const size_t at = policy->log_count;
    struct note_key key = {.type = NOTE_ED25519};
    enum status status = read_key(&key, policy->logs, at, words, NOTE_ED25519);

    if (status == STATUS_OK && at == POLICY_LOGS_MAX)
        status = STATUS_CAPACITY;
    if (status == STATUS_OK)
        status = read_url(policy->log_urls[at], words);
    if (status != STATUS_OK)
        return status;
    policy->logs[at] = key;
    policy->log_count++;
    return STATUS_OK;
}

/* The name that a line defines; the node is counted when the rest of the line is good. */
static enum status
read_name(struct policy *policy, struct words *words)
{
    struct policy_node node = {.parent = POLICY_NOBODY};
    struct span word;

    if (!take_word(&word, words) || word.len > POLICY_NAME_MAX)
        return STATUS_POLICY_FORM;
    if (is_word(word, NONE))
        return STATUS_POLICY_NAME;
    if (find_node(policy, word) != POLICY_NOBODY)
        return STATUS_POLICY_TWICE;
    if (policy->node_count == POLICY_NODES_MAX)
        return STATUS_CAPACITY;
    memcpy(node.name, word.data, word.len);
    policy->nodes[policy->node_count] = node;
    return STATUS_OK;
}

static enum status
read_witness(struct policy *policy, struct words *words)
{
    const size_t at = policy->witness_count;
    struct note_key key = {.type = NOTE_COSIGNATURE};
    enum status status = read_name(policy, words);

    if (status == STATUS_OK)
        status = read_key(&key, policy->witnesses, at, words, NOTE_COSIGNATURE);
    if (status == STATUS_OK && at == POLICY_WITNESSES_MAX)
        status = STATUS_CAPACITY;
    if (status == STATUS_OK)
        status = read_url(policy->witness_urls[at], words);
    if (status != STATUS_OK)
        return status;
    policy->witnesses[at] = key;
    policy->nodes[policy->node_count++].witness = at;
    policy->witness_count++;
    return STATUS_OK;
}

/* The members of a group, which is the node that is not counted yet. */
static enum status
read_members(struct policy *policy, size_t *count, struct words *words)
{
    struct span word;

    *count = 0;
    while (take_word(&word, words)) {
        const size_t member = find_node(policy, word);

        if (member == POLICY_NOBODY)
            return STATUS_POLICY_NAME;
        if (policy->nodes[member].parent != POLICY_NOBODY)
            return STATUS_POLICY_TWICE;
        policy->nodes[member].parent = policy->node_count;
        ++*count;
    }
    return *count == 0 ? STATUS_POLICY_FORM : STATUS_OK;
}

static enum status
read_group(struct policy *policy, struct words *words)
{
    struct policy_node *const node = &policy->nodes[policy->node_count];
    uint64_t threshold = 1;
    struct span how;
    size_t count;
    enum status status;

    if (policy->node_count - policy->witness_count == POLICY_GROUPS_MAX)
        return STATUS_CAPACITY;
    status = read_name(policy, words);
    if (status != STATUS_OK)
        return status;
    if (!take_word(&how, words))
        return STATUS_POLICY_FORM;
    if (!is_word(how, "all") && !is_word(how, "any") &&
        !digits_read(&threshold, how, POLICY_NODES_MAX))
        return STATUS_POLICY_THRESHOLD;
    status = read_members(policy, &count, words);
    if (status != STATUS_OK)
        return status;
    if (is_word(how, "all"))
        threshold = count;
    if (threshold < 1 || threshold > count)
        return STATUS_POLICY_THRESHOLD;
    node->group = true;
    node->threshold = (size_t)threshold;
    policy->node_count++;
    return STATUS_OK;
}

static enum status
read_quorum(struct policy *policy, bool *had, struct words *words)
{
    struct span word;
    struct span more;

    if (!take_word(&word, words) || take_word(&more, words))
        return STATUS_POLICY_FORM;
    if (*had)
        return STATUS_POLICY_TWICE;
    policy->quorum = find_node(policy, word);
    if (policy->quorum == POLICY_NOBODY && !is_word(word, NONE))
        return STATUS_POLICY_NAME;
    *had = true;
    return STATUS_OK;
}

/* ---- The policy -------------------------------------------------------------------------------*/

static enum status
read_line(struct policy *policy, bool *had_quorum, struct span line)
{
    struct words words = {line};
    struct span word;

    if (!is_plain(line))
        return STATUS_POLICY_FORM;
    if (!take_word(&word, &words) || word.data[0] == '#')
        return STATUS_OK;
    if (is_word(word, "log"))
        return read_log(policy, &words);
    if (is_word(word, "witness"))
        return read_witness(policy, &words);
    if (is_word(word, "group"))
        return read_group(policy, &words);
    if (is_word(word, "quorum"))
        return read_quorum(policy, had_quorum, &words);
    return STATUS_POLICY_FORM;
}

enum status
policy_parse(struct policy *out, size_t *line, struct span text)
{
    bool had_quorum = false;
    struct span rest = text;
    struct span words;
    enum status status = STATUS_OK;

    memset(out, 0, sizeof *out);
    out->quorum = POLICY_NOBODY;
    *line = 0;
    if (text.len > POLICY_SIZE_MAX)
        status = STATUS_TOO_LARGE;
    while (status == STATUS_OK && rest.len > 0) {
        ++*line;
        status =
            note_take_line(&words, &rest) ? read_line(out, &had_quorum, words) : STATUS_POLICY_FORM;
    }
    if (status == STATUS_OK && !had_quorum)
        status = STATUS_POLICY_QUORUM;
    if (status != STATUS_OK)
        memset(out, 0, sizeof *out);
    return status;
}

void
policy_of_log(struct policy *out, const struct note_key *log)
{
    assert(log->type == NOTE_ED25519);
    memset(out, 0, sizeof *out);
    out->quorum = POLICY_NOBODY;
    out->logs[0] = *log;
    out->log_count = 1;
}

/* A group stands behind its members, so that one pass is enough. */
bool
policy_enough(const struct policy *policy, const struct note_check *checks)
{
    size_t counts[POLICY_NODES_MAX] = {0};

    assert(policy->node_count <= POLICY_NODES_MAX);
    if (policy->quorum == POLICY_NOBODY)
        return true;
    for (size_t i = 0; i <= policy->quorum; i++) {
        const struct policy_node *const node = &policy->nodes[i];
        const bool has_signed =
            node->group ? counts[i] >= node->threshold : checks[node->witness].signed_by;

        if (i == policy->quorum)
            return has_signed;
        assert(node->parent == POLICY_NOBODY || node->parent > i);
        if (has_signed && node->parent != POLICY_NOBODY)
            counts[node->parent]++;
    }
    return false;
}

enum status
policy_verify(const struct policy *policy, struct checkpoint *out,
              struct note_check checks[static POLICY_WITNESSES_MAX], struct span note)
{
    struct note_key keys[1 + POLICY_WITNESSES_MAX];
    struct note_check found[1 + POLICY_WITNESSES_MAX];
    struct checkpoint checkpoint = {0};
    enum status status = STATUS_SIGNER_UNKNOWN;

    memset(checks, 0, POLICY_WITNESSES_MAX * sizeof *checks);
    memcpy(&keys[1], policy->witnesses, sizeof policy->witnesses);
    for (size_t i = 0; i < policy->log_count && status == STATUS_SIGNER_UNKNOWN; i++) {
        keys[0] = policy->logs[i];
        status = checkpoint_verify(&checkpoint, found, note, keys, 1 + policy->witness_count);
    }
    if (status != STATUS_OK)
        return status;
    memcpy(checks, &found[1], policy->witness_count * sizeof *checks);
    if (!policy_enough(policy, checks))
        return STATUS_WITNESSES_MISSING;
    *out = checkpoint;
    return STATUS_OK;
}
