#include "journal.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "json.h"

#define LINE_MAX_BYTES 1024

void
journal_begin(struct journal *out, int fd, uint64_t now_unix_s)
{
    memset(out, 0, sizeof *out);
    out->fd = fd;
    out->summed_unix_s = now_unix_s;
}

static void
put_out(int fd, const char *line, size_t len)
{
    ssize_t put;

    do
        put = write(fd, line, len);
    while (put < 0 && errno == EINTR);
}

void
journal_write(const struct journal *journal, uint64_t now_unix_s, const char *event,
              const struct journal_field *fields, size_t count)
{
    struct json_t *const json = json_map();
    char line[LINE_MAX_BYTES];
    size_t len = 0;
    bool good =
        json_put_number(json, "time_unix_s", now_unix_s) && json_put_text(json, "event", event);

    for (size_t i = 0; i < count && good; i++)
        good = fields[i].text != NULL ? json_put_text(json, fields[i].name, fields[i].text)
                                      : json_put_number(json, fields[i].name, fields[i].number);
    if (good)
        len = json_print(line, sizeof line - 1, json);
    json_drop(json);
    if (len == 0)
        return;
    line[len++] = '\n';
    put_out(journal->fd, line, len);
}

void
journal_sum(struct journal *journal, uint64_t now_unix_s)
{
    const struct serve_counts *const from = &journal->summed;
    const struct serve_counts *const to = &journal->seen;
    const struct journal_field fields[] = {
        {"seconds", NULL, now_unix_s - journal->summed_unix_s},
        {"parcels", NULL, to->writer.jobs - from->writer.jobs},
        {"refused", NULL, to->writer.refused - from->writer.refused},
        {"repeated", NULL, to->writer.repeated - from->writer.repeated},
        {"entries", NULL, to->writer.entries - from->writer.entries},
        {"batches", NULL, to->writer.batches - from->writer.batches},
        {"busy", NULL, to->writer.busy - from->writer.busy},
        {"answers_2xx", NULL, to->answers[2] - from->answers[2]},
        {"answers_4xx", NULL, to->answers[4] - from->answers[4]},
        {"answers_5xx", NULL, to->answers[5] - from->answers[5]},
        {"waiting", NULL, to->waiting},
    };
    bool happened = false;

    /* Mere questions, such as those of a watcher, are no event. */
    for (size_t i = 1; i < sizeof fields / sizeof fields[0] && !happened; i++)
        happened = fields[i].number > 0 && strcmp(fields[i].name, "answers_2xx") != 0;
    /* A clock that was set back gives no length of time. */
    if (happened && now_unix_s >= journal->summed_unix_s)
        journal_write(journal, now_unix_s, "sum", fields, sizeof fields / sizeof fields[0]);
    journal->summed = *to;
    journal->summed_unix_s = now_unix_s;
}

static void
look_at_store(struct journal *journal, uint64_t now_unix_s, enum status store,
              const struct writer_counts *now)
{
    const struct writer_counts *const before = &journal->seen.writer;
    const struct journal_field status = {"status", status_name(store), 0};

    if (now->failures > before->failures) {
        const struct journal_field failed = {"commits", NULL, now->failures - before->failures};

        journal_write(journal, now_unix_s, "failed", &failed, 1);
    }
    if (now->reopens > before->reopens)
        journal_write(journal, now_unix_s, "recovered", NULL, 0);
    if (store != STATUS_OK && store != journal->store)
        journal_write(journal, now_unix_s, "store", &status, 1);
    journal->store = store;
}

void
journal_look(struct journal *journal, uint64_t now_unix_s, enum status store,
             const struct serve_counts *counts)
{
    const struct writer_counts *const before = &journal->seen.writer;

    assert(counts->writer.jobs >= before->jobs);
    look_at_store(journal, now_unix_s, store, &counts->writer);
    if (counts->writer.days > before->days) {
        const struct journal_field entries = {"entries", NULL,
                                              counts->writer.duty_entries - before->duty_entries};

        journal_write(journal, now_unix_s, "day", &entries, 1);
    }
    journal->seen = *counts;
    if (now_unix_s < journal->summed_unix_s ||
        now_unix_s - journal->summed_unix_s >= JOURNAL_SECONDS)
        journal_sum(journal, now_unix_s);
}
