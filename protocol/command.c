#include "command.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "crypt.h"
#include "file.h"
#include "keyfile.h"
#include "qr.h"
#include "reader.h"

/* Pixels a module of a drawn code: 1.5 times what a screen of 96 dpi needs for 35 mm. */
#define PNG_SCALE 6
#define SCAN_TIMEOUT_MS 20000

static_assert(COMMAND_CODE_SIZE > READER_TEXT_MAX, "every scanned text and its NUL");

static const struct command_option common[] = {
    {"--now", "SEKUNDEN", "diese Zeit annehmen (Unix-Sekunden; für Tests und Vorführungen)",
     "take this to be the time (Unix seconds; for tests and demonstrations)"},
    {"--lang", "de|en", "Sprache der Ausgaben (sonst de)", "language of the output (else de)"},
    {"--passphrase-file", "DATEI", "Kennwort aus der ersten Zeile dieser Datei",
     "passphrase from the first line of this file"},
    {"--help", NULL, "diese Hilfe", "this help"},
};

#define COMMON_COUNT (sizeof common / sizeof common[0])

static size_t
option_count(const struct command_program *program)
{
    assert(program->option_count + COMMON_COUNT <= COMMAND_OPTIONS_MAX);
    return program->option_count + COMMON_COUNT;
}

static const struct command_option *
option_at(const struct command_program *program, size_t index)
{
    return index < COMMON_COUNT ? &common[index] : &program->options[index - COMMON_COUNT];
}

/* The index of an option, or the number of options when there is none of that name. */
static size_t
option_index(const struct command_program *program, const char *name)
{
    size_t i = 0;

    while (i < option_count(program) && strcmp(option_at(program, i)->name, name) != 0)
        i++;
    return i;
}

const char *
command_value(const struct command_line *line, const char *name)
{
    const size_t index = option_index(line->program, name);

    assert(index < option_count(line->program));
    return line->values[index];
}

const char *
command_words(const struct command_line *line, const char *german, const char *english)
{
    return line->english ? english : german;
}

/* --- help ------------------------------------------------------------------------------------ */

static void
print_options(const struct command_program *program)
{
    printf("\nOptionen / options:\n");
    for (size_t i = option_count(program); i-- > 0;) {
        const struct command_option *option = option_at(program, i);
        char left[64];

        (void)snprintf(left, sizeof left, "%s %s", option->name,
                       option->value == NULL ? "" : option->value);
        printf("  %-26s %s\n  %-26s %s\n", left, option->german, "", option->english);
    }
}

static void
print_command(const struct command_program *program, const struct command *command)
{
    printf("  %s %s %s\n      %s\n      %s\n", program->name, command->name, command->arguments,
           command->german, command->english);
}

static void
print_help(const struct command_program *program, const struct command *only)
{
    printf("%s\n%s\n\n", program->german, program->english);
    if (only != NULL) {
        print_command(program, only);
    } else {
        for (size_t i = 0; i < program->command_count; i++)
            print_command(program, &program->commands[i]);
    }
    print_options(program);
}

/* --- reading the line ---------------------------------------------------------------------- */

static enum status
take_option(struct command_line *line, int argc, char **argv, int *at)
{
    const size_t index = option_index(line->program, argv[*at]);

    if (index == option_count(line->program)) {
        fprintf(stderr, "schwebe: %s?\n", argv[*at]);
        return STATUS_USAGE;
    }
    if (option_at(line->program, index)->value == NULL) {
        line->values[index] = "";
        return STATUS_OK;
    }
    if (*at + 1 >= argc)
        return STATUS_USAGE;
    line->values[index] = argv[++*at];
    return STATUS_OK;
}

