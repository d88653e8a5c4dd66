/*
 * main.c - scaling: cost against live blocks, and throughput against threads.
 *
 * The stages run on the memlib of the preload library, so they get their
 * memory from the kernel as glibc does; docs/scaling.md says why.
 */
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "live.h"
#include "scaling.h"

enum { EXIT_USAGE = 2 };

static const char help_text[] =
    "Usage: scaling [OPTION]...\n"
    "\n"
    "Measure the cost of malloc and free against the number of live blocks,\n"
    "and their throughput against the number of threads, each for the stages\n"
    "named and for libc's malloc.\n"
    "\n"
    "  --live STAGE     a stage's shared object to measure against live "
    "blocks;\n"
    "                   may be repeated\n"
    "  --threads STAGE  one to measure against threads; may be repeated\n"
    "  --count STAGE    for count.py: make PAIRS pairs of calls of that one, "
    "or\n"
    "                   of libc, while BLOCKS live, to be run under callgrind\n"
    "  --blocks BLOCKS  \n"
    "  --pairs PAIRS    \n"
    "  --json FILE      write everything to FILE\n"
    "  --quick          take one small sample of each; the figures are worth\n"
    "                   nothing\n"
    "  -h, --help       print this\n";

struct options {
    const struct plan *plan;
    const char *json;
    const char *count; /* the stage to count */
    struct live_job job;
    struct live_table live;
    struct threads_table threads;
};

static _Noreturn void usage(const char *what, const char *value)
{
    fprintf(stderr, "scaling: %s%s; --help lists the options\n", what, value);
    exit(EXIT_USAGE);
}

/* The place of one more series; there must be another left for libc's. */
static size_t series_add(size_t *count)
{
    if (*count >= SERIES_MAX - 1)
        usage("too many stages, from ", optarg);
    return (*count)++;
}

static size_t number_read(const char *text)
{
    char *end;
    unsigned long number = strtoul(text, &end, 10);

    if (number == 0 || *end != '\0')
        usage("not a number above 0: ", text);
    return number;
}

static void option_take(struct options *options, int option)
{
    struct live_table *live = &options->live;
    struct threads_table *threads = &options->threads;

    switch (option) {
    case 'l':
        live->series[series_add(&live->series_count)].path = optarg;
        break;
    case 't':
        threads->series[series_add(&threads->series_count)].path = optarg;
        break;
    case 'c':
        options->count = optarg;
        break;
    case 'b':
        options->job.blocks = number_read(optarg);
        break;
    case 'p':
        options->job.pairs = number_read(optarg);
        break;
    case 'j':
        options->json = optarg;
        break;
    case 'q':
        options->plan = &plan_quick;
        break;
    case 'h':
        fputs(help_text, stdout);
        exit(EXIT_SUCCESS);
    default:
        exit(EXIT_USAGE);
    }
}

/* The first series of threads stays libc's, which is the measure. */
static void options_read(struct options *options, int argc, char **argv)
{
    static const struct option longs[] = {
        {"live", required_argument, NULL, 'l'},
        {"threads", required_argument, NULL, 't'},
        {"count", required_argument, NULL, 'c'},
        {"blocks", required_argument, NULL, 'b'},
        {"pairs", required_argument, NULL, 'p'},
        {"json", required_argument, NULL, 'j'},
        {"quick", no_argument, NULL, 'q'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int option;

    options->threads.series_count = 1;
    while ((option = getopt_long(argc, argv, "h", longs, NULL)) != -1)
        option_take(options, option);
    if (optind < argc)
        usage("unexpected: ", argv[optind]);
    if (options->count && (!options->job.blocks || !options->job.pairs))
        usage("--count needs ", "--blocks and --pairs");
    if (!options->count &&
        options->live.series_count + options->threads.series_count == 1)
        usage("name a stage", ", with --live or --threads");
}

/* The tables into the file path; false with errno. */
static bool tables_save(const struct options *options, const char *path)
{
    FILE *out = fopen(path, "w");

    if (!out)
        return false;
    tables_write(options->plan, &options->live, &options->threads, out);

    bool is_written = fflush(out) == 0 && !ferror(out);
    int saved = errno;
    if (fclose(out) == 0 && is_written)
        return true;
    errno = is_written ? errno : saved;
    return false;
}

/* All of the file or none of it: what was there stays until then. A device is
   written as it is. False with errno. */
static bool tables_replace(const struct options *options)
{
    char beside[PATH_MAX];
    struct stat found;

    if (stat(options->json, &found) == 0 && !S_ISREG(found.st_mode))
        return tables_save(options, options->json);
    if (snprintf(beside, sizeof beside, "%s.tmp", options->json) >=
        (int)sizeof beside) {
        errno = ENAMETOOLONG;
        return false;
    }
    if (tables_save(options, beside) && rename(beside, options->json) == 0)
        return true;
    int saved = errno;
    unlink(beside);
    errno = saved;
    return false;
}

static bool json_write(const struct options *options)
{
    if (tables_replace(options))
        return true;
    fprintf(stderr, "scaling: %s: cannot write: %s\n", options->json,
            strerror(errno));
    return false;
}

/* Only that: the figures are callgrind's. */
static int count(const struct options *options)
{
    static struct sample sample;
    const char *name = options->count;
    const struct stage *stage =
        strcmp(name, "libc") == 0
            ? &libc_stage
            : stage_load(name, sample.error, sizeof sample.error);

    if (stage && !stage->init())
        snprintf(sample.error, sizeof sample.error, "mm_init failed");
    else if (stage && !live_count(stage, &options->job, &sample))
        snprintf(sample.error, sizeof sample.error,
                 "built without Valgrind's headers: `make deps` installs them");
    if (sample.error[0] == '\0')
        return EXIT_SUCCESS;
    fprintf(stderr, "scaling: %s: %s\n", name, sample.error);
    return EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    static struct options options = {.plan = &plan_full, .job.seed = 1};

    options_read(&options, argc, argv);
    if (options.count)
        return count(&options);
    /* With huge pages some layouts would get them and others not. */
    prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);

    bool is_sound = true;
    if (options.live.series_count > 0) {
        options.live.series_count++; /* libc's, the last */
        is_sound &= live_run(options.plan, &options.live);
        live_print(options.plan, &options.live);
        fflush(stdout);
    }
    if (options.threads.series_count > 1) {
        is_sound &= threads_run(options.plan, &options.threads);
        threads_print(options.plan, &options.threads);
    }
    if (options.json && !json_write(&options))
        return EXIT_FAILURE;
    return is_sound ? EXIT_SUCCESS : EXIT_FAILURE;
}
