#include "accept.h"

#include <assert.h>
#include <string.h>

void
accept_code_hash(struct digest *out, struct span code)
{
    crypt_hash(out, &code, 1);
}

enum status
accept_covers(const struct msg_till *till, uint64_t class, uint64_t restriction)
{
    if ((till->classes & class) == 0)
        return STATUS_CLASS;
    if (restriction == 0)
        return STATUS_OK;
    for (size_t i = 0; i < till->restrictions_count; i++) {
        if (till->restrictions[i] == restriction)
            return STATUS_OK;
    }
    return STATUS_RESTRICTION;
}

enum status
accept_amount(const struct msg_transfer *transfer, const struct msg_request *request,
              struct money allowance_cents)
{
    const uint64_t wanted = money_cents(request->amount);
    uint64_t cents;

    if (transfer->from >= transfer->to)
        return STATUS_AMOUNT_ZERO;
    if (transfer->to > money_cents(allowance_cents))
        return STATUS_AMOUNT_OVER_ALLOWANCE;
    cents = transfer->to - transfer->from;
    if (code_request_static(request) || cents == wanted)
        return STATUS_OK;
    return request->partial != 0 && cents < wanted ? STATUS_OK : STATUS_AMOUNT_MISMATCH;
}

/* What a transfer moves; nothing when its interval is empty. Its fields' limits leave no way to
 * fail. */
static struct money
cents_of(const struct msg_transfer *transfer)
{
    struct money out = MONEY_ZERO;
    enum status status = STATUS_OK;

    if (transfer->from < transfer->to)
        status = money_from_cents(&out, transfer->to - transfer->from);
    assert(status == STATUS_OK);
    return out;
}

/* Step 7. */
static enum status
check_class(const struct accept_rules *rules, const struct msg_allowance *allowance,
            const struct msg_request *request)
{
    if (allowance->class != request->class)
        return STATUS_CLASS;
    return accept_covers(rules->till, allowance->class, allowance->restriction);
}

/* Step 8. */
static enum status
check_validity(const struct msg_allowance *allowance, uint64_t now_unix_s)
{
    if (allowance->online != 0)
        return STATUS_ONLINE_ONLY;
    if (now_unix_s < allowance->from)
        return STATUS_ALLOWANCE_NOT_YET;
    if (now_unix_s >= allowance->from + 3600 * allowance->hours)
        return STATUS_ALLOWANCE_EXPIRED;
    return STATUS_OK;
}

/* Step 10. */
static enum status
check_amount(const struct msg_allowance *allowance, const struct msg_transfer *transfer,
             const struct msg_request *request)
{
    enum status status = accept_amount(transfer, request, allowance->amount);

    if (status == STATUS_OK && money_compare(cents_of(transfer), allowance->limit) > 0)
        status = STATUS_AMOUNT_OVER_LIMIT;
    return status;
}

/* Step 11. */
static enum status
check_known(const struct accept_rules *rules, const struct kid *line,
            const struct msg_transfer *transfer)
{
    enum status status = STATUS_OK;

    for (size_t i = 0; i < rules->known_count; i++) {
        const struct tally_item *item = &rules->known[i];

        if (memcmp(&item->line, line, sizeof *line) != 0)
            continue;
        if (transfer_overlap(item->from, item->to, transfer->from, transfer->to))
            return STATUS_INTERVAL_OVERLAP;
        if (item->seq == transfer->seq ||
            memcmp(item->prev, transfer->prev, sizeof item->prev) == 0)
            status = STATUS_SEQUENCE_USED;
    }
    return status;
}