static enum status
take_common(struct command_line *line)
{
    const char *now = command_value(line, "--now");
    const char *language = command_value(line, "--lang");

    line->now_unix_s = (uint64_t)time(NULL);
    if (now != NULL && command_number(&line->now_unix_s, now, UINT32_MAX) != STATUS_OK)
        return STATUS_USAGE;
    if (language != NULL && strcmp(language, "de") != 0 && strcmp(language, "en") != 0)
        return STATUS_USAGE;
    line->english = language != NULL && strcmp(language, "en") == 0;
    return STATUS_OK;
}

static enum status
parse(struct command_line *line, int argc, char **argv)
{
    bool options = true;

    for (int i = 1; i < argc; i++) {
        if (options && strcmp(argv[i], "--") == 0) {
            options = false;
        } else if (options && strncmp(argv[i], "--", 2) == 0) {
            if (take_option(line, argc, argv, &i) != STATUS_OK)
                return STATUS_USAGE;
        } else if (line->count == COMMAND_ARGUMENTS_MAX) {
            return STATUS_USAGE;
        } else {
            line->arguments[line->count++] = argv[i];
        }
    }
    return take_common(line);
}

/* The subcommand is the first argument; what remains are its own. */
static enum status
choose(struct command_line *line)
{
    const struct command_program *program = line->program;

    if (line->count == 0)
        return STATUS_USAGE;
    for (size_t i = 0; i < program->command_count; i++) {
        if (strcmp(program->commands[i].name, line->arguments[0]) == 0)
            line->command = &program->commands[i];
    }
    if (line->command == NULL)
        return STATUS_USAGE;
    line->count--;
    for (size_t i = 0; i < line->count; i++)
        line->arguments[i] = line->arguments[i + 1];
    if (command_value(line, "--help") != NULL)
        return STATUS_OK;
    if (line->count < line->command->least || line->count > line->command->most)
        return STATUS_USAGE;
    return STATUS_OK;
}

int
command_main(const struct command_program *program, int argc, char **argv)
{
    struct command_line line = {.program = program, .argv0 = argc > 0 ? argv[0] : program->name};
    enum status status = crypt_init();

    if (status == STATUS_OK)
        status = parse(&line, argc, argv);
    if (status == STATUS_OK && line.count == 0 && command_value(&line, "--help") != NULL) {
        print_help(program, NULL);
        return 0;
    }
    if (status == STATUS_OK)
        status = choose(&line);
    if (status == STATUS_OK && command_value(&line, "--help") != NULL) {
        print_help(program, line.command);
        return 0;
    }
    if (status == STATUS_OK)
        status = line.command->run(&line);
    if (fflush(stdout) != 0 && status == STATUS_OK)
        status = STATUS_IO;
    if (status == STATUS_OK)
        return 0;
    fprintf(stderr, "schwebe: %s (%d)\n%s\n%s\n", status_name(status), (int)status,
            status_german(status), status_english(status));
    if (status == STATUS_USAGE && line.command != NULL)
        fprintf(stderr, "  %s %s %s\n", program->name, line.command->name, line.command->arguments);
    return status == STATUS_USAGE ? 2 : 1;
}

/* --- values -------------------------------------------------------------------------------- */

enum status
command_number(uint64_t *out, const char *text, uint64_t most)
{
    uint64_t number = 0;

    if (text[0] == '\0')
        return STATUS_USAGE;
    for (const char *c = text; *c != '\0'; c++) {
        const unsigned digit = (unsigned)(*c - '0');

        if (*c < '0' || *c > '9' || number > (UINT64_MAX - digit) / 10)
            return STATUS_USAGE;
        number = number * 10 + digit;
        if (number > most)
            return STATUS_USAGE;
    }
    *out = number;
    return STATUS_OK;
}

