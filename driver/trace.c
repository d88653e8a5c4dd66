/*
 * trace.c - read and verify a .rep file; the format is in traces/README.md.
 *
 * A file goes through three steps: its bytes are read whole, its lines become
 * ops, and the ops are followed from first to last as if every call succeeded.
 * The last step refuses what no program may do (a double free) and finds the
 * peak. Memory is taken for what the file holds, never for what its header
 * says that it holds.
 */
#include "trace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    IDS_MAX = 100000000,
    FILE_MAX = 1 << 30, /* bytes; so the number of a line fits 32 bits */
    QUOTE_MAX = 40,     /* characters of the file shown in a message */
};

/* The four numbers that open a file, in their order. */
enum { HEADER_FIRST, HEADER_IDS, HEADER_OPS, HEADER_LAST, HEADER_NUMBERS };

/* Something odd but harmless, warned of once. */
struct dirt {
    uint32_t line; /* the first that has it */
    size_t lines;  /* how many have it */
};

/* The file, its current line, and what has been found so far. */
struct parser {
    const char *path;
    FILE *messages;
    struct trace *trace;

    char *text;
    size_t bytes; /* of text */
    size_t next;  /* index in text of the line after the current one */

    uint32_t line;   /* number of the current line, from 1 */
    const char *at;  /* what is left of it: from at to before end, */
    const char *end; /* without comment, trailing blanks and line end */
    bool is_cut;     /* it does not end in a newline, so is the last */

    size_t header[HEADER_NUMBERS];
    uint32_t header_line[HEADER_NUMBERS];
    uint16_t thread;     /* of the last @ line */
    size_t ops_room;     /* elements that trace->ops has room for */
    uint32_t line_extra; /* of the first op beyond the header's count, or 0 */
    struct dirt cr_lf;
    struct dirt blanks;
};

/* --- Messages ------------------------------------------------------------ */

/* Print "FILE:LINE: KIND", or "FILE: KIND" for line 0, and the rest. */
__attribute__((format(printf, 4, 0))) static void
message(const struct parser *p, uint32_t line, const char *kind,
        const char *format, va_list arguments)
{
    fprintf(p->messages, "%s:", p->path);
    if (line > 0)
        fprintf(p->messages, "%u:", line);
    fprintf(p->messages, " %s", kind);
    vfprintf(p->messages, format, arguments);
    fputc('\n', p->messages);
}

/* Say what is wrong and what was expected. Returns false. */
__attribute__((format(printf, 3, 4))) static bool
fail(const struct parser *p, uint32_t line, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    message(p, line, "", format, arguments);
    va_end(arguments);
    return false;
}

__attribute__((format(printf, 3, 4))) static void
warn(const struct parser *p, uint32_t line, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    message(p, line, "warning: ", format, arguments);
    va_end(arguments);
}

/* --- The file's bytes ---------------------------------------------------- */

/*
 * file_open - open a regular file for reading.
 *
 * Does not wait for the other end of a fifo. Returns the descriptor, and the
 * file's bytes in *bytes; -1 after a message.
 */
