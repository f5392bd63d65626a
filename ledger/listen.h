/* Where a service listens, as a person writes it: `address:port`, an IPv6 address in brackets. */
#ifndef SCHWEBE_LISTEN_H
#define SCHWEBE_LISTEN_H

#include <stdint.h>

#include "protocol/status.h"

#define LISTEN_ADDRESS_MAX 64
/* "https://[address]:65535" */
#define LISTEN_URL_MAX (LISTEN_ADDRESS_MAX + 24)

/* Takes such a text apart; whether the address is one is for http_open to say. USAGE; `address` and
 * `port` are then untouched. */
MUST_CHECK enum status listen_parse(char address[static LISTEN_ADDRESS_MAX], uint16_t *port,
                                    const char *text);

/* Fills `out` with the URL of a service. `scheme` is "http" or "https". */
void listen_url(char out[static LISTEN_URL_MAX], const char *scheme, const char *address,
                uint16_t port);

#endif
