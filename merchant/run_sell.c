#include "merchant/run.h"

#include <stdio.h>
#include <string.h>

#include "merchant/demand.h"
#include "merchant/reverse.h"
#include "protocol/keyfile.h"

static enum status
read_wish(struct demand_wish *wish, const struct command_line *line)
{
    const char *class = command_value(line, "--class");
    const char *seconds = command_value(line, "--seconds");

    memset(wish, 0, sizeof *wish);
    wish->class = 1;
    wish->is_static = command_value(line, "--static") != NULL;
    wish->partial = command_value(line, "--partial") != NULL;
    wish->seconds = DEMAND_SECONDS;
    if (class != NULL && strcmp(class, "parking") == 0)
        wish->class = 2;
    else if (class != NULL && strcmp(class, "voucher") != 0)
        return STATUS_USAGE;
    if (seconds != NULL &&
        (command_number(&wish->seconds, seconds, 86400) != STATUS_OK || wish->seconds == 0))
        return STATUS_USAGE;
    if (wish->is_static)
        return line->count == 1 ? STATUS_OK : STATUS_USAGE;
    if (line->count != 2)
        return STATUS_USAGE;
    return command_cents(&wish->amount, line->arguments[1]);
}

enum status
run_request(const struct command_line *line)
{
    static struct till till;
    struct demand_wish wish;
    struct kid nonce;
    char text[CODE_TEXT_SIZE];
    char amount[COMMAND_MONEY_SIZE];
    uint64_t number = 0;
    enum status status = read_wish(&wish, line);

    if (status == STATUS_OK)
        status = run_open(&till, line);
    if (status != STATUS_OK)
        return status;
    crypt_random(&nonce, sizeof nonce);
    status = demand_new(text, &number, &till, &wish, &nonce, line->now_unix_s);
    till_close(&till);
    if (status != STATUS_OK)
        return status;
    command_money(amount, line, wish.amount);
    printf("%s %llu: %s\n", command_words(line, "Forderung", "Request"), (unsigned long long)number,
           wish.is_static ? command_words(line, "gedruckt, ohne Betrag", "printed, no amount")
                          : amount);
    return command_write_code(line, text);
}

static void
print_sold(const struct command_line *line, const struct sell_result *result)
{
    char amount[COMMAND_MONEY_SIZE];

    command_money(amount, line, result->amount);
    printf("%s %s\n", command_words(line, "BEZAHLT:", "PAID:"), amount);
    if (!money_is_zero(result->missing)) {
        command_money(amount, line, result->missing);
        printf("%s %s\n",
               command_words(line, "NUR EIN TEIL. Es fehlen noch", "A PART ONLY. Still missing:"),
               amount);
    }
    run_print_id(&result->transfer);
}

enum status
run_accept(const struct command_line *line)
{
    static struct till till;
    char text[COMMAND_CODE_SIZE];
    char receipt[SELL_TEXT_SIZE];
    struct sell_result result;
    uint8_t salt[TILL_SALT_SIZE];
    enum status drawn;
    enum status status = command_read_code(text, sizeof text, line);

    if (status == STATUS_OK)
        status = run_open(&till, line);
    if (status != STATUS_OK)
        return status;
    crypt_random(salt, sizeof salt);
    status =
        sell_accept(receipt, &result, &till, (struct span){(const uint8_t *)text, strlen(text)},
                    salt, line->now_unix_s);
    till_close(&till);
    if (receipt[0] == '\0')
        return status;
    if (status == STATUS_OK)
        print_sold(line, &result);
    /* Paid before: the receipt of then is shown again, and the status says that nothing is new. */
    drawn = command_write_code(line, receipt);
    if (drawn == STATUS_OK && fflush(stdout) != 0)
        drawn = STATUS_IO;
    if (drawn != STATUS_OK && status == STATUS_OK)
        fprintf(stderr, "schwebe: %s\n",
                command_words(line,
                              "Bezahlt ist trotzdem. Den Beleg zeigt `merchant receipt`, die "
                              "Nummer steht in `merchant list`.",
                              "It is paid all the same. `merchant receipt` shows the receipt, "
                              "`merchant list` the number."));
    return drawn == STATUS_OK ? status : drawn;
}

