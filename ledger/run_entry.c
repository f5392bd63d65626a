#include "run.h"

#include <stdio.h>
#include <string.h>

#include "ledger/log.h"
#include "protocol/line.h"

#define INDENT 2
/* The largest struct of a message is the upload's. */
#define OBJECT_MAX 32768

/* --- fields ------------------------------------------------------------------------------------
 */

/* What an outcome stands for; PROTOCOL.md section 12.9. */
static const char *
outcome_name(uint64_t outcome)
{
    static const char *const names[] = {
        [LINE_LOGGED] = "logged",
        [LINE_RESERVE] = "reserve",
        [LINE_FUND] = "fund",
        [LINE_REVIEW] = "review",
        [LINE_TILL_BEARS] = "till bears",
        [LINE_ALREADY] = "already settled",
        [LINE_LATE] = "late",
        [LINE_REVERSED] = "reversed",
        [LINE_WAITS] = "waits",
        [LINE_CANCELLED] = "cancelled",
    };

    if (outcome > LINE_REJECTED && outcome <= UINT8_MAX)
        return status_name((enum status)(outcome - LINE_REJECTED));
    return outcome < sizeof names / sizeof names[0] ? names[outcome] : "?";
}

/* A signed note is lines of text. */
static void
print_note(struct span note, int indent)
{
    for (size_t at = 0; at < note.len;) {
        size_t len = 0;

        while (at + len < note.len && note.data[at + len] != '\n')
            len++;
        printf("\n%*s%.*s", indent, "", (int)len, (const char *)note.data + at);
        at += len + 1;
    }
}

static void
print_value(const struct schema_event *event, int indent)
{
    printf("%*s%s = ", indent, "", event->field->name);
    if (strcmp(event->field->name, "checkpoint") == 0)
        print_note(event->bytes, indent + INDENT);
    else if (event->field->type == FIELD_TEXT)
        printf("%.*s", (int)event->bytes.len, (const char *)event->bytes.data);
    else if (event->bytes.data != NULL)
        for (size_t i = 0; i < event->bytes.len; i++)
            printf("%02x", event->bytes.data[i]);
    else
        printf("%llu", (unsigned long long)event->number);
    if (event->field->type == FIELD_MONEY && strcmp(event->field->name, "cents") != 0)
        printf(" cents");
    if (strcmp(event->field->name, "outcome") == 0)
        printf(" (%s)", outcome_name(event->number));
    printf("\n");
}

static void
print_object(const struct schema *schema, const void *object, int indent)
{
    struct schema_walk walk;
    struct schema_event event;

    schema_walk_begin(&walk, schema, object);
    while (schema_walk_next(&walk, &event)) {
        if (event.kind == SCHEMA_VALUE && event.field != NULL)
            print_value(&event, indent);
    }
}

/* Bytes that are not what they should be, as they are. */
static void
print_bytes(const char *what, struct span bytes, int indent)
{
    printf("%*s%s, %zu bytes: ", indent, "", what, bytes.len);
    for (size_t i = 0; i < bytes.len; i++)
        printf("%02x", bytes.data[i]);
    printf("\n");
}

static _Alignas(max_align_t) uint8_t object[OBJECT_MAX];

/* --- messages ----------------------------------------------------------------------------------
 */

/* Fields of one signed message, by the name of its type; false when it is none. */
static bool
print_message(struct span bytes, int indent)
{
    struct cose_message message;
    const struct msg_kind *kind;
    uint64_t type;

    if (msg_peek(&type, bytes) != STATUS_OK ||
        cose_parse(&message, bytes, COSE_MESSAGE_LARGE_MAX) != STATUS_OK)
        return false;
    kind = msg_kind(type);
    if (kind == NULL || kind->schema->size > sizeof object ||
        schema_decode(object, kind->schema, message.payload) != STATUS_OK)
        return false;
    printf("%*s%s\n", indent, "", kind->schema->name);
    print_object(kind->schema, object, indent + INDENT);
    return true;
}

