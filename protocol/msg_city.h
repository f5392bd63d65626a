/* What the city signs: acts of two roles, of one role, and till certificates.
 * Fields: protocol.cddl, by the same names. Included by msg.h. */
#ifndef SCHWEBE_MSG_CITY_H
#define SCHWEBE_MSG_CITY_H

#include <stddef.h>
#include <stdint.h>

#include "crypt.h"
#include "money.h"
#include "schema.h"
#include "span.h"

/* Cents on one line at most. */
#define MSG_LINE_CENTS_MAX 10000

struct msg_genesis {
    uint64_t network;
    struct span name;
    struct span origin;
    size_t roots_count;
    struct public_key roots[3];
    uint64_t time;
};

struct msg_role_key {
    uint64_t network;
    uint64_t role;
    struct public_key key;
    uint64_t from;
    uint64_t until;
    uint64_t verify_until;
};

struct msg_kill {
    uint64_t network;
    struct public_key key;
    uint64_t role;
    struct span reason;
    uint64_t time;
};

struct msg_till_class {
    struct money limit;
    uint64_t count;
};

struct msg_offset {
    uint64_t at;
    uint64_t east;
};

struct msg_parameters {
    uint64_t network;
    uint64_t version;
    uint64_t from;
    size_t open_limits_count;
    struct money open_limits[3];
    size_t transfer_limits_count;
    struct money transfer_limits[3];
    uint64_t allowance_hours;
    uint64_t grace_days;
    size_t till_classes_count;
    struct msg_till_class till_classes[3];
    uint64_t stale_percent;
    struct money per_allowance;
    struct money per_allowance_stale;
    uint64_t fresh_seconds;
    uint64_t offline_seconds;
    struct money anonymous_allowance;
    struct money anonymous_total;
    struct money proof_total;
    struct money merchant_fund;
    uint64_t line_days;
    struct money till_refund;
    size_t offsets_count;
    struct msg_offset offsets[64];
};

struct msg_series {
    uint64_t network;
    uint64_t series;
    uint64_t version;
    struct span name;
    uint64_t class;
    struct money budget;
    uint64_t percent;
    uint64_t restriction;
    uint64_t from;
    uint64_t until;
};

struct msg_merchant {
    uint64_t network;
    uint64_t merchant;
    struct span name;
    struct public_key key;
    struct digest account;
    uint64_t time;
};

struct msg_till {
    uint64_t network;
    uint64_t till;
    uint64_t merchant;
    struct public_key key;
    struct span title;
    uint64_t level;
    struct money limit;
    uint64_t count;
    uint64_t classes;
    size_t restrictions_count;
    uint64_t restrictions[4];
    uint64_t from;
    uint64_t until;
};

struct msg_revocation {
    uint64_t network;
    uint64_t till;
    uint64_t size;
    uint64_t time;
};

struct msg_funding {
    uint64_t network;
    uint64_t class;
    uint64_t number;
    uint64_t purpose;
    uint64_t series;
    struct money amount;
    struct digest reference;
    uint64_t time;
};

struct msg_issue {
    uint64_t network;
    uint64_t series;
    uint64_t number;
    uint8_t purse[16];
    struct money paid;
    struct money promo;
    uint64_t paid_expiry;
    uint64_t promo_expiry;
    uint64_t time;
};

struct msg_hold {
    uint64_t network;
    uint64_t number;
    uint64_t action;
    struct span reason;
    uint64_t time;
};

struct msg_denial {
    uint64_t network;
    struct kid allowance;
    struct span reason;
    uint64_t time;
};

struct msg_review {
    uint64_t network;
    struct digest transfer;
    uint64_t decision;
    struct span reason;
    uint64_t time;
};

struct msg_payout {
    uint64_t network;
    uint64_t merchant;
    uint64_t class;
    uint64_t number;
    struct money amount;
    uint64_t time;
};

extern const struct schema msg_genesis_schema;
extern const struct schema msg_role_key_schema;
extern const struct schema msg_kill_schema;
extern const struct schema msg_till_class_schema;
extern const struct schema msg_offset_schema;
extern const struct schema msg_parameters_schema;
extern const struct schema msg_series_schema;
extern const struct schema msg_merchant_schema;
extern const struct schema msg_till_schema;
extern const struct schema msg_revocation_schema;
extern const struct schema msg_funding_schema;
extern const struct schema msg_issue_schema;
extern const struct schema msg_hold_schema;
extern const struct schema msg_denial_schema;
extern const struct schema msg_review_schema;
extern const struct schema msg_payout_schema;

#endif
