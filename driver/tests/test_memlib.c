/*
 * test_memlib.c - the simulated memlib: exact counts, real guard pages, zeroed
 * and kept contents, out of memory at any point. Its threads have a program
 * of their own, threads/memlib.c.
 *
 * The calls by which memlib changes pages are defined here, so that they can
 * be counted: they stand in front of libc's.
 */
#define _GNU_SOURCE
#include <criterion/criterion.h>
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "memlib.h"
#include "memlib_sim.h"

#ifndef __has_feature /* clang's way to tell */
#define __has_feature(feature) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
enum { SANITIZED = 1 }; /* keeps tables of its own in the address space */
#else
enum { SANITIZED = 0 };
#endif

#define KIB ((size_t)1 << 10)
#define MIB ((size_t)1 << 20)
#define GIB ((size_t)1 << 30)
#define PAGE mem_pagesize()

static void *const SBRK_FAILED = (void *)-1;

/* --- System calls, counted -------------------------------------------- */

static _Atomic int page_calls; /* to the three functions below */

int mprotect(void *first, size_t bytes, int prot)
{
    page_calls++;
    return (int)syscall(SYS_mprotect, first, bytes, prot);
}

int madvise(void *first, size_t bytes, int advice)
{
    page_calls++;
    return (int)syscall(SYS_madvise, first, bytes, advice);
}

void *mremap(void *old, size_t old_bytes, size_t new_bytes, int flags, ...)
{
    va_list rest;

    va_start(rest, flags);
    void *to = flags & MREMAP_FIXED ? va_arg(rest, void *) : NULL;
    va_end(rest);
    page_calls++;
    return (void *)syscall(SYS_mremap, old, old_bytes, new_bytes, flags, to);
}

/* --- Helpers ---------------------------------------------------------- */

static void open_at(void *heap_at, size_t limit)
{
    struct mem_options options = {.heap_at = heap_at, .limit = limit};
    const char *why = "";

    cr_assert(mem_open(&options, &why), "%s", why);
}

static void open_anywhere(void)
{
    open_at(NULL, 0);
}

TestSuite(memlib, .init = open_anywhere, .fini = mem_close, .timeout = 300);

static sigjmp_buf fault_jump;

static void fault_handler(int number)
{
    (void)number;
    siglongjmp(fault_jump, 1);
}

/* True when the byte at p can be neither read nor written. */
static bool is_inaccessible(void *p)
{
    struct sigaction action = {.sa_handler = fault_handler};
    struct sigaction old;
    volatile char *byte = p;
    volatile int faults = 0;

    sigaction(SIGSEGV, &action, &old);
    if (sigsetjmp(fault_jump, 1) == 0)
        (void)*byte;
    else
        faults++;
    if (sigsetjmp(fault_jump, 1) == 0)
        *byte = 1;
    else
        faults++;
    sigaction(SIGSEGV, &old, NULL);
    return faults == 2;
}

static bool is_filled(const void *p, int value, size_t bytes)
{
    const unsigned char *byte = p;

    return bytes == 0 ||
           (byte[0] == value && memcmp(byte, byte + 1, bytes - 1) == 0);
}

static void assert_counts(size_t heap, size_t mapped, size_t peak,
                          size_t peak_heap)
{
    struct mem_counts now = mem_counts();

    cr_assert_eq(now.heap, heap, "heap %zu, not %zu", now.heap, heap);
    cr_assert_eq(now.mapped, mapped, "mapped %zu, not %zu", now.mapped, mapped);
    cr_assert_eq(now.peak, peak, "peak %zu, not %zu", now.peak, peak);
    cr_assert_eq(now.peak_heap, peak_heap, "peak heap %zu, not %zu",
                 now.peak_heap, peak_heap);
}

static void assert_refused(const void *got, const void *failure)
{
    cr_assert_eq(got, failure);
    cr_assert_eq(errno, ENOMEM);
}

/* Bytes of this process in memory. */
static size_t resident_bytes(void)
{
    size_t pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");

    cr_assert(file && fscanf(file, "%*s %zu", &pages) == 1);
    fclose(file);
    return pages * PAGE;
}

/* A pseudo-random number below most, from Marsaglia's xorshift. */
static size_t random_below(uint64_t *state, size_t most)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state % most;
}

/* --- The break -------------------------------------------------------- */

Test(memlib, an_empty_heap_ends_below_its_start)
{
    char *lo = mem_heap_lo();

    cr_assert_eq((uintptr_t)lo % PAGE, 0);
    cr_assert_eq(mem_heap_hi(), lo - 1);
    cr_assert_eq(mem_heapsize(), 0);
    cr_assert_eq(mem_sbrk(0), lo);
    assert_counts(0, 0, 0, 0);
}

Test(memlib, regions_start_at_the_same_alignment_in_every_process)
{
    cr_assert_eq((uintptr_t)mem_heap_lo() % GIB, 0);
    cr_assert_eq((uintptr_t)mem_map(1, 0) % GIB, 0);
}

Test(memlib, sbrk_returns_the_old_break_for_any_increment)
{
    char *lo = mem_heap_lo();

    cr_assert_eq(mem_sbrk(1), lo);
    cr_assert_eq(mem_sbrk(4095), lo + 1);
    cr_assert_eq(mem_sbrk(100000), lo + 4096);
    cr_assert_eq(mem_sbrk(-99999), lo + 104096);
    cr_assert_eq(mem_sbrk(0), lo + 4097);
    cr_assert_eq(mem_heap_hi(), lo + 4096);
    cr_assert_eq(mem_heapsize(), 4097);
    memset(lo, 1, 4097);
    assert_counts(4097, 0, 104096, 104096);
}

Test(memlib, the_break_stays_where_a_wrong_increment_found_it)
{
    mem_sbrk(1000);
    errno = 0;
    cr_assert_eq(mem_sbrk(-1001), SBRK_FAILED);
    cr_assert_eq(errno, EINVAL);
    errno = 0;
    cr_assert_eq(mem_sbrk(INTPTR_MIN), SBRK_FAILED);
    cr_assert_eq(errno, EINVAL);
    cr_assert_eq(mem_counts().refusals, 0);
    assert_refused(mem_sbrk(INTPTR_MAX), SBRK_FAILED);
    assert_counts(1000, 0, 1000, 1000);
    cr_assert_eq(mem_counts().refusals, 1);
    cr_assert_eq(mem_sbrk(-1000), (char *)mem_heap_lo() + 1000);
    assert_counts(0, 0, 1000, 1000);
}

