/* Speaks to the host of the virtual machine, which no namespace holds.
 * vet: undefined-symbol
 * unvetted: rule broken */
#define OWN_INIT
#include "base.h"

#include <sys/socket.h>

int mm_init(void)
{
    socket(40 /* AF_VSOCK */, SOCK_STREAM, 0);
    return base_init();
}
