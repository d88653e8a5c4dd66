/*
 * exit-in-constructor.c - a constructor that ends the process in peace.
 *
 * trace:
 *   a 0 24
 * message:
 *   exit-in-constructor.rep: before mm_init: the stage ended the process with exit status 0, expected it to return;
 *     printed last: {"score": 100}
 *     replay: ./mdriver -c -f exit-in-constructor.rep --stage ./exit-in-constructor.so
 */
#include "base.h"

#include <stdio.h>
#include <stdlib.h>

__attribute__((constructor)) static void finish(void)
{
    puts("{\"score\": 100}");
    exit(0);
}
