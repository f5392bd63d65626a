#include "check.h"
#include "fixture.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

/* The traces of tests/model, replayed through intake: each step must get the answer of the rules,
 * and the sums must come out as in the model. One cell is one cent. Where the model's wallet is the
 * broken part, its ledger is not, and all steps are taken; where its ledger is broken, the steps
 * that the rules refuse are left out. */

#define FOLDER "tests/model/traces"
#define STEPS_MAX 64
#define TILLS_MAX 3
#define CELLS_MAX 3

struct step {
    char what[24];
    char till[4];
    unsigned from;
    unsigned to;
    char who[16];
    char ground[16];
    char answer[24];
};

struct trace {
    char name[64];
    unsigned cells;
    unsigned tills;
    unsigned limit;
    bool room; /* a confirmation gives room back */
    bool wallet_broken;
    size_t count;
    struct step steps[STEPS_MAX];
    unsigned totals[9];
};

static const char *const total_names[9] = {"reserve", "fund",   "overlap", "recovered", "returned",
                                           "paid",    "claims", "proof",   "closed"};

static struct trace trace;

/* --- reading --- */

/* Splits "WHAT [TILL FROM TO] [WHO GROUND] -> HERE RULES" at its spaces. */
static bool
read_step(struct step *step, char *text)
{
    char *words[12];
    size_t count = 0;
    char *rest = text;
    size_t arrow = 0;

    memset(step, 0, sizeof *step);
    while (count < 12 && *rest != '\0') {
        words[count++] = rest;
        while (*rest != '\0' && *rest != ' ')
            rest++;
        while (*rest == ' ')
            *rest++ = '\0';
    }
    while (arrow < count && strcmp(words[arrow], "->") != 0)
        arrow++;
    if (count < 3 || arrow + 3 != count)
        return false;
    snprintf(step->what, sizeof step->what, "%s", words[0]);
    snprintf(step->answer, sizeof step->answer, "%s",
             words[trace.wallet_broken ? arrow + 1 : arrow + 2]);
    if (arrow >= 4) {
        snprintf(step->till, sizeof step->till, "%s", words[1]);
        step->from = (unsigned)strtoul(words[2], NULL, 10);
        step->to = (unsigned)strtoul(words[3], NULL, 10);
    }
    if (arrow >= 6) {
        snprintf(step->who, sizeof step->who, "%s", words[4]);
        snprintf(step->ground, sizeof step->ground, "%s", words[5]);
    }
    return true;
}

static void
read_total(const char *text)
{
    for (unsigned i = 0; i < 9; i++) {
        const size_t len = strlen(total_names[i]);
        char *end;

        if (strncmp(text, total_names[i], len) == 0 && text[len] == ' ') {
            const unsigned long here = strtoul(text + len, &end, 10);
            const unsigned long rules = strtoul(end, NULL, 10);

            trace.totals[i] = (unsigned)(trace.wallet_broken ? here : rules);
        }
    }
}

static void
read_line(char *line)
{
    static const struct {
        const char *text;
        unsigned *value;
    } sizes[] = {{"line A ", &trace.cells}, {"line T ", &trace.tills}, {"line K ", &trace.limit}};

    line[strcspn(line, "\n")] = '\0';
    for (unsigned i = 0; i < 3; i++) {
        if (strncmp(line, sizes[i].text, 7) == 0)
            *sizes[i].value = (unsigned)strtoul(line + 7, NULL, 10);
    }
    if (strcmp(line, "broken wallet") == 0)
        trace.wallet_broken = true;
    if (strncmp(line, "switch ROOM ", 12) == 0)
        trace.room = true;
    if (strncmp(line, "total ", 6) == 0)
        read_total(line + 6);
    if (strncmp(line, "step ", 5) == 0) {
        CHECK(trace.count < STEPS_MAX);
        CHECK(read_step(&trace.steps[trace.count], line + 5));
        trace.count++;
    }
}

static bool
read_trace(const char *name)
{
    char path[256];
    char line[256];
    FILE *file;

    memset(&trace, 0, sizeof trace);
    snprintf(trace.name, sizeof trace.name, "%s", name);
    snprintf(path, sizeof path, FOLDER "/%s", name);
    file = fopen(path, "r");
    if (file == NULL)
        return false;
    while (fgets(line, sizeof line, file) != NULL)
        read_line(line);
    fclose(file);
    return trace.count > 0 && trace.cells > 0 && trace.cells <= CELLS_MAX &&
           trace.tills <= TILLS_MAX;
}

/* --- playing --- */

static struct fixture_city city;
static struct fixture_till tills[TILLS_MAX];
static struct fixture_wallet wallet;
static struct record_line line;
static struct record_transfer record;
static uint64_t lost; /* when the loss was reported */

