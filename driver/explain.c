/* explain.c - what went wrong, and where; see explain.h. */
#include "explain.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

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

/* "op 112 (malloc 7, 24 bytes)" */
static void append_op(struct result *result, const struct trace *trace,
                      size_t index)
{
    const struct trace_op *op = &trace->ops[index];
    const char *name = trace_kind_name(op->kind);

    append(result, "op %zu (%s ", index + 1, name);
    if (op->id == TRACE_NULL_ID)
        append(result, "NULL");
    else
        append(result, "%d", op->id);
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
        append(result, "%s: %s", trace->path,
               op == RESULT_INIT ? "mm_init" : "after the last op");
    }
    if (result->phase == PHASE_TIMED)
        append(result, " in timed pass %d", result->pass);
    if (result->phase == PHASE_LAST)
        append(result, " in the last pass, after mm_init on a used heap");
    append(result, ": ");
}

bool explain(struct result *result, enum verdict verdict,
             const struct trace *trace, size_t op, const char *format, ...)
{
    va_list args;

    if (result->error[0] != '\0')
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

    append(result, ";\n  ");
    va_start(args, format);
    append_list(result, format, args);
    va_end(args);
    return false;
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

void explain_replay(struct result *result, const struct trace *trace,
                    const char *program, const struct options *options,
                    const char *stage)
{
    append(result, "\n  replay: ");
    append_word(result, program);
    append(result, "%s", replay_mode(result, stage == NULL));
    append(result, " -f ");
    append_word(result, trace->path);
    if (stage && options->stage_given) {
        append(result, " --stage ");
        append_word(result, stage);
    }
    if (options->heap_at)
        append(result, " --heap-at %p", options->heap_at);
    if (options->limit > 0)
        append(result, " --limit %zu", options->limit);
    if (result->phase != PHASE_LOAD && result->op < trace->ops_count)
        append(result, " --until %zu", result->op + 1);
}
