/* Vectors of `text`: the code text around bytes. */
#include "make.h"

#include <stdio.h>
#include <string.h>

static const char letters[] = "PQRSNCUKGAVLFE";

static void
vector(const char *name, const char *text, char letter, const char *status, const void *bytes,
       size_t len)
{
    out_vector("%s", name);
    out_text("text", text);
    out_string("letter", &letter, 1);
    out_expect(status);
    if (strcmp(status, "OK") == 0)
        out_hex("bytes", bytes, len);
    out_end();
}

static void
good(void)
{
    static struct hand bytes;
    char text[2048];
    char name[64];

    for (size_t len = 1; len <= 11; len++) {
        bytes.len = 0;
        for (size_t i = 0; i < len; i++)
            hand_byte(&bytes, (unsigned)(i * 37 + 200) & 255);
        hand_code(text, sizeof text, 'P', &bytes);
        snprintf(name, sizeof name, "%zu bytes", len);
        vector(name, text, 'P', "OK", bytes.data, len);
    }
    for (size_t i = 0; letters[i] != '\0'; i++) {
        hand_code(text, sizeof text, letters[i], &bytes);
        snprintf(name, sizeof name, "letter %c", letters[i]);
        vector(name, text, letters[i], "OK", bytes.data, bytes.len);
    }
    bytes.len = 0;
    for (size_t i = 0; i < 1024; i++)
        hand_byte(&bytes, i & 255);
    hand_code(text, sizeof text, 'N', &bytes);
    vector("1024 bytes", text, 'N', "OK", bytes.data, bytes.len);
    hand_byte(&bytes, 0);
    hand_code(text, sizeof text, 'N', &bytes);
    vector("1025 bytes", text, 'N', "TOO_LARGE", NULL, 0);
}

/* "hello" is PD1IM OR3F without the space: D1IMOR3F. */
static void
around(void)
{
    static const char hello[] = "hello";
    static const char *const accepted[][2] = {
        {"upper case", "WU1PD1IMOR3F"},
        {"lower case", "wu1pd1imor3f"},
        {"mixed case", "Wu1PD1imOr3F"},
        {"line feed behind", "WU1PD1IMOR3F\n"},
        {"carriage return and line feed behind", "WU1PD1IMOR3F\r\n"},
        {"tab behind", "WU1PD1IMOR3F\t"},
        {"tab before", "\tWU1PD1IMOR3F"},
        {"line ends before", "\r\nWU1PD1IMOR3F"},
        {"symbology identifier", "]Q1WU1PD1IMOR3F"},
        {"symbology identifier and line end", "]Q1WU1PD1IMOR3F\r\n"},
        {"tab before the symbology identifier", "\t]Q1WU1PD1IMOR3F"},
    };
    static const char *const refused[][3] = {
        {"empty", "", "TEXT_PREFIX"},
        {"only line ends", "\r\n\t", "TEXT_PREFIX"},
        {"W", "W", "TEXT_PREFIX"},
        {"WU", "WU", "TEXT_PREFIX"},
        {"version 2", "WU2PD1IMOR3F", "TEXT_PREFIX"},
        {"another project", "HC1:D1IMOR3F", "TEXT_PREFIX"},
        {"space before", " WU1PD1IMOR3F", "TEXT_PREFIX"},
        {"other symbology identifier", "]C1WU1PD1IMOR3F", "TEXT_PREFIX"},
        {"symbology identifier twice", "]Q1]Q1WU1PD1IMOR3F", "TEXT_PREFIX"},
        {"address", "https://example.org/#WU1PD1IMOR3F", "TEXT_PREFIX"},
        {"byte order mark", "\xEF\xBB\xBFWU1PD1IMOR3F", "TEXT_PREFIX"},
        {"prefix alone", "WU1", "TEXT_TYPE"},
        {"unknown letter", "WU1XD1IMOR3F", "TEXT_TYPE"},
        {"digit for a letter", "WU11D1IMOR3F", "TEXT_TYPE"},
        {"letter of a request", "WU1QD1IMOR3F", "TEXT_TYPE"},
        {"letter of a receipt", "WU1RD1IMOR3F", "TEXT_TYPE"},
        {"letter before the characters", "WU1Q!!", "TEXT_TYPE"},
        {"W in the body", "WU1PD1IMOR3W", "TEXT_CHARACTER"},
        {"Z in the body", "WU1PD1IMOR3Z", "TEXT_CHARACTER"},
        {"w in the body", "WU1Pd1imor3w", "TEXT_CHARACTER"},
        {"padding sign", "WU1PD1IM====", "TEXT_CHARACTER"},
        {"space in the body", "WU1PD1IM OR3F", "TEXT_CHARACTER"},
        {"space behind", "WU1PD1IMOR3F ", "TEXT_CHARACTER"},
        {"line end in the body", "WU1PD1IM\nOR3F", "TEXT_CHARACTER"},
        {"dash", "WU1PD1IM-OR3F", "TEXT_CHARACTER"},
        {"percent", "WU1P%44IMOR3F", "TEXT_CHARACTER"},
        {"dotless i", "WU1PD1\xC4\xB1MOR3F", "TEXT_CHARACTER"},
        {"long s", "WU1PD1IMOR3\xC5\xBF", "TEXT_CHARACTER"},
        {"fullwidth digit",
         "WU1PD1IMOR\xEF\xBC\x93"
         "F",
         "TEXT_CHARACTER"},
        {"character before length", "WU1PD1IMOR3=D", "TEXT_CHARACTER"},
        {"no body", "WU1P", "TEXT_LENGTH"},
        {"1 character", "WU1PD", "TEXT_LENGTH"},
        {"3 characters", "WU1PD1I", "TEXT_LENGTH"},
        {"6 characters", "WU1PD1IMOR", "TEXT_LENGTH"},
        {"9 characters", "WU1PD1IMOR3FD", "TEXT_LENGTH"},
        {"11 characters", "WU1PD1IMOR3FD1I", "TEXT_LENGTH"},
        {"14 characters", "WU1PD1IMOR3FD1IMOR", "TEXT_LENGTH"},
        {"unused bit of 1 byte", "WU1PD1", "TEXT_PADDING"},
        {"two unused bits of 1 byte", "WU1PD3", "TEXT_PADDING"},
        {"unused bits of 2 bytes", "WU1PD1I1", "TEXT_PADDING"},
        {"unused bits of 3 bytes", "WU1PD1IM1", "TEXT_PADDING"},
        {"unused bits of 4 bytes", "WU1PD1IMOR1", "TEXT_PADDING"},
        {"unused bits of 4 bytes, all", "WU1PD1IMOR7", "TEXT_PADDING"},
    };

    for (size_t i = 0; i < sizeof accepted / sizeof accepted[0]; i++)
        vector(accepted[i][0], accepted[i][1], 'P', "OK", hello, 5);
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        vector(refused[i][0], refused[i][1], 'P', refused[i][2], NULL, 0);
}

void
make_text(void)
{
    out_open("text", "text");
    good();
    around();
    out_close();
}
