/* Power cuts, without a machine to break. Everything that is written is recorded, with what was
 * synced when. From it come the files as they may be after a cut at any moment: all that was
 * synced, and of the rest any sectors of 512 bytes. Each must open, verify, and hold every
 * acknowledged batch. The same images from a disk that only pretends to sync must fail often, or
 * the test is blind. Six hundred images, or with LONG set a hundred thousand. */
#include "check.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "intercept.h"
#include "ledger/log.h"
#include "workload.h"

#define SECTOR 512
#define FILES 2 /* the store's file and the second place */
#define FILE_BYTES_MAX ((size_t)16 << 20)
#define WRITTEN_BYTES_MAX ((size_t)64 << 20)
#define EVENTS_MAX 20000
#define BATCHES 60
#define IMAGES_SHORT 600
#define IMAGES_LONG 100000
#define SELF_TEST_IMAGES 300

bool intercept_skips_sync;

/* ---- The record -------------------------------------------------------------------------------*/

static bool recording;

struct event {
    enum { WRITTEN, SYNCED, WRITE_SYNCED, ACKNOWLEDGED } what;
    size_t file;
    uint64_t at; /* offset in the file; the event that is synced; the log's size */
    size_t len;
    size_t bytes; /* where in `written` */
};

static struct {
    dev_t device[FILES];
    ino_t inode[FILES];
    struct event events[EVENTS_MAX];
    size_t count;
    uint8_t *written;
    size_t written_len;
} record;

/* The number of a recorded file, FILES for others. */
static size_t
file_of(int fd)
{
    struct stat about;

    if (!recording || fstat(fd, &about) != 0)
        return FILES;
    for (size_t i = 0; i < FILES; i++)
        if (about.st_dev == record.device[i] && about.st_ino == record.inode[i])
            return i;
    return FILES;
}

static void
note_event(struct event event)
{
    if (record.count == EVENTS_MAX)
        abort();
    record.events[record.count++] = event;
}

/* From here on some of it may be on the disk. */
void
intercept_write(int fd, const void *bytes, size_t len, off_t at)
{
    const size_t file = file_of(fd);

    if (file == FILES)
        return;
    if (record.written_len + len > WRITTEN_BYTES_MAX)
        abort();
    memcpy(record.written + record.written_len, bytes, len);
    note_event((struct event){WRITTEN, file, (uint64_t)at, len, record.written_len});
    record.written_len += len;
}

/* With O_DSYNC a write that ends is there, but nothing else is. */
void
intercept_end(int fd, enum call call)
{
    const size_t file = file_of(fd);

    if (file == FILES)
        return;
    if (call == CALL_FDATASYNC || call == CALL_FSYNC)
        note_event((struct event){SYNCED, file, 0, 0, 0});
    else if ((fcntl(fd, F_GETFL) & O_DSYNC) != 0)
        note_event((struct event){WRITE_SYNCED, file, record.count - 1, 0, 0});
}

int
intercept_failure(enum call call)
{
    (void)call;
    return -1;
}

/* ---- The images -------------------------------------------------------------------------------*/

struct disk {
    uint8_t *bytes;
    size_t len;
};

static bool
is_long(void)
{
    const char *value = getenv("LONG");

    return value != NULL && value[0] != '\0';
}

/* Which sectors of what was written, but not synced, are on the disk after the cut. */
enum luck { NONE, ALL, WHOLE_WRITES, SECTORS, LUCKS };

static void
apply(struct disk *disk, const struct event *event, enum luck luck, struct random *random)
{
    const bool whole = luck == ALL || (luck == WHOLE_WRITES && random_below(random, 2) == 0);
    size_t done = 0;

    if (event->at + event->len > FILE_BYTES_MAX)
        abort();
    while (done < event->len) {
        const size_t at = (size_t)event->at + done;
        size_t len = SECTOR - at % SECTOR;

        if (len > event->len - done)
            len = event->len - done;
        if (whole || (luck == SECTORS && random_below(random, 2) == 0)) {
            /* What lies between the old end and a later sector reads as zeros. */
            memcpy(disk->bytes + at, record.written + event->bytes + done, len);
            if (disk->len < at + len)
                disk->len = at + len;
        }
        done += len;
    }
}

