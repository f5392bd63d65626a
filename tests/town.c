#include "town.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/keyfile.h"
#include "protocol/text.h"

static const struct span passphrase = {(const uint8_t *)TOWN_PASSPHRASE,
                                       sizeof TOWN_PASSPHRASE - 1};

static void
must(enum status status, const char *what)
{
    if (status == STATUS_OK)
        return;
    fprintf(stderr, "town: %s: %s\n", what, status_name(status));
    abort();
}

void
town_random(struct town *town, void *out, size_t len)
{
    uint8_t *at = out;

    while (len > 0) {
        struct fixture_key key;
        const size_t some = len < sizeof key.key.bytes ? len : sizeof key.key.bytes;

        fixture_key(&key, "draw", town->draws++);
        memcpy(at, key.key.bytes, some);
        at += some;
        len -= some;
    }
}

uint64_t
town_now(const struct town *town)
{
    return town->city.moment.time_unix_s;
}

void
town_open(struct town *town)
{
    memset(town, 0, sizeof *town);
    must(crypt_init(), "crypt");
    fixture_open(&town->city);
    fixture_standard(&town->city);
    fixture_merchant(&town->city, 1);
    fixture_merchant(&town->city, 2);
}

void
town_close(struct town *town)
{
    fixture_close(&town->city);
}

/* --- tills -------------------------------------------------------------------------------------
 */

static enum status
enrol(struct town *town, const struct public_key *key, uint64_t number, uint64_t merchant,
      uint64_t classes, uint64_t group)
{
    const struct msg_till certificate = {
        .network = FIXTURE_NETWORK,
        .till = number,
        .merchant = merchant,
        .key = *key,
        .title = {(const uint8_t *)"Laden, Elberfeld", 16},
        .level = 1,
        .limit = {50000},
        .count = 60,
        .classes = classes,
        .restrictions_count = group == 0 ? 0 : 1,
        .restrictions = {group},
        .from = town_now(town),
        .until = town_now(town) + 400 * FIXTURE_DAY,
    };

    return fixture_act(&town->city, &msg_till_schema, &certificate, SIGNER_ENROLMENT, 0);
}

void
town_till(struct town *town, struct town_till *till, uint64_t number, uint64_t merchant,
          uint64_t classes, uint64_t group)
{
    static uint8_t copy[MSG_PARCEL_MAX];
    struct till_random random;
    struct sync_result result;
    struct span parcel;
    uint8_t seed[32];

    scratch_make(till->folder);
    till->number = number;
    town_random(town, &random, sizeof random);
    must(intake_city_parcel(&town->city.intake, &parcel), "city parcel");
    memcpy(copy, parcel.data, parcel.len);
    must(till_create(till->folder, (struct span){copy, parcel.len}, passphrase, SEAL_INTERACTIVE,
                     &random, town_now(town)),
         "till_create");
    must(till_open(&till->till, till->folder, passphrase), "till_open");
    must(enrol(town, &till->till.meta.key, number, merchant, classes, group), "enrol");
    must(intake_till_parcel(&town->city.intake, &parcel, number, town_now(town)), "till parcel");
    memcpy(copy, parcel.data, parcel.len);
    town_random(town, seed, sizeof seed);
    must(sync_take(&result, &till->till, (struct span){copy, parcel.len}, seed,
                   town_now(town) + town->ahead),
         "install");
}

void
town_till_close(struct town_till *till)
{
    till_close(&till->till);
    scratch_remove(till->folder);
}

enum status
town_till_reopen(struct town_till *till)
{
    till_close(&till->till);
    return till_open(&till->till, till->folder, passphrase);
}

/* --- wallets -----------------------------------------------------------------------------------
 */

/* The purse's act with the enrolment office's second signature. */
static enum status
register_purse(struct town *town, struct town_wallet *wallet)
{
    static struct ask ask;
    static struct msg_parcel parcel;
    static uint8_t second[MSG_SIGN_MAX];
    struct cose_message message;
    struct cose_aad aad;
    struct span parts[2] = {{NULL, 0}, {second, 0}};
    const struct money daily = {100000};
    enum status status = ask_purse(&ask, &wallet->wallet, &wallet->recovery, daily, town_now(town));

    if (status == STATUS_OK)
        status = schema_decode(&parcel, &msg_parcel_schema, (struct span){ask.bytes, ask.len});
    if (status != STATUS_OK)
        return status;
    parts[0] = parcel.parts[0];
    status = cose_parse(&message, parts[0], COSE_MESSAGE_MAX);
    msg_aad(&aad, &msg_purse_schema, FIXTURE_NETWORK);
    if (status == STATUS_OK)
        status = cose_sign(second, sizeof second, &parts[1].len,
                           &town->city.roles[SIGNER_ENROLMENT].secret, &aad, message.payload);
    if (status != STATUS_OK)
        return status;
    return fixture_submit(&town->city, MSG_PARCEL_ACT, parts, 2);
}

