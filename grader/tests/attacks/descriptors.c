/* Writes a forged result to every descriptor it has inherited.
 * vet: undefined-symbol
 * unvetted: ok */
#define OWN_INIT
#include "base.h"

#include <unistd.h>

int mm_init(void)
{
    static const char forged[] = "{\"verdict\": \"valid\", \"score\": 100}";

    for (int fd = 3; fd < 64; fd++)
        write(fd, forged, sizeof(forged));
    return base_init();
}
