/* Leaves a process behind that goes on after the grading is over.
 * vet: undefined-symbol
 * unvetted: rule broken */
#define OWN_INIT
#include "base.h"

#include <fcntl.h>
#include <unistd.h>

int mm_init(void)
{
    if (fork() == 0) {
        setsid();
        if (fork() == 0)
            for (;;) {
                open("/tmp/@NONCE@", O_CREAT | O_WRONLY, 0666);
                sleep(1);
            }
        _exit(0);
    }
    return base_init();
}
