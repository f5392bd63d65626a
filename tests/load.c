#include "load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MUST(expression)                                                                           \
    do {                                                                                           \
        const enum status must = (expression);                                                     \
        if (must != STATUS_OK) {                                                                   \
            fprintf(stderr, "load: %s:%d: %s: %s\n", __FILE__, __LINE__, #expression,              \
                    status_name(must));                                                            \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

#define BUDGET_CENTS UINT64_C(100000000000)

static void *
take_memory(size_t count, size_t size)
{
    void *const memory = calloc(count, size);

    if (memory == NULL)
        abort();
    return memory;
}

static struct money
cents(uint64_t amount)
{
    struct money money;

    MUST(money_from_cents(&money, amount));
    return money;
}

/* A programme that is large enough for all of them. */
static void
open_programme(struct fixture_city *city)
{
    static const char name[] = "Wuppertal-Gutschein";
    const uint64_t now = city->moment.time_unix_s;
    const struct msg_series series = {.network = FIXTURE_NETWORK,
                                      .series = 1,
                                      .version = 1,
                                      .name = {(const uint8_t *)name, sizeof name - 1},
                                      .class = 1,
                                      .budget = cents(BUDGET_CENTS),
                                      .percent = 20,
                                      .from = now,
                                      .until = now + 365 * FIXTURE_DAY};

    fixture_genesis(city);
    fixture_parameters(&city->parameters, 1, now);
    MUST(fixture_act(city, &msg_parameters_schema, &city->parameters, 2, 3));
    MUST(fixture_act(city, &msg_series_schema, &series, 2, 3));
    MUST(fixture_fund(city, 1, 3, 0, BUDGET_CENTS));
}

static void
open_till(struct load *load, size_t number)
{
    static const char title[] = "Laden, Barmen";
    struct fixture_city *const city = load->city;
    struct load_till *const till = &load->tills[number];
    struct msg_till message = {.network = FIXTURE_NETWORK,
                               .till = number + 1,
                               .merchant = number + 1,
                               .title = {(const uint8_t *)title, sizeof title - 1},
                               .level = 3,
                               .limit = cents(1000000),
                               .count = 1200,
                               .classes = 3,
                               .from = city->moment.time_unix_s,
                               .until = city->moment.time_unix_s + 365 * FIXTURE_DAY};

    fixture_merchant(city, number + 1);
    till->number = number + 1;
    fixture_key(&till->key, "till", number + 1);
    message.key = till->key.key;
    MUST(fixture_act(city, &msg_till_schema, &message, 4, 0));
    load_answer(load, number, city->result.answer);
}

void
load_open(struct load *load, struct fixture_city *city, size_t tills, size_t wallets)
{
    memset(load, 0, sizeof *load);
    load->city = city;
    load->random = random_begin();
    load->till_count = tills;
    load->tills = take_memory(tills, sizeof *load->tills);
    load->wallet_count = wallets;
    load->wallets = take_memory(wallets, sizeof *load->wallets);
    load->scratch = take_memory(1, sizeof *load->scratch);
    open_programme(city);
    city->batched = true;
    for (size_t i = 0; i < tills; i++)
        open_till(load, i);
    for (size_t i = 0; i < wallets; i++) {
        fixture_purse(city, &load->wallets[i], i + 1, 1, 2);
        MUST(fixture_issue(city, &load->wallets[i], 5000, 0));
        MUST(fixture_allowance(city, &load->wallets[i], 5000));
    }
    fixture_end_batch(city);
    city->batched = false;
}

void
load_close(struct load *load)
{
    free(load->tills);
    free(load->wallets);
    free(load->scratch);
    memset(load, 0, sizeof *load);
}

/* The part of an answer that the till logs. */
void
load_answer(struct load *load, size_t number, struct span answer)
{
    static struct msg_parcel parcel;
    struct load_till *const till = &load->tills[number];

    MUST(schema_decode(&parcel, &msg_parcel_schema, answer));
    memset(till->news_len, 0, sizeof till->news_len);
    for (size_t i = 0; i < parcel.parts_count; i++) {
        uint64_t type;
        size_t at;

        MUST(msg_peek(&type, parcel.parts[i]));
        if (type != MSG_ANCHOR && type != MSG_NEWS)
            continue;
        at = type == MSG_NEWS;
        if (parcel.parts[i].len > sizeof till->news[at])
            abort();
        till->news_len[at] = parcel.parts[i].len;
        memcpy(till->news[at], parcel.parts[i].data, parcel.parts[i].len);
    }
}

/* Fills the scratch till's log with what is new. */
static void
fill(struct load *load, struct load_till *till, size_t items)
{
    struct fixture_till *const scratch = load->scratch;
    struct fixture_payment payment;

    scratch->number = till->number;
    scratch->key = till->key;
    scratch->tree = till->tree;
    scratch->requests = till->requests;
    scratch->count = 0;
    for (size_t i = 0; i < 2; i++) {
        const struct span message = {till->news[i], till->news_len[i]};

        if (message.len > 0)
            fixture_item(scratch, i == 0 ? 2 : 6, load->city->moment.time_unix_s, &message, 1);
    }
    for (size_t i = 0; i < items; i++) {
        struct fixture_wallet *wallet;

        do
            wallet = &load->wallets[random_below(&load->random, load->wallet_count)];
        while (wallet->cursor > 4990);
        fixture_sale(load->city, &payment, wallet, scratch, 1 + random_below(&load->random, 9));
    }
}

void
load_upload(struct load *load, struct load_upload *out, size_t number, size_t items)
{
    struct load_till *const till = &load->tills[number];
    struct fixture_till *const scratch = load->scratch;
    struct msg_upload *const upload = &load->upload;
    static struct msg_parcel parcel;
    static uint8_t message[COSE_MESSAGE_LARGE_MAX];
    size_t len;

    fill(load, till, items);
    upload->network = FIXTURE_NETWORK;
    upload->till = till->number;
    upload->first = till->count;
    upload->items_count = scratch->count;
    upload->time = load->city->moment.time_unix_s;
    parcel.kind = MSG_PARCEL_UPLOAD;
    parcel.parts_count = scratch->count + 1;
    for (size_t i = 0; i < scratch->count; i++) {
        parcel.parts[1 + i] = (struct span){scratch->items[i].bytes, scratch->items[i].len};
        merkle_leaf(&upload->items[i], parcel.parts[1 + i]);
    }
    merkle_root(&upload->root, &scratch->tree);
    MUST(msg_sign(message, sizeof message, &len, &msg_upload_schema, upload, FIXTURE_NETWORK,
                  &till->key.secret));
    parcel.parts[0] = (struct span){message, len};
    MUST(schema_measure(&len, &msg_parcel_schema, &parcel));
    *out = (struct load_upload){number, len, take_memory(1, len)};
    MUST(schema_encode(out->bytes, len, &out->len, &msg_parcel_schema, &parcel));
    till->tree = scratch->tree;
    till->count += scratch->count;
    till->requests = scratch->requests;
    till->news_len[0] = 0;
    till->news_len[1] = 0;
}

void
load_upload_free(struct load_upload *upload)
{
    free(upload->bytes);
    *upload = (struct load_upload){0};
}
