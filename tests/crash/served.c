/* The service is killed under load, again and again. Tills send what they have until an answer
 * comes, as real ones do; what was acknowledged once is acknowledged in the same bytes after the
 * kill, and at the end every payment is settled once and the books balance. */
#include "check.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ledger/fetch.h"
#include "ledger/serve.h"
#include "load.h"

#define TILLS 4
#define WALLETS 400
#define LIVES_SHORT 8
#define LIVES_LONG 400
#define WAIT_US_MAX 200000
#define ITEMS 5

static struct fixture_city fixture;
static struct city city;
static struct load load;
static pthread_mutex_t signing = PTHREAD_MUTEX_INITIALIZER;
static uint64_t clock_s;

static uint64_t
read_clock(void)
{
    return clock_s;
}

/* --- the service, a process of its own --- */

/* Never returns: serves until it is killed, or until its parent is gone. */
static void
be_the_service(int out)
{
    const struct serve_options options = {
        .address = "127.0.0.1", .workers = 2, .read_clock = read_clock, .random = crypt_random};
    struct serve *serve = NULL;
    uint16_t port = 0;

    fixture_node(&fixture, &city);
    if (serve_open(&serve, &city, &options) == STATUS_OK)
        port = serve_port(serve);
    if (port == 0 || write(out, &port, sizeof port) != sizeof port)
        _exit(EXIT_FAILURE);
    while (getppid() != 1)
        (void)sleep(1);
    _exit(EXIT_SUCCESS);
}

struct service {
    pid_t child;
    uint16_t port;
};

static bool
start_service(struct service *service)
{
    int ends[2];
    bool good;

    if (pipe(ends) != 0)
        return false;
    service->child = fork();
    if (service->child == 0) {
        close(ends[0]);
        be_the_service(ends[1]);
    }
    close(ends[1]);
    good = service->child > 0 &&
           read(ends[0], &service->port, sizeof service->port) == sizeof service->port;
    close(ends[0]);
    return good;
}

/* --- the tills --- */

struct client {
    pthread_t thread;
    size_t till;
    uint16_t port;
    uint64_t answered; /* uploads, since the beginning */
    uint64_t again;    /* of them, asked for once more in a later life */
    bool wrong;
    struct load_upload current; /* not answered yet */
    struct load_upload last;    /* answered, with what */
    size_t ack_len;             /* the acknowledgement of that */
    uint8_t ack[2048];
    struct fetch fetch;
    struct msg_parcel parcel;
    uint8_t body[MSG_PARCEL_MAX];
    size_t body_len;
};

static struct client clients[TILLS];

/* True when there was an answer: 200, or it is wrong. */
static bool
post(struct client *client, const struct load_upload *upload)
{
    struct fetch_answer answer;
    char url[64];
    const struct fetch_request request = {.url = url,
                                          .post = true,
                                          .body = {upload->bytes, upload->len},
                                          .type = "application/cbor",
                                          .connect_seconds = 5,
                                          .seconds = 10};

    snprintf(url, sizeof url, "http://127.0.0.1:%u/parcel", (unsigned)client->port);
    if (fetch_send(&client->fetch, &answer, client->body, sizeof client->body, &request) !=
        STATUS_OK)
        return false;
    client->body_len = answer.len;
    if (answer.code == 503)
        return false;
    client->wrong = client->wrong || answer.code != 200;
    return answer.code == 200;
}

/* The acknowledgement in the answer that has just come; the anchor behind it may be a newer one. */
static struct span
read_ack(struct client *client)
{
    const struct span answer = {client->body, client->body_len};

    if (schema_decode(&client->parcel, &msg_parcel_schema, answer) != STATUS_OK)
        return (struct span){NULL, 0};
    return client->parcel.parts[0];
}

/* Whether the acknowledgement of an earlier life comes again. */
static bool
ask_again(struct client *client)
{
    struct span ack;

    if (client->last.bytes == NULL)
        return true;
    if (!post(client, &client->last))
        return false;
    ack = read_ack(client);
    client->again++;
    client->wrong = client->wrong || ack.len != client->ack_len ||
                    memcmp(ack.data, client->ack, client->ack_len) != 0;
    return true;
}