void
town_wallet(struct town *town, struct town_wallet *wallet, uint64_t class, uint64_t cents,
            uint64_t line_cents)
{
    static uint8_t copy[MSG_PARCEL_MAX];
    struct fixture_wallet issued = {.class = class};
    struct wallet_random random;
    struct span parcel;

    scratch_make(wallet->folder);
    town_random(town, &random, sizeof random);
    must(intake_city_parcel(&town->city.intake, &parcel), "city parcel");
    memcpy(copy, parcel.data, parcel.len);
    must(wallet_create(wallet->folder, (struct span){copy, parcel.len}, class, 2, passphrase,
                       SEAL_INTERACTIVE, &random),
         "wallet_create");
    must(wallet_open(&wallet->wallet, wallet->folder), "wallet_open");
    must(wallet_device_key(&wallet->device, &wallet->wallet, passphrase), "device key");
    must(wallet_recovery_key(&wallet->recovery, &wallet->wallet, passphrase), "recovery key");
    must(register_purse(town, wallet), "purse");
    memcpy(issued.purse, wallet->wallet.meta.purse, sizeof issued.purse);
    if (cents > 0)
        must(fixture_issue(&town->city, &issued, cents, 0), "issue");
    if (line_cents > 0)
        must(town_allowance(town, wallet, line_cents), "allowance");
}

enum status
town_allowance(struct town *town, struct town_wallet *wallet, uint64_t cents)
{
    static struct ask ask;
    static struct msg_parcel parcel;
    struct take_result taken;
    uint8_t salt[POCKET_SALT_SIZE];
    struct kid nonce;
    struct money amount;
    enum status status = money_from_cents(&amount, cents);

    town_random(town, salt, sizeof salt);
    town_random(town, &nonce, sizeof nonce);
    if (status == STATUS_OK)
        status = ask_allowance(&ask, &wallet->wallet, &wallet->device, amount, 0, false, salt,
                               &nonce, town_now(town));
    if (status == STATUS_OK)
        status = schema_decode(&parcel, &msg_parcel_schema, (struct span){ask.bytes, ask.len});
    if (status == STATUS_OK)
        status = fixture_submit(&town->city, MSG_PARCEL_ASK, parcel.parts, parcel.parts_count);
    if (status != STATUS_OK)
        return status;
    return take_parcel(&taken, &wallet->wallet, town->city.result.answer, town_now(town));
}

void
town_wallet_close(struct town_wallet *wallet)
{
    wallet_close(&wallet->wallet);
    scratch_remove(wallet->folder);
}

enum status
town_wallet_reopen(struct town_wallet *wallet)
{
    wallet_close(&wallet->wallet);
    return wallet_open(&wallet->wallet, wallet->folder);
}

/* Copies one file if it is there. */
static void
copy_file(const char *to, const char *from, const char *name)
{
    char source[SCRATCH_PATH_MAX];
    char target[SCRATCH_PATH_MAX];

    scratch_path(source, from, name);
    scratch_path(target, to, name);
    (void)scratch_copy(target, source);
}

void
town_clone(struct town_wallet *copy, const struct town_wallet *wallet)
{
    char folder[SCRATCH_PATH_MAX];

    scratch_make(copy->folder);
    copy_file(copy->folder, wallet->folder, "device.key");
    copy_file(copy->folder, wallet->folder, "recovery.key");
    copy_file(copy->folder, wallet->folder, "mark");
    scratch_path(folder, copy->folder, "store");
    must(store_create(folder), "store of the copy");
    copy_file(copy->folder, wallet->folder, "store/data.mdb");
    must(wallet_open(&copy->wallet, copy->folder), "the copy");
    copy->device = wallet->device;
    copy->recovery = wallet->recovery;
}

