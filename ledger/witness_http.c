#include "witness_http.h"

#include <string.h>

#include "protocol/command.h"

#define ADD_PATH "/add-checkpoint"
#define CHECKPOINT_PATH "/checkpoint"
#define TEXT_TYPE "text/plain; charset=utf-8"
#define ID_DIGITS ((size_t)2 * DIGEST_SIZE)
#define WORKERS 2
#define RETRY_SECONDS 30

static void
answer_add(struct witness_http *service, struct http_exchange *exchange)
{
    char size[NOTE_DECIMAL_MAX + 1];
    struct witness_book_answer answer;
    struct http_reply reply = {0};
    const uint64_t now = service->clock_unix_s();
    /* A machine without a clock cannot cosign. */
    const enum status status =
        now == 0 ? STATUS_IO : witness_book_add(&answer, service->book, http_body(exchange), now);

    if (status != STATUS_OK) {
        reply.code = 503;
        reply.retry_seconds = RETRY_SECONDS;
        http_reply(exchange, &reply);
        return;
    }
    reply.code = (unsigned)answer.code;
    if (answer.code == WITNESS_COSIGN) {
        reply.type = TEXT_TYPE;
        reply.body = (struct span){answer.line, answer.len};
    } else if (answer.code == WITNESS_STALE) {
        const size_t len = note_decimal(size, answer.size);

        size[len] = '\n';
        reply.type = WITNESS_SIZE_TYPE;
        reply.body = (struct span){(const uint8_t *)size, len + 1};
    }
    http_reply(exchange, &reply);
}

/* The id in a path of a checkpoint: 64 digits, in lower case alone. */
static bool
read_id(struct digest *out, const char *path)
{
    char hex[2 * DIGEST_SIZE + 1];
    char again[2 * DIGEST_SIZE + 1];

    if (strlen(path) != 1 + ID_DIGITS + sizeof CHECKPOINT_PATH - 1 ||
        strcmp(path + 1 + ID_DIGITS, CHECKPOINT_PATH) != 0)
        return false;
    memcpy(hex, path + 1, ID_DIGITS);
    hex[ID_DIGITS] = '\0';
    if (command_from_hex(out->bytes, DIGEST_SIZE, hex) != STATUS_OK)
        return false;
    command_to_hex(again, out->bytes, DIGEST_SIZE);
    return memcmp(again, hex, ID_DIGITS) == 0;
}

static void
answer_checkpoint(struct witness_http *service, struct http_exchange *exchange,
                  const struct digest *id)
{
    struct note note;
    struct http_reply reply = {.code = 200, .type = TEXT_TYPE, .cache = "no-cache"};
    const enum status status = witness_book_find(&note, service->book, id);

    if (status == STATUS_OK)
        reply.body = (struct span){note.bytes, note.len};
    else
        reply = (struct http_reply){
            .code = status == STATUS_NOT_FOUND ? 404 : 503,
            .retry_seconds = status == STATUS_NOT_FOUND ? 0 : RETRY_SECONDS,
        };
    http_reply(exchange, &reply);
}

static void
handle(void *context, struct http_exchange *exchange)
{
    struct witness_http *const service = context;
    const char *const path = http_path(exchange);
    const enum http_method method = http_method(exchange);
    const bool add = strcmp(path, ADD_PATH) == 0;
    const bool read = method == HTTP_GET || method == HTTP_HEAD;
    struct digest id;

    if (!add && !read_id(&id, path))
        http_reply(exchange, &(struct http_reply){.code = 404});
    else if (add ? method != HTTP_POST : !read)
        http_reply(exchange,
                   &(struct http_reply){.code = 405, .allow = add ? "POST" : "GET, HEAD"});
    else if (add)
        answer_add(service, exchange);
    else
        answer_checkpoint(service, exchange, &id);
}

enum status
witness_http_open(struct witness_http *out, struct witness_book *book, const char *address,
                  uint16_t port, uint64_t (*clock_unix_s)(void))
{
    struct http_options options;

    *out = (struct witness_http){.book = book, .clock_unix_s = clock_unix_s};
    http_defaults(&options);
    options.address = address;
    options.port = port;
    options.workers = WORKERS;
    options.body_max = WITNESS_BODY_MAX;
    options.handle = handle;
    options.context = out;
    return http_open(&out->http, &options);
}

void
witness_http_close(struct witness_http *service)
{
    http_close(service->http);
}
