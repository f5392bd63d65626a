/* Folders and files that a test makes and that are gone after it. */
#ifndef SCHWEBE_SCRATCH_H
#define SCHWEBE_SCRATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SCRATCH_PATH_MAX 256

/* Makes an empty folder and fills `out` with its path; ends the program when it cannot. */
void scratch_make(char out[static SCRATCH_PATH_MAX]);

/* Fills `out` with "folder/name". */
void scratch_path(char out[static SCRATCH_PATH_MAX], const char *folder, const char *name);

/* Removes a folder, the files in it and the folders in it with their files. */
void scratch_remove(const char *folder);

/* Whole files of at most `cap` bytes; false when it fails. scratch_read gives the length. */
bool scratch_read(uint8_t *out, size_t *len, size_t cap, const char *path);
bool scratch_write(const char *path, const void *bytes, size_t len);
bool scratch_copy(const char *to, const char *from);

#endif
