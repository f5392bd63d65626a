/* The wallet's folder: its mark against older copies, its keys, what is left of a making that broke
 * off; and its letters to the ledger. */
#include "check.h"

#include <sys/stat.h>
#include <unistd.h>

#include "letter.h"
#include "protocol/keyfile.h"
#include "protocol/text.h"
#include "town.h"

static struct town town;
static struct town_till shop;
static struct town_wallet anna;

static void
begin(uint64_t line_cents)
{
    town_open(&town);
    town_till(&town, &shop, 11, 1, 3, 0);
    town_wallet(&town, &anna, 1, 10000, line_cents);
}

static void
end(void)
{
    town_wallet_close(&anna);
    town_till_close(&shop);
    town_close(&town);
}

static const struct span passphrase = {(const uint8_t *)TOWN_PASSPHRASE,
                                       sizeof TOWN_PASSPHRASE - 1};

/* --- the mark ---------------------------------------------------------------------------------
 */

/* The files of a wallet's folder that change, kept beside it. */
struct copy {
    char folder[SCRATCH_PATH_MAX];
    char store[SCRATCH_PATH_MAX];
    char mark[SCRATCH_PATH_MAX];
    char store_copy[SCRATCH_PATH_MAX];
    char mark_copy[SCRATCH_PATH_MAX];
};

static void
copy_make(struct copy *copy)
{
    scratch_make(copy->folder);
    scratch_path(copy->store, anna.folder, "store/data.mdb");
    scratch_path(copy->mark, anna.folder, "mark");
    scratch_path(copy->store_copy, copy->folder, "store");
    scratch_path(copy->mark_copy, copy->folder, "mark");
    wallet_close(&anna.wallet);
    CHECK(scratch_copy(copy->store_copy, copy->store));
    CHECK(scratch_copy(copy->mark_copy, copy->mark));
    CHECK_STATUS(wallet_open(&anna.wallet, anna.folder), STATUS_OK);
}

static void
put_store_back(const struct copy *copy)
{
    wallet_close(&anna.wallet);
    CHECK(scratch_copy(copy->store, copy->store_copy));
    CHECK_STATUS(wallet_open(&anna.wallet, anna.folder), STATUS_OK);
}

/* What opens a line again after a restore: here the old one has closed at the ledger. */
static void
new_line(void)
{
    CHECK_STATUS(town_sync(&town, &shop), STATUS_OK);
    fixture_days(&town.city, 17);
    CHECK_STATUS(fixture_close_due(&town.city), STATUS_OK);
    CHECK_STATUS(town_allowance(&town, &anna, 1000), STATUS_OK);
    CHECK_STATUS(town_sync(&town, &shop), STATUS_OK);
}

/* The copy is noticed each time that it is put back, and the wallet pays again in between. */
TEST(an_older_copy_is_noticed_every_time)
{
    struct copy copy;
    struct digest id;

    begin(1000);
    copy_make(&copy);
    CHECK_STATUS(town_sale(&town, &shop, &anna, 100, &id), STATUS_OK);
    for (unsigned i = 0; i < 2; i++) {
        put_store_back(&copy);
        CHECK_STATUS(town_sale(&town, &shop, &anna, 100, &id), STATUS_RESTORED);
        new_line();
        CHECK(anna.wallet.meta.restored == 0);
        for (unsigned sale = 0; sale < 2; sale++) {
            CHECK_STATUS(town_wallet_reopen(&anna), STATUS_OK);
            CHECK_STATUS(town_sale(&town, &shop, &anna, 100, &id), STATUS_OK);
        }
    }
    scratch_remove(copy.folder);
    end();
}

