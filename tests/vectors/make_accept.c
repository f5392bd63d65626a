/* Vectors of `accept`: a till's decision, every step with every status. */
#include "make.h"

#include <assert.h>
#include <string.h>

#define TILL 70123
#define HOUR 3600
#define DAY (24 * HOUR)
#define LIST_MAX 70

struct issuer {
    const struct forge_key *key;
    uint64_t from, until, verify_until;
    int killed;
};

struct open_request {
    struct make_request fields;
    const char *state;
    struct digest id;
};

struct known {
    const struct forge_key *line;
    uint64_t tier, from, to, seq;
    uint8_t prev;
    int confirmed;
};

static struct forge_key issuer_key, wallet, wallet_2, till_key, enrolment, thief;

/* What the till knows; start() makes one in which the payment is accepted. */
static struct {
    struct make_till till;
    struct make_parameters parameters;
    struct issuer issuers[3];
    unsigned issuers_count;
    const struct forge_key *denied[2];
    unsigned denied_count;
    uint64_t lower_bound, anchor_time, news_time, now;
    struct open_request requests[6];
    unsigned requests_count;
    struct known known[LIST_MAX];
    unsigned known_count;
    int seen; /* 1: this code before, 2: another code before */
} w;

static struct make_allowance allowance;
static struct make_transfer transfer;
static unsigned wanted; /* the request that is paid */
static const struct forge_key *signer_of_allowance, *signer_of_transfer;
static int damage_allowance, damage_transfer;

static struct hand payload, cose, allowance_cose, transfer_cose, code_bytes;
static struct digest transfer_id;
static char code[1024];

static struct make_request
an_open_request(uint64_t number, uint64_t amount)
{
    return (struct make_request){.network = MAKE_NETWORK,
                                 .till = TILL,
                                 .class = 1,
                                 .amount = amount,
                                 .nonce = {1, 2, 3, 4, 5, 6, 7, (uint8_t)number},
                                 .number = number,
                                 .time = MAKE_NOW - 60,
                                 .seconds = 300};
}

static void
start_till(void)
{
    w.till = (struct make_till){.network = MAKE_NETWORK,
                                .till = TILL,
                                .merchant = 4711,
                                .key = till_key.key,
                                .title = "B\xC3\xA4"
                                         "ckerei Beispiel",
                                .level = 1,
                                .limit = 50000,
                                .count = 60,
                                .classes = 1,
                                .restrictions_count = 2,
                                .restrictions = {3, 9},
                                .from = MAKE_NOW - 1000000,
                                .until = MAKE_NOW + 1000000};
    w.parameters = (struct make_parameters){.stale_percent = 40,
                                            .per_allowance = 2500,
                                            .per_allowance_stale = 1000,
                                            .fresh_seconds = DAY,
                                            .offline_seconds = 7 * DAY,
                                            .anonymous_allowance = 500,
                                            .anonymous_total = 5000};
}

static void
start(void)
{
    memset(&w, 0, sizeof w);
    start_till();
    w.issuers[0] =
        (struct issuer){&issuer_key, MAKE_NOW - 5000000, MAKE_NOW, MAKE_NOW + 1296000, 0};
    w.issuers_count = 1;
    w.now = MAKE_NOW;
    w.lower_bound = MAKE_NOW - 30;
    w.anchor_time = MAKE_NOW - 60;
    w.news_time = MAKE_NOW - HOUR;
    w.requests[0] = (struct open_request){.fields = an_open_request(1, 700), .state = "cancelled"};
    w.requests[1] = (struct open_request){.fields = an_open_request(2, 400), .state = "open"};
    w.requests[2] = (struct open_request){.fields = an_open_request(3, 400), .state = "paid"};
    w.requests[3] = (struct open_request){.fields = an_open_request(4, 900), .state = "open"};
    w.requests_count = 4;
    wanted = 1;
    allowance = (struct make_allowance){.key = wallet.key,
                                        .network = MAKE_NETWORK,
                                        .class = 1,
                                        .tier = 2,
                                        .amount = 5000,
                                        .limit = 2500,
                                        .from = MAKE_NOW - DAY,
                                        .hours = 168};
    transfer = (struct make_transfer){.payee = TILL, .from = 100, .to = 500, .seq = 1, .prev = {7}};
    signer_of_allowance = &issuer_key;
    signer_of_transfer = &wallet;
    damage_allowance = damage_transfer = 0;
}

