/* Vectors of `evidence` and `news`: what denies a line, and how a till hears of it. */
#include "make.h"

#include <string.h>

static struct hand payload;

/* --- evidence ----------------------------------------------------------------------------------
 */

static struct forge_key issuer, issuer_2, wallet, stranger;
static struct make_allowance allowance;
static struct make_transfer a, b;
static struct digest request_a, request_b;
static struct hand allowance_cose, first, second;
static uint64_t network;

static void
sign_both(void)
{
    make_allowance_payload(&payload, &allowance);
    make_signed(&allowance_cose, NULL, &issuer, allowance.network, 19, &payload);
    make_signed_transfer(&first, NULL, &wallet, MAKE_NETWORK, &request_a, &a);
    make_signed_transfer(&second, NULL, &wallet, MAKE_NETWORK, &request_b, &b);
}

/* [0, 1000) at one till and [500, 1500) at another. */
static void
start(void)
{
    network = MAKE_NETWORK;
    allowance = (struct make_allowance){.key = wallet.key,
                                        .network = MAKE_NETWORK,
                                        .class = 1,
                                        .tier = 2,
                                        .amount = 5000,
                                        .limit = 2500,
                                        .from = MAKE_NOW,
                                        .hours = 168};
    a = (struct make_transfer){.payee = 1, .from = 0, .to = 1000, .seq = 0, .prev = {1}};
    b = (struct make_transfer){.payee = 2, .from = 500, .to = 1500, .seq = 1, .prev = {2}};
    request_a = (struct digest){{1}};
    request_b = (struct digest){{2}};
    sign_both();
}

static void
bundle(const char *name, const char *status, unsigned cause)
{
    out_vector("%s", name);
    out_number("network", network);
    out_enter("keys", '[');
    out_hex(NULL, issuer_2.key.bytes, 32);
    out_hex(NULL, issuer.key.bytes, 32);
    out_leave();
    out_hand("allowance", &allowance_cose);
    out_hand("first", &first);
    out_hex("first_request", request_a.bytes, 32);
    out_hand("second", &second);
    out_hex("second_request", request_b.bytes, 32);
    out_expect(status);
    if (strcmp(status, "OK") == 0)
        out_number("cause", cause);
    out_end();
}

static void
causes(void)
{
    start();
    bundle("overlap", "OK", 1);
    b.seq = 0;
    sign_both();
    bundle("overlap and the same sequence", "OK", 1);
    b.from = 999;
    sign_both();
    bundle("overlap by a cent", "OK", 1);
    b.from = 1000;
    sign_both();
    bundle("the same sequence", "OK", 2);
    b.prev[0] = 1;
    sign_both();
    bundle("the same sequence and predecessor", "OK", 2);
    b.seq = 1;
    sign_both();
    bundle("the same predecessor", "OK", 3);
    b.prev[15] = 1;
    sign_both();
    bundle("an honest wallet", "NO_OVERLAP", 0);
    b = a;
    sign_both();
    bundle("one payload for two requests", "OK", 1);
    b.payee = 2;
    request_b = request_a;
    sign_both();
    bundle("one request id for two payees", "OK", 1);
    start();
    a.from = 0;
    a.to = 5000;
    b.from = 4999;
    b.to = 5000;
    sign_both();
    bundle("inside", "OK", 1);
    start();
    b.from = b.to = 500;
    sign_both();
    bundle("an empty interval inside", "NO_OVERLAP", 0);
    b.from = 700;
    sign_both();
    bundle("an interval from behind", "NO_OVERLAP", 0);
}

