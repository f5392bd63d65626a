/* merchant/sync and wallet/take: what carriers bring to a till and to a wallet, cut off, changed,
 * put together otherwise. Taken is all of it or nothing, nobody becomes a signer whom the city did
 * not name, and sales are confirmed by an anchor alone. */
#include "letter.h"

#include "merchant/sync.h"
#include "town.h"
#include "wallet/take.h"

#define LETTERS 11
#define STEPS_MAX 6
#define MAP_BYTES (UINT64_C(1) << 30)

static struct town town;
static struct town_till shop;
static struct town_wallet anna;
static struct msg_role_key late_key; /* the one that neither of them knows at first */
static struct letter letters[LETTERS];
static size_t count;

/* Both as they were at the beginning. */
static struct till till_before;
static struct wallet wallet_before;
static char till_files[2][SCRATCH_PATH_MAX];
static char till_copies[2][SCRATCH_PATH_MAX];
static char wallet_files[2][SCRATCH_PATH_MAX];
static char wallet_copies[2][SCRATCH_PATH_MAX];

static void
stop(void)
{
    town_wallet_close(&anna);
    town_till_close(&shop);
    town_close(&town);
}

static void
keep(const char *name, struct span bytes)
{
    EXPECT(count < LETTERS);
    letter_put(&letters[count++], name, bytes);
}

static void
keep_answer(const char *name, enum msg_parcel_kind kind, const uint8_t *asked, size_t len)
{
    static struct msg_parcel parcel;

    EXPECT(schema_decode(&parcel, &msg_parcel_schema, (struct span){asked, len}) == STATUS_OK);
    EXPECT(fixture_submit(&town.city, kind, parcel.parts, parcel.parts_count) == STATUS_OK);
    keep(name, town.city.result.answer);
}

static void
ask_city(const char *name)
{
    struct span bytes;

    EXPECT(intake_city_parcel(&town.city.intake, &bytes) == STATUS_OK);
    keep(name, bytes);
    EXPECT(intake_till_parcel(&town.city.intake, &bytes, 11, town_now(&town)) == STATUS_OK);
    keep(name, bytes);
}

static void
till_letters(void)
{
    static uint8_t upload[LETTER_MAX];
    struct digest id;
    size_t len;
    bool more;

    for (uint64_t i = 0; i < 2; i++) {
        EXPECT(town_sale(&town, &shop, &anna, 1000 + i, &id) == STATUS_OK);
        EXPECT(sync_upload(upload, sizeof upload, &len, &more, &shop.till, town_now(&town)) ==
               STATUS_OK);
        keep_answer("sync", MSG_PARCEL_UPLOAD, upload, len);
    }
}

static void
wallet_letters(void)
{
    static struct ask ask;
    const uint8_t salt[POCKET_SALT_SIZE] = {3};
    const struct kid nonce = {{4}};
    char request[CODE_TEXT_SIZE];
    char code[CODE_TEXT_SIZE];
    struct digest id;

    EXPECT(ask_allowance(&ask, &anna.wallet, &anna.device, (struct money){900}, 0, false, salt,
                         &nonce, town_now(&town)) == STATUS_OK);
    keep_answer("allowance", MSG_PARCEL_ASK, ask.bytes, ask.len);
    EXPECT(town_request(&town, &shop, 1, 300, request) == STATUS_OK);
    EXPECT(town_pay(&town, &anna, request, code, &id) == STATUS_OK);
    EXPECT(ask_statement(&ask, &anna.wallet, &anna.device, &id, 3, town_now(&town)) == STATUS_OK);
    keep_answer("settled", MSG_PARCEL_STATEMENT, ask.bytes, ask.len);
}

/* The id of the wallet's line. */
static struct kid
line_of(struct wallet *wallet)
{
    struct pocket_line line;
    struct store_txn txn;
    struct kid id;

    EXPECT(store_begin_read(&txn, &wallet->store) == STATUS_OK);
    EXPECT(pocket_next_line(&line, &txn, NULL) == STATUS_OK);
    crypt_kid(&id, &line.key);
    store_abort(&txn);
    return id;
}

