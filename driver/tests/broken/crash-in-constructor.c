/*
 * crash-in-constructor.c - a constructor that crashes.
 *
 * trace:
 *   a 0 24
 * message:
 *   crash-in-constructor.rep: before mm_init: crashed with SIGSEGV on address 0x8, in no memory of the stage (NULL + 8)
 *     replay: ./mdriver -D -f crash-in-constructor.rep --stage ./crash-in-constructor.so
 */
#include "base.h"

__attribute__((constructor)) static void finish(void)
{
    *(volatile int *)8 = 1;
}
