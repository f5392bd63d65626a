/* The node's side of witnesses: brings each new checkpoint to the witnesses of the policy, and adds
 * their cosignatures to what is published. C2SP tlog-witness; PROTOCOL.md section 22.
 *
 * One thread calls cosign_round, once a second at most; any thread may ask for the note. Without
 * witnesses, or with too few, the node goes on and its checkpoint has the lines that there are. A
 * witness that has seen another history than ours is an alarm: it is not asked again until the
 * program starts anew, and a person looks at it before. */
#ifndef SCHWEBE_COSIGN_H
#define SCHWEBE_COSIGN_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/store.h"
#include "fetch.h"
#include "policy.h"
#include "protocol/merkle.h"
#include "protocol/note.h"
#include "witness.h"

/* For how long a cosigned checkpoint is shown in place of a newer one that is not. */
#define COSIGN_LAG_SECONDS 10
/* A witness that did not help is asked again after this, or one that does not take our log. */
#define COSIGN_RETRY_SECONDS 30
#define COSIGN_REFUSED_SECONDS 600
/* When nothing grows, a cosignature is renewed after this. */
#define COSIGN_FRESH_SECONDS 1800
/* For reaching a witness, and for all of a request. */
#define COSIGN_CONNECT_SECONDS 2
#define COSIGN_SECONDS 5

#define COSIGN_ANSWER_MAX 8192

/* Where proofs come from: `consistency` is log_consistency on whatever it takes to read. */
struct cosign_source {
    enum status (*consistency)(void *context, struct merkle_path *out, uint64_t size_old,
                               uint64_t size_new);
    void *context;
};

/* One witness of the policy, in the order of its list. */
struct cosign_witness {
    /* OK; NOT_FOUND, it has no address; what fetch_send failed with; SERVER_BUSY; SERVER_ANSWER, it
     * does not keep to the protocol; WITNESS_REFUSED, it does not take our log;
     * CHECKPOINT_SIGNATURE or SIGNER_UNKNOWN, its cosignature is bad or none of its own; what the
     * source failed with; or for ever WITNESS_CONFLICT, it has seen another history, or
     * LOG_ROLLBACK, a longer one. */
    enum status status;
    uint64_t size;            /* of what it cosigned last, as far as we know */
    uint64_t next_unix_s;     /* it is not asked before */
    uint64_t cosigned_unix_s; /* when it was asked for the line */
    size_t len;
    uint8_t line[NOTE_LINE_MAX]; /* over the present checkpoint; verified */
};

/* About 50 KiB: static memory. */
struct cosign {
    const struct policy *policy; /* borrowed */
    const char *authorities;     /* borrowed */
    struct cosign_source source;
    struct fetch fetch;
    struct cosign_witness witnesses[POLICY_WITNESSES_MAX];
    struct note note; /* the present checkpoint, without cosignatures */
    uint8_t body[WITNESS_BODY_MAX];
    uint8_t answer[COSIGN_ANSWER_MAX];
    pthread_mutex_t mutex; /* guards what follows */
    enum status states[POLICY_WITNESSES_MAX];
    struct note last;   /* of the last round, with its cosignatures */
    struct note enough; /* the last one with enough of them */
    bool last_enough;
    uint64_t enough_unix_s;
};

/* Begins without any cosignature; owns `out` until cosign_close. `authorities` are certificates as
 * for fetch_send, or NULL. SERVER_START; `out` then holds nothing. */
MUST_CHECK enum status cosign_open(struct cosign *out, const struct policy *policy,
                                   struct cosign_source source, const char *authorities);
void cosign_close(struct cosign *cosign);

/* Brings a published checkpoint to each witness that has not cosigned it yet and whose turn it is.
 * WITNESS_CONFLICT or LOG_ROLLBACK when one of them, now or earlier, gave the alarm;
 * WITNESSES_MISSING when there are not enough cosignatures now. The lines that came are taken in
 * any case. */
MUST_CHECK enum status cosign_round(struct cosign *cosign, const struct note *published,
                                    uint64_t now_unix_s);

/* Fills `out` with what to show as checkpoint: `published` with its cosignatures when they are
 * enough; else the last one that had enough, for COSIGN_LAG_SECONDS; else `published` with those
 * that there are. */
void cosign_note(struct note *out, struct cosign *cosign, const struct note *published,
                 uint64_t now_unix_s);

/* How the last round ended for each witness of the policy. */
void cosign_states(enum status out[static POLICY_WITNESSES_MAX], struct cosign *cosign);

/* The `consistency` of an open store, which is the context. */
MUST_CHECK enum status cosign_from_store(void *context, struct merkle_path *out, uint64_t size_old,
                                         uint64_t size_new);

#endif