enum status
command_cents(struct money *out, const char *text)
{
    char digits[24];
    size_t len = strspn(text, "0123456789");
    uint64_t cents;
    const char *rest = text + len;

    if (len == 0 || len > 16)
        return STATUS_USAGE;
    memcpy(digits, text, len);
    memcpy(digits + len, "00", 3);
    if (*rest == ',' || *rest == '.') {
        /* One or two digits; three could be thousands. */
        const size_t decimals = strspn(rest + 1, "0123456789");

        if (decimals == 0 || decimals > 2)
            return STATUS_USAGE;
        memcpy(digits + len, rest + 1, decimals);
        rest += 1 + decimals;
    }
    rest += strncmp(rest, "\u00a0", 2) == 0 ? 2 : strspn(rest, " ");
    if (strcmp(rest, "€") == 0)
        rest += strlen("€");
    if (*rest != '\0')
        return STATUS_USAGE;
    if (command_number(&cents, digits, MONEY_CENTS_MAX) != STATUS_OK)
        return STATUS_USAGE;
    return money_from_cents(out, cents);
}

void
command_money(char out[static COMMAND_MONEY_SIZE], const struct command_line *line,
              struct money amount)
{
    char digits[24];
    char grouped[32];
    size_t len;
    size_t put = 0;
    const uint64_t cents = money_cents(amount);

    len = (size_t)snprintf(digits, sizeof digits, "%llu", (unsigned long long)(cents / 100));
    for (size_t i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0)
            grouped[put++] = line->english ? ',' : '.';
        grouped[put++] = digits[i];
    }
    grouped[put] = '\0';
    if (line->english)
        (void)snprintf(out, COMMAND_MONEY_SIZE, "€%s.%02u", grouped, (unsigned)(cents % 100));
    else
        (void)snprintf(out, COMMAND_MONEY_SIZE, "%s,%02u\u00a0€", grouped, (unsigned)(cents % 100));
}

void
command_time(char out[static COMMAND_TIME_SIZE], uint64_t unix_s)
{
    const time_t when = (time_t)unix_s;
    struct tm parts;

    if (gmtime_r(&when, &parts) == NULL ||
        strftime(out, COMMAND_TIME_SIZE, "%d.%m.%Y %H:%M UTC", &parts) == 0)
        out[0] = '\0';
}

enum status
command_from_hex(uint8_t *out, size_t len, const char *text)
{
    static const char digits[] = "0123456789abcdefABCDEF";

    if (strlen(text) != 2 * len)
        return STATUS_USAGE;
    for (size_t i = 0; i < 2 * len; i++) {
        const char *at = strchr(digits, text[i]);
        const size_t value = at == NULL ? 0 : (size_t)(at - digits);
        const uint8_t nibble = (uint8_t)(value < 16 ? value : value - 6);

        if (at == NULL)
            return STATUS_USAGE;
        out[i / 2] = (uint8_t)(i % 2 == 0 ? nibble << 4 : out[i / 2] | nibble);
    }
    return STATUS_OK;
}

void
command_to_hex(char *out, const void *bytes, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    const uint8_t *at = bytes;

    for (size_t i = 0; i < len; i++) {
        out[2 * i] = digits[at[i] >> 4];
        out[2 * i + 1] = digits[at[i] & 15];
    }
    out[2 * len] = '\0';
}

/* --- passphrase ---------------------------------------------------------------------------- */

/* Without echo, which is put back however the reading ends. */
static enum status
ask(uint8_t *out, size_t cap, size_t *len)
{
    static const char prompt[] = "Kennwort / passphrase: ";
    struct termios before;
    struct termios silent;
    ssize_t got;
    const int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);

    if (terminal < 0)
        return STATUS_TERMINAL;
    if (tcgetattr(terminal, &before) != 0) {
        (void)close(terminal);
        return STATUS_TERMINAL;
    }
    silent = before;
    silent.c_lflag &= ~(tcflag_t)ECHO;
    (void)tcsetattr(terminal, TCSAFLUSH, &silent);
    got = dprintf(terminal, "%s", prompt);
    if (got > 0) {
        do {
            got = read(terminal, out, cap);
        } while (got < 0 && errno == EINTR);
    }
    (void)tcsetattr(terminal, TCSAFLUSH, &before);
    (void)dprintf(terminal, "\n");
    (void)close(terminal);
    *len = got > 0 ? (size_t)got : 0;
    return got < 0 ? STATUS_IO : STATUS_OK;
}

