/* The HTTP server: what it answers, when, and what a client may cost. */
#include "check.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http_client.h"
#include "http_server.h"
#include "ledger/http.h"
#include "ledger/http_head.h"
#include "random.h"

#define GET_NOW "GET /now HTTP/1.1\r\nHost: x\r\n\r\n"

static char heard[HTTP_CLIENT_MAX];

static bool
has(const char *text)
{
    return strstr(heard, text) != NULL;
}

/* The body of what was heard. */
static const char *
heard_body(void)
{
    const char *at = strstr(heard, "\r\n\r\n");

    return at != NULL ? at + 4 : "";
}

/* Says a text on a connection of its own and gives the code of the answer. */
static unsigned
ask(const struct http *http, const char *text)
{
    const int client = http_client_open(http_port(http), "127.0.0.1");
    unsigned code = 0;

    if (client >= 0 && http_client_say_text(client, text))
        code = http_client_hear(client, heard, false);
    http_client_close(client);
    return code;
}

static struct http *
open_plain(void)
{
    struct http_options options;

    http_server_options(&options);
    return http_server_open(&options);
}

/* ---- Answers ----------------------------------------------------------------------------------*/

TEST(a_request_is_answered_in_the_handler)
{
    struct http *http = open_plain();

    REQUIRE(http != NULL);
    CHECK(ask(http, "GET /a%20b?q=c%20d+e&r HTTP/1.1\r\nhost: x\r\nACCEPT: text/html\r\n\r\n") ==
          200);
    CHECK(strcmp(heard_body(), "GET /a%20b q=c d e accept=text/html 0") == 0);
    CHECK(ask(http, "GET /now?q HTTP/1.1\r\nHost: x\r\n\r\n") == 200);
    CHECK(strcmp(heard_body(), "GET /now q= accept=none 0") == 0);
    CHECK(ask(http, "GET /now?q=a%00b HTTP/1.1\r\nHost: x\r\n\r\n") == 200);
    CHECK(strcmp(heard_body(), "GET /now q=none accept=none 0") == 0);
    CHECK(ask(http, "PUT /now HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc") == 200);
    CHECK(strcmp(heard_body(), "other /now q=none accept=none 3") == 0);
    CHECK(ask(http, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nHallo") == 200);
    CHECK(strcmp(heard_body(), "Hallo") == 0);
    CHECK(http_server_calls() == 5);
    http_close(http);
}

TEST(head_gives_the_head_alone)
{
    struct http *http = open_plain();
    int client;

    REQUIRE(http != NULL);
    client = http_client_open(http_port(http), "127.0.0.1");
    CHECK(http_client_say_text(client, "HEAD /now HTTP/1.1\r\nHost: x\r\n\r\n" GET_NOW));
    CHECK(http_client_hear(client, heard, true) == 200);
    CHECK(has("\r\nContent-Length: 30\r\n"));
    CHECK(strcmp(heard_body(), "") == 0);
    CHECK(http_client_hear(client, heard, false) == 200);
    CHECK(strcmp(heard_body(), "GET /now q=none accept=none 0") == 0);
    http_client_close(client);
    http_close(http);
}

TEST(every_answer_carries_the_headers)
{
    struct http *http = open_plain();

    REQUIRE(http != NULL);
    CHECK(ask(http, GET_NOW) == 200);
    CHECK(has("\r\nX-Content-Type-Options: nosniff\r\n"));
    CHECK(has("\r\nReferrer-Policy: no-referrer\r\n"));
    CHECK(has("\r\nContent-Security-Policy: default-src 'none'\r\n"));
    CHECK(has("\r\nCache-Control: no-store\r\n"));
    CHECK(has("\r\nContent-Type: text/plain\r\n"));
    CHECK(!has("\r\nRetry-After:") && !has("\r\nAllow:") && !has("\r\nConnection:"));
    CHECK(ask(http, "GET /full HTTP/1.1\r\nHost: x\r\n\r\n") == 405);
    CHECK(has("\r\nX-Content-Type-Options: nosniff\r\n"));
    CHECK(has("\r\nReferrer-Policy: no-referrer\r\n"));
    CHECK(has("\r\nContent-Security-Policy: default-src 'self'\r\n"));
    CHECK(has("\r\nCache-Control: public, max-age=60\r\n"));
    CHECK(has("\r\nContent-Type: application/problem+json\r\n"));
    CHECK(has("\r\nRetry-After: 7\r\n"));
    CHECK(has("\r\nAllow: GET, HEAD\r\n"));
    CHECK(ask(http, "GET http://x/ HTTP/1.1\r\nHost: x\r\n\r\n") == 400);
    CHECK(has("\r\nX-Content-Type-Options: nosniff\r\n"));
    CHECK(has("\r\nContent-Security-Policy: default-src 'none'\r\n"));
    CHECK(has("\r\nCache-Control: no-store\r\n"));
    http_close(http);
}

TEST(requests_in_a_row_are_answered_in_their_order)
{
    struct http *http = open_plain();
    int client;

    REQUIRE(http != NULL);
    client = http_client_open(http_port(http), "127.0.0.1");
    CHECK(http_client_say_text(client, GET_NOW "GET /later?n=2 HTTP/1.1\r\nHost: x\r\n\r\n"
                                               "POST /echo HTTP/1.1\r\nHost: x\r\n"
                                               "Content-Length: 5\r\n\r\ndrei!" GET_NOW));
    CHECK(http_client_hear(client, heard, false) == 200);
    CHECK(strcmp(heard_body(), "GET /now q=none accept=none 0") == 0);
    REQUIRE(http_server_waits(1));
    CHECK(http_server_calls() == 2);
    http_server_answer();
    CHECK(http_client_hear(client, heard, false) == 200);
    CHECK(strcmp(heard_body(), "2") == 0);
    CHECK(http_client_hear(client, heard, false) == 200);
    CHECK(strcmp(heard_body(), "drei!") == 0);
    CHECK(http_client_hear(client, heard, false) == 200);
    http_client_close(client);
    http_close(http);
}

/* ---- Later ------------------------------------------------------------------------------------*/

#define MANY 200

static void *
answer_many(void *context)
{
    bool *all = context;

    *all = http_server_waits(MANY);
    for (size_t i = 0; *all && i < MANY; i++)
        http_server_answer();
    return NULL;
}

TEST(two_hundred_wait_for_one_thread)
{
    struct http *http = open_plain();
    int clients[MANY];
    pthread_t thread;
    bool all = false;

    REQUIRE(http != NULL);
    REQUIRE(pthread_create(&thread, NULL, answer_many, &all) == 0);
    for (size_t i = 0; i < MANY; i++) {
        char text[96];

        (void)snprintf(text, sizeof text, "GET /later?n=%zu HTTP/1.1\r\nHost: x\r\n\r\n", i);
        clients[i] = http_client_open(http_port(http), "127.0.0.1");
        CHECK(http_client_say_text(clients[i], text));
    }
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK(all);
    for (size_t i = 0; i < MANY; i++) {
        char number[16];

        (void)snprintf(number, sizeof number, "%zu", i);
        CHECK(http_client_hear(clients[i], heard, false) == 200);
        CHECK(strcmp(heard_body(), number) == 0);
        http_client_close(clients[i]);
    }
    CHECK(http_server_rests(http, 0));
    http_close(http);
}

TEST(all_may_wait_and_others_are_served)
{
    struct http_options options;
    struct http *http;
    int clients[8];

    http_server_options(&options);
    options.seconds_max = 1;
    http = http_server_open(&options);
    REQUIRE(http != NULL);
    for (size_t i = 0; i < 8; i++) {
        clients[i] = http_client_open(http_port(http), "127.0.0.1");
        CHECK(http_client_say_text(clients[i], "GET /later?n=1 HTTP/1.1\r\nHost: x\r\n\r\n"));
    }
    REQUIRE(http_server_waits(8));
    CHECK(http_pending(http) == 8);
    CHECK(ask(http, GET_NOW) == 200);
    /* Longer than a request may take on its way, as it is no fault of the client. */
    http_server_sleep_ms(1300);
    for (size_t i = 0; i < 8; i++)
        http_server_answer();
    for (size_t i = 0; i < 8; i++) {
        CHECK(http_client_hear(clients[i], heard, false) == 200);
        http_client_close(clients[i]);
    }
    http_close(http);
}

TEST(a_client_that_left_does_no_harm)
{
    struct http *http = open_plain();

    REQUIRE(http != NULL);
    for (size_t i = 0; i < 20; i++) {
        const int client = http_client_open(http_port(http), "127.0.0.1");
        /* Every other one with a reset. */
        const struct linger reset = {.l_onoff = 1, .l_linger = 0};

        CHECK(http_client_say_text(client, "GET /later?n=1 HTTP/1.1\r\nHost: x\r\n\r\n"));
        REQUIRE(http_server_waits(i + 1));
        if (i % 2 == 0)
            CHECK(setsockopt(client, SOL_SOCKET, SO_LINGER, &reset, sizeof reset) == 0);
        http_client_close(client);
    }
    for (size_t i = 0; i < 20; i++)
        http_server_answer();
    CHECK(http_server_rests(http, 0));
    CHECK(ask(http, GET_NOW) == 200);
    http_close(http);
}

/* ---- Closing ----------------------------------------------------------------------------------*/

static void
refuse(void *context, struct http_reply *reply)
{
    static const char body[] = "{\"title\":\"refused\"}";

    *(unsigned *)context = reply->code;
    reply->type = "application/problem+json";
    reply->body = (struct span){(const uint8_t *)body, sizeof body - 1};
}

TEST(closing_answers_what_waits)
{
    struct http_options options;
    unsigned refused = 0;
    struct http *http;
    int clients[20];
    int idle;

    http_server_options(&options);
    options.refuse = refuse;
    options.context = &refused;
    http = http_server_open(&options);
    REQUIRE(http != NULL);
    for (size_t i = 0; i < 20; i++) {
        clients[i] = http_client_open(http_port(http), "127.0.0.1");
        CHECK(http_client_say_text(clients[i], "GET /later?n=1 HTTP/1.1\r\nHost: x\r\n\r\n"));
    }
    idle = http_client_open(http_port(http), "127.0.0.1");
    CHECK(http_client_say_text(idle, GET_NOW));
    CHECK(http_client_hear(idle, heard, false) == 200);
    CHECK(http_server_waits(20));
    http_close(http);
    CHECK(refused == 503);
    for (size_t i = 0; i < 20; i++) {
        CHECK(http_client_hear(clients[i], heard, false) == 503);
        CHECK(has("\r\nRetry-After: 1\r\n"));
        CHECK(has("\r\nConnection: close\r\n"));
        CHECK(strcmp(heard_body(), "{\"title\":\"refused\"}") == 0);
        CHECK(http_client_ended(clients[i], 1000));
        http_client_close(clients[i]);
    }
    CHECK(http_client_ended(idle, 1000));
    http_client_close(idle);
}

/* ---- Bodies -----------------------------------------------------------------------------------*/

static bool
say_post(int client, const char *path, size_t len)
{
    char text[128];

    (void)snprintf(text, sizeof text, "POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: %zu\r\n\r\n",
                   path, len);
    return http_client_say_text(client, text);
}

static bool
say_chunk(int client, const uint8_t *bytes, size_t len)
{
    char text[32];

    (void)snprintf(text, sizeof text, "%zx\r\n", len);
    return http_client_say_text(client, text) && http_client_say(client, bytes, len) &&
           http_client_say_text(client, "\r\n");
}

TEST(a_body_has_a_limit)
{
    struct http *http = open_plain();
    uint8_t bytes[4096];
    int client;

    REQUIRE(http != NULL);
    memset(bytes, 'x', sizeof bytes);
    client = http_client_open(http_port(http), "127.0.0.1");
    CHECK(say_post(client, "/echo", 4096));
    CHECK(http_client_say(client, bytes, 4096));
    CHECK(http_client_hear(client, heard, false) == 200);
    CHECK(strlen(heard_body()) == 4096);
    CHECK(memcmp(heard_body(), bytes, 4096) == 0);
    /* Nothing of the body is waited for. */
    CHECK(say_post(client, "/echo", 4097));
    CHECK(http_client_hear(client, heard, false) == 413);
    CHECK(http_client_ended(client, 1000));
    http_client_close(client);
    CHECK(ask(http, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999999\r\n"
                    "\r\n") == 413);
    CHECK(ask(http, "POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
                    "Content-Length: 4097\r\n\r\n") == 413);
    CHECK(http_server_calls() == 1);
    http_close(http);
}

TEST(a_body_in_chunks_has_the_same_limit)
{
    static const char head[] =
        "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    struct http *http = open_plain();
    uint8_t bytes[4097];
    int client;

    REQUIRE(http != NULL);
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)('a' + i % 26);
    client = http_client_open(http_port(http), "127.0.0.1");
    CHECK(http_client_say_text(client, head));
    CHECK(say_chunk(client, bytes, 1) && say_chunk(client, bytes + 1, 4000) &&
          say_chunk(client, bytes + 4001, 95));
    CHECK(http_client_say_text(client, "0\r\n\r\n"));
    CHECK(http_client_hear(client, heard, false) == 200);
    CHECK(strlen(heard_body()) == 4096);
    CHECK(memcmp(heard_body(), bytes, 4096) == 0);
    CHECK(http_server_calls() == 1);
    CHECK(http_client_say_text(client, head));
    CHECK(say_chunk(client, bytes, 4097));
    CHECK(http_client_say_text(client, "0\r\n\r\n"));
    CHECK(http_client_hear(client, heard, false) == 413);
    http_client_close(client);
    /* Much longer: it is not read to its end. */
    client = http_client_open(http_port(http), "127.0.0.1");
    CHECK(http_client_say_text(client, head));
    for (size_t i = 0; i < 3; i++)
        (void)say_chunk(client, bytes, 4096);
    CHECK(http_client_ended(client, 1000));
    http_client_close(client);
    CHECK(http_server_calls() == 1);
    http_close(http);
}

TEST(all_bodies_have_a_limit)
{
    struct http *http = open_plain();
    uint8_t bytes[4096] = {0};
    int clients[2];

    REQUIRE(http != NULL);
    for (size_t i = 0; i < 2; i++) {
        clients[i] = http_client_open(http_port(http), "127.0.0.1");
        CHECK(say_post(clients[i], "/later?n=1", 4096));
        CHECK(http_client_say(clients[i], bytes, 4096));
        REQUIRE(http_server_waits(i + 1));
    }
    CHECK(ask(http, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx") == 503);
    CHECK(has("\r\nRetry-After: 1\r\n"));
    CHECK(strcmp(heard_body(), "") == 0);
    CHECK(ask(http, GET_NOW) == 200);
    http_server_answer();
    CHECK(http_client_hear(clients[0], heard, false) == 200);
    CHECK(http_server_rests(http, 1));
    CHECK(ask(http, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx") == 200);
    http_server_answer();
    CHECK(http_client_hear(clients[1], heard, false) == 200);
    for (size_t i = 0; i < 2; i++)
        http_client_close(clients[i]);
    http_close(http);
}

/* ---- Time and connections ---------------------------------------------------------------------*/

/* What says nothing, too little at a time, or nothing more. */
TEST(what_takes_too_long_is_ended)
{
    static const char drip[] = "GET /now HTTP/1.1\r\nHost: xxxxxxxxxxxxxxxxxxxxxxxxx";
    struct http_options options;
    struct http *http;
    uint64_t begin_ms;
    bool ended[4] = {false};
    int clients[4];
    size_t left = 4;

    http_server_options(&options);
    options.seconds_max = 1;
    http = http_server_open(&options);
    REQUIRE(http != NULL);
    for (size_t i = 0; i < 4; i++)
        clients[i] = http_client_open(http_port(http), "127.0.0.1");
    CHECK(http_client_say_text(clients[3], GET_NOW));
    CHECK(http_client_hear(clients[3], heard, false) == 200);
    CHECK(say_post(clients[2], "/echo", 1000));
    begin_ms = http_server_now_ms();
    for (size_t i = 0; i + 1 < sizeof drip && left > 0; i++) {
        if (!ended[1])
            (void)http_client_say(clients[1], drip + i, 1);
        if (!ended[2])
            (void)http_client_say(clients[2], "x", 1);
        for (size_t j = 0; j < 4; j++)
            if (!ended[j] && http_client_ended(clients[j], 20)) {
                ended[j] = true;
                left--;
                CHECK(http_server_now_ms() - begin_ms >= 500);
            }
    }
    CHECK(left == 0);
    CHECK(http_server_now_ms() - begin_ms <= 3500);
    CHECK(http_server_calls() == 1);
    for (size_t i = 0; i < 4; i++)
        http_client_close(clients[i]);
    http_close(http);
}

TEST(a_client_that_does_not_listen_is_ended)
{
    struct http_options options;
    struct http *http;
    uint64_t begin_ms;
    int client;

    http_server_options(&options);
    options.seconds_max = 1;
    http = http_server_open(&options);
    REQUIRE(http != NULL);
    client = http_client_open(http_port(http), "127.0.0.1");
    CHECK(http_client_say_text(client, "GET /long HTTP/1.1\r\nHost: x\r\n\r\n"));
    begin_ms = http_server_now_ms();
    while (http_server_calls() == 0 && http_server_now_ms() - begin_ms < 3000)
        http_server_sleep_ms(2);
    CHECK(http_pending(http) == 1);
    CHECK(http_server_rests(http, 0));
    CHECK(http_server_now_ms() - begin_ms >= 900);
    CHECK(http_server_now_ms() - begin_ms <= 3500);
    http_client_close(client);
    http_close(http);
}

/* Whether a connection is served. */
static bool
is_in(int client)
{
    return http_client_say_text(client, GET_NOW) && http_client_hear(client, heard, false) == 200;
}

/* Opens connections until one is in. */
static bool
comes_in(const struct http *http, const char *from)
{
    bool in = false;

    for (unsigned i = 0; i < 500 && !in; i++) {
        const int client = http_client_open(http_port(http), from);

        in = is_in(client);
        http_client_close(client);
        http_server_sleep_ms(2);
    }
    return in;
}

TEST(there_are_only_so_many_connections)
{
    struct http_options options;
    struct http *http;
    int clients[9];

    http_server_options(&options);
    options.connections_max = 8;
    options.seconds_max = 60;
    http = http_server_open(&options);
    REQUIRE(http != NULL);
    for (size_t i = 0; i < 8; i++) {
        clients[i] = http_client_open(http_port(http), "127.0.0.1");
        CHECK(is_in(clients[i]));
    }
    clients[8] = http_client_open(http_port(http), "127.0.0.2");
    CHECK(http_client_ended(clients[8], 1000));
    CHECK(is_in(clients[0]));
    http_client_close(clients[0]);
    CHECK(comes_in(http, "127.0.0.2"));
    CHECK(http_server_calls() == 10);
    for (size_t i = 1; i < 9; i++)
        http_client_close(clients[i]);
    http_close(http);
}

TEST(one_client_has_only_so_many)
{
    struct http_options options;
    struct http *http;
    int clients[4];

    http_server_options(&options);
    options.per_client_max = 2;
    options.seconds_max = 60;
    http = http_server_open(&options);
    REQUIRE(http != NULL);
    clients[0] = http_client_open(http_port(http), "127.0.0.2");
    clients[1] = http_client_open(http_port(http), "127.0.0.2");
    CHECK(is_in(clients[0]) && is_in(clients[1]));
    clients[2] = http_client_open(http_port(http), "127.0.0.2");
    CHECK(http_client_ended(clients[2], 1000));
    clients[3] = http_client_open(http_port(http), "127.0.0.3");
    CHECK(is_in(clients[3]));
    http_client_close(clients[1]);
    CHECK(comes_in(http, "127.0.0.2"));
    http_client_close(clients[0]);
    http_client_close(clients[2]);
    http_client_close(clients[3]);
    http_close(http);
}

/* ---- What is wrong ----------------------------------------------------------------------------*/

TEST(a_wrong_request_is_refused)
{
    static const struct {
        const char *text;
        unsigned code; /* 0: the connection ends */
    } wrong[] = {
        {"GET /now HTTP/1.1\r\n\r\n", 400},
        {"GET /now HTTP/2.0\r\nHost: x\r\n\r\n", 505},
        {"GET /now\r\n\r\n", 400},
        {"GET /a b HTTP/1.1\r\nHost: x\r\n\r\n", 0},
        {"GET now HTTP/1.1\r\nHost: x\r\n\r\n", 400},
        {"GET * HTTP/1.1\r\nHost: x\r\n\r\n", 400},
        {"GET http://x/now HTTP/1.1\r\nHost: x\r\n\r\n", 400},
        {"GET /now HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n", 400},
        {"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400},
        {"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1x\r\n\r\nx", 400},
        {"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx", 400},
        {"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nContent-Length: 3\r\n\r\nabc",
         400},
        {"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n"
         "\r\n0\r\n\r\n",
         400},
        {"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 400},
        {"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: identity\r\n\r\n", 400},
        {"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", 400},
    };
    struct http *http = open_plain();

    REQUIRE(http != NULL);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        const unsigned code = ask(http, wrong[i].text);

        if (code != wrong[i].code)
            fprintf(stderr, "    %u for %s\n", code, wrong[i].text);
        CHECK(code == wrong[i].code);
    }
    CHECK(http_server_calls() == 0);
    CHECK(ask(http, GET_NOW) == 200);
    http_close(http);
}

TEST(a_path_and_a_head_have_a_limit)
{
    static char text[40000];
    struct http *http = open_plain();
    size_t len = 0;

    REQUIRE(http != NULL);
    (void)snprintf(text, sizeof text, "GET /%0254d HTTP/1.1\r\nHost: x\r\n\r\n", 0);
    CHECK(ask(http, text) == 200);
    (void)snprintf(text, sizeof text, "GET /%0255d HTTP/1.1\r\nHost: x\r\n\r\n", 0);
    CHECK(ask(http, text) == 414);
    CHECK(has("\r\nX-Content-Type-Options: nosniff\r\n"));
    memset(text, 'x', 20000);
    memcpy(text, "GET /", 5);
    (void)snprintf(text + 20000, sizeof text - 20000, " HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(ask(http, text) == 414);
    len = (size_t)snprintf(text, sizeof text, "GET /now HTTP/1.1\r\nHost: x\r\n");
    while (len < sizeof text - 64)
        len += (size_t)snprintf(text + len, sizeof text - len, "X-%zu: abcdefghij\r\n", len);
    CHECK(ask(http, text) == 431);
    CHECK(http_server_calls() == 1);
    http_close(http);
}

/* Pieces of requests in a wrong order; without Host none of them can be whole. */
static size_t
make_garbage(uint8_t *out, size_t cap, struct random *random)
{
    static const char *const pieces[] = {
        "GET ", "POST ", "/now",   " HTTP/1.1", "\r\n",      "\r\n\r\n",       ": ",
        "?q=%", "\n",    "Accept", "chunked",   "0\r\n\r\n", "Content-Length", "\t"};
    size_t len = 0;

    if (random_below(random, 2) == 0) {
        len = 1 + (size_t)random_below(random, cap - 1);
        random_bytes(random, out, len);
        return len;
    }
    for (uint64_t left = 1 + random_below(random, 12); left > 0; left--) {
        const size_t which = (size_t)random_below(random, sizeof pieces / sizeof pieces[0]);

        memcpy(out + len, pieces[which], strlen(pieces[which]));
        len += strlen(pieces[which]);
    }
    return len;
}

TEST(garbage_reaches_no_handler)
{
    struct random random = random_begin();
    struct http *http = open_plain();
    uint8_t bytes[256];

    REQUIRE(http != NULL);
    for (unsigned i = 0; i < 1000; i++) {
        const size_t len = make_garbage(bytes, sizeof bytes, &random);
        const int client = http_client_open(http_port(http), "127.0.0.1");

        REQUIRE(client >= 0);
        (void)http_client_say(client, bytes, len);
        /* Half of it is left as it is; the other half is no head in any case. */
        if (i % 2 == 0) {
            (void)http_client_say_text(client, "\r\nx\r\n\r\n");
            CHECK(http_client_ended(client, 1000));
        } else if (i % 4 == 1) {
            (void)shutdown(client, SHUT_WR);
        }
        http_client_close(client);
    }
    CHECK(http_server_calls() == 0);
    CHECK(ask(http, GET_NOW) == 200);
    http_close(http);
}

TEST(a_head_says_one_thing)
{
    struct http_head head = {0};
    char path[HTTP_PATH_MAX];

    http_head_note(&head, "content-length", "999999999999999999");
    CHECK(http_head_is_clear(&head) && head.len == UINT64_C(999999999999999999));
    http_head_note(&head, "X-Content-Length", "1");
    CHECK(http_head_is_clear(&head));
    http_head_note(&head, "Content-Length", NULL);
    CHECK(!http_head_is_clear(&head) && head.len == UINT64_MAX);
    head = (struct http_head){0};
    http_head_note(&head, "Content-Length", "1234567890123456789");
    CHECK(head.len == UINT64_MAX);
    head = (struct http_head){0};
    http_head_note(&head, "TRANSFER-ENCODING", "Chunked");
    CHECK(http_head_is_clear(&head) && head.chunked);
    http_head_note(&head, "Transfer-Encoding", NULL);
    CHECK(!http_head_is_clear(&head));
    CHECK(http_head_path(path, NULL) == 400 && path[0] == '\0');
    CHECK(http_head_path(path, "") == 400);
    CHECK(http_head_path(path, "/?") == 0 && strcmp(path, "/") == 0);
    CHECK(http_head_path(path, "/a%2f..?b?c") == 0 && strcmp(path, "/a%2f..") == 0);
    CHECK(http_head_method("get") == HTTP_OTHER);
}

/* ---- Opening ----------------------------------------------------------------------------------*/

TEST(an_address_that_cannot_be_had)
{
    static const char *const addresses[] = {"localhost", "", "127.0.0.1:80", "192.0.2.1"};
    struct http *http = open_plain();
    struct http_options options;
    struct http *second;

    REQUIRE(http != NULL);
    http_server_options(&options);
    for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++) {
        options.address = addresses[i];
        CHECK_STATUS(http_open(&second, &options), STATUS_SERVER_ADDRESS);
        CHECK(second == NULL);
    }
    options.address = "127.0.0.1";
    options.port = http_port(http);
    CHECK_STATUS(http_open(&second, &options), STATUS_SERVER_ADDRESS);
    CHECK(ask(http, GET_NOW) == 200);
    http_close(http);
    CHECK_STATUS(http_open(&second, &options), STATUS_OK);
    http_close(second);
    http_close(NULL);
}

int
main(int argc, char **argv)
{
    return check_run(argc, argv);
}
