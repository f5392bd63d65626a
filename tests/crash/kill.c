/* The process that writes is killed at any moment: what it had acknowledged is there, the log
 * verifies, and entries and state are of one moment. Three seconds, or with LONG set a thousand
 * kills. A kill is no power cut: what was written to files stays; for that there is power.c. */
#include "check.h"

#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ledger/log.h"
#include "workload.h"

#define KILLS_LONG 1000
#define SECONDS_SHORT 3
#define WAIT_US_MAX 50000
#define LIVES 8

/* What the writer has acknowledged, in memory that outlives it. */
struct acknowledged {
    atomic_uint_least64_t size;
    atomic_uint_least64_t failures;
};

static void
write_until_killed(struct workload *work, struct acknowledged *acknowledged, struct random random)
{
    if (workload_open(work) != STATUS_OK) {
        atomic_fetch_add(&acknowledged->failures, 1);
        _exit(EXIT_FAILURE);
    }
    for (;;) {
        if (workload_batch(work, 1 + random_below(&random, 60)) != STATUS_OK) {
            atomic_fetch_add(&acknowledged->failures, 1);
            _exit(EXIT_FAILURE);
        }
        atomic_store(&acknowledged->size, work->log.size);
    }
}

/* A mapped file: whoever writes to it may die. */
static struct acknowledged *
share(const char *folder)
{
    const size_t len = sizeof(struct acknowledged);
    char path[SCRATCH_PATH_MAX];
    void *memory = MAP_FAILED;
    int fd;

    scratch_path(path, folder, "acknowledged");
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0 && ftruncate(fd, (off_t)len) == 0)
        memory = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (fd >= 0)
        close(fd);
    return memory == MAP_FAILED ? NULL : memory;
}

static uint64_t
now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* One writer's life. False when it could not be tried. */
static bool
live_and_die(struct workload *work, struct acknowledged *acknowledged, struct random *random)
{
    const struct timespec wait = {0, (long)random_below(random, WAIT_US_MAX) * 1000};
    const struct random childs = {random_next(random)};
    pid_t child = fork();

    if (child == 0)
        write_until_killed(work, acknowledged, childs);
    if (child < 0)
        return false;
    nanosleep(&wait, NULL);
    kill(child, SIGKILL);
    return waitpid(child, NULL, 0) == child;
}

struct totals {
    uint64_t kills;
    uint64_t ahead; /* the commit was done, the acknowledgement was not */
    uint64_t entries;
};

/* Several lives over one log, which stays short enough to be read whole after each. */
static void
round_of_lives(struct totals *totals, struct random *random)
{
    struct acknowledged *acknowledged;
    char folder[SCRATCH_PATH_MAX];
    struct workload work;

    scratch_make(folder);
    acknowledged = share(folder);
    REQUIRE(acknowledged != NULL);
    workload_init(&work, folder);
    CHECK_STATUS(workload_create(&work), STATUS_OK);
    for (int life = 0; life < LIVES; life++) {
        const char *problem;

        REQUIRE(live_and_die(&work, acknowledged, random));
        REQUIRE(workload_open(&work) == STATUS_OK);
        CHECK(work.log.size >= atomic_load(&acknowledged->size));
        problem = workload_problem(&work);
        if (problem != NULL)
            fprintf(stderr, "    after %d kills: %s\n", life + 1, problem);
        CHECK(problem == NULL);
        totals->kills++;
        totals->ahead += work.log.size > atomic_load(&acknowledged->size);
        atomic_store(&acknowledged->size, work.log.size);
        workload_close(&work);
    }
    CHECK(atomic_load(&acknowledged->failures) == 0);
    totals->entries += atomic_load(&acknowledged->size);
    munmap(acknowledged, sizeof *acknowledged);
    scratch_remove(folder);
}

TEST(a_killed_writer_loses_nothing)
{
    const bool is_long = getenv("LONG") != NULL && getenv("LONG")[0] != '\0';
    const uint64_t start_ms = now_ms();
    struct random random = random_begin();
    struct totals totals = {0};

    while (is_long ? totals.kills < KILLS_LONG : now_ms() - start_ms < SECONDS_SHORT * 1000)
        round_of_lives(&totals, &random);
    CHECK(totals.entries > 0);
    fprintf(stderr, "  %llu kills, %llu of them between commit and acknowledgement, %llu entries\n",
            (unsigned long long)totals.kills, (unsigned long long)totals.ahead,
            (unsigned long long)totals.entries);
}

int
main(int argc, char **argv)
{
    if (crypt_init() != STATUS_OK)
        return EXIT_FAILURE;
    return check_run(argc, argv);
}
