#include "faulty.h"

#include <cbor.h>
#include <errno.h>
#include <fcntl.h>
#include <png.h>
#include <qrencode.h>
#include <signal.h>
#include <sodium.h>
#include <spawn.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static struct {
    enum faulty_call call;
    unsigned countdown;
    int error;
    bool hit;
    enum faulty_call before;
    void (*run)(void);
    const char *terminal;
} state;

void
faulty_arm(enum faulty_call call, unsigned nth, int error)
{
    state.call = call;
    state.countdown = nth;
    state.error = error;
    state.hit = false;
}

bool
faulty_disarm(void)
{
    state.call = FAULTY_NONE;
    return state.hit;
}

void
faulty_before(enum faulty_call call, void (*run)(void))
{
    state.before = call;
    state.run = run;
}

void
faulty_terminal(const char *path)
{
    state.terminal = path;
}

/* Whether this call is the one that fails; errno is then set. */
static bool
fails(enum faulty_call call)
{
    if (state.run != NULL && state.before == call)
        state.run();
    if (state.call != call || state.hit || --state.countdown > 0)
        return false;
    state.hit = true;
    errno = state.error;
    return true;
}

/* The names that the linker gives: calls to `name` go to __wrap_name, and __real_name is what it
 * was. */
#define DECLARE(type, name, parameters)                                                            \
    type real_##name parameters __asm__("__real_" #name);                                          \
    type wrap_##name parameters __asm__("__wrap_" #name);

#define WRAP(call, type, name, parameters, arguments, failure)                                     \
    DECLARE(type, name, parameters)                                                                \
    type wrap_##name parameters                                                                    \
    {                                                                                              \
        return fails(call) ? (failure) : real_##name arguments;                                    \
    }

/* --- files ---------------------------------------------------------------------------------- */

WRAP(FAULTY_READ, ssize_t, read, (int fd, void *out, size_t len), (fd, out, len), -1)
/* The same call where the compiler knows how large the buffer is. */
WRAP(FAULTY_READ, ssize_t, __read_chk, (int fd, void *out, size_t len, size_t size),
     (fd, out, len, size), -1)
WRAP(FAULTY_FSYNC, int, fsync, (int fd), (fd), -1)
WRAP(FAULTY_FSTAT, int, fstat, (int fd, struct stat *out), (fd, out), -1)
WRAP(FAULTY_MKSTEMP, int, mkstemp, (char *path), (path), -1)
WRAP(FAULTY_LINK, int, link, (const char *from, const char *to), (from, to), -1)
WRAP(FAULTY_UNLINK, int, unlink, (const char *path), (path), -1)
WRAP(FAULTY_TCSETATTR, int, tcsetattr, (int fd, int when, const struct termios *to), (fd, when, to),
     -1)

DECLARE(int, open, (const char *path, int flags, ...))
int
wrap_open(const char *path, int flags, ...)
{
    mode_t mode = 0;
    va_list rest;

    if ((flags & O_CREAT) != 0) {
        va_start(rest, flags);
        mode = va_arg(rest, mode_t);
        va_end(rest);
    }
    if (fails(FAULTY_OPEN))
        return -1;
    if (state.terminal != NULL && strcmp(path, "/dev/tty") == 0)
        path = state.terminal;
    return real_open(path, flags, mode);
}

DECLARE(ssize_t, write, (int fd, const void *bytes, size_t len))
ssize_t
wrap_write(int fd, const void *bytes, size_t len)
{
    if (!fails(FAULTY_WRITE))
        return real_write(fd, bytes, len);
    return state.error == 0 ? real_write(fd, bytes, 1) : -1;
}

DECLARE(int, close, (int fd))
int
wrap_close(int fd)
{
    const bool bad = fails(FAULTY_CLOSE);
    const int result = real_close(fd);

    if (bad)
        errno = state.error;
    return bad ? -1 : result;
}

/* --- processes ------------------------------------------------------------------------------ */

