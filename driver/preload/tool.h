/*
 * tool.h - how annotate.c tells a tool which bytes a program may touch.
 *
 * One file a tool: tool_valgrind.c, tool_asan.c.
 */
#ifndef TOOL_H
#define TOOL_H

#include <stdbool.h>
#include <stddef.h>

/* Once, before all else. */
void tool_open(void);

/*
 * Between these two the tool lets the thread read and write what is hidden:
 * for annotate.c and the stage, which know what they do.
 */
void tool_look_away(void);
void tool_look_again(void);

/* From now on nobody may touch these bytes. */
void tool_hide(void *ptr, size_t bytes);

/* Anyone may, and they hold something. */
void tool_show(void *ptr, size_t bytes);

/* A block in the middle of hidden bytes is handed out; zero: it was cleared. */
void tool_allocated(void *ptr, size_t bytes, bool zero);

/* It is given back; hidden again. */
void tool_freed(void *ptr, size_t bytes);

/*
 * mm_free or mm_realloc was given what is no block in use: report it, with
 * the stack of the call. what: a sentence. Returns if the tool goes on then.
 */
void tool_blame(void *ptr, const char *what);

/* A block near an address, for the tool's report. */
struct near {
    const void *ptr;
    size_t size; /* bytes asked for */
    bool is_freed;
    const void *allocated_by; /* return addresses of the calls; NULL: none */
    const void *freed_by;
};

/* annotate.c: find the block to which the address belongs, or that next to
 * it; false if it is near none. */
bool annotate_find(const void *address, struct near *near);

#endif
