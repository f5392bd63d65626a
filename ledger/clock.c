#include "clock.h"

uint64_t
clock_unix_s(void)
{
    const time_t now = time(NULL);

    return now < 0 ? 0 : (uint64_t)now;
}

struct timespec
clock_in_seconds(unsigned seconds)
{
    struct timespec moment = {0};

    clock_gettime(CLOCK_MONOTONIC, &moment);
    moment.tv_sec += seconds;
    return moment;
}
