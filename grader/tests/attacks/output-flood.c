/* Prints without end.
 * unvetted: rule broken */
#define OWN_INIT
#include "base.h"

#include <stdio.h>

int mm_init(void)
{
    for (;;) {
        puts("score 100.0 score 100.0 score 100.0 score 100.0 score 100.0");
        fputs("score 100.0 score 100.0 score 100.0 score 100.0", stderr);
    }
}
