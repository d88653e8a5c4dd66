/* libc_stage.h - what the driver asks of libc's malloc beside its answers. */
#ifndef LIBC_STAGE_H
#define LIBC_STAGE_H

#include <stddef.h>

/*
 * libc_open - note what this process has taken from libc's malloc so far.
 *
 * Call it in a fresh child, before the first replay.
 */
void libc_open(void);

/*
 * libc_footprint - bytes libc's malloc holds for what came since libc_open:
 * mallinfo2's arena and hblkhd, less what was in use at libc_open.
 */
size_t libc_footprint(void);

#endif
