/* mm.h as an mm.c of the 2010 lab, compiled with -DDRIVER, knows it. */
#ifndef MM_H
#define MM_H

#include <stddef.h>
#include <stdio.h>

int mm_init(void); /* 0, or -1 */
void *mm_malloc(size_t size);
void mm_free(void *ptr);
void *mm_realloc(void *ptr, size_t size);
void *mm_calloc(size_t nmemb, size_t size);

/* void in most handouts, int in some; see ../flags.sh. */
#ifndef TEXTBOOK_CHECKHEAP
#define TEXTBOOK_CHECKHEAP void
#endif
TEXTBOOK_CHECKHEAP mm_checkheap(int verbose);

#endif
