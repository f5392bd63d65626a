#include "cosign.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "digits.h"
#include "ledger/log.h"

#define ADD_PATH "/add-checkpoint"
#define URL_MAX (POLICY_URL_MAX + sizeof ADD_PATH)
#define BODY_TYPE "text/plain; charset=utf-8"

enum status
cosign_open(struct cosign *out, const struct policy *policy, struct cosign_source source,
            const char *authorities)
{
    enum status status;

    memset(out, 0, sizeof *out);
    out->policy = policy;
    out->source = source;
    out->authorities = authorities;
    for (size_t i = 0; i < policy->witness_count; i++) {
        out->witnesses[i].status = STATUS_OFFLINE;
        if (policy->witness_urls[i][0] == '\0')
            out->witnesses[i].status = STATUS_NOT_FOUND;
        out->states[i] = out->witnesses[i].status;
    }
    status = fetch_open(&out->fetch);
    if (status == STATUS_OK)
        pthread_mutex_init(&out->mutex, NULL);
    return status;
}

void
cosign_close(struct cosign *cosign)
{
    fetch_close(&cosign->fetch);
    pthread_mutex_destroy(&cosign->mutex);
}

enum status
cosign_from_store(void *context, struct merkle_path *out, uint64_t size_old, uint64_t size_new)
{
    struct store_txn txn;
    enum status status = store_begin_read(&txn, context);

    if (status != STATUS_OK)
        return status;
    status = log_consistency(out, &txn, size_old, size_new);
    store_abort(&txn);
    return status;
}

/* ---- Asking one witness -----------------------------------------------------------------------*/

static bool
is_alarm(enum status status)
{
    return status == STATUS_WITNESS_CONFLICT || status == STATUS_LOG_ROLLBACK;
}

static struct span
text_of(const struct note *note)
{
    struct span text = {NULL, 0};

    /* A note that was taken by cosign_round is one. */
    if (note_split(&text, (struct span){note->bytes, note->len}) != STATUS_OK)
        text.len = 0;
    return text;
}

/* Sends the checkpoint with the proof from the size that the witness is believed to have. */
static enum status
send_checkpoint(struct cosign *cosign, struct fetch_answer *answer, size_t at, uint64_t size)
{
    const struct cosign_witness *const witness = &cosign->witnesses[at];
    const char *const prefix = cosign->policy->witness_urls[at];
    size_t prefix_len = strlen(prefix);
    struct merkle_path path = {0};
    struct fetch_request request = {
        .post = true,
        .type = BODY_TYPE,
        .connect_seconds = COSIGN_CONNECT_SECONDS,
        .seconds = COSIGN_SECONDS,
        .authorities = cosign->authorities,
    };
    char url[URL_MAX];
    size_t len;
    enum status status =
        cosign->source.consistency(cosign->source.context, &path, witness->size, size);

    if (status != STATUS_OK)
        return status;
    witness_write(cosign->body, &len, witness->size, &path, &cosign->note);
    if (prefix_len > 0 && prefix[prefix_len - 1] == '/')
        prefix_len--;
    memcpy(url, prefix, prefix_len);
    memcpy(url + prefix_len, ADD_PATH, sizeof ADD_PATH);
    request.url = url;
    request.body = (struct span){cosign->body, len};
    return fetch_send(&cosign->fetch, answer, cosign->answer, sizeof cosign->answer, &request);
}

/* Looks for a good cosignature of this witness among the lines of its answer. */
static enum status
take_line(struct cosign *cosign, size_t at, struct span lines)
{
    struct cosign_witness *const witness = &cosign->witnesses[at];
    enum status found = STATUS_SIGNER_UNKNOWN;
    struct span line;

    while (lines.len > 0) {
        struct note_check check;
        struct note single;
        struct span text;
        enum status status;

        if (!note_take_line(&line, &lines))
            return STATUS_SERVER_ANSWER;
        line.len++;
        if (note_start(&single, text_of(&cosign->note)) != STATUS_OK ||
            note_add(&single, line) != STATUS_OK)
            return STATUS_SERVER_ANSWER;
        status = note_verify(&check, &text, (struct span){single.bytes, single.len},
                             &cosign->policy->witnesses[at], 1);
        if (status == STATUS_SIGNER_UNKNOWN)
            continue;
        if (status != STATUS_OK)
            return status;
        assert(line.len <= NOTE_LINE_MAX);
        memcpy(witness->line, line.data, line.len);
        witness->len = line.len;
        found = STATUS_OK;
    }
    return found;
}

/* The size that a witness tells. */
static bool
read_size(uint64_t *out, const struct cosign *cosign, const struct fetch_answer *answer)
{
    return strcmp(answer->type, WITNESS_SIZE_TYPE) == 0 && answer->len > 0 &&
           cosign->answer[answer->len - 1] == '\n' &&
           digits_read(out, (struct span){cosign->answer, answer->len - 1}, MERKLE_SIZE_MAX);
}

/* What a witness means that has another size than we thought. `again` when it is worth a second
 * request. */
static enum status
take_size(struct cosign *cosign, bool *again, size_t at, const struct fetch_answer *answer,
          uint64_t size)
{
    struct cosign_witness *const witness = &cosign->witnesses[at];
    uint64_t told;

    if (!read_size(&told, cosign, answer))
        return STATUS_SERVER_ANSWER;
    if (told > size)
        return STATUS_LOG_ROLLBACK;
    /* Some say so, not 422, to another root of the same size. */
    if (told == witness->size && told == size)
        return STATUS_WITNESS_CONFLICT;
    if (told == witness->size)
        return STATUS_SERVER_ANSWER;
    witness->size = told;
    *again = true;
    return STATUS_SERVER_BUSY;
}

