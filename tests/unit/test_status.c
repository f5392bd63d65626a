/* The registry of statuses: unique, append-only, with a sentence for people in both languages, and
 * the same in PROTOCOL.md. */
#include "check.h"

#include <stdlib.h>

#include "protocol/status.h"
#include "scratch.h"

#define TEXT_MAX (256 * 1024)

static const struct {
    enum status status;
    const char *name;
} all[] = {
#define X(number, name, german, english) {STATUS_##name, #name},
    STATUS_LIST(X)
#undef X
};
#define COUNT (sizeof all / sizeof all[0])

/* A sentence begins with a capital letter or a mark and ends with a full stop. */
static bool
is_sentence(const char *text)
{
    const size_t len = strlen(text);

    return len > 4 && len < 200 && text[len - 1] == '.' && strchr(text, '\n') == NULL &&
           !(text[0] >= 'a' && text[0] <= 'z');
}

TEST(every_status_has_a_name_and_two_sentences)
{
    for (size_t i = 0; i < COUNT; i++) {
        CHECK(strcmp(status_name(all[i].status), all[i].name) == 0);
        CHECK(is_sentence(status_german(all[i].status)));
        CHECK(is_sentence(status_english(all[i].status)));
        CHECK(strcmp(status_german(all[i].status), status_english(all[i].status)) != 0);
        for (size_t j = 0; j < i; j++) {
            CHECK(all[i].status != all[j].status);
            CHECK(strcmp(all[i].name, all[j].name) != 0);
        }
    }
}

/* A number from a newer program, read from a file or an answer. */
TEST(an_unknown_number_is_not_fatal)
{
    const enum status unknown = (enum status)255;

    CHECK(strcmp(status_name(unknown), "UNKNOWN") == 0);
    CHECK(is_sentence(status_german(unknown)));
    CHECK(is_sentence(status_english(unknown)));
}

/* PROTOCOL.md section 3 names them all, those of the log and the wire in their order. */
TEST(the_text_names_them)
{
    static uint8_t text[TEXT_MAX];
    size_t len;
    char word[64];

    REQUIRE(scratch_read(text, &len, sizeof text - 1, "protocol/PROTOCOL.md"));
    text[len] = '\0';
    for (size_t i = 1; i < COUNT; i++) {
        snprintf(word, sizeof word, "%s", all[i].name);
        if (strstr((const char *)text, word) == NULL)
            fprintf(stderr, "    %s is not in PROTOCOL.md\n", word);
        CHECK(strstr((const char *)text, word) != NULL);
    }
}

int
main(int argc, char **argv)
{
    return check_run(argc, argv);
}
