/* ledger/intake: the letters of a working day in any order, twice, cut off, changed, with parts
 * exchanged, and the node's own work in between. After every step the books add up; a refusal
 * leaves log and state as they were; what was taken is taken once. */
#include "letters.h"

#define STEPS_MAX 12

/* What the ledger holds at a moment. */
struct shot {
    uint64_t size;
    struct digest state;
};

static struct letters all;
static struct shot last;

static void
stop(void)
{
    fixture_close(&all.city);
}

/* Counts the books too. */
static void
shoot(struct shot *out)
{
    static struct apply reader;
    struct store_txn txn;

    EXPECT(store_begin_read(&txn, &all.city.store) == STATUS_OK);
    EXPECT(log_size(&out->size, &txn) == STATUS_OK);
    EXPECT(apply_begin(&reader, &txn) == STATUS_OK);
    EXPECT(book_recount(&reader.state) == STATUS_OK);
    EXPECT(state_digest(&out->state, &reader.state) == STATUS_OK);
    store_abort(&txn);
}

/* A refused statement leaves at most evidence behind. */
static void
check_evidence(uint64_t from, uint64_t to)
{
    struct store_txn txn;

    EXPECT(store_begin_read(&txn, &all.city.store) == STATUS_OK);
    for (uint64_t i = from; i < to; i++) {
        static struct msg_entry entry;
        struct span bytes;

        EXPECT(log_read(&bytes, &txn, i) == STATUS_OK);
        EXPECT(schema_decode(&entry, &msg_entry_schema, bytes) == STATUS_OK);
        EXPECT(entry.kind == APPLY_EVIDENCE);
    }
    store_abort(&txn);
}

static void
check_step(enum status status, bool statement)
{
    static struct msg_parcel answer;
    const struct intake_result *result = &all.city.result;
    const bool nothing = status != STATUS_OK || result->count == 0 || all.city.moment.dry_run;
    struct shot after;

    shoot(&after);
    EXPECT(status != STATUS_STORE_BROKEN && status != STATUS_BOOKS);
    EXPECT(status != STATUS_ENTRY_RECOMPUTE && status != STATUS_STATE_DIGEST);
    if (status == STATUS_OK && !all.city.moment.dry_run)
        EXPECT(after.size == last.size + result->count);
    if (status == STATUS_INTERVAL_OVERLAP && statement)
        check_evidence(last.size, after.size);
    else if (nothing)
        EXPECT(memcmp(&last, &after, sizeof after) == 0);
    if (status == STATUS_OK && result->answer.len > 0)
        EXPECT(schema_decode(&answer, &msg_parcel_schema, result->answer) == STATUS_OK);
    if (status != STATUS_OK)
        EXPECT(fuzz_all(result, sizeof *result, 0));
    last = after;
}

static enum status
submit(struct span parcel, bool statement)
{
    enum status status;

    memset(&all.city.result, FUZZ_RUBBISH, sizeof all.city.result);
    status = intake_submit(&all.city.intake, &all.city.result, parcel, fixture_moment(&all.city));
    check_step(status, statement);
    return status;
}

/* The node's own work. */
static void
work(uint8_t which)
{
    struct fixture_city *city = &all.city;
    enum status status;

    memset(&city->result, FUZZ_RUBBISH, sizeof city->result);
    switch (which % 4) {
    case 0:
        status = intake_close_due(&city->intake, &city->result, fixture_moment(city));
        break;
    case 1:
        status = intake_expire(&city->intake, &city->result, fixture_moment(city));
        break;
    case 2:
        status = intake_service_day(&city->intake, &city->result, fixture_moment(city));
        break;
    default:
        status = intake_close(&city->intake, &city->result,
                              which % 8 < 4 ? &all.known.line : &all.anonymous.line,
                              fixture_moment(city));
        break;
    }
    check_step(status, false);
}

/* A changed act or request is never carried out, though a known one may be known still. Which of
 * the two the parcel says it is, in its second byte, decides nothing. */
static void
submit_flipped(const struct letter *letter, struct span *in)
{
    static uint8_t bytes[LETTER_MAX];
    struct span parcel = letter_flip(bytes, letter, in);
    struct span whole = {letter->bytes, letter->len};

    if (submit(parcel, letter->kind == MSG_PARCEL_STATEMENT) != STATUS_OK)
        return;
    (void)fuzz_take(&parcel, 2);
    (void)fuzz_take(&whole, 2);
    if ((letter->kind == MSG_PARCEL_ACT || letter->kind == MSG_PARCEL_ASK) &&
        !fuzz_same(parcel, whole))
        EXPECT(all.city.result.repeated && all.city.result.count == 0);
}

/* What was taken is, right afterwards, known. */
static void
submit_whole(const struct letter *letter)
{
    const struct span bytes = {letter->bytes, letter->len};
    const bool statement = letter->kind == MSG_PARCEL_STATEMENT;

    if (submit(bytes, statement) != STATUS_OK || all.city.moment.dry_run)
        return;
    EXPECT(submit(bytes, statement) == STATUS_OK);
    EXPECT(all.city.result.count == 0);
}

static void
submit_shuffled(const struct letter *letter, struct span *in)
{
    static uint8_t bytes[2 * LETTER_MAX];
    const struct letter *other = &all.letters[fuzz_byte(in) % all.count];

    (void)(submit(letter_shuffle(bytes, letter, other, in), true) == STATUS_OK);
}

static void
step(struct span *in)
{
    const uint8_t choice = fuzz_byte(in);
    const uint8_t which = fuzz_byte(in);
    const struct letter *letter = &all.letters[which % all.count];

    all.city.moment.dry_run = choice / 8 % 4 == 3;
    switch (choice % 8) {
    case 0:
        submit_flipped(letter, in);
        break;
    case 1:
        submit_shuffled(letter, in);
        break;
    case 2:
        fixture_later(&all.city, UINT64_C(3600) * which);
        break;
    case 3:
        work(which);
        break;
    default:
        submit_whole(letter);
        break;
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span in = {data, size};

    if (all.count == 0) {
        letters_write(&all);
        EXPECT(atexit(stop) == 0);
    } else {
        letters_restore(&all);
    }
    shoot(&last);
    const bool replay = fuzz_byte(&in) % 16 == 0;

    for (unsigned steps = 0; steps < STEPS_MAX && in.len > 0; steps++)
        step(&in);
    if (replay)
        EXPECT(fixture_replay(&all.city) == STATUS_OK);
    return 0;
}

/* Mostly whole letters. */
static size_t
make(uint8_t *out, uint64_t *random)
{
    size_t len = 0;

    out[len++] = (uint8_t)forge_random(random);
    for (uint64_t i = 1 + forge_below(random, STEPS_MAX); i > 0; i--) {
        out[len++] = (uint8_t)(forge_below(random, 3) == 0 ? forge_below(random, 8) : 4);
        out[len++] = (uint8_t)forge_random(random);
        if (out[len - 2] < 2)
            for (unsigned k = 0; k < 3; k++)
                out[len++] = (uint8_t)forge_random(random);
    }
    return len;
}

FUZZ_MAKER(make)
