#include "run.h"

#include <stdio.h>
#include <string.h>

#include "compose.h"
#include "protocol/keyfile.h"

static uint8_t parcel_bytes[4 * MSG_SIGN_MAX];

static enum status
open_key(struct secret_key *out, const struct command_line *line)
{
    const char *path = command_value(line, "--key");
    uint8_t passphrase[KEYFILE_PASSPHRASE_MAX + 2];
    size_t len = 0;
    enum status status = path == NULL
                             ? STATUS_USAGE
                             : command_passphrase(passphrase, sizeof passphrase, &len, line, ".");

    if (status == STATUS_OK)
        status = keyfile_read(out, path, (struct span){passphrase, len});
    crypt_wipe(passphrase, sizeof passphrase);
    return status;
}

static enum status
write_act(const char *path, const struct span *parts, size_t count)
{
    static struct msg_parcel parcel;
    size_t len;
    enum status status;

    memset(&parcel, 0, sizeof parcel);
    parcel.kind = MSG_PARCEL_ACT;
    parcel.parts_count = count;
    memcpy(parcel.parts, parts, count * sizeof parts[0]);
    status = schema_encode(parcel_bytes, sizeof parcel_bytes, &len, &msg_parcel_schema, &parcel);
    if (status != STATUS_OK)
        return status;
    return command_write_file(path, (struct span){parcel_bytes, len});
}

/* Messages that have a field `time` are dated now unless the person says otherwise. */
static void
date(struct compose *compose, uint64_t now_unix_s)
{
    for (size_t i = 0; i < compose->schema->count; i++) {
        const struct field *field = &compose->schema->fields[i];

        if (strcmp(field->name, "time") == 0)
            memcpy(compose->object + field->offset, &now_unix_s, sizeof now_unix_s);
    }
}

enum status
run_sign(const struct command_line *line)
{
    static struct compose compose;
    static uint8_t message[MSG_SIGN_MAX];
    const char *out = command_value(line, "--out");
    const char *network_word = command_value(line, "--network");
    struct span part = {message, 0};
    struct secret_key secret;
    uint64_t network = 0;
    enum status status = out == NULL || network_word == NULL
                             ? STATUS_USAGE
                             : command_number(&network, network_word, UINT32_MAX);

    if (status == STATUS_OK)
        status = compose_begin(&compose, line->arguments[0], network);
    if (status == STATUS_NOT_FOUND)
        fprintf(stderr, "schwebe: %s?\n", line->arguments[0]);
    if (status == STATUS_OK)
        date(&compose, line->now_unix_s);
    for (size_t i = 1; i < line->count && status == STATUS_OK; i++) {
        status = compose_set(&compose, line->arguments[i]);
        if (status != STATUS_OK)
            fprintf(stderr, "schwebe: %s?\n", line->arguments[i]);
    }
    if (status == STATUS_OK)
        status = open_key(&secret, line);
    if (status != STATUS_OK)
        return status;
    status = msg_sign(message, sizeof message, &part.len, compose.schema, compose.object, network,
                      &secret);
    crypt_wipe(&secret, sizeof secret);
    return status == STATUS_OK ? write_act(out, &part, 1) : status;
}

/* Whether a number is a moment: nobody can read it as seconds. Those that are not are far below. */
static bool
is_moment(const struct schema_event *event)
{
    static const char *const names[] = {"time",         "from",        "until",
                                        "verify_until", "paid_expiry", "promo_expiry"};
    bool named = false;

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        named = named || strcmp(event->field->name, names[i]) == 0;
    return named && event->number >= 1000000000 && event->number <= UINT32_MAX;
}

/* Shows what is about to be signed, field by field, in the words of protocol.cddl; amounts in euro,
 * as the first signer has typed them. */
static void
print_message(const struct schema *schema, const void *object, const struct command_line *line)
{
    struct schema_walk walk;
    struct schema_event event;
    char amount[COMMAND_MONEY_SIZE];
    char moment[COMMAND_TIME_SIZE];

    printf("%s\n", schema->name);
    schema_walk_begin(&walk, schema, object);
    while (schema_walk_next(&walk, &event)) {
        if (event.kind != SCHEMA_VALUE || event.field == NULL)
            continue;
        printf("  %s = ", event.field->name);
        if (event.field->type == FIELD_TEXT)
            printf("%.*s", (int)event.bytes.len, (const char *)event.bytes.data);
        else if (event.bytes.data != NULL)
            for (size_t i = 0; i < event.bytes.len; i++)
                printf("%02x", event.bytes.data[i]);
        else if (event.field->type == FIELD_MONEY) {
            command_money(amount, line, (struct money){event.number});
            printf("%s", amount);
        } else {
            printf("%llu", (unsigned long long)event.number);
            if (is_moment(&event)) {
                command_time(moment, event.number);
                printf(" (%s)", moment);
            }
        }
        printf("\n");
    }
}

/* The second signature is over the very payload of the first. */
static enum status
sign_again(uint8_t *out, size_t cap, size_t *len, struct span first,
           const struct secret_key *secret, const struct command_line *line)
{
    static _Alignas(max_align_t) uint8_t object[COMPOSE_OBJECT_MAX];
    const struct msg_kind *kind;
    struct cose_message message;
    struct cose_aad aad;
    uint64_t network;
    uint64_t type;
    enum status status = msg_peek(&type, first);

    if (status == STATUS_OK)
        status = cose_parse(&message, first, COSE_MESSAGE_MAX);
    if (status != STATUS_OK)
        return status;
    kind = msg_kind(type);
    if (kind == NULL || kind->schema->size > sizeof object)
        return STATUS_MESSAGE_TYPE;
    status = schema_decode(object, kind->schema, message.payload);
    if (status != STATUS_OK)
        return status;
    print_message(kind->schema, object, line);
    /* Field 1 of every act is its network. */
    memcpy(&network, object + kind->schema->fields[1].offset, sizeof network);
    msg_aad(&aad, kind->schema, network);
    return cose_sign(out, cap, len, secret, &aad, message.payload);
}

enum status
run_cosign(const struct command_line *line)
{
    static struct msg_parcel parcel;
    static uint8_t file[2 * MSG_SIGN_MAX];
    static uint8_t second[MSG_SIGN_MAX];
    const char *out = command_value(line, "--out");
    struct span parts[2] = {{NULL, 0}, {second, 0}};
    struct secret_key secret;
    size_t len = 0;
    enum status status = file_read(file, sizeof file, &len, line->arguments[0]);

    if (status == STATUS_OK)
        status = schema_decode(&parcel, &msg_parcel_schema, (struct span){file, len});
    if (status == STATUS_OK && (parcel.kind != MSG_PARCEL_ACT || parcel.parts_count != 1))
        status = STATUS_ENTRY_SHAPE;
    if (status == STATUS_OK)
        status = open_key(&secret, line);
    if (status != STATUS_OK)
        return status;
    parts[0] = parcel.parts[0];
    status = sign_again(second, sizeof second, &parts[1].len, parts[0], &secret, line);
    crypt_wipe(&secret, sizeof secret);
    if (status != STATUS_OK)
        return status;
    return write_act(out == NULL ? line->arguments[0] : out, parts, 2);
}
