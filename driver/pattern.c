/* pattern.c - what the driver writes into a block; see pattern.h. */
#include "pattern.h"

#include <stdbool.h>
#include <string.h>

enum { WORD = sizeof(uint64_t) };

/* 2^64 / golden ratio: its multiples differ in all their bytes. */
static const uint64_t STEP = 0x9e3779b97f4a7c15u;

/* A permutation of 64 bits; splitmix64's, Steele et al., OOPSLA 2014. */
static uint64_t mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

uint64_t pattern_seed(int32_t id, size_t op)
{
    return mix(mix((uint64_t)op + 1) + (uint32_t)id);
}

static uint64_t word_at(uint64_t seed, size_t offset)
{
    return seed + STEP * (offset / WORD);
}

unsigned char pattern_byte(uint64_t seed, size_t offset)
{
    uint64_t word = word_at(seed, offset);
    unsigned char bytes[WORD];

    memcpy(bytes, &word, WORD);
    return bytes[offset % WORD];
}

/* --- Ranges ------------------------------------------------------------ */

/* Fill [from, to); from is a multiple of WORD. */
static void range_fill(char *p, size_t from, size_t to, uint64_t seed)
{
    uint64_t word = word_at(seed, from);

    for (; from + WORD <= to; from += WORD) {
        memcpy(p + from, &word, WORD);
        word += STEP;
    }
    memcpy(p + from, &word, to - from);
}

/* The first byte of [from, to) that differs, looked at one by one; or to. */
static size_t bytes_find(const char *p, size_t from, size_t to, uint64_t seed)
{
    while (from < to && (unsigned char)p[from] == pattern_byte(seed, from))
        from++;
    return from;
}

static size_t range_find(const char *p, size_t from, size_t to, uint64_t seed)
{
    size_t start = (from + WORD - 1) / WORD * WORD;
    if (start > to)
        start = to;
    size_t wrong = bytes_find(p, from, start, seed);
    if (wrong < start)
        return wrong;

    uint64_t expected = word_at(seed, start);
    uint64_t found;
    for (; start + WORD <= to; start += WORD) {
        memcpy(&found, p + start, WORD);
        if (found != expected)
            break;
        expected += STEP;
    }
    return bytes_find(p, start, to, seed);
}

/* --- Blocks ------------------------------------------------------------ */

/* Offset of the spot with that number in a block beyond PATTERN_WHOLE. */
static size_t spot_at(size_t size, size_t number)
{
    size_t step = (size - 2 * PATTERN_EDGE) / PATTERN_SPOTS / WORD * WORD;

    return PATTERN_EDGE + number * step;
}

/* Where the filled end of a block beyond PATTERN_WHOLE begins. */
static size_t last_edge(size_t size)
{
    return (size - PATTERN_EDGE) / WORD * WORD;
}

void pattern_fill(char *p, size_t size, uint64_t seed)
{
    if (size <= PATTERN_WHOLE) {
        range_fill(p, 0, size, seed);
        return;
    }
    range_fill(p, 0, PATTERN_EDGE, seed);
    for (size_t i = 0; i < PATTERN_SPOTS; i++) {
        size_t spot = spot_at(size, i);
        range_fill(p, spot, spot + WORD, seed);
    }
    range_fill(p, last_edge(size), size, seed);
}

/* What pattern_find has in view: [from, to) of the block at p. */
struct view {
    const char *p;
    size_t from;
    size_t to;
    uint64_t seed;
};

/* True when a byte of [from, to) that is in view differs; it goes to *wrong. */
static bool view_differs(const struct view *view, size_t from, size_t to,
                         size_t *wrong)
{
    if (from < view->from)
        from = view->from;
    if (to > view->to)
        to = view->to;
    if (from >= to)
        return false;
    *wrong = range_find(view->p, from, to, view->seed);
    return *wrong < to;
}

size_t pattern_find(const char *p, size_t size, uint64_t seed, size_t from,
                    size_t to)
{
    struct view view = {p, from, to, seed};
    size_t wrong = to;

    if (size <= PATTERN_WHOLE)
        return view_differs(&view, 0, size, &wrong) ? wrong : to;
    if (view_differs(&view, 0, PATTERN_EDGE, &wrong))
        return wrong;
    for (size_t i = 0; i < PATTERN_SPOTS; i++) {
        size_t spot = spot_at(size, i);
        if (spot >= to)
            break;
        if (view_differs(&view, spot, spot + WORD, &wrong))
            return wrong;
    }
    return view_differs(&view, last_edge(size), size, &wrong) ? wrong : to;
}