/* --- steps -------------------------------------------------------------------------------------
 */

static struct span
text_span(const char *text)
{
    return (struct span){(const uint8_t *)text, strlen(text)};
}

enum status
town_request(struct town *town, struct town_till *till, uint64_t class, uint64_t cents,
             char code[static CODE_TEXT_SIZE])
{
    struct demand_wish wish = {.class = class, .seconds = DEMAND_SECONDS};
    struct kid nonce;
    uint64_t number;
    enum status status = money_from_cents(&wish.amount, cents);

    town_random(town, &nonce, sizeof nonce);
    if (status != STATUS_OK)
        return status;
    return demand_new(code, &number, &till->till, &wish, &nonce, town_now(town));
}

enum status
town_pay(struct town *town, struct town_wallet *wallet, const char *request,
         char code[static CODE_TEXT_SIZE], struct digest *id)
{
    struct code_request parsed;
    struct code_bytes bytes;
    struct money amount = MONEY_ZERO;
    enum status status = pay_read(&parsed, &bytes, &wallet->wallet, text_span(request));

    if (status == STATUS_OK)
        status = pay_known(id, &amount, &wallet->wallet, &parsed);
    if (status == STATUS_OK)
        return pay_again(code, &wallet->wallet, id);
    if (status == STATUS_NOT_FOUND)
        status = pay_amount(&amount, &parsed.request, NULL);
    if (status != STATUS_OK)
        return status;
    return pay_sign(code, id, &wallet->wallet, &parsed, amount, &wallet->device, town_now(town));
}

enum status
town_accept(struct town *town, struct town_till *till, const char *code,
            char receipt[static SELL_TEXT_SIZE], struct sell_result *result)
{
    uint8_t salt[TILL_SALT_SIZE];

    town_random(town, salt, sizeof salt);
    return sell_accept(receipt, result, &till->till, text_span(code), salt, town_now(town));
}

enum status
town_receipt(struct town_wallet *wallet, const char *receipt)
{
    struct digest id;

    return pay_receipt(&id, &wallet->wallet, text_span(receipt));
}

enum status
town_sale(struct town *town, struct town_till *till, struct town_wallet *wallet, uint64_t cents,
          struct digest *id)
{
    char request[CODE_TEXT_SIZE];
    char code[CODE_TEXT_SIZE];
    char receipt[SELL_TEXT_SIZE];
    struct sell_result result;
    enum status status = town_request(town, till, wallet->wallet.meta.class, cents, request);

    if (status == STATUS_OK)
        status = town_pay(town, wallet, request, code, id);
    if (status == STATUS_OK)
        status = town_accept(town, till, code, receipt, &result);
    if (status == STATUS_OK)
        status = town_receipt(wallet, receipt);
    return status;
}

enum status
town_sync(struct town *town, struct town_till *till)
{
    static uint8_t upload[MSG_PARCEL_MAX];
    static struct msg_parcel parcel;
    struct sync_result result;
    uint8_t seed[32];
    size_t len;
    bool more;
    enum status status =
        sync_upload(upload, sizeof upload, &len, &more, &till->till, town_now(town));

    if (status == STATUS_OK)
        status = schema_decode(&parcel, &msg_parcel_schema, (struct span){upload, len});
    if (status == STATUS_OK)
        status = fixture_submit(&town->city, MSG_PARCEL_UPLOAD, parcel.parts, parcel.parts_count);
    if (status != STATUS_OK)
        return status;
    town_random(town, seed, sizeof seed);
    return sync_take(&result, &till->till, town->city.result.answer, seed, town_now(town));
}

enum status
town_state(struct town *town, struct town_wallet *wallet, const struct digest *id, uint64_t claim)
{
    static struct ask ask;
    static struct msg_parcel parcel;
    struct take_result taken;
    enum status status =
        ask_statement(&ask, &wallet->wallet, &wallet->device, id, claim, town_now(town));

    if (status == STATUS_OK)
        status = schema_decode(&parcel, &msg_parcel_schema, (struct span){ask.bytes, ask.len});
    if (status == STATUS_OK)
        status =
            fixture_submit(&town->city, MSG_PARCEL_STATEMENT, parcel.parts, parcel.parts_count);
    if (status != STATUS_OK || town->city.result.answer.len == 0)
        return status;
    return take_parcel(&taken, &wallet->wallet, town->city.result.answer, town_now(town));
}
