/* options.c - the command line; see options.h. */
#define _GNU_SOURCE /* asprintf */
#include "options.h"

#include <dirent.h>
#include <errno.h>
#include <getopt.h>
#include <glob.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DEFAULT_TIMEOUT = 30, DEBUG_TIMEOUT = 600 }; /* seconds a trace */
enum { THREADS_MOST = 1024 };                       /* of -T */

static const char help_text[] =
    "Usage: mdriver [OPTION]...\n"
    "\n"
    "Replay allocation traces against a stage, check every answer, measure\n"
    "memory and speed, and print one table.\n"
    "\n"
    "What to run:\n"
    "  -f, --file FILE       replay this trace; may be repeated\n"
    "  -t, --traces DIR      replay all *.rep in DIR and DIR/threads, by name\n"
    "                        (with neither -f nor -t: the folder traces)\n"
    "      --stage STAGE     a stage's shared object, number or name; may be\n"
    "                        repeated (default: the one `make stage` built "
    "last)\n"
    "  -l, --libc            run libc's malloc as one more stage; its memory\n"
    "                        is what mallinfo2 says, every 256 operations\n"
    "                        and when the payload peaks\n"
    "  -T, --threads N       replay a trace of one thread in N threads at "
    "once,\n"
    "                        a copy each; one with threads of its own as it "
    "is\n"
    "      --parallel        time threads on all processors, not on one\n"
    "      --until N         replay only the first N operations\n"
    "\n"
    "What to check:\n"
    "  -c, --check           check once, do not measure\n"
    "  -D, --debug           as -c, with mm_checkheap, mm_walk and both\n"
    "                        neighbours verified after every operation; "
    "threads\n"
    "                        take turns, in the order of the file\n"
    "  -d LEVEL              0: nothing, 1: the usual checks, 2: as -D\n"
    "      --limit BYTES     memory granted to the stage (K, M, G may follow;\n"
    "                        default: 20 x the trace's peak payload + 64M)\n"
    "      --heap-at ADDRESS start the heap there, e.g. 0x800000000\n"
    "  -s, --timeout SECONDS time for one trace (default 30; 600 with -D)\n"
    "      --map             print the heap after every operation of one "
    "trace:\n"
    "                        [used], (free) and overhead, in bytes\n"
    "      --no-fork         replay one trace in this process, for gdb and\n"
    "                        valgrind; a crash is left to them\n"
    "\n"
    "What to print:\n"
    "  -v, --verbose[=LEVEL] 0: no table, 1: the table (default), 2: as -V\n"
    "  -V, --progress        print each trace as it goes\n"
    "  -g, -A, --summary     one line for autograders\n"
    "      --tsv             the table separated by tabs\n"
    "      --json FILE       write everything to FILE (-: nothing but that\n"
    "                        to standard output)\n"
    "      --colour WHEN     auto, always or never\n"
    "  -a                    accepted and ignored: there is no team to check\n"
    "  -h, --help            print this\n"
    "\n"
    "Examples:\n"
    "  mdriver -t traces                   the table of the stage built last\n"
    "  mdriver -f traces/cc1.rep -V        one trace\n"
    "  mdriver -D -f traces/cc1.rep --until 112\n"
    "                                      find the operation that breaks it\n"
    "  gdb --args mdriver --no-fork -f traces/cc1.rep\n"
    "                                      break on mm_free and look\n"
    "  mdriver --stage 2 --stage 3 -l      two stages and libc in one table\n"
    "\n"
    "Exit status: 0 every trace valid, 1 some are not, 2 wrong usage or a "
    "file\n"
    "that cannot be read or written.\n";

static const char referee_text[] =
    "Usage: referee [OPTION]... [-- WORDS]\n"
    "\n"
    "As mdriver, but the stage lies in another process, which is not "
    "believed.\n"
    "WORDS start that process; the player's own arguments are appended.\n"
    "\n"
    "      --cpu N           measure on this processor\n"
    "      --player FILE     the player (default: the one beside the referee)\n"
    "      --filter FD       system calls allowed to it, a program for "
    "seccomp(2)\n"
    "\n"
    "Exit status 3: something could not be graded. Of mdriver's options, -l,\n"
    "--no-fork and --map are missing; the others follow.\n"
    "\n";