static enum status
ask_once(struct cosign *cosign, bool *again, size_t at, uint64_t size)
{
    struct fetch_answer answer;
    enum status status = send_checkpoint(cosign, &answer, at, size);

    *again = false;
    if (status != STATUS_OK)
        return status;
    if (answer.code == WITNESS_COSIGN)
        return take_line(cosign, at, (struct span){cosign->answer, answer.len});
    if (answer.code == WITNESS_STALE)
        return take_size(cosign, again, at, &answer, size);
    if (answer.code == WITNESS_INCONSISTENT)
        return STATUS_WITNESS_CONFLICT;
    if (answer.code >= 500 || answer.code == 429)
        return STATUS_SERVER_BUSY;
    return STATUS_WITNESS_REFUSED;
}

static void
ask(struct cosign *cosign, size_t at, uint64_t size, uint64_t now_unix_s)
{
    struct cosign_witness *const witness = &cosign->witnesses[at];
    bool again = false;
    enum status status = STATUS_LOG_ROLLBACK;

    if (witness->size <= size)
        status = ask_once(cosign, &again, at, size);
    if (again)
        status = ask_once(cosign, &again, at, size);
    witness->status = status;
    if (status == STATUS_OK) {
        witness->size = size;
        witness->cosigned_unix_s = now_unix_s;
        witness->next_unix_s = 0;
    } else if (status == STATUS_WITNESS_REFUSED) {
        witness->next_unix_s = now_unix_s + COSIGN_REFUSED_SECONDS;
    } else {
        witness->next_unix_s = now_unix_s + COSIGN_RETRY_SECONDS;
    }
}

/* ---- A round ----------------------------------------------------------------------------------*/

static bool
has_turn(const struct cosign *cosign, size_t at, uint64_t now_unix_s)
{
    const struct cosign_witness *const witness = &cosign->witnesses[at];

    if (cosign->policy->witness_urls[at][0] == '\0' || is_alarm(witness->status))
        return false;
    if (witness->len > 0 && now_unix_s < witness->cosigned_unix_s + COSIGN_FRESH_SECONDS)
        return false;
    return now_unix_s >= witness->next_unix_s;
}

static bool
same_text(const struct note *a, const struct note *b)
{
    const struct span first = text_of(a);
    const struct span second = text_of(b);

    return first.len == second.len && first.len > 0 &&
           memcmp(first.data, second.data, first.len) == 0;
}

/* The checkpoint with all lines that fit; those that do not, do not count. */
static bool
put_together(struct note *out, const struct cosign *cosign)
{
    struct note_check checks[POLICY_WITNESSES_MAX] = {{.signed_by = false}};

    *out = cosign->note;
    for (size_t i = 0; i < cosign->policy->witness_count; i++) {
        const struct cosign_witness *const witness = &cosign->witnesses[i];

        if (witness->len > 0)
            checks[i].signed_by =
                note_add(out, (struct span){witness->line, witness->len}) == STATUS_OK;
    }
    return policy_enough(cosign->policy, checks);
}

static enum status
publish(struct cosign *cosign, uint64_t now_unix_s)
{
    struct note note;
    const bool enough = put_together(&note, cosign);
    enum status status = enough ? STATUS_OK : STATUS_WITNESSES_MISSING;

    pthread_mutex_lock(&cosign->mutex);
    cosign->last = note;
    cosign->last_enough = enough;
    if (enough) {
        cosign->enough = note;
        cosign->enough_unix_s = now_unix_s;
    }
    for (size_t i = 0; i < cosign->policy->witness_count; i++)
        cosign->states[i] = cosign->witnesses[i].status;
    pthread_mutex_unlock(&cosign->mutex);
    for (size_t i = cosign->policy->witness_count; i > 0; i--)
        if (is_alarm(cosign->witnesses[i - 1].status))
            status = cosign->witnesses[i - 1].status;
    return status;
}

enum status
cosign_round(struct cosign *cosign, const struct note *published, uint64_t now_unix_s)
{
    struct checkpoint checkpoint;
    enum status status;

    assert(published->len <= NOTE_SIZE_MAX);
    status = checkpoint_parse(&checkpoint, text_of(published));
    if (status != STATUS_OK)
        return status;
    if (!same_text(published, &cosign->note))
        for (size_t i = 0; i < cosign->policy->witness_count; i++)
            cosign->witnesses[i].len = 0;
    cosign->note = *published;
    for (size_t i = 0; i < cosign->policy->witness_count; i++)
        if (has_turn(cosign, i, now_unix_s))
            ask(cosign, i, checkpoint.size, now_unix_s);
    return publish(cosign, now_unix_s);
}

void
cosign_note(struct note *out, struct cosign *cosign, const struct note *published,
            uint64_t now_unix_s)
{
    bool same;

    pthread_mutex_lock(&cosign->mutex);
    same = same_text(published, &cosign->last);
    if (same && cosign->last_enough)
        *out = cosign->last;
    else if (cosign->enough.len > 0 && cosign->policy->quorum != POLICY_NOBODY &&
             now_unix_s <= cosign->enough_unix_s + COSIGN_LAG_SECONDS)
        *out = cosign->enough;
    else
        *out = same ? cosign->last : *published;
    pthread_mutex_unlock(&cosign->mutex);
}

void
cosign_states(enum status out[static POLICY_WITNESSES_MAX], struct cosign *cosign)
{
    pthread_mutex_lock(&cosign->mutex);
    memcpy(out, cosign->states, sizeof cosign->states);
    pthread_mutex_unlock(&cosign->mutex);
}