enum status
accept_check(unsigned *step, const struct accept_rules *rules,
             const struct msg_allowance *allowance, const struct msg_transfer *transfer,
             const struct msg_request *request, bool denied, uint64_t now_unix_s)
{
    struct kid line;
    unsigned at = 7;
    enum status status = check_class(rules, allowance, request);

    crypt_kid(&line, &allowance->key);
    if (status == STATUS_OK) {
        at = 8;
        status = check_validity(allowance, now_unix_s);
    }
    if (status == STATUS_OK) {
        at = 9;
        status = denied ? STATUS_ALLOWANCE_DENIED : STATUS_OK;
    }
    if (status == STATUS_OK) {
        at = 10;
        status = check_amount(allowance, transfer, request);
    }
    if (status == STATUS_OK) {
        at = 11;
        status = check_known(rules, &line, transfer);
    }
    if (status == STATUS_OK) {
        at = 12;
        status = tally_check(rules->tally, rules->till, rules->parameters, rules->news_time_unix_s,
                             now_unix_s, &line, allowance->tier, cents_of(transfer));
    }
    if (step != NULL)
        *step = status == STATUS_OK ? 0 : at;
    return status;
}

/* What the state of a request says to a payment for it. */
static enum status
check_request(const struct accept_request *request, uint64_t now_unix_s)
{
    const struct msg_request *fields = &request->request;

    switch (request->state) {
    case ACCEPT_OPEN:
        break;
    case ACCEPT_PAID:
        return STATUS_ALREADY_PAID;
    case ACCEPT_EXPIRED:
        return STATUS_REQUEST_EXPIRED;
    case ACCEPT_CANCELLED:
        return STATUS_CANCELLED;
    case ACCEPT_VOIDED:
        return STATUS_VOIDED;
    }
    if (fields->seconds != 0 && now_unix_s >= fields->time + fields->seconds)
        return STATUS_REQUEST_EXPIRED;
    return STATUS_OK;
}

enum status
accept_clock(uint64_t lower_bound_unix_s, uint64_t heard_unix_s, uint64_t offline_seconds,
             uint64_t now_unix_s)
{
    if (now_unix_s < lower_bound_unix_s)
        return STATUS_CLOCK_BEHIND;
    return now_unix_s > heard_unix_s + offline_seconds ? STATUS_CLOCK_AHEAD : STATUS_OK;
}

/* Step 6. A proof is a word of the city itself and needs no other. */
static enum status
check_clock(const struct accept_state *state, bool proof, uint64_t now_unix_s)
{
    const uint64_t anchor = state->anchor_time_unix_s;
    const uint64_t news = state->rules.news_time_unix_s;
    const enum status status =
        accept_clock(state->lower_bound_unix_s, anchor > news ? anchor : news,
                     state->rules.parameters->offline_seconds, now_unix_s);

    if (status != STATUS_OK && !(proof && status == STATUS_CLOCK_AHEAD))
        return status;
    if (now_unix_s < state->rules.till->from)
        return STATUS_KEY_NOT_YET;
    if (now_unix_s > state->rules.till->until)
        return STATUS_CERTIFICATE_EXPIRED;
    return STATUS_OK;
}

/* Step 5 among the requests that are open, or among the others; newest first. */
static bool
find_request(struct accept_result *out, const struct accept_state *state, bool open)
{
    for (size_t i = state->request_count; i > 0; i--) {
        const struct accept_request *request = &state->requests[i - 1];

        if ((request->state == ACCEPT_OPEN) != open)
            continue;
        if (code_transfer_verify(&out->transfer, &out->payment, state->network, &request->id) ==
            STATUS_OK) {
            out->request = i - 1;
            return true;
        }
    }
    return false;
}

/* Step 5. */
static enum status
match_request(struct accept_result *out, const struct accept_state *state, uint64_t now_unix_s)
{
    /* The code does not say for which request it was signed: one that was shown long ago looks
     * like one that was never shown, or like no signature at all. */
    if (!find_request(out, state, true) && !find_request(out, state, false))
        return STATUS_REQUEST_UNKNOWN;
    out->amount = cents_of(&out->payment.transfer);
    return check_request(&state->requests[out->request], now_unix_s);
}

/* Step 2: whether these bytes were accepted before. */
static bool
is_known_code(const struct accept_state *state, const struct digest *code)
{
    for (size_t i = 0; i < state->code_count; i++) {
        if (memcmp(&state->codes[i], code, sizeof *code) == 0)
            return true;
    }
    return false;
}

