#include "check.h"
#include "fixture.h"
#include "ledger/tile.h"
#include "protocol/checkpoint.h"
#include "scratch.h"
#include "tamper_case.h"

#include <stdlib.h>
#include <unistd.h>

/* What somebody could do to the files of a city, or to an export, who has no key; and what an
 * operator with all keys cannot hide: an older store, a second history. */

#define MAP_BYTES (UINT64_C(1) << 28)
#define FILE_MAX (1024 * 1024)
#define NO_ENTRY SIZE_MAX

static struct tamper_city *town;
static char root[SCRATCH_PATH_MAX];
static char folder[SCRATCH_PATH_MAX];
static char out[SCRATCH_PATH_MAX];

/* Begins with the log as it is. */
static void
start(void)
{
    town = tamper_case_city();
    tamper_reset(&town->log);
    scratch_make(root);
    scratch_path(folder, root, "city");
    scratch_path(out, root, "export");
}

/* Writes it; what is done to the files comes behind this. */
static void
write_files(void)
{
    tamper_write(&town->log, folder, out);
}

static void
found(const char *name, bool directory, size_t index, enum status status)
{
    tamper_case_expect(name, directory ? folder : out, directory, index, status);
}

static void
end(void)
{
    scratch_remove(root);
}

/* --- the store --- */

/* One change of the first pair whose key begins so; of the last one for NULL. */
static void
change_store(enum store_table table, const uint8_t *key, size_t key_len,
             void (*change)(struct store_txn *txn, struct span key, struct span value))
{
    static uint8_t key_copy[STORE_KEY_MAX];
    static uint8_t value_copy[MSG_ENTRY_MAX];
    char path[SCRATCH_PATH_MAX];
    struct store store;
    struct store_txn txn;
    struct store_cursor cursor;
    struct span found_key;
    struct span value;

    scratch_path(path, folder, "store");
    CHECK_STATUS(store_open(&store, path, MAP_BYTES), STATUS_OK);
    CHECK_STATUS(store_begin_write(&txn, &store), STATUS_OK);
    store_cursor_start(&cursor, &txn, table, (struct span){key, key_len});
    CHECK_STATUS(key == NULL ? store_cursor_last(&cursor, &found_key, &value)
                             : store_cursor_next(&cursor, &found_key, &value),
                 STATUS_OK);
    memcpy(key_copy, found_key.data, found_key.len);
    memcpy(value_copy, value.data, value.len);
    change(&txn, (struct span){key_copy, found_key.len}, (struct span){value_copy, value.len});
    CHECK_STATUS(store_commit(&txn), STATUS_OK);
    store_close(&store);
}

static void
change_entry(size_t index,
             void (*change)(struct store_txn *txn, struct span key, struct span value))
{
    const uint8_t key[8] = {
        [6] = (uint8_t)(index >> 8),
        [7] = (uint8_t)index,
    };

    change_store(STORE_ENTRY, key, sizeof key, change);
}

static void
flip_entry(struct store_txn *txn, struct span key, struct span value)
{
    uint8_t bytes[4096];

    memcpy(bytes, value.data, value.len);
    bytes[value.len / 2] ^= 4;
    CHECK_STATUS(store_put(txn, STORE_ENTRY, key, (struct span){bytes, value.len}), STATUS_OK);
}

static void
remove_entry(struct store_txn *txn, struct span key, struct span value)
{
    (void)value;
    CHECK_STATUS(store_delete(txn, STORE_ENTRY, key), STATUS_OK);
}

static void
repeat_entry(struct store_txn *txn, struct span key, struct span value)
{
    uint8_t next[8];

    memcpy(next, key.data, sizeof next);
    next[7]++;
    CHECK_STATUS(store_put(txn, STORE_ENTRY, (struct span){next, sizeof next}, value), STATUS_OK);
}

TEST(nothing_changed)
{
    start();
    write_files();
    found("nothing", true, NO_ENTRY, STATUS_OK);
    found("nothing", false, NO_ENTRY, STATUS_OK);
    end();
}

TEST(entry_flipped)
{
    start();
    write_files();
    change_entry(town->at[AT_ISSUE], flip_entry);
    found("flipped", true, town->at[AT_ISSUE], STATUS_LOG_ROOT);
    end();
}

/* Each in its turn: the first that does not fit is the one that is named. */
TEST(every_entry_flipped)
{
    start();
    write_files();
    for (size_t i = town->log.count; i-- > 0;) {
        change_entry(i, flip_entry);
        if (i > 0) /* what genesis says is read before the tree is */
            found("every entry", true, i, STATUS_LOG_ROOT);
    }
    end();
}

