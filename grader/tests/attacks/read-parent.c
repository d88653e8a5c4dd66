/* Writes into the memory of its parent by process_vm_writev.
 * vet: undefined-symbol
 * unvetted: rule broken */
#define OWN_INIT
#define _GNU_SOURCE
#include <sys/uio.h>
#include <unistd.h>

#include "base.h"

int mm_init(void)
{
    char zeros[4096] = "";
    struct iovec here = {zeros, sizeof(zeros)};
    struct iovec there = {(void *)0x400000, sizeof(zeros)};

    process_vm_writev(getppid(), &here, 1, &there, 1, 0);
    return base_init();
}
