/* The node's configuration: a text of lines `key = value`, with whole lines of comment behind `#`.
 * Keys and values are those of ledger/schwebe.conf. Nothing secret stands in it. */
#ifndef SCHWEBE_CONFIG_H
#define SCHWEBE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/file.h"
#include "protocol/span.h"
#include "protocol/status.h"

/* Bytes of a file, and errors that are told of it. */
#define CONFIG_SIZE_MAX ((size_t)64 * 1024)
#define CONFIG_ERRORS_MAX 16

enum config_key {
    CONFIG_DIRECTORY,
    CONFIG_LISTEN,
    CONFIG_CERTIFICATE,
    CONFIG_CERTIFICATE_KEY,
    CONFIG_OPEN_ENTRIES,
    CONFIG_WORKERS,
    CONFIG_PASSPHRASE_FILE,
    CONFIG_MAP_GIB,
    CONFIG_POLICY,
    CONFIG_AUTHORITIES,
    CONFIG_KEYS
};

/* What is wrong with a line, which begin with 1. Static storage. */
struct config_error {
    unsigned line;
    const char *german;
    const char *english;
};

/* About 9 KiB. */
struct config {
    char values[CONFIG_KEYS][FILE_PATH_MAX]; /* "" when it is not there */
    unsigned lines[CONFIG_KEYS];             /* where it stands, 0: nowhere */
    bool open_entries;
    unsigned workers;   /* 0: as many as the machine has cores */
    uint64_t map_bytes; /* 0: what a large city needs */
    size_t error_count;
    struct config_error errors[CONFIG_ERRORS_MAX];
};

/* Reads a text. CONFIG when there are errors, which are in `out` as they were found, the
 * first CONFIG_ERRORS_MAX of them; what has one is as if it were not there. */
MUST_CHECK enum status config_parse(struct config *out, struct span text);

/* The same from a file. The statuses of file_read; `out` is then empty. */
MUST_CHECK enum status config_read(struct config *out, const char *path);

/* Reads a number of worker threads, 1 to 64, and of GiB, 1 to 4096. USAGE. */
MUST_CHECK enum status config_workers(unsigned *out, const char *text);
MUST_CHECK enum status config_map(uint64_t *bytes, const char *text);

#endif
