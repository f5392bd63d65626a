/* The lines of the service's journal: which events they are, and that a line is one JSON object. */
#include "check.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "ledger/journal.h"
#include "ledger/program.h"
#include "scratch.h"

#define START UINT64_C(1795507200)

static struct journal journal;
static struct serve_counts counts;
static int ends[2];
static char said[4096];

static void
begin(void)
{
    CHECK(pipe(ends) == 0 && fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0);
    memset(&counts, 0, sizeof counts);
    journal_begin(&journal, ends[1], START);
}

static void
end(void)
{
    close(ends[0]);
    close(ends[1]);
}

/* What was written since the last time. */
static const char *
heard(void)
{
    const ssize_t got = read(ends[0], said, sizeof said - 1);

    said[got > 0 ? got : 0] = '\0';
    return said;
}

static void
look(uint64_t seconds, enum status store)
{
    journal_look(&journal, START + seconds, store, &counts);
}

TEST(a_line_is_one_object_with_time_and_event_in_front)
{
    const struct journal_field fields[] = {{"text", "a \"b\"\n\\", 0}, {"number", NULL, 7}};

    begin();
    journal_write(&journal, START, "start", fields, 2);
    CHECK(strcmp(heard(), "{\"time_unix_s\":1795507200,\"event\":\"start\","
                          "\"text\":\"a \\\"b\\\"\\n\\\\\",\"number\":7}\n") == 0);
    journal_write(&journal, START, "stop", NULL, 0);
    CHECK(strcmp(heard(), "{\"time_unix_s\":1795507200,\"event\":\"stop\"}\n") == 0);
    end();
}

TEST(nothing_is_said_while_nothing_happens)
{
    begin();
    for (uint64_t s = 1; s < 200; s++) {
        counts.answers[2]++; /* somebody watches */
        look(s, STATUS_OK);
    }
    CHECK(heard()[0] == '\0');
    end();
}

TEST(what_came_is_summed_up_once_a_minute)
{
    begin();
    counts.writer.jobs = 3;
    counts.writer.refused = 1;
    counts.writer.entries = 40;
    counts.answers[2] = 2;
    counts.answers[4] = 1;
    look(1, STATUS_OK);
    look(59, STATUS_OK);
    CHECK(heard()[0] == '\0');
    look(60, STATUS_OK);
    CHECK(strcmp(heard(), "{\"time_unix_s\":1795507260,\"event\":\"sum\",\"seconds\":60,"
                          "\"parcels\":3,\"refused\":1,\"repeated\":0,\"entries\":40,"
                          "\"batches\":0,\"busy\":0,\"answers_2xx\":2,\"answers_4xx\":1,"
                          "\"answers_5xx\":0,\"waiting\":0}\n") == 0);
    counts.writer.jobs = 4;
    look(70, STATUS_OK);
    journal_sum(&journal, START + 75);
    CHECK(strstr(heard(), "\"seconds\":15,\"parcels\":1,\"refused\":0,") != NULL);
    journal_sum(&journal, START + 76);
    CHECK(heard()[0] == '\0');
    end();
}

TEST(a_failed_commit_is_told_and_its_recovery)
{
    begin();
    counts.writer.failures = 1;
    look(1, STATUS_STORE_BROKEN);
    CHECK(strcmp(heard(), "{\"time_unix_s\":1795507201,\"event\":\"failed\",\"commits\":1}\n"
                          "{\"time_unix_s\":1795507201,\"event\":\"store\","
                          "\"status\":\"STORE_BROKEN\"}\n") == 0);
    look(2, STATUS_STORE_BROKEN);
    CHECK(heard()[0] == '\0');
    look(3, STATUS_LOG_ROLLBACK);
    CHECK(strstr(heard(), "\"status\":\"LOG_ROLLBACK\"") != NULL);
    counts.writer.reopens = 1;
    look(4, STATUS_OK);
    CHECK(strcmp(heard(), "{\"time_unix_s\":1795507204,\"event\":\"recovered\"}\n") == 0);
    /* Both between two looks. */
    counts.writer.failures = 2;
    counts.writer.reopens = 2;
    look(5, STATUS_OK);
    CHECK(strcmp(heard(), "{\"time_unix_s\":1795507205,\"event\":\"failed\",\"commits\":1}\n"
                          "{\"time_unix_s\":1795507205,\"event\":\"recovered\"}\n") == 0);
    end();
}

TEST(a_days_duties_are_told)
{
    begin();
    counts.writer.days = 1;
    counts.writer.duty_entries = 5;
    look(1, STATUS_OK);
    CHECK(strcmp(heard(), "{\"time_unix_s\":1795507201,\"event\":\"day\",\"entries\":5}\n") == 0);
    counts.writer.days = 2;
    look(2, STATUS_OK);
    CHECK(strstr(heard(), "\"entries\":0") != NULL);
    end();
}

TEST(a_clock_that_is_set_back_gives_no_sum)
{
    begin();
    counts.writer.jobs = 1;
    journal_look(&journal, START - 100, STATUS_OK, &counts);
    CHECK(heard()[0] == '\0');
    counts.writer.jobs = 2;
    journal_look(&journal, START - 40, STATUS_OK, &counts);
    CHECK(strstr(heard(), "\"seconds\":60,\"parcels\":1,") != NULL);
    end();
}

TEST(the_programs_hash_is_that_of_its_file)
{
    static uint8_t bytes[(size_t)16 << 20];
    struct digest own;
    struct digest file;
    size_t len = 0;

    CHECK_STATUS(program_digest(&own), STATUS_OK);
    REQUIRE(scratch_read(bytes, &len, sizeof bytes, "/proc/self/exe"));
    crypt_hash(&file, &(struct span){bytes, len}, 1);
    CHECK(memcmp(&own, &file, sizeof own) == 0);
}

int
main(int argc, char **argv)
{
    return check_run(argc, argv);
}
