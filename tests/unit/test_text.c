/* protocol/text: the text form of codes. */
#include "check.h"

#include "protocol/text.h"
#include "random.h"

static struct span
span_of(const char *text)
{
    return (struct span){(const uint8_t *)text, strlen(text)};
}

static enum status
decode(const char *text, enum text_kind kind)
{
    uint8_t out[TEXT_BYTES_MAX];
    size_t len = 1;
    enum status status = text_decode(out, sizeof out, &len, kind, span_of(text));

    CHECK(status == STATUS_OK || len == 0);
    return status;
}

/* Whether `text` gives exactly these bytes. */
static bool
gives(struct span text, struct span bytes)
{
    uint8_t out[TEXT_BYTES_MAX];
    size_t len;

    return text_decode(out, sizeof out, &len, TEXT_PAYMENT, text) == STATUS_OK &&
           len == bytes.len && memcmp(out, bytes.data, len) == 0;
}

TEST(vectors_of_the_rfc)
{
    /* RFC 4648 section 10, BASE32-HEX, without padding. */
    static const char *const vectors[][2] = {{"f", "CO"},           {"fo", "CPNG"},
                                             {"foo", "CPNMU"},      {"foob", "CPNMUOG"},
                                             {"fooba", "CPNMUOJ1"}, {"foobar", "CPNMUOJ1E8"}};
    char text[TEXT_SIZE(6)];
    size_t len;

    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        CHECK_STATUS(text_encode(text, sizeof text, &len, TEXT_PAYMENT, span_of(vectors[i][0])),
                     STATUS_OK);
        CHECK(strncmp(text, "WU1P", 4) == 0);
        CHECK(strcmp(text + 4, vectors[i][1]) == 0);
        CHECK(len == strlen(text));
        CHECK(gives(span_of(text), span_of(vectors[i][0])));
    }
}

TEST(every_length_comes_back)
{
    struct random random = random_begin();
    uint8_t bytes[TEXT_BYTES_MAX];
    char text[TEXT_SIZE_MAX];
    size_t len;

    for (size_t n = 1; n <= TEXT_BYTES_MAX; n += n < 300 ? 1 : 181) {
        const size_t size = TEXT_SIZE(n);

        random_bytes(&random, bytes, n);
        CHECK_STATUS(text_encode(text, size, &len, TEXT_PAYMENT, (struct span){bytes, n}),
                     STATUS_OK);
        CHECK(len == size - 1 && text[len] == '\0');
        CHECK(gives(span_of(text), (struct span){bytes, n}));
        len = 7;
        CHECK_STATUS(text_encode(text, size - 1, &len, TEXT_PAYMENT, (struct span){bytes, n}),
                     STATUS_BUFFER);
        CHECK(len == 0);
    }
    CHECK_STATUS(text_encode(text, sizeof text, &len, TEXT_PAYMENT, (struct span){bytes, 0}),
                 STATUS_TEXT_LENGTH);
    CHECK_STATUS(text_encode(text, sizeof text, &len, TEXT_PAYMENT,
                             (struct span){bytes, TEXT_BYTES_MAX + 1}),
                 STATUS_TOO_LARGE);
}

/* Every other character in every place is refused or gives other bytes, for every length of the
 * last group; and of two texts for one message only case differs. */
TEST(every_single_change_is_seen)
{
    struct random random = random_begin();
    uint8_t bytes[40];
    char text[TEXT_SIZE(40)];
    size_t len;
    unsigned wrong = 0;

    for (size_t n = 1; n <= sizeof bytes; n++) {
        random_bytes(&random, bytes, n);
        REQUIRE(text_encode(text, sizeof text, &len, TEXT_PAYMENT, (struct span){bytes, n}) ==
                STATUS_OK);
        for (size_t at = 0; at < len; at++) {
            const char kept = text[at];
            const bool letter = kept >= 'A' && kept <= 'V';

            for (int c = 0; c < 256; c++) {
                const bool same =
                    c == kept || (letter && c == kept - 'A' + 'a') || (at == 0 && c == 'w');

                text[at] = (char)c;
                wrong += gives((struct span){(const uint8_t *)text, len},
                               (struct span){bytes, n}) != same;
            }
            text[at] = kept;
        }
    }
    CHECK(wrong == 0);
}

