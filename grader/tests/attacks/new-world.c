/* Makes namespaces of its own, in which it is root.
 * vet: undefined-symbol
 * unvetted: rule broken */
#define OWN_INIT
#define _GNU_SOURCE
#include <sched.h>
#include <sys/mount.h>

#include "base.h"

int mm_init(void)
{
    unshare(CLONE_NEWUSER | CLONE_NEWNS);
    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL);
    return base_init();
}