/* A mark that is not there, too short, too long or no number tells nothing good. */
TEST(a_damaged_mark_retires_all_lines)
{
    static const uint8_t bytes[9] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    static const size_t lengths[] = {0, 7, 8, 9};
    struct copy copy;
    struct digest id;

    begin(1000);
    CHECK_STATUS(town_sale(&town, &shop, &anna, 100, &id), STATUS_OK);
    copy_make(&copy);
    for (size_t i = 0; i <= sizeof lengths / sizeof lengths[0]; i++) {
        wallet_close(&anna.wallet);
        CHECK(scratch_copy(copy.store, copy.store_copy));
        if (i < sizeof lengths / sizeof lengths[0])
            CHECK(scratch_write(copy.mark, bytes, lengths[i]));
        else
            CHECK(unlink(copy.mark) == 0);
        CHECK_STATUS(wallet_open(&anna.wallet, anna.folder), STATUS_OK);
        CHECK(anna.wallet.meta.restored == 1);
        CHECK_STATUS(town_sale(&town, &shop, &anna, 100, &id), STATUS_RESTORED);
        CHECK_STATUS(town_wallet_reopen(&anna), STATUS_OK);
        CHECK(anna.wallet.meta.restored == 1);
        /* The store that was there with the damaged mark is an older one from now on. */
        put_store_back(&copy);
        CHECK(anna.wallet.meta.restored == 1);
    }
    new_line();
    CHECK_STATUS(town_wallet_reopen(&anna), STATUS_OK);
    CHECK_STATUS(town_sale(&town, &shop, &anna, 100, &id), STATUS_OK);
    scratch_remove(copy.folder);
    end();
}

/* Lines that were asked for before the copy was made are retired as well: the newer store may have
 * signed from them. */
TEST(a_line_of_an_older_copy_is_not_opened)
{
    static struct ask ask;
    static struct msg_parcel parcel;
    static uint8_t answer[MSG_PARCEL_MAX];
    const uint8_t fresh[POCKET_SALT_SIZE] = {5};
    const struct kid once = {{5}};
    const struct money amount = {1000};
    struct take_result taken;
    struct copy copy;
    struct digest id;
    struct kid line;
    size_t len;

    begin(0);
    CHECK_STATUS(ask_allowance(&ask, &anna.wallet, &anna.device, amount, 0, false, fresh, &once,
                               town_now(&town)),
                 STATUS_OK);
    copy_make(&copy);
    letter_open(&parcel, (struct span){ask.bytes, ask.len});
    CHECK_STATUS(fixture_submit(&town.city, MSG_PARCEL_ASK, parcel.parts, 1), STATUS_OK);
    len = town.city.result.answer.len;
    memcpy(answer, town.city.result.answer.data, len);
    CHECK_STATUS(take_parcel(&taken, &anna.wallet, (struct span){answer, len}, town_now(&town)),
                 STATUS_OK);
    line = taken.line;
    CHECK_STATUS(town_sale(&town, &shop, &anna, 100, &id), STATUS_OK);
    put_store_back(&copy);
    CHECK_STATUS(take_parcel(&taken, &anna.wallet, (struct span){answer, len}, town_now(&town)),
                 STATUS_ALLOWANCE_CLOSED);
    CHECK_STATUS(
        ask_renewal(&ask, &anna.wallet, &anna.device, &line, amount, &once, town_now(&town)),
        STATUS_ALLOWANCE_CLOSED);
    CHECK_STATUS(town_sale(&town, &shop, &anna, 100, &id), STATUS_RESTORED);
    scratch_remove(copy.folder);
    end();
}

/* A mark that could not be written: the code is not shown, not then and not later, until it is. */
TEST(no_code_without_its_mark)
{
    static struct ask ask;
    char request[CODE_TEXT_SIZE];
    char code[CODE_TEXT_SIZE] = "";
    struct copy copy;
    struct digest id;

    begin(1000);
    copy_make(&copy);
    CHECK_STATUS(town_request(&town, &shop, 1, 100, request), STATUS_OK);
    CHECK(unlink(copy.mark) == 0 && mkdir(copy.mark, 0700) == 0);
    CHECK_STATUS(town_pay(&town, &anna, request, code, &id), STATUS_PAYMENT_KEPT);
    CHECK(code[0] == '\0');
    CHECK_STATUS(pay_latest(&id, &anna.wallet), STATUS_OK);
    CHECK_STATUS(pay_again(code, &anna.wallet, &id), STATUS_IO);
    CHECK_STATUS(ask_statement(&ask, &anna.wallet, &anna.device, &id, 2, town_now(&town)),
                 STATUS_IO);
    CHECK(code[0] == '\0' && ask.len == 0);
    /* As after a power cut between store and mark. */
    CHECK(rmdir(copy.mark) == 0 && scratch_copy(copy.mark, copy.mark_copy));
    CHECK_STATUS(town_wallet_reopen(&anna), STATUS_OK);
    CHECK(anna.wallet.meta.restored == 0);
    CHECK_STATUS(pay_again(code, &anna.wallet, &id), STATUS_OK);
    put_store_back(&copy);
    CHECK(anna.wallet.meta.restored == 1);
    scratch_remove(copy.folder);
    end();
}

