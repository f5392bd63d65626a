/* protocol/text: a scanned text and the bytes in it. With FUZZ_CANARY in the environment the first
 * text that begins like a code ends the program as a failure would: fuzz/canary tells by it whether
 * a fuzzer finds its way at all. */
#include "fuzz.h"

#include "protocol/text.h"

#define KINDS ((size_t)TEXT_ACK)

/* Bytes become a text that gives the same bytes, also in lower case and as scanners send it. */
static void
there_and_back(enum text_kind kind, struct span bytes)
{
    static char text[TEXT_SIZE_MAX + 8] = "]Q1\r";
    uint8_t back[TEXT_BYTES_MAX];
    size_t len = 0;
    size_t back_len = 0;

    EXPECT(text_encode(text + 4, sizeof text - 4, &len, kind, bytes) == STATUS_OK);
    EXPECT(len + 1 == TEXT_SIZE(bytes.len));
    EXPECT(text[4 + len] == '\0');
    for (size_t i = 4; i < 4 + len; i++) {
        if (text[i] >= 'A' && text[i] <= 'Z' && i % 3 == 0)
            text[i] = (char)(text[i] - 'A' + 'a');
    }
    text[4 + len] = '\n';
    EXPECT(text_decode(back, sizeof back, &back_len, kind,
                       (struct span){(const uint8_t *)text, len + 5}) == STATUS_OK);
    EXPECT(fuzz_same((struct span){back, back_len}, bytes));
}

/* A text that is read is, but for case and margins, the one that is written. */
static void
check_read(enum text_kind kind, struct span in, struct span bytes)
{
    char again[TEXT_SIZE_MAX];
    size_t len = 0;
    size_t start = 0;

    EXPECT(text_encode(again, sizeof again, &len, kind, bytes) == STATUS_OK);
    EXPECT(len <= in.len);
    while (start < in.len && (in.data[start] | 0x20) != 'w')
        start++;
    EXPECT(start + len <= in.len);
    for (size_t i = 0; i < len; i++) {
        const uint8_t c = in.data[start + i];

        EXPECT((c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c) == again[i]);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct span in = {data, size};
    uint8_t bytes[TEXT_BYTES_MAX];
    enum text_kind kind = TEXT_PAYMENT;
    size_t len = 1;
    const enum status known = text_kind(&kind, in);
    enum status status;

    if (known == STATUS_OK && getenv("FUZZ_CANARY") != NULL)
        abort();
    memset(bytes, FUZZ_RUBBISH, sizeof bytes);
    status = text_decode(bytes, sizeof bytes, &len, kind, in);
    if (known != STATUS_OK)
        EXPECT(status == known);
    if (status != STATUS_OK) {
        EXPECT(len == 0);
        EXPECT(fuzz_all(bytes, sizeof bytes, FUZZ_RUBBISH));
    } else {
        check_read(kind, in, (struct span){bytes, len});
        EXPECT(text_decode(bytes, len - 1, &len, kind, in) == STATUS_BUFFER);
    }
    if (size > 1 && size <= TEXT_BYTES_MAX)
        there_and_back((enum text_kind)(1 + data[0] % KINDS), (struct span){data + 1, size - 1});
    return 0;
}

static size_t
make(uint8_t *out, uint64_t *random)
{
    uint8_t bytes[TEXT_BYTES_MAX];
    char text[TEXT_SIZE_MAX];
    const size_t size = 1 + (size_t)forge_below(random, 300);
    size_t len;

    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)forge_random(random);
    if (text_encode(text, sizeof text, &len, (enum text_kind)(1 + forge_below(random, KINDS)),
                    (struct span){bytes, size}) != STATUS_OK)
        return 0;
    memcpy(out, text, len);
    return len;
}

FUZZ_MAKER(make)
