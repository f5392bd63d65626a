/* Writing JSON; the only user of jansson. Members keep the order in which they are added. A failed
 * allocation makes the whole text empty, so that nothing half is shown. */
#ifndef SCHWEBE_JSON_H
#define SCHWEBE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_t;

/* An object or a list, which the caller drops, or gives away with json_put. NULL without memory. */
struct json_t *json_map(void);
struct json_t *json_list(void);
void json_drop(struct json_t *json);

/* Add a member to an object, or to a list when `name` is NULL. The text is UTF-8; a number is at
 * most 2^53 - 1. json_put takes `value` over. False when the whole cannot be right any more. */
bool json_put_text(struct json_t *json, const char *name, const char *text);
bool json_put_number(struct json_t *json, const char *name, uint64_t number);
bool json_put_flag(struct json_t *json, const char *name, bool flag);
bool json_put(struct json_t *json, const char *name, struct json_t *value);

/* Fills `out` with the text, on one line, and gives its length: 0 when it does not fit into `cap`
 * bytes. No NUL is written. */
size_t json_print(char *out, size_t cap, const struct json_t *json);

#endif
