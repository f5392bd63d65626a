/* A client that says to a server whatever it likes, byte by byte. */
#ifndef SCHWEBE_HTTP_CLIENT_H
#define SCHWEBE_HTTP_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Room for what a server answers, ended by a zero. */
#define HTTP_CLIENT_MAX 65536

/* A connection to 127.0.0.1 from an address of this machine, such as "127.0.0.2"; -1 when it fails.
 * Nothing on it lasts longer than five seconds. */
int http_client_open(uint16_t port, const char *from);
void http_client_close(int client);

bool http_client_say(int client, const void *bytes, size_t len);
bool http_client_say_text(int client, const char *text);

/* Reads one answer with its body, of the length that its head gives (or none, for a HEAD); the
 * number of its status, or 0 when the connection ended before. */
unsigned http_client_hear(int client, char out[static HTTP_CLIENT_MAX], bool head_only);

/* Whether the other side ends the connection within so many milliseconds, whatever else it says. */
bool http_client_ended(int client, int within_ms);

#endif
