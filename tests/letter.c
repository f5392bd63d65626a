#include "letter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
must(enum status status, const char *what)
{
    if (status == STATUS_OK)
        return;
    fprintf(stderr, "letter: %s: %s\n", what, status_name(status));
    abort();
}

void
letter_begin(struct letter *out, enum msg_parcel_kind kind)
{
    memset(out, 0, sizeof *out);
    out->parcel.kind = kind;
}

void
letter_sign(struct letter *letter, const struct schema *schema, const void *object,
            uint64_t network, const struct secret_key *secret)
{
    uint8_t *at = letter->messages + letter->used;
    size_t len;

    must(
        msg_sign(at, sizeof letter->messages - letter->used, &len, schema, object, network, secret),
        "sign");
    letter->parcel.parts[letter->parcel.parts_count++] = (struct span){at, len};
    letter->used += len;
}

void
letter_put(struct letter *letter, struct span part)
{
    uint8_t *at = letter->messages + letter->used;

    if (part.len > sizeof letter->messages - letter->used)
        must(STATUS_BUFFER, "put");
    memcpy(at, part.data, part.len);
    letter->parcel.parts[letter->parcel.parts_count++] = (struct span){at, part.len};
    letter->used += part.len;
}

struct span
letter_end(struct letter *letter)
{
    size_t len;

    must(schema_encode(letter->bytes, sizeof letter->bytes, &len, &msg_parcel_schema,
                       &letter->parcel),
         "encode");
    return (struct span){letter->bytes, len};
}

void
letter_open(struct msg_parcel *out, struct span bytes)
{
    must(schema_decode(out, &msg_parcel_schema, bytes), "open");
}
