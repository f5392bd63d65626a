/* Feeds every file of the given folders to one fuzz harness: what a fuzzer once found is tried
 * again in every build, also by compilers that have no fuzzer. A harness that fails ends the
 * program, with the file's name as the last line. */
#include <dirent.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define INPUT_SIZE_MAX ((size_t)1 << 20)
#define PATH_SIZE_MAX 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char current[PATH_SIZE_MAX];

static void
name_the_file(int number)
{
    /* Only calls that are safe inside a signal handler. */
    if (write(STDERR_FILENO, current, strlen(current)) < 0 || write(STDERR_FILENO, "\n", 1) < 0)
        _exit(1);
    signal(number, SIG_DFL);
    raise(number);
}

/* A copy of exactly the input's size, so that reading behind its end is noticed. */
static int
feed(const char *path)
{
    FILE *file = fopen(path, "rb");
    uint8_t *data;
    size_t size;

    if (file == NULL) {
        fprintf(stderr, "%s: cannot be read\n", path);
        return 1;
    }
    data = malloc(INPUT_SIZE_MAX);
    if (data == NULL)
        abort();
    size = fread(data, 1, INPUT_SIZE_MAX, file);
    fclose(file);
    if (size > 0) {
        uint8_t *exact = realloc(data, size);
        if (exact == NULL)
            abort();
        data = exact;
    }
    LLVMFuzzerTestOneInput(data, size);
    free(data);
    return 0;
}

static void
feed_folder(const char *folder, unsigned *passed, unsigned *failed)
{
    DIR *list = opendir(folder);
    struct dirent *entry;

    if (list == NULL) {
        fprintf(stderr, "%s: no such folder\n", folder);
        ++*failed;
        return;
    }
    while ((entry = readdir(list)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(current, sizeof current, "%s/%s", folder, entry->d_name);
        if (feed(current) == 0)
            ++*passed;
        else
            ++*failed;
    }
    closedir(list);
}

int
main(int argc, char **argv)
{
    unsigned passed = 0;
    unsigned failed = 0;

    signal(SIGABRT, name_the_file);
    signal(SIGSEGV, name_the_file);
    for (int i = 1; i < argc; i++)
        feed_folder(argv[i], &passed, &failed);
    printf("%u passed, %u failed\n", passed, failed);
    return failed == 0 && passed > 0 ? 0 : 1;
}
