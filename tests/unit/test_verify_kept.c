/* Verifications that go on from an earlier one, and logs that do not continue what was verified. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fixture.h"
#include "ledger/export.h"
#include "ledger/store_file.h"
#include "ledger/verify_parts.h"
#include "load.h"
#include "scratch.h"

#define BYTES_MAX ((size_t)8 << 20)

static struct fixture_city fixture;
static struct load load;
static struct apply apply;
static struct verify_report report;
static struct verify_report whole;
static char place[SCRATCH_PATH_MAX];
static char kept[SCRATCH_PATH_MAX];
static char file[SCRATCH_PATH_MAX];
static char early[SCRATCH_PATH_MAX];
static char late[SCRATCH_PATH_MAX];
static uint8_t bytes[BYTES_MAX];
static size_t bytes_len;

static void
pay(size_t uploads)
{
    for (size_t i = 0; i < uploads; i++) {
        struct load_upload upload;

        load_upload(&load, &upload, i % load.till_count, LOAD_ITEMS);
        CHECK_STATUS(intake_batch_begin(&fixture.intake, fixture_moment(&fixture)), STATUS_OK);
        CHECK_STATUS(intake_batch_submit(&fixture.intake, &fixture.result,
                                         (struct span){upload.bytes, upload.len}),
                     STATUS_OK);
        load_answer(&load, i % load.till_count, fixture.result.answer);
        CHECK_STATUS(intake_batch_end(&fixture.intake), STATUS_OK);
        load_upload_free(&upload);
    }
}

static void export(const char *to)
{
    struct store_txn txn;

    CHECK_STATUS(store_begin_read(&txn, &fixture.store), STATUS_OK);
    CHECK_STATUS(apply_begin(&apply, &txn), STATUS_OK);
    CHECK_STATUS(export_write(to, &txn, &apply.state), STATUS_OK);
    store_abort(&txn);
}

/* A city with some payments, exported as `early`, then some more, exported as `late`. */
static void
begin(size_t wallets)
{
    fixture_open(&fixture);
    load_open(&load, &fixture, 2, wallets);
    scratch_make(place);
    scratch_path(kept, place, "kept");
    scratch_path(file, kept, "verified");
    scratch_path(early, place, "early");
    scratch_path(late, place, "late");
    pay(3);
    export(early);
    pay(2);
    export(late);
}

static void
end(void)
{
    scratch_remove(place);
    load_close(&load);
    fixture_close(&fixture);
}

static enum status
verify(const char *dir)
{
    const struct verify_options options = {.threads = 2, .kept = kept};

    return verify_export_with(&report, dir, &options);
}

/* The report of a run that goes on says the same as one from the beginning, but how it came by it.
 */
static void
check_same(const char *dir, uint64_t before)
{
    CHECK_STATUS(verify_export(&whole, dir, NULL, NULL), STATUS_OK);
    CHECK(report.kept == before);
    whole.kept = before;
    CHECK(memcmp(&whole, &report, sizeof whole) == 0);
}

static bool
found(const char *words)
{
    return report.where != NULL && report.where_german != NULL &&
           strstr(report.where, words) != NULL;
}

TEST(only_what_is_new_is_replayed)
{
    uint64_t size;

    begin(20);
    CHECK_STATUS(verify(early), STATUS_OK);
    check_same(early, 0);
    size = report.size;
    CHECK_STATUS(verify(late), STATUS_OK);
    CHECK(report.size > size);
    check_same(late, size);
    size = report.size;
    CHECK_STATUS(verify(late), STATUS_OK);
    check_same(late, size);
    end();
}

/* Data folder and export go on from each other; for a node see test_verify_node.c. */
TEST(the_source_may_change)
{
    const struct verify_options options = {.threads = 2, .kept = kept};
    uint64_t size;

    begin(20);
    CHECK_STATUS(verify(early), STATUS_OK);
    size = report.size;
    CHECK_STATUS(verify_directory_with(&report, fixture.folder, &options), STATUS_OK);
    CHECK(report.kept == size && report.size > size);
    size = report.size;
    CHECK_STATUS(verify(late), STATUS_OK);
    check_same(late, size);
    pay(1);
    CHECK_STATUS(verify_directory_with(&report, fixture.folder, &options), STATUS_OK);
    CHECK(report.kept == size && report.size > size);
    CHECK_STATUS(verify(late), STATUS_LOG_ROLLBACK);
    end();
}