static void
knows(const struct forge_key *line, uint64_t tier, uint64_t from, uint64_t to, uint64_t seq,
      int confirmed)
{
    assert(w.known_count < LIST_MAX);
    w.known[w.known_count++] =
        (struct known){line, tier, from, to, seq, (uint8_t)(100 + seq), confirmed};
}

/* --- writing -----------------------------------------------------------------------------------
 */

static void
sign_code(void)
{
    make_allowance_payload(&payload, &allowance);
    make_signed(&allowance_cose, NULL, signer_of_allowance, allowance.network, 19, &payload);
    make_signed_transfer(&transfer_cose, &transfer_id, signer_of_transfer, allowance.network,
                         &w.requests[wanted].id, &transfer);
    allowance_cose.data[allowance_cose.len - 1] ^= (uint8_t)damage_allowance;
    transfer_cose.data[transfer_cose.len - 1] ^= (uint8_t)damage_transfer;
    make_payment_array(&code_bytes, &allowance, &allowance_cose, &transfer, &transfer_cose);
    hand_code(code, sizeof code, 'P', &code_bytes);
}

static void
write_requests(void)
{
    out_enter("requests", '[');
    for (unsigned i = 0; i < w.requests_count; i++) {
        make_request_payload(&payload, &w.requests[i].fields);
        make_signed(&cose, &w.requests[i].id, &till_key, MAKE_NETWORK, 20, &payload);
        out_enter(NULL, '{');
        out_hand("cose", &cose);
        out_text("state", w.requests[i].state);
        out_leave();
    }
    out_leave();
}

static void
write_lists(void)
{
    out_enter("issuers", '[');
    for (unsigned i = 0; i < w.issuers_count; i++) {
        out_enter(NULL, '{');
        out_hex("key", w.issuers[i].key->key.bytes, 32);
        out_number("from", w.issuers[i].from);
        out_number("until", w.issuers[i].until);
        out_number("verify_until", w.issuers[i].verify_until);
        out_bool("killed", w.issuers[i].killed);
        out_leave();
    }
    out_leave();
    out_enter("denied", '[');
    for (unsigned i = 0; i < w.denied_count; i++)
        out_hex(NULL, w.denied[i]->kid.bytes, 8);
    out_leave();
    out_enter("accepted", '[');
    for (unsigned i = 0; i < w.known_count; i++) {
        const struct known *k = &w.known[i];
        const uint8_t prev[16] = {k->prev};

        out_enter(NULL, '{');
        out_hex("line", k->line->kid.bytes, 8);
        out_number("tier", k->tier);
        out_number("from", k->from);
        out_number("to", k->to);
        out_number("seq", k->seq);
        out_hex("prev", prev, sizeof prev);
        out_bool("confirmed", k->confirmed);
        out_leave();
    }
    out_leave();
}

/* The code that the till accepted before: this one, or one for other cents. */
static void
write_codes(void)
{
    const struct make_transfer kept = transfer;

    out_enter("codes", '[');
    if (w.seen == 2)
        transfer.to++;
    sign_code();
    if (w.seen != 0)
        out_text(NULL, code);
    transfer = kept;
    out_leave();
}

static void
vector(const char *name, const char *status)
{
    out_vector("%s", name);
    out_number("network", MAKE_NETWORK);
    make_till_payload(&payload, &w.till);
    make_signed(&cose, NULL, &enrolment, MAKE_NETWORK, 7, &payload);
    out_hand("till", &cose);
    out_hex("till_key", enrolment.key.bytes, 32);
    make_parameters_payload(&payload, &w.parameters);
    out_hand("parameters", &payload);
    out_number("lower_bound", w.lower_bound);
    out_number("anchor_time", w.anchor_time);
    out_number("news_time", w.news_time);
    write_lists();
    write_requests();
    write_codes();
    sign_code();
    out_text("code", code);
    out_number("now", w.now);
    out_expect(status);
    if (strcmp(status, "OK") == 0) {
        out_hex("transfer_id", transfer_id.bytes, 32);
        out_number("amount", transfer.to - transfer.from);
    }
    out_end();
}

/* --- steps 1 to 6 ------------------------------------------------------------------------------
 */

