/* What the files of the intake share. Not for others. */
#ifndef SCHWEBE_INTAKE_PARTS_H
#define SCHWEBE_INTAKE_PARTS_H

#include "apply_rules.h"
#include "intake.h"

/* Makes an entry, applies it and appends it to the log. The statuses of apply_entry and
 * log_append. */
MUST_CHECK enum status intake_append(struct intake *intake, uint64_t kind,
                                     const struct span *messages, size_t count,
                                     struct span attachment);
/* The same with an attachment that is encoded first. */
MUST_CHECK enum status intake_append_with(struct intake *intake, uint64_t kind,
                                          const struct span *messages, size_t count,
                                          const struct schema *schema, const void *attachment);

/* What must come next: a dispute, a debt, refunds that waited. */
MUST_CHECK enum status intake_owed(struct intake *intake);

/* The allowance certificate, transfer and request of a transfer, out of the entry that holds them;
 * borrows from intake->source. */
struct intake_source {
    struct span transfer;
    struct span request;
};
MUST_CHECK enum status intake_source(struct intake *intake, struct intake_source *out,
                                     const struct record_transfer *record);
/* Reads and decodes an entry into intake->read; borrows from intake->source. */
MUST_CHECK enum status intake_read(struct intake *intake, uint64_t index);

/* The kinds of parcels, each within an open batch. */
MUST_CHECK enum status intake_upload(struct intake *intake);
MUST_CHECK enum status intake_statement(struct intake *intake);
MUST_CHECK enum status intake_ask(struct intake *intake);

/* Building answers: start, add parts, finish into intake->result. The parts are all messages of an
 * entry; role keys, kills and parameters logged after entry `since` and up to `until`; news from
 * one version to another, or as far as one answer goes: the rest comes with the next one. */
void intake_answer_begin(struct intake *intake, enum msg_parcel_kind kind);
MUST_CHECK enum status intake_answer_entry(struct intake *intake, uint64_t index);
MUST_CHECK enum status intake_answer_city(struct intake *intake, uint64_t since, uint64_t until);
MUST_CHECK enum status intake_answer_news(struct intake *intake, uint64_t from, uint64_t to,
                                          uint64_t time_unix_s);
MUST_CHECK enum status intake_answer_end(struct intake *intake);

/* The whole answers. */
MUST_CHECK enum status intake_answer_till(struct intake *intake, uint64_t till,
                                          uint64_t time_unix_s);
MUST_CHECK enum status intake_answer_sync(struct intake *intake, const struct digest *upload);
MUST_CHECK enum status intake_answer_allowance(struct intake *intake, uint64_t index);
MUST_CHECK enum status intake_answer_account(struct intake *intake,
                                             const struct msg_account *account);
MUST_CHECK enum status intake_answer_proof(struct intake *intake,
                                           const struct record_transfer *record);

/* Within a reading transaction: answers a purse's or merchant's question; says whether a message is
 * an auditor's question about entries. */
MUST_CHECK enum status intake_account_answer(struct intake *intake, struct span parcel,
                                             uint64_t time_unix_s);
MUST_CHECK enum status intake_account_auditor(struct intake *intake, struct span message,
                                              uint64_t time_unix_s);

#endif
