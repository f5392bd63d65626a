#include "http_door.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Connections that the system keeps waiting; the kernel has its own limit. */
#define BACKLOG 1024

/* ---- Opening and closing ----------------------------------------------------------------------*/

static bool
set_flags(int socket)
{
    const int status = fcntl(socket, F_GETFL);

    return status >= 0 && fcntl(socket, F_SETFL, status | O_NONBLOCK) == 0 &&
           fcntl(socket, F_SETFD, FD_CLOEXEC) == 0;
}

/* The length of the address, 0 when it is none. */
static socklen_t
read_address(union http_door_address *out, const char *address, uint16_t port)
{
    memset(out, 0, sizeof *out);
    if (inet_pton(AF_INET, address, &out->v4.sin_addr) == 1) {
        out->v4.sin_family = AF_INET;
        out->v4.sin_port = htons(port);
        return sizeof out->v4;
    }
    if (inet_pton(AF_INET6, address, &out->v6.sin6_addr) == 1) {
        out->v6.sin6_family = AF_INET6;
        out->v6.sin6_port = htons(port);
        return sizeof out->v6;
    }
    return 0;
}

/* A socket that listens, and its port; -1 when it cannot be had. */
static int
listen_on(uint16_t *port, const union http_door_address *address, socklen_t len)
{
    const int on = 1;
    union http_door_address bound;
    socklen_t bound_len = sizeof bound;
    const int listener = socket(address->any.sa_family, SOCK_STREAM, 0);

    if (listener < 0)
        return -1;
    if (!set_flags(listener) ||
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        (address->any.sa_family == AF_INET6 &&
         setsockopt(listener, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) != 0) ||
        bind(listener, &address->any, len) != 0 || listen(listener, BACKLOG) != 0 ||
        getsockname(listener, &bound.any, &bound_len) != 0) {
        (void)close(listener);
        return -1;
    }
    *port = ntohs(bound.any.sa_family == AF_INET ? bound.v4.sin_port : bound.v6.sin6_port);
    return listener;
}

enum status
http_door_open(struct http_door *out, const char *address, uint16_t port, size_t seats_max,
               size_t per_client_max)
{
    union http_door_address wanted;
    const socklen_t len = read_address(&wanted, address, port);

    assert(seats_max > 0);
    assert(per_client_max > 0);
    memset(out, 0, sizeof *out);
    out->listener = -1;
    if (len == 0)
        return STATUS_SERVER_ADDRESS;
    out->seats = calloc(seats_max, sizeof *out->seats);
    if (out->seats == NULL)
        return STATUS_SERVER_START;
    for (size_t i = 0; i < seats_max; i++)
        out->seats[i].socket = -1;
    out->seats_max = seats_max;
    out->per_client_max = per_client_max;
    out->listener = listen_on(&out->port, &wanted, len);
    if (out->listener < 0 || pthread_mutex_init(&out->lock, NULL) != 0) {
        http_door_shut(out);
        free(out->seats);
        memset(out, 0, sizeof *out);
        return STATUS_SERVER_ADDRESS;
    }
    return STATUS_OK;
}

void
http_door_shut(struct http_door *door)
{
    if (door->listener >= 0)
        (void)close(door->listener);
    door->listener = -1;
}

void
http_door_close(struct http_door *door)
{
    assert(door->seats != NULL);
    http_door_shut(door);
    (void)pthread_mutex_destroy(&door->lock);
    free(door->seats);
    memset(door, 0, sizeof *door);
    door->listener = -1;
}

/* ---- Seats ------------------------------------------------------------------------------------*/

static void
lock(struct http_door *door)
{
    const int code = pthread_mutex_lock(&door->lock);

    assert(code == 0);
    (void)code;
}

static void
unlock(struct http_door *door)
{
    const int code = pthread_mutex_unlock(&door->lock);

    assert(code == 0);
    (void)code;
}

/* What counts as one client: an IPv4 address; of IPv6 the first half, as a household has all of the
 * second one. */
static void
read_client(uint8_t out[static HTTP_DOOR_CLIENT_SIZE], const union http_door_address *address)
{
    static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

    memset(out, 0, HTTP_DOOR_CLIENT_SIZE);
    if (address->any.sa_family == AF_INET6) {
        memcpy(out, &address->v6.sin6_addr, HTTP_DOOR_CLIENT_SIZE / 2);
        return;
    }
    memcpy(out, mapped, sizeof mapped);
    memcpy(out + sizeof mapped, &address->v4.sin_addr, 4);
}

