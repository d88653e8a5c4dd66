/* Attaches to its parent as a debugger does, to write into it.
 * vet: undefined-symbol
 * unvetted: rule broken */
#define OWN_INIT
#include "base.h"

#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

int mm_init(void)
{
    if (ptrace(PTRACE_ATTACH, getppid(), NULL, NULL) == 0)
        waitpid(getppid(), NULL, 0);
    return base_init();
}
