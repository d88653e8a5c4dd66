/* Takes a secret file into the object file when it is compiled.
 * vet: embed
 * unvetted: compile error */
#include "base.h"

__asm__(".section .rodata\n"
        "stolen: .incbin \"@SECRET@\"\n"
        ".byte 0\n"
        ".text\n");
