/* config.h: what an mm.c of the 2010 lab takes from it. */
#ifndef CONFIG_H
#define CONFIG_H

#define ALIGNMENT 8                /* bytes */
#define MAX_HEAP (100 * (1 << 20)) /* bytes; the limit then, not here */

#endif
