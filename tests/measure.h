/* What the benchmarks share: time, rates, and the machine's own speed in the same run. */
#ifndef SCHWEBE_MEASURE_H
#define SCHWEBE_MEASURE_H

#include <stdint.h>

#include "ledger/store.h"

/* Nanoseconds on a clock that nobody sets. */
uint64_t measure_ns(void);

uint64_t measure_per_second(uint64_t count, uint64_t ns);

/* Print `bench NAME VALUE UNIT`; a ratio with three decimals. */
void measure_print(const char *name, uint64_t value, const char *unit);
void measure_print_ratio(const char *name, uint64_t part, uint64_t whole);

/* V: signatures that one core verifies in a second. K: synced commits of this store in a second. */
uint64_t measure_verify(void);
uint64_t measure_commit(struct store *store);

/* BENCH_SCALE of the environment, by which sizes are divided; 1 without it. */
uint64_t measure_scale(void);

#endif
