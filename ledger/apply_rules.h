/* What the files of the apply step share: helpers, and the rules by kind of entry. Not for others
 * but ledger/intake, which asks for a decision before it writes the entry that states it. */
#ifndef SCHWEBE_APPLY_RULES_H
#define SCHWEBE_APPLY_RULES_H

#include "apply.h"
#include "protocol/evidence.h"

/* --- helpers (apply.c) --- */

/* Opens message `number` of the entry; the statuses of msg_open. */
MUST_CHECK enum status apply_open(struct apply *apply, struct cose_message *message, void *out,
                                  const struct schema *schema, size_t number);

/* Opens an act of the city and checks its one or two signatures. */
MUST_CHECK enum status apply_act(struct apply *apply, void *out, const struct schema *schema);

/* Whether `key` signed the message, which must carry its kid: SIGNATURE_BAD. */
MUST_CHECK enum status apply_verify(struct apply *apply, const struct cose_message *message,
                                    const struct schema *schema, const struct public_key *key);

/* signer_check of the state's signers, now at the entry's time; a signature that was found good
 * before is not verified again. */
MUST_CHECK enum status apply_signed(struct apply *apply, enum signer_role role,
                                    const struct cose_message *message, const struct schema *schema,
                                    uint64_t signed_unix_s);

/* What a signature is known by: a message, its signature and a key. */
void apply_check_name(struct digest *out, const struct digest *id,
                      const struct signature *signature, const struct public_key *key);
/* Whether it was found good before in this process, and a note that it was. */
bool apply_was_checked(struct apply *apply, const struct digest *name);
void apply_checked(struct apply *apply, const struct digest *name);

/* The parameters in force at the entry's time; PARAMETERS_MISSING. */
MUST_CHECK enum status apply_parameters(struct apply *apply, struct msg_parameters *out);

/* Posts and remembers the posting. BOOKS is a broken program or store here: every rule checks
 * before it posts. */
MUST_CHECK enum status apply_post(struct apply *apply, struct book_account debit,
                                  struct book_account credit, struct money amount);
MUST_CHECK enum status apply_post_cents(struct apply *apply, struct book_account debit,
                                        struct book_account credit, uint64_t cents);

/* The message id of an opened message of any type but the transfer. */
void apply_id(struct apply *apply, struct digest *out, const struct cose_message *message,
              const struct schema *schema);

/* Whether a message was carried out before, and by which entry. */
bool apply_seen(struct apply *apply, uint64_t *index, const struct digest *id);
/* Notes at the end of this entry, if it is applied, that this message was carried out. */
void apply_see(struct apply *apply, const struct digest *id);

struct money apply_cents(uint64_t cents);
/* An amount that is stored under a key, zero when there is none. More than money can be fails the
 * state with STORE_BROKEN. */
struct money apply_stored(struct apply *apply, const struct state_key *key);

/* --- the city (apply_city.c) --- */

enum status apply_city_genesis(struct apply *apply);
enum status apply_city_role_key(struct apply *apply);
enum status apply_city_kill(struct apply *apply);
enum status apply_city_parameters(struct apply *apply);
enum status apply_city_merchant(struct apply *apply);
enum status apply_city_till(struct apply *apply);
enum status apply_city_revocation(struct apply *apply);
enum status apply_city_hold(struct apply *apply);

/* --- money of the city (apply_money.c) --- */

enum status apply_money_series(struct apply *apply);
enum status apply_money_funding(struct apply *apply);
enum status apply_money_issue(struct apply *apply);
enum status apply_money_review(struct apply *apply);
enum status apply_money_payout(struct apply *apply);
/* What is owed to a merchant less open claims on him, and the number of his next payout. */
struct money apply_money_owed(struct apply *apply, uint64_t class, uint64_t merchant);
uint64_t apply_money_next_payout(struct apply *apply, uint64_t class, uint64_t merchant);

/* --- purses (apply_purse.c) --- */

enum status apply_purse_new(struct apply *apply);
enum status apply_purse_device(struct apply *apply);
enum status apply_purse_gift(struct apply *apply);
enum status apply_purse_loss(struct apply *apply);
enum status apply_purse_denial(struct apply *apply);

/* Whether the purse's recovery key or one of its devices signed. `device` is the place of the
 * device, or RECORD_DEVICES_MAX for the recovery key. PURSE_KEY when no key of it has the kid,
 * SIGNATURE_BAD. */
MUST_CHECK enum status apply_purse_signed(struct apply *apply, size_t *device,
                                          const struct record_purse *purse,
                                          const struct cose_message *message,
                                          const struct schema *schema);

/* Adds a line to the deny list, or takes it off: a new news version. */
void apply_purse_deny(struct apply *apply, struct record_line *line);
void apply_purse_undeny(struct apply *apply, const struct record_line *line);
/* The hash of the list as it is now. Uses apply->large. */
void apply_purse_deny_hash(struct apply *apply, struct digest *out);

