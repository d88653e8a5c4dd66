/*
 * hook.c - linked into every Criterion program: a test in which no assertion
 * passed has failed.
 *
 * Criterion 2.4.1 passes a test that calls exit(0), even half-way: the
 * assertions it had counted are then lost, so a count of zero is the sign.
 * Tests declared with .signal or .exit_code end that way on purpose.
 */
#include <criterion/criterion.h>
#include <criterion/hooks.h>
#include <stdio.h>

ReportHook(POST_TEST)(struct criterion_test_stats *stats)
{
    const struct criterion_test_extra_data *declared = stats->test->data;

    if (stats->test_status != CR_STATUS_PASSED || stats->passed_asserts > 0)
        return;
    if (declared->signal != 0 || declared->exit_code != 0)
        return;
    stats->test_status = CR_STATUS_FAILED;
    fprintf(stderr,
            "%s:%u: %s::%s: no assertion ran to the end of the test; it "
            "asserts nothing, or something in it called exit\n",
            declared->file_, declared->line_, stats->test->category,
            stats->test->name);
}