/* The kinds of a till's log; PROTOCOL.md section 11.2. */
static const char *
item_name(uint64_t kind)
{
    static const char *const names[] = {
        [1] = "open",         [2] = "anchor",      [3] = "accept",    [4] = "void",
        [5] = "refund",       [6] = "news",        [7] = "kill",      [8] = "proof",
        [9] = "confirmation", [10] = "parameters", [11] = "role key", [12] = "renewal",
    };

    return kind > 0 && kind < sizeof names / sizeof names[0] ? names[kind] : "?";
}

/* An entry of a till's log, with its messages; false when it is none. */
static bool
print_item(struct span bytes)
{
    static struct msg_entry item;
    char when[COMMAND_TIME_SIZE];

    if (schema_decode(&item, &msg_entry_schema, bytes) != STATUS_OK)
        return false;
    command_time(when, item.time);
    printf("%*still item  %s  %s\n", INDENT, "", item_name(item.kind), when);
    for (size_t i = 0; i < item.messages_count; i++)
        if (!print_message(item.messages[i], 2 * INDENT))
            print_bytes("message", item.messages[i], 2 * INDENT);
    return true;
}

/* --- attachments -------------------------------------------------------------------------------
 */

/* The schema of an entry's attachment, NULL when it has none. */
static const struct schema *
attachment_schema(const struct msg_entry *entry)
{
    static const struct {
        uint64_t kind;
        const struct schema *schema;
    } schemas[] = {
        {APPLY_ALLOWANCE, &msg_allowance_attachment_schema},
        {APPLY_VOID, &msg_item_attachment_schema},
        {APPLY_REFUND, &msg_item_attachment_schema},
        {APPLY_REJECT, &msg_item_attachment_schema},
        {APPLY_ITEM, &msg_item_attachment_schema},
        {APPLY_STATEMENT, &msg_statement_attachment_schema},
        {APPLY_CLOSE, &msg_close_attachment_schema},
        {APPLY_EVIDENCE, &msg_evidence_attachment_schema},
        {APPLY_SERVICE_DAY, &msg_service_day_attachment_schema},
        {APPLY_DEBT, &msg_debt_attachment_schema},
        {APPLY_EXPIRY, &msg_expiry_attachment_schema},
        {APPLY_DISPUTE, &msg_dispute_attachment_schema},
    };

    /* These two state a till's item, or a wallet's statement. */
    if (entry->kind == APPLY_SETTLE || entry->kind == APPLY_LATE)
        return entry->messages_count == 1 ? &msg_item_attachment_schema
                                          : &msg_statement_attachment_schema;
    for (size_t i = 0; i < sizeof schemas / sizeof schemas[0]; i++) {
        if (schemas[i].kind == entry->kind)
            return schemas[i].schema;
    }
    return NULL;
}

static void
print_attachment(const struct msg_entry *entry)
{
    const struct schema *const schema = attachment_schema(entry);
    const struct span bytes = entry->attachment;

    if (bytes.len == 1 && bytes.data[0] == MSG_NO_ATTACHMENT)
        return;
    if (schema == NULL || schema->size > sizeof object ||
        schema_decode(object, schema, bytes) != STATUS_OK) {
        print_bytes("attachment", bytes, INDENT);
        return;
    }
    printf("%*s%s\n", INDENT, "", schema->name);
    print_object(schema, object, 2 * INDENT);
}

enum status
run_entry(struct store_txn *txn, uint64_t index)
{
    static struct msg_entry entry;
    struct span bytes = {NULL, 0};
    char when[COMMAND_TIME_SIZE];
    const char *kind;
    enum status status = log_read(&bytes, txn, index);

    if (status == STATUS_OK)
        status = schema_decode(&entry, &msg_entry_schema, bytes);
    if (status != STATUS_OK)
        return status;
    command_time(when, entry.time);
    kind = apply_kind_name(entry.kind);
    printf("%llu  %s  %s\n", (unsigned long long)index, kind == NULL ? "?" : kind, when);
    for (size_t i = 0; i < entry.messages_count; i++)
        if (!print_message(entry.messages[i], INDENT) && !print_item(entry.messages[i]))
            print_bytes("message", entry.messages[i], INDENT);
    print_attachment(&entry);
    return STATUS_OK;
}
