#include "serve_parts.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "digits.h"
#include "problem.h"
#include "program.h"
#include "protocol/command.h"

/* --- answers --- */

void
serve_answer(struct serve *serve, struct http_exchange *exchange, const struct http_reply *reply)
{
    assert(reply->code >= 200 && reply->code < 600);
    atomic_fetch_add_explicit(&serve->answers[reply->code / 100], 1, memory_order_relaxed);
    http_reply(exchange, reply);
}

/* Whether a page asks rather than a program: it names JSON among what it takes. */
static bool
wants_json(const struct http_exchange *exchange)
{
    const char *const accept = http_header(exchange, "Accept");

    return accept != NULL && strstr(accept, "json") != NULL;
}

void
serve_refuse(struct serve *serve, struct http_exchange *exchange, enum status status)
{
    uint8_t bytes[PROBLEM_MAX];
    struct http_reply reply = {.code = problem_code(status), .body = {bytes, 0}};

    if (wants_json(exchange)) {
        reply.type = PROBLEM_JSON_TYPE;
        reply.body.len = problem_write_json((char *)bytes, status);
    } else {
        reply.type = PROBLEM_TYPE;
        reply.body.len = problem_write(bytes, status);
    }
    if (reply.code == 503)
        reply.retry_seconds = status == STATUS_SERVER_BUSY ? 1 : 30;
    serve_answer(serve, exchange, &reply);
}

void
serve_body(struct serve *serve, struct http_exchange *exchange, const char *type, struct span body,
           const char *cache)
{
    const struct http_reply reply = {.code = 200, .type = type, .body = body, .cache = cache};

    serve_answer(serve, exchange, &reply);
}

bool
serve_number(uint64_t *out, const char *text, const char *end, uint64_t most)
{
    return end >= text &&
           digits_read(out, (struct span){(const uint8_t *)text, (size_t)(end - text)}, most);
}

/* --- routes --- */

/* A path, or the beginning of one when it ends with a slash. */
static const struct route {
    const char *path;
    enum http_method method;
    void (*serve)(struct serve *serve, struct http_exchange *exchange, const char *rest);
} routes[] = {
    {"/parcel", HTTP_POST, serve_parcel}, {"/question", HTTP_POST, serve_question},
    {"/city", HTTP_GET, serve_city},      {"/till/", HTTP_GET, serve_till},
    {"/news", HTTP_GET, serve_news},      {"/checkpoint", HTTP_GET, serve_checkpoint},
    {"/tile/", HTTP_GET, serve_tile},     {"/proof/", HTTP_GET, serve_proof},
    {"/health", HTTP_GET, serve_health},  {"/metrics", HTTP_GET, serve_metrics},
    {"/books", HTTP_GET, serve_books},
};

static const struct route *
find_route(const char *path)
{
    for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++) {
        const size_t len = strlen(routes[i].path);

        if (strncmp(path, routes[i].path, len) == 0 &&
            (path[len] == '\0' || routes[i].path[len - 1] == '/'))
            return &routes[i];
    }
    return NULL;
}

static void
handle(void *context, struct http_exchange *exchange)
{
    struct serve *const serve = context;
    const char *const path = http_path(exchange);
    const struct route *const route = find_route(path);
    enum http_method method = http_method(exchange);

    if (method == HTTP_HEAD)
        method = HTTP_GET;
    if (route == NULL) {
        serve_refuse(serve, exchange, STATUS_NOT_FOUND);
    } else if (method != route->method) {
        serve_answer(serve, exchange,
                     &(struct http_reply){
                         .code = 405, .allow = route->method == HTTP_POST ? "POST" : "GET, HEAD"});
    } else {
        route->serve(serve, exchange, path + strlen(route->path));
    }
}

/* The refusals that HTTP itself gives. */
static void
refuse(void *context, struct http_reply *reply)
{
    static uint8_t busy[PROBLEM_MAX];
    static uint8_t large[PROBLEM_MAX];
    static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    const bool too_large = reply->code == 413;

    (void)context;
    if (!too_large && reply->code != 503)
        return;
    pthread_mutex_lock(&mutex);
    reply->body.data = too_large ? large : busy;
    reply->body.len =
        problem_write(too_large ? large : busy, too_large ? STATUS_TOO_LARGE : STATUS_SERVER_BUSY);
    pthread_mutex_unlock(&mutex);
    reply->type = PROBLEM_TYPE;
}

/* --- opening --- */

