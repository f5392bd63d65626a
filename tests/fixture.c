#include "fixture.h"

#include "ledger/export.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MUST(expression)                                                                           \
    do {                                                                                           \
        const enum status must = (expression);                                                     \
        if (must != STATUS_OK) {                                                                   \
            fprintf(stderr, "fixture: %s:%d: %s: %s\n", __FILE__, __LINE__, #expression,           \
                    status_name(must));                                                            \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

void
fixture_key(struct fixture_key *out, const char *name, uint64_t number)
{
    char text[64];
    struct digest seed;
    const int len = snprintf(text, sizeof text, "%s %llu", name, (unsigned long long)number);

    crypt_hash(&seed, &(struct span){(const uint8_t *)text, (size_t)len}, 1);
    crypt_key_from_seed(&out->secret, &out->key, seed.bytes);
}

/* --- the folder --- */

static void
make_folder(char out[static 64])
{
    /* In memory where that is possible: a commit is a flush of the disk. */
    snprintf(out, 64, "%s", "/dev/shm/schwebe-XXXXXX");
    if (mkdtemp(out) != NULL)
        return;
    snprintf(out, 64, "%s", "/tmp/schwebe-XXXXXX");
    if (mkdtemp(out) == NULL) {
        perror("fixture: mkdtemp");
        abort();
    }
}

static void
remove_folder(const char *folder)
{
    DIR *const dir = opendir(folder);
    struct dirent *entry;
    char path[512];

    if (dir == NULL)
        return;
    while ((entry = readdir(dir)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (unlink(path) != 0)
            remove_folder(path);
    }
    closedir(dir);
    rmdir(folder);
}

#define MAP_BYTES (UINT64_C(1) << 34)
#define BATCH_MAX 1000

static void
open_log(struct fixture_city *city)
{
    char second[128];
    char store[128];

    snprintf(store, sizeof store, "%s/store", city->folder);
    snprintf(second, sizeof second, "%s/checkpoint", city->folder);
    MUST(store_open(&city->store, store, MAP_BYTES));
    MUST(log_open(&city->log, &city->store, second, &city->log_key, &city->roles[8].secret));
    intake_open(&city->intake, &city->log, &city->keys);
}

void
fixture_open(struct fixture_city *city)
{
    char folder[64];

    make_folder(folder);
    fixture_open_in(city, folder);
}

void
fixture_open_in(struct fixture_city *city, const char *folder)
{
    static const char origin[] = FIXTURE_ORIGIN;
    char second[128];
    char store[128];

    memset(city, 0, sizeof *city);
    MUST(crypt_init());
    for (unsigned i = 0; i < 3; i++)
        fixture_key(&city->roots[i], "root", i);
    for (unsigned role = 2; role <= 13; role++)
        fixture_key(&city->roles[role], "role", role);
    city->keys.allowance = city->roles[5].secret;
    city->keys.settlement = city->roles[6].secret;
    city->keys.news = city->roles[7].secret;
    city->moment.time_unix_s = FIXTURE_START;
    MUST(note_key_make(&city->log_key, NOTE_ED25519,
                       (struct span){(const uint8_t *)origin, sizeof origin - 1},
                       &city->roles[8].key));
    snprintf(city->folder, sizeof city->folder, "%s", folder);
    snprintf(store, sizeof store, "%s/store", city->folder);
    snprintf(second, sizeof second, "%s/checkpoint", city->folder);
    MUST(store_create(store));
    MUST(store_open(&city->store, store, MAP_BYTES));
    MUST(log_create(&city->store, second, &city->log_key, &city->roles[8].secret));
    store_close(&city->store);
    open_log(city);
}

void
fixture_reopen(struct fixture_city *city)
{
    log_close(&city->log);
    store_close(&city->store);
    open_log(city);
}

void
fixture_leave(struct fixture_city *city)
{
    log_close(&city->log);
    store_close(&city->store);
}

void
fixture_node(const struct fixture_city *city, struct city *out)
{
    memset(out, 0, sizeof *out);
    snprintf(out->dir, sizeof out->dir, "%s", city->folder);
    out->map_bytes = MAP_BYTES;
    out->keys = city->keys;
    out->checkpoint = city->roles[8].secret;
    MUST(city_reopen(out));
}

static struct apply reader;

static void
begin(struct fixture_city *city, struct store_txn *txn)
{
    MUST(store_begin_read(txn, &city->store));
    MUST(apply_begin(&reader, txn));
}

/* With FIXTURE_EXPORT set every city leaves its log behind in a folder of its own below that one,
 * for the second reader: tests/second/run --log FOLDER. */
static void
leave_log(struct fixture_city *city)
{
    static unsigned number;
    const char *const below = getenv("FIXTURE_EXPORT");
    struct store_txn txn;
    char folder[256];
    uint64_t size;

    if (below == NULL)
        return;
    snprintf(folder, sizeof folder, "%s/%ld-%u", below, (long)getpid(), ++number);
    begin(city, &txn);
    MUST(log_size(&size, &txn));
    if (size > 0)
        MUST(export_write(folder, &txn, &reader.state));
    store_abort(&txn);
}

void
fixture_close(struct fixture_city *city)
{
    leave_log(city);
    log_close(&city->log);
    store_close(&city->store);
    remove_folder(city->folder);
}

void
fixture_later(struct fixture_city *city, uint64_t seconds)
{
    city->moment.time_unix_s += seconds;
}

/* --- submitting --- */

const struct intake_moment *
fixture_moment(struct fixture_city *city)
{
    struct digest seed;

    city->calls++;
    crypt_hash(&seed, &(struct span){(const uint8_t *)&city->calls, sizeof city->calls}, 1);
    memcpy(city->moment.seed, seed.bytes, sizeof city->moment.seed);
    return &city->moment;
}

void
fixture_end_batch(struct fixture_city *city)
{
    if (city->waiting > 0)
        MUST(intake_batch_end(&city->intake));
    city->waiting = 0;
}

enum status
fixture_submit(struct fixture_city *city, enum msg_parcel_kind kind, const struct span *parts,
               size_t count)
{
    size_t len;

    city->parts.kind = (uint64_t)kind;
    city->parts.parts_count = count;
    memcpy(city->parts.parts, parts, count * sizeof *parts);
    MUST(schema_encode(city->parcel, sizeof city->parcel, &len, &msg_parcel_schema, &city->parts));
    if (city->batched) {
        if (city->waiting == BATCH_MAX)
            fixture_end_batch(city);
        if (city->waiting++ == 0)
            MUST(intake_batch_begin(&city->intake, fixture_moment(city)));
        return intake_batch_submit(&city->intake, &city->result, (struct span){city->parcel, len});
    }
    return intake_submit(&city->intake, &city->result, (struct span){city->parcel, len},
                         fixture_moment(city));
}

enum status
fixture_signed(struct fixture_city *city, const struct schema *schema, const void *object,
               const struct fixture_key *first, const struct fixture_key *second)
{
    const struct fixture_key *const keys[] = {first, second};
    struct span parts[2];
    size_t count = 0;

    for (size_t i = 0; i < 2 && keys[i] != NULL; i++) {
        size_t len;

        MUST(msg_sign(city->message[i], sizeof city->message[i], &len, schema, object,
                      FIXTURE_NETWORK, &keys[i]->secret));
        parts[count++] = (struct span){city->message[i], len};
    }
    return fixture_submit(city, MSG_PARCEL_ACT, parts, count);
}

enum status
fixture_act(struct fixture_city *city, const struct schema *schema, const void *object,
            unsigned first, unsigned second)
{
    return fixture_signed(city, schema, object, &city->roles[first],
                          second == 0 ? NULL : &city->roles[second]);
}

static struct span
text(const char *string)
{
    return (struct span){(const uint8_t *)string, strlen(string)};
}

static struct money
cents(uint64_t amount)
{
    struct money money;

    MUST(money_from_cents(&money, amount));
    return money;
}

/* --- the city --- */

void
fixture_genesis(struct fixture_city *city)
{
    struct msg_genesis genesis = {.network = FIXTURE_NETWORK,
                                  .name = text("Wuppertal (Probe)"),
                                  .origin = text(FIXTURE_ORIGIN),
                                  .roots_count = 3,
                                  .time = city->moment.time_unix_s};

    for (unsigned i = 0; i < 3; i++)
        genesis.roots[i] = city->roots[i].key;
    MUST(fixture_signed(city, &msg_genesis_schema, &genesis, &city->roots[0], &city->roots[1]));
    for (unsigned role = 2; role <= 13; role++) {
        const struct msg_role_key key = {.network = FIXTURE_NETWORK,
                                         .role = role,
                                         .key = city->roles[role].key,
                                         .from = city->moment.time_unix_s,
                                         .until = city->moment.time_unix_s + 1000 * FIXTURE_DAY,
                                         .verify_until =
                                             city->moment.time_unix_s + 1100 * FIXTURE_DAY};

        MUST(fixture_signed(city, &msg_role_key_schema, &key, &city->roots[1], &city->roots[2]));
    }
}

void
fixture_parameters(struct msg_parameters *out, uint64_t version, uint64_t from)
{
    *out = (struct msg_parameters){
        .network = FIXTURE_NETWORK,
        .version = version,
        .from = from,
        .open_limits_count = 3,
        .open_limits = {cents(1500), cents(5000), cents(10000)},
        .transfer_limits_count = 3,
        .transfer_limits = {cents(500), cents(2500), cents(2500)},
        .allowance_hours = 168,
        .grace_days = 8,
        .till_classes_count = 3,
        .till_classes = {{cents(50000), 60}, {cents(200000), 250}, {cents(1000000), 1200}},
        .stale_percent = 40,
        .per_allowance = cents(2500),
        .per_allowance_stale = cents(1000),
        .fresh_seconds = 86400,
        .offline_seconds = 604800,
        .anonymous_allowance = cents(500),
        .anonymous_total = cents(5000),
        .proof_total = cents(50000),
        .merchant_fund = cents(30000),
        .line_days = 28,
        .till_refund = cents(10000),
        .offsets_count = 2,
        .offsets = {{1774746000, 7200}, {1792890000, 3600}},
    };
}

enum status
fixture_fund(struct fixture_city *city, uint64_t class, uint64_t purpose, uint64_t series,
             uint64_t amount)
{
    const struct msg_funding funding = {.network = FIXTURE_NETWORK,
                                        .class = class,
                                        .number = ++city->number,
                                        .purpose = purpose,
                                        .series = series,
                                        .amount = cents(amount),
                                        .time = city->moment.time_unix_s};

    return fixture_act(city, &msg_funding_schema, &funding, 3, 0);
}

void
fixture_programmes(struct fixture_city *city)
{
    const uint64_t now = city->moment.time_unix_s;
    const struct msg_series voucher = {.network = FIXTURE_NETWORK,
                                       .series = 1,
                                       .version = 1,
                                       .name = text("Wuppertal-Gutschein"),
                                       .class = 1,
                                       .budget = cents(10000000),
                                       .percent = 20,
                                       .from = now,
                                       .until = now + 365 * FIXTURE_DAY};
    const struct msg_series parking = {.network = FIXTURE_NETWORK,
                                       .series = 2,
                                       .version = 1,
                                       .name = text("Parkguthaben"),
                                       .class = 2,
                                       .budget = cents(1000000),
                                       .percent = 0,
                                       .from = now,
                                       .until = now + 365 * FIXTURE_DAY};

    MUST(fixture_act(city, &msg_series_schema, &voucher, 2, 3));
    MUST(fixture_act(city, &msg_series_schema, &parking, 2, 3));
    MUST(fixture_fund(city, 1, 1, 1, 1000000));
    MUST(fixture_fund(city, 1, 2, 0, 50000));
    MUST(fixture_fund(city, 1, 3, 0, 5000000));
    MUST(fixture_fund(city, 2, 2, 0, 10000));
    MUST(fixture_fund(city, 2, 3, 0, 500000));
}

void
fixture_standard(struct fixture_city *city)
{
    fixture_genesis(city);
    fixture_parameters(&city->parameters, 1, city->moment.time_unix_s);
    MUST(fixture_act(city, &msg_parameters_schema, &city->parameters, 2, 3));
    fixture_programmes(city);
}

void
fixture_merchant(struct fixture_city *city, uint64_t number)
{
    struct fixture_key key;
    struct msg_merchant merchant = {.network = FIXTURE_NETWORK,
                                    .merchant = number,
                                    .name = text("Laden"),
                                    .time = city->moment.time_unix_s};

    fixture_key(&key, "merchant", number);
    merchant.key = key.key;
    MUST(fixture_act(city, &msg_merchant_schema, &merchant, 4, 0));
}

/* --- time --- */

void
fixture_days(struct fixture_city *city, unsigned days)
{
    for (unsigned i = 0; i < days; i++) {
        fixture_later(city, FIXTURE_DAY);
        MUST(intake_service_day(&city->intake, &city->result, fixture_moment(city)));
    }
}

enum status
fixture_close_due(struct fixture_city *city)
{
    return intake_close_due(&city->intake, &city->result, fixture_moment(city));
}

/* --- questions --- */

uint64_t
fixture_balance(struct fixture_city *city, const struct book_account *account)
{
    struct store_txn txn;
    uint64_t amount;

    begin(city, &txn);
    amount = money_cents(book_balance(&reader.state, account));
    store_abort(&txn);
    return amount;
}

uint64_t
fixture_owed(struct fixture_city *city, uint64_t merchant)
{
    const struct book_account account = book_numbered(BOOK_OWED, 1, merchant);

    return fixture_balance(city, &account);
}

uint64_t
fixture_fund_balance(struct fixture_city *city)
{
    const struct book_account account = book_plain(BOOK_FUND, 1);

    return fixture_balance(city, &account);
}

bool
fixture_line(struct fixture_city *city, struct record_line *out, const struct kid *line)
{
    struct store_txn txn;
    bool found;

    begin(city, &txn);
    found = record_line_get(out, &reader.state, line);
    store_abort(&txn);
    return found;
}

bool
fixture_transfer(struct fixture_city *city, struct record_transfer *out, const struct digest *id)
{
    struct store_txn txn;
    bool found;

    begin(city, &txn);
    found = record_transfer_get(out, &reader.state, id);
    store_abort(&txn);
    return found;
}

void
fixture_digest(struct fixture_city *city, struct digest *out)
{
    struct store_txn txn;

    begin(city, &txn);
    MUST(state_digest(out, &reader.state));
    store_abort(&txn);
}

static void
mix(struct digest *digest, const void *bytes, size_t len)
{
    crypt_hash(digest, (const struct span[]){{digest->bytes, DIGEST_SIZE}, {bytes, len}}, 2);
}

static void
mix_transfer(struct digest *digest, const struct digest *id)
{
    struct record_transfer record;

    if (!record_transfer_get(&record, &reader.state, id))
        abort();
    mix(digest, id, sizeof *id);
    mix(digest, &record.outcome, sizeof record.outcome);
    mix(digest, &record.paid, sizeof record.paid);
    mix(digest, &record.refunded, sizeof record.refunded);
}

static void
mix_line(struct digest *digest, const struct kid *id)
{
    struct record_line *const line = &reader.line;

    if (!record_line_get(line, &reader.state, id))
        abort();
    mix(digest, id, sizeof *id);
    mix(digest, &line->cents, sizeof line->cents);
    mix(digest, &line->flags, sizeof line->flags);
    mix(digest, &line->settled, sizeof line->settled);
    mix(digest, &line->refunded, sizeof line->refunded);
    mix(digest, line->intervals, line->interval_count * sizeof line->intervals[0]);
}

void
fixture_essence(struct fixture_city *city, struct digest *out)
{
    struct book_account account;
    struct record_walk walk;
    struct state_key prefix;
    struct store_txn txn;
    struct money balance;
    struct span key;
    struct span value;

    memset(out, 0, sizeof *out);
    memset(&account, 0, sizeof account);
    begin(city, &txn);
    while (book_next(&account, &balance, &reader.state)) {
        const uint64_t amount = money_cents(balance);
        char name[BOOK_NAME_MAX];

        book_name(name, &account);
        mix(out, name, strlen(name));
        mix(out, &amount, sizeof amount);
    }
    state_key_begin(&prefix, STATE_LINE);
    record_walk_begin(&walk, &reader.state, &prefix);
    while (record_walk_next(&walk, &key, &value)) {
        struct kid line;

        memcpy(line.bytes, key.data + 1, KID_SIZE);
        mix_line(out, &line);
    }
    state_key_begin(&prefix, STATE_TRANSFER_ID);
    record_walk_begin(&walk, &reader.state, &prefix);
    while (record_walk_next(&walk, &key, &value)) {
        struct digest id;

        memcpy(id.bytes, key.data + 1, DIGEST_SIZE);
        mix_transfer(out, &id);
    }
    MUST(state_status(&reader.state));
    store_abort(&txn);
}

enum status
fixture_recount(struct fixture_city *city)
{
    struct store_txn txn;
    enum status status;

    begin(city, &txn);
    status = book_recount(&reader.state);
    store_abort(&txn);
    return status;
}

/* --- replay --- */

/* All entries of one store into the state of another, the books recounted after each. */
static enum status
replay_into(struct fixture_city *city, struct store *fresh, struct digest *digest)
{
    static struct apply apply;
    struct merkle_frontier tree = {0};
    struct store_txn from;
    struct store_txn to;
    uint64_t size;
    enum status status = STATUS_OK;

    MUST(store_begin_read(&from, &city->store));
    MUST(log_size(&size, &from));
    MUST(store_begin_write(&to, fresh));
    memset(&apply, 0, sizeof apply);
    MUST(apply_begin(&apply, &to));
    for (uint64_t index = 0; index < size && status == STATUS_OK; index++) {
        struct span entry;
        struct digest leaf;

        MUST(log_read(&entry, &from, index));
        status = apply_entry(&apply, index, entry, &tree);
        if (status == STATUS_OK)
            status = book_recount(&apply.state);
        if (status != STATUS_OK)
            fprintf(stderr, "fixture: entry %llu (%s): %s\n", (unsigned long long)index,
                    apply_kind_name(apply.entry.kind), status_name(status));
        merkle_leaf(&leaf, entry);
        merkle_append(&tree, &leaf);
    }
    if (status == STATUS_OK)
        status = state_digest(digest, &apply.state);
    store_abort(&to);
    store_abort(&from);
    return status;
}

enum status
fixture_replay(struct fixture_city *city)
{
    char folder[128];
    struct digest live;
    struct digest again;
    struct store fresh;
    enum status status;

    snprintf(folder, sizeof folder, "%s/replay", city->folder);
    MUST(store_create(folder));
    MUST(store_open(&fresh, folder, MAP_BYTES));
    status = replay_into(city, &fresh, &again);
    store_close(&fresh);
    remove_folder(folder);
    if (status != STATUS_OK)
        return status;
    fixture_digest(city, &live);
    return memcmp(&live, &again, sizeof live) == 0 ? STATUS_OK : STATUS_STATE_DIGEST;
}
