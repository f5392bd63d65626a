/* Backups: beside a node that books, and what may be done with an old one. */
#include "check.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fixture.h"
#include "ledger/backup.h"
#include "protocol/file.h"
#include "scratch.h"

#define BACKUPS 4
#define BYTES_MAX ((size_t)1 << 20)

static struct fixture_city fixture;
static struct city city;
static struct fixture_till till;
static struct fixture_wallet anna;
static struct verify_report report;
static char place[SCRATCH_PATH_MAX];
static uint8_t bytes[BYTES_MAX];

/* A city at rest, with a purse, and a place for its backups. */
static void
begin(void)
{
    fixture_open(&fixture);
    fixture_standard(&fixture);
    fixture_merchant(&fixture, 1);
    fixture_till(&fixture, &till, 11, 1);
    fixture_purse(&fixture, &anna, 1, 1, 2);
    CHECK_STATUS(fixture_issue(&fixture, &anna, 8000, 0), STATUS_OK);
    fixture_leave(&fixture);
    fixture_node(&fixture, &city);
    city_close(&city);
    scratch_make(place);
}

static void
end(void)
{
    fixture_reopen(&fixture);
    scratch_remove(place);
    fixture_close(&fixture);
}

static const char *
path_of(const char *folder, const char *name)
{
    static char paths[2][SCRATCH_PATH_MAX];
    static unsigned turn;

    turn ^= 1;
    scratch_path(paths[turn], folder, name);
    return paths[turn];
}

static bool
is_there(const char *folder, const char *name)
{
    return access(path_of(folder, name), F_OK) == 0;
}

static void
copy(const char *to, const char *from, const char *name)
{
    size_t len = 0;

    CHECK(scratch_read(bytes, &len, sizeof bytes, path_of(from, name)));
    CHECK(scratch_write(path_of(to, name), bytes, len));
}

/* The process that books: small batches as fast as they go, until it is killed. */
static pid_t
book_until_killed(void)
{
    const pid_t child = fork();

    if (child != 0)
        return child;
    fixture_reopen(&fixture);
    while (fixture_issue(&fixture, &anna, 1, 0) == STATUS_OK)
        continue;
    _exit(EXIT_FAILURE);
}

/* Whether every entry of the backup is the city's entry of the same index. */
static void
check_prefix(const char *folder, uint64_t size)
{
    struct store store;
    struct store_txn txn;
    struct store_txn own;
    uint64_t copied = 0;

    CHECK_STATUS(store_open_reading(&store, path_of(folder, "store")), STATUS_OK);
    CHECK_STATUS(store_begin_read(&txn, &store), STATUS_OK);
    CHECK_STATUS(store_begin_read(&own, &fixture.store), STATUS_OK);
    CHECK_STATUS(log_size(&copied, &txn), STATUS_OK);
    CHECK(copied == size && size > 0);
    for (uint64_t i = 0; i < size; i++) {
        struct span a = {NULL, 0};
        struct span b = {NULL, 0};

        CHECK_STATUS(log_read(&a, &txn, i), STATUS_OK);
        CHECK_STATUS(log_read(&b, &own, i), STATUS_OK);
        CHECK(a.len == b.len && memcmp(a.data, b.data, a.len) == 0);
    }
    store_abort(&own);
    store_abort(&txn);
    store_close(&store);
}

TEST(a_backup_beside_a_node_that_books_is_a_prefix_of_its_log)
{
    uint64_t sizes[BACKUPS];
    char name[16];
    pid_t child;

    begin();
    child = book_until_killed();
    REQUIRE(child > 0);
    for (unsigned i = 0; i < BACKUPS; i++) {
        struct backup_note note = {0};

        snprintf(name, sizeof name, "%u", i);
        CHECK_STATUS(backup_make(&report, path_of(place, name), fixture.folder, false, 1000 + i),
                     STATUS_OK);
        sizes[i] = report.size;
        CHECK_STATUS(backup_read(&note, fixture.folder), STATUS_OK);
        CHECK(note.time_unix_s == 1000 + i && note.entries == report.size);
        CHECK(i == 0 || sizes[i] > sizes[i - 1]);
    }
    CHECK(kill(child, SIGKILL) == 0 && waitpid(child, NULL, 0) == child);
    fixture_reopen(&fixture);
    for (unsigned i = 0; i < BACKUPS; i++) {
        snprintf(name, sizeof name, "%u", i);
        check_prefix(path_of(place, name), sizes[i]);
    }
    end();
}

