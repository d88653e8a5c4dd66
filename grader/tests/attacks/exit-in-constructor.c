/* Ends the program with success while it is loaded.
 * vet: constructor
 * unvetted: crash */
#include "base.h"

__attribute__((constructor)) static void leave(void)
{
    exit(0);
}