Test(memlib, the_heap_goes_far_beyond_4_gib_and_ends_at_64)
{
    char *lo = mem_sbrk((intptr_t)(5 * GIB));

    lo[0] = 1;
    lo[5 * GIB - 1] = 2;
    assert_refused(mem_sbrk((intptr_t)(59 * GIB + 1)), SBRK_FAILED);
    cr_assert_eq(mem_sbrk((intptr_t)(59 * GIB)), lo + 5 * GIB);
    lo[64 * GIB - 1] = 3;
    assert_refused(mem_sbrk(1), SBRK_FAILED);
    cr_assert(is_inaccessible(lo + 64 * GIB));
    assert_counts(64 * GIB, 0, 64 * GIB, 64 * GIB);
    mem_reset(MEM_WARM);
    cr_assert_eq(mem_sbrk((intptr_t)(64 * GIB)), lo);
    assert_refused(mem_sbrk(1), SBRK_FAILED);
}

Test(memlib, pages_beyond_the_break_cannot_be_touched)
{
    char *lo = mem_heap_lo();

    cr_assert(is_inaccessible(lo));
    mem_sbrk((intptr_t)(3 * PAGE));
    cr_assert_not(is_inaccessible(lo + 3 * PAGE - 1));
    cr_assert(is_inaccessible(lo + 3 * PAGE));
    cr_assert(is_inaccessible(lo - 1));
    mem_sbrk(-(intptr_t)(2 * PAGE - 1));
    cr_assert_not(is_inaccessible(lo + PAGE));
    cr_assert(is_inaccessible(lo + 2 * PAGE));
    mem_sbrk(-1);
    cr_assert(is_inaccessible(lo + PAGE));
    mem_reset(MEM_CHECKED);
    cr_assert(is_inaccessible(lo));
}

/* --- Bytes between the break and the end of its page ------------------ */

Test(memlib, a_byte_written_beyond_the_break_is_found)
{
    char *lo = mem_sbrk(1000);

    memset(lo, 0, 1000);
    cr_assert_null(mem_spill());
    for (size_t i = 1000; i < PAGE; i += 7) {
        char was = lo[i];

        lo[i] = 0;
        cr_assert_eq(mem_spill(), lo + i);
        lo[i] = was;
        cr_assert_eq(mem_spill(), lo + i, "forgotten");
        mem_reset(MEM_CHECKED);
        mem_sbrk(1000);
        cr_assert_null(mem_spill());
    }
    lo[PAGE - 1] = 0;
    cr_assert_eq(mem_spill(), lo + PAGE - 1);
    mem_reset(MEM_CHECKED);
    mem_sbrk(1000);
    memset(lo + 1000, 0, PAGE - 1000);
    cr_assert_eq(mem_spill(), lo + 1000, "all alike");
}

Test(memlib, a_byte_written_beyond_the_break_is_found_after_the_break_moved_on)
{
    char *lo = mem_sbrk(1000);

    lo[1008] = 1;
    mem_sbrk(5000);
    memset(lo, 0, 6000);
    cr_assert_eq(mem_spill(), lo + 1008);

    mem_reset(MEM_CHECKED);
    mem_sbrk(1000);
    lo[2000] = 1;
    mem_sbrk(100);
    cr_assert_eq(mem_spill(), lo + 2000);

    mem_reset(MEM_CHECKED);
    mem_sbrk(6000);
    lo[6001] = 1;
    mem_sbrk(-5000);
    cr_assert_eq(mem_spill(), lo + 6001);
}

Test(memlib, a_byte_written_beyond_a_lowered_break_is_found)
{
    char *lo = mem_sbrk(9000);

    memset(lo, 0, 9000);
    mem_sbrk(-8000);
    cr_assert_null(mem_spill());
    for (size_t i = 1000; i < PAGE; i++)
        cr_assert_neq(lo[i], 0, "byte %zu given back is still zero", i);
    lo[3000] = 0;
    cr_assert_eq(mem_spill(), lo + 3000);
}

Test(memlib, no_spill_without_a_write)
{
    uint64_t seed = 1;

    for (int i = 0; i < 20000; i++) {
        char *old = mem_heap_hi();
        size_t bytes = random_below(&seed, 9000);
        bool grow = random_below(&seed, 2) || bytes > mem_heapsize();

        cr_assert_eq(mem_sbrk(grow ? (intptr_t)bytes : -(intptr_t)bytes),
                     old + 1);
        if (grow)
            memset(old + 1, 0, bytes);
        cr_assert_null(mem_spill());
    }
    mem_reset(MEM_WARM);
    *((char *)mem_sbrk(1) + 1) = 1;
    cr_assert_null(mem_spill());
}

/* --- Mappings --------------------------------------------------------- */

Test(memlib, map_and_unmap_refuse_what_means_nothing)
{
    char *p = mem_map(3 * PAGE, 0);
    char *q = mem_map(PAGE, 0);

    errno = 0;
    cr_assert_null(mem_map(0, 0));
    cr_assert_eq(errno, EINVAL);
    errno = 0;
    cr_assert_null(mem_map(1, 24));
    cr_assert_eq(errno, EINVAL);

    struct {
        char *address;
        size_t bytes;
    } wrong[] = {
        {NULL, PAGE},          {p, 0},
        {p + 1, PAGE},         {p, 4 * PAGE},
        {p - PAGE, PAGE},      {p + 3 * PAGE, PAGE},
        {p, SIZE_MAX},         {p, (size_t)(q + PAGE - p)},
        {mem_heap_lo(), PAGE},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        errno = 0;
        cr_assert_eq(mem_unmap(wrong[i].address, wrong[i].bytes), -1, "%zu", i);
        cr_assert_eq(errno, EINVAL);
    }
    assert_counts(0, 4 * PAGE, 4 * PAGE, 0);
    cr_assert_eq(mem_counts().refusals, 0);
}

Test(memlib, more_than_there_is_cannot_be_mapped)
{
    assert_refused(mem_map(SIZE_MAX, 0), NULL);
    assert_refused(mem_map(SIZE_MAX - PAGE + 1, 0), NULL);
    assert_refused(mem_map((size_t)PTRDIFF_MAX, 0), NULL);
    assert_refused(mem_map(64 * GIB + 1, 0), NULL);
    assert_refused(mem_map(1, (size_t)1 << 63), NULL);
    cr_assert_eq(mem_counts().refusals, 5);

    char *p = mem_map(64 * GIB, 0);
    cr_assert_not_null(p, "64 GiB of mappings are promised");
    p[64 * GIB - 1] = 1;
    cr_assert(is_inaccessible(p - 1));
    cr_assert(is_inaccessible(p + 64 * GIB));
    assert_refused(mem_map(1, 0), NULL);
    assert_refused(mem_remap(p, 64 * GIB, SIZE_MAX, 0), NULL);
    assert_refused(mem_remap(p, 64 * GIB, 64 * GIB + 1, 0), NULL);
    assert_counts(0, 64 * GIB, 64 * GIB, 0);
}

