/* Asks the kernel itself, by an instruction, to end the program with success.
 * vet: system-call
 * unvetted: crash */
#define OWN_FREE
#include "base.h"

void mm_free(void *ptr)
{
    base_free(ptr);
    __asm__ volatile("syscall" : : "a"(231), "D"(0) : "rcx", "r11", "memory");
}
