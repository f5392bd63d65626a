/* Whole files and key files: what is there already, what is too large, what is no file, what is
 * damaged anywhere. */
#include "check.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "protocol/crypt.h"
#include "protocol/file.h"
#include "protocol/keyfile.h"
#include "scratch.h"

#define BYTES_MAX 64

static char folder[SCRATCH_PATH_MAX];
static char path[SCRATCH_PATH_MAX];

static void
begin(void)
{
    scratch_make(folder);
    scratch_path(path, folder, "file");
}

static void
end(void)
{
    scratch_remove(folder);
}

static struct span
text_span(const char *text)
{
    return (struct span){(const uint8_t *)text, strlen(text)};
}

/* Whether the file holds exactly this, for its owner alone. */
static bool
holds(const char *text)
{
    uint8_t bytes[BYTES_MAX];
    struct stat about;
    size_t len;

    return file_read(bytes, sizeof bytes, &len, path) == STATUS_OK && len == strlen(text) &&
           memcmp(bytes, text, len) == 0 && stat(path, &about) == 0 &&
           (about.st_mode & 0777) == 0600;
}

/* Removes the file if it is there and then the folder, which works only when no other name is in
 * it: no temporary file may stay. */
static bool
end_empty(void)
{
    (void)unlink(path);
    return rmdir(folder) == 0;
}

TEST(a_path_is_whole_or_none)
{
    char out[FILE_PATH_MAX];
    char name[FILE_PATH_MAX];

    CHECK_STATUS(file_path(out, "a", "b"), STATUS_OK);
    CHECK(strcmp(out, "a/b") == 0);
    memset(name, 'x', sizeof name);
    name[FILE_PATH_MAX - 3] = '\0';
    CHECK_STATUS(file_path(out, "a", name), STATUS_OK);
    CHECK(strlen(out) == FILE_PATH_MAX - 1);
    CHECK_STATUS(file_path(out, "aa", name), STATUS_BUFFER);
    CHECK(out[0] == '\0');
}

TEST(a_file_is_read_up_to_its_bound)
{
    uint8_t bytes[BYTES_MAX];
    size_t len = 9;

    begin();
    CHECK_STATUS(file_read(bytes, sizeof bytes, &len, path), STATUS_NOT_FOUND);
    CHECK(len == 0);
    CHECK(scratch_write(path, "12345", 5));
    CHECK_STATUS(file_read(bytes, 5, &len, path), STATUS_OK);
    CHECK(len == 5 && memcmp(bytes, "12345", 5) == 0);
    CHECK_STATUS(file_read(bytes, 6, &len, path), STATUS_OK);
    CHECK(len == 5);
    CHECK_STATUS(file_read(bytes, 4, &len, path), STATUS_TOO_LARGE);
    CHECK(len == 0);
    CHECK_STATUS(file_read(bytes, 0, &len, path), STATUS_TOO_LARGE);
    CHECK(scratch_write(path, "", 0));
    CHECK_STATUS(file_read(bytes, 0, &len, path), STATUS_OK);
    CHECK(len == 0);
    end();
}

/* Neither hangs nor reads from what is no regular file. */
TEST(pipes_folders_and_devices_are_no_files)
{
    uint8_t bytes[BYTES_MAX];
    size_t len = 9;

    begin();
    CHECK(mkfifo(path, 0600) == 0);
    CHECK_STATUS(file_read(bytes, sizeof bytes, &len, path), STATUS_IO);
    CHECK_STATUS(file_read(bytes, sizeof bytes, &len, folder), STATUS_IO);
    CHECK_STATUS(file_read(bytes, sizeof bytes, &len, "/dev/zero"), STATUS_IO);
    CHECK(len == 0);
    CHECK_STATUS(file_write(path, text_span("x"), FILE_NEW), STATUS_EXISTS);
    end();
}

TEST(a_new_file_is_new)
{
    begin();
    CHECK_STATUS(file_write(path, text_span("one"), FILE_NEW), STATUS_OK);
    CHECK(holds("one"));
    CHECK_STATUS(file_write(path, text_span("two"), FILE_NEW), STATUS_EXISTS);
    CHECK(holds("one"));
    CHECK_STATUS(file_write(path, text_span("three"), FILE_REPLACE), STATUS_OK);
    CHECK(holds("three"));
    CHECK_STATUS(file_write(path, text_span(""), FILE_REPLACE), STATUS_OK);
    CHECK(holds(""));
    CHECK(end_empty());
    begin();
    CHECK_STATUS(file_write(path, text_span("one"), FILE_REPLACE), STATUS_OK);
    CHECK(holds("one"));
    end();
}

