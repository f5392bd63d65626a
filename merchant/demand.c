#include "merchant/demand.h"

#include <string.h>

#include "merchant/drawer.h"
#include "protocol/cose.h"
#include "protocol/text.h"

static enum status
decode_request(struct msg_request *out, const struct drawer_request *record, uint64_t network)
{
    struct cose_message message;

    return msg_open(&message, out, &msg_request_schema, network, record->cose) == STATUS_OK
               ? STATUS_OK
               : STATUS_STORE_BROKEN;
}

/* When an open request ends; static ones never do. */
static bool
has_ended(const struct msg_request *request, uint64_t now_unix_s)
{
    return !code_request_static(request) && now_unix_s >= request->time + request->seconds;
}

/* Whether acceptance still looks at a request: it is open, or ended or ran out in the last day. */
static bool
is_live(const struct drawer_request *record, const struct msg_request *request, uint64_t now_unix_s)
{
    uint64_t ended = record->ended;

    if (ended == 0 && has_ended(request, now_unix_s))
        ended = request->time + request->seconds;
    return ended == 0 || now_unix_s <= ended + ACCEPT_ENDED_SECONDS;
}

/* Walks back from the latest to the first, as a printed request may be as old as the till. */
enum status
demand_load(struct demand_list *out, struct till *till, struct store_txn *txn, uint64_t now_unix_s)
{
    struct drawer_request record;
    struct msg_request request;
    size_t at = TILL_REQUESTS_MAX;
    size_t room[] = {TILL_REQUESTS_MAX - TILL_PRINTED_MAX, TILL_PRINTED_MAX};
    enum status status = STATUS_OK;

    for (uint64_t n = till->meta.requests; n > 0 && at > 0; n--) {
        bool printed;

        status = drawer_get_request(&record, txn, n - 1);
        if (status != STATUS_OK)
            break;
        status = decode_request(&request, &record, till->meta.network);
        if (status != STATUS_OK)
            break;
        printed = code_request_static(&request) && record.state == ACCEPT_OPEN;
        if (!is_live(&record, &request, now_unix_s) || room[printed] == 0)
            continue;
        room[printed]--;
        at--;
        out->numbers[at] = record.number;
        out->list[at].id = record.id;
        out->list[at].state = (enum accept_request_state)record.state;
        out->list[at].request = request;
    }
    out->count = TILL_REQUESTS_MAX - at;
    memmove(out->list, out->list + at, out->count * sizeof out->list[0]);
    memmove(out->numbers, out->numbers + at, out->count * sizeof out->numbers[0]);
    return status;
}

static enum status
may_ask(const struct till *till, const struct demand_wish *wish, uint64_t now_unix_s)
{
    enum status status = till_ready(till);

    if (status != STATUS_OK)
        return status;
    if (now_unix_s < till_lower_bound(till))
        return STATUS_CLOCK_BEHIND;
    if (now_unix_s >= till->certificate.until)
        return STATUS_CERTIFICATE_EXPIRED;
    if (!wish->is_static && money_is_zero(wish->amount))
        return STATUS_AMOUNT_ZERO;
    if (!wish->is_static && money_cents(wish->amount) > MSG_LINE_CENTS_MAX)
        return STATUS_AMOUNT_OVER_LIMIT;
    return accept_covers(&till->certificate, wish->class, 0);
}

/* A printed request that acceptance would no longer look at is not made. */
static enum status
may_print(struct till *till, uint64_t now_unix_s)
{
    static struct demand_list requests;
    struct store_txn txn;
    size_t printed = 0;
    enum status status = store_begin_read(&txn, &till->store);

    if (status != STATUS_OK)
        return status;
    status = demand_load(&requests, till, &txn, now_unix_s);
    store_abort(&txn);
    for (size_t i = 0; status == STATUS_OK && i < requests.count; i++)
        printed +=
            requests.list[i].state == ACCEPT_OPEN && code_request_static(&requests.list[i].request);
    if (status == STATUS_OK && printed >= TILL_PRINTED_MAX)
        status = STATUS_CAPACITY;
    return status;
}

static enum status
store_request(struct till *till, struct span cose, const struct digest *id)
{
    struct drawer_meta meta = till->meta;
    const struct drawer_request record = {
        .number = meta.requests,
        .state = ACCEPT_OPEN,
        .id = *id,
        .cose = cose,
    };
    struct store_txn *txn = NULL;
    enum status status = till_begin(&txn, till);

    if (status != STATUS_OK)
        return status;
    meta.requests++;
    status = drawer_put_request(txn, &record);
    if (status == STATUS_OK)
        status = drawer_put_meta(txn, &meta);
    status = till_finish(till, status);
    if (status == STATUS_OK)
        till->meta.requests++;
    return status;
}