/* One transfer for each till and interval. */
static struct {
    bool is_signed;
    bool accepted;
    bool uploaded;
    struct fixture_payment payment;
    size_t proof_len;
    uint8_t proof[1024];
} transfers[TILLS_MAX][CELLS_MAX][CELLS_MAX + 1];

static struct money
money(uint64_t cents)
{
    struct money out = MONEY_ZERO;

    CHECK_STATUS(money_from_cents(&out, cents), STATUS_OK);
    return out;
}

/* A till that may accept K cents without a confirmation, and two days of grace. */
static void
enrol(unsigned number)
{
    fixture_merchant(&city, 1 + number);
    fixture_till_limited(&city, &tills[number], 11 + number, 1 + number, trace.limit);
}

static void
begin(void)
{
    struct msg_parameters parameters;

    memset(transfers, 0, sizeof transfers);
    lost = 0;
    fixture_open(&city);
    fixture_genesis(&city);
    fixture_parameters(&parameters, 1, FIXTURE_START);
    parameters.allowance_hours = 24;
    parameters.grace_days = 2;
    parameters.offline_seconds = 2 * FIXTURE_DAY - 1;
    parameters.fresh_seconds = 2 * FIXTURE_DAY - 1;
    parameters.per_allowance = money(1000);
    CHECK_STATUS(fixture_act(&city, &msg_parameters_schema, &parameters, 2, 3), STATUS_OK);
    fixture_programmes(&city);
    for (unsigned i = 0; i < trace.tills; i++)
        enrol(i);
    fixture_purse(&city, &wallet, 1, 1, 2);
    CHECK_STATUS(fixture_issue(&city, &wallet, trace.cells, 0), STATUS_OK);
    CHECK_STATUS(fixture_allowance(&city, &wallet, trace.cells), STATUS_OK);
}

static unsigned
till_of(const struct step *step)
{
    return (unsigned)(step->till[1] - '0');
}

/* The till takes the news out of an answer; the anchor only where it gives room. */
static void
receive(struct fixture_till *till)
{
    static struct msg_parcel parcel;

    CHECK_STATUS(schema_decode(&parcel, &msg_parcel_schema, city.result.answer), STATUS_OK);
    for (size_t i = 0; i < parcel.parts_count; i++) {
        uint64_t type;

        CHECK_STATUS(msg_peek(&type, parcel.parts[i]), STATUS_OK);
        if (type == MSG_ANCHOR && trace.room)
            fixture_item(till, 2, city.moment.time_unix_s, &parcel.parts[i], 1);
        if (type == MSG_NEWS)
            fixture_item(till, 6, city.moment.time_unix_s, &parcel.parts[i], 1);
    }
}

static const char *
outcome_name(unsigned outcome, const struct digest *id)
{
    CHECK(outcome >= LINE_REJECTED || fixture_transfer(&city, &record, id));
    switch (outcome) {
    case LINE_RESERVE:
        return "reserve";
    case LINE_FUND:
        return "fund";
    case LINE_REVIEW:
        return "review";
    case LINE_ALREADY:
        return "duplicate";
    case LINE_CANCELLED:
        return "held";
    case LINE_TILL_BEARS:
        return record.cause == LINE_CAUSE_LOSS ? "bears-late" : "bears";
    default:
        return "?";
    }
}

/* Whether the till accepted something before this that it has not uploaded. */
static bool
leaves_out(unsigned number, size_t before)
{
    for (unsigned from = 0; from < CELLS_MAX; from++) {
        for (unsigned to = from + 1; to <= CELLS_MAX; to++) {
            if (transfers[number][from][to].accepted && !transfers[number][from][to].uploaded &&
                transfers[number][from][to].payment.accepted < before)
                return true;
        }
    }
    return false;
}

/* The model's tills upload in any order; ours leave a gap then. */
static const char *
upload_by_till(const struct step *step)
{
    const unsigned number = till_of(step);
    struct fixture_till *const till = &tills[number];
    const struct fixture_payment *const payment = &transfers[number][step->from][step->to].payment;
    const bool again = transfers[number][step->from][step->to].uploaded;
    const bool alone = again || leaves_out(number, payment->accepted);
    const size_t end = payment->accepted + 1;

    CHECK(transfers[number][step->from][step->to].accepted);
    CHECK_STATUS(fixture_upload(&city, till, alone ? payment->accepted : till->uploaded,
                                alone ? 1 : end - till->uploaded, false),
                 STATUS_OK);
    receive(till);
    transfers[number][step->from][step->to].uploaded = true;
    if (again)
        return "duplicate";
    if (!alone)
        till->uploaded = end;
    return outcome_name(fixture_result(till, payment->accepted), &payment->id);
}