TEST(every_body_of_two_characters)
{
    /* One byte: 1,024 bodies of digits, of which those with zero in the last two bits are good. */
    char text[] = "WU1P..";
    unsigned good = 0, padding = 0, character = 0;

    for (int a = 0; a < 256; a++) {
        for (int b = 0; b < 256; b++) {
            uint8_t out[1];
            size_t len;
            enum status status;

            text[4] = (char)a;
            text[5] = (char)b;
            status = text_decode(out, 1, &len, TEXT_PAYMENT, (struct span){(uint8_t *)text, 6});
            good += status == STATUS_OK;
            padding += status == STATUS_TEXT_PADDING;
            character += status == STATUS_TEXT_CHARACTER;
        }
    }
    /* 10 digits and 22 letters in two cases; of the second character each fourth value is good: 3
     * digits (0, 4, 8) and 5 letters (C, G, K, O, S). */
    CHECK(good == 54 * (3 + 2 * 5));
    CHECK(padding == 54 * 54 - 54 * 13);
    /* The rest are wrong characters, but where line ends or tabs at the end are passed over and one
     * digit or nothing is left. */
    CHECK(character == 65536 - 54 * 54 - 54 * 3 - 3 * 3);
}

TEST(every_case_is_read)
{
    static const char lower[] = "wu1pcpnmuoj1e8";
    char text[sizeof lower];
    unsigned wrong = 0;

    for (unsigned mask = 0; mask < 1U << (sizeof lower - 1); mask++) {
        for (size_t i = 0; i < sizeof lower; i++) {
            const bool up = mask >> i & 1 && lower[i] >= 'a' && lower[i] <= 'z';

            text[i] = (char)(up ? lower[i] - 'a' + 'A' : lower[i]);
        }
        wrong += !gives(span_of(text), span_of("foobar"));
    }
    CHECK(wrong == 0);
}

TEST(what_scanners_add_is_passed_over)
{
    static const char *const good[] = {
        "\r\nWU1PCO\r\n", "\tWU1PCO\t",     "]Q1WU1PCO",   "]q1wu1pco\r",
        "\n]Q1WU1PCO\n",  "\n\n\t\rWU1PCO", "]Q1\tWU1PCO",
    };
    static const char *const bad[] = {
        " WU1PCO",   "WU1 PCO",           "]Q1]Q1WU1PCO",
        "]Q2WU1PCO", "]E0WU1PCO",         "\xEF\xBB\xBFWU1PCO",
        "\vWU1PCO",  "HTTPS://X/#WU1PCO", "QR:WU1PCO",
    };

    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        CHECK(gives(span_of(good[i]), span_of("f")));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CHECK(decode(bad[i], TEXT_PAYMENT) != STATUS_OK);
    CHECK_STATUS(decode("WU1PCO ", TEXT_PAYMENT), STATUS_TEXT_CHARACTER);
    CHECK_STATUS(decode("WU1PC O", TEXT_PAYMENT), STATUS_TEXT_CHARACTER);
    CHECK_STATUS(decode("WU1PC\rO", TEXT_PAYMENT), STATUS_TEXT_CHARACTER);
    CHECK(!gives((struct span){(const uint8_t *)"WU1PCO\0", 7}, span_of("f")));
}

