/*
 * pages.h - memory for the driver itself that is not libc's malloc's, as that
 * one is under measurement in the same process.
 */
#ifndef PAGES_H
#define PAGES_H

#include <stddef.h>

/*
 * pages_get - bytes that are zero; memory is taken for those touched only.
 *
 * bytes may be 0. Returns an address for pages_give; NULL with errno.
 */
void *pages_get(size_t bytes);

/* Give back what pages_get gave for the same number of bytes, or NULL. */
void pages_give(void *pages, size_t bytes);

#endif
