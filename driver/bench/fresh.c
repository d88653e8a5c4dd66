/*
 * fresh.c - memory that is all new: blocks are kept until the end.
 *
 * What counts is how an allocator takes pages from the system, and how much
 * more of them than the blocks need.
 */
#include "work.h"

enum { SIZE = 64 };

struct link {
    struct link *next;
    uint64_t number;
};

/* Each block of the chain to itself. */
static struct link *chain_build(long blocks)
{
    struct link *first = NULL;

    for (long i = 0; i < blocks; i++) {
        struct link *link = get(SIZE);

        *link = (struct link){first, (uint64_t)i};
        first = link;
    }
    return first;
}

static void run(const struct task *task)
{
    long left = task_share(task, 3000 * 1000);
    struct link *first = chain_build(left);

    heap_check(__LINE__);
    while (first) {
        struct link *next = first->next;

        if (first->number != (uint64_t)--left)
            fail("the block at %p has another's number", (void *)first);
        free(first);
        first = next;
    }
}

const struct program fresh_programs[] = {
    {"fresh", "3 million blocks of 64 bytes, then all freed", run, 0, false},
    {0},
};