Test(memlib, a_mapping_is_aligned_as_asked)
{
    for (size_t align = 1; align <= 4 * MIB; align *= 2) {
        for (size_t bytes = 1; bytes < 3 * MIB; bytes = bytes * 3 + 1) {
            char *p = mem_map(bytes, align);

            cr_assert_eq((uintptr_t)p % align, 0);
            cr_assert_eq((uintptr_t)p % PAGE, 0);
            p[0] = p[bytes - 1] = 1;
        }
    }
    cr_assert_eq((uintptr_t)mem_map(1, 8 * GIB) % (8 * GIB), 0);
}

Test(memlib, the_lowest_hole_with_room_is_taken)
{
    char *p[8];

    for (int i = 0; i < 8; i++)
        p[i] = mem_map(4 * PAGE, 0);
    mem_unmap(p[2], 4 * PAGE);
    mem_unmap(p[5], 4 * PAGE);
    mem_unmap(p[6], 4 * PAGE);
    cr_assert_gt((char *)mem_map(10 * PAGE, 0), p[7]);
    cr_assert_eq(mem_map(9 * PAGE, 0), p[5]);
    cr_assert_eq(mem_map(PAGE, 0), p[2]);
    cr_assert_eq(mem_map(2 * PAGE, 0), p[2] + 2 * PAGE);
}

/* Many holes large enough, none aligned as asked: the answer is still right
   and the search ends. */
Test(memlib, holes_of_the_wrong_alignment_are_passed_over)
{
    enum { COUNT = 1000 };

    for (int i = 0; i < COUNT; i++)
        cr_assert_not_null(mem_map(64 * KIB, 64 * KIB));
    for (int i = 0; i < COUNT; i++) {
        char *p = mem_map(16 * KIB, 64 * KIB);

        cr_assert_eq((uintptr_t)p % (64 * KIB), 0);
        cr_assert(mem_contains(p, 16 * KIB));
        cr_assert_not(mem_contains(p, 16 * KIB + 1));
    }
}

Test(memlib, a_guard_page_lies_on_both_sides_of_a_mapping)
{
    char *p[64];

    for (size_t i = 0; i < 64; i++)
        p[i] = mem_map((1 + i % 3) * PAGE, i % 5 ? 0 : 16 * PAGE);
    for (size_t i = 0; i < 64; i++) {
        cr_assert(is_inaccessible(p[i] - 1));
        cr_assert_not(is_inaccessible(p[i]));
        cr_assert(is_inaccessible(p[i] + (1 + i % 3) * PAGE));
    }
}

Test(memlib, what_is_unmapped_cannot_be_touched)
{
    char *p = mem_map(5 * PAGE, 0);

    memset(p, 7, 5 * PAGE);
    cr_assert_eq(mem_unmap(p + 2 * PAGE, 1), 0);
    cr_assert(is_inaccessible(p + 2 * PAGE));
    cr_assert(is_filled(p, 7, 2 * PAGE));
    cr_assert(is_filled(p + 3 * PAGE, 7, 2 * PAGE));
    cr_assert(mem_contains(p, 2 * PAGE));
    cr_assert_not(mem_contains(p, 2 * PAGE + 1));
    cr_assert_not(mem_contains(p + 2 * PAGE, 1));
    cr_assert_eq(mem_unmap(p + 2 * PAGE, PAGE), -1, "unmapped twice");
    cr_assert_eq(mem_unmap(p, 5 * PAGE), -1, "has a hole");

    cr_assert_eq(mem_unmap(p, PAGE), 0);
    cr_assert_eq(mem_unmap(p + 4 * PAGE, PAGE), 0);
    cr_assert(is_inaccessible(p + PAGE - 1));
    cr_assert(is_inaccessible(p + 4 * PAGE));
    cr_assert(is_filled(p + PAGE, 7, PAGE));
    cr_assert(is_filled(p + 3 * PAGE, 7, PAGE));
    assert_counts(0, 2 * PAGE, 5 * PAGE, 0);

    cr_assert_eq(mem_unmap(p + PAGE, PAGE), 0);
    cr_assert_eq(mem_unmap(p + 3 * PAGE, PAGE), 0);
    cr_assert_eq(mem_map(5 * PAGE, 0), p, "the hole is not whole again");
}

/* Map, dirty and unmap some bytes; mapped again they are zero. */
static void assert_reused_zeroed(size_t bytes)
{
    char *p = mem_map(bytes, 0);

    cr_assert(is_filled(p, 0, bytes));
    memset(p, 7, bytes);
    cr_assert_eq(mem_unmap(p, bytes), 0);
    cr_assert_eq(mem_map(bytes, 0), p);
    cr_assert(is_filled(p, 0, bytes), "%zu bytes, again", bytes);
    memset(p, 7, bytes);
    cr_assert_eq(mem_unmap(p, bytes), 0);
    cr_assert_eq(mem_map(2 * bytes, 0), p);
    cr_assert(is_filled(p, 0, 2 * bytes), "%zu bytes, then twice that", bytes);
    memset(p, 7, 2 * bytes);
    cr_assert_eq(mem_unmap(p, 2 * bytes), 0);
}

Test(memlib, reused_memory_is_zero)
{
    for (int warm = 0; warm < 2; warm++) {
        mem_reset(warm ? MEM_WARM : MEM_CHECKED);
        assert_reused_zeroed(PAGE);
        assert_reused_zeroed(100 * KIB);
        assert_reused_zeroed(17 * MIB);
    }
    mem_reset(MEM_WARM);
    cr_assert(is_filled(mem_map(34 * MIB, 0), 0, 34 * MIB));
}

Test(memlib, huge_mappings_take_memory_only_where_touched)
{
    size_t before = resident_bytes();

    for (int i = 0; i < 6; i++) {
        mem_reset(i % 2 ? MEM_WARM : MEM_CHECKED);
        for (int j = 0; j < 3; j++) {
            char *p = mem_map(40 * GIB, 0);

            cr_assert_eq(p[0] | p[20 * GIB] | p[40 * GIB - 1], 0);
            p[0] = p[20 * GIB] = p[40 * GIB - 1] = 1;
            p = mem_remap(p, 40 * GIB, 50 * GIB, 0);
            cr_assert_eq(p[20 * GIB] + p[40 * GIB - 1], 2);
            cr_assert_eq(mem_unmap(p, 50 * GIB), 0);
        }
    }
    cr_assert_lt(resident_bytes(), before + 256 * MIB);
}

