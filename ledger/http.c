#include "http.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include <microhttpd.h>

#include "ledger/http_head.h"
#include "ledger/http_inside.h"

#define RETRY_SECONDS 1
#define POLICY_DEFAULT "default-src 'none'"
#define TLS_PRIORITIES "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"

uint64_t
http_now_ms(void)
{
    struct timespec now = {0};
    const int code = clock_gettime(CLOCK_MONOTONIC, &now);

    assert(code == 0);
    (void)code;
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

uint64_t
http_limit_ms(const struct http *http)
{
    return http_now_ms() + (uint64_t)http->options.seconds_max * 1000;
}

/* ---- Answers ----------------------------------------------------------------------------------*/

static bool
add(struct MHD_Response *response, const char *name, const char *value)
{
    return value == NULL || MHD_add_response_header(response, name, value) == MHD_YES;
}

/* NULL without memory. The library takes a body through a pointer to what it might change; it
 * copies it. */
static struct MHD_Response *
make_response(const struct http_reply *reply, bool last)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(
        reply->body.len, (void *)(uintptr_t)reply->body.data, MHD_RESPMEM_MUST_COPY);
    char seconds[16];
    bool made = response != NULL;

    (void)snprintf(seconds, sizeof seconds, "%u", reply->retry_seconds);
    made = made && add(response, "X-Content-Type-Options", "nosniff");
    made = made && add(response, "Referrer-Policy", "no-referrer");
    made = made && add(response, "Content-Security-Policy",
                       reply->policy != NULL ? reply->policy : POLICY_DEFAULT);
    made = made && add(response, "Cache-Control", reply->cache != NULL ? reply->cache : "no-store");
    made = made && add(response, "Content-Type", reply->type);
    made = made && add(response, "Allow", reply->allow);
    made = made && add(response, "Retry-After", reply->retry_seconds > 0 ? seconds : NULL);
    made = made && add(response, "Connection", last ? "close" : NULL);
    if (made || response == NULL)
        return response;
    MHD_destroy_response(response);
    return NULL;
}

/* Whether this is the last answer on its connection. */
static bool
is_last(const struct http_exchange *exchange)
{
    const struct http *http = exchange->http;

    return atomic_load(&http->closing) || atomic_load(&http->generation) != exchange->generation;
}

static struct MHD_Response *
make_refusal(const struct http_exchange *exchange, unsigned code)
{
    const struct http_options *options = &exchange->http->options;
    struct http_reply reply = {.code = code, .retry_seconds = code == 503 ? RETRY_SECONDS : 0};

    if (options->refuse != NULL)
        options->refuse(options->context, &reply);
    reply.code = code;
    return make_response(&reply, is_last(exchange));
}

