/* The life of a server: its start, its one thread that watches the door, its certificates, its end.
 */
#include "http.h"

#include <assert.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ledger/http_inside.h"

#define WORKERS_MAX 64
#define CONNECTIONS_MAX 65536
#define HEAD_MIN 4096
#define SECONDS_MAX 3600
/* How long http_close waits for answers to be sent. */
#define CLOSE_MS 2000
#define CLOSE_STEP_NS 2000000
/* New connections taken before the clock is looked at again. */
#define KNOCKS_MAX 64
#define EXHAUSTED_MS 50

/* ---- Daemons ----------------------------------------------------------------------------------*/

/* Threads of a server leave signals to the program's own. */
static void
block_signals(sigset_t *before)
{
    sigset_t all;
    int code = sigfillset(&all);

    assert(code == 0);
    code = pthread_sigmask(SIG_BLOCK, &all, before);
    assert(code == 0);
    (void)code;
}

static void
restore_signals(const sigset_t *before)
{
    const int code = pthread_sigmask(SIG_SETMASK, before, NULL);

    assert(code == 0);
    (void)code;
}

static enum status
make_daemon(struct MHD_Daemon **out, struct http *http)
{
    struct http_pem certificate = {0};
    struct http_pem key = {0};
    enum status status = STATUS_OK;
    sigset_t before;

    *out = NULL;
    if (http->options.certificate != NULL) {
        status = http_pem_read(&certificate, http->options.certificate);
        if (status == STATUS_OK)
            status = http_pem_read(&key, http->options.key);
    }
    if (status == STATUS_OK) {
        block_signals(&before);
        status = http_daemon_start(out, http, &certificate, &key);
        restore_signals(&before);
    }
    http_pem_wipe(&certificate);
    http_pem_wipe(&key);
    return status;
}

/* Wakes the watcher; a full pipe does so, too. */
static void
wake(const struct http *http)
{
    ssize_t put = write(http->wake[1], "", 1);

    (void)put;
}

enum status
http_reload(struct http *http)
{
    struct MHD_Daemon *daemon = NULL;
    enum status status = STATUS_SERVER_BUSY;
    unsigned next = 0;

    assert(http->options.certificate != NULL);
    (void)pthread_mutex_lock(&http->lock);
    while (next < HTTP_GENERATIONS_MAX && http->daemons[next] != NULL)
        next++;
    if (next < HTTP_GENERATIONS_MAX)
        status = make_daemon(&daemon, http);
    if (status == STATUS_OK) {
        http->daemons[next] = daemon;
        atomic_store(&http->generation, next);
    }
    (void)pthread_mutex_unlock(&http->lock);
    wake(http);
    return status;
}

/* Ends the daemons of earlier certificates that have no connection left; false when some have. */
static bool
retire(struct http *http)
{
    bool done = true;

    (void)pthread_mutex_lock(&http->lock);
    for (unsigned i = 0; i < HTTP_GENERATIONS_MAX; i++) {
        if (http->daemons[i] == NULL || i == atomic_load(&http->generation))
            continue;
        if (http_door_taken_by(&http->door, i) == 0 && atomic_load(&http->resuming) == 0) {
            http_daemon_stop(http->daemons[i]);
            http->daemons[i] = NULL;
        } else {
            done = false;
        }
    }
    (void)pthread_mutex_unlock(&http->lock);
    return done;
}

/* ---- The watcher ------------------------------------------------------------------------------*/

/* Lets in who knocks. */
static enum http_door_knock
let_in(struct http *http)
{
    enum http_door_knock knock = HTTP_DOOR_IN;
    union http_door_address address;
    int socket;

    (void)pthread_mutex_lock(&http->lock);
    for (unsigned i = 0; i < KNOCKS_MAX && knock <= HTTP_DOOR_REFUSED; i++) {
        const unsigned generation = atomic_load(&http->generation);

        knock = http_door_accept(&http->door, &socket, &address, generation, http_limit_ms(http));
        /* On failure the library closes it. */
        if (knock == HTTP_DOOR_IN && !http_daemon_add(http->daemons[generation], socket, &address))
            http_door_abandon(&http->door, socket);
    }
    (void)pthread_mutex_unlock(&http->lock);
    return knock;
}

/* The one thread that opens the door, ends what takes too long, and puts away old daemons. */
static void *
watch(void *context)
{
    struct http *http = context;
    const int tick_ms = http->options.seconds_max >= 8 ? 1000 : 100;
    struct pollfd polled[2] = {{.fd = http->wake[0], .events = POLLIN},
                               {.fd = http->door.listener, .events = POLLIN}};
    uint64_t swept_ms = http_now_ms();
    bool exhausted = false;
    bool idle = true;
    uint8_t byte;

    while (!atomic_load(&http->closing)) {
        const int wait_ms = exhausted ? EXHAUSTED_MS : idle ? -1 : tick_ms;

        if (poll(polled, exhausted ? 1 : 2, wait_ms) < 0)
            continue;
        while (read(http->wake[0], &byte, 1) == 1)
            ;
        exhausted = let_in(http) == HTTP_DOOR_EXHAUSTED;
        if (http_now_ms() - swept_ms >= (uint64_t)tick_ms) {
            swept_ms = http_now_ms();
            http_door_sweep(&http->door, swept_ms);
        }
        idle = retire(http) && http_door_taken(&http->door) == 0;
    }
    return NULL;
}

