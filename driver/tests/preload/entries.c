/*
 * entries.c - every function of the family, its answers and its errno.
 *
 * What is expected is what malloc(3), posix_memalign(3) and
 * malloc_usable_size(3) say. `entries manual` leaves out nothing; `entries`
 * leaves out where glibc 2.36 differs, so that it passes under glibc too.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include "expect.h"

/* Not seen as a constant, so that the compiler does not warn of the size. */
static volatile size_t huge = PTRDIFF_MAX;

static bool is_aligned(const void *ptr, size_t align)
{
    return (uintptr_t)ptr % align == 0;
}

/* The caller may write all that malloc_usable_size says. */
static void fill(void *ptr, size_t size)
{
    size_t usable = malloc_usable_size(ptr);

    expect(ptr != NULL);
    expect(usable >= size);
    memset(ptr, 0xa5, usable);
}

static void check_malloc(void)
{
    void *none[2] = {keep(malloc(0)), keep(malloc(0))};

    expect(none[0] && none[1] && none[0] != none[1]);
    free(none[0]);
    free(none[1]);
    for (size_t size = 1; size < 300000; size += size / 3 + 1) {
        void *ptr = keep(malloc(size));
        expect(is_aligned(ptr, 16));
        fill(ptr, size);
        free(ptr);
    }
    for (int i = 0; i < 3; i++) {
        size_t sizes[] = {huge, huge + 1, 2 * huge + 1};
        errno = 0;
        expect(keep(malloc(sizes[i])) == NULL && errno == ENOMEM);
    }
    errno = 7;
    void *ptr = keep(malloc(100));
    expect(ptr && errno == 7);
    free(ptr);
    expect(errno == 7);
    free(NULL);
    expect(errno == 7);
}

static void check_calloc(void)
{
    static const struct {
        size_t count, size;
    } products[] = {{3, 1000}, {1, 1}, {100, 1000}, {7, 100000}};

    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 4; i++) {
            size_t bytes = products[i].count * products[i].size;
            char *ptr = keep(calloc(products[i].count, products[i].size));
            expect(ptr != NULL && is_aligned(ptr, 16));
            for (size_t at = 0; at < bytes; at++)
                expect(ptr[at] == 0);
            fill(ptr, bytes);
            free(ptr);
        }
    }
    void *none[2] = {keep(calloc(0, 8)), keep(calloc(8, 0))};
    expect(none[0] && none[1] && none[0] != none[1]);
    free(none[0]);
    free(none[1]);
    errno = 0;
    expect(keep(calloc(huge, 3)) == NULL && errno == ENOMEM);
    errno = 0;
    expect(keep(calloc(huge / 8, 16)) == NULL && errno == ENOMEM);
    errno = 0;
    expect(keep(calloc(huge / 2 + 1, huge / 2 + 1)) == NULL);
    expect(errno == ENOMEM);
}

static void check_realloc(void)
{
    char *ptr = keep(realloc(NULL, 10));

    fill(ptr, 10);
    for (size_t size = 10; size < 2000000; size = size * 3 / 2) {
        for (size_t at = 0; at < size; at++)
            ptr[at] = (char)(at * 7);
        ptr = keep(realloc(ptr, size * 3 / 2));
        expect(ptr && is_aligned(ptr, 16));
        for (size_t at = 0; at < size; at++)
            expect(ptr[at] == (char)(at * 7));
        memset(ptr, 1, malloc_usable_size(ptr));
    }
    errno = 0;
    expect(realloc(keep(ptr), huge) == NULL && errno == ENOMEM);
    expect(ptr[0] == 1 && ptr[1000000] == 1);
    errno = 0;
    expect(reallocarray(keep(ptr), huge, 4) == NULL && errno == ENOMEM);
    expect(ptr[0] == 1 && ptr[1000000] == 1);
    ptr = keep(reallocarray(ptr, 10, 30));
    expect(ptr && ptr[299] == 1);
    errno = 7;
    expect(keep(realloc(ptr, 0)) == NULL && errno == 7);
    ptr = keep(realloc(NULL, 0));
    expect(ptr != NULL);
    free(ptr);
    ptr = keep(reallocarray(NULL, 0, 5));
    expect(ptr != NULL);
    free(ptr);
}

/* A program may give part of a block other properties; the kernel then holds it
 * for several mappings, which it does not move as one. */
static void check_realloc_of_cut(void)
{
    enum { MIB = 1 << 20, PAGE = 4096 };
    size_t size = 12 * MIB;
    char *ptr = keep(malloc(size));

    expect(ptr != NULL);
    memset(ptr, 5, size);
    char *page = (char *)(((uintptr_t)ptr + 3 * MIB) & -(uintptr_t)PAGE);
    expect(madvise(page, MIB, MADV_DONTFORK) == 0);
    for (size_t more = size; more < 8 * size; more *= 2) {
        ptr = keep(realloc(ptr, more));
        expect(ptr != NULL);
        for (size_t at = 0; at < size; at += 1001)
            expect(ptr[at] == 5);
    }
    ptr = keep(realloc(ptr, MIB));
    expect(ptr && ptr[MIB - 1] == 5);
    free(ptr);
}

