/* The node's one writer: a thread that takes parcels from a queue and books them. There is no
 * timer: whatever waits when a batch has been written to the disk is the next batch.
 *
 * A job is answered after its entries are on the disk, and never before. When a commit fails nobody
 * knows what is on the disk: the writer closes and opens the store again, checks its log, and only
 * then goes on; the jobs of that batch are told to come again, which is harmless, as the same
 * parcel gets the answer of then.
 *
 * Once a day, and when it starts, the writer logs the service day, closes what is due and takes
 * expired lots off the books. */
#ifndef SCHWEBE_WRITER_H
#define SCHWEBE_WRITER_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "city.h"
#include "intake.h"
#include "protocol/span.h"
#include "protocol/status.h"

/* Jobs that wait; beyond it a submission is refused at once. */
#define WRITER_QUEUE_MAX 4096
/* Bytes of the parcels that wait, and of those in one transaction. */
#define WRITER_QUEUE_BYTES_MAX ((size_t)64 * 1024 * 1024)
#define WRITER_BATCH_BYTES_MAX ((size_t)8 * 1024 * 1024)
/* How often the writer looks whether a new day has begun; seconds. */
#define WRITER_DUTY_SECONDS 60
/* A clock that was set back by less stands still instead; seconds. */
#define WRITER_CLOCK_BACK UINT64_C(120)

/* One parcel. The caller's until writer_submit returns OK, and again once `done` is called. */
struct writer_job {
    struct span parcel; /* borrowed */
    bool dry_run;       /* say what would happen, book nothing */
    /* Signatures of the parcel that were verified beforehand, as apply_check_name names them. */
    size_t checked_count;
    const struct digest *checked;
    /* Called in the writer's thread with the fields below. */
    void (*done)(struct writer_job *job);
    void *context;
    enum status status;
    struct intake_result result; /* `answer` borrows until `done` returns */
    /* The writer's own. */
    struct writer_job *next;
    uint8_t *answer;
};

/* How often what happened since the start; for the metrics. */
struct writer_counts {
    uint64_t batches;
    uint64_t jobs;
    uint64_t refused;
    uint64_t repeated;
    uint64_t entries;
    uint64_t busy;         /* turned away */
    uint64_t failures;     /* commits of which nobody knows whether they are there */
    uint64_t reopens;      /* after such a one */
    uint64_t days;         /* whose duties are done */
    uint64_t duty_entries; /* that they came to */
};

/* Owned by whoever opened it. */
struct writer {
    struct city *city; /* borrowed; no duties before it has parameters */
    uint64_t (*read_clock)(void);
    void (*random)(void *out, size_t len);
    pthread_rwlock_t store_lock; /* readers of the store hold it; the writer while it reopens */
    pthread_mutex_t mutex;       /* guards what follows */
    pthread_cond_t wake;
    struct writer_job *first;
    struct writer_job *last;
    size_t waiting;
    size_t waiting_bytes;
    bool stopping;
    enum status health; /* OK, or why nothing is booked */
    struct writer_counts counts;
    pthread_t thread;
    uint64_t day; /* the last one whose duties are done; the thread's own */
};

/* Starts the thread. `read_clock` and `random` are the machine's. SERVER_START when there are no
 * threads. */
MUST_CHECK enum status writer_open(struct writer *out, struct city *city,
                                   uint64_t (*read_clock)(void),
                                   void (*random)(void *out, size_t len));

/* Puts a job into the queue. SERVER_BUSY when it is full or the writer is being closed: `done` is
 * not called then. */
MUST_CHECK enum status writer_submit(struct writer *writer, struct writer_job *job);

/* Takes no more jobs, books what waits, and ends the thread. Questions can still be asked. */
void writer_stop(struct writer *writer);
/* After writer_stop, when nobody asks any more. */
void writer_close(struct writer *writer);

/* The store does not go away between these two; a read transaction lies within. The status is OK,
 * or why there is no store; then the lock is not held. */
MUST_CHECK enum status writer_lock_store(struct writer *writer);
void writer_unlock_store(struct writer *writer);

/* What happened, how many jobs wait, and whether the writer works: OK or why not. */
enum status writer_state(struct writer *writer, struct writer_counts *counts, size_t *waiting);

#endif
