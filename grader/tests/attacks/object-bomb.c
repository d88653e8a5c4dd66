/* Has the assembler write an object file of 64 GiB.
 * vet: compile error
 * unvetted: compile error */
#include "base.h"

__asm__(".data\n.fill 0x1000000000, 1, 0x41\n.text\n");
