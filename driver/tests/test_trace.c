/*
 * test_trace.c - what trace_read reads, what it warns of, what it refuses.
 *
 * A text becomes a file in memory (memfd_create), so a case is its text.
 */
#define _GNU_SOURCE /* memfd_create */
#include "trace.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* A header of 4 ids and 2 operations, on lines 1 to 4, and a longer one. */
#define HEADER "1\n4\n2\n0\n"
#define HEADER_3 "1\n4\n3\n0\n"
#define HEADER_4 "1\n4\n4\n0\n"

/* --- Files in memory ----------------------------------------------------- */

struct file {
    int fd;
    char path[40];
};

static struct file file_make(void)
{
    struct file file = {.fd = memfd_create("trace", MFD_CLOEXEC)};

    cr_assert(file.fd >= 0);
    snprintf(file.path, sizeof file.path, "/proc/self/fd/%d", file.fd);
    return file;
}

static void file_fill(const struct file *file, const char *text, size_t bytes)
{
    cr_assert(ftruncate(file->fd, 0) == 0);
    cr_assert(pwrite(file->fd, text, bytes, 0) == (ssize_t)bytes);
}

/* Read a path; its messages, to be freed, come back in *messages. */
static struct trace *read_path(const char *path, char **messages)
{
    size_t bytes;
    FILE *stream = open_memstream(messages, &bytes);
    struct trace *trace = trace_read(path, stream);

    fclose(stream);
    return trace;
}

/*
 * read_text - read a text of some bytes, holding the messages to expected.
 *
 * expected: lines "LINE: ..." or " ...", each without the path before it.
 */
static struct trace *read_text(const char *text, size_t bytes,
                               const char *expected)
{
    struct file file = file_make();
    char *messages;
    char *found;

    file_fill(&file, text, bytes);
    struct trace *trace = read_path(file.path, &messages);

    found = calloc(1, strlen(messages) + 1);
    for (char *at = messages; *at; at = strchr(at, '\n') + 1) {
        size_t skip = strlen(file.path) + 1;

        cr_assert(strncmp(at, file.path, skip - 1) == 0, "%s", messages);
        strncat(found, at + skip, strcspn(at + skip, "\n") + 1);
    }
    cr_assert_str_eq(found, expected,
                     "for the text\n%s\nfound    %sexpected %s", text, found,
                     expected);
    free(found);
    free(messages);
    close(file.fd);
    return trace;
}

static struct trace *read_clean(const char *text)
{
    struct trace *trace = read_text(text, strlen(text), "");

    cr_assert_not_null(trace);
    return trace;
}

static void assert_op(const struct trace *trace, size_t i,
                      struct trace_op expected)
{
    const struct trace_op *op = &trace->ops[i];

    cr_assert_lt(i, trace->ops_count);
    cr_assert_eq(op->kind, expected.kind, "op %zu", i);
    cr_assert_eq(op->id, expected.id, "op %zu", i);
    cr_assert_eq(op->size, expected.size, "op %zu", i);
    cr_assert_eq(op->extra, expected.extra, "op %zu", i);
    cr_assert_eq(op->thread, expected.thread, "op %zu", i);
    cr_assert_eq(op->line, expected.line, "op %zu: line %u", i, op->line);
}

/* --- What is read -------------------------------------------------------- */

static struct trace *read_example(const char *path)
{
    char *messages;
    struct trace *trace = read_path(path, &messages);

    cr_assert_not_null(trace, "%s", messages);
    cr_assert_str_eq(messages, "");
    cr_assert_str_eq(trace->path, path);
    free(messages);
    return trace;
}

Test(trace, reads_the_classic_layout)
{
    struct trace *t = read_example("driver/tests/traces/classic.rep");

    cr_assert_str_eq(t->name, "classic");
    cr_assert_str_eq(t->about, "");
    cr_assert_eq(t->weight, 1);
    cr_assert_eq(t->ids, 3);
    cr_assert_eq(t->ops_count, 6);
    cr_assert_eq(t->threads, 1);
    cr_assert_eq(t->peak_payload, 640 + 128 + 128);
    cr_assert_eq(t->peak_op, 3);
    assert_op(t, 0, (struct trace_op){TRACE_MALLOC, 0, 0, 5, 512, 0});
    assert_op(t, 2, (struct trace_op){TRACE_REALLOC, 0, 0, 7, 640, 0});
    assert_op(t, 5, (struct trace_op){TRACE_FREE, 0, 0, 10, 0, 0});
    trace_free(t);
}

Test(trace, reads_the_layout_of_2010)
{
    struct trace *t = read_example("driver/tests/traces/2010.rep");

    cr_assert_eq(t->weight, 2);
    cr_assert_eq(t->ids, 2, "the largest id that is used, not the header's");
    cr_assert_eq(t->ops_count, 7);
    cr_assert_eq(t->peak_payload, 200);
    cr_assert_eq(t->peak_op, 4);
    assert_op(t, 2, (struct trace_op){TRACE_FREE, 0, TRACE_NULL_ID, 7, 0, 0});
    assert_op(t, 3, (struct trace_op){TRACE_REALLOC, 0, 0, 8, 0, 0});
    trace_free(t);
}

