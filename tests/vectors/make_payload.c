/* Vectors of `payload` and `carrier`: every field of every rule at and beyond its limits. The
 * limits are those of the tables, the bytes are written by hand. */
#include "make.h"

#include <assert.h>
#include <string.h>

#include "protocol/msg.h"

/* What is done to one field, or to the whole (with any field). */
enum change {
    PLAIN,      /* all fields there, ordinary values */
    BARE,       /* no optional field */
    LEAST,      /* all fields at their least */
    MOST,       /* all fields at their most */
    BELOW,      /* this field just below its limit: number, length or count */
    ABOVE,      /* just above */
    ELEMENT,    /* an element of this array just above its limit */
    UNORDERED,  /* this set with two elements the wrong way round */
    REPEATED,   /* ... with one twice */
    OTHER_KIND, /* another kind of item */
    MISSING,    /* this required field left out */
    UNKNOWN,    /* a field more at the end */
    OTHER_TYPE, /* the number of another message */
};

static struct hand bytes;
static enum change change;
static const struct field *target;
static bool with_fields; /* JSON as well */

static bool
is_network(const struct field *field)
{
    return strcmp(field->name, "network") == 0;
}

/* What stands in the field; a record's members are numbered too, so that sets ascend. */
static uint64_t
number_of(const struct field *field, uint64_t element, uint64_t count)
{
    const bool here = field == target;

    if (field->type == FIELD_CONST)
        return field->min + (change == OTHER_TYPE);
    if (change == LEAST)
        return field->min + (field->ascending || field->key == 1 ? element : 0);
    if (change == MOST)
        return field->max - (count - 1 - element);
    if (here && !field->array && change == BELOW)
        return field->min - 1;
    if (here && !field->array && change == ABOVE)
        return field->max + 1;
    if (here && change == ELEMENT)
        return field->max + 1;
    if (is_network(field))
        return MAKE_NETWORK;
    if (here && change == UNORDERED)
        return field->min + count - 1 - element;
    if (here && change == REPEATED)
        return field->min;
    return field->min + (field->max - field->min > 1000 ? 100 : 0) + element;
}

static size_t
length_of(const struct field *field)
{
    const size_t fixed = field->type == FIELD_BYTES ? field->size : 0;
    const size_t least = fixed != 0 ? fixed : (size_t)field->min;
    const size_t most = fixed != 0 ? fixed : (size_t)field->max;

    if (change == LEAST)
        return least;
    if (change == MOST)
        return most;
    if (field == target && !field->array && change == BELOW)
        return least - 1;
    if (field == target && ((!field->array && change == ABOVE) || change == ELEMENT))
        return most + 1;
    return least == most || most < 8 ? most : least + 4;
}

static size_t
count_of(const struct field *field)
{
    if (change == LEAST)
        return field->count_min;
    if (change == MOST)
        return field->count_max;
    if (field == target && change == BELOW)
        return field->count_min - 1u;
    if (field == target && change == ABOVE)
        return field->count_max + 1u;
    return field->count_max < 2 || field->count_min > 2 ? field->count_max : 2;
}

static void
write_number(const struct field *field, const char *key, uint64_t value)
{
    hand_uint(&bytes, value);
    if (with_fields)
        out_number(key, value);
    (void)field;
}

/* Bytes whose first one is the element's number, so that sets ascend; text of letters. */
static void
write_string(const struct field *field, const char *key, uint64_t element, uint64_t count)
{
    static uint8_t data[HAND_MAX];
    const size_t len = length_of(field);

    assert(len <= sizeof data);
    if (field == target && change == UNORDERED)
        element = count - 1 - element;
    if (field == target && change == REPEATED)
        element = 0;
    for (size_t i = 0; i < len; i++)
        data[i] = (uint8_t)(field->type == FIELD_TEXT ? 'a' + i % 26 : 1 + (i + field->key) % 200);
    if (field->array && len > 1) {
        data[0] = (uint8_t)(element >> 8);
        data[1] = (uint8_t)element;
    }
    if (field->type == FIELD_TEXT) {
        hand_head(&bytes, HAND_TEXT, len);
        hand_put(&bytes, data, len);
        if (with_fields)
            out_string(key, (const char *)data, len);
    } else {
        hand_bytes(&bytes, data, len);
        if (with_fields)
            out_hex(key, data, len);
    }
}

