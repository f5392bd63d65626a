/* protocol.cddl against the tables: the same rules, fields, keys, order, options and limits. So
 * neither can change alone. */
#include "check.h"

#include <stdlib.h>

#include "protocol/msg.h"
#include "scratch.h"

#define TEXT_MAX (64 * 1024)
#define ALIASES_MAX 64
#define WORD_MAX 80

/* `name = value` outside of rules. */
struct alias {
    char name[WORD_MAX];
    char value[WORD_MAX];
};

static struct alias aliases[ALIASES_MAX];
static size_t alias_count;

/* One field line: `? 5: restricted,  ; restriction, remark`. */
struct line {
    bool optional;
    bool has_key;
    unsigned key;
    char type[WORD_MAX];
    char name[WORD_MAX];
};

static const char *
resolve(const char *type)
{
    for (size_t i = 0; i < alias_count; i++) {
        if (strcmp(aliases[i].name, type) == 0)
            return resolve(aliases[i].value);
    }
    return type;
}

static const struct schema *
schema_named(const char *name)
{
    size_t count;
    const struct schema *const *all = msg_schemas(&count);

    for (size_t i = 0; i < count; i++) {
        if (strcmp(all[i]->name, name) == 0)
            return all[i];
    }
    return NULL;
}

static void
copy(char out[static WORD_MAX], const char *from, size_t len)
{
    if (len >= WORD_MAX)
        len = WORD_MAX - 1;
    memcpy(out, from, len);
    out[len] = '\0';
}

/* False for a line that is no field. */
static bool
read_line(struct line *out, const char *text)
{
    const char *end = strstr(text, ",  ");
    const char *name = strstr(text, "; ");
    char *after;

    memset(out, 0, sizeof *out);
    text += strspn(text, " ");
    if (end == NULL || name == NULL)
        return false;
    if (text[0] == '?') {
        out->optional = true;
        text += 2;
    }
    out->key = (unsigned)strtoul(text, &after, 10);
    if (after != text && *after == ':') {
        out->has_key = true;
        text = after + 2;
    }
    copy(out->type, text, (size_t)(end - text));
    copy(out->name, name + 2, strcspn(name + 2, ",:;\n "));
    return true;
}

/* `lo..hi`, or one number. */
static bool
read_range(const char *text, uint64_t *low, uint64_t *high)
{
    char *after;

    *low = strtoull(text, &after, 10);
    *high = *low;
    if (after == text)
        return false;
    if (strncmp(after, "..", 2) == 0)
        *high = strtoull(after + 2, &after, 10);
    return *after == '\0' || *after == ')' || *after == ' ';
}

static bool
check_one(const struct field *field, const char *written)
{
    const char *type = resolve(written);
    uint64_t low = 0;
    uint64_t high = 0;

    if (field->type == FIELD_RECORD)
        return strcmp(field->record->name, written) == 0;
    if (strncmp(type, "bstr .size (", 12) == 0)
        return field->type == FIELD_BSTR && read_range(type + 12, &low, &high) &&
               field->min == low && field->max == high;
    if (strncmp(type, "tstr .size (", 12) == 0)
        return field->type == FIELD_TEXT && read_range(type + 12, &low, &high) &&
               field->min == low && field->max == high;
    if (strncmp(type, "bstr .size ", 11) == 0)
        return field->type == FIELD_BYTES && read_range(type + 11, &low, &high) &&
               field->size == low;
    if (!read_range(type, &low, &high))
        return false;
    return (field->type == FIELD_UINT || field->type == FIELD_MONEY ||
            field->type == FIELD_CONST) &&
           field->min == low && field->max == high;
}

static bool
check_type(const struct field *field, const char *type)
{
    char of[WORD_MAX];
    uint64_t low;
    char *after;

    if (type[0] != '[')
        return !field->array && check_one(field, type);
    low = strtoull(type + 1, &after, 10);
    if (!field->array || *after != '*' || field->count_min != low)
        return false;
    if (field->count_max != strtoull(after + 1, &after, 10) || *after != ' ')
        return false;
    copy(of, after + 1, strlen(after + 1) - 1);
    return check_one(field, of);
}

static void
check_field(const struct schema *schema, size_t index, const struct line *line)
{
    const struct field *field = &schema->fields[index];
    const bool good = index < schema->count && strcmp(field->name, line->name) == 0 &&
                      (!line->has_key || field->key == line->key) &&
                      (field->presence == FIELD_OPTIONAL) == line->optional &&
                      check_type(field, line->type);

    if (!good)
        fprintf(stderr, "    %s: %s (%s)\n", schema->name, line->name, line->type);
    CHECK(good);
}

static void
read_alias(const char *text)
{
    const char *equals = strstr(text, " = ");
    struct alias *alias = &aliases[alias_count];
    size_t name_len;
    size_t len;

    if (text[0] == ';' || equals == NULL)
        return;
    name_len = strcspn(text, " ");
    while (*equals == ' ' || *equals == '=')
        equals++;
    len = strcspn(equals, ";\n");
    while (len > 0 && equals[len - 1] == ' ')
        len--;
    if (len == 0 || equals[0] == '{' || (equals[0] == '[' && len == 1))
        return;
    if (alias_count == ALIASES_MAX)
        abort();
    copy(alias->name, text, name_len);
    copy(alias->value, equals, len);
    alias_count++;
}

/* Cuts off the first line of `rest`; NULL at the end. */
static char *
next_line(char **rest)
{
    char *line = *rest;
    const size_t len = strcspn(line, "\n");

    if (line[0] == '\0')
        return NULL;
    *rest = line + len + (line[len] == '\n' ? 1 : 0);
    line[len] = '\0';
    return line;
}

/* Walks over the file, line by line; `schema` is the rule that is open. */
static size_t
check_rules(char *text)
{
    const struct schema *schema = NULL;
    size_t rules = 0;
    size_t field = 0;

    for (char *line = next_line(&text); line != NULL; line = next_line(&text)) {
        struct line read;
        const size_t len = strlen(line);

        if (schema == NULL && len > 4 && line[0] != ';' &&
            (strcmp(line + len - 3, "= {") == 0 || strcmp(line + len - 3, "= [") == 0)) {
            line[strcspn(line, " ")] = '\0';
            schema = schema_named(line);
            if (schema == NULL)
                fprintf(stderr, "    no table for %s\n", line);
            CHECK(schema != NULL);
            field = 0;
            rules++;
        } else if (schema != NULL && (line[0] == '}' || line[0] == ']')) {
            CHECK(field == schema->count);
            schema = NULL;
        } else if (schema != NULL && read_line(&read, line)) {
            check_field(schema, field++, &read);
        }
    }
    return rules;
}

TEST(tables_are_those_of_the_cddl)
{
    static char text[TEXT_MAX];
    static char again[TEXT_MAX];
    size_t len;
    size_t count;
    char *rest = again;

    REQUIRE(scratch_read((uint8_t *)text, &len, sizeof text - 1, "protocol/protocol.cddl"));
    text[len] = '\0';
    memcpy(again, text, len + 1);
    for (char *line = next_line(&rest); line != NULL; line = next_line(&rest))
        read_alias(line);
    CHECK(alias_count > 15);
    (void)msg_schemas(&count);
    CHECK(check_rules(text) == count);
}

int
main(int argc, char **argv)
{
    return check_run(argc, argv);
}
