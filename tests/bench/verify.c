/* What verifying a whole log costs: payments a second over all cores, and how much of that is the
 * replay itself, which one thread does, without any signature. Prints `bench NAME VALUE UNIT`;
 * BENCH_SCALE=N in the environment divides the size of the city. */
#include "load.h"
#include "measure.h"

#include "ledger/verify.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#define TILLS 100
#define WALLETS 2000
#define PAYMENTS 20000
#define BATCH 32

#define MUST(expression)                                                                           \
    do {                                                                                           \
        const enum status must = (expression);                                                     \
        if (must != STATUS_OK) {                                                                   \
            fprintf(stderr, "verify: line %d: %s: %s\n", __LINE__, #expression,                    \
                    status_name(must));                                                            \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

static struct fixture_city city;
static struct load load;
static struct verify_report report;

/* Uploads of all tills in turn, until there are so many payments. */
static void
fill(uint64_t payments)
{
    for (uint64_t done = 0; done < payments;) {
        MUST(intake_batch_begin(&city.intake, fixture_moment(&city)));
        for (size_t i = 0; i < BATCH && done < payments; i++, done += LOAD_ITEMS) {
            const size_t till = (size_t)(done / LOAD_ITEMS) % load.till_count;
            struct load_upload upload;

            load_upload(&load, &upload, till, LOAD_ITEMS);
            MUST(intake_batch_submit(&city.intake, &city.result,
                                     (struct span){upload.bytes, upload.len}));
            load_answer(&load, till, city.result.answer);
            load_upload_free(&upload);
        }
        MUST(intake_batch_end(&city.intake));
    }
}

/* What the processes that did the work have used so far of all cores. */
static uint64_t
used_ns(void)
{
    struct rusage used;

    if (getrusage(RUSAGE_CHILDREN, &used) != 0)
        abort();
    return ((uint64_t)used.ru_utime.tv_sec + (uint64_t)used.ru_stime.tv_sec) * 1000000000U +
           ((uint64_t)used.ru_utime.tv_usec + (uint64_t)used.ru_stime.tv_usec) * 1000U;
}

/* Payments a second; `busy` for each second of a core that was used, so that what else the machine
 * does counts less. */
static uint64_t
measure(unsigned threads, bool trust, uint64_t *busy)
{
    const struct verify_options options = {.threads = threads, .trust = trust};
    const uint64_t used = used_ns();
    const uint64_t begun = measure_ns();
    uint64_t ns;

    MUST(verify_directory_with(&report, city.folder, &options));
    ns = measure_ns() - begun;
    *busy = measure_per_second(report.transfers, used_ns() - used);
    return measure_per_second(report.transfers, ns);
}

int
main(void)
{
    const uint64_t scale = measure_scale();
    const unsigned cores = verify_cores();
    char folder[] = "build/bench-XXXXXX";
    uint64_t begun = measure_ns();
    uint64_t verified;
    uint64_t one;
    uint64_t all;
    uint64_t replay;
    uint64_t one_busy;
    uint64_t all_busy;
    uint64_t replay_busy;

    if (mkdtemp(folder) == NULL)
        abort();
    fixture_open_in(&city, folder);
    load_open(&load, &city, TILLS / scale + 1, WALLETS / scale + 1);
    fill(PAYMENTS / scale);
    measure_print("verify_prepared", (measure_ns() - begun) / 1000000U, "ms");
    verified = measure_verify();
    measure_print("signature_rate", verified, "1/s");
    one = measure(1, false, &one_busy);
    all = measure(cores, false, &all_busy);
    replay = measure(1, true, &replay_busy);
    measure_print("verify_cores", cores, "1");
    measure_print("verify_entries", report.size, "1");
    measure_print("verify_transfers", report.transfers, "1");
    measure_print("verify_one_thread_rate", one, "1/s");
    measure_print("verify_rate", all, "1/s");
    measure_print_ratio("verify_ratio", all, verified * cores);
    measure_print("replay_rate", replay, "1/s");
    measure_print_ratio("replay_ratio", replay, verified);
    measure_print("verify_one_thread_core_rate", one_busy, "1/s");
    measure_print("verify_core_rate", all_busy, "1/s");
    measure_print("replay_core_rate", replay_busy, "1/s");
    load_close(&load);
    fixture_close(&city);
    return 0;
}
