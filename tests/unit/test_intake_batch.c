#include "check.h"
#include "fixture.h"
#include "load.h"

#include <string.h>

/* Many parcels in one transaction leave what they leave one by one. */

#define TILLS 3

static struct fixture_city alone;
static struct fixture_city together;
static struct load load;
static struct load_upload uploads[TILLS];

static struct span
bytes_of(const struct load_upload *upload)
{
    return (struct span){upload->bytes, upload->len};
}

/* The same city twice; what the tills upload is made by the first one. */
static void
start(void)
{
    fixture_open(&alone);
    load_open(&load, &alone, TILLS, 20);
    load_close(&load);
    fixture_open(&together);
    load_open(&load, &together, TILLS, 20);
    for (size_t i = 0; i < TILLS; i++)
        load_upload(&load, &uploads[i], i, LOAD_ITEMS);
}

static void
end(void)
{
    for (size_t i = 0; i < TILLS; i++)
        load_upload_free(&uploads[i]);
    load_close(&load);
    CHECK_STATUS(fixture_recount(&together), STATUS_OK);
    CHECK_STATUS(fixture_replay(&together), STATUS_OK);
    fixture_close(&alone);
    fixture_close(&together);
}

static void
check_same_state(void)
{
    struct digest first;
    struct digest second;

    fixture_digest(&alone, &first);
    fixture_digest(&together, &second);
    CHECK(memcmp(&first, &second, sizeof first) == 0);
}

TEST(a_batch_is_its_parcels_one_by_one)
{
    struct intake_result result;

    start();
    CHECK_STATUS(intake_batch_begin(&together.intake, fixture_moment(&together)), STATUS_OK);
    for (size_t i = 0; i < TILLS; i++) {
        CHECK_STATUS(intake_submit(&alone.intake, &alone.result, bytes_of(&uploads[i]),
                                   fixture_moment(&alone)),
                     STATUS_OK);
        CHECK_STATUS(intake_batch_submit(&together.intake, &result, bytes_of(&uploads[i])),
                     STATUS_OK);
        CHECK(result.count == alone.result.count && result.first == alone.result.first);
        CHECK(result.answer.len == alone.result.answer.len &&
              memcmp(result.answer.data, alone.result.answer.data, result.answer.len) == 0);
    }
    CHECK_STATUS(intake_batch_end(&together.intake), STATUS_OK);
    check_same_state();
    end();
}

TEST(a_refusal_leaves_the_batch_as_it_was)
{
    static const uint8_t garbage[] = {0xA0};
    struct intake_result result;

    start();
    CHECK_STATUS(intake_batch_begin(&together.intake, fixture_moment(&together)), STATUS_OK);
    for (size_t i = 0; i < TILLS; i++) {
        const struct span upload = bytes_of(&uploads[i]);

        CHECK_STATUS(intake_submit(&alone.intake, &alone.result, upload, fixture_moment(&alone)),
                     STATUS_OK);
        CHECK(intake_batch_submit(&together.intake, &result,
                                  (struct span){garbage, sizeof garbage}) != STATUS_OK);
        /* An item that is not what the till signed, found after its signature was good. */
        uploads[i].bytes[upload.len - 1] ^= 1;
        CHECK_STATUS(intake_batch_submit(&together.intake, &result, upload), STATUS_UPLOAD_ITEM);
        CHECK(result.count == 0 && result.answer.len == 0);
        uploads[i].bytes[upload.len - 1] ^= 1;
        CHECK_STATUS(intake_batch_submit(&together.intake, &result, upload), STATUS_OK);
        CHECK_STATUS(intake_batch_submit(&together.intake, &result, upload), STATUS_OK);
        CHECK(result.repeated && result.count == 0);
    }
    CHECK_STATUS(intake_batch_end(&together.intake), STATUS_OK);
    check_same_state();
    end();
}

TEST(a_batch_that_is_not_ended_is_nothing)
{
    struct intake_moment dry;
    struct intake_result result;

    start();
    dry = *fixture_moment(&together);
    dry.dry_run = true;
    CHECK_STATUS(intake_batch_begin(&together.intake, &dry), STATUS_OK);
    CHECK_STATUS(intake_batch_submit(&together.intake, &result, bytes_of(&uploads[0])), STATUS_OK);
    CHECK(result.count > 0);
    CHECK_STATUS(intake_batch_end(&together.intake), STATUS_OK);
    check_same_state();
    end();
}

TEST(signatures_that_were_found_good_are_known_by_name_alone)
{
    static struct digest names[512];
    struct intake_result result;

    start();
    /* Another intake finds them good and says which. */
    alone.intake.apply.found = names;
    alone.intake.apply.found_max = 512;
    CHECK_STATUS(
        intake_submit(&alone.intake, &alone.result, bytes_of(&uploads[0]), fixture_moment(&alone)),
        STATUS_OK);
    CHECK(alone.intake.apply.found_count >= LOAD_ITEMS + 1);
    alone.intake.apply.found = NULL;

    /* A name vouches for its own signature and for no other: one bit of one is still seen. */
    const struct span upload = bytes_of(&uploads[1]);

    CHECK_STATUS(intake_batch_begin(&together.intake, fixture_moment(&together)), STATUS_OK);
    apply_expect(&together.intake.apply, names, alone.intake.apply.found_count);
    CHECK_STATUS(intake_batch_submit(&together.intake, &result, bytes_of(&uploads[0])), STATUS_OK);
    CHECK_STATUS(intake_batch_submit(&together.intake, &result, upload), STATUS_OK);
    CHECK_STATUS(intake_batch_end(&together.intake), STATUS_OK);
    end();
}

int
main(int argc, char **argv)
{
    return check_run(argc, argv);
}
