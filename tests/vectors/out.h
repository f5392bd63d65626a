/* Writes vectors as JSON, one vector a line. */
#ifndef SCHWEBE_VECTORS_OUT_H
#define SCHWEBE_VECTORS_OUT_H

#include <stddef.h>
#include <stdint.h>

#include "hand.h"

/* Where the files go; called once. */
void out_folder(const char *path);

/* Opens `file`.json for vectors of an operation, and closes it. A file that cannot be written ends
 * the program. */
void out_open(const char *file, const char *op);
void out_close(void);

/* Begins a vector by its name, and ends it with the status that it expects. Outputs are written
 * between, or after out_expect. */
void out_vector(const char *format, ...) __attribute__((format(printf, 1, 2)));
void out_expect(const char *status);
void out_end(void);

/* Members of the object that is open. A NULL key: elements of the array that is open. */
void out_number(const char *key, uint64_t value);
void out_bool(const char *key, int value);
void out_string(const char *key, const char *text, size_t len);
void out_text(const char *key, const char *text);
void out_hex(const char *key, const void *data, size_t len);
void out_hand(const char *key, const struct hand *bytes);

/* '{' or '['; out_leave closes the last one. */
void out_enter(const char *key, char bracket);
void out_leave(void);

/* Vectors written so far, in all. */
unsigned out_count(void);

#endif
