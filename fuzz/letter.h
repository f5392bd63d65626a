/* A parcel that somebody sends or carries, and what may become of it on the way. */
#ifndef SCHWEBE_FUZZ_LETTER_H
#define SCHWEBE_FUZZ_LETTER_H

#include "fuzz.h"

#include "protocol/msg.h"

#define LETTER_MAX 16384

struct letter {
    const char *name;
    enum status status; /* what the receiver says to it when it comes at the right time */
    uint64_t kind;      /* enum msg_parcel_kind */
    size_t len;
    uint8_t bytes[LETTER_MAX];
};

static inline void
letter_put(struct letter *letter, const char *name, struct span bytes)
{
    EXPECT(bytes.len > 0 && bytes.len <= sizeof letter->bytes);
    letter->name = name;
    letter->len = bytes.len;
    memcpy(letter->bytes, bytes.data, bytes.len);
}

/* A changed byte, or the beginning only. Fills `out`. */
static inline struct span
letter_flip(uint8_t out[static LETTER_MAX], const struct letter *letter, struct span *in)
{
    const size_t at = (size_t)(fuzz_number(in, 2) % letter->len);
    const uint8_t with = fuzz_byte(in);

    memcpy(out, letter->bytes, letter->len);
    out[at] ^= with;
    return (struct span){out, with == 0 ? at : letter->len};
}

/* A part taken out, doubled, or exchanged for one of another letter; or another kind of parcel.
 * Fills `out`. */
static inline struct span
letter_shuffle(uint8_t out[static 2 * LETTER_MAX], const struct letter *letter,
               const struct letter *other, struct span *in)
{
    static struct msg_parcel parcel;
    static struct msg_parcel donor;
    const uint8_t how = fuzz_byte(in);
    size_t at;
    size_t len = 0;

    EXPECT(schema_decode(&parcel, &msg_parcel_schema, (struct span){letter->bytes, letter->len}) ==
           STATUS_OK);
    EXPECT(schema_decode(&donor, &msg_parcel_schema, (struct span){other->bytes, other->len}) ==
           STATUS_OK);
    at = fuzz_byte(in) % parcel.parts_count;
    switch (how % 4) {
    case 0:
        parcel.parts_count--;
        for (size_t i = at; i < parcel.parts_count; i++)
            parcel.parts[i] = parcel.parts[i + 1];
        break;
    case 1:
        parcel.parts[parcel.parts_count++] = parcel.parts[at];
        break;
    case 2:
        parcel.parts[at] = donor.parts[how / 4 % donor.parts_count];
        break;
    default:
        parcel.kind = how / 4 % 10;
        break;
    }
    if (schema_encode(out, 2 * (size_t)LETTER_MAX, &len, &msg_parcel_schema, &parcel) != STATUS_OK)
        len = 0;
    return (struct span){out, len};
}

#endif
