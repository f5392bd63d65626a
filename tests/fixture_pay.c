#include "fixture.h"

#include "protocol/code.h"
#include "protocol/transfer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MUST(expression)                                                                           \
    do {                                                                                           \
        const enum status must = (expression);                                                     \
        if (must != STATUS_OK) {                                                                   \
            fprintf(stderr, "fixture: %s:%d: %s: %s\n", __FILE__, __LINE__, #expression,           \
                    status_name(must));                                                            \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

static struct money
cents(uint64_t amount)
{
    struct money money;

    MUST(money_from_cents(&money, amount));
    return money;
}

static struct span
sign(uint8_t *out, size_t cap, const struct schema *schema, const void *object,
     const struct fixture_key *key)
{
    size_t len;

    MUST(msg_sign(out, cap, &len, schema, object, FIXTURE_NETWORK, &key->secret));
    return (struct span){out, len};
}

/* --- tills --- */

void
fixture_item(struct fixture_till *till, uint64_t kind, uint64_t time, const struct span *messages,
             size_t count)
{
    static const uint8_t none = MSG_NO_ATTACHMENT;
    struct msg_entry entry = {.version = 1,
                              .kind = kind,
                              .time = time,
                              .messages_count = count,
                              .attachment = {&none, 1}};
    struct fixture_item *item;
    struct digest leaf;

    if (till->count == FIXTURE_ITEMS_MAX)
        abort();
    item = &till->items[till->count];
    for (size_t i = 0; i < count; i++)
        entry.messages[i] = messages[i];
    memset(entry.salt, (int)(till->count & 0xff), sizeof entry.salt);
    MUST(schema_encode(item->bytes, sizeof item->bytes, &item->len, &msg_entry_schema, &entry));
    merkle_leaf(&leaf, (struct span){item->bytes, item->len});
    merkle_append(&till->tree, &leaf);
    till->count++;
}

void
fixture_receive(struct fixture_city *city, struct fixture_till *till, struct span answer)
{
    static struct msg_parcel parcel;

    MUST(schema_decode(&parcel, &msg_parcel_schema, answer));
    for (size_t i = 0; i < parcel.parts_count; i++) {
        uint64_t type;

        MUST(msg_peek(&type, parcel.parts[i]));
        if (type == MSG_ANCHOR)
            fixture_item(till, 2, city->moment.time_unix_s, &parcel.parts[i], 1);
        if (type == MSG_NEWS)
            fixture_item(till, 6, city->moment.time_unix_s, &parcel.parts[i], 1);
    }
}

static void
enrol(struct fixture_city *city, struct fixture_till *till, uint64_t number, uint64_t merchant,
      uint64_t limit, uint64_t restriction)
{
    static const char title[] = "Laden, Barmen";
    const uint64_t now = city->moment.time_unix_s;
    struct msg_till message = {.network = FIXTURE_NETWORK,
                               .till = number,
                               .merchant = merchant,
                               .title = {(const uint8_t *)title, sizeof title - 1},
                               .level = 1,
                               .limit = cents(limit),
                               .count = 60,
                               .classes = 3,
                               .from = now,
                               .until = now + 365 * FIXTURE_DAY};
    struct span certificate;

    memset(till, 0, sizeof *till);
    if (restriction != 0)
        message.restrictions[message.restrictions_count++] = restriction;
    till->number = number;
    till->merchant = merchant;
    fixture_key(&till->key, "till", number);
    message.key = till->key.key;
    MUST(fixture_act(city, &msg_till_schema, &message, 4, 0));
    certificate = sign(city->message[0], sizeof city->message[0], &msg_till_schema, &message,
                       &city->roles[4]);
    fixture_item(till, 1, now, &certificate, 1);
    fixture_receive(city, till, city->result.answer);
}

void
fixture_till(struct fixture_city *city, struct fixture_till *till, uint64_t number,
             uint64_t merchant)
{
    enrol(city, till, number, merchant, 50000, 0);
}

void
fixture_till_limited(struct fixture_city *city, struct fixture_till *till, uint64_t number,
                     uint64_t merchant, uint64_t limit)
{
    enrol(city, till, number, merchant, limit, 0);
}

void
fixture_restricted(struct fixture_city *city, struct fixture_till *till, uint64_t number,
                   uint64_t merchant, uint64_t restriction)
{
    enrol(city, till, number, merchant, 50000, restriction);
}

enum status
fixture_upload(struct fixture_city *city, struct fixture_till *till, size_t first, size_t count,
               bool receive)
{
    static struct span parts[2 + 512];
    static struct msg_upload upload;
    static struct msg_parcel answer;
    struct merkle_frontier tree = {0};
    struct cose_message message;
    enum status status;

    memset(&upload, 0, sizeof upload);
    upload.network = FIXTURE_NETWORK;
    upload.till = till->number;
    upload.first = first;
    upload.items_count = count;
    /* Made unique, as one second may see several. */
    upload.time = city->moment.time_unix_s + till->uploads++;
    for (size_t i = 0; i < first + count; i++) {
        const struct span item = {till->items[i].bytes, till->items[i].len};
        struct digest leaf;

        merkle_leaf(&leaf, item);
        merkle_append(&tree, &leaf);
        if (i >= first) {
            upload.items[i - first] = leaf;
            parts[1 + i - first] = item;
        }
    }
    merkle_root(&upload.root, &tree);
    parts[0] =
        sign(city->message[0], sizeof city->message[0], &msg_upload_schema, &upload, &till->key);
    if (city->parts_swapped) {
        parts[count + 1] = parts[count];
        parts[count] = parts[count - 1];
        parts[count - 1] = parts[count + 1];
    }
    status = fixture_submit(city, MSG_PARCEL_UPLOAD, parts, count + 1 - city->parts_dropped);
    if (status != STATUS_OK)
        return status;
    MUST(schema_decode(&answer, &msg_parcel_schema, city->result.answer));
    MUST(msg_open(&message, &till->ack, &msg_ack_schema, FIXTURE_NETWORK, answer.parts[0]));
    till->first = first;
    memcpy(till->results, till->ack.results.data, till->ack.results.len);
    if (receive)
        fixture_receive(city, till, city->result.answer);
    return STATUS_OK;
}

enum status
fixture_sync(struct fixture_city *city, struct fixture_till *till)
{
    const size_t end = till->count;
    enum status status = fixture_upload(city, till, till->uploaded, end - till->uploaded, true);

    if (status == STATUS_OK)
        till->uploaded = end;
    return status;
}

unsigned
fixture_result(const struct fixture_till *till, size_t index)
{
    if (index < till->first || index - till->first >= till->ack.results.len)
        return 999;
    return till->results[index - till->first];
}

/* --- purses --- */

void
fixture_purse(struct fixture_city *city, struct fixture_wallet *wallet, uint64_t number,
              uint64_t class, uint64_t tier)
{
    struct msg_purse purse = {.network = FIXTURE_NETWORK,
                              .class = class,
                              .tier = tier,
                              .daily_limit = cents(20000),
                              .time = city->moment.time_unix_s};

    memset(wallet, 0, sizeof *wallet);
    memset(wallet->purse, 0xA0, sizeof wallet->purse);
    for (size_t i = 0; i < 8; i++)
        wallet->purse[15 - i] = (uint8_t)(number >> (8 * i));
    wallet->class = class;
    wallet->tier = tier;
    fixture_key(&wallet->recovery, "recovery", number);
    fixture_key(&wallet->device, "device", number);
    memcpy(purse.purse, wallet->purse, sizeof purse.purse);
    purse.recovery = wallet->recovery.key;
    purse.device = wallet->device.key;
    MUST(fixture_signed(city, &msg_purse_schema, &purse, &wallet->recovery,
                        tier == 1 ? NULL : &city->roles[4]));
}

enum status
fixture_issue(struct fixture_city *city, const struct fixture_wallet *wallet, uint64_t paid,
              uint64_t promo)
{
    const uint64_t now = city->moment.time_unix_s;
    struct msg_issue issue = {.network = FIXTURE_NETWORK,
                              .series = wallet->class,
                              .number = ++city->number,
                              .paid = cents(paid),
                              .promo = cents(promo),
                              .paid_expiry = paid == 0 ? 0 : now + 365 * FIXTURE_DAY,
                              .promo_expiry = promo == 0 ? 0 : now + 180 * FIXTURE_DAY,
                              .time = now};

    memcpy(issue.purse, wallet->purse, sizeof issue.purse);
    return fixture_act(city, &msg_issue_schema, &issue, 2, 0);
}

static enum status
take(struct fixture_city *city, struct fixture_wallet *wallet)
{
    static struct msg_parcel parcel;
    struct cose_message message;

    MUST(schema_decode(&parcel, &msg_parcel_schema, city->result.answer));
    wallet->certificate_len = parcel.parts[0].len;
    memcpy(wallet->certificate, parcel.parts[0].data, parcel.parts[0].len);
    return msg_open(&message, &wallet->allowance, &msg_allowance_schema, FIXTURE_NETWORK,
                    (struct span){wallet->certificate, wallet->certificate_len});
}

enum status
fixture_allowance(struct fixture_city *city, struct fixture_wallet *wallet, uint64_t amount)
{
    return fixture_allowance_for(city, wallet, amount, 0);
}

enum status
fixture_allowance_for(struct fixture_city *city, struct fixture_wallet *wallet, uint64_t amount,
                      uint64_t restriction)
{
    struct msg_allowance_request request = {.network = FIXTURE_NETWORK,
                                            .amount = cents(amount),
                                            .restriction = restriction,
                                            .time = city->moment.time_unix_s};
    struct fixture_key key;
    enum status status;
    char name[40];

    for (size_t i = 0; i < 16; i++)
        snprintf(name + 2 * i, 3, "%02x", wallet->purse[i]);
    fixture_key(&key, name, wallet->keys + 1);
    memcpy(request.purse, wallet->purse, sizeof request.purse);
    request.key = key.key;
    memset(request.nonce, 7, sizeof request.nonce);
    status = fixture_signed(city, &msg_allowance_request_schema, &request, &wallet->device, NULL);
    if (status != STATUS_OK)
        return status;
    wallet->keys++;
    wallet->line_key = key;
    crypt_kid(&wallet->line, &key.key);
    wallet->cursor = 0;
    wallet->seq = 0;
    transfer_prev_first(wallet->prev, &key.key);
    return take(city, wallet);
}

enum status
fixture_renewal(struct fixture_city *city, struct fixture_wallet *wallet, uint64_t amount)
{
    struct msg_renewal_request request = {.network = FIXTURE_NETWORK,
                                          .allowance = wallet->line,
                                          .amount = cents(amount),
                                          .time = city->moment.time_unix_s};
    enum status status;

    memcpy(request.purse, wallet->purse, sizeof request.purse);
    memset(request.nonce, 9, sizeof request.nonce);
    status = fixture_signed(city, &msg_renewal_request_schema, &request, &wallet->device, NULL);
    return status == STATUS_OK ? take(city, wallet) : status;
}

/* --- payments --- */

static void
make_payment(struct fixture_city *city, struct fixture_payment *payment,
             const struct fixture_wallet *wallet, struct fixture_till *till, uint64_t from,
             uint64_t to, uint64_t seq, const uint8_t prev[static 16])
{
    struct cose_message message;

    memset(payment, 0, sizeof *payment);
    payment->request = (struct msg_request){.network = FIXTURE_NETWORK,
                                            .till = till->number,
                                            .class = wallet->class,
                                            .amount = cents(to - from),
                                            .number = ++till->requests,
                                            .time = city->moment.time_unix_s,
                                            .seconds = 300};
    payment->request.nonce[0] = (uint8_t)(till->requests >> 8);
    payment->request.nonce[7] = (uint8_t)till->requests;
    payment->request.nonce[1] = 1;
    payment->request_len = sign(payment->request_cose, sizeof payment->request_cose,
                                &msg_request_schema, &payment->request, &till->key)
                               .len;
    MUST(cose_parse(&message, (struct span){payment->request_cose, payment->request_len},
                    COSE_MESSAGE_MAX));
    msg_id(&payment->request_id, &message, &msg_request_schema, FIXTURE_NETWORK);
    payment->transfer =
        (struct msg_transfer){.payee = till->number, .from = from, .to = to, .seq = seq};
    memcpy(payment->transfer.prev, prev, 16);
    MUST(transfer_sign(payment->transfer_cose, sizeof payment->transfer_cose,
                       &payment->transfer_len, &payment->id, &payment->transfer, FIXTURE_NETWORK,
                       &payment->request_id, &wallet->line_key.secret));
    payment->certificate_len = wallet->certificate_len;
    memcpy(payment->certificate, wallet->certificate, wallet->certificate_len);
}

void
fixture_pay(struct fixture_city *city, struct fixture_payment *payment,
            struct fixture_wallet *wallet, struct fixture_till *till, uint64_t amount)
{
    make_payment(city, payment, wallet, till, wallet->cursor, wallet->cursor + amount, wallet->seq,
                 wallet->prev);
    wallet->cursor += amount;
    wallet->seq++;
    transfer_prev_next(wallet->prev, &payment->id);
}

void
fixture_forge(struct fixture_city *city, struct fixture_payment *payment,
              const struct fixture_wallet *wallet, struct fixture_till *till, uint64_t from,
              uint64_t to, uint64_t seq)
{
    uint8_t prev[16];

    /* A predecessor of its own, so that only what the test wants contradicts. */
    memset(prev, (int)(seq & 0xff), sizeof prev);
    prev[0] = (uint8_t)till->number;
    prev[1] = (uint8_t)(till->requests + 1);
    make_payment(city, payment, wallet, till, from, to, seq, prev);
}

static size_t
messages_of(struct span out[static 3], const struct fixture_payment *payment)
{
    out[0] = (struct span){payment->certificate, payment->certificate_len};
    out[1] = (struct span){payment->transfer_cose, payment->transfer_len};
    out[2] = (struct span){payment->request_cose, payment->request_len};
    return 3;
}

void
fixture_accept(struct fixture_city *city, struct fixture_till *till,
               struct fixture_payment *payment)
{
    struct span messages[3];
    const size_t count = messages_of(messages, payment);

    payment->accepted = till->count;
    fixture_item(till, 3, city->moment.time_unix_s, messages, count);
}

void
fixture_sale(struct fixture_city *city, struct fixture_payment *payment,
             struct fixture_wallet *wallet, struct fixture_till *till, uint64_t amount)
{
    fixture_pay(city, payment, wallet, till, amount);
    fixture_accept(city, till, payment);
}

void
fixture_void(struct fixture_city *city, struct fixture_till *till,
             const struct fixture_payment *payment)
{
    const struct msg_void order = {
        .till = till->number, .transfer = payment->id, .time = city->moment.time_unix_s};
    uint8_t bytes[512];
    struct span messages[4];

    messages_of(messages, payment);
    messages[3] = sign(bytes, sizeof bytes, &msg_void_schema, &order, &till->key);
    fixture_item(till, 4, city->moment.time_unix_s, messages, 4);
}

void
fixture_refund(struct fixture_city *city, struct fixture_till *till,
               const struct fixture_payment *payment, uint64_t amount, uint64_t number,
               bool merchant_key)
{
    const struct msg_refund refund = {.till = till->number,
                                      .transfer = payment->id,
                                      .amount = cents(amount),
                                      .number = number,
                                      .time = city->moment.time_unix_s};
    struct fixture_key merchant;
    uint8_t bytes[512];
    struct span message;

    fixture_key(&merchant, "merchant", till->merchant);
    message = sign(bytes, sizeof bytes, &msg_refund_schema, &refund,
                   merchant_key ? &merchant : &till->key);
    fixture_item(till, 5, city->moment.time_unix_s, &message, 1);
}

enum status
fixture_statement(struct fixture_city *city, const struct fixture_wallet *wallet,
                  const struct fixture_till *till, const struct fixture_payment *payment,
                  uint64_t claim)
{
    const struct msg_receipt receipt = {.till = till->number,
                                        .transfer = payment->id,
                                        .time = city->moment.time_unix_s,
                                        .index = payment->accepted};
    struct msg_statement statement = {.network = FIXTURE_NETWORK,
                                      .transfer = payment->id,
                                      .claim = claim,
                                      .time = city->moment.time_unix_s};
    uint8_t bytes[512];
    uint8_t receipt_bytes[512];
    struct span messages[5];

    memcpy(statement.purse, wallet->purse, sizeof statement.purse);
    messages[0] = sign(bytes, sizeof bytes, &msg_statement_schema, &statement, &wallet->device);
    messages_of(messages + 1, payment);
    messages[4] =
        sign(receipt_bytes, sizeof receipt_bytes, &msg_receipt_schema, &receipt, &till->key);
    return fixture_submit(city, MSG_PARCEL_STATEMENT, messages, claim == 1 ? 5 : 4);
}

enum status
fixture_loss(struct fixture_city *city, const struct fixture_wallet *wallet, bool all)
{
    struct msg_loss_report loss = {.network = FIXTURE_NETWORK, .time = city->moment.time_unix_s};

    memcpy(loss.purse, wallet->purse, sizeof loss.purse);
    if (!all)
        loss.allowance = wallet->line;
    memcpy(loss.nonce, &city->calls, sizeof loss.nonce);
    loss.nonce[7] = 1;
    return fixture_signed(city, &msg_loss_report_schema, &loss, &wallet->recovery, NULL);
}
