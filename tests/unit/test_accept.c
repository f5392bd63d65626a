/* protocol/accept: a till's decision, step by step and in their order. */
#include "check.h"

#include <stdlib.h>

#include "forge.h"
#include "protocol/accept.h"

#define NETWORK 7
#define TILL 70123
#define HOUR 3600
#define NOW UINT64_C(1795000000)
#define REQUESTS 4

static struct forge_key issuer, wallet, till_key, settlement;

/* All that a till knows. start() makes a state in which `code` is accepted. */
static struct {
    struct accept_state state;
    struct msg_till till;
    struct msg_parameters parameters;
    struct signer_list signers;
    struct denylist denied;
    struct kid ids[8];
    struct accept_request requests[REQUESTS];
    struct digest codes[4];
    struct tally_item known[8];
    struct tally tally;
    struct tally_item unconfirmed[TALLY_MAX];
} w;

static struct msg_allowance allowance;
static struct msg_transfer transfer;
static struct digest request_id; /* for which the transfer is signed */
static uint64_t code_network;
static uint64_t now;
static uint8_t code[CODE_BYTES_MAX];
static size_t code_len;
static bool damaged_allowance;
static bool damaged_transfer;

static void
make_request(size_t at, struct money amount, enum accept_request_state state)
{
    struct forge_message message;
    struct msg_request *request = &w.requests[at].request;

    *request = (struct msg_request){.network = NETWORK,
                                    .till = TILL,
                                    .class = 1,
                                    .amount = amount,
                                    .nonce = {1, 2, 3, (uint8_t)at},
                                    .number = at,
                                    .time = NOW - 60,
                                    .seconds = 300};
    forge_sign(&message, &w.requests[at].id, &msg_request_schema, request, NETWORK, &till_key);
    w.requests[at].state = state;
}

static void
sign_request(size_t at)
{
    struct forge_message message;

    forge_sign(&message, &w.requests[at].id, &msg_request_schema, &w.requests[at].request, NETWORK,
               &till_key);
}

static void
set_state(void)
{
    w.till = (struct msg_till){.network = NETWORK,
                               .till = TILL,
                               .merchant = 1,
                               .key = till_key.key,
                               .level = 1,
                               .limit = {50000},
                               .count = 60,
                               .classes = 1,
                               .restrictions_count = 2,
                               .restrictions = {3, 9},
                               .from = NOW - 1000000,
                               .until = NOW + 1000000};
    w.parameters = (struct msg_parameters){.network = NETWORK,
                                           .stale_percent = 40,
                                           .per_allowance = {2500},
                                           .per_allowance_stale = {1000},
                                           .fresh_seconds = 24 * HOUR,
                                           .offline_seconds = 168 * HOUR,
                                           .anonymous_allowance = {500},
                                           .anonymous_total = {5000},
                                           .proof_total = {50000}};
    w.denied = (struct denylist){.ids = w.ids, .cap = 8};
    w.tally = (struct tally){.items = w.unconfirmed, .cap = TALLY_MAX};
    w.state = (struct accept_state){.network = NETWORK,
                                    .rules = {.till = &w.till,
                                              .parameters = &w.parameters,
                                              .tally = &w.tally,
                                              .known = w.known,
                                              .news_time_unix_s = NOW - HOUR},
                                    .signers = &w.signers,
                                    .denied = &w.denied,
                                    .lower_bound_unix_s = NOW - 30,
                                    .anchor_time_unix_s = NOW - 60,
                                    .requests = w.requests,
                                    .request_count = REQUESTS,
                                    .codes = w.codes};
}