/* What a process that starts after the cut says: 0 when all is well. */
static int
check_image(const char *folder, uint64_t acknowledged)
{
    struct workload work;
    struct checkpoint last;
    enum status status;
    const char *problem;
    struct note note;

    intercept_skips_sync = true;
    workload_init(&work, folder);
    /* What was acknowledged stands in the second place too, or a backup could undo it. */
    if (pledge_read(&last, &note, work.second, &work.key) != STATUS_OK || last.size < acknowledged)
        return 5;
    status = workload_open(&work);
    if (status != STATUS_OK)
        return 1;
    if (work.log.size < acknowledged)
        return 2;
    problem = workload_problem(&work);
    if (problem != NULL)
        return 3;
    /* Life goes on. */
    if (workload_batch(&work, 3) != STATUS_OK || workload_problem(&work) != NULL)
        return 4;
    workload_close(&work);
    return 0;
}

/* In a process of its own: a bad image may end it. */
static bool
image_is_good(const char *folder, const struct disk disks[static FILES], uint64_t acknowledged,
              bool is_told)
{
    int exit_status = 0;
    struct workload work;
    pid_t child;

    workload_init(&work, folder);
    if (!scratch_write(work.data, disks[0].bytes, disks[0].len) ||
        !scratch_write(work.second, disks[1].bytes, disks[1].len))
        return false;
    child = fork();
    if (child == 0) {
        if (!is_told && (freopen("/dev/null", "w", stderr) == NULL))
            _exit(9);
        _exit(check_image(folder, acknowledged));
    }
    if (child < 0 || waitpid(child, &exit_status, 0) != child)
        return false;
    if (exit_status != 0 && is_told)
        fprintf(stderr, "    an image with %llu acknowledged entries ends with %x\n",
                (unsigned long long)acknowledged, (unsigned)exit_status);
    return exit_status == 0;
}

/* A workload on the recorded calls. `before` gets the files as they were before it. */
static void
record_workload(struct workload *work, struct disk before[static FILES], struct random *random)
{
    const char *const paths[FILES] = {work->data, work->second};

    for (size_t i = 0; i < FILES; i++) {
        struct stat about;

        REQUIRE(stat(paths[i], &about) == 0);
        record.device[i] = about.st_dev;
        record.inode[i] = about.st_ino;
        REQUIRE(scratch_read(before[i].bytes, &before[i].len, FILE_BYTES_MAX, paths[i]));
    }
    record.count = 0;
    record.written_len = 0;
    recording = true;
    REQUIRE(workload_open(work) == STATUS_OK);
    for (int i = 0; i < BATCHES; i++) {
        CHECK_STATUS(workload_batch(work, 1 + random_below(random, i % 10 == 0 ? 150 : 20)),
                     STATUS_OK);
        note_event((struct event){ACKNOWLEDGED, 0, work->log.size, 0, 0});
        /* Readers and restarts change which pages are reused. */
        if (i % 20 == 19) {
            workload_close(work);
            REQUIRE(workload_open(work) == STATUS_OK);
        }
    }
    recording = false;
    workload_close(work);
}

/* The disk up to some event. */
struct replay {
    struct disk durable[FILES];
    struct disk image[FILES];
    bool pending[EVENTS_MAX];
    size_t oldest_pending;
    uint64_t acknowledged;
    bool lies; /* fdatasync does nothing */
};

static void
step(struct replay *replay, size_t now)
{
    const struct event *event = &record.events[now];

    switch (event->what) {
    case WRITTEN:
        replay->pending[now] = true;
        break;
    case WRITE_SYNCED:
        apply(&replay->durable[event->file], &record.events[event->at], ALL, NULL);
        replay->pending[event->at] = false;
        break;
    case SYNCED:
        for (size_t i = replay->oldest_pending; i < now && !replay->lies; i++)
            if (replay->pending[i] && record.events[i].file == event->file) {
                apply(&replay->durable[event->file], &record.events[i], ALL, NULL);
                replay->pending[i] = false;
            }
        break;
    case ACKNOWLEDGED:
        replay->acknowledged = event->at;
        break;
    }
    while (replay->oldest_pending < now && !replay->pending[replay->oldest_pending])
        replay->oldest_pending++;
}

