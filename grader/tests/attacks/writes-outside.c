/* Writes files wherever it may.
 * vet: undefined-symbol
 * unvetted: rule broken */
#define OWN_INIT
#include "base.h"

#include <fcntl.h>
#include <unistd.h>

int mm_init(void)
{
    static const char *const places[] = {"/tmp/@NONCE@", "/dev/shm/@NONCE@", "/root/@NONCE@",
                                         "/@NONCE@", "@NONCE@", "/var/tmp/@NONCE@"};

    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
        open(places[i], O_CREAT | O_WRONLY, 0666);
    return base_init();
}
