/* What a witness has: its key, the logs that it knows, and for each of them the checkpoint that it
 * cosigned last.
 *
 * The folder holds `witness.key` (encrypted), `vkey`, `store`, and may hold `logs`, one vkey of a
 * log a line, and `passphrase`. A checkpoint is compared with the last one and stored in one
 * transaction, which is on the disk before anybody sees the cosignature. Whoever puts an older copy
 * of the folder in its place makes a witness that can be told two histories: a witness that has
 * lost its store gets a new key. */
#ifndef SCHWEBE_WITNESS_BOOK_H
#define SCHWEBE_WITNESS_BOOK_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/store.h"
#include "protocol/keyfile.h"
#include "witness.h"

/* An open witness; about 20 KiB. */
struct witness_book {
    struct store store;
    struct note_key key;
    struct secret_key secret;
    struct witness_logs logs;
    pthread_mutex_t mutex; /* one checkpoint at a time */
};

/* Fresh random bytes for a new witness. */
struct witness_book_random {
    uint8_t seed[SEED_SIZE];
    uint8_t seal[SEAL_SALT_SIZE + SEAL_NONCE_SIZE];
};

/* What add-checkpoint is answered with. */
struct witness_book_answer {
    enum witness_code code;
    uint64_t size; /* for WITNESS_STALE: of the checkpoint that was cosigned last */
    size_t len;    /* for WITNESS_COSIGN: the line of the cosignature */
    uint8_t line[NOTE_LINE_MAX];
};

/* Makes a witness in the folder `dir`, which exists. EXISTS when there is one; CHECKPOINT_FORM when
 * the name is none; the statuses of keyfile_write and store_create. */
MUST_CHECK enum status witness_book_create(const char *dir, const char *name,
                                           struct span passphrase, enum seal_cost cost,
                                           const struct witness_book_random *random);

/* Opens a witness with the logs of the file `logs_path`; owns `out` until witness_book_close. The
 * statuses of keyfile_read, store_open and witness_logs_parse, which also fills `line`, 0 for
 * anything else; KEYFILE when key and vkey do not belong together. On failure nothing is held. Not
 * in two threads at a time. */
MUST_CHECK enum status witness_book_open(struct witness_book *out, size_t *line, const char *dir,
                                         const char *logs_path, struct span passphrase);
void witness_book_close(struct witness_book *book);

/* Answers a request; any thread may ask. `now_unix_s` is 1 to 2^63 - 1. On failure there is no
 * cosignature: STORE_FULL, or STORE_BROKEN, also when the stored checkpoint is not one of ours. */
MUST_CHECK enum status witness_book_add(struct witness_book_answer *out, struct witness_book *book,
                                        struct span body, uint64_t now_unix_s);

/* The checkpoint that was cosigned last for a log, with the cosignature. NOT_FOUND, STORE_BROKEN,
 * STORE_BUSY. Any thread may ask. */
MUST_CHECK enum status witness_book_find(struct note *out, struct witness_book *book,
                                         const struct digest *log_id);

#endif
