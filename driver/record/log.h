/*
 * log.h - the file in which the recorder leaves one process's events.
 *
 * A page with the header, then chunks of events. Event i lies at its place as
 * if in one array; its number is taken from header->events, one counter for
 * all threads, so the order of the events is one the program really had:
 *
 *   a block's LOG_FREE or LOG_REALLOC is numbered before the call is made,
 *   so before its address can be handed out again; its LOG_MALLOC, CALLOC,
 *   MEMALIGN or REALLOCED after the call, so before it can be freed.
 *
 * The file is mapped shared: what was written is there however the process
 * ends. An event that was numbered but not written is LOG_NOTHING.
 */
#ifndef LOG_H
#define LOG_H

#include <stdatomic.h>
#include <stdint.h>

enum log_kind {
    LOG_NOTHING,
    LOG_MALLOC,    /* address out, size */
    LOG_CALLOC,    /* address out, size of one element, extra = count */
    LOG_MEMALIGN,  /* address out, size, extra = alignment asked for */
    LOG_FREE,      /* address in */
    LOG_REALLOC,   /* address in, size; the same thread's next REALLOCED */
    LOG_REALLOCED, /* address out */
};

/* Address out is 0 when the call failed. */
struct log_event {
    uint64_t address;
    uint64_t size;
    uint64_t extra;
    uint32_t thread;      /* counted from 0 in the order of first events */
    _Atomic uint8_t kind; /* written last */
};

enum {
    LOG_HEADER_BYTES = 4096,
    LOG_CHUNK_EVENTS = 8192,
    LOG_CHUNK_BYTES = LOG_CHUNK_EVENTS * 32,
    LOG_CHUNKS_MAX = 4096, /* so a log is 1 GiB at most */
};

#define LOG_MAGIC "7HEAPLOG"

struct log_header {
    char magic[8];
    uint32_t pid;
    _Atomic uint32_t threads; /* numbers given */
    _Atomic uint64_t events;  /* numbers given; more than fit when full */
    _Atomic int error;        /* errno when the file could not grow, or 0 */
    char program[256];        /* path of the executable, "" unknown */
    char command[1024];       /* arguments, each with its NUL; may be cut */
};

_Static_assert(sizeof(struct log_event) == 32, "chunks are counted in 32s");
_Static_assert(sizeof(struct log_header) <= LOG_HEADER_BYTES, "one page");

/* The directory for the logs, an absolute path; unset: nothing is recorded. */
#define LOG_DIRECTORY_VARIABLE "SEVEN_HEAPS_RECORD"

#endif
