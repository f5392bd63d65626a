#include "merchant/run.h"

#include <stdio.h>
#include <string.h>

#include "merchant/exchange.h"
#include "protocol/file.h"
#include "protocol/keyfile.h"

/* 64 MiB of Argon2id: what a shop's small computer can do at each start. */
#define SEAL_COST SEAL_INTERACTIVE

static uint8_t parcel[MSG_PARCEL_MAX];

enum status
run_open(struct till *till, const struct command_line *line)
{
    const char *dir = line->arguments[0];
    uint8_t passphrase[KEYFILE_PASSPHRASE_MAX + 2];
    size_t len = 0;
    enum status status = command_passphrase(passphrase, sizeof passphrase, &len, line, dir);

    if (status == STATUS_OK)
        status = till_open(till, dir, (struct span){passphrase, len});
    crypt_wipe(passphrase, sizeof passphrase);
    return status;
}

void
run_print_id(const struct digest *id)
{
    char hex[2 * DIGEST_SIZE + 1];

    command_to_hex(hex, id->bytes, sizeof id->bytes);
    printf("id: %s\n", hex);
}

/* --- create ------------------------------------------------------------------------------------
 */

/* Without a passphrase of its own a till gets a random one, so that it starts without a person; the
 * file is as secret as the key. */
static enum status
passphrase_for(uint8_t *out, size_t cap, size_t *len, const struct command_line *line)
{
    char path[FILE_PATH_MAX];
    uint8_t random[24];
    char hex[2 * sizeof random + 2];
    enum status status;

    if (command_value(line, "--passphrase-file") != NULL)
        return command_passphrase(out, cap, len, line, line->arguments[0]);
    status = file_path(path, line->arguments[0], "passphrase");
    if (status != STATUS_OK)
        return status;
    crypt_random(random, sizeof random);
    command_to_hex(hex, random, sizeof random);
    hex[2 * sizeof random] = '\n';
    status = file_write(path, (struct span){(const uint8_t *)hex, 2 * sizeof random + 1}, FILE_NEW);
    crypt_wipe(random, sizeof random);
    crypt_wipe(hex, sizeof hex);
    if (status != STATUS_OK && status != STATUS_EXISTS)
        return status;
    return command_passphrase(out, cap, len, line, line->arguments[0]);
}

/* Fills `parcel` with what the roots of the city are pinned from: a file, or what comes over a way
 * that nobody can change. */
static enum status
city_parcel(size_t *len, const struct command_line *line)
{
    const char *const path = command_value(line, "--city");
    struct carry to;
    const enum status status = carry_named(&to, line);

    if (path != NULL || status != STATUS_OK)
        return status == STATUS_OK ? file_read(parcel, sizeof parcel, len, path) : status;
    if (to.server == NULL)
        return STATUS_USAGE;
    return carry_is_sure(&to) ? carry_get(parcel, sizeof parcel, len, &to, "/city")
                              : STATUS_SERVER_TLS;
}

enum status
run_create(const struct command_line *line)
{
    const char *dir = line->arguments[0];
    struct till_random random;
    struct secret_key secret;
    struct public_key key;
    uint8_t passphrase[KEYFILE_PASSPHRASE_MAX + 2];
    char hex[2 * PUBLIC_KEY_SIZE + 1];
    size_t city_len = 0;
    size_t len = 0;
    enum status status = city_parcel(&city_len, line);

    if (status == STATUS_OK)
        status = file_folder(dir);
    if (status == STATUS_EXISTS)
        status = STATUS_OK;
    if (status == STATUS_OK)
        status = passphrase_for(passphrase, sizeof passphrase, &len, line);
    if (status != STATUS_OK)
        return status;
    crypt_random(&random, sizeof random);
    crypt_key_from_seed(&secret, &key, random.seed);
    status = till_create(dir, (struct span){parcel, city_len}, (struct span){passphrase, len},
                         SEAL_COST, &random, line->now_unix_s);
    crypt_wipe(&secret, sizeof secret);
    crypt_wipe(&random, sizeof random);
    crypt_wipe(passphrase, sizeof passphrase);
    if (status != STATUS_OK)
        return status;
    command_to_hex(hex, key.bytes, sizeof key.bytes);
    printf("%s\n%s\n",
           command_words(line, "Neue Kasse. Mit diesem Schlüssel meldet die Stadt sie an:",
                         "New till. With this key the city enrols it:"),
           hex);
    return STATUS_OK;
}

/* --- what the city sends ------------------------------------------------------------------------
 */

static void
print_taken(const struct command_line *line, const struct till *till,
            const struct sync_result *result)
{
    const enum status clock = till_clock(till, line->now_unix_s);
    size_t refused = 0;

    if (result->certificate)
        printf("%s %llu: %.*s\n", command_words(line, "Kasse", "Till"),
               (unsigned long long)till->certificate.till, (int)till->certificate.title.len,
               (const char *)till->certificate.title.data);
    if (result->acknowledged) {
        printf("%s: %llu\n",
               command_words(line, "Vom Buch bestätigte Einträge",
                             "Entries acknowledged by the ledger"),
               (unsigned long long)result->size);
        for (size_t i = 0; i < result->results_len; i++)
            refused += result->results[i] > 64 ? 1 : 0;
        if (refused > 0)
            printf("%s: %zu\n", command_words(line, "davon abgelehnt", "of which refused"),
                   refused);
    }
    printf("%s: %s %llu, %zu\n", command_words(line, "Sperrliste", "Deny list"),
           command_words(line, "Stand", "version"), (unsigned long long)result->news,
           result->denied);
    /* Said here, where somebody can do something about it, and not before the next customer. */
    if (till->installed && clock != STATUS_OK)
        printf("%s\n", command_words(line, status_german(clock), status_english(clock)));
}

