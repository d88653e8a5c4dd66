/* Looks the C library's malloc up by its name.
 * vet: undefined-symbol
 * unvetted: wrong answer */
#define OWN_MALLOC
#define _GNU_SOURCE
#include <dlfcn.h>

#include "base.h"

void *mm_malloc(size_t size)
{
    void *(*theirs)(size_t);

    theirs = (void *(*)(size_t))dlsym(RTLD_DEFAULT, "malloc");
    return theirs ? theirs(size) : base_malloc(size);
}