enum status
demand_new(char text[static CODE_TEXT_SIZE], uint64_t *number, struct till *till,
           const struct demand_wish *wish, const struct kid *nonce, uint64_t now_unix_s)
{
    struct msg_request request = {
        .network = till->meta.network,
        .till = till->certificate.till,
        .class = wish->class,
        .number = till->meta.requests,
        .time = now_unix_s,
    };
    uint8_t cose[MSG_SIGN_SIZE(128)];
    uint8_t code[CODE_REQUEST_MAX];
    struct cose_message message;
    struct digest id;
    size_t len = 0;
    size_t code_len = 0;
    enum status status = may_ask(till, wish, now_unix_s);

    if (status == STATUS_OK && wish->is_static)
        status = may_print(till, now_unix_s);
    if (status != STATUS_OK)
        return status;
    if (!wish->is_static) {
        request.amount = wish->amount;
        request.seconds = wish->seconds;
        request.partial = wish->partial ? 1 : 0;
        memcpy(request.nonce, nonce->bytes, sizeof request.nonce);
    }
    status = msg_sign(cose, sizeof cose, &len, &msg_request_schema, &request, till->meta.network,
                      &till->secret);
    if (status == STATUS_OK)
        status = code_request_build(code, sizeof code, &code_len, till->meta.network,
                                    till->meta.certificate, (struct span){cose, len});
    if (status == STATUS_OK)
        status = cose_parse(&message, (struct span){cose, len}, COSE_MESSAGE_MAX);
    if (status != STATUS_OK)
        return status;
    msg_id(&id, &message, &msg_request_schema, till->meta.network);
    *number = till->meta.requests;
    status = store_request(till, (struct span){cose, len}, &id);
    if (status != STATUS_OK)
        return status;
    return text_encode(text, CODE_TEXT_SIZE, &len, TEXT_REQUEST, (struct span){code, code_len});
}

enum status
demand_end(struct store_txn *txn, uint64_t number, enum accept_request_state state,
           const struct digest *transfer, uint64_t now_unix_s)
{
    struct drawer_request record;
    enum status status = drawer_get_request(&record, txn, number);

    if (status != STATUS_OK)
        return status;
    record.state = state;
    record.ended = now_unix_s;
    if (transfer != NULL)
        record.transfer = *transfer;
    return drawer_put_request(txn, &record);
}

enum status
demand_cancel(struct till *till, uint64_t number, uint64_t now_unix_s)
{
    struct drawer_request record;
    struct msg_request request;
    struct store_txn *txn = NULL;
    enum status status = till_begin(&txn, till);

    if (status != STATUS_OK)
        return status;
    status = drawer_get_request(&record, txn, number);
    if (status == STATUS_NOT_FOUND)
        status = STATUS_REQUEST_UNKNOWN;
    if (status == STATUS_OK)
        status = decode_request(&request, &record, till->meta.network);
    if (status == STATUS_OK && record.state == ACCEPT_PAID)
        status = STATUS_ALREADY_PAID;
    if (status == STATUS_OK && record.state == ACCEPT_VOIDED)
        status = STATUS_VOIDED;
    if (status == STATUS_OK && record.state == ACCEPT_OPEN && has_ended(&request, now_unix_s))
        status = STATUS_REQUEST_EXPIRED;
    if (status == STATUS_OK && record.state == ACCEPT_OPEN)
        status = demand_end(txn, number, ACCEPT_CANCELLED, NULL, now_unix_s);
    return till_finish(till, status);
}

enum status
demand_latest(uint64_t *number, struct till *till, uint64_t now_unix_s)
{
    static struct demand_list requests;
    struct store_txn txn;
    enum status status = store_begin_read(&txn, &till->store);

    if (status != STATUS_OK)
        return status;
    status = demand_load(&requests, till, &txn, now_unix_s);
    store_abort(&txn);
    for (size_t i = requests.count; status == STATUS_OK && i-- > 0;) {
        if (requests.list[i].state == ACCEPT_OPEN &&
            !has_ended(&requests.list[i].request, now_unix_s)) {
            *number = requests.numbers[i];
            return STATUS_OK;
        }
    }
    return status == STATUS_OK ? STATUS_REQUEST_UNKNOWN : status;
}

enum status
demand_copy(struct code_message *out, struct store_txn *txn, uint64_t number)
{
    struct drawer_request record;
    enum status status = drawer_get_request(&record, txn, number);

    if (status != STATUS_OK)
        return status;
    if (record.cose.len > sizeof out->bytes)
        return STATUS_STORE_BROKEN;
    out->len = record.cose.len;
    memcpy(out->bytes, record.cose.data, record.cose.len);
    return STATUS_OK;
}
