/* A certificate that signs itself, for servers on this machine. */
#ifndef SCHWEBE_CERTIFICATE_H
#define SCHWEBE_CERTIFICATE_H

#include <stdbool.h>

/* Writes a new key and a certificate for 127.0.0.1, both in PEM; false when it fails. */
bool certificate_make(const char *certificate, const char *key);

#endif
