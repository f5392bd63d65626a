/* What the command lines of all programs share: subcommands, options, amounts, codes, refusals in
 * two languages. Outside the pure core. */
#ifndef SCHWEBE_COMMAND_H
#define SCHWEBE_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "money.h"
#include "span.h"
#include "status.h"

#define COMMAND_ARGUMENTS_MAX 64
#define COMMAND_OPTIONS_MAX 40
#define COMMAND_MONEY_SIZE 40
#define COMMAND_TIME_SIZE 32
/* Holds any text that a scanner gives (READER_TEXT_MAX) and its NUL. */
#define COMMAND_CODE_SIZE 4400

struct command_line;

/* `value` names what follows the option; NULL for a flag. */
struct command_option {
    const char *name;
    const char *value;
    const char *german;
    const char *english;
};

/* `arguments` as shown in the help; at least `least` and at most `most` of them. */
struct command {
    const char *name;
    const char *arguments;
    size_t least;
    size_t most;
    enum status (*run)(const struct command_line *line);
    const char *german;
    const char *english;
};

/* A program: static tables. Options that every program has (--now, --lang, --passphrase-file,
 * --help) are not listed in `options`. */
struct command_program {
    const char *name;
    const char *german;
    const char *english;
    const struct command *commands;
    size_t command_count;
    const struct command_option *options;
    size_t option_count;
};

/* What the person wrote; borrows argv. */
struct command_line {
    const struct command_program *program;
    const struct command *command;
    const char *argv0;
    const char *arguments[COMMAND_ARGUMENTS_MAX];
    size_t count;
    const char *values[COMMAND_OPTIONS_MAX];
    uint64_t now_unix_s;
    bool english;
};

/* Runs the subcommand that argv names and prints a refusal as three lines on standard error:
 * `schwebe: NAME (number)`, then its sentence in both languages. Returns the exit code: 0 done,
 * 1 refused, 2 wrong use. Starts libsodium first. */
int command_main(const struct command_program *program, int argc, char **argv);

/* The value of an option ("" for a flag that is set), or NULL when it was not given. It is a
 * broken program (assert) when the program does not list it. */
const char *command_value(const struct command_line *line, const char *name);

/* One of two texts, by --lang. */
const char *command_words(const struct command_line *line, const char *german, const char *english);

/* Reads `12,50`, `12.50`, `12` or the same with a final euro sign. USAGE for anything else, also
 * for what could be read in two ways, such as `1.234`. `out` is untouched on failure. */
MUST_CHECK enum status command_cents(struct money *out, const char *text);

/* Fills `out` with "1.234,50 €", or "€1,234.50" in English. */
void command_money(char out[static COMMAND_MONEY_SIZE], const struct command_line *line,
                   struct money amount);

/* Fills `out` with "24.11.2026 15:30 UTC". */
void command_time(char out[static COMMAND_TIME_SIZE], uint64_t unix_s);

/* Reads a decimal number of at most `most`. USAGE otherwise. */
MUST_CHECK enum status command_number(uint64_t *out, const char *text, uint64_t most);

/* Reads exactly `len` bytes of hexadecimal digits. USAGE otherwise. */
MUST_CHECK enum status command_from_hex(uint8_t *out, size_t len, const char *text);

/* Fills `out` with 2 * len digits and a NUL. */
void command_to_hex(char *out, const void *bytes, size_t len);

/* Fills `out` (`cap` bytes) with the passphrase: the first line of --passphrase-file, else of
 * DIR/passphrase if there is one, else asked on the terminal without echo. NOT_FOUND when
 * the file that was named is not there, TERMINAL when there is neither file nor terminal,
 * PASSPHRASE when it is empty or too long. The caller wipes it. */
MUST_CHECK enum status command_passphrase(uint8_t *out, size_t cap, size_t *len,
                                          const struct command_line *line, const char *dir);

/* The same without a command line: from the file `named`, or as above when it is NULL. */
MUST_CHECK enum status command_passphrase_of(uint8_t *out, size_t cap, size_t *len,
                                             const char *named, const char *dir);

/* Writes a file that a person named, in place of an older one: the statuses of file_write. IO when
 * the name is taken by a device, a pipe, a link or a folder, which is never replaced. */
MUST_CHECK enum status command_write_file(const char *path, struct span bytes);

/* Fills `text` with a code and a NUL: read from the picture of --image, else the first line of
 * standard input. The statuses of reader_scan; TOO_LARGE; TEXT_LENGTH when there is nothing. */
MUST_CHECK enum status command_read_code(char *text, size_t cap, const struct command_line *line);

/* Draws a code where --png, --svg and --terminal say, then prints its text as a line of its own. */
MUST_CHECK enum status command_write_code(const struct command_line *line, const char *text);

/* The options of command_read_code and command_write_code, for a program's table. */
#define COMMAND_READ_OPTIONS                                                                       \
    {                                                                                              \
        "--image", "DATEI", "Code aus diesem Bild lesen statt von der Standardeingabe",            \
            "read the code from this picture instead of standard input"                            \
    }
#define COMMAND_WRITE_OPTIONS                                                                      \
    {"--png", "DATEI", "den Code als PNG-Bild schreiben", "write the code as a PNG picture"},      \
        {"--svg", "DATEI", "den Code als SVG-Bild schreiben", "write the code as an SVG picture"}, \
    {                                                                                              \
        "--terminal", NULL, "den Code im Terminal zeigen", "show the code in the terminal"         \
    }

#endif