static void
start(void)
{
    forge_key(&issuer, "issuer");
    forge_key(&wallet, "wallet");
    forge_key(&till_key, "till");
    forge_key(&settlement, "settlement");
    memset(&w, 0, sizeof w);
    set_state();
    forge_role(&w.signers, SIGNER_ALLOWANCE, &issuer, NOW - 5000000, NOW);
    forge_role(&w.signers, SIGNER_SETTLEMENT, &settlement, NOW - 5000000, NOW + 5000000);
    make_request(0, (struct money){700}, ACCEPT_CANCELLED);
    make_request(1, (struct money){400}, ACCEPT_OPEN);
    make_request(2, (struct money){400}, ACCEPT_PAID);
    make_request(3, (struct money){900}, ACCEPT_OPEN);
    request_id = w.requests[1].id;
    allowance = (struct msg_allowance){.network = NETWORK,
                                       .key = wallet.key,
                                       .class = 1,
                                       .tier = 2,
                                       .amount = {5000},
                                       .limit = {2500},
                                       .from = NOW - 24 * HOUR,
                                       .hours = 168};
    transfer = (struct msg_transfer){.payee = TILL, .from = 100, .to = 500, .seq = 1, .prev = {7}};
    code_network = NETWORK;
    now = NOW;
    damaged_allowance = damaged_transfer = false;
}

/* The wallet's code as it now is. */
static void
make_code(void)
{
    struct forge_message a;
    struct forge_message t;

    allowance.network = code_network;
    forge_sign(&a, NULL, &msg_allowance_schema, &allowance, code_network, &issuer);
    forge_transfer(&t, NULL, &transfer, code_network, &request_id, &wallet);
    if (damaged_allowance)
        a.bytes[a.len - 1] ^= 1;
    if (damaged_transfer)
        t.bytes[t.len - 1] ^= 1;
    CHECK_STATUS(code_payment_build(code, sizeof code, &code_len, code_network, forge_span(&a),
                                    forge_span(&t)),
                 STATUS_OK);
}

static struct accept_result result;

static enum status
accept(void)
{
    return accept_code(&result, &w.state, (struct span){code, code_len}, now);
}

static enum status
make_and_accept(void)
{
    make_code();
    return accept();
}

/* An earlier transfer of this line at this till. */
static void
know(uint32_t from, uint32_t to, uint32_t seq, uint8_t prev, const struct forge_key *of)
{
    struct tally_item *item = &w.known[w.state.rules.known_count++];

    *item = (struct tally_item){
        .line = of->kid, .tier = 2, .from = from, .to = to, .seq = seq, .prev = {prev}};
}

/* --- the good case ---------------------------------------------------------------------------- */

TEST(a_payment_is_accepted)
{
    char text[CODE_TEXT_SIZE];
    size_t len;
    struct digest hash;

    start();
    CHECK_STATUS(make_and_accept(), STATUS_OK);
    CHECK(result.step == 0 && result.request == 1 && money_cents(result.amount) == 400);
    accept_code_hash(&hash, (struct span){code, code_len});
    CHECK(memcmp(&hash, &result.code, sizeof hash) == 0);
    REQUIRE(text_encode(text, sizeof text, &len, TEXT_PAYMENT, (struct span){code, code_len}) ==
            STATUS_OK);
    CHECK_STATUS(accept_text(&result, &w.state, (struct span){(const uint8_t *)text, len}, now),
                 STATUS_OK);
    CHECK(result.request == 1 && memcmp(&hash, &result.code, sizeof hash) == 0);
    CHECK_STATUS(accept_text(&result, &w.state, (struct span){(const uint8_t *)text, len - 1}, now),
                 STATUS_TEXT_LENGTH);
    CHECK(result.step == 1 && result.payment.transfer_cose.len == 0);
}

/* --- every step by itself --------------------------------------------------------------------- */

/* Each breaks one thing, in the order of the steps. */
static void
break_network(void)
{
    code_network = NETWORK + 1;
}

static void
break_seen(void)
{
    make_code();
    accept_code_hash(&w.codes[2], (struct span){code, code_len});
    w.state.code_count = 3;
}

static void
break_payee(void)
{
    transfer.payee = TILL + 1;
}

static void
break_issuer_unknown(void)
{
    w.signers.keys[0].role = SIGNER_NEWS;
}

static void
break_issuer_killed(void)
{
    w.signers.keys[0].killed = true;
}