/* Steps 2 to 6, on a code that was parsed. */
static enum status
check_signatures(struct accept_result *out, const struct accept_state *state, uint64_t now_unix_s)
{
    enum status status;

    out->step = 2;
    if (is_known_code(state, &out->code))
        return STATUS_ALREADY_PAID;
    out->step = 3;
    if (out->payment.transfer.payee != state->rules.till->till)
        return STATUS_WRONG_PAYEE;
    out->step = 4;
    status = code_allowance_verify(&out->payment, state->network, state->signers, now_unix_s);
    if (status != STATUS_OK)
        return status;
    out->step = 5;
    status = match_request(out, state, now_unix_s);
    if (status != STATUS_OK)
        return status;
    out->step = 6;
    return check_clock(state, false, now_unix_s);
}

enum status
accept_code(struct accept_result *out, const struct accept_state *state, struct span code,
            uint64_t now_unix_s)
{
    enum status status;

    memset(out, 0, sizeof *out);
    assert(state->rules.till->network == state->network);
    assert(state->rules.parameters->network == state->network);
    out->step = 1;
    status = code_payment_parse(&out->payment, state->network, code);
    if (status != STATUS_OK)
        return status;
    accept_code_hash(&out->code, code);
    status = check_signatures(out, state, now_unix_s);
    if (status != STATUS_OK)
        return status;
    return accept_check(&out->step, &state->rules, &out->payment.allowance, &out->payment.transfer,
                        &state->requests[out->request].request,
                        denylist_has(state->denied, &out->payment.line), now_unix_s);
}

enum status
accept_text(struct accept_result *out, const struct accept_state *state, struct span text,
            uint64_t now_unix_s)
{
    uint8_t bytes[TEXT_BYTES_MAX];
    size_t len;
    enum status status = text_decode(bytes, sizeof bytes, &len, TEXT_PAYMENT, text);

    if (status != STATUS_OK) {
        memset(out, 0, sizeof *out);
        out->step = 1;
        return status;
    }
    return accept_code(out, state, (struct span){bytes, len}, now_unix_s);
}

/* Whether a proof fits the request that it names, and the till's own limit for proofs. */
static enum status
check_proof(const struct msg_settlement_proof *proof, const struct accept_state *state,
            const struct accept_request *request, uint64_t now_unix_s)
{
    struct money sum;
    enum status status = check_request(request, now_unix_s);

    if (status == STATUS_OK)
        status = check_clock(state, true, now_unix_s);
    if (status != STATUS_OK)
        return status;
    if (proof->class != request->request.class)
        return STATUS_CLASS;
    if (money_compare(proof->amount, request->request.amount) != 0)
        return STATUS_AMOUNT_MISMATCH;
    if (money_add(&sum, state->proofs, proof->amount) != STATUS_OK ||
        money_compare(sum, state->rules.parameters->proof_total) > 0)
        return STATUS_TILL_TOTAL_LIMIT;
    return STATUS_OK;
}

enum status
accept_proof(struct msg_settlement_proof *out, size_t *request, const struct accept_state *state,
             struct span proof, uint64_t now_unix_s)
{
    struct cose_message message;
    enum status status =
        msg_open(&message, out, &msg_settlement_proof_schema, state->network, proof);

    *request = 0;
    if (status == STATUS_OK && out->till != state->rules.till->till)
        status = STATUS_WRONG_PAYEE;
    if (status == STATUS_OK)
        status = signer_check(NULL, state->signers, SIGNER_SETTLEMENT, &message,
                              &msg_settlement_proof_schema, state->network, out->time, now_unix_s);
    if (status != STATUS_OK) {
        memset(out, 0, sizeof *out);
        return status;
    }
    for (size_t i = 0; i < state->request_count; i++) {
        if (memcmp(&state->requests[i].id, &out->request, sizeof out->request) == 0) {
            *request = i;
            return check_proof(out, state, &state->requests[i], now_unix_s);
        }
    }
    return STATUS_REQUEST_UNKNOWN;
}
