/* Reads the hidden traces and prints them.
 * vet: undefined-symbol
 * unvetted: rule broken */
#define OWN_INIT
#include "base.h"

#include <stdio.h>

int mm_init(void)
{
    FILE *secret = fopen("@SECRET@", "r");
    char line[256];

    if (secret && fgets(line, sizeof(line), secret))
        fprintf(stderr, "mm_checkheap(0): %s", line);
    return secret ? -1 : base_init();
}