Test(trace, reads_the_layout_of_2016)
{
    struct trace *t = read_example("driver/tests/traces/2016.rep");

    cr_assert_eq(t->weight, 3);
    cr_assert_eq(t->peak_payload, 96);
    cr_assert_eq(t->peak_op, 1);
    assert_op(t, 0, (struct trace_op){TRACE_MALLOC, 0, 0, 6, 32, 0});
    assert_op(t, 3, (struct trace_op){TRACE_MALLOC, 0, 0, 10, 16, 0});
    trace_free(t);
}

Test(trace, reads_ours)
{
    struct trace *t = read_example("driver/tests/traces/seven.rep");

    cr_assert_str_eq(t->about, "two threads, one block handed over");
    cr_assert_eq(t->threads, 2);
    cr_assert_eq(t->peak_payload, 4160);
    cr_assert_eq(t->peak_op, 4);
    assert_op(t, 1, (struct trace_op){TRACE_CALLOC, 0, 1, 8, 8, 3});
    assert_op(t, 2, (struct trace_op){TRACE_MEMALIGN, 7, 2, 10, 4096, 4096});
    assert_op(t, 3, (struct trace_op){TRACE_FREE, 7, 0, 11, 0, 0});
    assert_op(t, 4, (struct trace_op){TRACE_REALLOC, 0, 1, 13, 64, 0});
    cr_assert_eq(trace_op_bytes(&t->ops[1]), 24);
    cr_assert_eq(trace_op_bytes(&t->ops[2]), 4096);
    trace_free(t);
}

Test(trace, reads_every_trace_of_the_lab_without_a_warning)
{
    glob_t files;

    cr_assert_eq(glob("traces/*.rep", 0, NULL, &files), 0);
    for (size_t i = 0; i < files.gl_pathc; i++) {
        struct trace *t = read_example(files.gl_pathv[i]);

        cr_assert_str_neq(t->about, "", "%s: no first line", t->path);
        trace_free(t);
    }
    globfree(&files);
}

Test(trace, names_a_trace_by_its_file)
{
    static const char *const names[][2] = {
        {"cc1.rep", "cc1"}, {"cc1.rep.txt", "cc1.rep.txt"}, {".rep", ".rep"}};
    char folder[] = "/tmp/test_trace.XXXXXX";
    char path[sizeof folder + 20];
    struct file file = file_make();

    file_fill(&file, HEADER "a 0 1\nf 0\n", sizeof HEADER + 9);
    cr_assert_not_null(mkdtemp(folder));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i][0]);
        cr_assert_eq(symlink(file.path, path), 0);
        struct trace *t = read_example(path);
        cr_assert_str_eq(t->name, names[i][1]);
        trace_free(t);
        unlink(path);
    }
    rmdir(folder);
    close(file.fd);
}

Test(trace, names_the_kinds)
{
    cr_assert_str_eq(trace_kind_name(TRACE_MALLOC), "malloc");
    cr_assert_str_eq(trace_kind_name(TRACE_CALLOC), "calloc");
    cr_assert_str_eq(trace_kind_name(TRACE_MEMALIGN), "memalign");
    cr_assert_str_eq(trace_kind_name(TRACE_REALLOC), "realloc");
    cr_assert_str_eq(trace_kind_name(TRACE_FREE), "free");
}

Test(trace, tells_a_weight_from_a_heap_size)
{
    static const int weights[] = {0, 1, 2, 3, 1, 1};
    char text[] = "0\n1\n1\n0\na 0 1\n";

    for (size_t i = 0; i < sizeof weights / sizeof *weights; i++, text[0]++) {
        struct trace *t = read_clean(text);

        cr_assert_eq(t->weight, weights[i], "line 1 is %zu", i);
        trace_free(t);
    }
}

Test(trace, takes_comments_blank_lines_and_layout_anywhere)
{
    struct trace *t = read_clean("\n#\n 0 # weight\n\t2\n\n2# ops\n0\n# more\n"
                                 "  a\t1   7#seven\n\n f 1\n#\n");

    cr_assert_eq(t->weight, 0);
    cr_assert_eq(t->ids, 2);
    cr_assert_eq(t->peak_payload, 7);
    cr_assert_str_eq(t->about, "", "only line 1 says it");
    assert_op(t, 0, (struct trace_op){TRACE_MALLOC, 0, 1, 9, 7, 0});
    assert_op(t, 1, (struct trace_op){TRACE_FREE, 0, 1, 11, 0, 0});
    trace_free(t);
}

Test(trace, follows_realloc_of_all_kinds)
{
    /* NULL to 5; to 9; to 0 frees; NULL to 0; again 0 frees; NULL to 3 */
    struct trace *t = read_clean("1\n1\n7\n9\nr 0 5\nr 0 9\nr 0 0\nr 0 0\n"
                                 "r 0 0\nr 0 3\nf 0\n");

    cr_assert_eq(t->peak_payload, 9);
    cr_assert_eq(t->peak_op, 1);
    trace_free(t);
}

