#include "run.h"

#include <stdio.h>
#include <string.h>

#include "carry.h"
#include "protocol/keyfile.h"

static struct city city;
static uint8_t parcel[MSG_PARCEL_MAX];

static void
print_result(const struct command_line *line, const char *what, const struct intake_result *result)
{
    const char *kind = apply_kind_name(result->kind);

    if (result->repeated)
        printf("%s: %s\n", what,
               command_words(line, "schon gebucht, dieselbe Antwort", "known, the same answer"));
    else if (result->count > 0)
        printf("%s: %s %llu-%llu (%s)\n", what, command_words(line, "Einträge", "entries"),
               (unsigned long long)result->first,
               (unsigned long long)(result->first + result->count - 1), kind == NULL ? "-" : kind);
}

static enum status
submit_file(const struct command_line *line, const char *path)
{
    struct intake_moment moment;
    struct intake_result result;
    size_t len = 0;
    enum status status = file_read(parcel, sizeof parcel, &len, path);

    if (status != STATUS_OK)
        return status;
    run_moment(&moment, line);
    status = intake_submit(&city.intake, &result, (struct span){parcel, len}, &moment);
    if (status != STATUS_OK)
        return status;
    print_result(line, path, &result);
    if (command_value(line, "--out") == NULL || result.answer.len == 0)
        return STATUS_OK;
    return run_write_out(line, result.answer);
}

/* The files stay as they are: whoever gets no answer sends the same again. */
static enum status
submit_over(const struct command_line *line, const struct carry *to)
{
    static uint8_t answer[MSG_PARCEL_MAX];
    const bool dry_run = command_value(line, "--dry-run") != NULL;

    for (size_t i = 0; i < line->count; i++) {
        const char *const path = line->arguments[i];
        size_t len = 0;
        bool answered;
        enum status status = file_read(parcel, sizeof parcel, &len, path);

        if (status == STATUS_OK)
            status = carry_post(answer, sizeof answer, &len, &answered, to,
                                (struct span){parcel, len}, dry_run);
        if (status == STATUS_OK && command_value(line, "--out") != NULL && len > 0)
            status = run_write_out(line, (struct span){answer, len});
        if (status != STATUS_OK)
            return status;
        printf("%s: %s\n", path,
               dry_run ? command_words(line, "wird angenommen, nicht gebucht",
                                       "is accepted, not booked")
                       : command_words(line, "angenommen", "accepted"));
    }
    return STATUS_OK;
}

enum status
run_submit(const struct command_line *line)
{
    struct carry to;
    enum status status = carry_named(&to, line);
    const size_t files = to.server == NULL ? line->count - 1 : line->count;

    /* One answer, one file. */
    if (status == STATUS_OK && (files == 0 || (command_value(line, "--out") != NULL && files > 1)))
        status = STATUS_USAGE;
    if (status == STATUS_OK && to.server != NULL)
        return submit_over(line, &to);
    if (status == STATUS_OK)
        status = run_open(&city, line);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 1; i < line->count && status == STATUS_OK; i++)
        status = submit_file(line, line->arguments[i]);
    city_close(&city);
    return status;
}

enum status
run_day(const struct command_line *line)
{
    struct intake_moment moment;
    struct intake_result result;
    enum status status = run_open(&city, line);

    if (status != STATUS_OK)
        return status;
    run_moment(&moment, line);
    status = intake_service_day(&city.intake, &result, &moment);
    if (status == STATUS_OK)
        print_result(line, command_words(line, "Servicetag", "service day"), &result);
    city_close(&city);
    return status;
}

