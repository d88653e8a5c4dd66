/* Has a thread of its own watch and change what the driver does.
 * vet: undefined-symbol
 * unvetted: rule broken */
#define OWN_INIT
#include "base.h"

#include <pthread.h>

static void *watch(void *nothing)
{
    for (volatile char *page = (char *)((uintptr_t)nothing & ~4095ul);; page += 4096)
        *page = 0;
}

int mm_init(void)
{
    static pthread_t thread;

    if (!thread)
        pthread_create(&thread, NULL, watch, &thread);
    return base_init();
}
