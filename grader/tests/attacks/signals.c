/* Catches every signal, so that no time limit and no crash ends it.
 * vet: undefined-symbol
 * unvetted: time-out */
#define OWN_INIT
#include "base.h"

#include <signal.h>

static void stay(int number)
{
    (void)number;
}

int mm_init(void)
{
    for (int number = 1; number < 65; number++)
        signal(number, stay);
    for (;;)
        ;
}
