/* Stores that programs of earlier days left, tests/golden: this one opens them, finds them in
 * order, comes to the state of then, and goes on with them. */
#include "check.h"

#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/city.h"
#include "ledger/verify.h"
#include "protocol/command.h"
#include "scratch.h"

#define GOLDEN "tests/golden"
#define PASSPHRASE "nur für die Vorführung"
#define EXPECTED_MAX 256
#define DAY UINT64_C(86400)

static struct city city;
static struct verify_report report;

/* What stands in `expected`: entries, root and state, a line each. */
struct expected {
    char text[EXPECTED_MAX];
};

static bool
read_expected(struct expected *out, const char *folder)
{
    char path[SCRATCH_PATH_MAX];
    size_t len = 0;

    scratch_path(path, folder, "expected");
    if (!scratch_read((uint8_t *)out->text, &len, sizeof out->text - 1, path))
        return false;
    out->text[len] = '\0';
    return true;
}

static void
check_report(const char *folder, const struct expected *expected)
{
    char root[2 * DIGEST_SIZE + 1];
    char state[2 * DIGEST_SIZE + 1];
    char text[EXPECTED_MAX];

    CHECK_STATUS(verify_directory(&report, folder, NULL, NULL), STATUS_OK);
    command_to_hex(root, report.root.bytes, sizeof report.root.bytes);
    command_to_hex(state, report.state.bytes, sizeof report.state.bytes);
    snprintf(text, sizeof text, "%llu\n%s\n%s\n", (unsigned long long)report.size, root, state);
    if (strcmp(text, expected->text) != 0)
        fprintf(stderr, "    %s:\n%s", folder, text);
    CHECK(strcmp(text, expected->text) == 0);
}

/* A copy without the mark of a backup, that may be written. */
static void
copy(char out[static SCRATCH_PATH_MAX], const char *folder)
{
    static const char *const folders[] = {"store", "keys"};
    static const char *const files[] = {"store/data.mdb",     "checkpoint",
                                        "keys/allowance.key", "keys/settlement.key",
                                        "keys/news.key",      "keys/checkpoint.key"};
    char from[SCRATCH_PATH_MAX];
    char to[SCRATCH_PATH_MAX];

    scratch_make(out);
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        scratch_path(to, out, folders[i]);
        CHECK(mkdir(to, 0700) == 0);
    }
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        scratch_path(from, folder, files[i]);
        scratch_path(to, out, files[i]);
        CHECK(scratch_copy(to, from));
    }
}

/* Of the open city's last entry. */
static uint64_t
last_time(void)
{
    struct store_txn txn;
    uint64_t time;

    CHECK_STATUS(store_begin_read(&txn, &city.store), STATUS_OK);
    CHECK_STATUS(apply_begin(&city.intake.apply, &txn), STATUS_OK);
    time = city.intake.apply.state.head.time;
    store_abort(&txn);
    return time;
}

/* The next day is logged, as the node does it, and all is still in order. */
static void
check_goes_on(const char *folder)
{
    static const char passphrase[] = PASSPHRASE;
    struct intake_moment moment = {0};
    struct intake_result result;
    char place[SCRATCH_PATH_MAX];
    uint64_t size;

    copy(place, folder);
    REQUIRE(city_open(&city, place,
                      (struct span){(const uint8_t *)passphrase, sizeof passphrase - 1},
                      UINT64_C(1) << 30) == STATUS_OK);
    size = city.log.size;
    moment.time_unix_s = last_time() + DAY;
    CHECK_STATUS(intake_service_day(&city.intake, &result, &moment), STATUS_OK);
    CHECK(city.log.size > size);
    city_close(&city);
    CHECK_STATUS(verify_directory(&report, place, NULL, NULL), STATUS_OK);
    scratch_remove(place);
}

TEST(stores_of_earlier_days_are_read_and_go_on)
{
    DIR *const all = opendir(GOLDEN);
    const struct dirent *item;
    unsigned count = 0;

    REQUIRE(crypt_init() == STATUS_OK && all != NULL);
    while ((item = readdir(all)) != NULL) {
        char folder[SCRATCH_PATH_MAX];
        struct expected expected;

        scratch_path(folder, GOLDEN, item->d_name);
        if (item->d_name[0] == '.' || !read_expected(&expected, folder))
            continue;
        check_report(folder, &expected);
        check_goes_on(folder);
        count++;
    }
    closedir(all);
    CHECK(count > 0);
}

int
main(int argc, char **argv)
{
    return check_run(argc, argv);
}