/* --- making and opening -----------------------------------------------------------------------
 */

static enum status
make(const char *folder, struct span city)
{
    struct wallet_random random;

    town_random(&town, &random, sizeof random);
    return wallet_create(folder, city, 1, 2, passphrase, SEAL_INTERACTIVE, &random);
}

TEST(a_wallet_is_made_once_and_whole)
{
    static struct letter letter;
    static struct wallet second;
    static uint8_t copy[MSG_PARCEL_MAX];
    char folder[SCRATCH_PATH_MAX];
    struct span city;
    struct span other;

    begin(0);
    CHECK_STATUS(intake_city_parcel(&town.city.intake, &city), STATUS_OK);
    memcpy(copy, city.data, city.len);
    city.data = copy;
    CHECK_STATUS(make(anna.folder, city), STATUS_EXISTS);
    CHECK_STATUS(wallet_open(&second, anna.folder), STATUS_STORE_BUSY);
    scratch_make(folder);
    CHECK_STATUS(wallet_open(&second, folder), STATUS_NOT_FOUND);
    letter_begin(&letter, MSG_PARCEL_CITY);
    letter_put(&letter, city);
    CHECK_STATUS(make(folder, letter_end(&letter)), STATUS_ENTRY_SHAPE);
    /* Its keys are there and nothing else: that is no wallet. */
    CHECK_STATUS(wallet_open(&second, folder), STATUS_NOT_FOUND);
    CHECK_STATUS(make(folder, city), STATUS_EXISTS);
    scratch_remove(folder);
    scratch_make(folder);
    CHECK_STATUS(intake_till_parcel(&town.city.intake, &other, 11, town_now(&town)), STATUS_OK);
    CHECK_STATUS(make(folder, other), STATUS_ENTRY_SHAPE);
    scratch_remove(folder);
    end();
}

TEST(keys_of_another_wallet)
{
    struct town_wallet bert;
    struct secret_key key;
    char mine[SCRATCH_PATH_MAX];
    char other[SCRATCH_PATH_MAX];
    const struct secret_key none = {{0}};

    begin(0);
    town_wallet(&town, &bert, 1, 0, 0);
    CHECK_STATUS(wallet_device_key(&key, &anna.wallet, (struct span){(const uint8_t *)"x", 1}),
                 STATUS_PASSPHRASE);
    CHECK(memcmp(&key, &none, sizeof key) == 0);
    CHECK_STATUS(wallet_device_key(&key, &anna.wallet, passphrase), STATUS_OK);
    CHECK(memcmp(&key, &anna.device, sizeof key) == 0);
    CHECK_STATUS(wallet_recovery_key(&key, &anna.wallet, passphrase), STATUS_OK);
    CHECK(memcmp(&key, &anna.recovery, sizeof key) == 0);
    scratch_path(mine, anna.folder, "device.key");
    scratch_path(other, bert.folder, "device.key");
    CHECK(scratch_copy(mine, other));
    CHECK_STATUS(wallet_device_key(&key, &anna.wallet, passphrase), STATUS_KEYFILE);
    CHECK(memcmp(&key, &none, sizeof key) == 0);
    scratch_path(mine, anna.folder, "recovery.key");
    scratch_path(other, anna.folder, "device.key");
    CHECK(scratch_copy(mine, other));
    CHECK_STATUS(wallet_recovery_key(&key, &anna.wallet, passphrase), STATUS_KEYFILE);
    CHECK(unlink(mine) == 0);
    CHECK_STATUS(wallet_recovery_key(&key, &anna.wallet, passphrase), STATUS_NOT_FOUND);
    town_wallet_close(&bert);
    end();
}