/* Takes a free seat; false when there is none for this client. */
static bool
take(struct http_door *door, const struct http_door_seat *guest)
{
    size_t free_seat = HTTP_DOOR_NONE;
    size_t same = 0;

    for (size_t i = 0; i < door->seats_max; i++) {
        const struct http_door_seat *seat = &door->seats[i];

        if (seat->socket < 0)
            free_seat = i;
        else if (memcmp(seat->client, guest->client, sizeof seat->client) == 0)
            same++;
    }
    if (free_seat == HTTP_DOOR_NONE || same >= door->per_client_max)
        return false;
    door->seats[free_seat] = *guest;
    door->taken++;
    return true;
}

static void
vacate(struct http_door *door, struct http_door_seat *seat)
{
    assert(seat->socket >= 0);
    assert(door->taken > 0);
    *seat = (struct http_door_seat){.socket = -1};
    door->taken--;
}

enum http_door_knock
http_door_accept(struct http_door *door, int *socket, union http_door_address *address,
                 unsigned generation, uint64_t until_ms)
{
    struct http_door_seat guest = {.generation = generation, .until_ms = until_ms};
    socklen_t len = sizeof *address;
    bool in;

    assert(door->listener >= 0);
    memset(address, 0, sizeof *address);
    *socket = accept(door->listener, &address->any, &len);
    if (*socket < 0) {
        const bool full = errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;

        return full ? HTTP_DOOR_EXHAUSTED : HTTP_DOOR_QUIET;
    }
    guest.socket = *socket;
    read_client(guest.client, address);
    in = set_flags(*socket);
    if (in) {
        lock(door);
        in = take(door, &guest);
        unlock(door);
    }
    if (in)
        return HTTP_DOOR_IN;
    (void)close(*socket);
    *socket = -1;
    return HTTP_DOOR_REFUSED;
}

/* The seat of a socket that has not begun. */
static size_t
find_waiting(const struct http_door *door, int socket)
{
    for (size_t i = 0; i < door->seats_max; i++)
        if (door->seats[i].socket == socket && !door->seats[i].started)
            return i;
    return HTTP_DOOR_NONE;
}

size_t
http_door_start(struct http_door *door, unsigned *generation, int socket)
{
    size_t seat;

    assert(socket >= 0);
    lock(door);
    seat = find_waiting(door, socket);
    if (seat != HTTP_DOOR_NONE) {
        door->seats[seat].started = true;
        *generation = door->seats[seat].generation;
    }
    unlock(door);
    return seat;
}

void
http_door_abandon(struct http_door *door, int socket)
{
    size_t seat;

    assert(socket >= 0);
    lock(door);
    seat = find_waiting(door, socket);
    if (seat != HTTP_DOOR_NONE)
        vacate(door, &door->seats[seat]);
    unlock(door);
}

void
http_door_keep(struct http_door *door, size_t seat, uint64_t until_ms)
{
    assert(seat < door->seats_max);
    lock(door);
    assert(door->seats[seat].started);
    door->seats[seat].until_ms = until_ms;
    unlock(door);
}

void
http_door_leave(struct http_door *door, size_t seat)
{
    assert(seat < door->seats_max);
    lock(door);
    assert(door->seats[seat].started);
    vacate(door, &door->seats[seat]);
    unlock(door);
}

void
http_door_sweep(struct http_door *door, uint64_t now_ms)
{
    lock(door);
    for (size_t i = 0; i < door->seats_max && door->taken > 0; i++) {
        struct http_door_seat *seat = &door->seats[i];

        if (seat->socket < 0 || seat->until_ms == 0 || seat->until_ms > now_ms || seat->ended)
            continue;
        /* One that never began may be closed already, and its number another's: it only loses its
         * seat. */
        if (!seat->started) {
            vacate(door, seat);
            continue;
        }
        /* The owner leaves under this lock before it closes, so the number is still its own. */
        (void)shutdown(seat->socket, SHUT_RDWR);
        seat->ended = true;
    }
    unlock(door);
}

size_t
http_door_taken(struct http_door *door)
{
    size_t taken;

    lock(door);
    taken = door->taken;
    unlock(door);
    return taken;
}

size_t
http_door_taken_by(struct http_door *door, unsigned generation)
{
    size_t taken = 0;

    lock(door);
    for (size_t i = 0; i < door->seats_max; i++)
        taken += door->seats[i].socket >= 0 && door->seats[i].generation == generation ? 1 : 0;
    unlock(door);
    return taken;
}