/* The worker's side of an answer. Without one, as there is no memory, the connection ends. */
static enum MHD_Result
send_response(struct http_exchange *exchange, unsigned code, struct MHD_Response *response)
{
    enum MHD_Result result;

    if (response == NULL)
        return MHD_NO;
    atomic_store(&exchange->state, HTTP_ANSWERED);
    http_door_keep(&exchange->http->door, exchange->seat, http_limit_ms(exchange->http));
    result = MHD_queue_response(exchange->connection, code, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result
refuse(struct http_exchange *exchange, unsigned code)
{
    return send_response(exchange, code, make_refusal(exchange, code));
}

/* Puts an answer in place, once. What the caller thereby gives back may be gone when this returns.
 */
static void
answer(struct http_exchange *exchange, unsigned code, struct MHD_Response *response)
{
    struct MHD_Connection *connection = exchange->connection;
    struct http *http = exchange->http;
    int before = HTTP_HANDLED;

    exchange->response = response;
    exchange->code = code;
    /* The library still looks at its daemon when the exchange may be over already. */
    (void)atomic_fetch_add(&http->resuming, 1);
    /* While the handler runs, its worker sends the answer after it. */
    if (!atomic_compare_exchange_strong(&exchange->state, &before, HTTP_ANSWERED)) {
        assert(before == HTTP_WAITING);
        atomic_store(&exchange->state, HTTP_ANSWERED);
        MHD_resume_connection(connection);
    }
    (void)atomic_fetch_sub(&http->resuming, 1);
}

void
http_reply(struct http_exchange *exchange, const struct http_reply *reply)
{
    assert(reply->code >= 200 && reply->code <= 599);
    assert(reply->body.data != NULL || reply->body.len == 0);
    answer(exchange, reply->code, make_response(reply, is_last(exchange)));
}

/* ---- Requests ---------------------------------------------------------------------------------*/

static struct http_exchange *
exchange_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

    return info != NULL ? info->socket_context : NULL;
}

/* A request has ended in whatever way. */
static void
finish(struct http_exchange *exchange)
{
    struct http *http = exchange->http;

    assert(atomic_load(&exchange->state) != HTTP_WAITING);
    free(exchange->body);
    (void)atomic_fetch_sub(&http->bodies_len, exchange->body_cap);
    exchange->body = NULL;
    exchange->body_len = 0;
    exchange->body_cap = 0;
    if (exchange->response != NULL)
        MHD_destroy_response(exchange->response);
    exchange->response = NULL;
    atomic_store(&exchange->state, HTTP_IDLE);
    if (exchange->pending)
        (void)atomic_fetch_sub(&http->pending, 1);
    exchange->pending = false;
}

static void
on_completed(void *context, struct MHD_Connection *connection, void **own,
             enum MHD_RequestTerminationCode code)
{
    struct http_exchange *exchange = *own;
    struct http *http = context;

    (void)connection;
    (void)code;
    if (exchange == NULL)
        return;
    finish(exchange);
    http_door_keep(&http->door, exchange->seat, http_limit_ms(http));
}

/* A connection begins or ends; the library does not say of every request that it ended before. */
static void
on_connection(void *context, struct MHD_Connection *connection, void **own,
              enum MHD_ConnectionNotificationCode code)
{
    struct http *http = context;
    struct http_exchange *exchange = *own;
    const union MHD_ConnectionInfo *info;
    unsigned generation = 0;
    size_t seat;

    if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
        if (exchange != NULL) {
            finish(exchange);
            http_door_leave(&http->door, exchange->seat);
        }
        return;
    }
    info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    assert(info != NULL);
    seat = http_door_start(&http->door, &generation, info->connect_fd);
    if (seat == HTTP_DOOR_NONE) {
        (void)shutdown(info->connect_fd, SHUT_RDWR);
        return;
    }
    exchange = &http->exchanges[seat];
    exchange->connection = connection;
    exchange->seat = seat;
    exchange->generation = generation;
    *own = exchange;
}

/* The first line of a request is here; what is returned is given to the callbacks below. */
static void *
on_first_line(void *context, const char *target, struct MHD_Connection *connection)
{
    struct http_exchange *exchange = exchange_of(connection);
    struct http *http = context;

    if (exchange == NULL)
        return NULL;
    assert(atomic_load(&exchange->state) == HTTP_IDLE);
    exchange->path_code = http_head_path(exchange->path, target);
    atomic_store(&exchange->state, HTTP_BEGUN);
    http_door_keep(&http->door, exchange->seat, http_limit_ms(http));
    return exchange;
}

static enum MHD_Result
on_header(void *context, enum MHD_ValueKind kind, const char *name, const char *value)
{
    (void)kind;
    http_head_note(context, name, value);
    return MHD_YES;
}

/* Room for a body, whose length a chunked one does not tell; the code of the refusal, or 0. */
static unsigned
reserve(struct http_exchange *exchange, const struct http_head *head)
{
    struct http *http = exchange->http;
    const struct http_options *options = &http->options;
    const size_t cap = head->chunked ? options->body_max : (size_t)head->len;

    if (!head->chunked && head->len > options->body_max)
        return 413;
    if (cap == 0)
        return 0;
    if (atomic_fetch_add(&http->bodies_len, cap) + cap > options->bodies_max) {
        (void)atomic_fetch_sub(&http->bodies_len, cap);
        return 503;
    }
    exchange->body_cap = cap;
    exchange->body = malloc(cap);
    return exchange->body != NULL ? 0 : 503;
}

