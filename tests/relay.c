#include "relay.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define PATIENCE_S 10

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
};

static union address
loopback(uint16_t port)
{
    return (union address){.v4 = {.sin_family = AF_INET,
                                  .sin_port = htons(port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)}};
}

/* The end of a head in what has come, NULL while it has not. */
static const uint8_t *
end_of_head(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i + 4 <= len; i++) {
        if (memcmp(bytes + i, "\r\n\r\n", 4) == 0)
            return bytes + i + 4;
    }
    return NULL;
}

/* The length of the body that a head announces; 0 when it says nothing. */
static size_t
announced(const uint8_t *head, const uint8_t *end)
{
    static const char name[] = "\r\ncontent-length:";

    for (const uint8_t *at = head; at + sizeof name - 1 < end; at++) {
        if (strncasecmp((const char *)at, name, sizeof name - 1) == 0)
            return strtoul((const char *)at + sizeof name - 1, NULL, 10);
    }
    return 0;
}

/* One message with its body; its length, or 0 when the connection ended before. */
static size_t
hear(int from, uint8_t *out, const uint8_t **body)
{
    size_t len = 0;

    for (;;) {
        const uint8_t *const end = end_of_head(out, len);
        ssize_t got;

        if (end != NULL && len >= (size_t)(end - out) + announced(out, end)) {
            *body = end;
            return len;
        }
        if (len == RELAY_MAX - 1)
            return 0;
        got = recv(from, out + len, RELAY_MAX - 1 - len, 0);
        if (got <= 0)
            return 0;
        len += (size_t)got;
        out[len] = '\0';
    }
}

static bool
say(int to, const void *bytes, size_t len)
{
    const uint8_t *at = bytes;

    while (len > 0) {
        const ssize_t sent = send(to, at, len, MSG_NOSIGNAL);

        if (sent <= 0)
            return false;
        at += sent;
        len -= (size_t)sent;
    }
    return true;
}

/* Asks the server what the client asked; the length of its answer. */
static size_t
ask_server(struct relay *relay, size_t asked_len)
{
    const union address address = loopback(relay->to);
    const int server = socket(AF_INET, SOCK_STREAM, 0);
    const uint8_t *body;
    size_t len = 0;

    if (server < 0)
        return 0;
    if (connect(server, &address.any, sizeof address.v4) == 0 &&
        say(server, relay->asked, asked_len))
        len = hear(server, relay->answer, &body);
    close(server);
    return len;
}

static void
carry(struct relay *relay, int client)
{
    const int mode = atomic_load(&relay->mode);
    const size_t asked_len = hear(client, relay->asked, &relay->body);
    size_t len;

    relay->body_len = asked_len == 0 ? 0 : asked_len - (size_t)(relay->body - relay->asked);
    if (asked_len == 0 || mode == RELAY_SHUT)
        return;
    if (mode == RELAY_SAY) {
        (void)say(client, relay->says, relay->says_len);
        return;
    }
    len = ask_server(relay, asked_len);
    if (mode != RELAY_LOSE)
        (void)say(client, relay->answer, mode == RELAY_HALF ? len / 2 : len);
}

static void *
run(void *context)
{
    struct relay *const relay = context;
    const struct timeval patience = {.tv_sec = PATIENCE_S};

    while (!atomic_load(&relay->ends)) {
        struct pollfd polled = {.fd = relay->listener, .events = POLLIN};
        int client;

        if (poll(&polled, 1, 20) != 1 || (client = accept(relay->listener, NULL, NULL)) < 0)
            continue;
        (void)setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        carry(relay, client);
        close(client);
    }
    return NULL;
}

bool
relay_open(struct relay *out, uint16_t to)
{
    union address address = loopback(0);
    socklen_t len = sizeof address;

    atomic_store(&out->mode, RELAY_PASS);
    atomic_store(&out->ends, false);
    out->to = to;
    out->listener = socket(AF_INET, SOCK_STREAM, 0);
    if (out->listener < 0 || bind(out->listener, &address.any, sizeof address.v4) != 0 ||
        listen(out->listener, 4) != 0 || getsockname(out->listener, &address.any, &len) != 0)
        return false;
    out->port = ntohs(address.v4.sin_port);
    return pthread_create(&out->thread, NULL, run, out) == 0;
}

void
relay_close(struct relay *relay)
{
    atomic_store(&relay->ends, true);
    (void)pthread_join(relay->thread, NULL);
    close(relay->listener);
}