/* The line is denied, and a role gets a second key. */
static void
news_letters(const struct kid *line)
{
    struct fixture_key key;
    struct span bytes;
    const struct msg_denial denial = {.network = FIXTURE_NETWORK,
                                      .allowance = *line,
                                      .reason = {(const uint8_t *)"Probe", 5},
                                      .time = town_now(&town)};

    fixture_key(&key, "late", 6);
    late_key = (struct msg_role_key){.network = FIXTURE_NETWORK,
                                     .role = 6,
                                     .key = key.key,
                                     .from = town_now(&town) + 20 * FIXTURE_DAY,
                                     .until = town_now(&town) + 90 * FIXTURE_DAY,
                                     .verify_until = town_now(&town) + 120 * FIXTURE_DAY};
    EXPECT(fixture_signed(&town.city, &msg_role_key_schema, &late_key, &town.city.roots[0],
                          &town.city.roots[2]) == STATUS_OK);
    EXPECT(fixture_act(&town.city, &msg_denial_schema, &denial, 4, 13) == STATUS_OK);
    ask_city("city later");
    EXPECT(intake_news_parcel(&town.city.intake, &bytes, 0, town_now(&town)) == STATUS_OK);
    keep("news", bytes);
}

/* The key of the news is killed by two roots. */
static void
kill_letters(void)
{
    const struct msg_kill kill = {.network = FIXTURE_NETWORK,
                                  .key = town.city.roles[SIGNER_NEWS].key,
                                  .role = SIGNER_NEWS,
                                  .reason = {(const uint8_t *)"Probe", 5},
                                  .time = town_now(&town)};

    EXPECT(fixture_signed(&town.city, &msg_kill_schema, &kill, &town.city.roots[0],
                          &town.city.roots[1]) == STATUS_OK);
    ask_city("city with a kill");
}

static void
copy(char to[2][SCRATCH_PATH_MAX], char from[2][SCRATCH_PATH_MAX])
{
    for (size_t i = 0; i < 2; i++)
        EXPECT(scratch_copy(to[i], from[i]));
}

/* The till's key is not opened again, which takes a tenth of a second. */
static void
open_till(void)
{
    char store[SCRATCH_PATH_MAX];

    scratch_path(store, shop.folder, "store");
    shop.till = till_before;
    EXPECT(store_open(&shop.till.store, store, MAP_BYTES) == STATUS_OK);
    EXPECT(log_open(&shop.till.log, &shop.till.store, till_files[1], &shop.till.note_key,
                    &shop.till.secret) == STATUS_OK);
}

static void
restore(void)
{
    log_close(&shop.till.log);
    store_close(&shop.till.store);
    copy(till_files, till_copies);
    open_till();
    wallet_close(&anna.wallet);
    copy(wallet_files, wallet_copies);
    EXPECT(wallet_open(&anna.wallet, anna.folder) == STATUS_OK);
    wallet_before = anna.wallet;
}

static void
save(void)
{
    scratch_path(till_files[0], shop.folder, "store/data.mdb");
    scratch_path(till_files[1], shop.folder, "checkpoint");
    scratch_path(till_copies[0], shop.folder, "saved.mdb");
    scratch_path(till_copies[1], shop.folder, "saved");
    scratch_path(wallet_files[0], anna.folder, "store/data.mdb");
    scratch_path(wallet_files[1], anna.folder, "mark");
    scratch_path(wallet_copies[0], anna.folder, "saved.mdb");
    scratch_path(wallet_copies[1], anna.folder, "saved");
    log_close(&shop.till.log);
    store_close(&shop.till.store);
    till_before = shop.till;
    copy(till_copies, till_files);
    copy(wallet_copies, wallet_files);
}

static void
start(void)
{
    struct kid line;

    /* Every commit is a flush of the disk. */
    if (getenv("TMPDIR") == NULL)
        (void)setenv("TMPDIR", "/dev/shm", 1);
    town_open(&town);
    town_till(&town, &shop, 11, 1, 1, 0);
    town_wallet(&town, &anna, 1, 8000, 5000);
    EXPECT(atexit(stop) == 0);
    line = line_of(&anna.wallet);
    ask_city("city");
    till_letters();
    wallet_letters();
    news_letters(&line);
    kill_letters();
    save();
    restore();
}

/* All pairs of all tables. */
static void
digest_of(struct digest *out, struct store *store)
{
    struct store_txn txn;

    memset(out, 0, sizeof *out);
    EXPECT(store_begin_read(&txn, store) == STATUS_OK);
    for (unsigned table = 0; table < STORE_TABLES; table++) {
        struct store_cursor cursor;
        struct span key;
        struct span value;

        store_cursor_start(&cursor, &txn, (enum store_table)table, (struct span){NULL, 0});
        while (store_cursor_next(&cursor, &key, &value) == STATUS_OK)
            crypt_hash(out, (const struct span[]){{out->bytes, DIGEST_SIZE}, key, value}, 3);
    }
    store_abort(&txn);
}

