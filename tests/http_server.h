/* A server whose answers the tests know: ledger/http with a handler for every test.
 *
 * /echo gives back what came; /later keeps the request until http_server_answer; /long answers with
 * eight megabytes; /full sets every part of a reply; anything else says what it was asked. */
#ifndef SCHWEBE_HTTP_SERVER_H
#define SCHWEBE_HTTP_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/http.h"

#define HTTP_SERVER_WAITING_MAX 512

/* Options for small limits: bodies of 4,096 bytes and two of them, two seconds. */
void http_server_options(struct http_options *out);

/* Starts one at a time; NULL when it cannot. Nothing waits and nothing is counted yet. */
struct http *http_server_open(const struct http_options *options);

/* How often the handler was called. */
size_t http_server_calls(void);

/* Waits until so many are with /later, at most five seconds; whether they are. */
bool http_server_waits(size_t count);

/* Answers the first one that waits with 200 and its query parameter n. */
void http_server_answer(void);

/* Waits until at most so many are under way, at most five seconds; whether it is so. An answer can
 * be heard before the server is done with it. */
bool http_server_rests(const struct http *http, size_t count);

void http_server_sleep_ms(unsigned ms);
uint64_t http_server_now_ms(void);

#endif
