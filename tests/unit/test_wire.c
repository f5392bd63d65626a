/* protocol/wire against a reader of its own that goes bit by bit through the same rules, over all
 * short inputs, and against the traps that its library is known for. */
#include "check.h"

#include <stdlib.h>
#include <time.h>

#include "protocol/wire.h"
#include "random.h"

#define SPAN(...)                                                                                  \
    ((struct span){(const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})})

/* ---- the other reader ------------------------------------------------------------------------ */

struct plain {
    const uint8_t *data;
    size_t len;
    size_t at;
    enum status status;
};

static uint64_t
plain_head(struct plain *p, unsigned *major)
{
    static const uint64_t least[] = {24, 256, 65536, UINT64_C(4294967296)};
    uint64_t value;
    unsigned info;

    *major = 9;
    if (p->at >= p->len) {
        p->status = STATUS_CBOR_TRUNCATED;
        return 0;
    }
    info = p->data[p->at] & 0x1F;
    *major = p->data[p->at++] >> 5;
    if (*major == 1 || *major == 6 || *major == 7) {
        p->status = STATUS_CBOR_TYPE;
        return 0;
    }
    if (info <= 23)
        return info;
    if (info >= 28) {
        p->status = STATUS_CBOR_NOT_CANONICAL;
        return 0;
    }
    value = 0;
    for (unsigned i = 0; i < 1U << (info - 24); i++) {
        if (p->at >= p->len) {
            p->status = STATUS_CBOR_TRUNCATED;
            return 0;
        }
        value = value * 256 + p->data[p->at++];
    }
    if (value < least[info - 24])
        p->status = STATUS_CBOR_NOT_CANONICAL;
    return value;
}

/* Line ends and marks that turn the direction of writing, by their bytes. */
static bool
plain_turns(const uint8_t *s, size_t len)
{
    if (len == 2)
        return s[0] == 0xD8 && s[1] == 0x9C;
    if (len != 3 || s[0] != 0xE2)
        return false;
    if (s[1] == 0x80)
        return s[2] == 0x8E || s[2] == 0x8F || (s[2] >= 0xA8 && s[2] <= 0xAE);
    return s[1] == 0x81 && s[2] >= 0xA6 && s[2] <= 0xA9;
}

/* The table of well-formed byte sequences in section 3.9 of the Unicode standard. */
static size_t
plain_character(const uint8_t *s, size_t len)
{
    static const uint8_t rows[][8] = {
        {0xC2, 0xDF, 0x80, 0xBF},
        {0xE0, 0xE0, 0xA0, 0xBF, 0x80, 0xBF},
        {0xE1, 0xEC, 0x80, 0xBF, 0x80, 0xBF},
        {0xED, 0xED, 0x80, 0x9F, 0x80, 0xBF},
        {0xEE, 0xEF, 0x80, 0xBF, 0x80, 0xBF},
        {0xF0, 0xF0, 0x90, 0xBF, 0x80, 0xBF, 0x80, 0xBF},
        {0xF1, 0xF3, 0x80, 0xBF, 0x80, 0xBF, 0x80, 0xBF},
        {0xF4, 0xF4, 0x80, 0x8F, 0x80, 0xBF, 0x80, 0xBF},
    };

    if (s[0] >= 0x20 && s[0] <= 0x7E)
        return 1;
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
        size_t n = 0;

        while (n < 4 && rows[r][2 * n] != 0 && n < len && s[n] >= rows[r][2 * n] &&
               s[n] <= rows[r][2 * n + 1])
            n++;
        if (n > 1 && (n == 4 || rows[r][2 * n] == 0))
            return plain_turns(s, n) || (n == 2 && s[0] == 0xC2 && s[1] < 0xA0) ? 0 : n;
    }
    return 0;
}

static void
plain_text(struct plain *p, size_t len)
{
    for (size_t end = p->at + len; p->at < end;) {
        const size_t n = plain_character(p->data + p->at, end - p->at);

        if (n == 0) {
            p->status = STATUS_CBOR_TEXT;
            return;
        }
        p->at += n;
    }
}

struct plain_key {
    bool any;
    uint64_t last;
};

