/* The typed records of the state. Each has a reader that says whether it is there and a writer;
 * both stick to the state's first failure (ledger/state.h). Amounts on lines are whole cents. */
#ifndef SCHWEBE_RECORD_H
#define SCHWEBE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/line.h"
#include "protocol/msg.h"
#include "protocol/tally.h"
#include "state.h"

#define RECORD_PURSE_SIZE 16
#define RECORD_DEVICES_MAX 8
/* Accepted and unconfirmed transfers of one till that the ledger follows. */
#define RECORD_TALLY_MAX 2400

struct record_series {
    uint64_t version;
    uint64_t class;
    struct money budget;
    uint64_t percent;
    uint64_t restriction;
    uint64_t from;
    uint64_t until;
    struct money issued;
};

struct record_merchant {
    struct public_key key;
    uint64_t index;
};

/* What a till's own log says, as far as the ledger follows it without a gap. */
struct record_till {
    uint64_t till;
    uint64_t merchant;
    struct public_key key;
    uint64_t level;
    struct money limit;
    uint64_t count;
    uint64_t classes;
    size_t restrictions_count;
    uint64_t restrictions[4];
    uint64_t from;
    uint64_t until;
    uint64_t index;   /* entry of its certificate */
    uint64_t revoked; /* 1 when it is */
    uint64_t revoked_size;
    /* The tree of its log: the peaks of `size` leaves, lowest level first. */
    uint64_t size;
    size_t peaks_count;
    struct digest peaks[MERKLE_LEVELS];
    /* The segment since its last anchor. */
    uint64_t entry_time;  /* of its last entry */
    uint64_t anchor_time; /* of the last anchor in its log */
    uint64_t news;        /* version and time of the last news in its log */
    uint64_t news_time;
    uint64_t parameters; /* version */
    uint64_t broken;     /* 1: it broke a rule since that anchor */
    /* The last anchor that the ledger gave it; none when `given` is 0. */
    uint64_t given;
    uint64_t given_news;
    struct digest given_news_hash;
    uint64_t given_parameters;
    uint64_t given_size;
    struct digest given_root;
    uint64_t given_index;
    uint64_t synced; /* entry of the latest of these that is in the till's log */
};

struct record_item {
    struct digest leaf;
    uint64_t outcome;
};

struct record_upload {
    uint64_t index;
    uint64_t till;
    uint64_t size; /* of the till's log without a gap, after it */
    uint64_t time;
    size_t results_len;
    uint8_t results[512];
};

struct record_device {
    struct public_key key;
    struct money daily_limit;
    uint64_t day;       /* UTC */
    struct money asked; /* on that day */
};

struct record_purse {
    uint64_t class;
    uint64_t tier;
    struct public_key recovery;
    uint64_t number; /* of the last device message */
    size_t devices_count;
    struct record_device devices[RECORD_DEVICES_MAX];
};

/* Its free cents are the balance of its account. */
struct record_lot {
    uint64_t series;
    uint64_t class;
    uint64_t restriction;
    uint64_t expiry;
    uint64_t promo;
};

enum record_line_flag {
    RECORD_LINE_FROZEN = 1,
    RECORD_LINE_CLOSED = 2,
    RECORD_LINE_LOST = 4,
    RECORD_LINE_DENIED = 8,
};

struct record_line {
    struct kid id;
    uint8_t purse[RECORD_PURSE_SIZE];
    struct public_key key;
    uint64_t class;
    uint64_t tier;
    uint64_t restriction;
    uint64_t online;
    uint64_t cents; /* A */
    uint64_t flags;
    uint64_t index; /* entry of the latest certificate */
    uint64_t first_from;
    uint64_t end;       /* of the latest certificate */
    uint64_t expiry;    /* earliest of its lots */
    uint64_t lost;      /* ledger time of the loss report */
    uint64_t denied;    /* news version that denied it */
    uint64_t reviews;   /* transfers in review */
    uint64_t refunded;  /* of reserve-paid cents, before close */
    uint64_t fund;      /* F: fund-paid for overlap, net of refunds */
    uint64_t debt;      /* not yet paid back */
    uint64_t forfeited; /* at close, in `forfeits`, less what refunds gave back */
    /* settled cents and intervals, and the parts that cover [0, A) */
    uint64_t settled;
    size_t interval_count;
    struct line_interval intervals[LINE_INTERVALS_MAX];
    size_t part_count;
    struct line_part parts[LINE_PARTS_MAX];
    size_t forfeit_count;
    struct line_part forfeits[LINE_PARTS_MAX];
};

struct record_transfer {
    struct digest id;
    struct kid line;
    uint64_t index;  /* entry that recorded it first; with the line its key */
    uint64_t entry;  /* entry that gave it its present outcome */
    uint64_t source; /* entry whose messages hold transfer and request */
    uint64_t time;   /* ledger time of `entry` */
    uint64_t till;
    uint64_t merchant;
    uint64_t class;
    uint64_t from;
    uint64_t to;
    uint64_t seq;
    uint8_t prev[16];
    uint64_t accepted;  /* the till's time of acceptance, 0 when unknown */
    uint64_t logged;    /* 1 + place in its till's log, 0 when it did not come from there */
    uint64_t outcome;   /* enum line_outcome; LINE_REVERSED is void */
    uint64_t cause;     /* enum line_cause */
    uint64_t statement; /* 1 + entry of a statement that called it off */
    uint64_t proof;     /* 1 when the ledger gave a settlement proof */
    uint64_t paid;      /* cents paid to the merchant; less than to - from when late or claimed */
    uint64_t refunded;
    uint64_t refunds; /* number of the last refund */
    /* The lots of what was paid otherwise than from its interval. */
    size_t part_count;
    struct line_part parts[LINE_PARTS_MAX];
};

