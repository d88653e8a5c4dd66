/*
 * A 2016-era mm.c, to test that such files build and are judged: segregated
 * lists by powers of two, structs for blocks, 16-byte alignment.
 */
#include <assert.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "memlib.h"
#include "mm.h"

/* Do not change the following! */

#ifdef DRIVER
/* create aliases for driver tests */
#define malloc mm_malloc
#define free mm_free
#define realloc mm_realloc
#define calloc mm_calloc
#define memset mem_memset
#define memcpy mem_memcpy
#endif /* def DRIVER */

#ifdef DEBUG
#define dbg_assert(expr) assert(expr)
#else
#define dbg_assert(expr) ((void)sizeof(expr))
#endif

typedef uint64_t word_t;

typedef struct block {
    word_t header; /* size | in use */
    union {
        struct {
            struct block *next;
            struct block *prev;
        } links;
        char payload[32];
    } body;
} block_t;

static const size_t wsize = sizeof(word_t);
static const size_t dsize = 2 * sizeof(word_t);
static const size_t min_block_size = 4 * sizeof(word_t);
static const size_t chunksize = 1 << 12;

enum { list_count = 10 }; /* 32, 64, ... bytes; 80 of the 128 allowed */

static block_t *lists[list_count];
static block_t *heap_start;

static size_t max(size_t x, size_t y)
{
    return x > y ? x : y;
}

static size_t round_up(size_t n, size_t to)
{
    return (n + to - 1) / to * to;
}

static size_t get_size(const block_t *block)
{
    return block->header & ~(word_t)0xf;
}

static bool get_alloc(const block_t *block)
{
    return block->header & 1;
}

static block_t *payload_to_header(void *bp)
{
    return (block_t *)((char *)bp - offsetof(block_t, body));
}

static block_t *find_next(block_t *block)
{
    return (block_t *)((char *)block + get_size(block));
}

static word_t *footer_of(block_t *block)
{
    return (word_t *)((char *)block + get_size(block) - wsize);
}

static void write_block(block_t *block, size_t size, bool alloc)
{
    block->header = size | alloc;
    *footer_of(block) = size | alloc;
}

static int list_of(size_t size)
{
    int i = 0;

    while (i < list_count - 1 && size >= min_block_size << (i + 1))
        i++;
    return i;
}

static void push(block_t *block)
{
    block_t **head = &lists[list_of(get_size(block))];

    block->body.links.prev = NULL;
    block->body.links.next = *head;
    if (*head)
        (*head)->body.links.prev = block;
    *head = block;
}

static void drop(block_t *block)
{
    block_t *next = block->body.links.next;
    block_t *prev = block->body.links.prev;

    if (prev)
        prev->body.links.next = next;
    else
        lists[list_of(get_size(block))] = next;
    if (next)
        next->body.links.prev = prev;
}

static block_t *coalesce_block(block_t *block)
{
    size_t size = get_size(block);
    word_t below = ((word_t *)block)[-1];

    if (!get_alloc(find_next(block))) {
        size += get_size(find_next(block));
        drop(find_next(block));
    }
    if (!(below & 1)) {
        block = (block_t *)((char *)block - below);
        drop(block);
        size += below;
    }
    write_block(block, size, false);
    push(block);
    return block;
}

static block_t *extend_heap(size_t size)
{
    void *bp;
    block_t *block;

    size = round_up(max(size, chunksize), dsize);
    if ((bp = mem_sbrk((intptr_t)size)) == (void *)-1)
        return NULL;
    block = payload_to_header(bp);
    write_block(block, size, false);
    find_next(block)->header = 1;
    return coalesce_block(block);
}

static block_t *find_fit(size_t size)
{
    for (int i = list_of(size); i < list_count; i++)
        for (block_t *b = lists[i]; b; b = b->body.links.next)
            if (get_size(b) >= size)
                return b;
    return NULL;
}

/*
 * mm_init - true when the heap is ready.
 */
bool mm_init(void)
{
    word_t *start = mem_sbrk(2 * (intptr_t)wsize);

    if (start == (void *)-1)
        return false;
    start[0] = 1;
    start[1] = 1;
    heap_start = (block_t *)&start[1];
    memset(lists, 0, sizeof lists);
    return true;
}

void *malloc(size_t size)
{
    if (size == 0 || size > PTRDIFF_MAX / 2)
        return NULL;

    size_t asize = max(round_up(size + dsize, dsize), min_block_size);
    block_t *block = find_fit(asize);
    if (!block && !(block = extend_heap(asize)))
        return NULL;

    size_t rest = get_size(block) - asize;
    drop(block);
    if (rest >= min_block_size) {
        write_block(block, asize, true);
        write_block(find_next(block), rest, false);
        push(find_next(block));
    } else {
        write_block(block, get_size(block), true);
    }
    dbg_assert(mm_checkheap(__LINE__));
    return block->body.payload;
}

void free(void *bp)
{
    if (bp == NULL)
        return;

    block_t *block = payload_to_header(bp);
    write_block(block, get_size(block), false);
    coalesce_block(block);
}

void *realloc(void *ptr, size_t size)
{
    if (size == 0) {
        free(ptr);
        return NULL;
    }
    if (ptr == NULL)
        return malloc(size);

    size_t copysize = get_size(payload_to_header(ptr)) - dsize;
    void *newptr = malloc(size);
    if (newptr == NULL)
        return NULL;
    memcpy(newptr, ptr, size < copysize ? size : copysize);
    free(ptr);
    return newptr;
}

void *calloc(size_t elements, size_t size)
{
    size_t asize = elements * size;

    if (elements != 0 && asize / elements != size)
        return NULL;

    void *bp = malloc(asize);
    if (bp != NULL)
        memset(bp, 0, asize);
    return bp;
}

bool mm_checkheap(int line)
{
    for (block_t *b = heap_start; get_size(b) > 0; b = find_next(b)) {
        if (*footer_of(b) != b->header) {
            printf("line %d: block %p: header and footer differ\n", line,
                   (void *)b);
            return false;
        }
    }
    return true;
}
