/* resident.h - how much of this process is in memory. */
#ifndef RESIDENT_H
#define RESIDENT_H

#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

#include "expect.h"

/* Bytes of this process that are in memory, whole pages; without malloc but
   for what stdio takes, which is given back. */
static inline size_t resident(void)
{
    size_t pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");

    expect(file && fscanf(file, "%*u %zu", &pages) == 1);
    fclose(file);
    return pages * (size_t)sysconf(_SC_PAGESIZE);
}

#endif
