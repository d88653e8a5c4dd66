/*
 * main.c - which seeded bugs does a stage's own mm_checkheap find?
 *
 * Usage: mutants LIBRARY COUNT TRACE...
 *
 * LIBRARY holds the bugs 1 to COUNT (run.h). A trace says of a bug what
 *
 *   none     no caller was harmed
 *   direct   a caller was, but the heap was not: with the bug gone right before
 *            the op that failed, all goes well. No checker could know.
 *   setup    a bug in mm_init alone did it: wrong constants and tables are not
 *            what mm_checkheap is for
 *   missed   the heap was damaged before a caller met it, and mm_checkheap
 *            called it sound at every moment up to there
 *   died     the same, but mm_checkheap crashed or did not come back
 *   found    the same, but mm_checkheap was false at one of those moments
 *
 * Damaged is a heap on which the stage without the bug goes wrong.
 *
 * Prints, separated by tabs: for the sound stage "0 TRACE sound", or "false"
 * for an alarm or "died"; then for each bug the trace that says most of it,
 * found before died before missed before the others: number, trace, word, the
 * op that failed, the moment of the alarm, the caller's words, the checker's.
 *
 * Exit status: 0, or 2 when something could not be run.
 */
#include <stdio.h>
#include <stdlib.h>

#include "run.h"

/* In the order of how much they say. */
enum word { NONE, DIRECT, SETUP, MISSED, DIED, FOUND };

static const char *const words[] = {"none",   "direct", "setup",
                                    "missed", "died",   "found"};

struct finding {
    const struct trace *trace;
    enum word word;
    struct run_end outcome; /* of the run that says it */
    moment harm;            /* of the run without a checker */
    char why[256];
};

static void run_or_exit(const struct run *run, struct run_end *outcome)
{
    if (run_trace(run, outcome))
        return;
    fprintf(stderr, "mutants: %s: cannot be run\n", run->library);
    exit(2);
}

/* Out of memory is no harm: memory was lost, but each answer was right. */
static bool is_harm(enum verdict verdict)
{
    return verdict != VERDICT_VALID && verdict != VERDICT_NO_MEMORY;
}

/* What a stage's checker says of a heap that is damaged from harm - 1 on. */
static enum word judge_checker(const struct run *bare, moment harm,
                               struct run_end *outcome)
{
    struct run run = *bare;

    run.looks = true;
    run_or_exit(&run, outcome);
    if (outcome->alarm < harm)
        return FOUND;
    return outcome->check_died ? DIED : MISSED;
}

static struct finding judge(const struct run *bare)
{
    struct run run = *bare;
    struct finding finding = {.trace = run.trace, .word = NONE};
    struct run_end *outcome = &finding.outcome;

    run_or_exit(&run, outcome);
    finding.harm = outcome->harm;
    snprintf(finding.why, sizeof(finding.why), "%s", outcome->why);
    if (!is_harm(outcome->verdict))
        return finding;
    finding.word = DIRECT;
    if (finding.harm == 0)
        return finding;
    run.until = finding.harm - 1;
    run_or_exit(&run, outcome);
    if (!is_harm(outcome->verdict))
        return finding;
    finding.word = SETUP;
    run.until = 0;
    run_or_exit(&run, outcome);
    if (!is_harm(outcome->verdict))
        finding.word = judge_checker(bare, finding.harm, outcome);
    return finding;
}

/* Tabs and what cannot be printed become blanks. */
static const char *tidy(char *text)
{
    for (char *c = text; *c; c++) {
        if (*c < ' ' || *c > '~')
            *c = ' ';
    }
    return text;
}

static void print_line(int mutant, const char *trace, const char *word,
                       moment harm, char *why, struct run_end *outcome)
{
    bool is_alarm = outcome->alarm != RUN_NEVER;

    printf("%d\t%s\t%s\t%zu\t%zd\t%s\t%s\n", mutant, trace, word, harm,
           is_alarm ? (ssize_t)outcome->alarm : (ssize_t)-1, tidy(why),
           tidy(outcome->said));
    fflush(stdout);
}

static void judge_mutant(const char *library, int mutant, struct trace **traces,
                         size_t count)
{
    struct finding best = {.trace = traces[0]};

    for (size_t i = 0; i < count && best.word != FOUND; i++) {
        struct run run = {library, traces[i], mutant, RUN_NEVER, false};
        struct finding finding = judge(&run);
        if (i == 0 || finding.word > best.word)
            best = finding;
    }
    print_line(mutant, best.trace->name, words[best.word], best.harm, best.why,
               &best.outcome);
}

static void judge_sound(const char *library, struct trace *trace)
{
    struct run run = {library, trace, 0, RUN_NEVER, true};
    struct run_end outcome;

    run_or_exit(&run, &outcome);
    const char *word = outcome.alarm != RUN_NEVER         ? "false"
                       : outcome.check_died               ? "died"
                       : outcome.verdict == VERDICT_VALID ? "sound"
                                                          : "invalid";
    print_line(0, trace->name, word, outcome.harm, outcome.why, &outcome);
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        fprintf(stderr, "usage: mutants LIBRARY COUNT TRACE...\n");
        return 2;
    }
    int mutants = atoi(argv[2]);
    size_t count = (size_t)argc - 3;
    struct trace **traces = calloc(count, sizeof(struct trace *));

    for (size_t i = 0; i < count; i++) {
        traces[i] = trace_read(argv[3 + i], stderr);
        if (!traces[i])
            return 2;
        judge_sound(argv[1], traces[i]);
    }
    for (int mutant = 1; mutant <= mutants; mutant++)
        judge_mutant(argv[1], mutant, traces, count);
    for (size_t i = 0; i < count; i++)
        trace_free(traces[i]);
    free(traces);
    return 0;
}
