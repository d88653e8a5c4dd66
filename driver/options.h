/*
 * options.h - the command line of mdriver.
 *
 * The one-letter options mean what they mean in the textbook's driver and its
 * successors; each has a long name beside it.
 */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum colour { COLOUR_AUTO, COLOUR_ALWAYS, COLOUR_NEVER };

/* A list of strings on libc's heap. */
struct strings {
    char **items;
    size_t count;
};

struct options {
    struct strings traces; /* files, those of a folder sorted by name */
    struct strings stages; /* shared objects; at least one */
    bool stage_given;      /* by --stage, so that a replay must repeat it */
    bool libc;             /* run libc's malloc as one more stage */

    bool check_only; /* check once, do not measure */
    bool parallel;   /* time threads on all processors, not on one */
    bool debug;      /* mm_checkheap after every operation */
    bool map;        /* print the heap after every operation */
    bool no_fork;    /* replay the one trace in this process */
    size_t until;    /* operations of each trace; 0: all */
    size_t threads;  /* that replay each trace of one thread; at least 1 */
    double timeout;  /* seconds a trace */
    size_t limit;    /* bytes of footprint; 0: by the trace, see child.h */
    void *heap_at;   /* where the heap starts; NULL: anywhere */

    int verbosity;    /* 0: no table, 1: table, 2: progress too */
    bool summary;     /* the line for autograders */
    bool tsv;         /* the table separated by tabs */
    const char *json; /* file to write, or NULL */
    enum colour colour;

    bool is_referee;    /* set before options_parse: those below are known */
    size_t cpu;         /* processor to measure on, + 1; 0: any */
    const char *player; /* program that holds the stage; NULL: the built one */
    int filter;         /* descriptor of its system call filter, or -1 */
    char **launch;      /* words that start it, after --; NULL at their end */
};

enum outcome {
    OPTIONS_RUN,  /* go on */
    OPTIONS_HELP, /* help was asked for and is printed */
    OPTIONS_BAD,  /* a usage error, named on messages */
};

/*
 * options_parse - read the command line.
 *
 * argc, argv: as given to main. home: the folder mdriver lies in, where the
 * built stages and the traces are looked for. out gets the help, messages
 * what is wrong, with the way out.
 *
 * Fills options, which options_free releases whatever the outcome.
 */
enum outcome options_parse(struct options *options, int argc, char *argv[],
                           const char *home, FILE *out, FILE *messages);

void options_free(struct options *options);

#endif
