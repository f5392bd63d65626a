#include "progress.h"

#include <stdio.h>
#include <unistd.h>

#include "clock.h"

#define EACH_MS 200
/* Before this nobody knows how fast it goes. */
#define RATE_MS 1000
/* More than two days are no forecast. */
#define LEFT_MAX_S 172800

static uint64_t
now_ms(void)
{
    const struct timespec now = clock_in_seconds(0);

    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void
progress_open(struct progress *progress, bool english)
{
    *progress = (struct progress){.shown = isatty(STDERR_FILENO) != 0, .english = english};
}

/* "2:05:09" or "5:09". */
static void
format_time(char *out, size_t cap, uint64_t seconds)
{
    const unsigned hours = (unsigned)(seconds / 3600 % 1000);
    const unsigned minutes = (unsigned)(seconds / 60 % 60);

    if (hours > 0)
        (void)snprintf(out, cap, "%u:%02u:%02u", hours, minutes, (unsigned)(seconds % 60));
    else
        (void)snprintf(out, cap, "%u:%02u", minutes, (unsigned)(seconds % 60));
}

static unsigned
percent(uint64_t done, uint64_t all)
{
    /* Without overflow for whatever a log says of its size. */
    return all < UINT64_MAX / 100 ? (unsigned)(done * 100 / all) : (unsigned)(done / (all / 100));
}

void
progress_line(char out[static PROGRESS_LINE_MAX], uint64_t done, uint64_t all, uint64_t first,
              uint64_t ms, bool english)
{
    const uint64_t fresh = done > first ? done - first : 0;
    const uint64_t rate = ms >= RATE_MS ? fresh * 1000 / ms : 0;
    size_t len = (size_t)snprintf(out, PROGRESS_LINE_MAX, "%llu", (unsigned long long)done);
    char left[16];

    if (all >= done && all > 0)
        len += (size_t)snprintf(out + len, PROGRESS_LINE_MAX - len, "/%llu (%u %%)",
                                (unsigned long long)all, percent(done, all));
    len += (size_t)snprintf(out + len, PROGRESS_LINE_MAX - len, " %s",
                            english ? "entries" : "Einträge");
    if (rate == 0)
        return;
    len +=
        (size_t)snprintf(out + len, PROGRESS_LINE_MAX - len, ", %llu/s", (unsigned long long)rate);
    if (all < done || all == 0 || (all - done) / rate > LEFT_MAX_S)
        return;
    format_time(left, sizeof left, (all - done + rate - 1) / rate);
    if (english)
        (void)snprintf(out + len, PROGRESS_LINE_MAX - len, ", %s left", left);
    else
        (void)snprintf(out + len, PROGRESS_LINE_MAX - len, ", noch %s", left);
}

void
progress_show(void *context, uint64_t done, uint64_t all)
{
    struct progress *const progress = context;
    char line[PROGRESS_LINE_MAX];
    uint64_t now;

    if (!progress->shown)
        return;
    now = now_ms();
    if (!progress->begun) {
        progress->begun = true;
        progress->first = done;
        progress->begun_ms = now;
    } else if (now - progress->last_ms < EACH_MS) {
        return;
    }
    progress->last_ms = now;
    progress_line(line, done, all, progress->first, now - progress->begun_ms, progress->english);
    /* Back to the margin, the line, and nothing behind it. */
    fprintf(stderr, "\r%s\033[K", line);
    fflush(stderr);
    progress->written = true;
}

void
progress_close(struct progress *progress)
{
    if (progress->written)
        fputs("\r\033[K", stderr);
    progress->written = false;
}
