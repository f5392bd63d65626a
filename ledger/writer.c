#include "writer.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "clock.h"

/* How long the writer waits before it tries again to open a store that does not open; seconds. */
#define RETRY_SECONDS 5

/* --- the queue --- */

/* Waits until there are jobs, the writer is to end, or it is time to look at the clock. */
static void
wait_for_work(struct writer *writer)
{
    const struct timespec until = clock_in_seconds(WRITER_DUTY_SECONDS);
    int waited = 0;

    while (writer->first == NULL && !writer->stopping && waited == 0)
        waited = pthread_cond_timedwait(&writer->wake, &writer->mutex, &until);
}

/* Takes as many jobs as one transaction takes: NULL when there are none. Says whether the writer is
 * to go on. */
static bool
take(struct writer *writer, struct writer_job **out)
{
    struct writer_job *jobs;
    struct writer_job *last;
    size_t bytes = 0;
    bool going;

    pthread_mutex_lock(&writer->mutex);
    wait_for_work(writer);
    jobs = writer->first;
    last = NULL;
    for (struct writer_job *job = jobs; job != NULL; job = job->next) {
        if (last != NULL && bytes + job->parcel.len > WRITER_BATCH_BYTES_MAX)
            break;
        bytes += job->parcel.len;
        writer->waiting--;
        last = job;
    }
    if (last != NULL) {
        writer->first = last->next;
        last->next = NULL;
        writer->waiting_bytes -= bytes;
    }
    if (writer->first == NULL)
        writer->last = NULL;
    going = jobs != NULL || !writer->stopping;
    pthread_mutex_unlock(&writer->mutex);
    *out = jobs;
    return going;
}

enum status
writer_submit(struct writer *writer, struct writer_job *job)
{
    enum status status = STATUS_OK;

    job->next = NULL;
    job->answer = NULL;
    pthread_mutex_lock(&writer->mutex);
    if (writer->stopping || writer->waiting == WRITER_QUEUE_MAX ||
        job->parcel.len > WRITER_QUEUE_BYTES_MAX - writer->waiting_bytes) {
        status = STATUS_SERVER_BUSY;
        writer->counts.busy++;
    } else {
        if (writer->last == NULL)
            writer->first = job;
        else
            writer->last->next = job;
        writer->last = job;
        writer->waiting++;
        writer->waiting_bytes += job->parcel.len;
        pthread_cond_signal(&writer->wake);
    }
    pthread_mutex_unlock(&writer->mutex);
    return status;
}

/* --- one batch --- */

/* The time and the randomness of a batch. */
static void
fill_moment(struct writer *writer, struct intake_moment *moment)
{
    const uint64_t last = writer->city->intake.apply.state.head.time;

    *moment = (struct intake_moment){.time_unix_s = writer->read_clock()};
    if (moment->time_unix_s < last && last - moment->time_unix_s <= WRITER_CLOCK_BACK)
        moment->time_unix_s = last;
    writer->random(moment->seed, sizeof moment->seed);
}

/* The answer is the intake's only until its next call. */
static void
keep(struct writer_job *job)
{
    struct span *const answer = &job->result.answer;

    if (job->status != STATUS_OK || answer->len == 0)
        return;
    job->answer = malloc(answer->len);
    if (job->answer == NULL) {
        /* It is booked, or will be; only the answer is missing. It is there for the asking. */
        job->status = STATUS_SERVER_BUSY;
        job->result.answer = (struct span){NULL, 0};
        return;
    }
    memcpy(job->answer, answer->data, answer->len);
    answer->data = job->answer;
}

static void
drop(struct writer_job *job, enum status status)
{
    free(job->answer);
    job->answer = NULL;
    job->status = status;
    job->result = (struct intake_result){0};
}

/* Whether nothing can be said of what is on the disk. */
static bool
is_broken(enum status status)
{
    return status == STATUS_STORE_BROKEN || status == STATUS_LOG_ROLLBACK;
}

static void
book_one(struct writer *writer, struct writer_job *job)
{
    struct intake *const intake = &writer->city->intake;
    struct intake_moment moment;

    fill_moment(writer, &moment);
    moment.dry_run = job->dry_run;
    job->status = intake_submit(intake, &job->result, job->parcel, &moment);
    keep(job);
}

