/* What follows from the log's entries, in the table STORE_STATE: a replay of the log into an empty
 * store gives the same pairs, byte for byte. ledger/record.h has the typed records.
 *
 * Errors stick: when the store fails, reads find nothing, writes do nothing, and state_status says
 * why. A rule therefore asks for a status once, at its end, and a transaction whose state has
 * failed is never committed. */
#ifndef SCHWEBE_STATE_H
#define SCHWEBE_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/crypt.h"
#include "protocol/merkle.h"
#include "protocol/msg.h"
#include "protocol/schema.h"
#include "protocol/signer.h"
#include "protocol/span.h"
#include "protocol/status.h"
#include "store.h"

/* The largest value: a line whose settled intervals are all one cent long. */
#define STATE_VALUE_MAX 32768
#define STATE_KEY_MAX 80

/* First byte of a key; stored, append-only. */
enum state_table {
    STATE_HEAD = 1,
    STATE_CITY = 2,
    STATE_ROLE = 3,         /* role, key */
    STATE_PARAMETERS = 4,   /* version */
    STATE_SERIES = 5,       /* series */
    STATE_MERCHANT = 6,     /* merchant */
    STATE_TILL = 7,         /* till */
    STATE_TILL_KEY = 8,     /* key */
    STATE_TILL_ITEM = 9,    /* till, index */
    STATE_TILL_TALLY = 10,  /* till, index */
    STATE_UPLOAD = 11,      /* message id */
    STATE_PURSE = 12,       /* purse */
    STATE_LOT = 13,         /* purse, lot */
    STATE_LOT_DUE = 14,     /* expiry, purse, lot */
    STATE_LINE = 15,        /* line */
    STATE_LINE_OPEN = 16,   /* purse, line */
    STATE_LINE_DUE = 17,    /* end, line */
    STATE_CERTIFICATE = 18, /* line, hash of the complete message */
    STATE_TRANSFER = 19,    /* line, index of the entry that recorded it first */
    STATE_TRANSFER_ID = 20, /* message id */
    STATE_EVIDENCE = 21,    /* line, message id of the second transfer */
    STATE_REFUND = 22,      /* message id of the transfer, entry: waiting */
    STATE_SEEN = 23,        /* message id of what may be carried out once */
    STATE_FUNDING = 24,     /* class, number */
    STATE_ISSUE = 25,       /* series, number */
    STATE_PAYOUT = 26,      /* class, merchant: last number */
    STATE_QUARTER = 27,     /* merchant, quarter: fund-paid cents */
    STATE_DENIED = 28,      /* line: version */
    STATE_NEWS = 29,        /* version: the change that led to it */
    STATE_SERVICE_DAY = 30, /* day */
    STATE_ACCOUNT = 31,     /* account */
    STATE_TOTALS = 32,      /* class */
    STATE_KILL = 33,        /* index of a kill's entry */
    STATE_REFUND_DAY = 34,  /* till, local day: cents that its own key refunded */
};

/* What every entry changes or asks for. */
struct state_head {
    uint64_t size;       /* entries applied */
    uint64_t time;       /* of the last one */
    uint64_t started;    /* 1 once there was an entry of another kind than genesis and role key */
    uint64_t news;       /* version of the deny list */
    uint64_t parameters; /* latest version, 0 before the first */
    uint64_t hold;       /* number of the last one */
    uint64_t held;       /* 1 while one is on */
    /* The entry that must come next, 0 for any: MSG kinds of dispute and debt. */
    uint64_t owed_kind;
    uint8_t owed_id[32]; /* the transfer, or the line */
    uint64_t owed_value; /* the statement's entry, or the cents */
    uint64_t waited;     /* 1: refunds waited for `waited_id`, and each is an entry now */
    uint8_t waited_id[32];
    /* The upload whose items are being logged; `items` 0 when none is. */
    uint64_t upload;
    uint64_t upload_till;
    uint64_t upload_first;
    uint64_t upload_items;
    uint64_t upload_next; /* number of the item whose entry comes next */
    uint64_t upload_gap;
    uint64_t upload_time;
    uint8_t upload_id[32];
};

/* A transaction's view of the state; the cached parts are read when it begins. About 64 KiB: at
 * home in static or long-lived memory. */
struct state {
    struct store_txn *txn; /* borrowed */
    enum status failed;
    struct state_head head;
    uint64_t network; /* 0 before genesis */
    size_t origin_len;
    char origin[256];
    struct signer_list signers;
    struct msg_parameters parameters; /* latest version */
    uint8_t value[STATE_VALUE_MAX];   /* scratch of the codec */
    uint8_t pack[STATE_VALUE_MAX];    /* scratch of records that hold packed arrays */
};

/* A key under construction. */
struct state_key {
    size_t len;
    uint8_t bytes[STATE_KEY_MAX];
};

/* Reads head, city, role keys and parameters. `txn` is borrowed until state_end or the
 * transaction's end. STORE_BROKEN, or what the store fails with. */
MUST_CHECK enum status state_begin(struct state *state, struct store_txn *txn);

/* The first failure of the store since state_begin. */
enum status state_status(const struct state *state);

/* Keys: begin with the table, then numbers (big-endian, in `bytes` bytes) and byte strings. */
void state_key_begin(struct state_key *key, enum state_table table);
void state_key_number(struct state_key *key, uint64_t number, size_t bytes);
void state_key_bytes(struct state_key *key, const void *bytes, size_t len);
/* Reads a number back from behind `at` bytes of a stored key. */
uint64_t state_key_read(struct span key, size_t at, size_t bytes);
/* Whether a stored key has the length that keys of its table have. */
bool state_key_fits(struct span key);

/* Whether there is a value; fills `out`, which borrows until the next change. */
bool state_get(struct span *out, struct state *state, const struct state_key *key);
void state_put(struct state *state, const struct state_key *key, struct span value);
/* Nothing happens when the pair is not there. */
void state_delete(struct state *state, const struct state_key *key);

/* The same for records with a table of fields. Spans in `record` borrow until the next change. */
bool state_load(void *record, struct state *state, const struct schema *schema,
                const struct state_key *key);
void state_store(struct state *state, const struct state_key *key, const struct schema *schema,
                 const void *record);

/* The same for a plain number. */
bool state_number(uint64_t *out, struct state *state, const struct state_key *key);
void state_set_number(struct state *state, const struct state_key *key, uint64_t number);

/* Writes the head back. */
void state_put_head(struct state *state);

/* Sets the cached city, and the parameters, which are the latest from now on. */
void state_put_city(struct state *state, const struct msg_genesis *genesis);
void state_put_parameters(struct state *state, const struct msg_parameters *parameters,
                          struct span payload, uint64_t index, uint64_t time_unix_s);

/* Writes one key of the cached list of signers back; notes the entry of a kill, to be handed on. */
void state_put_signer(struct state *state, const struct signer_key *signer);
void state_put_kill(struct state *state, uint64_t index);

/* The parameters in force at `t` among the versions up to `version`: the last whose `from` has
 * come. False when there is none. */
bool state_parameters_at(struct msg_parameters *out, struct state *state, uint64_t version,
                         uint64_t t_unix_s);
/* The entry that holds a version. */
bool state_parameters_entry(uint64_t *index, uint64_t *time_unix_s, struct state *state,
                            uint64_t version);

/* A chain of SHA-256 over the pairs of the table in the order of their keys: d = 32 zero bytes,
 * then for each pair d = H(d || length of key || length of value || key || value), lengths in 8
 * bytes. Reads everything. */
MUST_CHECK enum status state_digest(struct digest *out, struct state *state);

#endif
