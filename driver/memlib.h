/*
 * memlib.h - the stage's operating system: the break and page mappings.
 *
 * Two backs implement it: the simulated one (memlib_sim.c) counts every byte
 * for the driver; the real one asks the kernel. All functions may be called
 * from several threads at once.
 *
 * Source: brk(2), mmap(2), mremap(2); Bryant and O'Hallaron, CS:APP (3rd
 * ed.), 9.9.1, for mem_sbrk and the mem_heap names.
 */
#ifndef MEMLIB_H
#define MEMLIB_H

#include <stddef.h>
#include <stdint.h>

/*
 * mem_sbrk - move the break, the end of the heap, by increment bytes.
 *
 * increment: bytes, of any size and sign, no multiple of anything required;
 * negative gives memory back. The first break is page aligned. The contents
 * of bytes gained are undefined.
 *
 * Returns the old break, so the first of the bytes gained; (void *)-1 with
 * errno = ENOMEM when there is no more memory, or EINVAL when the break would
 * go below the start of the heap. The break then stays where it was.
 */
void *mem_sbrk(intptr_t increment);

/* First byte of the heap. */
void *mem_heap_lo(void);

/* Last byte of the heap: the break less one; below mem_heap_lo if empty. */
void *mem_heap_hi(void);

/* Bytes from the heap's first byte to the break. */
size_t mem_heapsize(void);

/* Bytes of a page, a power of two. */
size_t mem_pagesize(void);

/*
 * mem_map - map fresh pages apart from the heap.
 *
 * bytes: rounded up to whole pages, which all count in the footprint.
 * align: bytes, a power of two; 0 or anything up to a page means a page.
 *
 * Returns the first byte, the whole mapping zero; NULL with errno = ENOMEM
 * when there is no more memory, EINVAL when bytes is 0 or align is not a
 * power of two.
 */
void *mem_map(size_t bytes, size_t align);

/*
 * mem_unmap - give back pages of a mapping: all of it or any part.
 *
 * address: page aligned, inside a mapping; bytes is rounded up to pages.
 *
 * Returns 0, or -1 with errno = EINVAL when the range is not mapped, ENOMEM
 * when there are too many mappings for one more to be cut in two.
 */
int mem_unmap(void *address, size_t bytes);

/*
 * mem_remap - change the length of a whole mapping, moving it if needed.
 *
 * address, old_bytes: as given to or got from mem_map or mem_remap.
 * new_bytes: rounded up to pages; pages gained are zero, the rest is kept.
 * align: as for mem_map; where the mapping goes if it has to move.
 *
 * Returns the first byte; NULL with errno = ENOMEM, the mapping being as it
 * was, or EINVAL as mem_map and mem_unmap.
 */
void *mem_remap(void *address, size_t old_bytes, size_t new_bytes,
                size_t align);

/*
 * mem_discard - say that what whole pages hold is of no use any more.
 *
 * address: page aligned; bytes: whole pages, below the break or in one
 * mapping. They stay the stage's and count as before, but the machine may use
 * their memory for something else until they are touched again. What they
 * hold is undefined from then on. errno is left as it was.
 */
void mem_discard(void *address, size_t bytes);

#endif