Test(trace, keeps_a_block_of_0_bytes_live)
{
    struct trace *t = read_clean("1\n4\n6\n0\na 0 0\nc 1 0 9\nc 2 9 0\n"
                                 "f 0\nf 1\nf 2\n");

    cr_assert_eq(t->peak_payload, 0);
    cr_assert_eq(t->peak_op, 0);
    trace_free(t);
}

Test(trace, gives_the_first_of_equal_peaks)
{
    struct trace *t = read_clean("1\n1\n4\n8\na 0 8\nf 0\na 0 8\nf 0\n");

    cr_assert_eq(t->peak_op, 0);
    trace_free(t);
}

Test(trace, reads_the_largest_sizes)
{
    struct trace *t = read_clean("1\n4\n3\n0\na 0 9223372036854775807\nf 0\n"
                                 "c 1 3037000499 3037000499\n");

    cr_assert_eq(t->peak_payload, (size_t)PTRDIFF_MAX);
    trace_free(t);
}

Test(trace, takes_memory_for_what_is_there_not_for_what_is_said)
{
    struct trace *t = read_text(
        "1\n100000000\n18446744073709551615\n0\na 5 1\n", 41,
        "3: warning: the header says 18446744073709551615 operations, the "
        "file has 1\n");

    cr_assert_eq(t->ids, 6);
    cr_assert_eq(t->ops_count, 1);
    trace_free(t);
}

Test(trace, reads_sparse_ids)
{
    struct trace *t = read_clean("1\n9000000\n2\n0\na 8999999 1\nf 8999999\n");

    cr_assert_eq(t->ids, 9000000);
    trace_free(t);
}

Test(trace, counts_the_threads_that_have_an_op)
{
    struct trace *t = read_clean(HEADER "@ 3\n@ 65535\na 0 1\n@ 9\nf 0\n@ 1\n");

    cr_assert_eq(t->threads, 2);
    cr_assert_eq(t->ops[0].thread, 65535);
    cr_assert_eq(t->ops[1].thread, 9);
    trace_free(t);
}

Test(trace, cuts_to_the_first_operations)
{
    struct trace *t = read_example("driver/tests/traces/seven.rep");

    cr_assert(trace_cut(t, 9, stderr));
    cr_assert_eq(t->ops_count, 8, "there are no more to keep");
    cr_assert(trace_cut(t, 5, stderr));
    cr_assert_eq(t->ops_count, 5);
    cr_assert_eq(t->peak_payload, 4160);
    cr_assert_eq(t->peak_op, 4);
    cr_assert(trace_cut(t, 2, stderr));
    cr_assert_eq(t->threads, 1);
    cr_assert_eq(t->peak_payload, 48);
    cr_assert_eq(t->peak_op, 1);
    cr_assert(trace_cut(t, 0, stderr));
    cr_assert_eq(t->ops_count, 0);
    cr_assert_eq(t->threads, 1);
    cr_assert_eq(t->peak_payload, 0);
    trace_free(t);
}

Test(trace, multiplied_each_thread_has_a_copy_on_ids_of_its_own)
{
    struct trace *t =
        read_clean("1\n4\n5\n0\na 0 9\nf -1\nr 0 2\na 1 3\nf 0\n");
    size_t ids = t->ids;

    cr_assert(trace_multiply(t, 3, stderr));
    cr_assert_eq(t->ops_count, 15);
    cr_assert_eq(t->ids, 3 * ids);
    cr_assert_eq(t->threads, 3);
    for (size_t i = 0; i < 15; i++) {
        const struct trace_op *op = &t->ops[i];
        bool is_null = i % 5 == 1;

        cr_assert_eq(op->thread, i / 5);
        cr_assert_eq(trace_op_number(t, i), i % 5 + 1);
        cr_assert_eq(trace_file_id(t, op->id), is_null ? -1 : i % 5 == 3);
        cr_assert(is_null || (size_t)op->id / ids == i / 5);
    }
    assert_op(t, 12,
              (struct trace_op){TRACE_REALLOC, 2, (int32_t)(2 * ids),
                                t->ops[2].line, 2, 0});
    trace_free(t);
}

/* A trace of 100 mallocs of 10 bytes, in three copies. */
static struct trace *read_and_multiply(void)
{
    char text[2000] = "1\n100\n100\n0\n";
    struct trace *t;

    for (int i = 0; i < 100; i++)
        sprintf(text + strlen(text), "a %d 10\n", i);
    t = read_clean(text);
    cr_assert(trace_multiply(t, 3, stderr));
    return t;
}

Test(trace, multiplied_the_copies_take_turns)
{
    struct trace *t = read_and_multiply();

    cr_assert_eq(t->ops_count, 300);
    cr_assert_eq(t->peak_payload, 3000);
    cr_assert_eq(t->peak_op, 299);
    for (size_t i = 0; i < 300; i++) {
        bool is_tail = i >= 3 * TRACE_RUN;
        size_t run = is_tail ? 100 - TRACE_RUN : TRACE_RUN;
        size_t at = is_tail ? i - 3 * TRACE_RUN : i;

        cr_assert_eq(t->ops[i].thread, at / run);
        cr_assert_eq(trace_op_number(t, i),
                     at % run + 1 + (is_tail ? TRACE_RUN : 0));
    }
    trace_free(t);
}