/* A refund whose transfer is not there yet: where its item lies. */
struct record_refund {
    uint64_t till;
    uint64_t upload;    /* entry of the upload that brought it */
    uint64_t number;    /* of the item in it */
    uint64_t entry;     /* that holds the item; with the transfer its key */
    struct digest leaf; /* of the item: behind a gap another one can take its place */
};

struct record_news {
    struct kid id;
    uint64_t added;
    struct digest hash;
    uint64_t time; /* of the entry that made the change */
};

bool record_series_get(struct record_series *out, struct state *state, uint64_t series);
void record_series_put(struct state *state, uint64_t series, const struct record_series *in);

bool record_merchant_get(struct record_merchant *out, struct state *state, uint64_t merchant);
void record_merchant_put(struct state *state, uint64_t merchant, const struct record_merchant *in);

bool record_till_get(struct record_till *out, struct state *state, uint64_t till);
void record_till_put(struct state *state, const struct record_till *in);
/* The certificate's fields as a message, without its title. */
void record_till_message(struct msg_till *out, const struct record_till *in);
void record_till_tree(struct merkle_frontier *out, const struct record_till *in);
void record_till_set_tree(struct record_till *till, const struct merkle_frontier *tree);

bool record_item_get(struct record_item *out, struct state *state, uint64_t till, uint64_t index);
void record_item_put(struct state *state, uint64_t till, uint64_t index,
                     const struct record_item *in);

bool record_upload_get(struct record_upload *out, struct state *state, const struct digest *id);
void record_upload_put(struct state *state, const struct digest *id,
                       const struct record_upload *in);

/* Fills the caller's tally; its array holds RECORD_TALLY_MAX. */
void record_tally_get(struct tally *out, struct state *state, uint64_t till);
void record_tally_put(struct state *state, uint64_t till, const struct tally_item *in);
void record_tally_delete(struct state *state, uint64_t till, uint64_t index);

bool record_purse_get(struct record_purse *out, struct state *state,
                      const uint8_t purse[static RECORD_PURSE_SIZE]);
void record_purse_put(struct state *state, const uint8_t purse[static RECORD_PURSE_SIZE],
                      const struct record_purse *in);

bool record_lot_get(struct record_lot *out, struct state *state,
                    const uint8_t purse[static RECORD_PURSE_SIZE], uint64_t lot);
void record_lot_put(struct state *state, const uint8_t purse[static RECORD_PURSE_SIZE],
                    uint64_t lot, const struct record_lot *in);

bool record_line_get(struct record_line *out, struct state *state, const struct kid *line);
void record_line_put(struct state *state, const struct record_line *in);
/* The pure view of a line; borrows its arrays. record_line_update takes changes back. */
void record_line_view(struct line *out, struct record_line *in);
void record_line_update(struct record_line *record, const struct line *line);

bool record_transfer_get(struct record_transfer *out, struct state *state, const struct digest *id);
void record_transfer_put(struct state *state, const struct record_transfer *in);

/* The first refund that waits for a transfer, in the order of the log. */
bool record_refund_first(struct record_refund *out, struct state *state, const struct digest *id);
void record_refund_put(struct state *state, const struct digest *id,
                       const struct record_refund *in);
void record_refund_delete(struct state *state, const struct digest *id,
                          const struct record_refund *in);

bool record_news_get(struct record_news *out, struct state *state, uint64_t version);
void record_news_put(struct state *state, uint64_t version, const struct record_news *in);

/* A walk over the pairs whose keys begin with a prefix. */
struct record_walk {
    struct state *state;
    struct store_cursor cursor;
};
void record_walk_begin(struct record_walk *walk, struct state *state,
                       const struct state_key *prefix);
/* Fills key and value of the next pair; borrows. False at the end or after a failure. */
bool record_walk_next(struct record_walk *walk, struct span *key, struct span *value);
/* The same for the first pair whose key is not less than `from`. */
bool record_walk_seek(struct record_walk *walk, struct span *key, struct span *value,
                      const struct state_key *from);
/* Decodes a value; the state fails with STORE_BROKEN when it does not have this form. */
bool record_walk_decode(void *out, struct record_walk *walk, const struct schema *schema,
                        struct span value);

/* The next lot of a walk over STATE_LOT. */
bool record_lot_next(struct record_lot *out, uint64_t *lot, struct record_walk *walk);

/* The transfers of a line in the order of the log: fills the first whose index is `from` or more.
 * Start with 0, go on with out->index + 1. */
bool record_transfer_next(struct record_transfer *out, struct state *state, const struct kid *line,
                          uint64_t from);

#endif
