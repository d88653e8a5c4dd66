/*
 * inherits.c - takes it for an error when it finds a descriptor of the player's
 * open.
 *
 * referee: valid
 * options: -c
 * trace:
 *   a 0 24
 */
#define OWN_INIT
#include "../broken/base.h"

#include <fcntl.h>
#include <unistd.h>

int mm_init(void)
{
    for (int file = STDERR_FILENO + 1; file < 1024; file++) {
        if (fcntl(file, F_GETFD) >= 0)
            return -1;
    }
    return 0;
}