Test(memlib, a_reset_gives_back_what_mappings_held)
{
    size_t before = resident_bytes();

    memset(mem_map(200 * MIB, 0), 1, 200 * MIB);
    mem_reset(MEM_CHECKED);
    cr_assert_lt(resident_bytes(), before + 50 * MIB);
    for (int i = 0; i < 12; i++)
        cr_assert_not_null(mem_map(15 * MIB, 0));
    cr_assert_lt(resident_bytes(), before + 50 * MIB, "zeroed without need");
}

Test(memlib, huge_pages_are_off)
{
    cr_assert_eq(prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0), 1);
}

/* --- Changing the length of a mapping --------------------------------- */

Test(memlib, remap_grows_in_place_where_there_is_room)
{
    char *p = mem_map(2 * PAGE, 0);

    memset(p, 7, 2 * PAGE);
    cr_assert_eq(mem_remap(p, 2 * PAGE, 5 * PAGE, 0), p);
    cr_assert(is_filled(p, 7, 2 * PAGE));
    cr_assert(is_filled(p + 2 * PAGE, 0, 3 * PAGE));
    cr_assert(is_inaccessible(p + 5 * PAGE));
    memset(p, 8, 5 * PAGE);
    assert_counts(0, 5 * PAGE, 5 * PAGE, 0);

    cr_assert_eq(mem_remap(p, 5 * PAGE - 3, PAGE + 1, 0), p);
    cr_assert(is_filled(p, 8, 2 * PAGE));
    cr_assert(is_inaccessible(p + 2 * PAGE));
    cr_assert_eq(mem_remap(p, 2 * PAGE, 4 * PAGE, 0), p);
    cr_assert(is_filled(p + 2 * PAGE, 0, 2 * PAGE));
    cr_assert_eq(mem_remap(p, 4 * PAGE, 4 * PAGE, 0), p);
    assert_counts(0, 4 * PAGE, 5 * PAGE, 0);
}

Test(memlib, remap_leaves_a_guard_page_before_the_next_mapping)
{
    char *p = mem_map(PAGE, 0);
    char *q = mem_map(3 * PAGE, 0);
    char *r = mem_map(PAGE, 0);

    mem_unmap(q, 3 * PAGE);
    cr_assert_eq(mem_remap(p, PAGE, 5 * PAGE, 0), p);
    cr_assert(is_inaccessible(p + 5 * PAGE));
    p = mem_remap(p, 5 * PAGE, 6 * PAGE, 0);
    cr_assert_gt(p, r);
    cr_assert(is_inaccessible(r - 1));
}

/* See that a mapping ends where the next one's guard page begins. */
static void hem_in(const char *first)
{
    while ((char *)mem_map(PAGE, 0) < first)
        continue;
}

/* Let a mapping that is hemmed in grow, and look at what became of it. */
static void assert_moves(size_t bytes, size_t align)
{
    char *p = mem_map(bytes, 0);
    hem_in(p);
    struct mem_counts before = mem_counts();

    for (size_t i = 0; i < bytes; i += PAGE)
        memset(p + i, (int)(i / PAGE % 251 + 1), PAGE);
    char *q = mem_remap(p, bytes, bytes + PAGE, align);
    cr_assert_gt(q, p);
    cr_assert_eq((uintptr_t)q % (align ? align : PAGE), 0);
    for (size_t i = 0; i < bytes; i += PAGE)
        cr_assert(is_filled(q + i, (int)(i / PAGE % 251 + 1), PAGE));
    cr_assert(is_filled(q + bytes, 0, PAGE));
    cr_assert(is_inaccessible(p));
    cr_assert(is_inaccessible(p + bytes - 1));
    cr_assert(is_inaccessible(q + bytes + PAGE));
    cr_assert_eq(mem_counts().mapped, before.mapped + PAGE);
    cr_assert_eq(mem_counts().peak, before.peak + PAGE,
                 "a mapping that moves is never held twice");
}

Test(memlib, remap_moves_a_mapping_with_its_contents)
{
    assert_moves(PAGE, 0);
    assert_moves(100 * PAGE, 64 * KIB);
    assert_moves(3 * MIB, 0);
    assert_moves(20 * MIB + PAGE, 4 * MIB);
}

/* Moved pages, pages grown behind them, and holes where pages were moved away
   are different areas for the kernel, which moves only one at a time. */
Test(memlib, remap_moves_a_mapping_again_and_again)
{
    char *p = mem_map(3 * MIB, 0);
    size_t bytes = 3 * MIB;

    for (int i = 0; i < 12; i++) {
        hem_in(p);
        memset(p, i + 1, bytes);
        p = mem_remap(p, bytes, bytes + 3 * MIB, 0);
        cr_assert(is_filled(p, i + 1, bytes));
        cr_assert(is_filled(p + bytes, 0, 3 * MIB));
        memset(p, i + 2, bytes + 3 * MIB);
        bytes += 3 * MIB;
        if (i % 2)
            hem_in(p);
        p = mem_remap(p, bytes, bytes + PAGE, 0);
        cr_assert(is_filled(p, i + 2, bytes));
        cr_assert(is_filled(p + bytes, 0, PAGE));
        bytes += PAGE;
    }
    cr_assert_eq(mem_counts().refusals, 0);
}

/* Copying would fill the memory of most machines. */
Test(memlib, remap_moves_huge_mappings_without_touching_them)
{
    char *p = mem_map(20 * GIB, 0);
    size_t before = resident_bytes();

    p[0] = p[10 * GIB] = p[20 * GIB - 1] = 7;
    hem_in(p);
    char *q = mem_remap(p, 20 * GIB, 21 * GIB, 0);
    cr_assert_gt(q, p);
    cr_assert_eq(q[0] + q[10 * GIB] + q[20 * GIB - 1], 21);
    cr_assert_eq(q[20 * GIB] + q[21 * GIB - 1], 0);
    cr_assert_lt(resident_bytes(), before + 256 * MIB);
}

/* Two areas for certain: what was moved there, and a growth in place. */
Test(memlib, remap_moves_a_mapping_that_was_moved_and_grew)
{
    char *p = mem_map(3 * MIB, 0);
    hem_in(p);
    memset(p, 7, 3 * MIB);

    char *q = mem_remap(p, 3 * MIB, 4 * MIB, 0);
    cr_assert_neq(q, p);
    cr_assert_eq(mem_remap(q, 4 * MIB, 9 * MIB, 0), q);
    memset(q + 4 * MIB, 8, 5 * MIB);
    hem_in(q);
    cr_assert_neq(p = mem_remap(q, 9 * MIB, 10 * MIB, 0), q);
    cr_assert(is_filled(p, 7, 3 * MIB));
    cr_assert(is_filled(p + 3 * MIB, 0, MIB));
    cr_assert(is_filled(p + 4 * MIB, 8, 5 * MIB));
    cr_assert(is_filled(p + 9 * MIB, 0, MIB));
}

