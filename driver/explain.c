/* explain.c - what went wrong, and where; see explain.h. */
#define _GNU_SOURCE /* gettid */
#include "explain.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Append to result->error; what does not fit is cut. */
static void append_list(struct result *result, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

static void append_list(struct result *result, const char *format, va_list args)
{
    size_t used = strnlen(result->error, RESULT_TEXT - 1);

    vsnprintf(result->error + used, RESULT_TEXT - used, format, args);
}

static void append(struct result *result, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void append(struct result *result, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    append_list(result, format, args);
    va_end(args);
}

struct explain_id explain_id(const struct trace *trace, int32_t id)
{
    struct explain_id name;
    int32_t own = trace_file_id(trace, id);

    if (trace->copies == 0 || id == TRACE_NULL_ID)
        snprintf(name.text, sizeof(name.text), "%d", id);
    else
        snprintf(name.text, sizeof(name.text), "%d of thread %d", own,
                 (int)(id / (int32_t)(trace->ids / trace->copies)));
    return name;
}

/* "op 112 (malloc 7, 24 bytes)", and of which thread, if there are several */
static void append_op(struct result *result, const struct trace *trace,
                      size_t index)
{
    const struct trace_op *op = &trace->ops[index];
    const char *name = trace_kind_name(op->kind);

    append(result, "op %zu (%s ", trace_op_number(trace, index), name);
    if (op->id == TRACE_NULL_ID)
        append(result, "NULL");
    else
        append(result, "%d", trace_file_id(trace, op->id));
    switch ((enum trace_kind)op->kind) {
    case TRACE_CALLOC:
        append(result, ", %zu x %zu bytes", op->extra, op->size);
        break;
    case TRACE_MEMALIGN:
        append(result, ", %zu bytes at a multiple of %zu", op->size, op->extra);
        break;
    case TRACE_MALLOC:
    case TRACE_REALLOC:
        append(result, ", %zu bytes", op->size);
        break;
    case TRACE_FREE:
        break;
    }
    append(result, ")");
    if (trace->threads > 1)
        append(result, " in thread %u", op->thread);
}

static const char *place_name(size_t op)
{
    if (op == RESULT_INIT)
        return "mm_init";
    return op == RESULT_THREADS ? "while the threads run" : "after the last op";
}

/* Where it happened: "FILE:LINE: op N (what): " and in which pass. */
static void append_place(struct result *result, const struct trace *trace,
                         size_t op)
{
    if (result->phase == PHASE_LOAD) {
        append(result, "%s: before mm_init: ", trace->path);
        return;
    }
    if (op < trace->ops_count) {
        append(result, "%s:%u: ", trace->path, trace->ops[op].line);
        append_op(result, trace, op);
    } else {
        append(result, "%s: %s", trace->path, place_name(op));
    }
    if (result->phase == PHASE_AT_ONCE)
        append(result, ", all threads at once");
    if (result->phase == PHASE_TIMED)
        append(result, " in timed pass %d", result->pass);
    if (result->phase == PHASE_LAST)
        append(result, " in the last pass, after mm_init on a used heap");
    append(result, ": ");
}

bool explain_is_mine(const struct result *result)
{
    return atomic_load(&result->explainer) == gettid();
}

void explain_take_over(struct result *result)
{
    atomic_store(&result->explainer, gettid());
}

/* Be the one that explains; false when another thread is. */
static bool claim(struct result *result)
{
    int nobody = 0;

    return atomic_compare_exchange_strong(&result->explainer, &nobody,
                                          gettid()) ||
           explain_is_mine(result);
}

bool explain(struct result *result, enum verdict verdict,
             const struct trace *trace, size_t op, const char *format, ...)
{
    va_list args;

    if (!claim(result) || result->error[0] != '\0')
        return false;
    result->verdict = verdict;
    result->op = op;
    append_place(result, trace, op);
    va_start(args, format);
    append_list(result, format, args);
    va_end(args);
    return false;
}

bool explain_more(struct result *result, const char *format, ...)
{
    va_list args;

    if (!explain_is_mine(result))
        return false;
    append(result, ";\n  ");
    va_start(args, format);
    append_list(result, format, args);
    va_end(args);
    return false;
}

void explain_op(struct result *result, const struct trace *trace, size_t op,
                const char *says)
{
    if (!explain_is_mine(result))
        return;
    append(result, ";\n  %s ", says);
    append_op(result, trace, op);
}

/* --- The command that replays ------------------------------------------ */

/* Append text as one word of a shell's command line. */
static void append_word(struct result *result, const char *text)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_-./:,+@%=";

    if (*text != '\0' && text[strspn(text, plain)] == '\0') {
        append(result, "%s", text);
        return;
    }
    append(result, "'");
    for (; *text != '\0'; text++)
        append(result, *text == '\'' ? "'\\''" : "%c", *text);
    append(result, "'");
}

/* -D finds a bug of the first pass best; those after it need all passes. */
static const char *replay_mode(const struct result *result, bool libc)
{
    if (libc)
        return result->phase <= PHASE_CHECKED ? " -l -c" : " -l";
    if (result->phase == PHASE_TIMED || result->phase == PHASE_LAST)
        return "";
    if (result->verdict == VERDICT_WRONG || result->verdict == VERDICT_CRASH)
        return " -D";
    return " -c";
}

/* What threads do at once, turns would not show. */
static const char *threads_mode(const struct result *result, bool libc)
{
    if (result->phase == PHASE_AT_ONCE)
        return libc ? " -l -c" : " -c";
    return libc ? " -l" : "";
}

static bool is_in_turns(const struct result *result, const struct trace *trace)
{
    return trace->threads == 1 ||
           (result->phase != PHASE_AT_ONCE && result->phase != PHASE_TIMED);
}

void explain_replay(struct result *result, const struct trace *trace,
                    const char *program, const struct options *options,
                    const char *stage)
{
    bool turns = is_in_turns(result, trace);

    append(result, "\n  replay: ");
    append_word(result, program);
    append(result, "%s",
           turns ? replay_mode(result, stage == NULL)
                 : threads_mode(result, stage == NULL));
    append(result, " -f ");
    append_word(result, trace->path);
    if (trace->copies > 0)
        append(result, " -T %zu", trace->copies);
    if (stage && options->stage_given) {
        append(result, " --stage ");
        append_word(result, stage);
    }
    if (options->heap_at)
        append(result, " --heap-at %p", options->heap_at);
    if (options->limit > 0)
        append(result, " --limit %zu", options->limit);
    if (turns && result->phase != PHASE_LOAD && result->op < trace->ops_count)
        append(result, " --until %zu", trace_op_number(trace, result->op));
    if (!turns)
        append(result, "\n  when threads meet is left to chance: it may take "
                       "more than one run");
}
