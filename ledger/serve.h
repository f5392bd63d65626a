/* The node as a service: signed messages in, signed answers out, over HTTP; and the verifiable log
 * as C2SP tlog-tiles serves it. PROTOCOL.md section 21. */
#ifndef SCHWEBE_SERVE_H
#define SCHWEBE_SERVE_H

#include <stdbool.h>
#include <stdint.h>

#include "city.h"
#include "ledger/http.h"
#include "policy.h"
#include "protocol/status.h"
#include "writer.h"

/* A body is one parcel. */
#define SERVE_BODY_MAX MSG_PARCEL_MAX

struct serve;

struct serve_options {
    const char *address;
    uint16_t port;
    unsigned workers;        /* 0: as many as the machine has cores */
    const char *certificate; /* PEM files; NULL: no TLS */
    const char *key;
    bool open_entries;           /* entries for everybody, not for auditors alone */
    const struct policy *policy; /* whose witnesses cosign; NULL: nobody's. Borrowed */
    const char *authorities;     /* certificates that witnesses' servers must have; NULL: any */
    uint64_t (*read_clock)(void);
    void (*random)(void *out, size_t len);
};

/* Starts the service of an open city, which it borrows until serve_close; owns `out` until then.
 * The statuses of http_open and writer_open. On failure `out` is NULL. */
MUST_CHECK enum status serve_open(struct serve **out, struct city *city,
                                  const struct serve_options *options);

/* Takes no more and books what has come; before serve_close, for a last look at the counts. */
void serve_stop(struct serve *serve);

/* Takes no more, books and answers what has come, and ends. Does nothing for NULL. */
void serve_close(struct serve *serve);

/* What the service has counted since its start. */
struct serve_counts {
    struct writer_counts writer;
    uint64_t waiting;
    uint64_t answers[6]; /* by the first digit of their code */
};

/* Fills `out`; OK, or why nothing is booked. Any thread may ask. */
enum status serve_count(struct serve *serve, struct serve_counts *out);

/* SHA-256 of the running program's file in hexadecimal digits; "" where the system does not show
 * it. */
const char *serve_program(const struct serve *serve);

uint16_t serve_port(const struct serve *serve);

/* Reads the certificate's files anew: the statuses of http_reload; OK without TLS. */
MUST_CHECK enum status serve_reload(struct serve *serve);

#endif