/* All jobs but dry runs in one transaction; its status. */
static enum status
book_together(struct writer *writer, struct writer_job *jobs)
{
    struct intake *const intake = &writer->city->intake;
    struct intake_moment moment;
    enum status status;

    fill_moment(writer, &moment);
    status = intake_batch_begin(intake, &moment);
    if (status != STATUS_OK)
        return status;
    for (struct writer_job *job = jobs; job != NULL; job = job->next) {
        if (job->dry_run)
            continue;
        apply_expect(&intake->apply, job->checked, job->checked_count);
        job->status = intake_batch_submit(intake, &job->result, job->parcel);
        keep(job);
    }
    return intake_batch_end(intake);
}

/* Books a list of jobs; the status of the store after it. */
static enum status
book(struct writer *writer, struct writer_job *jobs)
{
    enum status status = book_together(writer, jobs);

    for (struct writer_job *job = jobs; job != NULL; job = job->next) {
        if (status != STATUS_OK && !job->dry_run)
            drop(job, is_broken(status) ? STATUS_SERVER_BUSY : status);
        if (is_broken(status) && job->dry_run)
            drop(job, STATUS_SERVER_BUSY);
    }
    if (is_broken(status))
        return status;
    /* One of them spoiled it for all, or there was no room for all of them together. */
    for (struct writer_job *job = jobs; job != NULL; job = job->next) {
        if (status == STATUS_OK && !job->dry_run)
            continue;
        book_one(writer, job);
        if (is_broken(job->status)) {
            drop(job, STATUS_SERVER_BUSY);
            for (job = job->next; job != NULL; job = job->next) {
                if (status != STATUS_OK || job->dry_run)
                    drop(job, STATUS_SERVER_BUSY);
            }
            return STATUS_STORE_BROKEN;
        }
    }
    return STATUS_OK;
}

static void
answer(struct writer *writer, struct writer_job *jobs)
{
    struct writer_counts new = {.batches = 1};

    for (const struct writer_job *job = jobs; job != NULL; job = job->next) {
        new.jobs++;
        new.refused += job->status == STATUS_OK ? 0 : 1;
        new.repeated += job->result.repeated ? 1 : 0;
        new.entries += job->dry_run ? 0 : job->result.count;
    }
    pthread_mutex_lock(&writer->mutex);
    writer->counts.batches += new.batches;
    writer->counts.jobs += new.jobs;
    writer->counts.refused += new.refused;
    writer->counts.repeated += new.repeated;
    writer->counts.entries += new.entries;
    pthread_mutex_unlock(&writer->mutex);
    while (jobs != NULL) {
        struct writer_job *const job = jobs;
        uint8_t *const bytes = job->answer;

        /* `done` may free the job. */
        jobs = job->next;
        job->done(job);
        free(bytes);
    }
}

/* --- after a failed commit --- */

static void
set_health(struct writer *writer, enum status health)
{
    pthread_mutex_lock(&writer->mutex);
    writer->health = health;
    pthread_mutex_unlock(&writer->mutex);
}

/* Turns away whoever waits, and says whether the writer is to end. */
static bool
turn_away(struct writer *writer)
{
    struct writer_job *jobs;
    bool stopping;

    pthread_mutex_lock(&writer->mutex);
    jobs = writer->first;
    writer->first = NULL;
    writer->last = NULL;
    writer->waiting = 0;
    writer->waiting_bytes = 0;
    stopping = writer->stopping;
    pthread_mutex_unlock(&writer->mutex);
    for (struct writer_job *job = jobs; job != NULL; job = job->next)
        drop(job, STATUS_SERVER_BUSY);
    answer(writer, jobs);
    return stopping;
}

/* Closes the store, opens it and checks it, again and again until that works or the writer ends. */
static void
recover(struct writer *writer)
{
    enum status status;

    pthread_mutex_lock(&writer->mutex);
    writer->counts.failures++;
    pthread_mutex_unlock(&writer->mutex);
    set_health(writer, STATUS_STORE_BROKEN);
    pthread_rwlock_wrlock(&writer->store_lock);
    while ((status = city_reopen(writer->city)) != STATUS_OK) {
        set_health(writer, status);
        pthread_rwlock_unlock(&writer->store_lock);
        if (turn_away(writer))
            return;
        (void)nanosleep(&(struct timespec){.tv_sec = RETRY_SECONDS}, NULL);
        pthread_rwlock_wrlock(&writer->store_lock);
    }
    pthread_rwlock_unlock(&writer->store_lock);
    pthread_mutex_lock(&writer->mutex);
    writer->counts.reopens++;
    writer->health = STATUS_OK;
    pthread_mutex_unlock(&writer->mutex);
}

