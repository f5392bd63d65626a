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

bool
clock_condition(pthread_cond_t *out)
{
    pthread_condattr_t attributes;
    bool made;

    if (pthread_condattr_init(&attributes) != 0)
        return false;
    made = pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0 &&
           pthread_cond_init(out, &attributes) == 0;
    pthread_condattr_destroy(&attributes);
    return made;
}
