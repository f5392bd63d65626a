#include "config.h"

#include <assert.h>
#include <string.h>

#include "listen.h"
#include "protocol/command.h"

#define WORKERS_MAX 64
#define MAP_GIB_MAX 4096

static const char *const names[] = {[CONFIG_DIRECTORY] = "directory",
                                    [CONFIG_LISTEN] = "listen",
                                    [CONFIG_CERTIFICATE] = "certificate",
                                    [CONFIG_CERTIFICATE_KEY] = "certificate-key",
                                    [CONFIG_OPEN_ENTRIES] = "open-entries",
                                    [CONFIG_WORKERS] = "workers",
                                    [CONFIG_PASSPHRASE_FILE] = "passphrase-file",
                                    [CONFIG_MAP_GIB] = "map-gib",
                                    [CONFIG_POLICY] = "policy",
                                    [CONFIG_AUTHORITIES] = "authorities"};

static_assert(sizeof names / sizeof names[0] == CONFIG_KEYS, "one name a key");

/* --- values --- */

enum status
config_workers(unsigned *out, const char *text)
{
    uint64_t number;

    if (command_number(&number, text, WORKERS_MAX) != STATUS_OK || number == 0)
        return STATUS_USAGE;
    *out = (unsigned)number;
    return STATUS_OK;
}

enum status
config_map(uint64_t *bytes, const char *text)
{
    uint64_t number;

    if (command_number(&number, text, MAP_GIB_MAX) != STATUS_OK || number == 0)
        return STATUS_USAGE;
    *bytes = number << 30;
    return STATUS_OK;
}

static enum status
read_flag(bool *out, const char *text)
{
    const bool yes = strcmp(text, "yes") == 0;

    if (!yes && strcmp(text, "no") != 0)
        return STATUS_USAGE;
    *out = yes;
    return STATUS_OK;
}

/* --- errors --- */

static void
complain(struct config *config, unsigned line, const char *german, const char *english)
{
    if (config->error_count < CONFIG_ERRORS_MAX)
        config->errors[config->error_count++] = (struct config_error){line, german, english};
}

/* --- lines --- */

static bool
is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static struct span
trim(struct span text)
{
    while (text.len > 0 && is_blank(text.data[0])) {
        text.data++;
        text.len--;
    }
    while (text.len > 0 && is_blank(text.data[text.len - 1]))
        text.len--;
    return text;
}

static enum config_key
find_key(struct span name)
{
    size_t i = 0;

    while (i < CONFIG_KEYS &&
           (strlen(names[i]) != name.len || memcmp(names[i], name.data, name.len) != 0))
        i++;
    return (enum config_key)i;
}

/* Checks a value that was just put in; where it has only a path, any text is one. */
static void
check_value(struct config *config, enum config_key key, unsigned line)
{
    const char *const text = config->values[key];
    char address[LISTEN_ADDRESS_MAX];
    uint16_t port;

    if (key == CONFIG_LISTEN && listen_parse(address, &port, text) != STATUS_OK)
        complain(config, line, "keine Adresse mit Port, etwa 127.0.0.1:8017 oder [::1]:8017",
                 "no address with a port, such as 127.0.0.1:8017 or [::1]:8017");
    else if (key == CONFIG_OPEN_ENTRIES && read_flag(&config->open_entries, text) != STATUS_OK)
        complain(config, line, "weder yes noch no", "neither yes nor no");
    else if (key == CONFIG_WORKERS && config_workers(&config->workers, text) != STATUS_OK)
        complain(config, line, "keine Zahl von 1 bis 64", "no number from 1 to 64");
    else if (key == CONFIG_MAP_GIB && config_map(&config->map_bytes, text) != STATUS_OK)
        complain(config, line, "keine Zahl von 1 bis 4096", "no number from 1 to 4096");
    else
        return;
    config->values[key][0] = '\0';
}

static bool
is_text(struct span value)
{
    for (size_t i = 0; i < value.len; i++)
        if (value.data[i] < 0x20 || value.data[i] == 0x7F)
            return false;
    return true;
}

static void
take(struct config *config, enum config_key key, struct span value, unsigned line)
{
    if (config->lines[key] != 0) {
        complain(config, line, "diese Einstellung steht weiter oben schon einmal",
                 "this setting stands further up already");
        return;
    }
    config->lines[key] = line;
    if (value.len == 0) {
        complain(config, line, "hinter dem = fehlt der Wert", "the value behind = is missing");
    } else if (value.len >= sizeof config->values[key]) {
        complain(config, line, "der Wert ist zu lang", "the value is too long");
    } else if (!is_text(value)) {
        complain(config, line, "der Wert enthält unsichtbare Zeichen",
                 "the value has invisible characters");
    } else {
        memcpy(config->values[key], value.data, value.len);
        config->values[key][value.len] = '\0';
        check_value(config, key, line);
    }
}

static void
take_line(struct config *config, struct span text, unsigned line)
{
    const uint8_t *equals;
    enum config_key key;
    size_t before;

    text = trim(text);
    if (text.len == 0 || text.data[0] == '#')
        return;
    equals = memchr(text.data, '=', text.len);
    if (equals == NULL) {
        complain(config, line, "weder Kommentar noch \"Einstellung = Wert\"",
                 "neither a comment nor \"setting = value\"");
        return;
    }
    before = (size_t)(equals - text.data);
    key = find_key(trim((struct span){text.data, before}));
    if (key == CONFIG_KEYS)
        complain(config, line, "diese Einstellung gibt es nicht", "there is no such setting");
    else
        take(config, key, trim((struct span){equals + 1, text.len - before - 1}), line);
}

/* One of the two alone is no TLS, and must not become a service without it. */
static void
check_pair(struct config *config)
{
    const unsigned chain = config->lines[CONFIG_CERTIFICATE];
    const unsigned key = config->lines[CONFIG_CERTIFICATE_KEY];

    if (chain != 0 && key == 0)
        complain(config, chain, "certificate-key fehlt dazu", "certificate-key is missing for it");
    if (key != 0 && chain == 0)
        complain(config, key, "certificate fehlt dazu", "certificate is missing for it");
}

enum status
config_parse(struct config *out, struct span text)
{
    unsigned line = 0;

    memset(out, 0, sizeof *out);
    assert(text.len <= CONFIG_SIZE_MAX);
    while (text.len > 0) {
        const uint8_t *const end = memchr(text.data, '\n', text.len);
        const size_t len = end == NULL ? text.len : (size_t)(end - text.data);

        take_line(out, (struct span){text.data, len}, ++line);
        text.data += end == NULL ? len : len + 1;
        text.len -= end == NULL ? len : len + 1;
    }
    check_pair(out);
    return out->error_count == 0 ? STATUS_OK : STATUS_CONFIG;
}

enum status
config_read(struct config *out, const char *path)
{
    static uint8_t text[CONFIG_SIZE_MAX];
    size_t len = 0;
    enum status status = file_read(text, sizeof text, &len, path);

    memset(out, 0, sizeof *out);
    return status == STATUS_OK ? config_parse(out, (struct span){text, len}) : status;
}