Test(memlib, remap_refuses_what_is_no_whole_mapping)
{
    char *p = mem_map(4 * PAGE, 0);

    struct {
        void *address;
        size_t old_bytes, new_bytes, align;
    } wrong[] = {
        {NULL, PAGE, PAGE, 0},         {p + PAGE, 3 * PAGE, PAGE, 0},
        {p, 3 * PAGE, PAGE, 0},        {p, 5 * PAGE, PAGE, 0},
        {p, 4 * PAGE, 0, 0},           {p, 4 * PAGE, 5 * PAGE, 3},
        {p + 4 * PAGE, PAGE, PAGE, 0},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        errno = 0;
        cr_assert_null(mem_remap(wrong[i].address, wrong[i].old_bytes,
                                 wrong[i].new_bytes, wrong[i].align),
                       "case %zu", i);
        cr_assert_eq(errno, EINVAL);
    }
    assert_counts(0, 4 * PAGE, 4 * PAGE, 0);
}

/* --- The limit -------------------------------------------------------- */

/* Ask for memory in four ways, 16 pages in all if everything is granted.
   Returns how many of the calls were refused. */
static size_t ask_for_16_pages(char **mapping)
{
    size_t refused = 0;

    refused += mem_sbrk((intptr_t)(5 * PAGE)) == SBRK_FAILED;
    *mapping = mem_map(4 * PAGE, 0);
    refused += !*mapping;
    if (*mapping) {
        char *grown = mem_remap(*mapping, 4 * PAGE, 9 * PAGE, 0);

        refused += !grown;
        if (!grown)
            cr_assert(is_filled(*mapping, 0, 4 * PAGE));
    }
    refused += mem_sbrk((intptr_t)(2 * PAGE)) == SBRK_FAILED;
    return refused;
}

Test(memlib, the_limit_holds_at_any_point)
{
    for (size_t pages = 1; pages <= 17; pages++) {
        char *mapping;

        mem_reset(MEM_CHECKED);
        mem_set_limit(pages * PAGE - (pages == 17 ? PAGE : 1));
        size_t refused = ask_for_16_pages(&mapping);
        cr_assert_eq(mem_counts().refusals, refused);
        cr_assert_eq(refused == 0, pages == 17, "%zu pages", pages);
        cr_assert_lt(mem_counts().peak, pages * PAGE);

        mem_set_limit(0);
        mem_reset(MEM_CHECKED);
        cr_assert_eq(ask_for_16_pages(&mapping), 0, "no recovery");
        assert_counts(7 * PAGE, 9 * PAGE, 16 * PAGE, 7 * PAGE);
    }
}

Test(memlib, what_is_given_back_counts_for_the_limit_again)
{
    mem_set_limit(10 * PAGE);

    char *p = mem_map(6 * PAGE, 0);
    mem_sbrk((intptr_t)(4 * PAGE));
    assert_refused(mem_sbrk(1), SBRK_FAILED);
    assert_refused(mem_map(1, 0), NULL);
    assert_refused(mem_remap(p, 6 * PAGE, 6 * PAGE + 1, 0), NULL);
    cr_assert_eq(mem_counts().refusals, 3);
    cr_assert_eq(mem_unmap(p, PAGE), 0);
    cr_assert_neq(mem_sbrk((intptr_t)PAGE), SBRK_FAILED);
    cr_assert_neq(mem_sbrk(-(intptr_t)PAGE), SBRK_FAILED);
    cr_assert_not_null(mem_remap(p + PAGE, 5 * PAGE, 6 * PAGE, 0));

    mem_set_limit(PAGE); /* below what is held: only less is possible */
    assert_refused(mem_sbrk(1), SBRK_FAILED);
    cr_assert_neq(mem_sbrk(-(intptr_t)PAGE), SBRK_FAILED);
    assert_refused(mem_sbrk(1), SBRK_FAILED);
}

Test(memlib_apart, the_limit_can_be_given_at_once)
{
    open_at(NULL, 3 * KIB);
    assert_refused(mem_sbrk(3073), SBRK_FAILED);
    cr_assert_eq(mem_sbrk(3072), mem_heap_lo());
    mem_close();
}

/* --- Modes ------------------------------------------------------------ */

enum { SCRIPT_OPS = 400 };

/* A fixed mixture of calls; notes the address that each gives. */
static void run_script(char *got[SCRIPT_OPS])
{
    char *live[16] = {NULL};
    size_t bytes[16] = {0};
    uint64_t seed = 7;

    for (int i = 0; i < SCRIPT_OPS; i++) {
        size_t k = random_below(&seed, 16);

        if (i % 3 == 0) {
            got[i] = mem_sbrk((intptr_t)random_below(&seed, 300000) - 50000);
        } else if (!live[k]) {
            bytes[k] = 1 + random_below(&seed, 200000);
            got[i] = live[k] = mem_map(bytes[k], i % 2 ? 0 : 65536);
        } else if (i % 3 == 1) {
            size_t now = 1 + random_below(&seed, 200000);
            got[i] = live[k] = mem_remap(live[k], bytes[k], now, 0);
            bytes[k] = now;
        } else {
            mem_unmap(live[k], bytes[k]);
            got[i] = live[k] = NULL;
        }
        if (live[k])
            memset(live[k], 1, bytes[k]);
    }
}

Test(memlib, the_same_calls_get_the_same_addresses_in_both_modes)
{
    char *first[SCRIPT_OPS], *again[SCRIPT_OPS];

    run_script(first);
    struct mem_counts counts = mem_counts();
    for (int i = 0; i < 5; i++) {
        mem_reset(i < 3 ? MEM_WARM : MEM_CHECKED);
        run_script(again);
        cr_assert_arr_eq(first, again, sizeof first);
        struct mem_counts now = mem_counts();
        cr_assert_eq(memcmp(&now, &counts, sizeof now), 0);
    }
}

Test(memlib, a_warm_replay_makes_no_system_calls_for_pages)
{
    char *got[SCRIPT_OPS];

    run_script(got);
    cr_assert_gt(page_calls, 0);
    for (int i = 0; i < 3; i++) {
        mem_reset(MEM_WARM);
        page_calls = 0;
        run_script(got);
        cr_assert_eq(page_calls, 0, "replay %d: %d calls", i, page_calls);
    }
    mem_reset(MEM_CHECKED);
    cr_assert(is_inaccessible(mem_heap_lo()));
    cr_assert(is_inaccessible(mem_map(1, 0) - PAGE));
    cr_assert(is_inaccessible((char *)mem_map(1, 0) + PAGE));
}