static void
no_evidence(void)
{
    start();
    b = a;
    request_b = request_a;
    sign_both();
    bundle("one transfer twice", "NO_OVERLAP", 0);
    start();
    b.to = 5001;
    sign_both();
    bundle("the second beyond the allowance", "AMOUNT_OVER_ALLOWANCE", 0);
    start();
    a.to = 5001;
    sign_both();
    bundle("the first beyond the allowance", "AMOUNT_OVER_ALLOWANCE", 0);
    start();
    make_signed_transfer(&first, NULL, &stranger, MAKE_NETWORK, &request_a, &a);
    bundle("the first by a stranger", "SIGNATURE_BAD", 0);
    start();
    make_signed_transfer(&second, NULL, &stranger, MAKE_NETWORK, &request_b, &b);
    bundle("the second by a stranger", "SIGNATURE_BAD", 0);
    memcpy(second.data + 8, wallet.kid.bytes, 8);
    bundle("the second by a stranger under the wallet's kid", "SIGNATURE_BAD", 0);
    start();
    request_a.bytes[31] = 1;
    bundle("another first request", "SIGNATURE_BAD", 0);
    start();
    request_b.bytes[0] = 1;
    bundle("another second request", "SIGNATURE_BAD", 0);
    start();
    make_signed_transfer(&second, NULL, &wallet, MAKE_NETWORK + 1, &request_b, &b);
    bundle("the second in another network", "SIGNATURE_BAD", 0);
    start();
    make_allowance_payload(&payload, &allowance);
    make_signed(&allowance_cose, NULL, &stranger, MAKE_NETWORK, 19, &payload);
    bundle("an allowance of nobody", "SIGNER_UNKNOWN", 0);
    start();
    allowance_cose.data[allowance_cose.len - 40] ^= 4;
    bundle("an allowance with a bad signature", "SIGNATURE_BAD", 0);
    start();
    network++;
    bundle("another network", "NETWORK", 0);
    start();
    allowance_cose = first;
    bundle("a transfer for the allowance", "CBOR_TYPE", 0);
    start();
    second = allowance_cose;
    bundle("an allowance for a transfer", "CBOR_TYPE", 0);
    start();
    second.len--;
    bundle("the second cut", "CBOR_TRUNCATED", 0);
}

void
make_evidence(void)
{
    forge_key(&issuer, "allowance role");
    forge_key(&issuer_2, "next allowance role");
    forge_key(&wallet, "wallet");
    forge_key(&stranger, "another wallet");
    out_open("evidence", "evidence");
    causes();
    no_evidence();
    out_close();
}

/* --- news --------------------------------------------------------------------------------------
 */

#define IDS_MAX 64

struct ids {
    unsigned count;
    uint8_t first[IDS_MAX]; /* of each id, the others are zero */
};

static struct forge_key news_key;
static struct ids list, after, added, removed, hashed;
static uint64_t version, list_time, from, to, news_time, news_network;

static struct ids
range(unsigned low, unsigned count)
{
    struct ids out = {.count = count};

    for (unsigned i = 0; i < count; i++)
        out.first[i] = (uint8_t)(low + i);
    return out;
}

static struct ids
some(unsigned count, uint8_t x, uint8_t y, uint8_t z)
{
    return (struct ids){.count = count, .first = {x, y, z}};
}

static void
write_ids(const char *key, const struct ids *ids)
{
    out_enter(key, '[');
    for (unsigned i = 0; i < ids->count; i++) {
        const uint8_t id[8] = {ids->first[i]};

        out_hex(NULL, id, sizeof id);
    }
    out_leave();
}

static void
put_ids(struct hand *out, uint64_t key, const struct ids *ids)
{
    hand_uint(out, key);
    hand_head(out, HAND_ARRAY, ids->count);
    for (unsigned i = 0; i < ids->count; i++) {
        const uint8_t id[8] = {ids->first[i]};

        hand_bytes(out, id, sizeof id);
    }
}

static void
hash_ids(struct digest *out, const struct ids *ids)
{
    uint8_t bytes[IDS_MAX * 8] = {0};
    const struct span run = {bytes, ids->count * 8};

    for (unsigned i = 0; i < ids->count; i++)
        bytes[8 * i] = ids->first[i];
    crypt_hash(out, &run, 1);
}

/* Version 5, three lines denied; two more come and one leaves until 8. */
static void
start_news(void)
{
    list = some(3, 10, 20, 30);
    added = some(2, 5, 25, 0);
    removed = some(1, 20, 0, 0);
    after = (struct ids){.count = 4, .first = {5, 10, 25, 30}};
    hashed = after;
    version = 5;
    list_time = MAKE_NOW - 1000;
    from = 5;
    to = 8;
    news_time = MAKE_NOW;
    news_network = MAKE_NETWORK;
}

