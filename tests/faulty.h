/* Calls of our own code to system and libraries that fail on demand. Only for programs that are
 * linked with --wrap for each of them, see FAULTY in the Makefile: what a library calls by itself
 * never fails. */
#ifndef SCHWEBE_FAULTY_H
#define SCHWEBE_FAULTY_H

#include <stdbool.h>

enum faulty_call {
    FAULTY_NONE,
    FAULTY_OPEN,
    FAULTY_READ,
    FAULTY_WRITE,
    FAULTY_CLOSE, /* the file is closed all the same */
    FAULTY_FSYNC,
    FAULTY_FSTAT,
    FAULTY_MKSTEMP,
    FAULTY_LINK,
    FAULTY_UNLINK,
    FAULTY_TCSETATTR,
    FAULTY_PIPE,
    FAULTY_WAITPID,
    FAULTY_ACTIONS_INIT, /* of posix_spawn */
    FAULTY_ADDOPEN,
    FAULTY_ADDDUP2,
    FAULTY_ATTR_INIT,
    FAULTY_SETSIGMASK,
    FAULTY_SETSIGDEFAULT,
    FAULTY_SETFLAGS,
    FAULTY_SODIUM_INIT,
    FAULTY_PWHASH,
    FAULTY_CBOR_ERROR,  /* cbor_stream_decode: CBOR_DECODER_ERROR */
    FAULTY_CBOR_SILENT, /* ...: an item that is not given to any function */
    FAULTY_CBOR_READ,   /* ...: one byte more than there is of the item */
    FAULTY_QR_NEW,
    FAULTY_QR_APPEND,
    FAULTY_QR_ENCODE,
    FAULTY_PNG_CREATE,
    FAULTY_PNG_INFO,
    FAULTY_PNG_ROW,   /* png_write_row: png_error */
    FAULTY_PNG_CHATS, /* ...: flushes, warns, then goes on */
};

/* The `nth` call from now on fails once with this errno; a write with error 0 takes one byte. */
void faulty_arm(enum faulty_call call, unsigned nth, int error);

/* Nothing fails any more. True when the failure was reached. */
bool faulty_disarm(void);

/* `run` goes before each call of this kind, until it is given NULL. */
void faulty_before(enum faulty_call call, void (*run)(void));

/* What is opened as /dev/tty; NULL: the real one. */
void faulty_terminal(const char *path);

#endif
