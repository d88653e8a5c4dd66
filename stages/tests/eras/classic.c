/*
 * A classic-era mm.c, to test that such files build and are judged: next fit
 * over an implicit list, 4-byte headers and footers, macros all the way.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "memlib.h"
#include "mm.h"

team_t team = {
    "The Boundary Tags", "Ada Example", "ada@example.edu", "", "",
};

#define WSIZE 4
#define DSIZE 8
#define GROW (1 << 12)

#define GET(p) (*(unsigned int *)(p))
#define PUT(p, val) (*(unsigned int *)(p) = (unsigned int)(val))
#define PACK(size, used) ((size) | (used))
#define SIZE(p) (GET(p) & ~7u)
#define USED(p) (GET(p) & 1u)

#define HEAD(bp) ((char *)(bp)-WSIZE)
#define FOOT(bp) ((char *)(bp) + SIZE(HEAD(bp)) - DSIZE)
#define NEXT(bp) ((char *)(bp) + SIZE(HEAD(bp)))
#define PREV(bp) ((char *)(bp)-SIZE((char *)(bp)-DSIZE))

static char *first; /* payload of the first block */
static char *rover; /* where the last search ended */

static void mark(char *bp, size_t size, unsigned int used)
{
    PUT(HEAD(bp), PACK(size, used));
    PUT(FOOT(bp), PACK(size, used));
}

static char *join(char *bp)
{
    size_t size = SIZE(HEAD(bp));
    char *joined = bp;

    if (!USED(HEAD(NEXT(bp))))
        size += SIZE(HEAD(NEXT(bp)));
    if (!USED((char *)bp - DSIZE)) {
        joined = PREV(bp);
        size += SIZE(HEAD(joined));
    }
    mark(joined, size, 0);
    if (rover > joined && rover < NEXT(joined))
        rover = joined;
    return joined;
}

static char *extend(size_t size)
{
    char *bp;

    size = size > GROW ? size : GROW;
    if ((bp = mem_sbrk(size)) == (void *)-1)
        return NULL;
    mark(bp, size, 0);
    PUT(HEAD(NEXT(bp)), PACK(0, 1));
    return join(bp);
}

static char *search(char *from, char *to, size_t size)
{
    char *bp;

    for (bp = from; bp != to && SIZE(HEAD(bp)) > 0; bp = NEXT(bp))
        if (!USED(HEAD(bp)) && SIZE(HEAD(bp)) >= size)
            return bp;
    return NULL;
}

/* mm_init - returns 0, or -1 when there is no memory. */
int mm_init(void)
{
    char *base = mem_sbrk(DSIZE);

    if (base == (void *)-1)
        return -1;
    PUT(base, PACK(0, 1));
    PUT(base + WSIZE, PACK(0, 1));
    first = rover = base + DSIZE;
    return 0;
}

void *mm_malloc(size_t size)
{
    size_t need, rest;
    char *bp;

    if (size == 0 || size > 0x70000000)
        return NULL;
    need = (size + DSIZE + DSIZE - 1) & ~(size_t)(DSIZE - 1);
    if (!(bp = search(rover, NULL, need)) && !(bp = search(first, rover, need)))
        bp = extend(need);
    if (!bp)
        return NULL;
    rest = SIZE(HEAD(bp)) - need;
    if (rest < 2 * DSIZE) {
        mark(bp, SIZE(HEAD(bp)), 1);
    } else {
        mark(bp, need, 1);
        mark(NEXT(bp), rest, 0);
    }
    rover = NEXT(bp);
    return bp;
}

void mm_free(void *bp)
{
    if (!bp)
        return;
    mark(bp, SIZE(HEAD(bp)), 0);
    join(bp);
}

void *mm_realloc(void *bp, size_t size)
{
    size_t old;
    void *moved;

    if (!bp)
        return mm_malloc(size);
    if (size == 0) {
        mm_free(bp);
        return NULL;
    }
    old = SIZE(HEAD(bp)) - DSIZE;
    if (!(moved = mm_malloc(size)))
        return NULL;
    memcpy(moved, bp, old < size ? old : size);
    mm_free(bp);
    return moved;
}
