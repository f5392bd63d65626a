#include "run.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "config.h"
#include "journal.h"
#include "listen.h"
#include "protocol/crypt.h"
#include "protocol/keyfile.h"
#include "serve.h"

#define LISTEN_DEFAULT "127.0.0.1:8017"

static struct city city;
static struct config config;
static struct journal journal;
static struct policy policy;

/* What is said on the command line, else in the configuration, else NULL. */
static const char *
setting(const struct command_line *line, const char *option, enum config_key key)
{
    const char *const value = command_value(line, option);

    if (value != NULL)
        return value;
    return config.values[key][0] == '\0' ? NULL : config.values[key];
}

static void
print_errors(const struct command_line *line, const char *path)
{
    for (size_t i = 0; i < config.error_count; i++)
        fprintf(stderr, "%s: %s %u: %s\n", path, command_words(line, "Zeile", "line"),
                config.errors[i].line,
                command_words(line, config.errors[i].german, config.errors[i].english));
}

enum status
run_check_config(const struct command_line *line)
{
    const enum status status = config_read(&config, line->arguments[0]);

    print_errors(line, line->arguments[0]);
    if (status == STATUS_OK)
        printf("%s\n", command_words(line, "In Ordnung.", "In order."));
    return status;
}

/* The witnesses' policy, if there is one. */
static enum status
read_policy(struct serve_options *out, const struct command_line *line)
{
    static uint8_t text[POLICY_SIZE_MAX];
    const char *const path = setting(line, "--policy", CONFIG_POLICY);
    size_t len = 0;
    size_t bad_line = 0;
    enum status status;

    out->authorities = setting(line, "--authorities", CONFIG_AUTHORITIES);
    if (path == NULL)
        return STATUS_OK;
    status = file_read(text, sizeof text, &len, path);
    if (status != STATUS_OK)
        return status;
    status = policy_parse(&policy, &bad_line, (struct span){text, len});
    if (status != STATUS_OK)
        fprintf(stderr, "%s: %s %zu\n", path, command_words(line, "Zeile", "line"), bad_line);
    else
        out->policy = &policy;
    return status;
}

static enum status
read_options(struct serve_options *out, char address[static LISTEN_ADDRESS_MAX],
             uint64_t *map_bytes, const struct command_line *line)
{
    const char *const path = command_value(line, "--config");
    const char *const workers = command_value(line, "--workers");
    const char *const map = command_value(line, "--map-gib");
    const char *listen;
    enum status status = path == NULL ? STATUS_OK : config_read(&config, path);

    if (status != STATUS_OK) {
        print_errors(line, path);
        return status;
    }
    listen = setting(line, "--listen", CONFIG_LISTEN);
    status = listen_parse(address, &out->port, listen == NULL ? LISTEN_DEFAULT : listen);
    out->address = address;
    out->certificate = setting(line, "--certificate", CONFIG_CERTIFICATE);
    out->key = setting(line, "--certificate-key", CONFIG_CERTIFICATE_KEY);
    out->open_entries = command_value(line, "--open-entries") != NULL || config.open_entries;
    out->workers = config.workers;
    *map_bytes = config.map_bytes;
    if (status == STATUS_OK && workers != NULL)
        status = config_workers(&out->workers, workers);
    if (status == STATUS_OK && map != NULL)
        status = config_map(map_bytes, map);
    if (status == STATUS_OK && (out->certificate == NULL) != (out->key == NULL))
        status = STATUS_USAGE;
    return status == STATUS_OK ? read_policy(out, line) : status;
}

/* The file of the passphrase: named by the person, by the configuration, or a credential that
 * systemd has put down for this service. NULL: as at other commands. */
static enum status
find_passphrase(const char **out, char path[static FILE_PATH_MAX], const struct command_line *line)
{
    const char *const credentials = getenv("CREDENTIALS_DIRECTORY");
    enum status status = STATUS_OK;

    *out = setting(line, "--passphrase-file", CONFIG_PASSPHRASE_FILE);
    if (*out != NULL || credentials == NULL)
        return STATUS_OK;
    status = file_path(path, credentials, "passphrase");
    if (status == STATUS_OK && access(path, F_OK) == 0)
        *out = path;
    return status;
}