Test(trace, cut_multiplied_each_copy_keeps_as_many)
{
    struct trace *t = read_and_multiply();

    cr_assert(trace_cut(t, 70, stderr));
    cr_assert_eq(t->ops_count, 210);
    cr_assert_eq(t->threads, 3);
    cr_assert_eq(t->peak_payload, 2100);
    for (size_t i = 0; i < 210; i++) {
        cr_assert_leq(trace_op_number(t, i), 70);
        cr_assert_eq(trace_op_number(t, i),
                     (size_t)trace_file_id(t, t->ops[i].id) + 1);
    }
    trace_free(t);
}

Test(trace, too_many_copies_are_refused)
{
    struct trace *t = read_clean(HEADER "a 0 4611686018427387904\nf 0\n");
    char *messages;
    size_t bytes;
    FILE *stream = open_memstream(&messages, &bytes);

    cr_assert_not(trace_multiply(t, 3, stream));
    fclose(stream);
    cr_assert_not_null(strstr(messages, "2 operations in 3 threads are too"));
    cr_assert_eq(t->ops_count, 2);
    cr_assert_eq(trace_op_number(t, 1), 2);
    free(messages);
    trace_free(t);
}

/* --- What is read with a warning ----------------------------------------- */

static const struct warned {
    const char *text;
    const char *warnings;
} warned_texts[] = {
    {HEADER_4 "a 0 1\nf 0\n",
     "3: warning: the header says 4 operations, the file has 2\n"},
    {HEADER "a 0 1\nf 0\na 1 1\nf 1\n",
     "7: warning: the header says 2 operations, but more follow: 4 in all\n"},
    {HEADER "a 0 1\nf 0", "6: warning: no newline at the end of the file\n"},
    {HEADER "a 0 1 \nf 0\t\n",
     "5: warning: blanks at the end of a line (lines that have it: 2)\n"},
    {"1\n4\r\n2\n0\r\na 0 1\r\nf 0\n",
     "2: warning: a line that ends in CR LF (lines that have it: 3)\n"},
    {"\xef\xbb\xbf# about\n" HEADER "a 0 1\nf 0\n",
     "1: warning: a byte order mark before the text\n"},
    {"1\n4\n2\n512\na 0 1\nf 0\n",
     "4: warning: the header says a peak payload of 512 bytes, the operations "
     "reach 1\n"},
    {"4096\n4\n2\n512\na 0 1\nf 0\n", ""},
};

Test(trace, warns_of_dirt_and_goes_on)
{
    size_t count = sizeof warned_texts / sizeof *warned_texts;

    for (size_t i = 0; i < count; i++) {
        const struct warned *w = &warned_texts[i];
        struct trace *t = read_text(w->text, strlen(w->text), w->warnings);

        cr_assert_not_null(t, "%s", w->text);
        cr_assert_eq(t->ops[0].kind, TRACE_MALLOC);
        cr_assert_eq(t->ops[0].size, 1);
        trace_free(t);
    }
}

Test(trace, reads_the_first_line_after_a_byte_order_mark)
{
    const char *text = "\xef\xbb\xbf## about it \r\n" HEADER "a 0 1\nf 0\n";
    struct trace *t = read_text(
        text, strlen(text),
        "1: warning: a byte order mark before the text\n"
        "1: warning: a line that ends in CR LF (lines that have it: 1)\n"
        "1: warning: blanks at the end of a line (lines that have it: 1)\n");

    cr_assert_str_eq(t->about, "about it");
    trace_free(t);
}

/* --- What is refused ----------------------------------------------------- */

