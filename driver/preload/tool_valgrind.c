/*
 * tool_valgrind.c - annotations for Valgrind's memcheck; see tool.h.
 *
 * Without Valgrind the requests are a few instructions that do nothing.
 * Source: the Valgrind manual, 4.7, Client Requests.
 */
#include "tool.h"

#include <valgrind/memcheck.h>

enum { REDZONE = 16 }; /* bytes hidden before and behind each block */

void tool_open(void)
{
}

void tool_look_away(void)
{
    VALGRIND_DISABLE_ERROR_REPORTING;
}

void tool_look_again(void)
{
    VALGRIND_ENABLE_ERROR_REPORTING;
}

void tool_hide(void *ptr, size_t bytes)
{
    VALGRIND_MAKE_MEM_NOACCESS(ptr, bytes);
}

void tool_show(void *ptr, size_t bytes)
{
    VALGRIND_MAKE_MEM_DEFINED(ptr, bytes);
}

void tool_allocated(void *ptr, size_t bytes, bool zero)
{
    VALGRIND_MALLOCLIKE_BLOCK(ptr, bytes, REDZONE, zero);
}

void tool_freed(void *ptr, size_t bytes)
{
    (void)bytes;
    VALGRIND_FREELIKE_BLOCK(ptr, REDZONE);
}

/* Memcheck knows all blocks itself: it reports what is none. */
void tool_blame(void *ptr, const char *what)
{
    (void)what;
    VALGRIND_FREELIKE_BLOCK(ptr, REDZONE);
}
