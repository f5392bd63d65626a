#include "http_head.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

static uint64_t
read_length(const char *text)
{
    const size_t digits = strspn(text, "0123456789");
    uint64_t value = 0;

    if (digits == 0 || digits > 18 || text[digits] != '\0')
        return UINT64_MAX;
    for (size_t i = 0; i < digits; i++)
        value = value * 10 + (uint64_t)(text[i] - '0');
    return value;
}

void
http_head_note(struct http_head *head, const char *name, const char *value)
{
    assert(name != NULL);
    if (strcasecmp(name, "Content-Length") == 0) {
        head->lengths++;
        head->len = read_length(value != NULL ? value : "");
    } else if (strcasecmp(name, "Transfer-Encoding") == 0) {
        head->codings++;
        head->chunked = value != NULL && strcasecmp(value, "chunked") == 0;
    }
}

bool
http_head_is_clear(const struct http_head *head)
{
    return head->lengths + head->codings <= 1 && (head->codings == 0 || head->chunked);
}

unsigned
http_head_path(char out[static HTTP_PATH_MAX], const char *target)
{
    size_t len;

    out[0] = '\0';
    if (target == NULL || target[0] != '/')
        return 400;
    len = strcspn(target, "?");
    if (len >= HTTP_PATH_MAX)
        return 414;
    memcpy(out, target, len);
    out[len] = '\0';
    return 0;
}

enum http_method
http_head_method(const char *name)
{
    if (strcmp(name, "GET") == 0)
        return HTTP_GET;
    if (strcmp(name, "HEAD") == 0)
        return HTTP_HEAD;
    return strcmp(name, "POST") == 0 ? HTTP_POST : HTTP_OTHER;
}