TEST(entry_removed)
{
    start();
    write_files();
    change_entry(town->at[AT_LOSS], remove_entry);
    found("removed", true, town->at[AT_LOSS], STATUS_LOG_ROOT);
    end();
}

TEST(entry_written_over_the_next)
{
    start();
    write_files();
    change_entry(town->at[AT_LOSS], repeat_entry);
    found("written over", true, town->at[AT_LOSS] + 1, STATUS_LOG_ROOT);
    end();
}

TEST(last_entry_removed)
{
    start();
    write_files();
    change_entry(town->log.count - 1, remove_entry);
    found("last removed", true, town->log.count - 1, STATUS_LOG_ROOT);
    end();
}

TEST(entry_added_behind)
{
    start();
    write_files();
    change_entry(town->log.count - 1, repeat_entry);
    found("added", true, town->log.count, STATUS_LOG_ROOT);
    end();
}

static size_t tile_at;

static void
flip_tile(struct store_txn *txn, struct span key, struct span value)
{
    uint8_t bytes[TILE_BYTES];

    memcpy(bytes, value.data, value.len);
    bytes[tile_at * DIGEST_SIZE] ^= 1;
    CHECK_STATUS(store_put(txn, STORE_HASH, key, (struct span){bytes, value.len}), STATUS_OK);
}

static void
narrow_tile(struct store_txn *txn, struct span key, struct span value)
{
    value.len -= DIGEST_SIZE;
    CHECK_STATUS(store_put(txn, STORE_HASH, key, value), STATUS_OK);
}

static void
widen_tile(struct store_txn *txn, struct span key, struct span value)
{
    uint8_t bytes[TILE_BYTES];

    memcpy(bytes, value.data, value.len);
    memset(bytes + value.len, 0, DIGEST_SIZE);
    value.data = bytes;
    value.len += DIGEST_SIZE;
    CHECK_STATUS(store_put(txn, STORE_HASH, key, value), STATUS_OK);
}

static void
add_tile(struct store_txn *txn, struct span key, struct span value)
{
    uint8_t next[STORE_KEY_MAX];

    memcpy(next, key.data, key.len);
    next[key.len - 1]++;
    CHECK_STATUS(store_put(txn, STORE_HASH, (struct span){next, key.len}, value), STATUS_OK);
}

TEST(tiles)
{
    static const struct {
        void (*change)(struct store_txn *txn, struct span key, struct span value);
        enum tamper_place place;
        int behind;
        bool named;
    } cases[] = {
        {flip_tile, AT_SETTLE, 0, true},
        {narrow_tile, AT_END, -1, true},
        {widen_tile, AT_END, 0, false},
        {add_tile, AT_END, 0, false},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        start();
        write_files();
        tile_at = town->at[AT_SETTLE];
        change_store(STORE_HASH, NULL, 0, cases[i].change);
        found("tile", true,
              cases[i].named ? (size_t)((int)town->at[cases[i].place] + cases[i].behind) : NO_ENTRY,
              STATUS_LOG_ROOT);
        end();
    }
}

/* A checkpoint of the first `size` entries, signed with the key of a role. */
static void
make_note(struct note *note, size_t size, unsigned key)
{
    static const char origin[] = FIXTURE_ORIGIN;
    const struct fixture_key *const signer = &town->city.roles[key];
    struct merkle_frontier tree = {0};
    struct note_key note_key;
    struct digest digest;

    for (size_t i = 0; i < size; i++) {
        merkle_leaf(&digest, town->log.entries[i]);
        merkle_append(&tree, &digest);
    }
    merkle_root(&digest, &tree);
    CHECK_STATUS(note_key_make(&note_key, NOTE_ED25519,
                               (struct span){(const uint8_t *)origin, sizeof origin - 1},
                               &signer->key),
                 STATUS_OK);
    CHECK_STATUS(checkpoint_sign(note, size, &digest, &note_key, &signer->secret), STATUS_OK);
}

static void
older_note(struct store_txn *txn, struct span key, struct span value)
{
    struct note note;

    (void)value;
    make_note(&note, town->at[AT_PAYOUT], 8);
    CHECK_STATUS(store_put(txn, STORE_META, key, (struct span){note.bytes, note.len}), STATUS_OK);
}

static void
foreign_note(struct store_txn *txn, struct span key, struct span value)
{
    struct note note;

    (void)value;
    make_note(&note, town->log.count, 7);
    CHECK_STATUS(store_put(txn, STORE_META, key, (struct span){note.bytes, note.len}), STATUS_OK);
}

TEST(stored_checkpoint)
{
    static const uint8_t key[] = "checkpoint";

    start();
    write_files();
    change_store(STORE_META, key, sizeof key - 1, older_note);
    found("older checkpoint", true, NO_ENTRY, STATUS_LOG_ROOT);
    end();
    start();
    write_files();
    change_store(STORE_META, key, sizeof key - 1, foreign_note);
    found("another key's checkpoint", true, NO_ENTRY, STATUS_SIGNER_UNKNOWN);
    end();
}

