/* Refusals as problem details: RFC 9290 in CBOR for programs, JSON for pages. PROTOCOL.md section
 * 21. */
#ifndef SCHWEBE_PROBLEM_H
#define SCHWEBE_PROBLEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/span.h"
#include "protocol/status.h"

#define PROBLEM_MAX 1024
#define PROBLEM_TYPE "application/concise-problem-details+cbor"
#define PROBLEM_JSON_TYPE "application/problem+json"

/* The HTTP status code that goes with a status that is not OK. */
unsigned problem_code(enum status status);

/* Writes {-1: name, -2: English sentence, -4: HTTP code, "tag:...:status": {0: number, 1: German
 * sentence}}; gives the length. Every status fits (assert). */
size_t problem_write(uint8_t out[static PROBLEM_MAX], enum status status);

/* The same as RFC 9457: title, detail, status, and the members `number` and `german`. 0 without
 * memory. */
size_t problem_write_json(char out[static PROBLEM_MAX], enum status status);

/* Reads what problem_write writes, whatever its sentences say: fills the status and the HTTP code.
 * False, and both untouched, for anything else, in form or length, and for a status that this
 * program does not know. */
bool problem_read(enum status *status, unsigned *code, struct span in);

#endif
