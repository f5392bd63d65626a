/* Reading a code from a picture: runs the program `scan` as a process of its own, since the barcode
 * libraries are large and see hostile pixels. Outside the pure core: it starts processes.
 * PROTOCOL.md, text form. */
#ifndef SCHWEBE_READER_H
#define SCHWEBE_READER_H

#include <stdbool.h>
#include <stddef.h>

#include "status.h"

/* What a QR code holds at most in alphanumeric mode (version 40, level L). */
#define READER_TEXT_MAX 4296
/* A frame is decoded within 0.1 s; more than a minute is nobody's patience. */
#define READER_TIMEOUT_MS_MAX 60000

/* Fills `out` with the path of `scan` in the folder of the running program. `argv0` is what main
 * was given; without a slash in it, the folder is looked up in PATH as the shell did. SCANNER when
 * there is no such folder, BUFFER when the path does not fit; then `out` is an empty string. */
MUST_CHECK enum status reader_program(char *out, size_t capacity, const char *argv0);

/* Fills `text` with the text of the code in the picture at `path` (PNG or PGM; "-" hands over our
 * own standard input) and a NUL. The text is hostile all the same: 1 to READER_TEXT_MAX printable
 * ASCII characters is all that is promised.
 * IMAGE: no code found; TEXT_PREFIX: a code that holds other characters, so none of ours;
 * IMAGE_FORMAT, IMAGE_TOO_LARGE, NOT_FOUND, IO: about the file; SCANNER_TIMEOUT after `timeout_ms`
 * (1 to READER_TIMEOUT_MS_MAX), SCANNER: the program is missing, died or broke its contract;
 * BUFFER: `capacity` is too small. On failure `text` is an empty string. The process is always
 * gone when this returns. */
MUST_CHECK enum status reader_scan(char *text, size_t capacity, const char *program,
                                   const char *path, unsigned timeout_ms);

/* Whether these are 1 to READER_TEXT_MAX printable ASCII characters. */
bool reader_is_text(const char *text, size_t len);

/* How `scan` ends for each status that it may answer, and back. 0 is OK; the others are clear of
 * the codes that shells, loaders and sanitizers use. Any other code is SCANNER. */
int reader_exit_code(enum status status);
enum status reader_status(int exit_code);

#endif
