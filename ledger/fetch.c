#include "fetch.h"

#include <assert.h>
#include <string.h>

#include <curl/curl.h>

/* A head longer than this is no answer of a server that we know. */
#define HEAD_MAX ((size_t)64 * 1024)
#define SECONDS_MAX 3600
#define TYPE_HEADER "Content-Type: "

/* What the library fills in while it reads. */
struct reading {
    uint8_t *body;
    size_t cap;
    size_t len;
    size_t head_len;
    bool too_large;
    bool head_too_large;
};

enum status
fetch_open(struct fetch *out)
{
    out->handle = NULL;
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return STATUS_SERVER_START;
    out->handle = curl_easy_init();
    if (out->handle != NULL)
        return STATUS_OK;
    curl_global_cleanup();
    return STATUS_SERVER_START;
}

void
fetch_close(struct fetch *fetch)
{
    if (fetch->handle == NULL)
        return;
    curl_easy_cleanup(fetch->handle);
    curl_global_cleanup();
    fetch->handle = NULL;
}

/* ---- Reading ----------------------------------------------------------------------------------*/

/* Taking less than there is ends the transfer. */
static size_t
on_body(char *bytes, size_t size, size_t count, void *context)
{
    struct reading *reading = context;
    const size_t len = size * count;

    if (len > reading->cap - reading->len) {
        reading->too_large = true;
        return 0;
    }
    if (len > 0)
        memcpy(reading->body + reading->len, bytes, len);
    reading->len += len;
    return len;
}

static size_t
on_head(char *bytes, size_t size, size_t count, void *context)
{
    struct reading *reading = context;
    const size_t len = size * count;

    (void)bytes;
    if (len > HEAD_MAX - reading->head_len) {
        reading->head_too_large = true;
        return 0;
    }
    reading->head_len += len;
    return len;
}

static enum status
status_of(CURLcode code, CURL *handle, const struct reading *reading)
{
    long asked_len = 0;

    if (reading->too_large)
        return STATUS_TOO_LARGE;
    if (reading->head_too_large)
        return STATUS_SERVER_ANSWER;
    switch ((int)code) {
    case CURLE_OK:
        return STATUS_OK;
    case CURLE_OPERATION_TIMEDOUT:
        return STATUS_SERVER_TIMEOUT;
    case CURLE_UNSUPPORTED_PROTOCOL:
        /* The scheme of the URL, or the first line of an answer to what was sent. */
        if (curl_easy_getinfo(handle, CURLINFO_REQUEST_SIZE, &asked_len) == CURLE_OK &&
            asked_len > 0)
            return STATUS_SERVER_ANSWER;
        return STATUS_SERVER_ADDRESS;
    case CURLE_URL_MALFORMAT:
        return STATUS_SERVER_ADDRESS;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
        return STATUS_SERVER_TLS;
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_BAD_CONTENT_ENCODING:
        return STATUS_SERVER_ANSWER;
    case CURLE_OUT_OF_MEMORY:
    case CURLE_FAILED_INIT:
        return STATUS_SERVER_START;
    default:
        return STATUS_OFFLINE;
    }
}

/* ---- Asking -----------------------------------------------------------------------------------*/

/* What holds for every request: nothing of the environment, nothing that leads elsewhere. */
static bool
set_rules(CURL *handle)
{
    return curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
           curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
           curl_easy_setopt(handle, CURLOPT_PROXY, "") == CURLE_OK &&
           curl_easy_setopt(handle, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED) == CURLE_OK &&
           curl_easy_setopt(handle, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) ==
               CURLE_OK &&
           curl_easy_setopt(handle, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) ==
               CURLE_OK &&
           /* The library's own timer is a signal, which belongs to the program. */
           curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L) == CURLE_OK;
}

