/* Cases of tampering for tests: each changes the log of one city in one thing, and says which entry
 * verify must name, and with which status. */
#ifndef SCHWEBE_TAMPER_CASE_H
#define SCHWEBE_TAMPER_CASE_H

#include "check.h"
#include "tamper_city.h"

struct tamper_case {
    const char *name;
    /* Changes town->log, beginning at the entry `at`, which is that of `place`. */
    void (*change)(struct tamper_city *town, size_t at);
    enum tamper_place place;
    int behind; /* the entry that must be named, counted from `place` */
    enum status status;
};

/* A row: the function `name`, where it tampers, how far behind it must be found, and the status. */
#define TAMPERED(function, at_place, entries_behind, expected)                                     \
    TEST(function)                                                                                 \
    {                                                                                              \
        static const struct tamper_case row = {#function, function, AT_##at_place, entries_behind, \
                                               STATUS_##expected};                                 \
        tamper_case_try(&row);                                                                     \
    }

/* A row of the other kind: what the function does to the first entries behind its place is as the
 * rules have it, so that none of the log up to there is refused. */
#define ALLOWED(function, at_place, entries)                                                       \
    TEST(function)                                                                                 \
    {                                                                                              \
        static const struct tamper_case row = {#function, function, AT_##at_place, entries,        \
                                               STATUS_OK};                                         \
        tamper_case_allowed(&row);                                                                 \
    }

/* Makes the city at the first call. */
struct tamper_city *tamper_case_city(void);
/* Runs all tests, or the one named argv[1], and removes the city; as check_run. */
int tamper_case_run(int argc, char **argv);

/* Tampers, writes data directory and export, and expects the finding of both. With FIXTURE_EXPORT
 * set the export stays below that folder, for the second reader. */
void tamper_case_try(const struct tamper_case *row);

/* The log ends `behind` entries behind the place. Nothing is found in it but that the stored state,
 * or the balances, are those of the whole log. */
void tamper_case_allowed(const struct tamper_case *row);

/* What both must say; `index` as in a report. */
void tamper_case_expect(const char *name, const char *folder, bool directory, size_t index,
                        enum status status);

/* Reads the act in an entry, and signs it anew; the entry keeps its time. */
void tamper_case_read(const struct tamper_city *town, size_t at, const struct schema *schema,
                      void *object);
void tamper_case_sign(struct tamper_city *town, size_t at, const struct schema *schema,
                      const void *object, const struct fixture_key *first,
                      const struct fixture_key *second);

#endif