/* What merchants are owed, out of the money that came in: the books still balance. */
static void
move_money(struct store_txn *txn, struct span key, struct span value)
{
    static struct apply apply;
    const struct book_posting posting = {
        book_plain(BOOK_UNCLEAR, 1), book_numbered(BOOK_OWED, 1, 1), {100}};

    (void)key;
    (void)value;
    CHECK_STATUS(apply_begin(&apply, txn), STATUS_OK);
    CHECK_STATUS(book_post(&apply.state, &posting), STATUS_OK);
    CHECK_STATUS(book_check(&apply.state, 1), STATUS_OK);
}

TEST(stored_balances)
{
    start();
    write_files();
    change_store(STORE_STATE, NULL, 0, move_money);
    found("balances", true, NO_ENTRY, STATUS_STATE_DIGEST);
    end();
}

/* --- two histories --- */

/* Writes the true history and keeps nothing but its second place; another one is written then. */
static void
keep_second_place(void)
{
    char from[SCRATCH_PATH_MAX];
    char to[SCRATCH_PATH_MAX];

    write_files();
    scratch_path(from, folder, "checkpoint");
    scratch_path(to, root, "pledge");
    CHECK(scratch_copy(to, from));
    scratch_remove(folder);
    scratch_remove(out);
}

static void
put_second_place(void)
{
    char from[SCRATCH_PATH_MAX];
    char to[SCRATCH_PATH_MAX];

    scratch_path(from, root, "pledge");
    scratch_path(to, folder, "checkpoint");
    CHECK(scratch_copy(to, from));
}

TEST(older_store_beside_its_second_place)
{
    start();
    keep_second_place();
    town->log.count = town->at[AT_PAYOUT];
    write_files();
    put_second_place();
    found("older store", true, NO_ENTRY, STATUS_LOG_ROLLBACK);
    end();
}

/* A salt is changed and everything behind it signed again: no rule can tell, and whoever has only
 * this history finds nothing. Any checkpoint of the other one convicts it. */
TEST(second_history)
{
    struct msg_entry entry;

    start();
    keep_second_place();
    tamper_get(&entry, &town->log, town->at[AT_ISSUE]);
    entry.salt[0] ^= 1;
    tamper_set(&town->log, town->at[AT_ISSUE], &entry);
    tamper_days(&town->log);
    write_files();
    found("second history", true, NO_ENTRY, STATUS_OK);
    found("second history", false, NO_ENTRY, STATUS_OK);
    put_second_place();
    found("second history", true, NO_ENTRY, STATUS_LOG_ROLLBACK);
    end();
}

/* --- an export --- */

static uint8_t bytes[FILE_MAX];
static size_t len;

static void
read_file(const char *name)
{
    char path[SCRATCH_PATH_MAX];

    scratch_path(path, out, name);
    CHECK(scratch_read(bytes, &len, sizeof bytes, path));
}

static void
write_file(const char *name)
{
    char path[SCRATCH_PATH_MAX];

    scratch_path(path, out, name);
    CHECK(scratch_write(path, bytes, len));
}

static void
without_hashes(void)
{
    char path[SCRATCH_PATH_MAX];

    scratch_path(path, out, "hashes");
    CHECK(unlink(path) == 0);
}

/* Where an entry begins in the file. */
static size_t
place_of(size_t index)
{
    size_t at = 0;

    for (size_t i = 0; i < index; i++)
        at += 2 + town->log.entries[i].len;
    return at;
}

TEST(exported_entry_flipped)
{
    start();
    write_files();
    read_file("entries");
    /* The last byte of the signature: an empty attachment and its head stand behind it. */
    bytes[place_of(town->at[AT_ISSUE] + 1) - 3] ^= 1;
    write_file("entries");
    found("flipped", false, town->at[AT_ISSUE], STATUS_LOG_ROOT);
    without_hashes();
    found("flipped, no hashes", false, town->at[AT_ISSUE], STATUS_SIGNATURE_BAD);
    end();
}

/* The salt of the last entry: no rule and no later entry tells, but the checkpoint. */
TEST(exported_salt_flipped)
{
    struct msg_entry entry;
    size_t at;

    start();
    write_files();
    tamper_get(&entry, &town->log, town->log.count - 1);
    read_file("entries");
    for (at = place_of(town->log.count - 1); memcmp(bytes + at, entry.salt, 16) != 0; at++)
        continue;
    bytes[at] ^= 1;
    write_file("entries");
    found("salt", false, town->log.count - 1, STATUS_LOG_ROOT);
    without_hashes();
    found("salt, no hashes", false, NO_ENTRY, STATUS_LOG_ROOT);
    end();
}

