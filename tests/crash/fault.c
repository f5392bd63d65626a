/* Failing system calls. The N-th call of each kind fails, once or from then on, for N = 1, 2, 3
 * until none is reached. Afterwards a batch is there if it was acknowledged, absent if it was
 * refused, and one or the other if its outcome was said to be unknown; and nothing was done with a
 * log or store after such an outcome before it was opened again. */
#include "check.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "intercept.h"
#include "ledger/log.h"
#include "workload.h"

bool intercept_skips_sync = true;

static struct {
    enum call call;
    int error; /* 0: half of it is written */
    unsigned countdown;
    bool for_good;
    unsigned hits;
} fault;

int
intercept_failure(enum call call)
{
    if (fault.call != call || (fault.hits > 0 && !fault.for_good))
        return -1;
    if (fault.countdown > 1) {
        fault.countdown--;
        return -1;
    }
    fault.hits++;
    return fault.error;
}

void
intercept_write(int fd, const void *bytes, size_t len, off_t at)
{
    (void)fd;
    (void)bytes;
    (void)len;
    (void)at;
}

void
intercept_end(int fd, enum call call)
{
    (void)fd;
    (void)call;
}

static void
arm(enum call call, int error, bool for_good, unsigned countdown)
{
    fault.call = call;
    fault.error = error;
    fault.for_good = for_good;
    fault.countdown = countdown;
    fault.hits = 0;
}

static bool
disarm(void)
{
    fault.call = CALL_NONE;
    return fault.hits > 0;
}

/* One workload with one failure; false when it was not reached. */
static bool
fail_batches(const struct workload *model, enum call call, int error, bool for_good, unsigned n)
{
    enum status status;
    static struct workload work;
    char folder[SCRATCH_PATH_MAX];
    uint64_t acknowledged = 0;
    struct store_txn txn;
    uint64_t next = 0;
    bool reached;

    scratch_make(folder);
    workload_init(&work, folder);
    CHECK(mkdir(work.store_folder, 0700) == 0 && scratch_copy(work.data, model->data) &&
          scratch_copy(work.second, model->second));
    arm(call, error, for_good, n);
    status = workload_open(&work);
    if (status == STATUS_OK) {
        acknowledged = work.log.size;
        for (int i = 0; i < 6 && status == STATUS_OK; i++) {
            next = 1 + (uint64_t)i * 13;
            status = workload_batch(&work, next);
            if (status == STATUS_OK)
                acknowledged = work.log.size;
        }
        if (status == STATUS_STORE_BROKEN) {
            CHECK_STATUS(workload_batch(&work, 1), STATUS_STORE_BROKEN);
            CHECK_STATUS(store_begin_read(&txn, &work.store), STATUS_STORE_BROKEN);
        }
        workload_close(&work);
    }
    reached = disarm();
    CHECK(reached || status == STATUS_OK);
    CHECK_STATUS(workload_open(&work), STATUS_OK);
    if (work.log.store != NULL) {
        CHECK(work.log.size >= acknowledged);
        CHECK(acknowledged == 0 || work.log.size == acknowledged ||
              (status == STATUS_STORE_BROKEN && work.log.size == acknowledged + next));
        CHECK(workload_problem(&work) == NULL);
        workload_close(&work);
    }
    scratch_remove(folder);
    return reached;
}

/* The same for the making of a store. */
static bool
fail_creation(enum call call, int error, bool for_good, unsigned n)
{
    static struct workload work;
    char folder[SCRATCH_PATH_MAX];
    enum status status;
    bool reached;

    scratch_make(folder);
    workload_init(&work, folder);
    arm(call, error, for_good, n);
    status = workload_create(&work);
    reached = disarm();
    CHECK(reached || status == STATUS_OK);
    /* It can be made good, whatever was left. */
    CHECK_STATUS(workload_create(&work), STATUS_OK);
    CHECK_STATUS(workload_open(&work), STATUS_OK);
    CHECK(workload_problem(&work) == NULL);
    workload_close(&work);
    scratch_remove(folder);
    return reached;
}

TEST(failing_calls_lose_nothing)
{
    static const int errors[] = {EIO, ENOSPC, EINTR, 0};
    static struct workload model;
    char folder[SCRATCH_PATH_MAX];
    unsigned reached[CALLS] = {0};
    unsigned total = 0;

    scratch_make(folder);
    workload_init(&model, folder);
    CHECK_STATUS(workload_create(&model), STATUS_OK);
    REQUIRE(workload_open(&model) == STATUS_OK);
    for (int i = 0; i < 8; i++)
        CHECK_STATUS(workload_batch(&model, 40), STATUS_OK);
    workload_close(&model);
    for (unsigned which = CALL_PWRITE; which < CALLS; which++) {
        for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
            const bool is_write = which <= CALL_WRITEV;

            /* A sync that fails without saying so is a disk that lies; nobody survives it. */
            if (errors[i] == 0 && !is_write)
                continue;
            for (unsigned for_good = 0; for_good < 2; for_good++) {
                /* Interrupted calls are repeated, for ever if need be. */
                if (errors[i] == EINTR && for_good == 1)
                    continue;
                for (unsigned n = 1;
                     fail_batches(&model, (enum call)which, errors[i], for_good == 1, n); n++)
                    reached[which]++;
                for (unsigned n = 1; fail_creation((enum call)which, errors[i], for_good == 1, n);
                     n++)
                    reached[which]++;
            }
        }
        total += reached[which];
    }
    fprintf(stderr,
            "  %u failures: pwrite %u, write %u, writev %u, fdatasync %u, fsync %u, open %u\n",
            total, reached[CALL_PWRITE], reached[CALL_WRITE], reached[CALL_WRITEV],
            reached[CALL_FDATASYNC], reached[CALL_FSYNC], reached[CALL_OPEN]);
    CHECK(reached[CALL_PWRITE] > 50 && reached[CALL_WRITEV] > 10 && reached[CALL_WRITE] > 3);
    CHECK(reached[CALL_FDATASYNC] > 20 && reached[CALL_FSYNC] > 10 && reached[CALL_OPEN] > 20);
    scratch_remove(folder);
}

int
main(int argc, char **argv)
{
    if (crypt_init() != STATUS_OK)
        return EXIT_FAILURE;
    return check_run(argc, argv);
}
