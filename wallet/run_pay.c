#include "wallet/run.h"

#include <stdio.h>
#include <string.h>

#include "wallet/pay.h"

/* The payment that an argument names, else the latest one. */
static enum status
payment_named(struct digest *id, struct wallet *wallet, const struct command_line *line,
              size_t argument)
{
    if (line->count <= argument)
        return pay_latest(id, wallet);
    return command_from_hex(id->bytes, sizeof id->bytes, line->arguments[argument]);
}

static void
print_payee(const struct command_line *line, const struct code_request *request,
            struct money amount)
{
    char words[COMMAND_MONEY_SIZE];

    command_money(words, line, amount);
    printf("%s: %.*s\n%s: %s (%s)\n", command_words(line, "An", "To"), (int)request->till.title.len,
           (const char *)request->till.title.data, command_words(line, "Betrag", "Amount"), words,
           run_class_words(line, request->request.class));
}

/* Shows who gets how much and asks; the answer comes from the terminal, as standard input may
 * be the code. */
static enum status
confirm(const struct command_line *line, const struct code_request *request, struct money amount)
{
    char answer[16];
    FILE *terminal;
    bool yes;

    print_payee(line, request, amount);
    if (command_value(line, "--yes") != NULL)
        return STATUS_OK;
    terminal = fopen("/dev/tty", "r+");
    if (terminal == NULL)
        return STATUS_TERMINAL;
    fputs(command_words(line, "Bezahlen? [j/N] ", "Pay? [y/N] "), terminal);
    (void)fflush(terminal);
    yes = fgets(answer, sizeof answer, terminal) != NULL &&
          (answer[0] == 'j' || answer[0] == 'J' || answer[0] == 'y' || answer[0] == 'Y');
    (void)fclose(terminal);
    return yes ? STATUS_OK : STATUS_DECLINED;
}

/* A code that was read before: nothing is asked, as nothing is signed. NOT_FOUND when it is new. */
static enum status
show_known(char text[static CODE_TEXT_SIZE], struct wallet *wallet, const struct command_line *line,
           const struct code_request *request)
{
    struct money amount;
    struct digest id;
    enum status status = pay_known(&id, &amount, wallet, request);

    if (status != STATUS_OK)
        return status;
    status = pay_again(text, wallet, &id);
    if (status != STATUS_OK)
        return status;
    print_payee(line, request, amount);
    printf("%s\n",
           command_words(line,
                         "Dieses Gerät hat für diese Forderung schon unterschrieben. Das ist "
                         "dieselbe Zahlung noch einmal; es wird nichts zusätzlich bezahlt.",
                         "This device has already signed for this request. This is the same "
                         "payment once more; nothing is paid on top."));
    run_print_id(&id);
    return STATUS_OK;
}

static enum status
pay_request(char text[static CODE_TEXT_SIZE], struct wallet *wallet,
            const struct command_line *line, const struct code_request *request)
{
    const char *wanted_words = command_value(line, "--amount");
    struct pay_choice choice;
    struct secret_key device;
    struct money wanted;
    struct money amount = MONEY_ZERO;
    struct digest id;
    enum status status = STATUS_OK;

    if (wanted_words != NULL)
        status = command_cents(&wanted, wanted_words);
    if (status == STATUS_OK)
        status = pay_amount(&amount, &request->request, wanted_words == NULL ? NULL : &wanted);
    /* Before anybody is asked. */
    if (status == STATUS_OK)
        status = pay_choose(&choice, wallet, request, amount, line->now_unix_s);
    if (status == STATUS_OK)
        status = confirm(line, request, amount);
    if (status == STATUS_OK)
        status = run_key(&device, wallet, line, false);
    if (status != STATUS_OK)
        return status;
    status = pay_sign(text, &id, wallet, request, amount, &device, line->now_unix_s);
    crypt_wipe(&device, sizeof device);
    if (status == STATUS_OK)
        run_print_id(&id);
    return status;
}

