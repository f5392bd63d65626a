#include "run.h"

#include <stdio.h>
#include <string.h>

#include "protocol/keyfile.h"
#include "protocol/text.h"

/* 64 MiB of Argon2id for each key file. */
#define SEAL_COST SEAL_INTERACTIVE

static struct city city;

enum status
run_open(struct city *out, const struct command_line *line)
{
    uint8_t passphrase[KEYFILE_PASSPHRASE_MAX + 2];
    size_t len = 0;
    enum status status =
        command_passphrase(passphrase, sizeof passphrase, &len, line, line->arguments[0]);

    if (status == STATUS_OK)
        status = city_open(out, line->arguments[0], (struct span){passphrase, len}, 0);
    crypt_wipe(passphrase, sizeof passphrase);
    return status;
}

void
run_moment(struct intake_moment *moment, const struct command_line *line)
{
    memset(moment, 0, sizeof *moment);
    moment->time_unix_s = line->now_unix_s;
    moment->dry_run = command_value(line, "--dry-run") != NULL;
    crypt_random(moment->seed, sizeof moment->seed);
}

enum status
run_write_out(const struct command_line *line, struct span bytes)
{
    const char *path = command_value(line, "--out");

    return path == NULL ? STATUS_USAGE : command_write_file(path, bytes);
}

/* --- making ------------------------------------------------------------------------------------
 */

static enum status
read_names(struct city_names *names, const struct command_line *line)
{
    const char *network = command_value(line, "--network");

    names->name = command_value(line, "--name");
    names->origin = command_value(line, "--origin");
    if (network == NULL || names->name == NULL || names->origin == NULL)
        return STATUS_USAGE;
    return command_number(&names->network, network, UINT32_MAX);
}

enum status
run_create(const struct command_line *line)
{
    static struct city_random random;
    uint8_t passphrase[KEYFILE_PASSPHRASE_MAX + 2];
    struct city_names names;
    size_t len = 0;
    enum status status = read_names(&names, line);

    if (status == STATUS_OK)
        status = file_folder(line->arguments[0]);
    if (status == STATUS_EXISTS)
        status = STATUS_OK;
    if (status == STATUS_OK)
        status = command_passphrase(passphrase, sizeof passphrase, &len, line, line->arguments[0]);
    if (status != STATUS_OK)
        return status;
    crypt_random(&random, sizeof random);
    status = city_create(&city, line->arguments[0], &names, (struct span){passphrase, len},
                         SEAL_COST, &random, line->now_unix_s);
    crypt_wipe(&random, sizeof random);
    crypt_wipe(passphrase, sizeof passphrase);
    if (status == STATUS_OK)
        printf("%s\n",
               command_words(line,
                             "Angelegt. Wurzel-, Stellen- und Ersatzschlüssel liegen in keys/ und "
                             "gehören zu ihren Inhabern, nicht auf diesen Rechner.",
                             "Made. Root, office and spare keys lie in keys/ and belong with their "
                             "holders, not on this machine."));
    return status;
}

enum status
run_key(const struct command_line *line)
{
    uint8_t passphrase[KEYFILE_PASSPHRASE_MAX + 2];
    struct {
        uint8_t seed[SEED_SIZE];
        uint8_t seal[SEAL_SALT_SIZE + SEAL_NONCE_SIZE];
    } random;
    struct public_key key;
    char hex[2 * PUBLIC_KEY_SIZE + 1];
    size_t len = 0;
    enum status status = command_passphrase(passphrase, sizeof passphrase, &len, line, ".");

    if (status != STATUS_OK)
        return status;
    crypt_random(&random, sizeof random);
    status = keyfile_write(line->arguments[0], random.seed, (struct span){passphrase, len},
                           SEAL_COST, random.seal);
    crypt_wipe(&random, sizeof random);
    crypt_wipe(passphrase, sizeof passphrase);
    if (status == STATUS_OK)
        status = keyfile_public(&key, line->arguments[0]);
    if (status != STATUS_OK)
        return status;
    command_to_hex(hex, key.bytes, sizeof key.bytes);
    printf("%s\n", hex);
    return STATUS_OK;
}

/* --- parcels for others -------------------------------------------------------------------------
 */

enum status
run_city(const struct command_line *line)
{
    struct span parcel = {NULL, 0};
    enum status status = run_open(&city, line);

    if (status != STATUS_OK)
        return status;
    status = intake_city_parcel(&city.intake, &parcel);
    if (status == STATUS_OK)
        status = run_write_out(line, parcel);
    city_close(&city);
    return status;
}

enum status
run_till(const struct command_line *line)
{
    struct span parcel = {NULL, 0};
    uint64_t till;
    enum status status = command_number(&till, line->arguments[1], UINT32_MAX);

    if (status == STATUS_OK)
        status = run_open(&city, line);
    if (status != STATUS_OK)
        return status;
    status = intake_till_parcel(&city.intake, &parcel, till, line->now_unix_s);
    if (status == STATUS_OK)
        status = run_write_out(line, parcel);
    city_close(&city);
    return status;
}

/* Each news of the parcel as a code that a phone can carry to a till. */
static enum status
print_news(struct span bytes)
{
    static struct msg_parcel parcel;
    char text[TEXT_SIZE_MAX];
    size_t len;
    enum status status = schema_decode(&parcel, &msg_parcel_schema, bytes);

    for (size_t i = 0; i < parcel.parts_count && status == STATUS_OK; i++) {
        uint64_t type;

        status = msg_peek(&type, parcel.parts[i]);
        if (status != STATUS_OK || type != MSG_NEWS)
            continue;
        status = text_encode(text, sizeof text, &len, TEXT_NEWS, parcel.parts[i]);
        if (status == STATUS_OK)
            printf("%s\n", text);
    }
    return status;
}

enum status
run_news(const struct command_line *line)
{
    const char *from = command_value(line, "--from");
    struct span parcel = {NULL, 0};
    uint64_t version = 0;
    enum status status = from == NULL ? STATUS_OK : command_number(&version, from, UINT32_MAX);

    if (status == STATUS_OK)
        status = run_open(&city, line);
    if (status != STATUS_OK)
        return status;
    status = intake_news_parcel(&city.intake, &parcel, version, line->now_unix_s);
    if (status == STATUS_OK && command_value(line, "--out") != NULL)
        status = run_write_out(line, parcel);
    if (status == STATUS_OK)
        status = print_news(parcel);
    city_close(&city);
    return status;
}