TEST(a_smaller_log_raises_the_alarm)
{
    begin(20);
    CHECK_STATUS(verify(late), STATUS_OK);
    CHECK(scratch_read(bytes, &bytes_len, sizeof bytes, file));
    CHECK_STATUS(verify(early), STATUS_LOG_ROLLBACK);
    CHECK(found("smaller"));
    /* And is not forgotten. */
    CHECK_STATUS(verify(early), STATUS_LOG_ROLLBACK);
    CHECK_STATUS(verify(late), STATUS_OK);
    end();
}

TEST(a_log_with_another_past_raises_the_alarm)
{
    char memory[SCRATCH_PATH_MAX];

    begin(20);
    CHECK_STATUS(verify(early), STATUS_OK);
    CHECK(scratch_read(bytes, &bytes_len, sizeof bytes, file));
    end();
    begin(21);
    CHECK_STATUS(verify(early), STATUS_OK);
    scratch_path(memory, kept, "verified");
    CHECK(scratch_write(memory, bytes, bytes_len));
    CHECK_STATUS(verify(late), STATUS_LOG_ROLLBACK);
    CHECK(found("does not continue"));
    end();
}

TEST(another_log_is_not_mixed_up)
{
    static struct verifying verifying;

    verifying.report = &report;
    memcpy(verifying.kept.origin, "a.invalid/x", 12);
    CHECK_STATUS(verify_kept_origin(&verifying, "a.invalid/x"), STATUS_OK);
    CHECK_STATUS(verify_kept_origin(&verifying, "b.invalid/x"), STATUS_LOG_ROLLBACK);
    CHECK(found("another log"));
}

TEST(a_damaged_folder_is_found)
{
    begin(20);
    CHECK_STATUS(verify(early), STATUS_OK);
    CHECK(scratch_read(bytes, &bytes_len, sizeof bytes, file));
    for (size_t i = 0; i < 40; i++) {
        const size_t at = i < 20 ? i * 125 : i * (bytes_len - 1) / 39;

        bytes[at] ^= 0x10;
        CHECK(scratch_write(file, bytes, bytes_len));
        CHECK_STATUS(verify(late), STATUS_STORE_BROKEN);
        CHECK(report.file != NULL && strcmp(report.file, "verified") == 0 && found("damaged"));
        bytes[at] ^= 0x10;
    }
    CHECK(scratch_write(file, bytes, bytes_len - 1));
    CHECK_STATUS(verify(late), STATUS_STORE_BROKEN);
    CHECK(scratch_write(file, bytes, 0));
    CHECK_STATUS(verify(late), STATUS_STORE_BROKEN);
    CHECK(unlink(file) == 0);
    CHECK_STATUS(verify(late), STATUS_OK);
    check_same(late, 0);
    end();
}

TEST(one_verification_has_the_folder)
{
    int fd = -1;

    begin(20);
    CHECK_STATUS(verify(early), STATUS_OK);
    CHECK_STATUS(store_file_lock(&fd, kept, true), STATUS_OK);
    CHECK_STATUS(verify(late), STATUS_STORE_BUSY);
    CHECK(found("another verification"));
    CHECK(close(fd) == 0);
    CHECK_STATUS(verify(late), STATUS_OK);
    end();
}

/* What was found bad leaves the memory as it was. */
TEST(a_finding_is_not_kept)
{
    char entries[SCRATCH_PATH_MAX];
    char hashes[SCRATCH_PATH_MAX];
    static uint8_t again[BYTES_MAX];
    size_t again_len;
    uint64_t size;

    begin(20);
    CHECK_STATUS(verify(early), STATUS_OK);
    size = report.size;
    CHECK(scratch_read(again, &again_len, sizeof again, file));
    scratch_path(hashes, late, "hashes");
    CHECK(unlink(hashes) == 0);
    scratch_path(entries, late, "entries");
    CHECK(scratch_read(bytes, &bytes_len, sizeof bytes, entries));
    bytes[bytes_len - 1] ^= 1;
    CHECK(scratch_write(entries, bytes, bytes_len));
    CHECK(verify(late) != STATUS_OK);
    CHECK(report.bad_index > size);
    CHECK(scratch_read(bytes, &bytes_len, sizeof bytes, file));
    CHECK(bytes_len == again_len && memcmp(bytes, again, again_len) == 0);
    end();
}

int
main(int argc, char **argv)
{
    return check_run(argc, argv);
}