static const char *
upload_by_wallet(const struct step *step)
{
    const unsigned number = till_of(step);
    struct fixture_payment *const payment = &transfers[number][step->from][step->to].payment;
    uint64_t claim = strcmp(step->ground, "receipt") == 0     ? 1
                     : strcmp(step->ground, "delivered") == 0 ? 2
                                                              : 4;
    enum status status;

    /* "Delivered" stands for "settle now" too, which gives the proof that may be carried. */
    if (claim == 2 && city.moment.time_unix_s < payment->request.time + payment->request.seconds)
        claim = 3;
    status = fixture_statement(&city, &wallet, &tills[number], payment, claim);
    if (status == STATUS_INTERVAL_OVERLAP)
        return "overlap";
    if (status == STATUS_CANCELLED)
        return "cancelled";
    if (status != STATUS_OK)
        return status_name(status);
    if (claim == 3 && city.result.answer.len > 0) {
        static struct msg_parcel parcel;

        CHECK_STATUS(schema_decode(&parcel, &msg_parcel_schema, city.result.answer), STATUS_OK);
        transfers[number][step->from][step->to].proof_len = parcel.parts[0].len;
        memcpy(transfers[number][step->from][step->to].proof, parcel.parts[0].data,
               parcel.parts[0].len);
    }
    return outcome_name(city.result.outcome, &payment->id);
}

/* The till logs a settlement proof that the wallet shows. */
static const char *
carry(const struct step *step)
{
    const unsigned number = till_of(step);
    const struct fixture_payment *const payment = &transfers[number][step->from][step->to].payment;
    const struct span messages[2] = {{payment->request_cose, payment->request_len},
                                     {transfers[number][step->from][step->to].proof,
                                      transfers[number][step->from][step->to].proof_len}};

    if (messages[1].len == 0)
        return "no proof";
    fixture_item(&tills[number], 8, city.moment.time_unix_s, messages, 2);
    return "ok";
}

static const char *
end_review(const struct step *step)
{
    static const char reason[] = "Prüfung";
    const struct fixture_payment *const payment =
        &transfers[till_of(step)][step->from][step->to].payment;
    const struct msg_review review = {.network = FIXTURE_NETWORK,
                                      .transfer = payment->id,
                                      .decision = strcmp(step->answer, "fund") == 0 ? 1 : 2,
                                      .reason = {(const uint8_t *)reason, sizeof reason - 1},
                                      .time = city.moment.time_unix_s};
    const enum status status = fixture_act(&city, &msg_review_schema, &review, 3, 13);

    if (status != STATUS_OK || !fixture_transfer(&city, &record, &payment->id))
        return status_name(status);
    return outcome_name((unsigned)record.outcome, &payment->id);
}

/* An evil till may say that it accepted before the loss was reported. */
static void
accept(unsigned number, struct fixture_payment *payment, const struct step *step)
{
    const uint64_t now = city.moment.time_unix_s;
    const bool lies = lost != 0 && strncmp(step->answer, "ok", 2) == 0;

    city.moment.time_unix_s = lies ? lost : now;
    fixture_accept(&city, &tills[number], payment);
    city.moment.time_unix_s = now;
}

/* Steps that name a transfer. */
static const char *
transfer_step(const struct step *step)
{
    const unsigned number = till_of(step);
    static unsigned seq;

    if (strcmp(step->what, "sign") == 0) {
        fixture_forge(&city, &transfers[number][step->from][step->to].payment, &wallet,
                      &tills[number], step->from, step->to, seq++);
        transfers[number][step->from][step->to].is_signed = true;
        return "ok";
    }
    CHECK(transfers[number][step->from][step->to].is_signed);
    if (strcmp(step->what, "accept") == 0) {
        accept(number, &transfers[number][step->from][step->to].payment, step);
        transfers[number][step->from][step->to].accepted = true;
        return step->answer; /* what the till's rules say of it shows in who bears it */
    }
    if (strcmp(step->what, "upload") == 0)
        return strcmp(step->who, "till") == 0 ? upload_by_till(step) : upload_by_wallet(step);
    if (strcmp(step->what, "carry") == 0)
        return carry(step);
    if (strcmp(step->what, "review") == 0)
        return end_review(step);
    if (strcmp(step->what, "cancel") == 0)
        return "ok";
    return step->answer; /* sync is the wallet's own; nothing is ever freed here */
}