static enum status
transfer_named(struct digest *out, const char *text)
{
    return command_from_hex(out->bytes, sizeof out->bytes, text);
}

enum status
run_receipt(const struct command_line *line)
{
    static struct till till;
    char receipt[SELL_TEXT_SIZE];
    struct digest transfer;
    enum status status = transfer_named(&transfer, line->arguments[1]);

    if (status == STATUS_OK)
        status = run_open(&till, line);
    if (status != STATUS_OK)
        return status;
    status = sell_receipt(receipt, &till, &transfer);
    till_close(&till);
    return status == STATUS_OK ? command_write_code(line, receipt) : status;
}

enum status
run_cancel(const struct command_line *line)
{
    static struct till till;
    uint64_t number = 0;
    enum status status = run_open(&till, line);

    if (status != STATUS_OK)
        return status;
    status = line->count == 2 ? command_number(&number, line->arguments[1], UINT32_MAX)
                              : demand_latest(&number, &till, line->now_unix_s);
    if (status == STATUS_OK)
        status = demand_cancel(&till, number, line->now_unix_s);
    till_close(&till);
    if (status == STATUS_OK)
        printf("%s %llu\n", command_words(line, "Abgebrochen: Forderung", "Cancelled: request"),
               (unsigned long long)number);
    return status;
}

enum status
run_void(const struct command_line *line)
{
    static struct till till;
    const char *named = command_value(line, "--transfer");
    char text[COMMAND_CODE_SIZE];
    char amount[COMMAND_MONEY_SIZE];
    struct sell_result result = {0};
    struct digest transfer;
    uint8_t salt[TILL_SALT_SIZE];
    enum status status = named != NULL ? transfer_named(&transfer, named)
                                       : command_read_code(text, sizeof text, line);

    if (status == STATUS_OK)
        status = run_open(&till, line);
    if (status != STATUS_OK)
        return status;
    crypt_random(salt, sizeof salt);
    status = named != NULL ? reverse_void(&result, &till, &transfer, salt, line->now_unix_s)
                           : reverse_void_code(&result, &till,
                                               (struct span){(const uint8_t *)text, strlen(text)},
                                               salt, line->now_unix_s);
    till_close(&till);
    if (status != STATUS_OK)
        return status;
    command_money(amount, line, result.amount);
    printf("%s %s\n", command_words(line, "STORNO:", "VOID:"), amount);
    run_print_id(&result.transfer);
    return STATUS_OK;
}

/* The merchant's own key, for what the till's key may not refund. */
static enum status
merchant_key(struct secret_key *out, const struct command_line *line, const char *path)
{
    uint8_t passphrase[KEYFILE_PASSPHRASE_MAX + 2];
    size_t len = 0;
    enum status status =
        command_passphrase(passphrase, sizeof passphrase, &len, line, line->arguments[0]);

    if (status == STATUS_OK)
        status = keyfile_read(out, path, (struct span){passphrase, len});
    crypt_wipe(passphrase, sizeof passphrase);
    return status;
}

enum status
run_refund(const struct command_line *line)
{
    static struct till till;
    const char *path = command_value(line, "--key");
    struct secret_key merchant = {{0}};
    struct digest transfer;
    struct money amount = MONEY_ZERO;
    uint8_t salt[TILL_SALT_SIZE];
    char words[COMMAND_MONEY_SIZE];
    enum status status = transfer_named(&transfer, line->arguments[1]);

    if (status == STATUS_OK)
        status = command_cents(&amount, line->arguments[2]);
    if (status == STATUS_OK)
        status = run_open(&till, line);
    if (status != STATUS_OK)
        return status;
    if (path != NULL)
        status = merchant_key(&merchant, line, path);
    crypt_random(salt, sizeof salt);
    if (status == STATUS_OK)
        status = reverse_refund(&till, &transfer, amount, salt,
                                path != NULL ? &merchant : &till.secret, line->now_unix_s);
    crypt_wipe(&merchant, sizeof merchant);
    till_close(&till);
    if (status != STATUS_OK)
        return status;
    command_money(words, line, amount);
    printf("%s %s\n", command_words(line, "Erstattung:", "Refund:"), words);
    return STATUS_OK;
}