/* Nobody signs for the city but those of the beginning and the one who came later. */
static void
check_signers(const struct signer_list *now, const struct signer_list *before)
{
    for (size_t i = 0; i < now->count; i++) {
        const struct signer_key *key = &now->keys[i];
        const struct signer_key *known = signer_known(before, key->role, &key->key);

        if (known == NULL)
            EXPECT(key->role == SIGNER_SETTLEMENT && key->until == late_key.until &&
                   memcmp(&key->key, &late_key.key, sizeof key->key) == 0);
        else
            EXPECT(known->from == key->from && known->until == key->until &&
                   (!key->killed || key->role == SIGNER_NEWS));
    }
    EXPECT(now->count >= before->count && now->count <= before->count + 1);
}

/* In whatever order. */
static bool
same_signers(const struct signer_list *a, const struct signer_list *b)
{
    bool same = a->count == b->count;

    for (size_t i = 0; i < a->count && same; i++) {
        const struct signer_key *key = &a->keys[i];
        const struct signer_key *other = signer_known(b, key->role, &key->key);

        same = other != NULL && key->killed == other->killed && key->from == other->from &&
               key->until == other->until && key->verify_until == other->verify_until;
    }
    return same;
}

static void
to_till(struct span parcel)
{
    static struct signer_list signers;
    const uint8_t seed[32] = {5};
    const size_t unconfirmed = shop.till.tally.count;
    const struct drawer_meta meta = shop.till.meta;
    const uint64_t version = shop.till.denied.version;
    struct digest before;
    struct digest after;
    struct sync_result result;
    enum status status;

    signers = shop.till.signers;
    digest_of(&before, &shop.till.store);
    status = sync_take(&result, &shop.till, parcel, seed, town_now(&town));
    digest_of(&after, &shop.till.store);
    EXPECT(status != STATUS_STORE_BROKEN);
    check_signers(&shop.till.signers, &till_before.signers);
    EXPECT(shop.till.denied.version >= version && shop.till.denied.count <= 1);
    if (status != STATUS_OK) {
        EXPECT(memcmp(&before, &after, sizeof after) == 0);
        EXPECT(memcmp(&meta, &shop.till.meta, sizeof meta) == 0);
        EXPECT(same_signers(&signers, &shop.till.signers));
        EXPECT(shop.till.tally.count == unconfirmed && shop.till.denied.version == version);
        return;
    }
    EXPECT(shop.till.tally.count == unconfirmed || result.anchored);
    EXPECT(shop.till.meta.anchor_size <= shop.till.log.size);
}

static void
to_wallet(struct span parcel)
{
    static struct signer_list signers;
    const struct pocket_meta meta = anna.wallet.meta;
    struct digest before;
    struct digest after;
    struct take_result result;
    enum status status;

    signers = anna.wallet.signers;
    digest_of(&before, &anna.wallet.store);
    status = take_parcel(&result, &anna.wallet, parcel, town_now(&town));
    digest_of(&after, &anna.wallet.store);
    EXPECT(status != STATUS_STORE_BROKEN);
    check_signers(&anna.wallet.signers, &wallet_before.signers);
    if (status == STATUS_OK) {
        EXPECT(!result.allowance || money_cents(result.amount) == 900);
        return;
    }
    EXPECT(fuzz_all(&result, sizeof result, 0));
    EXPECT(memcmp(&before, &after, sizeof after) == 0);
    EXPECT(memcmp(&meta, &anna.wallet.meta, sizeof meta) == 0);
    EXPECT(same_signers(&signers, &anna.wallet.signers));
}

static void
step(struct span *in)
{
    static uint8_t bytes[2 * LETTER_MAX];
    const uint8_t choice = fuzz_byte(in);
    const struct letter *letter = &letters[choice / 8 % count];
    struct span parcel = {letter->bytes, letter->len};

    if (choice % 4 == 0)
        parcel = letter_flip(bytes, letter, in);
    else if (choice % 4 == 1)
        parcel = letter_shuffle(bytes, letter, &letters[fuzz_byte(in) % count], in);
    if (choice % 8 < 4)
        to_till(parcel);
    else
        to_wallet(parcel);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span in = {data, size};

    if (count == 0)
        start();
    else
        restore();
    for (unsigned steps = 0; steps < STEPS_MAX && in.len > 0; steps++)
        step(&in);
    return 0;
}

static size_t
make(uint8_t *out, uint64_t *random)
{
    const size_t len = 1 + (size_t)forge_below(random, 16);

    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)forge_random(random);
    return len;
}

FUZZ_MAKER(make)