static void
steps_1_to_3(void)
{
    start();
    vector("accepted", "OK");
    w.seen = 2;
    vector("accepted after another code", "OK");
    start();
    allowance.network = MAKE_NETWORK + 1;
    vector("1: another network", "NETWORK");
    start();
    transfer.to = 10001;
    vector("1: beyond the longest line", "CBOR_RANGE");
    start();
    w.seen = 1;
    vector("2: the same code again", "ALREADY_PAID");
    w.denied[w.denied_count++] = &wallet;
    vector("2: the same code again, the line denied since", "ALREADY_PAID");
    start();
    transfer.payee = TILL + 1;
    vector("3: another till", "WRONG_PAYEE");
    damage_allowance = 1;
    vector("3: another till before a bad signature", "WRONG_PAYEE");
}

static void
step_4(void)
{
    start();
    w.issuers[0].key = &thief;
    vector("4: unknown issuer", "SIGNER_UNKNOWN");
    w.issuers_count = 0;
    vector("4: no issuer", "SIGNER_UNKNOWN");
    start();
    w.issuers[0].killed = 1;
    vector("4: killed issuer", "KEY_KILLED");
    damage_allowance = 1;
    vector("4: killed before a bad signature", "KEY_KILLED");
    start();
    w.issuers[0].from = allowance.from;
    vector("4: first second of the issuer", "OK");
    w.issuers[0].from++;
    vector("4: before the issuer's time", "KEY_NOT_YET");
    start();
    w.issuers[0].until = allowance.from;
    vector("4: last second of the issuer", "OK");
    w.issuers[0].until--;
    vector("4: after the issuer's time", "KEY_EXPIRED");
    start();
    w.issuers[0].verify_until = w.now;
    vector("4: last second of verification", "OK");
    w.issuers[0].verify_until--;
    vector("4: no longer verified", "KEY_EXPIRED");
    start();
    damage_allowance = 1;
    vector("4: bad signature of the allowance", "SIGNATURE_BAD");
    start();
    w.issuers[1] = w.issuers[0];
    w.issuers[0].key = &thief;
    w.issuers_count = 2;
    vector("4: the second of two issuers", "OK");
    start();
    signer_of_allowance = &thief;
    vector("4: an allowance that a thief signed for himself", "SIGNER_UNKNOWN");
}

static void
step_5(void)
{
    static const char *const states[][2] = {{"paid", "ALREADY_PAID"},
                                            {"expired", "REQUEST_EXPIRED"},
                                            {"cancelled", "CANCELLED"},
                                            {"voided", "VOIDED"}};

    start();
    w.requests_count = 0;
    vector("5: no request", "REQUEST_UNKNOWN");
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
        start();
        w.requests[1].state = states[i][0];
        vector("5: the request has ended", states[i][1]);
        w.requests[0] = w.requests[1];
        w.requests_count = 1;
        wanted = 0;
        vector("5: the only request has ended", states[i][1]);
    }
    start();
    damage_transfer = 1;
    vector("5: bad signature of the transfer", "REQUEST_UNKNOWN");
    start();
    signer_of_transfer = &wallet_2;
    vector("5: signed by another wallet", "REQUEST_UNKNOWN");
    start();
    w.requests[5].id.bytes[0] = 1;
    wanted = 5;
    vector("5: signed for a request of somebody else", "REQUEST_UNKNOWN");
    start();
    w.requests[0].state = w.requests[2].state = w.requests[3].state = "open";
    vector("5: one of four open requests", "OK");
    w.now = MAKE_NOW - 60 + 299;
    vector("5: last second of the request", "OK");
    w.now++;
    vector("5: the request's time is over", "REQUEST_EXPIRED");
    start();
    w.requests[1].fields.amount = w.requests[1].fields.seconds = 0;
    w.requests[1].fields.time = 5;
    memset(w.requests[1].fields.nonce, 0, 8);
    vector("5: a static request has no end", "OK");
    transfer.to = 2600;
    vector("10: a static request takes any amount", "OK");
    transfer.to = 2601;
    vector("10: any amount up to the limit", "AMOUNT_OVER_LIMIT");
}

static void
step_6(void)
{
    start();
    w.lower_bound = w.now;
    vector("6: the clock at its lower bound", "OK");
    w.lower_bound++;
    vector("6: the clock is behind", "CLOCK_BEHIND");
    start();
    w.anchor_time = w.news_time = w.now - 7 * DAY;
    vector("6: the last second after the last word of the city", "OK");
    w.anchor_time = --w.news_time;
    vector("6: the clock is ahead", "CLOCK_AHEAD");
    w.anchor_time++;
    vector("6: the anchor is the last word", "NEWS_STALE");
    w.anchor_time = 1;
    w.news_time++;
    vector("6: the news is the last word", "OK");
    w.news_time--;
    w.till.until = w.now - 1;
    allowance.from = w.now;
    vector("6: ahead before all that a wrong clock makes fail", "CLOCK_AHEAD");
    w.lower_bound = w.now + 1;
    vector("6: behind and ahead", "CLOCK_BEHIND");
    start();
    w.till.from = w.till.until = w.now;
    vector("6: the only second of the certificate", "OK");
    w.till.from++;
    w.till.until++;
    vector("6: the certificate is not in force yet", "KEY_NOT_YET");
    w.till.from = w.till.until = w.now - 1;
    vector("6: the certificate is over", "CERTIFICATE_EXPIRED");
}

