#include "verify_kept.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store_file.h"
#include "verify_parts.h"

#define NAME "verified"
#define NEW_NAME "verified.new"
#define MAGIC "schwebe verified 1\n"
#define MAGIC_LEN (sizeof MAGIC - 1)
#define NUMBERS 4
#define PEAKS_LEN ((size_t)MERKLE_LEVELS * DIGEST_SIZE)
#define HEAD_LEN                                                                                   \
    (MAGIC_LEN + NUMBERS * 8 + PEAKS_LEN + DIGEST_SIZE + NOTE_NAME_MAX + 1 + DIGEST_SIZE)
#define CHUNK ((size_t)64 * 1024)

static enum status
broken(struct verifying *verifying)
{
    return verify_finding(verifying->report, STATUS_STORE_BROKEN, NAME,
                          "what an earlier verification has kept is damaged; without this file "
                          "all is checked from the beginning",
                          "was eine frühere Prüfung behalten hat, ist beschädigt; ohne diese Datei "
                          "wird von vorn geprüft");
}

static enum status
unwritten(struct verifying *verifying, enum status status)
{
    return verify_finding(verifying->report, status, NAME, "all is in order, but it cannot be kept",
                          "alles in Ordnung, lässt sich aber nicht behalten");
}

/* --- the head of the file -----------------------------------------------------------------------
 */

/* Copies `len` bytes to the place that is next in the head, or from it. */
static void
put(uint8_t **at, const void *bytes, size_t len)
{
    memcpy(*at, bytes, len);
    *at += len;
}

static void
take(void *bytes, const uint8_t **at, size_t len)
{
    memcpy(bytes, *at, len);
    *at += len;
}

static void
write_head(uint8_t head[static HEAD_LEN], const struct verify_kept *kept)
{
    const uint64_t numbers[NUMBERS] = {kept->tree.size, kept->lines, kept->transfers,
                                       kept->data_len};
    struct digest sum;
    uint8_t *at = head;

    put(&at, MAGIC, MAGIC_LEN);
    for (size_t i = 0; i < NUMBERS; i++) {
        for (unsigned shift = 64; shift > 0; shift -= 8)
            *at++ = (uint8_t)(numbers[i] >> (shift - 8));
    }
    for (size_t i = 0; i < MERKLE_LEVELS; i++)
        put(&at, kept->tree.peaks[i].bytes, DIGEST_SIZE);
    put(&at, kept->data.bytes, DIGEST_SIZE);
    put(&at, kept->origin, sizeof kept->origin);
    crypt_hash(&sum, &(struct span){head, (size_t)(at - head)}, 1);
    put(&at, sum.bytes, DIGEST_SIZE);
    assert((size_t)(at - head) == HEAD_LEN);
}

/* False when it is none. */
static bool
read_head(struct verify_kept *kept, const uint8_t head[static HEAD_LEN])
{
    uint64_t numbers[NUMBERS] = {0};
    struct digest sum;
    const uint8_t *at = head + MAGIC_LEN;

    crypt_hash(&sum, &(struct span){head, HEAD_LEN - DIGEST_SIZE}, 1);
    if (memcmp(head, MAGIC, MAGIC_LEN) != 0 ||
        memcmp(head + HEAD_LEN - DIGEST_SIZE, sum.bytes, DIGEST_SIZE) != 0)
        return false;
    for (size_t i = 0; i < NUMBERS; i++) {
        for (size_t j = 0; j < 8; j++)
            numbers[i] = numbers[i] << 8 | *at++;
    }
    kept->tree.size = numbers[0];
    kept->lines = numbers[1];
    kept->transfers = numbers[2];
    kept->data_len = numbers[3];
    for (size_t i = 0; i < MERKLE_LEVELS; i++)
        take(kept->tree.peaks[i].bytes, &at, DIGEST_SIZE);
    take(kept->data.bytes, &at, DIGEST_SIZE);
    take(kept->origin, &at, sizeof kept->origin);
    return kept->tree.size > 0 && kept->tree.size <= MERKLE_SIZE_MAX &&
           kept->origin[sizeof kept->origin - 1] == '\0';
}

static enum status
open_kept(FILE **out, const char *folder)
{
    char path[FILE_PATH_MAX];
    enum status status = file_path(path, folder, NAME);

    *out = NULL;
    if (status != STATUS_OK)
        return status;
    *out = fopen(path, "rb");
    if (*out == NULL)
        return errno == ENOENT ? STATUS_NOT_FOUND : STATUS_IO;
    return STATUS_OK;
}

enum status
verify_kept_open(struct verifying *verifying, const char *folder)
{
    struct verify_kept *const kept = &verifying->kept;
    uint8_t head[HEAD_LEN];
    FILE *file;
    enum status status = file_folder(folder);

    if (status == STATUS_OK || status == STATUS_EXISTS)
        status = store_file_lock(&kept->lock_fd, folder, true);
    if (status != STATUS_OK)
        return verify_finding(
            verifying->report, status, folder,
            "this folder cannot be used, or another verification has it",
            "dieser Ordner ist nicht benutzbar, oder eine andere Prüfung hat ihn");
    kept->folder = folder;
    status = open_kept(&file, folder);
    if (status == STATUS_NOT_FOUND)
        return STATUS_OK;
    if (status != STATUS_OK)
        return verify_unreadable(verifying->report, status, NAME);
    kept->held = fread(head, sizeof head, 1, file) == 1 && read_head(kept, head);
    (void)fclose(file);
    return kept->held ? STATUS_OK : broken(verifying);
}

void
verify_kept_close(struct verifying *verifying)
{
    if (verifying->kept.folder != NULL)
        (void)close(verifying->kept.lock_fd);
    verifying->kept.folder = NULL;
}

