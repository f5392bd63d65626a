#include "merchant/exchange.h"

#include <stdio.h>

static struct till till;
static uint8_t answer[MSG_PARCEL_MAX];

/* Opens the till, takes a parcel, says what it brought, and closes it. */
static enum status
take(const struct exchange *exchange, struct sync_result *result, struct span parcel)
{
    uint8_t seed[32];
    enum status status = till_open(&till, exchange->dir, exchange->passphrase);

    if (status != STATUS_OK)
        return status;
    exchange->random(seed, sizeof seed);
    status = sync_take(result, &till, parcel, seed, exchange->now_unix_s);
    if (status == STATUS_OK)
        exchange->taken(exchange->context, &till, result);
    till_close(&till);
    return status;
}

enum status
exchange_upload(const struct exchange *exchange)
{
    static uint8_t upload[MSG_PARCEL_MAX];
    struct sync_result result;
    uint64_t acknowledged;
    bool more = true;
    enum status status = STATUS_OK;

    while (status == STATUS_OK && more) {
        size_t upload_len = 0;
        size_t len = 0;
        bool answered;

        status = till_open(&till, exchange->dir, exchange->passphrase);
        if (status != STATUS_OK)
            return status;
        acknowledged = till.meta.acknowledged;
        status =
            sync_upload(upload, sizeof upload, &upload_len, &more, &till, exchange->now_unix_s);
        till_close(&till);
        if (status == STATUS_OK)
            status = carry_post(answer, sizeof answer, &len, &answered, &exchange->to,
                                (struct span){upload, upload_len}, false);
        if (status == STATUS_OK && len == 0)
            status = STATUS_SERVER_ANSWER;
        if (status == STATUS_OK)
            status = take(exchange, &result, (struct span){answer, len});
        /* Else it would go on for ever. */
        if (status == STATUS_OK && result.size <= acknowledged)
            status = STATUS_SERVER_ANSWER;
    }
    return status;
}

enum status
exchange_install(const struct exchange *exchange, uint64_t number)
{
    struct sync_result result;
    char path[32];
    size_t len = 0;
    enum status status;

    (void)snprintf(path, sizeof path, "/till/%llu", (unsigned long long)number);
    status = carry_get(answer, sizeof answer, &len, &exchange->to, path);
    return status == STATUS_OK ? take(exchange, &result, (struct span){answer, len}) : status;
}