/* Where nothing can be written, nothing is left behind. */
TEST(places_that_cannot_be_written)
{
    char deeper[SCRATCH_PATH_MAX];
    char name[FILE_PATH_MAX + 1];

    begin();
    CHECK(scratch_write(path, "1", 1));
    scratch_path(deeper, path, "below");
    CHECK_STATUS(file_write(deeper, text_span("x"), FILE_REPLACE), STATUS_IO);
    scratch_path(deeper, folder, "none/below");
    CHECK_STATUS(file_write(deeper, text_span("x"), FILE_NEW), STATUS_IO);
    memset(name, 'x', sizeof name);
    name[FILE_PATH_MAX] = '\0';
    CHECK_STATUS(file_write(name, text_span("x"), FILE_NEW), STATUS_BUFFER);
    CHECK(unlink(path) == 0 && mkdir(path, 0700) == 0);
    CHECK_STATUS(file_write(path, text_span("x"), FILE_REPLACE), STATUS_IO);
    CHECK_STATUS(file_write(path, text_span("x"), FILE_NEW), STATUS_EXISTS);
    CHECK(rmdir(path) == 0 && end_empty());
    /* Whoever may do everything may write there, too. */
    begin();
    CHECK(chmod(folder, 0500) == 0);
    if (geteuid() != 0)
        CHECK_STATUS(file_write(path, text_span("x"), FILE_NEW), STATUS_IO);
    CHECK(access(path, F_OK) != 0);
    end();
}

/* Staged, a file has its room and no name yet. */
TEST(a_file_is_staged_and_placed)
{
    struct file_staged staged;

    begin();
    CHECK_STATUS(file_write(path, text_span("old"), FILE_NEW), STATUS_OK);
    CHECK_STATUS(file_stage(&staged, path, text_span("fresh")), STATUS_OK);
    CHECK(holds("old") && access(staged.temporary, F_OK) == 0);
    file_drop(&staged);
    CHECK(holds("old") && access(staged.temporary, F_OK) != 0);
    CHECK_STATUS(file_stage(&staged, path, text_span("fresh")), STATUS_OK);
    CHECK_STATUS(file_place(&staged, path, FILE_NEW), STATUS_EXISTS);
    CHECK(holds("old") && access(staged.temporary, F_OK) != 0);
    CHECK_STATUS(file_stage(&staged, path, text_span("fresh")), STATUS_OK);
    CHECK_STATUS(file_place(&staged, path, FILE_REPLACE), STATUS_OK);
    CHECK(holds("fresh"));
    CHECK(end_empty());
}

TEST(a_folder_is_its_owners)
{
    char deeper[SCRATCH_PATH_MAX];
    struct stat about;

    begin();
    CHECK_STATUS(file_folder(path), STATUS_OK);
    CHECK(stat(path, &about) == 0 && S_ISDIR(about.st_mode) && (about.st_mode & 0777) == 0700);
    CHECK_STATUS(file_folder(path), STATUS_EXISTS);
    scratch_path(deeper, folder, "none/below");
    CHECK_STATUS(file_folder(deeper), STATUS_IO);
    end();
}

/* A name without a folder is one in the current folder. */
TEST(a_name_alone)
{
    char here[FILE_PATH_MAX];

    begin();
    REQUIRE(getcwd(here, sizeof here) != NULL && chdir(folder) == 0);
    CHECK_STATUS(file_write("file", text_span("x"), FILE_NEW), STATUS_OK);
    CHECK(chdir(here) == 0);
    CHECK(holds("x"));
    end();
}

/* --- key files --------------------------------------------------------------------------------
 */

static const uint8_t seed[SEED_SIZE] = {1, 2, 3};
static const uint8_t random_bytes[SEAL_SALT_SIZE + SEAL_NONCE_SIZE] = {4, 5, 6};
static const struct secret_key no_key;

static enum status
write_key(size_t passphrase_len)
{
    static const uint8_t passphrase[KEYFILE_PASSPHRASE_MAX + 1] = "Kennwort";

    return keyfile_write(path, seed, (struct span){passphrase, passphrase_len}, SEAL_INTERACTIVE,
                         random_bytes);
}

static enum status
read_key(const char *passphrase)
{
    struct secret_key secret;
    struct secret_key right;
    struct public_key key;
    enum status status = keyfile_read(&secret, path, text_span(passphrase));

    crypt_key_from_seed(&right, &key, seed);
    CHECK(memcmp(&secret, status == STATUS_OK ? &right : &no_key, sizeof secret) == 0);
    return status;
}

