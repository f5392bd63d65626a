/* The wallet's subcommands, by topic: run_purse.c, run_pay.c, run_show.c. */
#ifndef SCHWEBE_WALLET_RUN_H
#define SCHWEBE_WALLET_RUN_H

#include <stdbool.h>

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

/* USAGE unless --out is given: without a file to write to, nothing is signed. */
MUST_CHECK enum status run_needs_out(const struct command_line *line);
MUST_CHECK enum status run_write_ask(const struct command_line *line, const struct ask *ask);

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
