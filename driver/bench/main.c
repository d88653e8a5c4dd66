/*
 * main.c - run one of the benchmark programs.
 *
 * Prints "malloc PATH", the library whose malloc it runs on, and what figures
 * the program has: "figure NAME VALUE". Exit status: 0 done and verified, 1
 * something was wrong, and is told on stderr.
 */
#include <argp.h>
#include <stdarg.h>
#include <stdio.h>

#include "origin.h"
#include "work.h"

static const struct program *const tables[] = {
    one_size_programs, batch_programs,   fresh_programs,
    live_set_programs, vector_programs,  zeroed_programs,
    tree_programs,     text_programs,    server_programs,
    pipeline_programs, sharing_programs, short_lived_programs,
    phase_programs,
};

enum { TABLES = sizeof(tables) / sizeof(tables[0]) };

static const struct program *chosen; /* NULL before the arguments are read */
static int percent = 100;

void fail(const char *format, ...)
{
    va_list arguments;

    fprintf(stderr, "%s: ", chosen ? chosen->name : "work");
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    exit(1);
}

/* Of the stage, in the debug build; in no other. */
extern bool mm_checkheap(int line) __attribute__((weak));

void heap_check(int line)
{
    if (mm_checkheap && !mm_checkheap(line))
        fail("mm_checkheap is false");
}

static const struct program *program_find(const char *name)
{
    for (int t = 0; t < TABLES; t++) {
        for (const struct program *p = tables[t]; p->name; p++) {
            if (strcmp(p->name, name) == 0)
                return p;
        }
    }
    return NULL;
}

/* A line each: name, "time" or "figure", what it does. */
static void list(void)
{
    for (int t = 0; t < TABLES; t++) {
        for (const struct program *p = tables[t]; p->name; p++)
            printf("%s\t%s\t%s\n", p->name, p->is_figure ? "figure" : "time",
                   p->about);
    }
}

/* --- Arguments -------------------------------------------------------- */

static const struct argp_option options[] = {
    {"list", 'l', 0, 0, "List the programs: name, what counts, and about", 0},
    {"percent", 'p', "N", 0, "Do N % of the work, 1 to 1000 (default 100)", 0},
    {0},
};

static error_t parse_option(int key, char *text, struct argp_state *state)
{
    switch (key) {
    case 'l':
        list();
        exit(0);
    case 'p':
        percent = atoi(text);
        if (percent < 1 || percent > 1000)
            argp_error(state, "--percent %s: say 1 to 1000", text);
        return 0;
    case ARGP_KEY_ARG:
        if (chosen)
            argp_error(state, "%s: one program a run", text);
        chosen = program_find(text);
        if (!chosen)
            argp_error(state, "%s: no such program; see --list", text);
        return 0;
    case ARGP_KEY_END:
        if (!chosen)
            argp_error(state, "say which program; see --list");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int main(int argc, char **argv)
{
    const struct argp argp = {
        options, parse_option, "PROGRAM", "Run one benchmark of malloc.", 0, 0,
        0};

    argp_parse(&argp, argc, argv, 0, NULL, NULL);
    origin_print();
    chosen->run(&(struct task){chosen->variant, percent});
    heap_check(__LINE__);
    return 0;
}
