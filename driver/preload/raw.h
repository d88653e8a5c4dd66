/*
 * raw.h - the stage's own functions, where others stand in front of them.
 *
 * For some libraries the Makefile renames a stage's mm_malloc to raw_malloc,
 * and so on (raw.syms), and shim.c or annotate.c provides the mm_ functions.
 * The stage's object is the same as ever.
 */
#ifndef RAW_H
#define RAW_H

#include <stddef.h>
#include <stdint.h>

void *raw_malloc(size_t size);
void raw_free(void *ptr);

/* NULL when a student's file leaves mm_realloc out. */
__attribute__((weak)) void *raw_realloc(void *ptr, size_t size);

/*
 * Before annotate.c only (annotate.syms): the stage's mm_init, which may be
 * of an era in which it returns a bool, so the result is only passed on; and
 * what the stage calls for mem_sbrk and mem_map.
 */
int raw_init(void);
void *fresh_sbrk(intptr_t increment);
void *fresh_map(size_t bytes, size_t align);

#endif