TEST(a_backup_has_no_secrets_unless_they_are_asked_for)
{
    static const char *const keys[] = {"allowance", "settlement", "news", "checkpoint", "treasury"};
    struct stat about;
    char name[32];

    begin();
    CHECK(mkdir(path_of(fixture.folder, "keys"), 0700) == 0);
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        snprintf(name, sizeof name, "keys/%s.key", keys[i]);
        CHECK(scratch_write(path_of(fixture.folder, name), "secret", 6));
    }
    CHECK(scratch_write(path_of(fixture.folder, "passphrase"), "words\n", 6));
    CHECK_STATUS(backup_make(&report, path_of(place, "plain"), fixture.folder, false, 1),
                 STATUS_OK);
    CHECK(!is_there(place, "plain/keys") && !is_there(place, "plain/passphrase"));
    CHECK(stat(path_of(place, "plain"), &about) == 0 && (about.st_mode & 07777) == 0700);
    CHECK_STATUS(backup_make(&report, path_of(place, "keyed/"), fixture.folder, true, 2),
                 STATUS_OK);
    CHECK(is_there(place, "keyed/keys/checkpoint.key") && is_there(place, "keyed/keys/news.key"));
    CHECK(!is_there(place, "keyed/keys/treasury.key") && !is_there(place, "keyed/passphrase"));
    end();
}

TEST(a_backup_replaces_nothing_and_leaves_nothing_half)
{
    begin();
    CHECK(mkdir(path_of(place, "taken"), 0700) == 0);
    CHECK_STATUS(backup_make(&report, path_of(place, "taken"), fixture.folder, false, 1),
                 STATUS_EXISTS);
    CHECK_STATUS(backup_make(&report, path_of(place, "keyed"), fixture.folder, true, 1),
                 STATUS_NOT_FOUND);
    CHECK_STATUS(backup_make(&report, path_of(place, "none"), place, false, 1), STATUS_NOT_FOUND);
    CHECK(!is_there(place, "keyed") && !is_there(place, "keyed.part"));
    CHECK(!is_there(place, "none") && !is_there(place, "none.part"));
    CHECK(!is_there(fixture.folder, "backup"));
    end();
}

TEST(the_note_is_read_only_as_it_is_written)
{
    static const char *const bad[] = {"", "1 2", "1\n", "x 2\n", "1 x\n", "1 2 3\n", "1  2\n"};
    struct backup_note note = {.time_unix_s = 7};

    begin();
    CHECK_STATUS(backup_read(&note, fixture.folder), STATUS_NOT_FOUND);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        CHECK(scratch_write(path_of(fixture.folder, "backup"), bad[i], strlen(bad[i])));
        CHECK_STATUS(backup_read(&note, fixture.folder), STATUS_USAGE);
    }
    CHECK(note.time_unix_s == 7 && note.entries == 0);
    end();
}

/* The store of a backup under the second place of the city that went on. */
TEST(an_old_copy_does_not_sign_a_second_history)
{
    const struct span none = {(const uint8_t *)"x", 1};
    struct store store;
    struct log log;

    begin();
    CHECK_STATUS(backup_make(&report, path_of(place, "old"), fixture.folder, false, 1), STATUS_OK);
    CHECK_STATUS(city_open(&city, path_of(place, "old"), none, 0), STATUS_LOG_ROLLBACK);
    fixture_reopen(&fixture);
    CHECK_STATUS(fixture_issue(&fixture, &anna, 1, 0), STATUS_OK);
    fixture_leave(&fixture);
    fixture_node(&fixture, &city);
    city_close(&city);
    copy(place, fixture.folder, "checkpoint");
    CHECK_STATUS(store_open(&store, path_of(place, "old/store"), UINT64_C(1) << 30), STATUS_OK);
    CHECK_STATUS(log_open(&log, &store, path_of(place, "checkpoint"), &fixture.log_key,
                          &fixture.roles[8].secret),
                 STATUS_LOG_ROLLBACK);
    store_close(&store);
    CHECK(strstr(status_english(STATUS_LOG_ROLLBACK), "RECOVERY") != NULL);
    /* And a backup of what was set back is none. */
    copy(path_of(place, "old"), fixture.folder, "checkpoint");
    CHECK_STATUS(backup_make(&report, path_of(place, "new"), path_of(place, "old"), false, 2),
                 STATUS_LOG_ROLLBACK);
    end();
}

int
main(int argc, char **argv)
{
    return check_run(argc, argv);
}
