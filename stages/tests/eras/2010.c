/*
 * A 2010-era mm.c, to test that such files build and are judged: one list of
 * the free blocks in address order, an 8-byte header a block, no footers.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "memlib.h"
#include "mm.h"

/* do not change the following! */
#ifdef DRIVER
/* create aliases for driver tests */
#define malloc mm_malloc
#define free mm_free
#define realloc mm_realloc
#define calloc mm_calloc
#endif /* def DRIVER */

#define ALIGNMENT 8
#define ALIGN(p) (((size_t)(p) + (ALIGNMENT - 1)) & ~(size_t)0x7)
#define HEADER ALIGN(sizeof(size_t))

typedef struct chunk {
    size_t size;        /* bytes of the whole chunk */
    struct chunk *next; /* free chunks only: the next one up */
} chunk;

static chunk *chunks; /* the free chunk at the lowest address */

/*
 * mm_init - called when a new trace starts; 0 is fine.
 */
int mm_init(void)
{
    chunks = NULL;
    return 0;
}

/* Absorb the free chunk after c when it is next to it. */
static void absorb(chunk *c)
{
    if (c->next && (char *)c + c->size == (char *)c->next) {
        c->size += c->next->size;
        c->next = c->next->next;
    }
}

/*
 * malloc - take the first free chunk that fits, else move the break.
 */
void *malloc(size_t size)
{
    size_t need = ALIGN(size) + HEADER;
    chunk **link, *c;

    if (size == 0 || need < size || (ssize_t)need < 0)
        return NULL;
    if (need < sizeof(chunk))
        need = sizeof(chunk);
    for (link = &chunks; (c = *link) != NULL; link = &c->next) {
        if (c->size < need)
            continue;
        if (c->size - need >= sizeof(chunk)) {
            *link = (chunk *)((char *)c + need);
            (*link)->size = c->size - need;
            (*link)->next = c->next;
            c->size = need;
        } else {
            *link = c->next;
        }
        return (char *)c + HEADER;
    }
    if ((c = mem_sbrk(need)) == (void *)-1)
        return NULL;
    c->size = need;
    return (char *)c + HEADER;
}

/*
 * free - put the chunk in its place in the list and merge both ways.
 */
void free(void *ptr)
{
    chunk *c, *prev = NULL, *next;

    if (ptr == NULL)
        return;
    c = (chunk *)((char *)ptr - HEADER);
    for (next = chunks; next && next < c; next = next->next)
        prev = next;
    c->next = next;
    absorb(c);
    if (prev) {
        prev->next = c;
        absorb(prev);
    } else {
        chunks = c;
    }
}

/*
 * realloc - allocate, copy, free.
 */
void *realloc(void *oldptr, size_t size)
{
    size_t oldsize;
    void *newptr;

    if (size == 0) {
        free(oldptr);
        return NULL;
    }
    if (oldptr == NULL)
        return malloc(size);
    if ((newptr = malloc(size)) == NULL)
        return NULL;
    oldsize = ((chunk *)((char *)oldptr - HEADER))->size - HEADER;
    memcpy(newptr, oldptr, oldsize < size ? oldsize : size);
    free(oldptr);
    return newptr;
}

/*
 * calloc - malloc and clear.
 */
void *calloc(size_t nmemb, size_t size)
{
    size_t bytes = nmemb * size;
    void *newptr;

    if (size != 0 && bytes / size != nmemb)
        return NULL;
    if ((newptr = malloc(bytes)) != NULL)
        memset(newptr, 0, bytes);
    return newptr;
}

/*
 * mm_checkheap - the free chunks rise and do not touch.
 */
void mm_checkheap(int verbose)
{
    chunk *c;

    for (c = chunks; c; c = c->next) {
        if (c->next && (char *)c + c->size >= (char *)c->next)
            printf("chunk %p touches the next one\n", (void *)c);
        if (verbose)
            printf("chunk %p: %zu bytes\n", (void *)c, c->size);
    }
}
