/* One request and its answer, each failure provoked; and the server's TLS as a client sees it. */
#include "check.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "certificate.h"
#include "http_server.h"
#include "ledger/fetch.h"
#include "ledger/http.h"
#include "scratch.h"

#define URL_MAX 128
/* Far more than a handshake takes, even where everything is twenty times slower. */
#define TLS_SECONDS 20

static uint8_t body[8192];

static void
url_of(char out[static URL_MAX], const char *scheme, uint16_t port, const char *path)
{
    (void)snprintf(out, URL_MAX, "%s://127.0.0.1:%u%s", scheme, (unsigned)port, path);
}

static bool
body_is(const struct fetch_answer *answer, const char *text)
{
    return answer->len == strlen(text) && memcmp(body, text, answer->len) == 0;
}

static bool
is_zero(const struct fetch_answer *answer)
{
    return answer->code == 0 && answer->type[0] == '\0' && answer->len == 0;
}

/* ---- A server that says what it is told -------------------------------------------------------*/

struct stub {
    int listener;
    uint16_t port;
    const char *says; /* NULL: nothing, for as long as the client waits */
    size_t body_len;  /* what comes after the head and is read before anything is said */
    char asked[4096]; /* the head, and perhaps the beginning of the body */
    pthread_t thread;
};

/* Reads what one client asks; the socket of the client, or -1. */
static int
stub_hear(struct stub *stub)
{
    static char more[65536];
    struct pollfd polled = {.fd = stub->listener, .events = POLLIN};
    const char *end = NULL;
    size_t len = 0;
    int client;

    if (poll(&polled, 1, 5000) != 1 || (client = accept(stub->listener, NULL, NULL)) < 0)
        return -1;
    while (end == NULL && len < sizeof stub->asked - 1) {
        const ssize_t got = recv(client, stub->asked + len, sizeof stub->asked - 1 - len, 0);

        if (got <= 0)
            return client;
        len += (size_t)got;
        stub->asked[len] = '\0';
        end = strstr(stub->asked, "\r\n\r\n");
    }
    len -= end != NULL ? (size_t)(end + 4 - stub->asked) : 0;
    while (len < stub->body_len) {
        const ssize_t got = recv(client, more, sizeof more, 0);

        if (got <= 0)
            return client;
        len += (size_t)got;
    }
    return client;
}

/* Says it to one client, once it has asked. */
static void *
stub_run(void *context)
{
    struct stub *stub = context;
    const int client = stub_hear(stub);
    char byte;

    if (client < 0)
        return NULL;
    if (stub->says != NULL)
        (void)send(client, stub->says, strlen(stub->says), MSG_NOSIGNAL);
    else
        while (recv(client, &byte, 1, 0) > 0)
            ;
    close(client);
    return NULL;
}

static bool
stub_open(struct stub *out, const char *says, size_t body_len)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
    } address = {.v4 = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof address;

    out->says = says;
    out->body_len = body_len;
    out->asked[0] = '\0';
    out->listener = socket(AF_INET, SOCK_STREAM, 0);
    if (out->listener < 0 || bind(out->listener, &address.any, sizeof address.v4) != 0 ||
        listen(out->listener, 4) != 0 || getsockname(out->listener, &address.any, &len) != 0)
        return false;
    out->port = ntohs(address.v4.sin_port);
    return pthread_create(&out->thread, NULL, stub_run, out) == 0;
}

static void
stub_close(struct stub *stub)
{
    CHECK(pthread_join(stub->thread, NULL) == 0);
    close(stub->listener);
}

/* What comes of asking a server that says this; at most `cap` bytes of it are wanted. */
static enum status
ask_stub(struct fetch_answer *out, const char *says, size_t cap)
{
    struct fetch_request request = {.connect_seconds = 1, .seconds = 1};
    struct fetch fetch;
    struct stub stub;
    char url[URL_MAX];
    enum status status;

    memset(out, 0xEE, sizeof *out);
    if (!stub_open(&stub, says, 0) || fetch_open(&fetch) != STATUS_OK)
        abort();
    url_of(url, "http", stub.port, "/");
    request.url = url;
    status = fetch_send(&fetch, out, body, cap, &request);
    fetch_close(&fetch);
    stub_close(&stub);
    return status;
}

/* ---- Answers ----------------------------------------------------------------------------------*/