/* A stage that goes on to read what it has discarded must not find it. */
Test(memlib, discarded_pages_stay_but_lose_what_they_hold)
{
    mem_reset(MEM_CHECKED);
    char *heap = mem_sbrk((intptr_t)(3 * PAGE));
    char *map = mem_map(2 * PAGE, 0);
    struct mem_counts before = mem_counts();

    memset(heap, 1, 3 * PAGE);
    memset(map, 1, 2 * PAGE);
    errno = 7;
    mem_discard(heap + PAGE, PAGE);
    mem_discard(map, 2 * PAGE);
    cr_assert_eq(errno, 7);
    cr_assert_eq(heap[PAGE - 1], 1);
    cr_assert_neq(heap[PAGE], 1);
    cr_assert_neq(heap[2 * PAGE - 1], 1);
    cr_assert_eq(heap[2 * PAGE], 1);
    cr_assert_neq(map[2 * PAGE - 1], 1);
    cr_assert_eq(mem_counts().heap, before.heap);
    cr_assert_eq(mem_counts().mapped, before.mapped);
}

Test(memlib, warm_memory_is_asked_for_in_large_steps)
{
    mem_reset(MEM_WARM);
    page_calls = 0;
    for (int i = 0; i < 10000; i++) {
        memset(mem_sbrk(1000), 1, 1000);
        memset(mem_map(1, 0), 1, PAGE);
    }
    cr_assert_leq(page_calls, 4);
}

Test(memlib, a_reset_takes_everything_back)
{
    for (int i = 0; i < 4; i++) {
        char *lo = mem_sbrk(10000);
        char *p = mem_map(10000, 0);

        memset(lo, 1, 10000);
        memset(p, 1, 10000);
        mem_set_limit(1);
        assert_refused(mem_sbrk(1), SBRK_FAILED);
        mem_set_limit(0);
        mem_reset(i % 2 ? MEM_CHECKED : MEM_WARM);
        assert_counts(0, 0, 0, 0);
        cr_assert_eq(mem_counts().refusals, 0);
        cr_assert_eq(mem_sbrk(0), lo);
        cr_assert_not(mem_contains(lo, 1));
        cr_assert_not(mem_contains(p, 1));
        cr_assert_eq(mem_unmap(p, PAGE), -1);
    }
}

Test(memlib, what_was_reached_stays_reached_until_the_reset)
{
    char *lo = mem_sbrk(1000);
    char *p = mem_map(PAGE, 0);
    char *q = mem_map(3 * PAGE, 0);

    mem_sbrk(-900);
    mem_unmap(q, 3 * PAGE);
    cr_assert(mem_reached(lo, 1000));
    cr_assert_not(mem_reached(lo, 1001));
    cr_assert_not(mem_reached(lo - 1, 1));
    cr_assert(mem_reached(q, 3 * PAGE));
    cr_assert_not(mem_reached(q, 3 * PAGE + 1));
    cr_assert_not(mem_reached(p - 1, 1));
    cr_assert_not(mem_reached(p, SIZE_MAX));
    mem_reset(MEM_WARM);
    cr_assert_not(mem_reached(lo, 1));
    cr_assert_not(mem_reached(p, 1));
}

/* There are only so many guard pages; each heap has its own share of them. */
Test(memlib, guard_pages_come_back_with_a_reset)
{
    for (int round = 0; round < 20; round++) {
        char *p = NULL;

        mem_reset(MEM_CHECKED);
        for (int i = 0; i < 1000; i++)
            p = mem_map(1, 0);
        cr_assert(is_inaccessible(p - 1), "round %d", round);
    }
}

Test(memlib, the_heap_is_dirty_after_a_reset)
{
    memset(mem_sbrk(100000), 7, 100000);
    mem_reset(MEM_CHECKED);
    cr_assert(is_filled(mem_sbrk(100000), 7, 100000));
}

/* --- Opening ---------------------------------------------------------- */

Test(memlib_apart, nothing_is_granted_before_the_opening)
{
    assert_refused(mem_sbrk(1), SBRK_FAILED);
    assert_refused(mem_map(1, 0), NULL);
    cr_assert_eq(mem_unmap(&page_calls, 1), -1);
    cr_assert_null(mem_remap(&page_calls, 1, 2, 0));
    cr_assert_eq(mem_heapsize(), 0);
    cr_assert_not(mem_contains(&page_calls, 1));
    mem_close();
    open_anywhere();
    cr_assert_eq(mem_counts().refusals, 0);
    mem_close();
    assert_refused(mem_sbrk(1), SBRK_FAILED);
    assert_refused(mem_map(1, 0), NULL);
    cr_assert_null(mem_spill());
}

Test(memlib_apart, the_heap_starts_where_asked)
{
    /* 0x800000000 is the textbook's; sanitizers keep their tables there. */
    char *at = (char *)(SANITIZED ? 0x7e8000000000 : 0x800000000);

    for (int i = 0; i < 2; i++) {
        open_at(at, 0);
        cr_assert_eq(mem_heap_lo(), at);
        cr_assert_eq(mem_sbrk(100), at);
        memset(at, 1, 100);
        cr_assert(is_inaccessible(at - 1));
        cr_assert(is_inaccessible(at + PAGE));
        mem_close();
    }
}

static void assert_not_opened(void *heap_at, int error, const char *reason)
{
    struct mem_options options = {.heap_at = heap_at};
    const char *why = "";

    errno = 0;
    cr_assert_not(mem_open(&options, &why));
    cr_assert_eq(errno, error, "errno %d", errno);
    cr_assert_not_null(strstr(why, reason), "%s", why);
}

Test(memlib_apart, an_impossible_start_is_explained)
{
    void *taken =
        mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    assert_not_opened((void *)0x800000010, EINVAL, "multiple of the page size");
    assert_not_opened(taken, EEXIST, "something else lies where");
    assert_not_opened((void *)0xffff800000000000, ENOMEM, "--heap-at");
    open_anywhere();
    cr_assert_not_null(mem_map(1, 0));
    mem_close();
}