/* The head is here. An answer now ends the connection without reading on. */
static enum MHD_Result
begin(struct http_exchange *exchange, const char *method)
{
    struct http_head head = {0};
    unsigned code;

    atomic_store(&exchange->state, HTTP_READING);
    exchange->method = http_head_method(method);
    if (exchange->path_code != 0)
        return refuse(exchange, exchange->path_code);
    (void)MHD_get_connection_values(exchange->connection, MHD_HEADER_KIND, on_header, &head);
    if (!http_head_is_clear(&head))
        return refuse(exchange, 400);
    if (atomic_load(&exchange->http->closing))
        return refuse(exchange, 503);
    code = reserve(exchange, &head);
    return code == 0 ? MHD_YES : refuse(exchange, code);
}

/* A piece of the body. The library lets nobody answer in the midst of it, so that of a chunked one
 * that is too large as much again is read and forgotten; then the connection ends. */
static enum MHD_Result
take(struct http_exchange *exchange, const char *data, size_t *len)
{
    const size_t room = exchange->body_cap - exchange->body_len;

    if (atomic_load(&exchange->state) == HTTP_READING && *len <= room) {
        memcpy(exchange->body + exchange->body_len, data, *len);
        exchange->body_len += *len;
    } else if (atomic_load(&exchange->state) == HTTP_READING) {
        atomic_store(&exchange->state, HTTP_REFUSED);
        exchange->body_len = *len - room;
    } else {
        exchange->body_len += *len;
    }
    if (atomic_load(&exchange->state) == HTTP_REFUSED && exchange->body_len > exchange->body_cap)
        return MHD_NO;
    *len = 0;
    return MHD_YES;
}

static enum MHD_Result
send_answer(struct http_exchange *exchange)
{
    struct MHD_Response *response = exchange->response;

    exchange->response = NULL;
    return send_response(exchange, exchange->code, response);
}

/* Answers a waiting exchange when the server closes; somebody else may have done so before. */
static void
answer_closing(struct http_exchange *exchange)
{
    int before = HTTP_WAITING;

    if (!atomic_compare_exchange_strong(&exchange->state, &before, HTTP_ANSWERED))
        return;
    exchange->code = 503;
    exchange->response = make_refusal(exchange, 503);
    MHD_resume_connection(exchange->connection);
}

/* The request is complete. */
static enum MHD_Result
call(struct http_exchange *exchange)
{
    struct http *http = exchange->http;
    struct MHD_Connection *connection = exchange->connection;
    int before = HTTP_HANDLED;

    if (atomic_load(&http->closing))
        return refuse(exchange, 503);
    exchange->pending = true;
    (void)atomic_fetch_add(&http->pending, 1);
    http_door_keep(&http->door, exchange->seat, 0);
    atomic_store(&exchange->state, HTTP_HANDLED);
    http->options.handle(http->options.context, exchange);
    if (atomic_load(&exchange->state) == HTTP_ANSWERED)
        return send_answer(exchange);
    /* Suspended first, as from HTTP_WAITING on any thread may resume it. */
    MHD_suspend_connection(connection);
    if (!atomic_compare_exchange_strong(&exchange->state, &before, HTTP_WAITING)) {
        assert(before == HTTP_ANSWERED);
        MHD_resume_connection(connection);
    } else if (atomic_load(&http->closing)) {
        answer_closing(exchange);
    }
    return MHD_YES;
}

/* The library calls this with the head, with each piece of the body, at the end, and once more for
 * a connection that was resumed. */
