#include "http_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define SECONDS 5

static struct sockaddr_in
address_of(const char *text, uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};

    if (inet_pton(AF_INET, text, &address.sin_addr) != 1)
        abort();
    return address;
}

int
http_client_open(uint16_t port, const char *from)
{
    const struct timeval limit = {.tv_sec = SECONDS};
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
    } own = {.v4 = address_of(from, 0)}, other = {.v4 = address_of("127.0.0.1", port)};
    const int client = socket(AF_INET, SOCK_STREAM, 0);

    if (client < 0)
        return -1;
    if (setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) != 0 ||
        setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) != 0 ||
        bind(client, &own.any, sizeof own.v4) != 0 ||
        connect(client, &other.any, sizeof other.v4) != 0) {
        close(client);
        return -1;
    }
    return client;
}

void
http_client_close(int client)
{
    if (client >= 0)
        close(client);
}

bool
http_client_say(int client, const void *bytes, size_t len)
{
    const uint8_t *at = bytes;

    while (len > 0) {
        const ssize_t put = send(client, at, len, MSG_NOSIGNAL);

        if (put <= 0)
            return false;
        at += put;
        len -= (size_t)put;
    }
    return true;
}

bool
http_client_say_text(int client, const char *text)
{
    return http_client_say(client, text, strlen(text));
}

/* The length of the body that a head announces. */
static size_t
body_len(const char *head)
{
    static const char name[] = "\r\nContent-Length: ";
    const char *at = strstr(head, name);

    return at != NULL ? (size_t)strtoul(at + sizeof name - 1, NULL, 10) : 0;
}

unsigned
http_client_hear(int client, char out[static HTTP_CLIENT_MAX], bool head_only)
{
    size_t wanted = SIZE_MAX;
    size_t len = 0;

    /* Byte by byte, as behind this answer there may be another. */
    while (len < HTTP_CLIENT_MAX - 1 && len < wanted) {
        if (recv(client, out + len, 1, 0) != 1)
            break;
        out[++len] = '\0';
        if (wanted == SIZE_MAX && len >= 4 && memcmp(out + len - 4, "\r\n\r\n", 4) == 0)
            wanted = len + (head_only ? 0 : body_len(out));
    }
    out[len] = '\0';
    if (len < wanted || strncmp(out, "HTTP/1.1 ", 9) != 0)
        return 0;
    return (unsigned)strtoul(out + 9, NULL, 10);
}

bool
http_client_ended(int client, int within_ms)
{
    struct pollfd polled = {.fd = client, .events = POLLIN};
    uint8_t bytes[4096];

    while (poll(&polled, 1, within_ms) == 1)
        if (recv(client, bytes, sizeof bytes, 0) <= 0)
            return true;
    return false;
}
