/* What the service tells whoever runs it: one JSON object a line, for journald or a file. Counts
 * and statuses only; no purse, no amount, no address of anybody can come in, as nothing here takes
 * one.
 */
#ifndef SCHWEBE_JOURNAL_H
#define SCHWEBE_JOURNAL_H

#include <stddef.h>
#include <stdint.h>

#include "protocol/status.h"
#include "serve.h"

/* How often what happened is summed up, at most; seconds. */
#define JOURNAL_SECONDS 60

/* A member of a line: a text, or a number when `text` is NULL. Borrows. */
struct journal_field {
    const char *name;
    const char *text;
    uint64_t number;
};

struct journal {
    int fd;                     /* borrowed */
    uint64_t summed_unix_s;     /* when the last sum was written or looked for */
    enum status store;          /* as it was last told */
    struct serve_counts seen;   /* of the last look */
    struct serve_counts summed; /* of the last sum */
};

/* Lines go to `fd`. Nothing has been seen yet. */
void journal_begin(struct journal *out, int fd, uint64_t now_unix_s);

/* Writes one line with the time and the name of an event in front, in one piece. A line that cannot
 * be written is lost: the service goes on. */
void journal_write(const struct journal *journal, uint64_t now_unix_s, const char *event,
                   const struct journal_field *fields, size_t count);

/* Looks at what the service has counted since the last look, and writes what happened: `failed` and
 * `recovered` for commits, `store` for another reason why nothing is booked, `day` for a day's
 * duties, and `sum` once a minute when parcels came or something was refused. To be called about
 * once a second. */
void journal_look(struct journal *journal, uint64_t now_unix_s, enum status store,
                  const struct serve_counts *counts);

/* Writes the sum of what was not summed up yet: before the end. */
void journal_sum(struct journal *journal, uint64_t now_unix_s);

#endif