static void
plain_item(struct plain *p, unsigned depth, struct plain_key *key)
{
    unsigned major;
    const uint64_t value = plain_head(p, &major);
    struct plain_key inner = {false, 0};

    if (p->status != STATUS_OK)
        return;
    if (key != NULL) {
        if (major != 0 || (key->any && value <= key->last))
            p->status = STATUS_CBOR_KEY;
        *key = (struct plain_key){true, value};
    } else if (major >= 4 && depth == 0) {
        p->status = STATUS_CBOR_DEPTH;
    } else if (major >= 2 && value > (p->len - p->at) / (major == 5 ? 2 : 1)) {
        p->status = STATUS_CBOR_TRUNCATED;
    } else if (major == 2) {
        p->at += value;
    } else if (major == 3) {
        plain_text(p, value);
    } else if (major == 4 || major == 5) {
        for (uint64_t i = 0; i < value && p->status == STATUS_OK; i++) {
            if (major == 5)
                plain_item(p, depth - 1, &inner);
            if (p->status == STATUS_OK)
                plain_item(p, depth - 1, NULL);
        }
    }
}

static enum status
plain_check(struct span in, unsigned depth)
{
    struct plain p = {.data = in.data, .len = in.len};

    plain_item(&p, depth, NULL);
    if (p.status == STATUS_OK && p.at != p.len)
        p.status = STATUS_CBOR_TRAILING;
    return p.status;
}

/* ---- exhaustive ------------------------------------------------------------------------------ */

TEST(all_inputs_up_to_three_bytes)
{
    uint8_t in[3];
    unsigned good = 0;
    unsigned different = 0;

    CHECK_STATUS(wire_check((struct span){NULL, 0}, 8, 4), STATUS_CBOR_TRUNCATED);
    for (size_t len = 1; len <= 3; len++) {
        for (uint32_t i = 0; i < UINT32_C(1) << (8 * len); i++) {
            const struct span span = {in, len};
            enum status status;

            for (size_t k = 0; k < len; k++)
                in[k] = (uint8_t)(i >> (8 * (len - 1 - k)));
            status = wire_check(span, sizeof in, 4);
            good += status == STATUS_OK;
            different += status != plain_check(span, 4);
        }
    }
    CHECK(different == 0);
    /* By hand for one and two bytes: 24 numbers and 4 empty things; 232 numbers, 256 strings and 95
     * texts of one byte, and each of the 28 in an array. The rest has three bytes. */
    CHECK(good > 28 + 232 + 256 + 95 + 28);
}

/* All short tails behind heads that open something, so that inner items and keys are met too. */
TEST(all_two_byte_tails_of_containers)
{
    static const uint8_t heads[][4] = {{1, 0x82},
                                       {1, 0xA1},
                                       {2, 0xA2, 0x01},
                                       {2, 0xA1, 0x05},
                                       {2, 0x81, 0x81},
                                       {3, 0xA2, 0x01, 0x02},
                                       {3, 0x81, 0x81, 0x81},
                                       {1, 0x62},
                                       {1, 0x63},
                                       {2, 0x64, 0xF0},
                                       {1, 0x43},
                                       {1, 0x83}};
    uint8_t in[6];
    unsigned different = 0;

    for (size_t h = 0; h < sizeof heads / sizeof heads[0]; h++) {
        const size_t n = heads[h][0];

        memcpy(in, heads[h] + 1, n);
        for (uint32_t tail = 0; tail < 65536; tail++) {
            in[n] = (uint8_t)(tail >> 8);
            in[n + 1] = (uint8_t)tail;
            for (unsigned depth = 1; depth <= 4; depth += 3)
                different += wire_check((struct span){in, n + 2}, sizeof in, depth) !=
                             plain_check((struct span){in, n + 2}, depth);
        }
    }
    CHECK(different == 0);
}

/* ---- random structures ----------------------------------------------------------------------- */

