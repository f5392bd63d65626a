/* Parcels that a test puts together by hand: what a ledger would never send among them. A failure
 * in here ends the program. */
#ifndef SCHWEBE_LETTER_H
#define SCHWEBE_LETTER_H

#include <stddef.h>
#include <stdint.h>

#include "protocol/msg.h"

/* About a megabyte and a half: static memory. */
struct letter {
    struct msg_parcel parcel;
    size_t used;
    uint8_t messages[512 * 1024];
    uint8_t bytes[MSG_PARCEL_MAX];
};

void letter_begin(struct letter *out, enum msg_parcel_kind kind);

/* Adds a message that is signed by `secret`, or bytes as they are. */
void letter_sign(struct letter *letter, const struct schema *schema, const void *object,
                 uint64_t network, const struct secret_key *secret);
void letter_put(struct letter *letter, struct span part);

/* The whole parcel; borrows from the letter. */
struct span letter_end(struct letter *letter);

/* The parts of a parcel, which borrow from its bytes. */
void letter_open(struct msg_parcel *out, struct span bytes);

#endif
