/* The machine's clock, for the programs that run on; everything else is told the time. */
#ifndef SCHWEBE_CLOCK_H
#define SCHWEBE_CLOCK_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* Seconds since 1970 by the machine's clock, which people set; 0 before that. */
uint64_t clock_unix_s(void);

/* The moment so many seconds from now on CLOCK_MONOTONIC, for pthread_cond_timedwait. */
struct timespec clock_in_seconds(unsigned seconds);

/* Makes a condition that waits on that clock; false when there is none to be had. */
bool clock_condition(pthread_cond_t *out);

#endif
