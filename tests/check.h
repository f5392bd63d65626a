/* The unit test harness: tests register themselves, CHECK counts, check_run prints the totals. */
#ifndef SCHWEBE_CHECK_H
#define SCHWEBE_CHECK_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct check_test {
    const char *name;
    void (*run)(void);
    struct check_test *next;
};

extern struct check_test *check_first;
extern unsigned check_failures;

void check_register(struct check_test *test);
/* Notes one failed expectation with its place; prints at most 20 a test, counts all. */
void check_fail(const char *file, int line, const char *what);
/* Runs all tests (or the one named argv[1]); prints `N passed, N failed`; 0 if none failed. */
int check_run(int argc, char **argv);

#define TEST(name)                                                                                 \
    static void test_##name(void);                                                                 \
    __attribute__((constructor)) static void register_##name(void)                                 \
    {                                                                                              \
        static struct check_test test = {#name, test_##name, NULL};                                \
        check_register(&test);                                                                     \
    }                                                                                              \
    static void test_##name(void)

#define CHECK(cond)                                                                                \
    do {                                                                                           \
        if (!(cond))                                                                               \
            check_fail(__FILE__, __LINE__, #cond);                                                 \
    } while (0)

/* For loops that cannot go on after a failure. */
#define REQUIRE(cond)                                                                              \
    do {                                                                                           \
        if (!(cond)) {                                                                             \
            check_fail(__FILE__, __LINE__, #cond);                                                 \
            return;                                                                                \
        }                                                                                          \
    } while (0)

#define CHECK_STATUS(expression, expected)                                                         \
    do {                                                                                           \
        enum status check_got = (expression);                                                      \
        if (check_got != (expected)) {                                                             \
            fprintf(stderr, "    got %s, expected %s\n", status_name(check_got),                   \
                    status_name(expected));                                                        \
            check_fail(__FILE__, __LINE__, #expression);                                           \
        }                                                                                          \
    } while (0)

#endif
