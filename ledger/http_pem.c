#include "http_pem.h"

#include <assert.h>
#include <stdlib.h>

#include "protocol/file.h"

/* A chain of certificates, or a key. */
#define TEXT_MAX ((size_t)64 * 1024)

enum status
http_pem_read(struct http_pem *out, const char *path)
{
    enum status status;
    size_t len;

    assert(path != NULL);
    *out = (struct http_pem){malloc(TEXT_MAX + 1), TEXT_MAX + 1};
    if (out->text == NULL)
        return STATUS_SERVER_START;
    status = file_read(out->text, TEXT_MAX, &len, path);
    assert(len <= TEXT_MAX);
    out->text[len] = 0;
    if (status != STATUS_OK)
        http_pem_wipe(out);
    return status;
}

void
http_pem_wipe(struct http_pem *pem)
{
    /* Through a volatile pointer, or the compiler would leave out what nobody reads. */
    volatile uint8_t *byte = pem->text;

    for (size_t i = 0; byte != NULL && i < pem->size; i++)
        byte[i] = 0;
    free(pem->text);
    *pem = (struct http_pem){0};
}
