#include "vector.h"

#include "check.h"

#include <dirent.h>
#include <stdlib.h>

#define FOLDER "tests/vectors"
#define BYTES_MAX 70000
#define RING 8
#define DEPTH_MAX 8

static void
unreadable(const char *key)
{
    fprintf(stderr, "a vector without a readable %s\n", key);
    abort();
}

uint64_t
vector_number(json_t *vector, const char *key)
{
    json_t *value = json_object_get(vector, key);

    if (!json_is_integer(value) || json_integer_value(value) < 0)
        unreadable(key);
    return (uint64_t)json_integer_value(value);
}

struct span
vector_text_span(json_t *vector, const char *key)
{
    json_t *value = json_object_get(vector, key);

    if (!json_is_string(value))
        unreadable(key);
    return (struct span){(const uint8_t *)json_string_value(value), json_string_length(value)};
}

const char *
vector_text(json_t *vector, const char *key)
{
    return (const char *)vector_text_span(vector, key).data;
}

static int
nibble(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

struct span
vector_element(json_t *element)
{
    static uint8_t ring[RING][BYTES_MAX];
    static unsigned next;
    uint8_t *out = ring[next++ % RING];
    const char *digits = json_string_value(element);
    const size_t len = json_string_length(element);

    if (digits == NULL || len % 2 != 0 || len / 2 > BYTES_MAX)
        unreadable("string of bytes");
    for (size_t i = 0; i < len / 2; i++) {
        const int high = nibble(digits[2 * i]);
        const int low = nibble(digits[2 * i + 1]);

        if (high < 0 || low < 0)
            unreadable("digit");
        out[i] = (uint8_t)(high << 4 | low);
    }
    return (struct span){out, len / 2};
}

struct span
vector_bytes(json_t *vector, const char *key)
{
    json_t *value = json_object_get(vector, key);

    if (value == NULL)
        unreadable(key);
    return vector_element(value);
}

void
vector_fill_element(void *out, size_t size, json_t *element)
{
    const struct span bytes = vector_element(element);

    if (bytes.len != size)
        unreadable("string of this length");
    memcpy(out, bytes.data, size);
}

void
vector_fill(void *out, size_t size, json_t *vector, const char *key)
{
    vector_fill_element(out, size, json_object_get(vector, key));
}

void
vector_same(json_t *vector, const char *key, const void *bytes, size_t len)
{
    const struct span expected = vector_bytes(vector, key);

    if (expected.len != len || memcmp(expected.data, bytes, len) != 0)
        check_fail(key, 0, "other bytes than the vector says");
}

/* The member of an object, or the next element of an array. */
static json_t *
next_of(json_t *container, const struct schema_event *event, size_t *index)
{
    if (json_is_array(container))
        return json_array_get(container, (*index)++);
    (*index)++;
    return json_object_get(container, event->field->name);
}

static void
same_value(json_t *value, const struct schema_event *event)
{
    const char *name = event->field->name;

    switch (event->field->type) {
    case FIELD_CONST:
    case FIELD_UINT:
    case FIELD_MONEY:
        if (!json_is_integer(value) || (uint64_t)json_integer_value(value) != event->number)
            check_fail(name, 0, "another number");
        return;
    case FIELD_TEXT:
        if (json_string_length(value) != event->bytes.len ||
            memcmp(json_string_value(value), event->bytes.data, event->bytes.len) != 0)
            check_fail(name, 0, "another text");
        return;
    case FIELD_BYTES:
    case FIELD_BSTR: {
        const struct span bytes = vector_element(value);

        if (bytes.len != event->bytes.len ||
            (bytes.len > 0 && memcmp(bytes.data, event->bytes.data, bytes.len) != 0))
            check_fail(name, 0, "other bytes");
        return;
    }
    case FIELD_RECORD:
        break;
    }
    check_fail(name, 0, "a record is no value");
}

void
vector_same_fields(json_t *vector, const struct schema *schema, const void *object)
{
    json_t *open[DEPTH_MAX] = {json_object_get(vector, "fields")};
    size_t index[DEPTH_MAX] = {0};
    unsigned depth = 0;
    struct schema_walk walk;
    struct schema_event event;

    schema_walk_begin(&walk, schema, object);
    while (schema_walk_next(&walk, &event)) {
        const bool end = event.kind == SCHEMA_RECORD_END || event.kind == SCHEMA_ARRAY_END;
        const bool outermost = event.field == NULL;
        json_t *value;

        if (end) {
            json_t *done = open[depth];

            if ((json_is_array(done) ? json_array_size(done) : json_object_size(done)) !=
                index[depth])
                check_fail(outermost ? "fields" : event.field->name, 0,
                           "another number of members");
            depth -= !outermost;
            continue;
        }
        if (outermost)
            continue;
        value = next_of(open[depth], &event, &index[depth]);
        if (value == NULL) {
            check_fail(event.field->name, 0, "not in the vector");
            return;
        }
        if (event.kind == SCHEMA_VALUE) {
            same_value(value, &event);
        } else if (++depth < DEPTH_MAX) {
            open[depth] = value;
            index[depth] = 0;
        } else {
            abort();
        }
    }
}

/* --- running -----------------------------------------------------------------------------------
 */

/* Runs a whole file; gives the number of its vectors. */
static size_t
run_file(const char *path, const char *op, enum status (*check)(json_t *))
{
    json_error_t error;
    json_t *root = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    json_t *v;
    size_t i;
    size_t count = 0;

    if (root == NULL) {
        fprintf(stderr, "%s:%d: %s\n", path, error.line, error.text);
        abort();
    }
    if (strcmp(vector_text(root, "op"), op) == 0) {
        json_array_foreach(json_object_get(root, "vectors"), i, v)
        {
            const unsigned before = check_failures;
            const enum status status = check(v);

            if (strcmp(status_name(status), vector_text(v, "expect")) != 0) {
                fprintf(stderr, "    got %s, expected %s\n", status_name(status),
                        vector_text(v, "expect"));
                check_fail(path, (int)i, "status");
            }
            if (check_failures != before)
                fprintf(stderr, "    in %s: %s\n", op, vector_text(v, "name"));
            count++;
        }
    }
    json_decref(root);
    return count;
}

void
vector_run(const char *op, enum status (*check)(json_t *), size_t least)
{
    DIR *folder = opendir(FOLDER);
    const struct dirent *entry;
    size_t count = 0;

    REQUIRE(folder != NULL);
    while ((entry = readdir(folder)) != NULL) {
        const size_t len = strlen(entry->d_name);
        char path[512];

        if (len < 5 || strcmp(entry->d_name + len - 5, ".json") != 0)
            continue;
        snprintf(path, sizeof path, "%s/%s", FOLDER, entry->d_name);
        count += run_file(path, op, check);
    }
    closedir(folder);
    CHECK(count >= least);
}