enum {
    OPT_UNTIL = 256,
    OPT_TSV,
    OPT_JSON,
    OPT_STAGE,
    OPT_LIMIT,
    OPT_HEAP_AT,
    OPT_MAP,
    OPT_NO_FORK,
    OPT_PARALLEL,
    OPT_COLOUR,
    OPT_CPU,
    OPT_PLAYER,
    OPT_FILTER,
};

static const char short_options[] = ":f:t:alv::Vghcd:Ds:T:A";

static const struct option long_options[] = {
    {"file", required_argument, NULL, 'f'},
    {"traces", required_argument, NULL, 't'},
    {"libc", no_argument, NULL, 'l'},
    {"verbose", optional_argument, NULL, 'v'},
    {"progress", no_argument, NULL, 'V'},
    {"summary", no_argument, NULL, 'g'},
    {"help", no_argument, NULL, 'h'},
    {"check", no_argument, NULL, 'c'},
    {"debug", no_argument, NULL, 'D'},
    {"timeout", required_argument, NULL, 's'},
    {"threads", required_argument, NULL, 'T'},
    {"tsv", no_argument, NULL, OPT_TSV},
    {"until", required_argument, NULL, OPT_UNTIL},
    {"json", required_argument, NULL, OPT_JSON},
    {"stage", required_argument, NULL, OPT_STAGE},
    {"limit", required_argument, NULL, OPT_LIMIT},
    {"heap-at", required_argument, NULL, OPT_HEAP_AT},
    {"map", no_argument, NULL, OPT_MAP},
    {"no-fork", no_argument, NULL, OPT_NO_FORK},
    {"parallel", no_argument, NULL, OPT_PARALLEL},
    {"colour", required_argument, NULL, OPT_COLOUR},
    {"color", required_argument, NULL, OPT_COLOUR},
    {"cpu", required_argument, NULL, OPT_CPU},
    {"player", required_argument, NULL, OPT_PLAYER},
    {"filter", required_argument, NULL, OPT_FILTER},
    {NULL, 0, NULL, 0},
};

/* What the parsing of one command line needs at hand. */
struct parse {
    struct options *options;
    const char *home;
    FILE *messages;
};

static bool complain(const struct parse *parse, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Print "mdriver: ..." and where help is to be had. Returns false. */
static bool complain(const struct parse *parse, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    fputs("mdriver: ", parse->messages);
    vfprintf(parse->messages, format, args);
    fputs("\nTry `mdriver -h` for all options.\n", parse->messages);
    va_end(args);
    return false;
}

/* --- Lists ------------------------------------------------------------- */

static void *must(void *p)
{
    if (!p) {
        fputs("mdriver: out of memory\n", stderr);
        exit(2);
    }
    return p;
}

static void strings_add(struct strings *list, const char *text)
{
    size_t bytes = (list->count + 1) * sizeof(*list->items);

    list->items = must(realloc(list->items, bytes));
    list->items[list->count++] = must(strdup(text));
}

static void strings_free(struct strings *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i]);
    free(list->items);
    *list = (struct strings){NULL, 0};
}

/* folder as a pattern that only it matches; free it. */
static char *glob_escape(const char *folder)
{
    char *escaped = must(malloc(2 * strlen(folder) + 1));
    char *to = escaped;

    for (; *folder != '\0'; folder++) {
        if (strchr("*?[]\\", *folder))
            *to++ = '\\';
        *to++ = *folder;
    }
    *to = '\0';
    return escaped;
}

/* Add the files that match pattern below folder; returns how many. */
static size_t strings_glob(struct strings *list, const char *folder,
                           const char *pattern)
{
    char *escaped = glob_escape(folder);
    char *whole;
    glob_t found;
    size_t count = 0;

    if (asprintf(&whole, "%s/%s", escaped, pattern) < 0)
        must(NULL);
    if (glob(whole, 0, NULL, &found) == 0) {
        count = found.gl_pathc;
        for (size_t i = 0; i < count; i++)
            strings_add(list, found.gl_pathv[i]);
        globfree(&found);
    }
    free(whole);
    free(escaped);
    return count;
}

/* --- Values ------------------------------------------------------------ */

