#include "out.h"

#include <assert.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 16

static const char *folder = ".";
static FILE *file;
static char brackets[DEPTH_MAX];
static bool begun[DEPTH_MAX];
static unsigned depth;
static unsigned vectors;
static bool first;

void
out_folder(const char *path)
{
    folder = path;
}

static void
put(const char *text)
{
    if (fputs(text, file) == EOF) {
        perror("cannot write");
        exit(1);
    }
}

void
out_open(const char *name, const char *op)
{
    char path[512];

    assert(file == NULL);
    snprintf(path, sizeof path, "%s/%s.json", folder, name);
    file = fopen(path, "w");
    if (file == NULL) {
        perror(path);
        exit(1);
    }
    fprintf(file, "{\"op\": \"%s\", \"vectors\": [\n", op);
    first = true;
}

void
out_close(void)
{
    assert(depth == 0);
    put("\n]}\n");
    if (fclose(file) != 0) {
        perror("cannot write");
        exit(1);
    }
    file = NULL;
}

/* What stands in front of a member or element. */
static void
separate(const char *key)
{
    assert(depth > 0);
    assert((key != NULL) == (brackets[depth - 1] == '{'));
    if (begun[depth - 1])
        put(", ");
    begun[depth - 1] = true;
    if (key != NULL)
        fprintf(file, "\"%s\": ", key);
}

static void
open_bracket(char bracket)
{
    assert(depth < DEPTH_MAX);
    brackets[depth] = bracket;
    begun[depth++] = false;
    put(bracket == '{' ? "{" : "[");
}

void
out_enter(const char *key, char bracket)
{
    separate(key);
    open_bracket(bracket);
}

void
out_leave(void)
{
    assert(depth > 0);
    put(brackets[--depth] == '{' ? "}" : "]");
}

void
out_vector(const char *format, ...)
{
    char name[256];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(name, sizeof name, format, arguments);
    va_end(arguments);
    assert(depth == 0);
    if (!first)
        put(",\n");
    first = false;
    open_bracket('{');
    out_text("name", name);
    vectors++;
}

void
out_expect(const char *status)
{
    out_text("expect", status);
}

void
out_end(void)
{
    assert(depth == 1);
    out_leave();
}

void
out_number(const char *key, uint64_t value)
{
    separate(key);
    fprintf(file, "%llu", (unsigned long long)value);
}

void
out_bool(const char *key, int value)
{
    separate(key);
    put(value ? "true" : "false");
}

void
out_string(const char *key, const char *text, size_t len)
{
    separate(key);
    put("\"");
    for (size_t i = 0; i < len; i++) {
        const unsigned char c = (unsigned char)text[i];

        if (c == '"' || c == '\\')
            fprintf(file, "\\%c", c);
        else if (c < 0x20 || c == 0x7F)
            fprintf(file, "\\u%04x", c);
        else
            fputc(c, file);
    }
    put("\"");
}

void
out_text(const char *key, const char *text)
{
    out_string(key, text, strlen(text));
}

void
out_hex(const char *key, const void *data, size_t len)
{
    const uint8_t *bytes = data;

    separate(key);
    put("\"");
    for (size_t i = 0; i < len; i++)
        fprintf(file, "%02x", bytes[i]);
    put("\"");
}

void
out_hand(const char *key, const struct hand *bytes)
{
    out_hex(key, bytes->data, bytes->len);
}

unsigned
out_count(void)
{
    return vectors;
}