/* --- allowances (apply_line.c) --- */

/* What a purse asked for, checked, and what the node has to answer. */
struct apply_ask {
    bool renewal;
    struct digest id;
    uint8_t purse_id[RECORD_PURSE_SIZE];
    struct record_purse purse;
    size_t device;
    struct public_key key;
    struct kid line;
    uint64_t amount; /* A */
    uint64_t added;
    uint64_t restriction;
    uint64_t online;
    struct money limit;
    uint64_t hours_max;
    uint64_t expiry; /* earliest of the line's lots, old and new */
    struct msg_allowance_attachment lots;
};

/* Checks the request in `message` at the entry's time and chooses the lots; apply->line is the old
 * line of a renewal. */
MUST_CHECK enum status apply_line_ask(struct apply *apply, struct apply_ask *out,
                                      struct span message);
/* The certificate that a node gives at `t`: from, hours. LOT_EXPIRED when a renewal cannot end
 * later than before. */
MUST_CHECK enum status apply_line_certificate(struct msg_allowance *out, struct apply *apply,
                                              const struct apply_ask *ask, uint64_t t_unix_s);
enum status apply_line_allowance(struct apply *apply);

/* Takes a line out of the lists of open lines and of what is due. */
void apply_line_shut(struct apply *apply, const struct record_line *line);
/* Whether exactly this certificate was logged for the line. */
bool apply_line_known_certificate(struct apply *apply, const struct kid *line, struct span message);

/* Free lots of a purse in their order, with one of these restrictions: fills the best one that is
 * not expired at `t`, behind `after` unless that is NULL. */
struct apply_lot {
    struct line_lot lot;
    uint64_t restriction;
    struct money free;
};
bool apply_line_next_lot(struct apply *apply, struct apply_lot *out, const struct apply_lot *after,
                         const uint8_t purse[static RECORD_PURSE_SIZE], uint64_t class,
                         const uint64_t *restrictions, size_t restriction_count, uint64_t t_unix_s);

/* --- transfers (apply_claim.c, apply_settle.c) --- */

/* A transfer that somebody brings, and what becomes of it. */
struct apply_claim {
    enum line_source source;
    struct span allowance_in; /* as they came */
    struct span transfer_in;
    struct cose_message allowance_message;
    struct cose_message transfer_message;
    struct msg_allowance allowance;
    struct msg_transfer transfer;
    struct msg_request request;
    struct digest id;
    struct digest request_id;
    struct kid line;
    bool line_known; /* apply->line holds it */
    bool recorded;
    struct record_transfer record; /* of then, or as it will be */
    uint64_t merchant;
    uint64_t accepted; /* when the till accepted; 0 unknown */
    uint64_t logged;   /* 1 + place in the till's log; 0 when it came by other means */
    struct line_verdict verdict;
    enum evidence_cause conflict; /* with a recorded transfer */
    struct digest conflict_id;
    bool evidence_needed; /* and not logged yet */
    bool proof;           /* a settlement proof is due */
};

/* What a till knew and whether it kept the rules when it accepted. */
struct apply_segment {
    bool gap;
    bool kept;
    uint64_t news;
};

/* Opens the three messages and looks up line and record; no signature is checked. */
MUST_CHECK enum status apply_claim_read(struct apply *apply, struct apply_claim *claim,
                                        struct span allowance, struct span transfer,
                                        struct span request);
/* Whether a claim that was read is valid at the till in apply->till. */
MUST_CHECK enum status apply_claim_check(struct apply *apply, const struct apply_claim *claim);
/* Decides by section 12.3 and looks for a conflict; fills verdict, conflict, evidence_needed. */
void apply_claim_decide(struct apply *apply, struct apply_claim *claim,
                        const struct apply_segment *segment);
/* Fills conflict and conflict_id: the earliest recorded transfer of claim->line that overlaps; if
 * none, that has the same sequence; if none, the same predecessor. EVIDENCE_NONE when there is none
 * of these. Reads id and transfer of the claim. */
void apply_claim_conflict(struct apply *apply, struct apply_claim *claim);
/* The kind of entry that states the verdict: settle, late or statement. */
uint64_t apply_claim_kind(const struct apply_claim *claim);

/* Carries the verdict out. */
/* Fills the record of a transfer that was not there before. */
void apply_settle_start(struct apply *apply, struct apply_claim *claim);
MUST_CHECK enum status apply_settle_book(struct apply *apply, struct apply_claim *claim);
/* What the fund has paid to the merchant in the quarter of the entry's time. */
struct money apply_settle_quarter(struct apply *apply, uint64_t merchant);
void apply_settle_evidence_key(struct state_key *key, const struct kid *line,
                               const struct digest *id);

