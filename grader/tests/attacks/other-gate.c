/* Asks the kernel through the gate for 32-bit programs, with other numbers;
 * a kernel that has no such gate ends it by SIGSEGV.
 * vet: system-call
 * unvetted: rule broken, crash */
#define OWN_FREE
#include "base.h"

void mm_free(void *ptr)
{
    base_free(ptr);
    __asm__ volatile("int $0x80" : : "a"(1), "b"(0) : "memory");
}
