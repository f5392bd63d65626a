/* What verification says of exports and copies that are not whole: every failure names a file or an
 * entry. And what a check that goes wrong looks like from outside. Single bits of a store are
 * flipped in tests/crash/damage.c. */
#include "check.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fixture.h"
#include "ledger/export.h"
#include "ledger/verify_apart.h"
#include "scratch.h"

#define BYTES_MAX ((size_t)1 << 20)
#define PATIENCE_MS 300

static struct fixture_city city;
static struct fixture_till till;
static struct fixture_wallet anna;
static struct fixture_payment payment;
static struct apply apply;
static struct verifying verifying;
static struct verify_report report;
static uint8_t bytes[BYTES_MAX];
static size_t bytes_len;
static char place[SCRATCH_PATH_MAX];

/* A city with an upload, exported into `place`. */
static void
begin(void)
{
    struct store_txn txn;
    char folder[SCRATCH_PATH_MAX];

    fixture_open(&city);
    fixture_standard(&city);
    fixture_merchant(&city, 1);
    fixture_till(&city, &till, 11, 1);
    fixture_purse(&city, &anna, 1, 1, 2);
    CHECK_STATUS(fixture_issue(&city, &anna, 8000, 0), STATUS_OK);
    CHECK_STATUS(fixture_allowance(&city, &anna, 5000), STATUS_OK);
    fixture_sale(&city, &payment, &anna, &till, 840);
    CHECK_STATUS(fixture_sync(&city, &till), STATUS_OK);
    scratch_make(place);
    scratch_path(folder, place, "export");
    CHECK_STATUS(store_begin_read(&txn, &city.store), STATUS_OK);
    CHECK_STATUS(apply_begin(&apply, &txn), STATUS_OK);
    CHECK_STATUS(export_write(folder, &txn, &apply.state), STATUS_OK);
    store_abort(&txn);
    memcpy(place, folder, sizeof place);
}

static void
end(void)
{
    char *const slash = strrchr(place, '/');

    *slash = '\0';
    scratch_remove(place);
    fixture_close(&city);
}

static const char *
path_of(const char *name)
{
    static char path[SCRATCH_PATH_MAX];

    scratch_path(path, place, name);
    return path;
}

static void
load(const char *name)
{
    CHECK(scratch_read(bytes, &bytes_len, sizeof bytes, path_of(name)));
}

static void
save(const char *name, size_t len)
{
    CHECK(scratch_write(path_of(name), bytes, len));
}

/* Where entry `index` begins in `bytes`, which hold the file `entries`. */
static size_t
offset_of(uint64_t index)
{
    size_t at = 0;

    while (index-- > 0)
        at += 2 + ((size_t)bytes[at] << 8 | bytes[at + 1]);
    return at;
}

static bool
names(const char *file)
{
    return report.where != NULL && report.where_german != NULL && report.file != NULL &&
           strcmp(report.file, file) == 0;
}

static enum status
verify(void)
{
    return verify_export(&report, place, NULL, NULL);
}

/* The index of the first entry of a kind. */
static uint64_t
find_kind(uint64_t kind)
{
    static struct msg_entry entry;
    struct store_txn txn;
    struct span data;
    uint64_t index = 0;

    CHECK_STATUS(store_begin_read(&txn, &city.store), STATUS_OK);
    while (log_read(&data, &txn, index) == STATUS_OK &&
           schema_decode(&entry, &msg_entry_schema, data) == STATUS_OK && entry.kind != kind)
        index++;
    store_abort(&txn);
    return index;
}

/* ---- Exports ----------------------------------------------------------------------------------*/

TEST(an_export_is_public)
{
    static const char *const files[] = {"entries", "hashes", "checkpoint", "balances.json"};
    const mode_t mask = umask(077);
    struct stat about;

    begin();
    (void)umask(mask);
    CHECK(stat(place, &about) == 0 && (about.st_mode & 07777) == 0755);
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        CHECK(stat(path_of(files[i]), &about) == 0 && (about.st_mode & 07777) == 0644);
    CHECK_STATUS(verify(), STATUS_OK);
    CHECK(report.where == NULL && report.bad_index == VERIFY_NO_ENTRY);
    end();
}