static void
news(const char *name, const char *status, const struct forge_key *key)
{
    static struct hand cose;
    struct digest hash;

    hash_ids(&hash, &hashed);
    payload.len = 0;
    hand_head(&payload, HAND_MAP, 8);
    hand_pair_uint(&payload, 0, 27);
    hand_pair_uint(&payload, 1, news_network);
    hand_pair_uint(&payload, 2, from);
    hand_pair_uint(&payload, 3, to);
    put_ids(&payload, 4, &added);
    put_ids(&payload, 5, &removed);
    hand_pair_bytes(&payload, 6, hash.bytes, 32);
    hand_pair_uint(&payload, 7, news_time);
    make_signed(&cose, NULL, key, news_network, 27, &payload);
    out_vector("%s", name);
    out_number("network", MAKE_NETWORK);
    out_hex("key", news_key.key.bytes, 32);
    out_number("version", version);
    write_ids("ids", &list);
    out_number("time", list_time);
    out_hand("cose", &cose);
    out_expect(status);
    if (strcmp(status, "OK") == 0) {
        out_number("new_version", to);
        write_ids("new_ids", &after);
    }
    out_end();
}

static void
applied(void)
{
    start_news();
    news("applied", "OK", &news_key);
    from = 0;
    news("from an older version", "OK", &news_key);
    added = some(3, 5, 10, 25);
    news("an added id is there already", "OK", &news_key);
    removed = some(2, 15, 20, 0);
    news("a removed id is not there", "OK", &news_key);
    start_news();
    version = 8;
    list = after;
    news("the same version at a later time", "OK", &news_key);
    from = 8;
    added.count = removed.count = 0;
    news("empty news refreshes", "OK", &news_key);
    list_time = news_time - 1;
    news("a second later", "OK", &news_key);
    start_news();
    list.count = 0;
    version = from = 0;
    to = 25;
    added = after = hashed = range(1, 25);
    removed.count = 0;
    news("25 ids onto nothing", "OK", &news_key);
    list = after;
    removed = added;
    added.count = after.count = hashed.count = 0;
    version = from = 25;
    to = 50;
    news("25 ids off, nothing left", "OK", &news_key);
    start_news();
    list.count = added.count = removed.count = after.count = hashed.count = 0;
    version = from = to = 0;
    news("nothing is denied", "OK", &news_key);
    start_news();
    list_time = news_time + 50;
    news("a newer version with an earlier time", "OK", &news_key);
}

static void
not_applied(void)
{
    start_news();
    version = 9;
    from = 6;
    news("older than the list", "NEWS_OLD", &news_key);
    version = 8;
    list_time = news_time;
    news("the same version and time", "NEWS_OLD", &news_key);
    list_time++;
    news("the same version at an earlier time", "NEWS_OLD", &news_key);
    start_news();
    from = 6;
    news("a gap of one", "NEWS_GAP", &news_key);
    start_news();
    hashed.first[0]++;
    news("another hash", "NEWS_HASH", &news_key);
    start_news();
    list.first[0]++;
    news("another list", "NEWS_HASH", &news_key);
    start_news();
    from = 9;
    news("from above to", "CBOR_RANGE", &news_key);
    start_news();
    added = range(1, 13);
    removed = range(101, 13);
    news("26 ids together", "CBOR_RANGE", &news_key);
    start_news();
    added = range(1, 26);
    news("26 ids added", "CBOR_RANGE", &news_key);
    start_news();
    added = some(2, 25, 5, 0);
    news("not ascending", "CBOR_RANGE", &news_key);
    start_news();
    news_network++;
    news("another network", "NETWORK", &news_key);
    start_news();
    news("another key", "SIGNER_UNKNOWN", &stranger);
    from = 6;
    hashed.first[0]++;
    news("another key before a gap", "SIGNER_UNKNOWN", &stranger);
    news("a gap before another hash", "NEWS_GAP", &news_key);
}

void
make_news(void)
{
    forge_key(&news_key, "news role");
    forge_key(&stranger, "another wallet");
    out_open("news", "news");
    applied();
    not_applied();
    out_close();
}