static const struct refused {
    const char *text;
    const char *error; /* without the path */
} refused_texts[] = {
    /* The file */
    {"", " the file is empty; expected a trace"},
    {HEADER_3 "a 0 1\nf 0",
     "6: the file is cut off: no newline at its end, and 2 operations; "
     "expected 3, as line 3 says"},
    {HEADER_3 "a 0 1\na 1 25",
     "6: the file is cut off: no newline at its end, and 2 operations; "
     "expected 3, as line 3 says"},
    {HEADER "a 0 1\nf 0\nf -1",
     "7: the file is cut off: no newline at its end, and 3 operations; "
     "expected 2, as line 3 says"},
    {HEADER "a 0 1\nf", "6: no id; expected 'f id'"},
    {HEADER "a 0 1\na 1", "6: no size; expected 'a id size'"},
    {"a 0 1\rf 0\r", "1: weight 'a' is no number; expected 'number' in digits "
                     "only"},

    /* The header */
    {"\n", "1: the file ends before the weight; expected a header of four "
           "numbers, one a line"},
    {"# only a comment", "1: the file ends before the weight; expected a "
                         "header of four numbers, one a line"},
    {"1\n", "1: the file ends before the count of ids; expected a header of "
            "four numbers, one a line"},
    {"1\n1\n", "2: the file ends before the count of operations; expected a "
               "header of four numbers, one a line"},
    {"1\n1\n1\n", "3: the file ends before the peak payload; expected a "
                  "header of four numbers, one a line"},
    {"1\n1\n1\n1\n", "4: no operations; expected at least one"},
    {"1\n0\n0\n0\n\n", "5: no operations; expected at least one"},
    {"1\n1\n1\na 0 1\n",
     "4: peak payload 'a' is no number; expected 'number' in digits only"},
    {"1 1 1 1\na 0 1\n",
     "1: '1' follows; expected 'number' and nothing more on the line"},
    {"-1\n1\n1\n1\na 0 1\n",
     "1: weight '-1' is no number; expected 'number' in digits only"},
    {"1\n-1\n1\n1\na 0 1\n",
     "2: count of ids '-1' is no number; expected 'number' in digits only"},
    {"1\n1\n-1\n1\na 0 1\n", "3: count of operations '-1' is no number; "
                             "expected 'number' in digits only"},
    {"1\n1\n1\n-1\na 0 1\n",
     "4: peak payload '-1' is no number; expected 'number' in digits only"},
    {"1.0\n1\n1\n1\na 0 1\n",
     "1: weight '1.0' is no number; expected 'number' in digits only"},
    {"0x1\n1\n1\n1\na 0 1\n",
     "1: weight '0x1' is no number; expected 'number' in digits only"},
    {"+1\n1\n1\n1\na 0 1\n",
     "1: weight '+1' is no number; expected 'number' in digits only"},
    {"1\n100000001\n1\n1\na 0 1\n",
     "2: count of ids 100000001 is too large; expected at most 100000000"},
    {"1\n4294967297\n1\n1\na 0 1\n",
     "2: count of ids 4294967297 is too large; expected at most 100000000"},
    {"1\n1\n18446744073709551616\n1\na 0 1\n",
     "3: count of operations 18446744073709551616 is too large; expected at "
     "most 18446744073709551615"},
    {"99999999999999999999\n1\n1\n1\na 0 1\n",
     "1: weight 99999999999999999999 is too large; expected at most "
     "18446744073709551615"},

    /* The shape of a line */
    {HEADER "x 0 1\nf 0\n", "5: unknown operation 'x'; expected a, c, f, m, r, "
                            "@ or a # comment"},
    {HEADER "w 0 1\nf 0\n", "5: unknown operation 'w'; expected a, c, f, m, r, "
                            "@ or a # comment"},
    {HEADER "A 0 1\nf 0\n", "5: unknown operation 'A'; expected a, c, f, m, r, "
                            "@ or a # comment"},
    {HEADER "a0 1\nf 0\n", "5: unknown operation 'a0'; expected a, c, f, m, r, "
                           "@ or a # comment"},
    {HEADER "alloc 0 1\nf 0\n", "5: unknown operation 'alloc'; expected a, c, "
                                "f, m, r, @ or a # comment"},
    {HEADER "0 1\nf 0\n", "5: unknown operation '0'; expected a, c, f, m, r, "
                          "@ or a # comment"},
    {HEADER "1\na 0 1\nf 0\n", "5: unknown operation '1'; expected a, c, f, m, "
                               "r, @ or a # comment"},
    {HEADER "a 0 1\n-\n", "6: unknown operation '-'; expected a, c, f, m, r, "
                          "@ or a # comment"},
    {HEADER "a 0 1\n\x1b[31m\x80\n",
     "6: unknown operation '\\x1b[31m\\x80'; expected a, c, f, m, r, @ or a # "
     "comment"},
    {HEADER "a 0 1\naaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n",
     "6: unknown operation 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...'; "
     "expected a, c, f, m, r, @ or a # comment"},
    {HEADER "a 0 1 f 0\n",
     "5: 'f' follows; expected 'a id size' and nothing more on the line"},
    {HEADER "a 0 1\rf 0\n", "5: size '1\\x0df' is no number; expected 'a id "
                            "size' in digits only"},
    {HEADER "a 0 1 1\nf 0\n",
     "5: '1' follows; expected 'a id size' and nothing more on the line"},
    {HEADER "a 0 1\nf 0 1\n",
     "6: '1' follows; expected 'f id' and nothing more on the line"},
    {HEADER "a 0 1\nf 0 f 0\n",
     "6: 'f' follows; expected 'f id' and nothing more on the line"},
    {HEADER "a 0 1\nr 0 2 3\n",
     "6: '3' follows; expected 'r id size' and nothing more on the line"},
    {HEADER "c 0 1 2 3\nf 0\n", "5: '3' follows; expected 'c id count size' "
                                "and nothing more on the line"},
    {HEADER "m 0 16 2 3\nf 0\n", "5: '3' follows; expected 'm id align size' "
                                 "and nothing more on the line"},
    {HEADER "@ 0 1\nf -1\n",
     "5: '1' follows; expected '@ thread' and nothing more on the line"},
    {HEADER "a\nf 0\n", "5: no id; expected 'a id size'"},
    {HEADER "a # 0 1\nf 0\n", "5: no id; expected 'a id size'"},
    {HEADER "a 0\nf 0\n", "5: no size; expected 'a id size'"},
    {HEADER "a 1 8\na 0\n", "6: no size; expected 'a id size'"},
    {HEADER "a 0 1\nr 0\n", "6: no size; expected 'r id size'"},
    {HEADER "c 0\nf 0\n", "5: no count; expected 'c id count size'"},
    {HEADER "c 0 1\nf 0\n", "5: no size; expected 'c id count size'"},
    {HEADER "m 0\nf 0\n", "5: no alignment; expected 'm id align size'"},
    {HEADER "m 0 16\nf 0\n", "5: no size; expected 'm id align size'"},
    {HEADER "f\nf\n", "5: no id; expected 'f id'"},
    {HEADER "@\nf -1\n", "5: no thread; expected '@ thread'"},

    /* Numbers */
    {HEADER "a 0 -5\nf 0\n",
     "5: size '-5' is no number; expected 'a id size' in digits only"},
    {HEADER "a 0 1k\nf 0\n",
     "5: size '1k' is no number; expected 'a id size' in digits only"},
    {HEADER "a 0 0x10\nf 0\n",
     "5: size '0x10' is no number; expected 'a id size' in digits only"},
    {HEADER "a 0 1e3\nf 0\n",
     "5: size '1e3' is no number; expected 'a id size' in digits only"},
    {HEADER "a 0 +1\nf 0\n",
     "5: size '+1' is no number; expected 'a id size' in digits only"},
    {HEADER "a 0 1,000\nf 0\n",
     "5: size '1,000' is no number; expected 'a id size' in digits only"},
    {HEADER "a 0 9223372036854775808\nf 0\n",
     "5: size 9223372036854775808 is too large; expected at most "
     "9223372036854775807"},
    {HEADER "a 0 18446744073709551617\nf 0\n",
     "5: size 18446744073709551617 is too large; expected at most "
     "9223372036854775807"},
    {HEADER "a 0 99999999999999999999999999999999999999999999999999\nf 0\n",
     "5: size 9999999999999999999999999999999999999999... is too large; "
     "expected at most 9223372036854775807"},
    {HEADER "a 0 1\nr 0 9223372036854775808\n",
     "6: size 9223372036854775808 is too large; expected at most "
     "9223372036854775807"},
    {HEADER "a 0 1\nr 0 -1\n",
     "6: size '-1' is no number; expected 'r id size' in digits only"},
    {HEADER "c 0 -1 1\nf 0\n",
     "5: count '-1' is no number; expected 'c id count size' in digits only"},
    {HEADER "c 0 4294967296 4294967296\nf 0\n",
     "5: 4294967296 times 4294967296 bytes is too large; expected at most "
     "9223372036854775807"},
    {HEADER "c 0 3037000500 3037000500\nf 0\n",
     "5: 3037000500 times 3037000500 bytes is too large; expected at most "
     "9223372036854775807"},
    {HEADER "c 0 18446744073709551616 1\nf 0\n",
     "5: count 18446744073709551616 is too large; expected at most "
     "18446744073709551615"},
    {HEADER "m 0 0 8\nf 0\n", "5: alignment 0; expected a power of two"},
    {HEADER "m 0 24 8\nf 0\n", "5: alignment 24; expected a power of two"},
    {HEADER "m 0 -16 8\nf 0\n", "5: alignment '-16' is no number; expected "
                                "'m id align size' in digits only"},
    {HEADER "m 0 9223372036854775808 8\nf 0\n",
     "5: alignment 9223372036854775808 is too large; expected at most "
     "9223372036854775807"},
    {HEADER "@ 65536\nf -1\n",
     "5: thread 65536 is too large; expected at most 65535"},
    {HEADER "@ -1\nf -1\n",
     "5: thread '-1' is no number; expected '@ thread' in digits only"},

    /* Ids */
    {HEADER "a 4 1\nf 4\n", "5: id 4 is out of range; expected less than 4, "
                            "the count of ids on line 2"},
    {HEADER "a 4294967296 1\nf 0\n",
     "5: id 4294967296 is out of range; expected less than 4, the count of "
     "ids on line 2"},
    {HEADER "a 18446744073709551616 1\nf 0\n",
     "5: id 18446744073709551616 is too large; expected at most "
     "18446744073709551615"},
    {HEADER "a 0 1\nf 4\n", "6: id 4 is out of range; expected less than 4, "
                            "the count of ids on line 2"},
    {HEADER "a 0 1\nf 4294967296\n",
     "6: id 4294967296 is out of range; expected less than 4, the count of "
     "ids on line 2"},
    {HEADER "r 4 1\nf 4\n", "5: id 4 is out of range; expected less than 4, "
                            "the count of ids on line 2"},
    {"1\n0\n1\n0\na 0 1\n", "5: id 0 is out of range; expected less than 0, "
                            "the count of ids on line 2"},
    {HEADER "a -1 8\nf -1\n",
     "5: id '-1' is no number; expected 'a id size' in digits only"},
    {HEADER "r -1 8\nf -1\n",
     "5: id '-1' is no number; expected 'r id size' in digits only"},
    {HEADER "c -1 1 8\nf -1\n",
     "5: id '-1' is no number; expected 'c id count size' in digits only"},
    {HEADER "f -2\nf -1\n",
     "5: id '-2' is no number; expected 'f id' in digits only"},
    {HEADER "f -01\nf -1\n",
     "5: id '-01' is no number; expected 'f id' in digits only"},
    {HEADER "f - 1\nf -1\n",
     "5: id '-' is no number; expected 'f id' in digits only"},

    /* What no program does */
    {HEADER "f 0\nf -1\n", "5: id 0 is freed but was never given; expected an "
                           "a, c, m or r of it on an earlier line"},
    {HEADER "f 3\na 3 1\n", "5: id 3 is freed but was never given; expected an "
                            "a, c, m or r of it on an earlier line"},
    {HEADER_3 "a 0 1\nf 0\nf 0\n",
     "7: id 0 is freed twice, first on line 6; expected a live block"},
    {HEADER_4 "a 0 1\nf 0\nf -1\nf 0\n",
     "8: id 0 is freed twice, first on line 6; expected a live block"},
    {HEADER_3 "a 0 1\nr 0 0\nf 0\n",
     "7: id 0 is freed twice, first on line 6; expected a live block"},
    {HEADER_3 "a 0 0\nf 0\nf 0\n",
     "7: id 0 is freed twice, first on line 6; expected a live block"},
    {HEADER_3 "@ 1\na 0 1\nf 0\n@ 2\nf 0\n",
     "9: id 0 is freed twice, first on line 7; expected a live block"},
    {HEADER "a 0 1\na 0 2\n",
     "6: id 0 is given again while its block of line 5 is live; expected its "
     "free first, or an r"},
    {HEADER "a 0 0\na 0 0\n",
     "6: id 0 is given again while its block of line 5 is live; expected its "
     "free first, or an r"},
    {HEADER_3 "a 0 1\nr 0 9\nc 0 1 1\n",
     "7: id 0 is given again while its block of line 6 is live; expected its "
     "free first, or an r"},
    {HEADER "r 0 9\nm 0 16 1\n",
     "6: id 0 is given again while its block of line 5 is live; expected its "
     "free first, or an r"},
    {HEADER "a 0 9223372036854775807\na 1 1\n",
     "6: 1 bytes more than the 9223372036854775807 live ones are too large; "
     "expected at most 9223372036854775807 together"},
    {HEADER_3 "a 0 9223372036854775807\na 1 0\nr 1 2\n",
     "7: 2 bytes more than the 9223372036854775807 live ones are too large; "
     "expected at most 9223372036854775807 together"},
};