static void
write_plain(const struct field *field, const char *key, uint64_t element, uint64_t count)
{
    if (field == target && change == OTHER_KIND) {
        if (field->type == FIELD_TEXT || field->array || field->type == FIELD_RECORD)
            hand_hex(&bytes, "41 61");
        else
            hand_hex(&bytes, "61 61");
    } else if (field->type == FIELD_CONST || field->type == FIELD_UINT ||
               field->type == FIELD_MONEY) {
        write_number(field, key, number_of(field, element, count));
    } else {
        write_string(field, key, element, count);
    }
}

/* A record in an array: all members ordinary, or at their limits as all others. */
static void
write_record(const struct field *field, uint64_t element, uint64_t count)
{
    const struct schema *schema = field->record;

    if (with_fields)
        out_enter(NULL, '{');
    hand_head(&bytes, HAND_ARRAY, schema->count);
    for (size_t i = 0; i < schema->count; i++) {
        const struct field *member = &schema->fields[i];

        const bool number = member->type == FIELD_UINT || member->type == FIELD_MONEY;

        assert(number || (member->type == FIELD_BYTES && !field->ascending));
        if (field == target && change == ELEMENT && i == 0 && number)
            hand_uint(&bytes, member->max + 1);
        else if (field == target && change == ELEMENT && i == 0)
            hand_bytes(&bytes, (const uint8_t[HAND_MAX]){0}, member->size + 1u);
        else if (i == 0 && field == target && change == UNORDERED)
            hand_uint(&bytes, member->min + count - 1 - element);
        else if (i == 0 && field == target && change == REPEATED)
            hand_uint(&bytes, member->min);
        else
            write_plain(member, member->name, i == 0 ? element : 0, i == 0 ? count : 1);
    }
    if (with_fields)
        out_leave();
}

static void
write_field(const struct field *field)
{
    const size_t count = field->array ? count_of(field) : 1;

    if (!field->array || (field == target && change == OTHER_KIND)) {
        assert(field->type != FIELD_RECORD || change == OTHER_KIND);
        write_plain(field, field->name, 0, 1);
        return;
    }
    hand_head(&bytes, HAND_ARRAY, count);
    if (with_fields)
        out_enter(field->name, '[');
    for (size_t i = 0; i < count; i++) {
        if (field->type == FIELD_RECORD)
            write_record(field, i, count);
        else
            write_plain(field, NULL, i, count);
    }
    if (with_fields)
        out_leave();
}

static bool
is_written(const struct field *field)
{
    if (change == MISSING && field == target)
        return false;
    return field->presence == FIELD_REQUIRED || (change != BARE && change != LEAST);
}

static void
write_object(const struct schema *schema)
{
    const bool map = schema->layout == SCHEMA_LAYOUT_MAP;
    size_t count = change == UNKNOWN;

    bytes.len = 0;
    for (size_t i = 0; i < schema->count; i++)
        count += is_written(&schema->fields[i]);
    hand_head(&bytes, map ? HAND_MAP : HAND_ARRAY, count);
    for (size_t i = 0; i < schema->count; i++) {
        if (!is_written(&schema->fields[i]))
            continue;
        if (map)
            hand_uint(&bytes, schema->fields[i].key);
        write_field(&schema->fields[i]);
    }
    if (change == UNKNOWN && map)
        hand_uint(&bytes, schema->fields[schema->count - 1].key + 1u);
    if (change == UNKNOWN)
        hand_uint(&bytes, 0);
}

