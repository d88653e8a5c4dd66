/*
 * origin.h - which file the process's malloc is from.
 *
 * A library that cannot be preloaded is skipped by the dynamic linker with no
 * more than a warning, and what is measured then is glibc. So each program
 * says whose malloc it runs on, and the scripts compare.
 */
#ifndef ORIGIN_H
#define ORIGIN_H

#include <dlfcn.h>
#include <stdio.h>

/* Print a line "malloc PATH"; PATH is "?" if the linker does not know. */
static inline void origin_print(void)
{
    Dl_info info = {.dli_fname = "?"};

    dladdr(dlsym(RTLD_DEFAULT, "malloc"), &info);
    printf("malloc %s\n", info.dli_fname);
}

#endif