TEST(a_get_and_a_post_are_answered)
{
    struct http_options options;
    struct fetch_request request = {.connect_seconds = 2, .seconds = 2};
    struct fetch_answer answer;
    struct fetch fetch;
    struct http *http;
    uint8_t bytes[4096];
    char url[URL_MAX];

    http_server_options(&options);
    /* All of it on one connection. */
    options.connections_max = 1;
    http = http_server_open(&options);
    REQUIRE(http != NULL);
    REQUIRE(fetch_open(&fetch) == STATUS_OK);
    request.url = url;
    url_of(url, "http", http_port(http), "/now?q=1");
    CHECK_STATUS(fetch_send(&fetch, &answer, body, sizeof body, &request), STATUS_OK);
    CHECK(answer.code == 200 && strcmp(answer.type, "text/plain") == 0);
    CHECK(body_is(&answer, "GET /now q=1 accept=*/* 0"));
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)i;
    url_of(url, "http", http_port(http), "/echo");
    request.post = true;
    request.type = "application/octet-stream";
    request.body = (struct span){bytes, sizeof bytes};
    CHECK_STATUS(fetch_send(&fetch, &answer, body, sizeof bytes, &request), STATUS_OK);
    CHECK(answer.code == 200 && answer.type[0] == '\0' && answer.len == sizeof bytes);
    CHECK(memcmp(body, bytes, sizeof bytes) == 0);
    request.body = (struct span){NULL, 0};
    CHECK_STATUS(fetch_send(&fetch, &answer, NULL, 0, &request), STATUS_OK);
    CHECK(answer.code == 200 && answer.len == 0);
    url_of(url, "http", http_port(http), "/full");
    request.post = false;
    CHECK_STATUS(fetch_send(&fetch, &answer, body, sizeof body, &request), STATUS_OK);
    CHECK(answer.code == 405 && strcmp(answer.type, "application/problem+json") == 0);
    CHECK(http_server_calls() == 4);
    fetch_close(&fetch);
    fetch_close(&fetch);
    http_close(http);
}

TEST(a_post_says_its_type_and_does_not_wait)
{
    /* So long that the library would ask for leave by itself. */
    static uint8_t bytes[(1 << 20) + 1];
    struct fetch_request request = {.connect_seconds = 2, .seconds = 4, .post = true};
    struct fetch_answer answer;
    struct fetch fetch;
    struct stub stub;
    char url[URL_MAX];

    REQUIRE(fetch_open(&fetch) == STATUS_OK);
    REQUIRE(stub_open(&stub, "HTTP/1.1 204 No Content\r\nContent-Type: a/b\r\n\r\n", sizeof bytes));
    url_of(url, "http", stub.port, "/");
    request.url = url;
    request.type = "application/cose";
    request.body = (struct span){bytes, sizeof bytes};
    CHECK_STATUS(fetch_send(&fetch, &answer, body, sizeof body, &request), STATUS_OK);
    CHECK(answer.code == 204 && answer.len == 0 && strcmp(answer.type, "a/b") == 0);
    fetch_close(&fetch);
    stub_close(&stub);
    CHECK(strncmp(stub.asked, "POST / HTTP/1.1\r\n", 17) == 0);
    CHECK(strstr(stub.asked, "\r\nContent-Type: application/cose\r\n") != NULL);
    CHECK(strstr(stub.asked, "\r\nContent-Length: 1048577\r\n") != NULL);
    CHECK(strstr(stub.asked, "Expect") == NULL);
}

TEST(no_redirect_is_followed)
{
    struct fetch_answer answer;

    CHECK_STATUS(ask_stub(&answer,
                          "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n"
                          "Content-Length: 2\r\n\r\nda",
                          sizeof body),
                 STATUS_OK);
    CHECK(answer.code == 302 && body_is(&answer, "da"));
}