/* ---- Opening and closing ----------------------------------------------------------------------*/

void
http_defaults(struct http_options *out)
{
    *out = (struct http_options){.address = "127.0.0.1",
                                 .workers = 2,
                                 .connections_max = 1024,
                                 .per_client_max = 1024,
                                 .head_max = 16384,
                                 .body_max = (size_t)1 << 20,
                                 .bodies_max = (size_t)64 << 20,
                                 .seconds_max = 10};
}

static void
check_options(const struct http_options *options)
{
    assert(options->address != NULL);
    assert(options->handle != NULL);
    assert(options->workers >= 1 && options->workers <= WORKERS_MAX);
    assert(options->connections_max >= 1 && options->connections_max <= CONNECTIONS_MAX);
    assert(options->per_client_max >= 1);
    assert(options->head_max >= HEAD_MIN);
    assert(options->bodies_max >= options->body_max);
    assert(options->seconds_max >= 1 && options->seconds_max <= SECONDS_MAX);
    assert((options->certificate == NULL) == (options->key == NULL));
}

static enum status
make_pipe(int ends[static 2])
{
    if (pipe(ends) != 0) {
        ends[0] = -1;
        ends[1] = -1;
        return STATUS_SERVER_START;
    }
    for (size_t i = 0; i < 2; i++)
        if (fcntl(ends[i], F_SETFL, O_NONBLOCK) != 0 || fcntl(ends[i], F_SETFD, FD_CLOEXEC) != 0)
            return STATUS_SERVER_START;
    return STATUS_OK;
}

/* All of it but the door, and no thread runs any more. */
static void
discard(struct http *http)
{
    for (size_t i = 0; i < HTTP_GENERATIONS_MAX; i++)
        if (http->daemons[i] != NULL)
            http_daemon_stop(http->daemons[i]);
    for (size_t i = 0; i < 2; i++)
        if (http->wake[i] >= 0)
            (void)close(http->wake[i]);
    (void)pthread_mutex_destroy(&http->lock);
    free(http->exchanges);
}

static enum status
start(struct http *http)
{
    enum status status = make_pipe(http->wake);
    sigset_t before;

    http->exchanges = calloc(http->options.connections_max, sizeof *http->exchanges);
    if (http->exchanges == NULL)
        return STATUS_SERVER_START;
    for (size_t i = 0; i < http->options.connections_max; i++)
        http->exchanges[i].http = http;
    if (status == STATUS_OK)
        status = make_daemon(&http->daemons[0], http);
    if (status != STATUS_OK)
        return status;
    block_signals(&before);
    if (pthread_create(&http->watcher, NULL, watch, http) != 0)
        status = STATUS_SERVER_START;
    restore_signals(&before);
    return status;
}

enum status
http_open(struct http **out, const struct http_options *options)
{
    struct http *http = calloc(1, sizeof *http);
    enum status status;

    check_options(options);
    *out = NULL;
    if (http == NULL)
        return STATUS_SERVER_START;
    http->options = *options;
    status = http_door_open(&http->door, options->address, options->port, options->connections_max,
                            options->per_client_max);
    if (status == STATUS_OK && pthread_mutex_init(&http->lock, NULL) != 0) {
        http_door_close(&http->door);
        status = STATUS_SERVER_START;
    }
    if (status != STATUS_OK) {
        free(http);
        return status;
    }
    status = start(http);
    if (status != STATUS_OK) {
        discard(http);
        http_door_close(&http->door);
        free(http);
        return status;
    }
    *out = http;
    return STATUS_OK;
}

void
http_close(struct http *http)
{
    const struct timespec step = {0, CLOSE_STEP_NS};
    uint64_t until_ms;
    int code;

    if (http == NULL)
        return;
    atomic_store(&http->closing, true);
    wake(http);
    code = pthread_join(http->watcher, NULL);
    assert(code == 0);
    (void)code;
    http_door_shut(&http->door);
    http_answer_waiting(http);
    until_ms = http_now_ms() + CLOSE_MS;
    while (atomic_load(&http->pending) > 0 && http_now_ms() < until_ms)
        (void)nanosleep(&step, NULL);
    discard(http);
    http_door_close(&http->door);
    free(http);
}

uint16_t
http_port(const struct http *http)
{
    return http->door.port;
}

size_t
http_pending(const struct http *http)
{
    return atomic_load(&http->pending);
}
