/* Parcels and log entries, with all that lies in them: messages, till items, attachments. What is
 * read at any depth lies inside of what it was read from and is written again as the same bytes.
 * The first byte chooses what the input is. */
#include "fuzz.h"

#include "protocol/msg.h"
#include "protocol/note.h"

#define PILE_MAX 256

enum thing { PARCEL, ENTRY, MESSAGE, ATTACHMENT };

/* What is still to be opened. */
struct pile {
    size_t count;
    struct {
        enum thing thing;
        const struct schema *schema; /* of an attachment */
        struct span bytes;
    } items[PILE_MAX];
};

static struct pile pile;
static uint8_t again[FUZZ_SIZE_MAX];

static void
put(enum thing thing, const struct schema *schema, struct span bytes, struct span whole)
{
    EXPECT(bytes.len > 0);
    EXPECT(bytes.data >= whole.data && bytes.data + bytes.len <= whole.data + whole.len);
    if (pile.count == PILE_MAX)
        return;
    pile.items[pile.count].thing = thing;
    pile.items[pile.count].schema = schema;
    pile.items[pile.count++].bytes = bytes;
}

static bool
open_with(void *out, const struct schema *schema, struct span in)
{
    size_t len = 0;

    memset(out, FUZZ_RUBBISH, schema->size);
    if (schema_decode(out, schema, in) != STATUS_OK) {
        EXPECT(fuzz_all(out, schema->size, 0));
        return false;
    }
    EXPECT(schema_encode(again, sizeof again, &len, schema, out) == STATUS_OK);
    EXPECT(fuzz_same((struct span){again, len}, in));
    return true;
}

static void
open_parcel(struct span in)
{
    static struct msg_parcel parcel;

    if (!open_with(&parcel, &msg_parcel_schema, in))
        return;
    for (size_t i = 0; i < parcel.parts_count; i++) {
        put(MESSAGE, NULL, parcel.parts[i], in);
        if (parcel.kind == MSG_PARCEL_UPLOAD && i > 0)
            put(ENTRY, NULL, parcel.parts[i], in);
    }
}

static void
open_entry(struct span in)
{
    static const struct schema *const attachments[] = {
        &msg_allowance_attachment_schema, &msg_item_attachment_schema,
        &msg_statement_attachment_schema, &msg_evidence_attachment_schema,
        &msg_close_attachment_schema,     &msg_debt_attachment_schema,
        &msg_expiry_attachment_schema,    &msg_service_day_attachment_schema,
        &msg_dispute_attachment_schema};
    static struct msg_entry entry;

    if (!open_with(&entry, &msg_entry_schema, in))
        return;
    for (size_t i = 0; i < sizeof attachments / sizeof attachments[0]; i++)
        put(ATTACHMENT, attachments[i], entry.attachment, in);
    for (size_t i = 0; i < entry.messages_count; i++) {
        put(MESSAGE, NULL, entry.messages[i], in);
        put(ENTRY, NULL, entry.messages[i], in); /* a till item */
    }
}

static void
open_message(struct span in)
{
    static uint64_t object[4096];
    struct cose_message message;
    uint64_t type;
    const struct msg_kind *kind;
    size_t len = 0;

    if (msg_peek(&type, in) != STATUS_OK)
        return;
    EXPECT(cose_parse(&message, in, FUZZ_SIZE_MAX) == STATUS_OK);
    EXPECT(cose_encode(again, sizeof again, &len, &message) == STATUS_OK);
    EXPECT(fuzz_same((struct span){again, len}, in));
    kind = msg_kind(type);
    if (kind != NULL) {
        EXPECT(kind->schema->size <= sizeof object);
        (void)open_with(object, kind->schema, message.payload);
    }
}

static void
open_attachment(const struct schema *schema, struct span in)
{
    static uint64_t object[512];
    struct span text = {NULL, 0};

    EXPECT(schema->size <= sizeof object);
    if (!open_with(object, schema, in) || schema != &msg_service_day_attachment_schema)
        return;
    if (note_split(&text, ((const struct msg_service_day_attachment *)object)->checkpoint) ==
        STATUS_OK)
        EXPECT(text.data >= in.data && text.data + text.len < in.data + in.len);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span in = {data, size};
    const enum thing thing = (enum thing)(fuzz_byte(&in) % MESSAGE);

    if (in.len == 0 || size > FUZZ_SIZE_MAX)
        return 0;
    pile.count = 0;
    put(thing, NULL, in, in);
    while (pile.count > 0) {
        const struct span bytes = pile.items[--pile.count].bytes;

        switch (pile.items[pile.count].thing) {
        case PARCEL:
            open_parcel(bytes);
            break;
        case ENTRY:
            open_entry(bytes);
            break;
        case MESSAGE:
            open_message(bytes);
            break;
        case ATTACHMENT:
            open_attachment(pile.items[pile.count].schema, bytes);
            break;
        }
    }
    return 0;
}

/* A message of any type that stands in an entry, which stands in a parcel or by itself. */
static size_t
make(uint8_t *out, uint64_t *random)
{
    static uint64_t object[4096];
    static struct forge_message message;
    static struct msg_parcel parcel;
    struct forge_key key;
    struct msg_entry entry;
    uint8_t bytes[FUZZ_SIZE_MAX];
    size_t len = 0;
    const struct msg_kind *kind = msg_kind(1 + forge_below(random, 30));
    const uint8_t empty = MSG_NO_ATTACHMENT;

    forge_key(&key, "parcel");
    forge_fill(object, kind->schema, FORGE_ANY, 3, random);
    if (kind->type != MSG_TRANSFER)
        forge_sign(&message, NULL, kind->schema, object, 7, &key);
    forge_fill(&entry, &msg_entry_schema, FORGE_ANY, 40, random);
    entry.messages_count = message.len > 0;
    entry.messages[0] = forge_span(&message);
    entry.attachment = (struct span){&empty, 1};
    if (schema_encode(bytes, sizeof bytes, &len, &msg_entry_schema, &entry) != STATUS_OK)
        return 0;
    out[0] = (uint8_t)forge_below(random, MESSAGE);
    if (out[0] == ENTRY && len < FUZZ_SIZE_MAX) {
        memcpy(out + 1, bytes, len);
        return 1 + len;
    }
    parcel.kind = MSG_PARCEL_UPLOAD;
    parcel.parts_count = 2;
    parcel.parts[0] = parcel.parts[1] = (struct span){bytes, len};
    if (message.len > 0)
        parcel.parts[0] = forge_span(&message);
    if (schema_encode(out + 1, FUZZ_SIZE_MAX - 1, &len, &msg_parcel_schema, &parcel) != STATUS_OK)
        return 0;
    return 1 + len;
}

FUZZ_MAKER(make)
