/* Hides a system call in a constant, and jumps into the middle of it.
 * vet: hidden-code
 * unvetted: crash */
#define OWN_FREE
#include "base.h"

static long gadget(void)
{
    return 0x11c3050f11; /* behind its first byte: 0f 05 c3, syscall and ret */
}

void mm_free(void *ptr)
{
    unsigned char *code = (unsigned char *)gadget;
    int offset = 0;

    base_free(ptr);
    while (code[offset] != 0x0f || code[offset + 1] != 0x05)
        offset++;
    __asm__ volatile("call *%2" : : "a"(231), "D"(0), "r"(code + offset) : "rcx", "r11", "memory");
}
