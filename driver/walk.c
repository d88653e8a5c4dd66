/* walk.c - mm_walk against the driver's record; see walk.h. */
#include "walk.h"

#include "explain.h"
#include "memlib_sim.h"

/* --- The sum of the live blocks ---------------------------------------- */

struct used {
    const struct check *check;
    const struct shadow_block *next; /* the lowest live block not yet met */
    size_t bytes;
};

static void add_used(const struct mm_extent *extent, void *arg)
{
    struct used *used = arg;
    const char *start = extent->address;

    while (used->next && (const char *)used->next->payload < start)
        used->next = shadow_next(used->check->shadow, used->next);
    if (extent->use == MM_USED && used->next &&
        (const char *)used->next->payload < start + extent->bytes)
        used->bytes += extent->bytes;
}

size_t walk_used(const struct check *check)
{
    struct used used = {check, shadow_first(check->shadow), 0};

    check->stage->walk(add_used, &used);
    return used.bytes;
}

/* --- The whole picture ------------------------------------------------- */

struct walk {
    const struct check *check;
    const struct shadow_block *next; /* the lowest live block not yet met */
    const char *end;                 /* of the extent before; NULL: none */
    size_t bytes;                    /* of all extents so far */
    bool sound;
};

static bool walk_wrong(const struct walk *walk, const struct mm_extent *extent,
                       const char *what)
{
    const struct check *check = walk->check;
    static const char *const uses[] = {
        [MM_FREE] = "free", [MM_USED] = "in use", [MM_OVERHEAD] = "overhead"};
    char place[128];

    mem_describe(extent->address, place, sizeof(place));
    explain(check->result, VERDICT_WRONG, check->trace, check->op,
            "mm_walk shows %zu bytes %s, %s, %s", extent->bytes,
            extent->use <= MM_OVERHEAD ? uses[extent->use] : "of no known use",
            place, what);
    return false;
}

/* As walk_wrong, and which live block is the next. */
static bool content_wrong(const struct walk *walk,
                          const struct mm_extent *extent, const char *what)
{
    const struct check *check = walk->check;

    walk_wrong(walk, extent, what);
    if (walk->next)
        explain_more(
            check->result,
            "the next live block is %s, %zu bytes at "
            "%+td",
            explain_id(check->trace, walk->next->id).text, walk->next->size,
            (const char *)walk->next->payload - (const char *)extent->address);
    return false;
}

/* What other threads keep ready for themselves may be shown as in use. */
static bool is_kept_ready(const struct walk *walk, const char *end)
{
    return walk->check->lock &&
           (!walk->next || (const char *)walk->next->payload >= end);
}

/* An extent in use holds the next live block; any other holds none. */
static bool walk_content(struct walk *walk, const struct mm_extent *extent)
{
    const char *start = extent->address;
    const char *end = start + extent->bytes;
    const struct shadow_block *block = walk->next;
    const char *payload = block ? block->payload : NULL;

    if (extent->use != MM_USED) {
        if (block && payload < end)
            return content_wrong(walk, extent, "expected no live block in it");
        return true;
    }
    if (is_kept_ready(walk, end))
        return true;
    if (!block || payload > end)
        return content_wrong(walk, extent,
                             "expected free: no block in it is live");
    if (payload < start || payload + block->size > end)
        return content_wrong(walk, extent,
                             "expected one whole live block in it");
    walk->next = shadow_next(walk->check->shadow, block);
    return true;
}

static void walk_visit(const struct mm_extent *extent, void *arg)
{
    struct walk *walk = arg;
    const char *start = extent->address;

    if (!walk->sound)
        return;
    if (walk->end && start < walk->end)
        walk->sound =
            walk_wrong(walk, extent, "expected it above the extent before it");
    else if (!mem_contains(start, extent->bytes))
        walk->sound =
            walk_wrong(walk, extent, "expected memory that the stage holds");
    else
        walk->sound = walk_content(walk, extent);
    walk->end = start + extent->bytes;
    walk->bytes += extent->bytes;
}

bool walk_check(const struct check *check)
{
    struct walk walk = {check, shadow_first(check->shadow), NULL, 0, true};
    struct mem_counts counts = mem_counts();

    check->stage->walk(walk_visit, &walk);
    if (!walk.sound || !walk.end)
        return walk.sound;
    /* As they add up, they cover the footprint: no live block is left out. */
    if (walk.bytes != counts.heap + counts.mapped)
        return explain(check->result, VERDICT_WRONG, check->trace, check->op,
                       "mm_walk shows %zu bytes in all, expected the %zu that "
                       "the stage holds",
                       walk.bytes, counts.heap + counts.mapped);
    return true;
}