/* --- is it the same log -------------------------------------------------------------------------
 */

enum status
verify_kept_origin(struct verifying *verifying, const char *origin)
{
    if (strcmp(origin, verifying->kept.origin) == 0)
        return STATUS_OK;
    return verify_finding(verifying->report, STATUS_LOG_ROLLBACK, NAME,
                          "another log was verified with this folder",
                          "mit diesem Ordner wurde ein anderes Buch geprüft");
}

enum status
verify_kept_smaller(struct verifying *verifying)
{
    return verify_finding(verifying->report, STATUS_LOG_ROLLBACK, NULL,
                          "the log is smaller than it was when it was verified before: raise the "
                          "alarm",
                          "das Buch ist kleiner als bei der vorigen Prüfung: bitte Alarm schlagen");
}

enum status
verify_kept_extends(struct verifying *verifying, uint64_t size, const struct digest *root)
{
    struct digest expected;

    if (size < verifying->kept.tree.size)
        return verify_kept_smaller(verifying);
    merkle_root(&expected, &verifying->kept.tree);
    if (memcmp(&expected, root, sizeof expected) == 0)
        return STATUS_OK;
    return verify_finding(verifying->report, STATUS_LOG_ROLLBACK, NULL,
                          "the log does not continue the one that was verified before: raise the "
                          "alarm",
                          "das Buch setzt das vorher geprüfte nicht fort: bitte Alarm schlagen");
}

/* --- the store ----------------------------------------------------------------------------------
 */

/* Copies all that is left of `in`; `sum` is a chain of hashes over it. False when reading or
 * writing fails. */
static bool
copy(struct digest *sum, uint64_t *len, FILE *out, FILE *in)
{
    static uint8_t chunk[CHUNK];
    size_t got;

    memset(sum, 0, sizeof *sum);
    *len = 0;
    while ((got = fread(chunk, 1, sizeof chunk, in)) > 0) {
        crypt_hash(sum, (const struct span[]){{sum->bytes, DIGEST_SIZE}, {chunk, got}}, 2);
        *len += got;
        if (fwrite(chunk, 1, got, out) != got)
            return false;
    }
    return ferror(in) == 0 && fflush(out) == 0;
}

enum status
verify_kept_store(struct verifying *verifying, const char *directory)
{
    const struct verify_kept *const kept = &verifying->kept;
    char path[FILE_PATH_MAX];
    struct digest sum;
    uint64_t len = 0;
    FILE *in = NULL;
    FILE *out = NULL;
    bool copied = false;
    enum status status = file_folder(directory);

    if (status == STATUS_OK)
        status = file_path(path, directory, "data.mdb");
    if (status == STATUS_OK)
        status = open_kept(&in, kept->folder);
    if (status == STATUS_OK)
        out = fopen(path, "wb");
    if (out != NULL)
        copied = fseek(in, (long)HEAD_LEN, SEEK_SET) == 0 && copy(&sum, &len, out, in);
    if (out != NULL && fclose(out) != 0)
        copied = false;
    if (in != NULL)
        (void)fclose(in);
    if (!copied)
        return status == STATUS_OK ? STATUS_IO : status;
    if (len != kept->data_len || memcmp(&sum, &kept->data, sizeof sum) != 0)
        return broken(verifying);
    return STATUS_OK;
}

/* Writes the new file, all but its name. */
static enum status
write_new(struct verify_kept *kept, const char *path, FILE *in)
{
    uint8_t head[HEAD_LEN] = {0};
    FILE *const out = fopen(path, "wb");
    bool good;

    if (out == NULL)
        return STATUS_IO;
    good = fchmod(fileno(out), S_IRUSR | S_IWUSR) == 0 && fwrite(head, sizeof head, 1, out) == 1 &&
           copy(&kept->data, &kept->data_len, out, in);
    write_head(head, kept);
    good = good && fseek(out, 0, SEEK_SET) == 0 && fwrite(head, sizeof head, 1, out) == 1 &&
           fflush(out) == 0 && fsync(fileno(out)) == 0;
    if (fclose(out) != 0 || !good)
        return errno == ENOSPC ? STATUS_STORE_FULL : STATUS_IO;
    return STATUS_OK;
}

enum status
verify_kept_save(struct verifying *verifying)
{
    struct verify_kept *const kept = &verifying->kept;
    const struct verify_report *const report = verifying->report;
    char data[FILE_PATH_MAX];
    char fresh[FILE_PATH_MAX];
    char path[FILE_PATH_MAX];
    FILE *in;
    enum status status;

    if (kept->folder == NULL || (kept->held && kept->tree.size == report->size))
        return STATUS_OK;
    kept->tree = verifying->tree;
    kept->lines = report->lines;
    kept->transfers = report->transfers;
    memcpy(kept->origin, report->origin, sizeof kept->origin);
    status = file_path(data, verifying->folder, "store/data.mdb");
    if (status == STATUS_OK)
        status = file_path(fresh, kept->folder, NEW_NAME);
    if (status == STATUS_OK)
        status = file_path(path, kept->folder, NAME);
    if (status != STATUS_OK)
        return unwritten(verifying, status);
    in = fopen(data, "rb");
    status = in == NULL ? STATUS_IO : write_new(kept, fresh, in);
    if (in != NULL)
        (void)fclose(in);
    if (status == STATUS_OK && rename(fresh, path) != 0)
        status = STATUS_IO;
    if (status == STATUS_OK)
        status = store_file_sync(kept->folder);
    if (status != STATUS_OK)
        (void)unlink(fresh);
    return status == STATUS_OK ? STATUS_OK : unwritten(verifying, status);
}
