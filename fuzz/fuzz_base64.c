/* protocol/base64: one text for one run of bytes, in both directions. */
#include "fuzz.h"

#include "protocol/base64.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct span in = {data, size};
    uint8_t bytes[FUZZ_SIZE_MAX];
    char text[BASE64_LEN(FUZZ_SIZE_MAX)];
    size_t len = 0;

    if (size > FUZZ_SIZE_MAX)
        return 0;
    if (base64_decode(bytes, &len, sizeof bytes, in) == STATUS_OK) {
        EXPECT(BASE64_LEN(len) == size);
        base64_encode(text, (struct span){bytes, len});
        EXPECT(fuzz_same((struct span){(const uint8_t *)text, size}, in));
        if (len > 0)
            EXPECT(base64_decode(bytes, &len, len - 1, in) == STATUS_BUFFER);
    }
    base64_encode(text, in);
    EXPECT(base64_decode(bytes, &len, sizeof bytes,
                         (struct span){(const uint8_t *)text, BASE64_LEN(size)}) == STATUS_OK);
    EXPECT(fuzz_same((struct span){bytes, len}, in));
    return 0;
}

static size_t
make(uint8_t *out, uint64_t *random)
{
    uint8_t bytes[128];
    const size_t len = (size_t)forge_below(random, sizeof bytes);

    for (size_t i = 0; i < len; i++)
        bytes[i] = (uint8_t)forge_random(random);
    base64_encode((char *)out, (struct span){bytes, len});
    return BASE64_LEN(len);
}

FUZZ_MAKER(make)
