/* Serves blocks from a big static array, which no break counts.
 * vet: static-data
 * unvetted: wrong answer */
#define OWN_MALLOC
#define OWN_INIT
#include "base.h"

static char pool[20 << 20] __attribute__((aligned(16)));
static size_t used;

int mm_init(void)
{
    used = 0;
    return base_init();
}

void *mm_malloc(size_t size)
{
    struct block *block = (struct block *)(pool + used);

    block->size = (size + 15) & ~(size_t)15;
    used += block->size + sizeof(*block);
    return block + 1;
}
