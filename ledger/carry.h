/* One parcel to the node over HTTP, and its answer back: a parcel, or a refusal with the ledger's
 * own status. Shared by all programs that ask the node. PROTOCOL.md section 21. */
#ifndef SCHWEBE_CARRY_H
#define SCHWEBE_CARRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/command.h"
#include "protocol/span.h"
#include "protocol/status.h"

/* The longest address of a server, with its final zero. */
#define CARRY_SERVER_MAX 512
/* For reaching the server, and for all. */
#define CARRY_CONNECT_SECONDS 5
#define CARRY_SECONDS 30

/* Where the node is; borrows both texts. */
struct carry {
    const char *server;      /* http or https, with or without a path; NULL: no server was named */
    const char *authorities; /* file of trusted certificates in PEM; NULL: the system's */
};

/* What a command line names; `server` NULL when it names none. SERVER_ADDRESS for what can be no
 * server, USAGE for --authorities alone. */
MUST_CHECK enum status carry_named(struct carry *out, const struct command_line *line);

/* Whether nobody between here and there can change what comes: TLS, or this very machine. What is
 * pinned for good comes over such a way alone. */
bool carry_is_sure(const struct carry *to);

/* Fills `out` with the parcel that answers, `len` 0 when there is nothing to tell. `answered` tells
 * that it is known what became of the parcel: with OK, and with a refusal by the ledger's rules.
 * Otherwise it may be booked or not, and whoever sends the same bytes again gets the answer of
 * then. `dry_run`: nothing is booked.
 *
 * The ledger's status; OFFLINE, SERVER_TIMEOUT, SERVER_TLS, SERVER_BUSY and SERVER_START as in
 * fetch_send; SERVER_ANSWER for what no node says, an unknown status among it. `cap` is at least
 * MSG_PARCEL_MAX (assert). On failure `len` is 0, and what is in `out` means nothing. */
MUST_CHECK enum status carry_post(uint8_t *out, size_t cap, size_t *len, bool *answered,
                                  const struct carry *to, struct span parcel, bool dry_run);

/* The same for a parcel that the node gives to everybody: `path` such as "/city". */
MUST_CHECK enum status carry_get(uint8_t *out, size_t cap, size_t *len, const struct carry *to,
                                 const char *path);

/* For a program's table. */
#define CARRY_OPTIONS                                                                              \
    {"--server", "URL", "den Dienst der Stadt unter dieser Adresse fragen, statt mit Dateien",     \
     "ask the city's service at this address, instead of files"},                                  \
    {                                                                                              \
        "--authorities", "DATEI", "nur diesen Zertifikaten vertrauen (PEM)",                       \
            "trust these certificates only (PEM)"                                                  \
    }

#endif