static bool
set_request(CURL *handle, const struct fetch_request *request, struct curl_slist *headers)
{
    return curl_easy_setopt(handle, CURLOPT_URL, request->url) == CURLE_OK &&
           curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers) == CURLE_OK &&
           curl_easy_setopt(handle, CURLOPT_TIMEOUT, (long)request->seconds) == CURLE_OK &&
           curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT, (long)request->connect_seconds) ==
               CURLE_OK &&
           (request->authorities == NULL ||
            (curl_easy_setopt(handle, CURLOPT_CAINFO, request->authorities) == CURLE_OK &&
             curl_easy_setopt(handle, CURLOPT_CAPATH, NULL) == CURLE_OK)) &&
           (!request->post ||
            (curl_easy_setopt(handle, CURLOPT_POST, 1L) == CURLE_OK &&
             curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.len) ==
                 CURLE_OK &&
             curl_easy_setopt(handle, CURLOPT_POSTFIELDS,
                              request->body.len > 0 ? (const char *)request->body.data : "") ==
                 CURLE_OK));
}

static bool
set_reading(CURL *handle, struct reading *reading)
{
    return curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, on_body) == CURLE_OK &&
           curl_easy_setopt(handle, CURLOPT_WRITEDATA, reading) == CURLE_OK &&
           curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, on_head) == CURLE_OK &&
           curl_easy_setopt(handle, CURLOPT_HEADERDATA, reading) == CURLE_OK;
}

/* The headers of our own, which the caller frees; NULL without memory. Without the second one a
 * long body would wait for leave to come. */
static struct curl_slist *
make_headers(const struct fetch_request *request)
{
    char type[sizeof TYPE_HEADER + FETCH_TYPE_MAX] = "Content-Type:";
    struct curl_slist *list;
    struct curl_slist *longer;

    if (request->post && request->type != NULL) {
        memcpy(type, TYPE_HEADER, sizeof TYPE_HEADER);
        memcpy(type + sizeof TYPE_HEADER - 1, request->type, strlen(request->type) + 1);
    }
    list = curl_slist_append(NULL, type);
    longer = list != NULL ? curl_slist_append(list, "Expect:") : NULL;
    if (longer == NULL)
        curl_slist_free_all(list);
    return longer;
}

static enum status
take_answer(struct fetch_answer *out, CURL *handle, size_t len)
{
    const char *type = NULL;
    long code = 0;

    if (curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &code) != CURLE_OK || code < 200 ||
        code > 599)
        return STATUS_SERVER_ANSWER;
    if (curl_easy_getinfo(handle, CURLINFO_CONTENT_TYPE, &type) == CURLE_OK && type != NULL &&
        strlen(type) < FETCH_TYPE_MAX)
        memcpy(out->type, type, strlen(type) + 1);
    out->code = (unsigned)code;
    out->len = len;
    return STATUS_OK;
}

enum status
fetch_send(struct fetch *fetch, struct fetch_answer *out, uint8_t *body, size_t cap,
           const struct fetch_request *request)
{
    struct reading reading = {.body = body, .cap = cap};
    struct curl_slist *headers;
    enum status status = STATUS_SERVER_START;

    assert(fetch->handle != NULL);
    assert(request->url != NULL);
    assert(request->seconds >= 1 && request->seconds <= SECONDS_MAX);
    assert(request->connect_seconds >= 1 && request->connect_seconds <= SECONDS_MAX);
    assert(request->type == NULL || strlen(request->type) < FETCH_TYPE_MAX);
    memset(out, 0, sizeof *out);
    headers = make_headers(request);
    if (headers == NULL)
        return STATUS_SERVER_START;
    /* Keeps the open connections. */
    curl_easy_reset(fetch->handle);
    if (set_rules(fetch->handle) && set_request(fetch->handle, request, headers) &&
        set_reading(fetch->handle, &reading))
        status = status_of(curl_easy_perform(fetch->handle), fetch->handle, &reading);
    if (status == STATUS_OK)
        status = take_answer(out, fetch->handle, reading.len);
    curl_slist_free_all(headers);
    return status;
}