WRAP(FAULTY_PIPE, int, pipe, (int ends[2]), (ends), -1)
WRAP(FAULTY_WAITPID, pid_t, waitpid, (pid_t pid, int *result, int options), (pid, result, options),
     -1)
WRAP(FAULTY_ACTIONS_INIT, int, posix_spawn_file_actions_init, (posix_spawn_file_actions_t * out),
     (out), state.error)
WRAP(FAULTY_ADDOPEN, int, posix_spawn_file_actions_addopen,
     (posix_spawn_file_actions_t * out, int fd, const char *path, int flags, mode_t mode),
     (out, fd, path, flags, mode), state.error)
WRAP(FAULTY_ADDDUP2, int, posix_spawn_file_actions_adddup2,
     (posix_spawn_file_actions_t * out, int fd, int to), (out, fd, to), state.error)
WRAP(FAULTY_ATTR_INIT, int, posix_spawnattr_init, (posix_spawnattr_t * out), (out), state.error)
WRAP(FAULTY_SETSIGMASK, int, posix_spawnattr_setsigmask,
     (posix_spawnattr_t * out, const sigset_t *mask), (out, mask), state.error)

WRAP(FAULTY_SETSIGDEFAULT, int, posix_spawnattr_setsigdefault,
     (posix_spawnattr_t * out, const sigset_t *signals), (out, signals), state.error)
WRAP(FAULTY_SETFLAGS, int, posix_spawnattr_setflags, (posix_spawnattr_t * out, short flags),
     (out, flags), state.error)

/* --- libraries ------------------------------------------------------------------------------ */

WRAP(FAULTY_SODIUM_INIT, int, sodium_init, (void), (), -1)
WRAP(FAULTY_PWHASH, int, crypto_pwhash,
     (unsigned char *out, unsigned long long len, const char *text, unsigned long long text_len,
      const unsigned char *salt, unsigned long long work, size_t memory, int kind),
     (out, len, text, text_len, salt, work, memory, kind), -1)
WRAP(FAULTY_QR_NEW, QRinput *, QRinput_new2, (int version, QRecLevel level), (version, level), NULL)
WRAP(FAULTY_QR_APPEND, int, QRinput_append,
     (QRinput * input, QRencodeMode mode, int len, const unsigned char *text),
     (input, mode, len, text), -1)
WRAP(FAULTY_QR_ENCODE, QRcode *, QRcode_encodeInput, (QRinput * input), (input), NULL)
WRAP(FAULTY_PNG_CREATE, png_structp, png_create_write_struct,
     (png_const_charp version, png_voidp context, png_error_ptr error, png_error_ptr warning),
     (version, context, error, warning), NULL)
WRAP(FAULTY_PNG_INFO, png_infop, png_create_info_struct, (png_const_structrp png), (png), NULL)

DECLARE(struct cbor_decoder_result, cbor_stream_decode,
        (cbor_data in, size_t len, const struct cbor_callbacks *callbacks, void *context))
struct cbor_decoder_result
wrap_cbor_stream_decode(cbor_data in, size_t len, const struct cbor_callbacks *callbacks,
                        void *context)
{
    struct cbor_decoder_result result;

    if (fails(FAULTY_CBOR_SILENT))
        callbacks = &cbor_empty_callbacks;
    result = real_cbor_stream_decode(in, len, callbacks, context);
    if (fails(FAULTY_CBOR_ERROR))
        result.status = CBOR_DECODER_ERROR;
    if (fails(FAULTY_CBOR_READ))
        result.read++;
    return result;
}

DECLARE(void, png_write_row, (png_structrp png, png_const_bytep row))
void
wrap_png_write_row(png_structrp png, png_const_bytep row)
{
    real_png_write_row(png, row);
    if (fails(FAULTY_PNG_CHATS)) {
        png_write_flush(png);
        png_warning(png, "a warning that was asked for");
    }
    if (fails(FAULTY_PNG_ROW))
        png_error(png, "a failure that was asked for");
}
