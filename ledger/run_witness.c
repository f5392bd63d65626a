#include "run.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "listen.h"
#include "protocol/crypt.h"
#include "protocol/file.h"
#include "protocol/keyfile.h"
#include "witness_book.h"
#include "witness_http.h"

#define LISTEN_DEFAULT "127.0.0.1:8018"
/* 64 MiB of Argon2id. */
#define SEAL_COST SEAL_INTERACTIVE

static struct witness_book book;

enum status
run_witness_create(const struct command_line *line)
{
    struct witness_book_random random;
    uint8_t passphrase[KEYFILE_PASSPHRASE_MAX + 2];
    char path[FILE_PATH_MAX];
    char vkey[NOTE_VKEY_MAX + 1];
    const char *const name = command_value(line, "--name");
    const char *const dir = line->arguments[0];
    size_t len = 0;
    enum status status = name == NULL ? STATUS_USAGE : file_folder(dir);

    if (status == STATUS_EXISTS)
        status = STATUS_OK;
    if (status == STATUS_OK)
        status = command_passphrase(passphrase, sizeof passphrase, &len, line, dir);
    if (status != STATUS_OK)
        return status;
    crypt_random(&random, sizeof random);
    status = witness_book_create(dir, name, (struct span){passphrase, len}, SEAL_COST, &random);
    crypt_wipe(&random, sizeof random);
    crypt_wipe(passphrase, sizeof passphrase);
    if (status == STATUS_OK)
        status = file_path(path, dir, "vkey");
    if (status == STATUS_OK)
        status = file_read((uint8_t *)vkey, sizeof vkey, &len, path);
    if (status == STATUS_OK)
        printf("%.*s", (int)len, vkey);
    return status;
}

static enum status
open_book(const struct command_line *line)
{
    uint8_t passphrase[KEYFILE_PASSPHRASE_MAX + 2];
    char path[FILE_PATH_MAX];
    const char *logs = command_value(line, "--logs");
    const char *const dir = line->arguments[0];
    size_t line_number = 0;
    size_t len = 0;
    enum status status = command_passphrase(passphrase, sizeof passphrase, &len, line, dir);

    if (status == STATUS_OK && logs == NULL) {
        status = file_path(path, dir, "logs");
        logs = path;
    }
    if (status == STATUS_OK)
        status = witness_book_open(&book, &line_number, dir, logs, (struct span){passphrase, len});
    crypt_wipe(passphrase, sizeof passphrase);
    if (status != STATUS_OK && line_number > 0)
        fprintf(stderr, "schwebe: %s:%zu\n", logs, line_number);
    return status;
}

enum status
run_witness(const struct command_line *line)
{
    struct witness_http service;
    char address[LISTEN_ADDRESS_MAX];
    char url[LISTEN_URL_MAX];
    const char *const listen = command_value(line, "--listen");
    sigset_t signals;
    uint16_t port;
    int signal = 0;
    enum status status = listen_parse(address, &port, listen == NULL ? LISTEN_DEFAULT : listen);

    if (status == STATUS_OK)
        status = open_book(line);
    if (status != STATUS_OK)
        return status;
    /* Blocked in all threads, and taken in this one. */
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    status = witness_http_open(&service, &book, address, port, clock_unix_s);
    if (status == STATUS_OK) {
        listen_url(url, "http", address, http_port(service.http));
        printf("%s\n", url);
        fflush(stdout);
        while (sigwait(&signals, &signal) != 0)
            continue;
        witness_http_close(&service);
    }
    witness_book_close(&book);
    return status;
}