static void
break_issuer_early(void)
{
    w.signers.keys[0].from = NOW + 1;
}

static void
break_issuer_late(void)
{
    w.signers.keys[0].until = NOW - 24 * HOUR - 1;
}

static void
break_issuer_signature(void)
{
    damaged_allowance = true;
}

static void
break_no_requests(void)
{
    w.state.request_count = 0;
}

static void
break_transfer_signature(void)
{
    damaged_transfer = true;
}

static void
break_paid(void)
{
    w.requests[1].state = ACCEPT_PAID;
}

static void
break_clock(void)
{
    w.state.lower_bound_unix_s = NOW + 1;
}

static void
break_clock_ahead(void)
{
    w.state.anchor_time_unix_s = w.state.rules.news_time_unix_s =
        NOW - w.parameters.offline_seconds - 1;
}

static void
break_certificate_early(void)
{
    w.till.from = NOW + 1;
}

static void
break_certificate_late(void)
{
    w.till.until = NOW - 1;
}

static void
break_class(void)
{
    allowance.class = 2;
}

static void
break_restriction(void)
{
    allowance.restriction = 4;
}

static void
break_online(void)
{
    allowance.online = 1;
}

static void
break_not_yet(void)
{
    w.signers.keys[0].until = NOW + 5;
    allowance.from = NOW + 1;
}

static void
break_expired(void)
{
    allowance.from = NOW - 24 * HOUR;
    allowance.hours = 24;
}

static void
break_denied(void)
{
    CHECK_STATUS(denylist_add(&w.denied, &wallet.kid), STATUS_OK);
}

static void
break_zero(void)
{
    transfer.from = 500;
}

static void
break_over_allowance(void)
{
    allowance.amount = (struct money){499};
}

static void
break_mismatch(void)
{
    transfer.from = 101;
}

static void
break_over_limit(void)
{
    allowance.limit = (struct money){398};
}

static void
break_overlap(void)
{
    know(450, 600, 9, 9, &wallet);
}

static void
break_sequence(void)
{
    know(1000, 1001, 1, 9, &wallet);
}

static void
break_stale(void)
{
    w.state.rules.news_time_unix_s = NOW - 169 * HOUR;
}

static void
break_line_limit(void)
{
    w.parameters.per_allowance = w.parameters.per_allowance_stale = (struct money){100};
}

static void
break_count(void)
{
    w.till.count = 0;
}

static void
break_total(void)
{
    w.till.limit = (struct money){1};
}

static const struct fault {
    unsigned step;
    enum status status;
    void (*inject)(void);
} faults[] = {
    {1, STATUS_NETWORK, break_network},
    {2, STATUS_ALREADY_PAID, break_seen},
    {3, STATUS_WRONG_PAYEE, break_payee},
    {4, STATUS_SIGNER_UNKNOWN, break_issuer_unknown},
    {4, STATUS_KEY_KILLED, break_issuer_killed},
    {4, STATUS_KEY_NOT_YET, break_issuer_early},
    {4, STATUS_KEY_EXPIRED, break_issuer_late},
    {4, STATUS_SIGNATURE_BAD, break_issuer_signature},
    {5, STATUS_REQUEST_UNKNOWN, break_no_requests},
    {5, STATUS_REQUEST_UNKNOWN, break_transfer_signature},
    {5, STATUS_ALREADY_PAID, break_paid},
    {6, STATUS_CLOCK_BEHIND, break_clock},
    {6, STATUS_CLOCK_AHEAD, break_clock_ahead},
    {6, STATUS_KEY_NOT_YET, break_certificate_early},
    {6, STATUS_CERTIFICATE_EXPIRED, break_certificate_late},
    {7, STATUS_CLASS, break_class},
    {7, STATUS_RESTRICTION, break_restriction},
    {8, STATUS_ONLINE_ONLY, break_online},
    {8, STATUS_ALLOWANCE_NOT_YET, break_not_yet},
    {8, STATUS_ALLOWANCE_EXPIRED, break_expired},
    {9, STATUS_ALLOWANCE_DENIED, break_denied},
    {10, STATUS_AMOUNT_ZERO, break_zero},
    {10, STATUS_AMOUNT_OVER_ALLOWANCE, break_over_allowance},
    {10, STATUS_AMOUNT_MISMATCH, break_mismatch},
    {10, STATUS_AMOUNT_OVER_LIMIT, break_over_limit},
    {11, STATUS_INTERVAL_OVERLAP, break_overlap},
    {11, STATUS_SEQUENCE_USED, break_sequence},
    {12, STATUS_NEWS_STALE, break_stale},
    {12, STATUS_TILL_ALLOWANCE_LIMIT, break_line_limit},
    {12, STATUS_TILL_COUNT_LIMIT, break_count},
    {12, STATUS_TILL_TOTAL_LIMIT, break_total},
};
#define FAULTS (sizeof faults / sizeof faults[0])
#define PAID_AT 10