/* Ends a review: the fund pays, or the till bears it. */
MUST_CHECK enum status apply_settle_reviewed(struct apply *apply, struct record_transfer *record,
                                             bool fund_pays);

enum status apply_settle_evidence(struct apply *apply);
enum status apply_settle_dispute(struct apply *apply);

/* A purse's statement (apply_statement.c): checks it and decides. The verdict may be a refusal. */
MUST_CHECK enum status apply_statement_plan(struct apply *apply, struct apply_claim *claim,
                                            const struct span *messages, size_t count);
enum status apply_statement(struct apply *apply);

/* --- voids and refunds (apply_reverse.c) --- */

struct apply_plan;

/* The account to which cents of a lot go back: the lot, or `expired` once it is. */
struct book_account apply_reverse_lot(struct apply *apply,
                                      const uint8_t purse[static RECORD_PURSE_SIZE], uint64_t class,
                                      uint64_t lot);

/* Carries out a void of a claim that was opened. */
MUST_CHECK enum status apply_reverse_void(struct apply *apply, struct apply_claim *claim);

struct apply_refund {
    struct msg_refund refund;
    bool merchant_key;
};
/* Checks the refund item in apply->item of the till in apply->till; `outcome` is reversed, waits or
 * already. */
MUST_CHECK enum status apply_reverse_plan(struct apply *apply, struct apply_refund *out,
                                          uint64_t *outcome);
MUST_CHECK enum status apply_reverse_refund(struct apply *apply, const struct apply_refund *refund,
                                            uint64_t outcome);
/* What waited for this transfer is due now: an entry for each must come next. */
void apply_reverse_waiting(struct apply *apply, const struct record_transfer *record);
/* Decides about the first refund that waited, whose item is `in`. */
void apply_reverse_waited_plan(struct apply *apply, struct apply_plan *plan, struct span in);
/* The entry of a refund that waited. */
enum status apply_reverse_waited(struct apply *apply);

/* --- tills' logs (apply_upload.c, apply_segment.c) --- */

/* Kinds of entries in a till's log; section 11.2. */
enum apply_item_kind {
    APPLY_ITEM_ANCHOR = 2,
    APPLY_ITEM_ACCEPT = 3,
    APPLY_ITEM_VOID = 4,
    APPLY_ITEM_REFUND = 5,
    APPLY_ITEM_NEWS = 6,
    APPLY_ITEM_PROOF = 8,
    APPLY_ITEM_CONFIRMATION = 9,
    APPLY_ITEM_PARAMETERS = 10,
};

/* An item and what becomes of it. */
struct apply_plan {
    uint64_t kind;
    uint64_t outcome;
    uint64_t index; /* in the till's log */
    bool gap;
    bool readable; /* apply->item holds it */
    bool read;     /* `claim` holds the messages of an accept or void */
    bool kept;
    enum status reject;
    struct apply_claim claim;
    struct apply_refund refund;
};

enum status apply_upload(struct apply *apply);
enum status apply_upload_item(struct apply *apply);
enum status apply_upload_anchor(struct apply *apply);
/* Opens and checks an upload message by section 12.2, up to its items; `id` is filled. */
MUST_CHECK enum status apply_upload_open(struct apply *apply, struct digest *id,
                                         struct span message);
/* The anchor that the till in apply->till would get now. Uses apply->large. */
void apply_upload_next_anchor(struct apply *apply, struct msg_anchor *out, uint64_t t_unix_s);
/* Makes the plan a reject with this status. */
void apply_upload_reject(struct apply_plan *plan, enum status status);
/* Decides about the item whose entry comes next in the upload that is being logged. */
void apply_upload_plan(struct apply *apply, struct apply_plan *plan, struct span item);

/* Whether the till kept the rules when it accepted `claim` with the item that was read. */
bool apply_segment_kept(struct apply *apply, const struct apply_claim *claim, uint64_t index);
/* Follows the till's log by one item: times, anchors, news, parameters, tally. */
void apply_segment_follow(struct apply *apply, const struct apply_plan *plan);

/* --- the end of lines and lots (apply_close.c) --- */

/* Fills what a close of apply->line states. */
MUST_CHECK enum status apply_close_plan(struct apply *apply, struct msg_close_attachment *out,
                                        const struct kid *line);
MUST_CHECK enum status apply_close_expiry_plan(struct apply *apply,
                                               struct msg_expiry_attachment *out,
                                               const uint8_t purse[static RECORD_PURSE_SIZE],
                                               uint64_t lot);
enum status apply_close_line(struct apply *apply);
enum status apply_close_debt(struct apply *apply);
enum status apply_close_expiry(struct apply *apply);
enum status apply_close_service_day(struct apply *apply);

#endif
