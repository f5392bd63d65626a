/* The node's configuration: what stands in it, and what every mistake is told. */
#include "check.h"

#include <stdlib.h>

#include "ledger/config.h"
#include "scratch.h"

static struct config config;

static enum status
parse(const char *text)
{
    return config_parse(&config, (struct span){(const uint8_t *)text, strlen(text)});
}

/* Whether there is one error, in that line and with that in its English words. */
static bool
complains(unsigned line, const char *words)
{
    return config.error_count == 1 && config.errors[0].line == line &&
           strstr(config.errors[0].english, words) != NULL && strlen(config.errors[0].german) > 0;
}

TEST(everything_can_be_set)
{
    CHECK_STATUS(parse("# a comment = with a sign\n"
                       "\n"
                       "directory = /srv/a folder = here\n"
                       "\tlisten=[::1]:80 \r\n"
                       "certificate = a.pem\n"
                       "certificate-key = a.key\n"
                       "open-entries = yes\n"
                       "workers = 64\n"
                       "passphrase-file = p\n"
                       "policy = w\n"
                       "authorities = c\n"
                       "map-gib = 4096"),
                 STATUS_OK);
    CHECK(strcmp(config.values[CONFIG_DIRECTORY], "/srv/a folder = here") == 0);
    CHECK(strcmp(config.values[CONFIG_LISTEN], "[::1]:80") == 0);
    CHECK(strcmp(config.values[CONFIG_CERTIFICATE], "a.pem") == 0);
    CHECK(strcmp(config.values[CONFIG_CERTIFICATE_KEY], "a.key") == 0);
    CHECK(strcmp(config.values[CONFIG_PASSPHRASE_FILE], "p") == 0);
    CHECK(config.open_entries && config.workers == 64);
    CHECK(config.map_bytes == UINT64_C(4096) << 30);
    CHECK(config.lines[CONFIG_DIRECTORY] == 3 && config.lines[CONFIG_MAP_GIB] == 12);
    CHECK(strcmp(config.values[CONFIG_POLICY], "w") == 0);
    CHECK(strcmp(config.values[CONFIG_AUTHORITIES], "c") == 0);
}

TEST(nothing_has_to_be_set)
{
    CHECK_STATUS(parse(""), STATUS_OK);
    CHECK_STATUS(parse("\n # only a comment\n\r\n"), STATUS_OK);
    CHECK(!config.open_entries && config.workers == 0 && config.map_bytes == 0);
    for (size_t i = 0; i < CONFIG_KEYS; i++)
        CHECK(config.values[i][0] == '\0' && config.lines[i] == 0);
}

static const struct {
    const char *text;
    unsigned line;
    const char *words;
} mistakes[] = {
    {"\ndirectory\n", 2, "neither a comment"},
    {"= x\n", 1, "no such setting"},
    {"directories = x\n", 1, "no such setting"},
    {"Directory = x\n", 1, "no such setting"},
    {"directory = a\n\ndirectory = b\n", 3, "already"},
    {"directory =\n", 1, "missing"},
    {"directory = a\tb\x01\n", 1, "invisible"},
    {"directory = a\x7F\n", 1, "invisible"},
    {"listen = 8017\n", 1, "address"},
    {"listen = :8017\n", 1, "address"},
    {"listen = []:8017\n", 1, "address"},
    {"listen = a:65536\n", 1, "address"},
    {"listen = a:\n", 1, "address"},
    {"open-entries = true\n", 1, "neither yes nor no"},
    {"workers = 0\n", 1, "from 1 to 64"},
    {"workers = 65\n", 1, "from 1 to 64"},
    {"workers = -1\n", 1, "from 1 to 64"},
    {"map-gib = 4097\n", 1, "from 1 to 4096"},
    {"\n\ncertificate = a\n", 3, "certificate-key"},
    {"certificate-key = a\n", 1, "certificate is"},
};

TEST(each_mistake_is_named_with_its_line)
{
    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
        CHECK_STATUS(parse(mistakes[i].text), STATUS_CONFIG);
        if (!complains(mistakes[i].line, mistakes[i].words))
            fprintf(stderr, "    %s", mistakes[i].text);
        CHECK(complains(mistakes[i].line, mistakes[i].words));
    }
}

TEST(all_mistakes_are_named_up_to_a_limit)
{
    char text[4 * CONFIG_ERRORS_MAX + 1] = "";

    CHECK_STATUS(parse("x\nworkers = 9\ny = 1\nlisten = z\n"), STATUS_CONFIG);
    CHECK(config.error_count == 3 && config.errors[0].line == 1 && config.errors[1].line == 3 &&
          config.errors[2].line == 4);
    CHECK(config.workers == 9);
    for (size_t i = 0; i < 2 * CONFIG_ERRORS_MAX; i++)
        memcpy(text + 2 * i, "x\n", 3);
    CHECK_STATUS(parse(text), STATUS_CONFIG);
    CHECK(config.error_count == CONFIG_ERRORS_MAX);
}

TEST(a_value_has_a_limit)
{
    char text[FILE_PATH_MAX + 32];
    int len = snprintf(text, sizeof text, "directory = %0*d\n", FILE_PATH_MAX - 1, 0);

    CHECK(len > 0);
    CHECK_STATUS(parse(text), STATUS_OK);
    len = snprintf(text, sizeof text, "directory = %0*d\n", FILE_PATH_MAX, 0);
    CHECK(len > 0);
    CHECK_STATUS(parse(text), STATUS_CONFIG);
    CHECK(complains(1, "too long"));
}

TEST(a_file_is_read_with_a_bound)
{
    static uint8_t bytes[CONFIG_SIZE_MAX + 1];
    char folder[SCRATCH_PATH_MAX];
    char path[SCRATCH_PATH_MAX];

    scratch_make(folder);
    scratch_path(path, folder, "conf");
    CHECK_STATUS(config_read(&config, path), STATUS_NOT_FOUND);
    memset(bytes, '\n', sizeof bytes);
    CHECK(scratch_write(path, bytes, sizeof bytes));
    CHECK_STATUS(config_read(&config, path), STATUS_TOO_LARGE);
    CHECK(scratch_write(path, bytes, sizeof bytes - 1));
    CHECK_STATUS(config_read(&config, path), STATUS_OK);
    CHECK_STATUS(config_read(&config, folder), STATUS_IO);
    scratch_remove(folder);
    /* What is installed. */
    CHECK_STATUS(config_read(&config, "ledger/schwebe.conf"), STATUS_OK);
    CHECK(config.lines[CONFIG_DIRECTORY] > 0 && config.lines[CONFIG_LISTEN] > 0);
}

int
main(int argc, char **argv)
{
    return check_run(argc, argv);
}
