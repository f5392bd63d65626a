/* protocol/utf8: every character there is, and every sequence of up to three bytes. */
#include "check.h"

#include "protocol/utf8.h"

/* RFC 3629 section 3, from the number to the bytes. */
static size_t
write_character(uint8_t out[static 4], uint32_t code)
{
    if (code < 0x80) {
        out[0] = (uint8_t)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (uint8_t)(0xC0 | code >> 6);
        out[1] = (uint8_t)(0x80 | (code & 63));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (uint8_t)(0xE0 | code >> 12);
        out[1] = (uint8_t)(0x80 | (code >> 6 & 63));
        out[2] = (uint8_t)(0x80 | (code & 63));
        return 3;
    }
    out[0] = (uint8_t)(0xF0 | code >> 18);
    out[1] = (uint8_t)(0x80 | (code >> 12 & 63));
    out[2] = (uint8_t)(0x80 | (code >> 6 & 63));
    out[3] = (uint8_t)(0x80 | (code & 63));
    return 4;
}

static bool
is_one_of(const uint32_t ranges[][2], size_t count, uint32_t code)
{
    for (size_t i = 0; i < count; i++) {
        if (code >= ranges[i][0] && code <= ranges[i][1])
            return true;
    }
    return false;
}

TEST(every_character_is_read)
{
    /* Cc, Zl, Zp and Bidi_Control in the Unicode standard. */
    static const uint32_t controls[][2] = {{0, 0x1F},        {0x7F, 0x9F},     {0x61C, 0x61C},
                                           {0x200E, 0x200F}, {0x2028, 0x2029}, {0x202A, 0x202E},
                                           {0x2066, 0x2069}};
    unsigned wrong = 0;
    uint8_t bytes[4];

    for (uint32_t code = 0; code < 0x1FFFFF; code++) {
        const bool exists = code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF);
        const bool control = is_one_of(controls, sizeof controls / sizeof controls[0], code);
        const size_t len = write_character(bytes, code);
        uint32_t got = 12345678;
        size_t at = 0;

        wrong += utf8_next(&got, (struct span){bytes, len}, &at) != exists;
        wrong += got != (exists ? code : 12345678);
        wrong += at != (exists ? len : 0);
        wrong += utf8_plain((struct span){bytes, len}) != (exists && !control);
        for (size_t cut = 1; cut < len; cut++) {
            at = 0;
            wrong += utf8_next(&got, (struct span){bytes, cut}, &at);
        }
    }
    CHECK(wrong == 0);
}

/* What is read is written again as the same bytes: so nothing overlong is read. */
TEST(every_sequence_has_one_reading)
{
    unsigned wrong = 0;
    unsigned characters = 0;
    uint8_t in[3];
    uint8_t again[4];

    for (uint32_t i = 0; i < UINT32_C(1) << 24; i++) {
        size_t at = 0;
        uint32_t code;

        in[0] = (uint8_t)(i >> 16);
        in[1] = (uint8_t)(i >> 8);
        in[2] = (uint8_t)i;
        if (!utf8_next(&code, (struct span){in, sizeof in}, &at))
            continue;
        wrong += write_character(again, code) != at || memcmp(in, again, at) != 0;
        characters += at == 3;
    }
    CHECK(wrong == 0);
    CHECK(characters == 0x10000 - 0x800 - 0x800);
}

TEST(known_bad_sequences)
{
    static const char *const bad[] = {
        "\xC0\xAF",
        "\xE0\x80\xAF",
        "\xF0\x80\x80\xAF",
        "\xC1\xBF",
        "\xF8\x88\x80\x80\x80",
        "\xED\xA0\x80",
        "\xED\xBF\xBF",
        "\xF4\x90\x80\x80",
        "\xFF",
        "\xFE",
        "\x80",
        "a\xBF",
        "\xC3",
        "\xE2\x82",
        "\xF0\x9F\x9A",
        "\xC3\xC3",
        "\xE2\x28\xA1",
        "a\nb",
        "\x1B[2J",
        "\x7F",
        "\xC2\x9B[m",
        "Caf\xC3\xA9 \xE2\x80\xAEnegitlos",
        "\xE2\x81\xA6Laden\xE2\x81\xA9",
    };

    static const char good[] = "Bäckerei Örtel, 12,50 €";

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CHECK(!utf8_plain((struct span){(const uint8_t *)bad[i], strlen(bad[i])}));
    CHECK(utf8_plain((struct span){(const uint8_t *)good, strlen(good)}));
    CHECK(utf8_plain((struct span){NULL, 0}));
}

int
main(int argc, char **argv)
{
    return check_run(argc, argv);
}
