/* output.c - let through what a stage prints; see output.h. */
#include "output.h"

#include <string.h>

static void line_print(struct output *output)
{
    output->line[output->used] = '\0';
    fprintf(output->to, "[%s %s] %s\n", output->stage, output->trace,
            output->line);
    if (output->used > 0)
        memcpy(output->last, output->line, output->used + 1);
    output->used = 0;
}

/* An escape sequence could rewrite what the terminal shows. */
static char harmless(char c)
{
    return (c >= ' ' || c == '\t' || (c & 0x80)) && c != 0x7f ? c : '?';
}

bool output_take(struct output *output, const char *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (output->bytes++ >= OUTPUT_MOST)
            return false;
        if (bytes[i] != '\n')
            output->line[output->used++] = harmless(bytes[i]);
        if (bytes[i] == '\n' || output->used == OUTPUT_LINE - 1)
            line_print(output);
    }
    return true;
}

void output_end(struct output *output)
{
    if (output->used > 0)
        line_print(output);
}