/* A device key that is not this wallet's signs nothing and uses nothing up. */
TEST(another_device_cannot_sign)
{
    char request[CODE_TEXT_SIZE];
    char code[CODE_TEXT_SIZE] = "";
    struct digest id;
    struct secret_key right;

    begin(1000);
    CHECK_STATUS(town_request(&town, &shop, 1, 100, request), STATUS_OK);
    right = anna.device;
    anna.device = anna.recovery;
    CHECK_STATUS(town_pay(&town, &anna, request, code, &id), STATUS_KEYFILE);
    CHECK(code[0] == '\0' && anna.wallet.meta.payments == 0);
    anna.device = right;
    CHECK_STATUS(town_pay(&town, &anna, request, code, &id), STATUS_OK);
    end();
}

/* --- letters ----------------------------------------------------------------------------------
 */

static struct ask ask;
static struct msg_parcel parcel;
static const uint8_t salt[POCKET_SALT_SIZE] = {3};
static const struct kid nonce = {{9, 5, 6}};

static struct cose_message
open_ask(enum msg_parcel_kind kind, const struct schema *schema, void *out,
         const struct secret_key *signer)
{
    struct cose_message message = {0};
    struct public_key key;

    crypt_public_key(&key, signer);
    letter_open(&parcel, (struct span){ask.bytes, ask.len});
    CHECK(parcel.kind == kind && parcel.parts_count == 1);
    CHECK_STATUS(msg_open(&message, out, schema, FIXTURE_NETWORK, parcel.parts[0]), STATUS_OK);
    CHECK_STATUS(msg_verify(&message, schema, FIXTURE_NETWORK, &key), STATUS_OK);
    return message;
}

TEST(gifts_losses_and_devices_are_asked_for)
{
    const uint8_t to[16] = {1, 2, 3};
    const struct kid line = {{7, 8}};
    const struct money daily = {1234};
    struct fixture_key key;
    struct msg_gift gift;
    struct msg_loss_report loss;
    struct msg_device device;

    begin(0);
    CHECK_STATUS(ask_gift(&ask, &anna.wallet, &anna.recovery, 17, to, &nonce, town_now(&town)),
                 STATUS_OK);
    (void)open_ask(MSG_PARCEL_ASK, &msg_gift_schema, &gift, &anna.recovery);
    CHECK(gift.lot == 17 && memcmp(gift.to, to, sizeof to) == 0 && gift.time == town_now(&town));
    CHECK(memcmp(gift.purse, anna.wallet.meta.purse, sizeof gift.purse) == 0);
    CHECK(memcmp(gift.nonce, &nonce, sizeof gift.nonce) == 0);
    for (unsigned all = 0; all < 2; all++) {
        const struct kid named = all == 1 ? (struct kid){{0}} : line;

        CHECK_STATUS(ask_loss(&ask, &anna.wallet, &anna.recovery, all == 1 ? NULL : &line, &nonce,
                              town_now(&town)),
                     STATUS_OK);
        (void)open_ask(MSG_PARCEL_ASK, &msg_loss_report_schema, &loss, &anna.recovery);
        CHECK(memcmp(&loss.allowance, &named, sizeof named) == 0);
        CHECK(memcmp(loss.nonce, &nonce, sizeof loss.nonce) == 0);
        CHECK(memcmp(loss.purse, anna.wallet.meta.purse, sizeof loss.purse) == 0);
    }
    fixture_key(&key, "second device", 1);
    for (uint64_t number = 1; number <= 3; number++) {
        CHECK_STATUS(ask_device(&ask, &anna.wallet, &anna.recovery, &key.key, 1 + number % 2, daily,
                                town_now(&town)),
                     STATUS_OK);
        (void)open_ask(MSG_PARCEL_ASK, &msg_device_schema, &device, &anna.recovery);
        CHECK(device.number == number && device.action == 1 + number % 2);
        CHECK(memcmp(&device.device, &key.key, sizeof key.key) == 0);
        CHECK(money_cents(device.daily_limit) == 1234);
        CHECK_STATUS(town_wallet_reopen(&anna), STATUS_OK);
    }
    end();
}