/* --- one rule ----------------------------------------------------------------------------------
 */

static const struct schema *schema;
static bool is_message; /* with a type; else only `carrier` reads it */

static void
begin(const char *what)
{
    if (target == NULL)
        out_vector("%s: %s", schema->name, what);
    else
        out_vector("%s: %s %s", schema->name, target->name, what);
    out_text("rule", schema->name);
}

static void
finish(uint64_t network, const char *status)
{
    if (is_message)
        out_number("network", network);
    out_hand(is_message ? "payload" : "bytes", &bytes);
    out_expect(status);
    out_end();
}

static void
refused(enum change of, const struct field *field, const char *what, const char *status)
{
    change = of;
    target = field;
    with_fields = false;
    write_object(schema);
    begin(what);
    finish(MAKE_NETWORK, status);
}

/* The network that a message names at its limits is then ours. */
static uint64_t
own_network(enum change of)
{
    if (schema->count < 2 || !is_network(&schema->fields[1]))
        return MAKE_NETWORK;
    return of == LEAST ? 1 : of == MOST ? UINT32_MAX : MAKE_NETWORK;
}

static void
accepted(enum change of, const char *what)
{
    change = of;
    target = NULL;
    begin(what);
    with_fields = true;
    out_enter("fields", '{');
    write_object(schema);
    out_leave();
    finish(own_network(of), "OK");
}

static void
limits(const struct field *field)
{
    const bool number = !field->array && (field->type == FIELD_UINT || field->type == FIELD_MONEY);
    const bool string = !field->array && !number && field->type != FIELD_RECORD;
    const size_t least = field->type == FIELD_BYTES ? field->size : (size_t)field->min;

    if ((number && field->min > 0) || (string && least > 0) ||
        (field->array && field->count_min > 0))
        refused(BELOW, field, "below its limit", "CBOR_RANGE");
    if ((number && field->max < UINT64_MAX) || (string && field->max < 10000) || field->array)
        refused(ABOVE, field, "above its limit", "CBOR_RANGE");
    if (field->array && field->max < 10000 && field->count_max > 0)
        refused(ELEMENT, field, "with an element above its limit", "CBOR_RANGE");
    if (field->ascending && count_of(field) > 1) {
        refused(UNORDERED, field, "not ascending", "CBOR_RANGE");
        refused(REPEATED, field, "with an element twice", "CBOR_RANGE");
    }
}

static bool
has_optional(void)
{
    for (size_t i = 0; i < schema->count; i++) {
        if (schema->fields[i].presence == FIELD_OPTIONAL)
            return true;
    }
    return false;
}

/* Rules whose longest form is longer than what may be sent, or than a file of vectors should be. */
static bool
is_bounded(void)
{
    static const char *const large[] = {"parcel", "entry"};

    for (size_t i = 0; i < sizeof large / sizeof large[0]; i++) {
        if (strcmp(schema->name, large[i]) == 0)
            return false;
    }
    /* Each at most 25, but 25 together. */
    return strcmp(schema->name, "news") != 0;
}

static void
rule(const struct schema *of)
{
    schema = of;
    is_message = of->fields[0].type == FIELD_CONST;
    accepted(PLAIN, "plain");
    if (has_optional())
        accepted(BARE, "without what is optional");
    accepted(LEAST, "everything at its least");
    if (is_bounded())
        accepted(MOST, "everything at its most");
    for (size_t i = 0; i < of->count; i++) {
        const struct field *field = &of->fields[i];

        if (field->type == FIELD_CONST)
            continue;
        limits(field);
        refused(OTHER_KIND, field, "of another kind", "CBOR_TYPE");
        if (field->presence == FIELD_REQUIRED && of->layout == SCHEMA_LAYOUT_MAP)
            refused(MISSING, field, "left out", "CBOR_MISSING");
    }
    if (of->layout == SCHEMA_LAYOUT_LIST)
        refused(MISSING, &of->fields[of->count - 1], "left out", "CBOR_MISSING");
    refused(UNKNOWN, NULL, "a field more", "CBOR_KEY");
    if (!is_message)
        return;
    refused(OTHER_TYPE, NULL, "of another type", "MESSAGE_TYPE");
    if (is_network(&of->fields[1])) {
        change = PLAIN;
        target = NULL;
        with_fields = false;
        write_object(of);
        begin("of another network");
        finish(MAKE_NETWORK + 1, "NETWORK");
    }
}