TEST(each_refusal_has_its_status)
{
    static const struct {
        const char *text;
        enum status status;
    } cases[] = {
        {"", STATUS_TEXT_PREFIX},
        {"W", STATUS_TEXT_PREFIX},
        {"WU", STATUS_TEXT_PREFIX},
        {"WU2PCO", STATUS_TEXT_PREFIX},
        {"HC1:PCO", STATUS_TEXT_PREFIX},
        {"\r\n\t", STATUS_TEXT_PREFIX},
        {"WU1", STATUS_TEXT_TYPE},
        {"WU1RCO", STATUS_TEXT_TYPE},
        {"WU1R!!", STATUS_TEXT_TYPE},
        {"WU1ZCO", STATUS_TEXT_TYPE},
        {"WU11CO", STATUS_TEXT_TYPE},
        {"WU1P", STATUS_TEXT_LENGTH},
        {"WU1P0", STATUS_TEXT_LENGTH},
        {"WU1P000", STATUS_TEXT_LENGTH},
        {"WU1P000000", STATUS_TEXT_LENGTH},
        {"WU1P000000000", STATUS_TEXT_LENGTH},
        {"WU1PC!", STATUS_TEXT_CHARACTER},
        {"WU1PCW", STATUS_TEXT_CHARACTER},
        {"WU1PCZ", STATUS_TEXT_CHARACTER},
        {"WU1PCO======", STATUS_TEXT_CHARACTER},
        {"WU1PC\xC3\x96", STATUS_TEXT_CHARACTER},
        {"WU1P!", STATUS_TEXT_CHARACTER},
        {"WU1PCP", STATUS_TEXT_PADDING},
        {"WU1PCQ", STATUS_TEXT_PADDING},
        {"WU1PCPN1", STATUS_TEXT_PADDING},
        {"WU1PCPNMV", STATUS_TEXT_PADDING},
        {"WU1PCPNMUO1", STATUS_TEXT_PADDING},
        {"WU1PCO", STATUS_OK},
    };
    char large[4296];
    uint8_t out[3];
    size_t len = 9;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        CHECK_STATUS(decode(cases[i].text, TEXT_PAYMENT), cases[i].status);
    memset(large, '0', sizeof large);
    memcpy(large, "WU1P", 4);
    large[4 + 1639] = '\0';
    CHECK_STATUS(decode(large, TEXT_PAYMENT), STATUS_OK);
    large[4 + 1639] = '0';
    large[4 + 1640] = '\0';
    CHECK_STATUS(decode(large, TEXT_PAYMENT), STATUS_TOO_LARGE);
    memset(out, 0xEE, sizeof out);
    CHECK_STATUS(text_decode(out, 2, &len, TEXT_PAYMENT, span_of("WU1PCPNMU")), STATUS_BUFFER);
    CHECK(len == 0 && out[0] == 0xEE);
    CHECK_STATUS(text_decode(out, 3, &len, TEXT_PAYMENT, span_of("WU1PCPNMU")), STATUS_OK);
}

TEST(letters_tell_kinds_apart)
{
    static const enum text_kind kinds[] = {
#define X(number, name, letter, words) TEXT_##name,
        TEXT_LIST(X)
#undef X
    };
    const size_t count = sizeof kinds / sizeof kinds[0];
    char text[TEXT_SIZE(1)];
    size_t len;

    for (size_t i = 0; i < count; i++) {
        enum text_kind kind = kinds[0];

        CHECK(text_words(kinds[i])[0] != '?');
        CHECK_STATUS(text_encode(text, sizeof text, &len, kinds[i], span_of("f")), STATUS_OK);
        CHECK(text[3] == text_letter(kinds[i]));
        CHECK_STATUS(text_kind(&kind, span_of(text)), STATUS_OK);
        CHECK(kind == kinds[i]);
        for (size_t k = 0; k < count; k++)
            CHECK_STATUS(decode(text, kinds[k]), i == k ? STATUS_OK : STATUS_TEXT_TYPE);
    }
    CHECK(text_letter((enum text_kind)99) == '?');
    CHECK(strcmp(text_words((enum text_kind)99), "?") == 0);
}

int
main(int argc, char **argv)
{
    return check_run(argc, argv);
}