/* Whoever asks for a line has its key first. */
TEST(lines_are_asked_for)
{
    const struct money amounts[] = {{0}, {MSG_LINE_CENTS_MAX + 1}, {1000}};
    static const enum status expected[] = {STATUS_AMOUNT_ZERO, STATUS_AMOUNT_OVER_LIMIT, STATUS_OK};
    const struct secret_key none = {{0}};
    struct msg_allowance_request request;
    struct pocket_line line;
    struct secret_key secret;
    struct store_txn txn;
    struct kid id;

    begin(0);
    for (unsigned i = 0; i < 3; i++)
        CHECK_STATUS(ask_allowance(&ask, &anna.wallet, &anna.device, amounts[i], 7, true, salt,
                                   &nonce, town_now(&town)),
                     expected[i]);
    (void)open_ask(MSG_PARCEL_ASK, &msg_allowance_request_schema, &request, &anna.device);
    CHECK(request.online == 1 && request.restriction == 7 && money_cents(request.amount) == 1000);
    CHECK(memcmp(request.nonce, &nonce, sizeof request.nonce) == 0);
    crypt_kid(&id, &request.key);
    CHECK_STATUS(town_wallet_reopen(&anna), STATUS_OK);
    CHECK_STATUS(store_begin_read(&txn, &anna.wallet.store), STATUS_OK);
    CHECK_STATUS(pocket_get_line(&line, &txn, &id), STATUS_OK);
    CHECK(line.state == POCKET_LINE_ASKED && line.cursor == 0 && line.seq == 0);
    CHECK_STATUS(wallet_line_key(&secret, &line, &anna.device), STATUS_OK);
    CHECK_STATUS(wallet_line_key(&secret, &line, &anna.recovery), STATUS_KEYFILE);
    CHECK(memcmp(&secret, &none, sizeof secret) == 0);
    store_abort(&txn);
    CHECK_STATUS(
        ask_renewal(&ask, &anna.wallet, &anna.device, &id, amounts[2], &nonce, town_now(&town)),
        STATUS_ALLOWANCE_UNKNOWN);
    CHECK(ask.len == 0);
    end();
}

TEST(lines_are_renewed)
{
    const struct kid unknown = {{1}};
    const struct money amounts[] = {{MSG_LINE_CENTS_MAX + 1}, {999}, {1000}, {2000}};
    static const enum status expected[] = {STATUS_AMOUNT_OVER_LIMIT, STATUS_AMOUNT_RANGE, STATUS_OK,
                                           STATUS_OK};
    struct msg_renewal_request renewal;
    struct pocket_line line;
    struct store_txn txn;
    struct kid id;

    begin(1000);
    CHECK_STATUS(store_begin_read(&txn, &anna.wallet.store), STATUS_OK);
    CHECK_STATUS(pocket_next_line(&line, &txn, NULL), STATUS_OK);
    crypt_kid(&id, &line.key);
    store_abort(&txn);
    for (unsigned i = 0; i < 4; i++) {
        CHECK_STATUS(
            ask_renewal(&ask, &anna.wallet, &anna.device, &id, amounts[i], &nonce, town_now(&town)),
            expected[i]);
        CHECK((ask.len > 0) == (expected[i] == STATUS_OK));
    }
    (void)open_ask(MSG_PARCEL_ASK, &msg_renewal_request_schema, &renewal, &anna.device);
    CHECK(memcmp(&renewal.allowance, &id, sizeof id) == 0 && money_cents(renewal.amount) == 2000);
    CHECK(memcmp(renewal.nonce, &nonce, sizeof renewal.nonce) == 0);
    CHECK_STATUS(ask_renewal(&ask, &anna.wallet, &anna.device, &unknown, amounts[3], &nonce,
                             town_now(&town)),
                 STATUS_ALLOWANCE_UNKNOWN);
    end();
}

int
main(int argc, char **argv)
{
    return check_run(argc, argv);
}