TEST(exported_end_cut_off)
{
    start();
    write_files();
    read_file("entries");
    len--;
    write_file("entries");
    found("a byte less", false, town->log.count - 1, STATUS_LOG_ROOT);
    without_hashes();
    found("a byte less, no hashes", false, town->log.count - 1, STATUS_CBOR_TRUNCATED);
    len = place_of(town->log.count - 1);
    write_file("entries");
    found("an entry less, no hashes", false, NO_ENTRY, STATUS_LOG_ROOT);
    end();
}

TEST(exported_byte_behind)
{
    start();
    write_files();
    read_file("entries");
    bytes[len++] = 0;
    write_file("entries");
    found("a byte more", false, town->log.count, STATUS_CBOR_TRUNCATED);
    end();
}

TEST(exported_hashes_changed)
{
    start();
    write_files();
    read_file("hashes");
    bytes[len / 2] ^= 1;
    write_file("hashes");
    found("hashes", false, NO_ENTRY, STATUS_LOG_ROOT);
    end();
}

TEST(exported_checkpoint)
{
    struct note note;

    start();
    write_files();
    make_note(&note, town->at[AT_PAYOUT], 8);
    memcpy(bytes, note.bytes, note.len);
    len = note.len;
    write_file("checkpoint");
    found("older checkpoint", false, NO_ENTRY, STATUS_LOG_ROOT);
    make_note(&note, town->log.count, 7);
    memcpy(bytes, note.bytes, note.len);
    len = note.len;
    write_file("checkpoint");
    found("another key's checkpoint", false, NO_ENTRY, STATUS_SIGNER_UNKNOWN);
    make_note(&note, town->log.count, 8);
    memcpy(bytes, note.bytes, note.len);
    len = note.len;
    write_file("checkpoint");
    found("the checkpoint", false, NO_ENTRY, STATUS_OK);
    bytes[sizeof FIXTURE_ORIGIN] ^= 1; /* the first digit of the size */
    write_file("checkpoint");
    found("another size", false, NO_ENTRY, STATUS_CHECKPOINT_SIGNATURE);
    end();
}

/* Whether or not the new number is right elsewhere. */
TEST(exported_balances)
{
    start();
    write_files();
    read_file("balances.json");
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] < '1' || bytes[i] > '9' || (bytes[i + 1] != ',' && bytes[i + 1] != '}'))
            continue;
        bytes[i] ^= 1;
        if (bytes[i] == '0' || bytes[i] > '9') {
            bytes[i] ^= 1;
            continue;
        }
        write_file("balances.json");
        bytes[i] ^= 1;
        found("balances", false, NO_ENTRY, STATUS_STATE_DIGEST);
        if (i > 200)
            break;
    }
    end();
}

TEST(exported_without_genesis)
{
    start();
    tamper_remove(&town->log, 0);
    write_files();
    found("no genesis", false, 0, STATUS_ENTRY_KIND);
    end();
}

/* --- the key of the checkpoint --- */

TEST(checkpoint_by_a_killed_key)
{
    const struct msg_kill kill = {.network = FIXTURE_NETWORK,
                                  .key = tamper_case_city()->city.roles[8].key,
                                  .role = 8,
                                  .reason = {(const uint8_t *)"gestohlen", 9},
                                  .time = FIXTURE_START};

    start();
    tamper_act(&town->log, town->log.count, APPLY_KILL, &msg_kill_schema, &kill,
               &town->city.roots[0], &town->city.roots[1]);
    write_files();
    found("killed key", false, NO_ENTRY, STATUS_SIGNER_UNKNOWN);
    end();
}

/* It signed the service days, and ended before the last entry. */
TEST(checkpoint_by_a_key_that_has_ended)
{
    const size_t at = 1 + 6; /* role 8 */
    struct msg_role_key key;
    struct msg_entry entry;

    start();
    tamper_get(&entry, &town->log, town->at[AT_LAST_DAY]);
    tamper_case_read(town, at, &msg_role_key_schema, &key);
    CHECK(key.role == 8);
    key.until = entry.time;
    tamper_case_sign(town, at, &msg_role_key_schema, &key, &town->city.roots[1],
                     &town->city.roots[2]);
    tamper_get(&entry, &town->log, town->log.count - 1);
    entry.time += 1;
    tamper_set(&town->log, town->log.count - 1, &entry);
    tamper_days(&town->log);
    write_files();
    found("ended key", false, NO_ENTRY, STATUS_SIGNER_UNKNOWN);
    end();
}

int
main(int argc, char **argv)
{
    return tamper_case_run(argc, argv);
}
