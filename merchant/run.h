/* The till's subcommands, by topic: run_setup.c, run_sell.c, run_show.c. */
#ifndef SCHWEBE_MERCHANT_RUN_H
#define SCHWEBE_MERCHANT_RUN_H

#include "merchant/sell.h"
#include "merchant/till.h"
#include "protocol/command.h"
#include "protocol/status.h"

/* Opens the till in the folder that the person named, with the person's passphrase. */
MUST_CHECK enum status run_open(struct till *till, const struct command_line *line);

void run_print_id(const struct digest *id);

/* One for each subcommand; merchant(1). */
MUST_CHECK enum status run_create(const struct command_line *line);
MUST_CHECK enum status run_install(const struct command_line *line);
MUST_CHECK enum status run_upload(const struct command_line *line);
MUST_CHECK enum status run_sync(const struct command_line *line);
MUST_CHECK enum status run_learn(const struct command_line *line);
MUST_CHECK enum status run_request(const struct command_line *line);
MUST_CHECK enum status run_accept(const struct command_line *line);
MUST_CHECK enum status run_receipt(const struct command_line *line);
MUST_CHECK enum status run_cancel(const struct command_line *line);
MUST_CHECK enum status run_void(const struct command_line *line);
MUST_CHECK enum status run_refund(const struct command_line *line);
MUST_CHECK enum status run_status(const struct command_line *line);
MUST_CHECK enum status run_list(const struct command_line *line);
MUST_CHECK enum status run_verify(const struct command_line *line);
MUST_CHECK enum status run_vkey(const struct command_line *line);

#endif