static bool parse_count(const struct parse *parse, const char *what,
                        const char *text, size_t most, size_t *value)
{
    char *end;

    errno = 0;
    unsigned long long number = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || *end != '\0' || errno != 0 || number == 0)
        return complain(parse, "%s wants a whole number from 1, not '%s'", what,
                        text);
    if (number > most)
        return complain(parse, "%s wants a number up to %zu, not %s", what,
                        most, text);
    *value = (size_t)number;
    return true;
}

/* Shift that the suffix K, M or G (in either case) stands for; -1: none. */
static int suffix_shift(const char *suffix)
{
    static const char letters[] = "KMG";

    if (*suffix == '\0')
        return 0;
    const char *found = strchr(letters, *suffix & ~0x20);
    if (!found || suffix[1] != '\0')
        return -1;
    return 10 * (int)(found - letters + 1);
}

static bool parse_bytes(const struct parse *parse, const char *text,
                        size_t *value)
{
    char *end;

    errno = 0;
    unsigned long long number = strtoull(text, &end, 10);
    int shift = suffix_shift(end);
    if (*text < '0' || *text > '9' || errno != 0 || number == 0 || shift < 0 ||
        number > (unsigned long long)SIZE_MAX >> shift)
        return complain(parse,
                        "--limit wants bytes, such as 4096, 64K, 1M or 2G, "
                        "not '%s'",
                        text);
    *value = (size_t)number << shift;
    return true;
}

static bool parse_address(const struct parse *parse, const char *text,
                          void **value)
{
    char *end;

    errno = 0;
    unsigned long long number = strtoull(text, &end, 0);
    unsigned long long page = (unsigned long long)sysconf(_SC_PAGESIZE);
    if (*text < '0' || *text > '9' || *end != '\0' || errno != 0 ||
        number == 0 || number > UINTPTR_MAX || number % page != 0)
        return complain(parse,
                        "--heap-at wants the address of a page, such as "
                        "0x800000000, not '%s'",
                        text);
    *value = (void *)(uintptr_t)number;
    return true;
}

static bool parse_seconds(const struct parse *parse, const char *text,
                          double *value)
{
    char *end;

    errno = 0;
    *value = strtod(text, &end);
    if (end == text || *end != '\0' || errno != 0 || !isfinite(*value) ||
        *value <= 0 || *value > 1e6)
        return complain(parse,
                        "-s wants seconds, more than 0 and at most 1000000, "
                        "not '%s'",
                        text);
    return true;
}

static bool parse_colour(const struct parse *parse, const char *text)
{
    static const char *const names[] = {"auto", "always", "never"};

    for (int i = COLOUR_AUTO; i <= COLOUR_NEVER; i++) {
        if (strcmp(text, names[i]) == 0) {
            parse->options->colour = (enum colour)i;
            return true;
        }
    }
    return complain(parse, "--colour wants auto, always or never, not '%s'",
                    text);
}

/* A level is one digit from 0 to 2. */
static bool parse_level(const struct parse *parse, const char *what,
                        const char *text, int *level)
{
    if (text[0] < '0' || text[0] > '2' || text[1] != '\0')
        return complain(parse, "%s wants a level, 0, 1 or 2, not '%s'", what,
                        text);
    *level = text[0] - '0';
    return true;
}

/* --- Traces and stages ------------------------------------------------- */

static bool add_folder(const struct parse *parse, const char *folder)
{
    struct strings *traces = &parse->options->traces;
    struct stat stat_of;

    if (stat(folder, &stat_of) != 0)
        return complain(parse, "-t %s: %s", folder, strerror(errno));
    if (!S_ISDIR(stat_of.st_mode))
        return complain(parse, "-t %s: not a folder; for one trace: -f %s",
                        folder, folder);

    char *name = must(strdup(folder));
    for (size_t end = strlen(name); end > 1 && name[end - 1] == '/'; end--)
        name[end - 1] = '\0';
    size_t found = strings_glob(traces, name, "*.rep");
    found += strings_glob(traces, name, "threads/*.rep");
    free(name);
    if (found == 0)
        return complain(parse, "-t %s: no *.rep in it", folder);
    return true;
}

/* The folder traces of the project: mdriver lies beside or below it. */
static bool add_default_traces(const struct parse *parse)
{
    static const char *const places[] = {"traces", "../traces"};
    char *folder;

    if (access(places[0], R_OK) == 0)
        return add_folder(parse, places[0]);
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        if (asprintf(&folder, "%s/%s", parse->home, places[i]) < 0)
            must(NULL);
        bool found = access(folder, R_OK) == 0;
        bool added = found && add_folder(parse, folder);
        free(folder);
        if (found)
            return added;
    }
    return complain(parse, "which traces? give -f FILE or -t FOLDER");
}