static enum status
open_city(const struct command_line *line, uint64_t map_bytes)
{
    uint8_t passphrase[KEYFILE_PASSPHRASE_MAX + 2];
    char path[FILE_PATH_MAX];
    const char *const dir = line->count > 0 ? line->arguments[0] : config.values[CONFIG_DIRECTORY];
    const char *named = NULL;
    size_t len = 0;
    enum status status = dir[0] == '\0' ? STATUS_USAGE : file_path(path, dir, "store");

    /* Before anybody is asked for a passphrase. */
    if (status == STATUS_OK && access(path, F_OK) != 0)
        status = STATUS_NOT_FOUND;
    if (status == STATUS_OK)
        status = find_passphrase(&named, path, line);

    if (status == STATUS_OK)
        status = command_passphrase_of(passphrase, sizeof passphrase, &len, named, dir);
    if (status == STATUS_OK)
        status = city_open(&city, dir, (struct span){passphrase, len}, map_bytes);
    crypt_wipe(passphrase, sizeof passphrase);
    return status;
}

/* What --now says is the time at the start; from there on the clock runs. Modulo 2^64. */
static uint64_t clock_offset_s;

static uint64_t
read_clock(void)
{
    return clock_unix_s() + clock_offset_s;
}

static void
tell_status(const char *event, enum status status)
{
    const struct journal_field field = {"status", status_name(status), 0};

    journal_write(&journal, read_clock(), event, &field, 1);
}

static void
tell_start(const struct serve *serve, uint64_t entries, bool tls)
{
    const struct journal_field fields[] = {
        {"program", serve_program(serve), 0},
        {"entries", NULL, entries},
        {"port", NULL, serve_port(serve)},
        {"tls", tls ? "yes" : "no", 0},
    };

    journal_write(&journal, read_clock(), "start", fields, sizeof fields / sizeof fields[0]);
}

static void
look(struct serve *serve)
{
    struct serve_counts counts;
    const enum status store = serve_count(serve, &counts);

    journal_look(&journal, read_clock(), store, &counts);
}

/* Until somebody asks for the end; a hang-up means a new certificate. */
static void
wait_for_end(struct serve *serve, const sigset_t *signals)
{
    const struct timespec second = {.tv_sec = 1};
    bool going = true;

    while (going) {
        const int signal = sigtimedwait(signals, NULL, &second);

        look(serve);
        if (signal == SIGHUP)
            tell_status("reload", serve_reload(serve));
        else
            going = signal < 0;
    }
}

/* Serves the open city and closes it. */
static enum status
serve_until_end(const struct serve_options *options, const char *address)
{
    char url[LISTEN_URL_MAX];
    const bool tls = options->certificate != NULL;
    const uint64_t entries = city.log.size;
    struct serve *serve = NULL;
    sigset_t signals;
    enum status status;

    /* Blocked in all threads, and taken one by one in this one. */
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    status = serve_open(&serve, &city, options);
    if (status == STATUS_OK) {
        listen_url(url, tls ? "https" : "http", address, serve_port(serve));
        printf("%s\n", url);
        fflush(stdout);
        tell_start(serve, entries, tls);
        wait_for_end(serve, &signals);
        serve_stop(serve);
        look(serve);
        journal_sum(&journal, read_clock());
        serve_close(serve);
        journal_write(&journal, read_clock(), "stop", NULL, 0);
    }
    city_close(&city);
    return status;
}

enum status
run_serve(const struct command_line *line)
{
    char address[LISTEN_ADDRESS_MAX];
    struct serve_options options = {.read_clock = read_clock, .random = crypt_random};
    uint64_t map_bytes = 0;
    enum status status = read_options(&options, address, &map_bytes, line);

    if (command_value(line, "--now") != NULL)
        clock_offset_s = line->now_unix_s - clock_unix_s();
    journal_begin(&journal, STDERR_FILENO, read_clock());
    if (status == STATUS_OK)
        status = open_city(line, map_bytes);
    if (status == STATUS_OK)
        status = serve_until_end(&options, address);
    if (status != STATUS_OK)
        tell_status("refused", status);
    return status;
}