static enum status
take_file(const struct command_line *line)
{
    static struct till till;
    struct sync_result result;
    uint8_t seed[32];
    size_t len = 0;
    enum status status = file_read(parcel, sizeof parcel, &len, line->arguments[1]);

    if (status == STATUS_OK)
        status = run_open(&till, line);
    if (status != STATUS_OK)
        return status;
    crypt_random(seed, sizeof seed);
    status = sync_take(&result, &till, (struct span){parcel, len}, seed, line->now_unix_s);
    if (status == STATUS_OK)
        print_taken(line, &till, &result);
    till_close(&till);
    return status;
}

/* --- over the network ---------------------------------------------------------------------------
 */

static void
on_taken(const void *context, const struct till *till, const struct sync_result *result)
{
    print_taken(context, till, result);
}

/* Uploads, or installs the till that `number` names. */
static enum status
exchange(const struct command_line *line, const struct carry *to, const char *number_text)
{
    uint8_t passphrase[KEYFILE_PASSPHRASE_MAX + 2];
    struct exchange exchange = {.dir = line->arguments[0],
                                .to = *to,
                                .random = crypt_random,
                                .now_unix_s = line->now_unix_s,
                                .taken = on_taken,
                                .context = line};
    uint64_t number = 0;
    size_t len = 0;
    enum status status =
        number_text == NULL ? STATUS_OK : command_number(&number, number_text, UINT32_MAX);

    if (status == STATUS_OK)
        status = command_passphrase(passphrase, sizeof passphrase, &len, line, exchange.dir);
    if (status != STATUS_OK)
        return status;
    exchange.passphrase = (struct span){passphrase, len};
    status = number_text == NULL ? exchange_upload(&exchange) : exchange_install(&exchange, number);
    crypt_wipe(passphrase, sizeof passphrase);
    return status;
}

enum status
run_install(const struct command_line *line)
{
    struct carry to;
    const enum status status = carry_named(&to, line);

    if (status != STATUS_OK)
        return status;
    return to.server == NULL ? take_file(line) : exchange(line, &to, line->arguments[1]);
}

enum status
run_sync(const struct command_line *line)
{
    struct carry to;
    enum status status = carry_named(&to, line);

    /* Either a file, or a server. */
    if (status == STATUS_OK && (line->count == 1) == (to.server == NULL))
        status = STATUS_USAGE;
    if (status != STATUS_OK)
        return status;
    return to.server == NULL ? take_file(line) : exchange(line, &to, NULL);
}

enum status
run_learn(const struct command_line *line)
{
    static struct till till;
    char text[COMMAND_CODE_SIZE];
    char receipt[SELL_TEXT_SIZE];
    struct sync_result result;
    struct sell_result sold;
    enum text_kind kind;
    uint8_t seed[32];
    struct span span;
    enum status status = command_read_code(text, sizeof text, line);

    if (status != STATUS_OK)
        return status;
    span = (struct span){(const uint8_t *)text, strlen(text)};
    status = text_kind(&kind, span);
    if (status == STATUS_OK)
        status = run_open(&till, line);
    if (status != STATUS_OK)
        return status;
    crypt_random(seed, sizeof seed);
    if (kind == TEXT_SETTLEMENT_PROOF) {
        status = sell_proof(receipt, &sold, &till, span, seed, line->now_unix_s);
    } else {
        status = sync_learn(&result, &till, span, seed, line->now_unix_s);
        if (status == STATUS_OK)
            print_taken(line, &till, &result);
    }
    till_close(&till);
    if (status != STATUS_OK || kind != TEXT_SETTLEMENT_PROOF)
        return status;
    printf("%s\n",
           command_words(line, "BEZAHLT (vom Buch bestätigt).", "PAID (confirmed by the ledger)."));
    run_print_id(&sold.transfer);
    return command_write_code(line, receipt);
}

enum status
run_upload(const struct command_line *line)
{
    static struct till till;
    const char *path = command_value(line, "--out");
    size_t len = 0;
    bool more = false;
    enum status status = path == NULL ? STATUS_USAGE : run_open(&till, line);

    if (status != STATUS_OK)
        return status;
    status = sync_upload(parcel, sizeof parcel, &len, &more, &till, line->now_unix_s);
    till_close(&till);
    if (status == STATUS_OK)
        status = command_write_file(path, (struct span){parcel, len});
    if (status == STATUS_OK && more)
        printf("%s\n", command_words(line, "Es ist mehr da: nach der Antwort noch einmal senden.",
                                     "There is more: send again after the answer."));
    return status;
}