/* --- once a day --- */

#define DAY_SECONDS 86400

/* What a day asks of the node, each in a transaction of its own. A refusal is no failure: the day
 * is logged already, nothing is due, a hold is on. */
static enum status
do_duties(struct writer *writer)
{
    static enum status (*const duties[])(struct intake * intake, struct intake_result * out,
                                         const struct intake_moment *moment) = {
        intake_service_day, intake_close_due, intake_expire};
    const uint64_t day = writer->read_clock() / DAY_SECONDS;
    struct intake_result result;

    if (day == writer->day)
        return STATUS_OK;
    for (size_t i = 0; i < sizeof duties / sizeof duties[0]; i++) {
        struct intake_moment moment;
        enum status status;

        fill_moment(writer, &moment);
        status = duties[i](&writer->city->intake, &result, &moment);
        if (is_broken(status))
            return status;
        /* No room, or a clock that is behind the log: once more in a minute, and the day counts. */
        if (status == STATUS_ENTRY_TIME || status == STATUS_STORE_FULL)
            return STATUS_OK;
        pthread_mutex_lock(&writer->mutex);
        writer->counts.entries += result.count;
        writer->counts.duty_entries += result.count;
        pthread_mutex_unlock(&writer->mutex);
    }
    writer->day = day;
    pthread_mutex_lock(&writer->mutex);
    writer->counts.days++;
    pthread_mutex_unlock(&writer->mutex);
    return STATUS_OK;
}

static void *
run(void *context)
{
    struct writer *const writer = context;
    struct writer_job *jobs = NULL;

    do {
        enum status status = do_duties(writer);

        if (status == STATUS_OK && jobs != NULL)
            status = book(writer, jobs);
        else
            for (struct writer_job *job = jobs; job != NULL; job = job->next)
                drop(job, STATUS_SERVER_BUSY);
        if (jobs != NULL)
            answer(writer, jobs);
        if (status != STATUS_OK)
            recover(writer);
    } while (take(writer, &jobs));
    return NULL;
}

/* --- opening --- */

enum status
writer_open(struct writer *out, struct city *city, uint64_t (*read_clock)(void),
            void (*random)(void *out, size_t len))
{
    memset(out, 0, sizeof *out);
    out->city = city;
    out->read_clock = read_clock;
    out->random = random;
    if (pthread_rwlock_init(&out->store_lock, NULL) != 0)
        return STATUS_SERVER_START;
    if (pthread_mutex_init(&out->mutex, NULL) == 0) {
        if (clock_condition(&out->wake)) {
            if (pthread_create(&out->thread, NULL, run, out) == 0)
                return STATUS_OK;
            pthread_cond_destroy(&out->wake);
        }
        pthread_mutex_destroy(&out->mutex);
    }
    pthread_rwlock_destroy(&out->store_lock);
    return STATUS_SERVER_START;
}

void
writer_stop(struct writer *writer)
{
    pthread_mutex_lock(&writer->mutex);
    writer->stopping = true;
    pthread_cond_signal(&writer->wake);
    pthread_mutex_unlock(&writer->mutex);
    pthread_join(writer->thread, NULL);
    assert(writer->first == NULL);
}

void
writer_close(struct writer *writer)
{
    pthread_cond_destroy(&writer->wake);
    pthread_mutex_destroy(&writer->mutex);
    pthread_rwlock_destroy(&writer->store_lock);
}

/* --- questions --- */

enum status
writer_lock_store(struct writer *writer)
{
    enum status status;

    pthread_rwlock_rdlock(&writer->store_lock);
    pthread_mutex_lock(&writer->mutex);
    status = writer->health;
    pthread_mutex_unlock(&writer->mutex);
    if (status != STATUS_OK)
        pthread_rwlock_unlock(&writer->store_lock);
    return status;
}

void
writer_unlock_store(struct writer *writer)
{
    pthread_rwlock_unlock(&writer->store_lock);
}

enum status
writer_state(struct writer *writer, struct writer_counts *counts, size_t *waiting)
{
    enum status status;

    pthread_mutex_lock(&writer->mutex);
    *counts = writer->counts;
    *waiting = writer->waiting;
    status = writer->health;
    pthread_mutex_unlock(&writer->mutex);
    return status;
}