TEST(a_key_comes_back_for_its_passphrase)
{
    static char longer[KEYFILE_PASSPHRASE_MAX + 2];
    struct public_key named;
    struct public_key key;
    struct secret_key secret;

    begin();
    REQUIRE(crypt_init() == STATUS_OK);
    CHECK_STATUS(read_key("Kennwort"), STATUS_NOT_FOUND);
    CHECK_STATUS(write_key(0), STATUS_PASSPHRASE);
    CHECK_STATUS(write_key(KEYFILE_PASSPHRASE_MAX + 1), STATUS_PASSPHRASE);
    CHECK_STATUS(write_key(8), STATUS_OK);
    CHECK_STATUS(write_key(8), STATUS_EXISTS);
    CHECK_STATUS(read_key("Kennwort"), STATUS_OK);
    CHECK_STATUS(read_key("kennwort"), STATUS_PASSPHRASE);
    CHECK_STATUS(read_key("Kennwor"), STATUS_PASSPHRASE);
    CHECK_STATUS(read_key(""), STATUS_PASSPHRASE);
    memset(longer, 'x', sizeof longer - 1);
    CHECK_STATUS(read_key(longer), STATUS_PASSPHRASE);
    CHECK_STATUS(keyfile_public(&named, path), STATUS_OK);
    crypt_key_from_seed(&secret, &key, seed);
    CHECK(memcmp(&named, &key, sizeof key) == 0);
    CHECK(unlink(path) == 0);
    CHECK_STATUS(write_key(KEYFILE_PASSPHRASE_MAX), STATUS_OK);
    end();
}

/* No byte can be changed, none may be missing or too many. The byte of the cost is left out, as a
 * dearer one would take a quarter of a gigabyte; see the next test. */
TEST(a_damaged_key_file_gives_no_key)
{
    uint8_t bytes[KEYFILE_SIZE + 1];
    size_t len;

    begin();
    REQUIRE(crypt_init() == STATUS_OK);
    CHECK_STATUS(write_key(8), STATUS_OK);
    REQUIRE(scratch_read(bytes, &len, sizeof bytes, path) && len == KEYFILE_SIZE);
    bytes[len] = 0;
    for (size_t i = 0; i < len; i++) {
        if (i == 6)
            continue;
        bytes[i] ^= 0x80;
        CHECK(scratch_write(path, bytes, len));
        CHECK_STATUS(read_key("Kennwort"), i < 6 ? STATUS_KEYFILE : STATUS_PASSPHRASE);
        bytes[i] ^= 0x80;
    }
    for (size_t wrong = 0; wrong <= len + 1; wrong += wrong == len - 1 ? 2 : len - 1) {
        struct public_key key;

        CHECK(scratch_write(path, bytes, wrong));
        CHECK_STATUS(read_key("Kennwort"), STATUS_KEYFILE);
        CHECK_STATUS(keyfile_public(&key, path), STATUS_KEYFILE);
    }
    CHECK(scratch_write(path, bytes, len));
    CHECK_STATUS(read_key("Kennwort"), STATUS_OK);
    end();
}

/* A head that was sealed as it is, and is wrong all the same: another key's name, an unknown cost.
 */
TEST(a_key_file_names_its_own_key)
{
    static const struct span passphrase = {(const uint8_t *)"Kennwort", 8};
    uint8_t bytes[KEYFILE_SIZE];
    struct public_key named;
    const size_t head = 6 + 1 + PUBLIC_KEY_SIZE;
    size_t len;

    begin();
    REQUIRE(crypt_init() == STATUS_OK);
    CHECK_STATUS(write_key(8), STATUS_OK);
    REQUIRE(scratch_read(bytes, &len, sizeof bytes, path) && len == KEYFILE_SIZE);
    for (unsigned i = 0; i < 2; i++) {
        bytes[7] ^= 1;
        CHECK_STATUS(crypt_seal(bytes + head, (struct span){seed, SEED_SIZE}, passphrase,
                                (struct span){bytes, head}, SEAL_INTERACTIVE, random_bytes),
                     STATUS_OK);
        CHECK(scratch_write(path, bytes, len));
        CHECK_STATUS(read_key("Kennwort"), i == 0 ? STATUS_KEYFILE : STATUS_OK);
    }
    /* The other known cost: its key is named; to open it would take a quarter of a gigabyte. */
    bytes[6] = SEAL_MODERATE;
    CHECK(scratch_write(path, bytes, len));
    CHECK_STATUS(keyfile_public(&named, path), STATUS_OK);
    CHECK(memcmp(&named, bytes + 7, sizeof named) == 0);
    for (unsigned cost = 0; cost < 256; cost += cost == 0 ? 3 : 84) {
        bytes[6] = (uint8_t)cost;
        CHECK(scratch_write(path, bytes, len));
        CHECK_STATUS(read_key("Kennwort"), STATUS_KEYFILE);
    }
    end();
}

int
main(int argc, char **argv)
{
    return check_run(argc, argv);
}
