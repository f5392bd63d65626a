/* protocol/command: numbers, amounts and hexadecimal digits as people write them. The first byte
 * chooses. */
#include "fuzz.h"

#include "protocol/command.h"

#define TEXT_MAX 60

static void
check_number(const char *text, uint64_t most)
{
    uint64_t number = 77;
    char again[24];
    const char *digits = text;

    if (command_number(&number, text, most) != STATUS_OK) {
        EXPECT(number == 77);
        return;
    }
    EXPECT(number <= most);
    while (digits[0] == '0' && digits[1] != '\0')
        digits++;
    snprintf(again, sizeof again, "%llu", (unsigned long long)number);
    EXPECT(strcmp(again, digits) == 0);
}

/* An amount has one meaning: the digits before the comma are euros, those behind it cents. */
static void
check_cents(const char *text)
{
    struct money amount = {77};
    uint64_t euros = 0;
    uint64_t cents = 0;
    const char *at = text;

    if (command_cents(&amount, text) != STATUS_OK) {
        EXPECT(money_cents(amount) == 77);
        return;
    }
    EXPECT(*at >= '0' && *at <= '9');
    for (; *at >= '0' && *at <= '9'; at++)
        euros = euros * 10 + (uint64_t)(*at - '0');
    if (*at == ',' || *at == '.') {
        EXPECT(at[1] >= '0' && at[1] <= '9');
        cents = 10 * (uint64_t)(at[1] - '0');
        at += 2;
        if (*at >= '0' && *at <= '9')
            cents += (uint64_t)(*at++ - '0');
    }
    EXPECT(*at == '\0' || *at == ' ' || (uint8_t)*at >= 0x80);
    EXPECT(strpbrk(at, "0123456789,.-+") == NULL);
    EXPECT(money_cents(amount) == 100 * euros + cents);
}

/* With a euro sign behind it an amount means the same. */
static void
check_euro(const char *text)
{
    static const char *const signs[] = {"€", " €", "\u00a0€"};
    char longer[TEXT_MAX + 16];
    struct money amount = MONEY_ZERO;
    struct money same = MONEY_ZERO;

    if (command_cents(&amount, text) != STATUS_OK || strpbrk(text, " \xE2\xC2") != NULL)
        return;
    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) {
        snprintf(longer, sizeof longer, "%s%s", text, signs[i]);
        EXPECT(command_cents(&same, longer) == STATUS_OK);
        EXPECT(money_compare(amount, same) == 0);
    }
}

static void
check_hex(const char *text, size_t len)
{
    uint8_t bytes[TEXT_MAX];
    char again[2 * TEXT_MAX + 1];

    if (command_from_hex(bytes, len, text) != STATUS_OK)
        return;
    EXPECT(strlen(text) == 2 * len);
    command_to_hex(again, bytes, len);
    for (size_t i = 0; i < 2 * len; i++)
        EXPECT(again[i] == text[i] ||
               (text[i] >= 'A' && text[i] <= 'F' && again[i] == text[i] + 32));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span in = {data, size};
    char text[TEXT_MAX + 1];
    char hex[2 * TEXT_MAX + 1];
    uint8_t bytes[TEXT_MAX];
    const uint8_t how = fuzz_byte(&in);
    const struct span taken = fuzz_take(&in, TEXT_MAX);

    if (taken.len > 0)
        memcpy(text, taken.data, taken.len);
    text[taken.len] = '\0';
    check_number(text, how % 2 == 0 ? UINT64_MAX : how);
    check_cents(text);
    check_euro(text);
    check_hex(text, strlen(text) / 2);
    if (taken.len > 0) {
        command_to_hex(hex, taken.data, taken.len);
        EXPECT(command_from_hex(bytes, taken.len, hex) == STATUS_OK);
        EXPECT(memcmp(bytes, taken.data, taken.len) == 0);
    }
    return 0;
}

static size_t
make(uint8_t *out, uint64_t *random)
{
    static const char *const texts[] = {"12,50 €", "12.5", "90071992547409.91", "0",   "007",
                                        "1.234",   "12€",  "12,50\u00a0€",      "aB09"};
    const char *text = texts[forge_below(random, sizeof texts / sizeof texts[0])];

    out[0] = (uint8_t)forge_below(random, 200);
    memcpy(out + 1, text, strlen(text));
    return 1 + strlen(text);
}

FUZZ_MAKER(make)
