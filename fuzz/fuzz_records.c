/* The records of ledger, till and wallet with damage in them: every reader answers with a status,
 * and only a sound store is read to the end. Nothing is committed. The first byte chooses whose
 * store it is. */
#include "fuzz.h"

#include "merchant/drawer.h"
#include "town.h"
#include "wallet/pocket.h"

#define OWNERS 3
#define PAIRS_MAX 512
#define VALUE_MAX 40000
#define EDITS_MAX 3
#define READ_MAX 200

struct pair {
    enum store_table table;
    size_t key_len;
    uint8_t key[STORE_KEY_MAX];
};

static struct town town;
static struct town_till shop;
static struct town_wallet anna;
static struct store *stores[OWNERS];
static struct pair pairs[OWNERS][PAIRS_MAX];
static size_t counts[OWNERS];
static struct signer_list signers;

static void
stop(void)
{
    town_wallet_close(&anna);
    town_till_close(&shop);
    town_close(&town);
}

static void
list(size_t owner, enum store_table table)
{
    struct store_cursor cursor;
    struct store_txn txn;
    struct span key;
    struct span value;

    EXPECT(store_begin_read(&txn, stores[owner]) == STATUS_OK);
    store_cursor_start(&cursor, &txn, table, (struct span){NULL, 0});
    while (store_cursor_next(&cursor, &key, &value) == STATUS_OK) {
        struct pair *pair = &pairs[owner][counts[owner]++];

        EXPECT(counts[owner] <= PAIRS_MAX && value.len < VALUE_MAX);
        pair->table = table;
        pair->key_len = key.len;
        memcpy(pair->key, key.data, key.len);
    }
    store_abort(&txn);
}

static void
start(void)
{
    struct digest id;

    /* Every commit is a flush of the disk. */
    if (getenv("TMPDIR") == NULL)
        (void)setenv("TMPDIR", "/dev/shm", 1);
    town_open(&town);
    town_till(&town, &shop, 11, 1, 1, 0);
    town_wallet(&town, &anna, 1, 8000, 5000);
    EXPECT(atexit(stop) == 0);
    EXPECT(town_sale(&town, &shop, &anna, 1000, &id) == STATUS_OK);
    EXPECT(town_sync(&town, &shop) == STATUS_OK);
    EXPECT(town_sale(&town, &shop, &anna, 500, &id) == STATUS_OK);
    stores[0] = &town.city.store;
    stores[1] = &shop.till.store;
    stores[2] = &anna.wallet.store;
    for (size_t i = 0; i < OWNERS; i++) {
        list(i, STORE_STATE);
        list(i, STORE_SIDE);
    }
}

static bool
read_ledger(struct store_txn *txn)
{
    static struct apply apply;
    struct record_walk walk;
    struct state_key prefix;
    struct span key;
    struct span value;
    struct msg_parameters parameters;
    bool good = apply_begin(&apply, txn) == STATUS_OK;

    if (!good)
        return false;
    good = book_recount(&apply.state) == STATUS_OK && good;
    good = state_parameters_at(&parameters, &apply.state, 1, town_now(&town)) && good;
    state_key_begin(&prefix, STATE_LINE);
    record_walk_begin(&walk, &apply.state, &prefix);
    while (record_walk_next(&walk, &key, &value)) {
        struct kid line = {{0}};

        if (key.len == 1 + KID_SIZE)
            memcpy(line.bytes, key.data + 1, KID_SIZE);
        good = record_line_get(&apply.line, &apply.state, &line) && good;
    }
    good = record_till_get(&apply.till, &apply.state, 11) && good;
    return state_status(&apply.state) == STATUS_OK && good;
}

/* A walk ends: at its end, or with a failure. */
static bool
read_sales(struct store_txn *txn)
{
    struct drawer_sale sale;
    uint64_t last = 0;
    enum status status = drawer_next_sale(&sale, txn, false, NULL);

    for (unsigned i = 0; status == STATUS_OK && i < READ_MAX; i++) {
        struct drawer_sale same;

        if (drawer_get_sale(&same, txn, &sale.transfer) != STATUS_OK)
            return false;
        last = sale.index;
        status = drawer_next_sale(&sale, txn, false, &last);
    }
    return status == STATUS_NOT_FOUND;
}

static bool
read_till(struct store_txn *txn)
{
    static struct kid ids[DRAWER_DENIED_MAX];
    struct denylist list = {.ids = ids, .cap = DRAWER_DENIED_MAX};
    struct drawer_meta meta;
    struct drawer_request request;
    struct span bytes;
    uint64_t version;
    bool good = drawer_get_meta(&meta, txn) == STATUS_OK;

    good = drawer_get_request(&request, txn, 0) == STATUS_OK && good;
    good = drawer_next_parameters(&version, &bytes, txn, 0) == STATUS_OK && good;
    if (drawer_get_denied(&list, txn) == STATUS_OK)
        EXPECT(list.count <= DRAWER_DENIED_MAX && list.early_count <= DENYLIST_EARLY_MAX);
    else
        good = false;
    good = drawer_get_signers(&signers, txn) == STATUS_OK && good;
    return read_sales(txn) && good;
}

static bool
read_wallet(struct store_txn *txn)
{
    struct pocket_meta meta;
    struct pocket_line line;
    struct pocket_payment payment;
    bool good = pocket_get_meta(&meta, txn) == STATUS_OK;

    good = pocket_next_line(&line, txn, NULL) == STATUS_OK && good;
    for (uint64_t i = 0; i < 2; i++)
        good = pocket_nth_payment(&payment, txn, i) == STATUS_OK && good;
    return pocket_get_signers(&signers, txn) == STATUS_OK && good;
}

/* Flips a byte, cuts off or appends to one value. */
static void
edit(struct store_txn *txn, size_t owner, struct span *in)
{
    static uint8_t bytes[VALUE_MAX + 1];
    const struct pair *pair = &pairs[owner][fuzz_number(in, 2) % counts[owner]];
    const struct span key = {pair->key, pair->key_len};
    const uint8_t how = fuzz_byte(in);
    const uint64_t at = fuzz_number(in, 2);
    struct span value;

    if (store_get(&value, txn, pair->table, key) != STATUS_OK)
        return;
    memcpy(bytes, value.data, value.len);
    bytes[value.len] = (uint8_t)at;
    if (how == 0)
        value.len = (size_t)(at % (value.len + 1));
    else if (how == 1)
        value.len++;
    else if (value.len > 0)
        bytes[at % value.len] ^= how;
    value.data = bytes;
    EXPECT(store_put(txn, pair->table, key, value) == STATUS_OK);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool (*const readers[OWNERS])(struct store_txn *) = {read_ledger, read_till,
                                                                read_wallet};
    struct span in = {data, size};
    struct store_txn txn;
    bool good;

    if (stores[0] == NULL)
        start();
    const size_t owner = fuzz_byte(&in) % OWNERS;
    const bool untouched = in.len == 0;

    EXPECT(store_begin_write(&txn, stores[owner]) == STATUS_OK);
    for (unsigned i = 0; i < EDITS_MAX && in.len > 0; i++)
        edit(&txn, owner, &in);
    good = readers[owner](&txn);
    EXPECT(good || !untouched);
    store_abort(&txn);
    return 0;
}

static size_t
make(uint8_t *out, uint64_t *random)
{
    const size_t len = 1 + 5 * (size_t)forge_below(random, EDITS_MAX + 1);

    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)forge_random(random);
    return len;
}

FUZZ_MAKER(make)
