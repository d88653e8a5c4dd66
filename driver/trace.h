/*
 * trace.h - a recorded or generated sequence of allocator calls.
 *
 * The format is described in traces/README.md. All three eras of the
 * textbook's .rep files are read, and ours.
 */
#ifndef TRACE_H
#define TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum trace_kind {
    TRACE_MALLOC,   /* a id size */
    TRACE_CALLOC,   /* c id count size */
    TRACE_MEMALIGN, /* m id align size */
    TRACE_REALLOC,  /* r id size */
    TRACE_FREE,     /* f id */
};

enum {
    TRACE_NULL_ID = -1, /* f -1: free(NULL) */
    TRACE_RUN = 64,     /* ops in a row of a copy, see trace_multiply */
};

struct trace_op {
    uint8_t kind;    /* enum trace_kind */
    uint16_t thread; /* of the last @ line; 0 before the first; may have gaps */
    int32_t id;      /* 0 to ids - 1, or TRACE_NULL_ID */
    uint32_t line;   /* of the file, from 1 */
    size_t size;     /* bytes; of one element for calloc */
    size_t extra;    /* calloc: count of elements; memalign: alignment */
};

struct trace {
    char *path;  /* as given */
    char *name;  /* the file's name without folder and ".rep" */
    char *about; /* text of the comment on line 1; "" if there is none */

    int weight;       /* 0 not scored, 1 both, 2 utilization, 3 speed only */
    size_t ids;       /* ids are 0 to ids - 1; the header may allow more */
    size_t ops_count; /* in ops */
    size_t threads;   /* threads that have an op; at least 1 */
    size_t copies;    /* that trace_multiply made; 0: none */
    struct trace_op *ops;

    /* Derived from the ops, assuming that every call succeeds: */
    size_t peak_payload; /* largest sum of live sizes, in bytes */
    size_t peak_op;      /* index of the op that first reaches it */
};

/*
 * trace_read - read and verify one trace.
 *
 * path: a regular file (anything else is refused at once).
 * messages: warnings ("FILE:LINE: ...") go there, and on failure the error.
 *
 * Returns the trace, to be given to trace_free; NULL after an error: a file
 * that cannot be read, a line that means nothing, a double free, an id out of
 * range, a size that overflows. Harmless dirt (fewer or more operations than
 * the header says, trailing blanks, CR LF) is warned of and read.
 */
struct trace *trace_read(const char *path, FILE *messages);

void trace_free(struct trace *trace);

/*
 * trace_cut - keep the first `ops` operations of the file, in each copy, and
 * bring what is derived from them up to date.
 *
 * Returns true; false after a message when memory for that is lacking.
 */
bool trace_cut(struct trace *trace, size_t ops, FILE *messages);

/*
 * trace_multiply - have n threads replay a trace of one thread at once.
 *
 * Thread k plays copy k, on ids of its own: id + k x ids. In the order of the
 * operations the copies take turns, TRACE_RUN at a time.
 *
 * n: at least 2. Returns true; false after a message when that is too much.
 */
bool trace_multiply(struct trace *trace, size_t n, FILE *messages);

/* The operation at that index as people count: in the file, from 1. */
size_t trace_op_number(const struct trace *trace, size_t index);

/* An id as it stands in the file. */
int32_t trace_file_id(const struct trace *trace, int32_t id);

/* Bytes that op asks for: count x size for calloc, else size. */
size_t trace_op_bytes(const struct trace_op *op);

/* "malloc", "calloc", "memalign", "realloc" or "free". */
const char *trace_kind_name(enum trace_kind kind);

#endif