TEST(each_step_refuses_with_its_status)
{
    for (size_t i = 0; i < FAULTS; i++) {
        start();
        faults[i].inject();
        CHECK_STATUS(make_and_accept(), faults[i].status);
        CHECK(result.step == faults[i].step);
        CHECK((faults[i].step > 1) == (result.payment.transfer_cose.len > 0));
        CHECK(money_is_zero(result.amount) ==
              (faults[i].inject == break_zero || (faults[i].step <= 5 && i != PAID_AT)));
    }
}

/* With two faults the earlier one is named. `break_seen` makes its code last, so that the bytes
 * are those that come in. */
TEST(the_first_step_that_fails_is_named)
{
    for (size_t i = 0; i < FAULTS; i++) {
        for (size_t k = i + 1; k < FAULTS; k++) {
            /* These move the same border, so the second would undo the first. */
            const bool undone =
                (faults[k].inject == break_not_yet && (faults[i].inject == break_issuer_early ||
                                                       faults[i].inject == break_issuer_late)) ||
                (faults[k].inject == break_expired && faults[i].inject == break_not_yet) ||
                (faults[k].inject == break_mismatch && faults[i].inject == break_zero);

            if (undone)
                continue;
            start();
            faults[k].inject();
            faults[i].inject();
            CHECK_STATUS(make_and_accept(), faults[i].status);
            CHECK(result.step == faults[i].step);
        }
    }
}

/* --- step 4 ----------------------------------------------------------------------------------- */

TEST(a_certificate_outlives_the_key_that_signed_it)
{
    start();
    w.signers.keys[0].until = allowance.from;
    w.signers.keys[0].verify_until = NOW;
    CHECK_STATUS(make_and_accept(), STATUS_OK);
    w.signers.keys[0].verify_until = NOW - 1;
    CHECK_STATUS(accept(), STATUS_KEY_EXPIRED);
}

/* --- step 5 ----------------------------------------------------------------------------------- */

TEST(the_state_of_the_request_that_fits)
{
    static const enum status expected[] = {STATUS_OK,           STATUS_OK,
                                           STATUS_ALREADY_PAID, STATUS_REQUEST_EXPIRED,
                                           STATUS_CANCELLED,    STATUS_VOIDED};

    for (int state = ACCEPT_OPEN; state <= ACCEPT_VOIDED; state++) {
        start();
        w.requests[1].state = (enum accept_request_state)state;
        CHECK_STATUS(make_and_accept(), expected[state]);
        CHECK(result.request == 1);
        CHECK(result.transfer.bytes[0] != 0 || result.transfer.bytes[1] != 0);
    }
}

TEST(a_request_ends)
{
    start();
    make_code();
    w.state.lower_bound_unix_s = 1;
    now = NOW - 60 + 299;
    CHECK_STATUS(accept(), STATUS_OK);
    now++;
    CHECK_STATUS(accept(), STATUS_REQUEST_EXPIRED);
    CHECK(result.step == 5);
}