/* --- steps 7 to 11 -----------------------------------------------------------------------------
 */

static void
steps_7_to_9(void)
{
    start();
    allowance.class = 2;
    vector("7: another class than the request", "CLASS");
    w.requests[1].fields.class = 2;
    vector("7: a class that the till does not take", "CLASS");
    w.till.classes = 3;
    vector("7: parking at a till for both", "OK");
    w.till.classes = 2;
    vector("7: parking at a till for parking", "OK");
    start();
    allowance.restriction = 3;
    vector("7: the first restriction", "OK");
    allowance.restriction = 9;
    vector("7: the second restriction", "OK");
    allowance.restriction = 4;
    vector("7: a restriction that the till is not in", "RESTRICTION");
    w.till.restrictions_count = 0;
    vector("7: a till without restrictions", "RESTRICTION");
    start();
    allowance.online = 1;
    vector("8: online only", "ONLINE_ONLY");
    start();
    allowance.from = w.now;
    vector("8: first second of the allowance", "OK");
    w.issuers[0].until = w.now + 10;
    allowance.from = w.now + 1;
    vector("8: not yet", "ALLOWANCE_NOT_YET");
    start();
    allowance.hours = 24;
    allowance.from = w.now - DAY + 1;
    vector("8: last second of the allowance", "OK");
    allowance.from--;
    vector("8: over", "ALLOWANCE_EXPIRED");
    start();
    w.denied[w.denied_count++] = &wallet_2;
    vector("9: another line is denied", "OK");
    w.denied[w.denied_count++] = &wallet;
    vector("9: denied", "ALLOWANCE_DENIED");
}

static void
step_10(void)
{
    start();
    transfer.from = transfer.to;
    vector("10: nothing", "AMOUNT_ZERO");
    transfer.from++;
    vector("10: less than nothing", "AMOUNT_ZERO");
    start();
    allowance.amount = 500;
    vector("10: the last cent of the allowance", "OK");
    allowance.amount = 499;
    vector("10: beyond the allowance", "AMOUNT_OVER_ALLOWANCE");
    start();
    transfer.to = 499;
    vector("10: a cent less", "AMOUNT_MISMATCH");
    w.requests[1].fields.partial = 1;
    vector("10: a cent less, which is acceptable", "OK");
    transfer.to = 101;
    vector("10: one cent, which is acceptable", "OK");
    transfer.to = 501;
    vector("10: a cent more is never acceptable", "AMOUNT_MISMATCH");
    start();
    transfer.to = 501;
    vector("10: a cent more", "AMOUNT_MISMATCH");
    start();
    allowance.limit = 400;
    vector("10: all of the limit", "OK");
    allowance.limit = 399;
    vector("10: over the limit", "AMOUNT_OVER_LIMIT");
}

static void
step_11(void)
{
    start();
    knows(&wallet, 2, 0, 100, 0, 0);
    knows(&wallet, 2, 500, 900, 2, 0);
    knows(&wallet_2, 2, 100, 500, 3, 0);
    vector("11: between two others", "OK");
    knows(&wallet, 2, 499, 500, 4, 1);
    vector("11: the last cent was taken and is confirmed", "INTERVAL_OVERLAP");
    start();
    knows(&wallet, 2, 50, 101, 4, 0);
    vector("11: the first cent was taken", "INTERVAL_OVERLAP");
    start();
    knows(&wallet, 2, 0, 5000, 4, 1);
    vector("11: all was taken", "INTERVAL_OVERLAP");
    start();
    knows(&wallet, 2, 600, 700, 1, 0);
    vector("11: the sequence was used", "SEQUENCE_USED");
    knows(&wallet, 2, 100, 200, 2, 0);
    vector("11: overlap before sequence", "INTERVAL_OVERLAP");
    start();
    knows(&wallet, 2, 600, 700, 8, 1);
    transfer.prev[0] = 108;
    vector("11: the predecessor was used", "SEQUENCE_USED");
    start();
    knows(&wallet_2, 2, 600, 700, 1, 0);
    vector("11: the sequence of another line", "OK");
}