static unsigned
count_workers(const struct serve_options *options)
{
    const long cores = sysconf(_SC_NPROCESSORS_ONLN);
    unsigned workers = options->workers;

    if (workers == 0)
        workers = cores < 1 ? 1 : (unsigned)cores;
    return workers > SERVE_WORKERS_MAX ? SERVE_WORKERS_MAX : workers;
}

/* Connections of one client when clients come by themselves. On loopback they come through a proxy
 * that has one address for all of them. */
#define CLIENT_MAX 32

static bool
is_loopback(const char *address)
{
    return strncmp(address, "127.", 4) == 0 || strcmp(address, "::1") == 0;
}

static void
free_serve(struct serve *serve)
{
    for (size_t i = 0; i < serve->precheck_count; i++)
        free(serve->prechecks[i]);
    pthread_mutex_destroy(&serve->mutex);
    pthread_mutex_destroy(&serve->reading);
    free(serve);
}

static struct serve *
make_serve(struct city *city, const struct serve_options *options, unsigned workers)
{
    struct serve *const serve = calloc(1, sizeof *serve);
    struct digest digest;

    if (serve == NULL)
        return NULL;
    serve->city = city;
    serve->open_entries = options->open_entries;
    serve->tls = options->certificate != NULL;
    serve->read_clock = options->read_clock;
    serve->started_unix_s = options->read_clock();
    if (program_digest(&digest) == STATUS_OK)
        command_to_hex(serve->program, digest.bytes, sizeof digest.bytes);
    pthread_mutex_init(&serve->mutex, NULL);
    pthread_mutex_init(&serve->reading, NULL);
    intake_open(&serve->reader, &city->log, &city->keys);
    for (unsigned i = 0; i < workers; i++) {
        struct precheck *const precheck = calloc(1, sizeof *precheck);

        if (precheck == NULL) {
            free_serve(serve);
            return NULL;
        }
        serve->prechecks[serve->precheck_count++] = precheck;
    }
    return serve;
}

enum status
serve_open(struct serve **out, struct city *city, const struct serve_options *options)
{
    const unsigned workers = count_workers(options);
    struct http_options http;
    struct serve *const serve = make_serve(city, options, workers);
    enum status status;

    *out = NULL;
    if (serve == NULL)
        return STATUS_SERVER_START;
    status = writer_open(&serve->writer, city, options->read_clock, options->random);
    if (status != STATUS_OK) {
        free_serve(serve);
        return status;
    }
    http_defaults(&http);
    http.address = options->address;
    http.port = options->port;
    http.workers = workers;
    http.body_max = SERVE_BODY_MAX;
    if (!is_loopback(options->address))
        http.per_client_max = CLIENT_MAX;
    http.certificate = options->certificate;
    http.key = options->key;
    http.handle = handle;
    http.refuse = refuse;
    http.context = serve;
    status = serve_witness_open(serve, options->policy, options->authorities);
    if (status == STATUS_OK)
        status = http_open(&serve->http, &http);
    if (status != STATUS_OK) {
        serve_witness_close(serve);
        writer_stop(&serve->writer);
        writer_close(&serve->writer);
        free_serve(serve);
        return status;
    }
    *out = serve;
    return STATUS_OK;
}

/* The writer first: it answers all that it has, and whoever comes after that is told to come again.
 */
void
serve_stop(struct serve *serve)
{
    if (!serve->stopped)
        writer_stop(&serve->writer);
    serve->stopped = true;
}

void
serve_close(struct serve *serve)
{
    if (serve == NULL)
        return;
    serve_stop(serve);
    serve_witness_close(serve);
    http_close(serve->http);
    writer_close(&serve->writer);
    free_serve(serve);
}

enum status
serve_count(struct serve *serve, struct serve_counts *out)
{
    size_t waiting;
    const enum status status = writer_state(&serve->writer, &out->writer, &waiting);

    out->waiting = waiting;
    for (size_t i = 0; i < sizeof out->answers / sizeof out->answers[0]; i++)
        out->answers[i] = atomic_load_explicit(&serve->answers[i], memory_order_relaxed);
    return status;
}

const char *
serve_program(const struct serve *serve)
{
    return serve->program;
}

uint16_t
serve_port(const struct serve *serve)
{
    return http_port(serve->http);
}

enum status
serve_reload(struct serve *serve)
{
    return serve->tls ? http_reload(serve->http) : STATUS_OK;
}