TEST(a_missing_file_is_named)
{
    static const char *const files[] = {"entries", "checkpoint", "balances.json"};

    begin();
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        load(files[i]);
        CHECK(unlink(path_of(files[i])) == 0);
        CHECK_STATUS(verify(), STATUS_NOT_FOUND);
        CHECK(names(files[i]));
        CHECK(report.bad_index == VERIFY_NO_ENTRY);
        CHECK(mkfifo(path_of(files[i]), 0600) == 0);
        CHECK_STATUS(verify(), STATUS_IO);
        CHECK(names(files[i]));
        CHECK(unlink(path_of(files[i])) == 0);
        save(files[i], bytes_len);
    }
    CHECK(unlink(path_of("hashes")) == 0);
    CHECK_STATUS(verify(), STATUS_OK);
    CHECK(mkfifo(path_of("hashes"), 0600) == 0);
    CHECK_STATUS(verify(), STATUS_IO);
    CHECK(names("hashes"));
    end();
}

static void
check_hashes_at_fault(void)
{
    CHECK_STATUS(verify(), STATUS_LOG_ROOT);
    CHECK(names("hashes"));
    CHECK(report.bad_index == VERIFY_NO_ENTRY);
}

TEST(hashes_that_do_not_fit_the_entries)
{
    begin();
    load("hashes");
    memset(bytes + bytes_len, 0, DIGEST_SIZE);
    save("hashes", bytes_len + 1);
    check_hashes_at_fault();
    save("hashes", bytes_len + DIGEST_SIZE);
    check_hashes_at_fault();
    save("hashes", bytes_len - 1);
    check_hashes_at_fault();
    save("hashes", bytes_len - DIGEST_SIZE);
    check_hashes_at_fault();
    save("hashes", 0);
    check_hashes_at_fault();
    bytes[5 * DIGEST_SIZE] ^= 1;
    save("hashes", bytes_len);
    check_hashes_at_fault();
    bytes[5 * DIGEST_SIZE] ^= 1;
    save("hashes", bytes_len);
    CHECK_STATUS(verify(), STATUS_OK);
    end();
}

TEST(a_changed_entry_is_named)
{
    begin();
    load("entries");
    bytes[offset_of(20) + 30] ^= 1;
    save("entries", bytes_len);
    CHECK_STATUS(verify(), STATUS_LOG_ROOT);
    CHECK(names("entries"));
    CHECK(report.bad_index == 20);
    end();
}

TEST(a_log_cut_short)
{
    uint64_t upload;

    begin();
    upload = find_kind(APPLY_UPLOAD);
    load("entries");
    save("entries", offset_of(20));
    CHECK_STATUS(verify(), STATUS_LOG_ROOT);
    CHECK(report.bad_index == 20);
    save("entries", offset_of(21) - 1);
    CHECK_STATUS(verify(), STATUS_LOG_ROOT);
    CHECK(report.bad_index == 20);
    /* Without the hashes only the checkpoint tells, or the entry that is cut. */
    CHECK(unlink(path_of("hashes")) == 0);
    CHECK_STATUS(verify(), STATUS_CBOR_TRUNCATED);
    CHECK(report.bad_index == 20);
    save("entries", offset_of(20));
    CHECK_STATUS(verify(), STATUS_LOG_ROOT);
    CHECK(report.bad_index == VERIFY_NO_ENTRY);
    /* An upload whose items do not follow, even under a signature. */
    save("entries", offset_of(upload + 1));
    CHECK_STATUS(verify(), STATUS_ENTRY_RECOMPUTE);
    CHECK(report.bad_index == upload + 1);
    end();
}

/* ---- Copies of a data directory ---------------------------------------------------------------*/

TEST(a_copy_without_its_checkpoint)
{
    static uint8_t pledge[BYTES_MAX];
    char path[SCRATCH_PATH_MAX];
    size_t len = 0;

    begin();
    scratch_path(path, city.folder, "checkpoint");
    CHECK_STATUS(verify_directory(&report, city.folder, NULL, NULL), STATUS_OK);
    CHECK(scratch_read(pledge, &len, sizeof pledge, path));
    CHECK(unlink(path) == 0);
    CHECK_STATUS(verify_directory(&report, city.folder, NULL, NULL), STATUS_NOT_FOUND);
    CHECK(names("checkpoint"));
    CHECK(report.bad_index == VERIFY_NO_ENTRY && report.size > 0);
    CHECK(mkfifo(path, 0600) == 0);
    CHECK_STATUS(verify_directory(&report, city.folder, NULL, NULL), STATUS_IO);
    CHECK(report.where != NULL);
    CHECK(unlink(path) == 0);
    CHECK(scratch_write(path, pledge, len));
    CHECK_STATUS(verify_directory(&report, city.folder, NULL, NULL), STATUS_OK);
    end();
}