/* Lines first, then lots: what comes back to an expired lot expires with it. */
enum status
run_close(const struct command_line *line)
{
    struct intake_moment moment;
    struct intake_result result;
    struct kid id;
    enum status lots;
    enum status status = run_open(&city, line);

    if (status != STATUS_OK)
        return status;
    run_moment(&moment, line);
    if (line->count == 2) {
        status = command_from_hex(id.bytes, sizeof id.bytes, line->arguments[1]);
        if (status == STATUS_OK)
            status = intake_close(&city.intake, &result, &id, &moment);
        if (status == STATUS_OK)
            print_result(line, line->arguments[1], &result);
        city_close(&city);
        return status;
    }
    status = intake_close_due(&city.intake, &result, &moment);
    if (status == STATUS_OK)
        print_result(line, command_words(line, "Abschluss", "close"), &result);
    if (status == STATUS_OK || status == STATUS_NOT_DUE) {
        run_moment(&moment, line);
        lots = intake_expire(&city.intake, &result, &moment);
        if (lots == STATUS_OK)
            print_result(line, command_words(line, "Verfall", "expiry"), &result);
        /* Done when either had something to do. */
        if (lots != STATUS_NOT_DUE)
            status = lots;
    }
    city_close(&city);
    return status;
}

/* --- payouts -----------------------------------------------------------------------------------
 */

static enum status
open_treasury(struct secret_key *out, const struct command_line *line, const char *path)
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

static enum status
pay_out(const struct command_line *line, const struct msg_payout *payout,
        const struct secret_key *treasury)
{
    static struct msg_parcel act;
    static uint8_t message[MSG_SIGN_MAX];
    struct intake_moment moment;
    struct intake_result result;
    size_t len = 0;
    enum status status;

    act.kind = MSG_PARCEL_ACT;
    act.parts_count = 1;
    act.parts[0].data = message;
    status = msg_sign(message, sizeof message, &act.parts[0].len, &msg_payout_schema, payout,
                      payout->network, treasury);
    if (status == STATUS_OK)
        status = schema_encode(parcel, sizeof parcel, &len, &msg_parcel_schema, &act);
    if (status != STATUS_OK)
        return status;
    run_moment(&moment, line);
    return intake_submit(&city.intake, &result, (struct span){parcel, len}, &moment);
}

static enum status
payout_of(const struct command_line *line, uint64_t network, uint64_t merchant, uint64_t class,
          const struct secret_key *treasury)
{
    struct msg_payout payout = {
        .network = network,
        .merchant = merchant,
        .class = class,
        .time = line->now_unix_s,
    };
    char words[COMMAND_MONEY_SIZE];
    enum status status =
        intake_payout_due(&city.intake, &payout.number, &payout.amount, merchant, class);

    if (status == STATUS_NOTHING_OWED)
        return STATUS_OK;
    if (status == STATUS_OK && treasury != NULL)
        status = pay_out(line, &payout, treasury);
    if (status != STATUS_OK)
        return status;
    command_money(words, line, payout.amount);
    printf("%s %llu  %s  %s %llu  %s%s\n", command_words(line, "Händler", "merchant"),
           (unsigned long long)merchant,
           class == 1 ? command_words(line, "Gutschein", "voucher")
                      : command_words(line, "Parken", "parking"),
           command_words(line, "Nr.", "no."), (unsigned long long)payout.number, words,
           treasury == NULL ? "" : command_words(line, "  angewiesen", "  ordered"));
    return STATUS_OK;
}

static enum status
network_of(uint64_t *network)
{
    char origin[NOTE_NAME_MAX + 1];
    struct store_txn txn;
    enum status status = store_begin_read(&txn, &city.store);

    if (status != STATUS_OK)
        return status;
    status = city_genesis(network, origin, &txn);
    store_abort(&txn);
    return status;
}

enum status
run_payouts(const struct command_line *line)
{
    const char *path = command_value(line, "--key");
    struct secret_key treasury;
    uint64_t network = 0;
    uint64_t merchant = 0;
    enum status status = run_open(&city, line);

    if (status != STATUS_OK)
        return status;
    if (path != NULL)
        status = open_treasury(&treasury, line, path);
    if (status == STATUS_OK)
        status = network_of(&network);
    while (status == STATUS_OK) {
        status = intake_next_merchant(&city.intake, &merchant);
        for (uint64_t i = 1; i <= 2 && status == STATUS_OK; i++)
            status = payout_of(line, network, merchant, i, path == NULL ? NULL : &treasury);
    }
    crypt_wipe(&treasury, sizeof treasury);
    city_close(&city);
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}