static int file_open(const struct parser *p, size_t *bytes)
{
    struct stat status;
    int fd = open(p->path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

    if (fd < 0 || fstat(fd, &status) != 0)
        fail(p, 0, "%s; expected a trace file", strerror(errno));
    else if (S_ISDIR(status.st_mode))
        fail(p, 0, "is a directory; expected a trace file");
    else if (!S_ISREG(status.st_mode))
        fail(p, 0, "is a device, pipe or socket; expected a trace file");
    else if (status.st_size > FILE_MAX)
        fail(p, 0, "has %jd bytes; expected at most %d",
             (intmax_t)status.st_size, FILE_MAX);
    else {
        *bytes = (size_t)status.st_size;
        return fd;
    }
    if (fd >= 0)
        close(fd);
    return -1;
}

/* Fill p->text, of which p->bytes were asked for, from fd. */
static bool file_fill(struct parser *p, int fd)
{
    size_t got = 0;

    while (got < p->bytes) {
        ssize_t n = read(fd, p->text + got, p->bytes - got);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail(p, 0, "%s; expected to read %zu bytes", strerror(errno),
                        p->bytes);
        if (n == 0)
            break;
        got += (size_t)n;
    }
    p->bytes = got;
    return true;
}

/* Read the whole file into p->text. */
static bool file_read(struct parser *p)
{
    int fd = file_open(p, &p->bytes);
    bool is_read;

    if (fd < 0)
        return false;
    p->text = malloc(p->bytes + 1);
    if (p->text)
        is_read = file_fill(p, fd);
    else
        is_read = fail(p, 0, "no memory for its %zu bytes", p->bytes);
    close(fd);
    return is_read;
}

/* --- Lines --------------------------------------------------------------- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static void dirt_add(struct dirt *dirt, uint32_t line)
{
    if (dirt->lines++ == 0)
        dirt->line = line;
}

/*
 * line_trim - take line end, comment and trailing blanks off p's line.
 *
 * Blanks before a comment are layout; those at the line's end are dirt.
 */
static void line_trim(struct parser *p)
{
    const char *comment;

    if (p->end > p->at && p->end[-1] == '\r') {
        p->end--;
        dirt_add(&p->cr_lf, p->line);
    }
    if (p->end > p->at && is_blank(p->end[-1]))
        dirt_add(&p->blanks, p->line);
    comment = memchr(p->at, '#', (size_t)(p->end - p->at));
    if (comment)
        p->end = comment;
    while (p->end > p->at && is_blank(p->end[-1]))
        p->end--;
}

/* Go to the next line. Returns false at the end of the file. */
static bool line_next(struct parser *p)
{
    const char *newline;

    if (p->next == p->bytes)
        return false;
    p->line++;
    p->at = p->text + p->next;
    newline = memchr(p->at, '\n', p->bytes - p->next);
    p->is_cut = !newline;
    p->end = newline ? newline : p->text + p->bytes;
    p->next = (size_t)(p->end - p->text) + (newline ? 1 : 0);
    line_trim(p);
    return true;
}

/* Go to the next line that has more than a comment. */
static bool line_next_filled(struct parser *p)
{
    while (line_next(p)) {
        while (p->at < p->end && is_blank(*p->at))
            p->at++;
        if (p->at < p->end)
            return true;
    }
    return false;
}

/* --- Tokens -------------------------------------------------------------- */

/* Part of a line between blanks; length 0 at the end of the line. */
struct token {
    const char *text;
    size_t length;
};

/* A token as a message shows it: printable, and not too long. */
struct quoted {
    char text[4 * QUOTE_MAX + 4];
};

static struct token token_next(struct parser *p)
{
    struct token token;

    while (p->at < p->end && is_blank(*p->at))
        p->at++;
    token.text = p->at;
    while (p->at < p->end && !is_blank(*p->at))
        p->at++;
    token.length = (size_t)(p->at - token.text);
    return token;
}

static bool token_is(struct token token, const char *text)
{
    return token.length == strlen(text) &&
           memcmp(token.text, text, token.length) == 0;
}

static struct quoted token_quote(struct token token)
{
    struct quoted quoted;
    char *out = quoted.text;

    for (size_t i = 0; i < token.length && i < QUOTE_MAX; i++) {
        unsigned char c = (unsigned char)token.text[i];

        if (c > ' ' && c < 0x7f)
            *out++ = (char)c;
        else
            out += sprintf(out, "\\x%02x", c);
    }
    strcpy(out, token.length > QUOTE_MAX ? "..." : "");
    return quoted;
}

/*
 * token_number - read a token of digits.
 *
 * what, form: name of the number and of the whole line, for messages.
 *
 * Returns true with the number in *number; false after a message when it is
 * missing, no number or above max.
 */
static bool token_number(const struct parser *p, struct token token,
                         const char *what, const char *form, size_t max,
                         size_t *number)
{
    size_t n = 0;

    if (token.length == 0)
        return fail(p, p->line, "no %s; expected '%s'", what, form);
    for (size_t i = 0; i < token.length; i++) {
        size_t digit = (size_t)(token.text[i] - '0');

        if (token.text[i] < '0' || token.text[i] > '9')
            return fail(p, p->line,
                        "%s '%s' is no number; expected '%s' in digits only",
                        what, token_quote(token).text, form);
        if (n > (max - digit) / 10)
            return fail(p, p->line, "%s %s is too large; expected at most %zu",
                        what, token_quote(token).text, max);
        n = 10 * n + digit;
    }
    *number = n;
    return true;
}

static bool read_number(struct parser *p, const char *what, const char *form,
                        size_t max, size_t *number)
{
    return token_number(p, token_next(p), what, form, max, number);
}

/* Refuse anything more on the line. */
static bool read_end(struct parser *p, const char *form)
{
    struct token token = token_next(p);

    if (token.length > 0)
        return fail(p, p->line,
                    "'%s' follows; expected '%s' and nothing more on the line",
                    token_quote(token).text, form);
    return true;
}

/* --- The header ---------------------------------------------------------- */

/*
 * read_about - copy the text of the comment on line 1.
 *
 * Call it before the first line_next. Returns "" if there is no comment, NULL
 * without memory.
 */
static char *read_about(const struct parser *p)
{
    const char *start = p->text + p->next;
    const char *end = memchr(start, '\n', p->bytes - p->next);

    if (!end)
        end = p->text + p->bytes;
    while (start < end && is_blank(*start))
        start++;
    if (start == end || *start != '#')
        return strdup("");
    while (start < end && (*start == '#' || is_blank(*start)))
        start++;
    while (end > start && (is_blank(end[-1]) || end[-1] == '\r'))
        end--;
    return strndup(start, (size_t)(end - start));
}

/*
 * read_header - read the four numbers, one a line.
 *
 * The first is the weight if it is 0 to 3. Otherwise it is the suggested heap
 * size of the oldest layout, which counts all traces alike.
 */
static bool read_header(struct parser *p)
{
    static const char *const what[HEADER_NUMBERS] = {
        "weight", "count of ids", "count of operations", "peak payload"};
    static const size_t max[HEADER_NUMBERS] = {SIZE_MAX, IDS_MAX, SIZE_MAX,
                                               SIZE_MAX};

    for (int i = 0; i < HEADER_NUMBERS; i++) {
        if (!line_next_filled(p))
            return fail(p, p->line,
                        "the file ends before the %s; expected a header of "
                        "four numbers, one a line",
                        what[i]);
        p->header_line[i] = p->line;
        if (!read_number(p, what[i], "number", max[i], &p->header[i]) ||
            !read_end(p, "number"))
            return false;
    }
    p->trace->weight =
        p->header[HEADER_FIRST] <= 3 ? (int)p->header[HEADER_FIRST] : 1;
    return true;
}

/* --- The ops ------------------------------------------------------------- */

/* How an op is written. */
struct op_form {
    const char *letter;
    const char *form;
    enum trace_kind kind;
};

static const struct op_form op_forms[] = {
    {"a", "a id size", TRACE_MALLOC},
    {"f", "f id", TRACE_FREE},
    {"r", "r id size", TRACE_REALLOC},
    {"c", "c id count size", TRACE_CALLOC},
    {"m", "m id align size", TRACE_MEMALIGN},
};

/* Read an op's id: below the header's count, or -1 for free. */
static bool read_id(struct parser *p, const struct op_form *form,
                    struct trace_op *op)
{
    struct token token = token_next(p);
    size_t ids = p->header[HEADER_IDS];
    size_t id;

    if (form->kind == TRACE_FREE && token_is(token, "-1")) {
        op->id = TRACE_NULL_ID;
        return true;
    }
    if (!token_number(p, token, "id", form->form, SIZE_MAX, &id))
        return false;
    if (id >= ids)
        return fail(p, p->line,
                    "id %zu is out of range; expected less than %zu, the "
                    "count of ids on line %u",
                    id, ids, p->header_line[HEADER_IDS]);
    op->id = (int32_t)id;
    if (id >= p->trace->ids)
        p->trace->ids = id + 1;
    return true;
}

static bool read_calloc_sizes(struct parser *p, struct trace_op *op)
{
    const char *form = "c id count size";
    size_t bytes;

    if (!read_number(p, "count", form, SIZE_MAX, &op->extra) ||
        !read_number(p, "size", form, SIZE_MAX, &op->size))
        return false;
    if (__builtin_mul_overflow(op->extra, op->size, &bytes) ||
        bytes > PTRDIFF_MAX)
        return fail(p, p->line,
                    "%zu times %zu bytes is too large; expected at most %td",
                    op->extra, op->size, PTRDIFF_MAX);
    return true;
}

static bool read_memalign_sizes(struct parser *p, struct trace_op *op)
{
    const char *form = "m id align size";

    if (!read_number(p, "alignment", form, PTRDIFF_MAX, &op->extra))
        return false;
    if (op->extra == 0 || (op->extra & (op->extra - 1)) != 0)
        return fail(p, p->line, "alignment %zu; expected a power of two",
                    op->extra);
    return read_number(p, "size", form, PTRDIFF_MAX, &op->size);
}

/* Read what follows the id of an op. */
static bool read_sizes(struct parser *p, const struct op_form *form,
                       struct trace_op *op)
{
    switch (form->kind) {
    case TRACE_FREE:
        return true;
    case TRACE_CALLOC:
        return read_calloc_sizes(p, op);
    case TRACE_MEMALIGN:
        return read_memalign_sizes(p, op);
    default:
        return read_number(p, "size", form->form, PTRDIFF_MAX, &op->size);
    }
}

/* Append op to the trace. */
static bool ops_push(struct parser *p, const struct trace_op *op)
{
    struct trace *trace = p->trace;

    if (trace->ops_count == p->ops_room) {
        size_t room = p->ops_room ? 2 * p->ops_room : 1024;
        struct trace_op *ops = realloc(trace->ops, room * sizeof *ops);

        if (!ops)
            return fail(p, p->line, "no memory for more than %zu operations",
                        trace->ops_count);
        trace->ops = ops;
        p->ops_room = room;
    }
    if (trace->ops_count == p->header[HEADER_OPS])
        p->line_extra = p->line;
    trace->ops[trace->ops_count++] = *op;
    return true;
}

static bool read_op(struct parser *p, const struct op_form *form)
{
    struct trace_op op = {
        .kind = (uint8_t)form->kind, .thread = p->thread, .line = p->line};

    return read_id(p, form, &op) && read_sizes(p, form, &op) &&
           read_end(p, form->form) && ops_push(p, &op);
}

static bool read_thread(struct parser *p)
{
    size_t thread;

    if (!read_number(p, "thread", "@ thread", UINT16_MAX, &thread) ||
        !read_end(p, "@ thread"))
        return false;
    p->thread = (uint16_t)thread;
    return true;
}

static bool read_ops(struct parser *p)
{
    while (line_next_filled(p)) {
        struct token letter = token_next(p);
        const struct op_form *form = op_forms;
        const struct op_form *end = form + sizeof op_forms / sizeof *op_forms;
        bool is_read;

        while (form < end && !token_is(letter, form->letter))
            form++;
        if (form < end)
            is_read = read_op(p, form);
        else if (token_is(letter, "@"))
            is_read = read_thread(p);
        else
            is_read = fail(p, p->line,
                           "unknown operation '%s'; expected a, c, f, m, r, "
                           "@ or a # comment",
                           token_quote(letter).text);
        if (!is_read)
            return false;
    }
    return true;
}

/* --- Following the ops --------------------------------------------------- */

/* What the ops so far have done to an id. */
struct id_state {
    size_t bytes;  /* of its block, while it is live */
    uint32_t line; /* of its last op; 0: none yet */
    bool is_live;
};

/* The effect of a free, or of a realloc to 0 bytes of a live block. */
static bool follow_free(const struct parser *p, const struct trace_op *op,
                        struct id_state *id, size_t *payload)
{
    if (id->line == 0)
        return fail(p, op->line,
                    "id %d is freed but was never given; expected an a, c, m "
                    "or r of it on an earlier line",
                    op->id);
    if (!id->is_live)
        return fail(p, op->line,
                    "id %d is freed twice, first on line %u; expected a live "
                    "block",
                    op->id, id->line);
    *payload -= id->bytes;
    *id = (struct id_state){.line = op->line};
    return true;
}

/* The effect of an op that gives id a block, or a block of another size. */
static bool follow_give(const struct parser *p, const struct trace_op *op,
                        struct id_state *id, size_t *payload)
{
    size_t bytes = trace_op_bytes(op);

    if (id->is_live && op->kind != TRACE_REALLOC)
        return fail(p, op->line,
                    "id %d is given again while its block of line %u is live; "
                    "expected its free first, or an r",
                    op->id, id->line);
    *payload -= id->bytes;
    if (bytes > PTRDIFF_MAX - *payload)
        return fail(p, op->line,
                    "%zu bytes more than the %zu live ones are too large; "
                    "expected at most %td together",
                    bytes, *payload, PTRDIFF_MAX);
    *payload += bytes;
    *id = (struct id_state){bytes, op->line, true};
    return true;
}

static bool follow_op(const struct parser *p, const struct trace_op *op,
                      struct id_state *ids, size_t *payload)
{
    struct id_state *id;

    if (op->id == TRACE_NULL_ID)
        return true;
    id = &ids[op->id];
    if (op->kind == TRACE_FREE ||
        (op->kind == TRACE_REALLOC && op->size == 0 && id->is_live))
        return follow_free(p, op, id, payload);
    return follow_give(p, op, id, payload);
}

/* Follow all ops: refuse what is no program, find the peak. */
static bool follow_ops(struct parser *p)
{
    struct trace *trace = p->trace;
    struct id_state *ids = calloc(trace->ids + 1, sizeof *ids);
    size_t payload = 0;
    bool is_sound = true;

    if (!ids)
        return fail(p, 0, "no memory for %zu ids", trace->ids);
    for (size_t i = 0; i < trace->ops_count && is_sound; i++) {
        is_sound = follow_op(p, &trace->ops[i], ids, &payload);
        if (payload > trace->peak_payload) {
            trace->peak_payload = payload;
            trace->peak_op = i;
        }
    }
    free(ids);
    return is_sound;
}

static void count_threads(struct trace *trace)
{
    bool is_seen[UINT16_MAX + 1] = {false};

    trace->threads = 0;
    for (size_t i = 0; i < trace->ops_count; i++) {
        trace->threads += !is_seen[trace->ops[i].thread];
        is_seen[trace->ops[i].thread] = true;
    }
    if (trace->threads == 0)
        trace->threads = 1;
}

/* --- What the file as a whole says --------------------------------------- */

/* Refuse bytes that no text has; skip the mark that some editors put first. */
static bool check_text(struct parser *p)
{
    const char *nul = memchr(p->text, '\0', p->bytes);
    uint32_t line = 1;

    if (p->bytes == 0)
        return fail(p, 0, "the file is empty; expected a trace");
    if (p->bytes >= 3 && memcmp(p->text, "\xef\xbb\xbf", 3) == 0) {
        warn(p, 1, "a byte order mark before the text");
        p->next = 3;
    }
    if (!nul)
        return true;
    for (const char *c = p->text; c < nul; c++)
        line += *c == '\n';
    return fail(p, line, "a byte 0; expected a text file");
}

/*
 * check_count - hold the count of ops against the header's.
 *
 * A missing op is harmless; but with a last line that has no newline either,
 * the file was cut somewhere, perhaps in the middle of a number.
 */
static bool check_count(const struct parser *p)
{
    size_t said = p->header[HEADER_OPS];
    size_t found = p->trace->ops_count;
    uint32_t line = p->header_line[HEADER_OPS];

    if (found == 0)
        return fail(p, p->line, "no operations; expected at least one");
    if (p->is_cut && found != said)
        return fail(p, p->line,
                    "the file is cut off: no newline at its end, and %zu "
                    "operations; expected %zu, as line %u says",
                    found, said, line);
    if (p->is_cut)
        warn(p, p->line, "no newline at the end of the file");
    if (found < said)
        warn(p, line, "the header says %zu operations, the file has %zu", said,
             found);
    if (found > said)
        warn(p, p->line_extra,
             "the header says %zu operations, but more follow: %zu in all",
             said, found);
    return true;
}

static void warn_dirt(const struct parser *p, const struct dirt *dirt,
                      const char *what)
{
    if (dirt->lines > 0)
        warn(p, dirt->line, "%s (lines that have it: %zu)", what, dirt->lines);
}

/* The fourth number, where it claims to be the peak (0 and 1 are fillers). */
static void check_peak(const struct parser *p)
{
    size_t said = p->header[HEADER_LAST];

    if (p->header[HEADER_FIRST] <= 3 && said > 1 &&
        said != p->trace->peak_payload)
        warn(p, p->header_line[HEADER_LAST],
             "the header says a peak payload of %zu bytes, the operations "
             "reach %zu",
             said, p->trace->peak_payload);
}

/* Read everything from p->path into p->trace. */
static bool parse(struct parser *p)
{
    if (!file_read(p) || !check_text(p))
        return false;
    p->trace->about = read_about(p);
    if (!p->trace->about)
        return fail(p, 0, "no memory for its first line");
    if (!read_header(p) || !read_ops(p) || !check_count(p) || !follow_ops(p))
        return false;
    count_threads(p->trace);
    check_peak(p);
    warn_dirt(p, &p->cr_lf, "a line that ends in CR LF");
    warn_dirt(p, &p->blanks, "blanks at the end of a line");
    return true;
}

/* --- The interface, see trace.h ------------------------------------------ */

/* "traces/cc1.rep" -> "cc1". Returns NULL without memory. */
static char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    size_t length = strlen(name);

    if (length > 4 && strcmp(name + length - 4, ".rep") == 0)
        length -= 4;
    return strndup(name, length);
}

