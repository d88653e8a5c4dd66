/*
 * resizes-files.c - takes it for an error when it can change the length of wire
 * or steps, by a descriptor of the process that started it.
 *
 * referee: valid
 * options: -c
 * trace:
 *   a 0 24
 */
#include "speaks.h"

#define OWN_INIT
#include "../broken/base.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static bool can_resize(int file)
{
    struct stat is;

    return fstat(file, &is) == 0 && (ftruncate(file, is.st_size / 2) == 0 ||
                                     ftruncate(file, 2 * is.st_size) == 0);
}

int mm_init(void)
{
    char path[64], name[64];
    int resized = 0;

    for (int number = STDERR_FILENO + 1; number < 64; number++) {
        snprintf(path, sizeof(path), "/proc/%d/fd/%d", getppid(), number);
        memset(name, 0, sizeof(name));
        (void)!readlink(path, name, sizeof(name) - 1);
        int file = strstr(name, "memfd:wire") || strstr(name, "memfd:steps")
                       ? open(path, O_RDWR)
                       : -1;
        resized += file >= 0 && can_resize(file);
        close(file);
    }
    return resized > 0 ? -1 : 0;
}
