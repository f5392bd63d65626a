/* What a settlement costs: how often a second one core verifies a signature (V), the store commits
 * (K), and the ledger applies a payment without checking signatures (L) and with it, in one thread.
 * Prints `bench NAME VALUE UNIT`; BENCH_SCALE=N in the environment divides the size of the city. */
#include "load.h"
#include "scratch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

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

static uint64_t
now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

static uint64_t
per_second(uint64_t count, uint64_t ns)
{
    return ns == 0 ? 0 : count * 1000000000U / ns;
}

static void
print(const char *name, uint64_t value, const char *unit)
{
    printf("bench %s %llu %s\n", name, (unsigned long long)value, unit);
    fflush(stdout);
}

/* Thousandths of `part` in `whole`. */
static void
print_ratio(const char *name, uint64_t part, uint64_t whole)
{
    const uint64_t milli = whole == 0 ? 0 : part * 1000 / whole;

    printf("bench %s %llu.%03llu ratio\n", name, (unsigned long long)(milli / 1000),
           (unsigned long long)(milli % 1000));
    fflush(stdout);
}

static uint64_t
measure_verify(void)
{
    const uint8_t message[200] = {1};
    const struct span text = {message, sizeof message};
    struct fixture_key key;
    struct signature signature;
    uint64_t count = 0;
    uint64_t begun;

    fixture_key(&key, "bench", 1);
    crypt_sign(&signature, &key.secret, text);
    begun = now_ns();
    do {
        for (unsigned i = 0; i < 64; i++)
            MUST(crypt_verify(&key.key, &signature, text));
        count += 64;
    } while (now_ns() - begun < 500000000U);
    return per_second(count, now_ns() - begun);
}

static uint64_t
measure_commit(void)
{
    static const uint8_t name[] = "bench";
    struct store_txn txn;
    const uint64_t begun = now_ns();
    uint64_t count = 0;

    do {
        MUST(store_begin_write(&txn, &city.store));
        MUST(store_put(&txn, STORE_SIDE, (struct span){name, sizeof name},
                       (struct span){(const uint8_t *)&count, sizeof count}));
        MUST(store_commit(&txn));
        count++;
    } while (now_ns() - begun < 1000000000U);
    return per_second(count, now_ns() - begun);
}

/* All uploads of a round, in transactions of BATCH. */
static uint64_t
submit(const struct load_upload *uploads, size_t count, bool trust)
{
    uint64_t spent = 0;

    city.intake.apply.trust = trust;
    for (size_t i = 0; i < count; i += BATCH) {
        const size_t end = i + BATCH < count ? i + BATCH : count;
        const uint64_t begun = now_ns();

        MUST(intake_batch_begin(&city.intake, fixture_moment(&city)));
        for (size_t j = i; j < end; j++) {
            MUST(intake_batch_submit(&city.intake, &city.result,
                                     (struct span){uploads[j].bytes, uploads[j].len}));
            if (!city.result.repeated)
                load_answer(&load, uploads[j].till, city.result.answer);
        }
        MUST(intake_batch_end(&city.intake));
        spent += now_ns() - begun;
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
            load_upload(&load, &uploads[i], i);
        spent += submit(uploads, count, trust);
        spent_again += submit(uploads, count, trust);
        for (size_t i = 0; i < count; i++)
            load_upload_free(&uploads[i]);
        done += count;
    }
    free(uploads);
    *again = per_second(done * LOAD_ITEMS, spent_again);
    return per_second(done * LOAD_ITEMS, spent);
}

int
main(void)
{
    const char *const given = getenv("BENCH_SCALE");
    const unsigned long scale = given == NULL ? 1 : strtoul(given, NULL, 10);
    const uint64_t payments = PAYMENTS / (scale == 0 ? 1 : scale);
    char folder[] = "build/bench-XXXXXX";
    uint64_t begun = now_ns();
    uint64_t verified;
    uint64_t applied;
    uint64_t settled;
    uint64_t again;

    if (scale == 0 || mkdtemp(folder) == NULL)
        abort();
    fixture_open_in(&city, folder);
    load_open(&load, &city, TILLS / scale, WALLETS / scale);
    print("settle_prepared", (now_ns() - begun) / 1000000U, "ms");
    verified = measure_verify();
    print("verify_rate", verified, "1/s");
    print("commit_rate", measure_commit(), "1/s");
    applied = measure_settle(payments, true, &again);
    print("apply_rate", applied, "1/s");
    print_ratio("apply_per_core_ratio", applied, verified);
    settled = measure_settle(payments, false, &again);
    print("settle_one_thread_rate", settled, "1/s");
    print_ratio("settle_one_thread_ratio", settled, verified);
    print("duplicate_rate", again, "1/s");
    print_ratio("duplicate_ratio", verified, again);
    load_close(&load);
    fixture_close(&city);
    return 0;
}