Test(trace, refuses_every_bad_text)
{
    char expected[400];

    for (size_t i = 0; i < sizeof refused_texts / sizeof *refused_texts; i++) {
        const struct refused *r = &refused_texts[i];

        snprintf(expected, sizeof expected, "%s\n", r->error);
        cr_assert_null(read_text(r->text, strlen(r->text), expected), "%s",
                       r->text);
    }
}

Test(trace, refuses_a_byte_0_anywhere)
{
    const char text[] = HEADER "a 0 1\nf 0\n";
    char copy[sizeof text];
    char expected[80];

    for (size_t i = 0; i < sizeof text - 1; i++) {
        int line = 1;

        memcpy(copy, text, sizeof text);
        copy[i] = '\0';
        for (size_t j = 0; j < i; j++)
            line += text[j] == '\n';
        snprintf(expected, sizeof expected,
                 "%d: a byte 0; expected a text file\n", line);
        cr_assert_null(read_text(copy, sizeof text - 1, expected));
    }
}

/* Every file cut off anywhere but at its end is refused or warned of. */
Test(trace, notices_every_cut)
{
    const char text[] = HEADER_3 "a 0 10\na 1 10\nf 0\n";
    struct file file = file_make();

    for (size_t bytes = 0; bytes < sizeof text - 1; bytes++) {
        char *messages;
        struct trace *t;

        file_fill(&file, text, bytes);
        t = read_path(file.path, &messages);
        cr_assert_str_neq(messages, "", "cut to %zu bytes", bytes);
        cr_assert(!t || strstr(messages, "warning"));
        trace_free(t);
        free(messages);
    }
}