TEST(only_requests_that_have_ended)
{
    start();
    w.requests[1].state = w.requests[3].state = ACCEPT_CANCELLED;
    w.requests[2].state = ACCEPT_CANCELLED;
    damaged_transfer = true;
    CHECK_STATUS(make_and_accept(), STATUS_REQUEST_UNKNOWN);
    damaged_transfer = false;
    CHECK_STATUS(make_and_accept(), STATUS_CANCELLED);
}

TEST(a_static_request_takes_any_amount_again_and_again)
{
    start();
    w.requests[1].request.amount = MONEY_ZERO;
    w.requests[1].request.seconds = 0;
    memset(w.requests[1].request.nonce, 0, 8);
    sign_request(1);
    request_id = w.requests[1].id;
    w.requests[1].request.time = 1;
    CHECK_STATUS(make_and_accept(), STATUS_OK);
    transfer.to = 501;
    CHECK_STATUS(make_and_accept(), STATUS_OK);
    CHECK(money_cents(result.amount) == 401);
    transfer.to = 2601;
    CHECK_STATUS(make_and_accept(), STATUS_AMOUNT_OVER_LIMIT);
}

/* --- steps 6 to 11 ---------------------------------------------------------------------------- */

TEST(times_at_their_edges)
{
    start();
    w.state.lower_bound_unix_s = NOW;
    w.till.from = NOW;
    w.till.until = NOW;
    allowance.from = NOW;
    CHECK_STATUS(make_and_accept(), STATUS_OK);
    allowance.hours = 1;
    allowance.from = NOW - HOUR + 1;
    CHECK_STATUS(make_and_accept(), STATUS_OK);
    allowance.from = NOW - HOUR;
    CHECK_STATUS(make_and_accept(), STATUS_ALLOWANCE_EXPIRED);
}

TEST(what_a_till_covers)
{
    start();
    allowance.restriction = 3;
    CHECK_STATUS(make_and_accept(), STATUS_OK);
    allowance.restriction = 9;
    CHECK_STATUS(make_and_accept(), STATUS_OK);
    allowance.restriction = 8;
    CHECK_STATUS(make_and_accept(), STATUS_RESTRICTION);
    for (uint64_t classes = 1; classes <= 3; classes++) {
        w.till.classes = classes;
        CHECK_STATUS(accept_covers(&w.till, 1, 0), (classes & 1) != 0 ? STATUS_OK : STATUS_CLASS);
        CHECK_STATUS(accept_covers(&w.till, 2, 0), (classes & 2) != 0 ? STATUS_OK : STATUS_CLASS);
        CHECK_STATUS(accept_covers(&w.till, classes == 1 ? 1 : 2, 3), STATUS_OK);
    }
    /* The request is of another class than the allowance, though the till covers both. */
    allowance.restriction = 0;
    allowance.class = 2;
    CHECK_STATUS(make_and_accept(), STATUS_CLASS);
}

TEST(amounts_and_requests)
{
    struct msg_request request = {.amount = {400}};
    const struct money line = {1000};

    for (uint64_t cents = 1; cents <= 500; cents++) {
        const struct msg_transfer t = {.from = 500, .to = 500 + cents};

        request.amount = (struct money){400};
        request.partial = 0;
        CHECK_STATUS(accept_amount(&t, &request, line),
                     cents == 400 ? STATUS_OK : STATUS_AMOUNT_MISMATCH);
        request.partial = 1;
        CHECK_STATUS(accept_amount(&t, &request, line),
                     cents <= 400 ? STATUS_OK : STATUS_AMOUNT_MISMATCH);
        request.amount = MONEY_ZERO;
        request.partial = 0;
        CHECK_STATUS(accept_amount(&t, &request, line), STATUS_OK);
    }
    CHECK_STATUS(accept_amount(&(struct msg_transfer){.from = 5, .to = 5}, &request, line),
                 STATUS_AMOUNT_ZERO);
    CHECK_STATUS(accept_amount(&(struct msg_transfer){.from = 6, .to = 5}, &request, line),
                 STATUS_AMOUNT_ZERO);
    CHECK_STATUS(accept_amount(&(struct msg_transfer){.from = 5, .to = 1001}, &request, line),
                 STATUS_AMOUNT_OVER_ALLOWANCE);
}