Test(memlib_apart, less_address_space_makes_smaller_regions,
     .disabled = SANITIZED)
{
    struct rlimit few = {.rlim_cur = 800 * MIB, .rlim_max = RLIM_INFINITY};

    setrlimit(RLIMIT_AS, &few);
    open_anywhere();
    cr_assert_neq(mem_sbrk((intptr_t)(100 * MIB)), SBRK_FAILED);
    cr_assert_not_null(mem_map(100 * MIB, 0));
    assert_refused(mem_sbrk((intptr_t)GIB), SBRK_FAILED);
    void *left = malloc(250 * MIB);
    cr_assert_not_null(left, "nothing is left for others");
    free(left);
    mem_close();

    few.rlim_cur = 32 * MIB;
    setrlimit(RLIMIT_AS, &few);
    assert_not_opened(NULL, ENOMEM, "ulimit -v");
}

/* --- Many mappings ---------------------------------------------------- */

enum { MANY = 50000 };

/* Each mapping is cut in two: more pieces than Linux grants areas. */
Test(memlib, there_can_be_100000_mappings)
{
    static char *p[MANY];

    for (size_t i = 0; i < MANY; i++) {
        p[i] = mem_map(3 * PAGE, 0);
        cr_assert_not_null(p[i], "mapping %zu", i);
        p[i][0] = p[i][2 * PAGE] = (char)(i | 1);
        cr_assert_eq(mem_unmap(p[i] + PAGE, PAGE), 0);
    }
    assert_counts(0, MANY * 2 * PAGE, (MANY * 2 + 1) * PAGE, 0);
    for (size_t i = 0; i < MANY; i++)
        cr_assert(p[i][0] == (char)(i | 1) && p[i][2 * PAGE] == p[i][0]);
    for (size_t i = 0; i < MANY; i++) {
        cr_assert_eq(mem_unmap(p[i * 7919 % MANY], PAGE), 0);
        cr_assert_eq(mem_unmap(p[i] + 2 * PAGE, PAGE), 0);
    }
    cr_assert_eq(mem_counts().mapped, 0);
    cr_assert_eq(mem_map(GIB, 0), p[0], "the holes are not one again");
    cr_assert(is_inaccessible(p[0] + GIB));
}

Test(memlib, a_mapping_too_many_is_refused)
{
    char *p = mem_map(3 * PAGE, 0);

    mem_reset(MEM_WARM);
    cr_assert_eq(mem_map(3 * PAGE, 0), p);
    for (int i = 1; i < 1 << 20; i++)
        cr_assert_not_null(mem_map(1, 0), "mapping %d", i);
    assert_refused(mem_map(1, 0), NULL);
    errno = 0;
    cr_assert_eq(mem_unmap(p + PAGE, PAGE), -1, "would make one more");
    cr_assert_eq(errno, ENOMEM);
    cr_assert_eq(mem_unmap(p, PAGE), 0);
    cr_assert_eq(mem_unmap(p + 2 * PAGE, PAGE), 0);
    cr_assert_eq(mem_unmap(p + PAGE, PAGE), 0);
    cr_assert_eq(mem_map(3 * PAGE, 0), p);
}

/* --- Random calls against a trivial model ----------------------------- */

enum { MODEL_MOST = 64, MODEL_PAGES = 600 };

/* What should be; each page of a mapping carries a number. */
static struct model {
    struct {
        char *first;
        size_t pages;
        uint32_t stamps[MODEL_PAGES];
    } maps[MODEL_MOST];
    size_t held; /* of maps */
    uint32_t stamp;
    size_t heap, mapped, peak, peak_heap, refusals, limit;
    uint64_t seed;
} model;

static size_t model_random(size_t most)
{
    return random_below(&model.seed, most);
}

static void model_peak(void)
{
    if (model.heap + model.mapped > model.peak)
        model.peak = model.heap + model.mapped;
    if (model.heap > model.peak_heap)
        model.peak_heap = model.heap;
}

/* True when the limit allows bytes more; else counts the refusal. */
static bool model_allows(size_t bytes)
{
    if (model.heap + model.mapped + bytes <= model.limit)
        return true;
    model.refusals++;
    return false;
}

/* Number the pages of mapping i from page on, which must be zero. */
static void model_stamp(size_t i, size_t page)
{
    for (; page < model.maps[i].pages; page++) {
        char *p = model.maps[i].first + page * PAGE;

        cr_assert(is_filled(p, 0, PAGE), "a new page is not zero");
        model.maps[i].stamps[page] = ++model.stamp;
        memcpy(p, &model.stamp, sizeof model.stamp);
        memcpy(p + PAGE - sizeof model.stamp, &model.stamp, sizeof model.stamp);
    }
}

/* All pages of mapping i have their numbers, and guards round them. */
static void model_verify(size_t i)
{
    char *first = model.maps[i].first;
    size_t pages = model.maps[i].pages;

    for (size_t page = 0; page < pages; page++) {
        uint32_t stamp = model.maps[i].stamps[page];
        char *p = first + page * PAGE;

        cr_assert_eq(memcmp(p, &stamp, sizeof stamp), 0);
        cr_assert_eq(memcmp(p + PAGE - sizeof stamp, &stamp, sizeof stamp), 0);
    }
    cr_assert(mem_contains(first, pages * PAGE));
    cr_assert_not(mem_contains(first - 1, 1));
    cr_assert_not(mem_contains(first, pages * PAGE + 1));
    for (size_t j = 0; j < model.held; j++) {
        char *other = model.maps[j].first;

        cr_assert(j == i || other > first + pages * PAGE ||
                      first > other + model.maps[j].pages * PAGE,
                  "no guard page between two mappings");
    }
}

static void model_sbrk(void)
{
    intptr_t more = (intptr_t)model_random(80000) - 40000;
    char *brk = (char *)mem_heap_lo() + model.heap;
    void *got = mem_sbrk(more);

    if (more < 0 && (size_t)-more > model.heap) {
        cr_assert_eq(got, SBRK_FAILED);
    } else if (more > 0 && !model_allows((size_t)more)) {
        cr_assert_eq(got, SBRK_FAILED);
    } else {
        cr_assert_eq(got, brk);
        model.heap += (size_t)more;
    }
}

static void model_map(void)
{
    size_t pages = 1 + model_random(model_random(4) ? 8 : 300);
    size_t align = (size_t)1 << model_random(20);
    char *p = mem_map(pages * PAGE - model_random(PAGE), align);

    if (!model_allows(pages * PAGE)) {
        cr_assert_null(p);
        return;
    }
    cr_assert_not_null(p);
    cr_assert_eq((uintptr_t)p % align, 0);
    model.maps[model.held].first = p;
    model.maps[model.held].pages = pages;
    model_stamp(model.held, 0);
    model.held++;
    model.mapped += pages * PAGE;
}

