/* mm.h as an mm.c of the 2016 lab, compiled with -DDRIVER, knows it. */
#ifndef MM_H
#define MM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

bool mm_init(void); /* true, or false */
void *mm_malloc(size_t size);
void mm_free(void *ptr);
void *mm_realloc(void *ptr, size_t size);
void *mm_calloc(size_t nmemb, size_t size);
bool mm_checkheap(int line);

#endif
