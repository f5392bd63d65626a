#include "run.h"

#include <stdio.h>
#include <string.h>

#include "ledger/log.h"
#include "proof.h"
#include "protocol/file.h"
#include "protocol/keyfile.h"
#include "receipt.h"

/* What a proof is made of; the spans borrow from the transaction. */
struct found {
    uint64_t index;
    struct checkpoint checkpoint;
    struct merkle_path path;
    struct span note;
    struct span entry;
};

static enum status
find(struct found *out, struct store_txn *txn)
{
    struct span text = {NULL, 0};
    enum status status = log_note(&out->note, txn);

    if (status == STATUS_OK)
        status = note_split(&text, out->note);
    if (status == STATUS_OK)
        status = checkpoint_parse(&out->checkpoint, text);
    if (status == STATUS_OK)
        status = log_inclusion(&out->path, txn, out->index, out->checkpoint.size);
    if (status == STATUS_OK)
        status = log_read(&out->entry, txn, out->index);
    return status;
}

/* ---- Writing ----------------------------------------------------------------------------------*/

static enum status
write_text(const struct command_line *line, const struct found *found)
{
    static char text[PROOF_TEXT_MAX];
    size_t len;

    proof_write(text, &len, found->index, &found->path, found->note);
    return run_write_out(line, (struct span){(const uint8_t *)text, len});
}

/* Signed by the key of role proof, which signs nothing else. */
static enum status
write_receipt(const struct command_line *line, const struct found *found)
{
    uint8_t receipt[RECEIPT_MAX];
    uint8_t passphrase[KEYFILE_PASSPHRASE_MAX + 2];
    char path[FILE_PATH_MAX];
    char hex[2 * PUBLIC_KEY_SIZE + 1];
    struct secret_key secret;
    struct public_key key;
    size_t len = 0;
    enum status status = city_key_path(path, line->arguments[0], "proof");

    if (status == STATUS_OK)
        status = command_passphrase(passphrase, sizeof passphrase, &len, line, line->arguments[0]);
    if (status == STATUS_OK)
        status = keyfile_read(&secret, path, (struct span){passphrase, len});
    crypt_wipe(passphrase, sizeof passphrase);
    if (status != STATUS_OK)
        return status;
    status = receipt_write(receipt, &len, &found->checkpoint, found->index, &found->path, &secret);
    crypt_public_key(&key, &secret);
    crypt_wipe(&secret, sizeof secret);
    if (status == STATUS_OK)
        status = run_write_out(line, (struct span){receipt, len});
    if (status != STATUS_OK)
        return status;
    command_to_hex(hex, key.bytes, sizeof key.bytes);
    printf("--receipt-key %s --origin %s\n", hex, found->checkpoint.origin);
    return STATUS_OK;
}

static enum status
write_all(const struct command_line *line, const struct found *found)
{
    const char *const entry = command_value(line, "--entry");
    enum status status = command_value(line, "--cose") != NULL ? write_receipt(line, found)
                                                               : write_text(line, found);

    return status == STATUS_OK && entry != NULL ? command_write_file(entry, found->entry) : status;
}

/* Beside a running node or on a copy: nothing but the key of a receipt is needed. */
enum status
run_proof(const struct command_line *line)
{
    struct found found;
    struct store store;
    struct store_txn txn;
    char path[FILE_PATH_MAX];
    enum status status = command_value(line, "--out") == NULL ? STATUS_USAGE : STATUS_OK;

    if (status == STATUS_OK)
        status = command_number(&found.index, line->arguments[1], MERKLE_SIZE_MAX);
    if (status == STATUS_OK)
        status = file_path(path, line->arguments[0], "store");
    if (status == STATUS_OK)
        status = store_open_reading(&store, path);
    if (status != STATUS_OK)
        return status;
    status = store_begin_read(&txn, &store);
    if (status == STATUS_OK) {
        status = find(&found, &txn);
        if (status == STATUS_OK)
            status = write_all(line, &found);
        store_abort(&txn);
    }
    store_close(&store);
    return status;
}

/* ---- Checking ---------------------------------------------------------------------------------*/

static enum status
read_policy(struct policy *out, const char *path)
{
    static uint8_t text[POLICY_SIZE_MAX];
    size_t line = 0;
    size_t len = 0;
    enum status status = file_read(text, sizeof text, &len, path);

    if (status != STATUS_OK)
        return status;
    status = policy_parse(out, &line, (struct span){text, len});
    if (line > 0 && status != STATUS_OK)
        fprintf(stderr, "schwebe: %s:%zu\n", path, line);
    return status;
}

/* The policy of --policy; with --vkey that log is the only one. */
static enum status
make_policy(struct policy *out, const struct command_line *line)
{
    const char *const path = command_value(line, "--policy");
    const char *const vkey = command_value(line, "--vkey");
    struct note_key key;
    enum status status = path == NULL && vkey == NULL ? STATUS_USAGE : STATUS_OK;

    if (status == STATUS_OK && path != NULL)
        status = read_policy(out, path);
    if (status != STATUS_OK || vkey == NULL)
        return status;
    if (note_key_parse(&key, (struct span){(const uint8_t *)vkey, strlen(vkey)}) != STATUS_OK ||
        key.type != NOTE_ED25519)
        return STATUS_POLICY_KEY;
    if (path == NULL)
        policy_of_log(out, &key);
    out->logs[0] = key;
    out->log_count = 1;
    return STATUS_OK;
}

static void
print_good(const struct command_line *line, const char *origin, uint64_t index)
{
    printf("%s: %s, %s %llu\n", command_words(line, "Steht im Buch", "Is in the log"), origin,
           command_words(line, "Eintrag", "entry"), (unsigned long long)index);
}

static enum status
check_text(const struct command_line *line, struct span bytes, struct span entry)
{
    static struct policy policy;
    struct checkpoint checkpoint;
    struct proof proof;
    enum status status = make_policy(&policy, line);

    if (status == STATUS_OK)
        status = proof_parse(&proof, bytes);
    if (status == STATUS_OK)
        status = proof_check(&checkpoint, &proof, entry, &policy);
    if (status == STATUS_OK)
        print_good(line, checkpoint.origin, proof.index);
    return status;
}

static enum status
check_receipt(const struct command_line *line, struct span bytes, struct span entry)
{
    const char *const origin = command_value(line, "--origin");
    const char *const hex = command_value(line, "--receipt-key");
    struct public_key key;
    struct receipt receipt;
    enum status status = origin == NULL || hex == NULL || strlen(origin) > NOTE_NAME_MAX
                             ? STATUS_USAGE
                             : command_from_hex(key.bytes, sizeof key.bytes, hex);

    if (status == STATUS_OK)
        status = receipt_check(&receipt, bytes, entry, origin, &key);
    if (status == STATUS_OK)
        print_good(line, origin, receipt.index);
    return status;
}

enum status
run_check_proof(const struct command_line *line)
{
    static uint8_t bytes[PROOF_TEXT_MAX];
    static uint8_t entry[LOG_ENTRY_MAX];
    const char *const entry_path = command_value(line, "--entry");
    size_t entry_len = 0;
    size_t len = 0;
    enum status status = entry_path == NULL
                             ? STATUS_USAGE
                             : file_read(bytes, sizeof bytes, &len, line->arguments[0]);

    if (status == STATUS_OK)
        status = file_read(entry, sizeof entry, &entry_len, entry_path);
    if (status != STATUS_OK)
        return status;
    return (command_value(line, "--cose") != NULL ? check_receipt : check_text)(
        line, (struct span){bytes, len}, (struct span){entry, entry_len});
}
