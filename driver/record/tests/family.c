/*
 * family.c - call every function of the family once or twice, in every way
 * that matters to the recorder; record.test knows the trace that must come.
 *
 * Exits with the line of the first call that answers other than it should or
 * that leaves errno other than it should (modulo 256), 0 when all are right.
 */
#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>

/* No call of these is optimised away: volatile pointers are followed. */
static void *volatile p[12];
static volatile size_t huge = PTRDIFF_MAX;
static volatile size_t odd = 48; /* an alignment that glibc rounds up to 64 */

#define EXPECT(condition)                                                      \
    do {                                                                       \
        if (!(condition))                                                      \
            exit(__LINE__ % 256);                                              \
    } while (0)

/* The value 77 stands for "untouched". */
#define QUIETLY(call)                                                          \
    do {                                                                       \
        errno = 77;                                                            \
        call;                                                                  \
        EXPECT(errno == 77);                                                   \
    } while (0)

#define IN_VAIN(call, error)                                                   \
    do {                                                                       \
        errno = 77;                                                            \
        EXPECT((call) == NULL);                                                \
        EXPECT(errno == (error));                                              \
    } while (0)

static void allocate(void)
{
    void *fresh = NULL;

    QUIETLY(p[0] = malloc(100));
    QUIETLY(p[1] = calloc(3, 8));
    QUIETLY(p[0] = realloc(p[0], 2000));
    QUIETLY(p[2] = realloc(NULL, 10));
    QUIETLY(p[2] = reallocarray(p[2], 10, 8));
    QUIETLY(EXPECT(posix_memalign(&fresh, 64, 100) == 0));
    p[3] = fresh;
    QUIETLY(p[4] = memalign(256, 10));
    QUIETLY(p[5] = aligned_alloc(32, 96));
    QUIETLY(p[6] = valloc(5000));
    QUIETLY(p[7] = pvalloc(1));
    QUIETLY(p[8] = malloc(0));
    QUIETLY(p[9] = memalign(odd, 7));
}

static void allocate_in_vain(void)
{
    void *none = NULL;

    IN_VAIN(malloc(huge), ENOMEM);
    IN_VAIN(calloc(huge, 4), ENOMEM);
    IN_VAIN(realloc(p[0], huge), ENOMEM);
    IN_VAIN(reallocarray(p[0], huge, 4), ENOMEM);
    IN_VAIN(memalign(64, huge), ENOMEM);
    EXPECT(posix_memalign(&none, 3, 10) == EINVAL && none == NULL);
    QUIETLY(EXPECT(realloc(p[2], 0) == NULL));
    QUIETLY(free(NULL));
}

int main(void)
{
    allocate();
    allocate_in_vain();
    for (int i = 0; i < 10; i++) {
        if (i != 2)
            QUIETLY(free(p[i]));
    }
    return 0;
}
