/* protocol/wire: the writer and its three sinks. */
#include "check.h"

#include "protocol/wire.h"

#define SPAN(...)                                                                                  \
    ((struct span){(const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})})

TEST(heads_are_the_shortest)
{
    static const struct {
        uint64_t value;
        uint8_t len;
        uint8_t head[9];
    } heads[] = {
        {0, 1, {0x00}},
        {23, 1, {0x17}},
        {24, 2, {0x18, 24}},
        {255, 2, {0x18, 0xFF}},
        {256, 3, {0x19, 1, 0}},
        {65535, 3, {0x19, 0xFF, 0xFF}},
        {65536, 5, {0x1A, 0, 1, 0, 0}},
        {UINT32_MAX, 5, {0x1A, 0xFF, 0xFF, 0xFF, 0xFF}},
        {UINT64_C(1) << 32, 9, {0x1B, 0, 0, 0, 1, 0, 0, 0, 0}},
        {UINT64_MAX, 9, {0x1B, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}},
    };
    struct wire_writer w;
    uint8_t out[9];
    size_t len;

    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        wire_writer_begin(&w, out, sizeof out);
        wire_write_uint(&w, heads[i].value);
        CHECK_STATUS(wire_writer_end(&w, &len), STATUS_OK);
        CHECK(len == heads[i].len && memcmp(out, heads[i].head, len) == 0);
        CHECK_STATUS(wire_check((struct span){out, len}, 9, 0), STATUS_OK);

        /* The same of the other sign, which the reader does not take. */
        wire_writer_begin(&w, out, sizeof out);
        wire_write_negative(&w, heads[i].value);
        CHECK_STATUS(wire_writer_end(&w, &len), STATUS_OK);
        CHECK(len == heads[i].len && out[0] == (heads[i].head[0] | 0x20));
        CHECK(memcmp(out + 1, heads[i].head + 1, len - 1) == 0);
        CHECK_STATUS(wire_check((struct span){out, len}, 9, 0), STATUS_CBOR_TYPE);

        /* Where memory has 32 bits, there are no longer strings. */
        if ((size_t)heads[i].value != heads[i].value)
            continue;
        wire_writer_begin(&w, out, sizeof out);
        wire_write_bytes_head(&w, (size_t)heads[i].value);
        CHECK_STATUS(wire_writer_end(&w, &len), STATUS_OK);
        CHECK(len == heads[i].len && out[0] == (heads[i].head[0] | 0x40));
        CHECK(memcmp(out + 1, heads[i].head + 1, len - 1) == 0);
    }
}

static void
write_sample(struct wire_writer *w)
{
    wire_write_map(w, 2);
    wire_write_uint(w, 1);
    wire_write_array(w, 2);
    wire_write_uint(w, 1000);
    wire_write_text(w, (struct span){(const uint8_t *)"ab", 2});
    wire_write_uint(w, 30);
    wire_write_bytes(w, SPAN(1, 2, 3));
}

static const uint8_t sample[] = {0xA2, 0x01, 0x82, 0x19, 0x03, 0xE8, 0x62, 'a',
                                 'b',  0x18, 0x1E, 0x43, 1,    2,    3};

TEST(writer_fills_counts_and_compares)
{
    struct wire_writer w;
    uint8_t out[sizeof sample];
    size_t len;

    wire_writer_begin(&w, out, sizeof out);
    write_sample(&w);
    CHECK_STATUS(wire_writer_end(&w, &len), STATUS_OK);
    CHECK(len == sizeof sample && memcmp(out, sample, len) == 0);
    CHECK_STATUS(wire_check((struct span){out, len}, 100, 2), STATUS_OK);

    wire_writer_count(&w);
    write_sample(&w);
    CHECK_STATUS(wire_writer_end(&w, &len), STATUS_OK);
    CHECK(len == sizeof sample);

    wire_writer_compare(&w, (struct span){sample, sizeof sample});
    write_sample(&w);
    CHECK_STATUS(wire_writer_end(&w, &len), STATUS_OK);
    CHECK(len == sizeof sample);
}

TEST(writer_stops_at_every_end)
{
    struct wire_writer w;
    uint8_t out[sizeof sample];
    size_t len;

    for (size_t size = 0; size < sizeof sample; size++) {
        memset(out, 0xEE, sizeof out);
        wire_writer_begin(&w, out, size);
        write_sample(&w);
        len = 7;
        CHECK_STATUS(wire_writer_end(&w, &len), STATUS_BUFFER);
        CHECK(len == 0);
        for (size_t i = size; i < sizeof out; i++)
            CHECK(out[i] == 0xEE);
        wire_writer_compare(&w, (struct span){sample, size});
        write_sample(&w);
        CHECK_STATUS(wire_writer_end(&w, &len), STATUS_CBOR_NOT_CANONICAL);
    }
    wire_writer_begin(&w, out, sizeof out);
    write_sample(&w);
    wire_writer_refuse(&w, STATUS_CBOR_RANGE);
    wire_writer_refuse(&w, STATUS_CBOR_TEXT);
    CHECK_STATUS(wire_writer_end(&w, &len), STATUS_CBOR_RANGE);
}

TEST(comparing_sees_every_bit)
{
    struct wire_writer w;
    uint8_t other[sizeof sample + 1] = {0};
    size_t len;

    memcpy(other, sample, sizeof sample);
    wire_writer_compare(&w, (struct span){other, sizeof other});
    write_sample(&w);
    CHECK_STATUS(wire_writer_end(&w, &len), STATUS_CBOR_NOT_CANONICAL);
    for (size_t bit = 0; bit < sizeof sample * 8; bit++) {
        other[bit / 8] ^= (uint8_t)(1U << bit % 8);
        wire_writer_compare(&w, (struct span){other, sizeof sample});
        write_sample(&w);
        CHECK_STATUS(wire_writer_end(&w, &len), STATUS_CBOR_NOT_CANONICAL);
        other[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
}

int
main(int argc, char **argv)
{
    return check_run(argc, argv);
}
