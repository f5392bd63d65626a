/* What a purse signs: itself, its devices, requests and statements.
 * Fields: protocol.cddl, by the same names. Included by msg.h. */
#ifndef SCHWEBE_MSG_PURSE_H
#define SCHWEBE_MSG_PURSE_H

#include <stddef.h>
#include <stdint.h>

#include "crypt.h"
#include "money.h"
#include "msg_city.h"
#include "schema.h"
#include "span.h"

struct msg_purse {
    uint64_t network;
    uint8_t purse[16];
    uint64_t class;
    uint64_t tier;
    struct public_key recovery;
    struct public_key device;
    struct money daily_limit;
    uint64_t time;
};

struct msg_device {
    uint64_t network;
    uint8_t purse[16];
    struct public_key device;
    uint64_t action;
    struct money daily_limit;
    uint64_t number;
    uint64_t time;
};

struct msg_allowance_request {
    uint64_t network;
    uint8_t purse[16];
    struct public_key key;
    struct money amount;
    uint64_t restriction;
    uint64_t online;
    uint8_t nonce[8];
    uint64_t time;
};

struct msg_renewal_request {
    uint64_t network;
    uint8_t purse[16];
    struct kid allowance;
    struct money amount;
    uint8_t nonce[8];
    uint64_t time;
};

struct msg_gift {
    uint64_t network;
    uint8_t purse[16];
    uint64_t lot;
    uint8_t to[16];
    uint8_t nonce[8];
    uint64_t time;
};

struct msg_loss_report {
    uint64_t network;
    uint8_t purse[16];
    struct kid allowance;
    uint8_t nonce[8];
    uint64_t time;
};

struct msg_statement {
    uint64_t network;
    uint8_t purse[16];
    struct digest transfer;
    uint64_t claim;
    uint64_t time;
};

extern const struct schema msg_purse_schema;
extern const struct schema msg_device_schema;
extern const struct schema msg_allowance_request_schema;
extern const struct schema msg_renewal_request_schema;
extern const struct schema msg_gift_schema;
extern const struct schema msg_loss_report_schema;
extern const struct schema msg_statement_schema;

#endif
