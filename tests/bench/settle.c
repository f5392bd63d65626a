/* What a settlement costs: how often a second one core verifies a signature (V), the store commits
 * (K), and the ledger applies a payment without checking signatures (L) and with it, in one thread.
 * Prints `bench NAME VALUE UNIT`; BENCH_SCALE=N in the environment divides the size of the city. */
#include "load.h"
#include "measure.h"

#include <stdio.h>
#include <stdlib.h>

#define TILLS 1500
#define WALLETS 100000
#define PAYMENTS 100000
/* Uploads in one transaction: as the service forms them under load. */
#define BATCH 32

#define MUST(expression)                                                                           \
    do {                                                                                           \
        const enum status must = (expression);                                                     \
        if (must != STATUS_OK) {                                                                   \
            fprintf(stderr, "settle: line %d: %s: %s\n", __LINE__, #expression,                    \
                    status_name(must));                                                            \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

static struct fixture_city city;
static struct load load;

/* All uploads of a round, in transactions of BATCH. */
static uint64_t
submit(const struct load_upload *uploads, size_t count, bool trust)
{
    uint64_t spent = 0;

    city.intake.apply.trust = trust;
    for (size_t i = 0; i < count; i += BATCH) {
        const size_t end = i + BATCH < count ? i + BATCH : count;
        const uint64_t begun = measure_ns();

        MUST(intake_batch_begin(&city.intake, fixture_moment(&city)));
        for (size_t j = i; j < end; j++) {
            MUST(intake_batch_submit(&city.intake, &city.result,
                                     (struct span){uploads[j].bytes, uploads[j].len}));
            if (!city.result.repeated)
                load_answer(&load, uploads[j].till, city.result.answer);
        }
        MUST(intake_batch_end(&city.intake));
        spent += measure_ns() - begun;
    }
    city.intake.apply.trust = false;
    return spent;
}

/* Payments a second; also those of the same uploads once more. */
static uint64_t
measure_settle(uint64_t payments, bool trust, uint64_t *again)
{
    const size_t wanted = (size_t)(payments / LOAD_ITEMS);
    struct load_upload *const uploads = calloc(load.till_count, sizeof *uploads);
    uint64_t spent = 0;
    uint64_t spent_again = 0;
    size_t done = 0;

    if (uploads == NULL)
        abort();
    while (done < wanted) {
        const size_t left = wanted - done;
        const size_t count = left < load.till_count ? left : load.till_count;

        for (size_t i = 0; i < count; i++)
            load_upload(&load, &uploads[i], i, LOAD_ITEMS);
        spent += submit(uploads, count, trust);
        spent_again += submit(uploads, count, trust);
        for (size_t i = 0; i < count; i++)
            load_upload_free(&uploads[i]);
        done += count;
    }
    free(uploads);
    *again = measure_per_second(done * LOAD_ITEMS, spent_again);
    return measure_per_second(done * LOAD_ITEMS, spent);
}

int
main(void)
{
    const uint64_t scale = measure_scale();
    const uint64_t payments = PAYMENTS / scale;
    char folder[] = "build/bench-XXXXXX";
    uint64_t begun = measure_ns();
    uint64_t verified;
    uint64_t applied;
    uint64_t settled;
    uint64_t again;

    if (mkdtemp(folder) == NULL)
        abort();
    fixture_open_in(&city, folder);
    load_open(&load, &city, TILLS / scale, WALLETS / scale);
    measure_print("settle_prepared", (measure_ns() - begun) / 1000000U, "ms");
    verified = measure_verify();
    measure_print("verify_rate", verified, "1/s");
    measure_print("commit_rate", measure_commit(&city.store), "1/s");
    applied = measure_settle(payments, true, &again);
    measure_print("apply_rate", applied, "1/s");
    measure_print_ratio("apply_per_core_ratio", applied, verified);
    settled = measure_settle(payments, false, &again);
    measure_print("settle_one_thread_rate", settled, "1/s");
    measure_print_ratio("settle_one_thread_ratio", settled, verified);
    measure_print("duplicate_rate", again, "1/s");
    measure_print_ratio("duplicate_ratio", verified, again);
    load_close(&load);
    fixture_close(&city);
    return 0;
}
