/* The protocol for the page, as WebAssembly: all that it exports is here.
 *
 *     memory                      take views of it anew after each call
 *     input() input_size()        where a call is written, and how long it may be
 *     output() output_length()    where its answer lies; its length, 0 unless the status is OK
 *     init()                      the self-test; OK, or no call will ever be answered
 *     one function for each call  of ops.h, given the length of what was written; gives a status
 *
 * The input is wiped before a call returns, as it may hold a seed. A call that is not laid out as
 * frame.h says, and every broken assertion, traps: then the instance must be thrown away. */
#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <wasi/api.h>

#include "ops.h"
#include "protocol/crypt.h"
#include "protocol/msg.h"
#include "protocol/status.h"

#define EXPORT(name) __attribute__((export_name(name), visibility("default"), used))

/* The largest message with all that stands around it, and what decoding adds to it. */
#define BUFFER_SIZE (MSG_PARCEL_MAX + 65536)

static uint8_t input_buffer[BUFFER_SIZE];
static uint8_t output_buffer[BUFFER_SIZE];
static size_t length;
static bool tested;

/* What the C library's own assertions call; its version would bring in stdio. */
_Noreturn void __assert_fail(const char *condition, const char *file, int line,
                             const char *function);

_Noreturn void
__assert_fail(const char *condition, const char *file, int line, const char *function)
{
    (void)condition;
    (void)file;
    (void)line;
    (void)function;
    __builtin_trap();
}

/* --- self-test --- */

/* RFC 8032 section 7.1, test 1: the signature of nothing. */
static bool
signs_as_it_should(void)
{
    static const uint8_t seed[SEED_SIZE] = {0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60,
                                            0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec, 0x2c, 0xc4,
                                            0x44, 0x49, 0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19,
                                            0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60};
    static const struct public_key key = {{0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1, 0x0a, 0xb7,
                                           0xd5, 0x4b, 0xfe, 0xd3, 0xc9, 0x64, 0x07, 0x3a,
                                           0x0e, 0xe1, 0x72, 0xf3, 0xda, 0xa6, 0x23, 0x25,
                                           0xaf, 0x02, 0x1a, 0x68, 0xf7, 0x07, 0x51, 0x1a}};
    static const struct signature good = {
        {0xe5, 0x56, 0x43, 0x00, 0xc3, 0x60, 0xac, 0x72, 0x90, 0x86, 0xe2, 0xcc, 0x80,
         0x6e, 0x82, 0x8a, 0x84, 0x87, 0x7f, 0x1e, 0xb8, 0xe5, 0xd9, 0x74, 0xd8, 0x73,
         0xe0, 0x65, 0x22, 0x49, 0x01, 0x55, 0x5f, 0xb8, 0x82, 0x15, 0x90, 0xa3, 0x3b,
         0xac, 0xc6, 0x1e, 0x39, 0x70, 0x1c, 0xf9, 0xb4, 0x6b, 0xd2, 0x5b, 0xf5, 0xf0,
         0x59, 0x5b, 0xbe, 0x24, 0x65, 0x51, 0x41, 0x43, 0x8e, 0x7a, 0x10, 0x0b}};
    static const struct span nothing = {seed, 0};
    struct secret_key secret;
    struct public_key own;
    struct signature signature;

    crypt_key_from_seed(&secret, &own, seed);
    crypt_sign(&signature, &secret, nothing);
    if (memcmp(&own, &key, sizeof own) != 0 || memcmp(&signature, &good, sizeof signature) != 0)
        return false;
    if (crypt_verify(&key, &good, nothing) != STATUS_OK)
        return false;
    signature.bytes[sizeof signature.bytes / 2] ^= 1;
    return crypt_verify(&key, &signature, nothing) == STATUS_SIGNATURE_BAD;
}

static bool
is_constant(const uint8_t *bytes, size_t len)
{
    return memcmp(bytes, bytes + 1, len - 1) == 0;
}

/* Asks the page itself: the library stretches what it drew once, whatever that was. */
static bool
is_random(void)
{
    uint8_t first[32];
    uint8_t second[32];

    if (__wasi_random_get(first, sizeof first) != 0 ||
        __wasi_random_get(second, sizeof second) != 0)
        return false;
    return memcmp(first, second, sizeof first) != 0 && !is_constant(first, sizeof first) &&
           !is_constant(second, sizeof second);
}

EXPORT("init") uint32_t core_init(void)
{
    tested = is_random() && crypt_init() == STATUS_OK && signs_as_it_should();
    return tested ? STATUS_OK : STATUS_CRYPTO;
}

/* --- calls --- */

EXPORT("input") uint8_t *core_input(void)
{
    return input_buffer;
}

EXPORT("input_size") uint32_t core_input_size(void)
{
    return sizeof input_buffer;
}

EXPORT("output") const uint8_t *core_output(void)
{
    return output_buffer;
}

EXPORT("output_length") uint32_t core_output_length(void)
{
    return length;
}

static uint32_t
run(enum status (*op)(struct frame_out *, struct frame_in *), uint32_t input_length)
{
    struct frame_in in = {{input_buffer, input_length}};
    struct frame_out out = {output_buffer, sizeof output_buffer, 0};
    enum status status = STATUS_CRYPTO;

    assert(input_length <= sizeof input_buffer);
    if (tested)
        status = op(&out, &in);
    length = status == STATUS_OK ? out.len : 0;
    crypt_wipe(input_buffer, input_length);
    return status;
}

#define X(name)                                                                                    \
    EXPORT(#name) uint32_t core_##name(uint32_t input_length)                                      \
    {                                                                                              \
        return run(ops_##name, input_length);                                                      \
    }
OPS_LIST(X)
#undef X
