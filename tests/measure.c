#include "measure.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "fixture.h"

uint64_t
measure_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

uint64_t
measure_per_second(uint64_t count, uint64_t ns)
{
    return ns == 0 ? 0 : count * 1000000000U / ns;
}

void
measure_print(const char *name, uint64_t value, const char *unit)
{
    printf("bench %s %llu %s\n", name, (unsigned long long)value, unit);
    fflush(stdout);
}

void
measure_print_ratio(const char *name, uint64_t part, uint64_t whole)
{
    const uint64_t milli = whole == 0 ? 0 : part * 1000 / whole;

    printf("bench %s %llu.%03llu ratio\n", name, (unsigned long long)(milli / 1000),
           (unsigned long long)(milli % 1000));
    fflush(stdout);
}

static void
must(enum status status)
{
    if (status != STATUS_OK)
        abort();
}

uint64_t
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
    begun = measure_ns();
    do {
        for (unsigned i = 0; i < 64; i++)
            must(crypt_verify(&key.key, &signature, text));
        count += 64;
    } while (measure_ns() - begun < 500000000U);
    return measure_per_second(count, measure_ns() - begun);
}

uint64_t
measure_commit(struct store *store)
{
    static const uint8_t name[] = "bench";
    struct store_txn txn;
    const uint64_t begun = measure_ns();
    uint64_t count = 0;

    do {
        must(store_begin_write(&txn, store));
        must(store_put(&txn, STORE_SIDE, (struct span){name, sizeof name},
                       (struct span){(const uint8_t *)&count, sizeof count}));
        must(store_commit(&txn));
        count++;
    } while (measure_ns() - begun < 1000000000U);
    return measure_per_second(count, measure_ns() - begun);
}

uint64_t
measure_scale(void)
{
    const char *const given = getenv("BENCH_SCALE");
    const unsigned long scale = given == NULL ? 1 : strtoul(given, NULL, 10);

    return scale == 0 ? 1 : scale;
}
