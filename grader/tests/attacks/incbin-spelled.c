/* Takes a secret file in by a directive put together by a macro.
 * vet: compile error
 * unvetted: compile error */
#include "base.h"

__asm__(".macro take a b\n"
        ".\\a\\b \"@SECRET@\"\n"
        ".endm\n"
        ".section .rodata\n"
        "stolen: take inc bin\n"
        ".text\n");
