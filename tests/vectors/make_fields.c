/* Payloads of the messages of a payment, field by field from protocol.cddl. */
#include "make.h"

#include <string.h>

void
make_allowance_payload(struct hand *out, const struct make_allowance *f)
{
    out->len = 0;
    hand_head(out, HAND_MAP, 9u + (f->restriction != 0) + (f->online != 0));
    hand_pair_uint(out, 0, 19);
    hand_pair_uint(out, 1, f->network);
    hand_pair_bytes(out, 2, f->key.bytes, 32);
    hand_pair_uint(out, 3, f->class);
    hand_pair_uint(out, 4, f->tier);
    hand_pair_uint(out, 5, f->amount);
    hand_pair_uint(out, 6, f->limit);
    hand_pair_uint(out, 7, f->from);
    hand_pair_uint(out, 8, f->hours);
    if (f->restriction != 0)
        hand_pair_uint(out, 9, f->restriction);
    if (f->online != 0)
        hand_pair_uint(out, 10, f->online);
}

void
make_transfer_payload(struct hand *out, const struct make_transfer *f)
{
    out->len = 0;
    hand_head(out, HAND_MAP, 6);
    hand_pair_uint(out, 0, 21);
    hand_pair_uint(out, 1, f->payee);
    hand_pair_uint(out, 2, f->from);
    hand_pair_uint(out, 3, f->to);
    hand_pair_uint(out, 4, f->seq);
    hand_pair_bytes(out, 5, f->prev, 16);
}

void
make_request_payload(struct hand *out, const struct make_request *f)
{
    static const uint8_t none[8];
    const unsigned nonce = memcmp(f->nonce, none, sizeof none) != 0;

    out->len = 0;
    hand_head(out, HAND_MAP, 6u + (f->amount != 0) + nonce + (f->seconds != 0) + (f->partial != 0));
    hand_pair_uint(out, 0, 20);
    hand_pair_uint(out, 1, f->network);
    hand_pair_uint(out, 2, f->till);
    hand_pair_uint(out, 3, f->class);
    if (f->amount != 0)
        hand_pair_uint(out, 4, f->amount);
    if (nonce)
        hand_pair_bytes(out, 5, f->nonce, 8);
    hand_pair_uint(out, 6, f->number);
    hand_pair_uint(out, 7, f->time);
    if (f->seconds != 0)
        hand_pair_uint(out, 8, f->seconds);
    if (f->partial != 0)
        hand_pair_uint(out, 9, f->partial);
}

void
make_till_payload(struct hand *out, const struct make_till *f)
{
    out->len = 0;
    hand_head(out, HAND_MAP, 13);
    hand_pair_uint(out, 0, 7);
    hand_pair_uint(out, 1, f->network);
    hand_pair_uint(out, 2, f->till);
    hand_pair_uint(out, 3, f->merchant);
    hand_pair_bytes(out, 4, f->key.bytes, 32);
    hand_pair_text(out, 5, f->title);
    hand_pair_uint(out, 6, f->level);
    hand_pair_uint(out, 7, f->limit);
    hand_pair_uint(out, 8, f->count);
    hand_pair_uint(out, 9, f->classes);
    hand_uint(out, 10);
    hand_head(out, HAND_ARRAY, f->restrictions_count);
    for (unsigned i = 0; i < f->restrictions_count; i++)
        hand_uint(out, f->restrictions[i]);
    hand_pair_uint(out, 11, f->from);
    hand_pair_uint(out, 12, f->until);
}

/* All of them; what no vector changes is as in the city's plan. */
void
make_parameters_payload(struct hand *out, const struct make_parameters *f)
{
    out->len = 0;
    hand_head(out, HAND_MAP, 21);
    hand_pair_uint(out, 0, 4);
    hand_pair_uint(out, 1, MAKE_NETWORK);
    hand_pair_uint(out, 2, 3);
    hand_pair_uint(out, 3, MAKE_NOW - 8000000);
    hand_hex(out, "04 83 1905dc 191388 192710"); /* 1500, 5000, 10000 */
    hand_hex(out, "05 83 1901f4 1909c4 1909c4"); /* 500, 2500, 2500 */
    hand_pair_uint(out, 6, 168);
    hand_pair_uint(out, 7, 8);
    /* [50000, 60], [200000, 250], [1000000, 1200] */
    hand_hex(out, "08 83 82 19c350 183c 82 1a00030d40 18fa 82 1a000f4240 1904b0");
    hand_pair_uint(out, 9, f->stale_percent);
    hand_pair_uint(out, 10, f->per_allowance);
    hand_pair_uint(out, 11, f->per_allowance_stale);
    hand_pair_uint(out, 12, f->fresh_seconds);
    hand_pair_uint(out, 13, f->offline_seconds);
    hand_pair_uint(out, 14, f->anonymous_allowance);
    hand_pair_uint(out, 15, f->anonymous_total);
    hand_pair_uint(out, 16, 50000);
    hand_pair_uint(out, 17, 30000);
    hand_pair_uint(out, 18, 28);
    hand_pair_uint(out, 19, 20000);
    hand_hex(out, "14 82 82 1a69cc6900 191c20 82 1a6ac5f110 190e10");
}

void
make_signed(struct hand *out, struct digest *id, const struct forge_key *key, uint64_t network,
            uint64_t type, const struct hand *payload)
{
    static struct hand aad;

    hand_aad(&aad, network, type);
    hand_sign(out, id, key, &aad, payload);
}

void
make_signed_transfer(struct hand *out, struct digest *id, const struct forge_key *key,
                     uint64_t network, const struct digest *request,
                     const struct make_transfer *fields)
{
    static struct hand payload;
    static struct hand aad;
    struct digest thumbprint;

    crypt_thumbprint(&thumbprint, &key->key);
    make_transfer_payload(&payload, fields);
    hand_aad_transfer(&aad, network, &thumbprint, request, fields->payee);
    hand_sign(out, id, key, &aad, &payload);
}

/* The kid and the signature of an envelope, by their place in it. */
static const uint8_t *
kid_of(const struct hand *cose)
{
    return cose->data + 8;
}

static const uint8_t *
signature_of(const struct hand *cose)
{
    return cose->data + cose->len - 64;
}

void
make_payment_array(struct hand *out, const struct make_allowance *a,
                   const struct hand *allowance_cose, const struct make_transfer *t,
                   const struct hand *transfer_cose)
{
    out->len = 0;
    hand_head(out, HAND_ARRAY, 18);
    hand_uint(out, a->network);
    hand_bytes(out, a->key.bytes, 32);
    hand_uint(out, a->class);
    hand_uint(out, a->tier);
    hand_uint(out, a->amount);
    hand_uint(out, a->limit);
    hand_uint(out, a->from);
    hand_uint(out, a->hours);
    hand_uint(out, a->restriction);
    hand_uint(out, a->online);
    hand_bytes(out, kid_of(allowance_cose), 8);
    hand_bytes(out, signature_of(allowance_cose), 64);
    hand_uint(out, t->payee);
    hand_uint(out, t->from);
    hand_uint(out, t->to);
    hand_uint(out, t->seq);
    hand_bytes(out, t->prev, 16);
    hand_bytes(out, signature_of(transfer_cose), 64);
}