TEST(transfers_known_here)
{
    start();
    know(0, 100, 0, 6, &wallet);
    know(500, 900, 2, 8, &wallet);
    CHECK_STATUS(make_and_accept(), STATUS_OK);
    /* Somebody else's line may look just like it. */
    know(100, 500, 1, 7, &issuer);
    CHECK_STATUS(make_and_accept(), STATUS_OK);
    know(1000, 1001, 9, 7, &wallet);
    CHECK_STATUS(make_and_accept(), STATUS_SEQUENCE_USED);
    know(499, 500, 10, 10, &wallet);
    CHECK_STATUS(make_and_accept(), STATUS_INTERVAL_OVERLAP);
    w.state.rules.known_count = 2;
    know(1000, 1001, 1, 9, &wallet);
    CHECK_STATUS(make_and_accept(), STATUS_SEQUENCE_USED);
}

/* --- step 12 and what the ledger asks --------------------------------------------------------- */

TEST(limits_count_what_is_not_confirmed)
{
    struct tally_item item = {.line = wallet.kid, .tier = 2, .from = 0, .to = 2101};

    start();
    item.line = wallet.kid;
    CHECK_STATUS(tally_add(&w.tally, &item), STATUS_OK);
    CHECK_STATUS(make_and_accept(), STATUS_TILL_ALLOWANCE_LIMIT);
    CHECK(result.step == 12);
    CHECK(tally_confirm(&w.tally, &item.transfer));
    CHECK_STATUS(make_and_accept(), STATUS_OK);
}

TEST(the_ledger_computes_the_same)
{
    unsigned step = 99;

    for (size_t i = 0; i < FAULTS; i++) {
        enum status status;

        if (faults[i].step < 7)
            continue;
        start();
        faults[i].inject();
        status = accept_check(&step, &w.state.rules, &allowance, &transfer, &w.requests[1].request,
                              denylist_has(&w.denied, &wallet.kid), now);
        CHECK_STATUS(status, faults[i].status);
        CHECK(step == faults[i].step);
    }
    start();
    CHECK_STATUS(accept_check(NULL, &w.state.rules, &allowance, &transfer, &w.requests[1].request,
                              false, now),
                 STATUS_OK);
    CHECK_STATUS(accept_check(&step, &w.state.rules, &allowance, &transfer, &w.requests[1].request,
                              false, now),
                 STATUS_OK);
    CHECK(step == 0);
}

/* Threat: a recording of somebody's code. A thousand scans, one acceptance. */
TEST(a_replay_is_answered_as_paid)
{
    unsigned accepted = 0;

    start();
    make_code();
    for (unsigned i = 0; i < 1000; i++) {
        const enum status status = accept();

        if (status == STATUS_OK) {
            w.requests[result.request].state = ACCEPT_PAID;
            if (accepted++ == 0)
                w.codes[w.state.code_count++] = result.code;
        } else {
            CHECK_STATUS(status, STATUS_ALREADY_PAID);
            CHECK(result.step == 2);
        }
    }
    CHECK(accepted == 1);
    /* The same transfer in other bytes: the request is paid. */
    w.state.code_count = 0;
    CHECK_STATUS(accept(), STATUS_ALREADY_PAID);
    CHECK(result.step == 5);
}

/* --- settlement proofs ------------------------------------------------------------------------ */

static struct msg_settlement_proof proof;

static enum status
show_proof(struct msg_settlement_proof *out, size_t *at, const struct forge_key *key)
{
    struct forge_message message;

    forge_sign(&message, NULL, &msg_settlement_proof_schema, &proof, proof.network, key);
    return accept_proof(out, at, &w.state, forge_span(&message), now);
}

