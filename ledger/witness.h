/* What a witness decides about a checkpoint that somebody brings; C2SP tlog-witness. Pure: no heap,
 * no system, and what it has cosigned before is a parameter.
 *
 * A request is `old <size>`, up to 63 lines of a consistency proof, an empty line, and a checkpoint
 * as a signed note without extension lines. */
#ifndef SCHWEBE_WITNESS_H
#define SCHWEBE_WITNESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/base64.h"
#include "protocol/checkpoint.h"
#include "protocol/merkle.h"
#include "protocol/note.h"
#include "protocol/span.h"
#include "protocol/status.h"

/* Keys of logs in all, and of one log: an old and a new one, and room. */
#define WITNESS_LOGS_MAX 64
#define WITNESS_LOG_KEYS_MAX 4
#define WITNESS_LOGS_SIZE_MAX 32768

#define WITNESS_OLD "old "
#define WITNESS_HASH_LINE (BASE64_LEN(DIGEST_SIZE) + 1)
#define WITNESS_BODY_MAX                                                                           \
    (sizeof WITNESS_OLD - 1 + NOTE_DECIMAL_MAX + 1 + MERKLE_PATH_MAX * WITNESS_HASH_LINE + 1 +     \
     NOTE_SIZE_MAX)

/* The content type of a size that a witness tells. */
#define WITNESS_SIZE_TYPE "text/x.tlog.size"

/* The answers, as HTTP has them. */
enum witness_code {
    WITNESS_COSIGN = 200,
    WITNESS_MALFORMED = 400,    /* also: the old size exceeds the new one */
    WITNESS_UNSIGNED = 403,     /* no known key has signed, or one's signature is bad */
    WITNESS_UNKNOWN = 404,      /* the origin */
    WITNESS_STALE = 409,        /* the old size is not what was cosigned last */
    WITNESS_INCONSISTENT = 422, /* the new tree does not continue the old one */
};

/* The logs whose checkpoints a witness cosigns. About 20 KiB. */
struct witness_logs {
    size_t count;
    struct note_key keys[WITNESS_LOGS_MAX];
};

/* A request, read. */
struct witness_request {
    uint64_t old;
    struct merkle_path path;
    struct checkpoint checkpoint;
    bool root_wrong; /* an empty tree with the root of another */
    /* The text with one line of each known key that has signed; nothing else that was there. */
    struct note note;
};

/* What was cosigned last for a log; before that, the empty tree. */
struct witness_latest {
    uint64_t size;
    struct digest root;
};

/* Reads one vkey a line; empty lines and those that begin with # are passed over. On failure `out`
 * has no keys and `line` is where: POLICY_FORM without line end, POLICY_KEY, POLICY_TWICE,
 * CAPACITY; TOO_LARGE (line 0). */
MUST_CHECK enum status witness_logs_parse(struct witness_logs *out, size_t *line, struct span text);

/* Reads a request, and checks what needs no memory of earlier ones: COSIGN, MALFORMED, UNKNOWN or
 * UNSIGNED. `out` is filled for COSIGN alone. */
MUST_CHECK enum witness_code witness_read(struct witness_request *out, struct span body,
                                          const struct witness_logs *logs);

/* Decides: COSIGN, STALE or INCONSISTENT. */
MUST_CHECK enum witness_code witness_consider(const struct witness_request *request,
                                              const struct witness_latest *latest);

/* Writes a request: what witness_read takes. `note` has at most NOTE_SIZE_MAX bytes. */
void witness_write(uint8_t out[static WITNESS_BODY_MAX], size_t *len, uint64_t old,
                   const struct merkle_path *path, const struct note *note);

/* How a log is named in addresses: the hash of its origin. */
void witness_log_id(struct digest *out, const char *origin);

#endif
