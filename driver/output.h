/*
 * output.h - let through what a stage prints, marked as such and not too much.
 */
#ifndef OUTPUT_H
#define OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum {
    OUTPUT_MOST = 64 << 10, /* bytes let through in one replay */
    OUTPUT_LINE = 512,      /* bytes of a line; longer ones are broken */
};

struct output {
    FILE *to;
    const char *stage; /* named at the start of every line, as is the trace */
    const char *trace;
    size_t bytes;           /* taken so far */
    size_t used;            /* of line */
    char line[OUTPUT_LINE]; /* begun, not yet printed */
    char last[OUTPUT_LINE]; /* the last line printed that is not empty */
};

/*
 * output_take - print the lines that these bytes complete; control characters
 * become question marks.
 *
 * Returns false when more than OUTPUT_MOST bytes have come.
 */
bool output_take(struct output *output, const char *bytes, size_t count);

/* Print the line that is begun, if any. */
void output_end(struct output *output);

#endif