TEST(a_copy_without_its_store)
{
    char folder[SCRATCH_PATH_MAX];

    scratch_make(place);
    CHECK_STATUS(verify_directory(&report, place, NULL, NULL), STATUS_NOT_FOUND);
    CHECK(names("store/data.mdb"));
    scratch_path(folder, place, "store");
    CHECK(mkdir(folder, 0700) == 0);
    CHECK_STATUS(verify_directory(&report, place, NULL, NULL), STATUS_NOT_FOUND);
    CHECK(names("store/data.mdb"));
    CHECK(mkfifo(path_of("store/data.mdb"), 0600) == 0);
    CHECK_STATUS(verify_directory(&report, place, NULL, NULL), STATUS_IO);
    CHECK(names("store/data.mdb"));
    CHECK(unlink(path_of("store/data.mdb")) == 0);
    memset(bytes, 0xA5, 8192);
    save("store/data.mdb", 8192);
    CHECK_STATUS(verify_directory(&report, place, NULL, NULL), STATUS_STORE_BROKEN);
    CHECK(names("store/data.mdb"));
    scratch_remove(place);
}

/* ---- A check that goes wrong ------------------------------------------------------------------*/

static enum status
dies(struct verifying *work)
{
    (void)work;
    (void)signal(SIGABRT, SIG_DFL);
    abort();
}

static enum status
leaves(struct verifying *work)
{
    (void)work;
    _exit(EXIT_SUCCESS);
}

static enum status
stalls(struct verifying *work)
{
    while (work != NULL)
        (void)pause();
    return STATUS_OK;
}

/* Each step is well within the patience, all of them are not. */
static enum status
goes_on(struct verifying *work)
{
    for (uint64_t i = 1; i <= 10; i++) {
        (void)poll(NULL, 0, PATIENCE_MS / 5);
        work->progress(work->context, i, 10);
    }
    work->report->size = 17;
    return verify_finding(work->report, STATUS_BOOKS, NULL, "books", "Bücher");
}

static void
count_progress(void *context, uint64_t done, uint64_t all)
{
    uint64_t *const last = context;

    CHECK(done == *last + 1 && all == 10);
    *last = done;
}

static enum status
run_apart(enum status (*check)(struct verifying *work), uint64_t *last)
{
    enum status status =
        verify_begin(&verifying, &report, "nowhere", last == NULL ? NULL : count_progress, last);

    CHECK_STATUS(status, STATUS_OK);
    CHECK(access(verifying.folder, F_OK) == 0);
    status = verify_apart(&verifying, check, PATIENCE_MS);
    verify_end(&verifying);
    CHECK(access(verifying.folder, F_OK) != 0);
    return status;
}

TEST(a_check_that_dies_or_stalls)
{
    uint64_t last = 0;

    CHECK_STATUS(run_apart(dies, NULL), STATUS_STORE_BROKEN);
    CHECK(names("store/data.mdb"));
    CHECK_STATUS(run_apart(leaves, NULL), STATUS_STORE_BROKEN);
    CHECK(names("store/data.mdb"));
    CHECK_STATUS(run_apart(stalls, NULL), STATUS_STORE_BROKEN);
    CHECK(names("store/data.mdb"));
    CHECK_STATUS(run_apart(goes_on, &last), STATUS_BOOKS);
    CHECK(last == 10);
    CHECK(report.size == 17 && strcmp(report.where, "books") == 0);
    CHECK_STATUS(run_apart(goes_on, NULL), STATUS_BOOKS);
}

/* The same as verify_directory, in this process, where coverage and sanitizers see it. */
TEST(a_whole_store)
{
    char path[SCRATCH_PATH_MAX];
    char folder[SCRATCH_PATH_MAX];
    char from[SCRATCH_PATH_MAX];

    begin();
    scratch_path(folder, place, "store");
    CHECK(mkdir(folder, 0700) == 0);
    scratch_path(path, place, "store/data.mdb");
    scratch_path(from, city.folder, "store/data.mdb");
    CHECK(scratch_copy(path, from));
    scratch_path(path, place, "checkpoint");
    scratch_path(from, city.folder, "checkpoint");
    CHECK(unlink(path) == 0);
    CHECK(scratch_copy(path, from));
    CHECK_STATUS(verify_begin(&verifying, &report, place, NULL, NULL), STATUS_OK);
    CHECK_STATUS(verify_stored(&verifying), STATUS_OK);
    verify_end(&verifying);
    CHECK(report.size > 20 && report.lines == 1 && report.transfers == 1);
    end();
}

int
main(int argc, char **argv)
{
    return check_run(argc, argv);
}
