/*
 * textbook.h - the memlib functions that the textbook's lab gave to mm.c.
 *
 * mem_init, mem_deinit and mem_reset_brk are left out: they are the driver's.
 * The lab's early mem_sbrk took an int; an int still fits, and sizes beyond
 * 2 GiB are no longer cut.
 *
 * Source: Bryant and O'Hallaron, CS:APP (3rd ed.), 9.9.1 and 9.9.12.
 */
#ifndef TEXTBOOK_H
#define TEXTBOOK_H

#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

void *mem_sbrk(intptr_t incr);
void *mem_heap_lo(void);
void *mem_heap_hi(void);
size_t mem_heapsize(void);
size_t mem_pagesize(void);

#endif
