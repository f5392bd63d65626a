#include "check.h"

struct check_test *check_first;
unsigned check_failures;

static struct check_test **last = &check_first;

void
check_register(struct check_test *test)
{
    *last = test;
    last = &test->next;
}

void
check_fail(const char *file, int line, const char *what)
{
    if (++check_failures <= 20)
        fprintf(stderr, "    %s:%d: failed: %s\n", file, line, what);
}

int
check_run(int argc, char **argv)
{
    unsigned passed = 0;
    unsigned failed = 0;

    for (struct check_test *t = check_first; t != NULL; t = t->next) {
        if (argc > 1 && strcmp(t->name, argv[1]) != 0)
            continue;
        check_failures = 0;
        t->run();
        if (check_failures == 0) {
            passed++;
        } else {
            failed++;
            fprintf(stderr, "  FAIL %s (%u)\n", t->name, check_failures);
        }
    }
    printf("%u passed, %u failed\n", passed, failed);
    return failed == 0 && passed > 0 ? 0 : 1;
}
