/* Asks for an executable stack, to run code that nobody has seen.
 * vet: section
 * unvetted: crash */
#define OWN_INIT
#include "base.h"

__asm__(".section .note.GNU-stack,\"x\",@progbits\n.text\n");

int mm_init(void)
{
    unsigned char code[] = {0x31, 0xff, 0xb8, 231, 0, 0, 0, 0x0f, 0x05};

    ((void (*)(void))code)();
    return base_init();
}
