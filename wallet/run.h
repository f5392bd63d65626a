/* The wallet's subcommands, by topic: run_purse.c, run_pay.c, run_send.c, run_show.c. */
#ifndef SCHWEBE_WALLET_RUN_H
#define SCHWEBE_WALLET_RUN_H

#include <stdbool.h>

#include "ledger/carry.h"
#include "protocol/command.h"
#include "protocol/crypt.h"
#include "protocol/status.h"
#include "wallet/ask.h"
#include "wallet/wallet.h"

/* What the device key may ask for in a day unless its owner says otherwise. */
#define RUN_DAILY_LIMIT "100"

/* Opens the device or recovery key with the person's passphrase; the caller wipes it. */
MUST_CHECK enum status run_key(struct secret_key *out, const struct wallet *wallet,
                               const struct command_line *line, bool recovery);

/* Where a message for the city goes: into a file (--out) or to its service (--server). */
struct run_way {
    const char *file;
    struct carry to;
    struct digest wish; /* what the person wants, as a hash: the same command, the same wish */
};

/* USAGE unless one of both is given, so that nothing is signed for nowhere; SERVER_ADDRESS.
 * `subject` is what the wish is about beside the arguments, "" for nothing. */
MUST_CHECK enum status run_way(struct run_way *out, const struct command_line *line);
void run_wish(struct run_way *way, const struct command_line *line, const char *subject);

/* Whether the message for this wish waits already, so that none is signed anew. */
bool run_waits(const struct run_way *way, struct wallet *wallet);

/* Writes the file, or keeps the message in the wallet for run_send. */
MUST_CHECK enum status run_hand_over(const struct run_way *way, struct wallet *wallet,
                                     const struct ask *ask, bool parcel_due);

/* For --server, once the wallet is closed: sends, and takes and prints the answer. Nothing for a
 * file. */
MUST_CHECK enum status run_send(const struct run_way *way, const struct command_line *line);

/* Fills `out` with the city parcel of --city, or of --server over a way that nobody can change. */
MUST_CHECK enum status run_city_parcel(uint8_t *out, size_t cap, size_t *len,
                                       const struct command_line *line);

/* Prints the line `id: ...` that scripts read. */
void run_print_id(const struct digest *id);

const char *run_class_words(const struct command_line *line, uint64_t class);

/* One for each subcommand; wallet(1). */
MUST_CHECK enum status run_create(const struct command_line *line);
MUST_CHECK enum status run_ask(const struct command_line *line);
MUST_CHECK enum status run_take(const struct command_line *line);
MUST_CHECK enum status run_pay(const struct command_line *line);
MUST_CHECK enum status run_again(const struct command_line *line);
MUST_CHECK enum status run_cancel(const struct command_line *line);
MUST_CHECK enum status run_receipt(const struct command_line *line);
MUST_CHECK enum status run_upload(const struct command_line *line);
MUST_CHECK enum status run_show(const struct command_line *line);
MUST_CHECK enum status run_list(const struct command_line *line);

#endif