/* The built stage of that number ("3") or name ("explicit"). */
static bool add_built_stage(const struct parse *parse, const char *text)
{
    static const char *const places[] = {
        "build/stages/%s-*.so", "build/stages/*-%s.so", "build/stages/%s.so",
        "stages/%s-*.so",       "stages/*-%s.so",       "stages/%s.so",
    };
    char *pattern;

    if (text[strspn(text, "0123456789abcdefghijklmnopqrstuvwxyz-")] != '\0')
        return complain(parse, "--stage %s: no such file", text);
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        if (asprintf(&pattern, places[i], text) < 0)
            must(NULL);
#pragma GCC diagnostic pop
        size_t found =
            strings_glob(&parse->options->stages, parse->home, pattern);
        free(pattern);
        if (found > 0)
            return true;
    }
    return complain(parse,
                    "--stage %s: no such file, and no built stage of that "
                    "number or name: run `make stage %s` first",
                    text, text);
}

static bool add_stage(const struct parse *parse, const char *text)
{
    parse->options->stage_given = true;
    if (access(text, F_OK) != 0 || !strchr(text, '.'))
        return add_built_stage(parse, text);
    if (access(text, R_OK) != 0)
        return complain(parse, "--stage %s: %s", text, strerror(errno));
    strings_add(&parse->options->stages, text);
    return true;
}

/* The stage that `make stage` built last. */
static bool add_default_stage(const struct parse *parse)
{
    struct strings *stages = &parse->options->stages;

    if (strings_glob(stages, parse->home, "build/stage.so") > 0 ||
        strings_glob(stages, parse->home, "stage.so") > 0)
        return true;
    return complain(parse, "no stage has been built: run `make stage 3` first");
}

/* --- The command line -------------------------------------------------- */

static bool parse_debug(const struct parse *parse, const char *text)
{
    int level = 0;

    if (!parse_level(parse, "-d", text, &level))
        return false;
    if (level == 0)
        return complain(parse, "-d 0: an unchecked result means nothing here; "
                               "leave it out");
    parse->options->debug = level == 2;
    return true;
}

/* The level may stand apart, as in `-v 2`. */
static bool parse_verbose(const struct parse *parse, int argc, char *argv[])
{
    const char *level = optarg;

    if (!level && optind < argc && strlen(argv[optind]) == 1 &&
        strchr("0123456789", argv[optind][0]))
        level = argv[optind++];
    if (!level)
        return true;
    return parse_level(parse, "-v", level, &parse->options->verbosity);
}

/* A whole number that may be 0. */
static bool parse_number(const struct parse *parse, const char *what,
                         const char *text, size_t most, size_t *value)
{
    *value = 0;
    return strcmp(text, "0") == 0 ||
           parse_count(parse, what, text, most, value);
}

/* An option that only the referee has. */
static bool parse_referee(const struct parse *parse, int option)
{
    enum { CPUS_MOST = 1 << 20, FILES_MOST = 1 << 20 };
    struct options *options = parse->options;
    size_t number = 0;
    bool parsed = true;

    if (!options->is_referee)
        return complain(parse, "--cpu, --player and --filter are the referee's "
                               "options");
    if (option == OPT_PLAYER)
        options->player = optarg;
    else if (option == OPT_CPU)
        parsed = parse_number(parse, "--cpu", optarg, CPUS_MOST, &number);
    else
        parsed = parse_number(parse, "--filter", optarg, FILES_MOST, &number);
    if (option == OPT_CPU)
        options->cpu = number + 1;
    if (option == OPT_FILTER)
        options->filter = (int)number;
    return parsed;
}

