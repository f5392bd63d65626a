/* The node's subcommands, by topic: run_city.c, run_act.c, run_book.c, run_show.c,
 * run_entry.c, run_verify.c, run_serve.c. */
#ifndef SCHWEBE_LEDGER_RUN_H
#define SCHWEBE_LEDGER_RUN_H

#include "city.h"
#include "intake.h"
#include "protocol/command.h"
#include "protocol/status.h"

/* Opens the city in the folder that the person named, with the person's passphrase. */
MUST_CHECK enum status run_open(struct city *city, const struct command_line *line);

/* The time of the command and fresh random bytes. */
void run_moment(struct intake_moment *moment, const struct command_line *line);

/* Writes what was given with --out. USAGE without it. */
MUST_CHECK enum status run_write_out(const struct command_line *line, struct span bytes);

/* Prints one entry of the log, field by field: its messages, what a till's item holds, and the
 * attachment. NOT_FOUND, STORE_BROKEN, and the statuses of schema_decode. */
MUST_CHECK enum status run_entry(struct store_txn *txn, uint64_t index);

/* One for each subcommand; ledger(1). */
MUST_CHECK enum status run_create(const struct command_line *line);
MUST_CHECK enum status run_key(const struct command_line *line);
MUST_CHECK enum status run_city(const struct command_line *line);
MUST_CHECK enum status run_till(const struct command_line *line);
MUST_CHECK enum status run_news(const struct command_line *line);
MUST_CHECK enum status run_sign(const struct command_line *line);
MUST_CHECK enum status run_cosign(const struct command_line *line);
MUST_CHECK enum status run_submit(const struct command_line *line);
MUST_CHECK enum status run_day(const struct command_line *line);
MUST_CHECK enum status run_close(const struct command_line *line);
MUST_CHECK enum status run_payouts(const struct command_line *line);
MUST_CHECK enum status run_show(const struct command_line *line);
MUST_CHECK enum status run_verify(const struct command_line *line);
MUST_CHECK enum status run_backup(const struct command_line *line);
MUST_CHECK enum status run_export(const struct command_line *line);
MUST_CHECK enum status run_check_config(const struct command_line *line);
MUST_CHECK enum status run_serve(const struct command_line *line);
MUST_CHECK enum status run_witness_create(const struct command_line *line);
MUST_CHECK enum status run_witness(const struct command_line *line);
MUST_CHECK enum status run_proof(const struct command_line *line);
MUST_CHECK enum status run_check_proof(const struct command_line *line);
MUST_CHECK enum status run_vkey(const struct command_line *line);

#endif
