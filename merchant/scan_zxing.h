/* The bridge to zxing-cpp, the one C++ file. */
#ifndef SCHWEBE_SCAN_ZXING_H
#define SCHWEBE_SCAN_ZXING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Calls scan_found with `finding` for each whole QR code in a grey picture, and never throws: a
 * picture on which the library fails holds no code. What counts as dark is decided for each
 * neighbourhood, or with one threshold for the whole picture. */
void scan_zxing(void *finding, const uint8_t *pixels, uint32_t width, uint32_t height,
                bool one_threshold);

/* Gets the raw bytes of one code, without any change of character set; borrows them for the call.
 * In scan.c. */
void scan_found(void *finding, const char *text, size_t len);

#ifdef __cplusplus
}
#endif

#endif