/* Writes an item of random kind into `out` by hand: head by head, in the shortest form. */
static size_t
grow(struct random *random, uint8_t *out, size_t cap, unsigned depth, uint64_t *key)
{
    static const uint64_t edges[] = {
        0, 1, 23, 24, 255, 256, 65535, 65536, UINT32_MAX, UINT64_C(1) << 32, UINT64_MAX};
    struct wire_writer w;
    uint64_t next = 0;
    size_t len, n, at;
    uint8_t bytes[40];

    if (cap < 64)
        return 0;
    wire_writer_begin(&w, out, cap);
    if (key != NULL) {
        *key += 1 + random_below(random, 40);
        wire_write_uint(&w, *key);
        return wire_writer_end(&w, &len) == STATUS_OK ? len : 0;
    }
    n = random_below(random, sizeof bytes);
    switch (random_below(random, depth > 0 ? 5 : 3)) {
    case 0:
        wire_write_uint(&w, edges[random_below(random, sizeof edges / sizeof edges[0])]);
        return wire_writer_end(&w, &len) == STATUS_OK ? len : 0;
    case 1:
        random_bytes(random, bytes, n);
        wire_write_bytes(&w, (struct span){bytes, n});
        return wire_writer_end(&w, &len) == STATUS_OK ? len : 0;
    case 2:
        for (size_t i = 0; i < n; i++)
            bytes[i] = (uint8_t)(0x20 + random_below(random, 95));
        wire_write_text(&w, (struct span){bytes, n});
        return wire_writer_end(&w, &len) == STATUS_OK ? len : 0;
    default:
        break;
    }
    n = random_below(random, 5);
    out[0] = (uint8_t)((random_below(random, 2) ? 0x80 : 0xA0) | n);
    at = 1;
    for (size_t i = 0; i < n; i++) {
        for (int part = out[0] < 0xA0; part < 2; part++) {
            len = grow(random, out + at, cap - at, depth - 1, part == 0 ? &next : NULL);
            if (len == 0)
                return 0;
            at += len;
        }
    }
    return at;
}

TEST(random_structures_and_their_mutations)
{
    struct random random = random_begin();
    uint8_t in[512];
    unsigned grown = 0;

    for (unsigned round = 0; round < 20000; round++) {
        const size_t len = grow(&random, in, sizeof in, 4, NULL);
        struct span span = {in, len};

        if (len == 0)
            continue;
        grown++;
        CHECK_STATUS(wire_check(span, sizeof in, 4), STATUS_OK);
        CHECK_STATUS(plain_check(span, 4), STATUS_OK);
        if (len > 1)
            CHECK(wire_check((struct span){in, len - 1}, sizeof in, 4) != STATUS_OK);
        for (unsigned i = 0; i < 8; i++) {
            const size_t at = random_below(&random, len);
            const uint8_t kept = in[at];

            in[at] = (uint8_t)random_next(&random);
            CHECK(wire_check(span, sizeof in, 4) == plain_check(span, 4));
            in[at] = kept;
        }
    }
    CHECK(grown > 10000);
}

/* ---- traps ----------------------------------------------------------------------------------- */

static uint64_t
now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * UINT64_C(1000000000) + (uint64_t)t.tv_nsec;
}

TEST(bombs_cost_nothing)
{
    /* A few bytes that claim billions of elements, and deep nests: the tree decoder of the same
     * library allocates gigabytes for them. */
    static const uint8_t first[] = {0x9A, 0xBA, 0x5A, 0x7A, 0x9B, 0xBB, 0x5B, 0x7B};
    static uint8_t nest[10240];
    uint64_t longest = 0;
    struct span bombs[18];
    uint8_t data[16][9] = {{0}};
    size_t count = 0;

    for (size_t i = 0; i < sizeof first; i++) {
        for (unsigned high = 0; high < 2; high++) {
            data[count][0] = first[i];
            data[count][1] = high ? 0x80 : 0x08;
            bombs[count] = (struct span){data[count], (first[i] & 1) != 0 ? 9 : 5};
            count++;
        }
    }
    memset(nest, 0x81, sizeof nest);
    bombs[count++] = (struct span){nest, sizeof nest};
    bombs[count++] = SPAN(0x9A, 0x07, 0xFF, 0xFF, 0xFF);
    for (size_t i = 0; i < count; i++) {
        const uint64_t start = now_ns();
        const enum status status = wire_check(bombs[i], SIZE_MAX, 4);
        const uint64_t took = now_ns() - start;

        CHECK_STATUS(status, i == 16 ? STATUS_CBOR_DEPTH : STATUS_CBOR_TRUNCATED);
        longest = took > longest ? took : longest;
    }
    CHECK(longest < 1000000);
    printf("bench wire_bomb_ns %llu ns\n", (unsigned long long)longest);
}

TEST(lengths_are_compared_in_64_bits)
{
    /* With 32 bits of length this is a string of 3 bytes. */
    CHECK_STATUS(wire_check(SPAN(0x5B, 0, 0, 0, 1, 0, 0, 0, 3, 0x61, 0x62, 0x63), 100, 4),
                 STATUS_CBOR_TRUNCATED);
    CHECK_STATUS(wire_check(SPAN(0x7B, 0, 0, 0, 1, 0, 0, 0, 3, 0x61, 0x62, 0x63), 100, 4),
                 STATUS_CBOR_TRUNCATED);
    CHECK_STATUS(wire_check(SPAN(0x9B, 0, 0, 0, 1, 0, 0, 0, 1, 0x01), 100, 4),
                 STATUS_CBOR_TRUNCATED);
    /* Twice this many keys and values is 2 with 64 bits. */
    CHECK_STATUS(wire_check(SPAN(0xBB, 0x80, 0, 0, 0, 0, 0, 0, 1, 0x01, 0x01), 100, 4),
                 STATUS_CBOR_TRUNCATED);
}

