/* An HTTP/1.1 server; the only user of libmicrohttpd. It knows nothing of what it carries.
 *
 * A request is given to the handler once it is complete. It is answered there and then, or later
 * from any thread: until then it costs a connection and no thread. What a client may cost is
 * bounded: connections in all and of one client, memory of a head, bytes of a body and of all of
 * them, and the time of a request.
 *
 * Every answer made here carries X-Content-Type-Options: nosniff, Content-Security-Policy,
 * Referrer-Policy: no-referrer and Cache-Control. What is not HTTP at all the library answers by
 * itself, with 400, 413, 414, 431 or 505 and a fixed text, or it closes; such a connection is ended
 * and no handler hears of it. */
#ifndef SCHWEBE_HTTP_H
#define SCHWEBE_HTTP_H

#include <stddef.h>
#include <stdint.h>

#include "protocol/span.h"
#include "protocol/status.h"

struct http;
struct http_exchange;

/* The longest path that is taken, with its final zero; a longer one is answered with 414. */
#define HTTP_PATH_MAX 256

enum http_method { HTTP_GET = 1, HTTP_HEAD, HTTP_POST, HTTP_OTHER };

/* The texts and the body are copied. */
struct http_reply {
    unsigned code;          /* 200 to 599 */
    unsigned retry_seconds; /* Retry-After; 0: none */
    const char *type;       /* Content-Type; NULL: none */
    struct span body;       /* HEAD sends its length alone */
    const char *cache;      /* Cache-Control; NULL: no-store */
    const char *policy;     /* Content-Security-Policy; NULL: default-src 'none' */
    const char *allow;      /* Allow, the methods, for code 405; NULL: none */
};

/* Called in a worker thread, in several at a time, with a request that is complete. `exchange` is
 * its own until it has given it to http_reply, exactly once. */
typedef void http_handler(void *context, struct http_exchange *exchange);

/* Fills in what goes with an answer that http gives by itself: `code` and `retry_seconds` are set.
 * Called in any thread. The texts and the body stay as they are until http_close. */
typedef void http_refusal(void *context, struct http_reply *reply);

struct http_options {
    const char *address;      /* in digits, such as "127.0.0.1" or "::1" */
    uint16_t port;            /* 0: any free one, see http_port */
    unsigned workers;         /* threads for the handler, 1 to 64 */
    unsigned connections_max; /* one more is closed at once */
    unsigned per_client_max;  /* of one IPv4 address, or one IPv6 network of 64 bits */
    size_t head_max;          /* bytes of memory for the head of a request and of its answer */
    size_t body_max;          /* bytes of a body; a longer one is answered with 413 */
    size_t bodies_max;        /* bytes of all of them; beyond, 503 and Retry-After */
    unsigned seconds_max;     /* for a handshake and waiting for a request, from its first line to
                               * its end, and for sending the answer; then the connection ends */
    const char *certificate;  /* file in PEM, the chain; NULL: no TLS. TLS 1.2 and 1.3 alone */
    const char *key;          /* file in PEM, without password */
    http_handler *handle;
    http_refusal *refuse; /* NULL: such answers have no body */
    void *context;        /* for both */
};

/* Fills `out` with what suits a service behind a reverse proxy on the same machine; the caller
 * sets `handle`. */
void http_defaults(struct http_options *out);

/* Starts a server, which belongs to the caller until http_close. SERVER_ADDRESS when the address is
 * none of this machine's or the port is taken; NOT_FOUND, IO or TOO_LARGE for the files of the
 * certificate, SERVER_TLS when they cannot be used; SERVER_START without memory, threads or
 * descriptors. `out` is then NULL. The options are copied, what they point to but the paths too. */
MUST_CHECK enum status http_open(struct http **out, const struct http_options *options);

/* Answers with 503 what waits for an answer and what still comes, gives that up to two seconds to
 * be sent, and ends all. From its beginning nobody calls http_reply but handlers that are running;
 * it waits for them. Does nothing for NULL. */
void http_close(struct http *http);

uint16_t http_port(const struct http *http);

/* How many requests are with the caller or on their way to or from it. */
size_t http_pending(const struct http *http);

/* Reads the files of the certificate anew: new connections get it, those that are open keep theirs
 * until their present answer, or until they have been idle too long. The failures of http_open, and
 * SERVER_BUSY while connections of three earlier certificates are still open; all then stays as it
 * was. Not for a server without TLS (assert). */
MUST_CHECK enum status http_reload(struct http *http);

/* What a request brings; all of it is borrowed until http_reply, in whatever thread. */
enum http_method http_method(const struct http_exchange *exchange);

/* Begins with '/' and ends before '?'; as it came, with its percent signs. Never NULL. */
const char *http_path(const struct http_exchange *exchange);

/* The first parameter of this name, in any case of letters, behind '?': decoded, "" when it has no
 * value. NULL when there is none or it holds a zero byte. */
const char *http_query(const struct http_exchange *exchange, const char *name);

/* The first header of this name, in any case of letters; NULL when there is none. */
const char *http_header(const struct http_exchange *exchange, const char *name);

struct span http_body(const struct http_exchange *exchange);

/* Answers, from any thread, and takes the exchange away from the caller. A client that has gone
 * meanwhile is no failure. */
void http_reply(struct http_exchange *exchange, const struct http_reply *reply);

#endif