struct trace *trace_read(const char *path, FILE *messages)
{
    struct trace *trace = calloc(1, sizeof *trace);
    struct parser p = {.path = path, .messages = messages, .trace = trace};
    bool is_read = false;

    if (trace) {
        trace->path = strdup(path);
        trace->name = name_of(path);
    }
    if (!trace || !trace->path || !trace->name)
        fail(&p, 0, "no memory");
    else
        is_read = parse(&p);
    free(p.text);
    if (is_read)
        return trace;
    trace_free(trace);
    return NULL;
}

void trace_free(struct trace *trace)
{
    if (!trace)
        return;
    free(trace->path);
    free(trace->name);
    free(trace->about);
    free(trace->ops);
    free(trace);
}

/* Derive anew what depends on which ops there are. */
static bool derive(struct trace *trace, FILE *messages)
{
    struct parser p = {
        .path = trace->path, .messages = messages, .trace = trace};

    trace->peak_payload = 0;
    trace->peak_op = 0;
    count_threads(trace);
    return follow_ops(&p);
}

bool trace_cut(struct trace *trace, size_t ops, FILE *messages)
{
    size_t kept = 0;

    for (size_t i = 0; i < trace->ops_count; i++) {
        if (trace_op_number(trace, i) <= ops)
            trace->ops[kept++] = trace->ops[i];
    }
    if (kept == trace->ops_count)
        return true;
    trace->ops_count = kept;
    return derive(trace, messages);
}