static void
file(const char *name, const struct schema *const *schemas, size_t count)
{
    const bool carrier = schemas[0]->fields[0].type != FIELD_CONST;

    out_open(name, carrier ? "carrier" : "payload");
    for (size_t i = 0; i < count; i++)
        rule(schemas[i]);
    out_close();
}

#define FILE_OF(name, list) file(name, list, sizeof(list) / sizeof(list)[0])

void
make_payload(void)
{
    static const struct schema *const payment[] = {
        &msg_allowance_schema, &msg_request_schema,
        &msg_transfer_schema,  &msg_receipt_schema,
        &msg_void_schema,      &msg_refund_schema,
        &msg_anchor_schema,    &msg_settlement_proof_schema,
        &msg_news_schema,      &msg_upload_schema,
        &msg_ack_schema};
    static const struct schema *const city[] = {
        &msg_genesis_schema, &msg_role_key_schema, &msg_kill_schema, &msg_parameters_schema,
        &msg_series_schema,  &msg_merchant_schema, &msg_till_schema, &msg_revocation_schema,
        &msg_funding_schema, &msg_issue_schema,    &msg_hold_schema, &msg_denial_schema,
        &msg_review_schema,  &msg_payout_schema};
    static const struct schema *const purse[] = {
        &msg_purse_schema,           &msg_device_schema, &msg_allowance_request_schema,
        &msg_renewal_request_schema, &msg_gift_schema,   &msg_loss_report_schema,
        &msg_statement_schema};
    static const struct schema *const node[] = {&msg_question_schema, &msg_account_schema};
    static const struct schema *const draft[] = {
        &msg_bank_statement_schema,  &msg_clarification_schema, &msg_return_schema,
        &msg_goodwill_schema,        &msg_correction_schema,    &msg_mandate_schema,
        &msg_mandate_end_schema,     &msg_tariff_schema,        &msg_observation_schema,
        &msg_parking_debit_schema,   &msg_paper_schema,         &msg_paper_redemption_schema,
        &msg_reserve_proof_schema,   &msg_permit_schema,        &msg_page_build_schema,
        &msg_key_destruction_schema, &msg_year_end_schema,      &msg_recovery_schema};

    FILE_OF("payload-payment", payment);
    FILE_OF("payload-city", city);
    FILE_OF("payload-purse", purse);
    FILE_OF("payload-node", node);
    FILE_OF("payload-draft", draft);
}

void
make_carrier(void)
{
    static const struct schema *const carriers[] = {&msg_parcel_schema,
                                                    &msg_entry_schema,
                                                    &msg_lot_part_schema,
                                                    &msg_offset_schema,
                                                    &msg_till_class_schema,
                                                    &msg_payment_code_schema,
                                                    &msg_request_code_schema,
                                                    &msg_paper_code_schema,
                                                    &msg_allowance_attachment_schema,
                                                    &msg_item_attachment_schema,
                                                    &msg_statement_attachment_schema,
                                                    &msg_evidence_attachment_schema,
                                                    &msg_close_attachment_schema,
                                                    &msg_debt_attachment_schema,
                                                    &msg_expiry_attachment_schema,
                                                    &msg_service_day_attachment_schema,
                                                    &msg_dispute_attachment_schema};

    FILE_OF("carrier", carriers);
}
