/*
 * memlib_real.h - what the preload library wants of memlib beside memlib.h.
 */
#ifndef MEMLIB_REAL_H
#define MEMLIB_REAL_H

#include <stddef.h>

/* What a stage holds of the kernel's memory, in bytes. */
struct mem_held {
    size_t now;  /* below the break and in mappings */
    size_t peak; /* the largest now so far */
};

struct mem_held mem_held(void);

/* Let nobody into memlib: a fork must not happen while it works. */
void mem_hold(void);

/* After a fork, in the parent and in the child. */
void mem_release(void);

#endif
