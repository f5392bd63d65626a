#include "http_server.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LONG_LEN ((size_t)8 << 20)
#define PATIENCE_MS 5000

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct http_exchange *waiting[HTTP_SERVER_WAITING_MAX];
static size_t waiting_first;
static size_t waiting_end;
static atomic_size_t calls;

/* ---- The handler ------------------------------------------------------------------------------*/

static struct span
span_of(const char *text)
{
    return (struct span){(const uint8_t *)text, strlen(text)};
}

static void
keep(struct http_exchange *exchange)
{
    (void)pthread_mutex_lock(&lock);
    if (waiting_end == HTTP_SERVER_WAITING_MAX)
        abort();
    waiting[waiting_end++] = exchange;
    (void)pthread_mutex_unlock(&lock);
}

static void
reply_long(struct http_exchange *exchange)
{
    uint8_t *body = calloc(1, LONG_LEN);

    if (body == NULL)
        abort();
    http_reply(exchange, &(struct http_reply){.code = 200, .body = {body, LONG_LEN}});
    free(body);
}

/* "POST /path q=value accept=value 12". */
static void
reply_asked(struct http_exchange *exchange)
{
    static const char *const methods[] = {
        [HTTP_GET] = "GET", [HTTP_HEAD] = "HEAD", [HTTP_POST] = "POST", [HTTP_OTHER] = "other"};
    const char *query = http_query(exchange, "q");
    const char *accept = http_header(exchange, "accept");
    char text[1024];

    (void)snprintf(text, sizeof text, "%s %s q=%s accept=%s %zu", methods[http_method(exchange)],
                   http_path(exchange), query != NULL ? query : "none",
                   accept != NULL ? accept : "none", http_body(exchange).len);
    http_reply(exchange,
               &(struct http_reply){.code = 200, .type = "text/plain", .body = span_of(text)});
}

static void
handle(void *context, struct http_exchange *exchange)
{
    const char *path = http_path(exchange);

    (void)context;
    (void)atomic_fetch_add(&calls, 1);
    if (strcmp(path, "/later") == 0)
        keep(exchange);
    else if (strcmp(path, "/echo") == 0)
        http_reply(exchange, &(struct http_reply){.code = 200, .body = http_body(exchange)});
    else if (strcmp(path, "/long") == 0)
        reply_long(exchange);
    else if (strcmp(path, "/full") == 0)
        http_reply(exchange, &(struct http_reply){.code = 405,
                                                  .retry_seconds = 7,
                                                  .type = "application/problem+json",
                                                  .body = span_of("{}"),
                                                  .cache = "public, max-age=60",
                                                  .policy = "default-src 'self'",
                                                  .allow = "GET, HEAD"});
    else
        reply_asked(exchange);
}

/* ---- What a test does -------------------------------------------------------------------------*/

void
http_server_options(struct http_options *out)
{
    http_defaults(out);
    out->connections_max = 400;
    out->per_client_max = 400;
    out->body_max = 4096;
    out->bodies_max = 8192;
    out->seconds_max = 2;
    out->handle = handle;
}

struct http *
http_server_open(const struct http_options *options)
{
    struct http *http;

    waiting_first = 0;
    waiting_end = 0;
    atomic_store(&calls, 0);
    return http_open(&http, options) == STATUS_OK ? http : NULL;
}

size_t
http_server_calls(void)
{
    return atomic_load(&calls);
}

void
http_server_sleep_ms(unsigned ms)
{
    const struct timespec time = {ms / 1000, (long)(ms % 1000) * 1000000};

    (void)nanosleep(&time, NULL);
}

uint64_t
http_server_now_ms(void)
{
    struct timespec now;

    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0)
        abort();
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static size_t
count_waiting(void)
{
    size_t count;

    (void)pthread_mutex_lock(&lock);
    count = waiting_end - waiting_first;
    (void)pthread_mutex_unlock(&lock);
    return count;
}

bool
http_server_waits(size_t count)
{
    for (unsigned i = 0; i < PATIENCE_MS / 2 && count_waiting() < count; i++)
        http_server_sleep_ms(2);
    return count_waiting() == count;
}

void
http_server_answer(void)
{
    struct http_exchange *exchange;
    char text[64];

    (void)pthread_mutex_lock(&lock);
    if (waiting_first == waiting_end)
        abort();
    exchange = waiting[waiting_first++];
    (void)pthread_mutex_unlock(&lock);
    (void)snprintf(text, sizeof text, "%s", http_query(exchange, "n"));
    http_reply(exchange, &(struct http_reply){.code = 200, .body = span_of(text)});
}

bool
http_server_rests(const struct http *http, size_t count)
{
    for (unsigned i = 0; i < PATIENCE_MS / 2 && http_pending(http) > count; i++)
        http_server_sleep_ms(2);
    return http_pending(http) <= count;
}
