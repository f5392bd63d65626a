#include "json.h"

#include <jansson.h>

#define NUMBER_MAX ((UINT64_C(1) << 53) - 1)

struct json_t *
json_map(void)
{
    return json_object();
}

struct json_t *
json_list(void)
{
    return json_array();
}

void
json_drop(struct json_t *json)
{
    json_decref(json);
}

bool
json_put(struct json_t *json, const char *name, struct json_t *value)
{
    /* Both take the value over, also when they fail. */
    return (name == NULL ? json_array_append_new(json, value)
                         : json_object_set_new(json, name, value)) == 0;
}

bool
json_put_text(struct json_t *json, const char *name, const char *text)
{
    return json_put(json, name, json_string(text));
}

bool
json_put_number(struct json_t *json, const char *name, uint64_t number)
{
    return number <= NUMBER_MAX && json_put(json, name, json_integer((json_int_t)number));
}

bool
json_put_flag(struct json_t *json, const char *name, bool flag)
{
    return json_put(json, name, json_boolean(flag));
}

size_t
json_print(char *out, size_t cap, const struct json_t *json)
{
    const size_t len = json_dumpb(json, out, cap, JSON_COMPACT);

    return len <= cap ? len : 0;
}
