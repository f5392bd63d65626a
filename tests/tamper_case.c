#include "tamper_case.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ledger/verify.h"
#include "scratch.h"

static struct tamper_city town;
static bool there;

struct tamper_city *
tamper_case_city(void)
{
    if (!there)
        tamper_city_open(&town);
    there = true;
    return &town;
}

int
tamper_case_run(int argc, char **argv)
{
    int result;

    /* In memory where that is possible: each verification replays into a store of its own. */
    if (access("/dev/shm", W_OK) == 0)
        (void)setenv("TMPDIR", "/dev/shm", 0);
    result = check_run(argc, argv);
    if (there)
        fixture_close(&town.city);
    return result;
}

void
tamper_case_expect(const char *name, const char *folder, bool directory, size_t index,
                   enum status status)
{
    static struct verify_report report;
    static struct verify_report ahead;
    static const struct verify_options threads = {.threads = 3};
    const uint64_t expected = index == SIZE_MAX ? VERIFY_NO_ENTRY : index;
    enum status got;

    got = directory ? verify_directory(&report, folder, NULL, NULL)
                    : verify_export(&report, folder, NULL, NULL);
    /* Signatures that are checked ahead change nothing of what is found. */
    if (!directory) {
        CHECK(verify_export_with(&ahead, folder, &threads) == got);
        CHECK(memcmp(&ahead, &report, sizeof report) == 0);
    }
    if (got == status && report.bad_index == expected)
        return;
    fprintf(stderr, "    %s, %s: %s at entry %lld (%s); expected %s at %lld\n", name,
            directory ? "directory" : "export", status_name(got), (long long)report.bad_index,
            report.where == NULL ? "nothing" : report.where, status_name(status),
            (long long)expected);
    CHECK(false);
}

/* Writes what is there now, and expects. */
static void
write_and_expect(struct tamper_city *city, const char *name, size_t found, enum status status)
{
    const char *const below = getenv("FIXTURE_EXPORT");
    char root[SCRATCH_PATH_MAX];
    char folder[SCRATCH_PATH_MAX];
    char out[SCRATCH_PATH_MAX];

    scratch_make(root);
    scratch_path(folder, root, "city");
    scratch_path(out, below == NULL ? root : below, name);
    tamper_write(&city->log, folder, out);
    tamper_case_expect(name, folder, true, found, status);
    tamper_case_expect(name, out, false, found, status);
    scratch_remove(root);
}

void
tamper_case_try(const struct tamper_case *row)
{
    struct tamper_city *const city = tamper_case_city();
    const size_t at = city->at[row->place];

    tamper_reset(&city->log);
    row->change(city, at);
    write_and_expect(city, row->name, (size_t)((long)at + row->behind), row->status);
}

void
tamper_case_allowed(const struct tamper_case *row)
{
    struct tamper_city *const city = tamper_case_city();
    const size_t at = city->at[row->place];

    tamper_reset(&city->log);
    row->change(city, at);
    city->log.count = (size_t)((long)at + row->behind);
    write_and_expect(city, row->name, SIZE_MAX, STATUS_STATE_DIGEST);
}

void
tamper_case_read(const struct tamper_city *city, size_t at, const struct schema *schema,
                 void *object)
{
    struct cose_message message;
    struct msg_entry entry;

    tamper_get(&entry, &city->log, at);
    CHECK_STATUS(msg_open(&message, object, schema, FIXTURE_NETWORK, entry.messages[0]), STATUS_OK);
}

void
tamper_case_sign(struct tamper_city *city, size_t at, const struct schema *schema,
                 const void *object, const struct fixture_key *first,
                 const struct fixture_key *second)
{
    struct msg_entry entry;

    tamper_get(&entry, &city->log, at);
    entry.messages_count = 0;
    entry.messages[entry.messages_count++] = tamper_sign(&city->log, schema, object, first);
    if (second != NULL)
        entry.messages[entry.messages_count++] = tamper_sign(&city->log, schema, object, second);
    tamper_set(&city->log, at, &entry);
}
