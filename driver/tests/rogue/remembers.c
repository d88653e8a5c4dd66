/*
 * remembers.c - leaves a note in what is freed, and fails where it finds one
 * of a pass before that it must not know of: of another player, or of this one
 * but for the two passes that it rehearses.
 *
 * referee: valid
 * trace:
 *   a 0 64
 *   a 1 64
 *   a 2 64
 *   a 3 64
 *   f 0
 *   f 1
 *   f 2
 *   f 3
 */
#define OWN_INIT
#define OWN_MALLOC
#define OWN_FREE
#define OWN_USABLE_SIZE
#include "../broken/base.h"

#include <stdbool.h>
#include <unistd.h>

enum { REHEARSED = 2, MAGIC = 0x5e7e };

struct note {
    char stamps[32]; /* the driver's */
    int magic;
    int pass;
    pid_t player;
};

static int passes; /* of this player */
static bool is_checked;

int mm_init(void)
{
    passes++;
    return 0;
}

/* Of a player in which no pass is timed alone. */
size_t mm_usable_size(const void *ptr)
{
    is_checked = true;
    return base_usable_size(ptr);
}

static bool is_forbidden(const struct note *note)
{
    return note->magic == MAGIC && !is_checked &&
           (note->player != getpid() ||
            (note->pass > REHEARSED && note->pass < passes));
}

void *mm_malloc(size_t size)
{
    void *found = base_malloc(size);

    return found && is_forbidden(found) ? NULL : found;
}

void mm_free(void *ptr)
{
    struct note *note = ptr;

    note->magic = MAGIC;
    note->pass = passes;
    note->player = getpid();
    base_free(ptr);
}
