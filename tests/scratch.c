#include "scratch.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEPTH_MAX 3
#define COPY_BYTES 65536

void
scratch_make(char out[static SCRATCH_PATH_MAX])
{
    const char *parent = getenv("TMPDIR");
    int len = snprintf(out, SCRATCH_PATH_MAX, "%s/schwebe-test-XXXXXX",
                       parent != NULL && parent[0] != '\0' ? parent : "/tmp");

    if (len < 0 || len >= SCRATCH_PATH_MAX || mkdtemp(out) == NULL) {
        perror("scratch_make");
        exit(EXIT_FAILURE);
    }
}

void
scratch_path(char out[static SCRATCH_PATH_MAX], const char *folder, const char *name)
{
    const size_t folder_len = strlen(folder);
    const size_t name_len = strlen(name);

    if (folder_len + 1 + name_len >= SCRATCH_PATH_MAX) {
        fprintf(stderr, "scratch_path: too long\n");
        exit(EXIT_FAILURE);
    }
    memcpy(out, folder, folder_len);
    out[folder_len] = '/';
    memcpy(out + folder_len + 1, name, name_len + 1);
}

/* Removes the first thing in `folder` that can be removed; fills `deeper` when it is a folder with
 * something in it. False when the folder is empty. */
static bool
remove_one(char deeper[static SCRATCH_PATH_MAX], const char *folder)
{
    DIR *dir = opendir(folder);
    const struct dirent *item;
    bool found = false;

    deeper[0] = '\0';
    while (!found && dir != NULL && (item = readdir(dir)) != NULL) {
        char path[SCRATCH_PATH_MAX];
        struct stat about;

        if (strcmp(item->d_name, ".") == 0 || strcmp(item->d_name, "..") == 0)
            continue;
        scratch_path(path, folder, item->d_name);
        found = true;
        if (lstat(path, &about) == 0 && S_ISDIR(about.st_mode) && rmdir(path) != 0)
            memcpy(deeper, path, sizeof path);
        else if (remove(path) != 0 && access(path, F_OK) == 0)
            found = false;
    }
    if (dir != NULL)
        closedir(dir);
    return found;
}

void
scratch_remove(const char *folder)
{
    char stack[DEPTH_MAX][SCRATCH_PATH_MAX];
    size_t depth = 1;

    snprintf(stack[0], SCRATCH_PATH_MAX, "%s", folder);
    while (depth > 0) {
        char deeper[SCRATCH_PATH_MAX];

        (void)chmod(stack[depth - 1], 0700);
        if (!remove_one(deeper, stack[depth - 1])) {
            (void)rmdir(stack[depth - 1]);
            depth--;
        } else if (deeper[0] != '\0') {
            if (depth == DEPTH_MAX) {
                fprintf(stderr, "scratch_remove: %s is too deep\n", deeper);
                exit(EXIT_FAILURE);
            }
            memcpy(stack[depth++], deeper, sizeof deeper);
        }
    }
}

bool
scratch_read(uint8_t *out, size_t *len, size_t cap, const char *path)
{
    FILE *file = fopen(path, "rb");
    bool good = file != NULL;

    *len = 0;
    if (good) {
        *len = fread(out, 1, cap, file);
        good = ferror(file) == 0 && fgetc(file) == EOF;
        fclose(file);
    }
    return good;
}

bool
scratch_write(const char *path, const void *bytes, size_t len)
{
    FILE *file = fopen(path, "wb");
    bool good = file != NULL;

    if (good) {
        good = len == 0 || fwrite(bytes, 1, len, file) == len;
        good = fclose(file) == 0 && good;
    }
    return good;
}

bool
scratch_copy(const char *to, const char *from)
{
    static uint8_t bytes[COPY_BYTES];
    FILE *in = fopen(from, "rb");
    FILE *out = fopen(to, "wb");
    bool good = in != NULL && out != NULL;
    size_t len;

    while (good && (len = fread(bytes, 1, sizeof bytes, in)) > 0)
        good = fwrite(bytes, 1, len, out) == len;
    if (in != NULL) {
        good = good && ferror(in) == 0;
        fclose(in);
    }
    if (out != NULL)
        good = fclose(out) == 0 && good;
    return good;
}
