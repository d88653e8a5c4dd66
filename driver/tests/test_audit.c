/* test_audit.c - a pass that is stopped twice, and what it dares to touch. */
#include "../referee/wire.c"

#include "../referee/audit.c"

#include <criterion/criterion.h>
#include <sys/mman.h>

enum { PAGE = 4096, BYTES = 64, OPS = 2 };

/* Begin at the first operation, and verify after the second. */
static const uint64_t RANDOM = (uint64_t)1 << 32;

static struct terms terms;
static struct wire *wire_now;
static char *heap,
    *maps; /* a page of each, and one that is not to be touched */

static struct trace_op ops[OPS] = {
    {.kind = TRACE_MALLOC, .size = BYTES},
    {.kind = TRACE_REALLOC, .size = BYTES},
};
static struct trace trace = {.ids = 1, .ops = ops, .ops_count = OPS};
static struct timed timed;
static struct result result;
static volatile size_t at;

static char *answers[OPS];          /* what the player gives */
static void (*before_second)(void); /* what it does in between */

/* --- What audit.c asks the rest of the referee -----------------------------
 */

struct wire *remote_wire(void)
{
    return wire_now;
}

struct terms *remote_terms(void)
{
    return &terms;
}

size_t remote_granted(void)
{
    return PAGE;
}

/* --- The player ------------------------------------------------------------
 */

static bool play(const struct timed *of, size_t first, size_t end)
{
    (void)of;
    if (first == 1 && end > first && before_second)
        before_second();
    for (size_t i = first; i < end; i++)
        wire_log(wire_now)[i] = answers[i];
    return true;
}

static char *new_pages(void)
{
    char *pages = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    cr_assert(mprotect(pages + PAGE, PAGE, PROT_NONE) == 0);
    return pages;
}

static void open_pass(void)
{
    wire_now = calloc(1, wire_bytes(OPS));
    heap = new_pages();
    maps = new_pages();
    terms.share =
        (struct mem_share){.heap_at = heap, .maps_at = maps, .bytes = PAGE};
    cr_assert(timed_open(&timed, &trace, &at));
}

/* Whether a pass is sound in which the block lies there, and then there. */
static bool is_sound(char *first, char *second)
{
    struct audit pass = {&timed, &result, RANDOM, play};

    answers[0] = first;
    answers[1] = second;
    return audit_pass(&pass);
}

/* --- The tests -------------------------------------------------------------
 */

TestSuite(audit, .init = open_pass);

Test(audit, a_block_that_keeps_its_bytes_is_sound)
{
    cr_expect(is_sound(heap, heap));
    cr_expect(is_sound(maps, maps));
    cr_expect_eq(result.verdict, VERDICT_NONE);
}

static void lose_a_byte(void)
{
    answers[0][BYTES - 1] ^= 1;
    answers[0][0] ^= 1;
}

Test(audit, a_byte_that_is_lost_is_found)
{
    before_second = lose_a_byte;
    cr_expect_not(is_sound(heap, heap));
    cr_expect_eq(result.verdict, VERDICT_WRONG);
}

Test(audit, what_lies_elsewhere_is_not_filled)
{
    cr_expect(is_sound(NULL, NULL));
    cr_expect(is_sound((char *)PAGE, NULL));
    cr_expect(is_sound(heap + PAGE, NULL));
    cr_expect(is_sound(maps + PAGE, NULL));
}

Test(audit, what_ends_elsewhere_is_not_filled)
{
    cr_expect(is_sound(heap + PAGE - BYTES + 1, NULL));
    cr_expect(is_sound(maps + PAGE - BYTES + 1, NULL));
}

Test(audit, what_has_moved_elsewhere_is_not_read)
{
    cr_expect(is_sound(heap, (char *)PAGE));
    cr_expect(is_sound(heap, heap + PAGE - BYTES + 1));
    cr_expect(is_sound(maps, maps + PAGE - BYTES + 1));
}