TEST(each_refusal_has_its_status)
{
    static const struct {
        struct span in;
        enum status status;
    } cases[] = {
        {{(const uint8_t *)"\x18\x05", 2}, STATUS_CBOR_NOT_CANONICAL},
        {{(const uint8_t *)"\x19\x00\x01", 3}, STATUS_CBOR_NOT_CANONICAL},
        {{(const uint8_t *)"\x1A\x00\x00\xFF\xFF", 5}, STATUS_CBOR_NOT_CANONICAL},
        {{(const uint8_t *)"\x1B\x00\x00\x00\x00\xFF\xFF\xFF\xFF", 9}, STATUS_CBOR_NOT_CANONICAL},
        {{(const uint8_t *)"\x58\x01\x00", 3}, STATUS_CBOR_NOT_CANONICAL},
        {{(const uint8_t *)"\x9F\x01\xFF", 3}, STATUS_CBOR_NOT_CANONICAL},
        {{(const uint8_t *)"\xBF\x01\x01\xFF", 4}, STATUS_CBOR_NOT_CANONICAL},
        {{(const uint8_t *)"\x5F\x41\x00\xFF", 4}, STATUS_CBOR_NOT_CANONICAL},
        {{(const uint8_t *)"\x7F\x61\x61\xFF", 4}, STATUS_CBOR_NOT_CANONICAL},
        {{(const uint8_t *)"\x1C", 1}, STATUS_CBOR_NOT_CANONICAL},
        {{(const uint8_t *)"\xA2\x02\x01\x01\x03", 5}, STATUS_CBOR_KEY},
        {{(const uint8_t *)"\xA2\x01\x01\x01\x01", 5}, STATUS_CBOR_KEY},
        {{(const uint8_t *)"\xA1\x61\x61\x01", 4}, STATUS_CBOR_KEY},
        {{(const uint8_t *)"\xA1\x20\x01", 3}, STATUS_CBOR_TYPE},
        {{(const uint8_t *)"\xFB\x3F\xF0\x00\x00\x00\x00\x00\x00", 9}, STATUS_CBOR_TYPE},
        {{(const uint8_t *)"\xF9\x3C\x00", 3}, STATUS_CBOR_TYPE},
        {{(const uint8_t *)"\xFA\x3F\x80\x00\x00", 5}, STATUS_CBOR_TYPE},
        {{(const uint8_t *)"\xF4", 1}, STATUS_CBOR_TYPE},
        {{(const uint8_t *)"\xF5", 1}, STATUS_CBOR_TYPE},
        {{(const uint8_t *)"\xF6", 1}, STATUS_CBOR_TYPE},
        {{(const uint8_t *)"\xF7", 1}, STATUS_CBOR_TYPE},
        {{(const uint8_t *)"\xFF", 1}, STATUS_CBOR_TYPE},
        {{(const uint8_t *)"\xE0", 1}, STATUS_CBOR_TYPE},
        {{(const uint8_t *)"\x20", 1}, STATUS_CBOR_TYPE},
        {{(const uint8_t *)"\xC1\x01", 2}, STATUS_CBOR_TYPE},
        {{(const uint8_t *)"\xD2\x01", 2}, STATUS_CBOR_TYPE},
        {{(const uint8_t *)"\xD8\x12\x01", 3}, STATUS_CBOR_TYPE},
        {{(const uint8_t *)"\x62\xC3\x28", 3}, STATUS_CBOR_TEXT},
        {{(const uint8_t *)"\x62\xC0\x80", 3}, STATUS_CBOR_TEXT},
        {{(const uint8_t *)"\x63\xED\xA0\x80", 4}, STATUS_CBOR_TEXT},
        {{(const uint8_t *)"\x61\x0A", 2}, STATUS_CBOR_TEXT},
        {{(const uint8_t *)"\x62\xC2\x85", 3}, STATUS_CBOR_TEXT},
        {{(const uint8_t *)"\x01\x01", 2}, STATUS_CBOR_TRAILING},
        {{(const uint8_t *)"\x82\x01", 2}, STATUS_CBOR_TRUNCATED},
        {{(const uint8_t *)"\x43\x01\x02", 3}, STATUS_CBOR_TRUNCATED},
        {{(const uint8_t *)"\x19\x01", 2}, STATUS_CBOR_TRUNCATED},
        {{(const uint8_t *)"\x81\x81\x81\x81\x81\x01", 6}, STATUS_CBOR_DEPTH},
        {{(const uint8_t *)"\x81\x81\x81\x81\x01", 5}, STATUS_OK},
        {{(const uint8_t *)"\x81\x81\x81\xA1\x01\x01", 6}, STATUS_OK},
        {{(const uint8_t *)"\x62\xC3\xA4", 3}, STATUS_OK},
        {{(const uint8_t *)"\x64\xF0\x9F\x9A\x9D", 5}, STATUS_OK},
        {{(const uint8_t *)"\x1B\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 9}, STATUS_OK},
        {{(const uint8_t *)"\xA2\x17\x01\x18\x18\x01", 6}, STATUS_OK},
        {{(const uint8_t *)"\xA0", 1}, STATUS_OK},
        {{(const uint8_t *)"\x80", 1}, STATUS_OK},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        CHECK_STATUS(wire_check(cases[i].in, 64, 4), cases[i].status);
        CHECK_STATUS(plain_check(cases[i].in, 4), cases[i].status);
    }
    CHECK_STATUS(wire_check(SPAN(1, 2, 3), 2, 4), STATUS_TOO_LARGE);
    CHECK_STATUS(wire_check(SPAN(0x80), 2, 0), STATUS_CBOR_DEPTH);
}

/* ---- reader ---------------------------------------------------------------------------------- */

TEST(reader_reads_in_order)
{
    struct span in = SPAN(0x83, 0x18, 0x64, 0x42, 0xAA, 0xBB, 0xA1, 0x07, 0x61, 0x41);
    struct wire_reader r;
    struct span bytes;

    wire_reader_begin(&r, in, 100, 2);
    CHECK(wire_read_array(&r) == 3);
    CHECK(wire_left(&r) == 3);
    CHECK(wire_read_uint(&r) == 100);
    bytes = wire_read_bytes(&r);
    CHECK(bytes.data == in.data + 4 && bytes.len == 2);
    CHECK(wire_read_map(&r) == 1);
    CHECK(wire_left(&r) == 2);
    CHECK(wire_read_uint(&r) == 7);
    bytes = wire_read_text(&r);
    CHECK(bytes.len == 1 && bytes.data[0] == 'A');
    wire_leave(&r);
    wire_leave(&r);
    CHECK_STATUS(wire_end(&r), STATUS_OK);
}

TEST(first_error_sticks)
{
    struct wire_reader r;
    struct span bytes;

    wire_reader_begin(&r, SPAN(0x82, 0x01, 0x41, 0x05), 100, 1);
    CHECK(wire_read_array(&r) == 2);
    bytes = wire_read_bytes(&r);
    CHECK(bytes.data == NULL && bytes.len == 0);
    CHECK(wire_read_uint(&r) == 0);
    CHECK(wire_left(&r) == 0);
    wire_refuse(&r, STATUS_CBOR_RANGE);
    wire_leave(&r);
    CHECK_STATUS(wire_end(&r), STATUS_CBOR_TYPE);
}

TEST(counts_must_agree)
{
    struct wire_reader r;

    wire_reader_begin(&r, SPAN(0x81, 0x01), 100, 1);
    (void)wire_read_array(&r);
    (void)wire_read_uint(&r);
    (void)wire_read_uint(&r);
    CHECK_STATUS(wire_end(&r), STATUS_CBOR_MISSING);

    wire_reader_begin(&r, SPAN(0x82, 0x01, 0x02), 100, 1);
    (void)wire_read_array(&r);
    (void)wire_read_uint(&r);
    wire_leave(&r);
    CHECK_STATUS(wire_end(&r), STATUS_CBOR_KEY);

    wire_reader_begin(&r, SPAN(0x01), 100, 1);
    CHECK_STATUS(wire_end(&r), STATUS_CBOR_MISSING);

    wire_reader_begin(&r, SPAN(0x01, 0x02), 100, 1);
    (void)wire_read_uint(&r);
    CHECK_STATUS(wire_end(&r), STATUS_CBOR_TRAILING);
}

int
main(int argc, char **argv)
{
    return check_run(argc, argv);
}