static enum MHD_Result
on_request(void *context, struct MHD_Connection *connection, const char *url, const char *method,
           const char *version, const char *data, size_t *len, void **own)
{
    struct http_exchange *exchange = *own;

    (void)context;
    (void)connection;
    (void)url;
    (void)version;
    if (exchange == NULL)
        return MHD_NO;
    switch ((enum http_state)atomic_load(&exchange->state)) {
    case HTTP_BEGUN:
        return begin(exchange, method);
    case HTTP_READING:
        return *len > 0 ? take(exchange, data, len) : call(exchange);
    case HTTP_REFUSED:
        return *len > 0 ? take(exchange, data, len) : refuse(exchange, 413);
    case HTTP_ANSWERED:
        return send_answer(exchange);
    case HTTP_IDLE:
    case HTTP_HANDLED:
    case HTTP_WAITING:
        break;
    }
    return MHD_NO;
}

enum http_method
http_method(const struct http_exchange *exchange)
{
    return exchange->method;
}

const char *
http_path(const struct http_exchange *exchange)
{
    return exchange->path;
}

static const char *
look_up(const struct http_exchange *exchange, enum MHD_ValueKind kind, const char *name)
{
    const char *value = NULL;
    size_t len = 0;

    if (MHD_lookup_connection_value_n(exchange->connection, kind, name, strlen(name), &value,
                                      &len) != MHD_YES)
        return NULL;
    if (value == NULL)
        return "";
    return strlen(value) == len ? value : NULL;
}

const char *
http_query(const struct http_exchange *exchange, const char *name)
{
    return look_up(exchange, MHD_GET_ARGUMENT_KIND, name);
}

const char *
http_header(const struct http_exchange *exchange, const char *name)
{
    return look_up(exchange, MHD_HEADER_KIND, name);
}

struct span
http_body(const struct http_exchange *exchange)
{
    return (struct span){exchange->body, exchange->body_len};
}

/* ---- Daemons ----------------------------------------------------------------------------------*/

enum status
http_daemon_start(struct MHD_Daemon **out, struct http *http, const struct http_pem *certificate,
                  const struct http_pem *key)
{
    const struct http_options *options = &http->options;
    const bool tls = certificate->text != NULL;
    /* The limit is shared out among the workers, and none of them shall meet it: the door keeps
     * the count. */
    const intptr_t limit = (intptr_t)(options->connections_max + 1) * options->workers;
    struct MHD_OptionItem items[] = {
        {MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)on_connection, http},
        {MHD_OPTION_URI_LOG_CALLBACK, (intptr_t)on_first_line, http},
        {MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)on_completed, http},
        {MHD_OPTION_CONNECTION_LIMIT, limit, NULL},
        {MHD_OPTION_CONNECTION_MEMORY_LIMIT, (intptr_t)options->head_max, NULL},
        {MHD_OPTION_THREAD_POOL_SIZE, options->workers, NULL},
        {MHD_OPTION_STRICT_FOR_CLIENT, 1, NULL},
        {tls ? MHD_OPTION_HTTPS_PRIORITIES : MHD_OPTION_END, 0, (void *)(uintptr_t)TLS_PRIORITIES},
        {MHD_OPTION_HTTPS_MEM_CERT, 0, certificate->text},
        {MHD_OPTION_HTTPS_MEM_KEY, 0, key->text},
        {MHD_OPTION_END, 0, NULL}};
    const unsigned flags = (unsigned)MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_NO_LISTEN_SOCKET |
                           MHD_ALLOW_SUSPEND_RESUME | (tls ? (unsigned)MHD_USE_TLS : 0);

    *out = MHD_start_daemon(flags, 0, NULL, NULL, on_request, http, MHD_OPTION_ARRAY, items,
                            MHD_OPTION_END);
    if (*out != NULL)
        return STATUS_OK;
    return tls ? STATUS_SERVER_TLS : STATUS_SERVER_START;
}

void
http_daemon_stop(struct MHD_Daemon *daemon)
{
    MHD_stop_daemon(daemon);
}

bool
http_daemon_add(struct MHD_Daemon *daemon, int socket, const union http_door_address *address)
{
    return MHD_add_connection(daemon, socket, &address->any, sizeof *address) == MHD_YES;
}

void
http_answer_waiting(struct http *http)
{
    for (size_t i = 0; i < http->options.connections_max; i++)
        answer_closing(&http->exchanges[i]);
}
