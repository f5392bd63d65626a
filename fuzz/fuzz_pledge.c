/* ledger/pledge: a second place with hostile bytes in both halves says nothing but what the log's
 * key has signed, and the newest of it. */
#include "fuzz.h"

#include "ledger/pledge.h"
#include "scratch.h"

#define ORIGIN "schwebe.test/log"
#define NOTES 3
#define HALF NOTE_SIZE_MAX

static char folder[SCRATCH_PATH_MAX];
static char path[SCRATCH_PATH_MAX];
static struct note_key key;
/* Two sizes, and another root of the larger one: a contradiction. */
static struct note good[NOTES];
static const uint64_t sizes[NOTES] = {3, 5, 5};

static void
stop(void)
{
    scratch_remove(folder);
}

static void
start(void)
{
    const struct span origin = {(const uint8_t *)ORIGIN, sizeof ORIGIN - 1};
    struct forge_key pair;

    forge_key(&pair, "pledge");
    EXPECT(note_key_make(&key, NOTE_ED25519, origin, &pair.key) == STATUS_OK);
    for (size_t i = 0; i < NOTES; i++) {
        const struct digest root = {{(uint8_t)i}};

        EXPECT(checkpoint_sign(&good[i], sizes[i], &root, &key, &pair.secret) == STATUS_OK);
    }
    scratch_make(folder);
    scratch_path(path, folder, "second");
    EXPECT(atexit(stop) == 0);
}

/* Which good note a half holds, or NOTES. Zeros behind it do not count. */
static size_t
held(const uint8_t half[static HALF])
{
    size_t i = 0;

    while (i < NOTES && (memcmp(half, good[i].bytes, good[i].len) != 0 ||
                         !fuzz_all(half + good[i].len, HALF - good[i].len, 0)))
        i++;
    return i;
}

/* The input begins with what stands at the place of each half: a good note or, from 3 on, bytes. */
static void
lay_out(uint8_t file[static 2 * HALF], struct span in)
{
    const uint8_t which = fuzz_byte(&in);
    const uint64_t first = fuzz_number(&in, 2) % (HALF + 1);
    struct span rest[2];

    rest[0] = fuzz_take(&in, first);
    rest[1] = in;
    memset(file, 0, 2 * HALF);
    for (size_t i = 0; i < 2; i++) {
        const size_t note = which / (i == 0 ? 1 : 4) % 4;

        if (note < NOTES)
            memcpy(file + i * HALF, good[note].bytes, good[note].len);
        else if (rest[i].len > 0)
            memcpy(file + i * HALF, rest[i].data, rest[i].len);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t file[2 * HALF];
    struct checkpoint checkpoint;
    struct note note;
    size_t a;
    size_t b;
    enum status status;

    if (size > FUZZ_SIZE_MAX)
        return 0;
    if (folder[0] == '\0')
        start();
    lay_out(file, (struct span){data, size});
    /* A file that is cut off and written anew is flushed by some file systems, a new one is not. */
    (void)remove(path);
    EXPECT(scratch_write(path, file, size % 7 == 0 ? HALF + size : sizeof file));
    if (size % 7 == 0)
        memset(file + HALF + size, 0, HALF - size);
    a = held(file);
    b = held(file + HALF);
    status = pledge_read(&checkpoint, &note, path, &key);
    if (a == NOTES && b == NOTES) {
        EXPECT(status == STATUS_CHECKPOINT_FORM);
    } else if (a != b && a < NOTES && b < NOTES && sizes[a] == sizes[b]) {
        EXPECT(status == STATUS_LOG_ROLLBACK);
    } else {
        const size_t newest = a == NOTES || (b < NOTES && sizes[b] > sizes[a]) ? b : a;

        EXPECT(status == STATUS_OK);
        EXPECT(checkpoint.size == sizes[newest]);
        EXPECT(checkpoint.root.bytes[0] == (uint8_t)newest);
        EXPECT(memcmp(note.bytes, good[newest].bytes, good[newest].len) == 0);
    }
    return 0;
}

static size_t
make(uint8_t *out, uint64_t *random)
{
    const size_t i = (size_t)forge_below(random, NOTES);

    if (folder[0] == '\0')
        start();
    out[0] = (uint8_t)forge_random(random);
    out[1] = (uint8_t)(good[i].len >> 8);
    out[2] = (uint8_t)good[i].len;
    memcpy(out + 3, good[i].bytes, good[i].len);
    return 3 + good[i].len;
}

FUZZ_MAKER(make)