/* Copy pages [from, to) of mapping i to the end as a mapping of their own. */
static void model_copy_part(size_t i, size_t from, size_t to)
{
    size_t n = model.held++;

    model.maps[n].first = model.maps[i].first + from * PAGE;
    model.maps[n].pages = to - from;
    memcpy(model.maps[n].stamps, model.maps[i].stamps + from,
           (to - from) * sizeof model.stamp);
}

static void model_unmap(size_t i)
{
    size_t pages = model.maps[i].pages;
    bool whole = model_random(2) || model.held + 2 > MODEL_MOST;
    size_t from = whole ? 0 : model_random(pages);
    size_t to = whole ? pages : from + 1 + model_random(pages - from);

    cr_assert_eq(mem_unmap(model.maps[i].first + from * PAGE,
                           (to - from) * PAGE - model_random(PAGE)),
                 0);
    model.mapped -= (to - from) * PAGE;
    if (from > 0)
        model_copy_part(i, 0, from);
    if (to < pages)
        model_copy_part(i, to, pages);
    model.maps[i] = model.maps[--model.held];
}

static void model_remap(size_t i)
{
    size_t old = model.maps[i].pages;
    size_t pages = 1 + model_random(model_random(4) ? 2 * old : MODEL_PAGES);
    size_t align = (size_t)1 << model_random(20);

    if (pages > MODEL_PAGES)
        pages = MODEL_PAGES;
    char *p = mem_remap(model.maps[i].first, old * PAGE, pages * PAGE, align);
    if (pages > old && !model_allows((pages - old) * PAGE)) {
        cr_assert_null(p);
        return;
    }
    cr_assert_not_null(p);
    cr_assert(p == model.maps[i].first || (uintptr_t)p % align == 0);
    model.maps[i].first = p;
    model.maps[i].pages = pages;
    model.mapped += (pages - old) * PAGE;
    model_stamp(i, old);
}

static void model_step(void)
{
    size_t what = model_random(8);
    size_t i = model.held ? model_random(model.held) : 0;

    if (what < 2)
        model_sbrk();
    else if (model.held == 0 || (what < 5 && model.held < MODEL_MOST))
        model_map();
    else if (what < 7)
        model_unmap(i);
    else
        model_remap(i);
    model_peak();
    if (model.held)
        model_verify(model_random(model.held));
    assert_counts(model.heap, model.mapped, model.peak, model.peak_heap);
    cr_assert_eq(mem_counts().refusals, model.refusals);
}

Test(memlib, random_calls_do_as_a_model_says)
{
    for (int run = 0; run < 4; run++) {
        model = (struct model){.limit = run < 2 ? SIZE_MAX : 2 * MIB,
                               .seed = (uint64_t)run + 1};
        mem_reset(run % 2 ? MEM_WARM : MEM_CHECKED);
        mem_set_limit(run < 2 ? 0 : model.limit);
        for (int i = 0; i < 6000; i++)
            model_step();
        for (size_t i = 0; i < model.held; i++)
            model_verify(i);
        cr_assert_eq(model.refusals > 0, run >= 2);
    }
}

/* --- Saying where an address lies ------------------------------------- */

/* mem_describe's text for p is `format` with the base of the thing put in. */
static void assert_described(const void *p, const char *format,
                             const void *base)
{
    char text[256], expected[256];
    char *hash = strchr(strcpy(expected, format), '#');

    if (hash)
        sprintf(hash, "%p%s", base, strchr(format, '#') + 1);
    mem_describe(p, text, sizeof text);
    cr_assert_str_eq(text, expected);
}

Test(memlib, addresses_of_the_heap_are_described)
{
    char *lo = mem_sbrk(1000);

    assert_described(lo + 496,
                     "in the heap at +0x1f0, 504 bytes before the break", NULL);
    assert_described(lo + 999, "in the heap at +0x3e7, 1 byte before the break",
                     NULL);
    assert_described(lo + 1000, "right at the break (#)", lo + 1000);
    assert_described(lo + 1024, "24 bytes past the break (#)", lo + 1000);
    assert_described(lo + GIB, "1073740824 bytes past the break (#)",
                     lo + 1000);
    assert_described(lo - 8, "8 bytes before the heap's first byte (#)", lo);
    mem_sbrk(-100);
    assert_described(
        lo + 999,
        "99 bytes past the break (#), in memory that mem_sbrk has taken back",
        lo + 900);
}

Test(memlib, addresses_of_mappings_are_described)
{
    char *p = mem_map(1, 0);
    char *q = mem_map(10 * PAGE, 8 * PAGE);

    assert_described(p, "in the mapping at # (4096 bytes), +0x0", p);
    assert_described(q + 4097, "in the mapping at # (40960 bytes), +0x1001", q);
    assert_described(p + PAGE,
                     "in the guard page, right at the end of the mapping at # "
                     "(4096 bytes)",
                     p);
    assert_described(q - 1,
                     "in the guard page, 1 byte before the start of the "
                     "mapping at # (40960 bytes)",
                     q);
    assert_described(p + 2 * PAGE,
                     "in no mapping, 4096 bytes past the end of the mapping "
                     "at # (4096 bytes)",
                     p);
    assert_described(q - PAGE,
                     "in the guard page, 4096 bytes before the start of the "
                     "mapping at # (40960 bytes)",
                     q);
    assert_described(q - 2 * PAGE,
                     "in no mapping, 8192 bytes before the start of the "
                     "mapping at # (40960 bytes)",
                     q);
    mem_reset(MEM_CHECKED);
    assert_described(p, "where mem_map puts mappings, but there is none now",
                     NULL);
}

Test(memlib, other_addresses_are_described)
{
    char few[10];

    assert_described(NULL, "in no memory of the stage (NULL)", NULL);
    assert_described((void *)8, "in no memory of the stage (NULL + 8)", NULL);
    assert_described(few, "in no memory of the stage (#)", few);
    mem_describe(few, few, sizeof few);
    cr_assert_str_eq(few, "in no mem");
}

static volatile sig_atomic_t interruptions; /* of memlib itself */

static void describe_on_signal(int number)
{
    char text[128];

    (void)number;
    mem_describe(mem_heap_lo(), text, sizeof text);
    interruptions += strstr(text, "while memlib was changing it") != NULL;
}

Test(memlib, an_address_is_described_whatever_was_interrupted)
{
    struct sigaction action = {.sa_handler = describe_on_signal};

    sigaction(SIGALRM, &action, NULL);
    ualarm(2000, 2000);
    while (interruptions < 3)
        mem_unmap(mem_map(64 * PAGE, 0), 64 * PAGE);
    ualarm(0, 0);
    cr_assert_eq(mem_counts().mapped, 0);
}