/* Steps of the city and of time. */
static const char *
other_step(const struct step *step)
{
    const uint64_t end = wallet.allowance.from + 3600 * wallet.allowance.hours;
    uint64_t *const now = &city.moment.time_unix_s;
    enum status status = STATUS_OK;

    if (strcmp(step->what, "report") == 0) {
        status = fixture_loss(&city, &wallet, true);
        lost = *now;
    } else if (strcmp(step->what, "renew") == 0)
        status = fixture_renewal(&city, &wallet, trace.cells);
    else if (strcmp(step->what, "expire") == 0)
        *now = end;
    else if (strcmp(step->what, "day") == 0) {
        *now = (*now / FIXTURE_DAY + 1) * FIXTURE_DAY;
        status = intake_service_day(&city.intake, &city.result, fixture_moment(&city));
    } else if (strcmp(step->what, "close") == 0) {
        status = intake_close(&city.intake, &city.result, &wallet.line, fixture_moment(&city));
        return status == STATUS_OK ? "ok" : status == STATUS_NOT_DUE ? "refused" : "?";
    }
    return status == STATUS_OK ? "ok" : status_name(status); /* steal, restore, down, up: nothing */
}

static bool
names_a_transfer(const struct step *step)
{
    return step->till[0] == 't';
}

/* --- the sums --- */

static void
sums(unsigned out[9])
{
    uint64_t fund = 0;
    uint64_t overlap = 0;
    uint64_t claims = 0;
    uint64_t paid = 0;

    CHECK(fixture_line(&city, &line, &wallet.line));
    for (unsigned t = 0; t < trace.tills; t++) {
        paid += fixture_owed(&city, 1 + t);
        for (unsigned from = 0; from < CELLS_MAX; from++) {
            for (unsigned to = from + 1; to <= CELLS_MAX; to++) {
                if (!transfers[t][from][to].is_signed ||
                    !fixture_transfer(&city, &record, &transfers[t][from][to].payment.id))
                    continue;
                fund += record.outcome == LINE_FUND ? record.paid : 0;
                overlap += record.outcome == LINE_FUND && record.cause == LINE_CAUSE_OVERLAP
                               ? record.paid
                               : 0;
                claims += record.outcome == LINE_TILL_BEARS ? record.paid : 0;
            }
        }
    }

    const bool closed = (line.flags & RECORD_LINE_CLOSED) != 0;
    const uint64_t left = line.cents - line.settled - line.forfeited - claims;

    out[0] = (unsigned)(closed ? 0 : line.cents - line.settled);
    out[1] = (unsigned)fund;
    out[2] = (unsigned)overlap;
    out[3] = (unsigned)line.forfeited;
    out[4] = (unsigned)(closed ? left : 0);
    out[5] = (unsigned)paid;
    out[6] = (unsigned)claims;
    out[7] = (line.flags & RECORD_LINE_FROZEN) != 0;
    out[8] = closed;
}

static void
play(void)
{
    unsigned got[9];

    begin();
    for (size_t i = 0; i < trace.count; i++) {
        const struct step *const step = &trace.steps[i];
        const char *answer;

        if (strcmp(step->answer, "refused") == 0 && strcmp(step->what, "close") != 0)
            continue;
        fixture_later(&city, 2);
        answer = names_a_transfer(step) ? transfer_step(step) : other_step(step);
        if (strcmp(answer, step->answer) != 0) {
            fprintf(stderr, "    %s, step %zu %s %s %u %u: %s, not %s\n", trace.name, i + 1,
                    step->what, step->till, step->from, step->to, answer, step->answer);
            CHECK(false);
        }
    }
    sums(got);
    for (unsigned i = 0; i < 9; i++) {
        if (got[i] != trace.totals[i]) {
            fprintf(stderr, "    %s, total %s: %u, not %u\n", trace.name, total_names[i], got[i],
                    trace.totals[i]);
            CHECK(false);
        }
    }
    CHECK_STATUS(fixture_recount(&city), STATUS_OK);
    CHECK_STATUS(fixture_replay(&city), STATUS_OK);
    fixture_close(&city);
}

TEST(every_trace_of_the_model)
{
    DIR *const folder = opendir(FOLDER);
    struct dirent *entry;
    unsigned played = 0;

    REQUIRE(folder != NULL);
    while ((entry = readdir(folder)) != NULL) {
        if (strstr(entry->d_name, ".txt") == NULL)
            continue;
        if (!read_trace(entry->d_name)) {
            fprintf(stderr, "    %s cannot be read\n", entry->d_name);
            CHECK(false);
            continue;
        }
        play();
        played++;
    }
    closedir(folder);
    CHECK(played >= 40);
}

int
main(int argc, char **argv)
{
    return check_run(argc, argv);
}