/* --- What is no file ----------------------------------------------------- */

static void assert_refused(const char *path, const char *error)
{
    char *messages;

    cr_assert_null(read_path(path, &messages));
    cr_assert_not_null(strstr(messages, error), "%s", messages);
    cr_assert_eq(strncmp(messages, path, strlen(path)), 0, "%s", messages);
    free(messages);
}

Test(trace, refuses_what_is_no_regular_file, .timeout = 10)
{
    char folder[] = "/tmp/test_trace.XXXXXX";
    char fifo[sizeof folder + 5];
    int fd_before = dup(STDIN_FILENO);
    int fd_after;

    close(fd_before);
    cr_assert_not_null(mkdtemp(folder));
    snprintf(fifo, sizeof fifo, "%s/fifo", folder);
    cr_assert_eq(mkfifo(fifo, 0600), 0);
    assert_refused(fifo, ": is a device, pipe or socket; expected a trace "
                         "file\n");
    unlink(fifo);
    assert_refused(fifo, ": No such file or directory; expected a trace "
                         "file\n");
    assert_refused(folder, ": is a directory; expected a trace file\n");
    assert_refused("/dev/zero", ": is a device, pipe or socket; expected a "
                                "trace file\n");
    rmdir(folder);
    fd_after = dup(STDIN_FILENO);
    cr_assert_eq(fd_after, fd_before, "a descriptor is left open");
    close(fd_after);
}

