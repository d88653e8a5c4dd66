/*
 * mm.h - the contract: what a stage provides.
 *
 * A stage is one C file that defines the functions below; mm_init, mm_malloc
 * and mm_free are required, libmm has a default for each of the others. A
 * stage gets its memory from memlib.h and knows nothing else of the driver.
 *
 * Source: ISO C11 7.22.3 and POSIX.1-2017 for the meaning of malloc, calloc,
 * realloc and free; Bryant and O'Hallaron, CS:APP (3rd ed.), 9.9.11, for the
 * names.
 */
#ifndef MM_H
#define MM_H

#include <stdbool.h>
#include <stddef.h>

enum {
    MM_ALIGN = 16, /* bytes; every block handed out starts at a multiple */
};

/*
 * mm_init - make the heap ready for the first mm_malloc.
 *
 * Called once before anything else, and again whenever the driver has taken
 * all memory back: no state of an earlier heap may survive it.
 *
 * Returns 0, or -1 with errno (ENOMEM when memlib has no memory).
 */
int mm_init(void);

/*
 * mm_malloc - allocate size bytes, contents undefined.
 *
 * Returns the address of the block's first byte, a multiple of MM_ALIGN; or
 * NULL with errno = ENOMEM when no memory is left or size > PTRDIFF_MAX. For
 * size 0: NULL, or an address unlike any other that mm_free accepts.
 */
void *mm_malloc(size_t size);

/*
 * mm_free - give back a block got from this file's functions.
 *
 * ptr: a live block, or NULL, which is ignored. errno is left as it was.
 * Anything else is a bug of the caller; a stage that notices it says so on
 * standard error and aborts.
 */
void mm_free(void *ptr);

/*
 * mm_realloc - change the size of a block to size bytes, moving it if needed.
 *
 * The contents are kept up to the smaller of the old and the new size; bytes
 * beyond that are undefined. mm_realloc(NULL, size) is mm_malloc(size), and
 * mm_realloc(ptr, 0) frees ptr and returns NULL.
 *
 * Returns the block's address, which may be ptr; or NULL with errno = ENOMEM,
 * the block at ptr then being as it was.
 *
 * Default: allocate, copy, free; it needs the stage's own mm_usable_size.
 */
void *mm_realloc(void *ptr, size_t size);

/*
 * mm_calloc - allocate count elements of size bytes each, all bytes zero.
 *
 * Returns what mm_malloc(count * size) would; NULL with errno = ENOMEM also
 * when the product overflows.
 *
 * Default: mm_malloc and memset.
 */
void *mm_calloc(size_t count, size_t size);

/*
 * mm_memalign - allocate size bytes at a multiple of align.
 *
 * align: bytes, a power of two; up to MM_ALIGN it is mm_malloc(size).
 *
 * Returns what mm_malloc would; NULL with errno = EINVAL when align is not a
 * power of two. mm_free, mm_realloc and mm_usable_size take the result.
 *
 * Default: up to MM_ALIGN as said, beyond that NULL with errno = ENOMEM, as
 * only a stage can know how to free an address inside one of its blocks.
 */
void *mm_memalign(size_t align, size_t size);

/*
 * mm_usable_size - bytes the caller may use at ptr, at least those asked for.
 *
 * ptr: a live block, or NULL.
 *
 * Returns bytes; 0 for NULL, and 0 from the default, meaning "unknown".
 */
size_t mm_usable_size(const void *ptr);

/*
 * mm_checkheap - verify every numbered invariant of the stage.
 *
 * line: printed in the message, so that __LINE__ tells calls apart; the
 * driver passes the line of the trace.
 *
 * Returns true when all hold. Otherwise prints on standard error one line
 * that begins "mm_checkheap(LINE): I3 broken at ...", for the first broken
 * one, and returns false. Default: true.
 */
bool mm_checkheap(int line);

/* One piece of the footprint; see mm_walk. */
struct mm_extent {
    const void *address; /* its first byte, headers included */
    size_t bytes;        /* its whole length */
    enum mm_use {
        MM_FREE,     /* ready for a later mm_malloc */
        MM_USED,     /* a live block with its header, footer and padding */
        MM_OVERHEAD, /* the stage's own tables, prologues and the like */
    } use;
};

typedef void mm_visit(const struct mm_extent *extent, void *arg);

/*
 * mm_walk - call visit for every piece of the heap, in address order.
 *
 * The extents are disjoint and cover the footprint: their bytes add up to
 * what memlib has handed out and not got back. visit must not allocate from
 * or free to the stage. arg is passed through.
 *
 * Default: visits nothing, meaning "unknown".
 */
void mm_walk(mm_visit *visit, void *arg);

/* What a stage says of itself. */
struct mm_info {
    const char *name; /* as in its folder: "explicit" */
    int number;       /* 1 to 7; 0 for a stage outside the series */
    bool thread_safe; /* may be called from several threads at once */
};

/* Default: "unnamed", 0, not thread-safe. */
extern const struct mm_info mm_info;

#endif
