/* Makes its own memory executable and runs code that nobody has seen.
 * vet: undefined-symbol
 * unvetted: rule broken */
#define OWN_INIT
#include "base.h"

#include <sys/mman.h>

int mm_init(void)
{
    static const unsigned char code[] = {0x31, 0xff, 0xb8, 231, 0, 0, 0, 0x0f, 0x05};
    unsigned char *page = mem_map(4096, 4096);

    memcpy(page, code, sizeof(code));
    mprotect(page, 4096, PROT_READ | PROT_EXEC);
    ((void (*)(void))page)();
    return base_init();
}
