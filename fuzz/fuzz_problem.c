/* ledger/problem: a refusal that somebody on the network sends. What is read is a status that there
 * is, in the one form and to the last byte. */
#include "fuzz.h"

#include "ledger/problem.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t longer[FUZZ_SIZE_MAX + 1];
    enum status status = STATUS_OK;
    unsigned code = 0;

    if (size > FUZZ_SIZE_MAX)
        return 0;
    if (!problem_read(&status, &code, (struct span){data, size})) {
        EXPECT(status == STATUS_OK && code == 0);
        return 0;
    }
    EXPECT(size <= PROBLEM_MAX);
    EXPECT(code >= 400 && code <= 599);
    EXPECT(status != STATUS_OK && strcmp(status_name(status), "UNKNOWN") != 0);
    memcpy(longer, data, size);
    longer[size] = 0;
    EXPECT(!problem_read(&status, &code, (struct span){longer, size + 1}));
    EXPECT(!problem_read(&status, &code, (struct span){longer, size - 1}));
    /* The node writes the same number, whatever its sentences. */
    size = problem_write(longer, status);
    EXPECT(problem_read(&status, &code, (struct span){longer, size}));
    EXPECT(code == problem_code(status));
    return 0;
}

static size_t
make(uint8_t *out, uint64_t *random)
{
    static const enum status some[] = {STATUS_TOO_LARGE, STATUS_FUNDS, STATUS_NOT_FOUND,
                                       STATUS_SERVER_BUSY};
    uint8_t bytes[PROBLEM_MAX];
    const size_t len =
        problem_write(bytes, some[forge_below(random, sizeof some / sizeof some[0])]);

    memcpy(out, bytes, len);
    return len;
}

FUZZ_MAKER(make)