enum status
run_pay(const struct command_line *line)
{
    static struct wallet wallet;
    char scanned[COMMAND_CODE_SIZE];
    char text[CODE_TEXT_SIZE];
    struct code_request request;
    struct code_bytes bytes;
    enum status status = command_read_code(scanned, sizeof scanned, line);

    if (status == STATUS_OK)
        status = wallet_open(&wallet, line->arguments[0]);
    if (status != STATUS_OK)
        return status;
    status = pay_read(&request, &bytes, &wallet,
                      (struct span){(const uint8_t *)scanned, strlen(scanned)});
    if (status == STATUS_OK)
        status = show_known(text, &wallet, line, &request);
    if (status == STATUS_NOT_FOUND)
        status = pay_request(text, &wallet, line, &request);
    wallet_close(&wallet);
    if (status == STATUS_OK)
        status = command_write_code(line, text);
    return status;
}

enum status
run_again(const struct command_line *line)
{
    static struct wallet wallet;
    char text[CODE_TEXT_SIZE];
    struct digest id;
    enum status status = wallet_open(&wallet, line->arguments[0]);

    if (status != STATUS_OK)
        return status;
    status = payment_named(&id, &wallet, line, 1);
    if (status == STATUS_OK)
        status = pay_again(text, &wallet, &id);
    wallet_close(&wallet);
    if (status == STATUS_OK)
        status = command_write_code(line, text);
    return status;
}

enum status
run_cancel(const struct command_line *line)
{
    static struct wallet wallet;
    struct digest id;
    enum status status = wallet_open(&wallet, line->arguments[0]);

    if (status != STATUS_OK)
        return status;
    status = payment_named(&id, &wallet, line, 1);
    if (status == STATUS_OK)
        status = pay_cancel(&wallet, &id);
    wallet_close(&wallet);
    if (status != STATUS_OK)
        return status;
    printf("%s\n",
           command_words(line,
                         "Abgebrochen. Der Betrag bleibt reserviert, bis die Kasse storniert oder "
                         "das Guthaben abgerechnet wird.",
                         "Cancelled. The amount stays reserved until the till voids it or the "
                         "allowance is closed."));
    run_print_id(&id);
    return STATUS_OK;
}

enum status
run_receipt(const struct command_line *line)
{
    static struct wallet wallet;
    char scanned[COMMAND_CODE_SIZE];
    struct digest id;
    enum status status = command_read_code(scanned, sizeof scanned, line);

    if (status == STATUS_OK)
        status = wallet_open(&wallet, line->arguments[0]);
    if (status != STATUS_OK)
        return status;
    status = pay_receipt(&id, &wallet, (struct span){(const uint8_t *)scanned, strlen(scanned)});
    wallet_close(&wallet);
    if (status != STATUS_OK)
        return status;
    printf("%s\n", command_words(line, "Beleg geprüft und gespeichert: bezahlt.",
                                 "Receipt checked and stored: paid."));
    run_print_id(&id);
    return STATUS_OK;
}

enum status
run_upload(const struct command_line *line)
{
    static const char *const claims[] = {"receipt", "delivered", "settle", "cancelled"};
    const char *claim = command_value(line, "--claim");
    static struct wallet wallet;
    static struct ask ask;
    struct secret_key device;
    struct digest id;
    struct run_way way;
    char subject[2 * DIGEST_SIZE + 1];
    uint64_t number = 0;
    bool waits = false;
    enum status status = run_way(&way, line);

    for (uint64_t i = 0; claim != NULL && i < 4; i++) {
        if (strcmp(claim, claims[i]) == 0)
            number = i + 1;
    }
    if (status != STATUS_OK || number == 0)
        return status == STATUS_OK ? STATUS_USAGE : status;
    status = wallet_open(&wallet, line->arguments[0]);
    if (status != STATUS_OK)
        return status;
    status = payment_named(&id, &wallet, line, 1);
    if (status == STATUS_OK) {
        command_to_hex(subject, id.bytes, sizeof id.bytes);
        run_wish(&way, line, subject);
        waits = run_waits(&way, &wallet);
    }
    if (status == STATUS_OK && !waits) {
        status = run_key(&device, &wallet, line, false);
        if (status == STATUS_OK)
            status = ask_statement(&ask, &wallet, &device, &id, number, line->now_unix_s);
        crypt_wipe(&device, sizeof device);
        if (status == STATUS_OK)
            status = run_hand_over(&way, &wallet, &ask, number == 3);
    }
    wallet_close(&wallet);
    return status == STATUS_OK ? run_send(&way, line) : status;
}
