#include "compose.h"

#include <assert.h>
#include <string.h>

#include "protocol/command.h"
#include "protocol/msg.h"

/* One value of a list or a record at most: a key in hex. */
#define VALUE_MAX 256

enum status
compose_begin(struct compose *compose, const char *name, uint64_t network)
{
    memset(compose, 0, sizeof *compose);
    for (uint64_t type = 0; type < 256; type++) {
        const struct msg_kind *kind = msg_kind(type);

        if (kind == NULL || kind->draft || strcmp(kind->schema->name, name) != 0)
            continue;
        assert(kind->schema->size <= sizeof compose->object);
        compose->schema = kind->schema;
        for (size_t i = 0; i < kind->schema->count; i++) {
            const struct field *field = &kind->schema->fields[i];

            if (field->key == 1 && strcmp(field->name, "network") == 0)
                memcpy(compose->object + field->offset, &network, sizeof network);
        }
        return STATUS_OK;
    }
    return STATUS_NOT_FOUND;
}

/* Copies [text, text + len) so that it ends with a NUL. */
static enum status
cut(char out[static VALUE_MAX], const char *text, size_t len)
{
    if (len >= VALUE_MAX)
        return STATUS_USAGE;
    memcpy(out, text, len);
    out[len] = '\0';
    return STATUS_OK;
}

static enum status
set_number(uint8_t *member, const struct field *field, const char *text)
{
    uint64_t number;
    enum status status = command_number(&number, text, MONEY_CENTS_MAX);

    if (status != STATUS_OK)
        return status;
    assert(field->size == sizeof number);
    memcpy(member, &number, sizeof number);
    return STATUS_OK;
}

static enum status
set_money(uint8_t *member, const char *text)
{
    struct money amount;
    enum status status = command_cents(&amount, text);

    if (status == STATUS_OK)
        memcpy(member, &amount, sizeof amount);
    return status;
}

/* One value that is not a list, [text, text + len). */
static enum status
set_one(uint8_t *member, const struct field *field, const char *text, size_t len)
{
    const struct span span = {(const uint8_t *)text, len};
    char value[VALUE_MAX];
    enum status status;

    if (field->type == FIELD_TEXT) {
        memcpy(member, &span, sizeof span);
        return STATUS_OK;
    }
    status = cut(value, text, len);
    if (status != STATUS_OK)
        return status;
    switch (field->type) {
    case FIELD_UINT:
        return set_number(member, field, value);
    case FIELD_MONEY:
        return set_money(member, value);
    case FIELD_BYTES:
        return command_from_hex(member, field->size, value);
    case FIELD_CONST:
    case FIELD_BSTR:
    case FIELD_TEXT:
    case FIELD_RECORD:
        break;
    }
    return STATUS_USAGE;
}

/* A record in a list: its fields in order, separated by colons. */
static enum status
set_record(uint8_t *member, const struct schema *record, const char *text, size_t len)
{
    size_t at = 0;

    for (size_t i = 0; i < record->count; i++) {
        const struct field *field = &record->fields[i];
        const bool last = i + 1 == record->count;
        const char *colon = memchr(text + at, ':', len - at);
        const size_t end = last || colon == NULL ? len : (size_t)(colon - text);
        enum status status;

        if ((colon == NULL) != last)
            return STATUS_USAGE;
        status = set_one(member + field->offset, field, text + at, end - at);
        if (status != STATUS_OK)
            return status;
        at = end + 1;
    }
    return STATUS_OK;
}

static enum status
set_list(uint8_t *object, const struct field *field, const char *text)
{
    size_t count = 0;

    while (*text != '\0') {
        const size_t len = strcspn(text, ",");
        uint8_t *member = object + field->offset + count * field->size;
        enum status status;

        if (count == field->count_max)
            return STATUS_CAPACITY;
        status = field->type == FIELD_RECORD ? set_record(member, field->record, text, len)
                                             : set_one(member, field, text, len);
        if (status != STATUS_OK)
            return status;
        count++;
        text += len + (text[len] == ',' ? 1 : 0);
    }
    memcpy(object + field->count_offset, &count, sizeof count);
    return STATUS_OK;
}

enum status
compose_set(struct compose *compose, const char *word)
{
    const char *equals = strchr(word, '=');
    const size_t len = equals == NULL ? 0 : (size_t)(equals - word);

    assert(compose->schema != NULL);
    if (len == 0)
        return STATUS_USAGE;
    for (size_t i = 0; i < compose->schema->count; i++) {
        const struct field *field = &compose->schema->fields[i];

        if (strlen(field->name) != len || memcmp(field->name, word, len) != 0)
            continue;
        if (field->array)
            return set_list(compose->object, field, equals + 1);
        return set_one(compose->object + field->offset, field, equals + 1, strlen(equals + 1));
    }
    return STATUS_CBOR_KEY;
}
