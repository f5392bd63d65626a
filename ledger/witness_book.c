#include "witness_book.h"

#include <assert.h>
#include <string.h>

#include "protocol/file.h"

/* A few hundred kilobytes are used; LMDB takes disk space only for what is there. */
#define MAP_BYTES (UINT64_C(16) << 20)

/* ---- Making and opening -----------------------------------------------------------------------*/

enum status
witness_book_create(const char *dir, const char *name, struct span passphrase, enum seal_cost cost,
                    const struct witness_book_random *random)
{
    char path[FILE_PATH_MAX];
    char vkey[NOTE_VKEY_MAX + 1];
    struct secret_key secret;
    struct public_key public;
    struct note_key key;
    size_t len = 0;
    enum status status;

    crypt_key_from_seed(&secret, &public, random->seed);
    crypt_wipe(&secret, sizeof secret);
    status = note_key_make(&key, NOTE_COSIGNATURE,
                           (struct span){(const uint8_t *)name, strlen(name)}, &public);
    if (status == STATUS_OK)
        status = file_path(path, dir, "witness.key");
    if (status == STATUS_OK)
        status = keyfile_write(path, random->seed, passphrase, cost, random->seal);
    if (status == STATUS_OK)
        status = file_path(path, dir, "store");
    if (status == STATUS_OK)
        status = store_create(path);
    if (status == STATUS_OK)
        status = file_path(path, dir, "vkey");
    if (status != STATUS_OK)
        return status;
    note_key_format(vkey, &len, &key);
    vkey[len++] = '\n';
    return file_write(path, (struct span){(const uint8_t *)vkey, len}, FILE_NEW);
}

static enum status
read_keys(struct witness_book *book, const char *dir, struct span passphrase)
{
    char path[FILE_PATH_MAX];
    uint8_t vkey[NOTE_VKEY_MAX + 1];
    struct public_key public;
    size_t len = 0;
    enum status status = file_path(path, dir, "vkey");

    if (status == STATUS_OK)
        status = file_read(vkey, sizeof vkey, &len, path);
    if (status == STATUS_OK &&
        (len == 0 || vkey[len - 1] != '\n' ||
         note_key_parse(&book->key, (struct span){vkey, len - 1}) != STATUS_OK ||
         book->key.type != NOTE_COSIGNATURE))
        status = STATUS_KEYFILE;
    if (status == STATUS_OK)
        status = file_path(path, dir, "witness.key");
    if (status == STATUS_OK)
        status = keyfile_read(&book->secret, path, passphrase);
    if (status != STATUS_OK)
        return status;
    crypt_public_key(&public, &book->secret);
    return crypt_equal(&public, &book->key.key, sizeof public) ? STATUS_OK : STATUS_KEYFILE;
}

static enum status
read_logs(struct witness_book *book, size_t *line, const char *path)
{
    static uint8_t text[WITNESS_LOGS_SIZE_MAX];
    size_t len = 0;
    enum status status = file_read(text, sizeof text, &len, path);

    if (status == STATUS_OK)
        status = witness_logs_parse(&book->logs, line, (struct span){text, len});
    if (status == STATUS_OK)
        *line = 0;
    return status;
}

enum status
witness_book_open(struct witness_book *out, size_t *line, const char *dir, const char *logs_path,
                  struct span passphrase)
{
    char path[FILE_PATH_MAX];
    enum status status;

    memset(out, 0, sizeof *out);
    *line = 0;
    status = read_keys(out, dir, passphrase);
    if (status == STATUS_OK)
        status = read_logs(out, line, logs_path);
    if (status == STATUS_OK)
        status = file_path(path, dir, "store");
    if (status == STATUS_OK)
        status = store_open(&out->store, path, MAP_BYTES);
    if (status != STATUS_OK) {
        crypt_wipe(out, sizeof *out);
        return status;
    }
    pthread_mutex_init(&out->mutex, NULL);
    return STATUS_OK;
}

void
witness_book_close(struct witness_book *book)
{
    store_close(&book->store);
    pthread_mutex_destroy(&book->mutex);
    crypt_wipe(book, sizeof *book);
}

/* ---- Answering --------------------------------------------------------------------------------*/