static void
take_answer(struct client *client)
{
    const struct span ack = read_ack(client);

    load_upload_free(&client->last);
    client->last = client->current;
    client->current = (struct load_upload){0};
    client->answered++;
    if (ack.len == 0 || ack.len > sizeof client->ack) {
        client->wrong = true;
        return;
    }
    client->ack_len = ack.len;
    memcpy(client->ack, ack.data, ack.len);
    pthread_mutex_lock(&signing);
    load_answer(&load, client->till, (struct span){client->body, client->body_len});
    pthread_mutex_unlock(&signing);
}

/* Sends upload after upload until there is no answer. */
static void *
send_all(void *context)
{
    struct client *const client = context;
    bool going = ask_again(client);

    while (going && !client->wrong) {
        if (client->current.bytes == NULL) {
            pthread_mutex_lock(&signing);
            load_upload(&load, &client->current, client->till, ITEMS);
            pthread_mutex_unlock(&signing);
        }
        going = post(client, &client->current);
        if (going)
            take_answer(client);
    }
    return NULL;
}

static void
live_and_die(struct random *random)
{
    const struct timespec wait = {0, (long)random_below(random, WAIT_US_MAX) * 1000};
    struct service service = {0};

    REQUIRE(start_service(&service));
    for (size_t i = 0; i < TILLS; i++) {
        clients[i].port = service.port;
        CHECK_STATUS(fetch_open(&clients[i].fetch), STATUS_OK);
        REQUIRE(pthread_create(&clients[i].thread, NULL, send_all, &clients[i]) == 0);
    }
    nanosleep(&wait, NULL);
    kill(service.child, SIGKILL);
    REQUIRE(waitpid(service.child, NULL, 0) == service.child);
    for (size_t i = 0; i < TILLS; i++) {
        pthread_join(clients[i].thread, NULL);
        fetch_close(&clients[i].fetch);
        CHECK(!clients[i].wrong);
    }
}

/* What was never answered is booked now, if it was not then; each payment is settled. */
static void
send_the_rest(struct client *client)
{
    struct msg_parcel *const parcel = &fixture.parts;
    struct cose_message message;
    struct msg_ack ack;

    if (client->current.bytes == NULL)
        return;
    CHECK_STATUS(intake_submit(&fixture.intake, &fixture.result,
                               (struct span){client->current.bytes, client->current.len},
                               fixture_moment(&fixture)),
                 STATUS_OK);
    CHECK_STATUS(schema_decode(parcel, &msg_parcel_schema, fixture.result.answer), STATUS_OK);
    CHECK_STATUS(msg_open(&message, &ack, &msg_ack_schema, FIXTURE_NETWORK, parcel->parts[0]),
                 STATUS_OK);
    for (size_t i = 0; i < ack.results.len; i++)
        CHECK(ack.results.data[i] == LINE_RESERVE || ack.results.data[i] == LINE_LOGGED);
}

TEST(answers_outlive_the_service)
{
    const int lives =
        getenv("LONG") == NULL || getenv("LONG")[0] == '\0' ? LIVES_SHORT : LIVES_LONG;
    struct random random = random_begin();
    uint64_t answered = 0;
    uint64_t again = 0;

    fixture_open(&fixture);
    load_open(&load, &fixture, TILLS, WALLETS);
    clock_s = fixture.moment.time_unix_s + 60;
    for (size_t i = 0; i < TILLS; i++)
        clients[i].till = i;
    for (int life = 0; life < lives; life++) {
        fixture_leave(&fixture);
        live_and_die(&random);
        fixture_reopen(&fixture);
    }
    fixture.moment.time_unix_s = clock_s;
    for (size_t i = 0; i < TILLS; i++) {
        answered += clients[i].answered;
        again += clients[i].again;
        send_the_rest(&clients[i]);
        load_upload_free(&clients[i].current);
        load_upload_free(&clients[i].last);
    }
    printf("note: %d kills, %llu uploads answered, %llu of them again after a kill\n", lives,
           (unsigned long long)answered, (unsigned long long)again);
    CHECK(answered > (uint64_t)lives && again > 0);
    CHECK_STATUS(fixture_recount(&fixture), STATUS_OK);
    CHECK_STATUS(fixture_replay(&fixture), STATUS_OK);
    load_close(&load);
    fixture_close(&fixture);
}

int
main(int argc, char **argv)
{
    return check_run(argc, argv);
}
