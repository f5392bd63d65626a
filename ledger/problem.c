#include "problem.h"

#include <assert.h>
#include <string.h>

#include "json.h"
#include "protocol/wire.h"

/* The name space of our own member; RFC 4151. */
#define PROBLEM_TAG "tag:wuppertal.de,2026:schwebe:status"

/* Keys of RFC 9290 section 2 are negative: -1 - n. */
enum { TITLE = 0, DETAIL = 1, RESPONSE_CODE = 3 };

/* What is neither a matter of form (400) nor of a rule (422). */
static const struct {
    enum status status;
    unsigned code;
} codes[] = {
    {STATUS_NOT_FOUND, 404},          {STATUS_TOO_LARGE, 413},        {STATUS_STORE_FULL, 507},
    {STATUS_SERVER_BUSY, 503},        {STATUS_STORE_BROKEN, 503},     {STATUS_STORE_BUSY, 503},
    {STATUS_LOG_ROLLBACK, 503},       {STATUS_LOG_ROOT, 503},         {STATUS_IO, 503},
    {STATUS_PARAMETERS_MISSING, 503}, {STATUS_ROLE_NOT_ALLOWED, 403},
};

/* Statuses below are about bytes and envelope; section 3. */
#define FORM_END 40

unsigned
problem_code(enum status status)
{
    assert(status != STATUS_OK);
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        if (codes[i].status == status)
            return codes[i].code;
    }
    return (unsigned)status < FORM_END ? 400 : 422;
}

static struct span
text_span(const char *text)
{
    return (struct span){(const uint8_t *)text, strlen(text)};
}

size_t
problem_write(uint8_t out[static PROBLEM_MAX], enum status status)
{
    struct wire_writer writer;
    size_t len;
    enum status written;

    wire_writer_begin(&writer, out, PROBLEM_MAX);
    wire_write_map(&writer, 4);
    wire_write_negative(&writer, TITLE);
    wire_write_text(&writer, text_span(status_name(status)));
    wire_write_negative(&writer, DETAIL);
    wire_write_text(&writer, text_span(status_english(status)));
    wire_write_negative(&writer, RESPONSE_CODE);
    wire_write_uint(&writer, problem_code(status));
    wire_write_text(&writer, text_span(PROBLEM_TAG));
    wire_write_map(&writer, 2);
    wire_write_uint(&writer, 0);
    wire_write_uint(&writer, (uint64_t)status);
    wire_write_uint(&writer, 1);
    wire_write_text(&writer, text_span(status_german(status)));
    written = wire_writer_end(&writer, &len);
    assert(written == STATUS_OK);
    (void)written;
    return len;
}

size_t
problem_write_json(char out[static PROBLEM_MAX], enum status status)
{
    struct json_t *const json = json_map();
    size_t len = 0;

    if (json_put_text(json, "title", status_name(status)) &&
        json_put_text(json, "detail", status_english(status)) &&
        json_put_text(json, "german", status_german(status)) &&
        json_put_number(json, "status", problem_code(status)) &&
        json_put_number(json, "number", (uint64_t)status))
        len = json_print(out, PROBLEM_MAX, json);
    json_drop(json);
    return len;
}
