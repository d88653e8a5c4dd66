/*
 * stress.c THREADS ROUNDS - threads allocate, resize, and free their own
 * blocks and each other's; every block keeps its payload.
 */
#include <malloc.h>
#include <stdint.h>
#include <string.h>

#include "crew.h"
#include "expect.h"

enum { SLOTS = 512 };

/* In front of every block's payload. */
struct block {
    size_t size; /* bytes, this head included */
    unsigned char fill;
};

/* Any thread takes a block from here or puts one here. */
static struct block *_Atomic slots[SLOTS];
static int rounds;

static unsigned next(unsigned *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

static void block_fill(struct block *b, size_t size, unsigned char fill)
{
    b->size = size;
    b->fill = fill;
    memset(b + 1, fill, size - sizeof(*b));
}

static void block_verify(const struct block *b, size_t size)
{
    const unsigned char *bytes = (const unsigned char *)(b + 1);

    expect((uintptr_t)b % 16 == 0);
    for (size_t i = 0; i < size - sizeof(*b); i++)
        expect(bytes[i] == b->fill);
}

static struct block *block_new(unsigned *seed)
{
    unsigned kind = next(seed) % 64;
    size_t most = kind == 0 ? 300000 : kind < 8 ? 20000 : 500;
    size_t size = sizeof(struct block) + next(seed) % most;
    size_t align = (size_t)16 << next(seed) % 6;
    struct block *b =
        keep(kind == 9 ? memalign(align, size)
                       : (kind < 20 ? calloc(1, size) : malloc(size)));

    expect(b != NULL && (kind != 9 || (uintptr_t)b % align == 0));
    for (size_t i = 0; kind != 9 && kind < 20 && i < size; i++)
        expect(((char *)b)[i] == 0);
    block_fill(b, size, (unsigned char)next(seed));
    return b;
}

static struct block *block_resize(struct block *b, unsigned *seed)
{
    size_t size = sizeof(*b) + next(seed) % 2000;
    size_t kept = b->size < size ? b->size : size;

    b = keep(realloc(b, size));
    expect(b != NULL);
    block_verify(b, kept);
    block_fill(b, size, b->fill);
    return b;
}

static void *work(void *arg)
{
    unsigned seed = 2654435769u * (unsigned)(uintptr_t)arg;

    for (int i = 0; i < rounds; i++) {
        struct block *_Atomic *slot = &slots[next(&seed) % SLOTS];
        struct block *b =
            __atomic_exchange_n((struct block **)slot, NULL, __ATOMIC_ACQ_REL);
        if (b) {
            block_verify(b, b->size);
            if (next(&seed) % 4 != 0) {
                free(b);
                continue;
            }
            b = block_resize(b, &seed);
        } else {
            b = block_new(&seed);
        }
        b = __atomic_exchange_n((struct block **)slot, b, __ATOMIC_ACQ_REL);
        if (b) {
            block_verify(b, b->size);
            free(b);
        }
    }
    return NULL;
}

int main(int argc, char **argv)
{
    int threads = argc > 1 ? atoi(argv[1]) : 4;
    struct crew crew;

    rounds = argc > 2 ? atoi(argv[2]) : 20000;
    crew_start(&crew, threads, work);
    crew_join(&crew);
    return 0; /* with live blocks in the slots */
}
