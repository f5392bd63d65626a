/* Damage on the disk: single bits of a real store are flipped, one at a time, and the city is
 * verified. Whatever the library below makes of it, the caller must get an answer in time: a typed
 * failure that names what is broken, or success and the very report of the whole store, when
 * nothing that counts lies where the bit was. 300 bits, or with LONG set ten thousand. */
#include "check.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fixture.h"
#include "ledger/verify_apart.h"
#include "random.h"
#include "scratch.h"

#define BITS_SHORT 300
#define BITS_LONG 10000
#define PAGE_BYTES 4096
/* The header of a page and the places of its first pairs. */
#define HEADER_BYTES 48
#define WALLETS 6
#define ROUNDS 12
/* A whole store of this size is verified in a fraction of it, also beside other work. */
#define PATIENCE_MS 4000
#define STORE_BYTES_MAX ((size_t)8 << 20)

static struct fixture_city city;
static struct fixture_till till;
static struct fixture_wallet wallets[WALLETS];
static struct fixture_payment payment;
static struct verify_report whole;
static char copy[SCRATCH_PATH_MAX];
static char data[SCRATCH_PATH_MAX];
static size_t data_len;

/* ---- A store ----------------------------------------------------------------------------------*/

static void
trade(void)
{
    fixture_open(&city);
    fixture_standard(&city);
    fixture_merchant(&city, 1);
    fixture_till(&city, &till, 11, 1);
    for (uint64_t i = 0; i < WALLETS; i++) {
        fixture_purse(&city, &wallets[i], i + 1, 1, 2);
        CHECK_STATUS(fixture_issue(&city, &wallets[i], 8000, 0), STATUS_OK);
        CHECK_STATUS(fixture_allowance(&city, &wallets[i], 5000), STATUS_OK);
    }
    for (unsigned round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < WALLETS; i++)
            fixture_sale(&city, &payment, &wallets[i], &till, 100 + i);
        CHECK_STATUS(fixture_sync(&city, &till), STATUS_OK);
    }
    fixture_days(&city, 2);
}

static void
copy_file(const char *name)
{
    char from[SCRATCH_PATH_MAX];
    char to[SCRATCH_PATH_MAX];

    scratch_path(from, city.folder, name);
    scratch_path(to, copy, name);
    CHECK(scratch_copy(to, from));
}

/* A copy without its owner, as an auditor has it. */
static void
begin(void)
{
    static uint8_t bytes[STORE_BYTES_MAX];
    char folder[SCRATCH_PATH_MAX];

    trade();
    scratch_make(copy);
    scratch_path(folder, copy, "store");
    CHECK(mkdir(folder, 0700) == 0);
    copy_file("store/data.mdb");
    copy_file("checkpoint");
    scratch_path(data, copy, "store/data.mdb");
    CHECK(scratch_read(bytes, &data_len, sizeof bytes, data));
    CHECK_STATUS(verify_directory(&whole, copy, NULL, NULL), STATUS_OK);
}

static void
end(void)
{
    scratch_remove(copy);
    fixture_close(&city);
}

static void
flip(uint64_t bit)
{
    const int fd = open(data, O_RDWR | O_CLOEXEC);
    uint8_t byte;

    CHECK(fd >= 0 && pread(fd, &byte, 1, (off_t)(bit / 8)) == 1);
    byte ^= (uint8_t)(1u << bit % 8);
    CHECK(pwrite(fd, &byte, 1, (off_t)(bit / 8)) == 1);
    CHECK(close(fd) == 0);
}

/* Half of them anywhere, half of them where the pages say how they are built. */
static uint64_t
choose(struct random *random)
{
    uint64_t byte = random_below(random, data_len);

    if (random_below(random, 2) == 0)
        byte = byte / PAGE_BYTES * PAGE_BYTES + byte % HEADER_BYTES;
    return byte * 8 + random_below(random, 8);
}

/* ---- Tests ------------------------------------------------------------------------------------*/

static bool
is_same(const struct verify_report *report)
{
    return report->size == whole.size && report->lines == whole.lines &&
           report->transfers == whole.transfers &&
           memcmp(&report->root, &whole.root, sizeof whole.root) == 0 &&
           memcmp(&report->state, &whole.state, sizeof whole.state) == 0 &&
           memcmp(report->balance, whole.balance, sizeof whole.balance) == 0 &&
           strcmp(report->origin, whole.origin) == 0;
}

static bool
is_long(void)
{
    const char *value = getenv("LONG");

    return value != NULL && value[0] != '\0';
}

/* What becomes of a bit: printed, so that a change in what is found shows. */
struct outcomes {
    unsigned good;
    unsigned named;   /* an entry, a state, a tree: whatever the check itself finds */
    unsigned broken;  /* the store, in words */
    unsigned died;    /* the child that read it */
    unsigned stalled; /* as well */
};

static void
try_bit(struct outcomes *outcomes, uint64_t bit)
{
    struct verify_report report;
    enum status status;

    flip(bit);
    status = verify_directory_within(&report, copy, NULL, NULL, PATIENCE_MS);
    flip(bit);
    if (status == STATUS_OK) {
        CHECK(is_same(&report));
        outcomes->good++;
        return;
    }
    CHECK(report.where != NULL && report.where_german != NULL);
    if (status != STATUS_STORE_BROKEN)
        outcomes->named++;
    else if (report.file == NULL || strstr(report.where, "damaged") == NULL)
        outcomes->broken++;
    else if (strstr(report.where, "end") == NULL)
        outcomes->died++;
    else
        outcomes->stalled++;
    if (check_failures > 0)
        fprintf(stderr, "    bit %llu\n", (unsigned long long)bit);
}

TEST(every_bit_gets_an_answer)
{
    const unsigned bits = is_long() ? BITS_LONG : BITS_SHORT;
    struct outcomes outcomes = {0};
    struct verify_report report;
    struct random random = random_begin();

    begin();

    for (unsigned i = 0; i < bits && check_failures == 0; i++)
        try_bit(&outcomes, choose(&random));
    printf("%u bits in %zu bytes: %u do not count, %u named, %u broken, %u died, %u stalled\n",
           bits, data_len, outcomes.good, outcomes.named, outcomes.broken, outcomes.died,
           outcomes.stalled);
    /* Blind it is not, and the bits were put back. */
    CHECK(outcomes.good > 0);
    CHECK(outcomes.named > 0);
    /* What can be said in words is not left to the child's death. */
    CHECK(outcomes.broken > outcomes.died + outcomes.stalled);
    CHECK_STATUS(verify_directory(&report, copy, NULL, NULL), STATUS_OK);
    CHECK(is_same(&report));
    end();
}

int
main(int argc, char **argv)
{
    return check_run(argc, argv);
}