static void
start_proof(void)
{
    start();
    proof = (struct msg_settlement_proof){.network = NETWORK,
                                          .transfer = {{5}},
                                          .till = TILL,
                                          .request = w.requests[1].id,
                                          .amount = {400},
                                          .class = 1,
                                          .time = NOW - 10,
                                          .index = 12};
}

TEST(a_settlement_proof_pays)
{
    struct msg_settlement_proof out;
    size_t at = 99;

    start_proof();
    CHECK_STATUS(show_proof(&out, &at, &settlement), STATUS_OK);
    CHECK(at == 1 && out.index == 12);
    w.state.proofs = (struct money){49600};
    CHECK_STATUS(show_proof(&out, &at, &settlement), STATUS_OK);
    w.state.proofs = (struct money){49601};
    CHECK_STATUS(show_proof(&out, &at, &settlement), STATUS_TILL_TOTAL_LIMIT);
    CHECK(at == 1 && out.index == 12);
    w.state.proofs = (struct money){MONEY_CENTS_MAX};
    CHECK_STATUS(show_proof(&out, &at, &settlement), STATUS_TILL_TOTAL_LIMIT);
}

/* Nothing was heard of the city for so long that codes are refused: a proof is a word of the city.
 * A clock that is behind helps nobody. */
TEST(a_settlement_proof_needs_no_other_word_of_the_city)
{
    struct msg_settlement_proof out;
    size_t at = 99;

    start_proof();
    break_clock_ahead();
    CHECK_STATUS(accept(), STATUS_CLOCK_AHEAD);
    CHECK_STATUS(show_proof(&out, &at, &settlement), STATUS_OK);
    CHECK(at == 1);
    w.state.lower_bound_unix_s = now + 1;
    CHECK_STATUS(show_proof(&out, &at, &settlement), STATUS_CLOCK_BEHIND);
}

TEST(a_settlement_proof_of_something_else)
{
    struct msg_settlement_proof out;
    size_t at;

    start_proof();
    CHECK_STATUS(show_proof(&out, &at, &issuer), STATUS_SIGNER_UNKNOWN);
    CHECK(out.index == 0);
    proof.till++;
    CHECK_STATUS(show_proof(&out, &at, &issuer), STATUS_WRONG_PAYEE);
    start_proof();
    proof.network++;
    CHECK_STATUS(show_proof(&out, &at, &settlement), STATUS_NETWORK);
    start_proof();
    proof.request.bytes[0] ^= 1;
    CHECK_STATUS(show_proof(&out, &at, &settlement), STATUS_REQUEST_UNKNOWN);
    CHECK(out.index == 12 && at == 0);
    start_proof();
    proof.amount = (struct money){399};
    w.requests[1].request.partial = 1;
    CHECK_STATUS(show_proof(&out, &at, &settlement), STATUS_AMOUNT_MISMATCH);
    proof.class = 2;
    CHECK_STATUS(show_proof(&out, &at, &settlement), STATUS_CLASS);
    w.till.until = NOW - 1;
    CHECK_STATUS(show_proof(&out, &at, &settlement), STATUS_CERTIFICATE_EXPIRED);
    w.till.from = NOW + 1;
    CHECK_STATUS(show_proof(&out, &at, &settlement), STATUS_KEY_NOT_YET);
    w.state.lower_bound_unix_s = NOW + 1;
    CHECK_STATUS(show_proof(&out, &at, &settlement), STATUS_CLOCK_BEHIND);
    now = NOW + 240;
    CHECK_STATUS(show_proof(&out, &at, &settlement), STATUS_REQUEST_EXPIRED);
    w.requests[1].state = ACCEPT_CANCELLED;
    CHECK_STATUS(show_proof(&out, &at, &settlement), STATUS_CANCELLED);
    w.requests[1].state = ACCEPT_PAID;
    CHECK_STATUS(show_proof(&out, &at, &settlement), STATUS_ALREADY_PAID);
    CHECK(out.transfer.bytes[0] == 5); /* what it confirms */
}

int
main(int argc, char **argv)
{
    return check_run(argc, argv);
}
