/* What the owner of a purse, a merchant or an auditor asks the node, and its answer. Neither is an
 * entry of the log. Fields: protocol.cddl, by the same names. Included by msg.h. */
#ifndef SCHWEBE_MSG_QUESTION_H
#define SCHWEBE_MSG_QUESTION_H

#include <stddef.h>
#include <stdint.h>

#include "crypt.h"
#include "money.h"
#include "schema.h"

#define MSG_LOTS_SHOWN 64
#define MSG_LINES_SHOWN 16

enum msg_about {
    MSG_ABOUT_PURSE = 1,
    MSG_ABOUT_MERCHANT = 2,
    MSG_ABOUT_ENTRIES = 3,
};

struct msg_question {
    uint64_t network;
    uint64_t about;
    uint8_t purse[16]; /* zero unless about one */
    uint64_t number;   /* the merchant; of a purse the lot to begin with; else 0 */
    uint8_t nonce[8];
    uint64_t time;
};

/* A lot with free cents. */
struct msg_lot_state {
    uint64_t lot;
    uint64_t series;
    struct money free;
    uint64_t expiry;
    uint64_t restriction;
};

/* An allowance that is not closed. */
struct msg_line_state {
    struct kid allowance;
    struct money amount;
    struct money settled;
    uint64_t end;
    uint64_t stopped; /* 1: denied, frozen or lost */
};

struct msg_owed_state {
    uint64_t class;
    struct money owed;
    struct money claims; /* against the merchant, taken off the next payout */
    uint64_t payout;     /* number of the last one */
};

struct msg_account {
    uint64_t network;
    struct digest question; /* message id */
    uint64_t size;          /* of the log */
    uint64_t time;
    size_t lots_count;
    struct msg_lot_state lots[MSG_LOTS_SHOWN];
    uint64_t more; /* 1: there are lots behind these */
    size_t lines_count;
    struct msg_line_state lines[MSG_LINES_SHOWN];
    struct money debt;
    size_t owed_count;
    struct msg_owed_state owed[2];
};

extern const struct schema msg_question_schema;
extern const struct schema msg_lot_state_schema;
extern const struct schema msg_line_state_schema;
extern const struct schema msg_owed_state_schema;
extern const struct schema msg_account_schema;

#endif
