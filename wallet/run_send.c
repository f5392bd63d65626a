#include "wallet/run.h"

#include <stdio.h>
#include <string.h>

#include "protocol/file.h"
#include "wallet/send.h"

/* --- what goes ---------------------------------------------------------------------------------
 */

enum status
run_way(struct run_way *out, const struct command_line *line)
{
    const enum status status = carry_named(&out->to, line);

    out->file = command_value(line, "--out");
    memset(&out->wish, 0, sizeof out->wish);
    if (status == STATUS_OK && (out->file == NULL) == (out->to.server == NULL))
        return STATUS_USAGE;
    return status;
}

/* A text with the zero at its end, which tells it apart from the next one. */
static struct span
whole(const char *text)
{
    return (struct span){(const uint8_t *)text, strlen(text) + 1};
}

void
run_wish(struct run_way *way, const struct command_line *line, const char *subject)
{
    static const char *const options[] = {"--restriction", "--online", "--claim", "--revoke",
                                          "--daily-limit"};
    enum { OPTIONS = sizeof options / sizeof options[0], ARGUMENTS = 3 };
    struct span parts[2 + ARGUMENTS + 2 * OPTIONS];
    size_t count = 0;

    parts[count++] = whole(line->command->name);
    parts[count++] = whole(subject);
    for (size_t i = 1; i <= ARGUMENTS; i++)
        parts[count++] = whole(i < line->count ? line->arguments[i] : "");
    for (size_t i = 0; i < OPTIONS; i++) {
        const char *const value = command_value(line, options[i]);

        parts[count++] = whole(value == NULL ? "" : options[i]);
        parts[count++] = whole(value == NULL ? "" : value);
    }
    crypt_hash(&way->wish, parts, count);
}

bool
run_waits(const struct run_way *way, struct wallet *wallet)
{
    return way->file == NULL && send_waits(wallet, &way->wish) == STATUS_OK;
}

enum status
run_hand_over(const struct run_way *way, struct wallet *wallet, const struct ask *ask,
              bool parcel_due)
{
    if (way->file == NULL)
        return send_keep(wallet, &way->wish, ask, parcel_due);
    return command_write_file(way->file, (struct span){ask->bytes, ask->len});
}

/* --- what comes --------------------------------------------------------------------------------
 */

static void
print_taken(const struct command_line *line, const struct take_result *result)
{
    char amount[COMMAND_MONEY_SIZE];
    char until[COMMAND_TIME_SIZE];
    char hex[2 * KID_SIZE + 1];

    if (result->allowance) {
        command_money(amount, line, result->amount);
        command_time(until, result->until_unix_s);
        command_to_hex(hex, result->line.bytes, sizeof result->line.bytes);
        printf("%s: %s, %s %s\nline: %s\n",
               command_words(line, "Für unterwegs, ohne Netz", "For use without a network"), amount,
               command_words(line, "bis", "until"), until, hex);
    }
    if (result->settled) {
        printf("%s\n", command_words(line, "Die Zahlung ist gebucht.", "The payment is settled."));
        run_print_id(&result->payment);
    }
    if (result->acts > 0)
        printf("%s: %zu\n",
               command_words(line, "Geprüfte Mitteilungen der Stadt",
                             "Messages of the city that were checked"),
               result->acts);
}

/* Sends what waits for one wish. */
static enum status
send_wish(const struct command_line *line, const struct digest *wish, const struct carry *to)
{
    struct take_result result;
    const enum status status = send_one(&result, line->arguments[0], wish, to, line->now_unix_s);

    if (status != STATUS_OK)
        return status;
    printf("%s\n", command_words(line, "Die Stadt hat geantwortet: angenommen.",
                                 "The city has answered: accepted."));
    print_taken(line, &result);
    return STATUS_OK;
}

enum status
run_send(const struct run_way *way, const struct command_line *line)
{
    return way->file == NULL ? send_wish(line, &way->wish, &way->to) : STATUS_OK;
}

enum status
run_city_parcel(uint8_t *out, size_t cap, size_t *len, const struct command_line *line)
{
    const char *const path = command_value(line, "--city");
    struct carry to;
    const enum status status = carry_named(&to, line);

    if (path != NULL || status != STATUS_OK)
        return status == STATUS_OK ? file_read(out, cap, len, path) : status;
    if (to.server == NULL)
        return STATUS_USAGE;
    return carry_is_sure(&to) ? carry_get(out, cap, len, &to, "/city") : STATUS_SERVER_TLS;
}

/* Takes a parcel and prints what it brought. */
static enum status
take_bytes(const struct command_line *line, struct span parcel)
{
    static struct wallet wallet;
    struct take_result result;
    enum status status = wallet_open(&wallet, line->arguments[0]);

    if (status != STATUS_OK)
        return status;
    status = take_parcel(&result, &wallet, parcel, line->now_unix_s);
    if (status == STATUS_OK)
        print_taken(line, &result);
    wallet_close(&wallet);
    return status;
}

/* Everything that waits, and then what the city says to everybody. A message that is refused holds
 * up none of the others; without an answer nobody else gets one either. */
static enum status
send_all(const struct command_line *line, const struct carry *to, uint8_t *parcel, size_t cap)
{
    const char *const dir = line->arguments[0];
    enum status first = STATUS_OK;
    struct digest wish;
    size_t len = 0;
    enum status status = send_next(&wish, dir, NULL);

    while (status == STATUS_OK) {
        const enum status sent = send_wish(line, &wish, to);

        if (sent == STATUS_OFFLINE || sent == STATUS_SERVER_TIMEOUT)
            return sent;
        if (first == STATUS_OK)
            first = sent;
        status = send_next(&wish, dir, &wish);
    }
    if (status != STATUS_NOT_FOUND)
        return status;
    status = carry_get(parcel, cap, &len, to, "/city");
    if (status == STATUS_OK)
        status = take_bytes(line, (struct span){parcel, len});
    return first == STATUS_OK ? status : first;
}

enum status
run_take(const struct command_line *line)
{
    static uint8_t bytes[MSG_PARCEL_MAX];
    struct carry to;
    size_t len = 0;
    enum status status = carry_named(&to, line);

    if (status == STATUS_OK && (line->count == 1) == (to.server == NULL))
        status = STATUS_USAGE;
    if (status != STATUS_OK)
        return status;
    if (to.server != NULL)
        return send_all(line, &to, bytes, sizeof bytes);
    status = file_read(bytes, sizeof bytes, &len, line->arguments[1]);
    return status == STATUS_OK ? take_bytes(line, (struct span){bytes, len}) : status;
}