/* An option with a value. */
static bool parse_valued(const struct parse *parse, int option)
{
    struct options *options = parse->options;

    switch (option) {
    case 'f':
        strings_add(&options->traces, optarg);
        return true;
    case 't':
        return add_folder(parse, optarg);
    case 'd':
        return parse_debug(parse, optarg);
    case 's':
        return parse_seconds(parse, optarg, &options->timeout);
    case OPT_UNTIL:
        return parse_count(parse, "--until", optarg, SIZE_MAX, &options->until);
    case 'T':
        return parse_count(parse, "-T", optarg, THREADS_MOST,
                           &options->threads);
    case OPT_JSON:
        options->json = optarg;
        return true;
    case OPT_STAGE:
        return add_stage(parse, optarg);
    case OPT_LIMIT:
        return parse_bytes(parse, optarg, &options->limit);
    case OPT_HEAP_AT:
        return parse_address(parse, optarg, &options->heap_at);
    case OPT_COLOUR:
        return parse_colour(parse, optarg);
    default:
        return parse_referee(parse, option);
    }
}

/* An option without a value; false when it is none. */
static bool parse_flag(struct options *options, int option)
{
    switch (option) {
    case 'a':
        return true;
    case 'l':
        return options->libc = true;
    case 'V':
        options->verbosity = 2;
        return true;
    case 'g':
    case 'A':
        return options->summary = true;
    case 'c':
        return options->check_only = true;
    case 'D':
        return options->debug = true;
    case OPT_TSV:
        return options->tsv = true;
    case OPT_MAP:
        return options->map = true;
    case OPT_NO_FORK:
        return options->no_fork = true;
    case OPT_PARALLEL:
        return options->parallel = true;
    default:
        return false;
    }
}

static bool parse_one(const struct parse *parse, int option, int argc,
                      char *argv[])
{
    const char *last = argv[optind - 1];

    if (option == ':')
        return complain(parse, "%s wants a value", last);
    if (option == '?' && strncmp(last, "--", 2) == 0)
        return complain(parse, "no such option, or no value wanted: %s", last);
    if (option == '?')
        return complain(parse, "no option -%c", optopt);
    if (option == 'v')
        return parse_verbose(parse, argc, argv);
    return parse_flag(parse->options, option) || parse_valued(parse, option);
}

/* What follows from the options taken together. */
static bool settle(const struct parse *parse)
{
    struct options *options = parse->options;

    if (options->traces.count == 0 && !add_default_traces(parse))
        return false;
    if (options->stages.count == 0 && !add_default_stage(parse))
        return false;
    if (options->map) {
        options->no_fork = true;
        options->verbosity = 0;
    }
    if (options->debug || options->map)
        options->check_only = true;
    if (options->json && strcmp(options->json, "-") == 0) {
        options->json = "/dev/stdout";
        options->verbosity = 0; /* a table would spoil it */
    }
    if (options->timeout == 0)
        options->timeout = options->debug ? DEBUG_TIMEOUT : DEFAULT_TIMEOUT;
    if (options->is_referee && (options->libc || options->no_fork))
        return complain(parse, "-l, --no-fork and --map are mdriver's: the "
                               "referee has no stage in its own process");
    if (options->no_fork && (options->traces.count != 1 || options->libc ||
                             options->stages.count != 1))
        return complain(parse, "--no-fork and --map replay one trace on one "
                               "stage: give -f FILE");
    return true;
}

enum outcome options_parse(struct options *options, int argc, char *argv[],
                           const char *home, FILE *out, FILE *messages)
{
    struct parse parse = {options, home, messages};
    int option;

    *options = (struct options){.verbosity = 1,
                                .threads = 1,
                                .filter = -1,
                                .is_referee = options->is_referee};
    optind = 0; /* getopt starts afresh, whoever has used it before */
    while ((option = getopt_long(argc, argv, short_options, long_options,
                                 NULL)) != -1) {
        if (option == 'h') {
            if (options->is_referee)
                fputs(referee_text, out);
            fputs(help_text, out);
            return OPTIONS_HELP;
        }
        if (!parse_one(&parse, option, argc, argv))
            return OPTIONS_BAD;
    }
    if (options->is_referee && optind > 1 && optind < argc &&
        strcmp(argv[optind - 1], "--") == 0) {
        options->launch = &argv[optind];
        optind = argc;
    }
    if (optind < argc) {
        complain(&parse, "what is '%s'? for a trace: -f %s", argv[optind],
                 argv[optind]);
        return OPTIONS_BAD;
    }
    return settle(&parse) ? OPTIONS_RUN : OPTIONS_BAD;
}

void options_free(struct options *options)
{
    strings_free(&options->traces);
    strings_free(&options->stages);
}