Test(trace, refuses_a_file_too_large_without_reading_it)
{
    struct file file = file_make();

    cr_assert_eq(ftruncate(file.fd, (1 << 30) + (off_t)1), 0);
    assert_refused(file.path, ": has 1073741825 bytes; expected at most "
                              "1073741824\n");
    close(file.fd);
}

/* --- What chance makes of it --------------------------------------------- */

enum { MUTANTS = 20000, MUTANT_BYTES = 512 };

static uint32_t random_next(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*state >> 33);
}

/* Replace, insert or remove some bytes of a text; returns its new length. */
static size_t mutate(char *text, size_t bytes, uint64_t *state)
{
    static const char *const pieces[] = {
        "0",    "1",  "-1",      "9",     "99999999", "18446744073709551615",
        "a",    "f",  "r",       "c",     "m",        "@",
        " ",    "\n", "#",       "\r\n",  "\t ",      "x",
        "\xff", "",   "a 1 8\n", "f 1\n", "f -1\n"};
    const char *piece =
        pieces[random_next(state) % (sizeof pieces / sizeof *pieces)];
    size_t at = random_next(state) % (bytes + 1);
    size_t cut = random_next(state) % 3 ? random_next(state) % 4 : 0;
    size_t grown = strlen(piece);

    if (cut > bytes - at)
        cut = bytes - at;
    if (bytes - cut + grown > MUTANT_BYTES)
        grown = 0;
    memmove(text + at + grown, text + at + cut, bytes - at - cut);
    memcpy(text + at, piece, grown);
    return bytes - cut + grown;
}

/* Replay one op on its id's size, *id: bytes + 1 while it is live, else 0. */
static void sound_op(const struct trace_op *op, size_t *id, size_t *payload)
{
    bool frees = op->kind == TRACE_FREE ||
                 (op->kind == TRACE_REALLOC && op->size == 0 && *id > 0);

    cr_assert(*id == 0 || op->kind == TRACE_FREE || op->kind == TRACE_REALLOC);
    cr_assert(*id > 0 || op->kind != TRACE_FREE);
    *payload -= *id ? *id - 1 : 0;
    *id = frees ? 0 : trace_op_bytes(op) + 1;
    *payload += *id ? *id - 1 : 0;
}

/* Follow an accepted trace by other means than the parser does. */
static void assert_sound(const struct trace *t)
{
    size_t *ids = calloc(t->ids + 1, sizeof *ids);
    size_t payload = 0;
    size_t peak = 0;

    cr_assert(t->weight >= 0 && t->weight <= 3);
    cr_assert(t->ops_count > 0 && t->threads > 0);
    for (size_t i = 0; i < t->ops_count; i++) {
        const struct trace_op *op = &t->ops[i];

        cr_assert(i == 0 || op->line > op[-1].line);
        cr_assert(op->id >= 0 || op->kind == TRACE_FREE);
        cr_assert(op->id < (int32_t)t->ids);
        if (op->id != TRACE_NULL_ID)
            sound_op(op, &ids[op->id], &payload);
        if (payload > peak)
            peak = payload;
        cr_assert(peak < t->peak_payload || i >= t->peak_op);
    }
    cr_assert_eq(peak, t->peak_payload);
    free(ids);
}

Test(trace, survives_mutants)
{
    /* All kinds of ops, and all ways for an id to begin and to end. */
    static const char seed[] = "# about\n1\n5\n9\n120\na 0 24\nr 0 40\n"
                               "c 1 3 8\n@ 1\nm 2 64 56\nf 1\nf -1\nr 3 0\n"
                               "f 0\nr 2 0\n";
    struct file file = file_make();
    FILE *null = fopen("/dev/null", "w");
    uint64_t state = 1;
    size_t accepted = 0;

    for (int i = 0; i < MUTANTS; i++) {
        char text[MUTANT_BYTES];
        size_t bytes = sizeof seed - 1;

        memcpy(text, seed, bytes);
        for (uint32_t n = 1 + random_next(&state) % 4; n > 0; n--)
            bytes = mutate(text, bytes, &state);
        file_fill(&file, text, bytes);
        struct trace *t = trace_read(file.path, null);
        if (t) {
            accepted++;
            assert_sound(t);
        }
        trace_free(t);
    }
    cr_assert(accepted > MUTANTS / 20 && accepted < MUTANTS * 19 / 20,
              "%zu of %d accepted: the mutants test little", accepted, MUTANTS);
    fclose(null);
    close(file.fd);
}