/* --- step 12 -----------------------------------------------------------------------------------
 */

static void
step_12_line(void)
{
    start();
    w.news_time = w.now - DAY;
    knows(&wallet, 2, 500, 2600, 2, 0);
    vector("12: all that a line may have here", "OK");
    w.news_time--;
    vector("12: the same with stale news", "TILL_ALLOWANCE_LIMIT");
    start();
    knows(&wallet, 2, 500, 2601, 2, 0);
    vector("12: a cent more of a line", "TILL_ALLOWANCE_LIMIT");
    w.known[0].confirmed = 1;
    vector("12: a confirmation gives room", "OK");
    start();
    w.news_time = w.now - DAY - 1;
    knows(&wallet, 2, 500, 1100, 2, 0);
    vector("12: all that a line may have on stale news", "OK");
    w.known[0].to++;
    vector("12: a cent more on stale news", "TILL_ALLOWANCE_LIMIT");
    w.news_time = w.now - 7 * DAY;
    w.known[0].to--;
    vector("12: last second of stale news", "OK");
    w.news_time--;
    vector("12: news too old", "NEWS_STALE");
}

static void
step_12_anonymous(void)
{
    start();
    allowance.tier = 1;
    knows(&wallet, 1, 500, 600, 2, 0);
    vector("12: all of an anonymous line", "OK");
    w.known[0].to++;
    vector("12: a cent more of an anonymous line", "TILL_ALLOWANCE_LIMIT");
    start();
    allowance.tier = 1;
    for (unsigned i = 0; i < 10; i++)
        knows(&wallet_2, 1, 0, 460, i, 0);
    vector("12: all anonymous cents", "OK");
    w.known[0].to++;
    vector("12: an anonymous cent more", "ANONYMOUS_LIMIT");
    allowance.tier = 2;
    vector("12: the others are not held up", "OK");
    w.parameters.anonymous_allowance = 399;
    allowance.tier = 1;
    vector("12: line before all anonymous", "TILL_ALLOWANCE_LIMIT");
}

static void
step_12_till(void)
{
    start();
    for (unsigned i = 0; i < 59; i++)
        knows(&wallet_2, 2, 0, 1, i, 0);
    vector("12: the last of 60", "OK");
    knows(&wallet_2, 2, 0, 1, 59, 0);
    vector("12: one more than 60", "TILL_COUNT_LIMIT");
    w.known[3].confirmed = 1;
    vector("12: one of 60 confirmed", "OK");
    start();
    w.news_time = w.now - 2 * DAY;
    for (unsigned i = 0; i < 23; i++)
        knows(&wallet_2, 2, 0, 1, i, 0);
    vector("12: the last of 24 on stale news", "OK");
    knows(&wallet_2, 2, 0, 1, 23, 0);
    vector("12: one more than 24 on stale news", "TILL_COUNT_LIMIT");
    start();
    for (unsigned i = 0; i < 31; i++)
        knows(&wallet_2, 2, 0, 1600, i, 0);
    vector("12: all of the till's sum", "OK");
    w.known[0].to++;
    vector("12: a cent more than the till's sum", "TILL_TOTAL_LIMIT");
    start();
    w.news_time = w.now - 2 * DAY;
    for (unsigned i = 0; i < 14; i++)
        knows(&wallet_2, 2, 0, 1400, i, 0);
    vector("12: all of the till's sum on stale news", "OK");
    w.known[0].to++;
    vector("12: a cent more on stale news in all", "TILL_TOTAL_LIMIT");
    w.till.count = 37;
    vector("12: number before sum, rounded down to 14", "TILL_COUNT_LIMIT");
    w.till.count = 38;
    vector("12: number rounded down to 15", "TILL_TOTAL_LIMIT");
}

void
make_accept(void)
{
    forge_key(&issuer_key, "allowance role");
    forge_key(&enrolment, "enrolment role");
    forge_key(&wallet, "wallet");
    forge_key(&wallet_2, "another wallet");
    forge_key(&till_key, "till");
    forge_key(&thief, "thief");
    out_open("accept", "accept");
    steps_1_to_3();
    step_4();
    step_5();
    step_6();
    steps_7_to_9();
    step_10();
    step_11();
    step_12_line();
    step_12_anonymous();
    step_12_till();
    out_close();
}