/* What is stored must carry our own cosignature: nothing else is taken for the last checkpoint. */
static enum status
read_stored(struct checkpoint *out, struct span note, const struct note_key *key)
{
    struct note_check check;
    struct span text;

    if (note_verify(&check, &text, note, key, 1) != STATUS_OK ||
        checkpoint_parse(out, text) != STATUS_OK)
        return STATUS_STORE_BROKEN;
    return STATUS_OK;
}

static enum status
read_latest(struct witness_latest *out, struct store_txn *txn, const struct witness_book *book,
            const struct witness_request *request, struct span id)
{
    struct checkpoint checkpoint;
    struct span stored;
    enum status status = store_get(&stored, txn, STORE_SIDE, id);

    if (status == STATUS_NOT_FOUND) {
        out->size = 0;
        merkle_empty(&out->root);
        return STATUS_OK;
    }
    if (status == STATUS_OK)
        status = read_stored(&checkpoint, stored, &book->key);
    if (status == STATUS_OK && strcmp(checkpoint.origin, request->checkpoint.origin) != 0)
        status = STATUS_STORE_BROKEN;
    if (status != STATUS_OK)
        return status;
    out->size = checkpoint.size;
    out->root = checkpoint.root;
    return STATUS_OK;
}

/* Signs, and stores what was signed, in the transaction that has compared. */
static enum status
cosign(struct witness_book_answer *out, struct store_txn *txn, const struct witness_book *book,
       const struct witness_request *request, struct span id, uint64_t now_unix_s)
{
    struct note note = request->note;
    struct span text;
    enum status status = note_split(&text, (struct span){note.bytes, note.len});

    if (status != STATUS_OK)
        return status;
    note_line(out->line, &out->len, text, &book->key, &book->secret, now_unix_s);
    status = note_add(&note, (struct span){out->line, out->len});
    if (status == STATUS_OK)
        status = store_put(txn, STORE_SIDE, id, (struct span){note.bytes, note.len});
    return status;
}

/* All of it in one transaction, under the mutex. */
static enum status
decide(struct witness_book_answer *out, struct witness_book *book,
       const struct witness_request *request, uint64_t now_unix_s)
{
    struct witness_latest latest;
    struct store_txn txn;
    struct digest id;
    const struct span key = {id.bytes, sizeof id.bytes};
    enum status status = store_begin_write(&txn, &book->store);

    if (status != STATUS_OK)
        return status;
    witness_log_id(&id, request->checkpoint.origin);
    status = read_latest(&latest, &txn, book, request, key);
    if (status == STATUS_OK) {
        out->code = witness_consider(request, &latest);
        out->size = latest.size;
    }
    if (status == STATUS_OK && out->code == WITNESS_COSIGN)
        status = cosign(out, &txn, book, request, key, now_unix_s);
    if (status != STATUS_OK || out->code != WITNESS_COSIGN) {
        store_abort(&txn);
        return status;
    }
    return store_commit(&txn);
}

enum status
witness_book_add(struct witness_book_answer *out, struct witness_book *book, struct span body,
                 uint64_t now_unix_s)
{
    struct witness_request request;
    enum status status = STATUS_OK;

    assert(now_unix_s > 0 && now_unix_s <= INT64_MAX);
    memset(out, 0, sizeof *out);
    out->code = witness_read(&request, body, &book->logs);
    if (out->code != WITNESS_COSIGN)
        return STATUS_OK;
    pthread_mutex_lock(&book->mutex);
    status = decide(out, book, &request, now_unix_s);
    pthread_mutex_unlock(&book->mutex);
    /* A cosignature that is not on the disk must not get out. */
    if (status != STATUS_OK)
        memset(out, 0, sizeof *out);
    return status;
}

enum status
witness_book_find(struct note *out, struct witness_book *book, const struct digest *log_id)
{
    struct store_txn txn;
    struct span stored;
    enum status status = store_begin_read(&txn, &book->store);

    if (status != STATUS_OK)
        return status;
    status = store_get(&stored, &txn, STORE_SIDE, (struct span){log_id->bytes, DIGEST_SIZE});
    if (status == STATUS_OK && stored.len > NOTE_SIZE_MAX)
        status = STATUS_STORE_BROKEN;
    if (status == STATUS_OK) {
        memcpy(out->bytes, stored.data, stored.len);
        out->len = stored.len;
    }
    store_abort(&txn);
    return status;
}