static void
make_image(struct replay *replay, size_t now, struct random *random)
{
    const uint64_t choice = random_below(random, LUCKS);
    const enum luck luck = (enum luck)choice;

    for (size_t i = 0; i < FILES; i++) {
        memset(replay->image[i].bytes, 0, replay->image[i].len);
        memcpy(replay->image[i].bytes, replay->durable[i].bytes, replay->durable[i].len);
        replay->image[i].len = replay->durable[i].len;
    }
    for (size_t i = replay->oldest_pending; i <= now; i++)
        if (replay->pending[i])
            apply(&replay->image[record.events[i].file], &record.events[i], luck, random);
}

/* Makes about `images` images, spread over all moments; gives how many are bad. */
static uint64_t
cut_power(uint64_t *made, const char *folder, const struct disk before[static FILES],
          uint64_t images, bool lies)
{
    static struct replay replay;
    struct random random = random_begin();
    uint64_t bad = 0;

    memset(replay.pending, 0, sizeof replay.pending);
    replay.oldest_pending = 0;
    replay.acknowledged = 0;
    replay.lies = lies;
    for (size_t i = 0; i < FILES; i++) {
        if (replay.durable[i].bytes == NULL) {
            replay.durable[i].bytes = calloc(1, FILE_BYTES_MAX);
            replay.image[i].bytes = calloc(1, FILE_BYTES_MAX);
        }
        if (replay.durable[i].bytes == NULL || replay.image[i].bytes == NULL)
            abort();
        memset(replay.durable[i].bytes, 0, FILE_BYTES_MAX);
        memcpy(replay.durable[i].bytes, before[i].bytes, before[i].len);
        replay.durable[i].len = before[i].len;
    }
    *made = 0;
    for (size_t now = 0; now < record.count; now++) {
        step(&replay, now);
        while (*made * record.count < images * (now + 1)) {
            make_image(&replay, now, &random);
            bad += image_is_good(folder, replay.image, replay.acknowledged, !lies) ? 0 : 1;
            ++*made;
        }
    }
    return bad;
}

TEST(power_cuts_lose_nothing)
{
    static struct workload work;
    struct random random = random_begin();
    struct disk before[FILES] = {{NULL, 0}, {NULL, 0}};
    char folder[SCRATCH_PATH_MAX];
    char copies[SCRATCH_PATH_MAX];
    uint64_t made;
    uint64_t bad;

    scratch_make(folder);
    scratch_make(copies);
    record.written = malloc(WRITTEN_BYTES_MAX);
    for (size_t i = 0; i < FILES; i++)
        before[i].bytes = malloc(FILE_BYTES_MAX);
    REQUIRE(record.written != NULL && before[0].bytes != NULL && before[1].bytes != NULL);
    workload_init(&work, copies);
    CHECK_STATUS(store_create(work.store_folder), STATUS_OK);
    workload_init(&work, folder);
    CHECK_STATUS(workload_create(&work), STATUS_OK);
    record_workload(&work, before, &random);

    bad = cut_power(&made, copies, before, is_long() ? IMAGES_LONG : IMAGES_SHORT, false);
    CHECK(bad == 0);
    fprintf(stderr, "  %zu events, %llu images, %llu bad", record.count, (unsigned long long)made,
            (unsigned long long)bad);
    bad = cut_power(&made, copies, before, SELF_TEST_IMAGES, true);
    fprintf(stderr, "; on a disk that lies %llu of %llu\n", (unsigned long long)bad,
            (unsigned long long)made);
    CHECK(bad * 2 > made);
    for (size_t i = 0; i < FILES; i++)
        free(before[i].bytes);
    free(record.written);
    record.written = NULL;
    scratch_remove(folder);
    scratch_remove(copies);
}

int
main(int argc, char **argv)
{
    if (crypt_init() != STATUS_OK)
        return EXIT_FAILURE;
    return check_run(argc, argv);
}
