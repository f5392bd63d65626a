#include "wallet/run.h"

#include <stdio.h>
#include <string.h>

#include "protocol/file.h"
#include "protocol/keyfile.h"

/* 64 MiB of Argon2id: what an old phone can still do. */
#define SEAL_COST SEAL_INTERACTIVE

enum status
run_key(struct secret_key *out, const struct wallet *wallet, const struct command_line *line,
        bool recovery)
{
    uint8_t passphrase[KEYFILE_PASSPHRASE_MAX + 2];
    size_t len;
    enum status status = command_passphrase(passphrase, sizeof passphrase, &len, line, wallet->dir);

    if (status != STATUS_OK)
        return status;
    status = recovery ? wallet_recovery_key(out, wallet, (struct span){passphrase, len})
                      : wallet_device_key(out, wallet, (struct span){passphrase, len});
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

const char *
run_class_words(const struct command_line *line, uint64_t class)
{
    return class == 1 ? command_words(line, "Gutschein", "voucher")
                      : command_words(line, "Parken", "parking");
}

static enum status
read_choice(uint64_t *class, uint64_t *tier, const struct command_line *line)
{
    const char *named = command_value(line, "--class");
    const char *level = command_value(line, "--tier");

    *class = 1;
    *tier = 2;
    if (named != NULL && strcmp(named, "parking") == 0)
        *class = 2;
    else if (named != NULL && strcmp(named, "voucher") != 0)
        return STATUS_USAGE;
    if (level != NULL && (command_number(tier, level, 3) != STATUS_OK || *tier == 0))
        return STATUS_USAGE;
    /* Only an anonymous purse needs no second signature on its way. */
    if (command_value(line, "--out") == NULL &&
        (*tier != 1 || command_value(line, "--server") == NULL))
        return STATUS_USAGE;
    return STATUS_OK;
}

static enum status
create_in(const struct command_line *line, struct span city, uint64_t class, uint64_t tier)
{
    const char *dir = line->arguments[0];
    struct wallet_random random;
    uint8_t passphrase[KEYFILE_PASSPHRASE_MAX + 2];
    size_t len;
    enum status status = file_folder(dir);

    if (status != STATUS_OK && status != STATUS_EXISTS)
        return status;
    status = command_passphrase(passphrase, sizeof passphrase, &len, line, dir);
    if (status != STATUS_OK)
        return status;
    crypt_random(&random, sizeof random);
    status =
        wallet_create(dir, city, class, tier, (struct span){passphrase, len}, SEAL_COST, &random);
    crypt_wipe(&random, sizeof random);
    crypt_wipe(passphrase, sizeof passphrase);
    return status;
}

/* The last line is the number alone, for scripts. */
static void
print_purse(const struct command_line *line, const struct run_way *way, const char *number)
{
    printf("%s\n%s\n",
           way->file == NULL
               ? command_words(line, "Neues Konto. Kontonummer:", "New purse. Number of the purse:")
               : command_words(line, "Neues Konto. Die Datei muss zur Stadt. Kontonummer:",
                               "New purse. The file must reach the city. Number of the purse:"),
           number);
}

/* Fills `number` as well. */
static enum status
write_purse(char number[static 33], const struct command_line *line, const struct run_way *way)
{
    const char *limit = command_value(line, "--daily-limit");
    static struct wallet wallet;
    static struct ask ask;
    struct secret_key recovery;
    struct money daily;
    enum status status = command_cents(&daily, limit == NULL ? RUN_DAILY_LIMIT : limit);

    if (status == STATUS_OK)
        status = wallet_open(&wallet, line->arguments[0]);
    if (status != STATUS_OK)
        return status;
    status = run_key(&recovery, &wallet, line, true);
    if (status == STATUS_OK)
        status = ask_purse(&ask, &wallet, &recovery, daily, line->now_unix_s);
    crypt_wipe(&recovery, sizeof recovery);
    if (status == STATUS_OK)
        status = run_hand_over(way, &wallet, &ask, false);
    command_to_hex(number, wallet.meta.purse, sizeof wallet.meta.purse);
    wallet_close(&wallet);
    return status;
}

enum status
run_create(const struct command_line *line)
{
    static uint8_t city[MSG_PARCEL_MAX];
    struct run_way way = {.file = command_value(line, "--out")};
    char number[33];
    uint64_t class;
    uint64_t tier;
    size_t len = 0;
    enum status status = read_choice(&class, &tier, line);

    if (status == STATUS_OK)
        status = carry_named(&way.to, line);
    if (status == STATUS_OK)
        status = run_city_parcel(city, sizeof city, &len, line);
    if (status == STATUS_OK)
        status = create_in(line, (struct span){city, len}, class, tier);
    if (status != STATUS_OK)
        return status;
    run_wish(&way, line, "");
    status = write_purse(number, line, &way);
    if (status != STATUS_OK)
        return status;
    /* It is there and waits, whatever comes of sending it. */
    status = run_send(&way, line);
    print_purse(line, &way, number);
    return status;
}

static enum status
ask_for_allowance(struct ask *ask, struct wallet *wallet, const struct command_line *line)
{
    const char *group = command_value(line, "--restriction");
    uint8_t salt[POCKET_SALT_SIZE];
    struct secret_key device;
    struct money amount;
    struct kid nonce;
    uint64_t restriction = 0;
    enum status status;

    if (line->count != 3 || command_cents(&amount, line->arguments[2]) != STATUS_OK)
        return STATUS_USAGE;
    if (group != NULL && command_number(&restriction, group, 65535) != STATUS_OK)
        return STATUS_USAGE;
    status = run_key(&device, wallet, line, false);
    if (status != STATUS_OK)
        return status;
    crypt_random(salt, sizeof salt);
    crypt_random(&nonce, sizeof nonce);
    status = ask_allowance(ask, wallet, &device, amount, restriction,
                           command_value(line, "--online") != NULL, salt, &nonce, line->now_unix_s);
    crypt_wipe(&device, sizeof device);
    return status;
}

static enum status
ask_for_renewal(struct ask *ask, struct wallet *wallet, const struct command_line *line)
{
    struct secret_key device;
    struct money amount;
    struct kid id;
    struct kid nonce;
    enum status status;

    if (line->count != 4 || command_cents(&amount, line->arguments[3]) != STATUS_OK ||
        command_from_hex(id.bytes, sizeof id.bytes, line->arguments[2]) != STATUS_OK)
        return STATUS_USAGE;
    status = run_key(&device, wallet, line, false);
    if (status != STATUS_OK)
        return status;
    crypt_random(&nonce, sizeof nonce);
    status = ask_renewal(ask, wallet, &device, &id, amount, &nonce, line->now_unix_s);
    crypt_wipe(&device, sizeof device);
    return status;
}

static enum status
ask_for_gift(struct ask *ask, struct wallet *wallet, const struct command_line *line)
{
    struct secret_key recovery;
    uint8_t to[16];
    struct kid nonce;
    uint64_t lot;
    enum status status;

    if (line->count != 4 ||
        command_number(&lot, line->arguments[2], MONEY_CENTS_MAX) != STATUS_OK ||
        command_from_hex(to, sizeof to, line->arguments[3]) != STATUS_OK)
        return STATUS_USAGE;
    status = run_key(&recovery, wallet, line, true);
    if (status != STATUS_OK)
        return status;
    crypt_random(&nonce, sizeof nonce);
    status = ask_gift(ask, wallet, &recovery, lot, to, &nonce, line->now_unix_s);
    crypt_wipe(&recovery, sizeof recovery);
    return status;
}

static enum status
ask_for_loss(struct ask *ask, struct wallet *wallet, const struct command_line *line)
{
    struct secret_key recovery;
    struct kid id;
    struct kid nonce;
    enum status status;

    if (line->count > 3 || (line->count == 3 && command_from_hex(id.bytes, sizeof id.bytes,
                                                                 line->arguments[2]) != STATUS_OK))
        return STATUS_USAGE;
    status = run_key(&recovery, wallet, line, true);
    if (status != STATUS_OK)
        return status;
    crypt_random(&nonce, sizeof nonce);
    status =
        ask_loss(ask, wallet, &recovery, line->count == 3 ? &id : NULL, &nonce, line->now_unix_s);
    crypt_wipe(&recovery, sizeof recovery);
    return status;
}

static enum status
ask_for_device(struct ask *ask, struct wallet *wallet, const struct command_line *line)
{
    const char *limit = command_value(line, "--daily-limit");
    const bool revoke = command_value(line, "--revoke") != NULL;
    struct secret_key recovery;
    struct public_key key;
    struct money daily;
    enum status status;

    if (line->count != 3 ||
        command_from_hex(key.bytes, sizeof key.bytes, line->arguments[2]) != STATUS_OK ||
        command_cents(&daily, limit == NULL ? RUN_DAILY_LIMIT : limit) != STATUS_OK)
        return STATUS_USAGE;
    status = run_key(&recovery, wallet, line, true);
    if (status != STATUS_OK)
        return status;
    status = ask_device(ask, wallet, &recovery, &key, revoke ? 2 : 1, daily, line->now_unix_s);
    crypt_wipe(&recovery, sizeof recovery);
    return status;
}

enum status
run_ask(const struct command_line *line)
{
    static const struct {
        const char *name;
        enum status (*ask)(struct ask *, struct wallet *, const struct command_line *);
        bool parcel_due; /* a certificate comes back */
    } kinds[] = {
        {"allowance", ask_for_allowance, true}, {"renewal", ask_for_renewal, true},
        {"gift", ask_for_gift, false},          {"loss", ask_for_loss, false},
        {"device", ask_for_device, false},
    };
    static struct wallet wallet;
    static struct ask ask;
    struct run_way way;
    bool waits;
    enum status status = run_way(&way, line);

    if (status == STATUS_OK)
        status = wallet_open(&wallet, line->arguments[0]);
    if (status != STATUS_OK)
        return status;
    run_wish(&way, line, "");
    waits = run_waits(&way, &wallet);
    status = waits ? STATUS_OK : STATUS_USAGE;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0] && !waits; i++) {
        if (strcmp(kinds[i].name, line->arguments[1]) != 0)
            continue;
        status = kinds[i].ask(&ask, &wallet, line);
        if (status == STATUS_OK)
            status = run_hand_over(&way, &wallet, &ask, kinds[i].parcel_due);
    }
    wallet_close(&wallet);
    return status == STATUS_OK ? run_send(&way, line) : status;
}