/* Where an op of a copy is from, in a trace of `copies` copies of so many. */
struct origin {
    size_t copy;
    size_t op;
};

static struct origin find_origin(size_t index, size_t copies, size_t count)
{
    size_t round = index / (copies * TRACE_RUN);
    size_t in_round = index % (copies * TRACE_RUN);
    size_t left = count - round * TRACE_RUN;
    size_t run = left < TRACE_RUN ? left : TRACE_RUN;

    return (struct origin){.copy = in_round / run,
                           .op = round * TRACE_RUN + in_round % run};
}

/* True when n copies can be counted: ops in 32 bits, ids and bytes in what
   they are kept in. */
static bool can_multiply(const struct trace *trace, size_t n)
{
    return trace->ops_count <= UINT32_MAX / n && trace->ids <= INT32_MAX / n &&
           trace->peak_payload <= PTRDIFF_MAX / n && n <= UINT16_MAX;
}

static struct trace_op copy_op(const struct trace *trace, struct origin from)
{
    struct trace_op copy = trace->ops[from.op];

    copy.thread = (uint16_t)from.copy;
    if (copy.id != TRACE_NULL_ID)
        copy.id += (int32_t)(from.copy * trace->ids);
    return copy;
}

bool trace_multiply(struct trace *trace, size_t n, FILE *messages)
{
    struct parser p = {.path = trace->path, .messages = messages};
    struct trace_op *ops = NULL;

    if (can_multiply(trace, n))
        ops = malloc(n * trace->ops_count * sizeof *ops);
    if (!ops)
        return fail(&p, 0, "%zu operations in %zu threads are too many",
                    trace->ops_count, n);
    for (size_t i = 0; i < n * trace->ops_count; i++)
        ops[i] = copy_op(trace, find_origin(i, n, trace->ops_count));
    free(trace->ops);
    trace->ops = ops;
    trace->ops_count *= n;
    trace->ids *= n;
    trace->copies = n;
    return derive(trace, messages);
}

size_t trace_op_number(const struct trace *trace, size_t index)
{
    size_t copies = trace->copies;

    if (copies == 0)
        return index + 1;
    return find_origin(index, copies, trace->ops_count / copies).op + 1;
}

int32_t trace_file_id(const struct trace *trace, int32_t id)
{
    if (trace->copies == 0 || id == TRACE_NULL_ID)
        return id;
    return id % (int32_t)(trace->ids / trace->copies);
}

size_t trace_op_bytes(const struct trace_op *op)
{
    return op->kind == TRACE_CALLOC ? op->extra * op->size : op->size;
}

const char *trace_kind_name(enum trace_kind kind)
{
    static const char *const names[] = {
        [TRACE_MALLOC] = "malloc",     [TRACE_CALLOC] = "calloc",
        [TRACE_MEMALIGN] = "memalign", [TRACE_REALLOC] = "realloc",
        [TRACE_FREE] = "free",
    };

    return names[kind];
}
