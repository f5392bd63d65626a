#include "run.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "protocol/crypt.h"
#include "serve.h"

#define LISTEN_DEFAULT "127.0.0.1:8017"
#define ADDRESS_MAX 64

static struct city city;

/* Reads `address:port`, the address of IPv6 in brackets. */
static enum status
read_listen(char address[static ADDRESS_MAX], uint16_t *port, const char *text)
{
    const char *const colon = strrchr(text, ':');
    const char *begin = text;
    const char *end = colon;
    uint64_t number;
    enum status status;

    if (colon == NULL)
        return STATUS_USAGE;
    if (*begin == '[' && end > begin && end[-1] == ']') {
        begin++;
        end--;
    }
    if (end <= begin || end - begin >= ADDRESS_MAX)
        return STATUS_USAGE;
    status = command_number(&number, colon + 1, UINT16_MAX);
    if (status != STATUS_OK)
        return status;
    memcpy(address, begin, (size_t)(end - begin));
    address[end - begin] = '\0';
    *port = (uint16_t)number;
    return STATUS_OK;
}

/* What --now says is the time at the start; from there on the clock runs. Modulo 2^64. */
static uint64_t clock_offset_s;

static uint64_t
read_clock(void)
{
    return clock_unix_s() + clock_offset_s;
}

/* Until somebody asks for the end; a hang-up means a new certificate. */
static void
wait_for_end(struct serve *serve, const sigset_t *signals, const struct command_line *line)
{
    int signal = 0;

    while (sigwait(signals, &signal) == 0 && signal == SIGHUP) {
        const enum status status = serve_reload(serve);

        fprintf(stderr, "schwebe: %s\n",
                status == STATUS_OK
                    ? command_words(line, "Zertifikat neu gelesen.", "Certificate read anew.")
                    : command_words(line, status_german(status), status_english(status)));
    }
}

enum status
run_serve(const struct command_line *line)
{
    const char *const listen = command_value(line, "--listen");
    char address[ADDRESS_MAX];
    struct serve_options options = {
        .address = address,
        .certificate = command_value(line, "--certificate"),
        .key = command_value(line, "--certificate-key"),
        .open_entries = command_value(line, "--open-entries") != NULL,
        .read_clock = read_clock,
        .random = crypt_random,
    };
    struct serve *serve = NULL;
    sigset_t signals;
    enum status status =
        read_listen(address, &options.port, listen == NULL ? LISTEN_DEFAULT : listen);

    if (status == STATUS_OK && (options.certificate == NULL) != (options.key == NULL))
        status = STATUS_USAGE;
    if (status == STATUS_OK)
        status = run_open(&city, line);
    if (status != STATUS_OK)
        return status;
    if (command_value(line, "--now") != NULL)
        clock_offset_s = line->now_unix_s - clock_unix_s();
    /* Blocked in all threads, and taken one by one in this one. */
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    status = serve_open(&serve, &city, &options);
    if (status == STATUS_OK) {
        const bool six = strchr(address, ':') != NULL;

        printf("http%s://%s%s%s:%u\n", options.certificate == NULL ? "" : "s", six ? "[" : "",
               address, six ? "]" : "", serve_port(serve));
        fflush(stdout);
        wait_for_end(serve, &signals, line);
        serve_close(serve);
    }
    city_close(&city);
    return status;
}