/* An alignment beyond anything that an allocator would keep ready. */
static void check_large_alignment(void)
{
    for (size_t align = (size_t)1 << 24; align <= (size_t)1 << 28; align *= 4) {
        void *ptr = keep(memalign(align, 100));
        expect(ptr && is_aligned(ptr, align));
        fill(ptr, 100);
        free(ptr);
    }
}

/* Blocks of each alignment live side by side and are freed in turn. */
static void check_alignment(void)
{
    enum { TOP = 1 << 21 };
    void *blocks[64];
    int count = 0;

    for (size_t align = 8; align <= TOP; align *= 2) {
        size_t sizes[] = {0, 1, align - 1, align, 3 * align + 5};
        for (int i = 0; i < 5 && count < 64; i++) {
            size_t size = sizes[i];
            expect(posix_memalign(&blocks[count], align, size) == 0);
            expect(is_aligned(blocks[count], align));
            fill(blocks[count++], size);

            char *ptr = keep(memalign(align, size));
            expect(ptr && is_aligned(ptr, align));
            fill(ptr, size);
            ptr = keep(realloc(ptr, size + 100));
            fill(ptr, size + 100);
            free(ptr);

            ptr = keep(aligned_alloc(align, size));
            expect(ptr && is_aligned(ptr, align));
            fill(ptr, size);
            free(ptr);
        }
    }
    for (int i = 0; i < count; i++)
        free(blocks[i]);
}

static void check_pages(void)
{
    char *ptr = keep(valloc(5000));

    expect(is_aligned(ptr, 4096));
    fill(ptr, 5000);
    free(ptr);
    ptr = keep(pvalloc(5000));
    expect(is_aligned(ptr, 4096));
    fill(ptr, 8192);
    free(ptr);
    ptr = keep(pvalloc(0));
    expect(ptr && is_aligned(ptr, 4096));
    free(ptr);
}

static void check_alignment_errors(void)
{
    void *ptr = (void *)&huge;
    size_t odd[] = {0, 1, 4, 24, 4097, huge};

    for (int i = 0; i < 6; i++)
        expect(posix_memalign(&ptr, odd[i], 64) == EINVAL);
    expect(posix_memalign(&ptr, 64, huge) == ENOMEM);
    expect(posix_memalign(&ptr, 64, 2 * huge + 1) == ENOMEM);
    expect(posix_memalign(&ptr, huge / 2 + 1, 64) == ENOMEM);
    expect(ptr == (void *)&huge);
    errno = 0;
    expect(keep(memalign(64, 2 * huge + 1)) == NULL && errno == ENOMEM);
    errno = 0;
    expect(keep(memalign(64, huge)) == NULL && errno == ENOMEM);
    errno = 0;
    expect(keep(memalign(huge + 2, 64)) == NULL && errno == EINVAL);
    errno = 0;
    expect(keep(memalign(huge / 2 + 1, 64)) == NULL && errno == ENOMEM);
    errno = 0;
    expect(keep(aligned_alloc(64, huge)) == NULL && errno == ENOMEM);
    errno = 0;
    expect(keep(valloc(huge)) == NULL && errno == ENOMEM);
    errno = 0;
    expect(keep(pvalloc(huge)) == NULL && errno == ENOMEM);
    errno = 0;
    expect(keep(pvalloc(2 * huge + 1)) == NULL && errno == ENOMEM);
    ptr = keep(memalign(24, 8)); /* raised to 32 */
    expect(ptr && is_aligned(ptr, 32));
    free(ptr);
    ptr = keep(memalign(0, 8));
    expect(ptr && is_aligned(ptr, 16));
    free(ptr);
    expect(malloc_usable_size(NULL) == 0);
}

/* Where glibc 2.36 is more lenient than the manual. */
static void check_manual(void)
{
    void *ptr = NULL;

    errno = 7;
    expect(posix_memalign(&ptr, 64, huge) == ENOMEM && errno == 7);
    errno = 0;
    expect(keep(aligned_alloc(24, 64)) == NULL && errno == EINVAL);
    errno = 0;
    expect(keep(aligned_alloc(0, 64)) == NULL && errno == EINVAL);
}

int main(int argc, char **argv)
{
    (void)argv;
    check_malloc();
    check_calloc();
    check_realloc();
    check_realloc_of_cut();
    check_alignment();
    check_large_alignment();
    check_pages();
    check_alignment_errors();
    if (argc > 1)
        check_manual();
    return 0;
}
