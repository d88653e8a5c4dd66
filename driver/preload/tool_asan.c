/*
 * tool_asan.c - annotations for AddressSanitizer; see tool.h.
 *
 * ASan knows bytes that are poisoned, but not why. So a line is added to its
 * report that names the block and the calls that allocated and freed it.
 * Source: sanitizer/asan_interface.h.
 */
#include "tool.h"

#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#include <stdint.h>
#include <stdio.h>

enum { TEXT = 300 };

/* The line of a call, by the address it returns to. */
static void print_call(const char *what, const void *back)
{
    char text[TEXT] = "?";

    if (!back)
        return;
    __sanitizer_symbolize_pc((char *)(uintptr_t)back - 1, "%f %s:%l", text,
                             sizeof(text));
    fprintf(stderr, ", %s in %s", what, text);
}

static void describe(const char *report)
{
    const char *at = __asan_get_report_address();
    struct near near;

    (void)report;
    if (!annotate_find(at, &near))
        return;

    const char *first = near.ptr;
    const char *end = first + near.size;
    const char *where = at < first ? "before" : at < end ? "inside" : "after";
    long distance = at < first ? first - at : at < end ? at - first : at - end;
    fprintf(stderr, "libmm: %p is %ld bytes %s a block of %zu bytes",
            (const void *)at, distance, where, near.size);
    print_call("allocated", near.allocated_by);
    if (near.is_freed)
        print_call("freed", near.freed_by);
    fprintf(stderr, "\n");
}

void tool_open(void)
{
    __asan_set_error_report_callback(describe);
}

void tool_look_away(void)
{
}

void tool_look_again(void)
{
}

void tool_hide(void *ptr, size_t bytes)
{
    __asan_poison_memory_region(ptr, bytes);
}

void tool_show(void *ptr, size_t bytes)
{
    __asan_unpoison_memory_region(ptr, bytes);
}

void tool_allocated(void *ptr, size_t bytes, bool zero)
{
    (void)zero;
    __asan_unpoison_memory_region(ptr, bytes);
}

void tool_freed(void *ptr, size_t bytes)
{
    __asan_poison_memory_region(ptr, bytes);
}

void tool_blame(void *ptr, const char *what)
{
    fprintf(stderr, "libmm: mm_free or mm_realloc was given %p, %s\n", ptr,
            what);
    __asan_report_error(__builtin_return_address(0), __builtin_frame_address(0),
                        &ptr, ptr, 0, 1);
}
