/*
 * suites.c - Criterion suites good and bad, one of them chosen by -D, for the
 * tests of the test runner.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdlib.h>
#include <unistd.h>

#ifdef GOOD
Test(fixture, asserts)
{
    cr_assert(1);
}

Test(fixture, ends_with_status_3, .exit_code = 3)
{
    exit(3);
}
#endif

#ifdef EXITS_AT_ONCE
Test(fixture, good)
{
    cr_assert(1);
}

Test(fixture, exits)
{
    exit(0);
}
#endif

#ifdef EXITS_HALFWAY
Test(fixture, exits)
{
    cr_assert(1);
    _exit(0);
    cr_assert(0);
}
#endif

#ifdef ASSERTS_NOTHING
Test(fixture, nothing)
{
}
#endif

#ifdef FAILS
Test(fixture, fails)
{
    cr_assert_eq(1, 2, "one is \"not\" two");
}
#endif

#ifdef CRASHES
Test(fixture, crashes)
{
    cr_assert(1);
    abort();
}
#endif

#ifdef HANGS
Test(fixture, hangs)
{
    cr_assert(1);
    pause();
}
#endif

#ifdef SKIPS
Test(fixture, skipped, .disabled = true)
{
    cr_assert(1);
}
#endif

#ifdef LEAKS
Test(fixture, leaks)
{
    static void *volatile block;

    block = malloc(100);
    block = NULL;
    cr_assert_null(block);
}
#endif

#ifdef ONE_OF_THREE_FAILS
ParameterizedTestParameters(fixture, three)
{
    static int values[] = {1, 2, 3};

    return cr_make_param_array(int, values, 3);
}

ParameterizedTest(int *value, fixture, three)
{
    cr_assert_lt(*value, 3);
}
#endif
