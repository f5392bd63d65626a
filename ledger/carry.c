#include "carry.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "fetch.h"
#include "problem.h"
#include "protocol/msg.h"

#define PARCEL_TYPE "application/cbor"
#define PATH_MAX_LEN 64

/* --- the address --- */

/* The rest behind a scheme, NULL when it is another one. */
static const char *
behind(const char *server, const char *scheme)
{
    const size_t len = strlen(scheme);

    return strncmp(server, scheme, len) == 0 ? server + len : NULL;
}

/* A name or number, perhaps a port and a path: no password, no question, nothing to escape. */
static bool
is_server(const char *server)
{
    const char *const secure = behind(server, "https://");
    const char *const rest = secure != NULL ? secure : behind(server, "http://");

    if (rest == NULL || *rest == '\0' || *rest == '/' || strlen(server) >= CARRY_SERVER_MAX)
        return false;
    for (const char *at = rest; *at != '\0'; at++) {
        if (*at <= ' ' || *at > '~' || strchr("@?#\\\"<>^`{|}", *at) != NULL)
            return false;
    }
    return true;
}

enum status
carry_named(struct carry *out, const struct command_line *line)
{
    out->server = command_value(line, "--server");
    out->authorities = command_value(line, "--authorities");
    if (out->server == NULL)
        return out->authorities == NULL ? STATUS_OK : STATUS_USAGE;
    return is_server(out->server) ? STATUS_OK : STATUS_SERVER_ADDRESS;
}

bool
carry_is_sure(const struct carry *to)
{
    static const char *const here[] = {"127.0.0.1", "[::1]"};
    const char *const rest = behind(to->server, "http://");

    if (rest == NULL)
        return behind(to->server, "https://") != NULL;
    for (size_t i = 0; i < sizeof here / sizeof here[0]; i++) {
        const char *const end = behind(rest, here[i]);

        if (end != NULL && (*end == '\0' || *end == ':' || *end == '/'))
            return true;
    }
    return false;
}

/* --- the answer --- */

/* What the node, or something on the way to it, has said. */
static enum status
judge(bool *answered, const struct fetch_answer *answer, const uint8_t *body)
{
    enum status refusal;
    unsigned code;

    if (answer->code == 204 && answer->len == 0)
        *answered = true;
    if (answer->code == 200 && answer->len > 0 && strcmp(answer->type, PARCEL_TYPE) == 0)
        *answered = true;
    if (*answered)
        return STATUS_OK;
    if (strcmp(answer->type, PROBLEM_TYPE) == 0 &&
        problem_read(&refusal, &code, (struct span){body, answer->len}) && code == answer->code) {
        /* What is wrong with the node itself says nothing about the parcel. */
        *answered = code < 500;
        return refusal;
    }
    /* A proxy whose node is away, or that has too much to do. */
    if (answer->code == 502 || answer->code == 504)
        return STATUS_OFFLINE;
    return answer->code == 503 || answer->code == 429 ? STATUS_SERVER_BUSY : STATUS_SERVER_ANSWER;
}

static enum status
ask(uint8_t *out, size_t cap, size_t *len, bool *answered, const struct carry *to, const char *path,
    const struct span *parcel)
{
    char url[CARRY_SERVER_MAX + PATH_MAX_LEN];
    const struct fetch_request request = {.url = url,
                                          .post = parcel != NULL,
                                          .body = parcel != NULL ? *parcel : (struct span){NULL, 0},
                                          .type = PARCEL_TYPE,
                                          .connect_seconds = CARRY_CONNECT_SECONDS,
                                          .seconds = CARRY_SECONDS,
                                          .authorities = to->authorities};
    struct fetch_answer answer;
    struct fetch fetch;
    size_t server_len = strlen(to->server);
    enum status status;

    assert(cap >= MSG_PARCEL_MAX);
    assert(server_len < CARRY_SERVER_MAX && strlen(path) < PATH_MAX_LEN);
    *len = 0;
    *answered = false;
    while (server_len > 0 && to->server[server_len - 1] == '/')
        server_len--;
    (void)snprintf(url, sizeof url, "%.*s%s", (int)server_len, to->server, path);
    status = fetch_open(&fetch);
    if (status != STATUS_OK)
        return status;
    status = fetch_send(&fetch, &answer, out, cap, &request);
    fetch_close(&fetch);
    if (status == STATUS_TOO_LARGE)
        return STATUS_SERVER_ANSWER;
    if (status == STATUS_OK)
        status = judge(answered, &answer, out);
    if (status == STATUS_OK)
        *len = answer.len;
    return status;
}

enum status
carry_post(uint8_t *out, size_t cap, size_t *len, bool *answered, const struct carry *to,
           struct span parcel, bool dry_run)
{
    return ask(out, cap, len, answered, to, dry_run ? "/parcel?dry-run=1" : "/parcel", &parcel);
}

enum status
carry_get(uint8_t *out, size_t cap, size_t *len, const struct carry *to, const char *path)
{
    bool answered;
    const enum status status = ask(out, cap, len, &answered, to, path, NULL);

    return status == STATUS_OK && *len == 0 ? STATUS_SERVER_ANSWER : status;
}
