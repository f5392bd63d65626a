#include "listen.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "protocol/command.h"

enum status
listen_parse(char address[static LISTEN_ADDRESS_MAX], uint16_t *port, const char *text)
{
    const char *const colon = strrchr(text, ':');
    const char *begin = text;
    const char *end = colon;
    uint64_t number;

    if (colon == NULL)
        return STATUS_USAGE;
    if (*begin == '[' && end > begin && end[-1] == ']') {
        begin++;
        end--;
    }
    if (end <= begin || end - begin >= LISTEN_ADDRESS_MAX ||
        command_number(&number, colon + 1, UINT16_MAX) != STATUS_OK)
        return STATUS_USAGE;
    memcpy(address, begin, (size_t)(end - begin));
    address[end - begin] = '\0';
    *port = (uint16_t)number;
    return STATUS_OK;
}

void
listen_url(char out[static LISTEN_URL_MAX], const char *scheme, const char *address, uint16_t port)
{
    const int six = strchr(address, ':') != NULL;
    const int len = snprintf(out, LISTEN_URL_MAX, "%s://%s%s%s:%u", scheme, six ? "[" : "", address,
                             six ? "]" : "", (unsigned)port);

    assert(len > 0 && len < (int)LISTEN_URL_MAX);
}
