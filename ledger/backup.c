#include "backup.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "city.h"
#include "ledger/store.h"
#include "protocol/command.h"
#include "protocol/crypt.h"
#include "protocol/file.h"

#define NOTE_FILE "backup"
#define NOTE_MAX 64
#define PART ".part"
/* Both halves of a second place, and more; a key file is smaller. */
#define FILE_MAX (64 * 1024)

static const char *const keys[] = {"allowance", "settlement", "news", "checkpoint"};

/* --- the note --- */

static enum status
write_note(const char *dir, const char *name, const struct backup_note *note)
{
    char path[FILE_PATH_MAX];
    char text[NOTE_MAX];
    const int len =
        snprintf(text, sizeof text, "%llu %llu\n", (unsigned long long)note->time_unix_s,
                 (unsigned long long)note->entries);
    enum status status = file_path(path, dir, name);

    assert(len > 0 && (size_t)len < sizeof text);
    if (status == STATUS_OK)
        status = file_write(path, (struct span){(const uint8_t *)text, (size_t)len}, FILE_REPLACE);
    return status;
}

enum status
backup_read(struct backup_note *out, const char *dir)
{
    struct backup_note note;
    char path[FILE_PATH_MAX];
    uint8_t text[NOTE_MAX + 1];
    char *second;
    size_t len = 0;
    enum status status = file_path(path, dir, NOTE_FILE);

    if (status == STATUS_OK)
        status = file_read(text, NOTE_MAX, &len, path);
    if (status != STATUS_OK)
        return status;
    if (len == 0 || text[len - 1] != '\n' || memchr(text, '\0', len) != NULL)
        return STATUS_USAGE;
    text[len - 1] = '\0';
    second = strchr((char *)text, ' ');
    if (second == NULL)
        return STATUS_USAGE;
    *second++ = '\0';
    status = command_number(&note.time_unix_s, (const char *)text, UINT32_MAX);
    if (status == STATUS_OK)
        status = command_number(&note.entries, second, UINT64_MAX >> 1);
    if (status == STATUS_OK)
        *out = note;
    return status;
}

/* --- copying --- */

static enum status
copy_file(const char *to, const char *from, const char *name)
{
    static uint8_t bytes[FILE_MAX];
    char path[FILE_PATH_MAX];
    size_t len = 0;
    enum status status = file_path(path, from, name);

    if (status == STATUS_OK)
        status = file_read(bytes, sizeof bytes, &len, path);
    if (status == STATUS_OK)
        status = file_path(path, to, name);
    if (status == STATUS_OK)
        status = file_write(path, (struct span){bytes, len}, FILE_NEW);
    crypt_wipe(bytes, len);
    return status;
}

static enum status
copy_keys(const char *to, const char *from)
{
    char path[FILE_PATH_MAX];
    enum status status = file_path(path, to, "keys");

    if (status == STATUS_OK)
        status = file_folder(path);
    for (size_t i = 0; i < sizeof keys / sizeof keys[0] && status == STATUS_OK; i++) {
        char name[64];

        (void)snprintf(name, sizeof name, "keys/%s.key", keys[i]);
        status = copy_file(to, from, name);
    }
    return status;
}

static enum status
copy_store(const char *to, const char *from)
{
    struct store store;
    char path[FILE_PATH_MAX];
    enum status status = file_path(path, from, "store");

    if (status == STATUS_OK)
        status = store_open_reading(&store, path);
    if (status != STATUS_OK)
        return status;
    status = file_path(path, to, "store");
    if (status == STATUS_OK)
        status = store_copy(path, &store);
    store_close(&store);
    return status;
}

/* The checkpoint before the store: what was signed by then must be in the copy, or the store has
 * lost it. */
static enum status
copy_all(struct verify_report *report, const char *to, const char *from, bool with_keys,
         struct backup_note *note)
{
    enum status status = copy_file(to, from, "checkpoint");

    if (status == STATUS_OK)
        status = copy_store(to, from);
    if (status == STATUS_OK && with_keys)
        status = copy_keys(to, from);
    if (status == STATUS_OK)
        status = verify_directory(report, to, NULL, NULL);
    if (status != STATUS_OK)
        return status;
    note->entries = report->size;
    return write_note(to, CITY_COPY, note);
}

/* --- its name --- */

static void
remove_part(const char *part)
{
    static const char *const files[] = {"checkpoint",         CITY_COPY,
                                        "store/data.mdb",     "store/lock.mdb",
                                        "keys/allowance.key", "keys/settlement.key",
                                        "keys/news.key",      "keys/checkpoint.key"};
    static const char *const folders[] = {"store", "keys"};
    char path[FILE_PATH_MAX];

    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        if (file_path(path, part, files[i]) == STATUS_OK)
            (void)unlink(path);
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
        if (file_path(path, part, folders[i]) == STATUS_OK)
            (void)rmdir(path);
    (void)rmdir(part);
}

static enum status
sync_folder(const char *path)
{
    const int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    enum status status = STATUS_IO;

    if (fd < 0)
        return status;
    if (fsync(fd) == 0)
        status = STATUS_OK;
    (void)close(fd);
    return status;
}

/* What has the name is whole. */
static enum status
place(const char *part, const char *out)
{
    char parent[FILE_PATH_MAX];
    enum status status = file_path(parent, part, "..");

    if (status == STATUS_OK)
        status = sync_folder(part);
    if (status == STATUS_OK && rename(part, out) != 0)
        return errno == ENOTEMPTY || errno == EEXIST ? STATUS_EXISTS : STATUS_IO;
    if (status == STATUS_OK)
        status = file_path(parent, out, "..");
    return status == STATUS_OK ? sync_folder(parent) : status;
}

enum status
backup_make(struct verify_report *report, const char *out, const char *dir, bool with_keys,
            uint64_t now_unix_s)
{
    struct backup_note note = {.time_unix_s = now_unix_s};
    char part[FILE_PATH_MAX];
    size_t named = strlen(out);
    enum status status;

    while (named > 1 && out[named - 1] == '/')
        named--;
    memset(report, 0, sizeof *report);
    report->bad_index = VERIFY_NO_ENTRY;
    if (named + sizeof PART > sizeof part)
        return STATUS_BUFFER;
    memcpy(part, out, named);
    memcpy(part + named, PART, sizeof PART);
    if (access(out, F_OK) == 0)
        return STATUS_EXISTS;
    status = file_folder(part);
    if (status != STATUS_OK)
        return status;
    status = copy_all(report, part, dir, with_keys, &note);
    if (status == STATUS_OK)
        status = place(part, out);
    if (status != STATUS_OK) {
        remove_part(part);
        return status;
    }
    return write_note(dir, NOTE_FILE, &note);
}
