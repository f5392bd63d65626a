/* A payment: allowance, request, transfer, receipt, what follows, and the compact codes.
 * Fields: protocol.cddl, by the same names. Included by msg.h. */
#ifndef SCHWEBE_MSG_PAYMENT_H
#define SCHWEBE_MSG_PAYMENT_H

#include <stddef.h>
#include <stdint.h>

#include "crypt.h"
#include "money.h"
#include "msg_city.h"
#include "schema.h"
#include "span.h"

struct msg_allowance {
    uint64_t network;
    struct public_key key;
    uint64_t class;
    uint64_t tier;
    struct money amount;
    struct money limit;
    uint64_t from;
    uint64_t hours;
    uint64_t restriction;
    uint64_t online;
};

struct msg_request {
    uint64_t network;
    uint64_t till;
    uint64_t class;
    struct money amount;
    uint8_t nonce[8];
    uint64_t number;
    uint64_t time;
    uint64_t seconds;
    uint64_t partial;
};

struct msg_transfer {
    uint64_t payee;
    uint64_t from;
    uint64_t to;
    uint64_t seq;
    uint8_t prev[16];
};

struct msg_receipt {
    uint64_t till;
    struct digest transfer;
    uint64_t time;
    uint64_t index;
};

struct msg_void {
    uint64_t till;
    struct digest transfer;
    uint64_t time;
};

struct msg_refund {
    uint64_t till;
    struct digest transfer;
    struct money amount;
    uint64_t number;
    uint64_t time;
};

struct msg_settlement_proof {
    uint64_t network;
    struct digest transfer;
    uint64_t till;
    struct digest request;
    struct money amount;
    uint64_t class;
    uint64_t time;
    uint64_t index;
};

struct msg_anchor {
    uint64_t network;
    uint64_t till;
    uint64_t time;
    uint64_t news;
    struct digest news_hash;
    uint64_t parameters;
    uint64_t size;
    struct digest root;
};

struct msg_news {
    uint64_t network;
    uint64_t from;
    uint64_t to;
    size_t added_count;
    struct kid added[25];
    size_t removed_count;
    struct kid removed[25];
    struct digest hash;
    uint64_t time;
};

struct msg_upload {
    uint64_t network;
    uint64_t till;
    uint64_t first;
    size_t items_count;
    struct digest items[512];
    struct digest root;
    uint64_t time;
};

struct msg_ack {
    uint64_t network;
    struct digest upload;
    uint64_t till;
    uint64_t index;
    uint64_t size;
    struct span results;
    uint64_t time;
};

struct msg_payment_code {
    uint64_t network;
    struct public_key key;
    uint64_t class;
    uint64_t tier;
    struct money amount;
    struct money limit;
    uint64_t valid_from;
    uint64_t hours;
    uint64_t restriction;
    uint64_t online;
    struct kid issuer;
    struct signature allowance_signature;
    uint64_t payee;
    uint64_t from;
    uint64_t to;
    uint64_t seq;
    uint8_t prev[16];
    struct signature transfer_signature;
};

struct msg_request_code {
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
    struct kid issuer;
    struct signature till_signature;
    uint64_t class;
    struct money amount;
    struct span nonce;
    uint64_t number;
    uint64_t time;
    uint64_t seconds;
    uint64_t partial;
    struct signature request_signature;
};

extern const struct schema msg_allowance_schema;
extern const struct schema msg_request_schema;
extern const struct schema msg_transfer_schema;
extern const struct schema msg_receipt_schema;
extern const struct schema msg_void_schema;
extern const struct schema msg_refund_schema;
extern const struct schema msg_settlement_proof_schema;
extern const struct schema msg_anchor_schema;
extern const struct schema msg_news_schema;
extern const struct schema msg_upload_schema;
extern const struct schema msg_ack_schema;
extern const struct schema msg_payment_code_schema;
extern const struct schema msg_request_code_schema;

#endif