enum status
command_passphrase(uint8_t *out, size_t cap, size_t *len, const struct command_line *line,
                   const char *dir)
{
    return command_passphrase_of(out, cap, len, command_value(line, "--passphrase-file"), dir);
}

enum status
command_passphrase_of(uint8_t *out, size_t cap, size_t *len, const char *named, const char *dir)
{
    char path[FILE_PATH_MAX];
    const uint8_t *end;
    enum status status = file_path(path, dir, "passphrase");

    *len = 0;
    if (status == STATUS_OK)
        status = file_read(out, cap, len, named != NULL ? named : path);
    if (status == STATUS_NOT_FOUND && named == NULL)
        status = ask(out, cap, len);
    if (status != STATUS_OK)
        return status;
    end = memchr(out, '\n', *len);
    if (end != NULL)
        *len = (size_t)(end - out);
    if (*len > 0 && *len <= KEYFILE_PASSPHRASE_MAX)
        return STATUS_OK;
    crypt_wipe(out, cap);
    *len = 0;
    return STATUS_PASSPHRASE;
}

/* --- files --------------------------------------------------------------------------------- */

enum status
command_write_file(const char *path, struct span bytes)
{
    struct stat about;

    if (lstat(path, &about) == 0 && !S_ISREG(about.st_mode))
        return STATUS_IO;
    return file_write(path, bytes, FILE_REPLACE);
}

/* --- codes --------------------------------------------------------------------------------- */

enum status
command_read_code(char *text, size_t cap, const struct command_line *line)
{
    const char *image = command_value(line, "--image");
    char program[FILE_PATH_MAX];
    enum status status;
    size_t len;

    assert(cap > 2);
    if (image != NULL) {
        status = reader_program(program, sizeof program, line->argv0);
        if (status != STATUS_OK)
            return status;
        return reader_scan(text, cap, program, image, SCAN_TIMEOUT_MS);
    }
    if (fgets(text, (int)cap, stdin) == NULL)
        return STATUS_TEXT_LENGTH;
    len = strlen(text);
    if (len + 1 == cap && text[len - 1] != '\n')
        return STATUS_TOO_LARGE;
    while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == '\r'))
        text[--len] = '\0';
    return len > 0 ? STATUS_OK : STATUS_TEXT_LENGTH;
}

enum status
command_write_code(const struct command_line *line, const char *text)
{
    static uint8_t picture[QR_SVG_MAX > QR_TERMINAL_MAX ? QR_SVG_MAX : QR_TERMINAL_MAX];
    static struct qr code;
    const char *png = command_value(line, "--png");
    const char *svg = command_value(line, "--svg");
    size_t len;
    enum status status = qr_encode(&code, text, strlen(text));

    static_assert(sizeof picture >= QR_PNG_MAX, "one buffer for each kind of picture");
    if (status == STATUS_OK && png != NULL) {
        status = qr_png(picture, sizeof picture, &len, &code, PNG_SCALE);
        if (status == STATUS_OK)
            status = command_write_file(png, (struct span){picture, len});
    }
    if (status == STATUS_OK && svg != NULL) {
        status = qr_svg((char *)picture, sizeof picture, &len, &code);
        if (status == STATUS_OK)
            status = command_write_file(svg, (struct span){picture, len});
    }
    if (status == STATUS_OK && command_value(line, "--terminal") != NULL) {
        status = qr_terminal((char *)picture, sizeof picture, &len, &code, QR_TERMINAL_COLOUR);
        if (status == STATUS_OK)
            (void)fwrite(picture, 1, len, stdout);
    }
    /* Whatever becomes of the pictures: what is signed can still be shown. */
    printf("%s\n", text);
    return status;
}
