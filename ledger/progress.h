/* How far a long command is: one line on the terminal that is written over, and gone at the end.
 * Nothing at all where no terminal is. */
#ifndef SCHWEBE_PROGRESS_H
#define SCHWEBE_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PROGRESS_LINE_MAX 120

struct progress {
    bool shown; /* standard error is a terminal */
    bool english;
    bool written;
    bool begun;
    uint64_t first; /* entries that were done before the first call */
    uint64_t begun_ms;
    uint64_t last_ms;
};

void progress_open(struct progress *progress, bool english);

/* Shows that `done` entries of `all` are done, 0 when nobody knows how many there are; at most five
 * times a second. A verify_progress, whose context is the struct. */
void progress_show(void *context, uint64_t done, uint64_t all);

/* Takes the line away. */
void progress_close(struct progress *progress);

/* Fills `out` with what the line says after `ms`, in which `done` rose from `first` on. */
void progress_line(char out[static PROGRESS_LINE_MAX], uint64_t done, uint64_t all, uint64_t first,
                   uint64_t ms, bool english);

#endif
