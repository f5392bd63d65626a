#include "problem.h"

#include <assert.h>
#include <string.h>

#include "json.h"
#include "protocol/utf8.h"
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
    {STATUS_NOT_FOUND, 404},          {STATUS_TOO_LARGE, 413},     {STATUS_STORE_FULL, 507},
    {STATUS_SERVER_BUSY, 503},        {STATUS_STORE_BROKEN, 503},  {STATUS_STORE_BUSY, 503},
    {STATUS_LOG_ROLLBACK, 503},       {STATUS_LOG_ROOT, 503},      {STATUS_IO, 503},
    {STATUS_PARAMETERS_MISSING, 503}, {STATUS_AUDITORS_ONLY, 403}, {STATUS_ENTRY_TIME, 503},
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

/* --- reading --- */

/* protocol/wire.h reads our own messages, which have no negative keys; this reads one form only. */
struct cursor {
    const uint8_t *at;
    size_t left;
    bool bad;
};

enum { MAJOR_UINT = 0, MAJOR_NEGATIVE = 1, MAJOR_TEXT = 3, MAJOR_MAP = 5 };

static unsigned
take_byte(struct cursor *in)
{
    if (in->left == 0) {
        in->bad = true;
        return 0;
    }
    in->left--;
    return *in->at++;
}

/* The number of a head in its shortest form; none here needs more than two bytes for it. */
static unsigned
take_head(struct cursor *in, unsigned major)
{
    const unsigned first = take_byte(in);
    unsigned value = first & 31;

    if (first >> 5 != major || value > 25) {
        in->bad = true;
    } else if (value == 24) {
        value = take_byte(in);
        in->bad = in->bad || value < 24;
    } else if (value == 25) {
        value = take_byte(in) << 8;
        value |= take_byte(in);
        in->bad = in->bad || value <= UINT8_MAX;
    }
    return in->bad ? 0 : value;
}

static void
expect(struct cursor *in, unsigned major, unsigned value)
{
    if (take_head(in, major) != value)
        in->bad = true;
}

static struct span
take_text(struct cursor *in)
{
    const size_t len = take_head(in, MAJOR_TEXT);
    const struct span content = {in->at, len};

    if (in->bad || content.len > in->left || !utf8_plain(content)) {
        in->bad = true;
        return (struct span){NULL, 0};
    }
    in->at += content.len;
    in->left -= content.len;
    return content;
}

static bool
is_known(unsigned number)
{
    static const enum status all[] = {
#define X(number, name, german, english) STATUS_##name,
        STATUS_LIST(X)
#undef X
    };

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if ((unsigned)all[i] == number)
            return true;
    }
    return false;
}

bool
problem_read(enum status *status, unsigned *code, struct span in)
{
    struct cursor cursor = {in.data, in.len, in.len > PROBLEM_MAX};
    const struct span expected = text_span(PROBLEM_TAG);
    struct span tag;
    unsigned http;
    unsigned number;

    expect(&cursor, MAJOR_MAP, 4);
    expect(&cursor, MAJOR_NEGATIVE, TITLE);
    (void)take_text(&cursor);
    expect(&cursor, MAJOR_NEGATIVE, DETAIL);
    (void)take_text(&cursor);
    expect(&cursor, MAJOR_NEGATIVE, RESPONSE_CODE);
    http = take_head(&cursor, MAJOR_UINT);
    tag = take_text(&cursor);
    if (cursor.bad || tag.len != expected.len || memcmp(tag.data, expected.data, tag.len) != 0)
        return false;
    expect(&cursor, MAJOR_MAP, 2);
    expect(&cursor, MAJOR_UINT, 0);
    number = take_head(&cursor, MAJOR_UINT);
    expect(&cursor, MAJOR_UINT, 1);
    (void)take_text(&cursor);
    if (cursor.bad || cursor.left > 0 || http < 400 || http > 599 || number == STATUS_OK ||
        !is_known(number))
        return false;
    *status = (enum status)number;
    *code = http;
    return true;
}