TEST(the_environment_names_no_proxy)
{
    struct fetch_answer answer;

    REQUIRE(setenv("http_proxy", "http://127.0.0.1:1/", 1) == 0);
    REQUIRE(setenv("ALL_PROXY", "http://127.0.0.1:1/", 1) == 0);
    CHECK_STATUS(ask_stub(&answer, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", sizeof body),
                 STATUS_OK);
    CHECK(body_is(&answer, "ok"));
    CHECK(unsetenv("http_proxy") == 0 && unsetenv("ALL_PROXY") == 0);
}

/* ---- Failures ---------------------------------------------------------------------------------*/

TEST(an_answer_that_is_too_large)
{
    static const char three[] = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc";
    struct fetch_answer answer;

    CHECK_STATUS(ask_stub(&answer, three, 3), STATUS_OK);
    CHECK(body_is(&answer, "abc"));
    CHECK_STATUS(ask_stub(&answer, three, 2), STATUS_TOO_LARGE);
    CHECK(is_zero(&answer));
    /* Without a length, and in chunks. */
    CHECK_STATUS(ask_stub(&answer, "HTTP/1.1 200 OK\r\n\r\nabc", 2), STATUS_TOO_LARGE);
    CHECK_STATUS(ask_stub(&answer,
                          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                          "2\r\nab\r\n1\r\nc\r\n0\r\n\r\n",
                          2),
                 STATUS_TOO_LARGE);
}

TEST(an_answer_that_is_none)
{
    static char long_head[100000];
    struct fetch_answer answer;
    size_t len = (size_t)snprintf(long_head, sizeof long_head, "HTTP/1.1 200 OK\r\n");

    CHECK_STATUS(ask_stub(&answer, "220 mail.example\r\n", sizeof body), STATUS_SERVER_ANSWER);
    CHECK(is_zero(&answer));
    while (len < sizeof long_head - 64)
        len +=
            (size_t)snprintf(long_head + len, sizeof long_head - len, "X-%zu: abcdefgh\r\n", len);
    CHECK_STATUS(ask_stub(&answer, long_head, sizeof body), STATUS_SERVER_ANSWER);
    CHECK_STATUS(ask_stub(&answer, "", sizeof body), STATUS_OFFLINE);
    CHECK_STATUS(ask_stub(&answer, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", sizeof body),
                 STATUS_OFFLINE);
    CHECK(is_zero(&answer));
}

TEST(a_type_that_is_too_long_is_left_out)
{
    struct fetch_answer answer;
    char says[512];

    (void)snprintf(says, sizeof says,
                   "HTTP/1.1 200 OK\r\nContent-Type: a/%0125d\r\nContent-Length: 0\r\n\r\n", 0);
    CHECK_STATUS(ask_stub(&answer, says, 0), STATUS_OK);
    CHECK(strlen(answer.type) == FETCH_TYPE_MAX - 1);
    (void)snprintf(says, sizeof says,
                   "HTTP/1.1 200 OK\r\nContent-Type: a/%0126d\r\nContent-Length: 0\r\n\r\n", 0);
    CHECK_STATUS(ask_stub(&answer, says, 0), STATUS_OK);
    CHECK(answer.code == 200 && answer.type[0] == '\0');
}

TEST(a_server_that_is_silent)
{
    const uint64_t begin_ms = http_server_now_ms();
    struct fetch_answer answer;

    CHECK_STATUS(ask_stub(&answer, NULL, sizeof body), STATUS_SERVER_TIMEOUT);
    CHECK(is_zero(&answer));
    CHECK(http_server_now_ms() - begin_ms >= 900);
    CHECK(http_server_now_ms() - begin_ms <= 3000);
}

TEST(what_cannot_be_asked)
{
    static const struct {
        const char *url;
        enum status status;
    } wrong[] = {
        /* Nobody listens on port 1. */
        {"http://127.0.0.1:1/", STATUS_OFFLINE},
        {"http://name.invalid/", STATUS_OFFLINE},
        {"ftp://127.0.0.1/", STATUS_SERVER_ADDRESS},
        {"file:///etc/hostname", STATUS_SERVER_ADDRESS},
        {"", STATUS_SERVER_ADDRESS},
        {"http://", STATUS_SERVER_ADDRESS},
        {"http://127.0.0.1:99999/", STATUS_SERVER_ADDRESS},
    };
    struct fetch_request request = {.connect_seconds = 2, .seconds = 2};
    struct fetch_answer answer;
    struct fetch fetch;

    REQUIRE(fetch_open(&fetch) == STATUS_OK);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        request.url = wrong[i].url;
        memset(&answer, 0xEE, sizeof answer);
        CHECK_STATUS(fetch_send(&fetch, &answer, body, sizeof body, &request), wrong[i].status);
        CHECK(is_zero(&answer));
    }
    fetch_close(&fetch);
}

/* ---- TLS --------------------------------------------------------------------------------------*/

struct files {
    char folder[SCRATCH_PATH_MAX];
    char certificate[SCRATCH_PATH_MAX];
    char key[SCRATCH_PATH_MAX];
    char other[SCRATCH_PATH_MAX]; /* another certificate, and its key */
    char other_key[SCRATCH_PATH_MAX];
    char live[SCRATCH_PATH_MAX]; /* what the server reads */
    char live_key[SCRATCH_PATH_MAX];
};

static bool
files_make(struct files *out)
{
    scratch_make(out->folder);
    scratch_path(out->certificate, out->folder, "certificate");
    scratch_path(out->key, out->folder, "key");
    scratch_path(out->other, out->folder, "other");
    scratch_path(out->other_key, out->folder, "other-key");
    scratch_path(out->live, out->folder, "live");
    scratch_path(out->live_key, out->folder, "live-key");
    return certificate_make(out->certificate, out->key) &&
           certificate_make(out->other, out->other_key) &&
           scratch_copy(out->live, out->certificate) && scratch_copy(out->live_key, out->key);
}

static struct http *
open_tls(const struct files *files)
{
    struct http_options options;

    http_server_options(&options);
    options.seconds_max = TLS_SECONDS;
    options.certificate = files->live;
    options.key = files->live_key;
    return http_server_open(&options);
}

/* Asks once, on a connection of its own unless `fetch` is given. */
static enum status
ask_tls(struct fetch *fetch, const struct http *http, const char *path, const char *authorities)
{
    struct fetch_request request = {
        .connect_seconds = TLS_SECONDS, .seconds = TLS_SECONDS, .authorities = authorities};
    struct fetch_answer answer;
    struct fetch own;
    enum status status;
    char url[URL_MAX];

    url_of(url, "https", http_port(http), path);
    request.url = url;
    if (fetch == NULL && fetch_open(&own) != STATUS_OK)
        abort();
    status = fetch_send(fetch != NULL ? fetch : &own, &answer, body, sizeof body, &request);
    if (fetch == NULL)
        fetch_close(&own);
    return status == STATUS_OK && answer.code != 200 ? STATUS_SERVER_ANSWER : status;
}

TEST(a_certificate_is_checked)
{
    struct fetch_request request = {.connect_seconds = TLS_SECONDS, .seconds = TLS_SECONDS};
    struct fetch_answer answer;
    struct files files;
    struct fetch fetch;
    struct http *http;
    char url[URL_MAX];

    REQUIRE(files_make(&files));
    http = open_tls(&files);
    REQUIRE(http != NULL);
    CHECK_STATUS(ask_tls(NULL, http, "/now", files.certificate), STATUS_OK);
    CHECK_STATUS(ask_tls(NULL, http, "/now", files.other), STATUS_SERVER_TLS);
    CHECK_STATUS(ask_tls(NULL, http, "/now", NULL), STATUS_SERVER_TLS);
    CHECK_STATUS(ask_tls(NULL, http, "/now", files.folder), STATUS_SERVER_TLS);
    CHECK_STATUS(ask_tls(NULL, http, "/now", "/nowhere"), STATUS_SERVER_TLS);
    CHECK(http_server_calls() == 1);
    REQUIRE(fetch_open(&fetch) == STATUS_OK);
    /* Another name for the same machine. */
    (void)snprintf(url, sizeof url, "https://127.0.0.2:%u/", (unsigned)http_port(http));
    request.url = url;
    request.authorities = files.certificate;
    CHECK(fetch_send(&fetch, &answer, body, sizeof body, &request) != STATUS_OK);
    /* No TLS at all. */
    url_of(url, "http", http_port(http), "/now");
    CHECK(fetch_send(&fetch, &answer, body, sizeof body, &request) != STATUS_OK);
    CHECK(http_server_calls() == 1);
    fetch_close(&fetch);
    http_close(http);
    scratch_remove(files.folder);
}

struct asking {
    const struct http *http;
    const char *authorities;
    enum status status;
};

static void *
ask_later(void *context)
{
    struct asking *asking = context;

    asking->status = ask_tls(NULL, asking->http, "/later?n=1", asking->authorities);
    return NULL;
}

TEST(a_new_certificate_is_for_new_connections)
{
    struct asking asking = {0};
    pthread_t thread;
    struct files files;
    struct fetch fetch;
    struct http *http;

    REQUIRE(files_make(&files));
    http = open_tls(&files);
    REQUIRE(http != NULL);
    REQUIRE(fetch_open(&fetch) == STATUS_OK);
    asking.http = http;
    asking.authorities = files.certificate;
    REQUIRE(pthread_create(&thread, NULL, ask_later, &asking) == 0);
    CHECK(http_server_waits(1));
    CHECK_STATUS(ask_tls(&fetch, http, "/now", files.certificate), STATUS_OK);
    CHECK(scratch_copy(files.live, files.other) && scratch_copy(files.live_key, files.other_key));
    CHECK_STATUS(http_reload(http), STATUS_OK);
    CHECK_STATUS(ask_tls(NULL, http, "/now", files.other), STATUS_OK);
    CHECK_STATUS(ask_tls(NULL, http, "/now", files.certificate), STATUS_SERVER_TLS);
    /* The open connection answers once more and is then closed. */
    CHECK_STATUS(ask_tls(&fetch, http, "/now", files.certificate), STATUS_OK);
    CHECK_STATUS(ask_tls(&fetch, http, "/now", files.certificate), STATUS_SERVER_TLS);
    http_server_answer();
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK_STATUS(asking.status, STATUS_OK);
    fetch_close(&fetch);
    http_close(http);
    scratch_remove(files.folder);
}

/* Whether a reload succeeds sooner or later, as what is old has ended. */
static bool
reloads(struct http *http)
{
    enum status status = STATUS_SERVER_BUSY;

    for (unsigned i = 0; i < 1000 && status == STATUS_SERVER_BUSY; i++) {
        status = http_reload(http);
        http_server_sleep_ms(2);
    }
    return status == STATUS_OK;
}

TEST(old_certificates_are_put_away)
{
    struct asking asking[3] = {0};
    pthread_t threads[3];
    struct files files;
    struct http *http;

    REQUIRE(files_make(&files));
    http = open_tls(&files);
    REQUIRE(http != NULL);
    /* More of them than there is room for at a time. */
    for (unsigned i = 0; i < 10; i++)
        CHECK(reloads(http));
    for (size_t i = 0; i < 3; i++) {
        asking[i] = (struct asking){http, files.certificate, STATUS_OK};
        REQUIRE(pthread_create(&threads[i], NULL, ask_later, &asking[i]) == 0);
        CHECK(http_server_waits(i + 1));
        CHECK(reloads(http));
    }
    CHECK_STATUS(http_reload(http), STATUS_SERVER_BUSY);
    CHECK_STATUS(ask_tls(NULL, http, "/now", files.certificate), STATUS_OK);
    for (size_t i = 0; i < 3; i++)
        http_server_answer();
    for (size_t i = 0; i < 3; i++) {
        CHECK(pthread_join(threads[i], NULL) == 0);
        CHECK_STATUS(asking[i].status, STATUS_OK);
    }
    CHECK(reloads(http));
    CHECK_STATUS(ask_tls(NULL, http, "/now", files.certificate), STATUS_OK);
    http_close(http);
    scratch_remove(files.folder);
}

TEST(a_certificate_that_cannot_be_used)
{
    struct http_options options;
    struct files files;
    struct http *http;

    REQUIRE(files_make(&files));
    http_server_options(&options);
    options.certificate = files.certificate;
    options.key = files.other_key;
    CHECK_STATUS(http_open(&http, &options), STATUS_SERVER_TLS);
    CHECK(http == NULL);
    options.key = "/nowhere";
    CHECK_STATUS(http_open(&http, &options), STATUS_NOT_FOUND);
    options.key = files.folder;
    CHECK_STATUS(http_open(&http, &options), STATUS_IO);
    http = open_tls(&files);
    REQUIRE(http != NULL);
    CHECK(scratch_write(files.live, "no certificate", 14));
    CHECK_STATUS(http_reload(http), STATUS_SERVER_TLS);
    CHECK(scratch_write(files.live, "", 0));
    CHECK_STATUS(http_reload(http), STATUS_SERVER_TLS);
    CHECK_STATUS(ask_tls(NULL, http, "/now", files.certificate), STATUS_OK);
    http_close(http);
    scratch_remove(files.folder);
}

int
main(int argc, char **argv)
{
    return check_run(argc, argv);
}
